//! An application follows its pattern to another version: what nobody touched, what people changed, and where both did.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that goes on after a surprise tells nothing"
)]

use loko_patterns::{Apply, Catalogue, Plan, Upgrade};
use loko_source::{FilePath, Snapshot, Source};

const FIRST: &str = r#"name = "Our call"
version = "1"
says = "One calls the other."

[param.timeout]
takes = "duration"
default = "2s"
says = "How long it waits"

[param.attempts]
takes = "count"
default = 2
says = "How often it tries"

[role.system]
kind = "system"
name = "Place"
description = "Holds both"

[role.caller]
name = "Caller"
description = "Calls"
technology = "HTTP service"
document = ["How long it waits", "Who is told at night"]
set = { replicas = 2, slo = { availability = "99%", p99 = "1s" } }

[role.callee]
name = "Callee"
description = "Answers"
technology = "HTTP service"

[[relation]]
from = "caller"
to = "callee"
description = "Asks"
technology = "HTTPS/JSON"
set = { timeout = { overall = "${timeout}" }, retry = { attempts = "${attempts}", base = "1s" } }

[[must]]
id = "timeout"
each = "caller -> callee"
has = ["timeout"]
says = "calls have a timeout"

[decision]
title = "Call {callee}"
context = "Somebody has to be asked."
decision = "{caller} asks and waits ${timeout}."
good = ["It is simple"]
bad = ["It waits"]
"#;

const PATH: &str = "patterns/our-call/pattern.toml";
const PAGE: &str = "src/shop/api/container.md";
const RECORD: &str = "patterns/applied/our-call.toml";

/// The pattern's second version: other values, another point, the callee under another name, one role more.
fn second() -> String {
    FIRST
        .replace("version = \"1\"", "version = \"2\"")
        .replace("default = \"2s\"", "default = \"3s\"")
        .replace("default = 2", "default = 5")
        .replace("\"How long it waits\", \"Who", "\"What it does when it has waited\", \"Who")
        .replace("replicas = 2, slo = { availability = \"99%\", p99 = \"1s\" }", "replicas = 3, slo = { availability = \"99.9%\", p99 = \"1s\" }, concurrency = 8")
        .replace("[role.callee]", "[role.target]\nwas = [\"callee\"]")
        .replace("to = \"callee\"", "to = \"target\"")
        .replace("caller -> callee", "caller -> target")
        .replace("{callee}", "{target}")
        .replace("description = \"Calls\"\ntechnology = \"HTTP service\"", "description = \"Calls and waits\"\ntechnology = \"gRPC service\"")
        .replace("bad = [\"It waits\"]", "bad = [\"It waits, and so do its callers\"]")
        .replace("[[must]]", "[role.log]\nname = \"Call log\"\ndescription = \"Knows of calls\"\ntechnology = \"Loki\"\n\n[[relation]]\nfrom = \"caller\"\nto = \"log\"\ndescription = \"Writes down calls\"\ntechnology = \"HTTPS\"\ntype = \"async\"\n\n[[must]]")
}

fn before() -> Snapshot {
    Snapshot::from_texts([
        ("loko.toml", "[project]\nname = \"New\"\n"),
        (PATH, FIRST),
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        (PAGE, "---\nname: API\n---\n\nWhat it does.\n"),
        ("src/shop/db/container.md", "---\nname: DB\n---\n"),
    ])
}

fn with(snapshot: &Snapshot, path: &str, text: &str) -> Snapshot {
    let mut changed = snapshot.clone();
    changed.insert(FilePath::new(path).unwrap(), Source::new(text));
    changed
}

fn edit(snapshot: &Snapshot, path: &str, from: &str, to: &str) -> Snapshot {
    let text = snapshot.text(path).unwrap();
    assert!(text.contains(from), "{path} has no `{from}`:\n{text}");
    with(snapshot, path, &text.replacen(from, to, 1))
}

fn apply(before: &Snapshot, params: &[(&str, &str)], bind: &[(&str, &str)]) -> Snapshot {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let wish = Apply {
        pattern: "our-call".to_owned(),
        params: owned(params),
        bind: owned(bind),
        is_new: true,
        ..Apply::default()
    };
    let (catalogue, findings) = Catalogue::of(before);
    assert!(findings.is_empty(), "{findings:?}");
    let plan = loko_patterns::apply(before, &loko_model::load(before), &catalogue, &wish).unwrap();
    before.overlay(&plan.changes).unwrap()
}

fn plan(before: &Snapshot) -> Plan {
    let (catalogue, findings) = Catalogue::of(before);
    assert!(findings.is_empty(), "{findings:?}");
    loko_patterns::upgrade(before, &loko_model::load(before), &catalogue, &Upgrade::default()).unwrap()
}

