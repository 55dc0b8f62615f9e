//! Any git revision as a [`Snapshot`], read from the object store: no checkout, no git program.

mod find;
mod renames;

use crate::disk::{FILE_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX, Scope, Workspace, is_asset, is_text};
use crate::{FilePath, Snapshot, Source, lfs};
use gix::bstr::ByteSlice as _;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Why a revision cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository.
    #[error("`{folder}` is in no git repository: {reason}")]
    NoRepository {
        /// The folder.
        folder: String,
        /// What git says.
        reason: String,
    },
    /// The repository is of a kind that cannot be read.
    #[error("the git repository of `{folder}` cannot be read: {reason}")]
    UnreadRepository {
        /// The folder.
        folder: String,
        /// What is in the way.
        reason: String,
        /// Whether it is only how references are kept.
        is_reftable: bool,
    },
    /// The revision is not known.
    #[error("git knows no revision `{rev}`: {reason}")]
    UnknownRevision {
        /// The revision.
        rev: String,
        /// Why not.
        reason: String,
        /// The question whether one with a like name was meant.
        similar: Option<String>,
        /// Whether the clone holds only the last commits.
        is_shallow: bool,
    },
    /// The revision is no commit.
    #[error("`{rev}` names a {kind}, and a version of a workspace is a commit")]
    NoCommit {
        /// The revision.
        rev: String,
        /// What it names.
        kind: &'static str,
    },
    /// The workspace did not exist then.
    #[error("at `{rev}` there is no folder `{folder}` in the repository")]
    NoWorkspace {
        /// The revision.
        rev: String,
        /// The folder of the workspace in the repository.
        folder: String,
    },
    /// An object is missing or broken.
    #[error("cannot read `{path}` from the repository: {reason}")]
    Object {
        /// The file.
        path: String,
        /// What git says.
        reason: String,
        /// Whether git fetches objects only when it needs them.
        is_partial: bool,
    },
    /// The revision holds too much.
    #[error("the revision holds more than {FILES_MAX} files below the source folders")]
    TooManyFiles,
}

/// Links that are followed on the way to one file.
const LINKS_MAX: usize = 32;

/// A revision of the repository that a workspace is in.
pub struct Revision {
    repository: gix::Repository,
    /// The folder of the workspace, where the repositories of its submodules are found.
    folder: PathBuf,
    tree: gix::ObjectId,
    commit: String,
}

impl Revision {
    /// Finds a revision (a tag, branch, commit, or anything `git rev-parse` takes) for the workspace in `folder`.
    pub fn open(folder: &Path, rev: &str) -> Result<Self, GitError> {
        let (repository, below) = find::discover(folder)?;
        let (tree, commit) = find_tree(&repository, &below, rev)?;
        Ok(Self { repository, folder: folder.to_owned(), tree, commit })
    }

    /// The full id of the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// One text file of the revision.
    pub fn read_text(&self, path: &str) -> Option<Source> {
        let (id, is_tree) = self.follow(path)?;
        let object = self.repository.find_object(id).ok().filter(|_| !is_tree)?;
        Some(Source::from_bytes(object.data.clone()))
    }

    /// Reads all files of a scope, by links too while they stay in the workspace.
    pub fn snapshot(&self, scope: &Scope) -> Result<Snapshot, GitError> {
        let mut snapshot = Snapshot::default();
        for file in &scope.files {
            if let (Ok(path), Some(source)) = (FilePath::new(file), self.read_text(file)) {
                snapshot.insert(path, source);
            }
        }
        let root = self.find_tree(self.tree, "")?;
        for folder in &scope.folders {
            let folder = folder.trim_matches('/');
            if let Some((id, true)) = self.follow(folder) {
                self.walk(id, folder, 0, &mut snapshot)?;
            } else if let Ok(Some(entry)) = root.lookup_entry_by_path(folder)
                && entry.mode().is_commit()
            {
                self.submodule(entry.object_id(), folder, 0, &mut snapshot)?;
            }
        }
        Ok(snapshot)
    }

