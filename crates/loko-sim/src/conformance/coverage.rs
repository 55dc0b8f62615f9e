//! Do intervals hold what they promise? Every case runs again and again with other random numbers, short each time, and
//! the share of 99 % intervals that hold the exact value is counted by quantity.
//!
//! An interval that a run is too short for (a start that is felt, a percentile of too few requests) shows here as a
//! share below the nominal one. What is counted is the estimator of [`super::check`], the same that `sim-check` prints.

use super::{CONFIDENCE, Case, Effort, check};
use crate::random::mix;
use rayon::prelude::*;

/// How often the intervals of one quantity held its exact value.
#[derive(Clone, Debug, PartialEq)]
pub struct Covered {
    /// The case.
    pub case: String,
    /// The quantity.
    pub quantity: String,
    /// How many intervals there were.
    pub intervals: u32,
    /// How many of them held the exact value.
    pub held: u32,
}

impl Covered {
    /// The share that held it.
    pub fn share(&self) -> f64 {
        f64::from(self.held) / f64::from(self.intervals.max(1))
    }

    /// Whether so few would be seen by chance less than once in ten thousand times if the intervals were right.
    pub fn is_low(&self) -> bool {
        let missed = self.intervals - self.held;
        let chances = crate::analytic::special::binomial(u64::from(self.intervals), 1.0 - CONFIDENCE);
        crate::analytic::special::tail(&chances, missed as usize) < 1e-4
    }
}

/// Counts for one case over so many seeds.
pub fn coverage(case: &Case, seeds: u32, effort: &Effort) -> Result<Vec<Covered>, String> {
    let runs: Vec<Vec<Option<bool>>> = (0..seeds)
        .into_par_iter()
        .map(|seed| {
            let effort = Effort { seed: mix(effort.seed ^ mix(u64::from(seed) + 1)), ..*effort };
            Ok(check(case, &effort)?.iter().map(super::Answer::covered).collect())
        })
        .collect::<Result<_, String>>()?;
    let count = |at: usize| {
        let seen = runs.iter().filter_map(|run| run.get(at).copied().flatten());
        seen.fold((0, 0), |(all, held), covered| (all + 1, held + u32::from(covered)))
    };
    let rows = case.quantities.iter().enumerate().map(|(at, quantity)| {
        let (intervals, held) = count(at);
        Covered { case: case.id.clone(), quantity: quantity.name.clone(), intervals, held }
    });
    Ok(rows.filter(|row| row.intervals > 0).collect())
}
