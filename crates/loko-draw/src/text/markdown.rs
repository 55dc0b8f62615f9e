//! Markdown laid out as runs of our own, without HTML: headings, lists, quotations, code, tables, links, emphasis.
//!
//! comrak reads it; raw HTML shows its text, and so do images but for those that [`pieces`] hands on.

use super::flow::{Setting, widest_word};
use super::{Block, Flow, MarkKind, Span, Tone, code};
use crate::font::{self, Face};
use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options, parse_document};
use loko_diagram::Rect;

/// How deep blocks may nest before the rest is left out.
const DEPTH_MAX: usize = 24;

/// Code is made no smaller than this to fit.
const CODE_SCALE_MIN: f64 = 0.5;

/// Footnotes are set that much smaller than text.
const FOOTNOTE: f64 = 0.88;

/// The room beside the words of a cell, in sizes of its letters.
const CELL_PAD: f64 = 0.6;

/// Lays a text out, wrapped at a width if one is given.
pub(crate) fn block(markdown: &str, size: f64, wrap: Option<f64>) -> Block {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    let mut writer = Writer { flow: Flow::default(), size, wrap, tight: false };
    writer.children(root, 0.0, 0);
    writer.flow.finish()
}

/// What pages may use besides what diagrams may: notes (`> [!NOTE]`) and footnotes.
fn page_options() -> Options<'static> {
    let mut options = options();
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    options
}

/// A part of a text that is laid out by itself, for those who break texts into pages.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// The room between it and what stands above.
    pub(crate) gap: f64,
    pub(crate) kind: PieceKind,
    /// The places in it that links name (`<a id="…">`).
    pub(crate) anchors: Vec<String>,
}

/// What a piece of a text is.
#[derive(Clone, Debug)]
pub(crate) enum PieceKind {
    /// A heading and its level, from 1.
    Heading(Block, u8),
    /// Rows below each other; the head has none when it is without words.
    Table { head: Option<Block>, rows: Vec<Row> },
    /// Anything else; it may be cut between lines.
    Text(Block),
    /// A picture, by the number that its address names.
    Picture(usize),
}

/// What the addresses of pictures that stand between the words begin with, before their number.
pub(crate) const PICTURE: &str = "picture:";

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) block: Block,
    pub(crate) anchors: Vec<String>,
}

/// Lays a text out piece by piece.
pub(crate) fn pieces(markdown: &str, size: f64, wrap: f64) -> Vec<Piece> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &page_options());
    let mut pieces = Vec::new();
    let mut footnotes = 0;
    for node in root.children() {
        let value = node.data.borrow().value.clone();
        let shown = pictures(node).into_iter().map(|number| Piece {
            gap: 0.0,
            kind: PieceKind::Picture(number),
            anchors: Vec::new(),
        });
        if is_all_pictures(node) {
            pieces.extend(shown);
            continue;
        }
        let mut writer = Writer { flow: Flow::default(), size, wrap: Some(wrap), tight: false };
        let gap = writer.gap_above(&value);
        if let NodeValue::FootnoteDefinition(_) = value {
            footnotes += 1;
            writer.footnote(node, footnotes);
            let gap = if footnotes == 1 { size * 1.5 } else { size * 0.3 };
            pieces.push(Piece { gap, kind: PieceKind::Text(writer.flow.finish()), anchors: anchors(node) });
            pieces.extend(shown);
            continue;
        }
        let (kind, anchors) = if let NodeValue::Table(_) = value {
            let has_head = node.first_child().is_some_and(|row| !is_empty(row));
            let mut rows: Vec<Row> = writer
                .rows(node, 0.0)
                .into_iter()
                .zip(node.children())
                .map(|(block, row)| Row { block, anchors: anchors(row) })
                .collect();
            let head = if rows.is_empty() { None } else { Some(rows.remove(0).block).filter(|_| has_head) };
            (PieceKind::Table { head, rows }, Vec::new())
        } else {
            writer.block(node, 0.0, 1);
            let block = writer.flow.finish();
            let kind = match value {
                NodeValue::Heading(heading) => PieceKind::Heading(block, heading.level),
                _ => PieceKind::Text(block),
            };
            (kind, anchors(node))
        };
        pieces.push(Piece { gap, kind, anchors });
        pieces.extend(shown);
    }
    pieces
}

