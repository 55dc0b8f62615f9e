//! Relations between elements that match patterns.

use super::RelationRef;
use crate::glob::{Pattern, is_pattern};
use crate::{ElementIx, Model, RelationIx, RelationKind, name};
use serde::Serialize;

/// Which relations; what is not set is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationFilter {
    /// Where they start: a name or id, which stands for all that is in it, or a pattern with `*` and `?`.
    pub source: Option<String>,
    /// Where they end.
    pub target: Option<String>,
    /// Whether the source waits.
    pub kind: Option<RelationKind>,
    /// The element that one of their ends is, or lies in.
    pub touching: Option<ElementIx>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relations<'m> {
    /// How many there are.
    pub total: usize,
    /// The relations by source, target and description.
    pub relations: Vec<RelationRef<'m>>,
}

/// Lists the relations that have all that the filter asks for.
pub fn relations<'m>(model: &'m Model, filter: &RelationFilter) -> Relations<'m> {
    let source = filter.source.as_deref().map(|written| Ends::new(model, written));
    let target = filter.target.as_deref().map(|written| Ends::new(model, written));
    let fits = |ix: &RelationIx| {
        let relation = model.relation(*ix);
        filter.kind.is_none_or(|kind| relation.kind == kind)
            && source.as_ref().is_none_or(|ends| ends.hold(relation.source))
            && target.as_ref().is_none_or(|ends| ends.hold(relation.target))
            && filter
                .touching
                .is_none_or(|whole| model.is_within(relation.source, whole) || model.is_within(relation.target, whole))
    };
    let all = (0..model.relations.len() as u32).map(RelationIx);
    let relations: Vec<RelationRef<'m>> = all.filter(fits).map(|ix| RelationRef::new(model, ix)).collect();
    Relations { total: relations.len(), relations }
}

/// Which elements an end may be.
struct Ends(Vec<bool>);

impl Ends {
    fn new(model: &Model, written: &str) -> Self {
        let mut held = vec![false; model.elements.len()];
        let written = written.trim();
        if is_pattern(written) {
            let pattern = Pattern::new(written);
            for ix in model.ids() {
                let element = model.element(ix);
                held[ix.index()] =
                    [element.id.as_str(), element.key(), &element.name].iter().any(|it| pattern.matches(it));
            }
            return Self(held);
        }
        let (id, slug) = (name::fold(written), name::slug(written));
        for ix in model.ids() {
            let element = model.element(ix);
            let is_meant = element.id == id || element.key() == slug || name::slug(&element.name) == slug;
            // A parent stands before its parts.
            let is_inside = element.parent.is_some_and(|parent| held[parent.index()]);
            held[ix.index()] = is_meant || is_inside;
        }
        Self(held)
    }

    fn hold(&self, ix: ElementIx) -> bool {
        self.0[ix.index()]
    }
}
