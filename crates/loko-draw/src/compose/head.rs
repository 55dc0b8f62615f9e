//! Arrowheads.
//!
//! A head is drawn at the tip, pointing along a direction; the line below it ends where the head begins.

use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{ArrowheadShape, Point, Rect};

/// A part of a head.
pub(crate) struct HeadPart {
    pub(crate) geometry: Geometry,
    pub(crate) fill: HeadFill,
}

/// How a part of a head is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadFill {
    /// In the line's colour.
    Line,
    /// In the colour of the ground.
    Ground,
    /// Not at all.
    None,
}

/// A head and how much of the line it takes.
pub(crate) struct Head {
    pub(crate) parts: Vec<HeadPart>,
    pub(crate) length: f64,
}

/// A frame at the tip: `along` runs back from the tip on the line, `across` to its side.
struct Frame {
    tip: Point,
    dx: f64,
    dy: f64,
}

impl Frame {
    fn at(&self, along: f64, across: f64) -> (f64, f64) {
        let (dx, dy) = (self.dx, self.dy);
        (self.tip.x - dx * along - dy * across, self.tip.y - dy * along + dx * across)
    }

    fn polygon(&self, corners: &[(f64, f64)]) -> Path {
        Path::polygon(&self.corners(corners))
    }

    fn polyline(&self, corners: &[(f64, f64)]) -> Path {
        Path::polyline(&self.corners(corners))
    }

    fn corners(&self, corners: &[(f64, f64)]) -> Vec<(f64, f64)> {
        corners.iter().map(|&(along, across)| self.at(along, across)).collect()
    }

    fn circle(&self, along: f64, radius: f64) -> Geometry {
        let (x, y) = self.at(along, 0.0);
        Geometry::Ellipse(Rect::new(x - radius, y - radius, 2.0 * radius, 2.0 * radius))
    }
}

/// The head of a shape at the tip of a line that comes from `from`; `room` is the length of the line's last piece.
pub(crate) fn head(
    shape: ArrowheadShape,
    filled: Option<bool>,
    tip: Point,
    from: Point,
    width: f64,
    room: f64,
) -> Head {
    let length = tip.distance(from).max(1e-9);
    let frame = Frame { tip, dx: (tip.x - from.x) / length, dy: (tip.y - from.y) / length };
    let usual = 7.5 + 1.9 * width;
    let unit = usual.min(room.max(4.0));
    let solid = |usual: bool| if filled.unwrap_or(usual) { HeadFill::Line } else { HeadFill::Ground };
    let path = |path: Path, fill: HeadFill| HeadPart { geometry: Geometry::Path(path), fill };
    let half = unit * 0.42;
    match shape {
        ArrowheadShape::None => Head { parts: vec![], length: 0.0 },
        ArrowheadShape::Triangle => {
            let body = frame.polygon(&[(0.0, 0.0), (unit, half), (unit, -half)]);
            Head { parts: vec![path(body, solid(true))], length: unit }
        }
        ArrowheadShape::Arrow => {
            let body = frame.polygon(&[(0.0, 0.0), (unit * 1.15, half), (unit * 0.78, 0.0), (unit * 1.15, -half)]);
            Head { parts: vec![path(body, solid(true))], length: unit * 0.78 }
        }
        ArrowheadShape::Diamond => {
            let body = frame.polygon(&[(0.0, 0.0), (unit * 0.8, half), (unit * 1.6, 0.0), (unit * 0.8, -half)]);
            Head { parts: vec![path(body, solid(false))], length: unit * 1.6 }
        }
        ArrowheadShape::Circle => {
            let radius = unit * 0.45;
            Head {
                parts: vec![HeadPart { geometry: frame.circle(radius, radius), fill: solid(false) }],
                length: radius * 2.0,
            }
        }
        ArrowheadShape::Box => {
            let body = frame.polygon(&[(0.0, half), (half * 2.0, half), (half * 2.0, -half), (0.0, -half)]);
            Head { parts: vec![path(body, solid(false))], length: half * 2.0 }
        }
        ArrowheadShape::Cross => {
            let one = frame.polyline(&[(half * 0.4, half), (half * 2.4, -half)]);
            let two = frame.polyline(&[(half * 0.4, -half), (half * 2.4, half)]);
            Head { parts: vec![path(one, HeadFill::None), path(two, HeadFill::None)], length: 0.0 }
        }
        _ => crow(shape, &frame, unit, half),
    }
}

/// The heads of entity-relationship diagrams.
fn crow(shape: ArrowheadShape, frame: &Frame, unit: f64, half: f64) -> Head {
    let is_many = matches!(shape, ArrowheadShape::CfMany | ArrowheadShape::CfManyRequired);
    let is_required = matches!(shape, ArrowheadShape::CfOneRequired | ArrowheadShape::CfManyRequired);
    let line = |path: Path| HeadPart { geometry: Geometry::Path(path), fill: HeadFill::None };
    let bar = |along: f64| line(frame.polyline(&[(along, half * 1.15), (along, -half * 1.15)]));
    let mut parts = Vec::new();
    let after = if is_many {
        parts.push(line(frame.polyline(&[(0.0, half * 1.15), (unit, 0.0), (0.0, -half * 1.15)])));
        unit
    } else {
        parts.push(bar(unit * 0.55));
        unit * 0.55
    };
    if is_required {
        parts.push(bar(after + unit * 0.4));
    } else {
        let radius = half * 0.85;
        parts.push(HeadPart { geometry: frame.circle(after + radius + unit * 0.12, radius), fill: HeadFill::Ground });
    }
    Head { parts, length: 0.0 }
}
