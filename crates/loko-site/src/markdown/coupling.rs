//! Coupling: cycles with the edges to cut, shared databases, and the measures of systems and elements. The matrix is a
//! picture for a screen, and left to the site.

use super::writer::{Writer, link, refs, ticked, whole_ref};
use super::{Made, begin, finish};
use crate::pages::coupling::{CycleView, FactView, Row, measure};
use crate::pages::{self, Ref};
use crate::prose::escape_markdown;
use crate::shop::Shop;
use crate::site::Site;

pub(super) fn file(shop: &Shop<'_>) -> Option<(String, Made)> {
    let page = pages::coupling::page(shop.site)?;
    let site = shop.site;
    let body = measure(site);
    let mut out = begin(shop, &page, &site.say("nav.coupling"), &body.lead);
    let fact = |it: &FactView| vec![escape_markdown(&it.name), escape_markdown(&it.value), ticked(&it.means)];
    let facts: Vec<Vec<String>> = body.facts.iter().map(fact).collect();
    out.table(&["", " ", "  "], &facts);
    if !body.cycles.is_empty() {
        out.section("coupling.cycles");
        out.list(body.cycles.iter().map(|cycle| told(site, cycle)));
    }
    let shared = body
        .shared
        .iter()
        .map(|it| format!("{} {} {}", whole_ref(&it.database), site.say("coupling.used-by"), refs(&it.services)));
    out.listed("coupling.shared", shared.collect());
    if !body.systems.is_empty() {
        out.section("coupling.systems");
        let spread = [("coupling.cohesion", "coupling.cohesion-means"), ("coupling.spread", "coupling.spread-means")];
        legend(&mut out, &spread);
        let row = |row: &Row| measures(link(&row.reference.name, &row.reference.href), row);
        let rows: Vec<Vec<String>> = body.systems.iter().map(row).collect();
        out.table(&["column.name", "Ca", "Ce", "I", "coupling.cohesion", "coupling.spread", ""], &rows);
    }
    if !body.elements.is_empty() {
        out.section("coupling.elements-all");
        legend(
            &mut out,
            &[
                ("coupling.reaches", "coupling.reaches-means"),
                ("coupling.reached-by", "coupling.reached-by-means"),
                ("coupling.betweenness", "coupling.betweenness-means"),
            ],
        );
        let rows: Vec<Vec<String>> = body.elements.iter().map(|row| measures(whole_ref(&row.reference), row)).collect();
        let reach = ["coupling.reaches", "coupling.reached-by", "coupling.betweenness"];
        out.table(&["column.name", "Ca", "Ce", "I", reach[0], reach[1], reach[2]], &rows);
        if body.left_out > 0 {
            out.paragraph(&ticked(&site.words.count("coupling.left-out", body.left_out)));
        }
    }
    body.notes.iter().for_each(|note| out.paragraph(&ticked(note)));
    Some(finish(&page, out))
}

/// What the heads of a table mean.
fn legend(out: &mut Writer<'_>, further: &[(&str, &str)]) {
    let own = [("Ca", "coupling.ca"), ("Ce", "coupling.ce"), ("I", "coupling.instability")];
    let own = own.map(|(name, key)| (name.to_owned(), key));
    let further = further.iter().map(|(name, key)| (out.site.say(name), *key));
    let told = |(name, key): (String, &str)| format!("**{}:** {}", escape_markdown(&name), ticked(&out.site.say(key)));
    let legend: Vec<String> = own.into_iter().chain(further).map(told).collect();
    out.paragraph(&legend.join("; "));
}

fn measures(name: String, row: &Row) -> Vec<String> {
    vec![
        name,
        row.afferent.to_string(),
        row.efferent.to_string(),
        row.instability.clone(),
        row.reaches.clone(),
        row.reached_by.clone(),
        row.betweenness.clone(),
    ]
}

fn told(site: &Site<'_>, cycle: &CycleView) -> String {
    let circle: Vec<String> = cycle.elements.iter().map(whole_ref).collect();
    let edge = |(from, to): &(Ref, Ref)| format!("{} → {}", link(&from.name, &from.href), link(&to.name, &to.href));
    let cut: Vec<String> = cycle.cut.iter().map(edge).collect();
    let way_out =
        if cut.is_empty() { String::new() } else { format!("<br>{} {}", site.say("coupling.break"), cut.join(", ")) };
    format!("{}{way_out}", circle.join(", "))
}
