//! Every pattern of the catalogue, walked: applied to an empty workspace and to the shop, checked, drawn, applied again,
//! taken away again. And every obligation, seen to hold and seen to fail.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the tests read this repository")]

use loko_model::{Loaded, Model, RelationKind};
use loko_patterns::{Apply, Catalogue, Pattern, Subject};
use loko_source::disk::Workspace;
use loko_source::render::line;
use loko_source::{Diagnostic, FilePath, Severity, Snapshot, Source};
use std::path::Path;
use std::sync::Arc;
use std::sync::LazyLock;

fn empty() -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.insert(FilePath::new("loko.toml").unwrap(), Source::new("[project]\nname = \"New\"\n"));
    snapshot
}

/// The catalogue as it lies on disk, so that a change of data alone needs no new build of this test.
static CATALOGUE: LazyLock<(Catalogue, Vec<Diagnostic>, Snapshot)> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scope = loko_source::disk::Scope { files: Vec::new(), folders: vec!["patterns".to_owned()] };
    let (snapshot, _) = Workspace::open(&root).unwrap().snapshot(&scope).unwrap();
    let (catalogue, findings) = Catalogue::of(&snapshot);
    (catalogue, findings, snapshot)
});

fn catalogue() -> &'static Catalogue {
    &CATALOGUE.0
}

fn shop() -> Snapshot {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let workspace = Workspace::open(&folder).unwrap();
    workspace.snapshot(&loko_model::load::scope(None)).unwrap().0
}

fn told(findings: &[Diagnostic], snapshot: &Snapshot) -> String {
    findings.iter().map(|finding| line(finding, snapshot) + "\n").collect()
}

/// All that `validate` finds.
fn validate(snapshot: &Snapshot, loaded: &Loaded) -> Vec<Diagnostic> {
    let own = loko_patterns::findings(&loaded.model, snapshot, catalogue());
    let events = loko_events::check(&loaded.model, snapshot);
    let own = loaded.findings.iter().cloned().chain(events).chain(own).collect();
    loko_rules::check(snapshot, loaded, own, &loko_rules::Options::default()).findings
}

/// What `validate --strict` fails for, beyond what was there before.
fn strict(snapshot: &Snapshot, loaded: &Loaded, before: &[Diagnostic]) -> Vec<Diagnostic> {
    let is_new = |finding: &Diagnostic| !before.iter().any(|old| old.message == finding.message);
    let fails = |finding: &Diagnostic| finding.severity >= Severity::Warning && is_new(finding);
    validate(snapshot, loaded).into_iter().filter(fails).collect()
}

fn applicable() -> impl Iterator<Item = &'static Pattern> {
    catalogue().patterns().filter(|pattern| !pattern.is_anti)
}

/// Applies, checks, applies again, takes away; says what went wrong.
fn walk(before: &Snapshot, wish: &Apply) -> Result<Snapshot, String> {
    walk_loaded(before, &loko_model::load(before), wish)
}

fn walk_loaded(before: &Snapshot, loaded: &Loaded, wish: &Apply) -> Result<Snapshot, String> {
    let catalogue = catalogue();
    let old = validate(before, loaded);
    let plan = loko_patterns::apply(before, loaded, catalogue, wish).map_err(|refused| told(&refused, before))?;
    if plan.changes.is_empty() {
        return Err("nothing was applied".to_owned());
    }
    let after = before.overlay(&plan.changes).map_err(|error| error.to_string())?;
    let now = loko_model::load(&after);
    let wrong = strict(&after, &now, &old);
    if !wrong.is_empty() {
        return Err(format!("findings:\n{}", told(&wrong, &after)));
    }
    let again = loko_patterns::apply(&after, &now, catalogue, wish).map_err(|refused| told(&refused, &after))?;
    if !again.changes.is_empty() {
        return Err(format!("applied twice, it changes something:\n{}", again.changes.diff(&after).unwrap()));
    }
    let is_new = |name: &str| loaded.model.applied.iter().all(|known| known.name != name);
    let name =
        now.model.applied.iter().map(|applied| applied.name.clone()).find(|name| is_new(name)).unwrap_or_default();
    let gone = loko_patterns::remove(&after, &now, &name, false).map_err(|refused| told(&refused, &after))?;
    let end = after.overlay(&gone.changes).map_err(|error| error.to_string())?;
    let texts = |snapshot: &Snapshot| -> Vec<(String, String)> {
        snapshot.iter().map(|(path, source)| (path.to_string(), source.text().to_owned())).collect()
    };
    if texts(&end) != texts(before) {
        let changed: Vec<String> =
            texts(&end).into_iter().filter(|pair| !texts(before).contains(pair)).map(|(path, _)| path).collect();
        return Err(format!("taken away, the workspace is not what it was: {changed:?}"));
    }
    Ok(after)
}

