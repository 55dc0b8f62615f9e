//! The keys of how elements and relations behave, each with its type, unit, default and meaning. One table serves
//! loading, "did you mean", the published schema, the documentation and every room that reads a value.
//!
//! Defaults are those of the pattern catalogue. They are what a reader takes when the table is there and the key is
//! not: `retry: {}` is three attempts, a second, two and four apart. Nothing is assumed where nothing is written.

#[allow(clippy::enum_glob_use, reason = "the table reads as words")]
use super::At::*;
use super::{At, Key, Role, Takes};
use crate::behaviour::Unit;

const ELEMENT: &[At] = At::ELEMENTS;
const PARTS: &[At] = &[System, Container, Component];
/// Where a way of behaving can be stated for an element as a whole, or for one relation.
const BOTH: &[At] = &[Person, System, Container, Component, Relation];

const SUBDOMAINS: &[&str] = &["core", "supporting", "generic"];
const BACKOFFS: &[&str] = &["constant", "linear", "exponential"];
const JITTERS: &[&str] = &["none", "full", "equal", "decorrelated"];
const DELIVERIES: &[&str] = &["at most once", "at least once", "exactly once"];
const LIMITERS: &[&str] = &["token-bucket", "leaky-bucket", "fixed-window", "sliding-window", "concurrency"];
const CACHE_KINDS: &[&str] = &["cache-aside", "read-through", "write-through", "write-behind", "refresh-ahead"];
const INVALIDATIONS: &[&str] = &["ttl", "event", "lru", "explicit", "versioned"];
const EVICTIONS: &[&str] = &["lru", "lfu", "fifo", "random", "ttl", "none"];
const STAMPEDES: &[&str] = &["none", "single-flight", "lock", "early-refresh"];
const STRATEGIES: &[&str] = &["recreate", "rolling", "blue-green", "canary"];
const SHARDINGS: &[&str] = &["horizontal", "vertical"];
const SHARD_METHODS: &[&str] = &["modulo", "range", "consistent hashing", "directory"];
const SAGAS: &[&str] = &["orchestration", "choreography"];
const BALANCERS: &[&str] = &["round robin", "least outstanding", "two choices", "weighted", "random", "hash"];
const EVENT_STYLES: &[&str] = &["notification", "state transfer", "domain", "sourcing"];
const SPREADS: &[&str] =
    &["constant", "exponential", "lognormal", "uniform", "gamma", "pareto", "weibull", "normal", "erlang"];
const DISCIPLINES: &[&str] = &["fifo", "lifo", "priority", "sharing"];
const CANCELS: &[&str] = &["never", "at dequeue", "abort"];
const FUNDINGS: &[&str] = &["success", "call"];
const BASES: &[&str] = &["container", "component", "system", "table", "event"];
const PAGINATIONS: &[&str] = &["cursor", "offset", "none"];
const UPLOADS: &[&str] = &["presigned", "chunked", "direct"];
const LOCKINGS: &[&str] = &["optimistic", "pessimistic", "none"];
const TOOLS_OF_METRICS: &[&str] = &["red", "use"];
const CONTEXT_RELATIONS: &[&str] = &[
    "partnership",
    "shared kernel",
    "customer-supplier",
    "conformist",
    "anti-corruption layer",
    "open host service",
    "published language",
    "separate ways",
];

const DURATION: Takes = Takes::Amount(Unit::Duration);
const DURATIONS: Takes = Takes::Amounts(Unit::Duration);
const RATE: Takes = Takes::Amount(Unit::Rate);
const SHARE: Takes = Takes::Amount(Unit::Share);
const PERCENT: Takes = Takes::Amount(Unit::Percent);
const SIZE: Takes = Takes::Amount(Unit::Size);
const MONEY: Takes = Takes::Amount(Unit::Money);
const NUMBER: Takes = Takes::Amount(Unit::Number);
const BOOL_OR_TEXT: Takes = Takes::AnyOf(&[Takes::Bool, Takes::Text]);
const COUNT_OR_TEXT: Takes = Takes::AnyOf(&[Takes::Count, Takes::Text]);
const COUNT_OR_PERCENT: Takes = Takes::AnyOf(&[Takes::Count, PERCENT]);

const fn key(name: &'static str, at: &'static [At], takes: Takes, doc: &'static str) -> Key {
    Key { name, aliases: &[], at, takes, role: Role::Behaviour, default: "", doc }
}

const fn or(key: Key, aliases: &'static [&'static str]) -> Key {
    Key { aliases, ..key }
}

/// A key with what holds when it is not given.
const fn def(name: &'static str, at: &'static [At], takes: Takes, default: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], at, takes, role: Role::Behaviour, default, doc }
}

