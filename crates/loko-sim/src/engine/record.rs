//! What a run records, and how records of replications become one.

use super::series::{Course, Series};
use super::{Detail, Span, Trace};
use crate::network::Network;
use crate::random::mix;
use loko_policy::Nanos;
use loko_policy::breaker::{Breaker, State};
use loko_policy::sketch::Sketch;
use serde::Serialize;

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is the cause of its name")]
pub enum Cause {
    Error,
    Timeout,
    Full,
    Abandoned,
    BreakerOpen,
    Bulkhead,
    RateLimit,
    Down,
    Shed,
    Conflict,
}

/// All causes, in the order of reports.
pub const CAUSES: [(Cause, &str); 10] = [
    (Cause::Error, "error"),
    (Cause::Timeout, "timeout"),
    (Cause::Full, "queue full"),
    (Cause::Abandoned, "left the queue"),
    (Cause::BreakerOpen, "breaker open"),
    (Cause::Bulkhead, "bulkhead full"),
    (Cause::RateLimit, "rate limit"),
    (Cause::Down, "down"),
    (Cause::Shed, "shed"),
    (Cause::Conflict, "conflict"),
];

/// What came of the requests of a source.
#[derive(Clone, Debug, Default)]
pub struct SourceRecord {
    /// Times of those that succeeded.
    pub ok: Sketch,
    /// Times of those that failed.
    pub failed: Sketch,
    /// Answers by a fallback, among those that succeeded.
    pub degraded: u64,
    /// Failures by cause.
    pub causes: [u64; CAUSES.len()],
    /// How many began after the warm-up.
    pub started: u64,
    /// When the last one succeeded.
    pub last: Nanos,
    /// The one that took longest: its time, and the key by which it can be watched in a run of the same seed.
    pub slowest: Option<(Nanos, u64)>,
}

impl SourceRecord {
    /// How many ended.
    pub fn total(&self) -> u64 {
        self.ok.total() + self.failed.total()
    }

    /// The share that succeeded; 1 of nothing.
    pub fn success(&self) -> f64 {
        if self.total() == 0 { 1.0 } else { self.ok.total() as f64 / self.total() as f64 }
    }

    /// The share of those that ended that failed for each cause, and then of those that a fallback answered.
    pub fn shares(&self) -> [f64; CAUSES.len() + 1] {
        let all = self.total().max(1) as f64;
        std::array::from_fn(|at| self.causes.get(at).copied().unwrap_or(self.degraded) as f64 / all)
    }

    fn merge(&mut self, other: &Self) {
        self.ok.merge(&other.ok);
        self.failed.merge(&other.failed);
        self.degraded += other.degraded;
        self.started += other.started;
        self.last = self.last.max(other.last);
        self.slowest = self.slowest.max(other.slowest);
        self.causes.iter_mut().zip(other.causes).for_each(|(sum, more)| *sum += more);
    }
}

/// What happened at a station; integrals are in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct StationRecord {
    /// Times until service began, of those that were served.
    pub wait: Sketch,
    /// Times from arrival to answer, of those that were served.
    pub sojourn: Sketch,
    /// How many arrived.
    pub arrived: u64,
    /// How many of those served had to wait.
    pub waited: u64,
    /// How many were turned away.
    pub rejected: u64,
    /// How many left the queue.
    pub abandoned: u64,
    /// How many were dropped because nobody waited for them any more.
    pub dropped: u64,
    /// How many were refused to save the rest.
    pub shed: u64,
    /// How many found no copy that was warm.
    pub cold: u64,
    /// The integral of copies that came with requests, idle or not.
    pub instances: f64,
    /// How many of them went, and how long they lived together.
    pub lives: (u64, f64),
    /// Requests that the new version of a release answered, and how many of them failed.
    pub released: (u64, u64),
    /// How often a release went to everybody, and how often it was taken back.
    pub rollouts: (u64, u64),
    /// How long releases took until they were decided, together.
    pub rollout_time: f64,
    /// How often machines were taken away.
    pub interruptions: u64,
    /// How many times work began on several requests at once, and on how many.
    pub batches: (u64, u64),
    /// Work that was done for nobody.
    pub wasted: u64,
    /// Servers at work.
    pub busy: f64,
    /// Requests there.
    pub inside: f64,
    /// Requests waiting.
    pub waiting: f64,
    /// Servers there were.
    pub servers: f64,
    /// How many copies there are.
    pub copies: u32,
    /// The share of its time that the busiest copy worked.
    pub hottest: f64,
    /// Copies with at least 1, 2, 3 … requests.
    pub levels: Vec<f64>,
    /// Time during which a copy was idle.
    pub idle_time: f64,
    /// Time during which there was no more room.
    pub full: f64,
    /// Times by the size of the work: from, to, and times over the size, as sums.
    pub by_size: Vec<SizeProbe>,
}

