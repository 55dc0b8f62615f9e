//! The layers around a service that does as it is told, on a clock that stands still unless something waits.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_policy::backoff::Backoff;
use loko_policy::breaker::{Breaker, Config, State, Trip};
use loko_policy::bucket::TokenBucket;
use loko_policy::budget::{Funding, TokenBudget};
use loko_policy::hedge::{Delay, Hedging};
use loko_policy::retry::Retry;
use loko_policy::{MILLISECOND, SECOND, WHOLE};
use loko_tower::{Error, GuardLayer, HedgeLayer, RetryLayer, TimeoutLayer, guard};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Answers after so many milliseconds; the first `failures` calls fail.
#[derive(Clone)]
struct Target {
    calls: Arc<AtomicU32>,
    failures: u32,
    slow: Vec<u64>,
}

fn target(failures: u32, slow: &[u64]) -> Target {
    Target { calls: Arc::default(), failures, slow: slow.to_vec() }
}

impl Service<()> for Target {
    type Response = u32;
    type Error = &'static str;
    type Future = Pin<Box<dyn Future<Output = Result<u32, &'static str>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (): ()) -> Self::Future {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let time = self.slow.get(number as usize).or(self.slow.last()).copied().unwrap_or(0);
        let fails = number < self.failures;
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(time)).await;
            if fails { Err("broken") } else { Ok(number) }
        })
    }
}

fn on_a_still_clock<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(test)
}

#[test]
fn a_breaker_opens_refuses_and_closes_again() {
    on_a_still_clock(async {
        let config =
            Config { trip: Trip::Consecutive(3), open: SECOND, open_max: SECOND, half_open: 1, ..Config::default() };
        let layer = GuardLayer::new(guard::Breaker(Breaker::new(config).unwrap()), 1);
        let inner = target(3, &[]);
        let mut service = layer.layer(inner.clone());
        for _ in 0..3 {
            assert_eq!(service.call(()).await, Err(Error::Inner("broken")));
        }
        assert!(matches!(service.call(()).await, Err(Error::Refused { by: "circuit breaker", .. })));
        assert_eq!(inner.calls.load(Ordering::Relaxed), 3, "a refused call never goes out");
        tokio::time::sleep(Duration::from_millis(1_001)).await;
        assert_eq!(service.call(()).await, Ok(3));
        assert_eq!(layer.with(|breaker| breaker.0.state()), State::Closed);
    });
}

#[test]
fn a_bulkhead_gives_places_back_also_when_nobody_waits_any_more() {
    on_a_still_clock(async {
        let layer = GuardLayer::new(guard::Bulkhead::new(1).unwrap(), 1);
        let mut service = layer.layer(target(0, &[100]));
        let first = service.call(());
        assert!(matches!(service.call(()).await, Err(Error::Refused { by: "bulkhead", .. })));
        drop(first);
        assert!(service.call(()).await.is_ok());
    });
}

#[test]
fn a_rate_limit_says_when_to_come_back() {
    on_a_still_clock(async {
        let layer = GuardLayer::new(guard::Limit(TokenBucket::new(1, 10, SECOND).unwrap()), 1);
        let mut service = layer.layer(target(0, &[]));
        assert!(service.call(()).await.is_ok());
        let Err(Error::Refused { retry_after: Some(wait), .. }) = service.call(()).await else { panic!("it passed") };
        tokio::time::sleep(Duration::from_nanos(wait) + Duration::from_millis(1)).await;
        assert!(service.call(()).await.is_ok());
    });
}

#[test]
fn retries_wait_stop_at_their_number_and_at_their_budget() {
    on_a_still_clock(async {
        let retry = Retry { attempts: 3, backoff: Backoff::constant(100 * MILLISECOND) };
        let began = tokio::time::Instant::now();
        let mut service = RetryLayer::new(retry, None, None, 1).layer(target(2, &[]));
        assert_eq!(service.call(()).await, Ok(2));
        assert!(began.elapsed() >= Duration::from_millis(200));
        let hopeless = target(u32::MAX, &[]);
        let mut service = RetryLayer::new(retry, None, None, 1).layer(hopeless.clone());
        assert_eq!(service.call(()).await, Err(Error::Inner("broken")));
        assert_eq!(hopeless.calls.load(Ordering::Relaxed), 3);
        let budget = TokenBudget::new(Funding::Success, 1_000, 100, 1_000).unwrap();
        let hopeless = target(u32::MAX, &[]);
        let mut service = RetryLayer::new(retry, Some(budget), None, 1).layer(hopeless.clone());
        for _ in 0..10 {
            assert!(service.call(()).await.is_err());
        }
        assert_eq!(hopeless.calls.load(Ordering::Relaxed), 11, "ten first tries and the one retry that was paid for");
    });
}

#[test]
fn a_timeout_and_a_hedge_end_waiting() {
    on_a_still_clock(async {
        let mut service = TimeoutLayer(50 * MILLISECOND).layer(target(0, &[100]));
        assert_eq!(service.call(()).await, Err(Error::Timeout));
        let hedging = Hedging::new(Delay::Fixed(10 * MILLISECOND), 1, WHOLE).unwrap();
        let began = tokio::time::Instant::now();
        let inner = target(0, &[1_000, 5]);
        let mut service = HedgeLayer::new(hedging).layer(inner.clone());
        assert_eq!(service.call(()).await, Ok(1), "the second call answers first");
        assert!(began.elapsed() < Duration::from_millis(30));
        assert_eq!(inner.calls.load(Ordering::Relaxed), 2);
    });
}
