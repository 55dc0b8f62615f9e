//! The bulkhead: so many calls at a time, so many waiting, no more.
//!
//! | event | guard | answer |
//! |---|---|---|
//! | enter | a place is free and nobody waits | `Entered` |
//! | enter | no place, but room to wait | `Waiting(ticket)` |
//! | enter | neither | `Full` |
//! | leave | somebody waits | the place goes to the one who waits longest |
//! | leave | nobody waits | the place is free |
//! | give up | still waiting | leaves the queue; a ticket that has entered is told so and must leave |
//!
//! Places are handed over one for one, so there are never more inside than `limit`. Defaults: 25 places, no waiting
//! (resilience4j). A queue longer than capacity × timeout serves only those who have given up.

use crate::{ConfigError, ensure};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What asking to enter comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// Inside.
    Entered,
    /// In the queue.
    Waiting(Ticket),
    /// Turned away.
    Full,
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ticket(u64);

/// A bulkhead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulkhead {
    limit: u32,
    queue_max: u32,
    inside: u32,
    next: u64,
    waiting: VecDeque<Ticket>,
}

impl Default for Bulkhead {
    fn default() -> Self {
        Self { limit: 25, queue_max: 0, inside: 0, next: 0, waiting: VecDeque::new() }
    }
}

impl Bulkhead {
    /// An empty one.
    pub fn new(limit: u32, queue_max: u32) -> Result<Self, ConfigError> {
        ensure(limit > 0, "bulkhead", "is 0, so nothing would ever be called")?;
        Ok(Self {
            limit,
            queue_max,
            inside: 0,
            next: 0,
            waiting: VecDeque::with_capacity(queue_max.min(65_536) as usize),
        })
    }

    /// Asks to enter.
    pub fn enter(&mut self) -> Entry {
        if self.inside < self.limit && self.waiting.is_empty() {
            self.inside += 1;
            return Entry::Entered;
        }
        if self.waiting.len() >= self.queue_max as usize {
            return Entry::Full;
        }
        let ticket = Ticket(self.next);
        self.next += 1;
        self.waiting.push_back(ticket);
        Entry::Waiting(ticket)
    }

    /// Leaves; gives the ticket that is inside now instead.
    pub fn leave(&mut self) -> Option<Ticket> {
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.inside = self.inside.saturating_sub(1);
        }
        next
    }

    /// Stops waiting; false when the ticket is not (any more) in the queue.
    pub fn give_up(&mut self, ticket: Ticket) -> bool {
        let found = self.waiting.binary_search_by_key(&ticket.0, |ticket| ticket.0);
        found.is_ok_and(|at| self.waiting.remove(at).is_some())
    }

    /// How many are inside.
    pub fn inside(&self) -> u32 {
        self.inside
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_more_inside_than_places_and_nobody_waits_beside_a_free_one(
            limit in 1u32..5, queue in 0u32..5, events: Vec<u8>,
        ) {
            let mut bulkhead = Bulkhead::new(limit, queue).unwrap();
            let (mut inside, mut waiting) = (0u32, Vec::new());
            for event in events {
                match event % 3 {
                    0 => match bulkhead.enter() {
                        Entry::Entered => inside += 1,
                        Entry::Waiting(ticket) => waiting.push(ticket),
                        Entry::Full => prop_assert!(inside == limit && waiting.len() as u32 == queue),
                    },
                    1 if inside > 0 => match bulkhead.leave() {
                        Some(ticket) => prop_assert_eq!(waiting.remove(0), ticket),
                        None => inside -= 1,
                    },
                    2 if !waiting.is_empty() => {
                        let ticket = waiting.remove(event as usize % waiting.len());
                        prop_assert!(bulkhead.give_up(ticket));
                        prop_assert!(!bulkhead.give_up(ticket));
                    }
                    _ => {}
                }
                prop_assert_eq!(bulkhead.inside(), inside);
                prop_assert!(inside <= limit && bulkhead.waiting() as u32 <= queue);
                prop_assert!(inside == limit || waiting.is_empty());
            }
        }
    }
}
