//! The texts of the last reading, so that the next one asks the system only whether they are still true.
//!
//! Reading a small file takes four calls to the system and listing its folder four more; asking for the times of both
//! takes two. What is kept is believed while folder and file have the device's number, the size, and both times
//! (modified, changed) that they had before. A time can say less than it seems to: what changed within [`SETTLED`] before
//! it was read could change again and keep its time, so it is not kept (git calls such entries racy). Writing never relies on
//! this: changes are held against the files themselves.
//!
//! A cache is a help and never a need: one that is missing, damaged, of another version or another workspace is no cache.

use crate::{FilePath, Snapshot};
use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

/// Workspaces with fewer texts are read as fast without.
pub const CACHED_FROM: usize = 200;
/// How many workspaces are kept; the one that was kept longest ago makes room.
pub const CACHES_MAX: usize = 32;
/// Larger caches are neither written nor read.
pub const CACHE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// How old a change has to be to be told from the next one by its time; some file systems count in steps of two seconds.
pub(super) const SETTLED: Duration = Duration::from_secs(3);
/// What every cache begins with; the version is that of the form.
const MAGIC: &[u8; 16] = b"loko texts 001\r\n";
const ENDING: &str = "texts";

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

/// A folder as it was listed.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) stamp: Stamp,
    pub(super) folders: Vec<String>,
    /// The files that are read, by name. No stamp: read every time.
    pub(super) files: Vec<(String, Option<Stamp>)>,
}

/// The form of a cache.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    root: &'a str,
    #[serde(borrow)]
    folders: Vec<KeptFolder<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct KeptFolder<'a> {
    path: &'a str,
    pub(super) stamp: Stamp,
    #[serde(borrow)]
    pub(super) folders: Vec<&'a str>,
    #[serde(borrow)]
    pub(super) files: Vec<KeptFile<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct KeptFile<'a> {
    pub(super) name: &'a str,
    /// The text, and the stamp of the file that held it.
    #[serde(borrow)]
    pub(super) text: Option<(Stamp, &'a str)>,
}

/// Where the cache of one workspace lies.
pub(super) struct Cache {
    folder: PathBuf,
    file: PathBuf,
    root: String,
    /// When reading began.
    now: SystemTime,
}

impl Cache {
    /// The cache of a workspace below the folder of all caches. None for a workspace whose path is no text.
    pub(super) fn of(folder: &Path, root: &Path) -> Option<Self> {
        let root = root.to_str()?.to_owned();
        let mut hasher = FxHasher::default();
        root.hash(&mut hasher);
        let file = folder.join(format!("{:016x}.{ENDING}", hasher.finish()));
        Some(Self { folder: folder.to_owned(), file, root, now: SystemTime::now() })
    }

