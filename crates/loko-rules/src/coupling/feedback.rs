//! The fewest edges without which a strongly connected group has no cycle: a minimum feedback arc set.
//!
//! A set of edges is a feedback arc set exactly when it holds the edges that lead back in some order of the nodes. Up to
//! [`EXACT_NODES_MAX`] nodes the best order is found by dynamic programming over the sets of nodes that stand first, in
//! O(2ⁿ·n): Lawler, "A Comment on Minimum Feedback Arc Sets" (1964); Held and Karp's recurrence (1962). Finding it is
//! NP-hard (Karp 1972), so larger groups get the order of Eades, Lin and Smyth, "A fast and effective heuristic for the
//! feedback arc set problem" (1993), and then every node is moved to its best place until no move helps. Of an order
//! and its reverse the better one is taken, so never more than half of the edges are cut; without pairs of nodes that
//! need each other the heuristic keeps m/2 − n/6. How far from the best it can be at most is told by
//! [`Cut::edges_min`]: the number of cycles without a common edge that were found, each of which must lose one.

use super::graph::Digraph;
use std::collections::VecDeque;

/// Groups of up to this many nodes are cut by the fewest edges possible; larger ones by a heuristic.
pub const EXACT_NODES_MAX: usize = 20;

/// How often all nodes of a large group are moved to better places at most.
const SIFTINGS_MAX: usize = 32;
/// Above this many nodes the places are not searched again and no cycles are counted: either takes O(n²) and more.
const SIFTED_NODES_MAX: usize = 2_000;

/// Edges to cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The edges, sorted.
    pub edges: Vec<(usize, usize)>,
    /// Whether no smaller set would do.
    pub is_exact: bool,
    /// No set of fewer edges than this would do.
    pub edges_min: usize,
}

/// The edges of a graph to cut so that no cycle is left.
pub fn cut(graph: &Digraph) -> Cut {
    if graph.nodes() <= EXACT_NODES_MAX {
        let edges = backward(graph, &best_order(graph));
        return Cut { edges_min: edges.len(), edges, is_exact: true };
    }
    let forth = sifted(graph, eades_lin_smyth(graph));
    let back: Vec<usize> = forth.iter().rev().copied().collect();
    let edges = [backward(graph, &forth), backward(graph, &back)]
        .into_iter()
        .min_by_key(Vec::len)
        .expect("there are two orders");
    let edges_min = if graph.nodes() > SIFTED_NODES_MAX { 1 } else { disjoint_cycles(graph).min(edges.len()) };
    Cut { is_exact: edges.len() == edges_min, edges, edges_min }
}

/// The edges that lead back in an order.
fn backward(graph: &Digraph, order: &[usize]) -> Vec<(usize, usize)> {
    let mut place = vec![0; graph.nodes()];
    for (at, node) in order.iter().enumerate() {
        place[*node] = at;
    }
    graph.all().filter(|(from, to)| place[*from] > place[*to]).collect()
}

/// The order in which the fewest edges lead back.
fn best_order(graph: &Digraph) -> Vec<usize> {
    let count = graph.nodes();
    let out: Vec<u32> = (0..count).map(|node| graph.out(node).iter().fold(0, |set, to| set | 1 << to)).collect();
    // For each set of nodes that stand first: the fewest edges that lead back among them.
    let mut fewest = vec![0_u16; 1 << count];
    for set in 1..1_u32 << count {
        fewest[set as usize] = (0..count)
            .filter(|node| set & 1 << node != 0)
            .map(|node| with_last(&fewest, &out, set, node))
            .min()
            .expect("the set holds a node");
    }
    let mut order = Vec::with_capacity(count);
    let mut set = ((1_u64 << count) - 1) as u32;
    while set != 0 {
        let last = (0..count)
            .rev()
            .filter(|node| set & 1 << node != 0)
            .find(|node| with_last(&fewest, &out, set, *node) == fewest[set as usize])
            .expect("some node gave the least number");
        order.push(last);
        set &= !(1 << last);
    }
    order.reverse();
    order
}

