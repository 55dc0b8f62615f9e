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
    /// Pareto: nothing below the scale, then the tail falls as a power.
    Pareto {
        /// The least value in seconds.
        scale: f64,
        /// The power; the mean is finite above 1, the variance above 2.
        shape: f64,
    },
    /// Gamma of a shape and a mean.
    Gamma {
        /// The shape.
        shape: f64,
        /// The mean.
        mean: f64,
    },
    /// The size of a normal.
    Normal {
        /// The mean before the sign is dropped.
        mean: f64,
        /// The deviation.
        sd: f64,
    },
    /// Stated by its tail: times and the chances of longer ones, falling. Exponential up to the first, straight lines
    /// between them when both have logarithms, and on with the last slope.
    Tail(Vec<(f64, f64)>),
    /// One and then another.
    Sum(Box<Distribution>, Box<Distribution>),
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
            Self::Pareto { scale, shape } => scale * libm::exp(exponential(random) / shape),
            Self::Gamma { shape, mean } => mean / shape * gamma(*shape, random),
            Self::Normal { mean, sd } => (mean + sd * normal(random)).abs(),
            Self::Tail(points) => tail_inverse(points, 1.0 - random.unit()),
            Self::Sum(one, other) => one.sample(random) + other.sample(random),
        }
    }

    /// The same law with every time so many times as long.
    pub fn times(&self, factor: f64) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value * factor),
            Self::Exponential(mean) => Self::Exponential(mean * factor),
            Self::Erlang { k, mean } => Self::Erlang { k: *k, mean: mean * factor },
            Self::Mixture(parts) => Self::Mixture(parts.iter().map(|(share, mean)| (*share, mean * factor)).collect()),
            Self::LogNormal { mu, sigma } => Self::LogNormal { mu: mu + libm::log(factor), sigma: *sigma },
            Self::Weibull { scale, shape } => Self::Weibull { scale: scale * factor, shape: *shape },
            Self::Uniform(low, high) => Self::Uniform(low * factor, high * factor),
            Self::Pareto { scale, shape } => Self::Pareto { scale: scale * factor, shape: *shape },
            Self::Gamma { shape, mean } => Self::Gamma { shape: *shape, mean: mean * factor },
            Self::Normal { mean, sd } => Self::Normal { mean: mean * factor, sd: sd * factor },
            Self::Tail(points) => Self::Tail(points.iter().map(|(time, share)| (time * factor, *share)).collect()),
            Self::Sum(one, other) => Self::Sum(Box::new(one.times(factor)), Box::new(other.times(factor))),
        }
    }

    /// A draw in nanoseconds.
    #[inline]
    pub fn sample_nanos(&self, random: &mut impl Random) -> Nanos {
        // The most usual one without a call.
        if let Self::Exponential(mean) = self {
            return nanos(mean * exponential(random));
        }
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
            Self::Pareto { scale, shape } if *shape > 1.0 => shape * scale / (shape - 1.0),
            Self::Pareto { .. } => f64::INFINITY,
            Self::Gamma { mean, .. } => *mean,
            Self::Normal { mean, sd } => folded_mean(*mean, *sd),
            Self::Tail(points) => tail_moments(points).0,
            Self::Sum(one, other) => one.mean() + other.mean(),
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
            Self::Pareto { scale, shape } if *shape > 2.0 => shape * scale * scale / (shape - 2.0),
            Self::Pareto { .. } => f64::INFINITY,
            Self::Gamma { shape, mean } => mean * mean * (1.0 + 1.0 / shape),
            Self::Normal { mean, sd } => mean * mean + sd * sd,
            Self::Tail(points) => tail_moments(points).1,
            Self::Sum(one, other) => one.second_moment() + other.second_moment() + 2.0 * one.mean() * other.mean(),
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
            Self::Pareto { scale, shape } => {
                if t <= *scale {
                    1.0
                } else {
                    libm::pow(scale / t, *shape)
                }
            }
            Self::Gamma { shape, mean } => crate::analytic::special::gamma_upper(*shape, t * shape / mean),
            Self::Normal { mean, sd } => {
                let upper = |z: f64| 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
                upper((t - mean) / sd) + upper((t + mean) / sd)
            }
            Self::Tail(points) => tail_above(points, t),
            Self::Sum(one, other) => {
                let inner = |q: f64| other.above(t - one.quantile(q));
                crate::analytic::special::integrate(&inner, 1e-9, 1.0 - 1e-9)
            }
        }
    }

    /// The time that a share `q` of all stay at or below.
    pub fn quantile(&self, q: f64) -> f64 {
        crate::analytic::special::root(|t| (1.0 - q) - self.above(t), self.mean().max(1e-12))
    }
}

