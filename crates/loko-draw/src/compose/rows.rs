//! Tables and classes.

use super::Composer;
use crate::font::{self, CAP_HEIGHT};
use crate::path::{KAPPA, Path};
use crate::rows::{Cell, Rows};
use crate::scene::{Anchor, Figure, Geometry, Ink, Item, Paint, Run, Stroke, TextLine};
use crate::skin::{Skin, letters};
use crate::text::Tone;
use loko_diagram::{Object, Point, Rect};

impl Composer<'_> {
    /// The heading, the rows and the lines between them; the outline is drawn already.
    pub(crate) fn rows(&self, rows: &Rows, object: &Object, rect: Rect, radius: f64, skin: &Skin) -> Vec<Item> {
        let mut items = Vec::new();
        let heading = Rect { h: rows.heading_height().min(rect.h), ..rect };
        let line_width = skin.stroke.as_ref().map_or(0.0, |stroke| stroke.width);
        let strong = match &skin.stroke {
            Some(stroke) => crate::paint::average(&stroke.paint).unwrap_or(skin.ground),
            None => skin.ground,
        };
        let band = strong.with(self.colors.ink(|palette, _| palette.ink()), |line, ink| line.mix(ink, 0.25));
        let band = Ink { dark: strong.dark.mix(skin.ground.dark, 0.62), ..band };
        let light_is_dark = self.colors.light.1;
        let band = if light_is_dark { strong.with(skin.ground, |line, ground| line.mix(ground, 0.62)) } else { band };
        let set = object.style.fill.as_deref().and_then(crate::paint::parse);
        let band_paint = set.clone().unwrap_or(Paint::Flat(band));
        let band = set.map_or(band, |paint| {
            crate::paint::average(&paint).map_or(skin.ground, |ink| ink.with(skin.ground, crate::Color::over))
        });
        items.push(Item::from(Figure {
            geometry: Geometry::Path(top_band(heading.grow(-line_width / 2.0), (radius - line_width / 2.0).max(0.0))),
            fill: band_paint,
            stroke: None,
            pattern: None,
            shadow: false,
            class: "heading",
        }));
        let rule = |y: f64| {
            let path = Path::polyline(&[(rect.x, y), (rect.right(), y)]);
            let paint = Paint::Flat(skin.ground.with(strong, |ground, line| ground.mix(line, 0.35)));
            let stroke = Stroke { paint, width: 1.0, dash: vec![], animated: false, round: false };
            Item::from(Figure {
                geometry: Geometry::Path(path),
                fill: Paint::None,
                stroke: Some(stroke),
                pattern: None,
                shadow: false,
                class: "",
            })
        };
        if rows.ruled {
            items.extend((1..rows.rows.len()).map(|at| rule(heading.bottom() + rows.row_height() * at as f64)));
        }
        items.extend(rows.split_line().map(|y| rule(rect.y + y)));
        let mut heading_cell = rows.heading.clone();
        heading_cell.underline = object.style.underline.unwrap_or(false);
        let middle = heading.center();
        items.push(Item::Text(vec![self.cell(&heading_cell, middle, Anchor::Middle, band, None)]));
        let starts = rows.starts(rect);
        for (cells, center) in rows.rows.iter().zip(rows.centers()) {
            let y = rect.y + center;
            let lines = cells.iter().zip(&starts).filter(|(cell, _)| !cell.text.is_empty());
            let lines =
                lines.map(|(cell, x)| self.cell(cell, Point::new(*x, y), Anchor::Start, skin.ground, skin.font));
            let lines: Vec<TextLine> = lines.collect();
            if !lines.is_empty() {
                items.push(Item::Text(lines));
            }
        }
        items
    }

    fn cell(&self, cell: &Cell, at: Point, anchor: Anchor, ground: Ink, font: Option<Ink>) -> TextLine {
        let ink = letters(cell.tone, ground, font.filter(|_| cell.tone == Tone::Ink), &self.colors);
        let runs = font::stretches(&cell.text, cell.face).into_iter().map(|stretch| Run {
            width: stretch.width * cell.size,
            text: stretch.text,
            face: stretch.face,
            size: cell.size,
            ink,
            estimated: stretch.estimated,
            underline: cell.underline,
            strike: false,
            link: None,
        });
        TextLine { at: at.shift(0.0, cell.size * CAP_HEIGHT / 2.0), anchor, runs: runs.collect() }
    }
}

/// A rectangle with round upper corners.
fn top_band(rect: Rect, radius: f64) -> Path {
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let r = radius.min(rect.h).min(rect.w / 2.0).max(0.0);
    let k = r * (1.0 - KAPPA);
    Path::from(x, bottom)
        .to(x, y + r)
        .curve((x, y + k), (x + k, y), (x + r, y))
        .to(right - r, y)
        .curve((right - k, y), (right, y + k), (right, y + r))
        .to(right, bottom)
        .close()
}
