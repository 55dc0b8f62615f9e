//! The edge of a relation: what the model states about calls becomes policies.

use super::{Builder, ElementIx};
use crate::defaults;
use crate::distribution::Distribution;
use crate::network::{
    Budget, CacheModel, Cancel, Edge, EdgeId, Hedge, Limit, Node, NodeId, OnWrite, Persistence, Row, Station, Step,
};
use loko_model::behaviour::{Behaviour, Duration, Share};
use loko_model::{RelationIx, RelationKind};
use loko_policy::backoff::{Backoff, Jitter};
use loko_policy::breaker::{self, Slow, Trip};
use loko_policy::bucket::TokenBucket;
use loko_policy::budget::{FailureShare, Funding, TokenBudget};
use loko_policy::hedge::Delay;
use loko_policy::retry::Retry;
use loko_policy::window::{FixedWindow, SlidingLog};
use loko_policy::{Nanos, Ppm, SECOND, WHOLE, cache};

/// The most callers with policies of their own.
const CALLERS_MAX: u32 = 100_000;
/// How long a message waits before it is handed out again when nobody says.
const REDELIVERED_AFTER: Nanos = 30 * SECOND;
/// How often an outbox tries to send, a second, until it can.
const OUTBOX_RATE: f64 = 1.0;

fn time(duration: Duration) -> Nanos {
    duration.nanos()
}

fn ppm(share: f64) -> Ppm {
    libm::round(share * f64::from(WHOLE)) as Ppm
}

