//! Sequence diagrams, grids, tables and objects with a place of their own, from D2 texts.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_diagram::{Board, EdgeMeasure, Measures, ObjectMeasure, Placed, Rect, Size};
use loko_layout::{Options, layout};

/// A board and its drawing, with boxes of 100 by 60 and labels of 8 pixels a character.
fn draw(text: &str) -> (Board, Placed) {
    let path = loko_source::FilePath::new("index.d2").unwrap();
    let compiled = loko_d2::compile(text, &path, &loko_d2::NoImports);
    assert!(compiled.is_valid(), "{:?}", compiled.error_lines());
    let board = compiled.diagram.root;
    let label = |text: &str| if text.is_empty() { Size::default() } else { Size::new(text.len() as f64 * 8.0, 18.0) };
    let object = |object: &loko_diagram::Object| ObjectMeasure {
        size: Size::new(object.width.unwrap_or(100.0), object.height.unwrap_or(60.0)),
        label: label(&object.label.text),
        row_centers: vec![45.0, 55.0],
        ..ObjectMeasure::default()
    };
    let edge = |edge: &loko_diagram::Edge| EdgeMeasure { label: label(&edge.label.text), ..EdgeMeasure::default() };
    let measures =
        Measures { objects: board.objects.iter().map(object).collect(), edges: board.edges.iter().map(edge).collect() };
    let placed = layout(&board, &measures, &Options::default());
    assert_eq!(placed, layout(&board.bare(), &measures, &Options::default()), "places depend on what they shall not");
    (board, placed)
}

fn rect(board: &Board, placed: &Placed, id: &str) -> Rect {
    placed.objects[board.find(id).unwrap().index()].rect
}

#[test]
fn messages_follow_time_between_life_lines() {
    let (board, placed) =
        draw("shape: sequence_diagram\na; b; c\na -> b: one\nb -> c: two\nc -> a: three\nb -> b: self");
    assert_eq!(placed.lifelines.len(), 3);
    let heights: Vec<f64> = placed.edges.iter().map(|edge| edge.route[0].y).collect();
    assert!(heights.is_sorted_by(|a, b| a < b), "{heights:?}");
    for line in &placed.lifelines {
        let actor = placed.objects[line.actor.index()].rect;
        assert!((line.from.x - actor.center().x).abs() <= 0.5 && line.from.y >= actor.bottom());
        assert!(line.to.y > *heights.last().unwrap());
    }
    let first = &placed.edges[0].route;
    assert!((first[0].x - rect(&board, &placed, "a").center().x).abs() <= 0.5);
    assert!((first[1].x - rect(&board, &placed, "b").center().x).abs() <= 0.5);
    assert_eq!(placed.edges[3].route.len(), 4, "a message to oneself is a loop");
}

#[test]
fn groups_hold_their_messages_and_spans_stand_on_life_lines() {
    let text = "shape: sequence_diagram\na; b\nlogin: {\n  a -> b.work: ask\n  b.work -> a: answer\n}\na.\"a note\"\na -> b: bye";
    let (board, placed) = draw(text);
    let group = rect(&board, &placed, "login");
    for at in [0, 1] {
        assert!(placed.edges[at].route.iter().all(|point| group.contains(*point)), "{group:?}");
        assert!(group.holds(placed.edges[at].label.unwrap()));
    }
    assert!(!group.contains(placed.edges[2].route[0]));
    let span = rect(&board, &placed, "b.work");
    assert!((span.center().x - rect(&board, &placed, "b").center().x).abs() <= 0.5);
    assert!(span.y < placed.edges[0].route[0].y && span.bottom() > placed.edges[1].route[0].y);
    assert_eq!(placed.edges[0].route[1].x, span.x, "a message ends at the side of the span");
    let note = rect(&board, &placed, "a.a note");
    assert!(note.y > group.bottom() && note.bottom() < placed.edges[2].route[0].y);
}

#[test]
fn what_follows_in_time_keeps_its_distance() {
    let text = "shape: sequence_diagram\na; b; c\na -> b\nouter: {\n  a -> b\n  inner: {\n    b -> a: text\n  }\n  \
                b.\"a note\"\n}\nother: {\n  b -> c\n}\nb -> b: own\nb -> c";
    let (board, placed) = draw(text);
    let [outer, inner, other, note] = ["outer", "outer.inner", "other", "b.a note"].map(|id| rect(&board, &placed, id));
    let line = |at: usize| placed.edges[at].route[0].y;
    assert!(outer.y - line(0) >= 20.0, "a frame keeps off the message above it");
    assert!(inner.y - line(1) >= 20.0, "so does one in another group");
    assert!(inner.bottom() - line(2) >= 18.0, "a message keeps off the lower side of its frame");
    assert_eq!(note.y - inner.bottom(), other.y - outer.bottom(), "notes and frames follow frames alike");
    assert_eq!(outer.bottom() - note.bottom(), other.bottom() - line(3));
    let name = placed.objects[board.find("outer.inner").unwrap().index()].label;
    assert!(placed.edges[2].label.unwrap().y - name.bottom() >= 10.0);
}

#[test]
fn frames_of_groups_keep_off_life_lines() {
    let text =
        "shape: sequence_diagram\na; b; c\none: {\n  a -> b\n  b.\"a note\"\n  b -> b: quite a long text here\n}";
    let (board, placed) = draw(text);
    let (group, c) = (rect(&board, &placed, "one"), rect(&board, &placed, "c"));
    assert!(c.center().x - group.right() >= 12.0, "{group:?} {c:?}");
    let text = text.replace("b ->", "c ->").replace("b.", "c.").replace("-> b:", "-> c:").replace("a -> b", "b -> c");
    let (board, placed) = draw(&text);
    let (group, a) = (rect(&board, &placed, "one"), rect(&board, &placed, "a"));
    assert!(group.x - a.center().x >= 12.0, "{group:?} {a:?}");
}

