//! Quantiles of a stream of times in fixed memory: a log-linear histogram.
//!
//! Values up to 2⁸ are exact; above, each power of two is split into 256 parts, so a quantile is within 0.2 % of the
//! value that it names. Two sketches merge into the one of both streams, in any order.
//!
//! Counters of one sketch lie far apart, and a program with hundreds of sketches would wait for memory at every value. So
//! the last few values are noted beside each other and counted together, when their counters can be fetched at once.

use crate::Nanos;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The powers of two are split into 2 to this many parts.
const BITS: u32 = 8;
/// How many counters there are.
const LENGTH: usize = ((64 - BITS as usize) + 1) << BITS;

/// How many values are noted before they are counted.
const NOTED: usize = 31;

/// A sketch of times.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sketch {
    counts: Vec<u64>,
    /// Counters of values that are not counted yet, and how many they are.
    noted: [u16; NOTED],
    waiting: u8,
    total: u64,
    sum: f64,
    squares: f64,
    max: Nanos,
}

impl Default for Sketch {
    fn default() -> Self {
        let counts = vec![0; LENGTH];
        Self { counts, noted: [0; NOTED], waiting: 0, total: 0, sum: 0.0, squares: 0.0, max: 0 }
    }
}

impl PartialEq for Sketch {
    fn eq(&self, other: &Self) -> bool {
        let parts = |sketch: &Self| (sketch.total, sketch.sum.to_bits(), sketch.squares.to_bits(), sketch.max);
        parts(self) == parts(other) && self.all() == other.all()
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
        self.noted[self.waiting as usize] = bucket(value) as u16;
        self.waiting += 1;
        if self.waiting as usize == NOTED {
            self.settle();
        }
        self.total += 1;
        let float = value as f64;
        self.sum += float;
        self.squares += float * float;
        self.max = self.max.max(value);
    }

    /// Counts what is only noted, so that reading needs no copy.
    #[inline]
    pub fn settle(&mut self) {
        for at in &self.noted[..self.waiting as usize] {
            self.counts[*at as usize] += 1;
        }
        self.waiting = 0;
    }

    /// All counters, with what is only noted.
    fn all(&self) -> Cow<'_, [u64]> {
        if self.waiting == 0 {
            return Cow::Borrowed(&self.counts);
        }
        let mut counts = self.counts.clone();
        self.noted[..self.waiting as usize].iter().for_each(|at| counts[*at as usize] += 1);
        Cow::Owned(counts)
    }

    /// Adds another stream.
    pub fn merge(&mut self, other: &Self) {
        self.settle();
        other.noted[..other.waiting as usize].iter().for_each(|at| self.counts[*at as usize] += 1);
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
        self.waiting = 0;
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
        for (at, count) in self.all().iter().enumerate().filter(|(_, count)| **count > 0) {
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
        let counts = self.all();
        let more: u64 = counts[at + 1..].iter().sum();
        let (start, end) = (first(at) as f64, first(at + 1) as f64);
        let inside = if end - start <= 1.0 { 0.0 } else { (end - value) / (end - start) };
        (more as f64 + counts[at] as f64 * inside) / self.total as f64
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
            let mut settled = all.clone();
            settled.settle();
            prop_assert_eq!(&settled, &all);
            prop_assert_eq!(settled.above(1e9), all.above(1e9));
            values.sort_unstable();
            let exact = values[((q * values.len() as f64).ceil() as usize).max(1) - 1] as f64;
            prop_assert!((all.quantile(q) - exact).abs() <= exact * 0.005 + 1.0, "{} for {exact}", all.quantile(q));
        }
    }
}