/// Upgrades, and holds that a second time there is nothing to do.
fn upgrade(before: &Snapshot) -> (Snapshot, String) {
    let first = plan(before);
    let after = before.overlay(&first.changes).unwrap();
    let again = plan(&after);
    assert!(again.changes.is_empty(), "{}", again.changes.diff(&after).unwrap());
    let loaded = loko_model::load(&after);
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    let (catalogue, _) = Catalogue::of(&after);
    let (reports, _) = loko_patterns::check(&loaded.model, &after, &catalogue);
    assert!(reports.iter().flat_map(|it| &it.verdicts).all(loko_patterns::Verdict::holds), "{reports:?}");
    (after, first.summary.join("\n"))
}

fn remove(before: &Snapshot) -> Snapshot {
    let plan = loko_patterns::remove(before, &loko_model::load(before), "our-call", false).unwrap();
    before.overlay(&plan.changes).unwrap()
}

fn texts(snapshot: &Snapshot) -> Vec<(String, String)> {
    snapshot.iter().map(|(path, source)| (path.to_string(), source.text().to_owned())).collect()
}

const BOUND_IDS: (&str, &str) = ("shop/api", "shop/db");
const BOUND: [(&str, &str); 2] = [("caller", "shop/api"), ("callee", "shop/db")];

#[test]
fn what_nobody_touched_follows_the_pattern() {
    for bind in [&[][..], &BOUND[..]] {
        let applied = apply(&before(), &[], bind);
        let newer = with(&applied, PATH, &second());
        let (after, told) = upgrade(&newer);
        // As if the second version had been applied at once.
        let fresh = apply(
            &with(&before(), PATH, &second()),
            &[],
            &bind.iter().map(|(role, it)| (if *role == "callee" { "target" } else { role }, *it)).collect::<Vec<_>>(),
        );
        let model = |snapshot: &Snapshot| {
            let model = loko_model::load(snapshot).model;
            let relations = model.relations.iter().map(|it| {
                format!(
                    "{} {} {} {:?}",
                    model.element(it.source).id,
                    model.element(it.target).id,
                    it.description,
                    it.behaviour.keys()
                )
            });
            let mut relations: Vec<String> = relations.collect();
            relations.sort();
            (model.elements.iter().map(|it| it.id.to_string()).collect::<Vec<_>>(), relations)
        };
        assert_eq!(model(&after), model(&fresh), "{told}");
        assert!(told.contains("takes `our-call` from version 1 of `our-call` to 2"), "{told}");
        assert!(!told.contains("conflict"), "{told}");
        let (caller, callee) = if bind.is_empty() { ("place/caller", "place/callee") } else { BOUND_IDS };
        assert!(told.contains(&format!("changes `replicas` of `{caller}` from `2` to `3`")), "{told}");
        let arrow = format!("`{caller}` → `{callee}`");
        assert!(told.contains(&format!("changes `timeout.overall` of {arrow} from `2s` to `3s`")), "{told}");
        let (catalogue, _) = Catalogue::of(&after);
        assert_eq!(loko_model::load(&after).model.applied[0].version, catalogue.get("our-call").unwrap().version);
        assert_eq!(texts(&remove(&after)), texts(&with(&before(), PATH, &second())), "taken away, nothing is left");
    }
}

#[test]
fn what_people_changed_stays_and_conflicts_are_named() {
    let applied = apply(&before(), &[], &BOUND);
    let edited = edit(&applied, PAGE, "replicas: 2", "replicas: 7");
    let edited = edit(&edited, PAGE, "p99: 1s", "p99: 400ms");
    let edited = edit(&edited, PAGE, "- [ ] Who is told at night", "- [x] Who is told at night: Ada");
    let edited = edit(&edited, RECORD, "overall = \"2s\"", "overall = \"900ms\"");
    let edited = edit(&edited, RECORD, "timeout = {", "# Measured in May.\ntimeout = {");
    let (after, told) = upgrade(&with(&edited, PATH, &second()));
    let page = after.text(PAGE).unwrap();
    assert!(
        page.contains("replicas: 7") && page.contains("p99: 400ms") && page.contains("availability: 99.9%"),
        "{page}"
    );
    assert!(page.contains("concurrency: 8"), "{page}");
    assert!(page.contains("- [x] Who is told at night: Ada\n- [ ] What it does when it has waited\n"), "{page}");
    assert!(!page.contains("How long it waits"), "an untouched point that is gone goes\n{page}");
    let conflict = "conflict: `replicas` of `shop/api` stays `7`; version 1 said `2`, version 2 says `3`";
    assert!(told.contains(conflict), "{told}");
    assert!(!told.contains("`slo.p99`"), "the pattern did not change it\n{told}");
    let record = after.text(RECORD).unwrap();
    assert!(record.contains("# Measured in May.\ntimeout = { overall = \"900ms\" }"), "{record}");
    assert!(record.contains("retry = { attempts = 5, base = \"1s\" }"), "{record}");
    let conflict =
        "conflict: `timeout.overall` of `shop/api` → `shop/db` stays `900ms`; version 1 said `2s`, version 2 says `3s`";
    assert!(told.contains(conflict), "{told}");
}

