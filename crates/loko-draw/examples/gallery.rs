//! Draws every shape, arrowhead, style and theme on hand-placed boards into a folder, for people to look at.
//!
//! `cargo run -p loko-draw --example gallery -- /tmp/gallery`

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "for developers: reads and writes their files")]

use loko_diagram::{
    Arrowhead, ArrowheadShape, Board, Column, Content, Direction, Edge, Field, Method, Notation, NotationKind, Object,
    ObjectId, Placed, PlacedEdge, PlacedObject, Point, Rect, Shape, Style, Text, TextKind, Visibility,
};
use loko_draw::{Look, SvgOptions, Theme, measure, pdf, png, scene, svg, text};
use loko_layout::{Options, layout};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "/tmp/gallery".into());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let boards = [
        ("shapes", shapes()),
        ("styles", styles()),
        ("heads", heads()),
        ("c4", c4()),
        ("texts", texts()),
        ("tables", tables()),
        ("nested", nested()),
    ];
    for (name, board) in &boards {
        let look = Look { legend: true, ..Look::default() };
        let placed = place(board, 5, &look);
        write(folder, name, board, &placed, &look)?;
        write(folder, &format!("{name}-sketch"), board, &placed, &Look { sketch: true, ..Look::default() })?;
    }
    let board = c4();
    for (name, direction) in [("c4-placed", Direction::Down), ("c4-placed-right", Direction::Right)] {
        let look = Look { legend: true, ..Look::default() };
        let placed = layout(&board, &measure(&board, &look), &Options { direction, ..Options::default() });
        write(folder, name, &board, &placed, &look)?;
    }
    let board = themed();
    for theme in Theme::all() {
        let look = Look { theme, dark_theme: None, ..Look::default() };
        let placed = place(&board, 4, &look);
        write(folder, &format!("theme-{}", theme.id), &board, &placed, &look)?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, board: &Board, placed: &Placed, look: &Look) -> Result<(), Box<dyn Error>> {
    let drawn = svg(board, placed, look, &SvgOptions::default());
    std::fs::write(folder.join(format!("{name}.svg")), &drawn)?;
    std::fs::write(folder.join(format!("{name}.png")), png(&drawn, 1.0)?)?;
    std::fs::write(folder.join(format!("{name}.pdf")), pdf(&[&scene(board, placed, look, &SvgOptions::default())])?)?;
    std::fs::write(folder.join(format!("{name}.txt")), text(board, placed))?;
    if look.dark_theme.is_some() {
        let dark = svg(board, placed, &look.clone().only_dark(), &SvgOptions::default());
        std::fs::write(folder.join(format!("{name}-dark.png")), png(&dark, 1.0)?)?;
    }
    Ok(())
}

/// Places top-level objects in rows; containers around their children, which stand in a row; edges straight.
fn place(board: &Board, columns: usize, look: &Look) -> Placed {
    let measures = measure(board, look);
    let children = board.children();
    let mut placed = Placed { objects: vec![PlacedObject::default(); board.objects.len()], ..Placed::default() };
    let (mut x, mut y, mut row) = (0.0, 0.0, 0.0_f64);
    for (at, id) in children[board.objects.len()].iter().enumerate() {
        if at > 0 && at % columns == 0 {
            (x, y, row) = (0.0, y + row + 60.0, 0.0);
        }
        let size = put(&measures, &children, *id, Point::new(x, y), &mut placed);
        x += size.0 + 70.0;
        row = row.max(size.1);
    }
    for (edge, sizes) in board.edges.iter().zip(&measures.edges) {
        let (src, dst) = (placed.objects[edge.src.index()].rect, placed.objects[edge.dst.index()].rect);
        let y = f64::max(src.y, dst.y).midpoint(f64::min(src.bottom(), dst.bottom()));
        let route = if src.right() < dst.x && src.y < dst.bottom() && dst.y < src.bottom() {
            vec![Point::new(src.right(), y), Point::new(dst.x, y)]
        } else {
            let (from, to) = (src.center(), dst.center());
            let middle = src.bottom().midpoint(dst.y);
            vec![
                Point::new(from.x, src.bottom()),
                Point::new(from.x, middle),
                Point::new(to.x, middle),
                Point::new(to.x, dst.y),
            ]
        };
        let middle = if route.len() == 2 {
            Point::new(route[0].x.midpoint(route[1].x), route[0].y)
        } else {
            Point::new(route[1].x.midpoint(route[2].x), route[1].y)
        };
        placed.edges.push(PlacedEdge {
            label: (!sizes.label.is_zero()).then(|| Rect::around(middle, sizes.label)),
            route,
            ..PlacedEdge::default()
        });
    }
    placed.bounds = placed.objects.iter().map(|object| object.rect).reduce(Rect::union).unwrap_or_default();
    placed
}

