//! Packing: parts without connections side by side, in the order of the source, towards a pleasant outline.

use crate::space;
use loko_diagram::{Point, Size};

/// What is aimed at: wider than high, as screens are.
const ASPECT: f64 = 1.5;

/// How much dearer a packing may be that keeps the arrangement of an earlier drawing.
const LOYALTY: f64 = 3.0;
/// The most parts whose arrangement is compared.
const COMPARED: usize = 200;

/// The origins of boxes of these sizes, and the size of it all. Boxes stand in rows, in order. `before` are their
/// middles in an earlier drawing, whose arrangement is kept unless that costs too much room.
pub(crate) fn rows(sizes: &[Size], before: &[Option<Point>]) -> (Vec<Point>, Size) {
    let gap = f64::from(space::PART_GAP);
    let widest = sizes.iter().map(|size| size.w).fold(0.0, f64::max);
    let known = before.iter().flatten().count();
    let loyal = known > 1 && sizes.len() <= COMPARED;
    let mut all: Vec<(f64, usize, Vec<Point>, Size)> = Vec::new();
    for width in candidate_widths(sizes, widest, gap) {
        let (spots, total) = fill(sizes, width, gap);
        let shape = (total.w.max(1.0) / total.h.max(1.0) / ASPECT).ln().abs();
        // Both a sane outline and little waste; the former matters only when it is far off.
        let cost = total.w * total.h * (1.0 + shape * shape);
        let changes = if loyal { changes(&spots, sizes, before) } else { 0 };
        all.push((cost, changes, spots, total));
    }
    let least = all.iter().map(|(cost, ..)| *cost).fold(f64::INFINITY, f64::min);
    let limit = if loyal { least * LOYALTY } else { least * (1.0 + 1e-9) };
    let fitting = all.into_iter().filter(|(cost, ..)| *cost <= limit);
    let best = fitting.min_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)));
    best.map_or((Vec::new(), Size::default()), |(.., spots, total)| (spots, total))
}

/// How many pairs changed sides since an earlier drawing.
fn changes(spots: &[Point], sizes: &[Size], before: &[Option<Point>]) -> usize {
    let middle = |at: usize| spots[at].shift(sizes[at].w / 2.0, sizes[at].h / 2.0);
    let mut count = 0;
    for a in 0..spots.len() {
        for b in a + 1..spots.len() {
            let (Some(p), Some(q)) = (before[a], before[b]) else { continue };
            let (r, s) = (middle(a), middle(b));
            count += usize::from((p.x - q.x) * (r.x - s.x) < 0.0) + usize::from((p.y - q.y) * (r.y - s.y) < 0.0);
        }
    }
    count
}

/// Widths at which a row would break elsewhere, at most a few dozen.
fn candidate_widths(sizes: &[Size], widest: f64, gap: f64) -> Vec<f64> {
    let mut widths = vec![widest];
    let mut sum = 0.0;
    for size in sizes {
        sum += size.w + if sum > 0.0 { gap } else { 0.0 };
        if sum > widest {
            widths.push(sum);
        }
    }
    let step = widths.len().div_ceil(48).max(1);
    widths.into_iter().step_by(step).collect()
}

fn fill(sizes: &[Size], width: f64, gap: f64) -> (Vec<Point>, Size) {
    let mut spots = Vec::with_capacity(sizes.len());
    let (mut x, mut y, mut height, mut total) = (0.0, 0.0, 0.0f64, Size::default());
    for size in sizes {
        if x > 0.0 && x + size.w > width + 0.5 {
            x = 0.0;
            y += height + gap;
            height = 0.0;
        }
        spots.push(Point::new(x, y));
        total = total.max(Size::new(x + size.w, y + size.h));
        x += size.w + gap;
        height = height.max(size.h);
    }
    (spots, total)
}
