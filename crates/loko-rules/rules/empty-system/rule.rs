//! Systems without containers.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::Kind;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A system of our own has no containers.",
    why: "It has to run somewhere; until that is said nobody can deploy, secure or repair it by this description.",
    mend: "Add its containers (`loko new container NAME --parent SYSTEM`), or mark it `external: true` if it is somebody else’s.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &[],
    aliases: &["system-without-containers"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let is_empty = |ix: &loko_model::ElementIx| model.children(*ix).is_empty() && !ask.workspace.is_external(*ix);
    model
        .of_kind(Kind::System)
        .filter(is_empty)
        .map(|ix| {
            ask.of_element(ix, format!("{} has no containers", ask.id(ix)), "empty")
                .help("add its containers with `loko new container`, or say `external: true` if it is somebody else's")
        })
        .collect()
}
