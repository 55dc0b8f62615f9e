//! Distances between things, in pixels, and the limits of effort.

/// Between boxes of one layer.
pub(crate) const NODE_GAP: i32 = 40;
/// Between a box and an edge that passes it.
pub(crate) const EDGE_NODE: i32 = 20;
/// Between edges that run side by side.
pub(crate) const EDGE_GAP: i32 = 14;
/// Between edges that leave a box side by side, where the box can be made wider.
pub(crate) const PORT_GAP: i32 = 24;
/// The width up to which boxes are made wider for their edges.
pub(crate) const STRETCH_MOST: i32 = 480;
/// Between a label and what is beside it.
pub(crate) const LABEL_GAP: i32 = 12;
/// Between two layers of boxes.
pub(crate) const LAYER_GAP: i32 = 48;
/// Between a layer of labels and the next one.
pub(crate) const LABEL_LAYER_GAP: i32 = 14;
/// From a box to the first sideways piece of an edge.
pub(crate) const TURN: i32 = 20;
/// From an arrowhead to where its line may turn.
pub(crate) const BEHIND_HEAD: i32 = 8;
/// Inside the border of a container.
pub(crate) const PAD: i32 = 28;
/// Around the heading of a container.
pub(crate) const HEADING: i32 = 10;
/// Between two parts of a drawing that are not connected.
pub(crate) const PART_GAP: i32 = 48;
/// Width of a loop beside its box.
pub(crate) const LOOP: i32 = 24;

/// Steps of network simplex for so many nodes: to the end for the usual sizes, cut off for giants.
pub(crate) fn pivots(nodes: usize) -> usize {
    if nodes <= 2_000 { 20 * nodes + 100 } else { (40_000_000 / nodes).min(20 * nodes) }
}
