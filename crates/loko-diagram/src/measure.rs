//! What has to be known of texts before anything is placed: sizes, in pixels, in the very font that will be drawn.

use crate::Size;
use serde::Serialize;

/// The sizes of a board's texts and boxes; the vectors run along its objects and edges.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measures {
    /// One for each object.
    pub objects: Vec<ObjectMeasure>,
    /// One for each edge.
    pub edges: Vec<EdgeMeasure>,
}

/// The sizes of one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ObjectMeasure {
    /// The size it takes as a leaf: label, icon and padding inside its shape, fixed sizes respected.
    pub size: Size,
    /// The size of its label alone (zero without one); a container shows it at its top.
    pub label: Size,
    /// The size of its icon (zero without one).
    pub icon: Size,
    /// The size of its tooltip, if that is shown beside it for good (zero otherwise).
    pub tooltip: Size,
    /// For tables and classes: the distance from the top to the middle of each row, the heading left out.
    pub row_centers: Vec<f64>,
}

/// The sizes of one edge's labels and heads; zero where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct EdgeMeasure {
    /// The label, technology included.
    pub label: Size,
    /// The label beside the start.
    pub src_label: Size,
    /// The label beside the end.
    pub dst_label: Size,
    /// How far the arrowhead at the start reaches along the line (zero without one).
    pub src_head: f64,
    /// The same at the end.
    pub dst_head: f64,
}
