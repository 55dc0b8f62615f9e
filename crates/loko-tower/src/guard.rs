//! Policies that give leave to make a call and learn what came of it: breaker, rate limit, bulkhead, adaptive concurrency.

use crate::{Answer, Error, Shared};
use loko_policy::breaker::{self, Outcome};
use loko_policy::bucket::{Limited, TokenBucket};
use loko_policy::random::SplitMix64;
use loko_policy::{Nanos, bulkhead, concurrency};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// A policy that is asked before a call and told after it.
pub trait Guard {
    /// What is given back.
    type Permit: Copy + Send + 'static;
    /// What it is called in refusals.
    const NAME: &'static str;

    /// Asks for leave; when to come back otherwise, if that is known.
    fn enter(&mut self, now: Nanos, random: &mut SplitMix64) -> Result<Self::Permit, Option<Nanos>>;

    /// Gives leave back.
    fn leave(&mut self, now: Nanos, permit: Self::Permit, outcome: Outcome, took: Nanos, random: &mut SplitMix64);
}

/// A circuit breaker.
#[derive(Clone, Debug)]
pub struct Breaker(pub breaker::Breaker);

impl Guard for Breaker {
    type Permit = breaker::Permit;
    const NAME: &'static str = "circuit breaker";

    fn enter(&mut self, now: Nanos, random: &mut SplitMix64) -> Result<Self::Permit, Option<Nanos>> {
        self.0.acquire(now, random).map_err(|rejected| Some(rejected.retry_after))
    }

    fn leave(&mut self, now: Nanos, permit: Self::Permit, outcome: Outcome, took: Nanos, random: &mut SplitMix64) {
        self.0.record(now, permit, outcome, took, random);
    }
}

/// A token bucket: one token a call.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub TokenBucket);

impl Guard for Limit {
    type Permit = ();
    const NAME: &'static str = "rate limit";

    fn enter(&mut self, now: Nanos, _: &mut SplitMix64) -> Result<(), Option<Nanos>> {
        self.0.take(now, 1).map_err(|limited| match limited {
            Limited::Wait(time) => Some(time),
            Limited::Never => None,
        })
    }

    fn leave(&mut self, _: Nanos, (): (), _: Outcome, _: Nanos, _: &mut SplitMix64) {}
}

/// A bulkhead in which nobody waits: a call that finds no place is refused at once.
#[derive(Clone, Debug)]
pub struct Bulkhead(bulkhead::Bulkhead);

impl Bulkhead {
    /// One of so many places.
    pub fn new(limit: u32) -> Result<Self, loko_policy::ConfigError> {
        bulkhead::Bulkhead::new(limit, 0).map(Self)
    }
}

impl Guard for Bulkhead {
    type Permit = ();
    const NAME: &'static str = "bulkhead";

    fn enter(&mut self, _: Nanos, _: &mut SplitMix64) -> Result<(), Option<Nanos>> {
        if self.0.enter() == bulkhead::Entry::Entered { Ok(()) } else { Err(None) }
    }

    fn leave(&mut self, _: Nanos, (): (), _: Outcome, _: Nanos, _: &mut SplitMix64) {
        self.0.leave();
    }
}

/// A limit of calls under way that finds itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Adaptive(pub concurrency::Adaptive);

impl Guard for Adaptive {
    type Permit = ();
    const NAME: &'static str = "adaptive concurrency limit";

    fn enter(&mut self, _: Nanos, _: &mut SplitMix64) -> Result<(), Option<Nanos>> {
        if self.0.enter() { Ok(()) } else { Err(None) }
    }

    fn leave(&mut self, _: Nanos, (): (), outcome: Outcome, took: Nanos, _: &mut SplitMix64) {
        self.0.leave(took, outcome == Outcome::Success);
    }
}

/// Puts a guard around services; all of them share it.
#[derive(Debug)]
pub struct GuardLayer<G>(Arc<Shared<G>>);

impl<G> GuardLayer<G> {
    /// A layer; the seed is for what the policy draws.
    pub fn new(guard: G, seed: u64) -> Self {
        Self(Arc::new(Shared::new(guard, seed)))
    }

    /// Looks at the policy.
    pub fn with<T>(&self, look: impl FnOnce(&G) -> T) -> T {
        look(&self.0.lock().0)
    }
}

impl<G> Clone for GuardLayer<G> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, G> Layer<S> for GuardLayer<G> {
    type Service = Guarded<S, G>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { inner, shared: Arc::clone(&self.0) }
    }
}

/// A service behind a guard.
#[derive(Debug)]
pub struct Guarded<S, G> {
    inner: S,
    shared: Arc<Shared<G>>,
}

impl<S: Clone, G> Clone for Guarded<S, G> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), shared: Arc::clone(&self.shared) }
    }
}

/// Gives leave back, also when the caller stops waiting: then nothing is known of the target.
struct Held<G: Guard> {
    shared: Arc<Shared<G>>,
    permit: G::Permit,
    since: Nanos,
    outcome: Outcome,
}

impl<G: Guard> Drop for Held<G> {
    fn drop(&mut self) {
        let now = self.shared.clock.now();
        let (guard, random) = &mut *self.shared.lock();
        guard.leave(now, self.permit, self.outcome, now.saturating_sub(self.since), random);
    }
}

impl<S, G, R> Service<R> for Guarded<S, G>
where
    S: Service<R>,
    S::Future: Send + 'static,
    G: Guard + Send + 'static,
{
    type Response = S::Response;
    type Error = Error<S::Error>;
    type Future = Answer<S::Response, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Error::Inner)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let now = self.shared.clock.now();
        let entered = {
            let (guard, random) = &mut *self.shared.lock();
            guard.enter(now, random)
        };
        match entered {
            Err(retry_after) => Box::pin(async move { Err(Error::Refused { by: G::NAME, retry_after }) }),
            Ok(permit) => {
                let held = Held { shared: Arc::clone(&self.shared), permit, since: now, outcome: Outcome::Ignored };
                let answer = self.inner.call(request);
                Box::pin(async move {
                    // All of it comes along, so that it is dropped with the answer.
                    let mut held = held;
                    let answer = answer.await;
                    held.outcome = if answer.is_ok() { Outcome::Success } else { Outcome::Failure };
                    answer.map_err(Error::Inner)
                })
            }
        }
    }
}
