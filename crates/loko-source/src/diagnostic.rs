//! The one type of every finding.
//!
//! A finding has a code (a kebab-case name of the problem), a severity, a headline that states a fact about the
//! user's own names, labelled places, and a help that can be acted on. How it looks is decided in [`crate::render`].

use crate::{FilePath, Place, Span, TextEdit};
use rayon::prelude::*;
use std::borrow::{Borrow, Cow};
use std::collections::BTreeSet;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably a mistake; fails only strict checks.
    Warning,
    /// Wrong; fails the check.
    Error,
}

impl Severity {
    /// The severity as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is wrong or relevant there; may be empty.
    pub text: Cow<'static, str>,
}

/// How safe a fix is to apply unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Means the same as what the user wrote, mended.
    Safe,
    /// May change what the user meant; to be looked at.
    Unsafe,
}

/// Edits that mend a finding.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fix {
    /// What the fix does, as one would tell it: "write `shop/api`".
    pub title: String,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
    /// The edits, of one or more files.
    pub edits: Vec<(FilePath, TextEdit)>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// The kebab-case name of the problem; its only id.
    pub code: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// The headline: a fact about the user's own names, no full stop.
    pub message: String,
    /// The main place; none when the finding is about the workspace as a whole.
    pub primary: Option<Label>,
    /// Further places.
    pub secondary: Vec<Label>,
    /// Further facts.
    pub notes: Vec<String>,
    /// What one can do.
    pub help: Option<Cow<'static, str>>,
    /// A ready mend.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding without a place.
    pub fn new(code: impl Into<Cow<'static, str>>, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// An error without a place yet.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning without a place yet.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Sets the main place and what is wrong there.
    pub fn at(mut self, path: &FilePath, span: Span, label: impl Into<Cow<'static, str>>) -> Self {
        self.primary = Some(Label { place: Place::new(path.clone(), span), text: label.into() });
        self
    }

    /// Adds a further place.
    pub fn and(mut self, path: &FilePath, span: Span, label: impl Into<Cow<'static, str>>) -> Self {
        self.secondary.push(Label { place: Place::new(path.clone(), span), text: label.into() });
        self
    }

    /// Adds a further fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what one can do.
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a ready mend.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The order in which findings are shown: by file, place, code.
    pub fn sort_key(&self) -> (Option<&Place>, &str, &str) {
        (self.primary.as_ref().map(|label| &label.place), &self.code, &self.message)
    }
}

/// The findings of one state that another has not; both in the order of [`sort`]. Lines move when a file changes: the same
/// thing said of the same file is the same finding.
pub fn only<'d, D: Borrow<Diagnostic>>(these: &'d [D], others: &[D]) -> Vec<&'d Diagnostic> {
    fn file(finding: &Diagnostic) -> Option<&FilePath> {
        finding.primary.as_ref().map(|label| &label.place.path)
    }
    fn said(finding: &Diagnostic) -> (&str, &str) {
        (&finding.code, &finding.message)
    }
    /// What is said of a file.
    type Told<'d> = (Option<&'d FilePath>, BTreeSet<(&'d str, &'d str)>);
    let mut new = Vec::new();
    let mut ahead = others;
    // What the other state says of a file, read when something of it is not found at its place.
    let mut known: Option<Told<'_>> = None;
    for finding in these.iter().map(Borrow::borrow) {
        // Nearly all of two states of one workspace is the same, in the same order.
        while let [first, rest @ ..] = ahead
            && first.borrow().sort_key() < finding.sort_key()
        {
            ahead = rest;
        }
        if ahead.first().is_some_and(|first| first.borrow().sort_key() == finding.sort_key()) {
            continue;
        }
        let of = file(finding);
        let (_, told) = match known.take().filter(|(path, _)| *path == of) {
            Some(same) => known.insert(same),
            None => {
                let start = others.partition_point(|other| file(other.borrow()) < of);
                let beside = others[start..].iter().map(Borrow::borrow).take_while(|other| file(other) == of);
                let told = beside.map(said).collect();
                known.insert((of, told))
            }
        };
        if !told.contains(&said(finding)) {
            new.push(finding);
        }
    }
    new
}

/// Sorts findings by place and drops exact repetitions.
pub fn sort<D: Borrow<Diagnostic> + PartialEq + Send>(findings: &mut Vec<D>) {
    findings.par_sort_by(|a, b| a.borrow().sort_key().cmp(&b.borrow().sort_key()));
    findings.dedup();
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, only, sort};
    use crate::{FilePath, Span};

    fn findings(all: &[(&str, u32, &str)]) -> Vec<Diagnostic> {
        let finding = |(file, at, message): &(&str, u32, &str)| {
            let path = FilePath::new(file).expect("a path");
            Diagnostic::warning("code", *message).at(&path, Span::at(*at as usize), "")
        };
        let mut all: Vec<Diagnostic> = all.iter().map(finding).collect();
        all.push(Diagnostic::warning("code", "of no file"));
        sort(&mut all);
        all
    }

    fn messages(these: &[Diagnostic], others: &[Diagnostic]) -> Vec<String> {
        only(these, others).into_iter().map(|finding| finding.message.clone()).collect()
    }

    #[test]
    fn what_moved_in_its_file_is_not_new() {
        let before = findings(&[("a.md", 1, "x"), ("a.md", 5, "y"), ("b.md", 1, "x"), ("c.md", 3, "z")]);
        let after =
            findings(&[("a.md", 2, "y"), ("a.md", 9, "x"), ("b.md", 1, "x"), ("b.md", 4, "w"), ("d.md", 3, "z")]);
        assert_eq!(messages(&after, &before), ["w", "z"]);
        assert_eq!(messages(&before, &after), ["z"]);
        assert_eq!(messages(&after, &after), [""; 0]);
        assert_eq!(messages(&after, &[]).len(), after.len());
    }

    /// The same as comparing each with all, whatever is where.
    #[test]
    fn each_is_compared_with_all_of_its_file() {
        let said = |finding: &Diagnostic| {
            (finding.message.clone(), finding.primary.as_ref().map(|label| label.place.path.clone()))
        };
        let mut seed = 7_u32;
        let mut next = |limit: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % limit
        };
        for _ in 0..300 {
            let mut state = || {
                let count = next(12);
                let one = |_| (["a.md", "b.md", "c.md"][next(3) as usize], next(5), ["x", "y", "z"][next(3) as usize]);
                findings(&(0..count).map(one).collect::<Vec<_>>())
            };
            let (these, others) = (state(), state());
            let expected = these.iter().filter(|it| !others.iter().any(|other| said(it) == said(other)));
            assert_eq!(only(&these, &others), expected.collect::<Vec<_>>());
        }
    }
}
