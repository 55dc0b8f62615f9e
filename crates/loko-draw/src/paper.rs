//! Documents for paper: chapters of Markdown and pictures, broken into A4 pages, with a table of contents, bookmarks,
//! links between chapters and page numbers.
//!
//! Text is laid out in one long column and cut between lines; a heading never ends a page. A picture keeps its
//! proportions: it is made as wide as the column, and one that would be too small to read gets a page of its own, on its
//! side when it is wide.

use crate::compose::words::Pen;
use crate::font::Face;
use crate::look::{Colors, Look};
use crate::pdf::{CHAPTER, Fonts, POINT, Painter};
use crate::png::Error;
use crate::scene::{Anchor, Ink, Item, Run, Scene, TextLine};
use crate::text::{Block, Tone, markdown};
use crate::{Color, skin};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::destination::{Destination, XyzDestination};
use krilla::geom::{Point as PdfPoint, Rect as PdfRect, Transform};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use loko_diagram::{Point, Rect, Size};
use std::collections::BTreeMap;

/// A4 upright, in pixels of 1/96 inch.
const SHEET: Size = Size { w: 793.7, h: 1122.5 };
const MARGIN: f64 = 76.0;
/// Room below the text for the page number.
const FOOT: f64 = 34.0;
const TEXT: f64 = 13.5;
/// A picture that would have to be made smaller than this gets a page of its own.
const SCALE_MIN: f64 = 0.55;
/// Pictures are not blown up beyond this.
const SCALE_MAX: f64 = 0.85;
/// How deep bookmarks and the table of contents go.
const DEPTH_MAX: usize = 8;

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// What stands below the title: a description, a version.
    pub subtitle: Vec<String>,
    /// What it tells.
    pub chapters: Vec<Chapter>,
}

/// A part of a document that has a heading, a bookmark and an anchor.
#[derive(Clone, Debug, Default)]
pub struct Chapter {
    /// Its heading in the table of contents and bookmarks; the text brings its own.
    pub title: String,
    /// How deep it lies: 0 at the top. A chapter at the top begins a page.
    pub depth: usize,
    /// What links to it name.
    pub anchor: String,
    /// What it holds.
    pub parts: Vec<Part>,
}

/// A part of a chapter.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text; links that [`chapter_link`] made lead to chapters.
    Markdown(String),
    /// A picture.
    Picture(Box<Scene>),
}

/// A link to a chapter for use in Markdown.
pub fn chapter_link(anchor: &str) -> String {
    format!("{CHAPTER}{anchor}")
}

/// Writes a document as PDF.
///
/// # Errors
///
/// If the file cannot be made.
pub fn paper(paper: &Paper) -> Result<Vec<u8>, Error> {
    let mut press = Press::new();
    press.title(paper);
    let contents_at = press.sheets.len();
    let mut starts = Vec::new();
    for chapter in &paper.chapters {
        starts.push(press.chapter(chapter));
    }
    let contents = press.contents(paper, &starts);
    let count = contents.len();
    press.sheets.splice(contents_at..contents_at, contents);
    for start in &mut starts {
        start.sheet += count;
    }
    write(paper, &press, &starts)
}

/// A thing on a sheet, with the place of its origin and its scale.
struct Laid {
    items: Vec<Item>,
    at: Point,
    scale: f64,
}

/// One page.
#[derive(Default)]
struct Sheet {
    is_wide: bool,
    laid: Vec<Laid>,
    /// Whether it has a page number.
    is_numbered: bool,
}

impl Sheet {
    fn size(&self) -> Size {
        if self.is_wide { Size::new(SHEET.h, SHEET.w) } else { SHEET }
    }
}

/// Where a chapter begins.
#[derive(Clone, Copy)]
struct Start {
    sheet: usize,
    y: f64,
}

/// Fills sheets from top to bottom.
struct Press {
    sheets: Vec<Sheet>,
    /// How far the last sheet is filled.
    y: f64,
    colors: Colors,
}

const COLUMN: f64 = SHEET.w - 2.0 * MARGIN;
const BOTTOM: f64 = SHEET.h - MARGIN - FOOT;

impl Press {
    fn new() -> Self {
        Self { sheets: Vec::new(), y: f64::INFINITY, colors: Colors::of(&Look::default()) }
    }

