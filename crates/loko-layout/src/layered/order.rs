//! Order within layers: few crossings, and the order of the source text where crossings do not decide.
//!
//! Layer sweeps with barycentres after Sugiyama, Tagawa and Toda (1981), carried through the hierarchy as in Forster,
//! "Applying crossing reduction strategies to layered compound graphs" (2002): when a sweep reaches a container, the
//! order in which edges enter it is handed to a sweep inside, which hands on the order in which they leave. The best
//! order seen is kept, then neighbours are swapped as long as that removes crossings.

use super::graph::{Graph, Kind, NONE};
use smallvec::SmallVec;

/// The places of so many nodes of a layer are kept without asking for memory.
const FEW: usize = 16;
/// Sweeps of one try.
const SWEEPS: usize = 16;
/// Sweeps without any gain after which a try ends.
const PATIENCE: usize = 4;
/// Ports and nodes beyond which only a few sweeps are made.
const LARGE: usize = 20_000;
/// Ports and nodes beyond which there is only one try.
const MEDIUM: usize = 4_000;
/// Tries from different first orders, and the number of ports and nodes that all tries together may visit.
const TRIES: usize = 24;
const EFFORT: usize = 12_000;
/// Sweeps after which a try is given up that has more crossings than the best one: by one in so many, and so many besides.
const TRIAL: usize = 4;
const HOPELESS: u64 = 8;
const SLACK: u64 = 6;
/// Ports and nodes from which two tries are made at a time.
const SHARED: usize = 1_500;
/// Tries without any gain after which no more are made.
const VAIN_TRIES: usize = 5;

/// Orders all layers and the ports of all nodes.
pub(crate) fn arrange(graph: &mut Graph) {
    let size = graph_size(graph);
    let hinted = graph.nodes.iter().any(|node| node.hint.is_some());
    let usual = (EFFORT / size.max(1)).clamp(if size > MEDIUM { 1 } else { 2 }, TRIES);
    let tries = match hinted {
        _ if size > LARGE => 1,
        true => 2,
        false => ((usual as f64 * graph.effort).round() as usize).max(1),
    };
    let mut twin = (size >= SHARED && tries > 1).then(|| graph.clone());
    let mut sweep = Sweep::new(graph);
    sweep.start();
    let first = sweep.snapshot();
    let mut best = first.clone();
    if hinted {
        sweep.settle_dummies(&mut best);
    }
    let kept = hinted.then(|| best.clone());
    let mut lanes = vec![(sweep, first.clone())];
    lanes.extend(twin.as_mut().map(|twin| (Sweep::new(twin), first.clone())));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut count, mut idle) = (0, 0);
    while count < tries && idle <= VAIN_TRIES {
        for (lane, (sweep, _)) in lanes.iter_mut().enumerate() {
            if count + lane > 0 {
                sweep.restore(&first);
            }
            if count + lane > 1 {
                sweep.shuffle(&mut random);
            }
        }
        let hopeless = if count == 0 { u64::MAX } else { best.crossings + best.crossings / HOPELESS + SLACK };
        let attempt = |(lane, (sweep, found)): (usize, &mut (Sweep<'_>, Snapshot))| {
            if count + lane < tries {
                sweep.attempt(found, (count + lane) % 2 == 0, hopeless);
            }
        };
        match lanes.as_mut_slice() {
            [one, other] => _ = rayon::join(|| attempt((0, one)), || attempt((1, other))),
            lanes => lanes.iter_mut().enumerate().for_each(attempt),
        }
        for (_, found) in &mut lanes {
            idle += 1;
            if count == 0 || found.crossings < best.crossings {
                std::mem::swap(&mut best, found);
                idle = 0;
            }
            count += 1;
        }
        if best.crossings == 0 {
            break;
        }
    }
    // An earlier drawing's order stays unless another one is much better.
    let kept = kept.as_ref().filter(|kept| kept.crossings <= best.crossings + best.crossings / 3 + 2);
    lanes[0].0.restore(kept.unwrap_or(&best));
}

/// A small generator of numbers that look random (xorshift); always the same ones.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }
}

fn graph_size(graph: &Graph) -> usize {
    graph.ports.len() + graph.nodes.len()
}

