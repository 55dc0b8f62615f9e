//! Which drawing of a part is kept: in layers, in narrower layers, in columns, or in rows as on a map.

use super::Part;
use crate::frame::whole;
use crate::label::{self, Margins};
use crate::layered::{self, graph::Graph};
use crate::piece::Piece;
use crate::unit::Unit;
use loko_diagram::{Direction, Rect, Size};

/// What a part that is laid out again should be, across the flow to along it.
const WANTED_ASPECT: f64 = 1.5;
/// How many times as long as wide a drawing may be before it is folded, if it is this long in pixels.
const MOST_LONG: f64 = 2.5;
const LONG: i32 = 1_200;
/// Drawings that are no wider than this stay as they are: what a node leads to then stands side by side.
const WIDE: i32 = 1_200;
/// The least number of nodes of a drawing in columns.
const LEAST_FOLDED: usize = 12;
/// The most columns, how much wider each further one must make it, and when it is wide enough.
const MOST_COLUMNS: usize = 12;
const WORTH_FOLDING: f64 = 1.12;
/// How much wider all columns together must make it.
const WORTH_ALL: f64 = 1.8;
const FOLDED: f64 = 0.75;
/// No second try for drawings with more nodes.
const MANY: usize = 600;
/// Areas of a map beyond which layers are not tried.
const MANY_ON_MAP: usize = 60;
/// The shapes that layers may have on a map: this much wider than high, or higher than wide.
const MAP_ASPECT: f64 = 1.9;
/// How much more room layers may take than rows.
const LAYERS_MAY_TAKE: f64 = 1.25;

impl Part {
    pub(crate) fn place(&mut self, unit: &mut Unit<'_>) -> Piece {
        let closed = self.members.iter().all(|member| member.piece.is_some());
        if unit.scope.options.map && closed && self.members.len() > 2 {
            return self.place_on_map(unit);
        }
        if !self.run(unit.scope.options.max_aspect.max(1.0)) {
            return self.place_in_rows(unit);
        }
        self.place_as_layered(unit)
    }

    /// In layers if that makes a good shape, else in rows.
    fn place_on_map(&mut self, unit: &mut Unit<'_>) -> Piece {
        if self.members.len() > MANY_ON_MAP {
            return self.place_in_rows(unit);
        }
        let pieces: Vec<Option<Piece>> = self.members.iter().map(|member| member.piece.clone()).collect();
        let layered = self.run(unit.scope.options.max_aspect.max(1.0)).then(|| self.place_as_layered(unit));
        for (member, piece) in self.members.iter_mut().zip(pieces) {
            member.piece = piece;
        }
        let loose = unit.loose.len();
        let rows = self.place_in_rows(unit);
        let Some(layered) = layered else { return rows };
        let aspect = layered.size.w.max(1.0) / layered.size.h.max(1.0);
        let roomy = layered.size.w * layered.size.h > LAYERS_MAY_TAKE * rows.size.w * rows.size.h;
        if roomy || !(1.0 / MAP_ASPECT..=MAP_ASPECT).contains(&aspect) {
            return rows;
        }
        unit.loose.truncate(loose);
        layered
    }
    /// Runs the layered method, again with narrower layers while the drawing is far too wide across the flow, or in
    /// columns while it is far too long. Gives up (false) where layers are no way to draw it, unless there is no other.
    fn run(&mut self, limit: f64) -> bool {
        self.make_outlines_fit();
        let input = self.graph.clone();
        let closed = self.members.iter().all(|member| member.piece.is_some());
        if input.nodes.len() > MANY {
            self.graph.columns = columns_for(&input).unwrap_or(1);
            return layered::run(&mut self.graph, closed);
        }
        if !layered::run(&mut self.graph, closed) {
            return false;
        }
        let first = aspect(&self.graph);
        if input.nodes.len() < 6 {
            return true;
        }
        let width = f64::from(self.graph.nodes[0].w);
        if first > limit && self.graph.nodes[0].w > WIDE {
            let narrower = |graph: &mut Graph, share: &f64| graph.max_width = Some((width * share) as i32);
            self.run_again(&input, &[0.75, 0.6, 0.5, 0.4, 0.3, 0.2], narrower, |aspect| aspect <= limit);
        } else if first < 1.0 / MOST_LONG && self.graph.nodes[0].h > LONG {
            let folded = |graph: &mut Graph, columns: &usize| graph.columns = *columns;
            self.run_again(&input, columns_for(&input).as_slice(), folded, |_| true);
        }
        true
    }

