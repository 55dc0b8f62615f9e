//! What a cache holds: who is in, for how long, and who goes when it is full.
//!
//! | event | guard | answer |
//! |---|---|---|
//! | look up | in, younger than its TTL, of the version asked for | `Hit(age)`; with `Touch::OnAccess` the TTL starts anew |
//! | look up | in, but too old or of another version | `Miss`; it goes |
//! | look up | not in | `Miss` |
//! | fill | of a version older than the one in, or than the last invalidation | refused: a slow reader must not bring back the past |
//! | fill | full | the entry that `Eviction` names goes, or the newcomer is not let in (TinyLFU, LFU) |
//! | invalidate | – | it goes; fills that began before are refused |
//! | write through | – | like a fill of the new version, in step with the origin |
//!
//! | eviction | goes |
//! |---|---|
//! | `Lru` | the one not asked for the longest |
//! | `Fifo` | the one filled first |
//! | `Random` | any |
//! | `Lfu` | the one asked for least since the start, unless the newcomer was asked for less |
//! | `TinyLfu` | as LRU, unless the newcomer was asked for less lately ([`crate::tiny_lfu`]) |
//!
//! Values stay with the caller: a slot number says where. Everything is allocated when the cache is made. Defaults:
//! LRU, 300 s from the fill, spread by 10 % so that entries filled together don't expire together.

use crate::tiny_lfu::TinyLfu;
use crate::{ConfigError, Nanos, Ppm, Random, SECOND, WHOLE, ensure};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Who goes when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says who goes")]
pub enum Eviction {
    Lru,
    Fifo,
    Random,
    Lfu,
    TinyLfu,
}

/// When the time to live starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Touch {
    /// At the fill.
    OnFill,
    /// At each look-up.
    OnAccess,
}

/// How a cache behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// How many entries it holds.
    pub capacity: u32,
    /// Who goes when it is full.
    pub eviction: Eviction,
    /// How long an entry lives; `None` is for ever.
    pub ttl: Option<Nanos>,
    /// How far the TTL is spread, as a share of it.
    pub ttl_jitter: Ppm,
    /// When the TTL starts.
    pub touch: Touch,
}

impl Default for Config {
    fn default() -> Self {
        let ttl = Some(300 * SECOND);
        Self { capacity: 10_000, eviction: Eviction::Lru, ttl, ttl_jitter: 100_000, touch: Touch::OnFill }
    }
}

/// The most entries.
pub const CAPACITY_MAX: u32 = 1 << 26;

/// What a look-up comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lookup {
    /// It is in.
    Hit {
        /// Where its value lies.
        slot: u32,
        /// How long ago it was filled.
        age: Nanos,
    },
    /// It is not.
    Miss,
}

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    key: u64,
    version: u64,
    filled: Nanos,
    ttl: Nanos,
    expires: Nanos,
    before: u32,
    after: u32,
}

/// A cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cache {
    config: Config,
    index: HashMap<u64, u32>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// The ends of the list from newest to oldest.
    newest: u32,
    oldest: u32,
    frequency: Option<TinyLfu>,
    /// How often each key was asked for, for `Lfu`.
    uses: HashMap<u64, u64>,
    /// The lowest version that may still be filled.
    floor: HashMap<u64, u64>,
}

