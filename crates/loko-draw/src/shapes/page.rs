//! A sheet with a corner folded down.

use super::{Form, Part};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::Rect;

pub(super) const FORM: Form = Form { parts, pad: (24.0, 20.0), ..Form::BOX };

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let fold = 18.0_f64.min(rect.w / 3.0).min(rect.h / 3.0);
    let sheet = Path::polygon(&[(x, y), (right - fold, y), (right, y + fold), (right, bottom), (x, bottom)]);
    let corner = Path::polyline(&[(right - fold, y), (right - fold, y + fold), (right, y + fold)]);
    vec![Part::body(Geometry::Path(sheet)), Part::line(corner)]
}