impl Builder<'_> {
    /// The edge of a relation, or a plain one when there is none.
    pub(super) fn edge(
        &mut self,
        relation: Option<RelationIx>,
        from: ElementIx,
        to: ElementIx,
        target: NodeId,
        entry: bool,
    ) -> EdgeId {
        let name = format!("{} → {}", self.id(from), self.id(to));
        let mut edge = Edge::to(&name, target);
        let Some(ix) = relation else {
            self.assumptions.insert(format!("{name}: no relation says how it is called, so it is called plainly"));
            return self.network.edge(edge);
        };
        let model = self.model;
        let relation = model.relation(ix);
        let behaviour = Behaviour::of_relation(relation);
        edge.asynchronous = relation.kind != RelationKind::Sync && !entry;
        let replicas = self.replicas(from).count;
        // A rate limit is one for all callers; all other policies each copy of the caller has for itself.
        let shared = behaviour.has("rate_limit");
        edge.callers = if shared { 1 } else { replicas.min(CALLERS_MAX) };
        // How often is the load's business when the edge is its own.
        if !entry {
            let calls = behaviour.number("calls");
            if calls.is_none() && !edge.asynchronous {
                self.assumptions.insert(format!("{name}: called once for each request"));
            }
            edge.calls = calls.unwrap_or(defaults::CALLS) * super::steps::chance(behaviour);
        } else if let Some(calls) = behaviour.number("calls") {
            edge.calls = calls;
        }
        // What is stated is there and back.
        let latency = behaviour.duration("latency.mean").or_else(|| behaviour.duration("latency.p50"));
        edge.latency = latency.map_or(0, |latency| time(latency) / 2);
        let varies =
            ["distribution", "cv", "p99", "tail", "parts"].iter().any(|key| behaviour.has(&format!("latency.{key}")));
        edge.hop = super::service::law(behaviour, "latency", 0.5).filter(|_| varies);
        self.timeouts(&mut edge, behaviour);
        edge.retry = self.retry(behaviour, &mut edge.budget, &mut edge.schedule);
        self.redelivery(&mut edge, from, to, behaviour);
        edge.breaker = self.breaker(&name, behaviour);
        let places = behaviour.count("bulkhead.limit").or_else(|| behaviour.count("breaker.max_requests"));
        edge.bulkhead = places.map(|places| places.clamp(1, u64::from(u32::MAX)) as u32);
        edge.limit = self.limit(&name, behaviour);
        edge.hedge = behaviour.table("hedge").map(hedge);
        edge.fallback = behaviour.has("fallback");
        let to_cache = defaults::of(model.element(to)).role == "cache";
        if behaviour.has("cache") && !to_cache {
            edge.cache = Some(self.cache_of(&name, behaviour));
        }
        edge.keeper = self.relations.get(&ix).and_then(|known| known.first().copied());
        let inner = self.pooled(&mut edge, ix, behaviour).or_else(|| self.versioned(&mut edge, behaviour));
        let edge = self.network.edge(edge);
        self.prices.edge(edge as usize, relation);
        let known = self.relations.entry(ix).or_default();
        known.push(edge);
        known.extend(inner);
        edge
    }

    /// A pool of connections is a station of its own: a call waits for one and keeps it until the answer is there.
    fn pooled(&mut self, edge: &mut Edge, relation: RelationIx, behaviour: Behaviour<'_>) -> Option<EdgeId> {
        let table = behaviour.table("pool")?;
        let size = table.count("size").unwrap_or(10).clamp(1, 1 << 24) as u32;
        let patience = table.duration("wait").map_or(30.0, Duration::secs);
        let inner = Edge {
            latency: edge.latency,
            hop: edge.hop.take(),
            ..Edge::to(&format!("{}, connection", edge.name), edge.target)
        };
        let inner = self.network.edge(inner);
        // One pool for all ways over the relation.
        let station = match self.pools.get(&relation) {
            Some(station) => *station,
            None => self.network.station(Station {
                patience: Some(Distribution::Constant(patience)),
                ..Station::new(&format!("pool of {}", edge.name), size.saturating_mul(edge.callers.max(1)))
            }),
        };
        self.pools.insert(relation, station);
        let work = Node::work(station, Distribution::Constant(0.0));
        edge.target = self.network.node(Node { holds: true, steps: vec![Step::one(inner)], ..work });
        edge.latency = 0;
        Some(inner)
    }

    /// Optimistic locking: the version is read, then written if nobody else has written meanwhile.
    fn versioned(&mut self, edge: &mut Edge, behaviour: Behaviour<'_>) -> Option<EdgeId> {
        if !behaviour.says("data.locking", "optimistic") {
            return None;
        }
        let row = edge.target;
        let target = self.network.nodes[edge.target as usize].clone();
        let read = self.network.node(Node { row: Some(Row::Read(row)), steps: Vec::new(), ..target.clone() });
        let write = self.network.node(Node { row: Some(Row::Write(row)), ..target });
        let way = |name: &str, target: NodeId| Edge {
            latency: edge.latency,
            hop: edge.hop.clone(),
            ..Edge::to(&format!("{}, {name}", edge.name), target)
        };
        let (reads, writes) = (way("read", read), way("write", write));
        let (reads, writes) = (self.network.edge(reads), self.network.edge(writes));
        edge.target = self.network.node(Node::calls([reads, writes]));
        (edge.latency, edge.hop) = (0, None);
        Some(writes)
    }

    /// Messages that could not be handled come again, so often and after such waits as the queue says.
    fn redelivery(&mut self, edge: &mut Edge, from: ElementIx, to: ElementIx, behaviour: Behaviour<'_>) {
        let model = self.model;
        let (source, target) = (Behaviour::of_element(model.element(from)), Behaviour::of_element(model.element(to)));
        let from_queue = defaults::of(model.element(from)).role == "queue or topic";
        let places = [
            (behaviour, "dead_letter"),
            (behaviour, "queue"),
            (source, "dead_letter"),
            (source, "queue"),
            (target, "jobs"),
        ];
        let stated =
            places.iter().filter(|(_, path)| from_queue || *path == "dead_letter").find_map(|(behaviour, path)| {
                let table = behaviour.table(path)?;
                let attempts = table.count("max_attempts");
                let waits: Vec<Nanos> = table.durations("schedule").into_iter().map(time).collect();
                (attempts.is_some() || !waits.is_empty()).then_some((attempts, waits))
            });
        if let Some((attempts, waits)) = stated
            && edge.retry.is_none()
        {
            let attempts = attempts.unwrap_or(waits.len() as u64).clamp(1, 1_000) as u32;
            edge.retry = Some(Retry { attempts, backoff: Backoff::constant(REDELIVERED_AFTER) });
            // The first pause is the one before the first attempt.
            edge.schedule = waits.into_iter().skip(1).collect();
        }
        let kept = behaviour.has("outbox") || (edge.asynchronous && source.has("outbox"));
        if kept && edge.retry.is_none() {
            edge.persistence = Some(Persistence { rate: OUTBOX_RATE, probability: 1.0 });
        }
    }

    fn timeouts(&mut self, edge: &mut Edge, behaviour: Behaviour<'_>) {
        let overall = behaviour.duration("timeout.overall").map(time);
        let per_try =
            behaviour.duration("retry.per_try_timeout").or_else(|| behaviour.duration("timeout.read")).map(time);
        edge.overall = overall;
        edge.timeout = per_try.filter(|per_try| overall.is_none_or(|overall| *per_try < overall));
        // Deadlines travel with requests in what people build today only when they say so; queues then drop them.
        edge.cancel = match behaviour.text("timeout.cancel").as_deref() {
            Some("at dequeue" | "at-dequeue" | "dequeue") => Cancel::AtDequeue,
            Some("abort") => Cancel::Abort,
            _ => Cancel::Never,
        };
    }

    fn retry(
        &mut self,
        behaviour: Behaviour<'_>,
        budget: &mut Option<Budget>,
        schedule: &mut Vec<Nanos>,
    ) -> Option<Retry> {
        let table = behaviour.table("retry")?;
        let defaults = Retry::default();
        let initial = table.duration("initial").map_or(defaults.backoff.initial, time);
        let factor = table.number("factor").map_or(2_000, |factor| (factor * 1_000.0) as u32);
        let constant = table.says("backoff", "constant");
        let jitter = match table.text("jitter").as_deref() {
            Some("none" | "false") => Jitter::None,
            Some("equal") => Jitter::Equal,
            Some("decorrelated") => Jitter::Decorrelated,
            Some("full" | "true") | None => Jitter::Full,
            Some(_) => table.share("jitter").map_or(Jitter::Full, |share| Jitter::Proportional(ppm(share.value()))),
        };
        *budget = retry_budget(table);
        *schedule = table.durations("schedule").into_iter().map(time).collect();
        let backoff = Backoff {
            initial,
            factor_milli: if constant { 1_000 } else { factor.max(1_000) },
            cap: table.duration("max").map_or(defaults.backoff.cap, time).max(initial),
            jitter,
        };
        let attempts = table.count("attempts").map_or(defaults.attempts, |attempts| attempts.clamp(1, 1_000) as u32);
        if table.says("backoff", "linear") && schedule.is_empty() {
            *schedule = (1..attempts.min(64)).map(|k| initial.saturating_mul(u64::from(k)).min(backoff.cap)).collect();
        }
        Some(Retry { attempts, backoff })
    }

    fn breaker(&mut self, name: &str, behaviour: Behaviour<'_>) -> Option<breaker::Config> {
        let table = behaviour.table("breaker")?;
        let trips = table.has("failures") || table.has("rate") || table.has("open") || table.has("half_open");
        if !trips {
            return None;
        }
        let defaults = breaker::Config::default();
        let trip = match table.share("rate") {
            Some(rate) => {
                let rate = ppm(rate.value());
                match table.duration("window") {
                    Some(window) => Trip::Time {
                        window: time(window),
                        minimum: table.count("min_calls").unwrap_or(20) as u32,
                        rate,
                    },
                    None => {
                        let size = table.count("window").unwrap_or(100) as u32;
                        let minimum = table.count("min_calls").map_or(size, |minimum| minimum as u32);
                        Trip::Count { size, minimum: minimum.min(size), rate }
                    }
                }
            }
            None => Trip::Consecutive(table.count("failures").unwrap_or(5) as u32),
        };
        let open = table.duration("open").map_or(defaults.open, time);
        let slow = table.duration("slow").filter(|_| !matches!(trip, Trip::Consecutive(_)));
        let config = breaker::Config {
            trip,
            slow: slow.map(|slow| Slow { over: time(slow), rate: WHOLE / 2 }),
            open,
            open_max: open,
            half_open: table.count("half_open").unwrap_or(1).max(1) as u32,
            ..defaults
        };
        match config.check() {
            Ok(()) => Some(config),
            Err(error) => {
                self.assumptions.insert(format!("{name}: its breaker is left out, {error}"));
                None
            }
        }
    }

    fn limit(&mut self, name: &str, behaviour: Behaviour<'_>) -> Option<Limit> {
        let table = behaviour.table("rate_limit")?;
        if table.has("key") {
            self.assumptions.insert(format!("{name}: its rate limit counts by key, and no key is thought to reach it"));
            return None;
        }
        let window = table.duration("window").map_or(SECOND, time);
        let count = table.count("limit").map(|limit| limit as u32);
        let limit = match (table.text("algorithm").as_deref(), count) {
            (Some("fixed-window"), Some(limit)) => FixedWindow::new(limit, window).map(Limit::Fixed),
            (Some("sliding-window"), Some(limit)) => SlidingLog::new(limit, window).map(Limit::Log),
            (_, Some(limit)) => TokenBucket::new(limit, limit, window).map(Limit::Bucket),
            (_, None) => {
                let refill = table
                    .rate("refill")
                    .or_else(|| table.rate("rate"))
                    .map_or(10.0, loko_model::behaviour::Rate::per_second);
                let tokens = table.count("tokens").unwrap_or(100) as u32;
                TokenBucket::new(tokens, (refill * 1_000.0) as u32, 1_000 * SECOND).map(Limit::Bucket)
            }
        };
        limit.ok()
    }

    fn cache_of(&mut self, name: &str, behaviour: Behaviour<'_>) -> CacheModel {
        let table = behaviour.table("cache");
        let text = |path: &str| table.and_then(|table| table.text(path));
        let eviction = match text("eviction").as_deref() {
            Some("fifo") => cache::Eviction::Fifo,
            Some("random") => cache::Eviction::Random,
            Some("lfu") => cache::Eviction::TinyLfu,
            _ => cache::Eviction::Lru,
        };
        let ttl = table.and_then(|table| table.duration("ttl")).map_or(300 * SECOND, time);
        let jitter = table.and_then(|table| table.share("jitter")).map_or(0, |share| ppm(share.value()));
        let capacity =
            table.and_then(|table| table.count("max_entries")).map_or(1 << 20, |entries| entries as u32).max(1);
        let keys = table.and_then(|table| table.count("keys")).map(|keys| keys.clamp(1, 1 << 24) as u32);
        let zipf = table.and_then(|table| table.number("zipf"));
        if keys.is_none() || zipf.is_none() {
            self.assumptions.insert(format!(
                "{name}: its cache is asked for {} keys, popular by Zipf's law with exponent {}",
                keys.unwrap_or(defaults::CACHE_KEYS),
                zipf.unwrap_or(defaults::CACHE_ZIPF)
            ));
        }
        let (keys, zipf) = (keys.unwrap_or(defaults::CACHE_KEYS), zipf.unwrap_or(defaults::CACHE_ZIPF).max(0.0));
        let told = |word: &str| table.is_some_and(|table| table.says("invalidation", word));
        let on_write = if table.is_some_and(|table| table.says("kind", "write-through")) {
            OnWrite::Update
        } else if told("event") || told("explicit") || told("versioned") {
            OnWrite::Invalidate
        } else {
            OnWrite::Nothing
        };
        let config = cache::Config {
            capacity,
            eviction,
            ttl: Some(ttl.max(1)),
            ttl_jitter: jitter.min(WHOLE),
            touch: cache::Touch::OnFill,
        };
        let single_flight = matches!(text("stampede").as_deref(), Some("single-flight" | "lock"));
        CacheModel {
            config,
            keys,
            zipf,
            single_flight,
            warm: table.and_then(|table| table.flag("warm")).unwrap_or(false),
            writes: table.and_then(|table| table.share("writes")).map_or(0.0, Share::value),
            on_write,
        }
    }

    /// Whoever asks a cache asks the databases behind it only on a miss.
    pub(super) fn cache_aside(&mut self, unit: ElementIx, steps: &[Step]) {
        let model = self.model;
        let all = self.calls(unit);
        let Some((relation, cache)) = all.iter().copied().find(|(relation, target)| {
            let stated = Behaviour::of_relation(model.relation(*relation)).has("cache");
            stated && defaults::of(model.element(*target)).role == "cache"
        }) else {
            return;
        };
        let name = format!("{} → {}", self.id(unit), self.id(cache));
        let described = self.cache_of(&name, Behaviour::of_relation(model.relation(relation)));
        let behind: Vec<EdgeId> = all
            .iter()
            .filter(|(_, target)| defaults::of(model.element(*target)).role == "database")
            .filter_map(|(relation, _)| self.relations.get(relation)?.last().copied())
            .filter(|edge| steps.iter().any(|step| step.edges.contains(edge)))
            .collect();
        for edge in &behind {
            self.network.edges[*edge as usize].cache = Some(described.clone());
        }
        self.caches.entry(cache).or_default().extend(behind);
    }
}

