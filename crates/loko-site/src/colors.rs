//! The colours of `[site]`: those of the pages and, worked out from the same ones, those of the diagrams.
//!
//! What is not set follows from what is: quieter text and lines from paper and ink, links and boxes from the accent, dark
//! pages from light ones. Letters can always be read (WCAG 2.2, 1.4.3): a colour that they could not be read in is told,
//! and the nearest one that they can be read in stands in its place.

use loko_diagram::NotationKind;
use loko_draw::scene::Ink;
use loko_draw::{Color, Look, Tints, box_colors};
use loko_model::load::read_toml;
use loko_model::project::PROJECT_FILE;
use loko_model::value::{Data, Entry};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot, Span};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The colours that can be set.
const NAMES: [&str; 13] = [
    "paper",
    "canvas",
    "raised",
    "soft",
    "ink",
    "link",
    "accent",
    "line",
    "person",
    "system",
    "container",
    "component",
    "external",
];
/// Those that have an edition for dark pages of their own accord.
const CARRIED: [&str; 7] = ["accent", "link", "person", "system", "container", "component", "external"];
/// Those that say how something is, which nobody sets; letters stand on the soft ones.
const STATES: [&str; 10] =
    ["teal", "violet", "error", "error-soft", "warning", "warning-soft", "info", "info-soft", "ok", "ok-soft"];
/// What letters need to be read, and what has to be seen beside them.
const AA_TEXT: f64 = 4.5;
const AA_LINE: f64 = 3.0;
/// Boxes lighter than this glare on dark pages.
const GLARING: f64 = 0.6;
/// Boxes darker than this are lost on them.
const DIM: f64 = 0.4;

/// Colours of the style sheet by their names, on light and on dark pages; a test compares them with it.
const SHEET: [(&str, u32, u32); 19] = [
    ("paper", 0xff_ff_ff, 0x10_15_1d),
    ("canvas", 0xf7_f9_fb, 0x0d_12_19),
    ("raised", 0xff_ff_ff, 0x16_1d_27),
    ("soft", 0xf3_f6_f9, 0x17_1f_2a),
    ("chip", 0xed_f1_f6, 0x22_2c_39),
    ("ink", 0x16_20_2e, 0xe7_ed_f5),
    ("link", 0x1f_5a_a8, 0x8a_b8_f2),
    ("accent", 0x2a_62_ae, 0x7f_b0_ee),
    ("teal", 0x0f_76_6e, 0x5e_c4_b6),
    ("violet", 0x7a_5b_a8, 0xb7_9b_e0),
    ("error", 0xb4_23_18, 0xff_9a_90),
    ("error-soft", 0xfe_f3_f2, 0x2c_17_15),
    ("warning", 0x8a_5a_00, 0xf0_c0_60),
    ("warning-soft", 0xff_f8_e6, 0x2a_21_10),
    ("info", 0x1f_5a_a8, 0x8a_b8_f2),
    ("info-soft", 0xee_f4_fc, 0x15_22_37),
    ("ok", 0x1c_6e_4a, 0x74_d3_a3),
    ("ok-soft", 0xea_f6_f0, 0x12_26_1c),
    ("line", 0xe2_e8_ef, 0x23_2d_3a),
];

/// The colours that a workspace wants, on light and on dark pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Colors {
    light: Set,
    dark: Set,
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
}

/// Colours by name, each with its place in `loko.toml`.
type Set = BTreeMap<&'static str, (Color, Span)>;

