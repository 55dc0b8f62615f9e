//! Areas of a map: boxes in rows of about the same width, so that what is related lies close together.
//!
//! Layers show a flow well, but many large boxes with many relations make a drawing in layers that is far too high or
//! wide. Here boxes stand in rows like the words of a text; a local search swaps and moves boxes while that shortens
//! the relations (after the pairwise exchange of Armour and Buffa for facility layout, 1963). Edges are routed through
//! the alleys later, when everything is in its place (`reroute`).

use loko_diagram::{Point, Size};

/// Wider than high, as screens are.
const ASPECT: f64 = 1.5;
/// Looks at arrangements before the search ends, times boxes.
const EFFORT: usize = 60_000;
/// Widths of rows that are tried.
const WIDTHS: [f64; 5] = [0.85, 1.0, 1.15, 1.35, 1.6];

/// What is to be arranged: sizes of boxes, and pairs of them with how strongly they are related.
pub(crate) struct Areas<'a> {
    pub(crate) sizes: &'a [Size],
    pub(crate) relations: &'a [(usize, usize, f64)],
    /// Middles in an earlier drawing, whose order is the first.
    pub(crate) before: &'a [Option<Point>],
}

/// The origin of each box and the size of it all.
pub(crate) fn rows(areas: &Areas<'_>) -> (Vec<Point>, Size) {
    let gap = gap(areas);
    let total: f64 = areas.sizes.iter().map(|size| (size.w + gap) * (size.h + gap)).sum();
    let widest = areas.sizes.iter().map(|size| size.w).fold(0.0, f64::max);
    let mut best: Option<(f64, Vec<Point>, Size)> = None;
    for share in WIDTHS {
        let width = ((total * ASPECT).sqrt() * share).max(widest);
        let mut search = Search { areas, gap, width, looks: EFFORT / WIDTHS.len() / areas.sizes.len().max(1) };
        let order = search.order();
        let (spots, size) = search.fill(&order);
        let cost = search.cost(&spots, size);
        if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
            best = Some((cost, spots, size));
        }
    }
    best.map_or((Vec::new(), Size::default()), |(_, spots, size)| (spots, size))
}

/// The width of the alleys: more relations need more room, and larger boxes look better farther apart.
fn gap(areas: &Areas<'_>) -> f64 {
    let count = areas.sizes.len().max(1) as f64;
    let side = (areas.sizes.iter().map(|size| size.w * size.h).sum::<f64>() / count).sqrt();
    let lines = areas.relations.len() as f64 / count.sqrt();
    (28.0 + lines * 7.0 + side * 0.06).min(220.0).round()
}

struct Search<'a> {
    areas: &'a Areas<'a>,
    gap: f64,
    width: f64,
    looks: usize,
}

