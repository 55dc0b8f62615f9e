//! Budgets: how much retrying all calls together may do.
//!
//! | budget | before a retry | a try succeeded | a try failed |
//! |---|---|---|---|
//! | [`TokenBudget`], funded by success | needs and takes `cost` | + `deposit`, up to `capacity` | – |
//! | [`TokenBudget`], funded by first tries | the same | – | – (+ `deposit` when a call starts) |
//! | [`GrpcThrottle`] | `tokens > max/2` | + `ratio`, up to `max` | − 1, not below 0 |
//! | [`AwsQuota`] | needs and takes `cost` (`timeout_cost` after a timeout) | first try + 1, a retry gets its cost back | – |
//! | [`FailureShare`] | at most `limit` failed tries a call so far | – | counted (calls when they start) |
//! | [`AwsAdaptive`] | a rate for all tries, cubic, as TCP CUBIC | the rate grows | a throttle cuts it to `beta` |
//!
//! Tokens are thousandths, so no fraction is lost however long it runs. Sources: M. Brooker, "Fixing retries with
//! token buckets and circuit breakers", 2022; gRPC proposal A6; the AWS SDK's "standard" and "adaptive" retry modes.
//! Defaults are those of the sources. A budget funded by success closes the metastable band that one funded by first
//! tries leaves open between capacity/(1 + ratio) and capacity.

use crate::{ConfigError, Nanos, SECOND, ensure};
use serde::{Deserialize, Serialize};

/// What fills a [`TokenBudget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Funding {
    /// Every try that succeeds.
    Success,
    /// Every call that starts.
    FirstTry,
}

/// A bucket of tokens that pays for retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenBudget {
    /// What fills it.
    pub funding: Funding,
    /// The most it holds, in thousandths of a token.
    pub capacity: u64,
    /// What it gains each time, in thousandths.
    pub deposit: u64,
    /// What a retry takes, in thousandths.
    pub cost: u64,
    level: u64,
}

impl TokenBudget {
    /// A full bucket.
    pub fn new(funding: Funding, capacity: u64, deposit: u64, cost: u64) -> Result<Self, ConfigError> {
        ensure(cost > 0, "cost", "a retry that costs nothing is no budget")?;
        ensure(capacity >= cost, "capacity", "is less than one retry costs, so none would ever be made")?;
        Ok(Self { funding, capacity, deposit, cost, level: capacity })
    }

    /// A budget of retries as a share of successful calls in parts per million, holding at most ten retries.
    pub fn share(share: crate::Ppm) -> Result<Self, ConfigError> {
        ensure(share > 0, "budget", "is 0 %; leave retries out instead")?;
        Self::new(Funding::Success, 10_000, u64::from(share / 1_000).max(1), 1_000)
    }

    /// A call starts.
    pub fn started(&mut self) {
        if self.funding == Funding::FirstTry {
            self.fill();
        }
    }

    /// A try succeeded.
    pub fn succeeded(&mut self) {
        if self.funding == Funding::Success {
            self.fill();
        }
    }

    /// Whether a retry may be made; pays for it if so.
    pub fn withdraw(&mut self) -> bool {
        let enough = self.level >= self.cost;
        if enough {
            self.level -= self.cost;
        }
        enough
    }

    /// What it holds, in thousandths.
    pub fn level(&self) -> u64 {
        self.level
    }

    fn fill(&mut self) {
        self.level = self.level.saturating_add(self.deposit).min(self.capacity);
    }
}

/// Stops retries while more than a share of what a caller has seen so far failed; the plainest "breaker for retries".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureShare {
    /// The most failed tries for each call, in parts per million.
    pub limit: crate::Ppm,
    calls: u64,
    failed: u64,
}

impl FailureShare {
    /// One that has seen nothing yet.
    pub fn new(limit: crate::Ppm) -> Result<Self, ConfigError> {
        ensure(limit > 0, "max_failures", "is 0 %; leave retries out instead")?;
        Ok(Self { limit, calls: 0, failed: 0 })
    }

    /// A call starts.
    pub fn started(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// A try failed.
    pub fn failed(&mut self) {
        self.failed = self.failed.saturating_add(1);
    }

    /// Whether a retry may be made.
    pub fn allows(&self) -> bool {
        u128::from(self.failed) * u128::from(crate::WHOLE) <= u128::from(self.calls) * u128::from(self.limit)
    }
}

/// gRPC's retry throttle of one server name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrpcThrottle {
    /// The most tokens, in thousandths.
    pub max: u64,
    /// What a success adds, in thousandths.
    pub ratio: u64,
    level: u64,
}

