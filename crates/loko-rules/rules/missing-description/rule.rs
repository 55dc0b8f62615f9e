//! Elements that nobody described.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "An element has no description.",
    why: "A name says what something is called, not what it does.",
    mend: "Say in one sentence what it does: `loko update ELEMENT -d \"…\"`.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &["description"],
    aliases: &["no-description"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let silent = model.ids().filter(|ix| model.element(*ix).description.trim().is_empty());
    silent
        .map(|ix| {
            ask.of_element(ix, format!("{} has no description", ask.id(ix)), "what does it do?")
                .help("say it in one sentence: `description: …`")
        })
        .collect()
}
