//! A slanted rectangle: input and output.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const SLANT: f64 = 24.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w + 2.0 * SLANT, content.h),
    inner: |rect| inset(rect, slant(rect), 0.0, slant(rect), 0.0),
    parts,
    pad: (10.0, 16.0),
    radius: 0.0,
};

fn slant(rect: Rect) -> f64 {
    SLANT.min(rect.w / 3.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom, slant) = (rect.x, rect.y, rect.right(), rect.bottom(), slant(rect));
    let body = Path::polygon(&[(x + slant, y), (right, y), (right - slant, bottom), (x, bottom)]);
    vec![Part::body(Geometry::Path(body))]
}
