//! Pictures in a terminal: boxes and lines of Unicode's box drawing characters, from the very layout that SVG shows.
//!
//! Pixels are mapped to cells; lines that meet in a cell join. Texts are set anew, since a cell is no pixel: wrapped to
//! their box, cut with an ellipsis where they do not fit.

use crate::Look;
use crate::label::{situations, type_line};
use crate::rows::Rows;
use crate::sequence::Part;
use loko_diagram::{ArrowheadShape, Board, Object, ObjectId, Placed, Point, Rect, Shape, TextKind};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The pixels of a cell.
const CELL_W: f64 = 7.5;
const CELL_H: f64 = 16.0;
/// Pictures of more cells than this are cut off.
pub const CELLS_MAX: usize = 1_000_000;

const UP: u8 = 1;
const RIGHT: u8 = 2;
const DOWN: u8 = 4;
const LEFT: u8 = 8;
/// Marks a line that is dashed.
const DASHED: u8 = 16;
/// Marks a corner that is round.
const ROUND: u8 = 32;

/// Draws a placed board with characters; lines end with a line feed.
pub fn text(board: &Board, placed: &Placed) -> String {
    let mut canvas = Canvas::new(placed.bounds);
    let situations = situations(board);
    let known =
        || board.ids().take(placed.objects.len()).filter(|id| !placed.objects[id.index()].rect.size().is_zero());
    let is_frame = |id: &ObjectId| situations[id.index()].is_container && placed.objects[id.index()].is_container;
    for id in known().filter(is_frame) {
        canvas.frame(board.object(id), placed.objects[id.index()].rect);
    }
    for line in &placed.lifelines {
        canvas.segment(line.from, line.to, DASHED);
    }
    let edges = || board.edges.iter().zip(&placed.edges).filter(|(_, way)| way.route.len() > 1);
    for (edge, way) in edges() {
        let dashed = if edge.style.stroke_dash.is_some_and(|dash| dash > 0.0) { DASHED } else { 0 };
        canvas.route(&corners(way), dashed);
    }
    for id in known().filter(|id| !is_frame(id)) {
        let is_span = situations[id.index()].part == Some(Part::Span);
        canvas.leaf(board.object(id), placed.objects[id.index()].rect, is_span);
    }
    for (edge, way) in edges() {
        let route = corners(way);
        let head = |is_there: bool, said: &Option<loko_diagram::Arrowhead>| {
            is_there && said.as_ref().and_then(|head| head.shape) != Some(ArrowheadShape::None)
        };
        if head(edge.dst_arrow, &edge.dst_arrowhead) {
            canvas.head(route[route.len() - 2], route[route.len() - 1]);
        }
        if head(edge.src_arrow, &edge.src_arrowhead) {
            canvas.head(route[1], route[0]);
        }
        let mut label = edge.label.text.clone();
        if let Some(technology) = &edge.technology {
            label.push_str(&format!("\n[{technology}]"));
        }
        if let Some(rect) = way.label {
            canvas.label(label.trim(), rect);
        }
        for (rect, said) in [(way.src_label, &edge.src_arrowhead), (way.dst_label, &edge.dst_arrowhead)] {
            if let (Some(rect), Some(text)) = (rect, said.as_ref().and_then(|head| head.label.as_ref())) {
                canvas.label(&text.text, rect);
            }
        }
    }
    canvas.print()
}

/// The corners of a way; a curve is followed by its ends.
fn corners(way: &loko_diagram::PlacedEdge) -> Vec<Point> {
    if !way.curve {
        return way.route.clone();
    }
    way.route.iter().step_by(3).copied().collect()
}

/// Cells: a letter (empty behind a wide one) or nothing, and which lines run through.
struct Canvas {
    origin: Point,
    columns: usize,
    rows: usize,
    lines: Vec<u8>,
    letters: Vec<Option<String>>,
}

/// A box in cells; the right and lower ends belong to it.
#[derive(Clone, Copy)]
struct Cells {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Canvas {
    fn new(bounds: Rect) -> Self {
        let cells = |extent: f64, cell: f64| ((extent.max(0.0) / cell).ceil() as usize).saturating_add(3);
        let columns = cells(bounds.w, CELL_W).min(CELLS_MAX);
        let rows = cells(bounds.h, CELL_H).min(CELLS_MAX / columns);
        let (lines, letters) = (vec![0; columns * rows], vec![None; columns * rows]);
        Self { origin: Point::new(bounds.x, bounds.y), columns, rows, lines, letters }
    }

