//! The scenarios of the examples: they compile, run, compare and judge.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads the examples")]

use loko_model::Model;
use loko_sim::run::run;
use loko_sim::scenario::{self, Scenario};
use loko_source::disk::Workspace;
use loko_source::{FilePath, Snapshot};
use std::path::Path;

fn shop() -> (Snapshot, Model) {
    let workspace = Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop")).unwrap();
    let settings = workspace.read_text("loko.toml");
    let (snapshot, _) =
        workspace.snapshot(&loko_model::load::scope(settings.as_ref().map(loko_source::Source::text))).unwrap();
    let model = loko_model::load(&snapshot).model;
    (snapshot, model)
}

fn read(text: &str) -> Scenario {
    scenario::read(&FilePath::new("scenarios/test.toml").unwrap(), text).unwrap()
}

#[test]
fn every_scenario_of_the_shop_runs() {
    let (snapshot, model) = shop();
    let paths: Vec<&FilePath> =
        snapshot.paths_below(scenario::FOLDER).filter(|path| path.extension() == Some("toml")).collect();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        let mut scenario = scenario::read(path, snapshot.text(path.as_str()).unwrap())
            .unwrap_or_else(|findings| panic!("{path:?}: {findings:?}"));
        // A twentieth of everything is enough to go every way once.
        scenario.replications = 2;
        scenario.warmup /= 20.0;
        scenario.duration /= 20.0;
        scenario.faults.iter_mut().for_each(|fault| (fault.at, fault.length) = (fault.at / 20.0, fault.length / 20.0));
        let outcome =
            run(&model, &scenario, &|| false, &|_, _| {}).unwrap_or_else(|findings| panic!("{path:?}: {findings:?}"));
        for variant in &outcome.variants {
            assert!(variant.record.sources.iter().all(|source| source.total() > 0), "{path:?}: {}", variant.name);
        }
        for text in [
            loko_sim::report::text(&outcome),
            loko_sim::report::html(&outcome, &Default::default(), &|| false),
            loko_sim::report::svg(&outcome),
        ] {
            assert!(text.len() > 500);
        }
        assert!(loko_sim::report::json(&outcome)["variants"][0]["loads"].is_object());
    }
}

#[test]
fn what_cannot_be_simulated_is_told_with_its_place() {
    let (_, model) = shop();
    let messages = |text: &str| -> Vec<String> {
        let findings = run(&model, &read(text), &|| false, &|_, _| {}).err().unwrap_or_default();
        assert!(findings.iter().all(|finding| finding.primary.is_some()));
        findings
            .into_iter()
            .map(|finding| format!("{}; {}", finding.message, finding.help.unwrap_or_default()))
            .collect()
    };
    let load = |to: &str, rate: &str| {
        format!(
            "duration = \"10s\"\n[[load]]\nname = \"x\"\nfrom = \"customer\"\nto = \"{to}\"\nprofile = {{ rate = \"{rate}\" }}\n"
        )
    };
    let unknown = messages(&load("ordering/chekout", "10rps"));
    assert!(
        unknown[0].contains("no element `ordering/chekout`") && unknown[0].contains("did you mean `ordering/checkout`")
    );
    let unstable = messages(&load("catalog/catalog-api", "1000000rps"));
    assert!(unstable.iter().any(|message| message.contains("can't keep up")), "{unstable:?}");
    let far = format!("{}[[fault]]\nat = \"5s\"\nslow = \"carrier\"\n", load("identity/identity-api", "10rps"));
    assert!(messages(&far)[0].contains("no load reaches `carrier`"));
    let key = format!(
        "{}[[variant]]\nname = \"v\"\nset = {{ \"ordering/checkout\" = {{ replikas = 3 }} }}\n",
        load("identity/identity-api", "10rps")
    );
    assert!(messages(&key)[0].contains("no behaviour `replikas`"));
}

#[test]
fn a_model_without_behaviour_runs_on_defaults_that_are_told() {
    let snapshot = Snapshot::from_texts([
        ("src/user/person.md", "---\nname: User\nrelationships:\n  - to: shop/api\n    description: Asks\n---\n"),
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        ("src/shop/api/container.md", "---\nname: API\nrelationships:\n  - to: shop/db\n    description: Reads\n---\n"),
        ("src/shop/db/container.md", "---\nname: Database\ntechnology: PostgreSQL\n---\n"),
    ]);
    let model = loko_model::load(&snapshot).model;
    let scenario = read(
        "duration = \"30s\"\nreplications = 3\n[[load]]\nname = \"ask\"\nfrom = \"user\"\nto = \"shop/api\"\nprofile = { rate = \"20rps\" }\n\
         [[expect]]\nthat = \"p99 < 1s\"\n[[expect]]\nthat = \"p99 < 1ms\"\n",
    );
    let outcome = run(&model, &scenario, &|| false, &|_, _| {}).unwrap();
    assert_eq!(outcome.checks.iter().map(|check| check.holds).collect::<Vec<_>>(), [true, false]);
    let told = loko_sim::report::text(&outcome);
    assert!(told.contains("shop/db: work takes 2.00 ms (p99 20.0 ms), as that of a database does here"), "{told}");
    // Whoever stops it gets what is there.
    let stopped = run(&model, &scenario, &|| true, &|_, _| {}).unwrap();
    assert!(stopped.interrupted);
}
