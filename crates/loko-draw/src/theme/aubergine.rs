//! Aubergine.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 7,
    name: "Aubergine",
    is_dark: false,
    paper: Color::rgb(0xffffff),
    ink: Color::rgb(0x190f28),
    base: Color::rgb(0x5a2a78),
    accent_a: Color::rgb(0x8a2a6a),
    accent_b: Color::rgb(0x3b3f94),
    quirks: Quirks::NONE,
};
