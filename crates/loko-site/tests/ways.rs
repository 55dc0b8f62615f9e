//! Ways from the pages to the people who answer, to the code, and to the repository.
#![allow(clippy::disallowed_methods, reason = "what the tests share reads the examples")]

mod common;

use common::{build_with, shop, texts};
use loko_site::history::{Commit, History};
use loko_site::{Content, Format, Options};
use loko_source::{FilePath, Snapshot, Source};

fn shop_with(settings: &str, more: &[(&str, &str)]) -> Snapshot {
    let mut snapshot = shop();
    let settings = format!("[project]\nname = \"Shop\"\n{settings}");
    for (path, text) in more.iter().copied().chain([("loko.toml", settings.as_str())]) {
        snapshot.insert(FilePath::new(path).expect("a path"), Source::new(text));
    }
    snapshot
}

#[test]
fn a_part_has_the_owner_of_its_whole() {
    let own = ("src/ordering/db/container.md", "---\nname: Order DB\nowner: team-data\n---\n");
    let made = texts(&shop_with("", &[own]), &[Format::Html, Format::Markdown]);
    let inherited = |from: &str| {
        format!(
            "<a class=\"quiet\" href=\"../owners.html#v-team-orders\">team-orders</a> <span class=\"muted\">inherited from <a href=\"{from}\">Ordering</a></span>"
        )
    };
    assert!(made["containers/ordering_api.html"].contains(&inherited("../systems/ordering.html")));
    assert!(made["components/ordering_api_checkout.html"].contains(&inherited("../systems/ordering.html")));
    assert!(!made["systems/ordering.html"].contains("inherited from"));
    let db = &made["containers/ordering_db.html"];
    assert!(db.contains("#v-team-data") && !db.contains("team-orders"));
    assert!(!made["systems/catalog.html"].contains("owners.html#"));
    // The page of owners, what filters and the search know, and text say the same.
    let group = |owner: &str| {
        let page = &made["owners.html"];
        let from = page.find(&format!("id=\"v-{owner}\"")).expect("the owner is there");
        page[from..].split("</section>").next().unwrap_or("").matches("class=\"cell-element\"").count()
    };
    assert_eq!((group("team-orders"), group("team-data")), (3, 1));
    assert!(made["js/model.js"].contains("\"Rust\"],[],\"team-orders\""));
    assert!(made["js/search-index.js"].contains("ordering/api/checkout Rust team-orders"));
    assert!(made["containers/ordering_api.md"].contains("(inherited from [Ordering](../systems/ordering.md))"));
}

const CODE: (&str, &str) = (
    "src/ordering/db/container.md",
    "---\nname: Order DB\ncode: [\"services/db/**/*.sql\", \"README.md\", \"../else/**\"]\ncode_annotations: { services/db/init.sql: Makes the tables }\n---\n",
);

#[test]
fn code_sources_and_commits_lead_to_the_repository() {
    let settings = "[site]\nrepository = { url = \"https://github.com/acme/shop.git\", folder = \"architecture\" }\n";
    let snapshot = shop_with(settings, &[CODE]);
    let file = FilePath::new(CODE.0).expect("a path");
    let commit = Commit {
        id: "0123456789abcdef".to_owned(),
        day: "2026-01-02".to_owned(),
        seconds: 0,
        author: "Ada".to_owned(),
        summary: "Databases".to_owned(),
    };
    let history = History { files: [(file, vec![commit])].into(), ..History::default() };
    let options = Options { formats: vec![Format::Html], history: Some(&history), ..Options::default() };
    let (output, _) = build_with(&snapshot, &options);
    assert_eq!(output.findings, []);
    let page = |path: &str| match output.files.get(path).map(|file| &file.content) {
        Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("{path}: {other:?}"),
    };
    let db = page("containers/ordering_db.html");
    let to = |href: &str, text: &str| {
        let link = format!("href=\"https://github.com/acme/shop/{href}\" rel=\"noopener noreferrer\">{text}</a>");
        assert!(db.contains(&link), "{link}\n{db}");
    };
    to("tree/HEAD/services/db", "<code>services/db/**/*.sql</code>");
    to("blob/HEAD/README.md", "<code>README.md</code>");
    to("blob/HEAD/services/db/init.sql", "<code>services/db/init.sql</code>");
    to("commit/0123456789abcdef", "<code>01234567</code>");
    to("blob/HEAD/architecture/src/ordering/db/container.md", "View the source");
    assert!(db.contains("<code>../else/**</code>") && !db.contains("else\""));
    for (path, source) in [
        ("dynamic/buy.html", "views/buy.toml"),
        ("deployments/production.html", "deployments/production.toml"),
        ("decisions/0001-queue.html", "decisions/0001-queue.md"),
    ] {
        let link = format!("href=\"https://github.com/acme/shop/blob/HEAD/architecture/{source}\"");
        assert!(page(path).contains(&link), "{path}");
    }
}

#[test]
fn without_the_setting_nothing_leads_there_and_a_wrong_one_is_told() {
    let made = texts(&shop_with("", &[CODE]), &[Format::Html]);
    let db = &made["containers/ordering_db.html"];
    assert!(db.contains("<code>services/db/**/*.sql</code>") && !db.contains("source-link"));
    let wrong = shop_with("[site]\nrepository = \"https://me:key@github.com/a/b\"\n", &[CODE]);
    let (output, _) = build_with(&wrong, &Options::default());
    let codes: Vec<&str> = output.findings.iter().map(|it| it.code.as_ref()).collect();
    assert_eq!(codes, ["bad-value"]);
}
