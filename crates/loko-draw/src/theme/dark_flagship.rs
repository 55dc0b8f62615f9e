//! Dark flagship.

use super::{Quirks, Theme};
use crate::color::Color;

pub(super) const THEME: Theme = Theme {
    id: 201,
    name: "Dark flagship",
    is_dark: true,
    paper: Color::rgb(0x10131f),
    ink: Color::rgb(0xeef1fb),
    base: Color::rgb(0x8ea2ff),
    accent_a: Color::rgb(0xb49cff),
    accent_b: Color::rgb(0x62c4e0),
    quirks: Quirks::NONE,
};
