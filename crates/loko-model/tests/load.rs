//! Cases of `tests/cases/load/`: a small workspace in one Markdown file, what is found in it, and the model it gives.
//!
//! A file of the workspace is a line with its path in backticks, then a fenced block. The word `crlf`, `bom` or
//! `latin1` behind the fence changes how its bytes are written. `UPDATE=1 cargo test -p loko-model --test load`
//! rewrites the blocks below "Findings" and "Model".

#![expect(clippy::disallowed_methods, reason = "cases are read from the disk")]

mod support;

use loko_model::load;
use loko_model::load::CODES;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Case, dump, findings};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/load");
    let entries = fs::read_dir(&folder).expect("the folder of cases is there");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
}

/// Whether a case says what is so.
fn check(path: &Path, update: bool) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let case = Case::parse(&text)?;
    let snapshot = case.snapshot();
    let loaded = load(&snapshot);
    let found = findings(&snapshot, &loaded.findings);
    let model = dump(&snapshot, &loaded.model);
    let rewritten = case.with_expected(&found, &model);
    if rewritten == text {
        return Ok(());
    }
    if update {
        return fs::write(path, rewritten).map_err(|error| error.to_string());
    }
    let differences = text.lines().zip(rewritten.lines()).find(|(old, new)| old != new);
    Err(format!("{}:\n  first difference: {differences:#?}\n--- found\n{found}--- model\n{model}", path.display()))
}

#[test]
fn cases_say_what_is_so() {
    let update = std::env::var_os("UPDATE").is_some();
    let paths = cases();
    assert!(paths.len() >= 60, "the cases are there: {}", paths.len());
    let failures: Vec<String> = paths.iter().filter_map(|path| check(path, update).err()).collect();
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_code_has_a_case_and_its_severity() {
    let mut seen = std::collections::BTreeMap::new();
    for path in cases() {
        let text = fs::read_to_string(&path).expect("a case can be read");
        let snapshot = Case::parse(&text).expect("a case has its form").snapshot();
        for finding in load(&snapshot).findings {
            let worst = seen.entry(finding.code.to_string()).or_insert(finding.severity);
            *worst = finding.severity.max(*worst);
        }
    }
    let stated: Vec<_> = CODES.iter().map(|code| (code.name.to_owned(), code.severity)).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), stated);
}

#[test]
fn one_thread_and_many_give_the_same() {
    for path in cases() {
        let text = fs::read_to_string(&path).expect("a case can be read");
        let snapshot = Case::parse(&text).expect("a case has its form").snapshot();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let loaded = pool.install(|| load(&snapshot));
            (findings(&snapshot, &loaded.findings), dump(&snapshot, &loaded.model), loaded.references)
        };
        assert_eq!(with(1), with(4), "{}", path.display());
    }
}
