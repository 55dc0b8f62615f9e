//! Colours that somebody wants instead of a theme's, such as those of a house style.
//!
//! Whatever is set, letters are chosen to be readable on it, and borders to be seen against the ground.

use crate::color::Color;
use crate::look::{Colors, Look};
use crate::scene::Ink;
use crate::theme::Theme;
use loko_diagram::NotationKind;

/// The colours that can be set; what is not set is the theme's, worked out from what is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tints {
    /// The ground.
    pub paper: Option<Color>,
    /// Text.
    pub ink: Option<Color>,
    /// Shapes, containers and lines; the boxes of C4 are depths of it.
    pub accent: Option<Color>,
    /// Boxes of people.
    pub person: Option<Color>,
    /// Boxes of systems.
    pub system: Option<Color>,
    /// Boxes of containers.
    pub container: Option<Color>,
    /// Boxes of components.
    pub component: Option<Color>,
    /// Boxes of what others run.
    pub external: Option<Color>,
}

impl Tints {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A theme with these colours in the places of its own; see-through ones lie on its paper.
    pub(crate) fn on(&self, theme: &Theme) -> Theme {
        let paper = self.paper.map_or(theme.paper, |paper| paper.over(theme.paper));
        let solid = |color: Option<Color>, own: Color| color.map_or(own, |color| color.over(paper));
        let mut ink = solid(self.ink, theme.ink);
        if !self.is_empty() {
            ink = ink.readable_on(paper, crate::theme::AA_TEXT);
        }
        Theme {
            is_dark: if self.paper.is_some() { paper.lightness() < ink.lightness() } else { theme.is_dark },
            paper,
            ink,
            base: solid(self.accent, theme.base),
            ..theme.clone()
        }
    }

    /// The colour that boxes of a kind shall have.
    pub(crate) fn kind(&self, kind: NotationKind, external: bool) -> Option<Color> {
        match kind {
            NotationKind::Boundary | NotationKind::DeploymentNode => None,
            _ if external => self.external,
            NotationKind::Person => self.person,
            NotationKind::System => self.system,
            NotationKind::Container => self.container,
            NotationKind::Component => self.component,
        }
    }
}

/// What boxes of a kind of C4 look like: the inside and the border, each on light and on dark pages.
pub fn box_colors(look: &Look, kind: NotationKind, external: bool) -> [Ink; 2] {
    let colors = Colors::of(look);
    let dye = |stroke: bool| {
        colors.ink(|palette, is_dark| {
            let dye = palette.notation(kind, external, is_dark);
            if stroke { dye.stroke } else { dye.fill }
        })
    };
    [dye(false), dye(true)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{AA_LINE, AA_TEXT};

    const KINDS: [NotationKind; 4] =
        [NotationKind::Person, NotationKind::System, NotationKind::Container, NotationKind::Component];

    #[test]
    fn boxes_have_the_colours_that_are_set() {
        let green = Color::rgb(0x11_64_44);
        let tints = Tints { system: Some(green), ..Tints::default() };
        let look = Look { tints, ..Look::default() };
        let [fill, stroke] = box_colors(&look, NotationKind::System, false);
        assert_eq!((fill.light, stroke.light), (green, green));
        assert_eq!(
            box_colors(&look, NotationKind::System, true),
            box_colors(&Look::default(), NotationKind::System, true)
        );
        assert_eq!(
            box_colors(&look, NotationKind::System, false)[0].dark,
            box_colors(&Look::default(), NotationKind::System, false)[0].dark
        );
    }

    #[test]
    fn kinds_follow_the_accent() {
        let look = |accent| Look { tints: Tints { accent, ..Tints::default() }, ..Look::default() };
        for kind in KINDS {
            let (own, usual) = (look(Some(Color::rgb(0xb0_10_40))), look(None));
            assert_ne!(box_colors(&own, kind, false)[0].light, box_colors(&usual, kind, false)[0].light, "{kind:?}");
        }
    }

    #[test]
    fn whatever_is_set_can_be_read() {
        let all = [0x00_00_00, 0xff_ff_ff, 0x80_80_80, 0xff_ff_00, 0x00_00_ff, 0x7a_7a_00].map(Color::rgb);
        for paper in all {
            for color in all {
                let tints = Tints {
                    paper: Some(paper),
                    ink: Some(color),
                    accent: Some(color),
                    person: Some(color),
                    container: Some(color),
                    external: Some(color),
                    ..Tints::default()
                };
                let look = Look { tints, dark_theme: None, ..Look::default() };
                let palette = Colors::of(&look).light.0;
                let ink = palette.ink().contrast(palette.paper());
                assert!(ink >= AA_TEXT, "{paper:?} {color:?}: {ink}");
                assert!(palette.line().contrast(paper) >= AA_LINE);
                for kind in KINDS {
                    let [_, stroke] = box_colors(&look, kind, false);
                    let contrast = stroke.light.contrast(paper);
                    assert!(contrast >= AA_LINE, "{kind:?} {color:?} on {paper:?}: {contrast}");
                }
            }
        }
    }
}
