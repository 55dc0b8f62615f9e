//! Adaptive concurrency: finding out how many calls at a time a target can take.
//!
//! | rule | after each answer |
//! |---|---|
//! | `Aimd` | a failure or timeout: limit · `backoff`; else, when at least half of the limit was in use, limit + 1/limit |
//! | `Vegas` | queue = limit · (1 − shortest/this): below `alpha` + 1, above `beta` − 1 |
//! | `Gradient` | limit · clamp(`tolerance` · long average/this, ½, 1) + √limit, smoothed |
//!
//! A call enters when fewer than the limit are inside. The limit stays within `min` and `max`. Rules after Netflix's
//! concurrency-limits; defaults: start 20, from 1 to 1000.

use crate::{ConfigError, Nanos, ensure};
use serde::{Deserialize, Serialize};

/// How the limit is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// Additive increase, multiplicative decrease.
    Aimd {
        /// What a failure leaves of the limit.
        backoff: f64,
        /// An answer that takes longer counts as a failure.
        timeout: Nanos,
    },
    /// The queue that the delay betrays.
    Vegas {
        /// A shorter queue raises the limit.
        alpha: f64,
        /// A longer queue lowers it.
        beta: f64,
    },
    /// The delay now against the delay of a long while.
    Gradient {
        /// How much longer than usual an answer may take.
        tolerance: f64,
        /// The weight of a new limit.
        smoothing: f64,
    },
}

/// An adaptive limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adaptive {
    rule: Rule,
    min: f64,
    max: f64,
    limit: f64,
    inside: u32,
    shortest: Nanos,
    average: f64,
}

impl Default for Adaptive {
    fn default() -> Self {
        Self::with(Rule::Gradient { tolerance: 1.5, smoothing: 0.2 }, 1, 1_000, 20)
    }
}

impl Adaptive {
    /// The share of the past in the long average of delays.
    const MEMORY: f64 = 1.0 - 1.0 / 600.0;

    /// A limit that starts at `initial`.
    pub fn new(rule: Rule, min: u32, max: u32, initial: u32) -> Result<Self, ConfigError> {
        ensure(min > 0, "min", "is 0, so the limit could never grow again")?;
        ensure(min <= initial && initial <= max, "initial", "is not between the least and the most")?;
        Ok(Self::with(rule, min, max, initial))
    }

    fn with(rule: Rule, min: u32, max: u32, initial: u32) -> Self {
        let (min, max, limit) = (f64::from(min), f64::from(max), f64::from(initial));
        Self { rule, min, max, limit, inside: 0, shortest: Nanos::MAX, average: 0.0 }
    }

    /// The limit now.
    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// Whether a call may be made; counts it if so.
    pub fn enter(&mut self) -> bool {
        let free = self.inside < self.limit();
        self.inside += u32::from(free);
        free
    }

    /// A call that entered has ended.
    pub fn leave(&mut self, took: Nanos, success: bool) {
        let used = f64::from(self.inside);
        self.inside = self.inside.saturating_sub(1);
        self.shortest = self.shortest.min(took.max(1));
        let time = took.max(1) as f64;
        self.average =
            if self.average == 0.0 { time } else { self.average * Self::MEMORY + time * (1.0 - Self::MEMORY) };
        let next = match self.rule {
            Rule::Aimd { backoff, timeout } if !success || took > timeout => self.limit * backoff,
            Rule::Aimd { .. } if used * 2.0 >= self.limit => self.limit + 1.0 / self.limit,
            Rule::Aimd { .. } => self.limit,
            Rule::Vegas { .. } if !success => self.limit - 1.0,
            Rule::Vegas { alpha, beta } => {
                let queue = self.limit * (1.0 - self.shortest as f64 / time);
                if queue < alpha && used * 2.0 >= self.limit {
                    self.limit + 1.0
                } else if queue > beta {
                    self.limit - 1.0
                } else {
                    self.limit
                }
            }
            Rule::Gradient { tolerance, smoothing } => {
                let gradient = (tolerance * self.average / time).clamp(0.5, 1.0);
                let aim = self.limit * gradient + libm::sqrt(self.limit);
                if used * 2.0 < self.limit && aim > self.limit {
                    self.limit
                } else {
                    self.limit * (1.0 - smoothing) + aim * smoothing
                }
            }
        };
        self.limit = next.clamp(self.min, self.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MILLISECOND;
    use proptest::prelude::*;

    /// A target that does ten at a time in 10 ms and queues the rest: the delay grows with what is inside.
    fn settle(rule: Rule) -> u32 {
        let mut limit = Adaptive::new(rule, 1, 1_000, 20).unwrap();
        for _ in 0..2_000 {
            let inside = (0..2_000).take_while(|_| limit.enter()).count() as u64;
            for _ in 0..inside {
                limit.leave(10 * MILLISECOND * inside.max(10) / 10, true);
            }
        }
        limit.limit()
    }

    #[test]
    fn each_rule_settles_near_what_the_target_can_take() {
        let aimd = settle(Rule::Aimd { backoff: 0.9, timeout: 20 * MILLISECOND });
        assert!((8..=21).contains(&aimd), "aimd {aimd}");
        let vegas = settle(Rule::Vegas { alpha: 3.0, beta: 6.0 });
        assert!((8..=25).contains(&vegas), "vegas {vegas}");
    }

    proptest! {
        #[test]
        fn the_limit_stays_in_bounds_and_is_never_exceeded(events: Vec<(bool, u32, bool)>, which in 0..3usize) {
            let rule = [
                Rule::Aimd { backoff: 0.9, timeout: MILLISECOND },
                Rule::Vegas { alpha: 3.0, beta: 6.0 },
                Rule::Gradient { tolerance: 1.5, smoothing: 0.2 },
            ][which];
            let (mut limit, mut inside) = (Adaptive::new(rule, 2, 30, 10).unwrap(), 0u32);
            for (enter, took, success) in events {
                if enter {
                    let before = limit.limit();
                    let entered = limit.enter();
                    prop_assert_eq!(entered, inside < before);
                    inside += u32::from(entered);
                } else if inside > 0 {
                    limit.leave(took.into(), success);
                    inside -= 1;
                }
                prop_assert!((2..=30).contains(&limit.limit()));
            }
        }
    }
}
