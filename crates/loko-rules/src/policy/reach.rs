//! Which elements reach a group of elements by chains of relations, and how.
//!
//! A breadth-first search from the group backwards. A chain goes on where one relation ended: at that very element, at
//! something inside it, or at what it is part of, as questions do ([`loko_model::query`]). Each relation is followed at
//! most once; the search takes time linear in the size of the model.

use loko_model::{ElementIx, Model, RelationIx};

/// The answer of a search.
pub(super) struct Reach {
    /// For each element the first relation of a shortest chain, and how many relations that chain has.
    first: Vec<Option<(RelationIx, u32)>>,
    /// For each relation the one after it in that chain.
    after: Vec<Option<RelationIx>>,
}

impl Reach {
    /// Searches back from a group, over the relations that are wanted.
    pub(super) fn of(model: &Model, group: &[bool], wanted: &[bool]) -> Self {
        let mut search = Search {
            model,
            wanted,
            left: vec![false; model.elements.len()],
            queue: Vec::new(),
            after: vec![None; model.relations.len()],
        };
        for ix in model.ids().filter(|ix| group[ix.index()]) {
            search.leave(ix, 1, None);
        }
        let mut first: Vec<Option<(RelationIx, u32)>> = vec![None; model.elements.len()];
        let mut next = 0;
        while let Some((relation, near, hops)) = search.queue.get(next).copied() {
            for ix in model.ancestry(near) {
                first[ix.index()].get_or_insert((relation, hops));
            }
            for ix in model.subtree(near).into_iter().chain(model.ancestry(near).skip(1)) {
                search.leave(ix, hops + 1, Some(relation));
            }
            next += 1;
        }
        Self { first, after: search.after }
    }

    /// How many relations the shortest chain from an element has.
    pub(super) fn hops(&self, ix: ElementIx) -> Option<u32> {
        self.first[ix.index()].map(|(_, hops)| hops)
    }

    /// The relations of a shortest chain from an element.
    pub(super) fn chain(&self, ix: ElementIx) -> Vec<RelationIx> {
        let first = self.first[ix.index()].map(|(relation, _)| relation);
        std::iter::successors(first, |relation| self.after[relation.index()]).collect()
    }
}

struct Search<'m> {
    model: &'m Model,
    wanted: &'m [bool],
    /// Elements whose incoming relations were followed.
    left: Vec<bool>,
    /// Relations with the end they come from and the length of the chain from there.
    queue: Vec<(RelationIx, ElementIx, u32)>,
    after: Vec<Option<RelationIx>>,
}

impl Search<'_> {
    fn leave(&mut self, ix: ElementIx, hops: u32, after: Option<RelationIx>) {
        if std::mem::replace(&mut self.left[ix.index()], true) {
            return;
        }
        let model = self.model;
        let incoming = model.incoming(ix).iter().map(|at| (*at, model.relation(*at).source));
        let both = model.outgoing(ix).iter().filter(|at| model.relation(**at).bidirectional);
        for (relation, near) in incoming.chain(both.map(|at| (*at, model.relation(*at).target))) {
            let is_new = self.after[relation.index()].is_none() && Some(relation) != after;
            if self.wanted[relation.index()] && is_new {
                self.after[relation.index()] = after;
                self.queue.push((relation, near, hops));
            }
        }
    }
}
