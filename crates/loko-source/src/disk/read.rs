//! Reading the files of a workspace: folders are listed and their files read side by side.
//!
//! A workspace is thousands of small files, so what counts is the number of calls to the system and that no thread
//! waits for another: whoever lists a folder reads its files at once, into a buffer that is used again.

use super::cache::{Cache, KeptFile, KeptFolder, Listed, ListedFolder, Stamp};
use super::folder::{self, Folder, Kind, Name};
use super::{DiskError, FILE_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX, Scope, Workspace, is_asset, is_text};
use crate::{Diagnostic, FilePath, Severity, Snapshot, Source};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What a thread reads files into. Most texts fit, so that a file costs one copy and no call for its size.
const BUFFER_BYTES: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_BYTES]);
}

/// What was read.
#[derive(Default)]
pub(super) struct Found<'k> {
    pub(super) texts: Vec<(FilePath, Source)>,
    pub(super) assets: Vec<(FilePath, Arc<[u8]>)>,
    pub(super) findings: Vec<Diagnostic>,
    pub(super) listed: Vec<Listed<'k>>,
    /// Whether some file was read by a link.
    pub(super) is_linked: bool,
}

/// Reads all files of a scope; what the cache of the workspace has of them and is still true comes from there.
pub(super) fn snapshot(workspace: &Workspace, scope: &Scope) -> Result<(Snapshot, Vec<Diagnostic>), DiskError> {
    let mut outside = Vec::new();
    let mut find = |folder: &String| {
        let path = workspace.root.join(folder);
        let Some(found) = workspace.inside(&path) else {
            let finding = || Diagnostic { severity: Severity::Error, ..linked_out(folder, "no file of it is read") };
            outside.extend(path.exists().then(finding));
            return None;
        };
        Some(Root { path: folder.trim_matches('/').to_owned(), is_linked: found != path, found })
    };
    let roots: Vec<Root> = scope.folders.iter().filter_map(&mut find).collect();
    let mut read = read_all(workspace, scope, &roots)?;
    read.1.append(&mut outside);
    Ok(read)
}

fn read_all(workspace: &Workspace, scope: &Scope, roots: &[Root]) -> Result<(Snapshot, Vec<Diagnostic>), DiskError> {
    let cache = workspace.cache.as_ref().map(|folder| Cache::of(folder, &workspace.root));
    let Some(cache) = cache.filter(|_| !roots.iter().any(|root| root.is_linked)) else {
        return Ok(Reader::new(workspace).all(&scope.files, roots)?.into_snapshot());
    };
    let bytes = cache.bytes();
    let kept = bytes.as_deref().map(Cache::folders).unwrap_or_default();
    let (found, listed) = Reader::new(workspace).believing(&kept).all(&scope.files, roots)?.without_folders();
    if listed.len() == kept.len() && listed.iter().all(|folder| matches!(folder, Listed::AsKept(_))) {
        drop(listed);
        return Ok(rayon::join(|| found.into_snapshot(), || drop(kept)).0);
    }
    let read = found.into_snapshot();
    cache.keep(&kept, &listed, &read.0);
    Ok(read)
}

/// A folder of a scope.
struct Root {
    /// Its path in the workspace.
    path: String,
    /// Where it is, links followed.
    found: PathBuf,
    /// Whether a link led there.
    is_linked: bool,
}

/// Reads a scope of a workspace.
struct Reader<'w> {
    workspace: &'w Workspace,
    /// What the last reading found, and the root to ask whether it is still there; nothing when nothing is kept.
    kept: Option<(Folder, &'w FxHashMap<&'w str, KeptFolder<'w>>)>,
    found: Mutex<Found<'w>>,
    files: AtomicUsize,
}

