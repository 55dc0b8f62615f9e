//! Shirley temple.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 102,
    name: "Shirley temple",
    is_dark: false,
    paper: Color::rgb(0xfffcfd),
    ink: Color::rgb(0x2a0f16),
    base: Color::rgb(0xb8243c),
    accent_a: Color::rgb(0xd04a62),
    accent_b: Color::rgb(0xc26a1c),
    quirks: Quirks::NONE,
};