    /// Gives open containers in other shapes than rectangles the room that their outlines need around what is in them,
    /// which a first run tells.
    fn make_outlines_fit(&mut self) {
        if self.shaped.is_empty() || self.graph.nodes.len() > MANY {
            return;
        }
        let mut trial = self.graph.clone();
        layered::run(&mut trial, false);
        for (id, shape, margins) in &mut self.shaped {
            let (id, shape) = (*id, *shape);
            let node = trial.node(id);
            let (w, h) = if self.frame.is_horizontal() { (node.h, node.w) } else { (node.w, node.h) };
            let around = self.members.iter().find(|member| member.node == id).map(|member| member.margins);
            let around = around.unwrap_or_default();
            let inner = Size::new(f64::from(w) - around.width(), f64::from(h) - around.height());
            let outer = label::around_content(shape, inner);
            let room = label::content_box(shape, Rect::new(0.0, 0.0, outer.w, outer.h));
            let (left, top) = (room.x + (room.w - inner.w) / 2.0, room.y + (room.h - inner.h) / 2.0);
            let [left, right, top, bottom] =
                [left, outer.w - inner.w - left, top, outer.h - inner.h - top].map(|more| more.max(0.0).ceil());
            *margins = Margins { top, right, bottom, left };
            let [left, right, top, bottom] = [left, right, top, bottom].map(whole);
            let (across, along) = match self.frame.direction {
                Direction::Down => ((left, right), (top, bottom)),
                Direction::Up => ((left, right), (bottom, top)),
                Direction::Right => ((top, bottom), (left, right)),
                Direction::Left => ((top, bottom), (right, left)),
            };
            let node = self.graph.node_mut(id);
            node.pad.left += across.0;
            node.pad.right += across.1;
            node.pad.top += along.0;
            node.pad.bottom += along.1;
            node.min_w += if node.min_w > 0 { across.0 + across.1 } else { 0 };
        }
    }

    /// Runs the layered method on the input changed in one way after the other and keeps what is nearest to the wanted
    /// shape, until one is good enough.
    fn run_again<T>(
        &mut self,
        input: &Graph,
        ways: &[T],
        change: impl Fn(&mut Graph, &T),
        is_enough: impl Fn(f64) -> bool,
    ) {
        let off = |graph: &Graph| (aspect(graph) / WANTED_ASPECT).ln().abs();
        let mut best = off(&self.graph);
        for way in ways {
            let mut graph = input.clone();
            change(&mut graph, way);
            layered::run(&mut graph, false);
            let now = off(&graph);
            if now < best {
                best = now;
                self.graph = graph;
            }
            if is_enough(aspect(&self.graph)) {
                break;
            }
        }
    }
}

/// How much wider (across the flow) than long a drawing is.
fn aspect(graph: &Graph) -> f64 {
    f64::from(graph.nodes[0].w.max(1)) / f64::from(graph.nodes[0].h.max(1))
}

/// In how many columns a drawing should stand, by what is known of its size before it is placed; nothing if columns
/// would not make it much better: boxes that are joined never stand beside each other.
fn columns_for(input: &Graph) -> Option<usize> {
    if input.nodes.len() < LEAST_FOLDED || input.nodes.iter().any(|node| node.hint.is_some()) {
        return None;
    }
    let shape = |columns: usize| {
        let (w, h) = layered::estimate(Graph { columns, ..input.clone() });
        f64::from(w.max(1)) / f64::from(h.max(1))
    };
    let first = shape(1);
    let mut best = (first, 1);
    if first >= 1.0 / MOST_LONG {
        return None;
    }
    for columns in 2..=MOST_COLUMNS {
        let now = shape(columns);
        if now < best.0 * WORTH_FOLDING {
            break;
        }
        best = (now, columns);
        if now >= FOLDED {
            break;
        }
    }
    (best.0 >= first * WORTH_ALL).then_some(best.1)
}
