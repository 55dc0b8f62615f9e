//! What must be seen in a picture: all that a D2 text says of its looks.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used, reason = "a test looks for fonts")]

use loko_d2::{NoImports, compile};
use loko_diagram::Board;
use loko_draw::scene::{Figure, Geometry, Item, Paint, Scene};
use loko_draw::{Icon, Look, Seg, SvgOptions, label_boxes, measure, scene, svg};
use loko_layout::{Options, layout};
use loko_source::FilePath;

fn board(text: &str) -> Board {
    let compiled = compile(text, &FilePath::new("index.d2").unwrap(), &NoImports);
    assert!(compiled.is_valid(), "{:?}", compiled.error_lines());
    compiled.diagram.root
}

fn drawn(text: &str) -> Scene {
    let (board, look) = (board(text), Look::default());
    scene(&board, &layout(&board, &measure(&board, &look), &Options::default()), &look, &SvgOptions::default())
}

fn picture(text: &str, icons: &(dyn Fn(&str) -> Option<Icon> + Sync)) -> String {
    let (board, look) = (board(text), Look::default());
    let placed = layout(&board, &measure(&board, &look), &Options::default());
    svg(&board, &placed, &look, &SvgOptions { icons, ..SvgOptions::default() })
}

/// All figures with a class, also those inside of groups.
fn figures<'s>(items: &'s [Item], class: &str) -> Vec<&'s Figure> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Group(group) => found.extend(figures(&group.items, class)),
            Item::Figure(figure) if figure.class == class => found.push(&**figure),
            _ => {}
        }
    }
    found
}

#[test]
fn a_board_wears_its_styles() {
    assert!(figures(&drawn("a").backdrop, "board").is_empty(), "nothing was asked for");
    let plain = drawn("a").bounds;
    let scene = drawn("a; style.stroke: red; style.stroke-width: 5; style.stroke-dash: 3");
    let border = figures(&scene.backdrop, "board")[0].stroke.clone().unwrap();
    assert!(border.width == 5.0 && !border.dash.is_empty());
    assert_eq!(scene.bounds.w, plain.w + 10.0, "a border takes no room from what it is around");
    let doubled = drawn("a; style.double-border: true");
    assert_eq!(figures(&doubled.backdrop, "board").len(), 2);
    let scene = drawn("a; style.fill: \"radial-gradient(white, purple)\"");
    assert!(matches!(figures(&scene.backdrop, "board")[0].fill, Paint::Gradient(_)));
    assert!(figures(&drawn("a; style.fill-pattern: dots").backdrop, "board")[0].pattern.is_some());
}

#[test]
fn icons_of_edges_are_drawn_beside_their_labels() {
    let bytes = b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>".to_vec();
    let icons =
        |place: &str| (place == "x.svg").then(|| Icon { media_type: "image/svg+xml".into(), bytes: bytes.clone() });
    for text in ["a -> b: words {icon: x.svg}", "a -> b: {icon: x.svg}"] {
        let svg = picture(text, &icons);
        assert_eq!(svg.matches("<image").count(), 1, "{svg}");
    }
    let size = |text: &str| measure(&board(text), &Look::default()).edges[0].label;
    assert!(size("a -> b: words {icon: x.svg}").w > size("a -> b: words").w + 24.0);
    assert!(!size("a -> b: {icon: x.svg}").is_zero());
}

#[test]
fn tooltips_with_a_place_are_shown() {
    let scene = drawn("a: {tooltip: Some words {near: top-center}}");
    let cards = figures(&scene.items, "tooltip");
    let Geometry::Rect(card, _) = cards[0].geometry else { panic!("a card") };
    assert!(scene.bounds.holds(card), "{card:?} in {:?}", scene.bounds);
    assert!(figures(&drawn("a: {tooltip: Some words}").items, "tooltip").is_empty());
    assert!(picture("a: {tooltip: Some words {near: top-center}}", &|_| None).contains(">Some words<"));
}

#[test]
fn arrows_end_at_what_stands_out_of_a_box() {
    let tip = |text: &str| {
        let scene = drawn(text);
        let heads = figures(&scene.items, "head");
        let Geometry::Path(path) = &heads[0].geometry else { panic!("a triangle") };
        let ends = path.0.iter().filter_map(|seg| match *seg {
            Seg::Move(point) | Seg::Line(point) | Seg::Cubic(_, _, point) => Some(point.y),
            Seg::Close => None,
        });
        ends.fold(f64::MIN, f64::max)
    };
    let plain = tip("a -> b");
    assert_eq!(tip("a -> b; b.style.3d: true"), plain - 12.0);
    assert_eq!(tip("a -> b; b.style.multiple: true"), plain - 9.0);
    assert_eq!(tip("a -> b: {target-arrowhead.shape: triangle}"), plain);
}

#[test]
fn a_long_name_is_not_cut_in_two() {
    let lines = |text: &str| {
        let svg = picture(text, &|_| None);
        svg.contains("generatePresentationPayloadOfAll()")
    };
    assert!(lines("a -> b: generatePresentationPayloadOfAll()"));
    assert!(lines("a -> b: generatePresentationPayloadOfAll() {style.font-size: 24}"));
    assert!(lines("shape: sequence_diagram\na -> b: generatePresentationPayloadOfAll()"));
}

#[test]
fn an_icon_and_a_label_at_the_lower_end_do_not_overlap() {
    let board = board("shape: sequence_diagram\na: User {icon: x.svg; label.near: bottom-center}");
    let placed = layout(&board, &measure(&board, &Look::default()), &Options::default());
    let actor = placed.objects[0];
    assert!(!actor.icon.unwrap().overlaps(actor.label), "{actor:?}");
    assert!(actor.rect.holds(actor.icon.unwrap()));
}

