//! Neutral grey.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 1,
    name: "Neutral grey",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x111318),
    base: Color::rgb(0x4b5563),
    accent_a: Color::rgb(0x6b7280),
    accent_b: Color::rgb(0x6b7280),
    quirks: Quirks::NONE,
};