#[derive(Clone)]
struct Snapshot {
    crossings: u64,
    layers: Vec<Vec<Vec<u32>>>,
    /// The ports of what is `faced`.
    faces: Vec<(Vec<u32>, Vec<u32>)>,
}

struct Sweep<'a> {
    graph: &'a mut Graph,
    /// The place of each port among those of its layer's lower side (`upper`: it is an upper end), and upper side.
    upper: Vec<u32>,
    lower: Vec<u32>,
    containers: Vec<u32>,
    /// All nodes but dummies, whose one port has no order.
    faced: Vec<u32>,
    /// What is being sorted: nodes and ports behind what decides their order.
    keyed_nodes: Vec<(u64, u32, u32)>,
    keyed_ports: Vec<(i32, u32, u32)>,
}

impl<'a> Sweep<'a> {
    fn new(graph: &'a mut Graph) -> Self {
        let ports = graph.ports.len();
        let containers = graph.containers().collect();
        let (upper, lower) = (vec![0; ports], vec![0; ports]);
        let faced = (0..graph.nodes.len() as u32).filter(|node| graph.node(*node).kind != Kind::Dummy).collect();
        Self { graph, upper, lower, containers, faced, keyed_nodes: Vec::new(), keyed_ports: Vec::new() }
    }

    /// Source order, or that of an earlier drawing; everything that stands for edges follows in one sweep.
    fn start(&mut self) {
        for container in self.containers.clone() {
            let mut layers = std::mem::take(&mut self.graph.node_mut(container).layers);
            for layer in &mut layers {
                layer.sort_by_key(|node| (self.graph.node(*node).kind == Kind::Dummy, *node));
                self.follow_hints(layer);
            }
            self.graph.node_mut(container).layers = layers;
        }
        self.run(true);
        self.reals_as_at_start();
    }

    /// Restores source order among the boxes of a layer, with the dummies staying where they are.
    fn real_first(&self, layer: Vec<u32>) -> Vec<u32> {
        let is_real = |node: &u32| self.graph.node(*node).kind != Kind::Dummy;
        let mut real: Vec<u32> = layer.iter().copied().filter(is_real).collect();
        real.sort_unstable();
        self.follow_hints(&mut real);
        let mut next = real.into_iter();
        layer.into_iter().map(|node| if is_real(&node) { next.next().unwrap_or(node) } else { node }).collect()
    }

    /// Sorts the nodes that have a place in an earlier drawing by it; the others keep their place after a neighbour.
    fn follow_hints(&self, layer: &mut [u32]) {
        let mut known: Vec<u32> = layer.iter().copied().filter(|node| self.graph.node(*node).hint.is_some()).collect();
        known.sort_by_key(|node| self.graph.node(*node).hint);
        let mut next = known.into_iter();
        for slot in layer.iter_mut().filter(|node| self.graph.node(**node).hint.is_some()) {
            *slot = next.next().unwrap_or(*slot);
        }
    }

    /// The best of a row of sweeps from the order that stands, with neighbours swapped at the end; after a few sweeps it is
    /// given up if it has more crossings than can be hoped to go.
    fn attempt(&mut self, best: &mut Snapshot, down_first: bool, hopeless: u64) {
        let size = graph_size(self.graph);
        self.save(best);
        let (mut idle, rounds) = (0, if size > LARGE { 4 } else { SWEEPS });
        for round in 0..rounds {
            if best.crossings == 0 || idle >= PATIENCE {
                break;
            }
            if round == TRIAL && best.crossings > hopeless {
                return;
            }
            self.run((round % 2 == 0) == down_first);
            idle += 1;
            if self.save_if_better(best) {
                idle = 0;
            }
        }
        if best.crossings > 0 && size <= LARGE {
            self.restore(best);
            self.switch();
            self.save_if_better(best);
        }
    }

    /// Improves the order of the dummies only; boxes keep that of the start.
    fn settle_dummies(&mut self, best: &mut Snapshot) {
        self.save(best);
        for round in 0..SWEEPS {
            self.run(round % 2 == 0);
            self.reals_as_at_start();
            self.save_if_better(best);
        }
    }

    fn reals_as_at_start(&mut self) {
        for container in self.containers.clone() {
            let layers = std::mem::take(&mut self.graph.node_mut(container).layers);
            self.graph.node_mut(container).layers = layers.into_iter().map(|layer| self.real_first(layer)).collect();
        }
        self.number_all();
        self.tidy_faces();
    }

