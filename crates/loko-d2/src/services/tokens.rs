//! The colours of a text: every piece with what it means, names in values included.

use crate::keywords;
use crate::names::{Mention, Names, Role};
use crate::syntax::{Leaf, LeafKind, leaves};
use loko_source::Span;
use std::collections::BTreeMap;

/// What a token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is the kind of its name")]
pub enum TokenKind {
    Comment,
    Object,
    Board,
    Class,
    Variable,
    Keyword,
    /// A word that a keyword takes, such as `cylinder`.
    Value,
    Operator,
    String,
    Number,
    Constant,
    File,
    Error,
}

/// A coloured piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub span: Span,
    /// What it means.
    pub kind: TokenKind,
}

/// All tokens in the order of the text; they do not overlap, and white space and brackets are left out.
pub fn semantic_tokens(text: &str) -> Vec<Token> {
    let parsed = crate::parse(text);
    let names = Names::of(&parsed.tree);
    let marked = Marked::of(text, &names);
    let mut tokens = Vec::new();
    for leaf in leaves(text, &parsed.tree) {
        marked.add(leaf, &mut tokens);
    }
    tokens
}

/// What the names and values of a text mean, by where they begin.
struct Marked {
    names: BTreeMap<u32, Role>,
    in_values: BTreeMap<u32, (Span, TokenKind)>,
}

impl Marked {
    fn of(text: &str, names: &Names) -> Self {
        let is_name = |mention: &&Mention| !mention.in_value;
        let heads = names.mentions.iter().filter(is_name).map(|mention| (mention.span.start, mention.role)).collect();
        let in_value = names.mentions.iter().filter(|mention| mention.in_value);
        let mut in_values: BTreeMap<u32, (Span, TokenKind)> =
            in_value.map(|mention| (mention.span.start, (mention.span, kind_of(mention.role)))).collect();
        for statement in &names.statements {
            let key = &statement.key;
            let path = key.edge_key.as_deref().or(key.key.as_ref());
            let Some(word) = path.and_then(|path| path.elements.last()).filter(|last| last.is_unquoted()) else {
                continue;
            };
            let Some(value) = key.primary.as_deref().or_else(|| key.scalar()) else { continue };
            let said = &text[value.span().range()];
            if takes(word.as_str(), said) {
                in_values.insert(value.span().start, (value.span(), TokenKind::Value));
            }
        }
        Self { names: heads, in_values }
    }

    fn add(&self, leaf: Leaf, tokens: &mut Vec<Token>) {
        let kind = match leaf.kind {
            LeafKind::Space | LeafKind::Mark => return,
            LeafKind::Broken => TokenKind::Error,
            LeafKind::Comment => TokenKind::Comment,
            LeafKind::Name => self.names.get(&leaf.span.start).copied().map_or(TokenKind::Object, kind_of),
            LeafKind::Arrow | LeafKind::Index => TokenKind::Operator,
            LeafKind::Text => return self.add_text(leaf.span, tokens),
            LeafKind::Block => TokenKind::String,
            LeafKind::Number => TokenKind::Number,
            LeafKind::Constant => TokenKind::Constant,
            LeafKind::Variable => TokenKind::Variable,
            LeafKind::File => TokenKind::File,
        };
        tokens.push(Token { span: leaf.span, kind });
    }

    /// A text as a value: the names in it, if it has some.
    fn add_text(&self, span: Span, tokens: &mut Vec<Token>) {
        let before = tokens.len();
        let inside = self.in_values.range(span.start..span.end).map(|(_, found)| *found);
        for (span, kind) in inside.filter(|(inner, _)| inner.end <= span.end) {
            tokens.push(Token { span, kind });
        }
        if tokens.len() == before {
            tokens.push(Token { span, kind: TokenKind::String });
        }
    }
}

fn kind_of(role: Role) -> TokenKind {
    match role {
        Role::Keyword => TokenKind::Keyword,
        Role::Board => TokenKind::Board,
        Role::Class => TokenKind::Class,
        Role::Variable => TokenKind::Variable,
        Role::Object => TokenKind::Object,
    }
}

/// Whether a text is one of the words that a keyword takes.
fn takes(word: &str, said: &str) -> bool {
    let positions = if word == "near" { keywords::LABEL_POSITIONS } else { &[] };
    let heads = if word == "shape" { keywords::ARROWHEADS } else { &[] };
    keywords::values(word).iter().chain(positions).chain(heads).any(|known| *known == said)
}
