//! Routes: the chains of ports as polylines, in whole pixels.

use super::graph::{Graph, Kind, NONE};
use super::side;

/// The corners of an edge from its source to its target.
pub(crate) fn points(graph: &Graph, edge: u32) -> Vec<(i32, i32)> {
    let edge = &graph.edges[edge as usize];
    let mut points = Vec::new();
    for at in &edge.chain {
        let port = graph.port(*at);
        if port.up == NONE || port.down == NONE {
            let row = row_end(graph, *at);
            let height = row.map_or_else(|| end_height(graph, *at), |(_, y)| y);
            points.push((port.x, height));
            if let Some(end) = row {
                let first = port.up == NONE;
                points.insert(if first { 0 } else { points.len() }, end);
            }
        }
        if port.down != NONE {
            let x = graph.port(port.down).x;
            if x != port.x {
                points.push((port.x, port.bend));
                points.push((x, port.bend));
            }
        }
    }
    simplify(&mut points);
    if edge.flipped {
        points.reverse();
    }
    points
}

/// Where an edge that ends at a row meets the side of its box.
fn row_end(graph: &Graph, at: u32) -> Option<(i32, i32)> {
    let port = graph.port(at);
    let node = graph.node(port.node);
    let row = side::row(graph, at).filter(|_| node.kind == Kind::Leaf)?;
    let x = if port.x < node.x { node.x } else { node.x + node.w };
    Some((x, node.y + row))
}

/// The height of the border at which an edge ends.
fn end_height(graph: &Graph, at: u32) -> i32 {
    let port = graph.port(at);
    let node = graph.node(port.node);
    let at_top = match node.kind {
        Kind::Container => node.top.contains(&at),
        _ => port.up != NONE,
    };
    if at_top { node.y } else { node.y + node.h }
}

/// Takes out points that are no corners.
pub(crate) fn simplify(points: &mut Vec<(i32, i32)>) {
    let mut kept: Vec<(i32, i32)> = Vec::with_capacity(points.len());
    for point in points.drain(..) {
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = kept[..]
            && ((a.0 == b.0 && b.0 == point.0) || (a.1 == b.1 && b.1 == point.1))
        {
            kept.pop();
        }
        kept.push(point);
    }
    *points = kept;
}
