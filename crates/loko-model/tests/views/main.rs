//! Views as text, and what must hold in all of them.

mod builder;
mod custom;
mod dump;
mod examples;
mod properties;

use builder::model;
use dump::dump;
use loko_model::Model;
use loko_model::view::{self, diagram, views};
use loko_source::Snapshot;

/// Draws a view of a model and compares it, as text, with what is expected.
#[track_caller]
fn check(model: &Model, key: &str, expected: &str) {
    let all = views(model);
    let view = all.iter().find(|view| view.key == key);
    let view = view.unwrap_or_else(|| panic!("no view {key} among {:?}", keys(model)));
    let (diagram, findings) = diagram(model, &Snapshot::default(), view);
    assert_eq!(findings, []);
    let indent = expected.lines().filter(|it| !it.trim().is_empty()).map(|it| it.len() - it.trim_start().len()).min();
    let lines = expected.lines().filter(|it| !it.trim().is_empty()).map(|it| &it[indent.unwrap_or(0)..]);
    let expected: String = lines.map(|line| format!("{line}\n")).collect();
    let actual = dump(&diagram.root);
    assert!(actual == expected, "{key} is\n{actual}\nand not\n{expected}");
}

fn keys(model: &Model) -> Vec<String> {
    views(model).into_iter().map(|view| view.key).collect()
}

const SHOP: &str = "
    person customer; Customer
    person auditor; Auditor; ; ; tag=internal
    system shop; Shop; ; Sells things.
    container shop/web; Web shop; TypeScript; ; shape=browser
    container shop/api; Order API; Rust, Axum; Takes orders.; tag=core
    component shop/api/checkout; Checkout
    component shop/api/stock; Stock keeping
    container shop/db; Order database; PostgreSQL; ; shape=database
    container shop/bus; Order events; Kafka; ; shape=topic
    system crm; Customer care
    container crm/desk; Desk
    external bank; Bank
    customer -> shop: Buys things
    customer -> shop/web: Places orders [HTTPS]
    shop/web -> shop/api/checkout: Orders [JSON/HTTPS]
    shop/web -> shop/api/stock: Asks what there is
    shop/api/checkout -> shop/api/stock: Reserves
    shop/api/checkout -> shop/db: Writes orders [SQL]
    shop/api/stock -> shop/db: Reads stock [SQL]
    shop/api/checkout => shop/bus: Tells [Kafka] !order.placed
    shop/bus ~> crm/desk: Delivers
    shop/api/checkout <-> bank: Settles [ISO 20022]
    crm/desk ~> customer: Writes e-mails
    auditor -> bank: Audits
";

#[test]
fn views_are_listed_in_order() {
    let text = format!("{SHOP}\n env live\n run AWS; shop/api\n story buy\n step customer -> shop/web: Buys");
    let expected = [
        "landscape",
        "context/auditor",
        "context/bank",
        "context/crm",
        "containers/crm",
        "context/customer",
        "context/shop",
        "containers/shop",
        "components/shop/api",
        "deployment/live",
        "dynamic/buy",
        "sequence/buy",
    ];
    assert_eq!(keys(&model(&text)), expected);
}

#[test]
fn what_shows_nothing_is_no_view() {
    assert_eq!(keys(&model("")), [""; 0]);
    assert_eq!(keys(&model("system shop\n env empty\n story untold")), ["landscape"]);
}

#[test]
fn the_landscape_shows_people_and_systems() {
    check(
        &model(SHOP),
        "landscape",
        "
        [person] auditor `Auditor` (c4-person)
        [person] customer `Customer` (c4-person)
        [system] crm `Customer care`
        [system] shop `Shop`
        [system] bank `Bank` external
        auditor -> bank: Audits
        crm ~> customer: Writes e-mails
        customer -> shop: Buys things ×2
        shop <-> bank: Settles [ISO 20022]
        shop ~> crm: Delivers
        ",
    );
}

#[test]
fn the_context_shows_direct_neighbours_only() {
    check(
        &model(SHOP),
        "context/crm",
        "
        [person] customer `Customer` (c4-person)
        [system] crm `Customer care`
        [system] shop `Shop`
        crm ~> customer: Writes e-mails
        shop ~> crm: Delivers
        ",
    );
}

