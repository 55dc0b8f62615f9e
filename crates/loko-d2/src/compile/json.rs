//! The normal form of a diagram as JSON: what was set and nothing else.

use loko_diagram::{
    Arrowhead, Board, Config, Content, Diagram, Direction, Edge, Grid, Near, Object, Shape, Style, TextKind, Visibility,
};
use serde_json::{Map, Value as Json, json};

/// The root board of a diagram in normal form.
///
/// ```
/// # use loko_d2::{NoImports, compile, graph_json};
/// # let path = loko_source::FilePath::new("x.d2").unwrap();
/// let compiled = compile("x.shape: circle", &path, &NoImports);
/// let expected = serde_json::json!({ "objects": [{ "id": "x", "label": "x", "shape": "circle" }], "edges": [] });
/// assert_eq!(graph_json(&compiled.diagram), expected);
/// ```
pub fn graph_json(diagram: &Diagram) -> Json {
    board(&diagram.root)
}

fn put(map: &mut Map<String, Json>, key: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn put_object(map: &mut Map<String, Json>, key: &str, value: Map<String, Json>) {
    put(map, key, (!value.is_empty()).then_some(value));
}

fn board(board: &Board) -> Json {
    let mut map = Map::new();
    put(&mut map, "name", (!board.name.is_empty()).then(|| board.name.clone()));
    put(&mut map, "folder_only", board.folder_only.then_some(true));
    put_object(&mut map, "root", root(board));
    map.insert("objects".into(), board.objects.iter().map(object).collect());
    map.insert("edges".into(), board.edges.iter().map(|item| edge(item, &board.objects)).collect());
    if let Some(legend) = &board.legend {
        let mut inner = Map::new();
        put(&mut inner, "label", legend.label.clone());
        let is_shown = |object: &&Object| object.style.opacity != Some(0.0);
        inner.insert("objects".into(), legend.objects.iter().filter(is_shown).map(object).collect());
        inner.insert("edges".into(), legend.edges.iter().map(|item| edge(item, &legend.objects)).collect());
        map.insert("legend".into(), inner.into());
    }
    for (key, boards) in [("layers", &board.layers), ("scenarios", &board.scenarios), ("steps", &board.steps)] {
        let inner: Vec<Json> = boards.iter().map(self::board).collect();
        put(&mut map, key, (!inner.is_empty()).then_some(inner));
    }
    put_object(&mut map, "config", config(&board.config));
    map.into()
}

fn root(board: &Board) -> Map<String, Json> {
    let mut map = Map::new();
    put(&mut map, "label", board.label.as_ref().map(|label| label.text.clone()));
    put(&mut map, "shape", board.shape.map(Shape::name));
    let mut attrs = Map::new();
    put(&mut attrs, "direction", board.direction.map(Direction::name));
    grid(&mut attrs, board.grid);
    style(&mut attrs, "style", &board.style);
    put_object(&mut map, "attrs", attrs);
    map
}

fn language(kind: &TextKind) -> Option<&str> {
    match kind {
        TextKind::Plain => None,
        TextKind::Markdown => Some("markdown"),
        TextKind::Latex => Some("latex"),
        TextKind::Code(language) => Some(language),
    }
}

fn object(object: &Object) -> Json {
    let mut map = Map::new();
    map.insert("id".into(), object.id.as_str().into());
    map.insert("label".into(), object.label.text.as_str().into());
    map.insert("shape".into(), object.shape.name().into());
    put_object(&mut map, "attrs", object_attrs(object));
    put(&mut map, "classes", (!object.classes.is_empty()).then(|| object.classes.clone()));
    put(&mut map, "language", language(&object.label.kind));
    match &object.content {
        Content::None => {}
        Content::Table(columns) => {
            let columns: Vec<Json> = columns
                .iter()
                .map(|column| {
                    let mut row = Map::new();
                    row.insert("name".into(), column.name.as_str().into());
                    row.insert("type".into(), column.type_name.as_str().into());
                    put(&mut row, "constraint", (!column.constraints.is_empty()).then(|| column.constraints.clone()));
                    row.into()
                })
                .collect();
            map.insert("columns".into(), columns.into());
        }
        Content::Class { fields, methods } => {
            let fields: Vec<Json> = fields
                .iter()
                .map(|field| member(&field.name, "type", &field.type_name, field.visibility, field.underline))
                .collect();
            let methods: Vec<Json> = methods
                .iter()
                .map(|method| member(&method.name, "return", &method.returns, method.visibility, method.underline))
                .collect();
            map.insert("fields".into(), fields.into());
            map.insert("methods".into(), methods.into());
        }
    }
    map.into()
}

fn member(name: &str, type_key: &str, type_name: &str, visibility: Visibility, underline: bool) -> Json {
    let visibility = match visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
        Visibility::Protected => "protected",
    };
    let mut row = Map::new();
    row.insert("name".into(), name.into());
    row.insert(type_key.into(), type_name.into());
    row.insert("visibility".into(), visibility.into());
    put(&mut row, "underline", underline.then_some(true));
    row.into()
}

