//! What a designer would send back, each found in a picture once: small steps in lines, detours around nothing, labels
//! and contents outside of what they belong to.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_diagram::{Board, EdgeMeasure, Measures, ObjectMeasure, Placed, Rect, Size};
use loko_layout::{Options, layout};

/// A board and its drawing; boxes are as wide as their labels, of 8 pixels a character, and images are 112 by 112.
fn draw(text: &str) -> (Board, Placed) {
    let path = loko_source::FilePath::new("index.d2").unwrap();
    let compiled = loko_d2::compile(text, &path, &loko_d2::NoImports);
    assert!(compiled.is_valid(), "{:?}", compiled.error_lines());
    let board = compiled.diagram.root;
    let label = |text: &str| if text.is_empty() { Size::default() } else { Size::new(text.len() as f64 * 8.0, 21.0) };
    let object = |object: &loko_diagram::Object| {
        let (label, image) = (label(&object.label.text), object.shape == loko_diagram::Shape::Image);
        let size = if image { Size::new(112.0, 112.0) } else { Size::new((label.w + 40.0).max(56.0), 54.0) };
        let tooltip = if object.tooltip_near.is_some() { Size::new(120.0, 40.0) } else { Size::default() };
        ObjectMeasure { size, label, tooltip, ..ObjectMeasure::default() }
    };
    let edge = |edge: &loko_diagram::Edge| {
        let head = |is_there: bool| if is_there { 8.0 + 2.0 * edge.style.stroke_width.unwrap_or(2.0) } else { 0.0 };
        let (src_head, dst_head) = (head(edge.src_arrow), head(edge.dst_arrow));
        EdgeMeasure { label: label(&edge.label.text), src_head, dst_head, ..EdgeMeasure::default() }
    };
    let measures =
        Measures { objects: board.objects.iter().map(object).collect(), edges: board.edges.iter().map(edge).collect() };
    let placed = layout(&board, &measures, &Options::default());
    (board, placed)
}

fn rect(board: &Board, placed: &Placed, id: &str) -> Rect {
    placed.objects[board.find(id).unwrap().index()].rect
}

/// The lengths of pieces between two turns that lead on in the same direction.
fn steps(placed: &Placed) -> Vec<f64> {
    let mut steps = Vec::new();
    for edge in &placed.edges {
        for piece in edge.route.windows(4) {
            let (before, after) = (
                (piece[1].x - piece[0].x, piece[1].y - piece[0].y),
                (piece[3].x - piece[2].x, piece[3].y - piece[2].y),
            );
            if before.0 * after.0 + before.1 * after.1 > 0.0 {
                steps.push(piece[1].distance(piece[2]));
            }
        }
    }
    steps
}

#[test]
fn trees_have_no_small_steps() {
    let (_, placed) = draw("a -> b; a -> c");
    assert!(placed.edges.iter().all(|edge| edge.route.len() == 2), "{:?}", placed.edges);
    for direction in ["down", "right", "up", "left"] {
        for tree in [
            "a -> b; a -> c; b -> d; b -> e; c -> f; c -> g; d -> h; d -> i; e -> j; e -> k",
            "k -> g; l -> g; g -> a; a -> b; a -> c; a -> d; i -> b; j -> b; c -> m; c -> n; d -> o; d -> p",
            "x -> y: some words; x -> z: others; y -> w; z -> w",
        ] {
            let (_, placed) = draw(&format!("direction: {direction}\n{tree}"));
            let small: Vec<f64> = steps(&placed).into_iter().filter(|step| *step < 12.0).collect();
            assert!(small.is_empty(), "{direction}: {tree}: {small:?}");
        }
    }
}

#[test]
fn a_box_grows_for_an_end_that_is_alone() {
    // With longer labels, those stand above the corner of the container, which is another matter.
    for length in 4..20 {
        let (_, placed) = draw(&format!(
            "a: {{b; c; d; b -> c: one; c -> d: two}}; a.b -> e: {}; e -> a.d: and back again; e -> f: x; f -> a.c: y",
            "w".repeat(length)
        ));
        let small: Vec<f64> = steps(&placed).into_iter().filter(|step| *step < 12.0).collect();
        assert!(small.is_empty(), "{length}: {small:?}");
    }
}