#[test]
fn a_system_opens_to_its_containers() {
    // That the customer buys from the shop is told more exactly by the orders placed in the web shop.
    check(
        &model(SHOP),
        "containers/shop",
        "
        [person] customer `Customer` (c4-person)
        {boundary} shop `Shop`
          [container] shop/api `Order API` <Rust, Axum>
          [container] shop/bus `Order events` (queue) <Kafka>
          [container] shop/db `Order database` (cylinder) <PostgreSQL>
          [container] shop/web `Web shop` (browser) <TypeScript>
        [system] crm `Customer care`
        [system] bank `Bank` external
        customer -> shop/web: Places orders [HTTPS]
        shop/api <-> bank: Settles [ISO 20022]
        shop/api ~> shop/bus: Tells [Kafka, order.placed]
        shop/api -> shop/db: Writes orders | Reads stock [SQL] ×2
        shop/bus ~> crm: Delivers
        shop/web -> shop/api: Orders | Asks what there is [JSON/HTTPS] ×2
        ",
    );
}

#[test]
fn a_container_opens_to_its_components_beside_its_siblings() {
    check(
        &model(SHOP),
        "components/shop/api",
        "
        {boundary} shop `Shop`
          [container] shop/bus `Order events` (queue) <Kafka>
          [container] shop/db `Order database` (cylinder) <PostgreSQL>
          [container] shop/web `Web shop` (browser) <TypeScript>
          {boundary} shop/api `Order API`
            [component] shop/api/checkout `Checkout`
            [component] shop/api/stock `Stock keeping`
        [system] bank `Bank` external
        shop/api/checkout <-> bank: Settles [ISO 20022]
        shop/api/checkout -> shop/api/stock: Reserves
        shop/api/checkout ~> shop/bus: Tells [Kafka, order.placed]
        shop/api/checkout -> shop/db: Writes orders [SQL]
        shop/api/stock -> shop/db: Reads stock [SQL]
        shop/web -> shop/api/checkout: Orders [JSON/HTTPS]
        shop/web -> shop/api/stock: Asks what there is
        ",
    );
}

#[test]
fn without_siblings_there_is_no_border_around_the_container() {
    let text = "
        person p
        system s
        container s/c
        component s/c/x
        p -> s/c/x: Uses
        s/c/x -> s: Is part of
    ";
    check(
        &model(text),
        "components/s/c",
        "
        [person] p `p` (c4-person)
        {boundary} s/c `c`
          [component] s/c/x `x`
        p -> s/c/x: Uses
        ",
    );
}

#[test]
fn many_relations_become_one_edge_that_counts_them() {
    let text = "
        system a
        container a/x
        container a/y
        container a/z
        system b
        container b/x
        a/x -> b/x: Reads
        a/y ~> b/x: Writes
        a/z -> b: Deletes everything there is
        a/x => b: Tells
    ";
    let model = model(text);
    check(&model, "landscape", "[system] a `a`\n[system] b `b`\na -> b: 4 relations ×4");
    let view = &views(&model)[0];
    let edge = &view::automatic(&model, view).edges[0];
    let tooltip = edge.tooltip.as_deref().unwrap_or("");
    assert_eq!(tooltip, "x → b: Tells\nx → x: Reads\ny → x: Writes\nz → b: Deletes everything there is");
    assert_eq!(edge.key, "r3 r0 r1 r2");
    assert_eq!(edge.classes, ["event", "sync", "async"]);
}

#[test]
fn only_edges_on_which_nobody_waits_are_dashed() {
    let text = "
        system a
        system b
        system c
        a ~> b: Writes
        a => b: Tells
        a ~> c: Writes
        a -> c: Reads
        b => c: !done
    ";
    check(
        &model(text),
        "landscape",
        "
        [system] a `a`
        [system] b `b`
        [system] c `c`
        a ~> b: Tells | Writes ×2
        a -> c: Reads | Writes ×2
        b ~> c: done
        ",
    );
}

#[test]
fn merged_edges_name_each_technology_once() {
    let text = "
        system a
        system b
        system c
        a -> b: Writes [SQL]
        a -> b: Follows [SQL, logical replication]
        a -> c: Reads [A long name of a protocol, version 1]
        a -> c: Writes [Another one, even longer]
    ";
    check(
        &model(text),
        "landscape",
        "
        [system] a `a`
        [system] b `b`
        [system] c `c`
        a -> b: Follows | Writes [SQL, logical replication] ×2
        a -> c: Reads | Writes ×2
        ",
    );
}

