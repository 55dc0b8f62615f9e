//! What must be true of every drawing, checked on many random nested boards.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_diagram::{
    Board, Direction, Edge, EdgeMeasure, Grid, Measures, Object, ObjectId, ObjectMeasure, Placed, Point, Rect, Shape,
    Size,
};
use loko_layout::{Hints, Options, layout};

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What kinds of things a random board may hold.
#[derive(Clone, Copy, Default)]
struct Kinds {
    turned_containers: bool,
    grids: bool,
    shapes: bool,
}

fn random_board(seed: u64, kinds: Kinds) -> (Board, Measures) {
    let mut random = Random(seed.wrapping_mul(7919) + 17);
    let count = 1 + random.below(28);
    let mut board = Board::default();
    let directions = [Direction::Down, Direction::Right, Direction::Up, Direction::Left];
    board.direction = random.chance(60).then(|| directions[random.below(4)]);
    let mut measures = Measures::default();
    for at in 0..count {
        let parent = (at > 0 && random.chance(45)).then(|| ObjectId(random.below(at) as u32));
        let mut object = Object { key: format!("n{at}"), parent, ..Object::default() };
        object.id = parent.map_or(object.key.clone(), |up| format!("{}.{}", board.object(up).id, object.key));
        if kinds.shapes {
            object.shape =
                [Shape::Rectangle, Shape::Circle, Shape::Cylinder, Shape::Person, Shape::Diamond][random.below(5)];
        }
        if kinds.turned_containers && random.chance(25) {
            object.direction = Some(directions[random.below(4)]);
        }
        if kinds.grids && random.chance(20) {
            object.grid = Grid { rows: Some(1 + random.below(3) as u32), ..Grid::default() };
        }
        board.push(object);
        let size = Size::new(40.0 + random.below(120) as f64, 30.0 + random.below(60) as f64);
        let label = Size::new(20.0 + random.below(80) as f64, 18.0);
        measures.objects.push(ObjectMeasure { size, label, ..ObjectMeasure::default() });
    }
    for _ in 0..random.below(count + count / 2 + 1) {
        let (src, dst) = (ObjectId(random.below(count) as u32), ObjectId(random.below(count) as u32));
        board.edges.push(Edge::new(src, dst));
        let label = if random.chance(35) { Size::new(20.0 + random.below(90) as f64, 18.0) } else { Size::default() };
        measures.edges.push(EdgeMeasure { label, ..EdgeMeasure::default() });
    }
    (board, measures)
}

type Rule = for<'a, 'b> fn(&'a mut Check<'b>);

/// The complaints about a drawing.
struct Check<'a> {
    board: &'a Board,
    placed: &'a Placed,
    faults: Vec<String>,
}