    fn column(&self, x: f64) -> usize {
        (((x - self.origin.x) / CELL_W).round().max(0.0) as usize).min(self.columns.saturating_sub(1))
    }

    fn row(&self, y: f64) -> usize {
        (((y - self.origin.y) / CELL_H).round().max(0.0) as usize).min(self.rows.saturating_sub(1))
    }

    fn cells(&self, rect: Rect) -> Cells {
        let (left, top) = (self.column(rect.x), self.row(rect.y));
        let (right, bottom) = (self.column(rect.right()).max(left + 1), self.row(rect.bottom()).max(top + 1));
        Cells { left, top, right: right.min(self.columns - 1), bottom: bottom.min(self.rows - 1) }
    }

    fn line(&mut self, column: usize, row: usize, mask: u8) {
        if column < self.columns && row < self.rows {
            self.lines[row * self.columns + column] |= mask;
        }
    }

    /// Empties the inside of a box; lines that end on its border stay and join it.
    fn clear(&mut self, area: Cells) {
        for row in area.top + 1..area.bottom {
            for column in area.left + 1..area.right {
                self.lines[row * self.columns + column] = 0;
                self.letters[row * self.columns + column] = None;
            }
        }
    }

    fn border(&mut self, area: Cells, extra: u8) {
        self.horizontal(area.left, area.right, area.top, extra);
        self.horizontal(area.left, area.right, area.bottom, extra);
        self.vertical(area.left, area.top, area.bottom, extra);
        self.vertical(area.right, area.top, area.bottom, extra);
    }

    fn horizontal(&mut self, from: usize, to: usize, row: usize, extra: u8) {
        let (from, to) = (from.min(to), from.max(to));
        for column in from..=to {
            let ends = if column > from { LEFT } else { 0 } | if column < to { RIGHT } else { 0 };
            self.line(column, row, ends | extra);
        }
    }

    fn vertical(&mut self, column: usize, from: usize, to: usize, extra: u8) {
        let (from, to) = (from.min(to), from.max(to));
        for row in from..=to {
            let ends = if row > from { UP } else { 0 } | if row < to { DOWN } else { 0 };
            self.line(column, row, ends | extra);
        }
    }

    /// A straight piece; slanted ones become a step.
    fn segment(&mut self, from: Point, to: Point, extra: u8) {
        let (x1, y1, x2, y2) = (self.column(from.x), self.row(from.y), self.column(to.x), self.row(to.y));
        if (from.x - to.x).abs() < CELL_W / 2.0 {
            self.vertical(x1, y1, y2, extra);
        } else if (from.y - to.y).abs() < CELL_H / 2.0 {
            self.horizontal(x1, x2, y1, extra);
        } else {
            let middle = usize::midpoint(y1, y2);
            self.vertical(x1, y1, middle, extra);
            self.horizontal(x1, x2, middle, extra);
            self.vertical(x2, middle, y2, extra);
        }
    }

    fn route(&mut self, route: &[Point], extra: u8) {
        for piece in route.windows(2) {
            self.segment(piece[0], piece[1], extra);
        }
    }

    /// An arrowhead in the cell before the end.
    fn head(&mut self, from: Point, to: Point) {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let (column, row) = (self.column(to.x), self.row(to.y));
        let (column, row, letter) = if dx.abs() > dy.abs() {
            if dx > 0.0 { (column.saturating_sub(1), row, "▶") } else { (column + 1, row, "◀") }
        } else if dy > 0.0 {
            (column, row.saturating_sub(1), "▼")
        } else {
            (column, row + 1, "▲")
        };
        self.letter(column, row, letter);
    }

    fn letter(&mut self, column: usize, row: usize, cluster: &str) {
        if column < self.columns && row < self.rows {
            self.letters[row * self.columns + column] = Some(cluster.to_string());
        }
    }

    fn write(&mut self, column: usize, row: usize, text: &str) {
        let mut at = column;
        for cluster in text.graphemes(true) {
            let width = cluster.width();
            if width == 0 || at + width > self.columns {
                continue;
            }
            self.letter(at, row, cluster);
            for behind in 1..width {
                self.letter(at + behind, row, "");
            }
            at += width;
        }
    }

