//! Relations between elements.

use crate::element::ElementIx;
use crate::value::Value;
use indexmap::IndexMap;
use loko_source::{FilePath, Place};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

/// The index of a relation in [`crate::Model::relations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct RelationIx(pub u32);

impl RelationIx {
    /// The index for slices.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Whether the source waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    /// The source waits for an answer; a solid line.
    #[default]
    Sync,
    /// The source does not wait; a dashed line.
    Async,
    /// The source announces something that happened; a dashed line.
    Event,
}

impl RelationKind {
    /// The kind as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Async => "async",
            Self::Event => "event",
        }
    }

    /// The kind of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sync, Self::Async, Self::Event].into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// Where a relation was stated. Of two statements of one relation, the one that comes first here stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// In the front matter of its source.
    FrontMatter,
    /// As an arrow of a D2 file.
    D2,
    /// In a `relationships.toml`.
    Toml,
}

/// Hex digits of a relation's id.
const ID_DIGITS: usize = 8;

/// One relation. Several may join the same two elements as long as their descriptions differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relation {
    /// A stable id: the first 8 hex digits of SHA-256 of `source->target:description`.
    pub id: SmolStr,
    /// Where it starts.
    pub source: ElementIx,
    /// Where it ends.
    pub target: ElementIx,
    /// What the source wants of the target.
    pub description: String,
    /// The protocol or means.
    pub technology: String,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// The name of the event that travels.
    pub event: Option<String>,
    /// Whether it goes both ways.
    pub bidirectional: bool,
    /// Labels for filters and rules.
    pub tags: Vec<String>,
    /// How it behaves: timeout, retry, breaker … by the keys of [`crate::schema`].
    pub behaviour: IndexMap<String, Value>,
    /// Keys that loko does not know; kept, shown, and warned about.
    pub metadata: IndexMap<String, Value>,
    /// Where it was stated first.
    pub origin: Origin,
    /// The place of that statement.
    #[serde(skip)]
    pub place: Place,
    /// The other files that state it, in the order in which they count.
    #[serde(skip)]
    pub also: Vec<FilePath>,
}

impl Relation {
    /// The id of a relation by the ids of its ends and what it is for: the first hex digits of SHA-256 of
    /// `source->target:description`.
    pub fn stable_id(source: &str, target: &str, description: &str) -> SmolStr {
        let mut hash = Sha256::new();
        for part in [source, "->", target, ":", description] {
            hash.update(part.as_bytes());
        }
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        let bytes = hash.finalize();
        bytes.iter().take(ID_DIGITS / 2).flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }
}
