//! The relations stated in front matter: each statement's place, and how to add one or take one away.

use super::front::{self, Front, Unfit};
use super::{lines, yaml};
use crate::RelationKind;
use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::{Span, TextEdit};

/// The key under which relations are stated.
pub(super) const KEY: &str = "relationships";

/// What a relation says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) to: String,
    pub(super) description: String,
    pub(super) technology: String,
    pub(super) kind: RelationKind,
    pub(super) event: Option<String>,
    pub(super) bidirectional: bool,
    pub(super) tags: Vec<String>,
}

impl Stated {
    /// The keys besides the target with their values, in the order in which they are written.
    fn keys(&self, description_key: &'static str) -> Vec<(&'static str, &str)> {
        let kind = if self.kind == RelationKind::Sync { "" } else { self.kind.name() };
        let all = [
            (description_key, self.description.as_str()),
            ("technology", self.technology.as_str()),
            ("type", kind),
            ("event", self.event.as_deref().unwrap_or("")),
            ("direction", if self.bidirectional { "bidirectional" } else { "" }),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    fn is_bare(&self) -> bool {
        self.keys("description").is_empty() && self.tags.is_empty()
    }

    fn tag_list(&self) -> String {
        let tags: Vec<String> = self.tags.iter().map(|tag| yaml::flow_scalar(tag)).collect();
        format!("[{}]", tags.join(", "))
    }

    /// As `{ key: value, … }`, with the target first when it has a key of its own.
    fn flow(&self, to_key: Option<&str>, description_key: &'static str) -> String {
        let target = to_key.map(|key| format!("{key}: {}", yaml::flow_scalar(&self.to)));
        let keys =
            self.keys(description_key).into_iter().map(|(key, value)| format!("{key}: {}", yaml::flow_scalar(value)));
        let tags = (!self.tags.is_empty()).then(|| format!("tags: {}", self.tag_list()));
        let all: Vec<String> = target.into_iter().chain(keys).chain(tags).collect();
        format!("{{ {} }}", all.join(", "))
    }

    /// As lines of a block, the first without its indentation, the last without its line break.
    fn block(&self, to_key: &str, description_key: &'static str, indent: &str, newline: &str) -> String {
        let mut lines = vec![format!("{to_key}: {}", yaml::scalar(&self.to))];
        for (key, value) in self.keys(description_key) {
            lines.push(format!("{key}: {}", yaml::scalar(value)));
        }
        if !self.tags.is_empty() {
            lines.push(format!("tags: {}", self.tag_list()));
        }
        lines.join(&format!("{newline}{indent}"))
    }
}

/// Where in the value of `relationships` a statement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The value itself.
    Whole,
    /// An item of the list.
    Item(usize),
    /// An entry of the mapping.
    Entry(String),
    /// An item of the list that an entry of the mapping has.
    Object(String, usize),
}

/// One statement with the place of its target's name, the text of its description, and its spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) target: Span,
    pub(super) description: String,
    pub(super) spot: Spot,
}

fn text_of(entries: &IndexMap<String, Entry>, keys: [&str; 2]) -> Option<String> {
    keys.iter().find_map(|key| entries.get(*key)?.value.scalar_text()).map(|text| text.trim().to_owned())
}

/// All statements below `relationships`.
pub(super) fn all(front: &Front<'_>) -> Vec<Found> {
    let Some(value) = front.value(KEY) else { return Vec::new() };
    match &value.data {
        Data::List(items) => {
            items.iter().enumerate().flat_map(|(at, item)| item_statements(item, &Spot::Item(at), "")).collect()
        }
        Data::Map(entries) if target_of(entries).is_some() => item_statements(value, &Spot::Whole, ""),
        Data::Map(entries) => entries.iter().flat_map(|(key, entry)| entry_statements(key, entry)).collect(),
        Data::Null => Vec::new(),
        _ => item_statements(value, &Spot::Whole, ""),
    }
}

