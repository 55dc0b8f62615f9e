//! The parser: one pass over the text, a function for each construct, never failing.
//!
//! Every function leaves the cursor behind what it understood; [`Parser::map`] and [`Parser::array`] report what is
//! left over of a line and go on with the next one, so a broken line spoils only itself. White space is looked past
//! (`next_solid`) rather than consumed, because most constructs end with their line.
//!
//! Time is linear in the text: nothing is read more often than a constant number of times.

use super::SyntaxError;
use super::ast::{
    Array, Comment, Edge, EdgeIndex, Filter, Import, Item, Key, KeyPath, Map, Node, Substitution, Text, Value,
};
use super::number::is_number;
use loko_source::Span;
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// The deepest nesting of maps and arrays that is read.
pub const NESTING_MAX: usize = 128;

/// The longest element of a key, in bytes.
pub const KEY_BYTES_MAX: usize = 518;

/// The byte order mark of UTF-8.
pub(crate) const MARK: &str = "\u{feff}";

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) errors: Vec<SyntaxError>,
    /// Inside of `( … )`, where a closing parenthesis ends an unquoted text.
    pub(super) in_edge_group: bool,
    /// How many maps, arrays and blocks are open.
    pub(super) depth: usize,
    /// Whether the rest of the text was left unread: then nothing can be said of what is open.
    gave_up: bool,
    /// How many arrays are open.
    arrays: usize,
    /// The nodes of the open maps, so that each map is made at once in its final size.
    nodes: Vec<Node>,
    /// The furthest offset that the beginnings of bare texts in arrays were looked at; see [`Array::layout_end`].
    pub(super) looked_at: usize,
}

/// What comes next behind white space.
#[derive(Clone, Copy)]
pub(super) struct Solid {
    /// The offset of the next byte that is no white space; the end of the text if there is none.
    pub(super) at: usize,
    /// Whether a line ends before it.
    pub(super) new_line: bool,
    /// The byte there; none at the end of the text.
    pub(super) byte: Option<u8>,
}

