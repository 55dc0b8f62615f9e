//! Objects and edges of a board.

use crate::{Notation, Shape, Style};
use loko_source::Place;
use serde::{Deserialize, Serialize};

/// The index of an object in [`crate::Board::objects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId(pub u32);

impl ObjectId {
    /// The index for slices.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The index of an edge in [`crate::Board::edges`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct EdgeId(pub u32);

impl EdgeId {
    /// The index for slices.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a text is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub enum TextKind {
    /// As it stands.
    #[default]
    Plain,
    /// Markdown.
    Markdown,
    /// LaTeX mathematics.
    Latex,
    /// Code of a language (`golang`, `rust` …).
    Code(String),
}

/// A label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The text; lines are separated by `\n`.
    pub text: String,
    /// How to read it.
    pub kind: TextKind,
}

impl Text {
    /// A label that is shown as it stands.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: TextKind::Plain }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Some text where there is one.
    pub(crate) fn bare(&self) -> Self {
        if self.is_empty() { Self::default() } else { Self::plain("…") }
    }
}

/// The main direction in which edges point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each variant is the direction of its name")]
pub enum Direction {
    #[default]
    Down,
    Right,
    Up,
    Left,
}

impl Direction {
    /// The name as D2 writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Right => "right",
            Self::Up => "up",
            Self::Left => "left",
        }
    }

    /// Whether layers are stacked along x.
    pub fn is_horizontal(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }
}

/// A named place around or in something: the diagram, a box, a container.
///
/// The twelve positions of D2: plain names are inside, `outside-` and `border-` names stand off or on the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct NearConstant {
    /// Left, middle or right.
    pub horizontal: Align,
    /// Top, middle or bottom.
    pub vertical: Align,
    /// Inside, outside or on the border.
    pub side: Side,
    /// Whether the horizontal word leads (`outside-left-top`), which names another place than `outside-top-left`.
    pub horizontal_first: bool,
}

/// Start (left, top), middle, or end (right, bottom).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[allow(missing_docs, reason = "each variant is the place of its name")]
pub enum Align {
    Start,
    Middle,
    End,
}

/// On which side of a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[allow(missing_docs, reason = "each variant is the side of its name")]
pub enum Side {
    Inside,
    Outside,
    Border,
}

impl NearConstant {
    /// Reads `top-left`, `center-right`, `outside-left-top`, `border-bottom-center` and so on; `None` for anything else.
    ///
    /// ```
    /// use loko_diagram::NearConstant;
    /// assert!(NearConstant::parse("outside-top-left").is_some());
    /// assert!(NearConstant::parse("some.object").is_none());
    /// assert_eq!(NearConstant::parse("border-left-bottom").unwrap().name(), "border-left-bottom");
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        let (side, rest) = match name.split_once('-') {
            Some(("outside", rest)) => (Side::Outside, rest),
            Some(("border", rest)) => (Side::Border, rest),
            _ => (Side::Inside, name),
        };
        let (first, second) = rest.split_once('-')?;
        let horizontal = |word| match word {
            "left" => Some(Align::Start),
            "center" => Some(Align::Middle),
            "right" => Some(Align::End),
            _ => None,
        };
        let vertical = |word| match word {
            "top" => Some(Align::Start),
            "center" | "middle" => Some(Align::Middle),
            "bottom" => Some(Align::End),
            _ => None,
        };
        let leads = matches!(first, "left" | "right") && side != Side::Inside;
        let (h, v) = if leads { (first, second) } else { (second, first) };
        Some(Self { horizontal: horizontal(h)?, vertical: vertical(v)?, side, horizontal_first: leads })
    }

    /// The name as D2 writes it.
    pub fn name(self) -> String {
        let h = match self.horizontal {
            Align::Start => "left",
            Align::Middle => "center",
            Align::End => "right",
        };
        let v = match self.vertical {
            Align::Start => "top",
            Align::Middle => "center",
            Align::End => "bottom",
        };
        let side = match self.side {
            Side::Inside => "",
            Side::Outside => "outside-",
            Side::Border => "border-",
        };
        if self.horizontal_first { format!("{side}{h}-{v}") } else { format!("{side}{v}-{h}") }
    }
}

/// Where an object wants to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Near {
    /// At a place around the whole diagram.
    Constant(NearConstant),
    /// Beside the object with this absolute id.
    Object(String),
}

