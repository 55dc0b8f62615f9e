//! Answers to questions about small models, and about random ones against plain, slow definitions.

#[path = "../views/builder.rs"]
#[allow(dead_code, reason = "shared with the tests of views")]
mod builder;
mod oracle;

use builder::{find, model};
use loko_model::query::{self, DepsOptions, Filter, SearchOptions};
use loko_model::{Kind, Model};

const SHOP: &str = "
    person customer; Customer; ; Buys things.
    system shop; Shop; ; Sells things.; owner=team-shop
    container shop/web; Web shop; TypeScript; Shows things.; tag=edge
    container shop/api; Order API; Rust, Axum; Takes orders.; tag=core owner=team-orders
    component shop/api/checkout; Checkout
    component shop/api/stock; Stock keeping
    container shop/db; Order database; PostgreSQL; Keeps orders.; shape=database tag=core
    system crm; Customer care
    container crm/desk; Desk
    external bank; Bank
    system island; Island
    customer -> shop/web: Places orders
    shop/web -> shop/api: Orders
    shop/api/checkout -> shop/api/stock: Reserves
    shop/api/checkout -> shop/db: Writes
    shop/api/stock -> shop/db: Reads
    shop/api/checkout -> bank: Settles
    shop/api/checkout ~> crm/desk: Tells
    crm/desk ~> customer: Writes e-mails
";

fn deps_of(model: &Model, id: &str, options: &DepsOptions) -> Vec<String> {
    let found = query::deps(model, find(model, id), options);
    found.results.iter().map(|dep| format!("{} {}", dep.distance, dep.element.id)).collect()
}

fn dependents_of(model: &Model, id: &str, options: &DepsOptions) -> Vec<String> {
    let found = query::dependents(model, find(model, id), options);
    found.results.iter().map(|dep| format!("{} {}", dep.distance, dep.element.id)).collect()
}

const DIRECT: DepsOptions = DepsOptions { transitive: false, depth: None, level: None };
const ALL: DepsOptions = DepsOptions { transitive: true, depth: None, level: None };

#[test]
fn direct_dependencies_are_those_of_all_that_is_inside() {
    let model = model(SHOP);
    assert_eq!(deps_of(&model, "shop/api/stock", &DIRECT), ["1 shop/db"]);
    assert_eq!(deps_of(&model, "shop/api", &DIRECT), ["1 bank", "1 crm/desk", "1 shop/db"]);
    assert_eq!(deps_of(&model, "shop", &DIRECT), ["1 bank", "1 crm/desk"]);
    assert_eq!(dependents_of(&model, "shop/db", &DIRECT), ["1 shop/api/checkout", "1 shop/api/stock"]);
    assert_eq!(dependents_of(&model, "shop", &DIRECT), ["1 customer"]);
    assert_eq!(deps_of(&model, "island", &ALL), [""; 0]);
}

#[test]
fn chains_go_on_inside_what_they_reach() {
    let model = model(SHOP);
    let expected = ["1 shop/web", "2 shop/api", "3 bank", "3 crm/desk", "3 shop/api/stock", "3 shop/db"];
    assert_eq!(deps_of(&model, "customer", &ALL), expected);
    let near = DepsOptions { depth: Some(2), ..ALL };
    assert_eq!(deps_of(&model, "customer", &near), ["1 shop/web", "2 shop/api"]);
    assert_eq!(deps_of(&model, "customer", &DepsOptions { depth: Some(0), ..ALL }), [""; 0]);
}

#[test]
fn a_coarser_level_names_wholes() {
    let model = model(SHOP);
    let level = |kind| DepsOptions { level: Some(kind), ..DIRECT };
    assert_eq!(deps_of(&model, "shop/api", &level(Kind::System)), ["1 bank", "1 crm"]);
    assert_eq!(dependents_of(&model, "shop/db", &level(Kind::Container)), ["1 shop/api"]);
    // The web shop is of the same system as the API, which is no dependency between systems.
    assert_eq!(dependents_of(&model, "shop/api", &level(Kind::System)), [""; 0]);
}

#[test]
fn a_dependency_names_its_relations() {
    let model = model(SHOP);
    let found = query::deps(&model, find(&model, "shop/api"), &DIRECT);
    let database = found.results.iter().find(|dep| dep.element.id == "shop/db").expect("it depends on the database");
    let said: Vec<&str> = database.relations.iter().map(|relation| relation.description).collect();
    assert_eq!(said, ["Writes", "Reads"]);
    let json = serde_json::to_value(database).expect("an answer is JSON");
    assert_eq!(json["id"], "shop/db");
    assert_eq!(json["kind"], "container");
    assert_eq!(json["relations"][0]["source"], "shop/api/checkout");
}

