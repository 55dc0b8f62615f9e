//! What matters most: every input of the first variant a bit less and a bit more, one at a time, and what that does to one
//! number of a load.
//!
//! All runs share their random numbers with the run as it is, so an input that does nothing changes nothing at all.
//! Intervals of differences are in pairs and stricter for being many (Bonferroni). Inputs are what the compiled network
//! has, stated or assumed: loads, times of work, places, chances of failure, calls a request, timeouts, ways.

use super::replicate;
use crate::compile::{Compiled, compile};
use crate::engine::Record;
use crate::network::{Network, UNLIMITED};
use crate::scenario::{Scenario, Sensitivity};
use crate::statistics::Estimate;
use loko_model::Model;
use loko_source::Diagnostic;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most inputs that are changed; a model with more is asked part by part.
const INPUTS_MAX: usize = 200;

/// What one input changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Swing {
    /// The input.
    pub input: String,
    /// The difference with less of it; none where less is not possible.
    pub less: Option<Estimate>,
    /// The difference with more of it.
    pub more: Option<Estimate>,
}

/// What all inputs change, the one that changes most first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Swings {
    /// The load.
    pub load: String,
    /// Its number.
    pub number: &'static str,
    /// How much less and more, as a share.
    pub by: f64,
    /// The number as it is.
    pub base: Estimate,
    /// By input.
    pub swings: Vec<Swing>,
}

impl Swing {
    /// The larger of both differences.
    pub fn most(&self) -> f64 {
        let size = |side: Option<Estimate>| side.map_or(0.0, |side| side.mean.abs());
        size(self.less).max(size(self.more))
    }

    /// Whether either difference can be told from none.
    pub fn tells(&self) -> bool {
        [self.less, self.more].into_iter().flatten().any(|side| side.is_significant())
    }
}

/// Something that can be more or less.
#[derive(Clone, Copy, Debug)]
enum Input {
    Load(usize),
    Work(usize),
    Places(usize),
    Failure(usize),
    Calls(usize),
    Timeout(usize),
    Way(usize),
}

impl Input {
    fn words(self, network: &Network) -> String {
        let element = |at: usize, what: &str| format!("{}: {what}", network.stations[at].name);
        let call = |at: usize, what: &str| format!("{}: {what}", network.edges[at].name);
        match self {
            Self::Load(at) => format!("load {}", network.sources[at].name),
            Self::Work(at) => element(at, "service time"),
            Self::Places(at) => element(at, "places"),
            Self::Failure(at) => element(at, "error rate"),
            Self::Calls(at) => call(at, "calls"),
            Self::Timeout(at) => call(at, "timeout"),
            Self::Way(at) => call(at, "latency"),
        }
    }

    /// Changes the network; false when that comes to nothing.
    fn apply(self, network: &mut Network, factor: f64) -> bool {
        let longer = |time: &mut u64| {
            let before = *time;
            *time = (before as f64 * factor).round() as u64;
            *time != before
        };
        match self {
            Self::Load(at) => {
                let before = network.sources[at].arrivals.clone();
                crate::search::scale(&mut network.sources[at].arrivals, factor);
                before != network.sources[at].arrivals
            }
            Self::Work(at) => {
                let mine = network.nodes.iter_mut().filter(|node| node.station == Some(at as u32));
                mine.for_each(|node| node.service = node.service.times(factor));
                true
            }
            Self::Places(at) => {
                let servers = &mut network.stations[at].servers;
                let before = *servers;
                *servers = (f64::from(before) * factor).round().max(1.0) as u32;
                *servers != before
            }
            Self::Failure(at) => {
                let mine = network.nodes.iter_mut().filter(|node| node.station == Some(at as u32));
                mine.for_each(|node| node.failure = (node.failure * factor).min(1.0));
                true
            }
            Self::Calls(at) => {
                network.edges[at].calls *= factor;
                true
            }
            Self::Timeout(at) => {
                let edge = &mut network.edges[at];
                let tries = edge.timeout.as_mut().is_some_and(longer);
                edge.overall.as_mut().is_some_and(longer) || tries
            }
            Self::Way(at) => longer(&mut network.edges[at].latency),
        }
    }
}

