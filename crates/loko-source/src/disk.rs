//! The only door to a workspace on disk: reading it into a [`Snapshot`], writing a [`ChangeSet`] or an output folder.
//!
//! Symbolic links are followed only while they stay inside the workspace, and never for writing. Writes go to a
//! temporary file beside the target, are flushed, and are renamed into place; a set of changes is checked against
//! what is on disk now and rolled back when a step fails. One writer at a time holds the lock.

#![expect(clippy::disallowed_methods, reason = "this module is where the disk is")]

use crate::change::{ChangeError, ChangeSet};
use crate::{Diagnostic, FilePath, Snapshot, Source};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

mod cache;
mod folder;
mod output;
mod read;
mod shelf;

pub use cache::{CACHE_BYTES_MAX, CACHED_FROM, CACHES_MAX};
pub use output::{Destination, OutputError, OutputFile, OutputReport, Previous, write_output};
pub use shelf::{Kept, Shelf, Sort};

/// A file larger than this is reported and not read.
pub const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// A workspace with more files than this is refused.
pub const FILES_MAX: usize = 200_000;
/// Folders nested deeper than this are reported and not read.
pub const FOLDER_DEPTH_MAX: usize = 32;
/// The lock's name in the workspace.
pub const LOCK_FILE: &str = ".loko/lock";
/// The folder of a workspace that loko keeps things in that are nobody's to commit.
const OWN_FOLDER: &str = ".loko";
/// How the names of temporary files begin; so many letters follow.
const TEMPORARY: &str = ".loko-";
const TEMPORARY_LETTERS: usize = 6;

/// How often a lock that somebody else holds is tried, with [`LOCK_PAUSE`] between.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

const TEXT_EXTENSIONS: [&str; 8] = ["md", "d2", "toml", "yaml", "yml", "json", "html", "css"];
const ASSET_EXTENSIONS: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "pdf", "woff2", "woff", "ttf", "otf"];

/// What of a workspace belongs in a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Files, relative to the workspace.
    pub files: Vec<String>,
    /// Folders with all below them, relative to the workspace.
    pub folders: Vec<String>,
}

/// Whether a file of this name is read as a text.
pub(crate) fn is_text(name: &str) -> bool {
    has_extension(name, &TEXT_EXTENSIONS)
}

/// Whether a file of this name is read as a picture or the like.
pub(crate) fn is_asset(name: &str) -> bool {
    has_extension(name, &ASSET_EXTENSIONS)
}

