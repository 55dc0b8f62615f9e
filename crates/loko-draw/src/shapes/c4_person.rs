//! A head on a rounded card: the person of C4 diagrams.

use super::{Form, Part, inset};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

/// The head's radius; a good part of it stands above the card.
const HEAD: f64 = 24.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w.max(HEAD * 4.0), content.h + HEAD * 1.9),
    inner: |rect| inset(rect, 0.0, head(rect) * 1.9, 0.0, 0.0),
    parts,
    pad: (22.0, 16.0),
    radius: 18.0,
};

fn head(rect: Rect) -> f64 {
    HEAD.min(rect.h / 4.0).min(rect.w / 4.0)
}

fn parts(rect: Rect, radius: f64) -> Vec<Part> {
    let (head, middle) = (head(rect), rect.center().x);
    let card = inset(rect, 0.0, head * 1.65, 0.0, 0.0);
    let face = Rect::new(middle - head, rect.y, 2.0 * head, 2.0 * head);
    vec![Part::body(Geometry::Rect(card, radius)), Part::body(Geometry::Ellipse(face))]
}
