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
            loko_sim::report::svg(&outcome, &Default::default()),
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

#[test]
fn whoever_stops_a_comparison_gets_what_is_there() {
    let (_, model) = shop();
    let text = "duration = \"20s\"\nreplications = 3\n[[load]]\nname = \"x\"\nfrom = \"customer\"\nto = \"catalog/catalog-api\"\n\
                profile = { rate = \"20rps\" }\n[[variant]]\nname = \"one\"\n[[variant]]\nname = \"two\"\n[[expect]]\nthat = \"p99 < 9s\"\n";
    for asked in [0, 1, 2] {
        let left = std::sync::atomic::AtomicI32::new(asked);
        let stop = || left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) <= 0;
        let outcome = run(&model, &read(text), &stop, &|_, _| {}).unwrap();
        let told = loko_sim::report::text(&outcome);
        assert!(told.contains("Stopped early") && told.contains("x (two): not run."), "{told}");
        assert!(!outcome.holds(), "nothing is known of the second variant");
        loko_sim::report::html(&outcome, &Default::default(), &|| true);
        loko_sim::report::json(&outcome);
    }
}

/// The whole report, with everything that is random in it.
fn told(threads: usize, model: &Model, text: &str) -> String {
    let path = FilePath::new("scenarios/test.toml").unwrap();
    let overrides = loko_sim::Overrides::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let report = pool.install(|| loko_sim::simulate(model, &path, text, &overrides, &|| false, &|_, _| {})).unwrap();
    let page = loko_sim::report::html(&report.outcome, &report.study, &|| false);
    format!("{}{}{page}", report.json(), report.text())
}

#[test]
fn neither_runs_nor_threads_change_a_byte() {
    let (_, model) = shop();
    let text = "duration = \"40s\"\nreplications = 6\nseed = 11\n[[load]]\nname = \"checkout\"\nview = \"checkout\"\n\
                profile = { rate = \"10rps\" }\n[[fault]]\nat = \"10s\"\nfor = \"10s\"\nslow = \"payment-provider\"\nby = 5\n\
                [[variant]]\nname = \"as is\"\n[[variant]]\nname = \"more\"\nset = { \"payments/payment-api\" = { replicas = 6 } }\n";
    let one = told(1, &model, text);
    assert!(one.contains("the slowest request"));
    for threads in [1, 2, 5] {
        assert!(told(threads, &model, text) == one, "with {threads} threads something else is told");
    }
}

#[test]
fn memory_does_not_grow_with_the_duration() {
    let (_, model) = shop();
    let text = |duration: &str| {
        format!(
            "duration = \"{duration}\"\nreplications = 1\n[[load]]\nname = \"browse\"\nfrom = \"customer\"\n\
             to = \"catalog/catalog-api\"\nprofile = {{ rate = \"20rps\" }}\n"
        )
    };
    let kept = |duration: &str| {
        let outcome = run(&model, &read(&text(duration)), &|| false, &|_, _| {}).unwrap();
        let record = &outcome.variants[0].record;
        let courses: usize = record.station_courses.iter().flatten().map(|course| course.sums().len()).sum();
        (record.series[0].len(), courses, record.sources[0].total())
    };
    let (short, long) = (kept("60s"), kept("3600s"));
    assert!(long.2 > 50 * short.2, "{} requests, {} in a long run", short.2, long.2);
    // What is kept of each request is counted; only requests that are under way take memory of their own.
    assert_eq!((short.0, short.1), (long.0, long.1));
}

#[test]
fn clients_that_never_pause_do_not_stop_the_clock() {
    let snapshot = Snapshot::from_texts([
        ("src/user/person.md", "---\nname: User\n---\n"),
        ("src/idle/person.md", "---\nname: Idle\n---\n"),
    ]);
    let model = loko_model::load(&snapshot).model;
    let text = "duration = \"1s\"\nreplications = 1\n[[load]]\nname = \"x\"\nfrom = \"user\"\nto = \"idle\"\n\
                profile = { kind = \"closed\", users = 1, think = \"0s\" }\n";
    let outcome = run(&model, &read(text), &|| false, &|_, _| {}).unwrap();
    assert!(loko_sim::report::text(&outcome).contains("without any time passing"));
}

