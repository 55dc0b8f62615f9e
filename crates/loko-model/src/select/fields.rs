//! The keys that selectors know, each stated once: reading, matching, messages and documentation go by this table.
//!
//! Besides these, any key of behaviour that front matter can carry is known ([`crate::schema`]), and `metadata.<key>`
//! leads to a team's own. A dot leads into mappings: `data.classification`.

use super::Subject;
use crate::schema::{self, At, Role};

/// What a term asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// One of the table.
    Known(&'static Known),
    /// A key of behaviour or metadata, with the way into it.
    Attribute(Vec<String>),
}

/// What a key of the table means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The kind of an element.
    Kind,
    /// The kind, role or type of an element; how a relation waits.
    Type,
    /// The id.
    Id,
    /// The name.
    Name,
    /// The description.
    Description,
    /// The technology, as a whole, a part between commas, or a word.
    Technology,
    /// A tag.
    Tag,
    /// The owner, that of the whole where a part has none.
    Owner,
    /// The file that states it.
    Path,
    /// Whether it belongs to somebody else.
    External,
    /// Whether a key is there.
    Has,
    /// An element that it is part of, at any depth.
    Within,
    /// The element that it is directly part of.
    Parent,
    /// An element inside it, at any depth.
    Contains,
    /// An element that it or something inside it has a relation to.
    Uses,
    /// An element that has a relation to it or to something inside it.
    UsedBy,
    /// The event that travels.
    Event,
    /// Whether it goes both ways.
    Bidirectional,
    /// Where it starts.
    From,
    /// Where it ends.
    To,
    /// Where it starts or ends.
    Touches,
}

/// A key of selectors.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// The key as it is written.
    pub name: &'static str,
    /// Another word for it.
    pub alias: Option<&'static str>,
    /// What it can be asked of.
    pub of: &'static [Subject],
    /// What it means.
    pub meaning: Meaning,
    /// Whether its value may be another selector, of elements.
    pub nests: bool,
    /// What it asks, one line.
    pub doc: &'static str,
}

const ELEMENTS: &[Subject] = &[Subject::Elements];
const RELATIONS: &[Subject] = &[Subject::Relations];
const BOTH: &[Subject] = &[Subject::Elements, Subject::Relations];

const fn known(name: &'static str, of: &'static [Subject], meaning: Meaning, doc: &'static str) -> Known {
    Known { name, alias: None, of, meaning, nests: false, doc }
}

const fn nesting(name: &'static str, of: &'static [Subject], meaning: Meaning, doc: &'static str) -> Known {
    Known { name, alias: None, of, meaning, nests: true, doc }
}

const fn or(known: Known, alias: &'static str) -> Known {
    Known { alias: Some(alias), ..known }
}

/// All keys of the table, in the order in which documentation lists them.
pub const KNOWN: &[Known] = &[
    known(
        "kind",
        BOTH,
        Meaning::Kind,
        "`person`, `system`, `container`, `component`; of a relation `sync`, `async`, `event`",
    ),
    known(
        "type",
        BOTH,
        Meaning::Type,
        "the kind, or the role: `database`, `queue`, `external-system` …; of a relation as `kind`",
    ),
    known("id", BOTH, Meaning::Id, "the path of ids, `shop/order-api`"),
    known("name", ELEMENTS, Meaning::Name, "the name for people"),
    known("description", BOTH, Meaning::Description, "what it does, or what it is for"),
    known("technology", BOTH, Meaning::Technology, "the technology: all of it, a part between commas, or a word of it"),
    or(known("tag", BOTH, Meaning::Tag, "any of the tags"), "tags"),
    known("owner", ELEMENTS, Meaning::Owner, "who answers for it; a part without an owner has that of its whole"),
    known("path", BOTH, Meaning::Path, "the file that states it; a folder means all below it"),
    known("external", ELEMENTS, Meaning::External, "`true` if it belongs to somebody else, also by what it is part of"),
    known("has", BOTH, Meaning::Has, "a key that is there and not empty: `has:owner`"),
    nesting("within", ELEMENTS, Meaning::Within, "an element that it is part of, at any depth"),
    nesting("parent", ELEMENTS, Meaning::Parent, "the element that it is directly part of"),
    nesting("contains", ELEMENTS, Meaning::Contains, "an element inside it, at any depth"),
    nesting("uses", ELEMENTS, Meaning::Uses, "an element that it, or something inside it, has a relation to"),
    nesting("used-by", ELEMENTS, Meaning::UsedBy, "an element that has a relation to it, or to something inside it"),
    known("event", RELATIONS, Meaning::Event, "the event that travels"),
    known("bidirectional", RELATIONS, Meaning::Bidirectional, "`true` if it goes both ways"),
    nesting("from", RELATIONS, Meaning::From, "the element where it starts"),
    nesting("to", RELATIONS, Meaning::To, "the element where it ends"),
    nesting("touches", RELATIONS, Meaning::Touches, "the element at either end"),
];

/// Keys of behaviour that a part has from its whole when it has none of its own.
pub(crate) const INHERITED: [&str; 4] = ["team", "subdomain", "context", "on_call"];

/// The word before the dot that leads to a team's own keys.
const METADATA: [&str; 2] = ["metadata", "meta"];

/// The field of a key; `Err` gives the names that might be meant.
pub(crate) fn find(subject: Subject, name: &str) -> Result<Field, Vec<&'static str>> {
    let is = |known: &&Known| known.name == name || known.alias == Some(name);
    if let Some(known) = KNOWN.iter().find(|known| known.of.contains(&subject) && is(known)) {
        return Ok(Field::Known(known));
    }
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    if path.iter().any(String::is_empty) {
        return Err(Vec::new());
    }
    if path.len() > 1 && METADATA.contains(&path[0].as_str()) {
        return Ok(Field::Attribute(path[1..].to_vec()));
    }
    if attributes(subject).any(|key| key == path[0]) {
        return Ok(Field::Attribute(path));
    }
    // The table's own keys are meant more often than keys of behaviour.
    let table = KNOWN.iter().filter(|known| known.of.contains(&subject)).map(|known| known.name);
    let near = loko_source::suggest::nearest(name, table);
    Err(if near.is_empty() { loko_source::suggest::nearest(name, names(subject)) } else { near })
}

/// The keys of behaviour and the kept ones that a subject can carry.
fn attributes(subject: Subject) -> impl Iterator<Item = &'static str> {
    let places: &[At] = match subject {
        Subject::Elements => At::ELEMENTS,
        Subject::Relations => &[At::Relation],
    };
    let of_place = |at: &At| schema::keys(*at).filter(|key| key.role != Role::Core);
    places.iter().flat_map(of_place).flat_map(|key| std::iter::once(key.name).chain(key.aliases.iter().copied()))
}

/// All names that a selector of a subject can use.
pub fn names(subject: Subject) -> Vec<&'static str> {
    let table = KNOWN.iter().filter(|known| known.of.contains(&subject)).map(|known| known.name);
    let mut names: Vec<&str> = table.chain(attributes(subject)).collect();
    names.sort_unstable();
    names.dedup();
    names
}
