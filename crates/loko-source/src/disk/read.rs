//! Reading the files of a workspace: folders are listed and their files read side by side.
//!
//! A workspace is thousands of small files, so what counts is the number of calls to the system and that no thread
//! waits for another: whoever lists a folder reads its files at once, into a buffer that is used again.

use super::folder::{self, Folder, Kind, Name};
use super::{DiskError, FILE_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX, Scope, Workspace, is_asset, is_text};
use crate::{Diagnostic, FilePath, Source};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What a thread reads files into. Most texts fit, so that a file costs one copy and no call for its size.
const BUFFER_BYTES: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_BYTES]);
}

/// What was read.
#[derive(Default)]
pub(super) struct Found {
    pub(super) texts: Vec<(FilePath, Source)>,
    pub(super) assets: Vec<(FilePath, Arc<[u8]>)>,
    pub(super) findings: Vec<Diagnostic>,
    /// Whether some file was read by a link.
    pub(super) is_linked: bool,
}

/// Reads a scope of a workspace.
pub(super) struct Reader<'w> {
    workspace: &'w Workspace,
    found: Mutex<Found>,
    files: AtomicUsize,
}

impl<'w> Reader<'w> {
    pub(super) fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, found: Mutex::default(), files: AtomicUsize::new(0) }
    }

    /// All files of the scope.
    pub(super) fn all(self, scope: &Scope) -> Result<Found, DiskError> {
        for file in &scope.files {
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
            for folder in &scope.folders {
                if let Some(absolute) = self.workspace.inside(&self.workspace.root.join(folder)) {
                    self.folder(threads, folder.trim_matches('/'), Folder::open(&absolute), 0);
                }
            }
        });
        if self.is_too_many() {
            return Err(DiskError::TooManyFiles(self.workspace.root.clone()));
        }
        Ok(self.found.into_inner().expect("no thread panics while it keeps what it found"))
    }

    /// Reads the files of a folder and leaves the folders in it to whoever is free.
    fn folder<'s>(&'s self, threads: &rayon::Scope<'s>, path: &str, folder: io::Result<Folder>, depth: usize) {
        if self.is_too_many() {
            return;
        }
        let mut found = Found::default();
        if depth > FOLDER_DEPTH_MAX {
            found.findings.push(too_deep(path));
        } else if let Err(error) = folder.and_then(|folder| self.entries(threads, path, folder, depth, &mut found)) {
            // Somebody may have taken it away meanwhile.
            if error.kind() != io::ErrorKind::NotFound {
                found.findings.push(unreadable_folder(path, &error));
            }
        }
        self.keep(found);
    }

    fn entries<'s>(
        &'s self,
        threads: &rayon::Scope<'s>,
        path: &str,
        folder: Folder,
        depth: usize,
        found: &mut Found,
    ) -> io::Result<()> {
        let mut folders: Vec<(FilePath, Name)> = Vec::new();
        let listed = folder.each(|name, kind| {
            let text = folder::text(&name);
            if text.starts_with('.') {
                return;
            }
            let Ok(path) = FilePath::below(path, &text) else { return };
            if kind == Kind::Folder {
                if is_text(&text) {
                    found.findings.push(named_as_file(&path));
                }
                folders.push((path, name));
            } else if is_text(&text) || is_asset(&text) {
                match kind {
                    Kind::File => found.read(path, folder.file(&name)),
                    Kind::Link => self.link(path, found),
                    Kind::Folder | Kind::Other => {}
                }
            }
        });
        let folder = Arc::new(folder);
        for (path, name) in folders {
            let above = Arc::clone(&folder);
            threads.spawn(move |threads| {
                let folder = above.folder(&name);
                // Whoever waits for its turn need not keep the folder above open.
                drop(above);
                self.folder(threads, path.as_str(), folder, depth + 1);
            });
        }
        listed
    }

    /// A file by a link, when that stays in the workspace. A link to a folder is passed over: it could lead round in a
    /// circle.
    fn link(&self, path: FilePath, found: &mut Found) {
        let absolute = self.workspace.inside(&self.workspace.root.join(path.as_str()));
        if let Some(absolute) = absolute.filter(|absolute| absolute.is_file()) {
            found.is_linked = true;
            found.read(path, File::open(absolute));
        }
    }

    fn keep(&self, found: Found) {
        self.files.fetch_add(found.texts.len() + found.assets.len(), Ordering::Relaxed);
        let mut all = self.found.lock().expect("no thread panics while it keeps what it found");
        all.texts.extend(found.texts);
        all.assets.extend(found.assets);
        all.findings.extend(found.findings);
        all.is_linked |= found.is_linked;
    }

    fn is_too_many(&self) -> bool {
        self.files.load(Ordering::Relaxed) > FILES_MAX
    }
}

impl Found {
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

fn unreadable(path: &FilePath, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unreadable-file", format!("`{path}` cannot be read: {error}"))
        .help("mend its permissions or take it out of the source folder")
}

fn unreadable_folder(folder: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unreadable-folder", format!("the folder `{folder}` cannot be read: {error}"))
        .help("mend its permissions; what lies below it is missing from everything that follows")
}