    fn find_tree(&self, id: gix::ObjectId, path: &str) -> Result<gix::Tree<'_>, GitError> {
        let absent = |error| find::absent(&self.repository, path, &error);
        self.repository.find_object(id).map_err(absent)?.peel_to_tree().map_err(absent)
    }

    /// What stands at a path, links followed while they stay in the workspace, and whether it is a folder.
    fn follow(&self, path: &str) -> Option<(gix::ObjectId, bool)> {
        let mut links = 0;
        let mut parts: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut folders = vec![self.tree];
        while let Some(part) = parts.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    folders.pop();
                    continue;
                }
                _ => {}
            }
            let tree = self.find_tree(*folders.last()?, path).ok()?;
            let entry = tree.find_entry(part.as_str())?;
            if entry.mode().is_tree() {
                folders.push(entry.object_id());
            } else if entry.mode().is_link() && links < LINKS_MAX {
                links += 1;
                let object = entry.object().ok()?;
                let target = object.data.to_str().ok().filter(|target| !target.starts_with('/'))?;
                parts.extend(target.split('/').rev().map(str::to_owned));
            } else {
                return (entry.mode().is_blob() && parts.is_empty()).then(|| (entry.object_id(), false));
            }
        }
        folders.last().map(|folder| (*folder, true))
    }

    fn walk(&self, id: gix::ObjectId, folder: &str, depth: usize, snapshot: &mut Snapshot) -> Result<(), GitError> {
        if depth > FOLDER_DEPTH_MAX {
            return Ok(());
        }
        let tree = self.find_tree(id, folder)?;
        for entry in tree.iter().flatten() {
            let name = entry.filename().to_str_lossy();
            let Ok(path) = FilePath::below(folder, &name) else { continue };
            if name.starts_with('.') {
                continue;
            }
            let is_read = is_text(&name) || is_asset(&name);
            if entry.mode().is_tree() {
                self.walk(entry.object_id(), path.as_str(), depth + 1, snapshot)?;
            } else if entry.mode().is_commit() {
                self.submodule(entry.object_id(), path.as_str(), depth + 1, snapshot)?;
            } else if entry.mode().is_blob() && is_read {
                self.read_blob(entry.object_id(), path, snapshot)?;
            } else if entry.mode().is_link()
                && is_read
                && let Some((id, false)) = self.follow(path.as_str())
            {
                self.read_blob(id, path, snapshot)?;
            }
        }
        Ok(())
    }

    /// The files of a submodule, where it is checked out and has the commit.
    fn submodule(
        &self,
        commit: gix::ObjectId,
        folder: &str,
        depth: usize,
        snapshot: &mut Snapshot,
    ) -> Result<(), GitError> {
        let at = self.folder.join(folder);
        let Ok(repository) = gix::open(&at) else { return Ok(()) };
        let Some(tree) = workspace_tree(&repository, Path::new(""), commit) else { return Ok(()) };
        let inner = Self { repository, folder: self.folder.clone(), tree, commit: commit.to_string() };
        inner.walk(tree, folder, depth, snapshot)
    }

    fn read_blob(&self, id: gix::ObjectId, path: FilePath, snapshot: &mut Snapshot) -> Result<(), GitError> {
        let absent = |error| find::absent(&self.repository, path.as_str(), &error);
        if self.repository.find_header(id).map_err(absent)?.size() > FILE_BYTES_MAX {
            return Ok(());
        }
        let bytes = self.repository.find_object(id).map_err(absent)?.data.clone();
        if is_asset(path.as_str()) {
            let fetched = lfs::pointer(&bytes).and_then(|id| self.fetched(id));
            snapshot.insert_asset(path, fetched.unwrap_or(bytes));
        } else {
            snapshot.insert(path, Source::from_bytes(bytes));
        }
        if snapshot.len() > FILES_MAX { Err(GitError::TooManyFiles) } else { Ok(()) }
    }

    /// What a pointer of Git LFS stands for, where that was fetched.
    fn fetched(&self, id: &str) -> Option<Vec<u8>> {
        Workspace::open(self.repository.common_dir()).ok()?.read_bytes(&lfs::place(id))
    }
}

/// A tag, by the commit that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The full id of the commit.
    pub commit: String,
    /// When that was committed, in seconds since 1970.
    pub seconds: i64,
}

/// The tags in the history of `HEAD`, the oldest first; those of one commit by name.
pub fn tags(folder: &Path) -> Result<Vec<Tag>, GitError> {
    let (repository, _) = find::discover(folder)?;
    let broken = |error: gix::Error| find::absent(&repository, "refs/tags", &error);
    let head = find::commit(&repository, "HEAD")?;
    let mut history = BTreeSet::new();
    for step in head.ancestors().all().map_err(broken)? {
        history.insert(step.map_err(broken)?.id);
    }
    let references = repository.references().map_err(broken)?;
    let mut tags = Vec::new();
    for reference in references.tags().map_err(broken)?.flatten() {
        let name = reference.name().shorten().to_str_lossy().into_owned();
        // A tag may name a tree or a blob; such have no version of a workspace.
        let Some(commit) =
            reference.into_fully_peeled_id().ok().and_then(|id| id.object().ok()?.try_into_commit().ok())
        else {
            continue;
        };
        if history.contains(&commit.id) {
            let seconds = commit.time().map_err(broken)?.seconds;
            tags.push(Tag { name, commit: commit.id.to_string(), seconds });
        }
    }
    tags.sort_by(|a, b| (a.seconds, &a.name).cmp(&(b.seconds, &b.name)));
    Ok(tags)
}

