//! What came of a scenario: the verdict first, in words with numbers; then tables, all with intervals.
//!
//! [`brief`] and [`text`] are for terminals, [`json`] for programs, [`svg`] has the charts, [`html`] is one page of all.

mod answer;
mod budget;
mod chart;
mod closed;
mod compare;
mod drift;
mod flow;
mod numerals;
mod page;
mod parts;
mod player;
mod study;
mod terminal;
mod tornado;
mod value;
mod waterfall;
mod words;

pub use answer::answer;
pub use closed::{quick_json, quick_text};
pub use page::html;
pub use parts::{Grid, Parts, Play, parts, quick_grids};
pub use player::{Called, Naming, player};
pub use study::study_words;
pub use terminal::{WIDTH, brief, text};
pub use value::json;
pub use words::verdict;

pub(crate) use numerals::grouped;
use numerals::{in_groups, lasting};
use terminal::copies;

use crate::compile::show;
use crate::run::{Outcome, Samples, VariantResult};
use crate::scenario::{Metric, Unit, unit};
use crate::search::Study;
use crate::statistics::Estimate;

/// All charts, each an SVG of its own: courses over time, sweeps, what matters most.
pub fn charts(outcome: &Outcome, study: &Study) -> Vec<String> {
    let mut all = vec![chart::svg(outcome)];
    all.extend(study::charts(study));
    all
}

/// All charts in one SVG, one below the other.
pub fn svg(outcome: &Outcome, study: &Study) -> String {
    chart::stacked(&charts(outcome, study))
}

/// A table of texts; the first row is the heading.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) rows: Vec<Vec<String>>,
}

fn estimate(samples: Option<&Vec<f64>>, confidence: f64) -> Estimate {
    Estimate::of(samples.map_or(&[], Vec::as_slice), confidence)
}

/// Whether a number is 0 for sure, so that nothing needs to be said of its interval.
fn is_nothing(estimate: Estimate) -> bool {
    estimate.mean == 0.0 && estimate.half == 0.0
}

/// A time with its interval.
fn time(estimate: Estimate) -> String {
    match (estimate.count, estimate.half.is_finite()) {
        (0, _) => "–".to_owned(),
        _ if is_nothing(estimate) => "0 s".to_owned(),
        (_, true) => format!("{} ± {}", show(estimate.mean), show(estimate.half)),
        _ => show(estimate.mean),
    }
}

/// A share with its interval, in percent.
fn share(estimate: Estimate) -> String {
    match (estimate.count, estimate.half.is_finite()) {
        (0, _) => "–".to_owned(),
        _ if is_nothing(estimate) => "0 %".to_owned(),
        (_, true) => format!("{:.2} ± {:.2} %", estimate.mean * 100.0, estimate.half * 100.0),
        _ => format!("{:.2} %", estimate.mean * 100.0),
    }
}

/// A rate with its interval.
fn rate(estimate: Estimate) -> String {
    match (estimate.count, estimate.half.is_finite()) {
        (0, _) => "–".to_owned(),
        _ if is_nothing(estimate) => "0/s".to_owned(),
        (_, true) => format!("{:.2} ± {:.2}/s", estimate.mean, estimate.half),
        _ => format!("{:.2}/s", estimate.mean),
    }
}

/// A plain number with its interval; small ones keep their digits.
fn count(estimate: Estimate) -> String {
    let digits = if estimate.mean.abs() < 0.1 { 4 } else { 2 };
    match (estimate.count, estimate.half.is_finite()) {
        (0, _) => "–".to_owned(),
        _ if is_nothing(estimate) => "0".to_owned(),
        (_, true) => format!("{:.digits$} ± {:.digits$}", estimate.mean, estimate.half),
        _ => format!("{:.digits$}", estimate.mean),
    }
}

/// A number with its interval, in its unit.
fn told(unit: Unit, estimate: Estimate) -> String {
    match unit {
        Unit::Time => time(estimate),
        Unit::Share => share(estimate),
        Unit::Rate => rate(estimate),
        Unit::Count => count(estimate),
    }
}

/// A number by its name, of an element or a call.
fn named(samples: &Samples, name: &'static str, confidence: f64) -> String {
    told(unit(Metric::Named(name)), estimate(samples.get(name), confidence))
}

