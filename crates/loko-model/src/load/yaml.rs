//! YAML to [`Value`] trees with byte spans.
//!
//! Reads YAML 1.2 with the core schema (`yes` is a text, `012` a number) and 1.1's merge key `<<`. Never fails: of a
//! broken text, the top-level entries that can be read are read, each error costs only the entry it stands in.
//! Aliases are copied, at most [`ALIAS_NODES_MAX`] nodes a text, so that nobody blows a small file up.

use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::Span;
use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use std::borrow::Cow;

mod fast;

/// How deep lists and mappings may stand in each other.
pub const YAML_DEPTH_MAX: usize = 64;

/// Room for this many entries is made at once: few mappings of front matter have more.
const ENTRIES_USUAL: usize = 8;

/// How many nodes the aliases of one text may add.
pub const ALIAS_NODES_MAX: usize = 10_000;

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where.
    pub(crate) span: Span,
    /// What, as the end of a sentence.
    pub(crate) message: String,
    /// What to say at the place.
    pub(crate) label: String,
    /// What one can do.
    pub(crate) help: Option<String>,
    /// For a repeated key: the key, and where it stood first.
    pub(crate) repeats: Option<(String, Span)>,
}

impl Problem {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), label: String::new(), help: None, repeats: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads a text that stands at `offset` of its file. No value when the text says nothing.
pub(crate) fn parse(text: &str, offset: usize) -> (Option<Value>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut quick = Builder::new(text, offset, &mut problems);
    if fast::read(text, &mut quick).is_ok() {
        let root = quick.root;
        return (root, problems);
    }
    problems.clear();
    let (value, complete) = Builder::new(text, offset, &mut problems).run();
    if complete || problems.len() > 1 {
        return (value, problems);
    }
    let chunks = top_level_chunks(text);
    if chunks.len() < 2 {
        return (value, problems);
    }
    recover(text, offset, &chunks, problems)
}

/// Reads each top-level entry by itself, so that a broken one costs nothing but itself.
fn recover(text: &str, offset: usize, chunks: &[usize], whole: Vec<Problem>) -> (Option<Value>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut entries: IndexMap<String, Entry> = IndexMap::new();
    let ends = chunks.iter().skip(1).copied().chain([text.len()]);
    for (start, end) in chunks.iter().copied().zip(ends) {
        let mut found = Vec::new();
        let (value, _) = Builder::new(&text[start..end], offset + start, &mut found).run();
        let broken = !found.is_empty();
        // An alias may stand in another entry than its anchor.
        problems.extend(found.into_iter().filter(|problem| !problem.message.contains("unknown anchor")));
        if let Some(Value { data: Data::Map(map), .. }) = value {
            for (key, entry) in map.into_iter().filter(|(_, entry)| !broken || holds_something(&entry.value)) {
                add_entry(&mut entries, key, entry, &mut problems);
            }
        }
    }
    if problems.is_empty() {
        problems = whole;
    }
    let span = Span::new(offset, offset + text.len());
    (Some(Value { data: Data::Map(entries), span }), problems)
}

/// Whether a broken entry's value is worth keeping: the items that stand before the error.
fn holds_something(value: &Value) -> bool {
    match &value.data {
        Data::List(items) => !items.is_empty(),
        Data::Map(entries) => !entries.is_empty(),
        _ => false,
    }
}

/// Where top-level entries begin: lines that start with something that can begin a key.
fn top_level_chunks(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut starts = Vec::new();
    for line in text.split_inclusive('\n') {
        let begins_key = line.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '"' | '\'' | '_'));
        if begins_key && line.contains(':') {
            starts.push(at);
        }
        at += line.len();
    }
    starts
}

fn add_entry(map: &mut IndexMap<String, Entry>, key: String, entry: Entry, problems: &mut Vec<Problem>) {
    match map.entry(key) {
        indexmap::map::Entry::Vacant(place) => {
            place.insert(entry);
        }
        indexmap::map::Entry::Occupied(first) => problems.push(Problem {
            span: entry.key_span,
            message: format!("`{}` is stated twice", first.key()),
            label: "stated again".to_owned(),
            help: Some("keep one of them; the first one counts".to_owned()),
            repeats: Some((first.key().clone(), first.get().key_span)),
        }),
    }
}

