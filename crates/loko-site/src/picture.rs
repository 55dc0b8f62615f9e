//! One view as a picture, in the looks that the project asks for: what the site draws, for those who want no site.

use crate::pipeline;
use loko_diagram::Board;
use loko_draw::{Look, SvgOptions};
use loko_layout::Options;
use loko_model::Model;
use loko_model::view::{self, View};
use loko_source::Snapshot;

/// A view as an SVG file that stands alone.
pub fn svg(model: &Model, snapshot: &Snapshot, view: &View) -> String {
    let board = board(model, snapshot, view);
    let look = look(model, &board);
    let kept = pipeline::kept_positions(snapshot, &view.key).map(|(_, hints)| hints);
    let placing = Options { previous: kept.as_ref(), ..Options::default() };
    let placed = loko_layout::layout(&board, &loko_draw::measure(&board, &look), &placing);
    let options = SvgOptions { title: Some(&view.title), ..SvgOptions::default() };
    loko_draw::svg(&board, &placed, &look, &options)
}

/// A view as a PNG file, `scale` pixels a unit.
pub fn png(model: &Model, snapshot: &Snapshot, view: &View, scale: f64) -> Result<Vec<u8>, loko_draw::Error> {
    loko_draw::png(&svg(model, snapshot, view), scale)
}

/// A view in letters, for terminals and other readers of plain text.
pub fn text(model: &Model, snapshot: &Snapshot, view: &View) -> String {
    let board = board(model, snapshot, view);
    let look = Look::default();
    let placed = loko_layout::layout(&board, &loko_draw::measure(&board, &look), &Options::default());
    loko_draw::text(&board, &placed)
}

fn board(model: &Model, snapshot: &Snapshot, view: &View) -> Board {
    view::diagram(model, snapshot, view).0.root
}

fn look(model: &Model, board: &Board) -> Look {
    pipeline::look(model).configured(&board.config)
}