#[test]
fn parameters_that_were_given_stay_given() {
    let applied = apply(&before(), &[("timeout", "800ms")], &BOUND);
    let (after, told) = upgrade(&with(&applied, PATH, &second()));
    let record = after.text(RECORD).unwrap();
    assert!(record.contains("overall = \"800ms\"") && record.contains("attempts = 5"), "{record}\n{told}");
}

#[test]
fn a_page_that_was_made_and_written_in_is_merged_key_by_key() {
    let applied = apply(&before(), &[], &[]);
    let page = "src/place/caller/container.md";
    let edited = edit(&applied, page, "# Caller\n", "# Caller\n\nThe team's own words.\n");
    let edited = edit(&edited, page, "replicas: 2", "replicas: 4");
    let (after, told) = upgrade(&with(&edited, PATH, &second()));
    let text = after.text(page).unwrap();
    assert!(text.contains("The team's own words.") && text.contains("replicas: 4"), "{text}");
    assert!(text.contains("availability: 99.9%") && text.contains("- [ ] What it does when it has waited"), "{text}");
    assert!(told.contains("conflict: `replicas` of `place/caller` stays `4`"), "{told}");
}

#[test]
fn nothing_is_done_where_the_version_is_the_same() {
    let applied = apply(&before(), &[], &BOUND);
    let plan = plan(&applied);
    assert!(plan.changes.is_empty() && plan.summary == ["every applied pattern is of the catalogue's version"]);
    let (catalogue, _) = Catalogue::of(&applied);
    let wish = Upgrade { name: Some("our-cal".to_owned()), ..Upgrade::default() };
    let refused = loko_patterns::upgrade(&applied, &loko_model::load(&applied), &catalogue, &wish).unwrap_err();
    assert_eq!(refused[0].help.as_deref(), Some("did you mean `our-call`?"));
}

const DECISION: &str = "decisions/0001-call-callee.md";

/// Applied to nothing, so that all pages are made.
fn made() -> Snapshot {
    apply(&before(), &[], &[])
}

#[test]
fn descriptions_follow_in_pages_that_people_wrote_in() {
    let page = "src/place/caller/container.md";
    let edited = edit(&made(), page, "Calls\n\n##", "Calls\n\nThe team's own words.\n\n##");
    let (after, told) = upgrade(&with(&edited, PATH, &second()));
    let text = after.text(page).unwrap();
    assert!(text.contains("description: Calls and waits\ntechnology: gRPC service\n"), "{text}");
    assert!(text.contains("# Caller\n\nCalls and waits\n\nThe team's own words.\n\n## Our call"), "{text}");
    assert!(told.contains("changes `description` of `place/caller` from `Calls` to `Calls and waits`"), "{told}");
    assert!(!told.contains("conflict"), "{told}");

    // It is known on what the next version builds.
    let third = second().replace("version = \"2\"", "version = \"3\"").replace("Calls and waits", "Calls; waits");
    let (after, told) = upgrade(&with(&after, PATH, &third));
    let text = after.text(page).unwrap();
    assert!(
        text.contains("description: Calls; waits\n") && text.contains("# Caller\n\nCalls; waits\n"),
        "{text}\n{told}"
    );
    assert!(remove(&after).text(page).is_some_and(|text| text.contains("The team's own words.")));
}

#[test]
fn a_description_that_people_wrote_stays_and_is_told_with_its_place() {
    let page = "src/place/caller/container.md";
    let edited = edit(&made(), page, "description: Calls", "description: Rings");
    let edited = edit(&edited, page, "# Caller\n\nCalls\n", "# Caller\n\nRings\n");
    let (after, told) = upgrade(&with(&edited, PATH, &second()));
    let text = after.text(page).unwrap();
    assert!(text.contains("description: Rings\ntechnology: gRPC service\n"), "{text}");
    let conflicts = [
        "conflict: `description` of `place/caller` stays `Rings`; version 1 said `Calls`, version 2 says `Calls and waits`",
        "conflict: src/place/caller/container.md:28 stays `Rings`; version 2 says `Calls and waits`",
    ];
    let line = edited.text(page).unwrap().lines().position(|line| line == "Rings").unwrap() + 1;
    assert!(told.contains(conflicts[0]), "{told}");
    assert!(told.contains(&conflicts[1].replace(":28", &format!(":{line}"))), "{told}");
}

