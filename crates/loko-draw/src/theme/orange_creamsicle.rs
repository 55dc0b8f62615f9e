//! Orange creamsicle.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 101,
    name: "Orange creamsicle",
    is_dark: false,
    paper: Color::rgb(0xfffdf9),
    ink: Color::rgb(0x26160a),
    base: Color::rgb(0xb8480e),
    accent_a: Color::rgb(0xd0702a),
    accent_b: Color::rgb(0xa06a10),
    quirks: Quirks::NONE,
};
