//! Elements get other names and places after a pattern was applied to them: the application follows, and taking it away
//! leaves what would be there had it never been applied.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that goes on after a surprise tells nothing"
)]

use loko_model::edit::{Move, Rename, move_to, rename};
use loko_model::{Kind, Loaded};
use loko_patterns::{Apply, Catalogue, Pattern, Upgrade};
use loko_source::disk::Workspace;
use loko_source::render::line;
use loko_source::{Diagnostic, FilePath, Snapshot, Source};
use std::path::Path;

fn empty() -> Snapshot {
    Snapshot::from_texts([("loko.toml", "[project]\nname = \"New\"\n")])
}

fn shop() -> Snapshot {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    Workspace::open(&folder).unwrap().snapshot(&loko_model::load::scope(None)).unwrap().0
}

fn told(findings: &[Diagnostic], snapshot: &Snapshot) -> String {
    findings.iter().map(|finding| line(finding, snapshot) + "\n").collect()
}

fn texts(snapshot: &Snapshot) -> Vec<(String, String)> {
    snapshot.iter().map(|(path, source)| (path.to_string(), source.text().to_owned())).collect()
}

fn renamed(snapshot: &Snapshot, loaded: &Loaded, id: &str) -> Snapshot {
    let ix = loaded.model.find(id).unwrap_or_else(|| panic!("no {id}"));
    let name = format!("{} of old", loaded.model.element(ix).name);
    let wish = Rename { element: id.to_owned(), name: Some(name), ..Rename::default() };
    let plan = rename(snapshot, loaded, &wish).unwrap_or_else(|refusal| panic!("{id}: {refusal:?}"));
    snapshot.overlay(&plan.changes).unwrap()
}

fn moved(snapshot: &Snapshot, id: &str, parent: &str) -> Snapshot {
    let wish = Move { element: id.to_owned(), parent: parent.to_owned() };
    let plan =
        move_to(snapshot, &loko_model::load(snapshot), &wish).unwrap_or_else(|refusal| panic!("{id}: {refusal:?}"));
    snapshot.overlay(&plan.changes).unwrap()
}

/// Renames elements one after the other, parts before what they lie in.
fn all_renamed(before: &Snapshot, mut ids: Vec<String>) -> Snapshot {
    ids.sort_by_key(|id| (std::cmp::Reverse(id.matches('/').count()), id.clone()));
    ids.dedup();
    ids.iter().fold(before.clone(), |now, id| renamed(&now, &loko_model::load(&now), id))
}

/// The obligations that do not hold.
fn open(snapshot: &Snapshot, loaded: &Loaded) -> usize {
    let (reports, findings) = loko_patterns::check(&loaded.model, snapshot, Catalogue::builtin());
    let verdicts = reports.iter().flat_map(|report| &report.verdicts);
    verdicts.filter(|verdict| !verdict.holds()).count() + findings.len()
}

/// Applies, renames all that plays a role, and takes away; `bound` are the elements that were there before.
fn walk(before: &Snapshot, wish: &Apply) -> Result<(), String> {
    let catalogue = Catalogue::builtin();
    let known = loko_model::load(before);
    let plan = loko_patterns::apply(before, &known, catalogue, wish).map_err(|refused| told(&refused, before))?;
    let applied = before.overlay(&plan.changes).unwrap();
    let now = loko_model::load(&applied);
    let is_new = |it: &&loko_model::Applied| known.model.applied.iter().all(|old| old.name != it.name);
    let record = now.model.applied.iter().find(is_new).unwrap();
    let (name, made) = (record.name.clone(), record.made.iter().filter_map(|made| made.element));
    let id = |ix| now.model.element(ix).id.to_string();
    let made: Vec<String> = made.map(id).collect();
    let bound: Vec<String> = record.changed.iter().map(|changed| id(changed.element)).collect();
    let open_before = open(&applied, &now);

    let after = all_renamed(&applied, [made, bound.clone()].concat());
    let loaded = loko_model::load(&after);
    if loaded.findings.len() > now.findings.len() {
        return Err(format!("findings after the renames:\n{}", told(&loaded.findings, &after)));
    }
    if open(&after, &loaded) != open_before {
        return Err("obligations hold no more after the renames".to_owned());
    }
    let again = Upgrade { name: Some(name.clone()), ..Upgrade::default() };
    let again = loko_patterns::upgrade(&after, &loaded, catalogue, &again).map_err(|refused| told(&refused, &after))?;
    if !again.changes.is_empty() {
        return Err(format!("an upgrade to the same version changes something: {:?}", again.summary));
    }
    let gone = loko_patterns::remove(&after, &loaded, &name, false).map_err(|refused| told(&refused, &after))?;
    let end = after.overlay(&gone.changes).unwrap();
    let wanted = texts(&all_renamed(before, bound));
    let wrong: Vec<String> =
        texts(&end).into_iter().filter(|pair| !wanted.contains(pair)).map(|(path, _)| path).collect();
    if wrong.is_empty() && texts(&end).len() == wanted.len() {
        return Ok(());
    }
    Err(format!("taken away, something stays: {wrong:?}\n{}", gone.summary.join("\n")))
}

fn applicable() -> impl Iterator<Item = &'static Pattern> {
    Catalogue::builtin().patterns().filter(|pattern| !pattern.is_anti)
}

