//! What is written on objects and edges, and in which type: names, C4 lines, Markdown, code.
//!
//! The same functions serve measuring and drawing. Sizes are in pixels.

use crate::badge;
use crate::font::{self, Face};
use crate::look::Look;
use crate::sequence::{self, Part};
use crate::text::flow::{LEADING, Setting};
use crate::text::{Align, Block, Flow, Span, Tone, code, formula, markdown};
use crate::texts::Key;
use loko_diagram::object::Side;
use loko_diagram::{Board, Edge, Notation, Object, ObjectId, Rect, Shape, Size, Style, Text, TextKind};
use std::borrow::Cow;
use std::sync::Arc;

const SIZE_LEAF: f64 = 16.0;
/// Containers, from the outermost in.
const SIZE_CONTAINER: [f64; 4] = [20.0, 18.0, 17.0, 16.0];
const SIZE_GROUP: f64 = 13.0;
const SIZE_EDGE: f64 = 14.0;
const SIZE_HEAD: f64 = 12.0;
const SIZE_CODE: f64 = 13.5;
/// Sizes that a style may ask for.
const SIZE_RANGE: (f64, f64) = (6.0, 200.0);

/// Where plain labels are broken if nothing narrower is asked for.
const WRAP_LEAF: f64 = 420.0;
/// The same in multiples of a large size that somebody asked for.
const WRAP_SIZES: f64 = 12.0;
const WRAP_EDGE: f64 = 200.0;
/// The width of C4 cards' text: about thirty characters of the description.
const WRAP_CARD: f64 = 210.0;
/// Cards have one of a few widths, so that they are alike, and that a changed word seldom moves what stands around.
const CARD_STEP: f64 = WRAP_CARD / 7.0;
/// The least of them: there is as much room in the least card.
const CARD_LEAST: f64 = 5.0 * CARD_STEP;
const WRAP_MARKDOWN: f64 = 640.0;

/// The place of an object in its board, as far as its text depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    /// How many objects stand around it.
    pub(crate) depth: usize,
    /// Whether others stand inside.
    pub(crate) is_container: bool,
    /// What it is in a sequence diagram.
    pub(crate) part: Option<Part>,
}

impl Situation {
    /// The shape that the object is drawn in.
    pub(crate) fn shape(self, object: &Object) -> Shape {
        match (self.part, object.shape) {
            (Some(Part::Note), Shape::Rectangle) => Shape::Page,
            (Some(Part::Span | Part::Group), _) => Shape::Rectangle,
            (_, shape) => shape,
        }
    }
}

/// The situation of every object.
pub(crate) fn situations(board: &Board) -> Vec<Situation> {
    let mut out: Vec<Situation> = Vec::with_capacity(board.objects.len());
    let parts = sequence::parts(board);
    for id in board.ids() {
        let part = parts[id.index()];
        let parent = board.object(id).parent.map(ObjectId::index).filter(|&at| at < out.len());
        let depth = parent.map_or(0, |at| out[at].depth + 1);
        if let Some(at) = parent {
            out[at].is_container |= matches!(out[at].part, None | Some(Part::Group));
        }
        out.push(Situation { depth, is_container: part == Some(Part::Group), part });
    }
    out
}

/// The text of an object, wrapped to `width` if one is given.
pub(crate) fn object(object: &Object, at: Situation, look: &Look, width: Option<f64>) -> Arc<Block> {
    let key = Key::of_object(object, at, width).quirks(look.quirks());
    look.texts.block(key, || set_object(object, at, look, width))
}

