//! The cases of all rules: small workspaces in `rules/<code>/cases.md`, what is found in them, and what a mend makes of
//! them; and the pages of the documentation, which are made of the same.
//!
//! A section that is called `Fails:` must have findings, one that is called `Passes:` none. `UPDATE=1 cargo test -p
//! loko-rules --test rules` rewrites what is expected, and the pages in `docs/rules/`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "cases and pages are read from the disk")]

use loko_rules::fix::{self, Wanted};
use loko_rules::{Options, Preset, check, codes, page};
use loko_source::{Diagnostic, LineIndex, Snapshot};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// One case: its heading, what is said of it, and its files.
struct Case {
    head: String,
    text: String,
    files: Vec<(String, String, String)>,
}

fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(head) = line.strip_prefix("## ") {
            cases.push(Case { head: head.to_owned(), text: String::new(), files: Vec::new() });
            continue;
        }
        let case = cases.last_mut().expect("a page begins with a heading");
        if let Some(path) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            let info = lines.next().unwrap().trim_start_matches('`').to_owned();
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            case.files.push((path.to_owned(), info, body.join("\n") + "\n"));
        } else if line.starts_with("```") {
            // What was expected before; it is worked out anew.
            lines.by_ref().find(|line| *line == "```");
        } else if line != "With the mend:" {
            case.text.push_str(line);
            case.text.push('\n');
        }
    }
    cases
}

impl Case {
    fn snapshot(&self) -> Snapshot {
        Snapshot::from_texts(self.files.iter().map(|(path, _, text)| (path.as_str(), text.as_str())))
    }

    /// The case with what is so.
    fn rewritten(&self, findings: &str, diff: Option<&str>) -> String {
        let mut out = format!("## {}\n\n", self.head);
        if !self.text.trim().is_empty() {
            let _ = write!(out, "{}\n\n", self.text.trim());
        }
        for (path, info, text) in &self.files {
            let _ = write!(out, "`{path}`\n```{info}\n{text}```\n\n");
        }
        if !findings.is_empty() {
            let _ = write!(out, "```text\n{findings}```\n\n");
        }
        if let Some(diff) = diff {
            let _ = write!(out, "With the mend:\n\n```diff\n{diff}```\n\n");
        }
        out.trim_end().to_owned() + "\n"
    }
}

fn found(snapshot: &Snapshot, code: &'static str) -> Vec<Diagnostic> {
    let loaded = loko_model::load(snapshot);
    let wrong: Vec<_> = loaded.findings.iter().filter(|finding| finding.code != "bad-d2").collect();
    assert!(wrong.iter().all(|finding| finding.severity < loko_source::Severity::Error), "{code}: {wrong:#?}");
    let options = Options { only: Some(vec![code]), preset: Some(Preset::All), ..Options::default() };
    check(snapshot, &loaded, Vec::new(), &options).findings
}

