//! Loko dark.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 401,
    name: "Loko dark",
    is_dark: true,
    paper: Color::rgb(0x10151d),
    ink: Color::rgb(0xe7edf5),
    base: Color::rgb(0x7fb0ee),
    accent_a: Color::rgb(0x5ec4b6),
    accent_b: Color::rgb(0xb79be0),
    quirks: Quirks::NONE,
};
