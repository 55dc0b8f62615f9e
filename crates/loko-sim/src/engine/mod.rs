//! The engine of discrete events: runs a [`Network`] in virtual time with the policies of `loko-policy`.
//!
//! A *frame* is one visit to a node, a *call* is one logical call on an edge with all its tries. Both lie in slabs and
//! carry generations, so that what nobody waits for any more is recognised and never searched for. The files follow
//! the life of a request: `calls` (tries, policies, results), `visits` (queues, service, steps), `batches`, `elastic`
//! (copies that come with requests), `faults`, `releases`; `plain` is a fast way for plain queues; `record`, `series` and `trace` are
//! what is seen of it.
//!
//! One run is one thread and depends on the network and the seed alone. Time integrals start after the warm-up, and what
//! ends after it counts, whenever it began: counting only what began after it and ended before the end would leave out
//! those that take long.

mod batches;
mod calls;
mod elastic;
mod faults;
mod plain;
mod record;
mod releases;
mod series;
mod trace;
mod visits;

pub use record::{BreakerTimes, CAUSES, Cause, EdgeRecord, NodeRecord, Record, SourceRecord, StationRecord};
pub use series::{Course, Series, WINDOWS};
pub use trace::{Trace, TracedCall, TracedTry};

use crate::events::{Event, Events, Kind};
use crate::network::{Arrivals, Budget, Network, Row, Shedding};
use crate::random::{Purpose, below, draw, exponential, mix};
use loko_policy::balance::Balancer;
use loko_policy::breaker::{Breaker, Permit};
use loko_policy::cache::Cache;
use loko_policy::flight::Flights;
use loko_policy::hedge::Hedging;
use loko_policy::random::SplitMix64;
use loko_policy::shedding::CoDel;
use loko_policy::{ConfigError, Nanos, Random, SECOND};
use std::collections::{BTreeMap, VecDeque};

/// How long to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// What is left out at the start.
    pub warmup: Nanos,
    /// When it ends.
    pub end: Nanos,
}

/// What a run records besides totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Times of each edge and station, and the course over time.
    pub hops: bool,
    /// The time from one point of the course to the next; [`WINDOWS`] points when it is 0.
    pub window: Nanos,
}

/// The most tries of one call that are under way at once.
const COPIES_MAX: usize = 4;
/// The most requests in the system; a run that reaches it is overloaded without hope and ends early.
pub const FRAMES_MAX: usize = 4_000_000;
/// The most that may happen at one moment; a run that reaches it stands still and ends early.
pub const AT_ONCE_MAX: u64 = 20_000_000;
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Free,
    Travelling,
    Waiting,
    Serving,
    Calling,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    generation: u32,
    node: u32,
    place: u32,
    /// The call that waits for it, or NONE.
    call: u32,
    call_generation: u32,
    copy: u8,
    class: u8,
    phase: Phase,
    /// Nobody waits for it, and the target will notice when its turn comes.
    cancelled: bool,
    /// It never arrives.
    lost: bool,
    /// It still has its server.
    serving: bool,
    failed: Option<Cause>,
    step: u16,
    pending: u16,
    needed: u16,
    /// It undoes its steps, this one now.
    undoing: bool,
    /// It is worked on by the new version.
    released: bool,
    /// The copy that works on it, where copies come and go.
    instance: u32,
    /// The version of a row that it has read.
    version: u32,
    arrived: Nanos,
    key: u64,
}

#[derive(Clone, Copy, Debug)]
struct Try {
    frame: u32,
    frame_generation: u32,
    started: Nanos,
    permit: Option<Permit>,
}

const NO_TRY: Try = Try { frame: NONE, frame_generation: 0, started: 0, permit: None };
/// The bits of all tries of a call that can be under way.
const ALL_LIVE: u8 = (1 << COPIES_MAX) - 1;

