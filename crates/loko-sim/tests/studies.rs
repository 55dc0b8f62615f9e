//! What is asked beyond one run: what matters most, searches of every variant, faults of one variant, parts of keys.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]

use loko_model::Model;
use loko_sim::{Overrides, Report};
use loko_source::{Diagnostic, FilePath, Snapshot};

/// A web server in front of a database that is nearly too small.
fn model() -> Model {
    let snapshot = Snapshot::from_texts([
        ("src/user/person.md", "---\nname: User\nrelationships:\n  - to: shop/web\n    description: Asks\n---\n"),
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        (
            "src/shop/web/container.md",
            "---\nname: Web\nconcurrency: 64\nservice_time: { mean: 1ms }\nautoscaling: { min: 2, max: 4, target: 60% }\n\
             relationships:\n  - to: shop/db\n    description: Reads\n---\n",
        ),
        (
            "src/shop/db/container.md",
            "---\nname: Database\ntechnology: PostgreSQL\nconcurrency: 2\nservice_time: { mean: 15ms, distribution: exponential }\n\
             relationships:\n  - to: shop/log\n    description: Writes\n    probability: 10%\n---\n",
        ),
        ("src/shop/log/container.md", "---\nname: Log\nconcurrency: 100\nservice_time: { mean: 1ms }\n---\n"),
    ]);
    loko_model::load(&snapshot).model
}

const START: &str = "duration = \"60s\"\nreplications = 6\noverload = true\n[[load]]\nname = \"ask\"\nfrom = \"user\"\nto = \"shop/web\"\n\
                     profile = { rate = \"100rps\" }\n";

fn simulate(text: &str, settings: &[&str]) -> Result<Report, Vec<Diagnostic>> {
    let overrides =
        Overrides { settings: settings.iter().map(|text| (*text).to_owned()).collect(), ..Default::default() };
    let path = FilePath::new("scenarios/test.toml").unwrap();
    loko_sim::simulate(&model(), &path, &format!("{START}{text}"), &overrides, &|| false, &|_, _| {})
}

#[test]
fn the_input_that_matters_most_comes_first() {
    let report = simulate("[sensitivity]\nby = \"10 %\"\nof = \"mean\"\n", &[]).unwrap();
    let swings = report.study.sensitivity.as_ref().unwrap();
    let names: Vec<&str> = swings.swings.iter().map(|swing| swing.input.as_str()).collect();
    // All that matter have to do with the queue in front of the database.
    let mut first = names[..3].to_vec();
    first.sort_unstable();
    assert_eq!(first[..2], ["load ask", "shop/db: service time"], "{names:?}");
    let load = swings.swings.iter().find(|swing| swing.input == "load ask").unwrap();
    assert!(load.less.unwrap().mean < 0.0 && load.more.unwrap().mean > 0.0, "{load:?}");
    // Two servers are two with a tenth more or less, so that is no input.
    assert!(!names.contains(&"shop/db: places"), "{names:?}");
    // A log with a hundred places never has a queue: nothing changes, exactly.
    let log = swings.swings.iter().find(|swing| swing.input == "shop/log: places").unwrap();
    assert!(!log.tells() && log.most() == 0.0, "{log:?}");
    let text = report.text();
    assert!(text.contains("What matters most for the mean of ask is"), "{text}");
    let charts = loko_sim::report::charts(&report.outcome, &report.study);
    assert_eq!(charts.len(), 2);
    let one = loko_sim::report::svg(&report.outcome, &report.study);
    assert_eq!([one.matches("<svg").count(), one.matches("</svg>").count()], [3, 3], "both in one");
    assert!(report.json()["study"]["sensitivity"]["swings"].is_array());
}

#[test]
fn what_no_number_can_be_held_against_is_told() {
    let findings = simulate("[sensitivity]\nof = \"p98\"\nby = \"0 %\"\nload = \"aks\"\n", &[]).unwrap_err();
    let told: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(told.iter().any(|message| message.contains("`p98` is no number")), "{told:?}");
    assert!(told.iter().any(|message| message.contains("more than 0 %")), "{told:?}");
    let findings = simulate("[sensitivity]\nload = \"aks\"\n", &[]).unwrap_err();
    assert!(findings[0].message.contains("no load `aks`"), "{findings:?}");
}

const VARIANTS: &str = "[[variant]]\nname = \"as is\"\n[[variant]]\nname = \"faster\"\nset = { \"shop/db\" = { service_time = \"0.5x\" } }\n\
                        [[expect]]\nthat = \"p99 < 200ms\"\n";

#[test]
fn every_variant_has_its_own_answer_the_best_first() {
    let report =
        simulate(&format!("{VARIANTS}[[find]]\nlargest = \"load\"\nfrom = 0.5\nto = 4\neach = true\n"), &[]).unwrap();
    let found: Vec<(&str, f64)> =
        report.study.found.iter().map(|found| (found.variant.as_deref().unwrap(), found.value.unwrap())).collect();
    assert_eq!([found[0].0, found[1].0], ["faster", "as is"]);
    assert!(found[0].1 > 1.6 * found[1].1 && found[0].1 < 2.4 * found[1].1, "{found:?}");
    assert!(report.text().contains("faster: the largest load that keeps every promise is"), "{}", report.text());
}

#[test]
fn a_fault_may_be_one_variants_alone() {
    let text = format!("{VARIANTS}[[fault]]\nvariant = \"faster\"\nat = \"20s\"\nfor = \"20s\"\ncrash = \"shop/db\"\n");
    let report = simulate(&text, &[]).unwrap();
    let success = |at: usize| report.outcome.variants[at].record.sources[0].success();
    assert!(success(0) > 0.999 && success(1) < 0.75, "{} {}", success(0), success(1));
    let findings = simulate(&text.replace("variant = \"faster\"", "variant = \"fatser\""), &[]).unwrap_err();
    assert!(findings[0].message.contains("no variant `fatser`"), "{findings:?}");
}

#[test]
fn keys_have_parts_and_the_rest_stays() {
    let copies = |settings: &[&str]| {
        let report = simulate("", settings).unwrap();
        let network = &report.outcome.variants[0].compiled.network;
        let web = network.stations.iter().find(|station| station.name == "shop/web").unwrap();
        (web.servers, web.scaling.as_ref().unwrap().config.max)
    };
    let (before, most) = copies(&[]);
    let (after, still) = copies(&["shop/web.autoscaling.min=4"]);
    assert_eq!((before, after, most, still), (2 * 64, 4 * 64, 4, 4));
    let findings = simulate("", &["shop/web.autoscaling.minn=4"]).unwrap_err();
    assert!(findings[0].message.contains("minn"), "{findings:?}");
}

#[test]
fn differences_beyond_the_loads_are_told() {
    let report = simulate(VARIANTS, &[]).unwrap();
    let text = report.text();
    assert!(text.contains("What else differs for sure"), "{text}");
    assert!(text.contains("faster against as is:") && text.contains("of shop/db"), "{text}");
    assert!(text.contains("Expected of ask (as is): p99 < 200ms:") && text.contains(", with "), "{text}");
    let differences = &report.json()["differences"][0];
    assert_eq!(differences["variant"], "faster");
    assert!(differences["parts"].as_array().unwrap().iter().any(|row| row["number"] == "utilization"));
}
