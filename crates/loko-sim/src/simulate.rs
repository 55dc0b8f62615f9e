//! One door for everybody who has a model and the text of a scenario: the command line, agents, servers.

use crate::report;
use crate::run::{Outcome, run};
use crate::scenario::{Chosen, Named, REPLICATIONS_MAX, Scenario, Setting, read, split_key};
use crate::search::{Study, study};
use loko_model::Model;
use loko_model::value::{Data, Value};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Span};
use std::borrow::Cow;

/// What is asked for besides what the scenario says.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Only these variants; all when there are none.
    pub variants: Vec<String>,
    /// Changes of the model in every variant, such as `shop/payments.service_time=10x`, one on a line.
    pub settings: Vec<String>,
    /// How long it lasts, in seconds.
    pub duration: Option<f64>,
    /// How often it is repeated.
    pub replications: Option<u32>,
    /// Where randomness starts.
    pub seed: Option<u64>,
    /// The deployment whose copies run, by id or name; in every variant.
    pub environment: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario as it stands.
    pub outcome: Outcome,
    /// Its sweeps and searches.
    pub study: Study,
}

/// The name of the text that changes from outside stand in; no file is called so.
const CHANGES: &str = "--set";

impl Overrides {
    /// The changes as a text, one on each line, which findings about them point into.
    pub fn text(&self) -> Option<(FilePath, String)> {
        let path = FilePath::new(CHANGES).expect("it is a path inside a workspace");
        (!self.settings.is_empty()).then(|| (path, self.settings.join("\n")))
    }
}

impl Report {
    /// Whether every expectation holds, or a search was asked for what would hold.
    pub fn holds(&self) -> bool {
        self.outcome.holds() || !self.outcome.scenario.searches.is_empty()
    }

    /// Everything as JSON with stable names.
    pub fn json(&self) -> serde_json::Value {
        let mut value = report::json(&self.outcome);
        value["study"] = serde_json::to_value(&self.study).expect("a study is names and numbers");
        value
    }

    /// The answer, verdict, tables and assumptions for terminals.
    pub fn text(&self) -> String {
        report::text(&self.outcome, &self.study)
    }

    /// The answer and what most people ask for besides, for terminals.
    pub fn brief(&self) -> String {
        report::brief(&self.outcome, &self.study)
    }
}

/// Reads a scenario, applies what is asked for besides, and runs it. `stop` is asked now and then, also in the middle of
/// a run: what is there then is the report. `progress` hears how many of how many runs are done.
pub fn simulate(
    model: &Model,
    path: &FilePath,
    text: &str,
    overrides: &Overrides,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, Vec<Diagnostic>> {
    let mut scenario = read(path, text)?;
    adjust(&mut scenario, overrides).map_err(|finding| vec![*finding])?;
    let outcome = run(model, &scenario, stop, progress)?;
    let study = study(model, &scenario, stop, progress)?;
    Ok(Report { outcome, study })
}

/// Applies what is asked for besides what a scenario says.
pub fn adjust(scenario: &mut Scenario, overrides: &Overrides) -> Result<(), Box<Diagnostic>> {
    let wrong = |message: String, help: Cow<'static, str>| Box::new(Diagnostic::error("scenario", message).help(help));
    scenario.seed = overrides.seed.unwrap_or(scenario.seed);
    scenario.replications = overrides.replications.unwrap_or(scenario.replications).clamp(1, REPLICATIONS_MAX);
    if let Some(duration) = overrides.duration {
        scenario.warmup *= duration / scenario.duration;
        scenario.duration = duration;
    }
    if let Some(fault) = scenario.faults.iter().find(|fault| fault.at >= scenario.duration) {
        let words = fault.what.words(&fault.target.text);
        return Err(wrong(format!("the scenario ends before its fault begins: {words}"), "raise --duration".into()));
    }
    if !overrides.variants.is_empty() {
        let names: Vec<String> = scenario.variants.iter().map(|variant| variant.name.clone()).collect();
        if let Some(unknown) = overrides.variants.iter().find(|name| !names.contains(name)) {
            let help = did_you_mean(unknown, names.iter().map(String::as_str));
            let help = help.unwrap_or_else(|| format!("it has {}", names.join(", ")));
            return Err(wrong(format!("the scenario has no variant `{unknown}`"), help.into()));
        }
        scenario.variants.retain(|variant| overrides.variants.contains(&variant.name));
        // What is expected of others is not asked.
        let kept = |named: &Named| overrides.variants.contains(&named.text);
        scenario.expectations.retain(|expectation| expectation.variant.as_ref().is_none_or(kept));
    }
    if let Some(name) = &overrides.environment {
        scenario.environment = Some(Chosen { name: name.clone(), span: None });
        scenario.variants.iter_mut().for_each(|variant| variant.environment = None);
    }
    if let Some((path, text)) = overrides.text() {
        let mut start = 0;
        for line in text.split('\n') {
            let setting = setting(&path, line, start)?;
            scenario.variants.iter_mut().for_each(|variant| variant.settings.push(setting.clone()));
            start += line.len() + 1;
        }
    }
    Ok(())
}

/// Reads `shop/payments.service_time=10x`, which stands at `start` of the text of all changes.
fn setting(path: &FilePath, line: &str, start: usize) -> Result<Setting, Box<Diagnostic>> {
    let named = |raw: &str, from: usize| {
        let from = from + raw.len() - raw.trim_start().len();
        Named { text: raw.trim().to_owned(), span: Span::new(from, from + raw.trim().len()) }
    };
    let parts = line.split_once('=').and_then(|(left, value)| {
        let (target, key) = split_key(left)?;
        let (target_at, key_at, value_at) = (start, start + target.len() + 1, start + left.len() + 1);
        Some((named(target, target_at), named(key, key_at), named(value, value_at)))
    });
    let whole = parts.filter(|(target, key, value)| [target, key, value].iter().all(|part| !part.text.is_empty()));
    let Some((target, key, value)) = whole else {
        let help = "write `ELEMENT.KEY=VALUE`, such as `shop/payments.service_time=10x`, or `A -> B.KEY=VALUE`";
        let finding = Diagnostic::error("scenario", format!("`{line}` is no change")).help(help);
        return Err(Box::new(finding.at(path, Span::new(start, start + line.len()), "not understood")));
    };
    Ok(Setting {
        target,
        key: key.text,
        key_span: key.span,
        value: value_at(path, &value.text, value.span),
        file: Some(path.clone()),
    })
}

/// A value as TOML has it, with spans as if it stood at its place; what is no TOML is a text.
fn value_at(path: &FilePath, text: &str, span: Span) -> Value {
    const KEY: &str = "v=";
    if text == "off" {
        return Value { data: Data::Bool(false), span };
    }
    // A change has an element, a dot, a key and `=` before its value, which is more than the key here.
    let padded = format!("{}{KEY}{text}", "\n".repeat((span.start as usize).saturating_sub(KEY.len())));
    let (table, problems) = loko_model::load::read_toml(path, &padded);
    let read = table.get("v").map(|entry| entry.value.clone()).filter(|_| problems.is_empty() && table.len() == 1);
    read.unwrap_or_else(|| Value { data: Data::Text(text.to_owned()), span })
}
