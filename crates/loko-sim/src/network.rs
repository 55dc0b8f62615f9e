//! What is simulated, compiled flat: stations that do work, nodes that say what a visit does, edges that carry calls
//! with their policies, sources that start requests, and faults on a time line.

use crate::distribution::Distribution;
use loko_policy::balance::Rule;
use loko_policy::budget::{FailureShare, TokenBudget};
use loko_policy::retry::Retry;
use loko_policy::{Nanos, autoscale, breaker, cache, shard};

/// The index of a station in [`Network::stations`].
pub type StationId = u32;
/// The index of a node in [`Network::nodes`].
pub type NodeId = u32;
/// The index of an edge in [`Network::edges`].
pub type EdgeId = u32;

/// Servers without end.
pub const UNLIMITED: u32 = u32::MAX;

/// In which order those who wait are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// Last come, first served; work that has begun goes on.
    Lifo,
    /// The lowest class first; work that has begun goes on.
    Priority,
    /// All at once, each at its share of the servers.
    Sharing,
}

/// Something that does work.
#[derive(Clone, Debug)]
pub struct Station {
    /// The name for reports.
    pub name: String,
    /// How many requests it works on at a time.
    pub servers: u32,
    /// How many identical ones there are, each with a queue of its own, and who picks between them.
    pub copies: u32,
    /// Who picks between copies.
    pub balance: Rule,
    /// The order of service.
    pub discipline: Discipline,
    /// How many requests may be there at a time, in service and waiting; `None` is no limit.
    pub room: Option<u32>,
    /// How long a request waits before it leaves.
    pub patience: Option<Distribution>,
    /// Who adds and removes servers.
    pub scaling: Option<Scaling>,
    /// Copies that come with requests and go when idle, instead of `servers`.
    pub elastic: Option<Elastic>,
    /// How the copy of a request is found by its key, instead of by `balance`.
    pub sharding: Option<Sharding>,
    /// Requests that are worked on together.
    pub batch: Option<Batch>,
    /// What is refused before the room is full.
    pub shedding: Option<Shedding>,
}

/// Copies that are made when a request finds none free, as functions are.
#[derive(Clone, Debug)]
pub struct Elastic {
    /// After how long an idle copy goes.
    pub idle: Nanos,
    /// How long the first request of a copy takes, instead of its usual work; `None` is the work and `startup`.
    pub cold: Option<Distribution>,
    /// How much longer the first request of a copy takes.
    pub startup: Nanos,
    /// How many copies never go.
    pub keep: u32,
}

/// Keys that are spread over copies.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharding {
    /// How many keys there are.
    pub keys: u32,
    /// How unequal their popularity is: the exponent of Zipf's law.
    pub zipf: f64,
    /// How the copy of a key is found.
    pub placement: Placement,
}

/// How the copy of a key is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// By the remainder of its hash.
    #[default]
    Modulo,
    /// Neighbours lie together.
    Ranges,
    /// By the next point on a ring.
    Ring,
}

impl Sharding {
    /// The copy of every key when there are so many copies.
    pub fn owners(&self, copies: u32) -> Vec<u32> {
        let keys = 0..u64::from(self.keys);
        match self.placement {
            Placement::Modulo => keys.map(|key| shard::modulo(key, copies)).collect(),
            Placement::Ranges => {
                let keys_all = u64::from(self.keys.max(1));
                keys.map(|key| (key * u64::from(copies) / keys_all) as u32).collect()
            }
            Placement::Ring => match shard::Ring::new(copies, shard::Ring::POINTS, RING_SEED) {
                Ok(ring) => keys.map(|key| ring.shard(key).unwrap_or(0)).collect(),
                // So many copies have no room on a ring; rendezvous hashing moves as few keys.
                Err(_) => {
                    let ids: Vec<u64> = (0..u64::from(copies)).collect();
                    keys.map(|key| shard::rendezvous(key, &ids).unwrap_or(0) as u32).collect()
                }
            },
        }
    }

    /// The share of all keys that lie elsewhere once there is one copy more.
    pub fn moved(&self, copies: u32) -> f64 {
        let (before, after) = (self.owners(copies), self.owners(copies + 1));
        let moved = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        moved as f64 / before.len().max(1) as f64
    }
}

/// Where the points of rings lie; the same in every run, as it is in a service.
const RING_SEED: u64 = 0;

/// Work on several requests at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many at most.
    pub size: u32,
    /// How long the first waits for the others.
    pub wait: Nanos,
}

