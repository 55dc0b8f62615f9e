//! How much services that are deployed apart behave as one program: the distributed-monolith score.
//!
//! The score is ours, a weighted mean of five shares from 0 to 1 with [`WEIGHTS`], times 100. Its parts are told with it,
//! since a number alone mends nothing. Services and what joins them are those of [`super::shared`]; a dependency on
//! which nobody waits counts only towards cycles.

use super::graph::Digraph;
use super::level::{Level, Structure};
use super::shared::{is_service, shared_databases};
use super::visibility::Visibility;
use loko_model::{ElementIx, Model};
use std::collections::{BTreeMap, BTreeSet};

/// What each part counts, in the order of [`Score::parts`]; together 1.
pub const WEIGHTS: [f64; 5] = [0.25, 0.20, 0.25, 0.15, 0.15];
/// From this score on services are called a distributed monolith.
pub const MONOLITH_FROM: f64 = 50.0;
/// From this score on they are on the way to become one.
pub const WATCH_FROM: f64 = 25.0;
/// A chain of this many services of which each waits for the next counts in full, one of two not at all.
const CHAIN_FULL: usize = 5;

/// One part of the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// A kebab-case name.
    pub name: &'static str,
    /// From 0, none of it, to 1.
    pub value: f64,
    /// What it counts in the score.
    pub weight: f64,
    /// What was found, in words.
    pub told: String,
}

/// The score.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// From 0 to 100.
    pub score: f64,
    /// The services, in the model's order.
    pub services: Vec<ElementIx>,
    /// The five parts.
    pub parts: Vec<Part>,
}

impl Score {
    /// The score in words.
    pub fn verdict(&self) -> &'static str {
        match self.score {
            score if score >= MONOLITH_FROM => "distributed monolith",
            score if score >= WATCH_FROM => "watch",
            _ => "loosely coupled",
        }
    }
}

/// The score of the services that `is_wanted`; none for fewer than two.
pub fn score(model: &Model, is_wanted: impl Fn(ElementIx) -> bool) -> Option<Score> {
    let structure = Structure::of(model, Level::Container, |ix| is_service(model, ix) && is_wanted(ix));
    of_structure(structure, &sharing(model))
}

/// The score of each outermost element with at least `services_min` services, in the model's order.
pub fn by_system(model: &Model, services_min: usize) -> Vec<(ElementIx, Score)> {
    let all = Structure::of(model, Level::Container, |ix| is_service(model, ix));
    let sharing = sharing(model);
    let mut systems: BTreeMap<ElementIx, Vec<ElementIx>> = BTreeMap::new();
    for ix in &all.nodes {
        systems.entry(Level::System.lift(model, *ix)).or_default().push(*ix);
    }
    systems.retain(|_, services| services.len() >= services_min);
    let scores = systems.into_iter().map(|(system, services)| (system, of_structure(all.among(services), &sharing)));
    scores.filter_map(|(system, score)| Some((system, score?))).collect()
}

fn of_structure(structure: Structure, sharing: &BTreeSet<ElementIx>) -> Option<Score> {
    let count = structure.nodes.len();
    if count < 2 {
        return None;
    }
    let waits = |edge: &(usize, usize)| structure.dependencies[edge].is_sync;
    let waiting = Digraph::new(count, structure.graph.all().filter(waits));
    let parts = [
        sync_share(&structure, &waiting),
        chain(&waiting),
        reach(&waiting),
        cycles(&structure.graph),
        shared_data(sharing, &structure.nodes),
    ];
    let parts: Vec<Part> = parts
        .into_iter()
        .zip(WEIGHTS)
        .map(|((name, value, told), weight)| Part { name, value, weight, told })
        .collect();
    let score = 100.0 * parts.iter().map(|part| part.value * part.weight).sum::<f64>();
    Some(Score { score, services: structure.nodes, parts })
}

type Found = (&'static str, f64, String);

fn sync_share(structure: &Structure, waiting: &Digraph) -> Found {
    let (sync, all) = (waiting.edges(), structure.graph.edges());
    let share = if all == 0 { 0.0 } else { sync as f64 / all as f64 };
    ("synchronous-calls", share, format!("{sync} of {all} dependencies between services wait for an answer"))
}

/// The longest chain of services of which each waits for the next; the members of a cycle count all.
fn chain(waiting: &Digraph) -> Found {
    let components = waiting.components();
    let mut component = vec![0; waiting.nodes()];
    let mut longest = vec![0_usize; components.len()];
    for (at, group) in components.iter().enumerate() {
        group.iter().for_each(|node| component[*node] = at);
        let below = group.iter().flat_map(|node| waiting.out(*node)).map(|to| component[*to]);
        longest[at] = group.len() + below.filter(|to| *to != at).map(|to| longest[to]).max().unwrap_or(0);
    }
    let length = longest.into_iter().max().unwrap_or(0);
    // Two services in a row are a call, not a chain.
    let share = (length.saturating_sub(2) as f64 / (CHAIN_FULL - 2) as f64).min(1.0);
    ("call-chains", share, format!("the longest chain of services that wait for the next has {length}"))
}

/// On average the share of the other services for which a service waits, directly or through others.
fn reach(waiting: &Digraph) -> Found {
    let count = waiting.nodes();
    let pairs = Visibility::of(waiting).map_or(0, |seen| seen.pairs() - count);
    let share = pairs as f64 / (count * (count - 1)) as f64;
    let told = format!("a service waits for {:.1} of {} others on average", share * (count - 1) as f64, count - 1);
    ("failure-reach", share, told)
}

fn cycles(graph: &Digraph) -> Found {
    let within: usize = graph.components().iter().filter(|group| group.len() > 1).map(Vec::len).sum();
    let count = graph.nodes();
    ("cycles", within as f64 / count as f64, format!("{within} of {count} services are in a dependency cycle"))
}

/// The services that use a database that another one uses.
fn sharing(model: &Model) -> BTreeSet<ElementIx> {
    shared_databases(model).into_iter().flat_map(|(_, users)| users).collect()
}

fn shared_data(sharing: &BTreeSet<ElementIx>, services: &[ElementIx]) -> Found {
    let within = services.iter().filter(|service| sharing.contains(service)).count();
    let count = services.len();
    let told = format!("{within} of {count} services use a database that another one uses");
    ("shared-databases", within as f64 / count as f64, told)
}
