//! Means of replications, their intervals, and differences between variants.
//!
//! A quantity is one number a replication; replications are independent, so their mean has a t-interval. Variants that
//! share their random numbers are compared in pairs, which takes out what both have in common.

use crate::analytic::special::t_quantile;
use serde::Serialize;

/// A mean with the half width of its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean of the replications.
    pub mean: f64,
    /// Half the width of the interval; infinite for a single replication.
    pub half: f64,
    /// How many replications there were.
    pub count: usize,
}

impl Estimate {
    /// The estimate of some replications.
    pub fn of(samples: &[f64], confidence: f64) -> Self {
        let count = samples.len();
        if count == 0 {
            return Self { mean: f64::NAN, half: f64::INFINITY, count };
        }
        let mean = samples.iter().sum::<f64>() / count as f64;
        if count == 1 {
            return Self { mean, half: f64::INFINITY, count };
        }
        let variance = samples.iter().map(|sample| (sample - mean) * (sample - mean)).sum::<f64>() / (count - 1) as f64;
        let half = t_quantile(confidence, (count - 1) as f64) * (variance / count as f64).sqrt();
        Self { mean, half, count }
    }

    /// The mean of the differences of pairs.
    pub fn paired(a: &[f64], b: &[f64], confidence: f64) -> Self {
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self::of(&differences, confidence)
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.mean - self.half
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.mean + self.half
    }

    /// Whether a value lies within.
    pub fn covers(&self, value: f64) -> bool {
        (self.mean - value).abs() <= self.half
    }

    /// Whether it is different from 0.
    pub fn is_significant(&self) -> bool {
        !self.covers(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_see_what_single_means_do_not() {
        let base: Vec<f64> = (0..20).map(|at| f64::from(at * at)).collect();
        let more: Vec<f64> = base.iter().enumerate().map(|(at, value)| value + 1.0 + (at % 2) as f64 * 0.1).collect();
        let (one, two) = (Estimate::of(&base, 0.95), Estimate::of(&more, 0.95));
        assert!(one.covers(two.mean), "apart they can't be told from each other");
        let difference = Estimate::paired(&more, &base, 0.95);
        assert!(difference.is_significant() && difference.covers(1.05));
    }
}