fn has_extension(name: &str, known: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| known.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// Why a workspace cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The folder is not there or cannot be opened.
    #[error("cannot open the folder `{}`: {error}", path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Too many files.
    #[error("`{}` holds more than {FILES_MAX} files below its source folders", .0.display())]
    TooManyFiles(PathBuf),
    /// Another process is writing.
    #[error("another loko is writing in `{}`; try again when it is done", .0.display())]
    Locked(PathBuf),
    /// A file is not as it was when the changes were computed.
    #[error("`{0}` changed meanwhile; nothing was written, run the command again")]
    Stale(FilePath),
    /// A path leads out of the workspace through a symbolic link.
    #[error("`{0}` leads out of the workspace through a symbolic link; nothing was written")]
    Outside(FilePath),
    /// The changes do not fit.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A step failed; what had been done before was undone.
    #[error("cannot write `{path}`: {error}; nothing was changed")]
    Write {
        /// The file or folder.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

/// A folder that holds a workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
    cache: Option<PathBuf>,
}

impl Workspace {
    /// Opens the folder of a workspace.
    pub fn open(root: &Path) -> Result<Self, DiskError> {
        let open_error = |error| DiskError::Open { path: root.to_owned(), error };
        let canonical = root.canonicalize().map_err(open_error)?;
        fs::read_dir(&canonical).map_err(open_error)?;
        Ok(Self { root: canonical, cache: None })
    }

    /// Keeps the texts of this and other workspaces in a folder, so that the next reading of thousands of files is
    /// sooner done. Where a system tells too little of its files (for now: all but Linux), nothing is kept.
    pub fn caching_in(mut self, folder: PathBuf) -> Self {
        self.cache = cfg!(target_os = "linux").then_some(folder);
        self
    }

    /// The absolute path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The name of the folder.
    pub fn folder_name(&self) -> String {
        self.root.file_name().map_or_else(|| "workspace".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// One text file, if it is there and can be read.
    pub fn read_text(&self, path: &str) -> Option<Source> {
        let absolute = self.inside(&self.root.join(path))?;
        read::with_bytes(&absolute, |bytes| Source::from_bytes(bytes)).ok()
    }

    /// One file as it is, if it is there, inside the workspace, and not too large.
    pub fn read_bytes(&self, path: &str) -> Option<Vec<u8>> {
        let absolute = self.inside(&self.root.join(path))?;
        read::with_bytes(&absolute, <[u8]>::to_vec).ok()
    }

    /// Reads all files of a scope. Files that cannot be read are findings, not failures.
    pub fn snapshot(&self, scope: &Scope) -> Result<(Snapshot, Vec<Diagnostic>), DiskError> {
        read::snapshot(self, scope)
    }

    /// What was read before with some files, by their absolute paths, read again. Nothing when that may not be all that
    /// changed: a file came or went, or is no text, or there are links; then everything has to be read.
    pub fn read_again(&self, known: &Snapshot, paths: &[PathBuf]) -> Option<Snapshot> {
        let mut now = (!known.is_linked()).then(|| known.clone())?;
        for path in paths {
            let below = path.strip_prefix(&self.root).ok()?.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
            if below.split('/').any(|part| part.starts_with('.')) {
                continue;
            }
            let before = known.source(&below)?;
            if !fs::symlink_metadata(path).ok()?.is_file() {
                return None;
            }
            let source = read::with_bytes(path, |bytes| Source::from_bytes(bytes)).ok()?;
            if source != *before {
                now.insert(FilePath::new(&below).ok()?, source);
            }
        }
        Some(now)
    }

    /// The path with all links resolved, if it exists and lies inside the workspace.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok().filter(|canonical| canonical.starts_with(&self.root))
    }

    /// Writes changes that were computed from `before`: all of them, or none.
    pub fn write(&self, before: &Snapshot, changes: &ChangeSet) -> Result<(), DiskError> {
        self.write_to(before, changes, &before.overlay(changes)?)
    }

    /// The same for whoever knows already what `changes` make of `before`.
    pub fn write_to(&self, before: &Snapshot, changes: &ChangeSet, after: &Snapshot) -> Result<(), DiskError> {
        if changes.is_empty() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut journal = Journal { root: &self.root, undo: Vec::new() };
        self.check_fresh(before, changes)?;
        let result = self.write_steps(after, changes, &mut journal);
        if result.is_err() {
            journal.roll_back();
        }
        result
    }

    /// Refuses when a file that is to be changed is not as `before` has it.
    fn check_fresh(&self, before: &Snapshot, changes: &ChangeSet) -> Result<(), DiskError> {
        let moved_here =
            |path: &FilePath| changes.moves().iter().any(|(_, to)| path.as_str().starts_with(&format!("{to}/")));
        // A file that is moved or goes as a whole need not be UTF-8: it is as it was when it reads as it did.
        let is_read_as = |now: &[u8], source: &Source| match source.invalid_at() {
            Some(_) => Source::from_bytes(now) == *source,
            None => now == source.text().as_bytes(),
        };
        for (path, _) in changes.files().filter(|(path, _)| !moved_here(path)) {
            let absolute = self.root.join(path.as_str());
            self.check_parents(path, &absolute)?;
            let now = match fs::symlink_metadata(&absolute) {
                Err(_) => None,
                Ok(metadata) if metadata.is_symlink() => return Err(DiskError::Outside(path.clone())),
                Ok(_) => Some(
                    read::with_bytes(&absolute, <[u8]>::to_vec).map_err(|error| write_error(path.as_str(), error))?,
                ),
            };
            let is_fresh = match (before.source(path.as_str()), before.asset(path.as_str()), now.as_deref()) {
                (Some(source), _, Some(now)) => is_read_as(now, source),
                (None, Some(asset), Some(now)) => now == &**asset,
                (source, asset, now) => now.is_none() && source.is_none() && asset.is_none(),
            };
            if !is_fresh {
                return Err(DiskError::Stale(path.clone()));
            }
        }
        for (from, _) in changes.moves() {
            for path in before.paths_below(from) {
                let now = fs::read(self.root.join(path.as_str())).ok();
                let is_fresh = match (&now, before.source(path.as_str())) {
                    (Some(now), Some(source)) => is_read_as(now, source),
                    (now, source) => now.is_none() && source.is_none(),
                };
                if !is_fresh {
                    return Err(DiskError::Stale(path.clone()));
                }
            }
        }
        Ok(())
    }

    /// Refuses when the nearest existing folder above a path lies outside the workspace.
    fn check_parents(&self, path: &FilePath, absolute: &Path) -> Result<(), DiskError> {
        let existing = absolute.ancestors().skip(1).find(|folder| folder.exists());
        match existing.and_then(|folder| self.inside(folder)) {
            Some(_) => Ok(()),
            None => Err(DiskError::Outside(path.clone())),
        }
    }

    fn write_steps(&self, after: &Snapshot, changes: &ChangeSet, journal: &mut Journal<'_>) -> Result<(), DiskError> {
        for (from, to) in changes.moves() {
            journal.rename(from, to)?;
        }
        for (path, _) in changes.files() {
            match after.text(path.as_str()) {
                Some(text) => journal.write(path, text.as_bytes())?,
                None => journal.delete(path)?,
            }
        }
        Ok(())
    }

    /// Takes the lock. A link in its place came with the files of the workspace and may lead anywhere: none is followed.
    fn lock(&self) -> Result<File, DiskError> {
        let failed = |error| write_error(LOCK_FILE, error);
        let outside = || DiskError::Outside(FilePath::new(LOCK_FILE).expect("a plain name is a path"));
        let path = self.root.join(LOCK_FILE);
        let folder = path.parent().expect("the lock lies in a folder");
        match fs::symlink_metadata(folder) {
            Ok(metadata) if metadata.is_symlink() => return Err(outside()),
            Ok(_) => {}
            // Another loko may be as far as this one.
            Err(_) => fs::create_dir(folder).or_else(unless(io::ErrorKind::AlreadyExists)).map_err(failed)?,
        }
        // What loko keeps for itself is nobody's to commit.
        let ignore = File::create_new(folder.join(".gitignore")).and_then(|mut file| file.write_all(b"*\n"));
        ignore.or_else(unless(io::ErrorKind::AlreadyExists)).map_err(failed)?;
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(outside());
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
        let file = options.open(&path).map_err(failed)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(fs::TryLockError::Error(error)) => return Err(write_error(LOCK_FILE, error)),
            }
        }
        Err(DiskError::Locked(self.root.clone()))
    }
}

