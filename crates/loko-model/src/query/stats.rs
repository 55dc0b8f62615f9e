//! A model in numbers.

use super::ElementRef;
use crate::graph::cyclic_groups;
use crate::{ElementIx, Kind, Model, RelationKind};
use serde::Serialize;

/// How many of the most connected elements are named.
pub const MOST_CONNECTED_MAX: usize = 10;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats<'m> {
    /// How many elements there are, by kind.
    pub elements: ElementCounts,
    /// How many relations there are, by kind.
    pub relations: RelationCounts,
    /// How many environments.
    pub environments: usize,
    /// How many dynamic views.
    pub dynamic_views: usize,
    /// How many decisions.
    pub decisions: usize,
    /// The most levels that stand inside each other.
    pub depth_max: usize,
    /// The elements with the most relations of their own, the most first.
    pub most_connected: Vec<Connected<'m>>,
    /// Elements that no relation touches, nor anything inside them.
    pub orphans: Vec<ElementRef<'m>>,
    /// Groups of elements each of which reaches all others of its group, the largest first.
    pub cycles: Vec<Vec<&'m str>>,
}

/// Elements by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each field counts what it is named after")]
pub struct ElementCounts {
    pub total: usize,
    pub people: usize,
    pub systems: usize,
    pub containers: usize,
    pub components: usize,
    pub external: usize,
}

/// Relations by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each field counts what it is named after")]
pub struct RelationCounts {
    pub total: usize,
    pub sync: usize,
    #[serde(rename = "async")]
    pub asynchronous: usize,
    pub event: usize,
}

/// An element and its relations in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Connected<'m> {
    /// The element.
    #[serde(flatten)]
    pub element: ElementRef<'m>,
    /// How many relations end at it.
    pub incoming: usize,
    /// How many start at it.
    pub outgoing: usize,
}

/// Counts.
pub fn stats(model: &Model) -> Stats<'_> {
    Stats {
        elements: element_counts(model),
        relations: relation_counts(model),
        environments: model.environments.len(),
        dynamic_views: model.dynamics.len(),
        decisions: model.decisions.len(),
        depth_max: model.ids().map(|ix| model.ancestry(ix).count()).max().unwrap_or(0),
        most_connected: most_connected(model),
        orphans: orphans(model).into_iter().map(|ix| ElementRef::new(model, ix)).collect(),
        cycles: cycles(model),
    }
}

fn element_counts(model: &Model) -> ElementCounts {
    let of = |kind| model.of_kind(kind).count();
    ElementCounts {
        total: model.elements.len(),
        people: of(Kind::Person),
        systems: of(Kind::System),
        containers: of(Kind::Container),
        components: of(Kind::Component),
        external: model.elements.iter().filter(|element| element.external).count(),
    }
}

fn relation_counts(model: &Model) -> RelationCounts {
    let of = |kind| model.all_ends().iter().filter(|ends| ends.kind == kind).count();
    RelationCounts {
        total: model.relations.len(),
        sync: of(RelationKind::Sync),
        asynchronous: of(RelationKind::Async),
        event: of(RelationKind::Event),
    }
}

fn most_connected(model: &Model) -> Vec<Connected<'_>> {
    let degree = |ix: &ElementIx| model.incoming(*ix).len() + model.outgoing(*ix).len();
    let mut connected: Vec<ElementIx> = model.ids().filter(|ix| degree(ix) > 0).collect();
    connected.sort_by_key(|ix| (std::cmp::Reverse(degree(ix)), *ix));
    let counts = |ix: ElementIx| Connected {
        element: ElementRef::new(model, ix),
        incoming: model.incoming(ix).len(),
        outgoing: model.outgoing(ix).len(),
    };
    connected.into_iter().take(MOST_CONNECTED_MAX).map(counts).collect()
}

/// Elements that no relation touches, nor anything inside them.
pub fn orphans(model: &Model) -> Vec<ElementIx> {
    let mut is_touched: Vec<bool> =
        model.ids().map(|ix| !model.incoming(ix).is_empty() || !model.outgoing(ix).is_empty()).collect();
    // A parent stands before its parts.
    for ix in model.ids().rev() {
        if let Some(parent) = model.parent(ix).filter(|_| is_touched[ix.index()]) {
            is_touched[parent.index()] = true;
        }
    }
    model.ids().filter(|ix| !is_touched[ix.index()]).collect()
}

/// Strongly connected groups of more than one element, by relations between the very elements.
pub fn cycles(model: &Model) -> Vec<Vec<&str>> {
    let target = |relation: &crate::RelationIx| model.ends(*relation).target.0;
    let next: Vec<Vec<u32>> = model.ids().map(|ix| model.outgoing(ix).iter().map(target).collect()).collect();
    let mut groups = cyclic_groups(&next);
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));
    let id = |at: u32| model.element(ElementIx(at)).id.as_str();
    groups.into_iter().map(|group| group.into_iter().map(id).collect()).collect()
}