impl Colors {
    /// The colours that the project file of a workspace states.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut colors = Self::default();
        let (Some(text), Ok(path)) = (snapshot.text(PROJECT_FILE), FilePath::new(PROJECT_FILE)) else { return colors };
        let (mut entries, _) = read_toml(&path, text);
        let Some(Data::Map(site)) = entries.swap_remove("site").map(|entry| entry.value.data) else { return colors };
        for (name, is_dark) in [("colors", false), ("dark_colors", true)] {
            if let Some(Data::Map(set)) = site.get(name).map(|entry| &entry.value.data) {
                colors.take(&path, is_dark, set);
            }
        }
        colors.make_readable(&path);
        colors
    }

    /// Takes over `colors`, or for dark pages `dark_colors`.
    pub(crate) fn take(&mut self, path: &FilePath, is_dark: bool, colors: &indexmap::IndexMap<String, Entry>) {
        for (name, entry) in colors {
            let span = entry.value.span;
            let Some(known) = NAMES.iter().find(|known| *known == name) else {
                let message = format!("there is no colour `{name}` to set");
                let help = did_you_mean(name, NAMES).unwrap_or_else(|| format!("the colours are {}", NAMES.join(", ")));
                let finding = Diagnostic::error("bad-value", message).at(path, entry.key_span, "");
                self.findings.push(finding.help(help));
                continue;
            };
            match entry.value.as_text().and_then(Color::parse).filter(|color| color.a > 0) {
                Some(color) => {
                    let set = if is_dark { &mut self.dark } else { &mut self.light };
                    set.insert(known, (color, span));
                }
                None => {
                    let message = format!("`{name}` is no colour that can be seen");
                    let finding = Diagnostic::error("bad-value", message).at(path, span, "");
                    self.findings.push(finding.help("a colour is written as `#1f5aa8` or by its CSS name"));
                }
            }
        }
    }

    /// Whether nothing is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.light.is_empty() && self.dark.is_empty()
    }

    /// All of it in a text, to tell apart what is made from it.
    pub(crate) fn key(&self) -> String {
        let mut key = String::new();
        for (name, set) in [("light", &self.light), ("dark", &self.dark)] {
            for (color, (value, _)) in set {
                let _ = write!(key, "{name} {color} {}; ", value.css());
            }
        }
        key
    }

    /// Tells of letters that could not be read, and puts the nearest colour that they can be read in in the place of theirs.
    pub(crate) fn make_readable(&mut self, path: &FilePath) {
        for is_dark in [false, true] {
            let scheme = Scheme::of(self, is_dark);
            let set = if is_dark { &mut self.dark } else { &mut self.light };
            for (name, least) in [("ink", AA_TEXT), ("link", AA_TEXT), ("accent", AA_LINE)] {
                let Some((color, span)) = set.get(name).copied() else { continue };
                let seen = color.over(scheme.paper);
                let contrast = seen.contrast(scheme.paper);
                if contrast >= least {
                    continue;
                }
                let better = seen.readable_on(scheme.paper, least);
                set.insert(name, (better, span));
                let page = if is_dark { "dark pages" } else { "pages" };
                let message = format!(
                    "`{name}` can hardly be seen on the paper of {page}: the contrast is {contrast:.1}, and has to be at least {least}"
                );
                let finding = Diagnostic::warning("low-contrast", message).at(path, span, "");
                self.findings.push(finding.help(format!("`{}` is used in its place", better.css())));
            }
        }
    }

    /// The look of diagrams in these colours.
    pub(crate) fn tinted(&self, look: Look) -> Look {
        Look { tints: self.tints(false), dark_tints: self.tints(true), ..look }
    }

    fn tints(&self, is_dark: bool) -> Tints {
        if self.is_empty() {
            return Tints::default();
        }
        let scheme = Scheme::of(self, is_dark);
        let set = |name: &str| scheme.set.get(name).copied();
        Tints {
            paper: set("canvas").or_else(|| set("paper").map(|_| scheme.canvas())),
            ink: set("ink").or_else(|| set("paper").map(|_| scheme.ink)),
            accent: set("accent"),
            person: set("person"),
            system: set("system"),
            container: set("container"),
            component: set("component"),
            external: set("external"),
        }
    }

    /// The style sheet's colours, as far as they are others than those it has anyway.
    pub(crate) fn style(&self, look: &Look) -> String {
        let usual = Look { tints: Tints::default(), dark_tints: Tints::default(), ..look.clone() } == *look;
        if self.is_empty() && usual && look.theme.id == Look::default().theme.id {
            return String::new();
        }
        let [light, dark] = [false, true].map(|is_dark| Scheme::of(self, is_dark).style(look));
        format!(
            ":root, :root[data-theme=\"light\"] {{ {light}}}\n:root[data-theme=\"dark\"] {{ {dark}}}\n\
             @media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme=\"light\"]) {{ {dark}}} }}\n"
        )
    }

    /// What pictures beside the diagrams are drawn in: the colours of light pages.
    pub(crate) fn on_light(&self) -> OnLight {
        let scheme = Scheme::of(self, false);
        OnLight {
            paper: scheme.paper,
            // As in the diagrams: without colours of their own, they stand on paper.
            canvas: self.tints(false).paper.unwrap_or(scheme.paper).over(scheme.paper),
            ink: scheme.ink,
            quiet: scheme.quiet(0.26, &[scheme.paper]),
            line: scheme.paper.mix(scheme.ink, 0.13),
            accent: scheme.color("accent").over(scheme.paper),
        }
    }
}

