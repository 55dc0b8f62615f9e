//! One bad file never fails the rest: every kind of file that people write, broken in turn. Checking tells the one cause
//! once, the page that tells of the file shows it with its line of source, and all other pages are made.
#![allow(clippy::disallowed_methods, reason = "what the tests share reads the examples")]

mod common;

use common::shop;
use loko_site::{Content, Format, Input, Options, build};
use loko_source::{Diagnostic, FilePath, Severity, Snapshot, Source};
use std::collections::{BTreeMap, BTreeSet};

/// The workspace before anything is broken.
fn whole() -> Snapshot {
    let mut snapshot = shop();
    let more = [
        (
            "contexts.toml",
            "[[context]]\nid = \"ordering\"\nname = \"Ordering\"\nelements = [\"ordering\"]\nlanguage = { order = \"A promise\" }\n[[context]]\nid = \"catalog\"\n[[relation]]\nupstream = \"catalog\"\ndownstream = \"ordering\"\npattern = \"conformist\"\n",
        ),
        ("views/core.toml", "name = \"Core\"\ninclude = \"kind:system\"\n"),
        (
            "scenarios/rush.toml",
            "name = \"Rush\"\nduration = \"1m\"\n[[load]]\nname = \"buy\"\nview = \"buy\"\nprofile = { kind = \"constant\", rate = \"10rps\" }\n",
        ),
        ("rules/team.toml", "[[deny]]\nname = \"x\"\nfrom = \"id:mail\"\nto = \"id:catalog\"\nreason = \"y\"\n"),
        ("src/ordering/system.d2", "api -> db: asks\n"),
        ("src/context.d2", "customer -> ordering: asks\n"),
        ("src/ordering/relationships.toml", "[[relationships]]\nfrom = \"api\"\nto = \"db\"\n"),
    ];
    for (path, text) in more {
        snapshot.insert(FilePath::new(path).expect("a path"), Source::new(text));
    }
    snapshot
}

/// A file, what is written in it, the page that shows the finding, and the line of source that stands there.
const BROKEN: [(&str, &str, &str, &str); 26] = [
    ("loko.toml", "[project\nname = \"Shop\"\n", "index.html", "[project"),
    (
        "loko.toml",
        "[project]\nname = \"Shop\"\ndescription = [\"x\"\nversion = \"1\"\n[paths]\nsource = \"src\"\n",
        "index.html",
        "description = [\"x\"",
    ),
    (
        "loko.toml",
        "[project]\nname = \"Shop\"\n[site]\nlanguage = \"no such\"\n",
        "index.html",
        "language = \"no such\"",
    ),
    ("contexts.toml", "[[context\nid = \"ordering\"\nname = \"Ordering\"\n", "contexts.html", "[[context"),
    ("loko.toml", "[project]\nname = \"Shop\"\n[site]\nfooter = [\"x\"\n", "index.html", "footer = [\"x\""),
    ("contexts.toml", "}\n", "contexts.html", "}"),
    (
        "contexts.toml",
        "[[context]]\nid = \"a\"\n[[relation]]\nupstream = \"b\"\ndownstream = \"a\"\npattern = \"conformist\"\n",
        "contexts.html",
        "upstream = \"b\"",
    ),
    (
        "views/buy.toml",
        "name = \"Buying\"\n[[step]]\nfrom \"customer\"\nto = \"ordering/api\"\n",
        "dynamic/buy.html",
        "from \"customer\"",
    ),
    (
        "views/buy.toml",
        "kind = \"dynami\"\n[[step]]\nfrom = \"customer\"\nto = \"ordering/api\"\n",
        "dynamic/buy.html",
        "kind = \"dynami\"",
    ),
    (
        "views/buy.toml",
        "[[step]]\nfrom = \"custmer\"\nto = \"ordering/api\"\n",
        "dynamic/buy.html",
        "from = \"custmer\"",
    ),
    ("views/core.toml", "include = \"tagg:core\"\n", "views/core.html", "include = \"tagg:core\""),
    ("views/core.toml", "name = \"Core\ninclude = \"tag:core\"\n", "views/core.html", "name = \"Core"),
    (
        "deployments/production.toml",
        "name = \"Production\"\n[[node]\nname = \"Cluster\"\n",
        "deployments/production.html",
        "[[node]",
    ),
    (
        "deployments/production.toml",
        "[[node]]\nname = \"Cluster\"\n[[node.instance]]\nof = \"nobody\"\n",
        "deployments/production.html",
        "of = \"nobody\"",
    ),
    (
        "decisions/0001-queue.md",
        "---\nstatus: [accepted\ndate: 2026-01-02\n---\n# A queue\n",
        "decisions/0001-queue.html",
        "status: [accepted",
    ),
    ("scenarios/rush.toml", "name = \"Rush\n", "simulations/rush.html", "name = \"Rush"),
    (
        "scenarios/rush.toml",
        "name = \"Rush\"\nduratio = \"1m\"\n[[load]]\nname = \"buy\"\nview = \"buy\"\nprofile = { kind = \"constant\", rate = \"10rps\" }\n",
        "simulations/rush.html",
        "duratio = \"1m\"",
    ),
    ("rules/team.toml", "[[deny]\nname = \"x\"\n", "index.html", "[[deny]"),
    ("src/ordering/system.md", "---\nname: [Ordering\nowner: x\n---\n", "systems/ordering.html", "name: [Ordering"),
    (
        "src/ordering/system.md",
        "---\nname: Ordering\n---\n\n```d2\na -> b: {\n```\n",
        "systems/ordering.html",
        "a -> b: {",
    ),
    ("src/ordering/system.d2", "api -> db: {\n", "systems/ordering.html", "api -> db: {"),
    ("src/context.d2", "customer -> ordering: {\n", "index.html", "customer -> ordering: {"),
    ("src/context.md", "# Shop\n\n```d2\nx.shape: nothing\n```\n", "index.html", "x.shape: nothing"),
    (
        "src/ordering/relationships.toml",
        "[[relationships\nfrom = \"api\"\nto = \"db\"\n",
        "systems/ordering.html",
        "[[relationships",
    ),
    ("src/relationships.toml", "x\n", "index.html", "x"),
    ("patterns/own/x/pattern.toml", "name = [\n", "index.html", "name = ["),
];