/// An edge whose neighbour stands in its way at a border has its one turn where that neighbour has its own moved to the
/// other side of the border; and what else leaves a small step gives way to it.
#[test]
fn edges_into_containers_take_no_small_steps() {
    let sized = |text: &str| text.replace('(', "{label: \"\"; height: 60; width: ").replace(')', "}");
    for text in [
        "k: {label: \"\"; x: (140); y: (180); z: (140); x -> y; x -> z}; a: (60); b: (60)\n\
         b -> k.z; b -> k.x; b -> k.y; a -> k.y; b -> k.y; b -> k.z",
        "k: {label: \"\"; x: (80); y: (100); z: (80); x -> z; x -> y; y -> z}; a: (60); b: (180)\n\
         b -> k.z; a -> k.z; k.y -> a; a -> k.y; k.x -> a; a -> k.z; a -> k.y",
        "k: {label: \"\"; x: (100); y: (60); z: (180); x -> z; x -> y}; a: (100); b: (60); c: (60)\n\
         b -> k.z; k.x -> b; k.y -> a; c -> k.x; a -> k.x; k.x -> a; k.x -> a",
        "k: {label: \"\"; x: (60); y: (80); z: (180); x -> y; x -> z; x -> z}; a: (140); b: (100)\n\
         b -> k.x; a -> k.y; b -> k.y; b -> k.y; b -> k.y; a -> k.z; a -> k.y",
        "k: {label: \"\"; x: (60); y: (140); z: (80); x -> z; x -> z; x -> z; x -> z}; a: (60); b: (80); c: (80)\n\
         c -> k.y; c -> k.x; b -> k.y; b -> k.y; a -> k.x; b -> k.z; k.x -> a",
    ] {
        let (_, placed) = draw(&sized(text));
        let small: Vec<f64> = steps(&placed).into_iter().filter(|step| *step < 14.0).collect();
        assert!(small.is_empty(), "{text}: {small:?}");
    }
}

#[test]
fn an_edge_into_a_container_turns_once_on_its_way() {
    let (_, placed) = draw("direction: right\na: {b}\nc: {d}\ne: {f}\na.b -> c.d\na.b -> e.f");
    for edge in &placed.edges {
        assert!(edge.route.len() <= 4, "{:?}", edge.route);
        let last = &edge.route[edge.route.len() - 2..];
        assert!(last[0].distance(last[1]) >= 20.0, "an arrow has room: {:?}", edge.route);
    }
}

#[test]
fn cells_that_nobody_sees_are_not_in_the_way() {
    let hidden = "{style.fill: transparent; style.stroke: transparent; label: \"\"}";
    for hidden in [hidden, "{style.opacity: 0}", "{style.fill: transparent; style.stroke-width: 0; label: \"\"}"] {
        let (_, placed) = draw(&format!("grid-rows: 3; grid-columns: 1; grid-gap: 5\na\nspace: {hidden}\nb\na -> b"));
        assert_eq!(placed.edges[0].route.len(), 2, "{hidden}: {:?}", placed.edges[0].route);
    }
    let (_, placed) = draw("grid-rows: 3; grid-columns: 1; grid-gap: 5\na\nspace\nb\na -> b");
    assert!(placed.edges[0].route.len() > 2, "what is seen is gone around");
}

#[test]
fn labels_below_images_keep_off_what_is_beside_them() {
    let images = "a: Quite a long name of a picture {shape: image; icon: x.svg}\n\
                  b: Another long name of a picture {shape: image; icon: x.svg}\n";
    for text in [
        format!("grid-rows: 1; grid-gap: 0\n{images}"),
        format!("{images}c -> a; c -> b"),
        format!("shape: sequence_diagram\n{images}a -> b"),
    ] {
        let (board, placed) = draw(&text);
        let [a, b] = ["a", "b"].map(|id| placed.objects[board.find(id).unwrap().index()].label);
        assert!(!a.overlaps(b), "{text}: {a:?} {b:?}");
        assert!(placed.bounds.holds(a) && placed.bounds.holds(b));
    }
}

