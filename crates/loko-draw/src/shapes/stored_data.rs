//! A box bowed to the left: stored data.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const BOW: f64 = 16.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w + 2.0 * BOW, content.h),
    inner: |rect| inset(rect, bow(rect), 0.0, bow(rect), 0.0),
    parts,
    pad: (12.0, 18.0),
    radius: 0.0,
};

fn bow(rect: Rect) -> f64 {
    BOW.min(rect.w / 4.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (bow, quarter) = (bow(rect), rect.h * 0.22);
    let reach = bow * 4.0 / 3.0;
    let body = Path::from(x + bow, y)
        .to(right, y)
        .curve((right - reach, y + quarter), (right - reach, bottom - quarter), (right, bottom))
        .to(x + bow, bottom)
        .curve((x + bow - reach, bottom - quarter), (x + bow - reach, y + quarter), (x + bow, y))
        .close();
    vec![Part::body(Geometry::Path(body))]
}
