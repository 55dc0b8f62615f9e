//! Breaking cycles: which edges are drawn against the flow.
//!
//! The greedy heuristic of Eades, Lin and Smyth, "A fast and effective heuristic for the feedback arc set problem"
//! (1993): sources first, sinks last, else the node with the most more edges out than in. Ties go to the node that
//! stands first in the source text, so that a cycle starts where its author started it.

use std::collections::BTreeSet;

/// A place for each of `count` nodes such that few edges (`from`, `to`) lead from a later to an earlier place.
pub(crate) fn order(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut peel = Peel::new(count, edges);
    let (mut place, mut front, mut back) = (vec![0; count], 0, count);
    while front < back {
        if let Some(node) = peel.sinks.last().copied() {
            back -= 1;
            place[node] = back;
            peel.remove(node);
        } else if let Some(node) = peel.sources.first().copied().or_else(|| peel.richest()) {
            place[node] = front;
            front += 1;
            peel.remove(node);
        } else {
            break;
        }
    }
    place
}

struct Peel {
    outs: Vec<Vec<usize>>,
    ins: Vec<Vec<usize>>,
    out_left: Vec<i32>,
    in_left: Vec<i32>,
    gone: Vec<bool>,
    sources: BTreeSet<usize>,
    sinks: BTreeSet<usize>,
    rest: BTreeSet<(i32, usize)>,
}

impl Peel {
    fn new(count: usize, edges: &[(usize, usize)]) -> Self {
        let (mut outs, mut ins) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (from, to) in edges.iter().filter(|(from, to)| from != to) {
            outs[*from].push(*to);
            ins[*to].push(*from);
        }
        let out_left: Vec<i32> = outs.iter().map(|list| list.len() as i32).collect();
        let in_left: Vec<i32> = ins.iter().map(|list| list.len() as i32).collect();
        let mut peel = Self {
            outs,
            ins,
            out_left,
            in_left,
            gone: vec![false; count],
            sources: BTreeSet::new(),
            sinks: BTreeSet::new(),
            rest: BTreeSet::new(),
        };
        for node in 0..count {
            peel.file(node);
        }
        peel
    }

    fn file(&mut self, node: usize) {
        if self.in_left[node] == 0 {
            self.sources.insert(node);
        } else if self.out_left[node] == 0 {
            self.sinks.insert(node);
        } else {
            self.rest.insert((self.in_left[node] - self.out_left[node], node));
        }
    }

    fn unfile(&mut self, node: usize) {
        if self.in_left[node] == 0 {
            self.sources.remove(&node);
        } else if self.out_left[node] == 0 {
            self.sinks.remove(&node);
        } else {
            self.rest.remove(&(self.in_left[node] - self.out_left[node], node));
        }
    }

    fn richest(&self) -> Option<usize> {
        self.rest.first().map(|(_, node)| *node)
    }

    fn remove(&mut self, node: usize) {
        self.unfile(node);
        self.gone[node] = true;
        for to in std::mem::take(&mut self.outs[node]) {
            if !self.gone[to] {
                self.unfile(to);
                self.in_left[to] -= 1;
                self.file(to);
            }
        }
        for from in std::mem::take(&mut self.ins[node]) {
            if !self.gone[from] {
                self.unfile(from);
                self.out_left[from] -= 1;
                self.file(from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_closing_edge_of_a_ring_is_turned() {
        assert_eq!(order(3, &[(0, 1), (1, 2), (2, 0)]), [0, 1, 2]);
        assert_eq!(order(4, &[(3, 2), (2, 1), (1, 0)]), [3, 2, 1, 0]);
    }

    #[test]
    fn a_graph_without_cycles_keeps_all_its_edges() {
        let edges = [(0, 3), (4, 0), (4, 3), (1, 2), (2, 0), (1, 4)];
        let place = order(5, &edges);
        assert!(edges.iter().all(|(from, to)| place[*from] < place[*to]));
    }
}
