//! The pictures that other places show when somebody links to a page (<https://ogp.me>): on the left what the page is of, on
//! the right as much of its diagram as can be read.
//!
//! Every page has one, up to a number; those beyond it show the picture of what they are in, or that of the whole.

use crate::colors::OnLight;
use crate::pages::{Body, Page};
use crate::prose::escape_html;
use crate::site::Site;
use loko_diagram::{Board, Placed, Point, Rect};
use loko_draw::Face;
use loko_model::Kind;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The picture of the whole.
pub(crate) const FILE: &str = "og.png";
/// The folder of the pictures of pages.
pub(crate) const FOLDER: &str = "og";
/// Pages besides those that tell of the whole that get a picture of their own at most: one takes as long as several pages.
const PAGES_MAX: usize = 120;

const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 630.0;
/// The margin around the words.
const MARGIN: f64 = 64.0;
/// Where the diagram begins.
const PANE: f64 = 560.0;
/// How far a diagram is made smaller at most, and made larger: its words stay as large as the description's.
const SCALES: (f64, f64) = (0.9, 1.7);
/// A name is written no smaller than this.
const NAME_SIZE_MIN: f64 = 26.0;
/// Lines of the name and of the description at most.
const NAME_LINES: usize = 3;
const LINES: usize = 5;

/// What a picture says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Card {
    /// What it is: `Container`.
    pub kind: String,
    pub name: String,
    pub description: String,
    pub technology: String,
    /// What it is part of.
    pub project: String,
}

impl Card {
    /// What the picture of a page says.
    pub(crate) fn of(site: &Site<'_>, page: &Page) -> Self {
        let (kind, technology) = match &page.body {
            Body::Element(element) => (element.type_name.clone(), element.technology.clone()),
            Body::Dynamic(_) => (site.say("type.dynamic-view"), String::new()),
            Body::Selection(_) => (site.say("type.selected-view"), String::new()),
            Body::Deployment(_) => (site.say("type.environment"), String::new()),
            Body::Event(_) => (site.say("type.event"), String::new()),
            Body::Decision(_) => (site.say("type.decision"), String::new()),
            Body::Simulation(_) => (site.say("type.simulation"), String::new()),
            _ => (String::new(), String::new()),
        };
        let is_whole = page.frame.title == site.name;
        Self {
            kind,
            name: page.frame.title.clone(),
            description: page.frame.description.replace('`', ""),
            technology,
            project: if is_whole { String::new() } else { site.name.clone() },
        }
    }
}

/// The pages below a folder that get a picture of their own: first those that people link to most.
pub(crate) fn pages(site: &Site<'_>) -> BTreeSet<String> {
    let (model, addresses) = (site.model, site.addresses);
    let of_kind = |kind| model.of_kind(kind).map(|ix| addresses.element(ix));
    let views = (0..model.dynamics.len()).map(|at| addresses.dynamic(at));
    let environments = (0..model.environments.len()).map(|at| addresses.environment(at));
    let decisions = (0..model.decisions.len()).map(|at| addresses.decision(at));
    let events = (0..site.events.len()).map(|at| addresses.event(at));
    let all = of_kind(Kind::System).chain(views).chain(environments).chain(of_kind(Kind::Container));
    let all = all.chain(decisions).chain(events).chain(of_kind(Kind::Person)).chain(of_kind(Kind::Component));
    all.take(PAGES_MAX).map(str::to_owned).collect()
}

/// The path of a page's own picture.
fn file(page: &str) -> String {
    format!("{FOLDER}/{}.png", page.strip_suffix(".html").unwrap_or(page))
}

impl Site<'_> {
    /// The path of the picture of a page, and whether it is its own.
    pub(crate) fn card_of(&self, page: &str) -> (String, bool) {
        if page == crate::pages::home::PATH {
            return (FILE.to_owned(), true);
        }
        if !page.contains('/') || self.cards.contains(page) {
            return (file(page), true);
        }
        let above = self.element_of_page(page).into_iter().flat_map(|ix| self.model.ancestry(ix).skip(1));
        let mut pages = above.map(|ix| self.addresses.element(ix));
        let nearest = pages.find(|page| self.cards.contains(*page));
        (nearest.map_or_else(|| FILE.to_owned(), file), false)
    }
}

/// A diagram of a card: the picture, and the part of it that is shown.
pub(crate) struct Diagram {
    pub svg: String,
    pub seen: Rect,
}

