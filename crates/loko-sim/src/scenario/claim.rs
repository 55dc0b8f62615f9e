//! Claims: `p99 < 300ms`, `utilization < 80 %`: a number, a side and a limit with the number's unit.

use super::Metric;
use loko_model::behaviour::{Duration, Rate, Share};

/// What a number is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Time,
    /// A part of a whole.
    Share,
    /// So many a second.
    Rate,
    /// A plain number.
    Count,
}

/// The numbers of elements and calls that can be expected: name, unit, and whether an element has it (a call otherwise).
pub const NAMED: &[(&str, Unit, bool)] = &[
    ("utilization", Unit::Share, true),
    ("queue", Unit::Count, true),
    ("wait_mean", Unit::Time, true),
    ("wait_p99", Unit::Time, true),
    ("time_p99", Unit::Time, true),
    ("visits", Unit::Rate, true),
    ("waited", Unit::Share, true),
    ("rejected", Unit::Share, true),
    ("shed", Unit::Share, true),
    ("wasted", Unit::Share, true),
    ("cold", Unit::Share, true),
    ("copies", Unit::Count, true),
    ("copy_life", Unit::Time, true),
    ("running", Unit::Count, true),
    ("batch", Unit::Count, true),
    ("interruptions", Unit::Count, true),
    ("rolled_back", Unit::Share, true),
    ("released_errors", Unit::Count, true),
    ("undone", Unit::Share, true),
    ("half_done", Unit::Share, true),
    ("hottest", Unit::Share, true),
    ("moved", Unit::Share, true),
    ("drained", Unit::Time, true),
    ("calls", Unit::Rate, false),
    ("tries", Unit::Count, false),
    ("sent", Unit::Count, false),
    ("sent_rate", Unit::Rate, false),
    ("peak", Unit::Rate, false),
    ("call_p50", Unit::Time, false),
    ("call_p95", Unit::Time, false),
    ("call_p99", Unit::Time, false),
    ("call_p999", Unit::Time, false),
    ("call_mean", Unit::Time, false),
    ("failures", Unit::Share, false),
    ("lost", Unit::Count, false),
    ("hedged", Unit::Share, false),
    ("hits", Unit::Share, false),
    ("stale", Unit::Share, false),
    ("permitted", Unit::Share, false),
    ("open", Unit::Share, false),
];

/// The names of all numbers, for "did you mean".
const LOADS: [(&str, Metric); 9] = [
    ("mean", Metric::Mean),
    ("success", Metric::Success),
    ("errors", Metric::Errors),
    ("throughput", Metric::Throughput),
    ("goodput", Metric::Throughput),
    ("recovery", Metric::Recovery),
    ("finished", Metric::Finished),
    ("cost", Metric::Cost),
    ("burn", Metric::Burn),
];

/// Reads `p99 < 300ms`: the number, whether it must be below, and the limit.
pub fn claim(text: &str) -> Result<(Metric, bool, f64), String> {
    let at = text.find(['<', '>']).ok_or("the expectation compares nothing")?;
    let (name, rest) = (text[..at].trim(), &text[at..]);
    let below = rest.starts_with('<');
    let limit = rest.trim_start_matches(['<', '>', '=']).trim();
    let metric = metric(name)?;
    let value = match unit(metric) {
        Unit::Time => Duration::parse(limit).map(Duration::secs).map_err(|problem| problem.why),
        Unit::Share => Share::parse(limit).map(Share::value).map_err(|problem| problem.why),
        Unit::Rate => Rate::parse(limit).map(Rate::per_second).map_err(|problem| problem.why),
        Unit::Count => limit.parse().map_err(|_| "it is no number".to_owned()),
    };
    let value = value.map_err(|problem| format!("the limit is `{limit}`: {problem}"))?;
    let impossible = match unit(metric) {
        Unit::Share => value > 1.0 || (!below && value >= 1.0) || (below && value <= 0.0),
        _ => below && value <= 0.0,
    };
    if impossible || !value.is_finite() { Err(format!("`{text}` can't ever hold")) } else { Ok((metric, below, value)) }
}

fn metric(name: &str) -> Result<Metric, String> {
    if let Some((_, metric)) = LOADS.iter().find(|(known, _)| *known == name) {
        return Ok(*metric);
    }
    if let Some((known, ..)) = NAMED.iter().find(|(known, ..)| *known == name) {
        return Ok(Metric::Named(known));
    }
    let digits =
        name.strip_prefix('p').filter(|digits| digits.len() >= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(digits) = digits else {
        let all = LOADS.iter().map(|(name, _)| *name).chain(NAMED.iter().map(|(name, ..)| *name));
        let help = loko_source::suggest::did_you_mean(name, all).map_or_else(String::new, |help| format!("; {help}"));
        return Err(format!("`{name}` is no number of a load, an element or a call{help}"));
    };
    let number: f64 = digits.parse().map_err(|_| format!("`{name}` is no percentile"))?;
    Ok(Metric::Quantile(number / libm::pow(10.0, digits.len() as f64)))
}

/// What a number is measured in.
pub(crate) fn unit(metric: Metric) -> Unit {
    match metric {
        Metric::Quantile(_) | Metric::Mean | Metric::Recovery | Metric::Finished => Unit::Time,
        Metric::Success | Metric::Errors => Unit::Share,
        Metric::Throughput => Unit::Rate,
        Metric::Cost | Metric::Burn => Unit::Count,
        Metric::Named(name) => {
            NAMED.iter().find(|(known, ..)| *known == name).map_or(Unit::Count, |(_, unit, _)| *unit)
        }
    }
}
