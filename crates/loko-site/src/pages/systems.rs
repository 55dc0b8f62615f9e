//! All systems, our own and those of others, and the people who use them.

use super::element::part;
use super::facets::{FacetPage, Group};
use super::{Body, Crumb, Page, section};
use crate::site::Site;
use loko_model::{ElementIx, Kind};

/// The path of the page.
pub(crate) const PATH: &str = "systems.html";

/// Plans the page; none when there is no system.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    let of = |kind: Kind, external: Option<bool>| -> Vec<ElementIx> {
        let fits = |ix: &ElementIx| external.is_none_or(|external| site.model.element(*ix).external == external);
        site.model.of_kind(kind).filter(fits).collect()
    };
    let lists = [
        ("s-own", "Systems", of(Kind::System, Some(false))),
        ("s-external", "External systems", of(Kind::System, Some(true))),
        ("s-people", "People", of(Kind::Person, None)),
    ];
    let (own, external) = (lists[0].2.len(), lists[1].2.len());
    if own + external == 0 {
        return None;
    }
    let groups: Vec<Group> = lists
        .into_iter()
        .filter(|(_, _, elements)| !elements.is_empty())
        .map(|(id, name, elements)| {
            let rows = elements.iter().map(|ix| part(site, PATH, *ix)).collect();
            Group { id: id.to_owned(), name: name.to_owned(), rows }
        })
        .collect();
    let plural = |count: usize| if count == 1 { "system" } else { "systems" };
    let lead = match external {
        0 => format!("{own} {}.", plural(own)),
        _ => format!("{own} {} of our own, {external} {} of others.", plural(own), plural(external)),
    };
    let sections = groups.iter().map(|group| section(&group.id, &group.name)).collect();
    let mut frame = site.frame(PATH, "Systems", &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), Crumb { name: "Systems".to_owned(), href: None }];
    let body = Body::Facets(FacetPage { title: "Systems", lead, groups });
    Some(Page { path: PATH.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() })
}
