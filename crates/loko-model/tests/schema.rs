//! The published schema and the reference of behaviour are those of the table of keys, and examples keep to them.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the tests read this repository")]

use loko_model::behaviour::Behaviour;
use loko_model::schema::{self, At, Role, Takes};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const REFRESH: &str = "refresh it with `UPDATE=1 cargo test -p loko-model --test schema`";

fn docs(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(path)
}

/// Holds a text against a file of the documentation.
fn check_fresh(path: &str, text: &str) {
    let file = docs(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let published = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(published == text, "docs/{path} is not what the table says; {REFRESH}");
}

#[test]
fn the_published_schema_is_this_one() {
    check_fresh("schema/loko-front-matter.schema.json", &format!("{:#}\n", schema::front_matter_schema()));
}

#[test]
fn the_reference_is_this_one() {
    check_fresh("behaviour-keys.md", &reference());
}

fn takes(takes: Takes) -> String {
    match takes {
        Takes::Text => "text".to_owned(),
        Takes::Bool => "`true` or `false`".to_owned(),
        Takes::Count => "whole number".to_owned(),
        Takes::Amount(unit) => format!("{unit:?}").to_lowercase(),
        Takes::Amounts(unit) => format!("list of: {unit:?}").to_lowercase(),
        Takes::Texts => "list of texts".to_owned(),
        Takes::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Takes::AnyOf(all) => all.iter().map(|one| self::takes(*one)).collect::<Vec<_>>().join("; or "),
        Takes::TextMap => "mapping of texts".to_owned(),
        Takes::Table(_) => "table".to_owned(),
        Takes::Tables(_) => "list of tables".to_owned(),
        Takes::Short(_, short) => format!("table; alone: `{short}`"),
        Takes::Items(_, short) => format!("list of tables; an item alone: `{short}`"),
        Takes::BoolOr(_) | Takes::Links | Takes::Relations | Takes::Any => "anything".to_owned(),
    }
}

fn reference() -> String {
    let mut out = String::from(
        "# Keys of behaviour\n\nMade from the table of keys; do not edit. How amounts are written stands in [The files](files.md).\n",
    );
    let behaviour = |key: &&schema::Key| key.role == Role::Behaviour;
    for at in At::ALL {
        if At::ELEMENTS.contains(at) && *at != At::Container {
            continue;
        }
        let keys: Vec<_> = schema::keys(*at).filter(behaviour).collect();
        if keys.is_empty() {
            continue;
        }
        let title = if *at == At::Container { "an element" } else { at.name() };
        let _ = writeln!(out, "\n## In {title}\n\n| key | value | when not given | what it says |\n|---|---|---|---|");
        for key in keys {
            let names: Vec<String> =
                std::iter::once(&key.name).chain(key.aliases).map(|name| format!("`{name}`")).collect();
            let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
            let _ = writeln!(out, "| {} | {} | {default} | {} |", names.join(", "), takes(key.takes), key.doc);
        }
    }
    out
}

#[test]
fn defaults_fit_their_own_keys() {
    for key in schema::all().filter(|key| !key.default.is_empty()) {
        let fits = |takes: &Takes| match takes {
            Takes::Amount(unit) => unit.check(key.default).is_ok(),
            Takes::Amounts(unit) => key.default.split(',').all(|part| unit.check(part).is_ok()),
            Takes::Count => key.default.parse::<u32>().is_ok(),
            Takes::OneOf(words) => words.contains(&key.default),
            Takes::Text => true,
            _ => false,
        };
        let fine = match key.takes {
            Takes::AnyOf(all) => all.iter().any(fits),
            Takes::Short(at, short) => schema::find(at, short).is_some_and(|inner| fits(&inner.takes)),
            takes => fits(&takes),
        };
        assert!(fine, "{} of {:?} cannot be {}", key.name, key.at, key.default);
    }
}

#[test]
fn no_place_has_a_name_twice() {
    for at in At::ALL {
        let mut known = std::collections::BTreeSet::new();
        for name in schema::names(*at) {
            assert!(known.insert(name), "{} has `{name}` twice", at.name());
        }
    }
}

#[test]
fn behaviour_of_the_shop_keeps_to_the_schema() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let workspace = loko_source::disk::Workspace::open(&shop).unwrap();
    let (snapshot, _) = workspace.snapshot(&loko_model::load::scope(None)).unwrap();
    let model = loko_model::load(&snapshot).model;
    let container = jsonschema::validator_for(&schema::json_schema(At::Container)).unwrap();
    let relation = jsonschema::validator_for(&schema::json_schema(At::Relation)).unwrap();
    assert!(!container.is_valid(&serde_json::json!({ "timeout": "soon" })), "the schema asks for something");
    for element in &model.elements {
        let behaviour = serde_json::to_value(&element.behaviour).unwrap();
        let wrong: Vec<String> = container.iter_errors(&behaviour).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", element.id);
    }
    for one in &model.relations {
        let behaviour = serde_json::to_value(&one.behaviour).unwrap();
        let wrong: Vec<String> = relation.iter_errors(&behaviour).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{:?}: {wrong:?}", one.place);
    }
}

#[test]
fn values_of_the_shop_are_read_with_their_units() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let workspace = loko_source::disk::Workspace::open(&shop).unwrap();
    let (snapshot, _) = workspace.snapshot(&loko_model::load::scope(None)).unwrap();
    let model = loko_model::load(&snapshot).model;
    let events: usize = model.elements.iter().map(|element| Behaviour::of_element(element).items("events").len()).sum();
    assert_eq!(events, 12);
    let breaker =
        model.relations.iter().map(|it| Behaviour::of_relation(it)).find(|it| it.has("breaker.open")).unwrap();
    assert_eq!(breaker.duration("breaker.open").unwrap().secs() % 30.0, 0.0);
    let strategy =
        model.elements.iter().map(|it| Behaviour::of_element(it)).find(|it| it.says("deployment_strategy", "canary"));
    assert!(strategy.is_none(), "a table is no text");
    let canary = model
        .elements
        .iter()
        .map(|it| Behaviour::of_element(it))
        .find(|it| it.says("deployment_strategy.kind", "canary"));
    let weights: Vec<f64> =
        canary.unwrap().shares("deployment_strategy.weights").iter().map(|it| it.percent()).collect();
    assert_eq!(weights, [10.0, 25.0, 50.0, 100.0]);
}
