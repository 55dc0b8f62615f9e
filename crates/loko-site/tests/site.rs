//! What must hold for every page of every workspace.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read the example workspaces")]

mod common;

use common::{build_with, tags, target, texts, workspaces};
use loko_diagram::{Board, Object};
use loko_site::history::{History, Version};
use loko_site::{Content, Format, Input, Memo, Options, Output, Previous, build};
use loko_source::{Diagnostic, FilePath, Snapshot, Source, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// Elements that have no end tag in HTML.
const VOID: [&str; 7] = ["meta", "link", "br", "hr", "img", "input", "wbr"];

fn is_page(path: &str) -> bool {
    path.ends_with(".html") || path.ends_with(".svg")
}

#[test]
fn every_link_leads_somewhere() {
    for (name, snapshot) in workspaces() {
        let files = texts(&snapshot, &[Format::Html]);
        let ids: BTreeMap<&str, BTreeSet<String>> = files
            .iter()
            .filter(|(path, _)| is_page(path))
            .map(|(path, text)| {
                let ids = tags(path, text).iter().filter_map(|tag| tag.attribute("id").map(str::to_owned)).collect();
                (path.as_str(), ids)
            })
            .collect();
        let mut count = 0;
        for (path, text) in files.iter().filter(|(path, _)| is_page(path)) {
            for tag in tags(path, text) {
                for href in ["href", "src"].iter().filter_map(|key| tag.attribute(key)) {
                    if href.contains("://") || href.starts_with("mailto:") {
                        continue;
                    }
                    let (to, fragment) = target(path, href);
                    assert!(files.contains_key(&to), "{name}: {path}: `{href}` leads to {to}, which is not there");
                    if let (Some(fragment), Some(ids)) = (fragment, ids.get(to.as_str())) {
                        assert!(ids.contains(&fragment), "{name}: {path}: {to} has no place `{fragment}`");
                    }
                    count += 1;
                }
            }
        }
        assert!(count > 5, "{name}: only {count} links were looked at");
    }
}

#[test]
fn pages_are_well_formed() {
    for (name, snapshot) in workspaces() {
        for (path, text) in texts(&snapshot, &[Format::Html]).iter().filter(|(path, _)| is_page(path)) {
            let mut open: Vec<String> = Vec::new();
            let mut ids = BTreeSet::new();
            for tag in tags(path, text) {
                if let Some(id) = tag.attribute("id") {
                    assert!(ids.insert(id.to_owned()), "{name}: {path}: the id `{id}` is there twice");
                }
                if tag.is_end {
                    assert_eq!(open.pop().as_deref(), Some(tag.name.as_str()), "{name}: {path}: at byte {}", tag.at);
                } else if !tag.is_closed && !VOID.contains(&tag.name.as_str()) {
                    open.push(tag.name);
                }
            }
            assert!(open.is_empty(), "{name}: {path}: {open:?} stay open");
        }
    }
}

#[test]
fn nothing_is_asked_of_anybody_else_and_nothing_is_inline() {
    for (name, snapshot) in workspaces() {
        for (path, text) in &texts(&snapshot, &[Format::Html]) {
            if path.ends_with(".css") {
                assert!(
                    !text.contains("@import") && !text.contains("url(http") && !text.contains("url(//"),
                    "{name}: {path}"
                );
            }
            if !path.ends_with(".html") {
                continue;
            }
            let mut depth = 0;
            for tag in tags(path, text) {
                match (tag.name.as_str(), tag.is_end) {
                    ("svg", false) => depth += 1,
                    ("svg", true) => depth -= 1,
                    _ => {}
                }
                let loads = ["script", "img", "link", "iframe", "source", "use", "image"].contains(&tag.name.as_str());
                for key in ["src", "href", "xlink:href"] {
                    let away = tag.attribute(key).is_some_and(|url| url.contains("://") || url.starts_with("//"));
                    assert!(!(loads && away), "{name}: {path}: {tag:?} asks somebody else");
                }
                assert!(
                    tag.name != "script" || tag.is_end || tag.attribute("src").is_some(),
                    "{name}: {path}: an inline script"
                );
                assert!(depth > 0 || tag.attribute("style").is_none(), "{name}: {path}: an inline style in {tag:?}");
                assert!(depth > 0 || tag.name != "style", "{name}: {path}: an inline style sheet");
                let handler = tag.attributes.iter().any(|(key, _)| key.starts_with("on"));
                assert!(!handler, "{name}: {path}: an inline handler in {tag:?}");
                let scheme =
                    tag.attribute("href").is_some_and(|url| url.trim_start().to_lowercase().starts_with("javascript:"));
                assert!(!scheme, "{name}: {path}: a link that runs something");
            }
        }
    }
}

const EVIL: &str = "<script>alert('1')</script>";

#[test]
fn names_stay_text() {
    let marker = |name: &str, more: &str| {
        format!(
            "---\nname: \"{EVIL} {name}\"\ndescription: \"{EVIL}\"\ntechnology: \"{EVIL}\"\ntags: [\"{EVIL}\"]\nowner: \"{EVIL}\"\n{more}---\n# {EVIL}\n\n{EVIL}\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) <b>bold</b>\n"
        )
    };
    let mut snapshot = Snapshot::default();
    let texts_of = [
        ("loko.toml", format!("[project]\nname = \"{EVIL}\"\ndescription = \"{EVIL}\"\n")),
        (
            "src/a/system.md",
            marker(
                "A",
                "replicas: 3\nrelationships:\n  - { to: b, description: \"<script>alert('1')</script>\", technology: \"<script>\" }\n",
            ),
        ),
        ("src/b/system.md", marker("B", "")),
        ("src/b/c/container.md", marker("C", "")),
        ("src/broken/system.md", format!("---\nname: [{EVIL}\n---\n")),
        ("decisions/0001-x.md", format!("---\nstatus: \"{EVIL}\"\n---\n# {EVIL}\n")),
    ];
    for (path, text) in texts_of {
        snapshot.insert(FilePath::new(path).expect("a plain path"), Source::new(text));
    }
    let files = texts(&snapshot, &[Format::Html]);
    assert!(files.contains_key("systems/a.html") && files.contains_key("containers/b_c.html"));
    for (path, text) in files.iter().filter(|(path, _)| is_page(path) || path.ends_with(".js")) {
        assert!(!text.contains("<script>alert"), "{path}");
        assert!(!text.contains("<img src=x"), "{path}");
    }
    assert!(files["systems/a.html"].contains("<b>bold</b>"), "harmless tags are kept");
}

#[test]
fn one_bad_file_costs_no_other_page_anything() {
    let good = texts(&common::shop(), &[Format::Html]);
    let mut snapshot = common::shop();
    let path = |text: &str| FilePath::new(text).expect("a plain path");
    snapshot.insert(path("src/broken/system.md"), Source::new("---\nname: [never closed\n---\n# Hi\n"));
    snapshot.insert(path("src/ordering/api/container.d2"), Source::new("a -> {{{"));
    let (output, findings) = build_with(&snapshot, &Options::default());
    assert!(!findings.is_empty());
    for page in good.keys().filter(|page| page.ends_with(".html")) {
        assert!(output.files.contains_key(page.as_str()), "{page} is gone");
    }
    let text = |page: &str| match &output.files[page].content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::Unchanged => String::new(),
    };
    assert!(text("findings.html").contains("src/broken/system.md"));
    assert!(
        text("containers/ordering_api.html").contains("container.d2"),
        "the page shows what is wrong with its drawing"
    );
}

