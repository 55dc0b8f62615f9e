//! The formatter: one canonical layout for a text, comments kept.
//!
//! What was on one line stays on one line; blank lines between nodes stay, at most one; boards go to the end of their
//! map; empty maps and empty boards go. A text with syntax errors is not formatted.

use crate::keywords;
use crate::syntax::ast::{
    Array, Comment, Content, Edge, EdgeIndex, Fence, Filter, Form, Import, Item, Key, KeyPath, Map, Node, Part, Piece,
    Substitution, Text, Value,
};
use crate::syntax::{MARK, SyntaxError};
use loko_source::{LineIndex, Span};

const INDENT: &str = "  ";

/// The characters that an unquoted key cannot hold without an escape.
const KEY_SPECIALS: &str = "#;\n\\{}[]'\"|:.-<>*&()@";

/// Formats a text.
///
/// # Errors
///
/// The syntax errors of the text, when it has any.
///
/// ```
/// assert_eq!(loko_d2::format("a->b:hi;c:{d}\n").unwrap(), "a -> b: hi\nc: {d}\n");
/// ```
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let parsed = crate::parse(text);
    if parsed.errors.is_empty() { Ok(format_tree(text, &parsed.tree)) } else { Err(parsed.errors) }
}

/// Formats the tree of a text without errors. A text that holds nothing stays as it is.
pub fn format_tree(text: &str, tree: &Map) -> String {
    if tree.nodes.is_empty() {
        return text.to_owned();
    }
    let mut printer = Printer { lines: LineIndex::new(text), out: String::with_capacity(text.len()), depth: 0 };
    printer.map(tree);
    if printer.out.starts_with(MARK) {
        // A name begins with it, which at the beginning of a text would be the mark of its encoding.
        printer.out.insert_str(0, MARK);
    }
    printer.out
}

/// A name as an element of a key: bare if possible, else in quotes.
///
/// ```
/// assert_eq!(loko_d2::quote_key("a b"), "a b");
/// assert_eq!(loko_d2::quote_key("a.b"), "\"a.b\"");
/// ```
pub fn quote_key(name: &str) -> String {
    let mut chars = name.chars().peekable();
    let mut is_special = name.is_empty() || name.trim().len() != name.len() || name.starts_with(MARK);
    while let Some(c) = chars.next() {
        let is_lone_dash = c == '-' && chars.peek().is_some_and(|next| *next != '-');
        is_special |= KEY_SPECIALS.contains(c) && !is_lone_dash;
    }
    if !is_special {
        return if name.eq_ignore_ascii_case("null") { "'null'".to_owned() } else { name.to_owned() };
    }
    if name.contains('"') && !name.contains('\n') {
        format!("'{}'", name.replace('\'', "''"))
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
    }
}

struct Printer {
    lines: LineIndex,
    out: String,
    depth: usize,
}

impl Printer {
    fn line_of(&self, offset: u32) -> u32 {
        self.lines.line_column(offset as usize).line
    }

