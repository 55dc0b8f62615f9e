//! The layered drawing of nested boxes: cycles, layers, chains, order, coordinates, channels, routes, in this order.

mod chain;
mod channel;
mod coordinate;
pub(crate) mod corner;
mod cycle;
pub(crate) mod graph;
mod heading;
mod order;
mod rank;
pub(crate) mod route;
mod simplex;

use crate::space;
use graph::{Graph, Kind};

/// Places all nodes and routes all edges of a graph.
pub(crate) fn run(graph: &mut Graph) {
    rank::assign(graph);
    chain::build(graph);
    make_room(graph);
    order::arrange(graph);
    coordinate::assign(graph);
    for last in [false, true] {
        if heading::place(graph, last) {
            break;
        }
        // Some headings had no room beside the edges; now they demand it.
        coordinate::assign(graph);
    }
    heading::place(graph, false);
    channel::assign(graph);
}

/// Widens boxes with many edges at one side until these can leave it side by side, each straight to where it goes.
fn make_room(graph: &mut Graph) {
    for id in 0..graph.nodes.len() as u32 {
        let node = graph.node(id);
        if node.kind != Kind::Leaf || !node.stretches {
            continue;
        }
        let room = |ports: &[u32]| match ports {
            [] | [_] => 0,
            ports => ports.iter().map(|port| graph.port(*port).beside.max(space::PORT_GAP)).sum(),
        };
        let inset = node.w - (node.port_range.1 - node.port_range.0);
        let wanted = (room(&node.top).max(room(&node.bottom)) + inset).min(space::STRETCH_MOST);
        let more = (wanted - node.w).max(0);
        let node = graph.node_mut(id);
        node.w += more;
        node.port_range.1 += more;
    }
}
