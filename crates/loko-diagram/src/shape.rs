//! The shapes an object may have, and the geometry that both placing and drawing must agree on.

use serde::Serialize;

/// The shape of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is the shape of its name")]
pub enum Shape {
    #[default]
    Rectangle,
    Square,
    Page,
    Parallelogram,
    Document,
    Cylinder,
    Queue,
    Package,
    Step,
    Callout,
    StoredData,
    Person,
    C4Person,
    Diamond,
    Oval,
    Circle,
    Hexagon,
    Cloud,
    Text,
    Code,
    Class,
    SqlTable,
    Image,
    SequenceDiagram,
    Hierarchy,
    /// C4 notation beyond D2: an object store.
    Bucket,
    /// C4 notation beyond D2: a function as a service.
    Function,
    /// C4 notation beyond D2: a browser window.
    Browser,
    /// C4 notation beyond D2: a mobile device.
    Mobile,
}

impl Shape {
    /// The shapes that D2 text can name, with those names.
    pub const D2: [(&'static str, Shape); 25] = [
        ("rectangle", Shape::Rectangle),
        ("square", Shape::Square),
        ("page", Shape::Page),
        ("parallelogram", Shape::Parallelogram),
        ("document", Shape::Document),
        ("cylinder", Shape::Cylinder),
        ("queue", Shape::Queue),
        ("package", Shape::Package),
        ("step", Shape::Step),
        ("callout", Shape::Callout),
        ("stored_data", Shape::StoredData),
        ("person", Shape::Person),
        ("c4-person", Shape::C4Person),
        ("diamond", Shape::Diamond),
        ("oval", Shape::Oval),
        ("circle", Shape::Circle),
        ("hexagon", Shape::Hexagon),
        ("cloud", Shape::Cloud),
        ("text", Shape::Text),
        ("code", Shape::Code),
        ("class", Shape::Class),
        ("sql_table", Shape::SqlTable),
        ("image", Shape::Image),
        ("sequence_diagram", Shape::SequenceDiagram),
        ("hierarchy", Shape::Hierarchy),
    ];

    /// The shape that D2 calls so, case ignored.
    pub fn from_d2_name(name: &str) -> Option<Self> {
        Self::D2.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, shape)| *shape)
    }

    /// The shape's name: D2's where D2 has one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Function => "function",
            Self::Browser => "browser",
            Self::Mobile => "mobile",
            shape => Self::D2.iter().find(|(_, known)| *known == shape).map_or("rectangle", |(name, _)| *name),
        }
    }

    /// Whether width and height are always the same.
    pub fn is_square(self) -> bool {
        matches!(self, Self::Square | Self::Circle)
    }

    /// Whether the outline is the rectangle itself, so that an edge may end anywhere on its sides.
    pub fn is_boxy(self) -> bool {
        matches!(
            self,
            Self::Rectangle
                | Self::Square
                | Self::Text
                | Self::Code
                | Self::Class
                | Self::SqlTable
                | Self::Image
                | Self::SequenceDiagram
                | Self::Hierarchy
                | Self::Browser
                | Self::Mobile
        )
    }
}