fn target_of(entries: &IndexMap<String, Entry>) -> Option<&Entry> {
    entries.get("to").or_else(|| entries.get("target"))
}

fn item_statements(item: &Value, spot: &Spot, verb: &str) -> Vec<Found> {
    let found = |target: Span, description: Option<String>| Found {
        target,
        description: description.filter(|text| !text.is_empty()).unwrap_or_else(|| verb.to_owned()),
        spot: spot.clone(),
    };
    match &item.data {
        Data::Text(_) => vec![found(item.span, None)],
        Data::Map(entries) => match target_of(entries) {
            Some(target) => vec![found(target.value.span, text_of(entries, ["description", "label"]))],
            None => entries.iter().map(|(_, entry)| found(entry.key_span, description_of(&entry.value))).collect(),
        },
        _ => Vec::new(),
    }
}

fn description_of(value: &Value) -> Option<String> {
    match &value.data {
        Data::Map(entries) => text_of(entries, ["description", "label"]),
        _ => value.scalar_text().map(|text| text.trim().to_owned()),
    }
}

fn entry_statements(key: &str, entry: &Entry) -> Vec<Found> {
    match &entry.value.data {
        Data::List(items) => {
            let verb = key.replace('_', " ");
            let objects = items.iter().enumerate();
            objects.flat_map(|(at, item)| item_statements(item, &Spot::Object(key.to_owned(), at), &verb)).collect()
        }
        value => {
            let description = if *value == Data::Null { None } else { description_of(&entry.value) };
            vec![Found {
                target: entry.key_span,
                description: description.unwrap_or_default(),
                spot: Spot::Entry(key.to_owned()),
            }]
        }
    }
}

/// The edits that take statements away.
pub(super) fn remove(front: &Front<'_>, gone: &[Spot]) -> Result<Vec<TextEdit>, Unfit> {
    let Some(entry) = front.entries.get(KEY).filter(|_| !gone.is_empty()) else { return Ok(Vec::new()) };
    let all_of = |map: &IndexMap<String, Entry>| {
        remove_entries(front.text, &entry.value, map, &(0..map.len()).collect::<Vec<_>>())
    };
    if gone.contains(&Spot::Whole) {
        return Ok(front.emptied(entry, entry.value.as_map().map(all_of).unwrap_or_default()));
    }
    match &entry.value.data {
        Data::List(items) => {
            let indices: Vec<usize> = (0..items.len()).filter(|at| gone.contains(&Spot::Item(*at))).collect();
            Ok(front.remove_items(entry, &indices))
        }
        Data::Map(entries) => {
            let is_gone = |key: &str, entry: &Entry| match entry.value.as_list() {
                Some(items) => (0..items.len()).all(|at| gone.contains(&Spot::Object(key.to_owned(), at))),
                None => gone.contains(&Spot::Entry(key.to_owned())),
            };
            let indices: Vec<usize> =
                entries.iter().enumerate().filter(|(_, (key, entry))| is_gone(key, entry)).map(|(at, _)| at).collect();
            if indices.len() == entries.len() {
                return Ok(front.emptied(entry, all_of(entries)));
            }
            let mut edits = remove_entries(front.text, &entry.value, entries, &indices);
            for (at, (key, entry)) in entries.iter().enumerate() {
                let items = entry.value.as_list().unwrap_or_default();
                let some: Vec<usize> =
                    (0..items.len()).filter(|item| gone.contains(&Spot::Object(key.clone(), *item))).collect();
                if !indices.contains(&at) && !some.is_empty() {
                    edits.extend(front::remove_items(front.text, &entry.value, &some));
                }
            }
            Ok(edits)
        }
        _ => Ok(front.emptied(entry, Vec::new())),
    }
}

