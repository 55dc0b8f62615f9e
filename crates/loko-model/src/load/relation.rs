//! Statements of relations in front matter and in `relationships.toml`, in every way that people write them.

use super::read::{Reader, Written};
use super::{behave, toml};
use crate::schema::{self, At, Role};
use crate::value::{Data, Entry, Value};
use crate::{Origin, RelationKind};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Source, Span};

/// A relation as somebody wrote it: names not resolved, what was not said not filled in.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) origin: Origin,
    /// Where it starts, if the text says so.
    pub(crate) from: Option<Written>,
    /// Where it leads.
    pub(crate) to: Written,
    pub(crate) id: Option<String>,
    pub(crate) description: String,
    pub(crate) technology: String,
    pub(crate) kind: Option<RelationKind>,
    pub(crate) event: Option<String>,
    pub(crate) bidirectional: Option<bool>,
    pub(crate) tags: Vec<String>,
    pub(crate) behaviour: IndexMap<String, Value>,
    pub(crate) metadata: IndexMap<String, Value>,
}

impl Statement {
    pub(crate) fn new(origin: Origin, to: Written) -> Self {
        Self {
            origin,
            from: None,
            to,
            id: None,
            description: String::new(),
            technology: String::new(),
            kind: None,
            event: None,
            bidirectional: None,
            tags: Vec::new(),
            behaviour: IndexMap::new(),
            metadata: IndexMap::new(),
        }
    }
}

/// The value of `relationships` in front matter.
pub(crate) fn front_matter(reader: &mut Reader<'_>, value: Value) -> Vec<Statement> {
    let span = value.span;
    match value.data {
        Data::Null => Vec::new(),
        Data::Text(text) => plain(reader, text, span).into_iter().collect(),
        Data::List(items) => items.into_iter().flat_map(|item| item_of_list(reader, item)).collect(),
        Data::Map(entries) if is_one_relation(&entries) => table(reader, entries, span, None).into_iter().collect(),
        Data::Map(entries) => entries.into_iter().flat_map(|(key, entry)| entry_of_map(reader, key, entry)).collect(),
        _ => {
            reader.wrong::<()>("relationships", &value, "a list or a mapping of relations");
            Vec::new()
        }
    }
}

fn plain(reader: &mut Reader<'_>, text: String, span: Span) -> Option<Statement> {
    let to = reader.written("relationships", Value { data: Data::Text(text), span })?;
    Some(Statement::new(Origin::FrontMatter, to))
}

/// Whether the mapping is itself a relation: it says where it leads, and all its keys are those of relations.
fn is_one_relation(entries: &IndexMap<String, Entry>) -> bool {
    let leads = |key: &str| schema::find(At::Relation, key).is_some_and(|key| key.name == "to");
    entries.keys().any(|key| leads(key)) && entries.keys().all(|key| schema::find(At::Relation, key).is_some())
}

/// `- shop/payments`, `- { to: shop/payments, … }`, `- shop/payments: Charges cards`.
fn item_of_list(reader: &mut Reader<'_>, item: Value) -> Vec<Statement> {
    let span = item.span;
    match item.data {
        Data::Text(text) => plain(reader, text, span).into_iter().collect(),
        Data::Map(entries) => {
            let known = entries.keys().any(|key| schema::find(At::Relation, key).is_some());
            if known || entries.len() != 1 {
                return table(reader, entries, span, None).into_iter().collect();
            }
            entries.into_iter().flat_map(|(key, entry)| entry_of_map(reader, key, entry)).collect()
        }
        _ => {
            reader.wrong::<()>("relationships", &item, "a text or a mapping with `to`");
            Vec::new()
        }
    }
}

/// `shop/payments: Charges cards`, `shop/payments: { label: … }`, `uses: [shop/payments, shop/web]`.
fn entry_of_map(reader: &mut Reader<'_>, key: String, entry: Entry) -> Vec<Statement> {
    let target = Written { text: key.trim().to_owned(), span: entry.key_span };
    let span = entry.value.span;
    match entry.value.data {
        Data::Map(entries) => table(reader, entries, span, Some(target)).into_iter().collect(),
        Data::List(items) => {
            let verb = key.replace('_', " ");
            items.into_iter().flat_map(|item| object_of_verb(reader, &verb, item)).collect()
        }
        _ => {
            let description = reader.text("description", entry.value).unwrap_or_default();
            vec![Statement { description, ..Statement::new(Origin::FrontMatter, target) }]
        }
    }
}

