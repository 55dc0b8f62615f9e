//! What became of a workspace over time, as its repository tells: who changed which file when, and version by version
//! what differs. The caller reads it; pages and the feed show it.

use crate::changelog::Release;
use loko_diagram::Board;
use loko_model::diff::insides::Inside;
use loko_model::diff::state::State;
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
    /// The landscapes of all versions in one picture, classes saying which shows what; if they can be drawn.
    pub landscapes: Option<Board>,
    /// The insides of elements that differ between any of the versions, all versions in one picture each.
    pub insides: Vec<Inside>,
    /// The last commits that changed the architecture, the newest first.
    pub steps: Vec<Step>,
}

/// A commit with what became of the architecture by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The commit.
    pub commit: Commit,
    /// What happened, in words; of a commit neither version nor day is said.
    pub release: Release,
}

/// A commit that changed a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// The day, as `2026-11-21`.
    pub day: String,
    /// The second since 1970.
    pub seconds: i64,
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
    /// The second since 1970 at which its commit was made, if it has one.
    pub seconds: Option<i64>,
    /// Both versions in one picture, additions, removals and changes marked; if anything can be drawn.
    pub overlay: Option<Board>,
    /// The landscape before and after, side by side; where the overlay is.
    pub beside: Option<(Board, Board)>,
    /// Whether there is none before it: all of it came with it.
    pub is_first: bool,
    /// What it can be compared by with any other version.
    pub state: State,
    /// The ids that elements had in the version before it and have in this one, where they differ.
    pub renamed: Vec<(String, String)>,
}
