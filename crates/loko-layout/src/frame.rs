//! Directions: the layered method always works downwards; a frame turns sizes on the way in and positions on the way out.

use loko_diagram::{Direction, Point, Rect, Size};

/// A direction, and once known the extent of the drawing along it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) direction: Direction,
    /// The extent of the drawing along the flow.
    pub(crate) length: f64,
}

impl Frame {
    pub(crate) fn new(direction: Direction) -> Self {
        Self { direction, length: 0.0 }
    }

    pub(crate) fn is_horizontal(self) -> bool {
        self.direction.is_horizontal()
    }

    /// A size as it is across and along the flow, in whole pixels.
    pub(crate) fn turn(self, size: Size) -> (i32, i32) {
        let (w, h) = (whole(size.w), whole(size.h));
        if self.is_horizontal() { (h, w) } else { (w, h) }
    }

    /// The point of the drawing that is `across` and `along` the flow.
    pub(crate) fn point(self, across: f64, along: f64) -> Point {
        match self.direction {
            Direction::Down => Point::new(across, along),
            Direction::Up => Point::new(across, self.length - along),
            Direction::Right => Point::new(along, across),
            Direction::Left => Point::new(self.length - along, across),
        }
    }

    /// The rectangle with these corners across and along the flow.
    pub(crate) fn rect(self, across: f64, along: f64, w: f64, h: f64) -> Rect {
        let (a, b) = (self.point(across, along), self.point(across + w, along + h));
        Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
    }

    /// The part in the middle of a rectangle that is as long along the flow as a size, and at least as wide across it.
    pub(crate) fn only_across(self, rect: Rect, size: Size) -> Rect {
        let (w, h) = if self.is_horizontal() { (size.w, rect.h) } else { (rect.w, size.h) };
        Rect::new(rect.x + ((rect.w - w) / 2.0).floor(), rect.y + ((rect.h - h) / 2.0).floor(), w, h)
    }

    /// A point of an earlier drawing as places across and along the flow, for ordering only.
    pub(crate) fn place(self, point: Point) -> (i32, i32) {
        let (x, y) = (whole(point.x), whole(point.y));
        match self.direction {
            Direction::Down => (x, y),
            Direction::Up => (x, -y),
            Direction::Right => (y, x),
            Direction::Left => (y, -x),
        }
    }
}

/// The next whole pixel, within sane bounds.
pub(crate) fn whole(value: f64) -> i32 {
    if value.is_finite() { value.clamp(-1e7, 1e7).ceil() as i32 } else { 0 }
}
