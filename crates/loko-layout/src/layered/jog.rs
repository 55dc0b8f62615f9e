//! Small steps aside in edges that could be straight: what the positions across the flow leave, taken out one by one.
//!
//! The linear program of the positions keeps wide margins at the corners of boxes, and does not care where on the way an
//! edge turns. A step of a few pixels looks like a mistake, so that here a margin may shrink, a box may grow, and an
//! edge that passes a border turns once and not twice. Orders and the least distances between edges stay as they are.

use super::coordinate;
use super::graph::{Graph, Kind, NONE, Port};
use crate::space;

/// Steps up to this are taken out by moving an edge's end along its box.
const SLIDE: i32 = 12;
/// Steps up to this are taken out by making a box wider.
const WIDEN: i32 = 28;
/// An edge's end stays this far from the corner of its box, and from the next end.
const CORNER: i32 = 5;
const BESIDE: i32 = 10;
/// Steps up to this look like mistakes.
const SMALL: i32 = 20;
/// Half of what a step aside costs, in moves of ports that have no other use.
const TURN: i64 = 10_000;
/// What no order allows.
const NO_WAY: i64 = i64::MAX / 4;
/// How often all borders are looked at: containers in containers have several in a row.
const SETTLINGS: usize = 4;
/// Drawings with more ports are left as they are.
const MANY: usize = 4_000;

/// Makes boxes wider whose edges would be straight if these had more room; whether there were any.
pub(crate) fn widen(graph: &mut Graph) -> bool {
    let mut wanted: Vec<(u32, i32)> = Vec::new();
    for at in 0..graph.ports.len() as u32 {
        let (upper, lower) = (graph.port(at), graph.port(at).down);
        if lower == NONE {
            continue;
        }
        let step = graph.port(lower).x - upper.x;
        if step == 0 || step.abs() > WIDEN {
            continue;
        }
        // The upper end would have to move by the step, or the lower one against it.
        let (above, below) = (run(graph, at, |port| port.up), run(graph, lower, |port| port.down));
        let (top, bottom) = (above[above.len() - 1], below[below.len() - 1]);
        let ends = [(top, step), (bottom, -step)];
        // An end that is alone has its place in the middle of its side, so that the others are looked at first.
        let mut tries = [false, true].into_iter().flat_map(|alone| ends.map(|(port, by)| (port, by, alone)));
        if let Some(node) = tries.find_map(|(port, by, alone)| squeezed(graph, port, by, alone)) {
            wanted.push((node, step.abs()));
        }
    }
    wanted.sort_unstable_by_key(|(node, step)| (*node, -step));
    wanted.dedup_by_key(|(node, _)| *node);
    for (id, more) in &wanted {
        let node = graph.node_mut(*id);
        node.w += more;
        node.port_range.1 += more;
    }
    !wanted.is_empty()
}

/// The box of an end that cannot move because its side is too short, if that can be made longer.
fn squeezed(graph: &Graph, port: u32, by: i32, alone: bool) -> Option<u32> {
    let id = graph.port(port).node;
    let node = graph.node(id);
    let is_able = node.kind == Kind::Leaf && node.stretches && node.w + by.abs() <= space::STRETCH_MOST;
    let face = face(graph, port);
    let x = graph.port(port).x;
    let room = if by > 0 { node.x + node.w - CORNER - x } else { x - node.x - CORNER };
    // Only a step that looks like a mistake, and that no move to the very corner takes out, is worth a wider box for one end.
    let is_worth_it = !alone || (room < by.abs() && by.abs() <= SLIDE);
    if !is_able || !is_end(graph, port) || alone != (face.len() == 1) || !is_worth_it {
        return None;
    }
    let at = face.iter().position(|other| *other == port)?;
    // Between others, the whole side is too short; at an end of it, the corner is in the way.
    let is_last = if by > 0 { at + 1 == face.len() } else { at == 0 };
    is_last.then_some(id)
}

