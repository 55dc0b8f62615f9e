//! Sweeps over values and searches for the smallest or largest one that keeps every promise.
//!
//! A point is the scenario with one thing changed, run with the same random numbers as every other point, so what
//! differs between points is the change. A search halves its range: it takes for granted that what is kept at a value is
//! kept beyond it too (more copies, less load), and runs both ends first, so that a search that can't succeed says so.

use crate::check::add;
use crate::compile::{check_settings, show};
use crate::network::Arrivals;
use crate::report::grouped;
use crate::run::{Outcome, Swings, run};
use crate::scenario::{Knob, Named, Scenario, Search, Setting, Sweep};
use loko_model::Model;
use loko_model::value::{Data, Value};
use loko_source::{Diagnostic, Span};
use serde::Serialize;

/// What was seen at one point of a sweep or a search, for one variant and load.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// What was changed, and to what.
    pub at: Vec<(String, String)>,
    /// The variant.
    pub variant: String,
    /// The load.
    pub load: String,
    /// The p99 in seconds, with the half of its interval.
    pub p99: Option<(f64, f64)>,
    /// The share that succeeds.
    pub success: f64,
    /// Successes a second.
    pub throughput: f64,
    /// The busiest element and how busy it is.
    pub busiest: Option<(String, f64)>,
    /// What it costs an hour.
    pub cost: Option<f64>,
    /// In how many replications the load was healthy again after the last fault, of how many.
    pub healed: Option<(usize, usize)>,
    /// Whether everything that is expected holds.
    pub holds: bool,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// What was searched.
    pub knob: String,
    /// Whether the smallest was wanted.
    pub smallest: bool,
    /// The variant that was searched by itself; none when all had to keep their promises together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The value; `None` when no value in the range will do.
    pub value: Option<f64>,
    /// Whether it is the end of the range, so that more may do as well.
    pub at_end: bool,
    /// The points that were run.
    pub points: Vec<Point>,
}

/// What sweeps and searches showed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Study {
    /// All points of the sweeps.
    pub points: Vec<Point>,
    /// The searches.
    pub found: Vec<Found>,
    /// What each input changes, when that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Swings>,
    /// Whether somebody stopped it.
    pub interrupted: bool,
}

/// How near a search for a number that is no count comes, as a share of it.
const NEAR: f64 = 0.02;
/// The most runs of one search.
const STEPS_MAX: u32 = 40;

type Stop<'a> = &'a (dyn Fn() -> bool + Sync);
type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Runs all sweeps and searches of a scenario, and what it asks about its inputs.
pub fn study(
    model: &Model,
    scenario: &Scenario,
    stop: Stop<'_>,
    progress: Progress<'_>,
) -> Result<Study, Vec<Diagnostic>> {
    let mut study = Study::default();
    let combinations = combine(&scenario.sweeps);
    for (done, settings) in combinations.iter().enumerate() {
        if stop() {
            break;
        }
        let outcome = run(model, &changed(scenario, settings)?, stop, &|_, _| {})?;
        study.points.extend(points(&outcome, settings));
        progress(done + 1, combinations.len());
    }
    for search in &scenario.searches {
        if search.each {
            study.found.extend(seek_each(model, scenario, search, stop, progress)?);
        } else {
            study.found.push(seek(model, scenario, search, stop, progress)?);
        }
    }
    if let Some(wanted) = &scenario.sensitivity {
        study.sensitivity = crate::run::swings(model, scenario, wanted, stop, progress)?;
    }
    study.interrupted = stop();
    Ok(study)
}

/// Every combination of the values of all sweeps.
fn combine(sweeps: &[Sweep]) -> Vec<Vec<(Knob, Value)>> {
    if sweeps.is_empty() {
        return Vec::new();
    }
    sweeps.iter().fold(vec![Vec::new()], |all, sweep| {
        let with = |before: &Vec<(Knob, Value)>, value: &Value| {
            let mut settings = before.clone();
            settings.push((sweep.knob.clone(), value.clone()));
            settings
        };
        all.iter().flat_map(|before| sweep.values.iter().map(|value| with(before, value)).collect::<Vec<_>>()).collect()
    })
}

/// The scenario with something changed in every variant.
fn changed(scenario: &Scenario, settings: &[(Knob, Value)]) -> Result<Scenario, Vec<Diagnostic>> {
    let mut scenario = scenario.clone();
    // A point may be beyond what the servers can do: that is what one wants to see.
    scenario.overload = true;
    for (knob, value) in settings {
        match knob {
            Knob::Key(target, key) => {
                let setting = setting(target, key, value);
                scenario.variants.iter_mut().for_each(|variant| variant.settings.push(setting.clone()));
            }
            Knob::Load(load) => {
                let factor = factor(&scenario, value)?;
                let mine = scenario.loads.iter_mut().filter(|other| other.name == load.text);
                mine.for_each(|load| scale(&mut load.arrivals, factor));
            }
            Knob::Loads => {
                let factor = factor(&scenario, value)?;
                scenario.loads.iter_mut().for_each(|load| scale(&mut load.arrivals, factor));
            }
        }
    }
    Ok(scenario)
}

