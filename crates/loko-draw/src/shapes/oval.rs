//! An oval.

use super::{Form, Part};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

/// `(1 / WIDE)² + (1 / HIGH)² = 1`: the content's corners lie on the ellipse.
const WIDE: f64 = 1.3;
const HIGH: f64 = 1.565;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w * WIDE, content.h * HIGH),
    inner: |rect| Rect::around(rect.center(), Size::new(rect.w / WIDE, rect.h / HIGH)),
    parts: |rect, _radius| vec![Part::body(Geometry::Ellipse(rect))],
    pad: (10.0, 8.0),
    radius: 0.0,
};
