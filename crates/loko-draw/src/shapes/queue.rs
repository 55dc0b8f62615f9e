//! A drum on its side: a queue.

use super::{Form, Part, inset};
use crate::path::{KAPPA, Path};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

/// Half the width of the lid, whatever the height.
const LID: f64 = 12.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w + 2.7 * LID, content.h),
    inner: |rect| inset(rect, 0.7 * lid(rect), 0.0, 2.0 * lid(rect), 0.0),
    parts,
    pad: (14.0, 18.0),
    radius: 0.0,
};

fn lid(rect: Rect) -> f64 {
    LID.min(rect.w / 5.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (lid, middle) = (lid(rect), rect.center().y);
    let (kx, ky) = (lid * KAPPA, rect.h / 2.0 * KAPPA);
    let (left, far) = (x + lid, right - lid);
    let body = Path::from(left, y)
        .to(far, y)
        .curve((far + kx, y), (right, middle - ky), (right, middle))
        .curve((right, middle + ky), (far + kx, bottom), (far, bottom))
        .to(left, bottom)
        .curve((left - kx, bottom), (x, middle + ky), (x, middle))
        .curve((x, middle - ky), (left - kx, y), (left, y))
        .close();
    let near = far - lid;
    let lip = Path::from(far, y)
        .curve((far - kx, y), (near, middle - ky), (near, middle))
        .curve((near, middle + ky), (far - kx, bottom), (far, bottom));
    vec![Part::body(Geometry::Path(body)), Part::line(lip)]
}
