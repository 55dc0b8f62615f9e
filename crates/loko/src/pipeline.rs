//! From a diagram to a picture: measure, place, draw.

use crate::remote::{self, Fetcher};
use loko_diagram::{Board, Placed, Rect};
use loko_draw::scene::Scene;
use loko_draw::{Icon, Look, SvgOptions};
use loko_layout::{Hints, Options};
use loko_source::FilePath;
use loko_source::disk::Workspace;
use serde_json::{Value, json};

/// How a picture's things are placed, besides what its board says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placing {
    /// Whether the board is an overview, to be placed as a map.
    pub(crate) map: bool,
    /// Where things were before.
    pub(crate) previous: Option<Hints>,
}

/// A board with every position decided.
pub(crate) fn place(board: &Board, look: &Look, placing: &Placing) -> Placed {
    let measures = loko_draw::measure(board, look);
    let options = Options { map: placing.map, previous: placing.previous.as_ref(), ..Options::default() };
    loko_layout::layout(board, &measures, &options)
}

/// Where the pictures of icons come from: the folder of the file, and the network only when that was asked for.
pub(crate) struct Pictures<'a> {
    root: &'a Workspace,
    /// The folder of the main file in the root.
    folder: String,
    fetcher: Option<Fetcher>,
}

impl<'a> Pictures<'a> {
    /// Pictures for a file in a root.
    pub(crate) fn new(root: &'a Workspace, file: &FilePath, allow_remote: bool) -> Self {
        let folder = file.as_str().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        Self { root, folder, fetcher: allow_remote.then(Fetcher::new) }
    }

    /// Fetches what a board needs, in its order: several threads that compose it would each begin somewhere else.
    fn fetch(&self, board: &Board) {
        let Some(fetcher) = &self.fetcher else { return };
        let icons = board.objects.iter().filter_map(|object| object.icon.as_deref());
        let icons = icons.chain(board.edges.iter().filter_map(|edge| edge.icon.as_deref()));
        icons.filter(|place| remote::is_remote(place)).for_each(|place| _ = fetcher.icon(place));
    }

    /// The picture of a place that a diagram states.
    fn icon(&self, place: &str) -> Option<Icon> {
        if remote::is_remote(place) {
            return self.fetcher.as_ref()?.icon(place);
        }
        let media_type = remote::media_type(place)?.to_owned();
        let below = if self.folder.is_empty() { place.to_owned() } else { format!("{}/{place}", self.folder) };
        Some(Icon { media_type, bytes: self.root.read_bytes(&below)? })
    }
}

/// A placed board as an SVG, written as the options say, but with these pictures.
pub(crate) fn svg(
    board: &Board,
    placed: &Placed,
    look: &Look,
    pictures: Option<&Pictures<'_>>,
    options: SvgOptions<'_>,
) -> String {
    if let Some(pictures) = pictures {
        pictures.fetch(board);
    }
    let icons = |place: &str| pictures.and_then(|pictures| pictures.icon(place));
    loko_draw::svg(board, placed, look, &SvgOptions { icons: &icons, ..options })
}

/// A placed board as shapes.
pub(crate) fn scene(board: &Board, placed: &Placed, look: &Look, pictures: Option<&Pictures<'_>>) -> Scene {
    if let Some(pictures) = pictures {
        pictures.fetch(board);
    }
    let icons = |place: &str| pictures.and_then(|pictures| pictures.icon(place));
    loko_draw::scene(board, placed, look, &SvgOptions { icons: &icons, ..SvgOptions::default() })
}

/// A board for the terminal.
pub(crate) fn text(board: &Board) -> String {
    loko_draw::text(board, &place(board, &Look::default(), &Placing::default()))
}

/// A placed board as numbers: `objects` with their boxes, `edges` with their routes, and the boxes of labels.
pub(crate) fn layout_json(board: &Board, look: &Look) -> Value {
    let placed = place(board, look, &Placing::default());
    let mut bounds: Option<Rect> = None;
    let mut grow = |rect: Rect| bounds = Some(bounds.map_or(rect, |known| known.union(rect)));
    let mut objects = Vec::new();
    let labels = loko_draw::label_boxes(board, &placed, look);
    for ((object, place), label) in board.objects.iter().zip(&placed.objects).zip(labels) {
        grow(place.rect);
        let mut value = rect_json(place.rect);
        value["id"] = json!(object.id);
        value["shape"] = json!(object.shape.name());
        if let Some(label) = label {
            value["label"] = rect_json(label);
        }
        objects.push(value);
    }
    let mut edges = Vec::new();
    for (edge, place) in board.edges.iter().zip(&placed.edges) {
        place.route.iter().for_each(|point| grow(Rect::new(point.x, point.y, 0.0, 0.0)));
        let mut value = json!({
            "src": board.object(edge.src).id,
            "dst": board.object(edge.dst).id,
            "route": place.route.iter().map(|point| json!([round(point.x), round(point.y)])).collect::<Vec<_>>(),
        });
        if place.curve {
            value["curve"] = json!(true);
        }
        if let Some(label) = place.label {
            value["label"] = rect_json(label);
            value["label_w"] = json!(round(label.w));
            value["label_h"] = json!(round(label.h));
        }
        edges.push(value);
    }
    let bounds = bounds.unwrap_or_default();
    let mut value = json!({
        "objects": objects, "edges": edges, "width": round(bounds.w), "height": round(bounds.h),
    });
    let boards: serde_json::Map<String, Value> = nested(board, look, "");
    if !boards.is_empty() {
        value["boards"] = Value::Object(boards);
    }
    value
}

fn nested(board: &Board, look: &Look, above: &str) -> serde_json::Map<String, Value> {
    let mut found = serde_json::Map::new();
    for (name, board) in boards_of(board) {
        let name = format!("{above}{name}");
        let mut value = layout_json(board, look);
        if let Some(Value::Object(deeper)) = value.as_object_mut().and_then(|value| value.remove("boards")) {
            found.extend(deeper.into_iter().map(|(inner, value)| (format!("{name}.{inner}"), value)));
        }
        found.insert(name, value);
    }
    found
}

/// The boards right below a board with their names, `layers.x`.
pub(crate) fn boards_of(board: &Board) -> impl Iterator<Item = (String, &Board)> {
    let layers = named("layers", &board.layers);
    layers.chain(named("scenarios", &board.scenarios)).chain(named("steps", &board.steps))
}

fn named<'a>(group: &'static str, boards: &'a [Board]) -> impl Iterator<Item = (String, &'a Board)> {
    boards.iter().map(move |board| (format!("{group}.{}", board.name), board))
}

fn rect_json(rect: Rect) -> Value {
    json!({ "x": round(rect.x), "y": round(rect.y), "w": round(rect.w), "h": round(rect.h) })
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
