//! The events: a list of all, and a page each with who publishes and who hears of it, its flow and its schema.

use super::{Body, Crumb, Page, Ref, Sketch, here, section};
use crate::address::link;
use crate::links::FILES;
use crate::site::Site;
use loko_events::Event;
use loko_source::FilePath;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// The path of the list.
pub(crate) const INDEX: &str = "events/index.html";
/// Properties of a schema are listed down to this depth.
const SCHEMA_DEPTH_MAX: usize = 6;
/// Properties of a schema that are listed at most.
const PROPERTIES_MAX: usize = 200;

/// The list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EventsPage {
    pub lead: String,
    pub rows: Vec<EventRow>,
}

/// An event in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EventRow {
    pub name: String,
    pub href: String,
    pub version: String,
    pub description: String,
    /// Whether the element whose page this is publishes it, hears of it or passes it on; empty elsewhere.
    pub part: String,
    pub publishers: Vec<Ref>,
    pub subscribers: Vec<Ref>,
}

/// One event.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EventPage {
    pub name: String,
    pub version: String,
    pub style: String,
    pub description: String,
    pub publishers: Vec<Ref>,
    pub through: Vec<Ref>,
    pub subscribers: Vec<Subscriber>,
    pub schema: String,
    pub schema_href: String,
    pub properties: Vec<Property>,
    pub examples: Vec<String>,
}

/// Who hears of an event.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Subscriber {
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub action: String,
}

/// A property that an event carries.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Property {
    /// Its name with those around it: `payload.order.id`.
    pub name: String,
    pub kind: String,
    pub is_required: bool,
    pub description: String,
}

/// Plans the list.
pub(crate) fn index(site: &Site<'_>) -> Page {
    let rows: Vec<EventRow> = (0..site.events.len()).map(|at| site.event_row(INDEX, at, String::new())).collect();
    let lead = site.words.count("events.lead", rows.len());
    let title = site.say("nav.events");
    let mut frame = site.frame(INDEX, &title, &lead, Vec::new());
    frame.crumbs = vec![site.home_crumb(INDEX), here(title)];
    let body = Body::Events(EventsPage { lead, rows });
    Page { path: INDEX.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() }
}

/// Plans the page of an event.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let event = &site.events[at];
    let path = site.addresses.event(at);
    let schema = schema(site, event);
    let properties = schema.as_ref().map(properties).unwrap_or_default();
    let refs = |all: &[loko_model::ElementIx]| all.iter().map(|ix| site.reference(path, *ix)).collect::<Vec<Ref>>();
    let body = EventPage {
        name: event.name.clone(),
        version: event.version.clone().unwrap_or_default(),
        style: event.style.clone().unwrap_or_default(),
        description: site.event_descriptions[at].clone(),
        publishers: refs(&event.publishers),
        through: refs(&event.through),
        subscribers: event
            .subscribers
            .iter()
            .map(|(ix, action)| Subscriber {
                reference: site.reference(path, *ix),
                action: action.clone().unwrap_or_default(),
            })
            .collect(),
        schema: event.schema.clone().unwrap_or_default(),
        schema_href: schema_file(site, event).map(|file| link(path, &format!("{FILES}/{file}"))).unwrap_or_default(),
        properties,
        examples: event.examples.iter().filter_map(|it| serde_json::to_string_pretty(it).ok()).collect(),
    };
    let sections = [
        ("s-subscribers", "events.subscribers", !body.subscribers.is_empty()),
        ("s-schema", "events.what-it-carries", !body.properties.is_empty()),
        ("s-examples", "events.examples", !body.examples.is_empty()),
    ];
    let sections = sections.into_iter().filter(|(.., is_there)| *is_there);
    let sections = sections.map(|(id, key, _)| section(id, &site.say(key)));
    let mut frame = site.frame(path, &event.name, &body.description, sections.collect());
    let list = Crumb { name: site.say("nav.events"), href: Some(link(path, INDEX)) };
    frame.crumbs = vec![site.home_crumb(path), list, here(event.name.clone())];
    frame.set_source(site, event.schema.as_deref().unwrap_or_default());
    let has_flow = !event.publishers.is_empty() || !event.subscribers.is_empty();
    let sketch = Sketch { title: site.words.fill("events.flow", &[("name", &event.name)]), d2: flow(site, event) };
    let sketches = if has_flow { vec![sketch] } else { Vec::new() };
    Page { path: path.to_owned(), frame, body: Body::Event(body), drawings: Vec::new(), prose: None, sketches }
}

/// The flow, with the ways to the pages of those who take part.
fn flow(site: &Site<'_>, event: &Event) -> String {
    let mut d2 = loko_events::flow(site.model, event);
    let ends = event.publishers.iter().chain(&event.through).chain(event.subscribers.iter().map(|(ix, _)| ix));
    let ends: std::collections::BTreeSet<_> = ends.copied().collect();
    for ix in ends {
        let id = &site.model.element(ix).id;
        let _ = writeln!(d2, "\"{id}\".link: \"element:{id}\"");
    }
    d2
}

