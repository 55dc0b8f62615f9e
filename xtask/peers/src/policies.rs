//! A breaker that stays closed, a limit that lets through, a budget that is paid in and out.

use crate::timed;
use failsafe::{CircuitBreaker as _, backoff, failure_policy};
use governor::{Quota, RateLimiter};
use loko_policy::SECOND;
use loko_policy::breaker::{Breaker, Config, Outcome};
use loko_policy::bucket::{Gcra, TokenBucket};
use loko_policy::budget::{Funding, TokenBudget};
use loko_policy::random::SplitMix64;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tower::retry::budget::{Budget as _, TpsBudget};

pub(crate) fn breaker(operations: u64) {
    let what = "breaker, closed, a call";
    timed(what, "loko, state machine", operations, || {
        let mut breaker = Breaker::new(Config::default()).expect("defaults work");
        let mut random = SplitMix64(1);
        for now in 0..operations {
            if let Ok(permit) = black_box(&mut breaker).acquire(now, &mut random) {
                breaker.record(now, permit, Outcome::Success, 1, &mut random);
            }
        }
        String::new()
    });
    timed(what, "loko, with clock and lock", operations, || {
        let breaker = Mutex::new(Breaker::new(Config::default()).expect("defaults work"));
        let start = Instant::now();
        let mut random = SplitMix64(1);
        for _ in 0..operations {
            let now = start.elapsed().as_nanos() as u64;
            let permit = breaker.lock().expect("nobody panics").acquire(now, &mut random);
            if let Ok(permit) = permit {
                let now = start.elapsed().as_nanos() as u64;
                breaker.lock().expect("nobody panics").record(now, permit, Outcome::Success, 1, &mut random);
            }
        }
        String::new()
    });
    timed(what, "failsafe", operations, || {
        let policy = failure_policy::consecutive_failures(5, backoff::constant(Duration::from_secs(60)));
        let breaker = failsafe::Config::new().failure_policy(policy).build();
        for _ in 0..operations {
            let _ = black_box(breaker.call(|| Ok::<(), ()>(())));
        }
        String::new()
    });
}

pub(crate) fn rate_limit(operations: u64) {
    let what = "rate limit, a permit";
    let rate = 1_000_000_000;
    timed(what, "loko, token bucket", operations, || {
        let mut bucket = TokenBucket::new(rate, rate, SECOND).expect("a bucket that fills");
        (0..operations).filter(|now| black_box(&mut bucket).take(*now, 1).is_ok()).count().to_string() + " passed"
    });
    timed(what, "loko, GCRA", operations, || {
        let mut gcra = Gcra::new(rate, rate, SECOND).expect("a limit that lets through");
        (0..operations).filter(|now| black_box(&mut gcra).take(*now, 1).is_ok()).count().to_string() + " passed"
    });
    timed(what, "loko, GCRA with clock and lock", operations, || {
        let gcra = Mutex::new(Gcra::new(rate, rate, SECOND).expect("a limit that lets through"));
        let start = Instant::now();
        let passes = |_: &u64| {
            let now = start.elapsed().as_nanos() as u64;
            gcra.lock().expect("nobody panics").take(now, 1).is_ok()
        };
        (0..operations).filter(passes).count().to_string() + " passed"
    });
    timed(what, "governor", operations, || {
        let limiter = RateLimiter::direct(Quota::per_second(NonZeroU32::new(rate).expect("more than 0")));
        (0..operations).filter(|_| black_box(&limiter).check().is_ok()).count().to_string() + " passed"
    });
}

pub(crate) fn retry_budget(operations: u64) {
    let what = "retry budget, a call and a retry";
    timed(what, "loko, state machine", operations, || {
        let mut budget = TokenBudget::new(Funding::FirstTry, 100_000, 200, 1_000).expect("it pays");
        let mut paid = 0u64;
        for _ in 0..operations {
            black_box(&mut budget).started();
            paid += u64::from(budget.withdraw());
        }
        format!("{:.1} % paid", paid as f64 / operations as f64 * 100.0)
    });
    timed(what, "tower, TpsBudget", operations, || {
        let budget = TpsBudget::new(Duration::from_secs(10), 0, 0.2);
        let mut paid = 0u64;
        for _ in 0..operations {
            black_box(&budget).deposit();
            paid += u64::from(budget.withdraw());
        }
        format!("{:.1} % paid", paid as f64 / operations as f64 * 100.0)
    });
}
