//! A quick look at a whole network without simulating it: how often everything is called, how busy it is, how long a
//! request takes, how many succeed, how many tries it makes.
//!
//! Visits follow the calls with the tries that failures lead to and without the calls that caches answer. Waiting is
//! approximated by Allen and Cunneen's formula for M/G/c, which is exact for exponential work and Poisson arrivals. Who
//! keeps a server while it waits for others is busy for that long, so waits below lengthen work above: a fixed point over
//! layers, in the manner of Rolia and Sevcik's method of layers (1995). Timeouts are met by an answer's own work beyond
//! the mean of the rest. Caches follow Che's approximation (2002).
//!
//! Breakers are taken to stay closed, bulkheads and shedding to refuse nothing, hedges to change no time; a [`Look`] says
//! with [`Class`] whether anything of the sort lies on the way to it. Networks are trees of calls that share branches:
//! every node is looked at once a round, however many ways lead to it.

use super::queues::{erlang_c, mmck};
use crate::distribution::Distribution;
use crate::network::{Arrivals, Budget, Discipline, Edge, Limit, Network, Node, Step, UNLIMITED};
use loko_policy::backoff::Jitter;
use loko_policy::balance::Rule;
use loko_policy::budget::Funding;
use serde::Serialize;

/// How good a number is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It holds for what the model says.
    #[default]
    Exact,
    /// It leaves something out, or takes a distribution for another one.
    Approximation,
}

/// What is expected at one station.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Visits a second.
    pub rate: f64,
    /// The share of the servers that is at work or waits for others.
    pub utilization: f64,
    /// How good that is.
    pub class: Class,
    /// How long a visit waits on average, in seconds; infinite when the station can't keep up.
    pub wait: f64,
    /// How good that is.
    pub wait_class: Class,
}

/// What is expected of one edge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Way {
    /// Calls a second.
    pub rate: f64,
    /// Tries a call.
    pub tries: f64,
    /// The share of calls that succeed.
    pub success: f64,
    /// How long a call takes on average, in seconds, all tries and pauses included.
    pub time: f64,
    /// The share of calls that a cache answers.
    pub hits: f64,
    /// How good all that is.
    pub class: Class,
}

/// What is expected of a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// By station.
    pub stations: Vec<Look>,
    /// By edge. What a source expects is that of its edge.
    pub edges: Vec<Way>,
}

/// How often everything is looked at again at most; what still changes then is close.
const ROUNDS_MAX: usize = 200;
/// What changes less than this from round to round has settled.
const SETTLED: f64 = 1e-10;
/// Keys of a cache whose popularity is summed up one by one; those after it in pieces.
const KEYS_EACH: u32 = 1_000;

/// Looks at a network with these rates of its sources.
pub fn outlook(network: &Network, rates: &[f64]) -> Outlook {
    let mut solver = Solver::new(network);
    for _ in 0..ROUNDS_MAX {
        solver.answers();
        if solver.visits(rates) < SETTLED {
            break;
        }
    }
    solver.answers();
    solver.tell()
}

/// How busy own work alone makes each station: no retries, no failures, nobody who waits for others. What is too busy so
/// can't be kept up with, whatever its callers do.
pub fn own_work(network: &Network, rates: &[f64]) -> Vec<Look> {
    let mut plain = network.clone();
    for edge in &mut plain.edges {
        (edge.retry, edge.persistence, edge.hedge) = (None, None, None);
        (edge.timeout, edge.overall) = (None, None);
    }
    for node in &mut plain.nodes {
        (node.failure, node.holds) = (0.0, false);
    }
    outlook(&plain, rates).stations
}

/// What is expected of a visit to a node.
#[derive(Clone, Copy, Debug, Default)]
struct Visit {
    /// Visits a second.
    rate: f64,
    success: f64,
    /// From arrival to answer.
    time: f64,
    /// How long it has a server.
    held: f64,
    /// The mean square of that.
    second: f64,
    class: Class,
}

