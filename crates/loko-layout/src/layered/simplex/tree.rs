//! The spanning tree as a ring of its nodes in preorder, so that a step touches the smaller of the two parts into which
//! the leaving arc cuts it and no more (the "thread index" of Glover, Klingman and Stutz, 1974, made a ring).

use super::{NONE, Simplex};

impl Simplex {
    pub(super) fn link(&mut self, arc: u32) {
        self.in_tree[arc as usize] = true;
        self.tree_at[arc as usize] = self.tree.len() as u32;
        self.tree.push(arc);
    }

    /// Hangs the whole tree below node 0.
    pub(super) fn thread_tree(&mut self) {
        let order = self.hang(0, NONE);
        for (at, node) in order.iter().enumerate() {
            let after = order[(at + 1) % order.len()];
            self.next[*node as usize] = after;
            self.prev[after as usize] = *node;
        }
    }

    /// Directs all that is joined to `top`, but for what lies behind the arc `above`, towards it, and counts it; returns
    /// it in preorder.
    pub(super) fn hang(&mut self, top: u32, above: u32) -> Vec<u32> {
        let mut order: Vec<u32> = Vec::new();
        self.parent_arc[top as usize] = above;
        let mut stack = vec![top];
        while let Some(node) = stack.pop() {
            order.push(node);
            self.size[node as usize] = 1;
            for at in self.first[node as usize]..self.first[node as usize + 1] {
                let arc = self.incident[at as usize];
                if self.in_tree[arc as usize] && arc != self.parent_arc[node as usize] {
                    let child = self.arcs[arc as usize].other(node);
                    self.parent_arc[child as usize] = arc;
                    stack.push(child);
                }
            }
        }
        for node in order[1..].iter().rev() {
            let parent = self.parent(*node);
            self.size[parent as usize] += self.size[*node as usize];
        }
        order
    }

    fn parent(&self, node: u32) -> u32 {
        self.arcs[self.parent_arc[node as usize] as usize].other(node)
    }

    /// Finds the flows of all tree arcs.
    pub(super) fn compute_flows(&mut self) {
        // Backwards in the ring from the root's place on: what is below a node comes before it.
        let mut node = self.prev[0];
        while node != 0 {
            self.balance(node);
            node = self.prev[node as usize];
        }
    }

    /// Gives the arc above a node the flow that balances all others there.
    pub(super) fn balance(&mut self, node: u32) {
        let above = self.parent_arc[node as usize];
        let mut sum = 0;
        for arc in self.at(node) {
            if *arc != above {
                let flow = self.flow[*arc as usize];
                sum += if self.arcs[*arc as usize].from == node { flow } else { -flow };
            }
        }
        self.flow[above as usize] = if self.arcs[above as usize].to == node { sum } else { -sum };
    }

    /// Changes the flows on the way through the tree that balances a change of one arc's flow.
    pub(super) fn push(&mut self, arc: u32, change: i32) {
        let ends = self.arcs[arc as usize];
        let (mut tail, mut head) = (ends.from, ends.to);
        while tail != head {
            // Of two different nodes the one with fewer below cannot be above the other.
            let at_tail = self.size[tail as usize] <= self.size[head as usize];
            let node = if at_tail { &mut tail } else { &mut head };
            let above = self.parent_arc[*node as usize];
            let leads_up = self.arcs[above as usize].from == *node;
            self.flow[above as usize] += if leads_up == at_tail { -change } else { change };
            *node = self.arcs[above as usize].other(*node);
        }
    }

    /// Finds the smaller part into which a tree arc cuts the tree.
    pub(super) fn cut_at(&mut self, arc: u32) {
        let ends = self.arcs[arc as usize];
        let holds_tail = self.parent_arc[ends.from as usize] == arc;
        let top = if holds_tail { ends.from } else { ends.to };
        let below = self.size[top as usize];
        let above = self.count() as u32 - below;
        let side = &mut self.side;
        (side.top, side.holds_tail, side.is_below) = (top, holds_tail, below <= above);
        side.round += 1;
        side.nodes.clear();
        // In the ring, what is below stands from its top on, and all else in front of it.
        let (mut node, along) = if side.is_below { (top, &self.next) } else { (self.prev[top as usize], &self.prev) };
        for _ in 0..below.min(above) {
            side.nodes.push(node);
            side.mark[node as usize] = side.round;
            node = along[node as usize];
        }
    }

    /// Hangs the smaller part, which the tree lost with the leaving arc, below the arc that joins it again.
    pub(super) fn rehang(&mut self, entering: u32) {
        let ends = self.arcs[entering as usize];
        let (inner, outer) = if self.side.holds(ends.from) { (ends.from, ends.to) } else { (ends.to, ends.from) };
        let (top, count) = (self.side.top, self.side.nodes.len() as u32);
        if self.side.is_below {
            let mut node = top;
            while self.parent_arc[node as usize] != NONE {
                node = self.parent(node);
                self.size[node as usize] -= count;
            }
        }
        // The side is one stretch of the ring; its nodes were listed from `top` on, forwards or backwards.
        let (one, other) = (self.side.nodes[0], self.side.nodes[count as usize - 1]);
        let (start, end) = if self.side.is_below { (one, other) } else { (other, one) };
        let (before, after) = (self.prev[start as usize], self.next[end as usize]);
        self.next[before as usize] = after;
        self.prev[after as usize] = before;
        if !self.side.is_below {
            self.parent_arc[top as usize] = NONE;
        }
        let order = self.hang(inner, entering);
        let mut last = outer;
        let after = self.next[outer as usize];
        for node in order {
            self.next[last as usize] = node;
            self.prev[node as usize] = last;
            last = node;
        }
        self.next[last as usize] = after;
        self.prev[after as usize] = last;
        let mut node = outer;
        loop {
            self.size[node as usize] += count;
            if self.parent_arc[node as usize] == NONE {
                break;
            }
            node = self.parent(node);
        }
    }

    pub(super) fn replace(&mut self, leaving: u32, entering: u32) {
        let at = self.tree_at[leaving as usize];
        self.tree[at as usize] = entering;
        self.tree_at[entering as usize] = at;
        self.in_tree[leaving as usize] = false;
        self.in_tree[entering as usize] = true;
    }
}
