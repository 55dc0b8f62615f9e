//! Pictures as PDF with vectors and real text: the scene drawn through krilla with our own glyph runs.
//!
//! Light colours only, since paper has no preference. Textures are left out and shadows are hard: PDF has neither tiles
//! nor blurs that all readers draw alike. Pictures become pixels.

use crate::font::Face;
use crate::foreign::{Foreign, turned};
use crate::options::safe_link;
use crate::path::{Path, Seg};
use crate::png::{Error, pixels};
use crate::scene::{Figure, Geometry, Gradient, Group, Item, Paint, Picture, Run, Scene, Stroke, TextLine};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{
    Fill, FillRule, LineCap, LineJoin, LinearGradient, RadialGradient, SpreadMethod, Stop, Stroke as PdfStroke,
    StrokeDash,
};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use loko_diagram::Rect;
use skrifa::{FontRef, MetadataProvider};
use std::collections::BTreeMap;

/// What links to a chapter of the same document begin with, before its anchor.
pub(crate) const CHAPTER: &str = "chapter:";
/// Points of PDF in a pixel.
pub(crate) const POINT: f32 = 0.75;
/// Extents beyond this (in pixels) are beyond what PDF readers show.
pub const EXTENT_MAX: f64 = 19_000.0;

/// Writes pictures as pages of a PDF, each as large as its picture.
///
/// # Errors
///
/// If a picture is larger than [`EXTENT_MAX`] pixels, or the file cannot be made.
pub fn pdf(scenes: &[&Scene]) -> Result<Vec<u8>, Error> {
    pdf_with_fonts(scenes, &[])
}

/// Like [`pdf`], with further fonts (TrueType or OpenType files) for characters that the fonts of this crate lack.
///
/// # Errors
///
/// As [`pdf`], and if a file holds no font.
pub fn pdf_with_fonts(scenes: &[&Scene], more: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let foreign = Foreign::new(more)?;
    let mut document = Document::new_with(SerializeSettings { compress_content_streams: true, ..Default::default() });
    if let Some(first) = scenes.first() {
        let metadata = Metadata::new().title(first.title.clone()).description(first.description.clone());
        document.set_metadata(metadata.creator("loko".to_string()));
    }
    let mut fonts = Fonts::new(foreign);
    for scene in scenes {
        page(&mut document, scene, &mut fonts)?;
    }
    document.finish().map_err(|error| Error::new(format!("the picture cannot be written as PDF: {error:?}")))
}

fn page(document: &mut Document, scene: &Scene, fonts: &mut Fonts<'_>) -> Result<(), Error> {
    let bounds = scene.bounds;
    let (w, h) = (bounds.w.max(1.0), bounds.h.max(1.0));
    if !(w <= EXTENT_MAX && h <= EXTENT_MAX) {
        return Err(Error::new(format!(
            "a picture of {w:.0} × {h:.0} pixels is beyond the limit of {EXTENT_MAX} for PDF"
        )));
    }
    let settings = PageSettings::from_wh(w as f32 * POINT, h as f32 * POINT)
        .ok_or_else(|| Error::new(format!("a page of {w} × {h} pixels cannot be made")))?;
    let mut page = document.start_page_with(settings);
    let mut links = Vec::new();
    let mut surface = page.surface();
    let to_page = Transform::from_row(POINT, 0.0, 0.0, POINT, -(bounds.x as f32) * POINT, -(bounds.y as f32) * POINT);
    surface.push_transform(&to_page);
    let mut painter = Painter { surface: &mut surface, fonts, links: &mut links };
    if let Some(ink) = scene.background {
        painter.fill(&Path::rect(bounds, 0.0), &Paint::Flat(ink), 1.0);
    }
    for item in scene.backdrop.iter().chain(&scene.items) {
        painter.item(item);
    }
    surface.pop();
    surface.finish();
    for (rect, link) in links {
        let rect = rect.shift(-bounds.x, -bounds.y);
        let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(|value| value as f32 * POINT);
        if let Some(area) = krilla::geom::Rect::from_xywh(x, y, w, h) {
            let target = Target::Action(Action::Link(LinkAction::new(link.clone())));
            page.add_annotation(Annotation::new_link(LinkAnnotation::new(area, target), Some(link)));
        }
    }
    page.finish();
    Ok(())
}

/// The fonts of a document, loaded when first needed.
pub(crate) struct Fonts<'f> {
    own: BTreeMap<Face, (Font, FontRef<'static>)>,
    foreign: Foreign<'f>,
}

impl<'f> Fonts<'f> {
    pub(crate) fn new(foreign: Foreign<'f>) -> Self {
        Self { own: BTreeMap::new(), foreign }
    }

    fn get(&mut self, face: Face) -> &(Font, FontRef<'static>) {
        self.own.entry(face).or_insert_with(|| {
            let bytes = face.bytes();
            let font = Font::new(bytes.into(), 0).expect("the fonts are part of the program and well-formed");
            (font, FontRef::new(bytes).expect("the fonts are part of the program and well-formed"))
        })
    }
}

