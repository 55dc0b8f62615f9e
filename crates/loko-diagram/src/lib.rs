//! The diagram as data.
//!
//! A [`Diagram`] is a tree of [`Board`]s; a board holds [`Object`]s (boxes, containers, tables, actors …) and
//! [`Edge`]s between them, all of it resolved: no classes, globs, variables or imports are left. The D2 compiler and
//! the C4 views produce it; measuring adds a [`Measures`], layout turns both into a [`Placed`], drawing reads the three.
//!
//! Nothing here knows D2's syntax, the C4 model, fonts, colours' meaning or SVG.

pub mod board;
pub mod c4;
pub mod geometry;
pub mod measure;
pub mod object;
pub mod overview;
pub mod placed;
pub mod shape;
pub mod style;

pub use board::{Board, BoardKind, Config, Diagram, Legend};
pub use c4::{Notation, NotationKind};
pub use geometry::{Point, Rect, Size};
pub use measure::{EdgeMeasure, Measures, ObjectMeasure};
pub use object::{
    Arrowhead, ArrowheadShape, Column, Content, Direction, Edge, EdgeId, Field, Grid, Method, Near, NearConstant,
    Object, ObjectId, Text, TextKind, Visibility,
};
pub use overview::Overview;
pub use placed::{Lifeline, Placed, PlacedEdge, PlacedObject};
pub use shape::Shape;
pub use style::Style;
