//! How one element reaches another: a shortest chain of relations, and further ones on request.

use super::walk::{Walk, Way, comparable, leaving};
use super::{ElementRef, RelationRef};
use crate::{ElementIx, Model, RelationIx};
use indexmap::IndexSet;
use serde::Serialize;

/// How many steps the search for further chains may take before it gives up.
pub const SEARCH_STEPS_MAX: u32 = 200_000;
/// How many relations longer than the shortest chain a further one may be.
pub const DETOUR_MAX: u32 = 6;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paths<'m> {
    /// Where to start.
    pub from: ElementRef<'m>,
    /// Where to arrive.
    pub to: ElementRef<'m>,
    /// Chains of relations, the shortest first; none when there is no way.
    pub paths: Vec<Path<'m>>,
    /// Whether there may be more than were found.
    pub truncated: bool,
}

/// One chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Path<'m> {
    /// How many relations it has.
    pub length: usize,
    /// The relations in order. Where one ends and the next begins may be a part and its whole.
    pub relations: Vec<RelationRef<'m>>,
}

/// Finds up to `count` chains from an element (or something in it) to another (or something in it); `count` 1 finds a
/// shortest one. No chain arrives at an element twice.
pub fn path(model: &Model, from: ElementIx, to: ElementIx, count: usize) -> Paths<'_> {
    let shortest = shortest(model, from, to);
    let (chains, truncated) = match &shortest {
        Some(first) if count > 1 => Search::new(model, from, to).chains(first.len() as u32, count),
        Some(first) if count == 1 => (vec![first.clone()], false),
        _ => (Vec::new(), false),
    };
    let relations = |chain: &Vec<RelationIx>| chain.iter().map(|ix| RelationRef::new(model, *ix)).collect();
    Paths {
        from: ElementRef::new(model, from),
        to: ElementRef::new(model, to),
        paths: chains.iter().map(|chain| Path { length: chain.len(), relations: relations(chain) }).collect(),
        truncated,
    }
}

fn shortest(model: &Model, from: ElementIx, to: ElementIx) -> Option<Vec<RelationIx>> {
    let mut walk = Walk::new(model, Way::Forth, |_| true);
    walk.start_within(from);
    let way = walk.find(|visit| arrives(model, visit.relation, visit.far, to))?;
    Some(way.into_iter().map(|visit| visit.relation).collect())
}

/// Whether a relation leads into an element from outside.
fn arrives(model: &Model, relation: RelationIx, far: ElementIx, to: ElementIx) -> bool {
    model.is_within(far, to) && !model.is_within(model.ends(relation).other(far), to)
}

/// A search for all chains, longer and longer, that never follows a relation from which the end is out of reach.
struct Search<'m> {
    model: &'m Model,
    from: ElementIx,
    to: ElementIx,
    /// How many relations it takes from arriving at an element to the end.
    remaining: Vec<Option<u32>>,
    chain: Vec<RelationIx>,
    visited: Vec<ElementIx>,
    /// A set, since a relation that joins a whole and its part both ways can be followed twice with the same result.
    found: IndexSet<Vec<RelationIx>>,
    steps: u32,
    count: usize,
}

impl<'m> Search<'m> {
    fn new(model: &'m Model, from: ElementIx, to: ElementIx) -> Self {
        Self {
            model,
            from,
            to,
            remaining: remaining(model, to),
            chain: Vec::new(),
            visited: Vec::new(),
            found: IndexSet::new(),
            steps: 0,
            count: 0,
        }
    }

    /// Chains from the shortest on, each length in turn, and whether the search was cut short.
    fn chains(mut self, shortest: u32, count: usize) -> (Vec<Vec<RelationIx>>, bool) {
        self.count = count;
        for length in shortest..=shortest.saturating_add(DETOUR_MAX) {
            for start in self.model.subtree(self.from) {
                self.extend_from(start, length);
            }
        }
        let cut_short = self.is_over();
        (self.found.into_iter().collect(), cut_short)
    }

    fn is_over(&self) -> bool {
        self.found.len() >= self.count || self.steps >= SEARCH_STEPS_MAX
    }

    /// Follows the relations of one element; `length` more are to be followed in all.
    fn extend_from(&mut self, ix: ElementIx, length: u32) {
        let model = self.model;
        self.steps += 1;
        for (relation, far) in leaving(model, ix, Way::Forth) {
            if self.is_over() {
                return;
            }
            self.steps += 1;
            self.follow(relation, far, length - 1);
        }
    }

    fn follow(&mut self, relation: RelationIx, far: ElementIx, length: u32) {
        let model = self.model;
        let arrived = model.is_within(far, self.to);
        if self.visited.contains(&far) || arrived != (length == 0) {
            return;
        }
        self.chain.push(relation);
        self.visited.push(far);
        if !arrived {
            self.go_on(far, length);
        } else if arrives(model, relation, far, self.to) {
            self.found.insert(self.chain.clone());
        }
        self.visited.pop();
        self.chain.pop();
    }

    fn go_on(&mut self, far: ElementIx, length: u32) {
        let model = self.model;
        let is_home = model.is_within(far, self.from);
        let too_far = self.remaining[far.index()].is_none_or(|needed| needed > length);
        if too_far || (is_home && self.chain.len() == 1) {
            return;
        }
        for next in comparable(model, far) {
            // From home, chains have started already; coming back only opens what home is part of.
            let has_started = is_home && model.is_within(next, self.from);
            let has_passed = next != far && self.visited.contains(&next);
            if !has_started && !has_passed {
                self.extend_from(next, length);
            }
        }
    }
}

/// For each element, how many relations it takes to the end once one has arrived there.
fn remaining(model: &Model, to: ElementIx) -> Vec<Option<u32>> {
    let mut walk = Walk::new(model, Way::Back, |_| true);
    walk.start_within(to);
    let mut remaining = vec![None; model.elements.len()];
    let mut seen = vec![false; model.elements.len()];
    for visit in walk.run(u32::MAX) {
        // The first visit of an element is the nearest.
        if std::mem::replace(&mut seen[visit.far.index()], true) {
            continue;
        }
        // A chain may go on from here after arriving at anything comparable.
        for ix in comparable(model, visit.far) {
            let known = &mut remaining[ix.index()];
            *known = Some(known.map_or(visit.distance, |known: u32| known.min(visit.distance)));
        }
    }
    remaining
}
