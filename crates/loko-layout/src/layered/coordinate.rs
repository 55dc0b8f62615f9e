//! Positions across the flow: straight edges first, then short ones, then narrow drawings.
//!
//! The x coordinates of all levels are one linear program, solved as in section 4.2 of Gansner et al. (1993): a
//! variable for each side of a box and for each port, demands that keep the order with gaps and children inside their
//! containers, and costs for the sideways distance between the ends of each piece of an edge. Because border ports
//! are variables too, edges may run straight through any number of borders. A hierarchy that is too large for one
//! program is solved from the inside out: the inside of a container is then fixed relative to its left side. Crowded
//! containers get their long edges straight beforehand: dummies that follow each other share a variable wherever such
//! pieces do not cross (the "linear segments" of Sander, "A fast heuristic for hierarchical Manhattan layout", 1996).

use super::graph::{Graph, Kind, NONE};
use super::simplex::{self, Arc};
use crate::space;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

/// Containers with more items in their layers get their long edges straight beforehand.
const CROWDED: usize = 2_000;

/// The most dummies in a row that share a variable; without a limit, drawings would lean sideways without end.
const RUN: usize = 4;

/// The number of variables up to which a program is solved as a whole, in a drawing with so many ports.
fn whole(ports: usize) -> usize {
    match ports {
        0..=900 => 1_500,
        901..=4_000 => 800,
        _ => 350,
    }
}

const STRAIGHT: i32 = 16;
const STRAIGHT_AT_TRUNK: i32 = 12;
const STRAIGHT_BETWEEN_DUMMIES: i32 = 24;
/// How many times as much where a small step was left.
const STRONG: i32 = 6;
const NARROW: i32 = 1;
const NARROW_WHOLE: i32 = 2;
const CENTRED: i32 = 1;
/// How strongly a box is drawn to where it stood in an earlier drawing.
const REMEMBERED: i32 = 4;
/// An edge that has a side of a box for itself and is off its middle looks like a mistake.
const CENTRED_ALONE: i32 = 8;

/// A number that is `off` more than a variable.
#[derive(Clone, Copy, Debug)]
struct Spot {
    var: u32,
    off: i32,
}

/// Gives every node and every port its x.
pub(crate) fn assign(graph: &mut Graph) {
    solve(graph, false);
}

/// The same for a drawing of which little changed since it was done: what everything's x was is where the search begins.
pub(crate) fn assign_again(graph: &mut Graph) {
    solve(graph, true);
}

fn solve(graph: &mut Graph, again: bool) {
    let mut solver = Solver::new(graph);
    if again {
        solver.recall();
    }
    solver.merge_chains();
    solver.solve(0);
    solver.write();
}

struct Solver<'a> {
    graph: &'a mut Graph,
    left: Vec<Spot>,
    right: Vec<Spot>,
    port: Vec<Spot>,
    /// Where a variable went when its container was fixed.
    fixed: Vec<Option<Spot>>,
    /// What a variable was before; 0 for all in the first drawing.
    before: Vec<i32>,
    frozen: Vec<bool>,
}

impl<'a> Solver<'a> {
    fn new(graph: &'a mut Graph) -> Self {
        let mut vars = 0;
        let mut fresh = || {
            vars += 1;
            Spot { var: vars - 1, off: 0 }
        };
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for node in &graph.nodes {
            let spot = fresh();
            match node.kind {
                Kind::Container => {
                    left.push(spot);
                    right.push(fresh());
                }
                Kind::Dummy => {
                    left.push(Spot { off: -(node.w / 2), ..spot });
                    right.push(Spot { off: node.w - node.w / 2, ..spot });
                }
                Kind::Leaf | Kind::Header => {
                    left.push(spot);
                    right.push(Spot { off: node.w, ..spot });
                }
            }
        }
        let mut port: Vec<Spot> = graph
            .ports
            .iter()
            .map(|port| match (graph.node(port.node).kind, port.fixed) {
                (Kind::Dummy, _) => Spot { off: 0, ..left[port.node as usize] },
                (Kind::Leaf, Some(off)) => Spot { off, ..left[port.node as usize] },
                _ => fresh(),
            })
            .collect();
        for at in 0..port.len() {
            let trunk = graph.ports[at].trunk;
            if trunk != NONE {
                port[at] = port[trunk as usize];
            }
        }
        let frozen = vec![false; graph.nodes.len()];
        let (fixed, before) = (vec![None; vars as usize], vec![0; vars as usize]);
        Self { graph, left, right, port, fixed, before, frozen }
    }

