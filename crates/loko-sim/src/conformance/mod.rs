//! Checks of the engine against exact answers: files of cases in the form `simulation-ground-truth/1`.
//!
//! A case names a family and its parameters; a family knows how to answer each quantity in closed form, by simulation,
//! or both, from the parameters alone. Everything that has queues runs in [`crate::engine`]; policies without queues
//! run as the state machines of `loko-policy`. A quantity is in when the closed form meets its tolerance and the
//! simulated value meets its own; a simulated value outside its tolerance still counts as in when its 99 % interval
//! holds the exact one and is wider than the tolerance, because then the run was too short to tell.
//!
//! How long a case runs is found in two stages ([`check_precisely`], after Stein, 1945): a pilot tells how far its
//! intervals are from what the tolerances ask for, and the main run, which shares nothing with it, is as long as that
//! needs. So intervals stay honest, and what is correlated over long times gets the time that it takes. [`coverage`]
//! repeats short runs and counts how often intervals hold the exact value.

mod caches;
pub mod coverage;
mod data;
mod delivery;
mod limits;
mod queueing;
mod resilience;

use crate::engine::{Detail, Engine, Record, Span};
use crate::network::Network;
use crate::random::mix;
use crate::statistics::Estimate;
use loko_policy::random::SplitMix64;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// The form that is understood.
pub const SCHEMA: &str = "simulation-ground-truth/1";
/// The confidence of the intervals.
pub const CONFIDENCE: f64 = 0.99;
/// The share of the intervals that must hold the exact value.
pub const COVERAGE_MIN: f64 = 0.97;

/// A file of cases.
#[derive(Clone, Debug, Deserialize)]
pub struct File {
    /// The form.
    pub schema: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Its family.
    pub family: String,
    /// Its parameters.
    pub model: Value,
    /// What is asked.
    pub quantities: Vec<Quantity>,
}

/// One quantity with its exact value.
#[derive(Clone, Debug, Deserialize)]
pub struct Quantity {
    /// Its name.
    pub name: String,
    /// The exact value.
    pub value: f64,
    /// How far a closed form may be off, relatively.
    #[serde(default)]
    pub tol_analytic_rel: Option<f64>,
    /// How far a simulation may be off, relatively; none when it is not to be simulated.
    #[serde(default)]
    pub tol_sim_rel: Option<f64>,
}

/// How much to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Requests, calls, jobs or cycles of a case, over all replications.
    pub requests: u64,
    /// How many replications they are spread over.
    pub replications: u32,
    /// Where randomness starts.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { requests: 10_000_000, replications: 20, seed: 1 }
    }
}

impl Effort {
    fn each(&self) -> u64 {
        (self.requests / u64::from(self.replications)).max(1)
    }

    fn seed(&self, replication: u32) -> u64 {
        mix(self.seed ^ mix(u64::from(replication) + 1))
    }
}

/// How an answer compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within the tolerance.
    In,
    /// Not within the tolerance, but the interval holds the exact value.
    Unclear,
    /// Wrong.
    Out,
    /// No way to answer it.
    Missing,
}

/// What came of one quantity.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its name.
    pub name: String,
    /// The exact value.
    pub exact: f64,
    /// The value of the closed form.
    pub analytic: Option<f64>,
    /// The simulated value.
    pub simulated: Option<Estimate>,
    /// How it compares.
    pub verdict: Verdict,
}

impl Answer {
    /// How many standard errors the simulated value is off, when that can be said.
    pub fn deviation(&self) -> Option<f64> {
        let estimate = self.interval()?;
        let error = estimate.half / crate::analytic::special::t_quantile(CONFIDENCE, (estimate.count - 1) as f64);
        Some((estimate.mean - self.exact) / error)
    }

    /// Whether the interval holds the exact value, when there is one.
    pub fn covered(&self) -> Option<bool> {
        Some(self.interval()?.covers(self.exact))
    }

    /// The simulated value with an interval; a quantity that is the same in every run has none.
    fn interval(&self) -> Option<Estimate> {
        self.simulated.filter(|estimate| estimate.half.is_finite() && estimate.half > 1e-12 * estimate.mean.abs())
    }
}

type Solve = fn(&Case, &Effort) -> Result<Solution, String>;

