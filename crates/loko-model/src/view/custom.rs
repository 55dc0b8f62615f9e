//! Hand-written views: a D2 file beside an element stands for the automatic view of that element.
//!
//! `system.d2` stands for the view of the system's containers, `container.d2` for that of the container's components,
//! `component.d2` for one of the component alone, `person.d2` for the person's context, and `context.d2` in the source
//! folder for the landscape. Imports are read from the same snapshot.
//!
//! A box that is an element, by its key or label ([`Model::resolve_box`]), leads to that element's page unless it leads
//! somewhere already.

use super::{View, ViewKind, ViewSource};
use crate::{ElementIx, Model};
use loko_d2::ImportResolver;
use loko_diagram::{Board, Diagram};
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
        return Some(Err(compiled.diagnostics()));
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
    let mut elements: Vec<Option<ElementIx>> = Vec::with_capacity(board.objects.len());
    for object in &mut board.objects {
        // A parent stands before its children.
        let outer = object.parent.and_then(|parent| elements[parent.index()]);
        let mut names = [object.key.as_str(), object.label.text.as_str()].into_iter().filter(|name| !name.is_empty());
        let element = names.find_map(|name| model.resolve_box(owner, outer, name));
        elements.push(element);
        if let Some(ix) = element.filter(|ix| Some(*ix) != owner) {
            object.link.get_or_insert_with(|| format!("element:{}", model.element(ix).id));
        }
    }
    for below in board.layers.iter_mut().chain(&mut board.scenarios).chain(&mut board.steps) {
        link(model, owner, below);
    }
}
