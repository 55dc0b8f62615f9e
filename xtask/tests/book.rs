//! The files that the book under `docs/` shows are true: YAML and TOML are read without findings, D2 compiles.
//! That its commands run as printed is another test's business.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads this repository")]

use loko_source::{FilePath, Snapshot, Source};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A fenced block of a page.
struct Block {
    page: String,
    line: usize,
    language: String,
    text: String,
}

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// All blocks of a language, page by page.
fn blocks(language: &str) -> Vec<Block> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(book()).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    let blocks: Vec<Block> =
        pages.iter().flat_map(|page| blocks_of(page)).filter(|block| block.language == language).collect();
    assert!(!blocks.is_empty(), "the book has no {language} block");
    blocks
}

fn blocks_of(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let page = page.file_name().unwrap().to_string_lossy().into_owned();
                open = Some(Block { page, line: at + 1, language: language.to_owned(), text: String::new() });
            }
            (Some(block), None) => {
                let _ = writeln!(block.text, "{line}");
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, None) => {}
        }
    }
    blocks
}

/// What examples may lack, since they are fragments: the elements that they name.
const ELSEWHERE: [&str; 3] = ["unresolved-reference", "unresolved-decision", "orphan"];

#[test]
fn files_are_read_without_findings() {
    for block in blocks("yaml").into_iter().chain(blocks("toml")) {
        let mut snapshot = Snapshot::from_texts([
            ("loko.toml", "[project]\nname = \"Book\"\n"),
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            ("src/shop/order-api/container.md", "---\nname: Order API\n---\n"),
        ]);
        snapshot.insert(FilePath::new(path_of(&block)).unwrap(), Source::new(block.text.as_str()));
        for finding in loko_model::load(&snapshot).findings {
            let place = format!("{}:{}", block.page, block.line);
            assert!(ELSEWHERE.contains(&finding.code.as_ref()), "{place}: {} [{}]", finding.message, finding.code);
        }
    }
}

/// Where the text of a block would stand in a workspace.
fn path_of(block: &Block) -> &'static str {
    let has = |text: &str| block.text.contains(text);
    match block.language.as_str() {
        "yaml" if has("status:") => "decisions/0001-example.md",
        "yaml" => "src/shop/example/container.md",
        _ if has("[project]") || has("[site") || has("[rules]") || has("[[rules.") || has("[[moved]]") => "loko.toml",
        _ if has("[[relationships]]") => "src/relationships.toml",
        _ if has("[[environment]]") => "deployments.toml",
        _ if has("[[node]]") => "deployments/example.toml",
        _ if has("[[context]]") => "contexts.toml",
        // What only the simulation reads is tried by its own tests.
        _ if has("duration =")
            || has("[[load]]")
            || has("[[find]]")
            || has("[[sweep]]")
            || has("[sensitivity]")
            || has("[[variant]]") =>
        {
            "scenarios/example.toml"
        }
        _ if has("[pattern]") || has("[[parameter]]") || has("extends =") => "patterns/example/pattern.toml",
        _ if has("[[deny]]") || has("[[require]]") || has("[[layers]]") => "rules/example.toml",
        _ if has("[[step]]") || has("include =") => "views/example.toml",
        _ if has("[frame]") => "theme/languages/fr.toml",
        _ => panic!("{}:{}: nobody knows which file this is", block.page, block.line),
    }
}

#[test]
fn d2_compiles() {
    let path = FilePath::new("example.d2").unwrap();
    for block in blocks("d2") {
        let compiled = loko_d2::compile(&block.text, &path, &loko_d2::NoImports);
        let errors: Vec<&str> = compiled.errors.iter().map(|error| &*error.error.message).collect();
        assert!(errors.is_empty(), "{}:{}: {errors:?}", block.page, block.line);
    }
}
