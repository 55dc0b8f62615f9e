//! What pages of the live server have done with the workspace: drawing, completing, looking at unsaved text, saving. It
//! goes the same ways as the commands do: a change is looked at on an overlay and written as a change set.

use crate::context::{Context, Session};
use loko_diagram::Board;
use loko_draw::{DarkSwitch, Fonts, Look, SvgOptions};
use loko_model::complete;
use loko_serve::{Draft, Drawn, Problem, Proposal, Refusal, Text};
use loko_site::{Content, Format, Input, Memo, Options};
use loko_source::{ChangeSet, Diagnostic, FilePath, LineIndex, Span, TextEdit};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A text of D2 that is drawn is no longer than this.
const D2_BYTES_MAX: usize = 200_000;
/// Problems of one text that are told at most.
const PROBLEMS_MAX: usize = 100;
/// Files of these kinds can be edited.
const EDITABLE: [&str; 3] = ["md", "d2", "toml"];

/// The desk of a workspace.
pub(crate) struct Desk {
    context: Arc<Context>,
    /// What is remembered of previews: pictures, and what rules said.
    memo: Mutex<(Memo, loko_rules::Memo)>,
    /// Programs are started only for somebody at this machine.
    is_local: bool,
}

impl Desk {
    /// A desk; programs are started by it only if whoever asks sits at this machine.
    pub(crate) fn new(context: Arc<Context>, is_local: bool) -> Self {
        Self { context, memo: Mutex::default(), is_local }
    }

    fn session(&self) -> Result<Session, Refusal> {
        self.context.load(None).map_err(|failure| Refusal::Failed(failure.message))
    }

    /// The workspace, and a change that gives a file another text.
    fn change(&self, path: &str, text: &str) -> Result<(Session, FilePath, ChangeSet), Refusal> {
        let session = self.session()?;
        let path = editable(&session, path)?;
        let before = session.snapshot.text(path.as_str()).unwrap_or_default();
        let mut changes = ChangeSet::new();
        if let Some(edit) = smallest(before, text) {
            changes.edit(path.clone(), edit);
        }
        Ok((session, path, changes))
    }

    /// What the workspace says of a file.
    fn draft(&self, mut session: Session, path: &FilePath, revision: String) -> Draft {
        // What a preview that was cut off left behind is not to be trusted.
        let memo = self.memo.lock().unwrap_or_else(|cut_off| {
            let mut memo = cut_off.into_inner();
            *memo = <(Memo, loko_rules::Memo)>::default();
            self.memo.clear_poison();
            memo
        });
        let (memo, checked) = &*memo;
        session.findings = crate::checking::findings(&session, Some(checked));
        let options = Options {
            formats: vec![Format::Html],
            memo: Some(memo),
            about: Some(path.clone()),
            only_about: true,
            ..Options::default()
        };
        let input = Input {
            snapshot: &session.snapshot,
            model: session.model(),
            findings: &session.findings,
            options: &options,
        };
        let built = loko_site::build(&input);
        let page = built.page.unwrap_or_default();
        let html =
            built.files.iter().find(|(known, _)| known.as_str() == page).and_then(|(_, file)| match &file.content {
                Content::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                Content::Unchanged => None,
            });
        let text = session.snapshot.text(path.as_str()).unwrap_or_default();
        let findings = session.findings.iter().chain(&built.findings);
        let mut problems: Vec<Problem> =
            findings.filter_map(|finding| problem(path, text, finding)).take(PROBLEMS_MAX).collect();
        problems.dedup_by(|a, b| a.start == b.start && a.message == b.message);
        Draft { revision, page, html: html.unwrap_or_default(), problems }
    }
}

/// A file that can be edited, by its path.
fn editable(session: &Session, path: &str) -> Result<FilePath, Refusal> {
    let path = FilePath::new(path).map_err(|error| Refusal::Forbidden(error.to_string()))?;
    if !path.extension().is_some_and(|extension| EDITABLE.contains(&extension)) {
        return Err(Refusal::Forbidden(format!("`{path}` is no Markdown, D2 or TOML")));
    }
    match session.snapshot.source(path.as_str()) {
        None => Err(Refusal::Missing(format!("the workspace has no file `{path}`"))),
        Some(source) if source.invalid_at().is_some() => Err(Refusal::Forbidden(format!("`{path}` is not UTF-8"))),
        Some(_) => Ok(path),
    }
}

