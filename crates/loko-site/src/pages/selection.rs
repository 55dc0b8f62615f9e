//! The page of a selected view: what its selectors pick.

use super::{Body, Page, Ref, here, section};
use crate::site::Site;
use loko_model::selection::Picked;
use serde::Serialize;

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SelectionPage {
    pub name: String,
    pub description: String,
    pub scope: Option<Ref>,
    /// The selectors, each with what it does.
    pub selectors: Vec<SelectorRow>,
    pub elements: Vec<PickedRow>,
}

/// One selector.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SelectorRow {
    pub role: String,
    pub text: String,
}

/// One picked element.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PickedRow {
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub description: String,
    pub technology: String,
}

/// Plans the page of a selected view.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let view = &site.model.selections[at];
    let path = site.addresses.selection(at);
    let mask = view.mask(site.model);
    let picked = site.model.ids().filter(|ix| mask[ix.index()]).map(|ix| PickedRow {
        reference: site.reference(path, ix),
        description: site.model.element(ix).description.clone(),
        technology: site.model.element(ix).technology.clone(),
    });
    let row = |key: &'static str| {
        move |picked: &Picked| SelectorRow { role: site.say(key), text: picked.select.text().to_owned() }
    };
    let excluded = view.exclude.iter().map(row("selection.leaves-out"));
    let selectors = view.include.iter().map(row("selection.shows")).chain(excluded);
    let body = SelectionPage {
        name: view.name.clone(),
        description: view.description.clone(),
        scope: view.scope.map(|ix| site.reference(path, ix)),
        selectors: selectors.chain(view.relations.iter().map(row("selection.draws-relations"))).collect(),
        elements: picked.collect(),
    };
    let sections = vec![section("s-elements", &site.say("selection.elements"))];
    let mut frame = site.frame(path, &view.name, &view.description, sections);
    frame.crumbs = vec![site.home_crumb(path), here(view.name.clone())];
    frame.set_source(site, view.place.path.as_str());
    let drawings = site.drawings_at(path).iter().map(|at| site.page_drawing(path, *at)).collect();
    Page { path: path.to_owned(), frame, body: Body::Selection(body), drawings, prose: None, sketches: Vec::new() }
}
