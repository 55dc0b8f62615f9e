//! Limits of so many requests a window.
//!
//! | limiter | passes when | at most in any stretch of one window | memory |
//! |---|---|---|---|
//! | [`FixedWindow`] | fewer than `limit` passed since the window began | 2 · limit | two numbers |
//! | [`SlidingLog`] | fewer than `limit` passed in the last window | limit | `limit` moments |
//! | [`SlidingCounter`] | `previous · (1 − passed share of the window) + current < limit` | about limit | three numbers |
//!
//! Only requests that pass are counted: counting rejected ones as well would lock everybody out under overload. A
//! moment exactly one window ago is out of view. Default: 100 a minute.

use crate::{ConfigError, MINUTE, Nanos, SECOND, ensure};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The most requests a window that a limiter with a log can be asked for.
pub const LOG_MAX: u32 = 10_000_000;

/// What a caller is told, as in the `X-RateLimit-…` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Whether this request passes.
    pub passes: bool,
    /// How many more may pass now.
    pub remaining: u32,
    /// When there will be room again.
    pub reset: Nanos,
}

fn check(limit: u32, window: Nanos) -> Result<(), ConfigError> {
    ensure(limit > 0, "limit", "is 0, so nothing would pass")?;
    ensure(window > 0, "window", "is 0")
}

/// Counts since the window began; windows are aligned to time 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedWindow {
    limit: u32,
    window: Nanos,
    number: u64,
    count: u32,
}

impl FixedWindow {
    /// An empty window.
    pub fn new(limit: u32, window: Nanos) -> Result<Self, ConfigError> {
        check(limit, window)?;
        Ok(Self { limit, window, number: 0, count: 0 })
    }

    /// How many it lets through a second in the long run.
    pub fn rate_per_s(&self) -> f64 {
        f64::from(self.limit) * SECOND as f64 / self.window as f64
    }

    /// A request comes.
    pub fn take(&mut self, now: Nanos) -> Quota {
        let number = (now / self.window).max(self.number);
        if number > self.number {
            (self.number, self.count) = (number, 0);
        }
        let passes = self.count < self.limit;
        self.count += u32::from(passes);
        Quota { passes, remaining: self.limit - self.count, reset: (self.number + 1).saturating_mul(self.window) }
    }
}

/// Remembers when each of the last requests passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlidingLog {
    limit: u32,
    window: Nanos,
    log: VecDeque<Nanos>,
}

impl Default for SlidingLog {
    fn default() -> Self {
        Self { limit: 100, window: MINUTE, log: VecDeque::with_capacity(100) }
    }
}

impl SlidingLog {
    /// An empty log.
    pub fn new(limit: u32, window: Nanos) -> Result<Self, ConfigError> {
        check(limit, window)?;
        ensure(limit <= LOG_MAX, "limit", "is too high to remember each request; use a token bucket")?;
        Ok(Self { limit, window, log: VecDeque::with_capacity(limit as usize) })
    }

    /// How many it lets through a second in the long run.
    pub fn rate_per_s(&self) -> f64 {
        f64::from(self.limit) * SECOND as f64 / self.window as f64
    }

    /// A request comes.
    pub fn take(&mut self, now: Nanos) -> Quota {
        while self.log.front().is_some_and(|passed| now >= passed.saturating_add(self.window)) {
            self.log.pop_front();
        }
        let passes = self.log.len() < self.limit as usize;
        if passes {
            self.log.push_back(now);
        }
        let reset = self.log.front().map_or(now, |first| first.saturating_add(self.window));
        Quota { passes, remaining: self.limit - self.log.len() as u32, reset }
    }
}

/// Estimates the sliding window from two fixed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlidingCounter {
    limit: u32,
    window: Nanos,
    number: u64,
    previous: u32,
    current: u32,
}

impl SlidingCounter {
    /// Empty windows.
    pub fn new(limit: u32, window: Nanos) -> Result<Self, ConfigError> {
        check(limit, window)?;
        Ok(Self { limit, window, number: 0, previous: 0, current: 0 })
    }

    /// How many it lets through a second in the long run.
    pub fn rate_per_s(&self) -> f64 {
        f64::from(self.limit) * SECOND as f64 / self.window as f64
    }

    /// A request comes.
    pub fn take(&mut self, now: Nanos) -> Quota {
        let number = (now / self.window).max(self.number);
        if number > self.number {
            self.previous = if number == self.number + 1 { self.current } else { 0 };
            (self.number, self.current) = (number, 0);
        }
        let left = self.window - (now % self.window);
        let estimate =
            u128::from(self.previous) * u128::from(left) + u128::from(self.current) * u128::from(self.window);
        let limit = u128::from(self.limit) * u128::from(self.window);
        let passes = estimate < limit;
        self.current += u32::from(passes);
        let remaining = (limit.saturating_sub(estimate) / u128::from(self.window)) as u32;
        let reset = (self.number + 1).saturating_mul(self.window);
        Quota { passes, remaining: remaining.saturating_sub(u32::from(passes)), reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The most that passed in any stretch of one window, the end not included.
    fn busiest(passed: &[Nanos], window: Nanos) -> usize {
        passed
            .iter()
            .map(|start| passed.iter().filter(|at| (*start..start + window).contains(at)).count())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn the_bounds_hold_in_every_window(limit in 1u32..10, gaps in prop::collection::vec(0u64..60, 1..200)) {
            let window = 100;
            let mut fixed = FixedWindow::new(limit, window).unwrap();
            let mut log = SlidingLog::new(limit, window).unwrap();
            let (mut now, mut by_fixed, mut by_log) = (0, Vec::new(), Vec::new());
            for gap in gaps {
                now += gap;
                let recent = by_log.iter().filter(|at| now < *at + window).count();
                let quota = log.take(now);
                prop_assert_eq!(quota.passes, recent < limit as usize, "the log is exact");
                if quota.passes {
                    by_log.push(now);
                }
                if fixed.take(now).passes {
                    by_fixed.push(now);
                }
            }
            prop_assert!(busiest(&by_log, window) <= limit as usize);
            prop_assert!(busiest(&by_fixed, window) <= 2 * limit as usize);
        }
    }

    #[test]
    fn twice_the_limit_passes_across_a_boundary_of_fixed_windows_but_not_of_the_counter() {
        let (mut fixed, mut counter) = (FixedWindow::new(5, 100).unwrap(), SlidingCounter::new(5, 100).unwrap());
        let times = [99; 5].into_iter().chain([100; 5]);
        let (by_fixed, by_counter): (Vec<bool>, Vec<bool>) =
            times.map(|now| (fixed.take(now).passes, counter.take(now).passes)).unzip();
        assert_eq!(by_fixed.iter().filter(|passed| **passed).count(), 10);
        assert_eq!(by_counter.iter().filter(|passed| **passed).count(), 5);
    }
}