/// A failure of this kind is none.
fn unless(kind: io::ErrorKind) -> impl Fn(io::Error) -> io::Result<()> {
    move |error| if error.kind() == kind { Ok(()) } else { Err(error) }
}

/// Creates the folder of a new workspace, parents included.
pub fn create_folder(path: &Path) -> Result<(), DiskError> {
    fs::create_dir_all(path).map_err(|error| DiskError::Open { path: path.to_owned(), error })
}

/// What was done, so that it can be undone.
struct Journal<'a> {
    root: &'a Path,
    undo: Vec<Undo>,
}

enum Undo {
    Restore(PathBuf, Vec<u8>),
    Remove(PathBuf),
    RemoveFolder(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Journal<'_> {
    fn write(&mut self, path: &FilePath, bytes: &[u8]) -> Result<(), DiskError> {
        let absolute = self.root.join(path.as_str());
        let old = fs::read(&absolute).ok();
        if old.as_deref() == Some(bytes) {
            return Ok(());
        }
        self.create_parents(&absolute, path)?;
        replace_atomically(&absolute, bytes).map_err(|error| write_error(path.as_str(), error))?;
        self.undo.push(match old {
            Some(old) => Undo::Restore(absolute, old),
            None => Undo::Remove(absolute),
        });
        Ok(())
    }

    fn create_parents(&mut self, absolute: &Path, path: &FilePath) -> Result<(), DiskError> {
        let missing: Vec<&Path> = absolute.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|error| write_error(path.as_str(), error))?;
            self.undo.push(Undo::RemoveFolder(folder.to_owned()));
        }
        Ok(())
    }

    fn delete(&mut self, path: &FilePath) -> Result<(), DiskError> {
        let absolute = self.root.join(path.as_str());
        let old = fs::read(&absolute).map_err(|error| write_error(path.as_str(), error))?;
        fs::remove_file(&absolute).map_err(|error| write_error(path.as_str(), error))?;
        self.undo.push(Undo::Restore(absolute.clone(), old));
        // Folders that are empty now go too; the first that is not ends it.
        for folder in absolute.ancestors().skip(1).take_while(|folder| *folder != self.root) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), DiskError> {
        let (old, new) = (self.root.join(from), self.root.join(to));
        if new.exists() {
            return Err(ChangeError::Occupied(FilePath::new(to).map_err(ChangeError::from)?).into());
        }
        self.create_parents(&new, &FilePath::new(to).map_err(ChangeError::from)?)?;
        fs::rename(&old, &new).map_err(|error| write_error(from, error))?;
        self.undo.push(Undo::Rename(new, old));
        Ok(())
    }

    /// Undoes all steps, last first. An undo that fails leaves the rest to be tried all the same.
    fn roll_back(&mut self) {
        while let Some(step) = self.undo.pop() {
            let _ = match step {
                Undo::Restore(path, bytes) => {
                    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
                    folder.and_then(|()| replace_atomically(&path, &bytes))
                }
                Undo::Remove(path) => fs::remove_file(path),
                Undo::RemoveFolder(path) => fs::remove_dir(path),
                Undo::Rename(from, to) => fs::rename(from, to),
            };
        }
    }
}