#[derive(Clone, Copy, Debug)]
struct Call {
    generation: u32,
    edge: u32,
    /// The frame that made it, or NONE when it is a request of a source.
    parent: u32,
    parent_generation: u32,
    parent_step: u16,
    source: u32,
    retry: loko_policy::retry::Call,
    /// A bit for each of its tries that is under way.
    live: u8,
    hedges: u8,
    attempts: u32,
    /// Whose policies it uses.
    guard: u32,
    /// It writes through a cache.
    writes: bool,
    /// The version that was current when it missed.
    read_version: u64,
    flight: Option<(u64, u64)>,
    /// The key of the cache that it fills.
    cache_key: u64,
    started: Nanos,
    key: u64,
    alive: bool,
}

impl Call {
    fn is_live(&self, copy: usize) -> bool {
        self.live & (1 << copy) != 0
    }

    /// Where the next try goes.
    fn free_copy(&self) -> u8 {
        let free = !self.live & ALL_LIVE;
        if free == 0 { 0 } else { free.trailing_zeros() as u8 }
    }
}

/// One copy of a station.
#[derive(Clone, Debug)]
struct Place {
    station: u32,
    servers: u32,
    busy: u32,
    waiting: u32,
    inside: u32,
    queues: Vec<VecDeque<(u32, u32)>>,
    slow: f64,
    failure: f64,
    poison: f64,
    crashed: bool,
    stopped: bool,
    killed: u32,
    /// For processor sharing: the work that every request has had so far, and when that was.
    virtual_time: f64,
    virtual_at: Nanos,
    shared: std::collections::BinaryHeap<std::cmp::Reverse<(u64, u32, u32)>>,
    shared_generation: u32,
    // Integrals since the warm-up.
    changed: Nanos,
    busy_time: f64,
    inside_time: f64,
    waiting_time: f64,
    server_time: f64,
    /// How many may be there, and the time during which so many were.
    room: u32,
    full_time: f64,
    /// Busy time at the last look of the autoscaler.
    looked: f64,
    /// Integrals of busy servers and of those waiting at the last point of the course.
    course: [f64; 2],
    /// What drops those who waited too long.
    codel: Option<CoDel>,
}

/// The policies of one caller.
struct Guard {
    breaker: Option<Breaker>,
    times: BreakerTimes,
    budget: Option<Budget>,
    limit: Option<crate::network::Limit>,
    hedging: Option<Hedging>,
    bulkhead_used: u32,
}

struct EdgeState {
    /// The edge that has its guards and its cache; mostly itself.
    keeper: usize,
    guards: Vec<Guard>,
    cache: Option<Cache>,
    /// The version of each key, where calls write.
    versions: Vec<u64>,
    zipf: Vec<f64>,
    flights: Option<Flights>,
    /// Calls that wait for a flight, by its number.
    followers: BTreeMap<u64, Vec<(u32, u32)>>,
    /// The share of tries that get lost.
    loss: f64,
    timeout_lane: u32,
    overall_lane: u32,
    /// How long its breakers had been open at the last point of the course.
    open_seen: f64,
    /// Tries sent, calls ended and calls failed since the last point of the course.
    since: [u32; 3],
}

struct SourceState {
    factor: f64,
    number: u64,
    /// What makes the keys of its requests others than those of another run.
    seed: u64,
    random: SplitMix64,
}

impl SourceState {
    /// The key of its next request; apart from the generator of the arrivals, so that thinning does not shift what requests are
    /// like.
    #[inline]
    fn next_key(&mut self, source: u32) -> u64 {
        self.number += 1;
        below(below(0x10C0 + u64::from(source), self.number), self.seed)
    }
}

