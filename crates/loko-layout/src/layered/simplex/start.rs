//! The first solution: every number as far to the front as the demands let it, then drawn to where its pulls want it, one
//! after the other; then a spanning tree of arcs that are as long as they should be, for which whole groups move.

use super::{Arc, NONE, Simplex};

/// How often every number is drawn to its best place before the tree is grown.
const ROUNDS: usize = 6;

/// Longer than any drawing: an arc with this negative length demands nothing.
const NO_DEMAND: i32 = -100_000_000;

/// Arcs without weight that demand nothing, to join what nothing else joins.
pub(super) fn ties(count: usize, arcs: &[Arc]) -> Vec<Arc> {
    let mut group: Vec<u32> = (0..count as u32).collect();
    for arc in arcs {
        let (a, b) = (root(&mut group, arc.from), root(&mut group, arc.to));
        group[a.max(b) as usize] = a.min(b);
    }
    let firsts = (1..count).filter(|node| root(&mut group, *node as u32) == *node as u32);
    firsts.map(|node| Arc::new(0, node, NO_DEMAND, 0)).collect()
}

fn root(group: &mut [u32], mut at: u32) -> u32 {
    while group[at as usize] != at {
        group[at as usize] = group[group[at as usize] as usize];
        at = group[at as usize];
    }
    at
}

impl Simplex {
    /// Finds a solution that keeps all demands, a tree for it, and the tree's flows.
    pub(super) fn start(&mut self) {
        let order = self.forward_order();
        self.rank_by_longest_path(&order);
        self.settle(&order);
        self.span();
        for at in 0..self.arcs.len() {
            let arc = &self.arcs[at];
            let is_short = arc.is_pull && self.slack(at as u32) < 0;
            self.flow[at] = if is_short { -arc.weight } else { arc.weight };
        }
        self.thread_tree();
        self.compute_flows();
    }

    /// Every node as far to the front as its predecessors let it, but not before the number that it came with.
    fn rank_by_longest_path(&mut self, order: &[u32]) {
        let is_broken =
            |rank: &[i32], arc: &Arc| !arc.is_pull && rank[arc.to as usize] < rank[arc.from as usize] + arc.len;
        // Only demands of negative length lead back, so that few rounds settle everything.
        for _ in 0..=self.count() {
            if !self.arcs.iter().any(|arc| is_broken(&self.rank, arc)) {
                break;
            }
            for node in order {
                for at in self.first[*node as usize]..self.first[*node as usize + 1] {
                    let arc = &self.arcs[self.incident[at as usize].arc as usize];
                    if arc.from == *node && is_broken(&self.rank, arc) {
                        self.rank[arc.to as usize] = self.rank[*node as usize] + arc.len;
                    }
                }
            }
        }
    }

    /// The nodes in an order in which no demand of a length from 0 up leads back.
    fn forward_order(&self) -> Vec<u32> {
        let leads = |arc: &Arc| arc.len >= 0 && !arc.is_pull;
        let mut missing = vec![0u32; self.count()];
        for arc in self.arcs.iter().filter(|arc| leads(arc)) {
            missing[arc.to as usize] += 1;
        }
        let mut order: Vec<u32> = (0..self.count() as u32).filter(|node| missing[*node as usize] == 0).collect();
        let mut at = 0;
        while let Some(node) = order.get(at).copied() {
            at += 1;
            for end in self.at(node) {
                let arc = &self.arcs[end.arc as usize];
                if arc.from == node && leads(arc) {
                    missing[arc.to as usize] -= 1;
                    if missing[arc.to as usize] == 0 {
                        order.push(arc.to);
                    }
                }
            }
        }
        order
    }

    /// Moves one node after the other to the best place that its neighbours leave it, from the back first.
    fn settle(&mut self, order: &[u32]) {
        let mut kinks: Vec<(i32, i32)> = Vec::new();
        for round in 0..ROUNDS {
            let mut moved = false;
            for at in 0..order.len() {
                let node = order[if round % 2 == 0 { order.len() - 1 - at } else { at }];
                let best = self.best_place(node, &mut kinks);
                moved |= best != self.rank[node as usize];
                self.rank[node as usize] = best;
            }
            if !moved {
                break;
            }
        }
    }

    /// The weighted median of where a node's pulls want it, as near as its demands let it come.
    fn best_place(&self, node: u32, kinks: &mut Vec<(i32, i32)>) -> i32 {
        let (mut low, mut high, mut slope) = (i32::MIN, i32::MAX, 0);
        kinks.clear();
        for end in self.at(node) {
            let arc = &self.arcs[end.arc as usize];
            if arc.len == NO_DEMAND {
                continue;
            }
            let is_head = arc.to == node;
            let other = self.rank[end.other as usize];
            let wish = if is_head { other + arc.len } else { other - arc.len };
            match (arc.is_pull, is_head) {
                (true, _) => {
                    slope -= arc.weight;
                    kinks.push((wish, arc.weight));
                }
                (false, true) => {
                    low = low.max(wish);
                    slope += arc.weight;
                }
                (false, false) => {
                    high = high.min(wish);
                    slope -= arc.weight;
                }
            }
        }
        kinks.sort_unstable();
        let mut best = if slope < 0 { None } else { Some(low) };
        for (wish, weight) in kinks.iter() {
            if best.is_some() {
                break;
            }
            slope += 2 * weight;
            best = (slope >= 0).then_some(*wish);
        }
        let place = best.unwrap_or(high).max(low).min(high);
        if place == i32::MIN || place == i32::MAX { self.rank[node as usize] } else { place }
    }