/// All families.
fn families() -> impl Iterator<Item = &'static (&'static str, Solve)> {
    [queueing::FAMILIES, limits::FAMILIES, caches::FAMILIES, resilience::FAMILIES, delivery::FAMILIES, data::FAMILIES]
        .into_iter()
        .flatten()
}

/// The names of all families.
pub fn family_names() -> Vec<&'static str> {
    families().map(|(name, _)| *name).collect()
}

/// Reads a file of cases.
pub fn read(text: &str) -> Result<File, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.schema != SCHEMA {
        return Err(format!("the schema is `{}`, not `{SCHEMA}`", file.schema));
    }
    Ok(file)
}

/// Answers every quantity of a case.
pub fn check(case: &Case, effort: &Effort) -> Result<Vec<Answer>, String> {
    let Some((_, solve)) = families().find(|(name, _)| *name == case.family) else {
        let help = loko_source::suggest::did_you_mean(&case.family, families().map(|(name, _)| *name));
        return Err(format!(
            "unknown family `{}`; {}",
            case.family,
            help.unwrap_or_else(|| "no name is near".to_owned())
        ));
    };
    let solution = solve(case, effort)?;
    Ok(case.quantities.iter().zip(solution.answers).map(|(quantity, found)| judge(quantity, found)).collect())
}

/// How long a case may run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The first run of every case.
    pub pilot: Effort,
    /// The most requests of the main run.
    pub requests_max: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { pilot: Effort { requests: 1_000_000, ..Effort::default() }, requests_max: REQUESTS_MAX }
    }
}

/// Twice what tolerances are made for: queues that are 95 % busy forget slowly.
const REQUESTS_MAX: u64 = 20_000_000;
/// The part of its tolerance that the half of an interval may be: then a right value is out by chance as rarely as a
/// normal is beyond five deviations.
const PRECISION: f64 = 0.5;
/// What is added to the length that the pilot asks for, because the pilot's own intervals are estimates.
const MARGIN: f64 = 1.2;
/// What a run needs at least where the pilot saw too little to answer.
const REQUESTS_RARE: u64 = 10_000_000;
/// Intervals wider than this, as a share of the value, come from runs that are short against what they measure: then
/// percentiles are too low and intervals too narrow, so the run is made longer whatever the tolerance allows.
const WIDE: f64 = 0.03;

/// Answers every quantity of a case as precisely as its tolerances ask for, as long as the plan allows. A case that is
/// out is run once more with other random numbers and twice the length, which a wrong engine does not survive.
pub fn check_precisely(case: &Case, plan: &Plan) -> Result<Vec<Answer>, String> {
    let pilot = check(case, &plan.pilot)?;
    let wanted = needed(case, &pilot, &plan.pilot).min(plan.requests_max);
    if wanted <= plan.pilot.requests {
        return Ok(pilot);
    }
    let main = Effort { requests: wanted, seed: mix(plan.pilot.seed ^ 1), ..plan.pilot };
    let answers = check(case, &main)?;
    if answers.iter().all(|answer| answer.verdict != Verdict::Out) {
        return Ok(answers);
    }
    check(case, &Effort { requests: (2 * wanted).min(2 * plan.requests_max), seed: mix(plan.pilot.seed ^ 2), ..main })
}

/// How many requests the intervals of a case need, from what a pilot has shown.
fn needed(case: &Case, pilot: &[Answer], effort: &Effort) -> u64 {
    let mut requests = effort.requests;
    for (quantity, answer) in case.quantities.iter().zip(pilot) {
        let Some(tolerance) = quantity.tol_sim_rel else { continue };
        match answer.interval() {
            None if answer.simulated.is_some() => {}
            // Too rare for the pilot; a longer run may see it.
            None => requests = requests.max(REQUESTS_RARE),
            Some(estimate) => {
                let ratio = estimate.half / (PRECISION * tolerance * quantity.value.abs()).max(f64::MIN_POSITIVE);
                if ratio > 1.0 {
                    requests = requests.max((effort.requests as f64 * ratio * ratio * MARGIN) as u64);
                }
                let wide = estimate.half / (WIDE * quantity.value.abs()).max(f64::MIN_POSITIVE);
                if wide > 1.0 {
                    let longer = (effort.requests as f64 * wide * wide * MARGIN) as u64;
                    requests = requests.max(longer.min(REQUESTS_RARE));
                }
            }
        }
    }
    requests
}

