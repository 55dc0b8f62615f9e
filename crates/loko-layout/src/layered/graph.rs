//! The working graph of one layered drawing.
//!
//! Layers always grow downwards here; whoever fills the graph turns sizes and results for other directions. Node 0 is
//! the frame around everything. Containers stand before their children. Every container has its own layers; an edge
//! between levels is a chain of ports: down through the layers of its source's containers, across their borders and
//! into those of its target. All numbers are whole pixels.

use loko_diagram::object::Align;

/// No port, node or edge.
pub(crate) const NONE: u32 = u32::MAX;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A box that nothing can be seen of inside.
    Leaf,
    /// A box with layers of its own.
    Container,
    /// The place where an edge passes a layer; it is as large as the label it may carry.
    Dummy,
    /// The heading of a container, where edges pass beside it.
    Header,
}

/// Room inside the border of a container.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pad {
    pub(crate) left: i32,
    pub(crate) right: i32,
    pub(crate) top: i32,
    pub(crate) bottom: i32,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) parent: u32,
    /// The size: given for leaves, found for containers.
    pub(crate) w: i32,
    pub(crate) h: i32,
    /// Room on the right for the node's loops, and on both sides for edges that end at rows.
    pub(crate) beside: i32,
    pub(crate) before: i32,
    pub(crate) pad: Pad,
    pub(crate) min_w: i32,
    pub(crate) min_h: i32,
    /// Size of the heading, if edges have to keep clear of it; whether it stands at the lower border, and outside of it.
    pub(crate) header: (i32, i32),
    pub(crate) header_last: bool,
    pub(crate) header_outside: bool,
    /// Where along the border the heading should be, if edges leave it the choice.
    pub(crate) header_align: Align,
    /// Where ports may be, from the left.
    pub(crate) port_range: (i32, i32),
    /// Whether the node may be made wider to give its edges room.
    pub(crate) stretches: bool,
    /// Whether a heading has a place in the order of its layer.
    pub(crate) pinned: bool,
    /// A place in an earlier drawing, which decides ties.
    pub(crate) hint: Option<(i32, i32)>,
    pub(crate) children: Vec<u32>,
    pub(crate) layer: i32,
    pub(crate) layers: Vec<Vec<u32>>,
    /// Ports at the upper and at the lower border, from left to right.
    pub(crate) top: Vec<u32>,
    pub(crate) bottom: Vec<u32>,
    pub(crate) x: i32,
    pub(crate) y: i32,
}

impl Node {
    pub(crate) fn new(kind: Kind, parent: u32, w: i32, h: i32) -> Self {
        Self {
            kind,
            parent,
            w,
            h,
            beside: 0,
            before: 0,
            pad: Pad::default(),
            min_w: 0,
            min_h: 0,
            header: (0, 0),
            header_last: false,
            header_outside: false,
            header_align: Align::Middle,
            port_range: (w / 8, w - w / 8),
            stretches: false,
            pinned: false,
            hint: None,
            children: Vec::new(),
            layer: 0,
            layers: Vec::new(),
            top: Vec::new(),
            bottom: Vec::new(),
            x: 0,
            y: 0,
        }
    }
}

/// Where an edge meets a border or passes a layer; it has at most one way up and one way down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port {
    pub(crate) node: u32,
    pub(crate) edge: u32,
    pub(crate) up: u32,
    pub(crate) down: u32,
    /// A fixed distance from the node's left.
    pub(crate) fixed: Option<i32>,
    /// Room that a label at the edge's end takes to the right.
    pub(crate) beside: i32,
    /// The first port of the trunk that it belongs to.
    pub(crate) trunk: u32,
    /// Whether the way down should be straight more than others: it has a small step aside.
    pub(crate) is_strong: bool,
    pub(crate) x: i32,
    /// Where the way down turns sideways.
    pub(crate) bend: i32,
}