    /// A spanning tree of tight arcs: groups are merged, smallest first, each moved to where one of its arcs is tight.
    fn span(&mut self) {
        let count = self.count();
        let mut group: Vec<u32> = (0..count as u32).collect();
        self.next.clone_from(&group);
        self.size.fill(1);
        for pulls in [true, false] {
            for at in 0..self.arcs.len() as u32 {
                let arc = &self.arcs[at as usize];
                if arc.is_pull == pulls && (arc.len == NO_DEMAND || self.slack(at) == 0) {
                    self.join(at, &mut group);
                }
            }
        }
        let mut queue: std::collections::BTreeSet<(u32, u32)> =
            (0..count as u32).filter(|at| group[*at as usize] == *at).map(|at| (self.size[at as usize], at)).collect();
        while queue.len() > 1 {
            let Some((_, small)) = queue.pop_first() else { break };
            let Some((arc, shift)) = self.best_join(small, &group) else { break };
            let mut node = small;
            for _ in 0..self.size[small as usize] {
                self.rank[node as usize] += shift;
                node = self.next[node as usize];
            }
            let ends = self.arcs[arc as usize];
            let (a, b) = (group[ends.from as usize], group[ends.to as usize]);
            let other = if a == small { b } else { a };
            queue.remove(&(self.size[other as usize], other));
            let kept = self.join(arc, &mut group);
            queue.insert((self.size[kept as usize], kept));
        }
    }

    /// The arc to another group that becomes tight when this one moves as far as it pays, and how far that is.
    fn best_join(&self, own: u32, group: &[u32]) -> Option<(u32, i32)> {
        // What moving up costs a unit, and the arcs on the way up and down with their distances.
        let (mut slope, mut up, mut down) = (0, Vec::new(), Vec::new());
        let mut node = own;
        for _ in 0..self.size[own as usize] {
            for end in self.at(node) {
                if group[end.other as usize] == own {
                    continue;
                }
                let arc = &self.arcs[end.arc as usize];
                let slack = self.slack(end.arc);
                let shrinks = arc.from == node;
                let is_long = slack > 0 || !arc.is_pull;
                slope += if shrinks == is_long { -arc.weight } else { arc.weight };
                if shrinks == is_long { &mut up } else { &mut down }.push((slack.abs(), end.arc));
            }
            node = self.next[node as usize];
        }
        let nearest = |ways: &[(i32, u32)]| ways.iter().min().copied();
        let (way, arc, upwards) = match (self.last_paying(&mut up, -slope), self.last_paying(&mut down, slope)) {
            (Some((way, arc)), _) => (way, arc, true),
            (None, Some((way, arc))) => (way, arc, false),
            (None, None) => match (nearest(&up), nearest(&down)) {
                (Some(above), Some(below)) if below < above => (below.0, below.1, false),
                (Some(above), _) => (above.0, above.1, true),
                (None, below) => (below?.0, below?.1, false),
            },
        };
        Some((arc, if upwards { way } else { -way }))
    }

    /// Where a move ends that gains so much a unit at first: at a demand, or where the gain is used up.
    fn last_paying(&self, ways: &mut [(i32, u32)], mut gain: i32) -> Option<(i32, u32)> {
        if gain <= 0 {
            return None;
        }
        ways.sort_unstable();
        for (way, at) in ways.iter() {
            let arc = &self.arcs[*at as usize];
            gain -= 2 * arc.weight;
            if !arc.is_pull || gain <= 0 {
                return Some((*way, *at));
            }
        }
        None
    }

    /// Takes a tight arc into the tree if its ends are still apart; returns the group that is left of the two.
    fn join(&mut self, arc: u32, group: &mut [u32]) -> u32 {
        let ends = self.arcs[arc as usize];
        let (mut a, mut b) = (group[ends.from as usize], group[ends.to as usize]);
        if a == b {
            return a;
        }
        if self.size[a as usize] < self.size[b as usize] {
            std::mem::swap(&mut a, &mut b);
        }
        let mut node = b;
        for _ in 0..self.size[b as usize] {
            group[node as usize] = a;
            node = self.next[node as usize];
        }
        // Two rings are one when any two of their nodes change those that follow them.
        self.next.swap(a as usize, b as usize);
        self.size[a as usize] += self.size[b as usize];
        self.link(arc);
        debug_assert_ne!(arc, NONE);
        a
    }
}