/// The pictures below a node that are handed on.
fn pictures<'a>(node: &'a AstNode<'a>) -> Vec<usize> {
    let of = |node: &'a AstNode<'a>| match &node.data.borrow().value {
        NodeValue::Image(image) => image.url.strip_prefix(PICTURE)?.parse().ok(),
        _ => None,
    };
    node.descendants().filter_map(of).collect()
}

/// Whether a paragraph shows pictures and says nothing.
fn is_all_pictures<'a>(node: &'a AstNode<'a>) -> bool {
    let is_picture = |child: &'a AstNode<'a>| match &child.data.borrow().value {
        NodeValue::Image(image) => image.url.starts_with(PICTURE),
        NodeValue::SoftBreak | NodeValue::LineBreak => true,
        NodeValue::Text(text) => text.trim().is_empty(),
        _ => false,
    };
    let is_paragraph = matches!(node.data.borrow().value, NodeValue::Paragraph);
    is_paragraph && node.first_child().is_some() && node.children().all(is_picture)
}

/// Whether a row of a table has no words.
fn is_empty<'a>(row: &'a AstNode<'a>) -> bool {
    row.children().all(|cell| cell.first_child().is_none())
}

/// The places below a node that links name.
fn anchors<'a>(node: &'a AstNode<'a>) -> Vec<String> {
    let id = |html: &str| Some(html.strip_prefix("<a id=\"")?.strip_suffix("\">")?.to_owned());
    let of = |node: &'a AstNode<'a>| match &node.data.borrow().value {
        NodeValue::HtmlInline(html) => id(html),
        _ => None,
    };
    node.descendants().filter_map(of).collect()
}

/// The words without their markup.
pub(crate) fn plain(markdown: &str) -> String {
    plain_lines(markdown).join(" ")
}

/// The lines without their markup.
pub(crate) fn plain_lines(markdown: &str) -> Vec<String> {
    let lines = block(markdown, 16.0, None).lines;
    let words =
        |line: &super::block::Line| line.fragments.iter().map(|fragment| fragment.text.as_str()).collect::<String>();
    lines.iter().map(|line| words(line).replace('\u{a0}', " ")).collect()
}

struct Writer {
    flow: Flow,
    size: f64,
    wrap: Option<f64>,
    tight: bool,
}

/// What surrounds an inline.
#[derive(Clone, Default)]
struct Mood {
    bold: bool,
    italic: bool,
    strike: bool,
    link: Option<String>,
    size: f64,
}

