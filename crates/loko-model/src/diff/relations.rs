//! Relations: the same one first by everything, then by its ends and part of what is said, then by one end and all of it.

use super::elements::{Same, names_same, values};
use super::matching::Matching;
use super::{ChangedLink, Field, Link, Relations, Rewired};
use crate::{ElementIx, Model, Relation, RelationIx};
use rustc_hash::FxHashMap;

type Pairs = Vec<(RelationIx, RelationIx)>;

/// Relations that are not paired yet.
struct Open<'a, 'm> {
    before: &'a Model,
    after: &'a Model,
    matching: &'m Matching,
    gone: Vec<RelationIx>,
    come: Vec<RelationIx>,
    pairs: Pairs,
}

/// Compares the relations; gives also which relation became which.
pub(super) fn compare<'a>(before: &'a Model, after: &'a Model, matching: &Matching) -> (Relations<'a>, Pairs) {
    let all = |model: &Model| (0..model.relations.len() as u32).map(RelationIx).collect();
    let mut open = Open { before, after, matching, gone: all(before), come: all(after), pairs: Vec::new() };
    open.pair(|ends, relation| Some((ends, relation.description.clone(), relation.technology.clone())));
    open.pair(|ends, relation| Some((ends, relation.description.clone())));
    let technology = |relation: &Relation| Some(relation.technology.clone()).filter(|it| !it.trim().is_empty());
    open.pair(|ends, relation| Some((ends, technology(relation)?)));
    // One end stays: the same wish of the same source first, then the same wish of the same target. That comes before
    // the same ends with quite another wish: who says the same of something else means the same relation.
    let wish = |relation: &Relation| match (relation.description.trim(), relation.technology.trim()) {
        ("", _) => None,
        (description, technology) => Some((description.to_owned(), technology.to_owned())),
    };
    open.pair(|ends, relation| Some((ends.0?, wish(relation)?)));
    open.pair(|ends, relation| Some((ends.1?, wish(relation)?)));
    open.pair(|ends, _| Some(ends));
    let description = |relation: &Relation| Some(relation.description.clone()).filter(|it| !it.trim().is_empty());
    open.pair(|ends, relation| Some((ends.0?, description(relation)?)));
    open.pair(|ends, relation| Some((ends.1?, description(relation)?)));
    open.finish()
}

type Ends = (Option<ElementIx>, Option<ElementIx>);

impl<'a> Open<'a, '_> {
    /// Pairs what has the same key, in order; no key, no pair. Ends are elements of the later model.
    fn pair<K: Eq + std::hash::Hash>(&mut self, key: impl Fn(Ends, &Relation) -> Option<K>) {
        let ends_before = |relation: &Relation| {
            let end = |ix| self.matching.after(ix).map(|other| other.ix);
            (end(relation.source), end(relation.target))
        };
        let mut waiting: FxHashMap<K, Vec<RelationIx>> = FxHashMap::default();
        for ix in self.come.iter().rev() {
            let relation = self.after.relation(*ix);
            if let Some(key) = key((Some(relation.source), Some(relation.target)), relation) {
                waiting.entry(key).or_default().push(*ix);
            }
        }
        let mut taken: Vec<RelationIx> = Vec::new();
        let mut left = Vec::new();
        for ix in &self.gone {
            let relation = self.before.relation(*ix);
            let ends = ends_before(relation);
            let found = key(ends, relation).and_then(|key| waiting.get_mut(&key)?.pop());
            match found {
                Some(other) => {
                    self.pairs.push((*ix, other));
                    taken.push(other);
                }
                None => left.push(*ix),
            }
        }
        taken.sort_unstable();
        self.come.retain(|ix| taken.binary_search(ix).is_err());
        self.gone = left;
    }

    fn finish(mut self) -> (Relations<'a>, Pairs) {
        let mut found = Relations {
            added: self.come.iter().map(|ix| Link::of(self.after, *ix)).collect(),
            removed: self.gone.iter().map(|ix| Link::of(self.before, *ix)).collect(),
            ..Relations::default()
        };
        self.pairs.sort_by_key(|(_, after)| *after);
        for (before, after) in &self.pairs {
            let (old, new) = (self.before.relation(*before), self.after.relation(*after));
            let same = |was: ElementIx, is: ElementIx| self.matching.after(was).is_some_and(|other| other.ix == is);
            let named = |was: &str, is: &str| {
                names_same((self.before, old.source, was), (self.after, new.source, is), self.matching)
            };
            let fields = fields(old, new, &named);
            if !same(old.source, new.source) || !same(old.target, new.target) {
                let (from, to) = (Link::of(self.before, *before), Link::of(self.after, *after));
                found.rewired.push(Rewired { from, to, fields });
            } else if !fields.is_empty() {
                found.changed.push(ChangedLink { link: Link::of(self.after, *after), fields });
            }
        }
        (found, self.pairs)
    }
}

fn fields(old: &Relation, new: &Relation, same: &Same<'_>) -> Vec<Field> {
    let flag = |set: bool| if set { "true".to_owned() } else { String::new() };
    let plain = [
        Field::of("description", old.description.clone(), new.description.clone()),
        Field::of("technology", old.technology.clone(), new.technology.clone()),
        Field::of("type", old.kind.name().to_owned(), new.kind.name().to_owned()),
        Field::of("event", old.event.clone().unwrap_or_default(), new.event.clone().unwrap_or_default()),
        Field::of("bidirectional", flag(old.bidirectional), flag(new.bidirectional)),
        Field::of("tags", old.tags.join(", "), new.tags.join(", ")),
    ];
    let mut fields: Vec<Field> = plain.into_iter().flatten().collect();
    fields.extend(values(&old.behaviour, &new.behaviour, same));
    fields.extend(values(&old.metadata, &new.metadata, same));
    fields
}