#[test]
fn the_draft_of_a_decision_follows_until_somebody_decides() {
    let newer = |snapshot: &Snapshot| upgrade(&with(snapshot, PATH, &second()));
    let (after, told) = newer(&made());
    let text = after.text(DECISION).unwrap();
    assert!(
        text.contains("Caller asks and waits 3s.") && text.contains("- (-) It waits, and so do its callers"),
        "{text}"
    );
    assert!(told.contains(&format!("drafts the decision {DECISION} anew, as version 2 has it")), "{told}");

    let (after, told) = newer(&edit(&made(), DECISION, "Somebody has to be asked.", "We ask."));
    let text = after.text(DECISION).unwrap();
    assert!(text.contains("We ask.") && text.contains("Caller asks and waits 3s."), "{text}");
    assert!(!told.contains("conflict"), "{told}");

    let (after, told) = newer(&edit(&made(), DECISION, "waits 2s.", "waits for an hour."));
    assert!(after.text(DECISION).unwrap().contains("waits for an hour."), "{told}");
    let conflict = format!(
        "conflict: {DECISION}:14 stays `Caller asks and waits for an hour.`; version 2 says `Caller asks and waits 3s.`"
    );
    assert!(told.contains(&conflict), "{told}");

    let accepted = edit(&made(), DECISION, "status: proposed", "status: accepted");
    let (after, told) = newer(&accepted);
    assert_eq!(after.text(DECISION), accepted.text(DECISION));
    let next = "which is accepted; version 2 would decide otherwise: `loko adr new \"Call Callee\" --supersedes 0001-call-callee` says so";
    assert!(told.contains(next), "{told}");
}

#[test]
fn a_decision_that_only_the_new_version_drafts_is_drafted() {
    let first = FIRST.split("[decision]").next().unwrap();
    let applied = apply(&with(&before(), PATH, first), &[], &[]);
    assert!(applied.text(DECISION).is_none());
    let (after, told) = upgrade(&with(&applied, PATH, &second()));
    assert!(after.text(DECISION).is_some(), "{told}");
    assert!(remove(&after).text(DECISION).is_none());
}

#[test]
fn elements_with_other_names_follow_too() {
    let wish = loko_model::edit::Rename {
        element: "place/caller".to_owned(),
        name: Some("Asker".to_owned()),
        ..loko_model::edit::Rename::default()
    };
    let applied = made();
    let plan = loko_model::edit::rename(&applied, &loko_model::load(&applied), &wish).unwrap();
    let (after, told) = upgrade(&with(&applied.overlay(&plan.changes).unwrap(), PATH, &second()));
    let text = after.text("src/place/asker/container.md").unwrap();
    assert!(text.contains("name: Asker\ndescription: Calls and waits\n"), "{text}");
    assert!(text.contains("# Asker\n\nCalls and waits\n"), "{text}");
    assert!(!told.contains("conflict") && !told.contains("keeps"), "{told}");
    assert!(after.text(DECISION).unwrap().contains("Asker asks and waits 3s."));
    assert_eq!(texts(&remove(&after)), texts(&with(&before(), PATH, &second())));
}

#[test]
fn files_that_go_with_a_pattern_follow_and_go_with_it() {
    const SCHEMA: &str = "events/called.json";
    let file = |text: &str| format!("[[file]]\npath = \"{SCHEMA}\"\ntext = \"{text}\\n\"\n\n[decision]");
    let first = FIRST.replacen("[decision]", &file("one ${timeout}"), 1);
    let second = second().replacen("[decision]", &file("two ${timeout}"), 1);
    let before = with(&before(), PATH, &first);
    let applied = apply(&before, &[], &BOUND);
    assert_eq!(applied.text(SCHEMA), Some("one 2s\n"));
    assert_eq!(texts(&remove(&applied)), texts(&before));
    let (after, told) = upgrade(&with(&applied, PATH, &second));
    assert_eq!(after.text(SCHEMA), Some("two 3s\n"), "{told}");
    let edited = edit(&applied, SCHEMA, "one 2s", "ours");
    let (after, told) = upgrade(&with(&edited, PATH, &second));
    assert_eq!(after.text(SCHEMA), Some("ours\n"));
    assert!(told.contains("conflict: events/called.json:1 stays `ours`; version 2 says `two 3s`"), "{told}");
    assert!(told.contains("drafts the decision decisions/0001-call-db.md anew"), "it is told apart\n{told}");
    // What is there already stays, and is nobody's but its writer's.
    let own = with(&before, SCHEMA, "mine\n");
    let applied = apply(&own, &[], &BOUND);
    assert_eq!((applied.text(SCHEMA), remove(&applied).text(SCHEMA)), (Some("mine\n"), Some("mine\n")));
}
