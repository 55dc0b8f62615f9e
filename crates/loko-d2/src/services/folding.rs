//! What can be folded: maps, arrays, comments and block strings of more than one line.

use crate::syntax::ast::{self, Form, Map, Node, Value};
use loko_source::Span;

/// What a stretch of lines is that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// A map or an array.
    Region,
    /// Comments.
    Comment,
    /// A block string.
    Text,
}

/// A stretch of lines that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the first to the last byte; on more than one line.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// All that can be folded, outer things first.
///
/// ```
/// assert_eq!(loko_d2::services::folding("a: {\n  b\n}\nc: {d}").len(), 1);
/// ```
pub fn folding(text: &str) -> Vec<Fold> {
    let mut folds = Vec::new();
    fold_map(&crate::parse(text).tree, &mut folds);
    folds.retain(|fold| text[fold.span.range()].contains('\n'));
    folds
}

fn fold_map(map: &Map, folds: &mut Vec<Fold>) {
    for node in &map.nodes {
        match node {
            Node::Comment(comment) | Node::BlockComment(comment) => {
                folds.push(Fold { span: comment.span, kind: FoldKind::Comment });
            }
            Node::Key(key) => key.values().for_each(|value| fold_value(value, folds)),
            Node::Substitution(_) | Node::Import(_) => {}
        }
    }
}

fn fold_value(value: &Value, folds: &mut Vec<Fold>) {
    match value {
        Value::Map(map) => {
            folds.push(Fold { span: map.span, kind: FoldKind::Region });
            fold_map(map, folds);
        }
        Value::Array(array) => {
            folds.push(Fold { span: array.span, kind: FoldKind::Region });
            for item in &array.items {
                if let ast::Item::Value(value) = item {
                    fold_value(value, folds);
                }
            }
        }
        Value::Text(text) if matches!(text.form, Form::Block(_)) => {
            folds.push(Fold { span: text.span, kind: FoldKind::Text });
        }
        _ => {}
    }
}
