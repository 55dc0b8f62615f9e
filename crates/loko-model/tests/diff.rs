//! Differences of two models: cases as text, properties of whole differences, and how pictures mark them.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test says what it expects")]

use loko_model::diff::insides::{Inside, Touched, Version, insides};
use loko_model::diff::landscapes::Names;
use loko_model::diff::{Certainty, Diff, Side, diff, picture};
use loko_model::{Loaded, load};
use loko_source::Snapshot;

/// A revision.
struct Revision {
    snapshot: Snapshot,
    loaded: Loaded,
}

impl Revision {
    /// Files as `path: line, line`; what follows `|` is prose, relations are lines `> target: text`.
    fn of(files: &[(&str, &str)]) -> Self {
        let snapshot = Snapshot::from_texts(files.iter().copied());
        let loaded = load(&snapshot);
        Self { snapshot, loaded }
    }

    fn side(&self) -> Side<'_> {
        Side { model: &self.loaded.model, snapshot: &self.snapshot, findings: &self.loaded.findings }
    }
}

const SYSTEM: (&str, &str) = ("src/shop/system.md", "---\nname: Shop\ndescription: Sells things\n---\n");
const API: (&str, &str) = (
    "src/shop/api/container.md",
    "---\nname: Order API\ndescription: Takes orders of customers\ntechnology: Rust\nrelationships:\n  - { to: db, description: Keeps orders, technology: SQL }\n---\n# Order API\n",
);
const DB: (&str, &str) = ("src/shop/db/container.md", "---\nname: Order DB\ntechnology: PostgreSQL\n---\n");
const WEB: (&str, &str) = (
    "src/shop/web/container.md",
    "---\nname: Web\nrelationships:\n  - { to: api, description: Places orders, technology: HTTPS }\n---\n",
);
const PART: (&str, &str) = ("src/shop/api/cart/component.md", "---\nname: Cart\n---\n");

fn base() -> Revision {
    Revision::of(&[SYSTEM, API, DB, WEB, PART])
}

#[test]
fn the_same_is_no_difference() {
    let (a, b) = (base(), base());
    let diff = diff(a.side(), b.side());
    assert!(diff.is_empty() && diff.blast_radius.is_empty(), "{diff:#?}");
    assert!(picture::board(&a.loaded.model, &b.loaded.model, &diff, &picture::Words::default()).is_none());
}

#[test]
fn a_rename_is_one_change_and_not_all_that_names_it() {
    let a = base();
    let api = API.1.replace("Order API", "Ordering service");
    let web = WEB.1.replace("to: api", "to: ordering");
    let b = Revision::of(&[
        SYSTEM,
        ("src/shop/ordering/container.md", &api),
        DB,
        ("src/shop/web/container.md", &web),
        ("src/shop/ordering/cart/component.md", PART.1),
    ]);
    let diff = diff(a.side(), b.side());
    let [renamed] = diff.elements.renamed.as_slice() else { panic!("{:#?}", diff.elements) };
    assert_eq!((renamed.from.id, renamed.to.id, renamed.certainty), ("shop/api", "shop/ordering", Certainty::Alike));
    assert_eq!(renamed.parts, 1);
    assert_eq!((diff.elements.changed.len(), diff.elements.added.len(), diff.elements.removed.len()), (0, 0, 0));
    assert_eq!(diff.relations, Default::default());
    assert_eq!(diff.blast_radius.iter().map(|hit| hit.id).collect::<Vec<_>>(), ["shop/web"]);
}

#[test]
fn a_record_makes_certain_what_nothing_else_shows() {
    let a = base();
    let stranger = "---\nname: Zebra\ndescription: Something else\n---\n";
    let files =
        [SYSTEM, ("src/shop/zebra/container.md", stranger), DB, ("src/shop/web/container.md", "---\nname: Web\n---\n")];
    let without = Revision::of(&files);
    let guessed = diff(a.side(), without.side());
    assert_eq!((guessed.elements.renamed.len(), guessed.elements.removed.len()), (0, 2));
    let records = "[[moved]]\nfrom = \"shop/api\"\nto = \"shop/horse\"\n\n[[moved]]\nfrom = \"shop/horse\"\nto = \"shop/zebra\"\n";
    let with: Vec<(&str, &str)> = files.iter().copied().chain([("loko.toml", records)]).collect();
    let with = Revision::of(&with);
    assert_eq!(with.loaded.findings, []);
    let told = diff(a.side(), with.side());
    assert_eq!(told.elements.renamed[0].certainty, Certainty::Recorded);
    assert_eq!(told.elements.removed.iter().map(|it| it.id).collect::<Vec<_>>(), ["shop/api/cart"]);
}

