//! Pictures: those that the caller hands over, and a quiet placeholder for the others.

use super::Composer;
use crate::Icon;
use crate::path::Path;
use crate::scene::{Figure, Geometry, Ink, Item, Paint, Picture, Stroke};
use crate::skin::letters;
use crate::text::Tone;
use loko_diagram::{Object, Rect};

impl Composer<'_> {
    /// The picture of an object in a rectangle.
    pub(crate) fn picture(&self, object: &Object, rect: Rect, ground: Ink) -> Vec<Item> {
        self.picture_at(object.icon.as_deref().unwrap_or_default(), &object.key, rect, ground)
    }

    /// The picture that is found at a place; `alt` says what it shows.
    pub(crate) fn picture_at(&self, place: &str, alt: &str, rect: Rect, ground: Ink) -> Vec<Item> {
        match self.icon_of(place) {
            Some(icon) => {
                let Icon { media_type, bytes } = icon;
                vec![Item::Picture(Picture { rect, media_type, bytes, alt: alt.to_owned() })]
            }
            None => self.placeholder(rect, ground),
        }
    }

    /// A frame with a hill and a sun.
    fn placeholder(&self, rect: Rect, ground: Ink) -> Vec<Item> {
        let ink = letters(Tone::Ink, ground, None, &self.colors);
        let pale = Paint::Flat(ground.with(ink, |ground, ink| ground.mix(ink, 0.06)));
        let line = Paint::Flat(ground.with(ink, |ground, ink| ground.mix(ink, 0.42)));
        let side = rect.w.min(rect.h);
        let width = (side / 32.0).clamp(1.0, 2.5);
        let stroke = || Some(Stroke { paint: line.clone(), width, dash: vec![], animated: false, round: true });
        let figure = |geometry: Geometry, fill: Paint| {
            Item::from(Figure { geometry, fill, stroke: stroke(), pattern: None, shadow: false, class: "" })
        };
        let frame = rect.grow(-width / 2.0);
        let at = |x: f64, y: f64| (frame.x + x * frame.w, frame.y + y * frame.h);
        let hill = Path::polyline(&[at(0.08, 0.82), at(0.36, 0.46), at(0.55, 0.7), at(0.68, 0.54), at(0.92, 0.82)]);
        let radius = side * 0.075;
        let (x, y) = at(0.7, 0.28);
        let sun = Rect::new(x - radius, y - radius, 2.0 * radius, 2.0 * radius);
        vec![
            figure(Geometry::Rect(frame, side * 0.12), pale),
            figure(Geometry::Path(hill), Paint::None),
            figure(Geometry::Ellipse(sun), Paint::None),
        ]
    }
}