/// A graph in which the ends of the small steps that are left are drawn together more strongly, if there are any.
pub(crate) fn pressed(graph: &Graph) -> Option<Graph> {
    let is_small = |port: &Port| {
        let is_free = port.down != NONE && port.trunk == NONE && graph.port(port.down).trunk == NONE;
        is_free && !port.is_strong && (1..=SMALL).contains(&(graph.port(port.down).x - port.x).abs())
    };
    let small: Vec<usize> = (0..graph.ports.len()).filter(|at| is_small(&graph.ports[*at])).collect();
    if small.is_empty() {
        return None;
    }
    let mut trial = graph.clone();
    small.into_iter().for_each(|at| trial.ports[at].is_strong = true);
    Some(trial)
}

/// What all turns of a graph cost; small steps count more.
pub(crate) fn cost(graph: &Graph) -> i64 {
    let lower = |port: &Port| (port.down != NONE).then(|| graph.port(port.down).x);
    graph.ports.iter().filter_map(|port| lower(port).map(|lower| turn(lower - port.x))).sum()
}

/// Takes out the steps that are left, where straight runs of an edge can be moved a little.
pub(crate) fn smooth(graph: &mut Graph) {
    if graph.ports.len() > MANY {
        return;
    }
    for _ in 0..SETTLINGS {
        let mut has_moved = false;
        for container in graph.containers() {
            for face in [graph.node(container).top.clone(), graph.node(container).bottom.clone()] {
                has_moved |= settle(graph, container, &face);
            }
        }
        if !has_moved {
            break;
        }
    }
    for at in 0..graph.ports.len() as u32 {
        let lower = graph.port(at).down;
        if lower == NONE {
            continue;
        }
        let step = graph.port(lower).x - graph.port(at).x;
        if step == 0 || step.abs() > SLIDE {
            continue;
        }
        let (above, below) = (run(graph, at, |port| port.up), run(graph, lower, |port| port.down));
        let upper_move = movable(graph, &above, step);
        let lower_move = movable(graph, &below, upper_move - step);
        if upper_move - lower_move == step {
            shift(graph, &above, upper_move);
            shift(graph, &below, lower_move);
        }
    }
    centre(graph);
}

/// Lets edges that turn on their way anyway meet a box in the middle of its side, if they are alone there.
fn centre(graph: &mut Graph) {
    for id in 0..graph.nodes.len() as u32 {
        let node = graph.node(id);
        if node.kind != Kind::Leaf {
            continue;
        }
        let (middle, sides) = (node.x + node.w / 2, [node.top.as_slice(), node.bottom.as_slice()]);
        let alone = sides.map(|side| if let [port] = side { *port } else { NONE });
        for (port, next) in alone.into_iter().zip([|port: &Port| port.up, |port: &Port| port.down]) {
            if port == NONE || !is_end(graph, port) || graph.port(port).beside > 0 {
                continue;
            }
            let by = middle - graph.port(port).x;
            let straight = run(graph, port, next);
            let beyond = next(graph.port(straight[straight.len() - 1]));
            // What is straight to its other end stays so, and no turn becomes a small step.
            if by == 0 || beyond == NONE || (graph.port(beyond).x - middle).abs() <= WIDEN {
                continue;
            }
            // Headings have found their places between the edges already.
            if straight.iter().any(|port| is_beside_heading(graph, *port)) {
                continue;
            }
            if movable(graph, &straight, by) == by {
                shift(graph, &straight, by);
            }
        }
    }
}

/// Whether a heading stands in the layer that an edge passes here.
fn is_beside_heading(graph: &Graph, port: u32) -> bool {
    let node = graph.node(graph.port(port).node);
    let layer = graph.node(node.parent).layers.get(node.layer as usize);
    node.kind == Kind::Dummy && layer.into_iter().flatten().any(|item| graph.node(*item).kind == Kind::Header)
}

/// The ports from one on, up or down, that lie straight above each other.
fn run(graph: &Graph, from: u32, next: impl Fn(&Port) -> u32) -> Vec<u32> {
    let mut run = vec![from];
    let mut at = next(graph.port(from));
    while at != NONE && graph.port(at).x == graph.port(from).x {
        run.push(at);
        at = next(graph.port(at));
    }
    run
}