fn write_error(path: &str, error: io::Error) -> DiskError {
    DiskError::Write { path: path.to_owned(), error }
}

/// Writes a file that somebody named: whole or not at all, and flushed to the disk. A link is followed to what it stands for;
/// what is no file (a device, a pipe) is written into, never replaced.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_named(path, bytes, replace_atomically)
}

/// The same for what can be made again at any time (a picture): without waiting for the disk, which takes longer than
/// drawing does.
pub fn write_derived(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_named(path, bytes, replace_derived)
}

fn write_named(path: &Path, bytes: &[u8], replace: fn(&Path, &[u8]) -> io::Result<()>) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_file() => replace(&path.canonicalize()?, bytes),
        Ok(_) => File::options().write(true).open(path)?.write_all(bytes),
        // A link that leads nowhere yet.
        Err(_) if path.is_symlink() => {
            File::options().write(true).create_new(true).open(target_of(path)?)?.write_all(bytes)
        }
        Err(_) => replace(path, bytes),
    }
}

/// Where a link leads, which need not be there.
fn target_of(link: &Path) -> io::Result<PathBuf> {
    Ok(folder_of(link).join(fs::read_link(link)?))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Writes to a temporary file beside the target, flushes it to the disk, and renames it into place.
fn replace_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let mut file = new_temporary(folder)?;
    file.write_all(bytes)?;
    take_over(path, file.as_file());
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is durable once the folder is flushed; not every system can open folders.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The same without the flush.
fn replace_derived(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = new_temporary(folder_of(path))?;
    file.write_all(bytes)?;
    take_over(path, file.as_file());
    take_place(file, path)
}

/// Gives a file that takes the place of another one's permissions, and its owner and group where that is allowed.
fn take_over(path: &Path, file: &File) {
    let Ok(there) = fs::symlink_metadata(path) else { return };
    if !there.is_file() {
        return;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        if let Ok(new) = file.metadata()
            && (new.uid(), new.gid()) != (there.uid(), there.gid())
        {
            let _ = fchown(file, Some(there.uid()), Some(there.gid()));
        }
    }
    let _ = file.set_permissions(there.permissions());
}

fn new_temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).rand_bytes(TEMPORARY_LETTERS);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // What the user's mask leaves of it, as with every program.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The system's own words would name the temporary file, which means nothing to anybody.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

/// Puts a temporary file in the place of one that can be made again.
///
/// Some file systems write a file to the disk before it takes another one's name, lest a failing machine leave neither
/// (ext4 does). Where two files can change names, nobody waits for that; what is empty after a failure is made anew.
fn take_place(temporary: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
        if is_file && renameat_with(CWD, temporary.path(), CWD, path, RenameFlags::EXCHANGE).is_ok() {
            // What was there bears the temporary name and goes with it.
            return Ok(());
        }
    }
    temporary.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests;