#[test]
fn tooltips_that_are_shown_have_room() {
    for side in ["top-center", "bottom-left", "center-left", "center-right", "top-right"] {
        let (board, placed) = draw(&format!("a: {{tooltip: Words {{near: {side}}}}}\nb\nc -> a; c -> b; a -> d"));
        let a = rect(&board, &placed, "a");
        for other in ["b", "c", "d"] {
            let other = rect(&board, &placed, other);
            let room = match side.split_once('-').unwrap() {
                ("top", _) => Rect::new(a.x, a.y - 40.0, a.w, 40.0),
                ("bottom", _) => Rect::new(a.x, a.bottom(), a.w, 40.0),
                (_, "left") => Rect::new(a.x - 120.0, a.y, 120.0, a.h),
                _ => Rect::new(a.right(), a.y, 120.0, a.h),
            };
            assert!(!room.overlaps(other), "{side}: {room:?} {other:?}");
        }
    }
}

#[test]
fn what_is_in_a_cloud_is_in_it_though_edges_lead_inside() {
    for shape in ["cloud", "circle", "oval", "diamond", "cylinder"] {
        let (board, placed) =
            draw(&format!("a -> b.c; b -> d; b: A label of some length {{shape: {shape}; c -> e}}; f -> b.e"));
        let (outer, label) = (rect(&board, &placed, "b"), placed.objects[board.find("b").unwrap().index()].label);
        for id in ["b.c", "b.e"] {
            let inner = rect(&board, &placed, id);
            // No corner comes nearer to those of the box around the outline than a rounded outline allows.
            let (dx, dy) = (
                (inner.x - outer.x).min(outer.right() - inner.right()),
                (inner.y - outer.y).min(outer.bottom() - inner.bottom()),
            );
            assert!(dx / outer.w + dy / outer.h > 0.15, "{shape}: {inner:?} in {outer:?}");
            assert!(!label.overlaps(inner), "{shape}: {label:?} on {inner:?}");
        }
    }
}

#[test]
fn rows_of_what_nothing_joins_are_about_equally_full() {
    let (_, placed) = draw("a\nb\nc\nd\ne\nf");
    let mut rows: Vec<f64> = placed.objects.iter().map(|object| object.rect.y).collect();
    rows.dedup();
    assert_eq!(rows.len(), 2, "three and three, not five and one: {rows:?}");
    assert_eq!(placed.objects.iter().filter(|object| object.rect.y == rows[0]).count(), 3);
}

#[test]
fn chains_through_containers_meet_boxes_in_the_middle() {
    let text = "upper: {a; b; c}\nx: Left {a}\ny: Middle {b}\nz: Right {c}\nlower: {i: {a}; j: {b}; k: {c}}\n\
                upper.a -> x.a -> lower.i.a\nupper.b -> y.b -> lower.j.b\nupper.c -> z.c -> lower.k.c";
    let (board, placed) = draw(text);
    for (edge, line) in board.edges.iter().zip(&placed.edges) {
        let route = &line.route;
        assert_eq!(route.len(), 2, "straight: {route:?}");
        for (end, point) in [(edge.src, route[0]), (edge.dst, route[1])] {
            let middle = placed.objects[end.index()].rect.center().x;
            assert!((middle - point.x).abs() <= 1.0, "{middle} and {point:?}");
        }
    }
}

/// Whether a piece of a route comes nearer to a label than that it could be read.
fn strikes(placed: &Placed, label: Rect) -> bool {
    let piece = |pair: &[loko_diagram::Point]| {
        let at = |point: loko_diagram::Point| Rect::around(point, Size::default());
        at(pair[0]).union(at(pair[1])).grow(1.0)
    };
    placed.edges.iter().any(|edge| edge.route.windows(2).any(|pair| piece(pair).overlaps(label)))
}

