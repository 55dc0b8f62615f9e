//! What an element depends on, and what depends on it.

use super::walk::{Visit, Walk, Way};
use super::{ElementRef, RelationRef};
use crate::{ElementIx, Kind, Model, RelationIx};
use serde::Serialize;
use std::collections::BTreeMap;

/// How far and how fine to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DepsOptions {
    /// Whether dependencies of dependencies count too.
    pub transitive: bool,
    /// How many relations a chain may have when `transitive`; no limit when `None`.
    pub depth: Option<u32>,
    /// The finest kind to name; what is finer is named by what it is part of.
    pub level: Option<Kind>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deps<'m> {
    /// The element asked about.
    pub element: ElementRef<'m>,
    /// Whether chains were followed.
    pub transitive: bool,
    /// What was found, the nearest first.
    pub results: Vec<Dep<'m>>,
}

/// One element that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dep<'m> {
    /// The element.
    #[serde(flatten)]
    pub element: ElementRef<'m>,
    /// How many relations away it is.
    pub distance: u32,
    /// The relations of the chains that end here.
    pub relations: Vec<RelationRef<'m>>,
}

/// What an element, or anything in it, depends on outside of it.
pub fn deps<'m>(model: &'m Model, of: ElementIx, options: &DepsOptions) -> Deps<'m> {
    answer(model, of, options, Way::Forth)
}

/// What depends on an element or anything in it.
pub fn dependents<'m>(model: &'m Model, of: ElementIx, options: &DepsOptions) -> Deps<'m> {
    answer(model, of, options, Way::Back)
}

fn answer<'m>(model: &'m Model, of: ElementIx, options: &DepsOptions, way: Way) -> Deps<'m> {
    let depth_max = if options.transitive { options.depth.unwrap_or(u32::MAX) } else { 1 };
    let mut walk = Walk::new(model, way, |_| true);
    walk.start_within(of);
    let visits = if depth_max == 0 { Vec::new() } else { walk.run(depth_max) };
    Deps {
        element: ElementRef::new(model, of),
        transitive: options.transitive,
        results: group(model, of, options, &visits),
    }
}

fn group<'m>(model: &'m Model, of: ElementIx, options: &DepsOptions, visits: &[Visit]) -> Vec<Dep<'m>> {
    let mut found: BTreeMap<ElementIx, (u32, Vec<RelationIx>)> = BTreeMap::new();
    for visit in visits {
        let named = named_at(model, visit.far, options.level);
        if model.is_within(named, of) || model.is_within(of, named) {
            continue;
        }
        let (_, relations) = found.entry(named).or_insert_with(|| (visit.distance, Vec::new()));
        if !relations.contains(&visit.relation) {
            relations.push(visit.relation);
        }
    }
    let mut results: Vec<Dep<'m>> = found
        .into_iter()
        .map(|(ix, (distance, relations))| Dep {
            element: ElementRef::new(model, ix),
            distance,
            relations: relations.into_iter().map(|ix| RelationRef::new(model, ix)).collect(),
        })
        .collect();
    results.sort_by_key(|dep| dep.distance);
    results
}

/// The element, or what it is part of when it is finer than wanted.
fn named_at(model: &Model, ix: ElementIx, level: Option<Kind>) -> ElementIx {
    let Some(level) = level else { return ix };
    model.ancestry(ix).find(|above| model.element(*above).kind <= level).unwrap_or(ix)
}
