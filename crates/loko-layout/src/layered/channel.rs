//! Channels: the sideways pieces of edges between two layers, and with them all heights.
//!
//! After Sander, "A fast heuristic for hierarchical Manhattan layout" (1996), as improved by Schulze, Spönemann and
//! von Hanxleden, "Drawing layered graphs with port constraints" (2014): pieces that would cross more often one way
//! round than the other depend on each other, cycles among them are broken greedily, and each piece takes the first
//! free track behind all that it depends on.

use super::cycle;
use super::graph::{Graph, Kind, NONE};
use crate::space;
use rustc_hash::FxHashMap;

/// Beyond this many pieces in one channel they are put in an order that only looks at directions.
const MANY: usize = 400;
/// What it costs when two edges run on top of each other, counted in crossings.
const ON_TOP: i32 = 50;

/// Gives every node its y and every bent piece its height; the tops of all containers are 0 inside.
pub(crate) fn assign(graph: &mut Graph) {
    let mut containers: Vec<u32> = graph.containers().collect();
    containers.reverse();
    for container in containers {
        stack(graph, container);
    }
    make_absolute(graph);
}

/// Stacks the layers of a container whose inner containers are done.
fn stack(graph: &mut Graph, container: u32) {
    let layers = std::mem::take(&mut graph.node_mut(container).layers);
    let pad = graph.node(container).pad;
    let mut y = pad.top;
    for at in 0..=layers.len() {
        let above = at.checked_sub(1).map(|at| &layers[at]);
        let below = layers.get(at);
        let uppers = upper_ports(graph, container, above);
        let channel = Channel::new(graph, container, uppers, above, below);
        y += channel.place(graph, y);
        if let Some(layer) = below {
            let height = layer.iter().map(|node| graph.node(*node).h).max().unwrap_or(0);
            for node in layer {
                let node = graph.node_mut(*node);
                node.y = y + (height - node.h) / 2;
            }
            y += height;
        }
    }
    y += pad.bottom;
    let node = graph.node_mut(container);
    let missing = (node.min_h - y).max(0);
    node.h = y + missing;
    node.layers = layers;
    if missing > 0 {
        shift_content(graph, container, missing / 2);
    }
}

/// Moves what is in a container down, to stay in its middle.
fn shift_content(graph: &mut Graph, container: u32, by: i32) {
    let layers = graph.node(container).layers.clone();
    let mut uppers = upper_ports(graph, container, None);
    for layer in &layers {
        uppers.extend(upper_ports(graph, container, Some(layer)));
        for node in layer {
            graph.node_mut(*node).y += by;
        }
    }
    for port in uppers {
        graph.port_mut(port).bend += by;
    }
}

fn upper_ports(graph: &Graph, container: u32, above: Option<&Vec<u32>>) -> Vec<u32> {
    let has_down = |port: &u32| graph.port(*port).down != NONE;
    match above {
        None => graph.node(container).top.iter().copied().filter(has_down).collect(),
        Some(layer) => {
            let ports = layer.iter().flat_map(|node| graph.node(*node).bottom.iter().copied());
            ports.filter(has_down).collect()
        }
    }
}

/// Where one edge comes from above and goes on below.
#[derive(Clone, Copy)]
struct Way {
    port: u32,
    upper: i32,
    lower: i32,
}

/// A sideways piece: of one edge, or of all that are in one trunk.
struct Piece {
    low: i32,
    high: i32,
    /// The first of its ways, the others behind it.
    first: Way,
    others: Vec<Way>,
}

impl Piece {
    fn new(way: Way) -> Self {
        let (low, high) = (way.upper.min(way.lower), way.upper.max(way.lower));
        Self { low, high, first: way, others: Vec::new() }
    }

    fn add(&mut self, way: Way) {
        self.low = self.low.min(way.upper).min(way.lower);
        self.high = self.high.max(way.upper).max(way.lower);
        self.others.push(way);
    }

    fn ways(&self) -> impl Iterator<Item = &Way> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn meets(&self, other: &Self) -> bool {
        self.low < other.high + space::EDGE_GAP && other.low < self.high + space::EDGE_GAP
    }

