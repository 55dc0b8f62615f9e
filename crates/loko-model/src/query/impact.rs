//! What is hit when an element fails: everything that depends on it, near or far.

use super::walk::{Visit, Walk, Way, by_distance, comparable_mask};
use super::{ElementRef, RelationRef};
use crate::{ElementIx, Ends, Model, RelationKind};
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
    let reached = Reached::new(model, of);
    Impact {
        element: ElementRef::new(model, of),
        systems: reached.systems(),
        total: reached.hits().len(),
        sync: reached.sync(),
        impacted: reached.iter().collect(),
    }
}

/// Who is hit, for those who need not know all of it: rows are made when they are asked for.
#[derive(Clone, Debug)]
pub struct Reached<'m> {
    model: &'m Model,
    of: ElementIx,
    hits: Vec<Hit>,
    any: Reach,
    waiting: Reach,
}

/// Who is reached through some relations, and by which visit first.
#[derive(Clone, Debug)]
struct Reach {
    visits: Vec<Visit>,
    /// For each element the place of the first visit; `NEVER` when there is none.
    first: Vec<u32>,
}

/// The place of a visit that never was.
const NEVER: u32 = u32::MAX;

impl<'m> Reached<'m> {
    /// Finds everything that depends on an element, on something in it, or on what it is part of.
    pub fn new(model: &'m Model, of: ElementIx) -> Self {
        let home = comparable_mask(model, of);
        let any = Reach::new(model, of, &home, |_| true);
        let waiting = Reach::new(model, of, &home, |ends| ends.kind == RelationKind::Sync);
        let hit = |(at, first): (usize, &u32)| {
            let (reach, first, coupling) = match waiting.first[at] {
                NEVER => (&any, *first, Coupling::Async),
                first => (&waiting, first, Coupling::Sync),
            };
            Hit { element: ElementIx(at as u32), distance: reach.visits[first as usize].distance, coupling }
        };
        let hits: Vec<Hit> = any.first.iter().enumerate().filter(|(_, first)| **first != NEVER).map(hit).collect();
        let hits = by_distance(&hits, |hit| hit.distance);
        Self { model, of, hits, any, waiting }
    }

    /// Who is hit, the nearest first.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// How many are hit through those who wait all the way.
    pub fn sync(&self) -> usize {
        self.hits.iter().filter(|hit| hit.coupling == Coupling::Sync).count()
    }

    /// How many elements of each system are hit, the most first; people hit count as one of themselves.
    pub fn systems(&self) -> Vec<SystemImpact<'m>> {
        let mut counts = vec![0_usize; self.model.elements.len()];
        for hit in &self.hits {
            counts[self.model.system_of(hit.element).index()] += 1;
        }
        let counted = self.model.ids().zip(counts).filter(|(_, count)| *count > 0);
        let row = |(ix, impacted)| {
            let element = self.model.element(ix);
            SystemImpact { id: &element.id, name: &element.name, impacted }
        };
        let mut systems: Vec<SystemImpact<'m>> = counted.map(row).collect();
        systems.sort_by_key(|system| std::cmp::Reverse(system.impacted));
        systems
    }

    /// Who is hit and by which way, the nearest first.
    pub fn iter(&self) -> impl Iterator<Item = Impacted<'m>> {
        self.hits.iter().map(|hit| self.impacted(hit))
    }

    fn impacted(&self, hit: &Hit) -> Impacted<'m> {
        let model = self.model;
        let reach = if hit.coupling == Coupling::Sync { &self.waiting } else { &self.any };
        let visit = reach.visits[reach.first[hit.element.index()] as usize];
        let visits = std::iter::successors(Some(visit), |visit| visit.before().map(|at| reach.visits[at]));
        let elements = visits.map(|visit| visit.far).chain([self.of]);
        Impacted {
            element: ElementRef::new(model, hit.element),
            distance: hit.distance,
            coupling: hit.coupling,
            via: RelationRef::new(model, visit.relation),
            chain: elements.map(|ix| model.element(ix).id.as_str()).collect(),
        }
    }
}

impl Reach {
    /// `home` tells the elements that do not count.
    fn new(model: &Model, of: ElementIx, home: &[bool], wanted: impl Fn(Ends) -> bool) -> Self {
        let mut walk = Walk::new(model, Way::Back, wanted);
        walk.start_within(of);
        walk.start_above(of);
        let visits = walk.run(u32::MAX);
        let mut first = vec![NEVER; model.elements.len()];
        for (at, visit) in visits.iter().enumerate() {
            let known = &mut first[visit.far.index()];
            if *known == NEVER && !home[visit.far.index()] {
                *known = at as u32;
            }
        }
        Self { visits, first }
    }
}

/// Somebody who is hit.
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
    let reached = |wanted: fn(Ends) -> bool| -> BTreeMap<ElementIx, u32> {
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
    let waiting = reached(|ends| ends.kind == RelationKind::Sync);
    let all = reached(|_| true).into_iter();
    all.map(|(element, distance)| {
        let coupling = if waiting.contains_key(&element) { Coupling::Sync } else { Coupling::Async };
        Hit { element, distance, coupling }
    })
    .collect()
}