fn put(
    measures: &loko_diagram::Measures,
    children: &[Vec<ObjectId>],
    id: ObjectId,
    at: Point,
    placed: &mut Placed,
) -> (f64, f64) {
    const PAD: f64 = 30.0;
    let measure = &measures.objects[id.index()];
    let own = &children[id.index()];
    if own.is_empty() {
        let rect = Rect::new(at.x, at.y, measure.size.w, measure.size.h);
        placed.objects[id.index()] = PlacedObject { rect, ..PlacedObject::default() };
        return (rect.w, rect.h);
    }
    let top = measure.label.h + 30.0;
    let (mut x, mut height) = (at.x + PAD, 0.0_f64);
    for child in own {
        let size = put(measures, children, *child, Point::new(x, at.y + top), placed);
        x += size.0 + 80.0;
        height = height.max(size.1);
    }
    let width = (x - 80.0 + PAD - at.x).max(measure.label.w + 2.0 * PAD);
    let rect = Rect::new(at.x, at.y, width, top + height + PAD);
    let label = Rect::new(at.x + (width - measure.label.w) / 2.0, at.y + 12.0, measure.label.w, measure.label.h);
    placed.objects[id.index()] = PlacedObject { rect, label, icon: None, is_container: true };
    (rect.w, rect.h)
}

fn object(name: &str, shape: Shape) -> Object {
    Object { id: name.into(), key: name.into(), label: Text::plain(name), shape, ..Object::default() }
}

fn shapes() -> Board {
    let mut board = Board::default();
    let more = [Shape::Bucket, Shape::Function, Shape::Browser, Shape::Mobile];
    for shape in Shape::D2.into_iter().map(|(_, shape)| shape).chain(more) {
        board.push(object(shape.name(), shape));
    }
    for shape in [Shape::Oval, Shape::Diamond, Shape::Cloud, Shape::Hexagon, Shape::Circle] {
        board.push(object(&format!("{} with\nseveral lines\nof text", shape.name()), shape));
    }
    let mut icon = object("with icon", Shape::Rectangle);
    icon.icon = Some("https://example.com/x.svg".into());
    board.push(icon);
    for (w, h) in [(60.0, 40.0), (110.0, 60.0)] {
        let mut tight = object("a label that is too long for it", Shape::Rectangle);
        (tight.width, tight.height) = (Some(w), Some(h));
        board.push(tight);
    }
    for text in [
        "架构即代码",
        "مرحبا بالعالم",
        "🚀 launch 👩‍👩‍👧",
        "Größe → Ω ≤ π",
        "pneumonoultramicroscopicsilicovolcanoconiosis",
    ] {
        board.push(object(text, Shape::Rectangle));
    }
    board
}

fn styles() -> Board {
    let mut board = Board::default();
    let mut add = |name: &str, style: Style| {
        for shape in [Shape::Rectangle, Shape::Oval, Shape::Hexagon] {
            let mut object = object(name, shape);
            object.id = format!("{name} {}", shape.name());
            object.style = style.clone();
            board.push(object);
        }
    };
    let text = |text: &str| Some(text.to_string());
    let plain = Style::default();
    add("opacity", Style { opacity: Some(0.4), ..plain.clone() });
    add("stroke", Style { stroke: text("crimson"), stroke_width: Some(4.0), ..plain.clone() });
    add("fill", Style { fill: text("#1d4ed8"), ..plain.clone() });
    add("gradient", Style { fill: text("linear-gradient(45deg, #fde68a, #f97316)"), ..plain.clone() });
    for pattern in ["dots", "lines", "grain", "paper"] {
        add(pattern, Style { fill_pattern: text(pattern), ..plain.clone() });
    }
    add("dash", Style { stroke_dash: Some(3.0), ..plain.clone() });
    add("radius", Style { border_radius: Some(20.0), ..plain.clone() });
    add("shadow", Style { shadow: Some(true), ..plain.clone() });
    add("multiple", Style { multiple: Some(true), ..plain.clone() });
    add("3d", Style { three_d: Some(true), ..plain.clone() });
    add("double", Style { double_border: Some(true), ..plain.clone() });
    add("bold italic", Style { bold: Some(true), italic: Some(true), underline: Some(true), ..plain.clone() });
    add("mono caps", Style { font: text("mono"), text_transform: text("uppercase"), ..plain.clone() });
    add("font", Style { font_color: text("purple"), font_size: Some(28.0), ..plain });
    board
}

