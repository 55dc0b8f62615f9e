//! The documentation of an event: a page of Markdown, and its flow as D2.

use crate::Event;
use loko_model::{ElementIx, Model};
use loko_source::Snapshot;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The page of an event, in Markdown.
pub fn page(model: &Model, snapshot: &Snapshot, event: &Event) -> String {
    let name = |ix: ElementIx| format!("{} (`{}`)", model.element(ix).name, model.element(ix).id);
    let mut out = format!("# {}\n", event.name);
    if let Some(description) = event.description.clone().or_else(|| described(snapshot, event)) {
        let _ = write!(out, "\n{description}\n");
    }
    let _ = write!(out, "\n| | |\n|---|---|\n");
    let mut row = |title: &str, text: String| {
        if !text.is_empty() {
            let _ = writeln!(out, "| {title} | {text} |");
        }
    };
    row("Version", event.version.clone().unwrap_or_default());
    row("Publisher", event.publishers.iter().map(|ix| name(*ix)).collect::<Vec<_>>().join(", "));
    row("Through", event.through.iter().map(|ix| name(*ix)).collect::<Vec<_>>().join(", "));
    row("Schema", event.schema.as_ref().map(|path| format!("[{path}]({path})")).unwrap_or_default());
    row("Carries", event.style.clone().unwrap_or_default());
    if !event.subscribers.is_empty() {
        out.push_str("\n## Subscribers\n\n");
        for (ix, action) in &event.subscribers {
            let action = action.as_ref().map(|action| format!(": {action}")).unwrap_or_default();
            let _ = writeln!(out, "- {}{action}", name(*ix));
        }
    }
    for example in &event.examples {
        if let Ok(text) = serde_json::to_string_pretty(example) {
            let _ = write!(out, "\n## Example\n\n```json\n{text}\n```\n");
        }
    }
    let _ = write!(out, "\n## Flow\n\n```d2\n{}```\n", flow(model, event));
    out
}

/// What the schema says that happened.
fn described(snapshot: &Snapshot, event: &Event) -> Option<String> {
    let schema: serde_json::Value = serde_json::from_str(snapshot.text(event.schema.as_deref()?)?).ok()?;
    schema["description"].as_str().map(str::to_owned)
}

/// The flow of an event as D2: from who publishes it, through queues and topics, to who hears of it.
pub fn flow(model: &Model, event: &Event) -> String {
    let mut out = String::from("direction: right\n");
    let key = |ix: ElementIx| format!("\"{}\"", model.element(ix).id);
    let mut object = |ix: ElementIx, shape: &str| {
        let label = model.element(ix).name.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(out, "{}: \"{label}\"{shape}", key(ix));
    };
    let subscribers: Vec<ElementIx> = event.subscribers.iter().map(|(ix, _)| *ix).collect();
    let mut known = BTreeSet::new();
    for ix in event.publishers.iter().chain(&subscribers) {
        if known.insert(*ix) {
            object(*ix, "");
        }
    }
    for ix in &event.through {
        if known.insert(*ix) {
            object(*ix, " { shape: queue }");
        }
    }
    let (firsts, lasts) = if event.through.is_empty() {
        (subscribers.clone(), event.publishers.clone())
    } else {
        (event.through.clone(), event.through.clone())
    };
    let mut drawn = BTreeSet::new();
    let mut arrow = |from: ElementIx, to: ElementIx| {
        if from != to && drawn.insert((from, to)) {
            let _ = writeln!(out, "{} -> {}: \"{}\" {{ style.stroke-dash: 5 }}", key(from), key(to), event.name);
        }
    };
    for from in &event.publishers {
        firsts.iter().for_each(|to| arrow(*from, *to));
    }
    for to in &subscribers {
        lasts.iter().for_each(|from| arrow(*from, *to));
    }
    out
}
