//! The keys that files of a workspace may carry, each stated once.
//!
//! Loading asks this table which keys it knows, messages take their "did you mean" from it, and [`json_schema`] turns
//! it into a schema for editors. What a key does is said where it is read.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

mod keys;

pub use keys::KEYS;

/// Where a key can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "each variant is the place of its name")]
pub enum At {
    Person,
    System,
    Container,
    Component,
    Relation,
    Link,
    Deployed,
    RelationsFile,
    DeploymentsFile,
    Environment,
    Node,
    Instance,
    View,
    Step,
    Decision,
    ProjectFile,
    Project,
    Paths,
    D2,
    Outputs,
    OutputDetail,
    Output,
    Build,
    Server,
}

impl At {
    /// All places.
    pub const ALL: [At; 24] = [
        At::Person,
        At::System,
        At::Container,
        At::Component,
        At::Relation,
        At::Link,
        At::Deployed,
        At::RelationsFile,
        At::DeploymentsFile,
        At::Environment,
        At::Node,
        At::Instance,
        At::View,
        At::Step,
        At::Decision,
        At::ProjectFile,
        At::Project,
        At::Paths,
        At::D2,
        At::Outputs,
        At::OutputDetail,
        At::Output,
        At::Build,
        At::Server,
    ];

    /// The places where elements are described.
    pub const ELEMENTS: &'static [At] = &[At::Person, At::System, At::Container, At::Component];

    /// The place in words: "a container", "a relation".
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::System => "a system",
            Self::Container => "a container",
            Self::Component => "a component",
            Self::Relation => "a relation",
            Self::Link => "a link",
            Self::Deployed => "a deployment of an element",
            Self::RelationsFile => "a file of relations",
            Self::DeploymentsFile => "a file of deployments",
            Self::Environment => "an environment",
            Self::Node => "a deployment node",
            Self::Instance => "an instance",
            Self::View => "a view",
            Self::Step => "a step",
            Self::Decision => "a decision",
            Self::ProjectFile => "loko.toml",
            Self::Project => "`[project]`",
            Self::Paths => "`[paths]`",
            Self::D2 => "`[d2]`",
            Self::Outputs => "`[outputs]`",
            Self::OutputDetail => "a table of `[outputs]`",
            Self::Output => "`[output]`",
            Self::Build => "`[build]`",
            Self::Server => "`[server]`",
        }
    }
}

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number, not negative.
    Count,
    /// A list of texts; one text alone is a list of one.
    Texts,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A mapping of texts to texts.
    TextMap,
    /// A list of links.
    Links,
    /// Relations, in any of the ways to write them.
    Relations,
    /// A list of tables with the keys of that place.
    Tables(At),
    /// A table with the keys of that place.
    Table(At),
    /// A boolean, or a table with the keys of that place.
    BoolOr(At),
    /// Anything; who uses the key says what it means.
    Any,
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A part of the model.
    Core,
    /// Kept as behaviour.
    Behaviour,
    /// Known from other tools or for people; kept as metadata.
    Kept,
}

/// A known key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key as it is written.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// Where it can stand.
    pub at: &'static [At],
    /// What its value is.
    pub takes: Takes,
    /// What becomes of it.
    pub role: Role,
    /// What it says, one line.
    pub doc: &'static str,
}

type Table = FxHashMap<&'static str, &'static Key>;

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let mut tables = vec![Table::default(); At::ALL.len()];
    for key in KEYS {
        for at in key.at {
            for name in std::iter::once(&key.name).chain(key.aliases) {
                tables[*at as usize].insert(name, key);
            }
        }
    }
    tables
});

/// The key of a name at a place, found by its name or an alias.
pub fn find(at: At, name: &str) -> Option<&'static Key> {
    TABLES[at as usize].get(name).copied()
}

/// The keys that can stand at a place, in the table's order.
pub fn keys(at: At) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.at.contains(&at))
}

/// The names of the keys of a place, aliases too: candidates for "did you mean".
pub fn names(at: At) -> impl Iterator<Item = &'static str> {
    keys(at).flat_map(|key| std::iter::once(key.name).chain(key.aliases.iter().copied()))
}

/// A JSON Schema (2020-12) of what can stand at a place; for [`At::ELEMENTS`] that is front matter.
///
/// ```
/// use loko_model::schema::{At, json_schema};
/// let schema = json_schema(At::Container);
/// assert_eq!(schema["properties"]["technology"]["type"], "string");
/// ```
pub fn json_schema(at: At) -> Value {
    let mut schema = object_schema(at, 0);
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(at.name()));
    Value::Object(schema)
}

/// Nodes hold nodes: below this depth a schema says only "a table".
const SCHEMA_DEPTH_MAX: usize = 4;

fn object_schema(at: At, depth: usize) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in keys(at) {
        for name in std::iter::once(&key.name).chain(key.aliases) {
            let mut value = value_schema(key.takes, depth);
            if let Value::Object(fields) = &mut value {
                let doc = if *name == key.name { key.doc.to_owned() } else { format!("The same as `{}`.", key.name) };
                fields.insert("description".to_owned(), Value::String(doc));
            }
            properties.insert((*name).to_owned(), value);
        }
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema
}

fn value_schema(takes: Takes, depth: usize) -> Value {
    let table = |at| {
        if depth < SCHEMA_DEPTH_MAX { Value::Object(object_schema(at, depth + 1)) } else { json!({ "type": "object" }) }
    };
    match takes {
        Takes::Text => json!({ "type": "string" }),
        Takes::Bool => json!({ "type": "boolean" }),
        Takes::Count => json!({ "type": "integer", "minimum": 0 }),
        Takes::Texts => json!({ "type": ["array", "string"], "items": { "type": "string" } }),
        Takes::OneOf(words) => json!({ "type": "string", "enum": words }),
        Takes::TextMap => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Takes::Links => json!({
            "type": ["array", "object"],
            "items": { "anyOf": [{ "type": "string" }, table(At::Link)] },
            "additionalProperties": { "type": "string" },
        }),
        Takes::Relations => json!({
            "type": ["array", "object", "string"],
            "items": { "anyOf": [{ "type": "string" }, table(At::Relation)] },
        }),
        Takes::Tables(at) => json!({ "type": "array", "items": table(at) }),
        Takes::Table(at) => table(at),
        Takes::BoolOr(at) => json!({ "anyOf": [{ "type": "boolean" }, table(at)] }),
        Takes::Any => json!({}),
    }
}
