//! Finds what has a file of its own: themes in `src/theme/<theme>.rs`, shapes in `src/shapes/<shape>.rs`. A new file is a
//! new theme or shape; no list has to be kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads its own folders")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let themes = found(&root, "src/theme", &["mod", "palette"]);
    write("themes.rs", &themes, "FOUND", "Theme", |name| format!("{name}::THEME"));
    let shapes = found(&root, "src/shapes", &["mod"]);
    write("shapes.rs", &shapes, "FOUND", "(&str, &Form)", |name| format!("({name:?}, &{name}::FORM)"));
}

/// The modules of a folder by name, sorted; those that are something else are left out.
fn found(root: &Path, folder: &str, others: &[&str]) -> Vec<(String, PathBuf)> {
    println!("cargo::rerun-if-changed={folder}");
    let entries = fs::read_dir(root.join(folder)).expect("the folder is part of the crate");
    let files = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<(String, PathBuf)> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .filter(|(name, _)| !others.contains(&name.as_str()))
        .collect();
    found.sort();
    found
}

/// A module for each, and a table of them.
fn write(out: &str, found: &[(String, PathBuf)], table: &str, of: &str, entry: impl Fn(&str) -> String) {
    let mut code = String::new();
    let mut entries = String::new();
    for (name, file) in found {
        let _ = writeln!(code, "#[path = {file:?}]\nmod {name};");
        let _ = writeln!(entries, "    {},", entry(name));
    }
    let count = found.len();
    let _ = write!(
        code,
        "\n/// All of them by the names of their files.\nstatic {table}: [{of}; {count}] = [\n{entries}];\n"
    );
    let path = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join(out);
    fs::write(path, code).expect("the output folder can be written");
}
