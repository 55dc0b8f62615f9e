//! Hedging: a second copy of a slow call, to another replica; the first answer counts.
//!
//! | event | guard | decision |
//! |---|---|---|
//! | a call starts | – | ask again after the delay |
//! | the delay ends without an answer | fewer than `max` hedges, and the budget pays | `Send`; ask again after the delay |
//! | the delay ends | otherwise | `Wait` |
//! | a copy fails in a way that may be tried again | as above | `Send` at once |
//! | a copy succeeds | – | the others are cancelled and count for nothing |
//!
//! The delay is fixed, or a quantile of what was seen ([`Delay::Quantile`]; two sketches that take turns, so it
//! follows changes). Only for calls that may be made twice. Defaults: one hedge after the p95, at most 5 % more calls.

use crate::sketch::Sketch;
use crate::{ConfigError, Nanos, Ppm, WHOLE, ensure};
use serde::{Deserialize, Serialize};

/// When to hedge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delay {
    /// After this long.
    Fixed(Nanos),
    /// After this share of calls is usually done; nothing is hedged before [`Hedging::SAMPLES_MIN`] were seen.
    Quantile(Ppm),
}

/// Hedging of one kind of call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hedging {
    delay: Delay,
    /// How many copies at most besides the first.
    max: u32,
    /// Hedges per call at most, in parts per million.
    budget: Ppm,
    tokens: u64,
    recent: Sketch,
    older: Sketch,
    current: Option<Nanos>,
}

impl Hedging {
    /// Fewer answers than this say nothing about a quantile.
    pub const SAMPLES_MIN: u64 = 100;
    /// After so many the sketches take turns.
    const TURN: u64 = 10_000;

    /// Hedging with a budget; [`WHOLE`] times `max` or more is no limit.
    pub fn new(delay: Delay, max: u32, budget: Ppm) -> Result<Self, ConfigError> {
        ensure(max > 0, "hedges", "is 0; leave hedging out instead")?;
        ensure(
            !matches!(delay, Delay::Quantile(share) if share == 0 || share >= WHOLE),
            "after",
            "must be a quantile below p100",
        )?;
        let (recent, older) = (Sketch::default(), Sketch::default());
        Ok(Self { delay, max, budget, tokens: u64::from(WHOLE), recent, older, current: None })
    }

    /// One hedge after the p95, for at most 5 % of the calls.
    pub fn usual() -> Self {
        Self::new(Delay::Quantile(950_000), 1, 50_000).expect("these settings can work")
    }

    /// A call starts; when to ask whether to hedge.
    pub fn started(&mut self) -> Option<Nanos> {
        let cap = u64::from(WHOLE) * 10;
        self.tokens = (self.tokens + u64::from(self.budget)).min(cap);
        match self.delay {
            Delay::Fixed(delay) => Some(delay),
            Delay::Quantile(_) => self.current,
        }
    }

    /// Whether to send one more copy, with `sent` copies under way besides the first.
    pub fn hedges(&mut self, sent: u32) -> bool {
        if sent >= self.max || self.tokens < u64::from(WHOLE) {
            return false;
        }
        self.tokens -= u64::from(WHOLE);
        true
    }

    /// A first copy took this long.
    pub fn observed(&mut self, took: Nanos) {
        let Delay::Quantile(share) = self.delay else { return };
        self.recent.record(took);
        let seen = self.recent.total();
        if seen >= Self::SAMPLES_MIN && seen.is_multiple_of(Self::SAMPLES_MIN) {
            self.recent.settle();
            let source = if self.older.total() > seen { &self.older } else { &self.recent };
            self.current = Some(source.quantile(f64::from(share) / f64::from(WHOLE)) as Nanos);
        }
        if seen >= Self::TURN {
            std::mem::swap(&mut self.recent, &mut self.older);
            self.recent.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MILLISECOND;

    #[test]
    fn the_delay_follows_the_p95() {
        let mut hedging = Hedging::usual();
        assert_eq!(hedging.started(), None, "nothing is known yet");
        (1..=20_000u64).for_each(|at| hedging.observed((at % 100 + 1) * MILLISECOND));
        let delay = hedging.started().unwrap();
        assert!(delay.abs_diff(95 * MILLISECOND) < MILLISECOND, "{delay}");
    }

    #[test]
    fn the_budget_holds() {
        let mut hedging = Hedging::new(Delay::Fixed(0), 1, 50_000).unwrap();
        let hedges = (0..10_000)
            .filter(|_| {
                hedging.started();
                hedging.hedges(0)
            })
            .count();
        assert!((490..=511).contains(&hedges), "{hedges}");
        assert!(!hedging.hedges(1), "one is the most");
    }
}
