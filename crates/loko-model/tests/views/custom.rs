//! Views that somebody drew by hand.

use crate::builder::model;
use crate::keys;
use loko_diagram::Diagram;
use loko_model::Model;
use loko_model::view::{ViewSource, custom, diagram, views};
use loko_source::{Diagnostic, Snapshot};

const SHOP: &str = "
    person customer; ; ; ; d2=src/customer/person.d2
    system shop; Web shop; ; ; d2=src/shop/system.d2
    container shop/api; Order API; ; ; d2=src/shop/api/container.d2
    component shop/api/stock; Stock; ; ; d2=src/shop/api/stock/component.d2
    container shop/db; Order database
    system bank; Bank
    customer -> shop/api: Orders
    shop/api -> bank: Pays
";

fn draw(model: &Model, key: &str, files: &[(&str, &str)]) -> (Diagram, Vec<Diagnostic>) {
    let all = views(model);
    let view = all.iter().find(|view| view.key == key).expect("the test names a view");
    diagram(model, &Snapshot::from_texts(files.iter().copied()), view)
}

/// The ids of all objects of the first board with where they lead.
fn links(diagram: &Diagram) -> Vec<String> {
    let links = diagram.root.objects.iter().map(|it| format!("{} {}", it.id, it.link.as_deref().unwrap_or("-")));
    links.collect()
}

#[test]
fn a_file_stands_for_the_main_view_of_its_element() {
    let model = model(SHOP);
    let drawn: Vec<String> = views(&model)
        .iter()
        .filter_map(|view| match &view.source {
            ViewSource::D2(path) => Some(format!("{} {path}", view.key)),
            ViewSource::Automatic => None,
        })
        .collect();
    let expected = [
        "context/customer src/customer/person.d2",
        "containers/shop src/shop/system.d2",
        "components/shop/api src/shop/api/container.d2",
        "component/shop/api/stock src/shop/api/stock/component.d2",
    ];
    assert_eq!(drawn, expected);
}