    /// Takes over where everything stands.
    fn recall(&mut self) {
        let mut recall = |spot: Spot, x: i32| self.before[spot.var as usize] = x - spot.off;
        for (at, port) in self.graph.ports.iter().enumerate() {
            recall(self.port[at], port.x);
        }
        for (at, node) in self.graph.nodes.iter().enumerate() {
            recall(self.right[at], node.x + node.w);
            recall(self.left[at], node.x);
        }
    }

    /// Lets dummies that follow each other share a variable in crowded containers, for as many as can in each channel
    /// without crossing.
    fn merge_chains(&mut self) {
        let mut place = vec![0usize; self.graph.ports.len()];
        let mut length = vec![0usize; self.graph.ports.len()];
        for container in self.graph.containers() {
            if self.graph.node(container).layers.iter().map(Vec::len).sum::<usize>() < CROWDED {
                continue;
            }
            for pair in self.graph.node(container).layers.windows(2) {
                for (at, item) in pair[1].iter().enumerate() {
                    self.graph.node(*item).top.iter().for_each(|port| place[*port as usize] = at);
                }
                let is_dummy = |node: u32| self.graph.node(node).kind == Kind::Dummy;
                let pieces: Vec<(u32, u32)> = pair[0]
                    .iter()
                    .filter(|item| is_dummy(**item))
                    .filter_map(|item| self.graph.node(*item).bottom.first())
                    .map(|port| (*port, self.graph.port(*port).down))
                    .filter(|(_, down)| *down != NONE && is_dummy(self.graph.port(*down).node))
                    .filter(|(port, _)| length[*port as usize] < RUN)
                    .collect();
                let ends: Vec<usize> = pieces.iter().map(|(_, down)| place[*down as usize]).collect();
                for at in longest_ascent(&ends) {
                    let (upper, lower) = pieces[at];
                    length[lower as usize] = length[upper as usize] + 1;
                    let target = self.port[upper as usize];
                    self.fixed[self.port[lower as usize].var as usize] = Some(target);
                }
            }
        }
    }

    /// Follows a spot through the containers that were fixed.
    fn find(&self, mut spot: Spot) -> Spot {
        while let Some(next) = self.fixed[spot.var as usize] {
            spot = Spot { var: next.var, off: next.off + spot.off };
        }
        spot
    }

    /// About how many variables the program of a container has.
    fn size(&self, container: u32) -> usize {
        let node = self.graph.node(container);
        let mut size = node.top.len() + node.bottom.len() + 2;
        for item in node.layers.iter().flatten() {
            let inner = self.graph.node(*item);
            size += match inner.kind {
                Kind::Container if !self.frozen[*item as usize] => self.size(*item),
                Kind::Dummy => 2,
                _ => 1 + (inner.top.len() + inner.bottom.len()) * 2,
            };
        }
        size
    }

    /// Solves the programs of a container and of all in it that does not fit into the container's own; afterwards all is fixed
    /// relative to its left side.
    fn solve(&mut self, container: u32) {
        let mut levels = Vec::new();
        self.plan(container, &mut levels);
        for containers in levels {
            let values: Vec<Values> =
                containers.par_iter().map(|container| Program::new(self, *container).run(self)).collect();
            for (var, spot) in values.into_iter().flatten() {
                self.fixed[var as usize] = Some(spot);
            }
            for container in containers {
                self.frozen[container as usize] = true;
            }
        }
    }

    /// The containers with programs of their own, from the inside out: those of one level know nothing of each other. Returns
    /// the level of the container itself.
    fn plan(&self, container: u32, levels: &mut Vec<Vec<u32>>) -> usize {
        let mut size = self.size(container);
        let whole = whole(self.graph.ports.len());
        let mut level = 0;
        if size > whole {
            let mut inner: Vec<(usize, u32)> = Vec::new();
            for item in self.graph.node(container).layers.iter().flatten() {
                if self.graph.node(*item).kind == Kind::Container {
                    inner.push((self.size(*item), *item));
                }
            }
            inner.sort_by_key(|(size, id)| (std::cmp::Reverse(*size), *id));
            for (part, item) in inner {
                if size <= whole {
                    break;
                }
                level = level.max(self.plan(item, levels) + 1);
                size -= part;
            }
        }
        if levels.len() <= level {
            levels.resize_with(level + 1, Vec::new);
        }
        levels[level].push(container);
        level
    }

