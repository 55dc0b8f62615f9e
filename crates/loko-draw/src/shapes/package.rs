//! A folder with a tab: a package.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const TAB: f64 = 14.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w, content.h + TAB),
    inner: |rect| inset(rect, 0.0, tab(rect), 0.0, 0.0),
    parts,
    pad: (20.0, 14.0),
    radius: 0.0,
};

fn tab(rect: Rect) -> f64 {
    TAB.min(rect.h / 4.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (tab, end) = (tab(rect), x + (rect.w * 0.42).min(110.0));
    let body = Path::polygon(&[(x, y), (end, y), (end, y + tab), (right, y + tab), (right, bottom), (x, bottom)]);
    vec![Part::body(Geometry::Path(body)), Part::line(Path::polyline(&[(x, y + tab), (end, y + tab)]))]
}
