//! The glossary: what words mean, context by context.

use super::writer::{anchor, link, ticked};
use super::{Made, begin, finish};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn file(shop: &Shop<'_>) -> Option<(String, Made)> {
    let page = pages::glossary::page(shop.site)?;
    let Body::Glossary(body) = &page.body else { return None };
    let mut out = begin(shop, &page, &shop.site.say("nav.glossary"), &body.lead);
    let mut rows = Vec::new();
    for term in body.letters.iter().flat_map(|letter| &letter.terms) {
        for (at, meaning) in term.meanings.iter().enumerate() {
            let word =
                if at == 0 { format!("{}{}", anchor(&term.id), escape_markdown(&term.word)) } else { String::new() };
            rows.push(vec![word, ticked(&meaning.text), link(&meaning.context.name, &meaning.context.href)]);
        }
    }
    out.table(&["column.name", "column.what-it-is", "element.context"], &rows);
    Some(finish(&page, out))
}
