//! `simulate`: what a scenario does to the architecture, in virtual time; the verdict first.

use crate::problem::Problem;
use crate::shapes::given;
use crate::tool::{Call, Effect, Tool};
use loko_model::Model;
use loko_model::behaviour::Duration;
use loko_sim::compile::{Compiled, Says};
use loko_sim::run::{Outcome, VariantResult};
use loko_sim::scenario::{self, DURATION_MAX_S, REPLICATIONS_MAX, folder};
use loko_sim::statistics::Estimate;
use loko_sim::{Overrides, Report};
use loko_source::{ChangeSet, FilePath, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a scenario that the caller has written.
const WRITTEN: &str = "scenario.toml";

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The scenario: its name or its file. Without it, and without `text`, the scenarios of the workspace are listed.
    #[serde(default, alias = "name")]
    scenario: Option<String>,
    /// Instead: a scenario in TOML, as files below `scenarios/` have it.
    #[serde(default)]
    text: Option<String>,
    /// Only these variants.
    #[serde(default)]
    variants: Vec<String>,
    /// Changes of the model in every variant: `ELEMENT.KEY=VALUE` or `A -> B.KEY=VALUE`, such as `shop/api.service_time=10x` or `shop/api -> shop/db.breaker=false`.
    #[serde(default)]
    set: Vec<String>,
    /// The deployment whose copies run, by id or name; else the one that the scenario names, the only one, or production.
    #[serde(default)]
    environment: Option<String>,
    /// How long it lasts, in virtual time: `10m`.
    #[serde(default)]
    duration: Option<String>,
    /// How often it is repeated with other random numbers; 20 when neither this nor the scenario says.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    replications: Option<u32>,
    /// Where randomness starts.
    #[serde(default)]
    seed: Option<u64>,
    /// Only what closed forms say: milliseconds, no run, no faults.
    #[serde(default)]
    quick: bool,
}

#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The scenario's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    scenario: String,
    /// What it asks.
    #[serde(skip_serializing_if = "String::is_empty")]
    question: String,
    /// Whether everything that is expected holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<bool>,
    /// In short: what is expected, what breaks first, where the bottleneck is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answer: Vec<String>,
    /// What happened, in words with numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verdict: Vec<String>,
    /// What was expected, and what came of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expectations: Vec<Expected>,
    /// Times and successes, by variant, load and part of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    loads: Vec<LoadRow>,
    /// The elements, the busiest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    elements: Vec<ElementRow>,
    /// The calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<CallRow>,
    /// What was assumed because the model does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumptions: Vec<String>,
    /// The scenarios of the workspace, when none was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scenarios: Vec<Listed>,
    /// How often it was repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    replications: Option<u32>,
    /// Where randomness started.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    revision: String,
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    name: String,
    question: String,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "String::is_empty")]
    problem: String,
}

#[derive(Serialize, JsonSchema)]
struct Expected {
    variant: String,
    /// The load, element or call.
    of: String,
    expectation: String,
    holds: bool,
    /// The value that was seen, with the half of its interval.
    value: Option<f64>,
    half: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct LoadRow {
    variant: String,
    load: String,
    /// `all`, `before`, `during` or `after` the faults.
    when: String,
    p50_s: Option<f64>,
    p99_s: Option<f64>,
    /// The half of the interval of the p99.
    p99_half_s: Option<f64>,
    /// The share that succeeds.
    success: Option<f64>,
    per_s: Option<f64>,
    /// How many times as fast as it may the error budget was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    burn: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct ElementRow {
    variant: String,
    element: String,
    /// How many copies run.
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<u32>,
    /// The deployment that says so, when the element does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<String>,
    visits_per_s: f64,
    utilization: Option<f64>,
    wait_mean_s: Option<f64>,
    /// What the closed form expects.
    closed_form_utilization: f64,
}

#[derive(Serialize, JsonSchema)]
struct CallRow {
    variant: String,
    call: String,
    per_s: f64,
    tries_per_call: Option<f64>,
    failed: f64,
    p99_s: f64,
}

impl Tool for This {
    const NAME: &'static str = "simulate";
    const TITLE: &'static str = "Break it before it is built";
    const ABOUT: &'static str = "Runs a scenario in virtual time: load, faults and variants against the policies that the model states. The answer is a verdict in words with confidence intervals, then numbers by load, element and call. Change the model with `set` to compare designs; `quick` gives closed forms in milliseconds. Without a scenario it lists those of the workspace.";
    const EFFECT: Effect = Effect::Read;
    const TOKENS: usize = 4_000;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let overrides = overrides(&input)?;
        let (wanted, text) = (given(input.scenario), given(input.text));
        let (path, text) = match (&wanted, &text) {
            (None, None) => {
                return Ok(Output {
                    scenarios: listed(&state.snapshot),
                    revision: state.revision.clone(),
                    ..Output::default()
                });
            }
            (Some(_), Some(_)) => {
                return Err(Problem::new("both `scenario` and `text` are given").help("give the one or the other"));
            }
            (None, Some(text)) => (FilePath::new(WRITTEN).expect("it is a path inside a workspace"), text.as_str()),
            (Some(name), None) => {
                let (path, text) = folder::find(&state.snapshot, name.trim())
                    .map_err(|finding| Problem::found(&[*finding], &state.snapshot))?;
                (path.clone(), text)
            }
        };
        let texts = texts(&state.snapshot, &overrides, &path, text);
        let scenario = scenario::read(&path, text).map_err(|findings| Problem::found(&findings, &texts))?;
        let revision = state.revision.clone();
        if input.quick {
            let answer =
                quick(state.model(), scenario, &overrides).map_err(|findings| Problem::found(&findings, &texts))?;
            return Ok(Output { revision, ..answer });
        }
        let progress = |done: usize, total: usize| (call.progress)(done, total, "runs");
        let report = loko_sim::simulate(state.model(), &path, text, &overrides, call.is_cancelled, &progress)
            .map_err(|findings| Problem::found(&findings, &texts))?;
        call.go_on()?;
        Ok(Output { revision, ..told(&report) })
    }
}

