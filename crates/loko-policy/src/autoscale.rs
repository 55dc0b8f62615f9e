//! The horizontal autoscaler, with the semantics of Kubernetes' HPA v2.
//!
//! At each sync, in this order:
//!
//! | step | rule |
//! |---|---|
//! | measure | ratio = load of the ready pods / (ready · target); within `tolerance` of 1: as it is |
//! | unready pods | scaling up they count as unused; a result that would turn the direction round is dropped |
//! | recommend | ⌈ready · ratio⌉, with unready pods ⌈all · new ratio⌉ |
//! | stabilise | down: the highest recommendation of `down_window`; up: the lowest of `up_window` |
//! | limit | up: the most of + `up_pods` or + `up_percent` (rounded up) in `up_period`; down: `down_percent` in `down_period` |
//! | clamp | to min and max |
//!
//! The first thing that is remembered is the count at the start, so nothing scales down in the first `down_window`.
//! Defaults: sync every 15 s, tolerance 0.1, up by 4 pods or 100 % in 15 s, down by 100 % in 15 s, 300 s to go down,
//! 2 to 10 replicas at 80 %.

use crate::{ConfigError, Nanos, SECOND, ensure};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How an autoscaler behaves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The fewest replicas.
    pub min: u32,
    /// The most replicas.
    pub max: u32,
    /// The utilisation to aim at, as a share of what a pod asks for.
    pub target: f64,
    /// How far the ratio may be off.
    pub tolerance: f64,
    /// Pods that may be added in a period.
    pub up_pods: u32,
    /// Percent of pods that may be added in a period.
    pub up_percent: u32,
    /// The period of both.
    pub up_period: Nanos,
    /// How long low recommendations hold back high ones.
    pub up_window: Nanos,
    /// Percent of pods that may go in a period.
    pub down_percent: u32,
    /// The period.
    pub down_period: Nanos,
    /// How long high recommendations hold back low ones.
    pub down_window: Nanos,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            min: 2,
            max: 10,
            target: 0.8,
            tolerance: 0.1,
            up_pods: 4,
            up_percent: 100,
            up_period: 15 * SECOND,
            up_window: 0,
            down_percent: 100,
            down_period: 15 * SECOND,
            down_window: 300 * SECOND,
        }
    }
}

impl Config {
    /// The usual time between syncs.
    pub const SYNC: Nanos = 15 * SECOND;

    /// Checks that it can work.
    pub fn check(&self) -> Result<(), ConfigError> {
        ensure(self.min <= self.max, "min", "is more than max")?;
        ensure(self.max > 0, "max", "is 0")?;
        ensure(self.target > 0.0 && self.target.is_finite(), "target", "must be more than 0 %")?;
        ensure(self.tolerance >= 0.0, "tolerance", "is negative")
    }
}

/// What is seen at a sync.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// All pods.
    pub pods: u32,
    /// Those that are ready.
    pub ready: u32,
    /// The mean utilisation of the ready ones, as a share of what a pod asks for.
    pub utilization: f64,
}

/// An autoscaler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Autoscaler {
    config: Config,
    recommendations: VecDeque<(Nanos, u32)>,
    /// Pods added (or taken away, when negative) and when.
    changes: VecDeque<(Nanos, i64)>,
}

