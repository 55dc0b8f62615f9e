//! A view in the making: elements are placed first, then relations are lifted to what was placed and merged.

use super::label::{self, Drawn};
use super::{notation, up};
use crate::{ElementIx, Model, RelationIx};
use indexmap::{IndexMap, IndexSet};
use loko_diagram::{Board, ObjectId};
use rustc_hash::FxHashMap;

/// A board that grows.
pub(super) struct Sketch<'m> {
    model: &'m Model,
    board: Board,
    placed: FxHashMap<ElementIx, ObjectId>,
    drawn: IndexMap<(ObjectId, ObjectId, bool), Vec<Drawn>>,
}

impl<'m> Sketch<'m> {
    /// An empty board.
    pub(super) fn new(model: &'m Model) -> Self {
        Self { model, board: Board::default(), placed: FxHashMap::default(), drawn: IndexMap::new() }
    }

    /// The model.
    pub(super) fn model(&self) -> &'m Model {
        self.model
    }

    /// Places an element as a closed box.
    pub(super) fn place(&mut self, ix: ElementIx, parent: Option<ObjectId>) -> ObjectId {
        let id = self.board.push(notation::object(self.model.element(ix), parent));
        self.placed.insert(ix, id);
        id
    }

    /// Places the element that the view is of as a closed box; since one is at its page already, it leads up.
    pub(super) fn place_scope(&mut self, ix: ElementIx, parent: Option<ObjectId>) -> ObjectId {
        let id = self.place(ix, parent);
        self.board.objects[id.index()].link = Some(up(self.model, ix));
        id
    }

    /// Places an element as a border around others.
    pub(super) fn enclose(&mut self, ix: ElementIx, parent: Option<ObjectId>) -> ObjectId {
        let id = self.board.push(notation::boundary(self.model.element(ix), parent));
        self.placed.insert(ix, id);
        id
    }

    /// Places the element that the view is of as a border; since one is at its page already, it leads up.
    pub(super) fn enclose_scope(&mut self, ix: ElementIx, parent: Option<ObjectId>) -> ObjectId {
        let id = self.enclose(ix, parent);
        self.board.objects[id.index()].link = Some(up(self.model, ix));
        id
    }

    /// Draws a border around others that takes no relations: it only says what they are part of.
    pub(super) fn surround(&mut self, ix: ElementIx, parent: Option<ObjectId>) -> ObjectId {
        self.board.push(notation::boundary(self.model.element(ix), parent))
    }

    /// Draws relations between the nearest shown elements that hold their ends.
    pub(super) fn relate(&mut self, relations: impl IntoIterator<Item = RelationIx>) {
        for ix in relations {
            let relation = self.model.relation(ix);
            let (Some(source), Some(target)) = (self.shown(relation.source), self.shown(relation.target)) else {
                continue;
            };
            let (src, dst) = (source.0, target.0);
            if src == dst || self.holds(src, dst) || self.holds(dst, src) {
                continue;
            }
            let drawn = Drawn { relation: ix, exact: source.1 && target.1 };
            let (forth, back) = ((src, dst, relation.bidirectional), (dst, src, true));
            let key = if relation.bidirectional && self.drawn.contains_key(&back) { back } else { forth };
            self.drawn.entry(key).or_default().push(drawn);
        }
    }

    /// The finished board.
    pub(super) fn finish(mut self) -> Board {
        let told = self.told_more_exactly();
        for (key, drawn) in &self.drawn {
            if !told.contains(key) {
                // What takes a step back is another line than the step.
                let (back, forth): (Vec<Drawn>, Vec<Drawn>) =
                    drawn.iter().partition(|it| label::undoes(self.model.relation(it.relation)));
                let lines = [forth, back].into_iter().filter(|lines| !lines.is_empty());
                let ends = (key.0, key.1);
                self.board.edges.extend(lines.map(|lines| label::edge(self.model, ends, &lines)));
            }
        }
        self.board
    }

    /// The object that shows an element, and whether it is the element itself.
    fn shown(&self, ix: ElementIx) -> Option<(ObjectId, bool)> {
        self.model.ancestry(ix).find_map(|above| self.placed.get(&above).map(|id| (*id, above == ix)))
    }

    /// The object and the borders around it, inside first.
    fn borders(&self, id: ObjectId) -> impl Iterator<Item = ObjectId> {
        std::iter::successors(Some(id), |id| self.board.object(*id).parent)
    }

    fn holds(&self, outer: ObjectId, inner: ObjectId) -> bool {
        self.borders(inner).any(|id| id == outer)
    }

    /// Edges to or from a border that another edge says more exactly, by something inside it: when a customer uses the
    /// web shop, that the customer uses the system needs no line of its own.
    fn told_more_exactly(&self) -> IndexSet<(ObjectId, ObjectId, bool)> {
        let mut told = IndexSet::new();
        for (src, dst, both) in self.drawn.keys() {
            for around_src in self.borders(*src) {
                for around_dst in self.borders(*dst) {
                    if (around_src, around_dst) == (*src, *dst) {
                        continue;
                    }
                    told.insert((around_src, around_dst, false));
                    if *both {
                        told.insert((around_src, around_dst, true));
                        told.insert((around_dst, around_src, true));
                        told.insert((around_dst, around_src, false));
                    }
                }
            }
        }
        told
    }
}
