//! Fallback: what to answer when the real answer can't be had.
//!
//! | the call | an old answer | answer |
//! |---|---|---|
//! | succeeded | – | `Fresh`, and remembered |
//! | failed | at most `stale_max` old | `Stale(age)` |
//! | failed | older or none, and there is a default | `Default` |
//! | failed | none, and no default | `Failed` |
//!
//! The value itself stays with the caller; this decides which one counts. A fallback answer is a success for whoever
//! asked, but never for the breaker or the budget of the call behind it. Default: old answers for up to 24 hours.

use crate::{HOUR, Nanos};
use serde::{Deserialize, Serialize};

/// Which answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says when each applies")]
pub enum Answer {
    Fresh,
    Stale(Nanos),
    Default,
    Failed,
}

/// A fallback of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    stale_max: Nanos,
    has_default: bool,
    fresh_at: Option<Nanos>,
}

impl Default for Fallback {
    fn default() -> Self {
        Self::new(24 * HOUR, false)
    }
}

impl Fallback {
    /// One that remembers nothing yet.
    pub fn new(stale_max: Nanos, has_default: bool) -> Self {
        Self { stale_max, has_default, fresh_at: None }
    }

    /// The call ended at `now`.
    pub fn answer(&mut self, now: Nanos, success: bool) -> Answer {
        if success {
            self.fresh_at = Some(now);
            return Answer::Fresh;
        }
        match self.fresh_at.map(|at| now.saturating_sub(at)) {
            Some(age) if age <= self.stale_max => Answer::Stale(age),
            _ if self.has_default => Answer::Default,
            _ => Answer::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_answers_serve_until_they_are_too_old() {
        let mut fallback = Fallback::new(10, false);
        assert_eq!(fallback.answer(0, false), Answer::Failed);
        assert_eq!(fallback.answer(1, true), Answer::Fresh);
        assert_eq!(fallback.answer(11, false), Answer::Stale(10));
        assert_eq!(fallback.answer(12, false), Answer::Failed);
        assert_eq!(Fallback::new(10, true).answer(12, false), Answer::Default);
    }
}