impl<'w> Reader<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, kept: None, found: Mutex::default(), files: AtomicUsize::new(0) }
    }

    /// Believes what the last reading found, where that is still true.
    fn believing(mut self, kept: &'w FxHashMap<&'w str, KeptFolder<'w>>) -> Self {
        self.kept = Folder::open(&self.workspace.root).ok().map(|root| (root, kept));
        self
    }

    /// All files of a scope.
    fn all(self, files: &[String], roots: &[Root]) -> Result<Found<'w>, DiskError> {
        for file in files {
            let mut found = Found::default();
            if let (Ok(path), Some(absolute)) =
                (FilePath::new(file), self.workspace.inside(&self.workspace.root.join(file)))
                && absolute.is_file()
            {
                found.is_linked = absolute != self.workspace.root.join(file);
                found.read(path, File::open(absolute));
            }
            self.keep(found);
        }
        rayon::scope(|threads| {
            for root in roots {
                self.folder(threads, &root.path, || Folder::open(&root.found), 0);
            }
        });
        if self.is_too_many() {
            return Err(DiskError::TooManyFiles(self.workspace.root.clone()));
        }
        Ok(self.found.into_inner().expect("no thread panics while it keeps what it found"))
    }

    /// Reads the files of a folder and leaves the folders in it to whoever is free.
    fn folder<'s>(
        &'s self,
        threads: &rayon::Scope<'s>,
        path: &str,
        folder: impl FnOnce() -> io::Result<Folder>,
        depth: usize,
    ) {
        if self.is_too_many() {
            return;
        }
        let mut found = Found::default();
        if depth > FOLDER_DEPTH_MAX {
            found.findings.push(too_deep(path));
        } else if !self.recalled(threads, path, depth, &mut found)
            && let Err(error) = folder().and_then(|folder| self.entries(threads, path, folder, depth, &mut found))
        {
            // Somebody may have taken it away meanwhile.
            if error.kind() != io::ErrorKind::NotFound {
                found.findings.push(unreadable_folder(path, &error));
            }
        }
        self.keep(found);
    }

    /// A folder whose entries are what they were at the last reading: its files are what was kept of them, or are read.
    fn recalled<'s>(&'s self, threads: &rayon::Scope<'s>, path: &str, depth: usize, found: &mut Found<'w>) -> bool {
        let Some((root, all)) = &self.kept else { return false };
        let all: &'w FxHashMap<&'w str, KeptFolder<'w>> = all;
        let Some(kept) = all.get(path) else { return false };
        if root.folder_stamp(path) != Some(kept.stamp) {
            return false;
        }
        let mut stamps = Vec::with_capacity(kept.files.len());
        for file in &kept.files {
            let Ok(below) = FilePath::below(path, file.name) else {
                *found = Found::default();
                return false;
            };
            stamps.push(match file.text {
                Some((stamp, text)) if root.file_stamp(below.as_str()) == Some(stamp) => {
                    found.texts.push((below, Source::new(text)));
                    Some(stamp)
                }
                _ => found.read_stamped(below, root.file_below(path, file.name)),
            });
        }
        for &name in &kept.folders {
            let path = format!("{path}/{name}");
            threads.spawn(move |threads| self.folder(threads, &path, || root.below(&path), depth + 1));
        }
        let is_as_kept = |(file, stamp): (&KeptFile<'_>, &Option<Stamp>)| file.text.map(|(kept, _)| kept) == *stamp;
        found.listed.push(if kept.files.iter().zip(&stamps).all(is_as_kept) {
            Listed::AsKept(kept)
        } else {
            Listed::Anew(ListedFolder {
                path: path.to_owned(),
                stamp: kept.stamp,
                folders: kept.folders.iter().map(|&name| name.into()).collect(),
                files: kept.files.iter().map(|file| file.name.into()).zip(stamps).collect(),
            })
        });
        true
    }

    fn entries<'s>(
        &'s self,
        threads: &rayon::Scope<'s>,
        path: &str,
        folder: Folder,
        depth: usize,
        found: &mut Found<'w>,
    ) -> io::Result<()> {
        let mut folders: Vec<(FilePath, Name)> = Vec::new();
        // The stamp is older than the list: who comes between them is seen the next time.
        let mut listed = self.kept.as_ref().and_then(|_| folder.stamp()).map(|stamp| ListedFolder {
            path: path.to_owned(),
            stamp,
            folders: Vec::new(),
            files: Vec::new(),
        });
        let mut is_odd = false;
        let outcome = folder.each(|name, kind| {
            let text = folder::text(&name);
            if text.starts_with('.') {
                return;
            }
            let Ok(path) = FilePath::below(path, &text) else { return };
            is_odd |= text.contains(['\u{FFFD}', '\\']);
            if kind == Kind::Folder {
                if is_text(&text) {
                    found.findings.push(named_as_file(&path));
                }
                if let Some(listed) = &mut listed {
                    listed.folders.push(text.clone().into_owned().into());
                }
                folders.push((path, name));
            } else if kind == Kind::Link {
                is_odd = true;
                self.link(path, is_text(&text) || is_asset(&text), found);
            } else if kind == Kind::File && (is_text(&text) || is_asset(&text)) {
                match &mut listed {
                    None => found.read(path, folder.file(&name)),
                    Some(listed) => {
                        let stamp = found.read_stamped(path, folder.file(&name));
                        listed.files.push((text.into_owned().into(), stamp));
                    }
                }
            }
        });
        let is_plain = outcome.is_ok() && !is_odd && found.findings.is_empty();
        found.listed.extend(listed.filter(|_| is_plain).map(Listed::Anew));
        let folder = Arc::new(folder);
        for (path, name) in folders {
            let above = Arc::clone(&folder);
            threads.spawn(move |threads| {
                // Whoever waits for its turn need not keep the folder above open.
                self.folder(threads, path.as_str(), move || above.folder(&name), depth + 1);
            });
        }
        outcome
    }

    /// A file by a link, when that stays in the workspace and its name is that of a file that is read. A link to a folder is
    /// passed over: it could lead round in a circle.
    fn link(&self, path: FilePath, is_read: bool, found: &mut Found<'w>) {
        let link = self.workspace.root.join(path.as_str());
        let inside = self.workspace.inside(&link);
        if link.is_dir() {
            found.findings.push(match inside {
                Some(_) => linked_folder(&path),
                None => linked_out(path.as_str(), "no file of it is read"),
            });
        } else if is_read {
            match inside.filter(|absolute| absolute.is_file()) {
                Some(absolute) => {
                    found.is_linked = true;
                    found.read(path, File::open(absolute));
                }
                None if link.exists() => found.findings.push(linked_out(path.as_str(), "it is not read")),
                None => found.findings.push(linked_nowhere(&path)),
            }
        }
    }

    fn keep(&self, found: Found<'w>) {
        self.files.fetch_add(found.texts.len() + found.assets.len(), Ordering::Relaxed);
        let mut all = self.found.lock().expect("no thread panics while it keeps what it found");
        all.texts.extend(found.texts);
        all.assets.extend(found.assets);
        all.findings.extend(found.findings);
        all.listed.extend(found.listed);
        all.is_linked |= found.is_linked;
    }

    fn is_too_many(&self) -> bool {
        self.files.load(Ordering::Relaxed) > FILES_MAX
    }
}

