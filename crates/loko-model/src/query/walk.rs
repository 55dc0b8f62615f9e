//! Following chains of relations through a model, breadth first.
//!
//! A chain goes on at every element that is comparable to where the last relation ended: the element, its parts, and
//! what it is part of. That is symmetric, so walking back from the end of a chain finds its start. No chain begins with
//! a relation inside the element where it starts. Each relation is followed at most once in each direction; a walk takes
//! time linear in the size of the model.

use crate::{ElementIx, Ends, Model, RelationIx};

/// Which way relations are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From sources to targets: what is needed.
    Forth,
    /// From targets to sources: who needs it.
    Back,
}

/// One relation that was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Visit {
    /// The relation.
    pub(super) relation: RelationIx,
    /// The end it was left by.
    pub(super) far: ElementIx,
    /// How many relations it took, this one included.
    pub(super) distance: u32,
    /// The place in the walk of the visit before this one; [`FIRST`] when there is none.
    before: u32,
}

/// Before the first visit of a chain.
const FIRST: u32 = u32::MAX;

impl Visit {
    /// The visit before this one, by its place in the walk.
    pub(super) fn before(&self) -> Option<usize> {
        (self.before != FIRST).then_some(self.before as usize)
    }
}

/// The relations that can be followed from an element in one step, each with its far end.
pub(super) fn leaving(model: &Model, ix: ElementIx, way: Way) -> impl Iterator<Item = (RelationIx, ElementIx)> {
    let (ahead, against) = match way {
        Way::Forth => (model.outgoing(ix), model.incoming(ix)),
        Way::Back => (model.incoming(ix), model.outgoing(ix)),
    };
    let other = move |at: &RelationIx| (*at, model.ends(*at).other(ix));
    let both_ways = |at: &&RelationIx| model.ends(**at).bidirectional;
    ahead.iter().map(other).chain(against.iter().filter(both_ways).map(other))
}

/// A walk in progress.
pub(super) struct Walk<'m, F> {
    model: &'m Model,
    way: Way,
    wanted: F,
    visits: Vec<Visit>,
    /// Where it starts.
    home: Option<ElementIx>,
    /// Elements whose relations were followed.
    left: Vec<bool>,
    /// Elements of which all parts were left too.
    opened: Vec<bool>,
    /// Elements that were left with all that they are part of.
    climbed: Vec<bool>,
    /// Elements to be opened next.
    open: Vec<ElementIx>,
}

impl<'m, F: Fn(Ends) -> bool> Walk<'m, F> {
    /// A walk that follows only the wanted relations.
    pub(super) fn new(model: &'m Model, way: Way, wanted: F) -> Self {
        let count = model.elements.len();
        let (left, opened, climbed) = (vec![false; count], vec![false; count], vec![false; count]);
        Self {
            model,
            way,
            wanted,
            visits: Vec::with_capacity(model.relations.len()),
            home: None,
            left,
            opened,
            climbed,
            open: Vec::new(),
        }
    }

    /// Starts at an element and all in it.
    pub(super) fn start_within(&mut self, ix: ElementIx) {
        self.home = Some(ix);
        self.leave_within(ix, 1, FIRST);
    }

    /// Starts at what an element is part of, too.
    pub(super) fn start_above(&mut self, ix: ElementIx) {
        self.leave_above(ix, 1, FIRST);
    }

    /// Follows relations, at most `depth_max` in a chain. The visits come in the order of their distance.
    pub(super) fn run(mut self, depth_max: u32) -> Vec<Visit> {
        self.run_to(depth_max, |_| false);
        self.visits
    }

    /// Goes on until a visit is the one looked for, and gives the way to it; none when no visit is.
    pub(super) fn find(mut self, is_it: impl Fn(&Visit) -> bool) -> Option<Vec<Visit>> {
        let last = self.run_to(u32::MAX, is_it)?;
        Some(chain(&self.visits, last))
    }

    fn run_to(&mut self, depth_max: u32, is_end: impl Fn(&Visit) -> bool) -> Option<usize> {
        let mut next = 0;
        while let Some(visit) = self.visits.get(next).copied() {
            if is_end(&visit) {
                return Some(next);
            }
            if visit.distance < depth_max {
                self.leave_within(visit.far, visit.distance + 1, next as u32);
                self.leave_above(visit.far, visit.distance + 1, next as u32);
            }
            next += 1;
        }
        None
    }

