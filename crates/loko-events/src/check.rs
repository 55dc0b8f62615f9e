//! Names, schemas and examples of events, held against each other.

use crate::Event;
use loko_model::Model;
use loko_source::{Diagnostic, Snapshot, Span};

/// The keys of the envelope that a schema of an event names.
const NAME_KEYS: [&str; 2] = ["eventType", "type"];

/// What is wrong with the events of a model.
pub fn check(model: &Model, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let events = crate::events(model);
    events.iter().flat_map(|event| check_event(model, snapshot, event)).collect()
}

fn check_event(model: &Model, snapshot: &Snapshot, event: &Event) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let at = |finding: Diagnostic, label: &'static str| match event.places.first() {
        Some(place) => finding.at(&place.path, place.span, label),
        None => finding,
    };
    if !is_well_named(&event.name) {
        let finding = Diagnostic::warning("event-name", format!("`{}` is no name of an event", event.name));
        findings.push(at(finding, "here").help("name it `<entity>.<action>` in small letters, such as `order.placed`"));
    }
    if event.publishers.is_empty() {
        let heard: Vec<&str> = event.subscribers.iter().map(|(ix, _)| model.element(*ix).id.as_str()).collect();
        let message = format!("nobody publishes `{}`, which {} hears of", event.name, heard.join(", "));
        let finding = at(Diagnostic::warning("event-without-publisher", message), "heard of here");
        findings.push(finding.help("list it under `events` of the element that publishes it"));
    }
    if let Some(path) = &event.schema {
        findings.extend(
            schema(snapshot, event, path)
                .into_iter()
                .map(|finding| if finding.primary.is_some() { finding } else { at(finding, "names the schema") }),
        );
    }
    findings
}

/// `order.placed`, `shop.order.price_changed`: words of small letters, at least two.
fn is_well_named(name: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    };
    name.contains('.') && name.split('.').all(word)
}

/// What is wrong with a schema file and with examples of its event.
fn schema(snapshot: &Snapshot, event: &Event, path: &str) -> Vec<Diagnostic> {
    let Some(text) = snapshot.text(path) else {
        let message = format!("there is no file `{path}`, which is to hold the schema of `{}`", event.name);
        // A schema outside of `events` is not among the files that are read.
        if !path.starts_with("events/") {
            return Vec::new();
        }
        return vec![Diagnostic::warning("event-schema", message).help("write it there, or name another file")];
    };
    let file = loko_source::FilePath::new(path).ok();
    let in_file = |finding: Diagnostic| match &file {
        Some(file) => finding.at(file, Span::at(0), ""),
        None => finding,
    };
    let schema: serde_json::Value = match serde_json::from_str(text) {
        Ok(schema) => schema,
        Err(error) => {
            let finding = Diagnostic::error("event-schema", format!("`{path}` is not JSON: {error}"));
            return vec![in_file(finding)];
        }
    };
    let validator = match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) => {
            let finding = Diagnostic::error("event-schema", format!("`{path}` is no JSON Schema: {error}"));
            return vec![in_file(finding)];
        }
    };
    let mut findings = Vec::new();
    let said = NAME_KEYS.iter().find_map(|key| schema["properties"][key]["const"].as_str());
    if let Some(said) = said.filter(|said| *said != event.name) {
        let message = format!("`{path}` is the schema of `{said}`, not of `{}`", event.name);
        findings.push(in_file(Diagnostic::warning("event-schema", message)).help("name the schema of this event"));
    }
    for example in &event.examples {
        let Ok(value) = serde_json::to_value(example) else { continue };
        for error in validator.iter_errors(&value) {
            let message = format!("an example of `{}` does not keep to `{path}`: {error}", event.name);
            let finding = Diagnostic::warning("event-example", message);
            findings.push(match event.places.first() {
                Some(place) => finding.at(&place.path, example.span, "this example"),
                None => finding,
            });
        }
    }
    findings
}
