//! Retries on several layers.

use crate::calls;
use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_model::behaviour::Behaviour;
use loko_model::graph::cyclic_groups;
use loko_model::{ElementIx, RelationIx, Value};
use loko_source::{Diagnostic, Place, Severity};
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) const RULE: Rule = Rule {
    summary: "Calls are retried on more than one layer of a chain.",
    why: "Attempts multiply: three layers of three attempts are 27 calls at the last one, just when it is down.",
    mend: "Retry in one layer, the one next to the failure or the one that knows the user; let the others pass failures on.",
    group: Group::Resilience,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("attempts", 4.0, "From how many attempts at the end of a chain on."),
    ],
    keys: &["retry.attempts"],
    aliases: &["retry-storm"],
    check,
};

/// How many layers of a chain are followed where calls go in circles.
const DEPTH_MAX: usize = 16;
/// How many steps a search takes where calls go in circles, from one relation.
const STEPS_MAX: usize = 2_000;
/// How many elements are looked at on the way from one layer to the next.
const WAY_MAX: usize = 2_000;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let layers = Layers::of(ask);
    let model = ask.workspace.model;
    let limit = ask.number("attempts");
    let mut known = FxHashMap::default();
    let mut findings = Vec::new();
    for ix in layers.retried.iter().copied() {
        let (worst, chain) = layers.worst(ix, &mut Vec::new(), &mut 0, &mut known);
        // With one layer alone there is nothing to multiply.
        if chain.len() < 2 || (worst as f64) < limit {
            continue;
        }
        let last = model.relation(*chain.last().expect("a chain of two has a last")).target;
        let message = format!("{} and the calls below it are tried up to {worst} times in all", ask.arrow(model.relation(ix)));
        let place = layers.place(ix);
        let own = format!("{} attempts here", layers.attempts(ix));
        let mut finding = ask.finding(message).at(&place.path, place.span, own);
        for next in &chain[1..] {
            let place = layers.place(*next);
            let label = format!("{} attempts here: {}", layers.attempts(*next), ask.arrow(model.relation(*next)));
            finding = finding.and(&place.path, place.span, label);
        }
        findings.push(finding.help(format!("retry in one layer only; {} gets all of them when it is down", ask.id(last))));
    }
    findings
}

/// The relations that are tried more than once, and which of them come behind which.
///
/// A chain is made of such relations only: from one to the next it goes by any waiting relations that are tried once.
struct Layers<'a> {
    ask: &'a Ask<'a>,
    retried: Vec<RelationIx>,
    attempts: FxHashMap<RelationIx, u64>,
    next: FxHashMap<RelationIx, Vec<RelationIx>>,
    /// Those from which a chain can come back to them.
    circular: FxHashSet<RelationIx>,
}

/// The most attempts at the end of a chain, and the chain.
type Worst = (u64, Vec<RelationIx>);

impl<'a> Layers<'a> {
    fn of(ask: &'a Ask<'a>) -> Self {
        let workspace = ask.workspace;
        let says = |relation: &loko_model::Relation| relation.behaviour.contains_key("retry");
        let waiting = workspace.relations().filter(|(_, relation)| workspace.waits(relation) && says(relation));
        let attempts: FxHashMap<RelationIx, u64> = waiting
            .filter_map(|(ix, relation)| Some((ix, calls::attempts(Behaviour::of_relation(relation))?)))
            .filter(|(_, attempts)| *attempts > 1)
            .collect();
        let mut retried: Vec<RelationIx> = attempts.keys().copied().collect();
        retried.sort_unstable();
        let mut layers = Self { ask, retried, attempts, next: FxHashMap::default(), circular: FxHashSet::default() };
        let mut behind: FxHashMap<ElementIx, Vec<RelationIx>> = FxHashMap::default();
        for ix in &layers.retried {
            let target = workspace.model.relation(*ix).target;
            let next = behind.entry(target).or_insert_with(|| layers.behind(target));
            layers.next.insert(*ix, next.iter().copied().filter(|next| next != ix).collect());
        }
        layers.circular = layers.circles();
        layers
    }

    /// The relations with retries that come next where a chain arrives.
    fn behind(&self, target: ElementIx) -> Vec<RelationIx> {
        let (workspace, model) = (self.ask.workspace, self.ask.workspace.model);
        let (mut seen, mut open) = (FxHashSet::from_iter([target]), vec![target]);
        let mut found = Vec::new();
        while let Some(ix) = open.pop() {
            // A call of a whole goes on by its parts, one of a part by what it is part of.
            let near = model.subtree(ix).into_iter().chain(model.ancestry(ix).skip(1));
            for next in near.flat_map(|ix| model.outgoing(ix).iter().copied()) {
                let relation = model.relation(next);
                if !workspace.waits(relation) || workspace.is_inside(relation) {
                    continue;
                }
                if self.attempts.contains_key(&next) {
                    found.push(next);
                } else if seen.len() < WAY_MAX && seen.insert(relation.target) {
                    open.push(relation.target);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn circles(&self) -> FxHashSet<RelationIx> {
        let place = |ix: &RelationIx| self.retried.binary_search(ix).map_or(0, |at| at as u32);
        let next: Vec<Vec<u32>> = self.retried.iter().map(|ix| self.next[ix].iter().map(place).collect()).collect();
        cyclic_groups(&next).into_iter().flatten().map(|at| self.retried[at as usize]).collect()
    }

    fn attempts(&self, ix: RelationIx) -> u64 {
        self.attempts.get(&ix).copied().unwrap_or(1)
    }

    /// Where it is said how often a relation is tried.
    fn place(&self, ix: RelationIx) -> Place {
        let relation = self.ask.workspace.model.relation(ix);
        let value: Option<&Value> = relation.behaviour.get("retry");
        value.map_or_else(|| relation.place.clone(), |value| self.ask.workspace.value_place(relation, value))
    }

    /// The worst chain that begins with a relation. Outside of circles each relation is looked at once.
    fn worst(
        &self,
        ix: RelationIx,
        chain: &mut Vec<RelationIx>,
        steps: &mut usize,
        known: &mut FxHashMap<RelationIx, Worst>,
    ) -> Worst {
        if let Some(worst) = known.get(&ix) {
            return worst.clone();
        }
        let is_circular = self.circular.contains(&ix);
        let own = self.attempts(ix);
        let mut best = (own, vec![ix]);
        *steps += usize::from(is_circular);
        if !is_circular || chain.len() < DEPTH_MAX && *steps <= STEPS_MAX {
            let model = self.ask.workspace.model;
            chain.push(ix);
            for next in &self.next[&ix] {
                let target = model.relation(*next).target;
                if chain.iter().any(|it| it == next || model.relation(*it).source == target) {
                    continue;
                }
                let (below, rest) = self.worst(*next, chain, steps, known);
                let all = own.saturating_mul(below);
                if all > best.0 {
                    best = (all, std::iter::once(ix).chain(rest).collect());
                }
            }
            chain.pop();
        }
        if !is_circular {
            known.insert(ix, best.clone());
        }
        best
    }
}
