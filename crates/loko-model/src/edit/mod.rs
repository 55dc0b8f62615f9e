//! Wishes turned into change sets.
//!
//! Every write of loko is computed here as a pure function of a snapshot, its model and a wish, one file a wish. The
//! answer is a [`Plan`], whose [`ChangeSet`] the caller shows or writes, or a [`Refusal`] that says what stands in the
//! way. A wish that is already fulfilled gives an empty plan. Files are edited as texts: whatever a wish does not mean
//! to change keeps its bytes, comments, order, quotes and line ends included.

mod adr;
pub mod annotate;

mod d2;
mod draft;
mod find;
mod front;
mod init;
pub(crate) mod lines;
mod link;
mod markdown;
mod r#move;
pub(crate) mod naming;
mod new;
mod prose;
mod record;
mod records;
mod references;
mod remove;
mod rename;
mod scenarios;
mod statements;
mod toml;
mod unlink;
mod unread;
mod update;
mod verify;
pub(crate) mod yaml;

pub use adr::{Form, NewDecision, decision, link_decision, new_decision, set_decision_state, supersede};
pub use find::element;
pub use init::{Init, init};
pub use link::{Home, Link, link};
pub use r#move::{Move, move_to};
pub use naming::values as naming_values;
pub use new::{New, NewKind, new, new_together};
pub use prose::Template;
pub use record::record;
pub use remove::{Remove, remove};
pub use rename::{Rename, RenameId, rename};
pub use unlink::{Unlink, unlink};
pub use update::{Update, update};

use loko_source::{ChangeSet, Diagnostic, Place};

/// A text as a TOML string of one line.
pub fn toml_string(text: &str) -> String {
    toml::string(text)
}

/// What will happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes; empty when everything is as wished already.
    pub changes: ChangeSet,
    /// What they come to, a short sentence each, without a full stop.
    pub summary: Vec<String>,
    /// The ids of elements that come to be.
    pub created: Vec<String>,
    /// The ids of elements that change or go, as they were before.
    pub affected: Vec<String>,
    /// What is worth telling of what is written, with its places in the texts as they will be.
    pub findings: Vec<Diagnostic>,
}

impl Plan {
    /// A plan that does nothing, with the reason.
    fn nothing(reason: impl Into<String>) -> Self {
        Self { summary: vec![reason.into()], ..Self::default() }
    }

    /// Whether everything is as wished already.
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Why a wish is not fulfilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind, for callers that act on it.
    pub kind: RefusalKind,
    /// What to tell the user; at least one error.
    pub diagnostics: Vec<Diagnostic>,
}

/// The kinds of refusals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// A name in the wish means nothing.
    NotFound,
    /// A name in the wish means several elements.
    Ambiguous,
    /// What is to be made exists already, and differs.
    Exists,
    /// Others refer to what is to go, at these places.
    References(Vec<Place>),
    /// The wish makes no sense, or a file cannot be edited.
    Invalid,
}

impl Refusal {
    fn new(kind: RefusalKind, diagnostic: Diagnostic) -> Self {
        Self { kind, diagnostics: vec![diagnostic] }
    }

    fn not_found(diagnostic: Diagnostic) -> Self {
        Self::new(RefusalKind::NotFound, diagnostic)
    }

    fn exists(diagnostic: Diagnostic) -> Self {
        Self::new(RefusalKind::Exists, diagnostic)
    }

    fn invalid(diagnostic: Diagnostic) -> Self {
        Self::new(RefusalKind::Invalid, diagnostic)
    }
}

impl From<Refusal> for Vec<Diagnostic> {
    fn from(refusal: Refusal) -> Self {
        refusal.diagnostics
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages: Vec<&str> = self.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        f.write_str(&messages.join("; "))
    }
}

impl std::error::Error for Refusal {}