impl Default for GrpcThrottle {
    fn default() -> Self {
        Self { max: 10_000, ratio: 100, level: 10_000 }
    }
}

impl GrpcThrottle {
    /// A full one; tokens and ratio in thousandths.
    pub fn new(max: u64, ratio: u64) -> Result<Self, ConfigError> {
        ensure(max > 0 && max <= 1_000_000, "max_tokens", "must be more than 0 and at most 1000")?;
        ensure(ratio > 0, "token_ratio", "is 0, so retries would stop for ever after the first failures")?;
        Ok(Self { max, ratio, level: max })
    }

    /// A try succeeded.
    pub fn succeeded(&mut self) {
        self.level = self.level.saturating_add(self.ratio).min(self.max);
    }

    /// A try failed with a code that may be retried, whether or not it will be.
    pub fn failed(&mut self) {
        self.level = self.level.saturating_sub(1_000);
    }

    /// Whether a retry may be made.
    pub fn allows(&self) -> bool {
        2 * self.level > self.max
    }

    /// What it holds, in thousandths.
    pub fn level(&self) -> u64 {
        self.level
    }
}

/// The AWS SDK's standard retry quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsQuota {
    /// The most it holds.
    pub capacity: u32,
    /// What a retry takes.
    pub cost: u32,
    /// What a retry after a timeout takes.
    pub timeout_cost: u32,
    level: u32,
}

impl Default for AwsQuota {
    fn default() -> Self {
        Self { capacity: 500, cost: 5, timeout_cost: 10, level: 500 }
    }
}

impl AwsQuota {
    /// A full one.
    pub fn new(capacity: u32, cost: u32, timeout_cost: u32) -> Result<Self, ConfigError> {
        ensure(cost > 0, "retry_cost", "is 0, so nothing would be limited")?;
        ensure(capacity >= cost, "capacity", "is less than one retry costs")?;
        Ok(Self { capacity, cost, timeout_cost, level: capacity })
    }

    /// What was paid when a retry may be made.
    pub fn withdraw(&mut self, after_timeout: bool) -> Option<u32> {
        let cost = if after_timeout { self.timeout_cost } else { self.cost };
        self.level = self.level.checked_sub(cost)?;
        Some(cost)
    }

    /// A call succeeded; `paid` is what its last retry took, 0 when the first try did it.
    pub fn succeeded(&mut self, paid: u32) {
        self.level = self.level.saturating_add(paid.max(1)).min(self.capacity);
    }

    /// What it holds.
    pub fn level(&self) -> u32 {
        self.level
    }
}

/// The AWS SDK's adaptive mode: a rate for all tries that a throttle cuts and a cubic curve restores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AwsAdaptive {
    /// What a throttle leaves of the rate.
    pub beta: f64,
    /// The steepness of the curve.
    pub scale: f64,
    /// The rate before the last throttle, a second.
    last_max: f64,
    last_throttle: Nanos,
    /// How long the curve takes back to `last_max`, in seconds.
    window: f64,
    /// Tries a second that were measured, smoothed over half seconds.
    measured: f64,
    half_second: u64,
    count: u32,
    enabled: bool,
    rate: f64,
    tokens: f64,
    filled_at: Nanos,
}

impl Default for AwsAdaptive {
    fn default() -> Self {
        Self::new(0.7, 0.4)
    }
}

impl AwsAdaptive {
    /// The smoothing of the measured rate.
    const SMOOTHING: f64 = 0.8;
    /// The slowest rate of tries a second.
    const RATE_MIN: f64 = 0.5;

    /// One that no throttle has enabled yet.
    pub fn new(beta: f64, scale: f64) -> Self {
        Self {
            beta,
            scale,
            last_max: 0.0,
            last_throttle: 0,
            window: 0.0,
            measured: 0.0,
            half_second: 0,
            count: 0,
            enabled: false,
            rate: 0.0,
            tokens: 0.0,
            filled_at: 0,
        }
    }