/// What is refused to save the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shedding {
    /// Requests of classes that may not use so much of the room: a share for each class from 0 on, the last for all after.
    Classes {
        /// How many requests fill the room.
        room: u32,
        /// The share of the room that all but the most important class may take.
        share: f64,
    },
    /// Whoever waited for longer when its turn comes (CoDel).
    Wait {
        /// The wait that is aimed at.
        target: Nanos,
        /// How long it may be missed.
        interval: Nanos,
    },
}

/// How servers are added and removed.
#[derive(Clone, Debug)]
pub struct Scaling {
    /// The autoscaler.
    pub config: autoscale::Config,
    /// The servers of one replica.
    pub servers_each: u32,
    /// How long a new replica takes until it works.
    pub startup: Nanos,
}

impl Station {
    /// One station with one queue and no limit.
    pub fn new(name: &str, servers: u32) -> Self {
        Self {
            name: name.to_owned(),
            servers,
            copies: 1,
            balance: Rule::default(),
            discipline: Discipline::Fifo,
            room: None,
            patience: None,
            scaling: None,
            elastic: None,
            sharding: None,
            batch: None,
            shedding: None,
        }
    }
}

/// What a visit to a place does.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where; nowhere does its work at once and without limit.
    pub station: Option<StationId>,
    /// How long its own work takes.
    pub service: Distribution,
    /// How often its own work fails.
    pub failure: f64,
    /// Its class; 0 is the most important.
    pub class: u8,
    /// Whether it keeps its server while it waits for others.
    pub holds: bool,
    /// What it calls after its own work, one step after the other.
    pub steps: Vec<Step>,
    /// Where the visit goes on instead of answering: chances and nodes.
    pub next: Vec<(f64, NodeId)>,
    /// What it does with a versioned row.
    pub row: Option<Row>,
    /// What undoes each step when a later one fails; nothing is undone when it is shorter.
    pub undo: Vec<Option<EdgeId>>,
}

/// A part of writing with optimistic locking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The caller learns the version of the row of this number.
    Read(u32),
    /// Fails when the row has another version than the caller knows; makes a new one otherwise.
    Write(u32),
}

impl Node {
    /// Work at a station and nothing else.
    pub fn work(station: StationId, service: Distribution) -> Self {
        Self { station: Some(station), service, ..Self::nothing() }
    }

    /// No work at all.
    pub fn nothing() -> Self {
        Self {
            station: None,
            service: Distribution::Constant(0.0),
            failure: 0.0,
            class: 0,
            holds: false,
            steps: Vec::new(),
            next: Vec::new(),
            row: None,
            undo: Vec::new(),
        }
    }

    /// Calls, one after the other.
    pub fn calls(edges: impl IntoIterator<Item = EdgeId>) -> Self {
        let steps = edges.into_iter().map(Step::one).collect();
        Self { steps, ..Self::nothing() }
    }
}

/// Calls that start together.
#[derive(Clone, Debug)]
pub struct Step {
    /// The calls.
    pub edges: Vec<EdgeId>,
    /// How many must succeed before it goes on; `None` is all.
    pub need: Option<u32>,
    /// When given, only one of the calls is made, each with its chance; nothing when the chances leave a rest.
    pub chances: Option<Vec<f64>>,
}

impl Step {
    /// One call.
    pub fn one(edge: EdgeId) -> Self {
        Self::all(vec![edge])
    }

    /// Calls that must all succeed.
    pub fn all(edges: Vec<EdgeId>) -> Self {
        Self { edges, need: None, chances: None }
    }
}

/// What happens to a try that nobody waits for any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cancel {
    /// The target never notices and does the work.
    #[default]
    Never,
    /// The target drops it when its turn comes.
    AtDequeue,
    /// The target stops at once, also in the middle.
    Abort,
}

/// A limit on the rate of calls.
#[derive(Clone, Debug)]
pub enum Limit {
    /// A token bucket.
    Bucket(loko_policy::bucket::TokenBucket),
    /// A fixed window.
    Fixed(loko_policy::window::FixedWindow),
    /// A sliding log.
    Log(loko_policy::window::SlidingLog),
    /// A sliding counter.
    Counter(loko_policy::window::SlidingCounter),
}

/// What pays for retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// A bucket of tokens.
    Tokens(TokenBudget),
    /// The share of failures so far.
    Failures(FailureShare),
}

