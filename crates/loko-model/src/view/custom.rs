//! Hand-written views: a D2 file beside an element stands for the automatic view of that element.
//!
//! `system.d2` stands for the view of the system's containers, `container.d2` for that of the container's components,
//! `component.d2` for one of the component alone, `person.d2` for the person's context, and `context.d2` in the source
//! folder for the landscape. Imports are read from the same snapshot.
//!
//! A box that is an element, by its key or label ([`Model::resolve_box`]), leads to that element's page unless it leads
//! somewhere already (one around others that is the view's own element leads one level up), and wears the element's C4
//! notation as far as its D2 says nothing else: whoever draws by hand decides what is shown and where, and need not repeat
//! what the model knows.
//!
//! The files that the Go loko made say `description: …` and `technology: …` inside boxes, as if D2 knew these words. D2
//! alone would draw boxes of them; here they are what is said of the box that they stand in.

use super::{View, ViewKind, ViewSource, notation, up};
use crate::{Element, ElementIx, Model, Resolution, load};
use loko_d2::ImportResolver;
use loko_diagram::{Board, Content, Diagram, Object, ObjectId, Shape, TextKind};
use loko_source::{Diagnostic, FilePath, Snapshot};

/// The name of the landscape's hand-written diagram, in the source folder.
pub const CONTEXT_FILE: &str = "context.d2";

/// The view of a component, which only somebody's D2 makes one.
pub(super) fn view_of_component(model: &Model, ix: ElementIx) -> Option<View> {
    let element = model.element(ix);
    let path = element.d2.as_ref()?;
    Some(View::of(model, ViewKind::Component, ix, element.name.clone()).or_d2(Some(path)))
}

/// The D2 file that a view is drawn from, if there is one.
///
/// Whether the landscape has one is known only here: `views` does not see the files.
pub fn source(model: &Model, snapshot: &Snapshot, view: &View) -> Option<FilePath> {
    match (&view.source, view.kind) {
        (ViewSource::D2(path), _) => Some(path.clone()),
        (ViewSource::Automatic, ViewKind::Landscape) => FilePath::below(&model.project.source, CONTEXT_FILE)
            .ok()
            .filter(|path| snapshot.source(path.as_str()).is_some()),
        (ViewSource::Automatic, _) => None,
    }
}

/// Compiles a hand-written view. Nothing when the file is gone or draws nothing; else the diagram, or what is wrong.
pub(super) fn diagram(
    model: &Model,
    snapshot: &Snapshot,
    scope: Option<ElementIx>,
    path: &FilePath,
) -> Option<Result<Diagram, Vec<Diagnostic>>> {
    let text = snapshot.text(path.as_str())?;
    let compiled = loko_d2::compile(text, path, &Imports(snapshot));
    if !compiled.is_valid() {
        let told = compiled.errors.into_iter().map(|error| load::finding_of_d2(&error.path, error.error));
        return Some(Err(told.collect()));
    }
    let mut diagram = compiled.diagram;
    let is_empty = diagram.root.objects.is_empty() && diagram.root.boards().next().is_none();
    link(model, scope, &mut diagram.root);
    (!is_empty).then_some(Ok(diagram))
}

/// The texts of a snapshot, for imports.
struct Imports<'s>(&'s Snapshot);

impl ImportResolver for Imports<'_> {
    fn read(&self, path: &FilePath) -> Result<String, String> {
        self.0.text(path.as_str()).map(str::to_owned).ok_or_else(|| "no such file".to_owned())
    }
}

