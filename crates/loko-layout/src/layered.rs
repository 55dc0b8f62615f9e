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

use graph::Graph;

/// Places all nodes and routes all edges of a graph.
pub(crate) fn run(graph: &mut Graph) {
    rank::assign(graph);
    chain::build(graph);
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