/// A cache in front of an edge.
#[derive(Clone, Debug)]
pub struct CacheModel {
    /// How it behaves.
    pub config: cache::Config,
    /// How many keys are asked for.
    pub keys: u32,
    /// How unequal their popularity is: the exponent of Zipf's law.
    pub zipf: f64,
    /// Whether misses of one key wait for each other.
    pub single_flight: bool,
    /// Whether every key is in it when the run begins.
    pub warm: bool,
    /// The share of calls that write: they go through and make what is remembered old.
    pub writes: f64,
    /// What a write does to what is remembered.
    pub on_write: OnWrite,
}

/// What a write does to a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnWrite {
    /// Nothing: readers see the past until it expires.
    #[default]
    Nothing,
    /// The entry is taken out.
    Invalidate,
    /// The new value is put in.
    Update,
}

/// Retrying for ever or by chance, as customers do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Persistence {
    /// The rate of the exponential wait before trying again, a second.
    pub rate: f64,
    /// The chance of trying again after each rejection.
    pub probability: f64,
}

/// A hedge.
#[derive(Clone, Debug, PartialEq)]
pub struct Hedge {
    /// When the second copy goes out.
    pub delay: loko_policy::hedge::Delay,
    /// How many more copies at most.
    pub max: u32,
    /// The share of calls that may be hedged.
    pub budget: loko_policy::Ppm,
}

/// A way for calls, with the policies of the caller.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The name for reports.
    pub name: String,
    /// What is called.
    pub target: NodeId,
    /// How many calls are made at a time, on average; a fraction is a chance.
    pub calls: f64,
    /// How many callers there are, each with policies of its own; calls are theirs at random.
    pub callers: u32,
    /// Another way over the same relation, whose breaker, budget, limits and cache are those of this one too.
    pub keeper: Option<EdgeId>,
    /// How long the way takes, each way.
    pub latency: Nanos,
    /// How long the way takes, each way, when it is not always the same.
    pub hop: Option<Distribution>,
    /// How long one try may take.
    pub timeout: Option<Nanos>,
    /// How long all tries together may take.
    pub overall: Option<Nanos>,
    /// What happens to tries that are given up.
    pub cancel: Cancel,
    /// Trying again.
    pub retry: Option<Retry>,
    /// What pays for it.
    pub budget: Option<Budget>,
    /// The waits before each further try, instead of those of `retry`; the last one repeats.
    pub schedule: Vec<Nanos>,
    /// Trying again as customers do.
    pub persistence: Option<Persistence>,
    /// The breaker.
    pub breaker: Option<breaker::Config>,
    /// How many tries may be under way.
    pub bulkhead: Option<u32>,
    /// How many calls are let through.
    pub limit: Option<Limit>,
    /// What is remembered of the answers.
    pub cache: Option<CacheModel>,
    /// The hedge.
    pub hedge: Option<Hedge>,
    /// Whether there is another answer when it fails.
    pub fallback: bool,
    /// Whether the caller goes on without waiting.
    pub asynchronous: bool,
}

impl Edge {
    /// Whether another way can use what this one keeps: as many callers, and a cache as well or none either.
    pub(crate) fn keeps(&self, other: &Self) -> bool {
        self.callers == other.callers && self.cache.is_some() == other.cache.is_some()
    }

    /// A plain call.
    pub fn to(name: &str, target: NodeId) -> Self {
        Self {
            name: name.to_owned(),
            target,
            calls: 1.0,
            callers: 1,
            keeper: None,
            latency: 0,
            hop: None,
            timeout: None,
            overall: None,
            cancel: Cancel::Never,
            retry: None,
            budget: None,
            schedule: Vec::new(),
            persistence: None,
            breaker: None,
            bulkhead: None,
            limit: None,
            cache: None,
            hedge: None,
            fallback: false,
            asynchronous: false,
        }
    }
}

/// How requests arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Poisson, at a rate that is linear between points of time (seconds, rate); the last rate stays.
    Open(Vec<(f64, f64)>),
    /// So many clients that think, ask, wait for the answer and think again.
    Closed {
        /// How many.
        clients: u32,
        /// How long they think.
        think: Distribution,
    },
    /// So many at one moment, one request each.
    Burst {
        /// How many.
        clients: u32,
        /// When, in seconds.
        at: f64,
    },
}

impl Arrivals {
    /// Poisson at one rate a second.
    pub fn poisson(rate: f64) -> Self {
        Self::Open(vec![(0.0, rate)])
    }

