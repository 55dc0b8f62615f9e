//! `README.md`: what the project is, the landscape, what there is, and the ways on from here.

use super::writer::{Writer, link, page_link, ticked};
use super::{Made, pictures, prose_of, to_markdown};
use crate::address;
use crate::pages::home::PATH;
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;
use crate::site::Site;
use loko_source::Diagnostic;

pub(super) fn file(shop: &Shop<'_>, findings: &[Diagnostic]) -> (String, Made) {
    let site = shop.site;
    let page = pages::home::page(site, findings);
    let path = to_markdown(&page.path);
    let Body::Home(body) = &page.body else { return (path, Made::default()) };
    let mut out = Writer::new(site);
    out.title(&body.name);
    out.paragraph(&ticked(&body.description));
    let numbers: Vec<String> =
        body.numbers.iter().map(|number| format!("{} {}", number.value, escape_markdown(&number.label))).collect();
    out.paragraph(&numbers.join(" · "));
    if body.empty {
        out.paragraph(&ticked(&site.say("home.empty")));
    }
    let mut sketches = pictures(&mut out, &page);
    let prose = prose_of(shop, &page, &mut sketches);
    out.paragraph(&prose.text);
    for group in &body.groups {
        out.heading(&group.title);
        let rows: Vec<Vec<String>> = group
            .cards
            .iter()
            .map(|card| {
                vec![
                    link(&card.reference.name, &card.reference.href),
                    ticked(&card.description),
                    escape_markdown(&card.facts.join(", ")),
                ]
            })
            .collect();
        out.table(&["column.name", "column.what-it-does", ""], &rows);
    }
    let environments = site.model.environments.iter().enumerate();
    let environments = environments.map(|(at, it)| link(&it.name, site.addresses.environment(at)));
    out.listed("nav.environments", environments.collect());
    out.listed("home.stories", body.stories.iter().map(page_link).collect());
    let mut decisions: Vec<String> = body.decisions.iter().map(|row| out.decision(row)).collect();
    if let Some(more) = &body.more_decisions {
        decisions.push(link(&site.words.count("home.all-decisions", more.count), &more.href));
    }
    out.listed("home.recent-decisions", decisions);
    out.listed("element.more", further(site, &body.findings.text));
    out.findings(&page.frame.findings);
    (path, Made { text: out.finish(), files: prose.files, sketches, depth: 0 })
}

/// The pages that tell of many things at once.
fn further(site: &Site<'_>, findings: &str) -> Vec<String> {
    let model = site.model;
    let mut pages = vec![
        (pages::events::INDEX, "nav.events", !site.events.is_empty()),
        (pages::contexts::PATH, "nav.contexts", site.has_contexts()),
        (pages::glossary::PATH, "nav.glossary", model.contexts.iter().any(|it| !it.language.is_empty())),
        (pages::patterns::PATH, "nav.patterns", !site.patterns.reports.is_empty()),
        (pages::coupling::PATH, "nav.coupling", !model.relations.is_empty()),
    ];
    pages.extend(site.facets.iter().map(|(facet, _)| (facet.path(), facet.title(), true)));
    let there = pages.into_iter().filter(|(.., is_there)| *is_there);
    let mut links: Vec<String> = there.map(|(to, key, _)| link(&site.say(key), &address::link(PATH, to))).collect();
    if !findings.is_empty() {
        let to = address::link(PATH, pages::findings::PATH);
        links.push(format!("{}: {}", link(&site.say("nav.findings"), &to), escape_markdown(findings)));
    }
    links
}
