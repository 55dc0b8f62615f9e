//! Writing an output folder: unchanged files are left alone, stale files of ours are removed, nothing else is touched.
//!
//! What is ours is listed in [`MANIFEST`]: for each file the fingerprint of what it was made from, its size and its
//! time of change. A file that somebody changed or removed since is made again. The caller may leave one more
//! fingerprint there: that of all that the files were made from, which need not be made as long as it is the same.

use super::{DiskError, Scope, TEMPORARY, TEMPORARY_LETTERS, write_error};
use crate::FilePath;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The name of the list of files that loko made, in the output folder.
pub(super) const MANIFEST: &str = ".loko-manifest";
const MANIFEST_HEADER: &str = "loko-manifest 1";
/// Before the fingerprint of all that the files were made from.
const MADE_FROM: &str = "made-from ";
/// How old a temporary file is that no run still writes.
pub(super) const ABANDONED_AFTER: std::time::Duration = std::time::Duration::from_secs(3600);

/// A file of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputFile {
    /// Its bytes, and a fingerprint of all that they were made from.
    Made {
        /// The content.
        bytes: Arc<[u8]>,
        /// Equal fingerprints mean equal bytes.
        fingerprint: u64,
    },
    /// As [`Previous`] has it.
    Unchanged,
}

/// What an earlier run left in an output folder, as far as nobody touched it since.
#[derive(Clone, Debug, Default)]
pub struct Previous {
    files: BTreeMap<FilePath, Entry>,
    intact: BTreeMap<FilePath, u64>,
    made_from: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    fingerprint: u64,
    size: u64,
    changed_ns: u128,
}

impl Previous {
    /// Reads what an earlier run of the same `maker` left; nothing when there is none. Of another maker's files only the
    /// names count: it may have made other files of the same input.
    pub fn read(folder: &Path, maker: &str) -> Self {
        let Ok(text) = fs::read_to_string(folder.join(MANIFEST)) else { return Self::default() };
        let mut lines = text.lines();
        let Some(made_by) = lines.next().and_then(|line| line.strip_prefix(MANIFEST_HEADER)) else {
            return Self::default();
        };
        let mut made_from = None;
        let files: BTreeMap<FilePath, Entry> = lines
            .filter_map(|line| match line.strip_prefix(MADE_FROM) {
                Some(told) => {
                    made_from = u64::from_str_radix(told, 16).ok();
                    None
                }
                None => parse_line(line),
            })
            .collect();
        let intact = files
            .par_iter()
            .filter(|_| made_by.trim() == maker)
            .filter(|(path, entry)| stamp(&folder.join(path.as_str())) == Some((entry.size, entry.changed_ns)))
            .map(|(path, entry)| (path.clone(), entry.fingerprint))
            .collect();
        let made_from = made_from.filter(|_| made_by.trim() == maker);
        Self { files, intact, made_from }
    }

    /// Whether every file is there as it was written, and was made from this.
    pub fn is_whole(&self, made_from: u64) -> bool {
        self.made_from == Some(made_from) && self.intact.len() == self.files.len()
    }

    /// The files that are still as they were written, with their fingerprints.
    pub fn iter(&self) -> impl Iterator<Item = (&FilePath, u64)> {
        self.intact.iter().map(|(path, fingerprint)| (path, *fingerprint))
    }

    /// The fingerprint of a file that is still as it was written.
    pub fn fingerprint(&self, path: &str) -> Option<u64> {
        self.intact.get(path).copied()
    }
}

fn parse_line(line: &str) -> Option<(FilePath, Entry)> {
    let mut parts = line.splitn(4, ' ');
    let fingerprint = u64::from_str_radix(parts.next()?, 16).ok()?;
    let size = parts.next()?.parse().ok()?;
    let changed_ns = parts.next()?.parse().ok()?;
    Some((FilePath::new(parts.next()?).ok()?, Entry { fingerprint, size, changed_ns }))
}

fn stamp(path: &Path) -> Option<(u64, u128)> {
    let metadata = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let changed = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some((metadata.len(), changed.as_nanos()))
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputReport {
    /// Files written because they are new or differ.
    pub written: usize,
    /// Files left alone.
    pub unchanged: usize,
    /// Files of ours that nothing stands for any more.
    pub removed: usize,
}

/// Why an output folder cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file that somebody else made stands in the way.
    #[error(
        "`{0}` stands where the output belongs, and loko did not make it; move it away, choose another folder, or allow it with `--overwrite`"
    )]
    Foreign(String),
    /// The folder holds things that loko must not overwrite.
    #[error("`{folder}` {reason}; choose a folder of its own with `--output`")]
    Unsafe {
        /// The folder.
        folder: String,
        /// What speaks against it.
        reason: &'static str,
    },
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Where an output goes.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The folder of the workspace.
    pub workspace: &'a Path,
    /// What of the workspace people write; the output must neither hold it nor lie in it.
    pub sources: &'a Scope,
    /// The folder to write to.
    pub folder: &'a Path,
    /// Whether files that loko did not make may be overwritten.
    pub overwrite: bool,
}