fn object_attrs(object: &Object) -> Map<String, Json> {
    let mut attrs = Map::new();
    let near = object.near.as_ref().map(|near| match near {
        Near::Constant(constant) => constant.name(),
        Near::Object(id) => id.clone(),
    });
    put(&mut attrs, "near", near);
    put(&mut attrs, "tooltip", object.tooltip.clone());
    put(&mut attrs, "link", object.link.clone());
    put(&mut attrs, "icon", object.icon.clone());
    for (key, value) in [("width", object.width), ("height", object.height), ("top", object.top), ("left", object.left)]
    {
        put(&mut attrs, key, value.map(number));
    }
    put(&mut attrs, "direction", object.direction.map(Direction::name));
    grid(&mut attrs, object.grid);
    for (key, place) in
        [("label.near", object.label_near), ("icon.near", object.icon_near), ("tooltip.near", object.tooltip_near)]
    {
        put(&mut attrs, key, place.map(loko_diagram::NearConstant::name));
    }
    style(&mut attrs, "style", &object.style);
    style(&mut attrs, "icon.style", &object.icon_style);
    attrs
}

/// A number as text: `0.5`, `3`.
fn number(value: f64) -> String {
    value.to_string()
}

fn grid(attrs: &mut Map<String, Json>, grid: Grid) {
    put(attrs, "grid-rows", grid.rows.map(|count| count.to_string()));
    put(attrs, "grid-columns", grid.columns.map(|count| count.to_string()));
    put(attrs, "grid-gap", grid.gap.map(number));
    put(attrs, "vertical-gap", grid.vertical_gap.map(number));
    put(attrs, "horizontal-gap", grid.horizontal_gap.map(number));
}

fn style(attrs: &mut Map<String, Json>, before: &str, style: &Style) {
    let numbers = [
        ("opacity", style.opacity),
        ("stroke-width", style.stroke_width),
        ("stroke-dash", style.stroke_dash),
        ("border-radius", style.border_radius),
        ("font-size", style.font_size),
    ];
    let texts = [
        ("stroke", &style.stroke),
        ("fill", &style.fill),
        ("fill-pattern", &style.fill_pattern),
        ("font-color", &style.font_color),
        ("font", &style.font),
        ("text-transform", &style.text_transform),
    ];
    let booleans = [
        ("bold", style.bold),
        ("italic", style.italic),
        ("underline", style.underline),
        ("shadow", style.shadow),
        ("multiple", style.multiple),
        ("3d", style.three_d),
        ("double-border", style.double_border),
        ("animated", style.animated),
        ("filled", style.filled),
    ];
    for (key, value) in numbers {
        put(attrs, &format!("{before}.{key}"), value.map(number));
    }
    for (key, value) in texts {
        put(attrs, &format!("{before}.{key}"), value.clone());
    }
    for (key, value) in booleans {
        put(attrs, &format!("{before}.{key}"), value.map(|value| value.to_string()));
    }
}

fn edge(edge: &Edge, objects: &[Object]) -> Json {
    let id = |end: loko_diagram::ObjectId| objects.get(end.index()).map_or("", |object| object.id.as_str());
    let mut map = Map::new();
    map.insert("src".into(), id(edge.src).into());
    map.insert("dst".into(), id(edge.dst).into());
    map.insert("src_arrow".into(), edge.src_arrow.into());
    map.insert("dst_arrow".into(), edge.dst_arrow.into());
    map.insert("index".into(), edge.index.into());
    map.insert("label".into(), edge.label.text.as_str().into());
    let mut attrs = Map::new();
    put(&mut attrs, "tooltip", edge.tooltip.clone());
    put(&mut attrs, "link", edge.link.clone());
    put(&mut attrs, "icon", edge.icon.clone());
    put(&mut attrs, "label.near", edge.label_near.map(loko_diagram::NearConstant::name));
    style(&mut attrs, "style", &edge.style);
    put_object(&mut map, "attrs", attrs);
    put(&mut map, "classes", (!edge.classes.is_empty()).then(|| edge.classes.clone()));
    put(&mut map, "language", language(&edge.label.kind));
    put(&mut map, "src_column", edge.src_column);
    put(&mut map, "dst_column", edge.dst_column);
    put(&mut map, "src_arrowhead", edge.src_arrowhead.as_ref().map(arrowhead));
    put(&mut map, "dst_arrowhead", edge.dst_arrowhead.as_ref().map(arrowhead));
    map.into()
}

fn arrowhead(head: &Arrowhead) -> Json {
    let mut map = Map::new();
    put(&mut map, "label", head.label.as_ref().map(|label| label.text.clone()));
    put(&mut map, "shape", head.shape.map(loko_diagram::ArrowheadShape::name));
    let mut attrs = Map::new();
    style(&mut attrs, "style", &head.style);
    put_object(&mut map, "attrs", attrs);
    map.into()
}

fn config(config: &Config) -> Map<String, Json> {
    let mut map = Map::new();
    put(&mut map, "theme-id", config.theme_id.filter(|id| *id != 0));
    put(&mut map, "dark-theme-id", config.dark_theme_id);
    put(&mut map, "pad", config.pad);
    put(&mut map, "sketch", config.sketch.filter(|is_set| *is_set));
    put(&mut map, "center", config.center.filter(|is_set| *is_set));
    put(&mut map, "layout-engine", config.layout_engine.clone());
    for (key, colors) in
        [("theme-overrides", &config.theme_overrides), ("dark-theme-overrides", &config.dark_theme_overrides)]
    {
        put(&mut map, key, (!colors.is_empty()).then(|| json!(colors)));
    }
    let mut data: Map<String, Json> =
        config.data.iter().map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect();
    data.extend(config.data_lists.iter().map(|(key, values)| (key.clone(), json!(values))));
    put_object(&mut map, "data", data);
    map
}
