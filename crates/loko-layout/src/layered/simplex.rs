//! Network simplex: numbers for the nodes of a graph that keep every demand at least as long as asked, and make the
//! weighted sum of the demands' lengths and of the distances between what is drawn together as small as can be.
//!
//! After Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs" (IEEE TSE 1993), who give each
//! distance |a - b| a node of its own. Here it is one arc whose flow lies between two bounds, and a step moves on past
//! all such arcs that cost less than it gains (the long step of Kirillova, Gabasov and Kostyukova, "A method of solving
//! general linear programming problems", 1979): programs are half as large, and steps are fewer.
//! The tree is a ring of its nodes in preorder (`tree`), the first solution comes from local search (`start`). All
//! numbers are integers, so that every platform takes the same steps. The method can be stopped at any time.

mod start;
mod tree;

/// A relation between two numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arc {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) len: i32,
    pub(crate) weight: i32,
    /// Whether `to` is only drawn to where it is `len` more than `from`.
    pub(crate) is_pull: bool,
}

/// An arc at a node, and the node at its other end.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    arc: u32,
    other: u32,
}

impl Arc {
    /// A demand: `to` is at least `len` more than `from`; each unit beyond costs `weight`.
    pub(crate) fn new(from: usize, to: usize, len: i32, weight: i32) -> Self {
        Self { from: from as u32, to: to as u32, len, weight, is_pull: false }
    }

    /// A pull: each unit by which `to` is not `len` more than `from` costs `weight`.
    pub(crate) fn pull(from: usize, to: usize, len: i32, weight: i32) -> Self {
        Self { is_pull: true, ..Self::new(from, to, len, weight) }
    }
}

/// How many tree arcs that break their bounds are looked at before the worst of them is taken.
const SEARCH: usize = 30;
const NONE: u32 = u32::MAX;

/// Numbers from 0 up for `count` nodes; at most `pivots` steps of improvement are made.
///
/// Demands may form cycles only of a length below or equal to 0 in all, with one of negative length in each.
pub(crate) fn solve(count: usize, arcs: &[Arc], pivots: usize) -> Vec<i32> {
    solve_from(vec![0; count], arcs, pivots)
}

/// The same from numbers that may be near to the best ones, those of a program that was nearly the same: fewer steps lead
/// from there.
pub(crate) fn solve_from(near: Vec<i32>, arcs: &[Arc], pivots: usize) -> Vec<i32> {
    if near.is_empty() {
        return Vec::new();
    }
    let mut simplex = Simplex::new(near, arcs);
    simplex.start();
    let mut at = 0;
    for _ in 0..pivots {
        let Some(leaving) = simplex.leaving(&mut at) else { break };
        if !simplex.step(leaving) {
            break;
        }
    }
    let least = simplex.rank.iter().copied().min().unwrap_or(0);
    simplex.rank.iter().map(|rank| rank - least).collect()
}

struct Simplex {
    arcs: Vec<Arc>,
    /// Arcs at each node, in one array.
    first: Vec<u32>,
    incident: Vec<End>,
    rank: Vec<i32>,
    /// How much the cost grows with an arc's length. Outside of the tree it is the weight, or less than nothing for a
    /// pull that is too short; in the tree it is what balances all others at each node.
    flow: Vec<i32>,
    in_tree: Vec<bool>,
    tree: Vec<u32>,
    tree_at: Vec<u32>,
    /// The node and the tree arc towards the root (`NONE` at it), and how many nodes the part below a node has, itself included.
    parent: Vec<u32>,
    parent_arc: Vec<u32>,
    size: Vec<u32>,
    /// The ring of all nodes in preorder; while the tree grows, rings of the nodes of each group.
    next: Vec<u32>,
    prev: Vec<u32>,
    root: u32,
    side: Side,
    /// Where the slope of the cost changes on the way of a step: how far, and at which arc.
    kinks: std::collections::BinaryHeap<std::cmp::Reverse<(i32, u32)>>,
    passed: Vec<u32>,
    /// Tree arcs that broke their bounds when they were looked at.
    wanted: Vec<u32>,
}