impl Check<'_> {
    fn holds(&self, outer: ObjectId, inner: ObjectId) -> bool {
        let mut at = Some(inner);
        while let Some(id) = at {
            if id == outer {
                return true;
            }
            at = self.board.object(id).parent;
        }
        false
    }

    fn rect(&self, id: ObjectId) -> Rect {
        self.placed.objects[id.index()].rect
    }

    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    fn boxes(&mut self) {
        let children = self.board.children();
        for family in &children {
            for (at, a) in family.iter().enumerate() {
                for b in &family[at + 1..] {
                    if self.rect(*a).overlaps(self.rect(*b)) {
                        self.fault(format!("{} overlaps {}", self.board.object(*a).id, self.board.object(*b).id));
                    }
                }
            }
        }
        for id in self.board.ids() {
            let Some(parent) = self.board.object(id).parent else { continue };
            if !self.rect(parent).holds(self.rect(id)) {
                self.fault(format!("{} leaves its container", self.board.object(id).id));
            }
            if self.placed.objects[parent.index()].label.overlaps(self.rect(id)) {
                self.fault(format!("{} covers its container's heading", self.board.object(id).id));
            }
        }
    }

    fn routes(&mut self) {
        for (edge, placed) in self.board.edges.iter().zip(&self.placed.edges) {
            let name = format!("{} -> {}", self.board.object(edge.src).id, self.board.object(edge.dst).id);
            let [first, .., last] = placed.route[..] else {
                self.fault(format!("{name} has no route"));
                continue;
            };
            for (end, point) in [(edge.src, first), (edge.dst, last)] {
                if !on_border(self.rect(end), point) {
                    self.fault(format!("{name} ends at {point:?}, off the border of {:?}", self.rect(end)));
                }
            }
            for pair in placed.route.windows(2) {
                if pair[0].x != pair[1].x && pair[0].y != pair[1].y {
                    self.fault(format!("{name} is slanted"));
                }
                let line = span(pair[0], pair[1]);
                for id in self.board.ids() {
                    let kin = self.holds(id, edge.src) || self.holds(id, edge.dst);
                    let own_inside = self.holds(edge.src, id) && self.holds(edge.src, edge.dst)
                        || self.holds(edge.dst, id) && self.holds(edge.dst, edge.src);
                    if !kin && line.grow(0.01).overlaps(self.rect(id).grow(-1.0)) {
                        self.fault(format!("{name} runs through {} ({own_inside})", self.board.object(id).id));
                    }
                }
            }
        }
    }

    fn labels(&mut self) {
        let labels: Vec<(usize, Rect)> =
            self.placed.edges.iter().enumerate().filter_map(|(at, edge)| Some((at, edge.label?))).collect();
        let children = self.board.children();
        for (nth, (at, label)) in labels.iter().enumerate() {
            for (other, rect) in &labels[nth + 1..] {
                if label.overlaps(*rect) {
                    self.fault(format!("the labels of edges {at} and {other} overlap"));
                }
            }
            for id in self.board.ids() {
                let leaf = children[id.index()].is_empty();
                let rect = self.rect(id);
                let clash = if leaf { rect.overlaps(*label) } else { rect.overlaps(*label) && !rect.holds(*label) };
                if clash {
                    self.fault(format!("the label of edge {at} lies on {}", self.board.object(id).id));
                }
                if !leaf && self.placed.objects[id.index()].label.overlaps(*label) {
                    self.fault(format!("the label of edge {at} lies on the heading of {}", self.board.object(id).id));
                }
            }
            for (other, edge) in self.placed.edges.iter().enumerate().filter(|(other, _)| other != at) {
                if edge.route.windows(2).any(|pair| span(pair[0], pair[1]).grow(0.5).overlaps(*label)) {
                    self.fault(format!("edge {other} runs through the label of edge {at}"));
                }
            }
        }
    }

    fn headings(&mut self) {
        let children = self.board.children();
        for (at, edge) in self.placed.edges.iter().enumerate() {
            for id in self.board.ids().filter(|id| !children[id.index()].is_empty()) {
                let label = self.placed.objects[id.index()].label;
                if edge.route.windows(2).any(|pair| span(pair[0], pair[1]).grow(0.5).overlaps(label)) {
                    self.fault(format!("edge {at} runs through the heading of {}", self.board.object(id).id));
                }
            }
        }
    }
}

fn span(a: Point, b: Point) -> Rect {
    Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
}

fn on_border(rect: Rect, point: Point) -> bool {
    rect.grow(0.6).contains(point) && !rect.grow(-0.6).contains(point)
}

const ALL: &[Rule] = &[|check| check.boxes(), |check| check.routes(), |check| check.labels(), |check| check.headings()];

