//! Where the boxes of a call graph stand, and the ways of its calls.
//!
//! Layers from left to right after Sugiyama, Tagawa and Toda ("Methods for Visual Understanding of Hierarchical System
//! Structures", 1981): what is called stands right of whoever calls it, calls over several layers have lanes of their own
//! between the boxes, each layer is ordered by the middles of its neighbours, and boxes are moved to where their calls are
//! straight. Calls that lead back run through such lanes too.

use std::fmt::Write as _;

/// The width and height of a box.
pub(super) const BOX: (f64, f64) = (170.0, 52.0);
const GAP: (f64, f64) = (90.0, 22.0);
const MARGIN: f64 = 16.0;
/// The room that a call takes on its way through a layer.
const LANE: f64 = 10.0;
/// How often layers are ordered, and how often they are moved.
const SWEEPS: usize = 8;
/// Crossings of more lines than this between two layers are not counted.
const COUNTED_MAX: usize = 1_500;
/// A lane pulls so much more than a box: long calls should be straight.
const LANE_WEIGHT: f64 = 4.0;

/// A placed call graph.
pub(super) struct Flow {
    /// The corner of each box: loads first, then stations.
    pub(super) corners: Vec<(f64, f64)>,
    /// The way of each call.
    pub(super) routes: Vec<Route>,
    pub(super) size: (f64, f64),
}

/// The way of a call.
pub(super) struct Route {
    /// As the path of an SVG.
    pub(super) path: String,
    /// Whether it leads back to what stands further left.
    pub(super) is_back: bool,
}

/// A box, or a lane of a call through a layer.
struct Node {
    layer: usize,
    is_lane: bool,
    /// The middle.
    y: f64,
    left: Vec<usize>,
    right: Vec<usize>,
}

impl Node {
    fn height(&self) -> f64 {
        if self.is_lane { LANE } else { BOX.1 }
    }
}

/// Places loads, which stand in the first column, and stations; calls name both by their numbers, loads first.
pub(super) fn place(loads: usize, stations: usize, calls: &[(usize, usize)]) -> Flow {
    let count = loads + stations;
    let (layers, is_back) = layers(count, loads, calls);
    let new = |layer: usize, is_lane: bool| Node { layer, is_lane, y: 0.0, left: Vec::new(), right: Vec::new() };
    let mut nodes: Vec<Node> = layers.iter().map(|layer| new(*layer, false)).collect();
    // Each call as a chain of nodes from left to right.
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for ((from, to), is_back) in calls.iter().zip(&is_back) {
        let (first, last) = if *is_back { (*to, *from) } else { (*from, *to) };
        let mut chain = vec![first];
        for layer in nodes[first].layer + 1..nodes[last].layer {
            nodes.push(new(layer, true));
            chain.push(nodes.len() - 1);
        }
        chain.push(last);
        if first != last {
            for pair in chain.windows(2) {
                nodes[pair[0]].right.push(pair[1]);
                nodes[pair[1]].left.push(pair[0]);
            }
        }
        chains.push(chain);
    }
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); layers.iter().max().map_or(0, |last| last + 1)];
    for (at, node) in nodes.iter().enumerate() {
        columns[node.layer].push(at);
    }
    order(&nodes, &mut columns);
    settle(&mut nodes, &columns);
    let top = nodes.iter().map(|node| node.y - node.height() / 2.0).fold(f64::INFINITY, f64::min);
    for node in &mut nodes {
        node.y += MARGIN - top;
    }
    let corners = nodes[..count].iter().map(|node| (across(node.layer), node.y - BOX.1 / 2.0)).collect();
    let bottom = nodes.iter().map(|node| node.y + node.height() / 2.0).fold(MARGIN, f64::max);
    let right = across(columns.len().saturating_sub(1)) + BOX.0;
    Flow { corners, routes: routes(&nodes, &chains, &is_back), size: (right + MARGIN, bottom + MARGIN) }
}

fn across(layer: usize) -> f64 {
    MARGIN + layer as f64 * (BOX.0 + GAP.0)
}

/// The layer of each box, one behind all that call it, and for each call whether it leads back.
fn layers(count: usize, loads: usize, calls: &[(usize, usize)]) -> (Vec<usize>, Vec<bool>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, (from, _)) in calls.iter().enumerate() {
        of[*from].push(at);
    }
    let mut seen = vec![Seen::No; count];
    let mut is_back = vec![false; calls.len()];
    let mut done = Vec::new();
    for start in 0..count {
        if seen[start] != Seen::No {
            continue;
        }
        seen[start] = Seen::Open;
        let mut open = vec![(start, 0)];
        while let Some((node, next)) = open.pop() {
            let Some(call) = of[node].get(next) else {
                seen[node] = Seen::Done;
                done.push(node);
                continue;
            };
            open.push((node, next + 1));
            let to = calls[*call].1;
            match seen[to] {
                Seen::No => {
                    seen[to] = Seen::Open;
                    open.push((to, 0));
                }
                Seen::Open => is_back[*call] = true,
                Seen::Done => {}
            }
        }
    }
    let mut layers: Vec<usize> = (0..count).map(|at| usize::from(at >= loads)).collect();
    // What is done last stands before all that it calls.
    for node in done.into_iter().rev() {
        for call in of[node].iter().filter(|call| !is_back[**call]) {
            let to = calls[*call].1;
            layers[to] = layers[to].max(layers[node] + 1);
        }
    }
    (layers, is_back)
}

