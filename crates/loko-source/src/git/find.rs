//! Which repository a workspace is in, and which commit a revision means.

use super::GitError;
use crate::suggest::did_you_mean;
use gix::bstr::ByteSlice as _;
use gix::revision::spec::parse::{ObjectKindHint, Options};
use std::path::{Path, PathBuf};

/// Names of tags and branches that are looked through for one that is like an unknown one.
const NAMES_MAX: usize = 2_000;

/// The repository that a folder is in, and the folder below its top: of a bare one that of its branches and objects.
pub(super) fn discover(folder: &Path) -> Result<(gix::Repository, PathBuf), GitError> {
    let shown = folder.display().to_string();
    let none = |reason: String| GitError::NoRepository { folder: shown.clone(), reason };
    let folder = folder.canonicalize().map_err(|error| none(error.to_string()))?;
    let unread = |reason: &str| GitError::UnreadRepository {
        folder: shown.clone(),
        reason: reason.to_owned(),
        is_reftable: reason == REFTABLE,
    };
    let repository = gix::discover(&folder).map_err(|error| match error.probable_cause().to_string() {
        cause if error.is_unsupported() || error.is_validation() => unread(&one_line(&cause)),
        _ if error.is_not_found() => none("nor is any folder above it".to_owned()),
        _ => none(error.to_string()),
    })?;
    let storage = repository.config_snapshot().string("extensions.refStorage");
    if storage.is_some_and(|storage| storage.eq_ignore_ascii_case(b"reftable")) {
        return Err(unread(REFTABLE));
    }
    let top = repository.workdir().unwrap_or_else(|| repository.git_dir()).canonicalize().ok();
    let below = top.and_then(|top| folder.strip_prefix(top).ok().map(Path::to_owned)).unwrap_or_default();
    Ok((repository, below))
}

/// What is said of repositories that keep their references in tables.
const REFTABLE: &str = "its references are kept as `reftable`, and loko reads those kept as `files`";

/// The commit that a revision means.
pub(super) fn commit<'r>(repository: &'r gix::Repository, rev: &str) -> Result<gix::Commit<'r>, GitError> {
    // Of several objects whose ids begin alike, the one that is a commit is meant.
    let options = Options { object_kind_hint: Some(ObjectKindHint::Committish), ..Options::default() };
    let spec = gix::revision::Spec::from_bstr(rev, repository, options)
        .map_err(|error| unknown(repository, rev, &error.to_string()))?;
    let id = spec.single().ok_or_else(|| GitError::UnknownRevision {
        rev: rev.to_owned(),
        reason: "it names more than one commit".to_owned(),
        similar: None,
        is_shallow: false,
    })?;
    let missing = |error: gix::Error| absent(repository, rev, &error);
    let object = id.object().map_err(missing)?.peel_tags_to_end().map_err(missing)?;
    let kind = object.kind;
    object.try_into_commit().map_err(|_| GitError::NoCommit {
        rev: rev.to_owned(),
        kind: if kind == gix::object::Kind::Tree { "folder" } else { "file" },
    })
}

/// An object that should be there and is not, or cannot be read.
pub(super) fn absent(repository: &gix::Repository, what: &str, error: &gix::Error) -> GitError {
    GitError::Object { path: what.to_owned(), reason: one_line(&error.to_string()), is_partial: is_partial(repository) }
}

/// Whether objects are fetched only when git asks for them.
fn is_partial(repository: &gix::Repository) -> bool {
    let config = repository.config_snapshot();
    let of_remotes = |name: &gix::bstr::BStr| {
        let key = |key: &str| format!("remote.{name}.{key}");
        config.boolean(key("promisor").as_str()) == Some(true)
            || config.string(key("partialclonefilter").as_str()).is_some()
    };
    config.string("extensions.partialClone").is_some()
        || repository.remote_names().iter().any(|name| of_remotes(name.as_ref()))
}

/// Why a revision is not known, in words for whoever wrote it.
fn unknown(repository: &gix::Repository, rev: &str, said: &str) -> GitError {
    let start = rev.find(['~', '^', '@', ':']).unwrap_or(rev.len());
    let (name, way) = rev.split_at(start);
    let is_known = |name: &str| repository.rev_parse_single(name).is_ok();
    let mut similar = None;
    let reason = if let Some((_, candidates)) = said.split_once("Candidates are:") {
        let candidates: Vec<String> = candidates.lines().map(one_line).filter(|line| !line.is_empty()).collect();
        format!("several objects begin so: {}", candidates.join(", "))
    } else if repository.head().is_ok_and(|head| head.is_unborn()) && matches!(name, "HEAD" | "") {
        "nothing is committed yet".to_owned()
    } else if rev.is_empty() {
        "it is empty".to_owned()
    } else if !way.is_empty() && (name.is_empty() || is_known(name)) {
        let from = if name.is_empty() { "the branch that is checked out" } else { name };
        format!("`{way}` leads to no commit from {from}")
    } else {
        similar = like(repository, name);
        "no tag, branch or commit is called so".to_owned()
    };
    let is_shallow = repository.is_shallow().unwrap_or(false);
    GitError::UnknownRevision { rev: rev.to_owned(), reason, similar, is_shallow }
}

/// The question whether a tag or a branch of a like name was meant.
fn like(repository: &gix::Repository, name: &str) -> Option<String> {
    let references = repository.references().ok()?;
    let names = references.all().ok()?.flatten().take(NAMES_MAX);
    let names: Vec<String> = names.map(|it| it.name().shorten().to_str_lossy().into_owned()).collect();
    did_you_mean(name, names.iter().map(String::as_str))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