fn remove_entries(text: &str, map: &Value, entries: &IndexMap<String, Entry>, indices: &[usize]) -> Vec<TextEdit> {
    let extent = |entry: &Entry| (yaml::raw_scalar(text, entry.key_span).start, yaml::entry_end(text, entry));
    if yaml::is_flow(text, map) {
        return front::remove_flow(text, entries.values().map(extent), indices);
    }
    let lines = |entry: &Entry| {
        let (start, end) = extent(entry);
        TextEdit::replace(yaml::whole_lines(text, start, end), "")
    };
    indices.iter().filter_map(|at| entries.get_index(*at)).map(|(_, entry)| lines(entry)).collect()
}

/// The edits that add a statement, written as those that stand there are.
pub(super) fn add(front: &Front<'_>, stated: &Stated) -> Result<Vec<TextEdit>, Unfit> {
    let Some(entry) = front.entries.get(KEY) else { return add_key(front, stated) };
    match &entry.value.data {
        Data::Null => add_below(front, entry, stated),
        Data::List(items) => Ok(vec![add_item(front, &entry.value, items, stated)]),
        Data::Map(entries) if target_of(entries).is_some() => {
            Err(Unfit(format!("states one relation as the whole of `{KEY}`")))
        }
        Data::Map(entries) => add_entry(front, &entry.value, entries, stated),
        _ => {
            let raw = yaml::raw_scalar(front.text, entry.value.span);
            let flow =
                if stated.is_bare() { yaml::flow_scalar(&stated.to) } else { stated.flow(Some("to"), "description") };
            let before = &front.text[raw.clone()];
            Ok(vec![TextEdit::replace(Span::new(raw.start, raw.end), format!("[{before}, {flow}]"))])
        }
    }
}

/// The blanks before the dash of a list: as other lists of the file have them below their key, else two.
fn list_indent(front: &Front<'_>) -> String {
    let text = front.text;
    let list = front.entries.values().find_map(|entry| {
        let is_block =
            entry.value.as_list().is_some_and(|items| !items.is_empty()) && !yaml::is_flow(text, &entry.value);
        is_block.then(|| lines::indent(text, yaml::node_start(text, &entry.value)).to_owned())
    });
    list.unwrap_or_else(|| format!("{}  ", front.indent()))
}

fn first_item(front: &Front<'_>, stated: &Stated) -> String {
    let newline = lines::newline(front.text);
    let indent = list_indent(front);
    let item = if stated.is_bare() {
        yaml::scalar(&stated.to)
    } else {
        stated.block("to", "description", &format!("{indent}  "), newline)
    };
    format!("{newline}{indent}- {item}")
}

fn add_key(front: &Front<'_>, stated: &Stated) -> Result<Vec<TextEdit>, Unfit> {
    front.insert(KEY, &first_item(front, stated))
}

/// The key stands there with nothing behind it.
fn add_below(front: &Front<'_>, entry: &Entry, stated: &Stated) -> Result<Vec<TextEdit>, Unfit> {
    let colon = yaml::after_colon(front.text, entry);
    if yaml::value_start(front.text, entry).is_some() {
        let end = yaml::entry_end(front.text, entry);
        return Ok(vec![TextEdit::replace(Span::new(colon, end), first_item(front, stated))]);
    }
    let line_end = lines::end(front.text, colon);
    let item = first_item(front, stated);
    let newline = lines::newline(front.text);
    Ok(vec![TextEdit::insert(line_end, format!("{}{newline}", item.trim_start_matches(['\r', '\n'])))])
}

/// The words that the last relation with keys uses for its target and its description.
fn words<'e>(
    items: impl DoubleEndedIterator<Item = &'e IndexMap<String, Entry>> + Clone,
) -> (&'static str, &'static str) {
    let to = items.clone().rev().find_map(|keys| {
        if keys.contains_key("to") { Some("to") } else { keys.contains_key("target").then_some("target") }
    });
    let description = items.rev().find_map(|keys| {
        if keys.contains_key("description") {
            Some("description")
        } else {
            keys.contains_key("label").then_some("label")
        }
    });
    (to.unwrap_or("to"), description.unwrap_or(if to == Some("target") { "label" } else { "description" }))
}

