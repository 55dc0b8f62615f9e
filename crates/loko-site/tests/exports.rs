//! JSON, its schema, TOON and Markdown.
#![allow(clippy::disallowed_methods, reason = "tests read the examples, fixtures and the published schema")]

mod common;

use common::{target, texts, workspaces};
use loko_site::Format;
use loko_site::toon::{Delimiter, Style, encode_with};
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
                let (to, _) = target(path, href);
                assert!(files.contains_key(&to), "{name}: {path}: `{href}` leads to {to}, which is not there");
            }
        }
    }
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
