//! A box with a bar on each side: a function as a service.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const BAR: f64 = 10.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w + 2.0 * BAR, content.h),
    inner: |rect| inset(rect, bar(rect), 0.0, bar(rect), 0.0),
    parts,
    pad: (18.0, 16.0),
    radius: 3.0,
};

fn bar(rect: Rect) -> f64 {
    BAR.min(rect.w / 5.0)
}

fn parts(rect: Rect, radius: f64) -> Vec<Part> {
    let (left, right) = (rect.x + bar(rect), rect.right() - bar(rect));
    vec![
        Part::body(Geometry::Rect(rect, radius)),
        Part::line(Path::polyline(&[(left, rect.y), (left, rect.bottom())])),
        Part::line(Path::polyline(&[(right, rect.y), (right, rect.bottom())])),
    ]
}
