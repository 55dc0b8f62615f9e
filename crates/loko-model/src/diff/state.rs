//! What is compared of a model, short enough to be kept of each version: pages let readers choose any two of them.
//!
//! Other than a difference made here, one made of two states knows elements by their ids alone; what a version renamed is
//! told beside its state.

use super::elements::{normal, plain, told};
use super::{Diff, Side};
use crate::value::Value;
use indexmap::IndexMap;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What is compared of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// The elements, by id.
    pub elements: Vec<ElementState>,
    /// The relations.
    pub relations: Vec<RelationState>,
}

/// What is compared of an element: kind, id, name, and what is said of it by key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ElementState(pub &'static str, pub String, pub String, pub Vec<(String, String)>);

/// What is compared of a relation: its ends, what it is for, and what else is said of it by key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RelationState(pub String, pub String, pub String, pub Vec<(String, String)>);

/// The key under which a fingerprint of the prose stands, which can be compared and not shown.
pub const PROSE: &str = "prose";

impl State {
    /// The state of a model.
    pub fn of(side: Side<'_>) -> Self {
        let model = side.model;
        let elements = model.elements.iter().map(|element| {
            let mut said: Vec<(String, String)> = Vec::new();
            let facts = plain(element).into_iter().filter(|(key, value)| *key != "kind" && !value.is_empty());
            said.extend(facts.map(|(key, value)| (key.to_owned(), value)));
            values(&mut said, &element.behaviour);
            values(&mut said, &element.metadata);
            let text = side.snapshot.text(element.file.as_str()).unwrap_or("");
            let prose = normal(text.get(element.body.range()).unwrap_or(""));
            // The heading that repeats the name follows a rename.
            let prose = prose.replacen(&format!("# {}", element.name), "#", 1);
            if !prose.is_empty() {
                let digits = Sha256::digest(prose.as_bytes());
                said.push((PROSE.to_owned(), digits.iter().take(4).map(|byte| format!("{byte:02x}")).collect()));
            }
            ElementState(element.kind.name(), element.id.to_string(), element.name.clone(), said)
        });
        let relations = model.relations.iter().map(|relation| {
            let end = |ix| model.element(ix).id.to_string();
            let mut said: Vec<(String, String)> = Vec::new();
            let plain = [
                ("technology", relation.technology.clone()),
                ("type", relation.kind.name().to_owned()),
                ("event", relation.event.clone().unwrap_or_default()),
                ("bidirectional", if relation.bidirectional { "true".to_owned() } else { String::new() }),
                ("tags", relation.tags.join(", ")),
            ];
            said.extend(plain.into_iter().filter(|it| !it.1.is_empty()).map(|(key, value)| (key.to_owned(), value)));
            values(&mut said, &relation.behaviour);
            values(&mut said, &relation.metadata);
            RelationState(end(relation.source), end(relation.target), relation.description.clone(), said)
        });
        let (mut elements, mut relations): (Vec<_>, Vec<_>) = (elements.collect(), relations.collect());
        elements.sort_by(|a: &ElementState, b| a.1.cmp(&b.1));
        relations.sort();
        Self { elements, relations }
    }
}

fn values(said: &mut Vec<(String, String)>, values: &IndexMap<String, Value>) {
    said.extend(values.iter().map(|(key, value)| (key.clone(), told(value))));
}

/// The ids that elements had and have, where they differ.
pub fn renamed(diff: &Diff<'_>, before: Side<'_>, after: Side<'_>) -> Vec<(String, String)> {
    let pairs = before.model.ids().filter_map(|ix| Some((ix, diff.matching.after(ix)?.ix)));
    let ids = pairs.map(|(was, is)| (before.model.element(was).id.to_string(), after.model.element(is).id.to_string()));
    ids.filter(|(was, is)| was != is).collect()
}
