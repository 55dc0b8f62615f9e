//! Dynamic views: who takes part in a situation, and what they do in which order; also as a sequence diagram.
//!
//! Everybody stands at their own level, inside the borders of what they are part of, as long as that does not take
//! part itself. Nothing is merged or left out: each step is an edge, numbered.

use super::label::DASH;
use super::{View, ViewKind, ViewSource, notation};
use crate::{DynamicView, ElementIx, Model, RelationKind, Step};
use indexmap::IndexSet;
use loko_diagram::{Board, Edge, ObjectId, Shape, Text};
use rustc_hash::FxHashMap;

/// One view for each dynamic view with steps, and one more for those that are wanted as sequences too.
pub(super) fn views(model: &Model) -> impl Iterator<Item = View> {
    let shown = model.dynamics.iter().enumerate().filter(|(_, dynamic)| !dynamic.steps.is_empty());
    shown.flat_map(|(at, dynamic)| {
        let plain = view(at, dynamic, ViewKind::Dynamic, dynamic.name.clone());
        let sequence = || view(at, dynamic, ViewKind::Sequence, format!("{} (sequence)", dynamic.name));
        std::iter::once(plain).chain(dynamic.sequence.then(sequence))
    })
}

fn view(at: usize, dynamic: &DynamicView, kind: ViewKind, title: String) -> View {
    View {
        key: format!("{}/{}", kind.name(), dynamic.id),
        kind,
        title,
        description: dynamic.description.clone(),
        scope: dynamic.scope,
        source: ViewSource::Automatic,
        at,
    }
}

/// Draws the steps between boxes.
pub(super) fn board(model: &Model, dynamic: &DynamicView) -> Board {
    let mut stage = Stage { model, actors: actors(dynamic), board: Board::default(), placed: FxHashMap::default() };
    for ix in stage.actors.clone() {
        stage.actor(ix);
    }
    add_steps(&mut stage.board, &stage.placed, dynamic);
    stage.board
}

/// Draws the steps as a sequence: actors side by side in the order of their first appearance.
pub(super) fn sequence(model: &Model, dynamic: &DynamicView) -> Board {
    let mut board = Board { shape: Some(Shape::SequenceDiagram), ..Board::default() };
    let mut placed = FxHashMap::default();
    for ix in actors(dynamic) {
        placed.insert(ix, board.push(notation::object(model.element(ix), None)));
    }
    add_steps(&mut board, &placed, dynamic);
    board
}

/// Who takes part, in the order of their first appearance.
fn actors(dynamic: &DynamicView) -> IndexSet<ElementIx> {
    dynamic.steps.iter().flat_map(|step| [step.source, step.target]).collect()
}

/// A dynamic view in the making.
struct Stage<'m> {
    model: &'m Model,
    actors: IndexSet<ElementIx>,
    board: Board,
    placed: FxHashMap<ElementIx, ObjectId>,
}

impl Stage<'_> {
    fn actor(&mut self, ix: ElementIx) {
        let parent = self.border_around(ix);
        let id = self.board.push(notation::object(self.model.element(ix), parent));
        self.placed.insert(ix, id);
    }

    /// The border of the nearest whole that does not act itself; drawn when it is first needed.
    fn border_around(&mut self, ix: ElementIx) -> Option<ObjectId> {
        let model = self.model;
        let whole = model.ancestry(ix).skip(1).find(|above| !self.actors.contains(above))?;
        if let Some(id) = self.placed.get(&whole) {
            return Some(*id);
        }
        let parent = self.border_around(whole);
        let id = self.board.push(notation::boundary(model.element(whole), parent));
        self.placed.insert(whole, id);
        Some(id)
    }
}

fn add_steps(board: &mut Board, placed: &FxHashMap<ElementIx, ObjectId>, dynamic: &DynamicView) {
    let mut alike: FxHashMap<(ObjectId, ObjectId), u32> = FxHashMap::default();
    for (at, step) in dynamic.steps.iter().enumerate() {
        let mut edge = step_edge(step, placed[&step.source], placed[&step.target]);
        let before = alike.entry((edge.src, edge.dst)).or_default();
        edge.index = *before;
        *before += 1;
        edge.key = format!("step-{}", at + 1);
        board.edges.push(edge);
    }
}

fn step_edge(step: &Step, src: ObjectId, dst: ObjectId) -> Edge {
    let mut edge = Edge::new(src, dst);
    edge.label = Text::plain(match step.description.trim() {
        "" => step.number.clone(),
        said => format!("{}: {said}", step.number),
    });
    edge.technology = notation::filled(&step.technology);
    edge.classes.push(step.kind.name().to_owned());
    if step.response {
        edge.classes.push("response".to_owned());
    }
    if step.response || step.kind != RelationKind::Sync {
        edge.style.stroke_dash = Some(DASH);
    }
    edge.place = Some(step.place.clone());
    edge
}
