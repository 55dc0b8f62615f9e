//! A circle; content may be as wide or as high as it is, its diagonal decides.

use super::{Form, Part};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

pub(super) const FORM: Form = Form {
    fit: |content| {
        let side = content.w.hypot(content.h);
        Size::new(side, side)
    },
    // The content knows its own proportions; it is centred, and `fit` has seen to it that it stays inside.
    inner: |rect| rect,
    parts: |rect, _radius| {
        let side = rect.w.min(rect.h);
        vec![Part::body(Geometry::Ellipse(Rect::around(rect.center(), Size::new(side, side))))]
    },
    pad: (8.0, 6.0),
    radius: 0.0,
};
