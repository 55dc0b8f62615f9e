//! C4 classic.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 303,
    name: "C4 classic",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x0b1b2e),
    base: Color::rgb(0x1168bd),
    accent_a: Color::rgb(0x1168bd),
    accent_b: Color::rgb(0x6b6b6b),
    quirks: Quirks::NONE,
};
