//! How workspaces have their pages look: colours, files of the theme, templates.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read pages of the book and templates")]

mod common;

use common::{build_with, texts};
use loko_site::{Content, Format, Options, Output};
use loko_source::{Diagnostic, FilePath, Snapshot, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The shop with settings and files of its own.
fn shop_with(settings: &str, more: &[(&str, &str)]) -> Snapshot {
    let mut snapshot = common::shop();
    let text = snapshot.text("loko.toml").unwrap_or_default().to_owned() + settings;
    for (path, text) in [("loko.toml", text.as_str())].iter().chain(more) {
        snapshot.insert(FilePath::new(path).unwrap(), Source::new(*text));
    }
    snapshot
}

fn built(snapshot: &Snapshot, formats: &[Format]) -> Output {
    build_with(snapshot, &Options { formats: formats.to_vec(), ..Options::default() }).0
}

fn with_code<'a>(output: &'a Output, code: &str) -> Vec<&'a Diagnostic> {
    output.findings.iter().filter(|finding| finding.code == code).collect()
}

/// The text that a finding is about.
fn place<'a>(snapshot: &'a Snapshot, finding: &Diagnostic) -> &'a str {
    let place = &finding.primary.as_ref().unwrap().place;
    &snapshot.text(place.path.as_str()).unwrap()[place.span.start as usize..place.span.end as usize]
}

#[test]
fn colours_of_the_site_are_those_of_its_diagrams() {
    let settings = "[site]\ncolors = { system = \"#7c2d12\", accent = \"#0f766e\", paper = \"#fffaf0\" }\n";
    let plain = texts(&common::shop(), &[Format::Html]);
    let own = texts(&shop_with(settings, &[]), &[Format::Html]);
    let page = "systems/ordering.html";
    assert!(own["index.html"].contains("fill=\"#7c2d12\""), "{}", own["index.html"]);
    assert!(!plain["index.html"].contains("#7c2d12"));
    assert!(own["diagrams/landscape.svg"].contains("fill=\"#7c2d12\""));
    assert!(own["styles/style.css"].contains("--system: #7c2d12;"));
    // D2 in prose too.
    let part = |files: &BTreeMap<String, String>| {
        let (_, after) = files[page].split_once("id=\"how-it-works\"").unwrap();
        after.split_once("</svg>").unwrap().0.to_owned()
    };
    assert_ne!(part(&own), part(&plain));
    let view = |snapshot: &Snapshot| {
        let model = loko_model::load(snapshot).model;
        let view = loko_model::view::by_key(&model, "landscape").unwrap();
        loko_site::picture::svg(&model, snapshot, &view)
    };
    assert!(view(&shop_with(settings, &[])).contains("fill=\"#7c2d12\""));
}

#[test]
fn a_theme_that_is_always_light_keeps_its_paper() {
    let paper = "class=\"paper";
    for (settings, has_paper) in
        [("", false), ("[d2]\ntheme = \"C4 classic\"\n", true), ("[d2]\ntheme = \"Dark mauve\"\n", true)]
    {
        let files = texts(&shop_with(settings, &[]), &[Format::Html]);
        assert_eq!(files["index.html"].contains(paper), has_paper, "{settings}");
    }
}

#[test]
fn code_in_prose_is_coloured_by_classes() {
    let text = "---\nname: Catalog\n---\n```yaml\nkey: \"value\" # why\n```\n";
    let files = texts(&shop_with("", &[("src/catalog/system.md", text)]), &[Format::Html]);
    let page = &files["systems/catalog.html"];
    assert!(
        page.contains(
            "key: <span class=\"code-value\">&quot;value&quot;</span> <span class=\"code-remark\"># why</span>"
        ),
        "{page}"
    );
}

