//! The events of a model: who publishes each, who hears of it, by which schema, and what breaks between revisions.
//!
//! Elements say which events they publish and consume, relations which event travels on them; here that is put
//! together. [`check()`] holds names, schemas and examples against each other, [`breaking`] two revisions. Schemas are
//! files of the snapshot; nothing is fetched.

mod breaking;
mod check;
mod page;

pub use breaking::{Break, breaking};
pub use check::check;
pub use page::{flow, page};

use loko_model::behaviour::Behaviour;
use loko_model::{ElementIx, ElementShape, Model, RelationKind, Value};
use loko_source::Place;
use std::collections::BTreeMap;

/// An event of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// Its name, `<entity>.<action>`.
    pub name: String,
    /// The version of its schema, if anybody states it.
    pub version: Option<String>,
    /// The file of its schema.
    pub schema: Option<String>,
    /// How much it carries: notification, state transfer …
    pub style: Option<String>,
    /// What happened.
    pub description: Option<String>,
    /// Examples of it.
    pub examples: Vec<Value>,
    /// Who publishes it.
    pub publishers: Vec<ElementIx>,
    /// Queues and topics that it passes through.
    pub through: Vec<ElementIx>,
    /// Who hears of it, and what is done about it.
    pub subscribers: Vec<(ElementIx, Option<String>)>,
    /// Where it is stated, the publishers' statements first.
    pub places: Vec<Place>,
}

/// The events of a model, sorted by name.
pub fn events(model: &Model) -> Vec<Event> {
    let mut all: BTreeMap<String, Event> = BTreeMap::new();
    for ix in model.ids() {
        for item in Behaviour::of_element(model.element(ix)).items("events") {
            let Some(name) = item.text("name") else { continue };
            let event = named(&mut all, &name);
            // A topic that lists its events passes them on; who hands them to it publishes.
            if is_channel(model, ix) {
                event.through.push(ix);
            } else {
                event.publishers.push(ix);
            }
            event.places.extend(item.find("name").map(|it| Place::new(model.element(ix).file.clone(), it.value.span)));
            for (open, said) in [
                (&mut event.version, item.text("version")),
                (&mut event.schema, item.text("schema")),
                (&mut event.style, item.text("style")),
                (&mut event.description, item.text("description")),
            ] {
                if open.is_none() {
                    *open = said;
                }
            }
            if let Some(found) = item.find("examples") {
                event
                    .examples
                    .extend(found.value.as_list().map_or_else(|| vec![found.value.clone()], <[Value]>::to_vec));
            }
        }
    }
    for ix in model.ids() {
        for item in Behaviour::of_element(model.element(ix)).items("consumes") {
            let Some(name) = item.text("name") else { continue };
            let event = named(&mut all, &name);
            event.subscribers.push((ix, item.text("action")));
            event.places.extend(item.find("name").map(|it| Place::new(model.element(ix).file.clone(), it.value.span)));
        }
    }
    travelling(model, &mut all);
    all.values_mut().filter(|event| event.publishers.is_empty()).for_each(|event| hand_over(model, event));
    for event in all.values_mut() {
        event.publishers.sort();
        event.publishers.dedup();
        event.through.sort();
        event.through.dedup();
        event.subscribers.sort();
        event.subscribers.dedup_by(|a, b| a.0 == b.0);
    }
    all.into_values().collect()
}

fn named<'e>(all: &'e mut BTreeMap<String, Event>, name: &str) -> &'e mut Event {
    all.entry(name.to_owned()).or_insert_with(|| Event { name: name.to_owned(), ..Event::default() })
}

/// What relations say: who hands an event to whom. A queue passes on; who hands to one publishes, and who is handed
/// one by a queue hears of it. A part of a known publisher or subscriber is no other one.
fn travelling(model: &Model, all: &mut BTreeMap<String, Event>) {
    for relation in &model.relations {
        let Some(name) = &relation.event else { continue };
        let event = named(all, name);
        event.places.push(relation.place.clone());
        if event.schema.is_none() {
            event.schema = Behaviour::of_relation(relation).text("schema");
        }
        let known = |all: &[ElementIx], ix: ElementIx| {
            all.iter().any(|other| *other == ix || model.is_within(ix, *other) || model.is_within(*other, ix))
        };
        if is_channel(model, relation.source) {
            event.through.push(relation.source);
        } else if event.publishers.is_empty() || !known(&event.publishers, relation.source) {
            let stated = event.publishers.iter().any(|ix| states(model, *ix, name));
            if !stated {
                event.publishers.push(relation.source);
            }
        }
        if is_channel(model, relation.target) {
            event.through.push(relation.target);
        } else {
            let heard: Vec<ElementIx> = event.subscribers.iter().map(|(ix, _)| *ix).collect();
            if !known(&heard, relation.target) {
                event
                    .subscribers
                    .push((relation.target, Some(relation.description.clone()).filter(|it| !it.is_empty())));
            }
        }
    }
}

/// Where no relation names the event, whoever hands something to its topics publishes it; of a topic into which nothing
/// leads, the topic does.
fn hand_over(model: &Model, event: &mut Event) {
    for ix in &event.through {
        let all = model.incoming(*ix).iter().map(|ix| model.relation(*ix));
        let handing = all.filter(|relation| relation.kind != RelationKind::Sync).map(|relation| relation.source);
        event.publishers.extend(handing);
    }
    if event.publishers.is_empty() {
        event.publishers.clone_from(&event.through);
    }
}

/// Whether an element lists an event as its own.
fn states(model: &Model, ix: ElementIx, name: &str) -> bool {
    let items = Behaviour::of_element(model.element(ix)).items("events");
    items.iter().any(|item| item.text("name").as_deref() == Some(name))
}

fn is_channel(model: &Model, ix: ElementIx) -> bool {
    matches!(model.element(ix).shape, Some(ElementShape::Queue | ElementShape::Topic))
}
