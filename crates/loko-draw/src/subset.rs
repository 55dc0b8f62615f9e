//! Small fonts: a TrueType font cut down to the characters that a picture shows.
//!
//! Keeps outlines, advances and a character map; leaves out hinting, kerning and substitution, so that a text's width is
//! the sum of its advances. Glyphs are numbered anew in the order of their characters. Formats after OpenType 1.9.

use crate::font::Face;
use rustc_hash::FxHashMap;
use skrifa::raw::TableProvider;
use skrifa::raw::types::Tag;
use skrifa::{FontRef, MetadataProvider};
use std::collections::BTreeMap;

/// The face with only the glyphs of these characters, as TrueType; the family name is the face's.
///
/// Characters that the face lacks, and those beyond the basic plane, are left out.
pub fn subset(face: Face, characters: impl IntoIterator<Item = char>) -> Vec<u8> {
    let font = FontRef::new(face.bytes()).expect("the fonts are part of the program and well-formed");
    let cut = Cut::new(&font, characters);
    cut.font(&font, face).expect("the fonts are part of the program and have every table of TrueType")
}

/// Which glyphs are kept.
#[derive(Default)]
struct Cut {
    /// Old numbers in the new order; the first is the glyph for what is missing.
    glyphs: Vec<u16>,
    /// New numbers of old ones.
    numbers: FxHashMap<u16, u16>,
    /// Characters and their new glyphs.
    map: BTreeMap<u16, u16>,
    /// The outlines, rewritten.
    outlines: Vec<Vec<u8>>,
}

impl Cut {
    fn new(font: &FontRef<'_>, characters: impl IntoIterator<Item = char>) -> Self {
        let charmap = font.charmap();
        let wanted: BTreeMap<u16, u16> = characters
            .into_iter()
            .filter_map(|c| {
                let glyph = u16::try_from(charmap.map(c)?.to_u32()).ok()?;
                Some((u16::try_from(c as u32).ok()?, glyph))
            })
            .collect();
        let mut cut = Self::default();
        cut.number(0);
        for (code, old) in wanted {
            let new = cut.number(old);
            cut.map.insert(code, new);
        }
        let mut at = 0;
        // Composites bring in further glyphs, which are appended and looked at in their turn.
        while at < cut.glyphs.len() {
            let outline = raw_outline(font, cut.glyphs[at]).unwrap_or_default();
            let outline = cut.rewritten(outline);
            cut.outlines.push(outline);
            at += 1;
        }
        cut
    }

    fn number(&mut self, old: u16) -> u16 {
        *self.numbers.entry(old).or_insert_with(|| {
            self.glyphs.push(old);
            (self.glyphs.len() - 1) as u16
        })
    }

    /// The outline without hinting and with new numbers of its parts.
    fn rewritten(&mut self, outline: &[u8]) -> Vec<u8> {
        match read_u16(outline, 0) {
            Some(contours) if contours < 0x8000 => {
                simple_without_hints(outline, usize::from(contours)).unwrap_or_default()
            }
            Some(_) => self.composite(outline).unwrap_or_default(),
            None => Vec::new(),
        }
    }

    fn composite(&mut self, outline: &[u8]) -> Option<Vec<u8>> {
        const WORDS: u16 = 0x0001;
        const SCALE: u16 = 0x0008;
        const MORE: u16 = 0x0020;
        const TWO_SCALES: u16 = 0x0040;
        const MATRIX: u16 = 0x0080;
        const HINTS: u16 = 0x0100;
        let mut out = outline.get(..10)?.to_vec();
        let mut at = 10;
        loop {
            let flags = read_u16(outline, at)?;
            let part = self.number(read_u16(outline, at + 2)?);
            let mut len = if flags & WORDS != 0 { 4 } else { 2 };
            len += if flags & SCALE != 0 {
                2
            } else if flags & TWO_SCALES != 0 {
                4
            } else if flags & MATRIX != 0 {
                8
            } else {
                0
            };
            out.extend((flags & !HINTS).to_be_bytes());
            out.extend(part.to_be_bytes());
            out.extend(outline.get(at + 4..at + 4 + len)?);
            at += 4 + len;
            if flags & MORE == 0 {
                return Some(out);
            }
        }
    }

