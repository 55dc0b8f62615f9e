//! What clients can read by address: elements, views as pictures, findings, decisions, the schema.
//!
//! Addresses are `loko://elements/<id>`, `loko://views/<key>.svg` (or `.png`, `.txt`), `loko://decisions/<id>`,
//! `loko://project`, `loko://findings`, `loko://schema` and `loko://model-schema`.

use crate::outline::{self, Level, Outline};
use crate::problem::clip;
use crate::project::State;
use crate::shapes::FindingShape;
use base64::Engine as _;
use loko_model::view;
use loko_model::{Element, Kind, Model};
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Resources on a page of the list.
pub(crate) const PAGE: usize = 200;
/// What a completion holds at most.
pub(crate) const COMPLETIONS_MAX: usize = 100;
/// Pixels a unit of the drawing.
const SCALE: f64 = 2.0;

/// What changed between two states, for those who listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The ids of elements that came, went, or are said to be otherwise.
    pub(crate) elements: BTreeSet<String>,
    /// Whether elements, decisions or views came or went.
    pub(crate) list: bool,
}

impl Changed {
    pub(crate) fn between(before: &State, after: &State) -> Self {
        let mut changed = Self::default();
        let (old, new) = (before.model(), after.model());
        let edited = after.snapshot.changed_since(&before.snapshot);
        let is_edited = |element: &Element| edited.binary_search(&&element.file).is_ok();
        // Both are sorted by the parts of ids: what is in an element follows it.
        let (mut olds, mut news) = (old.elements.iter().peekable(), new.elements.iter().peekable());
        loop {
            let next = match (olds.peek(), news.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                // Models made from each other share what was not edited.
                (Some(old), Some(new)) if Arc::ptr_eq(old, new) => {
                    olds.next();
                    news.next();
                    continue;
                }
                (Some(old), Some(new)) => old.id.split('/').cmp(new.id.split('/')),
            };
            let (gone, come) = (olds.next_if(|_| next.is_le()), news.next_if(|_| next.is_ge()));
            let (Some(one), is_twin) = (gone.or(come), gone.is_some() && come.is_some()) else { break };
            let moved = is_twin && gone.map(|it| &it.file) != come.map(|it| &it.file);
            if !is_twin || moved || is_edited(one) {
                changed.elements.insert(one.id.to_string());
            }
            changed.list |= !is_twin;
        }
        let decisions =
            |model: &Model| model.decisions.iter().map(|decision| decision.id.clone()).collect::<BTreeSet<_>>();
        changed.list |= decisions(old) != decisions(new);
        changed
    }

    /// Whether what stands at an address may read otherwise now.
    pub(crate) fn touches(&self, uri: &str) -> bool {
        match uri.strip_prefix("loko://elements/") {
            Some(id) => self.elements.contains(id),
            // Pictures, findings and the rest follow from everything.
            None => !uri.ends_with("schema"),
        }
    }
}

/// A page of all resources, and where the next page begins.
pub(crate) fn list(state: &State, cursor: usize) -> (Vec<Resource>, Option<usize>) {
    let model = state.model();
    let mut all: Vec<Resource> = vec![
        Resource::new("loko://project", "project")
            .with_title("The architecture in short")
            .with_mime_type("text/markdown"),
        Resource::new("loko://findings", "findings").with_title("All findings").with_mime_type("application/json"),
        Resource::new("loko://schema", "schema")
            .with_title("JSON Schema of front matter")
            .with_mime_type("application/schema+json"),
        Resource::new("loko://model-schema", "model-schema")
            .with_title("JSON Schema of the exported model")
            .with_mime_type("application/schema+json"),
    ];
    all.extend(model.decisions.iter().map(|decision| {
        Resource::new(format!("loko://decisions/{}", decision.id), decision.id.clone())
            .with_title(decision.title.clone())
            .with_mime_type("text/markdown")
    }));
    all.extend(view::views(model).into_iter().map(|view| {
        Resource::new(format!("loko://views/{}.svg", view.key), view.key.clone())
            .with_title(view.title)
            .with_mime_type("image/svg+xml")
    }));
    all.extend(model.elements.iter().map(|element| {
        Resource::new(format!("loko://elements/{}", element.id), element.id.to_string())
            .with_title(element.name.clone())
            .with_description(clip(&element.description, 200))
            .with_mime_type("text/markdown")
    }));
    let next = (cursor + PAGE < all.len()).then_some(cursor + PAGE);
    (all.into_iter().skip(cursor).take(PAGE).collect(), next)
}

