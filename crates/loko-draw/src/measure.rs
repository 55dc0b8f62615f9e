//! The sizes of all texts and boxes of a board, before anything is placed.

use crate::MANY;
use crate::compose::{head, tooltip};
use crate::label::{self, Situation, situations};
use crate::look::Look;
use crate::rows::Rows;
use crate::shapes::{Form, form};
use crate::skin;
use crate::text::Block;
use loko_diagram::object::{Align, Side};
use loko_diagram::{Board, Edge, EdgeMeasure, Measures, Object, ObjectMeasure, Shape, Size};
use rayon::prelude::*;
use std::sync::Arc;

/// The size of a box with nothing in it.
const EMPTY: Size = Size::new(72.0, 54.0);
/// The least size of a box.
const LEAST: Size = Size::new(56.0, 46.0);
/// The least size of a C4 element, so that a diagram's cards are alike.
const LEAST_CARD: Size = Size::new(190.0, 96.0);
const ICON_IMAGE: f64 = 112.0;
const ICON_ALONE: f64 = 56.0;
const ICON_LEAF: f64 = 40.0;
const ICON_CONTAINER: f64 = 28.0;
/// The space between an icon and the label below it.
pub(crate) const ICON_GAP: f64 = 8.0;
/// Around a text without a box: edges end here.
const TEXT_PAD: (f64, f64) = (6.0, 3.0);
/// Extents beyond this are taken for mistakes.
const EXTENT_MAX: f64 = 20_000.0;

/// Measures every text of a board in the fonts that will draw it.
pub fn measure(board: &Board, look: &Look) -> Measures {
    let situations = situations(board);
    let object = |(object, at): (&Object, &Situation)| measure_object(object, *at, look);
    let edge = |edge: &Edge| measure_edge(edge, look);
    let (objects, edges) = (&board.objects, &board.edges);
    if objects.len() + edges.len() < MANY {
        let objects = objects.iter().zip(&situations).map(object).collect();
        return Measures { objects, edges: edges.iter().map(edge).collect() };
    }
    let objects = objects.par_iter().zip(&situations).with_min_len(PIECE).map(object);
    let edges = edges.par_iter().with_min_len(PIECE).map(edge);
    let (objects, edges) = rayon::join(|| objects.collect(), || edges.collect());
    Measures { objects, edges }
}

/// Objects or edges that a thread measures at a time.
const PIECE: usize = 40;

/// Layout keeps labels beside the ends of edges this far off, which is more than heads of usual lines reach.
const HEAD_ROOM: f64 = 6.0;

fn measure_edge(edge: &Edge, look: &Look) -> EdgeMeasure {
    let width = edge.style.stroke_width.filter(|width| width.is_finite()).unwrap_or(skin::LINE);
    let head = |said: &Option<loko_diagram::Arrowhead>, is_there: bool| {
        let said = said.as_ref();
        let style = said.map(|head| head.style.clone()).unwrap_or_default();
        let size = label::head(said.and_then(|head| head.label.as_ref()), &style, look).size;
        let reach = if is_there { head::reach(width) } else { width / 2.0 };
        let more = 2.0 * (reach - HEAD_ROOM).max(0.0);
        if size.is_zero() { size } else { Size::new(size.w + more, size.h + more) }
    };
    let length = |said: &Option<loko_diagram::Arrowhead>, is_there: bool| {
        let shape = said.as_ref().and_then(|head| head.shape).unwrap_or_default();
        if is_there { head::length(shape, width) } else { 0.0 }
    };
    EdgeMeasure {
        src_head: length(&edge.src_arrowhead, edge.src_arrow),
        dst_head: length(&edge.dst_arrowhead, edge.dst_arrow),
        label: label::edge_size(edge, label::edge(edge, look).size),
        src_label: head(&edge.src_arrowhead, edge.src_arrow),
        dst_label: head(&edge.dst_arrowhead, edge.dst_arrow),
    }
}

fn measure_object(object: &Object, at: Situation, look: &Look) -> ObjectMeasure {
    let tooltip = tooltip::size(object, look);
    if let Some(rows) = Rows::of(object, look) {
        let size = wished(object, rows.size()).max(rows.size());
        return ObjectMeasure { size, tooltip, row_centers: rows.centers(), ..ObjectMeasure::default() };
    }
    let block = fitted(object, at, look);
    let icon = icon_size(object, at, &block);
    let size = wished(object, natural(object, at, &block, icon));
    ObjectMeasure { size, label: block.size, icon, tooltip, row_centers: Vec::new() }
}

/// The size that was asked for, the natural one where none was.
fn wished(object: &Object, natural: Size) -> Size {
    let clean = |wish: Option<f64>| wish.filter(|wish| wish.is_finite()).map(|wish| wish.clamp(1.0, EXTENT_MAX));
    let (w, h) = (clean(object.width), clean(object.height));
    let both = Size::new(w.unwrap_or(natural.w), h.unwrap_or(natural.h));
    match (object.shape.is_square(), w, h) {
        (true, Some(side), _) | (true, None, Some(side)) => Size::new(side, side),
        _ => both,
    }
}

