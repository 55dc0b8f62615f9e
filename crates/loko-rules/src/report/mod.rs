//! Findings in the forms of other tools: one file a form in `formats/`.
//!
//! How findings look on a terminal and as JSON is said in [`loko_source::render`].

mod formats;

use crate::Today;
use crate::check::Waived;
use crate::policy::Policy;
use loko_source::{Diagnostic, LineIndex, Snapshot, Span};

/// What is reported.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// The findings that count.
    pub findings: &'r [Diagnostic],
    /// The findings that the baseline knows.
    pub old: &'r [Diagnostic],
    /// The findings that are waived.
    pub waived: &'r [Waived],
    /// The team's own rules.
    pub policies: &'r [Policy],
    /// The texts that places are in.
    pub snapshot: &'r Snapshot,
    /// The version of this program.
    pub version: &'r str,
    /// The day of the report, where one is asked for.
    pub today: Today,
}

/// A form.
#[derive(Debug)]
pub struct Format {
    /// Who reads it, one line.
    pub doc: &'static str,
    /// Writes it.
    pub write: fn(&Report<'_>) -> String,
}

/// A form by its name.
pub fn format(name: &str) -> Option<&'static Format> {
    formats::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
}

/// The names of all forms with what they are for.
pub fn formats() -> impl Iterator<Item = (&'static str, &'static str)> {
    formats::ALL.iter().map(|(name, format)| (*name, format.doc))
}

/// Lines and columns as people count, of the first and behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
}

/// Where a span is in a text; columns count characters of Unicode, as these tools do.
pub(crate) fn region(text: &str, span: Span) -> Region {
    let index = LineIndex::new(text);
    let at = |offset: usize| {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = index.line_column(offset).line;
        let start = index.line_start(line).unwrap_or(0);
        (line, text[start..offset].chars().count() as u32 + 1)
    };
    let ((line, column), (end_line, end_column)) = (at(span.range().start), at(span.range().end));
    Region { line, column, end_line, end_column }
}

/// A finding and all that is said besides, as one text.
pub(crate) fn details(finding: &Diagnostic) -> String {
    let mut lines = vec![finding.message.clone()];
    lines.extend(finding.notes.iter().cloned());
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}
