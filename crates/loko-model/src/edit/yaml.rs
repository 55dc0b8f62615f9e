//! YAML as text: writing scalars, and the exact places of what a parsed [`Value`] stands for.
//!
//! The parser says what a text means and roughly where; what is written around it (quotes, dashes, commas, comments)
//! is looked up here in the text, so that an edit touches its own bytes only.

use super::lines;
use crate::value::{Data, Entry, Value};
use loko_source::{Span, TextEdit};
use std::fmt::Write as _;
use std::ops::Range;

/// How a scalar is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// Not, where its text allows that.
    Plain,
    /// `'…'`, where its text allows that.
    Single,
    /// `"…"`.
    Double,
}

/// A text as a YAML scalar of a block: plain where that means the text, else in double quotes.
pub(crate) fn scalar(text: &str) -> String {
    quoted(text, Quote::Plain, false)
}

/// A text as a YAML scalar inside `[…]` or `{…}`.
pub(crate) fn flow_scalar(text: &str) -> String {
    quoted(text, Quote::Plain, true)
}

/// A text as a scalar, quoted as wished as far as that is possible.
pub(crate) fn quoted(text: &str, quote: Quote, is_flow: bool) -> String {
    match quote {
        Quote::Plain if is_plain(text) && !(is_flow && text.contains([',', '[', ']', '{', '}'])) => text.to_owned(),
        Quote::Single if !text.chars().any(needs_escape) => format!("'{}'", text.replace('\'', "''")),
        _ => double_quoted(text),
    }
}

/// Whether a plain scalar is read back as just this text, by parsers of YAML 1.1 too.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_plain = !"-?:,[]{}#&*!|>'\"%@`=<~ ".contains(first) && !first.is_control();
    let stays_plain = !text.contains(": ") && !text.contains(" #") && !text.ends_with([':', ' ']);
    starts_plain && stays_plain && !text.chars().any(needs_escape) && !is_other_type(text)
}

/// Whether a plain scalar would be read as a boolean, number, date or nothing.
fn is_other_type(text: &str) -> bool {
    const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan"];
    let lower = text.to_ascii_lowercase();
    let numeric_start = lower.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.'));
    let numeric = lower.chars().all(|c| c.is_ascii_hexdigit() || "xo+-._:tz infa".contains(c));
    WORDS.contains(&lower.as_str()) || (numeric_start && numeric)
}

/// Whether a character stands only escaped in double quotes.
fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{FEFF}' | '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}')
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if needs_escape(c) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The scalar at a span with its quotes: the span may leave them out, or hold blanks and a comment behind them.
pub(crate) fn raw_scalar(text: &str, span: Span) -> Range<usize> {
    let (start, end) = (span.range().start, span.range().end);
    for quote in ['"', '\''] {
        if text[start..end].starts_with(quote) && end - start > 1 {
            return start..closing_quote(text, start, quote).unwrap_or(end);
        }
        if text[..start].ends_with(quote) && text[end..].starts_with(quote) {
            return start - 1..end + 1;
        }
    }
    start..start + text[start..end].trim_end().len()
}

/// The end of the quoted scalar that begins at `start`.
fn closing_quote(text: &str, start: usize, quote: char) -> Option<usize> {
    let mut chars = text[start + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_doubled = quote == '\'' && c == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'');
        if is_doubled || (quote == '"' && c == '\\') {
            chars.next();
        } else if c == quote {
            return Some(start + 1 + at + 1);
        }
    }
    None
}

/// How a scalar that stands in a text is quoted.
pub(crate) fn quote_of(raw: &str) -> Quote {
    match raw.chars().next() {
        Some('"') => Quote::Double,
        Some('\'') => Quote::Single,
        _ => Quote::Plain,
    }
}

/// The edit that puts another text in the place of a scalar, in its quotes.
pub(crate) fn replace_scalar(text: &str, span: Span, new: &str, is_flow: bool) -> TextEdit {
    let raw = raw_scalar(text, span);
    let written = quoted(new, quote_of(&text[raw.clone()]), is_flow);
    TextEdit::replace(Span::new(raw.start, raw.end), written)
}