/// The forms of addresses.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new("loko://elements/{+id}", "element")
            .with_title("An element: what is said of it, its parts and relations")
            .with_mime_type("text/markdown"),
        ResourceTemplate::new("loko://views/{+key}.svg", "view")
            .with_title("A view as SVG")
            .with_mime_type("image/svg+xml"),
        ResourceTemplate::new("loko://views/{+key}.png", "view-png")
            .with_title("A view as PNG")
            .with_mime_type("image/png"),
        ResourceTemplate::new("loko://views/{+key}.txt", "view-text")
            .with_title("A view in letters")
            .with_mime_type("text/plain"),
        ResourceTemplate::new("loko://decisions/{id}", "decision")
            .with_title("A decision")
            .with_mime_type("text/markdown"),
    ]
}

/// What stands at an address; nothing when there is no such thing.
pub(crate) fn read(state: &State, uri: &str) -> Option<ResourceContents> {
    let model = state.model();
    let rest = uri.strip_prefix("loko://")?;
    let text = |text: String, media_type: &str| Some(ResourceContents::text(text, uri).with_mime_type(media_type));
    let pretty = |value: Value| serde_json::to_string_pretty(&value).unwrap_or_default();
    if let Some(id) = rest.strip_prefix("elements/") {
        let ix = model.find(id)?;
        let wish = Outline {
            level: Level::Full,
            only: Some(ix),
            with_relations: true,
            with_views: true,
            select: None,
            rows_max: usize::MAX,
        };
        return text(outline::text(&outline::outline(state, &wish)), "text/markdown");
    }
    if let Some(id) = rest.strip_prefix("decisions/") {
        let decision = model.decisions.iter().find(|decision| decision.id == id)?;
        return text(state.snapshot.text(decision.file.as_str())?.to_owned(), "text/markdown");
    }
    if let Some(name) = rest.strip_prefix("views/") {
        return picture(state, uri, name);
    }
    match rest {
        "project" => {
            let wish = Outline {
                level: Level::Structure,
                only: None,
                with_relations: false,
                with_views: true,
                select: None,
                rows_max: usize::MAX,
            };
            text(outline::text(&outline::outline(state, &wish)), "text/markdown")
        }
        "findings" => {
            let all: Vec<FindingShape> =
                state.findings().iter().map(|it| FindingShape::of(it, &state.snapshot)).collect();
            text(pretty(json!({ "revision": state.revision, "findings": all })), "application/json")
        }
        "schema" => text(pretty(loko_model::schema::front_matter_schema()), "application/schema+json"),
        "model-schema" => text(pretty(loko_site::export::json_schema()), "application/schema+json"),
        _ => None,
    }
}

fn picture(state: &State, uri: &str, name: &str) -> Option<ResourceContents> {
    let (key, form) = name.rsplit_once('.')?;
    let model = state.model();
    let view = crate::tools::render::by_key(model, key).ok()?;
    match form {
        "svg" => {
            let svg = state.pictures.svg(model, &state.snapshot, &view).to_string();
            Some(ResourceContents::text(svg, uri).with_mime_type("image/svg+xml"))
        }
        "txt" => Some(ResourceContents::text(state.pictures.text(model, &state.snapshot, &view).to_string(), uri)),
        "png" => {
            let png = state.png(&view, SCALE).ok()?;
            let blob = base64::engine::general_purpose::STANDARD.encode(png);
            Some(ResourceContents::blob(blob, uri).with_mime_type("image/png"))
        }
        _ => None,
    }
}

/// What a parameter of an address or prompt may be, given what is written of it; and how many there are in all.
pub(crate) fn complete(state: &State, parameter: &str, written: &str) -> (Vec<String>, usize) {
    let model = state.model();
    let all: Vec<String> = match parameter {
        "key" | "view" => view::views(model).into_iter().map(|view| view.key).collect(),
        "decision" => model.decisions.iter().map(|decision| decision.id.clone()).collect(),
        "system" => model.of_kind(Kind::System).map(|ix| model.element(ix).id.to_string()).collect(),
        "id" | "element" => model.elements.iter().map(|element| element.id.to_string()).collect(),
        _ => Vec::new(),
    };
    let wanted = written.trim().to_lowercase();
    let (mut first, rest): (Vec<String>, Vec<String>) =
        all.into_iter().filter(|name| name.contains(&wanted)).partition(|name| {
            name.starts_with(&wanted) || name.rsplit('/').next().is_some_and(|last| last.starts_with(&wanted))
        });
    first.extend(rest);
    let total = first.len();
    first.truncate(COMPLETIONS_MAX);
    (first, total)
}
