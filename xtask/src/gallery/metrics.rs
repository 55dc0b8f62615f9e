//! How good a placement is, in numbers.
//!
//! The definitions are those of the conformance data's `layout_metrics.py`; for curves, bends are counted as there.

use loko_diagram::{Board, ObjectId, Placed, PlacedEdge, Point, Rect};
use std::ops::AddAssign;

/// The measures of one picture, or their sums.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) pictures: usize,
    pub(crate) objects: usize,
    pub(crate) edges: usize,
    /// Pairs of siblings whose boxes overlap.
    pub(crate) overlaps: usize,
    /// Pairs of an edge and a foreign box that it runs through.
    pub(crate) cuts: usize,
    pub(crate) crossings: usize,
    pub(crate) bends: usize,
    pub(crate) length: f64,
    pub(crate) area: f64,
    /// Labels of edges on boxes, headings, other labels or other edges.
    pub(crate) labels: usize,
}

impl AddAssign for Metrics {
    fn add_assign(&mut self, other: Self) {
        self.pictures += other.pictures;
        self.objects += other.objects;
        self.edges += other.edges;
        self.overlaps += other.overlaps;
        self.cuts += other.cuts;
        self.crossings += other.crossings;
        self.bends += other.bends;
        self.length += other.length;
        self.area += other.area;
        self.labels += other.labels;
    }
}

impl Metrics {
    /// Measures a picture.
    pub(crate) fn of(board: &Board, placed: &Placed) -> Self {
        let lines: Vec<Vec<Point>> = placed.edges.iter().map(flat).collect();
        let kin: Vec<Vec<ObjectId>> =
            board.edges.iter().map(|edge| [above(board, edge.src), above(board, edge.dst)].concat()).collect();
        Self {
            pictures: 1,
            objects: board.objects.len(),
            edges: board.edges.len(),
            overlaps: overlaps(board, placed),
            cuts: cuts(board, placed, &lines, &kin),
            crossings: crossings(&lines),
            bends: placed.edges.iter().map(bends).sum(),
            length: lines.iter().map(|line| length(line)).sum(),
            area: area(placed, &lines),
            labels: label_hits(board, placed, &lines),
        }
    }
}

/// The object and all around it.
fn above(board: &Board, id: ObjectId) -> Vec<ObjectId> {
    std::iter::successors(Some(id), |id| board.object(*id).parent).collect()
}

fn overlaps(board: &Board, placed: &Placed) -> usize {
    let mut count = 0;
    for family in board.children() {
        for (at, a) in family.iter().enumerate() {
            let rect = placed.objects[a.index()].rect.grow(-0.5);
            let hits = |b: &&ObjectId| rect.overlaps(placed.objects[b.index()].rect.grow(-0.5));
            count += family[at + 1..].iter().filter(hits).count();
        }
    }
    count
}

fn cuts(board: &Board, placed: &Placed, lines: &[Vec<Point>], kin: &[Vec<ObjectId>]) -> usize {
    let runs_through = |line: &[Point], rect: Rect| line.windows(2).any(|pair| passes(pair[0], pair[1], rect));
    let mut count = 0;
    for (line, kin) in lines.iter().zip(kin) {
        let foreign = board.ids().filter(|id| !kin.contains(id));
        count += foreign.filter(|id| runs_through(line, placed.objects[id.index()].rect.grow(-1.0))).count();
    }
    count
}

