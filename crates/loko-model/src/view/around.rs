//! One element, opened or closed, among its neighbours: what the context, container and component views share.
//!
//! Only relations that touch the element or something in it are shown; how neighbours relate to each other is the
//! business of the views above.

use super::sketch::Sketch;
use crate::{ElementIx, Kind, Model, RelationIx};
use loko_diagram::{Board, ObjectId};
use std::collections::BTreeSet;

/// Draws an element among its neighbours, its direct parts shown when it is opened.
pub(super) fn around(model: &Model, scope: ElementIx, open: bool) -> Board {
    let touching = touching(model, scope);
    let neighbours = neighbours(model, scope, &touching);
    let outermost = neighbours.iter().copied().filter(|ix| model.element(*ix).parent.is_none());
    let (people, systems): (Vec<ElementIx>, Vec<ElementIx>) =
        outermost.partition(|ix| model.element(*ix).kind == Kind::Person);

    let mut sketch = Sketch::new(model);
    for ix in people {
        sketch.place(ix, None);
    }
    let within = enclose(&mut sketch, scope, &neighbours);
    if open {
        let border = sketch.enclose_scope(scope, within);
        for part in model.children(scope) {
            sketch.place(*part, Some(border));
        }
    } else {
        sketch.place_scope(scope, within);
    }
    for external in [false, true] {
        for ix in systems.iter().filter(|ix| model.element(**ix).external == external) {
            sketch.place(*ix, None);
        }
    }
    sketch.relate(touching);
    sketch.finish()
}

/// Draws the borders that hold the element together with siblings of its own or of what it is part of, and those
/// siblings in them. Hands back the innermost border.
fn enclose(sketch: &mut Sketch<'_>, scope: ElementIx, neighbours: &BTreeSet<ElementIx>) -> Option<ObjectId> {
    let model = sketch.model();
    let mut above: Vec<ElementIx> = model.ancestry(scope).skip(1).collect();
    above.reverse();
    let holds_neighbour = |ix: &ElementIx| neighbours.iter().any(|it| model.element(*it).parent == Some(*ix));
    let needed = above.into_iter().skip_while(|ix| !holds_neighbour(ix));
    let mut within = None;
    for ix in needed {
        let border = sketch.enclose(ix, within);
        for sibling in neighbours.iter().filter(|it| model.element(**it).parent == Some(ix)) {
            sketch.place(*sibling, Some(border));
        }
        within = Some(border);
    }
    within
}

/// The relations of which an end lies in the element, in the model's order.
pub fn touching(model: &Model, scope: ElementIx) -> BTreeSet<RelationIx> {
    let mut touching = BTreeSet::new();
    for ix in model.subtree(scope) {
        touching.extend(model.outgoing(ix));
        touching.extend(model.incoming(ix));
    }
    touching
}

/// The relations that leave an element or come into it from outside.
pub(super) fn outward(model: &Model, scope: ElementIx) -> Vec<RelationIx> {
    let is_outward = |ix: &RelationIx| {
        let relation = model.relation(*ix);
        model.is_within(relation.source, scope) != model.is_within(relation.target, scope)
    };
    touching(model, scope).into_iter().filter(is_outward).collect()
}

/// The other ends of relations that leave an element, each as the largest whole that does not hold the element too.
fn neighbours(model: &Model, scope: ElementIx, touching: &BTreeSet<RelationIx>) -> BTreeSet<ElementIx> {
    let above: Vec<ElementIx> = model.ancestry(scope).collect();
    touching
        .iter()
        .map(|ix| model.relation(*ix))
        .flat_map(|relation| [relation.source, relation.target])
        .filter(|end| !model.is_within(*end, scope) && !above.contains(end))
        .filter_map(|end| model.ancestry(end).find(|ix| model.element(*ix).parent.is_none_or(|it| above.contains(&it))))
        .collect()
}
