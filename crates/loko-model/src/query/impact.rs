//! What is hit when an element fails: everything that depends on it, near or far.

use super::walk::{Visit, Walk, Way};
use super::{ElementRef, RelationRef};
use crate::{ElementIx, Kind, Model, Relation, RelationKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// How hard the failure arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Coupling {
    /// Somebody waits at every step of a chain.
    Sync,
    /// Every chain passes a step at which nobody waits.
    Async,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Impact<'m> {
    /// The element that fails.
    pub element: ElementRef<'m>,
    /// Who is hit, the nearest first.
    pub impacted: Vec<Impacted<'m>>,
    /// How many elements of each system are hit; people and systems hit as wholes count as one of themselves.
    pub systems: Vec<SystemImpact<'m>>,
    /// How many are hit in all.
    pub total: usize,
    /// How many of them through people or systems that wait all the way.
    pub sync: usize,
}

/// Somebody who is hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Impacted<'m> {
    /// The element.
    #[serde(flatten)]
    pub element: ElementRef<'m>,
    /// How many relations away it is.
    pub distance: u32,
    /// How hard it is hit.
    pub coupling: Coupling,
    /// The relation by which it is hit, the first of the chain.
    pub via: RelationRef<'m>,
    /// The ids along a shortest chain from this element to the one that fails; only waiting steps if there is such one.
    pub chain: Vec<&'m str>,
}

/// How much of a system is hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemImpact<'m> {
    /// The system or person.
    pub id: &'m str,
    /// The name for people.
    pub name: &'m str,
    /// How many of its elements are hit.
    pub impacted: usize,
}

/// Finds everything that depends on an element, on something in it, or on what it is part of.
pub fn impact(model: &Model, of: ElementIx) -> Impact<'_> {
    let any = reach(model, of, |_| true);
    let waiting = reach(model, of, |relation| relation.kind == RelationKind::Sync);
    let mut impacted: Vec<(ElementIx, Impacted<'_>)> = any
        .hit
        .keys()
        .map(|ix| {
            (*ix, if waiting.hit.contains_key(ix) { (&waiting, Coupling::Sync) } else { (&any, Coupling::Async) })
        })
        .map(|(ix, (reach, coupling))| (ix, reach.impacted(model, ix, of, coupling)))
        .collect();
    impacted.sort_by_key(|(ix, hit)| (hit.distance, *ix));
    Impact {
        element: ElementRef::new(model, of),
        systems: by_system(model, impacted.iter().map(|(ix, _)| *ix)),
        total: impacted.len(),
        sync: impacted.iter().filter(|(_, hit)| hit.coupling == Coupling::Sync).count(),
        impacted: impacted.into_iter().map(|(_, hit)| hit).collect(),
    }
}

/// Who is reached, and by which visit first.
struct Reach {
    visits: Vec<Visit>,
    hit: BTreeMap<ElementIx, usize>,
}

fn reach(model: &Model, of: ElementIx, wanted: impl Fn(&Relation) -> bool) -> Reach {
    let mut walk = Walk::new(model, Way::Back, wanted);
    walk.start_within(of);
    walk.start_above(of);
    let visits = walk.run(u32::MAX);
    let mut hit = BTreeMap::new();
    for (at, visit) in visits.iter().enumerate() {
        if !model.is_within(visit.far, of) && !model.is_within(of, visit.far) {
            hit.entry(visit.far).or_insert(at);
        }
    }
    Reach { visits, hit }
}

impl Reach {
    fn impacted<'m>(&self, model: &'m Model, ix: ElementIx, of: ElementIx, coupling: Coupling) -> Impacted<'m> {
        let visit = self.visits[self.hit[&ix]];
        let visits = std::iter::successors(Some(visit), |visit| visit.before.map(|at| self.visits[at]));
        let elements = visits.map(|visit| visit.far).chain([of]);
        Impacted {
            element: ElementRef::new(model, ix),
            distance: visit.distance,
            coupling,
            via: RelationRef::new(model, visit.relation),
            chain: elements.map(|ix| model.element(ix).id.as_str()).collect(),
        }
    }
}

fn by_system(model: &Model, impacted: impl Iterator<Item = ElementIx>) -> Vec<SystemImpact<'_>> {
    let mut counts: BTreeMap<ElementIx, usize> = BTreeMap::new();
    for ix in impacted {
        let outermost = model.ancestry(ix).find(|above| model.element(*above).kind <= Kind::System).unwrap_or(ix);
        *counts.entry(outermost).or_default() += 1;
    }
    let mut systems: Vec<SystemImpact<'_>> = counts
        .into_iter()
        .map(|(ix, impacted)| SystemImpact { id: &model.element(ix).id, name: &model.element(ix).name, impacted })
        .collect();
    systems.sort_by_key(|system| std::cmp::Reverse(system.impacted));
    systems
}

/// Somebody who is hit by any of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Who.
    pub element: ElementIx,
    /// How many relations away the nearest of them is.
    pub distance: u32,
    /// How hard.
    pub coupling: Coupling,
}

/// Everything that depends on any of some elements, on something in them, or on what they are part of; those among them
/// that depend on each other too. In the model's order.
pub fn affected(model: &Model, of: &[ElementIx]) -> Vec<Hit> {
    let reached = |wanted: fn(&Relation) -> bool| -> BTreeMap<ElementIx, u32> {
        let mut walk = Walk::new(model, Way::Back, wanted);
        // Parts before wholes: what depends on a part from inside the same whole counts as well.
        for ix in of.iter().rev() {
            walk.start_within(*ix);
            walk.start_above(*ix);
        }
        let mut hit = BTreeMap::new();
        for visit in walk.run(u32::MAX) {
            hit.entry(visit.far).or_insert(visit.distance);
        }
        hit
    };
    let waiting = reached(|relation| relation.kind == RelationKind::Sync);
    let all = reached(|_| true).into_iter();
    all.map(|(element, distance)| {
        let coupling = if waiting.contains_key(&element) { Coupling::Sync } else { Coupling::Async };
        Hit { element, distance, coupling }
    })
    .collect()
}
