//! Earth tones.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 103,
    name: "Earth tones",
    is_dark: false,
    paper: Color::rgb(0xfffefa),
    ink: Color::rgb(0x1f1a10),
    base: Color::rgb(0x7a5a1e),
    accent_a: Color::rgb(0x55702c),
    accent_b: Color::rgb(0x94502c),
    quirks: Quirks::NONE,
};
