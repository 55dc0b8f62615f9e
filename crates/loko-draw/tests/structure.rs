//! What a picture is made of, seen from outside: well-formed, escaped, labelled, the same every time, nothing outside of
//! its box.

use loko_diagram::{
    Arrowhead, ArrowheadShape, Board, Edge, Notation, NotationKind, Object, ObjectId, Placed, PlacedObject, Point,
    Rect, Shape, Style, Text, TextKind,
};
use loko_draw::scene::{Item, Scene};
use loko_draw::{DarkSwitch, Fonts, Icon, Look, SvgOptions, Theme, measure, pdf, png, scene, svg, text};
use loko_layout::layout;
use std::collections::BTreeSet;

fn object(name: &str, shape: Shape) -> Object {
    Object { id: name.into(), key: name.into(), label: Text::plain(name), shape, ..Object::default() }
}

fn place(board: &Board, look: &Look) -> Placed {
    layout(board, &measure(board, look), &loko_layout::Options::default())
}

/// Draws a board and checks what holds for every picture.
fn check(board: &Board, look: &Look, options: &SvgOptions<'_>) -> String {
    let placed = place(board, look);
    let text = svg(board, &placed, look, options);
    assert_eq!(text, svg(board, &placed, look, options), "the same picture has the same bytes");
    let parsed = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut ids = BTreeSet::new();
    for node in parsed.descendants() {
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id.to_string()), "{id} twice in\n{text}");
        }
        for attribute in node.attributes() {
            // A strict policy of a page refuses styles of elements.
            assert_ne!(attribute.name(), "style", "{attribute:?}");
            assert!(!attribute.value().contains("NaN") && !attribute.value().contains("inf"), "{attribute:?}");
        }
    }
    text
}

fn shapes() -> impl Iterator<Item = Shape> {
    let more = [Shape::Bucket, Shape::Function, Shape::Browser, Shape::Mobile];
    Shape::D2.into_iter().map(|(_, shape)| shape).chain(more)
}

fn styles() -> Vec<Style> {
    let text = |text: &str| Some(text.to_string());
    let plain = Style::default();
    vec![
        plain.clone(),
        Style { opacity: Some(0.3), stroke: text("red"), stroke_width: Some(15.0), ..plain.clone() },
        Style { fill: text("linear-gradient(#f00, blue 40%)"), stroke_dash: Some(10.0), ..plain.clone() },
        Style { fill: text("no colour"), fill_pattern: text("grain"), animated: Some(true), ..plain.clone() },
        Style { fill_pattern: text("lines"), border_radius: Some(999.0), shadow: Some(true), ..plain.clone() },
        Style { multiple: Some(true), double_border: Some(true), fill: text("transparent"), ..plain.clone() },
        Style { three_d: Some(true), font: text("mono"), text_transform: text("title"), ..plain.clone() },
        Style { font_size: Some(100.0), bold: Some(true), italic: Some(true), underline: Some(true), ..plain.clone() },
        Style { font_size: Some(f64::NAN), stroke_width: Some(f64::INFINITY), opacity: Some(-1.0), ..plain },
    ]
}

#[test]
fn every_shape_in_every_style_is_well_formed() {
    for style in styles() {
        let mut board = Board::default();
        for shape in shapes() {
            let mut object = object(shape.name(), shape);
            object.style = style.clone();
            object.tooltip = Some("<tip> & \"more\"".into());
            board.push(object);
        }
        for pair in 1..board.objects.len() as u32 {
            let mut edge = Edge::new(ObjectId(pair - 1), ObjectId(pair));
            edge.style = style.clone();
            edge.label = Text::plain("label");
            edge.dst_arrowhead = Some(Arrowhead {
                shape: Some(ArrowheadShape::D2[pair as usize % ArrowheadShape::D2.len()].1),
                label: Some(Text::plain("1..n")),
                style: style.clone(),
            });
            board.edges.push(edge);
        }
        for sketch in [false, true] {
            check(&board, &Look { sketch, ..Look::default() }, &SvgOptions::default());
        }
    }
}

