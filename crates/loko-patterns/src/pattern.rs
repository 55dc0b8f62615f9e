//! A pattern as data.

use indexmap::IndexMap;
use loko_model::value::Entry;
use loko_model::{ElementShape, RelationKind, Value};
use loko_source::{FilePath, Severity, Span};

/// A pattern of the catalogue.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The name of its folder.
    pub id: String,
    /// The name of the folder that it stands in.
    pub category: String,
    /// The name for people.
    pub name: String,
    /// Its version; a change of what it makes is another version.
    pub version: String,
    /// What it is, one sentence.
    pub says: String,
    /// More about it, Markdown.
    pub about: String,
    /// The pattern whose data it takes over where it says nothing itself.
    pub extends: Option<String>,
    /// Whether it is something to be avoided.
    pub is_anti: bool,
    /// When to use it.
    pub use_when: Vec<String>,
    /// When not.
    pub avoid_when: Vec<String>,
    /// What speaks for and against it, as facts.
    pub reasons: Vec<Reason>,
    /// Findings that it mends, by code.
    pub mends: Vec<String>,
    /// Patterns that go with it.
    pub related: Vec<String>,
    /// Patterns that one chooses from instead.
    pub competing: Vec<String>,
    /// What can be set when it is applied.
    pub params: IndexMap<String, Param>,
    /// Who plays in it.
    pub roles: IndexMap<String, Role>,
    /// How they use each other.
    pub relations: Vec<RelationPlan>,
    /// What has to hold.
    pub musts: Vec<Must>,
    /// The decision to use it.
    pub decision: Option<Draft>,
    /// Files that go with it, such as the schema of an event.
    pub files: Vec<FilePlan>,
    /// Pictures of it.
    pub pictures: Vec<Picture>,
    /// Uses of it, before and after.
    pub examples: Vec<Example>,
    /// Its file.
    pub file: FilePath,
    /// Where it names the pattern that it extends.
    pub(crate) extends_span: Span,
}

/// What speaks for or against a pattern when a fact has some value.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The fact.
    pub fact: String,
    /// It holds from this value on.
    pub at_least: Option<f64>,
    /// It holds up to this value.
    pub at_most: Option<f64>,
    /// It holds for these words.
    pub is: Vec<String>,
    /// How much it counts; below zero it speaks against.
    pub weight: f64,
    /// The reason in words.
    pub says: String,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// What it takes.
    pub kind: ParamKind,
    /// What it is when nobody says.
    pub default: loko_model::Value,
    /// The roles for each of whose players the list has an item.
    pub each: Vec<String>,
    /// What it is for.
    pub says: String,
    /// The keys that its file says.
    pub(crate) said: Vec<&'static str>,
}

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamKind {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Count,
    /// A list of texts.
    Texts,
    /// An amount with a unit.
    Amount(loko_model::behaviour::Unit),
    /// One of these words.
    OneOf(Vec<String>),
}

/// What a role is played by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleKind {
    /// A person.
    Person,
    /// A system.
    System,
    /// A system of somebody else.
    External,
    /// A container.
    Container,
    /// A component.
    Component,
}

impl RoleKind {
    /// All of them with their words.
    pub const ALL: [(&'static str, RoleKind); 5] = [
        ("person", Self::Person),
        ("system", Self::System),
        ("external", Self::External),
        ("container", Self::Container),
        ("component", Self::Component),
    ];

    /// The word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| *name)
    }
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// What it is for.
    pub says: String,
    /// What is made when nothing is bound to it.
    pub kind: RoleKind,
    /// The names of what is made.
    pub names: Vec<String>,
    /// What that does.
    pub description: String,
    /// What that is made with.
    pub technology: String,
    /// Its shape.
    pub shape: Option<ElementShape>,
    /// The role of what it becomes part of, and where that is said.
    pub parent: Option<(String, Span)>,
    /// Whether nothing is made when nothing is bound to it.
    pub is_optional: bool,
    /// Whether it comes with the pattern: it is made also where elements are there that could play it. Queues, topics,
    /// caches and buckets do unless the pattern says otherwise.
    pub is_new: bool,
    /// What it was called in earlier versions of the pattern.
    pub was: Vec<String>,
    /// Behaviour that it gets, with parameters not yet filled in.
    pub set: IndexMap<String, Entry>,
    /// What its page has to say.
    pub document: Vec<String>,
    /// The keys that its file says.
    pub(crate) said: Vec<&'static str>,
}

