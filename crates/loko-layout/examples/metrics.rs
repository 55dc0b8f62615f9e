//! Lays out the cases of the conformance data and writes their layout form, and pictures on request.
//!
//! `metrics corpus LAYOUT.jsonl OUT.jsonl [SVG_DIR]`, `metrics graph NESTED.json [OUT.svg]` or `metrics d2 FILE.d2 OUT.svg`
//! (texts measured roughly).

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a tool for developers"
)]

#[path = "../tests/common/mod.rs"]
#[allow(missing_docs, unreachable_pub, reason = "shared with the tests")]
mod common;

use common::board;
use loko_diagram::{Board, Edge, EdgeMeasure, Measures, Object, ObjectMeasure, Placed, Shape, Size};
use loko_layout::{Options, layout};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args[1].as_str() {
        "corpus" => corpus(&args[2], &args[3], args.get(4).map(String::as_str)),
        "d2" => d2(&args[2], args.get(3).map(String::as_str)),
        _ => graph(&args[2], args.get(3).map(String::as_str)),
    }
}

fn corpus(input: &str, output: &str, pictures: Option<&str>) {
    let mut out = String::new();
    for line in std::fs::read_to_string(input).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let engine = if case["elk"].is_null() { &case["dagre"] } else { &case["elk"] };
        let name = case["name"].as_str().unwrap();
        let mut result = json!({"name": name});
        let (board, measures) = board(engine, &case);
        let start = std::time::Instant::now();
        let placed = layout(&board, &measures, &Options::default());
        let took = start.elapsed().as_secs_f64() * 1e3;
        if took > 20.0 {
            eprintln!("{name}: {took:.1} ms");
        }
        let form = form(&board, &placed);
        if let Some(boards) = engine["boards"].as_object() {
            let mut all = serde_json::Map::new();
            for (key, value) in boards {
                let (board, measures) = common::board(value, &case);
                let placed = layout(&board, &measures, &Options::default());
                all.insert(key.clone(), self::form(&board, &placed));
            }
            result["boards"] = Value::Object(all);
        }
        if !engine["objects"].is_null() {
            result["objects"] = form["objects"].clone();
            result["edges"] = form["edges"].clone();
        }
        writeln!(out, "{result}").unwrap();
        if let Some(dir) = pictures {
            let file = format!("{dir}/{}.svg", name.replace('/', "_"));
            std::fs::write(file, svg(&board, &placed)).unwrap();
        }
    }
    std::fs::write(output, out).unwrap();
}

fn form(board: &Board, placed: &Placed) -> Value {
    let objects: Vec<Value> = board
        .objects
        .iter()
        .zip(&placed.objects)
        .map(|(object, at)| json!({"id": object.id, "x": at.rect.x, "y": at.rect.y, "w": at.rect.w, "h": at.rect.h}))
        .collect();
    let edges: Vec<Value> = board
        .edges
        .iter()
        .zip(&placed.edges)
        .map(|(edge, at)| {
            let route: Vec<[f64; 2]> = at.route.iter().map(|point| [point.x, point.y]).collect();
            json!({"src": board.object(edge.src).id, "dst": board.object(edge.dst).id, "route": route, "curve": at.curve})
        })
        .collect();
    json!({"objects": objects, "edges": edges})
}

/// The size of a text of about this many characters a line.
fn text_size(text: &str, wrap: f64) -> Size {
    let (mut lines, mut widest) = (0.0, 0.0f64);
    for line in text.lines() {
        let width = line.chars().count() as f64 * 7.4;
        lines += (width / wrap).ceil().max(1.0);
        widest = widest.max(width.min(wrap));
    }
    if text.trim().is_empty() { Size::default() } else { Size::new(widest.ceil(), lines * 18.0) }
}

fn d2(file: &str, picture: Option<&str>) {
    let path = loko_source::FilePath::new("index.d2").unwrap();
    let compiled = loko_d2::compile(&std::fs::read_to_string(file).unwrap(), &path, &loko_d2::NoImports);
    let board = compiled.diagram.root;
    let objects = board
        .objects
        .iter()
        .map(|object| {
            let label = text_size(&object.label.text, 200.0);
            let size = Size::new(object.width.unwrap_or(label.w + 40.0), object.height.unwrap_or(label.h + 40.0));
            ObjectMeasure {
                size,
                label,
                icon: Size::new(32.0, 32.0),
                row_centers: Vec::new(),
                ..ObjectMeasure::default()
            }
        })
        .collect();
    let edges = board
        .edges
        .iter()
        .map(|edge| EdgeMeasure { label: text_size(&edge.label.text, 170.0), ..EdgeMeasure::default() });
    report(&board, &Measures { objects, edges: edges.collect() }, picture);
}

/// Moves after small changes, over all cases: mean displacement, and changed left-of and above relations.
fn graph(path: &str, picture: Option<&str>) {
    let data: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut board = Board::default();
    let mut known = HashMap::new();
    let mut sizes = Vec::new();
    for node in data["nodes"].as_array().unwrap() {
        let id = node["id"].as_str().unwrap();
        let parent = node["parent"].as_str().and_then(|parent| known.get(parent)).copied();
        let key = id.rsplit(['.', '/']).next().unwrap_or(id).to_owned();
        let at = board.push(Object { id: id.to_owned(), key, parent, ..Object::default() });
        known.insert(id.to_owned(), at);
        sizes.push(Size::new(node["w"].as_f64().unwrap_or(120.0), node["h"].as_f64().unwrap_or(60.0)));
    }
    for edge in data["edges"].as_array().unwrap() {
        let find = |end: &Value| known[end.as_str().unwrap()];
        board.edges.push(Edge::new(find(&edge["s"]), find(&edge["t"])));
    }
    let objects = sizes
        .into_iter()
        .map(|size| ObjectMeasure { size, label: Size::new(80.0, 20.0), ..ObjectMeasure::default() })
        .collect();
    let edges = vec![EdgeMeasure::default(); board.edges.len()];
    let measures = Measures { objects, edges };
    report(&board, &measures, picture);
}

