//! What the caller decides about a picture: themes, hand-drawn or not, margins, fonts, links.

use crate::color::Color;
use crate::phrases::Phrases;
use crate::scene::Ink;
use crate::skin::Dyes;
use crate::texts::Texts;
use crate::theme::{Palette, Quirks, Theme};
use crate::tint::Tints;
use loko_diagram::Config;
use std::sync::OnceLock;

/// How a picture looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The theme.
    pub theme: &'static Theme,
    /// The theme for readers who prefer dark pages, chosen by their browser.
    pub dark_theme: Option<&'static Theme>,
    /// Whether lines are drawn as if by hand.
    pub sketch: bool,
    /// The margin around the picture.
    pub pad: f64,
    /// Whether an explanation of the C4 notation that occurs is added.
    pub legend: bool,
    /// Colours of the theme's slots (`N1` … `AB5`) that are set otherwise.
    pub overrides: Vec<(String, String)>,
    /// The same for the dark theme.
    pub dark_overrides: Vec<(String, String)>,
    /// Colours that are wanted instead of the theme's.
    pub tints: Tints,
    /// The same for the dark theme.
    pub dark_tints: Tints,
    /// Texts that were set already.
    pub texts: Texts,
    /// What the picture says by itself, if not in English.
    pub phrases: Phrases,
}

impl Default for Look {
    /// Our own light and dark pair.
    fn default() -> Self {
        Self {
            theme: Theme::loko_light(),
            dark_theme: Some(Theme::loko_dark()),
            sketch: false,
            pad: 24.0,
            legend: false,
            overrides: Vec::new(),
            dark_overrides: Vec::new(),
            tints: Tints::default(),
            dark_tints: Tints::default(),
            texts: Texts::default(),
            phrases: Phrases::default(),
        }
    }
}

impl Look {
    /// The look with what a diagram says about itself; unknown theme numbers change nothing.
    #[must_use]
    pub fn configured(mut self, config: &Config) -> Self {
        /// Margins beyond this are taken for mistakes.
        const PAD_MAX: i64 = 2000;
        if let Some(theme) = config.theme_id.and_then(Theme::of) {
            self.theme = theme;
            self.dark_theme = None;
            self.tints = Tints::default();
        }
        if let Some(theme) = config.dark_theme_id.and_then(Theme::of) {
            self.dark_theme = Some(theme);
            self.dark_tints = Tints::default();
        }
        if let Some(sketch) = config.sketch {
            self.sketch = sketch;
        }
        if let Some(pad) = config.pad {
            self.pad = pad.clamp(0, PAD_MAX) as f64;
        }
        let own = |map: &indexmap::IndexMap<String, String>| -> Vec<(String, String)> {
            map.iter().map(|(slot, color)| (slot.clone(), color.clone())).collect()
        };
        if !config.theme_overrides.is_empty() {
            self.overrides = own(&config.theme_overrides);
        }
        if !config.dark_theme_overrides.is_empty() {
            self.dark_overrides = own(&config.dark_theme_overrides);
        }
        self
    }

    /// The look in the dark theme alone, or as it is without one.
    #[must_use]
    pub fn only_dark(mut self) -> Self {
        if let Some(theme) = self.dark_theme.take() {
            self.theme = theme;
            self.overrides = std::mem::take(&mut self.dark_overrides);
            self.tints = std::mem::take(&mut self.dark_tints);
        }
        self
    }

    /// The look in the first theme alone.
    #[must_use]
    pub fn only_light(mut self) -> Self {
        self.dark_theme = None;
        self
    }

    pub(crate) fn quirks(&self) -> Quirks {
        self.theme.quirks
    }
}

/// The palettes of a look.
#[derive(Debug)]
pub(crate) struct Colors {
    pub(crate) light: (Palette, bool),
    pub(crate) dark: Option<(Palette, bool)>,
    line: OnceLock<Ink>,
    pub(crate) dyes: Dyes,
}

impl Colors {
    pub(crate) fn of(look: &Look) -> Self {
        let palette = |theme: &Theme, tints: &Tints, overrides: &[(String, String)]| {
            let theme = tints.on(theme);
            let overrides = overrides.iter().map(|(slot, color)| (slot.as_str(), color.as_str()));
            (Palette::new(&theme, *tints, overrides), theme.is_dark)
        };
        Self {
            light: palette(look.theme, &look.tints, &look.overrides),
            dark: look.dark_theme.map(|theme| palette(theme, &look.dark_tints, &look.dark_overrides)),
            line: OnceLock::new(),
            dyes: Dyes::default(),
        }
    }

    /// The colour of edges.
    pub(crate) fn line(&self) -> Ink {
        *self.line.get_or_init(|| self.ink(|palette, _| palette.line()))
    }

    /// A colour in both schemes; the flag tells whether the palette is light on dark.
    pub(crate) fn ink(&self, pick: impl Fn(&Palette, bool) -> Color) -> Ink {
        let light = pick(&self.light.0, self.light.1);
        Ink { light, dark: self.dark.as_ref().map_or(light, |(palette, is_dark)| pick(palette, *is_dark)) }
    }
}