impl Writer {
    fn children<'a>(&mut self, node: &'a AstNode<'a>, indent: f64, depth: usize) {
        if depth < DEPTH_MAX {
            for child in node.children() {
                self.block(child, indent, depth + 1);
            }
        }
    }

    /// The room above a block.
    fn gap_above(&self, value: &NodeValue) -> f64 {
        self.size
            * match value {
                NodeValue::Paragraph if self.tight => 0.15,
                NodeValue::List(_) if self.tight => 0.1,
                NodeValue::HtmlBlock(html) if without_tags(&html.literal).is_empty() => 0.0,
                NodeValue::Heading(_) => 0.9,
                NodeValue::List(_) => 0.5,
                NodeValue::CodeBlock(_) | NodeValue::ThematicBreak | NodeValue::Table(_) => 0.7,
                NodeValue::Paragraph
                | NodeValue::BlockQuote
                | NodeValue::MultilineBlockQuote(_)
                | NodeValue::Alert(_)
                | NodeValue::HtmlBlock(_) => 0.6,
                _ => 0.0,
            }
    }

    fn block<'a>(&mut self, node: &'a AstNode<'a>, indent: f64, depth: usize) {
        let value = node.data.borrow().value.clone();
        self.flow.gap_between(self.gap_above(&value));
        match value {
            NodeValue::Paragraph if is_all_pictures(node) => {}
            NodeValue::Paragraph => self.paragraph(node, indent, self.size, false),
            NodeValue::Heading(heading) => {
                let factor = [1.75, 1.45, 1.25, 1.12, 1.0, 0.92][usize::from(heading.level.clamp(1, 6)) - 1];
                self.paragraph(node, indent, self.size * factor, true);
            }
            NodeValue::List(list) => self.list(node, indent, depth, list.list_type, list.start, list.tight),
            NodeValue::BlockQuote | NodeValue::MultilineBlockQuote(_) => self.quotation(node, indent, depth, None),
            NodeValue::Alert(alert) => {
                let title = alert.title.unwrap_or_else(|| alert.alert_type.default_title().to_owned());
                self.quotation(node, indent, depth, Some(title));
            }
            NodeValue::CodeBlock(fence) => self.code(&fence.literal, &fence.info, indent),
            NodeValue::ThematicBreak => {
                let width = self.wrap.unwrap_or(self.size * 12.0);
                self.flow.mark(Rect::new(indent, self.flow.y(), (width - indent).max(1.0), 1.0), MarkKind::Rule);
                self.flow.gap(self.size * 0.3);
            }
            NodeValue::HtmlBlock(html) => {
                let text = without_tags(&html.literal);
                if !text.is_empty() {
                    self.flow.paragraph(&[Span::new(text, Face::Regular, self.size)], self.setting(indent));
                }
            }
            NodeValue::Table(_) => self.table(node, indent),
            _ => self.children(node, indent, depth),
        }
    }

    /// Children beside a bar, below a title if there is one.
    fn quotation<'a>(&mut self, node: &'a AstNode<'a>, indent: f64, depth: usize, title: Option<String>) {
        let top = self.flow.y();
        let outer = std::mem::take(&mut self.tight);
        if let Some(title) = title {
            self.flow.paragraph(&[Span::new(title, Face::Bold, self.size)], self.setting(indent + self.size));
            self.flow.gap(self.size * 0.2);
        }
        let inner = self.apart(node, indent + self.size, depth);
        self.tight = outer;
        self.flow.absorb(inner);
        self.flow.mark(Rect::new(indent, top, 3.0, self.flow.y() - top), MarkKind::Bar);
    }

    /// A footnote, a little smaller than text; a short line parts the first from what it belongs to.
    fn footnote<'a>(&mut self, node: &'a AstNode<'a>, number: usize) {
        if number == 1 {
            self.flow.mark(Rect::new(0.0, 0.0, self.size * 8.0, 1.0), MarkKind::Rule);
            self.flow.gap(self.size * 0.4);
        }
        self.size *= FOOTNOTE;
        let top = self.flow.y();
        let inner = self.apart(node, self.size * 1.6, 1);
        let number = Span::new(superscript(number), Face::Regular, self.size);
        self.flow.beside(&number, self.size * 0.4, top, self.size * 1.4);
        self.flow.absorb(inner);
    }

    /// Children as a block of their own.
    fn apart<'a>(&mut self, node: &'a AstNode<'a>, indent: f64, depth: usize) -> Block {
        let outer = std::mem::take(&mut self.flow);
        self.children(node, indent, depth);
        std::mem::replace(&mut self.flow, outer).finish()
    }

    fn setting(&self, indent: f64) -> Setting {
        let wrap = self.wrap.map(|width| (width - indent).max(self.size * 4.0));
        Setting { indent, wrap, leading: 1.4, ..Setting::default() }
    }

    fn paragraph<'a>(&mut self, node: &'a AstNode<'a>, indent: f64, size: f64, bold: bool) {
        let mut spans = Vec::new();
        collect(node, &Mood { bold, size, ..Mood::default() }, &mut spans, 0);
        self.flow.paragraph(&spans, self.setting(indent));
    }

    fn list<'a>(
        &mut self,
        node: &'a AstNode<'a>,
        indent: f64,
        depth: usize,
        kind: ListType,
        start: usize,
        tight: bool,
    ) {
        let outer = std::mem::replace(&mut self.tight, tight);
        let last = start + node.children().count();
        let step = match kind {
            ListType::Bullet => self.size * 1.25,
            ListType::Ordered => (font::width(&format!("{last}. "), Face::Regular) * self.size).max(self.size * 1.25),
        };
        for (at, item) in node.children().enumerate() {
            self.flow.gap_between(self.size * if tight { 0.15 } else { 0.5 });
            let top = self.flow.y();
            // Apart, so that the first paragraph begins at the height of its bullet.
            let inner = self.apart(item, indent + step, depth);
            self.bullet(item, kind, start + at, indent, top);
            self.flow.absorb(inner);
        }
        self.tight = outer;
    }

    fn bullet<'a>(&mut self, item: &'a AstNode<'a>, kind: ListType, number: usize, indent: f64, top: f64) {
        let middle = top + self.size * 0.7;
        if let NodeValue::TaskItem(task) = &item.data.borrow().value {
            let side = self.size * 0.78;
            let rect = Rect::new(indent, middle - side / 2.0, side, side);
            self.flow.mark(rect, if task.symbol.is_some() { MarkKind::Done } else { MarkKind::Open });
        } else if kind == ListType::Bullet {
            let radius = self.size * 0.14;
            let rect = Rect::new(indent + self.size * 0.45 - radius, middle - radius, radius * 2.0, radius * 2.0);
            self.flow.mark(rect, MarkKind::Bullet);
        } else {
            self.flow.beside(&Span::new(format!("{number}."), Face::Regular, self.size), indent, top, self.size * 1.4);
        }
    }

    fn code(&mut self, literal: &str, info: &str, indent: f64) {
        let language = info.split_whitespace().next().unwrap_or_default();
        let mut block = code::block(literal, language, self.size * 0.88);
        let pad = self.size * 0.6;
        // Lines of code are not broken: what is too wide is made smaller.
        if let Some(room) = self.wrap.map(|wrap| wrap - indent - 2.0 * pad).filter(|room| block.size.w > room.max(1.0))
        {
            let by = (room.max(1.0) / block.size.w).max(CODE_SCALE_MIN);
            block = block.scale(by);
        }
        let rect = Rect::new(indent, self.flow.y(), block.size.w + 2.0 * pad, block.size.h + 2.0 * pad);
        self.flow.mark(rect, MarkKind::Ground);
        self.flow.gap(pad);
        self.flow.absorb_at(block, indent + pad);
        self.flow.gap(pad);
    }

    fn table<'a>(&mut self, node: &'a AstNode<'a>, indent: f64) {
        for row in self.rows(node, indent) {
            self.flow.absorb(row);
        }
    }

    /// The rows of a table, each but the first with a line above it.
    fn rows<'a>(&self, node: &'a AstNode<'a>, indent: f64) -> Vec<Block> {
        let pad = self.size * CELL_PAD;
        let cells = |widths: &[f64]| -> Vec<Vec<Block>> {
            let wrap = |at: usize| widths.get(at).map(|width| width - 2.0 * pad);
            let row = |(at, row): (usize, &'a AstNode<'a>)| {
                row.children().enumerate().map(|(column, cell)| self.cell(cell, at == 0, wrap(column))).collect()
            };
            node.children().enumerate().map(row).collect()
        };
        let mut rows = cells(&[]);
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths: Vec<f64> = (0..columns)
            .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.size.w).fold(0.0, f64::max) + 2.0 * pad)
            .collect();
        if let Some(room) = self.wrap.map(|wrap| wrap - indent).filter(|room| widths.iter().sum::<f64>() > *room) {
            share(&mut widths, &self.narrowest(node, columns), room.max(self.size * 4.0));
            rows = cells(&widths);
        }
        let whole: f64 = widths.iter().sum();
        let laid = |(at, row): (usize, Vec<Block>)| {
            let mut flow = Flow::default();
            if at > 0 {
                flow.mark(Rect::new(indent, 0.0, whole, 1.0), MarkKind::Rule);
            }
            let height = row.iter().map(|cell| cell.size.h).fold(self.size * 1.4, f64::max) + pad;
            let mut x = indent;
            for (cell, width) in row.into_iter().zip(&widths) {
                flow.place(cell, x + pad, pad / 2.0);
                x += width;
            }
            flow.gap(height);
            flow.finish()
        };
        rows.into_iter().enumerate().map(laid).collect()
    }

    /// How wide the columns of a table have to be at least, so that no word is cut.
    fn narrowest<'a>(&self, node: &'a AstNode<'a>, columns: usize) -> Vec<f64> {
        let mut narrowest = vec![0.0_f64; columns];
        for (at, row) in node.children().enumerate() {
            for (column, cell) in row.children().enumerate().take(columns) {
                let mut spans = Vec::new();
                collect(cell, &Mood { bold: at == 0, size: self.size, ..Mood::default() }, &mut spans, 0);
                let word = widest_word(&spans) + 2.0 * self.size * CELL_PAD;
                narrowest[column] = narrowest[column].max(word);
            }
        }
        narrowest
    }

    fn cell<'a>(&self, cell: &'a AstNode<'a>, bold: bool, wrap: Option<f64>) -> Block {
        let mut spans = Vec::new();
        collect(cell, &Mood { bold, size: self.size, ..Mood::default() }, &mut spans, 0);
        let mut flow = Flow::default();
        flow.paragraph(&spans, Setting { leading: 1.4, wrap, ..Setting::default() });
        flow.finish()
    }
}

