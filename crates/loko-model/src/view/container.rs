//! The containers of a system: the system as a boundary, its containers inside, and outside whoever relates to them.
//!
//! What is outside appears as a whole: a container of another system is drawn as that system.

use super::around::around;
use super::{View, ViewKind};
use crate::{ElementIx, Model};
use loko_diagram::Board;

/// The inside of a system, if it has one or somebody drew one.
pub(super) fn view(model: &Model, ix: ElementIx) -> Option<View> {
    let element = model.element(ix);
    let shown = !model.children(ix).is_empty() || element.d2.is_some();
    let title = format!("Containers of {}", element.name);
    shown.then(|| View::of(model, ViewKind::Containers, ix, title).or_d2(element.d2.as_ref()))
}

/// Draws a system opened, among its neighbours.
pub(super) fn board(model: &Model, scope: ElementIx) -> Board {
    around(model, scope, true)
}
