//! How long to wait before trying again.
//!
//! The `k`-th wait (`k = 1` comes before the first retry) has the ceiling `v = min(cap, initial · factorᵏ⁻¹)`.
//!
//! | jitter | wait |
//! |---|---|
//! | `None` | `v` |
//! | `Full` | uniform on `[0, v]` |
//! | `Equal` | `v/2` + uniform on `[0, v/2]` |
//! | `Decorrelated` | `sₖ = min(cap, uniform on [initial, 3·sₖ₋₁])`, `s₀ = initial`, where `sₖ₋₁` is the wait before |
//! | `Polly` | `(g(tₖ) − g(tₖ₋₁)) / 1.4 · initial`, `g(t) = 2ᵗ·tanh(√(4t))`, `tₖ = k − 1 + uniform`, cut at `cap` |
//! | `Proportional(p)` | `v · (1 ± p)`, uniform |
//!
//! Defaults: 1 s, then 2 s, then 4 s, full jitter, at most 60 s. Full, equal and decorrelated jitter: M. Brooker,
//! "Exponential backoff and jitter", 2015. The state ([`Waits`]) belongs to one call: waits that are shared between
//! calls would follow each other.

use crate::{ConfigError, MINUTE, Nanos, Ppm, Random, SECOND, WHOLE, ensure};
use serde::{Deserialize, Serialize};

/// How waits are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says what each does")]
pub enum Jitter {
    None,
    Full,
    Equal,
    Decorrelated,
    Polly,
    Proportional(Ppm),
}

/// How waits grow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    /// The first ceiling.
    pub initial: Nanos,
    /// What the ceiling is multiplied with each time, in thousandths: `2_000` doubles it.
    pub factor_milli: u32,
    /// The highest ceiling.
    pub cap: Nanos,
    /// How waits are spread below it.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial: SECOND, factor_milli: 2_000, cap: MINUTE, jitter: Jitter::Full }
    }
}

impl Backoff {
    /// The same wait every time.
    pub fn constant(wait: Nanos) -> Self {
        Self { initial: wait, factor_milli: 1_000, cap: wait, jitter: Jitter::None }
    }

    /// Checks that it can work.
    pub fn check(&self) -> Result<(), ConfigError> {
        ensure(self.factor_milli >= 1_000, "factor", "waits would shrink; 1 keeps them the same")?;
        ensure(self.cap >= self.initial, "max", "is shorter than the first wait")?;
        ensure(!matches!(self.jitter, Jitter::Proportional(share) if share > WHOLE), "jitter", "is more than 100 %")
    }

    /// The ceiling of the `k`-th wait; grows without overflow up to the cap.
    pub fn ceiling(&self, k: u32) -> Nanos {
        let mut value = u128::from(self.initial);
        let cap = u128::from(self.cap);
        for _ in 1..k {
            if value >= cap || self.factor_milli == 1_000 {
                break;
            }
            value = value * u128::from(self.factor_milli) / 1_000;
        }
        value.min(cap) as Nanos
    }
}

/// The waits of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Waits {
    /// How many there were.
    pub taken: u32,
    /// The last one, for decorrelated jitter.
    last: Nanos,
    /// The last `t` of Polly's jitter.
    t: f64,
}

impl Waits {
    /// The next wait.
    pub fn next(&mut self, backoff: &Backoff, random: &mut impl Random) -> Nanos {
        self.taken = self.taken.saturating_add(1);
        let ceiling = backoff.ceiling(self.taken);
        match backoff.jitter {
            Jitter::None => ceiling,
            Jitter::Full => random.between(0, ceiling),
            Jitter::Equal => ceiling / 2 + random.between(0, ceiling - ceiling / 2),
            Jitter::Decorrelated => {
                let before = if self.taken == 1 { backoff.initial } else { self.last };
                self.last = random.between(backoff.initial, before.saturating_mul(3)).min(backoff.cap);
                self.last
            }
            Jitter::Polly => {
                let before = if self.taken == 1 { 0.0 } else { polly(self.t) };
                self.t = f64::from(self.taken - 1) + random.unit();
                let wait = (polly(self.t) - before) / 1.4 * backoff.initial as f64;
                if wait >= backoff.cap as f64 { backoff.cap } else { wait.max(0.0) as Nanos }
            }
            Jitter::Proportional(share) => {
                let width = (u128::from(ceiling) * u128::from(share) / u128::from(WHOLE)) as Nanos;
                random.between(ceiling - width, ceiling.saturating_add(width))
            }
        }
    }

    /// Starts again from the first wait, as after a wait that the server asked for.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Polly's curve.
fn polly(t: f64) -> f64 {
    libm::exp2(t) * libm::tanh(libm::sqrt(4.0 * t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;
    use proptest::prelude::*;

    #[test]
    fn the_documents_schedule_is_one_two_four_seconds() {
        let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
        let mut waits = Waits::default();
        let mut next = || waits.next(&backoff, &mut || 0) / SECOND;
        assert_eq!([next(), next(), next()], [1, 2, 4]);
    }

    proptest! {
        #[test]
        fn no_wait_leaves_its_bounds(
            seed: u64, initial in 1u64..1 << 62, extra: u32, factor in 1_000u32..10_000, which in 0..6usize, count in 1..80u32,
        ) {
            let jitter = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Polly,
                Jitter::Proportional(250_000)][which];
            let backoff = Backoff { initial, factor_milli: factor, cap: initial + u64::from(extra), jitter };
            backoff.check().unwrap();
            let (mut waits, mut random) = (Waits::default(), SplitMix64(seed));
            for k in 1..=count {
                let wait = waits.next(&backoff, &mut random);
                let ceiling = backoff.ceiling(k);
                prop_assert!(ceiling <= backoff.cap);
                match jitter {
                    Jitter::None => prop_assert_eq!(wait, ceiling),
                    Jitter::Full => prop_assert!(wait <= ceiling),
                    Jitter::Equal => prop_assert!(wait >= ceiling / 2 && wait <= ceiling),
                    Jitter::Decorrelated => prop_assert!(wait >= initial && wait <= backoff.cap),
                    Jitter::Polly => prop_assert!(wait <= backoff.cap),
                    Jitter::Proportional(_) => prop_assert!(wait >= ceiling / 4 * 3 && wait <= ceiling + ceiling / 4),
                }
            }
        }
    }
}
