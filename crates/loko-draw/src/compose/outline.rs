//! Where a line meets the outline of a shape.
//!
//! Layout ends routes at rectangles; for shapes that are not rectangles the end is moved along the last piece of the route
//! to where it first meets the outline.

use super::Composer;
use crate::path::Path;
use crate::scene::Geometry;
use crate::shapes::form;
use loko_diagram::{ObjectId, Point, Rect};

impl Composer<'_> {
    /// The end of a piece from `from` to `end`, moved to the outline of the object.
    pub(crate) fn meet(&self, id: ObjectId, from: Point, end: Point) -> Point {
        let rect = self.placed_object(id).rect;
        let object = self.board.object(id);
        let out = if self.is_container(id) { 0.0 } else { super::object::overhang(object) };
        if out > 0.0 && self.shape_of(id).is_boxy() {
            let is_cut = object.style.three_d.unwrap_or(false);
            return behind(rect, out, is_cut, from, end);
        }
        if self.shape_of(id).is_boxy() || from == end || !rect.grow(2.0).contains(end) {
            return end;
        }
        let length = from.distance(end);
        let reach = (length + rect.w.max(rect.h)) / length;
        let far = Point::new(from.x + (end.x - from.x) * reach, from.y + (end.y - from.y) * reach);
        let mut nearest: Option<f64> = None;
        let parts = |rect| (form(self.shape_of(id)).parts)(rect, 0.0);
        let copy = if out > 0.0 { parts(rect.shift(out, -out)) } else { Vec::new() };
        for part in parts(rect).into_iter().chain(copy).filter(|part| part.filled && !part.solid) {
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

/// Where a line from above or from the right meets what reaches out of a box there: its copy, or its sides, whose
/// ends are cut off aslant.
fn behind(rect: Rect, out: f64, is_cut: bool, from: Point, end: Point) -> Point {
    let is_above = from.x == end.x && from.y < rect.y - out && (end.y - rect.y).abs() < 1.0;
    let is_right = from.y == end.y && from.x > rect.right() + out && (end.x - rect.right()).abs() < 1.0;
    let reach = |along: f64| {
        if is_cut {
            out.min(along).max(0.0)
        } else if along >= out {
            out
        } else {
            0.0
        }
    };
    if is_above {
        return Point::new(end.x, end.y - reach(end.x - rect.x));
    }
    if is_right {
        return Point::new(end.x + reach(rect.bottom() - end.y), end.y);
    }
    end
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
