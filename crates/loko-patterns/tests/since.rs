//! What people write where a pattern is applied: taking it away keeps that, and says so; a second use is told apart.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that goes on after a surprise tells nothing"
)]

use loko_patterns::{Apply, Catalogue, Plan, Refused};
use loko_source::{FilePath, Snapshot, Source};

fn workspace(files: &[(&str, &str)]) -> Snapshot {
    let all = [("loko.toml", "[project]\nname = \"New\"\n")].into_iter().chain(files.iter().copied());
    Snapshot::from_texts(all)
}

fn shop() -> Snapshot {
    workspace(&[
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        ("src/mail/system.md", "---\nname: Mail\n---\n"),
        ("src/bank/system.md", "---\nname: Bank\n---\n"),
    ])
}

fn wish(pattern: &str, name: Option<&str>, params: &[(&str, &str)], bind: &[(&str, &str)]) -> Apply {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Apply {
        pattern: pattern.to_owned(),
        name: name.map(str::to_owned),
        params: owned(params),
        bind: owned(bind),
        into: None,
        is_new: false,
        date: String::new(),
    }
}

fn plan(before: &Snapshot, wish: &Apply) -> Result<Plan, Refused> {
    let (catalogue, _) = Catalogue::of(before);
    loko_patterns::apply(before, &loko_model::load(before), &catalogue, wish)
}

fn apply(before: &Snapshot, wish: &Apply) -> Snapshot {
    before.overlay(&plan(before, wish).unwrap().changes).unwrap()
}

fn remove(before: &Snapshot, name: &str, force: bool) -> (Snapshot, String) {
    let plan = loko_patterns::remove(before, &loko_model::load(before), name, force).unwrap();
    (before.overlay(&plan.changes).unwrap(), plan.summary.join("\n"))
}

fn edit(snapshot: &Snapshot, path: &str, from: &str, to: &str) -> Snapshot {
    let text = snapshot.text(path).unwrap_or_else(|| panic!("no {path}"));
    assert!(text.contains(from), "{path} has no `{from}`:\n{text}");
    let mut edited = snapshot.clone();
    edited.insert(FilePath::new(path).unwrap(), Source::new(text.replacen(from, to, 1)));
    edited
}

fn texts(snapshot: &Snapshot) -> Vec<(String, String)> {
    snapshot.iter().map(|(path, source)| (path.to_string(), source.text().to_owned())).collect()
}

fn breaker() -> Apply {
    wish("circuit-breaker", None, &[], &[("caller", "shop"), ("callee", "mail")])
}

#[test]
fn ticked_boxes_do_not_keep_a_section() {
    let before = shop();
    let after = apply(&before, &breaker());
    let ticked = edit(&edit(&after, "src/shop/system.md", "- [ ]", "- [x]"), "src/shop/system.md", "- [ ]", "- [X]");
    let (end, told) = remove(&ticked, "circuit-breaker", false);
    assert_eq!(texts(&end), texts(&before));
    assert!(!told.contains("keeps"), "{told}");
}

#[test]
fn words_in_a_section_stay_and_are_named() {
    let after = apply(&shop(), &breaker());
    let box_ = "- [ ] Who is told when it opens";
    let written = edit(&after, "src/shop/system.md", box_, "- [x] Who is told when it opens: the mail team");
    let (end, told) = remove(&written, "circuit-breaker", false);
    let text = end.text("src/shop/system.md").unwrap();
    assert!(text.contains("## Circuit breaker\n") && text.contains("the mail team"), "{text}");
    assert!(!text.contains("patterns:"), "{text}");
    assert!(told.contains("keeps the section `## Circuit breaker` of `shop`"), "{told}");
    assert!(told.contains("`--force`"), "{told}");
    assert_eq!(end.paths_below("patterns").next(), None);
    let (gone, _) = remove(&written, "circuit-breaker", true);
    assert_eq!(gone.text("src/shop/system.md").map(str::trim_end), Some("---\nname: Shop\n---"));
}

