//! TinyLFU: a small memory of how often keys were asked for, to decide who may enter a full cache.
//!
//! Four rows of 4-bit counters (a count-min sketch); a key's count is the smallest of its four. After ten times the
//! cache's capacity of requests all counters are halved, so old fame fades. A newcomer enters when it was asked for
//! more often than the entry that would go. Einziger, Friedman and Manes, "TinyLFU", ACM ToS 2017.

use crate::random::mix;
use serde::{Deserialize, Serialize};

const ROWS: u64 = 4;
/// Sixteen counters a word.
const PER_WORD: u64 = 16;
/// The highest count.
const COUNT_MAX: u64 = 15;

/// The counters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TinyLfu {
    words: Vec<u64>,
    mask: u64,
    seen: u64,
    sample: u64,
}

impl TinyLfu {
    /// Counters for a cache of so many entries.
    pub fn new(capacity: usize) -> Self {
        let counters = (capacity.max(16) as u64).saturating_mul(8).next_power_of_two();
        Self {
            words: vec![0; (counters / PER_WORD) as usize],
            mask: counters - 1,
            seen: 0,
            sample: capacity as u64 * 10,
        }
    }

    /// A key was asked for.
    pub fn record(&mut self, key: u64) {
        for row in 0..ROWS {
            let (word, shift) = self.place(key, row);
            if self.words[word] >> shift & COUNT_MAX < COUNT_MAX {
                self.words[word] += 1 << shift;
            }
        }
        self.seen += 1;
        if self.seen >= self.sample.max(1) {
            self.seen /= 2;
            // Each nibble is halved; the mask drops the bit that falls in from its neighbour.
            self.words.iter_mut().for_each(|word| *word = *word >> 1 & 0x7777_7777_7777_7777);
        }
    }

    /// How often a key was asked for lately, at most 15.
    pub fn count(&self, key: u64) -> u32 {
        let count = |row| {
            let (word, shift) = self.place(key, row);
            (self.words[word] >> shift & COUNT_MAX) as u32
        };
        (0..ROWS).map(count).min().unwrap_or(0)
    }

    /// Whether a newcomer should take the place of an entry.
    pub fn admits(&self, newcomer: u64, victim: u64) -> bool {
        self.count(newcomer) > self.count(victim)
    }

    fn place(&self, key: u64, row: u64) -> (usize, u64) {
        let counter = mix(key ^ (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)) & self.mask;
        ((counter / PER_WORD) as usize, counter % PER_WORD * 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fame_fades() {
        let mut counts = TinyLfu::new(100);
        (0..12).for_each(|_| counts.record(1));
        assert_eq!(counts.count(1), 12);
        (0..990).for_each(|key| counts.record(1_000 + key));
        assert!(counts.count(1) <= 7, "{}", counts.count(1));
    }

    proptest! {
        #[test]
        fn a_count_is_never_too_low(keys in prop::collection::vec(0u64..50, 0..400)) {
            let mut counts = TinyLfu::new(100);
            keys.iter().for_each(|key| counts.record(*key));
            for key in 0..50 {
                let exact = keys.iter().filter(|other| **other == key).count().min(15) as u32;
                prop_assert!(counts.count(key) >= exact);
            }
        }
    }
}
