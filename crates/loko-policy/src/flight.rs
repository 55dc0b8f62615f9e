//! Single flight: of all who miss the same key at the same time, one asks the origin and the others wait for it.
//!
//! | event | guard | answer |
//! |---|---|---|
//! | a miss | nobody is asking for this key | `Lead`: go and ask |
//! | a miss | somebody is, for less than `max` | `Follow`: wait for the answer |
//! | a miss | somebody is, for longer | `Lead`: the leader is given up |
//! | an answer | from the leader | its followers are released |
//! | an answer | from a leader that was given up | nobody is; the newer one counts |

use crate::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to do on a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Ask the origin; the number is to be handed back with the answer.
    Lead(u64),
    /// Wait for the leader of this number.
    Follow(u64),
}

/// The flights of a cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flights {
    max: Nanos,
    next: u64,
    under_way: BTreeMap<u64, Flight>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Flight {
    number: u64,
    since: Nanos,
    followers: u32,
}

impl Flights {
    /// None under way; a leader that takes longer than `max` is given up.
    pub fn new(max: Nanos) -> Self {
        Self { max, ..Self::default() }
    }

    /// Somebody misses a key.
    pub fn miss(&mut self, now: Nanos, key: u64) -> Role {
        if let Some(flight) = self.under_way.get_mut(&key)
            && now.saturating_sub(flight.since) < self.max
        {
            flight.followers += 1;
            return Role::Follow(flight.number);
        }
        self.next += 1;
        self.under_way.insert(key, Flight { number: self.next, since: now, followers: 0 });
        Role::Lead(self.next)
    }

    /// A leader is done, well or not; how many followers wait for it, or `None` when it was given up.
    pub fn landed(&mut self, key: u64, number: u64) -> Option<u32> {
        let flight = self.under_way.get(&key).filter(|flight| flight.number == number)?;
        let followers = flight.followers;
        self.under_way.remove(&key);
        Some(followers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asks_and_a_leader_that_hangs_is_replaced() {
        let mut flights = Flights::new(10);
        assert_eq!(flights.miss(0, 7), Role::Lead(1));
        assert_eq!(flights.miss(5, 7), Role::Follow(1));
        assert_eq!(flights.miss(5, 8), Role::Lead(2));
        assert_eq!(flights.miss(10, 7), Role::Lead(3));
        assert_eq!(flights.landed(7, 1), None);
        assert_eq!(flights.landed(7, 3), Some(0));
        assert_eq!(flights.landed(8, 2), Some(0));
    }
}
