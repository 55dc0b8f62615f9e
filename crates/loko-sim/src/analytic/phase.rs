//! Phase-type distributions: the time until a small chain has ended, by uniformisation (only sums of positive terms,
//! so every digit counts).

use super::special::{ln_gamma, root};
use std::cell::RefCell;

/// A chain that ends.
#[derive(Debug)]
pub struct Phase {
    initial: Vec<f64>,
    /// From, to, rate; what leaves a state besides goes to the end.
    moves: Vec<(usize, usize, f64)>,
    ends: Vec<f64>,
    rate: f64,
    /// The chance of not having ended after so many steps, as far as it was needed.
    left: RefCell<(Vec<f64>, Vec<f64>)>,
}

impl Phase {
    /// A chain by its start, its moves and the rates at which states end.
    pub fn new(initial: Vec<f64>, moves: Vec<(usize, usize, f64)>, ends: Vec<f64>) -> Self {
        let mut out = ends.clone();
        for (from, _, rate) in &moves {
            out[*from] += rate;
        }
        let rate = out.iter().copied().fold(0.0, f64::max);
        let first = initial.iter().sum();
        let left = RefCell::new((vec![first], initial.clone()));
        Self { initial, moves, ends, rate, left }
    }

    /// Stages one after the other.
    pub fn stages(rates: &[f64]) -> Self {
        let mut initial = vec![0.0; rates.len()];
        initial[0] = 1.0;
        let moves = (1..rates.len()).map(|at| (at - 1, at, rates[at - 1])).collect();
        let mut ends = vec![0.0; rates.len()];
        ends[rates.len() - 1] = rates[rates.len() - 1];
        Self::new(initial, moves, ends)
    }

    /// This one, and then another.
    pub fn then(&self, other: &Self) -> Self {
        let size = self.initial.len();
        let skipped = 1.0 - self.initial.iter().sum::<f64>();
        let mut initial = self.initial.clone();
        initial.extend(other.initial.iter().map(|chance| chance * skipped.max(0.0)));
        let mut moves = self.moves.clone();
        for (from, rate) in self.ends.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
            for (to, chance) in other.initial.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
                moves.push((from, size + to, rate * chance));
            }
        }
        moves.extend(other.moves.iter().map(|(from, to, rate)| (size + from, size + to, *rate)));
        let mut ends = vec![0.0; size];
        ends.extend(&other.ends);
        Self::new(initial, moves, ends)
    }

    /// The chance that it takes longer.
    pub fn above(&self, t: f64) -> f64 {
        if t <= 0.0 {
            return self.initial.iter().sum();
        }
        let mean = self.rate * t;
        let spread = 12.0 * mean.sqrt() + 40.0;
        let (low, high) = ((mean - spread).max(0.0) as usize, (mean + spread) as usize);
        self.grow(high);
        let left = self.left.borrow();
        let ln_mean = libm::log(mean);
        // What lies below the window weighs less than 1e-30.
        (low..=high)
            .map(|n| {
                let n_float = n as f64;
                libm::exp(n_float * ln_mean - mean - ln_gamma(n_float + 1.0)) * left.0[n]
            })
            .sum()
    }

    /// The time that a share `q` of all stay below.
    pub fn quantile(&self, q: f64) -> f64 {
        root(|t| (1.0 - q) - self.above(t), 1.0 / self.rate)
    }

    fn grow(&self, steps: usize) {
        let mut left = self.left.borrow_mut();
        while left.0.len() <= steps {
            let now = std::mem::take(&mut left.1);
            let mut next = now.clone();
            for (from, to, rate) in &self.moves {
                let moved = now[*from] * rate / self.rate;
                next[*from] -= moved;
                next[*to] += moved;
            }
            for (state, rate) in self.ends.iter().enumerate() {
                next[state] -= now[state] * rate / self.rate;
            }
            next.iter_mut().for_each(|chance| *chance = chance.max(0.0));
            left.0.push(next.iter().sum());
            left.1 = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_and_their_sums() {
        let one = Phase::stages(&[2.0]);
        assert!((one.above(1.5) / (-3f64).exp() - 1.0).abs() < 1e-12);
        let two = Phase::stages(&[3.0]).then(&Phase::stages(&[1.0]));
        let exact = (3.0 * (-2f64).exp() - (-6f64).exp()) / 2.0;
        assert!((two.above(2.0) / exact - 1.0).abs() < 1e-12);
        assert!((one.quantile(0.999) - 1000f64.ln() / 2.0).abs() < 1e-11);
    }
}
