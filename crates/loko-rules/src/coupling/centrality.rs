//! How central nodes are: betweenness and PageRank.
//!
//! Betweenness: Brandes, "A Faster Algorithm for Betweenness Centrality" (Journal of Mathematical Sociology 25, 2001),
//! on shortest ways by number of edges, divided by (n−1)(n−2), the number of ordered pairs without the node itself.
//! PageRank: Page, Brin, Motwani and Winograd (1999), damping 0.85; a node without outgoing edges passes its rank to
//! all. Rank flows along dependencies, so what much depends on ranks high.

use super::graph::Digraph;
use std::collections::VecDeque;

/// Larger graphs get no betweenness: it takes n·m steps.
pub const BETWEENNESS_NODES_MAX: usize = 5_000;

const DAMPING: f64 = 0.85;
const ROUNDS_MAX: usize = 1_000;
/// The ranks have settled when they change less than this a node.
const SETTLED: f64 = 1e-12;

/// The share of shortest ways between other nodes that lead through each node; none above [`BETWEENNESS_NODES_MAX`].
pub fn betweenness(graph: &Digraph) -> Option<Vec<f64>> {
    let count = graph.nodes();
    if count > BETWEENNESS_NODES_MAX {
        return None;
    }
    let mut sums = vec![0.0; count];
    let mut search = Search::new(count);
    for start in (0..count).filter(|start| !graph.out(*start).is_empty()) {
        search.run(graph, start, &mut sums);
    }
    if count > 2 {
        let pairs = ((count - 1) * (count - 2)) as f64;
        sums.iter_mut().for_each(|sum| *sum /= pairs);
    }
    Some(sums)
}

/// What one breadth-first search needs; kept between searches, cleared for the nodes that were reached.
struct Search {
    ways: Vec<f64>,
    distance: Vec<usize>,
    before: Vec<Vec<usize>>,
    share: Vec<f64>,
    reached: Vec<usize>,
}

impl Search {
    fn new(count: usize) -> Self {
        Self {
            ways: vec![0.0; count],
            distance: vec![usize::MAX; count],
            before: vec![Vec::new(); count],
            share: vec![0.0; count],
            reached: Vec::new(),
        }
    }

    fn run(&mut self, graph: &Digraph, start: usize, sums: &mut [f64]) {
        self.ways[start] = 1.0;
        self.distance[start] = 0;
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            self.reached.push(node);
            for to in graph.out(node) {
                if self.distance[*to] == usize::MAX {
                    self.distance[*to] = self.distance[node] + 1;
                    queue.push_back(*to);
                }
                if self.distance[*to] == self.distance[node] + 1 {
                    self.ways[*to] += self.ways[node];
                    self.before[*to].push(node);
                }
            }
        }
        while let Some(node) = self.reached.pop() {
            let passed = (1.0 + self.share[node]) / self.ways[node];
            for before in std::mem::take(&mut self.before[node]) {
                self.share[before] += self.ways[before] * passed;
            }
            if node != start {
                sums[node] += self.share[node];
            }
            self.ways[node] = 0.0;
            self.distance[node] = usize::MAX;
            self.share[node] = 0.0;
        }
    }
}

/// The rank of each node; all ranks add up to 1.
pub fn pagerank(graph: &Digraph) -> Vec<f64> {
    let count = graph.nodes();
    if count == 0 {
        return Vec::new();
    }
    let even = 1.0 / count as f64;
    let mut ranks = vec![even; count];
    for _ in 0..ROUNDS_MAX {
        let dangling: f64 = (0..count).filter(|node| graph.out(*node).is_empty()).map(|node| ranks[node]).sum();
        let mut next = vec![(1.0 - DAMPING) * even + DAMPING * dangling * even; count];
        for node in 0..count {
            let share = DAMPING * ranks[node] / graph.out(node).len().max(1) as f64;
            graph.out(node).iter().for_each(|to| next[*to] += share);
        }
        let change: f64 = next.iter().zip(&ranks).map(|(new, old)| (new - old).abs()).sum();
        ranks = next;
        if change < SETTLED * count as f64 {
            break;
        }
    }
    ranks
}