/// Some colours of light pages.
pub(crate) struct OnLight {
    pub paper: Color,
    pub canvas: Color,
    pub ink: Color,
    /// Letters that matter less.
    pub quiet: Color,
    pub line: Color,
    pub accent: Color,
}

/// The colours of light or of dark pages: what is set, and what everything else follows from.
struct Scheme {
    on_dark_pages: bool,
    /// Whether letters are light.
    is_dark: bool,
    set: BTreeMap<&'static str, Color>,
    paper: Color,
    ink: Color,
}

impl Scheme {
    fn of(colors: &Colors, is_dark: bool) -> Self {
        let own = if is_dark { &colors.dark } else { &colors.light };
        let mut set: BTreeMap<&'static str, Color> = own.iter().map(|(name, (color, _))| (*name, *color)).collect();
        let usual_paper = usual("paper", is_dark);
        let paper = set.get("paper").map_or(usual_paper, |paper| paper.over(usual_paper));
        // Light letters make dark pages of what somebody calls the light ones.
        let looks_dark = paper.lightness() < 0.5;
        let ink = set.get("ink").copied().unwrap_or_else(|| usual("ink", looks_dark)).over(paper);
        let ink = ink.readable_on(paper, AA_TEXT);
        let looks_dark = ink.lightness() > paper.lightness();
        if is_dark {
            for name in CARRIED {
                if let Some((color, _)) = colors.light.get(name).filter(|_| !set.contains_key(name)) {
                    set.insert(name, carried(name, *color, paper));
                }
            }
        }
        for color in set.values_mut() {
            *color = color.over(paper);
        }
        if let (Some(accent), false) = (set.get("accent").copied(), set.contains_key("link")) {
            set.insert("link", accent.readable_on(paper, AA_TEXT));
        }
        Self { on_dark_pages: is_dark, is_dark: looks_dark, set, paper, ink }
    }

    fn color(&self, name: &str) -> Color {
        self.set.get(name).copied().unwrap_or_else(|| usual(name, self.is_dark))
    }

    /// The ground of diagrams.
    fn canvas(&self) -> Color {
        self.set.get("canvas").copied().unwrap_or_else(|| self.ground(0.025))
    }

    /// Paper with a little ink in it; where letters could not be read on that, with a little less.
    fn ground(&self, part: f64) -> Color {
        let shaded = self.paper.mix(self.ink, part);
        let away = Color::rgb(if self.is_dark { 0 } else { 0xff_ff_ff });
        if self.ink.contrast(shaded) >= AA_TEXT { shaded } else { self.paper.mix(away, part) }
    }

    /// Ink with a part of the paper in it, to be read on all of these grounds.
    fn quiet(&self, part: f64, grounds: &[Color]) -> Color {
        self.readable(self.ink.mix(self.paper, part), grounds)
    }

