//! The keys that files of a workspace may carry, each stated once.
//!
//! Loading asks this table which keys it knows and what their values are, messages take their "did you mean" from it,
//! [`json_schema`] turns it into a schema for editors, and [`crate::behaviour`] reads values by it. What a key does is
//! said where it is read.

use crate::behaviour::Unit;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

mod at;
mod behaviour;
mod json;
mod keys;

pub use at::At;
pub use json::{front_matter_schema, json_schema};

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number, not negative.
    Count,
    /// An amount with a unit.
    Amount(Unit),
    /// A list of amounts; one alone is a list of one.
    Amounts(Unit),
    /// A list of texts; one text alone is a list of one.
    Texts,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any of these.
    AnyOf(&'static [Takes]),
    /// A mapping of texts to texts.
    TextMap,
    /// A list of links.
    Links,
    /// Relations, in any of the ways to write them.
    Relations,
    /// A list of tables with the keys of that place.
    Tables(At),
    /// A table with the keys of that place.
    Table(At),
    /// A boolean, or a table with the keys of that place.
    BoolOr(At),
    /// A table with the keys of that place. A value alone stands for the named key; `false` says that there is none.
    Short(At, &'static str),
    /// A list of tables with the keys of that place. In the list a value alone stands for the named key.
    Items(At, &'static str),
    /// Anything; who uses the key says what it means.
    Any,
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A part of the model.
    Core,
    /// Kept as behaviour.
    Behaviour,
    /// Known from other tools or for people; kept as metadata.
    Kept,
}

/// A known key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key as it is written.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// Where it can stand.
    pub at: &'static [At],
    /// What its value is.
    pub takes: Takes,
    /// What becomes of it.
    pub role: Role,
    /// What holds when it is not given, as it would be written; empty when nothing does.
    pub default: &'static str,
    /// What it says, one line.
    pub doc: &'static str,
}

type Table = FxHashMap<&'static str, &'static Key>;

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let mut tables = vec![Table::default(); At::ALL.len()];
    for key in all() {
        for at in key.at {
            for name in std::iter::once(&key.name).chain(key.aliases) {
                tables[*at as usize].insert(name, key);
            }
        }
    }
    tables
});

/// All known keys, in the order in which documentation lists them.
pub fn all() -> impl Iterator<Item = &'static Key> {
    keys::KEYS.iter().chain(behaviour::KEYS)
}

/// The key of a name at a place, found by its name or an alias.
pub fn find(at: At, name: &str) -> Option<&'static Key> {
    TABLES[at as usize].get(name).copied()
}

/// Parts a change of behaviour such as `orders/web.autoscaling.min` into what it is about and the key, which may have parts itself.
///
/// Names of elements may have points too, so the key begins at the first part that is the name of a behaviour, or is the
/// last part when none is.
pub fn split_key(text: &str) -> Option<(&str, &str)> {
    let place = if text.contains("->") { At::Relation } else { At::Container };
    let start = text.rfind(['/', '>']).map_or(0, |at| at + 1);
    let known = |at: &usize| {
        let key = &text[at + 1..];
        find(place, key.split('.').next().unwrap_or(key).trim()).is_some()
    };
    let points = || text.char_indices().filter(|(at, c)| *c == '.' && *at >= start).map(|(at, _)| at);
    let at = points().find(known).or_else(|| points().next_back())?;
    Some((&text[..at], &text[at + 1..]))
}

/// The keys that can stand at a place, in the table's order.
pub fn keys(at: At) -> impl Iterator<Item = &'static Key> {
    all().filter(move |key| key.at.contains(&at))
}

/// The names of the keys of a place, aliases too: candidates for "did you mean".
pub fn names(at: At) -> impl Iterator<Item = &'static str> {
    keys(at).flat_map(|key| std::iter::once(key.name).chain(key.aliases.iter().copied()))
}

/// Whether two words of a choice are the same: case does not count, and `at least once` is `at-least-once`.
pub fn same_word(a: &str, b: &str) -> bool {
    let plain = |c: char| if matches!(c, ' ' | '_') { '-' } else { c.to_ascii_lowercase() };
    a.trim().chars().map(plain).eq(b.chars().map(plain))
}