impl<'k> Found<'k> {
    /// What was read, and the folders as they were found.
    fn without_folders(self) -> (Found<'static>, Vec<Listed<'k>>) {
        let Self { texts, assets, findings, listed, is_linked } = self;
        (Found { texts, assets, findings, listed: Vec::new(), is_linked }, listed)
    }

    /// What was read, in an order that does not depend on threads.
    fn into_snapshot(mut self) -> (Snapshot, Vec<Diagnostic>) {
        self.findings.sort_by(|a, b| a.message.cmp(&b.message));
        (Snapshot::from_files(self.texts, self.assets, self.is_linked), self.findings)
    }

    /// Reads a file, and says what it was before that.
    fn read_stamped(&mut self, path: FilePath, file: io::Result<File>) -> Option<Stamp> {
        let stamp = file.as_ref().ok().and_then(folder::stamp_of_file);
        let (findings, is_asset) = (self.findings.len(), is_asset(path.as_str()));
        self.read(path, file);
        stamp.filter(|_| !is_asset && self.findings.len() == findings)
    }

    fn read(&mut self, path: FilePath, file: io::Result<File>) {
        let is_asset = is_asset(path.as_str());
        let outcome = file.and_then(|file| {
            with_bytes_of(file, |bytes| {
                if is_asset {
                    self.assets.push((path.clone(), bytes.into()));
                } else {
                    self.texts.push((path.clone(), Source::from_bytes(bytes)));
                }
            })
        });
        if let Err(error) = outcome {
            self.findings.push(unreadable(&path, &error));
        }
    }
}

/// Gives the bytes of a file to `take`.
pub(super) fn with_bytes<T>(path: &Path, take: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
    with_bytes_of(File::open(path)?, take)
}

fn with_bytes_of<T>(mut file: File, take: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
    BUFFER.with_borrow_mut(|buffer| {
        let mut filled = 0;
        loop {
            match file.read(&mut buffer[filled..]) {
                Ok(0) => return Ok(take(&buffer[..filled])),
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if filled == buffer.len() {
                return large(&mut file, &buffer[..filled]).map(|bytes| take(&bytes));
            }
        }
    })
}

/// The bytes of a file that does not fit into the buffer; `start` was read already.
fn large(file: &mut File, start: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = start.to_vec();
    file.take(FILE_BYTES_MAX + 1 - start.len() as u64).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("it is larger than {} MiB", FILE_BYTES_MAX / 1024 / 1024)));
    }
    Ok(bytes)
}

fn too_deep(folder: &str) -> Diagnostic {
    let message = format!("`{folder}` is nested deeper than {FOLDER_DEPTH_MAX} folders");
    Diagnostic::warning("folder-too-deep", message).help("move it up; what lies below it is not read")
}

fn named_as_file(path: &FilePath) -> Diagnostic {
    Diagnostic::warning("folder-named-as-file", format!("`{path}` is a folder, though its name is that of a file"))
        .help("rename the folder; what lies in it is read, but it is no file")
}

fn linked_out(path: &str, so: &str) -> Diagnostic {
    let message = format!("`{path}` is a link that leads out of the workspace; {so}");
    Diagnostic::warning("link-not-followed", message).help("put the files themselves there, or take the link out")
}

fn linked_folder(path: &FilePath) -> Diagnostic {
    let message = format!("`{path}` is a link to a folder, and links to folders are not followed");
    Diagnostic::warning("link-not-followed", message).help("what it leads to is read where it lies; take the link out")
}

fn linked_nowhere(path: &FilePath) -> Diagnostic {
    Diagnostic::warning("link-not-followed", format!("`{path}` is a link that leads nowhere"))
        .help("mend the link, or take it out")
}

fn unreadable(path: &FilePath, error: &io::Error) -> Diagnostic {
    let help = match error.kind() {
        io::ErrorKind::PermissionDenied => "mend its permissions or take it out of the source folder",
        // What is too large.
        io::ErrorKind::Other => "split it or take it out of the source folder",
        _ => "take it out of the source folder, or put a file in its place that can be read",
    };
    Diagnostic::error("unreadable-file", format!("`{path}` cannot be read: {error}")).help(help)
}

fn unreadable_folder(folder: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unreadable-folder", format!("the folder `{folder}` cannot be read: {error}"))
        .help("mend its permissions; what lies below it is missing from everything that follows")
}
