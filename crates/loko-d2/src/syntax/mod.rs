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
pub(crate) use parser::MARK;
pub use parser::{KEY_BYTES_MAX, NESTING_MAX};

use ast::{KeyPath, KeyRef, Map};
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
pub fn parse_key(text: &str) -> Option<KeyRef> {
    let parsed = parse(text);
    match (&parsed.tree.nodes[..], parsed.errors.is_empty()) {
        ([_], true) => parsed.tree.key_ref(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree of a text in normal form, and its errors' messages.
    #[track_caller]
    fn check(text: &str, tree: &str, errors: &[&str]) {
        let parsed = parse(text);
        let whole: String = leaves(text, &parsed.tree).iter().map(|leaf| &text[leaf.span.range()]).collect();
        assert_eq!(whole, text, "the leaves are the text");
        let expected: serde_json::Value = serde_json::from_str(tree).expect("the expected tree is JSON");
        assert_eq!(ast_json(&parsed.tree), expected, "{text:?}");
        let found: Vec<&str> = parsed.errors.iter().map(|error| &*error.message).collect();
        assert_eq!(found, errors, "{text:?}");
    }

    #[test]
    fn marks_and_line_ends_of_other_systems_mean_nothing() {
        check("\u{feff}a\r\nb: x\r\n", r#"[{"key":[{"u":"a"}]},{"key":[{"u":"b"}],"value":{"u":"x"}}]"#, &[]);
        check("# one\r\n# two\r\n", r#"[{"comment":"one\ntwo"}]"#, &[]);
        check("a: |md\r\n  x\r\n  y\r\n|\r\n", r#"[{"key":[{"u":"a"}],"value":{"b":"x\ny","tag":"md"}}]"#, &[]);
        check("a: x \\\r\n  y", r#"[{"key":[{"u":"a"}],"value":{"u":"x y"}}]"#, &[]);
    }

    #[test]
    fn any_symbols_fence_a_block() {
        check("a: |~!md x | y ~| z ~!|", r#"[{"key":[{"u":"a"}],"value":{"b":"x | y ~| z","tag":"md"}}]"#, &[]);
        check("a: |§ x §|", r#"[{"key":[{"u":"a"}],"value":{"b":"x","tag":"md"}}]"#, &[]);
    }

    #[test]
    fn a_broken_line_spoils_only_itself() {
        check(
            "a: ]\nb",
            r#"[{"key":[{"u":"a"}]},{"key":[{"u":"b"}]}]"#,
            &["missing value after colon", "unexpected text after map key"],
        );
        check(
            "a: \"x\nb",
            r#"[{"key":[{"u":"a"}],"value":{"d":"x"}},{"key":[{"u":"b"}]}]"#,
            &["double quoted strings must be terminated with \""],
        );
        check(
            "(a -> b\nc",
            r#"[{"edges":[{"src":[{"u":"a"}],"src_arrow":"","dst_arrow":">","dst":[{"u":"b"}]}]},{"key":[{"u":"c"}]}]"#,
            &["edge groups must be terminated with )"],
        );
    }

    #[test]
    fn errors_say_how_to_mend_them() {
        for text in [
            "}",
            "a: {",
            "a:",
            "a ->",
            "-> b",
            "(a -> b)[x]",
            "a: \"",
            "a: |x",
            "a: ${",
            "a: $x",
            "@x",
            "a: [",
            "\"\"\" x",
        ] {
            let parsed = parse(text);
            assert!(!parsed.errors.is_empty(), "{text:?}");
            assert!(parsed.errors.iter().all(|error| error.help.is_some()), "{text:?}: {:?}", parsed.errors);
        }
    }
}