struct Group {
    first: u32,
    balancer: Balancer,
    /// How many copies have at least so many requests, and since when that is summed up.
    levels: Vec<(u32, f64)>,
    levels_at: Nanos,
    idle: u32,
    idle_time: f64,
    scaler: Option<loko_policy::autoscale::Autoscaler>,
    pods: Vec<Nanos>,
    /// The chances of keys, summed up, where copies are found by key.
    keys: Vec<f64>,
    /// The copy of each key.
    owners: Vec<u32>,
    elastic: Option<elastic::Copies>,
    release: Option<releases::Rollout>,
    batch: batches::Waiting,
}

/// A run under way.
pub struct Engine<'a> {
    network: &'a Network,
    span: Span,
    detail: Detail,
    now: Nanos,
    events: Events,
    frames: Vec<Frame>,
    free_frames: Vec<u32>,
    calls: Vec<Call>,
    /// The tries of each call, apart because most of a call's life needs none of them.
    tries: Vec<[Try; COPIES_MAX]>,
    free_calls: Vec<u32>,
    places: Vec<Place>,
    groups: Vec<Group>,
    edges: Vec<EdgeState>,
    sources: Vec<SourceState>,
    /// What is to be told to frames after the current event, so that nothing recurses without end.
    replies: VecDeque<(u32, u32, u8, Result<(), Cause>)>,
    /// The versions of rows.
    rows: Vec<u32>,
    record: Record,
    overloaded: bool,
    /// Who looks at one request.
    tracer: Option<Box<trace::Tracer>>,
}

impl<'a> Engine<'a> {
    /// Prepares a run.
    pub fn new(network: &'a Network, span: Span, detail: Detail, seed: u64) -> Result<Self, ConfigError> {
        let mut engine = Self {
            network,
            span,
            detail,
            now: 0,
            events: Events::default(),
            frames: Vec::new(),
            free_frames: Vec::new(),
            calls: Vec::new(),
            tries: Vec::new(),
            free_calls: Vec::new(),
            places: Vec::new(),
            groups: Vec::new(),
            edges: Vec::new(),
            sources: Vec::new(),
            replies: VecDeque::new(),
            rows: vec![0; row_count(network)],
            record: Record::new(network, span, detail),
            overloaded: false,
            tracer: None,
        };
        engine.record.seed(seed);
        engine.prepare_stations()?;
        engine.prepare_edges()?;
        engine.prepare_sources(seed);
        for (at, fault) in network.faults.iter().enumerate() {
            engine.events.push(Event::new(fault.from, Kind::Fault, 1, at as u32));
            engine.events.push(Event::new(fault.to, Kind::Fault, 0, at as u32));
        }
        engine.events.push(Event::new(span.warmup, Kind::Warm, 0, 0));
        if let Some(step) = engine.record.step() {
            engine.events.push(Event::new(step, Kind::Look, 0, 0));
        }
        Ok(engine)
    }

    fn prepare_stations(&mut self) -> Result<(), ConfigError> {
        for (at, station) in self.network.stations.iter().enumerate() {
            let first = self.places.len() as u32;
            let place = Place::new(at as u32, station)?;
            self.places.resize(self.places.len() + station.copies as usize, place);
            let scaler = match &station.scaling {
                None => None,
                Some(scaling) => {
                    let pods = station.servers / scaling.servers_each.max(1);
                    self.events.push(Event::new(autoscale_sync(), Kind::Tick, 0, at as u32));
                    Some(loko_policy::autoscale::Autoscaler::new(scaling.config, 0, pods)?)
                }
            };
            let pods = station.scaling.as_ref().map_or(0, |scaling| station.servers / scaling.servers_each.max(1));
            let keys = station.sharding.as_ref().map(|sharding| zipf_table(sharding.keys, sharding.zipf));
            let elastic =
                station.elastic.as_ref().map(|elastic| elastic::Copies::new(elastic, self.events.lane(elastic.idle)));
            self.groups.push(Group {
                first,
                balancer: Balancer::new(station.balance, station.copies),
                levels: Vec::new(),
                levels_at: 0,
                idle: station.copies,
                idle_time: 0.0,
                scaler,
                pods: vec![0; pods as usize],
                keys: keys.unwrap_or_default(),
                owners: station.sharding.as_ref().map(|sharding| sharding.owners(station.copies)).unwrap_or_default(),
                elastic,
                release: None,
                batch: batches::Waiting::default(),
            });
        }
        Ok(())
    }

