//! Edges that can be routed only when everything is in its place: those of grids, and those between worlds that were
//! placed apart.
//!
//! Each edge gets the cheapest orthogonal way between the boxes, on a net of lines through the gaps between them; ways
//! cost their length, turns, and crossings of what is there already (after Wybrow, Marriott and Stuckey, "Orthogonal
//! connector routing", 2009). Should the net be too large, the edge takes a plain elbow.

use crate::loops;
use crate::scope::Scope;
use loko_diagram::{EdgeId, ObjectId, Placed, Point, Rect, Size};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The most lines of a net in each direction.
const MAX_LINES: usize = 260;
/// The crossings of all nets together, times four headings; edges beyond that take elbows.
const MAX_STATES: usize = 40_000_000;
/// The looks at boxes and edges while nets are made.
const MAX_LOOKS: usize = 60_000_000;
const TURN: i64 = 70;
const CROSS: i64 = 50;
const ON_TOP: i64 = 400;
const THROUGH_LABEL: i64 = 250;
/// How far around both ends is looked at.
const AROUND: f64 = 260.0;
/// The distance kept from boxes where there is room.
const CLEAR: f64 = 14.0;
/// The share of that distance below which a way hugs the side of a box, and what each pixel of that costs more.
const NEAR: f64 = 0.5;
const HUG: i64 = 3;

/// Routes the given edges, short ones first, and places their labels.
pub(crate) fn add(scope: &Scope<'_>, placed: &mut Placed, loose: &[EdgeId]) {
    let mut queue: Vec<(i64, EdgeId)> = loose
        .iter()
        .map(|id| {
            let edge = scope.edge(*id);
            let (a, b) = (placed.objects[edge.src.index()].rect, placed.objects[edge.dst.index()].rect);
            (a.center().distance(b.center()) as i64, *id)
        })
        .collect();
    queue.sort_unstable();
    queue.dedup();
    let (mut states, mut looks) = (0, 0);
    for (_, id) in queue {
        let edge = scope.edge(id);
        let measure = scope.edge_measure(id);
        let route = if edge.src == edge.dst {
            own_loop(placed.objects[edge.src.index()].rect)
        } else {
            looks += placed.objects.len() + placed.edges.len();
            let net = (states < MAX_STATES && looks < MAX_LOOKS).then(|| Net::new(scope, placed, id)).flatten();
            states += net.as_ref().map_or(0, |net| net.xs.len() * net.ys.len() * 4);
            net.and_then(|net| net.search()).unwrap_or_else(|| elbow(placed, edge.src, edge.dst))
        };
        let [src_label, dst_label] = loops::end_labels(&route, [measure.src_label, measure.dst_label]);
        let label = (!measure.label.is_zero()).then(|| free_spot(placed, id, &route, measure.label));
        let edge = &mut placed.edges[id.index()];
        (edge.route, edge.curve) = (route, false);
        (edge.label, edge.src_label, edge.dst_label) = (label, src_label, dst_label);
    }
}

fn own_loop(rect: Rect) -> Vec<Point> {
    let (x, far) = (rect.right(), rect.right() + 18.0);
    let (upper, lower) = (rect.y + rect.h * 0.25, rect.y + rect.h * 0.75);
    vec![Point::new(x, upper), Point::new(far, upper), Point::new(far, lower), Point::new(x, lower)]
}

/// A way without regard to anything: one or two turns between the middles of facing sides.
fn elbow(placed: &Placed, src: ObjectId, dst: ObjectId) -> Vec<Point> {
    let (a, b) = (placed.objects[src.index()].rect, placed.objects[dst.index()].rect);
    let (p, q) = (a.center(), b.center());
    let sideways = (p.x - q.x).abs() - (a.w + b.w) / 2.0 > (p.y - q.y).abs() - (a.h + b.h) / 2.0;
    if sideways {
        let from = Point::new(if q.x > p.x { a.right() } else { a.x }, p.y);
        let to = Point::new(if q.x > p.x { b.x } else { b.right() }, q.y);
        let middle = ((from.x + to.x) / 2.0).round();
        return tidy(vec![from, Point::new(middle, from.y), Point::new(middle, to.y), to]);
    }
    let from = Point::new(p.x, if q.y > p.y { a.bottom() } else { a.y });
    let to = Point::new(q.x, if q.y > p.y { b.y } else { b.bottom() });
    let middle = ((from.y + to.y) / 2.0).round();
    tidy(vec![from, Point::new(from.x, middle), Point::new(to.x, middle), to])
}

