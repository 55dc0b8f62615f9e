//! Relations that do not wait, drawn with a solid line.

use crate::fix;
use rustc_hash::FxHashMap;
use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::{ElementIx, RelationKind};
use loko_source::{Applicability, Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A relation is asynchronous, and a D2 file draws it with a solid line.",
    why: "Readers take a solid line for a call that waits.",
    mend: "Give the arrow `style.stroke-dash: 5`.",
    group: Group::Drift,
    severity: Severity::Warning,
    reads: Reads::All,
    is_on: true,
    has_fix: true,
    options: &[],
    keys: &[],
    aliases: &["async-not-dashed"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    if ask.workspace.drawings.is_empty() {
        return Vec::new();
    }
    // Of several relations between two elements a solid one makes a solid arrow right.
    let mut only_async: FxHashMap<(ElementIx, ElementIx), bool> = FxHashMap::default();
    for (_, relation) in ask.workspace.relations() {
        let is_async = relation.kind != RelationKind::Sync;
        let known = only_async.entry((relation.source, relation.target)).or_insert(true);
        *known &= is_async;
    }
    let mut findings = Vec::new();
    for drawing in ask.workspace.drawings {
        let text = ask.workspace.snapshot.text(drawing.file.as_str()).unwrap_or("");
        for arrow in drawing.arrows.iter().filter(|arrow| !arrow.dashed) {
            let [Some(source), Some(target)] = arrow.ends.map(|end| drawing.boxes[end].element) else { continue };
            if only_async.get(&(source, target)) != Some(&true) {
                continue;
            }
            let message = format!("{} → {} does not wait, but is drawn as if it did", ask.id(source), ask.id(target));
            let mut finding = ask
                .finding(message)
                .at(&drawing.file, arrow.span, "solid")
                .help("draw it with `style.stroke-dash: 5`");
            let key = arrow.key.as_ref().map(|key| format!("{key}.style.stroke-dash"));
            let edits = key.and_then(|key| loko_d2::edit::set(text, &key, Some("5")).ok());
            if let Some(edits) = edits.filter(|edits| !edits.is_empty()) {
                finding = finding.fix(fix::of_file("draw it dashed", Applicability::Safe, &drawing.file, edits));
            }
            findings.push(finding);
        }
    }
    findings
}
