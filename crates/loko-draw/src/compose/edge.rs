//! Edges: their way with rounded corners and gaps for labels, arrowheads, labels.

use super::Composer;
use super::head::{Head, HeadFill, head};
use super::object::css_word;
use crate::label;
use crate::path::{KAPPA, Path, Seg, inside_part, split_cubic};
use crate::scene::{Figure, Geometry, Group, Ink, Item, Paint, Stroke};
use crate::skin;
use crate::text::{Block, Tone};
use loko_diagram::{Arrowhead, ArrowheadShape, Edge, Point, Rect, Style};

/// The radius of a route's corners.
const CORNER: f64 = 8.0;
/// How much of the last piece of a line a head may take.
const HEAD_MOST: f64 = 0.9;
/// The space between a label and its line.
const CLEAR: f64 = 3.0;

impl Composer<'_> {
    /// The group of an edge, if it has a way; its id is its bare name.
    pub(super) fn edge(&self, at: usize) -> Option<Group> {
        let board = self.board;
        let edge = &board.edges[at];
        let placed = self.placed_edge(at).clone();
        if placed.route.len() < 2 || placed.route.iter().any(|point| !point.x.is_finite() || !point.y.is_finite()) {
            return None;
        }
        let ground = self.ground_at(&placed.route);
        let line = self.colors.line();
        let stroke = skin::stroke(&edge.style, line, ground, &self.colors, false);
        let mut items = Vec::new();
        if let Some(stroke) = stroke {
            items.extend(self.line(edge, &placed, &stroke, ground));
        }
        items.extend(self.labels(edge, &placed));
        let name = if edge.key.is_empty() { self.edge_name(edge) } else { edge.key.clone() };
        let data = vec![
            ("id", name.clone()),
            ("src", board.object(edge.src).id.clone()),
            ("dst", board.object(edge.dst).id.clone()),
        ];
        let mut class = String::from("edge");
        for name in &edge.classes {
            class.push_str(&format!(" {}", css_word(name)));
        }
        Some(Group {
            id: name,
            class,
            data,
            label: self.edge_words(edge),
            tooltip: edge.tooltip.clone(),
            link: edge.link.clone(),
            opacity: edge.style.opacity.filter(|opacity| *opacity < 1.0).map(|opacity| opacity.max(0.0)),
            items,
        })
    }

    fn edge_name(&self, edge: &Edge) -> String {
        let (src, dst) = (&self.board.object(edge.src).id, &self.board.object(edge.dst).id);
        let arrow = match (edge.src_arrow, edge.dst_arrow) {
            (true, true) => "<->",
            (true, false) => "<-",
            (false, true) => "->",
            (false, false) => "--",
        };
        format!("({src} {arrow} {dst})[{}]", edge.index)
    }

    fn edge_words(&self, edge: &Edge) -> String {
        let (src, dst) = (self.name(edge.src), self.name(edge.dst));
        let mut words = match (edge.src_arrow, edge.dst_arrow) {
            (true, false) => format!("{dst} to {src}"),
            (true, true) => format!("{src} to and from {dst}"),
            (false, false) => format!("{src} and {dst}"),
            (false, true) => format!("{src} to {dst}"),
        };
        if !edge.label.is_empty() {
            words.push_str(": ");
            let said = label::said(edge).map(|said| said.split_whitespace().collect::<Vec<_>>().join(" "));
            words.push_str(&said.collect::<Vec<_>>().join("; "));
        }
        if let Some(technology) = &edge.technology {
            words.push_str(&format!(" [{technology}]"));
        }
        if let Some(count) = label::how_many(edge) {
            words.push_str(&format!(" {count}"));
        }
        words
    }

    /// The colour that most of a route runs over: that of the innermost frame around its middle.
    fn ground_at(&self, route: &[Point]) -> Ink {
        let middle = route[route.len() / 2];
        let inner = self.frames.iter().rev().find(|(rect, _)| rect.contains(middle));
        inner.map_or_else(|| self.paper(), |(_, ground)| *ground)
    }

    fn line(&self, edge: &Edge, placed: &loko_diagram::PlacedEdge, stroke: &Stroke, ground: Ink) -> Vec<Item> {
        let mut route = placed.route.clone();
        route.dedup_by(|one, two| one.distance(*two) < 0.01);
        if route.len() < 2 || (placed.curve && route.len() % 3 != 1) {
            return Vec::new();
        }
        let last = route.len() - 1;
        route[0] = self.meet(edge.src, route[1], route[0]);
        route[last] = self.meet(edge.dst, route[last - 1], route[last]);
        let labels: Vec<Rect> = [placed.label, placed.src_label, placed.dst_label]
            .into_iter()
            .flatten()
            .filter(|rect| !rect.size().is_zero())
            // A label beside the line, as above a message of a sequence diagram, leaves the line whole.
            .filter(|rect| placed.curve || passes(&route, *rect))
            .map(|rect| rect.grow(CLEAR))
            .collect();
        let shared = if edge.src_arrow && edge.dst_arrow && route.len() == 2 { 0.5 } else { 1.0 };
        let room = |tip: Point, from: Point| {
            let length = tip.distance(from);
            let to_label = |label: &Rect| inside_part(tip, from, *label).map(|(enter, _)| enter * length);
            let free = if placed.curve { None } else { labels.iter().filter_map(to_label).reduce(f64::min) };
            free.unwrap_or(length * shared * HEAD_MOST)
        };
        let (start, end) = ((route[0], route[1]), (route[last], route[last - 1]));
        let src = head_of(edge.src_arrow, edge.src_arrowhead.as_ref(), start, stroke.width, room(start.0, start.1));
        let dst = head_of(edge.dst_arrow, edge.dst_arrowhead.as_ref(), end, stroke.width, room(end.0, end.1));
        let path = if placed.curve {
            curve(&route, src.length, dst.length)
        } else {
            let corner = edge.style.border_radius.unwrap_or(CORNER).clamp(0.0, 100.0);
            rounded(&shortened(&route, src.length, dst.length), if self.look.quirks().square { 0.0 } else { corner })
        };
        let mut items = vec![Item::from(Figure {
            geometry: Geometry::Path(cut(&path, &labels)),
            fill: Paint::None,
            stroke: Some(stroke.clone()),
            pattern: None,
            shadow: false,
            class: if stroke.animated { "line animated" } else { "line" },
        })];
        let heads = [(src, edge.src_arrowhead.as_ref()), (dst, edge.dst_arrowhead.as_ref())];
        for (head, said) in heads {
            items.extend(self.head_items(head, said, stroke, ground));
        }
        items
    }

    pub(super) fn head_items(&self, head: Head, said: Option<&Arrowhead>, line: &Stroke, ground: Ink) -> Vec<Item> {
        let paint = match &line.paint {
            Paint::Gradient(_) => crate::paint::average(&line.paint).map_or(Paint::None, Paint::Flat),
            paint => paint.clone(),
        };
        let own = said.and_then(|head| head.style.stroke.as_deref()).and_then(crate::paint::parse);
        let paint = own.unwrap_or(paint);
        let own_fill = said.and_then(|head| head.style.fill.as_deref()).and_then(crate::paint::parse);
        let width = head.stroke;
        let parts = head.parts.into_iter().map(|part| {
            let fill = match part.fill {
                HeadFill::Line => own_fill.clone().unwrap_or_else(|| paint.clone()),
                HeadFill::Ground => own_fill.clone().unwrap_or(Paint::Flat(ground)),
                HeadFill::None => Paint::None,
            };
            let stroke = Stroke { paint: paint.clone(), width, dash: Vec::new(), animated: false, round: true };
            Item::from(Figure {
                geometry: part.geometry,
                fill,
                stroke: Some(stroke),
                pattern: None,
                shadow: false,
                class: "head",
            })
        });
        parts.collect()
    }

    fn labels(&self, edge: &Edge, placed: &loko_diagram::PlacedEdge) -> Vec<Item> {
        let mut items = Vec::new();
        let mut put = |rect: Option<Rect>, block: &Block, style: &Style, tone: Tone| {
            let Some(rect) = rect.filter(|_| !block.is_empty()) else { return };
            let mut ground = self.ground_at(&[rect.center()]);
            if let Some(paint) = style.fill.as_deref().and_then(crate::paint::parse) {
                ground = crate::paint::average(&paint).map_or(ground, |ink| ink.with(ground, crate::Color::over));
                items.push(self.plate(rect.grow(CLEAR), paint));
            }
            let ink = match style.font_color.as_deref().and_then(crate::Color::parse).filter(|color| color.a > 0) {
                Some(color) if self.colors.dark.is_some() => {
                    Ink { light: color, dark: color.readable_on(ground.dark, crate::theme::AA_TEXT) }
                }
                Some(color) => Ink::same(color),
                None => skin::letters(tone, ground, None, &self.colors),
            };
            items.extend(self.words(block, rect, ground, Some(ink)));
        };
        let block = label::edge(edge, self.look);
        let (icon, text) = match placed.label {
            Some(rect) => {
                let (icon, text) = label::edge_parts(edge, rect, !block.is_empty());
                (icon, Some(text))
            }
            None => (None, None),
        };
        put(text, &block, &edge.style, Tone::Ink);
        for (rect, said) in [(placed.src_label, &edge.src_arrowhead), (placed.dst_label, &edge.dst_arrowhead)] {
            if let Some(said) = said {
                put(rect, &label::head(said.label.as_ref(), &said.style, self.look), &said.style, Tone::Muted);
            }
        }
        if let (Some(rect), Some(place)) = (icon, edge.icon.as_deref()) {
            items.extend(self.picture_at(place, "", rect, self.ground_at(&[rect.center()])));
        }
        items
    }
}

