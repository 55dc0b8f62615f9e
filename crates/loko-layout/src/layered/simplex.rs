//! Network simplex: numbers for the nodes of a graph that keep every arc at least as long as asked and make the
//! weighted sum of the arcs' lengths as small as can be.
//!
//! After Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs" (IEEE TSE 1993), with a first
//! spanning tree that is grown from the longest paths by merging the smaller of two tight trees into the larger.
//! The tree is kept as a ring of its nodes in preorder, so that a step touches the smaller of the two parts into which
//! the leaving arc cuts it and no more (the "thread index" of Glover, Klingman and Stutz, 1974, made a ring).
//! All numbers are integers, so that every platform takes the same pivots. The method can be stopped at any time.

/// A demand: `to` is at least `len` more than `from`; each unit beyond costs `weight`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arc {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) len: i32,
    pub(crate) weight: i32,
}

impl Arc {
    pub(crate) fn new(from: usize, to: usize, len: i32, weight: i32) -> Self {
        Self { from: from as u32, to: to as u32, len, weight }
    }
}

/// How many tree arcs with a negative cut are looked at before the worst of them is taken.
const SEARCH: usize = 30;
const NONE: u32 = u32::MAX;

/// Numbers from 0 up for `count` nodes; at most `pivots` steps of improvement are made.
///
/// Arcs may form cycles only of a length below or equal to 0 in all, with an arc of negative length in each.
pub(crate) fn solve(count: usize, arcs: &[Arc], pivots: usize) -> Vec<i32> {
    if count == 0 {
        return Vec::new();
    }
    let mut simplex = Simplex::new(count, arcs);
    simplex.rank_by_longest_path();
    simplex.span();
    simplex.thread_tree();
    simplex.compute_cuts();
    let mut start = 0;
    for _ in 0..pivots {
        let Some(leaving) = simplex.leaving(&mut start) else { break };
        simplex.cut_at(leaving);
        let Some(entering) = simplex.entering() else { break };
        simplex.pivot(leaving, entering);
    }
    let least = simplex.rank.iter().copied().min().unwrap_or(0);
    simplex.rank.iter().map(|rank| rank - least).collect()
}

struct Simplex {
    arcs: Vec<Arc>,
    /// Arcs at each node, in one array.
    first: Vec<u32>,
    incident: Vec<u32>,
    rank: Vec<i32>,
    cut: Vec<i64>,
    in_tree: Vec<bool>,
    tree: Vec<u32>,
    tree_at: Vec<u32>,
    tree_adjacent: Vec<Vec<u32>>,
    /// The tree arc towards the root (`NONE` at it), and how many nodes the part below a node has, itself included.
    parent_arc: Vec<u32>,
    size: Vec<u32>,
    /// The ring of all nodes in preorder.
    next: Vec<u32>,
    prev: Vec<u32>,
    side: Side,
}

/// The smaller of the two parts into which a tree arc cuts the tree.
#[derive(Default)]
struct Side {
    nodes: Vec<u32>,
    /// Marks the nodes of the side: theirs is the number of the round.
    mark: Vec<u32>,
    round: u32,
    /// The node below the cut arc; whether the side is what is below; and whether what is below holds the arc's tail.
    top: u32,
    is_below: bool,
    holds_tail: bool,
}

impl Side {
    fn holds(&self, node: u32) -> bool {
        self.mark[node as usize] == self.round
    }
}

/// Longer than any drawing: an arc with this negative length demands nothing.
const NO_DEMAND: i32 = -100_000_000;

