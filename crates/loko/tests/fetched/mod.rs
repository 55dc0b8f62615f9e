//! Tools of others that tests run, fetched from their registries into `target/tools` when they are first needed. Where that
//! is impossible, a test says so and is skipped.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a tool lies.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools").join(name)
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn told(found: Option<PathBuf>, what: &str, registry: &str) -> Option<PathBuf> {
    if found.is_none() {
        eprintln!("skipped: {what} could not be fetched from {registry}");
    }
    found
}

/// Packages of npm in a folder of their own, if they are there or can be fetched; `probe` is a file of the last of them.
pub(crate) fn npm(name: &str, packages: &[&str], probe: &str) -> Option<PathBuf> {
    let folder = folder(name);
    if !folder.join("node_modules").join(probe).is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("npm");
        command.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).args(packages);
        succeeds(&mut command);
    }
    told(folder.join("node_modules").join(probe).is_file().then_some(folder), probe, "npm")
}

/// A virtual environment of Python with a package, if it is there or can be fetched; `probe` is a program of it.
pub(crate) fn pip(name: &str, package: &str, probe: &str) -> Option<PathBuf> {
    let folder = folder(name);
    let program = folder.join("bin").join(probe);
    if !program.is_file() {
        let _ = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && succeeds(Command::new(folder.join("bin/pip")).args(["install", package]));
    }
    told(program.is_file().then_some(folder), package, "PyPI")
}
