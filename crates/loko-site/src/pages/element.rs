//! The page of a person, system, container or component.

use super::values::{Entry, entries, label, settings, short_settings};
use super::{Body, Page, PageLink, PageProse, Ref, section};
use crate::address::link;
use crate::history::Commit;
use crate::links::Target;
use crate::pages::decision::DecisionRow;
use crate::pages::events::EventRow;
use crate::pages::facets::{Facet, Named};
use crate::pages::patterns::PlayedRole;
use crate::prose::{Heading, fill_placeholders, has_part_table};
use crate::site::Site;
use loko_model::{Element, ElementIx, Kind, Link, RelationIx, Value};
use loko_source::FilePath;
use serde::Serialize;
use std::collections::BTreeSet;

/// Behaviour keys that have places of their own on the page.
const SHOWN_ELSEWHERE: [&str; 4] = ["adr", "decisions", "events", "patterns"];
/// The same where no pattern is played by a role; the ones that are only named stay among the rest.
const SHOWN_WITHOUT_ROLES: [&str; 3] = ["adr", "decisions", "events"];
/// Commits shown at most.
const COMMITS_MAX: usize = 10;

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ElementPage {
    pub id: String,
    pub kind: &'static str,
    pub type_name: String,
    pub external: bool,
    pub name: String,
    pub description: String,
    pub technology: String,
    /// The element that it has its owner from, when it names none itself.
    pub owner_from: Option<Ref>,
    pub tags: Vec<String>,
    /// The same three, each with the way to all that share it.
    pub technologies: Vec<Named>,
    pub owners: Vec<Named>,
    pub labels: Vec<Named>,
    pub links: Vec<Link>,
    /// The files of the workspace that these lead to.
    #[serde(skip)]
    pub files: BTreeSet<FilePath>,
    pub parts_title: String,
    pub parts: Vec<Part>,
    pub uses: Vec<RelationRow>,
    pub used_by: Vec<RelationRow>,
    pub behaviour: Vec<Entry>,
    pub deployments: Vec<DeploymentRow>,
    pub stories: Vec<PageLink>,
    pub decisions: Vec<DecisionRow>,
    pub events: Vec<EventRow>,
    pub patterns: Vec<PlayedRole>,
    pub contexts: Vec<Named>,
    pub history: Vec<CommitRow>,
    /// Globs of its code, each with the way to where it begins.
    pub code: Vec<Named>,
    pub annotations: Vec<NoteRow>,
    pub dependencies: Vec<String>,
    pub metadata: Vec<Entry>,
}

/// A commit, with its address where that is known.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CommitRow {
    #[serde(flatten)]
    pub commit: Commit,
    pub href: String,
}

/// A remark on a place of the code.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NoteRow {
    pub place: Named,
    pub text: String,
}

/// A part of an element.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Part {
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub description: String,
    pub technology: String,
    pub tags: Vec<String>,
    /// How many parts it has, in words.
    pub parts: String,
}

/// A relation as seen from one of its ends.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RelationRow {
    pub id: String,
    /// Ids that links from before a rename have.
    pub former: Vec<String>,
    pub other: Ref,
    /// The part that the relation belongs to, when it is not the element itself.
    pub inner: Option<Ref>,
    pub description: String,
    pub technology: String,
    pub kind: &'static str,
    /// The kind in words.
    pub way: String,
    pub event: Option<Named>,
    pub bidirectional: bool,
    pub tags: Vec<String>,
    pub behaviour: Vec<Entry>,
}

/// Where an element runs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeploymentRow {
    pub environment: String,
    pub href: String,
    pub of: Ref,
    pub node: String,
    pub replicas: u32,
}

/// Plans the page of an element.
pub(crate) fn page(site: &Site<'_>, ix: ElementIx) -> Page {
    let element = site.model.element(ix);
    let path = site.addresses.element(ix);
    let text = site.body_text(&element.file, element.body);
    let mut body = body(site, ix, path);
    if has_part_table(text) {
        body.parts.clear();
    }
    let mut frame = site.frame(path, &element.name, &element.description, sections(site, &body));
    frame.crumbs = site.crumbs(path, ix);
    frame.set_source(site, element.file.as_str());
    let prose = (!text.trim().is_empty()).then(|| PageProse {
        file: element.file.clone(),
        body: element.body,
        text: fill_placeholders(site.model, ix, text, &site.words),
        title: element.name.clone(),
    });
    let drawings = site.drawings_of(ix).iter().map(|at| site.page_drawing(path, *at)).collect();
    Page { path: path.to_owned(), frame, body: Body::Element(Box::new(body)), drawings, prose, sketches: Vec::new() }
}

