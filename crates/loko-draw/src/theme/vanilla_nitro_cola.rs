//! Vanilla nitro cola.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 100,
    name: "Vanilla nitro cola",
    is_dark: false,
    paper: Color::rgb(0xfffdf8),
    ink: Color::rgb(0x1e1612),
    base: Color::rgb(0x6a4028),
    accent_a: Color::rgb(0x8a5a32),
    accent_b: Color::rgb(0x6e645a),
    quirks: Quirks::NONE,
};