/// Lays out random boards and gathers the complaints of the given checks.
fn check(count: u64, kinds: Kinds, checks: &[Rule]) {
    let mut faults = Vec::new();
    for seed in 0..count {
        let (board, measures) = random_board(seed, kinds);
        let placed = layout(&board, &measures, &Options::default());
        let again = layout(&board, &measures, &Options::default());
        assert_eq!(placed, again, "board {seed} is drawn differently the second time");
        let mut check = Check { board: &board, placed: &placed, faults: Vec::new() };
        checks.iter().for_each(|run| run(&mut check));
        faults.extend(check.faults.into_iter().map(|fault| format!("board {seed}: {fault}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(30)].join("\n"));
}

#[test]
fn plain_boards_keep_all_promises() {
    check(300, Kinds::default(), ALL);
}

#[test]
fn shapes_keep_all_promises() {
    let kinds = Kinds { shapes: true, ..Kinds::default() };
    check(100, kinds, ALL);
}

#[test]
fn turned_containers_and_grids_keep_boxes_and_routes_apart() {
    let kinds = Kinds { turned_containers: true, grids: true, shapes: false };
    check(150, kinds, &[|check| check.boxes(), |check| check.routes()]);
}

#[test]
fn the_checks_can_fail() {
    let (board, measures) = random_board(3, Kinds::default());
    let mut placed = layout(&board, &measures, &Options::default());
    for object in &mut placed.objects {
        object.rect = Rect::new(0.0, 0.0, 50.0, 50.0);
    }
    let mut check = Check { board: &board, placed: &placed, faults: Vec::new() };
    check.boxes();
    check.routes();
    assert!(!check.faults.is_empty());
}

#[test]
fn a_small_change_keeps_the_order_of_the_rest_with_hints() {
    let (mut before, mut after) = ((0, 0), (0, 0));
    for seed in 0..60 {
        let (mut board, mut measures) = random_board(seed, Kinds::default());
        let old = layout(&board, &measures, &Options::default());
        let hints = Hints::new(&board, &old);
        let count = board.objects.len();
        board.push(Object { id: "fresh".into(), key: "fresh".into(), ..Object::default() });
        measures.objects.push(ObjectMeasure { size: Size::new(90.0, 60.0), ..ObjectMeasure::default() });
        board.edges.push(Edge::new(ObjectId((seed as usize % count) as u32), ObjectId(count as u32)));
        measures.edges.push(EdgeMeasure::default());
        let plain = layout(&board, &measures, &Options::default());
        let hinted = layout(&board, &measures, &Options { previous: Some(&hints), ..Options::default() });
        for (sum, new) in [(&mut before, &plain), (&mut after, &hinted)] {
            let (changed, all) = changed_orders(&old, new, count);
            sum.0 += changed;
            sum.1 += all;
        }
    }
    assert!(after.0 <= before.0, "hints make drawings less stable: {before:?} without, {after:?} with");
    assert!(after.0 * 100 <= after.1 * 5, "more than 5 % of all orders changed: {after:?}");
}

/// How many pairs that were clearly left of or above each other no longer are.
fn changed_orders(old: &Placed, new: &Placed, count: usize) -> (usize, usize) {
    let (mut changed, mut all) = (0, 0);
    let middle = |placed: &Placed, at: usize| placed.objects[at].rect.center();
    for a in 0..count {
        for b in a + 1..count {
            let (p, q) = (middle(old, a), middle(old, b));
            let (r, s) = (middle(new, a), middle(new, b));
            for (was, is) in [(p.x - q.x, r.x - s.x), (p.y - q.y, r.y - s.y)] {
                if was.abs() > 20.0 {
                    all += 1;
                    changed += usize::from(was.signum() * is < -1.0);
                }
            }
        }
    }
    (changed, all)
}

#[test]
fn odd_input_is_no_trouble() {
    let empty = layout(&Board::default(), &Measures::default(), &Options::default());
    assert!(empty.objects.is_empty());
    // A deep tower without any measures, with edges along it.
    let mut board = Board::default();
    for at in 0..300u32 {
        let parent = at.checked_sub(1).map(ObjectId);
        board.push(Object { id: format!("{at}"), parent, ..Object::default() });
    }
    for at in 0..299u32 {
        board.edges.push(Edge::new(ObjectId(at), ObjectId(299 - at / 2)));
    }
    let placed = layout(&board, &Measures::default(), &Options::default());
    assert_eq!(placed.objects.len(), 300);
    assert!(placed.edges.iter().all(|edge| edge.route.iter().all(|point| point.x.is_finite() && point.y.is_finite())));
}
