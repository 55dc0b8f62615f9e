//! Front matter edited key by key.
//!
//! Each operation gives text edits and changes nothing. [`Front::checked`] holds the outcome against what was meant, so
//! that front matter written in a way that nobody foresaw is refused rather than spoilt.

use super::{lines, yaml};
use crate::load::{front, yaml as parser};
use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::change::apply_edits;
use loko_source::{Span, TextEdit};
use std::ops::Range;

/// The order in which keys stand when nothing else is known.
const ORDER: [&str; 15] = [
    "id",
    "name",
    "kind",
    "external",
    "description",
    "technology",
    "owner",
    "shape",
    "status",
    "tags",
    "links",
    "code",
    "dependencies",
    "relationships",
    "deployment",
];

/// Why front matter is not edited; the end of a sentence about its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) String);

type Edits = Result<Vec<TextEdit>, Unfit>;

/// The front matter of a text.
pub(super) struct Front<'t> {
    pub(super) text: &'t str,
    /// The lines between the dashes, if there are such.
    range: Option<Range<usize>>,
    /// Its entries.
    pub(super) entries: IndexMap<String, Entry>,
}

impl<'t> Front<'t> {
    /// Finds and reads the front matter; broken front matter is not edited.
    pub(super) fn read(text: &'t str) -> Result<Self, Unfit> {
        let parts = front::split(text);
        if parts.unclosed.is_some() {
            return Err(Unfit("has front matter without a closing `---` line".to_owned()));
        }
        let Some(span) = parts.front else {
            return Ok(Self { text, range: None, entries: IndexMap::new() });
        };
        let (value, problems) = parser::parse(&text[span.range()], span.range().start);
        if let Some(problem) = problems.first() {
            return Err(Unfit(format!("has front matter that is broken: {}", problem.message)));
        }
        let entries = match value {
            None => IndexMap::new(),
            Some(value) if value.data == Data::Null => IndexMap::new(),
            Some(value) if yaml::is_flow(text, &value) => {
                return Err(Unfit("has front matter in braces".to_owned()));
            }
            Some(Value { data: Data::Map(entries), .. }) => entries,
            Some(_) => return Err(Unfit("has front matter that is no mapping".to_owned())),
        };
        Ok(Self { text, range: Some(span.range()), entries })
    }

    /// The value of a key.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// Sets a key to a text.
    pub(super) fn set_text(&self, key: &str, text: &str) -> Edits {
        self.set(key, |quote| yaml::quoted(text, quote, false))
    }

    /// Sets a key to something written as YAML already, such as a number.
    pub(super) fn set_raw(&self, key: &str, written: &str) -> Edits {
        self.set(key, |_| written.to_owned())
    }

    fn set(&self, key: &str, written: impl Fn(yaml::Quote) -> String) -> Edits {
        let Some(entry) = self.entries.get(key) else {
            return self.insert(key, &written(yaml::Quote::Plain));
        };
        let Some(start) = yaml::value_start(self.text, entry) else {
            return Ok(vec![TextEdit::insert(
                yaml::after_colon(self.text, entry),
                format!(" {}", written(yaml::Quote::Plain)),
            )]);
        };
        if matches!(entry.value.data, Data::List(_) | Data::Map(_)) {
            return Err(Unfit(format!("has {} as its `{key}`", entry.value.kind_name())));
        }
        let end = yaml::entry_end(self.text, entry);
        let quote = yaml::quote_of(&self.text[start..end]);
        Ok(vec![TextEdit::replace(Span::new(start, end), written(quote))])
    }

    /// Takes a key away.
    pub(super) fn clear(&self, key: &str) -> Edits {
        Ok(self.entries.get(key).map(|entry| self.without(entry)).into_iter().collect())
    }

    fn without(&self, entry: &Entry) -> TextEdit {
        let start = yaml::raw_scalar(self.text, entry.key_span).start;
        TextEdit::replace(yaml::whole_lines(self.text, start, yaml::entry_end(self.text, entry)), "")
    }

    /// Takes away all that an entry holds, given by the edits that do so where it is a block. The key goes with it, unless
    /// a comment stands there that is about the key or about nothing that goes: then it stays with an empty list.
    pub(super) fn emptied(&self, entry: &Entry, parts: Vec<TextEdit>) -> Vec<TextEdit> {
        let text = self.text;
        let (colon, end) = (yaml::after_colon(text, entry), yaml::entry_end(text, entry));
        let is_comment = |written: &str| written.trim_start().starts_with('#');
        let below = lines::end(text, colon);
        match yaml::value_start(text, entry) {
            Some(start) if start < below => {
                let stays = is_comment(&text[end..lines::end(text, end)]);
                vec![if stays { TextEdit::replace(Span::new(start, end), "[]") } else { self.without(entry) }]
            }
            Some(_) => {
                let mut at = below;
                let mut stays = is_comment(&text[colon..below]);
                for line in text[below..lines::end(text, end)].split_inclusive('\n') {
                    let goes = parts.iter().any(|part| part.span.range().contains(&at));
                    stays |= is_comment(line) && !goes;
                    at += line.len();
                }
                let empty = TextEdit::insert(colon, " []");
                if stays { std::iter::once(empty).chain(parts).collect() } else { vec![self.without(entry)] }
            }
            None => vec![self.without(entry)],
        }
    }

