//! Ready mends of findings, put together as one change set.

use loko_source::{Applicability, ChangeSet, Diagnostic, FilePath, Fix, Snapshot, TextEdit};
use std::collections::BTreeMap;

/// How often findings are mended and looked for again before it is given up.
pub const PASSES_MAX: usize = 8;

/// Which mends are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that mean the same as what stood there.
    Safe,
    /// Those that may change what was meant, too.
    All,
}

/// The mends of findings that can be made together: the first of two that touch the same bytes. Hands back what they do.
pub fn changes(findings: &[Diagnostic], snapshot: &Snapshot, wanted: Wanted) -> (ChangeSet, Vec<String>) {
    let mut taken: BTreeMap<&FilePath, Vec<&TextEdit>> = BTreeMap::new();
    let (mut changes, mut summary) = (ChangeSet::new(), Vec::new());
    let fixes = findings.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?)));
    for (finding, fix) in fixes.filter(|(_, fix)| wanted == Wanted::All || fix.applicability == Applicability::Safe) {
        let is_free = |(path, edit): &(FilePath, TextEdit)| {
            let fits = snapshot
                .source(path.as_str())
                .is_some_and(|source| source.invalid_at().is_none() && source.text().get(edit.span.range()).is_some());
            fits && taken.get(path).is_none_or(|known| known.iter().all(|other| !overlap(other, edit)))
        };
        if fix.edits.is_empty() || !fix.edits.iter().all(is_free) {
            continue;
        }
        for (path, edit) in &fix.edits {
            taken.entry(path).or_default().push(edit);
            changes.edit(path.clone(), edit.clone());
        }
        summary.push(format!("{}: {}", finding.code, fix.title));
    }
    (changes, summary)
}

fn overlap(a: &TextEdit, b: &TextEdit) -> bool {
    // Two inserts at one place would have no order.
    a.span.start < b.span.end && b.span.start < a.span.end || a.span.start == b.span.start
}

/// A mend of one file.
pub fn of_file(title: impl Into<String>, applicability: Applicability, path: &FilePath, edits: Vec<TextEdit>) -> Fix {
    Fix { title: title.into(), applicability, edits: edits.into_iter().map(|edit| (path.clone(), edit)).collect() }
}
