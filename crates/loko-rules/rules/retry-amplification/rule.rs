//! Retries on several layers.

use crate::calls;
use crate::rule::{Ask, Group, Rule, number};
use loko_model::behaviour::Behaviour;
use loko_model::{ElementIx, RelationIx, Value};
use loko_source::{Diagnostic, Place, Severity};

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
    keys: &["retry.attempts"],
    aliases: &["retry-storm"],
    check,
};

/// How many layers of a chain are followed.
const DEPTH_MAX: usize = 16;
/// How many steps a search from one relation takes; chains that branch without end are not followed to the last.
const STEPS_MAX: usize = 20_000;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let layers = Layers::of(ask);
    let model = ask.workspace.model;
    let limit = ask.number("attempts");
    let mut findings = Vec::new();
    for (ix, own) in layers.retried() {
        let mut chain = vec![ix];
        let (worst, deepest) = layers.worst(ix, own, &mut chain, &mut 0);
        // With one layer alone there is nothing to multiply.
        if deepest.len() < 2 || (worst as f64) < limit {
            continue;
        }
        let last = model.relation(*deepest.last().expect("a chain of two has a last")).target;
        let message = format!("{} and the calls below it are tried up to {worst} times in all", ask.arrow(model.relation(ix)));
        let place = layers.place(ix);
        let mut finding = ask.finding(message).at(&place.path, place.span, format!("{own} attempts here"));
        for next in &deepest[1..] {
            let (place, count) = (layers.place(*next), layers.attempts[next.index()]);
            let label = format!("{count} attempts here: {}", ask.arrow(model.relation(*next)));
            finding = finding.and(&place.path, place.span, label);
        }
        findings.push(finding.help(format!("retry in one layer only; {} gets all of them when it is down", ask.id(last))));
    }
    findings
}

/// How often each relation is tried, and where chains go on.
struct Layers<'a> {
    ask: &'a Ask<'a>,
    /// By relation; one where nobody waits or nothing is said.
    attempts: Vec<u64>,
    /// By element: whether a chain that arrives there can come to a retry.
    leads_to_retries: Vec<bool>,
}

impl<'a> Layers<'a> {
    fn of(ask: &'a Ask<'a>) -> Self {
        let attempts = |(_, relation): (RelationIx, &_)| {
            let waits = ask.workspace.waits(relation);
            calls::attempts(Behaviour::of_relation(relation)).filter(|_| waits).unwrap_or(1)
        };
        let attempts: Vec<u64> = ask.workspace.relations().map(attempts).collect();
        let mut layers = Self { ask, attempts, leads_to_retries: vec![false; ask.workspace.model.elements.len()] };
        layers.find_ways();
        layers
    }

    /// Goes against the calls, from those that are retried.
    fn find_ways(&mut self) {
        let (workspace, model) = (self.ask.workspace, self.ask.workspace.model);
        let mut open: Vec<ElementIx> = self.retried().map(|(ix, _)| model.relation(ix).source).collect();
        let mut is_done = vec![false; model.elements.len()];
        while let Some(source) = open.pop() {
            if std::mem::replace(&mut is_done[source.index()], true) {
                continue;
            }
            // A chain that arrives at a whole goes on from its parts, and one at a part from what it is part of.
            for ix in model.ancestry(source).chain(model.subtree(source)) {
                if std::mem::replace(&mut self.leads_to_retries[ix.index()], true) {
                    continue;
                }
                let calls = model.incoming(ix).iter().map(|ix| model.relation(*ix));
                open.extend(calls.filter(|it| workspace.waits(it) && !workspace.is_inside(it)).map(|it| it.source));
            }
        }
    }

    /// The relations that are tried more than once, with how often.
    fn retried(&self) -> impl Iterator<Item = (RelationIx, u64)> {
        let all = self.attempts.iter().enumerate().map(|(at, attempts)| (RelationIx(at as u32), *attempts));
        all.filter(|(_, attempts)| *attempts > 1)
    }

    /// Where it is said how often a relation is tried.
    fn place(&self, ix: RelationIx) -> Place {
        let relation = self.ask.workspace.model.relation(ix);
        let value: Option<&Value> = relation.behaviour.get("retry");
        value.map_or_else(|| relation.place.clone(), |value| self.ask.workspace.value_place(relation, value))
    }

    /// The most attempts at the end of a chain that begins with the relations so far, and its relations with retries.
    fn worst(&self, from: RelationIx, so_far: u64, chain: &mut Vec<RelationIx>, steps: &mut usize) -> (u64, Vec<RelationIx>) {
        let model = self.ask.workspace.model;
        let target = model.relation(from).target;
        let mut best = (so_far, chain.iter().copied().filter(|ix| self.retries(*ix)).collect::<Vec<_>>());
        *steps += 1;
        if chain.len() >= DEPTH_MAX || *steps > STEPS_MAX {
            return best;
        }
        for next in self.below(target) {
            let leads_back = chain.iter().any(|it| model.relation(*it).source == model.relation(next).target);
            if chain.contains(&next) || leads_back || !self.leads_on(next) {
                continue;
            }
            chain.push(next);
            let found = self.worst(next, so_far.saturating_mul(self.attempts[next.index()]), chain, steps);
            chain.pop();
            if found.0 > best.0 {
                best = found;
            }
        }
        best
    }

    /// The waiting relations by which an element, what is in it, or what it is part of goes on.
    fn below(&self, ix: ElementIx) -> Vec<RelationIx> {
        let (workspace, model) = (self.ask.workspace, self.ask.workspace.model);
        let near = model.subtree(ix).into_iter().chain(model.ancestry(ix).skip(1));
        let out = near.flat_map(|ix| model.outgoing(ix).iter().copied());
        out.filter(|it| workspace.waits(model.relation(*it)) && !workspace.is_inside(model.relation(*it))).collect()
    }

    fn retries(&self, ix: RelationIx) -> bool {
        self.attempts[ix.index()] > 1
    }

    /// Only relations that retry, or behind which some do, can make it worse; the rest is not followed.
    fn leads_on(&self, ix: RelationIx) -> bool {
        self.retries(ix) || self.leads_to_retries[self.ask.workspace.model.relation(ix).target.index()]
    }
}
