//! What the closed form expects: beside what the simulation saw, and along the ways of calls.

use super::terminal::aligned;
use super::{Table, copies, drift, heading, in_groups};
use crate::analytic::network::Class;
use crate::analytic::paths::Path;
use crate::compile::show;
use crate::network::UNLIMITED;
use crate::quick::{Expected, Quick};
use crate::run::{Compared, Outcome};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A disagreement is told in words when the closed form is off by at least this share; smaller ones stand in the table.
const TOLD: f64 = 0.1;
/// How many of them are told at most, for each variant.
const TOLD_MAX: usize = 3;

fn number(what: &str, value: f64) -> String {
    match what {
        "wait" | "time" => show(value),
        "busy" | "success" => format!("{:.2} %", value * 100.0),
        "cost" => format!("{value:.2} an hour"),
        _ => format!("{value:.3}"),
    }
}

/// What both say of the same numbers.
pub(super) fn table(outcome: &Outcome) -> Table {
    let mut rows = heading(&["of", "variant", "number", "closed form", "simulated", "kind", "verdict"]);
    for variant in &outcome.variants {
        for row in &variant.compared {
            let (mean, half) = (row.simulated.mean, row.simulated.half);
            rows.push(vec![
                row.of.clone(),
                variant.name.clone(),
                row.what.to_owned(),
                number(row.what, row.closed_form),
                format!("{} ± {}", number(row.what, mean), number(row.what, half)),
                kind(row.class).to_owned(),
                if row.agrees { "agree".to_owned() } else { format!("differ by {:.0} %", row.off() * 100.0) },
            ]);
        }
    }
    Table { title: "Closed form beside simulation (intervals hold for all rows together)".to_owned(), rows }
}

fn kind(class: Class) -> &'static str {
    match class {
        Class::Exact => "exact",
        Class::Approximation => "approximation",
    }
}

/// Where both say something else, in words.
pub(super) fn disagreements(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    for variant in &outcome.variants {
        let mut apart: Vec<&Compared> =
            variant.compared.iter().filter(|row| !row.agrees && row.off() >= TOLD && matters(row)).collect();
        apart.sort_by(|a, b| a.class.cmp(&b.class).then(b.off().total_cmp(&a.off())));
        if apart.is_empty() {
            continue;
        }
        let mut line = format!("{}: closed form and simulation disagree beyond the interval:", variant.name);
        for (at, row) in apart.iter().take(TOLD_MAX).enumerate() {
            let _ = write!(
                line,
                "{} {} of `{}` {} against {} ± {}",
                if at == 0 { "" } else { ";" },
                row.what,
                row.of,
                number(row.what, row.closed_form),
                number(row.what, row.simulated.mean),
                number(row.what, row.simulated.half)
            );
        }
        if apart.len() > TOLD_MAX {
            let _ = write!(line, "; and {} more", apart.len() - TOLD_MAX);
        }
        let why = if apart.iter().any(|row| row.class == Class::Exact) {
            "the closed form claims to be exact there"
        } else {
            "the closed form is an approximation there, so trust the simulation"
        };
        lines.push(format!("{line} ({why})."));
    }
    lines
}

/// Waits of microseconds and utilisations of tenths of a percent are nobody's concern, however far off.
fn matters(row: &Compared) -> bool {
    let apart = (row.closed_form - row.simulated.mean).abs();
    match row.what {
        "wait" | "time" => apart > 1e-3,
        "busy" | "success" => apart > 5e-3,
        _ => true,
    }
}

/// The ways on which somebody tries again or gives up early, by variant.
pub(super) fn paths<'v>(variants: impl Iterator<Item = (&'v str, &'v [Path])>) -> Table {
    let mut rows = heading(&["load", "variant", "way", "tries at most", "tries on average", "gives up early"]);
    for (variant, paths) in variants {
        for path in paths {
            rows.push(vec![
                path.load.clone(),
                variant.to_owned(),
                path.way.clone(),
                format!("{:.0}", path.worst),
                format!("{:.3}", path.expected),
                path.gives_up_early.as_ref().map_or_else(String::new, |(who, waits, longest)| {
                    format!("{who} waits {}, what it calls may take {}", show(*waits), show(*longest))
                }),
            ]);
        }
    }
    Table { title: "Tries along the ways of calls (closed form)".to_owned(), rows }
}

/// The quick look as tables.
pub(super) fn quick_tables(quick: &Quick) -> Vec<Table> {
    let mut tables: Vec<Table> = quick.variants.iter().flat_map(|variant| expected(quick, variant)).collect();
    tables.push(paths(quick.variants.iter().map(|variant| (variant.name.as_str(), variant.paths.as_slice()))));
    tables.push(drift::table(quick.variants.iter().map(|variant| (variant.name.as_str(), variant.drifts.as_slice()))));
    tables
}

