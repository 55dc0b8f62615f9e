//! Grape soda.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 6,
    name: "Grape soda",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x1c1133),
    base: Color::rgb(0x6d28c9),
    accent_a: Color::rgb(0x9c2fc4),
    accent_b: Color::rgb(0x5340d8),
    quirks: Quirks::NONE,
};
