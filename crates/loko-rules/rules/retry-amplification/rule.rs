//! Retries on several layers.

use crate::behaviour::{self, rounded};
use crate::rule::{Ask, Group, Rule, number};
use loko_model::{ElementIx, RelationIx};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "Calls are retried on more than one layer of a chain.",
    why: "Attempts multiply: three layers of three attempts are 27 calls at the last one, just when it is down.",
    mend: "Retry in one layer, the one next to the failure or the one that knows the user; let the others pass failures on.",
    group: Group::Resilience,
    severity: Severity::Warning,
    is_on: true,
    has_fix: false,
    options: &[
        number("attempts", 4.0, "From how many attempts at the end of a chain on."),
    ],
    keys: &["retry"],
    aliases: &["retry-storm"],
    check,
};

/// How many layers of a chain are followed.
const DEPTH_MAX: usize = 16;
/// How many steps a search from one relation takes; chains that branch without end are not followed to the last.
const STEPS_MAX: usize = 20_000;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let retried: Vec<(RelationIx, f64)> = workspace
        .relations()
        .filter(|(_, relation)| workspace.waits(relation))
        .filter_map(|(ix, relation)| Some((ix, attempts(ask, ix).filter(|_| relation.behaviour.contains_key("retry"))?)))
        .filter(|(_, attempts)| *attempts > 1.0)
        .collect();
    let limit = ask.number("attempts");
    let mut findings = Vec::new();
    for (ix, own) in retried {
        let mut chain = vec![ix];
        let (worst, deepest) = worst(ask, ix, own, &mut chain, &mut 0);
        // With one layer alone there is nothing to multiply.
        if deepest.len() < 2 || worst < limit {
            continue;
        }
        let model = workspace.model;
        let relation = model.relation(ix);
        let value = relation.behaviour.get("retry");
        let place = value.map_or_else(|| relation.place.clone(), |value| workspace.value_place(relation, value));
        let last = model.relation(*deepest.last().expect("a chain of two has a last")).target;
        let message = format!("{} and the calls below it are tried up to {} times in all", ask.arrow(relation), rounded(worst));
        let mut finding = ask.finding(message).at(&place.path, place.span, format!("{} attempts here", rounded(own)));
        for next in &deepest[1..] {
            let below = model.relation(*next);
            let value = below.behaviour.get("retry");
            let place = value.map_or_else(|| below.place.clone(), |value| workspace.value_place(below, value));
            let count = attempts(ask, *next).map_or(1.0, rounded);
            finding = finding.and(&place.path, place.span, format!("{count} attempts here: {}", ask.arrow(below)));
        }
        findings.push(finding.help(format!("retry in one layer only; {} gets all of them when it is down", ask.id(last))));
    }
    findings
}

fn attempts(ask: &Ask<'_>, ix: RelationIx) -> Option<f64> {
    ask.workspace.model.relation(ix).behaviour.get("retry").and_then(behaviour::attempts)
}

/// The most attempts at the end of a chain that begins with the relations so far, and its relations with retries.
fn worst(
    ask: &Ask<'_>,
    from: RelationIx,
    so_far: f64,
    chain: &mut Vec<RelationIx>,
    steps: &mut usize,
) -> (f64, Vec<RelationIx>) {
    let model = ask.workspace.model;
    let target = model.relation(from).target;
    let mut best = (so_far, chain.iter().copied().filter(|ix| attempts(ask, *ix).is_some_and(|it| it > 1.0)).collect::<Vec<_>>());
    *steps += 1;
    if chain.len() >= DEPTH_MAX || *steps > STEPS_MAX {
        return best;
    }
    for next in below(ask, target) {
        let leads_back = chain.iter().any(|it| model.relation(*it).source == model.relation(next).target);
        if chain.contains(&next) || leads_back || !leads_to_retries(ask, next) {
            continue;
        }
        let times = attempts(ask, next).unwrap_or(1.0).max(1.0);
        chain.push(next);
        let found = worst(ask, next, so_far * times, chain, steps);
        chain.pop();
        if found.0 > best.0 {
            best = found;
        }
    }
    best
}

/// The waiting relations by which an element, what is in it, or what it is part of goes on.
fn below(ask: &Ask<'_>, ix: ElementIx) -> Vec<RelationIx> {
    let model = ask.workspace.model;
    let near = model.subtree(ix).into_iter().chain(model.ancestry(ix).skip(1));
    let out = near.flat_map(|ix| model.outgoing(ix).iter().copied());
    out.filter(|it| ask.workspace.waits(model.relation(*it)) && !ask.workspace.is_inside(model.relation(*it))).collect()
}

/// Only relations that retry, or whose targets have any that do, can make it worse; the rest is not followed.
fn leads_to_retries(ask: &Ask<'_>, ix: RelationIx) -> bool {
    let has = |ix: &RelationIx| attempts(ask, *ix).is_some_and(|it| it > 1.0);
    has(&ix) || below(ask, ask.workspace.model.relation(ix).target).iter().any(has)
}
