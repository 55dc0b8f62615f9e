//! Everglade green.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 104,
    name: "Everglade green",
    is_dark: false,
    paper: Color::rgb(0xfcfffd),
    ink: Color::rgb(0x0c1f15),
    base: Color::rgb(0x14704a),
    accent_a: Color::rgb(0x2f7d6e),
    accent_b: Color::rgb(0x5e7a1c),
    quirks: Quirks::NONE,
};
