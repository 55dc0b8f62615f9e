//! A broad arrow: a step of a process.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const POINT: f64 = 22.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w + 2.0 * POINT, content.h),
    inner: |rect| inset(rect, point(rect), 0.0, point(rect), 0.0),
    parts,
    pad: (10.0, 20.0),
    radius: 0.0,
};

fn point(rect: Rect) -> f64 {
    POINT.min(rect.w / 3.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (point, middle) = (point(rect), rect.center().y);
    let corners = [(x, y), (right - point, y), (right, middle), (right - point, bottom), (x, bottom), (x + point, middle)];
    vec![Part::body(Geometry::Path(Path::polygon(&corners)))]
}