/// The quick look as text.
pub fn quick_text(quick: &Quick) -> String {
    let scenario = &quick.scenario;
    let mut out = format!("{}\n", scenario.name);
    if !scenario.question.is_empty() {
        let _ = writeln!(out, "{}", scenario.question);
    }
    let _ = writeln!(
        out,
        "\nExpected at the busiest time, by closed forms; faults and all that changes over time are left out."
    );
    for variant in &quick.variants {
        if let Some(cost) = variant.cost {
            let currency = &variant.compiled.prices.currency;
            let month = cost * crate::cost::HOURS_A_MONTH;
            let line = format!("{}: {cost:.2} {currency} an hour, {month:.0} a month.", variant.name);
            let _ = writeln!(out, "{}", in_groups(&line));
        }
    }
    let tables = quick_tables(quick);
    for table in tables.iter().filter(|table| table.rows.len() > 1) {
        let _ = writeln!(out, "\n{}", table.title);
        out.push_str(&aligned(table));
    }
    out
}

/// The quick look as JSON with stable names. Times are in seconds, shares from 0 to 1.
pub fn quick_json(quick: &Quick) -> Value {
    let finite = |value: f64| value.is_finite().then_some(value);
    let one = |variant: &Expected| {
        let (network, outlook) = (&variant.compiled.network, &variant.outlook);
        let loads: Vec<Value> = network
            .sources
            .iter()
            .map(|source| {
                let way = outlook.edges[source.edge as usize];
                json!({ "load": source.name, "rate": way.rate, "success": way.success, "mean_s": finite(way.time), "kind": way.class })
            })
            .collect();
        let elements: Vec<Value> = network
            .stations
            .iter()
            .zip(&outlook.stations)
            .zip(&variant.compiled.replicas)
            .map(|((station, look), replicas)| {
                json!({
                    "element": station.name,
                    "replicas": replicas.map(|replicas| replicas.count),
                    "replicas_of": replicas.map(crate::compile::Replicas::source),
                    "visits_per_s": look.rate,
                    "utilization": look.utilization,
                    "wait_mean_s": finite(look.wait),
                    "kind": look.class,
                })
            })
            .collect();
        let calls: Vec<Value> = network
            .edges
            .iter()
            .zip(&outlook.edges)
            .map(|(edge, way)| {
                json!({
                    "call": edge.name,
                    "rate": way.rate,
                    "tries_per_call": way.tries,
                    "success": way.success,
                    "mean_s": finite(way.time),
                    "cache_hits": edge.cache.as_ref().map(|_| way.hits),
                    "kind": way.class,
                })
            })
            .collect();
        json!({
            "name": variant.name,
            "environment": variant.compiled.environment,
            "loads": loads,
            "elements": elements,
            "calls": calls,
            "paths": variant.paths,
            "drift": variant.drifts,
            "cost_per_h": variant.cost,
            "currency": variant.compiled.prices.currency,
            "assumptions": variant.compiled.assumptions,
        })
    };
    json!({
        "scenario": quick.scenario.name,
        "question": quick.scenario.question,
        "variants": quick.variants.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Everything that is expected of a compiled variant, as tables: loads, elements, calls.
fn expected(quick: &Quick, variant: &Expected) -> Vec<Table> {
    let (network, outlook) = (&variant.compiled.network, &variant.outlook);
    let mut requests = heading(&["load", "requests", "success", "mean time", "kind"]);
    for (source, load) in network.sources.iter().zip(&quick.scenario.loads) {
        let way = outlook.edges[source.edge as usize];
        requests.push(vec![
            load.name.clone(),
            format!("{:.2}/s", way.rate),
            format!("{:.3} %", way.success * 100.0),
            show(way.time),
            kind(way.class).to_owned(),
        ]);
    }
    let mut order: Vec<usize> = (0..network.stations.len()).filter(|at| outlook.stations[*at].rate > 0.0).collect();
    order.sort_by(|a, b| outlook.stations[*b].utilization.total_cmp(&outlook.stations[*a].utilization));
    let mut elements = heading(&["element", "replicas", "visits", "busy", "mean wait", "kind"]);
    for at in order {
        let (station, look) = (&network.stations[at], outlook.stations[at]);
        let limited = station.servers != UNLIMITED && station.elastic.is_none();
        elements.push(vec![
            station.name.clone(),
            copies(&variant.compiled, at),
            format!("{:.1}/s", look.rate),
            if limited { format!("{:.1} %", look.utilization * 100.0) } else { "no limit".to_owned() },
            show(look.wait),
            kind(look.class).to_owned(),
        ]);
    }
    let mut calls = heading(&["call", "calls", "tries per call", "success", "mean time", "cache hits"]);
    for (edge, way) in network.edges.iter().zip(&outlook.edges).filter(|(_, way)| way.rate > 0.0) {
        calls.push(vec![
            edge.name.clone(),
            format!("{:.2}/s", way.rate),
            format!("{:.3}", way.tries),
            format!("{:.3} %", way.success * 100.0),
            show(way.time),
            if edge.cache.is_some() { format!("{:.1} %", way.hits * 100.0) } else { String::new() },
        ]);
    }
    let title = |what: &str| format!("{what}, {}", variant.name);
    vec![
        Table { title: title("Requests"), rows: requests },
        Table { title: title("Elements"), rows: elements },
        Table { title: title("Calls"), rows: calls },
    ]
}
