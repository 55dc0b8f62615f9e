//! Questions about a model: one file a question, plain data as the answer.
//!
//! Answers borrow from the model, serialise with stable field names and are in an order that follows from the model
//! alone; how they look is the caller's business. Ids are written as paths (`shop/order-api`).
//!
//! An element stands for all that is in it: what a system depends on is what anything inside it depends on. A chain of
//! relations goes on where one ended: at that very element, at something inside it, or at what it is part of, since a
//! relation that was stated for the whole may be true of the part and the other way round. It never goes on at a mere
//! sibling.

pub mod code;
pub mod deps;
pub mod impact;
pub mod list;
pub mod path;
pub mod relations;
pub mod search;
pub mod stats;

mod walk;

pub use code::CodeMap;
pub use deps::{DepsOptions, dependents, deps};
pub use impact::impact;
pub use list::{Filter, list};
pub use path::path;
pub use relations::{RelationFilter, relations};
pub use search::{SearchOptions, search, search_in};
pub use stats::stats;

use crate::{ElementIx, Kind, Model, RelationIx, RelationKind};
use serde::Serialize;

/// Whether a text matches a pattern: `*` stands for any characters but `/`, `**` for those too, `?` for one.
///
/// ```
/// assert!(loko_model::query::is_like("v*", "v1.2") && !loko_model::query::is_like("v?", "v1.2"));
/// ```
pub fn is_like(pattern: &str, text: &str) -> bool {
    crate::glob::Pattern::new(pattern).matches(text)
}

/// An element as answers name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ElementRef<'m> {
    /// The path of ids.
    pub id: &'m str,
    /// The name for people.
    pub name: &'m str,
    /// The kind.
    pub kind: Kind,
    /// What it is made with; may be empty.
    pub technology: &'m str,
    /// Whether it belongs to somebody else.
    pub external: bool,
}

impl<'m> ElementRef<'m> {
    /// Names an element.
    pub fn new(model: &'m Model, ix: ElementIx) -> Self {
        let element = model.element(ix);
        Self {
            id: &element.id,
            name: &element.name,
            kind: element.kind,
            technology: &element.technology,
            external: element.external,
        }
    }
}

/// A relation as answers name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RelationRef<'m> {
    /// The stable id.
    pub id: &'m str,
    /// The id of the element where it starts.
    pub source: &'m str,
    /// The id of the element where it ends.
    pub target: &'m str,
    /// What the source wants of the target; may be empty.
    pub description: &'m str,
    /// The protocol or means; may be empty.
    pub technology: &'m str,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// The event that travels.
    pub event: Option<&'m str>,
    /// Whether it goes both ways.
    pub bidirectional: bool,
}

impl<'m> RelationRef<'m> {
    /// Names a relation.
    pub fn new(model: &'m Model, ix: RelationIx) -> Self {
        let relation = model.relation(ix);
        Self {
            id: &relation.id,
            source: &model.element(relation.source).id,
            target: &model.element(relation.target).id,
            description: &relation.description,
            technology: &relation.technology,
            kind: relation.kind,
            event: relation.event.as_deref(),
            bidirectional: relation.bidirectional,
        }
    }
}