/// The edges that lead back when a node stands last in a set.
fn with_last(fewest: &[u16], out: &[u32], set: u32, node: usize) -> u16 {
    let rest = set & !(1 << node);
    fewest[rest as usize] + (out[node] & rest).count_ones() as u16
}

/// Sinks last, sources first, of the rest always the node with the most outgoing edges over incoming ones.
fn eades_lin_smyth(graph: &Digraph) -> Vec<usize> {
    let count = graph.nodes();
    let mut out: Vec<usize> = (0..count).map(|node| graph.out(node).len()).collect();
    let mut into: Vec<usize> = (0..count).map(|node| graph.into(node).len()).collect();
    let mut is_left = vec![true; count];
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let left = || (0..count).filter(|node| is_left[*node]);
        let sink = left().find(|node| out[*node] == 0);
        let source = || left().find(|node| into[*node] == 0);
        let most = || left().max_by_key(|node| (out[*node] as isize - into[*node] as isize, std::cmp::Reverse(*node)));
        let Some(node) = sink.or_else(source).or_else(most) else { break };
        if sink.is_some() {
            last.push(node)
        } else {
            first.push(node)
        }
        is_left[node] = false;
        graph.out(node).iter().for_each(|to| into[*to] = into[*to].saturating_sub(1));
        graph.into(node).iter().for_each(|from| out[*from] = out[*from].saturating_sub(1));
    }
    last.reverse();
    first.extend(last);
    first
}

/// Moves each node to the place where the fewest edges lead back, until that helps no more.
fn sifted(graph: &Digraph, mut order: Vec<usize>) -> Vec<usize> {
    if graph.nodes() > SIFTED_NODES_MAX {
        return order;
    }
    for _ in 0..SIFTINGS_MAX {
        let mut has_moved = false;
        for node in 0..graph.nodes() {
            has_moved |= sift(graph, &mut order, node);
        }
        if !has_moved {
            break;
        }
    }
    order
}

fn sift(graph: &Digraph, order: &mut Vec<usize>, node: usize) -> bool {
    let at = order.iter().position(|it| *it == node).expect("an order holds every node");
    order.remove(at);
    // Walking the place from the front to the back: passing a target makes an edge lead back, passing a source mends one.
    let (mut cost, mut least, mut best, mut here) = (0_isize, 0_isize, 0, 0_isize);
    for (place, other) in order.iter().enumerate() {
        if place == at {
            here = cost;
        }
        cost += isize::from(graph.out(node).binary_search(other).is_ok());
        cost -= isize::from(graph.into(node).binary_search(other).is_ok());
        if cost < least {
            (least, best) = (cost, place + 1);
        }
    }
    if at == order.len() {
        here = cost;
    }
    let place = if least < here { best } else { at };
    order.insert(place, node);
    place != at
}

/// How many cycles were found of which no two share an edge: shortest ones first, from each node in turn.
fn disjoint_cycles(graph: &Digraph) -> usize {
    let mut out: Vec<Vec<usize>> = (0..graph.nodes()).map(|node| graph.out(node).to_vec()).collect();
    let mut count = 0;
    for node in 0..graph.nodes() {
        while let Some(cycle) = shortest_cycle(&out, node) {
            for pair in cycle.windows(2) {
                out[pair[0]].retain(|to| *to != pair[1]);
            }
            count += 1;
        }
    }
    count
}

/// A shortest way from a node back to itself, both ends named.
fn shortest_cycle(out: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut before = vec![usize::MAX; out.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for to in &out[node] {
            if *to == start {
                let mut cycle = vec![start];
                cycle.extend(std::iter::successors(Some(node), |node| Some(before[*node]).filter(|_| *node != start)));
                cycle.reverse();
                return Some(cycle);
            }
            if before[*to] == usize::MAX {
                before[*to] = node;
                queue.push_back(*to);
            }
        }
    }
    None
}
