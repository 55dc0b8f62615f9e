//! Completion: what can stand at the cursor, told from the text before it and the scope around it.

mod place;

use super::Document;
use crate::keywords;
use crate::names::{Names, Role, Target};
use loko_source::{FilePath, Span};
use place::{Place, Scope};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompletionKind {
    /// The name of an object.
    Object,
    /// A keyword.
    Keyword,
    /// A value that a keyword takes.
    Value,
    /// The name of a class.
    Class,
    /// The name of a variable.
    Variable,
    /// A board.
    Board,
    /// A file to import.
    File,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Completion {
    /// What it is.
    pub kind: CompletionKind,
    /// What is written.
    pub label: String,
    /// What it means, if there is something to say.
    pub detail: Option<&'static str>,
    /// What it is written in the place of: the word up to the cursor.
    pub span: Span,
}

/// What can be written at an offset, sorted; the client keeps what fits the word that is being typed.
///
/// ```
/// use loko_d2::services::completion;
/// let text = "a.shape: ";
/// assert!(completion(text, text.len()).iter().any(|proposal| proposal.label == "cylinder"));
/// ```
pub fn completion(text: &str, offset: usize) -> Vec<Completion> {
    Document::alone(text).completion(offset, &[])
}

impl Document<'_> {
    /// What can be written at an offset, sorted; `files` are those that an import may name.
    pub fn completion(&self, offset: usize, files: &[FilePath]) -> Vec<Completion> {
        let text = &self.files[self.at].1;
        let (place, scope, span) = place::find(text, self.at, &self.names, offset);
        let mut found = Found { names: &self.names, scope: &scope, span, proposals: BTreeSet::new() };
        match place {
            Place::Nothing => {}
            Place::Variable => found.variables(),
            Place::Import => found.files(&self.files[self.at].0, files),
            Place::Tag => found.tags(),
            Place::Value(path) => found.values(&path),
            Place::Key { before, is_end, is_filter } => found.keys(&before, is_end, is_filter),
        }
        found.proposals.into_iter().collect()
    }
}

/// Languages of block strings that have a meaning of their own.
const TAGS: &[(&str, &str)] = &[
    ("md", "Markdown."),
    ("latex", "A formula in LaTeX."),
    ("txt", "A plain text."),
    ("go", "Code."),
    ("java", "Code."),
    ("js", "Code."),
    ("json", "Code."),
    ("python", "Code."),
    ("rust", "Code."),
    ("sh", "Code."),
    ("sql", "Code."),
    ("ts", "Code."),
    ("yaml", "Code."),
];

/// The proposals, on their way to be complete.
struct Found<'n> {
    names: &'n Names,
    scope: &'n Scope,
    span: Span,
    proposals: BTreeSet<Completion>,
}