    /// The nearest colour on the way to ink that can be read on all of these grounds.
    fn readable(&self, color: Color, grounds: &[Color]) -> Color {
        let mut steps = (0..10).map(|step| color.mix(self.ink, f64::from(step) / 10.0));
        steps.find(|it| grounds.iter().all(|ground| it.contrast(*ground) >= AA_TEXT)).unwrap_or(self.ink)
    }

    fn style(&self, look: &Look) -> String {
        let Self { paper, ink, .. } = *self;
        let mut all: BTreeMap<&str, Color> = BTreeMap::new();
        let is_own = |name: &str| self.set.contains_key(name);
        if is_own("paper") || is_own("ink") {
            let towards = |part: f64| paper.mix(ink, part);
            let soft = self.set.get("soft").copied().unwrap_or_else(|| self.ground(0.045));
            let chip = self.ground(0.08);
            all.extend([("paper", paper), ("ink", ink), ("soft", soft), ("chip", chip), ("canvas", self.canvas())]);
            all.extend([("raised", if self.is_dark { self.ground(0.035) } else { paper })]);
            all.extend([("line", towards(0.13)), ("line-2", towards(0.22))]);
            all.extend([
                ("ink-2", self.quiet(0.24, &[paper, soft, chip])),
                ("ink-3", self.quiet(0.36, &[paper, soft, chip])),
            ]);
            all.extend(STATES.map(|name| (name, usual(name, self.is_dark))));
            // Values in code.
            all.insert("teal", self.readable(usual("teal", self.is_dark), &[soft, paper]));
            all.extend([("link", self.readable(self.color("link"), &[soft, paper]))]);
        }
        if is_own("accent") {
            all.insert("accent-soft", paper.mix(self.color("accent"), 0.1));
        }
        for (name, color) in &self.set {
            // These three were made readable.
            if !(matches!(*name, "paper" | "ink" | "link") && all.contains_key(name)) {
                all.insert(name, *color);
            }
        }
        if let Some(canvas) = all.get("canvas").copied() {
            all.insert("canvas-dot", canvas.mix(ink, 0.1));
        }
        for (name, border, kind, external) in [
            ("person", None, NotationKind::Person, false),
            ("system", None, NotationKind::System, false),
            ("container", Some("container-line"), NotationKind::Container, false),
            ("component", Some("component-line"), NotationKind::Component, false),
            ("external", Some("external-line"), NotationKind::System, true),
        ] {
            let of_page = |ink: Ink| if self.on_dark_pages { ink.dark } else { ink.light };
            let [fill, stroke] = box_colors(look, kind, external).map(of_page);
            all.insert(name, fill);
            if let Some(border) = border {
                all.insert(border, stroke);
            }
        }
        let mut style = String::new();
        if is_own("paper") {
            let _ = write!(style, "color-scheme: {}; ", if self.is_dark { "dark" } else { "light" });
        }
        for (name, color) in all {
            let _ = write!(style, "--{name}: {}; ", color.css());
        }
        style
    }
}

/// A colour of the style sheet.
fn usual(name: &str, is_dark: bool) -> Color {
    let found = SHEET.iter().find(|(known, _, _)| *known == name);
    Color::rgb(found.map_or(0, |(_, light, dark)| if is_dark { *dark } else { *light }))
}