#[test]
fn every_page_of_a_published_site_has_a_picture_that_is_there() {
    let files = texts(&shop_with("[site]\nurl = \"https://docs.example.com\"\n", &[]), &[Format::Html]);
    let mut own = BTreeSet::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let Some((_, rest)) = text.split_once("<meta property=\"og:image\" content=\"https://docs.example.com/") else {
            continue;
        };
        let picture = rest.split('"').next().unwrap();
        assert!(files.contains_key(picture), "{path}: {picture}");
        own.insert(picture.to_owned());
    }
    for picture in [
        "og.png",
        "og/containers/ordering_api.png",
        "og/decisions/0001-queue.png",
        "og/systems.png",
        "og/dynamic/buy.png",
    ] {
        assert!(own.contains(picture), "{picture}: {own:?}");
    }
}

#[test]
fn another_colour_makes_pages_with_diagrams_anew() {
    let before = built(&shop_with("[site]\ncolors = { system = \"#7c2d12\" }\n", &[]), &[Format::Html]);
    let after = built(&shop_with("[site]\ncolors = { system = \"#7c2d13\" }\n", &[]), &[Format::Html]);
    for path in ["index.html", "systems/ordering.html", "diagrams/landscape.svg", "styles/style.css"] {
        let path = FilePath::new(path).unwrap();
        assert_ne!(before.files[&path].fingerprint, after.files[&path].fingerprint, "{path}");
    }
}

#[test]
fn colours_that_nobody_could_read_are_told() {
    let snapshot = shop_with("[site]\ndark_colors = { ink = \"#222222\" }\ncolors = { acent = \"red\" }\n", &[]);
    let output = built(&snapshot, &[Format::Html]);
    let told = with_code(&output, "low-contrast");
    assert_eq!(told.len(), 1, "{:?}", output.findings);
    assert_eq!(place(&snapshot, told[0]), "\"#222222\"");
    assert_eq!(place(&snapshot, with_code(&output, "bad-value")[0]), "acent");
}

#[test]
fn files_of_the_theme_are_published_with_it() {
    let style = "@font-face { font-family: Own; src: url(fonts/own.woff2) }\nbody { background: url(gone.png) }\n";
    let settings = "[site]\nnavigation = [{ title = \"All\", href = \"sistems.html\" }, { title = \"Map\", href = \"theme/map.pdf\" }]\n";
    let mut snapshot = shop_with(settings, &[("theme/style.css", style)]);
    for file in ["theme/fonts/own.woff2", "theme/map.pdf"] {
        snapshot.insert_asset(FilePath::new(file).unwrap(), *b"foo");
    }
    let output = built(&snapshot, &[Format::Html, Format::Single]);
    for file in ["files/theme/fonts/own.woff2", "files/theme/map.pdf"] {
        assert!(output.files.contains_key(&FilePath::new(file).unwrap()), "{file}");
    }
    let text = |path: &str| match &output.files[&FilePath::new(path).unwrap()].content {
        Content::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Content::Unchanged => panic!("nothing was there before"),
    };
    assert!(text("styles/style.css").contains("src: url(../files/theme/fonts/own.woff2)"));
    assert!(text("architecture.html").contains("src: url(data:font/woff2;base64,Zm9v)"));
    assert!(text("systems/ordering.html").contains("href=\"../files/theme/map.pdf\""));
    assert_eq!(place(&snapshot, with_code(&output, "bad-style")[0]), "gone.png");
    let lost = with_code(&output, "broken-navigation");
    assert_eq!(lost.len(), 1, "{:?}", output.findings);
    assert_eq!(place(&snapshot, lost[0]), "\"sistems.html\"");
    assert!(lost[0].help.as_deref().unwrap_or_default().contains("systems.html"));
}

#[test]
fn a_template_that_fails_is_told_with_its_line_and_costs_no_page() {
    let own = "{% extends \"loko/element.html\" %}\n{% block parts %}\n{{ page.name | nonsense }}\n{% endblock %}\n";
    let snapshot = shop_with("", &[("theme/templates/element.html", own)]);
    let output = built(&snapshot, &[Format::Html]);
    let told = with_code(&output, "bad-template");
    assert_eq!(told.len(), 1, "{:?}", output.findings);
    assert_eq!(place(&snapshot, told[0]), "{{ page.name | nonsense }}");
    let page = &texts(&snapshot, &[Format::Html])["systems/ordering.html"];
    assert!(page.contains("How it works") && page.contains("Order API"), "{page}");
}

