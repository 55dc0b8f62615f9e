//! Documents for paper: chapters of Markdown and pictures, broken into A4 pages, with a table of contents, bookmarks,
//! links between chapters and page numbers.
//!
//! Text is laid out piece by piece and cut between lines, so that no line stands alone at the end or the beginning of a
//! page. A heading stays with what it is the heading of. Tables are cut between rows and begin each page with their head.
//!
//! A picture keeps its proportions. It is made as wide as the column, and a little smaller where that saves a page; one that
//! has no room yet goes to the top of the next page while the text goes on, and one that would be too small to read gets a
//! page of its own, on its side when it is wide, and as large as A2 when it could not be read on A4. Pictures come before the
//! next chapter begins.
//!
//! What is set says what it is, for those who hear the document: headings with their levels, pictures with what they show,
//! titles of pictures, entries of the table of contents, links, and text. Rows of tables are texts, and numbers of pages are
//! left out.

use crate::compose::words::Pen;
use crate::font::{Face, Stretch, stretches};
use crate::foreign::{Foreign, missing_in};
use crate::look::{Colors, Look};
use crate::pdf::{CHAPTER, Fonts, POINT, Painter};
use crate::png::Error;
use crate::scene::{Anchor, Ink, Item, Run, Scene, TextLine};
use crate::text::markdown::{self, PICTURE, Piece, PieceKind, Row};
use crate::text::{Block, Tone};
use crate::{Color, skin};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::destination::{Destination, XyzDestination};
use krilla::geom::{Point as PdfPoint, Rect as PdfRect, Transform};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, Tag, TagGroup, TagKind, TagTree};
use krilla::{Document, SerializeSettings};
use loko_diagram::{Point, Rect, Size};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

/// A4 upright, in pixels of 1/96 inch.
const SHEET: Size = Size { w: 793.7, h: 1122.5 };
const MARGIN: f64 = 76.0;
/// Room below the text for the page number.
const FOOT: f64 = 34.0;
const TEXT: f64 = 13.5;
/// A picture that would have to be made smaller than this gets a page of its own.
const SCALE_MIN: f64 = 0.55;
/// The same for a picture that is much wider than high, which would leave such a page empty.
const STRIP_SCALE_MIN: f64 = 0.42;
/// How much wider than high that is.
const STRIP: f64 = 4.0;
/// A picture that would have to be made smaller than this on a page of its own gets a larger page, if there is one.
const OWN_SCALE_MIN: f64 = 0.4;
/// How much longer the sides of such pages are than those of A4: A4, A3, A2.
const ENLARGEMENTS: [f64; 3] = [1.0, std::f64::consts::SQRT_2, 2.0];
/// Pictures are not blown up beyond this.
const SCALE_MAX: f64 = 0.85;
/// A picture is made that much smaller at most when it has room then.
const SHRINK_MIN: f64 = 0.68;
/// The room above a picture.
const PLATE_GAP: f64 = TEXT * 0.9;
/// What stands below a picture is set that much smaller than text.
const CAPTION: f64 = 0.88;
/// A chapter begins on a new page when less than this is left.
const CHAPTER_ROOM: f64 = TEXT * 18.0;
/// A table up to this height is not cut.
const WHOLE_TABLE: f64 = TEXT * 14.0;
/// Lines of a paragraph that stay together at the end and at the beginning of a page.
const LINES_MIN: usize = 2;
/// The lowest level of a heading that readers know.
const LEVEL_MAX: usize = 6;
/// How deep bookmarks and the table of contents go.
const DEPTH_MAX: usize = 8;

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// The language that it is in, as `en` or `de-AT`; empty if nobody says.
    pub language: String,
    /// What stands below the title: a description, a version.
    pub subtitle: Vec<String>,
    /// The heading of the table of contents.
    pub contents: String,
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
    /// Its text as Markdown; links that [`chapter_link`] made lead to chapters, `<a id="…">` are places in them, images whose
    /// address [`Chapter::show`] gave are pictures.
    pub text: String,
    /// The pictures that its text shows; the title of each stands below it.
    pub pictures: Vec<Scene>,
}

impl Chapter {
    /// Takes a picture in; the address by which an image in the text shows it.
    pub fn show(&mut self, picture: Scene) -> String {
        self.pictures.push(picture);
        format!("{PICTURE}{}", self.pictures.len() - 1)
    }
}

/// A link to a chapter, or to a place in it (`chapter#place`), for use in Markdown.
pub fn chapter_link(anchor: &str) -> String {
    format!("{CHAPTER}{anchor}")
}

/// A finished document.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// The file.
    pub bytes: Vec<u8>,
    /// The letters that no font has: boxes stand for them.
    pub missing: BTreeSet<char>,
}

/// Writes a document as PDF. For letters that the fonts of this crate lack, `fonts` is asked once for font files that have
/// them; it is not asked when there are none.
///
/// # Errors
///
/// If the file cannot be made.
pub fn paper(paper: &Paper, fonts: &dyn Fn(&BTreeSet<char>) -> Vec<Vec<u8>>) -> Result<Printed, Error> {
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
    for start in starts.iter_mut().chain(press.places.values_mut()) {
        start.sheet += count;
    }
    let items = || press.sheets.iter().flat_map(|sheet| &sheet.laid).flat_map(|laid| &laid.items);
    let mut missing = missing_in(items(), &[]);
    let files = if missing.is_empty() { Vec::new() } else { fonts(&missing) };
    if !files.is_empty() {
        missing = missing_in(items(), &files);
    }
    let bytes = write(paper, &press, &starts, Foreign::new(&files)?)?;
    Ok(Printed { bytes, missing })
}