/// A gamma of mean `shape` (Marsaglia and Tsang, 2000).
fn gamma(shape: f64, random: &mut impl Random) -> f64 {
    if shape < 1.0 {
        let rest = libm::pow(1.0 - random.unit(), 1.0 / shape);
        return gamma(shape + 1.0, random) * rest;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = normal(random);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        let u = 1.0 - random.unit();
        if libm::log(u) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
            return d * v;
        }
    }
}

fn folded_mean(mean: f64, sd: f64) -> f64 {
    let z = mean / sd;
    sd * libm::sqrt(2.0 / std::f64::consts::PI) * libm::exp(-z * z / 2.0)
        + mean * libm::erf(z / std::f64::consts::SQRT_2)
}

/// The slope of a tail in logarithms beyond a point.
fn slope(points: &[(f64, f64)], at: usize) -> f64 {
    let at = at.min(points.len().saturating_sub(2));
    match points.get(at..at + 2) {
        Some([(from, high), (to, low)]) => libm::log(high / low) / libm::log(to / from),
        // A single point goes on as the exponential before it, which has no slope of its own; as steep as a square.
        _ => 2.0,
    }
}

fn tail_above(points: &[(f64, f64)], t: f64) -> f64 {
    let Some((first, chance)) = points.first() else { return 0.0 };
    if t < *first {
        return libm::exp(libm::log(*chance) * t / first);
    }
    let at = points.partition_point(|(time, _)| *time <= t) - 1;
    points[at].1 * libm::pow(t / points[at].0, -slope(points, at))
}

/// The time beyond which a share lies.
fn tail_inverse(points: &[(f64, f64)], share: f64) -> f64 {
    let Some((first, chance)) = points.first() else { return 0.0 };
    if share > *chance {
        return first * libm::log(share) / libm::log(*chance);
    }
    let at = points.partition_point(|(_, chance)| *chance >= share).max(1) - 1;
    points[at].0 * libm::pow(points[at].1 / share, 1.0 / slope(points, at))
}

/// The mean and the mean of the square, each piece in closed form.
fn tail_moments(points: &[(f64, f64)]) -> (f64, f64) {
    let Some((first, chance)) = points.first() else { return (0.0, 0.0) };
    let rate = -libm::log(*chance) / first;
    let mut mean = (1.0 - chance) / rate;
    let mut second = 2.0 * ((1.0 - chance * (1.0 + rate * first)) / (rate * rate));
    for at in 0..points.len() {
        let ((from, high), power) = (points[at], slope(points, at));
        let to = points.get(at + 1).map(|point| point.0);
        // ∫ high (t/from)^−power t^k dt from `from` on.
        let piece = |k: f64| {
            let exponent = k + 1.0 - power;
            let start = high * libm::pow(from, k + 1.0);
            match to {
                Some(to) if exponent.abs() < 1e-9 => start * libm::log(to / from),
                Some(to) => start * (libm::pow(to / from, exponent) - 1.0) / exponent,
                None if exponent < 0.0 => -start / exponent,
                None => f64::INFINITY,
            }
        };
        mean += piece(0.0);
        second += 2.0 * piece(1.0);
    }
    (mean, second)
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
            Distribution::Pareto { scale: 1.2, shape: 3.0 },
            Distribution::Gamma { shape: 2.5, mean: 2.0 },
            Distribution::Gamma { shape: 0.5, mean: 2.0 },
            Distribution::Normal { mean: 2.0, sd: 0.7 },
            Distribution::Tail(vec![(2.0, 0.2), (4.0, 0.02), (10.0, 0.000_5)]),
            Distribution::Sum(Box::new(Distribution::Exponential(1.0)), Box::new(Distribution::Uniform(0.0, 2.0))),
        ];
        for distribution in all {
            let mut random = SplitMix64(9);
            let count = 400_000;
            let draws: Vec<f64> = (0..count).map(|_| distribution.sample(&mut random)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(count);
            assert!((mean / distribution.mean() - 1.0).abs() < 0.02, "{distribution:?}: {mean}");
            let above = draws.iter().filter(|draw| **draw > 2.5).count() as f64 / f64::from(count);
            assert!((above - distribution.above(2.5)).abs() < 0.005, "{distribution:?}: {above}");
            let longer = distribution.times(3.0);
            assert!((longer.mean() / distribution.mean() - 3.0).abs() < 1e-9, "{longer:?}");
            assert!((longer.above(7.5) - distribution.above(2.5)).abs() < 1e-6, "{longer:?}");
        }
    }

    #[test]
    fn the_lognormal_meets_its_percentiles() {
        let distribution = Distribution::lognormal_of(0.04, 0.3);
        assert!((distribution.quantile(0.5) - 0.04).abs() < 1e-9);
        assert!((distribution.quantile(0.99) - 0.3).abs() < 1e-7);
    }
}
