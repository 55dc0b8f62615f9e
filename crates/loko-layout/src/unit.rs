//! Closed containers and what is in them: the parts of a unit are found, placed, packed and put into a box.

use crate::finish::median;
use crate::frame::Frame;
use crate::label::{self, Margins};
use crate::pack;
use crate::part::Part;
use crate::piece::Piece;
use crate::scope::Scope;
use crate::space;
use crate::{apart, grid, sequence};
use loko_diagram::{EdgeId, Object, ObjectId, Point, Rect, Shape, Size};
use rustc_hash::FxHashMap;

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
    let mut among = None;
    let rect = if scope.is_container(id) {
        let inside = content(scope, Some(id), depth + 1);
        let pad = padding(object);
        let middle = label::free_middle(scope, id, &inside);
        let heading = label::heading(scope, id, middle.is_none());
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
        let room = label::content_box(object.shape, Rect::new(0.0, 0.0, size.w, size.h));
        let at = Point::new(
            (room.x + heading.left + pad.w + (room.w - heading.width() - 2.0 * pad.w - inner.w) / 2.0).round(),
            (room.y + heading.top + pad.h + (room.h - heading.height() - 2.0 * pad.h - inner.h) / 2.0).round(),
        );
        piece.absorb(inside, at);
        among = middle.map(|label| label.shift(at.x, at.y));
        Rect::new(0.0, 0.0, size.w, size.h)
    } else {
        let size = leaf_size(scope, id);
        Rect::new(0.0, 0.0, size.w, size.h)
    };
    let mut placed = label::dress(scope, id, rect);
    placed.label = among.unwrap_or(placed.label);
    piece.objects.push((id, placed));
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
    let margins = label::outside(scope, id, inner.size);
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

/// What stands in one closed container, while it is placed.
pub(crate) struct Unit<'a> {
    pub(crate) scope: &'a Scope<'a>,
    container: Option<ObjectId>,
    pub(crate) frame: Frame,
    pub(crate) depth: usize,
    /// Edges that are routed when everything else stands.
    pub(crate) loose: Vec<EdgeId>,
}

/// An edge with the objects of the unit that stand for its ends.
pub(crate) type Link = (EdgeId, ObjectId, ObjectId);
/// Connected objects with the edges among them.
type Component = (Vec<ObjectId>, Vec<Link>);
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
