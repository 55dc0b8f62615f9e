//! What the place that a picture is made for decides: fonts, ids, links, pictures.

use std::fmt;

/// Where the letters come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fonts {
    /// The picture carries the glyphs that it uses.
    #[default]
    Embed,
    /// The page supplies [`crate::SANS_FAMILY`] and [`crate::MONO_FAMILY`], see [`crate::font_face_css`].
    Page,
    /// Whatever the viewer has; every text is told its width, so that it still fits.
    System,
}

/// What switches the second set of colours on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DarkSwitch {
    /// The reader's preference.
    #[default]
    Media,
    /// The page: a selector that matches something around the picture while it is dark, for instance
    /// `[data-theme="dark"]`.
    Selector(String),
    /// Both: the selector switches on; where `light` does not match, the reader's preference does too.
    Both {
        /// Matches while the page is dark.
        dark: String,
        /// Matches while the page is light by choice.
        light: String,
    },
}

/// A picture for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// Its media type: `image/svg+xml`, `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How a picture is written.
#[derive(Clone, Copy)]
pub struct SvgOptions<'a> {
    /// Where the letters come from.
    pub fonts: Fonts,
    /// Stands before every id, so that several pictures can share a page; letters, digits, `-` and `_`.
    pub id_prefix: &'a str,
    /// Whether the picture is a file of its own (XML declaration).
    pub standalone: bool,
    /// Whether the ground is painted.
    pub background: bool,
    /// What switches to the dark colours, if the look has any.
    pub dark: &'a DarkSwitch,
    /// The title; the board's own otherwise.
    pub title: Option<&'a str>,
    /// The description; one is made otherwise.
    pub description: Option<&'a str>,
    /// The class of an empty piece of text between the lines of a label, where the page gives such a piece no width: it
    /// keeps their words apart for those who hear or copy them.
    pub gap: Option<&'a str>,
    /// Whether objects and edges can be reached with the tab key.
    pub focusable: bool,
    /// Turns a link that a diagram states into a URL; what is not safe to follow is dropped all the same.
    pub links: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Loads the picture that a diagram names.
    pub icons: &'a (dyn Fn(&str) -> Option<Icon> + Sync),
}

impl Default for SvgOptions<'_> {
    /// A file of its own with fonts and ground, links as they stand, no pictures.
    fn default() -> Self {
        Self {
            fonts: Fonts::Embed,
            id_prefix: "",
            standalone: true,
            background: true,
            dark: &DarkSwitch::Media,
            title: None,
            description: None,
            gap: None,
            focusable: true,
            links: &|link| Some(link.to_string()),
            icons: &|_| None,
        }
    }
}

impl fmt::Debug for SvgOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SvgOptions")
            .field("fonts", &self.fonts)
            .field("id_prefix", &self.id_prefix)
            .field("standalone", &self.standalone)
            .field("background", &self.background)
            .field("dark", &self.dark)
            .finish_non_exhaustive()
    }
}

/// Whether a link may stand in a picture: relative, or of a scheme that cannot run anything.
pub fn safe_link(link: &str) -> bool {
    const SCHEMES: [&str; 5] = ["http", "https", "mailto", "tel", "ftp"];
    let link = link.trim();
    if link.is_empty() || link.starts_with("root.") || link.chars().any(char::is_control) {
        return false;
    }
    match link.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#', '.']) => {
            SCHEMES.iter().any(|safe| scheme.eq_ignore_ascii_case(safe))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_links_are_safe() {
        for link in ["https://a.b/c:d", "../x.html#y", "page:1/../x", "#top", "mailto:a@b.c", "a.b/c:d"] {
            assert_eq!(safe_link(link), link != "page:1/../x", "{link}");
        }
        for link in [
            "javascript:alert(1)",
            " JavaScript:x",
            "data:text/html,x",
            "java\nscript:x",
            "vbscript:x",
            "root.layers.x",
            "",
        ] {
            assert!(!safe_link(link), "{link}");
        }
    }
}
