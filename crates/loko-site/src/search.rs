//! The search's index: one entry a page, as a script (which works on `file:` addresses, where fetching does not) and as
//! the `search.json` that tools know. Words of prose stand in a script of their own.

mod words;

use crate::address::encode;
use crate::fingerprint::{Fingerprint, Ingredients};
use crate::pages::facets::Facet;
use crate::pages::{contexts, glossary, home, versions};
use crate::prose::headings_of;
use crate::site::Site;
use indexmap::IndexMap;
use loko_model::{ElementIx, Model};
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;
use serde::Serialize;
use std::collections::BTreeSet;
use words::Text;

/// Why the texts of this room cannot fail: their keys are texts, and their types ours.
const WRITABLE: &str = "texts and numbers can always be written as JSON";

/// Something that can be found.
#[derive(Clone, Debug, Serialize)]
struct Entry {
    name: String,
    kind: String,
    address: String,
    place: String,
    description: String,
    /// Further words to find it by.
    words: String,
    /// The CSS class of its kind.
    class: &'static str,
}

/// The path of the words of prose.
pub(crate) const WORDS: &str = "js/search-words.js";

/// The script that searches.
pub(crate) const SCRIPT: &str = include_str!("../assets/js/search.js");

/// The index as a script and as JSON; `to` says where an address from the root of the site is.
pub(crate) fn index(site: &Site<'_>, to: &dyn Fn(&str) -> String) -> (String, String) {
    let mut entries = entries(site);
    for entry in &mut entries {
        entry.address = to(&entry.address);
    }
    let row = |it: &Entry| {
        let row = (&it.name, &it.kind, &it.address, &it.place, &it.description, &it.words, it.class);
        serde_json::to_string(&row).expect(WRITABLE)
    };
    let rows: Vec<String> = entries.par_iter().map(row).collect();
    // `<` cannot end a script early in a file of its own, but readers may paste it into a page.
    let rows = rows.join(",\n").replace('<', "\\u003c");
    let script = format!("globalThis.lokoSearchIndex = [{rows}];\n");
    let results = entries.iter().map(|it| Hit {
        description: &it.description,
        title: &it.name,
        kind: it.kind.to_lowercase(),
        url: &it.address,
    });
    let hits = Hits { results: results.collect() };
    (script, serde_json::to_string_pretty(&hits).expect(WRITABLE) + "\n")
}

/// What `search.json` holds.
#[derive(Serialize)]
struct Hits<'a> {
    results: Vec<Hit<'a>>,
}

#[derive(Serialize)]
struct Hit<'a> {
    description: &'a str,
    title: &'a str,
    #[serde(rename = "type")]
    kind: String,
    url: &'a str,
}

fn entries(site: &Site<'_>) -> Vec<Entry> {
    let model = site.model;
    let ids: Vec<ElementIx> = model.ids().collect();
    let ways = ways(model);
    let of_element = |ix: ElementIx| {
        let element = model.element(ix);
        let reference = site.reference("index.html", ix);
        let headings = headings_of(site.body_text(&element.file, element.body)).join(" ");
        let words = [
            element.id.as_str(),
            &element.technology,
            &element.tags.join(" "),
            model.owner(ix).map_or("", |(owner, _)| owner),
            &ways[ix.index()],
            &headings,
        ];
        Entry {
            name: element.name.clone(),
            kind: site.words.type_name(element.type_name()),
            address: reference.href,
            place: reference.path,
            description: element.description.clone(),
            words: words.iter().filter(|it| !it.is_empty()).copied().collect::<Vec<_>>().join(" "),
            class: reference.kind,
        }
    };
    let mut entries: Vec<Entry> = ids.into_par_iter().map(of_element).collect();
    let page = |name: &str, kind: (&str, &'static str), path: &str, description: &str| Entry {
        name: name.to_owned(),
        kind: site.say(kind.0),
        class: kind.1,
        address: encode(path),
        place: String::new(),
        description: description.to_owned(),
        words: String::new(),
    };
    entries.extend(model.environments.iter().enumerate().map(|(at, it)| {
        page(&it.name, ("type.environment", "deployment"), site.addresses.environment(at), &it.description)
    }));
    entries.extend(
        model.dynamics.iter().enumerate().map(|(at, it)| {
            page(&it.name, ("type.dynamic-view", "dynamic"), site.addresses.dynamic(at), &it.description)
        }),
    );
    entries.extend(model.selections.iter().enumerate().map(|(at, it)| {
        page(&it.name, ("type.selected-view", "dynamic"), site.addresses.selection(at), &it.description)
    }));
    entries.extend(model.decisions.iter().enumerate().map(|(at, it)| {
        let found = page(&it.title, ("type.decision", "decision"), site.addresses.decision(at), &it.status);
        // People name decisions by their numbers, with zeros as files have them or without.
        let words = it.number.map(|number| format!("ADR {number} {number:04}"));
        Entry { words: words.unwrap_or_default(), ..found }
    }));
    entries.extend(site.events.iter().enumerate().map(|(at, it)| {
        page(&it.name, ("type.event", "event"), site.addresses.event(at), &site.event_descriptions[at])
    }));
    entries.extend(site.scenarios.iter().enumerate().map(|(at, it)| {
        page(it.name(), ("type.simulation", "simulation"), site.addresses.scenario(at), it.question())
    }));
    for context in &model.contexts {
        let anchor = crate::pages::contexts::anchor(&context.id);
        let mut found = page(&context.name, ("type.context", "context"), contexts::PATH, &context.description);
        found.address = format!("{}#{anchor}", found.address);
        found.words = context.language.keys().cloned().collect::<Vec<_>>().join(" ");
        entries.push(found);
    }
    entries.push(page(&site.name, ("frame.home", "system"), home::PATH, &model.project.description));
    entries.extend(places(site));
    entries
}