/// Orders each column so that few calls cross.
fn order(nodes: &[Node], columns: &mut Vec<Vec<usize>>) {
    let mut best = (crossings(nodes, columns), columns.clone());
    for sweep in 0..SWEEPS {
        let to_right = sweep % 2 == 0;
        let mut places = places(nodes.len(), columns);
        let all: Vec<usize> = if to_right { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for layer in all {
            let middle = |node: &usize| {
                let beside = if to_right { &nodes[*node].left } else { &nodes[*node].right };
                let sum: f64 = beside.iter().map(|other| places[*other] as f64).sum();
                if beside.is_empty() { places[*node] as f64 } else { sum / beside.len() as f64 }
            };
            let mut column: Vec<(f64, usize)> = columns[layer].iter().map(|node| (middle(node), *node)).collect();
            column.sort_by(|a, b| a.0.total_cmp(&b.0));
            columns[layer] = column.into_iter().map(|(_, node)| node).collect();
            for (at, node) in columns[layer].iter().enumerate() {
                places[*node] = at;
            }
        }
        let found = crossings(nodes, columns);
        if found < best.0 {
            best = (found, columns.clone());
        }
    }
    *columns = best.1;
}

fn places(count: usize, columns: &[Vec<usize>]) -> Vec<usize> {
    let mut places = vec![0; count];
    for column in columns {
        for (at, node) in column.iter().enumerate() {
            places[*node] = at;
        }
    }
    places
}

fn crossings(nodes: &[Node], columns: &[Vec<usize>]) -> usize {
    let places = places(nodes.len(), columns);
    let between = |column: &Vec<usize>| {
        let lines: Vec<(usize, usize)> =
            column.iter().flat_map(|node| nodes[*node].right.iter().map(|to| (places[*node], places[*to]))).collect();
        let cross = |at: usize| lines[at + 1..].iter().filter(|b| lines[at].0 < b.0 && lines[at].1 > b.1).count();
        (0..lines.len()).filter(|_| lines.len() <= COUNTED_MAX).map(cross).sum::<usize>()
    };
    columns.iter().map(between).sum()
}

/// Moves what stands in columns to the middle of what it is joined with, as far as there is room.
fn settle(nodes: &mut [Node], columns: &[Vec<usize>]) {
    for column in columns {
        let mut y = 0.0;
        for (at, node) in column.iter().enumerate() {
            y += if at == 0 { 0.0 } else { distance(&nodes[column[at - 1]], &nodes[*node]) };
            nodes[*node].y = y;
        }
        let middle = y / 2.0;
        column.iter().for_each(|node| nodes[*node].y -= middle);
    }
    for sweep in 0..SWEEPS {
        let all: Vec<&Vec<usize>> =
            if sweep % 2 == 0 { columns.iter().collect() } else { columns.iter().rev().collect() };
        for column in all {
            let wanted: Vec<(f64, f64)> = column.iter().map(|node| wanted(nodes, *node)).collect();
            spread(nodes, column, &wanted);
        }
    }
}

/// Where a node wants to stand, and how much.
fn wanted(nodes: &[Node], node: usize) -> (f64, f64) {
    let it = &nodes[node];
    let (mut sum, mut weights) = (0.0, 0.0);
    for other in it.left.iter().chain(&it.right) {
        let weight = if it.is_lane && nodes[*other].is_lane { LANE_WEIGHT } else { 1.0 };
        sum += nodes[*other].y * weight;
        weights += weight;
    }
    if weights == 0.0 { (it.y, 0.1) } else { (sum / weights, weights) }
}

/// How far the middles of neighbours are apart at least.
fn distance(above: &Node, below: &Node) -> f64 {
    let gap = if above.is_lane && below.is_lane { 0.0 } else { GAP.1 };
    f64::midpoint(above.height(), below.height()) + gap
}

/// Puts a column as near to its wishes as its order and distances allow: isotonic regression, neighbours that would overlap
/// are moved together.
fn spread(nodes: &mut [Node], column: &[usize], wanted: &[(f64, f64)]) {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(column.len());
    // The mean wish of a group, its weight, and how many it has.
    let mut groups: Vec<(f64, f64, usize)> = Vec::new();
    for (at, node) in column.iter().enumerate() {
        offset += if at == 0 { 0.0 } else { distance(&nodes[column[at - 1]], &nodes[*node]) };
        offsets.push(offset);
        let mut group = (wanted[at].0 - offset, wanted[at].1, 1);
        while let Some(above) = groups.pop_if(|above| above.0 > group.0) {
            let weight = above.1 + group.1;
            group = ((above.0 * above.1 + group.0 * group.1) / weight, weight, above.2 + group.2);
        }
        groups.push(group);
    }
    let places = groups.iter().flat_map(|(place, _, count)| std::iter::repeat_n(*place, *count));
    for ((node, place), offset) in column.iter().zip(places).zip(offsets) {
        nodes[*node].y = place + offset;
    }
}

/// The calls as curves between boxes and lanes; those at one side of a box are apart, in the order of where they lead.
fn routes(nodes: &[Node], chains: &[Vec<usize>], is_back: &[bool]) -> Vec<Route> {
    let mut ports = vec![(0.0, 0.0); chains.len()];
    for is_right in [true, false] {
        let mut ends: Vec<(usize, f64, usize)> = chains
            .iter()
            .enumerate()
            .filter(|(_, chain)| chain.first() != chain.last())
            .map(|(at, chain)| {
                let (own, beside) =
                    if is_right { (chain[0], chain[1]) } else { (chain[chain.len() - 1], chain[chain.len() - 2]) };
                (own, nodes[beside].y, at)
            })
            .collect();
        ends.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        for side in ends.chunk_by(|a, b| a.0 == b.0) {
            for (at, (node, _, call)) in side.iter().enumerate() {
                let y = nodes[*node].y + BOX.1 * ((at + 1) as f64 / (side.len() + 1) as f64 - 0.5);
                if is_right {
                    ports[*call].0 = y;
                } else {
                    ports[*call].1 = y;
                }
            }
        }
    }
    let way = |at: usize| {
        let chain = &chains[at];
        let first = &nodes[chain[0]];
        let right = across(first.layer) + BOX.0;
        if chain.first() == chain.last() {
            // A call of itself: a loop at the corner.
            let (x, y) = (right - BOX.0 / 5.0, first.y - BOX.1 / 2.0);
            let out = GAP.1 * 0.8;
            return format!("M{x} {y} C{x} {:.1} {:.1} {:.1} {right} {:.1}", y - out, right + out, y, y + BOX.1 / 4.0);
        }
        let mut path = format!("M{right} {:.1}", ports[at].0);
        let mut from = (right, ports[at].0);
        for node in &chain[1..] {
            let x = across(nodes[*node].layer);
            let y = if nodes[*node].is_lane { nodes[*node].y } else { ports[at].1 };
            let middle = f64::midpoint(from.0, x);
            let _ = write!(path, " C{middle} {:.1} {middle} {y:.1} {x} {y:.1}", from.1);
            if nodes[*node].is_lane {
                let _ = write!(path, " H{}", x + BOX.0);
            }
            from = (x + BOX.0, y);
        }
        path
    };
    (0..chains.len()).map(|at| Route { path: way(at), is_back: is_back[at] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_stands_further_right_and_boxes_are_apart() {
        // One load, five stations; 4 calls back to 2.
        let calls = [(0, 1), (1, 2), (1, 3), (2, 3), (3, 4), (1, 4), (4, 2), (1, 5), (5, 5)];
        let flow = place(1, 5, &calls);
        for ((from, to), route) in calls.iter().zip(&flow.routes) {
            let is_right = flow.corners[*from].0 < flow.corners[*to].0;
            assert_eq!(is_right, !route.is_back, "{from} {to}");
        }
        for (at, one) in flow.corners.iter().enumerate() {
            assert!(one.0 >= 0.0 && one.1 >= 0.0 && one.0 + BOX.0 < flow.size.0 && one.1 + BOX.1 < flow.size.1);
            for other in &flow.corners[at + 1..] {
                assert!((one.0 - other.0).abs() >= BOX.0 || (one.1 - other.1).abs() >= BOX.1 + GAP.1 - 1e-9);
            }
        }
    }

    #[test]
    fn long_calls_pass_between_boxes() {
        let calls = [(0, 1), (1, 2), (2, 3), (0, 3), (1, 3)];
        let flow = place(1, 3, &calls);
        let lanes = |route: &Route| -> Vec<f64> {
            let parts: Vec<&str> = route.path.split(' ').collect();
            let level = parts.windows(2).filter(|pair| pair[1].starts_with('H'));
            level.filter_map(|pair| pair[0].parse().ok()).collect()
        };
        assert_eq!(flow.routes.iter().map(|route| lanes(route).len()).collect::<Vec<_>>(), [0, 0, 0, 2, 1]);
        let (top, bottom) = (flow.corners[2].1, flow.corners[2].1 + BOX.1);
        for route in &flow.routes[3..] {
            let last = *lanes(route).last().expect("it passes the second station");
            assert!(last < top || last > bottom, "{last} {top}");
        }
    }

    #[test]
    fn nothing_is_placed_nowhere() {
        let flow = place(0, 0, &[]);
        assert!(flow.corners.is_empty() && flow.size.0.is_finite() && flow.size.1.is_finite());
    }
}