/// Whether a list or mapping is written as `[…]` or `{…}`.
pub(crate) fn is_flow(text: &str, value: &Value) -> bool {
    let start = skip_properties(text, value.span.range().start);
    let bracket = text[start..].starts_with(['[', '{']);
    match &value.data {
        // A block list seems to begin where its first item does.
        Data::List(items) => bracket && items.first().is_none_or(|first| first.span.range().start > start),
        Data::Map(entries) => {
            bracket && entries.values().next().is_none_or(|first| first.key_span.range().start > start)
        }
        _ => false,
    }
}

/// Where a node begins behind its anchor and tag.
fn skip_properties(text: &str, mut at: usize) -> usize {
    while text[at..].starts_with(['&', '!']) {
        let word = text[at..].find(char::is_whitespace).unwrap_or(text.len() - at);
        let rest = &text[at + word..];
        at += word + rest.len() - rest.trim_start().len();
    }
    at
}

/// Where an entry's `:` ends.
pub(crate) fn after_colon(text: &str, entry: &Entry) -> usize {
    let key = raw_scalar(text, entry.key_span);
    text[key.end..].find(':').map_or(key.end, |colon| key.end + colon + 1)
}

/// Where an entry's value begins, if there is anything written at all.
pub(crate) fn value_start(text: &str, entry: &Entry) -> Option<usize> {
    let colon = after_colon(text, entry);
    if entry.value.data == Data::Null && !is_written_null(text, entry.value.span) {
        return None;
    }
    let rest = &text[colon..lines::end(text, colon)];
    let written = rest.trim_start_matches([' ', '\t']);
    let starts_here = !(written.trim_end().is_empty() || written.starts_with('#'));
    Some(if starts_here { colon + rest.len() - written.len() } else { node_start(text, &entry.value) })
}

fn is_written_null(text: &str, span: Span) -> bool {
    matches!(text[span.range()].trim(), "~" | "null" | "Null" | "NULL")
}

/// Where a node begins; of a block list, its first dash.
pub(crate) fn node_start(text: &str, value: &Value) -> usize {
    match &value.data {
        Data::List(items) if !is_flow(text, value) => items
            .first()
            .and_then(|first| dash_before(text, node_start(text, first)))
            .unwrap_or(value.span.range().start),
        Data::Map(entries) if !is_flow(text, value) => {
            entries.values().next().map_or(value.span.range().start, |entry| raw_scalar(text, entry.key_span).start)
        }
        Data::List(_) | Data::Map(_) => value.span.range().start,
        _ => raw_scalar(text, value.span).start,
    }
}

/// The dash of the list item that begins at an offset.
pub(crate) fn dash_before(text: &str, at: usize) -> Option<usize> {
    let before = text[..at].trim_end();
    before.ends_with('-').then(|| before.len() - 1)
}

/// Where an entry of a mapping ends: after its value, or after its colon when nothing is written there.
pub(crate) fn entry_end(text: &str, entry: &Entry) -> usize {
    let Some(start) = value_start(text, entry) else { return after_colon(text, entry) };
    if text[start..].starts_with('*') {
        // An alias: its value stands elsewhere.
        let word = text[start..].find(|c: char| c.is_whitespace() || ",]}".contains(c));
        return start + word.unwrap_or(text.len() - start);
    }
    node_end(text, &entry.value).max(start)
}

/// Where a node ends, blanks after it left out.
pub(crate) fn node_end(text: &str, value: &Value) -> usize {
    let span = value.span.range();
    match &value.data {
        Data::List(items) => {
            let last = items.last().map(|last| node_end(text, last));
            if is_flow(text, value) { closed(text, last, span.start) } else { last.unwrap_or(span.end) }
        }
        Data::Map(entries) => {
            let last = entries.values().next_back().map(|last| entry_end(text, last));
            if is_flow(text, value) { closed(text, last, span.start) } else { last.unwrap_or(span.end) }
        }
        Data::Null if !is_written_null(text, value.span) => lines::trimmed_end(text, 0, span.start),
        _ => raw_scalar(text, value.span).end,
    }
}

