//! Decisions of which nobody knows whether they hold.

use crate::fix;
use crate::rule::{Ask, Group, Reads, Rule};
use loko_source::{Applicability, Diagnostic, Severity, Span, TextEdit};

pub(crate) const RULE: Rule = Rule {
    summary: "A decision record has no status.",
    why: "A reader cannot tell a proposal from a decision that binds, or from one that was given up.",
    mend: "Say it in the front matter (`status: accepted`) or below a heading `## Status`.",
    group: Group::Decisions,
    severity: Severity::Warning,
    reads: Reads::All,
    is_on: true,
    has_fix: true,
    options: &[],
    keys: &["status"],
    aliases: &["adr-without-status"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let silent = model
        .decisions
        .iter()
        .filter(|decision| decision.status.trim().is_empty() && !ask.workspace.may_say(&decision.file, "status"));
    silent
        .map(|decision| {
            let text = ask.workspace.snapshot.text(decision.file.as_str()).unwrap_or("");
            let start = decision.body.range().start;
            let first = text[start..].lines().position(|line| !line.trim().is_empty()).unwrap_or(0);
            let at = start + text[start..].split_inclusive('\n').take(first).map(str::len).sum::<usize>();
            let line = text[at..].lines().next().map_or(0, str::len);
            let edit = if start == 0 {
                TextEdit::insert(0, "---\nstatus: proposed\n---\n\n")
            } else {
                let after_dashes = text.find('\n').map_or(0, |newline| newline + 1);
                TextEdit::insert(after_dashes, "status: proposed\n")
            };
            ask.finding(format!("the decision `{}` has no status", decision.id))
                .at(&decision.file, Span::new(at, at + line), "does it hold?")
                .help("say `status: proposed`, `accepted`, `rejected` or `superseded by …` in its front matter")
                .fix(fix::of_file("say that it is proposed", Applicability::Unsafe, &decision.file, vec![edit]))
        })
        .collect()
}
