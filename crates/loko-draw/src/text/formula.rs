//! LaTeX mathematics set in two dimensions: scripts, fractions, roots, limits, fences, matrices.
//!
//! A small box-and-glue setter after Knuth's *TeXbook*, appendix G, with proportions in place of font tables: letters
//! slant, digits and names stand, relations get air. Unknown commands show their name. What is nested deeper than
//! [`DEPTH_MAX`] is left out.

use super::math::symbol;
use super::{Align, Block, Fragment, Mark, MarkKind, Tone};
use crate::font::{self, Face};
use crate::text::block::Line;
use loko_diagram::{Rect, Size};

/// How deep groups may nest.
const DEPTH_MAX: usize = 40;
/// The height of the middle of operators over the baseline, in sizes.
const AXIS: f64 = 0.27;
const SCRIPT: f64 = 0.7;
const SCRIPT_LEAST: f64 = 8.0;

/// Lays a formula out.
pub(crate) fn block(latex: &str, size: f64) -> Block {
    let mut parser = Parser { rest: latex, depth: 0 };
    let rows = parser.rows(&End::Text);
    let piece = table(&rows, size, size * 0.45);
    let (top, pad) = (piece.up, size * 0.1);
    let line = |(x, y, fragment): (f64, f64, Fragment)| Line {
        x: x + pad,
        baseline: y + top + pad,
        align: Align::Start,
        fragments: vec![fragment],
    };
    let mark = |mark: Mark| Mark { rect: mark.rect.shift(pad, top + pad), ..mark };
    Block {
        size: Size::new(piece.w + 2.0 * pad, piece.up + piece.down + 2.0 * pad),
        lines: piece.letters.into_iter().map(line).collect(),
        marks: piece.marks.into_iter().map(mark).collect(),
    }
}

#[derive(Clone, Debug)]
enum Node {
    /// A letter, number, operator or name; `air` is what a relation has around it, in sizes.
    Text {
        text: String,
        face: Face,
        air: f64,
    },
    /// An empty stretch in sizes.
    Space(f64),
    Row(Vec<Node>),
    Fraction {
        top: Box<Node>,
        bottom: Box<Node>,
        bar: bool,
    },
    Root {
        index: Option<Box<Node>>,
        inside: Box<Node>,
    },
    /// `limits` puts scripts above and below.
    Scripts {
        base: Box<Node>,
        sub: Option<Box<Node>>,
        sup: Option<Box<Node>>,
        limits: bool,
    },
    Fence {
        left: String,
        inside: Box<Node>,
        right: String,
    },
    Table(Vec<Vec<Node>>),
}

/// What ends a row.
#[derive(Clone, Debug, PartialEq)]
enum End {
    Text,
    Brace,
    Bracket,
    Environment,
    Right,
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Rows of cells up to the end, which is taken.
    fn rows(&mut self, end: &End) -> Vec<Vec<Node>> {
        let mut rows: Vec<Vec<Vec<Node>>> = vec![vec![Vec::new()]];
        self.depth += 1;
        while let Some(c) = self.next() {
            let row = rows.last_mut().expect("there is a row from the start");
            match c {
                '}' if *end == End::Brace => break,
                ']' if *end == End::Bracket => break,
                '&' if matches!(end, End::Environment | End::Text) => row.push(Vec::new()),
                '\\' if self.rest.starts_with('\\') => {
                    self.next();
                    rows.push(vec![Vec::new()]);
                }
                '\\' => {
                    let name = self.name();
                    if (name == "end" && *end == End::Environment) || (name == "right" && *end == End::Right) {
                        break;
                    }
                    let node = self.command(&name);
                    row.last_mut().into_iter().for_each(|cell| cell.push(node.clone()));
                }
                c => {
                    let cell = row.last_mut().expect("a row has a cell from the start");
                    self.character(c, cell);
                }
            }
        }
        self.depth -= 1;
        if rows.len() > 1 && rows.last().is_some_and(|row| row.iter().all(Vec::is_empty)) {
            rows.pop();
        }
        rows.into_iter().map(|row| row.into_iter().map(Node::Row).collect()).collect()
    }

    fn group(&mut self, end: &End) -> Node {
        if self.depth > DEPTH_MAX {
            return Node::Row(Vec::new());
        }
        let mut rows = self.rows(end);
        if rows.len() == 1 && rows[0].len() == 1 {
            return rows.remove(0).remove(0);
        }
        Node::Table(rows)
    }