/// What tells one text of a file from another.
fn revision(text: &str) -> String {
    loko_model::applied::digest(text)
}

/// The edit that makes one text of another; what is the same at both ends stays.
fn smallest(before: &str, after: &str) -> Option<TextEdit> {
    if before == after {
        return None;
    }
    let mut start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(start) || !after.is_char_boundary(start) {
        start -= 1;
    }
    let rest = before.len().min(after.len()) - start;
    let mut end = before.bytes().rev().zip(after.bytes().rev()).take(rest).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(before.len() - end) || !after.is_char_boundary(after.len() - end) {
        end -= 1;
    }
    Some(TextEdit::replace(Span::new(start, before.len() - end), &after[start..after.len() - end]))
}

/// A finding, if it is about the file.
fn problem(path: &FilePath, text: &str, finding: &Diagnostic) -> Option<Problem> {
    let label = finding.primary.as_ref().filter(|label| label.place.path == *path)?;
    let (start, end) = (label.place.span.start as usize, label.place.span.end as usize);
    let (start, end) = (start.min(text.len()), end.min(text.len()));
    let at = LineIndex::new(text).line_column(start);
    Some(Problem {
        severity: finding.severity.name(),
        code: finding.code.to_string(),
        message: finding.message.clone(),
        help: finding.help.as_deref().map(str::to_owned),
        line: at.line,
        column: at.column,
        start,
        end,
    })
}

/// What can be written at an offset of D2.
fn of_d2(text: &str, offset: usize) -> Vec<Proposal> {
    let found = loko_d2::services::completion(text, offset);
    let proposal = |it: loko_d2::services::Completion| Proposal {
        kind: if it.detail.is_some() { "keyword" } else { "name" },
        label: it.label,
        detail: it.detail.unwrap_or_default().to_owned(),
    };
    found.into_iter().map(proposal).collect()
}

impl loko_serve::Desk for Desk {
    fn draw(&self, d2: &str) -> Drawn {
        let told = |message: String| Problem {
            severity: "error",
            code: String::new(),
            message,
            help: None,
            line: 1,
            column: 1,
            start: 0,
            end: 0,
        };
        if d2.len() > D2_BYTES_MAX {
            let message = format!("the text is longer than {D2_BYTES_MAX} bytes; `loko d2 render` draws files");
            return Drawn { svg: String::new(), problems: vec![told(message)] };
        }
        let path = FilePath::new("playground.d2").expect("a plain name");
        let compiled = loko_d2::compile(d2, &path, &loko_d2::NoImports);
        let index = LineIndex::new(d2);
        let problems: Vec<Problem> = compiled
            .errors
            .iter()
            .take(PROBLEMS_MAX)
            .map(|error| {
                let (start, end) = (error.error.span.start as usize, error.error.span.end as usize);
                let at = index.line_column(start.min(d2.len()));
                Problem { line: at.line, column: at.column, start, end, ..told(error.error.message.to_string()) }
            })
            .collect();
        let svg = if compiled.is_valid() { svg(&compiled.diagram.root) } else { String::new() };
        Drawn { svg, problems }
    }

    fn complete(&self, path: &str, text: &str, offset: usize) -> Vec<Proposal> {
        if path.ends_with(".d2") {
            return of_d2(text, offset);
        }
        if let Some((d2, at)) = loko_rules::prose::d2_around(text, offset).filter(|_| path.ends_with(".md")) {
            return of_d2(&d2, at);
        }
        let Ok(session) = self.session() else { return Vec::new() };
        let found = complete::front_matter(session.model(), path, text, offset);
        found.into_iter().map(|it| Proposal { label: it.label, kind: it.kind, detail: it.detail }).collect()
    }

    fn read(&self, path: &str) -> Result<Text, Refusal> {
        let session = self.session()?;
        let path = editable(&session, path)?;
        let text = session.snapshot.text(path.as_str()).unwrap_or_default().to_owned();
        Ok(Text { path: path.to_string(), revision: revision(&text), text })
    }

