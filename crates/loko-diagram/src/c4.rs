//! C4 notation on an object: what kind of element it stands for and the lines below its name.

use serde::Serialize;

/// What kind of C4 element an object stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotationKind {
    /// A person or role.
    Person,
    /// A software system.
    System,
    /// A deployable unit of a system.
    Container,
    /// A part of a container.
    Component,
    /// A place where software runs.
    DeploymentNode,
    /// The border of something that is opened up in this view.
    Boundary,
}

/// C4 notation of an object; its label is the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notation {
    /// The kind, which decides the colour.
    pub kind: NotationKind,
    /// The type as written below the name: `Container`, `Database`, `External system`.
    pub type_name: String,
    /// What it is made with.
    pub technology: Option<String>,
    /// What it does, one sentence.
    pub description: Option<String>,
    /// Whether it belongs to somebody else.
    pub external: bool,
    /// Short marks shown on the object, for instance "×3" instances.
    pub badges: Vec<String>,
    /// Tags, as CSS classes for filters.
    pub tags: Vec<String>,
}
