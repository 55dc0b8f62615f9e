//! One element's Markdown file: its front matter becomes an [`Element`] that does not yet know its parent, and
//! statements whose names are not yet resolved.

use super::read::{Reader, Written};
use super::relation::{self, Statement};
use super::{behave, front, technology, yaml};
use crate::schema::{At, Key, Role};
use crate::value::{Data, Entry, Value};
use crate::{Element, ElementShape, Kind, Link};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Source, Span};

/// Front matter larger than this is not read.
pub const FRONT_MATTER_BYTES_MAX: usize = 256 * 1024;

/// The file that makes a folder an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) kind: Kind,
    pub(crate) external: bool,
    pub(crate) name: &'static str,
}

const MARKERS: [Marker; 5] = [
    Marker { kind: Kind::Person, external: false, name: "person.md" },
    Marker { kind: Kind::System, external: false, name: "system.md" },
    Marker { kind: Kind::System, external: true, name: "external.md" },
    Marker { kind: Kind::Container, external: false, name: "container.md" },
    Marker { kind: Kind::Component, external: false, name: "component.md" },
];

impl Marker {
    pub(crate) fn of_file(name: &str) -> Option<Self> {
        MARKERS.into_iter().find(|marker| marker.name == name)
    }

    /// The marker that a file name misspells in case only.
    pub(crate) fn like_file(name: &str) -> Option<Self> {
        MARKERS.into_iter().find(|marker| marker.name.eq_ignore_ascii_case(name))
    }
}

/// A wish of front matter to run somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Deployed {
    pub(crate) environment: Option<Written>,
    pub(crate) node: Option<Written>,
    pub(crate) replicas: Option<u32>,
    pub(crate) span: Span,
}

/// An element as its file states it.
pub(crate) struct Draft {
    pub(crate) element: Element,
    pub(crate) id: Option<Written>,
    pub(crate) parent: Option<Written>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) deployed: Vec<Deployed>,
    pub(crate) findings: Vec<Diagnostic>,
}

/// Reads an element's file.
pub(crate) fn read(file: &FilePath, source: &Source, marker: Marker) -> Draft {
    let text = source.text();
    let parts = front::split(text);
    let mut reader = Reader::new(file, text);
    if let Some(fence) = parts.unclosed {
        let finding = Diagnostic::error("bad-front-matter", "the front matter is not closed")
            .at(file, fence, "begins here")
            .help("end it with a line `---`");
        reader.findings.push(finding);
    }
    let entries = parts.front.map(|span| front_matter(&mut reader, span)).unwrap_or_default();
    let mut draft = Draft {
        element: Element { external: marker.external, body: parts.body, ..Element::bare(marker.kind, file.clone()) },
        id: None,
        parent: None,
        statements: Vec::new(),
        deployed: Vec::new(),
        findings: Vec::new(),
    };
    let at = At::of_kind(marker.kind);
    for (name, entry) in reader.settled(at, entries) {
        match reader.key(at, &name, entry.key_span) {
            Some(key) => draft.take(&mut reader, key, name, entry, marker),
            None => {
                draft.element.metadata.insert(name, entry.value);
            }
        }
    }
    draft.complete();
    draft.findings = reader.told();
    draft
}

/// The entries of a front matter, which stands at `span`.
pub(crate) fn front_matter(reader: &mut Reader<'_>, span: Span) -> IndexMap<String, Entry> {
    if span.len() > FRONT_MATTER_BYTES_MAX {
        let message = format!("the front matter is larger than {} KiB and is not read", FRONT_MATTER_BYTES_MAX / 1024);
        let start = Span::at(span.start as usize);
        reader.findings.push(Diagnostic::error("bad-front-matter", message).at(reader.file, start, ""));
        return IndexMap::new();
    }
    let (value, problems) = yaml::parse(&reader.text[span.range()], span.start as usize);
    reader.problems("bad-front-matter", "front matter", problems);
    match value {
        Some(Value { data: Data::Map(entries), .. }) => entries,
        None | Some(Value { data: Data::Null, .. }) => IndexMap::new(),
        Some(other) => {
            let message = format!("the front matter is {}, not keys with values", other.kind_name());
            let finding = Diagnostic::error("bad-front-matter", message)
                .at(reader.file, other.span, other.kind_name())
                .help("write `name: …` and the like, a key a line");
            reader.findings.push(finding);
            IndexMap::new()
        }
    }
}

