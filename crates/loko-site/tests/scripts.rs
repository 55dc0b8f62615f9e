//! The types of the pages' scripts, checked by TypeScript from their JSDoc. It is fetched from npm into `target/tools` when it
//! is first needed; without node or npm the test says so and passes.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "the test runs a tool on this crate's files"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn typescript() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools");
    let compiler = folder.join("node_modules/typescript/lib/tsc.js");
    if !compiler.is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let _ = Command::new("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .args(["typescript@5.9", "axe-core@4"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    let found = compiler.is_file().then_some(compiler);
    if found.is_none() {
        eprintln!("skipped: TypeScript could not be fetched with npm");
    }
    found
}

#[test]
fn the_types_of_the_scripts_fit() {
    let Some(compiler) = typescript() else { return };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/js");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&scripts).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    assert!(files.len() > 12);
    let checked = Command::new("node")
        .arg(compiler)
        .args(["--checkJs", "--allowJs", "--noEmit", "--strict", "--target", "ES2022", "--module", "ES2022"])
        .args(["--moduleResolution", "bundler", "--lib", "ES2022,DOM,DOM.Iterable"])
        .args(&files)
        .output();
    let Ok(checked) = checked else {
        eprintln!("skipped: there is no node");
        return;
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}