pub(crate) struct Painter<'s, 'p, 'f> {
    pub(crate) surface: &'s mut Surface<'p>,
    pub(crate) fonts: &'s mut Fonts<'f>,
    pub(crate) links: &'s mut Vec<(Rect, String)>,
}

impl Painter<'_, '_, '_> {
    pub(crate) fn item(&mut self, item: &Item) {
        match item {
            Item::Group(group) => self.group(group),
            Item::Figure(figure) => self.figure(figure),
            Item::Text(lines) => lines.iter().for_each(|line| self.line(line)),
            Item::Picture(picture) => self.picture(picture),
        }
    }

    fn group(&mut self, group: &Group) {
        if let Some(opacity) = group.opacity {
            self.surface.push_opacity(part(opacity));
        }
        group.items.iter().for_each(|item| self.item(item));
        if group.opacity.is_some() {
            self.surface.pop();
        }
        // A page of paper reaches other sites, but not the files next to the picture.
        if let Some(link) = group.link.as_deref().filter(|link| leads_on(link)) {
            let outlines = group.items.iter().filter_map(|item| match item {
                Item::Figure(figure) => outline(&figure.geometry).bounds(),
                _ => None,
            });
            if let Some(rect) = outlines.reduce(Rect::union) {
                self.links.push((rect, link.to_string()));
            }
        }
    }

    fn figure(&mut self, figure: &Figure) {
        let path = outline(&figure.geometry);
        if figure.shadow {
            let shade = Paint::Flat(crate::scene::Ink::same(crate::Color::rgb(0x0b_15_26)));
            self.fill(&path.shift(0.0, 3.0), &shade, 0.16);
        }
        if figure.fill != Paint::None {
            self.fill(&path, &figure.fill, 1.0);
        }
        if let Some(stroke) = &figure.stroke {
            self.stroke(&path, stroke);
        }
    }

    fn fill(&mut self, path: &Path, paint: &Paint, opacity: f64) {
        let (Some(drawn), Some((paint, alpha))) = (pdf_path(path), pdf_paint(paint, path)) else { return };
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint, opacity: part(alpha * opacity), rule: FillRule::NonZero }));
        self.surface.draw_path(&drawn);
    }

    fn stroke(&mut self, path: &Path, stroke: &Stroke) {
        let (Some(drawn), Some((paint, alpha))) = (pdf_path(path), pdf_paint(&stroke.paint, path)) else { return };
        let array: Vec<f32> = stroke.dash.iter().map(|part| *part as f32).collect();
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(PdfStroke {
            paint,
            width: stroke.width as f32,
            miter_limit: 4.0,
            line_cap: if stroke.round { LineCap::Round } else { LineCap::Butt },
            line_join: if stroke.round { LineJoin::Round } else { LineJoin::Miter },
            opacity: part(alpha),
            dash: (!array.is_empty()).then_some(StrokeDash { array, offset: 0.0 }),
        }));
        self.surface.draw_path(&drawn);
    }

    fn line(&mut self, line: &TextLine) {
        let mut x = line.start();
        let turned = turned(&line.runs);
        for run in turned.as_ref().unwrap_or(&line.runs) {
            self.run(run, x, line.at.y);
            x += run.width;
        }
    }

    fn run(&mut self, run: &Run, x: f64, y: f64) {
        let Some((paint, alpha)) = pdf_paint(&Paint::Flat(run.ink), &Path::default()) else { return };
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint, opacity: part(alpha), rule: FillRule::NonZero }));
        if !self.foreign_run(run, x, y) {
            self.own_run(run, x, y);
        }
        let mut rule = |off: f64| {
            let bar = Path::rect(Rect::new(x, y + run.size * off, run.width, run.size * 0.06), 0.0);
            self.fill(&bar, &Paint::Flat(run.ink), 1.0);
        };
        if run.underline {
            rule(0.1);
        }
        if run.strike {
            rule(-0.3);
        }
        if let Some(link) = run.link.as_deref().filter(|link| leads_on(link)) {
            self.links.push((Rect::new(x, y - run.size, run.width, run.size * 1.3), link.to_string()));
        }
    }

    /// Sets a run in its own face.
    fn own_run(&mut self, run: &Run, x: f64, y: f64) {
        let (font, metrics) = self.fonts.get(run.face);
        let font = font.clone();
        let count = run.text.chars().count().max(1);
        let glyphs: Vec<KrillaGlyph> = run
            .text
            .char_indices()
            .map(|(at, c)| {
                let glyph = metrics.charmap().map(c).map_or(0, skrifa::GlyphId::to_u32);
                let share = run.width / run.size / count as f64;
                let advance = if run.estimated { share } else { run.face.advance(c).unwrap_or(share) };
                let range = at..at + c.len_utf8();
                KrillaGlyph::new(GlyphId::new(glyph), advance as f32, 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        let start = Point::from_xy(x as f32, y as f32);
        self.surface.draw_glyphs(start, &glyphs, font, &run.text, run.size as f32, false);
    }

    /// Sets a run in the fonts that the caller brought or in the emoji, each piece in the middle of its room; whether they have it.
    fn foreign_run(&mut self, run: &Run, x: f64, y: f64) -> bool {
        let pieces = if run.estimated { self.fonts.foreign.pieces(run) } else { Vec::new() };
        let mut left = x;
        for piece in &pieces {
            let size = if piece.width > piece.room { run.size * piece.room / piece.width } else { run.size };
            let start = left + (piece.room * run.size - piece.width * size) / 2.0;
            let start = Point::from_xy(start as f32, y as f32);
            self.surface.draw_glyphs(start, &piece.glyphs, piece.font.clone(), &piece.text, size as f32, false);
            left += piece.room * run.size;
        }
        !pieces.is_empty()
    }

    fn picture(&mut self, picture: &Picture) {
        let rect = picture.rect;
        if let Some((image, rect)) = photograph(picture) {
            return self.image(image, rect);
        }
        let Some((rgba, w, h)) = pixels(picture) else { return };
        self.image(Image::from_rgba8(rgba, w, h), rect);
    }

    fn image(&mut self, image: Image, rect: Rect) {
        let Some(size) = Size::from_wh(rect.w as f32, rect.h as f32) else { return };
        self.surface.push_transform(&Transform::from_translate(rect.x as f32, rect.y as f32));
        self.surface.draw_image(image, size);
        self.surface.pop();
    }
}

/// A photograph as it is, which PDF can hold, with its place in the middle of its box; nothing for other pictures.
fn photograph(picture: &Picture) -> Option<(Image, Rect)> {
    const JPEG: &[u8] = b"\xff\xd8\xff";
    if !picture.media_type.starts_with("image/") || !picture.bytes.starts_with(JPEG) {
        return None;
    }
    let image = Image::from_jpeg(picture.bytes.clone().into(), true).ok()?;
    let (w, h) = (f64::from(image.size().0), f64::from(image.size().1));
    let rect = picture.rect;
    let scale = (rect.w / w).min(rect.h / h);
    let (w, h) = (w * scale, h * scale);
    Some((image, Rect::new(rect.x + (rect.w - w) / 2.0, rect.y + (rect.h - h) / 2.0, w, h)))
}

/// Whether a link leads somewhere from paper: to another site, or to a chapter of the same document.
fn leads_on(link: &str) -> bool {
    link.starts_with(CHAPTER) || (link.contains("://") && safe_link(link))
}

fn part(value: f64) -> NormalizedF32 {
    NormalizedF32::new(value.clamp(0.0, 1.0) as f32).unwrap_or(NormalizedF32::ONE)
}

fn outline(geometry: &Geometry) -> Path {
    match geometry {
        Geometry::Rect(rect, radius) => Path::rect(*rect, *radius),
        Geometry::Ellipse(rect) => Path::ellipse(*rect),
        Geometry::Path(path) => path.clone(),
    }
}

fn pdf_path(path: &Path) -> Option<krilla::geom::Path> {
    let mut builder = PathBuilder::new();
    for seg in &path.0 {
        match *seg {
            Seg::Move(p) => builder.move_to(p.x as f32, p.y as f32),
            Seg::Line(p) => builder.line_to(p.x as f32, p.y as f32),
            Seg::Cubic(a, b, p) => {
                builder.cubic_to(a.x as f32, a.y as f32, b.x as f32, b.y as f32, p.x as f32, p.y as f32);
            }
            Seg::Close => builder.close(),
        }
    }
    builder.finish()
}

fn pdf_color(color: crate::Color) -> rgb::Color {
    rgb::Color::new(color.r, color.g, color.b)
}

fn pdf_paint(paint: &Paint, path: &Path) -> Option<(krilla::paint::Paint, f64)> {
    match paint {
        Paint::None => None,
        Paint::Flat(ink) => Some((pdf_color(ink.light).into(), f64::from(ink.light.a) / 255.0)),
        Paint::Gradient(gradient) => Some((pdf_gradient(gradient, path.bounds()?), 1.0)),
    }
}

fn pdf_gradient(gradient: &Gradient, bounds: Rect) -> krilla::paint::Paint {
    let stop = |(place, color): &(f64, crate::Color)| Stop {
        offset: part(*place),
        color: pdf_color(*color).into(),
        opacity: part(f64::from(color.a) / 255.0),
    };
    let stops: Vec<Stop> = gradient.stops.iter().map(stop).collect();
    let c = bounds.center();
    let (spread_method, anti_alias, transform) = (SpreadMethod::Pad, true, Transform::identity());
    if gradient.radial {
        let (cx, cy, cr) = (c.x as f32, c.y as f32, (bounds.w.hypot(bounds.h) / 2.0) as f32);
        return RadialGradient { fx: cx, fy: cy, fr: 0.0, cx, cy, cr, transform, spread_method, stops, anti_alias }
            .into();
    }
    let (sin, cos) = gradient.angle.to_radians().sin_cos();
    let (dx, dy) = (sin * bounds.w / 2.0, -cos * bounds.h / 2.0);
    LinearGradient {
        x1: (c.x - dx) as f32,
        y1: (c.y - dy) as f32,
        x2: (c.x + dx) as f32,
        y2: (c.y + dy) as f32,
        transform,
        spread_method,
        stops,
        anti_alias,
    }
    .into()
}
