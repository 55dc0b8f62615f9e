//! Colorblind clear.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 8,
    name: "Colorblind clear",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x0c1220),
    base: Color::rgb(0x0a5fa8),
    accent_a: Color::rgb(0xb45a00),
    accent_b: Color::rgb(0x6a5d00),
    quirks: Quirks::NONE,
};