#[test]
fn life_lines_leave_out_the_texts_that_they_pass() {
    let pieces = |text: &str| -> Vec<usize> {
        let scene = drawn(text);
        let lines = figures(&scene.items, "lifeline");
        let count = |figure: &&Figure| match &figure.geometry {
            Geometry::Path(path) => path.0.iter().filter(|seg| matches!(seg, Seg::Move(_))).count(),
            _ => 0,
        };
        lines.iter().map(count).collect()
    };
    let actors = "shape: sequence_diagram\na; b; c\n";
    assert_eq!(pieces(&format!("{actors}a -> c: ok")), [1, 1, 1]);
    assert_eq!(pieces(&format!("{actors}a -> c: a text that is wider than between two of them")), [1, 2, 1]);
}

#[test]
fn labels_beside_the_ends_of_thick_edges_keep_off_their_heads() {
    let off = |text: &str| {
        let (board, look) = (board(text), Look::default());
        let placed = layout(&board, &measure(&board, &look), &Options::default());
        let (edge, size) = (&placed.edges[0], measure(&board, &look).edges[0].dst_label);
        (edge.dst_label.unwrap().x - edge.route[0].x, size.w)
    };
    let (plain, narrow) = off("a -> b: {target-arrowhead: many}");
    let (thick, wide) = off("a -> b: {style.stroke-width: 10; target-arrowhead: many}");
    assert!(plain >= 7.0, "{plain}");
    // The room is a part of the label's box, on both sides of its letters.
    assert!(thick + (wide - narrow) / 2.0 >= 13.0, "{thick} {wide} {narrow}");
}

/// The places that a label or an icon may have: inside, outside and on the border.
fn places() -> Vec<String> {
    let inside = ["top", "center", "bottom"]
        .iter()
        .flat_map(|vertical| ["left", "center", "right"].map(|horizontal| format!("{vertical}-{horizontal}")));
    let around = ["outside", "border"].iter().flat_map(|side| {
        let along = ["top", "bottom"].iter().flat_map(|vertical| {
            ["left", "center", "right"].iter().map(move |horizontal| format!("{vertical}-{horizontal}"))
        });
        let beside = ["left", "right"].iter().flat_map(|horizontal| {
            ["top", "center", "bottom"].iter().map(move |vertical| format!("{horizontal}-{vertical}"))
        });
        along.chain(beside).map(move |place| format!("{side}-{place}")).collect::<Vec<_>>()
    });
    inside.chain(around).collect()
}

#[test]
fn icons_and_labels_do_not_lie_on_each_other() {
    let (mut looked, mut hidden) = (0, Vec::new());
    let none = String::new();
    let places: Vec<String> = std::iter::once(none).chain(places()).collect();
    for icon in &places {
        let near = |name: &str, place: &str| match place {
            "" => String::new(),
            _ => format!("; {name}.near: {place}"),
        };
        let boxes = places.iter().enumerate().map(|(at, label)| {
            let near = format!("{}{}", near("label", label), near("icon", icon));
            format!("leaf{at}: A name {{icon: x.svg{near}}}\nframe{at}: A name {{icon: x.svg{near}; inner}}\n")
        });
        let board = board(&boxes.collect::<String>());
        let placed = layout(&board, &measure(&board, &Look::default()), &Options::default());
        let labels = label_boxes(&board, &placed, &Look::default());
        for ((object, label), placed) in board.objects.iter().zip(labels).zip(&placed.objects) {
            if let (Some(label), Some(icon)) = (label, placed.icon) {
                looked += 1;
                if label.grow(-1.0).overlaps(icon) {
                    hidden.push(format!("{} {:?} {:?}", object.id, object.label_near, object.icon_near));
                }
            }
        }
    }
    assert!(looked == 2 * places.len() * places.len(), "{looked}");
    assert!(hidden.is_empty(), "{} of {looked}:\n{}", hidden.len(), hidden.join("\n"));
}

#[test]
fn letters_that_no_font_has_are_told_of_and_found_in_other_fonts() {
    let scene = drawn("a: 架构 Привет ✅\nb: مرحبا");
    let missing = loko_draw::missing_letters(&scene, &[]);
    assert!(missing.contains(&'架') && missing.contains(&'م') && !missing.contains(&'П') && !missing.contains(&'✅'));
    let [first, second] = ["NotoSansArabic-Regular.ttf", "DejaVuSans.ttf"].map(|name| {
        let folders = ["/usr/share/fonts/truetype/noto", "/usr/share/fonts/truetype/dejavu"];
        folders.iter().find_map(|folder| std::fs::read(std::path::Path::new(folder).join(name)).ok())
    });
    let Some(font) = first.or(second) else {
        eprintln!("skipped: there is no font with Arabic letters at its usual place");
        return;
    };
    let fonts = [font];
    assert!(!loko_draw::missing_letters(&scene, &fonts).contains(&'م'));
    let (with, without) = (loko_draw::pdf_with_fonts(&[&scene], &fonts).unwrap(), loko_draw::pdf(&[&scene]).unwrap());
    assert!(with.len() > without.len(), "the font is part of the file");
    assert!(loko_draw::pdf_with_fonts(&[&scene], &[b"no font".to_vec()]).is_err());
}

#[test]
fn joined_letters_are_not_stretched() {
    let svg = picture("a: مرحبا بالعالم\nb: 架构", &|_| None);
    let stretched: Vec<&str> = svg.split("<text").filter(|text| text.contains("textLength")).collect();
    assert_eq!(stretched.len(), 1, "{svg}");
}