impl Solid {
    /// The byte, if it stands on the line of the cursor.
    pub(super) fn on_line(self) -> Option<u8> {
        if self.new_line { None } else { self.byte }
    }
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let at = if text.starts_with(MARK) { MARK.len() } else { 0 };
        Self {
            text,
            bytes: text.as_bytes(),
            at,
            errors: Vec::new(),
            in_edge_group: false,
            depth: 0,
            gave_up: false,
            arrays: 0,
            nodes: Vec::new(),
            looked_at: 0,
        }
    }

    /// Whether an array is open.
    pub(super) fn is_in_array(&self) -> bool {
        self.arrays > 0
    }

    // Reading.

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    pub(super) fn char_at(&self, at: usize) -> Option<char> {
        match self.byte(at)? {
            byte if byte < 0x80 => Some(char::from(byte)),
            _ => self.text[at..].chars().next(),
        }
    }

    /// What comes next from an offset on, white space passed over.
    pub(super) fn next_solid_from(&self, from: usize) -> Solid {
        let mut at = from;
        let mut new_line = false;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\n' => new_line = true,
                b' ' | b'\t' | b'\r' | 0x0B | 0x0C => {}
                0..0x80 => return Solid { at, new_line, byte: Some(byte) },
                _ => match self.text[at..].chars().next() {
                    Some(c) if c.is_whitespace() => {
                        at += c.len_utf8();
                        continue;
                    }
                    _ => return Solid { at, new_line, byte: Some(byte) },
                },
            }
            at += 1;
        }
        Solid { at, new_line, byte: None }
    }

    pub(super) fn next_solid(&self) -> Solid {
        self.next_solid_from(self.at)
    }

    /// Passes over white space to a wanted byte on the same line and over the byte itself.
    fn eat(&mut self, wanted: u8) -> bool {
        let next = self.next_solid();
        let found = next.on_line() == Some(wanted);
        if found {
            self.at = next.at + 1;
        }
        found
    }

    // Reporting.

    pub(super) fn error(
        &mut self,
        code: &'static str,
        start: usize,
        end: usize,
        message: impl Into<String>,
    ) -> &mut SyntaxError {
        let span = Span::new(start, end.max(start));
        self.errors.push(SyntaxError::new(code, span, message.into()));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    // Maps.

    pub(super) fn file(&mut self) -> Map {
        let mut map = self.map_nodes(0, true);
        map.span = Span::new(0, self.text.len());
        map.is_file = true;
        map
    }

    /// A map from behind its opening brace on.
    fn map(&mut self) -> Arc<Map> {
        let start = self.at - 1;
        if self.depth >= NESTING_MAX {
            self.give_up_nesting(start);
            return Arc::new(Map { span: Span::new(start, self.at), ..Map::default() });
        }
        self.depth += 1;
        let mut map = self.map_nodes(start, false);
        self.depth -= 1;
        map.span = Span::new(start, self.at);
        Arc::new(map)
    }

    /// Leaves the rest of the text unread.
    fn give_up_nesting(&mut self, start: usize) {
        let message = format!("maps and arrays are nested deeper than {NESTING_MAX} levels");
        self.error("nesting", start, start + 1, message).help =
            Some("move the inner part to a file of its own and import it".into());
        self.at = self.text.len();
        self.gave_up = true;
    }

    fn map_nodes(&mut self, start: usize, is_file: bool) -> Map {
        let first = self.nodes.len();
        loop {
            let next = self.next_solid();
            self.at = next.at;
            match next.byte {
                None => {
                    if !is_file && !self.gave_up {
                        self.error("unterminated", start, self.at, "maps must be terminated with }").help =
                            Some("close the map with `}`".into());
                    }
                    break;
                }
                Some(b';') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    if !is_file {
                        break;
                    }
                    self.error(
                        "unexpected",
                        self.at - 1,
                        self.at,
                        "unexpected map termination character } in file map",
                    )
                    .help = Some("remove the `}`, or open the map it is to close with `{`".into());
                }
                Some(byte) => self.map_line(byte),
            }
        }
        Map { nodes: self.nodes.drain(first..).collect(), ..Map::default() }
    }

    /// One node of a map, with what is left over behind it.
    fn map_line(&mut self, byte: u8) {
        let node = self.node(byte);
        if let Some(Node::BlockComment(_)) = node {
            self.nodes.extend(node);
            return;
        }
        let after = self.at;
        self.skip_rest(b'}');
        if self.at != after {
            match &node {
                Some(node) => {
                    let (name, hint) = node_name(node);
                    let message = format!("unexpected text after {name}{hint}");
                    self.error("unexpected", after, self.at, message).help =
                        Some("start a new line or write `;` before it".into());
                }
                None => {
                    self.error("invalid-key", after, self.at, "invalid text beginning unquoted key").help =
                        Some("quote the key to use special characters in it".into());
                }
            }
        }
        self.nodes.extend(node);
    }

    /// Passes over all that stands between a node and its line's end, a `;`, a comment or the closing bracket.
    fn skip_rest(&mut self, closing: u8) {
        loop {
            let next = self.next_solid();
            match next.on_line() {
                None | Some(b';' | b'#') => return,
                Some(byte) if byte == closing => return,
                Some(_) => self.at = next.at + self.char_at(next.at).map_or(1, char::len_utf8),
            }
        }
    }

    /// A node of a map or an item of an array that begins with a marker: comment, block comment or spread.
    fn marked(&mut self, byte: u8) -> Option<Node> {
        let rest = &self.bytes[self.at..];
        match byte {
            b'#' => Some(Node::Comment(self.comment())),
            b'"' if rest.starts_with(b"\"\"\"") => Some(Node::BlockComment(self.block_comment())),
            b'.' if rest.starts_with(b"...$") => {
                let start = self.at;
                self.at += 4;
                self.substitution(start, true).map(|substitution| Node::Substitution(Box::new(substitution)))
            }
            b'.' if rest.starts_with(b"...@") => Some(Node::Import(Box::new(self.import()))),
            _ => None,
        }
    }

    fn node(&mut self, byte: u8) -> Option<Node> {
        let start = self.at;
        let marked = self.marked(byte);
        if marked.is_some() || self.at != start {
            return marked;
        }
        self.key().map(Node::Key)
    }

    // Comments.

    fn comment(&mut self) -> Comment {
        let start = self.at;
        let mut text = self.comment_line().to_owned();
        loop {
            let next = self.next_solid();
            if next.byte != Some(b'#') || self.bytes[self.at..next.at].iter().filter(|byte| **byte == b'\n').count() > 1
            {
                return Comment { span: Span::new(start, self.at), text: text.into() };
            }
            self.at = next.at;
            text.push('\n');
            text.push_str(self.comment_line());
        }
    }

    /// The text of a `#` line; the cursor goes to the line's end.
    fn comment_line(&mut self) -> &'t str {
        let from = self.at + 1;
        let end =
            self.bytes[from..].iter().position(|byte| *byte == b'\n').map_or(self.text.len(), |length| from + length);
        self.at = end;
        let line = &self.text[from..end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    }

    fn block_comment(&mut self) -> Comment {
        let start = self.at;
        self.at += 3;
        self.skip_line_of_space();
        let body = self.at;
        let end = match self.text[body..].find("\"\"\"") {
            Some(length) => {
                self.at = body + length + 3;
                body + length
            }
            None => {
                self.at = self.text.len();
                self.error("unterminated", start, self.at, "block comments must be terminated with \"\"\"").help =
                    Some("write `\"\"\"` behind the comment".into());
                self.at
            }
        };
        let text = super::indent::trim_common_indent(super::indent::trim_last_line(&unix_lines(&self.text[body..end])));
        Comment { span: Span::new(start, self.at), text: text.into() }
    }

    /// Passes over white space up to and with the next line break; true when the line held nothing else.
    pub(super) fn skip_line_of_space(&mut self) -> bool {
        while let Some(c) = self.char_at(self.at).filter(|c| c.is_whitespace()) {
            self.at += c.len_utf8();
            if c == '\n' {
                return true;
            }
        }
        false
    }

    // Keys.

    fn key(&mut self) -> Option<Key> {
        let start = self.at;
        let mut key = Key::default();
        match (self.byte(self.at), self.byte(self.at + 1)) {
            (Some(b'!'), Some(b'&')) => {
                self.at += 2;
                key.filter = Some(Filter::Not);
            }
            (Some(b'&'), _) => {
                self.at += 1;
                key.filter = Some(Filter::Match);
            }
            _ => {}
        }
        if self.byte(self.at) == Some(b'(') {
            self.at += 1;
            self.edge_group(&mut key, start);
        } else {
            self.key_without_group(&mut key, start);
        }
        key.span = Span::new(start, self.at);
        key.note_globs();
        (key.key.is_some() || !key.edges.is_empty()).then_some(key)
    }

    fn key_without_group(&mut self, key: &mut Key, start: usize) {
        let path = self.key_path();
        match self.next_solid().on_line() {
            Some(b'(') => {
                key.key = path;
                self.at = self.next_solid().at + 1;
                self.edge_group(key, start);
            }
            Some(b'<' | b'>' | b'-') => {
                self.edges(key, path);
                self.key_value(key, start);
            }
            Some(_) => {
                key.key = path;
                self.key_value(key, start);
            }
            None => key.key = path,
        }
    }

    /// What is assigned to a key: `: value`, ` { … }`, `: label { … }`.
    fn key_value(&mut self, key: &mut Key, start: usize) {
        let is_empty = key.key.is_none() && key.edges.is_empty();
        let next = self.next_solid();
        match next.on_line() {
            Some(b'{') if !is_empty => {}
            Some(b':') => {
                self.at = next.at + 1;
                if is_empty {
                    self.error("missing-key", start, self.at, "map value without key").help =
                        Some("write the name of what gets the value before the `:`".into());
                }
            }
            _ => return,
        }
        key.value = self.value();
        match &key.value {
            None => {
                self.error("missing-value", self.at - 1, self.at, "missing value after colon").help =
                    Some("write a value, or take the colon off; a value with `#` needs quotes".into());
            }
            Some(value) if value.is_scalar() && self.next_solid().on_line() == Some(b'{') => {
                key.primary = key.value.take().map(Box::new);
                key.value = self.value();
            }
            Some(_) => {}
        }
    }

    // Edges.

    fn edge_group(&mut self, key: &mut Key, start: usize) {
        self.in_edge_group = true;
        self.edge_group_head(key, start);
        self.in_edge_group = false;
    }

    fn edge_group_head(&mut self, key: &mut Key, start: usize) {
        let source = self.key_path();
        self.edges(key, source);
        let next = self.next_solid();
        match next.on_line() {
            Some(b')') => self.at = next.at + 1,
            _ => {
                self.error("unterminated", start, self.at, "edge groups must be terminated with )").help =
                    Some("close the group with `)`".into());
                return;
            }
        }
        if self.eat(b'[') {
            key.edge_index = self.edge_index();
        }
        if self.eat(b'.') {
            key.edge_key = self.key_path().map(Box::new);
        }
        if self.next_solid().on_line().is_some() {
            self.in_edge_group = false;
            self.key_value(key, start);
        }
    }

    /// An edge index from behind its opening bracket on.
    fn edge_index(&mut self) -> Option<EdgeIndex> {
        let start = self.at - 1;
        let next = self.next_solid();
        let number = match next.on_line()? {
            byte if byte.is_ascii_digit() => {
                self.at = next.at;
                Some(self.edge_number(start)?)
            }
            b'*' => {
                self.at = next.at + 1;
                None
            }
            _ => {
                self.bad_index_character(self.at - 1, self.at);
                let behind = next.at + self.char_at(next.at).map_or(1, char::len_utf8);
                if self.next_solid_from(behind).on_line() == Some(b']') {
                    self.at = behind;
                }
                Some(0)
            }
        };
        if !self.eat(b']') {
            self.unterminated_index(start);
        }
        Some(EdgeIndex { span: Span::new(start, self.at), number })
    }

    /// The digits of an edge index, up to its closing bracket.
    fn edge_number(&mut self, start: usize) -> Option<u32> {
        let mut number: u32 = 0;
        loop {
            let next = self.next_solid();
            match next.on_line() {
                Some(b']') => return Some(number),
                Some(byte) if byte.is_ascii_digit() => {
                    number = number.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
                    self.at = next.at + 1;
                }
                Some(_) => {
                    self.at = next.at + self.char_at(next.at).map_or(1, char::len_utf8);
                    self.bad_index_character(next.at, self.at);
                }
                None => {
                    self.unterminated_index(start);
                    return None;
                }
            }
        }
    }

    fn bad_index_character(&mut self, start: usize, end: usize) {
        self.error("edge-index", start, end, "unexpected character in edge index").help =
            Some("an index is a number such as `[0]`, or `[*]` for all".into());
    }

    fn unterminated_index(&mut self, start: usize) {
        self.error("edge-index", start, self.at, "unterminated edge index").help =
            Some("close the index with `]`".into());
    }

    /// A chain of edges behind its first end.
    fn edges(&mut self, key: &mut Key, first: Option<KeyPath>) {
        let mut source = first;
        loop {
            let next = self.next_solid();
            let source_arrow = match next.on_line() {
                Some(byte @ (b'<' | b'*')) => Some(char::from(byte)),
                Some(b'-') => None,
                _ => return,
            };
            let start = match &source {
                Some(path) => path.span.start as usize,
                None => {
                    self.error("missing-end", next.at, next.at + 1, "connection missing source").help =
                        Some("write the name of an object before the arrow".into());
                    next.at
                }
            };
            self.at = next.at + 1;
            let Some(target_arrow) = self.arrow(start) else { return };
            let arrow = Span::new(next.at, self.at);
            let target = self.key_path();
            let end = match &target {
                Some(path) => path.span.end as usize,
                None => {
                    self.error("missing-end", start, self.at, "connection missing destination").help =
                        Some("write the name of an object behind the arrow".into());
                    self.at
                }
            };
            let span = Span::new(start, end.max(start));
            if key.edges.is_empty() {
                // Most statements have one edge.
                key.edges.reserve_exact(1);
            }
            let goes_on = matches!(self.next_solid().on_line(), Some(b'<' | b'*' | b'-'));
            let next_source = if goes_on { target.clone() } else { None };
            key.edges.push(Edge { span, arrow, source, source_arrow, target_arrow, target });
            if !goes_on {
                return;
            }
            source = next_source;
        }
    }

    /// The rest of an arrow behind its first character; its end mark, or none when the arrow is broken.
    fn arrow(&mut self, start: usize) -> Option<Option<char>> {
        loop {
            match self.byte(self.at) {
                None => {
                    self.error("missing-end", start, self.at, "unterminated connection").help =
                        Some("write the rest of the arrow and an object behind it".into());
                    return None;
                }
                Some(byte @ (b'>' | b'*')) => {
                    self.at += 1;
                    return Some(Some(char::from(byte)));
                }
                Some(b'-') => self.at += 1,
                Some(b'\\') => {
                    self.at += 1;
                    let next = self.next_solid();
                    if next.byte.is_some() && !next.new_line {
                        self.error("escape", start, next.at, "only newline escapes are allowed in connections").help =
                            Some("put the backslash at the end of the line, or take it off".into());
                        return None;
                    }
                    self.at = next.at;
                }
                Some(_) => return Some(None),
            }
        }
    }

    // Paths.

    pub(super) fn key_path(&mut self) -> Option<KeyPath> {
        let mut elements: SmallVec<[Text; 1]> = SmallVec::new();
        loop {
            let next = self.next_solid();
            if matches!(next.on_line(), None | Some(b'(')) {
                break;
            }
            self.at = next.at;
            let Some(element) = self.string(true) else { break };
            if element.is_unquoted() && element.as_str().starts_with('@') {
                let name = element.as_str();
                let message = format!("{name} is not a valid import, did you mean ...{name}?");
                let (start, end) = (element.span.start as usize, element.span.end as usize);
                self.error("import", start, end, message).help = Some("a spread import is written `...@file`".into());
            }
            let next = self.next_solid();
            let goes_on = next.on_line() == Some(b'.');
            elements.push(element);
            if !goes_on {
                break;
            }
            self.at = next.at + 1;
        }
        let span = elements.first()?.span.to(elements.last()?.span);
        if let Some(long) = elements.iter().find(|element| element.as_str().len() > KEY_BYTES_MAX) {
            let length = long.as_str().len();
            let message = format!("key length {length} exceeds maximum allowed length of {KEY_BYTES_MAX}");
            self.error("key-length", span.start as usize, span.end as usize, message).help =
                Some("give the object a short key and set the long text as its label".into());
        }
        Some(KeyPath { span, elements })
    }

    // Values.

    pub(super) fn value(&mut self) -> Option<Value> {
        let next = self.next_solid();
        let byte = next.on_line()?;
        self.at = next.at;
        match byte {
            b'[' => {
                self.at += 1;
                Some(Value::Array(self.array()))
            }
            b'{' => {
                self.at += 1;
                Some(Value::Map(self.map()))
            }
            b'@' => Some(Value::Import(Arc::new(self.import()))),
            _ => {
                let text = self.string(false)?;
                Some(if text.is_unquoted() && text.substitutions().next().is_none() {
                    plain_value(text.span, text.as_str()).unwrap_or(Value::Text(text))
                } else {
                    Value::Text(text)
                })
            }
        }
    }

    /// An array from behind its opening bracket on.
    fn array(&mut self) -> Arc<Array> {
        let start = self.at - 1;
        let mut array = Array::default();
        if self.depth >= NESTING_MAX {
            self.give_up_nesting(start);
            array.span = Span::new(start, self.at);
            return Arc::new(array);
        }
        self.depth += 1;
        self.arrays += 1;
        loop {
            let next = self.next_solid();
            self.at = next.at;
            match next.byte {
                None => {
                    if !self.gave_up {
                        self.error("unterminated", start, self.at, "arrays must be terminated with ]").help =
                            Some("close the array with `]`".into());
                    }
                    break;
                }
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b';') => self.at += 1,
                Some(byte) => self.array_line(byte, &mut array),
            }
        }
        self.depth -= 1;
        self.arrays -= 1;
        array.span = Span::new(start, self.at);
        array.layout_end = self.looked_at.max(self.at - 1) as u32;
        Arc::new(array)
    }

    fn array_line(&mut self, byte: u8, array: &mut Array) {
        let item = self.item(byte);
        if let Some(Item::BlockComment(_)) = item {
            array.items.extend(item);
            return;
        }
        let after = self.at;
        self.skip_rest(b']');
        if self.at != after {
            let message = match &item {
                Some(item) => format!("unexpected text after {}", item_name(item)),
                None => "invalid text beginning unquoted string".to_owned(),
            };
            self.error("unexpected", after, self.at, message).help =
                Some("separate the items of an array with `;` or line breaks".into());
        }
        array.items.extend(item);
    }

    fn item(&mut self, byte: u8) -> Option<Item> {
        let start = self.at;
        let marked = self.marked(byte);
        if marked.is_none() && self.at == start {
            return self.value().map(Item::Value);
        }
        marked.and_then(|node| match node {
            Node::Comment(comment) => Some(Item::Comment(comment)),
            Node::BlockComment(comment) => Some(Item::BlockComment(comment)),
            Node::Substitution(substitution) => Some(Item::Substitution(substitution)),
            Node::Import(import) => Some(Item::Import(import)),
            Node::Key(_) => None,
        })
    }

    // References.

    /// A substitution from behind its `$` on.
    pub(super) fn substitution(&mut self, start: usize, spread: bool) -> Option<Substitution> {
        let next = self.next_solid();
        if next.on_line()? != b'{' {
            self.error("substitution", start, next.at, "substitutions must begin on {").help =
                Some("write `${name}`, or `\\$` for a dollar sign".into());
            return None;
        }
        self.at = next.at + 1;
        let in_edge_group = std::mem::replace(&mut self.in_edge_group, false);
        let path = self.key_path().map(|path| path.elements.into_vec()).unwrap_or_default();
        self.in_edge_group = in_edge_group;
        let next = self.next_solid();
        if next.on_line() == Some(b'}') {
            self.at = next.at + 1;
        } else {
            let end = if next.byte.is_none() { self.text.len() } else { self.at };
            self.error("substitution", start, end, "substitutions must be terminated by }").help =
                Some("close the substitution with `}`".into());
        }
        Some(Substitution { span: Span::new(start, self.at), spread, path })
    }

    /// An import from its `@` or `...@` on.
    fn import(&mut self) -> Import {
        let start = self.at;
        let spread = self.byte(start) == Some(b'.');
        self.at += if spread { 4 } else { 1 };
        let from = self.at;
        while matches!(self.byte(self.at), Some(b'.' | b'/')) {
            self.at += 1;
        }
        let prefix = SmolStr::from(&self.text[from..self.at]);
        let mut path = self.key_path().map(|path| path.elements.into_vec()).unwrap_or_default();
        if path.len() > 1 && path[0].is_unquoted() && path[1].is_bare("d2") {
            path.remove(1);
        }
        Import { span: Span::new(start, self.at), spread, prefix, path }
    }
}