#[test]
fn edges_pass_beside_the_labels_of_containers() {
    for direction in ["down", "right", "up", "left"] {
        for near in [
            "outside-top-center",
            "outside-top-left",
            "outside-bottom-center",
            "outside-bottom-right",
            "outside-left-center",
            "outside-right-center",
            "border-top-center",
            "border-bottom-center",
            "top-left",
            "bottom-center",
            "bottom-right",
            "center-center",
        ] {
            let text = format!(
                "direction: {direction}\na -> c.x; b -> c.y; c.y -> d; c.x -> e; c -> f; g -> c\n\
                 c: A label {{label.near: {near}; x -> y}}"
            );
            let (board, placed) = draw(&text);
            let c = placed.objects[board.find("c").unwrap().index()];
            assert!(!strikes(&placed, c.label), "{direction}, {near}: {:?}", c.label);
            let others = ["a", "b", "d", "e", "f", "g", "c.x", "c.y"].map(|id| rect(&board, &placed, id));
            assert!(others.iter().all(|other| !other.overlaps(c.label)), "{direction}, {near}: {:?}", c.label);
            let (out, into) = (&placed.edges[4].route, &placed.edges[5].route);
            for end in [out[0], into[into.len() - 1]] {
                let is_at_border = c.rect.grow(0.5).holds(Rect::around(end, Size::default()))
                    && !c.rect.grow(-0.5).holds(Rect::around(end, Size::default()));
                assert!(is_at_border, "{direction}, {near}: {end:?} is not at {:?}", c.rect);
            }
        }
    }
}

/// A label in the middle of a container stands between what is in there, or above it where that leaves no room.
#[test]
fn labels_in_the_middle_of_containers_can_be_read() {
    let four = "p; q; r; s";
    let columns = "grid-columns: 2; p; q; r; s";
    let edges = "p -> q -> r; p -> r; p -> s";
    let wide = "p -> q: a label of such a length that there is much room beside it; q -> r";
    let mut is_among = Vec::new();
    for inside in [four, columns, edges, wide, "p", "shape: sequence_diagram; p -> q: words; q -> r: words"] {
        for shape in ["rectangle", "cloud", "cylinder"] {
            let shape = if inside.starts_with("shape") { "" } else { shape };
            let shape = if shape.is_empty() { String::new() } else { format!("shape: {shape}") };
            let (board, placed) = draw(&format!("c: A label {{label.near: center-center; {shape}; {inside}}}\nc -> d"));
            let c = placed.objects[board.find("c").unwrap().index()];
            let content = board.ids().filter(|id| board.object(*id).parent.is_some());
            let content: Vec<Rect> = content.map(|id| placed.objects[id.index()].rect).collect();
            assert!(!content.iter().any(|rect| rect.overlaps(c.label)), "{inside}, {shape}: {:?}", c.label);
            assert!(!strikes(&placed, c.label), "{inside}, {shape}: {:?}", c.label);
            assert!(c.rect.holds(c.label), "{inside}, {shape}: {:?} in {:?}", c.label, c.rect);
            is_among.push(content.iter().any(|rect| rect.y < c.label.y));
        }
    }
    assert!(is_among[..3].iter().all(|is_among| *is_among), "four boxes leave room in the middle");
    assert!(!is_among[12], "one box leaves none");
}

