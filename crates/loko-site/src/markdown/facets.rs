//! What elements have in common: technologies, owners and tags, each with the elements that have it.

use super::writer::{anchor, refs};
use super::{Made, begin, finish};
use crate::pages::facets::Facet;
use crate::pages::{self, Body, Ref};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn file(shop: &Shop<'_>, facet: Facet) -> Option<(String, Made)> {
    let page = pages::facets::page(shop.site, facet)?;
    let Body::Facets(body) = &page.body else { return None };
    let mut out = begin(shop, &page, &body.title, &body.lead);
    let rows: Vec<Vec<String>> = body
        .groups
        .iter()
        .map(|group| {
            let elements: Vec<Ref> = group.rows.iter().map(|row| row.reference.clone()).collect();
            vec![format!("{}{}", anchor(&group.id), escape_markdown(&group.name)), refs(&elements)]
        })
        .collect();
    out.table(&["column.name", "contexts.elements"], &rows);
    Some(finish(&page, out))
}