#[test]
fn a_record_of_the_whole_is_told_once_and_reaches_parts_that_had_another_name_since() {
    let a = base();
    let records = "[[moved]]\nfrom = \"shop\"\nto = \"store\"\n\n[[moved]]\nfrom = \"store/api/cart\"\nto = \"store/api/zebra\"\n";
    let b = Revision::of(&[
        ("loko.toml", records),
        ("src/store/system.md", "---\nname: Zoo\n---\n"),
        ("src/store/api/container.md", API.1),
        ("src/store/db/container.md", DB.1),
        ("src/store/web/container.md", "---\nname: Web\n---\n"),
        ("src/store/api/zebra/component.md", "---\nname: Zebra\n---\n"),
    ]);
    let diff = diff(a.side(), b.side());
    let told: Vec<_> = diff.elements.renamed.iter().map(|it| (it.from.id, it.to.id, it.certainty, it.parts)).collect();
    assert_eq!(
        told,
        [("shop", "store", Certainty::Recorded, 3), ("shop/api/cart", "store/api/zebra", Certainty::Recorded, 0)]
    );
    assert_eq!(diff.elements.removed, []);
}

#[test]
fn what_has_an_id_now_is_no_longer_who_had_it() {
    let files = |records: &'static str| {
        [("loko.toml", records), ("src/a/system.md", "---\nname: A\n---\n"), ("src/b/system.md", "---\nname: B\n---\n")]
    };
    let (a, b) = (Revision::of(&files("")[1..]), Revision::of(&files("[[moved]]\nfrom = \"a\"\nto = \"b\"\n")));
    assert!(diff(a.side(), b.side()).is_empty());
}

#[test]
fn values_that_name_a_renamed_element_say_the_same() {
    let order = |target: &str, timeout: &str| {
        format!(
            "---\nname: Order\nsaga:\n  steps:\n    - {{ at: {target}, action: Takes money }}\nrelationships:\n  - {{ to: pay, description: Pays, dead_letter: {{ to: {target} }}, timeout: {timeout} }}\n---\n"
        )
    };
    let pay = "---\nname: Pay\ndescription: Takes the money of customers\n---\n";
    let (old, new) = (order("pay", "1s"), order("money", "1s").replace("to: pay,", "to: money,"));
    let a = Revision::of(&[("src/order/system.md", &old), ("src/pay/system.md", pay)]);
    let records = "[[moved]]\nfrom = \"pay\"\nto = \"money\"\n";
    let b = Revision::of(&[("loko.toml", records), ("src/order/system.md", &new), ("src/money/system.md", pay)]);
    let found = diff(a.side(), b.side());
    assert_eq!(found.elements.renamed.len(), 1);
    assert_eq!(found.elements.changed, [], "only a name followed");
    assert_eq!(found.relations, Default::default());
    // Another element is another value.
    let other = order("order", "1s").replace("to: pay,", "to: money,");
    let b = Revision::of(&[("loko.toml", records), ("src/order/system.md", &other), ("src/money/system.md", pay)]);
    let found = diff(a.side(), b.side());
    assert_eq!(found.elements.changed[0].fields[0].name, "saga.steps[1].at");
    assert_eq!(found.relations.changed[0].fields[0].name, "dead_letter.to");
}

#[test]
fn a_part_of_something_else_is_moved() {
    let a = Revision::of(&[SYSTEM, API, DB, WEB, PART, ("src/pay/system.md", "---\nname: Pay\n---\n")]);
    let b = Revision::of(&[
        SYSTEM,
        ("src/pay/api/container.md", &API.1.replace("to: db", "to: shop/db")),
        DB,
        ("src/shop/web/container.md", &WEB.1.replace("to: api", "to: pay/api")),
        ("src/pay/api/cart/component.md", PART.1),
        ("src/pay/system.md", "---\nname: Pay\n---\n"),
    ]);
    let diff = diff(a.side(), b.side());
    let [moved] = diff.elements.moved.as_slice() else { panic!("{:#?}", diff.elements) };
    assert_eq!((moved.from.id, moved.to.id, moved.parts), ("shop/api", "pay/api", 1));
    assert!(diff.elements.renamed.is_empty() && diff.relations == Default::default(), "{diff:#?}");
}

