//! The texts of the last reading, so that the next one asks the system only whether they are still true.
//!
//! Reading a small file takes four calls to the system and listing its folder four more; asking for the times of both
//! takes two. What is kept is believed while folder and file have the device's number, the size, and both times
//! (modified, changed) that they had before. A time can say less than it seems to: what changed within [`SETTLED`] before
//! it was read could change again and keep its time, so it is not kept (git calls such entries racy). Writing never relies on
//! this: changes are held against the files themselves.

use super::shelf::{self, Shelf, Sort};
use crate::{FilePath, Snapshot};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Workspaces with fewer texts are read as fast without.
pub const CACHED_FROM: usize = 200;
/// How many workspaces are kept; the one that was kept longest ago makes room.
pub const CACHES_MAX: usize = 32;
/// Larger caches are neither written nor read.
pub const CACHE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// How old a change has to be to be told from the next one by its time; some file systems count in steps of two seconds.
pub(super) const SETTLED: Duration = Duration::from_secs(3);
const SORT: Sort = Sort { ending: "texts", files_max: CACHES_MAX, bytes_max: CACHE_BYTES_MAX };

/// What tells one state of a file or folder from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) modified: (i64, u32),
    pub(super) changed: (i64, u32),
    pub(super) size: u64,
    pub(super) inode: u64,
    pub(super) device: u64,
}

impl Stamp {
    /// Whether a change after `now` would give another stamp.
    fn is_settled(&self, now: SystemTime) -> bool {
        let settled = now.checked_sub(SETTLED).and_then(|settled| settled.duration_since(UNIX_EPOCH).ok());
        let seconds = settled.and_then(|settled| i64::try_from(settled.as_secs()).ok());
        seconds.is_some_and(|seconds| self.modified.0.max(self.changed.0) < seconds)
    }
}

/// A folder as it was found.
#[derive(Debug)]
pub(super) enum Listed<'k> {
    /// It and all its files are as the cache has them.
    AsKept(&'k KeptFolder<'k>),
    /// So it is now.
    Anew(ListedFolder<'k>),
}

/// A folder as it was listed.
#[derive(Debug)]
pub(super) struct ListedFolder<'k> {
    pub(super) path: String,
    pub(super) stamp: Stamp,
    pub(super) folders: Vec<Cow<'k, str>>,
    /// The files that are read, by name. No stamp: read every time.
    pub(super) files: Vec<(Cow<'k, str>, Option<Stamp>)>,
}

/// So many folders stand together in a cache: reading one part of it after the other would hold all other work up.
const FOLDERS_TOGETHER: usize = 512;

/// The form of a cache: its folders, some together, each such part by itself in the form of a list.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    #[serde(borrow)]
    parts: Vec<&'a [u8]>,
}

