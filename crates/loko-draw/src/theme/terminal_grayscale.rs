//! Terminal grayscale.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 301,
    name: "Terminal grayscale",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x060608),
    base: Color::rgb(0x26262c),
    accent_a: Color::rgb(0x55555e),
    accent_b: Color::rgb(0x6a6a72),
    quirks: Quirks { mono: true, capitals: true, square: true, dotted: true, double: true, ..Quirks::NONE },
};
