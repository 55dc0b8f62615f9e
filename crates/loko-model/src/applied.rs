//! Records of applied patterns: what a command added, so that it can be taken away again.

use crate::element::ElementIx;
use crate::value::Value;
use indexmap::IndexMap;
use loko_source::{FilePath, Span};

/// One application of a pattern, a file of `patterns/applied/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The file's name without `.toml`, which is the application's name.
    pub name: String,
    /// The pattern.
    pub pattern: String,
    /// Its version then.
    pub version: String,
    /// The parameters that it was applied with.
    pub params: IndexMap<String, Value>,
    /// The parameters that were given; nothing where the record does not say, and all count as given.
    pub given: Option<Vec<String>>,
    /// Who played each role then, in order, as ids.
    pub players: IndexMap<String, Vec<String>>,
    /// The files that it made.
    pub made: Vec<Made>,
    /// The elements that it changed.
    pub changed: Vec<Changed>,
    /// What it said of relations, as it said it.
    pub stated: Vec<Stated>,
    /// The record itself.
    pub file: FilePath,
    /// Where the record names the pattern.
    pub span: Span,
}

/// A file that an application made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The element, if it is one's file.
    pub element: Option<ElementIx>,
    /// The file, if it is no element's.
    pub file: Option<String>,
    /// What the text was, see [`digest`].
    pub digest: String,
    /// The text itself; empty in old records of files.
    pub text: String,
    /// Where the record keeps the text.
    pub text_span: Span,
}

/// What an application said of a relation of its record.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// Where it starts.
    pub source: Option<ElementIx>,
    /// Where it leads.
    pub target: Option<ElementIx>,
    /// What for; empty where only more was said of what was there.
    pub description: String,
    /// All else that it said, as YAML.
    pub set: IndexMap<String, String>,
}

/// An element that an application changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The element.
    pub element: ElementIx,
    /// The keys that were added, with their values as YAML.
    pub set: IndexMap<String, String>,
    /// The entries of `patterns` that were added, as YAML.
    pub roles: Vec<String>,
    /// The text that was added to its page.
    pub section: String,
}

/// A text of several lines as a record keeps it: as it is where TOML can hold it so.
pub fn text_as_toml(text: &str) -> String {
    let is_plain = !text.contains("'''") && text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
    if is_plain && !text.ends_with('\'') { format!("'''\n{text}'''") } else { crate::edit::toml_string(text) }
}

/// How many hex digits a digest has.
const DIGEST_DIGITS: usize = 16;

/// The first digits of a text's SHA-256: enough to see whether somebody has edited it since.
pub fn digest(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(DIGEST_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}
