//! Everything that pages are planned from, looked up once.

use crate::address::Addresses;
use crate::card;
use crate::fingerprint::Fingerprint;
use crate::frame::{FindingView, view};
use crate::history::{Commit, History};
use crate::links::Links;
use crate::pages::facets::Facet;
use crate::pages::patterns::Uses;
use crate::pages::simulation::{self, Told};
use crate::pages::{self, PageLink};
use crate::pipeline::{Drawing, is_of_element};
use crate::repository::Repository;
use crate::theming::Theming;
use crate::words::Words;
use loko_events::Event;
use loko_model::view::ViewKind;
use loko_model::{DeploymentNode, ElementIx, Model, RelationIx, moved};
use loko_source::{Diagnostic, FilePath, Severity, Snapshot, Span};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Findings that one page shows at most; the page of findings has all.
const FINDINGS_MAX: usize = 50;
/// Where patterns of the workspace are, and records of those in use.
const PATTERNS: &str = "patterns/";

/// What pages are planned from.
pub(crate) struct Site<'a> {
    pub model: &'a Model,
    pub snapshot: &'a Snapshot,
    pub addresses: &'a Addresses,
    pub links: &'a Links<'a>,
    pub drawings: &'a [Drawing],
    /// The project's name, or what stands for it.
    pub name: String,
    /// The version that the site is of; empty for the working tree.
    pub version: String,
    /// Scripts that the caller adds to every page.
    pub scripts: Vec<String>,
    /// What elements can be gathered by, with the number of values, where there are any.
    pub facets: Vec<(Facet, usize)>,
    /// What the templates are.
    pub templates: Fingerprint,
    /// All events, sorted by name.
    pub events: &'a [Event],
    /// All scenarios, by their files.
    pub scenarios: Vec<Told>,
    /// What each of the events says that happened.
    pub event_descriptions: Vec<String>,
    /// The patterns in use.
    pub patterns: Uses,
    /// The language of the texts.
    pub language: String,
    /// The pages' own words.
    pub words: Words,
    /// The picture before the project's name.
    pub logo: Option<FilePath>,
    /// Further links of the navigation.
    pub navigation: Vec<PageLink>,
    /// A line at the end of each page.
    pub footer: String,
    /// The address that the site is published at, with a slash at its end; if anybody says so.
    pub url: Option<String>,
    /// Where the workspace's repository is on the web, if anybody says so.
    pub repository: Option<Repository>,
    /// The pages below a folder that have a picture of their own for those who link to them.
    pub cards: BTreeSet<String>,
    /// What the repository tells.
    pub history: Option<&'a History>,
    /// All that is deployed, environment by environment.
    pub instances: Vec<Deployed>,
    /// For each selected view and element whether it is shown.
    pub selected: Vec<Vec<bool>>,
    /// What the part of the navigation is made from that all pages share.
    pub common_nav: OnceLock<Fingerprint>,
    /// Further ids of relations, those that they had when their ends had others.
    pub former_relations: BTreeMap<RelationIx, Vec<String>>,
    /// For each element the names of what it is part of, outside first.
    pub wholes: Vec<String>,
    /// For each element the relations that leave it or something in it.
    leaving: Vec<Vec<RelationIx>>,
    /// For each element the relations that come to it or something in it from outside.
    arriving: Vec<Vec<RelationIx>>,
    drawings_of: Vec<Vec<usize>>,
    drawings_at: BTreeMap<String, Vec<usize>>,
    elements_by_page: FxHashMap<&'a str, ElementIx>,
    findings_by_page: BTreeMap<String, Vec<Diagnostic>>,
}

/// An instance in an environment.
pub(crate) struct Deployed {
    pub environment: usize,
    /// The nodes around it, outside first.
    pub node: String,
    pub of: ElementIx,
    pub replicas: u32,
}

