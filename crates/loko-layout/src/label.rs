//! Labels and icons of boxes: where they stand, and the room they need inside or around the box.

use crate::piece::Piece;
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
/// Things in a container beyond which no place for its label is looked for among them.
const MANY_IN_THE_WAY: usize = 400;
/// Between an icon and the label below it.
const ICON_GAP: f64 = 8.0;

/// Where the label of an object stands. One that should stand in the middle of a container would be behind what is in
/// there: it has its room above, and goes to the middle where that is free (`free_middle`).
pub(crate) fn label_place(scope: &Scope<'_>, id: ObjectId) -> NearConstant {
    let object = scope.object(id);
    let top =
        NearConstant { horizontal: Align::Middle, vertical: Align::Start, side: Side::Inside, horizontal_first: false };
    if scope.is_container(id) && object.label_near.is_some_and(is_in_the_middle) {
        return top;
    }
    object.label_near.unwrap_or_else(|| {
        if scope.is_container(id) || object.shape == Shape::SequenceDiagram {
            top
        } else if matches!(object.shape, Shape::Image) {
            NearConstant { vertical: Align::End, side: Side::Outside, ..top }
        } else {
            NearConstant { vertical: Align::Middle, ..top }
        }
    })
}

fn is_in_the_middle(place: NearConstant) -> bool {
    (place.side, place.horizontal, place.vertical) == (Side::Inside, Align::Middle, Align::Middle)
}

/// The free place nearest to the middle of a container's content, for a label that should stand there.
pub(crate) fn free_middle(scope: &Scope<'_>, id: ObjectId, content: &Piece) -> Option<Rect> {
    let size = scope.measure(id).label;
    let is_wanted = scope.object(id).label_near.is_some_and(is_in_the_middle) && !size.is_zero();
    if !is_wanted || content.objects.len() + content.edges.len() > MANY_IN_THE_WAY || !content.loose.is_empty() {
        return None;
    }
    let taken = taken(scope, content);
    let area = Rect::new(0.0, 0.0, content.size.w, content.size.h);
    let middle = area.center();
    let gap = f64::from(space::LABEL_GAP) / 2.0;
    let mut wishes = vec![middle];
    for rect in &taken {
        let (dx, dy) = ((size.w + rect.w) / 2.0 + gap, (size.h + rect.h) / 2.0 + gap);
        let around = rect.center();
        wishes.extend([-dx, dx].map(|dx| Point::new(around.x + dx, middle.y)));
        wishes.extend([-dy, dy].map(|dy| Point::new(middle.x, around.y + dy)));
    }
    let is_near = |at: &Point| (at.x - middle.x).abs() <= area.w / 4.0 && (at.y - middle.y).abs() <= area.h / 4.0;
    let spots = wishes.into_iter().filter(is_near).map(|at| Rect::around(at, size));
    let free = spots.filter(|spot| {
        let room = spot.grow(gap - 0.5);
        area.grow(gap).holds(*spot) && !taken.iter().any(|rect| rect.overlaps(room))
    });
    let way = |spot: &Rect| spot.center().distance(middle);
    free.min_by(|one, two| way(one).total_cmp(&way(two)))
}

/// All that is drawn in a container.
fn taken(scope: &Scope<'_>, content: &Piece) -> Vec<Rect> {
    let mut taken = Vec::new();
    for (id, object) in &content.objects {
        if !scope.is_spacer(*id) {
            taken.push(object.rect);
            taken.extend((!object.label.size().is_zero()).then_some(object.label));
            taken.extend(object.icon);
        }
    }
    let line = |a: Point, b: Point| Rect::around(a, Size::default()).union(Rect::around(b, Size::default()));
    for (_, edge) in &content.edges {
        taken.extend(edge.route.windows(2).map(|pair| line(pair[0], pair[1])));
        taken.extend([edge.label, edge.src_label, edge.dst_label].into_iter().flatten());
    }
    taken.extend(content.lifelines.iter().map(|lifeline| line(lifeline.from, lifeline.to)));
    taken
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
    let place = label_place(scope, id);
    let mut margins = outside_of(place, measure.label, size);
    if object.icon.is_some() && object.shape != Shape::Image {
        let at = icon_place(scope, id);
        margins = margins.union(outside_of(at, measure.icon, size));
        if place.side != Side::Inside && at.side != Side::Inside {
            // One may stand behind the other.
            let placed = dress(scope, id, Rect::new(0.0, 0.0, size.w, size.h));
            margins = margins.union(reach(placed.rect, placed.label.union(placed.icon.unwrap_or(placed.label))));
        }
    }
    if let Some(near) = object.tooltip_near {
        let place = NearConstant { side: Side::Outside, ..near };
        margins = margins.union(outside_of(place, measure.tooltip, size));
    }
    margins
}