    /// The bytes of the cache, if there is a whole one.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let metadata = fs::symlink_metadata(&self.file).ok()?;
        if !metadata.is_file() || metadata.len() > CACHE_BYTES_MAX {
            return None;
        }
        let bytes = fs::read(&self.file).ok()?;
        let (_, body) = parts(&bytes)?;
        (checksum(body) == bytes[MAGIC.len()..MAGIC.len() + 8]).then_some(bytes)
    }

    /// The folders of a cache by their paths.
    pub(super) fn folders<'a>(&self, bytes: &'a [u8]) -> FxHashMap<&'a str, KeptFolder<'a>> {
        let kept = parts(bytes).and_then(|(_, body)| postcard::from_bytes::<Kept<'_>>(body).ok());
        let folders = kept.filter(|kept| kept.root == self.root).map(|kept| kept.folders).unwrap_or_default();
        folders.into_iter().map(|folder| (folder.path, folder)).collect()
    }

    /// Keeps what was read when there is something in it that the cache has not, or the other way round.
    pub(super) fn keep(&self, before: &FxHashMap<&str, KeptFolder<'_>>, listed: &[Listed], texts: &Snapshot) {
        if texts.len() < CACHED_FROM || self.has_all(before, listed, texts) {
            return;
        }
        let settled = listed.iter().filter(|folder| folder.stamp.is_settled(self.now));
        let mut folders: Vec<KeptFolder<'_>> = settled.map(|folder| self.kept_folder(folder, texts)).collect();
        folders.sort_by(|a, b| a.path.cmp(b.path));
        // Nobody is told: the next reading takes as long as this one, and that is all.
        let _ = self.write(&Kept { root: &self.root, folders });
    }

    /// Whether a cache holds just what was read. Where times say so, the texts are not looked up.
    fn has_all(&self, before: &FxHashMap<&str, KeptFolder<'_>>, listed: &[Listed], texts: &Snapshot) -> bool {
        let settled: Vec<&Listed> = listed.iter().filter(|folder| folder.stamp.is_settled(self.now)).collect();
        let is_known = |folder: &&Listed| {
            let Some(known) = before.get(folder.path.as_str()) else { return false };
            let is_same = |(known, file): (&KeptFile<'_>, &(String, Option<Stamp>))| match known.text {
                Some((kept, _)) => file.1.filter(|stamp| stamp.is_settled(self.now)) == Some(kept),
                None => self.text(folder, file, texts).is_none(),
            };
            known.stamp == folder.stamp
                && known.files.len() == folder.files.len()
                && known.files.iter().zip(&folder.files).all(is_same)
        };
        settled.len() == before.len() && settled.iter().all(is_known)
    }

    /// The text of a file with its stamp, where both are worth keeping.
    fn text<'a>(
        &self,
        folder: &Listed,
        (name, stamp): &(String, Option<Stamp>),
        texts: &'a Snapshot,
    ) -> Option<(Stamp, &'a str)> {
        let stamp = stamp.filter(|stamp| stamp.is_settled(self.now))?;
        let path = FilePath::below(&folder.path, name).ok()?;
        let source = texts.source(path.as_str()).filter(|source| source.invalid_at().is_none())?;
        Some((stamp, source.text()))
    }

    fn kept_folder<'a>(&self, folder: &'a Listed, texts: &'a Snapshot) -> KeptFolder<'a> {
        let file = |file: &'a (String, Option<Stamp>)| KeptFile { name: &file.0, text: self.text(folder, file, texts) };
        KeptFolder {
            path: &folder.path,
            stamp: folder.stamp,
            folders: folder.folders.iter().map(String::as_str).collect(),
            files: folder.files.iter().map(file).collect(),
        }
    }

    fn write(&self, kept: &Kept<'_>) -> io::Result<()> {
        let body = postcard::to_stdvec(kept).map_err(io::Error::other)?;
        if body.len() as u64 > CACHE_BYTES_MAX {
            return Ok(());
        }
        self.make_folder()?;
        self.make_room()?;
        let mut bytes = Vec::with_capacity(MAGIC.len() + 8 + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&checksum(&body));
        bytes.extend_from_slice(&body);
        // Texts of a workspace are nobody else's to read; a temporary file is its owner's alone.
        let mut file = tempfile::Builder::new().prefix(".loko-").tempfile_in(&self.folder)?;
        io::Write::write_all(&mut file, &bytes)?;
        file.persist(&self.file).map(drop).map_err(|error| error.error)
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }

    /// Takes the oldest caches away when there are too many.
    fn make_room(&self) -> io::Result<()> {
        let mut caches = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path != self.file && path.extension().is_some_and(|extension| extension == ENDING) {
                caches.push((fs::symlink_metadata(&path)?.modified()?, path));
            }
        }
        caches.sort();
        let excess = (caches.len() + 1).saturating_sub(CACHES_MAX);
        caches.into_iter().take(excess).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// The checksum and the body.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.strip_prefix(MAGIC)?.split_at_checked(8)
}

/// Tells a cache that was written whole from one that was not; it is no protection against anybody.
fn checksum(body: &[u8]) -> [u8; 8] {
    let mut hasher = FxHasher::default();
    hasher.write(body);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// Puts another text into a cache, so that one can see that it is read.
    pub(in crate::disk) fn falsify(file: &Path, folder: &str, text: &str) {
        let bytes = fs::read(file).unwrap();
        let (_, body) = parts(&bytes).unwrap();
        let mut kept: Kept<'_> = postcard::from_bytes(body).unwrap();
        let of = kept.folders.iter_mut().find(|kept| kept.path == folder).unwrap();
        let (stamp, _) = of.files[0].text.unwrap();
        of.files[0].text = Some((stamp, text));
        let body = postcard::to_stdvec(&kept).unwrap();
        fs::write(file, [&MAGIC[..], &checksum(&body), &body].concat()).unwrap();
    }
}