/// The head at an end of a line, if there is one: the tip, where the line comes from, and the room.
fn head_of(is_there: bool, said: Option<&Arrowhead>, (tip, from): (Point, Point), width: f64, room: f64) -> Head {
    let shape = if is_there { said.and_then(|head| head.shape).unwrap_or_default() } else { ArrowheadShape::None };
    head(shape, said.and_then(|head| head.style.filled), tip, from, width, room)
}

/// The route with its ends drawn back by these lengths.
fn shortened(route: &[Point], start: f64, end: f64) -> Vec<Point> {
    let mut route = route.to_vec();
    let last = route.len() - 1;
    let back = |tip: Point, from: Point, by: f64| {
        let length = tip.distance(from);
        let part = (by / length).min(0.95);
        Point::new(tip.x + (from.x - tip.x) * part, tip.y + (from.y - tip.y) * part)
    };
    route[0] = back(route[0], route[1], start);
    route[last] = back(route[last], route[last - 1], end);
    route
}

/// A polyline with rounded corners.
fn rounded(route: &[Point], radius: f64) -> Path {
    let mut path = Path::from(route[0].x, route[0].y);
    for corner in route.windows(3) {
        let [before, at, after] = [corner[0], corner[1], corner[2]];
        let room = (before.distance(at) / 2.0).min(at.distance(after) / 2.0);
        let r = radius.min(room);
        let turn = (at.x - before.x) * (after.y - at.y) - (at.y - before.y) * (after.x - at.x);
        if r < 0.5 || turn.abs() < 1e-6 {
            path = path.to(at.x, at.y);
            continue;
        }
        let towards = |to: Point, by: f64| {
            let part = by / at.distance(to);
            (at.x + (to.x - at.x) * part, at.y + (to.y - at.y) * part)
        };
        let (enter, leave) = (towards(before, r), towards(after, r));
        path = path.to(enter.0, enter.1).curve(
            towards(before, r * (1.0 - KAPPA)),
            towards(after, r * (1.0 - KAPPA)),
            leave,
        );
    }
    let end = route[route.len() - 1];
    path.to(end.x, end.y)
}