fn object_of_verb(reader: &mut Reader<'_>, verb: &str, item: Value) -> Vec<Statement> {
    let mut statements = item_of_list(reader, item);
    for statement in &mut statements {
        if statement.description.is_empty() {
            verb.clone_into(&mut statement.description);
        }
    }
    statements
}

/// A relation with keys; `to` may be known already.
fn table(
    reader: &mut Reader<'_>,
    entries: IndexMap<String, Entry>,
    span: Span,
    to: Option<Written>,
) -> Option<Statement> {
    let origin =
        if to.is_none() && reader.file.file_name().ends_with(".toml") { Origin::Toml } else { Origin::FrontMatter };
    let nowhere = Written { text: String::new(), span };
    let mut statement = Statement::new(origin, to.unwrap_or(nowhere));
    let mut refused = false;
    for (name, entry) in reader.settled(At::Relation, entries) {
        let Some(key) = reader.key(At::Relation, &name, entry.key_span) else {
            statement.metadata.insert(name, entry.value);
            continue;
        };
        match key.role {
            Role::Behaviour => {
                behave::check(reader, key, &entry.value);
                statement.behaviour.insert(key.name.to_owned(), entry.value);
            }
            Role::Kept => {
                statement.metadata.insert(name, entry.value);
            }
            Role::Core => refused |= !statement.take(reader, key, &name, entry.value),
        }
    }
    if statement.to.text.is_empty() {
        if !refused {
            reader.missing(At::Relation, if origin == Origin::Toml { "target" } else { "to" }, span);
        }
        return None;
    }
    if origin == Origin::Toml && statement.from.is_none() {
        if !refused {
            reader.missing(At::Relation, "source", span);
        }
        return None;
    }
    Some(statement)
}

impl Statement {
    /// Takes a key's value; false when an end was stated but cannot be read.
    fn take(&mut self, reader: &mut Reader<'_>, key: &'static schema::Key, name: &str, value: Value) -> bool {
        if value.data == Data::Null {
            return true;
        }
        match key.name {
            "to" => match reader.written(name, value) {
                Some(to) => self.to = to,
                None => return false,
            },
            "from" => match reader.written(name, value) {
                Some(from) => self.from = Some(from),
                None => return false,
            },
            "id" => self.id = reader.text(name, value),
            "description" => self.description = reader.text(name, value).unwrap_or_default(),
            "technology" => self.technology = reader.text(name, value).unwrap_or_default(),
            "type" => self.kind = reader.choice(key, value, RelationKind::from_name).or(self.kind),
            "async" => {
                let waits_not = reader.flag(name, &value).unwrap_or(false);
                self.kind = self.kind.or(waits_not.then_some(RelationKind::Async));
            }
            "event" => self.event = reader.text(name, value).filter(|event| !event.is_empty()),
            "direction" => self.bidirectional = reader.choice(key, value, direction).or(self.bidirectional),
            "bidirectional" => self.bidirectional = reader.flag(name, &value).or(self.bidirectional),
            "tags" => self.tags = reader.texts(name, value),
            _ => {}
        }
        true
    }
}

fn direction(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "forward" => Some(false),
        "bidirectional" => Some(true),
        _ => None,
    }
}

/// Reads a `relationships.toml`.
pub(crate) fn file(path: &FilePath, source: &Source) -> (Vec<Statement>, Vec<Diagnostic>) {
    statements_of(path, source, At::RelationsFile)
}

/// Reads the relations of a record of an applied pattern; the rest of it is read when names can be resolved.
pub(crate) fn applied(path: &FilePath, source: &Source) -> (Vec<Statement>, Vec<Diagnostic>) {
    statements_of(path, source, At::Applied)
}

fn statements_of(path: &FilePath, source: &Source, at: At) -> (Vec<Statement>, Vec<Diagnostic>) {
    let mut reader = Reader::new(path, source.text());
    let (value, problems) = toml::parse(source.text());
    reader.problems("bad-toml", "TOML", problems);
    let mut statements = Vec::new();
    for (name, entry) in reader.table("relationships", value).unwrap_or_default() {
        if reader.key(at, &name, entry.key_span).is_some_and(|key| key.name == "relationships") {
            for (entries, span) in reader.tables("relationships", entry.value) {
                statements.extend(table(&mut reader, entries, span, None));
            }
        }
    }
    (statements, reader.told())
}