    fn write(&mut self) {
        let root = self.find(self.left[0]).off;
        for at in 0..self.graph.nodes.len() {
            let (left, right) = (self.find(self.left[at]).off, self.find(self.right[at]).off);
            self.graph.nodes[at].x = left - root;
            self.graph.nodes[at].w = right - left;
        }
        for at in 0..self.graph.ports.len() {
            self.graph.ports[at].x = self.find(self.port[at]).off - root;
        }
    }
}

/// Variables with what they are relative to another one.
type Values = Vec<(u32, Spot)>;

/// One linear program: the inside of one container, with what was fixed in it before as solid pieces.
struct Program {
    container: u32,
    /// The variables that take part.
    vars: Vec<u32>,
    local: rustc_hash::FxHashMap<u32, usize>,
    arcs: Vec<Arc>,
}

impl Program {
    fn new(solver: &Solver<'_>, container: u32) -> Self {
        let mut program =
            Self { container, vars: Vec::new(), local: rustc_hash::FxHashMap::default(), arcs: Vec::new() };
        program.local(solver.left[container as usize].var);
        program.add_container(solver, container);
        program.add_hints(solver, container);
        program
    }

    fn local(&mut self, var: u32) -> usize {
        let next = self.vars.len();
        let at = *self.local.entry(var).or_insert(next);
        if at == next {
            self.vars.push(var);
        }
        at
    }

    /// Demands `b` to be at least `gap` more than `a`.
    fn apart(&mut self, solver: &Solver<'_>, a: Spot, b: Spot, gap: i32, weight: i32) {
        let (a, b) = (solver.find(a), solver.find(b));
        let (from, to) = (self.local(a.var), self.local(b.var));
        if from != to {
            self.arcs.push(Arc::new(from, to, gap + a.off - b.off, weight));
        }
    }

    fn pull(&mut self, solver: &Solver<'_>, a: Spot, b: Spot, weight: i32) {
        let (a, b) = (solver.find(a), solver.find(b));
        if a.var != b.var {
            let (from, to) = (self.local(a.var), self.local(b.var));
            self.arcs.push(Arc::pull(from, to, a.off - b.off, weight));
        }
    }

    fn add_container(&mut self, solver: &Solver<'_>, id: u32) {
        let graph = &*solver.graph;
        let node = graph.node(id);
        let (left, right) = (solver.left[id as usize], solver.right[id as usize]);
        let narrow = if id == 0 { NARROW_WHOLE } else { NARROW };
        self.apart(solver, left, right, node.min_w, narrow);
        self.add_face(solver, id, &node.top);
        self.add_face(solver, id, &node.bottom);
        for port in &node.top {
            self.add_link(solver, *port);
        }
        for layer in &node.layers {
            let mut before: Option<u32> = None;
            for item in layer {
                if graph.node(*item).kind == Kind::Header && !graph.node(*item).pinned {
                    // It will find its place between the edges; the container is wide enough for it.
                    self.apart(solver, left, solver.left[*item as usize], 0, 0);
                    continue;
                }
                match before {
                    None => {
                        let room = inset(graph, *item, node.pad.left) + graph.node(*item).before;
                        self.apart(solver, left, solver.left[*item as usize], room, 0);
                    }
                    Some(other) => {
                        let beside = graph.node(other).beside + graph.node(*item).before;
                        let gap = gap(graph, other, *item) + beside + end_room(graph, other);
                        self.apart(solver, solver.right[other as usize], solver.left[*item as usize], gap, 0);
                    }
                }
                before = Some(*item);
                self.add_item(solver, *item);
                if graph.node(*item).kind == Kind::Header {
                    self.add_ends_beside(solver, id, *item);
                }
            }
            if let Some(last) = before {
                let room = inset(graph, last, node.pad.right) + graph.node(last).beside + end_room(graph, last);
                self.apart(solver, solver.right[last as usize], right, room, 0);
            }
        }
    }

    /// Keeps edges that end at a container's border off the heading that stands outside of it, on the sides on which they are.
    fn add_ends_beside(&mut self, solver: &Solver<'_>, container: u32, heading: u32) {
        let graph = &*solver.graph;
        let middle = graph.node(heading).x + graph.node(heading).w / 2;
        for end in super::heading::ends_outside(graph, container) {
            let spot = solver.port[end as usize];
            if graph.port(end).x < middle {
                self.apart(solver, spot, solver.left[heading as usize], space::LABEL_GAP, 0);
            } else {
                self.apart(solver, solver.right[heading as usize], spot, space::LABEL_GAP, 0);
            }
        }
    }

