//! Directed graphs of numbered nodes: what the measures of this folder are computed on.
//!
//! Edges are sorted and stand once; there are no loops. Strongly connected components: Tarjan, "Depth-First Search and
//! Linear Graph Algorithms" (1972), with the stack of calls kept by hand.

/// A directed graph without loops or parallel edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digraph {
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
}

impl Digraph {
    /// A graph of `nodes` nodes; loops and repetitions among the edges are dropped.
    ///
    /// # Panics
    /// When an edge names a node that is not there: a mistake of the caller.
    pub fn new(nodes: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut graph = Self { out: vec![Vec::new(); nodes], into: vec![Vec::new(); nodes] };
        for (from, to) in edges.into_iter().filter(|(from, to)| from != to) {
            graph.out[from].push(to);
            graph.into[to].push(from);
        }
        for list in graph.out.iter_mut().chain(&mut graph.into) {
            list.sort_unstable();
            list.dedup();
        }
        graph
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.out.len()
    }

    /// The number of edges.
    pub fn edges(&self) -> usize {
        self.out.iter().map(Vec::len).sum()
    }

    /// Where edges from a node lead, sorted.
    pub fn out(&self, node: usize) -> &[usize] {
        &self.out[node]
    }

    /// Where edges to a node come from, sorted.
    pub fn into(&self, node: usize) -> &[usize] {
        &self.into[node]
    }

    /// All edges, sorted.
    pub fn all(&self) -> impl Iterator<Item = (usize, usize)> {
        self.out.iter().enumerate().flat_map(|(from, to)| to.iter().map(move |to| (from, *to)))
    }

    /// The graph of some nodes and the edges between them, numbered as they stand in the list.
    pub fn induced(&self, nodes: &[usize]) -> Self {
        let mut number = vec![usize::MAX; self.nodes()];
        for (at, node) in nodes.iter().enumerate() {
            number[*node] = at;
        }
        let edges = nodes.iter().flat_map(|node| self.out(*node).iter().map(|to| (number[*node], number[*to])));
        Self::new(nodes.len(), edges.filter(|(_, to)| *to != usize::MAX))
    }

    /// The strongly connected components, each sorted; one that others depend on stands before those.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut search = Tarjan {
            graph: self,
            number: vec![0; self.nodes()],
            low: vec![0; self.nodes()],
            is_open: vec![false; self.nodes()],
            open: Vec::new(),
            count: 0,
            found: Vec::new(),
        };
        for node in 0..self.nodes() {
            if search.number[node] == 0 {
                search.visit(node);
            }
        }
        search.found
    }

    /// Whether there is no way from any node back to itself.
    pub fn is_acyclic(&self) -> bool {
        self.components().iter().all(|group| group.len() == 1)
    }
}

struct Tarjan<'g> {
    graph: &'g Digraph,
    /// The order of the first visit, from 1; 0 is not yet visited.
    number: Vec<usize>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    count: usize,
    found: Vec<Vec<usize>>,
}

impl Tarjan<'_> {
    fn visit(&mut self, root: usize) {
        self.enter(root);
        let mut calls = vec![(root, 0)];
        while let Some((node, next)) = calls.last_mut() {
            let node = *node;
            if let Some(target) = self.graph.out(node).get(*next).copied() {
                *next += 1;
                if self.number[target] == 0 {
                    self.enter(target);
                    calls.push((target, 0));
                } else if self.is_open[target] {
                    self.low[node] = self.low[node].min(self.number[target]);
                }
            } else {
                calls.pop();
                if let Some((caller, _)) = calls.last() {
                    self.low[*caller] = self.low[*caller].min(self.low[node]);
                }
                self.leave(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.count += 1;
        self.number[node] = self.count;
        self.low[node] = self.count;
        self.is_open[node] = true;
        self.open.push(node);
    }

    fn leave(&mut self, node: usize) {
        if self.low[node] != self.number[node] {
            return;
        }
        let start = self.open.iter().rposition(|it| *it == node).expect("a node is open until its component ends");
        let mut group = self.open.split_off(start);
        for member in &group {
            self.is_open[*member] = false;
        }
        group.sort_unstable();
        self.found.push(group);
    }
}