/// The rows and columns of a grid and the gaps between its cells; what was not set is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is D2's keyword of its name")]
pub struct Grid {
    pub rows: Option<u32>,
    pub columns: Option<u32>,
    pub gap: Option<f64>,
    pub vertical_gap: Option<f64>,
    pub horizontal_gap: Option<f64>,
    /// Whether columns were stated before rows, which makes cells flow down first.
    pub columns_first: bool,
}

impl Grid {
    /// Whether this makes its object a grid.
    pub fn is_grid(self) -> bool {
        self.rows.is_some() || self.columns.is_some()
    }
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "plain data")]
pub struct Column {
    pub name: String,
    pub type_name: String,
    pub constraints: Vec<String>,
}

/// Who may see a member of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "plain data")]
pub enum Visibility {
    #[default]
    Public,
    Private,
    Protected,
}

/// A field of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "plain data")]
pub struct Field {
    pub name: String,
    pub type_name: String,
    pub visibility: Visibility,
    pub underline: bool,
}

/// A method of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "plain data")]
pub struct Method {
    pub name: String,
    pub returns: String,
    pub visibility: Visibility,
    pub underline: bool,
}

/// Rows inside an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Content {
    /// None: an ordinary object.
    #[default]
    None,
    /// The columns of a table.
    Table(Vec<Column>),
    /// The members of a class.
    Class {
        /// Its fields.
        fields: Vec<Field>,
        /// Its methods.
        methods: Vec<Method>,
    },
}

/// A box: a node, a container of others, a table, an actor, a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Object {
    /// The absolute id: elements joined with `.`, quoted where D2 needs it.
    pub id: String,
    /// The last element of the id, unquoted.
    pub key: String,
    /// The container; it stands before its children in the board.
    pub parent: Option<ObjectId>,
    /// The label.
    pub label: Text,
    /// The shape.
    pub shape: Shape,
    /// The styles that were set.
    pub style: Style,
    /// The classes that were given, in order; drawing writes them as CSS classes.
    pub classes: Vec<String>,
    /// Rows of a table or members of a class.
    pub content: Content,
    /// A text shown on hover.
    pub tooltip: Option<String>,
    /// Where a click leads: a URL or a board (`root.layers.x`).
    pub link: Option<String>,
    /// The place of a picture.
    pub icon: Option<String>,
    /// Styles of the picture.
    pub icon_style: Style,
    /// Where the object wants to be.
    pub near: Option<Near>,
    /// A fixed width.
    pub width: Option<f64>,
    /// A fixed height.
    pub height: Option<f64>,
    /// A fixed distance from the top of its container.
    pub top: Option<f64>,
    /// A fixed distance from the left of its container.
    pub left: Option<f64>,
    /// The direction of its inside.
    pub direction: Option<Direction>,
    /// Its cells, if it is a grid.
    pub grid: Grid,
    /// Where its label stands.
    pub label_near: Option<NearConstant>,
    /// Where its icon stands.
    pub icon_near: Option<NearConstant>,
    /// Where its tooltip is shown for good.
    pub tooltip_near: Option<NearConstant>,
    /// The group of a sequence diagram in whose braces it was written, if that is not among its containers.
    pub scope: Option<ObjectId>,
    /// C4 notation, if it stands for an element of a model.
    pub notation: Option<Notation>,
    /// Where the object is first named in a source.
    pub place: Option<Place>,
}

/// The shape of an edge's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each variant is the shape of its name")]
pub enum ArrowheadShape {
    #[default]
    Triangle,
    Arrow,
    Diamond,
    Circle,
    Box,
    Cross,
    CfOne,
    CfOneRequired,
    CfMany,
    CfManyRequired,
    None,
}

impl ArrowheadShape {
    /// The shapes with the names that D2 gives them.
    pub const D2: [(&'static str, ArrowheadShape); 11] = [
        ("triangle", Self::Triangle),
        ("arrow", Self::Arrow),
        ("diamond", Self::Diamond),
        ("circle", Self::Circle),
        ("box", Self::Box),
        ("cross", Self::Cross),
        ("cf-one", Self::CfOne),
        ("cf-one-required", Self::CfOneRequired),
        ("cf-many", Self::CfMany),
        ("cf-many-required", Self::CfManyRequired),
        ("none", Self::None),
    ];

    /// The shape that D2 calls so.
    pub fn from_d2_name(name: &str) -> Option<Self> {
        Self::D2.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
    }

    /// D2's name of the shape.
    pub fn name(self) -> &'static str {
        Self::D2.iter().find(|(_, known)| *known == self).map_or("triangle", |(name, _)| *name)
    }
}