/// How much of a step all ports of a run can take.
fn movable(graph: &Graph, run: &[u32], by: i32) -> i32 {
    run.iter().fold(by, |by, port| slack(graph, *port, by))
}

fn shift(graph: &mut Graph, run: &[u32], by: i32) {
    for at in run {
        graph.port_mut(*at).x += by;
        let id = graph.port(*at).node;
        if graph.node(id).kind == Kind::Dummy {
            graph.node_mut(id).x += by;
        }
    }
}

/// How much of a step a port can take without coming too near to what is beside it.
fn slack(graph: &Graph, port: u32, by: i32) -> i32 {
    if by == 0 || graph.port(port).trunk != NONE {
        return 0;
    }
    match graph.node(graph.port(port).node).kind {
        Kind::Leaf => end_slack(graph, port, by),
        Kind::Dummy => layer_slack(graph, graph.port(port).node, by),
        Kind::Container => border_slack(graph, port, by),
        Kind::Header => 0,
    }
}

/// The same for a place in a layer, which must keep off its neighbours.
fn layer_slack(graph: &Graph, id: u32, by: i32) -> i32 {
    let node = graph.node(id);
    let frame = graph.node(node.parent);
    let Some(layer) = frame.layers.get(node.layer as usize) else { return 0 };
    let Some(at) = layer.iter().position(|item| *item == id) else { return 0 };
    let beside = |other: u32, left: u32, right: u32| {
        let (one, two) = (graph.node(left), graph.node(right));
        let is_free = graph.node(other).kind != Kind::Header;
        is_free
            .then(|| coordinate::gap(graph, left, right) + one.beside + two.before + coordinate::end_room(graph, left))
    };
    if by > 0 {
        let room = match layer.get(at + 1) {
            Some(other) => beside(*other, id, *other).map(|gap| graph.node(*other).x - gap - node.x - node.w),
            None => Some(frame.x + frame.w - coordinate::inset(graph, id, frame.pad.right) - node.x - node.w),
        };
        return room.map_or(0, |room| by.min(room.max(0)));
    }
    let room = match at.checked_sub(1).map(|before| layer[before]) {
        Some(other) => beside(other, other, id).map(|gap| node.x - graph.node(other).x - graph.node(other).w - gap),
        None => Some(node.x - frame.x - coordinate::inset(graph, id, frame.pad.left)),
    };
    room.map_or(0, |room| by.max(-room.max(0)))
}

/// The same for a place on a border, between its neighbours there.
fn border_slack(graph: &Graph, port: u32, by: i32) -> i32 {
    let node = graph.node(graph.port(port).node);
    let face = face(graph, port);
    let Some(at) = face.iter().position(|other| *other == port) else { return 0 };
    let x = graph.port(port).x;
    let low = at.checked_sub(1).map_or(node.x + coordinate::port_inset(node.pad.left), |other| {
        graph.port(face[other]).x + graph.port(face[other]).beside.max(space::EDGE_GAP)
    });
    let high = face.get(at + 1).map_or(node.x + node.w - coordinate::port_inset(node.pad.right), |other| {
        graph.port(*other).x - graph.port(port).beside.max(space::EDGE_GAP)
    });
    if low > x || x > high { 0 } else { (x + by).clamp(low, high) - x }
}