/// Takes out points that are no corners.
fn tidy(points: Vec<Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = kept[..]
            && ((a.x == b.x && b.x == point.x) || (a.y == b.y && b.y == point.y))
        {
            kept.pop();
        }
        kept.push(point);
    }
    if kept.len() == 1 {
        kept.push(kept[0]);
    }
    kept
}

/// A place for a label on a route where it covers as little as possible.
pub(crate) fn free_spot(placed: &Placed, own: EdgeId, route: &[Point], size: Size) -> Rect {
    let mut best: Option<(i64, Rect)> = None;
    for pair in route.windows(2) {
        let length = pair[0].distance(pair[1]);
        for share in [0.5, 0.3, 0.7] {
            let x = pair[0].x + (pair[1].x - pair[0].x) * share;
            let y = pair[0].y + (pair[1].y - pair[0].y) * share;
            let rect = Rect::around(Point::new(x.round(), y.round()), size);
            let off_middle = ((share - 0.5_f64).abs() * 40.0) as i64;
            let cost = covered(placed, own, rect) * 1000 - length as i64 + off_middle;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, rect));
            }
        }
    }
    best.map_or(Rect::default(), |(_, rect)| rect)
}

/// How much a label would cover.
fn covered(placed: &Placed, own: EdgeId, rect: Rect) -> i64 {
    let mut count = 0;
    for object in &placed.objects {
        let box_hit = if object.is_container { crosses_border(object.rect, rect) } else { object.rect.overlaps(rect) };
        count += 3 * i64::from(box_hit) + 3 * i64::from(!object.label.size().is_zero() && object.label.overlaps(rect));
    }
    for (at, edge) in placed.edges.iter().enumerate().filter(|(at, _)| *at != own.index()) {
        let labels = [edge.label, edge.src_label, edge.dst_label];
        count += labels.into_iter().flatten().filter(|label| label.overlaps(rect)).count() as i64 * 3;
        let crossing = |pair: &[Point]| span(pair[0], pair[1]).grow(0.5).overlaps(rect);
        count += i64::from(at != own.index() && edge.route.windows(2).any(crossing));
    }
    count
}

/// The part of a region that is inside of a container, a little off its border.
fn within(region: Rect, container: Rect) -> Rect {
    let inside = container.grow(-CLEAR / 2.0);
    let (left, top) = (region.x.max(inside.x), region.y.max(inside.y));
    let (right, bottom) = (region.right().min(inside.right()), region.bottom().min(inside.bottom()));
    Rect::new(left, top, (right - left).max(0.0), (bottom - top).max(0.0))
}

fn crosses_border(frame: Rect, rect: Rect) -> bool {
    frame.overlaps(rect) && !frame.holds(rect)
}

fn span(a: Point, b: Point) -> Rect {
    Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
}

const STEPS: [(i32, i32); 4] = [(0, -1), (1, 0), (0, 1), (-1, 0)];

/// A net of lines around two boxes.
struct Net {
    xs: Vec<f64>,
    ys: Vec<f64>,
    blocked: Vec<bool>,
    /// Further costs of the way from each crossing to the right and down.
    right: Vec<i64>,
    down: Vec<i64>,
    /// The distance kept from boxes where there is room.
    clear: f64,
    src: Rect,
    dst: Rect,
    /// Whether the edge starts at the border of what it ends in, or the other way round.
    src_holds: bool,
    dst_holds: bool,
}