/// The diagrams of all views.
fn diagrams(snapshot: &Snapshot) -> Result<Vec<loko_diagram::Diagram>, String> {
    let model = loko_model::load(snapshot).model;
    let views = loko_model::view::views(&model);
    let diagram = |view| {
        let (diagram, findings) = loko_model::view::diagram(&model, snapshot, view);
        if findings.is_empty() { Ok(diagram) } else { Err(told(&findings, snapshot)) }
    };
    views.iter().map(diagram).collect()
}

/// Draws the diagrams that are not among those known; at least one has to be.
fn draw(snapshot: &Snapshot, known: &[loko_diagram::Diagram]) -> Result<(), String> {
    let mut drawn = 0;
    for diagram in diagrams(snapshot)?.iter().filter(|diagram| !known.contains(diagram)) {
        svg(diagram)?;
        drawn += 1;
    }
    if drawn > 0 { Ok(()) } else { Err("no picture shows it".to_owned()) }
}

fn svg(diagram: &loko_diagram::Diagram) -> Result<String, String> {
    let look = loko_draw::Look::default();
    let measures = loko_draw::measure(&diagram.root, &look);
    let placed = loko_layout::layout(&diagram.root, &measures, &loko_layout::Options::default());
    let text = loko_draw::svg(&diagram.root, &placed, &look, &loko_draw::SvgOptions::default());
    if text.contains("<svg") { Ok(text) } else { Err("no SVG".to_owned()) }
}

#[test]
fn the_catalogue_has_no_findings() {
    let (catalogue, findings, snapshot) = &*CATALOGUE;
    assert!(findings.is_empty(), "{}", told(findings, snapshot));
    assert_eq!(Catalogue::builtin_findings().next(), None);
    let ids = |catalogue: &Catalogue| catalogue.patterns().map(|pattern| pattern.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(Catalogue::builtin()), ids(catalogue), "build again: the folders have changed");
    for pattern in catalogue.patterns() {
        for other in pattern.related.iter().chain(&pattern.competing) {
            assert!(catalogue.get(other).is_some(), "{} names {other}, which is no pattern", pattern.id);
        }
    }
}

