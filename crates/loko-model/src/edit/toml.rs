//! TOML edited as text: strings at a span, whole tables, and new tables at the end of a file.

use super::{front, lines};
use crate::value::{Data, Entry, Value};
use loko_source::{Span, TextEdit};
use std::fmt::Write as _;

/// A text as a TOML string.
pub(super) fn string(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(written, "\\u{:04X}", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

/// The edit that puts another text in the place of a string, in its quotes where they can hold it.
pub(super) fn replace_string(text: &str, span: Span, new: &str) -> TextEdit {
    let raw = &text[span.range()];
    let literal = raw.starts_with('\'') && !raw.starts_with("'''");
    let written =
        if literal && !new.chars().any(|c| c == '\'' || c.is_control()) { format!("'{new}'") } else { string(new) };
    TextEdit::replace(span, written)
}

/// Whether a table is written with a `[header]` line of its own rather than between braces.
fn has_header(text: &str, value: &Value) -> bool {
    matches!(value.data, Data::Map(_)) && text[value.span.range()].starts_with('[')
}

/// Whether a list is an array of tables, each with a `[[header]]` line of its own.
fn is_header_list(text: &str, value: &Value) -> bool {
    value.as_list().is_some_and(|items| items.first().is_some_and(|first| has_header(text, first)))
}

/// Where a table with a header ends: behind its last line, those of tables inside included.
fn table_end(text: &str, table: &Value) -> usize {
    let own = table.span.range().end;
    let entries = table.as_map().into_iter().flat_map(|entries| entries.values());
    entries.fold(own, |end, entry| {
        end.max(match &entry.value.data {
            Data::List(items) if is_header_list(text, &entry.value) => {
                items.iter().map(|item| table_end(text, item)).max().unwrap_or(own)
            }
            // A table of dotted keys has no place of its own; what is in it has.
            Data::Map(_) => table_end(text, &entry.value),
            _ => entry.value.span.range().end,
        })
    })
}

/// Takes items out of a list of tables, however they are written.
pub(super) fn remove_tables(text: &str, list: &Value, indices: &[usize]) -> Vec<TextEdit> {
    let items = list.as_list().unwrap_or_default();
    if !is_header_list(text, list) {
        let parts = items.iter().map(|item| (item.span.range().start, item.span.range().end));
        return front::remove_flow(text, parts, indices);
    }
    let mut spans: Vec<Span> = Vec::new();
    for item in indices.iter().filter_map(|at| items.get(*at)) {
        let span = table_lines(text, item);
        match spans.last_mut() {
            // Tables that follow each other go as one.
            Some(before) if span.start <= before.end => before.end = span.end.max(before.end),
            _ => spans.push(span),
        }
    }
    // At the head of a file, the empty line behind a table has nothing left to set apart.
    for span in spans.iter_mut().filter(|span| span.start == 0) {
        let end = span.range().end;
        let below = lines::end(text, end.min(text.len()));
        if below > end && text[end..below].trim().is_empty() {
            *span = Span::new(0, below);
        }
    }
    spans.into_iter().map(|span| TextEdit::replace(span, "")).collect()
}

/// Takes items out of the list of tables that a key has; a list in brackets that becomes empty goes with its key.
pub(super) fn remove_list_items(text: &str, entry: &Entry, indices: &[usize]) -> Vec<TextEdit> {
    let all = entry.value.as_list().is_some_and(|items| items.len() == indices.len());
    match (indices.is_empty(), all && !is_header_list(text, &entry.value)) {
        (true, _) => Vec::new(),
        (false, true) => vec![remove_key(text, entry)],
        (false, false) => remove_tables(text, &entry.value, indices),
    }
}

/// Takes a key with its value.
pub(super) fn remove_key(text: &str, entry: &Entry) -> TextEdit {
    let (start, end) = (entry.key_span.range().start, entry.value.span.range().end);
    TextEdit::replace(Span::new(lines::start(text, start), lines::end(text, end)), "")
}

/// Takes entries out of a table, however it and they are written.
pub(super) fn remove_entries(text: &str, table: &Value, is_gone: impl Fn(&str) -> bool) -> Vec<TextEdit> {
    let Some(entries) = table.as_map() else { return Vec::new() };
    let gone: Vec<usize> =
        (0..entries.len()).filter(|at| entries.get_index(*at).is_some_and(|(key, _)| is_gone(key))).collect();
    if text[table.span.range()].starts_with('{') {
        let parts = entries.values().map(|entry| (entry.key_span.range().start, entry_end(entry)));
        return front::remove_flow(text, parts, &gone);
    }
    gone.into_iter().flat_map(|at| remove_entry(text, &entries[at])).collect()
}

/// Where an entry ends, the last one of dotted keys included.
fn entry_end(entry: &Entry) -> usize {
    let inner = entry.value.as_map().into_iter().flat_map(|entries| entries.values());
    inner.fold(entry.value.span.range().end, |end, entry| end.max(entry_end(entry)))
}

/// Takes an entry of a table that is not between braces.
fn remove_entry(text: &str, entry: &Entry) -> Vec<TextEdit> {
    match entry.value.as_map() {
        Some(_) if text[entry.value.span.range()].starts_with('{') => vec![remove_key(text, entry)],
        Some(inner) if !has_header(text, &entry.value) => {
            inner.values().flat_map(|inner| remove_entry(text, inner)).collect()
        }
        Some(_) => vec![TextEdit::replace(table_lines(text, &entry.value), "")],
        None => vec![remove_key(text, entry)],
    }
}

/// The edit that puts another key in the place of one, in its quotes or without any where it can be.
pub(super) fn replace_key(text: &str, span: Span, new: &str) -> TextEdit {
    let is_bare = !new.is_empty() && new.bytes().all(is_bare_byte);
    if is_bare && !text[span.range()].starts_with(['"', '\'']) {
        return TextEdit::replace(span, new);
    }
    replace_string(text, span, new)
}

fn is_bare_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// All places where the key of a table stands: the keys in it may be written with it before them, `key.inner = 1`, any
/// number of times.
pub(super) fn occurrences(text: &str, key: &str, entry: &Entry) -> Vec<Span> {
    let mut spans = vec![entry.key_span];
    for (inner_key, inner) in entry.value.as_map().into_iter().flatten() {
        let inner = occurrences(text, inner_key, inner);
        spans.extend(inner.into_iter().filter_map(|span| key_before(text, span.range().start)));
    }
    let is_key = |span: &Span| {
        let (root, _) = crate::load::toml::parse(&format!("{} = 0", &text[span.range()]));
        root.as_map().is_some_and(|keys| keys.len() == 1 && keys.contains_key(key))
    };
    spans.retain(is_key);
    spans.sort_by_key(|span| span.start);
    spans.dedup();
    spans
}

/// The key before the point before a key.
fn key_before(text: &str, at: usize) -> Option<Span> {
    let blank = [' ', '\t'];
    let before = text[..at].trim_end_matches(blank).strip_suffix('.')?.trim_end_matches(blank);
    let start = match before.as_bytes().last()? {
        quote @ (b'"' | b'\'') => before[..before.len() - 1].rfind(char::from(*quote))?,
        _ => before.bytes().rposition(|byte| !is_bare_byte(byte)).map_or(0, |at| at + 1),
    };
    Some(Span::new(start, before.len()))
}

/// The lines of a table, and the empty line that sets it apart.
fn table_lines(text: &str, table: &Value) -> Span {
    let mut start = lines::start(text, table.span.range().start);
    let end = lines::end(text, table_end(text, table));
    let before = &text[..start];
    let line_above = before.strip_suffix('\n').map(|above| lines::start(above, above.len()));
    if let Some(above) = line_above.filter(|above| before[*above..].trim().is_empty()) {
        start = above;
    }
    // The last table takes the line break before it along when the text ended without one.
    if end == text.len() && !text.ends_with('\n') {
        start = text[..start].trim_end_matches(['\r', '\n']).len();
    }
    Span::new(start, end)
}

/// Adds a table of an array to the end of a text, or to the brackets in which the array is written.
pub(super) fn append_table(text: &str, name: &str, list: Option<&Value>, keys: &[(&str, String)]) -> TextEdit {
    let newline = lines::newline(text);
    if let Some(list) = list.filter(|list| !is_header_list(text, list)) {
        let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let table = format!("{{ {} }}", pairs.join(", "));
        return match list.as_list().and_then(<[Value]>::last) {
            Some(last) => TextEdit::insert(last.span.range().end, format!(", {table}")),
            None => TextEdit::insert(list.span.range().end.saturating_sub(1), table),
        };
    }
    let mut table = format!("[[{name}]]{newline}");
    for (key, value) in keys {
        let _ = write!(table, "{key} = {value}{newline}");
    }
    let open_end = !text.is_empty() && !text.ends_with('\n');
    let gap = match (text.trim().is_empty(), open_end) {
        (true, _) => String::new(),
        (false, true) => format!("{newline}{newline}"),
        (false, false) => newline.to_owned(),
    };
    if open_end {
        table.truncate(table.len() - newline.len());
    }
    TextEdit::insert(text.len(), format!("{gap}{table}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["a", "it's", "\"a\"", "a\\b", "a\nb\tc\u{1}", "日本\u{7f}"] {
            let file = format!("k = {} # c\n", string(text));
            let (root, problems) = crate::load::toml::parse(&file);
            assert_eq!(problems, [], "{file}");
            let found = root.as_map().and_then(|entries| entries.get("k")).and_then(|entry| entry.value.as_text());
            assert_eq!(found, Some(text));
        }
    }
}