#[test]
fn changes_from_outside_are_told_where_they_stand() {
    let (_, model) = shop();
    let text = "duration = \"10s\"\n[[load]]\nname = \"x\"\nfrom = \"customer\"\nto = \"catalog/catalog-api\"\nprofile = { rate = \"5rps\" }\n";
    let path = FilePath::new("scenarios/test.toml").unwrap();
    let place = |setting: &str| {
        let overrides = loko_sim::Overrides {
            settings: vec!["catalog/catalog-api.replicas=2".to_owned(), setting.to_owned()],
            ..Default::default()
        };
        let findings = loko_sim::simulate(&model, &path, text, &overrides, &|| true, &|_, _| {}).err().unwrap();
        let (at, text) = (findings[0].primary.as_ref().unwrap().place.clone(), overrides.text().unwrap());
        assert_eq!(at.path, text.0);
        text.1[at.span.start as usize..at.span.end as usize].to_owned()
    };
    assert_eq!(place("catalog/catalog-apl.replicas=2"), "catalog/catalog-apl");
    assert_eq!(place("catalog/catalog-api.replikas=2"), "replikas");
    assert_eq!(place("catalog/catalog-api.replicas=many"), "many");
    assert_eq!(place("catalog/catalog-api.service_time=-2x"), "-2x");
    assert_eq!(place("nothing"), "nothing");
}

#[test]
fn error_budgets_burn_by_what_is_promised() {
    let snapshot = Snapshot::from_texts([
        ("src/user/person.md", "---\nname: User\nrelationships:\n  - to: shop/api\n    description: Asks\n---\n"),
        ("src/shop/system.md", "---\nname: Shop\nslo: { availability: 99%, p90: 1s, window: 1d }\n---\n"),
        ("src/shop/api/container.md", "---\nname: API\nservice_time: { mean: 1ms }\nerror_rate: 4%\n---\n"),
    ]);
    let model = loko_model::load(&snapshot).model;
    let text = "duration = \"60s\"\nreplications = 4\n[[load]]\nname = \"ask\"\nfrom = \"user\"\nto = \"shop/api\"\nprofile = { rate = \"200rps\" }\n\
                [[expect]]\nthat = \"burn > 3\"\n[[expect]]\nthat = \"burn < 5\"\n";
    let outcome = run(&model, &read(text), &|| false, &|_, _| {}).unwrap();
    assert!(outcome.holds(), "{:?}", outcome.checks);
    let told = loko_sim::report::text(&outcome);
    assert!(told.contains("burns the error budget of `shop` (99 % succeed) 4.0"), "{told}");
    assert!(told.contains("90 % within 1.00 s"), "{told}");
    // The closed form knows the share that fails, and agrees.
    let success = outcome.variants[0].compared.iter().find(|row| row.what == "success").unwrap();
    assert!(success.agrees && (success.closed_form - 0.96).abs() < 1e-9, "{success:?}");
}

/// What a fault of ten minutes out of ten does to a small shop: expectations that hold with it, and of which one fails without it.
#[track_caller]
fn check_fault(fault: &str, expected: &[&str]) {
    let snapshot = Snapshot::from_texts([
        (
            "src/user/person.md",
            "---\nname: User\nrelationships:\n  - to: shop/api\n    description: Asks\n    timeout: 1s\n  - to: shop/orders\n    description: Orders\n---\n",
        ),
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        (
            "src/shop/api/container.md",
            "---\nname: API\nservice_time: { p50: 5ms, p99: 10ms }\nrelationships:\n  - to: shop/db\n    description: Reads\n    retry: { attempts: 2, per_try_timeout: 200ms, backoff: constant, initial: 1ms, jitter: none }\n---\n",
        ),
        (
            "src/shop/db/container.md",
            "---\nname: Database\ntechnology: PostgreSQL\nservice_time: { p50: 2ms, p99: 4ms }\n---\n",
        ),
        (
            "src/shop/orders/container.md",
            "---\nname: Orders\ntechnology: RabbitMQ queue\nrelationships:\n  - to: shop/worker\n    description: Handled by\n    async: true\n    calls: 1\n    dead_letter: { max_attempts: 4, schedule: [0s, 1s, 2s, 3s] }\n---\n",
        ),
        ("src/shop/worker/container.md", "---\nname: Worker\nservice_time: { p50: 5ms, p99: 10ms }\n---\n"),
    ]);
    let model = loko_model::load(&snapshot).model;
    let holds = |fault: &str| -> (Vec<bool>, String) {
        let fault = if fault.is_empty() { String::new() } else { format!("[[fault]]\n{fault}\n") };
        let expected: String = expected.iter().map(|line| format!("[[expect]]\n{line}\n")).collect();
        let text = format!(
            "duration = \"5m\"\nreplications = 5\n[[load]]\nname = \"ask\"\nfrom = \"user\"\nto = \"shop/api\"\nprofile = {{ rate = \"20rps\" }}\n\
             [[load]]\nname = \"order\"\nfrom = \"user\"\nto = \"shop/orders\"\nprofile = {{ rate = \"20rps\" }}\n{fault}{expected}"
        );
        let outcome = run(&model, &read(&text), &|| false, &|_, _| {}).unwrap();
        (outcome.checks.iter().map(|check| check.holds).collect(), loko_sim::report::text(&outcome))
    };
    let (held, told) = holds(fault);
    assert_eq!(held, vec![true; expected.len()], "{fault}: {told}");
    assert!(holds("").0.contains(&false), "without the fault all is the same: {expected:?}");
}

