//! Canary releases: more and more traffic for the new version, as long as checks pass.
//!
//! | state | check | guard | next |
//! |---|---|---|---|
//! | weight k | passes | k is the last | promoted |
//! | weight k | passes | otherwise | weight k + 1; with `Counter::Consecutive` the count of failures is 0 again |
//! | weight k | fails | fewer than `failures_max` so far | weight k, held |
//! | weight k | fails | otherwise | rolled back: weight 0 |
//! | weight k | too few requests | – | weight k, held; counts for nothing |
//!
//! A check compares errors with a limit ([`Judge::Threshold`]: fails when the share is greater), or with the old
//! version ([`Judge::TwoProportions`]: pooled z, fails when z > critical). A check with few requests is noise: see
//! [`Canary::errors_allowed`]. Defaults: 10, 25, 50, 100 % for 5 min each, less than 1 % errors, the first failed
//! check rolls back.

use crate::{ConfigError, Nanos, Ppm, WHOLE, ensure};
use serde::{Deserialize, Serialize};

/// How failed checks are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counter {
    /// All of them.
    Cumulative,
    /// Those in a row.
    Consecutive,
}

/// How a check is judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Judge {
    /// The share of errors may be at most this.
    Threshold(Ppm),
    /// The new version may not be significantly worse than the old one; the critical value of z.
    TwoProportions(f64),
}

/// How a canary runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The weights in percent, one after the other.
    pub weights: Vec<u8>,
    /// How long each is held before it is checked.
    pub interval: Nanos,
    /// How a check is judged.
    pub judge: Judge,
    /// So many failed checks roll back.
    pub failures_max: u32,
    /// How they are counted.
    pub counter: Counter,
    /// Fewer requests decide nothing.
    pub requests_min: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            weights: vec![10, 25, 50, 100],
            interval: 5 * crate::MINUTE,
            judge: Judge::Threshold(10_000),
            failures_max: 1,
            counter: Counter::Cumulative,
            requests_min: 1,
        }
    }
}

/// What was seen in one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Requests to the new version.
    pub requests: u64,
    /// Errors among them.
    pub errors: u64,
    /// Requests to the old version.
    pub baseline_requests: u64,
    /// Errors among them.
    pub baseline_errors: u64,
}

/// Where a canary stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// At the weight of this index.
    Weight(usize),
    /// Everybody has the new version.
    Promoted,
    /// Nobody has it any more.
    RolledBack,
}

/// A canary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    config: Config,
    state: State,
    failures: u32,
}

impl Canary {
    /// One at its first weight.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        ensure(!config.weights.is_empty(), "weights", "are empty")?;
        ensure(
            config.weights.iter().all(|weight| (1..=100).contains(weight)),
            "weights",
            "must be from 1 to 100 percent",
        )?;
        ensure(config.failures_max > 0, "failures", "is 0; it would roll back before the first check")?;
        ensure(
            !matches!(config.judge, Judge::Threshold(share) if share >= WHOLE),
            "max_error_rate",
            "of 100 % never fails",
        )?;
        Ok(Self { config, state: State::Weight(0), failures: 0 })
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The new version's share in percent.
    pub fn weight(&self) -> u8 {
        match self.state {
            State::Weight(at) => self.config.weights[at],
            State::Promoted => 100,
            State::RolledBack => 0,
        }
    }

    /// An interval ended.
    pub fn check(&mut self, seen: Seen) -> State {
        let State::Weight(at) = self.state else { return self.state };
        if seen.requests < self.config.requests_min {
            return self.state;
        }
        if fails(self.config.judge, seen) {
            self.failures += 1;
            if self.failures >= self.config.failures_max {
                self.state = State::RolledBack;
            }
        } else {
            if self.config.counter == Counter::Consecutive {
                self.failures = 0;
            }
            let last = at + 1 == self.config.weights.len();
            self.state = if last { State::Promoted } else { State::Weight(at + 1) };
        }
        self.state
    }

    /// The most errors of so many requests with which a check against a limit still passes.
    pub fn errors_allowed(limit: Ppm, requests: u64) -> u64 {
        (u128::from(requests) * u128::from(limit) / u128::from(WHOLE)) as u64
    }
}

/// Whether a check fails.
pub fn fails(judge: Judge, seen: Seen) -> bool {
    match judge {
        Judge::Threshold(limit) => seen.errors > Canary::errors_allowed(limit, seen.requests),
        Judge::TwoProportions(critical) => z(seen).is_some_and(|z| z > critical),
    }
}

/// The pooled z of two proportions; `None` when there is nothing to compare.
pub fn z(seen: Seen) -> Option<f64> {
    let (n, m) = (seen.requests as f64, seen.baseline_requests as f64);
    let pooled = (seen.errors + seen.baseline_errors) as f64 / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    let difference = seen.errors as f64 / n - seen.baseline_errors as f64 / m;
    (variance > 0.0).then(|| difference / libm::sqrt(variance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(requests: u64, errors: u64) -> Seen {
        Seen { requests, errors, ..Seen::default() }
    }

    #[test]
    fn the_documents_canary_goes_all_the_way_or_back() {
        let mut canary = Canary::new(Config::default()).unwrap();
        let weights: Vec<u8> = (0..4)
            .map(|_| {
                let weight = canary.weight();
                canary.check(seen(1_000, 10));
                weight
            })
            .collect();
        assert_eq!((weights, canary.state()), (vec![10, 25, 50, 100], State::Promoted), "exactly 1 % passes");
        let mut canary = Canary::new(Config::default()).unwrap();
        assert_eq!((canary.check(seen(1_000, 11)), canary.weight()), (State::RolledBack, 0));
    }

    proptest! {
        #[test]
        fn the_weight_only_rises_until_it_falls_to_nothing(checks: Vec<bool>, failures_max in 1u32..4, consecutive: bool) {
            let counter = if consecutive { Counter::Consecutive } else { Counter::Cumulative };
            let mut canary = Canary::new(Config { failures_max, counter, ..Config::default() }).unwrap();
            let (mut before, mut failed) = (canary.weight(), 0);
            for passes in checks {
                if !matches!(canary.state(), State::Weight(_)) { break; }
                failed = if passes { if consecutive { 0 } else { failed } } else { failed + 1 };
                let state = canary.check(seen(100, if passes { 0 } else { 50 }));
                prop_assert_eq!(state == State::RolledBack, failed >= failures_max);
                prop_assert!(canary.weight() >= before || state == State::RolledBack);
                before = canary.weight();
            }
        }
    }
}
