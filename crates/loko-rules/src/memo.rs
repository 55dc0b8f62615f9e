//! Checking after an edit: what an edit cannot have changed is not worked out again.
//!
//! A [`Memo`] remembers the last check: its texts, an [`Outline`] of what the rules of the graph go by, and what was found.
//! When the next workspace has the same files and the same outline, and only files of elements were edited, then a rule of
//! the graph finds the same again, in other lines of an edited file; it is asked anew only when it cannot be told in which
//! ones, or when its fix is one of an edited file. Prose and waivers are read again in the edited files only. The answer is
//! always that of a check that remembers nothing.

use crate::moved::Moved;
use crate::prose;
use crate::waiver::Waiver;
use indexmap::IndexMap;
use loko_model::value::Data;
use loko_model::{Element, Model, Relation, Value};
use loko_source::{Diagnostic, FilePath, Snapshot};
use rayon::prelude::*;
use rustc_hash::{FxHashSet, FxHasher};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// What is remembered from one check to the next. One memo serves one workspace and all who ask about it.
#[derive(Debug, Default)]
pub struct Memo {
    pub(crate) prose: prose::Known,
    last: Mutex<Option<Arc<Last>>>,
}

/// A check that was done.
#[derive(Debug)]
pub(crate) struct Last {
    pub(crate) snapshot: Snapshot,
    pub(crate) outline: Outline,
    /// How it was asked: what differs makes what was found another thing.
    pub(crate) asked: String,
    /// What each rule found, before levels and waivers.
    pub(crate) rules: BTreeMap<&'static str, Vec<Arc<Diagnostic>>>,
    pub(crate) prose: Vec<Diagnostic>,
    pub(crate) waivers: (Vec<Waiver>, Vec<Diagnostic>),
}

/// An earlier check and what was edited since.
pub(crate) struct Since<'a> {
    pub(crate) last: Arc<Last>,
    pub(crate) moved: Moved<'a>,
}

impl Memo {
    /// The last check, when a workspace differs from it only in what a few files of elements say to people.
    pub(crate) fn since<'a>(
        &self,
        snapshot: &'a Snapshot,
        model: &'a Model,
        outline: &Outline,
        asked: &str,
    ) -> Option<Since<'a>> {
        let last = self.last()?;
        if last.outline != *outline || last.asked != asked {
            return None;
        }
        let edited: FxHashSet<&FilePath> = snapshot.edited_since(&last.snapshot)?.into_iter().collect();
        let elements = || last.outline.elements.0.iter().map(|(part, _)| part).zip(&model.elements);
        let relations = last.outline.relations.0.iter().map(|(part, _)| part).zip(&model.relations);
        // An element that both models share is of a file that nobody edited.
        let anew = elements().filter(|(before, now)| !Arc::ptr_eq(before, now));
        if anew.filter(|(_, now)| edited.contains(&now.file)).count() != edited.len() {
            return None;
        }
        let moved = Moved::new(edited, [&last.snapshot, snapshot], elements(), relations);
        Some(Since { last, moved })
    }

    /// What the rules of the graph go by; what the model shares with the one of the last check is not read again.
    pub(crate) fn outline(&self, model: &Model) -> Outline {
        let last = self.last();
        let known = last.as_ref().map(|last| &last.outline);
        Outline {
            elements: Digests::of(&model.elements, known.map(|known| &known.elements), of_element),
            relations: Digests::of(&model.relations, known.map(|known| &known.relations), of_relation),
        }
    }

    fn last(&self) -> Option<Arc<Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn keep(&self, last: Last) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(last));
    }
}

