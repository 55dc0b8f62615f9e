//! Where the boxes of a call graph stand, and the ways of its calls, from left to right.

use loko_diagram::{Board, Direction, Edge, Measures, Object, ObjectId, ObjectMeasure, PlacedEdge, Point, Rect, Size};
use loko_layout::Options;
use std::fmt::Write as _;

/// The width and height of a box; one at which many calls end is higher.
const BOX: (f64, f64) = (170.0, 52.0);
const MARGIN: f64 = 16.0;
/// The radius of the bends of ways.
const BEND: f64 = 8.0;

/// A placed call graph.
pub(super) struct Flow {
    /// Where each box is: loads first, then stations.
    pub(super) boxes: Vec<Rect>,
    /// The way of each call.
    pub(super) routes: Vec<Route>,
    pub(super) size: (f64, f64),
}

/// The way of a call.
pub(super) struct Route {
    /// As the path of an SVG.
    pub(super) path: String,
    /// Whether it leads back to what stands further left.
    pub(super) is_back: bool,
}

/// Places loads and stations; calls name both by their numbers, loads first.
pub(super) fn place(loads: usize, stations: usize, calls: &[(usize, usize)]) -> Flow {
    let count = loads + stations;
    let mut board = Board::default();
    let objects: Vec<ObjectId> = (0..count)
        .map(|at| board.push(Object { id: at.to_string(), key: at.to_string(), ..Object::default() }))
        .collect();
    board.edges = calls.iter().map(|(from, to)| Edge::new(objects[*from], objects[*to])).collect();
    let measure = ObjectMeasure { size: Size::new(BOX.0, BOX.1), ..ObjectMeasure::default() };
    let measures = Measures { objects: vec![measure; count], edges: vec![Default::default(); calls.len()] };
    let options = Options { direction: Direction::Right, ..Options::default() };
    let placed = loko_layout::layout(&board, &measures, &options);
    let (left, top) = (MARGIN - placed.bounds.x, MARGIN - placed.bounds.y);
    let moved = |rect: Rect| Rect::new(rect.x + left, rect.y + top, rect.w, rect.h);
    let boxes: Vec<Rect> = placed.objects.iter().map(|it| moved(it.rect)).collect();
    let route = |(edge, (from, to)): (&PlacedEdge, &(usize, usize))| {
        let points = edge.route.iter().map(|point| Point::new(point.x + left, point.y + top));
        let path = path(&points.collect::<Vec<_>>());
        Route { path, is_back: boxes[*to].x <= boxes[*from].x }
    };
    let routes = placed.edges.iter().zip(calls).map(route).collect();
    let size = (placed.bounds.w + 2.0 * MARGIN, placed.bounds.h + 2.0 * MARGIN);
    Flow { boxes, routes, size }
}

/// A polyline with round bends as the path of an SVG.
fn path(points: &[Point]) -> String {
    let Some((first, rest)) = points.split_first() else { return String::new() };
    let mut path = format!("M{:.1} {:.1}", first.x, first.y);
    for (at, point) in rest.iter().enumerate() {
        let Some(next) = rest.get(at + 1) else {
            let _ = write!(path, " L{:.1} {:.1}", point.x, point.y);
            break;
        };
        let towards = |other: &Point| {
            let (x, y) = (other.x - point.x, other.y - point.y);
            let length = x.hypot(y);
            let part = if length > 0.0 { BEND.min(length / 2.0) / length } else { 0.0 };
            (point.x + x * part, point.y + y * part)
        };
        let (before, after) = (towards(&points[at]), towards(next));
        let _ = write!(
            path,
            " L{:.1} {:.1} Q{:.1} {:.1} {:.1} {:.1}",
            before.0, before.1, point.x, point.y, after.0, after.1
        );
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_stands_further_right_and_boxes_are_apart() {
        // One load, five stations; 4 calls back to 2.
        let calls = [(0, 1), (1, 2), (1, 3), (2, 3), (3, 4), (1, 4), (4, 2), (1, 5), (5, 5)];
        let flow = place(1, 5, &calls);
        let back: Vec<bool> = flow.routes.iter().map(|route| route.is_back).collect();
        assert_eq!(back, [false, false, false, false, false, false, true, false, true]);
        for (at, one) in flow.boxes.iter().enumerate() {
            assert!(one.x >= 0.0 && one.y >= 0.0 && one.right() < flow.size.0 && one.bottom() < flow.size.1);
            assert!(one.w >= BOX.0 && one.h >= BOX.1);
            assert!(!flow.boxes[at + 1..].iter().any(|other| one.overlaps(*other)));
        }
    }

    #[test]
    fn ways_are_polylines_with_round_bends() {
        let points = [(0.0, 0.0), (20.0, 0.0), (20.0, 6.0), (40.0, 6.0)].map(|(x, y)| Point::new(x, y));
        let expected = "M0.0 0.0 L12.0 0.0 Q20.0 0.0 20.0 3.0 L20.0 3.0 Q20.0 6.0 28.0 6.0 L40.0 6.0";
        assert_eq!(path(&points), expected);
        assert_eq!(path(&[]), "");
    }

    #[test]
    fn nothing_is_placed_nowhere() {
        let flow = place(0, 0, &[]);
        assert!(flow.boxes.is_empty() && flow.size.0.is_finite() && flow.size.1.is_finite());
    }
}