#[test]
fn values_that_were_changed_stay_and_the_others_go() {
    let files = [
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        ("src/shop/api/container.md", "---\nname: API\n---\n"),
        ("src/shop/db/container.md", "---\nname: DB\nshape: database\n---\n"),
    ];
    let before = workspace(&files);
    let after =
        apply(&before, &wish("connection-pool", None, &[], &[("service", "shop/api"), ("database", "shop/db")]));
    let path = "src/shop/api/container.md";
    let set = after.text(path).unwrap().lines().find(|line| line.starts_with("pool:")).unwrap().to_owned();
    let changed = edit(&after, path, &set, "pool: { size: 3, wait: 1s, leak_after: 60s }");
    let (end, told) = remove(&changed, "connection-pool", false);
    assert!(end.text(path).unwrap().contains("pool: { size: 3"), "{}", end.text(path).unwrap());
    assert!(!end.text(path).unwrap().contains("## Connection pool"), "{}", end.text(path).unwrap());
    assert!(told.contains("keeps `pool`: { size: 3, wait: 1s, leak_after: 60s } of `shop/api`"), "{told}");
    assert_eq!(end.text("src/shop/db/container.md"), Some(files[2].1));
}

#[test]
fn a_relation_that_was_edited_in_the_record_moves_to_its_element() {
    let after = apply(&shop(), &breaker());
    let record = "patterns/applied/circuit-breaker.toml";
    let edited = edit(&after, record, "overall = \"5s\"", "overall = \"3s\"");
    let (end, told) = remove(&edited, "circuit-breaker", false);
    let kept = end.text("src/shop/relationships.toml").unwrap();
    assert!(kept.contains("overall = \"3s\""), "{kept}");
    assert!(told.contains("keeps `timeout` of `shop` → `mail`, in src/shop/relationships.toml"), "{told}");
    let model = loko_model::load(&end).model;
    assert_eq!((model.relations.len(), model.applied.len()), (1, 0));
}

#[test]
fn elements_that_were_made_stay_where_people_wrote_or_need_them() {
    let before = workspace(&[]);
    let after = apply(&before, &wish("cache-aside", None, &[], &[]));
    let service = "src/film-guide/guide-service/container.md";
    let written = edit(&after, service, "# Guide service\n", "# Guide service\n\nWritten by the team.\n");
    let (end, told) = remove(&written, "cache-aside", false);
    let text = end.text(service).unwrap();
    assert!(text.contains("Written by the team.") && text.contains("name: Guide service"), "{text}");
    assert!(!text.contains("patterns:") && !text.contains("relationships:") && !text.contains("- [ ]"), "{text}");
    assert!(end.text("src/film-guide/system.md").is_some(), "what holds it stays");
    assert!(end.text("src/film-guide/guide-cache/container.md").is_none(), "what nobody touched goes");
    assert!(told.contains("keeps the element `film-guide/guide-service`: its page was written in since"), "{told}");
    assert!(told.contains("keeps the element `film-guide`: `film-guide/guide-service` lies in it"), "{told}");
    let loaded = loko_model::load(&end);
    assert!(loaded.findings.iter().all(|it| it.severity < loko_source::Severity::Error), "{:?}", loaded.findings);

    let mut used = after.clone();
    let page = "---\nname: Desk\nrelationships:\n  - to: film-guide/guide-cache\n    description: Looks in\n---\n";
    used.insert(FilePath::new("src/desk/system.md").unwrap(), Source::new(page));
    let (end, told) = remove(&used, "cache-aside", false);
    assert!(end.text("src/film-guide/guide-cache/container.md").is_some(), "{told}");
    assert!(end.text("src/film-guide/guide-database/container.md").is_none(), "{told}");
    assert!(told.contains("`desk` → `film-guide/guide-cache` was written since"), "{told}");
}

#[test]
fn a_second_use_of_the_same_elements_is_refused_with_a_next_step() {
    let after = apply(&shop(), &breaker());
    let again = wish("circuit-breaker", Some("again"), &[("failures", "9")], &[("caller", "shop"), ("callee", "mail")]);
    let refused = plan(&after, &again).unwrap_err();
    assert_eq!(refused[0].message, "the same elements use `circuit-breaker` already, as `circuit-breaker`");
    assert!(refused[0].help.as_deref().unwrap().contains("loko pattern remove circuit-breaker"), "{refused:?}");
}

