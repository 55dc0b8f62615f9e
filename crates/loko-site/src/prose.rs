//! Prose: CommonMark with GitHub's extensions becomes HTML, or Markdown for another place.
//!
//! Links are led to where their targets are on the site, fenced `d2` blocks are drawn, placeholders are filled in, tables
//! may scroll on their own. HTML in prose is shown as text, but for a short list of harmless tags without attributes: on
//! pages, and in the Markdown that all other formats are made of.

use crate::frame;
use crate::links::{Links, Target};
use crate::markdown::to_markdown;
use crate::words::Words;
use comrak::nodes::{AstNode, NodeLink, NodeValue};
use comrak::{Arena, format_commonmark, format_html, parse_document};
use loko_draw::CodeKind;
use loko_model::name;
use loko_model::select::Subject;
use loko_model::{Element, ElementIx, Kind, Model, RelationIx};
use loko_rules::prose as checks;
use loko_source::{Diagnostic, FilePath, Span};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

/// Tags that prose may use, without attributes.
const TAGS: [&str; 15] =
    ["b", "br", "code", "details", "em", "hr", "i", "ins", "kbd", "mark", "small", "strong", "sub", "summary", "sup"];

/// Problems of one diagram that are shown where it would stand, each with its lines.
const PROBLEMS_MAX: usize = 5;

/// What prose is written for.
pub(crate) struct Place<'a> {
    /// The path of the page that it will stand on.
    pub page: &'a str,
    /// The name that the page shows already; a first heading that repeats it is left out.
    pub title: &'a str,
    /// The file that it comes from.
    pub file: &'a FilePath,
    /// Where in the file.
    pub body: Span,
    /// All that it can link to.
    pub links: &'a Links<'a>,
    /// The pages' own words.
    pub words: &'a Words,
    /// Draws D2: the picture, for Markdown the address of its file; or what is wrong with the text.
    pub draw: &'a (dyn Fn(&str) -> Result<String, Vec<String>> + Sync),
}

/// Prose that is ready for its page.
#[derive(Debug, Default)]
pub(crate) struct Prose {
    /// HTML, or Markdown where that was asked for.
    pub text: String,
    /// The headings in order, for a list of contents.
    pub headings: Vec<Heading>,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
    /// Files that it shows or links to.
    pub files: BTreeSet<FilePath>,
}

/// A heading that can be linked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Heading {
    /// 2 for the most important ones.
    pub level: u8,
    /// The fragment of its link.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// Whether the prose itself shows the parts in a table.
pub(crate) fn has_part_table(prose: &str) -> bool {
    prose.contains("{{container_table}}") || prose.contains("{{component_table}}")
}

/// Fills `{{container_table}}`, `{{component_table}}` and blocks of selectors in.
pub(crate) fn fill_placeholders(model: &Model, ix: ElementIx, prose: &str, words: &Words) -> String {
    let table = |kind: Kind| part_table(model, ix, kind, words);
    let mut filled = fill_selectors(model, prose, words);
    for (placeholder, kind) in [("{{container_table}}", Kind::Container), ("{{component_table}}", Kind::Component)] {
        if filled.contains(placeholder) {
            filled = filled.replace(placeholder, &table(kind));
        }
    }
    filled
}

fn part_table(model: &Model, ix: ElementIx, kind: Kind, words: &Words) -> String {
    let mut parts: Vec<_> =
        model.children(ix).iter().map(|part| model.element(*part)).filter(|part| part.kind == kind).collect();
    parts.sort_by_cached_key(|part| (part.name.to_lowercase(), part.id.clone()));
    if parts.is_empty() {
        return String::new();
    }
    let rows = parts
        .into_iter()
        .map(|part| [linked(part), escape_markdown(&part.technology), escape_markdown(&part.description)]);
    format!("\n{}\n", table(["column.name", "column.technology", "column.description"], rows, words))
}

/// Rows of a table that a selector stands for; the rest is counted.
const SELECTED_MAX: usize = 500;

