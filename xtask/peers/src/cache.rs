//! Caches of 10,000 entries, asked for 1,000,000 keys by Zipf's law (0.9): a look-up, and a fill after a miss.

use crate::timed;
use loko_policy::Random as _;
use loko_policy::cache::{Cache, Config, Eviction, Lookup};
use loko_policy::random::SplitMix64;
use std::sync::Mutex;

const ENTRIES: u32 = 10_000;
const KEYS: u32 = 1_000_000;
const EXPONENT: f64 = 0.9;

/// The keys, drawn beforehand, so that drawing is not timed.
fn keys(count: u64) -> Vec<u32> {
    let mut sums = Vec::with_capacity(KEYS as usize);
    let mut sum = 0.0;
    for rank in 1..=KEYS {
        sum += f64::from(rank).powf(-EXPONENT);
        sums.push(sum);
    }
    let mut random = SplitMix64(7);
    (0..count).map(|_| sums.partition_point(|part| *part < random.unit() * sum) as u32).collect()
}

pub(crate) fn run(operations: u64) {
    let what = "cache, a look-up";
    let keys = keys(operations);
    let told = |hits: u64| format!("{:.2} % hits", hits as f64 / operations as f64 * 100.0);
    for (who, eviction) in [("loko, LRU with lock", Eviction::Lru), ("loko, TinyLFU with lock", Eviction::TinyLfu)] {
        timed(what, who, operations, || {
            let config = Config { capacity: ENTRIES, eviction, ttl: None, ..Config::default() };
            let cache = Mutex::new((Cache::new(config).expect("it holds something"), vec![0u64; ENTRIES as usize]));
            let mut random = SplitMix64(1);
            let mut hits = 0;
            for key in &keys {
                let mut guard = cache.lock().expect("nobody panics");
                let (cache, values) = &mut *guard;
                match cache.get(0, u64::from(*key), 0) {
                    Lookup::Hit { slot, .. } => hits += u64::from(values[slot as usize] == u64::from(*key)),
                    Lookup::Miss => {
                        if let Some(slot) = cache.fill(0, u64::from(*key), 0, &mut random) {
                            values[slot as usize] = u64::from(*key);
                        }
                    }
                }
            }
            told(hits)
        });
    }
    timed(what, "moka, TinyLFU", operations, || {
        let cache: moka::sync::Cache<u64, u64> = moka::sync::Cache::new(u64::from(ENTRIES));
        let mut hits = 0;
        for key in &keys {
            match cache.get(&u64::from(*key)) {
                Some(value) => hits += u64::from(value == u64::from(*key)),
                None => cache.insert(u64::from(*key), u64::from(*key)),
            }
        }
        told(hits)
    });
}