impl Net {
    fn new(scope: &Scope<'_>, placed: &Placed, id: EdgeId) -> Option<Self> {
        let edge = scope.edge(id);
        let (src, dst) = (placed.objects[edge.src.index()].rect, placed.objects[edge.dst.index()].rect);
        let (src_holds, dst_holds) = (scope.holds(edge.src, edge.dst), scope.holds(edge.dst, edge.src));
        let region = if src_holds {
            src
        } else if dst_holds {
            dst
        } else {
            let region = src.union(dst).grow(AROUND);
            // On a map nothing leaves what is around both.
            let around = scope.meet(edge.src, edge.dst).filter(|_| scope.options.map);
            around.map_or(region, |meet| within(region, placed.objects[meet.index()].rect))
        };
        let kin = |id: ObjectId| scope.holds(id, edge.src) || scope.holds(id, edge.dst);
        let (mut boxes, mut borders) = (Vec::new(), Vec::new());
        for other in scope.board.ids() {
            let rect = placed.objects[other.index()].rect;
            let end = (other == edge.src && !src_holds) || (other == edge.dst && !dst_holds);
            let inner = (!src_holds && scope.holds(edge.src, other)) || (!dst_holds && scope.holds(edge.dst, other));
            if !end && scope.is_spacer(other) {
                continue;
            }
            let inside_foreign = scope.parent(other).is_some_and(|parent| !kin(parent));
            if region.overlaps(rect) && (end || !(kin(other) || inner || inside_foreign)) {
                boxes.push(rect);
            } else if region.overlaps(rect) && kin(other) {
                borders.push(rect);
            }
        }
        let clear = clearance(scope, src, dst);
        let across = boxes.iter().map(|rect| (rect.x, rect.right()));
        let xs = lines(
            region.x,
            region.right(),
            across,
            favourites((src.x, src.right()), (dst.x, dst.right()), clear),
            clear,
        )?;
        let along = boxes.iter().map(|rect| (rect.y, rect.bottom()));
        let ys = lines(
            region.y,
            region.bottom(),
            along,
            favourites((src.y, src.bottom()), (dst.y, dst.bottom()), clear),
            clear,
        )?;
        let mut net = Self {
            blocked: vec![false; xs.len() * ys.len()],
            right: vec![0; xs.len() * ys.len()],
            down: vec![0; xs.len() * ys.len()],
            xs,
            ys,
            clear,
            src,
            dst,
            src_holds,
            dst_holds,
        };
        for rect in &boxes {
            net.block(*rect);
        }
        for rect in boxes.iter().chain(&borders) {
            net.shun(*rect);
        }
        for (at, other) in placed.edges.iter().enumerate() {
            if at != id.index() {
                other.route.windows(2).for_each(|pair| net.mark(span(pair[0], pair[1])));
                let labels = [other.label, other.src_label, other.dst_label];
                labels.into_iter().flatten().for_each(|label| net.charge(label.grow(2.0), THROUGH_LABEL));
            }
        }
        for object in placed.objects.iter().filter(|object| object.is_container && region.overlaps(object.label)) {
            net.charge(object.label, THROUGH_LABEL);
        }
        Some(net)
    }

    fn at(&self, x: usize, y: usize) -> usize {
        y * self.xs.len() + x
    }

    fn block(&mut self, rect: Rect) {
        let (x0, x1) = inner_range(&self.xs, rect.x, rect.right());
        let (y0, y1) = inner_range(&self.ys, rect.y, rect.bottom());
        for y in y0..y1 {
            for x in x0..x1 {
                let at = self.at(x, y);
                self.blocked[at] = true;
            }
        }
    }

    /// Makes ways dearer that run close along the sides of a box, or along the border of a container that they cross.
    fn shun(&mut self, rect: Rect) {
        let near = self.clear * NEAR;
        let (x0, x1) = inner_range(&self.xs, rect.x, rect.right());
        let (y0, y1) = inner_range(&self.ys, rect.y, rect.bottom());
        for side in [rect.x, rect.right()] {
            let (a, b) = inner_range(&self.xs, side - near, side + near);
            for y in y0..y1.min(self.ys.len().saturating_sub(1)) {
                let price = HUG * (self.ys[y + 1] - self.ys[y]) as i64;
                for x in a..b {
                    let at = self.at(x, y);
                    self.down[at] += price;
                }
            }
        }
        for side in [rect.y, rect.bottom()] {
            let (a, b) = inner_range(&self.ys, side - near, side + near);
            for x in x0..x1.min(self.xs.len().saturating_sub(1)) {
                let price = HUG * (self.xs[x + 1] - self.xs[x]) as i64;
                for y in a..b {
                    let at = self.at(x, y);
                    self.right[at] += price;
                }
            }
        }
    }

    /// Makes ways that cross a line or run on it dearer.
    fn mark(&mut self, line: Rect) {
        let near = self.clear * 0.45;
        if line.w >= line.h {
            let y0 = self.ys.partition_point(|y| *y <= line.y);
            let (x0, x1) = inner_range(&self.xs, line.x - 0.5, line.right() + 0.5);
            if y0 > 0 && y0 < self.ys.len() {
                (x0..x1).for_each(|x| {
                    let at = self.at(x, y0 - 1);
                    self.down[at] += CROSS;
                });
            }
            let (a, b) = inner_range(&self.ys, line.y - near, line.y + near);
            for y in a..b {
                for x in x0.saturating_sub(1)..x1 {
                    let at = self.at(x, y);
                    self.right[at] += ON_TOP;
                }
            }
        } else {
            let x0 = self.xs.partition_point(|x| *x <= line.x);
            let (y0, y1) = inner_range(&self.ys, line.y - 0.5, line.bottom() + 0.5);
            if x0 > 0 && x0 < self.xs.len() {
                (y0..y1).for_each(|y| {
                    let at = self.at(x0 - 1, y);
                    self.right[at] += CROSS;
                });
            }
            let (a, b) = inner_range(&self.xs, line.x - near, line.x + near);
            for x in a..b {
                for y in y0.saturating_sub(1)..y1 {
                    let at = self.at(x, y);
                    self.down[at] += ON_TOP;
                }
            }
        }
    }

