//! What became of a model: the difference of two revisions, by meaning.
//!
//! [`diff`] is a pure function of two sides, each a model with the texts and findings it came from. Elements are matched
//! first ([`matching`]: by record, by id, with their whole, by likeness), then everything that names elements is
//! compared with the names translated; so a rename changes one element, not all relations to it. What is told:
//! elements, relations, decisions, deployments and views that were added, removed or changed; findings that appeared
//! or went; and the blast radius, those who depend on what changed. [`picture`] draws both revisions in one.
//!
//! Nothing here knows where the sides came from. Order follows from the models alone: by the ids of the later side, what
//! is gone by its former id.

pub mod insides;
pub mod landscapes;
pub mod matching;
pub mod picture;
pub mod state;

mod beside;
mod elements;
mod findings;
mod radius;
mod relations;

pub use matching::{Certainty, Matching};
pub use radius::Affected;

use crate::relation::RelationKind;
use crate::{ElementIx, Kind, Model, RelationIx};
use loko_source::{Diagnostic, Snapshot};
use serde::Serialize;

/// One of two revisions.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its model.
    pub model: &'a Model,
    /// The texts it was read from.
    pub snapshot: &'a Snapshot,
    /// What was found in it.
    pub findings: &'a [Diagnostic],
}

/// What became of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff<'a> {
    /// Elements.
    pub elements: Elements<'a>,
    /// Relations.
    pub relations: Relations<'a>,
    /// Decisions.
    pub decisions: Things<'a>,
    /// Environments of deployment.
    pub environments: Things<'a>,
    /// Dynamic views.
    pub views: Things<'a>,
    /// Settings of the project that differ.
    pub project: Vec<Field>,
    /// Findings.
    pub findings: Findings,
    /// Who depends on what changed, the nearest first; those that changed themselves left out.
    pub blast_radius: Vec<Affected<'a>>,
    /// Who each element was.
    #[serde(skip)]
    pub matching: Matching,
    /// Which relation each relation was.
    #[serde(skip)]
    pub(crate) relation_pairs: Vec<(RelationIx, RelationIx)>,
}

impl Diff<'_> {
    /// Whether nothing changed; findings follow from what they are about and do not count.
    pub fn is_empty(&self) -> bool {
        let things = [&self.decisions, &self.environments, &self.views];
        self.elements.is_empty()
            && self.relations.is_empty()
            && things.iter().all(|things| things.is_empty())
            && self.project.is_empty()
    }
}

/// What became of elements.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Elements<'a> {
    /// Those that came.
    pub added: Vec<Named<'a>>,
    /// Those that went.
    pub removed: Vec<Named<'a>>,
    /// Those that have another name or id, and the same whole around them.
    pub renamed: Vec<Renamed<'a>>,
    /// Those that are part of something else now, whatever their name.
    pub moved: Vec<Renamed<'a>>,
    /// Those of which something else is said now.
    pub changed: Vec<Changed<'a>>,
}

impl Elements<'_> {
    fn is_empty(&self) -> bool {
        let renamed = self.renamed.is_empty() && self.moved.is_empty();
        renamed && self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// An element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Named<'a> {
    /// The path of ids.
    pub id: &'a str,
    /// The name for people.
    pub name: &'a str,
    /// The kind.
    pub kind: Kind,
}

impl<'a> Named<'a> {
    pub(crate) fn of(model: &'a Model, ix: ElementIx) -> Self {
        let element = model.element(ix);
        Self { id: &element.id, name: &element.name, kind: element.kind }
    }
}

/// An element with another name or place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Renamed<'a> {
    /// As it was.
    pub from: Named<'a>,
    /// As it is.
    pub to: Named<'a>,
    /// How it is known that both are one.
    pub certainty: Certainty,
    /// How alike they are, from 0 to 1, when that is how it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likeness: Option<f64>,
    /// How many elements inside have another id for this reason alone.
    pub parts: usize,
}

/// Something of which other things are said now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed<'a> {
    /// As it is.
    #[serde(flatten)]
    pub element: Named<'a>,
    /// What differs.
    pub fields: Vec<Field>,
}

