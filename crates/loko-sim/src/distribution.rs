//! Distributions of times: drawing from them, and what is known of them exactly.

use crate::random::{exponential, normal};
use loko_policy::{Nanos, Random};
use serde::Serialize;

/// A distribution of times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Exponential of a mean.
    Exponential(f64),
    /// The sum of `k` exponentials.
    Erlang {
        /// How many.
        k: u32,
        /// The mean of the sum.
        mean: f64,
    },
    /// A mixture of exponentials: shares and means.
    Mixture(Vec<(f64, f64)>),
    /// The exponential of a normal.
    LogNormal {
        /// The mean of the logarithm.
        mu: f64,
        /// The deviation of the logarithm.
        sigma: f64,
    },
    /// Weibull.
    Weibull {
        /// The scale in seconds.
        scale: f64,
        /// The shape; below 1 has a long tail.
        shape: f64,
    },
    /// Any value between two.
    Uniform(f64, f64),
}

/// The upper quantile of the standard normal at 99 %.
const Z99: f64 = 2.326_347_874_040_841;

impl Distribution {
    /// The lognormal of a median and a 99th percentile.
    pub fn lognormal_of(p50: f64, p99: f64) -> Self {
        if p99 <= p50 || p50 <= 0.0 {
            return Self::Constant(p50);
        }
        Self::LogNormal { mu: libm::log(p50), sigma: libm::log(p99 / p50) / Z99 }
    }

    /// The lognormal of a mean and a deviation of the logarithm.
    pub fn lognormal_mean(mean: f64, sigma: f64) -> Self {
        Self::LogNormal { mu: libm::log(mean) - sigma * sigma / 2.0, sigma }
    }

    /// The mixture of two exponentials with balanced means, of a mean and a squared coefficient of variation over 1.
    pub fn balanced(mean: f64, scv: f64) -> Self {
        let p = 0.5 * (1.0 + libm::sqrt((scv - 1.0) / (scv + 1.0)));
        Self::Mixture(vec![(p, mean / (2.0 * p)), (1.0 - p, mean / (2.0 * (1.0 - p)))])
    }

    /// A draw in seconds.
    #[inline]
    pub fn sample(&self, random: &mut impl Random) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) => mean * exponential(random),
            Self::Erlang { k, mean } => mean / f64::from(*k) * (0..*k).map(|_| exponential(random)).sum::<f64>(),
            Self::Mixture(parts) => {
                let mut left = random.unit();
                let chosen = parts.iter().find(|(share, _)| {
                    left -= share;
                    left < 0.0
                });
                chosen.or(parts.last()).map_or(0.0, |(_, mean)| mean * exponential(random))
            }
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal(random)),
            Self::Weibull { scale, shape } => scale * libm::pow(exponential(random), 1.0 / shape),
            Self::Uniform(low, high) => low + (high - low) * random.unit(),
        }
    }

    /// A draw in nanoseconds.
    #[inline]
    pub fn sample_nanos(&self, random: &mut impl Random) -> Nanos {
        nanos(self.sample(random))
    }

    /// The mean in seconds.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) | Self::Erlang { mean, .. } => *mean,
            Self::Mixture(parts) => parts.iter().map(|(share, mean)| share * mean).sum(),
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Self::Weibull { scale, shape } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Self::Uniform(low, high) => (low + high) / 2.0,
        }
    }

    /// The mean of the square.
    pub fn second_moment(&self) -> f64 {
        match self {
            Self::Constant(value) => value * value,
            Self::Exponential(mean) => 2.0 * mean * mean,
            Self::Erlang { k, mean } => mean * mean * (1.0 + 1.0 / f64::from(*k)),
            Self::Mixture(parts) => parts.iter().map(|(share, mean)| 2.0 * share * mean * mean).sum(),
            Self::LogNormal { mu, sigma } => libm::exp(2.0 * mu + 2.0 * sigma * sigma),
            Self::Weibull { scale, shape } => scale * scale * libm::tgamma(1.0 + 2.0 / shape),
            Self::Uniform(low, high) => (low * low + low * high + high * high) / 3.0,
        }
    }

    /// The squared coefficient of variation.
    pub fn scv(&self) -> f64 {
        let mean = self.mean();
        if mean == 0.0 { 0.0 } else { self.second_moment() / (mean * mean) - 1.0 }
    }

    /// The chance of a longer time.
    pub fn above(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        match self {
            Self::Constant(value) => f64::from(u8::from(t < *value)),
            Self::Exponential(mean) => libm::exp(-t / mean),
            Self::Erlang { k, mean } => {
                let x = t * f64::from(*k) / mean;
                let (mut term, mut sum) = (libm::exp(-x), 0.0);
                for step in 0..*k {
                    sum += term;
                    term *= x / f64::from(step + 1);
                }
                sum
            }
            Self::Mixture(parts) => parts.iter().map(|(share, mean)| share * libm::exp(-t / mean)).sum(),
            Self::LogNormal { mu, sigma } if t > 0.0 => {
                0.5 * libm::erfc((libm::log(t) - mu) / (sigma * std::f64::consts::SQRT_2))
            }
            Self::LogNormal { .. } => 1.0,
            Self::Weibull { scale, shape } => libm::exp(-libm::pow(t / scale, *shape)),
            Self::Uniform(low, high) => ((high - t) / (high - low)).clamp(0.0, 1.0),
        }
    }

    /// The time that a share `q` of all stay at or below.
    pub fn quantile(&self, q: f64) -> f64 {
        crate::analytic::special::root(|t| (1.0 - q) - self.above(t), self.mean().max(1e-12))
    }
}

/// Seconds as nanoseconds, rounded; the ends of the range instead of nonsense.
#[inline]
pub fn nanos(seconds: f64) -> Nanos {
    (seconds * 1e9 + 0.5) as Nanos
}

/// Nanoseconds as seconds.
#[inline]
pub fn seconds(nanos: Nanos) -> f64 {
    nanos as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn draws_have_the_moments_and_tails_that_are_stated() {
        let all = [
            Distribution::Constant(2.0),
            Distribution::Exponential(2.0),
            Distribution::Erlang { k: 4, mean: 2.0 },
            Distribution::balanced(2.0, 4.0),
            Distribution::lognormal_of(1.0, 5.0),
            Distribution::Weibull { scale: 2.0, shape: 0.8 },
            Distribution::Uniform(1.0, 3.0),
        ];
        for distribution in all {
            let mut random = SplitMix64(9);
            let count = 400_000;
            let draws: Vec<f64> = (0..count).map(|_| distribution.sample(&mut random)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(count);
            assert!((mean / distribution.mean() - 1.0).abs() < 0.02, "{distribution:?}: {mean}");
            let above = draws.iter().filter(|draw| **draw > 2.5).count() as f64 / f64::from(count);
            assert!((above - distribution.above(2.5)).abs() < 0.005, "{distribution:?}: {above}");
        }
    }

    #[test]
    fn the_lognormal_meets_its_percentiles() {
        let distribution = Distribution::lognormal_of(0.04, 0.3);
        assert!((distribution.quantile(0.5) - 0.04).abs() < 1e-9);
        assert!((distribution.quantile(0.99) - 0.3).abs() < 1e-7);
    }
}