    fn shuffle(&mut self, random: &mut Random) {
        for container in self.containers.clone() {
            for layer in &mut self.graph.node_mut(container).layers {
                for at in (1..layer.len()).rev() {
                    layer.swap(at, random.below(at + 1));
                }
            }
        }
        self.number_all();
    }

    fn run(&mut self, down: bool) {
        if down {
            self.down(0);
        } else {
            self.up(0);
        }
    }

    /// One sweep from the upper to the lower border of a container; all ports are numbered as they stand then.
    fn down(&mut self, container: u32) {
        self.number_border(container, true);
        for at in 0..self.graph.node(container).layers.len() {
            let mut layer = std::mem::take(&mut self.graph.node_mut(container).layers[at]);
            self.sort_layer(&mut layer, true);
            for node in &layer {
                let kind = self.graph.node(*node).kind;
                // The one port of a dummy has no order.
                if kind == Kind::Dummy {
                    continue;
                }
                self.sort_face(*node, true);
                if kind == Kind::Container {
                    self.down(*node);
                } else {
                    self.sort_face(*node, false);
                }
            }
            self.number_layer(&layer);
            self.graph.node_mut(container).layers[at] = layer;
        }
        if container != 0 {
            let mut ports = std::mem::take(&mut self.graph.node_mut(container).bottom);
            self.sort_ports(&mut ports, true);
            self.graph.node_mut(container).bottom = ports;
        }
        self.number_border(container, false);
    }

    fn up(&mut self, container: u32) {
        self.number_border(container, false);
        for at in (0..self.graph.node(container).layers.len()).rev() {
            let mut layer = std::mem::take(&mut self.graph.node_mut(container).layers[at]);
            self.sort_layer(&mut layer, false);
            for node in &layer {
                let kind = self.graph.node(*node).kind;
                // The one port of a dummy has no order.
                if kind == Kind::Dummy {
                    continue;
                }
                self.sort_face(*node, false);
                if kind == Kind::Container {
                    self.up(*node);
                } else {
                    self.sort_face(*node, true);
                }
            }
            self.number_layer(&layer);
            self.graph.node_mut(container).layers[at] = layer;
        }
        if container != 0 {
            let mut ports = std::mem::take(&mut self.graph.node_mut(container).top);
            self.sort_ports(&mut ports, false);
            self.graph.node_mut(container).top = ports;
        }
        self.number_border(container, true);
    }

    /// Sorts the nodes of a layer by the mean place of their neighbours; nodes without any keep their place.
    fn sort_layer(&mut self, layer: &mut [u32], by_upper: bool) {
        if layer.len() < 2 {
            return;
        }
        let mut keyed = std::mem::take(&mut self.keyed_nodes);
        keyed.clear();
        let mut is_sorted = true;
        for (at, node) in layer.iter().enumerate() {
            if let Some(mean) = self.barycenter(*node, by_upper) {
                // Numbers from 0 up have the order of their bits.
                let key = mean.to_bits();
                is_sorted &= keyed.last().is_none_or(|(before, ..)| *before <= key);
                keyed.push((key, at as u32, *node));
            }
        }
        if !is_sorted {
            let places: SmallVec<[u32; FEW]> = match keyed.len() < layer.len() {
                true => keyed.iter().map(|(_, at, _)| *at).collect(),
                false => SmallVec::new(),
            };
            keyed.sort_unstable();
            for (rank, (.., node)) in keyed.iter().enumerate() {
                layer[places.get(rank).map_or(rank, |at| *at as usize)] = *node;
            }
        }
        self.keyed_nodes = keyed;
    }

    fn barycenter(&self, node: u32, by_upper: bool) -> Option<f64> {
        let node = self.graph.node(node);
        let ports = if by_upper { &node.top } else { &node.bottom };
        let (mut sum, mut count) = (0u64, 0u64);
        for port in ports {
            let port = self.graph.port(*port);
            let (peer, place) = if by_upper { (port.up, &self.upper) } else { (port.down, &self.lower) };
            if peer != NONE {
                sum += u64::from(place[peer as usize]);
                count += 1;
            }
        }
        (count > 0).then(|| sum as f64 / count as f64)
    }