/// Writes the files of an output. Everything is checked before anything is written. `made_from` is remembered for
/// [`Previous::is_whole`].
pub fn write_output(
    destination: &Destination<'_>,
    maker: &str,
    previous: &Previous,
    files: &BTreeMap<FilePath, OutputFile>,
    made_from: Option<u64>,
) -> Result<OutputReport, OutputError> {
    let Destination { workspace, sources, folder, overwrite } = *destination;
    fs::create_dir_all(folder).map_err(|error| write_error(&folder.display().to_string(), error))?;
    let folder = folder.canonicalize().map_err(|error| write_error(&folder.display().to_string(), error))?;
    check_folder(workspace, sources, &folder)?;
    if let Some(beside) = beside_empty(workspace, &folder) {
        // All of it or none: it is made elsewhere and then takes the place of the empty folder.
        let report = write_files(beside.path(), true, maker, previous, files, made_from)?;
        if fs::rename(beside.path(), &folder).is_ok() {
            return Ok(report);
        }
    } else if !overwrite {
        check_foreign(&folder, previous, files)?;
    }
    write_files(&folder, false, maker, previous, files, made_from)
}

/// A folder in which the first output of an empty folder can be made: one of loko's own, or beside it.
fn beside_empty(workspace: &Path, folder: &Path) -> Option<tempfile::TempDir> {
    if fs::read_dir(folder).ok()?.next().is_some() {
        return None;
    }
    let own = workspace.join(super::OWN_FOLDER);
    let parent = if folder.starts_with(workspace) && own.is_dir() { own.as_path() } else { folder.parent()? };
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).rand_bytes(TEMPORARY_LETTERS);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::metadata(folder).map_or(fs::Permissions::from_mode(0o755), |it| it.permissions()));
    }
    builder.tempdir_in(parent).ok()
}

fn write_files(
    folder: &Path,
    is_hidden: bool,
    maker: &str,
    previous: &Previous,
    files: &BTreeMap<FilePath, OutputFile>,
    made_from: Option<u64>,
) -> Result<OutputReport, OutputError> {
    let mut report = OutputReport::default();
    let mut manifest = format!("{MANIFEST_HEADER} {maker}\n");
    if let Some(made_from) = made_from {
        let _ = writeln!(manifest, "{MADE_FROM}{made_from:016x}");
    }
    let absolute = folder.join(MANIFEST);
    if files.keys().any(|path| !previous.files.contains_key(path)) {
        // Whoever finds the folder half written knows that all of it is ours.
        let known = previous.files.keys().chain(files.keys().filter(|path| !previous.files.contains_key(*path)));
        let pending: String = known.map(|path| format!("{:016x} 0 0 {path}\n", 0)).collect();
        put(&absolute, format!("{MANIFEST_HEADER} {maker}\n{pending}").as_bytes())
            .map_err(|error| write_error(MANIFEST, error))?;
    }
    let folders = Folders { root: folder, is_hidden, known: Mutex::default() };
    let written: Vec<Written> = files
        .par_iter()
        .map(|(path, file)| write_one(&folders, previous, path, file))
        .collect::<Result<_, OutputError>>()?;
    for (path, written) in files.keys().zip(written) {
        report.written += usize::from(written.is_new);
        report.unchanged += usize::from(!written.is_new);
        if let Some((size, changed_ns)) = written.stamp {
            let _ = writeln!(manifest, "{:016x} {size} {changed_ns} {path}", written.fingerprint);
        }
    }
    for path in previous.files.keys().filter(|path| !files.contains_key(*path)) {
        report.removed += usize::from(remove(folder, path));
    }
    if fs::read(&absolute).ok().as_deref() != Some(manifest.as_bytes()) {
        put(&absolute, manifest.as_bytes()).map_err(|error| write_error(MANIFEST, error))?;
    }
    if report.written > 0 {
        sweep(folder, files.keys());
    }
    Ok(report)
}