fn bytes(output: &Output) -> BTreeMap<&FilePath, &Content> {
    output.files.iter().map(|(path, file)| (path, &file.content)).collect()
}

#[test]
fn threads_change_nothing() {
    let formats = Format::ALL.map(|(_, format)| format).to_vec();
    let options = Options { formats, ..Options::default() };
    for (name, snapshot) in workspaces() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| build_with(&snapshot, &options).0)
        };
        let (one, many) = (on(1), on(7));
        assert!(bytes(&one) == bytes(&many), "{name}");
        assert_eq!(one.findings, many.findings, "{name}");
    }
}

fn made(output: &Output) -> Vec<&str> {
    let is_made = |content: &Content| matches!(content, Content::Bytes(_));
    output.files.iter().filter(|(_, file)| is_made(&file.content)).map(|(path, _)| path.as_str()).collect()
}

#[test]
fn a_second_build_makes_only_what_changed() {
    let snapshot = common::shop();
    let (first, _) = build_with(&snapshot, &Options::default());
    let previous: Previous = first.files.iter().map(|(path, file)| (path.clone(), file.fingerprint)).collect();
    let options = Options { previous: Some(&previous), ..Options::default() };
    let (second, _) = build_with(&snapshot, &options);
    assert_eq!(first.files.keys().collect::<Vec<_>>(), second.files.keys().collect::<Vec<_>>());
    assert_eq!(made(&second), Vec::<&str>::new());

    let mut edited = snapshot.clone();
    let path = FilePath::new("src/catalog/system.md").expect("a plain path");
    let text = edited.text(path.as_str()).expect("it is there").to_owned() + "\nMore prose.\n";
    edited.insert(path, Source::new(text));
    let (third, _) = build_with(&edited, &options);
    assert_eq!(made(&third), ["js/search-words.js", "systems/catalog.html"]);
}