fn body(site: &Site<'_>, ix: ElementIx, path: &str) -> ElementPage {
    let element = site.model.element(ix);
    let roles = site.roles_of(ix, path);
    let shown_elsewhere: &[&str] = if roles.is_empty() { &SHOWN_WITHOUT_ROLES } else { &SHOWN_ELSEWHERE };
    let mut behaviour = settings(&site.words, &element.behaviour, shown_elsewhere);
    for entry in behaviour.iter_mut().filter(|entry| entry.key == label("patterns")) {
        entry.links = site.patterns_named(ix, path);
    }
    let code = |path: &str| Named {
        name: path.to_owned(),
        href: site.repository.as_ref().and_then(|it| it.code(path)).unwrap_or_default(),
    };
    let (links, files) = links(site, element, path);
    let annotation = |(path, text): (&String, &String)| NoteRow { place: code(path), text: text.clone() };
    let commit = |commit: &Commit| CommitRow {
        commit: commit.clone(),
        href: site.repository.as_ref().and_then(|it| it.commit(&commit.id)).unwrap_or_default(),
    };
    ElementPage {
        id: element.id.to_string(),
        kind: super::kind_class(element.kind, element.external),
        type_name: site.words.type_name(element.type_name()),
        external: element.external,
        name: element.name.clone(),
        description: element.description.clone(),
        technology: element.technology.clone(),
        owner_from: site.model.owner(ix).filter(|(_, from)| *from != ix).map(|(_, from)| site.reference(path, from)),
        tags: element.tags.clone(),
        technologies: Facet::Technology.named(site.model, ix, path),
        owners: Facet::Owner.named(site.model, ix, path),
        labels: Facet::Tag.named(site.model, ix, path),
        links,
        files,
        parts_title: site.say(if element.kind == Kind::System { "nav.containers" } else { "nav.components" }),
        parts: site.model.children(ix).iter().map(|part| self::part(site, path, *part)).collect(),
        uses: rows(site, path, ix, site.leaving(ix), true),
        used_by: rows(site, path, ix, site.arriving(ix), false),
        behaviour,
        deployments: site.deployments_of(ix, path),
        stories: site.stories_of(ix, path),
        decisions: site.decisions_of(ix, path),
        events: site.events_of(ix, path),
        patterns: roles,
        contexts: site.contexts_of(ix, path),
        history: site.commits_of(ix).into_iter().take(COMMITS_MAX).map(commit).collect(),
        code: element.code.iter().map(|glob| code(glob)).collect(),
        annotations: element.code_annotations.iter().map(annotation).collect(),
        dependencies: element.dependencies.clone(),
        metadata: entries(&site.words, &element.metadata, &[]),
    }
}

/// The links that an element lists, led to where their targets are, and the files that they lead to. What leads nowhere is
/// left out; checking tells of it.
fn links(site: &Site<'_>, element: &Element, page: &str) -> (Vec<Link>, BTreeSet<FilePath>) {
    let mut files = BTreeSet::new();
    let to = |link: &Link| match site.links.resolve(&link.url, &element.file, page, &mut files) {
        Target::Href(url) | Target::Outside(url) => Some(Link { title: link.title.clone(), url }),
        Target::Missing => None,
    };
    (element.links.iter().filter_map(to).collect(), files)
}

fn sections(site: &Site<'_>, body: &ElementPage) -> Vec<Heading> {
    let all = [
        ("s-parts", "", !body.parts.is_empty()),
        ("s-uses", "element.uses", !body.uses.is_empty()),
        ("s-used-by", "element.used-by", !body.used_by.is_empty()),
        ("s-behaviour", "element.behaviour", !body.behaviour.is_empty()),
        ("s-events", "element.events", !body.events.is_empty()),
        ("s-patterns", "element.patterns", !body.patterns.is_empty()),
        ("s-deployment", "element.deployment", !body.deployments.is_empty()),
        ("s-stories", "element.takes-part-in", !body.stories.is_empty()),
        ("s-decisions", "element.decisions", !body.decisions.is_empty()),
        ("s-code", "element.code", !body.code.is_empty() || !body.annotations.is_empty()),
        ("s-dependencies", "element.dependencies", !body.dependencies.is_empty()),
        ("s-metadata", "element.more", !body.metadata.is_empty()),
        ("s-history", "element.history", !body.history.is_empty()),
    ];
    let title = |key: &str| if key.is_empty() { body.parts_title.clone() } else { site.say(key) };
    all.into_iter().filter(|(_, _, is_there)| *is_there).map(|(id, key, _)| section(id, &title(key))).collect()
}

/// A row about a part.
pub(crate) fn part(site: &Site<'_>, page: &str, ix: ElementIx) -> Part {
    let element = site.model.element(ix);
    let count = site.model.children(ix).len();
    let of = if element.kind == Kind::System { "element.parts-containers" } else { "element.parts-components" };
    Part {
        reference: site.reference(page, ix),
        description: element.description.clone(),
        technology: element.technology.clone(),
        tags: element.tags.clone(),
        parts: if count == 0 { String::new() } else { site.words.count(of, count) },
    }
}