    fn character(&mut self, c: char, cell: &mut Vec<Node>) {
        match c {
            '^' | '_' => {
                let script = self.argument();
                let base = cell.pop().unwrap_or(Node::Row(Vec::new()));
                cell.push(with_script(base, script, c == '^'));
            }
            '\'' => {
                let base = cell.pop().unwrap_or(Node::Row(Vec::new()));
                cell.push(with_script(base, upright("′"), true));
            }
            '{' => {
                let group = self.group(&End::Brace);
                cell.push(group);
            }
            '~' => cell.push(Node::Space(0.3)),
            '}' | '$' | '&' => {}
            c if c.is_whitespace() => {}
            c if c.is_ascii_digit() || c == '.' => match cell.last_mut() {
                Some(Node::Text { text, face: Face::Regular, .. })
                    if text.ends_with(|last: char| last.is_ascii_digit() || last == '.') =>
                {
                    text.push(c);
                }
                _ => cell.push(upright(&c.to_string())),
            },
            '-' => cell.push(relation("−", cell.is_empty())),
            '+' | '=' | '<' | '>' => cell.push(relation(&c.to_string(), cell.is_empty())),
            ',' | ';' => cell.extend([upright(&c.to_string()), Node::Space(0.18)]),
            c if c.is_alphabetic() => cell.push(Node::Text { text: c.to_string(), face: Face::Italic, air: 0.0 }),
            c => cell.push(upright(&c.to_string())),
        }
    }

    fn argument(&mut self) -> Node {
        self.rest = self.rest.trim_start();
        match self.next() {
            Some('{') => self.group(&End::Brace),
            Some('\\') => {
                let name = self.name();
                if self.depth > DEPTH_MAX {
                    return Node::Row(Vec::new());
                }
                self.depth += 1;
                let node = self.command(&name);
                self.depth -= 1;
                node
            }
            Some(c) => {
                let mut cell = Vec::new();
                if !matches!(c, '^' | '_') {
                    self.character(c, &mut cell);
                }
                Node::Row(cell)
            }
            None => Node::Row(Vec::new()),
        }
    }

    fn name(&mut self) -> String {
        let len = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(len);
        self.rest = rest;
        if name.is_empty() { self.next().map(String::from).unwrap_or_default() } else { name.to_string() }
    }

    /// The words of a braced argument as they stand.
    fn words(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let Some(inside) = self.rest.strip_prefix('{') else { return String::new() };
        let mut depth = 1;
        for (at, c) in inside.char_indices() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 {
                self.rest = &inside[at + 1..];
                return inside[..at].to_string();
            }
        }
        self.rest = "";
        inside.to_string()
    }

    fn command(&mut self, name: &str) -> Node {
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                Node::Fraction { top: Box::new(self.argument()), bottom: Box::new(self.argument()), bar: true }
            }
            "binom" => {
                let (top, bottom) = (Box::new(self.argument()), Box::new(self.argument()));
                let inside = Box::new(Node::Fraction { top, bottom, bar: false });
                Node::Fence { left: "(".into(), inside, right: ")".into() }
            }
            "sqrt" => {
                self.rest = self.rest.trim_start();
                let index = self.rest.starts_with('[').then(|| {
                    self.next();
                    Box::new(self.group(&End::Bracket))
                });
                Node::Root { index, inside: Box::new(self.argument()) }
            }
            "text" | "textrm" | "mathrm" | "operatorname" | "mbox" | "textit" | "mathit" => upright(&self.words()),
            "textbf" | "mathbf" => Node::Text { text: self.words(), face: Face::Bold, air: 0.0 },
            "texttt" | "mathtt" => Node::Text { text: self.words(), face: Face::Mono, air: 0.0 },
            "left" => {
                let left = self.delimiter();
                let inside = Box::new(self.group(&End::Right));
                Node::Fence { left, inside, right: self.delimiter() }
            }
            "begin" => self.environment(),
            "end" | "color" | "label" => {
                self.words();
                Node::Row(Vec::new())
            }
            "textcolor" => {
                self.words();
                self.argument()
            }
            "right" => upright(&self.delimiter()),
            "," | ":" | ";" | " " => Node::Space(0.2),
            "quad" => Node::Space(1.0),
            "qquad" => Node::Space(2.0),
            "!" | "limits" | "nolimits" | "displaystyle" | "textstyle" | "big" | "Big" | "bigg" | "Bigg" | "bigl"
            | "bigr" | "Bigl" | "Bigr" | "biggl" | "biggr" | "middle" | "Huge" | "huge" | "LARGE" | "Large"
            | "large" | "small" => Node::Row(Vec::new()),
            "mathbb" | "mathcal" | "mathsf" | "boldsymbol" | "displaylines" | "mathclap" | "substack"
            | "underbrace" | "overbrace" | "mathop" | "hat" | "bar" | "vec" | "tilde" | "dot" | "overline"
            | "underline" => self.argument(),
            "lim" | "max" | "min" | "sup" | "inf" | "sin" | "cos" | "tan" | "log" | "ln" | "exp" | "det" | "arg"
            | "mod" => Node::Text { text: name.to_string(), face: Face::Regular, air: 0.1 },
            name => match symbol(name) {
                Some(found) if is_relation(found.trim()) => relation(found.trim(), false),
                Some(found) => upright(found.trim()),
                None if name.chars().count() == 1 => upright(name),
                None => Node::Text { text: name.to_string(), face: Face::Italic, air: 0.1 },
            },
        }
    }

    fn delimiter(&mut self) -> String {
        self.rest = self.rest.trim_start();
        match self.next() {
            Some('.') | None => String::new(),
            Some('\\') => {
                let name = self.name();
                symbol(&name).map_or(name, |found| found.trim().to_string())
            }
            Some(c) => c.to_string(),
        }
    }

    fn environment(&mut self) -> Node {
        let name = self.words();
        if self.depth > DEPTH_MAX {
            return Node::Row(Vec::new());
        }
        if name == "array" {
            self.words();
        }
        let rows = self.rows(&End::Environment);
        self.words();
        let (left, right) = match name.trim_end_matches('*') {
            "pmatrix" => ("(", ")"),
            "bmatrix" => ("[", "]"),
            "Bmatrix" => ("{", "}"),
            "vmatrix" | "Vmatrix" => ("|", "|"),
            "cases" => ("{", ""),
            _ => return Node::Table(rows),
        };
        Node::Fence { left: left.into(), inside: Box::new(Node::Table(rows)), right: right.into() }
    }
}