impl<'a> Site<'a> {
    pub(crate) fn new(
        model: &'a Model,
        snapshot: &'a Snapshot,
        addresses: &'a Addresses,
        links: &'a Links<'a>,
        drawings: &'a [Drawing],
        events: &'a [Event],
        templates: Fingerprint,
    ) -> Self {
        let (leaving, arriving) = crossing(model);
        let mut drawings_of = vec![Vec::new(); model.elements.len()];
        let mut drawings_at: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, drawing) in drawings.iter().enumerate() {
            if let Some(page) = &drawing.page {
                drawings_at.entry(page.clone()).or_default().push(at);
            } else if let Some(scope) = drawing.scope.filter(|_| is_of_element(drawing.kind)) {
                drawings_of[scope.index()].push(at);
            }
        }
        for list in &mut drawings_of {
            list.sort_by_key(|at| rank(drawings[*at].kind));
        }
        let name = if model.project.name.is_empty() { "Architecture".to_owned() } else { model.project.name.clone() };
        Self {
            model,
            snapshot,
            addresses,
            links,
            drawings,
            name,
            version: String::new(),
            scripts: Vec::new(),
            facets: Facet::ALL
                .iter()
                .map(|facet| (*facet, facet.count(model)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            templates,
            events,
            scenarios: simulation::scenarios(snapshot),
            event_descriptions: events.iter().map(|event| event_description(snapshot, event)).collect(),
            patterns: Uses::of(model, snapshot),
            language: String::new(),
            words: Words::default(),
            logo: None,
            navigation: Vec::new(),
            footer: String::new(),
            url: None,
            repository: None,
            cards: BTreeSet::new(),
            history: None,
            instances: instances(model),
            selected: model.selections.iter().map(|view| view.mask(model)).collect(),
            common_nav: OnceLock::new(),
            former_relations: moved::former_relation_ids(model),
            wholes: model.ids().map(|ix| whole(model, ix)).collect(),
            leaving,
            arriving,
            drawings_of,
            drawings_at,
            elements_by_page: model.ids().map(|ix| (addresses.element(ix), ix)).collect(),
            findings_by_page: BTreeMap::new(),
        }
    }

    /// One of the pages' own messages.
    pub(crate) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// Takes over how the workspace wants its pages.
    pub(crate) fn set_theming(&mut self, theming: &Theming) {
        self.url.clone_from(&theming.url);
        self.repository.clone_from(&theming.repository);
        self.cards = if self.url.is_some() { card::pages(self) } else { BTreeSet::new() };
        theming.language().clone_into(&mut self.language);
        self.words = theming.words.clone();
        self.logo.clone_from(&theming.logo);
        self.navigation.clone_from(&theming.navigation);
        self.footer.clone_from(&theming.footer);
    }

    /// Sorts findings to the pages that they are about.
    pub(crate) fn set_findings(&mut self, findings: &[Diagnostic]) {
        self.findings_by_page.clear();
        for finding in findings {
            let file = finding.primary.as_ref().map(|label| label.place.path.as_str());
            // What tells of the whole, or has no page for some other reason, is told where one begins to read.
            let home = || (finding.severity != Severity::Info).then(|| pages::home::PATH.to_owned());
            if let Some(page) = file.and_then(|file| self.page_about(file)).or_else(home) {
                self.findings_by_page.entry(page).or_default().push(finding.clone());
            }
        }
    }

    /// The page that tells of a file of the workspace.
    pub(crate) fn page_about(&self, file: &str) -> Option<String> {
        if let Some(at) = self.model.dynamics.iter().position(|it| it.place.path.as_str() == file) {
            return Some(self.addresses.dynamic(at).to_owned());
        }
        if let Some(at) = self.model.selections.iter().position(|it| it.place.path.as_str() == file) {
            return Some(self.addresses.selection(at).to_owned());
        }
        if let Some(at) = self.model.environments.iter().position(|it| it.place.path.as_str() == file) {
            return Some(self.addresses.environment(at).to_owned());
        }
        if let Some(at) = self.scenarios.iter().position(|it| it.file.as_str() == file) {
            return Some(self.addresses.scenario(at).to_owned());
        }
        if file == pages::contexts::FILE {
            return Some(pages::contexts::PATH.to_owned());
        }
        if file.starts_with(PATTERNS) && !self.patterns.reports.is_empty() {
            return Some(pages::patterns::PATH.to_owned());
        }
        let of_event = self.events.iter().position(|event| event.schema.as_deref() == Some(file));
        of_event.map(|at| self.addresses.event(at).to_owned()).or_else(|| self.links.page_about(file))
    }

    /// The findings about what a page tells of.
    pub(crate) fn findings_on(&self, page: &str) -> Vec<FindingView> {
        let here = self.findings_by_page.get(page).map_or(&[][..], Vec::as_slice);
        here.iter().take(FINDINGS_MAX).map(|finding| view(self.snapshot, finding)).collect()
    }

    /// Whether something is wrong with what a page tells of.
    pub(crate) fn has_findings(&self, page: &str) -> bool {
        self.findings_by_page.contains_key(page)
    }

    /// The element whose page this is.
    pub(crate) fn element_of_page(&self, page: &str) -> Option<ElementIx> {
        self.elements_by_page.get(page).copied()
    }

    /// The relations that leave an element or something in it.
    pub(crate) fn leaving(&self, ix: ElementIx) -> &[RelationIx] {
        &self.leaving[ix.index()]
    }

    /// The relations that come to an element or something in it from outside.
    pub(crate) fn arriving(&self, ix: ElementIx) -> &[RelationIx] {
        &self.arriving[ix.index()]
    }

    /// The drawings of an element, the one that shows most first.
    pub(crate) fn drawings_of(&self, ix: ElementIx) -> &[usize] {
        &self.drawings_of[ix.index()]
    }

    /// The drawings of a page that is no element's.
    pub(crate) fn drawings_at(&self, page: &str) -> &[usize] {
        self.drawings_at.get(page).map_or(&[], Vec::as_slice)
    }

    /// The commits that changed what an element's page is made from, the newest first.
    pub(crate) fn commits_of(&self, ix: ElementIx) -> Vec<&'a Commit> {
        let Some(history) = self.history else { return Vec::new() };
        let folder = self.model.element(ix).file.folder();
        // The parts of the element lie in folders of their own.
        let own = history.files.iter().filter(|(path, _)| path.folder() == folder);
        let mut commits: Vec<&Commit> = Vec::new();
        for commit in own.flat_map(|(_, commits)| commits) {
            if !commits.iter().any(|known| known.id == commit.id) {
                commits.push(commit);
            }
        }
        commits.sort_by(|a, b| b.day.cmp(&a.day));
        commits
    }

