//! Published experiments, as scenarios of `examples/experiments`: what is expected there are their numbers.
//!
//! A quick run contradicts none of them. `EXPERIMENTS=all cargo test -p loko-sim --test experiments -- --nocapture` takes
//! their full length, asks for every interval to lie within its tolerance, and prints the table of `docs/simulation.md`;
//! `EXPERIMENTS=e05` those whose names begin so.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, reason = "the test reads the examples")]

use loko_model::Model;
use loko_sim::run::{Checked, run};
use loko_sim::scenario::{self, Scenario};
use loko_source::Snapshot;
use loko_source::disk::Workspace;
use std::path::Path;

/// Those that a quick run can't shorten, because their length is what they are about.
const LONG: &[&str] = &["e02-", "e03-competing-writers-1", "e04-", "e08-", "e10-bimodal", "e11-breaker-on"];

fn workspace() -> (Snapshot, Model) {
    let workspace = Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/experiments")).unwrap();
    let settings = workspace.read_text("loko.toml");
    let (snapshot, _) =
        workspace.snapshot(&loko_model::load::scope(settings.as_ref().map(loko_source::Source::text))).unwrap();
    let model = loko_model::load(&snapshot).model;
    (snapshot, model)
}

fn scenarios(snapshot: &Snapshot) -> Vec<(String, Scenario)> {
    let paths = snapshot.paths_below(scenario::FOLDER).filter(|path| path.extension() == Some("toml"));
    let read = |path: &loko_source::FilePath| {
        let text = snapshot.text(path.as_str()).unwrap();
        let scenario = scenario::read(path, text).unwrap_or_else(|findings| panic!("{path:?}: {findings:?}"));
        (path.file_name().trim_end_matches(".toml").to_owned(), scenario)
    };
    paths.map(read).collect()
}

fn told(check: &Checked) -> String {
    format!(
        "{} | {} | {} | {:.6} ± {:.6}",
        check.variant, check.load, check.expectation, check.value.mean, check.value.half
    )
}

#[test]
fn published_numbers_are_reproduced() {
    let (snapshot, model) = workspace();
    let wanted = std::env::var("EXPERIMENTS").ok();
    let all = scenarios(&snapshot);
    assert!(all.len() >= 58, "{}", all.len());
    let mut wrong = Vec::new();
    for (name, mut scenario) in all {
        let full = match wanted.as_deref() {
            Some("all") => true,
            Some(prefix) if name.starts_with(prefix) => true,
            Some(_) => continue,
            None => false,
        };
        if !full {
            if LONG.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            scenario.replications = 4;
            if scenario.faults.is_empty()
                && !name.starts_with("e01")
                && !name.starts_with("e03")
                && !name.starts_with("e07-exp")
            {
                (scenario.duration, scenario.warmup) = (scenario.duration / 10.0, scenario.warmup / 10.0);
            }
            // In so short a run an interval of 95 % would miss too often.
            scenario.confidence = 0.999_9;
        }
        let outcome =
            run(&model, &scenario, &|| false, &|_, _| {}).unwrap_or_else(|findings| panic!("{name}: {findings:?}"));
        assert!(!outcome.checks.is_empty(), "{name} expects nothing");
        for check in &outcome.checks {
            let fine = check.holds || (!full && check.unclear);
            if wanted.is_some() {
                println!("{} {name} | {}", if fine { "ok " } else { "OUT" }, told(check));
            }
            if !fine {
                wrong.push(format!("{name} | {}", told(check)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are out:\n{}", wrong.len(), wrong.join("\n"));
}