#[test]
fn a_memo_gives_the_same_bytes() {
    let snapshot = common::shop();
    let memo = Memo::new();
    let options = Options { memo: Some(&memo), ..Options::default() };
    let (plain, _) = build_with(&snapshot, &Options::default());
    let (first, _) = build_with(&snapshot, &options);
    let (second, _) = build_with(&snapshot, &options);
    assert!(plain.files == first.files && first.files == second.files);
}

#[test]
fn old_addresses_of_components_lead_on() {
    let files = texts(&common::shop(), &[Format::Html]);
    assert!(
        files["components/checkout.html"].contains("url=../components/ordering_api_checkout.html"),
        "{}",
        files["components/checkout.html"]
    );
    assert!(files.contains_key("components/ordering_api_checkout.html"));
}

#[test]
fn placeholders_and_diagrams_in_prose_are_filled_in() {
    let page = &texts(&common::shop(), &[Format::Html])["systems/ordering.html"];
    assert!(!page.contains("{{"), "a placeholder is left");
    let prose = &page[page.find("class=\"prose\"").expect("prose")..];
    assert!(prose.contains("../containers/ordering_api.html"), "the table links to the containers");
    assert!(prose.contains("<svg"), "the D2 block is drawn");
    assert!(!page.contains("javascript:"), "no link runs anything");
}

#[test]
fn a_broken_diagram_shows_its_lines_where_it_would_stand() {
    let text = "---\nname: Ordering\n---\n# Ordering\n\n```d2\na -> b\nc ->\n```\n";
    let snapshot = shop_with("", &[("src/ordering/system.md", text)]);
    let page = &texts(&snapshot, &[Format::Html])["systems/ordering.html"];
    let note = &page[page.find("note-error").expect("it is told in the prose")..];
    for part in ["<p class=\"frame-place\">src/ordering/system.md:8:", "<span class=\"line-number\">8</span>", "<mark>"]
    {
        assert!(note.contains(part), "{part}: {note}");
    }
}

#[test]
fn errors_are_shown_with_their_source_and_the_rest_is_folded() {
    let snapshot = common::shop();
    let loaded = loko_model::load(&snapshot);
    let file = FilePath::new("src/ordering/system.md").expect("a path");
    let at = |finding: Diagnostic, place: usize| finding.at(&file, Span::new(place, place + 1), "");
    let mut findings = vec![at(Diagnostic::error("bad", "it is bad"), 4)];
    findings.extend((0..5).map(|number| at(Diagnostic::warning("odd", format!("it is odd: {number}")), 9 + number)));
    let options = Options::default();
    let input = Input { snapshot: &snapshot, model: &loaded.model, findings: &findings, options: &options };
    let output = build(&input);
    let text = |path: &str| match &output.files[&FilePath::new(path).expect("a path")].content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::Unchanged => String::new(),
    };
    let page = text("systems/ordering.html");
    let (error, fold) =
        (page.find("<div class=\"finding finding-error\">"), page.find("<details class=\"findings-folded\">"));
    assert!(error.is_some() && error < fold && fold < page.find("data-drawing"), "{page}");
    assert!(page.contains("5 warnings</summary>") && page.matches("<details class=\"finding ").count() == 5);
    // The page of all has the worst first, and ways to each kind.
    let all = text("findings.html");
    assert!(all.contains("href=\"#s-warnings\"") && all.contains("data-filter"), "{all}");
    assert!(all.find("id=\"s-errors\"").expect("errors") < all.find("id=\"s-warnings\"").expect("warnings"));
    assert!(text("js/main.js").contains("globalThis.lokoFindings = [1,5,\"1 error, 5 warnings\"];"));
}

#[test]
fn the_search_finds_places_and_pages_that_tell_of_many() {
    let contexts = "[[context]]\nid = \"sales\"\nname = \"Sales\"\nelements = [\"ordering\"]\n[context.language]\nLine = \"One thing of an order\"\n";
    let index = &texts(&shop_with("", &[("contexts.toml", contexts)]), &[Format::Html])["js/search-index.js"];
    let has = |parts: &[&str]| index.lines().any(|row| parts.iter().all(|part| row.contains(part)));
    for parts in [
        &["[\"Findings\",\"Page\",\"findings.html\""][..],
        &["[\"Coupling\",\"Page\",\"coupling.html\""],
        &["[\"PostgreSQL\",\"Technology\",\"technologies.html#v-postgresql\""],
        &["[\"team-orders\",\"Owner\",\"owners.html#v-team-orders\""],
        &["[\"Line\",\"Word\",\"glossary.html#t-line\"", "One thing of an order"],
        &["[\"A queue\",\"Decision\"", "\"ADR 1 0001\""],
        // What a relation is made with is found at its source.
        &["[\"Order API\"", " SQL"],
    ] {
        assert!(has(parts), "{parts:?}: {index}");
    }
}