#[test]
fn a_second_use_beside_the_first_is_kept_apart() {
    let after = apply(&shop(), &breaker());
    let second = wish("circuit-breaker", Some("bank"), &[("failures", "9")], &[("caller", "shop"), ("callee", "bank")]);
    let both = apply(&after, &second);
    let model = loko_model::load(&both).model;
    let failures = |target: &str| {
        let relation = model.relations.iter().find(|it| model.element(it.target).id.as_str() == target).unwrap();
        loko_model::behaviour::Behaviour::of_relation(relation).text("breaker.failures").unwrap()
    };
    assert_eq!((failures("mail"), failures("bank")), ("5".to_owned(), "9".to_owned()));
    let (first_only, _) = remove(&both, "bank", false);
    assert_eq!(texts(&first_only), texts(&after));
}

#[test]
fn two_uses_that_share_a_value_are_refused() {
    let files = workspace(&[
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        ("src/shop/api/container.md", "---\nname: API\n---\n"),
        ("src/shop/db/container.md", "---\nname: DB\nshape: database\n---\n"),
        ("src/shop/log/container.md", "---\nname: Log\nshape: database\n---\n"),
    ]);
    let first = wish("connection-pool", None, &[], &[("service", "shop/api"), ("database", "shop/db")]);
    let after = apply(&files, &first);
    let bind = [("service", "shop/api"), ("database", "shop/log")];
    let refused = plan(&after, &wish("connection-pool", Some("log"), &[("size", "3")], &bind)).unwrap_err();
    assert!(refused[0].message.starts_with("`pool` of `shop/api` is `{ size: "), "{refused:?}");
    assert!(refused[0].message.contains("for `connection-pool`; this use would make it `{ size: 3"), "{refused:?}");
    assert!(plan(&after, &wish("connection-pool", Some("log"), &[], &bind)).is_ok(), "equal values are no quarrel");
}

#[test]
fn a_plan_tells_what_is_new_what_is_bound_and_what_stays() {
    let files = workspace(&[
        (
            "src/shop/system.md",
            "---\nname: Shop\nrelationships:\n  - to: mail\n    description: Sends\n    timeout: 2s\n---\n",
        ),
        ("src/mail/system.md", "---\nname: Mail\n---\n"),
        ("src/bank/system.md", "---\nname: Bank\n---\n"),
    ]);
    let told = plan(&files, &breaker()).unwrap().summary.join("\n");
    assert!(told.contains("binds `shop` as the caller"), "{told}");
    assert!(told.contains("finds the relation `shop` → `mail`, adds `breaker`, `fallback`"), "{told}");
    assert!(told.contains("keeps `timeout` of `shop` → `mail`: `2s`"), "{told}");
    assert!(!told.contains("relates"), "{told}");
    let told = plan(&files, &wish("circuit-breaker", None, &[], &[("caller", "bank"), ("callee", "mail")])).unwrap();
    assert!(told.summary.contains(&"relates `bank` → `mail`: Charges cards".to_owned()), "{told:?}");
}

#[test]
fn an_obligation_of_which_nothing_is_there_is_not_shown() {
    let played = |role: &str| format!("---\nname: X\npatterns:\n  - {{ id: timeout, role: {role} }}\n---\n");
    let (caller, callee) = (played("caller"), played("callee"));
    let catalogue = Catalogue::builtin();
    let check = |files: &[(&str, &str)]| {
        let snapshot = workspace(files);
        loko_patterns::check(&loko_model::load(&snapshot).model, &snapshot, catalogue).0.remove(0)
    };
    let report = check(&[("src/a/system.md", &caller), ("src/b/system.md", &callee)]);
    assert!(report.verdicts.iter().all(|verdict| !verdict.holds()), "{report:?}");
    let findings: Vec<_> = report.verdicts.iter().flat_map(|verdict| &verdict.findings).collect();
    assert_eq!(findings.len(), 1, "told once: {findings:?}");
    assert!(findings[0].message.contains("no relation leads from the caller to the callee"), "{findings:?}");
    let report = check(&[("src/a/system.md", &caller)]);
    let not_shown = report.verdicts.iter().filter_map(|verdict| verdict.not_shown.as_deref());
    assert!(
        not_shown.clone().count() > 0 && not_shown.clone().all(|why| why == "nobody plays the callee"),
        "{report:?}"
    );
}

