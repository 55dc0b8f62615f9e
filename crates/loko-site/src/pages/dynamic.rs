//! The page of a dynamic view.

use super::{Body, Page, Ref, here, section};
use crate::site::Site;
use serde::Serialize;

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DynamicPage {
    pub name: String,
    pub description: String,
    pub scope: Option<Ref>,
    pub steps: Vec<StepRow>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StepRow {
    pub number: String,
    pub from: Ref,
    pub to: Ref,
    pub description: String,
    pub technology: String,
    pub kind: &'static str,
    /// The kind in words.
    pub way: String,
    pub bidirectional: bool,
    pub response: bool,
}

/// Plans the page of a dynamic view.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let story = &site.model.dynamics[at];
    let path = site.addresses.dynamic(at);
    let steps = story.steps.iter().map(|step| StepRow {
        number: step.number.clone(),
        from: site.reference(path, step.source),
        to: site.reference(path, step.target),
        description: step.description.clone(),
        technology: step.technology.clone(),
        kind: super::way(step.kind),
        way: site.way(step.kind),
        bidirectional: false,
        response: step.response,
    });
    let body = DynamicPage {
        name: story.name.clone(),
        description: story.description.clone(),
        scope: story.scope.map(|ix| site.reference(path, ix)),
        steps: steps.collect(),
    };
    let sections = vec![section("s-steps", &site.say("dynamic.steps"))];
    let mut frame = site.frame(path, &story.name, &story.description, sections);
    frame.crumbs = vec![site.home_crumb(path), here(story.name.clone())];
    frame.set_source(site, story.place.path.as_str());
    let drawings = site.drawings_at(path).iter().map(|at| site.page_drawing(path, *at)).collect();
    Page { path: path.to_owned(), frame, body: Body::Dynamic(body), drawings, prose: None, sketches: Vec::new() }
}
