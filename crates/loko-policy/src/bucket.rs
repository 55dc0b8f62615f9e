//! The token bucket and GCRA: a rate with bursts.
//!
//! | event | guard | answer |
//! |---|---|---|
//! | a request of cost `c` | `c` is more than the burst | `Never`; it could not pass at any time |
//! | a request of cost `c` | at least `c` tokens | passes and takes them |
//! | a request of cost `c` | fewer | `Wait(t)`, when there will be enough; nothing is taken |
//!
//! Tokens are kept in units of 1/rate-period, so that slow trickles lose no fraction. GCRA keeps one moment instead of
//! a level and answers the same ([`Gcra`], "generic cell rate algorithm", ITU-T I.371). Defaults: 100 tokens, 10 a
//! second, 1 a request.

use crate::{ConfigError, Nanos, SECOND, ensure};
use serde::{Deserialize, Serialize};

/// Why a request does not pass now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limited {
    /// It may pass after this long, if nobody else comes.
    Wait(Nanos),
    /// It asks for more than the burst.
    Never,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenBucket {
    /// The tokens of a full bucket.
    burst: u32,
    /// Tokens gained in `per`.
    rate: u32,
    per: Nanos,
    /// The level in tokens times `per`.
    level: u128,
    at: Nanos,
}

impl Default for TokenBucket {
    fn default() -> Self {
        Self { burst: 100, rate: 10, per: SECOND, level: 100 * u128::from(SECOND), at: 0 }
    }
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(burst: u32, rate: u32, per: Nanos) -> Result<Self, ConfigError> {
        ensure(burst > 0, "tokens", "is 0, so nothing would pass")?;
        ensure(rate > 0 && per > 0, "refill", "is 0, so the bucket would stay empty")?;
        Ok(Self { burst, rate, per, level: u128::from(burst) * u128::from(per), at: 0 })
    }

    /// Asks for `cost` tokens.
    pub fn take(&mut self, now: Nanos, cost: u32) -> Result<(), Limited> {
        if cost > self.burst {
            return Err(Limited::Never);
        }
        let full = u128::from(self.burst) * u128::from(self.per);
        let gained = u128::from(now.saturating_sub(self.at)) * u128::from(self.rate);
        self.level = (self.level + gained).min(full);
        self.at = self.at.max(now);
        let needed = u128::from(cost) * u128::from(self.per);
        match self.level.checked_sub(needed) {
            Some(left) => {
                self.level = left;
                Ok(())
            }
            None => Err(Limited::Wait((needed - self.level).div_ceil(u128::from(self.rate)) as Nanos)),
        }
    }

    /// How many tokens it gains a second.
    pub fn rate_per_s(&self) -> f64 {
        f64::from(self.rate) * SECOND as f64 / self.per as f64
    }

    /// The whole tokens in it, for `X-RateLimit-Remaining`.
    pub fn remaining(&self) -> u32 {
        (self.level / u128::from(self.per)) as u32
    }
}

/// The same as one moment: when the bucket would be full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gcra {
    burst: u32,
    rate: u32,
    per: Nanos,
    /// The moment times `rate`, so that it is a whole number.
    full_at: u128,
}

impl Gcra {
    /// One with a full burst.
    pub fn new(burst: u32, rate: u32, per: Nanos) -> Result<Self, ConfigError> {
        TokenBucket::new(burst, rate, per).map(|_| Self { burst, rate, per, full_at: 0 })
    }

    /// Asks for `cost` tokens.
    pub fn take(&mut self, now: Nanos, cost: u32) -> Result<(), Limited> {
        if cost > self.burst {
            return Err(Limited::Never);
        }
        let now = u128::from(now) * u128::from(self.rate);
        let after = self.full_at.max(now) + u128::from(cost) * u128::from(self.per);
        let late = after.saturating_sub(now + u128::from(self.burst) * u128::from(self.per));
        if late > 0 {
            return Err(Limited::Wait(late.div_ceil(u128::from(self.rate)) as Nanos));
        }
        self.full_at = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_answer_the_same_and_never_pass_more_than_burst_and_rate(
            burst in 1u32..20, rate in 1u32..1_000, per in 1u64..2 * SECOND,
            gaps in prop::collection::vec((0u64..SECOND / 5, 1u32..4), 1..200),
        ) {
            let mut bucket = TokenBucket::new(burst, rate, per).unwrap();
            let mut gcra = Gcra::new(burst, rate, per).unwrap();
            let (mut now, mut passed) = (0u64, Vec::new());
            for (gap, cost) in gaps {
                now += gap;
                let answer = bucket.take(now, cost);
                prop_assert_eq!(gcra.take(now, cost), answer);
                match answer {
                    Ok(()) => passed.push((now, u128::from(cost))),
                    Err(Limited::Never) => prop_assert!(cost > burst),
                    Err(Limited::Wait(wait)) => {
                        let mut later = bucket;
                        prop_assert!(later.take(now + wait, cost).is_ok(), "the promised wait is too short");
                        let mut sooner = bucket;
                        prop_assert!(sooner.take(now + wait - 1, cost).is_err(), "the promised wait is too long");
                    }
                }
            }
            for (from, (start, _)) in passed.iter().enumerate() {
                let mut total = 0;
                for (end, cost) in &passed[from..] {
                    total += cost;
                    prop_assert!(total * u128::from(per) <= u128::from(burst) * u128::from(per) + u128::from(end - start) * u128::from(rate));
                }
            }
        }
    }

    #[test]
    fn a_slow_trickle_loses_nothing() {
        let mut bucket = TokenBucket::new(1, 1, 10 * SECOND).unwrap();
        bucket.take(0, 1).unwrap();
        for tick in 1..10_000 {
            assert!(bucket.take(tick * 1_000_000, 1).is_err());
        }
        bucket.take(10 * SECOND, 1).unwrap();
    }
}
