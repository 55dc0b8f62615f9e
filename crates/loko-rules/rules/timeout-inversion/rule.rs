//! Callers that give up before those they wait for.

use crate::behaviour::{self, told};
use crate::rule::{Ask, Group, Rule, flag};
use loko_model::{ElementIx, RelationIx};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A caller gives up sooner than what it calls does.",
    why: "The callee goes on working for nobody; the caller tries again, and the work doubles.",
    mend: "Let the timeout of a call be longer than all that happens within it, retries included.",
    group: Group::Resilience,
    severity: Severity::Warning,
    is_on: true,
    has_fix: false,
    options: &[
        flag("retries", true, "Whether the attempts of the calls below are added up."),
    ],
    keys: &["timeout", "retry"],
    aliases: &["deadline-inversion"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let model = workspace.model;
    let mut findings = Vec::new();
    for (ix, relation) in workspace.relations().filter(|(_, relation)| workspace.waits(relation)) {
        let Some(value) = relation.behaviour.get("timeout") else { continue };
        let Some(patience) = behaviour::seconds(value) else { continue };
        let place = workspace.value_place(relation, value);
        let start = |callee: f64, of: String| {
            let message = format!("{} gives up after {}, {of} only after {}", ask.arrow(relation), told(patience), told(callee));
            ask.finding(message)
                .at(&place.path, place.span, "shorter than what it waits for")
                .help(format!("raise it above {}, or lower what is below it", told(callee)))
        };
        let own = model.element(relation.target).behaviour.get("timeout");
        if let (Some(value), Some(callee)) = (own, own.and_then(behaviour::seconds))
            && callee > patience
        {
            let target = &model.element(relation.target).file;
            findings.push(start(callee, ask.id(relation.target)).and(target, value.span, "set here"));
        }
        if let Some((below, callee)) = slowest(ask, ix, relation.target).filter(|(_, callee)| *callee > patience) {
            let next = model.relation(below);
            let value = next.behaviour.get("timeout");
            let place = value.map_or_else(|| next.place.clone(), |value| workspace.value_place(next, value));
            findings.push(start(callee, ask.arrow(next)).and(&place.path, place.span, "set here"));
        }
    }
    findings
}

/// The call of an element, or of what is in it, that takes longest until it gives up.
fn slowest(ask: &Ask<'_>, caller: RelationIx, ix: ElementIx) -> Option<(RelationIx, f64)> {
    let model = ask.workspace.model;
    let with_retries = ask.flag("retries");
    let mut slowest: Option<(RelationIx, f64)> = None;
    for next in model.subtree(ix).into_iter().flat_map(|ix| model.outgoing(ix).iter().copied()) {
        let relation = model.relation(next);
        if next == caller || !ask.workspace.waits(relation) || model.is_within(relation.target, ix) {
            continue;
        }
        let Some(once) = relation.behaviour.get("timeout").and_then(behaviour::seconds) else { continue };
        let attempts = relation.behaviour.get("retry").and_then(behaviour::attempts).filter(|_| with_retries).unwrap_or(1.0);
        let all = once * attempts;
        if slowest.is_none_or(|(_, known)| all > known) {
            slowest = Some((next, all));
        }
    }
    slowest
}