#[test]
fn a_saga_has_as_many_steps_as_one_binds() {
    let files = workspace(&[
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        ("src/a/system.md", ""),
        ("src/b/system.md", ""),
        ("src/c/system.md", ""),
        ("src/d/system.md", ""),
    ]);
    let bind = [("orchestrator", "shop"), ("step", "a"), ("step", "b"), ("step", "c"), ("step", "d")];
    let refused = plan(&files, &wish("saga-orchestration", None, &[], &bind)).unwrap_err();
    assert_eq!(refused[0].message, "`actions` has 3 items, fewer than the 4 elements that play the step");
    assert!(refused[0].help.as_deref().unwrap().contains("--param actions=…,…"), "{refused:?}");
    let lists = [("actions", "one, two, three, four"), ("compensations", "un1, un2, un3, un4")];
    let after = apply(&files, &wish("saga-orchestration", None, &lists, &bind));
    let record = after.text("patterns/applied/saga-orchestration.toml").unwrap();
    assert!(record.contains("description = \"4. four\"") && record.contains("description = \"4b. un4\""), "{record}");
    let page = after.text("src/shop/system.md").unwrap();
    assert!(page.contains("{ step: 4, action: four, compensation: un4, timeout: 5s }"), "{page}");
    let (end, _) = remove(&after, "saga-orchestration", false);
    assert_eq!(texts(&end), texts(&files));
    let two = [("starter", "a"), ("step", "b"), ("broker", "d")];
    let after = apply(&files, &wish("saga-choreography", None, &[], &two));
    let page = after.text("src/b/system.md").unwrap();
    assert!(page.contains("consumes: [order.placed, payment.failed]"), "{page}");
}

#[test]
fn what_an_obligation_lacks_is_offered_as_a_mend() {
    let page = |to: &str| format!("---\nname: Shop\npatterns:\n  - {{ id: timeout, role: caller }}\n{to}---\n");
    let callee = "---\nname: Mail\npatterns:\n  - { id: timeout, role: callee }\n---\n";
    let in_front = page("relationships:\n  - to: mail\n    description: Sends\n");
    let apart = "[[relationships]]\nsource = \"shop\"\ntarget = \"mail\"\ndescription = \"Sends\"\n";
    let apart_page = page("");
    for files in [
        vec![("src/shop/system.md", in_front.as_str()), ("src/mail/system.md", callee)],
        vec![
            ("src/shop/system.md", &apart_page),
            ("src/shop/relationships.toml", apart),
            ("src/mail/system.md", callee),
        ],
    ] {
        let snapshot = workspace(&files);
        let broken = |snapshot: &Snapshot| {
            let model = loko_model::load(snapshot).model;
            loko_patterns::findings(&model, snapshot, Catalogue::builtin())
        };
        let found = broken(&snapshot);
        let fixes: Vec<_> = found.iter().filter_map(|it| it.fix.as_ref()).collect();
        assert!(!fixes.is_empty(), "{found:?}");
        let mut changes = loko_source::ChangeSet::new();
        for (path, edit) in &fixes[0].edits {
            changes.edit(path.clone(), edit.clone());
        }
        let after = snapshot.overlay(&changes).unwrap();
        let left = broken(&after);
        assert!(left.len() < found.len(), "{left:?}\n{}", changes.diff(&snapshot).unwrap());
    }
    let pool = "---\nname: API\npatterns:\n  - { id: connection-pool, role: service }\n---\n";
    let snapshot = workspace(&[("src/shop/system.md", "---\nname: Shop\n---\n"), ("src/shop/api/container.md", pool)]);
    let model = loko_model::load(&snapshot).model;
    let found = loko_patterns::findings(&model, &snapshot, Catalogue::builtin());
    let fix = found.iter().find_map(|it| it.fix.as_ref()).unwrap_or_else(|| panic!("{found:?}"));
    assert!(fix.edits[0].1.text.starts_with("pool: { size: "), "{fix:?}");
}