    fn is_one_line(&self, span: Span) -> bool {
        self.line_of(span.start) == self.line_of(span.end)
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.out.push_str(INDENT);
        }
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.indent();
    }

    // Maps.

    fn map(&mut self, map: &Map) {
        let one_line = self.is_one_line(map.span);
        if !map.is_file {
            self.out.push('{');
            self.depth += usize::from(!one_line);
        }
        let boards = self.map_nodes(map, one_line);
        self.boards(map, &boards);
        if map.is_file {
            if !map.nodes.is_empty() {
                self.out.push('\n');
            }
            return;
        }
        if !one_line {
            self.depth -= 1;
            self.newline();
        }
        self.out.push('}');
    }

    /// Prints the nodes that are no boards, and returns the boards.
    fn map_nodes<'m>(&mut self, map: &'m Map, one_line: bool) -> Vec<&'m Key> {
        let mut boards = Vec::new();
        let mut before: Option<Span> = None;
        for (at, node) in map.nodes.iter().enumerate() {
            let span = node.span();
            if let Some(board) = as_board(node) {
                if board.map().is_some_and(|map| !map.nodes.is_empty()) {
                    boards.push(board);
                }
                before = Some(span);
                continue;
            }
            let is_comment = matches!(node, Node::Comment(_) | Node::BlockComment(_));
            if at > 0 && is_comment && self.continues_line(before, span) {
                self.out.push(' ');
                self.node(node);
                continue;
            }
            self.separate(before, span, one_line, !map.is_file || at > 0, at > 0);
            self.node(node);
            before = Some(span);
        }
        boards
    }

    /// Whether a comment stands behind a node on one line, and is itself one line.
    fn continues_line(&self, before: Option<Span>, span: Span) -> bool {
        before.is_some_and(|before| self.line_of(span.start) == self.line_of(before.end)) && self.is_one_line(span)
    }

    fn separate(&mut self, before: Option<Span>, span: Span, one_line: bool, on_new_line: bool, is_later: bool) {
        if one_line {
            if is_later {
                self.out.push_str("; ");
            }
            return;
        }
        if before.is_some_and(|before| self.line_of(span.start) > self.line_of(before.end) + 1) {
            self.out.push('\n');
        }
        if on_new_line {
            self.newline();
        }
    }

    fn boards(&mut self, map: &Map, boards: &[&Key]) {
        for (at, board) in boards.iter().enumerate() {
            if self.line_of(board.span.start) != 1 {
                self.out.push('\n');
            }
            if at != 0 || map.nodes.len() > boards.len() {
                self.out.push('\n');
            }
            self.indent();
            self.key(board);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Comment(comment) => self.comment(comment),
            Node::BlockComment(comment) => self.block_comment(comment),
            Node::Substitution(substitution) => self.substitution(substitution),
            Node::Import(import) => self.import(import),
            Node::Key(key) => self.key(key),
        }
    }

    fn comment(&mut self, comment: &Comment) {
        for (at, line) in comment.text.split('\n').enumerate() {
            if at > 0 {
                self.newline();
            }
            self.out.push_str(if line.is_empty() { "#" } else { "# " });
            self.out.push_str(line);
        }
    }

    fn block_comment(&mut self, comment: &Comment) {
        self.out.push_str("\"\"\"");
        let one_line = self.is_one_line(comment.span);
        self.block_lines(&comment.text, one_line);
        if one_line {
            self.out.push(' ');
        } else {
            self.newline();
        }
        self.out.push_str("\"\"\"");
    }

    fn block_lines(&mut self, text: &str, one_line: bool) {
        if one_line {
            self.out.push(' ');
            self.out.push_str(text);
            return;
        }
        for line in text.split('\n') {
            if line.is_empty() {
                self.out.push('\n');
            } else {
                self.newline();
            }
            self.out.push_str(line);
        }
    }

    // Keys.

    fn key(&mut self, key: &Key) {
        match key.filter {
            Some(Filter::Match) => self.out.push('&'),
            Some(Filter::Not) => self.out.push_str("!&"),
            None => {}
        }
        if let Some(path) = &key.key {
            self.path(path);
        }
        self.edges(key);
        let has_value = match &key.value {
            Some(Value::Map(map)) => !map.nodes.is_empty(),
            value => value.is_some(),
        };
        if has_value || key.primary.is_some() {
            self.escape_dash();
        }
        if let Some(primary) = &key.primary {
            self.out.push_str(": ");
            self.value(primary);
        }
        if let Some(value) = key.value.as_ref().filter(|_| has_value) {
            self.out.push_str(if key.primary.is_none() { ": " } else { " " });
            self.value(value);
        }
    }

    fn edges(&mut self, key: &Key) {
        if key.edges.is_empty() {
            return;
        }
        if key.key.is_some() {
            self.escape_dash();
            self.out.push('.');
        }
        let is_group = key.key.is_some() || key.edge_index.is_some() || key.edge_key.is_some();
        if is_group {
            self.out.push('(');
        }
        for (at, edge) in key.edges.iter().enumerate() {
            if at > 0 {
                self.out.push(' ');
            } else if let Some(source) = &edge.source {
                self.path(source);
                self.out.push(' ');
            }
            self.arrow(edge);
        }
        if is_group {
            self.escape_dash();
            self.out.push(')');
        }
        if let Some(EdgeIndex { number, .. }) = &key.edge_index {
            match number {
                Some(number) => self.out.push_str(&format!("[{number}]")),
                None => self.out.push_str("[*]"),
            }
        }
        if let Some(path) = &key.edge_key {
            self.out.push('.');
            self.path(path);
        }
    }

    fn arrow(&mut self, edge: &Edge) {
        self.out.push(edge.source_arrow.unwrap_or('-'));
        if edge.source_arrow.is_some() && edge.target_arrow.is_some() {
            self.out.push('-');
        }
        self.out.push(edge.target_arrow.unwrap_or('-'));
        if let Some(target) = &edge.target {
            self.out.push(' ');
            self.path(target);
        }
    }

    fn path(&mut self, path: &KeyPath) {
        self.elements(&path.elements);
    }

    fn elements(&mut self, elements: &[Text]) {
        for (at, element) in elements.iter().enumerate() {
            if at > 0 {
                self.escape_dash();
                self.out.push('.');
            }
            self.text(element);
        }
    }

    /// What stands right behind a dash belongs to the key: `a-:` is a key that ends with a colon. A dash at the end of a
    /// key is escaped where something other than a space follows.
    fn escape_dash(&mut self) {
        if self.out.ends_with('-') && !self.out.ends_with("\\-") && !self.out.ends_with("--") {
            self.out.pop();
            self.out.push_str("\\-");
        }
    }

    // Values.

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null(_) => self.out.push_str("null"),
            Value::Suspend(_, true) => self.out.push_str("suspend"),
            Value::Suspend(_, false) => self.out.push_str("unsuspend"),
            Value::Bool(_, true) => self.out.push_str("true"),
            Value::Bool(_, false) => self.out.push_str("false"),
            Value::Number(_, raw) => self.out.push_str(raw),
            Value::Text(text) => self.text(text),
            Value::Array(array) => self.array(array),
            Value::Map(map) => self.map(map),
            Value::Import(import) => self.import(import),
        }
    }

    fn array(&mut self, array: &Array) {
        let one_line = self.line_of(array.span.start) == self.line_of(array.layout_end);
        self.out.push('[');
        self.depth += usize::from(!one_line);
        let mut before: Option<Span> = None;
        for (at, item) in array.items.iter().enumerate() {
            let span = item.span();
            let is_comment = matches!(item, Item::Comment(_) | Item::BlockComment(_));
            if at > 0 && is_comment && self.continues_line(before, span) {
                self.out.push(' ');
                self.item(item);
                continue;
            }
            self.separate(before, span, one_line, true, at > 0);
            self.item(item);
            before = Some(span);
        }
        if !one_line {
            self.depth -= 1;
            self.newline();
        }
        self.out.push(']');
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Comment(comment) => self.comment(comment),
            Item::BlockComment(comment) => self.block_comment(comment),
            Item::Substitution(substitution) => self.substitution(substitution),
            Item::Import(import) => self.import(import),
            Item::Value(value) => self.value(value),
        }
    }

    fn text(&mut self, text: &Text) {
        match &text.form {
            Form::Unquoted => self.content(&text.content, true),
            Form::Double => {
                self.out.push('"');
                self.content(&text.content, false);
                self.out.push('"');
            }
            Form::Single => {
                self.out.push('\'');
                self.out.push_str(&text.as_str().replace('\'', "''").replace('\n', "\\n"));
                self.out.push('\'');
            }
            Form::Block(fence) => self.block(text, fence),
        }
    }

    fn content(&mut self, content: &Content, is_unquoted: bool) {
        match content {
            Content::Plain(piece) => self.piece(piece, is_unquoted),
            Content::Parts(parts) => {
                for part in parts {
                    match part {
                        Part::Piece(piece) => self.piece(piece, is_unquoted),
                        Part::Substitution(substitution) => self.substitution(substitution),
                    }
                }
            }
        }
    }

    fn piece(&mut self, piece: &Piece, is_unquoted: bool) {
        let raw = piece.raw();
        if is_unquoted && keywords::is_reserved_any_case(raw) {
            self.out.push_str(&raw.to_ascii_lowercase());
        } else {
            self.out.push_str(raw);
        }
    }

    fn block(&mut self, text: &Text, fence: &Fence) {
        let said = text.as_str();
        let mut quote = fence.quote.to_string();
        let last = quote.chars().last().unwrap_or('|');
        while said.contains(&format!("|{quote}")) && !quote.is_empty() || said.contains(&format!("{quote}|")) {
            quote.push(last);
        }
        self.out.push('|');
        self.out.push_str(&quote);
        self.out.push_str(&fence.tag);
        if self.is_one_line(text.span) {
            self.out.push(' ');
            self.out.push_str(said);
            if !said.is_empty() {
                self.out.push(' ');
            }
        } else {
            self.depth += 1;
            self.block_lines(said, false);
            self.depth -= 1;
            self.newline();
        }
        self.out.push_str(&quote);
        self.out.push('|');
    }

    // References.

    fn substitution(&mut self, substitution: &Substitution) {
        self.out.push_str(if substitution.spread { "...${" } else { "${" });
        self.elements(&substitution.path);
        self.out.push('}');
    }

    fn import(&mut self, import: &Import) {
        self.out.push_str(if import.spread { "...@" } else { "@" });
        let prefix = crate::paths::clean(&import.prefix);
        if prefix != "." {
            self.out.push_str(&prefix);
            if !prefix.ends_with('/') {
                self.out.push('/');
            }
        }
        if let Some((file, key)) = import.path.split_first() {
            self.out.push_str(&quote_key(&crate::paths::clean(file.as_str())));
            if !key.is_empty() {
                self.out.push('.');
                self.elements(key);
            }
        }
    }
}

/// The key of a node that holds boards, by its name.
fn as_board(node: &Node) -> Option<&Key> {
    let Node::Key(key) = node else { return None };
    let [name] = key.key.as_ref()?.elements.as_slice() else { return None };
    keywords::BOARDS.contains(&name.as_str()).then_some(key)
}