fn upright(text: &str) -> Node {
    Node::Text { text: text.to_string(), face: Face::Regular, air: 0.0 }
}

/// A sign between two sides; at the start of a row it belongs to what follows.
fn relation(text: &str, at_start: bool) -> Node {
    Node::Text { text: text.to_string(), face: Face::Regular, air: if at_start { 0.0 } else { 0.22 } }
}

fn is_relation(sign: &str) -> bool {
    const RELATIONS: &str = "≤≥≠≈≡∼±∓×÷·→←⇒⇐↔⇔↦∈∉∪∩⊂⊃⊆∧∨∝≪≫";
    sign.chars().count() == 1 && RELATIONS.contains(sign)
}

/// Signs and names that carry their scripts above and below.
fn takes_limits(base: &Node) -> bool {
    matches!(base, Node::Text { text, .. } if matches!(text.as_str(), "∑" | "∏" | "lim" | "max" | "min" | "sup" | "inf"))
}

fn with_script(base: Node, script: Node, above: bool) -> Node {
    let (base, mut sub, mut sup, limits) = match base {
        Node::Scripts { base, sub, sup, limits } => (base, sub, sup, limits),
        base => {
            let limits = takes_limits(&base);
            (Box::new(base), None, None, limits)
        }
    };
    let place = if above { &mut sup } else { &mut sub };
    // Scripts of scripts without braces are no LaTeX; they join, so that nothing nests without end.
    match place.as_deref_mut() {
        Some(Node::Row(known)) => known.push(script),
        Some(known) => *known = Node::Row(vec![known.clone(), script]),
        None => *place = Some(Box::new(script)),
    }
    Node::Scripts { base, sub, sup, limits }
}

/// A set part: its width, how far it reaches above and below the baseline, and what it holds (from its left end).
#[derive(Clone, Debug, Default)]
struct Piece {
    w: f64,
    up: f64,
    down: f64,
    letters: Vec<(f64, f64, Fragment)>,
    marks: Vec<Mark>,
}

impl Piece {
    fn text(text: &str, face: Face, size: f64) -> Self {
        let mut piece = Self { up: size * 0.78, down: size * 0.24, ..Self::default() };
        for stretch in font::stretches(text, face) {
            let width = stretch.width * size;
            let fragment = Fragment {
                text: stretch.text,
                face: stretch.face,
                size,
                tone: Tone::Ink,
                width,
                estimated: stretch.estimated,
                underline: false,
                strike: false,
                link: None,
            };
            piece.letters.push((piece.w, 0.0, fragment));
            piece.w += width;
        }
        piece
    }

    /// Puts another piece in, its baseline `y` below this one's.
    fn put(&mut self, other: Piece, x: f64, y: f64) {
        self.w = self.w.max(x + other.w);
        self.up = self.up.max(other.up - y);
        self.down = self.down.max(other.down + y);
        self.letters.extend(other.letters.into_iter().map(|(dx, dy, fragment)| (x + dx, y + dy, fragment)));
        self.marks.extend(other.marks.into_iter().map(|mark| Mark { rect: mark.rect.shift(x, y), ..mark }));
    }
}

