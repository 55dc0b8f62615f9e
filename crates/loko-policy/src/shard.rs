//! Which shard a key belongs to.
//!
//! | scheme | shard of a key | when a shard is added to n |
//! |---|---|---|
//! | [`modulo`] | hash mod n | n/(n+1) of the keys move |
//! | [`Ranges`] | the range that holds it | none until a range is split; the last one takes all growing keys |
//! | [`Ring`] | the next point on a ring, each shard has several | 1/(n+1) move |
//! | [`rendezvous`] | the shard with the highest hash(key, shard) | 1/(n+1) move |
//! | [`shuffle`] | `k` of n workers for each customer | few customers share all their workers |
//!
//! Karger et al. 1997 (ring), Thaler and Ravishankar 1998 (rendezvous), AWS Builders' Library (shuffle sharding).
//! Default: 200 points a shard on the ring.

use crate::random::{SplitMix64, mix};
use crate::{ConfigError, Random, ensure};
use serde::{Deserialize, Serialize};

/// The most points of a ring.
pub const POINTS_MAX: usize = 1 << 24;

/// The shard by the remainder.
pub fn modulo(key: u64, shards: u32) -> u32 {
    if shards == 0 { 0 } else { (mix(key) % u64::from(shards)) as u32 }
}

/// The shard with the highest hash; `shards` are their ids.
pub fn rendezvous(key: u64, shards: &[u64]) -> Option<u64> {
    shards.iter().copied().max_by_key(|shard| (mix(mix(key) ^ mix(*shard ^ 0x5BD1_E995)), *shard))
}

/// The `count` workers of a customer out of `workers`, the same every time.
pub fn shuffle(customer: u64, workers: u32, count: u32) -> Vec<u32> {
    let mut random = SplitMix64(mix(customer));
    let mut all: Vec<u32> = (0..workers).collect();
    let count = count.min(workers) as usize;
    for at in 0..count {
        let other = random.between(at as u64, workers as u64 - 1) as usize;
        all.swap(at, other);
    }
    all.truncate(count);
    all
}

/// Ranges of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges {
    /// The first key of each range but the first, rising.
    bounds: Vec<u64>,
    /// The shard of each range.
    shards: Vec<u32>,
}

impl Ranges {
    /// All keys in one shard.
    pub fn new(shard: u32) -> Self {
        Self { bounds: Vec::new(), shards: vec![shard] }
    }

    /// The shard of a key.
    pub fn shard(&self, key: u64) -> u32 {
        self.shards[self.bounds.partition_point(|bound| *bound <= key)]
    }

    /// Splits the range that holds `at`: keys from `at` on go to `shard`. False when a range starts there already.
    pub fn split(&mut self, at: u64, shard: u32) -> bool {
        match self.bounds.binary_search(&at) {
            Ok(_) => false,
            Err(_) if at == 0 => false,
            Err(place) => {
                self.bounds.insert(place, at);
                self.shards.insert(place + 1, shard);
                true
            }
        }
    }
}

/// A consistent-hash ring.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    points: Vec<(u64, u32)>,
    per_shard: u32,
}

impl Ring {
    /// The usual points a shard.
    pub const POINTS: u32 = 200;

    /// A ring of shards with so many points each; `seed` places them.
    pub fn new(shards: u32, per_shard: u32, seed: u64) -> Result<Self, ConfigError> {
        ensure(shards > 0, "shards", "is 0")?;
        ensure(per_shard > 0, "points", "is 0")?;
        ensure(shards as usize * per_shard as usize <= POINTS_MAX, "points", "are too many")?;
        let mut ring = Self { points: Vec::with_capacity((shards * per_shard) as usize), per_shard };
        (0..shards).for_each(|shard| ring.place(shard, seed));
        ring.points.sort_unstable();
        Ok(ring)
    }

    fn place(&mut self, shard: u32, seed: u64) {
        let base = mix(seed ^ mix(u64::from(shard)));
        self.points.extend((0..self.per_shard).map(|point| (mix(base ^ mix(u64::from(point) << 32 | 1)), shard)));
    }

    /// Adds a shard.
    pub fn add(&mut self, shard: u32, seed: u64) {
        self.place(shard, seed);
        self.points.sort_unstable();
    }

    /// Takes a shard away.
    pub fn remove(&mut self, shard: u32) {
        self.points.retain(|(_, other)| *other != shard);
    }

    /// The shard of a key; `None` on an empty ring.
    pub fn shard(&self, key: u64) -> Option<u32> {
        let at = self.points.partition_point(|(point, _)| *point < mix(key));
        self.points.get(at).or(self.points.first()).map(|(_, shard)| *shard)
    }

    /// The share of all keys that each of the shards 0 to `shards − 1` holds.
    pub fn shares(&self, shards: u32) -> Vec<f64> {
        let mut shares = vec![0.0; shards as usize];
        let mut before = self.points.last().map_or(0, |(point, _)| *point);
        let whole = 2f64.powi(64);
        for (point, shard) in &self.points {
            let width = point.wrapping_sub(before);
            let width = if self.points.len() == 1 { whole } else { width as f64 };
            shares[*shard as usize] += width / whole;
            before = *point;
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn adding_a_shard_moves_keys_only_to_it(shards in 1u32..12, seed: u64, keys: Vec<u64>) {
            let before = Ring::new(shards, 20, seed).unwrap();
            let mut after = before.clone();
            after.add(shards, seed);
            let ids: Vec<u64> = (0..=u64::from(shards)).collect();
            for key in keys {
                let (old, new) = (before.shard(key).unwrap(), after.shard(key).unwrap());
                prop_assert!(old == new || new == shards);
                let (old, new) = (rendezvous(key, &ids[..shards as usize]).unwrap(), rendezvous(key, &ids).unwrap());
                prop_assert!(old == new || new == u64::from(shards));
                prop_assert!(modulo(key, shards) < shards);
            }
            after.remove(shards);
            prop_assert_eq!(after, before);
        }

        #[test]
        fn shares_are_a_whole(shards in 1u32..12, points in 1u32..30, seed: u64) {
            let sum: f64 = Ring::new(shards, points, seed).unwrap().shares(shards).iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
        }

        #[test]
        fn a_customer_always_has_the_same_different_workers(customer: u64, workers in 1u32..30, count in 1u32..30) {
            let mine = shuffle(customer, workers, count);
            prop_assert_eq!(&mine, &shuffle(customer, workers, count));
            let different: std::collections::BTreeSet<_> = mine.iter().collect();
            prop_assert_eq!(different.len() as u32, count.min(workers));
        }
    }

    #[test]
    fn ranges_split_without_touching_others() {
        let mut ranges = Ranges::new(0);
        assert!(ranges.split(100, 1) && ranges.split(50, 2) && !ranges.split(50, 3));
        assert_eq!([0, 49, 50, 99, 100, u64::MAX].map(|key| ranges.shard(key)), [0, 0, 2, 2, 1, 1]);
    }
}
