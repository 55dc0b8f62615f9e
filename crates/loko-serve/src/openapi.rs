//! The API's own description, as OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>).
//!
//! What it says of answers is meant: they have these fields and types, and no status besides those that are named.

use crate::state::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// `/api/v1/openapi.json`.
pub(crate) async fn document(State(state): State<Shared>) -> Json<Value> {
    Json(value(state.desk.is_some()))
}

/// The same as YAML.
pub(crate) async fn document_as_yaml(State(state): State<Shared>) -> impl IntoResponse {
    // RFC 9512 has the type.
    ([(header::CONTENT_TYPE, "application/yaml; charset=utf-8")], yaml(&value(state.desk.is_some())))
}

/// A value as YAML 1.2: maps and lists a line for each entry, everything else as in JSON, which YAML reads too.
fn yaml(value: &Value) -> String {
    let mut out = String::new();
    push_yaml(&mut out, value, 0);
    out.trim_start().to_owned()
}

fn push_yaml(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, of) in fields {
                let _ = write!(out, "\n{indent}{}:", Value::from(name.as_str()));
                push_yaml(out, of, depth + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "\n{indent}-");
                push_yaml(out, item, depth + 1);
            }
        }
        other => {
            let _ = write!(out, " {other}");
        }
    }
    if depth == 0 {
        out.push('\n');
    }
}

/// The description; of a server with a desk that draws and writes too.
pub(crate) fn value(has_desk: bool) -> Value {
    let mut paths = Map::new();
    for (path, operations) in reading().into_iter().chain(has_desk.then(working).into_iter().flatten()) {
        paths.insert(path.to_owned(), operations);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "loko",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Architecture as code: the model of one workspace, what is wrong with it, and the work on it.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }, {}],
        "tags": [
            { "name": "model", "description": "What the workspace says." },
            { "name": "build", "description": "The documentation as files." },
            { "name": "work", "description": "Drawing, completing, looking at unsaved texts, writing." },
            { "name": "server", "description": "The server itself." },
        ],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn number() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// An object of which all these fields are always there.
fn object(fields: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = fields.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// An answer that says `success` and more.
fn success(fields: &[(&str, Value)]) -> Value {
    let mut all = vec![("success", json!({ "type": "boolean" }))];
    all.extend(fields.iter().cloned());
    object(&all)
}

fn parameter(name: &str, place: &str, description: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": place, "required": place == "path", "description": description, "schema": schema })
}

fn query(name: &str, description: &str) -> Value {
    parameter(name, "query", description, &text())
}

fn needed(name: &str, description: &str) -> Value {
    let mut parameter = query(name, description);
    parameter["required"] = json!(true);
    parameter
}

fn paging() -> [Value; 2] {
    [
        parameter("limit", "query", "At most so many; 20 when not said, never more than 1000", &number()),
        parameter("offset", "query", "Leave out so many", &number()),
    ]
}

/// An operation: its id, summary, tag, parameters, body, good status and answer, and what else may come.
struct Operation<'a> {
    id: &'a str,
    tag: &'a str,
    summary: &'a str,
    parameters: Vec<Value>,
    body: Option<(bool, Value)>,
    status: &'a str,
    answer: Value,
    refusals: &'a [&'a str],
}

impl Operation<'_> {
    fn get<'a>(id: &'a str, summary: &'a str, answer: Value) -> Operation<'a> {
        Operation {
            id,
            tag: "model",
            summary,
            parameters: Vec::new(),
            body: None,
            status: "200",
            answer,
            refusals: &[],
        }
    }

    fn json(&self) -> Value {
        let schema = |schema: &Value| json!({ "application/json": { "schema": schema } });
        let mut responses = Map::new();
        responses
            .insert(self.status.to_owned(), json!({ "description": self.summary, "content": schema(&self.answer) }));
        for status in ["401", "403", "408", "429", "500"].iter().chain(self.refusals) {
            let told = match *status {
                "400" => "The question is not what it should be",
                "401" => "The key is missing",
                "403" => "The host, the origin or the path may not ask for this, or the server is read-only",
                "404" => "There is no such thing",
                "408" => "It took too long",
                "409" => "Something else is true by now, or the name could be any of several",
                "413" => "The body is too large",
                "415" => "The body is no JSON",
                "429" => "Too many requests, or wrong keys; `Retry-After` says how long to wait",
                _ => "The workspace cannot be read",
            };
            responses.insert((*status).to_owned(), json!({ "description": told, "content": schema(&named("Error")) }));
        }
        let mut operation = json!({
            "operationId": self.id, "summary": self.summary, "tags": [self.tag], "responses": responses,
        });
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        if let Some((required, body)) = &self.body {
            operation["requestBody"] = json!({ "required": required, "content": schema(body) });
        }
        operation
    }
}