    /// Sorts the ports of one side of a node by the places of their other ends outside.
    fn sort_face(&mut self, node: u32, top: bool) {
        if self.graph.face_mut(node, top).len() > 1 {
            let mut ports = std::mem::take(self.graph.face_mut(node, top));
            self.sort_ports(&mut ports, top);
            *self.graph.face_mut(node, top) = ports;
        }
    }

    /// Sorts ports by the places of the ends that they lead up to, or down.
    fn sort_ports(&mut self, ports: &mut [u32], by_upper: bool) {
        if ports.len() < 2 {
            return;
        }
        let place = if by_upper { &self.upper } else { &self.lower };
        let graph = &*self.graph;
        let peer = |port: u32| if by_upper { graph.port(port).up } else { graph.port(port).down };
        let keyed = &mut self.keyed_ports;
        keyed.clear();
        let mut is_sorted = true;
        for port in ports.iter() {
            let other = peer(*port);
            if other != NONE {
                let key = (graph.port(*port).fixed.unwrap_or(0), place[other as usize], *port);
                is_sorted &= keyed.last().is_none_or(|before| *before <= key);
                keyed.push(key);
            }
        }
        if is_sorted {
            return;
        }
        keyed.sort_unstable();
        // Ends of edges at a container's own border stay between the ports that pass it.
        let has_all = keyed.len() == ports.len();
        let slots = ports.iter_mut().filter(|port| has_all || peer(**port) != NONE);
        for (slot, (.., port)) in slots.zip(keyed) {
            *slot = *port;
        }
    }

    fn number_border(&mut self, container: u32, top: bool) {
        let node = self.graph.node(container);
        let (ports, place) = if top { (&node.top, &mut self.upper) } else { (&node.bottom, &mut self.lower) };
        for (at, port) in ports.iter().enumerate() {
            place[*port as usize] = at as u32;
        }
    }

    fn number_layer(&mut self, layer: &[u32]) {
        let (mut above, mut below) = (0, 0);
        for node in layer {
            let node = self.graph.node(*node);
            for port in &node.top {
                self.lower[*port as usize] = above;
                above += 1;
            }
            for port in &node.bottom {
                self.upper[*port as usize] = below;
                below += 1;
            }
        }
    }

    fn number_all(&mut self) {
        for at in 0..self.containers.len() {
            let container = self.containers[at];
            self.number_border(container, true);
            self.number_border(container, false);
            for at in 0..self.graph.node(container).layers.len() {
                let layer = std::mem::take(&mut self.graph.node_mut(container).layers[at]);
                self.number_layer(&layer);
                self.graph.node_mut(container).layers[at] = layer;
            }
        }
    }

    fn crossings(&self) -> u64 {
        let mut sum = 0;
        let mut ends = Vec::new();
        for container in &self.containers {
            let node = self.graph.node(*container);
            self.lower_ends(&node.top, &mut ends);
            sum += inversions(&mut ends);
            for layer in &node.layers {
                ends.clear();
                for item in layer {
                    for port in &self.graph.node(*item).bottom {
                        let down = self.graph.port(*port).down;
                        if down != NONE {
                            ends.push(self.lower[down as usize]);
                        }
                    }
                }
                sum += inversions(&mut ends);
            }
        }
        sum
    }

