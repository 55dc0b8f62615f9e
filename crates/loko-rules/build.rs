//! Finds what has a file of its own: rules in `rules/<code>/rule.rs`, kinds of a team's own rules in
//! `src/policy/kinds/<kind>.rs`, reports in `src/report/formats/<format>.rs`. No list has to be kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads its own folders")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let rules = found(&root, "rules", |path| {
        let file = path.join("rule.rs");
        file.is_file().then_some(file)
    });
    write("rules.rs", &rules, "&crate::rule::Rule", "RULE");
    let is_rust = |path: &Path| path.extension().is_some_and(|extension| extension == "rs").then(|| path.to_owned());
    write("kinds.rs", &found(&root, "src/policy/kinds", is_rust), "&crate::policy::Kind", "KIND");
    write("formats.rs", &found(&root, "src/report/formats", is_rust), "&crate::report::Format", "FORMAT");
}

/// The things of a folder by name, sorted.
fn found(root: &Path, folder: &str, file: impl Fn(&Path) -> Option<PathBuf>) -> Vec<(String, PathBuf)> {
    println!("cargo::rerun-if-changed={folder}");
    let entries = fs::read_dir(root.join(folder)).expect("the folder is part of the crate");
    let mut found: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let name = path.file_stem()?.to_str()?.to_owned();
            file(&path).map(|file| (name, file))
        })
        .collect();
    found.sort();
    found
}

/// A module for each, and a table of their constants with their names.
fn write(out: &str, found: &[(String, PathBuf)], of: &str, constant: &str) {
    let mut code = String::new();
    let mut table = String::new();
    for (name, file) in found {
        let module = name.replace('-', "_");
        let _ = writeln!(code, "#[path = {file:?}]\nmod {module};");
        let _ = writeln!(table, "    ({name:?}, &{module}::{constant}),");
    }
    let _ =
        write!(code, "\n/// All of them by name, sorted.\npub(crate) static ALL: &[(&str, {of})] = &[\n{table}];\n");
    let path = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join(out);
    fs::write(path, code).expect("the output folder can be written");
}
