//! Containers as services: who calls whom, and who uses which store, with the relations by which they do.

use crate::workspace::Workspace;
use loko_model::{ElementIx, RelationIx};
use std::collections::BTreeMap;

/// Calls between the containers of a workspace, relations of parts lifted to their containers.
pub(crate) struct Services {
    /// For each pair of containers the relations by which the first waits for the second.
    pub(crate) calls: BTreeMap<(ElementIx, ElementIx), Vec<RelationIx>>,
    /// For each store the containers that use it by waiting relations, with the first such relation.
    pub(crate) users: BTreeMap<ElementIx, BTreeMap<ElementIx, RelationIx>>,
}

impl Services {
    /// Gathers the calls.
    pub(crate) fn of(workspace: &Workspace<'_>) -> Self {
        let mut services = Self { calls: BTreeMap::new(), users: BTreeMap::new() };
        for (ix, relation) in workspace.relations() {
            let ends = (workspace.container(relation.source), workspace.container(relation.target));
            let (Some(source), Some(target)) = ends else { continue };
            if source == target || workspace.is_store(source) || !workspace.waits(relation) {
                continue;
            }
            if workspace.is_store(target) {
                services.users.entry(target).or_default().entry(source).or_insert(ix);
            } else {
                services.calls.entry((source, target)).or_default().push(ix);
            }
        }
        services
    }
}
