//! The ground floor: named texts, places in them, what is wrong with them, and how to change them.
//!
//! A [`Snapshot`] is a set of named texts; where they came from (the working tree, a git revision, memory, an
//! overlay) is known only to whoever made it. A [`Diagnostic`] is a finding with places in such texts. A
//! [`ChangeSet`] is a set of edits that is computed first, looked at on an overlay, and written whole or not at all.
//!
//! This crate does not know what is in the files. It is the only crate that touches the disk of a workspace.

pub mod change;
pub mod diagnostic;
pub mod disk;
#[cfg(feature = "git")]
pub mod git;
pub mod lfs;
pub mod path;
pub mod render;
pub mod snapshot;
pub mod span;
pub mod suggest;

pub use change::{ChangeSet, FileChange, TextEdit};
pub use diagnostic::{Applicability, Diagnostic, Fix, Label, Severity};
pub use path::FilePath;
pub use snapshot::{Snapshot, Source};
pub use span::{LineColumn, LineIndex, Place, Span};
