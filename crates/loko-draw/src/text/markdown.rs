//! Markdown laid out as runs of our own, without HTML: headings, lists, quotations, code, tables, links, emphasis.
//!
//! comrak reads it; images and raw HTML show their text.

use super::flow::Setting;
use super::{Block, Flow, MarkKind, Span, Tone, code};
use crate::font::{self, Face};
use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options, parse_document};
use loko_diagram::Rect;

/// How deep blocks may nest before the rest is left out.
const DEPTH_MAX: usize = 24;

/// Code is made no smaller than this to fit.
const CODE_SCALE_MIN: f64 = 0.5;

/// Lays a text out, wrapped at a width if one is given.
pub(crate) fn block(markdown: &str, size: f64, wrap: Option<f64>) -> Block {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    let root = parse_document(&arena, markdown, &options);
    let mut writer = Writer { flow: Flow::default(), size, wrap, tight: false };
    writer.children(root, 0.0, 0);
    writer.flow.finish()
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

    fn block<'a>(&mut self, node: &'a AstNode<'a>, indent: f64, depth: usize) {
        let value = node.data.borrow().value.clone();
        match value {
            NodeValue::Paragraph => {
                self.flow.gap_between(if self.tight { self.size * 0.15 } else { self.size * 0.6 });
                self.paragraph(node, indent, self.size, false);
            }
            NodeValue::Heading(heading) => {
                let factor = [1.75, 1.45, 1.25, 1.12, 1.0, 0.92][usize::from(heading.level.clamp(1, 6)) - 1];
                self.flow.gap_between(self.size * 0.9);
                self.paragraph(node, indent, self.size * factor, true);
            }
            NodeValue::List(list) => self.list(node, indent, depth, list.list_type, list.start, list.tight),
            NodeValue::BlockQuote | NodeValue::MultilineBlockQuote(_) => {
                self.flow.gap_between(self.size * 0.6);
                let top = self.flow.y();
                let outer = std::mem::take(&mut self.tight);
                let inner = self.apart(node, indent + self.size, depth);
                self.tight = outer;
                self.flow.absorb(inner);
                self.flow.mark(Rect::new(indent, top, 3.0, self.flow.y() - top), MarkKind::Bar);
            }
            NodeValue::CodeBlock(fence) => self.code(&fence.literal, &fence.info, indent),
            NodeValue::ThematicBreak => {
                self.flow.gap_between(self.size * 0.7);
                let width = self.wrap.unwrap_or(self.size * 12.0);
                self.flow.mark(Rect::new(indent, self.flow.y(), (width - indent).max(1.0), 1.0), MarkKind::Rule);
                self.flow.gap(self.size * 0.3);
            }
            NodeValue::HtmlBlock(html) => {
                let text = without_tags(&html.literal);
                if !text.is_empty() {
                    self.flow.gap_between(self.size * 0.6);
                    self.flow.paragraph(&[Span::new(text, Face::Regular, self.size)], self.setting(indent));
                }
            }
            NodeValue::Table(_) => self.table(node, indent),
            _ => self.children(node, indent, depth),
        }
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
        self.flow.gap_between(self.size * if self.tight { 0.1 } else { 0.5 });
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
        self.flow.gap_between(self.size * 0.7);
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
        self.flow.gap_between(self.size * 0.7);
        let pad = self.size * 0.6;
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
            share(&mut widths, room.max(self.size * 4.0));
            rows = cells(&widths);
        }
        let whole: f64 = widths.iter().sum();
        for (at, row) in rows.into_iter().enumerate() {
            let top = self.flow.y();
            if at > 0 {
                self.flow.mark(Rect::new(indent, top, whole, 1.0), MarkKind::Rule);
            }
            let height = row.iter().map(|cell| cell.size.h).fold(self.size * 1.4, f64::max) + pad;
            let mut x = indent;
            for (cell, width) in row.into_iter().zip(&widths) {
                self.flow.place(cell, x + pad, top + pad / 2.0);
                x += width;
            }
            self.flow.gap(height);
        }
    }

    fn cell<'a>(&self, cell: &'a AstNode<'a>, bold: bool, wrap: Option<f64>) -> Block {
        let mut spans = Vec::new();
        collect(cell, &Mood { bold, size: self.size, ..Mood::default() }, &mut spans, 0);
        let mut flow = Flow::default();
        flow.paragraph(&spans, Setting { leading: 1.4, wrap, ..Setting::default() });
        flow.finish()
    }
}

/// Makes columns fit into a room: those that need less than an equal share keep what they need.
fn share(widths: &mut [f64], room: f64) {
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by(|a, b| widths[*a].total_cmp(&widths[*b]));
    let (mut left, mut waiting) = (room, widths.len());
    for at in order {
        widths[at] = widths[at].min(left / waiting as f64);
        left -= widths[at];
        waiting -= 1;
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
    fn deep_nesting_ends() {
        block(&"> ".repeat(500), 16.0, None);
        block(&"- ".repeat(500), 16.0, None);
        block(&"*a ".repeat(500), 16.0, None);
    }
}