    fn prepare_edges(&mut self) -> Result<(), ConfigError> {
        for (at, edge) in self.network.edges.iter().enumerate() {
            if let Some(retry) = &edge.retry {
                retry.check()?;
            }
            let hedging = match &edge.hedge {
                Some(hedge) => Some(Hedging::new(hedge.delay, hedge.max, hedge.budget)?),
                None => None,
            };
            let keeper = edge.keeper.map(|keeper| (keeper as usize, &self.network.edges[keeper as usize]));
            let keeper = keeper.filter(|(_, keeper)| keeper.keeps(edge)).map_or(at, |(keeper, _)| keeper);
            let cached = edge.cache.as_ref().filter(|_| keeper == at);
            let mut guards = Vec::new();
            for _ in 0..if keeper == at { edge.callers.max(1) } else { 0 } {
                guards.push(Guard {
                    breaker: edge.breaker.map(Breaker::new).transpose()?,
                    times: BreakerTimes::default(),
                    budget: edge.budget,
                    limit: edge.limit.clone(),
                    hedging: hedging.clone(),
                    bulkhead_used: 0,
                });
            }
            let written = cached.filter(|cache| cache.writes > 0.0);
            let mut cache = cached.map(|cache| Cache::new(cache.config)).transpose()?;
            if let (Some(cache), Some(described)) = (&mut cache, cached.filter(|cache| cache.warm)) {
                let mut random = SplitMix64(mix(self.record.seed_of(u32::MAX)));
                for key in 0..described.keys.min(described.config.capacity) {
                    cache.fill(0, u64::from(key), 0, &mut random);
                }
            }
            let state = EdgeState {
                keeper,
                guards,
                cache,
                versions: written.map(|cache| vec![0; cache.keys as usize]).unwrap_or_default(),
                zipf: cached.map(|cache| zipf_table(cache.keys, cache.zipf)).unwrap_or_default(),
                flights: cached.filter(|cache| cache.single_flight).map(|_| Flights::new(60 * SECOND)),
                followers: BTreeMap::new(),
                loss: 0.0,
                timeout_lane: edge.timeout.map_or(NONE, |timeout| self.events.lane(timeout)),
                overall_lane: edge.overall.map_or(NONE, |overall| self.events.lane(overall)),
                open_seen: 0.0,
                since: [0; 3],
            };
            self.edges.push(state);
        }
        Ok(())
    }

    fn prepare_sources(&mut self, seed: u64) {
        for (at, source) in self.network.sources.iter().enumerate() {
            let base = mix(seed ^ mix(at as u64 + 1));
            let seed = self.record.seed_of(at as u32);
            self.sources.push(SourceState { factor: 1.0, number: 0, seed, random: SplitMix64(base) });
            match &source.arrivals {
                Arrivals::Open(_) => self.next_arrival(at as u32),
                Arrivals::Closed { clients, .. } => (0..*clients).for_each(|_| self.think(at as u32)),
                Arrivals::Burst { clients, at: when } => {
                    let event = Event::new(crate::distribution::nanos(*when), Kind::Think, 0, at as u32);
                    (0..*clients).for_each(|_| self.events.push(event));
                }
            }
        }
    }