/// Every text of a scene with its box (ascent and descent about it).
fn texts(items: &[Item], out: &mut Vec<(String, Rect)>) {
    for item in items {
        match item {
            Item::Group(group) => texts(&group.items, out),
            Item::Text(lines) => {
                for line in lines {
                    let size = line.runs.iter().map(|run| run.size).fold(0.0, f64::max);
                    let text = line.runs.iter().map(|run| run.text.as_str()).collect();
                    out.push((text, Rect::new(line.start(), line.at.y - size * 0.75, line.width(), size * 0.95)));
                }
            }
            _ => {}
        }
    }
}

fn assert_texts_inside(scene: &Scene, rect: Rect, what: &str) {
    let mut found = Vec::new();
    texts(&scene.items, &mut found);
    assert!(!found.is_empty(), "{what}: no text");
    for (text, bounds) in found {
        assert!(rect.grow(0.6).holds(bounds), "{what}: {text:?} at {bounds:?} is not in {rect:?}");
    }
}

#[test]
fn texts_stay_inside_their_shapes() {
    let long = "a rather long label of several words, antidisestablishmentarianism among them, 架构即代码 🚀";
    for shape in shapes().filter(|shape| *shape != Shape::Image) {
        for text in ["x", "two\nlines", long] {
            for wish in [(None, None), (Some(160.0), None), (Some(260.0), Some(200.0))] {
                let mut object = object("o", shape);
                object.label = Text::plain(text);
                (object.width, object.height) = wish;
                let mut board = Board::default();
                board.push(object);
                let size = measure(&board, &Look::default()).objects[0].size;
                assert!(wish.0.is_none_or(|w| w == size.w || shape.is_square()), "{shape:?}: the wish counts");
                let rect = Rect::new(7.0, 9.0, size.w, size.h);
                let placed = Placed {
                    objects: vec![PlacedObject { rect, ..PlacedObject::default() }],
                    bounds: rect,
                    ..Placed::default()
                };
                let picture = scene(&board, &placed, &Look::default(), &SvgOptions::default());
                // A long text in a small fixed box is the author's wish; it may only not be wider than asked for.
                if wish.1.is_none() && (wish.0.is_none() || text != long) {
                    assert_texts_inside(&picture, rect, &format!("{shape:?} {text:?} {wish:?}"));
                }
            }
        }
    }
}

fn notation(kind: NotationKind) -> Notation {
    Notation {
        kind,
        type_name: "Container".into(),
        technology: Some("Rust, Axum".into()),
        description: Some("Takes orders & passes them on.".into()),
        external: false,
        badges: vec!["×3".into()],
        tags: vec!["pci dss".into()],
    }
}

fn small() -> Board {
    let mut board = Board::default();
    let mut customer = object("Customer", Shape::C4Person);
    customer.notation =
        Some(Notation { type_name: "Person".into(), technology: None, ..notation(NotationKind::Person) });
    let customer = board.push(customer);
    let mut frame = object("shop", Shape::Rectangle);
    frame.notation = Some(Notation { badges: vec![], description: None, ..notation(NotationKind::Boundary) });
    let frame = board.push(frame);
    let mut api = object("shop.api", Shape::Rectangle);
    api.label = Text::plain("Order API");
    api.parent = Some(frame);
    api.classes = vec!["hot path".into()];
    api.notation = Some(notation(NotationKind::Container));
    api.link = Some("https://example.com/?a=1&b=2".into());
    let api = board.push(api);
    let mut edge = Edge::new(customer, api);
    edge.label = Text::plain("orders");
    edge.technology = Some("HTTPS".into());
    board.edges.push(edge);
    board
}

