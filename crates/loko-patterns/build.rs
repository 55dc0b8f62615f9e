//! Finds the patterns: every `patterns/<category>/<id>/pattern.toml` at the top of the repository. No list is kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads the repository")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn folders(of: &Path) -> Vec<String> {
    let entries = fs::read_dir(of).expect("the catalogue can be listed");
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../patterns");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = String::new();
    for category in folders(&root) {
        for id in folders(&root.join(&category)) {
            let file = root.join(&category).join(&id).join("pattern.toml");
            if file.is_file() {
                let _ = writeln!(files, "    ({category:?}, {id:?}, include_str!({file:?})),");
            }
        }
    }
    let code = format!("pub(crate) const FILES: &[(&str, &str, &str)] = &[\n{files}];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("files.rs");
    fs::write(out, code).expect("the output folder can be written");
}
