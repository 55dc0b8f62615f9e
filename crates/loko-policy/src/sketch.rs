//! Quantiles of a stream of times in fixed memory: a log-linear histogram.
//!
//! Values up to 2⁸ are exact; above, each power of two is split into 256 parts, so a quantile is within 0.2 % of the
//! value that it names. Two sketches merge into the one of both streams, in any order.

use crate::Nanos;
use serde::{Deserialize, Serialize};

/// The powers of two are split into 2 to this many parts.
const BITS: u32 = 8;
/// How many counters there are.
const LENGTH: usize = ((64 - BITS as usize) + 1) << BITS;

/// A sketch of times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    counts: Vec<u64>,
    total: u64,
    sum: f64,
    squares: f64,
    max: Nanos,
}

impl Default for Sketch {
    fn default() -> Self {
        Self { counts: vec![0; LENGTH], total: 0, sum: 0.0, squares: 0.0, max: 0 }
    }
}

/// Which counter a value belongs to.
#[inline]
fn bucket(value: u64) -> usize {
    let bits = 64 - value.leading_zeros();
    if bits <= BITS {
        return value as usize;
    }
    let shift = bits - BITS - 1;
    // One half of each power's counters lies in the row below it.
    ((shift as usize) << BITS) + (value >> shift) as usize
}

/// The first value of a counter.
fn first(bucket: usize) -> u64 {
    let row = bucket >> BITS;
    if row == 0 {
        return bucket as u64;
    }
    let shift = row - 1;
    ((bucket - (shift << BITS)) as u64) << shift
}

impl Sketch {
    /// Adds a time.
    #[inline]
    pub fn record(&mut self, value: Nanos) {
        self.counts[bucket(value)] += 1;
        self.total += 1;
        let float = value as f64;
        self.sum += float;
        self.squares += float * float;
        self.max = self.max.max(value);
    }

    /// Adds another stream.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.squares += other.squares;
        self.max = self.max.max(other.max);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        (self.total, self.sum, self.squares, self.max) = (0, 0.0, 0.0, 0);
    }

    /// How many times there are.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The mean; 0 of nothing.
    pub fn mean(&self) -> f64 {
        if self.total == 0 { 0.0 } else { self.sum / self.total as f64 }
    }

    /// The mean of the squares; 0 of nothing.
    pub fn second_moment(&self) -> f64 {
        if self.total == 0 { 0.0 } else { self.squares / self.total as f64 }
    }

    /// The standard deviation.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        libm::sqrt((self.second_moment() - mean * mean).max(0.0))
    }

    /// The longest time.
    pub fn max(&self) -> Nanos {
        self.max
    }

    /// The value that a share `q` of all lie at or below; inside a counter values are taken to be spread evenly.
    pub fn quantile(&self, q: f64) -> f64 {
        let wanted = q.clamp(0.0, 1.0) * self.total as f64;
        let mut below = 0u64;
        for (at, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let reached = below + count;
            if reached as f64 >= wanted {
                let (start, end) = (first(at) as f64, first(at + 1) as f64);
                if end - start <= 1.0 {
                    return start;
                }
                let inside = (wanted - below as f64) / *count as f64;
                return (start + (end - start) * inside).min(self.max as f64);
            }
            below = reached;
        }
        self.max as f64
    }

    /// The share of times above a value.
    pub fn above(&self, value: f64) -> f64 {
        if self.total == 0 || value < 0.0 {
            return 0.0;
        }
        let at = bucket(value as u64);
        let more: u64 = self.counts[at + 1..].iter().sum();
        let (start, end) = (first(at) as f64, first(at + 1) as f64);
        let inside = if end - start <= 1.0 { 0.0 } else { (end - value) / (end - start) };
        (more as f64 + self.counts[at] as f64 * inside) / self.total as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counters_tile_all_values() {
        for at in 0..LENGTH - 1 {
            assert!(first(at) < first(at + 1), "{at}");
            assert_eq!(bucket(first(at)), at);
            assert_eq!(bucket(first(at + 1) - 1), at);
        }
        assert_eq!(bucket(u64::MAX), LENGTH - 1);
    }

    proptest! {
        #[test]
        fn quantiles_are_within_half_a_percent_and_merging_is_the_same_as_one_stream(
            mut values in prop::collection::vec(0u64..10_000_000_000, 1..400), split in 0usize..400, q in 0.0f64..1.0,
        ) {
            let split = split.min(values.len());
            let (mut one, mut two, mut all) = (Sketch::default(), Sketch::default(), Sketch::default());
            values[..split].iter().for_each(|value| one.record(*value));
            values[split..].iter().for_each(|value| two.record(*value));
            values.iter().for_each(|value| all.record(*value));
            one.merge(&two);
            prop_assert_eq!(one.quantile(q), all.quantile(q));
            values.sort_unstable();
            let exact = values[((q * values.len() as f64).ceil() as usize).max(1) - 1] as f64;
            prop_assert!((all.quantile(q) - exact).abs() <= exact * 0.005 + 1.0, "{} for {exact}", all.quantile(q));
        }
    }
}