/// Lays out three times and prints the best time and what is wrong.
fn report(board: &Board, measures: &Measures, picture: Option<&str>) {
    let mut best = f64::MAX;
    let mut placed = Placed::default();
    for _ in 0..3 {
        let start = std::time::Instant::now();
        placed = layout(board, measures, &Options::default());
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    println!(
        "{} objects, {} edges: {best:.2} ms, {:.0} x {:.0}, {}",
        board.objects.len(),
        board.edges.len(),
        placed.bounds.w,
        placed.bounds.h,
        check(board, &placed)
    );
    if let Some(picture) = picture {
        std::fs::write(picture, svg(board, &placed)).unwrap();
    }
}

/// Counts what should not be.
fn check(board: &Board, placed: &Placed) -> String {
    let children = board.children();
    let (mut overlaps, mut escapes, mut cuts, mut slanted, mut bends, mut missing) = (0, 0, 0, 0, 0, 0);
    for family in &children {
        for (at, a) in family.iter().enumerate() {
            for b in &family[at + 1..] {
                let rect = placed.objects[a.index()].rect.grow(-0.5);
                overlaps += usize::from(rect.overlaps(placed.objects[b.index()].rect));
            }
        }
    }
    for id in board.ids() {
        if let Some(parent) = board.object(id).parent {
            let inner = placed.objects[id.index()].rect;
            escapes += usize::from(!placed.objects[parent.index()].rect.grow(0.5).holds(inner));
        }
    }
    for (edge, at) in board.edges.iter().zip(&placed.edges) {
        let mut kin = Vec::new();
        for end in [edge.src, edge.dst] {
            let mut up = Some(end);
            while let Some(id) = up {
                kin.push(id);
                up = board.object(id).parent;
            }
        }
        missing += usize::from(at.route.len() < 2);
        bends += at.route.len().saturating_sub(2);
        for pair in at.route.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            slanted += usize::from(a.x != b.x && a.y != b.y);
            let line = loko_diagram::Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs());
            for id in board.ids() {
                if !kin.contains(&id) && line.grow(0.01).overlaps(placed.objects[id.index()].rect.grow(-1.0)) {
                    cuts += 1;
                }
            }
        }
    }
    format!(
        "overlaps {overlaps}, escapes {escapes}, cuts {cuts}, slanted {slanted}, missing {missing}, bends/edge {:.2}",
        bends as f64 / board.edges.len().max(1) as f64
    )
}

fn svg(board: &Board, placed: &Placed) -> String {
    let bounds = placed.bounds.grow(20.0);
    let mut out = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='{} {} {} {}' width='{}' height='{}' font-family='sans-serif' font-size='13'><rect x='{}' y='{}' width='{}' height='{}' fill='white'/>",
        bounds.x, bounds.y, bounds.w, bounds.h, bounds.w, bounds.h, bounds.x, bounds.y, bounds.w, bounds.h
    );
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    for (object, at) in board.objects.iter().zip(&placed.objects) {
        let rect = at.rect;
        let fill = if at.is_container { "#eef3fb" } else { "#d5e3f7" };
        let round = if matches!(object.shape, Shape::Circle | Shape::Oval) { rect.w / 2.0 } else { 3.0 };
        write!(
            out,
            "<rect x='{}' y='{}' width='{}' height='{}' rx='{round}' fill='{fill}' stroke='#446'/>",
            rect.x, rect.y, rect.w, rect.h
        )
        .unwrap();
        if at.label.w > 0.0 {
            let (x, y) = (at.label.center().x, at.label.center().y + 4.0);
            write!(out, "<text x='{x}' y='{y}' text-anchor='middle'>{}</text>", escape(&object.key)).unwrap();
        }
    }
    for line in &placed.lifelines {
        write!(
            out,
            "<path d='M{} {}L{} {}' stroke='#999' stroke-dasharray='4'/>",
            line.from.x, line.from.y, line.to.x, line.to.y
        )
        .unwrap();
    }
    for at in &placed.edges {
        let points: Vec<String> = at.route.iter().map(|point| format!("{},{}", point.x, point.y)).collect();
        write!(out, "<polyline points='{}' fill='none' stroke='#a22' stroke-width='1.5'/>", points.join(" ")).unwrap();
        if let Some(end) = at.route.last() {
            write!(out, "<circle cx='{}' cy='{}' r='3.5' fill='#a22'/>", end.x, end.y).unwrap();
        }
        for label in [at.label, at.src_label, at.dst_label].into_iter().flatten() {
            write!(
                out,
                "<rect x='{}' y='{}' width='{}' height='{}' fill='#fffbe0' stroke='#cc9'/>",
                label.x, label.y, label.w, label.h
            )
            .unwrap();
        }
    }
    out.push_str("</svg>");
    out
}