/// A chain of cubic pieces, drawn back at its ends.
fn curve(route: &[Point], start: f64, end: f64) -> Path {
    let mut pieces: Vec<[Point; 4]> = (0..route.len() / 3)
        .map(|at| [route[3 * at], route[3 * at + 1], route[3 * at + 2], route[3 * at + 3]])
        .collect();
    let part = |piece: &[Point; 4], by: f64| {
        let length = piece[0].distance(piece[1]) + piece[1].distance(piece[2]) + piece[2].distance(piece[3]);
        if length > 0.0 { (by / length).min(0.9) } else { 0.0 }
    };
    if let Some(first) = pieces.first_mut() {
        *first = split_cubic(*first, part(first, start)).1;
    }
    if let Some(last) = pieces.last_mut() {
        *last = split_cubic(*last, 1.0 - part(last, end)).0;
    }
    let mut path = Path::from(pieces[0][0].x, pieces[0][0].y);
    for [_, a, b, end] in pieces {
        path.0.push(Seg::Cubic(a, b, end));
    }
    path
}

/// The path without what runs through the rectangles.
fn cut(path: &Path, holes: &[Rect]) -> Path {
    if holes.is_empty() {
        return path.clone();
    }
    let mut out = Path::default();
    let mut pen: Option<Point> = None;
    let mut at = Point::default();
    for seg in &path.0 {
        match *seg {
            Seg::Move(point) => at = point,
            Seg::Line(end) => {
                for (from, to) in outside_parts(at, end, holes) {
                    move_to(&mut out, pen, from);
                    out.0.push(Seg::Line(to));
                    pen = Some(to);
                }
                at = end;
            }
            Seg::Cubic(a, b, end) if !holes.iter().any(|hole| hole.overlaps(around([at, a, b, end]))) => {
                move_to(&mut out, pen, at);
                out.0.push(Seg::Cubic(a, b, end));
                pen = Some(end);
                at = end;
            }
            Seg::Cubic(a, b, end) => {
                for piece in eighths([at, a, b, end]) {
                    let middle = crate::path::cubic_at(piece[0], piece[1], piece[2], piece[3], 0.5);
                    let hidden = |point: Point| holes.iter().any(|hole| hole.contains(point));
                    let is_hidden = hidden(middle) || (hidden(piece[0]) && hidden(piece[3]));
                    if !is_hidden {
                        move_to(&mut out, pen, piece[0]);
                        out.0.push(Seg::Cubic(piece[1], piece[2], piece[3]));
                        pen = Some(piece[3]);
                    }
                }
                at = end;
            }
            Seg::Close => {}
        }
    }
    out
}

