//! Boards made from the layout cases of the conformance data: containment and edges of each case, sizes as given.

use loko_diagram::{Board, Edge, EdgeMeasure, Measures, Object, ObjectId, ObjectMeasure, Shape, Size};
use serde_json::Value;
use std::collections::HashMap;

fn split(id: &str) -> Vec<String> {
    let (mut out, mut part, mut quote) = (Vec::new(), String::new(), None);
    for c in id.chars() {
        match quote {
            Some(q) => {
                part.push(c);
                if c == q {
                    quote = None;
                }
            }
            None if (c == '"' || c == '\'') && part.is_empty() => {
                quote = Some(c);
                part.push(c);
            }
            None if c == '.' => out.push(std::mem::take(&mut part)),
            None => part.push(c),
        }
    }
    out.push(part);
    out
}

/// The board of a case with the sizes of an engine's boxes and labels: compiled from the case's text if that gives the
/// same objects and edges, else made up from the engine's.
pub fn board(engine: &Value, case: &Value) -> (Board, Measures) {
    let made = made_board(engine, case);
    let board = compile(case).filter(|board| same_content(board, &made)).unwrap_or(made);
    let measures = measures(&board, engine);
    (board, measures)
}

fn compile(case: &Value) -> Option<Board> {
    let path = loko_source::FilePath::new("index.d2").ok()?;
    let compiled = loko_d2::compile(case["input"].as_str()?, &path, &loko_d2::NoImports);
    compiled.is_valid().then_some(compiled.diagram.root)
}

fn same_content(a: &Board, b: &Board) -> bool {
    let ids = |board: &Board| {
        let mut ids: Vec<Vec<String>> = board.objects.iter().map(|object| plain_path(&object.id)).collect();
        ids.sort();
        ids
    };
    let edge =
        |board: &Board, edge: &Edge| (plain_path(&board.object(edge.src).id), plain_path(&board.object(edge.dst).id));
    let edges = |board: &Board| board.edges.iter().map(|e| edge(board, e)).collect::<Vec<_>>();
    ids(a) == ids(b) && edges(a) == edges(b)
}

fn plain_path(id: &str) -> Vec<String> {
    split(id).into_iter().map(|part| part.trim_matches(['"', '\'']).replace('\\', "")).collect()
}

fn made_board(engine: &Value, case: &Value) -> Board {
    let mut board = Board::default();
    let input = case["input"].as_str().unwrap_or_default();
    for line in input.lines() {
        match line.trim() {
            "shape: sequence_diagram" if !line.starts_with(' ') => board.shape = Some(Shape::SequenceDiagram),
            "direction: right" if !line.starts_with(' ') => {
                board.direction = Some(loko_diagram::Direction::Right);
            }
            "direction: left" if !line.starts_with(' ') => board.direction = Some(loko_diagram::Direction::Left),
            "direction: up" if !line.starts_with(' ') => board.direction = Some(loko_diagram::Direction::Up),
            _ => {}
        }
    }
    let mut known: HashMap<Vec<String>, ObjectId> = HashMap::new();
    let none = Vec::new();
    let mut objects: Vec<&Value> = engine["objects"].as_array().unwrap_or(&none).iter().collect();
    objects.sort_by_key(|object| split(object["id"].as_str().unwrap()).len());
    for object in objects {
        let id = object["id"].as_str().unwrap();
        let path = split(id);
        let parent = known.get(&path[..path.len() - 1]).copied();
        let shape = Shape::from_d2_name(object["shape"].as_str().unwrap_or("rectangle")).unwrap_or_default();
        let at = board.push(Object {
            id: id.to_owned(),
            key: path[path.len() - 1].clone(),
            parent,
            shape,
            ..Object::default()
        });
        known.insert(path, at);
    }
    for edge in engine["edges"].as_array().unwrap_or(&none) {
        let find = |end: &Value| known[&split(end.as_str().unwrap())];
        board.edges.push(Edge::new(find(&edge["src"]), find(&edge["dst"])));
    }
    board
}

fn measures(board: &Board, engine: &Value) -> Measures {
    let none = Vec::new();
    let sizes: HashMap<Vec<String>, Size> = engine["objects"]
        .as_array()
        .unwrap_or(&none)
        .iter()
        .map(|object| {
            let size = Size::new(object["w"].as_f64().unwrap(), object["h"].as_f64().unwrap());
            (plain_path(object["id"].as_str().unwrap()), size)
        })
        .collect();
    let children = board.children();
    let objects = board
        .ids()
        .map(|id| {
            let object = board.object(id);
            let size = sizes.get(&plain_path(&object.id)).copied().unwrap_or(Size::new(80.0, 60.0));
            let container = !children[id.index()].is_empty();
            let text = object.key.chars().count() as f64;
            let label =
                if container { Size::new(text * 11.0, 31.0) } else { Size::new((size.w - 20.0).min(text * 8.0), 21.0) };
            let rows = (0..20).map(|row| 36.0 + 18.0 + f64::from(row) * 36.0).filter(|y| *y < size.h).collect();
            ObjectMeasure { size, label, icon: Size::new(32.0, 32.0), row_centers: rows, ..ObjectMeasure::default() }
        })
        .collect();
    let edges = engine["edges"]
        .as_array()
        .unwrap_or(&none)
        .iter()
        .map(|edge| {
            let label = Size::new(edge["label_w"].as_f64().unwrap_or(0.0), edge["label_h"].as_f64().unwrap_or(0.0));
            EdgeMeasure { label, ..EdgeMeasure::default() }
        })
        .collect();
    Measures { objects, edges }
}
