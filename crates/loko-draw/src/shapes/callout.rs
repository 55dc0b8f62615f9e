//! A speech bubble.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const TAIL: f64 = 18.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w, content.h + TAIL),
    inner: |rect| inset(rect, 0.0, 0.0, 0.0, tail(rect)),
    parts,
    pad: (20.0, 14.0),
    radius: 0.0,
};

fn tail(rect: Rect) -> f64 {
    TAIL.min(rect.h / 3.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (low, middle, wide) = (bottom - tail(rect), rect.center().x, 16.0_f64.min(rect.w / 4.0));
    let corners = [(x, y), (right, y), (right, low), (middle + wide, low), (middle, bottom), (middle, low), (x, low)];
    vec![Part::body(Geometry::Path(Path::polygon(&corners)))]
}
