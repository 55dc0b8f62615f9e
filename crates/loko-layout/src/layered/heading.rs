//! Headings of containers that edges pass: a place between those edges, as near to the middle as may be.

use super::graph::{Graph, Kind};
use crate::space;

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
    let wish = frame.x + (frame.w - width) / 2;
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
    gaps
}

/// Puts a heading into the order of its layer, where most room is.
fn pin(graph: &mut Graph, id: u32) {
    let widest = gaps(graph, id).into_iter().max_by_key(|(from, to, at)| (to - from, usize::MAX - at));
    let (parent, layer) = (graph.node(id).parent, graph.node(id).layer as usize);
    let order = &mut graph.node_mut(parent).layers[layer];
    order.retain(|item| *item != id);
    order.insert(widest.map_or(0, |gap| gap.2), id);
    graph.node_mut(id).pinned = true;
}