impl<'a> Kept<'a> {
    fn folders(&self) -> Vec<KeptFolder<'a>> {
        let folders = |part: &&'a [u8]| postcard::from_bytes(part).unwrap_or_default();
        self.parts.par_iter().flat_map_iter(|part| -> Vec<KeptFolder<'a>> { folders(part) }).collect()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptFolder<'a> {
    path: &'a str,
    pub(super) stamp: Stamp,
    #[serde(borrow)]
    pub(super) folders: Vec<&'a str>,
    #[serde(borrow)]
    pub(super) files: Vec<KeptFile<'a>>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct KeptFile<'a> {
    pub(super) name: &'a str,
    /// The text, and the stamp of the file that held it.
    #[serde(borrow)]
    pub(super) text: Option<(Stamp, &'a str)>,
}

/// The cache of one workspace.
pub(super) struct Cache {
    shelf: Shelf,
    /// When reading began.
    now: SystemTime,
}

impl Cache {
    /// The cache of a workspace below the folder of all caches.
    pub(super) fn of(folder: &Path, root: &Path) -> Self {
        Self { shelf: Shelf::of(folder, root, SORT), now: SystemTime::now() }
    }

    /// The bytes of the cache, if there is a whole one.
    pub(super) fn bytes(&self) -> Option<shelf::Kept> {
        self.shelf.read()
    }

    /// The folders of a cache by their paths.
    pub(super) fn folders(bytes: &[u8]) -> FxHashMap<&str, KeptFolder<'_>> {
        let folders = postcard::from_bytes::<Kept<'_>>(bytes).map(|kept| kept.folders()).unwrap_or_default();
        folders.into_iter().map(|folder| (folder.path, folder)).collect()
    }

    /// Keeps what was read when there is something in it that the cache has not, or the other way round.
    pub(super) fn keep(&self, before: &FxHashMap<&str, KeptFolder<'_>>, listed: &[Listed<'_>], texts: &Snapshot) {
        if texts.len() < CACHED_FROM || self.has_all(before, listed, texts) {
            return;
        }
        let settled = listed.iter().filter(|folder| self.is_settled(folder));
        let kept = |folder| match folder {
            &Listed::AsKept(kept) => kept.clone(),
            Listed::Anew(folder) => self.kept_folder(folder, texts),
        };
        let mut folders: Vec<KeptFolder<'_>> = settled.map(kept).collect();
        folders.sort_by(|a, b| a.path.cmp(b.path));
        if let Ok(body) = written(&folders) {
            self.shelf.keep(&body);
        }
    }

    /// Whether a folder is worth keeping; what is kept was.
    fn is_settled(&self, folder: &Listed<'_>) -> bool {
        match folder {
            Listed::AsKept(_) => true,
            Listed::Anew(folder) => folder.stamp.is_settled(self.now),
        }
    }

    /// Whether a cache holds just what was read. Where times say so, the texts are not looked up.
    fn has_all(&self, before: &FxHashMap<&str, KeptFolder<'_>>, listed: &[Listed<'_>], texts: &Snapshot) -> bool {
        let is_known = |folder: &Listed<'_>| {
            let Listed::Anew(folder) = folder else { return true };
            let Some(known) = before.get(folder.path.as_str()) else { return false };
            let is_same = |(known, file): (&KeptFile<'_>, &(Cow<'_, str>, Option<Stamp>))| match known.text {
                Some((kept, _)) => file.1.filter(|stamp| stamp.is_settled(self.now)) == Some(kept),
                None => self.text(folder, file, texts).is_none(),
            };
            known.stamp == folder.stamp
                && known.files.len() == folder.files.len()
                && known.files.iter().zip(&folder.files).all(is_same)
        };
        let settled: Vec<&Listed<'_>> = listed.iter().filter(|folder| self.is_settled(folder)).collect();
        settled.len() == before.len() && settled.into_iter().all(is_known)
    }

    /// The text of a file with its stamp, where both are worth keeping.
    fn text<'a>(
        &self,
        folder: &ListedFolder<'_>,
        (name, stamp): &(Cow<'_, str>, Option<Stamp>),
        texts: &'a Snapshot,
    ) -> Option<(Stamp, &'a str)> {
        let stamp = stamp.filter(|stamp| stamp.is_settled(self.now))?;
        let path = FilePath::below(&folder.path, name).ok()?;
        let source = texts.source(path.as_str()).filter(|source| source.invalid_at().is_none())?;
        Some((stamp, source.text()))
    }

    fn kept_folder<'a>(&self, folder: &'a ListedFolder<'_>, texts: &'a Snapshot) -> KeptFolder<'a> {
        let file = |file: &'a (Cow<'_, str>, _)| KeptFile { name: &file.0, text: self.text(folder, file, texts) };
        KeptFolder {
            path: &folder.path,
            stamp: folder.stamp,
            folders: folder.folders.iter().map(AsRef::as_ref).collect(),
            files: folder.files.iter().map(file).collect(),
        }
    }
}

/// The bytes of a cache.
fn written(folders: &[KeptFolder<'_>]) -> postcard::Result<Vec<u8>> {
    let parts: Vec<Vec<u8>> = folders.chunks(FOLDERS_TOGETHER).map(postcard::to_stdvec).collect::<Result<_, _>>()?;
    postcard::to_stdvec(&Kept { parts: parts.iter().map(Vec::as_slice).collect() })
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// Puts another text into a cache, so that one can see that it is read.
    pub(in crate::disk) fn falsify(folder: &Path, root: &Path, of: &str, text: &str) {
        let shelf = Shelf::of(folder, root, SORT);
        let bytes = shelf.read().unwrap();
        let mut folders = postcard::from_bytes::<Kept<'_>>(&bytes).unwrap().folders();
        let of = folders.iter_mut().find(|kept| kept.path == of).unwrap();
        let (stamp, _) = of.files[0].text.unwrap();
        of.files[0].text = Some((stamp, text));
        shelf.keep(&written(&folders).unwrap());
    }
}
