//! Chains: every edge becomes a row of ports with a dummy in each layer that it passes.

use super::graph::{Graph, Kind, NONE, Node};
use super::rank::span;

/// Builds the chains of all edges; the layers must be known.
pub(crate) fn build(graph: &mut Graph) {
    for edge in 0..graph.edges.len() as u32 {
        Chain { graph, edge, ports: Vec::new() }.build();
    }
}

struct Chain<'a> {
    graph: &'a mut Graph,
    edge: u32,
    ports: Vec<u32>,
}

impl Chain<'_> {
    fn build(mut self) {
        let edge = self.graph.edges[self.edge as usize].clone();
        let (upper, lower) = edge.ends();
        self.leave(upper, edge.level);
        let count = self.graph.node(edge.level).layers.len() as i32;
        let (from, to) = span(self.graph, edge.ordered(), count);
        let label = if edge.has_label() { self.label_layer(edge.level, from, to) } else { None };
        for layer in from + 1..to {
            let node = self.dummy(edge.level, layer);
            if label == Some(layer) {
                (self.graph.node_mut(node).w, self.graph.node_mut(node).h) = edge.label;
                self.graph.edges[self.edge as usize].label_node = node;
            }
        }
        self.enter(lower, edge.level);
        self.finish(&edge);
    }

    /// From a node down to the lower border of the level's child that holds it.
    fn leave(&mut self, node: u32, level: u32) {
        if node == level {
            return self.add_top(node);
        }
        self.add_bottom(node);
        let mut inner = node;
        while self.graph.node(inner).parent != level {
            let parent = self.graph.node(inner).parent;
            for layer in self.graph.node(inner).layer + 1..self.graph.node(parent).layers.len() as i32 {
                self.dummy(parent, layer);
            }
            self.add_bottom(parent);
            inner = parent;
        }
    }

    /// From the upper border of the level's child that holds a node down to the node.
    fn enter(&mut self, node: u32, level: u32) {
        if node == level {
            return self.add_bottom(node);
        }
        let mut path = vec![node];
        let mut inner = node;
        while self.graph.node(inner).parent != level {
            inner = self.graph.node(inner).parent;
            path.push(inner);
        }
        while let Some(container) = path.pop() {
            self.add_top(container);
            if let Some(child) = path.last().copied() {
                for layer in 0..self.graph.node(child).layer {
                    self.dummy(container, layer);
                }
            }
        }
    }

    fn add_top(&mut self, node: u32) {
        let port = self.graph.push_port(node, self.edge);
        self.graph.node_mut(node).top.push(port);
        self.ports.push(port);
    }

    fn add_bottom(&mut self, node: u32) {
        let port = self.graph.push_port(node, self.edge);
        self.graph.node_mut(node).bottom.push(port);
        self.ports.push(port);
    }

    fn dummy(&mut self, container: u32, layer: i32) -> u32 {
        let mut node = Node::new(Kind::Dummy, container, 0, 0);
        node.layer = layer;
        let id = self.graph.push(node);
        let port = self.graph.push_port(id, self.edge);
        (self.graph.node_mut(id).top, self.graph.node_mut(id).bottom) = (vec![port], vec![port]);
        self.graph.node_mut(container).layers[layer as usize].push(id);
        self.ports.push(port);
        id
    }

    /// The layer between `from` and `to` where a label takes the least room: one without boxes, near the middle.
    fn label_layer(&self, level: u32, from: i32, to: i32) -> Option<i32> {
        let layers = &self.graph.node(level).layers;
        let crowded =
            |layer: &i32| layers[*layer as usize].iter().any(|node| self.graph.node(*node).kind != Kind::Dummy);
        (from + 1..to).min_by_key(|layer| (crowded(layer), (2 * layer - from - to).abs(), *layer))
    }

    fn finish(self, edge: &super::graph::Edge) {
        let Self { graph, edge: id, ports } = self;
        for pair in ports.windows(2) {
            graph.port_mut(pair[0]).down = pair[1];
            graph.port_mut(pair[1]).up = pair[0];
        }
        let ends = if edge.flipped { [1, 0] } else { [0, 1] };
        for (port, end) in [ports.first(), ports.last()].into_iter().zip(ends) {
            let Some(port) = port else { continue };
            let node = graph.port(*port).node;
            if graph.node(node).kind == Kind::Leaf {
                graph.port_mut(*port).fixed = edge.fixed[end];
            }
            let label = edge.end_labels[end].0;
            graph.port_mut(*port).beside = if label > 0 { label + 6 } else { 0 };
        }
        let edge = &mut graph.edges[id as usize];
        debug_assert!(ports.iter().all(|port| *port != NONE));
        edge.chain = ports;
    }
}