/// The schema's file, if the workspace holds it.
pub(crate) fn schema_file(site: &Site<'_>, event: &Event) -> Option<FilePath> {
    let file = FilePath::new(event.schema.as_deref()?).ok()?;
    site.snapshot.text(file.as_str())?;
    Some(file)
}

fn schema(site: &Site<'_>, event: &Event) -> Option<Value> {
    serde_json::from_str(site.snapshot.text(schema_file(site, event)?.as_str())?).ok()
}

fn properties(schema: &Value) -> Vec<Property> {
    let mut found = Vec::new();
    gather(schema, "", 0, &mut found);
    found
}

fn gather(schema: &Value, around: &str, depth: usize, found: &mut Vec<Property>) {
    let Some(properties) = schema["properties"].as_object().filter(|_| depth < SCHEMA_DEPTH_MAX) else { return };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, property) in properties {
        if found.len() >= PROPERTIES_MAX {
            return;
        }
        let name = if around.is_empty() { key.clone() } else { format!("{around}.{key}") };
        found.push(Property {
            kind: kind(property),
            is_required: required.contains(&key.as_str()),
            description: property["description"].as_str().unwrap_or_default().to_owned(),
            name: name.clone(),
        });
        gather(property, &name, depth + 1, found);
        gather(&property["items"], &format!("{name}[]"), depth + 1, found);
    }
}

/// What values a property takes, in a few words.
fn kind(property: &Value) -> String {
    let simple = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if !property["const"].is_null() {
        return format!("“{}”", simple(&property["const"]));
    }
    if let Some(words) = property["enum"].as_array() {
        return words.iter().map(simple).collect::<Vec<_>>().join(" | ");
    }
    if let Some(reference) = property["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or(reference).to_owned();
    }
    let of = match &property["type"] {
        Value::Array(kinds) => kinds.iter().map(simple).collect::<Vec<_>>().join(" | "),
        Value::Null => String::new(),
        one => simple(one),
    };
    match property["format"].as_str() {
        Some(format) if of == "string" => format.to_owned(),
        Some(format) => format!("{of}, {format}"),
        None if of == "array" => match kind(&property["items"]).as_str() {
            "" => "list".to_owned(),
            item => format!("list of {item}"),
        },
        None => of,
    }
}

impl Site<'_> {
    /// An event in a list on a page.
    pub(crate) fn event_row(&self, page: &str, at: usize, part: String) -> EventRow {
        let event = &self.events[at];
        EventRow {
            name: event.name.clone(),
            href: link(page, self.addresses.event(at)),
            version: event.version.clone().unwrap_or_default(),
            description: self.event_descriptions[at].clone(),
            part,
            publishers: event.publishers.iter().map(|ix| self.reference(page, *ix)).collect(),
            subscribers: event.subscribers.iter().map(|(ix, _)| self.reference(page, *ix)).collect(),
        }
    }

    /// The page of an event of a name.
    pub(crate) fn event_href(&self, page: &str, name: &str) -> Option<String> {
        let at = self.events.binary_search_by(|event| event.name.as_str().cmp(name)).ok()?;
        Some(link(page, self.addresses.event(at)))
    }

    /// The events that an element, or something in it, takes part in.
    pub(crate) fn events_of(&self, ix: loko_model::ElementIx, page: &str) -> Vec<EventRow> {
        let within = |it: &loko_model::ElementIx| self.model.is_within(*it, ix);
        let part = |event: &Event| {
            if event.publishers.iter().any(within) {
                Some("events.publishes")
            } else if event.through.iter().any(within) {
                Some("events.passes-on")
            } else {
                event.subscribers.iter().any(|(it, _)| within(it)).then_some("events.hears-of")
            }
        };
        let events = self.events.iter().enumerate();
        events.filter_map(|(at, event)| Some(self.event_row(page, at, self.say(part(event)?)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn properties_are_named_with_those_around_them() {
        let schema = json!({ "required": ["a"], "properties": {
            "a": { "type": "object", "properties": { "b": { "type": "string", "format": "uuid" } } },
            "c": { "type": "array", "items": { "type": "object", "properties": { "d": { "enum": ["x", "y"] } } } },
        } });
        let found = properties(&schema);
        let told: Vec<String> = found.iter().map(|it| format!("{} {} {}", it.name, it.kind, it.is_required)).collect();
        assert_eq!(told, ["a object true", "a.b uuid false", "c list of object false", "c[].d x | y false"]);
    }

    #[test]
    fn an_endless_schema_ends() {
        let mut schema = json!({});
        for _ in 0..50 {
            schema = json!({ "properties": { "x": schema } });
        }
        assert_eq!(properties(&schema).len(), SCHEMA_DEPTH_MAX);
    }
}
