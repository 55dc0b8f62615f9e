//! Trunks: many edges that leave a box side by side, or reach it so, and look alike share the way next to it.
//!
//! The edges of a trunk meet the box at one port and turn off at one height, like the branches of an organisation chart.
//! Only neighbours in the order of a side can do that, and only a good number of them makes a trunk: a few lines are
//! easier to follow one by one.

use super::graph::{Graph, Kind, NONE};

/// The least number of edges in a trunk.
const LEAST: usize = 8;

/// Finds the trunks of all boxes; the order of ports must be known.
pub(crate) fn find(graph: &mut Graph) {
    for node in 0..graph.nodes.len() as u32 {
        if graph.node(node).kind != Kind::Leaf {
            continue;
        }
        for is_upper_end in [true, false] {
            let inner = graph.node(node);
            let ports = if is_upper_end { &inner.bottom } else { &inner.top };
            if ports.len() < LEAST {
                continue;
            }
            let ports = ports.clone();
            let likeness = |port: &u32| likeness(graph, *port, is_upper_end);
            let runs: Vec<Vec<u32>> = ports
                .chunk_by(|one, other| likeness(one).is_some() && likeness(one) == likeness(other))
                .filter(|run| run.len() >= LEAST)
                .map(<[u32]>::to_vec)
                .collect();
            for run in runs {
                run.iter().for_each(|port| graph.port_mut(*port).trunk = run[0]);
            }
        }
    }
}

/// What edges must have in common to share the way at this end; nothing where the end has a place or a label of its own.
fn likeness(graph: &Graph, port: u32, is_upper_end: bool) -> Option<u32> {
    let port = graph.port(port);
    let edge = &graph.edges[port.edge as usize];
    let likeness = edge.likeness[usize::from(edge.flipped == is_upper_end)];
    (likeness != NONE && port.fixed.is_none() && port.beside == 0).then_some(likeness)
}
