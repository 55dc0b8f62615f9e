//! Folding: a drawing of very many layers continues beside itself, like a text in columns.
//!
//! The layers are cut into runs of about the same height, where few edges pass; each run becomes a column whose layers
//! lie beside those of the first. Edges from one column to the next then lead back up between them. This is the
//! "wrapping" of Rüegg, Schulze, Grevismühl and von Hanxleden ("Using one-dimensional compaction for smaller graph
//! drawings" and their follow-up on wrapping layered graphs, 2016–2018), with columns that share their layers.

use super::graph::{Graph, NONE};
use crate::space;

/// How far a cut may lie from where it would make columns equal, as a share of a column.
const LEEWAY: f64 = 0.35;
/// The most edges that may lead from one column to the next; with more of them, columns would be harder to follow than a
/// long drawing.
const MOST_PASSING: i64 = 2;

/// Arranges the layers of the outermost container in so many columns; `level` are the edges between its children.
pub(crate) fn fold(graph: &mut Graph, columns: usize, level: &[u32]) {
    let children = graph.node(0).children.clone();
    let count = children.iter().map(|child| graph.node(*child).layer + 1).max().unwrap_or(0) as usize;
    if columns < 2 || count < 2 * columns {
        return;
    }
    let starts = starts(graph, &children, level, count, columns);
    let column_of = |layer: i32| starts.partition_point(|start| *start as i32 <= layer) - 1;
    let mut order: Vec<(i32, usize, usize)> = Vec::new();
    for (at, child) in children.iter().enumerate() {
        let layer = graph.node(*child).layer;
        let column = column_of(layer);
        order.push((layer - starts[column] as i32, column, at));
    }
    order.sort_unstable();
    let mut place = vec![0; children.len()];
    order.iter().enumerate().for_each(|(rank, (.., at))| place[*at] = rank);
    settle(graph, &children, level, &order, &place);
}

/// Where the columns start.
fn starts(graph: &Graph, children: &[u32], level: &[u32], count: usize, columns: usize) -> Vec<usize> {
    let mut height = vec![0i64; count];
    for child in children {
        let node = graph.node(*child);
        let own = &mut height[node.layer as usize];
        *own = (*own).max(i64::from(extent(graph, *child).1 + space::LAYER_GAP));
    }
    let mut passing = vec![0i64; count + 1];
    for edge in level {
        let (upper, lower) = graph.edges[*edge as usize].ordered();
        if upper != NONE && lower != NONE {
            let (from, to) = (graph.node(upper).layer, graph.node(lower).layer);
            (from + 1..=to).for_each(|layer| passing[layer as usize] += 1);
        }
    }
    let total: i64 = height.iter().sum();
    let mut starts = vec![0];
    for column in 1..columns {
        let wanted = total * column as i64 / columns as i64;
        let leeway = (total as f64 / columns as f64 * LEEWAY) as i64;
        let mut above = 0;
        let first = starts.last().copied().unwrap_or(0) + 1;
        let mut best: Option<((i64, i64), usize)> = None;
        for layer in 1..count {
            above += height[layer - 1];
            let off = (above - wanted).abs();
            let fits = layer >= first && off <= leeway && passing[layer] <= MOST_PASSING;
            if fits && best.is_none_or(|(least, _)| (passing[layer], off) < least) {
                best = Some(((passing[layer], off), layer));
            }
        }
        starts.extend(best.map(|(_, layer)| layer));
    }
    starts
}

/// Turns edges where they lead to an earlier place now, and gives every child its layer in its column: below all that
/// lead to it.
fn settle(graph: &mut Graph, children: &[u32], level: &[u32], order: &[(i32, usize, usize)], place: &[usize]) {
    let index = |child: u32| children.binary_search(&child).unwrap_or(0);
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); children.len()];
    for edge in level {
        let lifted = graph.edges[*edge as usize].lifted;
        if lifted.contains(&NONE) || lifted[0] == lifted[1] {
            continue;
        }
        let (src, dst) = (index(lifted[0]), index(lifted[1]));
        graph.edges[*edge as usize].flipped = place[src] > place[dst];
        let (upper, lower) = if place[src] < place[dst] { (src, dst) } else { (dst, src) };
        below[upper].push(lower);
    }
    for (layer, _, at) in order {
        graph.node_mut(children[*at]).layer = *layer;
    }
    for (.., at) in order {
        let least = graph.node(children[*at]).layer + 1;
        for lower in &below[*at] {
            let node = graph.node_mut(children[*lower]);
            node.layer = node.layer.max(least);
        }
    }
}

/// About how large a node will be: given for leaves, added up for containers.
pub(crate) fn extent(graph: &Graph, id: u32) -> (i32, i32) {
    let node = graph.node(id);
    if node.children.is_empty() {
        return (node.w + node.beside + node.before, node.h);
    }
    let mut rows: std::collections::BTreeMap<i32, (i32, i32)> = std::collections::BTreeMap::new();
    for child in &node.children {
        let (w, h) = extent(graph, *child);
        let row = rows.entry(graph.node(*child).layer).or_default();
        *row = (row.0 + w + space::NODE_GAP, row.1.max(h));
    }
    let w = rows.values().map(|row| row.0).max().unwrap_or(0) - space::NODE_GAP + 2 * space::PAD;
    let h: i32 = rows.values().map(|row| row.1 + space::LAYER_GAP).sum::<i32>() + space::PAD;
    (w.max(node.min_w), h.max(node.min_h))
}