/// How far something reaches out of a box.
fn reach(rect: Rect, outer: Rect) -> Margins {
    let over = |by: f64| by.max(0.0).ceil();
    Margins {
        top: over(rect.y - outer.y),
        right: over(outer.right() - rect.right()),
        bottom: over(outer.bottom() - rect.bottom()),
        left: over(rect.x - outer.x),
    }
}

/// Whether something outside of a box stands to its left or right.
fn is_sideways(place: NearConstant) -> bool {
    place.horizontal_first || place.vertical == Align::Middle
}

fn outside_of(place: NearConstant, size: Size, around: Size) -> Margins {
    let mut margins = Margins::default();
    if size.is_zero() || place.side == Side::Inside {
        return margins;
    }
    let share = if place.side == Side::Border { 0.5 } else { 1.0 };
    let gap = if place.side == Side::Border { 0.0 } else { OUTSIDE };
    let sideways = is_sideways(place);
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

/// Room inside a container for its heading (icon, and label unless that stands elsewhere), over and above the usual padding.
pub(crate) fn heading(scope: &Scope<'_>, id: ObjectId, with_label: bool) -> Margins {
    let measure = scope.measure(id);
    let label = if with_label { measure.label } else { Size::default() };
    let mut margins = inside_of(label_place(scope, id), label);
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

/// The least width of a container whose heading holds this label, or that stands below or above it.
pub(crate) fn heading_width(scope: &Scope<'_>, id: ObjectId) -> f64 {
    let measure = scope.measure(id);
    let icon = if scope.object(id).icon.is_some() { 2.0 * (measure.icon.w + f64::from(space::HEADING)) } else { 0.0 };
    let label = measure.label.w + 2.0 * f64::from(space::HEADING);
    let place = label_place(scope, id);
    let is_beside = place.side == Side::Outside && is_sideways(place);
    if is_beside || measure.label.is_zero() { icon } else { label + icon }
}

/// A box with its label and icon in their places.
pub(crate) fn dress(scope: &Scope<'_>, id: ObjectId, rect: Rect) -> PlacedObject {
    dress_within(scope, id, rect, content_box(scope.object(id).shape, rect))
}

/// The same for a container of which it is known where inside its content stands.
pub(crate) fn dress_within(scope: &Scope<'_>, id: ObjectId, rect: Rect, inside: Rect) -> PlacedObject {
    let (object, measure) = (scope.object(id), scope.measure(id));
    let (place, is_container) = (label_place(scope, id), scope.is_container(id));
    let has_icon = object.icon.is_some() && !measure.icon.is_zero();
    let frame = if place.side == Side::Inside && (is_container || has_icon) { inside } else { rect };
    let mut placed =
        PlacedObject { rect, label: Rect::around(rect.center(), Size::default()), icon: None, is_container };
    if !measure.label.is_zero() {
        placed.label = spot(frame, measure.label, place);
    }
    if !has_icon {
        return placed;
    }
    if object.shape == Shape::Image {
        return PlacedObject { icon: Some(rect), ..placed };
    }
    let at = icon_place(scope, id);
    let mut icon = spot(if at.side == Side::Inside { inside } else { rect }, measure.icon, at);
    let is_label_inside = !measure.label.is_zero() && place.side == Side::Inside;
    if is_label_inside && !is_container && object.icon_near.is_none() && place.vertical == Align::Middle {
        // One above the other in the middle.
        let height = icon.h + ICON_GAP + placed.label.h;
        icon.y = inside.center().y - height / 2.0;
        placed.label.y = icon.bottom() + ICON_GAP;
    } else if is_label_inside && !is_container && object.icon_near.is_none() {
        // In the middle of what the label leaves below or above it.
        let middle = match place.vertical {
            Align::Start => f64::midpoint(placed.label.bottom(), inside.bottom()),
            _ => f64::midpoint(inside.y, placed.label.y),
        };
        icon.y = middle - icon.h / 2.0;
    } else if is_label_inside {
        placed.label = clear_of(frame, placed.label, place, icon, is_container);
        if is_container && placed.label.overlaps(icon) {
            // A row of both.
            let row = Size::new(icon.w + ICON_GAP + placed.label.w, placed.label.h);
            icon.x = spot(frame, row, place).x;
            placed.label.x = icon.right() + ICON_GAP;
        }
    } else if at.side == Side::Inside {
        icon = clear_of(inside, icon, at, placed.label, is_container);
    }
    if placed.label.overlaps(icon) {
        if place.side != Side::Inside {
            placed.label = behind(placed.label, place, icon);
        } else if at.side != Side::Inside {
            icon = behind(icon, at, placed.label);
        }
    }
    PlacedObject { icon: Some(icon), ..placed }
}

/// Something outside or on the border, moved further out than what already stands in its place.
fn behind(own: Rect, place: NearConstant, taken: Rect) -> Rect {
    match (is_sideways(place), place.horizontal, place.vertical) {
        (true, Align::Start, _) => Rect { x: taken.x - OUTSIDE - own.w, ..own },
        (true, ..) => Rect { x: taken.right() + OUTSIDE, ..own },
        (false, _, Align::Start) => Rect { y: taken.y - OUTSIDE - own.h, ..own },
        (false, ..) => Rect { y: taken.bottom() + OUTSIDE, ..own },
    }
}

/// Something in a frame, moved next to what already stands in its place if there is room; sideways only in containers,
/// whose content is below the heading.
fn clear_of(frame: Rect, own: Rect, place: NearConstant, taken: Rect, only_sideways: bool) -> Rect {
    if taken.size().is_zero() || !own.overlaps(taken) {
        return own;
    }
    let right = Rect::new(taken.right(), frame.y, frame.right() - taken.right(), frame.h);
    let left = Rect::new(frame.x, frame.y, taken.x - frame.x, frame.h);
    let below = Rect::new(frame.x, taken.bottom(), frame.w, frame.bottom() - taken.bottom());
    let above = Rect::new(frame.x, frame.y, frame.w, taken.y - frame.y);
    let fitting = [right, left, below, above].into_iter().take(if only_sideways { 2 } else { 4 });
    let fitting = fitting.filter(|room| room.w >= own.w && room.h >= own.h).map(|room| {
        // Without space for the padding it stands in the middle of what there is.
        let pad = 2.0 * SPOT_PAD;
        let within = |align: Align, room: f64, own: f64| if room < own + pad { Align::Middle } else { align };
        let horizontal = within(place.horizontal, room.w, own.w);
        let vertical = within(place.vertical, room.h, own.h);
        spot(room, own.size(), NearConstant { horizontal, vertical, side: Side::Inside, ..place })
    });
    let way = |to: &Rect| to.center().distance(own.center());
    fitting.min_by(|one, two| way(one).total_cmp(&way(two))).unwrap_or(own)
}

/// Between a border and what stands at it inside.
const SPOT_PAD: f64 = space::HEADING as f64 / 2.0 + 1.0;

/// The place of something with this size in, on or around a box.
pub(crate) fn spot(rect: Rect, size: Size, place: NearConstant) -> Rect {
    let pad = SPOT_PAD;
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
const CLOUD: (f64, f64) = (1.39, 1.79);
const CLOUD_MIDDLE: f64 = 0.64;
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
