//! The texts of D2: unquoted, quoted, and blocks between fences.

use super::ast::{Content, Fence, Form, Part, Pattern, Piece, Substitution, Text};
use super::indent::{trim_common_indent, trim_last_line};
use super::parser::{Parser, unix_lines};
use loko_source::Span;
use smol_str::SmolStr;

/// The indentation that the printer gives to one level.
const INDENT: &str = "  ";

/// Gathers a text: a slice of the source as long as that will do, owned copies from the first escape on.
struct Gather<'t> {
    source: &'t str,
    /// The slice so far; what `buffers` holds once it is used.
    start: usize,
    end: usize,
    /// The meant and the written text.
    buffers: Option<(String, String)>,
    parts: Vec<Part>,
    /// The offsets of unescaped stars in the meant text.
    stars: Vec<usize>,
}

impl<'t> Gather<'t> {
    fn new(source: &'t str, start: usize) -> Self {
        Self { source, start, end: start, buffers: None, parts: Vec::new(), stars: Vec::new() }
    }

    /// Takes source text over as it is.
    fn take(&mut self, start: usize, end: usize) {
        if start == end {
            return;
        }
        match &mut self.buffers {
            Some((text, raw)) => {
                text.push_str(&self.source[start..end]);
                raw.push_str(&self.source[start..end]);
            }
            None if start == self.end || self.start == self.end => {
                if self.start == self.end {
                    self.start = start;
                }
                self.end = end;
            }
            None => {
                self.own();
                self.take(start, end);
            }
        }
    }

    fn own(&mut self) -> &mut (String, String) {
        let slice = &self.source[self.start..self.end];
        self.buffers.get_or_insert_with(|| (slice.to_owned(), slice.to_owned()))
    }

    /// Takes an escape over: what it means and how it is written.
    fn escape(&mut self, meant: char, written: &str) {
        let (text, raw) = self.own();
        text.push(meant);
        raw.push_str(written);
    }

    /// Whether the text is a slice of the source.
    fn is_as_written(&self) -> bool {
        self.buffers.is_none() && self.parts.is_empty()
    }

    fn len(&self) -> usize {
        self.buffers.as_ref().map_or(self.end - self.start, |(text, _)| text.len())
    }

    fn star(&mut self) {
        self.stars.push(self.len());
    }

    /// Ends the current piece at `at`.
    fn flush(&mut self, at: usize) -> Option<Piece> {
        let piece = self.piece(|text| text);
        self.buffers = None;
        (self.start, self.end) = (at, at);
        piece
    }

    fn piece(&self, trim: fn(&str) -> &str) -> Option<Piece> {
        let (text, raw) = match &self.buffers {
            Some((text, raw)) => (trim(text), Some(whole_escapes(trim(raw))).filter(|raw| *raw != trim(text))),
            None => (trim(&self.source[self.start..self.end]), None),
        };
        (!text.is_empty()).then(|| Piece { text: text.into(), raw: raw.map(|raw| Box::new(raw.into())) })
    }

    fn substitution(&mut self, substitution: Substitution, at: usize) {
        let before = self.flush(at);
        self.parts.extend(before.map(Part::Piece));
        self.parts.push(Part::Substitution(substitution));
    }

    fn finish(mut self, trim: fn(&str) -> &str) -> Option<(Content, Option<Box<Pattern>>)> {
        let last = self.piece(trim);
        if self.parts.is_empty() {
            let piece = last?;
            let pattern = split_pattern(&piece.text, &self.stars);
            return Some((Content::Plain(piece), pattern));
        }
        self.parts.extend(last.map(Part::Piece));
        Some((Content::Parts(self.parts), None))
    }
}

/// The length of a source text without the white space and line continuations at its end.
fn solid_length(source: &str) -> usize {
    let mut solid = source.trim_end();
    loop {
        let behind = &source[solid.len()..];
        let whole = whole_escapes(solid);
        if whole.len() == solid.len() || !behind.starts_with(['\n', '\r']) {
            return solid.len();
        }
        solid = whole.trim_end();
    }
}

/// A raw text without the backslash whose white space was trimmed off.
fn whole_escapes(raw: &str) -> &str {
    let backslashes = raw.bytes().rev().take_while(|byte| *byte == b'\\').count();
    if backslashes % 2 == 1 { &raw[..raw.len() - 1] } else { raw }
}

/// Cuts a text at its stars, in lower case: `a*B` gives `a`, `*`, `b`, and `**` gives `*`, nothing, `*`.
fn split_pattern(text: &str, stars: &[usize]) -> Option<Box<Pattern>> {
    if stars.is_empty() {
        return None;
    }
    let mut pieces = Vec::with_capacity(stars.len() * 2 + 1);
    let mut from = 0;
    for star in stars {
        if *star > 0 {
            pieces.push(text[from..*star].to_lowercase().into());
        }
        pieces.push(SmolStr::new_static("*"));
        from = star + 1;
    }
    if from < text.len() {
        pieces.push(text[from..].to_lowercase().into());
    }
    Some(Box::new(Pattern { pieces }))
}

