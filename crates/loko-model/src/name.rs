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
    if name.is_ascii() {
        return ascii_slug(name);
    }
    let mut slug = String::with_capacity(name.len());
    for character in name.nfc().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() || is_combining(character) {
            slug.push(character);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The same, without the work that only other scripts need.
fn ascii_slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            slug.push(byte.to_ascii_lowercase() as char);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
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
        folded.push_str(&slug(part));
    }
    folded
}
