//! Elements that nothing touches.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "An element, with all that is in it, has no relation.",
    why: "Either it is not part of the architecture, or what it does for the others is not written down.",
    mend: "Say what it uses or who uses it (`loko link`), or take it out (`loko remove`).",
    group: Group::Structure,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &[],
    aliases: &["isolated-component", "orphan", "isolated-components"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    // Before the first relation everything is isolated, and nothing is wrong.
    if model.relations.is_empty() {
        return Vec::new();
    }
    let mut touched = vec![false; model.elements.len()];
    for relation in &model.relations {
        for end in [relation.source, relation.target] {
            model.ancestry(end).for_each(|ix| touched[ix.index()] = true);
        }
    }
    let is_outermost = |ix| model.element(ix).parent.is_none_or(|parent| touched[parent.index()]);
    let isolated = model.ids().filter(|ix| !touched[ix.index()] && is_outermost(*ix));
    isolated
        .map(|ix| {
            ask.of_element(ix, format!("{} has no relation to anything", ask.id(ix)), "isolated")
                .help("say what it uses or who uses it with `loko link`, or take it out")
        })
        .collect()
}