/// Turns char offsets, which the parser gives, into byte offsets.
enum Offsets {
    /// In ASCII they are the same.
    Same,
    /// The byte at which each char begins, and the end.
    Table(Vec<u32>),
}

impl Offsets {
    fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Same;
        }
        Self::Table(text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect())
    }

    fn byte(&self, index: usize, len: usize) -> usize {
        match self {
            Self::Same => index.min(len),
            Self::Table(starts) => starts.get(index).map_or(len, |at| *at as usize),
        }
    }
}

/// A list or mapping that is not complete yet.
enum Open {
    List {
        items: Vec<Value>,
        start: usize,
        anchor: usize,
    },
    Map {
        entries: IndexMap<String, Entry>,
        merges: Vec<Value>,
        key: Option<(String, Span, bool)>,
        start: usize,
        anchor: usize,
    },
}

struct Builder<'t, 'p> {
    text: &'t str,
    offset: usize,
    offsets: Offsets,
    open: Vec<Open>,
    root: Option<Value>,
    anchors: FxHashMap<usize, Value>,
    copied: usize,
    problems: &'p mut Vec<Problem>,
}

impl<'t, 'p> Builder<'t, 'p> {
    fn new(text: &'t str, offset: usize, problems: &'p mut Vec<Problem>) -> Self {
        Self {
            text,
            offset,
            offsets: Offsets::new(text),
            open: Vec::new(),
            root: None,
            anchors: FxHashMap::default(),
            copied: 0,
            problems,
        }
    }

    /// The value, and whether the text was read to its end.
    fn run(mut self) -> (Option<Value>, bool) {
        let mut parser = Parser::new_from_str(self.text);
        let complete = self.events(&mut parser);
        while !self.open.is_empty() {
            let end = self.text.len();
            self.close(end);
        }
        (self.root, complete)
    }