/// Times of requests whose own work was within bounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct SizeProbe {
    /// The least work, in seconds.
    pub from: f64,
    /// The most work.
    pub to: f64,
    /// The sum of time over work.
    pub ratio: f64,
    /// How many there were.
    pub count: u64,
}

impl StationRecord {
    pub(super) fn integrals(&mut self, places: impl Iterator<Item = [f64; 5]>) {
        for [busy, inside, waiting, servers, full] in places {
            self.full += full;
            self.busy += busy;
            self.inside += inside;
            self.waiting += waiting;
            self.servers += servers;
        }
    }

    /// The share of the servers' time that was work.
    pub fn utilization(&self) -> f64 {
        if self.servers == 0.0 { 0.0 } else { self.busy / self.servers }
    }

    fn merge(&mut self, other: &Self) {
        self.wait.merge(&other.wait);
        self.sojourn.merge(&other.sojourn);
        self.arrived += other.arrived;
        self.waited += other.waited;
        self.rejected += other.rejected;
        self.abandoned += other.abandoned;
        self.dropped += other.dropped;
        self.shed += other.shed;
        self.cold += other.cold;
        self.instances += other.instances;
        self.lives = (self.lives.0 + other.lives.0, self.lives.1 + other.lives.1);
        self.released = (self.released.0 + other.released.0, self.released.1 + other.released.1);
        self.rollouts = (self.rollouts.0 + other.rollouts.0, self.rollouts.1 + other.rollouts.1);
        self.rollout_time += other.rollout_time;
        self.interruptions += other.interruptions;
        self.batches = (self.batches.0 + other.batches.0, self.batches.1 + other.batches.1);
        self.wasted += other.wasted;
        self.busy += other.busy;
        self.inside += other.inside;
        self.waiting += other.waiting;
        self.servers += other.servers;
        self.full += other.full;
        self.idle_time += other.idle_time;
        self.hottest = self.hottest.max(other.hottest);
        self.levels.resize(self.levels.len().max(other.levels.len()), 0.0);
        self.levels.iter_mut().zip(&other.levels).for_each(|(sum, more)| *sum += more);
        for (sum, more) in self.by_size.iter_mut().zip(&other.by_size) {
            sum.ratio += more.ratio;
            sum.count += more.count;
        }
    }
}

/// What happened on an edge.
#[derive(Clone, Debug, Default)]
pub struct EdgeRecord {
    /// Times of calls, as the caller saw them, all tries and waits included.
    pub times: Sketch,
    /// Calls.
    pub calls: u64,
    /// Tries, those included that a policy refused.
    pub attempts: u64,
    /// Tries that reached the target.
    pub sent: u64,
    /// Hedges.
    pub hedges: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Look-ups in the cache.
    pub lookups: u64,
    /// Those that were found.
    pub hits: u64,
    /// Those of them that were older than the origin.
    pub stale: u64,
    /// What the breaker did.
    pub breaker: BreakerTimes,
}

impl EdgeRecord {
    /// Tries per call that reached the target at all.
    pub fn amplification(&self) -> f64 {
        if self.calls == 0 { 1.0 } else { self.attempts as f64 / self.calls as f64 }
    }

    fn merge(&mut self, other: &Self) {
        self.times.merge(&other.times);
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.sent += other.sent;
        self.hedges += other.hedges;
        self.failures += other.failures;
        self.lookups += other.lookups;
        self.hits += other.hits;
        self.stale += other.stale;
        self.breaker.merge(&other.breaker);
    }
}

/// What came of visits to a node that makes several steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeRecord {
    /// All steps were made.
    pub completed: u64,
    /// A step failed, and what had been done was undone.
    pub undone: u64,
    /// A step failed after others had been made, and nothing undid them.
    pub half_done: u64,
}

/// How long a breaker was in each state, and how often it changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BreakerTimes {
    /// Time closed, open and half-open, in nanoseconds.
    pub time: [f64; 3],
    /// From closed to open.
    pub trips: u64,
    /// From half-open to closed.
    pub closes: u64,
    /// From half-open to open.
    pub reopens: u64,
    /// Calls that were let through while closed, in periods that have ended.
    pub closed_calls: u64,
    /// Calls that were let through.
    pub permitted: u64,
    /// Calls that asked.
    pub asked: u64,
    current_closed: u64,
    state: usize,
    since: Nanos,
}

impl BreakerTimes {
    pub(super) fn settle(&mut self, now: Nanos, breaker: Option<&Breaker>) {
        let Some(breaker) = breaker else { return };
        self.time[self.state] += now.saturating_sub(self.since) as f64;
        self.since = now;
        let state = match breaker.state() {
            State::Closed => 0,
            State::Open { .. } => 1,
            State::HalfOpen { .. } => 2,
        };
        match (self.state, state) {
            (0, 1) => {
                self.trips += 1;
                self.closed_calls += std::mem::take(&mut self.current_closed);
            }
            (2, 0) => self.closes += 1,
            (2, 1) => self.reopens += 1,
            _ => {}
        }
        self.state = state;
    }

