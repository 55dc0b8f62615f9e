//! Finds the languages of the pages: `languages/<tag>.toml`. No list has to be kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads its own folders")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("languages");
    println!("cargo::rerun-if-changed=languages");
    let entries = fs::read_dir(&root).expect("the folder is part of the crate");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut code = "/// The built-in languages by their tags, each with its messages, sorted.\n\
                    pub(crate) static BUILT_IN: &[(&str, &str)] = &[\n"
        .to_owned();
    for file in files {
        let tag = file.file_stem().and_then(|stem| stem.to_str()).expect("a language tag is plain text");
        let _ = writeln!(code, "    ({tag:?}, include_str!({file:?})),");
    }
    code.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("languages.rs");
    fs::write(out, code).expect("the output folder can be written");
}
