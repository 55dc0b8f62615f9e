//! The fonts that pictures are measured with and carry: Noto Sans in four faces and Hack for code.
//!
//! A text's width is the sum of its glyphs' advances, which is exactly what a browser draws with the subsets of
//! [`crate::subset`], since those hold no kerning. Characters that no face has are estimated on the wide side; whoever
//! draws them says the width (`textLength`), so that they stay inside their box with whatever font is found for them.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::sync::OnceLock;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A face of the fonts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Upright.
    #[default]
    Regular,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Bold and italic.
    BoldItalic,
    /// Monospaced.
    Mono,
}

/// The height of capitals, in sizes.
pub(crate) const CAP_HEIGHT: f64 = 0.714;

/// Widths of characters that no face has, in sizes: chosen above what common system fonts need.
const WIDTH_EMOJI: f64 = 1.4;
const WIDTH_WIDE: f64 = 1.02;
const WIDTH_OTHER: f64 = 0.7;

/// The faces that are asked, in this order, for what a face lacks.
const FALLBACK: [Face; 2] = [Face::Regular, Face::Mono];

impl Face {
    /// All faces.
    pub const ALL: [Face; 5] = [Face::Regular, Face::Bold, Face::Italic, Face::BoldItalic, Face::Mono];

    /// The face of the sans serif family with these traits.
    pub fn sans(bold: bool, italic: bool) -> Self {
        match (bold, italic) {
            (false, false) => Self::Regular,
            (true, false) => Self::Bold,
            (false, true) => Self::Italic,
            (true, true) => Self::BoldItalic,
        }
    }

    /// Whether strokes are heavy.
    pub fn is_bold(self) -> bool {
        matches!(self, Self::Bold | Self::BoldItalic)
    }

    /// Whether letters slant.
    pub fn is_italic(self) -> bool {
        matches!(self, Self::Italic | Self::BoldItalic)
    }

    /// The family name that pictures use for the face.
    pub fn family(self) -> &'static str {
        if self == Self::Mono { MONO_FAMILY } else { SANS_FAMILY }
    }

    /// The whole font as TrueType.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => notosans::REGULAR_TTF,
            Self::Bold => notosans::BOLD_TTF,
            Self::Italic => notosans::ITALIC_TTF,
            Self::BoldItalic => notosans::BOLD_ITALIC_TTF,
            Self::Mono => epaint_default_fonts::HACK_REGULAR,
        }
    }

    /// Whether the face has a glyph for the character.
    pub fn has(self, c: char) -> bool {
        self.advance(c).is_some()
    }

    /// The advance of a character in sizes, if the face has it.
    pub fn advance(self, c: char) -> Option<f64> {
        let metrics = self.metrics();
        match metrics.low.get(c as usize) {
            Some(&advance) => (advance >= 0.0).then_some(advance),
            None => metrics.look_up(c),
        }
    }

    fn metrics(self) -> &'static Metrics {
        static FACES: [OnceLock<Metrics>; 5] = [const { OnceLock::new() }; 5];
        FACES[self as usize].get_or_init(|| Metrics::read(self.bytes()))
    }
}

/// The name of the sans serif subsets.
pub const SANS_FAMILY: &str = "Loko Sans";
/// The name of the monospaced subset.
pub const MONO_FAMILY: &str = "Loko Mono";

/// Advances in sizes; those of the first characters at hand, negative where the font has none.
struct Metrics {
    font: FontRef<'static>,
    low: Vec<f64>,
}

impl Metrics {
    fn read(bytes: &'static [u8]) -> Self {
        const LOW: u32 = 0x250;
        let font = FontRef::new(bytes).expect("the fonts are part of the program and well-formed");
        let advance = advances(&font);
        let low = (0..LOW).map(|code| char::from_u32(code).and_then(&advance).unwrap_or(-1.0)).collect();
        Self { low, font }
    }

    fn look_up(&self, c: char) -> Option<f64> {
        advances(&self.font)(c)
    }
}

