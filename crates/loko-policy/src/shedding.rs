//! Load shedding: what to drop when there is too much.
//!
//! [`CoDel`], controlled delay (Nichols and Jacobson, 2012; RFC 8289), judges each request when it leaves the queue:
//!
//! | state | the request waited | next | answer |
//! |---|---|---|---|
//! | calm | below `target`, or the queue is empty | calm | serve |
//! | calm | at least `target` for a whole `interval` | dropping | drop |
//! | dropping | below `target` | calm | serve |
//! | dropping | the next drop is due | dropping | drop; the next is due after `interval`/√drops |
//! | dropping | otherwise | dropping | serve |
//!
//! [`ByPriority`] drops the less important first: class `k` is let in while less than its share of the capacity is in
//! use. Defaults: target 5 ms, interval 100 ms.

use crate::{ConfigError, MILLISECOND, Nanos, Ppm, WHOLE, ensure, reaches};
use serde::{Deserialize, Serialize};

/// Controlled delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoDel {
    target: Nanos,
    interval: Nanos,
    /// When the delay will have been too long for a whole interval.
    above_until: Option<Nanos>,
    dropping: bool,
    drops: u32,
    next: Nanos,
}

impl Default for CoDel {
    fn default() -> Self {
        Self {
            target: 5 * MILLISECOND,
            interval: 100 * MILLISECOND,
            above_until: None,
            dropping: false,
            drops: 0,
            next: 0,
        }
    }
}

impl CoDel {
    /// A calm one.
    pub fn new(target: Nanos, interval: Nanos) -> Result<Self, ConfigError> {
        ensure(target > 0, "target", "is 0, so everything would be dropped")?;
        ensure(interval > target, "interval", "must be longer than the target")?;
        Ok(Self { target, interval, ..Self::default() })
    }

    /// Whether to drop a request that waited `waited` and leaves the queue now; `empty` tells whether others wait.
    pub fn drops(&mut self, now: Nanos, waited: Nanos, empty: bool) -> bool {
        if waited < self.target || empty {
            (self.above_until, self.dropping) = (None, false);
            return false;
        }
        let until = *self.above_until.get_or_insert(now.saturating_add(self.interval));
        if self.dropping {
            if now < self.next {
                return false;
            }
            self.drops += 1;
        } else {
            if now < until {
                return false;
            }
            self.dropping = true;
            // Coming back soon means that the last rate of drops was about right.
            let recent = now.saturating_sub(self.next) < 16 * self.interval;
            self.drops = if recent && self.drops > 2 { self.drops - 2 } else { 1 };
        }
        self.next = now.saturating_add((self.interval as f64 / libm::sqrt(f64::from(self.drops))) as Nanos);
        true
    }
}

/// Shares of the capacity by importance; class 0 is the most important.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByPriority {
    shares: Vec<Ppm>,
}

impl ByPriority {
    /// Shares that fall from class to class.
    pub fn new(shares: Vec<Ppm>) -> Result<Self, ConfigError> {
        ensure(!shares.is_empty(), "shares", "are empty")?;
        ensure(shares.iter().all(|share| *share <= WHOLE), "shares", "are more than 100 %")?;
        ensure(shares.is_sorted_by(|a, b| a >= b), "shares", "grow with less importance")?;
        Ok(Self { shares })
    }

    /// Whether a request of a class is let in while `used` of `capacity` are in use.
    pub fn admits(&self, class: usize, used: u64, capacity: u64) -> bool {
        let share = self.shares.get(class).or(self.shares.last()).copied().unwrap_or(WHOLE);
        used < capacity && !reaches(used, capacity, share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_burst_is_served_and_a_standing_queue_is_not() {
        let mut codel = CoDel::default();
        let drops = |codel: &mut CoDel, from: u64, count: u64| {
            (0..count).filter(|at| codel.drops((from + at) * MILLISECOND, 20 * MILLISECOND, false)).count()
        };
        assert_eq!(drops(&mut codel, 0, 100), 0);
        assert!(!codel.drops(100 * MILLISECOND, 0, false));
        let first = { drops(&mut codel, 200, 500) };
        let second = { drops(&mut codel, 700, 500) };
        assert!(first >= 5 && second > first, "{first} then {second}: it drops faster and faster");
    }

    proptest! {
        #[test]
        fn what_matters_more_is_never_dropped_before_what_matters_less(used in 0u64..200, capacity in 1u64..200) {
            let shedding = ByPriority::new(vec![1_000_000, 900_000, 500_000]).unwrap();
            for class in 1..3 {
                prop_assert!(!shedding.admits(class, used, capacity) || shedding.admits(class - 1, used, capacity));
            }
        }
    }
}