    fn font(&self, font: &FontRef<'_>, face: Face) -> Option<Vec<u8>> {
        let copy = |tag: &[u8; 4]| font.data_for_tag(Tag::new(tag)).map(|data| data.as_bytes().to_vec());
        let (glyf, loca) = self.outline_tables();
        let mut head = copy(b"head")?;
        head.get_mut(8..12)?.fill(0);
        head.get_mut(50..52)?.copy_from_slice(&1_u16.to_be_bytes());
        let count = (self.glyphs.len() as u16).to_be_bytes();
        let mut hhea = copy(b"hhea")?;
        hhea.get_mut(34..36)?.copy_from_slice(&count);
        let mut maxp = copy(b"maxp")?;
        maxp.get_mut(4..6)?.copy_from_slice(&count);
        // Without hinting, the storage that it would need is none.
        maxp.get_mut(14..28)?.fill(0);
        maxp.get_mut(14..16)?.copy_from_slice(&1_u16.to_be_bytes());
        let mut post = vec![0, 3, 0, 0];
        post.resize(32, 0);
        let tables: Vec<(&[u8; 4], Vec<u8>)> = vec![
            (b"OS/2", copy(b"OS/2")?),
            (b"cmap", self.cmap()),
            (b"glyf", glyf),
            (b"head", head),
            (b"hhea", hhea),
            (b"hmtx", self.metrics(font)?),
            (b"loca", loca),
            (b"maxp", maxp),
            (b"name", names(face)),
            (b"post", post),
        ];
        Some(assemble(&tables))
    }

    fn outline_tables(&self) -> (Vec<u8>, Vec<u8>) {
        let (mut glyf, mut loca) = (Vec::new(), Vec::new());
        for outline in &self.outlines {
            loca.extend((glyf.len() as u32).to_be_bytes());
            glyf.extend(outline);
            pad(&mut glyf);
        }
        loca.extend((glyf.len() as u32).to_be_bytes());
        (glyf, loca)
    }

    fn metrics(&self, font: &FontRef<'_>) -> Option<Vec<u8>> {
        let hmtx = font.hmtx().ok()?;
        let mut out = Vec::new();
        for glyph in &self.glyphs {
            let id = skrifa::GlyphId::from(*glyph);
            out.extend(hmtx.advance(id)?.to_be_bytes());
            out.extend(hmtx.side_bearing(id).unwrap_or(0).to_be_bytes());
        }
        Some(out)
    }

    /// A character map of format 4: one segment for each run of characters whose glyphs are numbered alike.
    fn cmap(&self) -> Vec<u8> {
        let mut segments: Vec<(u16, u16, u16)> = Vec::new();
        for (&code, &glyph) in self.map.iter().filter(|(code, _)| **code != 0xffff) {
            let delta = glyph.wrapping_sub(code);
            match segments.last_mut() {
                Some((_, end, known)) if *end + 1 == code && *known == delta => *end = code,
                _ => segments.push((code, code, delta)),
            }
        }
        segments.push((0xffff, 0xffff, 1));
        let count = segments.len() as u16;
        let power = 1_u16 << count.ilog2();
        let mut table: Vec<u16> =
            vec![4, 16 + count * 8, 0, count * 2, power * 2, count.ilog2() as u16, (count - power) * 2];
        table.extend(segments.iter().map(|segment| segment.1));
        table.push(0);
        table.extend(segments.iter().map(|segment| segment.0));
        table.extend(segments.iter().map(|segment| segment.2));
        table.extend(segments.iter().map(|_| 0));
        let header: [u16; 6] = [0, 1, 3, 1, 0, 12];
        header.iter().chain(&table).flat_map(|word| word.to_be_bytes()).collect()
    }
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..at + 2)?.first_chunk()?))
}