#[test]
fn relations_come_go_change_and_lead_elsewhere() {
    let a = base();
    let api = API.1.replace("technology: SQL", "technology: gRPC, timeout: 2s");
    let web = "---\nname: Web\nrelationships:\n  - { to: db, description: Places orders, technology: HTTPS }\n  - { to: api, description: Looks, technology: WS }\n---\n";
    let b = Revision::of(&[SYSTEM, ("src/shop/api/container.md", &api), DB, ("src/shop/web/container.md", web), PART]);
    let diff = diff(a.side(), b.side());
    let [changed] = diff.relations.changed.as_slice() else { panic!("{:#?}", diff.relations) };
    let fields: Vec<(&str, Option<&str>, Option<&str>)> =
        changed.fields.iter().map(|it| (it.name.as_str(), it.before.as_deref(), it.after.as_deref())).collect();
    assert_eq!(fields, [("technology", Some("SQL"), Some("gRPC")), ("timeout", None, Some("2s"))]);
    // Who wishes the same of another element has rewired the relation, although there is a new one to the former.
    let [it] = diff.relations.rewired.as_slice() else { panic!("{:#?}", diff.relations) };
    assert_eq!((it.from.target, it.to.target), ("shop/api", "shop/db"));
    assert_eq!(diff.relations.added.iter().map(|it| it.description).collect::<Vec<_>>(), ["Looks"]);
    assert_eq!(diff.relations.removed, []);
}

#[test]
fn what_is_said_of_an_element_is_compared_key_by_key() {
    let a = base();
    let api = API
        .1
        .replace("technology: Rust", "technology: Go\nreplicas: 3")
        .replace("# Order API\n", "# Order API\n\nMore.\n");
    let b = Revision::of(&[SYSTEM, ("src/shop/api/container.md", &api), DB, WEB, PART]);
    let diff = diff(a.side(), b.side());
    let fields: Vec<&str> = diff.elements.changed[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["technology", "replicas", "prose"]);
}

#[test]
fn prose_alone_reaches_nobody() {
    let a = base();
    let api = API.1.replace("# Order API\n", "# Order API\n\nMore.\n");
    let b = Revision::of(&[SYSTEM, ("src/shop/api/container.md", &api), DB, WEB, PART]);
    let diff = diff(a.side(), b.side());
    assert!(!diff.is_empty());
    assert_eq!(diff.blast_radius, []);
}

#[test]
fn what_is_gone_still_reaches_those_who_needed_it() {
    let a = base();
    let web = "---\nname: Web\n---\n";
    let b = Revision::of(&[SYSTEM, DB, ("src/shop/web/container.md", web)]);
    let diff = diff(a.side(), b.side());
    let removed: Vec<&str> = diff.elements.removed.iter().map(|it| it.id).collect();
    assert_eq!(removed, ["shop/api", "shop/api/cart"]);
    // The web app no longer needs the API, so it changed itself and is not told among those who are merely reached.
    assert_eq!(diff.relations.removed.len(), 2);
    assert_eq!(diff.blast_radius, []);
}

#[test]
fn decisions_environments_views_and_findings_are_compared() {
    let a = Revision::of(&[
        SYSTEM,
        API,
        DB,
        ("decisions/0001-use-rust.md", "---\nstatus: proposed\n---\n# Use Rust\n"),
        ("deployments/live.toml", "name = \"Live\"\n[[node]]\nname = \"EU\"\n[[node.instance]]\nof = \"shop/api\"\n"),
        ("views/buy.toml", "name = \"Buy\"\n[[step]]\nfrom = \"shop/api\"\nto = \"shop/db\"\n"),
    ]);
    let b = Revision::of(&[
        SYSTEM,
        ("src/shop/api/container.md", &API.1.replace("to: db", "to: dbx")),
        DB,
        ("decisions/0001-use-rust.md", "---\nstatus: accepted\n---\n# Use Rust\n"),
        ("decisions/0002-use-sql.md", "---\nstatus: accepted\n---\n# Use SQL\n"),
        (
            "deployments/live.toml",
            "name = \"Live\"\n[[node]]\nname = \"EU\"\n[[node.instance]]\nof = \"shop/api\"\nreplicas = 3\n",
        ),
    ]);
    let diff = diff(a.side(), b.side());
    assert_eq!(diff.decisions.added.iter().map(|it| it.id).collect::<Vec<_>>(), ["0002-use-sql"]);
    assert_eq!(diff.decisions.changed[0].fields[0].after.as_deref(), Some("accepted"));
    assert_eq!(diff.environments.changed.len(), 1);
    assert_eq!(diff.views.removed.len(), 1);
    assert_eq!(diff.findings.appeared.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["unresolved-reference"]);
}