/// A thing on a sheet, with the place of its origin and its scale.
struct Laid {
    items: Vec<Item>,
    at: Point,
    scale: f64,
    role: Role,
}

/// What a thing is to those who hear the document.
enum Role {
    /// A heading of a level, from 1.
    Heading(u16),
    Text,
    /// A picture, with what it shows.
    Figure(String),
    /// The title of the picture before it.
    Caption,
    /// A line of the table of contents.
    Entry,
}

/// One page.
#[derive(Default)]
struct Sheet {
    /// Its size, where that is not A4 upright.
    own_size: Option<Size>,
    laid: Vec<Laid>,
    /// Whether it has a page number.
    is_numbered: bool,
}

impl Sheet {
    fn size(&self) -> Size {
        self.own_size.unwrap_or(SHEET)
    }
}

/// Where a chapter begins.
#[derive(Clone, Copy)]
struct Start {
    sheet: usize,
    y: f64,
}

/// A picture with its title, ready to be put somewhere.
struct Plate<'a> {
    scene: &'a Scene,
    caption: Block,
    size: Size,
    /// The scale that it has best, and the page of its own that it needs for that.
    scale: f64,
    own_page: Option<Size>,
}

impl Plate<'_> {
    fn height(&self, scale: f64) -> f64 {
        self.size.h * scale + self.below()
    }

    /// Room for the title.
    fn below(&self) -> f64 {
        if self.caption.is_empty() { 0.0 } else { self.caption.size.h + TEXT * 0.7 }
    }

    /// The scale at which it fits into a room, if it can be read then.
    fn fits(&self, room: f64) -> Option<f64> {
        let scale = self.scale.min((room - self.below()) / self.size.h);
        (scale >= self.scale * SHRINK_MIN && scale >= SCALE_MIN.min(self.scale)).then_some(scale)
    }
}

/// A part of a chapter on its way to the sheets.
enum Matter<'a> {
    Piece(Piece),
    Plate(Plate<'a>),
}

/// Fills sheets from top to bottom.
struct Press<'a> {
    sheets: Vec<Sheet>,
    /// How far the last sheet is filled.
    y: f64,
    colors: Colors,
    /// Pictures that go to the next page.
    waiting: Vec<Plate<'a>>,
    /// The chapter that is being set, and the places that links name.
    chapter: String,
    depth: usize,
    places: BTreeMap<String, Start>,
}

const COLUMN: f64 = SHEET.w - 2.0 * MARGIN;
const BOTTOM: f64 = SHEET.h - MARGIN - FOOT;

