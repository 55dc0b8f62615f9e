//! What commits changed, as an earlier run found out: a commit stays what it is, so nobody need read it again.
//!
//! There is a file of each workspace in the folder of what may be lost. It counts for the same program and the same words
//! only; one that is missing, damaged or of others is as if there were none. What is not asked for in a run is forgotten.

use loko_site::changelog::Release;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Workspaces whose commits are remembered; the one that was longest not needed makes room.
pub(crate) const WORKSPACES_MAX: usize = 64;
/// Larger files are neither written nor read.
pub(crate) const BYTES_MAX: u64 = 8 * 1024 * 1024;
const ENDING: &str = "commits";

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
    file: Option<PathBuf>,
    before: Kept,
    now: Kept,
}

impl Remembered {
    /// What is remembered in a folder, if there is one, of a workspace; what commits changed is told in words with this key.
    pub(crate) fn of(folder: Option<&Path>, root: &Path, words: &str) -> Self {
        let key = format!("{} {words} {}", crate::publish::maker(), root.display());
        let file = folder.map(|folder| folder.join(format!("{:016x}.{ENDING}", hash(root))));
        let before = file.as_deref().and_then(read).filter(|kept| kept.key == key).unwrap_or_default();
        Self { file, before, now: Kept { key, commits: BTreeMap::new() } }
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

    /// Keeps what is known for later runs. Where that fails they take as long as this one, and that is all.
    pub(crate) fn keep(self) {
        let is_new = self.now.commits != self.before.commits;
        if let Some(file) = self.file.filter(|_| is_new) {
            let _ = write(&file, &self.now);
        }
    }
}

fn hash(root: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    hasher.finish()
}

fn read(file: &Path) -> Option<Kept> {
    let metadata = fs::symlink_metadata(file).ok()?;
    let is_fit = metadata.is_file() && metadata.len() <= BYTES_MAX;
    is_fit.then(|| fs::read(file).ok()).flatten().and_then(|bytes| serde_json::from_slice(&bytes).ok())
}

fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    let bytes = serde_json::to_vec(kept)?;
    let Some(folder) = file.parent().filter(|_| bytes.len() as u64 <= BYTES_MAX) else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    make_room(folder, file)?;
    // Whole or not at all: another run may read it meanwhile.
    let unfinished = file.with_extension(format!("{}.unfinished", std::process::id()));
    let written = fs::write(&unfinished, &bytes).and_then(|()| fs::rename(&unfinished, file));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Takes the oldest files away when there are too many.
fn make_room(folder: &Path, but: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path != but && path.extension().is_some_and(|extension| extension == ENDING) {
            files.push((fs::symlink_metadata(&path)?.modified()?, path));
        }
    }
    files.sort();
    let excess = (files.len() + 1).saturating_sub(WORKSPACES_MAX);
    files.into_iter().take(excess).try_for_each(|(_, path)| fs::remove_file(path))
}
