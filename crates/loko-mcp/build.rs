//! Finds the tools: every file in `src/tools` is one, named as its file. No list has to be kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads its own folder")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src/tools");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src/tools");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the tools lie in src/tools")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".rs").map(str::to_owned))
        .collect();
    names.sort();
    let mut modules = String::new();
    let mut entries = String::new();
    for name in &names {
        let file = folder.join(format!("{name}.rs"));
        let _ = writeln!(modules, "#[path = {file:?}]\npub(crate) mod {name};");
        let _ = writeln!(entries, "        Entry::of::<{name}::This>(),");
    }
    let code = format!(
        "{modules}\n/// The tools, by name.\npub(crate) fn all() -> Vec<Entry> {{\n    vec![\n{entries}    ]\n}}\n"
    );
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("tools.rs");
    fs::write(out, code).expect("the output folder can be written");
}