/// A relation between roles.
#[derive(Clone, Debug)]
pub struct RelationPlan {
    /// Where it starts, a role.
    pub from: String,
    /// Where it leads, a role.
    pub to: String,
    /// What for.
    pub description: String,
    /// By which means.
    pub technology: String,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// The event that travels.
    pub event: String,
    /// Behaviour that it gets, with parameters not yet filled in.
    pub set: IndexMap<String, Entry>,
    /// Whether it is only added to when it is there already.
    pub is_optional: bool,
    /// Where its ends are named.
    pub(crate) ends: (Span, Span),
}

/// Of what an obligation speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Each element of a role.
    Element(String),
    /// Each relation from one role to another; `*` is anybody.
    Relation(String, String),
    /// That there is such a relation at all.
    Exists(String, String),
    /// That there is no such relation.
    Never(String, String),
    /// That a role is played.
    Count(String),
}

/// A lower or upper limit of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The key's path.
    pub path: String,
    /// The limit as written.
    pub value: String,
}

/// Something that has to hold where a pattern is used.
#[derive(Clone, Debug)]
pub struct Must {
    /// Its name; with the pattern's id before it, the code of its findings.
    pub id: String,
    /// What has to hold, a sentence.
    pub says: String,
    /// What one can do when it does not.
    pub help: String,
    /// How bad it is.
    pub severity: Severity,
    /// Of what it speaks.
    pub subject: Subject,
    /// Keys that have to be there.
    pub has: Vec<String>,
    /// Keys of which one has to be there.
    pub any: Vec<String>,
    /// Keys that must not be there.
    pub lacks: Vec<String>,
    /// Words that keys have to say.
    pub is: Vec<(String, Vec<String>)>,
    /// Lower limits.
    pub at_least: Vec<Limit>,
    /// Upper limits.
    pub at_most: Vec<Limit>,
    /// The kinds that a relation may be of.
    pub kinds: Vec<RelationKind>,
    /// The shapes that an element may have.
    pub shapes: Vec<String>,
    /// How many elements play the role at least, or at most.
    pub counts: (Option<usize>, Option<usize>),
    /// The paths of keys that it asks for, with their places.
    pub(crate) asked: Vec<(String, Span)>,
    /// Where its file says of what it speaks.
    pub span: Span,
}

/// The draft of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The title.
    pub title: String,
    /// Why something has to be decided.
    pub context: String,
    /// What is decided.
    pub decision: String,
    /// What gets better.
    pub good: Vec<String>,
    /// What gets worse.
    pub bad: Vec<String>,
}

/// A file that goes with a pattern; one that is there already stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlan {
    /// Where it stands in the workspace, with parameters not yet filled in.
    pub path: String,
    /// What it says, with parameters not yet filled in.
    pub text: String,
}

/// A picture of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it shows: structure, sequence, states, time line.
    pub title: String,
    /// The picture in D2.
    pub d2: String,
}

/// A use of a pattern: elements that are there before, and which role each plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The roles with the elements of the example workspace that play them.
    pub bind: IndexMap<String, String>,
    /// The parameters.
    pub params: IndexMap<String, String>,
}

impl Pattern {
    /// The code of an obligation's findings.
    pub fn code(&self, must: &Must) -> String {
        format!("{}-{}", self.id, must.id)
    }

    /// A text of the pattern as people read it who have not applied it: with the defaults of parameters, and roles by
    /// their own words.
    pub fn in_words(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, param) in &self.params {
            let default = match param.default.as_list() {
                Some(items) => items.iter().filter_map(Value::scalar_text).collect::<Vec<_>>().join(", "),
                None => param.default.scalar_text().unwrap_or_default(),
            };
            text = text.replace(&format!("${{{name}}}"), &default);
        }
        for name in self.roles.keys() {
            text = text.replace(&format!("{{{name}}}"), &format!("the {}", name.replace('-', " ")));
        }
        text
    }

    /// The role that holds the others, if one is a system.
    pub fn system_role(&self) -> Option<&str> {
        self.roles.iter().find(|(_, role)| role.kind == RoleKind::System).map(|(name, _)| name.as_str())
    }
}
