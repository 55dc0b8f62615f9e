//! The patterns in use: who plays which role, and whether what they ask for holds.

use super::writer::{ticked, whole_ref};
use super::{Made, begin, finish};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;

pub(super) fn file(shop: &Shop<'_>) -> Option<(String, Made)> {
    let page = pages::patterns::page(shop.site)?;
    let Body::Patterns(body) = &page.body else { return None };
    let words = &shop.site.words;
    let mut out = begin(shop, &page, &words.say("nav.patterns"), &body.lead);
    for it in &body.uses {
        out.place(&it.id, &it.name);
        let category =
            if it.category.is_empty() { String::new() } else { format!(" ({})", escape_markdown(&it.category)) };
        let avoid = if it.is_anti { format!(" **{}**", words.say("patterns.to-be-avoided")) } else { String::new() };
        out.paragraph(&format!("{}{category}{avoid}", ticked(&it.says)));
        let rows: Vec<Vec<String>> = it
            .roles
            .iter()
            .map(|role| {
                let players: Vec<String> = role.players.iter().map(whole_ref).collect();
                vec![escape_markdown(&role.name), players.join(", ")]
            })
            .collect();
        out.table(&["column.role", "column.played-by"], &rows);
        let mut verdicts = Vec::new();
        for verdict in &it.verdicts {
            let said = words.say(if verdict.holds { "patterns.holds" } else { "patterns.fails" });
            let said = if verdict.holds { said } else { format!("**{said}**") };
            let mut item = format!("{said}: {}", ticked(&verdict.says));
            for finding in &verdict.findings {
                item.push_str("\n  - ");
                item.push_str(&out.finding(finding));
            }
            verdicts.push(item);
        }
        out.list(verdicts);
        if it.boxes > 0 {
            out.paragraph(&words.fill("patterns.ticked", &[("ticked", &it.ticked), ("boxes", &it.boxes)]));
        }
    }
    out.findings(&page.frame.findings);
    Some(finish(&page, out))
}
