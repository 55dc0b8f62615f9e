//! A diamond: a decision.

use super::{Form, Part};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

/// Content of width `w` and height `h` touches the sides when `w / WIDE + h / HIGH` reaches the whole.
const WIDE: f64 = 1.75;
const HIGH: f64 = WIDE / (WIDE - 1.0);

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w * WIDE, content.h * HIGH),
    inner: |rect| Rect::around(rect.center(), Size::new(rect.w / WIDE, rect.h / HIGH)),
    parts,
    pad: (8.0, 6.0),
    radius: 0.0,
};

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let c = rect.center();
    let corners = [(c.x, rect.y), (rect.right(), c.y), (c.x, rect.bottom()), (rect.x, c.y)];
    vec![Part::body(Geometry::Path(Path::polygon(&corners)))]
}