impl Simplex {
    fn new(count: usize, arcs: &[Arc]) -> Self {
        let mut first = vec![0u32; count + 1];
        for arc in arcs {
            first[arc.from as usize + 1] += 1;
            first[arc.to as usize + 1] += 1;
        }
        for at in 0..count {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut incident = vec![0u32; arcs.len() * 2];
        for (at, arc) in arcs.iter().enumerate() {
            for node in [arc.from, arc.to] {
                incident[next[node as usize] as usize] = at as u32;
                next[node as usize] += 1;
            }
        }
        Self {
            arcs: arcs.to_vec(),
            first,
            incident,
            rank: vec![0; count],
            cut: vec![0; arcs.len()],
            in_tree: vec![false; arcs.len()],
            tree: Vec::with_capacity(count),
            tree_at: vec![NONE; arcs.len()],
            tree_adjacent: vec![Vec::new(); count],
            parent_arc: vec![NONE; count],
            size: vec![1; count],
            next: vec![NONE; count],
            prev: vec![NONE; count],
            side: Side { mark: vec![0; count], ..Side::default() },
        }
    }

    fn count(&self) -> usize {
        self.rank.len()
    }

    fn at(&self, node: u32) -> &[u32] {
        &self.incident[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    fn slack(&self, arc: u32) -> i32 {
        let arc = self.arcs[arc as usize];
        self.rank[arc.to as usize] - self.rank[arc.from as usize] - arc.len
    }

    /// Every node as far to the front as its predecessors let it; nodes without any are drawn up to their successors.
    fn rank_by_longest_path(&mut self) {
        let order = self.forward_order();
        // Only arcs of negative length lead back, so that few rounds settle everything.
        for _ in 0..=self.count() {
            let mut changed = false;
            for node in &order {
                for at in self.first[*node as usize]..self.first[*node as usize + 1] {
                    let arc = self.arcs[self.incident[at as usize] as usize];
                    let least = self.rank[*node as usize] + arc.len;
                    if arc.from == *node && self.rank[arc.to as usize] < least {
                        self.rank[arc.to as usize] = least;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        for node in 0..self.count() as u32 {
            let only_out = self.at(node).iter().all(|arc| self.arcs[*arc as usize].from == node);
            if only_out {
                let near = self.at(node).iter().map(|arc| self.slack(*arc)).min().unwrap_or(0);
                self.rank[node as usize] += near;
            }
        }
    }

    /// The nodes in an order in which no arc of a length from 0 up leads back.
    fn forward_order(&self) -> Vec<u32> {
        let mut missing = vec![0u32; self.count()];
        for arc in self.arcs.iter().filter(|arc| arc.len >= 0) {
            missing[arc.to as usize] += 1;
        }
        let mut order: Vec<u32> = (0..self.count() as u32).filter(|node| missing[*node as usize] == 0).collect();
        let mut at = 0;
        while let Some(node) = order.get(at).copied() {
            at += 1;
            for arc in self.at(node) {
                let arc = self.arcs[*arc as usize];
                if arc.from == node && arc.len >= 0 {
                    missing[arc.to as usize] -= 1;
                    if missing[arc.to as usize] == 0 {
                        order.push(arc.to);
                    }
                }
            }
        }
        order
    }

    fn link(&mut self, arc: u32) {
        self.in_tree[arc as usize] = true;
        self.tree_at[arc as usize] = self.tree.len() as u32;
        self.tree.push(arc);
        let ends = self.arcs[arc as usize];
        self.tree_adjacent[ends.from as usize].push(arc);
        self.tree_adjacent[ends.to as usize].push(arc);
    }

    /// A spanning tree of tight arcs: trees are merged, smallest first, each moved to where one of its arcs is tight.
    fn span(&mut self) {
        let count = self.count();
        let mut group: Vec<u32> = (0..count as u32).collect();
        let mut members: Vec<Vec<u32>> = (0..count as u32).map(|node| vec![node]).collect();
        for arc in 0..self.arcs.len() as u32 {
            if self.slack(arc) == 0 {
                self.join(arc, &mut group, &mut members);
            }
        }
        let mut queue: std::collections::BTreeSet<(usize, u32)> = (0..count as u32)
            .filter(|at| !members[*at as usize].is_empty())
            .map(|at| (members[at as usize].len(), at))
            .collect();
        while queue.len() > 1 {
            let Some((_, small)) = queue.pop_first() else { break };
            let Some((arc, shift)) = self.nearest_outside(&members[small as usize], &group) else {
                // Nothing leads out of this part: it is tied to another one by an arc that demands nothing.
                let Some(other) = queue.first().map(|(_, other)| *other) else { break };
                let (from, to) = (members[small as usize][0], members[other as usize][0]);
                let arc = self.tie(from, to);
                queue.remove(&(members[other as usize].len(), other));
                let kept = self.join(arc, &mut group, &mut members);
                queue.insert((members[kept as usize].len(), kept));
                continue;
            };
            for node in &members[small as usize] {
                self.rank[*node as usize] += shift;
            }
            let ends = self.arcs[arc as usize];
            let (a, b) = (group[ends.from as usize], group[ends.to as usize]);
            let other = if a == small { b } else { a };
            queue.remove(&(members[other as usize].len(), other));
            let kept = self.join(arc, &mut group, &mut members);
            queue.insert((members[kept as usize].len(), kept));
        }
    }

    /// The arc with the least slack between these nodes and others, and how far these have to move to make it tight.
    fn nearest_outside(&self, nodes: &[u32], group: &[u32]) -> Option<(u32, i32)> {
        let own = group[*nodes.first()? as usize];
        let mut best: Option<(i32, u32, i32)> = None;
        for node in nodes {
            for arc in self.at(*node) {
                let ends = self.arcs[*arc as usize];
                let leaves = group[ends.from as usize] == own;
                if leaves && group[ends.to as usize] == own {
                    continue;
                }
                let slack = self.slack(*arc);
                if best.is_none_or(|(least, ..)| slack < least) {
                    best = Some((slack, *arc, if leaves { slack } else { -slack }));
                }
            }
        }
        best.map(|(_, arc, shift)| (arc, shift))
    }

    /// Takes a tight arc into the tree if its ends are still apart; returns the group that is left of the two.
    fn join(&mut self, arc: u32, group: &mut [u32], members: &mut [Vec<u32>]) -> u32 {
        let ends = self.arcs[arc as usize];
        let (mut a, mut b) = (group[ends.from as usize], group[ends.to as usize]);
        if a == b {
            return a;
        }
        if members[a as usize].len() < members[b as usize].len() {
            std::mem::swap(&mut a, &mut b);
        }
        let moved = std::mem::take(&mut members[b as usize]);
        for node in &moved {
            group[*node as usize] = a;
        }
        members[a as usize].extend(moved);
        self.link(arc);
        a
    }

    /// Adds an arc without weight that demands nothing.
    fn tie(&mut self, from: u32, to: u32) -> u32 {
        self.arcs.push(Arc { from, to, len: NO_DEMAND, weight: 0 });
        self.cut.push(0);
        self.in_tree.push(false);
        self.tree_at.push(NONE);
        self.arcs.len() as u32 - 1
    }

    /// Hangs the whole tree below node 0.
    fn thread_tree(&mut self) {
        let order = self.hang(0, NONE);
        for (at, node) in order.iter().enumerate() {
            let after = order[(at + 1) % order.len()];
            self.next[*node as usize] = after;
            self.prev[after as usize] = *node;
        }
    }

    /// Directs all that is joined to `top`, but for what lies behind the arc `above`, towards it, and counts it; returns
    /// it in preorder.
    fn hang(&mut self, top: u32, above: u32) -> Vec<u32> {
        let mut order: Vec<u32> = Vec::new();
        self.parent_arc[top as usize] = above;
        let mut stack = vec![top];
        while let Some(node) = stack.pop() {
            order.push(node);
            self.size[node as usize] = 1;
            for at in 0..self.tree_adjacent[node as usize].len() {
                let arc = self.tree_adjacent[node as usize][at];
                if arc != self.parent_arc[node as usize] {
                    let child = self.other_end(arc, node);
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
        self.other_end(self.parent_arc[node as usize], node)
    }

    fn other_end(&self, arc: u32, node: u32) -> u32 {
        let ends = self.arcs[arc as usize];
        if ends.from == node { ends.to } else { ends.from }
    }

    fn compute_cuts(&mut self) {
        // Backwards in the ring from the root's place on: what is below a node comes before it.
        let mut node = self.prev[0];
        while node != 0 {
            let arc = self.parent_arc[node as usize];
            self.cut[arc as usize] = self.cut_above(node, arc);
            node = self.prev[node as usize];
        }
    }

    /// The cut value of the arc above a node whose subtree is done already.
    fn cut_above(&self, node: u32, above: u32) -> i64 {
        let downwards = self.arcs[above as usize].to == node;
        let mut sum = i64::from(self.arcs[above as usize].weight);
        for arc in self.at(node) {
            if *arc == above {
                continue;
            }
            let ends = self.arcs[*arc as usize];
            let agrees = (ends.to == node) == downwards;
            let weight = i64::from(ends.weight);
            sum += if agrees { weight } else { -weight };
            if self.in_tree[*arc as usize] {
                let cut = self.cut[*arc as usize];
                sum += if agrees { -cut } else { cut };
            }
        }
        sum
    }

    fn leaving(&self, start: &mut usize) -> Option<u32> {
        let (mut found, mut best) = (0, None::<(i64, u32, usize)>);
        for step in 0..self.tree.len() {
            let at = (*start + step) % self.tree.len();
            let cut = self.cut[self.tree[at] as usize];
            if cut >= 0 {
                continue;
            }
            if best.is_none_or(|(least, ..)| cut < least) {
                best = Some((cut, self.tree[at], at));
            }
            found += 1;
            if found >= SEARCH {
                break;
            }
        }
        let (_, arc, at) = best?;
        *start = at;
        Some(arc)
    }

    /// Finds the smaller part into which a tree arc cuts the tree.
    fn cut_at(&mut self, arc: u32) {
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

    /// The arc with the least slack that leads into the part with the tail of the cut arc.
    fn entering(&self) -> Option<u32> {
        let into_side = self.side.holds_tail == self.side.is_below;
        let mut best: Option<(i32, u32)> = None;
        for node in &self.side.nodes {
            for arc in self.at(*node) {
                let ends = &self.arcs[*arc as usize];
                let (here, there) = if into_side { (ends.to, ends.from) } else { (ends.from, ends.to) };
                if here != *node || self.side.holds(there) {
                    continue;
                }
                let slack = self.rank[ends.to as usize] - self.rank[ends.from as usize] - ends.len;
                if best.is_none_or(|known| (slack, *arc) < known) {
                    best = Some((slack, *arc));
                }
            }
        }
        best.map(|(_, arc)| arc)
    }

    fn pivot(&mut self, leaving: u32, entering: u32) {
        let slack = self.slack(entering);
        let shift = if self.side.holds_tail == self.side.is_below { -slack } else { slack };
        for node in &self.side.nodes {
            self.rank[*node as usize] += shift;
        }
        let cut = self.cut[leaving as usize];
        self.change_cuts(cut, self.arcs[entering as usize]);
        self.cut[entering as usize] = -cut;
        self.cut[leaving as usize] = 0;
        self.replace(leaving, entering);
        self.rehang(entering);
    }

    /// Changes the cuts on both ways from the ends of an arc up to where they meet.
    fn change_cuts(&mut self, cut: i64, ends: Arc) {
        let (mut tail, mut head) = (ends.from, ends.to);
        while tail != head {
            // Of two different nodes the one with fewer below cannot be above the other.
            let forward = self.size[tail as usize] <= self.size[head as usize];
            let node = if forward { &mut tail } else { &mut head };
            let arc = self.parent_arc[*node as usize];
            let from_here = self.arcs[arc as usize].from == *node;
            self.cut[arc as usize] += if from_here == forward { cut } else { -cut };
            *node = self.other_end(arc, *node);
        }
    }

    /// Hangs the smaller part, which the tree lost with the leaving arc, below the arc that joins it again.
    fn rehang(&mut self, entering: u32) {
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

    fn replace(&mut self, leaving: u32, entering: u32) {
        let old = self.arcs[leaving as usize];
        for node in [old.from, old.to] {
            self.tree_adjacent[node as usize].retain(|arc| *arc != leaving);
        }
        let at = self.tree_at[leaving as usize];
        self.tree[at as usize] = entering;
        self.tree_at[entering as usize] = at;
        self.in_tree[leaving as usize] = false;
        self.in_tree[entering as usize] = true;
        let new = self.arcs[entering as usize];
        self.tree_adjacent[new.from as usize].push(entering);
        self.tree_adjacent[new.to as usize].push(entering);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(arcs: &[Arc], rank: &[i32]) -> i32 {
        arcs.iter().map(|arc| arc.weight * (rank[arc.to as usize] - rank[arc.from as usize])).sum()
    }

    /// The least cost over all numbers below `limit`, by trying them all.
    fn brute(count: usize, arcs: &[Arc], limit: i32) -> i32 {
        let mut best = i32::MAX;
        for code in 0..limit.pow(count as u32) {
            let rank: Vec<i32> = (0..count).map(|at| code / limit.pow(at as u32) % limit).collect();
            if arcs.iter().all(|arc| rank[arc.to as usize] - rank[arc.from as usize] >= arc.len) {
                best = best.min(cost(arcs, &rank));
            }
        }
        best
    }

    #[test]
    fn finds_the_least_cost_of_small_graphs() {
        let mut seed = 7u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..60 {
            let count = 5;
            let mut arcs = Vec::new();
            for to in 1..count {
                arcs.push(Arc::new(random(to as u64) as usize, to, random(2) as i32, random(4) as i32));
                let from = random(to as u64) as usize;
                arcs.push(Arc::new(from, to, random(3) as i32, random(4) as i32));
            }
            let rank = solve(count, &arcs, 1000);
            assert!(arcs.iter().all(|arc| rank[arc.to as usize] - rank[arc.from as usize] >= arc.len));
            assert_eq!(cost(&arcs, &rank), brute(count, &arcs, 8), "{arcs:?} gave {rank:?}");
        }
    }

    /// What is kept up from step to step is what a fresh count gives.
    #[test]
    fn steps_keep_the_tree_in_order() {
        let mut seed = 11u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for round in 0..30 {
            let count = 40;
            let mut arcs = Vec::new();
            for to in 1..count {
                for _ in 0..2 {
                    let from = random(to as u64) as usize;
                    arcs.push(Arc::new(from, to, random(5) as i32, random(9) as i32));
                }
            }
            let mut simplex = Simplex::new(count, &arcs);
            simplex.rank_by_longest_path();
            simplex.span();
            simplex.thread_tree();
            simplex.compute_cuts();
            let mut start = 0;
            while let Some(leaving) = simplex.leaving(&mut start) {
                simplex.cut_at(leaving);
                let entering = simplex.entering().expect("costs are bounded");
                simplex.pivot(leaving, entering);
                let (cuts, sizes) = (simplex.cut.clone(), simplex.size.clone());
                let root = (0..count as u32).find(|node| simplex.parent_arc[*node as usize] == NONE).unwrap();
                let order = simplex.hang(root, NONE);
                assert_eq!(order.len(), count);
                assert_eq!(simplex.size, sizes, "round {round}");
                for node in order.iter().skip(1).rev() {
                    let arc = simplex.parent_arc[*node as usize];
                    simplex.cut[arc as usize] = simplex.cut_above(*node, arc);
                }
                for arc in simplex.tree.clone() {
                    assert_eq!(simplex.slack(arc), 0);
                    assert_eq!(simplex.cut[arc as usize], cuts[arc as usize], "round {round}");
                }
            }
        }
    }
}