    fn ground() -> Ink {
        Ink::same(Color::rgb(0xff_ff_ff))
    }

    fn ink(&self, tone: Tone) -> Ink {
        skin::letters(tone, Self::ground(), None, &self.colors)
    }

    fn items(&self, block: &Block) -> Vec<Item> {
        Pen { colors: &self.colors, ground: Self::ground(), font: None }.block(block, 0.0, 0.0)
    }

    fn begin_sheet(&mut self) -> &mut Sheet {
        self.sheets.push(Sheet { is_numbered: true, ..Sheet::default() });
        self.y = MARGIN;
        self.sheets.last_mut().expect("a sheet was begun")
    }

    fn is_fresh(&self) -> bool {
        self.y <= MARGIN
    }

    fn put(&mut self, items: Vec<Item>, at: Point, scale: f64) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.laid.push(Laid { items, at, scale });
        }
    }

    fn title(&mut self, paper: &Paper) {
        self.begin_sheet().is_numbered = false;
        let mut text = format!("# {}\n\n", escape(&paper.title));
        for line in &paper.subtitle {
            text.push_str(line);
            text.push_str("\n\n");
        }
        let block = markdown::block(&text, TEXT * 1.4, Some(COLUMN));
        let items = self.items(&block);
        self.put(items, Point::new(MARGIN, SHEET.h * 0.32), 1.0);
        self.y = f64::INFINITY;
    }

    fn chapter(&mut self, chapter: &Chapter) -> Start {
        let room = BOTTOM - self.y;
        if chapter.depth == 0 || room < TEXT * 12.0 {
            self.begin_sheet();
        } else if !self.is_fresh() {
            self.y += TEXT * 2.2;
        }
        let start = Start { sheet: self.sheets.len() - 1, y: self.y };
        for part in &chapter.parts {
            match part {
                Part::Markdown(text) => self.text(text),
                Part::Picture(scene) => self.picture(scene),
            }
        }
        start
    }

    /// Text, cut where pages end.
    fn text(&mut self, text: &str) {
        let block = markdown::block(text, TEXT, Some(COLUMN));
        if block.is_empty() {
            return;
        }
        let mut from = 0.0;
        while from < block.size.h {
            let mut room = BOTTOM - self.y;
            if room < TEXT * 3.0 {
                self.begin_sheet();
                room = BOTTOM - self.y;
            }
            let to = cut(&block, from, from + room);
            // A heading that would end the page begins the next one.
            if to <= from {
                if self.is_fresh() {
                    break;
                }
                self.begin_sheet();
                continue;
            }
            let items = self.items(&slice(&block, from, to));
            self.put(items, Point::new(MARGIN, self.y), 1.0);
            self.y += to - from;
            from = to;
        }
        self.y += TEXT * 0.8;
    }

    fn picture(&mut self, scene: &Scene) {
        let size = Size::new(scene.bounds.w.max(1.0), scene.bounds.h.max(1.0));
        let height = BOTTOM - MARGIN;
        let upright = (COLUMN / size.w).min(height / size.h);
        let wide = ((SHEET.h - 2.0 * MARGIN) / size.w).min((SHEET.w - 2.0 * MARGIN - FOOT) / size.h);
        if upright < SCALE_MIN && wide > upright {
            return self.wide_picture(scene, size, wide.min(1.0));
        }
        let scale = upright.min(SCALE_MAX);
        if self.y + size.h * scale > BOTTOM {
            self.begin_sheet();
        }
        let at = Point::new(
            MARGIN + (COLUMN - size.w * scale) / 2.0 - scene.bounds.x * scale,
            self.y - scene.bounds.y * scale,
        );
        self.put(scene.items.clone(), at, scale);
        self.y += size.h * scale + TEXT * 1.2;
    }

    /// A picture on a page of its own that lies on its side; the text goes on behind it.
    fn wide_picture(&mut self, scene: &Scene, size: Size, scale: f64) {
        self.begin_sheet().is_wide = true;
        let at = Point::new(
            (SHEET.h - size.w * scale) / 2.0 - scene.bounds.x * scale,
            MARGIN + (SHEET.w - 2.0 * MARGIN - FOOT - size.h * scale) / 2.0 - scene.bounds.y * scale,
        );
        self.put(scene.items.clone(), at, scale);
        self.y = f64::INFINITY;
    }

    /// The sheets of the table of contents; they go before the chapters, whose numbers they shift.
    fn contents(&self, paper: &Paper, starts: &[Start]) -> Vec<Sheet> {
        const LEADING: f64 = TEXT * 1.75;
        let per_sheet = (((BOTTOM - MARGIN) / LEADING) as usize - 3).max(1);
        let entries: Vec<(&Chapter, &Start)> =
            paper.chapters.iter().zip(starts).filter(|(chapter, _)| chapter.depth <= DEPTH_MAX).collect();
        let count = entries.len().div_ceil(per_sheet);
        let mut sheets = Vec::new();
        for (at, share) in entries.chunks(per_sheet).enumerate() {
            let mut sheet = Sheet { is_numbered: true, ..Sheet::default() };
            let mut y = MARGIN;
            if at == 0 {
                let items = self.items(&markdown::block("## Contents", TEXT, Some(COLUMN)));
                sheet.laid.push(Laid { items, at: Point::new(MARGIN, y), scale: 1.0 });
            }
            y += TEXT * 3.5;
            for (chapter, start) in share {
                let lines = self.entry(chapter, start.sheet + count + 1);
                sheet.laid.push(Laid { items: vec![Item::Text(lines)], at: Point::new(MARGIN, y), scale: 1.0 });
                y += LEADING;
            }
            sheets.push(sheet);
        }
        sheets
    }

    /// A line of the table of contents: the title and, at the right edge, the page.
    fn entry(&self, chapter: &Chapter, page: usize) -> Vec<TextLine> {
        let face = if chapter.depth == 0 { Face::Bold } else { Face::Regular };
        let indent = TEXT * 1.4 * chapter.depth as f64;
        let number = self.run(&page.to_string(), Face::Regular, Tone::Muted);
        let room = COLUMN - indent - number.width - TEXT;
        let mut title = self.run(&chapter.title, face, Tone::Ink);
        let mut kept = chapter.title.clone();
        while title.width > room && kept.pop().is_some() {
            title = self.run(&format!("{}…", kept.trim_end()), face, Tone::Ink);
        }
        title.link = Some(chapter_link(&chapter.anchor));
        vec![
            TextLine { at: Point::new(indent, 0.0), anchor: Anchor::Start, runs: vec![title] },
            TextLine { at: Point::new(COLUMN, 0.0), anchor: Anchor::End, runs: vec![number] },
        ]
    }

    fn run(&self, text: &str, face: Face, tone: Tone) -> Run {
        let (width, estimated) = text.chars().fold((0.0, false), |(width, estimated), c| match face.advance(c) {
            Some(advance) => (width + advance * TEXT, estimated),
            None => (width + TEXT * 0.6, true),
        });
        Run {
            text: text.to_owned(),
            face,
            size: TEXT,
            ink: self.ink(tone),
            width,
            estimated,
            underline: false,
            strike: false,
            link: None,
        }
    }
}