#[test]
fn structure_is_addressable_and_speaks() {
    let options = SvgOptions { fonts: Fonts::Page, id_prefix: "p1-", standalone: false, ..SvgOptions::default() };
    let text = check(&small(), &Look::default(), &options);
    let parsed = roxmltree::Document::parse(&text).unwrap();
    let mut lines = Vec::new();
    for node in parsed.descendants().filter(|node| node.is_element() && node.has_attribute("aria-label")) {
        let names = ["id", "class", "data-id", "data-src", "data-dst", "href", "role", "tabindex", "aria-label"];
        let facts = names.iter().filter_map(|name| node.attribute(*name).map(|value| format!("{name}={value}")));
        lines.push(format!("{} {}", node.tag_name().name(), facts.collect::<Vec<_>>().join(" | ")));
    }
    assert_eq!(
        lines,
        [
            "g id=p1-n-shop | class=node frame shape-rectangle kind-boundary tag-pci-dss | data-id=shop | \
         role=graphics-symbol img | tabindex=0 | aria-label=shop [Container: Rust, Axum]",
            "g id=p1-e-Customer-shop.api-0 | class=edge | data-id=(Customer -> shop.api)[0] | data-src=Customer | \
         data-dst=shop.api | role=graphics-symbol img | tabindex=0 | aria-label=Customer to Order API: orders [HTTPS]",
            "g id=p1-n-Customer | class=node shape-c4-person kind-person tag-pci-dss | data-id=Customer | \
         role=graphics-symbol img | tabindex=0 | aria-label=Customer [Person]: Takes orders & passes them on. ×3",
            "a id=p1-n-shop.api | class=node shape-rectangle kind-container tag-pci-dss hot-path | data-id=shop.api | \
         href=https://example.com/?a=1&b=2 | aria-label=Order API [Container: Rust, Axum]: Takes orders & passes them on. ×3",
        ]
    );
    let root = parsed.root_element();
    assert_eq!(root.attribute("aria-labelledby"), Some("p1-loko-title"));
    let described = parsed.descendants().find(|node| node.attribute("id") == Some("p1-loko-desc")).unwrap();
    assert_eq!(described.text(), Some("A diagram of 3 objects and one connection: Customer, shop, Order API."));
    assert!(!text.contains("@font-face") && !text.starts_with("<?xml"));
}

#[test]
fn dark_colours_follow_the_switch() {
    let with = |dark: &DarkSwitch| check(&small(), &Look::default(), &SvgOptions { dark, ..SvgOptions::default() });
    assert!(with(&DarkSwitch::Media).contains("@media(prefers-color-scheme:dark){#loko .f"));
    let by_page = with(&DarkSwitch::Selector("[data-theme=dark]".into()));
    assert!(by_page.contains("[data-theme=dark] #loko .f") && !by_page.contains("@media"));
    let one = check(&small(), &Look::default().only_dark(), &SvgOptions::default());
    assert!(!one.contains("@media") && one.contains("#10151d"));
}

#[test]
fn harmful_input_does_no_harm() {
    let mut board = small();
    board.objects[0].label = Text::plain("</text><script>alert(1)</script>\u{0}\u{8}");
    board.objects[0].link = Some("javascript:alert(1)".into());
    board.objects[2].link = None;
    board.objects[2].icon = Some("https://tracker.example/pixel.png".into());
    board.objects[2].classes = vec!["\" onload=\"x".into()];
    board.objects[2].style.fill = Some("url(https://tracker.example)".into());
    board.objects[2].label =
        Text { text: "[x](javascript:alert(1)) ![p](https://tracker.example/p.png)".into(), kind: TextKind::Markdown };
    let text = check(&board, &Look::default(), &SvgOptions::default());
    assert!(
        !text.contains("<script") && !text.contains("href=\"javascript") && !text.contains("tracker.example"),
        "{text}"
    );
    assert!(!text.contains("onload=\""), "{text}");
}

#[test]
fn icons_come_from_the_caller_only() {
    let mut board = Board::default();
    let mut picture = object("pic", Shape::Image);
    picture.icon = Some("logo.svg".into());
    board.push(picture);
    let icons = |place: &str| {
        (place == "logo.svg").then(|| Icon {
            media_type: "image/svg+xml".into(),
            bytes: b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
        })
    };
    let with = check(&board, &Look::default(), &SvgOptions { icons: &icons, ..SvgOptions::default() });
    assert!(with.contains("<image ") && with.contains("href=\"data:image/svg+xml;base64,"));
    assert!(!check(&board, &Look::default(), &SvgOptions::default()).contains("<image "));
}

