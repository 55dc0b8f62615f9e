//! A layout case of the conformance data as boards, placed by us or as an engine placed it.

use loko_diagram::{Board, Measures, ObjectId, Placed, PlacedEdge, PlacedObject, Point, Rect, Size};
use loko_draw::{Look, SvgOptions};
use loko_layout::Options;
use serde_json::Value;
use std::collections::BTreeMap;

/// One board of a case.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    pub(crate) input: String,
    pub(crate) board: Board,
    look: Look,
    measures: Measures,
    /// The engines' layouts of this board.
    engines: BTreeMap<&'static str, Value>,
}

impl Case {
    /// The boards of a case that compile.
    pub(crate) fn boards(data: &Value) -> Vec<Self> {
        let input = data["input"].as_str().unwrap_or_default();
        let Ok(path) = loko_source::FilePath::new("index.d2") else { return Vec::new() };
        let compiled = loko_d2::compile(input, &path, &loko_d2::NoImports);
        let root = compiled.diagram.root;
        let names: Vec<String> = ["dagre", "elk"]
            .iter()
            .filter_map(|engine| data[engine]["boards"].as_object())
            .flat_map(|boards| boards.keys().cloned())
            .collect();
        let mut cases = vec![Self::new(data, String::new(), root.clone())];
        for name in std::collections::BTreeSet::from_iter(names) {
            cases.extend(find(&root, &name).map(|board| Self::new(data, name, board.clone())));
        }
        cases.retain(|case| !case.engines.is_empty());
        cases
    }

    fn new(data: &Value, board_name: String, board: Board) -> Self {
        let look = Look { theme: Look::default().theme, dark_theme: None, ..Look::default() };
        let measures = loko_draw::measure(&board, &look);
        let engines = ["dagre", "elk"].into_iter().filter_map(|engine| {
            let whole = &data[engine];
            let layout = if board_name.is_empty() { whole } else { &whole["boards"][&board_name] };
            layout["objects"].is_array().then(|| (engine, layout.clone()))
        });
        let case = data["name"].as_str().unwrap_or_default();
        let tags = data["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Self {
            name: if board_name.is_empty() { case.to_owned() } else { format!("{case} ({board_name})") },
            tags: tags.map(str::to_owned).collect(),
            input: data["input"].as_str().unwrap_or_default().to_owned(),
            engines: engines.collect(),
            board,
            look,
            measures,
        }
    }

    /// The name in files.
    pub(crate) fn file_name(&self) -> String {
        self.name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect()
    }

    /// Where an engine puts everything; nothing if it did not lay out the case, or another board than we compile.
    pub(crate) fn placed(&self, engine: &str) -> Option<Placed> {
        if engine == "loko" {
            return Some(loko_layout::layout(&self.board, &self.measures, &Options::default()));
        }
        self.of_engine(self.engines.get(engine)?)
    }

    /// The picture.
    pub(crate) fn svg(&self, placed: &Placed) -> String {
        loko_draw::svg(&self.board, placed, &self.look, &SvgOptions::default())
    }

    fn of_engine(&self, layout: &Value) -> Option<Placed> {
        let objects: Vec<(String, Rect)> =
            layout["objects"].as_array()?.iter().map(|object| (plain(object["id"].as_str()), rect(object))).collect();
        let boxes: BTreeMap<&str, Rect> = objects.iter().map(|(id, rect)| (id.as_str(), *rect)).collect();
        let children = self.board.children();
        let mut placed = Placed::default();
        for id in self.board.ids() {
            let rect = *boxes.get(plain(Some(&self.board.object(id).id)).as_str())?;
            let is_container = !children[id.index()].is_empty();
            let label = self.label(id, rect, is_container);
            placed.objects.push(PlacedObject { rect, label, icon: None, is_container });
        }
        let edges = layout["edges"].as_array()?;
        if edges.len() != self.board.edges.len() {
            return None;
        }
        for (at, edge) in edges.iter().enumerate() {
            let route: Vec<Point> = edge["route"].as_array()?.iter().map(point).collect();
            let size = self.measures.edges[at].label;
            let label = (!size.is_zero() && route.len() > 1).then(|| Rect::around(middle(&route), size));
            let curve = edge["curve"].as_bool().unwrap_or(false);
            placed.edges.push(PlacedEdge { route, curve, label, ..PlacedEdge::default() });
        }
        placed.bounds = bounds(&placed);
        Some(placed)
    }

    /// About where D2 draws an object's label: in the middle, for a container at its top.
    fn label(&self, id: ObjectId, rect: Rect, is_container: bool) -> Rect {
        let size = self.measures.objects[id.index()].label;
        let middle = rect.center();
        match is_container {
            true => Rect::around(Point::new(middle.x, rect.y + size.h / 2.0 + 5.0), size),
            false => Rect::around(middle, size),
        }
    }
}

/// The board of a name like `layers.x.steps.1`.
fn find<'a>(root: &'a Board, name: &str) -> Option<&'a Board> {
    let mut parts = name.split('.');
    let mut board = root;
    while let (Some(kind), Some(name)) = (parts.next(), parts.next()) {
        let boards = match kind {
            "layers" => &board.layers,
            "scenarios" => &board.scenarios,
            _ => &board.steps,
        };
        board = boards.iter().find(|board| board.name == name)?;
    }
    Some(board)
}

/// An id without the quotes and backslashes that may or may not stand in it.
fn plain(id: Option<&str>) -> String {
    id.unwrap_or_default().replace(['"', '\'', '\\'], "")
}

fn rect(value: &Value) -> Rect {
    let number = |key: &str| value[key].as_f64().unwrap_or_default();
    Rect::new(number("x"), number("y"), number("w"), number("h"))
}

fn point(value: &Value) -> Point {
    Point::new(value[0].as_f64().unwrap_or_default(), value[1].as_f64().unwrap_or_default())
}

/// The point half way along a polyline.
fn middle(route: &[Point]) -> Point {
    let total: f64 = route.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    let mut left = total / 2.0;
    for pair in route.windows(2) {
        let length = pair[0].distance(pair[1]);
        if length >= left && length > 0.0 {
            let share = left / length;
            return Point::new(
                pair[0].x + (pair[1].x - pair[0].x) * share,
                pair[0].y + (pair[1].y - pair[0].y) * share,
            );
        }
        left -= length;
    }
    route[0]
}

fn bounds(placed: &Placed) -> Rect {
    let boxes = placed.objects.iter().flat_map(|object| [object.rect, object.label]);
    let dots = placed.edges.iter().flat_map(|edge| &edge.route).map(|point| Rect::around(*point, Size::default()));
    let labels = placed.edges.iter().filter_map(|edge| edge.label);
    boxes.chain(dots).chain(labels).reduce(Rect::union).unwrap_or_default()
}
