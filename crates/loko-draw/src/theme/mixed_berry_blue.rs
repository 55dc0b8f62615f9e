//! Mixed berry blue.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 5,
    name: "Mixed berry blue",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x101634),
    base: Color::rgb(0x3440d0),
    accent_a: Color::rgb(0x7326b8),
    accent_b: Color::rgb(0x3f6fd8),
    quirks: Quirks::NONE,
};
