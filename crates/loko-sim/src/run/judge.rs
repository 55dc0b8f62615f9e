//! What came of expectations: the interval of the number against its limit.

use super::numbers::peak;
use super::{LoadResult, VariantResult};
use crate::network::Network;
use crate::scenario::{Expectation, Metric, Named, Scenario};
use crate::statistics::Estimate;
use serde::Serialize;

/// What came of an expectation in a variant.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The variant.
    pub variant: String,
    /// The load, or the element or call.
    pub load: String,
    /// As written.
    pub expectation: String,
    /// The value that was seen.
    pub value: Estimate,
    /// The whole interval is on the right side.
    pub holds: bool,
    /// The interval is on neither side.
    pub unclear: bool,
}

/// Judges everything that is expected of a variant.
pub(super) fn check(scenario: &Scenario, variant: &VariantResult) -> Vec<Checked> {
    let mut checks = Vec::new();
    for expectation in &scenario.expectations {
        if expectation.variant.as_ref().is_some_and(|named| named.text != variant.name) {
            continue;
        }
        if let Some(of) = &expectation.of {
            checks.push(verdict(scenario, expectation, variant, &of.text, named(expectation, variant, of)));
            continue;
        }
        if expectation.metric == Metric::Cost {
            checks.push(verdict(scenario, expectation, variant, "all", variant.cost.clone()));
            continue;
        }
        for (at, (load, result)) in scenario.loads.iter().zip(&variant.loads).enumerate() {
            if expectation.load.as_ref().is_some_and(|named| named.text != load.name) {
                continue;
            }
            let samples = of_load(expectation.metric, variant, at, result);
            checks.push(verdict(scenario, expectation, variant, &load.name, samples));
        }
    }
    checks
}

fn of_load(metric: Metric, variant: &VariantResult, at: usize, result: &LoadResult) -> Vec<f64> {
    let of = |metric: &'static str| result.samples.get(&("all", metric)).cloned().unwrap_or_default();
    match metric {
        Metric::Mean => of("mean"),
        Metric::Success => of("success"),
        Metric::Errors => of("success").into_iter().map(|share| 1.0 - share).collect(),
        Metric::Throughput => of("throughput"),
        Metric::Burn => of(crate::slo::BURN),
        Metric::Finished => of("finished"),
        Metric::Recovery => result.recovery.iter().map(|time| time.unwrap_or(f64::INFINITY)).collect(),
        Metric::Quantile(0.5) => of("p50"),
        Metric::Quantile(0.95) => of("p95"),
        Metric::Quantile(0.99) => of("p99"),
        // Other percentiles come from all replications together, without an interval.
        Metric::Quantile(q) => {
            variant.record.sources.get(at).map(|source| source.ok.quantile(q) * 1e-9).into_iter().collect()
        }
        Metric::Cost | Metric::Named(_) => Vec::new(),
    }
}

/// The number of an element or of a call; calls are found by the names of their ends.
fn named(expectation: &Expectation, variant: &VariantResult, of: &Named) -> Vec<f64> {
    let Metric::Named(metric) = expectation.metric else { return Vec::new() };
    if let Some(at) = station_of(&variant.compiled.network, &of.text) {
        return variant.stations[at].get(metric).cloned().unwrap_or_default();
    }
    let Some(at) = edge_of(&variant.compiled.network, &of.text) else { return Vec::new() };
    if metric == "peak" {
        return peak(&variant.record, at, variant.replications).into_iter().collect();
    }
    variant.edges[at].get(metric).cloned().unwrap_or_default()
}

pub(super) fn station_of(network: &Network, name: &str) -> Option<usize> {
    network.stations.iter().position(|station| station.name == name)
}

pub(super) fn edge_of(network: &Network, name: &str) -> Option<usize> {
    let plain = |name: &str| name.replace("->", "→").split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = plain(name);
    network.edges.iter().position(|edge| plain(&edge.name) == wanted)
}

fn verdict(
    scenario: &Scenario,
    expectation: &Expectation,
    variant: &VariantResult,
    name: &str,
    samples: Vec<f64>,
) -> Checked {
    let mut value = Estimate::of(&samples, scenario.confidence);
    if value.count == 1 {
        value.half = 0.0;
    }
    let limit = expectation.limit;
    // What never happened in some replication has no interval; then all of them must be on the right side.
    let endless = samples.iter().any(|sample| sample.is_infinite());
    let (inside, outside) = match (endless, expectation.below) {
        (true, true) => (false, true),
        (true, false) => {
            let all = samples.iter().all(|sample| *sample > limit);
            (all, false)
        }
        (false, true) => (value.high() < limit, value.low() >= limit),
        (false, false) => (value.low() > limit, value.high() <= limit),
    };
    if endless {
        value.half = 0.0;
    }
    let nothing = samples.is_empty();
    Checked {
        variant: variant.name.clone(),
        load: name.to_owned(),
        expectation: expectation.text.clone(),
        value,
        holds: inside && !nothing,
        unclear: (!inside && !outside && !nothing) || variant.replications == 0,
    }
}
