//! Deployment: the nodes of an environment, what runs on them, and how that relates.
//!
//! A relation is drawn between the instances of its ends, or of the nearest elements that hold them and are deployed
//! here. Where an end has several instances, each source is joined to the targets it shares the innermost node with;
//! two ends that share no node anywhere are joined all to all when one of them has a single instance, and otherwise all
//! to the first target, so that a picture of three regions does not become a knot.

use super::label::{self, Drawn};
use super::{View, ViewKind, ViewSource, notation};
use crate::{DeploymentNode, ElementIx, Environment, Instance, Model, RelationIx, name};
use indexmap::IndexMap;
use loko_diagram::{Board, Notation, NotationKind, Object, ObjectId, Shape, Text};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// One view for each environment that has a node.
pub(super) fn views(model: &Model) -> impl Iterator<Item = View> {
    let shown = model.environments.iter().enumerate().filter(|(_, environment)| !environment.nodes.is_empty());
    shown.map(|(at, environment)| View {
        key: format!("{}/{}", ViewKind::Deployment.name(), environment.id),
        kind: ViewKind::Deployment,
        title: format!("Deployment: {}", environment.name),
        description: environment.description.clone(),
        scope: None,
        source: ViewSource::Automatic,
        at,
    })
}

/// Draws an environment.
pub(super) fn board(model: &Model, environment: &Environment) -> Board {
    let mut rollout = Rollout::new(model);
    for node in &environment.nodes {
        rollout.node(node, None, &environment.id);
    }
    rollout.relate();
    rollout.board
}

/// A deployment view in the making.
struct Rollout<'m> {
    model: &'m Model,
    board: Board,
    ids: FxHashSet<String>,
    instances: IndexMap<ElementIx, Vec<ObjectId>>,
}

impl<'m> Rollout<'m> {
    fn new(model: &'m Model) -> Self {
        Self { model, board: Board::default(), ids: FxHashSet::default(), instances: IndexMap::new() }
    }

    fn node(&mut self, node: &DeploymentNode, parent: Option<ObjectId>, path: &str) {
        let key = name::slug(&node.name);
        let path = self.unique(format!("{path}/{key}"));
        let id = self.board.push(node_object(node, path.clone(), key, parent));
        for inner in &node.nodes {
            self.node(inner, Some(id), &path);
        }
        for instance in &node.instances {
            self.instance(instance, id, &path);
        }
    }

    fn instance(&mut self, instance: &Instance, parent: ObjectId, path: &str) {
        let element = self.model.element(instance.of);
        let mut object = notation::object(element, Some(parent));
        object.id = self.unique(format!("{path}/{}", element.id));
        if let Some(notation) = &mut object.notation {
            notation.badges.extend(notation::count_badge(instance.replicas));
        }
        let id = self.board.push(object);
        self.instances.entry(instance.of).or_default().push(id);
    }

    /// The id, numbered if there is one like it.
    fn unique(&mut self, id: String) -> String {
        let mut free = id.clone();
        let mut count = 1;
        while !self.ids.insert(free.clone()) {
            count += 1;
            free = format!("{id}~{count}");
        }
        free
    }

    fn relate(&mut self) {
        let mut drawn: IndexMap<(ObjectId, ObjectId), Vec<Drawn>> = IndexMap::new();
        for ix in self.relations() {
            let relation = self.model.relation(ix);
            let (Some(source), Some(target)) = (self.deployed(relation.source), self.deployed(relation.target)) else {
                continue;
            };
            if source == target || self.model.is_within(source, target) || self.model.is_within(target, source) {
                continue;
            }
            let exact = (source, target) == (relation.source, relation.target);
            for pair in self.pairs(source, target) {
                drawn.entry(pair).or_default().push(Drawn { relation: ix, exact });
            }
        }
        self.board.edges = drawn.iter().map(|(ends, drawn)| label::edge(self.model, *ends, drawn)).collect();
    }

    /// The relations that start at something deployed here or in it, in the model's order.
    fn relations(&self) -> BTreeSet<RelationIx> {
        let inside = |ix: &ElementIx| self.model.subtree(*ix);
        self.instances.keys().flat_map(inside).flat_map(|ix| self.model.outgoing(ix)).copied().collect()
    }

    /// The nearest element that holds this one and is deployed here.
    fn deployed(&self, ix: ElementIx) -> Option<ElementIx> {
        self.model.ancestry(ix).find(|above| self.instances.contains_key(above))
    }

    /// Which instances of two elements are joined.
    fn pairs(&self, source: ElementIx, target: ElementIx) -> Vec<(ObjectId, ObjectId)> {
        let (sources, targets) = (&self.instances[&source], &self.instances[&target]);
        let mut pairs = Vec::new();
        let mut any_shared = false;
        for src in sources {
            let depths: Vec<usize> = targets.iter().map(|dst| self.shared_depth(*src, *dst)).collect();
            let deepest = depths.iter().copied().max().unwrap_or(0);
            if deepest > 0 {
                any_shared = true;
                pairs.extend(
                    targets.iter().zip(&depths).filter(|(_, depth)| **depth == deepest).map(|(dst, _)| (*src, *dst)),
                );
            }
        }
        if any_shared {
            return pairs;
        }
        let shown = if sources.len() == 1 { targets.len() } else { 1 };
        sources.iter().flat_map(|src| targets.iter().take(shown).map(|dst| (*src, *dst))).collect()
    }

    /// How many nodes hold both instances.
    fn shared_depth(&self, a: ObjectId, b: ObjectId) -> usize {
        let (a, b) = (self.nodes_above(a), self.nodes_above(b));
        a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
    }

    /// The nodes that hold an instance, the innermost first.
    fn nodes_above(&self, id: ObjectId) -> Vec<ObjectId> {
        std::iter::successors(self.board.object(id).parent, |id| self.board.object(*id).parent).collect()
    }
}

fn node_object(node: &DeploymentNode, id: String, key: String, parent: Option<ObjectId>) -> Object {
    Object {
        id,
        key,
        parent,
        label: Text::plain(node.name.clone()),
        shape: Shape::Rectangle,
        tooltip: notation::filled(&node.description),
        notation: Some(Notation {
            kind: NotationKind::DeploymentNode,
            type_name: "Deployment node".to_owned(),
            technology: notation::filled(&node.technology),
            description: notation::shorten(&node.description),
            external: false,
            badges: notation::count_badge(node.count).into_iter().collect(),
            tags: node.tags.clone(),
        }),
        ..Object::default()
    }
}
