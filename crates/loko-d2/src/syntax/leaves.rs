//! The text cut into leaves: every byte is in exactly one, in order, so the leaves together are the text.
//!
//! Leaves of the tree (names, texts, comments …) come first; what lies between them is white space, punctuation, or
//! text that nothing was made of because it is broken.

use super::ast::{Array, Content, Edge, Import, Item, Key, KeyPath, Map, Node, Part, Substitution, Text, Value};
use loko_source::Span;

/// What a leaf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    /// White space, line breaks and byte order mark.
    Space,
    /// Brackets, colons, dots, semicolons and other marks.
    Mark,
    /// Text that no node was made of.
    Broken,
    /// A `#` or `"""` comment.
    Comment,
    /// An element of a key.
    Name,
    /// An arrow.
    Arrow,
    /// `[0]` or `[*]`.
    Index,
    /// A text as a value.
    Text,
    /// A block string.
    Block,
    /// A number.
    Number,
    /// `true`, `false`, `null`, `suspend`, `unsuspend`.
    Constant,
    /// An element of a substitution's path.
    Variable,
    /// An element of an import's path.
    File,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// What it is.
    pub kind: LeafKind,
    /// Where it stands.
    pub span: Span,
}

/// Cuts a text into its leaves by its tree.
///
/// ```
/// let text = "a -> b: \"x\" # note";
/// let parsed = loko_d2::parse(text);
/// let whole: String = loko_d2::leaves(text, &parsed.tree).iter().map(|leaf| &text[leaf.span.range()]).collect();
/// assert_eq!(whole, text);
/// ```
pub fn leaves(text: &str, tree: &Map) -> Vec<Leaf> {
    let mut cut = Cut { text, at: 0, leaves: Vec::new() };
    cut.map(tree);
    cut.gap(text.len());
    cut.leaves
}

struct Cut<'t> {
    text: &'t str,
    at: usize,
    leaves: Vec<Leaf>,
}

impl Cut<'_> {
    fn leaf(&mut self, kind: LeafKind, span: Span) {
        let start = (span.start as usize).max(self.at);
        if start >= span.end as usize {
            return;
        }
        self.gap(start);
        self.push(kind, span.end as usize);
    }

    fn push(&mut self, kind: LeafKind, end: usize) {
        self.leaves.push(Leaf { kind, span: Span::new(self.at, end) });
        self.at = end;
    }

    /// Cuts what lies before `end`.
    fn gap(&mut self, end: usize) {
        while self.at < end {
            let rest = &self.text[self.at..end];
            let kind = gap_kind(rest.chars().next());
            let length = rest.find(|c| gap_kind(Some(c)) != kind).unwrap_or(rest.len());
            self.push(kind, self.at + length);
        }
    }

    fn map(&mut self, map: &Map) {
        for node in &map.nodes {
            match node {
                Node::Comment(comment) | Node::BlockComment(comment) => self.leaf(LeafKind::Comment, comment.span),
                Node::Substitution(substitution) => self.substitution(substitution),
                Node::Import(import) => self.import(import),
                Node::Key(key) => self.key(key),
            }
        }
    }

    fn key(&mut self, key: &Key) {
        if let Some(path) = &key.key {
            self.path(path);
        }
        for edge in &key.edges {
            self.edge(edge);
        }
        if let Some(index) = &key.edge_index {
            self.leaf(LeafKind::Index, index.span);
        }
        if let Some(path) = &key.edge_key {
            self.path(path);
        }
        for value in key.values() {
            self.value(value);
        }
    }

    fn edge(&mut self, edge: &Edge) {
        if let Some(path) = &edge.source {
            self.path(path);
        }
        self.leaf(LeafKind::Arrow, edge.arrow);
        if let Some(path) = &edge.target {
            self.path(path);
        }
    }

    fn path(&mut self, path: &KeyPath) {
        for element in &path.elements {
            self.text(LeafKind::Name, element);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null(span) | Value::Suspend(span, _) | Value::Bool(span, _) => self.leaf(LeafKind::Constant, *span),
            Value::Number(span, _) => self.leaf(LeafKind::Number, *span),
            Value::Text(text) if matches!(text.form, super::ast::Form::Block(_)) => {
                self.leaf(LeafKind::Block, text.span);
            }
            Value::Text(text) => self.text(LeafKind::Text, text),
            Value::Array(array) => self.array(array),
            Value::Map(map) => self.map(map),
            Value::Import(import) => self.import(import),
        }
    }

    fn array(&mut self, array: &Array) {
        for item in &array.items {
            match item {
                Item::Comment(comment) | Item::BlockComment(comment) => self.leaf(LeafKind::Comment, comment.span),
                Item::Substitution(substitution) => self.substitution(substitution),
                Item::Import(import) => self.import(import),
                Item::Value(value) => self.value(value),
            }
        }
    }

    fn text(&mut self, kind: LeafKind, text: &Text) {
        if let Content::Parts(parts) = &text.content {
            let mut from = text.span.start;
            for part in parts {
                if let Part::Substitution(substitution) = part {
                    self.leaf(kind, Span { start: from, end: substitution.span.start });
                    self.substitution(substitution);
                    self.gap(substitution.span.end as usize);
                    from = substitution.span.end;
                }
            }
        }
        self.leaf(kind, text.span);
    }

    fn substitution(&mut self, substitution: &Substitution) {
        for element in &substitution.path {
            self.text(LeafKind::Variable, element);
        }
    }

    fn import(&mut self, import: &Import) {
        for element in &import.path {
            self.text(LeafKind::File, element);
        }
    }
}

fn gap_kind(c: Option<char>) -> LeafKind {
    match c {
        Some(c) if c.is_whitespace() || c == '\u{feff}' => LeafKind::Space,
        Some(
            '{' | '}' | '[' | ']' | '(' | ')' | ':' | '.' | ';' | '&' | '!' | '$' | '@' | '<' | '>' | '-' | '*' | '/',
        ) => LeafKind::Mark,
        _ => LeafKind::Broken,
    }
}