impl Since<'_> {
    /// What a rule of the graph found, where that is now.
    pub(crate) fn of_rule(&self, code: &str) -> Option<Vec<Arc<Diagnostic>>> {
        let found = self.last.rules.get(code)?;
        let touches = |finding: &Diagnostic| {
            let labels = finding.primary.iter().chain(&finding.secondary).map(|label| &label.place.path);
            let mended = finding.fix.iter().flat_map(|fix| &fix.edits).map(|(path, _)| path);
            labels.chain(mended).any(|path| self.moved.is_edited(path))
        };
        let now = |finding: &Arc<Diagnostic>| {
            if touches(finding) { self.moved.finding(finding).map(Arc::new) } else { Some(finding.clone()) }
        };
        found.iter().map(now).collect()
    }

    /// The waivers that stand in files that were not edited, and what is wrong with them.
    pub(crate) fn waivers(&self) -> (Vec<Waiver>, Vec<Diagnostic>) {
        let (waivers, wrong) = &self.last.waivers;
        let kept = waivers.iter().filter(|waiver| !self.moved.is_edited(&waiver.place.path)).cloned().collect();
        (kept, self.unedited(wrong))
    }

    /// The findings whose place is in no edited file.
    pub(crate) fn unedited(&self, findings: &[Diagnostic]) -> Vec<Diagnostic> {
        let is_elsewhere = |finding: &&Diagnostic| {
            finding.primary.as_ref().is_none_or(|label| !self.moved.is_edited(&label.place.path))
        };
        findings.iter().filter(is_elsewhere).cloned().collect()
    }
}

/// What the rules of the graph go by: elements and relations with all that is said of them but prose, descriptions, links
/// and places.
#[derive(Debug, PartialEq)]
pub(crate) struct Outline {
    elements: Digests<Element>,
    relations: Digests<Relation>,
}

/// Parts of a model, each with a digest of what matters of it.
#[derive(Debug)]
struct Digests<T>(Vec<(Arc<T>, u64)>);

impl<T: Send + Sync> Digests<T> {
    /// `known` are those of another model; of a part that both share the digest is taken from there.
    fn of(parts: &[Arc<T>], known: Option<&Self>, digest: fn(&T) -> u64) -> Self {
        let known = known.map_or(&[][..], |known| &known.0[..]);
        let digested = parts.par_iter().enumerate().with_min_len(SHARE).map(|(at, part)| {
            let same = known.get(at).filter(|(other, _)| Arc::ptr_eq(other, part));
            (part.clone(), same.map_or_else(|| digest(part), |(_, digest)| *digest))
        });
        Self(digested.collect())
    }
}

impl<T> PartialEq for Digests<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|((_, a), (_, b))| a == b)
    }
}

/// As much is digested at once before another thread is worth its while.
const SHARE: usize = 512;

fn of_element(element: &Element) -> u64 {
    let mut digest = FxHasher::default();
    (&element.id, element.kind, &element.name, element.parent, element.external, &element.technology).hash(&mut digest);
    (&element.tags, &element.owner, element.shape, &element.code, &element.dependencies).hash(&mut digest);
    (element.description.trim().is_empty(), &element.file, &element.d2).hash(&mut digest);
    hash_values(&element.behaviour, &mut digest);
    hash_values(&element.metadata, &mut digest);
    digest.finish()
}

fn of_relation(relation: &Relation) -> u64 {
    let mut digest = FxHasher::default();
    (relation.source, relation.target, &relation.description, &relation.technology, relation.kind).hash(&mut digest);
    (&relation.event, relation.bidirectional, &relation.tags, relation.origin).hash(&mut digest);
    (&relation.place.path, &relation.also).hash(&mut digest);
    hash_values(&relation.behaviour, &mut digest);
    hash_values(&relation.metadata, &mut digest);
    digest.finish()
}

fn hash_values(values: &IndexMap<String, Value>, digest: &mut FxHasher) {
    values.len().hash(digest);
    for (key, value) in values {
        key.hash(digest);
        hash_value(value, digest);
    }
}

/// A value without its place.
fn hash_value(value: &Value, digest: &mut FxHasher) {
    std::mem::discriminant(&value.data).hash(digest);
    match &value.data {
        Data::Null => {}
        Data::Bool(flag) => flag.hash(digest),
        Data::Integer(number) => number.hash(digest),
        Data::Float(number) => number.to_bits().hash(digest),
        Data::Text(text) => text.hash(digest),
        Data::List(values) => {
            values.len().hash(digest);
            values.iter().for_each(|value| hash_value(value, digest));
        }
        Data::Map(entries) => {
            entries.len().hash(digest);
            for (key, entry) in entries {
                key.hash(digest);
                hash_value(&entry.value, digest);
            }
        }
    }
}