#[test]
fn every_pattern_can_be_applied_to_an_empty_workspace_and_taken_away() {
    let failures: Vec<String> = applicable()
        .filter_map(|pattern| {
            let wish = Apply { pattern: pattern.id.clone(), ..Apply::default() };
            let outcome = walk(&empty(), &wish).and_then(|after| draw(&after, &[]));
            outcome.err().map(|why| format!("{}: {why}", pattern.id))
        })
        .collect();
    assert!(failures.is_empty(), "{} patterns fail\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_pattern_can_be_applied_to_the_shop_and_taken_away() {
    let shop = shop();
    let loaded = loko_model::load(&shop);
    let known = diagrams(&shop).unwrap();
    let wishes: Vec<Apply> = applicable()
        .flat_map(|pattern| {
            let plain = Apply { pattern: pattern.id.clone(), is_new: true, ..Apply::default() };
            let examples = pattern.examples.iter().map(|example| Apply {
                pattern: pattern.id.clone(),
                bind: example
                    .bind
                    .iter()
                    .flat_map(|(role, all)| all.split(',').map(|one| (role.clone(), one.trim().to_owned())))
                    .collect(),
                params: example.params.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                ..Apply::default()
            });
            std::iter::once(plain).chain(examples).collect::<Vec<_>>()
        })
        .collect();
    let without: Vec<&str> =
        applicable().filter(|pattern| pattern.examples.is_empty()).map(|pattern| pattern.id.as_str()).collect();
    assert!(without.is_empty(), "no use in the shop shows {without:?}");
    let failing = |wish: &Apply| {
        // What stands alone is drawn in the empty workspace; here it is what comes to elements of the shop.
        let drawn = |after: Snapshot| if wish.bind.is_empty() { Ok(()) } else { draw(&after, &known) };
        let outcome = walk_loaded(&shop, &loaded, wish).and_then(drawn);
        outcome.err().map(|why| format!("{} {:?}: {why}", wish.pattern, wish.bind))
    };
    let (first, second) = wishes.split_at(wishes.len() / 2);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let other = scope.spawn(|| second.iter().filter_map(failing).collect::<Vec<_>>());
        let mut failures: Vec<String> = first.iter().filter_map(failing).collect();
        failures.extend(other.join().unwrap());
        failures
    });
    assert!(failures.is_empty(), "{} uses fail\n{}", failures.len(), failures.join("\n"));
}

/// The workspace of an applied pattern with all said away that an obligation could ask for.
fn bare(model: &Model, pattern: &Pattern, subject: &Subject) -> Model {
    let mut model = model.clone();
    match subject {
        Subject::Element(_) => {
            for element in model.elements.iter_mut().map(Arc::make_mut) {
                element.behaviour.retain(|key, _| key == "patterns");
                element.shape = None;
                element.owner = None;
                element.tags.clear();
                element.description.clear();
                element.technology.clear();
            }
        }
        Subject::Relation(..) => {
            for relation in model.relations.iter_mut().map(Arc::make_mut) {
                relation.behaviour.clear();
                relation.event = None;
                relation.description.clear();
                relation.technology.clear();
                relation.tags.clear();
                let flip = if relation.kind == RelationKind::Sync { RelationKind::Async } else { RelationKind::Sync };
                relation.kind = flip;
            }
        }
        Subject::Exists(..) => model.relations.clear(),
        Subject::Never(from, to) => {
            let plays = |role: &String, model: &Model| -> Vec<loko_model::ElementIx> {
                let all = model.ids().filter(|ix| {
                    let items = loko_model::behaviour::Behaviour::of_element(model.element(*ix)).items("patterns");
                    role == "*" || items.iter().any(|item| item.texts("role").contains(role))
                });
                all.collect()
            };
            let (source, target) = (plays(from, &model).first().copied(), plays(to, &model).last().copied());
            if let (Some(source), Some(target)) = (source, target) {
                for kind in [RelationKind::Sync, RelationKind::Async] {
                    let mut forbidden = loko_model::Relation::clone(&model.relations[0]);
                    (forbidden.source, forbidden.target, forbidden.kind) = (source, target, kind);
                    forbidden.behaviour.clear();
                    model.relations.push(Arc::new(forbidden));
                }
            }
        }
        Subject::Count(role) => {
            let mut left = 1;
            for element in model.elements.iter_mut().map(Arc::make_mut) {
                let items = loko_model::behaviour::Behaviour::of_element(element).items("patterns");
                if items.iter().any(|item| item.texts("role").contains(role)) {
                    if left == 0 || pattern.roles.len() > 1 {
                        element.behaviour.clear();
                    }
                    left = 0;
                }
            }
        }
    }
    model.reindex();
    model
}

