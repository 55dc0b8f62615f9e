//! A cloud: something out there.

use super::{Form, Part};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Point, Rect, Size};

/// The corners of content that is as wide and high as this lie on the outline.
const WIDE: f64 = 1.39;
const HIGH: f64 = 1.79;
/// Where the content's middle lies: below the notches beside the upper puff.
const MIDDLE: f64 = 0.64;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w * WIDE, content.h * HIGH),
    inner: |rect| {
        let middle = Point::new(rect.center().x, rect.y + rect.h * MIDDLE);
        Rect::around(middle, Size::new(rect.w / WIDE, rect.h / HIGH))
    },
    parts,
    pad: (8.0, 6.0),
    radius: 0.0,
};

/// The outline in a unit square: each row is two handles and an end, from the left of the base on.
const PUFFS: [[(f64, f64); 3]; 5] = [
    [(0.07, 1.0), (0.0, 0.87), (0.0, 0.71)],
    [(0.0, 0.5), (0.08, 0.36), (0.2, 0.33)],
    [(0.24, 0.13), (0.37, 0.0), (0.52, 0.0)],
    [(0.68, 0.0), (0.8, 0.12), (0.83, 0.31)],
    [(0.94, 0.34), (1.0, 0.5), (1.0, 0.69)],
];

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let at = |(x, y): (f64, f64)| (rect.x + x * rect.w, rect.y + y * rect.h);
    let (start_x, start_y) = at((0.2, 1.0));
    let mut path = Path::from(start_x, start_y);
    for [one, two, end] in PUFFS {
        path = path.curve(at(one), at(two), at(end));
    }
    path = path.curve(at((1.0, 0.87)), at((0.93, 1.0)), at((0.8, 1.0))).close();
    vec![Part::body(Geometry::Path(path))]
}