#[test]
fn embedded_fonts_hold_just_the_letters_shown() {
    let text = check(&small(), &Look::default(), &SvgOptions::default());
    assert_eq!(text.matches("@font-face").count(), 2, "regular and bold");
    assert!(text.len() < 40_000, "{}", text.len());
    let bare = check(&small(), &Look::default(), &SvgOptions { fonts: Fonts::Page, ..SvgOptions::default() });
    assert!(bare.len() < 8_000, "{}", bare.len());
}

#[test]
fn pictures_without_things_are_pictures() {
    let text = check(&Board::default(), &Look::default(), &SvgOptions::default());
    assert!(text.contains("no objects and no connections"), "{text}");
    assert!(png(&text, 1.0).is_ok());
}

#[test]
fn boards_without_their_layout_are_drawn_as_far_as_possible() {
    let board = small();
    let text = svg(&board, &Placed::default(), &Look::default(), &SvgOptions::default());
    assert!(roxmltree::Document::parse(&text).is_ok());
    let mut placed = place(&board, &Look::default());
    placed.edges[0].route = vec![Point::new(f64::NAN, 0.0); 2];
    let text = svg(&board, &placed, &Look::default(), &SvgOptions::default());
    assert!(!text.contains("NaN"));
}

#[test]
fn pixels_have_a_limit() {
    let text = check(&small(), &Look::default(), &SvgOptions::default());
    let bytes = png(&text, 1.0).unwrap();
    assert_eq!(&bytes[1..4], b"PNG");
    assert!(png(&text, 1000.0).unwrap_err().to_string().contains("beyond the limit"));
    assert!(png(&text, f64::NAN).is_err());
    assert!(png("<no svg", 1.0).is_err());
}

#[test]
fn every_theme_draws_and_numbers_are_unique() {
    let mut ids = BTreeSet::new();
    for theme in Theme::all() {
        assert!(ids.insert(theme.id), "{} twice", theme.id);
        check(&small(), &Look { theme, dark_theme: None, ..Look::default() }, &SvgOptions::default());
        assert!(std::ptr::eq(Theme::of(theme.id).unwrap(), theme));
    }
    for id in [0, 1, 3, 4, 5, 6, 7, 8, 100, 101, 102, 103, 104, 105, 200, 201, 300, 301, 302, 303] {
        assert!(ids.contains(&id), "D2's theme {id} has no counterpart");
    }
}

#[test]
fn legends_tell_what_occurs() {
    let look = Look { legend: true, ..Look::default() };
    let text = check(&small(), &look, &SvgOptions::default());
    assert!(text.contains(">Person<") && text.contains(">Container<") && text.contains(">Boundary<"));
    assert!(!text.contains(">Component<") && !text.contains(">Asynchronous<"));
    // Marks are explained where there are some, each kind on its own.
    assert!(text.contains(">Number of copies<") && !text.contains(">Pattern and the role in it<"));
    let mut board = small();
    let notation = board.objects.iter_mut().find_map(|object| object.notation.as_mut()).unwrap();
    notation.badges = vec!["circuit-breaker: caller".to_owned()];
    let text = svg(&board, &place(&board, &look), &look, &SvgOptions::default());
    assert!(text.contains(">Pattern and the role in it<"));
    board.objects.iter_mut().filter_map(|object| object.notation.as_mut()).for_each(|notation| notation.badges.clear());
    let text = svg(&board, &place(&board, &look), &look, &SvgOptions::default());
    assert!(text.contains(">Person<") && !text.contains(">Pattern and") && !text.contains(">Number of copies<"));
    // What takes back is told apart from what nobody waits for.
    assert!(!text.contains(">Compensation<"));
    for edge in board.edges.iter_mut().take(1) {
        edge.classes.push(loko_diagram::Edge::UNDOING.to_owned());
        edge.style.stroke_dash = Some(5.0);
    }
    let text = svg(&board, &place(&board, &look), &look, &SvgOptions::default());
    assert!(text.contains(">Compensation<") && !text.contains(">Asynchronous<"));
}