impl Draft {
    fn take(&mut self, reader: &mut Reader<'_>, key: &'static Key, name: String, entry: Entry, marker: Marker) {
        let value = entry.value;
        match key.role {
            Role::Core => self.take_core(reader, key, value, marker),
            Role::Behaviour => {
                behave::check(reader, key, &value);
                self.element.behaviour.insert(key.name.to_owned(), value);
            }
            Role::Kept => {
                self.element.metadata.insert(name, value);
            }
        }
    }

    fn take_core(&mut self, reader: &mut Reader<'_>, key: &'static Key, value: Value, marker: Marker) {
        let element = &mut self.element;
        match key.name {
            "id" => self.id = reader.written("id", value),
            "name" => {
                element.name_span = value.span;
                if let Some(name) = reader.written("name", value) {
                    element.name = name.text;
                }
            }
            "kind" => {
                let agreed = reader.choice(key, value.clone(), kind_of_word);
                if let Some((kind, external)) = agreed {
                    set_kind(element, reader, marker, kind, external, value.span);
                }
            }
            "description" => element.description = reader.text("description", value).unwrap_or_default(),
            "technology" => element.technology = technology_text(reader, value),
            "tags" => element.tags = unique(reader.texts("tags", value)),
            "owner" => element.owner = reader.text("owner", value).filter(|owner| !owner.is_empty()),
            "external" => element.external |= reader.flag("external", &value).unwrap_or(false),
            "shape" => element.shape = reader.choice(key, value, ElementShape::from_name),
            "parent" => self.parent = reader.written("parent", value),
            "links" => element.links = links(reader, value),
            "code" => element.code = reader.texts("code", value),
            "code_annotations" => element.code_annotations = annotations(reader, value),
            "dependencies" => element.dependencies = reader.texts("dependencies", value),
            "relationships" => self.statements = relation::front_matter(reader, value),
            "deployment" => self.deployed = deployed(reader, value),
            "metadata" => {
                if let Some(entries) = reader.table("metadata", value) {
                    element.metadata.extend(entries.into_iter().map(|(key, entry)| (key, entry.value)));
                }
            }
            _ => {}
        }
    }

    /// Fills in what follows from the rest.
    fn complete(&mut self) {
        let element = &mut self.element;
        if element.technology.is_empty() {
            element.technology = older_technology(element);
        }
        if element.name.is_empty() {
            element.name = element.folder().rsplit('/').next().unwrap_or("").to_owned();
        }
        if element.shape.is_none() && matches!(element.kind, Kind::Container | Kind::Component) {
            element.shape = technology::shape(&element.technology);
        }
    }
}

fn kind_of_word(word: &str) -> Option<(Kind, bool)> {
    match word.to_ascii_lowercase().as_str() {
        "person" => Some((Kind::Person, false)),
        "system" => Some((Kind::System, false)),
        "external" => Some((Kind::System, true)),
        "container" => Some((Kind::Container, false)),
        "component" => Some((Kind::Component, false)),
        _ => None,
    }
}

/// The kind of the front matter counts where the marker leaves it open: people and external systems in `system.md`.
fn set_kind(element: &mut Element, reader: &mut Reader<'_>, marker: Marker, kind: Kind, external: bool, span: Span) {
    let outermost = |kind| matches!(kind, Kind::Person | Kind::System);
    if kind == marker.kind || (marker.kind == Kind::System && outermost(kind)) {
        element.kind = kind;
        element.external |= external;
        return;
    }
    let finding = Diagnostic::error("kind-mismatch", format!("`{}` says `kind: {}`", marker.name, kind.name()))
        .at(reader.file, span, format!("the file's name makes it a {}", marker.kind.name()))
        .help(format!("drop the key, or rename the file to `{}.md`", kind.name()));
    reader.findings.push(finding);
}

