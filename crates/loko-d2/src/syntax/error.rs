//! What is wrong with a text, where, and how to mend it.

use loko_source::{Diagnostic, FilePath, LineIndex, Span};
use std::borrow::Cow;

/// An error of syntax or meaning in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The name of the problem.
    pub code: &'static str,
    /// Where it stands.
    pub span: Span,
    /// What is wrong.
    pub message: Cow<'static, str>,
    /// How to mend it.
    pub help: Option<Cow<'static, str>>,
}

impl SyntaxError {
    /// An error without help.
    pub fn new(code: &'static str, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, span, message: message.into(), help: None }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The error as a finding in a named file.
    pub fn to_diagnostic(&self, path: &FilePath) -> Diagnostic {
        let finding = Diagnostic::error(self.code, self.message.clone().into_owned()).at(path, self.span, "");
        match &self.help {
            Some(help) => finding.help(help.clone().into_owned()),
            None => finding,
        }
    }

    /// The error as one line for a terminal, `LINE:COL: message`, both counted from 1, columns in bytes.
    pub fn to_line(&self, index: &LineIndex) -> String {
        let place = index.line_column(self.span.start as usize);
        format!("{}:{}: {}", place.line, place.column, self.message)
    }
}
