//! Callers that give up before those they wait for.

use crate::calls;
use crate::rule::{Ask, Group, Reads, Rule, flag};
use loko_model::behaviour::{Behaviour, Duration};
use loko_model::{ElementIx, RelationIx, Value};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A caller gives up sooner than what it calls does.",
    why: "The callee goes on working for nobody; the caller tries again, and the work doubles.",
    mend: "Let the timeout of a call be longer than all that happens within it, retries included.",
    group: Group::Resilience,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        flag("retries", true, "Whether the attempts of calls below are added up, when no overall timeout spans them."),
    ],
    keys: &["timeout", "retry.per_try_timeout", "retry.attempts"],
    aliases: &["deadline-inversion"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let model = workspace.model;
    let mut findings = Vec::new();
    for (ix, relation) in workspace.relations().filter(|(_, relation)| workspace.waits(relation)) {
        if relation.behaviour.is_empty() {
            continue;
        }
        let Some((patience, value)) = calls::patience(Behaviour::of_relation(relation)) else { continue };
        let place = workspace.value_place(relation, value);
        let start = |callee: Duration, of: String| {
            let message = format!("{} gives up after {patience}, {of} only after {callee}", ask.arrow(relation));
            ask.finding(message)
                .at(&place.path, place.span, "shorter than what it waits for")
                .help(format!("raise it above {callee}, or lower what is below it"))
        };
        let target = model.element(relation.target);
        let own = calls::longest(Behaviour::of_element(target), false);
        if let Some((callee, value)) = own.filter(|(callee, _)| *callee > patience) {
            let finding = start(callee, ask.id(relation.target));
            findings.push(finding.and(&target.file, value.span, "set here"));
        }
        if let Some((below, callee, value)) = slowest(ask, ix, relation.target).filter(|(_, callee, _)| *callee > patience) {
            let next = model.relation(below);
            let place = workspace.value_place(next, value);
            findings.push(start(callee, ask.arrow(next)).and(&place.path, place.span, "set here"));
        }
    }
    findings
}

/// The call of an element, or of what is in it, that takes longest until it gives up, and where that is said.
fn slowest<'a>(ask: &Ask<'a>, caller: RelationIx, ix: ElementIx) -> Option<(RelationIx, Duration, &'a Value)> {
    let model = ask.workspace.model;
    let with_retries = ask.flag("retries");
    let mut slowest: Option<(RelationIx, Duration, &Value)> = None;
    for next in model.subtree(ix).into_iter().flat_map(|ix| model.outgoing(ix).iter().copied()) {
        let relation = model.relation(next);
        if next == caller || !ask.workspace.waits(relation) || model.is_within(relation.target, ix) {
            continue;
        }
        let Some((span, value)) = calls::longest(Behaviour::of_relation(relation), with_retries) else { continue };
        if slowest.is_none_or(|(_, known, _)| span > known) {
            slowest = Some((next, span, value));
        }
    }
    slowest
}
