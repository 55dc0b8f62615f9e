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
        measure(&board, &layout(&board, &measures, &Options::default()), &mut sums);
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