    fn lower_ends(&self, ports: &[u32], ends: &mut Vec<u32>) {
        ends.clear();
        let downs = ports.iter().map(|port| self.graph.port(*port).down).filter(|down| *down != NONE);
        ends.extend(downs.map(|down| self.lower[down as usize]));
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            crossings: 0,
            layers: vec![Vec::new(); self.containers.len()],
            faces: vec![(Vec::new(), Vec::new()); self.faced.len()],
        };
        self.save(&mut snapshot);
        snapshot
    }

    /// Takes down the order that stands if it has fewer crossings.
    fn save_if_better(&self, best: &mut Snapshot) -> bool {
        let crossings = self.crossings();
        let is_better = crossings < best.crossings;
        if is_better {
            self.save_as(best, crossings);
        }
        is_better
    }

    /// Takes down the order that stands.
    fn save(&self, snapshot: &mut Snapshot) {
        self.save_as(snapshot, self.crossings());
    }

    fn save_as(&self, snapshot: &mut Snapshot, crossings: u64) {
        snapshot.crossings = crossings;
        for (container, layers) in self.containers.iter().zip(&mut snapshot.layers) {
            layers.clone_from(&self.graph.node(*container).layers);
        }
        for (node, (top, bottom)) in self.faced.iter().zip(&mut snapshot.faces) {
            top.clone_from(&self.graph.node(*node).top);
            bottom.clone_from(&self.graph.node(*node).bottom);
        }
    }

    fn restore(&mut self, snapshot: &Snapshot) {
        for (container, layers) in self.containers.iter().zip(&snapshot.layers) {
            self.graph.nodes[*container as usize].layers.clone_from(layers);
        }
        for (node, (top, bottom)) in self.faced.iter().zip(&snapshot.faces) {
            let node = self.graph.node_mut(*node);
            node.top.clone_from(top);
            node.bottom.clone_from(bottom);
        }
        self.number_all();
    }

    /// Swaps neighbours in layers while that removes crossings.
    fn switch(&mut self) {
        for _ in 0..8 {
            let mut changed = false;
            for container in self.containers.clone() {
                for at in 0..self.graph.node(container).layers.len() {
                    let mut layer = std::mem::take(&mut self.graph.node_mut(container).layers[at]);
                    for left in 0..layer.len().saturating_sub(1) {
                        if self.gain(layer[left], layer[left + 1]) > 0 {
                            layer.swap(left, left + 1);
                            changed = true;
                        }
                    }
                    self.number_layer(&layer);
                    self.graph.node_mut(container).layers[at] = layer;
                }
            }
            if !changed {
                return;
            }
            self.tidy_faces();
        }
    }

    /// Sorts the ports of all leaves anew.
    fn tidy_faces(&mut self) {
        for at in 0..self.faced.len() {
            let node = self.faced[at];
            if self.graph.node(node).kind == Kind::Leaf {
                self.sort_face(node, true);
                self.sort_face(node, false);
            }
        }
        self.number_all();
    }

    /// How many crossings vanish when two neighbours change places.
    fn gain(&self, left: u32, right: u32) -> i64 {
        let (left, right) = (self.graph.node(left), self.graph.node(right));
        let ups = |port: &u32| {
            let up = self.graph.port(*port).up;
            (up != NONE).then(|| self.upper[up as usize])
        };
        let downs = |port: &u32| {
            let down = self.graph.port(*port).down;
            (down != NONE).then(|| self.lower[down as usize])
        };
        pair_gain(&left.top, &right.top, ups) + pair_gain(&left.bottom, &right.bottom, downs)
    }
}

/// Crossings between the edges of two neighbours as they stand, less those after a swap.
fn pair_gain(left: &[u32], right: &[u32], place: impl Fn(&u32) -> Option<u32>) -> i64 {
    let mut gain = 0;
    for a in left.iter().filter_map(&place) {
        for b in right.iter().filter_map(&place) {
            gain += i64::from(a > b) - i64::from(a < b);
        }
    }
    gain
}

/// The number of pairs that are out of order; leaves the numbers sorted.
fn inversions(numbers: &mut [u32]) -> u64 {
    if numbers.len() < 24 {
        let mut count = 0;
        for at in 1..numbers.len() {
            let value = numbers[at];
            let mut to = at;
            while to > 0 && numbers[to - 1] > value {
                numbers[to] = numbers[to - 1];
                to -= 1;
                count += 1;
            }
            numbers[to] = value;
        }
        return count;
    }
    let middle = numbers.len() / 2;
    let (left, right) = numbers.split_at_mut(middle);
    let mut count = inversions(left) + inversions(right);
    if left.last() <= right.first() {
        return count;
    }
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut a, mut b) = (0, 0);
    while a < left.len() || b < right.len() {
        if b == right.len() || (a < left.len() && left[a] <= right[b]) {
            merged.push(left[a]);
            a += 1;
        } else {
            merged.push(right[b]);
            count += (left.len() - a) as u64;
            b += 1;
        }
    }
    numbers.copy_from_slice(&merged);
    count
}

#[cfg(test)]
mod tests {
    use super::inversions;

    #[test]
    fn inversions_are_counted() {
        let mut numbers: Vec<u32> = (0..100).rev().collect();
        assert_eq!(inversions(&mut numbers), 4950);
        assert_eq!(inversions(&mut [2, 0, 1]), 2);
        assert_eq!(inversions(&mut [1, 1, 1]), 0);
    }
}