    fn add_item(&mut self, solver: &Solver<'_>, item: u32) {
        let inner = solver.graph.node(item);
        match inner.kind {
            Kind::Container if !solver.frozen[item as usize] => {
                self.add_container(solver, item);
                for port in &inner.bottom {
                    self.add_link(solver, *port);
                }
                return;
            }
            Kind::Leaf => {
                self.add_face(solver, item, &inner.top);
                self.add_face(solver, item, &inner.bottom);
            }
            Kind::Container | Kind::Dummy | Kind::Header => {}
        }
        for port in &inner.bottom {
            self.add_link(solver, *port);
        }
    }

    /// Ties go to the distances of an earlier drawing: every known box is drawn lightly to its place beside the first.
    fn add_hints(&mut self, solver: &Solver<'_>, container: u32) {
        let mut known = Vec::new();
        let mut stack = vec![container];
        while let Some(id) = stack.pop() {
            for item in &solver.graph.node(id).children {
                let node = solver.graph.node(*item);
                match node.hint {
                    Some((x, _)) if node.kind == Kind::Leaf => {
                        let left = solver.left[*item as usize];
                        known.push((Spot { off: left.off + node.w / 2, ..left }, x));
                    }
                    _ if node.kind == Kind::Container && !solver.frozen[*item as usize] => stack.push(*item),
                    _ => {}
                }
            }
        }
        let Some((anchor, at)) = known.first().copied() else { return };
        for (spot, x) in known.into_iter().skip(1) {
            self.pull(solver, spot, Spot { off: anchor.off + x - at, ..anchor }, REMEMBERED);
        }
    }

    /// Ports in their order, within their range, and near their share of the side.
    fn add_face(&mut self, solver: &Solver<'_>, node: u32, ports: &[u32]) {
        let (left, right) = (solver.left[node as usize], solver.right[node as usize]);
        let graph = &*solver.graph;
        let inner = graph.node(node);
        let container = inner.kind == Kind::Container;
        let is_free = |port: &u32| graph.port(*port).fixed.is_none() && graph.port(*port).leads(*port);
        let free: Vec<u32> = ports.iter().copied().filter(is_free).collect();
        let count = free.len() as i32;
        if count == 0 {
            return;
        }
        let (mut low, mut high) =
            if container { (port_inset(inner.pad.left), -port_inset(inner.pad.right)) } else { inner.port_range };
        let mut gap = space::EDGE_GAP;
        if !container && count > 1 {
            // Ends keep to the part of the side that suits the shape, and off its corners unless heads would touch each other.
            for (gap, inset) in [(gap, inner.w / OFF_CORNERS), (HEAD_GAP, 2.min(inner.w / 2))] {
                let more = ((count - 1) * gap - (high - low) + 1).max(0) / 2;
                low = (low - more).max(inset.min(low));
                high = (high + more).min((inner.w - inset).max(high));
            }
            gap = gap.min((high - low) / (count - 1));
        }
        let mut before: Option<u32> = None;
        for (at, port) in free.iter().enumerate() {
            let spot = solver.port[*port as usize];
            match before {
                None => self.apart(solver, left, spot, low, 0),
                Some(other) => {
                    let room = if container { graph.port(other).beside } else { graph.port(other).beside.min(gap * 2) };
                    let room = if room > 0 && (high - low) / count > room { room } else { gap };
                    self.apart(solver, solver.port[other as usize], spot, room, 0);
                }
            }
            if !container {
                let share = Spot { off: left.off + inner.w * (at as i32 + 1) / (count + 1), ..left };
                self.pull(solver, spot, share, if count == 1 { CENTRED_ALONE } else { CENTRED });
            }
            before = Some(*port);
        }
        if let Some(last) = before {
            let end = if container { right } else { Spot { off: left.off + high, ..left } };
            self.apart(solver, solver.port[last as usize], end, if container { -high } else { 0 }, 0);
        }
    }

