//! What editors ask of a text: completion, hover, definition, references, renaming, folding, colours, outline.
//!
//! Every function takes the text as it is, broken or not, and offsets in bytes; nothing is kept between calls.

mod complete;

pub use complete::{Completion, CompletionKind, completion};

use crate::keywords;
use crate::names::{Mention, Names, Role, Target};
use crate::syntax::ast::{self, Form, Key, Map, Node, Value};
use crate::syntax::{LeafKind, leaves};
use loko_source::{Span, TextEdit};

/// A text about what is under the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// Tells about the name at an offset.
///
/// ```
/// let hover = loko_d2::services::hover("a.style.opacity: 0.5", 10).unwrap();
/// assert!(hover.text.contains("0 (invisible) to 1."));
/// ```
pub fn hover(text: &str, offset: usize) -> Option<Hover> {
    let names = names(text);
    let mention = names.at(offset)?;
    let path = mention.target.path.join(".");
    let text = match mention.role {
        Role::Keyword => {
            let word = mention.target.path.last().or(mention.target.board.last())?;
            format!("**{word}**\n\n{}", keywords::describe(word)?)
        }
        Role::Object => hover_object(&names, mention),
        Role::Board => format!("**board** `{}`", mention.target.board.join(".")),
        Role::Class => {
            let uses = names.of_target(Role::Class, &mention.target).filter(|other| other.in_value).count();
            format!("**class** `{}`\n\nused {uses} times", mention.target.path.last()?)
        }
        Role::Variable => {
            let value =
                definition_of(&names, mention).and_then(|mention| names.statements[mention.key].key.scalar().cloned());
            let value = value.map(|value| format!(" = `{}`", value.scalar_text())).unwrap_or_default();
            format!("**variable** `{}`{value}", path.trim_start_matches("vars."))
        }
    };
    Some(Hover { span: mention.span, text })
}

fn hover_object(names: &Names, mention: &Mention) -> String {
    let mut text = format!("**object** `{}`", mention.target.path.join("."));
    let subjects: Vec<&Key> = names
        .of_target(Role::Object, &mention.target)
        .filter(|mention| mention.is_subject)
        .map(|mention| &*names.statements[mention.key].key)
        .collect();
    let label = subjects.iter().rev().find_map(|key| key.primary.as_deref().or_else(|| key.scalar()));
    if let Some(label) = label {
        text.push_str(&format!("\n\n{}", label.scalar_text()));
    }
    let set = |word: &str| {
        let target = mention.target.below(word);
        names
            .of_target(Role::Keyword, &target)
            .last()
            .and_then(|mention| names.statements[mention.key].key.scalar().cloned())
    };
    for word in ["shape", "tooltip", "link"] {
        if let Some(value) = set(word) {
            text.push_str(&format!("\n\n{word}: {}", value.scalar_text()));
        }
    }
    let edges = names.of_target(Role::Object, &mention.target).filter(|mention| mention.in_edge).count();
    if edges > 0 {
        text.push_str(&format!("\n\n{edges} mentions in edges"));
    }
    text
}

/// Where the thing at an offset is first told about: the statement about it, or else its first mention.
///
/// ```
/// let text = "a -> b\nb: target";
/// assert_eq!(loko_d2::services::definition(text, 5).map(|span| span.range()), Some(7..8));
/// ```
pub fn definition(text: &str, offset: usize) -> Option<Span> {
    let names = names(text);
    let mention = names.at(offset)?;
    definition_of(&names, mention).map(|mention| mention.span)
}

fn definition_of<'n>(names: &'n Names, mention: &'n Mention) -> Option<&'n Mention> {
    let mut first = None;
    for other in names.of_target(mention.role, &mention.target).filter(|other| !other.in_value) {
        if other.is_subject {
            return Some(other);
        }
        first = first.or(Some(other));
    }
    first
}

