//! JSON, its schema, TOON and Markdown.
#![allow(clippy::disallowed_methods, reason = "tests read the examples, fixtures and the published schema")]

mod common;

use common::{build_with, shop, target, texts, workspaces};
use loko_site::toon::{Delimiter, Style, encode_with};
use loko_site::{Format, Options};
use loko_source::{FilePath, Snapshot, Source};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn schema_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/loko-model.schema.json")
}

#[test]
fn the_published_schema_is_this_one() {
    let schema = format!("{:#}\n", loko_site::export::json_schema());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(schema_file().parent().expect("a folder")).expect("it can be made");
        std::fs::write(schema_file(), &schema).expect("the schema can be written");
    }
    let published = std::fs::read_to_string(schema_file()).unwrap_or_default();
    assert!(published == schema, "refresh it with `UPDATE=1 cargo test -p loko-site --test exports`");
}

#[test]
fn exports_keep_to_the_schema() {
    let schema = loko_site::export::json_schema();
    let validator = jsonschema::validator_for(&schema).expect("the schema is valid");
    assert!(!validator.is_valid(&serde_json::json!({ "schemaVersion": 1 })), "the schema asks for something");
    for (name, snapshot) in workspaces() {
        let files = texts(&snapshot, &[Format::Json]);
        let document: Value = serde_json::from_str(&files["architecture.json"]).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| format!("{error}")).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn toon_holds_every_element_and_relation() {
    for (name, snapshot) in workspaces() {
        let files = texts(&snapshot, &[Format::Json, Format::Toon]);
        let document: Value = serde_json::from_str(&files["architecture.json"]).expect("JSON");
        let toon = &files["architecture.toon"];
        for list in ["elements", "relations"] {
            let count = document[list].as_array().expect("a list").len();
            let header = format!("{list}[{count}]{{");
            assert!(count == 0 || toon.contains(&header), "{name}: no `{header}` in {toon}");
        }
    }
}

#[test]
fn who_answers_for_a_part_is_told_where_its_whole_says_it() {
    let files = texts(&shop(), &[Format::Json, Format::Toon]);
    let document: Value = serde_json::from_str(&files["architecture.json"]).expect("JSON");
    let owners = |id: &str| {
        let element = document["elements"].as_array().into_iter().flatten().find(|it| it["id"] == id);
        element.map(|it| (it["owner"].as_str().unwrap_or("-"), it["ownedBy"].as_str().unwrap_or("-")))
    };
    assert_eq!(owners("ordering"), Some(("team-orders", "team-orders")));
    assert_eq!(owners("ordering/api/checkout"), Some(("-", "team-orders")), "as its page says");
    assert_eq!(owners("catalog"), Some(("-", "-")));
    let toon = &files["architecture.toon"];
    assert!(toon.contains(",owner,ownedBy,"), "{toon}");
    assert!(
        toon.lines().any(|line| line.contains("ordering/api/checkout,") && line.contains(",team-orders,")),
        "{toon}"
    );
}

#[test]
fn markdown_links_lead_somewhere() {
    for (name, snapshot) in workspaces() {
        let files = texts(&snapshot, &[Format::Markdown]);
        assert!(files.contains_key("README.md"), "{name}");
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
            for piece in text.split("](").skip(1) {
                let href = piece[..piece.find(')').expect("a closed link")].trim_matches(['<', '>']);
                if href.contains(':') {
                    continue;
                }
                let (to, place) = target(path, href);
                assert!(files.contains_key(&to), "{name}: {path}: `{href}` leads to {to}, which is not there");
                // Places of our own are named by what they are of; those of prose are its headings.
                if let Some(place) = place.filter(|it| ["p-", "c-", "v-", "t-"].iter().any(|kind| it.starts_with(kind)))
                {
                    assert!(files[&to].contains(&format!("<a id=\"{place}\"></a>")), "{name}: {path}: {href}");
                }
            }
        }
    }
}