    /// Adds a key that is not there yet, its value written as YAML; further lines are indented already.
    pub(super) fn insert(&self, key: &str, written: &str) -> Edits {
        let newline = lines::newline(self.text);
        let space = if written.starts_with(['\n', '\r']) || written.is_empty() { "" } else { " " };
        let line = format!("{}{key}:{space}{written}{newline}", self.indent());
        let Some(range) = &self.range else {
            let start = self.text.len() - self.text.trim_start_matches('\u{feff}').len();
            let gap = if self.text[start..].trim().is_empty() { "" } else { newline };
            return Ok(vec![TextEdit::insert(start, format!("---{newline}{line}---{newline}{gap}"))]);
        };
        let rank = ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
        let before = |name: &str| ORDER.iter().position(|known| *known == name).is_none_or(|other| other < rank);
        let mut known_before = self.entries.iter().filter(|(name, _)| before(name) && ORDER.contains(&name.as_str()));
        let after = if rank == ORDER.len() {
            self.entries.values().next_back()
        } else {
            known_before.next_back().map(|(_, e)| e)
        };
        let at = after.map_or(range.start, |entry| lines::end(self.text, yaml::entry_end(self.text, entry)));
        Ok(vec![TextEdit::insert(at, line)])
    }

    /// The blanks before each key.
    pub(super) fn indent(&self) -> &'t str {
        self.entries.values().next().map_or("", |entry| lines::indent(self.text, entry.key_span.range().start))
    }

    /// The texts of a list, one text counting as a list of one.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        match self.value(key) {
            Some(value) => match value.as_list() {
                Some(items) => items.iter().filter_map(Value::scalar_text).collect(),
                None => value.scalar_text().into_iter().collect(),
            },
            None => Vec::new(),
        }
    }

    /// Adds texts to a list.
    pub(super) fn list_add(&self, key: &str, texts: &[String]) -> Edits {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let flow = |texts: &[String]| texts.iter().map(|text| yaml::flow_scalar(text)).collect::<Vec<_>>().join(", ");
        let Some(entry) = self.entries.get(key) else {
            return self.insert(key, &format!("[{}]", flow(texts)));
        };
        let Some(start) = yaml::value_start(self.text, entry) else {
            return Ok(vec![TextEdit::insert(yaml::after_colon(self.text, entry), format!(" [{}]", flow(texts)))]);
        };
        match &entry.value.data {
            Data::List(_) => {
                let written: Vec<String> = texts.iter().map(|text| yaml::flow_scalar(text)).collect();
                let plain: Vec<String> = texts.iter().map(|text| yaml::scalar(text)).collect();
                Ok(vec![self.append(&entry.value, &plain, &written)])
            }
            Data::Map(_) => Err(Unfit(format!("has a mapping as its `{key}`"))),
            _ => {
                let end = yaml::entry_end(self.text, entry);
                let before = self.text[start..end].to_owned();
                Ok(vec![TextEdit::replace(Span::new(start, end), format!("[{before}, {}]", flow(texts)))])
            }
        }
    }

    /// Adds items to the end of a list, as lines of a block or between brackets, whichever the list has.
    pub(super) fn append(&self, list: &Value, block: &[String], flow: &[String]) -> TextEdit {
        let end = yaml::node_end(self.text, list);
        let items = list.as_list().unwrap_or_default();
        if yaml::is_flow(self.text, list) {
            return match items.last() {
                Some(last) => TextEdit::insert(yaml::node_end(self.text, last), format!(", {}", flow.join(", "))),
                None => TextEdit::insert(end.saturating_sub(1), flow.join(", ")),
            };
        }
        let newline = lines::newline(self.text);
        let start = yaml::node_start(self.text, list);
        let indent = " ".repeat(start - lines::start(self.text, start));
        let lines: String = block.iter().map(|item| format!("{indent}- {item}{newline}")).collect();
        TextEdit::insert(lines::end(self.text, end), lines)
    }

    /// Takes texts out of a list; a list that becomes empty goes with its key.
    pub(super) fn list_remove(&self, key: &str, texts: &[String]) -> Edits {
        let Some(entry) = self.entries.get(key) else { return Ok(Vec::new()) };
        let gone = |value: &Value| value.scalar_text().is_some_and(|text| texts.contains(&text));
        let Some(items) = entry.value.as_list() else {
            return Ok(if gone(&entry.value) { vec![self.without(entry)] } else { Vec::new() });
        };
        let indices: Vec<usize> = (0..items.len()).filter(|at| gone(&items[*at])).collect();
        Ok(self.remove_items(entry, &indices))
    }

    /// Takes texts out of a list that stays, and adds others.
    pub(super) fn list_exchange(&self, key: &str, gone: &[String], added: &[String]) -> Edits {
        let all_go = self.texts(key).iter().all(|text| gone.contains(text));
        if let (Some(entry), true) = (self.entries.get(key), all_go) {
            return Ok(vec![self.with_other_items(entry, added)]);
        }
        let mut edits = self.list_remove(key, gone)?;
        edits.extend(self.list_add(key, added)?);
        Ok(edits)
    }

    /// Puts other texts in the place of all that an entry has, as a list of the same form.
    fn with_other_items(&self, entry: &Entry, texts: &[String]) -> TextEdit {
        let text = self.text;
        let Some(start) = yaml::value_start(text, entry) else {
            let flow: Vec<String> = texts.iter().map(|text| yaml::flow_scalar(text)).collect();
            return TextEdit::insert(yaml::after_colon(text, entry), format!(" [{}]", flow.join(", ")));
        };
        let end = yaml::entry_end(text, entry);
        let is_block = entry.value.as_list().is_some() && !yaml::is_flow(text, &entry.value);
        if is_block {
            let indent = " ".repeat(start - lines::start(text, start));
            let items: Vec<String> = texts.iter().map(|text| format!("- {}", yaml::scalar(text))).collect();
            let written = items.join(&format!("{}{indent}", lines::newline(text)));
            return TextEdit::replace(Span::new(start, end), written);
        }
        let flow: Vec<String> = texts.iter().map(|text| yaml::flow_scalar(text)).collect();
        TextEdit::replace(Span::new(start, end), format!("[{}]", flow.join(", ")))
    }

    /// Takes items out of the list that an entry has; when all go, it is emptied.
    pub(super) fn remove_items(&self, entry: &Entry, indices: &[usize]) -> Vec<TextEdit> {
        let items = entry.value.as_list().unwrap_or_default();
        if !indices.is_empty() && indices.len() == items.len() {
            return self.emptied(entry, remove_items(self.text, &entry.value, indices));
        }
        remove_items(self.text, &entry.value, indices)
    }

    /// The text with edits made, if it is then read as `meant` says of its entries.
    pub(super) fn checked(&self, edits: &[TextEdit], meant: impl Fn(&Front<'_>) -> bool) -> Result<(), Unfit> {
        let unforeseen = || Unfit("is written in a way that cannot be edited safely".to_owned());
        let after = apply_edits(self.text, edits).map_err(|_| unforeseen())?;
        let front = Front::read(&after).map_err(|_| unforeseen())?;
        if meant(&front) { Ok(()) } else { Err(unforeseen()) }
    }

    /// Whether all entries but those of some keys mean the same in another front matter.
    pub(super) fn same_but(&self, other: &Front<'_>, keys: &[&str]) -> bool {
        let rest = |front: &Front<'_>| -> Vec<(String, Value)> {
            let others = front.entries.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
            others.map(|(key, entry)| (key.clone(), entry.value.clone())).collect()
        };
        let (mine, theirs) = (rest(self), rest(other));
        mine.len() == theirs.len()
            && mine
                .iter()
                .zip(&theirs)
                .all(|((key, value), (their_key, theirs))| key == their_key && same(value, theirs))
    }
}