#[test]
fn both_ways_count_for_both() {
    let model = model("system a\n system b\n a <-> b: Talks");
    assert_eq!(deps_of(&model, "b", &DIRECT), ["1 a"]);
    assert_eq!(dependents_of(&model, "a", &DIRECT), ["1 b"]);
}

#[test]
fn a_failure_hits_those_who_wait_harder() {
    let model = model(SHOP);
    let impact = query::impact(&model, find(&model, "bank"));
    let hit: Vec<String> = impact
        .impacted
        .iter()
        .map(|it| format!("{} {} {:?} {}", it.distance, it.element.id, it.coupling, it.via.source))
        .collect();
    let expected = [
        "1 shop/api/checkout Sync shop/api/checkout",
        "2 shop/web Sync shop/web",
        "3 customer Sync customer",
        "4 crm/desk Async crm/desk",
    ];
    assert_eq!(hit, expected);
    assert_eq!((impact.total, impact.sync), (4, 3));
    let systems: Vec<String> = impact.systems.iter().map(|it| format!("{} {}", it.id, it.impacted)).collect();
    assert_eq!(systems, ["shop 2", "crm 1", "customer 1"]);
    assert_eq!(impact.impacted[2].chain, ["customer", "shop/web", "shop/api/checkout", "bank"]);
}

#[test]
fn a_failing_part_hits_whoever_uses_the_whole() {
    let model = model("person p\n system s\n container s/c\n p -> s: Uses");
    let impact = query::impact(&model, find(&model, "s/c"));
    assert_eq!(impact.impacted.iter().map(|it| it.element.id).collect::<Vec<_>>(), ["p"]);
}

fn paths(model: &Model, from: &str, to: &str, count: usize) -> Vec<String> {
    let found = query::path(model, find(model, from), find(model, to), count);
    let chain = |path: &query::path::Path<'_>| {
        path.relations.iter().map(|it| format!("{}>{}", it.source, it.target)).collect::<Vec<_>>().join(" ")
    };
    found.paths.iter().map(chain).collect()
}

#[test]
fn the_shortest_chain_is_found() {
    let model = model(SHOP);
    let expected = ["customer>shop/web shop/web>shop/api shop/api/checkout>shop/db"];
    assert_eq!(paths(&model, "customer", "shop/db", 1), expected);
    assert_eq!(paths(&model, "shop", "crm", 1), ["shop/api/checkout>crm/desk"]);
    assert_eq!(paths(&model, "bank", "customer", 1), [""; 0]);
    assert_eq!(paths(&model, "customer", "shop/db", 0), [""; 0]);
}

#[test]
fn further_chains_follow_by_length() {
    let model = model(SHOP);
    let expected = [
        "customer>shop/web shop/web>shop/api shop/api/checkout>shop/db",
        "customer>shop/web shop/web>shop/api shop/api/stock>shop/db",
        "customer>shop/web shop/web>shop/api shop/api/checkout>shop/api/stock shop/api/stock>shop/db",
    ];
    assert_eq!(paths(&model, "customer", "shop/db", 10), expected);
    assert_eq!(paths(&model, "customer", "shop/db", 2), expected[..2]);
}

#[test]
fn a_search_without_end_is_cut_short() {
    let mut text = String::new();
    for at in 0..40 {
        text.push_str(&format!("system s{at}\n"));
    }
    for a in 0..40 {
        for b in 0..40 {
            if a != b {
                text.push_str(&format!("s{a} -> s{b}: Calls\n"));
            }
        }
    }
    let model = model(&text);
    let found = query::path(&model, find(&model, "s0"), find(&model, "s1"), usize::MAX);
    assert!(found.truncated && found.paths.len() > 100 && found.paths[0].length == 1);
}

fn searched(model: &Model, words: &str) -> Vec<String> {
    let found = query::search(model, words, &SearchOptions::default());
    found.results.iter().map(|hit| format!("{} {}", hit.element.id, hit.matched)).collect()
}

