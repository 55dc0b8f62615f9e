//! Which replica gets the next request.
//!
//! | rule | picks |
//! |---|---|
//! | `RoundRobin` | one after the other |
//! | `Random` | any |
//! | `LeastOutstanding` | the one with the fewest requests under way; ties are random |
//! | `Choices(d)` | the best of `d` different ones picked at random; ties are random |
//! | `Weighted` | in proportion to weights, spread evenly (smooth weighted round robin, as nginx) |
//!
//! Replicas that are not `available` (ejected, see [`crate::breaker::Ejection`]) are left out, unless that would leave
//! fewer than half of them: then all are asked, because a balancer that believes everybody dead is wrong more often.
//! Default: the best of two.

use crate::Random;
use serde::{Deserialize, Serialize};

/// How to pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says what each picks")]
pub enum Rule {
    RoundRobin,
    Random,
    LeastOutstanding,
    Choices(u8),
    Weighted,
}

impl Default for Rule {
    fn default() -> Self {
        Self::Choices(2)
    }
}

/// The most choices of [`Rule::Choices`].
const CHOICES_MAX: usize = 16;

/// A balancer over a fixed number of replicas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balancer {
    rule: Rule,
    next: u32,
    weights: Vec<i64>,
    credit: Vec<i64>,
}

impl Balancer {
    /// A balancer; all weights are 1.
    pub fn new(rule: Rule, replicas: u32) -> Self {
        Self { rule, next: 0, weights: vec![1; replicas as usize], credit: vec![0; replicas as usize] }
    }

    /// Sets the weights, one a replica; the others keep 1.
    pub fn weighted(mut self, weights: &[u32]) -> Self {
        for (own, weight) in self.weights.iter_mut().zip(weights) {
            *own = i64::from(*weight);
        }
        self
    }

    /// Picks a replica. `load` tells how many requests a replica has, `available` whether it may be asked.
    pub fn pick(
        &mut self,
        load: impl Fn(u32) -> u32,
        available: impl Fn(u32) -> bool,
        random: &mut impl Random,
    ) -> Option<u32> {
        let count = self.weights.len() as u32;
        let healthy = (0..count).filter(|replica| available(*replica)).count();
        let panic = healthy * 2 < count as usize;
        self.pick_among(count, load, |replica| panic || available(replica), random)
    }

    /// Picks a replica when all may be asked; the fast way.
    pub fn pick_any(&mut self, load: impl Fn(u32) -> u32, random: &mut impl Random) -> Option<u32> {
        self.pick_among(self.weights.len() as u32, load, |_| true, random)
    }

    fn pick_among(
        &mut self,
        count: u32,
        load: impl Fn(u32) -> u32,
        usable: impl Fn(u32) -> bool,
        random: &mut impl Random,
    ) -> Option<u32> {
        match self.rule {
            _ if count == 0 => None,
            Rule::RoundRobin => (0..count).find_map(|_| {
                let replica = self.next;
                self.next = if replica + 1 == count { 0 } else { replica + 1 };
                usable(replica).then_some(replica)
            }),
            Rule::Random => best(count, 1, |_| 0, usable, random),
            Rule::Choices(choices) => best(count, choices, load, usable, random),
            Rule::LeastOutstanding => least(0..count, load, usable, random),
            Rule::Weighted => {
                let mut total = 0;
                let mut chosen: Option<u32> = None;
                for replica in (0..count).filter(|replica| usable(*replica)) {
                    let at = replica as usize;
                    self.credit[at] += self.weights[at];
                    total += self.weights[at];
                    if chosen.is_none_or(|other| self.credit[at] > self.credit[other as usize]) {
                        chosen = Some(replica);
                    }
                }
                if let Some(replica) = chosen {
                    self.credit[replica as usize] -= total;
                }
                chosen
            }
        }
    }
}

/// The one of a row with the least load; ties are random.
fn least(
    replicas: impl Iterator<Item = u32>,
    load: impl Fn(u32) -> u32,
    usable: impl Fn(u32) -> bool,
    random: &mut impl Random,
) -> Option<u32> {
    let (mut chosen, mut lowest, mut ties) = (None, u32::MAX, 0u64);
    for replica in replicas.filter(|replica| usable(*replica)) {
        let load = load(replica);
        if load < lowest || chosen.is_none() {
            (chosen, lowest, ties) = (Some(replica), load, 1);
        } else if load == lowest {
            ties += 1;
            if random.below(ties) == 0 {
                chosen = Some(replica);
            }
        }
    }
    chosen
}

/// The best of some different ones picked at random.
fn best(
    count: u32,
    choices: u8,
    load: impl Fn(u32) -> u32,
    usable: impl Fn(u32) -> bool,
    random: &mut impl Random,
) -> Option<u32> {
    let choices = (choices.max(1) as usize).min(CHOICES_MAX).min(count as usize);
    let mut picked = [0u32; CHOICES_MAX];
    // Floyd's way to different numbers: the first `choices` of a random order, without making the order.
    for (filled, end) in (count - choices as u32..count).enumerate() {
        let candidate = random.below(u64::from(end) + 1) as u32;
        picked[filled] = if picked[..filled].contains(&candidate) { end } else { candidate };
    }
    least(picked[..choices].iter().copied(), &load, &usable, random).or_else(|| least(0..count, |_| 0, usable, random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;
    use proptest::prelude::*;

    #[test]
    fn weights_are_met_and_spread() {
        let mut balancer = Balancer::new(Rule::Weighted, 3).weighted(&[5, 1, 1]);
        let picks: Vec<u32> = (0..7).map(|_| balancer.pick_any(|_| 0, &mut || 0).unwrap()).collect();
        assert_eq!(picks, [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn round_robin_is_fair() {
        let mut balancer = Balancer::new(Rule::RoundRobin, 4);
        let picks: Vec<u32> = (0..8).map(|_| balancer.pick_any(|_| 0, &mut || 0).unwrap()).collect();
        assert_eq!(picks, [0, 1, 2, 3, 0, 1, 2, 3]);
    }

    proptest! {
        #[test]
        fn only_usable_ones_are_picked_and_the_best_of_all_is_the_least(
            seed: u64, loads in prop::collection::vec(0u32..5, 1..10), dead in prop::collection::vec(any::<bool>(), 10),
        ) {
            let count = loads.len() as u32;
            let mut random = SplitMix64(seed);
            let healthy = dead[..loads.len()].iter().filter(|dead| !**dead).count();
            for rule in [Rule::RoundRobin, Rule::Random, Rule::LeastOutstanding, Rule::Choices(2), Rule::Weighted] {
                let mut balancer = Balancer::new(rule, count);
                let pick = balancer.pick(|at| loads[at as usize], |at| !dead[at as usize], &mut random).unwrap();
                prop_assert!(healthy * 2 < loads.len() || !dead[pick as usize], "{rule:?}");
            }
            for rule in [Rule::LeastOutstanding, Rule::Choices(10)] {
                let pick = Balancer::new(rule, count).pick_any(|at| loads[at as usize], &mut random).unwrap();
                prop_assert_eq!(Some(&loads[pick as usize]), loads.iter().min());
            }
        }
    }
}
