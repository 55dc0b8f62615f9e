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
    /// The fonts of these files, and behind them the emoji of this crate.
    pub(crate) fn new(files: &'f [Vec<u8>]) -> Result<Self, Error> {
        let mut fonts = Vec::new();
        for (at, bytes) in files.iter().enumerate() {
            let none = || Error::new(format!("font {} is no TrueType or OpenType font", at + 1));
            let parsed = FontRef::from_index(bytes, 0).map_err(|_| none())?;
            fonts.push((Font::new(bytes.clone().into(), 0).ok_or_else(none)?, parsed));
        }
        let emoji = epaint_default_fonts::NOTO_EMOJI_REGULAR;
        if let (Some(font), Ok(parsed)) = (Font::new(emoji.into(), 0), FontRef::new(emoji)) {
            fonts.push((font, parsed));
        }
        Ok(Self(fonts))
    }

    /// A run cut where the font changes; nothing if no font has a letter of it.
    pub(crate) fn pieces(&self, run: &Run) -> Vec<Piece<'_>> {
        let clusters: Vec<(&str, Option<usize>)> = run
            .text
            .graphemes(true)
            .map(|cluster| (cluster, self.0.iter().position(|(_, font)| cluster.chars().all(|c| has(font, c)))))
            .collect();
        // What no font has goes with what stands before it, and at the beginning with what comes first.
        let Some(mut font) = clusters.iter().find_map(|(_, font)| *font) else { return Vec::new() };
        let mut groups: Vec<(usize, String)> = Vec::new();
        for (cluster, known) in clusters {
            font = known.unwrap_or(font);
            match groups.last_mut() {
                Some((at, text)) if *at == font => text.push_str(cluster),
                _ => groups.push((font, cluster.to_owned())),
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

/// The runs of a line as they stand on the page from left to right: what is read from right to left is turned, with the
/// spaces and signs within it. Nothing if the line has no such letters.
///
/// This is the part of Unicode's bidirectional algorithm (UAX #9) that lines of words in one or the other direction need.
pub(crate) fn turned(runs: &[Run]) -> Option<Vec<Run>> {
    let is_backward = |run: &Run| run.text.chars().any(is_right_to_left);
    let is_forward = |run: &Run| !is_backward(run) && run.text.chars().any(char::is_alphabetic);
    if !runs.iter().any(is_backward) {
        return None;
    }
    let mut out: Vec<Run> = Vec::with_capacity(runs.len());
    let mut at = 0;
    while at < runs.len() {
        if !is_backward(&runs[at]) {
            out.push(runs[at].clone());
            at += 1;
            continue;
        }
        let until = runs[at..].iter().position(is_forward).map_or(runs.len(), |there| at + there);
        let last = runs[at..until].iter().rposition(is_backward).map_or(at, |there| at + there);
        let group = &runs[at..=last];
        // What closes a bracket that was opened within belongs to it.
        let count = |open: bool| group.iter().flat_map(|run| run.text.chars()).filter(|c| is_bracket(*c, open)).count();
        let mut closing = count(true).saturating_sub(count(false));
        let (closers, after) = match runs.get(last + 1) {
            Some(next) => {
                let end = next.text.find(|c| {
                    let closes = closing > 0 && is_bracket(c, false);
                    closing = closing.saturating_sub(1);
                    !closes
                });
                let (closers, after) = next.text.split_at(end.unwrap_or(next.text.len()));
                (part_of(next, closers), part_of(next, after))
            }
            None => (None, None),
        };
        let turn = |run: &Run| {
            let is_signs = !run.text.chars().any(char::is_alphanumeric);
            let text = if is_signs { run.text.chars().rev().map(mirrored).collect() } else { run.text.clone() };
            Run { text, ..run.clone() }
        };
        let has_closers = closers.is_some();
        out.extend(closers.iter().chain(group.iter().rev()).map(turn));
        at = last + 1;
        if has_closers {
            out.extend(after);
            at += 1;
        }
    }
    Some(out)
}

/// A part of a run, unless it is empty.
fn part_of(run: &Run, text: &str) -> Option<Run> {
    let width = font::width(text, run.face) * run.size;
    (!text.is_empty()).then(|| Run { text: text.to_owned(), width, ..run.clone() })
}

fn is_bracket(c: char, opens: bool) -> bool {
    if opens { matches!(c, '(' | '[' | '{') } else { matches!(c, ')' | ']' | '}') }
}

/// Whether a letter belongs to a script that is read from right to left.
pub fn is_right_to_left(c: char) -> bool {
    let is_there = matches!(
        c as u32,
        0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff
    );
    is_there && c.is_alphabetic()
}

/// A bracket as it looks from the other side.
fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        other => other,
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
    missing_in(&scene.items, more).into_iter().collect()
}

/// As [`missing_letters`], of some things in a picture.
pub(crate) fn missing_in<'i>(items: impl IntoIterator<Item = &'i Item>, more: &[Vec<u8>]) -> BTreeSet<char> {
    let more: Vec<FontRef<'_>> = more.iter().filter_map(|bytes| FontRef::from_index(bytes, 0).ok()).collect();
    let emoji = FontRef::new(epaint_default_fonts::NOTO_EMOJI_REGULAR).ok();
    let mut missing = BTreeSet::new();
    for item in items {
        visit(std::slice::from_ref(item), &mut |run| {
            let absent = |c: &char| !run.face.has(*c) && !more.iter().chain(&emoji).any(|font| has(font, *c));
            missing.extend(run.text.chars().filter(|_| run.estimated).filter(absent));
        });
    }
    missing
}

