//! TOML to [`Value`] trees with byte spans.
//!
//! Real TOML 1.1; of a broken text, what can be read is read and every error is told.

use super::yaml::Problem;
use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Span};
use rustc_hash::FxHashSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads a TOML text whose keys somebody else knows, with the places of its values; errors are told as in the files of
/// a workspace.
pub fn toml_value(path: &FilePath, text: &str) -> (Value, Vec<Diagnostic>) {
    let mut reader = super::read::Reader::new(path, text);
    let (value, problems) = parse(text);
    reader.problems("bad-toml", "TOML", problems);
    (value, reader.findings)
}

/// The same, as the tables and keys that the file has.
pub fn read_toml(path: &FilePath, text: &str) -> (IndexMap<String, Entry>, Vec<Diagnostic>) {
    let (value, findings) = toml_value(path, text);
    match value.data {
        Data::Map(entries) => (entries, findings),
        _ => (IndexMap::new(), findings),
    }
}

/// Reads a text.
pub(crate) fn parse(text: &str) -> (Value, Vec<Problem>) {
    // A byte order mark is no part of TOML 1.0's grammar for keys.
    let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
    let (table, errors) = DeTable::parse_recoverable(&text[skipped..]);
    let mut problems: Vec<Problem> = Vec::new();
    // A broken text may have an error a word, so looking for its line must not look through the text.
    let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut told = FxHashSet::default();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let (start, end) = fit(&text[skipped..], span);
        let span = Span::new(start, end).shift(skipped);
        // What follows an error in the same line follows from it.
        if told.insert(starts.partition_point(|start| *start < span.range().start)) {
            problems.push(Problem::new(span, error.message().trim().to_owned()));
        }
    }
    let reader = Reader { text, skipped };
    (reader.table(table.span(), table.get_ref()), problems)
}

/// A range that lies in the text and cuts no character.
fn fit(text: &str, range: std::ops::Range<usize>) -> (usize, usize) {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len())).max(start);
    (start, end)
}

struct Reader<'t> {
    text: &'t str,
    skipped: usize,
}

impl Reader<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let (start, end) = fit(&self.text[self.skipped..], range);
        Span::new(start, end).shift(self.skipped)
    }

    fn table(&self, range: std::ops::Range<usize>, table: &DeTable<'_>) -> Value {
        let mut entries: Vec<(String, Entry)> = table
            .iter()
            .map(|(key, value)| {
                let entry = Entry { key_span: self.span(key.span()), value: self.value(value) };
                (key.get_ref().to_string(), entry)
            })
            .collect();
        entries.sort_by_key(|(_, entry)| (entry.key_span.start, entry.value.span.start));
        Value { data: Data::Map(entries.into_iter().collect::<IndexMap<_, _>>()), span: self.span(range) }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Value {
        let span = self.span(value.span());
        let data = match value.get_ref() {
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(whole) => Data::Integer(whole),
                Err(_) => Data::Text(number.as_str().to_owned()),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => Data::Float(number),
                Err(_) => Data::Text(number.as_str().to_owned()),
            },
            DeValue::Boolean(truth) => Data::Bool(*truth),
            DeValue::Datetime(time) => Data::Text(time.to_string()),
            DeValue::Array(items) => Data::List(items.iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => return self.table(value.span(), table),
        };
        Value { data, span }
    }
}