/// Where to look first: the middle of what is joined with most.
pub(crate) fn focus(board: &Board, placed: &Placed) -> Option<Point> {
    let mut joined = vec![0_usize; board.objects.len()];
    for edge in &board.edges {
        for end in [edge.src.index(), edge.dst.index()] {
            if let Some(count) = joined.get_mut(end) {
                *count += 1;
            }
        }
    }
    let most = (0..joined.len()).max_by_key(|at| (joined[*at], std::cmp::Reverse(*at)))?;
    placed.objects.get(most).map(|object| object.rect.center())
}

/// The card as SVG.
pub(crate) fn svg(card: &Card, colors: &OnLight, diagram: Option<&Diagram>) -> String {
    let OnLight { paper, canvas, ink, quiet, line, accent } = colors;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"Loko Sans\">\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{}\"/>",
        paper.css(),
    );
    let pane = diagram.and_then(shown);
    let room = if pane.is_some() { PANE - MARGIN - 40.0 } else { WIDTH - 2.0 * MARGIN };
    if let Some(pane) = &pane {
        let _ = write!(
            out,
            "<svg x=\"{PANE}\" width=\"{}\" height=\"{HEIGHT}\"><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>{pane}</svg>\
             <rect x=\"{PANE}\" width=\"2\" height=\"{HEIGHT}\" fill=\"{}\"/>",
            WIDTH - PANE,
            canvas.css(),
            line.css(),
        );
    }
    let _ = write!(out, "<rect width=\"12\" height=\"{HEIGHT}\" fill=\"{}\"/>", accent.css());
    let mut words = Words { out, y: MARGIN + 22.0 };
    if !card.kind.is_empty() {
        words.line(&card.kind, 24.0, true, accent.readable_on(*paper, 4.5).css());
        words.y += 14.0;
    }
    let size = match card.name.chars().count() {
        0..=16 => 60.0,
        17..=40 => 50.0,
        _ => 42.0,
    };
    // A name that is one long word is written smaller.
    let widest = card.name.split_whitespace().map(|word| width_of(word, Face::Bold)).fold(0.0, f64::max);
    let size = if widest * size > room { (room / widest).max(NAME_SIZE_MIN) } else { size };
    words.y += size * 0.62;
    for text in wrapped(&card.name, Face::Bold, size, room, NAME_LINES) {
        words.line(&text, size, true, ink.css());
    }
    words.y += 6.0;
    let lines = if card.technology.is_empty() { LINES } else { LINES - 1 };
    for text in wrapped(&card.description, Face::Regular, 27.0, room, lines) {
        words.line(&text, 27.0, false, quiet.css());
    }
    if !card.technology.is_empty() {
        words.y += 12.0;
        for text in wrapped(&card.technology, Face::Bold, 23.0, room, 1) {
            words.line(&text, 23.0, true, ink.css());
        }
    }
    let mut out = words.out;
    if !card.project.is_empty() {
        for text in wrapped(&card.project, Face::Bold, 26.0, room - 40.0, 1) {
            let y = HEIGHT - MARGIN + 12.0;
            let _ = write!(
                out,
                "<rect x=\"{MARGIN}\" y=\"{}\" width=\"20\" height=\"20\" rx=\"5\" fill=\"{}\"/>\
                 <text x=\"{}\" y=\"{y}\" font-size=\"26\" font-weight=\"700\" fill=\"{}\">{}</text>",
                y - 19.0,
                accent.css(),
                MARGIN + 34.0,
                ink.css(),
                escape_html(&text)
            );
        }
    }
    out.push_str("</svg>");
    out
}

/// Words below each other.
struct Words {
    out: String,
    y: f64,
}

impl Words {
    fn line(&mut self, text: &str, size: f64, is_bold: bool, color: String) {
        let weight = if is_bold { 700 } else { 400 };
        let _ = write!(
            self.out,
            "<text x=\"{MARGIN}\" y=\"{:.1}\" font-size=\"{size:.1}\" font-weight=\"{weight}\" fill=\"{color}\">{}</text>",
            self.y,
            escape_html(text)
        );
        self.y += size * 1.32;
    }
}

/// As much of a diagram as fits beside the words and can be read there.
pub(crate) fn seen(whole: Rect, focus: Option<Point>) -> Rect {
    let (width, height) = (WIDTH - PANE, HEIGHT);
    let Rect { x, y, w, h } = whole;
    let fits = (width / w).min(height / h);
    let scale = fits.clamp(SCALES.0, SCALES.1);
    let (seen_w, seen_h) = (width / scale, height / scale);
    let middle = focus.unwrap_or_else(|| whole.center());
    // What fits stands in the middle; else nothing beside the diagram is shown.
    let along = |start: f64, length: f64, seen: f64, middle: f64| {
        if length <= seen {
            start - (seen - length) / 2.0
        } else {
            (middle - seen / 2.0).clamp(start, start + length - seen)
        }
    };
    Rect::new(along(x, w, seen_w, middle.x), along(y, h, seen_h, middle.y), seen_w, seen_h)
}

