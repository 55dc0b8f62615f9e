//! Projections: read models that follow a log of events, each event once, in order.
//!
//! | event of position | guard | answer |
//! |---|---|---|
//! | p | p = position + 1 | `Apply`; the position is stored with the result, in one transaction |
//! | p | p ≤ position | `Skip`: it was applied before |
//! | p | p > position + 1 | `Gap`: events are missing; ask from position + 1 on |
//!
//! A reader that has just written asks for its own position and waits until the model has reached it. A rebuild
//! follows the log beside the old model and takes over when it has caught up.

use crate::Nanos;
use serde::{Deserialize, Serialize};

/// What to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Apply it and store the new position with it.
    Apply,
    /// Leave it.
    Skip,
    /// Ask for the events from this position on.
    Gap(u64),
}

/// A projection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Projection {
    position: u64,
    lag: Nanos,
}

impl Projection {
    /// One that has applied everything up to a position.
    pub fn at(position: u64) -> Self {
        Self { position, lag: 0 }
    }

    /// The position of the last event that was applied.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How long the last event waited.
    pub fn lag(&self) -> Nanos {
        self.lag
    }

    /// An event comes, written at `written`.
    pub fn offer(&mut self, now: Nanos, position: u64, written: Nanos) -> Step {
        if position <= self.position {
            return Step::Skip;
        }
        if position > self.position + 1 {
            return Step::Gap(self.position + 1);
        }
        self.position = position;
        self.lag = now.saturating_sub(written);
        Step::Apply
    }

    /// Whether a reader that needs a position may read.
    pub fn serves(&self, position: u64) -> bool {
        self.position >= position
    }

    /// Whether a rebuilt model may take over from this one.
    pub fn may_be_replaced_by(&self, rebuilt: &Self) -> bool {
        rebuilt.position >= self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_event_is_applied_once_and_in_order(offers in prop::collection::vec(1u64..20, 0..200)) {
            let (mut projection, mut applied) = (Projection::default(), Vec::new());
            for position in offers {
                match projection.offer(0, position, 0) {
                    Step::Apply => applied.push(position),
                    Step::Skip => prop_assert!(applied.contains(&position)),
                    Step::Gap(from) => prop_assert_eq!(from, applied.len() as u64 + 1),
                }
            }
            prop_assert!(applied.iter().copied().eq(1..=applied.len() as u64));
        }
    }
}
