//! Running every variant of a scenario, replication by replication, on all cores.
//!
//! Variants of one replication share their random numbers, so they are compared in pairs. Results are put together in
//! the order of the replications, so the number of cores changes nothing.

mod cross;
mod judge;
mod numbers;
mod swings;

pub use cross::Compared;
pub use judge::Checked;
pub use numbers::{Numbers, Samples, peak};
pub use swings::{Swing, Swings, swings};

use crate::analytic::drift::Drift;
use crate::analytic::network::{Outlook, outlook};
use crate::analytic::paths::{Path, paths};
use crate::compile::{Compiled, compile};
use crate::engine::{CAUSES, Detail, Engine, Record, Span, Trace, WINDOWS};
use crate::network::Network;
use crate::random::mix;
use crate::scenario::{Metric, Scenario};
use crate::slo::{self, Objective};
use loko_model::Model;
use loko_source::Diagnostic;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// A part of a scenario's time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phase {
    /// What it is called: `before`, `during`, `after`, or `all`.
    pub name: &'static str,
    /// When it begins, in seconds.
    pub from: f64,
    /// When it ends.
    pub to: f64,
}

/// What was seen of one load in one variant.
#[derive(Clone, Debug, Default)]
pub struct LoadResult {
    /// Values by replication, by phase and metric: `("during", "p99")`.
    pub samples: BTreeMap<(&'static str, &'static str), Vec<f64>>,
    /// Failures by cause, of all replications.
    pub causes: [u64; CAUSES.len()],
    /// By replication: the share of requests that failed for each cause, and then of those that a fallback answered.
    pub shares: Vec<[f64; CAUSES.len() + 1]>,
    /// Times after the last fault until the load was as before, by replication; `None` when it never was.
    pub recovery: Vec<Option<f64>>,
    /// The course over time: seconds, p50, p99, share of failures.
    pub course: Vec<(f64, Option<f64>, Option<f64>, f64)>,
}

/// What was seen of one variant.
#[derive(Clone, Debug)]
pub struct VariantResult {
    /// Its name.
    pub name: String,
    /// By load.
    pub loads: Vec<LoadResult>,
    /// Everything, of all replications.
    pub record: Record,
    /// By station: numbers by name and replication.
    pub stations: Vec<Samples>,
    /// By edge: numbers by name and replication.
    pub edges: Vec<Samples>,
    /// What all of it costs an hour, by replication; empty when nothing has a price.
    pub cost: Vec<f64>,
    /// What the quick look expects at the busiest time.
    pub outlook: Outlook,
    /// The ways on which somebody tries again or gives up early.
    pub paths: Vec<Path>,
    /// What the quick look expects beside what was seen, where both speak of the same.
    pub compared: Vec<Compared>,
    /// What retries could keep down, at the busiest time.
    pub drifts: Vec<Drift>,
    /// By load: the request that took longest.
    pub slowest: Vec<Option<Slowest>>,
    /// Its network, for names.
    pub compiled: Compiled,
    /// How many replications were finished.
    pub replications: u32,
}

/// The request of a load that took longest, of all replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slowest {
    /// How long it took, in nanoseconds.
    pub took: u64,
    /// The replication.
    replication: u32,
    /// Which one it was.
    key: u64,
}

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The scenario, with what was asked for besides.
    pub scenario: Scenario,
    /// The parts of its time.
    pub phases: Vec<Phase>,
    /// What is promised to each load.
    pub objectives: Vec<Vec<Objective>>,
    /// By variant.
    pub variants: Vec<VariantResult>,
    /// By expectation, variant and load.
    pub checks: Vec<Checked>,
    /// Whether somebody stopped it; what is there counts.
    pub interrupted: bool,
}

impl Outcome {
    /// Whether every expectation holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }
}

/// The metrics of each phase, with names.
pub const METRICS: [&str; 6] = ["p50", "p95", "p99", "mean", "success", "throughput"];

