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
    /// The width of the head's own lines: that of the line, less for thick ones.
    pub(crate) stroke: f64,
}

/// How much larger a head is than that of a line without any width, and how it grows with the width.
const UNIT: f64 = 7.5;
const UNIT_BY_WIDTH: f64 = 1.9;
/// A head is not made smaller than this, and the width of its line.
const UNIT_LEAST: f64 = 6.0;
/// Half the width of a head, and the most width of its lines, in units.
const HALF: f64 = 0.42;
const STROKE_MOST: f64 = 0.22;

/// How long a head is, in units.
fn extent(shape: ArrowheadShape) -> f64 {
    match shape {
        ArrowheadShape::None => 0.0,
        ArrowheadShape::Triangle => 1.0,
        ArrowheadShape::Arrow => 1.15,
        ArrowheadShape::Diamond => 1.6,
        ArrowheadShape::Circle => 0.9,
        ArrowheadShape::Box => 2.0 * HALF,
        ArrowheadShape::Cross => 2.4 * HALF,
        ArrowheadShape::CfOne => 1.384,
        ArrowheadShape::CfOneRequired => 0.95,
        ArrowheadShape::CfMany => 1.834,
        ArrowheadShape::CfManyRequired => 1.4,
    }
}

/// The size of a head that has as much room as it needs.
fn usual(width: f64) -> f64 {
    UNIT + UNIT_BY_WIDTH * width
}

/// How long a head is that has as much room as it needs.
pub(crate) fn length(shape: ArrowheadShape, width: f64) -> f64 {
    usual(width) * extent(shape)
}

/// How far a head reaches to the sides of its line.
pub(crate) fn reach(width: f64) -> f64 {
    let unit = usual(width);
    unit * HALF + width.min(unit * STROKE_MOST) / 2.0
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

/// The head of a shape at the tip of a line that comes from `from`; `room` is how long it may be.
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
    let usual = usual(width);
    let unit = usual.min((room / extent(shape).max(0.1)).max(UNIT_LEAST + width));
    let stroke = width.min(unit * STROKE_MOST);
    let solid = |usual: bool| if filled.unwrap_or(usual) { HeadFill::Line } else { HeadFill::Ground };
    let path = |path: Path, fill: HeadFill| HeadPart { geometry: Geometry::Path(path), fill };
    let half = unit * HALF;
    match shape {
        ArrowheadShape::None => Head { parts: vec![], length: 0.0, stroke },
        ArrowheadShape::Triangle => {
            let body = frame.polygon(&[(0.0, 0.0), (unit, half), (unit, -half)]);
            Head { parts: vec![path(body, solid(true))], length: unit, stroke }
        }
        ArrowheadShape::Arrow => {
            let body = frame.polygon(&[(0.0, 0.0), (unit * 1.15, half), (unit * 0.78, 0.0), (unit * 1.15, -half)]);
            Head { parts: vec![path(body, solid(true))], length: unit * 0.78, stroke }
        }
        ArrowheadShape::Diamond => {
            let body = frame.polygon(&[(0.0, 0.0), (unit * 0.8, half), (unit * 1.6, 0.0), (unit * 0.8, -half)]);
            Head { parts: vec![path(body, solid(false))], length: unit * 1.6, stroke }
        }
        ArrowheadShape::Circle => {
            let radius = unit * 0.45;
            Head {
                parts: vec![HeadPart { geometry: frame.circle(radius, radius), fill: solid(false) }],
                length: radius * 2.0,
                stroke,
            }
        }
        ArrowheadShape::Box => {
            let body = frame.polygon(&[(0.0, half), (half * 2.0, half), (half * 2.0, -half), (0.0, -half)]);
            Head { parts: vec![path(body, solid(false))], length: half * 2.0, stroke }
        }
        ArrowheadShape::Cross => {
            let one = frame.polyline(&[(half * 0.4, half), (half * 2.4, -half)]);
            let two = frame.polyline(&[(half * 0.4, -half), (half * 2.4, half)]);
            Head { parts: vec![path(one, HeadFill::None), path(two, HeadFill::None)], length: 0.0, stroke }
        }
        _ => Head { parts: crow(shape, &frame, unit, half), length: 0.0, stroke },
    }
}

/// The heads of entity-relationship diagrams.
fn crow(shape: ArrowheadShape, frame: &Frame, unit: f64, half: f64) -> Vec<HeadPart> {
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
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ArrowheadShape; 10] = [
        ArrowheadShape::Triangle,
        ArrowheadShape::Arrow,
        ArrowheadShape::Diamond,
        ArrowheadShape::Circle,
        ArrowheadShape::Box,
        ArrowheadShape::Cross,
        ArrowheadShape::CfOne,
        ArrowheadShape::CfOneRequired,
        ArrowheadShape::CfMany,
        ArrowheadShape::CfManyRequired,
    ];

    /// How far a head reaches along its line, without the width of its own lines.
    fn length(head: &Head) -> f64 {
        let ends = head.parts.iter().map(|part| match &part.geometry {
            Geometry::Rect(rect, _) | Geometry::Ellipse(rect) => rect.bottom(),
            Geometry::Path(path) => path.bounds().unwrap_or_default().bottom(),
        });
        ends.fold(0.0, f64::max)
    }

    #[test]
    fn heads_keep_to_their_room() {
        let (tip, from) = (Point::new(0.0, 0.0), Point::new(0.0, 100.0));
        for shape in ALL {
            for width in [1.5, 4.0, 15.0] {
                let free = length(&head(shape, None, tip, from, width, 100.0));
                assert!((free - extent(shape) * usual(width)).abs() < 0.5, "{shape:?} {width}: {free}");
                let room = free * 0.8;
                let tight = length(&head(shape, None, tip, from, width, room));
                assert!(tight <= room + 0.5, "{shape:?} {width}: {tight} in {room}");
                let least = head(shape, None, tip, from, width, 0.0);
                assert!(length(&least) > 0.0 && least.stroke < free, "{shape:?} {width}");
            }
        }
    }
}
