//! The layered drawing of nested boxes: cycles, layers, chains, order, coordinates, channels, routes, in this order.

mod chain;
mod channel;
mod coordinate;
pub(crate) mod corner;
mod cycle;
mod fold;
pub(crate) mod graph;
mod heading;
mod jog;
mod order;
mod rank;
pub(crate) mod route;
mod side;
mod simplex;
mod trunk;

use crate::space;
use graph::{Graph, Kind};

/// Places of edges in layers that they pass, in one drawing; beyond that, layers show nothing any more.
const MOST_PASSED: i64 = 150_000;

/// How often boxes are made wider to have their edges straight, in a drawing with so many ports: each time costs
/// positions anew.
fn widenings(ports: usize) -> usize {
    match ports {
        0..=150 => 4,
        151..=1_200 => 1,
        _ => 0,
    }
}

/// How often small steps that are left are pressed upon, in a drawing with so many ports.
fn presses(ports: usize) -> usize {
    match ports {
        0..=150 => 3,
        151..=600 => 1,
        _ => 0,
    }
}

/// Places all nodes and routes all edges of a graph; gives up (false) if it may and edges would pass far too
/// many layers.
pub(crate) fn run(graph: &mut Graph, may_give_up: bool) -> bool {
    rank::assign(graph);
    let passed = |edge: &graph::Edge| {
        let count = graph.node(edge.level).layers.len() as i32;
        let (from, to) = rank::span(graph, edge.ordered(), count);
        i64::from((to - from).max(1))
    };
    let passed: i64 = graph.edges.iter().map(passed).sum();
    if may_give_up && passed > MOST_PASSED {
        return false;
    }
    // Where an edge passes a layer, there will be a node with a port.
    let more = usize::try_from(passed.min(MOST_PASSED)).unwrap_or_default();
    graph.nodes.reserve(more);
    graph.ports.reserve(more + 2 * graph.edges.len());
    chain::build(graph);
    order::arrange(graph);
    side::assign(graph);
    trunk::find(graph);
    make_room(graph);
    coordinate::assign(graph);
    for _ in 0..widenings(graph.ports.len()) {
        if !jog::widen(graph) {
            break;
        }
        coordinate::assign_again(graph);
    }
    for last in [false, true] {
        if heading::place(graph, last) {
            break;
        }
        // Some headings had no room beside the edges; now they demand it.
        coordinate::assign_again(graph);
    }
    heading::place(graph, false);
    jog::smooth(graph);
    press(graph);
    channel::assign(graph);
    true
}

/// Finds other positions for drawings with small steps, and keeps what is better.
fn press(graph: &mut Graph) {
    for _ in 0..presses(graph.ports.len()) {
        let Some(mut trial) = jog::pressed(graph) else { return };
        coordinate::assign_again(&mut trial);
        let has_room = heading::place(&mut trial, false);
        jog::smooth(&mut trial);
        if !has_room || jog::cost(&trial) >= jog::cost(graph) {
            return;
        }
        *graph = trial;
    }
}

/// About how wide and high the drawing of a graph will be.
pub(crate) fn estimate(mut graph: Graph) -> (i32, i32) {
    rank::assign(&mut graph);
    fold::extent(&graph, 0)
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
            ports => {
                let is_here = |port: u32| graph.port(port).leads(port) && side::row(graph, port).is_none();
                let apart = ports.iter().filter(|port| is_here(**port));
                apart.map(|port| graph.port(*port).beside.max(space::PORT_GAP)).sum()
            }
        };
        let inset = node.w - (node.port_range.1 - node.port_range.0);
        let wanted = (room(&node.top).max(room(&node.bottom)) + inset).min(space::STRETCH_MOST);
        let more = (wanted - node.w).max(0);
        let node = graph.node_mut(id);
        node.w += more;
        node.port_range.1 += more;
    }
}