    /// Runs to the end, or until `stop` says so; it is asked now and then.
    pub fn run(mut self, stop: &dyn Fn() -> bool) -> Record {
        if self.is_plain() {
            return self.run_plain(stop);
        }
        let mut handled = 0u64;
        let mut at_once = 0u64;
        while let Some(event) = self.next_event() {
            if event.time() > self.span.end || self.overloaded {
                break;
            }
            at_once = if event.time() == self.now { at_once + 1 } else { 0 };
            self.now = event.time();
            self.handle(event);
            while let Some((call, generation, copy, result)) = self.replies.pop_front() {
                self.answered(call, generation, copy, result);
                at_once += 1;
                // Answers may lead to answers without any time going by.
                if at_once & 0xF_FFFF == 0 && (at_once > AT_ONCE_MAX || stop()) {
                    break;
                }
            }
            self.overloaded |= at_once > AT_ONCE_MAX;
            handled += 1;
            if handled & 0xFFFF == 0 {
                if self.is_watched_over() {
                    break;
                }
                if stop() {
                    self.record.interrupted = true;
                    break;
                }
            }
        }
        self.finish(handled)
    }

    /// Runs one outage that ends at `restart` until the first station is empty again: how many requests waited at the
    /// restart, and when the last of them and of those that came meanwhile was done.
    pub fn run_until_empty(mut self, restart: Nanos) -> (u32, Nanos) {
        let mut backlog = None;
        while let Some(event) = self.next_event() {
            if event.time() > self.span.end {
                break;
            }
            if backlog.is_none() && event.time() >= restart {
                backlog = Some(self.places[0].inside);
            }
            self.now = event.time();
            self.handle(event);
            while let Some((call, generation, copy, result)) = self.replies.pop_front() {
                self.answered(call, generation, copy, result);
            }
            if let Some(backlog) = backlog
                && self.places[0].inside == 0
            {
                return (backlog, self.now);
            }
        }
        (backlog.unwrap_or(0), self.span.end)
    }

    /// The next event; timers of what is over are left out.
    #[inline]
    fn next_event(&mut self) -> Option<Event> {
        let (frames, calls) = (&self.frames, &self.calls);
        self.events.pop(|event| {
            let (generation, slot) = (event.generation(), event.slot() as usize);
            match event.kind() {
                Kind::Timeout => frames[slot].generation != generation || frames[slot].call == NONE,
                Kind::Deadline => calls[slot].generation != generation,
                // To a try that got lost; whoever asked has given up.
                Kind::Reply => frames[slot].generation != generation,
                _ => false,
            }
        })
    }

    #[inline]
    fn handle(&mut self, event: Event) {
        let (generation, slot) = (event.generation(), event.slot());
        match event.kind() {
            Kind::Done => self.done(slot, generation),
            Kind::SharedDone => self.shared_done(slot, generation),
            Kind::Arrival => {
                self.start_request(slot);
                self.next_arrival(slot);
            }
            Kind::Think => self.start_request(slot),
            Kind::Reply => self.returned(slot, generation),
            Kind::Deliver => self.arrive(slot, generation),
            Kind::Retry => self.retry_now(slot, generation),
            Kind::Timeout => self.timed_out(slot, generation),
            Kind::Deadline => self.deadline(slot, generation),
            Kind::Hedge => self.hedge_now(slot, generation),
            Kind::Patience => self.impatient(slot, generation),
            Kind::Fault => self.fault(slot, generation == 1),
            Kind::Tick => self.scale(slot),
            Kind::Servers => self.servers_ready(slot),
            Kind::Warm => self.warm(),
            Kind::Lane => {}
            Kind::Expire => self.expire(generation, slot),
            Kind::Batch => self.batch_due(slot, generation),
            Kind::Check => self.check_release(slot),
            Kind::Spot => self.spot(slot, generation),
            Kind::Look => self.look(),
        }
    }

