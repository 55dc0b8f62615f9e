//! All colours of a theme, worked out from its few.
//!
//! The slots N1–N7, B1–B6, AA2–AA5, AB4 and AB5 are D2's, so that `theme-overrides` mean what they mean there: N from ink
//! to paper, B from the strongest to the palest base colour, AA and AB two accents. Texts are made readable (WCAG AA)
//! where they are used, on whatever they are used on.

use super::Theme;
use crate::color::Color;
use crate::tint::Tints;
use loko_diagram::{NotationKind, Shape};

/// What WCAG AA asks of text.
pub(crate) const AA_TEXT: f64 = 4.5;
/// What WCAG AA asks of borders and arrows.
pub(crate) const AA_LINE: f64 = 3.0;

/// A border and the inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dye {
    pub(crate) fill: Color,
    pub(crate) stroke: Color,
}

/// Every colour of a theme.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Palette {
    pub(crate) neutral: [Color; 7],
    pub(crate) base: [Color; 6],
    pub(crate) accent_a: [Color; 3],
    pub(crate) accent_b: [Color; 2],
    /// Colours that boxes of C4 shall have.
    tints: Tints,
}

impl Palette {
    /// A theme's colours with some boxes and slots set otherwise.
    pub(crate) fn new<'a>(theme: &Theme, tints: Tints, overrides: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (paper, ink) = (theme.paper, theme.ink);
        let towards = |color: Color, part: f64| color.mix(paper, part);
        let pale = if theme.is_dark { [0.76, 0.82, 0.87] } else { [0.86, 0.90, 0.94] };
        let line = theme.base.readable_on(paper, AA_LINE + 0.5);
        let mut palette = Self {
            neutral: [
                ink,
                towards(ink, 0.28),
                towards(ink, 0.42),
                towards(ink, 0.72),
                towards(ink, 0.84),
                towards(ink, 0.94),
                paper,
            ],
            base: [
                line,
                line,
                towards(line, 0.35),
                towards(theme.base, pale[0]),
                towards(theme.base, pale[1]),
                towards(theme.base, pale[2]),
            ],
            accent_a: [
                theme.accent_a.readable_on(paper, AA_LINE + 0.5),
                towards(theme.accent_a, pale[0]),
                towards(theme.accent_a, pale[1]),
            ],
            accent_b: [towards(theme.accent_b, pale[0]), towards(theme.accent_b, pale[1])],
            tints,
        };
        for (slot, color) in overrides {
            if let (Some(place), Some(color)) = (palette.slot(slot), Color::parse(color)) {
                *place = color.over(paper);
            }
        }
        palette
    }

    fn slot(&mut self, code: &str) -> Option<&mut Color> {
        let code = code.to_ascii_lowercase();
        let digit = |prefix: &str| code.strip_prefix(prefix)?.parse::<usize>().ok();
        if let Some(at) = digit("aa") {
            return self.accent_a.get_mut(match at {
                2 => 0,
                4 => 1,
                5 => 2,
                _ => return None,
            });
        }
        if let Some(at) = digit("ab") {
            return self.accent_b.get_mut(at.checked_sub(4)?);
        }
        match digit("n") {
            Some(at) => self.neutral.get_mut(at.checked_sub(1)?),
            None => self.base.get_mut(digit("b")?.checked_sub(1)?),
        }
    }

    pub(crate) fn ink(&self) -> Color {
        self.neutral[0]
    }

    pub(crate) fn paper(&self) -> Color {
        self.neutral[6]
    }

    /// The colour of edges.
    pub(crate) fn line(&self) -> Color {
        self.neutral[1].mix(self.base[1], 0.35).readable_on(self.paper(), AA_LINE + 1.0)
    }

    /// The colour of links.
    pub(crate) fn link(&self) -> Color {
        self.base[0]
    }

    /// Containers, by how many stand around them: a tint that alternates enough to tell neighbours apart.
    pub(crate) fn container(&self, depth: usize) -> Dye {
        let steps = [0.30, 0.62, 0.16, 0.48];
        let fill = self.paper().mix(self.base[3], steps[depth % steps.len()]);
        Dye { fill, stroke: self.base[2].readable_on(self.paper(), 2.0) }
    }

    /// Groups of a sequence diagram.
    pub(crate) fn group(&self) -> Dye {
        Dye { fill: self.paper().mix(self.base[5], 0.5), stroke: self.neutral[2].readable_on(self.paper(), AA_LINE) }
    }

    /// Spans of a sequence diagram.
    pub(crate) fn span(&self) -> Dye {
        Dye { fill: self.base[3], stroke: self.base[0] }
    }

    /// Objects of a shape that hold no others.
    pub(crate) fn shape(&self, shape: Shape, is_nested: bool) -> Dye {
        let dye = |fill, stroke| Dye { fill, stroke };
        match shape {
            Shape::Cylinder | Shape::Queue | Shape::StoredData | Shape::Bucket => {
                dye(self.accent_a[2], self.accent_a[0])
            }
            Shape::Person | Shape::C4Person => dye(self.base[3], self.base[0]),
            Shape::Package | Shape::Document | Shape::Page | Shape::Callout => dye(self.accent_b[1], self.base[0]),
            Shape::Diamond | Shape::Hexagon | Shape::Step | Shape::Parallelogram => dye(self.base[4], self.base[0]),
            Shape::Cloud => dye(self.paper().mix(self.neutral[5], 0.7), self.base[0]),
            Shape::SqlTable | Shape::Class | Shape::Code => dye(self.paper(), self.base[0]),
            // Boxes in tinted frames are paler than these.
            _ if is_nested => dye(self.base[5].mix(self.paper(), 0.55), self.base[0]),
            _ => dye(self.base[5], self.base[0]),
        }
    }

    /// C4 elements: the further in, the paler, so that kinds can be told apart in grey as well.
    pub(crate) fn notation(&self, kind: NotationKind, external: bool, is_dark: bool) -> Dye {
        let (base, paper, ink) = (self.base[0], self.paper(), self.ink());
        if let Some(fill) = self.tints.kind(kind, external) {
            let fill = fill.over(paper);
            // A colour that can hardly be told from the ground gets a border in the colour of lines.
            let is_seen = fill.contrast(paper) >= AA_LINE;
            let stroke = if is_seen { fill } else { base.readable_on(paper, AA_LINE) };
            return Dye { fill, stroke };
        }
        if external && !matches!(kind, NotationKind::Boundary | NotationKind::DeploymentNode) {
            return Dye { fill: self.neutral[5], stroke: self.neutral[2].readable_on(paper, AA_LINE) };
        }
        // Strong fills: on light paper the base with ink, on dark paper the base in two depths.
        let strong = |part: f64, dark: f64| if is_dark { base.shade(dark, 1.05) } else { base.mix(ink, part) };
        let solid = |fill: Color| Dye { fill, stroke: fill.readable_on(paper, AA_LINE) };
        match kind {
            NotationKind::Person => solid(strong(0.5, 0.5)),
            NotationKind::System => solid(strong(0.126, 0.40)),
            NotationKind::Container if is_dark => Dye { fill: base.shade(0.29, 0.55), stroke: base },
            NotationKind::Container => Dye { fill: self.base[3], stroke: base },
            NotationKind::Component => {
                Dye { fill: self.base[5].mix(paper, 0.35), stroke: self.base[2].readable_on(paper, AA_LINE) }
            }
            NotationKind::DeploymentNode => {
                Dye { fill: paper.mix(self.neutral[5], 0.6), stroke: self.neutral[2].readable_on(paper, AA_LINE) }
            }
            NotationKind::Boundary => {
                Dye { fill: paper.mix(self.base[5], 0.4), stroke: self.neutral[2].readable_on(paper, AA_LINE) }
            }
        }
    }
}