/// Edges between worlds of their own keep off the boxes and the borders that they pass, where there is room.
#[test]
fn edges_between_worlds_hug_no_boxes() {
    let sized = |text: &str| text.replace('(', "{label: \"\"; height: 60; width: ").replace(')', "}");
    let named = "direction: right\na: {direction: right; x: Some box; y: Another box; z; x -> y -> z; x -> z: a label of some length}\n\
                 b: {grid-columns: 3; p; q; r; s; t; u}\n\
                 c: {direction: up; k; l; m: A wide box of its own; k -> l; k -> m}\n\
                 a.y -> b.t; b.u -> c.l; c.m -> a.x; c.k -> b.p; a.z -> c.m";
    let plain = "direction: right\na: {label: \"\"; direction: right; x: (240); y: (140); z: (100); w: (60); x -> y; x -> z; y -> w}\n\
                 b: {label: \"\"; grid-columns: 3; p: (240); q: (240); r: (140); s: (240); t: (60); u: (180)}\n\
                 c: {label: \"\"; direction: up; k: (180); l: (180); m: (100); n: (60); k -> l; k -> m; l -> n}\n\
                 a.z -> b.t; c.n -> b.u; a.y -> c.m; c.l -> b.r";
    for text in [named.to_owned(), named.replacen("right", "down", 1), sized(plain)] {
        let (board, placed) = draw(&text);
        for (edge, line) in board.edges.iter().zip(&placed.edges) {
            for (piece, id) in line.route.windows(2).flat_map(|piece| board.ids().map(move |id| (piece, id))) {
                let rect = placed.objects[id.index()].rect;
                let (from, to) = (piece[0], piece[1]);
                let (off, along) = if from.x == to.x {
                    let along = from.y.max(to.y).min(rect.bottom()) - from.y.min(to.y).max(rect.y);
                    ((from.x - rect.x).abs().min((from.x - rect.right()).abs()), along)
                } else {
                    let along = from.x.max(to.x).min(rect.right()) - from.x.min(to.x).max(rect.x);
                    ((from.y - rect.y).abs().min((from.y - rect.bottom()).abs()), along)
                };
                let (src, dst) = (&board.object(edge.src).id, &board.object(edge.dst).id);
                let name = &board.object(id).id;
                assert!(along <= 30.0 || off >= 7.0, "{text}: {src} -> {dst} is {off} from {name} for {along}");
            }
        }
    }
}

#[test]
fn thick_heads_have_room() {
    for direction in ["down", "right"] {
        let thick = "{style.stroke-width: 12}";
        let (_, placed) =
            draw(&format!("direction: {direction}\na -> b: {thick}\nc <-> d: {thick}\ne -> f; e -> g: {thick}"));
        for (edge, heads) in placed.edges.iter().zip([1.0, 2.0, 0.0, 1.0]) {
            let last = &edge.route[edge.route.len() - 2..];
            assert!(last[0].distance(last[1]) >= heads * 32.0, "{direction}: {:?}", edge.route);
        }
    }
}

/// Where many edges meet a small side they keep to the part of it that suits the shape, and their heads off each other.
#[test]
fn heads_at_round_shapes_are_apart_and_not_at_the_flank() {
    for direction in ["down", "right"] {
        for shape in ["oval", "circle", "diamond", "person", "hexagon"] {
            let (board, placed) = draw(&format!(
                "direction: {direction}\na -> o; b -> o; c -> o; o -> d; o -> e; o: An oval {{shape: {shape}}}"
            ));
            let (o, sideways) = (rect(&board, &placed, "o"), direction == "right");
            let along = |point: loko_diagram::Point| if sideways { point.y - o.y } else { point.x - o.x };
            let extent = if sideways { o.h } else { o.w };
            // Those that turned into a side beside the flow meet it in its middle.
            let into = placed.edges[..3].iter().map(|edge| &edge.route[edge.route.len() - 2..]);
            let with_the_flow = into.filter(|end| if sideways { end[0].y == end[1].y } else { end[0].x == end[1].x });
            let mut ends: Vec<f64> = with_the_flow.map(|end| along(end[1])).collect();
            ends.sort_by(f64::total_cmp);
            assert!(ends.windows(2).all(|pair| pair[1] - pair[0] >= 10.0), "{direction}, {shape}: {ends:?}");
            let is_inside = ends.iter().all(|end| (extent * 0.22..=extent * 0.78).contains(end));
            assert!(is_inside, "{direction}, {shape}: {ends:?} of {extent}");
        }
    }
}