fn told(snapshot: &Snapshot, findings: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings {
        let place = finding.primary.as_ref().map_or_else(String::new, |label| {
            let text = snapshot.text(label.place.path.as_str()).unwrap();
            let at = LineIndex::new(text).line_column(label.place.span.start as usize);
            format!("{}:{}:{}: ", label.place.path, at.line, at.column)
        });
        let _ = writeln!(out, "{place}{}[{}]: {}", finding.severity.name(), finding.code, finding.message);
        let marks =
            finding.primary.iter().map(|label| ("^", label)).chain(finding.secondary.iter().map(|label| ("-", label)));
        for (mark, label) in marks {
            let underlined = &snapshot.text(label.place.path.as_str()).unwrap()[label.place.span.range()];
            let file = if mark == "-" { format!("{}: ", label.place.path) } else { String::new() };
            let _ = writeln!(out, "  {mark} {file}{} {}", underlined.escape_debug(), label.text);
        }
        for note in &finding.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}

/// What a case comes to, and what is wrong with it.
fn run(code: &'static str, case: &Case) -> Result<String, String> {
    let snapshot = case.snapshot();
    let findings = found(&snapshot, code);
    let fails = case.head.starts_with("Fails: ");
    if !fails && !case.head.starts_with("Passes: ") {
        return Err(format!("{code}: `{}` says neither `Fails:` nor `Passes:`", case.head));
    }
    if fails == findings.is_empty() {
        return Err(format!("{code}: {}: found {findings:#?}", case.head));
    }
    let (changes, _) = fix::changes(&findings, &snapshot, Wanted::All);
    if changes.is_empty() {
        return Ok(case.rewritten(&told(&snapshot, &findings), None));
    }
    let after = snapshot.overlay(&changes).map_err(|error| format!("{code}: {}: {error}", case.head))?;
    let left = found(&after, code);
    if left.len() >= findings.len() {
        return Err(format!("{code}: {}: the mend mends nothing: {left:#?}", case.head));
    }
    let diff = changes.diff(&snapshot).map_err(|error| error.to_string())?;
    Ok(case.rewritten(&told(&snapshot, &findings), Some(&diff)))
}

#[test]
fn every_rule_has_its_cases_and_they_say_what_is_so() {
    let mut failures = Vec::new();
    for rule in codes::all().iter().filter(|code| code.rule.is_some()) {
        let path = root().join("rules").join(rule.name).join("cases.md");
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cases = cases(&page);
        for (kind, least) in [("Fails: ", 1), ("Passes: ", 1)] {
            if cases.iter().filter(|case| case.head.starts_with(kind)).count() < least {
                failures.push(format!("{} has no case that `{kind}`", rule.name));
            }
        }
        let mut rewritten = Vec::new();
        for case in &cases {
            match run(rule.name, case) {
                Ok(text) => rewritten.push(text),
                Err(problem) => failures.push(problem),
            }
        }
        let has_mend = rewritten.iter().any(|text| text.contains("With the mend:"));
        if has_mend != rule.rule.unwrap().has_fix {
            failures.push(format!("{}: `has_fix` is {}, its cases say {has_mend}", rule.name, !has_mend));
        }
        let rewritten = rewritten.join("\n");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, rewritten).unwrap();
        } else if rewritten != page {
            let first = page.lines().zip(rewritten.lines()).find(|(old, new)| old != new);
            failures.push(format!("{}: first difference {first:#?}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn texts_of_rules_are_sentences() {
    for code in codes::all() {
        assert!(code.doc.ends_with('.'), "{}: {}", code.name, code.doc);
        for text in code.rule.iter().flat_map(|rule| [rule.summary, rule.why, rule.mend]) {
            assert!(text.ends_with(['.', '`']) && text.len() > 20, "{}: {text}", code.name);
        }
    }
    let names: Vec<&str> = codes::all().iter().map(|code| code.name).collect();
    let mut unique = names.clone();
    unique.dedup();
    assert_eq!(names, unique, "each code is stated once");
}

#[test]
fn pages_are_fresh() {
    let folder = root().join("../../docs/rules");
    let cases = |code: &str| {
        let page = fs::read_to_string(root().join("rules").join(code).join("cases.md")).unwrap();
        page.replace("\n## ", "\n### ").replacen("## ", "### ", 1)
    };
    let mut stale = Vec::new();
    let pages = page::all(&cases);
    for (name, text) in &pages {
        let path = folder.join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, text).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            stale.push(path.display().to_string());
        }
    }
    let summary = root().join("../../docs/SUMMARY.md");
    let book = fs::read_to_string(&summary).unwrap();
    let rewritten = with_pages(&book, &pages);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&summary, rewritten).unwrap();
    } else if rewritten != book {
        stale.push(summary.display().to_string());
    }
    let known = fs::read_dir(&folder).unwrap().flatten().count();
    assert!(stale.is_empty(), "run `UPDATE=1 cargo test -p loko-rules --test rules`: {stale:#?}");
    assert_eq!(known, pages.len(), "docs/rules holds pages of rules that are gone");
}

/// The book's summary with a line for each rule below that of their list.
fn with_pages(book: &str, pages: &[(String, String)]) -> String {
    let mut out = String::new();
    for line in book.lines().filter(|line| !line.starts_with("  - [") || !line.contains("](rules/")) {
        out.push_str(line);
        out.push('\n');
        if line.contains("](rules/index.md)") {
            for (name, _) in pages.iter().filter(|(name, _)| name != "index.md") {
                let _ = writeln!(out, "  - [{}](rules/{name})", name.trim_end_matches(".md"));
            }
        }
    }
    out
}

#[test]
fn a_status_that_could_not_be_read_is_not_missing_too() {
    let told = |decision: &str| {
        let texts = [("src/shop/system.md", "---\nname: Shop\n---\n"), ("decisions/0001-queue.md", decision)];
        let snapshot = Snapshot::from_texts(texts);
        let loaded = loko_model::load(&snapshot);
        let options = Options { preset: Some(Preset::All), ..Options::default() };
        let found = check(&snapshot, &loaded, loaded.findings.clone(), &options).findings;
        let of_decision =
            |it: &&Diagnostic| it.primary.as_ref().is_some_and(|it| it.place.path.as_str().contains("0001"));
        found.iter().filter(of_decision).map(|it| it.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told("---\nstatus: [accepted\n---\n# A queue\n"), ["bad-front-matter"]);
    assert_eq!(told("---\nstatus: { is: accepted }\n---\n# A queue\n"), ["wrong-type"]);
    // Something else that could not be read excuses nothing.
    assert_eq!(told("---\ndate: { is: today }\n---\n# A queue\n"), ["wrong-type", "decision-without-status"]);
    assert_eq!(told("# A queue\n"), ["decision-without-status"]);
}