#[test]
fn both_ways_are_one_edge_whoever_states_them() {
    let text = "
        system a
        system b
        a <-> b: Talks
        b <-> a: Listens
        b -> a: Asks
    ";
    let expected = "[system] a `a`\n[system] b `b`\na <-> b: Talks | Listens ×2\nb -> a: Asks";
    check(&model(text), "landscape", expected);
}

#[test]
fn an_environment_shows_nodes_and_what_runs_on_them() {
    let text = format!(
        "{SHOP}
        env live
        node Browser; Firefox
        run Browser; shop/web
        node AWS; Region
        node AWS/EKS; Kubernetes; 3
        run AWS/EKS; shop/api; 2
        run AWS; shop/db
        run Bank of Ours; bank
        "
    );
    check(
        &model(&text),
        "deployment/live",
        "
        {node} live/browser `Browser` <Firefox>
          [container] live/browser/shop/web `Web shop` (browser) <TypeScript>
        {node} live/aws `AWS` <Region>
          {node} live/aws/eks `EKS` <Kubernetes> ×3
            [container] live/aws/eks/shop/api `Order API` <Rust, Axum> ×2
          [container] live/aws/shop/db `Order database` (cylinder) <PostgreSQL>
        {node} live/bank-of-ours `Bank of Ours`
          [system] live/bank-of-ours/bank `Bank` external
        live/aws/eks/shop/api <-> live/bank-of-ours/bank: Settles [ISO 20022]
        live/aws/eks/shop/api -> live/aws/shop/db: Writes orders | Reads stock [SQL] ×2
        live/browser/shop/web -> live/aws/eks/shop/api: Orders | Asks what there is [JSON/HTTPS] ×2
        ",
    );
}

#[test]
fn instances_relate_where_they_are_nearest() {
    let text = "
        system s
        container s/web
        container s/api
        container s/db
        s/web -> s/api: Asks
        s/api -> s/db: Reads
        env live
        run Phone; s/web
        run North/K8s; s/api
        run North; s/db
        run South/K8s; s/api
        run South; s/db
    ";
    let edges = "
        live/north/k8s/s/api -> live/north/s/db: Reads
        live/south/k8s/s/api -> live/south/s/db: Reads
        live/phone/s/web -> live/north/k8s/s/api: Asks
        live/phone/s/web -> live/south/k8s/s/api: Asks
    ";
    assert_eq!(dumped_edges(&model(text), "deployment/live"), lines(edges));
    let apart = "
        system a
        system b
        a -> b: Asks
        env live
        run One; a
        run Two; a
        run Three; b
        run Four; b
    ";
    let edges = "live/one/a -> live/three/b: Asks\nlive/two/a -> live/three/b: Asks";
    assert_eq!(dumped_edges(&model(apart), "deployment/live"), lines(edges));
}

#[test]
fn two_instances_on_one_node_have_two_ids() {
    let text = "system a\n env live\n run One; a\n run One; a";
    let expected = "
        {node} live/one `One`
          [system] live/one/a `a`
          [system] live/one/a~2 `a`
    ";
    check(&model(text), "deployment/live", expected);
}

const STORY: &str = "
    story checkout
    step customer -> shop/web: Orders [HTTPS]
    step shop/web -> shop/api/checkout: Sends the order
    step shop/api/checkout => shop/bus: Tells
    step shop/web <- shop/web: Draws
    step shop/web <- customer: Thanks
";

#[test]
fn a_story_is_drawn_in_numbered_steps() {
    check(
        &model(&format!("{SHOP}{STORY}")),
        "dynamic/checkout",
        "
        [person] customer `Customer` (c4-person)
        {boundary} shop `Shop`
          [container] shop/web `Web shop` (browser) <TypeScript>
          {boundary} shop/api `Order API`
            [component] shop/api/checkout `Checkout`
          [container] shop/bus `Order events` (queue) <Kafka>
        customer -> shop/web: 1: Orders [HTTPS]
        shop/web -> shop/api/checkout: 2: Sends the order
        shop/api/checkout ~> shop/bus: 3: Tells
        shop/web ~> shop/web: 4: Draws
        shop/web ~> customer: 5: Thanks
        ",
    );
}

