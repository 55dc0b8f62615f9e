//! From styles and themes to paints: what an object's or an edge's lines, insides and letters look like.
//!
//! Colours that somebody set are kept on light paper. On dark paper, lines and letters that could not be seen there are
//! brought nearer to the ink; insides are kept, and letters on them are chosen to be readable.

use crate::color::Color;
use crate::label::Situation;
use crate::look::{Colors, Look};
use crate::paint;
use crate::scene::{Ink, Paint, Pattern, Stroke};
use crate::sequence::Part;
use crate::text::Tone;
use crate::theme::{AA_LINE, AA_TEXT, Dye, Palette};
use loko_diagram::{Content, NotationKind, Object, Shape, Style};
use rustc_hash::FxHashMap;
use std::sync::{Mutex, PoisonError};

/// The usual width of lines.
pub(crate) const LINE: f64 = 1.5;

/// How an object looks.
#[derive(Clone, Debug)]
pub(crate) struct Skin {
    pub(crate) fill: Paint,
    pub(crate) stroke: Option<Stroke>,
    /// The colour that letters inside stand on.
    pub(crate) ground: Ink,
    pub(crate) pattern: Option<(Pattern, Ink)>,
    pub(crate) radius: Option<f64>,
    pub(crate) font: Option<Ink>,
}

/// The theme's colours of the sorts of objects, each worked out once.
#[derive(Debug, Default)]
pub(crate) struct Dyes(Mutex<FxHashMap<Sort, Dyed>>);

/// A sort's inside and line.
#[derive(Clone, Copy, Debug)]
struct Dyed {
    fill: Ink,
    stroke: Ink,
}

/// What a theme tells objects apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Notation(NotationKind, bool),
    Group,
    Span,
    Container(usize),
    Shape(Shape, bool),
}

impl Sort {
    fn of(object: &Object, role: Situation) -> Self {
        match &object.notation {
            Some(notation) => Self::Notation(notation.kind, notation.external),
            None if role.part == Some(Part::Group) => Self::Group,
            None if role.part == Some(Part::Span) => Self::Span,
            None if role.is_container => Self::Container(role.depth),
            None => Self::Shape(role.shape(object), role.depth > 0),
        }
    }

    fn dye(self, palette: &Palette, is_dark: bool) -> Dye {
        match self {
            Self::Notation(kind, is_external) => palette.notation(kind, is_external, is_dark),
            Self::Group => palette.group(),
            Self::Span => palette.span(),
            Self::Container(depth) => palette.container(depth),
            Self::Shape(shape, is_nested) => palette.shape(shape, is_nested),
        }
    }
}

impl Dyes {
    fn of(&self, sort: Sort, colors: &Colors) -> Dyed {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(sort).or_insert_with(|| Dyed {
            fill: colors.ink(|palette, is_dark| sort.dye(palette, is_dark).fill),
            stroke: colors.ink(|palette, is_dark| sort.dye(palette, is_dark).stroke),
        })
    }
}

/// Works out an object's look on the ground that it stands on.
pub(crate) fn object(object: &Object, role: Situation, below: Ink, colors: &Colors, look: &Look) -> Skin {
    let theme = colors.dyes.of(Sort::of(object, role), colors);
    let bare = matches!(object.shape, Shape::Text | Shape::Image);
    let is_rows = !matches!(object.content, Content::None);
    let theme_fill = Paint::Flat(theme.fill);
    // As in D2, rows stand on the stroke's colour and their heading on the fill's.
    let set = if is_rows { &object.style.stroke } else { &object.style.fill };
    let fill = match set.as_deref().and_then(paint::parse) {
        Some(paint) => paint,
        None if bare => Paint::None,
        None => theme_fill,
    };
    let ground = paint::average(&fill).map_or(below, |ink| ink.with(below, Color::over));
    let dashed =
        object.notation.as_ref().is_some_and(|notation| notation.external || notation.kind == NotationKind::Boundary);
    let style = if is_rows { Style { stroke: None, ..object.style.clone() } } else { object.style.clone() };
    let stroke = stroke(&style, theme.stroke, below, colors, dashed && style.stroke_dash.is_none());
    let has_stroke = !bare || object.style.stroke.is_some() || object.style.stroke_width.is_some();
    Skin {
        stroke: if has_stroke { stroke } else { None },
        ground,
        pattern: pattern(&object.style, ground, role, look),
        radius: object.style.border_radius.filter(|radius| radius.is_finite()).map(|radius| radius.clamp(0.0, 1000.0)),
        font: font(&object.style, ground),
        fill,
    }
}

