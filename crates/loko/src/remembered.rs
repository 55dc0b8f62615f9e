//! What commits changed, as an earlier run found out: a commit stays what it is, so nobody need read it again.
//!
//! It counts for the same program and the same words only. What is not asked for in a run is forgotten.

use loko_site::changelog::Release;
use loko_source::disk::{Shelf, Sort};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const SORT: Sort = Sort { ending: "commits", files_max: 64, bytes_max: 8 * 1024 * 1024 };

/// What is remembered of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// The commit that it was compared with.
    pub(crate) parent: Option<String>,
    /// How many files the workspace had.
    pub(crate) files: usize,
    /// What it changed.
    pub(crate) release: Release,
}

/// The form of a file.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    key: String,
    commits: BTreeMap<String, Known>,
}

/// What is remembered of the commits of a workspace.
pub(crate) struct Remembered {
    shelf: Option<Shelf>,
    before: Kept,
    now: Kept,
}

impl Remembered {
    /// What is remembered in a folder, if there is one, of a workspace; what commits changed is told in words with this key.
    pub(crate) fn of(folder: Option<&Path>, root: &Path, words: &str) -> Self {
        let key = format!("{} {words}", crate::publish::maker());
        let shelf = folder.map(|folder| Shelf::of(folder, root, SORT));
        let kept = shelf.as_ref().and_then(Shelf::read);
        let before = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let before = before.filter(|kept| kept.key == key).unwrap_or_default();
        Self { shelf, before, now: Kept { key, commits: BTreeMap::new() } }
    }

    /// What a commit changed that has this parent, if that is known.
    pub(crate) fn get(&mut self, commit: &str, parent: Option<&str>) -> Option<Known> {
        let known = self.before.commits.get(commit).filter(|known| known.parent.as_deref() == parent)?;
        self.now.commits.insert(commit.to_owned(), known.clone());
        Some(known.clone())
    }

    /// Remembers what a commit changed.
    pub(crate) fn put(&mut self, commit: &str, known: Known) {
        self.now.commits.insert(commit.to_owned(), known);
    }

    /// Keeps what is known for later runs.
    pub(crate) fn keep(self) {
        if self.now.commits != self.before.commits
            && let (Some(shelf), Ok(bytes)) = (self.shelf, serde_json::to_vec(&self.now))
        {
            shelf.keep(&bytes);
        }
    }
}