#[test]
fn every_pattern_follows_renames_in_an_empty_workspace() {
    let failures: Vec<String> = applicable()
        .filter_map(|pattern| {
            let wish = Apply { pattern: pattern.id.clone(), ..Apply::default() };
            walk(&empty(), &wish).err().map(|why| format!("{}: {why}", pattern.id))
        })
        .collect();
    assert!(failures.is_empty(), "{} patterns fail\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn uses_in_the_shop_follow_renames() {
    let shop = shop();
    // Some of each category: each walk renames in the whole shop.
    let some = ["circuit-breaker", "cache-aside", "api-gateway"];
    let mut failures = Vec::new();
    let mut seen = 0;
    for pattern in some.iter().filter_map(|id| Catalogue::builtin().get(id)) {
        let Some(example) = pattern.examples.first() else { continue };
        let bind =
            example.bind.iter().flat_map(|(role, all)| all.split(',').map(|one| (role.clone(), one.trim().to_owned())));
        let params = example.params.iter().map(|(key, value)| (key.clone(), value.clone()));
        let wish =
            Apply { pattern: pattern.id.clone(), bind: bind.collect(), params: params.collect(), ..Apply::default() };
        seen += 1;
        failures.extend(walk(&shop, &wish).err().map(|why| format!("{}: {why}", pattern.id)));
    }
    assert_eq!(seen, some.len(), "examples bind elements of the shop");
    assert!(failures.is_empty(), "{} uses fail\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_part_that_moves_is_the_patterns_still() {
    let before = Snapshot::from_texts([
        ("loko.toml", "[project]\nname = \"New\"\n"),
        ("src/desk/system.md", "---\nname: Desk\n---\n"),
        ("src/place/system.md", "---\nname: Place\n---\n"),
    ]);
    let wish = Apply { pattern: "saga-orchestration".to_owned(), into: Some("place".to_owned()), ..Apply::default() };
    let loaded = loko_model::load(&before);
    let plan = loko_patterns::apply(&before, &loaded, Catalogue::builtin(), &wish).unwrap();
    let after = moved(&before.overlay(&plan.changes).unwrap(), "place/payment-desk", "desk");
    let record = after.text("patterns/applied/saga-orchestration.toml").unwrap();
    assert!(!record.contains("place/payment-desk"), "{record}");
    assert!(record.contains("step = [\"place/order-desk\", \"desk/payment-desk\", \"place/stock-desk\"]"), "{record}");
    let loaded = loko_model::load(&after);
    assert_eq!(loaded.findings, []);
    assert_eq!(loaded.model.of_kind(Kind::Container).count(), 4);
    let gone = loko_patterns::remove(&after, &loaded, "saga-orchestration", false).unwrap();
    assert_eq!(texts(&after.overlay(&gone.changes).unwrap()), texts(&before), "{}", gone.summary.join("\n"));
}

#[test]
fn a_decision_that_people_took_stays_without_the_elements_that_go() {
    let wish = Apply { pattern: "circuit-breaker".to_owned(), ..Apply::default() };
    let before = empty();
    let plan = loko_patterns::apply(&before, &loko_model::load(&before), Catalogue::builtin(), &wish).unwrap();
    let mut after = before.overlay(&plan.changes).unwrap();
    let (path, text) = texts(&after).into_iter().find(|(path, _)| path.starts_with("decisions/")).unwrap();
    after.insert(FilePath::new(&path).unwrap(), Source::new(text.replace("status: proposed", "status: accepted")));
    let gone = loko_patterns::remove(&after, &loko_model::load(&after), "circuit-breaker", false).unwrap();
    let told = gone.summary.join("\n");
    assert!(told.contains(&format!("keeps {path}, which is accepted by now")), "{told}");
    let end = after.overlay(&gone.changes).unwrap();
    let loaded = loko_model::load(&end);
    assert_eq!((loaded.findings.as_slice(), loaded.model.elements.len()), (&[][..], 0), "{told}");
    assert!(end.text(&path).is_some_and(|text| text.contains("status: accepted") && !text.contains("elements:")));
}

#[test]
fn an_element_that_a_view_names_stays() {
    let wish = Apply { pattern: "cache-aside".to_owned(), ..Apply::default() };
    let before = empty();
    let plan = loko_patterns::apply(&before, &loko_model::load(&before), Catalogue::builtin(), &wish).unwrap();
    let mut after = before.overlay(&plan.changes).unwrap();
    let view = "name = \"Reads\"\n\n[[step]]\nfrom = \"film-guide/guide-service\"\nto = \"film-guide/guide-cache\"\n";
    after.insert(FilePath::new("views/reads.toml").unwrap(), Source::new(view));
    let loaded = loko_model::load(&after);
    assert_eq!(loaded.findings, []);
    let gone = loko_patterns::remove(&after, &loaded, "cache-aside", false).unwrap();
    let told = gone.summary.join("\n");
    assert!(told.contains("keeps the element `film-guide/guide-cache`: views/reads.toml names it"), "{told}");
    assert!(told.contains("deletes src/film-guide/guide-database/container.md"), "{told}");
    assert_eq!(loko_model::load(&after.overlay(&gone.changes).unwrap()).findings, []);
}