fn move_to(path: &mut Path, pen: Option<Point>, to: Point) {
    if pen.is_none_or(|pen| pen.distance(to) > 1e-6) {
        path.0.push(Seg::Move(to));
    }
}

/// The rectangle around a curve's ends and handles, which the curve never leaves.
fn around(cubic: [Point; 4]) -> Rect {
    let [first, rest @ ..] = cubic.map(|point| Rect::new(point.x, point.y, 0.0, 0.0));
    rest.into_iter().fold(first, Rect::union)
}

fn eighths(cubic: [Point; 4]) -> Vec<[Point; 4]> {
    const PIECES: u32 = 8;
    let mut rest = cubic;
    let mut out = Vec::new();
    for left in (2..=PIECES).rev() {
        let (piece, after) = split_cubic(rest, 1.0 / f64::from(left));
        out.push(piece);
        rest = after;
    }
    out.push(rest);
    out
}

/// The parts of a segment outside all rectangles.
fn outside_parts(from: Point, to: Point, holes: &[Rect]) -> Vec<(Point, Point)> {
    let mut kept = vec![(0.0, 1.0)];
    for hole in holes {
        let Some((enter, leave)) = inside_part(from, to, *hole) else { continue };
        let mut next = Vec::new();
        for (start, end) in kept {
            if enter > start {
                next.push((start, f64::min(end, enter)));
            }
            if leave < end {
                next.push((f64::max(start, leave), end));
            }
        }
        kept = next.into_iter().filter(|(start, end)| end - start > 1e-9).collect();
    }
    let point = |t: f64| Point::new(from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t);
    kept.into_iter().map(|(start, end)| (point(start), point(end))).collect()
}

/// Whether a polyline goes through the inside of a rectangle.
fn passes(route: &[Point], rect: Rect) -> bool {
    route.windows(2).any(|ends| {
        let (from, to) = (ends[0], ends[1]);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        // Liang and Barsky's clipping, one axis after the other.
        let axes = [(from.x, to.x - from.x, rect.x, rect.right()), (from.y, to.y - from.y, rect.y, rect.bottom())];
        for (start, way, low, high) in axes {
            if way.abs() < 1e-9 {
                if start <= low || start >= high {
                    return false;
                }
                continue;
            }
            let (near, far) = ((low - start) / way, (high - start) / way);
            enter = enter.max(near.min(far));
            leave = leave.min(near.max(far));
        }
        enter < leave
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_labels() {
        let path = rounded(&[Point::new(0.0, 0.0), Point::new(100.0, 0.0)], 8.0);
        let got = cut(&path, &[Rect::new(40.0, -5.0, 20.0, 10.0)]);
        let expected = Path::polyline(&[(0.0, 0.0), (40.0, 0.0)]).jump(60.0, 0.0).to(100.0, 0.0);
        assert_eq!(got, expected);
        assert_eq!(cut(&path, &[Rect::new(40.0, 5.0, 20.0, 10.0)]), path);
    }

    #[test]
    fn only_curves_at_a_label_are_cut_into_pieces() {
        let route = [Point::new(0.0, 0.0), Point::new(100.0, 0.0), Point::new(100.0, 100.0)];
        let path = rounded(&route, 8.0);
        let curves = |path: &Path| path.0.iter().filter(|seg| matches!(seg, Seg::Cubic(..))).count();
        assert_eq!(curves(&cut(&path, &[Rect::new(40.0, -5.0, 20.0, 10.0)])), 1);
        assert!(curves(&cut(&path, &[Rect::new(90.0, -5.0, 20.0, 9.0)])) > 1);
    }

    #[test]
    fn corners_are_round_and_never_larger_than_their_pieces() {
        let route = [Point::new(0.0, 0.0), Point::new(10.0, 0.0), Point::new(10.0, 30.0)];
        let path = rounded(&route, 8.0);
        assert!(matches!(path.0[1], Seg::Line(p) if p == Point::new(5.0, 0.0)), "{path:?}");
        assert!(matches!(path.0[2], Seg::Cubic(..)));
    }
}
