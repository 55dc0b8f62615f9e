//! Closed containers and what is in them: the parts of a unit are found, placed, packed and put into a box.

use crate::finish::median;
use crate::frame::{Frame, whole};
use crate::label::{self, Margins};
use crate::layered::corner::{self, Wish};
use crate::layered::graph::{Edge, Graph, Kind, NONE, Node, Pad};
use crate::layered::{self, route};
use crate::loops;
use crate::pack;
use crate::piece::Piece;
use crate::scope::Scope;
use crate::space;
use crate::{apart, arrange, grid, sequence};
use loko_diagram::{
    Arrowhead, Direction, EdgeId, Object, ObjectId, PlacedEdge, PlacedObject, Point, Rect, Shape, Size, Style,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Depth of containers beyond which the inside is not looked at any more (no sane diagram comes near).
pub(crate) const MAX_DEPTH: usize = 200;

/// The longest way, along and across the flow, of an edge that alone joins two parts.
const JOIN_ALONG: i32 = 320;
const JOIN_ACROSS: i32 = 900;

/// Larger boxes than this are taken for mistakes.
const MAX_EXTENT: f64 = 50_000.0;

/// All that stands in a container (`None`: on the board), without its border.
pub(crate) fn content(scope: &Scope<'_>, container: Option<ObjectId>, depth: usize) -> Piece {
    let (shape, cells) = match container {
        Some(id) => (Some(scope.object(id).shape), scope.object(id).grid),
        None => (scope.board.shape, scope.board.grid),
    };
    if depth > MAX_DEPTH {
        return Piece { loose: scope.edges(container).to_vec(), ..Piece::default() };
    }
    if cells.is_grid() {
        return grid::place(scope, container, cells, depth);
    }
    if shape == Some(Shape::SequenceDiagram) {
        return sequence::place(scope, container, depth);
    }
    let flowing: Vec<ObjectId> =
        scope.children(container).iter().copied().filter(|id| !scope.is_placed_apart(*id)).collect();
    let mut unit = Unit::new(scope, container, depth);
    let piece = unit.place(&flowing);
    apart::add(scope, container, piece, depth)
}

/// An object that is a unit of its own: a leaf, or a closed container with all that is in it.
pub(crate) fn boxed(scope: &Scope<'_>, id: ObjectId, depth: usize) -> Piece {
    let object = scope.object(id);
    let mut piece = Piece::default();
    let rect = if scope.is_container(id) {
        let inside = content(scope, Some(id), depth + 1);
        let pad = padding(object);
        let heading = label::heading(scope, id);
        let inner = inside.size;
        let natural = Size::new(
            (inner.w + 2.0 * pad.w + heading.width()).max(label::heading_width(scope, id)),
            inner.h + 2.0 * pad.h + heading.height(),
        );
        let natural = label::around_content(object.shape, natural);
        let size = natural
            .max(Size::new(object.width.unwrap_or(0.0).min(MAX_EXTENT), object.height.unwrap_or(0.0).min(MAX_EXTENT)));
        let size = if object.shape.is_square() { Size::new(size.w.max(size.h), size.w.max(size.h)) } else { size };
        let size = Size::new(size.w.ceil(), size.h.ceil());
        let at = Point::new(
            (heading.left + pad.w + (size.w - heading.width() - 2.0 * pad.w - inner.w) / 2.0).round(),
            (heading.top + pad.h + (size.h - heading.height() - 2.0 * pad.h - inner.h) / 2.0).round(),
        );
        piece.absorb(inside, at);
        Rect::new(0.0, 0.0, size.w, size.h)
    } else {
        let size = leaf_size(scope, id);
        Rect::new(0.0, 0.0, size.w, size.h)
    };
    piece.objects.push((id, label::dress(scope, id, rect)));
    piece.size = rect.size();
    piece
}

/// Room between a container's border and its content; a grid keeps no more than its own gaps.
fn padding(object: &Object) -> Size {
    let pad = f64::from(space::PAD);
    let grid = object.grid;
    if !grid.is_grid() {
        return Size::new(pad, pad);
    }
    let room = |gap: Option<f64>| gap.or(grid.gap).map_or(pad, |gap| gap.clamp(0.0, pad));
    Size::new(room(grid.horizontal_gap), room(grid.vertical_gap))
}

/// A box together with the room that its label takes outside of it.
pub(crate) fn with_outside(scope: &Scope<'_>, id: ObjectId, depth: usize) -> Piece {
    let inner = boxed(scope, id, depth);
    let margins = label::outside(scope, id);
    if margins == Margins::default() {
        return inner;
    }
    let size = Size::new(inner.size.w + margins.width(), inner.size.h + margins.height());
    let mut piece = Piece { size, ..Piece::default() };
    piece.absorb(inner, Point::new(margins.left, margins.top));
    piece
}

/// The size of an object that has nothing in it.
#[expect(clippy::manual_clamp, reason = "a size that is no number becomes 1 this way")]
pub(crate) fn leaf_size(scope: &Scope<'_>, id: ObjectId) -> Size {
    let object = scope.object(id);
    let size = scope.measure(id).size;
    let size = Size::new(object.width.unwrap_or(size.w), object.height.unwrap_or(size.h));
    Size::new(size.w.max(1.0).min(MAX_EXTENT), size.h.max(1.0).min(MAX_EXTENT))
}

struct Unit<'a> {
    scope: &'a Scope<'a>,
    container: Option<ObjectId>,
    frame: Frame,
    depth: usize,
    loose: Vec<EdgeId>,
}

