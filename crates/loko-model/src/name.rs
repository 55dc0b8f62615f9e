//! Names, slugs and ids.

use unicode_normalization::UnicodeNormalization;

/// The id that a name gives: lower case, letters and digits of any script kept, everything else a single `-`.
///
/// For names that the Go loko accepts, the result is its slug.
///
/// ```
/// use loko_model::name::slug;
/// assert_eq!(slug("Order API"), "order-api");
/// assert_eq!(slug("PaymentService"), "paymentservice");
/// assert_eq!(slug("Café_Bar (v2)"), "café-bar-v2");
/// ```
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    push_slug(&mut slug, name);
    slug
}

/// Adds the slug of a name to a text.
fn push_slug(text: &mut String, name: &str) {
    if is_slug(name) {
        text.push_str(name);
        return;
    }
    let start = text.len();
    let mut add = |character: char, is_part: bool| {
        if is_part {
            text.push(character);
        } else if text.len() > start && !text.ends_with('-') {
            text.push('-');
        }
    };
    if name.is_ascii() {
        name.chars().for_each(|character| add(character.to_ascii_lowercase(), character.is_ascii_alphanumeric()));
    } else {
        let characters = name.nfc().flat_map(char::to_lowercase);
        characters.for_each(|character| add(character, character.is_alphanumeric() || is_combining(character)));
    }
    if text.len() > start && text.ends_with('-') {
        text.pop();
    }
}

/// Whether a name is a slug in ASCII, as most references are.
fn is_slug(name: &str) -> bool {
    let mut before = b'-';
    let is_slug = name.bytes().all(|byte| {
        let is_part = byte.is_ascii_lowercase() || byte.is_ascii_digit() || (byte == b'-' && before != b'-');
        before = byte;
        is_part
    });
    is_slug && before != b'-'
}

/// The words of a heading and the anchor that it names behind them, as in `Purpose {#why}`.
///
/// ```
/// use loko_model::name::heading;
/// assert_eq!(heading("Purpose {#why}"), ("Purpose", Some("why")));
/// assert_eq!(heading("Sets {#of things}"), ("Sets {#of things}", None));
/// ```
pub fn heading(text: &str) -> (&str, Option<&str>) {
    let named = || {
        let (words, rest) = text.trim_end().strip_suffix('}')?.rsplit_once("{#")?;
        let is_anchor = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.');
        (!rest.is_empty() && rest.chars().all(is_anchor)).then_some((words.trim_end(), Some(rest)))
    };
    named().unwrap_or((text, None))
}

fn is_combining(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

/// The form in which names and ids are compared: slugs of each part of a path.
pub fn fold(path: &str) -> String {
    let mut folded = String::with_capacity(path.len());
    for (at, part) in path.split('/').enumerate() {
        if at > 0 {
            folded.push('/');
        }
        push_slug(&mut folded, part);
    }
    folded
}
