//! What an element calls becomes steps: one relation after the other, ways that exclude each other, sagas with what
//! undoes them.

use super::{Builder, ElementIx, NODES_MAX};
use crate::network::{EdgeId, Node, Persistence, Step};
use loko_model::behaviour::{Behaviour, Share};
use loko_model::{Kind, RelationIx, RelationKind};
use std::collections::BTreeMap;

/// How often what undoes a step is tried again, a second, until it succeeds.
const UNDO_RATE: f64 = 1.0;

impl Builder<'_> {
    /// The calls of an element as steps of its node.
    pub(super) fn follow(&mut self, unit: ElementIx, node: &mut Node) {
        let saga = self.saga(unit);
        let mut choices: Vec<(EdgeId, f64)> = Vec::new();
        for (relation, target) in saga.iter().map(|step| (step.0, step.1)).chain(self.plain_calls(unit, &saga)) {
            let Some(edge) = self.call(unit, relation, target) else { continue };
            let behaviour = Behaviour::of_relation(self.model.relation(relation));
            if let Some(weight) = behaviour.share("weight") {
                choices.push((edge, weight.value()));
                continue;
            }
            let need = behaviour.count("need").map(|need| need.clamp(1, 1 << 15) as u32);
            node.steps.push(Step { need, ..Step::one(edge) });
        }
        if !choices.is_empty() {
            // Weights that sum to more than everything share it.
            let sum = choices.iter().map(|choice| choice.1).sum::<f64>().max(1.0);
            let (edges, chances) = choices.into_iter().map(|(edge, weight)| (edge, weight / sum)).unzip();
            node.steps.push(Step { edges, need: None, chances: Some(chances) });
        }
        if Behaviour::of_element(self.model.element(unit)).has("saga") {
            node.undo = saga.iter().map(|(_, target, undo)| self.undo(unit, *target, *undo)).collect();
        }
    }

    /// The edge of a relation that is followed, or a note why it is not.
    fn call(&mut self, unit: ElementIx, relation: RelationIx, target: ElementIx) -> Option<EdgeId> {
        if self.open.contains(&target) || self.network.nodes.len() >= NODES_MAX {
            let text = format!("{} → {}: not followed, it leads back", self.id(unit), self.id(target));
            self.assumptions.insert(text);
            return None;
        }
        if self.is_rare(relation) {
            let text = format!(
                "{} → {}: not followed, an event or message that no `calls` says how often",
                self.id(unit),
                self.id(target)
            );
            self.assumptions.insert(text);
            return None;
        }
        let inner = self.node(target);
        Some(self.edge(Some(relation), unit, target, inner, false))
    }

    /// The steps of a saga in order: the relation, its target, and the relation that undoes it.
    fn saga(&self, unit: ElementIx) -> Vec<(RelationIx, ElementIx, Undo)> {
        let model = self.model;
        let all: Vec<RelationIx> =
            model.subtree(unit).iter().flat_map(|source| model.outgoing(*source)).copied().collect();
        let mut steps: Vec<(u64, RelationIx)> = all
            .iter()
            .filter(|ix| !undoes(Behaviour::of_relation(model.relation(**ix))))
            .filter_map(|ix| Some((Behaviour::of_relation(model.relation(*ix)).count("saga_step.step")?, *ix)))
            .collect();
        steps.sort();
        let undo = |ix: RelationIx| {
            let relation = model.relation(ix);
            let by = all.iter().copied().find(|other| {
                let other = model.relation(*other);
                other.target == relation.target && undoes(Behaviour::of_relation(other))
            });
            match by {
                Some(by) => Undo::By(by),
                None if Behaviour::of_relation(relation).has("compensation") => Undo::Plain,
                None => Undo::Nothing,
            }
        };
        steps.into_iter().map(|(_, ix)| (ix, self.unit(model.relation(ix).target), undo(ix))).collect()
    }

    fn undo(&mut self, unit: ElementIx, target: ElementIx, undo: Undo) -> Option<EdgeId> {
        let relation = match undo {
            Undo::Nothing => return None,
            Undo::Plain => None,
            Undo::By(ix) => Some(ix),
        };
        // What leads back is not followed, so there is nothing to undo.
        if self.open.contains(&target) {
            return None;
        }
        let node = self.node(target);
        let edge = self.edge(relation, unit, target, node, false);
        let name = format!("{} → {}, undo", self.id(unit), self.id(target));
        let description = &mut self.network.edges[edge as usize];
        description.name = name;
        description.calls = 1.0;
        description.asynchronous = false;
        // What was done must be undone, so it is tried until it is.
        description.persistence = Some(Persistence { rate: UNDO_RATE, probability: 1.0 });
        Some(edge)
    }

    /// The relations that leave an element, one for each target, without those of its saga.
    fn plain_calls(&self, unit: ElementIx, saga: &[(RelationIx, ElementIx, Undo)]) -> Vec<(RelationIx, ElementIx)> {
        let mut calls = self.calls(unit);
        calls.retain(|(_, target)| saga.iter().all(|step| step.1 != *target));
        calls
    }

    /// The relations that leave an element, one for each target: the one that says most. Those with a weight are ways
    /// of their own.
    pub(super) fn calls(&self, unit: ElementIx) -> Vec<(RelationIx, ElementIx)> {
        let mut best: BTreeMap<ElementIx, RelationIx> = BTreeMap::new();
        let mut order = Vec::new();
        for source in self.model.subtree(unit) {
            if self.model.element(unit).kind == Kind::System && source != unit {
                continue;
            }
            for ix in self.model.outgoing(source) {
                let relation = self.model.relation(*ix);
                let target = self.unit(relation.target);
                let inner = target == unit || self.model.is_within(unit, target);
                if inner || undoes(Behaviour::of_relation(relation)) {
                    continue;
                }
                match best.get(&target).copied() {
                    None => {
                        order.push(target);
                        best.insert(target, *ix);
                    }
                    Some(other) if self.says_more(*ix, other) => {
                        best.insert(target, *ix);
                    }
                    Some(_) => {}
                }
            }
        }
        order.into_iter().map(|target| (best[&target], target)).collect()
    }

    /// Whether nobody waits for it and nobody says how often it happens: a read tells no event.
    fn is_rare(&self, ix: RelationIx) -> bool {
        let relation = self.model.relation(ix);
        let stated = Behaviour::of_relation(relation);
        let told = stated.has("calls") || stated.has("probability") || stated.has("rate") || stated.has("weight");
        // Whoever waits in a queue or hands out of it has nothing else to do.
        let from_queue = self.is_queue(self.unit(relation.source));
        relation.kind != RelationKind::Sync && !told && !from_queue
    }

    fn is_queue(&self, unit: ElementIx) -> bool {
        crate::defaults::of(self.model.element(unit)).role == "queue or topic"
    }

    fn says_more(&self, one: RelationIx, other: RelationIx) -> bool {
        let weight = |ix: RelationIx| {
            let relation = self.model.relation(ix);
            (relation.kind == RelationKind::Sync, relation.behaviour.len())
        };
        weight(one) > weight(other)
    }
}

/// What undoes a step of a saga.
#[derive(Clone, Copy)]
enum Undo {
    Nothing,
    /// A call to the same element.
    Plain,
    /// A relation of its own.
    By(RelationIx),
}

/// Whether a relation undoes a step: `compensation: true` and no step itself.
fn undoes(behaviour: Behaviour<'_>) -> bool {
    behaviour.flag("compensation") == Some(true) && !behaviour.has("saga_step")
}

/// How often a relation is taken for each request.
pub(super) fn chance(behaviour: Behaviour<'_>) -> f64 {
    behaviour.share("probability").map_or(1.0, Share::value)
}