/// An edge with the objects of the unit that stand for its ends.
type Link = (EdgeId, ObjectId, ObjectId);
/// Connected objects with the edges among them.
type Component = (Vec<ObjectId>, Vec<Link>);

/// One node of the working graph and what stands for it in the drawing.
struct Member {
    id: ObjectId,
    node: u32,
    margins: Margins,
    piece: Option<Piece>,
    size: Size,
}

impl<'a> Unit<'a> {
    fn new(scope: &'a Scope<'a>, container: Option<ObjectId>, depth: usize) -> Self {
        Self { scope, container, frame: Frame::new(scope.direction(container)), depth, loose: Vec::new() }
    }

    fn place(&mut self, children: &[ObjectId]) -> Piece {
        let mut parts = Vec::new();
        for (members, edges) in self.components(children) {
            let mut part = Part::new(self, &members, &edges);
            parts.push(part.place(self));
        }
        let sizes: Vec<Size> = parts.iter().map(|part| part.size).collect();
        let before: Vec<Option<Point>> = parts.iter().map(|part| earlier_origin(self.scope, part)).collect();
        let (spots, size) = pack::rows(&sizes, &before);
        let mut piece = Piece { size, ..Piece::default() };
        for (part, at) in parts.into_iter().zip(spots) {
            piece.absorb(part, at);
        }
        piece.loose.append(&mut self.loose);
        piece
    }

    /// The node of this unit that stands for an end: the object itself or the closed container around it.
    fn stand_in(&self, end: ObjectId) -> Option<ObjectId> {
        let mut path = vec![end];
        let mut at = self.scope.parent(end);
        while at != self.container {
            let id = at?;
            path.push(id);
            at = self.scope.parent(id);
        }
        while let Some(id) = path.pop() {
            if path.is_empty() || !self.scope.is_open(id) {
                return (!self.scope.is_placed_apart(id)).then_some(id);
            }
        }
        None
    }

    /// The child of the unit's container that holds an object.
    fn child(&self, mut id: ObjectId) -> ObjectId {
        while self.scope.parent(id) != self.container {
            match self.scope.parent(id) {
                Some(parent) => id = parent,
                None => return id,
            }
        }
        id
    }