impl Autoscaler {
    /// An autoscaler that starts with so many replicas.
    pub fn new(config: Config, now: Nanos, replicas: u32) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self { config, recommendations: VecDeque::from([(now, replicas)]), changes: VecDeque::new() })
    }

    /// A sync; how many replicas there shall be.
    pub fn sync(&mut self, now: Nanos, seen: Seen) -> u32 {
        let raw = self.recommend(seen);
        let stable = self.stabilise(now, seen.pods, raw);
        let limited = self.limit(now, seen.pods, stable);
        let desired = limited.clamp(self.config.min, self.config.max);
        if desired != seen.pods {
            self.changes.push_back((now, i64::from(desired) - i64::from(seen.pods)));
        }
        desired
    }

    /// What the utilisation alone asks for.
    fn recommend(&self, seen: Seen) -> u32 {
        let Config { target, tolerance, .. } = self.config;
        if seen.ready == 0 {
            return seen.pods;
        }
        let ratio = seen.utilization / target;
        let within = |ratio: f64| (ratio - 1.0).abs() <= tolerance;
        let unready = seen.pods.saturating_sub(seen.ready);
        if unready == 0 || ratio < 1.0 {
            return if within(ratio) { seen.pods } else { up(f64::from(seen.ready) * ratio) };
        }
        // Unready pods count as unused when more are wanted.
        let whole = ratio * f64::from(seen.ready) / f64::from(seen.pods);
        if within(whole) || whole < 1.0 {
            return seen.pods;
        }
        up(f64::from(seen.pods) * whole).max(seen.pods)
    }

    fn stabilise(&mut self, now: Nanos, pods: u32, raw: u32) -> u32 {
        let longest = self.config.down_window.max(self.config.up_window);
        self.recommendations.push_back((now, raw));
        while self.recommendations.front().is_some_and(|(at, _)| now.saturating_sub(*at) >= longest.max(1)) {
            self.recommendations.pop_front();
        }
        let recent = |window: Nanos| {
            self.recommendations.iter().filter(move |(at, _)| now.saturating_sub(*at) < window).map(|(_, count)| *count)
        };
        let highest = recent(self.config.down_window).max().unwrap_or(raw).max(raw);
        let lowest = recent(self.config.up_window).min().unwrap_or(raw).min(raw);
        if pods < lowest {
            lowest
        } else if pods > highest {
            highest
        } else {
            pods
        }
    }

    fn limit(&mut self, now: Nanos, pods: u32, wanted: u32) -> u32 {
        let Config { up_pods, up_percent, up_period, down_percent, down_period, .. } = self.config;
        let longest = up_period.max(down_period);
        while self.changes.front().is_some_and(|(at, _)| now.saturating_sub(*at) >= longest) {
            self.changes.pop_front();
        }
        let changed = |period: Nanos, sign: i64| -> i64 {
            let recent = self.changes.iter().filter(|(at, _)| now.saturating_sub(*at) < period);
            recent.map(|(_, change)| (change * sign).max(0)).sum()
        };
        if wanted > pods {
            let start = i64::from(pods) - changed(up_period, 1);
            let by_percent = (start * i64::from(100 + up_percent)).div_euclid(100)
                + i64::from((start * i64::from(100 + up_percent)).rem_euclid(100) > 0);
            let most = (start + i64::from(up_pods)).max(by_percent);
            return wanted.min(u32::try_from(most).unwrap_or(0)).max(pods);
        }
        if wanted < pods {
            let start = i64::from(pods) + changed(down_period, -1);
            let least = start * i64::from(100u32.saturating_sub(down_percent)) / 100;
            return wanted.max(u32::try_from(least).unwrap_or(0)).min(pods);
        }
        wanted
    }
}

/// A whole number of pods, rounded up; a hair above a whole number is that number.
fn up(pods: f64) -> u32 {
    libm::ceil(pods - 1e-9).clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_step_of_load_doubles_and_then_settles() {
        let mut scaler = Autoscaler::new(Config { max: 50, target: 0.6, ..Config::default() }, 0, 2).unwrap();
        let mut pods = 2;
        let loads = [100.0, 100.0, 100.0, 100.0, 500.0, 500.0, 500.0];
        let trace: Vec<u32> = loads
            .iter()
            .enumerate()
            .map(|(at, load)| {
                let utilization = load / (f64::from(pods) * 100.0);
                pods = scaler.sync(at as u64 * Config::SYNC, Seen { pods, ready: pods, utilization });
                pods
            })
            .collect();
        assert_eq!(trace, [2, 2, 2, 2, 6, 9, 9]);
    }

    #[test]
    fn within_the_tolerance_nothing_changes() {
        let mut scaler = Autoscaler::new(Config::default(), 0, 5).unwrap();
        let seen = |utilization| Seen { pods: 5, ready: 5, utilization };
        assert_eq!(scaler.sync(400 * SECOND, seen(0.88)), 5);
        assert_eq!(scaler.sync(415 * SECOND, seen(0.89)), 6);
    }

    proptest! {
        #[test]
        fn always_within_bounds_and_never_faster_than_allowed(loads in prop::collection::vec(0.0f64..5_000.0, 1..100)) {
            let config = Config { min: 2, max: 40, ..Config::default() };
            let (mut scaler, mut pods) = (Autoscaler::new(config, 0, 2).unwrap(), 2u32);
            for (at, load) in loads.iter().enumerate() {
                let seen = Seen { pods, ready: pods, utilization: load / (f64::from(pods) * 100.0) };
                let next = scaler.sync(at as u64 * Config::SYNC, seen);
                prop_assert!((2..=40).contains(&next));
                prop_assert!(next <= (pods * 2).max(pods + 4));
                prop_assert!(next >= pods || at >= 20, "scaled down in the first 300 s");
                pods = next;
            }
        }
    }
}
