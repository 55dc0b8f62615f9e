//! The small marks on C4 elements, such as the roles that they play in patterns: how wide they are and how they fall into rows.

use crate::font::{self, Face};
use loko_diagram::{Notation, Size};

/// The height of a mark.
pub(crate) const HEIGHT: f64 = 18.0;
/// The size of its letters.
pub(crate) const LETTERS: f64 = 11.0;
/// The space between two marks of a row.
pub(crate) const GAP: f64 = 5.0;
/// The space between two rows.
const ROW_GAP: f64 = 4.0;
/// The space left and right of the letters, together.
const PADDING: f64 = 14.0;

/// Marks side by side.
pub(crate) struct Row<'n> {
    pub(crate) badges: Vec<&'n str>,
    pub(crate) width: f64,
}

/// The width of a mark.
pub(crate) fn width(badge: &str) -> f64 {
    font::width(badge, Face::Bold) * LETTERS + PADDING
}

/// Marks in rows of at most this width; one that is wider stands alone.
pub(crate) fn rows(notation: &Notation, wrap: f64) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for badge in notation.badges.iter().filter(|badge| !badge.trim().is_empty()) {
        let own = width(badge);
        match rows.last_mut() {
            // What was measured by adding up must fit again, whatever the last bit says.
            Some(row) if row.width + GAP + own <= wrap + 0.01 => {
                row.badges.push(badge);
                row.width += GAP + own;
            }
            _ => rows.push(Row { badges: vec![badge], width: own }),
        }
    }
    rows
}

/// How far the top of a row is below that of the first.
pub(crate) fn top(row: usize) -> f64 {
    row as f64 * (HEIGHT + ROW_GAP)
}

/// The room that rows take.
pub(crate) fn size(rows: &[Row<'_>]) -> Size {
    let height = if rows.is_empty() { 0.0 } else { top(rows.len() - 1) + HEIGHT };
    Size::new(rows.iter().map(|row| row.width).fold(0.0, f64::max), height)
}
