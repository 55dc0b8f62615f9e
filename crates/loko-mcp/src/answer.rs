//! Answers in few tokens: the form in which they are written, and the limit that they keep.
//!
//! An answer that is too large loses items from the ends of its longest lists, never from the middle of a text; what was
//! left out is counted in `omitted`, and `more` says how to ask for it. The limit holds for the text of an answer and for
//! its structured content, each by itself, since clients hand one or the other to a model.

use crate::problem::Problem;
use crate::tokens;
use loko_site::toon;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A smaller limit than this cannot say anything.
pub const TOKENS_MIN: usize = 60;
/// The limit of answers whose caller sets none.
pub const TOKENS_DEFAULT: usize = 20_000;

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    Json,
    Toon,
    Markdown,
}

impl Form {
    /// The names that callers use.
    pub(crate) const NAMES: [&'static str; 4] = ["json", "toon", "markdown", "text"];

    pub(crate) fn from_name(name: &str) -> Result<Self, Problem> {
        match name.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "toon" => Ok(Self::Toon),
            "markdown" | "md" | "text" => Ok(Self::Markdown),
            _ => Err(Problem::new(format!("there is no format `{}`", crate::problem::clip(name, 40)))
                .help("the formats are `json`, `toon` and `markdown`")),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Toon => "toon",
            Self::Markdown => "markdown",
        }
    }
}

/// What the caller wants of an answer besides its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) form: Form,
    pub(crate) tokens_max: usize,
    /// Whether the caller named the limit.
    pub(crate) is_asked: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { form: Form::Json, tokens_max: TOKENS_DEFAULT, is_asked: false }
    }
}

impl Wanted {
    pub(crate) fn check(tokens_max: usize) -> Result<usize, Problem> {
        if tokens_max < TOKENS_MIN {
            let message = format!("`max_tokens` is {tokens_max}; no answer fits into less than {TOKENS_MIN}");
            return Err(Problem::new(message).help("raise it, or leave it out"));
        }
        Ok(tokens_max)
    }
}

/// An answer as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) structured: Value,
}

/// Writes an answer in a form within a limit. `text_of` makes the text for people where a general form would not do.
pub(crate) fn write(answer: Value, wanted: Wanted, text_of: impl Fn(&Value) -> Option<String>) -> Written {
    let write = |answer: &Value| as_form(answer, wanted.form, &text_of);
    fit(answer, wanted.tokens_max, write)
}

/// Writes an answer that has a text of its own within a limit.
pub(crate) fn write_own(answer: Value, tokens_max: usize, text_of: impl Fn(&Value) -> Option<String>) -> Written {
    let write = |answer: &Value| {
        let text = text_of(answer).unwrap_or_else(|| answer.to_string());
        Written { text, structured: answer.clone() }
    };
    fit(answer, tokens_max, write)
}

fn as_form(answer: &Value, form: Form, text_of: impl Fn(&Value) -> Option<String>) -> Written {
    let text = match form {
        Form::Json => return Written { text: answer.to_string(), structured: answer.clone() },
        Form::Toon => toon::encode(answer),
        Form::Markdown => text_of(answer).unwrap_or_else(|| markdown(answer)),
    };
    let structured = json!({ "format": form.name(), "text": text });
    Written { text, structured }
}

/// How many tokens what is sent has: the larger of both.
fn size(written: &Written) -> usize {
    let text = tokens::count(&written.text);
    let structured = written.structured.to_string();
    if structured == written.text { text } else { text.max(tokens::count(&structured)) }
}

/// How many tokens, without counting where a glance will do.
fn size_about(written: &Written, tokens_max: usize) -> usize {
    // No token is shorter than a byte, and few texts have more than 6 bytes a token.
    let bytes = written.text.len().max(written.structured.to_string().len());
    match bytes {
        _ if bytes <= tokens_max => bytes.min(tokens_max),
        _ if bytes > tokens_max.saturating_mul(10) => bytes / 4,
        _ => size(written),
    }
}