#[test]
fn pdf_has_a_page_for_each_picture_and_the_same_bytes() {
    let (board, look) = (small(), Look::default());
    let picture = scene(&board, &place(&board, &look), &look, &SvgOptions::default());
    let bytes = pdf(&[&picture, &picture]).unwrap();
    assert_eq!(&bytes[..5], b"%PDF-");
    assert_eq!(bytes, pdf(&[&picture, &picture]).unwrap());
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("/Count 2") && text.contains("https://example.com/?a=1&b=2"), "pages and link");
    assert!(text.contains("/FontFile2") || text.contains("/FontFile3"), "fonts are embedded");
    let mut huge = picture.clone();
    huge.bounds.w = 1e6;
    assert!(pdf(&[&huge]).unwrap_err().to_string().contains("beyond the limit"));
}

#[test]
fn terminals_see_names_and_arrows() {
    let board = small();
    let picture = text(&board, &place(&board, &Look::default()));
    for word in ["Customer", "[Person]", "Order API", "orders", "[HTTPS]", "▼", "shop [Container: Rust, Axum]"] {
        assert!(picture.contains(word), "{word} is not in\n{picture}");
    }
}

#[test]
fn icons_are_drawn_in_every_format() {
    let mut board = Board::default();
    let mut picture = object("pic", Shape::Image);
    picture.icon = Some("red.svg".into());
    board.push(picture);
    let red =
        "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='8' height='8' fill='#f00'/></svg>";
    let icons = |_: &str| Some(Icon { media_type: "image/svg+xml".into(), bytes: red.as_bytes().to_vec() });
    let (look, options) = (Look::default(), SvgOptions { icons: &icons, ..SvgOptions::default() });
    let placed = place(&board, &look);
    let without = png(&svg(&board, &placed, &look, &SvgOptions::default()), 1.0).unwrap();
    let with = png(&svg(&board, &placed, &look, &options), 1.0).unwrap();
    assert_ne!(with, without);
    let file = pdf(&[&scene(&board, &placed, &look, &options)]).unwrap();
    assert!(String::from_utf8_lossy(&file).contains("/Subtype /Image") || file.len() > 1000);
}

#[test]
fn lifelines_leave_out_the_names_of_groups() {
    let text = "shape: sequence_diagram\na; b\na group with a name that is long: { a -> b: x }";
    let path = loko_source::FilePath::new("index.d2").unwrap();
    let board = loko_d2::compile(text, &path, &loko_d2::NoImports).diagram.root;
    let placed = place(&board, &Look::default());
    let group = board.ids().find(|id| board.object(*id).label.text.starts_with("a group")).unwrap();
    let name = placed.objects[group.index()].label;
    let scene = loko_draw::scene(&board, &placed, &Look::default(), &SvgOptions::default());
    let mut passed = 0;
    for item in &scene.items {
        let Item::Group(lines) = item else { continue };
        if lines.class != "lifelines" {
            continue;
        }
        for line in &lines.items {
            let Item::Figure(figure) = line else { continue };
            let loko_draw::scene::Geometry::Path(path) = &figure.geometry else { continue };
            let mut from = None;
            for seg in &path.0 {
                match (seg, from) {
                    (loko_draw::Seg::Move(point), _) => from = Some(*point),
                    (loko_draw::Seg::Line(to), Some(start)) => {
                        let is_beside = to.x < name.x || name.right() < to.x;
                        assert!(
                            is_beside || to.y <= name.y || start.y >= name.bottom(),
                            "{start:?} to {to:?}: {name:?}"
                        );
                        passed += usize::from(!is_beside);
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(passed >= 2, "a lifeline passes the name above and below it");
}
