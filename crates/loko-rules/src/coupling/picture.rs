//! The design structure matrix as a picture.
//!
//! Rows and columns are the same elements in the same order, so a dependency cycle is a block on the diagonal and marks
//! below or above it tell layers. A filled mark waits, a ring does not; systems alternate in tint, cycles have a frame.
//! D. V. Steward, "The Design Structure System" (1981). The picture stands alone and follows the reader's colour scheme.

use super::{Coupling, Level};
use std::fmt::Write as _;

/// A matrix with more rows is not drawn: nobody could read it.
pub const ROWS_MAX: usize = 300;

const CELL: f64 = 18.0;
/// The width of a character: the labels are set in a monospaced font of 12 pixels.
const CHARACTER: f64 = 7.25;
const PAD: f64 = 16.0;
const HEAD: f64 = 64.0;
const FOOT: f64 = 34.0;

const STYLE: &str = "\
svg{--paper:#fff;--ink:#1c2733;--soft:#5b6b7b;--line:#d5dce3;--tint:#eef3f8;--mark:#1f6feb;--frame:#b42318}\
@media(prefers-color-scheme:dark){svg{--paper:#11171e;--ink:#e6edf3;--soft:#9aa8b5;--line:#2c3742;--tint:#18222c;--mark:#6cb0ff;--frame:#ff8a7a}}\
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--ink)}\
.title{font-size:15px;font-weight:600}.soft{fill:var(--soft)}\
.paper{fill:var(--paper)}.tint{fill:var(--tint)}.grid{stroke:var(--line)}.self{fill:var(--line)}\
.sync{fill:var(--mark);stroke:var(--mark)}.async{fill:none;stroke:var(--mark);stroke-width:2}\
.cycle{fill:none;stroke:var(--frame);stroke-width:2}";

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The rows it would have.
    pub rows: usize,
}

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a matrix of {} rows cannot be read; pictures have up to {ROWS_MAX}", self.rows)
    }
}

/// Draws the matrix as an SVG file.
pub fn svg(coupling: &Coupling<'_>) -> Result<String, TooLarge> {
    let order = &coupling.matrix.order;
    if order.len() > ROWS_MAX {
        return Err(TooLarge { rows: order.len() });
    }
    let labels = order.iter().map(|id| id.chars().count()).max().unwrap_or(0) as f64 * CHARACTER;
    let numbers = order.len().to_string().len() as f64 * CHARACTER;
    let (left, top) = ((PAD + labels + numbers + 20.0).ceil(), HEAD);
    let side = order.len() as f64 * CELL;
    let least = 460.0;
    let (width, height) = ((left + side + PAD).max(least), top + side + FOOT + PAD);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"Design structure matrix\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    heading(&mut out, coupling);
    bands(&mut out, order, left, top, side);
    for (at, id) in order.iter().enumerate() {
        row(&mut out, at, id, left, top, side);
    }
    marks(&mut out, coupling, left, top);
    frames(&mut out, coupling, left, top);
    legend(&mut out, top + side + 22.0);
    out.push_str("</svg>\n");
    Ok(out)
}

fn heading(out: &mut String, coupling: &Coupling<'_>) {
    let of = coupling.target.map(|target| format!(" of {}", escape(target))).unwrap_or_default();
    let _ = writeln!(out, "<text class=\"title\" x=\"{PAD}\" y=\"24\">Design structure matrix{of}</text>");
    let cost = coupling.propagation.cost.map(|cost| format!(", propagation cost {cost:.2}")).unwrap_or_default();
    let spread = &coupling.propagation;
    let _ = writeln!(
        out,
        "<text class=\"soft\" x=\"{PAD}\" y=\"42\">{} elements, {} dependencies{cost}</text>",
        spread.elements, spread.dependencies
    );
}

/// A tint behind every second system.
fn bands(out: &mut String, order: &[&str], left: f64, top: f64, side: f64) {
    let system = |id: &str| id.split('/').next().unwrap_or(id).to_owned();
    let mut at = 0;
    let mut count = 0;
    while at < order.len() {
        let rows = order[at..].iter().take_while(|id| system(id) == system(order[at])).count();
        if count % 2 == 0 {
            let (y, height) = (top + at as f64 * CELL, rows as f64 * CELL);
            let _ = writeln!(
                out,
                "<rect class=\"tint\" x=\"{PAD}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/>",
                left - PAD + side
            );
        }
        at += rows;
        count += 1;
    }
    for line in 0..=order.len() {
        let offset = line as f64 * CELL;
        let (x, y, right, bottom) = (left + offset, top + offset, left + side, top + side);
        let _ = writeln!(out, "<path class=\"grid\" d=\"M{left} {y}H{right}M{x} {top}V{bottom}\"/>");
    }
}