fn fit(mut answer: Value, tokens_max: usize, write: impl Fn(&Value) -> Written) -> Written {
    /// More rounds than any answer needs.
    const ROUNDS_MAX: usize = 60;
    let mut omitted: Map<String, Value> = Map::new();
    for _ in 0..ROUNDS_MAX {
        let written = write(&answer);
        let tokens = size_about(&written, tokens_max);
        if tokens <= tokens_max {
            return written;
        }
        let bytes = answer.to_string().len();
        // A little more than the share that is too much, since what is left out is told as well.
        let target = bytes.saturating_mul(tokens_max) / tokens.max(1);
        let surplus = bytes.saturating_sub(target) + target / 16 + 24;
        if !shorten(&mut answer, surplus, &mut omitted) {
            break;
        }
        note(&mut answer, &omitted);
    }
    let mut least = json!({ "more": "raise max_tokens; nothing fits into this" });
    if let Some(revision) = answer.get("revision") {
        least["revision"] = revision.clone();
    }
    let written = write(&least);
    if size(&written) <= tokens_max {
        return written;
    }
    let text = "raise max_tokens".to_owned();
    Written { structured: json!({ "more": text }), text }
}

/// Tells what was left out.
fn note(answer: &mut Value, omitted: &Map<String, Value>) {
    if let Value::Object(fields) = answer {
        fields.insert("omitted".to_owned(), Value::Object(omitted.clone()));
        fields.insert(
            "more".to_owned(),
            json!("raise max_tokens, or ask for less: by kind, within an element, with a lower limit"),
        );
    }
}

/// Takes about so many bytes out of the largest list, or out of a text that is longer than that.
fn shorten(answer: &mut Value, surplus: usize, omitted: &mut Map<String, Value>) -> bool {
    /// A shorter text than this stays as it is.
    const TEXT_BYTES_MIN: usize = 40;
    let mut largest: Option<(usize, String)> = None;
    measure(answer, "", &mut largest);
    let mut longest: Option<(usize, String)> = None;
    measure_texts(answer, "", &mut longest);
    let longest = longest.filter(|(bytes, _)| *bytes > TEXT_BYTES_MIN);
    match (largest, longest) {
        (Some((list, _)), Some((text, pointer))) if text > list => cut_text(answer, &pointer, text, surplus, omitted),
        (Some((_, pointer)), _) => cut_list(answer, &pointer, surplus, omitted),
        (None, Some((text, pointer))) => cut_text(answer, &pointer, text, surplus, omitted),
        (None, None) => false,
    }
}

fn cut_list(answer: &mut Value, pointer: &str, surplus: usize, omitted: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(items)) = answer.pointer_mut(pointer) else { return false };
    let before = items.len();
    let mut gone = 0;
    while gone < surplus {
        let Some(item) = items.pop() else { break };
        gone += item.to_string().len() + 1;
    }
    let count = before - items.len();
    let name = generic(pointer);
    let known = omitted.get(&name).and_then(Value::as_u64).unwrap_or(0);
    omitted.insert(name, json!(known + count as u64));
    true
}

fn cut_text(answer: &mut Value, pointer: &str, bytes: usize, surplus: usize, omitted: &mut Map<String, Value>) -> bool {
    let Some(Value::String(text)) = answer.pointer_mut(pointer) else { return false };
    let mut keep = bytes.saturating_sub(surplus.max(8)).max(20);
    while !text.is_char_boundary(keep) {
        keep -= 1;
    }
    text.truncate(keep);
    text.push('…');
    omitted.insert(generic(pointer), json!("shortened"));
    true
}

