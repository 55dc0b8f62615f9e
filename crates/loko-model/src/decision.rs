//! Architecture decision records.

use crate::element::ElementIx;
use loko_source::{FilePath, Span};
use serde::Serialize;

/// An architecture decision record, in MADR's or Nygard's form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The file name without `.md`: `0001-use-postgres`.
    pub id: String,
    /// The leading number, if there is one.
    pub number: Option<u32>,
    /// The title, without its number.
    pub title: String,
    /// The status as written: `proposed`, `accepted`, `superseded by …`.
    pub status: String,
    /// The date as written.
    pub date: String,
    /// The elements it is about.
    pub elements: Vec<ElementIx>,
    /// Its file.
    #[serde(skip)]
    pub file: FilePath,
    /// Where the prose after the front matter stands in `file`.
    #[serde(skip)]
    pub body: Span,
}
