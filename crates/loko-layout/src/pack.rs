//! Packing: parts without connections side by side, in the order of the source, towards a pleasant outline.

use crate::space;
use loko_diagram::{Point, Rect, Size};

/// What is aimed at: wider than high, as screens are.
const ASPECT: f64 = 1.5;

/// How much dearer a packing may be that keeps the arrangement of an earlier drawing.
const LOYALTY: f64 = 3.0;
/// The most parts whose arrangement is compared.
const COMPARED: usize = 200;

/// The origins of boxes of these sizes, and the size of it all. Boxes stand in rows, in order. `before` are their
/// origins in an earlier drawing, where they stay unless that costs too much room.
pub(crate) fn rows(sizes: &[Size], before: &[Option<Point>]) -> (Vec<Point>, Size) {
    let gap = f64::from(space::PART_GAP);
    let widest = sizes.iter().map(|size| size.w).fold(0.0, f64::max);
    let packed = candidate_widths(sizes, widest, gap).into_iter().map(|width| balanced(sizes, widest, width, gap));
    let best = packed.min_by(|a, b| dearness(a).total_cmp(&dearness(b)));
    let best = best.map(|packing| (packing.spots, packing.total)).unwrap_or_default();
    let known = before.iter().flatten().count();
    if known > 1 && sizes.len() <= COMPARED {
        let kept = kept(sizes, before, gap);
        if cost(kept.1) <= cost(best.1) * LOYALTY {
            return kept;
        }
    }
    best
}

/// What is paid besides for rows that are not full: a packing whose rows are half empty on average costs a quarter more.
const RAGGED: f64 = 0.5;
/// How often the width of rows is halved on the way to the least with which there are as many of them.
const HALVINGS: usize = 10;

/// Boxes in rows.
struct Packing {
    spots: Vec<Point>,
    total: Size,
    rows: usize,
    /// The widths of all rows together.
    filled: f64,
}

/// Rows no wider than they need to be for as many of them as fit into the width: five boxes where four fit into a row
/// become three and two.
fn balanced(sizes: &[Size], widest: f64, width: f64, gap: f64) -> Packing {
    let mut best = fill(sizes, width, gap);
    if sizes.len() > COMPARED {
        return best;
    }
    let (mut low, mut high) = (widest, width);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        let tried = fill(sizes, middle, gap);
        if tried.rows > best.rows {
            low = middle;
        } else {
            high = middle;
            best = tried;
        }
    }
    best
}

fn dearness(packing: &Packing) -> f64 {
    let empty = 1.0 - packing.filled / (packing.total.w * packing.rows as f64).max(1.0);
    cost(packing.total) * (1.0 + RAGGED * empty)
}

/// Both a sane outline and little waste; the former matters only when it is far off.
fn cost(total: Size) -> f64 {
    let shape = (total.w.max(1.0) / total.h.max(1.0) / ASPECT).ln().abs();
    total.w * total.h * (1.0 + shape * shape)
}

/// Boxes where they were, each moved right or down as little as it takes to be clear of those before it. New ones
/// stand below or to the right of all others.
fn kept(sizes: &[Size], before: &[Option<Point>], gap: f64) -> (Vec<Point>, Size) {
    let mut order: Vec<(Point, usize)> = before.iter().enumerate().filter_map(|(at, it)| Some(((*it)?, at))).collect();
    order.sort_by(|(p, a), (q, b)| p.y.total_cmp(&q.y).then(p.x.total_cmp(&q.x)).then(a.cmp(b)));
    let mut spots = vec![Point::default(); sizes.len()];
    let mut taken: Vec<Rect> = Vec::new();
    for (wish, at) in order {
        let rect = clear_of(&taken, Rect::new(wish.x, wish.y, sizes[at].w, sizes[at].h), gap);
        taken.push(rect);
        spots[at] = Point::new(rect.x, rect.y);
    }
    let mut all = taken.into_iter().reduce(Rect::union).unwrap_or_default();
    for (at, size) in sizes.iter().enumerate().filter(|(at, _)| before[*at].is_none()) {
        let below = Rect::new(all.x, all.bottom() + gap, size.w, size.h);
        let beside = Rect::new(all.right() + gap, all.y, size.w, size.h);
        let (one, two) = (all.union(below), all.union(beside));
        let rect = if cost(one.size()) <= cost(two.size()) { below } else { beside };
        spots[at] = Point::new(rect.x, rect.y);
        all = all.union(rect);
    }
    let spots = spots.into_iter().map(|spot| spot.shift(-all.x, -all.y)).collect();
    (spots, all.size())
}

/// The rectangle, moved right or down until it keeps half a gap from all others.
fn clear_of(taken: &[Rect], wish: Rect, gap: f64) -> Rect {
    let room = gap / 2.0;
    let mut rect = wish;
    // Each move passes at least one of the others for good in one direction.
    for _ in 0..2 * taken.len() {
        let Some(other) = taken.iter().find(|other| other.grow(room - 1.0).overlaps(rect)) else { break };
        let right = other.right() + gap - rect.x;
        let down = other.bottom() + gap - rect.y;
        let farther = |dx: f64, dy: f64| (rect.x + dx - wish.x) + (rect.y + dy - wish.y);
        rect = if farther(right, 0.0) <= farther(0.0, down) { rect.shift(right, 0.0) } else { rect.shift(0.0, down) };
    }
    if taken.iter().any(|other| other.overlaps(rect)) {
        let bottom = taken.iter().map(|other| other.bottom()).fold(rect.y, f64::max);
        rect.y = bottom + gap;
    }
    rect
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

fn fill(sizes: &[Size], width: f64, gap: f64) -> Packing {
    let mut packing = Packing { spots: Vec::with_capacity(sizes.len()), total: Size::default(), rows: 1, filled: 0.0 };
    let (mut x, mut y, mut height) = (0.0, 0.0, 0.0f64);
    for size in sizes {
        if x > 0.0 && x + size.w > width + 0.5 {
            packing.filled += x - gap;
            packing.rows += 1;
            x = 0.0;
            y += height + gap;
            height = 0.0;
        }
        packing.spots.push(Point::new(x, y));
        packing.total = packing.total.max(Size::new(x + size.w, y + size.h));
        x += size.w + gap;
        height = height.max(size.h);
    }
    packing.filled += x - gap;
    packing
}