/// Takes items out of a list; a `[…]` of which none stays is left to who calls.
pub(super) fn remove_items(text: &str, list: &Value, indices: &[usize]) -> Vec<TextEdit> {
    let items = list.as_list().unwrap_or_default();
    if yaml::is_flow(text, list) {
        return remove_flow(
            text,
            items.iter().map(|item| (yaml::node_start(text, item), yaml::node_end(text, item))),
            indices,
        );
    }
    let block = |item: &Value| {
        let start = yaml::node_start(text, item);
        let dash = yaml::dash_before(text, start).unwrap_or(start);
        TextEdit::replace(yaml::whole_lines(text, dash, yaml::node_end(text, item).max(dash)), "")
    };
    indices.iter().filter_map(|at| items.get(*at)).map(block).collect()
}

/// Takes parts, given by where they begin and end, out of a `[…]` or `{…}`; each run of gone parts takes one comma less
/// than it has parts when it reaches the end.
pub(super) fn remove_flow(text: &str, parts: impl Iterator<Item = (usize, usize)>, gone: &[usize]) -> Vec<TextEdit> {
    let parts: Vec<(usize, usize)> = parts.collect();
    let kept = |at: usize| !gone.contains(&at);
    let mut edits = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        if kept(at) {
            at += 1;
            continue;
        }
        let first = at;
        while at < parts.len() && !kept(at) {
            at += 1;
        }
        // From the first gone part to the next kept one; at the end, from the last kept one.
        let span = match (parts.get(at), first.checked_sub(1)) {
            (Some(next), _) => Span::new(parts[first].0, next.0),
            (None, Some(before)) => Span::new(parts[before].1, parts[at - 1].1),
            (None, None) => Span::new(parts[first].0, parts[at - 1].1),
        };
        debug_assert!(span.range().end <= text.len(), "parts lie in their text");
        edits.push(TextEdit::replace(span, ""));
    }
    edits
}

/// Whether two values mean the same, wherever they stand.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (&a.data, &b.data) {
        (Data::List(a), Data::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Data::Map(a), Data::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((key, a), (other, b))| key == other && same(&a.value, &b.value))
        }
        // NaN is itself here.
        (Data::Float(a), Data::Float(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}