fn raw_outline<'a>(font: &FontRef<'a>, glyph: u16) -> Option<&'a [u8]> {
    let loca = font.data_for_tag(Tag::new(b"loca"))?.as_bytes();
    let glyf = font.data_for_tag(Tag::new(b"glyf"))?.as_bytes();
    let is_long = font.head().ok()?.index_to_loc_format() == 1;
    let offset = |at: usize| {
        if is_long {
            loca.get(at * 4..at * 4 + 4)
                .and_then(|bytes| bytes.first_chunk())
                .map(|word| u32::from_be_bytes(*word) as usize)
        } else {
            read_u16(loca, at * 2).map(|half| usize::from(half) * 2)
        }
    };
    glyf.get(offset(usize::from(glyph))?..offset(usize::from(glyph) + 1)?)
}

fn simple_without_hints(outline: &[u8], contours: usize) -> Option<Vec<u8>> {
    let ends = 10 + 2 * contours;
    let hints = usize::from(read_u16(outline, ends)?);
    let mut out = outline.get(..ends)?.to_vec();
    out.extend([0, 0]);
    out.extend(outline.get(ends + 2 + hints..)?);
    Some(out)
}

/// A name table with the family, the style, the full and the PostScript name.
fn names(face: Face) -> Vec<u8> {
    let style = match (face.is_bold(), face.is_italic()) {
        (false, false) => "Regular",
        (true, false) => "Bold",
        (false, true) => "Italic",
        (true, true) => "Bold Italic",
    };
    let family = face.family();
    let texts = [
        (1_u16, family.to_string()),
        (2, style.to_string()),
        (4, format!("{family} {style}")),
        (6, format!("{family}-{style}").replace(' ', "")),
    ];
    let mut records: Vec<u8> = Vec::new();
    let mut storage: Vec<u8> = Vec::new();
    for (id, text) in &texts {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for word in [3, 1, 0x0409, *id, bytes.len() as u16, storage.len() as u16] {
            records.extend(word.to_be_bytes());
        }
        storage.extend(bytes);
    }
    let count = texts.len() as u16;
    let mut out: Vec<u8> = [0, count, 6 + 12 * count].iter().flat_map(|word: &u16| word.to_be_bytes()).collect();
    out.extend(records);
    out.extend(storage);
    out
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0_u32, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

/// The file of tables, which come in alphabetical order.
fn assemble(tables: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = tables.len() as u16;
    let power = 1_u16 << count.ilog2();
    let mut out: Vec<u8> = 0x0001_0000_u32.to_be_bytes().to_vec();
    for word in [count, power * 16, count.ilog2() as u16, (count - power) * 16] {
        out.extend(word.to_be_bytes());
    }
    let mut offset = 12 + 16 * tables.len();
    let mut body = Vec::new();
    let mut head_at = 0;
    for (tag, data) in tables {
        if *tag == b"head" {
            head_at = offset;
        }
        out.extend(*tag);
        for word in [checksum(data), offset as u32, data.len() as u32] {
            out.extend(word.to_be_bytes());
        }
        let mut padded = data.clone();
        pad(&mut padded);
        offset += padded.len();
        body.extend(padded);
    }
    out.extend(body);
    let adjustment = 0xb1b0_afba_u32.wrapping_sub(checksum(&out));
    if let Some(place) = out.get_mut(head_at + 8..head_at + 12) {
        place.copy_from_slice(&adjustment.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use skrifa::instance::{LocationRef, Size};

    #[test]
    fn subsets_are_small_fonts_with_the_same_advances() {
        for face in Face::ALL {
            let text = "Übung: Café → naïve 12";
            let bytes = subset(face, text.chars());
            assert!(bytes.len() < 9_000, "{face:?}: {}", bytes.len());
            let font = FontRef::new(&bytes).unwrap();
            for c in text.chars() {
                let glyph = font.charmap().map(c).unwrap_or_else(|| panic!("{face:?} lost {c}"));
                let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
                let advance = f64::from(metrics.advance_width(glyph).unwrap());
                assert!((advance - face.advance(c).unwrap()).abs() < 1e-6, "{face:?} {c}");
                assert!(font.outline_glyphs().get(glyph).is_some());
            }
            assert!(font.charmap().map('ß').is_none());
        }
    }

    #[test]
    fn nothing_is_a_font_too() {
        assert!(FontRef::new(&subset(Face::Regular, [])).is_ok());
        assert_eq!(subset(Face::Mono, "ab".chars()), subset(Face::Mono, "ba".chars()));
    }
}
