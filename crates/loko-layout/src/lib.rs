//! Placement and routing: layered, grid and sequence diagrams.
//!
//! [`layout`] turns a [`Board`] and the [`Measures`] of its texts into a [`Placed`]: boxes for all objects and labels,
//! orthogonal routes for all edges. It is a pure function; all decisions are made on whole numbers or in an order
//! that no platform changes, so the same board always gives the same drawing.
//!
//! How it goes: containers whose border no edge crosses are placed first and count as boxes from then on (`scope`).
//! What is left is cut into connected parts, each is drawn in layers together with all containers that edges run
//! into (`layered`), and the parts are packed (`pack`). On maps of very large boards, areas stand in rows
//! instead (`arrange`). Grids and sequence diagrams have methods of their own, objects
//! with a fixed place are added afterwards (`apart`), and edges between such worlds are routed last (`reroute`).
//!
//! Leaves to others: sizes of texts, shapes' looks, colours, rounding of corners.

mod apart;
mod arrange;
mod finish;
mod frame;
mod grid;
mod hints;
mod label;
mod layered;
mod loops;
mod pack;
mod part;
mod piece;
mod reroute;
mod scope;
mod sequence;
mod space;
mod unit;

pub use hints::Hints;

use loko_diagram::{Board, Direction, Measures, Placed};

/// What may be said of a layout besides the board itself.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The direction of the flow where the board says nothing.
    pub direction: Direction,
    /// Where things were in an earlier drawing; their order is kept where possible.
    pub previous: Option<&'a Hints>,
    /// How many times as wide as high (across the flow) a connected part may be before its layers are broken up.
    pub max_aspect: f64,
    /// Whether the board is an overview ([`loko_diagram::Overview`]): areas are then arranged as on a map where layers
    /// would become too high or too wide.
    pub map: bool,
    /// A factor for the time spent on fewer crossings; 1 is usual, 0 takes the first order that comes.
    pub effort: f64,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { direction: Direction::Down, previous: None, max_aspect: 2.0, map: false, effort: 1.0 }
    }
}

/// Places everything on a board.
pub fn layout(board: &Board, measures: &Measures, options: &Options<'_>) -> Placed {
    let scope = scope::Scope::new(board, measures, options);
    let piece = unit::content(&scope, None, 0);
    finish::finish(&scope, piece)
}
