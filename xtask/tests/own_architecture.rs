//! `examples/loko` describes this repository truly: its elements are the crates, its relations their dependencies.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads this repository")]

use loko_model::{ElementIx, Model};
use loko_source::disk::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

fn model() -> Model {
    let workspace = Workspace::open(&root().join("examples/loko")).unwrap();
    let (snapshot, _) = workspace.snapshot(&loko_model::load::scope(None)).unwrap();
    loko_model::load(&snapshot).model
}

/// The crates below `crates/`, each with the crates of this repository that it depends on.
fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    let folders = std::fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let manifests = folders.filter(|folder| folder.join("Cargo.toml").is_file()).map(|folder| {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let own = dependencies.into_iter().map(|(name, _)| name).filter(|name| name.starts_with("loko")).collect();
        (folder.file_name().unwrap().to_string_lossy().into_owned(), own)
    });
    manifests.collect()
}

/// The elements that are crates, by the crate's name: those whose code is all of a folder in `crates/`.
fn crates(model: &Model) -> BTreeMap<ElementIx, String> {
    let name_of = |ix: ElementIx| {
        let [glob] = model.element(ix).code.as_slice() else { return None };
        let name = glob.strip_prefix("crates/")?.strip_suffix("/**")?;
        Some((ix, name.to_owned()))
    };
    model.ids().filter_map(name_of).collect()
}

#[test]
fn the_example_has_the_crates_and_dependencies_of_this_repository() {
    let model = model();
    let crates = crates(&model);
    let drawn: BTreeMap<String, BTreeSet<String>> = crates
        .iter()
        .map(|(ix, name)| {
            let targets = model.outgoing(*ix).iter().map(|relation| model.relation(*relation).target);
            (name.clone(), targets.filter_map(|target| crates.get(&target).cloned()).collect())
        })
        .collect();
    assert_eq!(drawn, manifests(), "left: examples/loko, right: the manifests of the crates");
}