/// How far characters advance in a font, in sizes; to be asked for several, since finding the tables takes longest.
fn advances<'a>(font: &FontRef<'a>) -> impl Fn(char) -> Option<f64> + use<'a> {
    let charmap = font.charmap();
    let glyphs = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let units = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
    move |c| glyphs.advance_width(charmap.map(c)?).map(|advance| f64::from(advance) / units)
}

/// A stretch of text that one face can draw, or that none can.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) text: String,
    pub(crate) face: Face,
    /// In sizes.
    pub(crate) width: f64,
    /// Whether the width is an estimate.
    pub(crate) estimated: bool,
}

/// Splits a text into stretches: the face itself where it can, another face for what only that has.
pub(crate) fn stretches(text: &str, face: Face) -> Vec<Stretch> {
    if text.is_ascii()
        && let Some(width) = text.chars().map(|c| face.advance(c)).sum::<Option<f64>>()
    {
        let whole = Stretch { text: text.to_owned(), face, width, estimated: false };
        return if text.is_empty() { Vec::new() } else { vec![whole] };
    }
    let mut out: Vec<Stretch> = Vec::new();
    let mut push = |piece: &str, face: Face, width: f64, estimated: bool| match out.last_mut() {
        Some(last) if last.face == face && last.estimated == estimated => {
            last.text.push_str(piece);
            last.width += width;
        }
        _ => out.push(Stretch { text: piece.to_string(), face, width, estimated }),
    };
    for cluster in text.graphemes(true) {
        let width_in = |face: Face| cluster.chars().map(|c| face.advance(c)).sum::<Option<f64>>();
        if let Some(width) = width_in(face) {
            push(cluster, face, width, false);
        } else if let Some((other, width)) = FALLBACK.iter().find_map(|other| Some((*other, width_in(*other)?))) {
            push(cluster, other, width, false);
        } else {
            push(cluster, face, estimate(cluster), true);
        }
    }
    out
}

/// What a reader takes for one letter each.
pub(crate) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    // All ASCII characters but line ends, which no line has, stand for themselves.
    let is_simple = text.is_ascii() && !text.contains('\r');
    let simple = is_simple.then(|| (0..text.len()).map(|at| &text[at..=at]));
    let others = (!is_simple).then(|| text.graphemes(true));
    simple.into_iter().flatten().chain(others.into_iter().flatten())
}

/// The width of a text in sizes.
pub(crate) fn width(text: &str, face: Face) -> f64 {
    if text.is_ascii() {
        return text.chars().map(|c| face.advance(c).unwrap_or(0.0)).sum();
    }
    stretches(text, face).iter().map(|stretch| stretch.width).sum()
}

fn estimate(cluster: &str) -> f64 {
    let first = cluster.chars().next().unwrap_or(' ');
    match (cluster.width(), is_pictograph(first)) {
        (0, _) => 0.0,
        (_, true) => WIDTH_EMOJI,
        (1, _) => WIDTH_OTHER,
        (_, _) => WIDTH_WIDE,
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(c as u32, 0x2300..=0x23ff | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x1f000..=0x1faff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        let font = FontRef::new(notosans::BOLD_TTF).unwrap();
        let glyphs = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let text = "Shop API, größer: Ж → x";
        let expected: f32 =
            text.chars().map(|c| glyphs.advance_width(font.charmap().map(c).unwrap()).unwrap() / 1000.0).sum();
        let units = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        assert!((width(text, Face::Bold) - f64::from(expected) * 1000.0 / units).abs() < 1e-3);
    }

    #[test]
    fn missing_characters_are_estimated_generously() {
        assert!(width("架构", Face::Regular) >= 2.0);
        assert!(width("👩‍👩‍👧", Face::Regular) >= 1.3);
        assert!(width("👩‍👩‍👧", Face::Regular) < 2.0, "one picture, not three");
        let parts = stretches("a ⣿ 架", Face::Regular);
        assert!(parts.last().unwrap().estimated && !parts[0].estimated);
    }
}