/// What a colour of light pages is on dark ones: letters and lines that can be seen, boxes that do not glare.
fn carried(name: &str, color: Color, paper: Color) -> Color {
    match name {
        "accent" | "link" => color.readable_on(paper, AA_TEXT),
        _ if color.lightness() > GLARING => color.shade(0.3, 0.8),
        // Boxes have to be told from the ground.
        _ if color.lightness() < DIM => color.shade(DIM, 1.0),
        _ => color,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors(text: &str) -> Colors {
        Colors::of(&Snapshot::from_texts([("loko.toml", format!("[site]\n{text}").as_str())]))
    }

    fn look(colors: &Colors) -> Look {
        colors.tinted(Look::default())
    }

    /// The value of a colour in the rules of light pages, or of dark ones.
    fn value(style: &str, is_dark: bool, name: &str) -> Color {
        let rule = style.lines().nth(usize::from(is_dark)).unwrap_or_default();
        let start = rule.find(&format!("--{name}: ")).unwrap_or_else(|| panic!("no {name} in {rule}"));
        let text = &rule[start + name.len() + 4..];
        Color::parse(&text[..text.find(';').unwrap_or(0)]).unwrap_or_else(|| panic!("{name} in {rule}"))
    }

    #[test]
    fn the_colours_of_the_sheet_are_known() {
        let sheet = include_str!("../assets/style.css");
        let (light, dark) = sheet.split_once(":root[data-theme=\"dark\"]").expect("dark pages come second");
        for (name, on_light, on_dark) in SHEET {
            for (part, color) in [(light, on_light), (dark, on_dark)] {
                assert!(part.contains(&format!("--{name}: #{color:06x};")), "{name} is not #{color:06x}");
            }
        }
    }

    #[test]
    fn nothing_set_changes_nothing() {
        let none = Colors::default();
        assert_eq!(none.style(&look(&none)), "");
        assert_eq!(look(&none), Look::default());
    }

    #[test]
    fn pages_and_diagrams_have_the_same_colours() {
        let it = colors("colors = { accent = \"#0f766e\", system = \"#7c2d12\", paper = \"#fffaf0\" }\n");
        assert_eq!(it.findings, []);
        let look = look(&it);
        assert_eq!(look.tints.accent, Some(Color::rgb(0x0f_76_6e)));
        let style = it.style(&look);
        let [fill, _] = box_colors(&look, NotationKind::System, false);
        assert_eq!((value(&style, false, "system"), fill.light), (Color::rgb(0x7c_2d_12), Color::rgb(0x7c_2d_12)));
        assert_eq!(Some(value(&style, false, "canvas")), look.tints.paper);
        // The accent goes along to dark pages, where it is lighter.
        assert!(value(&style, true, "accent").lightness() > value(&style, false, "accent").lightness());
        assert_eq!(look.dark_tints.paper, None);
    }

    #[test]
    fn letters_can_be_read_on_whatever_paper() {
        for paper in ["#ffffff", "#000000", "#808080", "#ffe4e1", "#003366", "#777700"] {
            let it = colors(&format!("colors = {{ paper = \"{paper}\" }}\ndark_colors = {{ paper = \"{paper}\" }}\n"));
            let style = it.style(&look(&it));
            for is_dark in [false, true] {
                for (name, ground) in
                    [("ink", "paper"), ("ink-2", "paper"), ("ink-3", "soft"), ("link", "paper"), ("ink", "canvas")]
                {
                    let contrast = value(&style, is_dark, name).contrast(value(&style, is_dark, ground));
                    assert!(contrast >= AA_TEXT, "{name} on {ground} with {paper}: {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_made_readable() {
        let it = colors("colors = { ink = \"#cccccc\", link = \"yellow\" }\n");
        let codes: Vec<&str> = it.findings.iter().map(|it| it.code.as_ref()).collect();
        assert_eq!(codes, ["low-contrast", "low-contrast"]);
        let style = it.style(&look(&it));
        assert!(value(&style, false, "link").contrast(Color::rgb(0xff_ff_ff)) >= AA_TEXT);
        assert!(value(&style, false, "ink").contrast(Color::rgb(0xff_ff_ff)) >= AA_TEXT);
    }

    #[test]
    fn misspelt_colours_are_told() {
        let it = colors("colors = { acent = \"red\", ink = \"transparent\", link = \"blu\" }\n");
        assert_eq!(it.findings.len(), 3, "{:?}", it.findings);
        assert!(it.findings[0].help.as_deref().is_some_and(|help| help.contains("accent")), "{:?}", it.findings[0]);
        assert!(it.is_empty());
    }
}