impl Search<'_> {
    /// The best order that was found.
    fn order(&mut self) -> Vec<usize> {
        let mut order = self.first();
        let mut cost = self.cost_of(&order);
        let count = order.len();
        let known = self.areas.before.iter().flatten().count();
        // An earlier drawing's arrangement is worth more than a shorter way.
        if known * 2 > count {
            return order;
        }
        loop {
            let before = cost;
            for a in 0..count {
                for b in a + 1..count {
                    for turn in [false, true] {
                        if self.looks == 0 {
                            return order;
                        }
                        self.looks -= 1;
                        let mut other = order.clone();
                        if turn {
                            other[a..=b].rotate_left(1);
                        } else {
                            other.swap(a, b);
                        }
                        let now = self.cost_of(&other);
                        if now < cost - 1e-6 {
                            (order, cost) = (other, now);
                        }
                    }
                }
            }
            if cost > before - 1e-6 {
                return order;
            }
        }
    }

    /// Related boxes behind each other: always the box next that is most related to those that stand already.
    fn first(&self) -> Vec<usize> {
        let count = self.areas.sizes.len();
        let mut order: Vec<usize> = Vec::with_capacity(count);
        let known: Vec<usize> = (0..count).filter(|at| self.areas.before[*at].is_some()).collect();
        if known.len() * 2 > count {
            return self.as_before();
        }
        let mut drawn = vec![0.0; count];
        let mut degree = vec![0.0; count];
        for (a, b, weight) in self.areas.relations {
            degree[*a] += weight;
            degree[*b] += weight;
        }
        let mut left: Vec<usize> = (0..count).collect();
        while !left.is_empty() {
            let key = |at: usize| (drawn[at] / (1.0 + degree[at]), degree[at]);
            let best = (0..left.len()).reduce(|best, next| {
                let (a, b) = (key(left[best]), key(left[next]));
                if b.0 > a.0 + 1e-9 || (b.0 > a.0 - 1e-9 && b.1 > a.1 + 1e-9) { next } else { best }
            });
            let at = left.remove(best.unwrap_or(0));
            for (a, b, weight) in self.areas.relations {
                if *a == at {
                    drawn[*b] += weight;
                } else if *b == at {
                    drawn[*a] += weight;
                }
            }
            order.push(at);
        }
        order
    }

    /// The order of reading in the earlier drawing: rows are what overlaps in height; new boxes come last.
    fn as_before(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.areas.sizes.len()).collect();
        let place = |at: usize| self.areas.before[at].map(|middle| (middle.y, middle.x));
        order.sort_by(|a, b| match (place(*a), place(*b)) {
            (Some(p), Some(q)) => p.0.total_cmp(&q.0).then(p.1.total_cmp(&q.1)).then(a.cmp(b)),
            (None, None) => a.cmp(b),
            (known, _) => {
                if known.is_some() {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                }
            }
        });
        let mut start = 0;
        while start < order.len() {
            let Some((y, _)) = place(order[start]) else { break };
            let half = self.areas.sizes[order[start]].h / 2.0;
            let same = |at: &usize| place(*at).is_some_and(|(other, _)| other < y + half);
            let end = start + order[start..].iter().take_while(|at| same(at)).count().max(1);
            order[start..end].sort_by(|a, b| {
                let x = |at: usize| place(at).map_or(0.0, |(_, x)| x);
                x(*a).total_cmp(&x(*b)).then(a.cmp(b))
            });
            start = end;
        }
        order
    }

    /// Boxes in rows, each row as high as its highest box, all rows centred.
    fn fill(&self, order: &[usize]) -> (Vec<Point>, Size) {
        let mut spots = vec![Point::default(); order.len()];
        let mut rows: Vec<(usize, usize, f64, f64)> = Vec::new();
        let (mut start, mut x, mut height) = (0, 0.0, 0.0f64);
        for (at, id) in order.iter().enumerate() {
            let size = self.areas.sizes[*id];
            if at > start && x + size.w > self.width + 0.5 {
                rows.push((start, at, x - self.gap, height));
                (start, x, height) = (at, 0.0, 0.0);
            }
            x += size.w + self.gap;
            height = height.max(size.h);
        }
        rows.push((start, order.len(), x - self.gap, height));
        let total_w = rows.iter().map(|row| row.2).fold(0.0, f64::max);
        let mut y = 0.0;
        for (start, end, width, height) in rows {
            let mut x = ((total_w - width) / 2.0).floor();
            for id in &order[start..end] {
                let size = self.areas.sizes[*id];
                spots[*id] = Point::new(x.round(), (y + (height - size.h) / 2.0).round());
                x += size.w + self.gap;
            }
            y += height + self.gap;
        }
        (spots, Size::new(total_w, (y - self.gap).max(0.0)))
    }

    fn cost_of(&self, order: &[usize]) -> f64 {
        let (spots, size) = self.fill(order);
        self.cost(&spots, size)
    }

    /// The length of all relations between the sides of the boxes, and what the shape and the room cost.
    fn cost(&self, spots: &[Point], size: Size) -> f64 {
        let mut length = 0.0;
        for (a, b, weight) in self.areas.relations {
            let (p, q) = (self.areas.sizes[*a], self.areas.sizes[*b]);
            let apart = |from: f64, extent: f64, other: f64, other_extent: f64| {
                (other - from - extent).max(from - other - other_extent).max(0.0)
            };
            let dx = apart(spots[*a].x, p.w, spots[*b].x, q.w);
            let dy = apart(spots[*a].y, p.h, spots[*b].y, q.h);
            // A way round a corner is dearer than one straight across.
            length += weight * (dx + dy + dx.min(dy) + self.gap);
        }
        let shape = (size.w.max(1.0) / size.h.max(1.0) / ASPECT).ln();
        (length + (size.w * size.h).sqrt() * (1.0 + self.areas.relations.len() as f64)) * (1.0 + shape * shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_boxes_are_neighbours_and_none_overlap() {
        let sizes: Vec<Size> = (0..16).map(|at| Size::new(100.0 + f64::from(at % 5) * 30.0, 80.0)).collect();
        let relations: Vec<(usize, usize, f64)> = (0..15).map(|at| ((at * 7) % 16, ((at + 1) * 7) % 16, 1.0)).collect();
        let before = vec![None; 16];
        let (spots, size) = rows(&Areas { sizes: &sizes, relations: &relations, before: &before });
        assert!(size.w / size.h > 0.8 && size.w / size.h < 2.6, "{size:?}");
        let mean = relations.iter().map(|(a, b, _)| spots[*a].distance(spots[*b])).sum::<f64>() / 15.0;
        assert!(mean < 260.0, "{mean}");
        for a in 0..16 {
            for b in a + 1..16 {
                let rect = |at: usize| loko_diagram::Rect::new(spots[at].x, spots[at].y, sizes[at].w, sizes[at].h);
                assert!(!rect(a).overlaps(rect(b)));
            }
        }
    }
}
