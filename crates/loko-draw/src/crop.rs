//! Leaving out what lies outside of the part of a picture that is shown, so that nobody writes or draws it.

use crate::scene::{Figure, Geometry, Item, Scene, TextLine};
use loko_diagram::Rect;

/// How far a shadow and the round end of a line reach beyond the form.
const REACH: f64 = 16.0;
/// How far letters reach above and below their line, in sizes.
const LETTERS: f64 = 1.5;

impl Scene {
    /// Leaves out what cannot be seen in a part of the picture; what is seen in it looks the same.
    #[must_use]
    pub fn within(mut self, seen: Rect) -> Self {
        keep(&mut self.items, seen);
        self
    }
}

fn keep(items: &mut Vec<Item>, seen: Rect) {
    items.retain_mut(|item| match item {
        Item::Group(group) => {
            keep(&mut group.items, seen);
            !group.items.is_empty()
        }
        Item::Figure(figure) => reach(figure).is_none_or(|reach| touch(reach, seen)),
        Item::Text(lines) => lines.iter().any(|line| touch(letters(line), seen)),
        Item::Picture(picture) => touch(picture.rect, seen),
    });
}

fn touch(a: Rect, b: Rect) -> bool {
    a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h
}

fn reach(figure: &Figure) -> Option<Rect> {
    let bounds = match &figure.geometry {
        Geometry::Rect(rect, _) | Geometry::Ellipse(rect) => Some(*rect),
        Geometry::Path(path) => path.bounds(),
    };
    let more = REACH + figure.stroke.as_ref().map_or(0.0, |stroke| stroke.width);
    bounds.map(|it| it.grow(more))
}

fn letters(line: &TextLine) -> Rect {
    let size = line.runs.iter().map(|run| run.size).fold(0.0, f64::max) * LETTERS;
    // Estimated words may be wider than told.
    let spare = if line.runs.iter().any(|run| run.estimated) { line.width() } else { size };
    Rect::new(line.start() - spare, line.at.y - size, line.width() + 2.0 * spare, 2.0 * size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Group, Paint};

    fn figure(x: f64) -> Item {
        Figure {
            geometry: Geometry::Rect(Rect::new(x, 0.0, 10.0, 10.0), 0.0),
            fill: Paint::None,
            stroke: None,
            pattern: None,
            shadow: false,
            class: "",
        }
        .into()
    }

    #[test]
    fn only_what_can_be_seen_is_kept() {
        let group = |items| Item::Group(Group { items, ..Group::default() });
        let items = vec![group(vec![figure(0.0), figure(500.0)]), group(vec![figure(500.0)]), figure(105.0)];
        let seen = Scene { items, ..Scene::default() }.within(Rect::new(0.0, 0.0, 100.0, 100.0));
        assert_eq!(seen.items.len(), 2, "{:?}", seen.items);
        let Item::Group(group) = &seen.items[0] else { panic!("{:?}", seen.items) };
        assert_eq!(group.items.len(), 1);
    }
}
