//! The components of a container: the container as a boundary, its components inside, and outside whoever relates to
//! them: sibling containers (then inside the system's boundary), and people and other systems as wholes.

use super::around::around;
use super::{View, ViewKind};
use crate::{ElementIx, Model};
use loko_diagram::Board;

/// The inside of a container, if it has one or somebody drew one.
pub(super) fn view(model: &Model, ix: ElementIx) -> Option<View> {
    let element = model.element(ix);
    let shown = !model.children(ix).is_empty() || element.d2.is_some();
    let title = format!("Components of {}", element.name);
    shown.then(|| View::of(model, ViewKind::Components, ix, title).or_d2(element.d2.as_ref()))
}

/// Draws a container opened, among its neighbours.
pub(super) fn board(model: &Model, scope: ElementIx) -> Board {
    around(model, scope, true)
}