impl Cache {
    /// An empty cache.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        ensure((1..=CAPACITY_MAX).contains(&config.capacity), "capacity", "must be from 1 to 67108864")?;
        ensure(config.ttl != Some(0), "ttl", "is 0, so nothing would ever be found")?;
        ensure(config.ttl_jitter <= WHOLE, "jitter", "is more than 100 %")?;
        let capacity = config.capacity as usize;
        Ok(Self {
            config,
            index: HashMap::with_capacity(capacity),
            entries: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            newest: NONE,
            oldest: NONE,
            frequency: (config.eviction == Eviction::TinyLfu).then(|| TinyLfu::new(capacity)),
            uses: HashMap::new(),
            floor: HashMap::new(),
        })
    }

    /// How many entries there are, expired ones that nobody asked for included.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Looks a key up; `version` is the lowest that will do.
    pub fn get(&mut self, now: Nanos, key: u64, version: u64) -> Lookup {
        if let Some(frequency) = &mut self.frequency {
            frequency.record(key);
        }
        if self.config.eviction == Eviction::Lfu {
            *self.uses.entry(key).or_default() += 1;
        }
        let Some(&slot) = self.index.get(&key) else { return Lookup::Miss };
        let entry = &mut self.entries[slot as usize];
        if now >= entry.expires || entry.version < version {
            self.drop_slot(slot);
            return Lookup::Miss;
        }
        if self.config.touch == Touch::OnAccess {
            entry.expires = now.saturating_add(entry.ttl);
        }
        let age = now.saturating_sub(entry.filled);
        if matches!(self.config.eviction, Eviction::Lru | Eviction::TinyLfu) {
            self.unlink(slot);
            self.link_newest(slot);
        }
        Lookup::Hit { slot, age }
    }

    /// Puts a value in that was read or written at `version`; where it lies, or `None` when it is not let in.
    pub fn fill(&mut self, now: Nanos, key: u64, version: u64, random: &mut impl Random) -> Option<u32> {
        if self.floor.get(&key).is_some_and(|floor| version < *floor) {
            return None;
        }
        if let Some(&slot) = self.index.get(&key) {
            if self.entries[slot as usize].version > version {
                return None;
            }
            self.drop_slot(slot);
        } else if self.index.len() >= self.config.capacity as usize {
            let victim = self.victim(random)?;
            if !self.admits(key, self.entries[victim as usize].key) {
                return None;
            }
            self.drop_slot(victim);
        }
        let ttl = self.ttl(random);
        let entry =
            Entry { key, version, filled: now, ttl, expires: now.saturating_add(ttl), before: NONE, after: NONE };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.entries[slot as usize] = entry;
                slot
            }
            None => {
                self.entries.push(entry);
                self.entries.len() as u32 - 1
            }
        };
        self.index.insert(key, slot);
        self.link_newest(slot);
        Some(slot)
    }

    /// The version of what lies in a slot that a look-up named.
    pub fn version(&self, slot: u32) -> u64 {
        self.entries[slot as usize].version
    }

    /// Takes a key out; fills of versions below `version` are refused from now on.
    pub fn invalidate(&mut self, key: u64, version: u64) -> bool {
        let floor = self.floor.entry(key).or_default();
        *floor = version.max(*floor);
        self.index.get(&key).copied().is_some_and(|slot| {
            let older = self.entries[slot as usize].version < version;
            if older {
                self.drop_slot(slot);
            }
            older
        })
    }

    /// Takes everything out.
    pub fn flush(&mut self) {
        self.index.clear();
        self.entries.clear();
        self.free.clear();
        (self.newest, self.oldest) = (NONE, NONE);
    }

    fn ttl(&self, random: &mut impl Random) -> Nanos {
        let Some(ttl) = self.config.ttl else { return Nanos::MAX };
        let spread = (u128::from(ttl) * u128::from(self.config.ttl_jitter) / u128::from(WHOLE)) as Nanos;
        if spread == 0 { ttl } else { random.between(ttl - spread, ttl.saturating_add(spread)) }
    }

    fn victim(&self, random: &mut impl Random) -> Option<u32> {
        match self.config.eviction {
            Eviction::Lru | Eviction::Fifo | Eviction::TinyLfu => Some(self.oldest).filter(|slot| *slot != NONE),
            // A full cache has no free slot, so any slot is an entry.
            Eviction::Random => Some(random.below(self.entries.len() as u64) as u32),
            Eviction::Lfu => {
                let count = |slot: &u32| self.uses.get(&self.entries[*slot as usize].key).copied().unwrap_or(0);
                (0..self.entries.len() as u32).min_by_key(count)
            }
        }
    }

    fn admits(&self, newcomer: u64, victim: u64) -> bool {
        match (&self.frequency, self.config.eviction) {
            (Some(frequency), _) => frequency.admits(newcomer, victim),
            (None, Eviction::Lfu) => self.uses.get(&newcomer) > self.uses.get(&victim),
            (None, _) => true,
        }
    }

    fn drop_slot(&mut self, slot: u32) {
        self.unlink(slot);
        self.index.remove(&self.entries[slot as usize].key);
        self.free.push(slot);
    }

    fn unlink(&mut self, slot: u32) {
        let Entry { before, after, .. } = self.entries[slot as usize];
        match before {
            NONE => self.newest = after,
            before => self.entries[before as usize].after = after,
        }
        match after {
            NONE => self.oldest = before,
            after => self.entries[after as usize].before = before,
        }
    }

    fn link_newest(&mut self, slot: u32) {
        let newest = self.newest;
        let entry = &mut self.entries[slot as usize];
        (entry.before, entry.after) = (NONE, newest);
        match newest {
            NONE => self.oldest = slot,
            newest => self.entries[newest as usize].before = slot,
        }
        self.newest = slot;
    }
}

