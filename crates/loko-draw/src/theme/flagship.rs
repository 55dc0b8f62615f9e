//! Flagship.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 3,
    name: "Flagship",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x0d1330),
    base: Color::rgb(0x1f3fd0),
    accent_a: Color::rgb(0x4530b4),
    accent_b: Color::rgb(0x0e8fb0),
    quirks: Quirks::NONE,
};
