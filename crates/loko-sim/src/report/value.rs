//! Everything as JSON, with stable names.

use super::{estimate, verdict};
use crate::engine::CAUSES;
use crate::run::{Outcome, VariantResult};
use serde_json::{Map, Value, json};

/// The outcome as JSON. Times are in seconds, shares from 0 to 1.
pub fn json(outcome: &Outcome) -> Value {
    let scenario = &outcome.scenario;
    json!({
        "scenario": scenario.name,
        "question": scenario.question,
        "seed": scenario.seed,
        "duration_s": scenario.duration,
        "confidence": scenario.confidence,
        "holds": outcome.holds(),
        "interrupted": outcome.interrupted,
        "answer": super::answer(outcome),
        "verdict": verdict(outcome),
        "phases": outcome.phases,
        "variants": outcome.variants.iter().map(|variant| one(outcome, variant)).collect::<Vec<_>>(),
        "differences": super::compare::json(outcome),
        "expectations": outcome.checks,
    })
}

fn one(outcome: &Outcome, variant: &VariantResult) -> Value {
    let confidence = outcome.scenario.confidence;
    let loads: Map<String, Value> = outcome
        .scenario
        .loads
        .iter()
        .zip(&variant.loads)
        .enumerate()
        .map(|(at, (load, result))| {
            let mut phases = Map::new();
            for ((phase, metric), samples) in &result.samples {
                let entry = phases.entry(*phase).or_insert_with(|| json!({}));
                entry[*metric] = number(estimate(Some(samples), confidence));
            }
            let causes: Map<String, Value> = CAUSES
                .iter()
                .zip(result.causes)
                .filter(|(_, count)| *count > 0)
                .map(|((_, name), count)| ((*name).to_owned(), json!(count)))
                .collect();
            let healed: Vec<f64> = result.recovery.iter().flatten().copied().collect();
            let told = json!({
                "requests": variant.record.sources.get(at).map_or(0, crate::engine::SourceRecord::total),
                "degraded": variant.record.sources.get(at).map_or(0, |source| source.degraded),
                "failures": causes,
                "recovered_runs": healed.len(),
                "recovery_s": (!healed.is_empty()).then(|| healed.iter().sum::<f64>() / healed.len() as f64),
                "phases": phases,
                "error_budgets": super::budget::json(outcome, variant, at),
            });
            (load.name.clone(), told)
        })
        .collect();
    let stations: Vec<Value> = variant
        .compiled
        .network
        .stations
        .iter()
        .zip(&variant.record.stations)
        .zip(variant.stations.iter().zip(&variant.outlook.stations))
        .zip(&variant.compiled.replicas)
        .map(|(((station, record), (samples, look)), replicas)| {
            json!({
                "element": station.name,
                "replicas": replicas.map(|replicas| replicas.count),
                "replicas_of": replicas.map(crate::compile::Replicas::source),
                "visits_per_s": record.arrived as f64 / variant.record.seconds.max(1e-9),
                "utilization": number(estimate(samples.get("utilization"), confidence)),
                "queue": number(estimate(samples.get("queue"), confidence)),
                "wait_p99_s": number(estimate(samples.get("wait_p99"), confidence)),
                "numbers": numbers(samples, confidence),
                "rejected": record.rejected,
                "wasted": record.wasted,
                "closed_form_utilization": look.utilization,
                "closed_form_wait_s": look.wait.is_finite().then_some(look.wait),
            })
        })
        .collect();
    let calls: Vec<Value> = variant
        .compiled
        .network
        .edges
        .iter()
        .zip(&variant.record.edges)
        .zip(&variant.edges)
        .enumerate()
        .map(|(at, ((edge, record), samples))| {
            json!({
                "call": edge.name,
                "calls": record.calls,
                "numbers": numbers(samples, confidence),
                "tries_per_call": number(estimate(samples.get("tries"), confidence)),
                "p99_s": record.times.quantile(0.99) * 1e-9,
                "breaker_open_over_time": super::chart::open_course(variant, at),
                "failures": record.failures,
                "hedges": record.hedges,
                "cache_hits": (record.lookups > 0).then(|| record.hits as f64 / record.lookups as f64),
                "breaker_trips": record.breaker.trips,
                "breaker_open_share": record.breaker.time[1] / record.breaker.time.iter().sum::<f64>().max(1.0),
            })
        })
        .collect();
    json!({
        "name": variant.name,
        "environment": variant.compiled.environment,
        "answer": super::answer::json(outcome, variant),
        "replications": variant.replications,
        "events": variant.record.events,
        "overloaded": variant.record.overloaded,
        "cost_per_h": number(crate::statistics::Estimate::of(&variant.cost, confidence)),
        "drift": variant.drifts,
        "closed_form": variant.compared.iter().map(compared).collect::<Vec<_>>(),
        "paths": variant.paths,
        "currency": variant.compiled.prices.currency,
        "loads": loads,
        "elements": stations,
        "calls": calls,
        "assumptions": variant.compiled.assumptions,
    })
}

/// A number of the closed form beside the simulated one.
fn compared(row: &crate::run::Compared) -> Value {
    json!({
        "of": row.of,
        "number": row.what,
        "closed_form": row.closed_form.is_finite().then_some(row.closed_form),
        "kind": row.class,
        "simulated": number(row.simulated),
        "agrees": row.agrees,
    })
}

/// Everything that is known by name.
fn numbers(samples: &crate::run::Samples, confidence: f64) -> Value {
    samples
        .iter()
        .map(|(name, values)| ((*name).to_owned(), number(estimate(Some(values), confidence))))
        .collect::<Map<_, _>>()
        .into()
}

pub(super) fn number(estimate: crate::statistics::Estimate) -> Value {
    if estimate.count == 0 {
        return Value::Null;
    }
    json!({ "mean": estimate.mean, "half": estimate.half.is_finite().then_some(estimate.half), "count": estimate.count })
}
