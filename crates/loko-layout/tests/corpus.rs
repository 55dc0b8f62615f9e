//! The quality of drawings over the layout cases of the conformance data, held by floors that may only rise.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a test reads its data")]

#[allow(missing_docs, unreachable_pub, reason = "shared with the examples")]
mod common;

use loko_diagram::{Board, ObjectId, Placed, Point, Rect};
use loko_layout::{Options, layout};
use serde_json::Value;

/// Sums over all plain cases.
#[derive(Debug, Default)]
struct Sums {
    cases: usize,
    edges: usize,
    overlaps: usize,
    cuts: usize,
    crossings: usize,
    bends: usize,
    length: f64,
}

#[test]
fn plain_cases_are_drawn_well() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/d2/layout/layout.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is missing");
        return;
    };
    let mut sums = Sums::default();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let plain = case["tags"].as_array().unwrap().iter().any(|tag| tag == "plain");
        if !plain || case["elk"].is_null() || case["dagre"].is_null() {
            continue;
        }
        let (board, measures) = common::board(&case["elk"], &case);
        let placed = layout(&board, &measures, &Options::default());
        assert_eq!(placed, layout(&board.bare(), &measures, &Options::default()), "{}", case["name"]);
        measure(&board, &placed, &mut sums);
    }
    println!("{sums:?}");
    let per_edge = |sum: f64| sum / sums.edges as f64;
    assert!(sums.cases > 100, "{sums:?}");
    assert_eq!((sums.overlaps, sums.cuts), (0, 0), "{sums:?}");
    assert!(sums.crossings <= 50, "{sums:?}");
    assert!(per_edge(sums.bends as f64) <= 0.45, "{sums:?}");
    assert!(per_edge(sums.length) <= 145.0, "{sums:?}");
}

fn measure(board: &Board, placed: &Placed, sums: &mut Sums) {
    sums.cases += 1;
    sums.edges += board.edges.len();
    for family in board.children() {
        for (at, a) in family.iter().enumerate() {
            let rect = placed.objects[a.index()].rect;
            sums.overlaps += family[at + 1..].iter().filter(|b| rect.overlaps(placed.objects[b.index()].rect)).count();
        }
    }
    let lines: Vec<Vec<Rect>> =
        placed.edges.iter().map(|edge| edge.route.windows(2).map(|pair| span(pair[0], pair[1])).collect()).collect();
    for (at, edge) in board.edges.iter().enumerate() {
        sums.bends += lines[at].len().saturating_sub(1);
        sums.length += lines[at].iter().map(|line| line.w + line.h).sum::<f64>();
        let kin: Vec<ObjectId> = [edge.src, edge.dst].into_iter().flat_map(|end| ancestors(board, end)).collect();
        for id in board.ids().filter(|id| !kin.contains(id)) {
            let inside = placed.objects[id.index()].rect.grow(-1.0);
            sums.cuts += usize::from(lines[at].iter().any(|line| line.grow(0.01).overlaps(inside)));
        }
        for other in &lines[at + 1..] {
            let crosses = |a: &Rect, b: &Rect| (a.w > a.h) != (b.w > b.h) && a.grow(-0.01).overlaps(b.grow(-0.01));
            let thick = |line: &Rect| line.grow(0.02);
            sums.crossings +=
                lines[at].iter().map(|a| other.iter().filter(|b| crosses(&thick(a), &thick(b))).count()).sum::<usize>();
        }
    }
}

fn ancestors(board: &Board, id: ObjectId) -> Vec<ObjectId> {
    let mut all = Vec::new();
    let mut at = Some(id);
    while let Some(id) = at {
        all.push(id);
        at = board.object(id).parent;
    }
    all
}

fn span(a: Point, b: Point) -> Rect {
    Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
}

/// A small generator of numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Makes a board that is like one of the corpus: edges led elsewhere, turned, added and taken out, boxes and labels of other
/// sizes, another direction.
fn vary(board: &mut Board, measures: &mut loko_diagram::Measures, random: &mut Random) {
    use loko_diagram::{Direction, Edge, EdgeMeasure, Size};
    let count = board.objects.len();
    let any = |random: &mut Random| ObjectId(random.below(count) as u32);
    for edge in &mut board.edges {
        match random.below(6) {
            0 => std::mem::swap(&mut edge.src, &mut edge.dst),
            1 => edge.dst = any(random),
            _ => {}
        }
    }
    for _ in 0..random.below(3) {
        if random.below(2) == 0 && !board.edges.is_empty() {
            let at = random.below(board.edges.len());
            board.edges.remove(at);
            measures.edges.remove(at);
        } else {
            board.edges.push(Edge::new(any(random), any(random)));
            let label = Size::new(random.below(160) as f64, 21.0);
            measures.edges.push(EdgeMeasure { label, ..EdgeMeasure::default() });
        }
    }
    for measure in &mut measures.objects {
        let factor = [0.7, 1.0, 1.0, 1.6][random.below(4)];
        measure.size = Size::new((measure.size.w * factor).round(), measure.size.h);
        measure.label.w = measure.label.w.min(measure.size.w);
    }
    let directions = [Direction::Down, Direction::Right, Direction::Up, Direction::Left];
    board.direction = Some(directions[random.below(4)]);
}

/// Nobody knows all drawings that people make; what always holds must hold for whatever is like those that are known.
#[test]
fn variations_of_all_cases_keep_boxes_edges_and_labels_apart() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/d2/layout/layout.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is missing");
        return;
    };
    // `ROUNDS=100` looks at more of them.
    let wished = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: usize = wished.unwrap_or(if cfg!(debug_assertions) { 2 } else { 20 });
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let case: Value = serde_json::from_str(line).unwrap();
        let plain = case["tags"].as_array().unwrap().iter().any(|tag| tag == "plain");
        let engine = if case["elk"].is_null() { &case["dagre"] } else { &case["elk"] };
        let (board, measures) = common::board(engine, &case);
        if !plain || board.objects.is_empty() || board.objects.len() > 60 {
            continue;
        }
        for round in 0..rounds {
            let seed = (number * 1_000 + round) as u64;
            let (mut board, mut measures) = (board.clone(), measures.clone());
            vary(&mut board, &mut measures, &mut Random(seed));
            let placed = layout(&board, &measures, &Options::default());
            let mut sums = Sums::default();
            measure(&board, &placed, &mut sums);
            let covered = covered_labels(&placed);
            if (sums.overlaps, sums.cuts, covered) != (0, 0, 0) {
                faults.push(format!("seed {seed} of {}: {sums:?}, {covered} labels covered", case["name"]));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
}

/// Pairs of labels of edges that overlap.
fn covered_labels(placed: &Placed) -> usize {
    let labels: Vec<Rect> = placed.edges.iter().filter_map(|edge| edge.label).collect();
    let overlaps = |at: usize| labels[at + 1..].iter().filter(|other| labels[at].grow(-0.5).overlaps(**other)).count();
    (0..labels.len()).map(overlaps).sum()
}
