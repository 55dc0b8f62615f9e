//! Holding what a change set makes of a workspace against what it was meant to make of it.

use super::Refusal;
use crate::{ElementIx, Loaded, Model, Relation, load};
use loko_source::{ChangeSet, Diagnostic, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// Refuses changes after which an element, a relation or another use of an element is lost; `after` says by which id
/// each element goes then, or that it goes away, and `may_go` which relations need not stay.
pub(super) fn kept(
    snapshot: &Snapshot,
    before: &Loaded,
    changes: &ChangeSet,
    after: impl Fn(ElementIx) -> Option<String>,
    may_go: impl Fn(&Relation) -> bool,
) -> Result<(), Refusal> {
    let overlay = snapshot.overlay(changes).map_err(|error| {
        Refusal::invalid(Diagnostic::error("uneditable-file", error.to_string()).help("move what stands in the way"))
    })?;
    let now = load::load(&overlay);
    let ids = |ix: ElementIx| now.model.element(ix).id.to_string();
    let known: BTreeSet<&str> = now.model.elements.iter().map(|element| element.id.as_str()).collect();
    let missing = before.model.ids().find(|ix| after(*ix).is_some_and(|id| !known.contains(id.as_str())));
    if let Some(ix) = missing {
        let element = before.model.element(ix);
        let message = format!("`{}` would be lost", element.id);
        return Err(lost(Diagnostic::error("uneditable-file", message).at(&element.file, element.name_span, "")));
    }
    let mut relations: BTreeMap<RelationKey, usize> = BTreeMap::new();
    for relation in &now.model.relations {
        if let Some(key) = relation_key(relation, |ix| Some(ids(ix))) {
            *relations.entry(key).or_default() += 1;
        }
    }
    for relation in before.model.relations.iter().filter(|relation| !may_go(relation)) {
        let Some(key) = relation_key(relation, &after) else { continue };
        if let Some(count) = relations.get_mut(&key).filter(|count| **count > 0) {
            *count -= 1;
            continue;
        }
        let id = |ix| &before.model.element(ix).id;
        let message = format!("the relation from `{}` to `{}` cannot follow", id(relation.source), id(relation.target));
        let diagnostic = Diagnostic::error("uneditable-file", message);
        return Err(lost(diagnostic.at(&relation.place.path, relation.place.span, "stated here")));
    }
    let (wished, found) = (other_uses(&before.model, after), other_uses(&now.model, |ix| Some(ids(ix))));
    let found: BTreeSet<String> = found.into_iter().collect();
    if let Some(use_) = wished.iter().find(|use_| !found.contains(*use_)) {
        return Err(lost(Diagnostic::error("uneditable-file", format!("{use_} cannot follow"))));
    }
    Ok(())
}

fn lost(diagnostic: Diagnostic) -> Refusal {
    Refusal::invalid(diagnostic.help("write the full ids there first, or make this change by hand"))
}

type RelationKey = (String, String, String, String);

fn relation_key(relation: &Relation, id: impl Fn(ElementIx) -> Option<String>) -> Option<RelationKey> {
    Some((id(relation.source)?, id(relation.target)?, relation.description.clone(), relation.technology.clone()))
}

/// What deployments, dynamic views and decisions say of elements, in words.
fn other_uses(model: &Model, id: impl Fn(ElementIx) -> Option<String>) -> Vec<String> {
    fn nodes(
        path: &str,
        list: &[crate::DeploymentNode],
        id: &impl Fn(ElementIx) -> Option<String>,
        uses: &mut Vec<String>,
    ) {
        for node in list {
            let path = format!("{path}/{}", node.name);
            let instances = node.instances.iter().filter_map(|instance| id(instance.of));
            uses.extend(instances.map(|id| format!("the instance of `{id}` in `{path}`")));
            nodes(&path, &node.nodes, id, uses);
        }
    }
    let mut uses = Vec::new();
    for environment in &model.environments {
        nodes(&environment.id, &environment.nodes, &id, &mut uses);
    }
    for view in &model.dynamics {
        for step in &view.steps {
            if let (Some(source), Some(target)) = (id(step.source), id(step.target)) {
                uses.push(format!("the step from `{source}` to `{target}` of the view `{}`", view.id));
            }
        }
        uses.extend(view.scope.and_then(&id).map(|id| format!("the scope `{id}` of the view `{}`", view.id)));
    }
    for view in &model.selections {
        uses.extend(view.scope.and_then(&id).map(|id| format!("the scope `{id}` of the view `{}`", view.id)));
    }
    for decision in &model.decisions {
        let ids = decision.elements.iter().filter_map(|ix| id(*ix));
        uses.extend(ids.map(|id| format!("`{id}` in the decision `{}`", decision.id)));
    }
    uses
}
