//! Syntax: from text to a typed tree that keeps every byte findable, and never fails.
//!
//! [`parse`] gives the tree and all errors of a text in one pass; [`leaves`] cuts the text into pieces that together
//! are the text; [`ast_json`] prints the tree in its normal form. Meaning is left to [`crate::compile`].

pub mod ast;
mod decode;
mod error;
mod indent;
mod json;
mod leaves;
mod number;
mod parser;
mod strings;

pub use decode::decode;
pub use error::SyntaxError;
pub use json::ast_json;
pub use leaves::{Leaf, LeafKind, leaves};
pub use parser::{KEY_BYTES_MAX, NESTING_MAX};

use ast::{Key, KeyPath, Map};
use std::sync::Arc;

/// The result of parsing: a tree in any case, and what is wrong.
#[derive(Clone, Debug)]
pub struct Parse {
    /// The tree of the file.
    pub tree: Arc<Map>,
    /// The errors in the order in which they were met.
    pub errors: Vec<SyntaxError>,
}

/// Parses a D2 text.
///
/// ```
/// let parsed = loko_d2::parse("a -> b: hello\nc: {\n");
/// assert_eq!(parsed.tree.nodes.len(), 2);
/// assert_eq!(parsed.errors[0].message, "maps must be terminated with }");
/// ```
pub fn parse(text: &str) -> Parse {
    let mut parser = parser::Parser::new(text);
    let tree = Arc::new(parser.file());
    Parse { tree, errors: parser.errors }
}

/// Parses a text that is one path, such as a board link or the value of `near`; none when it is anything else.
///
/// Trailing text is ignored, as D2 does.
pub fn parse_key_path(text: &str) -> Option<KeyPath> {
    let mut parser = parser::Parser::new(text);
    let path = parser.key_path()?;
    parser.errors.is_empty().then_some(path)
}

/// Parses a text that is one statement, such as `(a -> b)[0].style.opacity: 1`; none when it is anything else.
pub fn parse_key(text: &str) -> Option<Arc<Key>> {
    let parsed = parse(text);
    match (&parsed.tree.nodes[..], parsed.errors.is_empty()) {
        ([ast::Node::Key(key)], true) => Some(Arc::clone(key)),
        _ => None,
    }
}
