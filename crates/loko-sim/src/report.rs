//! What came of a scenario: the verdict first, in words with numbers; then tables, all with intervals.
//!
//! [`text`] is for terminals, [`json`] for programs, [`svg`] draws the course over time, [`html`] is one page of all.

mod budget;
mod chart;
mod closed;
mod drift;
mod page;
mod parts;
mod player;
mod study;
mod value;
mod waterfall;
mod words;

pub use chart::svg;
pub use closed::{quick_json, quick_text};
pub use page::html;
pub use parts::{Grid, Parts, Play, parts, quick_grids};
pub use player::player;
pub use study::{study_svg, study_text, study_words};
pub use value::json;
pub use words::{text, verdict};

use crate::compile::show;
use crate::run::{Outcome, VariantResult};
use crate::statistics::Estimate;

/// A table of texts; the first row is the heading.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) rows: Vec<Vec<String>>,
}

fn estimate(samples: Option<&Vec<f64>>, confidence: f64) -> Estimate {
    Estimate::of(samples.map_or(&[], Vec::as_slice), confidence)
}

/// A time with its interval.
fn time(estimate: Estimate) -> String {
    match (estimate.count, estimate.half.is_finite()) {
        (0, _) => "–".to_owned(),
        (_, true) => format!("{} ± {}", show(estimate.mean), show(estimate.half)),
        _ => show(estimate.mean),
    }
}

/// A share with its interval, in percent.
fn share(estimate: Estimate) -> String {
    match (estimate.count, estimate.half.is_finite()) {
        (0, _) => "–".to_owned(),
        (_, true) => format!("{:.2} ± {:.2} %", estimate.mean * 100.0, estimate.half * 100.0),
        _ => format!("{:.2} %", estimate.mean * 100.0),
    }
}

fn rate(estimate: Estimate) -> String {
    if estimate.count == 0 { "–".to_owned() } else { format!("{:.2}/s", estimate.mean) }
}

/// The tables of an outcome.
pub(crate) fn tables(outcome: &Outcome) -> Vec<Table> {
    let mut tables = vec![loads(outcome), causes(outcome)];
    if outcome.variants.len() > 1 {
        tables.push(differences(outcome));
    }
    tables.extend(outcome.variants.iter().map(|variant| stations(outcome, variant)));
    tables.extend(outcome.variants.iter().map(|variant| calls(outcome, variant)));
    tables.extend([budget::table(outcome), closed::table(outcome)]);
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
            let Some(source) = variant.record.sources.get(at) else { continue };
            let total = source.total().max(1) as f64;
            for ((_, name), count) in
                crate::engine::CAUSES.iter().zip(variant.loads[at].causes).filter(|(_, count)| *count > 0)
            {
                rows.push(vec![
                    load.name.clone(),
                    variant.name.clone(),
                    (*name).to_owned(),
                    format!("{:.3} %", count as f64 / total * 100.0),
                ]);
            }
            if source.degraded > 0 {
                let degraded = format!("{:.3} %", source.degraded as f64 / total * 100.0);
                rows.push(vec![
                    load.name.clone(),
                    variant.name.clone(),
                    "(answered by a fallback)".to_owned(),
                    degraded,
                ]);
            }
        }
    }
    Table { title: "Failures".to_owned(), rows }
}

fn differences(outcome: &Outcome) -> Table {
    let mut rows = heading(&["load", "when", "against", "p99", "success"]);
    let Some((first, rest)) = outcome.variants.split_first() else { return Table { title: String::new(), rows } };
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for other in rest {
            for phase in &outcome.phases {
                let of = |metric: &'static str| {
                    difference(first, other, at, phase.name, metric, outcome.scenario.confidence)
                };
                let cell = |estimate: Option<Estimate>, show: &dyn Fn(Estimate) -> String| match estimate {
                    None => "–".to_owned(),
                    Some(estimate) if estimate.is_significant() => show(estimate),
                    Some(_) => "no difference that can be told".to_owned(),
                };
                let signed = |text: String, mean: f64| if mean > 0.0 { format!("+{text}") } else { text };
                rows.push(vec![
                    load.name.clone(),
                    phase.name.to_owned(),
                    format!("{} − {}", other.name, first.name),
                    cell(of("p99"), &|estimate| signed(time(estimate), estimate.mean)),
                    cell(of("success"), &|estimate| signed(share(estimate), estimate.mean)),
                ]);
            }
        }
    }
    Table { title: "Differences, in pairs with the same random numbers".to_owned(), rows }
}

/// The mean of the differences of two variants, replication by replication.
pub(crate) fn difference(
    first: &VariantResult,
    other: &VariantResult,
    load: usize,
    phase: &'static str,
    metric: &'static str,
    confidence: f64,
) -> Option<Estimate> {
    let a = other.loads[load].samples.get(&(phase, metric))?;
    let b = first.loads[load].samples.get(&(phase, metric))?;
    // Only whole sets of replications are pairs.
    (a.len() == b.len() && a.len() > 1).then(|| Estimate::paired(a, b, confidence))
}

fn stations(outcome: &Outcome, variant: &VariantResult) -> Table {
    let confidence = outcome.scenario.confidence;
    let mut rows = heading(&[
        "element",
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
        let of = |name: &str| estimate(variant.stations[at].get(name), confidence);
        rows.push(vec![
            station.name.clone(),
            format!("{:.1}/s", record.arrived as f64 / variant.record.seconds),
            if limited { share(of("utilization")) } else { "no limit".to_owned() },
            format!("{:.2}", of("queue").mean),
            time(of("wait_p99")),
            show(record.sojourn.quantile(0.99) * 1e-9),
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
        let open = record.breaker.time[1] / record.breaker.time.iter().sum::<f64>().max(1.0);
        let tries = estimate(variant.edges[at].get("tries"), confidence);
        rows.push(vec![
            edge.name.clone(),
            format!("{:.2}/s", record.calls as f64 / variant.record.seconds),
            format!("{:.3}", tries.mean),
            show(record.times.quantile(0.99) * 1e-9),
            format!("{:.2} %", record.failures as f64 / record.calls as f64 * 100.0),
            if edge.breaker.is_some() { format!("{:.1} % of the time", open * 100.0) } else { String::new() },
            if record.lookups > 0 {
                format!("{:.1} %", record.hits as f64 / record.lookups as f64 * 100.0)
            } else {
                String::new()
            },
        ]);
    }
    Table { title: format!("Calls, {}", variant.name), rows }
}
