//! What selectors pick from a small workspace, and what is said of those that are wrong.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use loko_model::select::{DEPTH_MAX, LENGTH_MAX, Select};
use loko_model::{Model, load};
use loko_source::Snapshot;

fn model() -> Model {
    let loaded = load(&Snapshot::from_texts([
        ("src/anna/person.md", "---\nname: Anna\nrelationships: [{ to: shop/web, description: Buys }]\n---\n"),
        ("src/shop/system.md", "---\nname: Shop\nowner: team-shop\nsubdomain: core\n---\n"),
        (
            "src/shop/web/container.md",
            "---\nname: Web\ntechnology: Rust, Axum\nreplicas: 3\ntags: [edge]\nrelationships:\n  - { to: shop/db, description: Stores, technology: SQL, timeout: 500ms, encrypted: true }\n  - { to: bank, description: Pays, type: async, event: paid }\n---\n",
        ),
        ("src/shop/web/cart/component.md", "---\nname: Cart\nowner: team-cart\nmetadata: { tier: gold }\n---\n"),
        (
            "src/shop/db/container.md",
            "---\nname: Main store\ntechnology: PostgreSQL 17\ntags: [pci, edge]\ndata: { classification: personal }\n---\n",
        ),
        ("src/bank/external.md", "---\nname: Bank\npatterns: [saga, cqrs]\n---\n"),
    ]));
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    loaded.model
}

#[test]
fn selectors_pick_elements() {
    let model = model();
    let cases = [
        ("*", "anna bank shop shop/db shop/web shop/web/cart"),
        ("kind:container", "shop/db shop/web"),
        ("kind:container,person", "anna shop/db shop/web"),
        ("not kind:container", "anna bank shop shop/web/cart"),
        ("!kind:container & !kind:person", "bank shop shop/web/cart"),
        ("tag:edge tag:pci", "shop/db"),
        ("tag:edge and tag:pci or anna", "anna shop/db"),
        ("tag:edge and (tag:pci or anna)", "shop/db"),
        ("TAG:x", "!"),
        ("tag:P*", "shop/db"),
        ("tag=PCI", ""),
        ("tag!=pci", "anna bank shop shop/web shop/web/cart"),
        ("shop", "shop"),
        ("shop/*", "shop/db shop/web"),
        ("shop/**", "shop/db shop/web shop/web/cart"),
        ("web", "shop/web"),
        ("\"main store\"", "shop/db"),
        ("name:main*", "shop/db"),
        ("type:database", "shop/db"),
        ("type:external-system", "bank"),
        ("external:true", "bank"),
        ("technology:axum", "shop/web"),
        ("technology:postgres*", "shop/db"),
        ("technology:\"PostgreSQL 17\"", "shop/db"),
        ("owner:team-shop", "shop shop/db shop/web"),
        ("owner:team-*", "shop shop/db shop/web shop/web/cart"),
        ("subdomain:core kind:component", "shop/web/cart"),
        ("path:src/shop/web", "shop/web shop/web/cart"),
        ("path:**/container.md", "shop/db shop/web"),
        ("replicas>=3", "shop/web"),
        ("replicas < 3", ""),
        ("metadata.tier:gold", "shop/web/cart"),
        ("data.classification:personal", "shop/db"),
        ("patterns:cqrs", "bank"),
        ("has:replicas", "shop/web"),
        ("has:owner", "shop shop/db shop/web shop/web/cart"),
        ("kind:container and not has:replicas", "shop/db"),
        ("within:shop", "shop/db shop/web shop/web/cart"),
        ("parent:shop", "shop/db shop/web"),
        ("contains:cart", "shop shop/web"),
        ("within:(kind:container)", "shop/web/cart"),
        ("uses:bank", "shop shop/web"),
        ("uses:(type:database)", "shop shop/web"),
        ("used-by:(kind:person)", "shop shop/web"),
    ];
    for (text, expected) in cases {
        let picked = Select::elements(text).map(|select| select.picks(&model));
        let ids = picked.map_or_else(
            |_| "!".to_owned(),
            |picked| picked.iter().map(|ix| model.element(*ix).id.as_str()).collect::<Vec<_>>().join(" "),
        );
        assert_eq!(ids, expected, "{text}");
    }
}

#[test]
fn selectors_pick_relations() {
    let model = model();
    let cases = [
        ("*", "Buys Pays Stores"),
        ("type:async", "Pays"),
        ("kind:sync", "Buys Stores"),
        ("event:paid", "Pays"),
        ("technology:sql", "Stores"),
        ("encrypted:true", "Stores"),
        ("not encrypted:true", "Buys Pays"),
        ("timeout<1s", "Stores"),
        ("timeout>1s", ""),
        ("from:shop", "Pays Stores"),
        ("to:(type:database or external:true)", "Pays Stores"),
        ("touches:anna", "Buys"),
        ("path:src/shop", "Pays Stores"),
    ];
    for (text, expected) in cases {
        let picked = Select::relations(text).unwrap_or_else(|error| panic!("{text}: {error}")).picks_relations(&model);
        let mut found: Vec<&str> = picked.iter().map(|ix| model.relation(*ix).description.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn wrong_selectors_say_where_and_what_to_do() {
    let cases = [
        ("", "", "the selector is empty", "write `*` for everything"),
        ("kind:container and", "", "the selector ends too early", "a term such as `tag:pci` belongs here"),
        ("tagg:pci", "tagg", "`tagg` is no key of elements", "did you mean `tag`?"),
        ("kind:contaner", "contaner", "`contaner` is no kind of elements", "did you mean `container`?"),
        ("(tag:pci", "(", "the parenthesis is not closed", "close it with `)`"),
        ("tag:pci)", ")", "`)` is not expected here", "take it out, or open it before"),
        ("tag:", "", "a value is missing", "write a word, or a text in quotes"),
        ("replicas>many", "many", "`many` is no number", "write one such as `3`, `500ms` or `99.9%`"),
        ("name:\"x", "\"x", "the quote is not closed", "close it with \""),
        ("or tag:pci", "or", "`or` is not expected here", "a term such as `tag:pci` belongs here"),
        ("event:paid", "event", "`event` is no key of elements", "did you mean `events`?"),
    ];
    for (text, underlined, message, help) in cases {
        let error = Select::elements(text).unwrap_err();
        assert_eq!((&text[error.span.range()], error.message.as_str()), (underlined, message), "{text}");
        assert_eq!(error.help.as_deref(), Some(help), "{text}");
    }
    let alone = Select::relations("shop").unwrap_err();
    assert_eq!(alone.message, "`shop` alone picks no relation");
}

#[test]
fn limits_are_told() {
    let long = "a or ".repeat(LENGTH_MAX / 4) + "a";
    assert!(Select::elements(&long).unwrap_err().message.contains(&LENGTH_MAX.to_string()));
    let deep = format!("{}a{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX));
    assert!(Select::elements(&deep).unwrap_err().message.contains(&DEPTH_MAX.to_string()));
    assert!(Select::elements(&"not ".repeat(1000)).is_err());
}