struct Solver<'a> {
    network: &'a Network,
    visits: Vec<Visit>,
    edges: Vec<Way>,
    looks: Vec<Look>,
    /// By station: the share of visits that is turned away.
    refused: Vec<f64>,
}

impl<'a> Solver<'a> {
    fn new(network: &'a Network) -> Self {
        Self {
            network,
            visits: vec![Visit::default(); network.nodes.len()],
            edges: vec![Way { tries: 1.0, success: 1.0, ..Way::default() }; network.edges.len()],
            looks: vec![Look::default(); network.stations.len()],
            refused: vec![0.0; network.stations.len()],
        }
    }

    /// From those who are called to those who call: how long they take and how many succeed.
    fn answers(&mut self) {
        for at in 0..self.network.nodes.len() {
            let node = &self.network.nodes[at];
            // Targets come before their callers in a network, except where visits go round; those take another round.
            for step in &node.steps {
                for edge in &step.edges {
                    self.edges[*edge as usize] = self.call(*edge);
                }
            }
            self.visits[at] = Visit { rate: self.visits[at].rate, ..self.visit(node) };
        }
        for source in &self.network.sources {
            self.edges[source.edge as usize] = self.call(source.edge);
        }
    }

    fn visit(&self, node: &Node) -> Visit {
        let work = node.service.mean();
        let (wait, refused) = match node.station {
            Some(station) => (self.looks[station as usize].wait, self.refused[station as usize]),
            None => (0.0, 0.0),
        };
        let mut class = self.class_of(node);
        let mut goes_on = 1.0 - node.failure;
        let mut below = 0.0;
        for step in &node.steps {
            let (time, success) = self.step(step);
            below += goes_on * time;
            goes_on *= success;
            let waits = |edge: &&u32| !self.network.edges[**edge as usize].asynchronous;
            class =
                step.edges.iter().filter(waits).map(|edge| self.edges[*edge as usize].class).fold(class, Class::max);
        }
        let after: f64 = node.next.iter().map(|(chance, next)| chance * self.visits[*next as usize].time).sum();
        let held = if node.holds { work + below } else { work };
        // What lies below is taken to vary as an exponential does.
        let spread = node.service.second_moment() - work * work + if node.holds { below * below } else { 0.0 };
        Visit {
            rate: 0.0,
            success: goes_on * (1.0 - refused),
            time: wait + work + below + after,
            held,
            second: held * held + spread,
            class,
        }
    }

    /// Whether what is said of visits to a node leaves something of the node itself out.
    fn class_of(&self, node: &Node) -> Class {
        let plain = node.station.is_none_or(|station| {
            let station = &self.network.stations[station as usize];
            station.patience.is_none()
                && station.scaling.is_none()
                && station.elastic.is_none()
                && station.batch.is_none()
                && station.shedding.is_none()
                && station.room.is_none()
        });
        if plain && node.row.is_none() && node.undo.is_empty() { Class::Exact } else { Class::Approximation }
    }

    /// The mean time of calls that start together, and the chance that enough of them succeed.
    fn step(&self, step: &Step) -> (f64, f64) {
        let mut parts: Vec<(f64, f64, f64)> = Vec::new();
        for (at, edge) in step.edges.iter().enumerate() {
            let description = &self.network.edges[*edge as usize];
            if description.asynchronous {
                continue;
            }
            let way = self.edges[*edge as usize];
            let count = description.calls * step.chances.as_ref().map_or(1.0, |chances| chances[at]);
            parts.push((count, way.time, way.success));
        }
        let count: f64 = parts.iter().map(|part| part.0).sum();
        if count <= 0.0 {
            return (0.0, 1.0);
        }
        if step.chances.is_some() || count <= 1.0 {
            let time = parts.iter().map(|(count, time, _)| count * time).sum();
            // A call that is made by chance fails by that chance.
            return (time, 1.0 - parts.iter().map(|(count, _, success)| count * (1.0 - success)).sum::<f64>());
        }
        let mean = parts.iter().map(|(count, time, _)| count * time).sum::<f64>() / count;
        let succeeds = parts.iter().map(|(count, _, success)| count * success).sum::<f64>() / count;
        let need = step.need.map_or(count, |need| f64::from(need).min(count));
        if need < count {
            // The time of the `need`-th of so many that vary as an exponential does.
            let time = mean * (0..need as u32).map(|done| 1.0 / (count - f64::from(done))).sum::<f64>();
            return (time, at_least(need as u32, count as u32, succeeds));
        }
        let longest = parts.iter().map(|part| part.1).fold(0.0, f64::max);
        (
            longest.max(mean * harmonic(count)),
            parts.iter().map(|(count, _, success)| libm::pow(*success, *count)).product(),
        )
    }

