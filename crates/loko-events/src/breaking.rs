//! What breaks for those who read events, or have kept old ones, between two revisions.
//!
//! Readers break when what they read goes away, changes its type, may be missing, or has values that they do not know.
//! Kept events break when something new is required of them. A new major version is the way to break on purpose.

use crate::Event;
use loko_source::Snapshot;
use serde_json::Value;
use std::collections::BTreeSet;

/// How deep schemas are compared.
const DEPTH_MAX: usize = 32;

/// Something that breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The event.
    pub event: String,
    /// Where in it, `payload.lines.quantity`; empty for the event as a whole.
    pub at: String,
    /// What changed.
    pub change: String,
    /// Whether the major version was raised, so that it is announced.
    pub is_announced: bool,
}

/// What breaks between two revisions: the events of each, and the files that hold their schemas.
pub fn breaking(before: (&[Event], &Snapshot), after: (&[Event], &Snapshot)) -> Vec<Break> {
    let mut breaks = Vec::new();
    for old in before.0 {
        let Some(new) = after.0.iter().find(|event| event.name == old.name) else {
            if !old.subscribers.is_empty() {
                breaks.push(Break {
                    event: old.name.clone(),
                    at: String::new(),
                    change: "is no longer published, and was heard of".to_owned(),
                    is_announced: false,
                });
            }
            continue;
        };
        let schema = |event: &Event, snapshot: &Snapshot| -> Option<Value> {
            serde_json::from_str(snapshot.text(event.schema.as_deref()?)?).ok()
        };
        let (Some(was), Some(is)) = (schema(old, before.1), schema(new, after.1)) else { continue };
        let mut changes = Vec::new();
        compare("", &was, &is, 0, &mut changes);
        let is_announced = major(old) < major(new);
        breaks.extend(changes.into_iter().map(|(at, change)| Break {
            event: old.name.clone(),
            at,
            change,
            is_announced,
        }));
    }
    breaks
}

fn major(event: &Event) -> u64 {
    let version = event.version.as_deref().unwrap_or("0");
    version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
}

fn compare(at: &str, was: &Value, is: &Value, depth: usize, changes: &mut Vec<(String, String)>) {
    if depth > DEPTH_MAX {
        return;
    }
    let (old_types, new_types) = (words(&was["type"]), words(&is["type"]));
    if !old_types.is_empty() && !new_types.is_subset(&old_types) {
        let list = |types: &BTreeSet<String>| types.iter().cloned().collect::<Vec<_>>().join(" or ");
        let to = if new_types.is_empty() { "anything".to_owned() } else { list(&new_types) };
        changes.push((at.to_owned(), format!("was {}, is {to}", list(&old_types))));
    }
    let (old_words, new_words) = (words(&was["enum"]), words(&is["enum"]));
    if !old_words.is_empty() {
        for word in new_words.difference(&old_words) {
            changes.push((at.to_owned(), format!("has a new value {word}, which readers do not know")));
        }
        if new_words.is_empty() {
            changes.push((at.to_owned(), "may have any value, and had a few".to_owned()));
        }
    }
    let (old_required, new_required) = (words(&was["required"]), words(&is["required"]));
    let inner = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    let empty = serde_json::Map::new();
    let (old, new) = (was["properties"].as_object().unwrap_or(&empty), is["properties"].as_object().unwrap_or(&empty));
    for (name, value) in old {
        match new.get(name) {
            None => changes.push((inner(name), "is gone".to_owned())),
            Some(now) => {
                if old_required.contains(name) && !new_required.contains(name) {
                    changes.push((inner(name), "may be missing now".to_owned()));
                }
                compare(&inner(name), value, now, depth + 1, changes);
            }
        }
    }
    for name in new_required.difference(&old_required) {
        changes.push((inner(name), "is required now; events kept from before lack it".to_owned()));
    }
    if was["items"].is_object() && is["items"].is_object() {
        compare(&format!("{at}[]"), &was["items"], &is["items"], depth + 1, changes);
    }
}

/// A word or a list of words.
fn words(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(word) => BTreeSet::from([word.clone()]),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        }
        _ => BTreeSet::new(),
    }
}
