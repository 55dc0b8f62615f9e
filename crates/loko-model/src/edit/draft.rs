//! A change set in the making: edits by the files' present names, folder moves, and what becomes of single files.

use super::{Refusal, find};
use crate::load::{front, toml, yaml};
use loko_source::change::apply_edits;
use loko_source::{ChangeSet, Diagnostic, FilePath, Snapshot, TextEdit};
use std::collections::{BTreeMap, BTreeSet};

/// A change set in the making.
pub(super) struct Draft<'s> {
    snapshot: &'s Snapshot,
    moves: Vec<(String, String)>,
    edits: BTreeMap<FilePath, Vec<TextEdit>>,
    creates: BTreeMap<FilePath, String>,
    deletes: BTreeSet<FilePath>,
    renames: BTreeMap<FilePath, String>,
}

impl<'s> Draft<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        Self {
            snapshot,
            moves: Vec::new(),
            edits: BTreeMap::new(),
            creates: BTreeMap::new(),
            deletes: BTreeSet::new(),
            renames: BTreeMap::new(),
        }
    }

    /// The text of a file that is to be edited.
    pub(super) fn text(&self, path: &FilePath) -> Result<&'s str, Refusal> {
        let source = self.snapshot.source(path.as_str());
        let problem = match source {
            Some(source) if source.invalid_at().is_none() => return Ok(source.text()),
            Some(_) => format!("`{path}` is not UTF-8 and is not edited"),
            None => format!("`{path}` is not there"),
        };
        Err(Refusal::invalid(Diagnostic::error("uneditable-file", problem).help("save it as UTF-8 first")))
    }

    /// Adds an edit; the same edit twice is one.
    pub(super) fn edit(&mut self, path: &FilePath, edit: TextEdit) {
        let edits = self.edits.entry(path.clone()).or_default();
        if edit.span.is_empty() || !edits.contains(&edit) {
            edits.push(edit);
        }
    }

    /// Adds edits.
    pub(super) fn edit_all(&mut self, path: &FilePath, edits: impl IntoIterator<Item = TextEdit>) {
        for edit in edits {
            self.edit(path, edit);
        }
    }

    /// Creates a file, named as it is afterwards.
    pub(super) fn create(&mut self, path: FilePath, text: String) {
        self.creates.insert(path, text);
    }

    /// Deletes a file.
    pub(super) fn delete(&mut self, path: &FilePath) {
        self.deletes.insert(path.clone());
    }

    /// Gives a file another name in its folder.
    pub(super) fn rename_file(&mut self, path: &FilePath, name: String) {
        self.renames.insert(path.clone(), name);
    }

    /// Moves a folder.
    pub(super) fn move_folder(&mut self, from: &str, to: &str) {
        self.moves.push((from.to_owned(), to.to_owned()));
    }

    /// A file's name after the moves.
    pub(super) fn path_after(&self, path: &str) -> String {
        let mut name = path.to_owned();
        for (from, to) in &self.moves {
            if let Some(rest) = name.strip_prefix(&format!("{from}/")) {
                name = format!("{to}/{rest}");
            }
        }
        name
    }

    /// The change set, with every edited file still readable.
    pub(super) fn finish(mut self) -> Result<ChangeSet, Refusal> {
        let mut changes = ChangeSet::new();
        for (path, edits) in std::mem::take(&mut self.edits) {
            if self.deletes.contains(&path) {
                continue;
            }
            let before = self.text(&path)?;
            let after = apply_edits(before, &edits).map_err(|_| unsafe_edit(&path))?;
            if before == after && !self.renames.contains_key(&path) {
                continue;
            }
            if is_broken(&path, &after) && !is_broken(&path, before) {
                return Err(unsafe_edit(&path));
            }
            let target = self.new_path(&self.path_after(path.as_str()))?;
            match self.renames.remove(&path) {
                Some(name) => {
                    changes.create(self.new_path(&find::join(target.folder(), &name))?, after);
                    changes.delete(target);
                }
                None if after.trim().is_empty() && path.extension() == Some("toml") => changes.delete(target),
                None => edits.into_iter().for_each(|edit| changes.edit(target.clone(), edit)),
            }
        }
        for (path, name) in &self.renames {
            let target = self.new_path(&self.path_after(path.as_str()))?;
            changes.create(self.new_path(&find::join(target.folder(), name))?, self.text(path)?);
            changes.delete(target);
        }
        for path in &self.deletes {
            changes.delete(self.new_path(&self.path_after(path.as_str()))?);
        }
        for (path, text) in std::mem::take(&mut self.creates) {
            changes.create(path, text);
        }
        for (from, to) in self.moves {
            changes.move_folder(from, to);
        }
        Ok(changes)
    }

    fn new_path(&self, path: &str) -> Result<FilePath, Refusal> {
        FilePath::new(path).map_err(|error| Refusal::invalid(Diagnostic::error("invalid-path", error.to_string())))
    }
}

/// Whether a file cannot be read in whole.
pub(super) fn is_broken(path: &FilePath, text: &str) -> bool {
    match path.extension() {
        Some("toml") => !toml::parse(text).1.is_empty(),
        Some("md") => {
            let parts = front::split(text);
            let broken = |span: loko_source::Span| !yaml::parse(&text[span.range()], span.range().start).1.is_empty();
            parts.unclosed.is_some() || parts.front.is_some_and(broken)
        }
        Some("d2") => !loko_d2::parse(text).errors.is_empty(),
        _ => false,
    }
}

fn unsafe_edit(path: &FilePath) -> Refusal {
    let message = format!("`{path}` is written in a way that cannot be edited safely");
    Refusal::invalid(Diagnostic::error("uneditable-file", message).help("make this change by hand"))
}