fn one(method: &str, operation: &Operation<'_>) -> Value {
    json!({ method: operation.json() })
}

fn id(description: &str) -> Vec<Value> {
    vec![parameter("id", "path", description, &json!({ "type": "string", "minLength": 1 }))]
}

fn total(name: &'static str, of: &str) -> Vec<(&'static str, Value)> {
    vec![("total_count", number()), (name, list(&named(of)))]
}

/// What only reads, and the builds that the Go loko's callers know.
fn reading() -> Vec<(&'static str, Value)> {
    let mut health = one(
        "get",
        &Operation {
            tag: "server",
            ..Operation::get(
                "health",
                "Whether the server runs",
                object(&[("status", text()), ("version", text()), ("uptime", text())]),
            )
        },
    );
    health["get"]["security"] = json!([]);
    let mut described = one(
        "get",
        &Operation { tag: "server", ..Operation::get("openapi", "This document", json!({ "type": "object" })) },
    );
    described["get"]["security"] = json!([]);
    let project = [
        ("name", text()),
        ("description", text()),
        ("version", text()),
        ("system_count", number()),
        ("container_count", number()),
        ("component_count", number()),
    ];
    let systems = [("total_count", number()), ("systems", list(&named("System"))), ("project_name", text())];
    let filters = ["kind", "tag", "technology", "owner"].map(|name| query(name, "Only elements with this"));
    let filtered = || filters.iter().cloned().chain(paging()).collect::<Vec<Value>>();
    let ends = [query("from", "Where they start: an element, or a pattern"), query("to", "Where they end")];
    let paged = |name, of| {
        let mut fields = total(name, of);
        fields.push(("offset", number()));
        success(&fields)
    };
    vec![
        ("/health", health),
        ("/api/v1/openapi.json", described),
        ("/api/v1/project", one("get", &Operation::get("project", "The project and its size", success(&project)))),
        ("/api/v1/systems", one("get", &Operation::get("systems", "All systems", success(&systems)))),
        (
            "/api/v1/systems/{id}",
            one(
                "get",
                &Operation {
                    parameters: id("The system's id"),
                    refusals: &["404"],
                    ..Operation::get(
                        "system",
                        "One system with its containers",
                        success(&[("system", named("System")), ("containers", list(&named("Container")))]),
                    )
                },
            ),
        ),
        (
            "/api/v1/elements",
            one(
                "get",
                &Operation {
                    parameters: filtered(),
                    refusals: &["400"],
                    ..Operation::get("elements", "Elements, by id", paged("elements", "ElementRow"))
                },
            ),
        ),
        (
            "/api/v1/elements/{id}",
            one(
                "get",
                &Operation {
                    parameters: id("An element's id, or a name that is unique"),
                    refusals: &["404", "409"],
                    ..Operation::get(
                        "element",
                        "One element with its parts and relations",
                        success(&[
                            ("element", named("Element")),
                            ("parts", list(&named("ElementRef"))),
                            ("uses", list(&named("Relation"))),
                            ("used_by", list(&named("Relation"))),
                        ]),
                    )
                },
            ),
        ),
        (
            "/api/v1/relations",
            one(
                "get",
                &Operation {
                    parameters: ends.into_iter().chain(paging()).collect(),
                    refusals: &["400"],
                    ..Operation::get("relations", "Relations", paged("relations", "Relation"))
                },
            ),
        ),
        (
            "/api/v1/path",
            one(
                "get",
                &Operation {
                    parameters: vec![
                        needed("from", "Where to start"),
                        needed("to", "Where to arrive"),
                        paging()[0].clone(),
                    ],
                    refusals: &["400", "404", "409"],
                    ..Operation::get(
                        "path",
                        "Ways from one element to another, the shortest first",
                        success(&[("paths", list(&named("Path")))]),
                    )
                },
            ),
        ),
        (
            "/api/v1/search",
            one(
                "get",
                &Operation {
                    parameters: std::iter::once(query("q", "Words, or a pattern with `*`")).chain(filtered()).collect(),
                    refusals: &["400"],
                    ..Operation::get("search", "Elements by words, the best first", success(&total("results", "Hit")))
                },
            ),
        ),
        ("/api/v1/views", one("get", &Operation::get("views", "All views", success(&total("views", "View"))))),
        (
            "/api/v1/decisions",
            one("get", &Operation::get("decisions", "All decisions", success(&total("decisions", "Decision")))),
        ),
        (
            "/api/v1/validate",
            one(
                "get",
                &Operation::get(
                    "validate",
                    "What is wrong with the workspace",
                    success(&[
                        ("valid", json!({ "type": "boolean" })),
                        ("error_count", number()),
                        ("warning_count", number()),
                        ("issues", list(&named("Issue"))),
                        ("message", text()),
                    ]),
                ),
            ),
        ),
        (
            "/api/v1/build",
            one(
                "post",
                &Operation {
                    tag: "build",
                    body: Some((
                        false,
                        json!({ "type": "object", "properties": {
                "format": { "type": ["string", "null"], "description": "html, markdown, pdf, json, toon; several separated by commas" },
                "incremental": { "type": ["boolean", "null"], "description": "Accepted; every build is incremental" },
                "output_dir": { "type": ["string", "null"], "description": "A folder inside the workspace" },
            } }),
                    )),
                    status: "202",
                    refusals: &["400", "413", "415"],
                    ..Operation::get(
                        "build",
                        "Build the documentation into a folder of the workspace",
                        success(&[("build_id", text()), ("status", text()), ("message", text())]),
                    )
                },
            ),
        ),
        (
            "/api/v1/build/{id}",
            one(
                "get",
                &Operation {
                    tag: "build",
                    parameters: id("A build's id, or `latest`"),
                    refusals: &["404"],
                    ..Operation::get(
                        "buildStatus",
                        "How a build stands",
                        success(&[
                            ("build_id", text()),
                            ("status", json!({ "enum": ["building", "complete", "failed"] })),
                            ("duration_ms", number()),
                            ("message", text()),
                        ]),
                    )
                },
            ),
        ),
    ]
}

