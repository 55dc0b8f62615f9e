//! The events: a list of all, and a page each.

use super::writer::{code, link, refs, ticked, whole_ref};
use super::{Made, begin, finish, pictures, to_markdown};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn index(shop: &Shop<'_>) -> (String, Made) {
    let page = pages::events::index(shop.site);
    let Body::Events(body) = &page.body else { return (to_markdown(&page.path), Made::default()) };
    let mut out = begin(shop, &page, &shop.site.say("nav.events"), &body.lead);
    out.events(&body.rows);
    finish(&page, out)
}

pub(super) fn file(shop: &Shop<'_>, at: usize) -> (String, Made) {
    let page = pages::events::page(shop.site, at);
    let path = to_markdown(&page.path);
    let Body::Event(body) = &page.body else { return (path, Made::default()) };
    let mut out = begin(shop, &page, &body.name, &body.description);
    let schema = if body.schema_href.is_empty() { code(&body.schema) } else { link(&body.schema, &body.schema_href) };
    out.facts(&[
        ("frame.version", escape_markdown(&body.version)),
        ("events.carries", escape_markdown(&body.style)),
        ("column.published-by", refs(&body.publishers)),
        ("events.through", refs(&body.through)),
        ("events.schema", schema),
    ]);
    let sketches = pictures(&mut out, &page);
    if !body.subscribers.is_empty() {
        out.section("events.subscribers");
        let rows: Vec<Vec<String>> =
            body.subscribers.iter().map(|it| vec![whole_ref(&it.reference), ticked(&it.action)]).collect();
        out.table(&["column.who", "column.what-is-done"], &rows);
    }
    if !body.properties.is_empty() {
        out.section("events.what-it-carries");
        let row = |it: &pages::events::Property| {
            let required = shop.site.say(if it.is_required { "frame.yes" } else { "frame.no" });
            vec![code(&it.name), escape_markdown(&it.kind), required, ticked(&it.description)]
        };
        let rows: Vec<Vec<String>> = body.properties.iter().map(row).collect();
        out.table(&["column.property", "column.type", "column.required", "column.what-it-is"], &rows);
    }
    if !body.examples.is_empty() {
        out.section("events.examples");
        body.examples.iter().for_each(|example| out.paragraph(&format!("```json\n{example}\n```")));
    }
    out.findings(&page.frame.findings);
    let files = pages::events::schema_file(shop.site, &shop.site.events[at]).into_iter().collect();
    (path, Made { text: out.finish(), files, sketches, depth: 1 })
}
