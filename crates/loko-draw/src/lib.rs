//! Themes, text measurement and shapes; SVG, PNG, terminal.
//!
//! [`measure`] tells layout how large things are. [`scene()`] turns a placed board and a [`Look`] into a short list of
//! geometry, texts and pictures with absolute numbers and resolved colours; [`svg`] and [`png()`] write that list down.
//!
//! Nothing here decides positions, reads files or knows the time: the same input gives the same bytes. Pictures that a
//! diagram names are asked from the caller and never fetched.

mod badge;
mod color;
mod compose;
mod crop;
mod font;
mod foreign;
mod label;
mod look;
mod measure;
mod options;
mod paint;
mod paper;
mod path;
mod pdf;
mod photo;
mod phrases;
mod png;
mod rows;
pub mod scene;
mod sequence;
mod shapes;
mod sketch;
mod skin;
mod subset;
mod svg;
mod terminal;
mod text;
mod texts;
mod theme;
mod tint;

pub use color::Color;
pub use font::{Face, MONO_FAMILY, SANS_FAMILY};
pub use foreign::{is_right_to_left, letters_beyond, letters_in, missing_letters};
pub use look::Look;
pub use measure::measure;
pub use options::{DarkSwitch, Fonts, Icon, SvgOptions, safe_link};
pub use paper::{Chapter, Paper, Printed, chapter_link, paper};
pub use path::{Path, Seg};
pub use pdf::{EXTENT_MAX, pdf, pdf_with_fonts};
pub use photo::{PHOTO_PIXELS_MAX, photo};
pub use phrases::{LEGEND_PHRASES, Phrases};
pub use png::{Error, PIXELS_MAX, png, png_opaque, png_with_fonts};
pub use subset::subset;
pub use svg::font_face_css;
pub use terminal::{CELLS_MAX, text};
pub use text::code::{CodeKind, code_pieces};
pub use texts::Texts;
pub use theme::{Quirks, Theme};
pub use tint::{Tints, box_colors};

use loko_diagram::{Board, Placed, Rect};
use scene::Scene;

/// Pictures with at least so many objects and edges are measured, composed and written by several threads; they come out the same.
const MANY: usize = 150;

/// Composes the picture of a placed board.
pub fn scene(board: &Board, placed: &Placed, look: &Look, options: &SvgOptions<'_>) -> Scene {
    let mut scene = compose::compose(board, placed, look, options);
    if look.sketch {
        sketch::roughen(&mut scene);
    }
    scene
}

/// Where the text of each object is drawn: layout knows boxes, drawing the shapes in them. Nothing for an object without
/// text, and for tables and classes.
pub fn label_boxes(board: &Board, placed: &Placed, look: &Look) -> Vec<Option<Rect>> {
    compose::label_boxes(board, placed, look)
}

/// Draws a placed board as SVG.
pub fn svg(board: &Board, placed: &Placed, look: &Look, options: &SvgOptions<'_>) -> String {
    svg_of(&scene(board, placed, look, options), options)
}

/// Writes a picture as SVG. One that was composed with a background can be written for several places, with and without it.
pub fn svg_of(scene: &Scene, options: &SvgOptions<'_>) -> String {
    svg::write(scene, options)
}

/// Writes a picture as several SVGs, one for each place: the same as one after the other, with the work that they share
/// done once.
pub fn svgs_of(scene: &Scene, places: &[SvgOptions<'_>]) -> Vec<String> {
    svg::write_all(scene, places)
}
