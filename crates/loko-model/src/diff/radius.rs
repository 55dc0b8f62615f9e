//! The blast radius: who depends on what changed.
//!
//! What changed: elements that came, went, have another name, place or kind, or of which something else is said (prose
//! and links aside, which nothing depends on), and the sources of relations that came, went, lead elsewhere or changed,
//! since it is their behaviour that differs. Who depends on an element is decided as in [`crate::query::impact()`].

use super::{Changed, Diff, Named};
use crate::query::impact::{Coupling, Hit, affected};
use crate::{ElementIx, Kind, Model};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Keys that change nothing for those who depend on an element.
const HARMLESS: [&str; 3] = ["prose", "links", "code_annotations"];

/// Somebody who depends on what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Affected<'a> {
    /// The path of ids.
    pub id: &'a str,
    /// The name for people.
    pub name: &'a str,
    /// The kind.
    pub kind: Kind,
    /// How many relations away the nearest change is.
    pub distance: u32,
    /// Whether it waits for something that changed.
    pub coupling: Coupling,
}

/// Who depends on what changed, by the later model.
pub(super) fn of<'a>(before: &'a Model, after: &'a Model, diff: &Diff<'a>) -> Vec<Affected<'a>> {
    let (gone, changed) = seeds(before, after, diff);
    let mut hits: BTreeMap<ElementIx, (u32, Coupling)> = BTreeMap::new();
    let mut add = |ix: ElementIx, hit: &Hit| {
        let known = hits.entry(ix).or_insert((hit.distance, hit.coupling));
        *known = (known.0.min(hit.distance), known.1.min(hit.coupling));
    };
    for hit in affected(after, &changed) {
        add(hit.element, &hit);
    }
    for hit in affected(before, &gone) {
        if let Some(other) = diff.matching.after(hit.element) {
            add(other.ix, &hit);
        }
    }
    let changed: BTreeSet<ElementIx> = changed.into_iter().collect();
    let mut found: Vec<Affected<'a>> = hits
        .into_iter()
        .filter(|(ix, _)| !changed.contains(ix))
        .map(|(ix, (distance, coupling))| {
            let Named { id, name, kind } = Named::of(after, ix);
            Affected { id, name, kind, distance, coupling }
        })
        .collect();
    found.sort_by_key(|hit| hit.distance);
    found
}

/// What is gone, by the former model, and what changed, by the later one.
fn seeds(before: &Model, after: &Model, diff: &Diff<'_>) -> (Vec<ElementIx>, Vec<ElementIx>) {
    let gone: BTreeSet<ElementIx> = diff.elements.removed.iter().filter_map(|it| before.find(it.id)).collect();
    let mut changed: BTreeSet<ElementIx> = BTreeSet::new();
    let renamed = diff.elements.renamed.iter().chain(&diff.elements.moved).map(|it| it.to.id);
    let matters = |it: &&Changed<'_>| it.fields.iter().any(|field| !HARMLESS.contains(&field.name.as_str()));
    let told = diff.elements.changed.iter().filter(matters).map(|it| it.element.id);
    let links = &diff.relations;
    let sources = links.added.iter().map(|it| it.source).chain(links.changed.iter().map(|it| it.link.source));
    let sources = sources.chain(links.rewired.iter().map(|it| it.to.source));
    let added = diff.elements.added.iter().map(|it| it.id);
    changed.extend(renamed.chain(told).chain(sources).chain(added).filter_map(|id| after.find(id)));
    let left = links.removed.iter().map(|it| it.source).chain(links.rewired.iter().map(|it| it.from.source));
    let left = left.filter_map(|id| before.find(id)).filter_map(|ix| diff.matching.after(ix));
    changed.extend(left.map(|other| other.ix));
    (gone.into_iter().collect(), changed.into_iter().collect())
}