/// The characters of a text, or of an SVG, that the fonts of this crate lack, whatever the face.
pub fn letters_beyond(text: &str) -> BTreeSet<char> {
    if text.is_ascii() {
        return BTreeSet::new();
    }
    let mut letters: BTreeSet<char> = text.chars().filter(|c| !c.is_ascii() && !is_silent(*c)).collect();
    letters.retain(|c| !font::Face::Regular.has(*c));
    if let Some(emoji) = FontRef::new(epaint_default_fonts::NOTO_EMOJI_REGULAR).ok().filter(|_| !letters.is_empty()) {
        letters.retain(|c| !has(&emoji, *c));
    }
    letters
}

/// Those of some letters that a font file has; none if it holds no font.
pub fn letters_in(font: &[u8], letters: &BTreeSet<char>) -> BTreeSet<char> {
    let Ok(font) = FontRef::from_index(font, 0) else { return BTreeSet::new() };
    let known = font.charmap();
    letters.iter().copied().filter(|letter| known.map(*letter).is_some()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::stretches;
    use crate::scene::Ink;

    fn runs(text: &str) -> Vec<Run> {
        let run = |stretch: font::Stretch| Run {
            text: stretch.text,
            face: stretch.face,
            size: 10.0,
            ink: Ink::same(crate::Color::rgb(0)),
            width: stretch.width * 10.0,
            estimated: stretch.estimated,
            underline: false,
            strike: false,
            link: None,
        };
        stretches(text, font::Face::Regular).into_iter().map(run).collect()
    }

    #[test]
    fn words_from_right_to_left_are_turned_within_their_line() {
        let told =
            |text: &str| -> Option<String> { Some(turned(&runs(text))?.into_iter().map(|run| run.text).collect()) };
        assert_eq!(told("plain, words"), None);
        assert_eq!(told("see שלום, (עולם) 12 there").as_deref(), Some("see (עולם) ,שלום 12 there"));
        assert_eq!(told("שלום 12 עולם").as_deref(), Some("עולם 12 שלום"));
    }

    #[test]
    fn letters_that_a_font_lacks_go_with_those_that_it_has() {
        let fonts = Foreign::new(&[]).expect("the emoji are a font");
        let pieces = fonts.pieces(&runs("架🚀")[0]);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(), ["架🚀"]);
        assert!(fonts.pieces(&runs("架")[0]).is_empty());
        let letters = BTreeSet::from(['a', '架']);
        assert_eq!(letters_in(notosans::REGULAR_TTF, &letters), BTreeSet::from(['a']));
        assert!(letters_in(b"no font", &letters).is_empty());
    }
}