/// The object's text as it will be drawn: wrapped, then made smaller, where a fixed size is too small for it.
pub(crate) fn fitted(object: &Object, at: Situation, look: &Look) -> Arc<Block> {
    /// Text is not made smaller than this part of its size.
    const SMALLEST: f64 = 0.5;
    let free = label::object(object, at, look, None);
    if at.is_container || label::is_outside(object) || (object.width.is_none() && object.height.is_none()) {
        return free;
    }
    let icon = icon_size(object, at, &free);
    let room = wished(object, natural(object, at, &free, icon));
    let fits = |block: &Block| {
        let need = unpadded(object, at, block, icon);
        need.w <= room.w + 0.5 && need.h <= room.h + 0.5
    };
    if fits(&free) {
        return free;
    }
    let outline = form(at.shape(object));
    let inner = (outline.inner)(loko_diagram::Rect::new(0.0, 0.0, room.w, room.h));
    let width = (inner.w - 2.0 * TIGHT).max(24.0);
    let wrapped = label::object(object, at, look, Some(width));
    if fits(&wrapped) {
        return wrapped;
    }
    let steps = (1..=10).map(|step| 1.0 - (1.0 - SMALLEST) * f64::from(step) / 10.0);
    let smaller =
        steps.map(|scale| Arc::new(Block::clone(&label::object(object, at, look, Some(width / scale))).scale(scale)));
    let mut last = wrapped;
    for block in smaller {
        last = block;
        if fits(&last) {
            break;
        }
    }
    last
}

/// The least space between a text and a border that somebody has put too near.
const TIGHT: f64 = 5.0;

fn unpadded(object: &Object, at: Situation, block: &Block, icon: Size) -> Size {
    let content = content(object, block, icon);
    (form(at.shape(object)).fit)(Size::new(content.w + 2.0 * TIGHT, content.h + 2.0 * TIGHT * 0.6))
}

/// The size of what stands inside: the label with the icon above it, or beside it where that was asked for.
fn content(object: &Object, block: &Block, icon: Size) -> Size {
    let label = if label::is_outside(object) { Size::default() } else { block.size };
    let near = object.icon_near.filter(|_| object.shape != Shape::Image);
    let icon = if near.is_some_and(|near| near.side != Side::Inside) { Size::default() } else { icon };
    let gap = if icon.is_zero() || label.is_zero() { 0.0 } else { ICON_GAP };
    let is_beside = near.is_some_and(|near| near.vertical == Align::Middle && near.horizontal != Align::Middle);
    if is_beside && object.label_near.is_none_or(|near| near.vertical == Align::Middle) {
        // As much on the other side, so that the label stands in the middle.
        return Size::new(label.w + 2.0 * (gap + icon.w), label.h.max(icon.h));
    }
    Size::new(label.w.max(icon.w), label.h + gap + icon.h)
}

fn natural(object: &Object, at: Situation, block: &Block, icon: Size) -> Size {
    let mut content = content(object, block, icon);
    if object.label_near.is_some_and(|near| near.side == Side::Border) && !block.is_empty() {
        // The label lies on a side; the side has to be as long.
        content = content.max(Size::new(block.size.w, block.size.h));
    }
    match object.shape {
        Shape::Image => return icon,
        Shape::Text => {
            return if content.is_zero() {
                LEAST
            } else {
                Size::new(content.w + 2.0 * TEXT_PAD.0, content.h + 2.0 * TEXT_PAD.1)
            };
        }
        Shape::Code => return Size::new(content.w + 32.0, content.h + 26.0).max(LEAST),
        _ if content.is_zero() => return square(object.shape, EMPTY),
        _ => {}
    }
    let Form { fit, pad, .. } = form(at.shape(object));
    let padded = Size::new(content.w + 2.0 * pad.0, content.h + 2.0 * pad.1);
    let least = if object.notation.is_some() { LEAST_CARD } else { LEAST };
    let size = fit(padded).max(least);
    square(object.shape, Size::new(size.w.ceil(), size.h.ceil()))
}

fn square(shape: Shape, size: Size) -> Size {
    let side = size.w.max(size.h);
    if shape.is_square() { Size::new(side, side) } else { size }
}

/// The size of an object's picture, zero without one.
pub(crate) fn icon_size(object: &Object, at: Situation, block: &Block) -> Size {
    let side = match object.shape {
        Shape::Image => {
            let wish = Size::new(object.width.unwrap_or(ICON_IMAGE), object.height.unwrap_or(ICON_IMAGE));
            return Size::new(wish.w.clamp(1.0, EXTENT_MAX), wish.h.clamp(1.0, EXTENT_MAX));
        }
        _ if object.icon.is_none() => return Size::default(),
        _ if at.is_container => ICON_CONTAINER,
        _ if block.is_empty() || label::is_outside(object) => ICON_ALONE,
        _ => ICON_LEAF,
    };
    Size::new(side, side)
}
