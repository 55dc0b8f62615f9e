//! The context map: bounded contexts, the teams behind them, and how they bear on each other.

use super::{Body, Page, Ref, Sketch, here, section};
use crate::pages::facets::{Facet, Named};
use crate::site::Site;
use loko_model::context::map_d2;
use loko_model::{Context, name};
use serde::Serialize;
use std::fmt::Write as _;

/// The path of the page.
pub(crate) const PATH: &str = "contexts.html";
/// Where contexts are stated.
pub(crate) const FILE: &str = "contexts.toml";

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ContextsPage {
    pub lead: String,
    /// Whether the picture tells some of them from the others.
    pub has_core: bool,
    pub contexts: Vec<ContextView>,
    pub relations: Vec<ContextRow>,
}

/// A bounded context.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ContextView {
    pub id: String,
    pub name: String,
    pub description: String,
    pub subdomain: String,
    pub team: Option<Named>,
    pub elements: Vec<Ref>,
    pub aggregates: Vec<String>,
    pub terms: Vec<(String, String)>,
}

/// How one context bears on another.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ContextRow {
    pub id: String,
    pub upstream: Named,
    pub downstream: Named,
    pub pattern: String,
    pub at: Option<Ref>,
    pub note: String,
}

/// Where a context stands on the page.
pub(crate) fn anchor(id: &str) -> String {
    format!("c-{}", name::slug(id))
}

/// Plans the page; none without contexts, unless something is wrong with their file.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    let model = site.model;
    if !site.has_contexts() {
        return None;
    }
    let contexts: Vec<ContextView> = model.contexts.iter().map(|context| view(site, context)).collect();
    let named = |at: usize| {
        let context = model.contexts.get(at)?;
        Some(Named { name: context.name.clone(), href: format!("#{}", anchor(&context.id)) })
    };
    let relations: Vec<ContextRow> = model
        .context_map
        .iter()
        .filter_map(|relation| {
            let (upstream, downstream) = (named(relation.upstream)?, named(relation.downstream)?);
            Some(ContextRow {
                id: format!("m-{}-{}", name::slug(&downstream.name), name::slug(&upstream.name)),
                upstream,
                downstream,
                pattern: relation.pattern.replace('-', " "),
                at: relation.at.map(|ix| site.reference(PATH, ix)),
                note: relation.note.clone(),
            })
        })
        .collect();
    let teams: std::collections::BTreeSet<&str> = model.contexts.iter().filter_map(|it| it.team.as_deref()).collect();
    let counted = site.words.count("contexts.count", contexts.len());
    let lead = match teams.len() {
        0 => site.words.fill("contexts.lead", &[("contexts", &counted)]),
        count => {
            let teams = site.words.count("contexts.teams", count);
            site.words.fill("contexts.lead-teams", &[("contexts", &counted), ("teams", &teams)])
        }
    };
    let title = site.say("nav.contexts");
    let mut sections = Vec::new();
    if !relations.is_empty() {
        sections.push(section("s-relations", &site.say("contexts.relations")));
    }
    sections.extend(contexts.iter().map(|context| section(&context.id, &context.name)));
    let mut frame = site.frame(PATH, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title.clone())];
    frame.set_source(site, FILE);
    let mut d2 = map_d2(&model.contexts, &model.context_map);
    for context in &model.contexts {
        let _ = writeln!(d2, "\"{}\".link: \"here:{}\"", context.id.replace(['"', '\\'], ""), anchor(&context.id));
    }
    let sketches = if contexts.is_empty() { Vec::new() } else { vec![Sketch { title, d2 }] };
    let has_core = model.contexts.iter().any(Context::is_core);
    let body = Body::Contexts(ContextsPage { lead, has_core, contexts, relations });
    Some(Page { path: PATH.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches })
}

fn view(site: &Site<'_>, context: &loko_model::Context) -> ContextView {
    ContextView {
        id: anchor(&context.id),
        name: context.name.clone(),
        description: context.description.clone(),
        subdomain: context.subdomain.clone().unwrap_or_default(),
        team: context.team.as_ref().map(|team| Facet::Owner.named_value(site.model, team, PATH)),
        elements: context.elements.iter().map(|ix| site.reference(PATH, *ix)).collect(),
        aggregates: context.aggregates.clone(),
        terms: context.language.iter().map(|(term, meaning)| (term.clone(), meaning.clone())).collect(),
    }
}

impl Site<'_> {
    /// Whether there is a page of contexts.
    pub(crate) fn has_contexts(&self) -> bool {
        !self.model.contexts.is_empty() || self.has_findings(PATH)
    }

    /// The contexts that an element, or what it is part of, belongs to.
    pub(crate) fn contexts_of(&self, ix: loko_model::ElementIx, page: &str) -> Vec<Named> {
        let here =
            |context: &&loko_model::Context| self.model.ancestry(ix).any(|outer| context.elements.contains(&outer));
        let to = crate::address::link(page, PATH);
        let contexts = self.model.contexts.iter().filter(here);
        contexts.map(|it| Named { name: it.name.clone(), href: format!("{to}#{}", anchor(&it.id)) }).collect()
    }
}