/// The key of a value whose form has a version: a new form never finds values of the old one.
pub fn versioned_key(key: u64, schema: u32) -> u64 {
    crate::random::mix(key ^ crate::random::mix(u64::from(schema) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;
    use proptest::prelude::*;

    fn cache(eviction: Eviction, capacity: u32, ttl: Option<Nanos>) -> Cache {
        Cache::new(Config { capacity, eviction, ttl, ttl_jitter: 0, touch: Touch::OnFill }).unwrap()
    }

    fn hit(cache: &mut Cache, now: Nanos, key: u64) -> bool {
        matches!(cache.get(now, key, 0), Lookup::Hit { .. })
    }

    proptest! {
        #[test]
        fn lru_and_fifo_agree_with_a_plain_list(keys in prop::collection::vec(0u64..12, 0..300), lru: bool) {
            let mut cache = cache(if lru { Eviction::Lru } else { Eviction::Fifo }, 5, None);
            let (mut model, mut random): (Vec<u64>, _) = (Vec::new(), SplitMix64(1));
            for key in keys {
                let expected = model.contains(&key);
                prop_assert_eq!(hit(&mut cache, 0, key), expected);
                if expected && lru {
                    model.retain(|other| *other != key);
                    model.push(key);
                } else if !expected {
                    cache.fill(0, key, 0, &mut random);
                    if model.len() == 5 {
                        model.remove(0);
                    }
                    model.push(key);
                }
                prop_assert_eq!(cache.len(), model.len());
            }
        }

        #[test]
        fn never_more_than_its_capacity_nor_older_than_its_ttl(
            events in prop::collection::vec((0u64..20, 0u64..10), 0..300), which in 0..5usize,
        ) {
            let eviction = [Eviction::Lru, Eviction::Fifo, Eviction::Random, Eviction::Lfu, Eviction::TinyLfu][which];
            let (mut cache, mut random, mut now) = (cache(eviction, 6, Some(30)), SplitMix64(3), 0);
            for (key, gap) in events {
                now += gap;
                match cache.get(now, key, 0) {
                    Lookup::Hit { age, .. } => prop_assert!(age < 30),
                    Lookup::Miss => { cache.fill(now, key, 0, &mut random); }
                }
                prop_assert!(cache.len() <= 6);
            }
        }
    }

    #[test]
    fn a_slow_reader_does_not_bring_back_the_past() {
        let (mut cache, mut random) = (cache(Eviction::Lru, 5, None), SplitMix64(1));
        cache.fill(0, 1, 1, &mut random);
        assert!(cache.invalidate(1, 2));
        assert_eq!(cache.fill(1, 1, 1, &mut random), None, "it was read before the write");
        assert!(cache.fill(2, 1, 2, &mut random).is_some());
        assert!(!cache.invalidate(1, 2), "what is in is new enough");
        assert_eq!(cache.get(3, 1, 3), Lookup::Miss, "a reader that needs version 3");
    }

    #[test]
    fn access_may_prolong_life() {
        let config = Config { ttl: Some(10), ttl_jitter: 0, touch: Touch::OnAccess, ..Config::default() };
        let (mut cache, mut random) = (Cache::new(config).unwrap(), SplitMix64(1));
        cache.fill(0, 1, 0, &mut random);
        assert!((1..50).all(|step| hit(&mut cache, step * 9, 1)));
        assert!(!hit(&mut cache, 49 * 9 + 10, 1));
    }

    #[test]
    fn a_scan_does_not_wash_out_what_is_popular_under_tiny_lfu() {
        let hits = |eviction| {
            let (mut cache, mut random, mut hits) = (cache(eviction, 50, None), SplitMix64(1), 0);
            for step in 0..20_000u64 {
                let key = if step % 2 == 0 { random.below(40) } else { 1_000 + step };
                match cache.get(0, key, 0) {
                    Lookup::Hit { .. } => hits += 1,
                    Lookup::Miss => {
                        cache.fill(0, key, 0, &mut random);
                    }
                }
            }
            hits
        };
        let (lru, tiny) = (hits(Eviction::Lru), hits(Eviction::TinyLfu));
        assert!(tiny > lru + 1_000, "tiny {tiny}, lru {lru}");
    }

    #[test]
    fn a_new_form_never_finds_the_old() {
        assert_ne!(versioned_key(1, 1), versioned_key(1, 2));
    }
}
