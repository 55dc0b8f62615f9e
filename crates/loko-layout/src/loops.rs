//! Edges from a box to itself, and the labels beside the ends of edges.

use crate::frame::{Frame, whole};
use crate::space;
use loko_diagram::{PlacedEdge, PlacedObject, Point, Rect, Size};

/// The loops of a box with these labels: one behind the other along its right side, or along its lower side in a
/// drawing that flows sideways; the labels stand further out.
pub(crate) fn place(frame: Frame, rect: Rect, labels: &[Size]) -> Vec<PlacedEdge> {
    let sideways = frame.is_horizontal();
    let turn = |across: f64, along: f64| if sideways { Point::new(along, across) } else { Point::new(across, along) };
    let (start, side, extent) = if sideways { (rect.x, rect.bottom(), rect.w) } else { (rect.y, rect.right(), rect.h) };
    let far = side + f64::from(space::LOOP);
    let share = extent / labels.len().max(1) as f64;
    let length = |label: &Size| if sideways { label.w } else { label.h };
    let mut at = start + (extent - along(labels, sideways)) / 2.0;
    let mut loops = Vec::new();
    for (nth, label) in labels.iter().enumerate() {
        let from = (start + share * (nth as f64 + 0.22)).round();
        let to = (start + share * (nth as f64 + 0.78)).round();
        let route = vec![turn(side, from), turn(far, from), turn(far, to), turn(side, to)];
        let depth = if sideways { label.h } else { label.w };
        let middle = at + length(label) / 2.0;
        let spot = Rect::around(turn(far + GAP + depth / 2.0, middle.round()), *label);
        if !label.is_zero() {
            at += length(label) + GAP;
        }
        loops.push(PlacedEdge { route, label: (!label.is_zero()).then_some(spot), ..PlacedEdge::default() });
    }
    loops
}

/// Between a loop and its label, and between labels.
const GAP: f64 = 6.0;

/// The room that a box with these loops needs beside it, and the extent of all labels along its side.
pub(crate) fn room(frame: Frame, labels: &[Size]) -> (i32, i32) {
    let sideways = frame.is_horizontal();
    let depth = labels.iter().map(|label| if sideways { label.h } else { label.w }).fold(0.0, f64::max);
    let text = if depth > 0.0 { whole(depth + GAP) + space::LABEL_GAP } else { 0 };
    (space::LOOP + text, whole(along(labels, sideways)))
}

fn along(labels: &[Size], sideways: bool) -> f64 {
    let lengths = labels.iter().filter(|label| !label.is_zero());
    let total: f64 = lengths.map(|label| if sideways { label.w } else { label.h } + GAP).sum();
    (total - GAP).max(0.0)
}

/// Lets both ends of a route reach the boxes, whose sides may be off by the room for labels, loops or half pixels.
pub(crate) fn meet_boxes(mut route: Vec<Point>, ends: [Option<PlacedObject>; 2]) -> Vec<Point> {
    if route.len() < 2 {
        return route;
    }
    let last = route.len() - 1;
    for (end, next, object) in [(0, 1, ends[0]), (last, last - 1, ends[1])] {
        let Some(object) = object else { continue };
        let met = meet(object.rect, route[end], route[next]);
        // An edge ends below a label that stands under its box.
        let through = Rect::around(met, Size::default()).union(Rect::around(route[end], Size::default())).grow(0.5);
        if object.label.size().is_zero() || object.rect.overlaps(object.label) || !object.label.overlaps(through) {
            route[end] = met;
        }
    }
    route
}

/// The end of a piece moved along it to the side of a box.
fn meet(rect: Rect, end: Point, next: Point) -> Point {
    if end.x == next.x && rect.x <= end.x && end.x <= rect.right() {
        let from_above = (end.y - rect.y).abs() < (end.y - rect.bottom()).abs();
        return Point::new(end.x, if from_above { rect.y } else { rect.bottom() });
    }
    if end.y == next.y && rect.y <= end.y && end.y <= rect.bottom() {
        let from_left = (end.x - rect.x).abs() < (end.x - rect.right()).abs();
        return Point::new(if from_left { rect.x } else { rect.right() }, end.y);
    }
    end
}

/// The boxes of the labels beside the two ends of a route.
pub(crate) fn end_labels(route: &[Point], sizes: [Size; 2]) -> [Option<Rect>; 2] {
    let [first, second, ..] = route else { return [None, None] };
    let (last, before) = (route[route.len() - 1], route[route.len() - 2]);
    let place = |end: Point, next: Point, size: Size| (!size.is_zero()).then(|| beside(end, next, size));
    [place(*first, *second, sizes[0]), place(last, before, sizes[1])]
}

/// Beside the first piece of a route, to its right or below.
fn beside(end: Point, next: Point, size: Size) -> Rect {
    const OFF: f64 = 5.0;
    const ALONG: f64 = 10.0;
    if (end.x - next.x).abs() < (end.y - next.y).abs() {
        let y = if next.y > end.y { end.y + ALONG } else { end.y - ALONG - size.h };
        Rect::new(end.x + OFF, y, size.w, size.h)
    } else {
        let x = if next.x > end.x { end.x + ALONG } else { end.x - ALONG - size.w };
        Rect::new(x, end.y + OFF, size.w, size.h)
    }
}
