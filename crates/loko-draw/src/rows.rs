//! The rows of tables and classes: how wide their columns are and where each row stands.

use crate::font::{self, Face};
use crate::look::Look;
use crate::text::Tone;
use loko_diagram::{Column, Content, Field, Method, Object, Rect, Size, Visibility};

const SIZE: f64 = 14.0;
const SIZE_HEADING: f64 = 16.0;
const ROW: f64 = 30.0;
const HEADING: f64 = 38.0;
const PAD: f64 = 14.0;
const GAP: f64 = 22.0;

/// A text in a row.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) face: Face,
    pub(crate) size: f64,
    pub(crate) tone: Tone,
    pub(crate) underline: bool,
}

impl Cell {
    fn new(text: impl Into<String>, face: Face, size: f64, tone: Tone) -> Self {
        Self { text: text.into(), face, size, tone, underline: false }
    }

    pub(crate) fn width(&self) -> f64 {
        font::width(&self.text, self.face) * self.size
    }
}

/// Rows below a heading.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) heading: Cell,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The natural widths of the columns.
    pub(crate) widths: Vec<f64>,
    /// After how many rows a line is drawn even where rows have none (between fields and methods).
    pub(crate) split: Option<usize>,
    /// Whether each row is set off.
    pub(crate) ruled: bool,
    /// The factor by which all sizes differ from the usual.
    scale: f64,
}

impl Rows {
    /// The rows of an object, if it has any.
    pub(crate) fn of(object: &Object, look: &Look) -> Option<Self> {
        let scale = object.style.font_size.unwrap_or(SIZE).clamp(8.0, 100.0) / SIZE;
        let mono = look.quirks().mono;
        let heading_face = if mono { Face::Mono } else { Face::Bold };
        let heading = Cell::new(&object.label.text, heading_face, SIZE_HEADING * scale, Tone::Ink);
        let (rows, split, ruled) = match &object.content {
            Content::None => return None,
            Content::Table(columns) => {
                (columns.iter().map(|column| column_cells(column, scale, mono)).collect::<Vec<_>>(), None, true)
            }
            Content::Class { fields, methods } => {
                let rows = fields.iter().map(|field| field_cells(field, scale));
                let rows = rows.chain(methods.iter().map(|method| method_cells(method, scale)));
                (rows.collect(), Some(fields.len()), false)
            }
        };
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(Cell::width).fold(0.0, f64::max);
        let widths = (0..count).map(width).collect();
        Some(Self { heading, rows, widths, split, ruled, scale })
    }

    pub(crate) fn pad(&self) -> f64 {
        PAD * self.scale
    }

    pub(crate) fn heading_height(&self) -> f64 {
        HEADING * self.scale
    }

    /// The height of a row; shorter where rows are not set off.
    pub(crate) fn row_height(&self) -> f64 {
        self.scale * if self.ruled { ROW } else { ROW * 0.86 }
    }

    /// The space above the first row and around the line between fields and methods.
    fn rest(&self) -> f64 {
        if self.ruled { 0.0 } else { 6.0 * self.scale }
    }

    /// The size that shows everything.
    pub(crate) fn size(&self) -> Size {
        let used = self.widths.iter().filter(|width| **width > 0.0).count().max(1);
        let columns = self.widths.iter().sum::<f64>() + GAP * self.scale * (used - 1) as f64;
        let width = columns.max(self.heading.width()) + 2.0 * self.pad();
        Size::new(width.max(110.0), self.bottom())
    }

    fn bottom(&self) -> f64 {
        let gaps = if self.ruled { 0.0 } else { 4.0 };
        self.heading_height() + self.row_height() * self.rows.len() as f64 + self.rest() * gaps
    }

    /// The distance from the top to the middle of each row.
    pub(crate) fn centers(&self) -> Vec<f64> {
        (0..self.rows.len())
            .map(|at| {
                let gaps = if self.split.is_some_and(|split| at >= split) { 3.0 } else { 1.0 };
                self.heading_height() + self.rest() * gaps + self.row_height() * (at as f64 + 0.5)
            })
            .collect()
    }

    /// Where the line between fields and methods stands, from the top.
    pub(crate) fn split_line(&self) -> Option<f64> {
        let split = self.split.filter(|split| *split > 0 && *split < self.rows.len())?;
        Some(self.heading_height() + self.rest() * 2.0 + self.row_height() * split as f64)
    }

    /// Where each column starts in a rectangle; the last one of several is set to the right.
    pub(crate) fn starts(&self, rect: Rect) -> Vec<f64> {
        let mut x = rect.x + self.pad();
        let mut starts = Vec::new();
        for (at, width) in self.widths.iter().enumerate() {
            let is_last = at > 0 && at + 1 == self.widths.len();
            starts.push(if is_last { (rect.right() - self.pad() - width).max(x) } else { x });
            if *width > 0.0 {
                x += width + GAP * self.scale;
            }
        }
        starts
    }
}

fn column_cells(column: &Column, scale: f64, mono: bool) -> Vec<Cell> {
    let face = if mono { Face::Mono } else { Face::Regular };
    let short: Vec<&str> = column.constraints.iter().map(|constraint| short_constraint(constraint)).collect();
    vec![
        Cell::new(&column.name, face, SIZE * scale, Tone::Ink),
        Cell::new(&column.type_name, face, SIZE * scale, Tone::Muted),
        Cell::new(short.join(", "), if mono { Face::Mono } else { Face::Bold }, SIZE * 0.86 * scale, Tone::Keyword),
    ]
}

fn short_constraint(constraint: &str) -> &str {
    match constraint {
        "primary_key" => "PK",
        "foreign_key" => "FK",
        "unique" => "UNQ",
        other => other,
    }
}

fn sign(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "+",
        Visibility::Private => "−",
        Visibility::Protected => "#",
    }
}

fn member(visibility: Visibility, name: &str, kind: &str, underline: bool, scale: f64) -> Vec<Cell> {
    let size = SIZE * 0.93 * scale;
    let mut name = Cell::new(format!("{} {name}", sign(visibility)), Face::Mono, size, Tone::Ink);
    name.underline = underline;
    vec![name, Cell::new(kind, Face::Mono, size, Tone::Muted)]
}

fn field_cells(field: &Field, scale: f64) -> Vec<Cell> {
    member(field.visibility, &field.name, &field.type_name, field.underline, scale)
}

fn method_cells(method: &Method, scale: f64) -> Vec<Cell> {
    member(method.visibility, &method.name, &method.returns, method.underline, scale)
}