/// Lets the boxes that are elements lead to their pages, on this board and those below.
fn link(model: &Model, owner: Option<ElementIx>, board: &mut Board) {
    let said = take_sayings(model, board);
    let mut elements: Vec<Option<ElementIx>> = Vec::with_capacity(board.objects.len());
    let holds_others = holders(board);
    let is_sequence = board.shape == Some(Shape::SequenceDiagram)
        || board.objects.iter().any(|object| object.shape == Shape::SequenceDiagram);
    for (at, object) in board.objects.iter_mut().enumerate() {
        // A parent stands before its children.
        let outer = object.parent.and_then(|parent| elements[parent.index()]);
        let names = [object.key.as_str(), object.label.text.as_str()];
        let mut names = names.into_iter().filter(|name| !name.is_empty());
        let element = names.find_map(|name| match model.resolve_box(owner, outer, name) {
            Resolution::Found(ix) => Some(ix),
            Resolution::Ambiguous(_) | Resolution::Unknown => None,
        });
        drop(names);
        elements.push(element);
        if let Some(ix) = element.filter(|_| !is_sequence) {
            dress(model.element(ix), holds_others[at], object);
        }
        match element {
            Some(ix) if Some(ix) != owner => {
                object.link.get_or_insert_with(|| format!("element:{}", model.element(ix).id));
            }
            Some(ix) if holds_others[at] => {
                object.link.get_or_insert_with(|| up(model, ix));
            }
            _ => {}
        }
    }
    for (of, text) in said {
        board.objects[of.index()].tooltip.get_or_insert(text);
    }
    for below in board.layers.iter_mut().chain(&mut board.scenarios).chain(&mut board.steps) {
        link(model, owner, below);
    }
}

/// The words that say something of the box in which they stand.
const SAYINGS: [&str; 2] = ["description", "technology"];

/// Takes the boxes out that are no boxes but something said of the box around them; tells what is said of which.
fn take_sayings(model: &Model, board: &mut Board) -> Vec<(ObjectId, String)> {
    let holds_others = holders(board);
    let is_end = |id: ObjectId| board.edges.iter().any(|edge| edge.src == id || edge.dst == id);
    let is_element = |key: &str| model.elements.iter().any(|element| element.id.rsplit('/').next() == Some(key));
    let taken: Vec<bool> = board
        .ids()
        .map(|id| {
            let object = board.object(id);
            let is_said = object.parent.is_some() && SAYINGS.contains(&object.key.as_str());
            // Who gives it a look, an arrow or parts means a box.
            is_said
                && object.label.text != object.key
                && is_plain(object)
                && object.shape == Shape::Rectangle
                && !holds_others[id.index()]
                && !is_end(id)
                && !is_element(&object.key)
        })
        .collect();
    if !taken.contains(&true) {
        return Vec::new();
    }
    let mut left = 0;
    let places: Vec<ObjectId> = taken
        .iter()
        .map(|is_taken| {
            let place = ObjectId(left);
            left += u32::from(!is_taken);
            place
        })
        .collect();
    let mut said: Vec<(ObjectId, String)> = Vec::new();
    for (object, is_taken) in std::mem::take(&mut board.objects).into_iter().zip(&taken) {
        let at = |id: ObjectId| places[id.index()];
        if !is_taken {
            board.objects.push(Object { parent: object.parent.map(at), scope: object.scope.map(at), ..object });
            continue;
        }
        let Some(of) = object.parent.map(at).filter(|_| !object.label.text.is_empty()) else { continue };
        match said.iter_mut().find(|(other, _)| *other == of) {
            Some((_, text)) => *text = format!("{text}\n{}", object.label.text),
            None => said.push((of, object.label.text)),
        }
    }
    for edge in &mut board.edges {
        (edge.src, edge.dst) = (places[edge.src.index()], places[edge.dst.index()]);
        edge.scope = edge.scope.map(|id| places[id.index()]);
    }
    said
}

/// Which objects hold others.
fn holders(board: &Board) -> Vec<bool> {
    let mut holders = vec![false; board.objects.len()];
    for parent in board.objects.iter().filter_map(|object| object.parent) {
        holders[parent.index()] = true;
    }
    holders
}

/// Gives a box the notation of its element, unless its D2 gave it a look or text of its own; a shape that was chosen stays.
fn dress(element: &Element, holds_others: bool, object: &mut Object) {
    if !is_plain(object)
        || matches!(object.shape, Shape::Text | Shape::Code | Shape::Class | Shape::SqlTable | Shape::Image)
    {
        return;
    }
    let model = if holds_others { notation::boundary(element, None) } else { notation::object(element, None) };
    // A label that nobody wrote is the key.
    if object.label.text == object.key {
        object.label = model.label;
    }
    if object.shape == Shape::Rectangle {
        object.shape = model.shape;
    }
    object.notation = model.notation;
    object.tooltip = object.tooltip.take().or(model.tooltip);
}

/// Whether its D2 gives a box no look of its own but for its shape.
fn is_plain(object: &Object) -> bool {
    object.style.is_empty()
        && object.classes.is_empty()
        && object.icon.is_none()
        && object.content == Content::None
        && object.label.kind == TextKind::Plain
}