/// What an unquoted text without substitutions means as a value, if it is not just a text.
fn plain_value(span: Span, text: &str) -> Option<Value> {
    let first = *text.as_bytes().first()?;
    match first.to_ascii_lowercase() {
        b'n' if text.eq_ignore_ascii_case("null") => Some(Value::Null(span)),
        b's' if text.eq_ignore_ascii_case("suspend") => Some(Value::Suspend(span, true)),
        b'u' if text.eq_ignore_ascii_case("unsuspend") => Some(Value::Suspend(span, false)),
        b't' if text.eq_ignore_ascii_case("true") => Some(Value::Bool(span, true)),
        b'f' if text.eq_ignore_ascii_case("false") => Some(Value::Bool(span, false)),
        b'0'..=b'9' | b'.' | b'+' | b'-' if is_number(text) => Some(Value::Number(span, text.into())),
        _ => None,
    }
}

/// Line breaks of Windows as those of Unix.
pub(super) fn unix_lines(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// What an error calls a node, and where to read on.
fn node_name(node: &Node) -> (String, &'static str) {
    match node {
        Node::Comment(_) => ("comment".into(), ""),
        Node::BlockComment(_) => ("block comment".into(), ""),
        Node::Substitution(_) => ("substitution".into(), ""),
        Node::Import(_) => ("import".into(), ""),
        Node::Key(key) => match &key.value {
            None => ("map key".into(), ""),
            Some(value) => {
                let is_block = matches!(value, Value::Text(text) if matches!(text.form, super::ast::Form::Block(_)));
                let hint = if is_block { ". See https://d2lang.com/tour/text#advanced-block-strings." } else { "" };
                (value_name(value), hint)
            }
        },
    }
}

fn item_name(item: &Item) -> String {
    match item {
        Item::Comment(_) => "comment".into(),
        Item::BlockComment(_) => "block comment".into(),
        Item::Substitution(_) => "substitution".into(),
        Item::Import(_) => "import".into(),
        Item::Value(value) => value_name(value),
    }
}

fn value_name(value: &Value) -> String {
    use super::ast::Form;
    let name = match value {
        Value::Null(_) => "null",
        Value::Suspend(..) => "suspension",
        Value::Bool(..) => "boolean",
        Value::Number(..) => "number",
        Value::Array(_) => "array",
        Value::Map(_) => "map",
        Value::Import(_) => "import",
        Value::Text(text) => match &text.form {
            Form::Unquoted => "unquoted string",
            Form::Double => "double quoted string",
            Form::Single => "single quoted string",
            Form::Block(fence) => return format!("{} block string", fence.tag),
        },
    };
    name.to_owned()
}
