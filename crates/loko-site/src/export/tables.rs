//! The document as tables: every list is uniform and holds only plain values, which is the form that TOON writes with the
//! fewest tokens. Nothing is lost; what does not fit a column stands in `details`, one row a value.

use super::{Document, Element, Node};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The tables of a document.
pub fn tables(document: &Document) -> Value {
    let mut tables = Map::new();
    tables.insert("schemaVersion".to_owned(), Value::from(document.schema_version));
    tables.insert("project".to_owned(), plain(&document.project));
    let mut details = Vec::new();
    let elements = document.elements.iter().map(|element| {
        element_details(element, &mut details);
        json!({
            "id": element.id, "kind": plain(&element.kind), "name": element.name, "type": element.type_name,
            "technology": element.technology, "description": element.description, "tags": element.tags.join(" "),
            "owner": element.owner.as_deref().unwrap_or(""),
            "ownedBy": element.owned_by.as_deref().unwrap_or(""), "external": element.external,
        })
    });
    let elements: Vec<Value> = elements.collect();
    let relations: Vec<Value> = document
        .relations
        .iter()
        .map(|relation| {
            for (key, value) in relation.behaviour.iter().chain(&relation.metadata) {
                flatten(&relation.id, key, value, &mut details);
            }
            if !relation.tags.is_empty() {
                detail(&relation.id, "tags", relation.tags.join(" "), &mut details);
            }
            if relation.bidirectional {
                detail(&relation.id, "direction", "bidirectional", &mut details);
            }
            json!({
                "id": relation.id, "source": relation.source, "target": relation.target, "description": relation.description,
                "technology": relation.technology, "kind": plain(&relation.kind), "event": relation.event.as_deref().unwrap_or(""),
                "file": relation.file, "line": relation.line,
            })
        })
        .collect();
    let mut instances = Vec::new();
    for environment in &document.environments {
        for node in &environment.nodes {
            node_rows(&environment.id, "", node, &mut instances);
        }
    }
    let environments =
        document.environments.iter().map(|it| json!({ "id": it.id, "name": it.name, "description": it.description }));
    let views = document.views.iter().map(|it| {
        json!({ "key": it.key, "title": it.title, "scope": it.scope.as_deref().unwrap_or(""), "d2": it.d2.as_deref().unwrap_or("") })
    });
    let steps = document.views.iter().flat_map(|view| {
        view.steps.iter().map(|it| {
            json!({
                "view": view.key, "number": it.number, "source": it.source, "target": it.target, "description": it.description,
                "technology": it.technology, "kind": plain(&it.kind), "response": it.response,
            })
        })
    });
    let decisions = document.decisions.iter().map(|it| {
        json!({ "id": it.id, "title": it.title, "status": it.status, "date": it.date, "elements": it.elements.join(" ") })
    });
    let lists = [
        ("elements", elements),
        ("relations", relations),
        ("environments", environments.collect()),
        ("nodes", instances),
        ("views", views.collect()),
        ("steps", steps.collect()),
        ("decisions", decisions.collect()),
        ("details", details),
    ];
    for (name, rows) in lists.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        tables.insert(name.to_owned(), Value::Array(rows));
    }
    Value::Object(tables)
}

fn plain(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn detail(of: &str, key: &str, value: impl Into<Value>, details: &mut Vec<Value>) {
    details.push(json!({ "of": of, "key": key, "value": value.into() }));
}

/// One row for each plain value; keys of mappings are joined with dots, items of lists are numbered from 1.
fn flatten(of: &str, key: &str, value: &Value, details: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (inner, value) in fields {
                flatten(of, &format!("{key}.{inner}"), value, details);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                flatten(of, &format!("{key}.{}", at + 1), value, details);
            }
        }
        plain => detail(of, key, plain.clone(), details),
    }
}

fn element_details(element: &Element, details: &mut Vec<Value>) {
    for link in &element.links {
        detail(&element.id, &format!("link.{}", link.title), link.url.as_str(), details);
    }
    for (at, glob) in element.code.iter().enumerate() {
        detail(&element.id, &format!("code.{}", at + 1), glob.as_str(), details);
    }
    for (path, text) in &element.code_annotations {
        detail(&element.id, &format!("annotation.{path}"), text.as_str(), details);
    }
    for (at, name) in element.dependencies.iter().enumerate() {
        detail(&element.id, &format!("dependency.{}", at + 1), name.as_str(), details);
    }
    for (key, value) in element.behaviour.iter().chain(&element.metadata) {
        flatten(&element.id, key, value, details);
    }
}

fn node_rows(environment: &str, around: &str, node: &Node, rows: &mut Vec<Value>) {
    let path = if around.is_empty() { node.name.clone() } else { format!("{around}/{}", node.name) };
    let row = |of: &str, replicas: u32| {
        json!({
            "environment": environment, "node": path, "technology": node.technology, "count": node.count, "instance": of,
            "replicas": replicas,
        })
    };
    if node.instances.is_empty() {
        rows.push(row("", 0));
    }
    rows.extend(node.instances.iter().map(|it| row(&it.of, it.replicas)));
    for inner in &node.nodes {
        node_rows(environment, &path, inner, rows);
    }
}