fn overrides(input: &Input) -> Result<Overrides, Problem> {
    let duration = match given(input.duration.clone()) {
        None => None,
        Some(text) => {
            let seconds =
                Duration::parse(&text).map(Duration::secs).ok().filter(|it| *it > 0.0 && *it <= DURATION_MAX_S);
            let problem =
                || Problem::new(format!("`duration` is `{}`, which is no time", crate::problem::clip(&text, 40)));
            Some(seconds.ok_or_else(|| problem().help("give a time such as `10m`, at most 30 days"))?)
        }
    };
    if let Some(count) = input.replications.filter(|count| *count == 0 || *count > REPLICATIONS_MAX) {
        let message = format!("`replications` is {count}; there must be 1 to {REPLICATIONS_MAX}");
        return Err(Problem::new(message).help("10 tell much, 30 more"));
    }
    Ok(Overrides {
        variants: input.variants.clone(),
        settings: input.set.clone(),
        duration,
        replications: input.replications,
        seed: input.seed,
        environment: given(input.environment.clone()),
    })
}

/// The texts that findings may point into.
fn texts(snapshot: &Snapshot, overrides: &Overrides, path: &FilePath, text: &str) -> Snapshot {
    let mut changes = ChangeSet::new();
    if let Some((path, text)) = overrides.text() {
        changes.create(path, text);
    }
    if snapshot.source(path.as_str()).is_none() {
        changes.create(path.clone(), text);
    }
    snapshot.overlay(&changes).unwrap_or_else(|_| snapshot.clone())
}

fn listed(snapshot: &Snapshot) -> Vec<Listed> {
    let one = |(path, text): (&FilePath, &str)| {
        let name = folder::stem(path).to_owned();
        match scenario::read(path, text) {
            Ok(scenario) => Listed { name, question: scenario.question, problem: String::new() },
            Err(findings) => {
                let problem = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
                Listed { name, question: String::new(), problem }
            }
        }
    };
    folder::all(snapshot).into_iter().map(one).collect()
}

/// What closed forms say.
fn quick(
    model: &Model,
    mut scenario: scenario::Scenario,
    overrides: &Overrides,
) -> Result<Output, Vec<loko_source::Diagnostic>> {
    loko_sim::adjust(&mut scenario, overrides).map_err(|finding| vec![*finding])?;
    let found = loko_sim::quick::quick(model, &scenario)?;
    let mut output =
        Output { scenario: scenario.name.clone(), question: scenario.question.clone(), ..Output::default() };
    for variant in &found.variants {
        let (network, outlook) = (&variant.compiled.network, &variant.outlook);
        let name = &variant.name;
        for source in &network.sources {
            let way = outlook.edges[source.edge as usize];
            let mean = if way.time.is_finite() {
                format!("{:.1} ms on average", way.time * 1e3)
            } else {
                "without end".to_owned()
            };
            output.verdict.push(format!("{} ({name}): {mean}, {:.3} % succeed.", source.name, way.success * 100.0));
        }
        if let Some(cost) = variant.cost {
            output.verdict.push(format!("{name}: {cost:.2} {} an hour.", variant.compiled.prices.currency));
        }
        for path in variant.paths.iter().filter(|path| path.worst > 1.0) {
            output.verdict.push(format!(
                "{} ({name}): up to {:.0} tries, {:.3} on average, along {}.",
                path.load, path.worst, path.expected, path.way
            ));
        }
        let mut elements: Vec<ElementRow> = network
            .stations
            .iter()
            .zip(&outlook.stations)
            .enumerate()
            .filter(|(_, (_, look))| look.rate > 0.0)
            .map(|(at, (station, look))| ElementRow {
                variant: name.clone(),
                element: station.name.clone(),
                replicas: replicas(&variant.compiled, at),
                deployment: deployment(&variant.compiled, at),
                visits_per_s: look.rate,
                utilization: None,
                wait_mean_s: look.wait.is_finite().then_some(look.wait),
                closed_form_utilization: look.utilization,
            })
            .collect();
        elements.sort_by(|a, b| b.closed_form_utilization.total_cmp(&a.closed_form_utilization));
        output.elements.extend(elements);
    }
    if let Some(variant) = found.variants.first() {
        output.assumptions.clone_from(&variant.compiled.assumptions);
    }
    Ok(output)
}

