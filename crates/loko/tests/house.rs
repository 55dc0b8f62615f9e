//! The house rules that a test can hold: rooms and their order, module headers, pages that name what exists.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads this repository")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The crates of ARCHITECTURE.md's table, ground floor first.
fn rooms() -> Vec<String> {
    let page = read("ARCHITECTURE.md");
    page.lines()
        .filter_map(|line| line.strip_prefix("| `loko")?.split('`').next().map(|rest| format!("loko{rest}")))
        .collect()
}

fn crates() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap().flatten();
    entries
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_crate_has_its_row_and_every_row_its_crate() {
    assert_eq!(rooms().into_iter().collect::<BTreeSet<_>>(), crates());
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let rooms = rooms();
    for (at, room) in rooms.iter().enumerate() {
        let manifest: toml::Table = read(&format!("crates/{room}/Cargo.toml")).parse().unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for used in dependencies.keys().filter(|name| name.starts_with("loko")) {
            assert!(rooms[..at].contains(used), "`{room}` uses `{used}`, which is not below it in ARCHITECTURE.md");
        }
    }
}

/// What the lower rooms must build without.
#[test]
fn the_engine_has_no_runtime_and_no_network() {
    for room in ["loko-diagram", "loko-d2", "loko-layout", "loko-draw", "loko-model", "loko-site"] {
        let output = std::process::Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "-p", room, "-e", "normal", "--prefix", "none", "--format", "{p}"])
            .current_dir(root())
            .output()
            .unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(tree.contains(room), "cargo tree says nothing of {room}: {}", String::from_utf8_lossy(&output.stderr));
        for banned in ["tokio ", "hyper ", "gix ", "reqwest ", "chrono ", "ring "] {
            assert!(!tree.lines().any(|line| line.starts_with(banned)), "`{room}` pulls in `{banned}`");
        }
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut files = Vec::new();
    for room in crates() {
        rust_files(&root().join("crates").join(room).join("src"), &mut files);
    }
    rust_files(&root().join("xtask/src"), &mut files);
    let silent: Vec<String> = files
        .iter()
        // A command's help is its header.
        .filter(|path| !path.components().any(|part| part.as_os_str() == "commands"))
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "these modules do not open with `//!` lines: {silent:#?}");
}

#[test]
fn no_marker_of_unfinished_work_is_left() {
    let mut files = Vec::new();
    for room in crates() {
        rust_files(&root().join("crates").join(room).join("src"), &mut files);
    }
    let markers = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "XX".to_owned() + "X"];
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        for marker in &markers {
            assert!(!text.contains(marker.as_str()), "{} holds {marker}", path.display());
        }
    }
}

#[test]
fn the_code_map_names_what_exists() {
    let page = read("ARCHITECTURE.md");
    let section = page.split("## Where to start reading").nth(1).unwrap();
    let named: Vec<&str> = section.split('`').skip(1).step_by(2).filter(|text| text.contains('/')).collect();
    assert!(!named.is_empty());
    for path in named {
        assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}");
    }
}
