//! Who plays a role that nobody was named for: the only ones that fit; of several a refusal tells.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that goes on after a surprise tells nothing"
)]

use loko_patterns::{Apply, Catalogue, Plan, Refused};
use loko_source::{Diagnostic, Snapshot};

fn workspace(files: &[(&str, &str)]) -> Snapshot {
    let all = [("loko.toml", "[project]\nname = \"New\"\n")].into_iter().chain(files.iter().copied());
    Snapshot::from_texts(all)
}

const SYSTEM: (&str, &str) = ("src/shop/system.md", "---\nname: Shop\n---\n");
const BANK: (&str, &str) = ("src/bank/external.md", "---\nname: Bank\n---\n");
const DATABASE: (&str, &str) =
    ("src/shop/db/container.md", "---\nname: Shop database\nshape: database\ntechnology: MariaDB\n---\n");

fn service(name: &str, uses: &[&str]) -> String {
    let relations: String = uses.iter().map(|to| format!("  - {{ to: {to}, description: Uses it }}\n")).collect();
    let relations = if uses.is_empty() { relations } else { format!("relationships:\n{relations}") };
    format!("---\nname: {name}\n{relations}---\n")
}

fn wish(pattern: &str, bind: &[(&str, &str)]) -> Apply {
    let bind = bind.iter().map(|(role, id)| ((*role).to_owned(), (*id).to_owned())).collect();
    Apply { pattern: pattern.to_owned(), bind, ..Apply::default() }
}

fn plan(files: &Snapshot, wish: &Apply) -> Result<Plan, Refused> {
    let (catalogue, findings) = Catalogue::of(files);
    assert!(findings.is_empty(), "{findings:?}");
    loko_patterns::apply(files, &loko_model::load(files), &catalogue, wish)
}

fn told(files: &Snapshot, wish: &Apply) -> String {
    plan(files, wish).unwrap().summary.join("\n")
}

fn refusal(files: &Snapshot, wish: &Apply) -> Diagnostic {
    plan(files, wish).unwrap_err().remove(0)
}

#[test]
fn the_only_ones_that_fit_are_taken_and_told() {
    let api = service("API", &["bank", "shop/db"]);
    let files = workspace(&[SYSTEM, BANK, DATABASE, ("src/shop/api/container.md", &api)]);
    let said = told(&files, &wish("circuit-breaker", &[]));
    assert!(said.contains("takes `shop/api` as the caller, who alone fits and lacks it; `--bind caller=…`"), "{said}");
    assert!(said.contains("binds `bank` as the callee"), "{said}");
    assert!(!said.contains("creates"), "{said}");

    // What comes with a pattern is made, in the system of those who are there.
    let said = told(&files, &wish("cache-aside", &[]));
    assert!(said.contains("binds `shop/db` as the database"), "{said}");
    assert!(said.contains("creates the cache `shop/guide-cache`"), "{said}");
    assert_eq!(said.matches("creates").count(), 1, "{said}");

    // Of a pattern of which all is new only the system is there.
    let said = told(&files, &wish("three-tier-monolith", &[]));
    assert!(
        said.contains("takes `shop` as the system") && said.contains("creates the database `shop/database`"),
        "{said}"
    );
}

#[test]
fn of_several_that_fit_a_refusal_tells_with_a_command_line() {
    let (api, till) = (service("API", &["bank"]), service("Till", &["bank"]));
    let files = workspace(&[SYSTEM, BANK, ("src/shop/api/container.md", &api), ("src/shop/till/container.md", &till)]);
    let mut open = wish("circuit-breaker", &[]);
    open.params.push(("failures".to_owned(), "7".to_owned()));
    let finding = refusal(&files, &open);
    assert_eq!(finding.code, "several-candidates");
    assert!(finding.message.contains("in 2 places"), "{finding:?}");
    assert!(finding.notes[1].starts_with("caller `shop/till`, callee `bank`: "), "{finding:?}");
    let line = "`loko pattern apply circuit-breaker --bind caller=shop/api --bind callee=bank --param failures=7`";
    assert!(finding.help.as_ref().unwrap().contains(line), "{finding:?}");

    // Who is named decides for the other, and `new` for neither.
    let said = told(&files, &wish("circuit-breaker", &[("caller", "shop/till")]));
    assert!(said.contains("takes `bank` as the callee"), "{said}");
    let all_new = Apply { is_new: true, ..wish("circuit-breaker", &[]) };
    assert!(told(&files, &all_new).contains("creates the caller `ticket-sales/order-service`"));

    // The other place is left when one is in use.
    let applied = files.overlay(&plan(&files, &wish("circuit-breaker", &[("caller", "shop/till")])).unwrap().changes);
    let second = Apply { name: Some("second".to_owned()), ..wish("circuit-breaker", &[]) };
    assert!(told(&applied.unwrap(), &second).contains("takes `shop/api` as the caller"));
}