/// What draws and writes.
fn working() -> Vec<(&'static str, Value)> {
    let draft =
        || success(&[("revision", text()), ("page", text()), ("html", text()), ("problems", list(&named("Problem")))]);
    let work = |id, summary, body: Value, answer| Operation {
        tag: "work",
        body: Some((true, body)),
        refusals: &["400", "404", "409", "413", "415"],
        ..Operation::get(id, summary, answer)
    };
    let written = [("path", text()), ("text", text())];
    let source = json!({
        "get": Operation {
            tag: "work",
            parameters: vec![needed("path", "The file's path in the workspace")],
            refusals: &["400", "404"],
            ..Operation::get("source", "A file's text", success(&[("path", text()), ("text", text()), ("revision", text()), ("read_only", json!({ "type": "boolean" }))]))
        }.json(),
        "put": work("save", "Write a file, if it still is the revision that was read",
            object(&[("path", text()), ("text", text()), ("revision", text())]), draft()).json(),
    });
    vec![
        (
            "/api/v1/d2/render",
            one(
                "post",
                &work(
                    "render",
                    "Draw D2",
                    object(&[("d2", text())]),
                    success(&[("svg", text()), ("problems", list(&named("Problem")))]),
                ),
            ),
        ),
        (
            "/api/v1/complete",
            one(
                "post",
                &work(
                    "complete",
                    "What can be written at a place",
                    object(&[("path", text()), ("text", text()), ("offset", number())]),
                    success(&[("proposals", list(&named("Proposal")))]),
                ),
            ),
        ),
        (
            "/api/v1/files",
            one(
                "get",
                &Operation {
                    tag: "work",
                    refusals: &["404"],
                    ..Operation::get(
                        "files",
                        "The files that can be edited",
                        success(&[("read_only", json!({ "type": "boolean" })), ("files", list(&text()))]),
                    )
                },
            ),
        ),
        ("/api/v1/source", source),
        (
            "/api/v1/preview",
            one(
                "post",
                &work("preview", "The workspace with a text changed; nothing is written", object(&written), draft()),
            ),
        ),
        (
            "/api/v1/open",
            one(
                "post",
                &work(
                    "open",
                    "Open a file in the user's own editor",
                    json!({ "type": "object", "required": ["path"], "properties": { "path": text(), "line": number() } }),
                    success(&[]),
                ),
            ),
        ),
    ]
}