/// A line's look: what the style says, the theme's colour otherwise.
pub(crate) fn stroke(style: &Style, theme: Ink, below: Ink, colors: &Colors, dashed: bool) -> Option<Stroke> {
    let width = style.stroke_width.unwrap_or(LINE).clamp(0.0, 15.0);
    let paint = match style.stroke.as_deref().and_then(paint::parse) {
        Some(Paint::Flat(ink)) if colors.dark.is_some() => {
            Paint::Flat(Ink { dark: ink.dark.readable_on(below.dark, AA_LINE), ..ink })
        }
        Some(paint) => paint,
        None => Paint::Flat(theme),
    };
    if width == 0.0 || paint == Paint::None {
        return None;
    }
    let dash = match style.stroke_dash {
        Some(dash) if dash > 0.0 => dashes(dash.min(10.0), width),
        None if dashed => dashes(4.0, width),
        _ => Vec::new(),
    };
    let animated = style.animated.unwrap_or(false);
    let dash = if animated && dash.is_empty() { dashes(5.0, width) } else { dash };
    Some(Stroke { paint, width, dash, animated, round: false })
}

fn dashes(dash: f64, width: f64) -> Vec<f64> {
    let unit = dash * width.sqrt().max(1.0);
    vec![unit * 1.25, unit]
}

fn pattern(style: &Style, ground: Ink, role: Situation, look: &Look) -> Option<(Pattern, Ink)> {
    let quirks = look.quirks();
    let pattern = match style.fill_pattern.as_deref() {
        Some(_) => return set_pattern(style, ground),
        None if quirks.dotted && role.is_container && role.depth == 0 => Pattern::Dots,
        None if quirks.paper => Pattern::Paper,
        None => return None,
    };
    Some(toned(pattern, ground))
}

/// The pattern that a style asks for.
pub(crate) fn set_pattern(style: &Style, ground: Ink) -> Option<(Pattern, Ink)> {
    let pattern = match style.fill_pattern.as_deref()? {
        "dots" => Pattern::Dots,
        "lines" => Pattern::Lines,
        "grain" => Pattern::Grain,
        "paper" => Pattern::Paper,
        _ => return None,
    };
    Some(toned(pattern, ground))
}

/// A pattern in a colour that can just be seen on its ground.
fn toned(pattern: Pattern, ground: Ink) -> (Pattern, Ink) {
    let toned = |ground: Color| {
        let end = if ground.lightness() > 0.6 { Color::rgb(0) } else { Color::rgb(0xff_ff_ff) };
        ground.mix(end, 0.13)
    };
    (pattern, ground.map(toned))
}

fn font(style: &Style, ground: Ink) -> Option<Ink> {
    let color = style.font_color.as_deref().and_then(Color::parse).filter(|color| color.a > 0)?;
    Some(Ink {
        light: color,
        dark: if ground.light == ground.dark { color } else { color.readable_on(ground.dark, AA_TEXT) },
    })
}

/// The colour of letters of a tone on a ground.
pub(crate) fn letters(tone: Tone, ground: Ink, font: Option<Ink>, colors: &Colors) -> Ink {
    let on = |palette: &Palette, ground: Color, font: Option<Color>| -> Color {
        let plain = font.unwrap_or_else(|| legible(palette, ground));
        match tone {
            Tone::Ink => plain,
            Tone::Muted => plain.mix(ground, 0.24).readable_on(ground, AA_TEXT),
            Tone::Link | Tone::Keyword => palette.link().readable_on(ground, AA_TEXT),
            Tone::Literal => palette.accent_a[0].readable_on(ground, AA_TEXT),
            Tone::Comment => plain.mix(ground, 0.36).readable_on(ground, AA_TEXT),
        }
    };
    let dark = colors.dark.as_ref().map_or(&colors.light.0, |(palette, _)| palette);
    Ink {
        light: on(&colors.light.0, ground.light, font.map(|ink| ink.light)),
        dark: on(dark, ground.dark, font.map(|ink| ink.dark)),
    }
}