/// A workspace in which there is something of everything that pages tell of.
fn shop_with_everything() -> Snapshot {
    let mut shop = common::shop();
    let texts = [
        (
            "src/ordering/api/container.md",
            "---\nname: Order API\ndescription: Guards `orders`.\ntechnology: Rust, Axum\nreplicas: 3\nslo: { availability: 99.9% }\n\
             patterns:\n  - { id: timeout, instance: stores, role: caller }\nadr: [0001-queue]\nmetadata: { runtime: linux }\n\
             dependencies: [libssl]\ncode: [\"src/**\"]\nrelationships:\n  \
             - { to: ordering/db, description: Reads and writes, technology: SQL, retry: { attempts: 3 }, idempotent: true }\n  \
             - { to: mail, description: Sends receipts, type: event, event: order.placed }\n---\n```d2\na -> b: hello\n```\n",
        ),
        (
            "src/ordering/db/container.md",
            "---\nname: Order DB\npatterns:\n  - { id: timeout, instance: stores, role: callee }\n---\n",
        ),
        (
            "contexts.toml",
            "[[context]]\nid = \"sales\"\nname = \"Sales\"\nteam = \"team-orders\"\nelements = [\"ordering\"]\n\
             aggregates = [\"Order\"]\n[context.language]\norder = \"What somebody buys\"\n",
        ),
    ];
    for (path, text) in texts {
        shop.insert(FilePath::new(path).expect("a plain path"), Source::new(text));
    }
    shop
}

/// What has to be found in files, as Markdown has it.
const TOLD: &[(&str, &[&str])] = &[
    (
        "containers/ordering_api.md",
        &[
            "Guards `orders`.",
            "| Context | [Sales](../contexts.md#c-sales) |",
            "| Technology | [Rust](../technologies.md#v-rust), [Axum](../technologies.md#v-axum) |",
            "![Diagram](../diagrams/pages/containers-ordering_api.svg)",
            "(Ordering) | Reads and writes | SQL, sync | Retry: attempts 3<br>Idempotent: yes |",
            "event [`order.placed`](../events/order.placed.md)",
            "## Behaviour",
            "- **Replicas:** 3",
            "- **SLO:** Availability 99.9",
            "## Events",
            "| publishes |",
            "## Patterns",
            "](../patterns.md#p-timeout-stores)",
            "| caller |",
            "## Deployment",
            "| [Production](../deployments/production.md) |",
            "## Takes part in",
            "[Buying](../dynamic/buy.md)",
            "## Decisions",
            "[A queue](../decisions/0001-queue.md) (accepted, 2026-01-02)",
            "## Code",
            "- `src/**`",
            "## Other dependencies",
            "- libssl",
            "- **Runtime:** linux",
        ],
    ),
    (
        "systems/ordering.md",
        &["[Runbook](<https://example.com/runbook>)", "[core](../tags.md#v-core)", "Sends receipts from [Order API]"],
    ),
    (
        "README.md",
        &["[Events](events/README.md)", "[Coupling](coupling.md)", "[Owners](owners.md)", "[Patterns](patterns.md)"],
    ),
    (
        "events/README.md",
        &["[`order.placed`](../events/order.placed.md)", "[Order API](../containers/ordering_api.md)"],
    ),
    (
        "events/order.placed.md",
        &["![The flow of order.placed](../diagrams/pages/events-order.placed.svg)", "Mail provider"],
    ),
    ("decisions/README.md", &["| 1 | [A queue](../decisions/0001-queue.md) | accepted | 2026-01-02 |"]),
    (
        "patterns.md",
        &[
            "## <a id=\"p-timeout-stores\"></a>",
            "| caller | [Order API]",
            "- **does not hold**: Order API gives up after a time",
        ],
    ),
    (
        "contexts.md",
        &[
            "## <a id=\"c-sales\"></a>Sales",
            "[team-orders](owners.md#v-team-orders)",
            "- **order:** What somebody buys",
        ],
    ),
    ("glossary.md", &["order | What somebody buys | [Sales](contexts.md#c-sales) |"]),
    ("coupling.md", &["| Name | Ca | Ce | I |", "[Order API](containers/ordering_api.md)"]),
    (
        "owners.md",
        &[
            "<a id=\"v-team-orders\"></a>team-orders | [Ordering](systems/ordering.md), [Order API](containers/ordering_api.md)",
        ],
    ),
    (
        "deployments/production.md",
        &["- **Cluster** ×2 (Kubernetes)", "  - [Order API](../containers/ordering_api.md) ×3"],
    ),
    ("dynamic/buy.md", &["Dynamic view of [Ordering](../systems/ordering.md)", "| Orders | sync |"]),
];

