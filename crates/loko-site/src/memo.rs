//! What is remembered from build to build: finished pages, placed pictures, and what was found.
//!
//! A long-running program keeps all of it; from one run of a program to the next the placements last, as bytes.

use crate::fingerprint::Fingerprint;
use crate::pipeline::Placement;
use crate::placements::Placements;
use loko_source::{Diagnostic, FilePath};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a file was made from, and its bytes.
type MadeFile = (Fingerprint, Arc<[u8]>);

/// Remembers what was made, so that the next [`crate::build`] makes only what changed. Holds no more than the last build.
#[derive(Default)]
pub struct Memo {
    files: Mutex<FxHashMap<FilePath, MadeFile>>,
    placements: Mutex<Placements>,
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

    /// Remembers where things stood, from the bytes that [`Memo::placements`] gave another run of the same program; other
    /// bytes are nothing.
    pub fn recall(&self, bytes: &[u8]) {
        *lock(&self.placements) = Placements::from_bytes(bytes);
    }

    /// Where things stand in all pictures, as bytes, unless nothing came to what [`Memo::recall`] told.
    pub fn placements(&self) -> Option<Vec<u8>> {
        lock(&self.placements).to_bytes()
    }

    /// What layout answered when that was asked before.
    pub(crate) fn answer(&self, question: Fingerprint) -> Option<Arc<Placement>> {
        lock(&self.placements).answer(question)
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

    /// Remembers the placements of the drawings with these names, those that were not asked for if they are known, and no
    /// others.
    pub(crate) fn replace_placements(&self, drawings: impl Iterator<Item = (Fingerprint, Option<Arc<Placement>>)>) {
        lock(&self.placements).replace(drawings);
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
