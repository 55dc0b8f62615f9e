//! A window with an address bar: a web application.

use super::{Form, Part, inset};
use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Size};

const BAR: f64 = 22.0;

pub(super) const FORM: Form = Form {
    fit: |content| Size::new(content.w.max(96.0), content.h + BAR),
    inner: |rect| inset(rect, 0.0, bar(rect), 0.0, 0.0),
    parts,
    ..Form::BOX
};

fn bar(rect: Rect) -> f64 {
    BAR.min(rect.h / 3.0)
}

fn parts(rect: Rect, radius: f64) -> Vec<Part> {
    let bar = bar(rect);
    let (low, dot, middle) = (rect.y + bar, bar * 0.13, rect.y + bar / 2.0);
    let mut parts = vec![
        Part::body(Geometry::Rect(rect, radius)),
        Part::line(Path::polyline(&[(rect.x, low), (rect.right(), low)])),
    ];
    let dots = (rect.w * 0.5).min(bar * 1.9);
    for at in 0..3 {
        let x = rect.x + dots * (0.28 + 0.26 * f64::from(at));
        parts.push(Part::spot(Geometry::Ellipse(Rect::new(x - dot, middle - dot, 2.0 * dot, 2.0 * dot))));
    }
    let address = inset(rect, dots * 1.1, bar * 0.27, bar * 0.5, rect.h - bar * 0.73);
    if address.w > bar {
        parts.push(Part::line(Path::rect(address, address.h / 2.0)));
    }
    parts
}
