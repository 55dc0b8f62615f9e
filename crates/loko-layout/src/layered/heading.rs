//! Headings of containers that edges pass: a place between those edges, as near to the middle as may be.

use super::graph::{Graph, Kind, NONE};
use crate::space;
use loko_diagram::object::Align;

/// Moves all headings into gaps between the edges that pass them, if all of them fit. Else those that fit nowhere (or
/// `all`) are put into the order of their layers, where they will be given room.
pub(crate) fn place(graph: &mut Graph, all: bool) -> bool {
    let headers: Vec<u32> = (0..graph.nodes.len() as u32).filter(|id| graph.node(*id).kind == Kind::Header).collect();
    let mut fit = true;
    for id in &headers {
        fit &= place_one(graph, *id);
    }
    if !fit && all {
        for id in headers {
            if !graph.node(id).pinned {
                pin(graph, id);
            }
        }
    }
    fit
}

fn place_one(graph: &mut Graph, id: u32) -> bool {
    let header = graph.node(id);
    let (parent, width) = (header.parent, header.w);
    let frame = graph.node(parent);
    let inset = space::HEADING / 2;
    let wish = match frame.header_align {
        Align::Start => frame.x + inset,
        Align::Middle => frame.x + (frame.w - width) / 2,
        Align::End => frame.x + frame.w - inset - width,
    };
    let gaps = gaps(graph, id);
    let fits = gaps.iter().filter(|(from, to, _)| to - from >= width);
    let spot = fits.map(|(from, to, _)| wish.clamp(*from, to - width)).min_by_key(|x| ((x - wish).abs(), *x));
    if let Some(x) = spot {
        graph.node_mut(id).x = x;
        return true;
    }
    if !graph.node(id).pinned {
        pin(graph, id);
        return false;
    }
    // The demands of its place in the order have given it room that is only a little off the middle.
    graph.node(parent).w >= width
}

/// The gaps between the items of a heading's layer, each with the number of items before it.
fn gaps(graph: &Graph, id: u32) -> Vec<(i32, i32, usize)> {
    let header = graph.node(id);
    let frame = graph.node(header.parent);
    let mut gaps = Vec::new();
    let mut from = frame.x + space::HEADING / 2;
    let mut count = 0;
    for item in frame.layers[header.layer as usize].iter().filter(|item| **item != id) {
        let item = graph.node(*item);
        gaps.push((from, item.x - space::LABEL_GAP, count));
        from = item.x + item.w + space::LABEL_GAP;
        count += 1;
    }
    gaps.push((from, frame.x + frame.w - space::HEADING / 2, count));
    if frame.header_outside {
        // Edges that end at the border pass what stands outside of it.
        for end in ends_outside(graph, header.parent) {
            gaps = gaps.into_iter().flat_map(|gap| split(gap, graph.port(end).x)).collect();
        }
    }
    gaps
}

/// The ports of edges that end at the border of a container where its heading stands outside.
pub(super) fn ends_outside(graph: &Graph, container: u32) -> impl Iterator<Item = u32> {
    let frame = graph.node(container);
    let ports = if frame.header_last { &frame.bottom } else { &frame.top };
    let ports = if frame.header_outside { ports.as_slice() } else { &[] };
    ports.iter().copied().filter(|port| {
        let port = graph.port(*port);
        port.up == NONE || port.down == NONE
    })
}

/// What is left of a gap on both sides of an edge.
fn split((from, to, count): (i32, i32, usize), x: i32) -> impl Iterator<Item = (i32, i32, usize)> {
    let (left, right) = (to.min(x - space::LABEL_GAP), from.max(x + space::LABEL_GAP));
    let parts = [(from, left, count), (right, to, count)];
    parts.into_iter().filter(|(from, to, _)| from < to)
}

/// Puts a heading into the order of its layer, where most room is.
fn pin(graph: &mut Graph, id: u32) {
    let widest = gaps(graph, id).into_iter().max_by_key(|(from, to, at)| (to - from, usize::MAX - at));
    if let Some((from, ..)) = widest {
        graph.node_mut(id).x = from;
    }
    let (parent, layer) = (graph.node(id).parent, graph.node(id).layer as usize);
    let order = &mut graph.node_mut(parent).layers[layer];
    order.retain(|item| *item != id);
    order.insert(widest.map_or(0, |gap| gap.2), id);
    graph.node_mut(id).pinned = true;
}