/// Finds the list with the most bytes of its own; lists inside it count for it, until it is short.
fn measure(value: &Value, pointer: &str, largest: &mut Option<(usize, String)>) -> usize {
    match value {
        Value::Array(items) => {
            let mut bytes = 2;
            for (at, item) in items.iter().enumerate() {
                bytes += measure(item, &format!("{pointer}/{at}"), largest) + 1;
            }
            // Of a list and the list that holds it, the inner one is shortened while it is the greater part.
            if !items.is_empty() && largest.as_ref().is_none_or(|(known, _)| bytes > known + known / 4 + 16) {
                *largest = Some((bytes, pointer.to_owned()));
            }
            bytes
        }
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| *name != "omitted")
            .map(|(name, value)| {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                name.len() + 4 + measure(value, &format!("{pointer}/{escaped}"), largest)
            })
            .sum(),
        Value::String(text) => text.len() + 2,
        _ => 5,
    }
}

fn measure_texts(value: &Value, pointer: &str, longest: &mut Option<(usize, String)>) {
    match value {
        Value::String(text) if longest.as_ref().is_none_or(|(known, _)| text.len() > *known) => {
            *longest = Some((text.len(), pointer.to_owned()));
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "omitted" | "more")) {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                measure_texts(value, &format!("{pointer}/{escaped}"), longest);
            }
        }
        _ => {}
    }
}

/// A place in an answer with numbers left out: `elements[].parts`.
fn generic(pointer: &str) -> String {
    let mut out = String::new();
    for part in pointer.split('/').skip(1) {
        if part.parse::<usize>().is_ok() {
            out.push_str("[]");
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&part.replace("~1", "/").replace("~0", "~"));
        }
    }
    out
}

/// Any answer as Markdown: lists of like things as tables, the rest as a list.
pub(crate) fn markdown(answer: &Value) -> String {
    let mut out = String::new();
    let Value::Object(fields) = answer else { return plain(answer) };
    for (name, value) in fields {
        if !matches!(value, Value::Array(items) if items.iter().any(Value::is_object)) {
            let _ = writeln!(out, "- **{name}**: {}", plain(value));
        }
    }
    for (name, value) in fields {
        if let Value::Array(items) = value
            && items.iter().any(Value::is_object)
        {
            table(&mut out, name, items);
        }
    }
    out
}

fn table(out: &mut String, name: &str, items: &[Value]) {
    let mut columns: Vec<&str> = Vec::new();
    for key in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    let _ = writeln!(out, "\n## {name}\n\n| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
    for item in items {
        let cells: Vec<String> = columns.iter().map(|column| item.get(column).map(plain).unwrap_or_default()).collect();
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long() -> Value {
        let rows: Vec<Value> =
            (0..2000).map(|at| json!({ "id": format!("shop/api-{at}"), "name": format!("API {at}") })).collect();
        json!({ "revision": "r1-0123456789abcdef", "total": 2000, "results": rows })
    }

    #[test]
    fn the_limit_is_kept_in_every_form() {
        for form in [Form::Json, Form::Toon, Form::Markdown] {
            for tokens_max in [60, 100, 333, 1000, 5000, 100_000] {
                let written = write(long(), Wanted { form, tokens_max, is_asked: true }, |_| None);
                let counted = size(&written);
                assert!(counted <= tokens_max, "{form:?} {tokens_max}: {counted}");
                // Not much is wasted either.
                if (333..=5000).contains(&tokens_max) {
                    assert!(counted * 10 >= tokens_max * 7, "{form:?} {tokens_max}: only {counted}");
                }
            }
        }
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let written = write(long(), Wanted { form: Form::Json, tokens_max: 500, is_asked: true }, |_| None);
        let shown = written.structured["results"].as_array().unwrap().len() as u64;
        assert_eq!(shown + written.structured["omitted"]["results"].as_u64().unwrap(), 2000);
        assert!(written.structured["more"].is_string());
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let answer = json!({ "description": "ä".repeat(5000) });
        let written = write(answer, Wanted { form: Form::Json, tokens_max: 100, is_asked: true }, |_| None);
        assert!(size(&written) <= 100 && written.text.contains('…'), "{}", written.text);
    }
}
