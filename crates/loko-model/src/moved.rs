//! Records of elements that have another id now, and what became of ids by them.
//!
//! Records are told in the order in which things happened: a later one may move on what an earlier one made, never the
//! other way round, so following them always ends.

use crate::{ElementIx, Model, Relation, RelationIx};
use serde::Serialize;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A record that an element has another id now, so that differences of revisions need not guess and old addresses lead on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The full id that it had.
    pub from: String,
    /// The full id that it has.
    pub to: String,
}

impl Moved {
    /// What an id became by this record, when it is that of the element or of a part of it.
    pub fn onward(&self, id: &str) -> Option<String> {
        exchanged(id, &self.from, &self.to)
    }

    /// What an id was before this record.
    pub fn back(&self, id: &str) -> Option<String> {
        exchanged(id, &self.to, &self.from)
    }
}

/// An id after what it is or is part of got another one.
pub(crate) fn exchanged(id: &str, from: &str, to: &str) -> Option<String> {
    let rest = id.strip_prefix(from)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
}

/// The element that an id of old means by the records of its model; none when an element has that id now, when no record
/// speaks of it, or when what it became is gone. The latest record counts.
pub fn element(model: &Model, former: &str) -> Option<ElementIx> {
    if model.find(former).is_some() {
        return None;
    }
    let records = &model.project.moved;
    (0..records.len()).rev().find_map(|at| {
        let id = records[at].onward(former)?;
        model.find(&last(&records[at + 1..], id))
    })
}

/// All ids that elements had by the records of their model and that no element has now, with the elements: the latest
/// records first, each id once.
pub fn former_ids(model: &Model) -> Vec<(String, ElementIx)> {
    let records = &model.project.moved;
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for (at, record) in records.iter().enumerate().rev() {
        let now = last(&records[at + 1..], record.to.clone());
        let Some(whole) = model.find(&now) else { continue };
        for part in model.subtree(whole) {
            let Some(former) = exchanged(&model.element(part).id, &now, &record.from) else { continue };
            if model.find(&former).is_none() && known.insert(former.clone()) {
                found.push((former, part));
            }
        }
    }
    found
}

/// Former ids of one relation at most.
const RELATION_IDS_MAX: usize = 16;

/// The ids that relations had when their ends had other ids, where those are part of them and no relation has them now.
pub fn former_relation_ids(model: &Model) -> BTreeMap<RelationIx, Vec<String>> {
    let mut former: BTreeMap<ElementIx, Vec<String>> = BTreeMap::new();
    for (id, ix) in former_ids(model) {
        former.entry(ix).or_default().push(id);
    }
    let mut found = BTreeMap::new();
    if former.is_empty() {
        return found;
    }
    let mut known: BTreeSet<SmolStr> = model.relations.iter().map(|relation| relation.id.clone()).collect();
    let ids = |ix: ElementIx| {
        let former = former.get(&ix).into_iter().flatten().map(String::as_str);
        std::iter::once(model.element(ix).id.as_str()).chain(former)
    };
    for (at, relation) in (0..).zip(&model.relations) {
        let pairs = ids(relation.source).flat_map(|source| ids(relation.target).map(move |target| (source, target)));
        let mut made = pairs.map(|(source, target)| Relation::stable_id(source, target, &relation.description));
        // An id that somebody wrote stays whatever the ends are called.
        if made.next().is_none_or(|now| now != relation.id) {
            continue;
        }
        let made = made.take(RELATION_IDS_MAX).filter(|id| known.insert(id.clone()));
        let made: Vec<String> = made.map(String::from).collect();
        if !made.is_empty() {
            found.insert(RelationIx(at), made);
        }
    }
    found
}

/// What an id becomes by further records.
pub(crate) fn last(later: &[Moved], id: String) -> String {
    later.iter().fold(id, |id, record| record.onward(&id).unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_source::Snapshot;

    fn model(ids: &[&str], records: &[(&str, &str)]) -> Model {
        let mut snapshot = Snapshot::default();
        let mut insert = |path: String, text: String| {
            snapshot.insert(loko_source::FilePath::new(&path).unwrap(), loko_source::Source::new(text));
        };
        for id in ids {
            let file = if id.contains('/') { "container.md" } else { "system.md" };
            insert(format!("src/{id}/{file}"), "---\nname: It\n---\n".to_owned());
        }
        let records =
            records.iter().map(|(from, to)| format!("[[moved]]\nfrom = \"{from}\"\nto = \"{to}\"\n")).collect();
        insert("loko.toml".to_owned(), records);
        crate::load(&snapshot).model
    }

    fn led(model: &Model, id: &str) -> Option<String> {
        element(model, id).map(|ix| model.element(ix).id.to_string())
    }

    #[test]
    fn ids_lead_on_with_their_whole_and_through_later_records() {
        let model = model(&["store", "store/ordering"], &[("shop/api", "shop/ordering"), ("shop", "store")]);
        for id in ["shop", "shop/ordering", "shop/api"] {
            assert!(led(&model, id).is_some(), "{id}");
        }
        assert_eq!(led(&model, "shop/api").as_deref(), Some("store/ordering"));
        let former: Vec<String> = former_ids(&model).into_iter().map(|(id, _)| id).collect();
        assert_eq!(former, ["shop", "shop/ordering", "shop/api"]);
    }

    #[test]
    fn what_has_an_id_now_has_it() {
        let model = model(&["a", "b"], &[("a", "b"), ("c", "a")]);
        assert_eq!(led(&model, "a"), None);
        // The earlier record does not move on what the later one made.
        assert_eq!(led(&model, "c").as_deref(), Some("a"));
        assert_eq!(former_ids(&model).len(), 1);
    }
}
