//! Retrying one call: attempts, waits, budget, and the overall deadline that covers them all.
//!
//! | event | guard | decision |
//! |---|---|---|
//! | a try failed | the failure may not be retried, or the server said never | `GiveUp(NotRetryable)` |
//! | a try failed | `attempts` tries were made | `GiveUp(Attempts)` |
//! | a try failed | the next one could not end before the deadline | `GiveUp(Deadline)` |
//! | a try failed | the budget is spent | `GiveUp(Budget)` |
//! | a try failed | otherwise | `After(wait)`; what the server asked for replaces the wait, and the waits start anew |
//!
//! `attempts` counts the first try too. Guards are asked in this order, so a retry that is not made pays nothing.
//! Defaults: 3 attempts, 1 s then 2 s, full jitter.

use crate::backoff::{Backoff, Waits};
use crate::{ConfigError, Nanos, Random, ensure};
use serde::{Deserialize, Serialize};

/// How a call is retried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// How many tries there are at most, the first one included.
    pub attempts: u32,
    /// How long to wait between them.
    pub backoff: Backoff,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, backoff: Backoff::default() }
    }
}

impl Retry {
    /// Checks that it can work.
    pub fn check(&self) -> Result<(), ConfigError> {
        ensure(self.attempts > 0, "attempts", "is 0; the first try counts, so 1 means no retry")?;
        self.backoff.check()
    }
}

/// What the answer says about trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Trying again may help.
    Retryable,
    /// Trying again can't help, or might do the work twice.
    Final,
    /// The server says when to come back.
    Pushback(Nanos),
}

/// Why no further try is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says when each applies")]
pub enum Reason {
    NotRetryable,
    Attempts,
    Deadline,
    Budget,
}

/// What to do after a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// Try again after this long.
    After(Nanos),
    /// Stop.
    GiveUp(Reason),
}

/// One call with its tries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// When it must be over, if at all.
    pub deadline: Option<Nanos>,
    made: u32,
    waits: Waits,
}

impl Call {
    /// A call whose first try is about to be made.
    pub fn new(deadline: Option<Nanos>) -> Self {
        Self { deadline, made: 1, waits: Waits::default() }
    }

    /// How many tries were made.
    pub fn made(&self) -> u32 {
        self.made
    }

    /// A try failed at `now`. `typical` is how long a try usually takes; `pay` takes from the budget, or is `|| true`.
    pub fn failed(
        &mut self,
        retry: &Retry,
        now: Nanos,
        failure: Failure,
        typical: Nanos,
        pay: impl FnOnce() -> bool,
        random: &mut impl Random,
    ) -> Decision {
        if failure == Failure::Final {
            return Decision::GiveUp(Reason::NotRetryable);
        }
        if self.made >= retry.attempts {
            return Decision::GiveUp(Reason::Attempts);
        }
        let wait = match failure {
            Failure::Pushback(wait) => {
                self.waits.reset();
                wait
            }
            _ => self.waits.next(&retry.backoff, random),
        };
        let end = now.saturating_add(wait).saturating_add(typical);
        if self.deadline.is_some_and(|deadline| end > deadline) {
            return Decision::GiveUp(Reason::Deadline);
        }
        if !pay() {
            return Decision::GiveUp(Reason::Budget);
        }
        self.made += 1;
        Decision::After(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;
    use crate::{MILLISECOND, SECOND};
    use proptest::prelude::*;

    #[test]
    fn three_attempts_are_two_retries() {
        let (retry, mut call) = (Retry::default(), Call::new(None));
        let mut fail = || call.failed(&retry, 0, Failure::Retryable, 0, || true, &mut || u64::MAX);
        assert_eq!(fail(), Decision::After(SECOND));
        assert_eq!(fail(), Decision::After(2 * SECOND));
        assert_eq!(fail(), Decision::GiveUp(Reason::Attempts));
    }

    #[test]
    fn a_retry_that_is_not_made_costs_nothing() {
        let mut call = Call::new(Some(SECOND));
        let decision =
            call.failed(&Retry::default(), 0, Failure::Retryable, MILLISECOND, || panic!("paid"), &mut || u64::MAX);
        assert_eq!(decision, Decision::GiveUp(Reason::Deadline));
    }

    proptest! {
        #[test]
        fn never_more_tries_than_allowed_nor_a_wait_past_the_deadline(
            seed: u64, attempts in 1u32..8, deadline in 0u64..20 * SECOND, pushback: Option<u32>,
        ) {
            let retry = Retry { attempts, ..Retry::default() };
            let (mut call, mut random, mut now) = (Call::new(Some(deadline)), SplitMix64(seed), 0);
            let failure = pushback.map_or(Failure::Retryable, |wait| Failure::Pushback(u64::from(wait)));
            while let Decision::After(wait) = call.failed(&retry, now, failure, 0, || true, &mut random) {
                now += wait;
                prop_assert!(now <= deadline);
                prop_assert!(call.made() <= attempts);
            }
        }
    }
}