/// A technology is a text; a list of them is joined.
fn technology_text(reader: &mut Reader<'_>, value: Value) -> String {
    match value.data {
        Data::List(_) => reader.texts("technology", value).join(", "),
        _ => reader.text("technology", value).unwrap_or_default(),
    }
}

/// Older projects name a system's language, framework and database instead of its technology.
fn older_technology(element: &Element) -> String {
    let language = element.behaviour.get("language").or_else(|| element.metadata.get("primary_language"));
    let others = ["framework", "database"].map(|key| element.metadata.get(key));
    let named = [language].into_iter().chain(others).flatten().filter_map(Value::as_text);
    named.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

fn unique(mut tags: Vec<String>) -> Vec<String> {
    let mut known = rustc_hash::FxHashSet::default();
    tags.retain(|tag| !tag.is_empty() && known.insert(tag.clone()));
    tags
}

/// Links: a list of `{title, url}` or plain URLs, or a mapping of titles to URLs.
fn links(reader: &mut Reader<'_>, value: Value) -> Vec<Link> {
    match value.data {
        Data::List(items) => items.into_iter().filter_map(|item| link(reader, item)).collect(),
        Data::Map(entries) => entries
            .into_iter()
            .filter_map(|(title, entry)| Some(Link { title, url: reader.text("url", entry.value)? }))
            .collect(),
        Data::Null => Vec::new(),
        Data::Text(url) => vec![Link { title: url.clone(), url }],
        _ => {
            reader.wrong::<()>("links", &value, "a list of links");
            Vec::new()
        }
    }
}

fn link(reader: &mut Reader<'_>, value: Value) -> Option<Link> {
    let span = value.span;
    let entries = match value.data {
        Data::Text(url) => return Some(Link { title: url.clone(), url }),
        Data::Map(entries) => entries,
        _ => return reader.wrong("links", &value, "a link"),
    };
    // `- Runbook: https://…`
    if entries.len() == 1 && entries.keys().all(|key| crate::schema::find(At::Link, key).is_none()) {
        let (title, entry) = entries.into_iter().next()?;
        return Some(Link { title, url: reader.text("url", entry.value)? });
    }
    let (mut title, mut url) = (None, None);
    for (name, entry) in reader.settled(At::Link, entries) {
        match reader.key(At::Link, &name, entry.key_span).map(|key| key.name) {
            Some("title") => title = reader.text("title", entry.value),
            Some("url") => url = reader.text("url", entry.value),
            _ => {}
        }
    }
    let Some(url) = url else {
        reader.missing(At::Link, "url", span);
        return None;
    };
    Some(Link { title: title.unwrap_or_else(|| url.clone()), url })
}

fn annotations(reader: &mut Reader<'_>, value: Value) -> IndexMap<String, String> {
    let Some(entries) = reader.table("code_annotations", value) else {
        return IndexMap::new();
    };
    let texts = entries.into_iter().filter_map(|(path, entry)| {
        let text = reader.text("code_annotations", entry.value)?;
        Some((path, text))
    });
    texts.collect()
}

fn deployed(reader: &mut Reader<'_>, value: Value) -> Vec<Deployed> {
    let tables = reader.tables("deployment", value);
    tables.into_iter().map(|(entries, span)| deployed_one(reader, entries, span)).collect()
}

fn deployed_one(reader: &mut Reader<'_>, entries: IndexMap<String, Entry>, span: Span) -> Deployed {
    let mut wish = Deployed { environment: None, node: None, replicas: None, span };
    for (name, entry) in entries {
        match reader.key(At::Deployed, &name, entry.key_span).map(|key| key.name) {
            Some("environment") => wish.environment = reader.written("environment", entry.value),
            Some("node") => wish.node = reader.written("node", entry.value),
            Some("replicas") => wish.replicas = reader.count("replicas", &entry.value, 0, u32::MAX),
            _ => {}
        }
    }
    wish
}
