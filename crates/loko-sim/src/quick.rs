//! The quick look: what the closed form says of a scenario, in milliseconds and without a run.

use crate::analytic::drift::{Drift, drifts};
use crate::analytic::network::{Outlook, outlook};
use crate::analytic::paths::{Path, paths};
use crate::compile::{Compiled, compile};
use crate::scenario::Scenario;
use loko_model::Model;
use loko_source::Diagnostic;

/// What is expected of one variant.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The variant.
    pub name: String,
    /// Its network.
    pub compiled: Compiled,
    /// How busy, how long, how often.
    pub outlook: Outlook,
    /// The ways on which somebody tries again or gives up early.
    pub paths: Vec<Path>,
    /// What retries could keep down.
    pub drifts: Vec<Drift>,
    /// What an hour costs; nothing when nothing has a price.
    pub cost: Option<f64>,
}

/// What is expected of a scenario at its busiest, without its faults.
#[derive(Clone, Debug)]
pub struct Quick {
    /// The scenario.
    pub scenario: Scenario,
    /// By variant.
    pub variants: Vec<Expected>,
}

/// Looks at a scenario.
pub fn quick(model: &Model, scenario: &Scenario) -> Result<Quick, Vec<Diagnostic>> {
    let peaks: Vec<f64> = scenario.loads.iter().map(|load| load.arrivals.peak()).collect();
    let mut variants = Vec::new();
    for variant in &scenario.variants {
        let compiled = compile(model, scenario, variant)?;
        let outlook = outlook(&compiled.network, &peaks);
        variants.push(Expected {
            name: variant.name.clone(),
            paths: paths(&compiled.network, &outlook),
            drifts: drifts(&compiled.network, &peaks),
            cost: compiled.prices.expected(&compiled.network, &outlook),
            outlook,
            compiled,
        });
    }
    Ok(Quick { scenario: scenario.clone(), variants })
}
