//! Fewer turns: an edge that leaves a box downwards only to turn sideways may as well leave through the box's side.
//!
//! Works on finished routes. A route is changed only where its new pieces keep clear of all boxes, run beside no other
//! edge, and cross no more than the old ones did.

use super::graph::{Edge, Graph, Kind, NONE, Node, Pad};
use crate::space;

type Point = (i32, i32);
type Line = (Point, Point);

/// Drawings with more edges are left as they are.
const MANY: usize = 400;
/// The least distance from boxes, and from edges that run alongside.
const CLEAR: i32 = 10;
const BESIDE: i32 = 9;
/// The least length of a piece that ends at a box: an arrowhead and a round corner.
const FIRST: i32 = 20;

/// What is asked of the ends of an edge.
pub(crate) struct Wish {
    /// Heights, from the top of the node, at which the end should meet the node's side (`None`: the middle).
    pub(crate) side: [Option<i32>; 2],
    /// Whether the ends may meet a side at all.
    pub(crate) allowed: [bool; 2],
}

/// Straightens routes (from source to target, one for each edge of the graph).
pub(crate) fn cut(graph: &Graph, routes: &mut [Vec<Point>], wishes: &[Wish]) {
    if routes.len() > MANY {
        return;
    }
    let mut ground = Ground::new(graph, routes);
    for edge in 0..routes.len() {
        for end in [0, 1] {
            if !wishes[edge].allowed[end] {
                continue;
            }
            if end == 1 {
                routes[edge].reverse();
            }
            if let Some(better) = improve(graph, &ground, routes, edge, end, &wishes[edge]) {
                ground.extents[edge] = around(better.iter().copied());
                routes[edge] = better;
            }
            if end == 1 {
                routes[edge].reverse();
            }
        }
    }
}

/// What new pieces of routes are held against, in the form in which that is fast.
struct Ground {
    /// Boxes and texts with the room that routes leave around them.
    boxes: Vec<(u32, Area)>,
    /// How far each route reaches.
    extents: Vec<Area>,
}

impl Ground {
    fn new(graph: &Graph, routes: &[Vec<Point>]) -> Self {
        let room = |node: &Node| {
            let from = (node.x - node.before - CLEAR, node.y - CLEAR);
            (from, (node.x + node.w + node.beside + CLEAR, node.y + node.h + CLEAR))
        };
        let solid = graph.nodes.iter().zip(0..).filter(|(node, _)| node.kind != Kind::Dummy || node.w != 0);
        Self {
            boxes: solid.map(|(node, id)| (id, room(node))).collect(),
            extents: routes.iter().map(|route| around(route.iter().copied())).collect(),
        }
    }
}

/// The route (from the end in question on) with its first turn taken out, if that can be done.
fn improve(
    graph: &Graph,
    ground: &Ground,
    routes: &[Vec<Point>],
    edge: usize,
    end: usize,
    wish: &Wish,
) -> Option<Vec<Point>> {
    let route = &routes[edge];
    let [first, second, third, fourth, ..] = route[..] else { return None };
    if first.0 != second.0 || second.1 != third.1 || third.0 != fourth.0 {
        return None;
    }
    let data = &graph.edges[edge];
    let node_id = if end == 0 { data.src } else { data.dst };
    let node = graph.node(node_id);
    if data.lifted.contains(&NONE) || data.end_labels[end].0 > 0 || is_in_trunk(graph, data, end) {
        return None;
    }
    let right = third.0 >= node.x + node.w + FIRST;
    if !(right && node.beside == 0 || third.0 <= node.x - FIRST) {
        return None;
    }
    // The way must go on in the direction in which it left the node.
    if (second.1 > first.1) != (fourth.1 > third.1) {
        return None;
    }
    let side = if right { node.x + node.w } else { node.x };
    let old = [(first, second), (second, third)];
    if data.label_node != NONE && old.iter().any(|line| touches(line, label_box(graph, data.label_node))) {
        return None;
    }
    let ends = [(side, node.y), (third.0, node.y + node.h), third];
    let near = Near::new(graph, ground, node_id, around(ends.into_iter()));
    let mut before = None;
    for height in candidates(node.h, wish.side[end]) {
        let y = node.y + height;
        let new = [((side, y), (third.0, y)), ((third.0, y), third)];
        if !near.is_clear(graph, &new) {
            continue;
        }
        let now = crossings(ground, routes, edge, &new)?;
        if now <= *before.get_or_insert_with(|| crossings(ground, routes, edge, &old).unwrap_or(99)) {
            let mut better = vec![(side, y), (third.0, y)];
            better.extend_from_slice(&route[3..]);
            return Some(better);
        }
    }
    None
}

/// Whether an edge shares the way at this end with others.
fn is_in_trunk(graph: &Graph, edge: &Edge, end: usize) -> bool {
    let port = if (end == 0) == edge.flipped { edge.chain.last() } else { edge.chain.first() };
    port.is_some_and(|port| graph.port(*port).trunk != NONE)
}

