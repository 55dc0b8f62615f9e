//! Layers: which children of a container stand side by side, and which below each other.
//!
//! Containers are treated from the outside in. At each level the edges between different children decide (lifted to
//! those children); cycles are broken, then network simplex gives the layers with the shortest edges. Edges that leave
//! the container draw their ends towards its lower or its upper border, whichever side they were given one level up.

use super::cycle;
use super::fold;
use super::graph::{Graph, Kind, NONE, Node};
use super::simplex::{self, Arc};
use crate::space;

/// Orients every edge and gives every node a layer within its container.
pub(crate) fn assign(graph: &mut Graph) {
    let mut outside: Vec<Vec<(u32, bool)>> = vec![Vec::new(); graph.nodes.len()];
    let mut at_level: Vec<Vec<u32>> = vec![Vec::new(); graph.nodes.len()];
    for at in 0..graph.edges.len() {
        let (src, dst) = (graph.edges[at].src, graph.edges[at].dst);
        let level = graph.meet(src, dst);
        let lifted = [graph.lift(src, level), graph.lift(dst, level)];
        let edge = &mut graph.edges[at];
        edge.level = level;
        edge.lifted = lifted;
        at_level[level as usize].push(at as u32);
    }
    for container in graph.containers() {
        let level = std::mem::take(&mut at_level[container as usize]);
        orient(graph, container, &level);
        rank_level(graph, container, &level, &outside[container as usize]);
        if container == 0 {
            fold::fold(graph, graph.columns, &level);
        }
        register(graph, container, &level, &mut outside);
        make_layers(graph, container, &level, &outside[container as usize]);
    }
}

/// Decides which edges of a level run against the flow.
fn orient(graph: &mut Graph, container: u32, level: &[u32]) {
    let children = &graph.node(container).children;
    let index = |child: u32| children.binary_search(&child).unwrap_or(0);
    let pairs: Vec<(usize, usize)> = level
        .iter()
        .map(|edge| graph.edges[*edge as usize].lifted)
        .filter(|lifted| !lifted.contains(&NONE))
        .map(|[from, to]| (index(from), index(to)))
        .collect();
    let mut place = cycle::order(children.len(), &pairs);
    let against = |place: &[usize]| pairs.iter().filter(|(from, to)| place[*from] > place[*to]).count();
    if against(&place) > 0
        && let Some(known) = earlier_order(graph, children, &place)
        && against(&known) <= against(&place) * 3 / 2 + 1
    {
        place = known;
    }
    let mut turned = Vec::new();
    for edge in level {
        let [from, to] = graph.edges[*edge as usize].lifted;
        if from != NONE && to != NONE && place[index(from)] > place[index(to)] {
            turned.push(*edge);
        }
    }
    for edge in turned {
        graph.edges[edge as usize].flipped = true;
    }
}

/// The order along the flow in an earlier drawing, with new nodes behind those that `place` has before them.
fn earlier_order(graph: &Graph, children: &[u32], place: &[usize]) -> Option<Vec<usize>> {
    if children.iter().all(|child| graph.node(*child).hint.is_none()) {
        return None;
    }
    let mut sequence: Vec<usize> = (0..children.len()).collect();
    sequence.sort_by_key(|at| place[*at]);
    let mut along = i32::MIN;
    let mut keyed: Vec<(i32, usize, usize)> = Vec::new();
    for at in sequence {
        along = graph.node(children[at]).hint.map_or(along, |(_, along)| along);
        keyed.push((along, place[at], at));
    }
    keyed.sort_unstable();
    let mut order = vec![0; children.len()];
    keyed.into_iter().enumerate().for_each(|(rank, (.., at))| order[at] = rank);
    Some(order)
}

