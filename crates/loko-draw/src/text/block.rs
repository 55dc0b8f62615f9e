//! Blocks of lines with positions of their own.

use crate::font::Face;
use loko_diagram::{Rect, Size};

/// How a line stands in its block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Align {
    #[default]
    Start,
    Middle,
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Tone {
    /// Ordinary.
    #[default]
    Ink,
    /// Less important: types, technologies.
    Muted,
    /// A link.
    Link,
    /// A keyword of code.
    Keyword,
    /// A string or number of code.
    Literal,
    /// A comment of code.
    Comment,
}

/// A piece of a line in one look.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fragment {
    pub(crate) text: String,
    pub(crate) face: Face,
    pub(crate) size: f64,
    pub(crate) tone: Tone,
    pub(crate) width: f64,
    pub(crate) estimated: bool,
    pub(crate) underline: bool,
    pub(crate) strike: bool,
    pub(crate) link: Option<String>,
}

/// A line: its left edge (for [`Align::Start`]) and its baseline, from the block's corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) x: f64,
    pub(crate) baseline: f64,
    pub(crate) align: Align,
    pub(crate) fragments: Vec<Fragment>,
}

impl Line {
    #[cfg(test)]
    pub(crate) fn width(&self) -> f64 {
        self.fragments.iter().map(|fragment| fragment.width).sum()
    }
}

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// Ground of code.
    Ground,
    /// A thin line.
    Rule,
    /// The bar beside a quotation.
    Bar,
    /// A line as dark as letters.
    Stroke,
    /// The sign of a root; its bar begins at the upper right corner.
    Root,
    /// The point of a list.
    Bullet,
    /// An empty box of a list.
    Open,
    /// A ticked box of a list.
    Done,
}

/// Something drawn besides letters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) rect: Rect,
    pub(crate) kind: MarkKind,
}

/// A laid-out text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Block {
    pub(crate) size: Size,
    pub(crate) lines: Vec<Line>,
    pub(crate) marks: Vec<Mark>,
}

impl Block {
    /// The block in another scale.
    pub(crate) fn scale(mut self, by: f64) -> Self {
        self.size = Size::new(self.size.w * by, self.size.h * by);
        for line in &mut self.lines {
            line.x *= by;
            line.baseline *= by;
            for fragment in &mut line.fragments {
                fragment.size *= by;
                fragment.width *= by;
            }
        }
        for mark in &mut self.marks {
            let r = mark.rect;
            mark.rect = Rect::new(r.x * by, r.y * by, r.w * by, r.h * by);
        }
        self
    }

    /// Whether there is nothing to draw.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.marks.is_empty()
    }
}
