//! The cases in `tests/cases/*.md`: a command in backticks, a text, and what becomes of it.
//!
//! `edit` commands are `set KEY = VALUE`, `set KEY`, `create KEY`, `delete KEY`, `rename KEY = NAME`, `move KEY = KEY`
//! and `reconnect EDGE = SOURCE | TARGET`; `check` gives the lines of all errors, `format` the formatted text. `complete`,
//! `hover`, `definition`, `references` and `rename-at NAME` ask what editors ask about the place of the mark `‸`, `tokens`
//! and `outline` about the whole text. Further files stand behind lines such as `--- styles.d2`.
//! `UPDATE=1` writes what comes out into the files.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests read their data, the clock and the environment"
)]

use loko_d2::services::{self, Document};
use loko_d2::{MapResolver, NoImports, compile, edit, format};
use loko_source::{FilePath, LineIndex, Place, TextEdit};
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
        "tokens" => tokens(text),
        "outline" => {
            let paths = services::symbols(text).into_iter().map(|symbol| symbol.path.join(" / ") + "\n");
            paths.collect()
        }
        "complete" | "hover" | "definition" | "references" | "rename-at" => ask(name, arguments, text),
        other => panic!("unknown command {other}"),
    }
}

fn tokens(text: &str) -> String {
    let line = |token: &services::Token| format!("{:?} {}\n", token.kind, text[token.span.range()].replace('\n', "⏎"));
    services::semantic_tokens(text).iter().map(line).collect()
}

/// The files of a case and the place of the mark: the file's number and the offset in it.
fn files_of(text: &str) -> (Vec<(FilePath, String)>, usize, usize) {
    let mut files = vec![("index.d2".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("--- ") {
            Some(name) => files.push((name.trim().to_owned(), String::new())),
            None => files.last_mut().expect("there is the first file").1.push_str(line),
        }
    }
    let at = files.iter().position(|(_, text)| text.contains('‸')).expect("the place is marked");
    let offset = files[at].1.find('‸').expect("the mark was just found");
    files[at].1 = files[at].1.replacen('‸', "", 1);
    let files = files.into_iter().map(|(name, text)| (FilePath::new(&name).expect("the name is a path"), text));
    (files.collect(), at, offset)
}

/// What an editor gets to know about the place of the mark.
fn ask(question: &str, argument: &str, text: &str) -> String {
    let (files, at, offset) = files_of(text);
    let mut resolver = MapResolver::default();
    for (name, text) in &files[1..] {
        resolver.files.insert(name.to_string(), text.clone());
    }
    let mut document = Document::new(&files[0].1, &files[0].0, &resolver);
    assert!(document.look_at(&files[at].0), "the marked file is imported");
    let text_of = |place: &Place| {
        let text = &files.iter().find(|(name, _)| *name == place.path).expect("the file is one of the case").1;
        let place_of = LineIndex::new(text).line_column(place.span.start as usize);
        format!("{}:{}:{} {}\n", place.path, place_of.line, place_of.column, &text[place.span.range()])
    };
    match question {
        "complete" => {
            let names: Vec<FilePath> = files.iter().map(|(name, _)| name.clone()).collect();
            let fits = |proposal: &services::Completion| {
                proposal.label.starts_with(&files[at].1[proposal.span.start as usize..offset])
            };
            let found = document.completion(offset, &names).into_iter().filter(fits);
            let lines = found.map(|proposal| {
                let detail = proposal.detail.map(|detail| format!(" # {detail}")).unwrap_or_default();
                format!("{:?} {}{detail}\n", proposal.kind, proposal.label)
            });
            lines.collect()
        }
        "hover" => document.hover(offset).map_or("nothing\n".into(), |hover| format!("{}\n", hover.text)),
        "definition" => document.definition(offset).as_ref().map_or("nothing\n".into(), text_of),
        "references" => document.references(offset).iter().map(text_of).collect(),
        _ => match document.rename(offset, argument) {
            Err(error) => format!("{error}\n"),
            Ok(edits) => {
                let mut after = String::new();
                for (at, (name, text)) in files.iter().enumerate() {
                    let own: Vec<TextEdit> =
                        edits.iter().filter(|(path, _)| path == name).map(|(_, edit)| edit.clone()).collect();
                    if at > 0 {
                        let _ = writeln!(after, "--- {name}");
                    }
                    after.push_str(&edit::apply(text, &own));
                }
                after
            }
        },
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
