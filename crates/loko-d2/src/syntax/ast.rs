//! The typed syntax tree of a D2 file: what was written, where, without any meaning attached.
//!
//! Every node carries its byte span in the text it was parsed from. Maps and arrays are shared, so that
//! later stages can hold on to them, and to the keys in them ([`KeyRef`]), without copying, and compare them by identity.
//! A tree of a broken text is still a tree: what could not be understood is simply absent from it (and is reported as
//! a [`super::SyntaxError`]); [`super::leaves()`] still accounts for every byte.

use loko_source::Span;
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::ops::Deref;
use std::sync::Arc;

/// A map: the nodes of a file, or of a pair of braces.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// From the opening to behind the closing brace, or the whole file.
    pub span: Span,
    /// Whether the map is the file itself.
    pub is_file: bool,
    /// The nodes in source order.
    pub nodes: Vec<Node>,
}

impl Map {
    /// Whether one of the map's keys is a filter (`&key` or `!&key`).
    pub fn has_filter(&self) -> bool {
        self.keys().any(|key| key.filter.is_some())
    }

    /// The keys of the map, comments and spreads left out.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Key(key) => Some(key),
            _ => None,
        })
    }

    /// The key that is the node with the given number, to be held on to; none when that node is no key.
    pub fn key_ref(self: &Arc<Self>, at: usize) -> Option<KeyRef> {
        matches!(self.nodes.get(at), Some(Node::Key(_))).then(|| KeyRef { map: Arc::clone(self), at })
    }
}

/// What can stand in a map.
#[derive(Clone, Debug)]
pub enum Node {
    /// A run of `#` lines.
    Comment(Comment),
    /// A `"""` comment.
    BlockComment(Comment),
    /// `...${a.b}`.
    Substitution(Box<Substitution>),
    /// `...@file`.
    Import(Box<Import>),
    /// Anything else: a field, an edge, an assignment.
    Key(Key),
}

impl Node {
    /// Where the node stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Comment(comment) | Self::BlockComment(comment) => comment.span,
            Self::Substitution(substitution) => substitution.span,
            Self::Import(import) => import.span,
            Self::Key(key) => key.span,
        }
    }
}

/// A comment without its markers: lines joined by `\n`, one leading space taken off each.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Where, markers included.
    pub span: Span,
    /// The text.
    pub text: SmolStr,
}

/// Whether a key is a filter of a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `&key: value`: the value must match.
    Match,
    /// `!&key: value`: the value must not match.
    Not,
}

/// A statement: `a.b`, `a -> b`, `x.(a -> b)[0].style.opacity: 1`, with what is assigned to it.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// From the first byte of the key to behind its value.
    pub span: Span,
    /// Whether the key is a filter.
    pub filter: Option<Filter>,
    /// The path of a field, or the common path before a group of edges.
    pub key: Option<KeyPath>,
    /// The edges; `a -> b -> c` are two.
    pub edges: Vec<Edge>,
    /// `[0]` or `[*]` behind a group of edges.
    pub edge_index: Option<EdgeIndex>,
    /// The path behind a group of edges.
    pub edge_key: Option<Box<KeyPath>>,
    /// The label in `x: label { … }`; always a scalar.
    pub primary: Option<Box<Value>>,
    /// The value.
    pub value: Option<Value>,
    /// The patterns of the paths.
    pub(super) globs: Globs,
}

/// What patterns a statement holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Globs {
    any: bool,
    multi: bool,
    triple: bool,
}

impl Key {
    /// The assigned scalar, unless the value is a map, an array or an import.
    pub fn scalar(&self) -> Option<&Value> {
        self.value.as_ref().filter(|value| value.is_scalar())
    }

    /// The assigned map.
    pub fn map(&self) -> Option<&Arc<Map>> {
        match &self.value {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        }
    }

    /// The label and the value, as far as they are there.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.primary.as_deref().into_iter().chain(&self.value)
    }

    /// All key paths in source order.
    pub fn paths(&self) -> impl Iterator<Item = &KeyPath> {
        let edges = self.edges.iter().enumerate().flat_map(|(at, edge)| {
            let source = if at == 0 { edge.source.as_ref() } else { None };
            source.into_iter().chain(edge.target.as_ref())
        });
        self.key.iter().chain(edges).chain(self.edge_key.as_deref())
    }

    /// Notes the patterns of the paths; done once, by the parser.
    pub(super) fn note_globs(&mut self) {
        let any = self.edge_index.as_ref().is_some_and(|index| index.number.is_none());
        let mut globs = Globs { any, ..Globs::default() };
        for path in self.paths() {
            globs.any |= path.has_glob();
            globs.multi |= path.has_multi_glob();
            globs.triple |= path.elements.iter().any(|element| element.stars() == Some(3));
        }
        self.globs = globs;
    }

    /// Whether the key addresses things by pattern.
    pub fn has_glob(&self) -> bool {
        self.globs.any
    }

    /// Whether a `***` stands in it.
    pub fn has_triple_glob(&self) -> bool {
        self.globs.triple
    }

    /// Whether a `**` or `***` stands in it.
    pub fn has_multi_glob(&self) -> bool {
        self.globs.multi
    }

    /// Whether filters may stand in the map assigned to this key.
    pub fn takes_filters(&self) -> bool {
        let key_glob = self.edges.is_empty() && self.key.as_ref().is_some_and(KeyPath::has_glob);
        let index_glob =
            self.edge_key.is_none() && self.edge_index.as_ref().is_some_and(|index| index.number.is_none());
        key_glob || index_glob || self.edge_key.as_deref().is_some_and(KeyPath::has_glob)
    }
}