fn set(node: &Node, size: f64) -> Piece {
    match node {
        Node::Text { text, face, air } => {
            let mut piece = Piece::default();
            let big = if matches!(text.as_str(), "∑" | "∏" | "∫" | "∮") { 1.4 } else { 1.0 };
            let sign = Piece::text(text, *face, size * big);
            let (w, drop) = (sign.w, if big > 1.0 { size * 0.12 } else { 0.0 });
            piece.put(sign, air * size, drop);
            piece.w = w + 2.0 * air * size;
            piece
        }
        Node::Space(width) => Piece { w: width * size, ..Piece::default() },
        Node::Row(nodes) => {
            let mut piece = Piece::default();
            for node in nodes {
                let x = piece.w;
                piece.put(set(node, size), x, 0.0);
            }
            piece
        }
        Node::Fraction { top, bottom, bar } => fraction(&set(top, size * 0.92), &set(bottom, size * 0.92), size, *bar),
        Node::Root { index, inside } => root(index.as_deref(), set(inside, size), size),
        Node::Scripts { base, sub, sup, limits } => scripts(base, sub.as_deref(), sup.as_deref(), *limits, size),
        Node::Fence { left, inside, right } => fence(left, set(inside, size), right, size),
        Node::Table(rows) => table(rows, size, size * 0.3),
    }
}

fn fraction(top: &Piece, bottom: &Piece, size: f64, bar: bool) -> Piece {
    let (gap, pad) = (size * 0.14, size * 0.12);
    let width = top.w.max(bottom.w) + 2.0 * pad;
    let mut piece = Piece { w: width, ..Piece::default() };
    piece.put(top.clone(), (width - top.w) / 2.0, -size * AXIS - gap - top.down);
    piece.put(bottom.clone(), (width - bottom.w) / 2.0, -size * AXIS + gap + bottom.up);
    if bar {
        let rect = Rect::new(pad * 0.4, -size * AXIS, width - pad * 0.8, 0.0);
        piece.marks.push(Mark { rect, kind: MarkKind::Stroke });
    }
    piece.w = width + size * 0.06;
    piece
}

fn root(index: Option<&Node>, inside: Piece, size: f64) -> Piece {
    let (sign, over) = (size * 0.62, size * 0.12);
    let index = index.map(|index| set(index, (size * 0.6).max(SCRIPT_LEAST)));
    let left = index.as_ref().map_or(0.0, |index| (index.w - sign * 0.45).max(0.0));
    let (up, down, width) = (inside.up + over, inside.down, inside.w);
    let mut piece = Piece::default();
    piece.put(inside, left + sign, 0.0);
    piece.up = up + over;
    piece.marks.push(Mark { rect: Rect::new(left, -up, sign, up + down), kind: MarkKind::Root });
    piece.marks.push(Mark { rect: Rect::new(left + sign, -up, width + size * 0.05, 0.0), kind: MarkKind::Stroke });
    if let Some(index) = index {
        piece.put(index, 0.0, -up * 0.55);
    }
    piece.w = left + sign + width + size * 0.1;
    piece
}

fn scripts(base: &Node, sub: Option<&Node>, sup: Option<&Node>, limits: bool, size: f64) -> Piece {
    let small = (size * SCRIPT).max(SCRIPT_LEAST.min(size));
    let base = set(base, size);
    let (sub, sup) = (sub.map(|node| set(node, small)), sup.map(|node| set(node, small)));
    let mut piece = Piece::default();
    if limits {
        let widest =
            [Some(&base), sub.as_ref(), sup.as_ref()].into_iter().flatten().map(|part| part.w).fold(0.0, f64::max);
        let (up, down, own) = (base.up, base.down, base.w);
        piece.put(base, (widest - own) / 2.0, 0.0);
        if let Some(sup) = sup {
            let (x, y) = ((widest - sup.w) / 2.0, -up - sup.down);
            piece.put(sup, x, y);
        }
        if let Some(sub) = sub {
            let (x, y) = ((widest - sub.w) / 2.0, down + sub.up);
            piece.put(sub, x, y);
        }
        piece.w = widest + size * 0.12;
        return piece;
    }
    let (x, up, down) = (base.w + size * 0.03, base.up.max(size * 0.7), base.down);
    piece.put(base, 0.0, 0.0);
    if let Some(sup) = sup {
        piece.put(sup, x, -(up - size * 0.36));
    }
    if let Some(sub) = sub {
        let drop = size * 0.18 + (down - size * 0.24).max(0.0);
        piece.put(sub, x, drop);
    }
    piece.w += size * 0.04;
    piece
}

