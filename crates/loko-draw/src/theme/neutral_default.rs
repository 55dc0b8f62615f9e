//! Neutral default.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 0,
    name: "Neutral default",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x0b1022),
    base: Color::rgb(0x2048c8),
    accent_a: Color::rgb(0x4a5cc4),
    accent_b: Color::rgb(0x5a6a9c),
    quirks: Quirks::NONE,
};
