//! All systems, our own and those of others, and the people who use them.

use super::element::part;
use super::facets::{FacetPage, Group};
use super::{Body, Page, here, section};
use crate::site::Site;
use loko_model::{ElementIx, Kind};

/// The path of the page.
pub(crate) const PATH: &str = "systems.html";

/// The key of what our own systems are called: where there are others', "Systems" is the name of all together.
pub(crate) fn own_key(site: &Site<'_>) -> &'static str {
    let has_external = site.model.of_kind(Kind::System).any(|ix| site.model.element(ix).external);
    if has_external { "nav.own-systems" } else { "nav.systems" }
}

/// Plans the page; none when there is no system.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    let of = |kind: Kind, external: Option<bool>| -> Vec<ElementIx> {
        let fits = |ix: &ElementIx| external.is_none_or(|external| site.model.element(*ix).external == external);
        site.model.of_kind(kind).filter(fits).collect()
    };
    let lists = [
        ("s-own", own_key(site), of(Kind::System, Some(false))),
        ("s-external", "nav.external-systems", of(Kind::System, Some(true))),
        ("s-people", "nav.people", of(Kind::Person, None)),
    ];
    let (own, external) = (lists[0].2.len(), lists[1].2.len());
    if own + external == 0 {
        return None;
    }
    let groups: Vec<Group> = lists
        .into_iter()
        .filter(|(_, _, elements)| !elements.is_empty())
        .map(|(id, key, elements)| {
            let rows = elements.iter().map(|ix| part(site, PATH, *ix)).collect();
            Group { id: id.to_owned(), name: site.say(key), rows }
        })
        .collect();
    let counted = |count: usize| site.words.count("lists.systems-count", count);
    let lead = match external {
        0 => site.words.fill("lists.systems-lead", &[("own", &counted(own))]),
        _ => {
            site.words.fill("lists.systems-lead-external", &[("own", &counted(own)), ("external", &counted(external))])
        }
    };
    let title = site.say("nav.systems");
    let sections = groups.iter().map(|group| section(&group.id, &group.name)).collect();
    let mut frame = site.frame(PATH, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title.clone())];
    let body = Body::Facets(FacetPage { title, lead, groups });
    Some(Page { path: PATH.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() })
}