fn heads() -> Board {
    let mut board = Board::default();
    for (name, shape) in ArrowheadShape::D2 {
        for filled in [None, Some(shape != ArrowheadShape::Triangle)] {
            let a = board.push(object(&format!("a {name} {filled:?}"), Shape::Rectangle));
            let b = board.push(object(&format!("b {name} {filled:?}"), Shape::Oval));
            let mut edge = Edge::new(a, b);
            edge.src_arrow = true;
            let head = Arrowhead { shape: Some(shape), style: Style { filled, ..Style::default() }, label: None };
            (edge.src_arrowhead, edge.dst_arrowhead) = (Some(head.clone()), Some(head));
            edge.label = Text::plain(name);
            board.edges.push(edge);
        }
    }
    board
}

fn notation(kind: NotationKind, type_name: &str, technology: &str, description: &str) -> Notation {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
    Notation {
        kind,
        type_name: type_name.into(),
        technology: some(technology),
        description: some(description),
        external: false,
        badges: vec![],
        tags: vec!["core".into()],
    }
}

fn c4() -> Board {
    let mut board = Board::default();
    let mut add = |name: &str, shape: Shape, parent: Option<ObjectId>, notation: Notation| {
        let mut object = object(name, shape);
        object.parent = parent;
        object.notation = Some(notation);
        board.push(object)
    };
    let customer = add(
        "Customer",
        Shape::C4Person,
        None,
        notation(NotationKind::Person, "Person", "", "Somebody who buys things in the shop."),
    );
    let system = add(
        "Web shop",
        Shape::Rectangle,
        None,
        notation(NotationKind::System, "Software System", "", "Lets customers browse, order and pay."),
    );
    let mut bank = notation(NotationKind::System, "External system", "", "Takes card payments and reports them back.");
    bank.external = true;
    let bank = add("Payment provider", Shape::Rectangle, None, bank);
    let boundary =
        add("Web shop inside", Shape::Rectangle, None, notation(NotationKind::Boundary, "Software System", "", ""));
    let mut api = notation(
        NotationKind::Container,
        "Container",
        "Rust, Axum",
        "Takes orders, checks what is in stock and passes them on to whoever ships them.",
    );
    api.badges = vec!["×3".into(), "new".into()];
    let api = add("Order API", Shape::Rectangle, Some(boundary), api);
    let queue = add(
        "Orders",
        Shape::Queue,
        Some(boundary),
        notation(NotationKind::Container, "Queue", "NATS", "Accepted orders."),
    );
    let store = add(
        "Order store",
        Shape::Cylinder,
        Some(boundary),
        notation(NotationKind::Container, "Database", "PostgreSQL 17", "Orders and their states."),
    );
    let node = add("eu-central-1", Shape::Rectangle, None, notation(NotationKind::DeploymentNode, "Region", "AWS", ""));
    add(
        "Checkout",
        Shape::Rectangle,
        Some(node),
        notation(NotationKind::Component, "Component", "Rust module", "Totals, taxes, vouchers."),
    );
    let images = add(
        "Images",
        Shape::Bucket,
        Some(node),
        notation(NotationKind::Container, "Object store", "S3", "Product pictures."),
    );
    let resize = add(
        "Resize",
        Shape::Function,
        Some(node),
        notation(NotationKind::Container, "Function", "Lambda", "Makes thumbnails."),
    );
    let web = add(
        "Web app",
        Shape::Browser,
        Some(node),
        notation(NotationKind::Container, "Web application", "Svelte", "The shop's pages."),
    );
    let app = add(
        "App",
        Shape::Mobile,
        None,
        notation(NotationKind::Container, "Mobile app", "Kotlin", "The shop in a pocket."),
    );
    let mut relate = |src, dst, label: &str, technology: &str, dashed: bool| {
        let mut edge = Edge::new(src, dst);
        edge.label = Text::plain(label);
        edge.technology = (!technology.is_empty()).then(|| technology.to_string());
        edge.style.stroke_dash = dashed.then_some(4.0);
        board.edges.push(edge);
    };
    relate(customer, system, "buys", "HTTPS", false);
    relate(api, queue, "announces", "NATS", true);
    relate(queue, store, "", "", false);
    relate(customer, web, "browses", "HTTPS", false);
    relate(web, api, "calls", "JSON over HTTPS", false);
    relate(app, api, "calls", "gRPC", false);
    relate(api, bank, "charges cards through", "HTTPS", false);
    relate(resize, images, "reads and writes", "S3", true);
    board.edges[1].merged = 3;
    board
}

