//! Real diagrams: every case of the rendering corpus, and every D2 block of the reference documents, becomes a picture.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "for developers: reads and writes their files")]

use loko_d2::{NoImports, compile};
use loko_diagram::Board;
use loko_draw::{Fonts, Look, SvgOptions, measure, svg};
use loko_layout::{Options, layout};
use loko_source::FilePath;
use std::path::{Path, PathBuf};

/// Draws a board and those below it; gives the number of pictures.
fn check(board: &Board, name: &str) -> usize {
    let look = Look { legend: true, ..Look::default() }.configured(&board.config);
    let placed = layout(board, &measure(board, &look), &Options::default());
    let text = svg(board, &placed, &look, &SvgOptions { fonts: Fonts::Page, ..SvgOptions::default() });
    let parsed = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let shown = |kind: &str| {
        parsed
            .descendants()
            .filter(|node| node.attribute("class").is_some_and(|class| class.split(' ').any(|word| word == kind)))
            .count()
    };
    let drawn = loko_draw::text(board, &placed);
    assert!(drawn.ends_with('\n') && !drawn.contains('\u{0}'), "{name}: in a terminal");
    let placed_objects = placed.objects.iter().filter(|object| !object.rect.size().is_zero()).count();
    assert_eq!(shown("node"), placed_objects, "{name}: objects");
    let placed_edges = placed.edges.iter().filter(|edge| edge.route.len() > 1).count();
    assert_eq!(shown("edge"), placed_edges, "{name}: edges");
    1 + board.boards().map(|(_, inner)| check(inner, name)).sum::<usize>()
}

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn every_case_of_the_rendering_corpus_becomes_a_picture() {
    let Some(path) = shared("conformance/d2/render/render.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut count = 0;
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        if case.get("files").is_some() {
            continue;
        }
        let name = case["name"].as_str().unwrap();
        let compiled = compile(case["input"].as_str().unwrap(), &FilePath::new("index.d2").unwrap(), &NoImports);
        count += check(&compiled.diagram.root, name);
    }
    assert!(count >= 370, "{count} pictures");
}

#[test]
fn every_block_of_the_reference_documents_becomes_a_picture() {
    let Some(folder) = shared("reference") else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for block in text.split("```d2\n").skip(1) {
            let block = block.split("\n```").next().unwrap_or_default();
            let compiled = compile(block, &FilePath::new("index.d2").unwrap(), &NoImports);
            count += check(&compiled.diagram.root, &path.display().to_string());
        }
    }
    assert!(count > 0, "no block was found");
}
