//! The model for programs: JSON with a published schema, and TOON for readers who count tokens.
//!
//! The types here are the wire format. The model's own types are converted, never serialised, so that either may change
//! without the other. [`SCHEMA_VERSION`] changes when a reader could notice.

mod document;
mod tables;

pub use document::{
    Decision, Document, Element, ElementKind, Environment, Instance, Link, Node, Origin, Project, Relation,
    RelationKind, SCHEMA_VERSION, Shape, Step, View, document,
};
pub use tables::tables;

use loko_model::Model;
use loko_source::Snapshot;
use serde_json::Value;

/// The name of the model's file as JSON.
pub(crate) const JSON_FILE: &str = "architecture.json";
/// The name of the model's file as TOON.
pub(crate) const TOON_FILE: &str = "architecture.toon";

/// The model as JSON text, indented, ending with a line feed.
pub fn json_text(model: &Model, snapshot: &Snapshot) -> String {
    let document = document(model, snapshot);
    serde_json::to_string_pretty(&document).expect("our own types have text keys and do not fail to serialise") + "\n"
}

/// The model as TOON text: the tables of [`tables`], ending with a line feed.
pub fn toon_text(model: &Model, snapshot: &Snapshot) -> String {
    crate::toon::encode(&tables(&document(model, snapshot))) + "\n"
}

/// The JSON Schema of [`json_text`].
pub fn json_schema() -> Value {
    let schema = schemars::schema_for!(Document);
    let mut schema = schema.to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("title".to_owned(), Value::from("loko model"));
        fields.shift_insert(1, "$id".to_owned(), Value::from("loko-model.schema.json"));
    }
    schema
}
