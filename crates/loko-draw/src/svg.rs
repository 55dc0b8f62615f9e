//! The SVG writer.
//!
//! Light colours stand in attributes, where every viewer finds them; dark ones in a style sheet that only ever replaces.
//! Numbers have at most two decimals. Every text is escaped, links are checked, nothing is loaded from elsewhere.

mod form;
mod number;
mod open;

pub(crate) use number::number;

use crate::MANY;
use crate::font::Face;
use crate::options::{DarkSwitch, Fonts, SvgOptions, safe_link};
use crate::scene::{Anchor, Figure, Gradient, Group, Ink, Item, Paint, Pattern, Picture, Run, Scene, Stroke, TextLine};
use form::{form, tile};
use open::{Link, LinkWord, Open};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

/// Whether a letter joins its neighbours: stretched to a width, such words fall apart in browsers. What is estimated for
/// them is more than they need.
fn is_joined(c: char) -> bool {
    matches!(c as u32, 0x600..=0x7bf | 0x7c0..=0x7ff | 0x840..=0x8ff | 0x1800..=0x18af | 0xfb50..=0xfdff | 0xfe70..=0xfeff)
}

/// Writes a scene.
pub(crate) fn write(scene: &Scene, options: &SvgOptions<'_>) -> String {
    let mut writer = Writer::new(scene, options);
    let backdrop = scene.backdrop.iter().filter(|_| options.background);
    backdrop.for_each(|item| writer.item(item));
    let is_small = scene.items.len() < MANY;
    let (first, rest) = scene.items.split_at(if is_small { scene.items.len() } else { PIECE_ITEMS });
    if rest.is_empty() {
        return writer.items(first).document(scene);
    }
    let write_rest = || rest.par_chunks(PIECE_ITEMS).map(|items| Writer::later(scene, options).items(items)).collect();
    let (mut writer, later): (Writer<'_>, Vec<Writer<'_>>) = rayon::join(|| writer.items(first), write_rest);
    writer.append_all(&later);
    writer.document(scene)
}

/// Writes a scene for several places: what they have in common once.
pub(crate) fn write_all(scene: &Scene, all: &[SvgOptions<'_>]) -> Vec<String> {
    let is_like = |a: &SvgOptions<'_>, b: &SvgOptions<'_>| {
        a.focusable == b.focusable && (a.fonts == Fonts::System) == (b.fonts == Fonts::System)
    };
    let Some(first) = all.first().filter(|first| all.len() > 1 && all.iter().all(|other| is_like(first, other))) else {
        return all.iter().map(|options| write(scene, options)).collect();
    };
    let piece = |items: &[Item]| Writer::later(scene, first).items(items);
    let pieces: Vec<Writer<'_>> = match scene.items.len() < MANY {
        true => vec![piece(&scene.items)],
        false => scene.items.par_chunks(PIECE_ITEMS).map(piece).collect(),
    };
    let document = |options: &SvgOptions<'_>| {
        let mut writer = Writer::new(scene, options);
        scene.backdrop.iter().filter(|_| options.background).for_each(|item| writer.item(item));
        writer.append_all(&pieces);
        writer.document(scene)
    };
    all.iter().map(document).collect()
}

/// Objects and edges of a piece.
const PIECE_ITEMS: usize = 75;

/// The number of a key, the next one if it has none.
fn number_of<K: Ord>(numbers: &mut BTreeMap<K, usize>, key: K) -> usize {
    let next = numbers.len();
    *numbers.entry(key).or_insert(next)
}

/// Keys in the order of their numbers.
fn by_number<K: Copy>(numbers: &BTreeMap<K, usize>) -> impl Iterator<Item = K> {
    let mut keys: Vec<(K, usize)> = numbers.iter().map(|(key, number)| (*key, *number)).collect();
    keys.sort_unstable_by_key(|(_, number)| *number);
    keys.into_iter().map(|(key, _)| key)
}

