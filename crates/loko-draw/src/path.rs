//! Paths of lines and cubic curves with absolute coordinates: building, measuring, flattening, cutting.

use loko_diagram::{Point, Rect};

/// How far a cubic's handles stand from a quarter circle's ends, in radii.
pub(crate) const KAPPA: f64 = 0.552_284_75;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seg {
    /// Starts a new piece.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A cubic curve: two handles and its end.
    Cubic(Point, Point, Point),
    /// Back to where the piece started.
    Close,
}

/// Steps that together make a line or an outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path(pub Vec<Seg>);

impl Path {
    /// Starts a path.
    pub(crate) fn from(x: f64, y: f64) -> Self {
        Self(vec![Seg::Move(Point::new(x, y))])
    }

    pub(crate) fn to(mut self, x: f64, y: f64) -> Self {
        self.0.push(Seg::Line(Point::new(x, y)));
        self
    }

    #[cfg(test)]
    pub(crate) fn jump(mut self, x: f64, y: f64) -> Self {
        self.0.push(Seg::Move(Point::new(x, y)));
        self
    }

    pub(crate) fn curve(mut self, a: (f64, f64), b: (f64, f64), end: (f64, f64)) -> Self {
        self.0.push(Seg::Cubic(Point::new(a.0, a.1), Point::new(b.0, b.1), Point::new(end.0, end.1)));
        self
    }

    pub(crate) fn close(mut self) -> Self {
        self.0.push(Seg::Close);
        self
    }

    /// A polygon with straight sides.
    pub(crate) fn polygon(corners: &[(f64, f64)]) -> Self {
        Self::polyline(corners).close()
    }

    /// An open line through points.
    pub(crate) fn polyline(corners: &[(f64, f64)]) -> Self {
        let mut path = Self::default();
        for (at, &(x, y)) in corners.iter().enumerate() {
            let point = Point::new(x, y);
            path.0.push(if at == 0 { Seg::Move(point) } else { Seg::Line(point) });
        }
        path
    }

    /// A rectangle, with rounded corners if the radius is above zero.
    pub(crate) fn rect(rect: Rect, radius: f64) -> Self {
        let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
        let r = radius.min(rect.w / 2.0).min(rect.h / 2.0).max(0.0);
        if r == 0.0 {
            return Self::polygon(&[(x, y), (right, y), (right, bottom), (x, bottom)]);
        }
        let k = r * (1.0 - KAPPA);
        Self::from(x + r, y)
            .to(right - r, y)
            .curve((right - k, y), (right, y + k), (right, y + r))
            .to(right, bottom - r)
            .curve((right, bottom - k), (right - k, bottom), (right - r, bottom))
            .to(x + r, bottom)
            .curve((x + k, bottom), (x, bottom - k), (x, bottom - r))
            .to(x, y + r)
            .curve((x, y + k), (x + k, y), (x + r, y))
            .close()
    }

    /// The ellipse that fills a rectangle.
    pub(crate) fn ellipse(rect: Rect) -> Self {
        let (c, rx, ry) = (rect.center(), rect.w / 2.0, rect.h / 2.0);
        let (kx, ky) = (rx * KAPPA, ry * KAPPA);
        Self::from(c.x + rx, c.y)
            .curve((c.x + rx, c.y + ky), (c.x + kx, c.y + ry), (c.x, c.y + ry))
            .curve((c.x - kx, c.y + ry), (c.x - rx, c.y + ky), (c.x - rx, c.y))
            .curve((c.x - rx, c.y - ky), (c.x - kx, c.y - ry), (c.x, c.y - ry))
            .curve((c.x + kx, c.y - ry), (c.x + rx, c.y - ky), (c.x + rx, c.y))
            .close()
    }

    /// The path moved.
    pub(crate) fn shift(&self, dx: f64, dy: f64) -> Self {
        let moved = self.0.iter().map(|seg| match *seg {
            Seg::Move(p) => Seg::Move(p.shift(dx, dy)),
            Seg::Line(p) => Seg::Line(p.shift(dx, dy)),
            Seg::Cubic(a, b, p) => Seg::Cubic(a.shift(dx, dy), b.shift(dx, dy), p.shift(dx, dy)),
            Seg::Close => Seg::Close,
        });
        Self(moved.collect())
    }

    /// The straight pieces that follow the path closely, each a list of points.
    pub(crate) fn flatten(&self) -> Vec<Vec<Point>> {
        const PIECES: u32 = 16;
        let mut lines: Vec<Vec<Point>> = Vec::new();
        for seg in &self.0 {
            match *seg {
                Seg::Move(point) => lines.push(vec![point]),
                Seg::Line(point) => lines.last_mut().into_iter().for_each(|line| line.push(point)),
                Seg::Cubic(a, b, end) => {
                    let Some(line) = lines.last_mut() else { continue };
                    let start = line.last().copied().unwrap_or(a);
                    for step in 1..=PIECES {
                        line.push(cubic_at(start, a, b, end, f64::from(step) / f64::from(PIECES)));
                    }
                }
                Seg::Close => {
                    if let Some(line) = lines.last_mut() {
                        let first = line[0];
                        line.push(first);
                    }
                }
            }
        }
        lines
    }

    /// The smallest rectangle around the flattened path.
    pub(crate) fn bounds(&self) -> Option<Rect> {
        let points = self.flatten().into_iter().flatten();
        points.map(|p| Rect::new(p.x, p.y, 0.0, 0.0)).reduce(Rect::union)
    }
}

/// The point of a cubic curve at `t` from 0 to 1.
pub(crate) fn cubic_at(start: Point, a: Point, b: Point, end: Point, t: f64) -> Point {
    let s = 1.0 - t;
    let (w0, w1, w2, w3) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
    Point::new(w0 * start.x + w1 * a.x + w2 * b.x + w3 * end.x, w0 * start.y + w1 * a.y + w2 * b.y + w3 * end.y)
}

/// Splits a cubic curve in two at `t`; the middle point is the end of the first.
pub(crate) fn split_cubic(cubic: [Point; 4], t: f64) -> ([Point; 4], [Point; 4]) {
    let between = |p: Point, q: Point| Point::new(p.x + (q.x - p.x) * t, p.y + (q.y - p.y) * t);
    let [p0, p1, p2, p3] = cubic;
    let (a, b, c) = (between(p0, p1), between(p1, p2), between(p2, p3));
    let (d, e) = (between(a, b), between(b, c));
    let middle = between(d, e);
    ([p0, a, d, middle], [middle, e, c, p3])
}

/// The part of a segment inside a rectangle as two fractions of its length (Liang and Barsky, 1984).
pub(crate) fn inside_part(from: Point, to: Point, rect: Rect) -> Option<(f64, f64)> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let sides =
        [(-dx, from.x - rect.x), (dx, rect.right() - from.x), (-dy, from.y - rect.y), (dy, rect.bottom() - from.y)];
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (slope, room) in sides {
        if slope == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if slope < 0.0 {
            enter = enter.max(room / slope);
        } else {
            leave = leave.min(room / slope);
        }
    }
    (enter < leave).then_some((enter, leave))
}