/// Where a flow collection ends: behind the bracket that follows its last part, commas and comments between.
fn closed(text: &str, last: Option<usize>, start: usize) -> usize {
    let mut at = last.unwrap_or_else(|| skip_properties(text, start) + 1);
    loop {
        let rest = text[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        at = text.len() - rest.len();
        if rest.starts_with('#') {
            at = lines::end(text, at);
        } else {
            return if rest.starts_with([']', '}']) { at + 1 } else { at };
        }
    }
}

/// The whole lines of an entry or item that begins at `start` and ends at `end`, a comment behind it included.
pub(crate) fn whole_lines(text: &str, start: usize, end: usize) -> Span {
    Span::new(lines::start(text, start), lines::end(text, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::yaml::parse;

    const TRICKY: [&str; 40] = [
        "a",
        "a b",
        "a: b",
        "a:",
        ":a",
        "a #b",
        "#a",
        "a#b",
        "- a",
        "-",
        "-a",
        "? a",
        "yes",
        "No",
        "null",
        "~",
        "true",
        "1",
        "1.5",
        "0x1F",
        "1e3",
        "12:30",
        "2026-01-01",
        "+1",
        ".5",
        "...",
        "---",
        "'a'",
        "\"a\"",
        "it's",
        "a\\b",
        "[a]",
        "{a}",
        "a, b",
        "&a",
        "*a",
        "!a",
        "|",
        "a\nb\tc",
        "é日本 \u{feff}\u{2028}\u{85}",
    ];

    #[track_caller]
    fn check(text: &str, written: &str, front: String) {
        let (value, problems) = parse(&front, 0);
        assert_eq!(problems, [], "{front}");
        let value = value.expect("something is written");
        let entry = value.as_map().and_then(|entries| entries.get("k")).expect("the key is there").clone();
        let value = entry.value.as_list().map_or(entry.value.clone(), |items| items[0].clone());
        assert_eq!(value.data, Data::Text(text.to_owned()), "{front}");
        assert_eq!(&front[raw_scalar(&front, value.span)], written, "{front}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in TRICKY {
            for quote in [Quote::Plain, Quote::Single, Quote::Double] {
                let block = quoted(text, quote, false);
                check(text, &block, format!("k: {block}\n"));
                check(text, &block, format!("k: {block}   # \"it's\"\nl: 1\n"));
                check(text, &block, format!("k:\n  - {block}\n"));
                let flow = quoted(text, quote, true);
                check(text, &flow, format!("k: [{flow}, z]\n"));
                check(text, &flow, format!("k: [ {flow} ]  # c\n"));
            }
        }
    }

    #[test]
    fn plain_texts_stay_plain() {
        for text in ["Order API", "Rust, Axum", "it's", "a-b", "x:y", "C#", "Café", "500ms", "https://a.b/c?d=e"] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn ends_are_found_behind_comments_and_brackets() {
        let text = "a: [1, [2]] # x\nb: {c: d}\ne: [f, # g]\n  h,\n  ]\ni: &j [k]\nl: *j\nm: |\n  n\n\no:\n- p\n";
        let (value, problems) = parse(text, 0);
        assert_eq!(problems, []);
        let value = value.expect("it is a mapping");
        let entries = value.as_map().expect("it is a mapping");
        let found: Vec<&str> = entries
            .values()
            .map(|entry| &text[value_start(text, entry).expect("each has a value")..entry_end(text, entry)])
            .collect();
        let wished = ["[1, [2]]", "{c: d}", "[f, # g]\n  h,\n  ]", "&j [k]", "*j", "|\n  n", "- p"];
        assert_eq!(found, wished);
    }
}
