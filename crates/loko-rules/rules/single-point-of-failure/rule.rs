//! Things of which there is one, and which many wait for.

use crate::rule::{Ask, Group, Rule, number};
use loko_model::behaviour::Behaviour;
use loko_model::{ElementIx, Model};
use loko_source::{Diagnostic, Severity};
use std::collections::BTreeSet;

pub(crate) const RULE: Rule = Rule {
    summary: "Something runs once, and several others cannot work without it.",
    why: "When it restarts, all of them stop.",
    mend: "Run a second copy, or let the others go on without it: a cache, a queue, a fallback.",
    group: Group::Resilience,
    severity: Severity::Warning,
    is_on: true,
    has_fix: false,
    options: &[
        number("dependents", 3.0, "From how many containers and systems on that wait for it, directly or not."),
    ],
    keys: &["replicas", "autoscaling.min", "fallback"],
    aliases: &["spof"],
    check,
};

/// How many of those that wait are named.
const NAMED_MAX: usize = 8;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let limit = ask.count("dependents").max(1);
    let mut findings = Vec::new();
    for ix in model.ids().filter(|ix| !ask.workspace.is_external(*ix)) {
        let behaviour = Behaviour::of_element(model.element(ix));
        // Where copies come and go by themselves, the fewest that ever run count.
        let fewest = behaviour.find("autoscaling.min").or_else(|| behaviour.find("replicas"));
        let Some(value) = fewest.map(|found| found.value) else { continue };
        let scaled = behaviour.count_or_default("autoscaling.min");
        if scaled.or_else(|| behaviour.count("replicas")) != Some(1) {
            continue;
        }
        let waiting: Vec<ElementIx> = waiting(ask, model, ix).into_iter().collect();
        if waiting.len() >= limit {
            let message = format!("{} runs once, and {} others cannot work without it", ask.id(ix), waiting.len());
            findings.push(
                ask.of_element(ix, message, "a single point of failure")
                    .and(&model.element(ix).file, value.span, "one copy")
                    .note(format!("those are {}", ask.ids(&waiting, NAMED_MAX)))
                    .help("run a second copy, or let the others go on without it"),
            );
        }
    }
    findings
}

/// The containers, and systems without containers, that wait for an element by a chain of calls.
fn waiting(ask: &Ask<'_>, model: &Model, ix: ElementIx) -> BTreeSet<ElementIx> {
    let workspace = ask.workspace;
    let mut found: BTreeSet<ElementIx> = BTreeSet::new();
    let mut open = model.subtree(ix);
    while let Some(at) = open.pop() {
        for relation in model.incoming(at).iter().map(|it| model.relation(*it)) {
            // Who has another way when it fails does not depend on it.
            let has_way = relation.behaviour.contains_key("fallback");
            if !workspace.waits(relation) || has_way || model.is_within(relation.source, ix) {
                continue;
            }
            let source = workspace.container(relation.source).unwrap_or(relation.source);
            if model.element(source).kind != loko_model::Kind::Person && found.insert(source) {
                open.extend(model.subtree(source));
            }
        }
    }
    found
}
