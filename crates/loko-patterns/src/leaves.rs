//! Values taken apart for a merge: a key, or a key inside a table, with its value.

use indexmap::IndexMap;
use loko_model::Value;
use loko_model::edit::annotate;
use loko_model::value::{Data, Entry};
use loko_source::Span;

/// What a merge does with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is as it should be, or nothing changed.
    Nothing,
    /// It becomes what the new side says.
    Set,
    /// It goes, as the new side says.
    Clear,
    /// Both sides changed it; it stays as people have it.
    Keep,
}

/// What becomes of a value that one side said before, says now, and that stands there.
pub(crate) fn decide(was: Option<&Value>, new: Option<&Value>, is: Option<&Value>) -> Step {
    let same = |a: Option<&Value>, b: Option<&Value>| match (a, b) {
        (Some(a), Some(b)) => annotate::is_same(a, b),
        (None, None) => true,
        _ => false,
    };
    if same(was, new) || same(is, new) {
        return Step::Nothing;
    }
    match (same(is, was), new) {
        (true, Some(_)) => Step::Set,
        (true, None) => Step::Clear,
        (false, _) => Step::Keep,
    }
}

/// Values by path: `timeout`, or `timeout.overall` inside a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaves(IndexMap<String, Value>);

impl Leaves {
    /// The leaves of keys with their values.
    pub(crate) fn of(set: &[(String, Value)]) -> Self {
        let mut leaves = Self::default();
        set.iter().for_each(|(key, value)| leaves.add(key, value));
        leaves
    }

    /// The leaves of a table.
    pub(crate) fn of_map(map: &IndexMap<String, Value>) -> Self {
        let mut leaves = Self::default();
        map.iter().for_each(|(key, value)| leaves.add(key, value));
        leaves
    }

    /// The leaves of paths with their values as YAML.
    pub(crate) fn of_written(set: &[(String, String)]) -> Self {
        let mut leaves = Self::default();
        for (path, written) in set {
            match annotate::parsed(written) {
                Some(value) if path.contains('.') => {
                    leaves.0.insert(path.clone(), value);
                }
                Some(value) => leaves.add(path, &value),
                None => {}
            }
        }
        leaves
    }

    /// The leaves of a text's front matter.
    pub(crate) fn of_front(text: &str) -> Self {
        Self::of_map(&annotate::entries(text))
    }

    fn add(&mut self, key: &str, value: &Value) {
        match &value.data {
            Data::Map(entries) if !entries.is_empty() => {
                for (inner, entry) in entries {
                    self.0.insert(format!("{key}.{inner}"), entry.value.clone());
                }
            }
            _ => {
                self.0.insert(key.to_owned(), value.clone());
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }

    /// Whether a path leads into a table where a value stands alone.
    pub(crate) fn is_alone(&self, path: &str) -> bool {
        path.split_once('.').is_some_and(|(key, _)| self.0.contains_key(key))
    }

    /// Gives a leaf a value, or takes it away.
    pub(crate) fn put(&mut self, path: &str, value: Option<Value>) {
        match value {
            Some(value) => {
                self.0.insert(path.to_owned(), value);
            }
            None => {
                self.0.shift_remove(path);
            }
        }
    }

    /// The paths of both, each once.
    pub(crate) fn paths_with(&self, other: &Self) -> Vec<String> {
        let others = other.0.keys().filter(|path| !self.0.contains_key(*path));
        self.0.keys().chain(others).cloned().collect()
    }

    /// The table that has these leaves.
    pub(crate) fn into_map(self) -> IndexMap<String, Value> {
        let mut map: IndexMap<String, Value> = IndexMap::new();
        for (path, value) in self.0 {
            let Some((key, inner)) = path.split_once('.') else {
                map.insert(path, value);
                continue;
            };
            let empty = || Value { data: Data::Map(IndexMap::new()), span: Span::at(0) };
            if let Data::Map(entries) = &mut map.entry(key.to_owned()).or_insert_with(empty).data {
                entries.insert(inner.to_owned(), Entry { key_span: value.span, value });
            }
        }
        map
    }
}