/// A key with another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The key as files write it; `prose` is the text below front matter.
    pub name: String,
    /// What it was; none when it was not said, and for prose.
    pub before: Option<String>,
    /// What it is; none when it is no longer said, and for prose.
    pub after: Option<String>,
}

impl Field {
    /// A field, if its values differ; what is empty counts as not said.
    pub(crate) fn of(name: &str, before: String, after: String) -> Option<Self> {
        let said = |value: String| (!value.is_empty()).then_some(value);
        (before != after).then(|| Self { name: name.to_owned(), before: said(before), after: said(after) })
    }
}

/// What became of relations.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Relations<'a> {
    /// Those that came.
    pub added: Vec<Link<'a>>,
    /// Those that went.
    pub removed: Vec<Link<'a>>,
    /// Those of which one end leads elsewhere now.
    pub rewired: Vec<Rewired<'a>>,
    /// Those of which something else is said now.
    pub changed: Vec<ChangedLink<'a>>,
}

impl Relations<'_> {
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.rewired.is_empty() && self.changed.is_empty()
    }
}

/// A relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Link<'a> {
    /// Where it starts, by the id of its own revision.
    pub source: &'a str,
    /// Where it ends.
    pub target: &'a str,
    /// What the source wants of the target.
    pub description: &'a str,
    /// The protocol or means.
    pub technology: &'a str,
    /// Whether the source waits.
    pub kind: RelationKind,
}

impl<'a> Link<'a> {
    pub(crate) fn of(model: &'a Model, ix: RelationIx) -> Self {
        let relation = model.relation(ix);
        Self {
            source: &model.element(relation.source).id,
            target: &model.element(relation.target).id,
            description: &relation.description,
            technology: &relation.technology,
            kind: relation.kind,
        }
    }
}

/// A relation that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rewired<'a> {
    /// As it was.
    pub from: Link<'a>,
    /// As it is.
    pub to: Link<'a>,
    /// What else differs.
    pub fields: Vec<Field>,
}

/// A relation of which other things are said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangedLink<'a> {
    /// As it is.
    #[serde(flatten)]
    pub link: Link<'a>,
    /// What differs.
    pub fields: Vec<Field>,
}

/// What became of decisions, environments or views.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Things<'a> {
    /// Those that came.
    pub added: Vec<Thing<'a>>,
    /// Those that went.
    pub removed: Vec<Thing<'a>>,
    /// Those that differ.
    pub changed: Vec<ChangedThing<'a>>,
}

impl Things<'_> {
    /// Whether none did anything.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// A decision, an environment or a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Thing<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its title or name.
    pub title: &'a str,
    /// A decision's status; empty for others.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub status: &'a str,
}

/// A decision, an environment or a view that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangedThing<'a> {
    /// As it is.
    #[serde(flatten)]
    pub thing: Thing<'a>,
    /// What differs.
    pub fields: Vec<Field>,
}

/// What became of findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// Those that only the later side has.
    pub appeared: Vec<FindingRef>,
    /// Those that only the former side has.
    pub went: Vec<FindingRef>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingRef {
    /// Its code.
    pub code: String,
    /// How bad it is.
    pub severity: loko_source::Severity,
    /// What it says.
    pub message: String,
    /// The file it is about.
    pub file: Option<String>,
}

/// What became of a model on the way from one side to the other.
pub fn diff<'a>(before: Side<'a>, after: Side<'a>) -> Diff<'a> {
    let matching = Matching::of(before.model, after.model);
    let (relations, relation_pairs) = relations::compare(before.model, after.model, &matching);
    let mut diff = Diff {
        elements: elements::compare(before, after, &matching),
        relations,
        decisions: beside::decisions(before, after, &matching),
        environments: beside::environments(before.model, after.model, &matching),
        views: beside::views(before.model, after.model, &matching),
        project: beside::project(before.model, after.model),
        findings: findings::compare(before, after, &matching),
        blast_radius: Vec::new(),
        matching,
        relation_pairs,
    };
    diff.blast_radius = radius::of(before.model, after.model, &diff);
    diff
}