/// What was said of an edge's end.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Arrowhead {
    /// The label beside it.
    pub label: Option<Text>,
    /// Its shape, if set.
    pub shape: Option<ArrowheadShape>,
    /// Its styles.
    pub style: Style,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edge {
    /// Where it starts.
    pub src: ObjectId,
    /// Where it ends.
    pub dst: ObjectId,
    /// Whether there is an arrowhead at the start.
    pub src_arrow: bool,
    /// Whether there is an arrowhead at the end.
    pub dst_arrow: bool,
    /// Counts the edges with the same ends and arrows.
    pub index: u32,
    /// The label.
    pub label: Text,
    /// The styles that were set.
    pub style: Style,
    /// The classes that were given, in order.
    pub classes: Vec<String>,
    /// What was said of the start.
    pub src_arrowhead: Option<Arrowhead>,
    /// What was said of the end.
    pub dst_arrowhead: Option<Arrowhead>,
    /// The row of a table that it starts at.
    pub src_column: Option<u32>,
    /// The row of a table that it ends at.
    pub dst_column: Option<u32>,
    /// A text shown on hover.
    pub tooltip: Option<String>,
    /// Where a click leads.
    pub link: Option<String>,
    /// The place of a picture.
    pub icon: Option<String>,
    /// Where its label stands along the way.
    pub label_near: Option<NearConstant>,
    /// What it is made with, written in brackets below the label (C4).
    pub technology: Option<String>,
    /// How many relations it stands for, when several were merged (1 otherwise).
    pub merged: u32,
    /// A stable name of the relation it stands for, for pages and tests; may be empty.
    pub key: String,
    /// The group of a sequence diagram in whose braces it was written.
    pub scope: Option<ObjectId>,
    /// Where the edge is named in a source.
    pub place: Option<Place>,
}

impl Object {
    /// The object without what is only to be read or clicked ([`crate::Board::bare`]).
    pub(crate) fn bare(&self) -> Self {
        let content = match &self.content {
            Content::None => Content::None,
            Content::Table(_) => Content::Table(Vec::new()),
            Content::Class { .. } => Content::Class { fields: Vec::new(), methods: Vec::new() },
        };
        Self {
            id: self.id.clone(),
            parent: self.parent,
            label: self.label.bare(),
            shape: self.shape,
            style: self.style.clone(),
            content,
            icon: self.icon.as_ref().map(|_| String::new()),
            near: self.near.clone(),
            width: self.width,
            height: self.height,
            top: self.top,
            left: self.left,
            direction: self.direction,
            grid: self.grid,
            label_near: self.label_near,
            icon_near: self.icon_near,
            tooltip_near: self.tooltip_near,
            scope: self.scope,
            place: self.place.clone(),
            ..Self::default()
        }
    }
}

impl Edge {
    /// The class of an edge that takes back what was done, as a saga's compensation does; legends tell of it.
    pub const UNDOING: &'static str = "undoes";

    /// An edge with an arrowhead at its end and nothing else said of it.
    pub fn new(src: ObjectId, dst: ObjectId) -> Self {
        Self {
            src,
            dst,
            src_arrow: false,
            dst_arrow: true,
            index: 0,
            label: Text::default(),
            style: Style::default(),
            classes: Vec::new(),
            src_arrowhead: None,
            dst_arrowhead: None,
            src_column: None,
            dst_column: None,
            tooltip: None,
            link: None,
            icon: None,
            label_near: None,
            technology: None,
            merged: 1,
            key: String::new(),
            scope: None,
            place: None,
        }
    }
    /// The edge without what is only to be read or clicked ([`crate::Board::bare`]).
    pub(crate) fn bare(&self) -> Self {
        let head = |head: &Arrowhead| Arrowhead { label: head.label.as_ref().map(Text::bare), ..head.clone() };
        Self {
            src_arrow: self.src_arrow,
            dst_arrow: self.dst_arrow,
            label: self.label.bare(),
            style: self.style.clone(),
            src_arrowhead: self.src_arrowhead.as_ref().map(head),
            dst_arrowhead: self.dst_arrowhead.as_ref().map(head),
            src_column: self.src_column,
            dst_column: self.dst_column,
            icon: self.icon.as_ref().map(|_| String::new()),
            label_near: self.label_near,
            scope: self.scope,
            place: self.place.clone(),
            ..Self::new(self.src, self.dst)
        }
    }
}
