//! Answers in few tokens: the form in which they are written, and the limit that they keep.
//!
//! An answer that is too large loses items from the ends of its longest lists, never from the middle of a text; what was
//! left out is counted in `omitted`, and `more` says how to ask for it. The limit holds for the text of an answer and for
//! its structured content, each by itself, since clients hand one or the other to a model.

use crate::problem::Problem;
use crate::tokens;
use loko_site::toon;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A smaller limit than this cannot say anything.
pub const TOKENS_MIN: usize = 60;
/// The limit of answers whose caller sets none: as much as clients show without a warning.
pub const TOKENS_DEFAULT: usize = 10_000;
/// The limit of lists whose caller sets none: what is nearest or weighs most comes first, and a model rarely needs the rest.
pub(crate) const TOKENS_OF_LISTS: usize = 5_000;

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

    /// How many bytes of JSON, hardly ever more, have so many tokens in this form, judged by the beginning of it. A table
    /// says the names of fields once.
    pub(crate) fn json_bytes_max(self, beginning: &str, tokens_max: usize) -> usize {
        match self {
            Self::Json => tokens_max.saturating_mul(beginning.len()) / tokens::count(beginning).max(1),
            Self::Toon | Self::Markdown => tokens_max.saturating_mul(16),
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

/// What was left out of an answer: how many items of each list.
pub(crate) type Omitted = Map<String, Value>;

/// Writes an answer in a form within a limit. `omitted` says what the tool left out already; `text_of` makes the text for
/// people where a general form would not do.
pub(crate) fn write(
    answer: Value,
    wanted: Wanted,
    omitted: Omitted,
    text_of: impl Fn(&Value) -> Option<String>,
) -> Written {
    let text = |answer: &Value| match wanted.form {
        Form::Json => None,
        Form::Toon => Some(toon::encode(answer)),
        Form::Markdown => Some(text_of(answer).unwrap_or_else(|| markdown(answer))),
    };
    let structured = |_: &Value, text: &str| match wanted.form {
        Form::Json => None,
        form => Some(json!({ "format": form.name(), "text": text }).to_string()),
    };
    let (answer, draft) = fit(answer, wanted.tokens_max, omitted, |answer| Draft::of(answer, text, structured));
    let structured = match wanted.form {
        Form::Json => answer,
        form => json!({ "format": form.name(), "text": draft.text }),
    };
    Written { text: draft.text, structured }
}

/// Writes an answer that has a text of its own within a limit.
pub(crate) fn write_own(
    answer: Value,
    tokens_max: usize,
    omitted: Omitted,
    text_of: impl Fn(&Value) -> Option<String>,
) -> Written {
    let structured = |answer: &Value, _: &str| Some(answer.to_string());
    let (answer, draft) = fit(answer, tokens_max, omitted, |answer| Draft::of(answer, &text_of, structured));
    Written { text: draft.text, structured: answer }
}

/// An answer on its way: both of its forms as texts.
struct Draft {
    text: String,
    /// The structured content, where it is another text.
    structured: Option<String>,
}

impl Draft {
    fn of(
        answer: &Value,
        text: impl Fn(&Value) -> Option<String>,
        structured: impl Fn(&Value, &str) -> Option<String>,
    ) -> Self {
        let text = text(answer).unwrap_or_else(|| answer.to_string());
        let structured = structured(answer, &text).filter(|structured| *structured != text);
        Self { text, structured }
    }

    fn bytes(&self) -> usize {
        self.text.len().max(self.structured.as_ref().map_or(0, String::len))
    }

    /// How many tokens what is sent has: the larger of both.
    fn tokens(&self) -> usize {
        tokens::count(&self.text).max(self.structured.as_deref().map_or(0, tokens::count))
    }

    /// How many tokens, without counting where a glance will do.
    fn tokens_about(&self, tokens_max: usize) -> usize {
        // No token is shorter than a byte, and few texts have more than 6 bytes a token.
        match self.bytes() {
            bytes if bytes <= tokens_max => bytes,
            bytes if bytes > tokens_max.saturating_mul(10) => bytes / 4,
            _ => self.tokens(),
        }
    }
}

/// The answer within its limit, and its texts.
fn fit(mut answer: Value, tokens_max: usize, mut omitted: Omitted, write: impl Fn(&Value) -> Draft) -> (Value, Draft) {
    /// More rounds than any answer needs.
    const ROUNDS_MAX: usize = 60;
    if !omitted.is_empty() {
        note(&mut answer, &omitted);
    }
    for _ in 0..ROUNDS_MAX {
        let draft = write(&answer);
        let tokens = draft.tokens_about(tokens_max);
        if tokens <= tokens_max {
            return (answer, draft);
        }
        let bytes = length(&answer);
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
    let draft = write(&least);
    if draft.tokens() <= tokens_max {
        return (least, draft);
    }
    let text = "raise max_tokens".to_owned();
    (json!({ "more": text }), Draft { text, structured: None })
}

/// How many bytes a value has as JSON.
pub(crate) fn length(value: &impl Serialize) -> usize {
    struct Counted(usize);
    impl std::io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value).expect("counting does not fail");
    counted.0
}

/// Tells what was left out.
fn note(answer: &mut Value, omitted: &Omitted) {
    if let Value::Object(fields) = answer {
        fields.insert("omitted".to_owned(), Value::Object(omitted.clone()));
        fields.insert(
            "more".to_owned(),
            json!("raise max_tokens, or ask for less: by kind, within an element, with a lower limit"),
        );
    }
}

/// Takes about so many bytes out of the largest list, or out of a text that is longer than that.
fn shorten(answer: &mut Value, surplus: usize, omitted: &mut Omitted) -> bool {
    /// A shorter text than this stays as it is.
    const TEXT_BYTES_MIN: usize = 40;
    let mut largest: Option<(usize, String)> = None;
    measure(answer, &mut String::new(), &mut largest);
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

fn cut_list(answer: &mut Value, pointer: &str, surplus: usize, omitted: &mut Omitted) -> bool {
    let Some(Value::Array(items)) = answer.pointer_mut(pointer) else { return false };
    let before = items.len();
    let mut gone = 0;
    while gone < surplus {
        let Some(item) = items.pop() else { break };
        gone += length(&item) + 1;
    }
    let count = before - items.len();
    let name = generic(pointer);
    let known = omitted.get(&name).and_then(Value::as_u64).unwrap_or(0);
    omitted.insert(name, json!(known + count as u64));
    true
}

fn cut_text(answer: &mut Value, pointer: &str, bytes: usize, surplus: usize, omitted: &mut Omitted) -> bool {
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
fn measure(value: &Value, pointer: &mut String, largest: &mut Option<(usize, String)>) -> usize {
    let above = pointer.len();
    match value {
        Value::Array(items) => {
            let mut bytes = 2;
            for (at, item) in items.iter().enumerate() {
                bytes += 1 + match item {
                    Value::Array(_) | Value::Object(_) => {
                        let _ = write!(pointer, "/{at}");
                        let inner = measure(item, pointer, largest);
                        pointer.truncate(above);
                        inner
                    }
                    plain => measure(plain, pointer, largest),
                };
            }
            // Of a list and the list that holds it, the inner one is shortened while it is the greater part.
            if !items.is_empty() && largest.as_ref().is_none_or(|(known, _)| bytes > known + known / 4 + 16) {
                *largest = Some((bytes, pointer.clone()));
            }
            bytes
        }
        Value::Object(fields) => {
            let mut bytes = 0;
            for (name, value) in fields.iter().filter(|(name, _)| *name != "omitted") {
                bytes += name.len() + 4;
                bytes += match value {
                    Value::Array(_) | Value::Object(_) => {
                        let _ = write!(pointer, "/{}", name.replace('~', "~0").replace('/', "~1"));
                        let inner = measure(value, pointer, largest);
                        pointer.truncate(above);
                        inner
                    }
                    plain => measure(plain, pointer, largest),
                };
            }
            bytes
        }
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

    /// How many tokens what is sent has: the larger of both.
    fn size(written: &Written) -> usize {
        tokens::count(&written.text).max(tokens::count(&written.structured.to_string()))
    }

    fn long() -> Value {
        let rows: Vec<Value> =
            (0..2000).map(|at| json!({ "id": format!("shop/api-{at}"), "name": format!("API {at}") })).collect();
        json!({ "revision": "r1-0123456789abcdef", "total": 2000, "results": rows })
    }

    #[test]
    fn the_limit_is_kept_in_every_form() {
        for form in [Form::Json, Form::Toon, Form::Markdown] {
            for tokens_max in [60, 100, 333, 1000, 5000, 100_000] {
                let written = write(long(), Wanted { form, tokens_max, is_asked: true }, Omitted::new(), |_| None);
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
        let written =
            write(long(), Wanted { form: Form::Json, tokens_max: 500, is_asked: true }, Omitted::new(), |_| None);
        let shown = written.structured["results"].as_array().unwrap().len() as u64;
        assert_eq!(shown + written.structured["omitted"]["results"].as_u64().unwrap(), 2000);
        assert!(written.structured["more"].is_string());
    }

    #[test]
    fn what_the_tool_left_out_is_counted_too() {
        let wanted = Wanted { form: Form::Json, tokens_max: 500, is_asked: true };
        let omitted = Omitted::from_iter([("results".to_owned(), json!(70))]);
        let written = write(long(), wanted, omitted, |_| None);
        let shown = written.structured["results"].as_array().unwrap().len() as u64;
        assert_eq!(shown + written.structured["omitted"]["results"].as_u64().unwrap(), 2070);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let answer = json!({ "description": "ä".repeat(5000) });
        let written =
            write(answer, Wanted { form: Form::Json, tokens_max: 100, is_asked: true }, Omitted::new(), |_| None);
        assert!(size(&written) <= 100 && written.text.contains('…'), "{}", written.text);
    }
}
