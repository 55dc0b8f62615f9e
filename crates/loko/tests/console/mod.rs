//! Runs the `console` blocks of a Markdown page in a shell and compares what they print.
//!
//! Each line that starts with `$ ` is run; the lines below it are what it must print, standard output and error together.
//! A line `...` stands for any lines; `[exit 1]` at the end is the exit status, when it is not 0. A command without lines
//! below it must only succeed. Blocks of one page share a folder. `console no-run` blocks are only shown.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One command of a page.
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) command: String,
    pub(crate) expected: Vec<String>,
    /// The lines of the page that hold what is expected.
    pub(crate) expected_at: std::ops::Range<usize>,
}

pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    let mut first = true;
    for (at, line) in page.lines().enumerate() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            inside = !inside && info.trim() == "console";
            first = true;
            continue;
        }
        if !inside {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            let command = command.to_owned();
            steps.push(Step { line: at + 1, command, expected: Vec::new(), expected_at: at + 1..at + 1 });
            first = false;
        } else if let Some(step) = steps.last_mut().filter(|_| !first) {
            if step.command.ends_with('\\') {
                step.command.push('\n');
                step.command.push_str(line);
                step.expected_at = at + 1..at + 1;
            } else {
                step.expected.push(line.to_owned());
                step.expected_at.end = at + 1;
            }
        }
    }
    steps
}

/// Runs the steps in `folder`; gives what each printed.
pub(crate) fn run(folder: &Path, steps: &[Step]) -> Vec<String> {
    let binaries = Path::new(env!("CARGO_BIN_EXE_loko")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join("place");
    let mut here = folder.to_owned();
    let mut printed = Vec::new();
    for step in steps {
        let script = format!("exec 2>&1\n{}\nstatus=$?\npwd > '{}'\nexit $status", step.command, place.display());
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(&here).stdin(std::process::Stdio::null());
        command.env("PATH", &path).env("HOME", home.path()).env("NO_COLOR", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for name in ["LOKO_PROJECT_ROOT", "LOKO_CONFIG_HOME", "XDG_CONFIG_HOME", "LOKO_OUTPUT_DIR", "COLUMNS"] {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        if let Ok(now) = fs::read_to_string(&place) {
            here = PathBuf::from(now.trim_end());
        }
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("[exit {}]\n", output.status.code().unwrap_or(-1)));
        }
        printed.push(text);
    }
    printed
}

pub(crate) fn matches(expected: &[String], printed: &str) -> bool {
    let printed: Vec<&str> = trimmed(printed.lines());
    let expected: Vec<&str> = trimmed(expected.iter().map(String::as_str));
    matches_from(&expected, &printed)
}

fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut lines: Vec<&str> = lines.map(str::trim_end).collect();
    while lines.last() == Some(&"") {
        lines.pop();
    }
    lines
}

fn matches_from(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skip| matches_from(rest, &printed[skip..])),
        Some((first, rest)) => printed.first() == Some(first) && matches_from(rest, &printed[1..]),
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// All Markdown pages below a folder, sorted.
pub(crate) fn markdown_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(markdown_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The folder of this repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
