//! What an upgrade does with words: the prose of pages that a pattern made, and the draft of its decision.
//!
//! Both are merged line by line. What people wrote stays; where the new version says the same lines otherwise, the plan
//! names the place and what stays. A decision that somebody took is left alone altogether.

use crate::Refused;
use crate::apply::path_of;
use crate::since::Since;
use crate::upgrade::{Merge, decision_of};
use crate::write::Made;
use loko_model::ElementIx;
use loko_model::decision::DecisionState;
use loko_model::edit::annotate::{Revision, body_start};
use loko_model::merge::{LeftOut, Texts, keeping_ours};
use loko_source::{FilePath, Span, TextEdit};

impl Merge<'_, '_> {
    /// Merges the prose of an element's page up to the checklist.
    pub(crate) fn prose(&mut self, ix: ElementIx, made: &str, page: &str, revision: &mut Revision) {
        let (base, theirs) = (&made[prose_span(made).range()], &page[prose_span(page).range()]);
        let text = self.since.text(ix);
        let span = prose_span(text);
        if base == theirs {
            return;
        }
        let file = self.work.loaded.model.element(ix).file.clone();
        let first = text[..span.range().start].lines().count();
        let merged = self.merged(Texts { base, ours: &text[span.range()], theirs }, &file, first);
        if merged != text[span.range()] {
            self.told.bound.push(format!("rewrites what version {} wrote in {file}", self.applied.version));
            revision.prose.insert(0, TextEdit::replace(span, merged));
        }
    }

    /// Merges prose line by line; what people wrote stays, and where the new version wants those lines otherwise is told.
    fn merged(&mut self, texts: Texts<'_>, file: &FilePath, first: usize) -> String {
        let kept = keeping_ours(texts);
        for LeftOut { line, ours, theirs } in kept.left_out {
            let (line, version) = (first + line, &self.work.pattern.version);
            let stays = if ours.is_empty() { "stays without".to_owned() } else { format!("stays {}", quoted(&ours)) };
            let says = if theirs.is_empty() { "takes it out".to_owned() } else { format!("says {}", quoted(&theirs)) };
            self.told.kept.push(format!("conflict: {file}:{line} {stays}; version {version} {says}"));
        }
        kept.text
    }

    /// Has the files follow that go with the pattern; what no longer does stays.
    pub(crate) fn follow_files(&mut self) -> Result<(), Refused> {
        let work = self.work;
        let decision = decision_of(self.applied).map(|(_, file)| file);
        let made = self.applied.made.iter().filter_map(|made| Some((made, made.file.as_deref()?)));
        let made: Vec<_> = made.filter(|(_, file)| Some(*file) != decision).collect();
        let files = work.files()?;
        for (it, file) in made.iter().filter(|(_, file)| files.iter().all(|(path, _)| path.as_str() != *file)) {
            self.record.made.push(Made::file(file, &it.text));
        }
        for (path, theirs) in files {
            let Some((it, _)) = made.iter().find(|(_, file)| *file == path.as_str()) else {
                work.add_file(path, theirs, &mut self.changes, &mut self.record, &mut self.told.new);
                continue;
            };
            self.record.made.push(Made::file(path.as_str(), &theirs));
            let Some(ours) = work.snapshot.text(path.as_str()).filter(|_| it.text != theirs) else { continue };
            let merged = self.merged(Texts { base: &it.text, ours, theirs: &theirs }, &path, 0);
            if merged != ours {
                self.told.bound.push(format!("rewrites what version {} wrote in {path}", self.applied.version));
                self.changes.edit(path, TextEdit::replace(Span::new(0, ours.len()), merged));
            }
        }
        Ok(())
    }

    /// Has the draft of the decision follow. One that people decided on is theirs, and what it says stays.
    pub(crate) fn redraft(&mut self) -> Result<(), Refused> {
        let work = self.work;
        let Some((made, path)) = decision_of(self.applied) else {
            return work.decide(&mut self.changes, &mut self.record, &mut self.told.new);
        };
        let decision = work.loaded.model.decisions.iter().find(|decision| decision.file.as_str() == path);
        let version = &work.pattern.version;
        let Some(draft) = work.draft() else {
            self.record.made.push(Made::file(path, &made.text));
            self.told.kept.push(format!("keeps {path}; version {version} drafts no decision"));
            return Ok(());
        };
        let date = decision.map_or("", |decision| decision.date.as_str());
        let theirs = work.decision_text(decision.and_then(|decision| decision.number), date, &draft);
        self.record.made.push(Made::file(path, &theirs));
        let Some(ours) = work.snapshot.text(path) else { return Ok(()) };
        let is_as_made = Since::is_as_made(made, ours);
        let base = if is_as_made { ours } else { made.text.as_str() };
        if base == theirs {
            return Ok(());
        }
        let file = path_of(path)?;
        if let Some(decision) = decision.filter(|it| it.state != DecisionState::Proposed) {
            self.told.kept.push(format!(
                "keeps {path}, which is {}; version {version} would decide otherwise: `loko adr new {} --supersedes {}` says so",
                decision.status,
                quoted_title(&draft.title),
                decision.id
            ));
            return Ok(());
        }
        if base.is_empty() {
            // An old record does not know what was drafted.
            self.told.kept.push(format!("keeps {path}, which was edited since; compare it with version {version}"));
            return Ok(());
        }
        let merged = if is_as_made { theirs } else { self.merged(Texts { base, ours, theirs: &theirs }, &file, 0) };
        if merged != ours {
            self.told.bound.push(format!("drafts the decision {path} anew, as version {version} has it"));
            self.changes.edit(file, TextEdit::replace(Span::new(0, ours.len()), merged));
        }
        Ok(())
    }
}

/// The most characters of a text that are shown of it.
const QUOTED_MAX: usize = 60;

/// The beginning of a text, as much as goes into a line.
fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("`{} …`", line[..end].trim_end()),
        None => format!("`{line}`"),
    }
}

/// A title as a shell takes it.
fn quoted_title(title: &str) -> String {
    format!("\"{}\"", title.replace(['"', '`', '$', '\\'], ""))
}

/// Where the prose of a page stands, up to its first section.
fn prose_span(text: &str) -> Span {
    let start = body_start(text);
    let end = text[start..].find("\n## ").map_or(text.len(), |at| start + at);
    Span::new(start, end)
}