/// Which bytes may mean something inside of an unquoted text: in keys (1), in values (2).
const MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    let (both, key, value) = (b"\n;#{}[]\\*)", b":.<>&-", b"$");
    let mut at = 0;
    while at < both.len() {
        marks[both[at] as usize] = 3;
        at += 1;
    }
    at = 0;
    while at < key.len() {
        marks[key[at] as usize] = 1;
        at += 1;
    }
    marks[value[0] as usize] = 2;
    marks
};

impl Parser<'_> {
    /// A text at the cursor, which stands on it; none when no text can begin here.
    pub(super) fn string(&mut self, in_key: bool) -> Option<Text> {
        match self.byte(self.at)? {
            b'"' => Some(self.double_quoted(in_key)),
            b'\'' => Some(self.single_quoted()),
            b'|' => Some(self.block()),
            _ => self.unquoted(in_key),
        }
    }

    fn unquoted(&mut self, in_key: bool) -> Option<Text> {
        let start = self.at;
        if self.bytes[start..].starts_with(b"...@") {
            let message = "unquoted strings cannot begin with ...@ as that's import spread syntax";
            self.error("import", start, start + 4, message).help = Some("quote the text".into());
        }
        if self.is_in_array() {
            self.look_ahead(start);
        }
        let mask = if in_key { 1 } else { 2 };
        let mut gather = Gather::new(self.text, start);
        loop {
            let from = self.at;
            let ordinary = self.bytes[from..].iter().position(|byte| MARKS[usize::from(*byte)] & mask != 0);
            self.at = ordinary.map_or(self.text.len(), |length| from + length);
            gather.take(from, self.at);
            if ordinary.is_none() || !self.unquoted_mark(in_key, &mut gather) {
                break;
            }
        }
        let is_as_written = gather.is_as_written();
        let (content, pattern) = gather.finish(str::trim_end)?;
        let length = match &content {
            Content::Plain(piece) if is_as_written => piece.text.len(),
            _ => solid_length(&self.text[start..self.at]),
        };
        let end = start + length;
        Some(Text { span: Span::new(start, end), form: Form::Unquoted, content, pattern })
    }

    /// Notes where the fourth character from an offset on stands.
    fn look_ahead(&mut self, start: usize) {
        let fourth = self.text[start..].char_indices().nth(3);
        self.looked_at = self.looked_at.max(fourth.map_or(self.text.len(), |(length, _)| start + length));
    }

    /// Handles a byte that may mean something in an unquoted text; false when the text ends before it.
    fn unquoted_mark(&mut self, in_key: bool, gather: &mut Gather<'_>) -> bool {
        match self.bytes[self.at] {
            b')' if self.in_edge_group => {
                let next = self.next_solid_from(self.at + 1);
                if matches!(next.on_line(), None | Some(b'#' | b'{' | b'}' | b'[' | b']' | b':' | b'.')) {
                    return false;
                }
                self.keep_byte(gather);
            }
            b')' => self.keep_byte(gather),
            b'*' => {
                gather.star();
                self.keep_byte(gather);
            }
            b'\\' => return self.unquoted_escape(gather),
            b'$' => self.interpolation(gather),
            b'-' if in_key => return self.dash(gather),
            _ => return false,
        }
        true
    }

    fn keep_byte(&mut self, gather: &mut Gather<'_>) {
        gather.take(self.at, self.at + 1);
        self.at += 1;
    }

    /// A dash in a key: the beginning of an arrow, the end of a key, or a part of it together with what follows.
    fn dash(&mut self, gather: &mut Gather<'_>) -> bool {
        match self.byte(self.at + 1) {
            None | Some(b'-' | b'>' | b'*') => false,
            Some(b'\n' | b';' | b'#' | b'{' | b'}' | b'[' | b']') => {
                self.keep_byte(gather);
                false
            }
            Some(b'\\') => {
                self.keep_byte(gather);
                true
            }
            Some(_) => {
                // What follows a dash is taken without a look at it: `a-:` is a key that ends with a colon.
                let behind = self.at + 1 + self.char_at(self.at + 1).map_or(1, char::len_utf8);
                gather.take(self.at, behind);
                self.at = behind;
                true
            }
        }
    }

    /// A `$` in a value: a substitution, or just a dollar sign when nothing but the line's end follows.
    fn interpolation(&mut self, gather: &mut Gather<'_>) {
        let start = self.at;
        self.at += 1;
        match self.substitution(start, false) {
            Some(substitution) => gather.substitution(substitution, self.at),
            None => gather.take(start, self.at),
        }
    }

    fn unquoted_escape(&mut self, gather: &mut Gather<'_>) -> bool {
        if let Some(behind) = self.line_continuation() {
            let next = self.next_solid_from(behind);
            gather.own();
            self.at = behind;
            if next.byte.is_none() || next.new_line {
                return false;
            }
            self.at = next.at;
            return true;
        }
        self.escape(gather)
    }

    /// The offset behind a backslash at a line's end and the line break.
    fn line_continuation(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'\\', b'\n', ..] => Some(self.at + 2),
            [b'\\', b'\r', b'\n', ..] => Some(self.at + 3),
            _ => None,
        }
    }

    /// An escape such as `\n`; false at the end of the text.
    fn escape(&mut self, gather: &mut Gather<'_>) -> bool {
        let start = self.at;
        let Some(escaped) = self.char_at(start + 1) else {
            self.at = self.text.len();
            self.error("escape", start, self.at, "unfinished escape sequence").help =
                Some("write `\\\\` for a backslash".into());
            return false;
        };
        self.at = start + 1 + escaped.len_utf8();
        let meant = match escaped {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            other => other,
        };
        gather.escape(meant, &self.text[start..self.at]);
        true
    }

    fn double_quoted(&mut self, in_key: bool) -> Text {
        let start = self.at;
        self.at += 1;
        let mut gather = Gather::new(self.text, self.at);
        loop {
            let from = self.at;
            let length = self.bytes[from..].iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'$'));
            self.at = length.map_or(self.text.len(), |length| from + length);
            gather.take(from, self.at);
            match self.byte(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'$') if in_key => self.keep_byte(&mut gather),
                Some(b'$') => self.interpolation(&mut gather),
                Some(b'\\') => match self.line_continuation() {
                    Some(behind) => {
                        gather.own();
                        self.at = behind;
                    }
                    None => {
                        self.escape(&mut gather);
                    }
                },
                _ => {
                    self.unterminated_quote(start, '"', "double");
                    break;
                }
            }
        }
        let (content, _) = gather.finish(|text| text).unwrap_or((Content::Plain(Piece::new("")), None));
        Text { span: Span::new(start, self.at), form: Form::Double, content, pattern: None }
    }

    fn unterminated_quote(&mut self, start: usize, quote: char, name: &str) {
        let message = format!("{name} quoted strings must be terminated with {quote}");
        self.error("unterminated", start, self.at, message).help =
            Some(format!("close the string with `{quote}`").into());
    }

    fn single_quoted(&mut self) -> Text {
        let start = self.at;
        self.at += 1;
        let mut gather = Gather::new(self.text, self.at);
        loop {
            let from = self.at;
            let length = self.bytes[from..].iter().position(|byte| matches!(byte, b'\'' | b'\\' | b'\n'));
            self.at = length.map_or(self.text.len(), |length| from + length);
            gather.take(from, self.at);
            match self.byte(self.at) {
                Some(b'\'') if self.byte(self.at + 1) == Some(b'\'') => {
                    gather.escape('\'', "''");
                    self.at += 2;
                }
                Some(b'\'') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => match self.line_continuation() {
                    Some(behind) => {
                        gather.own();
                        self.at = behind;
                    }
                    None => self.keep_byte(&mut gather),
                },
                _ => {
                    self.unterminated_quote(start, '\'', "single");
                    break;
                }
            }
        }
        let (content, _) = gather.finish(|text| text).unwrap_or((Content::Plain(Piece::new("")), None));
        Text { span: Span::new(start, self.at), form: Form::Single, content, pattern: None }
    }

    fn block(&mut self) -> Text {
        let start = self.at;
        self.at += 1;
        let quote_start = self.at;
        while let Some(c) = self.char_at(self.at).filter(|c| !c.is_whitespace() && !c.is_alphanumeric() && *c != '_') {
            self.at += c.len_utf8();
        }
        let quote = &self.text[quote_start..self.at];
        let tag_start = self.at;
        while let Some(c) = self.char_at(self.at).filter(|c| !c.is_whitespace()) {
            self.at += c.len_utf8();
        }
        let tag = match &self.text[tag_start..self.at] {
            "" => "md",
            tag => tag,
        };
        let fence = Fence { quote: quote.into(), tag: tag.into() };
        let text = self.block_body(start, quote);
        let content = Content::Plain(Piece::new(text));
        Text { span: Span::new(start, self.at), form: Form::Block(Box::new(fence)), content, pattern: None }
    }

    fn block_body(&mut self, start: usize, quote: &str) -> String {
        let closing = format!("{quote}|");
        // Text on the line of the fence counts as indented like the lines below it.
        let first_indent = if self.skip_line_of_space() { String::new() } else { INDENT.repeat(self.depth + 1) };
        let body = self.at;
        let end = match self.text[body..].find(&closing) {
            Some(length) => {
                self.at = body + length + closing.len();
                body + length
            }
            None => {
                self.at = self.text.len();
                let message = format!("block string must be terminated with {closing}");
                self.error("unterminated", start, self.at, message).help =
                    Some(format!("write `{closing}` behind the text").into());
                self.at
            }
        };
        let written = first_indent + &unix_lines(&self.text[body..end]);
        trim_common_indent(trim_last_line(&written))
    }
}
