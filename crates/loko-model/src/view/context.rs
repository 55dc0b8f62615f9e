//! The context of a system or person: it and whoever relates to it or to something in it.

use super::around::{around, outward};
use super::{View, ViewKind};
use crate::{ElementIx, Kind, Model};
use loko_diagram::Board;

/// The context of an outermost element, if anybody relates to it.
pub(super) fn view(model: &Model, ix: ElementIx) -> Option<View> {
    let element = model.element(ix);
    if !matches!(element.kind, Kind::Person | Kind::System) || outward(model, ix).is_empty() {
        return None;
    }
    let title = match element.kind {
        Kind::Person => format!("What {} uses", element.name),
        _ => format!("System context of {}", element.name),
    };
    let d2 = element.d2.as_ref().filter(|_| element.kind == Kind::Person);
    Some(View::of(model, ViewKind::Context, ix, title).or_d2(d2))
}

/// Draws an element closed, among its neighbours.
pub(super) fn board(model: &Model, scope: ElementIx) -> Board {
    around(model, scope, false)
}
