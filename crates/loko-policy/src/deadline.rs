//! Timeouts and deadlines: how long is left, for this try and for everything.
//!
//! | moment | guard | answer |
//! |---|---|---|
//! | a call starts | the caller has less left than this call's own limit | the caller's time counts |
//! | a try starts | less is left than a try usually takes | `Expired`; the work would be thrown away |
//! | otherwise | – | the try's limit: the smaller of its own and what is left |
//!
//! What travels to the callee is the time left, never a wall clock. Work is dropped when less is left than it usually
//! takes: dropping exactly at the deadline still serves requests that nobody waits for any more.

use crate::{ConfigError, Nanos, SECOND, ensure};
use serde::{Deserialize, Serialize};

/// The limits of one kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Option<Nanos>,
    /// One try, from the request to the last byte of the answer.
    pub read: Option<Nanos>,
    /// Everything: all tries and the waits between them.
    pub overall: Option<Nanos>,
}

impl Default for Timeouts {
    /// 2 s a try, 5 s in all.
    fn default() -> Self {
        Self { connect: None, read: Some(2 * SECOND), overall: Some(5 * SECOND) }
    }
}

impl Timeouts {
    /// Checks that it can work.
    pub fn check(&self) -> Result<(), ConfigError> {
        let some = |limit: Option<Nanos>| limit.is_none_or(|limit| limit > 0);
        ensure(
            some(self.connect) && some(self.read) && some(self.overall),
            "timeout",
            "is 0, so every call would fail",
        )?;
        ensure(self.read <= self.overall || self.overall.is_none(), "read", "is longer than the overall timeout")
    }

    /// When the call must be over: the earlier of the caller's deadline and its own limit.
    pub fn deadline(&self, now: Nanos, caller: Option<Nanos>) -> Option<Nanos> {
        let own = self.overall.map(|limit| now.saturating_add(limit));
        match (own, caller) {
            (Some(own), Some(caller)) => Some(own.min(caller)),
            (own, caller) => own.or(caller),
        }
    }

    /// How long the next try may take, or `None` when it can't be done in what is left.
    pub fn next_try(&self, now: Nanos, deadline: Option<Nanos>, typical: Nanos) -> Option<Nanos> {
        let left = deadline.map_or(Nanos::MAX, |deadline| deadline.saturating_sub(now));
        (left > typical).then(|| left.min(self.read.unwrap_or(Nanos::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_never_outlives_its_parent() {
        let child = Timeouts { overall: Some(10 * SECOND), ..Timeouts::default() };
        assert_eq!(child.deadline(SECOND, Some(3 * SECOND)), Some(3 * SECOND));
        assert_eq!(child.deadline(SECOND, None), Some(11 * SECOND));
    }

    #[test]
    fn a_try_that_cannot_end_in_time_is_not_made() {
        let limits = Timeouts::default();
        assert_eq!(limits.next_try(0, Some(SECOND), 900_000_000), Some(SECOND));
        assert_eq!(limits.next_try(0, Some(SECOND), SECOND), None);
        assert_eq!(limits.next_try(2 * SECOND, Some(SECOND), 0), None);
    }
}
