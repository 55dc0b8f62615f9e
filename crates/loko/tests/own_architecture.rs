//! `examples/loko` tells the truth about this repository: each crate is an element, and the relations between these
//! elements are the dependencies in the manifests.

#![allow(clippy::disallowed_methods, reason = "the test reads this repository")]

use loko_model::Origin;
use loko_source::disk::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[test]
fn the_drawn_dependencies_are_the_real_ones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let workspace = Workspace::open(&root.join("examples/loko")).unwrap();
    let settings = workspace.read_text("loko.toml");
    let scope = loko_model::load::scope(settings.as_ref().map(|source| source.text()));
    let model = loko_model::load(&workspace.snapshot(&scope).unwrap().0).model;

    let mut crates = BTreeMap::new();
    for ix in model.ids() {
        for glob in &model.element(ix).code {
            if let Some(name) = glob.strip_prefix("crates/").and_then(|rest| rest.strip_suffix("/**")) {
                crates.insert(ix, name.to_owned());
            }
        }
    }
    let named: BTreeSet<&str> = crates.values().map(String::as_str).collect();
    let mut drawn = BTreeSet::new();
    for relation in &model.relations {
        assert_ne!(relation.origin, Origin::Toml, "examples/loko states its relations beside their sources");
        if let (Some(source), Some(target)) = (crates.get(&relation.source), crates.get(&relation.target)) {
            drawn.insert((source.clone(), target.clone()));
        }
    }

    let mut real = BTreeSet::new();
    for entry in fs::read_dir(root.join("crates")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let Ok(manifest) = fs::read_to_string(entry.path().join("Cargo.toml")) else { continue };
        assert!(named.contains(name.as_str()), "no element of examples/loko has `code: [crates/{name}/**]`");
        let manifest: toml::Table = manifest.parse().unwrap();
        for used in manifest["dependencies"].as_table().unwrap().keys().filter(|used| used.starts_with("loko")) {
            real.insert((name.clone(), used.clone()));
        }
    }
    let missing: Vec<_> = real.difference(&drawn).collect();
    let invented: Vec<_> = drawn.difference(&real).collect();
    assert!(missing.is_empty() && invented.is_empty(), "not drawn: {missing:?}; drawn but not there: {invented:?}");
}
