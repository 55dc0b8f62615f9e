//! Elements: people, software systems, containers, components.

use crate::value::Value;
use indexmap::IndexMap;
use loko_source::{FilePath, Span};
use serde::Serialize;
use smol_str::SmolStr;

/// The index of an element in [`crate::Model::elements`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ElementIx(pub u32);

impl ElementIx {
    /// The index for slices.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The C4 abstraction that an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person or role; its marker file is `person.md`.
    Person,
    /// A software system; `system.md`, or `external.md` when it is somebody else's.
    System,
    /// A deployable unit of a system; `container.md`.
    Container,
    /// A part of a container; `component.md`.
    Component,
}

impl Kind {
    /// All kinds, from the outside in.
    pub const ALL: [Kind; 4] = [Kind::Person, Kind::System, Kind::Container, Kind::Component];

    /// The kind as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::System => "system",
            Self::Container => "container",
            Self::Component => "component",
        }
    }

    /// The kind of several, for headings and counts.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Person => "people",
            Self::System => "systems",
            Self::Container => "containers",
            Self::Component => "components",
        }
    }
}

/// A role that shows in an element's drawn shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each variant is the role of its name")]
pub enum ElementShape {
    Database,
    Queue,
    Topic,
    Bucket,
    Function,
    Cache,
    Browser,
    Mobile,
}

impl ElementShape {
    /// The roles with the names that front matter gives them.
    pub const ALL: [(&'static str, ElementShape); 8] = [
        ("database", Self::Database),
        ("queue", Self::Queue),
        ("topic", Self::Topic),
        ("bucket", Self::Bucket),
        ("function", Self::Function),
        ("cache", Self::Cache),
        ("browser", Self::Browser),
        ("mobile", Self::Mobile),
    ];

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, shape)| *shape)
    }

    /// The role's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| *name)
    }
}

/// A link that people follow from an element's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What to call it.
    pub title: String,
    /// Where it leads.
    pub url: String,
}

/// One element of the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Element {
    /// The path of ids from its system down: `shop/order-api/checkout`.
    pub id: SmolStr,
    /// The kind.
    pub kind: Kind,
    /// The name for people.
    pub name: String,
    /// The element it is part of.
    pub parent: Option<ElementIx>,
    /// Whether it belongs to somebody else.
    pub external: bool,
    /// What it does, a sentence.
    pub description: String,
    /// What it is made with.
    pub technology: String,
    /// Labels for filters and rules.
    pub tags: Vec<String>,
    /// The team or person that answers for it.
    pub owner: Option<String>,
    /// A role that shows in its drawn shape.
    pub shape: Option<ElementShape>,
    /// Links that people follow.
    pub links: Vec<Link>,
    /// Globs of the code that it is made of.
    pub code: Vec<String>,
    /// Remarks on places of the code, by path.
    pub code_annotations: IndexMap<String, String>,
    /// Names of things it needs that are no elements, as the Go loko's `dependencies` lists them.
    pub dependencies: Vec<String>,
    /// How it behaves: the keys of [`crate::schema`] that pages, checks and simulations read.
    pub behaviour: IndexMap<String, Value>,
    /// Keys that loko does not know; kept, shown, and warned about.
    pub metadata: IndexMap<String, Value>,
    /// Its marker file.
    #[serde(skip)]
    pub file: FilePath,
    /// Where the prose after the front matter stands in `file`.
    #[serde(skip)]
    pub body: Span,
    /// Where its name is written in `file`; where the file begins when it is not.
    #[serde(skip)]
    pub name_span: Span,
    /// The hand-written diagram beside it.
    #[serde(skip)]
    pub d2: Option<FilePath>,
}

impl Element {
    /// An element of which nothing is known but what it is and where it stands.
    pub(crate) fn bare(kind: Kind, file: FilePath) -> Self {
        Self {
            id: SmolStr::default(),
            kind,
            name: String::new(),
            parent: None,
            external: false,
            description: String::new(),
            technology: String::new(),
            tags: Vec::new(),
            owner: None,
            shape: None,
            links: Vec::new(),
            code: Vec::new(),
            code_annotations: IndexMap::new(),
            dependencies: Vec::new(),
            behaviour: IndexMap::new(),
            metadata: IndexMap::new(),
            file,
            body: Span::default(),
            name_span: Span::default(),
            d2: None,
        }
    }

    /// The last part of the id.
    pub fn key(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }

    /// The folder of its marker file.
    pub fn folder(&self) -> &str {
        self.file.folder()
    }

    /// The type as C4 notation writes it below the name: `Container`, `External system`, `Database`.
    pub fn type_name(&self) -> &'static str {
        match (self.kind, self.external, self.shape) {
            (Kind::Person, false, _) => "Person",
            (Kind::Person, true, _) => "External person",
            (Kind::System, false, _) => "Software system",
            (Kind::System, true, _) => "External system",
            (_, _, Some(ElementShape::Database)) => "Database",
            (_, _, Some(ElementShape::Queue)) => "Queue",
            (_, _, Some(ElementShape::Topic)) => "Topic",
            (_, _, Some(ElementShape::Bucket)) => "Bucket",
            (_, _, Some(ElementShape::Function)) => "Function",
            (_, _, Some(ElementShape::Cache)) => "Cache",
            (Kind::Container, ..) => "Container",
            (Kind::Component, ..) => "Component",
        }
    }
}
