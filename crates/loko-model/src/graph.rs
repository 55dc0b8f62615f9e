//! Graphs as lists of neighbours, for what is asked of several levels of a model.

/// The strongly connected groups of more than one node, each sorted, in the order of their first nodes.
///
/// `next[n]` are the nodes that `n` leads to. Tarjan, "Depth-First Search and Linear Graph Algorithms" (1972), with the
/// stack of calls kept by hand: deep graphs cost memory, not the program's own stack.
///
/// ```
/// use loko_model::graph::cyclic_groups;
/// assert_eq!(cyclic_groups(&[vec![1], vec![2], vec![0], vec![0]]), [vec![0, 1, 2]]);
/// ```
pub fn cyclic_groups(next: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut search = Tarjan {
        next,
        number: vec![0; next.len()],
        low: vec![0; next.len()],
        on_stack: vec![false; next.len()],
        stack: Vec::new(),
        count: 0,
        groups: Vec::new(),
    };
    for node in 0..next.len() as u32 {
        if search.number[node as usize] == 0 {
            search.visit(node);
        }
    }
    search.groups.sort();
    search.groups
}

struct Tarjan<'g> {
    next: &'g [Vec<u32>],
    /// The order of the first visit, from 1; 0 is not yet visited.
    number: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    count: u32,
    groups: Vec<Vec<u32>>,
}

impl Tarjan<'_> {
    fn visit(&mut self, root: u32) {
        self.enter(root);
        let mut calls = vec![(root, 0)];
        while let Some((node, place)) = calls.last_mut() {
            let at = *node as usize;
            if let Some(target) = self.next[at].get(*place).copied() {
                *place += 1;
                if self.number[target as usize] == 0 {
                    self.enter(target);
                    calls.push((target, 0));
                } else if self.on_stack[target as usize] {
                    self.low[at] = self.low[at].min(self.number[target as usize]);
                }
            } else {
                calls.pop();
                if let Some((caller, _)) = calls.last() {
                    self.low[*caller as usize] = self.low[*caller as usize].min(self.low[at]);
                }
                self.leave(at);
            }
        }
    }

    fn enter(&mut self, node: u32) {
        let at = node as usize;
        self.count += 1;
        self.number[at] = self.count;
        self.low[at] = self.count;
        self.on_stack[at] = true;
        self.stack.push(node);
    }

    fn leave(&mut self, at: usize) {
        if self.low[at] != self.number[at] {
            return;
        }
        let start =
            self.stack.iter().rposition(|it| *it as usize == at).expect("a node is on the stack until its group ends");
        let mut group = self.stack.split_off(start);
        for member in &group {
            self.on_stack[*member as usize] = false;
        }
        if group.len() > 1 {
            group.sort_unstable();
            self.groups.push(group);
        }
    }
}