fn judge(quantity: &Quantity, found: Found) -> Answer {
    let Found { analytic, samples, pooled } = found;
    let exact = quantity.value;
    let off = |value: f64| (value - exact).abs();
    // A value of 0 has no relative distance.
    let within = |value: f64, tolerance: f64| off(value) <= tolerance * exact.abs() + 1e-15;
    let simulated = (!samples.is_empty()).then(|| {
        let estimate = Estimate::of(&samples, CONFIDENCE);
        Estimate { mean: pooled.unwrap_or(estimate.mean), ..estimate }
    });
    let mut verdict = Verdict::Missing;
    if let (Some(value), Some(tolerance)) = (analytic, quantity.tol_analytic_rel) {
        verdict = if within(value, tolerance) { Verdict::In } else { Verdict::Out };
    }
    if let (Some(estimate), Some(tolerance)) = (simulated, quantity.tol_sim_rel)
        && verdict != Verdict::Out
    {
        verdict = if within(estimate.mean, tolerance) {
            Verdict::In
        } else if estimate.covers(exact) {
            Verdict::Unclear
        } else {
            Verdict::Out
        };
    }
    Answer { name: quantity.name.clone(), exact, analytic, simulated, verdict }
}

/// What a family finds: for each quantity in turn the closed form and the simulated values.
struct Solution {
    answers: Vec<Found>,
}

/// What a family finds for one quantity.
#[derive(Default)]
struct Found {
    analytic: Option<f64>,
    /// Values by replication.
    samples: Vec<f64>,
    /// The value of all replications together, when that is more than their mean.
    pooled: Option<f64>,
}

impl Solution {
    fn new(
        case: &Case,
        analytic: impl Fn(&str) -> Option<f64>,
        simulated: impl Fn(&str) -> Vec<f64>,
    ) -> Result<Self, String> {
        let answer = |quantity: &Quantity| {
            let samples = if quantity.tol_sim_rel.is_some() { simulated(&quantity.name) } else { Vec::new() };
            let samples = samples.into_iter().filter(|sample| sample.is_finite()).collect();
            Found { analytic: analytic(&quantity.name), samples, pooled: None }
        };
        Ok(Self { answers: case.quantities.iter().map(answer).collect() })
    }

    /// Of the records of the engine.
    fn of_records(
        case: &Case,
        analytic: impl Fn(&str) -> Option<f64>,
        records: &[Record],
        metric: impl Fn(&Record, &str) -> Option<f64>,
    ) -> Result<Self, String> {
        let mut solution =
            Self::new(case, analytic, |name| records.iter().filter_map(|record| metric(record, name)).collect())?;
        // Percentiles and ratios come from all requests; the replications tell how far that may be off.
        if let Some((first, rest)) = records.split_first() {
            let mut all = first.clone();
            rest.iter().for_each(|record| all.merge(record));
            for (found, quantity) in solution.answers.iter_mut().zip(&case.quantities) {
                found.pooled =
                    metric(&all, &quantity.name).filter(|value| value.is_finite() && !found.samples.is_empty());
            }
        }
        Ok(solution)
    }

    /// Of replications of a policy that name what they found.
    fn of_runs(
        case: &Case,
        analytic: impl Fn(&str) -> Option<f64>,
        runs: &[Vec<(String, f64)>],
    ) -> Result<Self, String> {
        Self::new(case, analytic, |name| {
            runs.iter().filter_map(|run| run.iter().find(|(found, _)| found == name).map(|(_, value)| *value)).collect()
        })
    }
}

/// Runs replications of a network, about `effort.requests` requests in all at `rate` a second.
fn simulate(network: &Network, effort: &Effort, rate: f64, warmup: f64) -> Result<Vec<Record>, String> {
    simulate_with(network, effort, rate, warmup, &|_| {})
}