    /// What it costs to have this piece above the other.
    fn cost_above(&self, other: &Self) -> i32 {
        let crosses = |x: i32, piece: &Self| i32::from(piece.low < x && x < piece.high);
        let from_above: i32 = other.ways().map(|way| crosses(way.upper, self)).sum();
        let from_below: i32 = self.ways().map(|way| crosses(way.lower, other)).sum();
        let is_on_top = |lower: i32| other.ways().any(|way| (lower - way.upper).abs() < space::EDGE_GAP / 2);
        let on_top = if self.ways().any(|way| is_on_top(way.lower)) { ON_TOP } else { 0 };
        from_above + from_below + on_top
    }
}

struct Channel {
    pieces: Vec<Piece>,
    /// The pieces of trunks, by the ports that name these.
    trunks: FxHashMap<u32, usize>,
    /// The least height, and the least distances of the first and the last track from the layers.
    least: i32,
    first: i32,
    last: i32,
}

impl Channel {
    fn new(
        graph: &Graph,
        container: u32,
        uppers: Vec<u32>,
        above: Option<&Vec<u32>>,
        below: Option<&Vec<u32>>,
    ) -> Self {
        let mut channel = Self { pieces: Vec::new(), trunks: FxHashMap::default(), least: 0, first: 0, last: 0 };
        let framed = container != 0;
        let boxes = |layer: Option<&Vec<u32>>| {
            layer.is_some_and(|layer| {
                layer.iter().any(|node| matches!(graph.node(*node).kind, Kind::Leaf | Kind::Container))
            })
        };
        let (over, under) = (boxes(above), boxes(below));
        channel.least = match (above, below) {
            (None, None) => 2 * space::PAD,
            (None, Some(_)) if !framed => 0,
            (Some(_), None) if !framed => 0,
            (None, _) => {
                if under {
                    space::PAD
                } else {
                    space::HEADING
                }
            }
            (_, None) => {
                if over {
                    space::PAD
                } else {
                    space::HEADING
                }
            }
            _ if over && under => {
                if uppers.is_empty() {
                    space::NODE_GAP
                } else {
                    space::LAYER_GAP
                }
            }
            _ => space::LABEL_LAYER_GAP,
        };
        channel.first = if over { space::TURN } else { space::LABEL_GAP };
        channel.last = if under { space::TURN } else { space::LABEL_GAP };
        for port in uppers {
            channel.add(graph, port);
        }
        channel
    }

    fn add(&mut self, graph: &Graph, port: u32) {
        let upper = *graph.port(port);
        let lower = *graph.port(upper.down);
        if upper.x != lower.x {
            self.add_way(Way { port, upper: upper.x, lower: lower.x }, [upper.trunk, lower.trunk]);
        }
        let edge = &graph.edges[upper.edge as usize];
        let labels = if edge.flipped { [edge.end_labels[1], edge.end_labels[0]] } else { edge.end_labels };
        let [above, below] = if edge.flipped { [edge.heads[1], edge.heads[0]] } else { edge.heads };
        let room = |head: i32, is_end: bool| if is_end && head > 0 { head + space::BEHIND_HEAD } else { 0 };
        let (above, below) = (room(above, upper.up == NONE), room(below, lower.down == NONE));
        if upper.x != lower.x {
            (self.first, self.last) = (self.first.max(above), self.last.max(below));
        }
        self.least = self.least.max(above + below);
        if upper.up == NONE && labels[0].1 > 0 {
            self.first = self.first.max(labels[0].1 + space::LABEL_GAP);
            self.least = self.least.max(labels[0].1 + space::LABEL_GAP);
        }
        if lower.down == NONE && labels[1].1 > 0 {
            self.last = self.last.max(labels[1].1 + space::LABEL_GAP + 6);
            self.least = self.least.max(labels[1].1 + space::LABEL_GAP + 6);
        }
        if upper.up == NONE && lower.down == NONE && labels[0].1 > 0 && labels[1].1 > 0 {
            // Both labels stand beside one straight piece.
            self.least = self.least.max(labels[0].1 + labels[1].1 + 3 * space::LABEL_GAP);
        }
        if lower.down == NONE {
            self.least = self.least.max(space::TURN + 4);
        }
    }

    fn add_way(&mut self, way: Way, trunks: [u32; 2]) {
        let next = self.pieces.len();
        let piece = match trunks.into_iter().find(|trunk| *trunk != NONE) {
            Some(trunk) => *self.trunks.entry(trunk).or_insert(next),
            None => next,
        };
        match self.pieces.get_mut(piece) {
            Some(piece) => piece.add(way),
            None => self.pieces.push(Piece::new(way)),
        }
    }