    /// What a call on an edge comes to.
    fn call(&self, at: u32) -> Way {
        let edge = &self.network.edges[at as usize];
        let target = self.visits[edge.target as usize];
        let rate = self.edges[at as usize].rate;
        let one = 2.0 * hop(edge) + target.time;
        let (late, shown) = self.late(edge, target, one);
        let fails = 1.0 - target.success * (1.0 - late);
        let (tries, success) = tries(edge, fails);
        let pauses = pauses(edge, fails);
        let mut time = tries * shown + pauses;
        if let Some(overall) = edge.overall {
            time = time.min(overall as f64 * 1e-9);
        }
        let passes = limited(edge, rate * tries);
        let hits = hits(edge, rate);
        let exact = edge.timeout.is_none() && edge.overall.is_none() && edge.limit.is_none() && edge.cache.is_none();
        let exact = exact && edge.budget.is_none() && edge.breaker.is_none() && edge.bulkhead.is_none();
        let class = if exact && edge.hedge.is_none() { target.class } else { Class::Approximation };
        let success = hits + (1.0 - hits) * passes * success;
        Way {
            rate,
            tries: (1.0 - hits) * passes * (tries + hedges(edge, one)),
            success: if edge.fallback { 1.0 } else { success },
            time: (1.0 - hits) * passes * time,
            hits,
            class,
        }
    }

    /// The chance that a try takes longer than its caller waits, and how long a try then takes for the caller.
    fn late(&self, edge: &Edge, target: Visit, one: f64) -> (f64, f64) {
        let Some(timeout) = edge.timeout.or(edge.overall).map(|timeout| timeout as f64 * 1e-9) else {
            return (0.0, one);
        };
        let service = &self.network.nodes[edge.target as usize].service;
        let rest = (2.0 * hop(edge) + target.time - service.mean()).max(0.0);
        let left = timeout - rest;
        let late = if left > 0.0 { service.above(left) } else { 1.0 };
        (late, one.min(timeout))
    }

    /// From those who call to those who are called: how often; how much that changed anything.
    fn visits(&mut self, rates: &[f64]) -> f64 {
        let network = self.network;
        let mut rate = vec![0.0; network.nodes.len()];
        let mut calls = vec![0.0; network.edges.len()];
        for (source, arrivals) in network.sources.iter().zip(rates) {
            let edge = source.edge as usize;
            let arrivals = match &source.arrivals {
                // Who waits for an answer asks no more meanwhile.
                Arrivals::Closed { clients, think } if *arrivals > 0.0 => {
                    let asks = f64::from(*clients) / (think.mean() + self.edges[edge].time).max(1e-9);
                    let before = self.edges[edge].rate;
                    if before > 0.0 && asks.is_finite() { (asks + before) / 2.0 } else { asks }
                }
                _ => *arrivals,
            };
            calls[edge] += arrivals * network.edges[edge].calls.max(f64::MIN_POSITIVE);
            rate[network.edges[edge].target as usize] += calls[edge] * self.edges[edge].tries;
        }
        for (at, node) in network.nodes.iter().enumerate() {
            for (chance, next) in &node.next {
                rate[*next as usize] += self.visits[at].rate * chance;
            }
        }
        for (at, node) in network.nodes.iter().enumerate().rev() {
            let refused = node.station.map_or(0.0, |station| self.refused[station as usize]);
            let mut goes_on = rate[at] * (1.0 - node.failure) * (1.0 - refused);
            for step in &node.steps {
                for (number, edge) in step.edges.iter().enumerate() {
                    let edge = *edge as usize;
                    let chance = step.chances.as_ref().map_or(1.0, |chances| chances[number]);
                    let more = goes_on * chance * network.edges[edge].calls;
                    calls[edge] += more;
                    rate[network.edges[edge].target as usize] += more * self.edges[edge].tries;
                }
                goes_on *= self.step(step).1;
            }
        }
        let mut change = 0.0f64;
        for (visit, rate) in self.visits.iter_mut().zip(rate) {
            change = change.max((visit.rate - rate).abs() / rate.max(1e-12));
            visit.rate = rate;
        }
        self.edges.iter_mut().zip(calls).for_each(|(edge, calls)| edge.rate = calls);
        change.max(self.load())
    }