/// What pays for retries, as stated.
fn retry_budget(table: Behaviour<'_>) -> Option<Budget> {
    if let Some(most) = table.share("budget.max_failures") {
        return FailureShare::new(ppm(most.value())).ok().map(Budget::Failures);
    }
    let share = table.share("budget.ratio")?.value();
    let funding = if table.says("budget.by", "call") { Funding::FirstTry } else { Funding::Success };
    let tokens = table.number("budget.tokens").unwrap_or(10.0).clamp(1.0, 1e9);
    let (capacity, deposit) = ((tokens * 1_000.0) as u64, libm::round(share * 1_000.0).max(1.0) as u64);
    TokenBudget::new(funding, capacity, deposit, 1_000).ok().map(Budget::Tokens)
}

fn hedge(table: Behaviour<'_>) -> Hedge {
    let delay = match table.duration("after") {
        Some(after) => Delay::Fixed(time(after)),
        None => {
            let digits = table.text("after").and_then(|text| text.strip_prefix('p').map(str::to_owned));
            let share = digits.and_then(|digits| {
                let number: f64 = digits.parse().ok()?;
                Some(number / libm::pow(10.0, digits.len() as f64))
            });
            Delay::Quantile(ppm(share.unwrap_or(0.95)))
        }
    };
    let budget = table.share("budget").map_or(50_000, |share| ppm(share.value()));
    Hedge { delay, max: table.count("max").unwrap_or(1).clamp(1, 3) as u32, budget }
}