/// Ink where it can be read, paper where that reads better.
fn legible(palette: &Palette, ground: Color) -> Color {
    let (ink, paper) = (palette.ink(), palette.paper());
    if ink.contrast(ground) >= AA_TEXT {
        ink
    } else if paper.contrast(ground) >= AA_TEXT {
        paper
    } else {
        ink.readable_on(ground, AA_TEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Theme;
    use loko_diagram::{Notation, Text};

    const TONES: [Tone; 6] = [Tone::Ink, Tone::Muted, Tone::Link, Tone::Keyword, Tone::Literal, Tone::Comment];

    /// Every kind of object: shapes inside and outside of frames, frames by depth, parts of sequences, C4 elements.
    fn all_kinds() -> Vec<(Object, Situation)> {
        let at = |depth, is_container, part| Situation { depth, is_container, part };
        let mut kinds = Vec::new();
        let more = [Shape::Bucket, Shape::Function, Shape::Browser, Shape::Mobile];
        for shape in Shape::D2.into_iter().map(|(_, shape)| shape).chain(more) {
            for depth in 0..2 {
                kinds.push((Object { shape, ..Object::default() }, at(depth, false, None)));
            }
        }
        kinds.extend((0..6).map(|depth| (Object::default(), at(depth, true, None))));
        kinds.extend(
            [Part::Actor, Part::Span, Part::Note, Part::Group]
                .map(|part| (Object::default(), at(0, false, Some(part)))),
        );
        use NotationKind::{Boundary, Component, Container, DeploymentNode, Person, System};
        for kind in [Person, System, Container, Component, DeploymentNode, Boundary] {
            for external in [false, true] {
                let (type_name, tags) = (String::new(), vec![]);
                let notation =
                    Notation { kind, type_name, technology: None, description: None, external, badges: vec![], tags };
                kinds.push((
                    Object { notation: Some(notation), label: Text::plain("x"), ..Object::default() },
                    at(0, false, None),
                ));
            }
        }
        kinds
    }

    #[test]
    fn letters_can_be_read_in_every_theme() {
        for theme in Theme::all() {
            let look = Look { theme, dark_theme: None, ..Look::default() };
            let colors = Colors::of(&look);
            let paper = colors.ink(|palette, _| palette.paper());
            for (kind, at) in all_kinds() {
                let skin = object(&kind, at, paper, &colors, &look);
                for tone in TONES {
                    let contrast = letters(tone, skin.ground, None, &colors).light.contrast(skin.ground.light);
                    assert!(contrast >= AA_TEXT, "{} {kind:?} {tone:?}: {contrast:.2}", theme.name);
                }
            }
        }
    }

    #[test]
    fn borders_and_edges_can_be_seen_in_every_theme() {
        for theme in Theme::all() {
            let look = Look { theme, dark_theme: None, ..Look::default() };
            let colors = Colors::of(&look);
            let paper = colors.ink(|palette, _| palette.paper());
            for (kind, at) in all_kinds().into_iter().filter(|(_, at)| !at.is_container) {
                let skin = object(&kind, at, paper, &colors, &look);
                let edge_of = |paint: &Paint| paint::average(paint).map_or(1.0, |ink| ink.light.contrast(paper.light));
                let contrast = skin.stroke.map_or(AA_LINE, |stroke| edge_of(&stroke.paint)).max(edge_of(&skin.fill));
                assert!(contrast >= AA_LINE, "{} {kind:?}: {contrast:.2}", theme.name);
            }
            for depth in 0..4 {
                let line = colors.light.0.line();
                let ground = colors.light.0.container(depth).fill;
                assert!(line.contrast(ground) >= AA_LINE, "{} edges in frames of depth {depth}", theme.name);
            }
        }
    }

    #[test]
    fn kinds_of_c4_differ_in_grey() {
        for theme in [Theme::loko_light(), Theme::loko_dark()] {
            let colors = Colors::of(&Look { theme, dark_theme: None, ..Look::default() });
            use NotationKind::{Component, Container, Person, System};
            let fills = [Person, System, Container, Component]
                .map(|kind| colors.light.0.notation(kind, false, theme.is_dark).fill);
            for pair in fills.windows(2) {
                let apart = (pair[0].lightness() - pair[1].lightness()).abs();
                assert!(apart > 0.03, "{}: {pair:?} are {apart:.3} apart", theme.name);
            }
        }
    }

    #[test]
    fn set_colours_keep_their_letters_readable() {
        let look = Look::default();
        let colors = Colors::of(&look);
        let paper = colors.ink(|palette, _| palette.paper());
        for fill in ["black", "white", "#777", "yellow", "navy", "rgba(0,0,0,0.5)", "linear-gradient(red, blue)"] {
            let set = Object { style: Style { fill: Some(fill.into()), ..Style::default() }, ..Object::default() };
            let skin = object(&set, Situation { depth: 0, is_container: false, part: None }, paper, &colors, &look);
            let ink = letters(Tone::Ink, skin.ground, None, &colors);
            assert!(ink.light.contrast(skin.ground.light) >= AA_TEXT, "{fill}");
            assert!(ink.dark.contrast(skin.ground.dark) >= AA_TEXT, "{fill} in the dark");
        }
    }
}