    /// How busy stations are and how long one waits there; how much that changed.
    fn load(&mut self) -> f64 {
        let mut sums = vec![(0.0, 0.0, 0.0, Class::Exact); self.looks.len()];
        for (node, visit) in self.network.nodes.iter().zip(&self.visits) {
            if let Some(station) = node.station.filter(|_| visit.rate > 0.0) {
                let sum = &mut sums[station as usize];
                let class = if node.holds && !node.steps.is_empty() { visit.class } else { self.class_of(node) };
                *sum = (
                    sum.0 + visit.rate,
                    sum.1 + visit.rate * visit.held,
                    sum.2 + visit.rate * visit.second,
                    sum.3.max(class),
                );
            }
        }
        let mut change = 0.0f64;
        for (at, (rate, busy, second, class)) in sums.into_iter().enumerate() {
            let station = &self.network.stations[at];
            let before = self.looks[at];
            let mut look = Look { rate, class, wait_class: Class::Approximation, ..Look::default() };
            if station.servers != UNLIMITED && station.elastic.is_none() && rate > 0.0 {
                let servers = station.servers.saturating_mul(station.copies).max(1);
                self.refused[at] = refused(station.room, servers, rate, busy);
                let busy = busy * (1.0 - self.refused[at]);
                look.utilization = busy / f64::from(servers);
                let mean = busy / (rate * (1.0 - self.refused[at])).max(f64::MIN_POSITIVE);
                let scv = if mean > 0.0 { ((second / rate) / (mean * mean) - 1.0).max(0.0) } else { 0.0 };
                // Sharing a server takes as long whatever the work's spread.
                let factor = if station.discipline == Discipline::Sharing { 1.0 } else { (1.0 + scv) / 2.0 };
                // Who joins a queue without looking shares the servers of one copy only; turns make its arrivals regular.
                let (apart, factor) = match station.balance {
                    _ if station.copies == 1 => (1, factor),
                    _ if station.sharding.is_some() => (station.copies, factor),
                    Rule::Random | Rule::Weighted => (station.copies, factor),
                    Rule::RoundRobin => (station.copies, (1.0 / f64::from(station.copies) + scv) / 2.0),
                    Rule::LeastOutstanding | Rule::Choices(_) => (1, factor),
                };
                let (servers, busy) = ((servers / apart).max(1), busy / f64::from(apart));
                look.wait = if look.utilization >= 1.0 {
                    if station.room.is_some() { mean } else { f64::INFINITY }
                } else {
                    erlang_c(servers, busy) * mean / (f64::from(servers) * (1.0 - look.utilization)) * factor
                };
                if self.is_markov(at as u32) {
                    look.wait_class = class;
                }
            }
            // Halfway, or waits that lengthen work that lengthens waits would swing.
            if before.wait.is_finite() && look.wait.is_finite() && before.rate > 0.0 {
                look.wait = (look.wait + before.wait) / 2.0;
            }
            if look.wait.is_finite() {
                change = change.max((look.wait - before.wait).abs() / look.wait.max(1e-9));
            }
            change = change.max((look.utilization - before.utilization).abs());
            self.looks[at] = look;
        }
        if change.is_nan() { 0.0 } else { change }
    }