fn set_object(object: &Object, at: Situation, look: &Look, width: Option<f64>) -> Block {
    match at.part {
        Some(Part::Span) => return Block::default(),
        Some(Part::Group) => {
            let set = Type { size: SIZE_GROUP, bold: true, wrap: WRAP_LEAF, fixed: false };
            return text(&object.label, &object.style, set, look);
        }
        _ => {}
    }
    match (&object.notation, &object.label.kind) {
        (Some(notation), TextKind::Plain) if at.is_container => frame(object, notation, look),
        (Some(notation), TextKind::Plain) => card(object, notation, look, width),
        _ => {
            let size = if at.is_container { SIZE_CONTAINER[at.depth.min(3)] } else { SIZE_LEAF };
            let is_code = object.shape == Shape::Code || matches!(object.label.kind, TextKind::Code(_));
            let size = if is_code { SIZE_CODE } else { size };
            // Large names get longer lines, in proportion.
            let large = object.style.font_size.map_or(0.0, |size| size * WRAP_SIZES);
            let wrap = width.unwrap_or(WRAP_LEAF.max(large));
            let set = Type { size, bold: false, wrap, fixed: width.is_some() };
            text(&object.label, &object.style, set, look)
        }
    }
}

/// How a text is set unless its style says otherwise.
#[derive(Clone, Copy, Debug)]
struct Type {
    size: f64,
    bold: bool,
    wrap: f64,
    /// Whether the width is somebody's wish, which Markdown then keeps to.
    fixed: bool,
}

fn text(text: &Text, style: &Style, set: Type, look: &Look) -> Block {
    if text.is_empty() {
        return Block::default();
    }
    let size = style.font_size.unwrap_or(set.size).clamp(SIZE_RANGE.0, SIZE_RANGE.1);
    match &text.kind {
        TextKind::Plain => plain(&text.text, style, Type { size, ..set }, look, Tone::Ink),
        TextKind::Markdown => markdown::block(&text.text, size, Some(if set.fixed { set.wrap } else { WRAP_MARKDOWN })),
        TextKind::Latex => formula::block(&text.text, size * 1.25),
        TextKind::Code(language) => code::block(&text.text, language, size),
    }
}

/// How many times as wide as a line a word may be before it is cut.
const WORD_MOST: f64 = 1.8;

/// The width of the longest run of letters without a space.
fn longest_word(span: &Span) -> f64 {
    let words = span.text.split_whitespace().filter(|word| word.is_ascii());
    words.map(|word| font::width(word, span.face) * span.size).fold(0.0, f64::max)
}

fn plain(text: &str, style: &Style, set: Type, look: &Look, tone: Tone) -> Block {
    let mut flow = Flow::default();
    let span = styled(text, style, set, look).tone(tone);
    let mut wrap = set.wrap.max(set.size * 3.0);
    if !set.fixed {
        // A long name is rather a longer line than cut in two.
        wrap = wrap.max(longest_word(&span).min(wrap * WORD_MOST));
    }
    let setting =
        Setting { align: Align::Middle, wrap: Some(wrap), balance: true, leading: LEADING, ..Setting::default() };
    flow.paragraph(&[span], setting);
    flow.finish()
}

fn styled(text: &str, style: &Style, set: Type, look: &Look) -> Span {
    let transform =
        style.text_transform.as_deref().unwrap_or(if look.quirks().capitals { "uppercase" } else { "none" });
    let is_mono = look.quirks().mono || style.font.as_deref() == Some("mono");
    let face = match is_mono {
        true => Face::Mono,
        false => Face::sans(style.bold.unwrap_or(set.bold), style.italic.unwrap_or(false)),
    };
    let mut span = Span::new(transformed(text, transform), face, set.size);
    span.underline = style.underline.unwrap_or(false);
    span
}

fn transformed(text: &str, transform: &str) -> String {
    match transform {
        "uppercase" => text.to_uppercase(),
        "lowercase" => text.to_lowercase(),
        "capitalize" | "title" => {
            let mut after_space = true;
            let mut out = String::new();
            for c in text.chars() {
                match after_space {
                    true => out.extend(c.to_uppercase()),
                    false => out.push(c),
                }
                after_space = c.is_whitespace();
            }
            out
        }
        _ => text.to_string(),
    }
}