impl Port {
    /// Whether the port, which has this id, has a place of its own: all but the later ones of a trunk.
    pub(crate) fn leads(&self, id: u32) -> bool {
        self.trunk == NONE || self.trunk == id
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) src: u32,
    pub(crate) dst: u32,
    pub(crate) label: (i32, i32),
    /// Sizes of the labels at both ends.
    pub(crate) end_labels: [(i32, i32); 2],
    /// How far heads reach along the edge at both ends.
    pub(crate) heads: [i32; 2],
    /// Fixed distances of the ends from the left of their nodes.
    pub(crate) fixed: [Option<i32>; 2],
    /// Heights of the rows at which the ends should meet a side of their nodes, from the upper side.
    pub(crate) rows: [Option<i32>; 2],
    /// What edges share that may form a trunk at each end (`NONE`: nothing).
    pub(crate) likeness: [u32; 2],
    /// Whether the source lies below.
    pub(crate) flipped: bool,
    /// The innermost container of both ends, and its children that hold them (`NONE`: the container itself).
    pub(crate) level: u32,
    pub(crate) lifted: [u32; 2],
    /// The ports from top to bottom.
    pub(crate) chain: Vec<u32>,
    /// The dummy that carries the label.
    pub(crate) label_node: u32,
}

impl Edge {
    pub(crate) fn new(src: u32, dst: u32) -> Self {
        Self {
            src,
            dst,
            label: (0, 0),
            end_labels: [(0, 0); 2],
            heads: [0; 2],
            fixed: [None; 2],
            rows: [None; 2],
            likeness: [NONE; 2],
            flipped: false,
            level: NONE,
            lifted: [NONE; 2],
            chain: Vec::new(),
            label_node: NONE,
        }
    }

    pub(crate) fn has_label(&self) -> bool {
        self.label.0 > 0
    }

    /// The children of the level that hold the upper and the lower end.
    pub(crate) fn ordered(&self) -> (u32, u32) {
        if self.flipped { (self.lifted[1], self.lifted[0]) } else { (self.lifted[0], self.lifted[1]) }
    }

    /// The nodes at the upper and the lower end.
    pub(crate) fn ends(&self) -> (u32, u32) {
        if self.flipped { (self.dst, self.src) } else { (self.src, self.dst) }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) ports: Vec<Port>,
    pub(crate) edges: Vec<Edge>,
    /// A factor for the tries to get rid of crossings.
    pub(crate) effort: f64,
    /// No layer should become wider than this.
    pub(crate) max_width: Option<i32>,
    /// In how many columns the layers of the outermost container stand; 0 and 1 are one.
    pub(crate) columns: usize,
}

impl Graph {
    pub(crate) fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    pub(crate) fn node_mut(&mut self, id: u32) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    /// The ports at the upper or the lower border of a node.
    pub(crate) fn face_mut(&mut self, id: u32, top: bool) -> &mut Vec<u32> {
        let node = self.node_mut(id);
        if top { &mut node.top } else { &mut node.bottom }
    }

    pub(crate) fn port(&self, id: u32) -> &Port {
        &self.ports[id as usize]
    }

    pub(crate) fn port_mut(&mut self, id: u32) -> &mut Port {
        &mut self.ports[id as usize]
    }

    pub(crate) fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    /// Adds a node that was known from the start, in front of its children.
    pub(crate) fn push_child(&mut self, node: Node) -> u32 {
        let parent = node.parent;
        let id = self.push(node);
        if id != parent {
            self.node_mut(parent).children.push(id);
        }
        id
    }

    pub(crate) fn push_port(&mut self, node: u32, edge: u32) -> u32 {
        self.ports.push(Port {
            node,
            edge,
            up: NONE,
            down: NONE,
            fixed: None,
            beside: 0,
            trunk: NONE,
            is_strong: false,
            x: 0,
            bend: 0,
        });
        self.ports.len() as u32 - 1
    }

    pub(crate) fn containers(&self) -> impl Iterator<Item = u32> + use<> {
        let all: Vec<u32> = (0..self.nodes.len() as u32).filter(|id| self.node(*id).kind == Kind::Container).collect();
        all.into_iter()
    }

    pub(crate) fn depth(&self, mut id: u32) -> usize {
        let mut depth = 0;
        while id != 0 {
            id = self.node(id).parent;
            depth += 1;
        }
        depth
    }

    /// The child of `container` that holds `id`, or `NONE` for the container itself.
    pub(crate) fn lift(&self, mut id: u32, container: u32) -> u32 {
        if id == container {
            return NONE;
        }
        while self.node(id).parent != container {
            id = self.node(id).parent;
        }
        id
    }

    /// The innermost container that holds both nodes or is one of them.
    pub(crate) fn meet(&self, mut a: u32, mut b: u32) -> u32 {
        let (mut high, mut low) = (self.depth(a), self.depth(b));
        while a != b {
            if high >= low {
                a = self.node(a).parent;
                high -= 1;
            } else {
                b = self.node(b).parent;
                low -= 1;
            }
        }
        a
    }
}
