//! Policies of distributed systems as state machines: retries, breakers, limits, caches, queues, sagas, shards, scaling.
//!
//! One policy is one module; each module's page holds its transition table, its defaults and where they come from.
//!
//! What always holds:
//! - Time and randomness are arguments. Nothing here reads a clock, starts a thread, sleeps or does I/O, so the same
//!   code runs in a server, in a generated service and under the virtual time of a simulation.
//! - Time is [`Nanos`], nanoseconds since any fixed moment, and never runs backwards; a call with an earlier time than
//!   the last is treated as if no time had passed.
//! - Rates and shares are integers in parts per million ([`Ppm`]), so that no comparison hangs on rounding.
//! - The hot path allocates nothing; what is needed is allocated when a policy is made.
//! - Every state can be written down and read back with serde.
//! - A configuration that can't work is an error with a reason ([`ConfigError`]), found when the policy is made.
//!
//! Left to others: doing the calls, waiting, and everything asynchronous.

pub mod autoscale;
pub mod backoff;
pub mod balance;
pub mod breaker;
pub mod bucket;
pub mod budget;
pub mod bulkhead;
pub mod cache;
pub mod canary;
pub mod concurrency;
pub mod cursor;
pub mod deadline;
pub mod event_store;
pub mod fallback;
pub mod flight;
pub mod hedge;
pub mod lease;
pub mod outbox;
pub mod projection;
pub mod queue;
pub mod random;
pub mod retry;
pub mod saga;
pub mod shard;
pub mod shedding;
pub mod sketch;
pub mod tiny_lfu;
pub mod window;

pub use random::Random;

/// Nanoseconds, as a moment since any fixed start or as a length of time.
pub type Nanos = u64;

/// One microsecond.
pub const MICROSECOND: Nanos = 1_000;
/// One millisecond.
pub const MILLISECOND: Nanos = 1_000_000;
/// One second.
pub const SECOND: Nanos = 1_000_000_000;
/// One minute.
pub const MINUTE: Nanos = 60 * SECOND;
/// One hour.
pub const HOUR: Nanos = 60 * MINUTE;

/// A share in parts per million: `500_000` is one half.
pub type Ppm = u32;

/// The whole, in parts per million.
pub const WHOLE: Ppm = 1_000_000;

/// Whether `part` of `total` is at least `share`. Nothing of nothing is not.
pub fn reaches(part: u64, total: u64, share: Ppm) -> bool {
    total > 0 && u128::from(part) * u128::from(WHOLE) >= u128::from(total) * u128::from(share)
}

/// Why a configuration can't work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The setting.
    pub setting: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.setting, self.reason)
    }
}

impl std::error::Error for ConfigError {}

/// An error unless the condition holds.
pub(crate) fn ensure(holds: bool, setting: &'static str, reason: &'static str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError { setting, reason }) }
}