    fn events(&mut self, parser: &mut Parser<'t, StrInput<'t>>) -> bool {
        let mut documents = 0;
        loop {
            let (event, span) = match parser.next_event() {
                None => return true,
                Some(Ok(found)) => found,
                Some(Err(error)) => {
                    let at = self.byte(error.marker().index());
                    let problem = self.explain(at, error.info());
                    self.problems.push(problem);
                    return false;
                }
            };
            let (start, end) = (self.byte(span.start.index()), self.byte(span.end.index()));
            match event {
                Event::StreamEnd => return true,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let place = self.span(start, end);
                        self.problems.push(Problem::new(place, "only one YAML document can stand here"));
                        return false;
                    }
                }
                Event::SequenceStart(anchor, _) => {
                    let start = self.list_start(start);
                    self.open.push(Open::List { items: Vec::new(), start, anchor });
                }
                Event::MappingStart(anchor, _) => {
                    self.open.push(Open::Map {
                        entries: IndexMap::new(),
                        merges: Vec::new(),
                        key: None,
                        start,
                        anchor,
                    });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    // Spaces and a comment behind a bracket are none of it.
                    let bracket = matches!(self.text.as_bytes().get(start), Some(b']' | b'}'));
                    self.close(if bracket && start < end { start + 1 } else { end });
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let value = self.scalar(text, style, tag.as_deref(), start, end);
                    let merge = style == ScalarStyle::Plain;
                    self.add(value, anchor, merge);
                }
                Event::Alias(anchor) => match self.copy(anchor, start, end) {
                    Some(value) => self.add(value, 0, false),
                    None => return false,
                },
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            }
            if self.open.len() > YAML_DEPTH_MAX {
                let place = self.span(start, end);
                let message = format!("lists and mappings stand more than {YAML_DEPTH_MAX} deep in each other");
                self.problems.push(Problem::new(place, message));
                return false;
            }
        }
    }

    /// The full parser lets some lists begin behind their first dash.
    fn list_start(&self, start: usize) -> usize {
        if self.text[start..].starts_with(['-', '[']) {
            return start;
        }
        let before = self.text[..start].trim_end_matches(' ');
        if before.ends_with('-') { before.len() - 1 } else { start }
    }

    /// Begins a list at an offset.
    fn open_list(&mut self, start: usize) {
        self.open.push(Open::List { items: Vec::new(), start, anchor: 0 });
    }

    /// Begins a mapping at an offset.
    fn open_map(&mut self, start: usize) {
        let entries = IndexMap::with_capacity(ENTRIES_USUAL);
        self.open.push(Open::Map { entries, merges: Vec::new(), key: None, start, anchor: 0 });
    }

    /// Ends the innermost list or mapping: behind its bracket, or where its last part ends.
    fn close_at(&mut self, end: usize) {
        self.close(end);
    }

    /// Adds a text, or what the text says.
    fn add_scalar(&mut self, text: Cow<'t, str>, style: ScalarStyle, start: usize, end: usize) {
        let value = self.scalar(text, style, None, start, end);
        self.add(value, 0, style == ScalarStyle::Plain);
    }

    fn byte(&self, index: usize) -> usize {
        self.offsets.byte(index, self.text.len())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.offset + start, self.offset + end.max(start))
    }

    fn scalar(&self, text: Cow<'t, str>, style: ScalarStyle, tag: Option<&Tag>, start: usize, end: usize) -> Value {
        let written = self.text.get(start..end).unwrap_or("");
        let end = start + written.trim_end().len();
        let tagged_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        let data = match style {
            ScalarStyle::Plain if !tagged_text => plain(text),
            ScalarStyle::Literal | ScalarStyle::Folded => Data::Text(text.trim_end_matches('\n').to_owned()),
            _ => Data::Text(text.into_owned()),
        };
        Value { data, span: self.span(start, end) }
    }

    /// A copy of what an alias names, unless that is too much or not complete.
    fn copy(&mut self, anchor: usize, start: usize, end: usize) -> Option<Value> {
        let place = self.span(start, end);
        let Some(value) = self.anchors.get(&anchor) else {
            self.problems.push(Problem::new(place, "an alias stands inside of what it names"));
            return None;
        };
        self.copied += 1;
        if !count_nodes(value, &mut self.copied) {
            let message = format!("aliases add more than {ALIAS_NODES_MAX} values");
            self.problems.push(Problem::new(place, message));
            return None;
        }
        Some(value.clone())
    }

    fn add(&mut self, value: Value, anchor: usize, plain: bool) {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map { entries, merges, key, .. }) => match key.take() {
                None => {
                    let span = value.span;
                    match key_text(value, self.text, self.offset) {
                        Ok(name) => *key = Some((name, span, plain)),
                        Err(kind) => {
                            *key = Some((String::new(), span, false));
                            self.problems.push(
                                Problem::new(span, format!("a key is a text, not {kind}")).help("write it in quotes"),
                            );
                        }
                    }
                }
                Some((name, _, true)) if name == "<<" => merges.push(value),
                Some((name, key_span, _)) => {
                    add_entry(entries, name, Entry { key_span, value }, self.problems);
                }
            },
        }
    }

    fn close(&mut self, end: usize) {
        let (value, anchor) = match self.open.pop() {
            None => return,
            Some(Open::List { items, start, anchor }) => {
                let end = self.collection_end(start, end, items.last().map(|item| item.span));
                (Value { data: Data::List(items), span: self.span(start, end) }, anchor)
            }
            Some(Open::Map { mut entries, merges, key, start, anchor }) => {
                // A key without its value: the text broke off behind it.
                drop(key);
                let last =
                    entries.values().map(|entry| entry.key_span.to(entry.value.span)).max_by_key(|span| span.end);
                let end = self.collection_end(start, end, last);
                merge(&mut entries, merges);
                (Value { data: Data::Map(entries), span: self.span(start, end) }, anchor)
            }
        };
        self.add(value, anchor, false);
    }

    /// Block collections end where their last part ends, flow collections behind their bracket.
    fn collection_end(&self, start: usize, end: usize, last: Option<Span>) -> usize {
        let bracket = self.text[..end].ends_with([']', '}']) && self.text[start..].starts_with(['[', '{']);
        match last {
            Some(last) if !bracket => (last.end as usize).saturating_sub(self.offset).clamp(start, self.text.len()),
            _ => end.max(start),
        }
    }

    /// A parser's error in words that help.
    fn explain(&self, at: usize, info: &str) -> Problem {
        // The parser takes it for the end of all.
        if let Some(nul) = self.text[at..].find('\0').map(|found| at + found) {
            return Problem::new(self.span(nul, nul + 1), "a NUL character stands in the text")
                .help("take it out; it is invisible in most editors");
        }
        let line_start = self.text[..at].rfind('\n').map_or(0, |found| found + 1);
        let line_end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        let line = &self.text[line_start..line_end];
        let next = self.text[at..].chars().next().filter(|found| !found.is_control());
        let place = self.span(at, at + next.map_or(0, char::len_utf8));
        let indent = &line[..line.len() - line.trim_start().len()];
        let tab = indent.find('\t').or_else(|| line.find('\t').filter(|_| info.contains("tab")));
        if let Some(tab) = tab {
            let tab = line_start + tab;
            return Problem::new(self.span(tab, tab + 1), "a tab indents")
                .help("indent with spaces; YAML does not allow tabs");
        }
        let (message, help) = if info.contains("mapping values are not allowed") {
            ("a `:` stands in an unquoted text", "put the text in quotes: \"…: …\"")
        } else if info.contains("unexpected character") {
            ("a text begins with a character that has a meaning in YAML", "put the text in quotes")
        } else if info.contains("quoted scalar") && info.contains("end of stream") {
            ("a quoted text is not closed", "close the quotes")
        } else if info.contains("unknown escape") {
            ("an unknown escape stands in a quoted text", "write `\\\\` for a backslash, or use single quotes")
        } else if info.contains("unknown anchor") {
            ("an unknown anchor is named", "define it before with `&`, or put the text in quotes")
        } else {
            return Problem::new(place, format!("not YAML: {info}"))
                .help("check indentation, quotes and brackets here and in the line above");
        };
        Problem::new(place, message).help(help)
    }
}