/// The inputs of what was reached.
fn inputs(network: &Network, record: &Record) -> Vec<Input> {
    let mut all: Vec<Input> = (0..network.sources.len()).map(Input::Load).collect();
    for (at, station) in network.stations.iter().enumerate().filter(|(at, _)| record.stations[*at].arrived > 0) {
        let nodes = || network.nodes.iter().filter(|node| node.station == Some(at as u32));
        if nodes().any(|node| node.service.mean() > 0.0) {
            all.push(Input::Work(at));
        }
        if station.servers != UNLIMITED && station.scaling.is_none() && station.elastic.is_none() {
            all.push(Input::Places(at));
        }
        if nodes().any(|node| node.failure > 0.0) {
            all.push(Input::Failure(at));
        }
    }
    for (at, edge) in network.edges.iter().enumerate().filter(|(at, _)| record.edges[*at].calls > 0) {
        if edge.calls != 1.0 {
            all.push(Input::Calls(at));
        }
        if edge.timeout.is_some() || edge.overall.is_some() {
            all.push(Input::Timeout(at));
        }
        if edge.latency > 0 {
            all.push(Input::Way(at));
        }
    }
    all.truncate(INPUTS_MAX);
    all
}

/// The number in every replication, and the record of the first.
struct Seen {
    samples: Vec<f64>,
    record: Option<Record>,
}

/// Changes every input and tells what that does; nothing when somebody stops it before the first run is over.
pub fn swings(
    model: &Model,
    scenario: &Scenario,
    wanted: &Sensitivity,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Option<Swings>, Vec<Diagnostic>> {
    let Some(variant) = scenario.variants.first() else { return Ok(None) };
    let at = wanted.load.as_ref().and_then(|named| scenario.loads.iter().position(|load| load.name == named.text));
    let at = at.unwrap_or(0);
    let compiled = compile(model, scenario, variant)?;
    let seen = |compiled: &Compiled| measure(compiled, scenario, (at, wanted.number), stop);
    let base = seen(&compiled)?;
    let Some(record) = base.record.filter(|_| !stop()) else { return Ok(None) };
    let inputs = inputs(&compiled.network, &record);
    let done = AtomicUsize::new(0);
    let confidence = 1.0 - (1.0 - scenario.confidence) / (2 * inputs.len()).max(1) as f64;
    let mut swings = Vec::new();
    for input in &inputs {
        let side = |factor: f64| -> Result<Option<Estimate>, Vec<Diagnostic>> {
            let mut changed = compiled.clone();
            let works = input.apply(&mut changed.network, factor);
            let found = if works { seen(&changed)?.samples } else { Vec::new() };
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, 2 * inputs.len());
            let pairs = found.len() == base.samples.len() && found.len() > 1 && !stop();
            Ok(pairs.then(|| Estimate::paired(&found, &base.samples, confidence)))
        };
        let (less, more) = (side(1.0 - wanted.by)?, side(1.0 + wanted.by)?);
        if less.is_some() || more.is_some() {
            swings.push(Swing { input: input.words(&compiled.network), less, more });
        }
        if stop() {
            break;
        }
    }
    swings.sort_by(|a, b| b.tells().cmp(&a.tells()).then(b.most().total_cmp(&a.most())));
    Ok(Some(Swings {
        load: scenario.loads[at].name.clone(),
        number: wanted.number,
        by: wanted.by,
        base: Estimate::of(&base.samples, scenario.confidence),
        swings,
    }))
}

/// The number of a load in every replication.
fn measure(
    compiled: &Compiled,
    scenario: &Scenario,
    (load, number): (usize, &'static str),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Seen, Vec<Diagnostic>> {
    let (phases, objectives) = (super::phases(scenario), vec![Vec::new(); scenario.loads.len()]);
    let runs: Vec<_> = (0..scenario.replications)
        .into_par_iter()
        .map(|at| replicate(compiled, scenario, (&phases, &objectives), at, stop))
        .collect::<Result<_, _>>()?;
    let samples = runs.iter().filter_map(|run| run.samples.get(load)?.get(&("all", number)).copied()).collect();
    Ok(Seen { samples, record: runs.into_iter().next().map(|run| run.record) })
}