fn fence(left: &str, inside: Piece, right: &str, size: f64) -> Piece {
    // A delimiter is set in the size that is as high as what it holds, and hung on the axis.
    let height = (2.0 * (inside.up - size * AXIS).max(inside.down + size * AXIS)).max(size);
    let scale = (height * 0.92).max(size);
    let side = |sign: &str| Piece::text(sign, Face::Regular, scale);
    let y = -size * AXIS + scale * AXIS;
    let (up, down) = (inside.up, inside.down);
    let mut piece = Piece::default();
    for part in [side(left), inside, side(right)] {
        let x = piece.w;
        let shift = if (part.up - scale * 0.78).abs() < 1e-9 && part.letters.len() <= 1 { y } else { 0.0 };
        piece.put(part, x, shift);
    }
    (piece.up, piece.down) = (up.max(height / 2.0 + size * AXIS), down.max(height / 2.0 - size * AXIS));
    piece
}

fn table(rows: &[Vec<Node>], size: f64, gap: f64) -> Piece {
    let cells: Vec<Vec<Piece>> = rows.iter().map(|row| row.iter().map(|cell| set(cell, size)).collect()).collect();
    let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<f64> = (0..columns)
        .map(|at| cells.iter().filter_map(|row| row.get(at)).map(|cell| cell.w).fold(0.0, f64::max))
        .collect();
    let tall = |row: &[Piece]| {
        let up = row.iter().map(|cell| cell.up).fold(size * 0.78, f64::max);
        (up, row.iter().map(|cell| cell.down).fold(size * 0.24, f64::max))
    };
    let height: f64 =
        cells.iter().map(|row| tall(row).0 + tall(row).1).sum::<f64>() + gap * cells.len().saturating_sub(1) as f64;
    // One row stays on its baseline; several are hung on the axis.
    let mut y = if cells.len() == 1 { -tall(&cells[0]).0 } else { -size * AXIS - height / 2.0 };
    let mut piece = Piece::default();
    for row in cells {
        let (up, down) = tall(&row);
        let mut x = 0.0;
        for (cell, width) in row.into_iter().zip(&widths) {
            let left = x + (width - cell.w) / 2.0;
            piece.put(cell, left, y + up);
            x += width + size * 0.7;
        }
        piece.up = piece.up.max(-y);
        piece.down = piece.down.max(y + up + down);
        y += up + down + gap;
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(latex: &str) -> String {
        block(latex, 20.0).lines.iter().map(|line| line.fragments[0].text.as_str()).collect()
    }

    #[test]
    fn everything_is_set_inside_the_block() {
        for latex in [
            r"\lim_{h \rightarrow 0 } \frac{f(x+h)-f(x)}{h}",
            r"\sum_{i=0}^n i^2 = \frac{(n^2+n)(2n+1)}{6}",
            r"\sqrt[3]{\frac{a}{b}} \left( \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \right)",
            r"x_1^2 + \text{if } y \leq \infty \\ \alpha \in \mathbb{R}",
            r"\begin{cases} a & b \\ c & d \end{cases} \int_0^1 \unknown",
        ] {
            let block = block(latex, 20.0);
            let inside = Rect::new(-0.5, -0.5, block.size.w + 1.0, block.size.h + 1.0);
            for line in &block.lines {
                let size = line.fragments[0].size;
                let bounds = Rect::new(line.x, line.baseline - size * 0.7, line.width(), size * 0.7);
                assert!(inside.holds(bounds), "{latex}: {line:?} is not in {:?}", block.size);
            }
            assert!(block.marks.iter().all(|mark| inside.holds(mark.rect)), "{latex}: {:?}", block.marks);
        }
    }

    #[test]
    fn parts_are_where_they_belong() {
        assert_eq!(letters(r"a^2_i + 10.5"), "a2i+10.5");
        let fraction = block(r"\frac{a}{b}", 20.0);
        assert!(fraction.lines[0].baseline < fraction.lines[1].baseline);
        assert_eq!(fraction.marks.len(), 1);
        let power = block("a^2", 20.0);
        assert!(power.lines[1].baseline < power.lines[0].baseline && power.lines[1].fragments[0].size < 20.0);
    }

    #[test]
    fn deep_nesting_ends() {
        for start in ["{", "\\sqrt", "_", "\\frac", "\\left(", "\\begin{x}", "\\sqrt[", "^{", "\\text{", "\\hat"] {
            block(&start.repeat(4_000), 20.0);
        }
    }
}