    /// Decides the heights of all pieces, with the channel starting at `y`; returns its height.
    fn place(self, graph: &mut Graph, y: i32) -> i32 {
        if self.pieces.is_empty() {
            return self.least;
        }
        let tracks = tracks(&self.pieces);
        let count = tracks.iter().max().map_or(0, |last| last + 1);
        let taken = (count - 1) * space::EDGE_GAP;
        let height = (self.first + taken + self.last).max(self.least);
        let start = y + self.first + (height - self.first - taken - self.last) / 2;
        for (piece, track) in self.pieces.iter().zip(tracks) {
            piece.ways().for_each(|way| graph.port_mut(way.port).bend = start + track * space::EDGE_GAP);
        }
        height
    }
}

/// The track of each piece, counted from above.
fn tracks(pieces: &[Piece]) -> Vec<i32> {
    let order = dependent_order(pieces);
    let mut sequence: Vec<usize> = (0..pieces.len()).collect();
    sequence.sort_by_key(|at| order.place[*at]);
    let mut track = vec![0; pieces.len()];
    let mut taken: Vec<Vec<usize>> = Vec::new();
    for at in sequence {
        let behind = order.after[at].iter().filter(|other| order.place[**other] < order.place[at]);
        let mut row = behind.map(|other| track[*other] + 1).max().unwrap_or(0) as usize;
        while taken.get(row).is_some_and(|row| row.iter().any(|other| pieces[*other].meets(&pieces[at]))) {
            row += 1;
        }
        while taken.len() <= row {
            taken.push(Vec::new());
        }
        taken[row].push(at);
        track[at] = row as i32;
    }
    track
}

/// Places that keep pieces of one direction from crossing each other: those to the right from the right on, those to
/// the left from the left on.
fn order_by_direction(pieces: &[Piece]) -> Vec<usize> {
    let mut sequence: Vec<usize> = (0..pieces.len()).collect();
    sequence.sort_by_key(|at| {
        let piece = &pieces[*at];
        let Way { upper, lower, .. } = piece.first;
        let leftwards = lower < upper;
        (leftwards, if leftwards { upper } else { -upper }, *at)
    });
    let mut place = vec![0; pieces.len()];
    sequence.into_iter().enumerate().for_each(|(rank, at)| place[at] = rank);
    place
}

struct Dependencies {
    place: Vec<usize>,
    /// The pieces that each piece should be below.
    after: Vec<Vec<usize>>,
}

fn dependent_order(pieces: &[Piece]) -> Dependencies {
    let mut after = vec![Vec::new(); pieces.len()];
    if pieces.len() > MANY {
        return Dependencies { place: order_by_direction(pieces), after };
    }
    let (mut hard, mut soft) = (Vec::new(), Vec::new());
    for a in 0..pieces.len() {
        for b in a + 1..pieces.len() {
            if !pieces[a].meets(&pieces[b]) {
                continue;
            }
            let (a_above, b_above) = (pieces[a].cost_above(&pieces[b]), pieces[b].cost_above(&pieces[a]));
            let (upper, lower) = match a_above.cmp(&b_above) {
                std::cmp::Ordering::Less => (a, b),
                std::cmp::Ordering::Greater => (b, a),
                std::cmp::Ordering::Equal => continue,
            };
            if (a_above - b_above).abs() >= ON_TOP / 2 {
                hard.push((upper, lower));
            }
            soft.push((upper, lower));
            after[lower].push(upper);
        }
    }
    // What must not run on top of each other counts many times, so that cycles are broken elsewhere.
    for _ in 0..8 {
        soft.extend_from_slice(&hard);
    }
    Dependencies { place: cycle::order(pieces.len(), &soft), after }
}

fn make_absolute(graph: &mut Graph) {
    for id in 1..graph.nodes.len() {
        // Dummies and headings stand behind their containers too, and those behind theirs.
        let parent = graph.nodes[id].parent as usize;
        graph.nodes[id].y += graph.nodes[parent].y;
    }
    for at in 0..graph.ports.len() {
        let port = graph.ports[at];
        if port.down == NONE {
            continue;
        }
        // The piece lies in the container of its upper end, or inside the node if it starts at an upper border.
        let node = graph.node(port.node);
        let inside = node.kind == Kind::Container && node.top.contains(&(at as u32));
        let frame = if inside { port.node } else { node.parent };
        graph.ports[at].bend += graph.node(frame).y;
    }
}