/// A commit that changed a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its full id.
    pub commit: String,
    /// When it was made, in seconds since 1970.
    pub seconds: i64,
    /// The name of who wrote it.
    pub author: String,
    /// The first line of its message.
    pub summary: String,
}

/// The last commits that are looked through for changes.
pub const COMMITS_MAX: usize = 2_000;
/// Changes that are kept of one file.
pub const CHANGES_MAX: usize = 20;

/// Who changed the files of a workspace: for each file the commits that made it what it is, the newest first, those from
/// when it had another name too; of merges the first parent counts. `rev` is where to start.
pub fn history(folder: &Path, rev: &str) -> Result<BTreeMap<FilePath, Vec<Change>>, GitError> {
    let mut found: BTreeMap<FilePath, Vec<Change>> = BTreeMap::new();
    // What files of other names became; nothing for what had a name before another file got it.
    let mut became: BTreeMap<FilePath, Option<FilePath>> = BTreeMap::new();
    each_change(folder, rev, |repository, step| {
        let mut changed = Vec::new();
        compare(repository, step.now, step.before, "", 0, &mut changed);
        if changed.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let change = step.told(rev)?;
        let renamed = renames::renames(repository, &changed);
        let gone: BTreeSet<&FilePath> = renamed.values().collect();
        let mut formerly = Vec::new();
        for Difference { path, .. } in changed.iter().filter(|it| !gone.contains(&it.path)) {
            let today = became.get(path).cloned().unwrap_or_else(|| Some(path.clone()));
            let Some(today) = today else { continue };
            let changes = found.entry(today.clone()).or_default();
            if changes.len() < CHANGES_MAX {
                changes.push(change.clone());
            }
            formerly.extend(renamed.get(path).map(|former| (path.clone(), former.clone(), today)));
        }
        for (path, _, _) in &formerly {
            became.insert(path.clone(), None);
        }
        for (_, former, today) in formerly {
            became.insert(former, Some(today));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// The last commits that changed the folder of a workspace, the newest first, each with its first parent; no more than
/// `most`. `rev` is where to start.
pub fn commits(folder: &Path, rev: &str, most: usize) -> Result<Vec<(Change, Option<String>)>, GitError> {
    let mut found = Vec::new();
    each_change(folder, rev, |_, step| {
        if found.len() < most {
            found.push((step.told(rev)?, step.parent.map(|parent| parent.to_string())));
        }
        Ok(if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(found)
}

/// A commit that changed the folder of a workspace, with the folder's trees after and before it, where it was there.
struct Step<'r> {
    commit: gix::Commit<'r>,
    parent: Option<gix::ObjectId>,
    now: Option<gix::ObjectId>,
    before: Option<gix::ObjectId>,
}

impl Step<'_> {
    fn told(&self, rev: &str) -> Result<Change, GitError> {
        let is_partial = false;
        told(&self.commit).map_err(|reason| GitError::Object { path: rev.to_owned(), reason, is_partial })
    }
}

/// Visits the commits that changed the folder of a workspace, the newest first, along first parents.
fn each_change(
    folder: &Path,
    rev: &str,
    mut visit: impl FnMut(&gix::Repository, &Step<'_>) -> Result<ControlFlow<()>, GitError>,
) -> Result<(), GitError> {
    let (repository, below) = find::discover(folder)?;
    let (_, tip) = find_tree(&repository, &below, rev)?;
    let tree = |commit| workspace_tree(&repository, &below, commit);
    let mut next = gix::ObjectId::from_hex(tip.as_bytes()).ok();
    for _ in 0..COMMITS_MAX {
        let Some(id) = next else { break };
        // A shallow clone ends somewhere.
        let Ok(commit) = repository.find_commit(id) else { break };
        let parent = commit.parent_ids().next().map(gix::Id::detach);
        let step = Step { commit, parent, now: tree(id), before: parent.and_then(tree) };
        if step.now != step.before && visit(&repository, &step)?.is_break() {
            break;
        }
        next = parent;
    }
    Ok(())
}

fn told(commit: &gix::Commit<'_>) -> Result<Change, String> {
    let message = commit.message_raw_sloppy().to_str_lossy().into_owned();
    Ok(Change {
        commit: commit.id.to_string(),
        seconds: commit.time().map_err(|error| error.to_string())?.seconds,
        author: commit.author().map_err(|error| error.to_string())?.name.to_str_lossy().into_owned(),
        summary: message.lines().next().unwrap_or_default().trim().to_owned(),
    })
}

/// The tree of the workspace at a commit, if it was there.
fn workspace_tree(repository: &gix::Repository, below: &Path, commit: gix::ObjectId) -> Option<gix::ObjectId> {
    let tree = repository.find_commit(commit).ok()?.tree().ok()?;
    if below.components().next().is_none() {
        return Some(tree.id);
    }
    let entry = tree.lookup_entry_by_path(below).ok()??;
    entry.mode().is_tree().then(|| entry.object_id())
}

/// A file that differs between two trees.
struct Difference {
    path: FilePath,
    now: Option<gix::ObjectId>,
    before: Option<gix::ObjectId>,
}

/// The bytes of a file.
fn blob(repository: &gix::Repository, id: gix::ObjectId) -> Option<Vec<u8>> {
    let size = repository.find_header(id).ok()?.size();
    (size <= FILE_BYTES_MAX).then(|| repository.find_object(id).ok().map(|object| object.data.clone()))?
}

/// The files that differ between two trees; what has the same id is the same.
fn compare(
    repository: &gix::Repository,
    now: Option<gix::ObjectId>,
    before: Option<gix::ObjectId>,
    folder: &str,
    depth: usize,
    changed: &mut Vec<Difference>,
) {
    type Entries = BTreeMap<String, (gix::ObjectId, bool)>;
    let entries = |id: Option<gix::ObjectId>| -> Entries {
        let tree = id.and_then(|id| repository.find_object(id).ok()?.try_into_tree().ok());
        let entry = |entry: gix::object::tree::EntryRef<'_, '_>| {
            let name = entry.filename().to_str_lossy().into_owned();
            (!name.starts_with('.')).then(|| (name, (entry.object_id(), entry.mode().is_tree())))
        };
        tree.map(|tree| tree.iter().flatten().filter_map(entry).collect()).unwrap_or_default()
    };
    let (now, mut before) = (entries(now), entries(before));
    let mut visit = |name: &str, now: Option<(gix::ObjectId, bool)>, before: Option<(gix::ObjectId, bool)>| {
        let Ok(path) = FilePath::below(folder, name) else { return };
        let of =
            |is_tree: bool, entry: Option<(gix::ObjectId, bool)>| entry.filter(|it| it.1 == is_tree).map(|it| it.0);
        if of(false, now) != of(false, before) && is_text(name) {
            changed.push(Difference { path: path.clone(), now: of(false, now), before: of(false, before) });
        }
        if of(true, now) != of(true, before) && depth < FOLDER_DEPTH_MAX {
            compare(repository, of(true, now), of(true, before), path.as_str(), depth + 1, changed);
        }
    };
    for (name, entry) in &now {
        let was = before.remove(name);
        if was.as_ref() != Some(entry) {
            visit(name, Some(*entry), was);
        }
    }
    for (name, entry) in &before {
        visit(name, None, Some(*entry));
    }
}

/// The folder of the repository that a folder is in, and that of its settings, which worktrees share.
pub fn repository(folder: &Path) -> Result<(PathBuf, PathBuf), GitError> {
    let (repository, _) = find::discover(folder)?;
    let bare = || GitError::NoRepository { folder: folder.display().to_string(), reason: "it is bare".to_owned() };
    Ok((repository.workdir().ok_or_else(bare)?.to_owned(), repository.common_dir().to_owned()))
}

/// The tree of the workspace's folder, `below` the top of its repository, at a revision, and the id of its commit.
fn find_tree(repository: &gix::Repository, below: &Path, rev: &str) -> Result<(gix::ObjectId, String), GitError> {
    let commit = find::commit(repository, rev)?;
    let absent = |error| find::absent(repository, rev, &error);
    let (id, mut tree) = (commit.id.to_string(), commit.tree().map_err(absent)?);
    if below.components().next().is_some() {
        let missing = || GitError::NoWorkspace { rev: rev.to_owned(), folder: below.display().to_string() };
        let entry = tree.lookup_entry_by_path(below).map_err(absent)?.ok_or_else(missing)?;
        if !entry.mode().is_tree() {
            return Err(missing());
        }
        tree = entry.object().map_err(absent)?.peel_to_tree().map_err(absent)?;
    }
    Ok((tree.id, id))
}
