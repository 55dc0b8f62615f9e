//! Whole commands on whole workspaces, as data: `tests/cases/<case>/case.md` at the top of this repository says what to
//! run in a copy of its folder and what must be printed. `UPDATE=1 cargo test -p loko --test cases` writes what is
//! printed into the pages; read the difference before you commit it.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs real commands on real folders")]

mod console;

use std::fs;
use std::path::Path;

#[test]
fn every_case_prints_what_it_should() {
    let cases = console::repository().join("tests/cases");
    let mut names: Vec<_> = fs::read_dir(&cases).unwrap().flatten().map(|entry| entry.path()).collect();
    names.retain(|path| path.join("case.md").is_file());
    names.sort();
    assert!(!names.is_empty(), "there are no cases in {}", cases.display());
    let failures: Vec<String> = names.iter().flat_map(|case| check(case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    println!("{} cases", names.len());
}

fn check(case: &Path) -> Vec<String> {
    let page = fs::read_to_string(case.join("case.md")).unwrap();
    let steps = console::steps(&page);
    let folder = tempfile::tempdir().unwrap();
    console::copy(case, folder.path());
    fs::remove_file(folder.path().join("case.md")).unwrap();
    let printed = console::run(folder.path(), &steps);
    if std::env::var_os("UPDATE").is_some() {
        update(case, &page, &steps, &printed);
        return Vec::new();
    }
    let differs = steps.iter().zip(&printed).filter(|(step, printed)| !console::matches(&step.expected, printed));
    differs
        .map(|(step, printed)| {
            let expected = step.expected.join("\n");
            format!("{}:{}: $ {}\nprinted:\n{printed}\nexpected:\n{expected}", case.display(), step.line, step.command)
        })
        .collect()
}

fn update(case: &Path, page: &str, steps: &[console::Step], printed: &[String]) {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    for (step, printed) in steps.iter().zip(printed).rev() {
        if !console::matches(&step.expected, printed) {
            lines.splice(step.expected_at.clone(), printed.trim_end().lines().map(|line| line.trim_end().to_owned()));
        }
    }
    fs::write(case.join("case.md"), lines.join("\n") + "\n").unwrap();
}
