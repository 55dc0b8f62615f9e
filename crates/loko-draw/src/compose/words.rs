//! Setting laid-out text into a scene.

use super::Composer;
use crate::look::Colors;
use crate::path::Path;
use crate::scene::{Anchor, Figure, Geometry, Ink, Item, Paint, Run, Stroke, TextLine};
use crate::skin::letters;
use crate::text::{Align, Block, Fragment, Mark, MarkKind, Tone};
use loko_diagram::{Point, Rect};

impl Composer<'_> {
    /// Puts a block into the middle of a rectangle.
    pub(crate) fn words(&self, block: &Block, rect: Rect, ground: Ink, font: Option<Ink>) -> Vec<Item> {
        let left = rect.center().x - block.size.w / 2.0;
        let top = rect.center().y - block.size.h / 2.0;
        Pen { colors: &self.colors, ground, font }.block(block, left, top)
    }
}

/// Sets text on a ground.
pub(crate) struct Pen<'c> {
    pub(crate) colors: &'c Colors,
    pub(crate) ground: Ink,
    /// The colour of the letters, when it is not the one that reads best.
    pub(crate) font: Option<Ink>,
}

impl Pen<'_> {
    /// A block with its upper left corner at a place.
    pub(crate) fn block(&self, block: &Block, left: f64, top: f64) -> Vec<Item> {
        let mut items: Vec<Item> = block.marks.iter().flat_map(|mark| self.mark(mark, left, top)).collect();
        let lines = block.lines.iter().map(|line| {
            let (x, anchor) = match line.align {
                Align::Start => (left + line.x, Anchor::Start),
                Align::Middle => (left + block.size.w / 2.0, Anchor::Middle),
            };
            TextLine {
                at: Point::new(x, top + line.baseline),
                anchor,
                runs: line.fragments.iter().map(|fragment| self.run(fragment)).collect(),
            }
        });
        let lines: Vec<TextLine> = lines.collect();
        if !lines.is_empty() {
            items.push(Item::Text(lines));
        }
        items
    }

    fn run(&self, fragment: &Fragment) -> Run {
        Run {
            text: fragment.text.clone(),
            face: fragment.face,
            size: fragment.size,
            ink: letters(fragment.tone, self.ground, self.font, self.colors),
            width: fragment.width,
            estimated: fragment.estimated,
            underline: fragment.underline,
            strike: fragment.strike,
            link: fragment.link.clone(),
        }
    }

    fn mark(&self, mark: &Mark, x: f64, y: f64) -> Vec<Item> {
        let rect = mark.rect.shift(x, y);
        let ink = letters(Tone::Ink, self.ground, None, self.colors);
        let mixed = |part: f64| self.ground.with(ink, |ground, ink| ground.mix(ink, part));
        let plain = |geometry: Geometry, ink: Ink| Figure {
            geometry,
            fill: Paint::Flat(ink),
            stroke: None,
            pattern: None,
            shadow: false,
            class: "",
        };
        let line = |geometry: Geometry, part: f64, width: f64| {
            let stroke =
                Stroke { paint: Paint::Flat(mixed(part)), width, dash: vec![], animated: false, round: width > 1.0 };
            Item::from(Figure { stroke: Some(stroke), fill: Paint::None, ..plain(geometry, ink) })
        };
        match mark.kind {
            MarkKind::Ground => vec![plain(Geometry::Rect(rect, 4.0), mixed(0.07)).into()],
            MarkKind::Bar => vec![plain(Geometry::Rect(rect, 1.5), mixed(0.3)).into()],
            MarkKind::Bullet => vec![plain(Geometry::Ellipse(rect), mixed(0.85)).into()],
            MarkKind::Rule => {
                let path = Path::polyline(&[(rect.x, rect.y), (rect.right(), rect.y)]);
                vec![line(Geometry::Path(path), 0.22, 1.0)]
            }
            MarkKind::Stroke => {
                let path = Path::polyline(&[(rect.x, rect.y), (rect.right(), rect.y)]);
                vec![line(Geometry::Path(path), 0.9, 1.25)]
            }
            MarkKind::Root => {
                let at = |x: f64, y: f64| (rect.x + x * rect.w, rect.y + y * rect.h);
                let hook = Path::polyline(&[at(0.05, 0.62), at(0.26, 0.54), at(0.5, 0.97), at(1.0, 0.0)]);
                vec![line(Geometry::Path(hook), 0.9, 1.25)]
            }
            MarkKind::Open => vec![line(Geometry::Rect(rect, 2.5), 0.6, 1.0)],
            MarkKind::Done => {
                let at = |x: f64, y: f64| (rect.x + x * rect.w, rect.y + y * rect.h);
                let tick = Path::polyline(&[at(0.22, 0.52), at(0.42, 0.74), at(0.8, 0.26)]);
                vec![line(Geometry::Rect(rect, 2.5), 0.6, 1.0), line(Geometry::Path(tick), 0.85, 1.5)]
            }
        }
    }
}