/// The line below a C4 element's name: `[Container: Rust, Axum]`.
pub(crate) fn type_line(notation: &Notation) -> String {
    match notation.technology.as_deref().filter(|technology| !technology.trim().is_empty()) {
        Some(technology) if notation.type_name.is_empty() => format!("[{technology}]"),
        Some(technology) => format!("[{}: {technology}]", notation.type_name),
        None if notation.type_name.is_empty() => String::new(),
        None => format!("[{}]", notation.type_name),
    }
}

/// A C4 element: name, type and technology, description.
fn card(object: &Object, notation: &Notation, look: &Look, width: Option<f64>) -> Block {
    let wrap = width.unwrap_or(WRAP_CARD).max(60.0);
    let size = object.style.font_size.unwrap_or(SIZE_LEAF).clamp(SIZE_RANGE.0, SIZE_RANGE.1);
    let centred = Setting { align: Align::Middle, wrap: Some(wrap), balance: true, ..Setting::default() };
    let small = Style::default();
    let line = |text: &str, size: f64, tone: Tone| {
        styled(text, &small, Type { size, bold: false, wrap: 0.0, fixed: false }, look).tone(tone)
    };
    let mut flow = Flow::default();
    let name = Type { size, bold: true, wrap: 0.0, fixed: false };
    flow.paragraph(&[styled(&object.label.text, &object.style, name, look)], Setting { leading: 1.25, ..centred });
    let type_line = type_line(notation);
    if !type_line.is_empty() {
        flow.gap(1.0);
        flow.paragraph(&[line(&type_line, size * 0.75, Tone::Muted)], Setting { leading: 1.35, ..centred });
    }
    if let Some(description) = notation.description.as_deref().filter(|text| !text.trim().is_empty()) {
        flow.gap(size * 0.5);
        flow.paragraph(&[line(description.trim(), size * 0.8125, Tone::Ink)], Setting { leading: 1.38, ..centred });
    }
    let badges = badge::size(&badge::rows(notation, wrap));
    if badges.h > 0.0 {
        flow.gap(size * 0.5);
        flow.absorb(Block { size: badges, ..Block::default() });
    }
    if width.is_none() {
        let wide = ((flow.width() / CARD_STEP).ceil() * CARD_STEP).max(CARD_LEAST);
        flow.absorb(Block { size: Size::new(wide, 0.0), ..Block::default() });
    }
    flow.finish()
}

/// The heading of a C4 boundary or deployment node: its name and, below, what it is.
fn frame(object: &Object, notation: &Notation, look: &Look) -> Block {
    let size = object.style.font_size.unwrap_or(SIZE_LEAF).clamp(SIZE_RANGE.0, SIZE_RANGE.1);
    let wrap = WRAP_LEAF.max(size * WRAP_SIZES);
    let set = Type { size, bold: true, wrap, fixed: false };
    let mut flow = Flow::default();
    let centred = Setting { align: Align::Middle, wrap: Some(wrap), balance: true, ..Setting::default() };
    flow.paragraph(&[styled(&object.label.text, &object.style, set, look)], centred);
    let type_line = type_line(notation);
    if !type_line.is_empty() {
        let set = Type { size: size * 0.75, bold: false, ..set };
        flow.paragraph(&[styled(&type_line, &Style::default(), set, look).tone(Tone::Muted)], centred);
    }
    flow.finish()
}

/// The text of a tooltip that is shown for good.
pub(crate) fn tooltip(object: &Object, look: &Look) -> Block {
    let Some(text) = object.tooltip.as_deref().filter(|text| !text.trim().is_empty()) else { return Block::default() };
    if look.quirks().mono {
        let set = Type { size: SIZE_EDGE, bold: false, wrap: WRAP_LEAF, fixed: false };
        return plain(&markdown::plain(text), &Style::default(), set, look, Tone::Ink);
    }
    markdown::block(text, SIZE_EDGE, Some(WRAP_LEAF))
}

/// The side of an edge's icon, and the space between it and the label.
const EDGE_ICON: f64 = 24.0;
const EDGE_ICON_GAP: f64 = 6.0;