/// Pages of what only one element says in this workspace: they go with it.
const GO_ALONG: [&str; 6] = ["glossary.html", "glossary.md", "owners.html", "owners.md", "tags.html", "tags.md"];

/// What was made, by path, with what was found; checked as `loko build` does.
fn made(snapshot: &Snapshot) -> (BTreeMap<String, String>, Vec<Diagnostic>) {
    let loaded = loko_model::load(snapshot);
    let mut found = loaded.findings.clone();
    let (catalogue, of_patterns) = loko_patterns::Catalogue::of(snapshot);
    found.extend(of_patterns);
    found.extend(loko_patterns::findings(&loaded.model, snapshot, &catalogue));
    found.extend(loko_events::check(&loaded.model, snapshot));
    found.extend(loko_sim::check(&loaded.model, snapshot));
    let mut findings = loko_rules::check(snapshot, &loaded, found, &loko_rules::Options::default()).findings;
    let options = Options { formats: vec![Format::Html, Format::Markdown], ..Options::default() };
    let output = build(&Input { snapshot, model: &loaded.model, findings: &findings, options: &options });
    findings.extend(output.findings);
    let text = |content: &Content| match content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::Unchanged => panic!("nothing was there before"),
    };
    (output.files.iter().map(|(path, file)| (path.to_string(), text(&file.content))).collect(), findings)
}

/// The source that a page shows in its findings, as it is written.
fn source_shown(page: &str) -> String {
    let here = page.find("class=\"findings-here\"").map_or("", |at| &page[at..]);
    let plain = here.replace("<mark>", "").replace("</mark>", "");
    plain.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<")
}

#[test]
fn one_cause_is_told_once_and_in_place_and_the_rest_is_made() {
    let (healthy, findings) = made(&whole());
    let errors = |findings: &[Diagnostic]| -> Vec<String> {
        let errors = findings.iter().filter(|it| it.severity == Severity::Error);
        errors.map(|it| format!("{}: {}", it.code, it.message)).collect()
    };
    assert_eq!(errors(&findings), [""; 0]);
    let pages = |made: &BTreeMap<String, String>| -> BTreeSet<String> {
        let is_page = |path: &&String| path.ends_with(".html") || path.ends_with(".md");
        made.keys().filter(is_page).filter(|path| !GO_ALONG.contains(&path.as_str())).cloned().collect()
    };
    let mut wrong = Vec::new();
    for (file, text, page, line) in BROKEN {
        let mut snapshot = whole();
        snapshot.insert(FilePath::new(file).expect("a path"), Source::new(text));
        let (made, findings) = made(&snapshot);
        let told = errors(&findings);
        if told.len() != 1 {
            wrong.push(format!("{file}: {text}\nerrors: {told:#?}"));
        }
        let lost: Vec<String> = pages(&healthy).difference(&pages(&made)).cloned().collect();
        if !lost.is_empty() {
            wrong.push(format!("{file}: {text}\nnot made: {lost:?}"));
        }
        let shown = source_shown(&made[page]);
        if !shown.contains(&format!("</span>{line}\n")) {
            wrong.push(format!(
                "{file}: {text}\n{page} does not show `{line}`: {}",
                shown.chars().take(2000).collect::<String>()
            ));
        }
        // Text has the same in its own way: where it is, and what is wrong.
        let twin = page.replace("index.html", "README.md").replace(".html", ".md");
        if let Some(twin) = made.get(&twin)
            && !twin.contains(file)
        {
            wrong.push(format!("{file}: {text}\nnot in the text: {twin}"));
        }
        if !made["index.html"].contains("<h1>Shop") {
            wrong.push(format!("{file}: {text}\nthe project lost its name"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_broken_file_of_settings_keeps_what_can_be_read() {
    let mut snapshot = whole();
    let text = "[project]\nname = \"Shop\"\ndescription = [\"x\"\n\n[site]\nfooter = \"Ask us.\"\nurl \"x\"\n";
    snapshot.insert(FilePath::new("loko.toml").expect("a path"), Source::new(text));
    let (made, _) = made(&snapshot);
    assert!(made["index.html"].contains("<h1>Shop</h1>") && made["index.html"].contains("Ask us."));
}