    /// Whether a station is a queue with exponential work of one kind that only sources ask, all of them directly.
    fn is_markov(&self, at: u32) -> bool {
        let network = self.network;
        let mut mine = network.nodes.iter().enumerate().filter(|(_, node)| node.station == Some(at));
        let (Some((node, first)), None) = (mine.next(), mine.next()) else { return false };
        let asked = |steps: &[Step]| {
            let edges = steps.iter().flat_map(|step| &step.edges);
            edges.into_iter().any(|edge| network.edges[*edge as usize].target as usize == node)
        };
        let station = &network.stations[at as usize];
        matches!(first.service, Distribution::Exponential(_))
            && first.steps.is_empty()
            && station.copies == 1
            && station.discipline == Discipline::Fifo
            && !network
                .nodes
                .iter()
                .any(|other| asked(&other.steps) || other.next.iter().any(|way| way.1 as usize == node))
    }

    fn tell(mut self) -> Outlook {
        // What is busy is as good as what is known of how often it is asked.
        let mut known = vec![Class::Exact; self.network.nodes.len()];
        for source in &self.network.sources {
            let edge = source.edge as usize;
            let target = &mut known[self.network.edges[edge].target as usize];
            *target = (*target).max(self.edges[edge].class);
        }
        for (at, node) in self.network.nodes.iter().enumerate().rev() {
            let mut class = known[at];
            for edge in node.steps.iter().flat_map(|step| &step.edges) {
                class = class.max(self.edges[*edge as usize].class);
                let target = &mut known[self.network.edges[*edge as usize].target as usize];
                *target = (*target).max(class);
            }
        }
        for (node, class) in self.network.nodes.iter().zip(known) {
            if let Some(station) = node.station {
                let look = &mut self.looks[station as usize];
                look.class = look.class.max(class);
                look.wait_class = look.wait_class.max(class);
            }
        }
        Outlook { stations: self.looks, edges: self.edges }
    }
}

/// How long the way takes, one way.
fn hop(edge: &Edge) -> f64 {
    edge.hop.as_ref().map_or(edge.latency as f64 * 1e-9, Distribution::mean)
}

/// Tries of a call whose tries fail with a chance, and its chance to succeed.
fn tries(edge: &Edge, fails: f64) -> (f64, f64) {
    if let Some(persistence) = &edge.persistence {
        let again = (fails * persistence.probability).min(1.0 - 1e-9);
        return (1.0 / (1.0 - again), (1.0 - fails) / (1.0 - again));
    }
    let Some(retry) = &edge.retry else { return (1.0, 1.0 - fails) };
    let attempts = f64::from(retry.attempts.max(1));
    let lost = libm::pow(fails, attempts);
    let plain = if fails >= 1.0 { attempts } else { (1.0 - lost) / (1.0 - fails) };
    let most = match &edge.budget {
        None => f64::INFINITY,
        // What a bucket is filled with is what retries may be, in the long run.
        Some(Budget::Tokens(budget)) => {
            let ratio = budget.deposit as f64 / budget.cost.max(1) as f64;
            1.0 + match budget.funding {
                Funding::FirstTry => ratio,
                Funding::Success => ratio * (1.0 - fails) / (1.0 - ratio * (1.0 - fails)).max(1e-9),
            }
        }
        Some(Budget::Failures(_)) => plain,
    };
    if plain <= most { (plain, 1.0 - lost) } else { (most, (most * (1.0 - fails)).min(1.0)) }
}

