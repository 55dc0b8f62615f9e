//! Large architectures of which nobody says why.

use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_model::Kind;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A workspace has many containers and no decision record.",
    why: "Structure shows what was built. Why it was built like this is forgotten first and asked for longest.",
    mend: "Write the decisions down that shaped it, a page each, in `decisions/`.",
    group: Group::Decisions,
    severity: Severity::Info,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[
        number("containers", 10.0, "From how many containers on."),
    ],
    keys: &[],
    aliases: &["no-decisions"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let containers = model.of_kind(Kind::Container).filter(|ix| !ask.workspace.is_external(*ix)).count();
    if !model.decisions.is_empty() || containers < ask.count("containers").max(1) {
        return Vec::new();
    }
    let message = format!("{containers} containers, and no decision is written down");
    vec![ask.finding(message).help("write the decisions that shaped them into `decisions/0001-some-title.md`")]
}