    /// How long to wait before the next try may be sent; 0 takes its token at once.
    pub fn acquire(&mut self, now: Nanos) -> Nanos {
        if !self.enabled {
            return 0;
        }
        let rate = self.rate.max(Self::RATE_MIN);
        let gained = now.saturating_sub(self.filled_at) as f64 / SECOND as f64 * rate;
        self.tokens = (self.tokens + gained).min(rate.max(1.0));
        self.filled_at = self.filled_at.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return 0;
        }
        ((1.0 - self.tokens) / rate * SECOND as f64) as Nanos + 1
    }

    /// An answer that is no throttle came back: the rate follows the curve, up to twice what was measured.
    pub fn succeeded(&mut self, now: Nanos) {
        self.measure(now);
        if self.enabled {
            self.rate = self.curve(now).min(2.0 * self.measured).max(Self::RATE_MIN);
        }
    }

    /// A throttle came back.
    pub fn throttled(&mut self, now: Nanos) {
        self.measure(now);
        let rate = if self.enabled { self.measured.min(self.rate) } else { self.measured };
        self.throttle_at(now, rate);
        self.enabled = true;
        self.rate = (rate * self.beta).max(Self::RATE_MIN);
    }

    /// Starts the curve: the rate was `rate` when the throttle came.
    pub fn throttle_at(&mut self, now: Nanos, rate: f64) {
        self.last_max = rate;
        self.last_throttle = now;
        self.window = libm::cbrt(rate * (1.0 - self.beta) / self.scale);
    }

    /// The curve: `beta · last_max` right after the throttle, `last_max` after [`AwsAdaptive::window_s`].
    pub fn curve(&self, now: Nanos) -> f64 {
        let seconds = now.saturating_sub(self.last_throttle) as f64 / SECOND as f64;
        let x = seconds - self.window;
        self.scale * x * x * x + self.last_max
    }

    /// How long the curve takes back to where it was, in seconds.
    pub fn window_s(&self) -> f64 {
        self.window
    }

    fn measure(&mut self, now: Nanos) {
        self.count += 1;
        let bucket = now / (SECOND / 2);
        if bucket > self.half_second {
            let rate = f64::from(self.count) / ((bucket - self.half_second) as f64 / 2.0);
            self.measured = rate * Self::SMOOTHING + self.measured * (1.0 - Self::SMOOTHING);
            self.count = 0;
            self.half_second = bucket;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn retries_never_exceed_what_was_paid_in(events: Vec<bool>, capacity in 1u64..20, deposit in 0u64..3_000) {
            let mut budget = TokenBudget::new(Funding::Success, capacity * 1_000, deposit, 1_000).unwrap();
            let (mut successes, mut retries) = (0u64, 0u64);
            for success in events {
                if success {
                    budget.succeeded();
                    successes += 1;
                } else if budget.withdraw() {
                    retries += 1;
                }
                prop_assert!(retries * 1_000 <= capacity * 1_000 + successes * deposit);
                prop_assert!(budget.level() <= budget.capacity);
            }
        }

        #[test]
        fn quota_and_throttle_stay_within_their_bounds(events: Vec<(bool, bool)>) {
            let (mut quota, mut throttle) = (AwsQuota::default(), GrpcThrottle::default());
            for (success, timeout) in events {
                if success {
                    quota.succeeded(0);
                    throttle.succeeded();
                } else {
                    quota.withdraw(timeout);
                    throttle.failed();
                }
                prop_assert!(quota.level() <= 500 && throttle.level() <= 10_000);
                prop_assert_eq!(throttle.allows(), throttle.level() > 5_000);
            }
        }
    }

    #[test]
    fn the_throttle_needs_more_than_half() {
        let mut throttle = GrpcThrottle::default();
        (0..4).for_each(|_| throttle.failed());
        assert!(throttle.allows());
        throttle.failed();
        assert!(!throttle.allows(), "exactly half is not more than half");
    }

    #[test]
    fn the_cubic_curve_starts_at_beta_and_is_back_after_its_window() {
        let mut adaptive = AwsAdaptive::default();
        adaptive.throttle_at(5 * SECOND, 10.0);
        assert!((adaptive.curve(5 * SECOND) - 7.0).abs() < 1e-9);
        let back = 5 * SECOND + (adaptive.window_s() * SECOND as f64) as Nanos;
        assert!((adaptive.curve(back) - 10.0).abs() < 1e-6);
    }
}