#[test]
fn a_document_for_paper_is_one_file() {
    let options = Options { formats: vec![Format::Pdf], ..Options::default() };
    let output = build_with(&common::shop(), &options).0;
    let files: Vec<_> = output.files.iter().collect();
    let [(path, file)] = files.as_slice() else { panic!("{:?} were made", output.files.keys()) };
    assert_eq!(path.as_str(), "architecture.pdf");
    assert!(matches!(&file.content, Content::Bytes(bytes) if bytes.starts_with(b"%PDF-")));
    assert!(output.findings.is_empty(), "{:?}", output.findings);
}

#[test]
fn the_boards_inside_a_diagram_are_drawn_and_linked() {
    let snapshot = Snapshot::from_texts([
        ("src/shop/system.md", "---\nname: Shop\n---\n"),
        (
            "src/shop/shop.d2",
            "api: API { link: layers.detail }\nlayers: {\n  detail: {\n    label: The detail\n    inner -> part\n    layers: { deep: { deepest } }\n  }\n}\n",
        ),
    ]);
    let files = texts(&snapshot, &[Format::Html]);
    let pictures: Vec<&str> = files.keys().map(String::as_str).filter(|path| path.ends_with(".svg")).collect();
    assert!(pictures.contains(&"diagrams/shop/detail.svg"), "{pictures:?}");
    assert!(pictures.contains(&"diagrams/shop/detail/deep.svg"), "{pictures:?}");
    let page = &files["systems/shop.html"];
    assert!(page.contains("Containers of Shop: The detail"), "the board has a name of its own");
    assert!(page.contains("href=\"../diagrams/shop/detail.svg\""), "the link leads to the board");
    assert!(files["diagrams/shop.svg"].contains("href=\"../diagrams/shop/detail.svg\""), "and does so in the file");
}

#[test]
fn a_crowded_landscape_is_a_map_and_the_whole_beside_it() {
    let mut files: Vec<(String, String)> = Vec::new();
    for at in 0..14 {
        let others = (1..6).map(|by| format!("  - to: s{}\n    description: Asks {by}\n", (at + by) % 14));
        let relations: String = others.collect();
        files.push((
            format!("src/s{at}/system.md"),
            format!("---\nname: System {at}\nrelationships:\n{relations}---\n"),
        ));
    }
    let snapshot = Snapshot::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let files = texts(&snapshot, &[Format::Html]);
    let home = &files["index.html"];
    assert!(
        home.contains("System landscape: the strongest relations") && home.contains("System landscape: every relation")
    );
    let lines = |path: &str| files[path].matches("data-from=").count().max(files[path].matches("class=\"edge").count());
    let (map, whole) = (lines("diagrams/landscape.svg"), lines("diagrams/landscape-every-relation.svg"));
    assert!(map > 0 && map < whole, "{map} of {whole} lines");
}

/// The shop with another `loko.toml`, and more files.
fn shop_with(settings: &str, more: &[(&str, &str)]) -> loko_source::Snapshot {
    let mut snapshot = common::shop();
    let text = snapshot.text("loko.toml").unwrap_or_default().to_owned() + settings;
    for (path, text) in [("loko.toml", text.as_str())].iter().chain(more) {
        snapshot.insert(FilePath::new(path).expect("a plain path"), loko_source::Source::new(*text));
    }
    snapshot
}

