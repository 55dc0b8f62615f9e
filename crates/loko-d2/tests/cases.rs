//! The cases in `tests/cases/*.md`: a command in backticks, a text, and what becomes of it.
//!
//! `edit` commands are `set KEY = VALUE`, `set KEY`, `create KEY`, `delete KEY`, `rename KEY = NAME`, `move KEY = KEY`
//! and `reconnect EDGE = SOURCE | TARGET`; `check` gives the lines of all errors, `format` the formatted text.
//! `UPDATE=1` writes what comes out into the files.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests read their data, the clock and the environment"
)]

use loko_d2::{NoImports, compile, edit, format};
use loko_source::{FilePath, TextEdit};
use std::fmt::Write as _;
use std::path::Path;

struct Case {
    head: String,
    command: String,
    input: String,
    expected: String,
}

/// Reads the cases of a file: a heading, a command, two fenced blocks.
fn read_cases(text: &str) -> Vec<Case> {
    text.split("\n## ")
        .skip(1)
        .map(|section| {
            let (head, rest) = section.split_once('\n').expect("a case has a body");
            let command = rest.split('`').nth(1).expect("a case has a command in backticks").to_owned();
            let mut blocks =
                rest.split("~~~").skip(1).step_by(2).map(|block| block.split_once('\n').map_or("", |(_, body)| body));
            let input = blocks.next().expect("a case has an input").to_owned();
            let expected = blocks.next().expect("a case has an expected text").to_owned();
            Case { head: head.to_owned(), command, input, expected }
        })
        .collect()
}

/// The one place that knows the interface: runs a command on a text.
fn run(command: &str, text: &str) -> String {
    let (name, arguments) = command.split_once(' ').unwrap_or((command, ""));
    let (key, value) = match arguments.split_once(" = ") {
        Some((key, value)) => (key, Some(value)),
        None => (arguments, None),
    };
    let written = |edits: Result<Vec<TextEdit>, edit::EditError>| match edits {
        Ok(edits) => {
            let after = edit::apply(text, &edits);
            assert!(loko_d2::parse(&after).errors.is_empty(), "{command} breaks the text:\n{after}");
            after
        }
        Err(error) => format!("{error}\n"),
    };
    match name {
        "set" => written(edit::set(text, key, value)),
        "create" => written(edit::create(text, key).map(|(edits, _)| edits)),
        "delete" => written(edit::delete(text, key)),
        "rename" => written(edit::rename(text, key, value.expect("rename has a new name"))),
        "move" => written(edit::move_object(text, key, value.expect("move has a new place"))),
        "reconnect" => {
            let (source, target) = value.expect("reconnect has ends").split_once('|').expect("ends are parted by |");
            let end = |text: &'_ str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            written(edit::reconnect(text, key, end(source).as_deref(), end(target).as_deref()))
        }
        "check" => {
            let path = FilePath::new("index.d2").expect("a plain name is a path");
            compile(text, &path, &NoImports).error_lines().into_iter().map(|line| line + "\n").collect()
        }
        "format" => format(text).expect("the text is valid"),
        other => panic!("unknown command {other}"),
    }
}

fn check_file(path: &Path) {
    let text = std::fs::read_to_string(path).expect("the file was just listed");
    let mut updated = text.clone();
    let mut failures = String::new();
    for case in read_cases(&text) {
        let actual = run(&case.command, &case.input);
        if actual == case.expected {
            continue;
        }
        let before = format!("{}~~~\n\n~~~\n{}~~~", case.input, case.expected);
        updated = updated.replacen(&before, &format!("{}~~~\n\n~~~\n{actual}~~~", case.input), 1);
        let _ =
            writeln!(failures, "{}: {}\n--- expected\n{}--- got\n{actual}", path.display(), case.head, case.expected);
    }
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(path, updated).expect("the file can be written");
    } else {
        assert!(failures.is_empty(), "{failures}");
    }
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        check_file(&file);
    }
}
