//! Themes: a handful of colours each, one file each.
//!
//! `loko_light` and `loko_dark` are the pair made for C4; the others are counterparts of the themes that D2 users know by
//! number, with palettes of our own.

mod palette;

pub(crate) use palette::{AA_LINE, AA_TEXT, Dye, Palette};

use crate::color::Color;
use std::sync::LazyLock;

/// What a theme does besides colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// All labels are monospaced.
    pub mono: bool,
    /// Labels are in capitals.
    pub capitals: bool,
    /// No rounded corners.
    pub square: bool,
    /// Outermost containers are dotted.
    pub dotted: bool,
    /// Outermost containers have two borders.
    pub double: bool,
    /// Fills look like paper.
    pub paper: bool,
}

impl Quirks {
    const NONE: Self = Self { mono: false, capitals: false, square: false, dotted: false, double: false, paper: false };
}

/// The few colours from which a palette is worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The number that D2 text and the command line use.
    pub id: i64,
    /// The name.
    pub name: &'static str,
    /// Whether it is light on dark.
    pub is_dark: bool,
    /// The ground.
    pub paper: Color,
    /// Text.
    pub ink: Color,
    /// Shapes and containers.
    pub base: Color,
    /// Stores and queues.
    pub accent_a: Color,
    /// Documents and packages.
    pub accent_b: Color,
    /// What else is special.
    pub quirks: Quirks,
}

impl Theme {
    /// The theme of a number.
    pub fn of(id: i64) -> Option<&'static Theme> {
        ALL.iter().find(|theme| theme.id == id)
    }

    /// The theme of a name or a number, as people write them; `loko` is the pair made for C4.
    ///
    /// ```
    /// use loko_draw::Theme;
    /// assert_eq!(Theme::named("neutral-default"), Theme::of(0));
    /// assert_eq!(Theme::named("loko").unwrap().id, Theme::loko_light().id);
    /// assert!(Theme::named("nonsense").is_none());
    /// ```
    pub fn named(written: &str) -> Option<&'static Theme> {
        let folded = |name: &str| name.trim().to_lowercase().replace(['-', '_'], " ");
        let wanted = folded(written);
        if wanted == "loko" {
            return Some(Self::loko_light());
        }
        let by_number = wanted.parse().ok().and_then(Self::of);
        by_number.or_else(|| ALL.iter().find(|theme| folded(theme.name) == wanted))
    }

    /// All themes.
    pub fn all() -> &'static [Theme] {
        &ALL
    }

    /// The light theme made for C4.
    pub fn loko_light() -> &'static Theme {
        &ALL[0]
    }

    /// Its dark counterpart.
    pub fn loko_dark() -> &'static Theme {
        &ALL[1]
    }
}

include!(concat!(env!("OUT_DIR"), "/themes.rs"));

/// The pair made for C4 first, then those with D2's numbers in their order.
static ALL: LazyLock<Vec<Theme>> = LazyLock::new(|| {
    let mut all = FOUND.to_vec();
    all.sort_by_key(|theme| (theme.id < OWN_FROM, theme.id));
    all
});

/// The first number of themes that D2 has no counterpart of.
const OWN_FROM: i64 = 400;
