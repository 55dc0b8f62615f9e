//! Values of front matter as people read them.

use crate::pages::facets::Named;
use crate::words::Words;
use indexmap::IndexMap;
use loko_model::Value;
use loko_model::value::Data;
use serde::Serialize;

/// A named value: a text, a list or further named values.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Entry {
    pub key: String,
    pub text: String,
    pub items: Vec<Entry>,
    pub entries: Vec<Entry>,
    /// What the text names, where that has places of its own.
    pub links: Vec<Named>,
}

/// The entries of a mapping, `skip` left out.
pub(crate) fn entries(words: &Words, values: &IndexMap<String, Value>, skip: &[&str]) -> Vec<Entry> {
    let shown = values.iter().filter(|(key, _)| !skip.contains(&key.as_str()));
    shown.map(|(key, value)| entry(words, key, value)).collect()
}

/// The same of settings that are numbers with units rather than names: see [`Words::setting`].
pub(crate) fn settings(words: &Words, values: &IndexMap<String, Value>, skip: &[&str]) -> Vec<Entry> {
    entries(words, values, skip).into_iter().map(|entry| measured(words, entry)).collect()
}

fn measured(words: &Words, entry: Entry) -> Entry {
    let all = |entries: Vec<Entry>| entries.into_iter().map(|entry| measured(words, entry)).collect();
    let (items, entries) = (all(entry.items), all(entry.entries));
    Entry { key: entry.key, text: words.setting(&entry.text), items, entries, links: entry.links }
}

/// Settings, each in one line.
pub(crate) fn short_settings(words: &Words, values: &IndexMap<String, Value>) -> Vec<Entry> {
    let entry = |(key, value): (&String, &Value)| Entry {
        key: label(key),
        text: words.setting(&one_line(words, value)),
        ..Entry::default()
    };
    values.iter().map(entry).collect()
}

fn entry(words: &Words, key: &str, value: &Value) -> Entry {
    let mut entry = Entry { key: label(key), ..Entry::default() };
    match &value.data {
        Data::List(items) if items.iter().all(|item| item.scalar_text().is_some()) => {
            entry.text = one_line(words, value);
        }
        Data::List(items) => entry.items = items.iter().map(|item| self::entry(words, "", item)).collect(),
        Data::Map(fields) => {
            entry.entries = fields.iter().map(|(key, field)| self::entry(words, key, &field.value)).collect();
        }
        _ => entry.text = one_line(words, value),
    }
    entry
}

/// A value in one line.
pub(crate) fn one_line(words: &Words, value: &Value) -> String {
    match &value.data {
        Data::Null => "–".to_owned(),
        Data::Bool(value) => words.say(if *value { "frame.yes" } else { "frame.no" }),
        Data::List(items) => items.iter().map(|item| one_line(words, item)).collect::<Vec<_>>().join(", "),
        Data::Map(fields) => fields
            .iter()
            .map(|(key, field)| format!("{} {}", spaced(key), one_line(words, &field.value)))
            .collect::<Vec<_>>()
            .join(", "),
        _ => value.scalar_text().unwrap_or_default(),
    }
}

/// Words of keys that are written in capitals.
const ABBREVIATIONS: [&str; 12] = ["adr", "api", "cpu", "dlq", "id", "io", "lru", "slo", "tls", "ttl", "uri", "url"];

/// A key as a label: `service_time` becomes `Service time`, `cpu_limit` `CPU limit`; `p99` stays as it is said.
pub(crate) fn label(key: &str) -> String {
    let is_percentile = |word: &str| word.strip_prefix('p').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let words = key.split(['_', '-']).enumerate().map(|(at, word)| {
        let mut characters = word.chars();
        match characters.next() {
            _ if ABBREVIATIONS.contains(&word) => word.to_uppercase(),
            Some(first) if at == 0 && !is_percentile(word) => {
                first.to_uppercase().collect::<String>() + characters.as_str()
            }
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn spaced(key: &str) -> String {
    key.replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_labels() {
        assert_eq!(label("service_time"), "Service time");
        assert_eq!(label("slo"), "SLO");
        assert_eq!(label("cpu_limit"), "CPU limit");
        assert_eq!(label("cache_ttl"), "Cache TTL");
        assert_eq!(label("p99"), "p99");
        assert_eq!(label(""), "");
    }
}
