//! The visibility matrix: which node reaches which, over any number of steps, itself included.
//!
//! MacCormack, Rusnak and Baldwin, "Exploring the Structure of Complex Software Designs" (Management Science 52, 2006):
//! the visibility matrix is the sum of all powers of the dependency matrix, the zeroth included, as truth values; its
//! density is the propagation cost, the share of a system that a change of one element reaches on average. It is
//! computed over the condensation of the graph in one pass, a row of bits for each strongly connected component.

use super::graph::Digraph;

/// Larger graphs have no visibility matrix: it takes n²/8 bytes at worst.
pub const NODES_MAX: usize = 20_000;

const WORD: usize = u64::BITS as usize;

/// A visibility matrix.
#[derive(Clone, Debug)]
pub struct Visibility {
    /// The component of each node.
    component: Vec<usize>,
    /// For each component the nodes that it reaches, a bit each.
    rows: Vec<Vec<u64>>,
    /// For each node the number of nodes that reach it.
    fan_in: Vec<usize>,
}

impl Visibility {
    /// The matrix of a graph, unless it is larger than [`NODES_MAX`].
    pub fn of(graph: &Digraph) -> Option<Self> {
        let count = graph.nodes();
        if count > NODES_MAX {
            return None;
        }
        let components = graph.components();
        let mut component = vec![0; count];
        for (at, group) in components.iter().enumerate() {
            group.iter().for_each(|node| component[*node] = at);
        }
        let mut rows: Vec<Vec<u64>> = Vec::with_capacity(components.len());
        for (at, group) in components.iter().enumerate() {
            let mut row = vec![0_u64; count.div_ceil(WORD)];
            for node in group {
                row[node / WORD] |= 1 << (node % WORD);
                // What a component depends on stands before it, so those rows are finished.
                for below in graph.out(*node).iter().map(|to| component[*to]).filter(|below| *below != at) {
                    row.iter_mut().zip(&rows[below]).for_each(|(word, other)| *word |= other);
                }
            }
            rows.push(row);
        }
        let mut fan_in = vec![0; count];
        for (row, group) in rows.iter().zip(&components) {
            for node in ones(row) {
                fan_in[node] += group.len();
            }
        }
        Some(Self { component, rows, fan_in })
    }

    /// How many nodes a node reaches, itself included (visibility fan-out).
    pub fn fan_out(&self, node: usize) -> usize {
        self.rows[self.component[node]].iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many nodes reach a node, itself included (visibility fan-in).
    pub fn fan_in(&self, node: usize) -> usize {
        self.fan_in[node]
    }

    /// Whether one node reaches another.
    pub fn sees(&self, from: usize, to: usize) -> bool {
        self.rows[self.component[from]][to / WORD] & 1 << (to % WORD) != 0
    }

    /// How many pairs there are of which the first reaches the second, each node with itself included.
    pub fn pairs(&self) -> usize {
        self.fan_in.iter().sum()
    }

    /// The propagation cost: pairs that reach each other among all pairs. None for a graph without nodes.
    pub fn cost(&self) -> Option<f64> {
        let count = self.component.len();
        (count > 0).then(|| self.pairs() as f64 / (count * count) as f64)
    }
}

fn ones(row: &[u64]) -> impl Iterator<Item = usize> {
    row.iter()
        .enumerate()
        .flat_map(|(at, word)| (0..WORD).filter(move |bit| word & 1 << bit != 0).map(move |bit| at * WORD + bit))
}