impl Found<'_> {
    fn add(&mut self, kind: CompletionKind, label: &str, detail: Option<&'static str>) {
        self.proposals.insert(Completion { kind, label: label.to_owned(), detail, span: self.span });
    }

    fn keywords(&mut self, words: &[&str]) {
        for word in words {
            self.add(CompletionKind::Keyword, word, keywords::describe(word));
        }
    }

    fn tags(&mut self) {
        for (tag, detail) in TAGS {
            self.add(CompletionKind::Value, tag, Some(detail));
        }
    }

    /// The variables of the scopes around the cursor, by their paths from `vars` on.
    fn variables(&mut self) {
        let scope = &self.scope.target;
        let defined = self.names.mentions.iter().filter(|mention| mention.role == Role::Variable && !mention.in_value);
        for mention in defined {
            let Some(at) = mention.target.path.iter().position(|name| name == "vars") else { continue };
            let (holder, path) = mention.target.path.split_at(at);
            let board = &mention.target.board;
            let is_seen = if *board == scope.board { scope.path.starts_with(holder) } else { holder.is_empty() };
            if scope.board.starts_with(board) && is_seen && path.len() > 1 {
                let path = path[1..].iter().map(|name| crate::quote_key(name)).collect::<Vec<_>>().join(".");
                self.add(CompletionKind::Variable, &path, None);
            }
        }
    }

    /// The files of an import, by their paths from the importing one, without `.d2`.
    fn files(&mut self, own: &FilePath, files: &[FilePath]) {
        let folder = crate::paths::folder(own.as_str());
        let from: Vec<&str> = folder.split('/').filter(|part| *part != ".").collect();
        for file in files.iter().filter(|file| *file != own) {
            let Some(path) = file.as_str().strip_suffix(".d2") else { continue };
            let to: Vec<&str> = path.split('/').collect();
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count().min(to.len() - 1);
            let up = "../".repeat(from.len() - common);
            let rest = to[common..].join("/");
            // A dot in a bare path would begin the key in the file.
            let label = if rest.contains('.') { format!("\"{up}{rest}\"") } else { format!("{up}{rest}") };
            self.add(CompletionKind::File, &label, None);
        }
    }

    /// Values behind a colon; the path leads from the scope to the key.
    fn values(&mut self, path: &[SmolStr]) {
        let whole: Vec<&str> = self.scope.target.path.iter().chain(path).map(SmolStr::as_str).collect();
        let Some((word, before)) = whole.split_last() else { return };
        let holder = before.last().copied().unwrap_or_default();
        let known = match (*word, holder) {
            ("shape", "source-arrowhead" | "target-arrowhead") => keywords::ARROWHEADS,
            ("near", "label" | "icon") => keywords::LABEL_POSITIONS,
            (word, _) => keywords::values(word),
        };
        for value in known {
            self.add(CompletionKind::Value, value, keywords::describe_value(word, value));
        }
        match (*word, holder) {
            ("class", _) => self.classes(),
            ("near", "label" | "icon" | "tooltip") => {}
            ("near" | "src" | "dst", _) => {
                let board = Target { board: self.scope.target.board.clone(), path: Vec::new() };
                self.objects(&board, true);
            }
            ("link", _) => self.boards(),
            ("fill" | "stroke" | "font-color", "style") => {
                for name in crate::compile::COLOR_NAMES {
                    self.add(CompletionKind::Value, name, None);
                }
            }
            ("theme-id" | "dark-theme-id", "d2-config") => {
                for id in crate::compile::THEME_IDS {
                    self.add(CompletionKind::Value, &id.to_string(), None);
                }
            }
            _ => {}
        }
    }

    /// The classes of the board and of those above it.
    fn classes(&mut self) {
        let board = &self.scope.target.board;
        for mention in self.names.mentions.iter().filter(|mention| mention.role == Role::Class && !mention.in_value) {
            if board.starts_with(&mention.target.board) {
                self.add(CompletionKind::Class, mention.target.path.last().map_or("", SmolStr::as_str), None);
            }
        }
    }

    /// All boards but the own one, as a link on this board names them.
    fn boards(&mut self) {
        let own = &self.scope.target.board;
        for mention in self.names.mentions.iter().filter(|mention| mention.role == Role::Board) {
            let board = &mention.target.board;
            if board == own {
                continue;
            }
            let pairs = own.chunks(2).zip(board.chunks(2)).take_while(|(a, b)| a == b).count();
            let up = std::iter::repeat_n("_".to_owned(), own.len() / 2 - pairs);
            let down = board[pairs * 2..].iter().map(|name| crate::quote_key(name));
            let path = up.chain(down).collect::<Vec<_>>().join(".");
            self.add(CompletionKind::Board, &path, None);
        }
        if !own.is_empty() {
            self.add(CompletionKind::Board, "_", Some("The board above this one."));
        }
    }

    /// Keys at the beginning of a statement, behind a dot, or behind an arrow.
    fn keys(&mut self, before: &[SmolStr], is_end: bool, is_filter: bool) {
        // Behind the index of an edge the scope does not matter.
        let indexed = before.iter().rposition(|name| name.ends_with(']'));
        if indexed == before.len().checked_sub(1) && indexed.is_some() {
            self.keywords(keywords::OF_EDGES);
            return;
        }
        let mut target = if indexed.is_some() { Target::default() } else { self.scope.target.clone() };
        for name in &before[indexed.map_or(0, |at| at + 1)..] {
            match name.as_str() {
                "_" => drop(target.path.pop()),
                name => target = target.below(name),
            }
        }
        let names: Vec<&str> = target.path.iter().map(SmolStr::as_str).collect();
        match &names[..] {
            [.., "style"] => return self.keywords(keywords::STYLE),
            [.., "source-arrowhead" | "target-arrowhead"] => return self.keywords(&["shape", "label", "style"]),
            [.., "label" | "tooltip"] => return self.keywords(&["near"]),
            [.., "icon"] => return self.keywords(&["near", "style"]),
            [.., "vars"] => return self.keywords(&["d2-config", "d2-legend"]),
            [.., "vars", "d2-config"] => return self.keywords(keywords::SETTINGS),
            [.., "vars", _] | ["classes"] => return,
            ["classes", _] => return self.keywords(&[keywords::SIMPLE, &["style"]].concat()),
            _ => {}
        }
        if self.scope.is_boards && before.is_empty() {
            return;
        }
        if is_filter {
            self.keywords(keywords::FILTERS);
        }
        if !is_end {
            self.starts(&target);
        }
        if !self.scope.is_edge {
            self.objects(&target, false);
        }
    }

    /// Keywords that a statement may begin with.
    fn starts(&mut self, target: &Target) {
        if self.scope.is_edge {
            self.keywords(keywords::OF_EDGES);
            return;
        }
        self.keywords(keywords::SIMPLE);
        self.keywords(&["style"]);
        if target.path.is_empty() {
            self.keywords(keywords::BOARDS);
            self.keywords(&["classes"]);
        }
    }

    /// The objects right in a container, or at any depth by their whole paths.
    fn objects(&mut self, container: &Target, is_deep: bool) {
        for mention in self.names.mentions.iter().filter(|mention| mention.role == Role::Object && !mention.in_value) {
            // The name that is being typed is none yet.
            if mention.file == self.scope.file
                && mention.span.end == self.span.end
                && mention.span.touches(self.span.start as usize)
            {
                continue;
            }
            let below = mention.target.starts_with(container) && mention.target.path.len() > container.path.len();
            if below && is_deep {
                let names = mention.target.path.iter().map(|name| crate::quote_key(name));
                self.add(CompletionKind::Object, &names.collect::<Vec<_>>().join("."), None);
            } else if below && mention.target.path.len() == container.path.len() + 1 {
                let name = mention.target.path.last().map_or("", SmolStr::as_str);
                self.add(CompletionKind::Object, &crate::quote_key(name), None);
            }
        }
    }
}