/// All mentions of the thing at an offset, in the order of the text.
pub fn references(text: &str, offset: usize) -> Vec<Span> {
    let names = names(text);
    let Some(mention) = names.at(offset) else { return Vec::new() };
    let mut spans: Vec<Span> = names.of_target(mention.role, &mention.target).map(|mention| mention.span).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// What would be renamed at an offset; none when nothing there has a name of its own.
pub fn prepare_rename(text: &str, offset: usize) -> Option<Span> {
    names(text).at(offset).filter(|mention| is_renamable(mention)).map(|mention| mention.span)
}

fn is_renamable(mention: &Mention) -> bool {
    matches!(mention.role, Role::Object | Role::Class | Role::Variable)
}

/// The edits that give the thing at an offset another name, wherever it is mentioned.
///
/// # Errors
///
/// When there is nothing with a name of its own, or the name is taken.
pub fn rename(text: &str, offset: usize, name: &str) -> Result<Vec<TextEdit>, crate::edit::EditError> {
    let names = names(text);
    let mention = names.at(offset).filter(|mention| is_renamable(mention));
    let mention = mention.ok_or_else(|| crate::edit::EditError::NotFound(name.to_owned()))?;
    crate::edit::rename_target(text, &names, mention.role, &mention.target, name, name)
}

fn names(text: &str) -> Names {
    Names::of(&crate::parse(text).tree)
}

// Folding.

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

// Colours.

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
    let roles: std::collections::BTreeMap<u32, Role> = names
        .mentions
        .iter()
        .filter(|mention| !mention.in_value)
        .map(|mention| (mention.span.start, mention.role))
        .collect();
    let tokens = leaves(text, &parsed.tree).into_iter().filter_map(|leaf| {
        let kind = match leaf.kind {
            LeafKind::Space | LeafKind::Mark => return None,
            LeafKind::Broken => TokenKind::Error,
            LeafKind::Comment => TokenKind::Comment,
            LeafKind::Name => match roles.get(&leaf.span.start) {
                Some(Role::Keyword) => TokenKind::Keyword,
                Some(Role::Board) => TokenKind::Board,
                Some(Role::Class) => TokenKind::Class,
                Some(Role::Variable) => TokenKind::Variable,
                Some(Role::Object) | None => TokenKind::Object,
            },
            LeafKind::Arrow | LeafKind::Index => TokenKind::Operator,
            LeafKind::Text | LeafKind::Block => TokenKind::String,
            LeafKind::Number => TokenKind::Number,
            LeafKind::Constant => TokenKind::Constant,
            LeafKind::Variable => TokenKind::Variable,
            LeafKind::File => TokenKind::File,
        };
        Some(Token { span: leaf.span, kind })
    });
    tokens.collect()
}

// Outline.

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
    let names = names(text);
    let mut seen: std::collections::BTreeSet<(bool, &Target)> = std::collections::BTreeSet::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> (String, usize) {
        let offset = text.find('|').expect("the cursor is marked");
        (text.replacen('|', "", 1), offset)
    }

    #[track_caller]
    fn check_references(marked: &str, expected: &[&str]) {
        let (text, offset) = at(marked);
        let found: Vec<String> = references(&text, offset)
            .into_iter()
            .map(|span| format!("{}@{}", &text[span.range()], span.start))
            .collect();
        assert_eq!(found, expected, "{marked}");
    }

    #[test]
    fn references_respect_scopes() {
        check_references("|a: { b -> _.a }\na.b", &["a@0", "a@12", "a@16"]);
        check_references("x: { |a }\na", &["a@5"]);
        check_references("vars: { v: 1 }\na: ${|v}", &["v@8", "v@20"]);
        check_references("classes.|c.label: x\na.class: c", &["c@8", "c@28"]);
        check_references("layers: { l: { |a } }\na", &["a@15"]);
    }

    #[test]
    fn renaming_is_of_one_thing() {
        let (text, offset) = at("a -> |b\nc: { b }\nb.label: x");
        let edits = rename(&text, offset, "d").expect("b can be renamed");
        assert_eq!(crate::edit::apply(&text, &edits), "a -> d\nc: { b }\nd.label: x");
        assert_eq!(prepare_rename("a.style.fill: red", 3), None);
    }

    #[test]
    fn tokens_tell_keywords_from_objects() {
        let text = "a.shape: circle # c\n(a -> b)[0].style.opacity: 0.4 ]";
        let kinds: Vec<(&str, TokenKind)> =
            semantic_tokens(text).iter().map(|token| (&text[token.span.range()], token.kind)).collect();
        use TokenKind::*;
        let expected = [
            ("a", Object),
            ("shape", Keyword),
            ("circle", String),
            ("# c", Comment),
            ("a", Object),
            ("->", Operator),
            ("b", Object),
            ("[0]", Operator),
            ("style", Keyword),
            ("opacity", Keyword),
            ("0.4", Number),
        ];
        assert_eq!(kinds[..expected.len()], expected);
    }

    #[test]
    fn the_outline_names_each_thing_once() {
        let found: Vec<String> =
            symbols("a: { b }\na.b -> c\nlayers.x: { d }").into_iter().map(|symbol| symbol.path.join("/")).collect();
        assert_eq!(found, ["a", "a/b", "c", "layers/x", "layers/x/d"]);
    }
}