    fn frame(&mut self, object: &Object, rect: Rect) {
        let area = self.cells(rect);
        let is_dashed = object.style.stroke_dash.is_some_and(|dash| dash > 0.0)
            || object.notation.as_ref().is_some_and(|notation| notation.kind == loko_diagram::NotationKind::Boundary);
        self.border(area, if is_dashed { DASHED } else { 0 });
        let mut heading = one_line(object);
        if let Some(notation) = &object.notation {
            heading = format!("{heading} {}", type_line(notation)).trim().to_string();
        }
        if !heading.is_empty() {
            let room = (area.right - area.left).saturating_sub(3);
            self.write(area.left + 2, area.top, &cut(&format!(" {heading} "), room));
        }
    }

    fn leaf(&mut self, object: &Object, rect: Rect, is_span: bool) {
        let area = self.cells(rect);
        if let Some(rows) = Rows::of(object, &Look::default()) {
            return self.table(&rows, area);
        }
        let bare = matches!(object.shape, Shape::Text);
        if !bare {
            self.clear(area);
            let is_round = matches!(
                object.shape,
                Shape::Oval
                    | Shape::Circle
                    | Shape::Cloud
                    | Shape::Cylinder
                    | Shape::Queue
                    | Shape::Person
                    | Shape::C4Person
            );
            let external = object.notation.as_ref().is_some_and(|notation| notation.external);
            self.border(area, if is_round { ROUND } else { 0 } | if external { DASHED } else { 0 });
            if object.shape == Shape::Cylinder && area.bottom > area.top + 2 {
                self.horizontal(area.left, area.right, area.top + 1, 0);
            }
        }
        if is_span {
            return;
        }
        let top = area.top + usize::from(object.shape == Shape::Cylinder);
        let (w, h) = ((area.right - area.left).saturating_sub(1), (area.bottom - top).saturating_sub(1));
        let mut lines = fit(&words(object), w, h.max(1));
        if matches!(object.shape, Shape::Person | Shape::C4Person) && lines.len() < h {
            lines.insert(0, "◯".into());
        }
        let first = top + 1 + h.saturating_sub(lines.len()) / 2;
        for (at, line) in lines.iter().enumerate() {
            let indent = if is_text_left(object) { 0 } else { w.saturating_sub(line.width()) / 2 };
            self.write(area.left + 1 + indent, first + at, line);
        }
    }

    fn table(&mut self, rows: &Rows, area: Cells) {
        self.clear(area);
        self.border(area, 0);
        let w = (area.right - area.left).saturating_sub(1);
        let title = cut(&rows.heading.text, w);
        self.write(area.left + 1 + w.saturating_sub(title.width()) / 2, area.top + 1, &title);
        if area.bottom > area.top + 2 {
            self.horizontal(area.left, area.right, area.top + 2, 0);
        }
        for (at, cells) in rows.rows.iter().enumerate() {
            let row = area.top + 3 + at;
            if row < area.bottom {
                let texts: Vec<&str> =
                    cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
                self.write(area.left + 2, row, &cut(&texts.join("  "), w.saturating_sub(1)));
            }
        }
    }

    fn label(&mut self, text: &str, rect: Rect) {
        if text.is_empty() {
            return;
        }
        let width = ((rect.w / CELL_W).ceil() as usize + 1).max(8);
        let lines = fit(&text.lines().map(String::from).collect::<Vec<_>>(), width, usize::MAX);
        let middle = self.row(rect.center().y);
        let top = middle.saturating_sub((lines.len().saturating_sub(1)) / 2);
        for (at, line) in lines.iter().enumerate() {
            let left = self.column(rect.center().x).saturating_sub(line.width() / 2);
            self.write(left, top + at, line);
        }
    }