/// The size of an edge's label with its icon in front of it.
pub(crate) fn edge_size(edge: &Edge, label: Size) -> Size {
    if edge.icon.is_none() {
        return label;
    }
    let gap = if label.is_zero() { 0.0 } else { EDGE_ICON_GAP };
    Size::new(label.w + gap + EDGE_ICON, label.h.max(EDGE_ICON))
}

/// The places of an edge's icon and of its text in the room for both.
pub(crate) fn edge_parts(edge: &Edge, rect: Rect, has_text: bool) -> (Option<Rect>, Rect) {
    if edge.icon.is_none() {
        return (None, rect);
    }
    let icon = Rect::new(rect.x, rect.center().y - EDGE_ICON / 2.0, EDGE_ICON, EDGE_ICON);
    let taken = if has_text { EDGE_ICON + EDGE_ICON_GAP } else { EDGE_ICON };
    (Some(icon), Rect::new(rect.x + taken, rect.y, (rect.w - taken).max(0.0), rect.h))
}

/// The label of an edge, with its technology and how many relations it stands for.
pub(crate) fn edge(edge: &Edge, look: &Look) -> Arc<Block> {
    look.texts.block(Key::of_edge(edge).quirks(look.quirks()), || set_edge(edge, look))
}

fn set_edge(edge: &Edge, look: &Look) -> Block {
    // Large letters get longer lines, in proportion.
    let large = edge.style.font_size.map_or(0.0, |size| size / SIZE_EDGE * WRAP_EDGE);
    let set = Type { size: SIZE_EDGE, bold: false, wrap: WRAP_EDGE.max(large), fixed: false };
    let mut flow = Flow::default();
    if !edge.label.is_empty() {
        let mut label = Cow::Borrowed(&edge.label);
        if said(edge).nth(1).is_some() {
            // Lines are broken, too: a mark tells where the next relation begins.
            label.to_mut().text =
                said(edge).map(|said| format!("{RELATION_MARK}{said}")).collect::<Vec<_>>().join("\n");
        }
        flow.absorb(text(&label, &edge.style, set, look));
    }
    let mut below = String::new();
    if let Some(technology) = edge.technology.as_deref().filter(|text| !text.trim().is_empty()) {
        below = format!("[{technology}]");
    }
    if let Some(count) = how_many(edge) {
        below.push_str(if below.is_empty() { "" } else { " " });
        below.push_str(&count);
    }
    if !below.is_empty() {
        let set = Type { size: set.size * 0.82, ..set };
        flow.absorb(plain(&below, &Style::default(), set, look, Tone::Muted));
    }
    flow.finish()
}

/// What stands before each of several relations that a label tells of.
const RELATION_MARK: &str = "• ";

/// What an edge says, of several relations each for itself.
pub(crate) fn said(edge: &Edge) -> impl Iterator<Item = &str> {
    edge.label.text.split(|letter| edge.merged > 1 && letter == '\n')
}

/// How many relations an edge stands for, unless the label itself begins with it: `3 relations`.
pub(crate) fn how_many(edge: &Edge) -> Option<String> {
    let says_it = edge.label.text.strip_prefix(&edge.merged.to_string()).is_some_and(|rest| rest.starts_with(' '));
    (edge.merged > 1 && !says_it).then(|| format!("×{}", edge.merged))
}

/// The label beside an arrowhead.
pub(crate) fn head(label: Option<&Text>, style: &Style, look: &Look) -> Block {
    let set = Type { size: SIZE_HEAD, bold: false, wrap: WRAP_EDGE, fixed: false };
    label.map(|label| text(label, style, set, look)).unwrap_or_default()
}

/// The label of a board or a legend.
pub(crate) fn heading(label: &str, size: f64, look: &Look) -> Block {
    let set = Type { size, bold: true, wrap: WRAP_MARKDOWN, fixed: false };
    plain(label, &Style::default(), set, look, Tone::Ink)
}