/// The smaller of the two parts into which a tree arc cuts the tree.
#[derive(Default)]
struct Side {
    nodes: Vec<u32>,
    /// Marks the nodes of the side: theirs is the number of the round.
    mark: Vec<u32>,
    /// Where they stand among the nodes.
    place: Vec<u32>,
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

    /// How many nodes of the side stand between its old top and another one, in preorder.
    fn steps(&self, top: u32, node: u32) -> u32 {
        let (top, node) = (self.place[top as usize], self.place[node as usize]);
        match self.is_below {
            true => node - top,
            false if node <= top => top - node,
            false => top + self.nodes.len() as u32 - node,
        }
    }

    /// The node so many steps behind the old top.
    fn behind(&self, top: u32, steps: u32) -> u32 {
        let top = self.place[top as usize];
        let place = match self.is_below {
            true => top + steps,
            false if steps <= top => top - steps,
            false => top + self.nodes.len() as u32 - steps,
        };
        self.nodes[place as usize]
    }

    /// Whether the side is the part with the cut arc's head.
    fn is_head(&self) -> bool {
        self.holds_tail != self.is_below
    }
}

impl Simplex {
    fn new(rank: Vec<i32>, arcs: &[Arc]) -> Self {
        let count = rank.len();
        let mut arcs = arcs.to_vec();
        let ties = start::ties(count, &arcs);
        arcs.extend(ties);
        let mut first = vec![0u32; count + 1];
        for arc in &arcs {
            first[arc.from as usize + 1] += 1;
            first[arc.to as usize + 1] += 1;
        }
        for at in 0..count {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut incident = vec![End::default(); arcs.len() * 2];
        for (arc, ends) in arcs.iter().enumerate() {
            for (node, other) in [(ends.from, ends.to), (ends.to, ends.from)] {
                incident[next[node as usize] as usize] = End { arc: arc as u32, other };
                next[node as usize] += 1;
            }
        }
        Self {
            first,
            incident,
            rank,
            flow: vec![0; arcs.len()],
            in_tree: vec![false; arcs.len()],
            tree: Vec::with_capacity(count),
            tree_at: vec![NONE; arcs.len()],
            parent: vec![NONE; count],
            parent_arc: vec![NONE; count],
            size: vec![1; count],
            next: vec![NONE; count],
            prev: vec![NONE; count],
            root: 0,
            side: Side { mark: vec![0; count], place: vec![0; count], ..Side::default() },
            kinks: std::collections::BinaryHeap::new(),
            passed: Vec::new(),
            wanted: Vec::new(),
            arcs,
        }
    }

    fn count(&self) -> usize {
        self.rank.len()
    }

    fn at(&self, node: u32) -> &[End] {
        &self.incident[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    fn slack(&self, arc: u32) -> i32 {
        let arc = &self.arcs[arc as usize];
        self.rank[arc.to as usize] - self.rank[arc.from as usize] - arc.len
    }

    /// By how much the flow of a tree arc is out of its bounds: what one unit of a step would gain.
    fn excess(&self, arc: u32) -> i32 {
        let (flow, arc) = (self.flow[arc as usize], &self.arcs[arc as usize]);
        let above = flow - arc.weight;
        if arc.is_pull { above.max(-arc.weight - flow) } else { above }
    }

    /// The tree arc that breaks its bounds worst of those that are looked at; nothing if none does. What was found the last
    /// time and still breaks them is looked at first: going through the whole tree takes longer than the step itself.
    fn leaving(&mut self, start: &mut usize) -> Option<u32> {
        let mut wanted = std::mem::take(&mut self.wanted);
        let (mut worst, mut most) = (None, 0);
        let mut is_wanted = |arc: u32| {
            let excess = self.excess(arc);
            // The first of equals.
            if excess > most {
                (worst, most) = (Some(arc), excess);
            }
            excess > 0
        };
        wanted.retain(|arc| self.in_tree[*arc as usize] && is_wanted(*arc));
        if wanted.is_empty() {
            let places = (*start..self.tree.len()).chain(0..*start);
            for at in places {
                if is_wanted(self.tree[at]) {
                    wanted.push(self.tree[at]);
                    if wanted.len() == SEARCH {
                        *start = at;
                        break;
                    }
                }
            }
        }
        self.wanted = wanted;
        worst
    }

    /// Takes an arc out of the tree and moves the smaller part as far as that gains; false if nothing ends the way.
    fn step(&mut self, leaving: u32) -> bool {
        self.cut_at(leaving);
        let weight = self.arcs[leaving as usize].weight;
        let opens = self.flow[leaving as usize] > weight;
        let upwards = self.side.is_head() == opens;
        self.find_kinks(upwards);
        let Some((way, entering)) = self.entering(self.excess(leaving)) else { return false };
        for node in &self.side.nodes {
            self.rank[*node as usize] += if upwards { way } else { -way };
        }
        for at in 0..self.passed.len() {
            let arc = self.passed[at];
            self.flow[arc as usize] = -self.flow[arc as usize];
            self.push(arc, 2 * self.flow[arc as usize]);
        }
        let bound = if opens { weight } else { -weight };
        let missing = bound - self.flow[leaving as usize];
        // The way round through the tree passes the leaving arc forwards if the entering one starts in its head's part.
        let starts_in_head = self.side.holds(self.arcs[entering as usize].from) == self.side.is_head();
        let change = if starts_in_head { missing } else { -missing };
        self.push(entering, change);
        self.flow[entering as usize] += change;
        self.replace(leaving, entering);
        self.rehang(entering);
        true
    }

    /// Collects where demands end a move of the side and where pulls change what it gains.
    fn find_kinks(&mut self, upwards: bool) {
        let mut kinks = std::mem::take(&mut self.kinks).into_vec();
        kinks.clear();
        for node in &self.side.nodes {
            for end in self.at(*node) {
                if self.side.holds(end.other) || self.in_tree[end.arc as usize] {
                    continue;
                }
                let arc = &self.arcs[end.arc as usize];
                let shrinks = (arc.from == *node) == upwards;
                let is_long = self.flow[end.arc as usize] > 0 || !arc.is_pull;
                if shrinks == is_long {
                    kinks.push(std::cmp::Reverse((self.slack(end.arc).abs(), end.arc)));
                }
            }
        }
        self.kinks = kinks.into();
    }

    /// How far a move goes that gains so much a unit at first, and the arc that ends it; those before are `passed`.
    fn entering(&mut self, mut gain: i32) -> Option<(i32, u32)> {
        self.passed.clear();
        while let Some(std::cmp::Reverse((way, at))) = self.kinks.pop() {
            let arc = &self.arcs[at as usize];
            gain -= 2 * arc.weight;
            if !arc.is_pull || gain <= 0 {
                return Some((way, at));
            }
            self.passed.push(at);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(arcs: &[Arc], rank: &[i32]) -> i32 {
        let length = |arc: &Arc| {
            let off = rank[arc.to as usize] - rank[arc.from as usize];
            if arc.is_pull { (off - arc.len).abs() } else { off }
        };
        arcs.iter().map(|arc| arc.weight * length(arc)).sum()
    }

    fn holds(arcs: &[Arc], rank: &[i32]) -> bool {
        arcs.iter().all(|arc| arc.is_pull || rank[arc.to as usize] - rank[arc.from as usize] >= arc.len)
    }

    /// The least cost over all numbers below `limit`, by trying them all.
    fn brute(count: usize, arcs: &[Arc], limit: i32) -> i32 {
        let mut best = i32::MAX;
        for code in 0..limit.pow(count as u32) {
            let rank: Vec<i32> = (0..count).map(|at| code / limit.pow(at as u32) % limit).collect();
            if holds(arcs, &rank) {
                best = best.min(cost(arcs, &rank));
            }
        }
        best
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }
    }

    #[test]
    fn finds_the_least_cost_of_small_graphs() {
        let mut random = Random(7);
        for _ in 0..120 {
            let count = 5;
            let mut arcs = Vec::new();
            for to in 1..count {
                let from = random.below(to as u64) as usize;
                arcs.push(Arc::new(from, to, random.below(2) as i32, random.below(4) as i32));
                let from = random.below(to as u64) as usize;
                arcs.push(Arc::new(from, to, random.below(3) as i32, random.below(4) as i32));
                let (a, b) = (random.below(count as u64) as usize, random.below(count as u64) as usize);
                if a != b {
                    arcs.push(Arc::pull(a, b, random.below(5) as i32 - 2, 1 + random.below(4) as i32));
                }
            }
            let rank = solve(count, &arcs, 1000);
            assert!(holds(&arcs, &rank));
            assert_eq!(cost(&arcs, &rank), brute(count, &arcs, 8), "{arcs:?} gave {rank:?}");
        }
    }

    /// What is kept up from step to step is what a fresh count gives.
    #[test]
    fn steps_keep_the_tree_in_order() {
        let mut random = Random(11);
        for round in 0..30 {
            let count = 40;
            let mut arcs = Vec::new();
            for to in 1..count {
                for _ in 0..2 {
                    let from = random.below(to as u64) as usize;
                    arcs.push(Arc::new(from, to, random.below(5) as i32, random.below(9) as i32));
                }
                let other = random.below(count as u64) as usize;
                if other != to {
                    arcs.push(Arc::pull(to, other, random.below(9) as i32 - 4, 1 + random.below(9) as i32));
                }
            }
            let mut simplex = Simplex::new(vec![0; count], &arcs);
            simplex.start();
            let (mut at, mut before) = (0, i32::MAX);
            while let Some(leaving) = simplex.leaving(&mut at) {
                assert!(simplex.step(leaving), "costs are bounded");
                assert!(holds(&arcs, &simplex.rank), "round {round}");
                let now = cost(&arcs, &simplex.rank);
                assert!(now <= before, "round {round}: {now} after {before}");
                before = now;
                let (flows, sizes) = (simplex.flow.clone(), simplex.size.clone());
                let root = simplex.root;
                let mut order = vec![root];
                order.extend(std::iter::successors(Some(simplex.next[root as usize]), |node| {
                    Some(simplex.next[*node as usize]).filter(|next| *next != root)
                }));
                assert_eq!(order.len(), count);
                assert!(order.iter().all(|node| simplex.prev[simplex.next[*node as usize] as usize] == *node));
                assert!(simplex.is_preorder(&order), "round {round}");
                let parents = simplex.parent_arc.clone();
                let order = simplex.hang(root);
                assert_eq!(simplex.parent_arc, parents, "round {round}");
                assert_eq!(simplex.size, sizes, "round {round}");
                for node in order.iter().skip(1).rev() {
                    simplex.balance(*node);
                }
                for arc in simplex.tree.clone() {
                    assert_eq!(simplex.slack(arc), 0);
                    assert_eq!(simplex.flow[arc as usize], flows[arc as usize], "round {round}");
                }
            }
        }
    }

    impl Simplex {
        /// Whether each node is followed by all that is below it.
        fn is_preorder(&self, order: &[u32]) -> bool {
            let is_inside = |at: usize| {
                let below = &order[at + 1..at + self.size[order[at] as usize] as usize];
                below
                    .iter()
                    .all(|node| order[at..].iter().take(below.len()).any(|above| *above == self.parent[*node as usize]))
            };
            (0..order.len()).all(is_inside)
        }
    }

    #[test]
    fn parts_that_nothing_joins_are_solved_too() {
        let arcs = [Arc::new(0, 1, 3, 1), Arc::new(2, 3, 2, 1), Arc::pull(3, 4, 5, 2)];
        let rank = solve(5, &arcs, 100);
        assert_eq!((rank[1] - rank[0], rank[3] - rank[2], rank[4] - rank[3]), (3, 2, 5));
    }
}
