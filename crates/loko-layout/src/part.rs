//! One connected part of a unit as the working graph of the layered method: its nodes, edges and the room they need.
//!
//! What the method decided becomes a drawing in `place`; which of several drawings is kept is decided in `shape`.

mod place;
mod shape;

use crate::frame::{Frame, whole};
use crate::label::{self, Margins};
use crate::layered::graph::{Edge, Graph, Kind, NONE, Node, Pad};
use crate::loops;
use crate::piece::Piece;
use crate::scope::Scope;
use crate::space;
use crate::unit::{Link, MAX_DEPTH, Unit, boxed};
use loko_diagram::{Arrowhead, Direction, EdgeId, ObjectId, Shape, Size, Style};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Looks of edges' ends beyond which no more are told apart; their edges share no way.
const MOST_LOOKS: usize = 32;

/// Larger than any label.
const ANY_SIZE: f64 = 1e6;

/// One node of the working graph and what stands for it in the drawing.
struct Member {
    id: ObjectId,
    node: u32,
    margins: Margins,
    piece: Option<Piece>,
    size: Size,
}
/// One connected part of a unit.
pub(crate) struct Part {
    graph: Graph,
    members: Vec<Member>,
    edges: Vec<EdgeId>,
    /// Edges from an object to itself, by member.
    loops: Vec<(EdgeId, usize)>,
    /// The looks of edges' ends that were met.
    looks: Vec<(Style, bool, Option<Arrowhead>)>,
    frame: Frame,
    /// Open containers whose outline is no rectangle, with the room that it needs around what is in them.
    shaped: Vec<(u32, Shape, Margins)>,
}

impl Part {
    pub(crate) fn new(unit: &mut Unit<'_>, children: &[ObjectId], edges: &[Link]) -> Self {
        let mut graph = Graph { effort: unit.scope.options.effort.clamp(0.0, 100.0), ..Graph::default() };
        graph.push(Node::new(Kind::Container, 0, 0, 0));
        let mut part = Self {
            graph,
            members: Vec::new(),
            edges: Vec::new(),
            loops: Vec::new(),
            looks: Vec::new(),
            frame: unit.frame,
            shaped: Vec::new(),
        };
        for id in children {
            part.add(unit, *id, 0, 0);
        }
        part.sort_nodes();
        let index: FxHashMap<ObjectId, usize> =
            part.members.iter().enumerate().map(|(at, member)| (member.id, at)).collect();
        for (id, src, dst) in edges {
            let (Some(src), Some(dst)) = (index.get(src), index.get(dst)) else { continue };
            if src == dst {
                part.loops.push((*id, *src));
            } else {
                part.add_edge(unit, *id, *src, *dst);
            }
            let edge = unit.scope.edge(*id);
            if (edge.src, edge.dst) != (part.members[*src].id, part.members[*dst].id) {
                unit.loose.push(*id);
            }
        }
        part.reserve_loops(unit.scope);
        part
    }

    /// Adds a child, and if it is open all that is in it.
    fn add(&mut self, unit: &Unit<'_>, id: ObjectId, parent: u32, depth: usize) {
        let scope = unit.scope;
        let open = scope.is_open(id) && unit.depth + depth < MAX_DEPTH;
        let hint = scope.hint(id).map(|point| self.frame.place(point));
        if open {
            let mut node = Node::new(Kind::Container, parent, 0, 0);
            node.hint = hint;
            let margins = label::outside(scope, id, Size::new(ANY_SIZE, ANY_SIZE));
            self.dress_container(scope, id, margins, &mut node);
            let at = self.graph.push_child(node);
            if !label::is_boxy(scope.object(id).shape) {
                self.shaped.push((at, scope.object(id).shape, Margins::default()));
            }
            self.members.push(Member { id, node: at, margins, piece: None, size: Size::default() });
            for child in scope.children(Some(id)) {
                if !scope.is_placed_apart(*child) {
                    self.add(unit, *child, at, depth + 1);
                }
            }
            return;
        }
        let piece = boxed(scope, id, unit.depth + depth);
        let size = piece.size;
        let margins = label::outside(scope, id, size);
        let outer = Size::new(size.w + margins.width(), size.h + margins.height());
        let (w, h) = self.frame.turn(outer);
        let mut node = Node::new(Kind::Leaf, parent, w, h);
        node.hint = hint;
        node.port_range = self.port_range(scope, id, size, margins);
        node.stretches = self.may_stretch(scope, id);
        let at = self.graph.push_child(node);
        self.members.push(Member { id, node: at, margins, piece: Some(piece), size });
    }