/// Tells the containers between a level and the ends of its edges on which side they are left (true: below).
fn register(graph: &Graph, container: u32, level: &[u32], outside: &mut [Vec<(u32, bool)>]) {
    for edge in level {
        let (upper, lower) = graph.edges[*edge as usize].ends();
        for (end, below) in [(upper, true), (lower, false)] {
            let mut child = end;
            while child != container && graph.node(child).parent != container {
                let parent = graph.node(child).parent;
                outside[parent as usize].push((child, below));
                child = parent;
            }
        }
    }
}

fn rank_level(graph: &mut Graph, container: u32, level: &[u32], outside: &[(u32, bool)]) {
    let children = graph.node(container).children.clone();
    let index = |child: u32| children.binary_search(&child).unwrap_or(0);
    let (above, below, count) = (children.len(), children.len() + 1, children.len() + 2);
    let mut pairs: Vec<(usize, usize, i32)> = Vec::new();
    for edge in level {
        let (upper, lower) = graph.edges[*edge as usize].ordered();
        let from = if upper == NONE { above } else { index(upper) };
        let to = if lower == NONE { below } else { index(lower) };
        pairs.push((from, to, 4));
    }
    for (child, down) in outside {
        pairs.push(if *down { (index(*child), below, 2) } else { (above, index(*child), 2) });
    }
    pairs.sort_unstable();
    pairs.dedup_by(|next, kept| {
        let same = (next.0, next.1) == (kept.0, kept.1);
        if same {
            kept.2 += next.2;
        }
        same
    });
    let mut linked = vec![false; count];
    let mut arcs: Vec<Arc> = pairs.iter().map(|(from, to, weight)| Arc::new(*from, *to, 1, *weight)).collect();
    for (from, to, _) in &pairs {
        linked[*from] = true;
        linked[*to] = true;
    }
    for (child, linked) in linked.iter().enumerate().take(children.len()) {
        // A child without any edge is put where there is room, later.
        arcs.push(Arc::new(above, child, 1, 0));
        arcs.push(Arc::new(child, below, i32::from(*linked), 0));
    }
    arcs.push(Arc::new(above, below, 1, 0));
    let rank = simplex::solve(count, &arcs, space::pivots(count));
    for (at, child) in children.iter().enumerate() {
        graph.node_mut(*child).layer = rank[at] - rank[above] - 1;
    }
    squeeze(graph, &children, &linked);
    limit_width(graph, container, level);
    settle_strays(graph, &children, &linked);
}

/// Closes up layers without any node.
fn squeeze(graph: &mut Graph, children: &[u32], linked: &[bool]) {
    let mut used: Vec<i32> =
        children.iter().zip(linked).filter(|(_, linked)| **linked).map(|(child, _)| graph.node(*child).layer).collect();
    used.sort_unstable();
    used.dedup();
    for child in children {
        let layer = graph.node(*child).layer;
        graph.node_mut(*child).layer = used.binary_search(&layer).unwrap_or(0) as i32;
    }
}

/// Splits layers that are wider than allowed into several.
fn limit_width(graph: &mut Graph, container: u32, level: &[u32]) {
    let Some(limit) = graph.max_width.filter(|_| container == 0) else { return };
    let children = graph.node(container).children.clone();
    let last = children.iter().map(|child| graph.node(*child).layer).max().unwrap_or(0);
    let mut busy = vec![0i32; children.len()];
    for edge in level {
        let (upper, lower) = graph.edges[*edge as usize].ordered();
        for end in [upper, lower] {
            if let Ok(at) = children.binary_search(&end) {
                busy[at] += 1;
            }
        }
    }
    let mut next = 0;
    for layer in 0..=last {
        let mut members: Vec<usize> =
            (0..children.len()).filter(|at| graph.node(children[*at]).layer == layer).collect();
        // Nodes with many edges stand in front, so that fewer edges have to pass between the others.
        members.sort_by_key(|at| (-busy[*at], *at));
        let total: i32 = members.iter().map(|at| graph.node(children[*at]).w + space::NODE_GAP).sum();
        let rows = (total + limit - 1) / limit.max(1);
        let share = total / rows.max(1);
        let (mut row, mut width) = (0, 0);
        for at in members {
            let w = graph.node(children[at]).w + space::NODE_GAP;
            if width > 0 && width + w / 2 > share && row + 1 < rows {
                row += 1;
                width = 0;
            }
            width += w;
            graph.node_mut(children[at]).layer = -1 - (next + row);
        }
        next += rows.max(1);
    }
    for child in children {
        let layer = graph.node(child).layer;
        graph.node_mut(child).layer = -1 - layer;
    }
}

