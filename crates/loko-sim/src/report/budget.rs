//! Error budgets: what was promised, what went wrong, and how fast that uses up what may.

use super::{Table, estimate, heading, share};
use crate::compile::show;
use crate::run::{Outcome, VariantResult};
use crate::slo::Objective;
use crate::statistics::Estimate;
use serde_json::{Value, json};

/// What is known of a promise in a phase.
struct Burned<'a> {
    objective: &'a Objective,
    phase: &'static str,
    length: f64,
    rate: Estimate,
}

fn burned<'a>(outcome: &'a Outcome, variant: &VariantResult, load: usize) -> Vec<Burned<'a>> {
    let confidence = outcome.scenario.confidence;
    let mut found = Vec::new();
    for objective in outcome.objectives.get(load).into_iter().flatten() {
        for phase in &outcome.phases {
            let samples = variant.loads[load].samples.get(&(phase.name, objective.name));
            let rate = estimate(samples, confidence);
            if rate.count > 0 {
                found.push(Burned { objective, phase: phase.name, length: phase.to - phase.from, rate });
            }
        }
    }
    found
}

impl Burned<'_> {
    /// The part of the whole budget that this phase uses.
    fn used(&self) -> f64 {
        self.rate.mean * self.length / self.objective.window
    }

    fn bad(&self) -> Estimate {
        let allowed = self.objective.allowed;
        Estimate { mean: self.rate.mean * allowed, half: self.rate.half * allowed, ..self.rate }
    }

    fn rate_words(&self) -> String {
        if self.rate.half.is_finite() {
            format!("{:.2} ± {:.2}", self.rate.mean, self.rate.half)
        } else {
            format!("{:.2}", self.rate.mean)
        }
    }
}

pub(super) fn table(outcome: &Outcome) -> Table {
    let mut rows = heading(&["load", "variant", "when", "promise", "may miss", "misses", "burn rate", "budget used"]);
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for variant in &outcome.variants {
            for one in burned(outcome, variant, at).iter().filter(|one| ["all", "during"].contains(&one.phase)) {
                let days = one.objective.window / 86_400.0;
                rows.push(vec![
                    load.name.clone(),
                    variant.name.clone(),
                    one.phase.to_owned(),
                    format!("{} ({})", one.objective.promise, one.objective.element),
                    format!("{:.4} %", one.objective.allowed * 100.0),
                    share(one.bad()),
                    one.rate_words(),
                    format!("{:.3} % of {days:.1} days", one.used() * 100.0),
                ]);
            }
        }
    }
    Table { title: "Error budgets".to_owned(), rows }
}

/// What burns faster than it may, in words: the worst promise of each load and variant.
pub(super) fn words(outcome: &Outcome) -> Vec<String> {
    let phase = if outcome.phases.iter().any(|phase| phase.name == "during") { "during" } else { "all" };
    let mut lines = Vec::new();
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for variant in &outcome.variants {
            let all = burned(outcome, variant, at);
            let worst = all
                .iter()
                .filter(|one| one.phase == phase && one.rate.mean > 1.0)
                .max_by(|a, b| a.rate.mean.total_cmp(&b.rate.mean));
            let Some(worst) = worst else { continue };
            lines.push(format!(
                "{} ({}): burns the error budget of `{}` ({}) {} times as fast as it may{}; {} of that use {:.2} % of its {:.0} days.",
                load.name,
                variant.name,
                worst.objective.element,
                worst.objective.promise,
                worst.rate_words(),
                if phase == "during" { " while that lasts" } else { "" },
                show(worst.length),
                worst.used() * 100.0,
                worst.objective.window / 86_400.0
            ));
        }
    }
    lines
}

/// The same for programs.
pub(super) fn json(outcome: &Outcome, variant: &VariantResult, load: usize) -> Value {
    let one = |one: &Burned<'_>| {
        json!({
            "element": one.objective.element,
            "promise": one.objective.promise,
            "when": one.phase,
            "allowed": one.objective.allowed,
            "burn_rate": super::value::number(one.rate),
            "budget_used": one.used(),
            "window_s": one.objective.window,
        })
    };
    burned(outcome, variant, load).iter().map(one).collect()
}
