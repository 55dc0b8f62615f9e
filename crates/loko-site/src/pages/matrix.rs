//! The design structure matrix on its page: names that stay at the side, numbers that stay on top, marks as a picture between
//! them. What a mark is, and where a cycle is framed, `loko-rules` knows.

use super::Ref;
use crate::site::Site;
use loko_rules::coupling::Coupling;
use loko_rules::coupling::picture::{Frame, cycle_frames};
use serde::Serialize;
use std::fmt::Write as _;

/// The side of a cell; the rows of names are as high in the style sheet.
const CELL: usize = 20;
/// The height of the numbers on top.
const HEAD: usize = 22;
/// A frame lies inside its cells.
const INSET: usize = 1;

/// What a sheet of paper has room for beside and below the head of the page, in pixels, and what names take of it in the
/// style sheet.
const PAPER: (f64, f64) = (700.0, 640.0);
const PAPER_NAMES: f64 = 230.0;
/// As a smaller part of its size a matrix cannot be read on paper.
const READABLE: f64 = 0.4;

/// The matrix for its template.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MatrixView {
    pub rows: Vec<MatrixRow>,
    pub marks: Vec<MarkView>,
    pub frames: Vec<FrameView>,
    /// The lines between cells.
    pub grid: String,
    /// The tints and the diagonal.
    pub bands: String,
    pub diagonal: String,
    pub side: usize,
    pub head: usize,
    /// By how much it is smaller on paper, where nothing can be moved; empty where nobody could read it there.
    pub on_paper: String,
    /// What paper has in its place then: who depends on what, row by row.
    pub list: Vec<ListRow>,
}

/// A row of the matrix in words.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct ListRow {
    pub name: String,
    /// What it is part of; empty at the top.
    pub path: String,
    /// What it waits for.
    pub waits: Vec<String>,
    /// What it depends on without waiting.
    pub goes_on: Vec<String>,
}

/// A row, which is a column too.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MatrixRow {
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub number: usize,
    /// The middle of its column.
    pub middle: usize,
    /// Whether its system is one of those that are tinted.
    pub is_tinted: bool,
}

/// A dependency.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MarkView {
    pub x: usize,
    pub y: usize,
    pub is_sync: bool,
    pub says: String,
}

/// A cycle, or a dependency in one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FrameView {
    pub x: usize,
    pub y: usize,
    pub side: usize,
}

/// The matrix for a page.
pub(crate) fn view(site: &Site<'_>, page: &str, coupling: &Coupling<'_>) -> MatrixView {
    let order = &coupling.matrix.order;
    let tints = tints(order);
    let rows: Vec<MatrixRow> = order
        .iter()
        .zip(&tints)
        .enumerate()
        .filter_map(|(at, (id, is_tinted))| {
            let reference = site.reference(page, site.model.find(id)?);
            Some(MatrixRow { reference, number: at + 1, middle: at * CELL + CELL / 2, is_tinted: *is_tinted })
        })
        .collect();
    let name = |at: usize| site.model.find(order[at]).map_or(order[at], |ix| site.model.element(ix).name.as_str());
    let marks = coupling.matrix.marks.iter().map(|mark| MarkView {
        x: mark.column * CELL + CELL / 2,
        y: mark.row * CELL + CELL / 2,
        is_sync: mark.sync,
        says: site.words.fill(
            if mark.sync { "coupling.mark-waits" } else { "coupling.mark-goes-on" },
            &[("from", &name(mark.row)), ("to", &name(mark.column)), ("count", &mark.relations)],
        ),
    });
    let frames = cycle_frames(coupling).into_iter().map(|Frame { row, column, cells }| FrameView {
        x: column * CELL + INSET,
        y: row * CELL + INSET,
        side: cells * CELL - 2 * INSET,
    });
    let side = order.len() * CELL;
    let (mut grid, mut bands, mut diagonal) = (String::new(), String::new(), String::new());
    for at in 0..=order.len() {
        let offset = at * CELL;
        let _ = write!(grid, "M0 {offset}H{side}M{offset} 0V{side}");
    }
    for (at, is_tinted) in tints.iter().enumerate() {
        let offset = at * CELL;
        if *is_tinted {
            let _ = write!(bands, "M0 {offset}h{side}v{CELL}h-{side}z");
        }
        let _ = write!(diagonal, "M{offset} {offset}h{CELL}v{CELL}h-{CELL}z");
    }
    let on_paper = on_paper(side);
    let list = if on_paper.is_empty() { list(&rows, coupling) } else { Vec::new() };
    MatrixView {
        rows,
        marks: marks.collect(),
        frames: frames.collect(),
        grid,
        bands,
        diagonal,
        side,
        head: HEAD,
        on_paper,
        list,
    }
}

/// The dependencies row by row, those without any left out; names of another whole with that whole.
fn list(rows: &[MatrixRow], coupling: &Coupling<'_>) -> Vec<ListRow> {
    let mut list: Vec<ListRow> = rows
        .iter()
        .map(|row| ListRow { name: row.reference.name.clone(), path: row.reference.path.clone(), ..ListRow::default() })
        .collect();
    for mark in &coupling.matrix.marks {
        let (Some(row), Some(column)) = (rows.get(mark.row), rows.get(mark.column)) else { continue };
        let Ref { name, path, .. } = &column.reference;
        let named =
            if *path == row.reference.path || path.is_empty() { name.clone() } else { format!("{path} / {name}") };
        let line = &mut list[mark.row];
        if mark.sync { line.waits.push(named) } else { line.goes_on.push(named) }
    }
    list.retain(|row| !row.waits.is_empty() || !row.goes_on.is_empty());
    list
}

/// How large a matrix can be on one sheet of paper, as a part of its size; empty where that is too small.
fn on_paper(side: usize) -> String {
    let side = side as f64;
    let fitting = (PAPER.0 / (PAPER_NAMES + side)).min(PAPER.1 / (HEAD as f64 + side));
    if fitting < READABLE { String::new() } else { format!("{:.3}", fitting.min(1.0)) }
}

/// Which rows are tinted: those of every second system.
fn tints(order: &[&str]) -> Vec<bool> {
    let system = |id: &str| id.split('/').next().map(str::to_owned);
    let mut is_tinted = true;
    let rows = order.iter().enumerate().map(|(at, id)| {
        if at > 0 && system(order[at - 1]) != system(id) {
            is_tinted = !is_tinted;
        }
        is_tinted
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::{CELL, on_paper, tints};

    #[test]
    fn every_second_system_is_tinted() {
        assert_eq!(tints(&["a", "a/b", "c", "d/e", "d/f"]), [true, true, false, true, true]);
        assert_eq!(tints(&[]), [false; 0]);
    }

    #[test]
    fn a_matrix_goes_on_one_sheet_or_is_told_in_words() {
        assert_eq!([3, 53, 75, 77, 120].map(|rows| on_paper(rows * CELL)), ["1.000", "0.543", "0.405", "", ""]);
    }
}