    fn add_link(&mut self, solver: &Solver<'_>, port: u32) {
        let down = solver.graph.port(port).down;
        if down == NONE {
            return;
        }
        let dummy = |port: u32| solver.graph.node(solver.graph.port(port).node).kind == Kind::Dummy;
        // Branches turn off at their trunk anyway; what lies behind shall then be straight.
        let is_branch = [port, down].iter().any(|end| solver.graph.port(*end).trunk != NONE);
        let weight = match dummy(port) && dummy(down) {
            _ if is_branch => STRAIGHT_AT_TRUNK,
            true => STRAIGHT_BETWEEN_DUMMIES,
            false => STRAIGHT,
        };
        let weight = if solver.graph.port(port).is_strong { STRONG * weight } else { weight };
        self.pull(solver, solver.port[port as usize], solver.port[down as usize], weight);
    }

    /// Where each variable is, from the left side of the container on.
    fn run(self, solver: &Solver<'_>) -> Values {
        let total = self.vars.len();
        let near: Vec<i32> = self.vars.iter().map(|var| solver.before[*var as usize]).collect();
        let values = simplex::solve_from(near, &self.arcs, space::pivots(total));
        let left = solver.left[self.container as usize].var;
        let base = self.local.get(&left).map_or(0, |at| values[*at]);
        let others = self.vars.iter().zip(values).filter(|(var, _)| **var != left);
        others.map(|(var, value)| (*var, Spot { var: left, off: value - base })).collect()
    }
}

/// The indices of a longest row of ascending numbers.
fn longest_ascent(numbers: &[usize]) -> Vec<usize> {
    let mut last: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; numbers.len()];
    for (at, number) in numbers.iter().enumerate() {
        let length = last.partition_point(|end| numbers[*end] < *number);
        if length > 0 {
            before[at] = last[length - 1];
        }
        if length == last.len() {
            last.push(at);
        } else {
            last[length] = at;
        }
    }
    let mut row = Vec::new();
    let mut at = last.last().copied();
    while let Some(index) = at {
        row.push(index);
        at = Some(before[index]).filter(|index| *index != usize::MAX);
    }
    row.reverse();
    row
}

/// The least distance of two ports of a box that has no more room.
const HEAD_GAP: i32 = 11;
/// The part of a side at both ends that ports leave free while they can.
const OFF_CORNERS: i32 = 5;

/// The least distance of a port from the corners of a container.
const EDGE_INSET: i32 = 14;

/// The least distance between two neighbours of a layer.
pub(super) fn gap(graph: &Graph, a: u32, b: u32) -> i32 {
    let (a, b) = (graph.node(a), graph.node(b));
    let plain = |node: &super::graph::Node| node.kind == Kind::Dummy && node.w == 0;
    let text = |node: &super::graph::Node| (node.kind == Kind::Dummy && node.w > 0) || node.kind == Kind::Header;
    match (plain(a), plain(b)) {
        (true, true) => space::EDGE_GAP,
        _ if text(a) || text(b) => space::LABEL_GAP,
        (true, _) | (_, true) => space::EDGE_NODE,
        _ => space::NODE_GAP,
    }
}

/// The distance of an item from the border of its container.
pub(super) fn inset(graph: &Graph, item: u32, pad: i32) -> i32 {
    let node = graph.node(item);
    match node.kind {
        Kind::Dummy if node.w == 0 => port_inset(pad),
        Kind::Header => space::HEADING / 2 + (pad - space::PAD).max(0),
        _ => pad,
    }
}

/// The distance of an edge from the side of a container, whose heading it must not touch.
pub(super) fn port_inset(pad: i32) -> i32 {
    EDGE_INSET + (pad - space::PAD).max(0)
}

/// Room for labels at the ends of edges, beside the last port of a node.
pub(super) fn end_room(graph: &Graph, item: u32) -> i32 {
    let node = graph.node(item);
    if node.kind != Kind::Leaf {
        return 0;
    }
    let most = [&node.top, &node.bottom].into_iter().filter_map(|ports| ports.last());
    let most = most.map(|port| graph.port(*port).beside).max().unwrap_or(0);
    (most - node.w / 2).max(0)
}

#[cfg(test)]
mod tests {
    use super::longest_ascent;

    #[test]
    fn a_longest_ascent_is_found() {
        assert_eq!(longest_ascent(&[3, 0, 4, 1, 2, 5]), [1, 3, 4, 5]);
        assert_eq!(longest_ascent(&[2, 1, 0]).len(), 1);
        assert!(longest_ascent(&[]).is_empty());
    }
}
