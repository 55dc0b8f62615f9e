//! Buttered toast.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 105,
    name: "Buttered toast",
    is_dark: false,
    paper: Color::rgb(0xfffef8),
    ink: Color::rgb(0x231a06),
    base: Color::rgb(0x946408),
    accent_a: Color::rgb(0xb07c1c),
    accent_b: Color::rgb(0x84701c),
    quirks: Quirks::NONE,
};