#[test]
fn grids_fill_rows_and_stretch_cells() {
    let (board, placed) = draw("grid-rows: 2\ngrid-columns: 2\ngrid-gap: 10\na; b: {width: 200}; c; d");
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|id| rect(&board, &placed, id));
    assert_eq!((b.x, c.y), (a.right() + 10.0, a.bottom() + 10.0));
    assert_eq!((d.x, d.w), (b.x, b.w), "cells of a column are equally wide");
    assert_eq!(c.w, a.w);
}

#[test]
fn edges_of_grids_go_around_cells() {
    let (board, placed) = draw("grid-rows: 1\na; b; c\na -> c");
    let middle = rect(&board, &placed, "b").grow(-1.0);
    let route = &placed.edges[0].route;
    assert!(route.len() > 2);
    for pair in route.windows(2) {
        let line = Rect::new(
            pair[0].x.min(pair[1].x),
            pair[0].y.min(pair[1].y),
            (pair[0].x - pair[1].x).abs(),
            (pair[0].y - pair[1].y).abs(),
        );
        assert!(!line.grow(0.1).overlaps(middle));
    }
}

#[test]
fn rows_of_tables_meet_in_sideways_drawings() {
    let text =
        "direction: right\na: {shape: sql_table; x: int; y: int}\nb: {shape: sql_table; x: int; y: int}\na.y -> b.x";
    let (board, placed) = draw(text);
    let route = &placed.edges[0].route;
    let (a, b) = (rect(&board, &placed, "a"), rect(&board, &placed, "b"));
    assert_eq!(route[0].y - a.y, 55.0);
    assert_eq!(route[route.len() - 1].y - b.y, 45.0);
}

#[test]
fn rows_of_tables_meet_at_their_sides_in_vertical_drawings() {
    for direction in ["down", "up"] {
        let text = format!(
            "direction: {direction}\na: {{shape: sql_table; x: int; y: int}}\nb: {{shape: sql_table; x: int; y: int}}\n\
             c: {{shape: sql_table; x: int; y: int}}\na.y -> b.x\na.x -> c.y\nb.y -> c.x\na -> c"
        );
        let (board, placed) = draw(&text);
        for (edge, ids, rows) in
            [(0, ["a", "b"], [55.0, 45.0]), (1, ["a", "c"], [45.0, 55.0]), (2, ["b", "c"], [55.0, 45.0])]
        {
            let route = &placed.edges[edge].route;
            for (end, id, row) in [(route[0], ids[0], rows[0]), (route[route.len() - 1], ids[1], rows[1])] {
                let table = rect(&board, &placed, id);
                assert_eq!(end.y - table.y, row, "{direction}: {id} {route:?}");
                assert!(end.x == table.x || end.x == table.right(), "{direction}: {id} {route:?}");
            }
        }
    }
}

#[test]
fn long_chains_stand_in_columns() {
    let chain = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("n{at}")).collect();
        names.join(" -> ")
    };
    for count in [14, 30, 60] {
        let (_, placed) = draw(&chain(count));
        let bounds = placed.bounds;
        assert!(bounds.h <= bounds.w * 2.5 && bounds.w <= bounds.h * 2.0, "{count}: {bounds:?}");
    }
    let (_, placed) = draw(&chain(6));
    assert!(placed.bounds.w < 200.0, "a short chain stays one: {:?}", placed.bounds);
}

#[test]
fn many_edges_of_a_kind_share_a_trunk() {
    let edges = |count: usize, more: &str| (0..count).map(|at| format!("hub -> n{at}{more}\n")).collect::<String>();
    let starts = |text: &str| {
        let (_, placed) = draw(text);
        let mut starts: Vec<i64> = placed.edges.iter().map(|edge| edge.route[0].x as i64).collect();
        starts.sort_unstable();
        starts.dedup();
        starts.len()
    };
    assert_eq!(starts(&edges(9, "")), 1);
    assert_eq!(starts(&edges(4, "")), 4, "a few lines are easier to follow one by one");
    assert_eq!(starts(&edges(9, ": {style.opacity: 0.5}")), 9, "what shines through must not lie on top of itself");
}

#[test]
fn near_objects_stand_around_the_rest() {
    let (board, placed) =
        draw("a -> b\ntitle: {near: top-center}\nside: {near: center-right}\nfoot: {near: bottom-left}");
    let [a, b, title, side, foot] = ["a", "b", "title", "side", "foot"].map(|id| rect(&board, &placed, id));
    assert!(title.bottom() < a.y && side.x > a.right() && foot.y > b.bottom() && foot.right() < a.x);
}

#[test]
fn fixed_sizes_and_places_are_kept() {
    let (board, placed) =
        draw("box: {\n  width: 500\n  height: 400\n  x -> y\n}\np: {top: 30; left: 700}\nq: {top: 0; left: 0}");
    let frame = rect(&board, &placed, "box");
    assert_eq!((frame.w, frame.h), (500.0, 400.0));
    let (p, q) = (rect(&board, &placed, "p"), rect(&board, &placed, "q"));
    assert_eq!((p.x - q.x, p.y - q.y), (700.0, 30.0));
}

#[test]
fn containers_may_flow_their_own_way() {
    let (board, placed) = draw("direction: right\nbox: {\n  direction: down\n  x -> y\n}\nbox -> after");
    let [x, y, frame, after] = ["box.x", "box.y", "box", "after"].map(|id| rect(&board, &placed, id));
    assert!(y.y > x.bottom() && after.x > frame.right());
}