#[test]
fn rows_are_a_list_like_any_other() {
    let groups = "{% for group in page.groups %}[{{ group.rows | length }}: {% for row in group.rows %}{{ row.ref.name }}, {{ loop.last }}; {% endfor %}{{ group.rows[0].technology }}, {{ (group.rows | last).ref.href }}]\n{% endfor %}";
    let own = format!("{{% extends \"loko/facets.html\" %}}{{% block groups %}}{groups}{{% endblock %}}");
    let snapshot = shop_with("", &[("theme/templates/facets.html", &own)]);
    assert_eq!(with_code(&built(&snapshot, &[Format::Html]), "bad-template"), [] as [&Diagnostic; 0]);
    let page = &texts(&snapshot, &[Format::Html])["technologies.html"];
    let plain = &texts(&common::shop(), &[Format::Html])["technologies.html"];
    let told: usize = page.lines().filter(|line| line.starts_with('[')).map(|line| line.matches(';').count()).sum();
    assert!(told > 0 && told == plain.matches("<tr><td class=\"cell-element\">").count(), "{page}");
    assert!(page.contains(".html]\n") && page.contains(", True; ") && !page.contains("[0: "), "{page}");
}

#[test]
fn misspelt_blocks_are_told() {
    let own = "{% extends \"loko/element.html\" %}{% block relatoins %}x{% endblock %}{% block footer %}{% endblock %}";
    let snapshot = shop_with("", &[("theme/templates/element.html", own)]);
    let output = built(&snapshot, &[Format::Html]);
    let told = with_code(&output, "unknown-block");
    assert_eq!(told.len(), 1, "{:?}", output.findings);
    assert_eq!(place(&snapshot, told[0]), "relatoins");
    assert!(told[0].help.as_deref().unwrap_or_default().contains("relations"));
}

/// What stands between backticks in a line.
fn codes(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The blocks of a template, in their order.
fn blocks(text: &str) -> Vec<String> {
    let names = text.split("{% block ").skip(1).filter_map(|rest| rest.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_book_tells_all_templates_and_blocks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = std::fs::read_to_string(root.join("../../docs/templates.md")).unwrap();
    let base = blocks(&std::fs::read_to_string(root.join("templates/base.html")).unwrap());
    let rows: Vec<Vec<&str>> =
        book.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').collect()).collect();
    let (templates, around): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row[1].contains(".html"));
    let told: Vec<String> = around.iter().flat_map(|row| codes(row[1])).collect();
    assert_eq!(told, base, "blocks of base.html");
    let mut known = BTreeSet::from(["base.html".to_owned()]);
    for row in templates {
        let name = codes(row[1]).remove(0);
        let text = std::fs::read_to_string(root.join("templates").join(&name)).unwrap_or_else(|_| panic!("no {name}"));
        let mut own = blocks(&text);
        own.retain(|block| !base.contains(block));
        assert_eq!(row.get(3).map(|cell| codes(cell)).unwrap_or_default(), own, "{name}");
        known.insert(name);
    }
    let all =
        std::fs::read_dir(root.join("templates")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(all.collect::<BTreeSet<_>>(), known);
}

#[test]
fn tables_of_simulations_have_heads_in_the_language_of_the_pages() {
    let (_, mut snapshot) = common::examples().into_iter().find(|(name, _)| name == "shop").expect("the example");
    let file = FilePath::new("loko.toml").expect("a path");
    let settings = snapshot.text("loko.toml").expect("its settings").to_owned() + "\n[site]\nlanguage = \"de\"\n";
    snapshot.insert(file, Source::new(settings));
    let page = &texts(&snapshot, &[Format::Html])["simulations/black-friday.html"];
    assert!(page.contains(">Last</th>") && !page.contains(">load</th>"), "{page}");
}