    /// Draws when the next request of a source comes: Poisson, thinned where the rate is below its peak.
    fn next_arrival(&mut self, source: u32) {
        let Arrivals::Open(points) = &self.network.sources[source as usize].arrivals else { return };
        let state = &mut self.sources[source as usize];
        let arrivals = &self.network.sources[source as usize].arrivals;
        let mut at = self.now;
        if let [(_, rate)] = points.as_slice() {
            let rate = rate * state.factor;
            if rate > 0.0 {
                at = at.saturating_add(gap(rate, &mut state.random));
                self.events.push_steady(Event::new(at, Kind::Arrival, 0, source));
            }
            return;
        }
        let peak = arrivals.peak() * state.factor;
        if peak <= 0.0 {
            return;
        }
        loop {
            at = at.saturating_add(gap(peak, &mut state.random));
            if at > self.span.end {
                return;
            }
            let rate = arrivals.rate(at as f64 / SECOND as f64) * state.factor;
            if state.random.unit() * peak < rate {
                self.events.push_steady(Event::new(at, Kind::Arrival, 0, source));
                return;
            }
        }
    }

    fn think(&mut self, source: u32) {
        let Arrivals::Closed { think, .. } = &self.network.sources[source as usize].arrivals else { return };
        let time = think.sample_nanos(&mut self.sources[source as usize].random);
        self.events.push(Event::new(self.now.saturating_add(time), Kind::Think, 0, source));
    }

    fn start_request(&mut self, source: u32) {
        let key = self.sources[source as usize].next_key(source);
        let edge = self.network.sources[source as usize].edge;
        self.start_call(edge, NONE, 0, source, key);
    }

    fn warm(&mut self) {
        for place in &mut self.places {
            place.settle(self.now);
            place.clear();
        }
        for group in &mut self.groups {
            group.settle(self.now);
            group.clear();
        }
        for at in 0..self.edges.len() {
            let keeper = self.edges[at].keeper;
            let open = self.edges[keeper].open_time(self.now);
            self.edges[at].open_seen -= open;
        }
        for edge in &mut self.edges {
            edge.guards.iter_mut().for_each(|guard| guard.times.clear());
        }
        for copies in self.groups.iter_mut().filter_map(|group| group.elastic.as_mut()) {
            copies.clear(self.now);
        }
    }

    fn finish(mut self, handled: u64) -> Record {
        let end = if self.overloaded || self.record.interrupted { self.now } else { self.span.end };
        self.record.events = handled;
        self.record.overloaded = self.overloaded;
        self.record.trace = self.take_trace();
        self.record.seconds = (end.saturating_sub(self.span.warmup)) as f64 / SECOND as f64;
        // What came since the last whole window.
        self.note_calls(end.saturating_sub(1));
        self.record.settle();
        for place in &mut self.places {
            place.settle(end);
        }
        for (at, group) in self.groups.iter_mut().enumerate() {
            group.settle(end);
            let station = &self.network.stations[at];
            let places = &self.places[group.first as usize..(group.first + station.copies) as usize];
            self.record.stations[at].integrals(places.iter().map(|place| {
                [place.busy_time, place.inside_time, place.waiting_time, place.server_time, place.full_time]
            }));
            self.record.stations[at].levels = group.levels.iter().map(|(_, time)| *time).collect();
            self.record.stations[at].idle_time = group.idle_time;
            self.record.stations[at].copies = station.copies;
            let busy = |place: &Place| place.busy_time / place.server_time.max(1.0);
            self.record.stations[at].hottest = places.iter().map(busy).fold(0.0, f64::max);
            if let Some(copies) = &mut group.elastic {
                copies.tell(end, &mut self.record.stations[at]);
            }
            if let Some(rollout) = &group.release {
                rollout.tell(&mut self.record.stations[at]);
            }
        }
        for at in 0..self.edges.len() {
            let keeper = self.edges[at].keeper;
            for guard in &mut self.edges[keeper].guards {
                guard.times.settle(end, guard.breaker.as_ref());
                self.record.edges[at].breaker.merge(&guard.times);
            }
        }
        self.record
    }
}

#[inline]
fn gap(rate: f64, random: &mut SplitMix64) -> Nanos {
    (exponential(random) / rate * SECOND as f64 + 0.5) as Nanos
}

