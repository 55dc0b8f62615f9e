//! Databases that several services use.

use super::level::{Level, crosses, relations};
use loko_model::{ElementIx, ElementShape, Kind, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Whether data lives in an element: its shape, which its technology gives when nobody states it, says so.
pub fn is_database(model: &Model, ix: ElementIx) -> bool {
    matches!(model.element(ix).shape, Some(ElementShape::Database | ElementShape::Bucket))
}

/// Whether an element is a program that is deployed by itself: a container of one's own that is no store, queue or
/// program on a user's device, or a system of one's own that has no containers.
pub fn is_service(model: &Model, ix: ElementIx) -> bool {
    let element = model.element(ix);
    let is_program = matches!(element.shape, None | Some(ElementShape::Function));
    let external = model.ancestry(ix).any(|above| model.element(above).external);
    match element.kind {
        Kind::Container => is_program && !external,
        Kind::System => !external && model.children(ix).is_empty(),
        Kind::Person | Kind::Component => false,
    }
}

/// The databases that more than one service uses, each with those services.
pub fn shared_databases(model: &Model) -> Vec<(ElementIx, Vec<ElementIx>)> {
    let mut users: BTreeMap<ElementIx, BTreeSet<ElementIx>> = BTreeMap::new();
    for (_, relation) in relations(model).filter(|(_, relation)| crosses(model, relation)) {
        let both = [(relation.source, relation.target), (relation.target, relation.source)];
        for (user, used) in both.into_iter().take(if relation.bidirectional { 2 } else { 1 }) {
            let store = model.ancestry(used).find(|above| is_database(model, *above));
            let service = Level::Container.lift(model, user);
            if let Some(store) = store.filter(|_| is_service(model, service)) {
                users.entry(store).or_default().insert(service);
            }
        }
    }
    let several = users.into_iter().filter(|(_, services)| services.len() > 1);
    several.map(|(store, services)| (store, services.into_iter().collect())).collect()
}