fn texts() -> Board {
    let mut board = Board::default();
    let markdown = "# Heading\n\nSome *emphasis*, **strength**, `code()` and a [link](https://example.com).\n\n- one\n- two\n  - deep\n\n1. first\n2. second\n\n> A quotation\n\n| a | b |\n|---|---|\n| 1 | twenty |\n\n```rust\nfn main() {}\n```\n\n- [x] done\n- [ ] open";
    let mut add = |name: &str, shape: Shape, kind: TextKind, text: &str| {
        let mut object = object(name, shape);
        object.label = Text { text: text.into(), kind };
        board.push(object)
    };
    add("md", Shape::Text, TextKind::Markdown, markdown);
    add("md in box", Shape::Rectangle, TextKind::Markdown, "## In a box\n\nwith **text**");
    add(
        "code",
        Shape::Code,
        TextKind::Code("rust".into()),
        "// says hello\nfn main() {\n    let name = \"world\";\n    println!(\"Hello {name}\", 42);\n}",
    );
    add("sql", Shape::Code, TextKind::Code("sql".into()), "SELECT id, total\nFROM orders -- all\nWHERE total > 100;");
    add(
        "tex",
        Shape::Text,
        TextKind::Latex,
        r"\lim_{h \rightarrow 0 } \frac{f(x+h)-f(x)}{h} \leq \sqrt{\alpha_1^2 + \beta}",
    );
    add("tooltip", Shape::Rectangle, TextKind::Plain, "plain <b>&amp; \"quoted\"");
    board
}

fn tables() -> Board {
    let mut board = Board::default();
    let column = |name: &str, type_name: &str, constraints: &[&str]| Column {
        name: name.into(),
        type_name: type_name.into(),
        constraints: constraints.iter().map(ToString::to_string).collect(),
    };
    let mut table = object("orders", Shape::SqlTable);
    table.content = Content::Table(vec![
        column("id", "uuid", &["primary_key"]),
        column("customer_id", "uuid", &["foreign_key", "unique"]),
        column("total", "numeric(10, 2)", &[]),
    ]);
    board.push(table);
    let mut class = object("HTTPServer", Shape::Class);
    let field = |name: &str, type_name: &str, visibility| Field {
        name: name.into(),
        type_name: type_name.into(),
        visibility,
        underline: false,
    };
    class.content = Content::Class {
        fields: vec![field("address", "SocketAddr", Visibility::Public), field("pool", "Pool", Visibility::Private)],
        methods: vec![Method {
            name: "serve(self, router)".into(),
            returns: "Result<()>".into(),
            visibility: Visibility::Protected,
            underline: true,
        }],
    };
    board.push(class);
    let mut empty = object("empty", Shape::SqlTable);
    empty.content = Content::Table(vec![]);
    board.push(empty);
    board
}

fn nested() -> Board {
    let mut board = Board::default();
    let mut parent = None;
    for name in ["outermost", "second", "third", "fourth"] {
        let mut frame = object(name, Shape::Rectangle);
        frame.parent = parent;
        parent = Some(board.push(frame));
        for leaf in ["one", "two"] {
            let mut leaf = object(&format!("{name} {leaf}"), Shape::Rectangle);
            leaf.parent = parent;
            board.push(leaf);
        }
    }
    board
}

fn themed() -> Board {
    let mut board = c4();
    let mut frame = object("container", Shape::Rectangle);
    frame.id = "frame".into();
    let frame = board.push(frame);
    for shape in
        [Shape::Rectangle, Shape::Cylinder, Shape::Queue, Shape::Page, Shape::Person, Shape::Cloud, Shape::Diamond]
    {
        let mut leaf = object(&format!("a {}", shape.name()), shape);
        leaf.parent = Some(frame);
        board.push(leaf);
    }
    for table in tables().objects {
        board.push(table);
    }
    board
}
