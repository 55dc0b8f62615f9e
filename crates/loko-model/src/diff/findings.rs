//! Which findings came and which went.
//!
//! A finding is the same by its code, its words and its file; where in the file does not matter. Elements that were
//! renamed or moved are read under their new ids and files, in words and in places, so that a rename alone makes no
//! finding come or go.

use super::matching::Matching;
use super::{FindingRef, Findings, Side};
use loko_source::{Diagnostic, FilePath};
use rustc_hash::FxHashMap;

/// What a finding is known by: its code, its words and its file.
type Key<'d> = (&'d str, String, Option<&'d str>);

/// Compares the findings of two sides.
pub(super) fn compare(before: Side<'_>, after: Side<'_>, matching: &Matching) -> Findings {
    let renames = Renames::of(before, after, matching);
    let old: Vec<Key<'_>> = before.findings.iter().map(|finding| renames.key(finding)).collect();
    let new: Vec<Key<'_>> = after.findings.iter().map(|finding| Renames::default().key(finding)).collect();
    Findings { appeared: only(after.findings, &new, &old), went: only(before.findings, &old, &new) }
}

/// The findings of one side that the other side has not, counting those alike.
fn only(findings: &[Diagnostic], keys: &[Key<'_>], others: &[Key<'_>]) -> Vec<FindingRef> {
    let mut left: FxHashMap<&Key<'_>, usize> = FxHashMap::default();
    others.iter().for_each(|key| *left.entry(key).or_default() += 1);
    let mut found = Vec::new();
    for (finding, key) in findings.iter().zip(keys) {
        match left.get_mut(key) {
            Some(count) if *count > 0 => *count -= 1,
            _ => found.push(reference(finding)),
        }
    }
    found
}

/// What elements are called now, by what they were called.
#[derive(Default)]
struct Renames<'a> {
    ids: FxHashMap<&'a str, &'a str>,
    files: FxHashMap<&'a FilePath, &'a FilePath>,
}

impl<'a> Renames<'a> {
    fn of(before: Side<'a>, after: Side<'a>, matching: &Matching) -> Self {
        let mut renames = Self::default();
        for ix in before.model.ids() {
            let Some(other) = matching.after(ix) else { continue };
            let (old, new) = (before.model.element(ix), after.model.element(other.ix));
            if old.id != new.id {
                renames.ids.insert(old.id.as_str(), new.id.as_str());
            }
            if old.file != new.file {
                renames.files.insert(&old.file, &new.file);
            }
            if let (Some(old), Some(new)) = (&old.d2, &new.d2)
                && old != new
            {
                renames.files.insert(old, new);
            }
        }
        renames
    }

    fn key<'d>(&self, finding: &'d Diagnostic) -> Key<'d>
    where
        'a: 'd,
    {
        let file = finding.primary.as_ref().map(|label| &label.place.path);
        let file = file.map(|file| self.files.get(file).copied().unwrap_or(file).as_str());
        (&finding.code, self.words(&finding.message), file)
    }

    /// A headline with the new ids; ids stand in backticks.
    fn words(&self, message: &str) -> String {
        if self.ids.is_empty() {
            return message.to_owned();
        }
        let quoted = |(at, part): (usize, &str)| match self.ids.get(part).filter(|_| at % 2 == 1) {
            Some(new) => (*new).to_owned(),
            None => part.to_owned(),
        };
        message.split('`').enumerate().map(quoted).collect::<Vec<String>>().join("`")
    }
}

fn reference(finding: &Diagnostic) -> FindingRef {
    FindingRef {
        code: finding.code.to_string(),
        severity: finding.severity,
        message: finding.message.clone(),
        file: finding.primary.as_ref().map(|label| label.place.path.to_string()),
    }
}