fn autoscale_sync() -> Nanos {
    loko_policy::autoscale::Config::SYNC
}

/// The chances of keys by Zipf's law, summed up.
fn zipf_table(keys: u32, exponent: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=keys).map(|rank| libm::pow(f64::from(rank), -exponent)).collect();
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect()
}

/// How many rows nodes name.
fn row_count(network: &Network) -> usize {
    let rows = network.nodes.iter().filter_map(|node| match node.row? {
        Row::Read(row) | Row::Write(row) => Some(row as usize + 1),
    });
    rows.max().unwrap_or(0)
}

impl Place {
    fn new(at: u32, station: &crate::network::Station) -> Result<Self, ConfigError> {
        let codel = match station.shedding {
            Some(Shedding::Wait { target, interval }) => Some(CoDel::new(target, interval)?),
            _ => None,
        };
        Ok(Self {
            station: at,
            servers: station.servers,
            busy: 0,
            waiting: 0,
            inside: 0,
            queues: vec![VecDeque::new()],
            slow: 1.0,
            failure: 0.0,
            poison: 0.0,
            crashed: false,
            stopped: false,
            killed: 0,
            virtual_time: 0.0,
            virtual_at: 0,
            shared: std::collections::BinaryHeap::new(),
            shared_generation: 0,
            changed: 0,
            busy_time: 0.0,
            inside_time: 0.0,
            waiting_time: 0.0,
            server_time: 0.0,
            room: station.room.unwrap_or(u32::MAX),
            full_time: 0.0,
            looked: 0.0,
            course: [0.0; 2],
            codel,
        })
    }

    /// Adds up what was since the last change.
    #[inline]
    fn settle(&mut self, now: Nanos) {
        let time = now.saturating_sub(self.changed) as f64;
        self.busy_time += time * f64::from(self.busy);
        self.inside_time += time * f64::from(self.inside);
        self.waiting_time += time * f64::from(self.waiting);
        self.server_time += time * f64::from(self.servers);
        if self.inside >= self.room {
            self.full_time += time;
        }
        self.changed = now;
    }

    fn clear(&mut self) {
        self.course[0] -= self.busy_time;
        self.course[1] -= self.waiting_time;
        (self.busy_time, self.inside_time, self.waiting_time, self.server_time) = (0.0, 0.0, 0.0, 0.0);
        (self.full_time, self.looked) = (0.0, 0.0);
    }

    fn available(&self) -> u32 {
        self.servers.saturating_sub(self.killed)
    }
}

impl Group {
    fn settle(&mut self, now: Nanos) {
        let time = now.saturating_sub(self.levels_at) as f64;
        for (count, sum) in &mut self.levels {
            *sum += time * f64::from(*count);
        }
        if self.idle > 0 {
            self.idle_time += time;
        }
        self.levels_at = now;
    }

    fn clear(&mut self) {
        self.levels.iter_mut().for_each(|(_, sum)| *sum = 0.0);
        self.idle_time = 0.0;
    }

    /// The copy that had `before` requests has `after` now.
    #[inline]
    fn moved(&mut self, now: Nanos, before: u32, after: u32) {
        self.settle(now);
        if before == 0 {
            self.idle -= 1;
        } else if after == 0 {
            self.idle += 1;
        }
        let level = before.max(after) as usize - 1;
        if level >= LEVELS {
            return;
        }
        if self.levels.len() <= level {
            self.levels.resize(level + 1, (0, 0.0));
        }
        self.levels[level].0 = if after > before { self.levels[level].0 + 1 } else { self.levels[level].0 - 1 };
    }
}

/// How many levels of requests at a copy are told apart.
const LEVELS: usize = 8;

/// Draws a key by Zipf's law.
fn zipf_key(table: &[f64], key: u64) -> u64 {
    let unit = draw(key, Purpose::Cache).unit();
    table.partition_point(|sum| *sum <= unit).min(table.len().saturating_sub(1)) as u64
}