    fn charge(&mut self, rect: Rect, cost: i64) {
        let (x0, x1) = inner_range(&self.xs, rect.x, rect.right());
        let (y0, y1) = inner_range(&self.ys, rect.y, rect.bottom());
        for y in y0.saturating_sub(1)..y1 {
            for x in x0.saturating_sub(1)..x1 {
                let at = self.at(x, y);
                if y >= y0 {
                    self.right[at] += cost;
                }
                if x >= x0 {
                    self.down[at] += cost;
                }
            }
        }
    }

    /// The crossings next to the sides of a box, each with the direction that leads away from the box (`inwards`: into
    /// it), the point on the border, and what it costs to be off the side's middle.
    fn doors(&self, rect: Rect, inwards: bool) -> Vec<(usize, usize, usize, Point, i64)> {
        let mut doors = Vec::new();
        let (x0, x1) = inner_range(&self.xs, rect.x + 6.0, rect.right() - 6.0);
        for x in x0..x1 {
            let cost = ((self.xs[x] - rect.center().x).abs() / 2.0) as i64;
            for (border, dir) in [(rect.y, 0), (rect.bottom(), 2)] {
                let up = (dir == 0) != inwards;
                let way = if up { 0 } else { 2 };
                if let Some(y) = beyond(&self.ys, border, up) {
                    doors.push((x, y, way, Point::new(self.xs[x], border), cost));
                }
            }
        }
        let (y0, y1) = inner_range(&self.ys, rect.y + 6.0, rect.bottom() - 6.0);
        for y in y0..y1 {
            let cost = ((self.ys[y] - rect.center().y).abs() / 2.0) as i64;
            for (border, dir) in [(rect.x, 3), (rect.right(), 1)] {
                let left = (dir == 3) != inwards;
                let way = if left { 3 } else { 1 };
                if let Some(x) = beyond(&self.xs, border, left) {
                    doors.push((x, y, way, Point::new(border, self.ys[y]), cost));
                }
            }
        }
        doors.retain(|(x, y, ..)| !self.blocked[self.at(*x, *y)]);
        doors
    }

    /// Dijkstra's method over crossings and directions.
    fn search(&self) -> Option<Vec<Point>> {
        let count = self.xs.len() * self.ys.len() * 4;
        let mut cost = vec![i64::MAX; count];
        let mut from = vec![u32::MAX; count];
        let mut exit = vec![None; count];
        let mut goals: std::collections::BTreeMap<usize, (Point, i64)> = std::collections::BTreeMap::new();
        for (x, y, away, border, extra) in self.doors(self.dst, self.dst_holds) {
            let state = self.at(x, y) * 4 + (away + 2) % 4;
            let extra = extra + border.distance(Point::new(self.xs[x], self.ys[y])) as i64;
            let known = goals.entry(state).or_insert((border, extra));
            if extra < known.1 {
                *known = (border, extra);
            }
        }
        let mut queue: BinaryHeap<Reverse<(i64, u32)>> = BinaryHeap::new();
        for (x, y, away, border, extra) in self.doors(self.src, self.src_holds) {
            let state = self.at(x, y) * 4 + away;
            let start = extra + border.distance(Point::new(self.xs[x], self.ys[y])) as i64;
            if start < cost[state] {
                cost[state] = start;
                exit[state] = Some(border);
                queue.push(Reverse((start, state as u32)));
            }
        }
        let mut best: Option<(i64, usize)> = None;
        while let Some(Reverse((paid, state))) = queue.pop() {
            let state = state as usize;
            if paid > cost[state] {
                continue;
            }
            if best.is_some_and(|(least, _)| paid >= least) {
                break;
            }
            if let Some((_, extra)) = goals.get(&state)
                && best.is_none_or(|(least, _)| paid + extra < least)
            {
                best = Some((paid + extra, state));
            }
            for (next, price) in self.steps(state) {
                if paid + price < cost[next] {
                    cost[next] = paid + price;
                    from[next] = state as u32;
                    queue.push(Reverse((paid + price, next as u32)));
                }
            }
        }
        let (_, last) = best?;
        let mut points = vec![goals[&last].0];
        let mut at = last;
        loop {
            points.push(self.point(at));
            if from[at] == u32::MAX {
                break;
            }
            at = from[at] as usize;
        }
        points.push(exit[at]?);
        points.reverse();
        Some(tidy(points))
    }

