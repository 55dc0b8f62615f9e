//! Pictures as pixels, without a browser: the SVG is drawn by resvg with the very same fonts.

use crate::font::Face;
use crate::scene::Picture;
use loko_diagram::{Rect, Size};
use resvg::{tiny_skia, usvg};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Pictures with more pixels than this are refused.
pub const PIXELS_MAX: f64 = 150_000_000.0;

/// Why a picture could not be drawn.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Draws an SVG of this crate as PNG, each of its pixels `scale` wide.
///
/// # Errors
///
/// If the text is no SVG, or the picture would have more than [`PIXELS_MAX`] pixels or none.
pub fn png(svg: &str, scale: f64) -> Result<Vec<u8>, Error> {
    png_with_fonts(svg, scale, &[])
}

/// Like [`png()`], with further fonts (TrueType or OpenType files) for characters that the fonts of this crate lack: a
/// browser asks the system for those, here the caller brings them.
///
/// # Errors
///
/// As [`png()`], and if a file holds no font.
pub fn png_with_fonts(svg: &str, scale: f64, more: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let pixmap = drawn(svg, scale, more)?;
    pixmap.encode_png().map_err(|error| Error(format!("the picture cannot be written as PNG: {error}")))
}

/// Draws an SVG that covers all of its ground: without transparency, and compressed in a fraction of the time of [`png()`].
///
/// # Errors
///
/// As [`png_with_fonts`].
pub fn png_opaque(svg: &str, scale: f64, more: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let pixmap = drawn(svg, scale, more)?;
    let rgb: Vec<u8> = pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    // Flat colours repeat as they are: no filter makes them shorter, and the least effort finds them.
    encoder.set_deflate_compression(png::DeflateCompression::Level(1));
    encoder.set_filter(png::Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&rgb));
    written.map_err(|error| Error(format!("the picture cannot be written as PNG: {error}")))?;
    Ok(out)
}

fn drawn(svg: &str, scale: f64, more: &[Vec<u8>]) -> Result<tiny_skia::Pixmap, Error> {
    let options =
        usvg::Options { fontdb: fonts_and(more)?, font_family: crate::SANS_FAMILY.to_string(), ..Default::default() };
    let tree =
        usvg::Tree::from_str(svg, &options).map_err(|error| Error(format!("the picture is no valid SVG: {error}")))?;
    let size = tree.size();
    let (w, h) = ((f64::from(size.width()) * scale).ceil(), (f64::from(size.height()) * scale).ceil());
    if !(w >= 1.0 && h >= 1.0 && w * h <= PIXELS_MAX) {
        return Err(Error(format!(
            "a picture of {w} × {h} pixels is beyond the limit of {PIXELS_MAX}; choose a smaller scale"
        )));
    }
    let mut pixmap = tiny_skia::Pixmap::new(w as u32, h as u32)
        .ok_or_else(|| Error(format!("a picture of {w} × {h} pixels cannot be made")))?;
    let transform = tiny_skia::Transform::from_scale(scale as f32, scale as f32);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    Ok(pixmap)
}

/// How large a picture is by itself, and whether it is made of pixels; nothing if it cannot be read.
pub(crate) fn natural_size(picture: &Picture) -> Option<(Size, bool)> {
    fn first(group: &usvg::Group) -> Option<&usvg::Image> {
        group.children().iter().find_map(|node| match node {
            usvg::Node::Image(image) => Some(image.as_ref()),
            usvg::Node::Group(group) => first(group),
            _ => None,
        })
    }
    // A drawing from elsewhere reads no files.
    let nothing = usvg::ImageHrefResolver { resolve_string: Box::new(|_, _| None), ..Default::default() };
    let options = usvg::Options { fontdb: fonts(), image_href_resolver: nothing, ..Default::default() };
    let size = |size: usvg::Size| Size::new(f64::from(size.width()), f64::from(size.height()));
    if picture.media_type == "image/svg+xml" {
        let tree = usvg::Tree::from_data(&picture.bytes, &options).ok()?;
        return Some((size(tree.size()), false));
    }
    let image = Picture { rect: Rect::new(0.0, 0.0, 1.0, 1.0), ..picture.clone() };
    let svg = in_svg(1.0, 1.0, &crate::svg::image_element(&image)?);
    let tree = usvg::Tree::from_str(&svg, &options).ok()?;
    first(tree.root()).map(|image| (size(image.size()), true))
}

fn in_svg(w: f64, h: f64, element: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\">{element}</svg>")
}

/// A picture's pixels, with their width and height: three for each pixel of its box, or as many as it has if those are fewer.
/// Nothing if it cannot be read.
pub(crate) fn pixels(picture: &Picture) -> Option<(Vec<u8>, u32, u32)> {
    const FINE: f64 = 3.0;
    const SIDE_MAX: f64 = 4096.0;
    let (w, h) = (picture.rect.w, picture.rect.h);
    let image = Picture { rect: Rect::new(0.0, 0.0, w, h), ..picture.clone() };
    let element = crate::svg::image_element(&image)?;
    let svg = in_svg(w, h, &element);
    // Words without a font that is here are set in ours.
    let options = usvg::Options { fontdb: fonts(), font_family: crate::SANS_FAMILY.to_string(), ..Default::default() };
    let tree = usvg::Tree::from_str(&svg, &options).ok()?;
    let own = natural_size(picture).filter(|(_, has_pixels)| *has_pixels);
    let own = own.map_or(FINE, |(own, _)| (own.w / w).max(own.h / h));
    let fine = FINE.min(own).min(SIDE_MAX / w.max(h)).max(0.01);
    let mut pixmap = tiny_skia::Pixmap::new((w * fine).ceil() as u32, (h * fine).ceil() as u32)?;
    let transform = tiny_skia::Transform::from_scale(fine as f32, fine as f32);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    let rgba = pixmap.pixels().iter().flat_map(|pixel| {
        let color = pixel.demultiply();
        [color.red(), color.green(), color.blue(), color.alpha()]
    });
    Some((rgba.collect(), pixmap.width(), pixmap.height()))
}

/// The fonts of this crate, and others after them.
fn fonts_and(more: &[Vec<u8>]) -> Result<Arc<usvg::fontdb::Database>, Error> {
    if more.is_empty() {
        return Ok(fonts());
    }
    let mut all = usvg::fontdb::Database::clone(&fonts());
    for (at, bytes) in more.iter().enumerate() {
        let before = all.len();
        all.load_font_data(bytes.clone());
        if all.len() == before {
            return Err(Error(format!("font {} is no TrueType or OpenType font", at + 1)));
        }
    }
    Ok(Arc::new(all))
}

/// All faces as the pictures name them, and the emoji that pictures leave to the viewer.
fn fonts() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let make = || {
        let mut fonts = usvg::fontdb::Database::new();
        let all = || (0x20..=0xffff).filter_map(char::from_u32);
        for face in Face::ALL {
            fonts.load_font_data(crate::subset(face, all()));
        }
        fonts.load_font_data(epaint_default_fonts::NOTO_EMOJI_REGULAR.to_vec());
        fonts.set_sans_serif_family(crate::SANS_FAMILY);
        fonts.set_monospace_family(crate::MONO_FAMILY);
        Arc::new(fonts)
    };
    FONTS.get_or_init(make).clone()
}