#[test]
fn markdown_tells_what_the_site_tells() {
    let files = texts(&shop_with_everything(), &[Format::Markdown]);
    for (path, told) in TOLD {
        let text = &files[*path];
        for words in *told {
            assert!(text.contains(words), "{path}: no `{words}` in\n{text}");
        }
        assert!(!text.contains("\n\n\n"), "{path}: blocks are one empty line apart\n{text}");
    }
    assert!(files["diagrams/pages/containers-ordering_api.svg"].contains("hello"), "D2 of prose is drawn");
}

#[test]
fn confluence_tells_the_same_in_its_own_words() {
    let files = texts(&shop_with_everything(), &[Format::Confluence]);
    for (path, _) in TOLD {
        let path = format!("confluence/{}.xml", path.strip_suffix(".md").expect("Markdown"));
        // What stands in code sections is no markup.
        let page: String = files[&path].split("<![CDATA[").map(|part| part.split("]]>").last().unwrap_or("")).collect();
        let mut open = Vec::new();
        for tag in common::tags(&path, &page).into_iter().filter(|tag| !tag.is_closed) {
            if tag.is_end {
                assert_eq!(open.pop(), Some(tag.name), "{path}: tags are closed in order");
            } else {
                open.push(tag.name);
            }
        }
        assert_eq!(open, Vec::<String>::new(), "{path}");
        assert_is_storage(&path, &page);
    }
    let manifest: Value = serde_json::from_str(&files["confluence/manifest.json"]).expect("JSON");
    for page in manifest["pages"].as_array().expect("pages") {
        let file = page["file"].as_str().expect("a file");
        assert!(files.contains_key(&format!("confluence/{file}")), "{file}");
        for attachment in page["attachments"].as_array().expect("attachments") {
            let (name, file) =
                (attachment["name"].as_str().expect("a name"), attachment["file"].as_str().expect("a file"));
            assert!(files.contains_key(file.trim_start_matches("../")), "{file}");
            assert!(
                files.values().any(|text| text.contains(&format!("<ri:attachment ri:filename=\"{name}\" />"))),
                "{name}"
            );
        }
    }
    let told = [
        ("containers/ordering_api", "Retry: attempts 3<br />Idempotent: yes"),
        (
            "containers/ordering_api",
            "<ac:link ac:anchor=\"p-timeout-stores\"><ri:page ri:content-title=\"Patterns\" />",
        ),
        ("containers/ordering_api", "<ri:attachment ri:filename=\"containers-ordering_api.svg\" />"),
        (
            "patterns",
            "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">p-timeout-stores</ac:parameter>",
        ),
    ];
    for (page, words) in told {
        let text = &files[&format!("confluence/{page}.xml")];
        assert!(text.contains(words), "{page}: no `{words}` in\n{text}");
    }
    assert!(!files["confluence/containers/ordering_api.xml"].contains("<th></th>"), "a head without words is left out");
    assert!(files.contains_key("diagrams/pages/events-order.placed.svg"));
}

