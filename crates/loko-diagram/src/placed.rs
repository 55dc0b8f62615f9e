//! A diagram with every position decided: absolute numbers, ready to be drawn.

use crate::{ObjectId, Point, Rect};
use serde::{Deserialize, Serialize};

/// A board's geometry; the vectors run along its objects and edges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// One for each object.
    pub objects: Vec<PlacedObject>,
    /// One for each edge.
    pub edges: Vec<PlacedEdge>,
    /// The life lines of sequence diagrams.
    pub lifelines: Vec<Lifeline>,
    /// The smallest rectangle that holds all boxes, routes and labels.
    pub bounds: Rect,
}

/// Where an object and its parts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlacedObject {
    /// The box.
    pub rect: Rect,
    /// The label's box; zero-sized when there is none.
    pub label: Rect,
    /// The icon's box, if it has one.
    pub icon: Option<Rect>,
    /// Whether other objects stand inside.
    pub is_container: bool,
}

/// The way of an edge and its labels' boxes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlacedEdge {
    /// Corners of a polyline, or with `curve` a chain of cubic Bézier pieces (1 + 3n points).
    pub route: Vec<Point>,
    /// Whether the route is a chain of cubic pieces.
    pub curve: bool,
    /// The label.
    pub label: Option<Rect>,
    /// The label beside the start.
    pub src_label: Option<Rect>,
    /// The label beside the end.
    pub dst_label: Option<Rect>,
}

/// A life line below an actor of a sequence diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lifeline {
    /// The actor.
    pub actor: ObjectId,
    /// Its upper end.
    pub from: Point,
    /// Its lower end.
    pub to: Point,
}
