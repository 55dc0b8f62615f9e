//! The table of keys as JSON Schema (2020-12), for editors and other programs.

use super::{At, Takes, keys};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The dialect of JSON Schema.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A JSON Schema of what can stand at a place; for [`At::ELEMENTS`] that is front matter.
///
/// ```
/// use loko_model::schema::{At, json_schema};
/// let schema = json_schema(At::Container);
/// assert_eq!(schema["properties"]["technology"]["type"], "string");
/// ```
pub fn json_schema(at: At) -> Value {
    let mut schema = object(at);
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("title".to_owned(), json!(at.name()));
    let definitions = definitions(&[at]);
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Value::Object(schema)
}

/// One schema of everything that people write: `#/$defs/container` is the front matter of a container,
/// `#/$defs/relations-file` a `relationships.toml`, and so on.
pub fn front_matter_schema() -> Value {
    let roots: Vec<At> = At::ELEMENTS
        .iter()
        .copied()
        .chain([At::RelationsFile, At::DeploymentsFile, At::View, At::Decision, At::ProjectFile, At::ContextsFile])
        .collect();
    let mut definitions = definitions(&roots);
    for at in &roots {
        definitions.insert(definition_name(*at), Value::Object(object(*at)));
    }
    let any: Vec<Value> = At::ELEMENTS.iter().map(|at| reference(*at)).collect();
    json!({
        "$schema": DIALECT,
        "$id": "loko-front-matter.schema.json",
        "title": "Front matter of a loko workspace",
        "anyOf": any,
        "$defs": definitions,
    })
}

/// The name of a place among the definitions: `container`, `retry-budget`.
fn definition_name(at: At) -> String {
    let mut name = String::new();
    for (index, character) in format!("{at:?}").char_indices() {
        if character.is_ascii_uppercase() && index > 0 {
            name.push('-');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

fn reference(at: At) -> Value {
    json!({ "$ref": format!("#/$defs/{}", definition_name(at)) })
}

/// The definitions of all places that those places lead to.
fn definitions(roots: &[At]) -> Map<String, Value> {
    let mut waiting: Vec<At> = roots.to_vec();
    let mut reached = BTreeSet::new();
    while let Some(at) = waiting.pop() {
        for inner in keys(at).flat_map(|key| places(key.takes)) {
            if reached.insert(inner) {
                waiting.push(inner);
            }
        }
    }
    reached.into_iter().map(|at| (definition_name(at), Value::Object(object(at)))).collect()
}

/// The places whose keys such a value can carry.
fn places(takes: Takes) -> Vec<At> {
    match takes {
        Takes::Tables(at) | Takes::Table(at) | Takes::BoolOr(at) | Takes::Short(at, _) | Takes::Items(at, _) => {
            vec![at]
        }
        Takes::Links => vec![At::Link],
        Takes::Relations => vec![At::Relation],
        Takes::AnyOf(all) => all.iter().flat_map(|takes| places(*takes)).collect(),
        _ => Vec::new(),
    }
}

fn object(at: At) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in keys(at) {
        for name in std::iter::once(&key.name).chain(key.aliases) {
            let mut schema = value(key.takes);
            if let Value::Object(fields) = &mut schema {
                let doc = if *name == key.name { key.doc.to_owned() } else { format!("The same as `{}`.", key.name) };
                fields.insert("description".to_owned(), Value::String(doc));
                if !key.default.is_empty() {
                    fields.insert("default".to_owned(), json!(key.default));
                }
            }
            properties.insert((*name).to_owned(), schema);
        }
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema
}

fn value(takes: Takes) -> Value {
    match takes {
        Takes::Text => json!({ "type": "string" }),
        Takes::Bool => json!({ "type": "boolean" }),
        Takes::Count => json!({ "type": "integer", "minimum": 0 }),
        Takes::Amount(unit) => unit.json_schema(),
        Takes::Amounts(unit) => one_or_many(unit.json_schema()),
        Takes::Texts => json!({ "type": ["array", "string"], "items": { "type": "string" } }),
        Takes::OneOf(words) => json!({ "type": "string", "enum": words }),
        Takes::AnyOf(all) => {
            let any: Vec<Value> = all.iter().map(|takes| value(*takes)).collect();
            json!({ "anyOf": any })
        }
        Takes::TextMap => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Takes::Links => json!({
            "type": ["array", "object"],
            "items": { "anyOf": [{ "type": "string" }, reference(At::Link)] },
            "additionalProperties": { "type": "string" },
        }),
        Takes::Relations => json!({
            "type": ["array", "object", "string"],
            "items": { "anyOf": [{ "type": "string" }, reference(At::Relation)] },
        }),
        Takes::Tables(at) => json!({ "type": "array", "items": reference(at) }),
        Takes::Table(at) => reference(at),
        Takes::BoolOr(at) => json!({ "anyOf": [{ "type": "boolean" }, reference(at)] }),
        Takes::Short(at, key) => json!({ "anyOf": [reference(at), { "type": "boolean" }, alone(at, key)] }),
        Takes::Items(at, key) => one_or_many(json!({ "anyOf": [reference(at), alone(at, key)] })),
        Takes::Any => json!({}),
    }
}

/// What a value alone may be that stands for a key.
fn alone(at: At, key: &str) -> Value {
    super::find(at, key).map_or_else(|| json!({}), |key| value(key.takes))
}

fn one_or_many(item: Value) -> Value {
    json!({ "anyOf": [{ "type": "array", "items": item }, item] })
}
