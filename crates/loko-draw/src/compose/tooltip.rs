//! Tooltips that are shown for good: a small card beside its object, with a beak that points at it.

use super::Composer;
use crate::label;
use crate::path::Path;
use crate::scene::{Figure, Geometry, Item, Paint, Stroke};
use crate::skin::letters;
use crate::text::{Block, Tone};
use loko_diagram::object::{Align, Side};
use loko_diagram::{NearConstant, Object, ObjectId, Point, Rect, Size};

/// The space between a tooltip's text and its border.
const PAD: (f64, f64) = (10.0, 7.0);
/// How far the card stands off, which is as long as its beak.
const BEAK: f64 = 8.0;

/// The room that a tooltip takes which is shown for good.
pub(crate) fn size(object: &Object, look: &crate::Look) -> Size {
    if object.tooltip_near.is_none() {
        return Size::default();
    }
    let block = label::tooltip(object, look);
    if block.is_empty() {
        return Size::default();
    }
    let is_sideways = object.tooltip_near.is_some_and(stands_sideways);
    let card = card_size(&block);
    if is_sideways { Size::new(card.w + BEAK, card.h) } else { Size::new(card.w, card.h + BEAK) }
}

fn card_size(block: &Block) -> Size {
    Size::new((block.size.w + 2.0 * PAD.0).ceil(), (block.size.h + 2.0 * PAD.1).ceil())
}

/// Whether it stands to the left or right and not above or below.
fn stands_sideways(near: NearConstant) -> bool {
    near.horizontal_first || near.vertical == Align::Middle
}

/// The card's rectangle and the corners of its beak.
fn place(rect: Rect, size: Size, near: NearConstant) -> (Rect, [Point; 3]) {
    let along = |align: Align, start: f64, extent: f64, own: f64| match align {
        Align::Start => start,
        Align::Middle => start + (extent - own) / 2.0,
        Align::End => start + extent - own,
    };
    let is_first = |align: Align| align == Align::Start;
    if stands_sideways(near) {
        let y = along(near.vertical, rect.y, rect.h, size.h);
        let is_left = is_first(near.horizontal);
        let x = if is_left { rect.x - BEAK - size.w } else { rect.right() + BEAK };
        let (side, tip) =
            if is_left { (rect.x - BEAK, rect.x - 1.0) } else { (rect.right() + BEAK, rect.right() + 1.0) };
        let middle = rect.center().y.clamp(y + BEAK, y + size.h - BEAK);
        let beak = [Point::new(side, middle - 5.0), Point::new(tip, middle), Point::new(side, middle + 5.0)];
        return (Rect::new(x, y, size.w, size.h), beak);
    }
    let x = along(near.horizontal, rect.x, rect.w, size.w);
    let is_above = is_first(near.vertical);
    let y = if is_above { rect.y - BEAK - size.h } else { rect.bottom() + BEAK };
    let (side, tip) =
        if is_above { (rect.y - BEAK, rect.y - 1.0) } else { (rect.bottom() + BEAK, rect.bottom() + 1.0) };
    let middle = rect.center().x.clamp(x + BEAK, x + size.w - BEAK);
    let beak = [Point::new(middle - 5.0, side), Point::new(middle, tip), Point::new(middle + 5.0, side)];
    (Rect::new(x, y, size.w, size.h), beak)
}

impl Composer<'_> {
    /// The box of an object's tooltip, if that is shown for good.
    pub(crate) fn tooltip_box(&self, id: ObjectId) -> Option<Rect> {
        let object = self.board.object(id);
        let near = object.tooltip_near.map(|near| NearConstant { side: Side::Outside, ..near })?;
        let block = label::tooltip(object, self.look);
        (!block.is_empty()).then(|| place(self.placed_object(id).rect, card_size(&block), near).0)
    }

    /// The card of a tooltip that is shown for good.
    pub(crate) fn tooltip(&self, id: ObjectId) -> Vec<Item> {
        let object = self.board.object(id);
        let Some(near) = object.tooltip_near else { return Vec::new() };
        let block = label::tooltip(object, self.look);
        if block.is_empty() {
            return Vec::new();
        }
        let (rect, beak) = place(self.placed_object(id).rect, card_size(&block), near);
        let ground = self.paper();
        let ink = letters(Tone::Ink, ground, None, &self.colors);
        let line = Paint::Flat(ground.with(ink, |ground, ink| ground.mix(ink, 0.45)));
        let stroke = Stroke { paint: line, width: 1.0, dash: Vec::new(), animated: false, round: true };
        let figure = |geometry: Geometry, stroke: Option<Stroke>| {
            let fill = Paint::Flat(ground);
            Item::from(Figure { geometry, fill, stroke, pattern: None, shadow: false, class: "tooltip" })
        };
        let beak = beak.map(|corner| (corner.x, corner.y));
        let mut items = vec![
            figure(Geometry::Rect(rect, 4.0), Some(stroke.clone())),
            figure(Geometry::Path(Path::polygon(&beak)), None),
            Item::from(Figure {
                geometry: Geometry::Path(Path::polyline(&beak)),
                fill: Paint::None,
                stroke: Some(stroke),
                pattern: None,
                shadow: false,
                class: "",
            }),
        ];
        items.extend(self.words(&block, rect, ground, None));
        items
    }
}
