//! Forms as SVG: elements with their attributes, paths, and the tiles of textures.

use super::number::{Hundredths, hundredths, number, write_number};
use crate::path::{Path, Seg};
use crate::scene::{Geometry, Pattern};
use std::fmt::Write as _;

/// The element and the attributes of a form; no attributes for one that cannot be drawn.
pub(super) fn form(geometry: &Geometry) -> (&'static str, String) {
    match geometry {
        Geometry::Rect(rect, radius) => {
            let mut out = format!(
                " x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                number(rect.x),
                number(rect.y),
                number(rect.w.max(0.0)),
                number(rect.h.max(0.0))
            );
            let radius = radius.min(rect.w / 2.0).min(rect.h / 2.0);
            if radius > 0.0 {
                let _ = write!(out, " rx=\"{}\"", number(radius));
            }
            ("rect", out)
        }
        Geometry::Ellipse(rect) => {
            let (c, rx, ry) = (rect.center(), number(rect.w / 2.0), number(rect.h / 2.0));
            let (cx, cy) = (number(c.x), number(c.y));
            if hundredths(rect.w / 2.0) == hundredths(rect.h / 2.0) {
                ("circle", format!(" cx=\"{cx}\" cy=\"{cy}\" r=\"{rx}\""))
            } else {
                ("ellipse", format!(" cx=\"{cx}\" cy=\"{cy}\" rx=\"{rx}\" ry=\"{ry}\""))
            }
        }
        Geometry::Path(path) if path.0.is_empty() => ("path", String::new()),
        Geometry::Path(path) => {
            let mut out = String::from(" d=\"");
            write_path(&mut out, path);
            out.push('"');
            ("path", out)
        }
    }
}

fn write_path(out: &mut String, path: &Path) {
    out.reserve(path.0.len() * 12);
    let mut last: (Hundredths, Hundredths) = (None, None);
    for seg in &path.0 {
        match *seg {
            Seg::Move(point) => {
                out.push('M');
                write_pair(out, point);
                last = (hundredths(point.x), hundredths(point.y));
            }
            Seg::Line(point) => {
                let now = (hundredths(point.x), hundredths(point.y));
                match (now.0.is_some() && now.0 == last.0, now.1.is_some() && now.1 == last.1) {
                    (true, true) => {}
                    (true, false) => {
                        out.push('V');
                        let _ = write_number(out, point.y);
                    }
                    (false, true) => {
                        out.push('H');
                        let _ = write_number(out, point.x);
                    }
                    (false, false) => {
                        out.push('L');
                        write_pair(out, point);
                    }
                }
                last = now;
            }
            Seg::Cubic(a, b, end) => {
                out.push('C');
                for point in [a, b] {
                    write_pair(out, point);
                    out.push(' ');
                }
                write_pair(out, end);
                last = (hundredths(end.x), hundredths(end.y));
            }
            Seg::Close => {
                out.push('Z');
                last = (None, None);
            }
        }
    }
}

fn write_pair(out: &mut String, point: loko_diagram::Point) {
    let _ = write_number(out, point.x);
    out.push(' ');
    let _ = write_number(out, point.y);
}

/// The side of a texture's tile and the path in it.
pub(super) fn tile(pattern: Pattern) -> (u32, String) {
    let dot = |x: f64, y: f64, r: f64| {
        let (left, r, d) = (number(x - r), number(r), number(2.0 * r));
        format!("M{left} {}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z", number(y))
    };
    /// Places in a tile that look like chance (a lattice with irrational steps).
    fn scattered(count: u32, side: f64) -> impl Iterator<Item = (f64, f64, f64)> {
        (1..=count).map(move |at| {
            let at = f64::from(at);
            let wave = |step: f64| (at * step).fract();
            (wave(0.754_877_67) * (side - 4.0) + 2.0, wave(0.569_840_29) * (side - 4.0) + 2.0, wave(0.618_033_99))
        })
    }
    match pattern {
        Pattern::Dots => (10, dot(5.0, 5.0, 1.1)),
        Pattern::Lines => (8, "M-2 2l4 -4M0 8l8 -8M6 10l4 -4".into()),
        Pattern::Grain => (48, scattered(70, 48.0).map(|(x, y, r)| dot(x, y, 0.35 + r * 0.4)).collect()),
        Pattern::Paper => {
            let fibre = |(x, y, r): (f64, f64, f64)| {
                let (dx, dy) = (number(r * 5.0 - 2.5), number((r * 7.0).fract() * 3.0 - 1.5));
                format!("M{} {}l{dx} {dy}", number(x), number(y))
            };
            (64, scattered(36, 64.0).map(fibre).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_use_short_commands() {
        let path = Path::from(0.0, 0.0).to(10.0, 0.0).to(10.0, 5.0).to(3.0, 1.0).close();
        let mut data = String::new();
        write_path(&mut data, &path);
        assert_eq!(data, "M0 0H10V5L3 1Z");
    }
}
