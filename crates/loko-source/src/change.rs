//! Changes computed first, looked at on an overlay, and written whole or not at all.

use crate::path::PathError;
use crate::{FilePath, Snapshot, Source, Span};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A replacement of a span of a text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TextEdit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl TextEdit {
    /// Replaces a span.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Inserts at an offset.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self { span: Span::at(offset), text: text.into() }
    }
}

/// Applies edits to a text. They may come in any order but must not overlap; inserts at one place keep their order.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> Result<String, EditError> {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        let range = edit.span.range();
        if range.start < done {
            return Err(EditError::Overlap(edit.span));
        }
        let kept = text.get(done..range.start).ok_or(EditError::OutOfText(edit.span))?;
        text.get(range.clone()).ok_or(EditError::OutOfText(edit.span))?;
        result.push_str(kept);
        result.push_str(&edit.text);
        done = range.end;
    }
    result.push_str(&text[done..]);
    Ok(result)
}

/// Why edits do not fit a text: a mistake of whoever computed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits touch the same bytes.
    #[error("two edits overlap at {0:?}")]
    Overlap(Span),
    /// An edit lies outside the text or cuts a character.
    #[error("an edit lies outside the text at {0:?}")]
    OutOfText(Span),
}

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// A file that must not exist yet.
    Create(String),
    /// Edits of a file that must exist.
    Edit(Vec<TextEdit>),
    /// A file that goes.
    Delete,
}

impl FileChange {
    /// The text afterwards, or nothing when the file goes.
    pub(crate) fn apply(&self, path: &FilePath, before: Option<&Source>) -> Result<Option<String>, ChangeError> {
        match (self, before) {
            (Self::Create(text), None) => Ok(Some(text.clone())),
            (Self::Create(_), Some(_)) => Err(ChangeError::Occupied(path.clone())),
            (Self::Edit(edits), Some(source)) => match source.invalid_at() {
                Some(_) => Err(ChangeError::NotUtf8(path.clone())),
                None => apply_edits(source.text(), edits)
                    .map(Some)
                    .map_err(|error| ChangeError::Edit { path: path.clone(), error }),
            },
            (Self::Edit(_), None) => Err(ChangeError::Missing(path.clone())),
            // A picture is deleted without a text.
            (Self::Delete, _) => Ok(None),
        }
    }
}

/// Why changes cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Something stands where a new file should.
    #[error("`{0}` exists already")]
    Occupied(FilePath),
    /// Nothing stands where a file should be edited.
    #[error("`{0}` does not exist")]
    Missing(FilePath),
    /// The file cannot be edited without loss.
    #[error("`{0}` is not UTF-8 and is not edited; save it as UTF-8 first")]
    NotUtf8(FilePath),
    /// The edits do not fit the file.
    #[error("the edits of `{path}` do not fit it: {error}")]
    Edit {
        /// The file.
        path: FilePath,
        /// What does not fit.
        error: EditError,
    },
    /// A path leaves the workspace.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// A set of file changes that belong together. Folder moves happen first; files are then named as they are afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    moves: Vec<(String, String)>,
    files: BTreeMap<FilePath, FileChange>,
}

impl ChangeSet {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing happens.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.files.is_empty()
    }

    /// Creates a file.
    pub fn create(&mut self, path: FilePath, text: impl Into<String>) {
        self.files.insert(path, FileChange::Create(text.into()));
    }

    /// Adds an edit of a file; a file that this set creates is edited in place.
    pub fn edit(&mut self, path: FilePath, edit: TextEdit) {
        match self.files.entry(path).or_insert_with(|| FileChange::Edit(Vec::new())) {
            FileChange::Edit(edits) => edits.push(edit),
            FileChange::Create(text) => {
                *text = apply_edits(text, &[edit]).expect("edits of a file being created fit its text");
            }
            FileChange::Delete => {}
        }
    }

    /// Deletes a file.
    pub fn delete(&mut self, path: FilePath) {
        self.files.insert(path, FileChange::Delete);
    }

    /// Moves a folder with all that is in it, known or not, to where nothing stands yet.
    pub fn move_folder(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.moves.push((from.into(), to.into()));
    }

    /// The folder moves in order.
    pub fn moves(&self) -> &[(String, String)] {
        &self.moves
    }

    /// The file changes, sorted by name.
    pub fn files(&self) -> impl Iterator<Item = (&FilePath, &FileChange)> {
        self.files.iter()
    }

    /// The changes as a unified diff in git's form, for people and for `git apply`.
    pub fn diff(&self, before: &Snapshot) -> Result<String, ChangeError> {
        let moved = {
            let mut only_moves = self.clone();
            only_moves.files.clear();
            before.overlay(&only_moves)?
        };
        let mut out = String::new();
        for (from, to) in &self.moves {
            for path in before.paths_below(from) {
                let target = format!("{to}{}", &path.as_str()[from.len()..]);
                if !self.files.contains_key(target.as_str()) {
                    let _ = writeln!(out, "diff --git a/{path} b/{target}\nsimilarity index 100%");
                    let _ = writeln!(out, "rename from {path}\nrename to {target}");
                }
            }
        }
        for (path, change) in &self.files {
            let old = moved.source(path.as_str());
            let new = change.apply(path, old)?;
            self.diff_file(&mut out, path, old.map(Source::text), new.as_deref());
        }
        Ok(out)
    }

    fn diff_file(&self, out: &mut String, path: &FilePath, old: Option<&str>, new: Option<&str>) {
        if old == new {
            return;
        }
        let old_path = self.path_before(path);
        let _ = writeln!(out, "diff --git a/{old_path} b/{path}");
        match (old, new) {
            (None, _) => out.push_str("new file mode 100644\n"),
            (_, None) => out.push_str("deleted file mode 100644\n"),
            _ if old_path != path.as_str() => {
                let _ = writeln!(out, "rename from {old_path}\nrename to {path}");
            }
            _ => {}
        }
        let from = if old.is_none() { "/dev/null".to_owned() } else { format!("a/{old_path}") };
        let to = if new.is_none() { "/dev/null".to_owned() } else { format!("b/{path}") };
        let diff = similar::TextDiff::from_lines(old.unwrap_or(""), new.unwrap_or(""));
        let _ = write!(out, "{}", diff.unified_diff().context_radius(3).header(&from, &to));
    }

    /// The name that a file had before the moves.
    fn path_before(&self, path: &FilePath) -> String {
        let mut name = path.as_str().to_owned();
        for (from, to) in self.moves.iter().rev() {
            if let Some(rest) = name.strip_prefix(&format!("{to}/")) {
                name = format!("{from}/{rest}");
            }
        }
        name
    }
}