/// Takes away what runs left behind that were stopped while they wrote.
fn sweep<'a>(root: &Path, files: impl Iterator<Item = &'a FilePath>) {
    let folders: BTreeSet<&str> = files.map(FilePath::folder).collect();
    let is_old = |metadata: &fs::Metadata| {
        metadata.modified().ok().and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age >= ABANDONED_AFTER)
    };
    for entry in folders.iter().filter_map(|folder| fs::read_dir(root.join(folder)).ok()).flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| {
            name.strip_prefix(TEMPORARY).is_some_and(|rest| {
                rest.len() == TEMPORARY_LETTERS && rest.bytes().all(|letter| letter.is_ascii_alphanumeric())
            })
        });
        if is_ours && entry.metadata().is_ok_and(|metadata| metadata.is_file() && is_old(&metadata)) {
            // Whoever cannot take it away now can do so the next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn check_folder(workspace: &Path, sources: &Scope, folder: &Path) -> Result<(), OutputError> {
    let refuse = |reason| Err(OutputError::Unsafe { folder: folder.display().to_string(), reason });
    if workspace.starts_with(folder) {
        return refuse("is the workspace itself or holds it");
    }
    if folder.join(".git").exists() || folder.join("loko.toml").exists() {
        return refuse("is a project of its own");
    }
    let is_source =
        |name: &String| folder.starts_with(workspace.join(name)) || workspace.join(name).starts_with(folder);
    if sources.folders.iter().any(is_source) {
        return refuse("holds files of the workspace that people write");
    }
    Ok(())
}

/// Refuses when a file stands in the way that no run of loko made and that would be changed.
fn check_foreign(
    folder: &Path,
    previous: &Previous,
    files: &BTreeMap<FilePath, OutputFile>,
) -> Result<(), OutputError> {
    for (path, file) in files.iter().filter(|(path, _)| !previous.files.contains_key(*path)) {
        let OutputFile::Made { bytes, .. } = file else { continue };
        let absolute = folder.join(path.as_str());
        if fs::symlink_metadata(&absolute).is_ok() && fs::read(&absolute).ok().as_deref() != Some(bytes) {
            return Err(OutputError::Foreign(absolute.display().to_string()));
        }
    }
    Ok(())
}

/// What became of a file.
struct Written {
    is_new: bool,
    fingerprint: u64,
    stamp: Option<(u64, u128)>,
}

fn write_one(
    folders: &Folders<'_>,
    previous: &Previous,
    path: &FilePath,
    file: &OutputFile,
) -> Result<Written, OutputError> {
    let absolute = folders.root.join(path.as_str());
    let (is_new, fingerprint) = match file {
        OutputFile::Unchanged => {
            // It was looked at a moment ago.
            let known = previous.files.get(path.as_str()).filter(|_| previous.intact.contains_key(path.as_str()));
            let stamp = known.map(|entry| (entry.size, entry.changed_ns));
            return Ok(Written { is_new: false, fingerprint: known.map_or(0, |entry| entry.fingerprint), stamp });
        }
        OutputFile::Made { bytes, fingerprint } => {
            let written = write_if_different(folders, &absolute, bytes);
            (written.map_err(|error| write_error(&absolute.display().to_string(), error))?, *fingerprint)
        }
    };
    Ok(Written { is_new, fingerprint, stamp: stamp(&absolute) })
}

/// The folders of an output that are there and lie inside it; each is looked at once.
struct Folders<'a> {
    root: &'a Path,
    /// Whether the output stands where nobody looks until all of it is there.
    is_hidden: bool,
    known: Mutex<BTreeSet<PathBuf>>,
}

impl Folders<'_> {
    /// Makes a folder if it is missing. Folders that are links are not followed out of the output.
    fn make(&self, folder: &Path) -> io::Result<()> {
        let lock = || self.known.lock().expect("no thread panics while it holds the list");
        if lock().contains(folder) {
            return Ok(());
        }
        fs::create_dir_all(folder)?;
        if !folder.canonicalize()?.starts_with(self.root) {
            return Err(io::Error::other("it leads out of the output folder through a symbolic link"));
        }
        lock().insert(folder.to_owned());
        Ok(())
    }
}

fn write_if_different(folders: &Folders<'_>, path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let there = fs::symlink_metadata(path);
    if there.as_ref().is_ok_and(|metadata| metadata.len() == bytes.len() as u64) && fs::read(path)? == bytes {
        return Ok(false);
    }
    folders.make(path.parent().unwrap_or(folders.root))?;
    if there.is_ok() || !folders.is_hidden {
        return super::replace_derived(path, bytes).map(|()| true);
    }
    // Nobody reads a file in a folder that nobody knows yet, so it needs no other name while it is written.
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    Ok(true)
}

/// Puts a file in the place of what is there, which has to be there whatever happens.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = super::new_temporary(path.parent().unwrap_or(path))?;
    temporary.write_all(bytes)?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn remove(root: &Path, path: &FilePath) -> bool {
    let absolute = root.join(path.as_str());
    let inside = absolute.parent().and_then(|folder| folder.canonicalize().ok());
    if !inside.is_some_and(|folder| folder.starts_with(root)) || fs::remove_file(&absolute).is_err() {
        return false;
    }
    for folder in absolute.ancestors().skip(1).take_while(|folder| *folder != root) {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    true
}