#[test]
fn a_rename_makes_no_finding_come_or_go() {
    let bad =
        |target: &str| format!("---\nname: Order API\ndescription: Takes orders\nrelationships: [{target}]\n---\n");
    let (old, new) = (bad("gone"), bad("gone"));
    let a = Revision::of(&[SYSTEM, ("src/shop/api/container.md", &old), DB]);
    let b = Revision::of(&[SYSTEM, ("src/shop/ordering/container.md", &new), DB]);
    assert_eq!((a.loaded.findings.len(), b.loaded.findings.len()), (1, 1), "{:#?}", a.loaded.findings);
    let named = |revision: &Revision, id: &str| {
        let mut findings = revision.loaded.findings.clone();
        findings[0].message = format!("`{id}` has no owner");
        findings
    };
    let (before, after) = (named(&a, "shop/api"), named(&b, "shop/ordering"));
    let renamed = diff(Side { findings: &before, ..a.side() }, Side { findings: &after, ..b.side() });
    assert_eq!(renamed.elements.renamed.len(), 1);
    assert_eq!(renamed.findings, Default::default());
    let others = named(&b, "shop/db");
    let other = diff(Side { findings: &before, ..a.side() }, Side { findings: &others, ..b.side() });
    assert_eq!((other.findings.appeared.len(), other.findings.went.len()), (1, 1));
}

#[test]
fn there_and_back_again_is_told_the_other_way_round() {
    let a = base();
    let b = Revision::of(&[SYSTEM, API, ("src/shop/cache/container.md", "---\nname: Cache\n---\n"), DB]);
    let (forth, back) = (diff(a.side(), b.side()), diff(b.side(), a.side()));
    let ids = |diff: &Diff<'_>| {
        let id = |it: &loko_model::diff::Named<'_>| it.id.to_owned();
        (
            diff.elements.added.iter().map(id).collect::<Vec<_>>(),
            diff.elements.removed.iter().map(id).collect::<Vec<_>>(),
        )
    };
    let (added, removed) = ids(&forth);
    assert_eq!(ids(&back), (removed, added));
}

#[test]
fn the_picture_marks_by_words_and_lines() {
    let a = base();
    let b = Revision::of(&[
        SYSTEM,
        ("src/shop/api/container.md", &API.1.replace("Rust", "Go").replace("Keeps", "Reads")),
        DB,
        (
            "src/shop/mail/container.md",
            "---\nname: Mail\nrelationships:\n  - { to: db, description: Reads addresses }\n---\n",
        ),
        PART,
    ]);
    let diff = diff(a.side(), b.side());
    let board = picture::board(&a.loaded.model, &b.loaded.model, &diff, &picture::Words::default()).unwrap();
    let labels: Vec<(&str, &str)> =
        board.objects.iter().map(|object| (object.id.as_str(), object.label.text.as_str())).collect();
    assert_eq!(
        labels,
        [
            ("shop", "Shop"),
            ("shop/api", "~ Order API"),
            ("shop/db", "Order DB"),
            ("shop/mail", "+ Mail"),
            ("removed:shop/web", "− Web"),
        ]
    );
    let edges: Vec<(&str, bool)> =
        board.edges.iter().map(|edge| (edge.label.text.as_str(), edge.style.stroke_dash.is_some())).collect();
    assert_eq!(edges, [("~ Reads orders", false), ("+ Reads addresses", false), ("− Places orders", true)]);
    let legend = board.legend.unwrap();
    let told: Vec<&str> = legend.objects.iter().map(|object| object.label.text.as_str()).collect();
    assert_eq!(told, ["+ added", "− removed", "~ changed", "unchanged"]);
}

