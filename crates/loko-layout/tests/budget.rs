//! No input hangs: large, dense and deep boards are placed within a budget, and every time alike. Quality gives way first.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a test has a clock")]

use loko_diagram::{Board, Edge, EdgeMeasure, Measures, Object, ObjectId, ObjectMeasure, Placed, Size};
use loko_layout::{Options, layout};
use std::time::{Duration, Instant};

/// The longest that one of these may take, without optimisation and on a busy machine; with it, a tenth of that.
const BUDGET: Duration = Duration::from_secs(120);

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

fn board(count: usize, parent: impl Fn(usize) -> Option<usize>) -> (Board, Measures) {
    let (mut board, mut measures) = (Board::default(), Measures::default());
    for at in 0..count {
        let parent = parent(at).map(|parent| ObjectId(parent as u32));
        board.push(Object { id: format!("n{at}"), key: format!("n{at}"), parent, ..Object::default() });
        let (size, label) = (Size::new(90.0, 50.0), Size::new(40.0, 18.0));
        measures.objects.push(ObjectMeasure { size, label, ..ObjectMeasure::default() });
    }
    (board, measures)
}

fn join(board: &mut Board, measures: &mut Measures, src: usize, dst: usize, label: bool) {
    board.edges.push(Edge::new(ObjectId(src as u32), ObjectId(dst as u32)));
    let label = if label { Size::new(60.0, 18.0) } else { Size::default() };
    measures.edges.push(EdgeMeasure { label, ..EdgeMeasure::default() });
}

/// Places a board within the budget; everything must be somewhere.
fn place(name: &str, board: &Board, measures: &Measures, options: &Options<'_>) -> Placed {
    let started = Instant::now();
    let placed = layout(board, measures, options);
    println!("{name}: {:?}", started.elapsed());
    assert!(started.elapsed() < BUDGET, "{name} took {:?}", started.elapsed());
    assert!(placed.edges.iter().all(|edge| edge.route.len() > 1), "{name}: an edge has no route");
    let finite = |object: &loko_diagram::PlacedObject| object.rect.x.is_finite() && object.rect.w > 0.0;
    assert!(placed.objects.iter().all(finite), "{name}: an object has no place");
    placed
}

#[test]
fn twenty_thousand_edges() {
    // Without optimisation a tenth of it takes as long.
    let edges = if cfg!(debug_assertions) { 2_000 } else { 20_000 };
    let (mut board, mut measures) = board(edges / 10, |_| None);
    let mut random = Random(3);
    for at in 0..edges {
        let (a, b) = (random.below(edges / 10), random.below(edges / 10));
        join(&mut board, &mut measures, a, b, at % 50 == 0);
    }
    place("ten edges for each of very many nodes", &board, &measures, &Options::default());
}

#[test]
fn everything_joined_with_everything() {
    let (mut board, mut measures) = board(70, |_| None);
    for a in 0..70 {
        for b in a + 1..70 {
            join(&mut board, &mut measures, a, b, false);
        }
    }
    let first = place("a complete graph", &board, &measures, &Options::default());
    assert_eq!(first, layout(&board, &measures, &Options::default()), "drawn differently the second time");
}

#[test]
fn two_hundred_levels() {
    let (mut board, mut measures) = board(400, |at| (at > 1).then(|| (at - 2) / 2 * 2));
    for at in 0..398 {
        join(&mut board, &mut measures, at, at + 1, at % 7 == 0);
    }
    place("200 levels", &board, &measures, &Options::default());
}

#[test]
fn a_star_and_a_chain() {
    let (mut star, mut measures) = board(800, |_| None);
    (1..800).for_each(|at| join(&mut star, &mut measures, 0, at, false));
    place("a star", &star, &measures, &Options::default());
    let (mut chain, mut measures) = board(800, |_| None);
    (1..800).for_each(|at| join(&mut chain, &mut measures, at - 1, at, false));
    place("a chain", &chain, &measures, &Options::default());
}

#[test]
fn a_map_of_a_thousand_areas() {
    let (mut board, mut measures) = board(1_000, |at| (at >= 40).then_some(at % 40));
    let mut random = Random(5);
    for _ in 0..1_500 {
        // Maps have lines between siblings only.
        let (group, a, b) = (random.below(40), random.below(24), random.below(24));
        if a != b {
            join(&mut board, &mut measures, 40 + a * 40 + group, 40 + b * 40 + group, false);
        }
    }
    (0..60).for_each(|at| join(&mut board, &mut measures, at % 40, (at * 7 + 1) % 40, false));
    board.edges.retain(|edge| edge.src != edge.dst);
    measures.edges.truncate(board.edges.len());
    place("a map", &board, &measures, &Options { map: true, ..Options::default() });
}

/// Large drawings are worked at by several threads, whose number must not be seen.
#[test]
fn any_number_of_threads_gives_the_same() {
    let (mut board, mut measures) = board(240, |at| (at >= 40).then_some(at % 40));
    let mut random = Random(5);
    for at in 0..420 {
        let (a, b) = (40 + random.below(200), 40 + random.below(200));
        join(&mut board, &mut measures, a, b, at % 3 == 0);
    }
    let placed = [1, 2, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| layout(&board, &measures, &Options::default()))
    });
    assert_eq!(placed[0], placed[1]);
    assert_eq!(placed[0], placed[2]);
}