    /// Whether a box may be made larger across the flow: one that nobody gave a size, in a shape that any size suits.
    fn may_stretch(&self, scope: &Scope<'_>, id: ObjectId) -> bool {
        let object = scope.object(id);
        let fixed = if self.frame.is_horizontal() { object.height } else { object.width };
        let suits = match object.shape {
            Shape::Rectangle | Shape::Page | Shape::Document | Shape::Package => true,
            Shape::Cylinder => !self.frame.is_horizontal(),
            Shape::Queue => self.frame.is_horizontal(),
            _ => false,
        };
        suits && fixed.is_none() && !scope.is_container(id) && object.icon.is_none()
    }

    /// Which share of a side edges may end at.
    fn port_range(&self, scope: &Scope<'_>, id: ObjectId, size: Size, margins: Margins) -> (i32, i32) {
        let (before, extent) = if self.frame.is_horizontal() { (margins.top, size.h) } else { (margins.left, size.w) };
        let share = match scope.object(id).shape {
            Shape::Person | Shape::C4Person | Shape::Diamond | Shape::Callout => 0.42,
            Shape::Circle | Shape::Oval | Shape::Cloud | Shape::Hexagon => 0.3,
            Shape::Parallelogram | Shape::Step => 0.25,
            _ => 0.1,
        };
        let inset = (extent * share).min((extent * 0.5 - 1.0).max(0.0));
        let inset = if share < 0.2 { inset.max(10.0).min(extent / 3.0) } else { inset };
        (whole(before + inset), (before + extent - inset).floor() as i32)
    }

    /// The padding, the least size and the heading of an open container; what stands outside of its border is part of its node
    /// here, with `margins` between the two.
    fn dress_container(&self, scope: &Scope<'_>, id: ObjectId, margins: Margins, node: &mut Node) {
        let object = scope.object(id);
        let heading = label::heading(scope, id, true);
        let width = whole(label::heading_width(scope, id));
        let (min_w, min_h) = (whole(object.width.unwrap_or(0.0)), whole(object.height.unwrap_or(0.0)));
        let pad = space::PAD;
        let room = |inside: f64, outside: f64| whole(inside) + whole(outside);
        let (top, bottom) = (room(heading.top, margins.top), room(heading.bottom, margins.bottom));
        let (left, right) = (room(heading.left, margins.left), room(heading.right, margins.right));
        let with = |least: i32, more: f64| if least > 0 { least + whole(more) } else { 0 };
        let (min_w, min_h) = (with(min_w.max(width), margins.width()), with(min_h, margins.height()));
        let (min_w, min_h) = if self.frame.is_horizontal() { (min_h, min_w) } else { (min_w, min_h) };
        (node.min_w, node.min_h) = (min_w, min_h);
        // The room across the flow, and before and behind it, with what of this is outside.
        let top = (top, margins.top > 0.0);
        let [right, bottom, left] =
            [(right, margins.right > 0.0), (bottom, margins.bottom > 0.0), (left, margins.left > 0.0)];
        let (across, first, last) = match self.frame.direction {
            Direction::Down => ((left, right), top, bottom),
            Direction::Up => ((left, right), bottom, top),
            Direction::Right => ((top, bottom), left, right),
            Direction::Left => ((top, bottom), right, left),
        };
        node.pad = Pad { left: pad + across.0.0, right: pad + across.1.0, top: 0, bottom: 0 };
        if (first.0 > 0) == (last.0 > 0) {
            (node.pad.top, node.pad.bottom) = (first.0, last.0);
            return;
        }
        // Edges may pass on that side.
        let place = label::label_place(scope, id);
        let height = whole(scope.measure(id).label.h) + 2 * space::HEADING;
        let extent = if self.frame.is_horizontal() { height } else { width };
        node.header = (extent, first.0.max(last.0));
        node.header_last = last.0 > 0;
        node.header_outside = if last.0 > 0 { last.1 } else { first.1 };
        node.header_align = if self.frame.is_horizontal() { place.vertical } else { place.horizontal };
    }

