//! One page that needs nothing else: verdict, charts, tables, assumptions.

use super::chart::escape;
use super::player::player;
use super::{charts, study_words, tables, verdict};
use crate::run::Outcome;
use crate::search::Study;
use std::fmt::Write as _;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
table{border-collapse:collapse;margin:.5rem 0 1.5rem;display:block;overflow-x:auto}th,td{padding:.25rem .7rem;border-bottom:1px solid #ddd;\
text-align:left;white-space:nowrap}h2{margin-top:2rem}.verdict li{margin:.4rem 0}svg{max-width:100%;height:auto}";

/// The page. The slowest request of each load is run once more for its waterfall, unless `stop` says to hurry.
pub fn html(outcome: &Outcome, study: &Study, stop: &dyn Fn() -> bool) -> String {
    let scenario = &outcome.scenario;
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>{STYLE}</style></head><body>\n<h1>{0}</h1>\n<p>{1}</p>\n<h2>Verdict</h2>\n<ul class=\"verdict\">\n",
        escape(&scenario.name),
        escape(&scenario.question)
    );
    for line in verdict(outcome).into_iter().chain(study_words(study)) {
        let _ = writeln!(out, "<li>{}</li>", escape(&line));
    }
    let _ = write!(out, "</ul>\n<h2>What happens where</h2>\n{}", player(outcome));
    let _ = write!(out, "<h2>Over time</h2>\n{}", charts(outcome, study).concat());
    out.push_str(&slowest(outcome, stop));
    let vulnerable = |variant: &crate::run::VariantResult| {
        variant
            .drifts
            .iter()
            .filter(|drift| drift.state != crate::analytic::drift::State::Stable)
            .cloned()
            .collect::<Vec<_>>()
    };
    for variant in &outcome.variants {
        for drift in vulnerable(variant) {
            let _ = write!(out, "<h3>{}</h3>\n{}", escape(&variant.name), super::drift::field(&drift));
        }
    }
    for table in super::study::tables(study).into_iter().chain(tables(outcome)) {
        let _ = writeln!(out, "<h2>{}</h2>\n<table>", escape(&table.title));
        for (at, row) in table.rows.iter().enumerate() {
            let tag = if at == 0 { "th" } else { "td" };
            let cells: String = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
            let _ = writeln!(out, "<tr>{cells}</tr>");
        }
        out.push_str("</table>\n");
    }
    if let Some(variant) = outcome.variants.first().filter(|variant| !variant.compiled.assumptions.is_empty()) {
        out.push_str("<h2>Assumed, because the model does not say</h2>\n<ul>\n");
        for assumption in &variant.compiled.assumptions {
            let _ = writeln!(out, "<li>{}</li>", escape(assumption));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</body></html>\n");
    out
}

/// The slowest request of each load, in each variant.
fn slowest(outcome: &Outcome, stop: &dyn Fn() -> bool) -> String {
    let mut out = String::new();
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for variant in &outcome.variants {
            let Some(trace) = crate::run::trace(&outcome.scenario, variant, at, stop) else { continue };
            let title = format!("{}, {}: the slowest request, begun at {}", load.name, variant.name, {
                crate::compile::show(trace.calls[0].start as f64 * 1e-9)
            });
            out.push_str(&super::waterfall::waterfall(&variant.compiled.network, &title, &trace));
        }
    }
    if out.is_empty() { out } else { format!("<h2>Where the time goes</h2>\n{out}") }
}