fn simulate_with(
    network: &Network,
    effort: &Effort,
    rate: f64,
    warmup: f64,
    prepare: &(dyn Fn(&mut Engine<'_>) + Sync),
) -> Result<Vec<Record>, String> {
    let length = effort.each() as f64 / rate * 1e9;
    let span = Span { warmup: (length * warmup) as u64, end: (length * (1.0 + warmup)) as u64 };
    (0..effort.replications)
        .into_par_iter()
        .map(|replication| {
            let mut engine = Engine::new(network, span, Detail::default(), effort.seed(replication))
                .map_err(|error| error.to_string())?;
            prepare(&mut engine);
            Ok(engine.run(&|| false))
        })
        .collect()
}

/// Runs replications of a policy by itself; each gets a generator and how many calls to make.
fn replicate(
    effort: &Effort,
    run: impl Fn(&mut SplitMix64, u64) -> Vec<(String, f64)> + Sync,
) -> Vec<Vec<(String, f64)>> {
    (0..effort.replications)
        .into_par_iter()
        .map(|replication| run(&mut SplitMix64(effort.seed(replication)), effort.each()))
        .collect()
}

fn named(name: &str, value: f64) -> (String, f64) {
    (name.to_owned(), value)
}

/// The parameters of a case, with errors that name what is missing.
#[derive(Clone, Copy)]
struct Parameters<'a> {
    id: &'a str,
    value: &'a Value,
}

impl<'a> Parameters<'a> {
    fn of(case: &'a Case) -> Self {
        Self { id: &case.id, value: &case.model }
    }

    fn within(self, name: &str) -> Result<Self, String> {
        match &self.value[name] {
            Value::Null => Err(format!("{}: the model has no `{name}`", self.id)),
            value => Ok(Self { value, ..self }),
        }
    }

    fn number(self, name: &str) -> Result<f64, String> {
        self.value[name].as_f64().ok_or_else(|| format!("{}: the model has no number `{name}`", self.id))
    }

    fn number_or(self, name: &str, default: f64) -> f64 {
        self.value[name].as_f64().unwrap_or(default)
    }

    fn count(self, name: &str) -> Result<u32, String> {
        let number = self.number(name)?;
        if number < 0.0 || number.fract() != 0.0 || number > f64::from(u32::MAX) {
            return Err(format!("{}: `{name}` must be a whole number, not {number}", self.id));
        }
        Ok(number as u32)
    }

    fn text(self, name: &str) -> &'a str {
        self.value[name].as_str().unwrap_or("")
    }

    fn numbers(self, name: &str) -> Result<Vec<f64>, String> {
        let list =
            self.value[name].as_array().map(|items| items.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>());
        list.flatten().ok_or_else(|| format!("{}: the model has no list of numbers `{name}`", self.id))
    }
}

/// The share of a name that ends in a percentile: `sojourn_p999` is `("sojourn", 0.999)`.
fn percentile(name: &str) -> Option<(&str, f64)> {
    let (what, digits) = name.rsplit_once("_p")?;
    let number: u64 = digits.parse().ok()?;
    Some((what, number as f64 / libm::pow(10.0, digits.len() as f64)))
}

/// The number within a name, between a start and an end: `prob_wait_gt_5s`.
fn within(name: &str, start: &str, end: &str) -> Option<f64> {
    name.strip_prefix(start)?.strip_suffix(end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_numbers() {
        assert_eq!(percentile("sojourn_accepted_p999"), Some(("sojourn_accepted", 0.999)));
        assert_eq!(percentile("latency_p50"), Some(("latency", 0.5)));
        assert_eq!(percentile("mean_wait"), None);
        assert_eq!(within("prob_wait_gt_5s", "prob_wait_gt_", "s"), Some(5.0));
    }

    #[test]
    fn an_unknown_family_is_told_with_what_may_be_meant() {
        let case = Case { id: "x".into(), family: "mm2".into(), model: Value::Null, quantities: Vec::new() };
        assert!(check(&case, &Effort::default()).unwrap_err().contains("did you mean `mm1`"));
    }

    #[test]
    fn a_wrong_exact_value_is_out() {
        let text = r#"{"schema":"simulation-ground-truth/1","cases":[{"id":"x","family":"mm1","model":{"lambda_per_s":5,"mu_per_s":10},
            "quantities":[{"name":"mean_wait","value":0.2,"tol_analytic_rel":1e-9,"tol_sim_rel":0.01},{"name":"mean_sojourn","value":0.2,"tol_analytic_rel":1e-9,"tol_sim_rel":0.05}]}]}"#;
        let effort = Effort { requests: 200_000, replications: 4, seed: 1 };
        let answers = check(&read(text).unwrap().cases[0], &effort).unwrap();
        assert_eq!(answers.iter().map(|answer| answer.verdict).collect::<Vec<_>>(), [Verdict::Out, Verdict::In]);
    }
}