/// Puts tables in the place of blocks of selectors. One that cannot be read stays as it is; checking tells why.
pub(crate) fn fill_selectors(model: &Model, prose: &str, words: &Words) -> String {
    let blocks = checks::selector_blocks(prose);
    if blocks.is_empty() {
        return prose.to_owned();
    }
    let lines: Vec<&str> = prose.split_inclusive('\n').collect();
    let (mut filled, mut at) = (String::with_capacity(prose.len()), 0);
    for block in blocks {
        let (first, last) = block.lines;
        let Ok(select) = block.select() else { continue };
        let is_fence = |line: &&str| line.trim_start().starts_with(['`', '~']);
        if first < at || last >= lines.len() || !lines.get(first).is_some_and(is_fence) {
            continue;
        }
        filled.extend(lines[at..first].iter().copied());
        filled.push('\n');
        filled.push_str(&match block.subject {
            Subject::Elements => elements_table(model, &select.picks(model), words),
            Subject::Relations => relations_table(model, &select.picks_relations(model), words),
        });
        filled.push('\n');
        at = last + 1;
    }
    filled.extend(lines[at..].iter().copied());
    filled
}

fn elements_table(model: &Model, picked: &[ElementIx], words: &Words) -> String {
    let heads = ["column.name", "column.kind", "column.technology", "column.description"];
    let row = |ix: &ElementIx| {
        let element = model.element(*ix);
        let kind = escape_markdown(&words.type_name(element.type_name()));
        [linked(element), kind, escape_markdown(&element.technology), escape_markdown(&element.description)]
    };
    selected(heads, picked, row, words)
}

fn relations_table(model: &Model, picked: &[RelationIx], words: &Words) -> String {
    let heads = ["column.from", "column.to", "column.what-for", "column.technology"];
    let row = |ix: &RelationIx| {
        let relation = model.relation(*ix);
        let [source, target] = [relation.source, relation.target].map(|end| linked(model.element(end)));
        [source, target, escape_markdown(&relation.description), escape_markdown(&relation.technology)]
    };
    selected(heads, picked, row, words)
}

/// The table of what a selector picks.
fn selected<T>(heads: [&str; 4], picked: &[T], row: impl Fn(&T) -> [String; 4], words: &Words) -> String {
    if picked.is_empty() {
        return format!("*{}*\n", words.say("selection.nothing"));
    }
    let mut table = table(heads, picked.iter().take(SELECTED_MAX).map(row), words);
    if picked.len() > SELECTED_MAX {
        let _ = writeln!(table, "\n*+ {}*", picked.len() - SELECTED_MAX);
    }
    table
}

/// The name of an element as a link to its page.
fn linked(element: &Element) -> String {
    format!("[{}](<element:{}>)", escape_markdown(&element.name), element.id)
}

fn table<const N: usize>(heads: [&str; N], rows: impl Iterator<Item = [String; N]>, words: &Words) -> String {
    let mut table = format!("| {} |\n|{}\n", heads.map(|key| words.say(key)).join(" | "), " --- |".repeat(N));
    for row in rows {
        let _ = writeln!(table, "| {} |", row.join(" | "));
    }
    table
}

/// A plain text as Markdown for one line or table cell.
pub(crate) fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.trim().chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '\\' | '~' | '#' | '&' => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Prose as HTML.
pub(crate) fn html(text: &str, place: &Place<'_>) -> Prose {
    let arena = Arena::new();
    let options = checks::markdown_options();
    let root = parse_document(&arena, text, &options);
    checks::drop_unwritten(root);
    let mut rewrite = Rewrite::new(place, &arena);
    rewrite.headings(root);
    rewrite.nodes(root);
    let mut prose = rewrite.prose;
    format_html(root, &options, &mut prose.text).expect("writing to a String does not fail");
    // A head cell without words is the head of nothing.
    prose.text = prose.text.replace("<th></th>", "<td></td>");
    label_boxes(&mut prose.text, place.words);
    if text.chars().any(loko_draw::is_right_to_left) {
        direct(&mut prose.text);
    }
    prose
}

/// Lets each list, quote and table of prose run the way in which its first letters are read; the style sheet does so for
/// paragraphs and headings. Nothing within these says the same of itself: a browser would pass over its letters.
fn direct(text: &mut String) {
    const BLOCKS: [&str; 4] = ["ul", "ol", "blockquote", "table"];
    for block in BLOCKS {
        // A list may begin with attributes: `<ol start="2">`. Spaces go first, since what is put in has one.
        for end in [" ", ">"] {
            let open = format!("<{block}{end}");
            if text.contains(&open) {
                *text = text.replace(&open, &format!("<{block} dir=\"auto\"{end}"));
            }
        }
    }
}