    fn preview(&self, path: &str, text: &str) -> Result<Draft, Refusal> {
        let (session, path, changes) = self.change(path, text)?;
        let changed =
            self.context.load_changed(&session, &changes).map_err(|failure| Refusal::Failed(failure.message))?;
        Ok(self.draft(changed, &path, String::new()))
    }

    fn save(&self, path: &str, text: &str, base: &str) -> Result<Draft, Refusal> {
        let (session, path, changes) = self.change(path, text)?;
        if revision(session.snapshot.text(path.as_str()).unwrap_or_default()) != base {
            return Err(Refusal::Stale(format!("`{path}` was changed since it was read; read it again")));
        }
        session.workspace.write(&session.snapshot, &changes).map_err(|error| match error {
            loko_source::disk::DiskError::Stale(_) => Refusal::Stale(error.to_string()),
            error => Refusal::Failed(error.to_string()),
        })?;
        let changed =
            self.context.load_changed(&session, &changes).map_err(|failure| Refusal::Failed(failure.message))?;
        Ok(self.draft(changed, &path, revision(text)))
    }

    fn open(&self, path: &str, line: u32) -> Result<(), Refusal> {
        let session = self.session()?;
        let path = editable(&session, path)?;
        if !self.is_local {
            return Err(Refusal::Forbidden("programs are started only for somebody at this machine".to_owned()));
        }
        let file = session.workspace.root().join(path.as_str());
        let named = ["LOKO_EDITOR", "VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok());
        let Some(wish) = named.filter(|wish| !wish.trim().is_empty()) else {
            let told = "no editor is named: set LOKO_EDITOR, such as `code -g {file}:{line}`, VISUAL or EDITOR";
            return Err(Refusal::Failed(told.to_owned()));
        };
        let has_place = wish.contains("{file}");
        // The words are split before the path is put in, so that a path is always one argument, and no shell sees it.
        let mut words: Vec<String> = wish
            .split_whitespace()
            .map(|word| word.replace("{file}", &file.to_string_lossy()).replace("{line}", &line.max(1).to_string()))
            .collect();
        if !has_place {
            words.push(file.to_string_lossy().into_owned());
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child =
            command.spawn().map_err(|error| Refusal::Failed(format!("cannot start `{}`: {error}", words[0])))?;
        // Somebody has to take note of its end.
        std::thread::spawn(move || child.wait());
        Ok(())
    }

    fn files(&self) -> Vec<String> {
        let Ok(session) = self.session() else { return Vec::new() };
        let files = session.snapshot.iter().map(|(path, _)| path);
        let editable = files.filter(|path| path.extension().is_some_and(|extension| EDITABLE.contains(&extension)));
        editable.map(ToString::to_string).collect()
    }
}

/// A picture for a page that has the fonts and a switch between light and dark.
fn svg(board: &Board) -> String {
    let look = Look { pad: 8.0, ..Look::default() }.configured(&board.config);
    let placed = crate::pipeline::place(board, &look, &crate::pipeline::Placing::default());
    let dark =
        DarkSwitch::Both { dark: "[data-theme=\"dark\"]".to_owned(), light: "[data-theme=\"light\"]".to_owned() };
    let options = SvgOptions {
        fonts: Fonts::Page,
        id_prefix: "play-",
        standalone: false,
        background: false,
        dark: &dark,
        ..SvgOptions::default()
    };
    loko_draw::svg(board, &placed, &look, &options)
}

#[cfg(test)]
mod tests {
    use super::smallest;
    use loko_source::{ChangeSet, FilePath, Snapshot};

    #[test]
    fn an_edit_touches_only_what_differs() {
        let path = FilePath::new("a.md").expect("a plain name");
        for (before, after) in [("a b c", "a x c"), ("aa", "aaa"), ("äö", "äü"), ("", "x"), ("x", ""), ("abab", "ab")]
        {
            let mut changes = ChangeSet::new();
            changes.edit(path.clone(), smallest(before, after).expect("they differ"));
            let changed = Snapshot::from_texts([("a.md", before)]).overlay(&changes).expect("the edit fits");
            assert_eq!(changed.text("a.md"), Some(after), "{before} {after}");
        }
        assert!(smallest("same", "same").is_none());
    }
}
