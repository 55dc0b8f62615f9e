//! Origami.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 302,
    name: "Origami",
    is_dark: false,
    paper: Color::rgb(0xfffdfb),
    ink: Color::rgb(0x1c1612),
    base: Color::rgb(0x9a3412),
    accent_a: Color::rgb(0x1d5f8a),
    accent_b: Color::rgb(0x8a6a10),
    quirks: Quirks { paper: true, ..Quirks::NONE },
};