/// Code in a block, its words, values and remarks told apart by classes.
fn code_block(text: &str, language: &str) -> String {
    let class =
        if language.is_empty() { String::new() } else { format!(" class=\"language-{}\"", escape_html(language)) };
    format!("<pre tabindex=\"0\"><code{class}>{}</code></pre>\n", code(text, language))
}

/// The inside of a block of code.
pub(crate) fn code(text: &str, language: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    for (piece, kind) in loko_draw::code_pieces(text, language) {
        let class = match kind {
            CodeKind::Plain => {
                html.push_str(&escape_html(&piece));
                continue;
            }
            CodeKind::Keyword => "code-word",
            CodeKind::Literal => "code-value",
            CodeKind::Comment => "code-remark",
        };
        let _ = write!(html, "<span class=\"{class}\">{}</span>", escape_html(&piece));
    }
    html
}

/// Names the boxes of a checklist for those who do not see them: only a checklist makes inputs.
fn label_boxes(text: &mut String, words: &Words) {
    const BOX: &str = "<input type=\"checkbox\"";
    if text.contains(BOX) {
        for (rest, key) in [(" checked=\"\"", "frame.done"), ("", "frame.open")] {
            let label = escape_html(&words.say(key));
            *text =
                text.replace(&format!("{BOX}{rest} disabled"), &format!("{BOX}{rest} aria-label=\"{label}\" disabled"));
        }
    }
}

/// Prose as Markdown in which links lead to where their targets are in the Markdown output.
pub(crate) fn markdown(text: &str, place: &Place<'_>) -> Prose {
    let arena = Arena::new();
    let options = checks::markdown_options();
    let root = parse_document(&arena, text, &options);
    checks::drop_unwritten(root);
    let mut rewrite = Rewrite::new(place, &arena);
    rewrite.is_markdown = true;
    rewrite.headings(root);
    rewrite.nodes(root);
    let mut prose = rewrite.prose;
    format_commonmark(root, &options, &mut prose.text).expect("writing to a String does not fail");
    prose
}

