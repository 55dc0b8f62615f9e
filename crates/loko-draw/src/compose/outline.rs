//! Where a line meets the outline of a shape.
//!
//! Layout ends routes at rectangles; for shapes that are not rectangles the end is moved along the last piece of the route
//! to where it first meets the outline.

use super::Composer;
use crate::path::Path;
use crate::scene::Geometry;
use crate::shapes::form;
use loko_diagram::{ObjectId, Point};

impl Composer<'_> {
    /// The end of a piece from `from` to `end`, moved to the outline of the object.
    pub(crate) fn meet(&self, id: ObjectId, from: Point, end: Point) -> Point {
        let rect = self.placed_object(id).rect;
        if self.shape_of(id).is_boxy() || from == end || !rect.grow(2.0).contains(end) {
            return end;
        }
        let length = from.distance(end);
        let reach = (length + rect.w.max(rect.h)) / length;
        let far = Point::new(from.x + (end.x - from.x) * reach, from.y + (end.y - from.y) * reach);
        let mut nearest: Option<f64> = None;
        for part in (form(self.shape_of(id)).parts)(rect, 0.0).into_iter().filter(|part| part.filled && !part.solid) {
            let path = match part.geometry {
                Geometry::Rect(rect, radius) => Path::rect(rect, radius),
                Geometry::Ellipse(rect) => Path::ellipse(rect),
                Geometry::Path(path) => path,
            };
            for line in path.flatten() {
                for side in line.windows(2) {
                    if let Some(t) = crossing(from, far, side[0], side[1]) {
                        nearest = Some(nearest.map_or(t, |known| known.min(t)));
                    }
                }
            }
        }
        nearest.map_or(end, |t| Point::new(from.x + (far.x - from.x) * t, from.y + (far.y - from.y) * t))
    }
}

/// Where the first segment crosses the second, as a fraction of the first.
fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<f64> {
    let (rx, ry, sx, sy) = (b.x - a.x, b.y - a.y, d.x - c.x, d.y - c.y);
    let cross = rx * sy - ry * sx;
    if cross.abs() < 1e-12 {
        return None;
    }
    let t = ((c.x - a.x) * sy - (c.y - a.y) * sx) / cross;
    let u = ((c.x - a.x) * ry - (c.y - a.y) * rx) / cross;
    (t > 1e-9 && t <= 1.0 && (-1e-9..=1.0 + 1e-9).contains(&u)).then_some(t)
}