    fn leave_within(&mut self, ix: ElementIx, distance: u32, before: u32) {
        let model = self.model;
        if let Some(end) = model.subtree_end(ix) {
            let mut at = ix;
            while at < end {
                if std::mem::replace(&mut self.opened[at.index()], true) {
                    // All in it was left with it.
                    at = model.subtree_end(at).unwrap_or(end);
                } else {
                    self.leave(at, distance, before);
                    at = ElementIx(at.0 + 1);
                }
            }
            return;
        }
        self.open.push(ix);
        while let Some(ix) = self.open.pop() {
            if !std::mem::replace(&mut self.opened[ix.index()], true) {
                self.leave(ix, distance, before);
                self.open.extend(model.children(ix).iter().rev());
            }
        }
    }

    fn leave_above(&mut self, ix: ElementIx, distance: u32, before: u32) {
        let mut above = self.model.parent(ix);
        while let Some(ix) = above {
            if std::mem::replace(&mut self.climbed[ix.index()], true) {
                return;
            }
            self.leave(ix, distance, before);
            above = self.model.parent(ix);
        }
    }

    fn leave(&mut self, ix: ElementIx, distance: u32, before: u32) {
        if std::mem::replace(&mut self.left[ix.index()], true) {
            return;
        }
        let model = self.model;
        let both_ways = |(_, ends): &(RelationIx, Ends)| ends.bidirectional;
        match self.way {
            Way::Forth => {
                self.follow(ix, model.leaving(ix), distance, before);
                if model.has_both_ways() {
                    self.follow(ix, model.arriving(ix).filter(both_ways), distance, before);
                }
            }
            Way::Back => {
                self.follow(ix, model.arriving(ix), distance, before);
                if model.has_both_ways() {
                    self.follow(ix, model.leaving(ix).filter(both_ways), distance, before);
                }
            }
        }
    }

    fn follow(
        &mut self,
        ix: ElementIx,
        relations: impl Iterator<Item = (RelationIx, Ends)>,
        distance: u32,
        before: u32,
    ) {
        for (relation, ends) in relations {
            let far = ends.other(ix);
            let stays = before == FIRST && self.home.is_some_and(|home| self.model.is_within(far, home));
            if !stays && (self.wanted)(ends) {
                self.visits.push(Visit { relation, far, distance, before });
            }
        }
    }
}

/// The nearest first; what is as far keeps its order.
pub(super) fn by_distance<T: Copy>(rows: &[T], distance: impl Fn(&T) -> u32) -> Vec<T> {
    let Some(longest) = rows.iter().map(&distance).max() else { return Vec::new() };
    let mut free = vec![0_usize; longest as usize + 1];
    for row in rows {
        free[distance(row) as usize] += 1;
    }
    let mut next = 0;
    for place in &mut free {
        next += std::mem::replace(place, next);
    }
    let mut sorted = vec![rows[0]; rows.len()];
    for row in rows {
        let place = &mut free[distance(row) as usize];
        sorted[*place] = *row;
        *place += 1;
    }
    sorted
}

/// The visits that lead to one, in the order of the walk.
fn chain(visits: &[Visit], last: usize) -> Vec<Visit> {
    let mut chain: Vec<Visit> =
        std::iter::successors(Some(visits[last]), |visit| visit.before().map(|at| visits[at])).collect();
    chain.reverse();
    chain
}

/// Where a chain may go on: the element, all in it, and what it is part of.
pub(super) fn comparable(model: &Model, ix: ElementIx) -> impl Iterator<Item = ElementIx> {
    model.subtree(ix).into_iter().chain(model.ancestry(ix).skip(1))
}

/// Which elements are in another, which it is part of, and it itself.
pub(super) fn comparable_mask(model: &Model, ix: ElementIx) -> Vec<bool> {
    let mut mask = vec![false; model.elements.len()];
    for ix in comparable(model, ix) {
        mask[ix.index()] = true;
    }
    mask
}
