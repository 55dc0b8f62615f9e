//! A leader by lease: whoever holds it leads, until it ends; every term has a number that storage can check.
//!
//! | event | guard | answer |
//! |---|---|---|
//! | acquire by n | free, or ended | `Leader(term + 1)` until now + ttl |
//! | acquire by n | held by n | `Leader(term)`, prolonged |
//! | acquire by n | held by another | `Held(until)` |
//! | release by n | held by n | free |
//! | write with a term | term ≥ the highest seen | accepted ([`Fence`]) |
//! | write with a term | lower | refused: an old leader that does not know it yet |
//!
//! A leader must stop by itself `margin` before its lease ends, because its clock may run slower than the one that
//! grants. Defaults: 15 s of lease, renewed every 5 s, 2 s of margin.

use crate::{ConfigError, Nanos, SECOND, ensure};
use serde::{Deserialize, Serialize};

/// The side that grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    ttl: Nanos,
    term: u64,
    held: Option<(u64, Nanos)>,
}

/// What asking comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    /// The asker leads, until then.
    Leader {
        /// The number of the term.
        term: u64,
        /// When it ends unless it is renewed.
        until: Nanos,
    },
    /// Somebody else leads, until then.
    Held(Nanos),
}

impl Default for Lease {
    fn default() -> Self {
        Self { ttl: 15 * SECOND, term: 0, held: None }
    }
}

impl Lease {
    /// A lease that nobody holds.
    pub fn new(ttl: Nanos) -> Result<Self, ConfigError> {
        ensure(ttl > 0, "ttl", "is 0, so nobody could ever lead")?;
        Ok(Self { ttl, ..Self::default() })
    }

    /// A node asks to lead, or to go on leading.
    pub fn acquire(&mut self, now: Nanos, node: u64) -> Grant {
        match self.held {
            Some((holder, until)) if now < until && holder != node => return Grant::Held(until),
            Some((holder, until)) if now < until && holder == node => {}
            _ => self.term += 1,
        }
        let until = now.saturating_add(self.ttl);
        self.held = Some((node, until));
        Grant::Leader { term: self.term, until }
    }

    /// A node gives the lease back.
    pub fn release(&mut self, node: u64) {
        self.held = self.held.filter(|(holder, _)| *holder != node);
    }
}

/// The side that leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leading {
    until: Nanos,
    margin: Nanos,
}

impl Leading {
    /// One that leads until then, with a margin for clocks.
    pub fn new(until: Nanos, margin: Nanos) -> Self {
        Self { until, margin }
    }

    /// Whether it may still act as the leader.
    pub fn may_act(&self, now: Nanos) -> bool {
        now.saturating_add(self.margin) < self.until
    }
}

/// What storage remembers, to refuse writes of old leaders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    highest: u64,
}

impl Fence {
    /// Whether a write of a term is accepted.
    pub fn accepts(&mut self, term: u64) -> bool {
        let fits = term >= self.highest;
        self.highest = self.highest.max(term);
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_two_leaders_and_terms_only_grow(events in prop::collection::vec((0u64..4, 0u64..12, any::<bool>()), 0..200)) {
            let mut lease = Lease::new(10).unwrap();
            let (mut now, mut leaders) = (0, Vec::<(u64, u64, Nanos)>::new());
            for (node, gap, release) in events {
                now += gap;
                if release {
                    lease.release(node);
                    leaders.retain(|(holder, ..)| *holder != node);
                    continue;
                }
                leaders.retain(|(_, _, until)| now < *until);
                match lease.acquire(now, node) {
                    Grant::Leader { term, until } => {
                        leaders.retain(|(holder, ..)| *holder != node);
                        prop_assert!(leaders.is_empty(), "{leaders:?} lead too");
                        leaders.push((node, term, until));
                    }
                    Grant::Held(until) => prop_assert!(until > now && leaders.len() == 1),
                }
            }
        }
    }

    #[test]
    fn an_old_leader_is_stopped_by_its_clock_or_by_the_fence() {
        let leading = Leading::new(10, 2);
        assert!(leading.may_act(7) && !leading.may_act(8));
        let mut fence = Fence::default();
        assert!(fence.accepts(3) && fence.accepts(3) && !fence.accepts(2));
    }
}