/// What came of a run.
fn told(report: &Report) -> Output {
    let outcome = &report.outcome;
    let mut verdict = loko_sim::report::verdict(outcome);
    verdict.extend(loko_sim::report::study_words(&report.study));
    let expectations = outcome.checks.iter().map(|check| Expected {
        variant: check.variant.clone(),
        of: check.load.clone(),
        expectation: check.expectation.clone(),
        holds: check.holds,
        value: finite(check.value.mean),
        half: finite(check.value.half),
    });
    let mut output = Output {
        scenario: outcome.scenario.name.clone(),
        question: outcome.scenario.question.clone(),
        holds: Some(report.holds()),
        answer: loko_sim::report::answer(outcome),
        verdict,
        expectations: expectations.collect(),
        replications: outcome.variants.iter().map(|variant| variant.replications).min(),
        seed: Some(outcome.scenario.seed),
        ..Output::default()
    };
    for variant in &outcome.variants {
        output.loads.extend(loads(outcome, variant));
        output.elements.extend(elements(outcome, variant));
        output.calls.extend(calls(outcome, variant));
    }
    if let Some(variant) = outcome.variants.first() {
        output.assumptions.clone_from(&variant.compiled.assumptions);
    }
    output
}

fn loads(outcome: &Outcome, variant: &VariantResult) -> Vec<LoadRow> {
    let confidence = outcome.scenario.confidence;
    let mut rows = Vec::new();
    for (load, result) in outcome.scenario.loads.iter().zip(&variant.loads) {
        for phase in &outcome.phases {
            let of = |metric: &'static str| {
                Estimate::of(result.samples.get(&(phase.name, metric)).map_or(&[], Vec::as_slice), confidence)
            };
            let p99 = of("p99");
            rows.push(LoadRow {
                variant: variant.name.clone(),
                load: load.name.clone(),
                when: phase.name.to_owned(),
                p50_s: finite(of("p50").mean),
                p99_s: finite(p99.mean),
                p99_half_s: finite(p99.half),
                success: finite(of("success").mean),
                per_s: finite(of("throughput").mean),
                burn: finite(of(loko_sim::slo::BURN).mean),
            });
        }
    }
    rows
}

/// How many copies of a station's element run.
fn replicas(variant: &Compiled, at: usize) -> Option<u32> {
    variant.replicas.get(at)?.map(|replicas| replicas.count)
}

/// The deployment that says so.
fn deployment(variant: &Compiled, at: usize) -> Option<String> {
    let replicas = variant.replicas.get(at).copied().flatten()?;
    variant.environment.clone().filter(|_| replicas.says == Says::Deployment)
}

fn elements(outcome: &Outcome, variant: &VariantResult) -> Vec<ElementRow> {
    let confidence = outcome.scenario.confidence;
    let network = &variant.compiled.network;
    let mut rows: Vec<ElementRow> = network
        .stations
        .iter()
        .zip(&variant.record.stations)
        .zip(variant.stations.iter().zip(&variant.outlook.stations))
        .enumerate()
        .filter(|(_, ((_, record), _))| record.arrived > 0)
        .map(|(at, ((station, record), (samples, look)))| {
            let of = |name: &str| Estimate::of(samples.get(name).map_or(&[], Vec::as_slice), confidence);
            ElementRow {
                variant: variant.name.clone(),
                element: station.name.clone(),
                replicas: replicas(&variant.compiled, at),
                deployment: deployment(&variant.compiled, at),
                visits_per_s: rounded(record.arrived as f64 / variant.record.seconds.max(1e-9)),
                utilization: finite(of("utilization").mean),
                wait_mean_s: finite(of("wait_mean").mean),
                closed_form_utilization: rounded(look.utilization),
            }
        })
        .collect();
    rows.sort_by(|a, b| b.utilization.unwrap_or(0.0).total_cmp(&a.utilization.unwrap_or(0.0)));
    rows
}

fn calls(outcome: &Outcome, variant: &VariantResult) -> Vec<CallRow> {
    let confidence = outcome.scenario.confidence;
    let edges = variant.compiled.network.edges.iter().zip(&variant.record.edges).zip(&variant.edges);
    edges
        .filter(|((_, record), _)| record.calls > 0)
        .map(|((edge, record), samples)| CallRow {
            variant: variant.name.clone(),
            call: edge.name.clone(),
            per_s: rounded(record.calls as f64 / variant.record.seconds.max(1e-9)),
            tries_per_call: finite(Estimate::of(samples.get("tries").map_or(&[], Vec::as_slice), confidence).mean),
            failed: rounded(record.failures as f64 / record.calls as f64),
            p99_s: rounded(record.times.quantile(0.99) * 1e-9),
        })
        .collect()
}

/// A number in few digits, since each costs; nothing when there is none.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then(|| rounded(value))
}

/// Four digits that count.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
