//! Values of behaviour that name elements: where dead letters go, who is asked instead, through what an event travels.
//!
//! Such a value may as well be words for people. Where it names an element it follows when that is renamed or moved;
//! a text that names none is left alone.

use super::references::Seen;
use crate::behaviour::Behaviour;
use crate::value::Value;
use crate::{ElementIx, Model, Resolution};
use loko_source::{FilePath, Place, Snapshot};

/// Where they stand: the list of tables, or none, and the path in it.
const PLACES: [(&str, &str); 5] =
    [("", "dead_letter.to"), ("", "fallback.to"), ("events", "topic"), ("saga.steps", "at"), ("triggers", "from")];

/// Whether a value may name an element, by the path of its key; items of lists are named as `list[1].key`.
pub(crate) fn is_place(path: &str) -> bool {
    let mut bare = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        bare.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    PLACES.iter().any(|(list, key)| match *list {
        "" => bare == *key,
        list => bare.strip_prefix(list).and_then(|rest| rest.strip_prefix('.')) == Some(*key),
    })
}

/// The values of some behaviour that may name elements.
pub fn values(behaviour: Behaviour<'_>) -> Vec<&Value> {
    let mut all = Vec::new();
    for (list, path) in PLACES {
        if list.is_empty() {
            all.extend(behaviour.find(path).map(|found| found.value));
        } else {
            all.extend(behaviour.items(list).into_iter().filter_map(|item| Some(item.find(path)?.value)));
        }
    }
    all
}

/// The element that a value names, looked up from another one.
pub(super) fn named(model: &Model, from: ElementIx, value: &Value) -> Option<(String, ElementIx)> {
    let written = value.as_text()?.to_owned();
    match model.resolve_from(from, &written) {
        Resolution::Found(ix) => Some((written, ix)),
        _ => None,
    }
}

/// All values of a model's behaviour that name elements.
pub(super) fn all(snapshot: &Snapshot, model: &Model) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut add = |value: &Value, from: ElementIx, files: &[&FilePath]| {
        let Some((written, element)) = named(model, from, value) else { return };
        // What is said of a relation may stand in any of its files.
        let stands_in = |path: &&&FilePath| {
            let text = snapshot.text(path.as_str()).and_then(|text| text.get(value.span.range()));
            text.is_some_and(|text| text.trim_matches(['"', '\'']) == written)
        };
        if let Some(path) = files.iter().find(stands_in) {
            let place = Place::new((*path).clone(), value.span);
            seen.push(Seen { place, written: written.into(), element, context: Some(from) });
        }
    };
    for ix in model.ids() {
        let element = model.element(ix);
        values(Behaviour::of_element(element)).into_iter().for_each(|value| add(value, ix, &[&element.file]));
    }
    for relation in &model.relations {
        let files: Vec<&FilePath> = std::iter::once(&relation.place.path).chain(&relation.also).collect();
        let values = values(Behaviour::of_relation(relation));
        values.into_iter().for_each(|value| add(value, relation.source, &files));
    }
    seen
}