/// The pauses between the tries of a call, together.
fn pauses(edge: &Edge, fails: f64) -> f64 {
    if let Some(persistence) = &edge.persistence {
        let again = (fails * persistence.probability).min(1.0 - 1e-9);
        return again / (1.0 - again) / persistence.rate.max(1e-12);
    }
    let Some(retry) = &edge.retry else { return 0.0 };
    // Waits beyond so many tries are too rare to count.
    const WAITS_MAX: u32 = 64;
    let share = match retry.backoff.jitter {
        Jitter::Full => 0.5,
        Jitter::Equal => 0.75,
        Jitter::None | Jitter::Decorrelated | Jitter::Polly | Jitter::Proportional(_) => 1.0,
    };
    let mut chance = 1.0;
    let mut sum = 0.0;
    for k in 1..retry.attempts.min(WAITS_MAX) {
        chance *= fails;
        let stated = edge.schedule.get(k as usize - 1).or(edge.schedule.last());
        let wait = stated.map_or(share * retry.backoff.ceiling(k) as f64, |wait| *wait as f64);
        sum += chance * wait * 1e-9;
    }
    sum
}

/// More tries that hedges make.
fn hedges(edge: &Edge, one: f64) -> f64 {
    let Some(hedge) = &edge.hedge else { return 0.0 };
    let asked = match hedge.delay {
        loko_policy::hedge::Delay::Fixed(delay) => libm::exp(-(delay as f64) * 1e-9 / one.max(1e-12)),
        loko_policy::hedge::Delay::Quantile(share) => 1.0 - f64::from(share) / f64::from(loko_policy::WHOLE),
    };
    asked.min(f64::from(hedge.budget) / f64::from(loko_policy::WHOLE)) * f64::from(hedge.max.min(1))
}

/// The share of tries that a limit lets through, in the long run.
fn limited(edge: &Edge, rate: f64) -> f64 {
    let most = match &edge.limit {
        None => return 1.0,
        Some(Limit::Bucket(bucket)) => bucket.rate_per_s(),
        Some(Limit::Fixed(window)) => window.rate_per_s(),
        Some(Limit::Log(log)) => log.rate_per_s(),
        Some(Limit::Counter(counter)) => counter.rate_per_s(),
    };
    if rate > most { most / rate } else { 1.0 }
}

/// The share of calls that a cache answers.
fn hits(edge: &Edge, rate: f64) -> f64 {
    let Some(cache) = &edge.cache else { return 0.0 };
    let keys = keys(cache.keys.max(1), cache.zipf);
    let ttl = cache.config.ttl.map_or(f64::INFINITY, |ttl| ttl as f64 * 1e-9);
    let room = f64::from(cache.config.capacity);
    let inside =
        |time: f64| keys.iter().map(|(share, count)| count * (1.0 - libm::exp(-rate * share * time))).sum::<f64>();
    // The time after which an entry that nobody asks for has been pushed out.
    let pushed = if room >= f64::from(cache.keys) {
        f64::INFINITY
    } else {
        let (mut low, mut high) = (0.0, 1.0);
        while inside(high) < room && high < 1e15 {
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if inside(middle) < room { low = middle } else { high = middle }
        }
        high
    };
    let hit = |share: f64| {
        let mine = rate * share;
        let kept = if pushed.is_finite() { 1.0 - libm::exp(-mine * pushed) } else { 1.0 };
        let fresh = if ttl.is_finite() { mine * ttl / (1.0 + mine * ttl) } else { 1.0 };
        kept.min(fresh)
    };
    let found: f64 = keys.iter().map(|(share, count)| share * count * hit(*share)).sum();
    found * (1.0 - cache.writes)
}

/// Keys by Zipf's law: the share of calls of one, and how many there are of the like.
fn keys(count: u32, exponent: f64) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    let mut rank = 1u32;
    while rank <= count {
        let width = if rank <= KEYS_EACH { 1 } else { (rank / 50).max(1) }.min(count - rank + 1);
        let middle = f64::from(rank) + f64::from(width - 1) / 2.0;
        found.push((libm::pow(middle, -exponent), f64::from(width)));
        rank = rank.saturating_add(width);
        if rank == u32::MAX {
            break;
        }
    }
    let total: f64 = found.iter().map(|(weight, count)| weight * count).sum();
    found.iter_mut().for_each(|key| key.0 /= total);
    found
}

