//! Labels and icons of boxes: where they stand, and the room they need inside or around the box.

use crate::scope::Scope;
use crate::space;
use loko_diagram::object::{Align, Side};
use loko_diagram::{NearConstant, ObjectId, PlacedObject, Point, Rect, Shape, Size};

/// Room on the four sides of something.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Margins {
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
    pub(crate) left: f64,
}

impl Margins {
    pub(crate) fn width(self) -> f64 {
        self.left + self.right
    }

    pub(crate) fn height(self) -> f64 {
        self.top + self.bottom
    }

    fn union(self, other: Self) -> Self {
        Self {
            top: self.top.max(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
            left: self.left.max(other.left),
        }
    }
}

const OUTSIDE: f64 = 6.0;

/// Where the label of an object stands.
pub(crate) fn label_place(scope: &Scope<'_>, id: ObjectId) -> NearConstant {
    let object = scope.object(id);
    let top =
        NearConstant { horizontal: Align::Middle, vertical: Align::Start, side: Side::Inside, horizontal_first: false };
    object.label_near.unwrap_or_else(|| {
        if scope.is_container(id) || object.shape == Shape::SequenceDiagram {
            top
        } else if matches!(object.shape, Shape::Image) {
            NearConstant { vertical: Align::End, side: Side::Outside, ..top }
        } else if object.icon.is_some() && object.icon_near.is_none() {
            top
        } else {
            NearConstant { vertical: Align::Middle, ..top }
        }
    })
}

fn icon_place(scope: &Scope<'_>, id: ObjectId) -> NearConstant {
    let container = scope.is_container(id);
    scope.object(id).icon_near.unwrap_or(NearConstant {
        horizontal: if container { Align::Start } else { Align::Middle },
        vertical: if container { Align::Start } else { Align::Middle },
        side: Side::Inside,
        horizontal_first: false,
    })
}

/// Room around a box of this size for what stands outside of it: label, icon, and a tooltip that is shown for good.
pub(crate) fn outside(scope: &Scope<'_>, id: ObjectId, size: Size) -> Margins {
    let (measure, object) = (scope.measure(id), scope.object(id));
    let mut margins = outside_of(label_place(scope, id), measure.label, size);
    if object.icon.is_some() && object.shape != Shape::Image {
        margins = margins.union(outside_of(icon_place(scope, id), measure.icon, size));
    }
    if let Some(near) = object.tooltip_near {
        let place = NearConstant { side: Side::Outside, ..near };
        margins = margins.union(outside_of(place, measure.tooltip, size));
    }
    margins
}

fn outside_of(place: NearConstant, size: Size, around: Size) -> Margins {
    let mut margins = Margins::default();
    if size.is_zero() || place.side == Side::Inside {
        return margins;
    }
    let share = if place.side == Side::Border { 0.5 } else { 1.0 };
    let gap = if place.side == Side::Border { 0.0 } else { OUTSIDE };
    let sideways = place.horizontal_first || place.vertical == Align::Middle;
    match (sideways, place.horizontal, place.vertical) {
        (true, Align::Start, _) => margins.left = size.w * share + gap,
        (true, ..) => margins.right = size.w * share + gap,
        (false, _, Align::Start) => margins.top = size.h * share + gap,
        (false, ..) => margins.bottom = size.h * share + gap,
    }
    // What is longer than the side that it stands at reaches out at its ends.
    let (extent, own, align) =
        if sideways { (around.h, size.h, place.vertical) } else { (around.w, size.w, place.horizontal) };
    let over = (own - extent).max(0.0).ceil();
    let (before, after) = match align {
        Align::Start => (0.0, over),
        Align::Middle => ((over / 2.0).ceil(), (over / 2.0).ceil()),
        Align::End => (over, 0.0),
    };
    if sideways {
        (margins.top, margins.bottom) = (before, after);
    } else {
        (margins.left, margins.right) = (before, after);
    }
    margins
}

/// Room inside a container for its heading (label and icon), over and above the usual padding.
pub(crate) fn heading(scope: &Scope<'_>, id: ObjectId) -> Margins {
    let measure = scope.measure(id);
    let mut margins = inside_of(label_place(scope, id), measure.label);
    if scope.object(id).icon.is_some() {
        margins = margins.union(inside_of(icon_place(scope, id), measure.icon));
    }
    margins
}

fn inside_of(place: NearConstant, size: Size) -> Margins {
    let mut margins = Margins::default();
    if size.is_zero() || place.side == Side::Outside {
        return margins;
    }
    let room = |extent: f64| match place.side {
        Side::Border => extent / 2.0,
        _ => extent + f64::from(space::HEADING),
    };
    match (place.vertical, place.horizontal) {
        (Align::Start, _) => margins.top = room(size.h),
        (Align::End, _) => margins.bottom = room(size.h),
        (_, Align::Start) => margins.left = room(size.w),
        (_, Align::End) => margins.right = room(size.w),
        _ => {}
    }
    margins
}

/// The least width of a container whose heading holds this label.
pub(crate) fn heading_width(scope: &Scope<'_>, id: ObjectId) -> f64 {
    let measure = scope.measure(id);
    let icon = if scope.object(id).icon.is_some() { 2.0 * (measure.icon.w + f64::from(space::HEADING)) } else { 0.0 };
    let label = measure.label.w + 2.0 * f64::from(space::HEADING);
    let inside = label_place(scope, id).side != Side::Outside;
    if inside && !measure.label.is_zero() { label + icon } else { icon }
}

/// A box with its label and icon in their places.
pub(crate) fn dress(scope: &Scope<'_>, id: ObjectId, rect: Rect) -> PlacedObject {
    dress_within(scope, id, rect, content_box(scope.object(id).shape, rect))
}

/// The same for a container of which it is known where inside its content stands.
pub(crate) fn dress_within(scope: &Scope<'_>, id: ObjectId, rect: Rect, inside: Rect) -> PlacedObject {
    let measure = scope.measure(id);
    let label = if measure.label.is_zero() {
        Rect::new(rect.center().x, rect.center().y, 0.0, 0.0)
    } else {
        let place = label_place(scope, id);
        let frame = if scope.is_container(id) && place.side == Side::Inside { inside } else { rect };
        spot(frame, measure.label, place)
    };
    let has_icon = scope.object(id).icon.is_some() && !measure.icon.is_zero();
    PlacedObject {
        rect,
        label,
        icon: has_icon.then(|| icon_rect(scope, id, rect, label)),
        is_container: scope.is_container(id),
    }
}

fn icon_rect(scope: &Scope<'_>, id: ObjectId, rect: Rect, label: Rect) -> Rect {
    let object = scope.object(id);
    if object.shape == Shape::Image {
        return rect;
    }
    let size = scope.measure(id).icon;
    if object.icon_near.is_none() && !scope.is_container(id) && label.h > 0.0 && label.overlaps(rect) {
        // In the middle of what the label leaves above or below it.
        let (above, below) = (label.y - rect.y, rect.bottom() - label.bottom());
        let middle = if above > below { rect.y + above / 2.0 } else { rect.bottom() - below / 2.0 };
        return Rect::around(Point::new(rect.center().x, middle), size);
    }
    spot(rect, size, icon_place(scope, id))
}

/// The place of something with this size in, on or around a box.
pub(crate) fn spot(rect: Rect, size: Size, place: NearConstant) -> Rect {
    let pad = f64::from(space::HEADING) / 2.0 + 1.0;
    let along = |align: Align, start: f64, extent: f64, own: f64, pad: f64| match align {
        Align::Start => start + pad,
        Align::Middle => start + (extent - own) / 2.0,
        Align::End => start + extent - own - pad,
    };
    let sideways = place.horizontal_first || (place.side != Side::Inside && place.vertical == Align::Middle);
    let off = |align: Align, start: f64, extent: f64, own: f64| {
        let share = if place.side == Side::Border { 0.5 } else { 1.0 };
        let gap = if place.side == Side::Border { 0.0 } else { OUTSIDE };
        match align {
            Align::Start => start - own * share - gap,
            Align::Middle => start + (extent - own) / 2.0,
            Align::End => start + extent - own * (1.0 - share) + gap,
        }
    };
    let (x, y) = match (place.side, sideways) {
        (Side::Inside, _) => {
            (along(place.horizontal, rect.x, rect.w, size.w, pad), along(place.vertical, rect.y, rect.h, size.h, pad))
        }
        (_, true) => {
            (off(place.horizontal, rect.x, rect.w, size.w), along(place.vertical, rect.y, rect.h, size.h, 0.0))
        }
        (_, false) => {
            (along(place.horizontal, rect.x, rect.w, size.w, 0.0), off(place.vertical, rect.y, rect.h, size.h))
        }
    };
    Rect::new(x, y, size.w, size.h)
}

/// Whether a shape is its rectangle, so that what is in it may stand anywhere.
pub(crate) fn is_boxy(shape: Shape) -> bool {
    let some = Size::new(100.0, 100.0);
    around_content(shape, some) == some
}

/// How much wider and higher a cloud is than what fits into it, and where its inside has its middle.
const CLOUD: (f64, f64) = (1.42, 1.75);
const CLOUD_MIDDLE: f64 = 0.565;
/// What lids, tabs, waves, tails and bars take from the room inside.
fn rim(shape: Shape) -> Margins {
    let ([top, bottom], side) = match shape {
        Shape::Cylinder => ([24.0, 10.0], 0.0),
        Shape::Package => ([16.0, 0.0], 0.0),
        Shape::Document => ([0.0, 16.0], 0.0),
        Shape::Callout => ([0.0, 20.0], 0.0),
        Shape::Browser => ([22.0, 0.0], 0.0),
        Shape::Mobile => ([18.0, 18.0], 0.0),
        Shape::Bucket => ([22.0, 8.0], 24.0),
        Shape::Queue | Shape::StoredData | Shape::Parallelogram | Shape::Step | Shape::Hexagon => ([0.0, 0.0], 40.0),
        _ => return Margins::default(),
    };
    Margins { top, right: side, bottom, left: side }
}

/// The size of a container of this shape around a content of `inner` (padding and heading included): shapes other than
/// rectangles need more than their content's box, so that no corner of it lies outside of the outline.
pub(crate) fn around_content(shape: Shape, inner: Size) -> Size {
    let root = std::f64::consts::SQRT_2;
    match shape {
        Shape::Circle | Shape::Oval => Size::new(inner.w * root, inner.h * root),
        Shape::Cloud => Size::new(inner.w * CLOUD.0, inner.h * CLOUD.1),
        Shape::Diamond => Size::new(inner.w * 2.0, inner.h * 2.0),
        Shape::Person | Shape::C4Person => Size::new(inner.w * 1.3, inner.h * 2.0),
        _ => Size::new(inner.w + rim(shape).width(), inner.h + rim(shape).height()),
    }
}

/// The part of a container of this shape where its heading and its content stand.
pub(crate) fn content_box(shape: Shape, rect: Rect) -> Rect {
    let root = std::f64::consts::SQRT_2;
    let centred = |w: f64, h: f64| Rect::around(rect.center(), Size::new(w, h));
    match shape {
        Shape::Circle | Shape::Oval => centred(rect.w / root, rect.h / root),
        Shape::Diamond => centred(rect.w / 2.0, rect.h / 2.0),
        Shape::Cloud => {
            let middle = Point::new(rect.center().x, rect.y + rect.h * CLOUD_MIDDLE);
            Rect::around(middle, Size::new(rect.w / CLOUD.0, rect.h / CLOUD.1))
        }
        Shape::Person | Shape::C4Person => Rect::new(rect.x, rect.y + rect.h / 2.0, rect.w, rect.h / 2.0),
        _ => within(rect, rim(shape)),
    }
}

/// A rectangle without its margins.
pub(crate) fn within(rect: Rect, margins: Margins) -> Rect {
    let (w, h) = ((rect.w - margins.width()).max(0.0), (rect.h - margins.height()).max(0.0));
    Rect::new(rect.x + margins.left, rect.y + margins.top, w, h)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_fits_into_its_box() {
        let inner = Size::new(200.0, 120.0);
        for (_, shape) in Shape::D2 {
            let size = around_content(shape, inner);
            let rect = Rect::new(0.0, 0.0, size.w, size.h);
            let got = content_box(shape, rect);
            assert!(got.w >= inner.w - 0.01 && got.h >= inner.h - 0.01, "{shape:?}: {got:?}");
            assert!(rect.grow(0.01).holds(got), "{shape:?}: {got:?} in {rect:?}");
        }
    }

    #[test]
    fn a_label_that_is_wider_than_its_box_keeps_others_off() {
        let place = NearConstant {
            horizontal: Align::Middle,
            vertical: Align::End,
            side: Side::Outside,
            horizontal_first: false,
        };
        let margins = outside_of(place, Size::new(150.0, 20.0), Size::new(112.0, 112.0));
        assert_eq!((margins.left, margins.right, margins.bottom), (19.0, 19.0, 26.0));
        let margins = outside_of(place, Size::new(80.0, 20.0), Size::new(112.0, 112.0));
        assert_eq!((margins.left, margins.right), (0.0, 0.0));
    }
}