/// The keys.
pub(super) const KEYS: &[Key] = &[
    // How much there is of an element, and how fast it is.
    key("replicas", ELEMENT, Takes::Count, "How many copies run."),
    key("concurrency", ELEMENT, Takes::Count, "How many requests one copy handles at a time."),
    key("service_time", ELEMENT, Takes::Short(ServiceTime, "mean"), "How long one request takes."),
    key("error_rate", ELEMENT, SHARE, "How often its own work fails."),
    key("capacity", ELEMENT, Takes::AnyOf(&[RATE, Takes::Count]), "How much it can take."),
    key("cold_start", ELEMENT, Takes::Short(ColdStart, "time"), "How long the first request waits."),
    key("pool", BOTH, Takes::Short(Pool, "size"), "The connections that are kept open and shared."),
    key("resources", ELEMENT, Takes::Table(Resources), "Processor and memory."),
    key("autoscaling", ELEMENT, Takes::Table(Autoscaling), "When copies are added and removed."),
    key("spot", ELEMENT, Takes::Short(Spot, "share"), "The part that runs on machines that can be taken away."),
    key("deployment_strategy", ELEMENT, Takes::Short(Strategy, "kind"), "How a new version replaces the old one."),
    key("load_balancing", BOTH, Takes::Short(Balancing, "method"), "How calls are spread over copies."),
    key("load_shedding", ELEMENT, Takes::Short(Shedding, "above"), "When calls are refused to save the rest."),
    key("leader_election", ELEMENT, Takes::Short(Election, "lease"), "How one copy of several is chosen."),
    // What keeps a call from doing harm.
    key("timeout", BOTH, Takes::Short(Timeout, "overall"), "After how long the caller gives up."),
    key("retry", BOTH, Takes::Short(Retry, "attempts"), "How often it tries again."),
    key("breaker", BOTH, Takes::Short(Breaker, "failures"), "When it stops trying for a while."),
    key("bulkhead", BOTH, Takes::Short(Bulkhead, "limit"), "How many calls may be under way."),
    key("rate_limit", BOTH, Takes::Short(RateLimit, "rate"), "How many calls are let through."),
    key("hedge", &[Relation], Takes::Short(Hedge, "after"), "When a second call is made beside a slow first one."),
    key("fallback", BOTH, Takes::Short(Fallback, "action"), "What happens instead when it fails."),
    key("idempotent", BOTH, BOOL_OR_TEXT, "Whether twice is the same as once, and by which key."),
    // What is remembered, kept waiting and delivered.
    key("cache", BOTH, Takes::Short(Cache, "ttl"), "What is remembered, and for how long."),
    key("queue", BOTH, Takes::Short(Queue, "capacity"), "What may wait, and how it is handed out."),
    key("batching", BOTH, Takes::Short(Batching, "size"), "How many are handled as one."),
    key("jobs", ELEMENT, Takes::Short(Jobs, "workers"), "How work is done that nobody waits for."),
    key("delivery", BOTH, Takes::OneOf(DELIVERIES), "How often a message may arrive."),
    key("ordering", BOTH, BOOL_OR_TEXT, "What keeps its order: `by order`, or `none`."),
    key("dead_letter", BOTH, Takes::Short(DeadLetter, "to"), "Where messages go that nobody can handle."),
    key("outbox", BOTH, BOOL_OR_TEXT, "Whether messages are written with the data that they tell of."),
    key("saga", ELEMENT, Takes::Short(Saga, "name"), "The saga that it leads or takes part in."),
    key("saga_step", &[Relation], Takes::Short(SagaPart, "step"), "The step of a saga that it is."),
    key("compensation", &[Relation], BOOL_OR_TEXT, "What undoes it; `true` on the relation that does."),
    // Events.
    key("events", ELEMENT, Takes::Items(Event, "name"), "The events it publishes."),
    key("consumes", ELEMENT, Takes::Items(Consumed, "name"), "The events it consumes."),
    key("schema", &[Relation], Takes::Text, "The contract of what travels, a file."),
    // The domain.
    key("subdomain", ELEMENT, Takes::OneOf(SUBDOMAINS), "How much it sets the business apart."),
    key("context", ELEMENT, Takes::Text, "The bounded context it belongs to."),
    key("aggregates", ELEMENT, Takes::Items(Aggregate, "name"), "The aggregates it owns."),
    key("root", &[Component], Takes::Text, "The aggregate whose root it is."),
    key("aggregate", &[Component], Takes::Text, "The aggregate inside which it lies."),
    // Data.
    key("data", BOTH, Takes::Short(Data, "classification"), "The data it keeps, or that travels."),
    key("sharding", ELEMENT, Takes::Short(Sharding, "kind"), "How its data is spread."),
    key("migrations", ELEMENT, Takes::Short(Migrations, "tool"), "How its schema changes."),
    // Security.
    key("auth", BOTH, Takes::Short(Auth, "kind"), "Who may call it, or how the source shows who it is."),
    key("secrets", ELEMENT, Takes::Items(Secret, "name"), "The secrets it needs, never their values."),
    key("permissions", ELEMENT, Takes::Texts, "What it may do."),
    key("encrypted", &[Relation], BOOL_OR_TEXT, "Whether others can read along, and how not."),
    key("validation", BOTH, BOOL_OR_TEXT, "Where input is checked before it is used."),
    // Interfaces.
    key("api", BOTH, Takes::Short(Api, "style"), "The interface that is offered."),
    key("upload", BOTH, Takes::Short(Upload, "kind"), "How files come in."),
    key("triggers", ELEMENT, Takes::Items(Trigger, "from"), "What starts it."),
    // How much travels.
    key("calls", &[Relation], NUMBER, "How many calls one request makes, all at once."),
    key("need", &[Relation], Takes::Count, "How many of them must answer before it goes on."),
    key("rate", &[Relation], RATE, "How many calls there are."),
    key("latency", &[Relation], Takes::Short(ServiceTime, "mean"), "How long the way takes."),
    key("probability", &[Relation], SHARE, "How often it happens."),
    key("weight", &[Relation], PERCENT, "Which share of the traffic takes this way."),
    // Promises, people and money.
    key("abstractness", ELEMENT, NUMBER, "How abstract it is, from 0 to 1, for its distance from the main sequence."),
    key("slo", ELEMENT, Takes::Table(Slo), "What it promises to those who use it."),
    key("cost", BOTH, Takes::Short(Cost, "monthly"), "What it costs."),
    key("budget", ELEMENT, Takes::Short(Budget, "limit"), "What it may cost, and what happens above."),
    key("language_model", BOTH, Takes::Short(LanguageModel, "name"), "The language model it calls, and how sparingly."),
    key("users", ELEMENT, NUMBER, "How many people use it."),
    key("team", ELEMENT, Takes::Text, "The team that works on it."),
    key("team_size", ELEMENT, Takes::Count, "How many people work on it."),
    key("read_write_ratio", ELEMENT, NUMBER, "How many reads there are for a write."),
    key("on_call", ELEMENT, Takes::Text, "Whom to wake."),
    key("runbook", ELEMENT, Takes::Text, "What to do when it breaks."),
    // What can be seen of it.
    key("health", ELEMENT, Takes::Short(Health, "path"), "How one sees that it is well."),
    key("logging", ELEMENT, Takes::Short(Logging, "format"), "What it writes down as it works."),
    key("metrics", ELEMENT, Takes::Short(Metrics, "path"), "What is counted and measured."),
    key("tracing", ELEMENT, Takes::Short(Tracing, "propagation"), "How a request is followed through systems."),
    key("tests", ELEMENT, Takes::Table(Testing), "The suites that guard it."),
    // Its life.
    key("patterns", ELEMENT, Takes::Items(Played, "id"), "The patterns it plays a role in."),
    key("status", ELEMENT, Takes::Text, "Where it is in its life: planned, active, deprecated."),
    key("lifecycle", ELEMENT, Takes::Text, "Where it is in its life."),
    key("since", ELEMENT, COUNT_OR_TEXT, "Since when it exists."),
    or(key("decisions", ELEMENT, Takes::Texts, "The decisions that shaped it."), &["adr"]),
    key("language", PARTS, Takes::AnyOf(&[Takes::Text, Takes::Texts]), "The language it is written in."),
    // timeout
    def("connect", &[Timeout], DURATION, "1s", "Until a connection stands."),
    def("read", &[Timeout], DURATION, "10s", "From one byte of the answer to the next."),
    def("overall", &[Timeout], DURATION, "30s", "For all of it, further attempts too."),
    def("cancel", &[Timeout], Takes::OneOf(CANCELS), "never", "What becomes of work that nobody waits for any more."),
    // retry
    def("attempts", &[Retry], Takes::Count, "3", "How many attempts there are, the first one too."),
    def("backoff", &[Retry], Takes::OneOf(BACKOFFS), "exponential", "How the pauses grow."),
    or(def("initial", &[Retry], DURATION, "1s", "The first pause."), &["base", "delay"]),
    or(def("factor", &[Retry], NUMBER, "2", "What the next pause is longer by."), &["multiplier"]),
    or(def("max", &[Retry], DURATION, "60s", "The longest pause."), &["cap", "max_delay"]),
    def(
        "jitter",
        &[Retry],
        Takes::AnyOf(&[Takes::OneOf(JITTERS), Takes::Bool, SHARE]),
        "full",
        "How pauses are spread.",
    ),
    key("budget", &[Retry], Takes::Short(RetryBudget, "ratio"), "How many retries there may be for all calls."),
    or(key("on", &[Retry], Takes::Texts, "The errors, or methods, that are tried again."), &["errors"]),
    key("schedule", &[Retry, Jobs, DeadLetter], DURATIONS, "The pauses, each stated."),
    key("per_try_timeout", &[Retry], DURATION, "After how long one attempt is given up."),
    def("ratio", &[RetryBudget], SHARE, "10 %", "Retries for each call."),
    key("min", &[RetryBudget], RATE, "Retries that are always allowed."),
    def(
        "by",
        &[RetryBudget],
        Takes::OneOf(FUNDINGS),
        "success",
        "What fills it: calls that succeed, or calls that start.",
    ),
    def("tokens", &[RetryBudget], NUMBER, "10", "How many retries it holds at most."),
    key(
        "max_failures",
        &[RetryBudget],
        SHARE,
        "No retries while more tries for each call than this have failed so far.",
    ),
    // breaker
    def("failures", &[Breaker], Takes::Count, "5", "Failures in a row that open it."),
    key("rate", &[Breaker], SHARE, "The share of failures that opens it."),
    key(
        "window",
        &[Breaker],
        Takes::AnyOf(&[Takes::Count, DURATION]),
        "How many calls, or how long, the share is taken over.",
    ),
    key("min_calls", &[Breaker], Takes::Count, "Calls below which it stays closed."),
    def("open", &[Breaker], DURATION, "60s", "How long it stays open."),
    def("half_open", &[Breaker], Takes::Count, "1", "Trial calls when it is half open."),
    key("slow", &[Breaker], DURATION, "A call slower than this counts as failed."),
    key("max_requests", &[Breaker], Takes::Count, "Calls that may wait or run at a time."),
    key("outlier", &[Breaker, Balancing], Takes::Table(Outlier), "When one copy of several is left out."),
    def("consecutive_errors", &[Outlier], Takes::Count, "5", "Errors in a row."),
    def("ejection", &[Outlier], DURATION, "30s", "How long it is left out."),
    def("max_ejected", &[Outlier], PERCENT, "10 %", "The part of all copies that may be left out."),
    // bulkhead
    or(key("limit", &[Bulkhead], Takes::Count, "Calls under way at a time."), &["max_concurrent", "concurrency"]),
    def("queue", &[Bulkhead], Takes::Count, "0", "Calls that may wait for a place."),
    key("max_wait", &[Bulkhead, Pool], DURATION, "How long a call waits for a place."),
    // rate_limit
    def("algorithm", &[RateLimit], Takes::OneOf(LIMITERS), "token-bucket", "How it is counted."),
    key("rate", &[RateLimit], RATE, "How many are let through."),
    key("limit", &[RateLimit], Takes::Count, "How many in a window."),
    or(key("window", &[RateLimit], DURATION, "The window."), &["per"]),
    or(def("tokens", &[RateLimit], Takes::Count, "100", "The tokens that the bucket holds."), &["burst"]),
    def("refill", &[RateLimit], RATE, "10/s", "Tokens that come back."),
    key("key", &[RateLimit], Takes::Text, "Whom it counts by: user, address …"),
    key("cost", &[RateLimit], Takes::Count, "Tokens that a call costs."),
    key("headers", &[RateLimit], Takes::Bool, "Whether answers say what is left."),
    // hedge, fallback
    key("after", &[Hedge], Takes::AnyOf(&[DURATION, Takes::Text]), "When the second call is made: a time, or `p95`."),
    def("max", &[Hedge], Takes::Count, "1", "Further calls at most."),
    def("budget", &[Hedge], SHARE, "5 %", "Hedged calls for each call."),
    key("action", &[Fallback], Takes::Text, "What is done instead."),
    key("to", &[Fallback], Takes::Text, "The element that is asked instead."),
    key("stale", &[Fallback], DURATION, "How old a remembered answer may be."),
    // cache
    key("kind", &[Cache], Takes::OneOf(CACHE_KINDS), "Who fills it, and when."),
    def("ttl", &[Cache], DURATION, "300s", "How long an entry lives."),
    key(
        "invalidation",
        &[Cache],
        Takes::AnyOf(&[Takes::OneOf(INVALIDATIONS), Takes::Texts]),
        "What makes an entry go.",
    ),
    key("eviction", &[Cache], Takes::OneOf(EVICTIONS), "Which entry goes when it is full."),
    or(key("max_memory", &[Cache], SIZE, "How much it holds."), &["size"]),
    or(key("max_entries", &[Cache], Takes::AnyOf(&[Takes::Count, NUMBER]), "How many entries it holds."), &["entries"]),
    key("hit_ratio", &[Cache], SHARE, "How many reads it answers."),
    key("key", &[Cache], Takes::Text, "What an entry is found by."),
    key("keys", &[Cache], Takes::Count, "How many keys are asked for."),
    key("zipf", &[Cache], NUMBER, "How unequal their popularity is: the exponent of Zipf's law, 0 for all alike."),
    key("warm", &[Cache], Takes::Bool, "Whether it holds everything at the start."),
    key("writes", &[Cache], SHARE, "How many of the calls write."),
    key("jitter", &[Cache], SHARE, "How far lives of entries are spread."),
    key("stampede", &[Cache], Takes::OneOf(STAMPEDES), "What keeps many from filling one entry at once."),
    key("stale_if_error", &[Cache], DURATION, "How old an entry may be when it cannot be filled."),
    key("stale_while_revalidate", &[Cache], DURATION, "How old an entry may be while it is filled anew."),
    // queue, dead letters, jobs, batches
    or(key("capacity", &[Queue], Takes::Count, "How many may wait."), &["limit", "max_length"]),
    key("partitions", &[Queue], Takes::Count, "Parts that are read side by side."),
    key("key", &[Queue, Sharding], Takes::Text, "What keeps things together."),
    def("discipline", &[Queue], Takes::OneOf(DISCIPLINES), "fifo", "Who is next."),
    key("patience", &[Queue], DURATION, "After how long whoever waits leaves."),
    key("retention", &[Queue], Takes::AnyOf(&[DURATION, Takes::Text]), "How long messages are kept."),
    key("visibility", &[Queue], DURATION, "How long a reader has a message for itself."),
    or(
        def("max_attempts", &[Queue, Jobs, DeadLetter], Takes::Count, "4", "Attempts before it is given up."),
        &["attempts"],
    ),
    def("schedule", &[Queue], DURATIONS, "0s, 1m, 5m, 30m", "Pauses before each attempt."),
    key("alert_above", &[Queue, DeadLetter], Takes::Count, "How many waiting are too many."),
    key("batch", &[Queue], Takes::Count, "How many are read at once."),
    key("wait", &[Queue, Batching], DURATION, "How long a batch waits to be full."),
    key("consumers", &[Queue], Takes::OneOf(&["one", "many"]), "Whether a message goes to one reader or to each."),
    key("to", &[DeadLetter], Takes::Text, "The queue they go to."),
    key("replay", &[DeadLetter], BOOL_OR_TEXT, "How they are sent again."),
    def("workers", &[Jobs], Takes::Count, "1", "How many work at a time."),
    key("delivery", &[Jobs], Takes::OneOf(DELIVERIES), "How often a job may run."),
    key("visibility", &[Jobs], DURATION, "How long a worker has a job for itself."),
    def("size", &[Batching], Takes::Count, "100", "How many are handled as one."),
    // service_time, cold_start, pool, load balancing, shedding, election
    key("mean", &[ServiceTime], DURATION, "On average."),
    key("p50", &[ServiceTime, Slo], DURATION, "Half of all are faster."),
    key("p90", &[ServiceTime, Slo], DURATION, "Nine of ten are faster."),
    key("p95", &[ServiceTime, Slo], DURATION, "95 of 100 are faster."),
    key("p99", &[ServiceTime, Slo], DURATION, "99 of 100 are faster."),
    key("p999", &[ServiceTime, Slo], DURATION, "999 of 1000 are faster."),
    key("distribution", &[ServiceTime], Takes::OneOf(SPREADS), "How it spreads."),
    key("cv", &[ServiceTime], NUMBER, "The standard deviation for each mean."),
    key("shape", &[ServiceTime], NUMBER, "The shape of `gamma`, `weibull`, `pareto` or `erlang`."),
    key(
        "parts",
        &[ServiceTime],
        Takes::Any,
        "A mixture of exponentials: shares and means, `[[\"99 %\", \"1ms\"], [\"1 %\", \"50ms\"]]`.",
    ),
    key(
        "tail",
        &[ServiceTime],
        Takes::Any,
        "Times and the shares that take longer, `[[\"10ms\", \"2 %\"], [\"1s\", \"0.01 %\"]]`.",
    ),
    key("per_event", &[ServiceTime], DURATION, "What each event adds that is replayed since the last snapshot."),
    key(
        "service",
        &[ColdStart],
        Takes::Short(ServiceTime, "mean"),
        "How long the first request of a copy takes in all.",
    ),
    key("time", &[ColdStart], DURATION, "How long the first request waits."),
    key("keep_warm", &[ColdStart], Takes::Count, "Copies that are always ready."),
    key("idle", &[ColdStart], DURATION, "After how long a copy that does nothing goes."),
    def("size", &[Pool], Takes::Count, "10", "Connections at most."),
    key("min_idle", &[Pool], Takes::Count, "Connections that are always open."),
    or(def("wait", &[Pool], DURATION, "30s", "How long one waits for a connection."), &["acquire_timeout"]),
    key("leak_after", &[Pool], DURATION, "After how long a connection not given back is told of."),
    key("max_lifetime", &[Pool], DURATION, "After how long a connection is replaced."),
    key("idle", &[Pool], DURATION, "After how long an unused connection is closed."),
    def("method", &[Balancing], Takes::OneOf(BALANCERS), "round robin", "How a copy is chosen."),
    def("choices", &[Balancing], Takes::Count, "2", "How many copies are compared by `two choices`."),
    key("health_check", &[Balancing], Takes::Text, "What shows that a copy is well."),
    key(
        "above",
        &[Shedding],
        Takes::AnyOf(&[PERCENT, RATE, DURATION]),
        "The load, rate or waiting time above which calls are refused.",
    ),
    key("priorities", &[Shedding], Takes::Texts, "What is refused last, first in the list."),
    def("lease", &[Election], DURATION, "15s", "How long a leader stays one unheard."),
    def("renew", &[Election], DURATION, "5s", "How often it says that it lives."),
    key("store", &[Election], Takes::Text, "Where the lease is kept."),
    key("fencing", &[Election], Takes::Bool, "Whether writes of a former leader are refused."),
    // resources, autoscaling, spot, deployment
    key("requests", &[Resources], Takes::Table(Amounts), "What it is sure to get."),
    key("limits", &[Resources], Takes::Table(Amounts), "What it gets at most."),
    key("cpu", &[Amounts, Resources], Takes::Amount(Unit::Cpu), "Processors."),
    key("memory", &[Amounts, Resources], SIZE, "Memory."),
    key("storage", &[Amounts, Resources], SIZE, "Disk."),
    def("min", &[Autoscaling], Takes::Count, "2", "Copies at least; 0 scales to zero."),
    def("max", &[Autoscaling], Takes::Count, "10", "Copies at most."),
    def("metric", &[Autoscaling], Takes::Text, "cpu", "What is looked at."),
    def("target", &[Autoscaling], Takes::AnyOf(&[PERCENT, RATE, Takes::Count, DURATION]), "80 %", "Where it is kept."),
    key("cooldown", &[Autoscaling], DURATION, "How long it rests after a change."),
    key("vertical", &[Autoscaling], BOOL_OR_TEXT, "Whether requests and limits are adjusted."),
    key("schedule", &[Autoscaling], Takes::Texts, "When it is scaled by the clock."),
    key("share", &[Spot], PERCENT, "The part of all copies."),
    key("interruptions", &[Spot], RATE, "How often each of them is taken away."),
    key("back", &[Spot], DURATION, "How long until another one works."),
    key("discount", &[Spot], PERCENT, "What is saved."),
    key("notice", &[Spot], DURATION, "How long before it goes one is told."),
    key("on_interruption", &[Spot], Takes::Text, "What happens to the work under way."),
    def("kind", &[Strategy], Takes::OneOf(STRATEGIES), "rolling", "How."),
    or(
        def(
            "weights",
            &[Strategy],
            Takes::Amounts(Unit::Percent),
            "10, 25, 50, 100",
            "Shares of traffic for the new version.",
        ),
        &["steps"],
    ),
    or(def("every", &[Strategy], DURATION, "5m", "How long each share is watched."), &["for", "interval"]),
    def("max_error_rate", &[Strategy], SHARE, "1 %", "Errors above which it goes back."),
    key("max_p95", &[Strategy], Takes::AnyOf(&[DURATION, Takes::Text]), "The slowest 5 % above which it goes back."),
    key("max_crashes", &[Strategy], Takes::Count, "Crashes above which it goes back."),
    key("rollback", &[Strategy], BOOL_OR_TEXT, "How it goes back."),
    key("soak", &[Strategy], DURATION, "How long the old version is kept."),
    key("max_unavailable", &[Strategy], COUNT_OR_PERCENT, "Copies that may be missing."),
    key("max_surge", &[Strategy], COUNT_OR_PERCENT, "Copies that may be too many."),
    key("readiness", &[Strategy, Health], Takes::Text, "What shows that a copy may have traffic."),
    // slo, cost
    key("availability", &[Slo], SHARE, "How much of the time it answers."),
    key("success", &[Slo], SHARE, "How many requests succeed."),
    key("error_rate", &[Slo], SHARE, "How many requests may fail."),
    key("delay", &[Slo], DURATION, "How long until it is done."),
    key("lag", &[Slo], DURATION, "How far it may be behind."),
    key("window", &[Slo], DURATION, "Over which time it is counted."),
    key("throughput", &[Slo], RATE, "How many requests it takes."),
    key("rpo", &[Slo], DURATION, "How much data may be lost."),
    key("rto", &[Slo], DURATION, "How long until it is back."),
    key("monthly", &[Cost], MONEY, "For a month."),
    key("hourly", &[Cost], MONEY, "For a copy and hour."),
    or(key("per_call", &[Cost], MONEY, "For a call."), &["per_request"]),
    key("per_gb", &[Cost], MONEY, "For a gigabyte."),
    key("items", &[Cost], Takes::Tables(CostItem), "What it is made of."),
    key("name", &[CostItem], Takes::Text, "What is paid for."),
    key("monthly", &[CostItem], MONEY, "For a month."),
    key("per_call", &[CostItem], MONEY, "For a call."),
    key("limit", &[Budget], MONEY, "What it may cost."),
    def("per", &[Budget], Takes::Text, "month", "In which time."),
    key("estimate", &[Budget], BOOL_OR_TEXT, "Whether the cost is estimated before anything runs."),
    def("above", &[Budget], Takes::OneOf(&["refuse", "warn", "ask"]), "refuse", "What happens above."),
    key("name", &[LanguageModel], Takes::Text, "The model."),
    key("small", &[LanguageModel], Takes::Text, "The model that is asked first."),
    key("cache", &[LanguageModel], Takes::AnyOf(&[Takes::Bool, DURATION]), "Whether answers are kept, and how long."),
    key("batch", &[LanguageModel], Takes::Count, "How many questions are asked at once."),
    key("budget", &[LanguageModel], MONEY, "What it may cost a month."),
    // data, sharding, migrations
    key("classification", &[Data], Takes::Text, "How sensitive it is: public, internal, confidential, personal …"),
    key("retention", &[Data], Takes::Text, "How long it is kept."),
    key("soft_delete", &[Data], BOOL_OR_TEXT, "Whether rows are marked and not removed, and by which column."),
    key("audit", &[Data], BOOL_OR_TEXT, "Whether every change is kept: who, what, before, after."),
    key("locking", &[Data], Takes::OneOf(LOCKINGS), "How two writers are kept apart."),
    key("version_column", &[Data], Takes::Text, "The column that counts changes."),
    key("indexes", &[Data], Takes::Texts, "What is found fast."),
    key("foreign_keys", &[Data], Takes::Texts, "What refers to what, and what goes along when it is removed."),
    key("triggers", &[Data], Takes::Texts, "What the database does by itself."),
    key("backup", &[Data], BOOL_OR_TEXT, "How it is saved, and how often."),
    key("access", &[Data], Takes::Text, "How code gets at it: an ORM, SQL."),
    key("event_store", &[Data], BOOL_OR_TEXT, "Whether the events are the data."),
    key("snapshot_every", &[Data], Takes::Count, "After how many events a snapshot is taken."),
    key("upcasting", &[Data], BOOL_OR_TEXT, "How old versions of events are read."),
    def("kind", &[Sharding], Takes::OneOf(SHARDINGS), "horizontal", "By rows, or by tables."),
    key("shards", &[Sharding], Takes::Count, "How many parts there are."),
    key("keys", &[Sharding], Takes::Count, "How many keys there are."),
    key("zipf", &[Sharding], NUMBER, "How unequal their popularity is: the exponent of Zipf's law."),
    or(
        def("method", &[Sharding], Takes::OneOf(SHARD_METHODS), "modulo", "How the part of a key is found."),
        &["scheme"],
    ),
    key("groups", &[Sharding], Takes::Texts, "The tables that stay together."),
    key("rebalance", &[Sharding], BOOL_OR_TEXT, "How parts are added."),
    key("tool", &[Migrations], Takes::Text, "What runs them."),
    key("reversible", &[Migrations], Takes::Bool, "Whether each can be taken back."),
    key("steps", &[Migrations], Takes::Texts, "The steps: expand, migrate, contract."),
    key("backup", &[Migrations], BOOL_OR_TEXT, "What is saved before."),
    key("watch", &[Migrations], DURATION, "How long it is watched afterwards."),
    key("rollback", &[Migrations], BOOL_OR_TEXT, "How it is taken back."),
    // auth, secrets
    key("kind", &[Auth], Takes::Text, "How: jwt, mtls, api-key, session, none …"),
    def("algorithm", &[Auth], Takes::Text, "RS256", "What tokens are signed with."),
    def("access_token", &[Auth], DURATION, "15m", "How long an access token is good."),
    def("refresh_token", &[Auth], DURATION, "7d", "How long a refresh token is good."),
    key("rotate", &[Auth], Takes::Bool, "Whether a refresh token is replaced when it is used."),
    key("reuse_detection", &[Auth], Takes::Bool, "Whether a refresh token used twice ends the session."),
    key("cookie", &[Auth], Takes::Text, "How the refresh token is kept: HttpOnly."),
    key("roles", &[Auth], Takes::Texts, "The roles there are."),
    def("default", &[Auth], Takes::OneOf(&["deny", "allow"]), "deny", "What holds when no rule fits."),
    key("matrix", &[Auth], Takes::Any, "What each role may do: roles to lists of permissions."),
    key("name", &[Secret], Takes::Text, "Its name at the provider, such as `vault:orders/db`."),
    key("provider", &[Secret], Takes::Text, "Who keeps it: environment, file, vault …"),
    key("rotation", &[Secret], DURATION, "After how long it is replaced."),
    // interfaces
    key("style", &[Api], Takes::Text, "rest, grpc, graphql, websocket …"),
    key("contract", &[Api], Takes::Text, "The file that states it, such as an OpenAPI document."),
    key("version", &[Api], COUNT_OR_TEXT, "Its version."),
    key("resources", &[Api], Takes::Texts, "What it offers."),
    key("pagination", &[Api], Takes::OneOf(PAGINATIONS), "How long lists are cut."),
    key("page_size", &[Api], Takes::Count, "How many a page has."),
    key("errors", &[Api], Takes::Text, "The form of errors."),
    key("max_depth", &[Api], Takes::Count, "How deep a query may nest."),
    key("max_cost", &[Api], Takes::Count, "How much a query may cost."),
    key("batched_loads", &[Api], Takes::Bool, "Whether loads of one query are joined."),
    key("clients", &[Api], Takes::Texts, "The kinds of clients it is made for."),
    key("kind", &[Upload], Takes::OneOf(UPLOADS), "How."),
    key("part_size", &[Upload], SIZE, "How large a part is."),
    key("max_size", &[Upload], SIZE, "How large a file may be."),
    key("expires", &[Upload], DURATION, "How long an address is good."),
    key("from", &[Trigger], Takes::Text, "What starts it: an element, an event or a schedule."),
    key("kind", &[Trigger], Takes::Text, "http, event, schedule, message …"),
    key("batch", &[Trigger], Takes::Count, "How many at once."),
    // events
    key("name", &[Event, Consumed], Takes::Text, "Its name, `<entity>.<action>`."),
    key("version", &[Event, Consumed], COUNT_OR_TEXT, "The version of its schema."),
    key("schema", &[Event], Takes::Text, "Its JSON Schema, a file."),
    key("style", &[Event], Takes::OneOf(EVENT_STYLES), "How much it carries."),
    key("description", &[Event], Takes::Text, "What happened."),
    key("topic", &[Event], Takes::Text, "The element through which it travels."),
    key("examples", &[Event], Takes::Any, "What it may look like."),
    key("action", &[Consumed], Takes::Text, "What is done about it."),
    // the domain
    key("name", &[Aggregate], Takes::Text, "Its name."),
    key("root", &[Aggregate], Takes::Text, "The one through which all else is reached."),
    key("members", &[Aggregate], Takes::Texts, "What lies inside."),
    key("invariants", &[Aggregate], Takes::Texts, "What always holds."),
    key("references", &[Aggregate], Takes::Texts, "Other aggregates, by id only."),
    // sagas
    key("name", &[Saga], Takes::Text, "Its name."),
    key("kind", &[Saga], Takes::OneOf(SAGAS), "Who says what comes next."),
    key("timeout", &[Saga], DURATION, "After how long it is undone."),
    key("steps", &[Saga], Takes::Tables(SagaStep), "The steps in order."),
    key("step", &[SagaStep, SagaPart], Takes::Count, "Its number."),
    key("action", &[SagaStep], Takes::Text, "What is done."),
    key("at", &[SagaStep], Takes::Text, "The element that does it."),
    or(key("compensation", &[SagaStep], BOOL_OR_TEXT, "What undoes it; `false` when nothing has to."), &["undo"]),
    key("timeout", &[SagaStep], DURATION, "After how long the step has failed."),
    key("idempotent", &[SagaStep], BOOL_OR_TEXT, "Whether twice is the same as once."),
    key("saga", &[SagaPart], Takes::Text, "The saga's name, when there are several."),
    // what can be seen
    key("path", &[Health, Metrics], Takes::Text, "Where it is asked."),
    key("liveness", &[Health], Takes::Text, "What shows that it is alive."),
    key("interval", &[Health], DURATION, "How often it is asked."),
    def("format", &[Logging], Takes::Text, "json", "The form of a line."),
    key("correlation_id", &[Logging, Tracing], BOOL_OR_TEXT, "What ties all lines of one request."),
    key("collector", &[Logging, Tracing, Metrics], Takes::Text, "Who gathers it."),
    key("retention", &[Logging, Metrics, Tracing], DURATION, "How long it is kept."),
    key("redact", &[Logging], Takes::Texts, "What is never written down."),
    key(
        "methods",
        &[Metrics],
        Takes::AnyOf(&[Takes::OneOf(TOOLS_OF_METRICS), Takes::Texts]),
        "What is measured: `red`, `use`.",
    ),
    key("alerts", &[Metrics], Takes::Texts, "What wakes somebody."),
    key("dashboard", &[Metrics], Takes::Text, "Where it is seen."),
    def("propagation", &[Tracing], Takes::Text, "w3c", "How a trace goes on."),
    key("exporter", &[Tracing], Takes::Text, "Where traces go."),
    key("sample", &[Tracing], SHARE, "How many requests are traced."),
    key("unit", &[Testing], COUNT_OR_TEXT, "Tests of one part by itself."),
    key("integration", &[Testing], COUNT_OR_TEXT, "Tests of parts together."),
    or(key("end_to_end", &[Testing], COUNT_OR_TEXT, "Tests of the whole."), &["e2e"]),
    key("contract", &[Testing], COUNT_OR_TEXT, "Tests of what two sides agreed on."),
    // patterns
    key("id", &[Played], Takes::Text, "The pattern."),
    key("version", &[Played], COUNT_OR_TEXT, "The version of the pattern that was applied."),
    key("role", &[Played], Takes::AnyOf(&[Takes::Text, Takes::Texts]), "The role it plays."),
    key("instance", &[Played], Takes::Text, "Which of several uses of the pattern."),
    key("params", &[Played], Takes::Any, "The parameters it was applied with."),
    key("basis", &[Played], Takes::OneOf(BASES), "What the role is bound to."),
    // contexts.toml
    key("context", &[ContextsFile], Takes::Tables(Context), "The bounded contexts."),
    or(key("relation", &[ContextsFile], Takes::Tables(ContextRelation), "How contexts bear on each other."), &["map"]),
    key("id", &[Context], Takes::Text, "Its id."),
    key("name", &[Context], Takes::Text, "The name for people."),
    key("description", &[Context], Takes::Text, "What it is about."),
    key("subdomain", &[Context], Takes::OneOf(SUBDOMAINS), "How much it sets the business apart."),
    key("team", &[Context], Takes::Text, "The team that works on it."),
    key("elements", &[Context], Takes::Texts, "The elements inside."),
    key("aggregates", &[Context], Takes::Texts, "The aggregates inside."),
    key("language", &[Context], Takes::TextMap, "What words mean there."),
    or(key("upstream", &[ContextRelation], Takes::Text, "The one that can change things without asking."), &["to"]),
    or(key("downstream", &[ContextRelation], Takes::Text, "The one that depends on it."), &["from"]),
    or(key("pattern", &[ContextRelation], Takes::OneOf(CONTEXT_RELATIONS), "How they bear on each other."), &["kind"]),
    key("at", &[ContextRelation], Takes::Text, "The element that translates."),
    or(key("note", &[ContextRelation], Takes::Text, "What passes between them."), &["description"]),
];
