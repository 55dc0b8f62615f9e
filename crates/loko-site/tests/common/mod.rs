//! What the tests share: workspaces in memory and from the examples, and looking into made files.
#![allow(dead_code, reason = "each test file uses some of it")]

use loko_site::{Content, Format, Input, Options, Output, build};
use loko_source::{Diagnostic, FilePath, Snapshot, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A workspace with a bit of everything.
pub(crate) fn shop() -> Snapshot {
    Snapshot::from_texts([
        ("loko.toml", "[project]\nname = \"Shop\"\ndescription = \"Sells things\"\n"),
        (
            "src/context.md",
            "# Shop\n\nThe whole. See [ordering](ordering/system.md) and [the decision](../decisions/0001-queue.md).\n",
        ),
        (
            "src/customer/person.md",
            "---\nname: Customer\nrelationships:\n  - { to: ordering, description: Buys things }\n---\n",
        ),
        ("src/mail/external.md", "---\nname: Mail provider\ndescription: Sends mail.\n---\n"),
        (
            "src/ordering/system.md",
            "---\nname: Ordering\ndescription: Takes orders.\nowner: team-orders\ntags: [core]\nlinks:\n  - { title: Runbook, url: \"https://example.com/runbook\" }\n  - { title: Bad, url: \"javascript:alert(1)\" }\n---\n# Ordering\n\n{{container_table}}\n\n## How it works\n\n```d2\na -> b: hello\n```\n",
        ),
        (
            "src/ordering/api/container.md",
            "---\nname: Order API\ndescription: Guards orders.\ntechnology: Rust, Axum\nreplicas: 3\nrelationships:\n  - { to: ordering/db, description: Reads and writes, technology: SQL, timeout: 2s }\n  - { to: mail, description: Sends receipts, type: event, event: order.placed }\n---\n{{component_table}}\n",
        ),
        ("src/ordering/api/checkout/component.md", "---\nname: Checkout\ntechnology: Rust\n---\n"),
        ("src/ordering/db/container.md", "---\nname: Order DB\ntechnology: PostgreSQL\n---\n"),
        ("src/catalog/system.md", "---\nname: Catalog\nrelationships:\n  ordering/api: Announces prices\n---\n"),
        (
            "deployments/production.toml",
            "name = \"Production\"\n[[node]]\nname = \"Cluster\"\ntechnology = \"Kubernetes\"\ncount = 2\n[[node.instance]]\nof = \"ordering/api\"\nreplicas = 3\n",
        ),
        (
            "views/buy.toml",
            "kind = \"dynamic\"\nname = \"Buying\"\nscope = \"ordering\"\nsequence = true\n[[step]]\nfrom = \"customer\"\nto = \"ordering/api\"\ndescription = \"Orders\"\n[[step]]\nfrom = \"ordering/api\"\nto = \"ordering/db\"\ndescription = \"Stores\"\n",
        ),
        (
            "decisions/0001-queue.md",
            "---\nstatus: accepted\ndate: 2026-01-02\nelements: [ordering/api]\n---\n# A queue\n\nBecause [the API](../src/ordering/api/container.md).\n",
        ),
    ])
}

/// Reads a folder of the file system.
pub(crate) fn folder(root: &Path) -> Snapshot {
    let mut snapshot = Snapshot::default();
    read(root, root, &mut snapshot);
    snapshot
}

fn read(root: &Path, folder: &Path, snapshot: &mut Snapshot) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").flatten().map(|it| it.path()).collect();
    paths.sort();
    for path in paths {
        let relative = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        if relative.starts_with('.') || relative == "dist" {
            continue;
        }
        if path.is_dir() {
            read(root, &path, snapshot);
        } else {
            let name = FilePath::new(&relative).expect("a path below the root");
            let bytes = std::fs::read(&path).expect("a file");
            match name.extension() {
                Some("md" | "d2" | "toml") => snapshot.insert(name, Source::from_bytes(bytes)),
                _ => snapshot.insert_asset(name, bytes),
            }
        }
    }
}

/// The example workspaces of the repository.
pub(crate) fn examples() -> Vec<(String, Snapshot)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found: Vec<PathBuf> = std::fs::read_dir(root).into_iter().flatten().flatten().map(|it| it.path()).collect();
    found.sort();
    let with_project = found.into_iter().filter(|path| path.join("loko.toml").is_file());
    with_project
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), folder(&path)))
        .collect()
}

