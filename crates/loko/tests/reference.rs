//! The pictures and command lines of the reference documents, as they are printed there.
//!
//! The documents lie beside the repository, not in it; where they are missing, the test says so and passes.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs real commands on real folders")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The text of the first reference document.
fn document() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let first = files
        .into_iter()
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("000_")))?;
    fs::read_to_string(first).ok()
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut inside, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => inside = Some((info.trim() == language, String::new())),
            (Some((wanted, block)), Some(_)) => {
                if *wanted {
                    found.push(block.clone());
                }
                inside = None;
            }
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// Runs a line in a folder; `Err` is what was printed.
fn run(folder: &Path, line: &str) -> Result<String, String> {
    let binaries = Path::new(env!("CARGO_BIN_EXE_loko")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(text) } else { Err(format!("$ {line}\n{text}")) }
}

#[test]
fn every_drawing_is_drawn() {
    let Some(text) = document() else {
        println!("skipped: the reference documents are not beside this repository");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let drawings = blocks(&text, "d2");
    assert!(drawings.len() >= 10, "{} drawings", drawings.len());
    for (at, drawing) in drawings.iter().enumerate() {
        fs::write(folder.path().join("drawing.d2"), drawing).unwrap();
        run(folder.path(), "loko d2 check drawing.d2 && loko d2 render drawing.d2 -o drawing.svg")
            .unwrap_or_else(|printed| panic!("drawing {at}: {printed}\n{drawing}"));
        let svg = fs::read_to_string(folder.path().join("drawing.svg")).unwrap();
        assert!(svg.contains("<svg"), "drawing {at}");
    }
    println!("{} drawings", drawings.len());
}

#[test]
fn every_command_line_runs() {
    let Some(text) = document() else {
        println!("skipped: the reference documents are not beside this repository");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // What the document takes for granted: a workspace in a repository, with the tag that is built later.
    for line in ["loko init .", "git init -q", "git add -A", "git commit -qm start", "git tag v1.0"] {
        run(here, line).unwrap();
    }
    let mut commands = 0;
    for block in blocks(&text, "bash") {
        for line in block.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            run(here, line).unwrap_or_else(|printed| panic!("{printed}"));
            commands += 1;
        }
    }
    assert!(commands >= 8, "{commands} command lines");
    let checked = run(here, "loko validate --strict").unwrap_or_else(|printed| panic!("{printed}"));
    assert!(checked.contains("6 elements"), "{checked}");
    println!("{commands} command lines");
}