/// Lets the edges that pass a side of a container turn as seldom as they can, with all of them looked at together: one
/// that turns anyway may do so on the other side of the border, where that leaves its neighbour the room to turn once.
/// Whether anything moved.
fn settle(graph: &mut Graph, container: u32, face: &[u32]) -> bool {
    let node = graph.node(container);
    let (low, high) =
        (node.x + coordinate::port_inset(node.pad.left), node.x + node.w - coordinate::port_inset(node.pad.right));
    // For each place that the last port may take: what all up to it cost, and which place of the port before that needs.
    let mut rows: Vec<Vec<Spot>> = Vec::with_capacity(face.len());
    for (at, id) in face.iter().enumerate() {
        let port = graph.port(*id);
        let mut row = vec![Spot::new(port.x)];
        if port.up != NONE && port.down != NONE && port.trunk == NONE {
            let ends = [graph.port(port.up).x, graph.port(port.down).x];
            for x in ends.into_iter().filter(|x| low <= *x && *x <= high) {
                if row.iter().all(|spot| spot.x != x) {
                    row.push(Spot::new(x));
                }
            }
            for spot in &mut row {
                let turns: i64 = ends.iter().map(|end| turn(spot.x - end)).sum();
                spot.cost = turns + i64::from(spot.x != port.x);
            }
        }
        if let Some((before, last)) = at.checked_sub(1).and_then(|at| rows.last().zip(face.get(at))) {
            let last = graph.port(*last);
            let gap = last.beside.max(space::EDGE_GAP).min(port.x - last.x);
            for spot in &mut row {
                let fits = before.iter().enumerate().filter(|(_, other)| other.x + gap <= spot.x);
                let best = fits.min_by_key(|(_, other)| other.cost).map(|(at, other)| (other.cost, at));
                let (cost, from) = best.unwrap_or((NO_WAY, 0));
                (spot.cost, spot.from) = (spot.cost + cost, from);
            }
        }
        rows.push(row);
    }
    let Some(last) = rows.last() else { return false };
    let mut at = last.iter().enumerate().min_by_key(|(_, spot)| spot.cost).map_or(0, |(at, _)| at);
    let mut has_moved = false;
    for (row, id) in rows.iter().zip(face).rev() {
        let spot = &row[at];
        has_moved |= graph.port(*id).x != spot.x;
        graph.port_mut(*id).x = spot.x;
        at = spot.from;
    }
    has_moved
}

/// A place that a port on a border may take.
struct Spot {
    x: i32,
    /// What all ports up to this one cost, and the place that the port before it then takes.
    cost: i64,
    from: usize,
}

impl Spot {
    fn new(x: i32) -> Self {
        Self { x, cost: 0, from: 0 }
    }
}

/// What a step aside costs: a small one more, since it looks like a mistake.
fn turn(step: i32) -> i64 {
    match step.abs() {
        0 => 0,
        ..=SMALL => 3 * TURN,
        _ => 2 * TURN,
    }
}

/// How much of a step the end of an edge can take without coming too near to a corner or another end.
fn end_slack(graph: &Graph, port: u32, by: i32) -> i32 {
    let id = graph.port(port).node;
    let node = graph.node(id);
    if by == 0 || node.kind != Kind::Leaf || !is_end(graph, port) {
        return 0;
    }
    let face = face(graph, port);
    let Some(at) = face.iter().position(|other| *other == port) else { return 0 };
    let x = graph.port(port).x;
    // Round and slanted shapes have no corners to come near to, but less of a side.
    let range = (node.port_range.0.min(SLIDE), (node.w - node.port_range.1).min(SLIDE));
    let inset = (CORNER.max(node.port_range.0 - range.0), CORNER.max(node.w - node.port_range.1 - range.1));
    let low = at.checked_sub(1).map_or(node.x + inset.0, |other| graph.port(face[other]).x + BESIDE);
    let high = face.get(at + 1).map_or(node.x + node.w - inset.1, |other| graph.port(*other).x - BESIDE);
    if low > x || x > high {
        return 0;
    }
    (x + by).clamp(low, high) - x
}

/// Whether an edge ends here, at a place that is its own and that nobody fixed.
fn is_end(graph: &Graph, port: u32) -> bool {
    let port = graph.port(port);
    (port.up == NONE) != (port.down == NONE) && port.trunk == NONE && port.fixed.is_none()
}

/// The ports of the side that a port is at.
fn face(graph: &Graph, port: u32) -> &[u32] {
    let node = graph.node(graph.port(port).node);
    if node.top.contains(&port) { &node.top } else { &node.bottom }
}
