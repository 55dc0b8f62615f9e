//! The tree at the side: the overviews, everything at the top level, and what the current page is part of opened up.

use crate::address::link;
use crate::fingerprint::{Fingerprint, Ingredients};
use crate::pages::kind_class;
use crate::site::Site;
use loko_model::{ElementIx, Kind};
use serde::Serialize;

/// Workspaces with more elements show only the branch of the current page opened.
const OPEN_ELEMENTS_MAX: usize = 40;

/// The navigation as one page shows it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Nav {
    pub pages: Vec<Item>,
    pub sections: Vec<Section>,
}

/// Items under a title.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Section {
    pub title: String,
    pub items: Vec<Item>,
}

/// One link.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Item {
    pub name: String,
    pub href: String,
    pub kind: &'static str,
    pub count: usize,
    /// Whether it is this page.
    pub current: bool,
    /// Whether this page is below it.
    pub open: bool,
    pub children: Vec<Item>,
}

/// What the navigation of a page is made from, which costs less than making it: the part that all pages share, and the
/// parts of all that the page is in.
pub(crate) fn fingerprint(site: &Site<'_>, page: &str) -> Fingerprint {
    let mut made_of = Ingredients::of("navigation");
    made_of.text(page);
    // No page is at the empty address, so nothing is opened here but what always is.
    made_of.fingerprint(*site.common_nav.get_or_init(|| Ingredients::of("navigation").data(&nav(site, "")).finish()));
    for ix in site.element_of_page(page).into_iter().flat_map(|current| site.model.ancestry(current)) {
        made_of.text(site.addresses.element(ix));
        for part in site.model.children(ix) {
            let element = site.model.element(*part);
            made_of
                .text(&element.name)
                .text(site.addresses.element(*part))
                .text(kind_class(element.kind, element.external));
        }
    }
    made_of.finish()
}

/// The navigation of the home page with every branch open.
pub(crate) fn whole(site: &Site<'_>) -> Nav {
    tree(site, super::home::PATH, true)
}

/// The navigation of a page.
pub(crate) fn nav(site: &Site<'_>, page: &str) -> Nav {
    tree(site, page, site.model.elements.len() <= OPEN_ELEMENTS_MAX)
}

/// The navigation of a page, every branch open or only that of the page.
fn tree(site: &Site<'_>, page: &str, is_open: bool) -> Nav {
    let current = site.element_of_page(page);
    let item = |name: &str, to: &str, kind: &'static str, count: usize| Item {
        name: name.to_owned(),
        href: link(page, to),
        kind,
        count,
        current: page == to,
        ..Item::default()
    };
    let mut pages = vec![item(&site.say("frame.home"), super::home::PATH, "", 0)];
    pages.extend(overviews(site).into_iter().map(|(key, to, count)| item(&site.say(key), to, "", count)));

    let outermost = |kind: Kind, external: bool| -> Vec<Item> {
        let of_kind =
            site.model.of_kind(kind).filter(|ix| site.model.element(*ix).external == external || kind == Kind::Person);
        of_kind
            .filter(|ix| site.model.element(*ix).parent.is_none())
            .map(|ix| branch(site, page, (current, is_open), ix))
            .collect()
    };
    let environments = site.model.environments.iter().enumerate();
    let stories = site.model.dynamics.iter().enumerate();
    let views = site.model.selections.iter().enumerate();
    let scenarios = site.scenarios.iter().enumerate();
    let sections = [
        (super::systems::own_key(site), outermost(Kind::System, false)),
        ("nav.external-systems", outermost(Kind::System, true)),
        ("nav.people", outermost(Kind::Person, false)),
        (
            "nav.environments",
            environments.map(|(at, it)| item(&it.name, site.addresses.environment(at), "deployment", 0)).collect(),
        ),
        ("nav.views", views.map(|(at, it)| item(&it.name, site.addresses.selection(at), "dynamic", 0)).collect()),
        (
            "nav.dynamic-views",
            stories.map(|(at, it)| item(&it.name, site.addresses.dynamic(at), "dynamic", 0)).collect(),
        ),
        (
            "nav.simulations",
            scenarios.map(|(at, it)| item(it.name(), site.addresses.scenario(at), "simulation", 0)).collect(),
        ),
    ];
    let sections = sections.into_iter().filter(|(_, items)| !items.is_empty());
    Nav { pages, sections: sections.map(|(key, items)| Section { title: site.say(key), items }).collect() }
}

/// The pages that tell of many things, by the keys of their names, with how many they are; 0 where a number would say nothing.
fn overviews(site: &Site<'_>) -> Vec<(&'static str, &'static str, usize)> {
    let count = |kind: Kind| site.model.of_kind(kind).count();
    let versions = site.history.map_or(0, |history| history.versions.len());
    let mut lists = vec![
        ("nav.systems", super::systems::PATH, count(Kind::System)),
        ("nav.containers", "containers.html", count(Kind::Container)),
        ("nav.components", "components.html", count(Kind::Component)),
        ("nav.events", super::events::INDEX, site.events.len()),
        ("nav.decisions", super::decision::INDEX, site.model.decisions.len()),
        ("nav.contexts", super::contexts::PATH, site.model.contexts.len()),
        ("nav.glossary", super::glossary::PATH, site.model.contexts.iter().map(|it| it.language.len()).sum()),
        ("nav.patterns", super::patterns::PATH, site.patterns.reports.len()),
    ];
    lists.extend(site.facets.iter().map(|(facet, count)| (facet.title(), facet.path(), *count)));
    lists.push(("nav.versions", super::versions::PATH, versions));
    lists.retain(|(.., count)| *count > 0);
    if site.model.contexts.is_empty() && site.has_contexts() {
        lists.push(("nav.contexts", super::contexts::PATH, 0));
    }
    if !site.model.relations.is_empty() {
        lists.push(("nav.coupling", super::coupling::PATH, 0));
    }
    lists.push(("nav.findings", super::findings::PATH, 0));
    lists
}

impl Site<'_> {
    /// The pages that the navigation names first, as it calls them.
    pub(crate) fn nav_pages(&self) -> Vec<(String, &'static str)> {
        overviews(self).into_iter().map(|(key, path, _)| (self.say(key), path)).collect()
    }

    /// The paths of the pages that the navigation names first.
    pub(crate) fn nav_paths(&self) -> Vec<&'static str> {
        overviews(self).into_iter().map(|(_, path, _)| path).collect()
    }
}

fn branch(site: &Site<'_>, page: &str, (current, is_open): (Option<ElementIx>, bool), ix: ElementIx) -> Item {
    let element = site.model.element(ix);
    let is_on_way = current.is_some_and(|current| site.model.is_within(current, ix));
    let children = if is_on_way || is_open { site.model.children(ix) } else { &[] };
    Item {
        name: element.name.clone(),
        href: link(page, site.addresses.element(ix)),
        kind: kind_class(element.kind, element.external),
        count: 0,
        current: current == Some(ix),
        open: is_on_way && current != Some(ix),
        children: children.iter().map(|part| branch(site, page, (current, is_open), *part)).collect(),
    }
}
