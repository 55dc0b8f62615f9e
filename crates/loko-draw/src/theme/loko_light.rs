//! Loko light.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 400,
    name: "Loko light",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x16202e),
    base: Color::rgb(0x2a62ae),
    accent_a: Color::rgb(0x0f766e),
    accent_b: Color::rgb(0x7a5ba8),
    quirks: Quirks::NONE,
};
