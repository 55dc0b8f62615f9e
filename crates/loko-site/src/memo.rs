//! What a long-running program remembers from build to build: finished pages, placed pictures, and what was found.

use crate::fingerprint::Fingerprint;
use crate::pipeline::Placement;
use loko_source::{Diagnostic, FilePath};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a file was made from, and its bytes.
type MadeFile = (Fingerprint, Arc<[u8]>);

/// Remembers what was made, so that the next [`crate::build`] makes only what changed. Holds no more than the last build.
#[derive(Default)]
pub struct Memo {
    files: Mutex<FxHashMap<FilePath, MadeFile>>,
    placements: Mutex<FxHashMap<Fingerprint, Arc<Placement>>>,
    findings: Mutex<Vec<Diagnostic>>,
}

impl Memo {
    /// Remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn file(&self, path: &FilePath, fingerprint: Fingerprint) -> Option<Arc<[u8]>> {
        let files = lock(&self.files);
        files.get(path).filter(|(known, _)| *known == fingerprint).map(|(_, bytes)| Arc::clone(bytes))
    }

    /// Whether there was such a file.
    pub(crate) fn knows(&self, path: &FilePath) -> bool {
        lock(&self.files).contains_key(path)
    }

    pub(crate) fn placement(&self, fingerprint: Fingerprint) -> Option<Arc<Placement>> {
        lock(&self.placements).get(&fingerprint).cloned()
    }

    /// What the pages of the last build brought up.
    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        lock(&self.findings).clone()
    }

    pub(crate) fn replace_findings(&self, findings: Vec<Diagnostic>) {
        *lock(&self.findings) = findings;
    }

    /// Forgets what is not used any more.
    pub(crate) fn replace_files(&self, files: impl Iterator<Item = (FilePath, (Fingerprint, Arc<[u8]>))>) {
        *lock(&self.files) = files.collect();
    }

    pub(crate) fn replace_placements(&self, placements: impl Iterator<Item = (Fingerprint, Arc<Placement>)>) {
        *lock(&self.placements) = placements.collect();
    }
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo").field("files", &lock(&self.files).len()).finish_non_exhaustive()
    }
}

/// A memo is only ever replaced whole, so one left by a panicking thread is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
