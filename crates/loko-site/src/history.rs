//! What became of a workspace over time, as its repository tells: who changed which file when, and version by version
//! what differs. The caller reads it; pages and the feed show it.

use crate::changelog::Release;
use loko_diagram::Board;
use loko_source::FilePath;
use serde::Serialize;
use std::collections::BTreeMap;

/// The history of a workspace.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The changes of each file, the newest first.
    pub files: BTreeMap<FilePath, Vec<Commit>>,
    /// The versions, the newest first; what has no tag yet stands before them, with no name.
    pub versions: Vec<Version>,
}

/// A commit that changed a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// The day, as `2026-11-21`.
    pub day: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub summary: String,
}

/// A version and what became of the architecture since the one before it.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// What happened, in words.
    pub release: Release,
    /// Both versions in one picture, additions, removals and changes marked; if anything can be drawn.
    pub overlay: Option<Board>,
    /// The landscape before and after, side by side; where the overlay is.
    pub beside: Option<(Board, Board)>,
}