#[test]
fn addresses_from_before_a_rename_lead_on() {
    let moved = "[[moved]]\nfrom = \"orders\"\nto = \"ordering\"\n[[moved]]\nfrom = \"ordering/server\"\nto = \"ordering/api\"\n";
    let files = texts(&shop_with(moved, &[]), &[Format::Html]);
    for (old, new) in [
        ("systems/orders.html", "../systems/ordering.html"),
        ("containers/orders_api.html", "../containers/ordering_api.html"),
        ("containers/ordering_server.html", "../containers/ordering_api.html"),
        ("components/ordering_server_checkout.html", "../components/ordering_api_checkout.html"),
    ] {
        assert!(
            files[old].contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={new}\">")),
            "{old}: {}",
            files[old]
        );
        assert!(files[old].contains("Content-Security-Policy\" content=\"default-src 'none'"), "{old}: {}", files[old]);
    }
    // So do the second pages that they had below `markdown/`.
    for (old, new) in [
        ("markdown/systems/orders.html", "../../systems/ordering.html"),
        ("markdown/containers/ordering_server.html", "../../containers/ordering_api.html"),
        ("markdown/components/orders_api_checkout.html", "../../components/ordering_api_checkout.html"),
    ] {
        assert!(files[old].contains(&format!("data-onward=\"{new}\"")), "{old}: {}", files[old]);
    }
    let moved = "[[moved]]\nfrom = \"ordering/api/payment\"\nto = \"ordering/api/checkout\"\n";
    let files = texts(&shop_with(moved, &[]), &[Format::Html]);
    for (old, new) in [
        ("components/payment.html", "../components/ordering_api_checkout.html"),
        ("markdown/components/payment.html", "../../components/ordering_api_checkout.html"),
        ("components/checkout.html", "../components/ordering_api_checkout.html"),
    ] {
        assert!(files[old].contains(&format!("data-onward=\"{new}\"")), "{old}: {}", files[old]);
    }
}

#[test]
fn addresses_of_other_times_lead_on() {
    let files = texts(&shop_with("", &[]), &[Format::Html]);
    for (old, new) in [
        ("markdown/systems/ordering.html", "../../systems/ordering.html"),
        ("markdown/containers/ordering_api.html", "../../containers/ordering_api.html"),
        ("markdown/components/checkout.html", "../../components/ordering_api_checkout.html"),
        ("markdown/components/ordering_api_checkout.html", "../../components/ordering_api_checkout.html"),
    ] {
        assert!(files[old].contains(&format!("data-onward=\"{new}\"")), "{old}: {}", files[old]);
        assert!(files[old].contains("src=\"../../js/onward.js\""), "{old}: {}", files[old]);
    }
    assert!(!files.keys().any(|path| path.starts_with("markdown/people/")), "persons had no such page");
    let second = "---\nname: Checkout\n---\n";
    let files = texts(
        &shop_with(
            "",
            &[
                ("src/catalog/web/container.md", "---\nname: Web\n---\n"),
                ("src/catalog/web/checkout/component.md", second),
            ],
        ),
        &[Format::Html],
    );
    let page = &files["components/checkout.html"];
    for wanted in [
        "Several pages could be meant",
        "href=\"../components/ordering_api_checkout.html\"",
        "href=\"../components/catalog_web_checkout.html\"",
    ] {
        assert!(page.contains(wanted), "{page}");
    }
    assert!(!page.contains("refresh") && !page.contains("data-onward"), "{page}");
}

#[test]
fn large_sites_are_not_doubled_for_second_pages_of_other_times() {
    // As many elements as have second pages at most; the shop has some, its customer had none.
    let most = 500;
    let with = |count: usize| {
        let systems: Vec<(String, String)> =
            (0..count).map(|at| (format!("src/s{at}/system.md"), format!("---\nname: S{at}\n---\n"))).collect();
        let systems: Vec<(&str, &str)> = systems.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let files = texts(&Snapshot::from_texts(systems), &[Format::Html]);
        files.keys().filter(|path| path.starts_with("markdown/")).count()
    };
    assert_eq!(with(most), most, "each of them has one");
    assert_eq!(with(most + 1), 0, "none has one");
}

/// Where headings of a page lead: their anchors, and what stands in front of them as further ones.
fn anchors(page: &str) -> Vec<String> {
    let tags = tags("page", page);
    let is_anchor = |at: &usize| {
        let is_in_heading = tags[..*at].iter().rev().take(3).any(|tag| matches!(tag.name.as_str(), "h2" | "h3"));
        is_in_heading && matches!(tags[*at].name.as_str(), "a" | "span")
    };
    let ids = (0..tags.len()).filter(is_anchor).filter_map(|at| tags[at].attribute("id").map(str::to_owned));
    ids.collect()
}

