//! What the closed form expects beside what the simulation saw.
//!
//! Both speak of the same numbers only while nothing changes: loads that are constant, no faults. Then a number agrees
//! when the closed form lies in the interval of the simulated one. Many numbers are compared at once, so their intervals
//! are widened (Bonferroni) until all of them together have the confidence of the scenario.

use super::VariantResult;
use crate::analytic::network::Class;
use crate::network::{Arrivals, UNLIMITED};
use crate::scenario::Scenario;
use crate::statistics::Estimate;
use serde::Serialize;

/// A number that both have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// The element, call or load.
    pub of: String,
    /// Which number: `busy`, `wait`, `tries`, `success`, `time`, `cost`.
    pub what: &'static str,
    /// What the closed form expects; nothing when it expects no end.
    pub closed_form: f64,
    /// Whether it leaves something out.
    pub class: Class,
    /// What was seen.
    pub simulated: Estimate,
    /// Whether the closed form lies within the interval.
    pub agrees: bool,
}

impl Compared {
    /// How far the closed form is off, as a share of what was seen.
    pub fn off(&self) -> f64 {
        (self.closed_form - self.simulated.mean).abs() / self.simulated.mean.abs().max(1e-12)
    }
}

/// Whether both speak of the same: nothing changes during the run.
fn is_steady(scenario: &Scenario, variant: &VariantResult) -> bool {
    let constant = |arrivals: &Arrivals| matches!(arrivals, Arrivals::Open(points) if points.len() == 1);
    scenario.faults.is_empty()
        && scenario.loads.iter().all(|load| constant(&load.arrivals))
        && !variant.record.overloaded
        && variant.compiled.network.stations.iter().all(|station| station.scaling.is_none())
}

/// All numbers that both have, in the order of loads, elements, calls.
pub(super) fn compare(scenario: &Scenario, variant: &VariantResult) -> Vec<Compared> {
    if !is_steady(scenario, variant) {
        return Vec::new();
    }
    let (network, outlook) = (&variant.compiled.network, &variant.outlook);
    let mut rows: Vec<(String, &'static str, f64, Class, Vec<f64>)> = Vec::new();
    let none = Vec::new;
    for ((source, load), result) in network.sources.iter().zip(&scenario.loads).zip(&variant.loads) {
        let way = outlook.edges[source.edge as usize];
        let of = |metric: &'static str| result.samples.get(&("all", metric)).cloned().unwrap_or_else(none);
        rows.push((load.name.clone(), "success", way.success, way.class, of("success")));
        // The closed form takes the spread of waits for what it is in simpler queues.
        rows.push((load.name.clone(), "time", way.time, Class::Approximation, of("mean")));
    }
    for (at, station) in network.stations.iter().enumerate() {
        let look = outlook.stations[at];
        if station.servers == UNLIMITED || station.elastic.is_some() || look.rate <= 0.0 {
            continue;
        }
        let of = |name: &str| variant.stations[at].get(name).cloned().unwrap_or_else(none);
        rows.push((station.name.clone(), "busy", look.utilization, look.class, of("utilization")));
        rows.push((station.name.clone(), "wait", look.wait, look.wait_class, of("wait_mean")));
    }
    for (at, edge) in network.edges.iter().enumerate() {
        if edge.retry.is_some() || edge.persistence.is_some() {
            let way = outlook.edges[at];
            let samples = variant.edges[at].get("tries").cloned().unwrap_or_else(none);
            rows.push((edge.name.clone(), "tries", way.tries, way.class, samples));
        }
    }
    if let Some(cost) = variant.compiled.prices.expected(network, outlook) {
        rows.push(("all".to_owned(), "cost", cost, Class::Approximation, variant.cost.clone()));
    }
    rows.retain(|row| row.4.len() > 1);
    let confidence = 1.0 - (1.0 - scenario.confidence) / rows.len().max(1) as f64;
    let one = |(of, what, closed_form, class, samples): (String, &'static str, f64, Class, Vec<f64>)| {
        let simulated = Estimate::of(&samples, confidence);
        // What is the same in every run may differ in the last digits.
        let slack = 1e-6 * simulated.mean.abs() + 1e-9;
        let agrees = (closed_form - simulated.mean).abs() <= simulated.half + slack;
        Compared { of, what, closed_form, class, simulated, agrees }
    };
    rows.into_iter().map(one).collect()
}
