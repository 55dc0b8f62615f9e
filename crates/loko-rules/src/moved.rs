//! Where the things that rules point at went in edited files: names, values and relations, each from its place before to
//! its place now.
//!
//! Holds for two models with the same outline: the same elements and relations with the same values, in the same order.

use loko_model::value::Data;
use loko_model::{Element, Relation, Value};
use loko_source::{Diagnostic, FilePath, Label, Snapshot, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The places of things in edited files, before and now.
#[derive(Debug, Default)]
pub(crate) struct Moved<'a> {
    edited: FxHashSet<&'a FilePath>,
    /// `None` for a place where several things stood that went apart.
    places: FxHashMap<(&'a FilePath, Span), Option<Span>>,
}

/// A part of both models.
type Pair<'b, 'a, T> = (&'b Arc<T>, &'a Arc<T>);

impl<'a> Moved<'a> {
    /// `elements` and `relations` are those of both models side by side.
    pub(crate) fn new<'b>(
        edited: FxHashSet<&'a FilePath>,
        snapshots: [&Snapshot; 2],
        elements: impl Iterator<Item = Pair<'b, 'a, Element>>,
        relations: impl Iterator<Item = Pair<'b, 'a, Relation>>,
    ) -> Self {
        let mut moved = Self { edited, places: FxHashMap::default() };
        // What both models share stands where it stood.
        for (before, now) in elements.filter(|(before, now)| !Arc::ptr_eq(before, now)) {
            let file = &now.file;
            if !moved.is_edited(file) {
                continue;
            }
            let [was, is] =
                [(before, snapshots[0]), (now, snapshots[1])].map(|(element, snapshot)| name_span(element, snapshot));
            moved.went(file, was, is);
            moved.values(file, &before.behaviour, &now.behaviour);
            moved.values(file, &before.metadata, &now.metadata);
        }
        for (before, now) in relations.filter(|(before, now)| !Arc::ptr_eq(before, now)) {
            if !moved.is_edited(&now.place.path) {
                continue;
            }
            moved.went(&now.place.path, before.place.span, now.place.span);
            // What several files say of a relation stands in one of them; which one is not known.
            if now.also.is_empty() {
                moved.values(&now.place.path, &before.behaviour, &now.behaviour);
                moved.values(&now.place.path, &before.metadata, &now.metadata);
            }
        }
        moved
    }

    /// The edited files, in no order.
    pub(crate) fn edited(&self) -> impl Iterator<Item = &'a FilePath> {
        self.edited.iter().copied()
    }

    pub(crate) fn is_edited(&self, path: &FilePath) -> bool {
        self.edited.contains(path)
    }

    /// A finding with its places as they are now; none when that cannot be told.
    pub(crate) fn finding(&self, finding: &Diagnostic) -> Option<Diagnostic> {
        let is_here = |label: &Label| self.is_edited(&label.place.path);
        let is_mended_here = finding.fix.iter().flat_map(|fix| &fix.edits).any(|(path, _)| self.is_edited(path));
        if is_mended_here {
            return None;
        }
        let mut finding = finding.clone();
        for label in finding.primary.iter_mut().chain(&mut finding.secondary).filter(|label| is_here(label)) {
            label.place.span = (*self.places.get(&(&label.place.path, label.place.span))?)?;
        }
        Some(finding)
    }

    fn went(&mut self, file: &'a FilePath, was: Span, is: Span) {
        let known = self.places.entry((file, was)).or_insert(Some(is));
        if *known != Some(is) {
            *known = None;
        }
    }

    fn values(
        &mut self,
        file: &'a FilePath,
        before: &indexmap::IndexMap<String, Value>,
        now: &indexmap::IndexMap<String, Value>,
    ) {
        for (before, now) in before.values().zip(now.values()) {
            self.value(file, before, now);
        }
    }

    fn value(&mut self, file: &'a FilePath, before: &Value, now: &Value) {
        self.went(file, before.span, now.span);
        match (&before.data, &now.data) {
            (Data::List(before), Data::List(now)) => {
                before.iter().zip(now).for_each(|(before, now)| self.value(file, before, now));
            }
            (Data::Map(before), Data::Map(now)) => {
                for (before, now) in before.values().zip(now.values()) {
                    self.went(file, before.key_span, now.key_span);
                    self.value(file, &before.value, &now.value);
                }
            }
            _ => {}
        }
    }
}

/// Where an element is named; the first line of its file when it is not.
pub(crate) fn name_span(element: &Element, snapshot: &Snapshot) -> Span {
    if !element.name_span.is_empty() {
        return element.name_span;
    }
    let text = snapshot.text(element.file.as_str()).unwrap_or("");
    Span::new(0, text.lines().next().map_or(0, str::len))
}
