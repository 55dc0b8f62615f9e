//! Whole workspaces with settings, rules of the team's own and waivers: `tests/cases/<case>.md`, a file each. The words of a
//! case's first line in backquotes after "today" are the day. `UPDATE=1 cargo test -p loko-rules --test settings` rewrites
//! the block below "Findings".

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "cases are read from the disk")]

use loko_rules::{Date, Options, Today, check};
use loko_source::{LineIndex, Snapshot};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn snapshot(page: &str) -> Snapshot {
    let mut files = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            break;
        }
        if let Some(path) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            lines.next();
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            files.push((path.to_owned(), body.join("\n") + "\n"));
        }
    }
    Snapshot::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

fn found(page: &str) -> String {
    let snapshot = snapshot(page);
    let mut loaded = loko_model::load(&snapshot);
    let found = std::mem::take(&mut loaded.findings);
    let today =
        page.split_once("Today is ").and_then(|(_, rest)| Date::parse(&rest[..10])).map_or(Today::Unknown, Today::Is);
    let checked = check(&snapshot, &loaded, found, &Options { today, ..Options::default() });
    let mut out = String::new();
    for finding in &checked.findings {
        let place = finding.primary.as_ref().map_or_else(
            || "-".to_owned(),
            |label| {
                let at = LineIndex::new(snapshot.text(label.place.path.as_str()).unwrap())
                    .line_column(label.place.span.start as usize);
                format!("{}:{}:{}", label.place.path, at.line, at.column)
            },
        );
        let _ = writeln!(out, "{place}: {}[{}]: {}", finding.severity.name(), finding.code, finding.message);
        if let Some(label) = &finding.primary {
            let underlined = &snapshot.text(label.place.path.as_str()).unwrap()[label.place.span.range()];
            let _ = writeln!(out, "  ^ {underlined:?} {}", label.text);
        }
        finding.notes.iter().for_each(|note| writeln!(out, "  note: {note}").unwrap());
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    for waived in &checked.waived {
        let _ = writeln!(out, "waived {}: {} ({})", waived.finding.code, waived.finding.message, waived.reason);
    }
    out
}

#[test]
fn cases_say_what_is_so() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(paths.len() >= 10);
    let mut failures = Vec::new();
    for path in paths {
        let page = fs::read_to_string(&path).unwrap();
        let input = page.split("\n## Findings").next().unwrap().trim_end();
        let rewritten = format!("{input}\n\n## Findings\n\n```text\n{}```\n", found(input));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, rewritten).unwrap();
        } else if rewritten != page {
            let first = page.lines().zip(rewritten.lines()).find(|(old, new)| old != new);
            failures.push(format!("{}: {first:#?}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
