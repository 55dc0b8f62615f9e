//! Where the cursor is: in a key, a value, a substitution, an import, a block, or where nothing can be proposed.

use crate::names::{Names, Target};
use crate::syntax::ast::{Key, Map, Node, Text, Value};
use crate::syntax::{LeafKind, leaves, parse_key};
use loko_source::Span;
use smol_str::SmolStr;

/// What is being written.
#[derive(Debug)]
pub(super) enum Place {
    /// A comment, or a text that may say anything.
    Nothing,
    /// The name of a variable.
    Variable,
    /// The path of an import.
    Import,
    /// The language of a block string.
    Tag,
    /// The value of a key, with the path of the key from the scope on.
    Value(Vec<SmolStr>),
    /// An element of a key, with those before it.
    Key { before: Vec<SmolStr>, is_end: bool, is_filter: bool },
}

/// What is around the cursor.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// What the innermost map is the inside of.
    pub(super) target: Target,
    /// Whether that is an edge.
    pub(super) is_edge: bool,
    /// Whether that is `layers`, `scenarios` or `steps`.
    pub(super) is_boards: bool,
    pub(super) file: usize,
    /// The path of the key whose array the cursor is in.
    array: Option<Vec<SmolStr>>,
}

/// Finds the place and the scope of an offset, and what stands of the word that is being written.
pub(super) fn find(text: &str, file: usize, names: &Names, offset: usize) -> (Place, Scope, Span) {
    let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let tree = crate::parse(text).tree;
    let scope = scope_at(&tree, file, names, offset);
    let before = &text[..offset];
    let word_from = |start: usize| Span::new(offset - before[start..].trim_start().len(), offset);
    let open = before.rfind("${").filter(|open| !before[*open..].contains(['}', '\n']));
    if let Some(open) = open {
        return (Place::Variable, scope, word_from(open + 2));
    }
    let leaf = leaves(text, &tree).into_iter().find(|leaf| {
        let (start, end) = (leaf.span.start as usize, leaf.span.end as usize);
        start < offset && (offset < end || offset == end && leaf.kind == LeafKind::Comment || end == text.len())
    });
    if let Some(leaf) = leaf {
        let written = &text[leaf.span.start as usize..offset];
        let is_quoted = leaf.kind == LeafKind::Text && written.starts_with(['"', '\'']);
        match leaf.kind {
            LeafKind::Comment => return (Place::Nothing, scope, Span::at(offset)),
            LeafKind::Block if !written.contains(char::is_whitespace) => {
                let tag = written.trim_start_matches(|c: char| !c.is_alphanumeric());
                return (Place::Tag, scope, Span::new(offset - tag.len(), offset));
            }
            LeafKind::Block => return (Place::Nothing, scope, Span::at(offset)),
            _ if is_quoted => return (Place::Nothing, scope, Span::at(offset)),
            _ => {}
        }
    }
    let word = before.rfind([' ', '\t', '\n', ';', ':', '{', '}', '[', ']']).map_or(0, |at| at + 1);
    if let Some(at) = before[word..].strip_prefix("...").unwrap_or(&before[word..]).strip_prefix('@') {
        return (Place::Import, scope, Span::new(offset - at.len(), offset));
    }
    if let Some(path) = scope.array.clone() {
        let start = before.rfind(['[', ';', '\n', ',']).map_or(0, |at| at + 1);
        return (Place::Value(path), scope, word_from(start));
    }
    let start = before.rfind(['\n', ';', '{', '}']).map_or(0, |at| at + 1);
    let line = &before[start..];
    if let Some(colon) = line.find(':') {
        return (Place::Value(path_of(&line[..colon])), scope, word_from(start + colon + 1));
    }
    let (place, word) = key_place(line);
    (place, scope, word_from(offset - word.len()))
}

/// The place in a statement that has no colon yet, and the word at its end.
fn key_place(line: &str) -> (Place, &str) {
    let arrow = ["->", "<-", "--"].iter().filter_map(|arrow| line.rfind(arrow).map(|at| at + arrow.len())).max();
    let behind = arrow.map_or(line, |at| &line[at..]).trim_start().trim_start_matches('(');
    let path = behind.trim_start_matches(['&', '!']);
    let is_filter = path.len() < behind.len();
    let (before, word) = match path.rsplit_once('.') {
        Some((before, word)) => (before.split('.').map(unquoted).collect(), word),
        None => (Vec::new(), path),
    };
    (Place::Key { before, is_end: arrow.is_some(), is_filter }, word)
}

fn unquoted(name: &str) -> SmolStr {
    name.trim().trim_matches(['"', '\'']).into()
}

/// The path of a key that a value is being written for; that of an edge is what stands behind its index.
fn path_of(key: &str) -> Vec<SmolStr> {
    let key = key.trim().trim_start_matches(['&', '!']);
    match parse_key(key) {
        Some(parsed) if !parsed.edges.is_empty() => elements(parsed.edge_key.iter().flat_map(|path| &path.elements)),
        Some(parsed) => elements(parsed.key.iter().flat_map(|path| &path.elements)),
        None => key.split('.').map(unquoted).collect(),
    }
}

fn elements<'t>(path: impl Iterator<Item = &'t Text>) -> Vec<SmolStr> {
    path.map(Text::to_smol).collect()
}

/// What the innermost map around an offset is the inside of.
fn scope_at(map: &Map, file: usize, names: &Names, offset: usize) -> Scope {
    let mut scope = Scope { file, ..Scope::default() };
    let mut map = map;
    loop {
        let keys = map.nodes.iter().filter_map(|node| if let Node::Key(key) = node { Some(key) } else { None });
        let around = |span: Span| (span.start as usize) < offset && offset <= span.end as usize;
        let mut inner: Option<(&Key, &Map)> = None;
        for key in keys {
            match &key.value {
                Some(Value::Map(held)) if around(held.span) => inner = Some((key, held)),
                Some(Value::Array(array)) if around(array.span) => {
                    let path = key.edge_key.as_deref().or(key.key.as_ref());
                    scope.array = Some(elements(path.iter().flat_map(|path| &path.elements)));
                }
                _ => {}
            }
        }
        let Some((key, held)) = inner else { return scope };
        scope.is_edge |= !key.edges.is_empty();
        let last = key.key.as_ref().and_then(|path| path.elements.last());
        let mention = last.and_then(|last| {
            names.mentions.iter().find(|mention| mention.file == file && mention.span == last.span && !mention.in_value)
        });
        if let Some(mention) = mention {
            scope.target = mention.target.clone();
            scope.is_boards = !scope.target.board.len().is_multiple_of(2);
        }
        map = held;
    }
}
