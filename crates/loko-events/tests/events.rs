//! Events of small workspaces and of the shop: put together, checked, compared.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the tests read the example")]

use loko_events::{breaking, check, events, flow, page};
use loko_source::disk::Workspace;
use loko_source::{Severity, Snapshot};
use std::path::Path;

fn workspace(publisher: &str, schema: &str) -> Snapshot {
    let publisher = format!("---\nname: Orders\n{publisher}\n---\n");
    Snapshot::from_texts([
        ("src/orders/system.md", publisher.as_str()),
        (
            "src/mail/system.md",
            "---\nname: Mail\nconsumes: [{ name: order.placed, action: writes to the customer }]\n---\n",
        ),
        ("events/order-placed.json", schema),
    ])
}

const PUBLISHES: &str = "events: [{ name: order.placed, version: \"1.0\", schema: events/order-placed.json }]";
const SCHEMA: &str = r#"{ "type": "object", "required": ["id"], "properties": { "eventType": { "const": "order.placed" }, "id": { "type": "string" }, "state": { "enum": ["new"] } } }"#;

fn codes(snapshot: &Snapshot) -> Vec<String> {
    let model = loko_model::load(snapshot).model;
    check(&model, snapshot).iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
}

#[test]
fn an_event_knows_its_publisher_and_its_subscribers() {
    let snapshot = workspace(PUBLISHES, SCHEMA);
    let model = loko_model::load(&snapshot).model;
    let all = events(&model);
    let [event] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((event.name.as_str(), event.version.as_deref()), ("order.placed", Some("1.0")));
    assert_eq!(event.publishers, [model.find("orders").unwrap()]);
    assert_eq!(event.subscribers, [(model.find("mail").unwrap(), Some("writes to the customer".to_owned()))]);
    let text = page(&model, &snapshot, event);
    assert!(text.contains("| Publisher | Orders (`orders`) |"), "{text}");
    assert!(text.contains("- Mail (`mail`): writes to the customer"), "{text}");
    assert!(flow(&model, event).contains("\"orders\" -> \"mail\": \"order.placed\""), "{}", flow(&model, event));
    assert_eq!(codes(&snapshot), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_told() {
    let cases = [
        ("events: [{ name: OrderPlaced }]", SCHEMA, "event-name: `OrderPlaced` is no name of an event"),
        ("description: none", SCHEMA, "event-without-publisher: nobody publishes `order.placed`, which mail hears of"),
        (PUBLISHES, "{", "event-schema: `events/order-placed.json` is not JSON"),
        (PUBLISHES, r#"{ "type": "nothing" }"#, "event-schema: `events/order-placed.json` is no JSON Schema"),
        (
            "events: [{ name: order.placed, schema: events/order-placd.json }]",
            SCHEMA,
            "event-schema: there is no file `events/order-placd.json`",
        ),
        (
            PUBLISHES,
            r#"{ "properties": { "eventType": { "const": "order.made" } } }"#,
            "event-schema: `events/order-placed.json` is the schema of `order.made`, not of `order.placed`",
        ),
        (
            "events: [{ name: order.placed, schema: events/order-placed.json, examples: [{ id: 7 }] }]",
            SCHEMA,
            "event-example: an example of `order.placed` does not keep to `events/order-placed.json`",
        ),
    ];
    for (publisher, schema, expected) in cases {
        let found = codes(&workspace(publisher, schema));
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{expected}\n{found:?}");
    }
}

#[test]
fn what_breaks_between_revisions_is_told() {
    let old = workspace(PUBLISHES, SCHEMA);
    let before = events(&loko_model::load(&old).model);
    let cases = [
        (
            r#"{ "required": ["id"], "properties": { "id": { "type": "integer" }, "state": { "enum": ["new"] }, "eventType": {} } }"#,
            "id was string, is integer",
        ),
        (
            r#"{ "required": ["id"], "properties": { "state": { "enum": ["new"] }, "eventType": {}, "id": { "type": "string" }, "more": {} } }"#,
            "",
        ),
        (r#"{ "required": ["id"], "properties": { "id": { "type": "string" }, "eventType": {} } }"#, "state is gone"),
        (
            r#"{ "properties": { "id": { "type": "string" }, "state": { "enum": ["new"] }, "eventType": {} } }"#,
            "id may be missing now",
        ),
        (
            r#"{ "required": ["id", "to"], "properties": { "to": {}, "id": { "type": "string" }, "state": { "enum": ["new"] }, "eventType": {} } }"#,
            "to is required now; events kept from before lack it",
        ),
        (
            r#"{ "required": ["id"], "properties": { "id": { "type": "string" }, "state": { "enum": ["new", "old"] }, "eventType": {} } }"#,
            "state has a new value old, which readers do not know",
        ),
    ];
    for (schema, expected) in cases {
        let new = workspace(PUBLISHES, schema);
        let after = events(&loko_model::load(&new).model);
        let found: Vec<String> =
            breaking((&before, &old), (&after, &new)).iter().map(|it| format!("{} {}", it.at, it.change)).collect();
        let expected: Vec<&str> = Some(expected).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(found, expected);
    }
    let announced = workspace(&PUBLISHES.replace("1.0", "2.0"), r#"{ "properties": {} }"#);
    let after = events(&loko_model::load(&announced).model);
    let found = breaking((&before, &old), (&after, &announced));
    assert!(!found.is_empty() && found.iter().all(|it| it.is_announced), "{found:?}");
}

#[test]
fn the_shop_s_events_hold_together() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let workspace = Workspace::open(&folder).unwrap();
    let (snapshot, _) = workspace.snapshot(&loko_model::load::scope(None)).unwrap();
    let model = loko_model::load(&snapshot).model;
    let findings = check(&model, &snapshot);
    assert!(findings.iter().all(|finding| finding.severity < Severity::Warning), "{findings:?}");
    let all = events(&model);
    assert_eq!(all.len(), 12, "{:?}", all.iter().map(|event| &event.name).collect::<Vec<_>>());
    for event in &all {
        assert!(!event.publishers.is_empty(), "{}", event.name);
        let path = loko_source::FilePath::new("flow.d2").unwrap();
        assert!(loko_d2::compile(&flow(&model, event), &path, &loko_d2::NoImports).is_valid(), "{}", event.name);
    }
}
