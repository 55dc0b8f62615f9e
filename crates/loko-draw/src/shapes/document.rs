//! A sheet torn off below in a wave.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const WAVE: f64 = 14.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w, content.h + WAVE),
    inner: |rect| inset(rect, 0.0, 0.0, 0.0, WAVE.min(rect.h / 3.0)),
    parts,
    pad: (20.0, 16.0),
    radius: 0.0,
};

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let wave = WAVE.min(rect.h / 3.0);
    let middle = bottom - wave / 2.0;
    let body = Path::from(x, y)
        .to(right, y)
        .to(right, middle)
        .curve((right - rect.w * 0.25, middle - wave * 1.5), (x + rect.w * 0.25, middle + wave * 1.5), (x, middle))
        .close();
    vec![Part::body(Geometry::Path(body))]
}
