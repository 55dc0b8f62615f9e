//! Dark mauve.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 200,
    name: "Dark mauve",
    is_dark: true,
    paper: Color::rgb(0x1e1e2e),
    ink: Color::rgb(0xdfe4f6),
    base: Color::rgb(0xc6a4f4),
    accent_a: Color::rgb(0xf0b4d6),
    accent_b: Color::rgb(0x8fb6f6),
    quirks: Quirks::NONE,
};
