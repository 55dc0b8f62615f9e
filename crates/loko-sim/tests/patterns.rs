//! The scenarios of `examples/patterns`: every pattern that can be simulated has one that compares it with its absence,
//! and every question that the simulation must answer has one that answers it. Here they run short.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, reason = "the test reads the examples")]

use loko_model::Model;
use loko_sim::run::{Outcome, run};
use loko_sim::scenario::{self, Scenario};
use loko_source::Snapshot;
use loko_source::disk::Workspace;
use rayon::prelude::*;
use std::path::Path;

/// How many times shorter the scenarios run.
const SHORTER: f64 = 10.0;

/// Those whose point takes its time: copies that start, checks of a release, healing.
const WHOLE: &[&str] = &["autoscaling", "q03-metastable", "q08-canary-plan", "q09-morning-ramp"];

/// The patterns of which the catalogue says that they are simulated.
const SIMULATED: &[&str] = &[
    "api-gateway",
    "async-messaging",
    "autoscaling",
    "batching",
    "blue-green",
    "bulkhead",
    "cache-aside",
    "cache-invalidation",
    "canary",
    "circuit-breaker",
    "connection-pool",
    "cqrs",
    "dead-letter-queue",
    "estimate-before-execute",
    "event-sourcing",
    "fallback",
    "hedging",
    "job-queue",
    "leader-election",
    "load-balancing",
    "load-shedding",
    "microservices",
    "model-cost",
    "outbox",
    "pub-sub",
    "request-response",
    "resource-limits",
    "retry-backoff",
    "rolling",
    "saga-choreography",
    "saga-orchestration",
    "serverless",
    "service-mesh",
    "sharding-horizontal",
    "sharding-vertical",
    "sliding-window",
    "spot-instances",
    "timeout",
    "token-bucket",
    "write-through",
];

fn workspace() -> (Snapshot, Model) {
    let workspace = Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/patterns")).unwrap();
    let settings = workspace.read_text("loko.toml");
    let (snapshot, _) =
        workspace.snapshot(&loko_model::load::scope(settings.as_ref().map(loko_source::Source::text))).unwrap();
    let model = loko_model::load(&snapshot).model;
    (snapshot, model)
}

fn read(snapshot: &Snapshot) -> Vec<(String, Scenario)> {
    let paths = snapshot.paths_below(scenario::FOLDER).filter(|path| path.extension() == Some("toml"));
    let read = |path: &loko_source::FilePath| {
        let text = snapshot.text(path.as_str()).unwrap();
        let scenario = scenario::read(path, text).unwrap_or_else(|findings| panic!("{path:?}: {findings:?}"));
        (path.file_name().trim_end_matches(".toml").to_owned(), scenario)
    };
    paths.map(read).collect()
}

/// Some number that differs between the first variant and another.
fn differs(outcome: &Outcome) -> bool {
    let Some((first, rest)) = outcome.variants.split_first() else { return false };
    let seen = |variant: &loko_sim::run::VariantResult| {
        let loads: Vec<_> = variant.loads.iter().map(|load| load.samples.clone()).collect();
        (loads, variant.cost.clone())
    };
    rest.iter()
        .any(|other| seen(first) != seen(other) || first.stations != other.stations || first.edges != other.edges)
}

#[test]
fn every_simulated_pattern_and_every_question_has_a_scenario_that_runs() {
    let (snapshot, model) = workspace();
    let all = read(&snapshot);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    for pattern in SIMULATED {
        assert!(names.contains(pattern), "no scenario for {pattern}");
    }
    for question in 1..=16 {
        assert!(
            names.iter().any(|name| name.starts_with(&format!("q{question:02}-"))),
            "no scenario answers question {question}"
        );
    }
    let wrong: Vec<String> = all
        .into_par_iter()
        .filter_map(|(name, mut scenario)| {
            scenario.replications = 2;
            let shorter = if WHOLE.contains(&name.as_str()) { 1.0 } else { SHORTER };
            (scenario.duration, scenario.warmup) = (scenario.duration / shorter, scenario.warmup / shorter);
            for fault in &mut scenario.faults {
                (fault.at, fault.length) = (fault.at / shorter, fault.length / shorter);
            }
            let outcome = match run(&model, &scenario, &|| false, &|_, _| {}) {
                Ok(outcome) => outcome,
                Err(findings) => return Some(format!("{name}: {findings:?}")),
            };
            let idle =
                outcome.variants.iter().any(|variant| variant.record.sources.iter().any(|source| source.started == 0));
            if idle {
                return Some(format!("{name}: nobody asks"));
            }
            if scenario.sensitivity.is_some() {
                let study = loko_sim::search::study(&model, &scenario, &|| false, &|_, _| {});
                let matters = study.ok().and_then(|study| study.sensitivity).filter(|found| !found.swings.is_empty());
                return matters.is_none().then(|| format!("{name}: nothing matters"));
            }
            (outcome.variants.len() < 2 || !differs(&outcome)).then(|| format!("{name}: with and without are the same"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sweeps_and_searches_answer() {
    let (snapshot, model) = workspace();
    let (_, mut scenario) = read(&snapshot).into_iter().find(|(name, _)| name.starts_with("q02-")).unwrap();
    (scenario.duration, scenario.warmup, scenario.replications) = (10.0, 1.0, 2);
    scenario.faults[0].length = 10.0;
    let study = loko_sim::search::study(&model, &scenario, &|| false, &|_, _| {}).unwrap();
    let found = &study.found[0];
    let value = found.value.unwrap();
    assert!(value > 1.0 && value < 64.0, "{}", found.words());
    assert!(found.words().contains("a month"), "{}", found.words());
    // With a zone of three lost, half as many more are needed.
    let lost = &study.found[1];
    assert_eq!([&found.variant, &lost.variant], [&Some("all zones".to_owned()), &Some("a zone is lost".to_owned())]);
    assert!(lost.value.unwrap() > value, "{} {}", found.words(), lost.words());
    // One copy fewer breaks the promise.
    let fewer = found.points.iter().find(|point| point.at[0].1 == format!("{}", value - 1.0));
    assert!(
        fewer.is_some_and(|point| !found.points.iter().filter(|other| other.at == point.at).all(|other| other.holds))
    );
}

/// `PATTERNS=name cargo test -p loko-sim --test patterns -- --nocapture` prints the whole report of a scenario.
#[test]
fn one_is_printed_on_request() {
    let Ok(wanted) = std::env::var("PATTERNS") else { return };
    let (snapshot, model) = workspace();
    for (name, scenario) in read(&snapshot).into_iter().filter(|(name, _)| name.starts_with(&wanted)) {
        println!("== {name}");
        match run(&model, &scenario, &|| false, &|_, _| {}) {
            Ok(outcome) => {
                println!("{}", loko_sim::report::verdict(&outcome).join("\n"));
                let study = loko_sim::search::study(&model, &scenario, &|| false, &|_, _| {}).unwrap();
                println!("{}", loko_sim::report::study_words(&study).join("\n"));
                if wanted == name {
                    println!("{}", loko_sim::report::text(&outcome, &study));
                }
            }
            Err(findings) => println!("{findings:?}"),
        }
    }
}