fn candidates(height: i32, wish: Option<i32>) -> Vec<i32> {
    if let Some(wish) = wish {
        return vec![wish];
    }
    let middle = height / 2;
    let mut all = vec![middle];
    for step in [12, 24] {
        if middle - step >= height / 4 {
            all.extend([middle - step, middle + step]);
        }
    }
    all
}

/// What may be in the way of the new pieces at an end of an edge.
struct Near {
    /// The end's node and all that it stands in.
    kin: Vec<u32>,
    boxes: Vec<(u32, Area)>,
}

impl Near {
    /// What reaches into the area where all new pieces will be.
    fn new(graph: &Graph, ground: &Ground, own: u32, area: Area) -> Self {
        let above = |id: &u32| (*id != 0).then(|| graph.node(*id).parent);
        let boxes = ground.boxes.iter().filter(|(_, room)| !is_apart(area, *room));
        Self { kin: std::iter::successors(Some(own), above).collect(), boxes: boxes.copied().collect() }
    }

    /// Whether lines keep clear of all boxes but the node itself and what it stands in.
    fn is_clear(&self, graph: &Graph, lines: &[Line]) -> bool {
        self.boxes.iter().all(|(id, area)| {
            lines.iter().all(|line| is_apart(bounds(line), *area))
                || self.kin.contains(id)
                    && !lines.iter().any(|line| strips(graph.node(*id)).into_iter().any(|strip| touches(line, strip)))
        })
    }
}

fn is_apart((low, high): Area, (from, to): Area) -> bool {
    high.0 <= from.0 || low.0 >= to.0 || high.1 <= from.1 || low.1 >= to.1
}

type Area = (Point, Point);

fn label_box(graph: &Graph, id: u32) -> Area {
    let node = graph.node(id);
    ((node.x, node.y), (node.x + node.w, node.y + node.h))
}

/// The parts of a container where its heading stands.
fn strips(node: &Node) -> [Area; 4] {
    let (right, bottom) = (node.x + node.w, node.y + node.h);
    let Pad { left: pad_left, right: pad_right, top: pad_top, bottom: pad_bottom } = node.pad;
    let (from_left, from_right) = ((pad_left - space::PAD).max(0), (pad_right - space::PAD).max(0));
    [
        ((node.x, node.y), (node.x + from_left, bottom)),
        ((right - from_right, node.y), (right, bottom)),
        ((node.x, node.y), (right, node.y + pad_top)),
        ((node.x, bottom - pad_bottom), (right, bottom)),
    ]
}

/// Whether a line runs through an area that is more than a line itself.
fn touches(line: &Line, (from, to): Area) -> bool {
    let (low, high) = bounds(line);
    from.0 < to.0 && from.1 < to.1 && low.0 < to.0 && from.0 < high.0 && low.1 < to.1 && from.1 < high.1
        || (low.0 == high.0 && from.0 < low.0 && low.0 < to.0 && low.1 < to.1 && from.1 < high.1)
        || (low.1 == high.1 && from.1 < low.1 && low.1 < to.1 && low.0 < to.0 && from.0 < high.0)
}

/// How many other edges the lines cross; `None` if they run too close beside one.
fn crossings(ground: &Ground, routes: &[Vec<Point>], own: usize, lines: &[Line]) -> Option<usize> {
    let mut count = 0;
    let ((x, y), (right, bottom)) = around(lines.iter().flat_map(|line| [line.0, line.1]));
    for (at, route) in routes.iter().enumerate() {
        let (low, high) = ground.extents[at];
        let is_far = high.0 + BESIDE < x || high.1 + BESIDE < y || right + BESIDE < low.0 || bottom + BESIDE < low.1;
        if at == own || is_far {
            continue;
        }
        for pair in route.windows(2) {
            let other = (pair[0], pair[1]);
            for line in lines {
                match meet(line, &other) {
                    Meeting::Apart => {}
                    Meeting::Cross => count += 1,
                    Meeting::Beside => return None,
                }
            }
        }
    }
    Some(count)
}

/// The corners of the rectangle around points.
fn around(points: impl Iterator<Item = Point>) -> Area {
    let first = ((i32::MAX / 2, i32::MAX / 2), (i32::MIN / 2, i32::MIN / 2));
    points.fold(first, |(low, high), (x, y)| ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y))))
}

enum Meeting {
    Apart,
    Cross,
    Beside,
}

fn bounds(line: &Line) -> (Point, Point) {
    let (a, b) = *line;
    ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)))
}

fn meet(a: &Line, b: &Line) -> Meeting {
    let ((a_low, a_high), (b_low, b_high)) = (bounds(a), bounds(b));
    let near = |gap: i32| {
        a_low.0 - gap < b_high.0 && b_low.0 - gap < a_high.0 && a_low.1 - gap < b_high.1 && b_low.1 - gap < a_high.1
    };
    let parallel = (a.0.0 == a.1.0) == (b.0.0 == b.1.0);
    if parallel {
        if near(BESIDE) { Meeting::Beside } else { Meeting::Apart }
    } else if near(1) {
        Meeting::Cross
    } else {
        Meeting::Apart
    }
}
