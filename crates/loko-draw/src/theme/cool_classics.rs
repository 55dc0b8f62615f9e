//! Cool classics.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 4,
    name: "Cool classics",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x0b1526),
    base: Color::rgb(0x0e5a94),
    accent_a: Color::rgb(0x4a49b8),
    accent_b: Color::rgb(0x12818f),
    quirks: Quirks::NONE,
};
