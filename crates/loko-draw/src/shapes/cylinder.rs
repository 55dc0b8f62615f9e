//! A drum: a database.

use super::{Form, Part, inset};
use crate::path::{KAPPA, Path};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

/// Half the height of the lid, whatever the width.
const LID: f64 = 11.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w, content.h + 2.7 * LID),
    inner: |rect| inset(rect, 0.0, 2.0 * lid(rect), 0.0, 0.7 * lid(rect)),
    parts,
    pad: (20.0, 12.0),
    radius: 0.0,
};

fn lid(rect: Rect) -> f64 {
    LID.min(rect.h / 5.0)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (lid, middle) = (lid(rect), rect.center().x);
    let (kx, ky) = (rect.w / 2.0 * KAPPA, lid * KAPPA);
    let (top, low) = (y + lid, bottom - lid);
    let body = Path::from(x, top)
        .curve((x, top - ky), (middle - kx, y), (middle, y))
        .curve((middle + kx, y), (right, top - ky), (right, top))
        .to(right, low)
        .curve((right, low + ky), (middle + kx, bottom), (middle, bottom))
        .curve((middle - kx, bottom), (x, low + ky), (x, low))
        .close();
    let front = top + lid;
    let lip = Path::from(x, top)
        .curve((x, top + ky), (middle - kx, front), (middle, front))
        .curve((middle + kx, front), (right, top + ky), (right, top));
    vec![Part::body(Geometry::Path(body)), Part::line(lip)]
}