/// `@font-face` rules for a page that shows pictures with [`Fonts::Page`]; `url` says where each face is served.
pub fn font_face_css(url: &dyn Fn(Face) -> String) -> String {
    Face::ALL.iter().map(|face| font_face(*face, face.family(), &url(*face), "swap")).collect()
}

fn font_face(face: Face, family: &str, url: &str, display: &str) -> String {
    let weight = if face.is_bold() { 700 } else { 400 };
    let style = if face.is_italic() { "font-style:italic;" } else { "" };
    format!("@font-face{{font-family:\"{family}\";font-weight:{weight};{style}font-display:{display};src:url({url})}}")
}

/// One of several texts; none beyond the last.
fn nth(texts: &[String], at: usize) -> &str {
    texts.get(at).map_or("", String::as_str)
}

/// The families that letters are taken from, the first that is there.
fn family(options: &SvgOptions<'_>, face: Face) -> String {
    let own = own_family(options, face);
    match face {
        Face::Mono => format!("'{own}',ui-monospace,Menlo,Consolas,monospace"),
        _ => format!("'{own}','{}','Noto Sans',system-ui,sans-serif", own_family(options, Face::Mono)),
    }
}

/// Pictures that carry their letters name them apart, lest two on one page share a family with different letters.
fn own_family(options: &SvgOptions<'_>, face: Face) -> String {
    match (options.fonts, options.id_prefix) {
        (Fonts::Embed, prefix) if !prefix.is_empty() => format!("{} {prefix}", face.family()),
        _ => face.family().to_string(),
    }
}

/// About what an object or an edge takes as text.
const ITEM_BYTES: usize = 640;

