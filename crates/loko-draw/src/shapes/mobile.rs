//! A telephone: a mobile application.

use super::{Form, Part, inset};
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const EDGE: f64 = 18.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w, (content.h + 2.0 * EDGE).max(content.w * 0.8)),
    inner: |rect| inset(rect, 0.0, edge(rect), 0.0, edge(rect)),
    parts,
    pad: (18.0, 10.0),
    radius: 20.0,
};

fn edge(rect: Rect) -> f64 {
    EDGE.min(rect.h / 4.0)
}

fn parts(rect: Rect, radius: f64) -> Vec<Part> {
    let (edge, middle) = (edge(rect), rect.center().x);
    let thick = edge * 0.22;
    let speaker = Rect::new(middle - rect.w * 0.09, rect.y + edge * 0.5 - thick / 2.0, rect.w * 0.18, thick);
    let home = Rect::new(middle - rect.w * 0.16, rect.bottom() - edge * 0.5 - thick / 2.0, rect.w * 0.32, thick);
    vec![
        Part::body(Geometry::Rect(rect, radius)),
        Part::spot(Geometry::Rect(speaker, thick / 2.0)),
        Part::spot(Geometry::Rect(home, thick / 2.0)),
    ]
}
