//! The outbox: what is to be announced is stored with the change itself, and announced afterwards.
//!
//! | event | guard | next |
//! |---|---|---|
//! | stored | – | pending, in the order of its key |
//! | next batch | not in flight, and no earlier one of the same key is | in flight until now + lease |
//! | published | – | gone |
//! | failed, or the lease ends | – | pending again |
//!
//! Every message is announced at least once, and those of one key in their order; a relay that dies loses nothing.
//! Defaults: 100 a batch, 30 s of lease.

use crate::{Nanos, SECOND};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// How long a relay has for a message.
    pub lease: Nanos,
    pending: BTreeMap<u64, Row>,
    next: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    key: u64,
    leased_until: Option<Nanos>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { lease: 30 * SECOND, pending: BTreeMap::new(), next: 0 }
    }
}

impl Outbox {
    /// The usual batch.
    pub const BATCH: usize = 100;

    /// Stores a message of a key, in the transaction of the change; its number.
    pub fn store(&mut self, key: u64) -> u64 {
        let number = self.next;
        self.next += 1;
        self.pending.insert(number, Row { key, leased_until: None });
        number
    }

    /// Takes up to `limit` messages to announce, at most one of each key.
    pub fn take(&mut self, now: Nanos, limit: usize) -> Vec<u64> {
        let mut keys = BTreeSet::new();
        let mut batch = Vec::new();
        for (number, row) in &mut self.pending {
            if batch.len() == limit {
                break;
            }
            if !keys.insert(row.key) || row.leased_until.is_some_and(|until| now < until) {
                continue;
            }
            row.leased_until = Some(now.saturating_add(self.lease));
            batch.push(*number);
        }
        batch
    }

    /// A message was announced; false when it was before.
    pub fn published(&mut self, number: u64) -> bool {
        self.pending.remove(&number).is_some()
    }

    /// A message could not be announced.
    pub fn failed(&mut self, number: u64) {
        if let Some(row) = self.pending.get_mut(&number) {
            row.leased_until = None;
        }
    }

    /// How many are pending.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn at_least_once_and_each_key_in_order(keys in prop::collection::vec(0u64..4, 1..40), luck: Vec<u8>) {
            let mut outbox = Outbox::default();
            let numbers: Vec<(u64, u64)> = keys.iter().map(|key| (outbox.store(*key), *key)).collect();
            let (mut first_seen, mut now, mut luck) = (Vec::new(), 0, luck.into_iter().chain(std::iter::repeat(0)));
            while !outbox.is_empty() {
                now += SECOND;
                for number in outbox.take(now, 3) {
                    match luck.next().unwrap() % 4 {
                        1 => outbox.failed(number),
                        2 => now += 31 * SECOND,
                        _ => {
                            if !first_seen.contains(&number) { first_seen.push(number); }
                            outbox.published(number);
                        }
                    }
                }
            }
            prop_assert_eq!(first_seen.len(), keys.len());
            for key in 0..4 {
                let of_key: Vec<u64> = first_seen.iter().copied().filter(|number| numbers.contains(&(*number, key))).collect();
                prop_assert!(of_key.is_sorted());
            }
        }
    }
}