/// A key that is held on to, together with the map that it stands in.
#[derive(Clone, Debug)]
pub struct KeyRef {
    map: Arc<Map>,
    at: usize,
}

impl KeyRef {
    /// The map that the key stands in.
    pub fn scope(&self) -> &Arc<Map> {
        &self.map
    }

    /// Whether both are the same key of the same tree.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.map, &other.map) && self.at == other.at
    }
}

impl Deref for KeyRef {
    type Target = Key;

    fn deref(&self) -> &Key {
        match &self.map.nodes[self.at] {
            Node::Key(key) => key,
            // Only `Map::key_ref` makes these, and it has looked.
            _ => unreachable!("the node is a key"),
        }
    }
}

/// A path of names: `a.b.c`.
#[derive(Clone, Debug, Default)]
pub struct KeyPath {
    /// From the first to behind the last element.
    pub span: Span,
    /// The elements; never empty in a parsed tree.
    pub elements: SmallVec<[Text; 1]>,
}

impl KeyPath {
    /// Whether an element is a pattern.
    pub fn has_glob(&self) -> bool {
        self.elements.iter().any(|element| element.pattern.is_some())
    }

    /// Whether an element is `**` or `***`.
    pub fn has_multi_glob(&self) -> bool {
        self.elements.iter().any(|element| matches!(element.stars(), Some(2 | 3)))
    }
}

/// One connection of a key.
#[derive(Clone, Debug)]
pub struct Edge {
    /// From the source to behind the target.
    pub span: Span,
    /// Where the arrow itself stands.
    pub arrow: Span,
    /// The left end; absent only in broken text.
    pub source: Option<KeyPath>,
    /// What the arrow begins with: nothing, `<` or `*`.
    pub source_arrow: Option<char>,
    /// What the arrow ends with: nothing, `>` or `*`.
    pub target_arrow: Option<char>,
    /// The right end; absent only in broken text.
    pub target: Option<KeyPath>,
}

/// `[3]` or `[*]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeIndex {
    /// Brackets included.
    pub span: Span,
    /// The number; none is `*`.
    pub number: Option<u32>,
}

/// `${a.b}` or `...${a.b}`.
#[derive(Clone, Debug)]
pub struct Substitution {
    /// From `$` or `...` to behind the brace.
    pub span: Span,
    /// Whether it is a spread.
    pub spread: bool,
    /// The path of the variable.
    pub path: Vec<Text>,
}

/// `@file.key` or `...@file.key`.
#[derive(Clone, Debug)]
pub struct Import {
    /// From `@` or `...` on.
    pub span: Span,
    /// Whether it is a spread.
    pub spread: bool,
    /// The dots and slashes before the path, such as `../`.
    pub prefix: SmolStr,
    /// The file, and the key in it.
    pub path: Vec<Text>,
}

/// How a text is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it stands.
    Unquoted,
    /// In `"`.
    Double,
    /// In `'`.
    Single,
    /// Between fences such as `|md … |`.
    Block(Box<Fence>),
}

/// The marks of a block string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The symbols after the first `|`.
    pub quote: SmolStr,
    /// The tag; `md` when none is written.
    pub tag: SmolStr,
}

/// A text with its way of writing.
#[derive(Clone, Debug)]
pub struct Text {
    /// Where, quotes included.
    pub span: Span,
    /// How it is written.
    pub form: Form,
    /// What it says.
    pub content: Content,
    /// What a pattern such as `a*` matches; only unquoted texts are patterns.
    pub pattern: Option<Box<Pattern>>,
}

/// A text with unescaped stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pieces of the text in lower case: literals and `*`, in turn.
    pub pieces: Vec<SmolStr>,
}

/// What a text says.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text without substitutions.
    Plain(Piece),
    /// A text with substitutions.
    Parts(Vec<Part>),
}

/// A stretch of text after escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text meant.
    pub text: SmolStr,
    /// The text as written, when it differs (line continuations are taken out of it).
    pub raw: Option<Box<SmolStr>>,
}