/// Counts the nodes of a value; false as soon as there are too many.
fn count_nodes(value: &Value, count: &mut usize) -> bool {
    *count += 1;
    *count <= ALIAS_NODES_MAX
        && match &value.data {
            Data::List(items) => items.iter().all(|item| count_nodes(item, count)),
            Data::Map(entries) => entries.values().all(|entry| count_nodes(&entry.value, count)),
            _ => true,
        }
}

/// Adds what `<<` names, wherever the mapping itself says nothing.
fn merge(entries: &mut IndexMap<String, Entry>, merges: Vec<Value>) {
    for value in merges {
        match value.data {
            Data::Map(more) => {
                for (key, entry) in more {
                    entries.entry(key).or_insert(entry);
                }
            }
            Data::List(items) => merge(entries, items.into_iter().filter(|item| item.as_map().is_some()).collect()),
            _ => {}
        }
    }
}

/// A key as text; numbers and booleans are keys as they are written. Else the name of what it is.
fn key_text(value: Value, text: &str, offset: usize) -> Result<String, &'static str> {
    let kind = value.kind_name();
    match value.data {
        Data::Text(key) => Ok(key),
        Data::Bool(_) | Data::Integer(_) | Data::Float(_) | Data::Null => {
            let span = value.span.range();
            text.get(span.start - offset..span.end - offset).map(str::to_owned).ok_or(kind)
        }
        Data::List(_) | Data::Map(_) => Err(kind),
    }
}

/// An unquoted scalar by YAML 1.2's core schema.
fn plain(text: Cow<'_, str>) -> Data {
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        _ => {}
    }
    let may_be_number = |first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.');
    if text.starts_with(may_be_number)
        && let Some(number) = number(&text)
    {
        return number;
    }
    Data::Text(text.into_owned())
}

fn number(text: &str) -> Option<Data> {
    let radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok().map(Data::Integer);
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            return Some(Data::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }));
        }
        ".nan" | ".NaN" | ".NAN" => return Some(Data::Float(f64::NAN)),
        _ => {}
    }
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Data::Integer(whole));
    }
    let has_digit = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    has_digit.then(|| text.parse::<f64>().ok().map(Data::Float)).flatten()
}