/// The plain text of prose, for the search.
pub(crate) fn headings_of(text: &str) -> Vec<String> {
    let is_heading = |line: &&str| line.starts_with('#');
    text.lines()
        .filter(is_heading)
        .map(|line| name::heading(line.trim_matches(['#', ' '])).0.to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

struct Rewrite<'a, 'p> {
    place: &'p Place<'p>,
    arena: &'a Arena<'a>,
    is_markdown: bool,
    /// The anchors that headings name, with those of their words.
    named: BTreeMap<String, String>,
    prose: Prose,
}

impl<'a, 'p> Rewrite<'a, 'p> {
    fn new(place: &'p Place<'p>, arena: &'a Arena<'a>) -> Self {
        Self { place, arena, is_markdown: false, named: BTreeMap::new(), prose: Prose::default() }
    }

    fn raw(&self, html: impl Into<String>) -> &'a AstNode<'a> {
        self.arena.alloc(NodeValue::Raw(html.into()).into())
    }

    /// Drops a heading that repeats the page's, makes room for the page's, and makes all of them places to link to.
    fn headings(&mut self, root: &'a AstNode<'a>) {
        for checks::Heading { node, text, anchors } in checks::headings(root, self.place.title) {
            let NodeValue::Heading(mut heading) = node.data().value.clone() else { continue };
            let Some(checks::Anchors { id, by_words }) = anchors else {
                node.detach();
                continue;
            };
            heading.level = heading.level.max(2);
            node.data_mut().value = NodeValue::Heading(heading);
            // The words lead to it as well, as long as they stay.
            let further = (id != by_words).then(|| format!("<span id=\"{}\"></span>", escape_html(&by_words)));
            if !self.is_markdown {
                let anchor = format!(
                    "<a class=\"anchor\" id=\"{0}\" href=\"#{0}\" aria-label=\"{1}\"></a>",
                    escape_html(&id),
                    escape_html(&self.place.words.say("frame.link-to-section")),
                );
                node.prepend(self.raw(further.unwrap_or_default() + &anchor));
            }
            self.named.insert(id.clone(), by_words);
            self.prose.headings.push(Heading { level: heading.level, id, text });
        }
    }

    fn nodes(&mut self, root: &'a AstNode<'a>) {
        let nodes: Vec<_> = root.descendants().collect();
        for node in nodes {
            self.tags(node);
            let value = node.data().value.clone();
            match value {
                NodeValue::Link(link) => self.link(node, &link.url),
                NodeValue::Image(image) => self.image(node, &image.url),
                NodeValue::CodeBlock(code) if checks::is_d2(&code.info) => self.drawing(node, &code.literal),
                NodeValue::CodeBlock(code) if !self.is_markdown => {
                    let language = code.info.split_whitespace().next().unwrap_or_default();
                    node.data_mut().value = NodeValue::Raw(code_block(&code.literal, language));
                }
                NodeValue::Table(_) if !self.is_markdown => {
                    let label = escape_html(&self.place.words.say("frame.table"));
                    node.insert_before(self.raw(format!(
                        "<div class=\"table-wrap\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">"
                    )));
                    node.insert_after(self.raw("</div>\n"));
                }
                _ => {}
            }
        }
    }

    fn resolve(&mut self, url: &str) -> Target {
        match self.place.links.resolve(url, self.place.file, self.place.page, &mut self.prose.files) {
            // Only pages of the site have the anchors that headings name.
            Target::Href(href) if self.is_markdown => {
                match href.strip_prefix('#').and_then(|own| self.named.get(own)) {
                    Some(by_words) => Target::Href(format!("#{by_words}")),
                    None => Target::Href(to_markdown(&href)),
                }
            }
            target => target,
        }
    }

    fn link(&mut self, node: &'a AstNode<'a>, url: &str) {
        match self.resolve(url) {
            Target::Href(href) | Target::Outside(href) => set_url(node, href),
            Target::Missing => {
                self.report(url);
                if !self.is_markdown {
                    let title = escape_html(&self.place.words.say("frame.broken-link"));
                    node.insert_before(self.raw(format!("<span class=\"broken\" title=\"{title}\">")));
                    node.insert_after(self.raw("</span>"));
                }
                unwrap(node);
            }
        }
    }

    /// Pictures from elsewhere become links: a page asks nobody for anything.
    fn image(&mut self, node: &'a AstNode<'a>, url: &str) {
        match self.resolve(url) {
            Target::Href(href) => set_url(node, href),
            Target::Outside(href) => {
                // The node is not looked at any more when it becomes another.
                let value = node.data().value.clone();
                if let NodeValue::Image(mut link) = value {
                    link.url = href;
                    node.data_mut().value = NodeValue::Link(link);
                }
            }
            Target::Missing => {
                self.report(url);
                unwrap(node);
            }
        }
    }

    fn report(&mut self, url: &str) {
        let text = self.place.links.text(self.place.file);
        let at = checks::locate(text, self.place.body, url);
        self.prose.findings.push(checks::broken_link(self.place.file, at, url));
    }

    fn drawing(&mut self, node: &'a AstNode<'a>, d2: &str) {
        if self.is_markdown {
            // What cannot be drawn stays as it is written.
            if let Ok(href) = (self.place.draw)(d2) {
                let alt = self.place.words.say("script.diagram");
                let link = NodeLink { url: href, title: String::new() };
                let image = self.arena.alloc(NodeValue::Image(Box::new(link)).into());
                image.append(self.arena.alloc(NodeValue::Text(alt.into()).into()));
                node.data_mut().value = NodeValue::Paragraph;
                node.append(image);
            }
            return;
        }
        match (self.place.draw)(d2) {
            Ok(svg) => {
                let figure =
                    format!("<figure class=\"drawing\" data-drawing>\n<div class=\"canvas\">{svg}</div>\n</figure>\n");
                node.data_mut().value = NodeValue::Raw(figure);
            }
            Err(said) => {
                let text = self.place.links.text(self.place.file);
                let problems = checks::d2_problems(text, self.place.body, d2);
                let line = |it: &checks::Problem| {
                    let excerpt = frame::excerpt(self.place.file, text, it.span, "").html();
                    format!("<li>{}\n{excerpt}</li>", escape_html(&it.message))
                };
                let list: String = if problems.is_empty() {
                    said.iter().map(|it| format!("<li>{}</li>", escape_html(it))).collect()
                } else {
                    problems.iter().take(PROBLEMS_MAX).map(line).collect()
                };
                let more = problems.len().saturating_sub(PROBLEMS_MAX);
                let more = if more > 0 { format!("<p>and {more} more</p>") } else { String::new() };
                let note = format!(
                    "<div class=\"note note-error\" role=\"note\"><p>This diagram has errors:</p><ul>{list}</ul>{more}</div>\n"
                );
                node.insert_before(self.raw(note));
                self.prose.findings.extend(checks::d2_in_prose(self.place.file, &problems));
            }
        }
    }

    /// Lets harmless tags among a node's children through, each by itself; everything else becomes text, in all formats.
    fn tags(&self, parent: &'a AstNode<'a>) {
        let pieces: Vec<(&'a AstNode<'a>, String)> =
            parent.children().filter_map(|node| Some((node, html_of(node)?))).collect();
        if pieces.is_empty() {
            return;
        }
        let texts: Vec<&str> = pieces.iter().map(|(_, html)| html.as_str()).collect();
        for ((node, _), safe) in pieces.iter().zip(harmless(&texts)) {
            match &mut node.data_mut().value {
                NodeValue::HtmlBlock(block) if self.is_markdown => block.literal = safe,
                value if self.is_markdown => *value = NodeValue::HtmlInline(safe),
                value => *value = NodeValue::Raw(safe),
            }
        }
    }
}

/// The HTML that a node is, without comments.
fn html_of(node: &AstNode<'_>) -> Option<String> {
    match &node.data().value {
        NodeValue::HtmlBlock(block) => Some(strip_comments(&block.literal)),
        NodeValue::HtmlInline(tag) => Some(strip_comments(tag)),
        _ => None,
    }
}

fn set_url(node: &AstNode<'_>, url: String) {
    match &mut node.data_mut().value {
        NodeValue::Link(link) | NodeValue::Image(link) => link.url = url,
        _ => {}
    }
}

/// Leaves a node's children in its place.
fn unwrap<'a>(node: &'a AstNode<'a>) {
    let children: Vec<_> = node.children().collect();
    for child in children {
        node.insert_before(child);
    }
    node.detach();
}

fn strip_comments(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<!--") {
        kept.push_str(&rest[..start]);
        rest = rest[start..].find("-->").map_or("", |end| &rest[start + end + 3..]);
    }
    kept.push_str(rest);
    kept
}

