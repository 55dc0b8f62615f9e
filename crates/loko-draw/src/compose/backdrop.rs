//! What the board itself wears: a fill that is more than one colour, a pattern, a border, two borders.
//!
//! The plain ground of a picture is the scene's background; this is drawn on it and only where somebody asked for it.

use super::Composer;
use crate::paint;
use crate::scene::{Figure, Geometry, Item, Paint, Stroke};
use crate::skin;
use loko_diagram::{Rect, Style};

/// The space between two borders.
const DOUBLE: f64 = 4.5;

impl Composer<'_> {
    /// The figures behind everything else, within the bounds of the picture.
    pub(crate) fn backdrop(&self, bounds: Rect) -> Vec<Item> {
        let style = &self.board.style;
        let fill = style.fill.as_deref().and_then(paint::parse).filter(|paint| matches!(paint, Paint::Gradient(_)));
        let pattern = skin::set_pattern(style, self.paper());
        let border = self.border();
        if !self.options.background || (fill.is_none() && pattern.is_none() && border.is_none()) {
            return Vec::new();
        }
        let radius = style.border_radius.unwrap_or(0.0).clamp(0.0, 1000.0);
        let half = border.as_ref().map_or(0.0, |stroke| stroke.width / 2.0);
        let figure = |rect: Rect, fill: Paint, stroke: Option<Stroke>| Figure {
            geometry: Geometry::Rect(rect, radius),
            fill,
            stroke,
            pattern: None,
            shadow: false,
            class: "board",
        };
        let is_doubled = style.double_border == Some(true);
        let inner = border.clone().filter(|_| is_doubled).map(|stroke| {
            let off = half + DOUBLE + stroke.width;
            Item::from(figure(bounds.grow(-off), Paint::None, Some(stroke)))
        });
        let whole = Figure { pattern, ..figure(bounds.grow(-half), fill.unwrap_or(Paint::None), border) };
        std::iter::once(Item::from(whole)).chain(inner).collect()
    }

    /// The board's border: only one that was asked for.
    fn border(&self) -> Option<Stroke> {
        let style = &self.board.style;
        let is_set = style.stroke.is_some()
            || style.stroke_width.is_some()
            || style.stroke_dash.is_some()
            || style.double_border == Some(true);
        if !is_set {
            return None;
        }
        let line = self.colors.line();
        skin::stroke(&Style { animated: None, ..style.clone() }, line, self.paper(), &self.colors, false)
    }

    /// How much room a border takes at each side of the picture.
    pub(crate) fn border_room(&self) -> f64 {
        let is_doubled = self.board.style.double_border == Some(true);
        self.border().map_or(0.0, |stroke| if is_doubled { 2.0 * stroke.width + DOUBLE } else { stroke.width })
    }
}
