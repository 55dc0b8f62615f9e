//! The one language that picks elements or relations: in rules, views, queries and documents.
//!
//! ```text
//! kind:container and tag:pci and not owner:team-*
//! shop/** or (type:database within:billing)
//! replicas>=2 metadata.tier:gold
//! ```
//!
//! A term is `key:pattern`, `key=text`, a comparison such as `timeout<=2s`, or a bare word, which is an id, the last part
//! of one, or a name. Patterns have `*`, `**` and `?` and match in any case; `a,b` is either. Terms are joined by `and`
//! (or nothing), `or` and `not`, with parentheses. Some keys take another selector: `within:(tag:pci)`.
//!
//! [`parse`](mod@parse) reads a text, [`matching`] says what it picks. A selector is evaluated for all elements at once, in time
//! linear in the size of the model for each of its terms. What keys there are is said once, in [`fields`].

pub mod fields;
pub mod matching;
pub mod parse;

pub use parse::{DEPTH_MAX, LENGTH_MAX};

use crate::glob::Pattern;
use crate::{ElementIx, Model, RelationIx};
use fields::Field;
use loko_source::{Diagnostic, FilePath, Span};

/// What a selector picks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Elements.
    Elements,
    /// Relations.
    Relations,
}

impl Subject {
    /// The subject in words: "elements".
    pub fn name(self) -> &'static str {
        match self {
            Self::Elements => "elements",
            Self::Relations => "relations",
        }
    }
}

/// A selector that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    text: String,
    subject: Subject,
    expression: Expression,
}

/// A selector's tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// Everything.
    All,
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Term(Term),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    pub(crate) field: Field,
    pub(crate) test: Test,
}

/// What is asked of a field's texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// Any of these patterns matches.
    Matches(Vec<(String, Pattern)>),
    /// Any of these texts is the same, case included.
    Is(Vec<String>),
    /// None of these texts is the same.
    IsNot(Vec<String>),
    /// The quantity compares like this.
    Compares(Comparison, crate::quantity::Quantity),
    /// The elements at the other end are picked by another selector.
    Picks(Box<Expression>),
}

/// How quantities are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is wrong with a selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectError {
    /// The problem.
    pub message: String,
    /// Where in the selector's text.
    pub span: Span,
    /// What one can do.
    pub help: Option<String>,
}

impl SelectError {
    /// The error as a finding in a file; the selector's text begins at `offset`.
    pub fn finding(&self, path: &FilePath, offset: usize) -> Diagnostic {
        let finding = Diagnostic::error("bad-selector", self.message.clone()).at(path, self.span.shift(offset), "here");
        match &self.help {
            Some(help) => finding.help(help.clone()),
            None => finding,
        }
    }
}

impl Select {
    /// Reads a selector of elements.
    ///
    /// ```
    /// use loko_model::select::Select;
    /// assert!(Select::elements("kind:container and tag:pci").is_ok());
    /// let error = Select::elements("kind:container and tagg:pci").unwrap_err();
    /// assert_eq!(error.help.as_deref(), Some("did you mean `tag`?"));
    /// ```
    pub fn elements(text: &str) -> Result<Self, SelectError> {
        Self::of(text, Subject::Elements)
    }

    /// Reads a selector of relations.
    pub fn relations(text: &str) -> Result<Self, SelectError> {
        Self::of(text, Subject::Relations)
    }

    fn of(text: &str, subject: Subject) -> Result<Self, SelectError> {
        let expression = parse::parse(text, subject)?;
        Ok(Self { text: text.trim().to_owned(), subject, expression })
    }

    /// The selector as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it picks.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// For each element whether it is picked; a selector of relations picks none.
    pub fn mask(&self, model: &Model) -> Vec<bool> {
        match self.subject {
            Subject::Elements => matching::elements(model, &self.expression),
            Subject::Relations => vec![false; model.elements.len()],
        }
    }

    /// The elements that are picked, in order.
    pub fn picks(&self, model: &Model) -> Vec<ElementIx> {
        let mask = self.mask(model);
        model.ids().filter(|ix| mask[ix.index()]).collect()
    }

    /// For each relation whether it is picked; a selector of elements picks those that start at such an element.
    pub fn relation_mask(&self, model: &Model) -> Vec<bool> {
        match self.subject {
            Subject::Relations => matching::relations(model, &self.expression),
            Subject::Elements => {
                let mask = self.mask(model);
                model.relations.iter().map(|relation| mask[relation.source.index()]).collect()
            }
        }
    }

    /// The relations that are picked, in order.
    pub fn picks_relations(&self, model: &Model) -> Vec<RelationIx> {
        let mask = self.relation_mask(model);
        (0..model.relations.len() as u32).map(RelationIx).filter(|ix| mask[ix.index()]).collect()
    }
}