/// The share that finds a room full: M/M/c/K.
fn refused(room: Option<u32>, servers: u32, rate: f64, busy: f64) -> f64 {
    /// Rooms larger than this are hardly ever full, unless always.
    const ROOM_MAX: u32 = 100_000;
    let Some(room) = room.filter(|room| *room >= servers) else { return 0.0 };
    let load = busy / f64::from(servers);
    if room > ROOM_MAX {
        return (1.0 - 1.0 / load).max(0.0);
    }
    mmck(rate, rate / busy.max(f64::MIN_POSITIVE), servers, room).last().copied().unwrap_or(0.0)
}

/// The chance that at least `need` of `count` succeed, each with a chance.
fn at_least(need: u32, count: u32, chance: f64) -> f64 {
    let mut some = vec![0.0; count as usize + 1];
    some[0] = 1.0;
    for done in 0..count as usize {
        for at in (0..=done).rev() {
            let share = some[at];
            some[at + 1] += share * chance;
            some[at] = share * (1.0 - chance);
        }
    }
    some[need as usize..].iter().sum()
}

/// What the longest of so many exponential times is, of their mean.
fn harmonic(count: f64) -> f64 {
    let whole = count as u32;
    let sum: f64 = (1..=whole.min(1_000)).map(|at| 1.0 / f64::from(at)).sum();
    if whole > 1_000 {
        libm::log(count) + 0.577_215_664_901_532_9
    } else {
        sum + (count - f64::from(whole)) / (count + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{CacheModel, Station};
    use loko_policy::backoff::Backoff;
    use loko_policy::retry::Retry;
    use loko_policy::{SECOND, cache};

    fn close(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-6, "{a} instead of {b}");
    }

    #[test]
    fn a_queue_is_seen_as_it_is() {
        let mut network = Network::default();
        let station = network.station(Station::new("server", 1));
        let node = network.node(Node::work(station, Distribution::Exponential(0.01)));
        let edge = network.edge(Edge { calls: 2.0, ..Edge::to("call", node) });
        network.source("requests", edge, Arrivals::poisson(40.0));
        let seen = outlook(&network, &[40.0]);
        close(seen.stations[0].utilization, 0.8);
        close(seen.stations[0].wait, 0.04);
        assert_eq!((seen.stations[0].class, seen.stations[0].wait_class), (Class::Exact, Class::Exact));
        close(seen.edges[0].time, 0.05);
        assert!(outlook(&network, &[60.0]).stations[0].wait.is_infinite());
    }

    #[test]
    fn queues_that_nobody_compares_wait_longer_than_one_for_all() {
        let wait = |balance, copies, servers| {
            let mut network = Network::default();
            let station = network.station(Station { balance, copies, ..Station::new("servers", servers) });
            let node = network.node(Node::work(station, Distribution::Exponential(1.0)));
            let edge = network.edge(Edge::to("call", node));
            network.source("requests", edge, Arrivals::poisson(8.0));
            outlook(&network, &[8.0]).stations[0].wait
        };
        let one = wait(Rule::Random, 1, 10);
        let (random, turns, compared) =
            (wait(Rule::Random, 10, 1), wait(Rule::RoundRobin, 10, 1), wait(Rule::LeastOutstanding, 10, 1));
        close(random, 4.0);
        close(turns, 4.0 * 0.55);
        close(compared, one);
        assert!(one < turns);
    }

    #[test]
    fn retries_multiply_through_layers() {
        let mut network = Network::default();
        let retry = Some(Retry { attempts: 3, backoff: Backoff::constant(0) });
        let leaf = network.node(Node { failure: 0.1, ..Node::nothing() });
        let inner = network.edge(Edge { retry, ..Edge::to("inner", leaf) });
        let middle = network.node(Node { failure: 0.2, ..Node::calls([inner]) });
        let outer = network.edge(Edge { retry, ..Edge::to("outer", middle) });
        network.source("requests", outer, Arrivals::poisson(100.0));
        let seen = outlook(&network, &[100.0]);
        close(seen.edges[0].tries, 1.11);
        close(seen.edges[0].success, 0.999);
        // A try of the outer call succeeds when both do.
        let fails: f64 = 1.0 - 0.8 * 0.999;
        close(seen.edges[1].tries, 1.0 + fails + fails * fails);
        close(seen.edges[1].success, 1.0 - fails * fails * fails);
        close(seen.edges[0].rate, 100.0 * (1.0 + fails + fails * fails) * 0.8);
        assert_eq!(seen.edges[1].class, Class::Exact);
    }

    #[test]
    fn who_waits_for_others_keeps_its_server() {
        let mut network = Network::default();
        let back = network.station(Station::new("back", UNLIMITED));
        let front = network.station(Station::new("front", 10));
        let inner = network.node(Node::work(back, Distribution::Constant(0.1)));
        let edge = network.edge(Edge { latency: SECOND / 100, ..Edge::to("inner", inner) });
        let outer =
            Node { holds: true, steps: vec![Step::one(edge)], ..Node::work(front, Distribution::Constant(0.03)) };
        let outer = network.node(outer);
        let edge = network.edge(Edge::to("outer", outer));
        network.source("requests", edge, Arrivals::poisson(20.0));
        let seen = outlook(&network, &[20.0]);
        // 30 ms of work, 2 · 10 ms of way, 100 ms at the back.
        close(seen.stations[1].utilization, 20.0 * 0.15 / 10.0);
        assert!(seen.edges[1].time > 0.15);
    }

    #[test]
    fn clients_that_wait_ask_less() {
        let mut network = Network::default();
        let node = network.node(Node { service: Distribution::Constant(1.0), ..Node::nothing() });
        let edge = network.edge(Edge::to("call", node));
        network.source("clients", edge, Arrivals::Closed { clients: 30, think: Distribution::Constant(2.0) });
        close(outlook(&network, &[15.0]).edges[0].rate, 10.0);
    }

    #[test]
    fn own_work_knows_no_retries() {
        let mut network = Network::default();
        let station = network.station(Station::new("server", 1));
        let node = network.node(Node { failure: 0.9, ..Node::work(station, Distribution::Exponential(0.01)) });
        let retry = Some(Retry { attempts: 5, backoff: Backoff::constant(0) });
        let edge = network.edge(Edge { retry, ..Edge::to("call", node) });
        network.source("requests", edge, Arrivals::poisson(50.0));
        close(own_work(&network, &[50.0])[0].utilization, 0.5);
        assert!(outlook(&network, &[50.0]).stations[0].utilization > 1.0);
    }

    #[test]
    fn shared_branches_are_looked_at_once_and_not_once_a_way() {
        let mut network = Network::default();
        let mut target = network.node(Node::nothing());
        for _ in 0..60 {
            let edges = [network.edge(Edge::to("a", target)), network.edge(Edge::to("b", target))];
            target = network.node(Node::calls(edges));
        }
        let edge = network.edge(Edge::to("first", target));
        network.source("requests", edge, Arrivals::poisson(1.0));
        close(outlook(&network, &[1.0]).edges[0].rate, libm::exp2(59.0));
    }

    #[test]
    fn a_cache_takes_what_it_answers_off_the_origin() {
        let mut network = Network::default();
        let node = network.node(Node::nothing());
        let config = cache::Config { capacity: 10, ttl: Some(10 * SECOND), ..cache::Config::default() };
        let one = CacheModel {
            config,
            keys: 1,
            zipf: 0.0,
            single_flight: false,
            warm: false,
            writes: 0.0,
            on_write: crate::network::OnWrite::Nothing,
        };
        let edge = network.edge(Edge { cache: Some(one), ..Edge::to("call", node) });
        network.source("requests", edge, Arrivals::poisson(0.4));
        // Renewal reward: 4 calls while it lives, 1 that fills it.
        close(outlook(&network, &[0.4]).edges[0].hits, 0.8);
    }
}