    /// Whether an edge lies in the earlier drawing as none does there that alone joins two parts: such edges are short,
    /// and lead with the flow.
    fn is_new_join(&self, src: ObjectId, dst: ObjectId) -> bool {
        let place = |id: ObjectId| self.scope.hint(id).map(|point| self.frame.place(point));
        let (Some(from), Some(to)) = (place(src), place(dst)) else { return false };
        // The middle of a container tells little of where its sides are.
        if self.scope.holds(src, dst) || self.scope.holds(dst, src) {
            return false;
        }
        let extent = |id: ObjectId| self.frame.turn(self.scope.measure(id).size).1 / 2;
        let gap = to.1 - from.1 - extent(src) - extent(dst);
        to.1 <= from.1 || gap > JOIN_ALONG || (to.0 - from.0).abs() > JOIN_ACROSS
    }

    /// The connected parts, in source order, each with its edges and their ends.
    fn components(&mut self, children: &[ObjectId]) -> Vec<Component> {
        let index: FxHashMap<ObjectId, usize> = children.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut group: Vec<usize> = (0..children.len()).collect();
        let (mut kept, mut apart) = (Vec::new(), Vec::new());
        for id in self.scope.edges(self.container) {
            let edge = self.scope.edge(*id);
            let ends = (self.stand_in(edge.src), self.stand_in(edge.dst));
            let (Some(src), Some(dst)) = ends else {
                self.loose.push(*id);
                continue;
            };
            let children = (index.get(&self.child(src)), index.get(&self.child(dst)));
            let (Some(a), Some(b)) = children else {
                self.loose.push(*id);
                continue;
            };
            if src == dst && edge.src != edge.dst {
                self.loose.push(*id);
                continue;
            }
            if self.is_new_join(src, dst) {
                apart.push((*id, src, dst, *a, *b));
                continue;
            }
            let (a, b) = (root(&mut group, *a), root(&mut group, *b));
            group[a.max(b)] = a.min(b);
            kept.push((*id, src, dst));
        }
        for (id, src, dst, a, b) in apart {
            // What was apart in the earlier drawing and is joined by a new edge stays where it is.
            if root(&mut group, a) == root(&mut group, b) {
                kept.push((id, src, dst));
            } else {
                self.loose.push(id);
            }
        }
        kept.sort_unstable();
        let mut parts: Vec<Component> = Vec::new();
        let mut part_of = vec![usize::MAX; children.len()];
        for (at, id) in children.iter().enumerate() {
            let first = root(&mut group, at);
            if part_of[first] == usize::MAX {
                part_of[first] = parts.len();
                parts.push((Vec::new(), Vec::new()));
            }
            parts[part_of[first]].0.push(*id);
        }
        for (edge, src, dst) in kept {
            let at = index.get(&self.child(src)).copied().unwrap_or(0);
            let first = root(&mut group, at);
            parts[part_of[first]].1.push((edge, src, dst));
        }
        parts
    }
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

/// One connected part of a unit.
struct Part {
    graph: Graph,
    members: Vec<Member>,
    edges: Vec<EdgeId>,
    /// Edges from an object to itself, by member.
    loops: Vec<(EdgeId, usize)>,
    /// The looks of edges' ends that were met.
    looks: Vec<(Style, bool, Option<Arrowhead>)>,
    frame: Frame,
}

impl Part {
    fn new(unit: &mut Unit<'_>, children: &[ObjectId], edges: &[Link]) -> Self {
        let mut graph = Graph {
            header_last: unit.frame.direction == Direction::Up,
            effort: unit.scope.options.effort.clamp(0.0, 100.0),
            ..Graph::default()
        };
        graph.push(Node::new(Kind::Container, 0, 0, 0));
        let mut part = Self {
            graph,
            members: Vec::new(),
            edges: Vec::new(),
            loops: Vec::new(),
            looks: Vec::new(),
            frame: unit.frame,
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
            self.dress_container(scope, id, &mut node);
            let at = self.graph.push_child(node);
            self.members.push(Member { id, node: at, margins: Margins::default(), piece: None, size: Size::default() });
            for child in scope.children(Some(id)) {
                if !scope.is_placed_apart(*child) {
                    self.add(unit, *child, at, depth + 1);
                }
            }
            return;
        }
        let piece = boxed(scope, id, unit.depth + depth);
        let margins = label::outside(scope, id);
        let size = piece.size;
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

    fn dress_container(&self, scope: &Scope<'_>, id: ObjectId, node: &mut Node) {
        let object = scope.object(id);
        let heading = label::heading(scope, id);
        let width = whole(label::heading_width(scope, id));
        let (min_w, min_h) = (whole(object.width.unwrap_or(0.0)), whole(object.height.unwrap_or(0.0)));
        let pad = space::PAD;
        let [top, right, bottom, left] = [heading.top, heading.right, heading.bottom, heading.left].map(whole);
        if self.frame.is_horizontal() {
            (node.min_w, node.min_h) = (min_h, min_w.max(width));
            node.pad = Pad { left: pad + top, right: pad + bottom, top: left, bottom: right };
            return;
        }
        (node.min_w, node.min_h) = (min_w.max(width), min_h);
        node.pad = Pad { left: pad + left, right: pad + right, top: 0, bottom: 0 };
        let flip = self.frame.direction == Direction::Up;
        if (top > 0) != (bottom > 0) && (top > 0) {
            node.header = (width, top);
        } else if flip {
            (node.pad.top, node.pad.bottom) = (bottom, top);
        } else {
            (node.pad.top, node.pad.bottom) = (top, bottom);
        }
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

    fn place(&mut self, unit: &mut Unit<'_>) -> Piece {
        let closed = self.members.iter().all(|member| member.piece.is_some());
        if unit.scope.options.map && closed && self.members.len() > 2 {
            return self.place_on_map(unit);
        }
        if !self.run(unit.scope.options.max_aspect.max(1.0)) {
            return self.place_in_rows(unit);
        }
        self.place_as_layered(unit)
    }

    /// In layers if that makes a good shape, else in rows.
    fn place_on_map(&mut self, unit: &mut Unit<'_>) -> Piece {
        if self.members.len() > MANY_ON_MAP {
            return self.place_in_rows(unit);
        }
        let pieces: Vec<Option<Piece>> = self.members.iter().map(|member| member.piece.clone()).collect();
        let layered = self.run(unit.scope.options.max_aspect.max(1.0)).then(|| self.place_as_layered(unit));
        for (member, piece) in self.members.iter_mut().zip(pieces) {
            member.piece = piece;
        }
        let loose = unit.loose.len();
        let rows = self.place_in_rows(unit);
        let Some(layered) = layered else { return rows };
        let aspect = layered.size.w.max(1.0) / layered.size.h.max(1.0);
        let roomy = layered.size.w * layered.size.h > LAYERS_MAY_TAKE * rows.size.w * rows.size.h;
        if roomy || !(1.0 / MAP_ASPECT..=MAP_ASPECT).contains(&aspect) {
            return rows;
        }
        unit.loose.truncate(loose);
        layered
    }

    /// In rows, with the edges left for later.
    fn place_in_rows(&mut self, unit: &mut Unit<'_>) -> Piece {
        let outer = |member: &Member| {
            Size::new(member.size.w + member.margins.width(), member.size.h + member.margins.height())
        };
        let sizes: Vec<Size> = self.members.iter().map(outer).collect();
        let before: Vec<Option<Point>> = self.members.iter().map(|member| unit.scope.hint(member.id)).collect();
        let by_node: FxHashMap<u32, usize> = self.members.iter().enumerate().map(|(at, it)| (it.node, at)).collect();
        let relation = |(edge, id): (&Edge, &EdgeId)| {
            let strength = unit.scope.edge(*id).style.stroke_width.unwrap_or(1.0).max(1.0);
            (by_node[&edge.src], by_node[&edge.dst], strength)
        };
        let relations: Vec<(usize, usize, f64)> = self.graph.edges.iter().zip(&self.edges).map(relation).collect();
        let (spots, size) = arrange::rows(&arrange::Areas { sizes: &sizes, relations: &relations, before: &before });
        let mut piece = Piece { size, ..Piece::default() };
        for (member, spot) in self.members.iter_mut().zip(spots) {
            let at = spot.shift(member.margins.left, member.margins.top);
            piece.absorb(member.piece.take().unwrap_or_default(), at);
        }
        unit.loose.extend(&self.edges);
        unit.loose.extend(self.loops.iter().map(|(edge, _)| *edge));
        piece
    }

    /// What the layered method decided, as a piece.
    fn place_as_layered(&mut self, unit: &Unit<'_>) -> Piece {
        self.frame.length = f64::from(self.graph.nodes[0].h);
        let mut piece = Piece::default();
        self.place_members(unit.scope, &mut piece);
        self.place_edges(unit, &mut piece);
        self.place_loops(unit.scope, &mut piece);
        piece.fit();
        piece
    }

    /// Runs the layered method, again with narrower layers while the drawing is far too wide across the flow, or in
    /// columns while it is far too long. Gives up (false) where layers are no way to draw it, unless there is no other.
    fn run(&mut self, limit: f64) -> bool {
        let input = self.graph.clone();
        let closed = self.members.iter().all(|member| member.piece.is_some());
        if input.nodes.len() > MANY {
            self.graph.columns = columns_for(&input).unwrap_or(1);
            return layered::run(&mut self.graph, closed);
        }
        if !layered::run(&mut self.graph, closed) {
            return false;
        }
        let first = aspect(&self.graph);
        if input.nodes.len() < 6 {
            return true;
        }
        let width = f64::from(self.graph.nodes[0].w);
        if first > limit {
            let narrower = |graph: &mut Graph, share: &f64| graph.max_width = Some((width * share) as i32);
            self.run_again(&input, &[0.75, 0.6, 0.5, 0.4, 0.3, 0.2], narrower, |aspect| aspect <= limit);
        } else if first < 1.0 / MOST_LONG && self.graph.nodes[0].h > LONG {
            let folded = |graph: &mut Graph, columns: &usize| graph.columns = *columns;
            self.run_again(&input, columns_for(&input).as_slice(), folded, |_| true);
        }
        true
    }

    /// Runs the layered method on the input changed in one way after the other and keeps what is nearest to the wanted
    /// shape, until one is good enough.
    fn run_again<T>(
        &mut self,
        input: &Graph,
        ways: &[T],
        change: impl Fn(&mut Graph, &T),
        is_enough: impl Fn(f64) -> bool,
    ) {
        let off = |graph: &Graph| (aspect(graph) / WANTED_ASPECT).ln().abs();
        let mut best = off(&self.graph);
        for way in ways {
            let mut graph = input.clone();
            change(&mut graph, way);
            layered::run(&mut graph, false);
            let now = off(&graph);
            if now < best {
                best = now;
                self.graph = graph;
            }
            if is_enough(aspect(&self.graph)) {
                break;
            }
        }
    }

    fn place_members(&mut self, scope: &Scope<'_>, piece: &mut Piece) {
        for member in &mut self.members {
            let node = &self.graph.nodes[member.node as usize];
            let outer = self.frame.rect(f64::from(node.x), f64::from(node.y), f64::from(node.w), f64::from(node.h));
            match member.piece.take() {
                Some(_) if node.stretches => {
                    let margins = member.margins;
                    let rect = Rect::new(
                        outer.x + margins.left,
                        outer.y + margins.top,
                        outer.w - margins.width(),
                        outer.h - margins.height(),
                    );
                    let rect = self.frame.only_across(rect, member.size);
                    piece.objects.push((member.id, label::dress(scope, member.id, rect)));
                }
                Some(inner) => {
                    let free = Size::new(
                        outer.w - member.size.w - member.margins.width(),
                        outer.h - member.size.h - member.margins.height(),
                    );
                    let at = Point::new(
                        outer.x + member.margins.left + (free.w / 2.0).floor(),
                        outer.y + member.margins.top + (free.h / 2.0).floor(),
                    );
                    piece.absorb(inner, at);
                }
                None => piece.objects.push((member.id, label::dress(scope, member.id, outer))),
            }
        }
        // Headings that edges had to keep clear of stand where the graph put them.
        let mut headed: FxHashMap<u32, Rect> = FxHashMap::default();
        for node in self.graph.nodes.iter().filter(|node| node.kind == Kind::Header) {
            let rect = self.frame.rect(f64::from(node.x), f64::from(node.y), f64::from(node.w), f64::from(node.h));
            headed.insert(node.parent, rect);
        }
        let by_id: FxHashMap<ObjectId, u32> = self.members.iter().map(|member| (member.id, member.node)).collect();
        for (id, object) in &mut piece.objects {
            if let Some(rect) = by_id.get(id).and_then(|node| headed.get(node)) {
                let size = object.label.size();
                object.label = Rect::around(rect.center(), size);
            }
        }
    }

    fn place_edges(&self, unit: &Unit<'_>, piece: &mut Piece) {
        let loose: std::collections::BTreeSet<EdgeId> = unit.loose.iter().copied().collect();
        let routes = self.routes(unit.scope);
        let boxes: FxHashMap<ObjectId, PlacedObject> = piece.objects.iter().copied().collect();
        for (at, id) in self.edges.iter().enumerate() {
            if loose.contains(id) {
                continue;
            }
            let points = &routes[at];
            let route = points.iter().map(|(x, y)| self.frame.point(f64::from(*x), f64::from(*y))).collect::<Vec<_>>();
            let data = unit.scope.edge(*id);
            let ends = [data.src, data.dst].map(|end| boxes.get(&end).copied());
            let route = loops::meet_boxes(route, ends);
            let edge = &self.graph.edges[at];
            let label = (edge.label_node != NONE).then(|| {
                let node = self.graph.node(edge.label_node);
                let (w, h) = (f64::from(node.w), f64::from(node.h));
                let outer = self.frame.rect(f64::from(node.x), f64::from(node.y), w, h);
                Rect::around(outer.center(), unit.scope.edge_measure(*id).label)
            });
            let measure = unit.scope.edge_measure(*id);
            let ends = [measure.src_label, measure.dst_label];
            let ends = loops::end_labels(&route, ends);
            piece.edges.push((*id, PlacedEdge { route, curve: false, label, src_label: ends[0], dst_label: ends[1] }));
        }
    }

    /// The routes of all edges of the graph, with as few turns as can be.
    fn routes(&self, scope: &Scope<'_>) -> Vec<Vec<(i32, i32)>> {
        let mut routes: Vec<Vec<(i32, i32)>> =
            (0..self.edges.len()).map(|at| route::points(&self.graph, at as u32)).collect();
        let by_node: FxHashMap<u32, &Member> = self.members.iter().map(|member| (member.node, member)).collect();
        let wishes: Vec<Wish> = self
            .edges
            .iter()
            .enumerate()
            .map(|(at, id)| {
                let (edge, data) = (&self.graph.edges[at], scope.edge(*id));
                let ends = [(edge.src, data.src_column), (edge.dst, data.dst_column)];
                let row = |(node, column): (u32, Option<u32>)| {
                    let member = by_node.get(&node).filter(|_| !self.frame.is_horizontal())?;
                    let rows = scope.measure(member.id).row_centers;
                    rows.get(column? as usize).map(|row| (member.margins.top + row).round() as i32)
                };
                let allowed = |(node, _): (u32, Option<u32>)| {
                    by_node.get(&node).is_some_and(|member| {
                        member.margins == Margins::default()
                            && edge.fixed == [None; 2]
                            && has_plain_sides(scope, member.id)
                    })
                };
                Wish { side: ends.map(row), allowed: ends.map(allowed) }
            })
            .collect();
        corner::cut(&self.graph, &mut routes, &wishes);
        routes
    }

    fn place_loops(&self, scope: &Scope<'_>, piece: &mut Piece) {
        for (member, edges) in self.looped() {
            let id = self.members[member].id;
            let Some((_, object)) = piece.objects.iter().find(|(known, _)| *known == id) else { continue };
            let labels: Vec<Size> = edges.iter().map(|edge| scope.edge_measure(*edge).label).collect();
            let placed = loops::place(self.frame, object.rect, &labels);
            piece.edges.extend(edges.into_iter().zip(placed));
        }
    }
}

/// Where the origin of a part has to be for most of what it holds to stand where it stood in the earlier drawing.
fn earlier_origin(scope: &Scope<'_>, part: &Piece) -> Option<Point> {
    let (mut dx, mut dy) = (Vec::new(), Vec::new());
    for (id, object) in &part.objects {
        let Some(before) = scope.hint(*id) else { continue };
        let now = object.rect.center();
        dx.push(before.x - now.x);
        dy.push(before.y - now.y);
    }
    Some(Point::new(median(dx)?, median(dy)?))
}

/// How much wider (across the flow) than long a drawing is.
fn aspect(graph: &Graph) -> f64 {
    f64::from(graph.nodes[0].w.max(1)) / f64::from(graph.nodes[0].h.max(1))
}

/// In how many columns a drawing should stand, by what is known of its size before it is placed; nothing if columns
/// would not make it much better: boxes that are joined never stand beside each other.
fn columns_for(input: &Graph) -> Option<usize> {
    if input.nodes.len() < LEAST_FOLDED || input.nodes.iter().any(|node| node.hint.is_some()) {
        return None;
    }
    let shape = |columns: usize| {
        let (w, h) = layered::estimate(Graph { columns, ..input.clone() });
        f64::from(w.max(1)) / f64::from(h.max(1))
    };
    let first = shape(1);
    let mut best = (first, 1);
    if first >= 1.0 / MOST_LONG {
        return None;
    }
    for columns in 2..=MOST_COLUMNS {
        let now = shape(columns);
        if now < best.0 * WORTH_FOLDING {
            break;
        }
        best = (now, columns);
        if now >= FOLDED {
            break;
        }
    }
    (best.0 >= first * WORTH_ALL).then_some(best.1)
}

/// Whether an edge may end at the middle of any side of a shape.
fn has_plain_sides(scope: &Scope<'_>, id: ObjectId) -> bool {
    !matches!(scope.object(id).shape, Shape::Callout | Shape::Person | Shape::C4Person | Shape::Step)
}

/// Looks of edges' ends beyond which no more are told apart; their edges share no way.
const MOST_LOOKS: usize = 32;
/// What a part that is laid out again should be, across the flow to along it.
const WANTED_ASPECT: f64 = 1.5;
/// How many times as long as wide a drawing may be before it is folded, if it is this long in pixels.
const MOST_LONG: f64 = 2.5;
const LONG: i32 = 1_200;
/// The least number of nodes of a drawing in columns.
const LEAST_FOLDED: usize = 12;
/// The most columns, how much wider each further one must make it, and when it is wide enough.
const MOST_COLUMNS: usize = 12;
const WORTH_FOLDING: f64 = 1.12;
/// How much wider all columns together must make it.
const WORTH_ALL: f64 = 1.8;
const FOLDED: f64 = 0.75;
/// No second try for drawings with more nodes.
const MANY: usize = 600;
/// Areas of a map beyond which layers are not tried.
const MANY_ON_MAP: usize = 60;
/// The shapes that layers may have on a map: this much wider than high, or higher than wide.
const MAP_ASPECT: f64 = 1.9;
/// How much more room layers may take than rows.
const LAYERS_MAY_TAKE: f64 = 1.25;
