//! A bucket: an object store.

use super::{Form, Part, inset};
use crate::path::{KAPPA, Path};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const LID: f64 = 10.0;
/// How much narrower the bottom is on each side, in widths.
const TAPER: f64 = 0.07;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w / (1.0 - 2.0 * TAPER), content.h + 2.6 * LID),
    inner: |rect| inset(rect, rect.w * TAPER, 2.0 * lid(rect), rect.w * TAPER, 0.6 * lid(rect)),
    parts,
    pad: (18.0, 12.0),
    radius: 0.0,
};

fn lid(rect: Rect) -> f64 {
    LID.min(rect.h / 5.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (lid, taper, middle) = (lid(rect), rect.w * TAPER, rect.center().x);
    let (top, low, base) = (y + lid, bottom - lid * 0.7, rect.w / 2.0 - taper);
    let body = Path::from(x, top)
        .to(x + taper, low)
        .curve((x + taper, low + lid * 0.4), (middle - base * KAPPA, bottom), (middle, bottom))
        .curve((middle + base * KAPPA, bottom), (right - taper, low + lid * 0.4), (right - taper, low))
        .to(right, top)
        .curve((right, top - lid * KAPPA), (middle + rect.w / 2.0 * KAPPA, y), (middle, y))
        .curve((middle - rect.w / 2.0 * KAPPA, y), (x, top - lid * KAPPA), (x, top))
        .close();
    let rim = Rect::new(x, y, rect.w, 2.0 * lid);
    vec![Part::body(Geometry::Path(body)), Part::line(Path::ellipse(rim))]
}
