//! Randomness as an argument, and a small generator for those who have none.
//!
//! [`SplitMix64`] is Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

use serde::{Deserialize, Serialize};

/// A source of random bits. Any `FnMut() -> u64` is one.
pub trait Random {
    /// 64 random bits.
    fn bits(&mut self) -> u64;

    /// A number from 0 up to but without 1, in steps of 2⁻⁵³.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A whole number below `end`, every one equally likely up to 2⁻⁶⁴·`end`; 0 when `end` is 0.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// A whole number from `low` to `high`, both included; `low` when they are the wrong way round.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        match high.checked_sub(low) {
            Some(u64::MAX) => self.bits(),
            Some(width) => low + self.below(width + 1),
            None => low,
        }
    }

    /// True with a chance in parts per million.
    fn chance(&mut self, share: crate::Ppm) -> bool {
        self.below(u64::from(crate::WHOLE)) < u64::from(share)
    }
}

impl<F: FnMut() -> u64> Random for F {
    fn bits(&mut self) -> u64 {
        self()
    }
}

/// A generator with 64 bits of state that passes the usual tests; not for secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitMix64(pub u64);

impl Random for SplitMix64 {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }
}

/// Spreads every bit over all others, one to one.
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence() {
        // The reference implementation's first outputs for the seed 1234567.
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn ranges_hold_their_ends() {
        assert_eq!((|| u64::MAX).between(3, 7), 7);
        assert_eq!((|| 0).between(3, 7), 3);
        assert_eq!((|| u64::MAX).between(7, 3), 7);
        assert!((|| u64::MAX).unit() < 1.0);
    }
}