    fn point(&self, state: usize) -> Point {
        let at = state / 4;
        Point::new(self.xs[at % self.xs.len()], self.ys[at / self.xs.len()])
    }

    /// The states one step away with their prices.
    fn steps(&self, state: usize) -> impl Iterator<Item = (usize, i64)> {
        let (at, heading) = (state / 4, state % 4);
        let (x, y) = (at % self.xs.len(), at / self.xs.len());
        STEPS.into_iter().enumerate().filter_map(move |(way, (dx, dy))| {
            if way == (heading + 2) % 4 {
                return None;
            }
            let (to_x, to_y) = (x.checked_add_signed(dx as isize)?, y.checked_add_signed(dy as isize)?);
            if to_x >= self.xs.len() || to_y >= self.ys.len() || self.blocked[self.at(to_x, to_y)] {
                return None;
            }
            let length = ((self.xs[to_x] - self.xs[x]).abs() + (self.ys[to_y] - self.ys[y]).abs()) as i64;
            let first = self.at(x.min(to_x), y.min(to_y));
            let more = if dx != 0 { self.right[first] } else { self.down[first] };
            let turn = if way == heading { 0 } else { TURN };
            Some((self.at(to_x, to_y) * 4 + way, length + more + turn))
        })
    }
}

/// The distance to keep from boxes: on a map, large areas keep more.
fn clearance(scope: &Scope<'_>, src: Rect, dst: Rect) -> f64 {
    let least = src.w.min(src.h).min(dst.w).min(dst.h);
    if scope.options.map { (least * 0.05).clamp(CLEAR, 4.0 * CLEAR).round() } else { CLEAR }
}

/// The lines strictly between two numbers.
fn inner_range(lines: &[f64], from: f64, to: f64) -> (usize, usize) {
    let start = lines.partition_point(|line| *line <= from + 0.01);
    let end = lines.partition_point(|line| *line < to - 0.01);
    (start, end.max(start))
}

/// The last line before a border, or the first one behind it.
fn beyond(lines: &[f64], border: f64, before: bool) -> Option<usize> {
    if before {
        lines.partition_point(|line| *line < border).checked_sub(1)
    } else {
        let at = lines.partition_point(|line| *line <= border);
        (at < lines.len()).then_some(at)
    }
}

/// Lines that the ends would like best: through their middles, beside those, and through what they share.
fn favourites(a: (f64, f64), b: (f64, f64), clear: f64) -> Vec<f64> {
    let mut lines = Vec::new();
    for (from, to) in [a, b] {
        let middle = (from + to) / 2.0;
        lines.push(middle);
        let beside = [middle - clear, middle + clear].into_iter();
        lines.extend(beside.filter(|line| from + 8.0 < *line && *line < to - 8.0));
    }
    let (low, high) = (a.0.max(b.0), a.1.min(b.1));
    if high - low > 12.0 {
        lines.push((low + high) / 2.0);
    }
    lines
}

/// Lines through the gaps between ranges; none if there are too many.
fn lines(
    low: f64,
    high: f64,
    ranges: impl Iterator<Item = (f64, f64)>,
    favourites: Vec<f64>,
    clear: f64,
) -> Option<Vec<f64>> {
    let mut bounds = vec![low, high];
    for (from, to) in ranges {
        bounds.extend([from.clamp(low, high), to.clamp(low, high)]);
    }
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let mut lines: Vec<f64> = favourites.into_iter().map(f64::round).collect();
    for pair in bounds.windows(2) {
        let gap = pair[1] - pair[0];
        if gap < 3.0 {
            continue;
        }
        if gap <= 3.0 * clear {
            lines.push(((pair[0] + pair[1]) / 2.0).round());
        } else {
            lines.extend([(pair[0] + clear).round(), (pair[1] - clear).round()]);
        }
    }
    lines.sort_by(f64::total_cmp);
    lines.dedup();
    (lines.len() <= MAX_LINES).then_some(lines)
}