/// Makes columns fit into a room. Those that need less than an equal share keep what they need. Of what is left, each gets
/// what its widest word needs, and the rest goes by how much more they want; where not even the words fit, all get the same.
fn share(widths: &mut [f64], narrowest: &[f64], room: f64) {
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by(|a, b| widths[*a].total_cmp(&widths[*b]));
    let mut left = room;
    let mut wide = order.as_slice();
    while let Some((first, rest)) = wide.split_first().filter(|(first, _)| widths[**first] <= left / wide.len() as f64)
    {
        left -= widths[*first];
        wide = rest;
    }
    let least = |at: usize| narrowest[at].min(widths[at]);
    let needed: f64 = wide.iter().map(|at| least(*at)).sum();
    let wanted = wide.iter().map(|at| widths[*at]).sum::<f64>() - needed;
    let shared: Vec<f64> = wide
        .iter()
        .map(|at| match left - needed {
            spare if spare > 0.0 && wanted > 0.0 => least(*at) + (widths[*at] - least(*at)) * (spare / wanted).min(1.0),
            _ => left / wide.len() as f64,
        })
        .collect();
    for (at, width) in wide.iter().zip(shared) {
        widths[*at] = width;
    }
}

/// Gathers the spans of a paragraph.
fn collect<'a>(node: &'a AstNode<'a>, mood: &Mood, out: &mut Vec<Span>, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    for child in node.children() {
        let value = child.data.borrow().value.clone();
        match value {
            NodeValue::Text(text) => out.push(span(&text, mood)),
            NodeValue::Code(code) => {
                let mut span = span(&code.literal, mood);
                span.face = Face::Mono;
                span.size *= 0.9;
                span.ground = true;
                out.push(span);
            }
            NodeValue::SoftBreak => out.push(span(" ", mood)),
            NodeValue::LineBreak => out.push(span("\n", mood)),
            NodeValue::HtmlInline(html) if html.starts_with("<br") => out.push(span("\n", mood)),
            NodeValue::HtmlInline(_) => {}
            NodeValue::Strong => collect(child, &Mood { bold: true, ..mood.clone() }, out, depth + 1),
            NodeValue::Emph => collect(child, &Mood { italic: true, ..mood.clone() }, out, depth + 1),
            NodeValue::Strikethrough => collect(child, &Mood { strike: true, ..mood.clone() }, out, depth + 1),
            NodeValue::FootnoteReference(reference) => out.push(span(&superscript(reference.ix as usize), mood)),
            NodeValue::Link(link) => {
                collect(child, &Mood { link: Some(link.url.clone()), ..mood.clone() }, out, depth + 1);
            }
            _ => collect(child, mood, out, depth + 1),
        }
    }
}

