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
            loko_sim::report::text(&outcome, &Default::default()),
            loko_sim::report::html(&outcome, &Default::default(), &|| false),
            loko_sim::report::svg(&outcome, &Default::default()),
        ] {
            assert!(text.len() > 500);
        }
        let [brief, whole] =
            [loko_sim::report::brief, loko_sim::report::text].map(|form| form(&outcome, &Default::default()));
        for line in brief.lines().chain(whole.lines()) {
            assert!(line.chars().count() <= loko_sim::report::WIDTH, "{path:?}: {line}");
        }
        assert!(brief.lines().count() < whole.lines().count() / 2, "{path:?}: {brief}");
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
    let told = loko_sim::report::text(&outcome, &Default::default());
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
        let told = loko_sim::report::text(&outcome, &Default::default());
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
    assert!(loko_sim::report::text(&outcome, &Default::default()).contains("without any time passing"));
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
    let told = loko_sim::report::text(&outcome, &Default::default());
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
        (
            outcome.checks.iter().map(|check| check.holds).collect(),
            loko_sim::report::text(&outcome, &Default::default()),
        )
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

/// A report without its line breaks.
fn flat(told: &str) -> String {
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A small shop that runs in some environments: the files of `deployments/`, and what its API says besides.
fn deployed(environments: &[(&str, &str)], api: &str) -> Model {
    let api = format!(
        "---\nname: API\nservice_time: {{ mean: 10ms }}\n{api}relationships:\n  - to: shop/db\n    breaker: 5\n---\n"
    );
    let files: Vec<(String, String)> =
        environments.iter().map(|(id, text)| (format!("deployments/{id}.toml"), (*text).to_owned())).collect();
    let texts = [
        ("src/user/person.md", "---\nname: User\nrelationships: [shop/api]\n---\n"),
        ("src/shop/system.md", "# Shop\n"),
        ("src/shop/api/container.md", api.as_str()),
        ("src/shop/db/container.md", "---\nname: DB\nconcurrency: 10\n---\n"),
    ];
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let loaded = loko_model::load(&Snapshot::from_texts(texts.into_iter().chain(files)));
    assert!(
        loaded.findings.iter().all(|finding| finding.severity < loko_source::Severity::Error),
        "{:?}",
        loaded.findings
    );
    loaded.model
}

const PRODUCTION: &str = "name = \"Live shop\"\n[[node]]\nname = \"East\"\ncount = 9\n[[node.instance]]\nof = \"shop/api\"\nreplicas = 3\n\
    [[node]]\nname = \"West\"\n[[node.node]]\nname = \"Rack\"\n[[node.node.instance]]\nof = \"shop/api\"\nreplicas = 2\n";
const STAGING: &str = "[[node]]\nname = \"One\"\n[[node.instance]]\nof = \"shop\"\nreplicas = 4\n";
const ASK: &str = "duration = \"20s\"\nreplications = 2\n[[load]]\nname = \"ask\"\nfrom = \"user\"\nto = \"shop/api\"\nprofile = { rate = \"20rps\" }\n";

/// The copies of the API and of the DB in each variant, who says so, and the environment.
fn copies(model: &Model, text: &str) -> Vec<(u32, &'static str, u32, &'static str, Option<String>)> {
    let scenario = read(text);
    let one = |variant| {
        let compiled = loko_sim::compile::compile(model, &scenario, variant).unwrap();
        let of = |name: &str| {
            let at = compiled.network.stations.iter().position(|station| station.name == name).unwrap();
            compiled.replicas[at].unwrap()
        };
        let (api, db) = (of("shop/api"), of("shop/db"));
        let servers =
            |name: &str| compiled.network.stations.iter().find(|station| station.name == name).unwrap().servers;
        assert_eq!((servers("shop/api"), servers("shop/db")), (100 * api.count, 10 * db.count));
        // Each copy of a caller has a breaker of its own.
        let call = compiled.network.edges.iter().find(|edge| edge.name == "shop/api → shop/db").unwrap();
        assert_eq!(call.callers, api.count);
        (api.count, api.source(), db.count, db.source(), compiled.environment)
    };
    scenario.variants.iter().map(one).collect()
}

#[test]
fn copies_are_those_of_the_deployment_unless_the_element_says() {
    let live = Some("Live shop".to_owned());
    let both = [("production", PRODUCTION), ("staging", STAGING)];
    // The instances of all nodes together; how many nodes are alike multiplies nothing.
    let expected = [(5, "deployment", 1, "assumed", live.clone())];
    assert_eq!(copies(&deployed(&both[..1], ""), ASK), expected, "the only one");
    assert_eq!(copies(&deployed(&both, ""), ASK), expected, "production of several");
    assert_eq!(copies(&deployed(&both, "replicas: 2\n"), ASK), [(2, "element", 1, "assumed", live.clone())]);
    assert_eq!(copies(&deployed(&[], ""), ASK), [(1, "assumed", 1, "assumed", None)]);
    // What is part of something that is deployed runs as often as that.
    let staging = Some("staging".to_owned());
    let named = format!("environment = \"staging\"\n{ASK}");
    assert_eq!(copies(&deployed(&both, ""), &named), [(4, "deployment", 4, "deployment", staging.clone())]);
    let named = format!(
        "environment = \"Live shop\"\n{ASK}[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\nenvironment = \"staging\"\n"
    );
    let expected = [(5, "deployment", 1, "assumed", live), (4, "deployment", 4, "deployment", staging)];
    assert_eq!(copies(&deployed(&both, ""), &named), expected);
    // A change of the model is what the element says.
    let set = format!("{ASK}[[variant]]\nname = \"a\"\nset = {{ \"shop/api\" = {{ replicas = 7 }} }}\n");
    assert_eq!(copies(&deployed(&both, ""), &set)[0].0, 7);
}

#[test]
fn which_deployment_was_taken_is_told_and_one_that_is_not_there_too() {
    let others = [("blue", PRODUCTION), ("green", STAGING)];
    let model = deployed(&others, "");
    let path = FilePath::new("scenarios/test.toml").unwrap();
    let simulate = |text: &str, environment: Option<&str>| {
        let overrides = loko_sim::Overrides { environment: environment.map(str::to_owned), ..Default::default() };
        loko_sim::simulate(&model, &path, text, &overrides, &|| false, &|_, _| {})
    };
    let unsaid = simulate(ASK, None).unwrap();
    let told = unsaid.text();
    assert!(told.contains("no deployment is taken: none of `blue`, `green` is named by `environment`"), "{told}");
    assert_eq!(unsaid.json()["variants"][0]["environment"], serde_json::Value::Null);
    // The choice from outside counts for all variants.
    let text = format!("{ASK}[[variant]]\nname = \"a\"\nenvironment = \"green\"\n");
    let report = simulate(&text, Some("blue")).unwrap();
    let told = report.text();
    assert!(flat(&told).contains("of deployment Live shop"), "{told}");
    assert!(report.brief().contains("copies of deployment Live shop"), "{}", report.brief());
    let element = &report.json()["variants"][0]["elements"][0];
    assert_eq!((element["replicas"].as_u64(), element["replicas_of"].as_str()), (Some(5), Some("deployment")));
    let quick = loko_sim::quick::quick(&model, &report.outcome.scenario).unwrap();
    assert!(loko_sim::report::quick_text(&quick).contains("5, of deployment Live shop"));
    let wrong = simulate(&format!("environment = \"gren\"\n{ASK}"), None).err().unwrap();
    assert_eq!((wrong.len(), wrong[0].message.as_str()), (1, "there is no deployment `gren`"));
    assert_eq!(wrong[0].help.as_deref(), Some("did you mean `green`?"));
    assert!(wrong[0].primary.is_some());
    assert!(simulate(ASK, Some("gren")).err().unwrap()[0].primary.is_none(), "it stands in no file");
}

#[test]
fn the_answer_comes_first_what_breaks_and_where_the_bottleneck_is() {
    let model = deployed(&[], "");
    let text = format!(
        "{ASK}[[fault]]\nat = \"10s\"\ncrash = \"shop/db\"\n[[expect]]\nthat = \"success > 99 %\"\n[[expect]]\nthat = \"p50 < 1s\"\n"
    );
    let outcome = run(&model, &read(&text), &|| false, &|_, _| {}).unwrap();
    let answer = loko_sim::report::answer(&outcome);
    assert_eq!(answer[0], "FAILS: 1 of 2 expectations.");
    // Of the calls that fail the one where it comes from, as soon as the fault begins.
    let start = "First to break: 100 % of the calls shop/api → shop/db fail at 10.0 s, as soon as the fault begins";
    assert!(answer[1].starts_with(start), "{answer:?}");
    assert!(
        answer[2].starts_with("Bottleneck: shop/db, ") || answer[2].starts_with("Bottleneck: shop/api, "),
        "{answer:?}"
    );
    let brief = loko_sim::report::brief(&outcome, &Default::default());
    let second = brief.lines().nth(2).unwrap();
    assert_eq!(second, "FAILS: 1 of 2 expectations.", "{brief}");
    assert_eq!(loko_sim::report::json(&outcome)["variants"][0]["answer"]["first_break"]["call"], "shop/api → shop/db");
    let calm = run(&model, &read(ASK), &|| false, &|_, _| {}).unwrap();
    let answer = loko_sim::report::answer(&calm);
    assert_eq!(answer[0], "Nothing is expected: the scenario has no `[[expect]]`.");
    assert_eq!(answer[1], "First to break: nothing, no call fails noticeably more than before.");
}

/// The share of requests that succeed while a clock is ahead, and what was assumed.
fn ahead(api: &str, by: &str, retry: bool) -> (f64, String) {
    let mut model = deployed(&[], api);
    if retry {
        let asks = |relation: &loko_model::Relation| model.element(relation.source).id == "user";
        let ix = loko_model::RelationIx(model.relations.iter().position(|relation| asks(relation)).unwrap() as u32);
        let value =
            loko_model::value::Value { data: loko_model::value::Data::Integer(4), span: loko_source::Span::at(0) };
        model.relation_mut(ix).behaviour.insert("retry".to_owned(), value);
    }
    let text = format!(
        "duration = \"200s\"\nreplications = 2\n[[load]]\nname = \"ask\"\nfrom = \"user\"\nto = \"shop/api\"\nprofile = {{ rate = \"50rps\" }}\n\
         [[fault]]\nat = \"50s\"\nfor = \"100s\"\nskew = \"shop/api\"\nby = \"{by}\"\n"
    );
    let outcome = run(&model, &read(&text), &|| false, &|_, _| {}).unwrap_or_else(|findings| panic!("{findings:?}"));
    let samples = &outcome.variants[0].loads[0].samples;
    assert!(samples[&("before", "success")].iter().all(|share| *share > 0.99), "only the fault does something");
    let during = &samples[&("during", "success")];
    (during.iter().sum::<f64>() / during.len() as f64, outcome.variants[0].compiled.assumptions.join("\n"))
}

#[test]
fn a_clock_that_is_ahead_refuses_tokens_and_makes_two_leaders() {
    // A token has any age: a clock that is 5 of 15 minutes ahead refuses a third.
    let (share, told) = ahead("auth: { kind: jwt }\n", "5min", false);
    assert!((share - 2.0 / 3.0).abs() < 0.03, "{share}");
    assert!(told.contains("tokens are good for 900 s") && told.contains("33.3 %"), "{told}");
    assert!(ahead("auth: { kind: jwt, access_token: 4m }\n", "5min", false).0 < 0.01, "every token is too old");
    // Between two renewals the lease has 15 to 10 s left: a clock that is less ahead changes nothing.
    let lease = |rest: &str| format!("replicas: 3\nleader_election: {{ lease: 15s, renew: 5s{rest} }}\n");
    let (share, told) = ahead(&lease(""), "9s", false);
    assert!(share > 0.99 && told.contains("bears a clock that is 9.00 s ahead"), "{share} {told}");
    let (share, told) = ahead(&lease(", fencing: true"), "20s", false);
    assert!((share - 0.5).abs() < 0.03 && told.contains("50 % of the work is refused"), "{share} {told}");
    assert!((ahead(&lease(", fencing: true"), "12500ms", false).0 - 0.75).abs() < 0.03, "for half of each renewal");
    // Who is refused may try again; what a second leader has overwritten is gone.
    assert!(ahead(&lease(", fencing: true"), "20s", true).0 > 0.85);
    let (share, told) = ahead(&lease(""), "20s", true);
    assert!((share - 0.5).abs() < 0.05 && told.contains("is lost, as nothing says `fencing`"), "{share} {told}");
    // One copy can't have a rival.
    assert!(ahead("leader_election: { lease: 15s }\n", "20s", false).0 > 0.99);
}

#[test]
fn a_clock_that_nothing_trusts_is_no_fault() {
    let text = format!("{ASK}[[fault]]\nskew = \"shop/db\"\n");
    let findings = run(&deployed(&[], ""), &read(&text), &|| false, &|_, _| {}).err().unwrap();
    assert_eq!(findings[0].message, "`shop/db` trusts no clock, so the fault changes nothing");
    let number = format!("{ASK}[[fault]]\nskew = \"shop/db\"\nby = 10\n");
    let path = FilePath::new("scenarios/test.toml").unwrap();
    assert!(scenario::read(&path, &number).err().unwrap()[0].message.contains("it has no unit"));
}