impl<'a> Press<'a> {
    fn new() -> Self {
        Self {
            sheets: Vec::new(),
            y: f64::INFINITY,
            colors: Colors::of(&Look::default()),
            waiting: Vec::new(),
            chapter: String::new(),
            depth: 0,
            places: BTreeMap::new(),
        }
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

    /// Goes on to the next page, which begins with the pictures that wait for it.
    fn turn(&mut self) {
        self.place_own_pages();
        self.begin_sheet();
        self.place_waiting();
    }

    /// Puts all pictures that wait, before something else begins.
    fn settle(&mut self) {
        for plate in std::mem::take(&mut self.waiting) {
            match plate.own_page {
                Some(page) => self.alone(&plate, page),
                None => self.waiting_plate(&plate),
            }
        }
    }

    fn place_own_pages(&mut self) {
        for plate in std::mem::take(&mut self.waiting) {
            match plate.own_page {
                Some(page) => self.alone(&plate, page),
                None => self.waiting.push(plate),
            }
        }
    }

    fn place_waiting(&mut self) {
        for plate in std::mem::take(&mut self.waiting) {
            self.waiting_plate(&plate);
        }
    }

    fn waiting_plate(&mut self, plate: &Plate<'_>) {
        let scale = plate.fits(self.room()).unwrap_or_else(|| {
            self.begin_sheet();
            plate.scale
        });
        self.upright(plate, scale);
    }

    fn is_fresh(&self) -> bool {
        self.y <= MARGIN
    }

    /// How much of the page is left; nothing before the first.
    fn room(&self) -> f64 {
        BOTTOM - self.y
    }

    fn put(&mut self, items: Vec<Item>, at: Point, scale: f64, role: Role) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.laid.push(Laid { items, at, scale, role });
        }
    }

    /// Puts a block that fits below what is there.
    fn set(&mut self, block: &Block, role: Role) {
        let items = self.items(block);
        self.put(items, Point::new(MARGIN, self.y), 1.0, role);
        self.y += block.size.h;
    }

    fn remember(&mut self, anchors: &[String]) {
        let start = Start { sheet: self.sheets.len().saturating_sub(1), y: self.y };
        for anchor in anchors {
            self.places.entry(format!("{}#{anchor}", self.chapter)).or_insert(start);
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
        self.put(items, Point::new(MARGIN, SHEET.h * 0.32), 1.0, Role::Text);
        self.y = f64::INFINITY;
    }

    fn chapter(&mut self, chapter: &'a Chapter) -> Start {
        let matter = |piece: Piece| match piece.kind {
            PieceKind::Picture(number) => chapter.pictures.get(number).map(plate).map(Matter::Plate),
            _ => Some(Matter::Piece(piece)),
        };
        let items: Vec<Matter<'a>> =
            markdown::pieces(&chapter.text, TEXT, COLUMN).into_iter().filter_map(matter).collect();
        if chapter.depth == 0 || self.room() < needed(&items).max(CHAPTER_ROOM) {
            self.begin_sheet();
        } else if !self.is_fresh() {
            self.y += TEXT * 2.2;
        }
        let start = Start { sheet: self.sheets.len() - 1, y: self.y };
        self.chapter.clone_from(&chapter.anchor);
        self.depth = chapter.depth;
        let mut rest = items.into_iter();
        while let Some(item) = rest.next() {
            match item {
                Matter::Plate(plate) => self.plate(plate),
                Matter::Piece(piece) => self.piece(piece, needed(rest.as_slice())),
            }
        }
        self.settle();
        start
    }

    /// Text; a heading wants room for what it is the heading of as well.
    fn piece(&mut self, piece: Piece, next: f64) {
        if !self.is_fresh() {
            self.y += piece.gap;
        }
        match piece.kind {
            PieceKind::Heading(block, level) => {
                self.make_room(block.size.h + next);
                self.remember(&piece.anchors);
                let level = self.depth.saturating_add(usize::from(level)).min(LEVEL_MAX);
                self.set(&block, Role::Heading(level as u16));
            }
            PieceKind::Table { head, rows } => self.table(head.as_ref(), &rows),
            PieceKind::Picture(_) => {}
            PieceKind::Text(block) => {
                self.make_room(first_lines(&block));
                self.remember(&piece.anchors);
                self.text(&block);
            }
        }
    }

    /// Turns pages until there is so much room, or all that a page has.
    fn make_room(&mut self, height: f64) {
        while self.room() < height && !self.is_fresh() {
            self.turn();
        }
    }

    /// Text, cut where pages end.
    fn text(&mut self, block: &Block) {
        let mut from = 0.0;
        while from < block.size.h {
            let to = cut(block, from, from + self.room());
            if to <= from && !self.is_fresh() {
                self.turn();
                continue;
            }
            // What is higher than a page is cut wherever the page ends.
            let to = if to <= from { from + self.room() } else { to };
            self.set(&slice(block, from, to), Role::Text);
            from = to;
            if from < block.size.h {
                self.turn();
            }
        }
    }

    /// Rows, those of each page below the head; the last one does not stand alone.
    fn table(&mut self, head: Option<&Block>, rows: &[Row]) {
        let head_height = head.map_or(0.0, |head| head.size.h);
        self.make_room(head_height + first_rows(rows));
        if let Some(head) = head {
            self.set(head, Role::Text);
        }
        for (at, row) in rows.iter().enumerate() {
            let is_last_but_one = at + 2 == rows.len() && at > 0;
            let with = if is_last_but_one { rows[at + 1].block.size.h } else { 0.0 };
            let height = row.block.size.h;
            let is_whole = height + head_height <= BOTTOM - MARGIN;
            let needs = if height + with + head_height <= BOTTOM - MARGIN { height + with } else { height };
            if at > 0 && is_whole && self.room() < needs {
                self.turn();
                self.make_room(head_height + height);
                if let Some(head) = head {
                    self.set(head, Role::Text);
                }
            }
            self.remember(&row.anchors);
            self.text(&row.block);
        }
    }

    fn plate(&mut self, plate: Plate<'a>) {
        let gap = if self.is_fresh() { 0.0 } else { PLATE_GAP };
        // Pictures keep their order; one without a title belongs to the words around it.
        let may_stand = plate.own_page.is_none() && (self.waiting.is_empty() || plate.caption.is_empty());
        match plate.fits(self.room() - gap).filter(|_| may_stand) {
            Some(scale) => {
                self.y += gap;
                self.upright(&plate, scale);
            }
            None => self.waiting.push(plate),
        }
    }

    fn upright(&mut self, plate: &Plate<'_>, scale: f64) {
        let Plate { scene, size, caption, .. } = plate;
        let left = MARGIN + (COLUMN - size.w * scale) / 2.0;
        let at = Point::new(left - scene.bounds.x * scale, self.y - scene.bounds.y * scale);
        self.put(scene.items.clone(), at, scale, figure(scene));
        if !caption.is_empty() {
            let at = Point::new(MARGIN + (COLUMN - caption.size.w) / 2.0, self.y + size.h * scale + TEXT * 0.5);
            self.put(self.items(caption), at, 1.0, Role::Caption);
        }
        self.y += plate.height(scale) + TEXT * 0.8;
    }

    /// A picture on a page of its own; the text goes on behind it.
    fn alone(&mut self, plate: &Plate<'_>, page: Size) {
        let Plate { scene, size, caption, scale, .. } = plate;
        self.begin_sheet().own_size = Some(page);
        let height = plate.height(*scale);
        let top = MARGIN + (page.h - 2.0 * MARGIN - FOOT - height).max(0.0) / 2.0;
        let at = Point::new((page.w - size.w * scale) / 2.0 - scene.bounds.x * scale, top - scene.bounds.y * scale);
        self.put(scene.items.clone(), at, *scale, figure(scene));
        if !caption.is_empty() {
            let at = Point::new((page.w - caption.size.w) / 2.0, top + size.h * scale + TEXT * 0.5);
            self.put(self.items(caption), at, 1.0, Role::Caption);
        }
        self.y = f64::INFINITY;
    }

    /// The sheets of the table of contents; they go before the chapters, whose numbers they shift.
    fn contents(&self, paper: &Paper, starts: &[Start]) -> Vec<Sheet> {
        const LEADING: f64 = TEXT * 1.5;
        const HEADING: f64 = TEXT * 3.5;
        let per_sheet = (((BOTTOM - MARGIN - HEADING) / LEADING) as usize).max(1);
        let entries: Vec<(&Chapter, &Start)> =
            paper.chapters.iter().zip(starts).filter(|(chapter, _)| chapter.depth <= DEPTH_MAX).collect();
        let count = entries.len().div_ceil(per_sheet);
        let mut sheets = Vec::new();
        for (at, share) in entries.chunks(per_sheet).enumerate() {
            let mut sheet = Sheet { is_numbered: true, ..Sheet::default() };
            let mut y = MARGIN;
            if at == 0 {
                let heading = format!("## {}", escape(&paper.contents));
                let items = self.items(&markdown::block(&heading, TEXT, Some(COLUMN)));
                sheet.laid.push(Laid { items, at: Point::new(MARGIN, y), scale: 1.0, role: Role::Heading(1) });
            }
            y += HEADING;
            for (chapter, start) in share {
                let lines = self.entry(chapter, start.sheet + count + 1);
                let (items, at) = (vec![Item::Text(lines)], Point::new(MARGIN, y));
                sheet.laid.push(Laid { items, at, scale: 1.0, role: Role::Entry });
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
        let number = self.line(COLUMN, Anchor::End, &page.to_string(), Face::Regular, Tone::Muted);
        let room = COLUMN - indent - number.width() - TEXT;
        let title_of = |text: &str| self.line(indent, Anchor::Start, text, face, Tone::Ink);
        let mut title = title_of(&chapter.title);
        let mut kept = chapter.title.clone();
        while title.width() > room && kept.pop().is_some() {
            title = title_of(&format!("{}…", kept.trim_end()));
        }
        for run in &mut title.runs {
            run.link = Some(chapter_link(&chapter.anchor));
        }
        vec![title, number]
    }

    /// A line that stands alone.
    fn line(&self, x: f64, anchor: Anchor, text: &str, face: Face, tone: Tone) -> TextLine {
        let ink = self.ink(tone);
        let run = |stretch: Stretch| Run {
            text: stretch.text,
            face: stretch.face,
            size: TEXT,
            ink,
            width: stretch.width * TEXT,
            estimated: stretch.estimated,
            underline: false,
            strike: false,
            link: None,
        };
        TextLine { at: Point::new(x, 0.0), anchor, runs: stretches(text, face).into_iter().map(run).collect() }
    }
}

/// A picture, with what it shows.
fn figure(scene: &Scene) -> Role {
    let told = [scene.title.as_str(), scene.description.as_str()];
    let told: Vec<&str> = told.into_iter().filter(|text| !text.is_empty()).collect();
    Role::Figure(told.join(". "))
}

/// Markdown that reads as the plain text.
fn escape(text: &str) -> String {
    let marked = |c: char| c.is_ascii_punctuation();
    text.chars().flat_map(|c| marked(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Makes a picture ready: how large it would best be, and how it lies.
fn plate(scene: &Scene) -> Plate<'_> {
    let size = Size::new(scene.bounds.w.max(1.0), scene.bounds.h.max(1.0));
    let caption = markdown::block(&escape(&scene.title), TEXT * CAPTION, Some(COLUMN));
    let plate = Plate { scene, caption, size, scale: 1.0, own_page: None };
    let below = plate.below();
    let upright = (COLUMN / size.w).min((BOTTOM - MARGIN - below) / size.h);
    let scale_on =
        |page: Size| ((page.w - 2.0 * MARGIN) / size.w).min((page.h - 2.0 * MARGIN - FOOT - below) / size.h).min(1.0);
    let least = if size.w > size.h * STRIP { STRIP_SCALE_MIN } else { SCALE_MIN };
    let lies = Size::new(SHEET.h, SHEET.w);
    let is_better_lying = scale_on(lies) > upright;
    if upright >= least || (upright >= OWN_SCALE_MIN && !is_better_lying) {
        return Plate { scale: upright.min(SCALE_MAX), ..plate };
    }
    let page = if is_better_lying { lies } else { SHEET };
    let pages = ENLARGEMENTS.map(|by| Size::new(page.w * by, page.h * by));
    let page = pages.into_iter().find(|page| scale_on(*page) >= OWN_SCALE_MIN).unwrap_or(pages[pages.len() - 1]);
    Plate { scale: scale_on(page), own_page: Some(page), ..plate }
}

/// The room that must be there for what comes next to begin.
fn needed(items: &[Matter<'_>]) -> f64 {
    let Some(first) = items.first() else { return 0.0 };
    match first {
        // It may wait for another page, but not right below a heading that has no words either.
        Matter::Plate(plate) if plate.own_page.is_some() => needed(&items[1..]),
        Matter::Plate(plate) => PLATE_GAP + plate.height((plate.scale * SHRINK_MIN).max(SCALE_MIN.min(plate.scale))),
        Matter::Piece(piece) => {
            piece.gap
                + match &piece.kind {
                    PieceKind::Heading(block, _) => block.size.h + needed(&items[1..]),
                    PieceKind::Table { head, rows } => head.as_ref().map_or(0.0, |head| head.size.h) + first_rows(rows),
                    PieceKind::Text(block) => first_lines(block),
                    PieceKind::Picture(_) => 0.0,
                }
        }
    }
}

/// The height of the rows that a table begins with at least: a short one stays together.
fn first_rows(rows: &[Row]) -> f64 {
    let whole: f64 = rows.iter().map(|row| row.block.size.h).sum();
    let first: f64 = rows.iter().take(LINES_MIN).map(|row| row.block.size.h).sum();
    if whole <= WHOLE_TABLE { whole } else { first.min((BOTTOM - MARGIN) / 2.0) }
}

/// The height of the lines that a text begins with at least.
fn first_lines(block: &Block) -> f64 {
    let lines = spans(block);
    if lines.len() < 2 * LINES_MIN { block.size.h.min((BOTTOM - MARGIN) / 2.0) } else { lines[LINES_MIN - 1].1 }
}

/// Where a line stands.
fn extent(line: &crate::text::block::Line) -> (f64, f64) {
    let size = line.fragments.iter().map(|fragment| fragment.size).fold(TEXT, f64::max);
    (line.baseline - size, line.baseline + size * 0.35)
}

/// Where lines stand, those beside each other as one.
fn spans(block: &Block) -> Vec<(f64, f64)> {
    let mut lines: Vec<(f64, f64)> = block.lines.iter().map(extent).collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for (top, bottom) in lines {
        match spans.last_mut() {
            Some(last) if f64::midpoint(top, bottom) < last.1 => last.1 = last.1.max(bottom),
            _ => spans.push((top, bottom)),
        }
    }
    spans
}

/// The lowest place up to `limit` between two lines, some of them before and after it; `from` if there is none.
fn cut(block: &Block, from: f64, limit: f64) -> f64 {
    if block.size.h <= limit {
        return block.size.h;
    }
    let lines: Vec<(f64, f64)> =
        spans(block).into_iter().filter(|(top, bottom)| f64::midpoint(*top, *bottom) >= from).collect();
    let fit = lines.iter().take_while(|(_, bottom)| *bottom <= limit).count();
    // The rest of a text is at least so many lines; what is too short for that goes to the next page as a whole.
    let kept = fit.min(lines.len().saturating_sub(LINES_MIN));
    let kept = if kept < LINES_MIN { 0 } else { kept };
    match (kept, lines.get(kept)) {
        (0, _) => from,
        (_, Some(next)) => f64::midpoint(lines[kept - 1].1, next.0).clamp(lines[kept - 1].1.min(next.0), limit),
        (_, None) => limit,
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

fn write(paper: &Paper, press: &Press<'_>, starts: &[Start], foreign: Foreign<'_>) -> Result<Vec<u8>, Error> {
    let mut document = Document::new_with(SerializeSettings { compress_content_streams: true, ..Default::default() });
    let about = paper.subtitle.first().cloned().unwrap_or_default();
    let metadata = Metadata::new().title(paper.title.clone()).description(about).creator("loko".to_owned());
    let is_told = !paper.language.is_empty();
    document.set_metadata(if is_told { metadata.language(paper.language.clone()) } else { metadata });
    let chapters = paper.chapters.iter().zip(starts).map(|(chapter, start)| (chapter.anchor.as_str(), start));
    let places = press.places.iter().map(|(name, start)| (name.as_str(), start));
    let anchors: BTreeMap<&str, XyzDestination> =
        chapters.chain(places).map(|(name, start)| (name, destination(*start))).collect();
    let mut fonts = Fonts::new(foreign);
    let mut told: Vec<TagGroup> = Vec::new();
    for (number, sheet) in press.sheets.iter().enumerate() {
        let nodes = page(&mut document, press, sheet, number + 1, &anchors, &mut fonts)?;
        for (laid, nodes) in sheet.laid.iter().zip(nodes) {
            tell(&mut told, &laid.role, nodes);
        }
    }
    let told: Vec<Node> = told.into_iter().map(Node::Group).collect();
    document.set_tag_tree(TagTree::from(told));
    document.set_outline(outline(paper, starts));
    document.finish().map_err(|error| Error::new(format!("the document cannot be written as PDF: {error:?}")))
}

fn destination(start: Start) -> XyzDestination {
    let above = (start.y - TEXT).max(0.0) as f32 * POINT;
    XyzDestination::new(start.sheet, PdfPoint::from_xy(0.0, above))
}

/// Says what something is, behind all that was said before.
fn tell(told: &mut Vec<TagGroup>, role: &Role, nodes: Vec<Node>) {
    let tag: TagKind = match role {
        Role::Heading(level) => Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), None).into(),
        Role::Text => Tag::P.into(),
        Role::Figure(shown) => Tag::Figure(Some(shown.clone())).into(),
        Role::Caption => Tag::Caption.into(),
        Role::Entry => Tag::TOCI.into(),
    };
    let group = TagGroup::with_children(tag, nodes);
    match (role, told.last_mut()) {
        (Role::Caption, Some(last)) if matches!(last.tag, TagKind::Figure(_)) => last.push(group),
        (Role::Entry, Some(last)) if matches!(last.tag, TagKind::TOC(_)) => last.push(group),
        (Role::Entry, _) => told.push(TagGroup::with_children(Tag::TOC, vec![Node::Group(group)])),
        _ => told.push(group),
    }
}

/// Writes a page; says by what each thing on it is known, and by what its links are.
fn page(
    document: &mut Document,
    press: &Press<'_>,
    sheet: &Sheet,
    number: usize,
    anchors: &BTreeMap<&str, XyzDestination>,
    fonts: &mut Fonts<'_>,
) -> Result<Vec<Vec<Node>>, Error> {
    let size = sheet.size();
    let settings = PageSettings::from_wh(size.w as f32 * POINT, size.h as f32 * POINT)
        .ok_or_else(|| Error::new("a page of A4 cannot be made".to_owned()))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let mut links: Vec<(usize, Rect, String)> = Vec::new();
    let mut nodes: Vec<Vec<Node>> = Vec::new();
    for laid in &sheet.laid {
        let content: Identifier = surface.start_tagged(ContentTag::Other);
        let scale = laid.scale as f32 * POINT;
        let to_page = Transform::from_row(scale, 0.0, 0.0, scale, laid.at.x as f32 * POINT, laid.at.y as f32 * POINT);
        surface.push_transform(&to_page);
        let mut found = Vec::new();
        let mut painter = Painter { surface: &mut surface, fonts, links: &mut found };
        laid.items.iter().for_each(|item| painter.item(item));
        surface.pop();
        surface.end_tagged();
        let on_sheet = |rect: Rect| {
            let s = laid.scale;
            Rect::new(laid.at.x + rect.x * s, laid.at.y + rect.y * s, rect.w * s, rect.h * s)
        };
        links.extend(found.into_iter().map(|(rect, link)| (nodes.len(), on_sheet(rect), link)));
        nodes.push(vec![Node::Leaf(content)]);
    }
    if sheet.is_numbered {
        let mut foot = press.line(size.w - MARGIN, Anchor::End, &number.to_string(), Face::Regular, Tone::Muted);
        foot.at.y = size.h - MARGIN + FOOT / 2.0 - TEXT;
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber)));
        surface.push_transform(&Transform::from_scale(POINT, POINT));
        Painter { surface: &mut surface, fonts, links: &mut Vec::new() }.item(&Item::Text(vec![foot]));
        surface.pop();
        surface.end_tagged();
    }
    surface.finish();
    for (of, rect, link) in links {
        let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(|value| value as f32 * POINT);
        let target = match link.strip_prefix(CHAPTER) {
            Some(anchor) => place_of(anchors, anchor).map(|place| Target::Destination(Destination::Xyz(place.clone()))),
            // A document has nothing beside it that an address without a scheme could name.
            None if !link.contains(':') => None,
            None => Some(Target::Action(Action::Link(LinkAction::new(link.clone())))),
        };
        if let (Some(area), Some(target)) = (PdfRect::from_xywh(x, y, w, h), target) {
            let there = Annotation::new_link(LinkAnnotation::new(area, target), Some(link));
            let there = Node::Leaf(page.add_tagged_annotation(there));
            nodes[of].push(Node::Group(TagGroup::with_children(Tag::Link, vec![there])));
        }
    }
    page.finish();
    Ok(nodes)
}

/// Where a link to a chapter leads: to the place in it, or else to where it begins.
fn place_of<'a>(anchors: &'a BTreeMap<&str, XyzDestination>, anchor: &str) -> Option<&'a XyzDestination> {
    let chapter = || anchors.get(anchor.split_once('#')?.0);
    anchors.get(anchor).or_else(chapter)
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

    /// A part of a chapter.
    #[derive(Clone)]
    enum Part {
        Markdown(String),
        Picture(Box<Scene>),
    }

    fn chapter(parts: Vec<Part>) -> Chapter {
        let mut chapter = Chapter { title: "One".to_owned(), anchor: "one".to_owned(), ..Chapter::default() };
        for part in parts {
            let text = match part {
                Part::Markdown(text) => text,
                Part::Picture(scene) => format!("\n![]({})\n\n", chapter.show(*scene)),
            };
            chapter.text.push_str(&text);
        }
        chapter
    }

    /// The words on each sheet, line by line from top to bottom; pictures are what they are called.
    fn sheets(parts: Vec<Part>) -> Vec<Vec<String>> {
        let chapter = chapter(parts);
        let mut press = Press::new();
        press.chapter(&chapter);
        press.sheets.iter().map(words).collect()
    }

    fn words(sheet: &Sheet) -> Vec<String> {
        let mut lines: Vec<(f64, String)> = Vec::new();
        for laid in &sheet.laid {
            for item in &laid.items {
                let Item::Text(text) = item else { continue };
                for line in text {
                    let said = line.runs.iter().map(|run| run.text.as_str()).collect::<String>();
                    lines.push((laid.at.y + line.at.y * laid.scale, said.replace('\u{a0}', " ")));
                }
            }
        }
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        lines.into_iter().map(|(_, said)| said).collect()
    }

    fn lines(count: usize) -> String {
        (0..count).map(|at| format!("Line {at}.\n\n")).collect()
    }

    fn picture(title: &str, w: f64, h: f64) -> Part {
        let scene = Scene { bounds: Rect::new(0.0, 0.0, w, h), title: title.to_owned(), ..Scene::default() };
        Part::Picture(Box::new(scene))
    }

    /// So many lines fill a page but for one or two.
    const NEARLY: usize = 32;

    #[test]
    fn a_heading_stays_with_what_it_is_the_heading_of() {
        for rest in ["Text.\n", "| Name | What |\n|-|-|\n| a | b |\n", "### Inner\n\nText.\n"] {
            for count in NEARLY - 6..NEARLY + 2 {
                let sheets = sheets(vec![Part::Markdown(format!("{}## Heading\n\n{rest}", lines(count)))]);
                let sheet = sheets.iter().find(|sheet| sheet.iter().any(|line| line == "Heading")).unwrap();
                assert!(sheet.last().unwrap() != "Heading" && sheet.last().unwrap() != "Inner", "{count}: {sheets:?}");
            }
        }
    }

    #[test]
    fn tables_begin_each_page_with_their_head_and_end_with_more_than_a_row() {
        let rows: String = (0..120).map(|at| format!("| a{at} | b |\n")).collect();
        for count in 0..8 {
            let sheets = sheets(vec![Part::Markdown(format!("{}| Name | What |\n|-|-|\n{rows}", lines(count)))]);
            assert!(sheets.len() > 3);
            for sheet in &sheets {
                assert_eq!(sheet.iter().filter(|line| *line == "Name").count(), 1, "{sheets:?}");
                assert!(sheet.iter().filter(|line| line.starts_with('a')).count() > 1, "{sheets:?}");
            }
            let told: Vec<&String> = sheets.iter().flatten().filter(|line| line.starts_with('a')).collect();
            assert_eq!(told.len(), 120, "no row is lost or told twice");
        }
    }

    #[test]
    fn a_short_table_is_not_cut() {
        for count in NEARLY - 6..NEARLY + 2 {
            let sheets = sheets(vec![Part::Markdown(format!(
                "{}|  |  |\n|-|-|\n| a1 | b |\n| a2 | b |\n| a3 | b |\n",
                lines(count)
            ))]);
            let with = sheets.iter().filter(|sheet| sheet.iter().any(|line| line.starts_with('a'))).count();
            assert_eq!(with, 1, "{sheets:?}");
        }
    }

    #[test]
    fn no_line_of_a_paragraph_stands_alone() {
        let paragraph = "Word. ".repeat(90);
        for count in 0..NEARLY {
            let sheets = sheets(vec![Part::Markdown(format!("{}{paragraph}", lines(count)))]);
            for sheet in &sheets {
                let own = sheet.iter().filter(|line| line.starts_with("Word.")).count();
                assert_ne!(own, 1, "{count}: {sheets:?}");
            }
        }
    }

    #[test]
    fn text_goes_on_where_a_picture_has_no_room() {
        let tall = picture("Tall", 600.0, 1000.0);
        let after = Part::Markdown("After.\n".to_owned());
        let parts = vec![Part::Markdown(lines(20)), tall, after.clone()];
        let sheets = sheets(parts);
        assert_eq!(sheets.len(), 2, "{sheets:?}");
        assert_eq!(sheets[0].last().unwrap(), "After.");
        assert_eq!(sheets[1], ["Tall"]);
        // A wide one lies on a page of its own, behind the text that has room before it.
        let wide = picture("Wide", 4000.0, 700.0);
        let sheets = self::sheets(vec![Part::Markdown(lines(3)), wide, after]);
        assert_eq!(sheets.len(), 2, "{sheets:?}");
        assert_eq!(sheets[0].last().unwrap(), "After.");
        assert_eq!(sheets[1], ["Wide"]);
    }

    #[test]
    fn a_picture_without_a_title_stays_with_the_words_around_it() {
        let parts = vec![Part::Markdown(lines(20)), picture("Tall", 600.0, 1000.0), picture("", 300.0, 80.0)];
        let chapter = chapter(parts);
        let mut press = Press::new();
        press.chapter(&chapter);
        let laid: Vec<usize> = press.sheets.iter().map(|sheet| sheet.laid.len()).collect();
        assert_eq!(laid, [20 + 1, 2], "lines and the small picture; the tall one and its title");
    }

    #[test]
    fn a_picture_is_made_a_little_smaller_to_stay_on_its_page() {
        let parts = vec![Part::Markdown("# One\n\nA word about it.\n".to_owned()), picture("High", 500.0, 1070.0)];
        let sheets = sheets(parts);
        assert_eq!(sheets, [["One", "A word about it.", "High"]]);
    }

    #[test]
    fn a_picture_that_a4_makes_unreadable_has_a_larger_page() {
        let page_of = |w: f64, h: f64| {
            let Part::Picture(scene) = picture("It", w, h) else { unreachable!("a picture is one") };
            let plate = plate(&scene);
            (plate.own_page.map(|page| (page.w.round(), page.h.round())), plate.scale)
        };
        assert_eq!(page_of(600.0, 500.0).0, None);
        assert_eq!(page_of(1800.0, 700.0).0, Some((1123.0, 794.0)), "A4 on its side");
        assert_eq!(page_of(3000.0, 700.0).0, Some((1587.0, 1122.0)), "A3 on its side");
        assert_eq!(page_of(1000.0, 3000.0).0, Some((1122.0, 1587.0)), "A3 upright");
        let (page, scale) = page_of(9000.0, 9000.0);
        assert!(
            page == Some((2245.0, 1587.0)) || page == Some((1587.0, 2245.0)),
            "no page is larger than A2: {page:?}"
        );
        assert!(scale > 0.1);
        // All of it is on the page.
        for (w, h) in [(3000.0, 700.0), (1000.0, 3000.0), (9000.0, 9000.0)] {
            let (page, scale) = page_of(w, h);
            let (across, down) = page.unwrap();
            assert!(w * scale <= across - MARGIN && h * scale <= down - MARGIN - FOOT, "{w} {h}");
        }
    }

    #[test]
    fn links_lead_to_places_in_chapters() {
        let text =
            "# One\n\nText.\n\n## <a id=\"here\"></a>Here\n\n|  |  |\n|-|-|\n| <a id=\"there\"></a>there | x |\n";
        let parts = vec![Part::Markdown(text.to_owned())];
        let chapter = chapter(parts);
        let mut press = Press::new();
        press.chapter(&chapter);
        let (here, there) = (press.places["one#here"], press.places["one#there"]);
        assert!(here.y > MARGIN && there.y > here.y);
        let anchors = BTreeMap::from([("one", destination(here)), ("one#here", destination(here))]);
        assert!(place_of(&anchors, "one#gone").is_some() && place_of(&anchors, "two#here").is_none());
    }

    #[test]
    fn a_document_says_what_its_parts_are() {
        let text = "# Shop\n\nWords, [a link](https://example.com/) and more.\n\n## Parts\n\n| a | b |\n|---|---|\n| c | d |\n";
        let parts = vec![Part::Markdown(text.to_owned()), picture("The shop", 100.0, 60.0)];
        let chapter = Chapter { title: "Shop".to_owned(), depth: 1, ..chapter(parts) };
        let document = Paper { title: "Shop".to_owned(), chapters: vec![chapter], ..Paper::default() };
        let bytes = paper(&document, &|_| Vec::new()).expect("a document").bytes;
        let told = String::from_utf8_lossy(&bytes);
        for role in ["/MarkInfo", "/StructTreeRoot"] {
            assert!(told.contains(role), "no {role}");
        }
        let mut groups: Vec<TagGroup> = Vec::new();
        for role in
            [Role::Entry, Role::Entry, Role::Heading(2), Role::Text, Role::Figure("x".to_owned()), Role::Caption]
        {
            tell(&mut groups, &role, Vec::new());
        }
        let known: Vec<(String, usize)> =
            groups.iter().map(|group| (format!("{:?}", group.tag), group.children.len())).collect();
        assert_eq!(known.iter().map(|it| it.1).collect::<Vec<_>>(), [2, 0, 0, 1], "{known:?}");
    }

    #[test]
    fn a_document_has_pages_bookmarks_and_links() {
        let long = "A paragraph that says something.\n\n".repeat(120);
        let chapter = |title: &str, depth: usize| Chapter {
            title: title.to_owned(),
            depth,
            anchor: title.to_lowercase(),
            text: format!("# {title}\n\nSee [the other](chapter:two).\n\n{long}"),
            ..Chapter::default()
        };
        let wanted = Paper {
            title: "Shop *and* more".to_owned(),
            language: "de-AT".to_owned(),
            subtitle: vec!["What it is".to_owned()],
            contents: "Contents".to_owned(),
            chapters: vec![chapter("One", 0), chapter("Inner", 1), chapter("Two", 0)],
        };
        let printed = || paper(&wanted, &|_| panic!("all letters are there")).unwrap();
        let Printed { bytes, missing } = printed();
        assert!(bytes.starts_with(b"%PDF-") && missing.is_empty());
        assert_eq!(bytes, printed().bytes, "the same input gives the same bytes");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/Outlines") && text.contains("/Annot") && text.contains("de-AT"));
    }

    #[test]
    fn fonts_are_asked_for_letters_that_are_missing() {
        let chapter =
            Chapter { title: "架".to_owned(), text: "# 架\n\nשלום 🚀\n".to_owned(), ..Chapter::default() };
        let wanted = Paper { title: "Shop".to_owned(), chapters: vec![chapter], ..Paper::default() };
        let asked = std::cell::RefCell::new(BTreeSet::new());
        let fonts = |letters: &BTreeSet<char>| {
            asked.borrow_mut().extend(letters.iter().copied());
            vec![notosans::REGULAR_TTF.to_vec()]
        };
        let printed = paper(&wanted, &fonts).unwrap();
        assert_eq!(*asked.borrow(), "架שלום".chars().collect::<BTreeSet<_>>());
        assert_eq!(printed.missing, *asked.borrow(), "a font that lacks them too changes nothing");
    }
}