/// XML with no names but those of the storage format, and no entities but those that XML has without a document type.
fn assert_is_storage(path: &str, page: &str) {
    let html = [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "em",
        "strong",
        "code",
        "pre",
        "blockquote",
        "hr",
        "br",
        "sup",
        "del",
    ];
    let own = [
        "ac:structured-macro",
        "ac:parameter",
        "ac:rich-text-body",
        "ac:plain-text-body",
        "ac:link",
        "ac:link-body",
        "ac:image",
        "ac:task-list",
        "ac:task",
        "ac:task-id",
        "ac:task-status",
        "ac:task-body",
        "ri:page",
        "ri:attachment",
        "ri:url",
    ];
    for tag in common::tags(path, page) {
        let name = tag.name.as_str();
        assert!(html.contains(&name) || own.contains(&name), "{path}: <{name}>");
        for (key, _) in &tag.attributes {
            let is_known = match name.split_once(':') {
                Some((space, _)) => key.starts_with(&format!("{space}:")),
                None => ["href", "align", "start"].contains(&key.as_str()),
            };
            assert!(is_known, "{path}: <{name} {key}>");
        }
    }
    for entity in page.split('&').skip(1) {
        let name = entity.split(';').next().unwrap_or_default();
        assert!(["amp", "lt", "gt", "quot", "apos", "#39"].contains(&name), "{path}: &{name};");
    }
}

#[test]
fn documents_for_reading_are_the_same_each_time() {
    let formats = [Format::Markdown, Format::Confluence, Format::Pdf];
    let options = Options { formats: formats.to_vec(), ..Options::default() };
    let (one, _) = build_with(&shop_with_everything(), &options);
    let (other, _) = build_with(&shop_with_everything(), &options);
    assert!(one.files == other.files, "the same input gives the same bytes");
    assert!(one.files.keys().any(|path| path.as_str() == "architecture.pdf"));
}

#[test]
fn toon_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/toon");
    assert!(check_toon(&folder) >= 20);
}

/// The specification's own fixtures, where `npm install @toon-format/spec` put them; `TOON_FIXTURES` names the folder
/// `tests/fixtures/encode`.
#[test]
fn toon_fixtures() {
    let Some(folder) = std::env::var_os("TOON_FIXTURES") else {
        eprintln!("skipped: TOON_FIXTURES does not name the folder of the specification's fixtures");
        return;
    };
    assert!(check_toon(Path::new(&folder)) >= 140);
}

fn check_toon(folder: &Path) -> usize {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").flatten().map(|it| it.path()).collect();
    files.sort();
    let mut count = 0;
    for file in files {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
        for case in cases["tests"].as_array().expect("tests") {
            let options = &case["options"];
            if options["keyFolding"] == "safe" {
                // Folding is optional, and left out.
                continue;
            }
            let delimiter = match options["delimiter"].as_str() {
                Some("\t") => Delimiter::Tab,
                Some("|") => Delimiter::Pipe,
                _ => Delimiter::Comma,
            };
            let indent = options["indent"].as_u64().or(options["indentSize"].as_u64()).unwrap_or(2) as usize;
            let made = encode_with(&case["input"], Style { indent, delimiter });
            assert_eq!(Some(made.as_str()), case["expected"].as_str(), "{}: {}", file.display(), case["name"]);
            count += 1;
        }
    }
    count
}

#[test]
fn html_in_prose_means_the_same_in_all_formats() {
    let mut snapshot = shop();
    let prose = "---\nname: Mail\n---\n\nPress <kbd>K</kbd>, not <font color=red>red</font>.\n\n<details>\n<summary>Why</summary>\n\nBecause.\n\n</details>\n";
    snapshot.insert(FilePath::new("src/mail/external.md").expect("a path"), Source::new(prose));
    let made = texts(&snapshot, &[Format::Html, Format::Markdown, Format::Confluence]);
    let as_text = "&lt;font color=red&gt;red&lt;/font&gt;";
    let page = &made["systems/mail.html"];
    assert!(page.contains(&format!("<kbd>K</kbd>, not {as_text}")), "{page}");
    assert!(page.contains("<details>\n<summary>Why</summary>\n<p>Because.</p>\n</details>"), "{page}");
    let text = &made["systems/mail.md"];
    assert!(text.contains(&format!("<kbd>K</kbd>, not {as_text}")), "{text}");
    assert!(text.contains("<details>\n<summary>Why</summary>\n\nBecause.\n\n</details>"), "{text}");
    let confluence = &made["confluence/systems/mail.xml"];
    assert!(
        confluence.contains(&format!("K, not {as_text}")) && confluence.contains("ac:name=\"title\">Why<"),
        "{confluence}"
    );
}
