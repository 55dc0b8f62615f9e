//! The pages of dynamic and of selected views.

use super::writer::{Writer, code, link, ticked, whole_ref};
use super::{Made, begin, pictures, to_markdown};
use crate::pages::{self, Body, Ref};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn dynamic(shop: &Shop<'_>, at: usize) -> (String, Made) {
    let page = pages::dynamic::page(shop.site, at);
    let path = to_markdown(&page.path);
    let Body::Dynamic(body) = &page.body else { return (path, Made::default()) };
    let mut out = begin(shop, &page, &body.name, &body.description);
    scope(&mut out, "type.dynamic-view", body.scope.as_ref());
    let sketches = pictures(&mut out, &page);
    if !body.steps.is_empty() {
        out.section("dynamic.steps");
        let words = &shop.site.words;
        let rows: Vec<Vec<String>> = body
            .steps
            .iter()
            .map(|it| {
                let way = if it.bidirectional { words.fill("way.both", &[("way", &it.way)]) } else { it.way.clone() };
                let answer = if it.response { format!("*{}* ", words.say("dynamic.answer")) } else { String::new() };
                let how = [escape_markdown(&it.technology), way];
                vec![
                    escape_markdown(&it.number),
                    link(&it.from.name, &it.from.href),
                    link(&it.to.name, &it.to.href),
                    format!("{answer}{}", ticked(&it.description)).trim_end().to_owned(),
                    how.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
                ]
            })
            .collect();
        out.table(&["column.step", "column.from", "column.to", "column.what", "column.how"], &rows);
    }
    out.findings(&page.frame.findings);
    (path, Made { text: out.finish(), sketches, ..Made::default() })
}

pub(super) fn selection(shop: &Shop<'_>, at: usize) -> (String, Made) {
    let page = pages::selection::page(shop.site, at);
    let path = to_markdown(&page.path);
    let Body::Selection(body) = &page.body else { return (path, Made::default()) };
    let mut out = begin(shop, &page, &body.name, &body.description);
    scope(&mut out, "type.selected-view", body.scope.as_ref());
    let sketches = pictures(&mut out, &page);
    out.section("selection.elements");
    let selectors: Vec<String> =
        body.selectors.iter().map(|row| format!("{} {}", escape_markdown(&row.role), code(&row.text))).collect();
    out.paragraph(&selectors.join("; "));
    let row = |it: &pages::selection::PickedRow| {
        vec![whole_ref(&it.reference), ticked(&it.description), escape_markdown(&it.technology)]
    };
    let rows: Vec<Vec<String>> = body.elements.iter().map(row).collect();
    out.table(&["column.name", "column.what-it-does", "column.technology"], &rows);
    out.findings(&page.frame.findings);
    (path, Made { text: out.finish(), sketches, ..Made::default() })
}

/// What a view is, and of what.
fn scope(out: &mut Writer<'_>, kind: &str, scope: Option<&Ref>) {
    if let Some(scope) = scope {
        let text = format!("{} {} {}", out.site.say(kind), out.site.say("view.of"), link(&scope.name, &scope.href));
        out.paragraph(&text);
    }
}
