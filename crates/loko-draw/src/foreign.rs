//! Letters that the fonts of this crate lack, set in fonts that the caller brings: which are missing, and their shaping.
//!
//! A browser asks the system for such fonts; a PNG and a PDF have nobody to ask. Shaping is harfrust's, so that Arabic
//! letters are joined and marks stand where they belong; lines of several directions are set piece by piece.

use crate::font;
use crate::png::Error;
use crate::scene::{Item, Run, Scene};
use harfrust::{FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider;
use std::collections::BTreeSet;
use unicode_segmentation::UnicodeSegmentation;

/// Fonts of the caller, in the order in which they are asked.
#[derive(Default)]
pub(crate) struct Foreign<'f>(Vec<(Font, FontRef<'f>)>);

/// A stretch of a run in one of the fonts.
pub(crate) struct Piece<'f> {
    pub(crate) font: &'f Font,
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// The room for it and its own width, in sizes.
    pub(crate) room: f64,
    pub(crate) width: f64,
}

impl<'f> Foreign<'f> {
    pub(crate) fn new(files: &'f [Vec<u8>]) -> Result<Self, Error> {
        let mut fonts = Vec::new();
        for (at, bytes) in files.iter().enumerate() {
            let none = || Error::new(format!("font {} is no TrueType or OpenType font", at + 1));
            let parsed = FontRef::from_index(bytes, 0).map_err(|_| none())?;
            fonts.push((Font::new(bytes.clone().into(), 0).ok_or_else(none)?, parsed));
        }
        Ok(Self(fonts))
    }

    /// A run cut where the font changes; nothing if no font has a letter of it.
    pub(crate) fn pieces(&self, run: &Run) -> Vec<Piece<'_>> {
        let mut groups: Vec<(usize, String)> = Vec::new();
        for cluster in run.text.graphemes(true) {
            let known = self.0.iter().position(|(_, font)| cluster.chars().all(|c| has(font, c)));
            match (groups.last_mut(), known) {
                (Some((_, text)), None) => text.push_str(cluster),
                (Some((at, text)), Some(font)) if *at == font => text.push_str(cluster),
                (_, Some(font)) => groups.push((font, cluster.to_owned())),
                (None, None) => return Vec::new(),
            }
        }
        let all: f64 = groups.iter().map(|(_, text)| font::width(text, run.face)).sum();
        let piece = |(at, text): (usize, String)| {
            let (font, parsed) = &self.0[at];
            let room = font::width(&text, run.face) / all.max(f64::EPSILON) * run.width / run.size;
            let (glyphs, width) = shaped(parsed, &text);
            Piece { font, text, glyphs, room, width }
        };
        groups.into_iter().map(piece).collect()
    }
}

fn has(font: &FontRef<'_>, c: char) -> bool {
    is_silent(c) || font.charmap().map(c).is_some()
}

/// Whether a character only changes its neighbours.
fn is_silent(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') || c.is_control()
}

/// The glyphs of a text from left to right, and their width in sizes.
fn shaped(font: &FontRef<'_>, text: &str) -> (Vec<KrillaGlyph>, f64) {
    let data = ShaperData::new(font);
    let shaper = data.shaper(font).build();
    let units = shaper.units_per_em().max(1) as f32;
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    let done = shaper.shape(buffer, ShapeOptions::new());
    let starts: BTreeSet<usize> = done.glyph_infos().iter().map(|info| info.cluster as usize).collect();
    let mut width = 0.0;
    let glyphs = done.glyph_infos().iter().zip(done.glyph_positions()).map(|(info, at)| {
        let start = info.cluster as usize;
        let end = starts.range(start + 1..).next().copied().unwrap_or(text.len());
        let scaled = |value: i32| value as f32 / units;
        width += f64::from(scaled(at.x_advance));
        let (x, y) = (scaled(at.x_offset), scaled(at.y_offset));
        KrillaGlyph::new(GlyphId::new(info.glyph_id), scaled(at.x_advance), x, y, 0.0, start..end, None)
    });
    (glyphs.collect(), width)
}

/// The characters of a picture that neither the fonts of this crate nor these files have, each once, in their order:
/// a PNG or a PDF shows empty boxes for them.
///
/// Files that hold no font have no letters.
pub fn missing_letters(scene: &Scene, more: &[Vec<u8>]) -> Vec<char> {
    let more: Vec<FontRef<'_>> = more.iter().filter_map(|bytes| FontRef::from_index(bytes, 0).ok()).collect();
    let emoji = FontRef::new(epaint_default_fonts::NOTO_EMOJI_REGULAR).ok();
    let mut missing = BTreeSet::new();
    visit(&scene.items, &mut |run| {
        let absent = |c: &char| !run.face.has(*c) && !more.iter().chain(&emoji).any(|font| has(font, *c));
        missing.extend(run.text.chars().filter(absent).filter(|_| run.estimated));
    });
    missing.into_iter().collect()
}

fn visit(items: &[Item], look: &mut impl FnMut(&Run)) {
    for item in items {
        match item {
            Item::Group(group) => visit(&group.items, look),
            Item::Text(lines) => lines.iter().flat_map(|line| &line.runs).for_each(&mut *look),
            Item::Figure(_) | Item::Picture(_) => {}
        }
    }
}