#[test]
fn a_whole_that_acts_itself_is_no_border() {
    let text = "system s\n container s/c\n story t\n step s -> s/c: Opens";
    check(&model(text), "dynamic/t", "[system] s `s`\n[container] s/c `c`\ns -> s/c: 1: Opens");
}

#[test]
fn a_sequence_has_its_actors_side_by_side() {
    check(
        &model(&format!("{SHOP}{STORY}")),
        "sequence/checkout",
        "
        sequence_diagram
        [person] customer `Customer` (c4-person)
        [container] shop/web `Web shop` (browser) <TypeScript>
        [component] shop/api/checkout `Checkout`
        [container] shop/bus `Order events` (queue) <Kafka>
        customer -> shop/web: 1: Orders [HTTPS]
        shop/web -> shop/api/checkout: 2: Sends the order
        shop/api/checkout ~> shop/bus: 3: Tells
        shop/web ~> shop/web: 4: Draws
        shop/web ~> customer: 5: Thanks
        ",
    );
}

#[test]
fn every_object_leads_to_its_page_and_what_the_view_is_of_up() {
    let model = model(SHOP);
    for view in views(&model) {
        for object in view::automatic(&model, &view).objects {
            let is_scope = view.scope.is_some_and(|ix| model.element(ix).id == object.id);
            let up = || {
                object.id.rsplit_once('/').map_or(view::LANDSCAPE_LINK.to_owned(), |(id, _)| format!("element:{id}"))
            };
            let wanted = if is_scope { up() } else { format!("element:{}", object.id) };
            assert_eq!(object.link, Some(wanted), "{}", view.key);
        }
    }
}

#[test]
fn the_main_view_of_an_element_is_the_one_that_shows_most_of_it() {
    let model = model(&format!("{SHOP}\n system lonely"));
    let all = views(&model);
    let main_views = view::main_views(&model, &all);
    let main = |id: &str| main_views[builder::find(&model, id).index()].map(|view| view.key.as_str());
    assert_eq!(main("shop"), Some("containers/shop"));
    assert_eq!(main("shop/api"), Some("components/shop/api"));
    assert_eq!(main("shop/api/stock"), Some("components/shop/api"));
    assert_eq!(main("shop/db"), Some("containers/shop"));
    assert_eq!(main("bank"), Some("context/bank"));
    assert_eq!(main("lonely"), Some("landscape"));
}

fn dumped_edges(model: &Model, key: &str) -> Vec<String> {
    let all = views(model);
    let view = all.iter().find(|view| view.key == key).expect("the test names a view");
    lines(&dump(&view::automatic(model, view))).into_iter().filter(|line| line.contains(" -> ")).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn a_selected_view_shows_what_its_selectors_pick_at_its_own_level() {
    let text = format!("{SHOP}\n select orders; shop/api/** or shop/db or crm/desk; name:\"Stock*\"; not kind:event");
    check(
        &model(&text),
        "selected/orders",
        "
        {boundary} crm `Customer care`
          [container] crm/desk `Desk`
        {boundary} shop `Shop`
          {boundary} shop/api `Order API`
            [component] shop/api/checkout `Checkout`
          [container] shop/db `Order database` (cylinder) <PostgreSQL>
        shop/api/checkout -> shop/db: Writes orders [SQL]
        ",
    );
    let text = format!("{SHOP}\n select shop; shop/api or shop/api/checkout or bank or shop/db");
    check(
        &model(&text),
        "selected/shop",
        "
        [system] bank `Bank` external
        {boundary} shop `Shop`
          {boundary} shop/api `Order API`
            [component] shop/api/checkout `Checkout`
          [container] shop/db `Order database` (cylinder) <PostgreSQL>
        shop/api/checkout <-> bank: Settles [ISO 20022]
        shop/api/checkout -> shop/db: Writes orders [SQL]
        ",
    );
    let nothing = model(&format!("{SHOP}\n select none; tag:gone"));
    assert!(!keys(&nothing).iter().any(|key| key.starts_with("selected/")), "what picks nothing is no view");
}