/// Markdown that reads as the plain text.
fn escape(text: &str) -> String {
    let marked = |c: char| c.is_ascii_punctuation();
    text.chars().flat_map(|c| marked(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Where a line stands.
fn extent(line: &crate::text::block::Line) -> (f64, f64) {
    let size = line.fragments.iter().map(|fragment| fragment.size).fold(TEXT, f64::max);
    (line.baseline - size, line.baseline + size * 0.35)
}

/// The lowest place up to `limit` at which no line is cut and that is not right below a heading.
fn cut(block: &Block, from: f64, limit: f64) -> f64 {
    if block.size.h <= limit {
        return block.size.h;
    }
    let mut lines: Vec<(f64, f64, bool)> = block
        .lines
        .iter()
        .map(|line| {
            let (top, bottom) = extent(line);
            let heading = line.fragments.iter().all(|it| it.face.is_bold() && it.size > TEXT * 1.05);
            (top, bottom, heading && !line.fragments.is_empty())
        })
        .filter(|(top, ..)| *top >= from - 0.5)
        .collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let fits: Vec<&(f64, f64, bool)> = lines.iter().take_while(|(_, bottom, _)| *bottom <= limit).collect();
    let kept = fits.iter().rposition(|(_, _, is_heading)| !is_heading);
    match (kept, lines.first()) {
        (Some(kept), _) => {
            // Lines beside each other, as in a table, stay together.
            let next = lines.get(kept + 1).map_or(limit, |(top, ..)| *top);
            let bottom = fits[kept].1;
            let straddling = lines.iter().filter(|(top, end, _)| *top < bottom && *end > limit);
            let top = straddling.map(|(top, ..)| *top).fold(f64::INFINITY, f64::min);
            if top.is_finite() { top } else { bottom.max((bottom + next) / 2.0).min(limit) }
        }
        // Nothing but headings fits: they go to the next page.
        (None, Some((top, ..))) if !fits.is_empty() => from.min(*top),
        (None, Some((_, bottom, _))) if *bottom > limit => from,
        _ => limit,
    }
}

/// The part of a block between two heights.
fn slice(block: &Block, from: f64, to: f64) -> Block {
    let lines = block.lines.iter().filter(|line| {
        let (top, bottom) = extent(line);
        let middle = f64::midpoint(top, bottom);
        (from..to).contains(&middle)
    });
    let lines = lines.cloned().map(|mut line| {
        line.baseline -= from;
        line
    });
    let marks = block.marks.iter().filter_map(|mark| {
        let (top, bottom) = (mark.rect.y.max(from), mark.rect.bottom().min(to));
        let mut mark = *mark;
        mark.rect = Rect::new(mark.rect.x, top - from, mark.rect.w, bottom - top);
        (bottom > top).then_some(mark)
    });
    Block { size: Size::new(block.size.w, to - from), lines: lines.collect(), marks: marks.collect() }
}

fn write(paper: &Paper, press: &Press, starts: &[Start]) -> Result<Vec<u8>, Error> {
    let mut document = Document::new_with(SerializeSettings { compress_content_streams: true, ..Default::default() });
    let about = paper.subtitle.first().cloned().unwrap_or_default();
    document.set_metadata(Metadata::new().title(paper.title.clone()).description(about).creator("loko".to_owned()));
    let anchors: BTreeMap<&str, XyzDestination> = paper
        .chapters
        .iter()
        .zip(starts)
        .map(|(chapter, start)| (chapter.anchor.as_str(), destination(*start)))
        .collect();
    let mut fonts = Fonts::default();
    for (number, sheet) in press.sheets.iter().enumerate() {
        page(&mut document, press, sheet, number + 1, &anchors, &mut fonts)?;
    }
    document.set_outline(outline(paper, starts));
    document.finish().map_err(|error| Error::new(format!("the document cannot be written as PDF: {error:?}")))
}

fn destination(start: Start) -> XyzDestination {
    let above = (start.y - TEXT).max(0.0) as f32 * POINT;
    XyzDestination::new(start.sheet, PdfPoint::from_xy(0.0, above))
}

fn page(
    document: &mut Document,
    press: &Press,
    sheet: &Sheet,
    number: usize,
    anchors: &BTreeMap<&str, XyzDestination>,
    fonts: &mut Fonts,
) -> Result<(), Error> {
    let size = sheet.size();
    let settings = PageSettings::from_wh(size.w as f32 * POINT, size.h as f32 * POINT)
        .ok_or_else(|| Error::new("a page of A4 cannot be made".to_owned()))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let mut links: Vec<(Rect, String)> = Vec::new();
    for laid in &sheet.laid {
        let scale = laid.scale as f32 * POINT;
        let to_page = Transform::from_row(scale, 0.0, 0.0, scale, laid.at.x as f32 * POINT, laid.at.y as f32 * POINT);
        surface.push_transform(&to_page);
        let mut found = Vec::new();
        let mut painter = Painter { surface: &mut surface, fonts, links: &mut found };
        laid.items.iter().for_each(|item| painter.item(item));
        surface.pop();
        let on_sheet = |rect: Rect| {
            let s = laid.scale;
            Rect::new(laid.at.x + rect.x * s, laid.at.y + rect.y * s, rect.w * s, rect.h * s)
        };
        links.extend(found.into_iter().map(|(rect, link)| (on_sheet(rect), link)));
    }
    if sheet.is_numbered {
        let foot = TextLine {
            at: Point::new(size.w - MARGIN, size.h - MARGIN + FOOT / 2.0 - TEXT),
            anchor: Anchor::End,
            runs: vec![press.run(&number.to_string(), Face::Regular, Tone::Muted)],
        };
        surface.push_transform(&Transform::from_scale(POINT, POINT));
        Painter { surface: &mut surface, fonts, links: &mut links }.item(&Item::Text(vec![foot]));
        surface.pop();
    }
    surface.finish();
    for (rect, link) in links {
        let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(|value| value as f32 * POINT);
        let target = match link.strip_prefix(CHAPTER) {
            Some(anchor) => anchors.get(anchor).map(|place| Target::Destination(Destination::Xyz(place.clone()))),
            None => Some(Target::Action(Action::Link(LinkAction::new(link.clone())))),
        };
        if let (Some(area), Some(target)) = (PdfRect::from_xywh(x, y, w, h), target) {
            page.add_annotation(Annotation::new_link(LinkAnnotation::new(area, target), Some(link)));
        }
    }
    page.finish();
    Ok(())
}

/// Bookmarks, nested as the chapters are.
fn outline(paper: &Paper, starts: &[Start]) -> Outline {
    let mut open: Vec<(usize, OutlineNode)> = Vec::new();
    let mut outline = Outline::new();
    let mut close = |open: &mut Vec<(usize, OutlineNode)>, depth: usize| {
        while open.last().is_some_and(|(inner, _)| *inner >= depth) {
            let Some((_, node)) = open.pop() else { break };
            match open.last_mut() {
                Some((_, around)) => around.push_child(node),
                None => outline.push_child(node),
            }
        }
    };
    for (chapter, start) in paper.chapters.iter().zip(starts).filter(|(chapter, _)| chapter.depth <= DEPTH_MAX) {
        close(&mut open, chapter.depth);
        open.push((chapter.depth, OutlineNode::new(chapter.title.clone(), destination(*start))));
    }
    close(&mut open, 0);
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(lines: usize) -> Block {
        let text: Vec<String> = (0..lines).map(|at| format!("Line {at}.\n\n")).collect();
        markdown::block(&text.concat(), TEXT, Some(COLUMN))
    }

    #[test]
    fn no_line_is_lost_or_told_twice_where_pages_end() {
        let whole = block(200);
        let mut from = 0.0;
        let mut told = Vec::new();
        while from < whole.size.h {
            let to = cut(&whole, from, from + 300.0);
            assert!(to > from && to <= from + 300.0 + 1e-9 || to == whole.size.h, "{from} {to}");
            let part = slice(&whole, from, to);
            told.extend(part.lines.iter().map(|line| line.fragments[0].text.clone()));
            assert!(part.lines.iter().all(|line| line.baseline > 0.0 && line.baseline < part.size.h));
            from = to;
        }
        let all: Vec<String> = whole.lines.iter().map(|line| line.fragments[0].text.clone()).collect();
        assert_eq!(told, all);
    }

    #[test]
    fn a_heading_does_not_end_a_page() {
        let text = format!("{}\n\n## Heading\n\nText.\n", "Word. ".repeat(400));
        let whole = markdown::block(&text, TEXT, Some(COLUMN));
        let heading = whole.lines.iter().find(|line| line.fragments[0].text.starts_with("Heading")).unwrap();
        let (top, bottom) = extent(heading);
        assert!(cut(&whole, 0.0, bottom + 2.0) <= top + 1e-9);
    }

    #[test]
    fn a_document_has_pages_bookmarks_and_links() {
        let long = "A paragraph that says something.\n\n".repeat(120);
        let chapter = |title: &str, depth: usize| Chapter {
            title: title.to_owned(),
            depth,
            anchor: title.to_lowercase(),
            parts: vec![Part::Markdown(format!("# {title}\n\nSee [the other](chapter:two).\n\n{long}"))],
        };
        let wanted = Paper {
            title: "Shop *and* more".to_owned(),
            subtitle: vec!["What it is".to_owned()],
            chapters: vec![chapter("One", 0), chapter("Inner", 1), chapter("Two", 0)],
        };
        let bytes = paper(&wanted).unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
        assert_eq!(bytes, paper(&wanted).unwrap(), "the same input gives the same bytes");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/Outlines") && text.contains("/Annot"));
    }
}
