//! Network simplex: numbers for the nodes of a graph that keep every arc at least as long as asked and make the
//! weighted sum of the arcs' lengths as small as can be.
//!
//! After Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs" (IEEE TSE 1993), with a first
//! spanning tree that is grown from the longest paths by merging the smaller of two tight trees into the larger.
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
    simplex.number_tree();
    simplex.compute_cuts();
    let mut start = 0;
    for _ in 0..pivots {
        let Some(leaving) = simplex.leaving(&mut start) else { break };
        let Some(entering) = simplex.entering(leaving) else { break };
        simplex.pivot(leaving, entering);
    }
    let least = simplex.rank.iter().copied().min().unwrap_or(0);
    simplex.rank.iter().map(|rank| rank - least).collect()
}

struct Simplex<'a> {
    arcs: &'a [Arc],
    /// Arcs at each node, in one array.
    first: Vec<u32>,
    incident: Vec<u32>,
    rank: Vec<i32>,
    cut: Vec<i64>,
    in_tree: Vec<bool>,
    tree: Vec<u32>,
    tree_at: Vec<u32>,
    tree_adjacent: Vec<Vec<u32>>,
    parent_arc: Vec<u32>,
    low: Vec<u32>,
    lim: Vec<u32>,
    order: Vec<u32>,
}

impl<'a> Simplex<'a> {
    fn new(count: usize, arcs: &'a [Arc]) -> Self {
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
            arcs,
            first,
            incident,
            rank: vec![0; count],
            cut: vec![0; arcs.len()],
            in_tree: vec![false; arcs.len()],
            tree: Vec::with_capacity(count),
            tree_at: vec![NONE; arcs.len()],
            tree_adjacent: vec![Vec::new(); count],
            parent_arc: vec![NONE; count],
            low: vec![0; count],
            lim: vec![0; count],
            order: vec![0; count],
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
            let Some((arc, shift)) = self.nearest_outside(&members[small as usize], &group) else { continue };
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

    /// Numbers the whole tree in postorder.
    fn number_tree(&mut self) {
        let mut next = 0;
        for root in 0..self.count() as u32 {
            let reached = self.parent_arc[root as usize] != NONE || (root > 0 && self.lim[root as usize] != 0);
            if root == 0 || (!reached && self.tree_adjacent[root as usize].is_empty()) {
                next = self.number_from(root, NONE, next);
            }
        }
    }

    /// Numbers the part of the tree below `top` in postorder, starting with `next`.
    fn number_from(&mut self, top: u32, above: u32, mut next: u32) -> u32 {
        self.parent_arc[top as usize] = above;
        self.low[top as usize] = next;
        let mut stack: Vec<(u32, usize)> = vec![(top, 0)];
        while let Some((node, at)) = stack.last_mut() {
            let node = *node;
            if let Some(&arc) = self.tree_adjacent[node as usize].get(*at) {
                *at += 1;
                if arc == self.parent_arc[node as usize] {
                    continue;
                }
                let child = self.other_end(arc, node);
                self.parent_arc[child as usize] = arc;
                self.low[child as usize] = next;
                stack.push((child, 0));
            } else {
                self.lim[node as usize] = next;
                self.order[next as usize] = node;
                next += 1;
                stack.pop();
            }
        }
        next
    }

    fn other_end(&self, arc: u32, node: u32) -> u32 {
        let ends = self.arcs[arc as usize];
        if ends.from == node { ends.to } else { ends.from }
    }

    fn compute_cuts(&mut self) {
        for at in 0..self.order.len() {
            let node = self.order[at];
            let arc = self.parent_arc[node as usize];
            if arc != NONE {
                self.cut[arc as usize] = self.cut_above(node, arc);
            }
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

    /// Whether the part of the tree below `arc` holds its tail, and the node at the top of that part.
    fn below(&self, arc: u32) -> (u32, bool) {
        let ends = self.arcs[arc as usize];
        if self.lim[ends.from as usize] < self.lim[ends.to as usize] { (ends.from, true) } else { (ends.to, false) }
    }

    /// The nodes below an arc's upper end or all others, whichever are fewer, and whether it is those below.
    fn smaller_side(&self, top: u32) -> (impl Iterator<Item = u32>, bool) {
        let (low, lim) = (self.low[top as usize] as usize, self.lim[top as usize] as usize);
        let below = 2 * (lim + 1 - low) <= self.order.len();
        let (first, second) = if below {
            (&self.order[low..=lim], &self.order[..0])
        } else {
            (&self.order[..low], &self.order[lim + 1..])
        };
        (first.iter().chain(second).copied(), below)
    }

    fn entering(&self, leaving: u32) -> Option<u32> {
        let (top, holds_tail) = self.below(leaving);
        let (low, lim) = (self.low[top as usize], self.lim[top as usize]);
        let (side, side_is_below) = self.smaller_side(top);
        // The arc sought leads into the part with the tail.
        let into_side = holds_tail == side_is_below;
        let mut best: Option<(i32, u32)> = None;
        for node in side {
            for arc in self.at(node) {
                let ends = self.arcs[*arc as usize];
                let (here, there) = if into_side { (ends.to, ends.from) } else { (ends.from, ends.to) };
                let there_is_below = (low..=lim).contains(&self.lim[there as usize]);
                if here != node || there_is_below == side_is_below {
                    continue;
                }
                let slack = self.slack(*arc);
                if best.is_none_or(|known| (slack, *arc) < known) {
                    best = Some((slack, *arc));
                }
            }
        }
        best.map(|(_, arc)| arc)
    }

    fn pivot(&mut self, leaving: u32, entering: u32) {
        let (top, holds_tail) = self.below(leaving);
        let slack = self.slack(entering);
        if slack != 0 {
            let (side, side_is_below) = self.smaller_side(top);
            let shift = if holds_tail == side_is_below { -slack } else { slack };
            let moved: Vec<u32> = side.collect();
            for node in moved {
                self.rank[node as usize] += shift;
            }
        }
        let (cut, ends) = (self.cut[leaving as usize], self.arcs[entering as usize]);
        let meet = self.climb(ends.from, ends.to, cut, true);
        self.climb(ends.to, ends.from, cut, false);
        self.cut[entering as usize] = -cut;
        self.cut[leaving as usize] = 0;
        self.replace(leaving, entering);
        self.number_from(meet, self.parent_arc[meet as usize], self.low[meet as usize]);
    }

    /// Changes the cuts on the way up from `node` until the subtree holds `other`; returns where that is.
    fn climb(&mut self, mut node: u32, other: u32, cut: i64, forward: bool) -> u32 {
        let goal = self.lim[other as usize];
        while !(self.low[node as usize]..=self.lim[node as usize]).contains(&goal) {
            let arc = self.parent_arc[node as usize];
            let from_here = self.arcs[arc as usize].from == node;
            self.cut[arc as usize] += if from_here == forward { cut } else { -cut };
            node = self.other_end(arc, node);
        }
        node
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
}