impl Piece {
    /// A stretch of text that needs no escape.
    pub fn new(text: impl Into<SmolStr>) -> Self {
        Self { text: text.into(), raw: None }
    }

    /// The text as it is to be written in the same kind of quotes.
    pub fn raw(&self) -> &SmolStr {
        self.raw.as_deref().unwrap_or(&self.text)
    }
}

/// A part of a text with substitutions.
#[derive(Clone, Debug)]
pub enum Part {
    /// Literal text.
    Piece(Piece),
    /// `${…}`.
    Substitution(Substitution),
}

impl Text {
    /// An unquoted text that no file holds.
    pub fn bare(text: impl Into<SmolStr>) -> Self {
        Self { span: Span::default(), form: Form::Unquoted, content: Content::Plain(Piece::new(text)), pattern: None }
    }

    /// The text if it holds no substitution; else what stands before the first one.
    pub fn as_str(&self) -> &str {
        match &self.content {
            Content::Plain(piece) => &piece.text,
            Content::Parts(parts) => match parts.first() {
                Some(Part::Piece(piece)) => &piece.text,
                _ => "",
            },
        }
    }

    /// The same as [`Self::as_str`], cheap to keep.
    pub fn to_smol(&self) -> SmolStr {
        match &self.content {
            Content::Plain(piece) => piece.text.clone(),
            Content::Parts(_) => self.as_str().into(),
        }
    }

    /// Whether the text is unquoted: only then may it be a keyword or `_`.
    pub fn is_unquoted(&self) -> bool {
        self.form == Form::Unquoted
    }

    /// Whether the text is the given word, unquoted.
    pub fn is_bare(&self, word: &str) -> bool {
        self.is_unquoted() && self.as_str() == word
    }

    /// The substitutions in the text.
    pub fn substitutions(&self) -> impl Iterator<Item = &Substitution> {
        let parts: &[Part] = match &self.content {
            Content::Plain(_) => &[],
            Content::Parts(parts) => parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Piece(_) => None,
            Part::Substitution(substitution) => Some(substitution),
        })
    }

    /// How many stars a text of nothing but stars has; none for any other text.
    pub fn stars(&self) -> Option<usize> {
        let pieces = &self.pattern.as_deref()?.pieces;
        pieces.iter().all(|piece| piece == "*" || piece.is_empty()).then(|| pieces.iter().filter(|p| *p == "*").count())
    }
}

/// What can be assigned.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null(Span),
    /// `suspend` (true) or `unsuspend`.
    Suspend(Span, bool),
    /// `true` or `false`, in any case.
    Bool(Span, bool),
    /// A number as it is written.
    Number(Span, SmolStr),
    /// Any other text.
    Text(Text),
    /// `[…]`.
    Array(Arc<Array>),
    /// `{…}`.
    Map(Arc<Map>),
    /// `@file`.
    Import(Arc<Import>),
}

impl Value {
    /// Where the value stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Null(span) | Self::Suspend(span, _) | Self::Bool(span, _) | Self::Number(span, _) => *span,
            Self::Text(text) => text.span,
            Self::Array(array) => array.span,
            Self::Map(map) => map.span,
            Self::Import(import) => import.span,
        }
    }

    /// Whether the value is neither a map, nor an array, nor an import.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Map(_) | Self::Import(_))
    }

    /// The text of a scalar; `null`, `suspend` and composites have none.
    pub fn scalar_text(&self) -> SmolStr {
        match self {
            Self::Bool(_, true) => SmolStr::new_static("true"),
            Self::Bool(_, false) => SmolStr::new_static("false"),
            Self::Number(_, raw) => raw.clone(),
            Self::Text(text) => text.to_smol(),
            _ => SmolStr::default(),
        }
    }
}

/// An array.
#[derive(Clone, Debug, Default)]
pub struct Array {
    /// Brackets included.
    pub span: Span,
    /// Where the array counts as ended when the formatter asks whether it is one line: the closing bracket, or the
    /// fourth character from the beginning of a bare text in it if that lies further. D2 formats a short last item
    /// before a line's end so, and files are formatted the same way here.
    pub layout_end: u32,
    /// The items in source order.
    pub items: Vec<Item>,
}

/// What can stand in an array.
#[derive(Clone, Debug)]
pub enum Item {
    /// A run of `#` lines.
    Comment(Comment),
    /// A `"""` comment.
    BlockComment(Comment),
    /// `...${a.b}`.
    Substitution(Box<Substitution>),
    /// `...@file`.
    Import(Box<Import>),
    /// Any value.
    Value(Value),
}

impl Item {
    /// Where the item stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Comment(comment) | Self::BlockComment(comment) => comment.span,
            Self::Substitution(substitution) => substitution.span,
            Self::Import(import) => import.span,
            Self::Value(value) => value.span(),
        }
    }
}
