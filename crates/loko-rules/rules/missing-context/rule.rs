//! Systems that nobody uses and that use nobody.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::Kind;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A system has containers, and nothing says who uses it.",
    why: "The first level of an architecture is who uses a system and what it needs; details without it answer questions that nobody asked yet.",
    mend: "Add the people and systems around it and what they want: `loko new person`, `loko new external`, `loko link`.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &[],
    aliases: &["context-first"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    // Without relations there is nothing to draw on any level.
    if model.relations.is_empty() {
        return Vec::new();
    }
    let mut has_context = vec![false; model.elements.len()];
    for relation in &model.relations {
        let (source, target) = (ask.workspace.top(relation.source), ask.workspace.top(relation.target));
        if source != target {
            has_context[source.index()] = true;
            has_context[target.index()] = true;
        }
    }
    let detailed = model.of_kind(Kind::System).filter(|ix| !model.children(*ix).is_empty() && !has_context[ix.index()]);
    detailed
        .map(|ix| {
            ask.of_element(ix, format!("nothing says who uses {}", ask.id(ix)), "no context")
                .help("add the people and systems around it, and what they want of it")
        })
        .collect()
}
