//! Shapes: how much room each needs around a text, where in it the text stands, and which lines it is made of.
//!
//! One file each. For every shape, `inner(fit(content))` has room for the content (as a rectangle for boxy shapes, within
//! the outline for round ones), and all parts stay inside the rectangle.

use crate::path::Path;
use crate::scene::Geometry;
use loko_diagram::{Rect, Shape, Size};

/// A part of a shape; the first part is its outline.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) geometry: Geometry,
    /// Whether its inside is painted.
    pub(crate) filled: bool,
    /// Whether the paint is the border's.
    pub(crate) solid: bool,
}

impl Part {
    /// A filled form with a border.
    pub(crate) fn body(geometry: Geometry) -> Self {
        Self { geometry, filled: true, solid: false }
    }

    /// A line.
    pub(crate) fn line(path: Path) -> Self {
        Self { geometry: Geometry::Path(path), filled: false, solid: false }
    }

    /// A spot in the border's colour.
    pub(crate) fn spot(geometry: Geometry) -> Self {
        Self { geometry, filled: true, solid: true }
    }
}

/// What is known of a shape.
pub(crate) struct Form {
    /// The size that the shape needs around padded content.
    pub(crate) fit: fn(Size) -> Size,
    /// Where the content stands.
    pub(crate) inner: fn(Rect) -> Rect,
    /// The parts in a rectangle, given the radius for corners.
    pub(crate) parts: fn(Rect, f64) -> Vec<Part>,
    /// The space around content: to the sides, and above and below.
    pub(crate) pad: (f64, f64),
    /// The corner radius if nobody sets one.
    pub(crate) radius: f64,
}

impl Form {
    /// A rectangle with rounded corners.
    const BOX: Form = Form {
        fit: |content| content,
        inner: |rect| rect,
        parts: |rect, radius| vec![Part::body(Geometry::Rect(rect, radius))],
        pad: (20.0, 16.0),
        radius: 6.0,
    };
}

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

/// What is known of a shape, from the file of its name; shapes without lines of their own are boxes.
pub(crate) fn form(shape: Shape) -> &'static Form {
    let name = shape.name();
    let of_name = FOUND.iter().find(|(file, _)| is_file_of(file, name));
    of_name.map_or(&rectangle::FORM, |(_, form)| form)
}

/// Whether a file is that of a shape: `c4_person` of `c4-person`.
fn is_file_of(file: &str, name: &str) -> bool {
    file.len() == name.len()
        && file.bytes().zip(name.bytes()).all(|(file, name)| file == name || file == b'_' && name == b'-')
}

/// A rectangle's part given by the space left out on each side.
pub(crate) fn inset(rect: Rect, left: f64, top: f64, right: f64, bottom: f64) -> Rect {
    let (w, h) = ((rect.w - left - right).max(1.0), (rect.h - top - bottom).max(1.0));
    Rect::new(rect.x + left, rect.y + top, w, h)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::Point;

    fn all() -> impl Iterator<Item = Shape> {
        let more = [Shape::Bucket, Shape::Function, Shape::Browser, Shape::Mobile];
        Shape::D2.into_iter().map(|(_, shape)| shape).chain(more)
    }

    #[test]
    fn every_file_is_that_of_a_shape() {
        for (file, _) in &FOUND {
            assert!(all().any(|shape| is_file_of(file, shape.name())), "no shape has the name of `{file}.rs`");
        }
    }

    #[test]
    fn content_fits_inside_every_shape() {
        for shape in all() {
            let form = form(shape);
            for content in
                [Size::new(30.0, 20.0), Size::new(300.0, 24.0), Size::new(60.0, 240.0), Size::new(220.0, 140.0)]
            {
                let size = (form.fit)(content);
                let inner = (form.inner)(Rect::new(10.0, 20.0, size.w, size.h));
                assert!(inner.w >= content.w - 0.01 && inner.h >= content.h - 0.01, "{shape:?} {content:?}: {inner:?}");
            }
        }
    }

    /// The corners of the outline of a shape in a rectangle.
    fn outline(shape: Shape, rect: Rect) -> Vec<Point> {
        let form = form(shape);
        let path = match (form.parts)(rect, form.radius).remove(0).geometry {
            Geometry::Rect(rect, radius) => Path::rect(rect, radius),
            Geometry::Ellipse(rect) => Path::ellipse(rect),
            Geometry::Path(path) => path,
        };
        path.flatten().remove(0)
    }

    /// Whether a point is inside of a polygon: a ray from it crosses the border an odd number of times.
    fn is_inside(polygon: &[Point], at: Point) -> bool {
        let sides = polygon.iter().zip(polygon.iter().cycle().skip(1));
        let crossed = sides.filter(|(one, two)| {
            (one.y > at.y) != (two.y > at.y) && at.x < (two.x - one.x) * (at.y - one.y) / (two.y - one.y) + one.x
        });
        crossed.count() % 2 == 1
    }

    #[test]
    fn texts_lie_within_the_outline() {
        for shape in all() {
            let form = form(shape);
            for text in [Size::new(30.0, 18.0), Size::new(300.0, 20.0), Size::new(60.0, 240.0), Size::new(220.0, 140.0)]
            {
                let size = (form.fit)(Size::new(text.w + 2.0 * form.pad.0, text.h + 2.0 * form.pad.1));
                let rect = Rect::new(10.0, 20.0, size.w, size.h);
                let words = Rect::around((form.inner)(rect).center(), text);
                let outline = outline(shape, rect);
                let (middle, right, bottom) = (words.center(), words.right(), words.bottom());
                for x in [words.x, middle.x, right] {
                    for y in [words.y, middle.y, bottom] {
                        assert!(is_inside(&outline, Point::new(x, y)), "{shape:?} {text:?}: {x} {y} in {rect:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn parts_stay_in_their_rectangle() {
        for shape in all() {
            for rect in
                [Rect::new(0.0, 0.0, 120.0, 80.0), Rect::new(5.0, 5.0, 12.0, 9.0), Rect::new(0.0, 0.0, 60.0, 300.0)]
            {
                for part in (form(shape).parts)(rect, 6.0) {
                    let bounds = match part.geometry {
                        Geometry::Rect(inner, _) | Geometry::Ellipse(inner) => inner,
                        Geometry::Path(path) => path.bounds().unwrap(),
                    };
                    assert!(rect.grow(0.51).holds(bounds), "{shape:?} {rect:?}: {bounds:?}");
                }
            }
        }
    }
}