    fn print(&self) -> String {
        let mut out = String::new();
        for row in 0..self.rows {
            let mut line = String::new();
            for column in 0..self.columns {
                let at = row * self.columns + column;
                match &self.letters[at] {
                    Some(cluster) => line.push_str(cluster),
                    None => line.push(stroke(self.lines[at])),
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        let blank = out.trim_end().len();
        out.truncate(blank);
        out.push('\n');
        out
    }
}

/// The character whose lines leave in these directions.
fn stroke(mask: u8) -> char {
    let (is_round, is_dashed) = (mask & ROUND != 0, mask & DASHED != 0);
    match mask & 15 {
        0 => ' ',
        mask if mask == UP || mask == DOWN || mask == UP | DOWN => {
            if is_dashed {
                '┆'
            } else {
                '│'
            }
        }
        mask if mask == LEFT || mask == RIGHT || mask == LEFT | RIGHT => {
            if is_dashed {
                '┄'
            } else {
                '─'
            }
        }
        mask if mask == DOWN | RIGHT => {
            if is_round {
                '╭'
            } else {
                '┌'
            }
        }
        mask if mask == DOWN | LEFT => {
            if is_round {
                '╮'
            } else {
                '┐'
            }
        }
        mask if mask == UP | RIGHT => {
            if is_round {
                '╰'
            } else {
                '└'
            }
        }
        mask if mask == UP | LEFT => {
            if is_round {
                '╯'
            } else {
                '┘'
            }
        }
        mask if mask == UP | DOWN | RIGHT => '├',
        mask if mask == UP | DOWN | LEFT => '┤',
        mask if mask == DOWN | LEFT | RIGHT => '┬',
        mask if mask == UP | LEFT | RIGHT => '┴',
        _ => '┼',
    }
}

/// The lines that an object shows.
fn words(object: &Object) -> Vec<String> {
    let mut lines: Vec<String> = match &object.label.kind {
        TextKind::Markdown => crate::text::markdown::plain_lines(&object.label.text),
        TextKind::Latex => crate::text::math::readable(&object.label.text).lines().map(String::from).collect(),
        _ => object.label.text.lines().map(String::from).collect(),
    };
    if let Some(notation) = &object.notation {
        lines.push(type_line(notation));
        if let Some(description) = &notation.description {
            lines.push(description.trim().to_string());
        }
    }
    lines
}

fn is_text_left(object: &Object) -> bool {
    matches!(object.label.kind, TextKind::Code(_) | TextKind::Markdown)
}

fn one_line(object: &Object) -> String {
    words(&Object { notation: None, ..object.clone() }).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines no wider than `width`, at most `height` of them.
fn fit(lines: &[String], width: usize, height: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        let mut current = String::new();
        if line.width() <= width {
            out.push(line.clone());
            continue;
        }
        for word in line.split_whitespace() {
            if !current.is_empty() && current.width() + 1 + word.width() > width {
                out.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(&cut(word, width));
        }
        out.push(current);
    }
    if out.len() > height {
        out.truncate(height);
        if let Some(last) = out.last_mut() {
            *last = cut(&format!("{last} …"), width);
        }
    }
    out
}

/// A text no wider than `width`, with an ellipsis where it is cut.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut out = String::new();
    for cluster in text.graphemes(true) {
        if out.width() + cluster.width() + 1 > width {
            break;
        }
        out.push_str(cluster);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::{Edge, PlacedEdge, PlacedObject, Text};

    fn board() -> (Board, Placed) {
        let mut board = Board::default();
        for (name, shape) in [("web", Shape::Rectangle), ("a very long name", Shape::Cylinder)] {
            board.push(Object { id: name.into(), label: Text::plain(name), shape, ..Object::default() });
        }
        board.edges.push(Edge { label: Text::plain("calls"), ..Edge::new(ObjectId(0), ObjectId(1)) });
        let rect = |x: f64| PlacedObject { rect: Rect::new(x, 0.0, 75.0, 64.0), ..PlacedObject::default() };
        let route = vec![Point::new(75.0, 32.0), Point::new(165.0, 32.0)];
        let label = Some(Rect::new(100.0, 22.0, 40.0, 20.0));
        let edges = vec![PlacedEdge { route, label, ..PlacedEdge::default() }];
        let placed = Placed {
            objects: vec![rect(0.0), rect(165.0)],
            edges,
            bounds: Rect::new(0.0, 0.0, 240.0, 64.0),
            ..Placed::default()
        };
        (board, placed)
    }

    #[test]
    fn boxes_and_lines_join() {
        let (board, placed) = board();
        let expected = "\
┌─────────┐           ╭─────────╮
│         │           ├─────────┤
│   web   ├───calls──▶┤ a very  │
│         │           │long name│
└─────────┘           ╰─────────╯
";
        assert_eq!(text(&board, &placed), expected);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(fit(&["one two three".into()], 7, 1), ["one tw…"]);
        assert_eq!(cut("架构即代码", 5), "架构…");
        assert_eq!(cut("x", 0), "");
    }

    #[test]
    fn huge_and_empty_pictures_end() {
        let mut placed = Placed { bounds: Rect::new(0.0, 0.0, 1e12, 1e12), ..Placed::default() };
        assert_eq!(text(&Board::default(), &placed), "\n");
        placed.bounds = Rect::default();
        assert_eq!(text(&Board::default(), &placed), "\n");
    }
}