struct Writer<'a> {
    options: &'a SvgOptions<'a>,
    has_dark: bool,
    /// Whether it writes a piece: others stand before it, and what only the document knows is left open.
    is_later: bool,
    /// What stands before every id, the families of letters, and what keeps lines apart.
    prefix: Cow<'a, str>,
    sans: String,
    mono: String,
    gap: String,
    /// The links of a piece as the diagram states them.
    links: Vec<String>,
    body: String,
    defs: String,
    /// Dark rules by property and colours, with their class numbers.
    inks: BTreeMap<(&'static str, Ink), usize>,
    /// The attribute and the class of each property and colours, as they were first written.
    flat: FxHashMap<(&'static str, Ink), (String, String)>,
    gradients: Vec<Gradient>,
    patterns: BTreeMap<(Pattern, Ink), usize>,
    letters: BTreeMap<Face, BTreeSet<char>>,
    has_shadow: bool,
    /// How far dashes run, by the class that says so.
    flows: BTreeMap<String, String>,
    root: String,
}

impl<'a> Writer<'a> {
    fn new(scene: &Scene, options: &'a SvgOptions<'a>) -> Self {
        Self {
            options,
            has_dark: scene.has_dark,
            is_later: false,
            prefix: options.id_prefix.into(),
            sans: family(options, Face::Regular),
            mono: family(options, Face::Mono),
            gap: options.gap.map_or_else(String::new, |gap| format!("<tspan class=\"{gap}\"> </tspan>")),
            links: Vec::new(),
            body: String::new(),
            defs: String::new(),
            inks: BTreeMap::new(),
            flat: FxHashMap::default(),
            gradients: Vec::new(),
            patterns: BTreeMap::new(),
            letters: BTreeMap::new(),
            has_shadow: false,
            flows: BTreeMap::new(),
            root: format!("{}loko", options.id_prefix),
        }
    }

    /// For a piece of a document.
    fn later(scene: &Scene, options: &'a SvgOptions<'a>) -> Self {
        let prefix = Open::Prefix.mark(0);
        Self {
            is_later: true,
            root: format!("{prefix}loko"),
            prefix: prefix.into(),
            sans: Open::Sans.mark(0),
            mono: Open::Mono.mark(0),
            gap: Open::Gap.mark(0),
            ..Self::new(scene, options)
        }
    }

    /// The number of something that is defined once, such as a gradient.
    fn serial(&self, kind: Open, at: usize) -> String {
        if self.is_later { kind.mark(at) } else { at.to_string() }
    }

    fn link(&mut self, written: Option<&str>) -> Link {
        let Some(written) = written else { return Link::Nowhere };
        if self.is_later {
            self.links.push(written.to_owned());
            return Link::Open(self.links.len() - 1);
        }
        (self.options.links)(written).filter(|link| safe_link(link)).map_or(Link::Nowhere, Link::To)
    }

    /// Adds pieces that were written beside this one.
    fn append_all(&mut self, pieces: &[Writer<'_>]) {
        self.body.reserve(pieces.iter().map(|piece| piece.body.len()).sum());
        pieces.iter().for_each(|piece| self.append(piece));
    }

    /// Adds a piece that was written beside this one.
    fn append(&mut self, piece: &Writer<'_>) {
        let text = |number: usize| number.to_string();
        let inks: Vec<String> = by_number(&piece.inks).map(|key| text(number_of(&mut self.inks, key))).collect();
        let gradients: Vec<String> = piece.gradients.iter().map(|gradient| text(self.gradient(gradient))).collect();
        let patterns: Vec<String> =
            by_number(&piece.patterns).map(|key| text(number_of(&mut self.patterns, key))).collect();
        let links: Vec<Link> = piece.links.iter().map(|link| self.link(Some(link))).collect();
        open::fill(&mut self.body, &piece.body, |open, at| match open {
            Open::Ink => nth(&inks, at).into(),
            Open::Gradient => nth(&gradients, at).into(),
            Open::Pattern => nth(&patterns, at).into(),
            Open::Prefix => self.prefix.as_ref().into(),
            Open::Sans => self.sans.as_str().into(),
            Open::Mono => self.mono.as_str().into(),
            Open::Gap => self.gap.as_str().into(),
            Open::Link(word) => links.get(at).map(|link| link.word(word)).unwrap_or_default(),
        });
        for (face, letters) in &piece.letters {
            self.letters.entry(*face).or_default().extend(letters);
        }
        self.has_shadow |= piece.has_shadow;
        self.flows.extend(piece.flows.iter().map(|(class, far)| (class.clone(), far.clone())));
    }

    /// The number of a gradient.
    fn gradient(&mut self, gradient: &Gradient) -> usize {
        self.gradients.iter().position(|known| known == gradient).unwrap_or_else(|| {
            self.gradients.push(gradient.clone());
            self.gradients.len() - 1
        })
    }

    fn document(mut self, scene: &Scene) -> String {
        let bounds = scene.bounds;
        let (x, y, w, h) = (number(bounds.x), number(bounds.y), number(bounds.w.max(1.0)), number(bounds.h.max(1.0)));
        let background = scene.background.filter(|_| self.options.background).map(|ink| {
            let (mut fill, mut classes) = (String::new(), Classes::of("paper"));
            self.paint_attribute(&mut fill, "fill", &Paint::Flat(ink), &mut classes);
            format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{fill}{classes}/>")
        });
        let mut out = String::new();
        if self.options.standalone {
            out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        }
        let root = &self.root;
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{root}\" class=\"loko-diagram\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"{x} {y} {w} {h}\" role=\"graphics-document document\" aria-labelledby=\"{root}-title\" \
             aria-describedby=\"{root}-desc\" font-family=\"{}\" fill=\"none\">",
            self.sans,
        );
        let _ = write!(out, "<title id=\"{root}-title\">{}</title>", escape(&scene.title));
        let _ = write!(out, "<desc id=\"{root}-desc\">{}</desc>", escape(&scene.description));
        self.write_defs();
        let style = self.style();
        out.reserve(style.len() + self.defs.len() + self.body.len() + ITEM_BYTES);
        if !style.is_empty() {
            let _ = write!(out, "<style>{style}</style>");
        }
        if !self.defs.is_empty() {
            let _ = write!(out, "<defs>{}</defs>", self.defs);
        }
        out.push_str(&background.unwrap_or_default());
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }

    fn style(&self) -> String {
        let mut css = String::new();
        if self.options.fonts == Fonts::Embed {
            for (face, letters) in &self.letters {
                let bytes = crate::subset(*face, letters.iter().copied());
                let url = format!("data:font/ttf;base64,{}", base64(&bytes));
                css.push_str(&font_face(*face, &own_family(self.options, *face), &url, "block"));
            }
        }
        if !self.flows.is_empty() {
            css.push_str("@keyframes loko-flow{to{stroke-dashoffset:var(--loko-flow)}}");
            let _ = write!(css, "#{} .animated{{animation:loko-flow 1s linear infinite}}", self.root);
            for (class, far) in &self.flows {
                let _ = write!(css, "#{} .{class}{{--loko-flow:{far}}}", self.root);
            }
            let _ = write!(css, "@media(prefers-reduced-motion:reduce){{#{} .animated{{animation:none}}}}", self.root);
        }
        let rules = |around: &str| -> String {
            self.inks
                .iter()
                .map(|((property, ink), at)| {
                    let letter = if *property == "fill" { 'f' } else { 's' };
                    let property = if *property == "stop" { "stop-color" } else { property };
                    format!("{around}#{} .{letter}{at}{{{property}:{}}}", self.root, ink.dark.css())
                })
                .collect()
        };
        if self.inks.is_empty() {
            return css;
        }
        match self.options.dark {
            DarkSwitch::Media => {
                let _ = write!(css, "@media(prefers-color-scheme:dark){{{}}}", rules(""));
            }
            DarkSwitch::Selector(dark) => css.push_str(&rules(&format!("{dark} "))),
            DarkSwitch::Both { dark, light } => {
                css.push_str(&rules(&format!("{dark} ")));
                let around = format!(":root:not({light}) ");
                let _ = write!(css, "@media(prefers-color-scheme:dark){{{}}}", rules(&around));
            }
        }
        css.replace('<', "\\3c ").replace('&', "\\26 ")
    }

    fn write_defs(&mut self) {
        if self.has_shadow {
            let _ = write!(
                self.defs,
                "<filter id=\"{}-shadow\" x=\"-20%\" y=\"-20%\" width=\"140%\" height=\"150%\"><feDropShadow dx=\"0\" \
                 dy=\"3\" stdDeviation=\"4\" flood-color=\"#0b1526\" flood-opacity=\".28\"/></filter>",
                self.root
            );
        }
        for (at, gradient) in std::mem::take(&mut self.gradients).into_iter().enumerate() {
            self.write_gradient(at, &gradient);
        }
        let patterns: Vec<_> = self.patterns.iter().map(|(key, at)| (*at, *key)).collect();
        for (at, (pattern, ink)) in patterns {
            self.write_pattern(at, pattern, ink);
        }
    }

    fn write_gradient(&mut self, at: usize, gradient: &Gradient) {
        let id = format!("{}-g{at}", self.root);
        let name = if gradient.radial { "radialGradient" } else { "linearGradient" };
        let _ = write!(self.defs, "<{name} id=\"{id}\"");
        if !gradient.radial {
            let (sin, cos) = gradient.angle.to_radians().sin_cos();
            let [x1, y1, x2, y2] = [0.5 - sin / 2.0, 0.5 + cos / 2.0, 0.5 + sin / 2.0, 0.5 - cos / 2.0].map(number);
            let _ = write!(self.defs, " x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"");
        }
        self.defs.push('>');
        for (place, color) in &gradient.stops {
            let solid = crate::Color { a: 255, ..*color }.css();
            let _ = write!(self.defs, "<stop offset=\"{}\" stop-color=\"{solid}\"", number(*place));
            if color.a != 255 {
                let _ = write!(self.defs, " stop-opacity=\"{}\"", number(f64::from(color.a) / 255.0));
            }
            self.defs.push_str("/>");
        }
        let _ = write!(self.defs, "</{name}>");
    }

    fn write_pattern(&mut self, at: usize, pattern: Pattern, ink: Ink) {
        let (mut paint, mut class) = (String::new(), Classes::default());
        let property = if pattern == Pattern::Lines || pattern == Pattern::Paper { "stroke" } else { "fill" };
        self.paint_attribute(&mut paint, property, &Paint::Flat(ink), &mut class);
        let (side, inside) = tile(pattern);
        let extra = if property == "stroke" { " stroke-width=\"1\"" } else { "" };
        let _ = write!(
            self.defs,
            "<pattern id=\"{}-p{at}\" width=\"{side}\" height=\"{side}\" patternUnits=\"userSpaceOnUse\">\
             <path d=\"{inside}\"{paint}{extra}{class}/></pattern>",
            self.root
        );
    }

    fn items(mut self, items: &[Item]) -> Self {
        self.body.reserve(items.len() * ITEM_BYTES);
        items.iter().for_each(|item| self.item(item));
        self
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Group(group) => self.group(group),
            Item::Figure(figure) => self.figure(figure),
            Item::Text(lines) => self.text(lines),
            Item::Picture(picture) => self.picture(picture),
        }
    }

    fn group(&mut self, group: &Group) {
        let link = self.link(group.link.as_deref());
        let name = link.word(LinkWord::Name);
        let _ = write!(self.body, "<{name}");
        if !group.id.is_empty() {
            let _ = write!(self.body, " id=\"{}{}\"", self.prefix, escape(&group.id));
        }
        if !group.class.is_empty() {
            let _ = write!(self.body, " class=\"{}\"", escape(&group.class));
        }
        for (key, value) in &group.data {
            let _ = write!(self.body, " data-{key}=\"{}\"", escape(value));
        }
        self.body.push_str(&link.word(LinkWord::Href));
        if !group.label.is_empty() {
            let _ = write!(self.body, "{} aria-label=\"{}\"", link.word(LinkWord::Role), escape(&group.label));
            if self.options.focusable && !group.data.is_empty() {
                self.body.push_str(&link.word(LinkWord::Tab));
            }
        }
        if let Some(opacity) = group.opacity {
            let _ = write!(self.body, " opacity=\"{}\"", number(opacity));
        }
        self.body.push('>');
        if let Some(tooltip) = &group.tooltip {
            let _ = write!(self.body, "<title>{}</title>", escape(tooltip));
        }
        for item in &group.items {
            self.item(item);
        }
        let _ = write!(self.body, "</{name}>");
    }

    fn figure(&mut self, figure: &Figure) {
        let (name, form) = form(&figure.geometry);
        if form.is_empty() {
            return;
        }
        let mut classes = Classes::of(figure.class);
        let mut body = std::mem::take(&mut self.body);
        let _ = write!(body, "<{name}{form}");
        if figure.fill != Paint::None {
            self.paint_attribute(&mut body, "fill", &figure.fill, &mut classes);
        }
        if let Some(stroke) = &figure.stroke {
            self.stroke_attributes(&mut body, stroke, &mut classes);
        }
        if figure.shadow {
            self.has_shadow = true;
            let _ = write!(body, " filter=\"url(#{}-shadow)\"", self.root);
        }
        let _ = write!(body, "{classes}/>");
        if let Some(key) = figure.pattern {
            let at = number_of(&mut self.patterns, key);
            let at = self.serial(Open::Pattern, at);
            let _ = write!(body, "<{name}{form} fill=\"url(#{}-p{at})\"/>", self.root);
        }
        self.body = body;
    }

    fn paint_attribute(&mut self, out: &mut String, property: &'static str, paint: &Paint, classes: &mut Classes) {
        match paint {
            Paint::None => _ = write!(out, " {property}=\"none\""),
            Paint::Flat(ink) => {
                let (inks, has_dark, is_later) = (&mut self.inks, self.has_dark, self.is_later);
                let flat = self.flat.entry((property, *ink)).or_insert_with(|| {
                    let class = (has_dark && ink.light != ink.dark).then(|| {
                        let at = number_of(inks, (property, *ink));
                        let at = if is_later { Open::Ink.mark(at) } else { at.to_string() };
                        format!("{}{at}", if property == "fill" { 'f' } else { 's' })
                    });
                    (format!(" {property}=\"{}\"", ink.light.css()), class.unwrap_or_default())
                });
                out.push_str(&flat.0);
                classes.add(&flat.1);
            }
            Paint::Gradient(gradient) => {
                let at = self.gradient(gradient);
                let at = self.serial(Open::Gradient, at);
                let _ = write!(out, " {property}=\"url(#{}-g{at})\"", self.root);
            }
        }
    }

    fn stroke_attributes(&mut self, out: &mut String, stroke: &Stroke, classes: &mut Classes) {
        self.paint_attribute(out, "stroke", &stroke.paint, classes);
        if (stroke.width - 1.0).abs() > 1e-9 {
            let _ = write!(out, " stroke-width=\"{}\"", number(stroke.width));
        }
        if !stroke.dash.is_empty() {
            let dash: Vec<String> = stroke.dash.iter().map(|part| number(*part).to_string()).collect();
            let _ = write!(out, " stroke-dasharray=\"{}\"", dash.join(" "));
        }
        if stroke.round {
            out.push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
        }
        if stroke.animated {
            // A style of the element's own is refused by pages with a strict policy.
            let around: f64 = stroke.dash.iter().sum();
            let class = format!("flow-{}", number(around * 2.0)).replace('.', "_");
            for class in ["animated", &class] {
                if !classes.has(class) {
                    classes.add(class);
                }
            }
            self.flows.insert(class, number(-around * 2.0).to_string());
        }
    }

    fn text(&mut self, lines: &[TextLine]) {
        let Some(first) = lines.first().and_then(|line| line.runs.first()) else { return };
        // Decorations stay on their runs: all below would inherit them for good.
        let (base, anchor) = (Run { underline: false, strike: false, ..first.clone() }, lines[0].anchor);
        let (mut look, mut class) = (String::new(), Classes::default());
        self.run_attributes(&mut look, &base, None, &mut class);
        let place = if lines.len() == 1 { position(&lines[0]) } else { String::new() };
        let hang = anchor_attribute(anchor);
        // Viewers drop spaces at the ends of runs otherwise.
        let has_spaces = |run: &Run| run.text.starts_with(' ') || run.text.ends_with(' ') || run.text.contains("  ");
        let spaces = lines.iter().flat_map(|line| &line.runs).any(has_spaces);
        let spaces = if spaces { " xml:space=\"preserve\"" } else { "" };
        let _ = write!(self.body, "<text{place}{hang}{look}{class}{spaces}>");
        for (at, line) in lines.iter().enumerate() {
            let is_apart = lines.len() > 1;
            if is_apart {
                if at > 0 {
                    self.body.push_str(&self.gap);
                }
                let hang = if line.anchor == anchor { "" } else { anchor_attribute(line.anchor) };
                let _ = write!(self.body, "<tspan{}{hang}>", position(line));
            }
            for run in &line.runs {
                self.run(run, &base);
            }
            if is_apart {
                self.body.push_str("</tspan>");
            }
        }
        self.body.push_str("</text>");
    }

    fn run(&mut self, run: &Run, base: &Run) {
        self.letters.entry(run.face).or_default().extend(run.text.chars());
        let (mut look, mut class) = (String::new(), Classes::default());
        self.run_attributes(&mut look, run, Some(base), &mut class);
        let is_to_fit = run.estimated && !run.text.chars().any(is_joined);
        if (is_to_fit || self.options.fonts == Fonts::System) && run.width > 0.0 {
            let _ = write!(look, " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", number(run.width));
        }
        let link = self.link(run.link.as_deref());
        self.body.push_str(&link.word(LinkWord::Start));
        let text = escape(&run.text);
        if look.is_empty() && class.0.is_empty() {
            self.body.push_str(&text);
        } else {
            let _ = write!(self.body, "<tspan{look}{class}>{text}</tspan>");
        }
        self.body.push_str(&link.word(LinkWord::End));
    }

    /// The attributes of a run's look that differ from what it inherits.
    fn run_attributes(&mut self, out: &mut String, run: &Run, from: Option<&Run>, classes: &mut Classes) {
        if from.is_none_or(|from| (from.size - run.size).abs() > 1e-9) {
            let _ = write!(out, " font-size=\"{}\"", number(run.size));
        }
        let (was_mono, was_bold, was_italic) = from.map_or((false, false, false), |from| {
            (from.face == Face::Mono, from.face.is_bold(), from.face.is_italic())
        });
        if was_mono != (run.face == Face::Mono) {
            let _ = write!(out, " font-family=\"{}\"", if was_mono { &self.sans } else { &self.mono });
        }
        if was_bold != run.face.is_bold() {
            out.push_str(if run.face.is_bold() { " font-weight=\"700\"" } else { " font-weight=\"400\"" });
        }
        if was_italic != run.face.is_italic() {
            out.push_str(if run.face.is_italic() { " font-style=\"italic\"" } else { " font-style=\"normal\"" });
        }
        let decoration = |run: &Run| match (run.underline, run.strike) {
            (false, false) => "none",
            (true, false) => "underline",
            (false, true) => "line-through",
            (true, true) => "underline line-through",
        };
        if from.map_or("none", decoration) != decoration(run) && decoration(run) != "none" {
            let _ = write!(out, " text-decoration=\"{}\"", decoration(run));
        }
        if from.is_none_or(|from| from.ink != run.ink) {
            self.paint_attribute(out, "fill", &Paint::Flat(run.ink), classes);
        }
    }

    fn picture(&mut self, picture: &Picture) {
        self.body.push_str(&image_element(picture).unwrap_or_default());
    }
}

/// The element of a picture with its bytes in it; nothing for a media type that is no picture's.
pub(crate) fn image_element(picture: &Picture) -> Option<String> {
    const TYPES: [&str; 5] = ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp"];
    let media_type = TYPES.iter().find(|known| **known == picture.media_type)?;
    let [x, y, w, h] = [picture.rect.x, picture.rect.y, picture.rect.w, picture.rect.h].map(number);
    let (alt, data) = (escape(&picture.alt), base64(&picture.bytes));
    Some(format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" aria-label=\"{alt}\" \
         href=\"data:{media_type};base64,{data}\"/>"
    ))
}

