//! A dynamic view as a tree of calls.
//!
//! Each step is a call by its source, inside the latest call that reached that source. When a step is an answer, what
//! its source does later happens after the caller has gone on: it runs on its own, but the request counts as done only
//! when that is done too.

use super::{Builder, ElementIx, between};
use crate::network::{Edge, EdgeId, Node, NodeId, Step};
use crate::scenario::Named;
use loko_model::RelationKind;
use loko_source::Diagnostic;
use loko_source::suggest::did_you_mean;

struct Visit {
    unit: ElementIx,
    /// The calls of this visit: the step's number and the visit.
    calls: Vec<(String, usize)>,
    asynchronous: bool,
    /// It goes on after it has answered.
    continues: bool,
    from: ElementIx,
    answered: bool,
}

impl Builder<'_> {
    /// The edge of a request along a dynamic view.
    pub(super) fn view(&mut self, named: &Named) -> Option<EdgeId> {
        let model = self.model;
        let Some(view) = model.dynamics.iter().find(|view| view.id == named.text || view.name == named.text) else {
            let mut finding = Diagnostic::error(super::CODE, format!("there is no dynamic view `{}`", named.text))
                .at(self.path, named.span, "unknown");
            finding.help =
                did_you_mean(&named.text, model.dynamics.iter().map(|view| view.id.as_str())).map(Into::into);
            self.findings.push(finding);
            return None;
        };
        let first = view.steps.iter().find(|step| !step.response)?;
        let root = self.unit(first.source);
        let visit = |unit, from| Visit {
            unit,
            calls: Vec::new(),
            asynchronous: false,
            continues: false,
            from,
            answered: false,
        };
        let mut visits = vec![visit(root, root)];
        // The way from the root to where the story is.
        let mut way = vec![0usize];
        for step in &view.steps {
            let (source, target) = (self.unit(step.source), self.unit(step.target));
            if source == target {
                continue;
            }
            let at = way.iter().rposition(|at| visits[*at].unit == source);
            if step.response {
                if let Some(at) = at {
                    visits[way[at]].answered = true;
                }
                continue;
            }
            let mut caller = match at {
                Some(at) => {
                    way.truncate(at + 1);
                    way[at]
                }
                None => {
                    way.truncate(1);
                    0
                }
            };
            if visits[caller].answered && caller != 0 {
                // From here on nobody waits for it but the request as a whole.
                visits.push(Visit { continues: true, ..visit(source, source) });
                caller = visits.len() - 1;
                visits[0].calls.push((format!("after {}", step.number), caller));
                way = vec![0, caller];
            }
            visits.push(Visit { asynchronous: step.kind != RelationKind::Sync, ..visit(target, source) });
            let inner = visits.len() - 1;
            visits[caller].calls.push((step.number.clone(), inner));
            way.push(inner);
        }
        let node = self.visit(&visits, 0);
        Some(self.network.edge(Edge::to(&view.name, node)))
    }

    fn visit(&mut self, visits: &[Visit], at: usize) -> NodeId {
        let mut steps: Vec<Step> = Vec::new();
        let mut before: Option<&str> = None;
        for (number, inner) in &visits[at].calls {
            let node = self.visit(visits, *inner);
            let edge = self.step_edge(&visits[*inner], node);
            // Steps of one number happen at the same time.
            match steps.last_mut().filter(|_| before == Some(number.as_str())) {
                Some(step) => step.edges.push(edge),
                None => steps.push(Step::one(edge)),
            }
            before = Some(number);
        }
        let plain = at == 0 || visits[at].continues;
        let mut node = if plain { Node::nothing() } else { self.work(visits[at].unit) };
        if !plain {
            self.cache_aside(visits[at].unit, &steps);
        }
        node.steps = steps;
        self.network.node(node)
    }

    fn step_edge(&mut self, visit: &Visit, node: NodeId) -> EdgeId {
        if visit.continues {
            let name = format!("{}, after its answer", self.id(visit.unit));
            return self.network.edge(Edge::to(&name, node));
        }
        let model = self.model;
        let best = between(model, visit.from, visit.unit).max_by_key(|ix| {
            let relation = model.relation(*ix);
            (relation.kind == RelationKind::Sync, relation.behaviour.len())
        });
        let edge = self.edge(best, visit.from, visit.unit, node, true);
        self.network.edges[edge as usize].asynchronous = visit.asynchronous;
        edge
    }
}
