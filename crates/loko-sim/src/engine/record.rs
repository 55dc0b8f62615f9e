//! What a run records, and how records of replications become one.

use super::{Detail, Span};
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
}

/// All causes, in the order of reports.
pub const CAUSES: [(Cause, &str); 8] = [
    (Cause::Error, "error"),
    (Cause::Timeout, "timeout"),
    (Cause::Full, "queue full"),
    (Cause::Abandoned, "left the queue"),
    (Cause::BreakerOpen, "breaker open"),
    (Cause::Bulkhead, "bulkhead full"),
    (Cause::RateLimit, "rate limit"),
    (Cause::Down, "down"),
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

    fn merge(&mut self, other: &Self) {
        self.ok.merge(&other.ok);
        self.failed.merge(&other.failed);
        self.degraded += other.degraded;
        self.started += other.started;
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
        self.wasted += other.wasted;
        self.busy += other.busy;
        self.inside += other.inside;
        self.waiting += other.waiting;
        self.servers += other.servers;
        self.full += other.full;
        self.idle_time += other.idle_time;
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
        self.breaker.merge(&other.breaker);
    }
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

    fn merge(&mut self, other: &Self) {
        self.time.iter_mut().zip(other.time).for_each(|(sum, more)| *sum += more);
        self.trips += other.trips;
        self.closes += other.closes;
        self.reopens += other.reopens;
        self.closed_calls += other.closed_calls;
        self.permitted += other.permitted;
        self.asked += other.asked;
    }
}

/// How many points a course over time has.
pub const SERIES_POINTS: usize = 120;
/// The parts of a power of two, as a power of two.
const PARTS: usize = 4;
const COARSE: usize = 64 << PARTS;

/// A course over time of one source: counts and a coarse histogram of times (3 %) a point.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// The time from one point to the next.
    pub step: Nanos,
    /// Requests that ended, by point.
    pub total: Vec<u64>,
    /// Failures among them.
    pub failed: Vec<u64>,
    buckets: Vec<u32>,
}

impl Series {
    fn new(end: Nanos) -> Self {
        let step = (end / SERIES_POINTS as u64).max(1);
        let points = SERIES_POINTS + 1;
        Self { step, total: vec![0; points], failed: vec![0; points], buckets: vec![0; points * COARSE] }
    }

    pub(super) fn add(&mut self, now: Nanos, took: Nanos, ok: bool) {
        let point = ((now / self.step) as usize).min(SERIES_POINTS);
        self.total[point] += 1;
        self.failed[point] += u64::from(!ok);
        let took = took.max(1 << PARTS);
        let bits = 63 - took.leading_zeros() as usize;
        let part = (took >> (bits - PARTS)) as usize & ((1 << PARTS) - 1);
        self.buckets[point * COARSE + (bits << PARTS) + part] += 1;
    }

    /// A quantile of the times at the points of a range, in seconds; `None` when nothing ended there.
    pub fn quantile(&self, points: std::ops::Range<usize>, q: f64) -> Option<f64> {
        let mut counts = vec![0u64; COARSE];
        for point in points {
            let row = self.buckets.get(point * COARSE..(point + 1) * COARSE)?;
            counts.iter_mut().zip(row).for_each(|(sum, count)| *sum += u64::from(*count));
        }
        let total: u64 = counts.iter().sum();
        let wanted = q * total as f64;
        let mut below = 0;
        for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let reached = below + count;
            if reached as f64 >= wanted {
                // Inside a part values are taken to be spread evenly.
                let scale = libm::exp2((at >> PARTS) as f64 - PARTS as f64);
                let low = ((1 << PARTS) + (at & ((1 << PARTS) - 1))) as f64;
                let inside = (wanted - below as f64) / *count as f64;
                return Some((low + inside) * scale * 1e-9);
            }
            below = reached;
        }
        None
    }

    /// How many ended and how many of them failed at the points of a range.
    pub fn counts(&self, points: std::ops::Range<usize>) -> (u64, u64) {
        let sum = |row: &[u64]| row.get(points.clone()).map_or(0, |row| row.iter().sum());
        (sum(&self.total), sum(&self.failed))
    }

    fn merge(&mut self, other: &Self) {
        self.total.iter_mut().zip(&other.total).for_each(|(sum, more)| *sum += more);
        self.failed.iter_mut().zip(&other.failed).for_each(|(sum, more)| *sum += more);
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(sum, more)| *sum += more);
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
    /// The course of each source over time, when asked for.
    pub series: Vec<Series>,
    /// How many seconds were observed.
    pub seconds: f64,
    /// How many events were handled.
    pub events: u64,
    /// Whether the run ended early because more requests piled up than can be kept.
    pub overloaded: bool,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    seed: u64,
}

impl Record {
    pub(super) fn new(network: &Network, span: Span, detail: Detail) -> Self {
        let series =
            if detail.hops { network.sources.iter().map(|_| Series::new(span.end)).collect() } else { Vec::new() };
        Self {
            sources: vec![SourceRecord::default(); network.sources.len()],
            stations: vec![StationRecord::default(); network.stations.len()],
            edges: vec![EdgeRecord::default(); network.edges.len()],
            series,
            ..Self::default()
        }
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
        self.seconds += other.seconds;
        self.events += other.events;
        self.overloaded |= other.overloaded;
        self.interrupted |= other.interrupted;
    }
}