/// Whether the label stands beside the object and not in it.
pub(crate) fn is_outside(object: &Object) -> bool {
    match object.label_near {
        Some(near) => near.side != Side::Inside,
        None => object.shape == Shape::Image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::NotationKind;

    #[test]
    fn cards_hold_the_marks_of_roles() {
        let roles =
            ["saga-orchestration: orchestrator", "canary: service", "outbox: relay"].map(str::to_owned).to_vec();
        let notation = Notation {
            kind: NotationKind::Container,
            type_name: "Container".into(),
            technology: None,
            description: None,
            external: false,
            badges: roles,
            tags: vec![],
        };
        let rows = badge::rows(&notation, WRAP_CARD);
        assert_eq!(rows.iter().map(|row| row.badges.len()).collect::<Vec<_>>(), [1, 2]);
        let object = Object { label: Text::plain("API"), notation: Some(notation.clone()), ..Object::default() };
        let block = card(&object, &notation, &Look::default(), None);
        let marks = badge::size(&rows);
        assert!(block.size.w >= marks.w && block.size.h > 2.0 * badge::HEIGHT, "{:?} {marks:?}", block.size);
        // Drawn in the width of the card they fall into the same rows.
        assert_eq!(badge::rows(&notation, block.size.w).len(), rows.len());
    }

    #[test]
    fn cards_have_their_three_parts() {
        let notation = Notation {
            kind: NotationKind::Container,
            type_name: "Container".into(),
            technology: Some("Rust, Axum".into()),
            description: Some("Takes orders and passes them on to whoever ships them.".into()),
            external: false,
            badges: vec![],
            tags: vec![],
        };
        let object = Object { label: Text::plain("Order API"), notation: Some(notation), ..Object::default() };
        let block =
            super::object(&object, Situation { depth: 0, is_container: false, part: None }, &Look::default(), None);
        let lines: Vec<&str> = block.lines.iter().map(|line| line.fragments[0].text.as_str()).collect();
        assert_eq!(
            lines,
            ["Order API", "[Container: Rust, Axum]", "Takes orders and passes them", "on to whoever ships them."]
        );
    }

    #[test]
    fn cards_have_one_of_a_few_widths() {
        let size = |description: &str| {
            let notation = Notation {
                kind: NotationKind::Container,
                type_name: "Container".into(),
                technology: None,
                description: Some(description.into()),
                external: false,
                badges: vec![],
                tags: vec![],
            };
            let object = Object { label: Text::plain("API"), notation: Some(notation.clone()), ..Object::default() };
            card(&object, &notation, &Look::default(), None).size
        };
        let texts =
            ["Takes orders", "Takes all orders", "Takes orders and passes them on.", "Takes orders, passes them on!"];
        let sizes = texts.map(size);
        assert!(sizes.iter().all(|size| (size.w / CARD_STEP).fract() == 0.0), "{sizes:?}");
        assert_eq!((sizes[0], sizes[2]), (sizes[1], sizes[3]));
        assert!(sizes[0].w < sizes[2].w);
    }

    #[test]
    fn how_many_relations_there_are_is_said_once() {
        let lines = |label: &str, technology: Option<&str>| {
            let mut edge = Edge::new(ObjectId(0), ObjectId(1));
            edge.label = Text::plain(label);
            edge.technology = technology.map(str::to_owned);
            edge.merged = 3;
            let block = set_edge(&edge, &Look::default());
            block.lines.iter().map(|line| line.fragments[0].text.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(lines("3 relations", None), ["3 relations"]);
        assert_eq!(lines("3 relations", Some("gRPC")), ["3 relations", "[gRPC]"]);
        assert_eq!(lines("Asks", Some("gRPC")), ["Asks", "[gRPC] ×3"]);
        assert_eq!(lines("30 things", None), ["30 things", "×3"]);
        // Where lines are broken, each relation still begins visibly.
        assert_eq!(
            lines("Starts a checkout\nShows orders and where all the parcels are", None),
            ["• Starts a checkout", "• Shows orders and", "where all the parcels are", "×3"]
        );
    }

    #[test]
    fn capitals_are_for_words() {
        assert_eq!(transformed("an über idea", "capitalize"), "An Über Idea");
        assert_eq!(transformed("straße", "uppercase"), "STRASSE");
    }
}
