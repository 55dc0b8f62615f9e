//! Objects with a place of their own: `near` a side of the diagram or another object, or at a fixed `top` and `left`.

use crate::piece::Piece;
use crate::scope::Scope;
use crate::space;
use crate::unit;
use loko_diagram::object::Align;
use loko_diagram::{Near, NearConstant, ObjectId, Point, Rect, Size};

/// Adds the objects of a container that were left out of the flow.
pub(crate) fn add(scope: &Scope<'_>, container: Option<ObjectId>, mut piece: Piece, depth: usize) -> Piece {
    let apart: Vec<ObjectId> =
        scope.children(container).iter().copied().filter(|id| scope.is_placed_apart(*id)).collect();
    if apart.is_empty() {
        return piece;
    }
    let (pinned, near): (Vec<ObjectId>, Vec<ObjectId>) =
        apart.into_iter().partition(|id| scope.object(*id).near.is_none());
    add_pinned(scope, &mut piece, &pinned, depth);
    let (beside, around): (Vec<ObjectId>, Vec<ObjectId>) =
        near.into_iter().partition(|id| matches!(scope.object(*id).near, Some(Near::Object(_))));
    for id in beside {
        add_beside(scope, &mut piece, id, depth);
    }
    add_around(scope, &mut piece, &around, depth);
    piece
}

/// Objects at fixed places; what flows stands below them.
fn add_pinned(scope: &Scope<'_>, piece: &mut Piece, pinned: &[ObjectId], depth: usize) {
    if pinned.is_empty() {
        return;
    }
    let flow = std::mem::take(piece);
    let mut total = Size::default();
    for id in pinned {
        let object = scope.object(*id);
        let inner = unit::boxed(scope, *id, depth);
        let at = Point::new(object.left.unwrap_or(0.0), object.top.unwrap_or(0.0));
        total = total.max(Size::new(at.x + inner.size.w, at.y + inner.size.h));
        piece.absorb(inner, at);
    }
    let empty = flow.objects.is_empty();
    let below = Point::new(0.0, if empty { 0.0 } else { total.h + f64::from(space::PART_GAP) });
    piece.size = if empty { total } else { total.max(Size::new(flow.size.w, below.y + flow.size.h)) };
    piece.absorb(flow, below);
}

/// Puts an object beside another one, on the first side where it is in nobody's way.
fn add_beside(scope: &Scope<'_>, piece: &mut Piece, id: ObjectId, depth: usize) {
    let inner = unit::boxed(scope, id, depth);
    let target = match &scope.object(id).near {
        Some(Near::Object(other)) => scope.board.find(other),
        _ => None,
    };
    let rect = target.and_then(|target| piece.objects.iter().find(|(known, _)| *known == target));
    let rect = rect.map_or(Rect::new(0.0, 0.0, piece.size.w, piece.size.h), |(_, object)| object.rect);
    let (w, h, gap) = (inner.size.w, inner.size.h, 16.0);
    let middle = rect.center();
    let spots = [
        Point::new(rect.right() + gap, middle.y - h / 2.0),
        Point::new(rect.x - gap - w, middle.y - h / 2.0),
        Point::new(middle.x - w / 2.0, rect.y - gap - h),
        Point::new(middle.x - w / 2.0, rect.bottom() + gap),
    ];
    let free = spots.into_iter().find(|at| is_free(piece, Rect::new(at.x, at.y, w, h)));
    let at = free.unwrap_or(Point::new(piece.size.w + gap, middle.y - h / 2.0));
    piece.absorb(inner, Point::new(at.x.round(), at.y.round()));
    piece.fit();
}

fn is_free(piece: &Piece, rect: Rect) -> bool {
    let rect = rect.grow(4.0);
    let clear_of_objects = piece.objects.iter().all(|(_, object)| !object.rect.overlaps(rect));
    clear_of_objects
        && piece.edges.iter().all(|(_, edge)| {
            let labels = [edge.label, edge.src_label, edge.dst_label];
            labels.into_iter().flatten().all(|label| !label.overlaps(rect))
                && edge.route.windows(2).all(|pair| {
                    let (a, b) = (pair[0], pair[1]);
                    let line = Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs());
                    !line.grow(0.5).overlaps(rect)
                })
        })
}

/// Stacks objects at the eight places around everything else.
pub(crate) fn add_around(scope: &Scope<'_>, piece: &mut Piece, ids: &[ObjectId], depth: usize) {
    let gap = 20.0;
    // Middles of the sides first: corners then stand outside of them.
    for corner in [false, true] {
        let mut bounds = Rect::new(0.0, 0.0, piece.size.w, piece.size.h);
        let inside = bounds;
        let mut moved: Vec<(NearConstant, Point)> = Vec::new();
        for id in ids {
            let Some(Near::Constant(place)) = scope.object(*id).near else { continue };
            if corner != (place.horizontal != Align::Middle && place.vertical != Align::Middle) {
                continue;
            }
            let inner = unit::boxed(scope, *id, depth);
            let (w, h) = (inner.size.w, inner.size.h);
            let known = moved.iter_mut().find(|(known, _)| *known == place);
            let at = spot(inside, w, h, place, gap);
            let shift = known.as_ref().map_or(Point::default(), |(_, shift)| *shift);
            let at = at.shift(shift.x, shift.y);
            let at = Point::new(at.x.round(), at.y.round());
            bounds = bounds.union(Rect::new(at.x, at.y, w, h));
            let next = match place.vertical {
                Align::Start => Point::new(0.0, shift.y - h - gap),
                _ => Point::new(0.0, shift.y + h + gap),
            };
            match known {
                Some((_, shift)) => *shift = next,
                None => moved.push((place, next)),
            }
            piece.absorb(inner, at);
        }
        let whole = std::mem::take(piece);
        piece.absorb(whole, Point::new(-bounds.x, -bounds.y));
        piece.size = bounds.size();
    }
}

fn spot(inside: Rect, w: f64, h: f64, place: NearConstant, gap: f64) -> Point {
    let x = match place.horizontal {
        Align::Start if place.vertical == Align::Middle => inside.x - gap - w,
        Align::Start => inside.x - gap - w,
        Align::Middle => inside.center().x - w / 2.0,
        Align::End => inside.right() + gap,
    };
    let y = match place.vertical {
        Align::Start => inside.y - gap - h,
        Align::Middle => inside.center().y - h / 2.0,
        Align::End => inside.bottom() + gap,
    };
    Point::new(x, y)
}