#[test]
fn a_large_difference_is_drawn_coarser() {
    let files: Vec<(String, String)> = (0..picture::ELEMENTS_MAX * 2)
        .map(|at| (format!("src/s{}/c{at}/container.md", at % 9), format!("---\nname: C{at}\n---\n")))
        .chain((0..9).map(|at| (format!("src/s{at}/system.md"), format!("---\nname: S{at}\n---\n"))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let only: Vec<(&str, &str)> = files.iter().copied().filter(|(path, _)| path.ends_with("system.md")).collect();
    let (a, b) = (Revision::of(&only), Revision::of(&files));
    let diff = diff(a.side(), b.side());
    let board = picture::board(&a.loaded.model, &b.loaded.model, &diff, &picture::Words::default()).unwrap();
    assert_eq!(board.objects.len(), 9);
    assert!(board.objects.iter().all(|object| object.label.text.starts_with("~ ")), "{:#?}", board.objects[0]);
}

#[test]
fn tables_of_behaviour_are_compared_key_by_key() {
    let with = |behaviour: &str| {
        let db = DB.1.replace("technology: PostgreSQL", behaviour);
        Revision::of(&[SYSTEM, API, (DB.0, &db), WEB])
    };
    let before = with("cache: { ttl: 10s, eviction: lru }\ntimeout: 2s");
    let after = with("cache: { ttl: 5s, max_memory: 1 GiB }\ntimeout: { overall: 3s }");
    let diff = diff(before.side(), after.side());
    let told: Vec<(&str, Option<&str>, Option<&str>)> = diff.elements.changed[0]
        .fields
        .iter()
        .map(|it| (it.name.as_str(), it.before.as_deref(), it.after.as_deref()))
        .collect();
    let expected = [
        ("cache.ttl", Some("10s"), Some("5s")),
        ("cache.max_memory", None, Some("1 GiB")),
        ("cache.eviction", Some("lru"), None),
        ("timeout", Some("2s"), Some("{ overall: 3s }")),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_insides_that_differ_between_any_versions_are_drawn_with_all_of_them() {
    let shop = |more: &[(&'static str, &'static str)], left_out: &str| {
        let files = [
            SYSTEM,
            API,
            DB,
            WEB,
            PART,
            ("src/crm/system.md", "---\nname: CRM\n---\n"),
            ("src/crm/app/container.md", "---\nname: App\n---\n"),
        ];
        let files: Vec<_> =
            files.into_iter().filter(|(path, _)| *path != left_out).chain(more.iter().copied()).collect();
        Revision::of(&files)
    };
    // In the second version there is a cache, in the third the cart is gone.
    let cache = [("src/shop/cache/container.md", "---\nname: Cache\n---\n")];
    let (first, second, third) = (shop(&[], ""), shop(&cache, ""), shop(&cache, PART.0));
    let touched = |a: &Revision, b: &Revision| Touched::of(&diff(a.side(), b.side()));
    let told = |versions: &[(&Revision, Touched)]| {
        let names = Names::of(versions.iter().map(|_| &[][..]));
        let versions: Vec<Version<'_>> =
            versions.iter().map(|(it, touched)| Version { model: &it.loaded.model, touched }).collect();
        let inside = |inside: Inside| {
            let objects = inside.board.objects.iter().filter(|it| it.id.starts_with("shop/"));
            let objects: Vec<String> = objects.map(|it| format!("{} {}", it.id, it.classes.join(" "))).collect();
            format!("{} {} {}: {}", inside.kind.name(), inside.id, inside.name, objects.join(", "))
        };
        insides(&versions, &names).into_iter().map(inside).collect::<Vec<_>>()
    };
    let all = [(&third, touched(&second, &third)), (&second, touched(&first, &second)), (&first, Touched::default())];
    assert_eq!(
        told(&all),
        [
            "containers shop Shop: shop/api in-0 in-1 in-2, shop/cache in-0 in-1, shop/db in-0 in-1 in-2, shop/web in-0 in-1 in-2",
            "components shop/api Order API: shop/db in-1 in-2, shop/web in-1 in-2, shop/api in-1 in-2, shop/api/cart in-1 in-2",
        ]
    );
    // What came with the oldest version differs from nothing.
    assert_eq!(
        told(&all[1..]),
        ["containers shop Shop: shop/api in-0 in-1, shop/cache in-0, shop/db in-0 in-1, shop/web in-0 in-1"]
    );
    assert_eq!(told(&[(&second, touched(&first, &second))]), [""; 0]);
}
