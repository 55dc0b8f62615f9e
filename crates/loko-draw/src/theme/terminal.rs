//! Terminal.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 300,
    name: "Terminal",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x06060c),
    base: Color::rgb(0x0b39d0),
    accent_a: Color::rgb(0x0f8a30),
    accent_b: Color::rgb(0x5a1fb4),
    quirks: Quirks { mono: true, capitals: true, square: true, dotted: true, double: true, ..Quirks::NONE },
};
