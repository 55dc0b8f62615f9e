//! A model as a graph: which elements are its nodes, and which relations its edges.

use super::graph::Digraph;
use loko_model::{ElementIx, Kind, Model, Relation, RelationIx, RelationKind};
use std::collections::BTreeMap;

/// At which level relations are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Between the very elements that they name.
    #[default]
    Element,
    /// Between the containers that hold those; what is in no container stands for itself.
    Container,
    /// Between the systems and people that hold those.
    System,
}

impl Level {
    /// All levels, the finest first.
    pub const ALL: [Level; 3] = [Self::Element, Self::Container, Self::System];

    /// The level as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Container => "container",
            Self::System => "system",
        }
    }

    /// What stands for an element at this level.
    pub fn lift(self, model: &Model, ix: ElementIx) -> ElementIx {
        let wanted = |above: &ElementIx| match self {
            Self::Element => *above == ix,
            Self::Container => model.element(*above).kind == Kind::Container,
            Self::System => model.element(*above).parent.is_none(),
        };
        model.ancestry(ix).find(wanted).unwrap_or(ix)
    }

    /// Whether an element has a row at this level.
    pub fn shows(self, model: &Model, ix: ElementIx) -> bool {
        self.lift(model, ix) == ix
    }
}

/// A dependency of one node on another: all relations between what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependency {
    /// The relations, in the model's order.
    pub relations: Vec<RelationIx>,
    /// Whether any of them makes its source wait.
    pub is_sync: bool,
}

/// A model at a level.
#[derive(Clone, Debug)]
pub struct Structure {
    /// The level.
    pub level: Level,
    /// The element of each node, in the model's order.
    pub nodes: Vec<ElementIx>,
    /// The dependencies between them.
    pub graph: Digraph,
    /// What each edge stands for.
    pub dependencies: BTreeMap<(usize, usize), Dependency>,
}

impl Structure {
    /// The structure of the elements that `is_wanted`: those that relations name at this level, and those without parts
    /// at this level. What merely groups others is no node.
    pub fn of(model: &Model, level: Level, is_wanted: impl Fn(ElementIx) -> bool) -> Self {
        let ends = relations(model).filter(|(_, relation)| crosses(model, relation));
        let lifted: Vec<(ElementIx, ElementIx, RelationIx)> = ends
            .map(|(at, relation)| (level.lift(model, relation.source), level.lift(model, relation.target), at))
            .filter(|(source, target, _)| !model.is_within(*source, *target) && !model.is_within(*target, *source))
            .collect();
        let mut is_node = vec![false; model.elements.len()];
        for ix in model.ids().filter(|ix| level.shows(model, *ix)) {
            is_node[ix.index()] = !model.children(ix).iter().any(|part| level.shows(model, *part));
        }
        for (source, target, _) in &lifted {
            is_node[source.index()] = true;
            is_node[target.index()] = true;
        }
        let nodes: Vec<ElementIx> = model.ids().filter(|ix| is_node[ix.index()] && is_wanted(*ix)).collect();
        let mut number = vec![usize::MAX; model.elements.len()];
        for (at, ix) in nodes.iter().enumerate() {
            number[ix.index()] = at;
        }
        let mut dependencies: BTreeMap<(usize, usize), Dependency> = BTreeMap::new();
        for (source, target, at) in lifted {
            let relation = model.relation(at);
            let ends = (number[source.index()], number[target.index()]);
            let back = relation.bidirectional.then_some((ends.1, ends.0));
            for edge in [Some(ends), back].into_iter().flatten().filter(|(a, b)| *a != usize::MAX && *b != usize::MAX) {
                let dependency = dependencies.entry(edge).or_default();
                dependency.relations.push(at);
                dependency.is_sync |= relation.kind == RelationKind::Sync;
            }
        }
        let graph = Digraph::new(nodes.len(), dependencies.keys().copied());
        Self { level, nodes, graph, dependencies }
    }

    /// The structure of some of its nodes, in the model's order.
    pub fn among(&self, nodes: Vec<ElementIx>) -> Self {
        let old: Vec<usize> = nodes.iter().filter_map(|ix| self.node(*ix)).collect();
        let number = |node: usize| old.binary_search(&node).ok();
        let mut dependencies = BTreeMap::new();
        for (from, source) in old.iter().enumerate() {
            for target in self.graph.out(*source) {
                if let (Some(to), Some(known)) = (number(*target), self.dependencies.get(&(*source, *target))) {
                    dependencies.insert((from, to), known.clone());
                }
            }
        }
        let graph = Digraph::new(nodes.len(), dependencies.keys().copied());
        Self { level: self.level, nodes, graph, dependencies }
    }

    /// The node of an element.
    pub fn node(&self, ix: ElementIx) -> Option<usize> {
        self.nodes.binary_search(&ix).ok()
    }

    /// The nodes in the order of a partitioned design structure matrix: systems together, what depends on others before
    /// those, members of a cycle side by side within their system.
    pub fn ordered(&self, model: &Model) -> Vec<usize> {
        let outermost: Vec<ElementIx> = self.nodes.iter().map(|ix| Level::System.lift(model, *ix)).collect();
        let mut systems = outermost.clone();
        systems.dedup();
        let system: Vec<usize> =
            outermost.iter().map(|ix| systems.binary_search(ix).expect("each node has its system")).collect();
        let between = Digraph::new(systems.len(), self.graph.all().map(|(from, to)| (system[from], system[to])));
        let (systems_rank, rank) = (ranks(&between), ranks(&self.graph));
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|node| (systems_rank[system[*node]], system[*node], rank[*node], *node));
        order
    }
}

/// A number for each node, smaller for those who depend than for those they depend on, the same within a cycle.
fn ranks(graph: &Digraph) -> Vec<usize> {
    let components = graph.components();
    let mut ranks = vec![0; graph.nodes()];
    for (at, group) in components.iter().enumerate() {
        group.iter().for_each(|node| ranks[*node] = components.len() - at);
    }
    ranks
}

/// All relations with their indices.
pub(crate) fn relations(model: &Model) -> impl Iterator<Item = (RelationIx, &Relation)> {
    model.relations.iter().enumerate().map(|(at, relation)| (RelationIx(at as u32), &**relation))
}

/// Whether a relation joins two elements of which neither is part of the other.
pub(crate) fn crosses(model: &Model, relation: &Relation) -> bool {
    !model.is_within(relation.source, relation.target) && !model.is_within(relation.target, relation.source)
}