fn rows(site: &Site<'_>, page: &str, ix: ElementIx, relations: &[RelationIx], is_leaving: bool) -> Vec<RelationRow> {
    let mut rows: Vec<RelationRow> = relations.iter().map(|it| row(site, page, ix, *it, is_leaving)).collect();
    rows.sort_by(|a, b| {
        (a.inner.is_some(), &a.other.name, &a.description).cmp(&(b.inner.is_some(), &b.other.name, &b.description))
    });
    rows
}

fn row(site: &Site<'_>, page: &str, ix: ElementIx, relation: RelationIx, is_leaving: bool) -> RelationRow {
    let side = if is_leaving { "" } else { "-in" };
    let former = site.former_relations.get(&relation).into_iter().flatten();
    let former = former.map(|id| format!("{id}{side}")).collect();
    let relation = site.model.relation(relation);
    let (own, other) = if is_leaving { (relation.source, relation.target) } else { (relation.target, relation.source) };
    RelationRow {
        id: format!("{}{side}", relation.id),
        former,
        other: site.reference(page, other),
        inner: (own != ix).then(|| site.reference(page, own)),
        description: relation.description.clone(),
        technology: relation.technology.clone(),
        kind: super::way(relation.kind),
        way: site.way(relation.kind),
        event: relation
            .event
            .as_ref()
            .map(|name| Named { name: name.clone(), href: site.event_href(page, name).unwrap_or_default() }),
        bidirectional: relation.bidirectional,
        tags: relation.tags.clone(),
        behaviour: short_settings(&site.words, &relation.behaviour),
    }
}

impl Site<'_> {
    /// The kind of a relation in words.
    pub(crate) fn way(&self, kind: loko_model::RelationKind) -> String {
        match super::way(kind) {
            "sync" => self.say("way.sync"),
            "async" => self.say("way.async"),
            _ => self.say("way.event"),
        }
    }

    fn deployments_of(&self, ix: ElementIx, page: &str) -> Vec<DeploymentRow> {
        let here = self.instances.iter().filter(|instance| self.model.is_within(instance.of, ix));
        here.map(|instance| DeploymentRow {
            environment: self.model.environments[instance.environment].name.clone(),
            href: link(page, self.addresses.environment(instance.environment)),
            of: self.reference(page, instance.of),
            node: instance.node.clone(),
            replicas: instance.replicas,
        })
        .collect()
    }

    fn stories_of(&self, ix: ElementIx, page: &str) -> Vec<PageLink> {
        let model = self.model;
        let takes_part = |at: usize| {
            let story = &model.dynamics[at];
            let ends = story.steps.iter().flat_map(|step| [step.source, step.target]).chain(story.scope);
            ends.into_iter().any(|end| model.is_within(end, ix))
        };
        let stories = (0..model.dynamics.len()).filter(|at| takes_part(*at)).map(|at| self.story_link(page, at));
        let shows = |at: &usize| {
            let view = &model.selections[*at];
            view.scope == Some(ix) || self.selected[*at][ix.index()]
        };
        stories.chain((0..model.selections.len()).filter(shows).map(|at| self.selection_link(page, at))).collect()
    }

    /// A link to a selected view.
    pub(crate) fn selection_link(&self, page: &str, at: usize) -> PageLink {
        let view = &self.model.selections[at];
        PageLink {
            name: view.name.clone(),
            description: view.description.clone(),
            href: link(page, self.addresses.selection(at)),
        }
    }

    /// A link to a dynamic view.
    pub(crate) fn story_link(&self, page: &str, at: usize) -> PageLink {
        let story = &self.model.dynamics[at];
        PageLink {
            name: story.name.clone(),
            description: story.description.clone(),
            href: link(page, self.addresses.dynamic(at)),
        }
    }

    fn decisions_of(&self, ix: ElementIx, page: &str) -> Vec<DecisionRow> {
        let element = self.model.element(ix);
        let named: Vec<&str> = ["adr", "decisions"]
            .iter()
            .filter_map(|key| element.behaviour.get(*key))
            .flat_map(|value| {
                value
                    .as_list()
                    .map_or_else(|| vec![value.as_text()], |items| items.iter().map(Value::as_text).collect())
            })
            .flatten()
            .collect();
        let decisions = self.model.decisions.iter().enumerate();
        let about =
            decisions.filter(|(_, decision)| decision.elements.contains(&ix) || named.contains(&decision.id.as_str()));
        about.map(|(at, _)| self.decision_row(page, at)).collect()
    }
}
