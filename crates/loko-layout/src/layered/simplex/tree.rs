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
        let order = self.hang(0);
        for (at, node) in order.iter().enumerate() {
            let after = order[(at + 1) % order.len()];
            self.next[*node as usize] = after;
            self.prev[after as usize] = *node;
        }
    }

    /// Directs the whole tree towards `root`, and counts it; returns it in preorder.
    pub(super) fn hang(&mut self, root: u32) -> Vec<u32> {
        let mut order: Vec<u32> = Vec::with_capacity(self.count());
        (self.parent[root as usize], self.parent_arc[root as usize]) = (NONE, NONE);
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            order.push(node);
            self.size[node as usize] = 1;
            for at in self.first[node as usize]..self.first[node as usize + 1] {
                let end = self.incident[at as usize];
                if self.in_tree[end.arc as usize] && end.arc != self.parent_arc[node as usize] {
                    (self.parent[end.other as usize], self.parent_arc[end.other as usize]) = (node, end.arc);
                    stack.push(end.other);
                }
            }
        }
        for node in order[1..].iter().rev() {
            self.size[self.parent[*node as usize] as usize] += self.size[*node as usize];
        }
        order
    }

    /// Adds to the sizes of a node and of all above it.
    fn add_size(&mut self, mut node: u32, more: i32) {
        while node != NONE {
            self.size[node as usize] = self.size[node as usize].wrapping_add_signed(more);
            node = self.parent[node as usize];
        }
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
        for end in self.at(node) {
            if end.arc != above {
                let flow = self.flow[end.arc as usize];
                sum += if self.arcs[end.arc as usize].from == node { flow } else { -flow };
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
            *node = self.parent[*node as usize];
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
        for place in 0..below.min(above) {
            side.nodes.push(node);
            side.place[node as usize] = place;
            side.mark[node as usize] = side.round;
            node = along[node as usize];
        }
    }

    /// Hangs the smaller part, which the tree lost with the leaving arc, below the arc that joins it again.
    ///
    /// Only the nodes on the way from the part's new top to its old one turn round. What is below each of them is a stretch of
    /// the ring that holds that of the one before; in the new order the rest of it follows that.
    pub(super) fn rehang(&mut self, entering: u32) {
        let ends = self.arcs[entering as usize];
        let (inner, outer) = if self.side.holds(ends.from) { (ends.from, ends.to) } else { (ends.to, ends.from) };
        let (top, count) = (self.side.top, self.side.nodes.len() as u32);
        let old_top = if self.side.is_below { top } else { std::mem::replace(&mut self.root, top) };
        let lost = self.size[top as usize] as i32;
        self.add_size(self.parent[top as usize], -lost);
        (self.parent[top as usize], self.parent_arc[top as usize]) = (NONE, NONE);
        // The side and all else become rings of their own; behind `outer` they are opened and joined.
        let (one, other) = (self.side.nodes[0], self.side.nodes[count as usize - 1]);
        let (start, end) = if self.side.is_below { (one, other) } else { (other, one) };
        let (before, after) = (self.prev[start as usize], self.next[end as usize]);
        self.follow(before, after);
        self.follow(end, start);
        let behind = self.next[outer as usize];
        let (mut last, mut done) = (outer, None);
        let (mut node, mut above, mut arc) = (inner, outer, entering);
        while node != NONE {
            let from = self.side.steps(old_top, node);
            let to = from + self.size[node as usize];
            let (done_from, done_to) = done.replace((from, to)).unwrap_or((from, from));
            for (from, to) in [(from, done_from), (done_to, to)] {
                if from < to {
                    self.follow(last, self.side.behind(old_top, from));
                    last = self.side.behind(old_top, to - 1);
                }
            }
            self.size[node as usize] = count - (done_to - done_from);
            let next = (self.parent[node as usize], self.parent_arc[node as usize]);
            (self.parent[node as usize], self.parent_arc[node as usize]) = (above, arc);
            (above, node, arc) = (node, next.0, next.1);
        }
        self.follow(last, behind);
        self.add_size(outer, count as i32);
    }

    /// Puts one node behind another in the ring.
    fn follow(&mut self, before: u32, after: u32) {
        self.next[before as usize] = after;
        self.prev[after as usize] = before;
    }

    pub(super) fn replace(&mut self, leaving: u32, entering: u32) {
        let at = self.tree_at[leaving as usize];
        self.tree[at as usize] = entering;
        self.tree_at[entering as usize] = at;
        self.in_tree[leaving as usize] = false;
        self.in_tree[entering as usize] = true;
    }
}
