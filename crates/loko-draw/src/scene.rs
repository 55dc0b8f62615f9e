//! The picture as a short, explicit list: groups, geometry, texts and images with absolute numbers and resolved colours.
//!
//! Composing makes it; each back end only writes it down. Nothing here refers to a board, a theme or a style any more.

use crate::color::Color;
use crate::font::Face;
use crate::path::Path;
use loko_diagram::{Point, Rect};

/// A whole picture.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The visible part, margins included.
    pub bounds: Rect,
    /// The colour behind everything, if it is to be painted.
    pub background: Option<Ink>,
    /// What lies between it and what is drawn: the board's own pattern and border.
    pub backdrop: Vec<Item>,
    /// What the picture is called.
    pub title: String,
    /// What the picture shows, for those who cannot see it.
    pub description: String,
    /// What is drawn, from back to front.
    pub items: Vec<Item>,
    /// Whether there is a second set of colours.
    pub has_dark: bool,
}

/// A colour in both schemes; the same twice when there is only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ink {
    /// On light paper.
    pub light: Color,
    /// On dark paper.
    pub dark: Color,
}

impl Ink {
    /// The same colour in both schemes.
    pub const fn same(color: Color) -> Self {
        Self { light: color, dark: color }
    }

    /// Each scheme's colour changed.
    pub fn map(self, change: impl Fn(Color) -> Color) -> Self {
        Self { light: change(self.light), dark: change(self.dark) }
    }

    /// Two inks brought together, scheme by scheme.
    pub fn with(self, other: Self, join: impl Fn(Color, Color) -> Color) -> Self {
        Self { light: join(self.light, other.light), dark: join(self.dark, other.dark) }
    }
}

/// What fills an area or a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Paint {
    /// Nothing.
    None,
    /// One colour.
    Flat(Ink),
    /// A colour gradient.
    Gradient(Gradient),
}

/// A colour gradient across the painted box.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Whether it spreads from the centre.
    pub radial: bool,
    /// For linear ones: the direction in degrees, 0 upwards, clockwise (CSS).
    pub angle: f64,
    /// Places from 0 to 1 with their colours.
    pub stops: Vec<(f64, Color)>,
}

/// A line's look.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Its paint.
    pub paint: Paint,
    /// Its width.
    pub width: f64,
    /// Lengths of dashes and gaps; empty for a solid line.
    pub dash: Vec<f64>,
    /// Whether the dashes move.
    pub animated: bool,
    /// Whether ends are round.
    pub round: bool,
}

/// A texture over a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// Small dots.
    Dots,
    /// Slanted lines.
    Lines,
    /// Fine noise.
    Grain,
    /// Fibres.
    Paper,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// A rectangle with a corner radius.
    Rect(Rect, f64),
    /// The ellipse in a rectangle.
    Ellipse(Rect),
    /// Anything else.
    Path(Path),
}

/// Geometry with its paints.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The form.
    pub geometry: Geometry,
    /// The inside.
    pub fill: Paint,
    /// The line.
    pub stroke: Option<Stroke>,
    /// A texture over the inside.
    pub pattern: Option<(Pattern, Ink)>,
    /// Whether a soft shadow falls behind it.
    pub shadow: bool,
    /// A CSS class; empty for none.
    pub class: &'static str,
}

/// Where a line of text hangs on its x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// x is its start.
    #[default]
    Start,
    /// x is its middle.
    Middle,
    /// x is its end.
    End,
}

/// A piece of text in one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// The face.
    pub face: Face,
    /// The size in pixels.
    pub size: f64,
    /// The colour.
    pub ink: Ink,
    /// The measured width.
    pub width: f64,
    /// Whether some characters are missing from the fonts, so that the width is an estimate.
    pub estimated: bool,
    /// Underlined.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// Where a click on it leads.
    pub link: Option<String>,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextLine {
    /// Where it hangs.
    pub at: Point,
    /// How it hangs there.
    pub anchor: Anchor,
    /// Its pieces, left to right.
    pub runs: Vec<Run>,
}

impl TextLine {
    /// The whole width.
    pub fn width(&self) -> f64 {
        self.runs.iter().map(|run| run.width).sum()
    }

    /// Where the first run starts.
    pub fn start(&self) -> f64 {
        match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - self.width() / 2.0,
            Anchor::End => self.at.x - self.width(),
        }
    }
}

/// A picture from elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its box.
    pub rect: Rect,
    /// Its media type, for instance `image/svg+xml`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it shows.
    pub alt: String,
}

/// Things that belong together.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// A stable id, unique in the picture; empty for none. Where several pictures share a page, a prefix is put before it.
    pub id: String,
    /// CSS classes.
    pub class: String,
    /// `data-` attributes without the prefix.
    pub data: Vec<(&'static str, String)>,
    /// What a screen reader says; a labelled group can be focused.
    pub label: String,
    /// A text shown on hover.
    pub tooltip: Option<String>,
    /// Where a click leads, as the diagram states it.
    pub link: Option<String>,
    /// 1 is solid.
    pub opacity: Option<f64>,
    /// What it holds.
    pub items: Vec<Item>,
}

/// One thing in a picture.
#[derive(Clone, Debug)]
pub enum Item {
    /// Several things.
    Group(Group),
    /// A form.
    Figure(Box<Figure>),
    /// Lines of one text.
    Text(Vec<TextLine>),
    /// A picture.
    Picture(Picture),
}

impl From<Figure> for Item {
    fn from(figure: Figure) -> Self {
        Self::Figure(Box::new(figure))
    }
}