#[test]
fn every_fault_does_what_its_name_says() {
    let asks = |that: &str| format!("load = \"ask\"\nthat = \"{that}\"");
    let reads = |that: &str| format!("of = \"shop/api -> shop/db\"\nthat = \"{that}\"");
    let handles = |that: &str| format!("of = \"shop/orders -> shop/worker\"\nthat = \"{that}\"");
    check_fault("slow = \"shop/db\"\nby = 20", &[&asks("p50 > 40ms"), &asks("p50 < 80ms")]);
    // Whoever has a tenth of the processor takes ten times as long.
    check_fault("steal = \"shop/api\"\nshare = \"90 %\"", &[&asks("p50 > 50ms"), &asks("p50 < 70ms")]);
    check_fault("fail = \"shop/db\"\nshare = \"50 %\"", &[&asks("errors > 22 %"), &asks("errors < 28 %")]);
    check_fault("crash = \"shop/api\"", &[&asks("errors > 99.9 %")]);
    check_fault("stop = \"shop/api\"", &[&asks("errors > 99.9 %")]);
    // Both tries wait for an answer that never comes; then the caller is told.
    check_fault("partition = \"shop/api -> shop/db\"", &[&asks("errors > 99.9 %"), &reads("tries > 1.99")]);
    // Without any timeout the system gives up for the caller, who waits for long.
    check_fault("partition = \"user -> shop/orders\"", &["load = \"order\"\nthat = \"errors > 99 %\""]);
    // A quarter loses both tries.
    check_fault(
        "drop = \"shop/api -> shop/db\"",
        &[&asks("errors > 22 %"), &asks("errors < 28 %"), &asks("p99 > 200ms")],
    );
    // A message that can't be handled comes back three times and is a dead letter then; the others are handled at once.
    check_fault(
        "poison = \"shop/worker\"\nshare = \"10 %\"",
        &[&handles("failures > 9 %"), &handles("failures < 11 %"), &handles("tries > 1.25"), &handles("tries < 1.35")],
    );
    check_fault("spike = \"ask\"\nby = 3", &["of = \"shop/api\"\nthat = \"visits > 55rps\""]);
}

#[test]
fn loads_that_go_the_same_way_meet_the_same_policies() {
    let snapshot = Snapshot::from_texts([
        ("src/user/person.md", "---\nname: User\nrelationships:\n  - to: shop/api\n    description: Asks\n---\n"),
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        (
            "src/shop/api/container.md",
            "---\nname: API\nrelationships:\n  - to: shop/store\n    description: Reads\n    rate_limit: { limit: 10, window: 1s }\n---\n",
        ),
        ("src/shop/store/container.md", "---\nname: Store\n---\n"),
        (
            "views/read.toml",
            "kind = \"dynamic\"\nname = \"Read\"\nscope = \"shop\"\n[[step]]\nfrom = \"user\"\nto = \"shop/api\"\ndescription = \"Asks\"\n\
             [[step]]\nfrom = \"shop/api\"\nto = \"shop/store\"\ndescription = \"Reads\"\n",
        ),
    ]);
    let model = loko_model::load(&snapshot).model;
    let load =
        |name: &str, way: &str| format!("[[load]]\nname = \"{name}\"\n{way}\nprofile = {{ rate = \"10rps\" }}\n");
    let (ask, view) = (load("ask", "from = \"user\"\nto = \"shop/api\""), load("view", "view = \"read\""));
    let passed = |loads: &str| -> f64 {
        let outcome =
            run(&model, &read(&format!("duration = \"2m\"\nreplications = 3\n{loads}")), &|| false, &|_, _| {})
                .unwrap();
        let record = &outcome.variants[0].record;
        record.sources.iter().map(|source| source.ok.total() as f64).sum::<f64>() / record.seconds
    };
    // Ten a second pass, whoever asks.
    let (alone, both) = (passed(&ask), passed(&format!("{ask}{view}")));
    assert!((7.0..10.1).contains(&alone), "{alone}");
    assert!((9.0..10.5).contains(&both), "{both}");
}
