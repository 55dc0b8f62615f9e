//! The D2 language: lossless syntax tree, formatter, compiler, editor services.
//!
//! - [`parse`] reads a text into a typed tree; it never fails and reports all errors at once.
//! - [`format`](format()) writes a text in its canonical layout.
//! - [`compile`](compile()) makes a diagram of a text and its imports.
//! - [`edit`] changes a text by the things it describes.
//! - [`services`] answers what editors ask.
//!
//! Nothing here touches a file, the network, the clock or the terminal.

mod compile;
pub mod edit;
mod format;
pub mod keywords;
mod names;
mod paths;
pub mod services;
pub mod syntax;

pub use compile::{CompileError, Compiled, ImportResolver, MapResolver, NoImports, SourceFile, compile, graph_json};
pub use format::{format, format_tree, quote_key};
pub use syntax::{Leaf, LeafKind, Parse, SyntaxError, ast, ast_json, decode, leaves, parse};

/// The example of the README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