    /// Children must be in ascending order; they are, since members are added depth first.
    fn sort_nodes(&mut self) {
        for node in &mut self.graph.nodes {
            node.children.sort_unstable();
        }
    }

    fn add_edge(&mut self, unit: &Unit<'_>, id: EdgeId, src: usize, dst: usize) {
        let measure = unit.scope.edge_measure(id);
        let mut edge = Edge::new(self.members[src].node, self.members[dst].node);
        if !measure.label.is_zero() {
            edge.label = self.frame.turn(measure.label);
        }
        edge.likeness = self.likeness(unit.scope.edge(id));
        edge.end_labels = [self.frame.turn(measure.src_label), self.frame.turn(measure.dst_label)];
        edge.heads = [whole(measure.src_head), whole(measure.dst_head)];
        let data = unit.scope.edge(id);
        for (at, (end, column)) in [(src, data.src_column), (dst, data.dst_column)].into_iter().enumerate() {
            let member = &self.members[end];
            let rows = unit.scope.measure(member.id).row_centers;
            let row = column.and_then(|column| rows.get(column as usize).copied());
            let row = row.map(|row| (member.margins.top + row).round() as i32);
            let height = self.graph.node(member.node).h;
            match self.frame.direction {
                Direction::Right | Direction::Left => edge.fixed[at] = row,
                _ if member.margins != Margins::default() => {}
                Direction::Down => edge.rows[at] = row,
                Direction::Up => edge.rows[at] = row.map(|row| height - row),
            }
        }
        self.graph.edges.push(edge);
        self.edges.push(id);
    }

    /// Numbers for how an edge looks at its ends; edges of one number may share the way there.
    fn likeness(&mut self, edge: &loko_diagram::Edge) -> [u32; 2] {
        // Lines that shine through each other, and dashes that do not begin together, must not lie on top of each other.
        let is_thin = edge.style.opacity.is_some_and(|opacity| opacity < 1.0);
        let is_broken = edge.style.stroke_dash.is_some_and(|dash| dash > 0.0) || edge.style.animated == Some(true);
        let (src, dst) = (edge.src_arrowhead.as_ref(), edge.dst_arrowhead.as_ref());
        let mut number = |is_apart: bool, arrow: bool, head: Option<&Arrowhead>| {
            if is_apart {
                return NONE;
            }
            let look = (edge.style.clone(), arrow, head.cloned());
            let known = self.looks.iter().position(|known| *known == look);
            let at = known.or_else(|| {
                let is_room = self.looks.len() < MOST_LOOKS;
                is_room.then(|| {
                    self.looks.push(look);
                    self.looks.len() - 1
                })
            });
            at.map_or(NONE, |at| at as u32)
        };
        [number(is_thin, edge.src_arrow, src), number(is_thin || is_broken, edge.dst_arrow, dst)]
    }

    /// The loops of each member that has some.
    fn looped(&self) -> BTreeMap<usize, Vec<EdgeId>> {
        let mut looped: BTreeMap<usize, Vec<EdgeId>> = BTreeMap::new();
        for (edge, member) in &self.loops {
            looped.entry(*member).or_default().push(*edge);
        }
        looped
    }

    /// Makes room beside the boxes for their loops.
    fn reserve_loops(&mut self, scope: &Scope<'_>) {
        for (member, edges) in self.looped() {
            let labels: Vec<Size> = edges.iter().map(|edge| scope.edge_measure(*edge).label).collect();
            let (beside, along) = loops::room(self.frame, &labels);
            let node = self.graph.node_mut(self.members[member].node);
            node.beside = beside;
            node.h = node.h.max(along);
            node.min_h = node.min_h.max(along);
        }
    }
}