fn row(out: &mut String, at: usize, id: &str, left: f64, top: f64, side: f64) {
    let number = at + 1;
    let (y, x) = (top + at as f64 * CELL, left + at as f64 * CELL);
    let _ = writeln!(
        out,
        "<text x=\"{PAD}\" y=\"{}\">{}</text><text class=\"soft\" text-anchor=\"end\" x=\"{}\" y=\"{}\">{number}</text>",
        y + 13.0,
        escape(id),
        left - 6.0,
        y + 13.0
    );
    if number < 100 || number.is_multiple_of(5) {
        let _ = writeln!(
            out,
            "<text class=\"soft\" text-anchor=\"middle\" x=\"{}\" y=\"{}\"{}>{number}</text>",
            x + CELL / 2.0,
            top - 5.0,
            if number >= 100 { " font-size=\"8\"" } else { "" }
        );
    }
    let _ = writeln!(out, "<rect class=\"self\" x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\"/>");
    debug_assert!(x < left + side, "a row has its column");
}

fn marks(out: &mut String, coupling: &Coupling<'_>, left: f64, top: f64) {
    let order = &coupling.matrix.order;
    for mark in &coupling.matrix.marks {
        let (x, y) = (left + (mark.column as f64 + 0.5) * CELL, top + (mark.row as f64 + 0.5) * CELL);
        let (class, waits) = if mark.sync { ("sync", "waits") } else { ("async", "does not wait") };
        let relations = if mark.relations == 1 { "relation" } else { "relations" };
        let _ = writeln!(
            out,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"><title>{} → {}: {} {relations}, {waits}</title></circle>",
            escape(order[mark.row]),
            escape(order[mark.column]),
            mark.relations
        );
    }
}

fn frames(out: &mut String, coupling: &Coupling<'_>, left: f64, top: f64) {
    for Frame { row, column, cells } in cycle_frames(coupling) {
        let (x, y, side) = (left + column as f64 * CELL, top + row as f64 * CELL, cells as f64 * CELL);
        let _ = writeln!(out, "<rect class=\"cycle\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"/>");
    }
}

/// A square of the matrix that is part of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its first row.
    pub row: usize,
    /// Its first column.
    pub column: usize,
    /// How many cells its sides have.
    pub cells: usize,
}

/// A frame around each dependency inside a cycle, and around all members of one that stand side by side.
pub fn cycle_frames(coupling: &Coupling<'_>) -> Vec<Frame> {
    let mut frames = Vec::new();
    let place = |id: &&str| coupling.matrix.order.iter().position(|known| known == id);
    for cycle in coupling.cycles.iter().filter(|cycle| cycle.level == coupling.level || cycle.level == Level::Element) {
        let mut places: Vec<usize> = cycle.elements.iter().filter_map(place).collect();
        places.sort_unstable();
        let is_inside = |at: &usize| places.binary_search(at).is_ok();
        for mark in coupling.matrix.marks.iter().filter(|mark| is_inside(&mark.row) && is_inside(&mark.column)) {
            frames.push(Frame { row: mark.row, column: mark.column, cells: 1 });
        }
        if let (Some(first), Some(last)) = (places.first(), places.last())
            && last - first + 1 == places.len()
        {
            frames.push(Frame { row: *first, column: *first, cells: places.len() });
        }
    }
    frames
}

fn legend(out: &mut String, y: f64) {
    let x = PAD + 6.0;
    let _ = writeln!(
        out,
        "<circle class=\"sync\" cx=\"{x}\" cy=\"{0}\" r=\"5\"/><text class=\"soft\" x=\"{1}\" y=\"{y}\">row waits for column</text>\
         <circle class=\"async\" cx=\"{2}\" cy=\"{0}\" r=\"5\"/><text class=\"soft\" x=\"{3}\" y=\"{y}\">does not wait</text>\
         <rect class=\"cycle\" x=\"{4}\" y=\"{5}\" width=\"12\" height=\"12\"/><text class=\"soft\" x=\"{6}\" y=\"{y}\">cycle</text>",
        y - 4.0,
        x + 12.0,
        x + 190.0,
        x + 202.0,
        x + 320.0,
        y - 10.0,
        x + 338.0
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
