//! A picture file as a scene of its own: a photograph, a screenshot or somebody else's drawing among the words of a document.

use crate::png::natural_size;
use crate::scene::{Item, Picture, Scene};
use loko_diagram::Rect;

/// Pictures with more pixels than this are left to the words that stand for them.
pub const PHOTO_PIXELS_MAX: f64 = 50_000_000.0;

/// A picture file (PNG, JPEG, GIF, WebP or SVG) in its own size, with what it shows; nothing if it cannot be read or has more
/// than [`PHOTO_PIXELS_MAX`] pixels.
pub fn photo(bytes: &[u8], media_type: &str, shows: &str) -> Option<Scene> {
    let (media_type, bytes, alt) = (media_type.to_owned(), bytes.to_vec(), shows.to_owned());
    let picture = Picture { rect: Rect::default(), media_type, bytes, alt };
    let (size, _) = natural_size(&picture)?;
    if !(size.w >= 1.0 && size.h >= 1.0 && size.w * size.h <= PHOTO_PIXELS_MAX) {
        return None;
    }
    let bounds = Rect::new(0.0, 0.0, size.w, size.h);
    let items = vec![Item::Picture(Picture { rect: bounds, ..picture })];
    Some(Scene { bounds, description: shows.to_owned(), items, ..Scene::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_own_size() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"30\"><rect width=\"9\" height=\"9\"/></svg>";
        let scene = photo(svg.as_bytes(), "image/svg+xml", "A box").expect("a picture");
        assert_eq!((scene.bounds.w, scene.bounds.h, scene.description.as_str()), (40.0, 30.0, "A box"));
        let png = crate::png(svg, 2.0).expect("a picture");
        let scene = photo(&png, "image/png", "").expect("a picture");
        assert_eq!((scene.bounds.w, scene.bounds.h), (80.0, 60.0));
        assert!(photo(&png[..20], "image/png", "").is_none() && photo(b"words", "image/jpeg", "").is_none());
        assert!(photo(&png, "text/plain", "").is_none());
    }
}
