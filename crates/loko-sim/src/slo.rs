//! What the model promises to those who ask, and how fast a run uses up what may go wrong.
//!
//! A promise of 99.9 % leaves an error budget of 0.1 %. The *burn rate* is the share that went wrong over the share that
//! may: at 1 the budget lasts exactly as long as its window, at 14.4 a budget of 30 days is gone in 50 hours. After
//! Beyer et al., "The site reliability workbook", 2018, chapter 5.

use crate::engine::Series;
use crate::scenario::{Load, Scenario, Way};
use loko_model::behaviour::{Behaviour, Duration, Share};
use loko_model::{ElementIx, Model, Resolution};
use serde::Serialize;
use std::ops::Range;

/// The window of a budget when nobody says, in seconds: 30 days.
pub const WINDOW_S: f64 = 30.0 * 86_400.0;

/// The name under which the burn rate of all promises together is kept: that of the one that burns fastest.
pub const BURN: &str = "burn";

/// A promise to a load.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Objective {
    /// Who promises.
    pub element: String,
    /// What, in words: `99.9 % succeed`, `99 % within 300 ms`.
    pub promise: String,
    /// The share that may go wrong.
    pub allowed: f64,
    /// The time within which all others are answered, in seconds; otherwise it is about success.
    pub within: Option<f64>,
    /// How long the budget must last, in seconds.
    pub window: f64,
    /// The name under which its burn rate is kept.
    #[serde(skip)]
    pub name: &'static str,
}

/// Shares of success: key, whether it is the share that fails, name of the burn rate.
const SHARES: [(&str, bool, &str); 3] = [
    ("slo.availability", false, "burn_availability"),
    ("slo.success", false, "burn_success"),
    ("slo.error_rate", true, "burn_error_rate"),
];
/// Percentiles: key, the share that may be slower, name of the burn rate.
const TIMES: [(&str, f64, &str); 5] = [
    ("slo.p50", 0.5, "burn_p50"),
    ("slo.p90", 0.1, "burn_p90"),
    ("slo.p95", 0.05, "burn_p95"),
    ("slo.p99", 0.01, "burn_p99"),
    ("slo.p999", 0.001, "burn_p999"),
];

/// The promises to each load of a scenario: those of the element that it asks first, or else of what that is part of.
pub fn objectives(model: &Model, scenario: &Scenario) -> Vec<Vec<Objective>> {
    scenario.loads.iter().map(|load| asked(model, load).map_or_else(Vec::new, |ix| of(model, ix))).collect()
}

/// The nearest element that promises anything to a load.
fn asked(model: &Model, load: &Load) -> Option<ElementIx> {
    let promises = |ix: ElementIx| model.ancestry(ix).find(|ix| Behaviour::of_element(model.element(*ix)).has("slo"));
    match &load.way {
        Way::Relation { to, .. } => match model.resolve(&to.text) {
            Resolution::Found(ix) => promises(ix),
            _ => None,
        },
        Way::View(named) => {
            let view = model.dynamics.iter().find(|view| view.id == named.text || view.name == named.text)?;
            view.steps.iter().filter(|step| !step.response).find_map(|step| promises(step.target))
        }
    }
}

fn of(model: &Model, ix: ElementIx) -> Vec<Objective> {
    let element = model.element(ix);
    let behaviour = Behaviour::of_element(element);
    let window = behaviour.duration("slo.window").map_or(WINDOW_S, Duration::secs).max(1.0);
    let make = |promise: String, allowed: f64, within, name| Objective {
        element: element.id.to_string(),
        promise,
        allowed,
        within,
        window,
        name,
    };
    let mut found = Vec::new();
    for (key, fails, name) in SHARES {
        let Some(share) = behaviour.share(key).map(Share::value) else { continue };
        let allowed = if fails { share } else { 1.0 - share };
        found.push(make(format!("{} % succeed", percent(1.0 - allowed)), allowed, None, name));
    }
    for (key, allowed, name) in TIMES {
        let Some(time) = behaviour.duration(key).map(Duration::secs) else { continue };
        let words = format!("{} % within {}", percent(1.0 - allowed), crate::compile::show(time));
        found.push(make(words, allowed, Some(time), name));
    }
    found
}

/// A share in percent, without digits that say nothing.
fn percent(share: f64) -> f64 {
    libm::round(share * 1e6) / 1e4
}

impl Objective {
    /// How many times as fast as it may the budget was used by the requests that began at the points of a range; nothing
    /// when there were none.
    pub fn burn(&self, series: &Series, points: Range<usize>) -> Option<f64> {
        let (total, failed) = series.counts(points.clone());
        if total == 0 {
            return None;
        }
        let bad = match self.within {
            None => failed as f64 / total as f64,
            Some(limit) => series.above(points, limit)?,
        };
        Some(bad / self.allowed.max(LEAST))
    }
}

/// A promise of everything leaves this much.
const LEAST: f64 = 1e-9;
