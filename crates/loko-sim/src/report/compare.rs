//! Variants beside the first one: differences in pairs, which share their random numbers.
//!
//! With more than two variants each comparison has a stricter interval (Bonferroni), so that all of them together have
//! the confidence of the scenario. Of elements and calls only what differs for sure, and by more than a trifle, is told.

use super::{Table, estimate, heading, share, time, told};
use crate::run::{Outcome, Samples, VariantResult};
use crate::scenario::{Metric, unit};
use crate::statistics::Estimate;
use serde_json::{Value, json};

/// The numbers of elements that are compared; the rest say the same in other words.
const OF_ELEMENTS: [&str; 18] = [
    "utilization",
    "queue",
    "wait_p99",
    "time_p99",
    "rejected",
    "shed",
    "wasted",
    "cold",
    "copies",
    "batch",
    "interruptions",
    "rolled_back",
    "released_errors",
    "undone",
    "half_done",
    "hottest",
    "drained",
    "visits",
];
/// The numbers of calls that are compared.
const OF_CALLS: [&str; 8] = ["call_p99", "failures", "tries", "hits", "stale", "hedged", "open", "calls"];
/// A difference that is a smaller part of what it changes is told in no list.
const TRIFLE: f64 = 0.05;
/// How many differences of elements and calls are listed for a variant.
const LISTED_MAX: usize = 15;
/// How many of them the verdict tells.
const TOLD_MAX: usize = 3;

/// The confidence of one of several comparisons.
fn confidence(outcome: &Outcome) -> f64 {
    let comparisons = outcome.variants.len().saturating_sub(1).max(1);
    1.0 - (1.0 - outcome.scenario.confidence) / comparisons as f64
}

/// The mean of the differences of two variants, replication by replication.
pub(super) fn difference(
    outcome: &Outcome,
    other: &VariantResult,
    load: usize,
    phase: &'static str,
    metric: &'static str,
) -> Option<Estimate> {
    let samples = |variant: &VariantResult| variant.loads[load].samples.get(&(phase, metric)).cloned();
    paired(outcome, &samples(outcome.variants.first()?)?, &samples(other)?)
}

/// Only whole sets of replications are pairs.
fn paired(outcome: &Outcome, first: &[f64], other: &[f64]) -> Option<Estimate> {
    (first.len() == other.len() && first.len() > 1).then(|| Estimate::paired(other, first, confidence(outcome)))
}

fn signed(text: String, mean: f64) -> String {
    if mean > 0.0 { format!("+{text}") } else { text }
}

/// Differences of the loads.
pub(super) fn loads(outcome: &Outcome) -> Table {
    let mut rows = heading(&["load", "when", "against", "p99", "success"]);
    let Some((first, rest)) = outcome.variants.split_first() else { return Table { title: String::new(), rows } };
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for other in rest {
            for phase in &outcome.phases {
                let cell = |metric: &'static str, show: &dyn Fn(Estimate) -> String| match difference(
                    outcome, other, at, phase.name, metric,
                ) {
                    None => "–".to_owned(),
                    Some(found) if found.is_significant() => signed(show(found), found.mean),
                    Some(_) => "no difference that can be told".to_owned(),
                };
                rows.push(vec![
                    load.name.clone(),
                    phase.name.to_owned(),
                    format!("{} − {}", other.name, first.name),
                    cell("p99", &time),
                    cell("success", &share),
                ]);
            }
        }
    }
    Table { title: "Differences, in pairs with the same random numbers".to_owned(), rows }
}

/// A number of an element, of a call or of everything that differs between two variants.
struct Differs {
    of: String,
    number: &'static str,
    first: Estimate,
    other: Estimate,
    by: Estimate,
}

impl Differs {
    /// How much of what it changes the difference is.
    fn part(&self) -> f64 {
        self.by.mean.abs() / self.first.mean.abs().max(self.other.mean.abs()).max(f64::MIN_POSITIVE)
    }

    fn cell(&self, value: Estimate) -> String {
        told(unit(Metric::Named(self.number)), value)
    }
}

/// Everything of elements and calls that differs for sure, the largest difference first.
fn parts(outcome: &Outcome, other: &VariantResult) -> Vec<Differs> {
    let Some(first) = outcome.variants.first() else { return Vec::new() };
    let level = outcome.scenario.confidence;
    let mut found = Vec::new();
    let mut pair = |of: &str, number: &'static str, a: Option<&Vec<f64>>, b: Option<&Vec<f64>>| {
        let (Some(a), Some(b)) = (a, b) else { return };
        let Some(by) = paired(outcome, a, b).filter(Estimate::is_significant) else { return };
        let differs =
            Differs { of: of.to_owned(), number, first: Estimate::of(a, level), other: Estimate::of(b, level), by };
        if differs.part() >= TRIFLE {
            found.push(differs);
        }
    };
    let (here, there) = (&first.compiled.network, &other.compiled.network);
    for (station, samples) in here.stations.iter().zip(&first.stations) {
        let at = there.stations.iter().position(|known| known.name == station.name);
        let beside: Option<&Samples> = at.and_then(|at| other.stations.get(at));
        for number in OF_ELEMENTS {
            pair(&station.name, number, samples.get(number), beside.and_then(|beside| beside.get(number)));
        }
    }
    for (edge, samples) in here.edges.iter().zip(&first.edges) {
        let at = there.edges.iter().position(|known| known.name == edge.name);
        let beside: Option<&Samples> = at.and_then(|at| other.edges.get(at));
        for number in OF_CALLS {
            pair(&edge.name, number, samples.get(number), beside.and_then(|beside| beside.get(number)));
        }
    }
    pair("everything", "cost", Some(&first.cost), Some(&other.cost));
    found.sort_by(|a, b| b.part().total_cmp(&a.part()));
    found
}