/// The classes of an element, separated by spaces; it writes itself as the attribute, if there are any.
#[derive(Default)]
struct Classes(String);

impl Classes {
    fn of(classes: &str) -> Self {
        Self(classes.to_owned())
    }

    fn add(&mut self, class: &str) {
        if !class.is_empty() {
            self.0.push_str(if self.0.is_empty() { "" } else { " " });
            self.0.push_str(class);
        }
    }

    fn has(&self, class: &str) -> bool {
        self.0.split(' ').any(|known| known == class)
    }
}

impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " class=\"{}\"", self.0) }
    }
}

fn anchor_attribute(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    }
}

fn position(line: &TextLine) -> String {
    format!(" x=\"{}\" y=\"{}\"", number(line.at.x), number(line.at.y))
}

/// Text for content and attributes; characters that XML does not allow are dropped.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"');
    if text.bytes().all(is_plain) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || matches!(c, '\u{7f}' | '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out.into()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at <= chunk.len() {
                out.push(char::from(DIGITS[(word >> (18 - 6 * at)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Geometry;

    #[test]
    fn numbers_are_short() {
        let written = |value: f64| number(value).to_string();
        assert_eq!([1.0, -0.001, 1.005, 12.346, f64::NAN, -3.5].map(written), ["1", "0", "1", "12.35", "0", "-3.5"]);
        assert_eq!(
            [0.07, -0.1, 10.0, 54_469.4, 1e20].map(written),
            ["0.07", "-0.1", "10", "54469.4", "100000000000000000000"]
        );
    }

    #[test]
    fn many_items_are_written_as_one_would_write_them() {
        let color = |at: usize| crate::Color { r: (at % 7) as u8, g: (at % 11) as u8, b: 9, a: 255 };
        let ink = |at: usize| Ink { light: color(at), dark: color(at + 1) };
        let item = |at: usize| {
            let stops = vec![(0.0, color(at % 5)), (1.0, color(3))];
            let gradient = Paint::Gradient(Gradient { radial: false, angle: 90.0, stops });
            let fill = if at.is_multiple_of(3) { gradient } else { Paint::Flat(ink(at)) };
            let pattern = at.is_multiple_of(4).then(|| (Pattern::Dots, ink(at % 20)));
            let geometry = Geometry::Rect(loko_diagram::Rect::new(at as f64, 0.0, 9.0, 9.0), 0.0);
            Item::from(Figure { geometry, fill, stroke: None, pattern, shadow: at == 400, class: "shape" })
        };
        let scene = Scene { items: (0..500).map(item).collect(), has_dark: true, ..Scene::default() };
        let options = SvgOptions::default();
        let alone = Writer::new(&scene, &options).items(&scene.items).document(&scene);
        assert!(scene.items.len() > MANY && alone.contains("-g2)") && alone.contains("-p2)"));
        assert_eq!(write(&scene, &options), alone);
    }

    #[test]
    fn what_is_written_for_several_places_is_what_each_would_be() {
        let color = |r: u8| crate::Color { r, g: 1, b: 2, a: 255 };
        let run = |face: Face, link: Option<&str>| Run {
            text: "a".to_owned(),
            face,
            size: 12.0,
            ink: Ink { light: color(1), dark: color(2) },
            width: 9.0,
            estimated: false,
            underline: false,
            strike: false,
            link: link.map(str::to_owned),
        };
        let line = |runs: Vec<Run>| TextLine { at: loko_diagram::Point::new(0.0, 0.0), anchor: Anchor::Start, runs };
        let texts = vec![
            line(vec![run(Face::Mono, None), run(Face::Regular, Some("here"))]),
            line(vec![run(Face::Mono, Some("nowhere"))]),
        ];
        let figure = |at: u8| {
            let fill = Paint::Flat(Ink { light: color(at % 9), dark: color(at % 9 + 1) });
            let geometry = Geometry::Rect(loko_diagram::Rect::new(0.0, 0.0, 9.0, 9.0), 0.0);
            let pattern = Some((Pattern::Dots, Ink { light: color(9), dark: color(at % 3) }));
            Item::from(Figure { geometry, fill, stroke: None, pattern, shadow: true, class: "shape" })
        };
        let group = |at: u8, link: &str| {
            Item::Group(Group {
                id: format!("n{at}"),
                link: Some(link.to_owned()),
                label: "N".to_owned(),
                data: vec![("id", "n".to_owned())],
                items: vec![figure(at), Item::Text(texts.clone())],
                ..Group::default()
            })
        };
        let dark = DarkSwitch::Selector(".dark".to_owned());
        let page = SvgOptions {
            fonts: Fonts::Page,
            id_prefix: "d0-",
            standalone: false,
            background: false,
            dark: &dark,
            gap: Some("gap"),
            links: &|link| (link == "here").then(|| "#here".to_owned()),
            ..SvgOptions::default()
        };
        let embedded = SvgOptions { id_prefix: "e", ..SvgOptions::default() };
        for count in [3, 2 * PIECE_ITEMS as u8] {
            let items = (0..count).map(|at| group(at, if at.is_multiple_of(2) { "here" } else { "nowhere" }));
            let scene = Scene { items: items.collect(), backdrop: vec![figure(5)], has_dark: true, ..Scene::default() };
            let all = [page, SvgOptions::default(), embedded];
            let alone: Vec<String> = all.iter().map(|options| write(&scene, options)).collect();
            assert_eq!(write_all(&scene, &all), alone);
            let system = [page, SvgOptions { fonts: Fonts::System, ..page }];
            assert_eq!(write_all(&scene, &system)[1], write(&scene, &system[1]));
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("<a href=\"&\">\u{0}\u{1b}ü"), "&lt;a href=&quot;&amp;&quot;&gt;ü");
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        assert_eq!(
            ["", "f", "fo", "foo", "foobar"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"]
        );
    }
}