    pub(super) fn asked(&mut self, permitted: bool, closed: bool) {
        self.asked += 1;
        self.permitted += u64::from(permitted);
        self.current_closed += u64::from(permitted && closed);
    }

    pub(super) fn clear(&mut self) {
        *self = Self { state: self.state, since: self.since, current_closed: self.current_closed, ..Self::default() };
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.time.iter_mut().zip(other.time).for_each(|(sum, more)| *sum += more);
        self.trips += other.trips;
        self.closes += other.closes;
        self.reopens += other.reopens;
        self.closed_calls += other.closed_calls;
        self.permitted += other.permitted;
        self.asked += other.asked;
    }
}

/// Everything that a run recorded.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// By source.
    pub sources: Vec<SourceRecord>,
    /// By station.
    pub stations: Vec<StationRecord>,
    /// By edge.
    pub edges: Vec<EdgeRecord>,
    /// By node.
    pub nodes: Vec<NodeRecord>,
    /// The course of each source over time, when asked for.
    pub series: Vec<Series>,
    /// The course of each station: servers at work, those waiting and those that there are, on average by point.
    pub station_courses: Vec<[Course; 3]>,
    /// The course of each edge by point: tries sent, calls that ended, failures among them, and the share of the time that
    /// its breakers were open.
    pub edge_courses: Vec<[Course; 4]>,
    /// How many seconds were observed.
    pub seconds: f64,
    /// How many events were handled.
    pub events: u64,
    /// Whether the run ended early because more requests piled up than can be kept.
    pub overloaded: bool,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    /// The request that was watched.
    pub trace: Option<Trace>,
    seed: u64,
}

impl Record {
    /// The record of a run in which nothing has happened yet.
    pub fn new(network: &Network, span: Span, detail: Detail) -> Self {
        let of = |wanted: bool, count: usize| if wanted { count } else { 0 };
        let course = || Course::new(span.end, detail.window);
        let stations = (0..of(detail.hops, network.stations.len())).map(|_| std::array::from_fn(|_| course()));
        let edges = (0..of(detail.hops, network.edges.len())).map(|_| std::array::from_fn(|_| course()));
        let series = (0..of(detail.hops, network.sources.len())).map(|_| Series::new(course())).collect();
        Self {
            sources: vec![SourceRecord::default(); network.sources.len()],
            stations: vec![StationRecord::default(); network.stations.len()],
            edges: vec![EdgeRecord::default(); network.edges.len()],
            nodes: vec![NodeRecord::default(); network.nodes.len()],
            series,
            station_courses: stations.collect(),
            edge_courses: edges.collect(),
            ..Self::default()
        }
    }

    /// The time from one point of a course to the next, when there is a course.
    pub fn step(&self) -> Option<Nanos> {
        self.series.first().map(Series::step)
    }

    /// Makes all sketches ready to be read.
    pub(super) fn settle(&mut self) {
        let sources = self.sources.iter_mut().flat_map(|source| [&mut source.ok, &mut source.failed]);
        let stations = self.stations.iter_mut().flat_map(|station| [&mut station.wait, &mut station.sojourn]);
        let edges = self.edges.iter_mut().map(|edge| &mut edge.times);
        sources.chain(stations).chain(edges).for_each(Sketch::settle);
    }

    pub(super) fn seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    pub(super) fn seed_of(&self, source: u32) -> u64 {
        mix(self.seed ^ u64::from(source))
    }

    /// Adds the record of another replication of the same network.
    pub fn merge(&mut self, other: &Self) {
        self.sources.iter_mut().zip(&other.sources).for_each(|(sum, more)| sum.merge(more));
        self.stations.iter_mut().zip(&other.stations).for_each(|(sum, more)| sum.merge(more));
        self.edges.iter_mut().zip(&other.edges).for_each(|(sum, more)| sum.merge(more));
        self.series.iter_mut().zip(&other.series).for_each(|(sum, more)| sum.merge(more));
        for (sum, more) in self.nodes.iter_mut().zip(&other.nodes) {
            sum.completed += more.completed;
            sum.undone += more.undone;
            sum.half_done += more.half_done;
        }
        let courses = self.station_courses.iter_mut().flatten().chain(self.edge_courses.iter_mut().flatten());
        let others = other.station_courses.iter().flatten().chain(other.edge_courses.iter().flatten());
        courses.zip(others).for_each(|(sum, more)| sum.merge(more));
        self.seconds += other.seconds;
        self.events += other.events;
        self.overloaded |= other.overloaded;
        self.interrupted |= other.interrupted;
    }
}
