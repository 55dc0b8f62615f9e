//! Rows of tables: an edge that ends at a row meets the table's left or right side at the row's height.
//!
//! Its port then lies beside the box, so that the edge comes down (or up) past the box and turns in. Which side that is
//! follows from the order of the edges at the upper and lower side: those on the left end on the left. Rows whose edges have
//! labels at this end keep them at the upper and lower side, where these have room.

use super::graph::{Graph, Kind, NONE};
use crate::space;

/// From the side of a box to the first edge beside it: room for an arrowhead and a round corner.
const FIRST: i32 = 24;

/// Gives the ports of edges to rows their places beside the boxes; the order of ports must be known.
pub(crate) fn assign(graph: &mut Graph) {
    for node in 0..graph.nodes.len() as u32 {
        if graph.node(node).kind == Kind::Leaf {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            for is_top in [false, true] {
                share_out(graph, node, is_top, &mut left, &mut right);
            }
            let last = |ports: &[u32]| FIRST + (ports.len() as i32 - 1) * space::EDGE_GAP;
            let width = graph.node(node).w;
            for (at, port) in left.iter().enumerate() {
                graph.port_mut(*port).fixed = Some(-FIRST - at as i32 * space::EDGE_GAP);
            }
            for (at, port) in right.iter().enumerate() {
                graph.port_mut(*port).fixed = Some(width + FIRST + at as i32 * space::EDGE_GAP);
            }
            let inner = graph.node_mut(node);
            if !left.is_empty() {
                inner.before = last(&left);
            }
            if !right.is_empty() {
                inner.beside = inner.beside.max(last(&right));
            }
        }
    }
}

/// Adds the ports of one side of a box that lead to rows to those on the left (the innermost first) and on the right.
fn share_out(graph: &Graph, node: u32, is_top: bool, left: &mut Vec<u32>, right: &mut Vec<u32>) {
    let inner = graph.node(node);
    let ports = if is_top { &inner.top } else { &inner.bottom };
    let rows: Vec<u32> = ports.iter().copied().filter(|port| row(graph, *port).is_some()).collect();
    if rows.is_empty() {
        return;
    }
    let half = match rows[..] {
        _ if inner.beside > 0 => rows.len(),
        [port] => usize::from(leads_left(graph, node, port, is_top)),
        _ => rows.len() / 2,
    };
    left.extend(rows[..half].iter().rev());
    right.extend(&rows[half..]);
}

/// Whether the other end of a single edge lies to the left, as far as the order of layers tells.
fn leads_left(graph: &Graph, node: u32, port: u32, is_top: bool) -> bool {
    let other = if is_top { graph.port(port).up } else { graph.port(port).down };
    if other == NONE {
        return false;
    }
    let share = |node: u32| {
        let parent = graph.node(graph.node(node).parent);
        let layer = parent.layers.get(graph.node(node).layer as usize)?;
        let at = layer.iter().position(|item| *item == node)?;
        Some((2 * at as i64 + 1) * 1_000 / (2 * layer.len() as i64))
    };
    share(graph.port(other).node).zip(share(node)).is_some_and(|(there, here)| there < here)
}

/// The height of the row at which the edge of a port ends, from the upper side of the box.
pub(crate) fn row(graph: &Graph, port: u32) -> Option<i32> {
    let (at, data) = (graph.port(port), &graph.edges[graph.port(port).edge as usize]);
    if at.up != NONE && at.down != NONE {
        return None;
    }
    let end = usize::from((at.up == NONE) == data.flipped);
    data.rows[end].filter(|_| data.end_labels[end].0 == 0)
}