/// A value of a sweep or a search as a change of the model.
fn setting(target: &Named, key: &str, value: &Value) -> Setting {
    Setting {
        target: target.clone(),
        key: key.to_owned(),
        key_span: target.span,
        value: Value { span: target.span, ..value.clone() },
        file: None,
    }
}

/// What stands in the way of sweeps and searches, each value by itself.
pub(crate) fn check(model: &Model, scenario: &Scenario) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut settings = Vec::new();
    let ends = |search: &Search| [search.from, search.to].map(|end| value_of(search, end)).to_vec();
    let swept = scenario.sweeps.iter().map(|sweep| (&sweep.knob, sweep.values.clone()));
    for (knob, values) in swept.chain(scenario.searches.iter().map(|search| (&search.knob, ends(search)))) {
        for value in &values {
            match knob {
                Knob::Key(target, key) => settings.push(setting(target, key, value)),
                Knob::Load(_) | Knob::Loads => {
                    add(&mut findings, factor(scenario, value).err().unwrap_or_default());
                }
            }
        }
    }
    add(&mut findings, check_settings(model, &scenario.path, &settings));
    add(&mut findings, scenario.searches.iter().filter_map(|search| aimless(scenario, search)));
    findings
}

/// A number that a search tries; loads are factors, and all else that has whole ends is counted.
fn value_of(search: &Search, number: f64) -> Value {
    let data = if counts(search) { Data::Integer(number as i64) } else { Data::Float(number) };
    Value { data, span: Span::at(0) }
}

fn counts(search: &Search) -> bool {
    matches!(search.knob, Knob::Key(..)) && search.from.fract() == 0.0 && search.to.fract() == 0.0
}

/// A search needs something that is kept or not.
fn aimless(scenario: &Scenario, search: &Search) -> Option<Diagnostic> {
    scenario.expectations.is_empty().then(|| {
        Diagnostic::error("scenario", "nothing is expected, so any value will do")
            .at(&scenario.path, search.span, "this search")
            .help("add an `[[expect]]`, such as `that = \"p99 < 300ms\"`")
    })
}

fn factor(scenario: &Scenario, value: &Value) -> Result<f64, Vec<Diagnostic>> {
    let number = match &value.data {
        Data::Integer(number) => Some(*number as f64),
        Data::Float(number) => Some(*number),
        Data::Text(text) => text.trim().strip_suffix('x').and_then(|text| text.trim().parse().ok()),
        _ => None,
    };
    number.filter(|factor| factor.is_finite() && *factor > 0.0).ok_or_else(|| {
        let message = "a load is changed by a factor of more than 0, such as `1.5`";
        vec![Diagnostic::error("scenario", message).at(&scenario.path, value.span, "here")]
    })
}

pub(crate) fn scale(arrivals: &mut Arrivals, factor: f64) {
    match arrivals {
        Arrivals::Open(points) => points.iter_mut().for_each(|point| point.1 *= factor),
        Arrivals::Closed { clients, .. } | Arrivals::Burst { clients, .. } => {
            *clients = libm::round(f64::from(*clients) * factor).max(1.0) as u32;
        }
    }
}

/// What an outcome shows, by variant and load.
fn points(outcome: &Outcome, settings: &[(Knob, Value)]) -> Vec<Point> {
    let at: Vec<(String, String)> = settings.iter().map(|(knob, value)| (knob.words(), text(value))).collect();
    let confidence = outcome.scenario.confidence;
    let mut points = Vec::new();
    for variant in &outcome.variants {
        let network = &variant.compiled.network;
        let busy = |at: usize| variant.record.stations[at].utilization();
        let limited =
            (0..network.stations.len()).filter(|at| network.stations[*at].servers != crate::network::UNLIMITED);
        let busiest = limited.max_by(|a, b| busy(*a).total_cmp(&busy(*b)));
        let cost = crate::statistics::Estimate::of(&variant.cost, confidence);
        for (load, result) in outcome.scenario.loads.iter().zip(&variant.loads) {
            let of = |metric: &'static str| {
                let samples = result.samples.get(&("all", metric));
                crate::statistics::Estimate::of(samples.map_or(&[], Vec::as_slice), confidence)
            };
            let (p99, success) = (of("p99"), of("success"));
            let healed = result.recovery.iter().flatten().count();
            let faults = outcome.phases.iter().any(|phase| phase.name == "after");
            points.push(Point {
                at: at.clone(),
                variant: variant.name.clone(),
                load: load.name.clone(),
                p99: (p99.count > 0).then_some((p99.mean, p99.half)),
                success: success.mean,
                throughput: of("throughput").mean,
                busiest: busiest.map(|at| (network.stations[at].name.clone(), busy(at))),
                cost: (cost.count > 0).then_some(cost.mean),
                healed: faults.then_some((healed, result.recovery.len())),
                holds: outcome.checks.iter().filter(|check| check.variant == variant.name).all(|check| check.holds),
            });
        }
    }
    points
}