/// All workspaces that the general tests are held against.
pub(crate) fn workspaces() -> Vec<(String, Snapshot)> {
    let mut all = vec![("in memory".to_owned(), shop()), ("empty".to_owned(), Snapshot::default())];
    all.extend(examples());
    all
}

/// Builds with options.
pub(crate) fn build_with(snapshot: &Snapshot, options: &Options<'_>) -> (Output, Vec<Diagnostic>) {
    let loaded = loko_model::load(snapshot);
    let input = Input { snapshot, model: &loaded.model, findings: &loaded.findings, options };
    (build(&input), loaded.findings)
}

/// Builds some formats; the files as texts, those that are none left out.
pub(crate) fn texts(snapshot: &Snapshot, formats: &[Format]) -> BTreeMap<String, String> {
    let options = Options { formats: formats.to_vec(), ..Options::default() };
    let (output, _) = build_with(snapshot, &options);
    let text = |content: &Content| match content {
        Content::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap_or_default(),
        Content::Unchanged => panic!("nothing was there before"),
    };
    output.files.iter().map(|(path, file)| (path.to_string(), text(&file.content))).collect()
}

/// A start tag with its attributes, values decoded.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) is_end: bool,
    pub(crate) is_closed: bool,
    pub(crate) at: usize,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the tags of HTML as strictly as XML: quoted attributes, no stray `<`.
pub(crate) fn tags(path: &str, html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|found| at + found) {
        let rest = &html[start..];
        if rest.starts_with("<!doctype") || rest.starts_with("<?xml") {
            at = start + rest.find('>').expect("a closed declaration") + 1;
            continue;
        }
        if rest.starts_with("<!--") {
            at = start + rest.find("-->").expect("a closed comment") + 3;
            continue;
        }
        let end =
            tag_end(rest).unwrap_or_else(|| panic!("{path}: a tag is not closed: {}", &rest[..rest.len().min(80)]));
        let tag = tag(path, &rest[1..end], start);
        at = start + end + 1;
        if (tag.name == "style" || tag.name == "script") && !tag.is_end && !tag.is_closed {
            at += html[at..].find(&format!("</{}", tag.name)).expect("a closed style or script");
        }
        tags.push(tag);
    }
    tags
}

fn tag_end(rest: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn tag(path: &str, inside: &str, at: usize) -> Tag {
    let (inside, is_end) = inside.strip_prefix('/').map_or((inside, false), |inside| (inside, true));
    let (inside, is_closed) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
    let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let name = &inside[..name_end];
    assert!(
        name.starts_with(|it: char| it.is_ascii_alphabetic()),
        "{path}: `<{}` is no tag",
        &inside[..inside.len().min(60)]
    );
    let mut attributes = Vec::new();
    let mut rest = inside[name_end..].trim();
    while !rest.is_empty() {
        let end = rest.find(|it: char| it == '=' || it.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').unwrap_or_else(|| panic!("{path}: an attribute without an end in <{name}>"));
            value = unescape(&quoted[..end]);
            rest = &quoted[end + 1..];
        } else {
            assert!(!rest.starts_with('='), "{path}: an attribute without quotes in <{name}>");
        }
        rest = rest.trim_start();
        attributes.push((key, value));
    }
    Tag { name: name.to_owned(), attributes, is_end, is_closed, at }
}

fn unescape(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&#x2F;", "/"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Where a relative link from a file leads, with its fragment.
pub(crate) fn target(from: &str, href: &str) -> (String, Option<String>) {
    let (path, fragment) = href.split_once('#').map_or((href, None), |(path, fragment)| (path, Some(decode(fragment))));
    if path.is_empty() {
        return (from.to_owned(), fragment);
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    let decoded = decode(path);
    for part in decoded.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{from}: {href} leaves the site"),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    (parts.join("/"), fragment)
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let code = rest.get(1..3).filter(|_| *first == b'%').and_then(|it| std::str::from_utf8(it).ok());
        if let Some(byte) = code.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            bytes.push(byte);
            rest = &rest[3..];
        } else {
            bytes.push(*first);
            rest = &rest[1..];
        }
    }
    String::from_utf8(bytes).expect("links are UTF-8")
}