/// The tables of an outcome.
pub(crate) fn tables(outcome: &Outcome) -> Vec<Table> {
    let mut tables = vec![loads(outcome), causes(outcome)];
    if outcome.variants.len() > 1 {
        tables.extend([compare::loads(outcome), compare::elements(outcome)]);
    }
    tables.extend(outcome.variants.iter().map(|variant| stations(outcome, variant)));
    tables.extend(outcome.variants.iter().map(|variant| calls(outcome, variant)));
    tables.extend([compare::further(outcome), budget::table(outcome), closed::table(outcome)]);
    let variants = || outcome.variants.iter();
    tables.push(closed::paths(variants().map(|variant| (variant.name.as_str(), variant.paths.as_slice()))));
    tables.push(drift::table(variants().map(|variant| (variant.name.as_str(), variant.drifts.as_slice()))));
    tables.retain(|table| table.rows.len() > 1);
    tables
}

fn heading(cells: &[&str]) -> Vec<Vec<String>> {
    vec![cells.iter().map(|cell| (*cell).to_owned()).collect()]
}

fn loads(outcome: &Outcome) -> Table {
    let confidence = outcome.scenario.confidence;
    let mut rows = heading(&["load", "variant", "when", "p50", "p95", "p99", "success", "done"]);
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for variant in &outcome.variants {
            for phase in &outcome.phases {
                let of =
                    |metric: &'static str| estimate(variant.loads[at].samples.get(&(phase.name, metric)), confidence);
                rows.push(vec![
                    load.name.clone(),
                    variant.name.clone(),
                    phase.name.to_owned(),
                    time(of("p50")),
                    time(of("p95")),
                    time(of("p99")),
                    share(of("success")),
                    rate(of("throughput")),
                ]);
            }
        }
    }
    Table { title: format!("Requests ({:.0} % intervals)", confidence * 100.0), rows }
}

fn causes(outcome: &Outcome) -> Table {
    let mut rows = heading(&["load", "variant", "failed because", "share of requests"]);
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for variant in &outcome.variants {
            let runs = &variant.loads[at].shares;
            let names = crate::engine::CAUSES.iter().map(|(_, name)| *name).chain(["(answered by a fallback)"]);
            for (number, name) in names.enumerate() {
                let samples: Vec<f64> = runs.iter().map(|shares| shares[number]).collect();
                if samples.iter().any(|sample| *sample > 0.0) {
                    let share = share(Estimate::of(&samples, outcome.scenario.confidence));
                    rows.push(vec![load.name.clone(), variant.name.clone(), name.to_owned(), share]);
                }
            }
        }
    }
    Table { title: "Failures".to_owned(), rows }
}

fn stations(outcome: &Outcome, variant: &VariantResult) -> Table {
    let confidence = outcome.scenario.confidence;
    let mut rows = heading(&[
        "element",
        "replicas",
        "visits",
        "busy",
        "waiting",
        "p99 of the wait",
        "p99 there",
        "closed form: busy at the peak",
    ]);
    let mut order: Vec<usize> = (0..variant.record.stations.len()).collect();
    let busy = |at: usize| variant.record.stations[at].utilization();
    order.sort_by(|a, b| busy(*b).total_cmp(&busy(*a)));
    for at in order {
        let (station, record) = (&variant.compiled.network.stations[at], &variant.record.stations[at]);
        if record.arrived == 0 {
            continue;
        }
        let limited = station.servers != crate::network::UNLIMITED;
        let cell = |name| named(&variant.stations[at], name, confidence);
        rows.push(vec![
            station.name.clone(),
            copies(&variant.compiled, at),
            cell("visits"),
            if limited { cell("utilization") } else { "no limit".to_owned() },
            cell("queue"),
            cell("wait_p99"),
            cell("time_p99"),
            if limited { format!("{:.1} %", variant.outlook.stations[at].utilization * 100.0) } else { String::new() },
        ]);
    }
    Table { title: format!("Elements, {}", variant.name), rows }
}

fn calls(outcome: &Outcome, variant: &VariantResult) -> Table {
    let confidence = outcome.scenario.confidence;
    let mut rows = heading(&["call", "calls", "tries per call", "p99", "failed", "breaker open", "cache hits"]);
    for (at, edge) in variant.compiled.network.edges.iter().enumerate() {
        let record = &variant.record.edges[at];
        if record.calls == 0 {
            continue;
        }
        let cell = |name| named(&variant.edges[at], name, confidence);
        rows.push(vec![
            edge.name.clone(),
            cell("calls"),
            cell("tries"),
            cell("call_p99"),
            cell("failures"),
            if edge.breaker.is_some() { format!("{} of the time", cell("open")) } else { String::new() },
            if record.lookups > 0 { cell("hits") } else { String::new() },
        ]);
    }
    Table { title: format!("Calls, {}", variant.name), rows }
}