#[test]
fn a_heading_keeps_the_anchor_that_it_names() {
    let prose = "---\nname: Stock\n---\n# Stock\n\nSee [why](#why) and [odd](#purpose).\n\n## Purpose {#why}\n\nText.\n\n## Why\n\nText.\n\n### Limits {#limits} ###\n\nText.\n\n## Again {#why}\n\n## {#alone}\n\n## A {#b c}\n";
    let snapshot = shop_with("", &[("src/stock/system.md", prose)]);
    let files = texts(&snapshot, &[Format::Html, Format::Markdown]);
    let page = &files["systems/stock.html"];
    let found: Vec<String> = anchors(page).into_iter().filter(|id| !id.starts_with("s-")).collect();
    assert_eq!(found, ["purpose", "why", "why-2", "limits", "again", "alone", "a-b-c"], "{page}");
    for wanted in ["</a>Purpose</h2>", "</a>Limits</h3>", "href=\"#why\">Purpose</a>", "</a>A {#b c}</h2>"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    // Where other programs make anchors, links go by the words.
    let markdown = &files["systems/stock.md"];
    assert!(markdown.contains("[why](#purpose)") && markdown.contains("## Purpose\n"), "{markdown}");
    let decision = "---\nstatus: accepted\n---\n# 2. Keep it {#kept}\n";
    let files = texts(&shop_with("", &[("decisions/0002-keep.md", decision)]), &[Format::Html]);
    assert!(files["decisions/0002-keep.html"].contains("<h1>Keep it</h1>"), "{}", files["decisions/0002-keep.html"]);
}

#[test]
fn relations_keep_the_anchors_that_they_had_before_a_rename() {
    let moved = "[[moved]]\nfrom = \"orders\"\nto = \"ordering\"\n";
    let anchor = |source: &str, target: &str, what: &str| loko_model::Relation::stable_id(source, target, what);
    let kept = [
        ("containers/ordering_api.html", anchor("orders/api", "orders/db", "Reads and writes").to_string()),
        ("containers/ordering_db.html", format!("{}-in", anchor("orders/api", "orders/db", "Reads and writes"))),
        ("people/customer.html", anchor("customer", "orders", "Buys things").to_string()),
    ];
    let (with, without) = (texts(&shop_with(moved, &[]), &[Format::Html]), texts(&shop_with("", &[]), &[Format::Html]));
    for (page, id) in kept {
        let place = format!("<span id=\"r-{id}\"></span>");
        assert!(with[page].contains(&place), "{page} has no {place}: {}", with[page]);
        assert!(!without[page].contains(&place), "{page}");
    }
    // So do the groups of the overviews.
    assert!(with["containers.html"].contains("<span id=\"in-orders\"></span>"), "{}", with["containers.html"]);
}

#[test]
fn a_published_site_says_where_it_is() {
    let files = texts(&shop_with("[site]\nurl = \"https://docs.example.com\"\n", &[]), &[Format::Html]);
    assert!(files["sitemap.xml"].contains("<loc>https://docs.example.com/systems/ordering.html</loc>"));
    let page = &files["systems/ordering.html"];
    assert!(
        page.contains("<link rel=\"canonical\" href=\"https://docs.example.com/systems/ordering.html\">"),
        "{page}"
    );
    let picture = |page: &str, path: &str| {
        let tag = format!("<meta property=\"og:image\" content=\"https://docs.example.com/{path}\">");
        assert!(files[page].contains(&tag), "{page}: {}", files[page]);
    };
    picture("index.html", "og.png");
    picture("systems/ordering.html", "og/systems/ordering.png");
    assert!(files["feed.xml"].contains("<link>https://docs.example.com/decisions/0001-queue.html</link>"));
    let plain = texts(&common::shop(), &[Format::Html]);
    assert!(!plain.contains_key("sitemap.xml") && plain["feed.xml"].contains("A queue"));
}

#[test]
fn templates_are_overridden_block_by_block_and_broken_ones_cost_nothing() {
    let own = "{% extends \"loko/base.html\" %}{% block footer %}<p>Internal</p>{% endblock %}";
    let files =
        texts(&shop_with("", &[("theme/templates/base.html", own), ("theme/style.css", ".own{}")]), &[Format::Html]);
    let page = &files["systems/ordering.html"];
    assert!(
        page.contains("<p>Internal</p>") && page.contains("How it works") && !page.contains("Generated by loko"),
        "{page}"
    );
    assert!(files["styles/style.css"].ends_with(".own{}"));
    let broken = shop_with("", &[("theme/templates/base.html", "\n{% block %}")]);
    let (output, _) = build_with(&broken, &Options::default());
    assert!(output.findings.iter().any(|it| it.code == "bad-template"), "{:?}", output.findings);
    assert!(texts(&broken, &[Format::Html])["systems/ordering.html"].contains("Generated by loko"));
}

#[test]
fn the_site_in_one_file_leads_only_to_itself() {
    for (name, snapshot) in workspaces() {
        let files = texts(&snapshot, &[Format::Single]);
        let text = &files["architecture.html"];
        let mut ids = std::collections::BTreeSet::new();
        let mut links = Vec::new();
        for tag in tags("architecture.html", text) {
            if let Some(id) = tag.attribute("id") {
                assert!(ids.insert(id.to_owned()), "{name}: {id} stands twice");
            }
            if let Some(to) = tag.attribute("href") {
                links.push(to.to_owned());
            }
        }
        for link in links.iter().filter(|link| !link.contains(':')) {
            let id = link.strip_prefix('#').unwrap_or_else(|| panic!("{name}: {link} leads out of the file"));
            assert!(ids.contains(id), "{name}: {link} leads nowhere");
        }
    }
}

#[test]
fn numbers_are_written_for_people() {
    let buyer = ("src/buyer/person.md", "---\nname: Buyer\nrelationships:\n  - { to: shop, description: Buys }\n---\n");
    let shop = "---\nname: Shop\nservice_time: { p50: 12ms, p99: 2500ms }\nconcurrency: 12000\n---\n";
    let scenario = "name = \"Sale of 2026\"\nduration = \"10min\"\n\n[[load]]\nname = \"browse\"\nfrom = \"buyer\"\nto = \"shop\"\nprofile = { kind = \"constant\", rate = \"1500rps\" }\n";
    let all = [buyer, ("src/shop/system.md", shop), ("scenarios/sale.toml", scenario)];
    let files = texts(&Snapshot::from_texts(all), &[Format::Html]);
    let page = &files["systems/shop.html"];
    assert!(page.contains("2,500 ms") && page.contains("12,000"), "{page}");
    let page = &files["simulations/sale.html"];
    assert!(page.contains(">1,500/s<") && page.contains("Sale of 2026"), "{page}");
    let german = [("loko.toml", "[site]\nlanguage = \"de\"\n"), all[0], all[1], all[2]];
    let files = texts(&Snapshot::from_texts(german), &[Format::Html]);
    assert!(files["systems/shop.html"].contains("2.500 ms"));
    assert!(files["simulations/sale.html"].contains(">1.500/s<"));
}

#[test]
fn systems_are_counted_alike_everywhere() {
    let own = ("src/shop/system.md", "---\nname: Shop\n---\n");
    let other = ("src/bank/system.md", "---\nname: Bank\nexternal: true\n---\n");
    let files = texts(&Snapshot::from_texts([own, other]), &[Format::Html]);
    let home = &files["index.html"];
    assert!(home.contains("<strong>2</strong> <span>systems, 1 of them external</span>"), "{home}");
    assert!(home.contains("<span class=\"nav-name\">Systems</span><span class=\"count\">2</span>"), "{home}");
    // Where there are others' systems, ours are called so at the side, on the home page and on the page of all.
    for page in ["index.html", "systems.html"] {
        assert!(files[page].contains("<p class=\"nav-title\">Own systems</p>"), "{page}");
        assert!(files[page].contains(">Own systems <span class=\"count\">1</span>"), "{page}");
    }
    let files = texts(&Snapshot::from_texts([own]), &[Format::Html]);
    assert!(files["index.html"].contains("<strong>1</strong> <span>system</span>"));
    assert!(!files["index.html"].contains("Own systems"));
}

#[test]
fn links_that_elements_list_lead_where_links_of_prose_do() {
    let listed = "---\nname: Stock\nlinks:\n  - { title: Wiki, url: \"../../wiki/page.txt\" }\n  - { title: The API, url: \"../ordering/api/container.md#limits\" }\n  - { title: Queue, url: \"element:ordering/api\" }\n  - Mail: mailto:a@example.com\n  - Script: \"javascript:alert(1)\"\n---\n";
    let mut snapshot = shop_with("", &[("src/stock/system.md", listed)]);
    snapshot.insert_asset(FilePath::new("wiki/page.txt").expect("a plain path"), *b"Words.");
    let files = texts(&snapshot, &[Format::Html, Format::Markdown]);
    for wanted in [
        "href=\"../files/wiki/page.txt\" rel=\"noopener noreferrer\">Wiki</a>",
        "href=\"../containers/ordering_api.html#limits\" rel=\"noopener noreferrer\">The API</a>",
        "href=\"../containers/ordering_api.html\" rel=\"noopener noreferrer\">Queue</a>",
        "href=\"mailto:a@example.com\"",
    ] {
        assert!(files["systems/stock.html"].contains(wanted), "{wanted}: {}", files["systems/stock.html"]);
    }
    assert!(!files["systems/stock.html"].contains("alert(1)"));
    assert!(files.contains_key("files/wiki/page.txt"));
    let markdown = &files["systems/stock.md"];
    assert!(markdown.contains("[The API](<../containers/ordering_api.md#limits>)"), "{markdown}");
}

#[test]
fn the_border_of_a_system_leads_to_the_landscape() {
    let files = texts(&shop_with("", &[]), &[Format::Html]);
    let picture = |page: &str| files[page].split_once("<svg").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    let (ordering, api) = (picture("diagrams/ordering.svg"), picture("diagrams/ordering_api.svg"));
    assert!(ordering.contains("href=\"../index.html\""), "{ordering}");
    assert!(api.contains("href=\"../systems/ordering.html\"") && !api.contains("index.html"), "{api}");
    assert!(picture("systems/ordering.html").contains("href=\"../index.html\""));
}

#[test]
fn prose_runs_the_way_in_which_its_letters_are_read() {
    let prose = "---\nname: Stock\n---\n## מה זה\n\nמקבל הזמנות (מהר).\n\n3. אחת\n\n> ציטוט\n\n| א | b |\n| --- | --- |\n| 1 | 2 |\n";
    let files = texts(&shop_with("", &[("src/stock/system.md", prose)]), &[Format::Html]);
    let page = &files["systems/stock.html"];
    for wanted in ["<ol dir=\"auto\" start=\"3\">", "<blockquote dir=\"auto\">", "<table dir=\"auto\">"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(!files["systems/ordering.html"].contains("dir=\"auto\""), "nothing is said where it goes without saying");
}

#[test]
fn fonts_are_looked_for_once_and_only_where_letters_lack() {
    static ASKED: Mutex<Vec<BTreeSet<char>>> = Mutex::new(Vec::new());
    fn find(letters: &BTreeSet<char>) -> Vec<Vec<u8>> {
        ASKED.lock().expect("nobody failed with it").push(letters.clone());
        Vec::new()
    }
    let asked = |name: &str| {
        let stock = format!("---\nname: {name}\ndescription: Über Zażółć – ✅\n---\n");
        let snapshot = shop_with("[site]\nurl = \"https://docs.example.com\"\n", &[("src/stock/system.md", &stock)]);
        let output = build_with(&snapshot, &Options { find_fonts: Some(find), ..Options::default() }).0;
        assert!(output.files.keys().any(|path| path.as_str() == "og/systems/stock.png"));
        std::mem::take(&mut *ASKED.lock().expect("nobody failed with it"))
    };
    assert_eq!(asked("Stock"), []);
    assert_eq!(asked("架构"), [BTreeSet::from(['架', '构'])]);
}

#[test]
fn letters_of_cards_that_no_font_has_are_told_once_and_again_next_time() {
    fn none(_: &BTreeSet<char>) -> Vec<Vec<u8>> {
        Vec::new()
    }
    let told = |name: &str, options: &Options<'_>| {
        let stock = format!("---\nname: {name}\n---\n");
        let snapshot = shop_with("[site]\nurl = \"https://docs.example.com\"\n", &[("src/stock/system.md", &stock)]);
        let output = build_with(&snapshot, options).0;
        let page = &output.files[&FilePath::new("findings.html").expect("a plain path")];
        let Content::Bytes(page) = &page.content else { panic!("the page is made") };
        let told: Vec<String> = output
            .findings
            .iter()
            .filter(|it| it.code == "letters-without-font")
            .map(|it| it.message.clone())
            .collect();
        assert_eq!(
            told.len(),
            String::from_utf8_lossy(page).matches("<code class=\"finding-code\">letters-without-font").count()
        );
        told
    };
    let memo = Memo::new();
    let options = Options { find_fonts: Some(none), memo: Some(&memo), ..Options::default() };
    assert_eq!(told("Stock", &options), [""; 0]);
    let wanted = "pictures for previews below `og/` show boxes for 2 letters that no font has: `构` `架`";
    for _ in 0..2 {
        assert_eq!(told("架构", &options), [wanted]);
    }
}

#[test]
fn positions_are_those_of_views_and_not_of_several_versions() {
    let thing = Object { id: "gone".to_owned(), key: "gone".to_owned(), ..Object::default() };
    let board = Board { objects: vec![thing], ..Board::default() };
    let history = History {
        versions: vec![Version::default(), Version::default()],
        landscapes: Some(board),
        ..History::default()
    };
    let kept = |history: Option<&History>| {
        build_with(&common::shop(), &Options { keep_positions: true, history, ..Options::default() }).0.positions
    };
    assert_eq!(kept(Some(&history)), kept(None));
}