/// Whether a straight line passes through the inside of a rectangle (Liang and Barsky, 1984).
fn passes(a: Point, b: Point, rect: Rect) -> bool {
    if rect.w <= 0.0 || rect.h <= 0.0 {
        return false;
    }
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (p, q) in [(-dx, a.x - rect.x), (dx, rect.right() - a.x), (-dy, a.y - rect.y), (dy, rect.bottom() - a.y)] {
        if p.abs() < 1e-12 {
            if q <= 0.0 {
                return false;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    to - from > 1e-9
}

fn crossings(lines: &[Vec<Point>]) -> usize {
    let boxes: Vec<Rect> = lines.iter().map(|line| around(line)).collect();
    let mut count = 0;
    for a in 0..lines.len() {
        for b in a + 1..lines.len() {
            if boxes[a].grow(1.0).overlaps(boxes[b]) {
                count += crossings_of(&lines[a], &lines[b]);
            }
        }
    }
    count
}

/// Transversal crossings: one line is moved a little in four directions and the least count stands, so that lines that
/// only touch do not count.
fn crossings_of(a: &[Point], b: &[Point]) -> usize {
    let moves = [(0.05, 0.03), (-0.05, 0.03), (0.05, -0.03), (-0.05, -0.03)];
    let ends = |line: &[Point]| [line.first().copied(), line.last().copied()];
    let near_end = |line: &[Point], at: Point| ends(line).into_iter().flatten().any(|end| end.distance(at) < 2.0);
    let count = |(dx, dy): (f64, f64)| {
        let mut hits: Vec<Point> = Vec::new();
        for p in a.windows(2) {
            for q in b.windows(2) {
                let Some(at) = meeting((p[0].shift(dx, dy), p[1].shift(dx, dy)), (q[0], q[1])) else { continue };
                let known = hits.iter().any(|hit| hit.distance(at) <= 0.2);
                let is_shared_end = near_end(a, at) && near_end(b, at);
                if !known && !is_shared_end {
                    hits.push(at);
                }
            }
        }
        hits.len()
    };
    moves.into_iter().map(count).min().unwrap_or(0)
}

fn meeting((a, b): (Point, Point), (c, d): (Point, Point)) -> Option<Point> {
    let (r, s) = ((b.x - a.x, b.y - a.y), (d.x - c.x, d.y - c.y));
    let cross = r.0 * s.1 - r.1 * s.0;
    if cross.abs() < 1e-9 {
        return None;
    }
    let t = ((c.x - a.x) * s.1 - (c.y - a.y) * s.0) / cross;
    let u = ((c.x - a.x) * r.1 - (c.y - a.y) * r.0) / cross;
    let inside = |value: f64| (-1e-9..=1.0 + 1e-9).contains(&value);
    (inside(t) && inside(u)).then(|| Point::new(a.x + t * r.0, a.y + t * r.1))
}

/// The route as a polyline; curves in twelve steps a piece.
fn flat(edge: &PlacedEdge) -> Vec<Point> {
    if !is_curve(edge) {
        return edge.route.clone();
    }
    let mut out = vec![edge.route[0]];
    for piece in edge.route.windows(4).step_by(3) {
        out.extend((1..=12).map(|step| on_curve(piece, f64::from(step) / 12.0)));
    }
    out
}

fn is_curve(edge: &PlacedEdge) -> bool {
    edge.curve && edge.route.len() >= 4 && (edge.route.len() - 1).is_multiple_of(3)
}

fn on_curve(piece: &[Point], t: f64) -> Point {
    let u = 1.0 - t;
    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
    let sum = |value: fn(&Point) -> f64| piece.iter().zip(weights).map(|(point, weight)| value(point) * weight).sum();
    Point::new(sum(|point| point.x), sum(|point| point.y))
}

fn bends(edge: &PlacedEdge) -> usize {
    if !is_curve(edge) {
        return turns(&edge.route).into_iter().filter(|turn| *turn > 10.0).count();
    }
    let mut count = 0;
    let mut before: Option<Point> = None;
    for piece in edge.route.windows(4).step_by(3) {
        let points: Vec<Point> = (0..=12).map(|step| on_curve(piece, f64::from(step) / 12.0)).collect();
        count += usize::from(turns(&points).iter().sum::<f64>() > 10.0);
        if let Some(before) = before {
            count += usize::from(turns(&[before, points[0], points[1]]).first().is_some_and(|turn| *turn > 10.0));
        }
        before = Some(points[11]);
    }
    count
}

/// The angles in degrees by which a polyline turns at its corners.
fn turns(points: &[Point]) -> Vec<f64> {
    let mut kept: Vec<Point> = Vec::new();
    for point in points {
        if kept.last().is_none_or(|last| last.distance(*point) > 1e-6) {
            kept.push(*point);
        }
    }
    let angle = |a: Point, b: Point| (b.y - a.y).atan2(b.x - a.x);
    let turn = |three: &[Point]| {
        let by = (angle(three[1], three[2]) - angle(three[0], three[1])).abs();
        by.min(std::f64::consts::TAU - by).to_degrees()
    };
    kept.windows(3).map(turn).collect()
}

fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

fn around(line: &[Point]) -> Rect {
    let dots = line.iter().map(|point| Rect::new(point.x, point.y, 0.0, 0.0));
    dots.reduce(Rect::union).unwrap_or_default()
}

fn area(placed: &Placed, lines: &[Vec<Point>]) -> f64 {
    let boxes = placed.objects.iter().map(|object| object.rect);
    let all = boxes.chain(lines.iter().filter(|line| !line.is_empty()).map(|line| around(line)));
    all.reduce(Rect::union).map_or(0.0, |all| all.w * all.h)
}

/// How many things the labels of edges lie on that are not theirs.
fn label_hits(board: &Board, placed: &Placed, lines: &[Vec<Point>]) -> usize {
    let labels: Vec<(usize, Rect)> = placed
        .edges
        .iter()
        .enumerate()
        .flat_map(|(at, edge)| [edge.label, edge.src_label, edge.dst_label].into_iter().flatten().map(move |l| (at, l)))
        .map(|(at, label)| (at, label.grow(-1.0)))
        .collect();
    let mut count = 0;
    for (at, (own, label)) in labels.iter().enumerate() {
        count += labels[at + 1..].iter().filter(|(_, other)| label.overlaps(*other)).count();
        for id in board.ids() {
            let object = &placed.objects[id.index()];
            let on_box = label.overlaps(object.rect) && !(object.is_container && object.rect.holds(*label));
            let on_name = !object.label.size().is_zero() && label.overlaps(object.label);
            count += usize::from(on_box || on_name);
        }
        let crossed = |line: &Vec<Point>| line.windows(2).any(|pair| passes(pair[0], pair[1], *label));
        count += lines.iter().enumerate().filter(|(other, line)| other != own && crossed(line)).count();
    }
    count
}
