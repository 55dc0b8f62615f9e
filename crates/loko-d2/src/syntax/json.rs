//! The normal form of the tree as JSON: what was said, without positions and without the way it was written.

use super::ast::{
    Content, Edge, Filter, Form, Import, Item, Key, KeyPath, Map, Node, Part, Piece, Substitution, Text, Value,
};
use serde_json::{Map as Object, Value as Json, json};

/// The nodes of a file in normal form.
///
/// ```
/// let parsed = loko_d2::parse("a.b: 1");
/// let expected = serde_json::json!([{ "key": [{ "u": "a" }, { "u": "b" }], "value": { "n": "1" } }]);
/// assert_eq!(loko_d2::ast_json(&parsed.tree), expected);
/// ```
pub fn ast_json(map: &Map) -> Json {
    Json::Array(map.nodes.iter().map(node).collect())
}

fn node(node: &Node) -> Json {
    match node {
        Node::Comment(comment) => json!({ "comment": comment.text.as_str() }),
        Node::BlockComment(comment) => json!({ "block_comment": comment.text.as_str() }),
        Node::Substitution(substitution) => spread(substitution_json(substitution)),
        Node::Import(import) => import_json(import),
        Node::Key(written) => key(written),
    }
}

fn spread(mut value: Json) -> Json {
    if let Json::Object(object) = &mut value {
        object.insert("spread".into(), true.into());
    }
    value
}

fn key(key: &Key) -> Json {
    let mut object = Object::new();
    if let Some(filter) = key.filter {
        object.insert("filter".into(), if filter == Filter::Match { "&" } else { "!&" }.into());
    }
    if let Some(written) = &key.key {
        object.insert("key".into(), path(written));
    }
    if !key.edges.is_empty() {
        object.insert("edges".into(), key.edges.iter().map(edge).collect());
    }
    if let Some(index) = &key.edge_index {
        object.insert("edge_index".into(), index.number.map_or_else(|| "*".into(), Json::from));
    }
    if let Some(written) = &key.edge_key {
        object.insert("edge_key".into(), path(written));
    }
    if let Some(primary) = &key.primary {
        object.insert("primary".into(), value(primary));
    }
    if let Some(written) = &key.value {
        object.insert("value".into(), value(written));
    }
    Json::Object(object)
}

fn path(path: &KeyPath) -> Json {
    path.elements.iter().map(text).collect()
}

fn edge(edge: &Edge) -> Json {
    let arrow = |mark: Option<char>| mark.map(String::from).unwrap_or_default();
    json!({
        "src": edge.source.as_ref().map(path),
        "src_arrow": arrow(edge.source_arrow),
        "dst_arrow": arrow(edge.target_arrow),
        "dst": edge.target.as_ref().map(path),
    })
}

fn value(value: &Value) -> Json {
    match value {
        Value::Null(_) => json!({ "null": true }),
        Value::Suspend(_, suspended) => json!({ "suspend": suspended }),
        Value::Bool(_, value) => json!({ "bool": value }),
        Value::Number(_, raw) => json!({ "n": raw.as_str() }),
        Value::Text(written) => text(written),
        Value::Array(array) => json!({ "array": array.items.iter().map(item).collect::<Vec<_>>() }),
        Value::Map(map) => json!({ "map": ast_json(map) }),
        Value::Import(import) => import_json(import),
    }
}

fn item(item: &Item) -> Json {
    match item {
        Item::Comment(comment) => json!({ "comment": comment.text.as_str() }),
        Item::BlockComment(comment) => json!({ "block_comment": comment.text.as_str() }),
        Item::Substitution(substitution) => spread(substitution_json(substitution)),
        Item::Import(import) => import_json(import),
        Item::Value(written) => value(written),
    }
}

fn text(text: &Text) -> Json {
    let said = content(&text.content);
    match &text.form {
        Form::Unquoted if text.pattern.is_some() => json!({ "u": said, "glob": true }),
        Form::Unquoted => json!({ "u": said }),
        Form::Double => json!({ "d": said }),
        Form::Single => json!({ "s": said }),
        Form::Block(fence) => json!({ "b": said, "tag": fence.tag.as_str() }),
    }
}

fn content(content: &Content) -> Json {
    match content {
        Content::Plain(piece) => piece.text.as_str().into(),
        Content::Parts(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Piece(Piece { text, .. }) => Json::from(text.as_str()),
                Part::Substitution(substitution) => substitution_json(substitution),
            })
            .collect(),
    }
}

fn substitution_json(substitution: &Substitution) -> Json {
    json!({ "subst": substitution.path.iter().map(text).collect::<Vec<_>>() })
}

fn import_json(import: &Import) -> Json {
    let mut object = Object::new();
    object.insert("import".into(), import.path.iter().map(text).collect());
    if !import.prefix.is_empty() {
        object.insert("pre".into(), import.prefix.as_str().into());
    }
    if import.spread {
        object.insert("spread".into(), true.into());
    }
    Json::Object(object)
}