#[test]
fn words_are_found_best_first() {
    let model = model(SHOP);
    assert_eq!(searched(&model, "shop")[..2], ["shop name", "shop/web name"]);
    assert_eq!(searched(&model, "order"), ["shop/api name", "shop/db name", "customer none"][..2]);
    assert_eq!(searched(&model, "POSTGRES"), ["shop/db technology"]);
    assert_eq!(searched(&model, "edge"), ["shop/web tag"]);
    assert_eq!(searched(&model, "takes ord"), ["shop/api description"]);
    assert_eq!(searched(&model, "rust orders"), ["shop/api description"]);
    assert_eq!(searched(&model, "nothing like it"), [""; 0]);
}

#[test]
fn patterns_match_names_and_paths() {
    let model = model(SHOP);
    assert_eq!(searched(&model, "order*"), ["shop/api name", "shop/db name"]);
    assert_eq!(searched(&model, "shop/*"), ["shop/api id", "shop/db id", "shop/web id"]);
    assert_eq!(searched(&model, "**/stock"), ["shop/api/stock id"]);
    assert_eq!(searched(&model, "d?"), ["shop/db id"]);
}

#[test]
fn misspelt_words_find_names_alike() {
    let model = model(SHOP);
    assert_eq!(searched(&model, "ordapi"), ["shop/api spelling"]);
    assert_eq!(searched(&model, "chekcout"), ["shop/api/checkout spelling"]);
}

#[test]
fn a_search_is_narrowed_and_limited() {
    let model = model(SHOP);
    let only = |filter: Filter, limit| {
        let found = query::search(&model, "", &SearchOptions { filter, limit });
        (found.total, found.results.iter().map(|hit| hit.element.id.to_owned()).collect::<Vec<_>>())
    };
    let containers = Filter { kind: Some(Kind::Container), ..Filter::default() };
    assert_eq!(only(containers.clone(), 2), (4, vec!["crm/desk".to_owned(), "shop/api".to_owned()]));
    let core = Filter { tag: Some("CORE".to_owned()), technology: Some("rust".to_owned()), ..containers };
    assert_eq!(only(core, 10), (1, vec!["shop/api".to_owned()]));
}

#[test]
fn lists_hold_what_was_asked_for() {
    let model = model(SHOP);
    let ids = |filter: Filter| query::list(&model, &filter).elements.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(Filter { kind: Some(Kind::Person), ..Filter::default() }), ["customer"]);
    assert_eq!(ids(Filter { tag: Some("co*".to_owned()), ..Filter::default() }), ["shop/api", "shop/db"]);
    // A part has the owner of the nearest whole that names one.
    let owned = |owner: &str| ids(Filter { owner: Some(owner.to_owned()), ..Filter::default() });
    assert_eq!(owned("team-shop"), ["shop", "shop/db", "shop/web"]);
    assert_eq!(owned("team-orders"), ["shop/api", "shop/api/checkout", "shop/api/stock"]);
    let rows = query::list(&model, &Filter::default()).elements;
    let owner = |id: &str| rows.iter().find(|row| row.id == id).and_then(|row| row.owner);
    assert_eq!(
        (owner("shop/db"), owner("shop/api/stock"), owner("crm")),
        (Some("team-shop"), Some("team-orders"), None)
    );
    assert_eq!(ids(Filter { external: Some(true), ..Filter::default() }), ["bank"]);
    let shop = find(&model, "shop");
    assert_eq!(ids(Filter { parent: Some(shop), ..Filter::default() }), ["shop/api", "shop/db", "shop/web"]);
    assert_eq!(ids(Filter { within: Some(shop), ..Filter::default() }).len(), 5);
    assert_eq!(query::list(&model, &Filter::default()).total, model.elements.len());
}

#[test]
fn a_model_in_numbers() {
    let model = model(&format!("{SHOP}\n shop/db -> shop/web: Wakes\n shop/api -> shop/db: Uses"));
    let stats = query::stats(&model);
    let counts = stats.elements;
    assert_eq!((counts.total, counts.people, counts.systems, counts.containers, counts.components), (11, 1, 4, 4, 2));
    assert_eq!((counts.external, stats.depth_max), (1, 3));
    assert_eq!((stats.relations.total, stats.relations.sync, stats.relations.asynchronous), (10, 8, 2));
    assert_eq!(stats.orphans.iter().map(|it| it.id).collect::<Vec<_>>(), ["island"]);
    assert_eq!(stats.cycles, [vec!["shop/api", "shop/db", "shop/web"]]);
    let most = stats.most_connected[0];
    assert_eq!((most.element.id, most.incoming, most.outgoing), ("shop/api/checkout", 0, 4));
}
