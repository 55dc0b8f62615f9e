//! `allow`: a group may lead only to another, or be used only by another.

use crate::policy::{Check, Kind, Picker};
use crate::rule::Ask;
use crate::settings::Fields;
use loko_model::select::Subject;
use loko_model::{ElementIx, Relation};
use loko_source::Diagnostic;
use std::sync::Arc;

pub(crate) const KIND: Kind = Kind {
    doc: "Relations of `from` may lead only to `only_to` (or inside `from`); or `to` may be used only by `only_from`.",
    keys: &[
        ("from", "A selector of elements; what is inside them is meant too."),
        ("only_to", "With `from`: a selector of all that they may lead to."),
        ("to", "A selector of elements; what is inside them is meant too."),
        ("only_from", "With `to`: a selector of all that may use them."),
        ("relations", "A selector of the relations that count; all when not given."),
    ],
    read,
};

#[derive(Debug)]
struct Allow {
    group: Picker,
    others: Picker,
    relations: Option<Picker>,
    /// Whether the group is where relations start.
    is_source: bool,
}

fn read(fields: &mut Fields<'_>) -> Option<Arc<dyn Check>> {
    let is_source = !fields.lacks("from");
    let (group, others) = if is_source { ("from", "only_to") } else { ("to", "only_from") };
    let group = fields.picker(group, Subject::Elements, true);
    let others = fields.picker(others, Subject::Elements, true);
    let relations = fields.picker("relations", Subject::Relations, false);
    if relations.is_none() && !fields.lacks("relations") {
        return None;
    }
    Some(Arc::new(Allow { group: group?, others: others?, relations, is_source }))
}

impl Check for Allow {
    fn check(&self, ask: &Ask<'_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let group = self.group.with_parts(ask, &mut findings);
        let others = self.others.with_parts(ask, &mut findings);
        let counts = self.relations.as_ref().map(|it| it.relations(ask));
        let is_fine = |near: ElementIx, far: ElementIx| {
            !group[near.index()] || group[far.index()] || others[far.index()]
        };
        let is_allowed = |relation: &Relation| {
            let (near, far) =
                if self.is_source { (relation.source, relation.target) } else { (relation.target, relation.source) };
            is_fine(near, far) && (!relation.bidirectional || is_fine(far, near))
        };
        for (ix, relation) in ask.workspace.relations() {
            if counts.as_ref().is_none_or(|counts| counts[ix.index()]) && !is_allowed(relation) {
                let message = if self.is_source {
                    format!("{} may lead only to `{}`, not to {}", ask.id(relation.source), self.others.select.text(), ask.id(relation.target))
                } else {
                    format!("{} may be used only by `{}`, not by {}", ask.id(relation.target), self.others.select.text(), ask.id(relation.source))
                };
                findings.push(ask.of_relation(ix, message, "not allowed"));
            }
        }
        findings
    }
}
