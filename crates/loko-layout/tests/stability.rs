//! How much of a drawing moves after a small change, over all layout cases of the conformance data, with and without
//! the positions of the drawing before the change. Prints the table; floors hold what was reached.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a test reads its data")]

#[allow(missing_docs, unreachable_pub, reason = "shared with the examples")]
mod common;

use loko_diagram::{Board, Edge, EdgeMeasure, Measures, Object, ObjectId, ObjectMeasure, Placed, Point, Size};
use loko_layout::{Hints, Options, layout};
use serde_json::Value;

/// A small change and what it makes of a board; the objects that were there keep their places in the lists.
type Change = (&'static str, fn(&mut Board, &mut Measures));

/// The changes, with how many pixels unchanged objects may move on average when the positions are known, and how many
/// of a hundred relative orders may change.
const CHANGES: [(Change, f64, f64); 6] = [
    (("a node added", add_node), 50.0, 2.7),
    (("a node removed", remove_node), 20.0, 0.4),
    (("an edge added", add_edge), 100.0, 1.4),
    (("an edge removed", remove_edge), 20.0, 0.3),
    (("a node renamed", rename), 12.0, 0.3),
    (("a longer label", lengthen), 25.0, 0.3),
];

#[derive(Clone, Copy, Default)]
struct Sum {
    moved: f64,
    objects: f64,
    changed: f64,
    orders: f64,
}

#[test]
fn small_changes_move_little() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/d2/layout/layout.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is missing");
        return;
    };
    let mut sums = [[Sum::default(); 2]; CHANGES.len()];
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let engine = if case["elk"].is_null() { &case["dagre"] } else { &case["elk"] };
        let (board, measures) = common::board(engine, &case);
        if board.objects.len() < 3 {
            continue;
        }
        let old = layout(&board, &measures, &Options::default());
        let hints = Hints::new(&board, &old);
        for (((_, change), ..), sums) in CHANGES.iter().zip(&mut sums) {
            let (mut board, mut measures) = (board.clone(), measures.clone());
            change(&mut board, &mut measures);
            for (previous, sum) in [None, Some(&hints)].into_iter().zip(sums) {
                compare(&old, &layout(&board, &measures, &Options { previous, ..Options::default() }), sum);
            }
        }
    }
    println!("| change | moved without | orders changed | moved with positions | orders changed |");
    let share = |sum: Sum| (sum.moved / sum.objects, 100.0 * sum.changed / sum.orders);
    for (((name, _), ..), [without, with]) in CHANGES.iter().zip(sums) {
        let (a, b) = (share(without), share(with));
        println!("| {name} | {:.0} px | {:.2} % | {:.0} px | {:.2} % |", a.0, a.1, b.0, b.1);
    }
    for (((name, _), most_moved, most_changed), [_, with]) in CHANGES.iter().zip(sums) {
        let (moved, changed) = share(with);
        assert!(
            moved <= *most_moved && changed <= *most_changed,
            "{name}: {moved:.1} px, {changed:.2} % of the orders"
        );
    }
}

fn add_node(board: &mut Board, measures: &mut Measures) {
    let anchor = ObjectId((board.objects.len() / 2) as u32);
    let parent = board.object(anchor).parent;
    let id = parent.map_or("fresh".to_owned(), |parent| format!("{}.fresh", board.object(parent).id));
    let fresh = board.push(Object { id, key: "fresh".to_owned(), parent, ..Object::default() });
    measures.objects.push(ObjectMeasure { size: Size::new(100.0, 66.0), ..ObjectMeasure::default() });
    board.edges.push(Edge::new(anchor, fresh));
    measures.edges.push(EdgeMeasure::default());
}

/// Takes the last object away, if nothing is in it, and its edges.
fn remove_node(board: &mut Board, measures: &mut Measures) {
    let last = ObjectId(board.objects.len() as u32 - 1);
    let kept = |edge: &Edge| edge.src != last && edge.dst != last;
    let kept: Vec<bool> = board.edges.iter().map(kept).collect();
    let mut next = kept.iter();
    board.edges.retain(|_| *next.next().unwrap());
    let mut next = kept.iter();
    measures.edges.retain(|_| *next.next().unwrap());
    board.objects.pop();
    board.edges.iter_mut().filter(|edge| edge.scope == Some(last)).for_each(|edge| edge.scope = None);
    board.objects.iter_mut().filter(|object| object.scope == Some(last)).for_each(|object| object.scope = None);
    measures.objects.pop();
}

fn add_edge(board: &mut Board, measures: &mut Measures) {
    board.edges.push(Edge::new(ObjectId(0), ObjectId(board.objects.len() as u32 - 1)));
    measures.edges.push(EdgeMeasure::default());
}

fn remove_edge(board: &mut Board, measures: &mut Measures) {
    if !board.edges.is_empty() {
        let at = board.edges.len() / 2;
        board.edges.remove(at);
        measures.edges.remove(at);
    }
}

/// Another id, and nobody knows which it was before.
fn rename(board: &mut Board, _: &mut Measures) {
    let at = board.objects.len() / 2;
    board.objects[at].id.push_str("-new");
}

fn lengthen(board: &mut Board, measures: &mut Measures) {
    measures.objects[board.objects.len() / 2].size.w += 80.0;
}

fn compare(old: &Placed, new: &Placed, sum: &mut Sum) {
    let count = old.objects.len().min(new.objects.len());
    let middles = |placed: &Placed| -> Vec<Point> {
        placed.objects.iter().take(count).map(|object| object.rect.center()).collect()
    };
    let (old, new) = (middles(old), middles(new));
    for a in 0..count {
        sum.moved += old[a].distance(new[a]);
        sum.objects += 1.0;
        for b in a + 1..count {
            let pairs = [(old[a].x - old[b].x, new[a].x - new[b].x), (old[a].y - old[b].y, new[a].y - new[b].y)];
            for (was, is) in pairs.into_iter().filter(|(was, _)| was.abs() > 10.0) {
                sum.orders += 1.0;
                sum.changed += f64::from(u8::from(was.signum() * is < -1.0));
            }
        }
    }
}