fn schemas() -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    let kind = json!({ "enum": ["person", "system", "container", "component"] });
    let flag = json!({ "type": "boolean" });
    let about = [("id", text()), ("name", text()), ("description", text()), ("tags", list(&text()))];
    let with =
        |more: &[(&'static str, Value)]| object(&about.iter().cloned().chain(more.iter().cloned()).collect::<Vec<_>>());
    let row = [("kind", kind.clone()), ("technology", text()), ("owner", maybe.clone()), ("external", flag)];
    let reference = [("id", text()), ("name", text()), ("kind", kind)];
    json!({
        "Error": object(&[("error", text()), ("code", text())]),
        "System": with(&[("container_count", number()), ("component_count", number())]),
        "Container": with(&[("technology", text()), ("component_count", number())]),
        "ElementRow": with(&row),
        // The owner as it is written, and the one that holds: a part has its whole's.
        "Element": with(&row.iter().cloned().chain([("owned_by", maybe.clone()), ("file", text())]).collect::<Vec<_>>()),
        "ElementRef": object(&reference),
        "Relation": object(&[("id", text())]),
        "Path": object(&[("length", number()), ("relations", list(&named("Relation")))]),
        "Hit": object(&reference.iter().cloned().chain([("description", text()), ("score", number()), ("matched", text())]).collect::<Vec<_>>()),
        "View": object(&[("key", text()), ("title", text()), ("description", text()), ("scope", maybe.clone())]),
        "Decision": object(&[("id", text()), ("title", text()), ("status", text()), ("date", text()), ("elements", list(&text()))]),
        "Issue": object(&[("code", text()), ("severity", json!({ "enum": ["error", "warning", "info"] })), ("message", text())]),
        "Problem": object(&[
            ("severity", json!({ "enum": ["error", "warning", "info"] })), ("code", text()), ("message", text()),
            ("line", number()), ("column", number()), ("start", number()), ("end", number()),
        ]),
        "Proposal": object(&[("label", text()), ("kind", text()), ("detail", text())]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_says_the_same() {
        let value = json!({ "a": [1, { "b": [], "c": { "d: #": "x\ny" } }, [2, 3]], "e": {}, "yes": null });
        let expected = "\"a\":\n  - 1\n  -\n    \"b\": []\n    \"c\":\n      \"d: #\": \"x\\ny\"\n  -\n    - 2\n    - 3\n\"e\": {}\n\"yes\": null\n";
        assert_eq!(yaml(&value), expected);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let value = value(true);
        let text = value.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(value["components"]["schemas"][name].is_object(), "{name}");
        }
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let value = value(true);
        let mut ids: Vec<&str> = Vec::new();
        for operations in value["paths"].as_object().into_iter().flat_map(|paths| paths.values()) {
            for operation in operations.as_object().into_iter().flat_map(|all| all.values()) {
                ids.push(operation["operationId"].as_str().unwrap_or_default());
            }
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(count >= 20, "{count}");
    }
}