/// Pieces of HTML that follow each other, with the tags of the list as they are where they carry no attributes and are
/// closed in order, and all other tags as text.
fn harmless(pieces: &[&str]) -> Vec<String> {
    let mut tokens: Vec<(usize, Token<'_>)> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        tokens.extend(tokens_of(piece).into_iter().map(|token| (at, token)));
    }
    let mut passes = vec![false; tokens.len()];
    let mut open: Vec<(usize, &'static str)> = Vec::new();
    for (at, (_, token)) in tokens.iter().enumerate() {
        let Token::Tag { name: Some(name), closes, .. } = token else { continue };
        match (*name, closes) {
            ("br" | "hr", closes) => passes[at] = !closes,
            (name, false) => open.push((at, name)),
            (name, true) => {
                // What stands open inside it is never closed.
                if let Some(outer) = open.iter().rposition(|(_, known)| *known == name) {
                    passes[open[outer].0] = true;
                    passes[at] = true;
                    open.truncate(outer);
                }
            }
        }
    }
    let mut safe = vec![String::new(); pieces.len()];
    for ((piece, token), passes) in tokens.iter().zip(passes) {
        match token {
            Token::Text(text) => safe[*piece].push_str(&text.replace('<', "&lt;").replace('>', "&gt;")),
            Token::Tag { name: Some(name), closes, .. } if passes => {
                let _ = write!(safe[*piece], "<{}{name}>", if *closes { "/" } else { "" });
            }
            Token::Tag { text, .. } => safe[*piece].push_str(&escape_html(text)),
        }
    }
    safe
}

/// A part of HTML.
enum Token<'t> {
    Text(&'t str),
    /// A tag; its name when it is on the list and has no attributes.
    Tag {
        text: &'t str,
        name: Option<&'static str>,
        closes: bool,
    },
}

fn tokens_of(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>').map(|end| start + end + 1) else { break };
        tokens.push(Token::Text(&rest[..start]));
        let text = &rest[start..end];
        let inner = text[1..text.len() - 1].trim_end_matches('/').trim();
        let (name, closes) = inner.strip_prefix('/').map_or((inner, false), |name| (name, true));
        let name = TAGS.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
        tokens.push(Token::Tag { text, name, closes });
        rest = &rest[end..];
    }
    tokens.push(Token::Text(rest));
    tokens
}