/// Puts nodes without edges into the layers that are least wide.
fn settle_strays(graph: &mut Graph, children: &[u32], linked: &[bool]) {
    let layers = children.iter().map(|child| graph.node(*child).layer).max().unwrap_or(0) as usize + 1;
    let mut width = vec![0i64; layers];
    for (child, _) in children.iter().zip(linked).filter(|(_, linked)| **linked) {
        width[graph.node(*child).layer as usize] += i64::from(graph.node(*child).w.max(60));
    }
    for (child, _) in children.iter().zip(linked).filter(|(_, linked)| !**linked) {
        let layer = (0..layers).min_by_key(|layer| (width[*layer], *layer)).unwrap_or(0);
        width[layer] += i64::from(graph.node(*child).w.max(60));
        graph.node_mut(*child).layer = layer as i32;
    }
}

/// Collects the layers, with further ones for labels of edges that would have no place otherwise and for the heading.
fn make_layers(graph: &mut Graph, container: u32, level: &[u32], outside: &[(u32, bool)]) {
    let children = graph.node(container).children.clone();
    let count = children.iter().map(|child| graph.node(*child).layer + 1).max().unwrap_or(0);
    let mut opened = vec![false; count as usize + 1];
    for edge in level.iter().map(|edge| &graph.edges[*edge as usize]).filter(|edge| edge.has_label()) {
        let (from, to) = span(graph, edge.ordered(), count);
        if to - from < 2 {
            opened[to as usize] = true;
        }
    }
    let mut shift = 0;
    let mut moved = vec![0; count as usize + 1];
    for layer in 0..=count as usize {
        shift += i32::from(opened[layer]);
        moved[layer] = layer as i32 + shift;
    }
    let header = add_header(graph, container, outside);
    let header_last = graph.node(container).header_last;
    let first = i32::from(header != NONE && !header_last);
    let total = moved[count as usize] + i32::from(header != NONE);
    let mut layers: Vec<Vec<u32>> = vec![Vec::new(); total as usize];
    for child in children {
        let layer = moved[graph.node(child).layer as usize] + first;
        graph.node_mut(child).layer = layer;
        layers[layer as usize].push(child);
    }
    if header != NONE {
        let layer = if header_last { total - 1 } else { 0 };
        graph.node_mut(header).layer = layer;
        layers[layer as usize].push(header);
    }
    graph.node_mut(container).layers = layers;
}

/// The layers of the ends of an edge; the container's own borders lie before the first and behind the last layer.
pub(crate) fn span(graph: &Graph, (upper, lower): (u32, u32), count: i32) -> (i32, i32) {
    let from = if upper == NONE { -1 } else { graph.node(upper).layer };
    let to = if lower == NONE { count } else { graph.node(lower).layer };
    (from, to)
}

/// Makes the heading a node where edges pass its border; else it becomes part of the padding.
fn add_header(graph: &mut Graph, container: u32, outside: &[(u32, bool)]) -> u32 {
    let (w, h) = graph.node(container).header;
    if h == 0 {
        return NONE;
    }
    let last = graph.node(container).header_last;
    let passed = outside.iter().any(|(_, below)| *below == last)
        || graph.edges.iter().any(|edge| edge.level == container && edge.lifted.contains(&NONE));
    if passed {
        return graph.push(Node::new(Kind::Header, container, w, h));
    }
    let pad = &mut graph.node_mut(container).pad;
    if last {
        pad.bottom += h;
    } else {
        pad.top += h;
    }
    NONE
}
