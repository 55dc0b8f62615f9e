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
    let middles: Vec<f64> = (0..labels.len()).map(|nth| start + share * (nth as f64 + 0.5)).collect();
    let lengths: Vec<f64> = labels.iter().map(length).collect();
    let middles = apart(&middles, &lengths, (start, extent), between(sideways));
    let mut loops = Vec::new();
    for (nth, label) in labels.iter().enumerate() {
        let from = (start + share * (nth as f64 + 0.22)).round();
        let to = (start + share * (nth as f64 + 0.78)).round();
        let route = vec![turn(side, from), turn(far, from), turn(far, to), turn(side, to)];
        let depth = if sideways { label.h } else { label.w };
        let spot = Rect::around(turn(far + GAP + depth / 2.0, middles[nth].round()), *label);
        loops.push(PlacedEdge { route, label: (!label.is_zero()).then_some(spot), ..PlacedEdge::default() });
    }
    loops
}

/// Between a loop and its label, and between labels that stand below one another.
const GAP: f64 = 6.0;
/// Between labels that stand side by side, so that they are not read as one.
const GAP_BESIDE: f64 = 16.0;

fn between(sideways: bool) -> f64 {
    if sideways { GAP_BESIDE } else { GAP }
}

/// The middles of labels along a side: at their loops where there is room for all, else one after the other around the
/// middle of the side.
fn apart(wishes: &[f64], lengths: &[f64], (start, extent): (f64, f64), gap: f64) -> Vec<f64> {
    let shown = lengths.iter().filter(|length| **length > 0.0).count();
    let total = lengths.iter().sum::<f64>() + gap * shown.saturating_sub(1) as f64;
    let is_tight = total > extent;
    let mut next = if is_tight { start + (extent - total) / 2.0 } else { start };
    let mut left = total;
    let mut middles = Vec::new();
    for (wish, length) in wishes.iter().zip(lengths) {
        // Never so far on that those to come would not have their room.
        let last = (start + extent - left).max(next);
        let from = if is_tight { next } else { (wish - length / 2.0).clamp(next, last) };
        middles.push(from + length / 2.0);
        if *length > 0.0 {
            next = from + length + gap;
            left -= length + gap;
        }
    }
    middles
}

/// The room that a box with these loops needs beside it, and the extent of all labels along its side.
pub(crate) fn room(frame: Frame, labels: &[Size]) -> (i32, i32) {
    let sideways = frame.is_horizontal();
    let depth = labels.iter().map(|label| if sideways { label.h } else { label.w }).fold(0.0, f64::max);
    let text = if depth > 0.0 { whole(depth + GAP) + space::LABEL_GAP } else { 0 };
    (space::LOOP + text, whole(along(labels, sideways)))
}

fn along(labels: &[Size], sideways: bool) -> f64 {
    let lengths = labels.iter().filter(|label| !label.is_zero());
    let gap = between(sideways);
    let total: f64 = lengths.map(|label| if sideways { label.w } else { label.h } + gap).sum();
    (total - gap).max(0.0)
}

/// An edge that would pass a label below its box nearer than this ends below it too.
const BESIDE_CAPTION: f64 = 7.0;

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
        let through =
            Rect::around(met, Size::default()).union(Rect::around(route[end], Size::default())).grow(BESIDE_CAPTION);
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
    // Further out than the heads of usual lines reach.
    const OFF: f64 = 8.0;
    const ALONG: f64 = 10.0;
    if (end.x - next.x).abs() < (end.y - next.y).abs() {
        let y = if next.y > end.y { end.y + ALONG } else { end.y - ALONG - size.h };
        Rect::new(end.x + OFF, y, size.w, size.h)
    } else {
        let x = if next.x > end.x { end.x + ALONG } else { end.x - ALONG - size.w };
        Rect::new(x, end.y + OFF, size.w, size.h)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_near_a_caption_ends_below_it() {
        let caption = Rect::new(30.0, 106.0, 40.0, 18.0);
        let rect = Rect::new(0.0, 0.0, 100.0, 100.0);
        let image = PlacedObject { rect, label: caption, ..PlacedObject::default() };
        let start = |x: f64| meet_boxes(vec![Point::new(x, 130.0), Point::new(x, 200.0)], [Some(image), None])[0].y;
        assert_eq!([start(50.0), start(25.0), start(75.0)], [130.0; 3]);
        assert_eq!([start(10.0), start(90.0)], [100.0; 2]);
    }

    #[test]
    fn labels_stand_at_their_loops_or_one_after_the_other() {
        let side = (100.0, 200.0);
        assert_eq!(apart(&[150.0, 250.0], &[20.0, 20.0], side, GAP), [150.0, 250.0]);
        assert_eq!(apart(&[150.0, 250.0], &[0.0, 20.0], side, GAP), [150.0, 250.0]);
        assert_eq!(apart(&[150.0, 250.0], &[140.0, 20.0], side, GAP), [170.0, 256.0]);
        assert_eq!(apart(&[150.0, 250.0], &[20.0, 160.0], side, GAP), [124.0, 220.0]);
        assert_eq!(apart(&[150.0, 250.0], &[150.0, 150.0], side, 10.0), [120.0, 280.0]);
    }
}