/// A text as HTML.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = write_escaped(&mut escaped, text);
    escaped
}

/// Writes text for HTML, in pieces as long as they can be: most texts have nothing to escape.
pub(crate) fn write_escaped(out: &mut (impl Write + ?Sized), text: &str) -> fmt::Result {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.write_str(&text[written..at])?;
        out.write_str(entity)?;
        written = at + 1;
    }
    out.write_str(&text[written..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_coloured_by_classes_and_loses_nothing() {
        let html = code("fn a() { \"<b>\" } // x & y\n", "rust");
        assert_eq!(
            html,
            "<span class=\"code-word\">fn</span> a() { <span class=\"code-value\">&quot;&lt;b&gt;&quot;</span> } <span class=\"code-remark\">// x &amp; y</span>\n"
        );
        assert_eq!(code_block("in <x>", ""), "<pre tabindex=\"0\"><code>in &lt;x&gt;</code></pre>\n");
        assert!(code_block("x", "\"><script>").contains("language-&quot;&gt;&lt;script&gt;"));
    }

    #[test]
    fn selectors_become_tables() {
        let api = "---\nname: API | v2\ntags: [pci]\nrelationships:\n  - { to: other, description: Asks }\n---\n";
        let texts = [
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            ("src/shop/api/container.md", api),
            ("src/other/system.md", "---\nname: Other\n---\n"),
        ];
        let model = loko_model::load(&loko_source::Snapshot::from_texts(texts)).model;
        let prose = "Before\n```loko\ntag:pci\n```\nbetween\r\n\r\n~~~ loko relations\r\nto:other\r\n~~~\r\n\n```loko\ntag:none\n```\n\n```loko\ntagg:x\n```\n";
        let filled = fill_selectors(&model, prose, &Words::of_workspace(&loko_source::Snapshot::default()));
        let expected = "Before\n\n| Name | Kind | Technology | Description |\n| --- | --- | --- | --- |\n| [API \\| v2](<element:shop/api>) | Container |  |  |\n\nbetween\r\n\r\n\n| From | To | What for | Technology |\n| --- | --- | --- | --- |\n| [API \\| v2](<element:shop/api>) | [Other](<element:other>) | Asks |  |\n\n\n\n*Nothing is picked.*\n\n\n```loko\ntagg:x\n```\n";
        assert_eq!(filled, expected);
        assert_eq!(
            fill_selectors(&model, "```\nloko\n```", &Words::of_workspace(&loko_source::Snapshot::default())),
            "```\nloko\n```"
        );
    }

    #[test]
    fn each_tag_passes_or_is_text_by_itself() {
        let cases: [(&[&str], &[&str]); 8] = [
            (
                &["<kbd>", "</kbd>", "<div align=\"center\">"],
                &["<kbd>", "</kbd>", "&lt;div align=&quot;center&quot;&gt;"],
            ),
            (
                &["<details>\n<summary>Why & how</summary>\n", "</details>\n"],
                &["<details>\n<summary>Why & how</summary>\n", "</details>\n"],
            ),
            (&["<BR/>", "<hr />"], &["<br>", "<hr>"]),
            (&["<b>", "<i>", "</b>", "</i>"], &["<b>", "&lt;i&gt;", "</b>", "&lt;/i&gt;"]),
            (&["<sub>"], &["&lt;sub&gt;"]),
            (&["<b onclick=\"x\">", "</b>"], &["&lt;b onclick=&quot;x&quot;&gt;", "&lt;/b&gt;"]),
            (&["<script>alert(1)</script>"], &["&lt;script&gt;alert(1)&lt;/script&gt;"]),
            (&["a < b <"], &["a &lt; b &lt;"]),
        ];
        for (pieces, safe) in cases {
            assert_eq!(harmless(pieces), safe);
        }
    }
}
