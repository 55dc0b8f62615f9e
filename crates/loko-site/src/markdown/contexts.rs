//! The context map: bounded contexts, the teams behind them, and how they bear on each other.

use super::writer::{code, link, ticked, whole_ref};
use super::{Made, begin, pictures, to_markdown};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn file(shop: &Shop<'_>) -> Option<(String, Made)> {
    let page = pages::contexts::page(shop.site)?;
    let Body::Contexts(body) = &page.body else { return None };
    let site = shop.site;
    let mut out = begin(shop, &page, &site.say("nav.contexts"), &body.lead);
    let sketches = pictures(&mut out, &page);
    if !body.relations.is_empty() {
        out.section("contexts.relations");
        let rows: Vec<Vec<String>> = body
            .relations
            .iter()
            .map(|row| {
                let mut how = escape_markdown(&row.pattern);
                if let Some(at) = &row.at {
                    how = format!("{how}, {} {}", site.say("contexts.at"), link(&at.name, &at.href));
                }
                vec![
                    link(&row.downstream.name, &row.downstream.href),
                    link(&row.upstream.name, &row.upstream.href),
                    how,
                    ticked(&row.note),
                ]
            })
            .collect();
        out.table(&["column.downstream", "column.upstream", "column.how", "column.what-passes"], &rows);
    }
    for context in &body.contexts {
        out.place(&context.id, &context.name);
        out.paragraph(&ticked(&context.description));
        let elements: Vec<String> = context.elements.iter().map(whole_ref).collect();
        let aggregates: Vec<String> = context.aggregates.iter().map(|it| code(it)).collect();
        let team = context.team.as_ref().map(|team| link(&team.name, &team.href)).unwrap_or_default();
        out.facts(&[
            ("contexts.subdomain", escape_markdown(&context.subdomain)),
            ("contexts.team", team),
            ("contexts.elements", elements.join(", ")),
            ("contexts.aggregates", aggregates.join(", ")),
        ]);
        out.list(context.terms.iter().map(|(term, text)| format!("**{}:** {}", escape_markdown(term), ticked(text))));
    }
    out.findings(&page.frame.findings);
    Some((to_markdown(&page.path), Made { text: out.finish(), sketches, ..Made::default() }))
}