/// Differences of elements and calls.
pub(super) fn elements(outcome: &Outcome) -> Table {
    let mut rows = heading(&["against", "element or call", "number", "first", "other", "difference"]);
    let Some((first, rest)) = outcome.variants.split_first() else { return Table { title: String::new(), rows } };
    for other in rest {
        for one in parts(outcome, other).into_iter().take(LISTED_MAX) {
            rows.push(vec![
                format!("{} − {}", other.name, first.name),
                one.of.clone(),
                one.number.to_owned(),
                one.cell(one.first),
                one.cell(one.other),
                signed(one.cell(one.by), one.by.mean),
            ]);
        }
    }
    Table { title: "What else differs for sure, the largest part of itself first".to_owned(), rows }
}

/// The same in words: what differs most in each variant.
pub(super) fn words(outcome: &Outcome) -> Vec<String> {
    let Some((first, rest)) = outcome.variants.split_first() else { return Vec::new() };
    let line = |other: &VariantResult| {
        let most: Vec<String> = parts(outcome, other)
            .iter()
            .take(TOLD_MAX)
            .map(|one| {
                format!("{} of {} {} instead of {}", one.number, one.of, one.cell(one.other), one.cell(one.first))
            })
            .collect();
        (!most.is_empty()).then(|| format!("{} against {}: {}.", other.name, first.name, most.join("; ")))
    };
    rest.iter().filter_map(line).collect()
}

/// All differences for programs.
pub(super) fn json(outcome: &Outcome) -> Value {
    let Some((first, rest)) = outcome.variants.split_first() else { return json!([]) };
    let of_loads = |other: &VariantResult| -> Vec<Value> {
        let mut rows = Vec::new();
        for (at, load) in outcome.scenario.loads.iter().enumerate() {
            for phase in &outcome.phases {
                for metric in crate::run::METRICS {
                    let Some(by) = difference(outcome, other, at, phase.name, metric) else { continue };
                    rows.push(json!({ "load": load.name, "when": phase.name, "number": metric,
                        "difference": super::value::number(by), "significant": by.is_significant() }));
                }
            }
        }
        rows
    };
    let of_parts = |other: &VariantResult| -> Vec<Value> {
        let row = |one: &Differs| {
            json!({ "of": one.of, "number": one.number, "first": one.first.mean, "other": one.other.mean,
                "difference": super::value::number(one.by), "significant": true })
        };
        parts(outcome, other).iter().map(row).collect()
    };
    rest.iter()
        .map(|other| {
            json!({ "variant": other.name, "against": first.name, "confidence": confidence(outcome),
                "loads": of_loads(other), "parts": of_parts(other) })
        })
        .collect()
}

/// What else was seen of elements and calls, with a column for each variant: what is 0 everywhere is left out.
pub(super) fn further(outcome: &Outcome) -> Table {
    let mut head = vec!["element or call".to_owned(), "number".to_owned()];
    head.extend(outcome.variants.iter().map(|variant| variant.name.clone()));
    let mut rows = vec![head];
    let Some(first) = outcome.variants.first() else { return Table { title: String::new(), rows } };
    let level = outcome.scenario.confidence;
    let mut add = |of: &str, number: &'static str, all: Vec<Option<&Vec<f64>>>| {
        let values: Vec<Estimate> = all.into_iter().map(|samples| estimate(samples, level)).collect();
        let moves = |value: &Estimate| value.count > 1 && value.half > 1e-12 * value.mean.abs();
        let constant = values.windows(2).all(|pair| pair[0].mean == pair[1].mean) && !values.iter().any(moves);
        let nothing = values.iter().all(|value| value.count == 0 || value.mean == 0.0);
        // How many copies there are is news only where they come and go.
        if nothing || (number == "copies" && constant) {
            return;
        }
        let mut row = vec![of.to_owned(), number.to_owned()];
        row.extend(values.into_iter().map(|value| told(unit(Metric::Named(number)), value)));
        rows.push(row);
    };
    for station in &first.compiled.network.stations {
        for number in FURTHER_OF_ELEMENTS {
            let of = |variant: &VariantResult| {
                variant.compiled.network.stations.iter().position(|other| other.name == station.name)
            };
            let all = outcome.variants.iter().map(|variant| variant.stations.get(of(variant)?)?.get(number)).collect();
            add(&station.name, number, all);
        }
    }
    for edge in &first.compiled.network.edges {
        for number in FURTHER_OF_CALLS {
            let of = |variant: &VariantResult| {
                variant.compiled.network.edges.iter().position(|other| other.name == edge.name)
            };
            let all = outcome.variants.iter().map(|variant| variant.edges.get(of(variant)?)?.get(number)).collect();
            add(&edge.name, number, all);
        }
    }
    Table { title: "What else was seen".to_owned(), rows }
}

/// Numbers of elements that have no column of their own.
const FURTHER_OF_ELEMENTS: [&str; 16] = [
    "rejected",
    "shed",
    "wasted",
    "cold",
    "copies",
    "copy_life",
    "batch",
    "interruptions",
    "rolled_back",
    "released_errors",
    "undone",
    "half_done",
    "hottest",
    "moved",
    "drained",
    "wait_mean",
];
/// Numbers of calls that have no column of their own.
const FURTHER_OF_CALLS: [&str; 2] = ["hedged", "stale"];