    /// A part of a file.
    pub(crate) fn body_text(&self, file: &FilePath, body: Span) -> &'a str {
        self.snapshot.text(file.as_str()).and_then(|text| text.get(body.range())).unwrap_or("")
    }
}

/// What happened, in the event's own words or in those of its schema.
fn event_description(snapshot: &Snapshot, event: &Event) -> String {
    let told = || {
        let schema: serde_json::Value = serde_json::from_str(snapshot.text(event.schema.as_deref()?)?).ok()?;
        schema["description"].as_str().map(str::to_owned)
    };
    event.description.clone().or_else(told).unwrap_or_default()
}

/// The names of what an element is part of, outside first.
fn whole(model: &Model, ix: ElementIx) -> String {
    let mut above: Vec<&str> = model.ancestry(ix).skip(1).map(|it| model.element(it).name.as_str()).collect();
    above.reverse();
    above.join(" / ")
}

fn rank(kind: ViewKind) -> u8 {
    match kind {
        ViewKind::Containers | ViewKind::Components | ViewKind::Component => 0,
        ViewKind::Context => 1,
        _ => 2,
    }
}

/// For each element the relations that cross its border, outwards and inwards; those of its parts count too.
fn crossing(model: &Model) -> (Vec<Vec<RelationIx>>, Vec<Vec<RelationIx>>) {
    let mut leaving = vec![Vec::new(); model.elements.len()];
    let mut arriving = vec![Vec::new(); model.elements.len()];
    for (at, relation) in model.relations.iter().enumerate() {
        let at = RelationIx(at as u32);
        for ix in model.ancestry(relation.source).filter(|ix| !model.is_within(relation.target, *ix)) {
            leaving[ix.index()].push(at);
        }
        for ix in model.ancestry(relation.target).filter(|ix| !model.is_within(relation.source, *ix)) {
            arriving[ix.index()].push(at);
        }
    }
    (leaving, arriving)
}

fn instances(model: &Model) -> Vec<Deployed> {
    let mut found = Vec::new();
    for (environment, it) in model.environments.iter().enumerate() {
        for node in &it.nodes {
            collect(environment, "", node, &mut found);
        }
    }
    found
}

fn collect(environment: usize, around: &str, node: &DeploymentNode, found: &mut Vec<Deployed>) {
    let path = if around.is_empty() { node.name.clone() } else { format!("{around} / {}", node.name) };
    for instance in &node.instances {
        found.push(Deployed { environment, node: path.clone(), of: instance.of, replicas: instance.replicas });
    }
    for inner in &node.nodes {
        collect(environment, &path, inner, found);
    }
}
