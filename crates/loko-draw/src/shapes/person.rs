//! A figure with shoulders: somebody.

use super::{Form, Part, inset};
use crate::path::{KAPPA, Path};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

/// The head's radius and how far it reaches above the body.
const HEAD: f64 = 22.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w.max(HEAD * 3.6), content.h + HEAD * 2.15),
    inner: |rect| inset(rect, 0.0, head(rect) * 2.15, 0.0, 0.0),
    parts,
    pad: (22.0, 14.0),
    radius: 0.0,
};

fn head(rect: Rect) -> f64 {
    HEAD.min(rect.h / 4.5).min(rect.w / 3.6)
}

fn parts(rect: Rect, _radius: f64) -> Vec<Part> {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let (head, middle) = (head(rect), rect.center().x);
    let top = y + head * 1.85;
    let round = (rect.w / 2.0).min(head * 1.6).min(bottom - top);
    let k = round * (1.0 - KAPPA);
    let body = Path::from(x, bottom)
        .to(x, top + round)
        .curve((x, top + k), (x + k, top), (x + round, top))
        .to(right - round, top)
        .curve((right - k, top), (right, top + k), (right, top + round))
        .to(right, bottom)
        .close();
    let face = Rect::new(middle - head, y, 2.0 * head, 2.0 * head);
    vec![Part::body(Geometry::Path(body)), Part::body(Geometry::Ellipse(face))]
}
