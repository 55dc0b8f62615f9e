//! All findings, by what they are about.

use super::writer::{link, ticked};
use super::{Made, begin, finish};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;
use loko_source::Diagnostic;

pub(super) fn file(shop: &Shop<'_>, findings: &[Diagnostic]) -> Option<(String, Made)> {
    if findings.is_empty() {
        return None;
    }
    let page = pages::findings::page(shop.site, findings);
    let Body::Findings(body) = &page.body else { return None };
    let mut out = begin(shop, &page, &shop.site.say("nav.findings"), "");
    out.paragraph(&ticked(&body.lead));
    for group in &body.groups {
        out.paragraph(&format!("## {}", escape_markdown(&group.title)));
        for about in &group.about {
            let title =
                about.reference.as_ref().map_or_else(|| escape_markdown(&about.title), |it| link(&it.name, &it.href));
            out.paragraph(&format!("### {title}"));
            out.list(about.findings.iter().map(|finding| out.finding(finding)).collect::<Vec<_>>());
        }
    }
    Some(finish(&page, out))
}