fn span(text: &str, mood: &Mood) -> Span {
    let mut span = Span::new(text, Face::sans(mood.bold, mood.italic), mood.size);
    span.strike = mood.strike;
    if let Some(link) = &mood.link {
        span.tone = Tone::Link;
        span.underline = true;
        span.link = Some(link.clone());
    }
    span
}

/// A number as it stands behind the word that has a footnote.
fn superscript(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.to_string().bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect()
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => out.push(c),
            _ => {}
        }
    }
    out.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(markdown: &str) -> Vec<String> {
        let block = block(markdown, 16.0, None);
        block.lines.iter().map(|line| line.fragments.iter().map(|f| f.text.as_str()).collect()).collect()
    }

    #[test]
    fn blocks_become_lines() {
        assert_eq!(
            lines("# Title\n\nSome *words* and `code`.\n\n- one\n- two\n  1. deep"),
            ["Title", "Some words and code.", "one", "two", "1.", "deep"]
        );
        assert_eq!(lines("| a | b |\n|---|---|\n| 1 | 2 |"), ["a", "b", "1", "2"]);
        assert_eq!(lines("<div>raw</div>\n\n> quoted\n\n```rust\nfn x() {}\n```"), ["raw", "quoted", "fn x() {}"]);
    }

    #[test]
    fn everything_stays_inside_its_block() {
        let block = block("# A\n- b\n  - [c](d)\n\n> e\n\n    f\n\n| g | h |\n|-|-|\n| i | j |\n", 16.0, None);
        for line in &block.lines {
            assert!(line.x + line.width() <= block.size.w + 1e-6 && line.baseline <= block.size.h);
        }
        for mark in &block.marks {
            assert!(mark.rect.right() <= block.size.w + 1e-6 && mark.rect.bottom() <= block.size.h + 1e-6);
        }
    }

    #[test]
    fn columns_share_what_their_words_leave() {
        let mut widths = [100.0, 300.0, 500.0];
        share(&mut widths, &[80.0, 100.0, 100.0], 500.0);
        assert!((widths.iter().sum::<f64>() - 500.0).abs() < 1e-9);
        assert!(widths[0] == 100.0 && widths[1] > 100.0 && widths[2] > widths[1], "{widths:?}");
        let mut narrow = [50.0, 300.0, 300.0];
        share(&mut narrow, &[50.0, 300.0, 300.0], 250.0);
        assert_eq!(narrow, [50.0, 100.0, 100.0]);
    }

    #[test]
    fn a_text_falls_into_pieces() {
        let text = "# <a id=\"top\"></a>A\n\nText.\n\n|  |  |\n|-|-|\n| <a id=\"b\"></a>b | c |\n\n| d |\n|-|\n| e |\n";
        let pieces = pieces(text, 16.0, 400.0);
        assert!(matches!(&pieces[0].kind, PieceKind::Heading(_, 1)));
        assert_eq!(pieces[0].anchors, ["top"]);
        assert!(matches!(&pieces[1].kind, PieceKind::Text(_)));
        let PieceKind::Table { head: None, rows } = &pieces[2].kind else { panic!("a head without words is none") };
        assert_eq!(rows.iter().map(|row| row.anchors.clone()).collect::<Vec<_>>(), [["b"]]);
        assert!(matches!(&pieces[3].kind, PieceKind::Table { head: Some(_), rows } if rows.len() == 1));
    }

    /// The words of each piece; pictures by their numbers.
    fn told(markdown: &str) -> Vec<String> {
        let words = |block: &Block| -> String {
            block.lines.iter().flat_map(|line| &line.fragments).map(|fragment| fragment.text.as_str()).collect()
        };
        let piece = |piece: Piece| match piece.kind {
            PieceKind::Heading(block, _) | PieceKind::Text(block) => words(&block),
            PieceKind::Table { rows, .. } => rows.iter().map(|row| words(&row.block)).collect(),
            PieceKind::Picture(number) => format!("picture {number}"),
        };
        pieces(markdown, 16.0, 400.0).into_iter().map(piece).map(|told| told.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn notes_have_a_title_and_footnotes_stand_at_the_end() {
        assert_eq!(told("> [!NOTE]\n> Hi\n"), ["NoteHi"]);
        assert_eq!(told("> [!WARNING] Mind\n> Hi\n"), ["MindHi"]);
        assert_eq!(
            told("X[^b] and Y[^a].\n\n[^a]: One.\n[^b]: Two.\n\nLast.\n"),
            ["X¹ and Y².", "Last.", "¹Two.", "²One."]
        );
        assert!(['⁰', '¹', '⁹'].iter().all(|digit| Face::Regular.has(*digit)));
        // Diagrams are what D2 says.
        assert_eq!(lines("> [!NOTE]\n> Hi"), ["[!NOTE] Hi"]);
    }

    #[test]
    fn pictures_stand_where_they_are_shown_or_below() {
        assert_eq!(told("A.\n\n![b](picture:0)\n\nC.\n"), ["A.", "picture 0", "C."]);
        assert_eq!(told("A ![b](picture:2) c.\n"), ["A b c.", "picture 2"]);
        assert_eq!(told("- a\n- ![b](picture:1)\n"), ["a", "picture 1"]);
        assert_eq!(told("![b](other.png)\n"), ["b"]);
    }

    #[test]
    fn deep_nesting_ends() {
        block(&"> ".repeat(500), 16.0, None);
        block(&"- ".repeat(500), 16.0, None);
        block(&"*a ".repeat(500), 16.0, None);
    }
}
