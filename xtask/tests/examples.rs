//! The workspaces under `examples/` have no findings, and what they say about events holds together.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads this repository")]

use loko_model::value::Data;
use loko_model::{Model, Value};
use loko_source::disk::Workspace;
use loko_source::render::line;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const EXAMPLES: [&str; 3] = ["hello", "shop", "loko"];

fn folder(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(example)
}

/// An example's model, and its findings, a line each.
fn load(example: &str) -> (Model, Vec<String>) {
    let workspace = Workspace::open(&folder(example)).unwrap();
    let settings = workspace.read_text("loko.toml").unwrap();
    let (snapshot, mut findings) = workspace.snapshot(&loko_model::load::scope(Some(settings.text()))).unwrap();
    let loaded = loko_model::load(&snapshot);
    findings.extend(loaded.findings);
    (loaded.model, findings.iter().map(|finding| line(finding, &snapshot)).collect())
}

#[test]
fn examples_have_no_findings() {
    for example in EXAMPLES {
        let (model, findings) = load(example);
        assert!(!model.elements.is_empty(), "{example} is empty");
        assert!(findings.is_empty(), "examples/{example}:\n{}", findings.join("\n"));
    }
}

#[test]
fn every_element_of_the_shop_is_used_or_uses_or_has_parts() {
    let (model, _) = load("shop");
    let idle = |ix| model.outgoing(ix).is_empty() && model.incoming(ix).is_empty() && model.children(ix).is_empty();
    let idle: Vec<&str> = model.ids().filter(|ix| idle(*ix)).map(|ix| model.element(ix).id.as_str()).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn every_event_of_the_shop_is_published_once_and_has_a_schema() {
    let (model, _) = load("shop");
    let mut published = BTreeSet::new();
    for element in &model.elements {
        for event in entries(element.behaviour.get("events")) {
            let text = |key: &str| event.as_map().and_then(|map| map.get(key)?.value.as_text()).map(str::to_owned);
            let (name, schema) = (text("name").unwrap(), text("schema").unwrap());
            assert!(folder("shop").join(&schema).is_file(), "{}: there is no {schema}", element.id);
            assert!(published.insert(name.clone()), "{name} is published twice");
        }
    }
    let consumed = model.elements.iter().flat_map(|element| entries(element.behaviour.get("consumes")));
    let consumed = consumed.filter_map(Value::as_text).map(str::to_owned);
    let travelling = model.relations.iter().filter_map(|relation| relation.event.clone());
    for event in consumed.chain(travelling) {
        assert!(published.contains(&event), "nobody publishes {event}");
    }
}

fn entries(value: Option<&Value>) -> &[Value] {
    match value.map(|value| &value.data) {
        Some(Data::List(items)) => items,
        _ => &[],
    }
}