/// The technologies of the relations that leave each element, without those that it names itself.
fn ways(model: &Model) -> Vec<String> {
    let mut of: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); model.elements.len()];
    for relation in model.relations.iter().filter(|it| !it.technology.is_empty()) {
        if !model.element(relation.source).technology.contains(relation.technology.as_str()) {
            of[relation.source.index()].insert(&relation.technology);
        }
    }
    of.into_iter().map(|ways| ways.into_iter().collect::<Vec<_>>().join(" ")).collect()
}

/// What has no page of its own but a place on one, and the pages that tell of many things.
fn places(site: &Site<'_>) -> Vec<Entry> {
    let entry = |name: &str, kind: &str, address: String, description: &str| Entry {
        name: name.to_owned(),
        kind: site.say(kind),
        class: "page",
        address,
        place: String::new(),
        description: description.to_owned(),
        words: String::new(),
    };
    let pages = site.nav_pages().into_iter().map(|(name, path)| entry(&name, "type.page", encode(path), ""));
    let versions = site.history.into_iter().flat_map(|history| &history.versions).map(|version| {
        let address = format!("{}#{}", versions::PATH, versions::anchor(&version.release));
        entry(&versions::name(site, &version.release), "type.version", address, "")
    });
    let facets = [(Facet::Technology, "element.technology"), (Facet::Owner, "element.owner")];
    let values = facets.into_iter().flat_map(|(facet, kind)| {
        facet.places(site.model).into_iter().map(move |value| entry(&value.name, kind, value.href, ""))
    });
    let terms = glossary::terms(site).into_iter().map(|(_, term)| {
        let meaning = term.meanings.first().map_or("", |meaning| meaning.text.as_str());
        entry(&term.word, "type.word", format!("{}#{}", glossary::PATH, term.id), meaning)
    });
    pages.chain(versions).chain(values).chain(terms).collect()
}

/// The prose of all that can be found; what has some stands in the order of [`entries`].
fn texts<'a>(site: &'a Site<'_>) -> Vec<Text<'a>> {
    let model = site.model;
    let of_element = |(entry, ix): (usize, ElementIx)| {
        let element = model.element(ix);
        Text { entry, title: &element.name, prose: site.body_text(&element.file, element.body) }
    };
    let mut texts: Vec<Text<'a>> = model.ids().enumerate().map(of_element).collect();
    let before = texts.len() + model.environments.len() + model.dynamics.len() + model.selections.len();
    texts.extend(model.decisions.iter().enumerate().map(|(at, it)| {
        let prose = site.body_text(&it.file, it.body);
        Text { entry: before + at, title: &it.title, prose }
    }));
    let before = before + model.decisions.len() + site.events.len() + site.scenarios.len() + model.contexts.len();
    let home = home::prose_place(site);
    texts.extend(home.map(|(file, body)| Text {
        entry: before,
        title: &site.name,
        prose: site.body_text(&file, body),
    }));
    texts
}

/// The words of prose as a script, and what it is made from.
pub(crate) struct Words<'a> {
    texts: Vec<Text<'a>>,
    /// As long as it is the same, so is the script.
    pub fingerprint: Fingerprint,
}

impl<'a> Words<'a> {
    pub(crate) fn of(site: &'a Site<'_>) -> Self {
        let texts = texts(site);
        let mut made_of = Ingredients::of("words");
        for it in &texts {
            made_of.data(&it.entry).text(it.title).text(it.prose);
        }
        let fingerprint = made_of.finish();
        Self { texts, fingerprint }
    }

    pub(crate) fn script(&self) -> String {
        format!("globalThis.lokoSearchWords = {};\n", words::json(&self.texts).replace('<', "\\u003c"))
    }
}

/// What the script of the model holds.
#[derive(Serialize)]
struct ModelScript<'a> {
    elements: IndexMap<&'a str, ElementRow<'a>, FxBuildHasher>,
    relations: Vec<RelationRow<'a>>,
}

/// Name, kind, technologies, tags, owner and page.
#[derive(Serialize)]
struct ElementRow<'a>(&'a str, &'static str, Vec<&'a str>, &'a [String], Option<&'a str>, String);

/// Id, both ends, kind and description.
#[derive(Serialize)]
struct RelationRow<'a>(&'a str, &'a str, &'a str, &'static str, &'a str);

/// The model as scripts of the pages need it: to filter, to find ways, to complete names. `to` tells where a page is.
pub(crate) fn model(site: &Site<'_>, to: &dyn Fn(&str) -> String) -> String {
    let model = site.model;
    let element = |ix: ElementIx| {
        let element = model.element(ix);
        let row = ElementRow(
            &element.name,
            element.kind.name(),
            Facet::Technology.values(model, ix),
            &element.tags,
            model.owner(ix).map(|(owner, _)| owner),
            to(&encode(site.addresses.element(ix))),
        );
        (element.id.as_str(), row)
    };
    let id = |ix| model.element(ix).id.as_str();
    let told = ModelScript {
        elements: model.ids().map(element).collect(),
        relations: model
            .relations
            .iter()
            .map(|it| RelationRow(&it.id, id(it.source), id(it.target), it.kind.name(), &it.description))
            .collect(),
    };
    let told = serde_json::to_string(&told).expect(WRITABLE).replace('<', "\\u003c");
    format!("globalThis.lokoModel = {told};\n")
}
