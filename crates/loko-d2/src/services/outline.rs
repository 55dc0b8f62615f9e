//! The outline of a text: its objects and boards, where each is first told about.

use crate::names::{Names, Role, Target};
use loko_source::Span;
use std::collections::BTreeSet;

/// An entry of the outline: an object or a board, where it is first told about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The absolute path, boards first.
    pub path: Vec<String>,
    /// The name itself.
    pub span: Span,
    /// The whole statement.
    pub statement: Span,
    /// Whether it is a board.
    pub is_board: bool,
}

/// The objects and boards of a text in the order of their first mention.
pub fn symbols(text: &str) -> Vec<Symbol> {
    let names = Names::of(&crate::parse(text).tree);
    let mut seen: BTreeSet<(bool, &Target)> = BTreeSet::new();
    let mut found = Vec::new();
    for mention in names.mentions.iter().filter(|mention| !mention.in_value) {
        let is_board = mention.role == Role::Board;
        if (mention.role == Role::Object || is_board) && seen.insert((is_board, &mention.target)) {
            let path = mention.target.board.iter().chain(&mention.target.path).map(ToString::to_string).collect();
            let statement = names.statements.get(mention.key).map_or(mention.span, |statement| statement.key.span);
            found.push(Symbol { path, span: mention.span, statement, is_board });
        }
    }
    found
}
