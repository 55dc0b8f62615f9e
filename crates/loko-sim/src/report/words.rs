//! The verdict in words.

use super::compare::{self, difference};
use super::{estimate, grouped, told};
use crate::compile::show;
use crate::run::{Checked, Outcome, VariantResult};
use std::fmt::Write as _;

/// The verdict: one sentence for each load and variant, then what was expected.
pub fn verdict(outcome: &Outcome) -> Vec<String> {
    let mut lines = told_of(outcome);
    lines.extend(compare::words(outcome));
    lines.extend(super::budget::words(outcome));
    lines.extend(super::drift::words(outcome));
    lines.extend(super::closed::disagreements(outcome));
    lines.extend(outcome.checks.iter().map(judged));
    if outcome.interrupted {
        lines.push("Stopped early: these are the results so far.".to_owned());
    }
    lines
}

/// What happened to each load, and what that means for promises and for the time after.
pub(super) fn happened(outcome: &Outcome) -> Vec<String> {
    let mut lines = told_of(outcome);
    lines.extend(super::budget::words(outcome));
    lines.extend(super::drift::words(outcome));
    lines
}

/// What else was noticed: other differences of variants, and where closed forms disagree.
pub(super) fn noticed(outcome: &Outcome) -> Vec<String> {
    let mut lines = compare::words(outcome);
    lines.extend(super::closed::disagreements(outcome));
    lines
}

/// A sentence for each load and variant, and what each variant costs.
fn told_of(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    let faults = |variant: &VariantResult| {
        let mine = outcome.scenario.faults.iter().filter(|fault| fault.is_in(&variant.name));
        mine.map(|fault| fault.what.words(&fault.target.text)).collect::<Vec<_>>().join(" and ")
    };
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for (number, variant) in outcome.variants.iter().enumerate() {
            let mut line = sentence(outcome, variant, at, &load.name, &faults(variant));
            if number > 0 && variant.replications > 0 {
                line.push_str(&against(outcome, variant, at));
            }
            lines.push(line);
        }
    }
    for variant in outcome.variants.iter().filter(|variant| variant.record.overloaded) {
        lines.push(format!(
            "{}: requests piled up beyond all bounds, or went round without any time passing, so the run ended early.",
            variant.name
        ));
    }
    for variant in outcome.variants.iter().filter(|variant| !variant.cost.is_empty()) {
        let cost = crate::statistics::Estimate::of(&variant.cost, outcome.scenario.confidence);
        let done: f64 =
            variant.loads.iter().map(|load| estimate(load.samples.get(&("all", "throughput")), 0.95).mean).sum();
        lines.push(format!(
            "{}: {} {} an hour, {} a month, {:.4} for a thousand requests.",
            variant.name,
            grouped(cost.mean, 2),
            variant.compiled.prices.currency,
            grouped(cost.mean * crate::cost::HOURS_A_MONTH, 0),
            cost.mean / 3.6 / done.max(1e-12)
        ));
    }
    lines
}

/// An expectation and what came of it.
pub(super) fn judged(check: &Checked) -> String {
    let word = match (check.holds, check.unclear) {
        (true, _) => "holds",
        (false, true) => "can't be told apart from its limit; more replications may tell",
        (false, false) => "FAILS",
    };
    let seen = match crate::scenario::claim(&check.expectation) {
        Ok((metric, ..)) if check.value.count > 0 && check.value.mean.is_finite() => {
            format!(", with {}", told(crate::scenario::unit(metric), check.value))
        }
        _ => String::new(),
    };
    format!("Expected of {} ({}): {}: {word}{seen}.", check.load, check.variant, check.expectation)
}

fn sentence(outcome: &Outcome, variant: &VariantResult, at: usize, load: &str, faults: &str) -> String {
    if variant.replications == 0 {
        return format!("{load} ({}): not run.", variant.name);
    }
    let confidence = outcome.scenario.confidence;
    let of = |phase: &'static str, metric: &'static str| {
        let found = estimate(variant.loads[at].samples.get(&(phase, metric)), confidence);
        (found.count > 0).then_some(found)
    };
    let interval = |phase| {
        of(phase, "p99").map(|p99| match p99.half.is_finite() {
            true => format!("{} ({}..{})", show(p99.mean), show(p99.low().max(0.0)), show(p99.high())),
            false => show(p99.mean),
        })
    };
    let failing = |phase| of(phase, "success").map_or(0.0, |success| (1.0 - success.mean) * 100.0);
    let name = format!("{load} ({})", variant.name);
    let (Some(before), Some(during)) = (interval("before"), interval("during")) else {
        return match interval("all") {
            Some(all) => format!("{name}: p99 {all}, {:.2} % fail.", failing("all")),
            None => format!("{name}: no request succeeded."),
        };
    };
    let mut line = format!(
        "{name}: p99 goes from {before} to {during} while {}; {:.2} % fail instead of {:.2} %",
        if faults.is_empty() { "nothing goes wrong in it" } else { faults },
        failing("during"),
        failing("before")
    );
    let recoveries = &variant.loads[at].recovery;
    let healed: Vec<f64> = recoveries.iter().flatten().copied().collect();
    if let Some(after) = interval("after") {
        let _ = match healed.len() {
            0 => write!(line, ". It does not recover: p99 {after} and {:.2} % failing afterwards", failing("after")),
            some => {
                let mean = healed.iter().sum::<f64>() / some as f64;
                let some_do = if some < recoveries.len() {
                    format!(" in {some} of {} runs", recoveries.len())
                } else {
                    String::new()
                };
                let when = if mean < 1.0 { "at once".to_owned() } else { format!("after {}", show(mean)) };
                write!(line, ". It recovers {when}{some_do}")
            }
        };
    }
    line.push('.');
    line
}

/// How a variant differs from the first.
fn against(outcome: &Outcome, variant: &VariantResult, at: usize) -> String {
    let Some(first) = outcome.variants.first() else { return String::new() };
    let phase = if outcome.phases.iter().any(|phase| phase.name == "during") { "during" } else { "all" };
    let of = |metric| difference(outcome, variant, at, phase, metric);
    let mut parts = Vec::new();
    if let Some(p99) = of("p99") {
        parts.push(match p99.is_significant() {
            true => format!(
                "p99 {} by {} ± {}",
                if p99.mean > 0.0 { "longer" } else { "shorter" },
                show(p99.mean.abs()),
                show(p99.half)
            ),
            false => "no difference in p99 that can be told".to_owned(),
        });
    }
    if let Some(success) = of("success") {
        parts.push(match success.is_significant() {
            true => format!("{:+.2} ± {:.2} points of success", success.mean * 100.0, success.half * 100.0),
            false => "none in success".to_owned(),
        });
    }
    if parts.is_empty() { String::new() } else { format!(" Against {}: {}.", first.name, parts.join(", ")) }
}