#[test]
fn every_obligation_holds_after_applying_and_can_fail() {
    let catalogue = catalogue();
    let mut failures = Vec::new();
    for pattern in applicable() {
        let before = empty();
        let loaded = loko_model::load(&before);
        let wish = Apply { pattern: pattern.id.clone(), ..Apply::default() };
        let Ok(plan) = loko_patterns::apply(&before, &loaded, catalogue, &wish) else { continue };
        let after = before.overlay(&plan.changes).unwrap();
        let model = loko_model::load(&after).model;
        for must in &pattern.musts {
            let code = pattern.code(must);
            let found = |model: &Model| {
                let (reports, _) = loko_patterns::check(model, &after, catalogue);
                let verdicts = reports.into_iter().flat_map(|report| report.verdicts);
                verdicts.filter(|verdict| verdict.code == code).map(|verdict| verdict.findings.len()).sum::<usize>()
            };
            if found(&model) > 0 {
                failures.push(format!("{code} does not hold after applying"));
            }
            if found(&bare(&model, pattern, &must.subject)) == 0 {
                failures.push(format!("{code} cannot fail"));
            }
        }
        if pattern.musts.is_empty() {
            failures.push(format!("{} has no obligation", pattern.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn workspace(files: &[(&str, &str)]) -> Snapshot {
    let all = [("loko.toml", "[project]\nname = \"New\"\n")].into_iter().chain(files.iter().copied());
    Snapshot::from_texts(all)
}

fn refusal(snapshot: &Snapshot, wish: &Apply) -> String {
    let loaded = loko_model::load(snapshot);
    let catalogue = Catalogue::of(snapshot).0;
    match loko_patterns::apply(snapshot, &loaded, &catalogue, wish) {
        Ok(plan) => format!("applied: {:?}", plan.summary),
        Err(refused) => refused
            .iter()
            .map(|finding| {
                format!("{}: {} ({})\n", finding.code, finding.message, finding.help.as_deref().unwrap_or(""))
            })
            .collect(),
    }
}

fn wish(pattern: &str, params: &[(&str, &str)], bind: &[(&str, &str)]) -> Apply {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Apply { pattern: pattern.to_owned(), params: owned(params), bind: owned(bind), ..Apply::default() }
}

#[test]
fn what_cannot_be_applied_is_told_with_what_would_do() {
    let files = workspace(&[("src/shop/system.md", "---\nname: Shop\n---\n"), ("src/ann/person.md", "")]);
    for (wish, expected) in [
        (
            wish("circuit-braker", &[], &[]),
            "unknown-pattern: there is no pattern `circuit-braker` (did you mean `circuit-breaker`?)",
        ),
        (
            wish("Bulkhead Isolation", &[], &[]),
            "unknown-pattern: there is no pattern `Bulkhead Isolation` (there is `bulkhead`)",
        ),
        (
            wish("circuit-breaker", &[("failurs", "3")], &[]),
            "unknown-parameter: `circuit-breaker` has no parameter `failurs` (did you mean `failures`?)",
        ),
        (
            wish("circuit-breaker", &[("open", "60")], &[]),
            "bad-value: the parameter `open` cannot be `60` (it has no unit",
        ),
        (
            wish("circuit-breaker", &[], &[("caler", "shop")]),
            "unknown-role: `circuit-breaker` has no role `caler` (did you mean `caller`",
        ),
        (
            wish("circuit-breaker", &[], &[("caller", "shp")]),
            "unresolved-reference: there is no element `shp` (did you mean `shop`?)",
        ),
        (
            wish("circuit-breaker", &[], &[("caller", "ann")]),
            "wrong-kind: `ann` is a person, which cannot be the caller",
        ),
        (
            wish("god-component", &[], &[]),
            "anti-pattern: `god-component` is an anti-pattern; it is mended, not applied",
        ),
    ] {
        let found = refusal(&files, &wish);
        assert!(found.starts_with(expected), "{expected}\n{found}");
    }
}

#[test]
fn files_in_every_form_come_back_as_they_were() {
    let forms = [
        "---\nname: Shop\n---\n\nText.\n",
        "---\r\nname: Shop\r\ntags: [a]\r\n---\r\n\r\nText.\r\n",
        "---\nname: Shop\n---\nno line break at the end",
        "# Only prose\n",
        "",
        "---\nname: Shop\npatterns: [cqrs] # a remark\nqueue: { capacity: 7 }\n---\n",
        "---\nname: Shop\npatterns:\n  - cqrs\nqueue:\n  capacity: 7\n# the end\n---\n",
        "---\nname: Shop\nqueue: 7\n---\n",
    ];
    for form in forms {
        let files = workspace(&[
            ("src/shop/system.md", form),
            ("src/mail/system.md", "---\nname: Mail\n---\n"),
            ("src/dead/system.md", ""),
        ]);
        for wish in [
            wish("circuit-breaker", &[], &[("caller", "shop"), ("callee", "mail")]),
            wish("dead-letter-queue", &[], &[("queue", "shop"), ("consumer", "mail"), ("dead-letters", "dead")]),
        ] {
            let outcome = walk(&files, &wish);
            // A bare number stays what it is, and the obligation says so.
            if form.contains("queue: 7") && wish.pattern == "dead-letter-queue" {
                assert!(outcome.is_err_and(|why| why.contains("dead-letter-queue-schedule")));
            } else {
                assert!(outcome.is_ok(), "{form:?}: {}", outcome.err().unwrap_or_default());
            }
        }
    }
}

#[test]
fn a_second_pattern_fits_behind_the_first() {
    let files = workspace(&[
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        (
            "src/shop/api/container.md",
            "---\nname: API\nretry:\n  attempts: 2\npatterns:\n  - { id: cqrs, role: command-api }\n---\n",
        ),
        ("src/shop/db/container.md", "---\nname: DB\nshape: database\n---\n"),
    ]);
    let wish = wish("connection-pool", &[], &[("service", "shop/api"), ("database", "shop/db")]);
    let after = walk(&files, &wish).unwrap_or_else(|error| panic!("{error}"));
    let text = after.text("src/shop/api/container.md").unwrap();
    assert!(text.contains("  - { id: cqrs, role: command-api }\n  - { id: connection-pool"), "{text}");
}

#[test]
fn a_pattern_of_a_workspace_extends_a_built_in_one() {
    let own = "extends = \"circuit-breaker\"\nname = \"Our breaker\"\nversion = \"2\"\n\n[param.failures]\ntakes = \"count\"\ndefault = 3\nsays = \"Failures in a row\"\n";
    let files =
        workspace(&[("patterns/our-breaker/pattern.toml", own), ("src/shop/system.md", "---\nname: Shop\n---\n")]);
    let (all, findings) = Catalogue::of(&files);
    assert!(findings.is_empty(), "{}", told(&findings, &files));
    let loaded = loko_model::load(&files);
    let wish = wish("our-breaker", &[], &[("caller", "shop")]);
    let plan = loko_patterns::apply(&files, &loaded, &all, &wish).unwrap();
    let after = files.overlay(&plan.changes).unwrap();
    let model = loko_model::load(&after).model;
    let (reports, _) = loko_patterns::check(&model, &after, &all);
    assert_eq!(reports.len(), 1);
    assert!(reports[0].verdicts.len() >= 4 && reports[0].verdicts.iter().all(|verdict| verdict.findings.is_empty()));
    let record = after.text("patterns/applied/our-breaker.toml").unwrap();
    assert!(record.contains("breaker = { failures = 3, open = \"60s\", half_open = 1 }"), "{record}");
}

#[test]
fn mistakes_in_a_pattern_are_told_with_their_places() {
    let own = r#"name = "Ours"
version = "1"
sais = "x"
says = "One sentence."

[param.wait]
takes = "duration"
default = "5"
says = "How long"

[role.caller]
kind = "containr"

[[relation]]
from = "caller"
to = "calee"
set = { timeout = "soon" }

[[must]]
id = "timeout"
each = "caller -> caller"
has = ["timeot"]
says = "calls have a timeout"
"#;
    let files = workspace(&[("patterns/ours/pattern.toml", own)]);
    let findings = told(&Catalogue::of(&files).1, &files);
    for expected in [
        "patterns/ours/pattern.toml:3:1: error[unknown-key]: `sais` is no key of the pattern",
        "patterns/ours/pattern.toml:8:11: error[bad-value]: the default of the parameter `wait`: it has no unit",
        "patterns/ours/pattern.toml:12:8: error[bad-value]: `kind` of the role `caller` cannot be `containr`",
        "error[unknown-role]: a relation names a role `calee`, which nobody has",
        "patterns/ours/pattern.toml:17:19: error[bad-value]: `timeout` cannot be `soon`",
        "error[unknown-key]: an obligation asks for `timeot`, which is no key of behaviour",
    ] {
        assert!(findings.contains(expected), "{expected}\n{findings}");
    }
}

#[test]
fn an_extension_says_only_what_differs_and_is_held_against_the_whole() {
    let own = "extends = \"circuit-breaker\"\nversion = \"7\"\n\n[param.failures]\ndefault = 3\n\n[role.caller]\nset = { owner = \"ours\" }\n\n[[must]]\nid = \"owned\"\neach = \"caller\"\nhas = [\"owner\"]\nsays = \"callers have an owner\"\n";
    let files = workspace(&[("patterns/ours/pattern.toml", own)]);
    let (all, findings) = Catalogue::of(&files);
    let (ours, base) = (all.get("ours").unwrap(), all.get("circuit-breaker").unwrap());
    assert!(findings.iter().all(|finding| finding.severity < Severity::Error), "{}", told(&findings, &files));
    assert_eq!(
        (ours.params["failures"].kind.expected(), &ours.params["failures"].says),
        (base.params["failures"].kind.expected(), &base.params["failures"].says)
    );
    assert_eq!(ours.roles["caller"].document, base.roles["caller"].document);
    assert_eq!(ours.roles["callee"].kind, base.roles["callee"].kind);
    assert_eq!(ours.musts.len(), base.musts.len() + 1);

    let own = "extends = \"circuit-breaker\"\n\n[param.open]\ndefault = \"60\"\n\n[role.caller]\nin = \"sytem\"\n\n[[relation]]\nfrom = \"caller\"\nto = \"calee\"\nset = { timeout = \"${timeout}\" }\n\n[[must]]\nid = \"x\"\neach = \"caler -> callee\"\nhas = [\"timeout\", \"tiemout\"]\nsays = \"x\"\n";
    let files = workspace(&[
        ("patterns/ours/pattern.toml", own),
        ("patterns/next/pattern.toml", "extends = \"circuit-braker\"\n"),
    ]);
    let findings = told(&Catalogue::of(&files).1, &files);
    for expected in [
        "patterns/next/pattern.toml:1:11: error[unknown-pattern]: `next` extends `circuit-braker`, which is no pattern",
        "patterns/ours/pattern.toml:4:11: error[bad-value]: the default of the parameter `open`: it has no unit",
        "patterns/ours/pattern.toml:7:6: error[unknown-role]: `in` of `caller` names a role `sytem`, which nobody has",
        "patterns/ours/pattern.toml:11:6: error[unknown-role]: a relation names a role `calee`, which nobody has",
        "patterns/ours/pattern.toml:16:8: error[unknown-role]: an obligation names a role `caler`, which nobody has",
        "patterns/ours/pattern.toml:17:19: error[unknown-key]: an obligation asks for `tiemout`, which is no key",
    ] {
        assert!(findings.contains(expected), "{expected}\n{findings}");
    }
}

#[test]
fn what_a_queue_hands_on_leads_there_too() {
    let role = |name: &str, role: &str| format!("---\nname: {name}\npatterns:\n  - {{ id: cqrs, role: {role} }}\n");
    let db =
        role("DB", "write-db") + "relationships:\n  - { to: shop/changes, type: event, event: row.changed }\n---\n";
    let queue = "---\nname: Changes\nshape: topic\nrelationships:\n  - { to: shop/sync, type: KIND, event: row.changed }\n---\n";
    let verdict = |kind: &str| {
        let files = workspace(&[
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            ("src/shop/db/container.md", &db),
            ("src/shop/changes/container.md", &queue.replace("KIND", kind)),
            ("src/shop/sync/container.md", &(role("Sync", "synchronizer") + "---\n")),
        ]);
        let (reports, _) = loko_patterns::check(&loko_model::load(&files).model, &files, catalogue());
        let mut verdicts = reports[0].verdicts.clone().into_iter();
        verdicts.find(|it| it.code == "cqrs-changes").unwrap()
    };
    assert!(verdict("event").holds());
    let broken = verdict("sync");
    assert_eq!(broken.findings.len(), 1);
    assert!(broken.findings[0].message.contains("`shop/changes` → `shop/sync`"), "{:?}", broken.findings);
}

#[test]
fn suggestions_follow_the_facts() {
    let facts = |pairs: &[(&str, &str)]| -> loko_patterns::Facts {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), loko_patterns::FactValue::parse(value))).collect()
    };
    let first = |pairs: &[(&str, &str)]| {
        let (all, _) = loko_patterns::suggest(catalogue(), None, &facts(pairs), []);
        all.into_iter().filter(|it| !it.pattern.is_anti).map(|it| it.pattern.id.clone()).next().unwrap_or_default()
    };
    // The selection table of the documents: who fits what.
    assert_eq!(first(&[("team_size", "4"), ("scaling", "vertical"), ("users", "200")]), "three-tier-monolith");
    assert_eq!(first(&[("team_size", "40"), ("teams", "6"), ("scaling", "horizontal")]), "microservices");
    assert_eq!(first(&[("load", "variable"), ("scaling", "auto")]), "serverless");
    assert_eq!(first(&[("team_size", "12"), ("read_write_ratio", "20:1"), ("scaling", "independent")]), "cqrs");
    assert_eq!(first(&[("services", "25")]), "service-mesh");
    let (all, _) =
        loko_patterns::suggest(catalogue(), None, &facts(&[("users", "50"), ("read_write_ratio", "20")]), []);
    let cqrs = all.iter().find(|it| it.pattern.id == "cqrs").unwrap();
    assert!(cqrs.reasons_against.iter().any(|reason| reason.contains("fewer than 100 users")), "{cqrs:?}");
    let codes = ["shared-database", "shared-database"];
    let (all, _) = loko_patterns::suggest(catalogue(), None, &facts(&[]), codes);
    let anti = all.iter().find(|it| it.pattern.id == "shared-database").unwrap();
    assert_eq!(anti.mends, [("shared-database".to_owned(), 2)]);
}

#[test]
fn what_patterns_mend_are_rules_and_every_anti_pattern_has_one() {
    for pattern in catalogue().patterns() {
        for code in &pattern.mends {
            let known = loko_rules::codes::find(code).unwrap_or_else(|| panic!("{}: no rule `{code}`", pattern.id));
            assert_eq!(known.name, code, "{}: the rule has another name", pattern.id);
            assert!(known.rule.is_some(), "{}: `{code}` is no rule", pattern.id);
        }
        let named = loko_rules::codes::find(&pattern.id).filter(|_| pattern.is_anti);
        if pattern.is_anti {
            let rule = named.unwrap_or_else(|| panic!("no rule finds the anti-pattern `{}`", pattern.id));
            assert_eq!(pattern.mends, [rule.name], "{}: what mends it is found under the rule's name", pattern.id);
            assert!(
                pattern.related.iter().any(|id| catalogue().get(id).is_some_and(|it| !it.is_anti)),
                "{}",
                pattern.id
            );
        }
    }
}
