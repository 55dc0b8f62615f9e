//! The policies of `loko-policy` as layers of `tower`: the same state machines that the simulation runs, around real calls.
//!
//! | layer | policy |
//! |---|---|
//! | [`GuardLayer`] of a [`guard::Breaker`], [`guard::Limit`], [`guard::Bulkhead`] or [`guard::Adaptive`] | leave to make a call, taken before and given back after it |
//! | [`RetryLayer`] | attempts, waits, budget, overall deadline |
//! | [`TimeoutLayer`] | the time of one try |
//! | [`HedgeLayer`] | a second call beside a slow first one |
//!
//! A layer adds what the policies leave out: a clock ([`Clock`]), randomness, sleeping, and a lock around the state, which
//! is held for a decision and never while waiting. Clones of a service share their policy, as `tower` expects. From outside
//! to inside they are meant in the order deadline, retry, hedge, breaker, limit, bulkhead, timeout. Refusals are answers
//! of their own ([`Error::Refused`]), so an outer retry can tell them from failures.

pub mod guard;
mod hedge;
mod retry;
mod timeout;

pub use guard::{Guard, GuardLayer, Guarded};
pub use hedge::{HedgeLayer, Hedged};
pub use retry::{Retried, RetryLayer};
pub use timeout::{Timed, TimeoutLayer};

use loko_policy::Nanos;
use loko_policy::random::SplitMix64;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// What a call came to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error<E> {
    /// The call was made and failed.
    #[error("the call failed")]
    Inner(#[source] E),
    /// A policy did not let the call out.
    #[error("refused by the {by}")]
    Refused {
        /// Which policy.
        by: &'static str,
        /// When it makes sense to come back, if that is known.
        retry_after: Option<Nanos>,
    },
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
}

/// A future on the heap: layers await policies and calls in turn.
pub type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, Error<E>>> + Send>>;

/// Nanoseconds since a moment, by the clock of the runtime, which tests can stop.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Default for Clock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock {
    /// How long it has been running.
    pub fn now(&self) -> Nanos {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(Nanos::MAX)
    }
}

/// A policy with its randomness, behind a lock.
#[derive(Debug)]
pub(crate) struct Shared<P> {
    state: Mutex<(P, SplitMix64)>,
    pub(crate) clock: Clock,
}

impl<P> Shared<P> {
    pub(crate) fn new(policy: P, seed: u64) -> Self {
        Self { state: Mutex::new((policy, SplitMix64(seed))), clock: Clock::default() }
    }

    /// The state; a panic elsewhere leaves it as it was, which is a state like any other.
    pub(crate) fn lock(&self) -> MutexGuard<'_, (P, SplitMix64)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn sleep(time: Nanos) {
    tokio::time::sleep(std::time::Duration::from_nanos(time)).await;
}