fn text(value: &Value) -> String {
    match &value.data {
        Data::Float(number) => format!("{}", (number * 1e6).round() / 1e6),
        _ => value.scalar_text().unwrap_or_else(|| "…".to_owned()),
    }
}

/// Searches every variant by itself; the one that does best comes first.
fn seek_each(
    model: &Model,
    scenario: &Scenario,
    search: &Search,
    stop: Stop<'_>,
    progress: Progress<'_>,
) -> Result<Vec<Found>, Vec<Diagnostic>> {
    let mut all = Vec::new();
    for variant in &scenario.variants {
        let mut alone = scenario.clone();
        alone.variants = vec![variant.clone()];
        alone.expectations.retain(|expect| expect.variant.as_ref().is_none_or(|named| named.text == variant.name));
        let found = seek(model, &alone, search, stop, progress)?;
        all.push(Found { variant: Some(variant.name.clone()), ..found });
    }
    // Without a value nothing that was tried will do, which is worse than any.
    let worse = |found: &Found| match (found.value, found.smallest) {
        (None, _) => f64::INFINITY,
        (Some(value), true) => value,
        (Some(value), false) => -value,
    };
    all.sort_by(|a, b| worse(a).total_cmp(&worse(b)));
    Ok(all)
}

/// Searches for a value.
fn seek(
    model: &Model,
    scenario: &Scenario,
    search: &Search,
    stop: Stop<'_>,
    progress: Progress<'_>,
) -> Result<Found, Vec<Diagnostic>> {
    if let Some(finding) = aimless(scenario, search) {
        return Err(vec![finding]);
    }
    let counts = counts(search);
    let mut points_seen = Vec::new();
    let mut runs = 0;
    let mut holds = |value: f64| -> Result<bool, Vec<Diagnostic>> {
        let settings = [(search.knob.clone(), value_of(search, value))];
        let outcome = run(model, &changed(scenario, &settings)?, stop, &|_, _| {})?;
        runs += 1;
        progress(runs, STEPS_MAX as usize);
        points_seen.extend(points(&outcome, &settings));
        Ok(!outcome.interrupted && outcome.holds())
    };
    let (good_end, bad_end) = if search.smallest { (search.to, search.from) } else { (search.from, search.to) };
    let mut answer = None;
    let mut at_end = false;
    if holds(bad_end)? {
        (answer, at_end) = (Some(bad_end), true);
    } else if holds(good_end)? {
        let (mut good, mut bad) = (good_end, bad_end);
        for _ in 0..STEPS_MAX {
            let near = if counts { (good - bad).abs() <= 1.0 } else { (good - bad).abs() <= NEAR * good.abs() };
            if near || stop() {
                break;
            }
            let middle = (good + bad) / 2.0;
            let middle = if counts { libm::floor(middle) } else { middle };
            if holds(middle)? { good = middle } else { bad = middle }
        }
        answer = Some(good);
    }
    let knob = search.knob.words();
    Ok(Found { knob, smallest: search.smallest, variant: None, value: answer, at_end, points: points_seen })
}

impl Found {
    /// How the answer begins: with the variant, when it was searched by itself.
    fn start(&self, alone: &str, after: &str) -> String {
        self.variant.as_ref().map_or_else(|| alone.to_owned(), |variant| format!("{variant}: {after}"))
    }

    /// The answer in words.
    pub fn words(&self) -> String {
        let kind = if self.smallest { "smallest" } else { "largest" };
        let Some(value) = self.value else {
            return format!("{start}o {} that was tried keeps every promise.", self.knob, start = self.start("N", "n"));
        };
        let shown = (value * 1e4).round() / 1e4;
        let cost = self.points.iter().rev().find(|point| point.holds).and_then(|point| point.cost);
        let p99 = self.points.iter().rev().find(|point| point.holds).and_then(|point| point.p99);
        let end = if self.at_end { ", the end of the range" } else { "" };
        let mut line = format!(
            "{start}he {kind} {} that keeps every promise is {shown}{end}",
            self.knob,
            start = self.start("T", "t")
        );
        if let Some((p99, half)) = p99 {
            line.push_str(&format!(": p99 {} ± {}", show(p99), show(half)));
        }
        if let Some(cost) = cost {
            let month = grouped(cost * crate::cost::HOURS_A_MONTH, 0);
            line.push_str(&format!(", {} an hour, {month} a month", grouped(cost, 2)));
        }
        line.push('.');
        line
    }
}
