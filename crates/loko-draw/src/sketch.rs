//! Pictures as if drawn by hand: every line is bent a little and drawn twice.
//!
//! The bends come from a hash of the line's own numbers, so that the same picture is always drawn with the same hand.

use crate::path::{Path, Seg, cubic_at};
use crate::scene::{Figure, Geometry, Item, Paint, Scene};
use loko_diagram::Point;

/// How far a line strays, in pixels, at most.
const STRAY: f64 = 2.1;

/// Redraws all lines by hand.
pub(crate) fn roughen(scene: &mut Scene) {
    scene.items = std::mem::take(&mut scene.items).into_iter().flat_map(rough_item).collect();
}

fn rough_item(item: Item) -> Vec<Item> {
    match item {
        Item::Group(mut group) => {
            group.items = group.items.into_iter().flat_map(rough_item).collect();
            vec![Item::Group(group)]
        }
        Item::Figure(figure) => rough_figure(*figure).into_iter().map(Item::from).collect(),
        other => vec![other],
    }
}

fn rough_figure(figure: Figure) -> Vec<Figure> {
    let path = match &figure.geometry {
        Geometry::Rect(rect, radius) => Path::rect(*rect, *radius),
        Geometry::Ellipse(rect) => Path::ellipse(*rect),
        Geometry::Path(path) => path.clone(),
    };
    let Some(stroke) = figure.stroke.clone() else { return vec![figure] };
    let is_small = path.bounds().is_none_or(|bounds| bounds.w.max(bounds.h) < 16.0);
    let mut hand = Hand::of(&path);
    let first = rough(&path, &mut hand, if is_small { 0.4 } else { 1.0 });
    let filled = Figure { geometry: Geometry::Path(first), ..figure };
    if is_small || !stroke.dash.is_empty() {
        return vec![filled];
    }
    let again = Figure {
        geometry: Geometry::Path(rough(&path, &mut hand, 1.0)),
        fill: Paint::None,
        stroke: Some(crate::scene::Stroke { width: stroke.width * 0.75, ..stroke }),
        pattern: None,
        shadow: false,
        class: "",
    };
    vec![filled, again]
}

/// A source of small numbers that depends on a path alone (splitmix64).
struct Hand(u64);

impl Hand {
    fn of(path: &Path) -> Self {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for line in path.flatten() {
            for point in line {
                for number in [point.x, point.y] {
                    // Rounded, so that the last bits of a number do not change the hand.
                    seed = (seed ^ (number * 8.0).round() as i64 as u64).wrapping_mul(0x0100_0000_01b3);
                }
            }
        }
        Self(seed)
    }

    /// A number from −1 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    fn near(&mut self, point: Point, by: f64) -> Point {
        Point::new(point.x + self.next() * by, point.y + self.next() * by)
    }
}

fn rough(path: &Path, hand: &mut Hand, strength: f64) -> Path {
    let stray = STRAY * strength;
    let mut out = Path::default();
    let (mut at, mut start) = (Point::default(), Point::default());
    for seg in &path.0 {
        match *seg {
            Seg::Move(point) => {
                (at, start) = (point, point);
                out.0.push(Seg::Move(hand.near(point, stray * 0.5)));
            }
            Seg::Line(end) => {
                out.0.push(bent(at, end, hand, stray));
                at = end;
            }
            Seg::Cubic(a, b, end) => {
                let end_near = hand.near(end, stray * 0.4);
                out.0.push(Seg::Cubic(hand.near(a, stray), hand.near(b, stray), end_near));
                at = end;
            }
            Seg::Close => {
                out.0.push(bent(at, start, hand, stray));
                out.0.push(Seg::Close);
                at = start;
            }
        }
    }
    out
}

/// A line with a slight belly.
fn bent(from: Point, to: Point, hand: &mut Hand, stray: f64) -> Seg {
    let stray = stray * (from.distance(to) / 60.0).clamp(0.25, 1.4);
    let (a, b) = (cubic_at(from, from, to, to, 0.35), cubic_at(from, from, to, to, 0.65));
    Seg::Cubic(hand.near(a, stray), hand.near(b, stray), hand.near(to, stray * 0.4))
}
