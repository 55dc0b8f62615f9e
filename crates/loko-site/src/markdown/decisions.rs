//! The decisions: a list of all, and a page each.

use super::writer::{link, refs};
use super::{Made, begin, finish, prose_of, to_markdown};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn index(shop: &Shop<'_>) -> (String, Made) {
    let page = pages::decision::index(shop.site);
    let Body::Decisions(body) = &page.body else { return (to_markdown(&page.path), Made::default()) };
    let mut out = begin(shop, &page, &shop.site.say("nav.decisions"), &body.lead);
    let rows: Vec<Vec<String>> = body
        .rows
        .iter()
        .map(|row| {
            vec![
                row.number.clone(),
                link(&row.title, &row.href),
                escape_markdown(&row.status),
                escape_markdown(&shop.site.words.day(&row.date)),
                refs(&row.elements),
            ]
        })
        .collect();
    out.table(&["column.number", "column.decision", "column.status", "column.date", "column.about"], &rows);
    finish(&page, out)
}

pub(super) fn file(shop: &Shop<'_>, at: usize) -> (String, Made) {
    let page = pages::decision::page(shop.site, at);
    let path = to_markdown(&page.path);
    let Body::Decision(body) = &page.body else { return (path, Made::default()) };
    let mut out = begin(shop, &page, &body.row.title, "");
    out.table(
        &["column.status", "column.date", "column.about"],
        &[vec![
            escape_markdown(&body.row.status),
            escape_markdown(&shop.site.words.day(&body.row.date)),
            refs(&body.row.elements),
        ]],
    );
    out.list(body.row.links.iter().map(|it| format!("{} {}", escape_markdown(&it.kind), link(&it.title, &it.href))));
    let mut sketches = Vec::new();
    let prose = prose_of(shop, &page, &mut sketches);
    out.paragraph(&prose.text);
    if !body.rules.is_empty() {
        out.section("decisions.rules");
        let key = if body.is_in_force { "decisions.rules-checked" } else { "decisions.rules-resting" };
        out.paragraph(&super::writer::ticked(&shop.site.say(key)));
        out.paragraph(&format!("```json\n{}\n```", body.rules));
    }
    out.findings(&page.frame.findings);
    (path, Made { text: out.finish(), files: prose.files, sketches, depth: 1 })
}