/// Runs a scenario. `stop` is asked now and then; `progress` hears how many of how many runs are done.
pub fn run(
    model: &Model,
    scenario: &Scenario,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Outcome, Vec<Diagnostic>> {
    let phases = phases(scenario);
    let (objectives, compiled) = prepare(model, scenario)?;
    let total = compiled.len() * scenario.replications as usize;
    let done = std::sync::atomic::AtomicUsize::new(0);
    let mut variants = Vec::new();
    for (variant, compiled) in scenario.variants.iter().zip(compiled) {
        let runs: Vec<Option<Replication>> = (0..scenario.replications)
            .into_par_iter()
            .map(|number| {
                if stop() {
                    return Ok(None);
                }
                let found = replicate(&compiled, scenario, (&phases, &objectives), number, stop)?;
                progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
                Ok(Some(found))
            })
            .collect::<Result<_, Vec<Diagnostic>>>()?;
        let mut runs: Vec<Replication> = runs.into_iter().flatten().collect();
        // Runs that were cut short say little beside whole ones, but more than nothing.
        if runs.iter().any(|run| !run.record.interrupted) {
            runs.retain(|run| !run.record.interrupted);
        }
        variants.push(gather(&variant.name, compiled, scenario, runs));
    }
    let checks = variants.iter().flat_map(|variant| judge::check(scenario, variant)).collect();
    Ok(Outcome { scenario: scenario.clone(), phases, objectives, variants, checks, interrupted: stop() })
}

/// What is promised to each load, and the network of each variant.
type Prepared = (Vec<Vec<Objective>>, Vec<Compiled>);

/// Makes a scenario ready to run; all that stands in the way of that otherwise.
pub(crate) fn prepare(model: &Model, scenario: &Scenario) -> Result<Prepared, Vec<Diagnostic>> {
    let objectives = slo::objectives(model, scenario);
    let mut findings = promised(scenario, &objectives).err().unwrap_or_default();
    let mut compiled = Vec::new();
    for variant in &scenario.variants {
        let found = compile(model, scenario, variant).and_then(|found| {
            known(scenario, &found.network)?;
            Ok(found)
        });
        match found {
            Ok(found) => compiled.push(found),
            Err(of_variant) => {
                // What other variants share is one problem, though its numbers may differ.
                let told = |finding: &Diagnostic| {
                    let same = |other: &Diagnostic| other.code == finding.code && other.primary == finding.primary;
                    findings.iter().any(same)
                };
                let new: Vec<Diagnostic> = of_variant.into_iter().filter(|finding| !told(finding)).collect();
                findings.extend(new);
            }
        }
    }
    if findings.is_empty() { Ok((objectives, compiled)) } else { Err(findings) }
}

/// Whether what numbers are expected of is there.
fn known(scenario: &Scenario, network: &Network) -> Result<(), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    for of in scenario.expectations.iter().filter_map(|expectation| expectation.of.as_ref()) {
        if judge::station_of(network, &of.text).is_some() || judge::edge_of(network, &of.text).is_some() {
            continue;
        }
        let names =
            network.stations.iter().map(|station| &station.name).chain(network.edges.iter().map(|edge| &edge.name));
        let mut finding = Diagnostic::error("scenario", format!("no load reaches `{}`", of.text));
        finding = finding.at(&scenario.path, of.span, "here");
        finding.help = loko_source::suggest::did_you_mean(&of.text, names.map(String::as_str)).map(Into::into);
        findings.push(finding);
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Whether those of whom a burn rate is expected promise anything.
fn promised(scenario: &Scenario, objectives: &[Vec<Objective>]) -> Result<(), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    for expectation in scenario.expectations.iter().filter(|expectation| expectation.metric == Metric::Burn) {
        let asked = |name: &str| expectation.load.as_ref().is_none_or(|load| load.text == name);
        let silent = scenario.loads.iter().zip(objectives).find(|(load, of)| asked(&load.name) && of.is_empty());
        if let Some((load, _)) = silent {
            let message = format!("what load `{}` asks for promises nothing, so it has no error budget", load.name);
            let finding = Diagnostic::error("scenario", message).at(&scenario.path, expectation.span, "here");
            findings.push(
                finding.help("state an `slo` at that element, such as `slo: { availability: 99.9%, p99: 300ms }`"),
            );
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Before, during and after all faults together; all of it when there are none.
fn phases(scenario: &Scenario) -> Vec<Phase> {
    let all = Phase { name: "all", from: scenario.warmup, to: scenario.duration };
    let starts = scenario.faults.iter().map(|fault| fault.at);
    let ends = scenario.faults.iter().map(|fault| (fault.at + fault.length).min(scenario.duration));
    let (Some(first), Some(last)) = (starts.min_by(f64::total_cmp), ends.max_by(f64::total_cmp)) else {
        return vec![all];
    };
    // What is over at once still needs a moment to be seen.
    let last = last.max(first + scenario.duration / WINDOWS as f64);
    let mut phases = vec![all];
    if first > scenario.warmup {
        phases.push(Phase { name: "before", from: scenario.warmup, to: first });
    }
    phases.push(Phase { name: "during", from: first, to: last });
    if last < scenario.duration {
        phases.push(Phase { name: "after", from: last, to: scenario.duration });
    }
    phases
}

struct Replication {
    number: u32,
    record: Record,
    samples: Vec<BTreeMap<(&'static str, &'static str), f64>>,
    recovery: Vec<Option<f64>>,
    stations: Vec<Numbers>,
    edges: Vec<Numbers>,
}

/// How long runs of a scenario are, and what they record.
fn extent(scenario: &Scenario) -> (Span, Detail) {
    let nanos = crate::distribution::nanos;
    let span = Span { warmup: nanos(scenario.warmup), end: nanos(scenario.duration) };
    (span, Detail { hops: true, window: nanos(scenario.window) })
}

/// The engine of a replication.
fn engine<'c>(compiled: &'c Compiled, scenario: &Scenario, number: u32) -> Result<Engine<'c>, Vec<Diagnostic>> {
    let seed = mix(scenario.seed ^ mix(u64::from(number) + 1));
    let (span, detail) = extent(scenario);
    Engine::new(&compiled.network, span, detail, seed).map_err(|error| {
        let message = format!("a policy can't work as it is stated: {error}");
        vec![Diagnostic::error("scenario", message).at(&scenario.path, loko_source::Span::at(0), "in this scenario")]
    })
}

/// Everything that the slowest request of a load came to: its replication is run once more, and this time somebody looks.
pub fn trace(scenario: &Scenario, variant: &VariantResult, load: usize, stop: &dyn Fn() -> bool) -> Option<Trace> {
    let slowest = variant.slowest.get(load).copied().flatten()?;
    let mut engine = engine(&variant.compiled, scenario, slowest.replication).ok()?;
    engine.watch(load as u32, slowest.key);
    engine.run(stop).trace.filter(|trace| !trace.calls.is_empty())
}

fn replicate(
    compiled: &Compiled,
    scenario: &Scenario,
    (phases, objectives): (&[Phase], &[Vec<Objective>]),
    number: u32,
    stop: &dyn Fn() -> bool,
) -> Result<Replication, Vec<Diagnostic>> {
    let record = engine(compiled, scenario, number)?.run(stop);
    let mut samples = Vec::new();
    let mut recovery = Vec::new();
    for ((source, series), objectives) in record.sources.iter().zip(&record.series).zip(objectives) {
        let mut found = BTreeMap::new();
        let points = |from: f64, to: f64| {
            let step = series.step() as f64 * 1e-9;
            (from / step).round() as usize..((to / step).round() as usize).min(series.len())
        };
        for phase in phases {
            let range = points(phase.from, phase.to);
            let (total, failed) = series.counts(range.clone());
            let whole = phase.name == "all";
            for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
                let value = if whole {
                    (source.ok.total() > 0).then(|| source.ok.quantile(q) * 1e-9)
                } else {
                    series.quantile(range.clone(), q)
                };
                found.extend(value.map(|value| ((phase.name, name), value)));
            }
            if whole {
                found.insert((phase.name, "mean"), source.ok.mean() * 1e-9);
                found.insert((phase.name, "finished"), source.last as f64 * 1e-9);
            }
            if total > 0 {
                let success = if whole { source.success() } else { 1.0 - failed as f64 / total as f64 };
                found.insert((phase.name, "success"), success);
            }
            for objective in objectives {
                let Some(burn) = objective.burn(series, range.clone()) else { continue };
                found.insert((phase.name, objective.name), burn);
                let most = found.entry((phase.name, slo::BURN)).or_insert(burn);
                *most = most.max(burn);
            }
            found.insert((phase.name, "throughput"), (total - failed) as f64 / (phase.to - phase.from).max(1e-9));
        }
        samples.push(found);
        let seen = |range: std::ops::Range<usize>| {
            let (total, failed) = series.counts(range.clone());
            (series.quantile(range, 0.99), failed as f64 / total.max(1) as f64)
        };
        recovery.push(match &scenario.recovered {
            None => recovered(phases, seen, points),
            Some(claim) => healed(phases, series, claim, points),
        });
    }
    let network = &compiled.network;
    let of_station = |at: usize| {
        let mut found = numbers::of_station(network, &record, at);
        found.extend(numbers::drained(&record, at, phases).map(|time| ("drained", time)));
        found
    };
    let stations = (0..network.stations.len()).map(of_station).collect();
    let edges = (0..network.edges.len()).map(|at| numbers::of_edge(&record, at)).collect();
    Ok(Replication { number, record, samples, recovery, stations, edges })
}

/// How long after the faults the p99 was at most twice, and failures at most one percent more, than before.
fn recovered(
    phases: &[Phase],
    seen: impl Fn(std::ops::Range<usize>) -> (Option<f64>, f64),
    points: impl Fn(f64, f64) -> std::ops::Range<usize>,
) -> Option<f64> {
    let phase = |name: &str| phases.iter().find(|phase| phase.name == name);
    let (before, after) = (phase("before")?, phase("after")?);
    let (usual, failures) = seen(points(before.from, before.to));
    let range = points(after.from, after.to);
    let step = (after.to - after.from) / range.len().max(1) as f64;
    let fine = |point: usize| {
        let (p99, failed) = seen(point..point + 1);
        p99.zip(usual).is_none_or(|(now, usual)| now <= 2.0 * usual) && failed <= failures + 0.01
    };
    let start = range.start;
    range.clone().find(|point| (*point..range.end.min(point + 3)).all(fine)).map(|point| (point - start) as f64 * step)
}

/// How long after the faults the first window began whose requests fared as the scenario says.
fn healed(
    phases: &[Phase],
    series: &crate::engine::Series,
    claim: &crate::scenario::Expectation,
    points: impl Fn(f64, f64) -> std::ops::Range<usize>,
) -> Option<f64> {
    let after = phases.iter().find(|phase| phase.name == "after")?;
    let step = series.step() as f64 * 1e-9;
    // A window in which the fault went on says nothing.
    let first = (after.from / step - 1e-9).ceil() as usize;
    let fine = |point: usize| {
        let (total, failed) = series.counts(point..point + 1);
        let value = match claim.metric {
            Metric::Quantile(q) => series.quantile(point..point + 1, q),
            Metric::Errors => (total > 0).then(|| failed as f64 / total as f64),
            _ => (total > 0).then(|| 1.0 - failed as f64 / total as f64),
        };
        value.is_some_and(|value| if claim.below { value < claim.limit } else { value > claim.limit })
    };
    let range = points(after.from, after.to);
    (first..range.end).find(|point| fine(*point)).map(|point| point as f64 * step - after.from)
}

fn gather(name: &str, compiled: Compiled, scenario: &Scenario, runs: Vec<Replication>) -> VariantResult {
    let network = &compiled.network;
    let mut loads = vec![LoadResult::default(); network.sources.len()];
    let mut stations = vec![Samples::new(); network.stations.len()];
    let mut edges = vec![Samples::new(); network.edges.len()];
    let mut cost = Vec::new();
    let mut sum: Option<Record> = None;
    let replications = runs.len() as u32;
    let mut slowest: Vec<Option<Slowest>> = vec![None; network.sources.len()];
    for run in runs {
        for (most, source) in slowest.iter_mut().zip(&run.record.sources) {
            let here = source.slowest.map(|(took, key)| Slowest { took, replication: run.number, key });
            // Of several that took as long, that of the first replication.
            if here.map(|here| here.took) > most.map(|most| most.took) {
                *most = here;
            }
        }
        loads.iter_mut().zip(&run.record.sources).for_each(|(load, source)| load.shares.push(source.shares()));
        for (load, found) in loads.iter_mut().zip(run.samples) {
            found.into_iter().for_each(|(key, value)| load.samples.entry(key).or_default().push(value));
        }
        loads.iter_mut().zip(run.recovery).for_each(|(load, found)| load.recovery.push(found));
        cost.extend(compiled.prices.hourly(&run.record, &run.stations));
        stations.iter_mut().zip(run.stations).for_each(|(samples, found)| numbers::add(samples, found));
        edges.iter_mut().zip(run.edges).for_each(|(samples, found)| numbers::add(samples, found));
        match &mut sum {
            Some(sum) => sum.merge(&run.record),
            None => sum = Some(run.record),
        }
    }
    let record = sum.unwrap_or_else(|| {
        // Somebody stopped it before the first run.
        let (span, detail) = extent(scenario);
        Record::new(network, span, detail)
    });
    for ((load, source), series) in loads.iter_mut().zip(&record.sources).zip(&record.series) {
        load.causes = source.causes;
        load.course = (0..series.len())
            .map(|point| {
                let (total, failed) = series.counts(point..point + 1);
                let at = point as f64 * series.step() as f64 * 1e-9;
                let quantile = |q| series.quantile(point..point + 1, q);
                (at, quantile(0.5), quantile(0.99), failed as f64 / total.max(1) as f64)
            })
            .collect();
    }
    let peaks: Vec<f64> = scenario.loads.iter().map(|load| load.arrivals.peak()).collect();
    let outlook = outlook(network, &peaks);
    let paths = paths(network, &outlook);
    let drifts = crate::analytic::drift::drifts(network, &peaks);
    let name = name.to_owned();
    let compared = Vec::new();
    let mut variant = VariantResult {
        name,
        loads,
        record,
        stations,
        edges,
        cost,
        outlook,
        paths,
        compared,
        drifts,
        slowest,
        compiled,
        replications,
    };
    variant.compared = cross::compare(scenario, &variant);
    variant
}