/// The part of a diagram that is shown, as a part of another picture.
fn shown(diagram: &Diagram) -> Option<String> {
    let rest = &diagram.svg[diagram.svg.find("<svg")? + 4..];
    let (head, body) = rest.split_once('>')?;
    let attributes: Vec<&str> = head
        .split_inclusive("\" ")
        .filter(|it| !["width=", "height=", "viewBox="].iter().any(|name| it.trim_start().starts_with(name)))
        .collect();
    let Rect { x, y, w, h } = diagram.seen;
    Some(format!(
        "<svg width=\"{}\" height=\"{HEIGHT}\" viewBox=\"{x:.2} {y:.2} {w:.2} {h:.2}\" {}>{body}",
        WIDTH - PANE,
        attributes.concat().trim_start()
    ))
}

/// The width of a text in sizes.
fn width_of(text: &str, face: Face) -> f64 {
    text.chars().map(|c| face.advance(c).unwrap_or(1.0)).sum()
}

/// A text in lines of a width; what does not fit is left out, and an ellipsis says so.
fn wrapped(text: &str, face: Face, size: f64, width: f64, lines: usize) -> Vec<String> {
    let wide = |text: &str| width_of(text, face) * size;
    let mut made: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if wide(&longer) <= width || line.is_empty() {
            line = longer;
        } else {
            made.push(std::mem::replace(&mut line, word.to_owned()));
        }
        let is_full = made.len() + 1 == lines;
        let next = words.peek().map(|next| format!("{line} {next}…"));
        if is_full && (wide(&line) > width || next.is_some_and(|next| wide(&next) > width && words.clone().count() > 1))
        {
            break;
        }
    }
    if !line.is_empty() {
        made.push(line);
    }
    made.truncate(lines);
    let is_cut = words.peek().is_some() || made.last().is_some_and(|last| wide(last) > width);
    if let Some(last) = made.last_mut().filter(|_| is_cut) {
        while !last.is_empty() && wide(&format!("{last}…")) > width {
            last.pop();
        }
        *last = format!("{}…", last.trim_end_matches([',', ';', '.', ' ']));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colors::Colors;

    fn card(description: &str) -> Card {
        Card {
            kind: "Container".to_owned(),
            name: "A & B".to_owned(),
            description: description.to_owned(),
            technology: "Rust".to_owned(),
            project: "Shop".to_owned(),
        }
    }

    fn diagram(width: f64, height: f64) -> Diagram {
        let svg = format!(
            "<?xml?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" fill=\"none\"><rect width=\"9\" height=\"9\"/></svg>"
        );
        let focus = Some(Point { x: width, y: height / 2.0 });
        Diagram { svg, seen: seen(Rect::new(0.0, 0.0, width, height), focus) }
    }

    #[test]
    fn a_card_is_a_picture() {
        let svg = svg(&card(&"word ".repeat(60)), &Colors::default().on_light(), Some(&diagram(100.0, 50.0)));
        assert!(svg.contains("A &amp; B") && svg.contains("word…") && svg.contains("Rust"), "{svg}");
        assert!(loko_draw::png_opaque(&svg, 1.0, &[]).is_ok());
    }

    #[test]
    fn a_large_diagram_is_shown_in_part_and_stays_legible() {
        let shown = shown(&diagram(3200.0, 4000.0)).expect("it has a size");
        // The focus is at the right edge: nothing beyond it is shown.
        let view: Vec<f64> = shown
            .split("viewBox=\"")
            .nth(1)
            .and_then(|it| it.split('"').next())
            .unwrap_or_default()
            .split(' ')
            .filter_map(|it| it.parse().ok())
            .collect();
        assert!((view[0] + view[2] - 3200.0).abs() < 0.1 && (640.0 / view[2] - SCALES.0).abs() < 0.01, "{shown}");
        assert!(shown.contains("fill=\"none\"") && shown.matches("width=\"").count() == 2, "{shown}");
    }

    #[test]
    fn lines_are_as_wide_as_they_may_be() {
        assert_eq!(wrapped("one two", Face::Regular, 20.0, 1000.0, 3), ["one two"]);
        let lines = wrapped(&"lorem ".repeat(50), Face::Regular, 20.0, 200.0, 2);
        assert!(lines.len() == 2 && lines[1].ends_with('…'), "{lines:?}");
        let lines = wrapped(&"x".repeat(500), Face::Regular, 20.0, 200.0, 2);
        assert!(lines.len() == 1 && lines[0].ends_with('…') && lines[0].chars().count() < 40, "{lines:?}");
    }
}