#[test]
fn what_is_said_inside_a_box_is_no_box() {
    let text = "
        shop: Web shop {
          description: Sells things
          technology: Rust
          order-api: { technology: \"\"; store }
          order-api.store -> clerk
        }
        clerk: { technology: Pencil; technology.style.fill: red }
        post: { description: Brings letters; description -> clerk }
        news: { description; technology: Paper { ink } }
        bin: { technology: Steel; description: Takes waste }
    ";
    let (diagram, findings) = draw(&model(SHOP), "containers/shop", &[("src/shop/system.d2", text)]);
    assert_eq!(findings, []);
    let ids: Vec<&str> = diagram.root.objects.iter().map(|it| it.id.as_str()).collect();
    let expected = [
        "shop",
        "shop.order-api",
        "shop.order-api.store",
        "shop.clerk",
        "clerk",
        "clerk.technology",
        "post",
        "post.description",
        "post.clerk",
        "news",
        "news.description",
        "news.technology",
        "news.technology.ink",
        "bin",
    ];
    assert_eq!(ids, expected);
    let root = &diagram.root;
    let parents: Vec<&str> = root.objects.iter().filter_map(|it| Some(root.object(it.parent?).id.as_str())).collect();
    assert_eq!(parents, ["shop", "shop.order-api", "shop", "clerk", "post", "post", "news", "news", "news.technology"]);
    let ends: Vec<(&str, &str)> =
        root.edges.iter().map(|it| (root.object(it.src).id.as_str(), root.object(it.dst).id.as_str())).collect();
    assert_eq!(ends, [("shop.order-api.store", "shop.clerk"), ("post.description", "post.clerk")]);
    assert_eq!(root.objects.last().and_then(|it| it.tooltip.as_deref()), Some("Steel\nTakes waste"));

    // An element of that name is one.
    let model = model(&format!("{SHOP}\n component shop/api/description; Description"));
    let (diagram, _) =
        draw(&model, "components/shop/api", &[("src/shop/api/container.d2", "api: { description: Texts }")]);
    assert_eq!(diagram.root.objects.len(), 2);
}

#[test]
fn without_parts_a_file_still_makes_a_view() {
    let model = model("system shop; ; ; ; d2=src/shop/system.d2\n system crm");
    assert_eq!(keys(&model), ["landscape", "containers/shop"]);
}

#[test]
fn boxes_that_are_elements_lead_to_their_pages() {
    let text = "
        shop: Web shop {
          order-api -> store: saves
          store: Order database
          cache
        }
        customer -> shop.order-api: orders
        pays: Bank
        shop.order-api -> pays
        news: { link: https://news.example }
        api: Order API { link: https://api.example }
    ";
    let (diagram, findings) = draw(&model(SHOP), "containers/shop", &[("src/shop/system.d2", text)]);
    assert_eq!(findings, []);
    let expected = [
        "shop view:landscape",
        "shop.order-api element:shop/api",
        "shop.store element:shop/db",
        "shop.cache -",
        "customer element:customer",
        "pays element:bank",
        "news https://news.example",
        "api https://api.example",
    ];
    assert_eq!(links(&diagram), expected);
}

#[test]
fn boards_below_are_linked_too() {
    let text = "x\nlayers: { inside: { stock } }";
    let (diagram, _) = draw(&model(SHOP), "components/shop/api", &[("src/shop/api/container.d2", text)]);
    assert_eq!(diagram.root.layers[0].objects[0].link.as_deref(), Some("element:shop/api/stock"));
}

#[test]
fn files_are_imported_from_the_snapshot() {
    let files = [("src/shop/system.d2", "...@../parts\nbank"), ("src/parts.d2", "customer")];
    let (diagram, findings) = draw(&model(SHOP), "containers/shop", &files);
    assert_eq!(findings, []);
    assert_eq!(links(&diagram), ["customer element:customer", "bank element:bank"]);
    let (_, findings) = draw(&model(SHOP), "containers/shop", &files[..1]);
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn a_broken_file_is_told_and_the_view_drawn_without_it() {
    let (diagram, findings) = draw(&model(SHOP), "containers/shop", &[("src/shop/system.d2", "a -> ")]);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].primary.as_ref().is_some_and(|label| label.place.path.as_str() == "src/shop/system.d2"));
    assert!(links(&diagram).contains(&"shop/db element:shop/db".to_owned()));
}

#[test]
fn a_file_that_is_gone_or_draws_nothing_changes_nothing() {
    for files in [&[][..], &[("src/shop/system.d2", "# to be drawn\n")][..]] {
        let (diagram, findings) = draw(&model(SHOP), "containers/shop", files);
        assert_eq!(findings, []);
        assert!(links(&diagram).contains(&"shop/db element:shop/db".to_owned()));
    }
}

#[test]
fn the_landscape_has_a_file_of_its_own() {
    let model = model(SHOP);
    let files = [("src/context.d2", "Customer -> Web shop")];
    let (diagram, _) = draw(&model, "landscape", &files);
    assert_eq!(links(&diagram), ["Customer element:customer", "Web shop element:shop"]);
    let snapshot = Snapshot::from_texts(files);
    let path = custom::source(&model, &snapshot, &views(&model)[0]);
    assert_eq!(path.as_ref().map(loko_source::FilePath::as_str), Some("src/context.d2"));
}

#[test]
fn an_automatic_view_of_a_component_shows_its_neighbours() {
    let text = format!("{SHOP}\n shop/api/stock -> shop/db: Reads");
    let broken = [("src/shop/api/stock/component.d2", "a -> ")];
    let (diagram, findings) = draw(&model(&text), "component/shop/api/stock", &broken);
    assert_eq!(findings.len(), 1);
    let ids: Vec<&str> = diagram.root.objects.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["shop", "shop/db", "shop/api", "shop/api/stock"]);
}

#[test]
fn a_box_without_a_look_wears_its_elements_notation() {
    let text = "
        shop: { order-api; db: Order database {style.fill: pink} }
        customer -> shop.order-api
        stranger -> shop.db
    ";
    let (diagram, _) = draw(&model(SHOP), "containers/shop", &[("src/shop/system.d2", text)]);
    let worn: Vec<String> = diagram
        .root
        .objects
        .iter()
        .map(|object| {
            let type_name = object.notation.as_ref().map_or("-", |notation| notation.type_name.as_str());
            format!("{}: {} [{type_name}]", object.id, object.label.text)
        })
        .collect();
    let expected = [
        "shop: Web shop [Software system]",
        "shop.order-api: Order API [Container]",
        "shop.db: Order database [-]",
        "customer: customer [Person]",
        "stranger: stranger [-]",
    ];
    assert_eq!(worn, expected);
}