    /// The rate at a time, in requests a second; clients count at the rate that they would have without waiting.
    pub fn rate(&self, t: f64) -> f64 {
        match self {
            Self::Closed { clients, think } => f64::from(*clients) / think.mean().max(1e-9),
            Self::Burst { .. } => 0.0,
            Self::Open(points) => {
                let after = points.partition_point(|(at, _)| *at <= t);
                match (after.checked_sub(1).map(|at| points[at]), points.get(after)) {
                    (Some((from, low)), Some((to, high))) => low + (high - low) * (t - from) / (to - from),
                    (Some((_, rate)), None) => rate,
                    (None, Some((_, rate))) => *rate,
                    (None, None) => 0.0,
                }
            }
        }
    }

    /// How many requests there are in so many seconds; clients that ask again after each answer ask once here, since that
    /// depends on the answers.
    pub fn expected(&self, seconds: f64) -> f64 {
        let points = match self {
            Self::Closed { clients, .. } | Self::Burst { clients, .. } => return f64::from(*clients),
            Self::Open(points) => points,
        };
        let mut times: Vec<f64> = points.iter().map(|(at, _)| at.clamp(0.0, seconds)).collect();
        times.insert(0, 0.0);
        times.push(seconds);
        times.windows(2).map(|pair| (pair[1] - pair[0]) * (self.rate(pair[0]) + self.rate(pair[1])) / 2.0).sum()
    }

    /// The highest rate.
    pub fn peak(&self) -> f64 {
        match self {
            Self::Open(points) => points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max),
            Self::Closed { .. } | Self::Burst { .. } => self.rate(0.0),
        }
    }
}

/// Where requests come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name for reports.
    pub name: String,
    /// What each request calls.
    pub edge: EdgeId,
    /// When they come.
    pub arrivals: Arrivals,
    /// The class of its requests and of all that they call; 0 is the most important.
    pub class: u8,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The work of a station takes so many times as long.
    Slow(StationId, f64),
    /// The work of a station fails with a chance.
    Fail(StationId, f64),
    /// A station refuses everything.
    Crash(StationId),
    /// A station starts no new work.
    Stop(StationId),
    /// A share of the servers of a station is gone.
    Kill(StationId, f64),
    /// So large a share of the tries of an edge gets lost: nobody refuses them, nobody answers.
    Lose(EdgeId, f64),
    /// So large a share of what a station is given can't be handled, however often it is tried.
    Poison(StationId, f64),
    /// A source sends so many times as much.
    Spike(u32, f64),
    /// The cache of an edge is emptied.
    Flush(EdgeId),
    /// A new version takes over a station step by step.
    Release(StationId, Release),
    /// Servers of a station are taken away one by one, and come back.
    Spot(StationId, Spot),
}

/// A new version.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// How often the new version fails.
    pub failure: f64,
    /// How many times as long the new version takes.
    pub slow: f64,
    /// What decides, with shares of traffic; without it the new version takes over at once.
    pub canary: Option<loko_policy::canary::Config>,
}

/// Machines that are cheap because they are taken away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// How many servers go together.
    pub servers_each: u32,
    /// How many such groups there are.
    pub groups: u32,
    /// How often each is taken away, an hour.
    pub rate_per_h: f64,
    /// How long until another one works, on average, in seconds.
    pub back_s: f64,
}

/// A fault on the time line.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// When it begins.
    pub from: Nanos,
    /// When it is over.
    pub to: Nanos,
    /// What goes wrong.
    pub effect: Effect,
}

/// What is simulated.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// What does work.
    pub stations: Vec<Station>,
    /// What visits do.
    pub nodes: Vec<Node>,
    /// The ways of calls.
    pub edges: Vec<Edge>,
    /// Where requests come from.
    pub sources: Vec<Source>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl Network {
    /// Adds a station.
    pub fn station(&mut self, station: Station) -> StationId {
        self.stations.push(station);
        self.stations.len() as u32 - 1
    }

    /// Adds a node.
    pub fn node(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    /// Adds an edge.
    pub fn edge(&mut self, edge: Edge) -> EdgeId {
        self.edges.push(edge);
        self.edges.len() as u32 - 1
    }

    /// Adds a source.
    pub fn source(&mut self, name: &str, edge: EdgeId, arrivals: Arrivals) {
        self.sources.push(Source { name: name.to_owned(), edge, arrivals, class: 0 });
    }
}
