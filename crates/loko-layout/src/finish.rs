//! The last steps on the whole drawing: loose edges, ends on the outlines of shapes, the bounds.

use crate::piece::{Piece, shift_edge, shift_object};
use crate::reroute;
use crate::scope::Scope;
use loko_diagram::{Placed, PlacedEdge, PlacedObject, Point, Rect};

/// Makes the result of the whole board's piece.
pub(crate) fn finish(scope: &Scope<'_>, piece: Piece) -> Placed {
    let board = scope.board;
    let mut placed = Placed {
        objects: vec![PlacedObject::default(); board.objects.len()],
        edges: vec![PlacedEdge::default(); board.edges.len()],
        lifelines: piece.lifelines,
        bounds: Rect::default(),
    };
    for (id, object) in piece.objects {
        placed.objects[id.index()] = object;
    }
    for (id, edge) in piece.edges {
        placed.edges[id.index()] = edge;
    }
    reroute::add(scope, &mut placed, &piece.loose);
    keep_place(scope, &mut placed);
    placed.bounds = bounds(&placed);
    placed
}

/// Moves the whole so that most boxes stay where they were in the earlier drawing, if there was one.
fn keep_place(scope: &Scope<'_>, placed: &mut Placed) {
    let (mut dx, mut dy) = (Vec::new(), Vec::new());
    for id in scope.board.ids() {
        let middle = placed.objects[id.index()].rect.center();
        if let Some(before) = scope.hint(id) {
            dx.push(before.x - middle.x);
            dy.push(before.y - middle.y);
        }
    }
    let (Some(dx), Some(dy)) = (median(dx), median(dy)) else { return };
    for object in &mut placed.objects {
        *object = shift_object(*object, dx, dy);
    }
    for edge in &mut placed.edges {
        *edge = shift_edge(std::mem::take(edge), dx, dy);
    }
    for line in &mut placed.lifelines {
        (line.from, line.to) = (line.from.shift(dx, dy), line.to.shift(dx, dy));
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).map(|value| value.round())
}

fn bounds(placed: &Placed) -> Rect {
    let mut all: Option<Rect> = None;
    let mut add = |rect: Rect| all = Some(all.map_or(rect, |known| known.union(rect)));
    let dot = |point: Point| Rect::new(point.x, point.y, 0.0, 0.0);
    for object in &placed.objects {
        add(object.rect);
        add(object.label);
        object.icon.into_iter().for_each(&mut add);
    }
    for edge in &placed.edges {
        edge.route.iter().for_each(|point| add(dot(*point)));
        [edge.label, edge.src_label, edge.dst_label].into_iter().flatten().for_each(&mut add);
    }
    for line in &placed.lifelines {
        add(dot(line.from));
        add(dot(line.to));
    }
    all.unwrap_or_default()
}