#[test]
fn places_name_what_is_lacking_and_how_to_apply() {
    let guarded = "---\nname: API\nrelationships:\n  - { to: bank, timeout: 2s, breaker: { failures: 5, open: 60s, half_open: 1 } }\n---\n";
    let till = service("Till", &["bank"]);
    let files =
        workspace(&[SYSTEM, BANK, ("src/shop/api/container.md", guarded), ("src/shop/till/container.md", &till)]);
    let catalogue = Catalogue::builtin();
    let pattern = catalogue.get("circuit-breaker").unwrap();
    let model = loko_model::load(&files).model;
    let places = loko_patterns::places(&model, &files, pattern);
    assert_eq!(places.len(), 1, "where all is said there is nothing to do: {places:?}");
    assert!(places[0].lacks.as_ref().unwrap().contains("`shop/till` → `bank`"), "{places:?}");
    let line = "loko pattern apply circuit-breaker --bind caller=shop/till --bind callee=bank";
    assert_eq!(places[0].command(pattern), line);

    // Where the name is taken, another is given.
    let applied = files.overlay(&plan(&files, &wish("circuit-breaker", &[("caller", "shop/api")])).unwrap().changes);
    let applied = applied.unwrap();
    let places = loko_patterns::places(&loko_model::load(&applied).model, &applied, pattern);
    assert!(places[0].command(pattern).starts_with("loko pattern apply circuit-breaker --as circuit-breaker-bank "));
}

#[test]
fn what_is_bound_speaks_for_itself() {
    let api = service("API", &["shop/db"]);
    let topic = "---\nname: News\nshape: topic\ntechnology: NATS\n---\n";
    let files =
        workspace(&[SYSTEM, DATABASE, ("src/shop/api/container.md", &api), ("src/shop/news/container.md", topic)]);
    let text = |wish: &Apply| {
        let after = files.overlay(&plan(&files, wish).unwrap().changes).unwrap();
        let again = plan(&after, wish).unwrap();
        assert!(again.changes.is_empty(), "twice is once: {:?}", again.summary);
        after
            .iter()
            .filter(|(path, _)| path.as_str() != "loko.toml")
            .map(|(_, it)| it.text().to_owned())
            .collect::<String>()
    };
    let bind = [("service", "shop/api"), ("database", "shop/db"), ("topic", "shop/news")];
    let outbox = text(&wish("outbox", &bind));
    assert!(outbox.contains("store: Shop database") && !outbox.contains("Member database"), "{outbox}");
    assert!(outbox.contains("technology: NATS") && !outbox.contains("Kafka"), "{outbox}");
    let lease = text(&wish("leader-election", &[("worker", "shop/api"), ("store", "shop/db")]));
    assert!(lease.contains("store: Shop database") && !lease.contains("Lease store"), "{lease}");
    let events = text(&wish("event-sourcing", &[("commands", "shop/api"), ("store", "shop/db")]));
    assert!(events.contains("store = \"MariaDB\""), "{events}");
    let said = text(&Apply { params: vec![("broker".to_owned(), "Pulsar".to_owned())], ..wish("outbox", &bind) });
    assert!(said.contains("broker = \"Pulsar\""), "what is said counts: {said}");
}

#[test]
fn no_pattern_writes_the_name_of_its_example_for_somebody_who_is_bound() {
    let catalogue = Catalogue::builtin();
    for pattern in catalogue.patterns() {
        let names: Vec<&String> =
            pattern.roles.values().flat_map(|role| &role.names).filter(|it| !it.contains('$')).collect();
        let sets = pattern.roles.values().map(|role| &role.set).chain(pattern.relations.iter().map(|it| &it.set));
        for entry in sets.flat_map(|set| set.values()) {
            let text = loko_model::edit::annotate::flow_yaml(&entry.value);
            let said = names.iter().find(|name| text.contains(name.as_str()));
            assert_eq!(said, None, "{}: `{text}` names who would be made; write `${{role.name}}`", pattern.id);
        }
    }
}

#[test]
fn a_role_that_nobody_plays_is_told() {
    let api = "---\nname: API\npatterns:\n  - { id: outbox, role: service }\noutbox: a table\n---\n";
    let files = workspace(&[SYSTEM, ("src/shop/api/container.md", api)]);
    let model = loko_model::load(&files).model;
    let (reports, _) = loko_patterns::check(&model, &files, Catalogue::builtin());
    assert_eq!(reports[0].unplayed, ["database", "relay", "topic"]);
    let never = reports[0].verdicts.iter().find(|it| it.code == "outbox-no-second-write").unwrap();
    assert!(!never.holds(), "with nobody to write to, nothing shows that nobody does");
    assert_eq!(never.not_shown.as_deref(), Some("nobody plays the topic"));
    let findings = loko_patterns::findings(&model, &files, Catalogue::builtin());
    for role in ["database", "relay", "topic"] {
        let told: Vec<_> = findings.iter().filter(|it| it.message.contains(&format!("plays the {role} "))).collect();
        assert_eq!(told.len(), 1, "{role}: {findings:?}");
        assert!(told[0].help.as_ref().unwrap().contains(&format!("role: {role}")), "{told:?}");
    }
}
