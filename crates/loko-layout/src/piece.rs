//! A finished part of a drawing, with its own origin.

use loko_diagram::{EdgeId, Lifeline, ObjectId, PlacedEdge, PlacedObject, Point, Rect, Size};

/// Objects and edges that were placed together; all of it lies between the origin and `size`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    pub(crate) size: Size,
    pub(crate) objects: Vec<(ObjectId, PlacedObject)>,
    pub(crate) edges: Vec<(EdgeId, PlacedEdge)>,
    pub(crate) lifelines: Vec<Lifeline>,
    /// Edges that can be routed only when everything is in its place.
    pub(crate) loose: Vec<EdgeId>,
}

impl Piece {
    /// Takes in all of another piece with its origin at a point; the size stays.
    pub(crate) fn absorb(&mut self, other: Self, at: Point) {
        let (dx, dy) = (at.x, at.y);
        self.objects.extend(other.objects.into_iter().map(|(id, object)| (id, shift_object(object, dx, dy))));
        self.edges.extend(other.edges.into_iter().map(|(id, edge)| (id, shift_edge(edge, dx, dy))));
        self.lifelines.extend(other.lifelines.into_iter().map(|line| Lifeline {
            from: line.from.shift(dx, dy),
            to: line.to.shift(dx, dy),
            ..line
        }));
        self.loose.extend(other.loose);
    }

    /// Moves the content and grows the size so that all content lies inside.
    pub(crate) fn fit(&mut self) {
        let mut bounds: Option<Rect> = None;
        let mut add = |rect: Rect| bounds = Some(bounds.map_or(rect, |known| known.union(rect)));
        for (_, object) in &self.objects {
            add(object.rect);
            if !object.label.size().is_zero() {
                add(object.label);
            }
        }
        for (_, edge) in &self.edges {
            edge.route.iter().for_each(|point| add(Rect::new(point.x, point.y, 0.0, 0.0)));
            [edge.label, edge.src_label, edge.dst_label].into_iter().flatten().for_each(&mut add);
        }
        for line in &self.lifelines {
            add(Rect::new(line.to.x, line.to.y, 0.0, 0.0));
        }
        let Some(bounds) = bounds else { return };
        let whole = std::mem::take(self);
        self.absorb(whole, Point::new(-bounds.x, -bounds.y));
        self.size = bounds.size();
    }
}

pub(crate) fn shift_object(object: PlacedObject, dx: f64, dy: f64) -> PlacedObject {
    PlacedObject {
        rect: object.rect.shift(dx, dy),
        label: object.label.shift(dx, dy),
        icon: object.icon.map(|icon| icon.shift(dx, dy)),
        is_container: object.is_container,
    }
}

pub(crate) fn shift_edge(edge: PlacedEdge, dx: f64, dy: f64) -> PlacedEdge {
    let shift = |rect: Option<Rect>| rect.map(|rect| rect.shift(dx, dy));
    PlacedEdge {
        route: edge.route.into_iter().map(|point| point.shift(dx, dy)).collect(),
        curve: edge.curve,
        label: shift(edge.label),
        src_label: shift(edge.src_label),
        dst_label: shift(edge.dst_label),
    }
}