fn add_item(front: &Front<'_>, list: &Value, items: &[Value], stated: &Stated) -> TextEdit {
    let text = front.text;
    let (to, description) = words(items.iter().filter_map(Value::as_map));
    let flow = if stated.is_bare() && items.last().is_none_or(|last| last.as_map().is_none()) {
        yaml::flow_scalar(&stated.to)
    } else {
        stated.flow(Some(to), description)
    };
    let last_is_flow = items.last().is_some_and(|last| last.as_map().is_some() && yaml::is_flow(text, last));
    let start = yaml::node_start(text, list);
    let indent = " ".repeat(start - lines::start(text, start) + 2);
    let block = if stated.is_bare() && items.last().is_none_or(|last| last.as_map().is_none()) {
        yaml::scalar(&stated.to)
    } else if last_is_flow {
        flow.clone()
    } else {
        stated.block(to, description, &indent, lines::newline(text))
    };
    front.append(list, &[block], &[flow])
}

/// Adds to a mapping: an object to its verb, or a target with its text or keys.
fn add_entry(
    front: &Front<'_>,
    map: &Value,
    entries: &IndexMap<String, Entry>,
    stated: &Stated,
) -> Result<Vec<TextEdit>, Unfit> {
    let only_description =
        Stated { to: stated.to.clone(), description: stated.description.clone(), ..Stated::default() };
    let has_verbs = !entries.is_empty() && entries.values().all(|entry| entry.value.as_list().is_some());
    if has_verbs && *stated == only_description {
        let wished = if stated.description.is_empty() { "uses" } else { &stated.description };
        let verb = entries.iter().find(|(key, _)| key.replace('_', " ") == wished);
        if let Some((_, entry)) = verb {
            return Ok(vec![front.append(&entry.value, &[yaml::scalar(&stated.to)], &[yaml::flow_scalar(&stated.to)])]);
        }
        return Ok(vec![insert_entry(front, map, entries, wished, &format!("[{}]", yaml::flow_scalar(&stated.to)))]);
    }
    if entries.contains_key(&stated.to) {
        return Err(Unfit(format!("has a mapping as its `{KEY}`, which holds `{}` already", stated.to)));
    }
    let (_, description) = words(entries.values().filter_map(|entry| entry.value.as_map()));
    let last_text = entries.values().rev().find(|entry| entry.value.as_text().is_some());
    let quote = last_text.map_or(yaml::Quote::Double, |entry| {
        yaml::quote_of(&front.text[yaml::raw_scalar(front.text, entry.value.span)])
    });
    let value = if *stated == only_description {
        yaml::quoted(&stated.description, quote, yaml::is_flow(front.text, map))
    } else {
        stated.flow(None, description)
    };
    Ok(vec![insert_entry(front, map, entries, &stated.to, &value)])
}

fn insert_entry(front: &Front<'_>, map: &Value, entries: &IndexMap<String, Entry>, key: &str, value: &str) -> TextEdit {
    let text = front.text;
    let last = entries.last();
    let raw_key = last.map_or("", |(_, entry)| &text[yaml::raw_scalar(text, entry.key_span)]);
    let written = yaml::quoted(key, yaml::quote_of(raw_key), true);
    if yaml::is_flow(text, map) {
        return match last {
            Some((_, entry)) => TextEdit::insert(yaml::entry_end(text, entry), format!(", {written}: {value}")),
            None => TextEdit::insert(yaml::node_end(text, map).saturating_sub(1), format!("{written}: {value}")),
        };
    }
    let newline = lines::newline(text);
    let (at, indent) = match last {
        Some((_, entry)) => {
            (lines::end(text, yaml::entry_end(text, entry)), lines::indent(text, entry.key_span.range().start))
        }
        None => (lines::end(text, map.span.range().end), "  "),
    };
    TextEdit::insert(at, format!("{indent}{written}: {value}{newline}"))
}
