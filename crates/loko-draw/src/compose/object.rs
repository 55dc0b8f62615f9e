//! Objects: their shape with its copies, depth and borders, what is written and shown inside.

use super::Composer;
use crate::badge;
use crate::font::{self, CAP_HEIGHT, Face};
use crate::label::{self, type_line};
use crate::measure::{ICON_GAP, fitted, icon_size};
use crate::path::{Path, Seg};
use crate::scene::{Anchor, Figure, Geometry, Group, Ink, Item, Paint, Run, Stroke, TextLine};
use crate::sequence::Part;
use crate::shapes::{self, form};
use crate::skin::{Skin, letters};
use crate::text::{Block, Tone};
use loko_diagram::object::{Align, Side};
use loko_diagram::{NotationKind, Object, ObjectId, Point, Rect, Shape, Size};
use std::sync::Arc;

/// How far the copy of a `multiple` object stands off.
const COPY: f64 = 9.0;
/// How deep a `3d` object is.
const DEPTH: f64 = 12.0;
/// The space between two borders.
const DOUBLE: f64 = 4.5;
/// The corner radius of C4 elements and containers.
const RADIUS_CARD: f64 = 9.0;
const RADIUS_FRAME: f64 = 10.0;

/// How far an object reaches out of its rectangle, upwards and to the right.
pub(crate) fn overhang(object: &Object) -> f64 {
    if has_depth(object) {
        DEPTH
    } else if object.style.multiple.unwrap_or(false) {
        COPY
    } else {
        0.0
    }
}

/// Whether an object is drawn with sides: only those with straight ones are.
fn has_depth(object: &Object) -> bool {
    let is_flat =
        matches!(object.shape, Shape::Rectangle | Shape::Square | Shape::Hexagon | Shape::Code | Shape::SqlTable);
    is_flat && object.style.three_d.unwrap_or(false)
}

impl Composer<'_> {
    /// The group of an object; its id is its bare name.
    pub(super) fn object(&self, id: ObjectId) -> Group {
        let object = self.board.object(id);
        let mut items = self.body(id);
        items.extend(self.inside(id));
        items.extend(self.badges(id));
        items.extend(self.tooltip(id));
        Group {
            id: object.id.clone(),
            class: self.object_class(id),
            data: vec![("id", object.id.clone())],
            label: self.object_words(id),
            tooltip: object.tooltip.clone(),
            link: object.link.clone(),
            opacity: object.style.opacity.filter(|opacity| *opacity < 1.0).map(|opacity| opacity.max(0.0)),
            items,
        }
    }

    fn object_class(&self, id: ObjectId) -> String {
        let object = self.board.object(id);
        let mut class = String::from("node");
        class.push_str(if self.is_container(id) { " frame" } else { "" });
        class.push_str(&format!(" shape-{}", css_word(object.shape.name())));
        if let Some(notation) = &object.notation {
            let kind = match notation.kind {
                NotationKind::Person => "person",
                NotationKind::System => "system",
                NotationKind::Container => "container",
                NotationKind::Component => "component",
                NotationKind::DeploymentNode => "deployment-node",
                NotationKind::Boundary => "boundary",
            };
            class.push_str(&format!(" kind-{kind}"));
            class.push_str(if notation.external { " external" } else { "" });
            for tag in &notation.tags {
                class.push_str(&format!(" tag-{}", css_word(tag)));
            }
        }
        for name in &object.classes {
            class.push_str(&format!(" {}", css_word(name)));
        }
        class
    }

    /// What a screen reader says of an object.
    fn object_words(&self, id: ObjectId) -> String {
        let object = self.board.object(id);
        let mut words = self.name(id);
        if let Some(notation) = &object.notation {
            words.push_str(&format!(" {}", type_line(notation)));
            if let Some(description) = &notation.description {
                words.push_str(&format!(": {description}"));
            }
            for badge in notation.badges.iter().filter(|badge| !badge.trim().is_empty()) {
                words.push_str(&format!(" {badge}"));
            }
        }
        words.trim().to_string()
    }

    /// The shape itself.
    fn body(&self, id: ObjectId) -> Vec<Item> {
        let object = self.board.object(id);
        let placed = self.placed_object(id);
        let skin = &self.skins[id.index()];
        if matches!(object.shape, Shape::SequenceDiagram | Shape::Hierarchy) && !self.is_container(id) {
            return self.layers(object, skin, &form(Shape::Rectangle).parts, placed.rect, 4.0);
        }
        let shape = self.shape_of(id);
        let form = form(shape);
        let radius = self.radius(id, form.radius);
        if object.shape == Shape::Image {
            return self.picture(object, placed.icon.unwrap_or(placed.rect), skin.ground);
        }
        if object.shape == Shape::Text && skin.fill == Paint::None && skin.stroke.is_none() {
            return Vec::new();
        }
        self.layers(object, skin, &form.parts, placed.rect, radius)
    }

    /// The shape that an object is drawn in.
    pub(crate) fn shape_of(&self, id: ObjectId) -> Shape {
        self.situations[id.index()].shape(self.board.object(id))
    }

    fn radius(&self, id: ObjectId, usual: f64) -> f64 {
        let object = self.board.object(id);
        let is_box =
            matches!(object.shape, Shape::Rectangle | Shape::Square | Shape::SqlTable | Shape::Class | Shape::Code);
        match self.skins[id.index()].radius {
            Some(radius) => radius,
            None if self.look.quirks().square => 0.0,
            None if self.situations[id.index()].part == Some(Part::Span) => 2.0,
            None if is_box && self.is_container(id) => RADIUS_FRAME,
            None if is_box && object.notation.is_some() => RADIUS_CARD,
            None => usual,
        }
    }

    /// The shape's parts, behind them its copy or its sides.
    fn layers(
        &self,
        object: &Object,
        skin: &Skin,
        parts: &dyn Fn(Rect, f64) -> Vec<shapes::Part>,
        rect: Rect,
        radius: f64,
    ) -> Vec<Item> {
        let mut items = Vec::new();
        let on = |flag: Option<bool>| flag.unwrap_or(false);
        let is_solid = has_depth(object);
        if is_solid {
            items.extend(self.sides(skin, parts(rect, 0.0).first(), DEPTH));
        } else if on(object.style.multiple) {
            let back = parts(rect.shift(COPY, -COPY), radius);
            items.extend(self.figures(&back, skin, false));
        }
        let radius = if is_solid { 0.0 } else { radius };
        items.extend(self.figures(&parts(rect, radius), skin, on(object.style.shadow)));
        let doubled =
            object.style.double_border.unwrap_or(self.look.quirks().double && self.situation_is_outer_frame(object));
        if doubled && rect.w > 4.0 * DOUBLE && rect.h > 4.0 * DOUBLE {
            let mut inner = parts(rect.grow(-DOUBLE), (radius - DOUBLE).max(0.0));
            inner.truncate(1);
            let line = Skin { fill: Paint::None, pattern: None, ..skin.clone() };
            items.extend(self.figures(&inner, &line, false));
        }
        items
    }

    fn situation_is_outer_frame(&self, object: &Object) -> bool {
        object.parent.is_none() && self.board.find(&object.id).is_some_and(|id| self.is_container(id))
    }

    fn figures(&self, parts: &[shapes::Part], skin: &Skin, shadow: bool) -> Vec<Item> {
        let mut items = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let stroke_paint = || skin.stroke.as_ref().map_or(Paint::None, |stroke| stroke.paint.clone());
            let fill = match (part.solid, part.filled) {
                (true, _) => stroke_paint(),
                (false, true) => skin.fill.clone(),
                (false, false) => Paint::None,
            };
            // Strong elements have a border of their own colour; lines inside them must still be seen.
            let inner_ink =
                || skin.ground.with(letters(Tone::Ink, skin.ground, None, &self.colors), |g, i| g.mix(i, 0.45));
            let hidden = matches!((&skin.fill, stroke_paint()), (Paint::Flat(one), Paint::Flat(two)) if one.light == two.light || one.dark == two.dark);
            let mut stroke = skin.stroke.clone().filter(|_| !part.solid);
            let fill = if part.solid && hidden { Paint::Flat(inner_ink()) } else { fill };
            if let (Some(stroke), true, true) = (&mut stroke, at > 0, hidden) {
                // A head of the body's colour is set off by a line of the ground.
                stroke.paint = Paint::Flat(if part.filled { self.paper() } else { inner_ink() });
            }
            items.push(Item::from(Figure {
                geometry: part.geometry.clone(),
                fill,
                stroke,
                pattern: skin.pattern.filter(|_| part.filled && !part.solid),
                shadow: shadow && at == 0,
                class: if at == 0 { "shape" } else { "" },
            }));
        }
        items
    }

    /// The top and right sides of a box with depth.
    fn sides(&self, skin: &Skin, outline: Option<&shapes::Part>, depth: f64) -> Vec<Item> {
        let Some(part) = outline else { return Vec::new() };
        let darker = |ground: Ink, by: f64| {
            let ink = letters(Tone::Ink, ground, None, &self.colors);
            Paint::Flat(ground.with(ink, |ground, ink| ground.mix(ink, by)))
        };
        let corners: Vec<Point> = match &part.geometry {
            Geometry::Rect(r, _) | Geometry::Ellipse(r) => vec![
                Point::new(r.x, r.y),
                Point::new(r.right(), r.y),
                Point::new(r.right(), r.bottom()),
                Point::new(r.x, r.bottom()),
            ],
            Geometry::Path(path) => path
                .0
                .iter()
                .filter_map(|seg| match *seg {
                    Seg::Move(point) | Seg::Line(point) | Seg::Cubic(_, _, point) => Some(point),
                    Seg::Close => None,
                })
                .collect(),
        };
        let mut items = Vec::new();
        for (at, &from) in corners.iter().enumerate() {
            let to = corners[(at + 1) % corners.len()];
            // A side of a clockwise outline can be seen if it faces up or right.
            let facing = (to.y - from.y) + (to.x - from.x);
            if facing <= 0.0 {
                continue;
            }
            let quad = [(from.x, from.y), (from.x + depth, from.y - depth), (to.x + depth, to.y - depth), (to.x, to.y)];
            let is_top = (to.x - from.x).abs() > (to.y - from.y).abs();
            items.push(Item::from(Figure {
                geometry: Geometry::Path(Path::polygon(&quad)),
                fill: darker(skin.ground, if is_top { 0.08 } else { 0.18 }),
                stroke: skin.stroke.clone(),
                pattern: None,
                shadow: false,
                class: "",
            }));
        }
        items
    }

    /// The object's text as it is drawn, the box it is drawn in, and the box of an icon that is stacked on it.
    fn placed_block(&self, id: ObjectId) -> (Arc<Block>, Rect, Option<Rect>) {
        let object = self.board.object(id);
        let placed = self.placed_object(id);
        let mut situation = self.situations[id.index()];
        situation.is_container &= placed.is_container;
        let block = if self.situations[id.index()].is_container {
            label::object(object, self.situations[id.index()], self.look, None)
        } else {
            fitted(object, situation, self.look)
        };
        let outside = label::is_outside(object);
        let has_icon = object.icon.is_some() && object.shape != Shape::Image;
        if !self.is_container(id) && object.label_near.is_none() && object.icon_near.is_none() && !outside {
            let inner = (form(self.shape_of(id)).inner)(placed.rect);
            let icon = if has_icon { icon_size(object, situation, &block) } else { Size::default() };
            let gap = if has_icon && !block.is_empty() { ICON_GAP } else { 0.0 };
            let top = inner.center().y - (icon.h + gap + block.size.h) / 2.0;
            let picture = Rect::new(inner.center().x - icon.w / 2.0, top, icon.w, icon.h);
            let words = Rect::new(inner.x, top + icon.h + gap, inner.w, block.size.h);
            return (block, words, has_icon.then_some(picture));
        }
        let rect = match placed.label.size().is_zero() {
            true if outside => Rect { y: placed.rect.bottom() + 4.0, h: block.size.h, ..placed.rect },
            true => placed.rect,
            false => placed.label,
        };
        let rect = self.label_rect(id, rect, &block);
        (block, rect, None)
    }

    /// Where an object's text is drawn; nothing for one without any, and for rows.
    pub(super) fn label_box(&self, id: ObjectId) -> Option<Rect> {
        if crate::rows::Rows::of(self.board.object(id), self.look).is_some() {
            return None;
        }
        let (block, rect, _) = self.placed_block(id);
        (!block.size.is_zero()).then(|| Rect::around(rect.center(), block.size))
    }

    /// What is written and shown in (or at) an object.
    fn inside(&self, id: ObjectId) -> Vec<Item> {
        let object = self.board.object(id);
        let placed = self.placed_object(id);
        let skin = &self.skins[id.index()];
        if let Some(rows) = crate::rows::Rows::of(object, self.look) {
            return self.rows(&rows, object, placed.rect, self.radius(id, 6.0), skin);
        }
        let (block, rect, stacked) = self.placed_block(id);
        let outside = label::is_outside(object);
        let has_icon = object.icon.is_some() && object.shape != Shape::Image;
        let mut items = Vec::new();
        if let Some(icon) = stacked.or(placed.icon).filter(|_| has_icon) {
            items.extend(self.picture(object, icon, skin.ground));
        }
        let on_border = object.label_near.is_some_and(|near| near.side == Side::Border);
        if on_border && !block.is_empty() {
            items.push(self.plate(rect.grow(2.0), Paint::Flat(self.below(id))));
        }
        let ground = if outside || on_border { self.below(id) } else { skin.ground };
        items.extend(self.words(&block, rect, ground, skin.font));
        items
    }

    /// Where a label with a place of its own stands: layout knows rectangles, here it is kept inside the outline.
    fn label_rect(&self, id: ObjectId, rect: Rect, block: &Block) -> Rect {
        const EDGE: f64 = 8.0;
        let object = self.board.object(id);
        let inner = (form(self.shape_of(id)).inner)(self.placed_object(id).rect);
        if self.is_container(id) {
            // Layout knows what lids, tabs and round outlines leave of a container.
            return rect;
        }
        let Some(near) = object.label_near.filter(|near| near.side == Side::Inside) else { return rect };
        let spot = |align: Align, start: f64, room: f64, own: f64| match align {
            Align::Middle => start + (room - own) / 2.0,
            _ if room < own + 2.0 * EDGE => start + (room - own) / 2.0,
            Align::Start => start + EDGE,
            Align::End => start + room - own - EDGE,
        };
        let x = spot(near.horizontal, inner.x, inner.w, block.size.w);
        let y = spot(near.vertical, inner.y, inner.h, block.size.h);
        let own = Rect::new(x, y, block.size.w, block.size.h);
        // Layout knows where the icon is.
        if self.placed_object(id).icon.is_some_and(|icon| icon.overlaps(own)) { rect } else { own }
    }

    /// A plain ground for letters that stand on a line.
    pub(crate) fn plate(&self, rect: Rect, fill: Paint) -> Item {
        let geometry = Geometry::Rect(rect, 3.0);
        Item::from(Figure { geometry, fill, stroke: None, pattern: None, shadow: false, class: "" })
    }

    /// Short marks below the text or on a frame's border.
    fn badges(&self, id: ObjectId) -> Vec<Item> {
        let object = self.board.object(id);
        let Some(notation) = object.notation.as_ref().filter(|notation| !notation.badges.is_empty()) else {
            return Vec::new();
        };
        let rect = self.placed_object(id).rect;
        // The words of all marks are one text, so that they are read with spaces between them.
        let (mut items, mut lines) = (Vec::new(), Vec::new());
        if self.is_container(id) {
            for row in badge::rows(notation, f64::INFINITY) {
                let left = rect.right() - 10.0 - row.width;
                self.badge_row(id, &row, Point::new(left, rect.y - badge::HEIGHT / 2.0), &mut items, &mut lines);
            }
            items.push(Item::Text(lines));
            return items;
        }
        let situation = self.situations[id.index()];
        let block = fitted(object, situation, self.look);
        let icon = if object.icon.is_some() { icon_size(object, situation, &block).h + ICON_GAP } else { 0.0 };
        let inner = (form(self.shape_of(id)).inner)(rect);
        let rows = badge::rows(notation, block.size.w);
        let top = inner.center().y + (icon + block.size.h) / 2.0 - badge::size(&rows).h;
        for (at, row) in rows.iter().enumerate() {
            let corner = Point::new(inner.center().x - row.width / 2.0, top + badge::top(at));
            self.badge_row(id, row, corner, &mut items, &mut lines);
        }
        items.push(Item::Text(lines));
        items
    }

    fn badge_row(
        &self,
        id: ObjectId,
        row: &badge::Row<'_>,
        corner: Point,
        items: &mut Vec<Item>,
        lines: &mut Vec<TextLine>,
    ) {
        let ground = self.paper();
        let ink = letters(Tone::Muted, ground, None, &self.colors);
        let line = self.skins[id.index()].stroke.as_ref().map_or(Paint::Flat(ink), |stroke| stroke.paint.clone());
        let mut left = corner.x;
        for badge in &row.badges {
            let pill = Rect::new(left, corner.y, badge::width(badge), badge::HEIGHT);
            left = pill.right() + badge::GAP;
            items.push(Item::from(Figure {
                geometry: Geometry::Rect(pill, badge::HEIGHT / 2.0),
                fill: Paint::Flat(ground),
                stroke: Some(Stroke { paint: line.clone(), width: 1.0, dash: vec![], animated: false, round: false }),
                pattern: None,
                shadow: false,
                class: "badge",
            }));
            let at = Point::new(pill.center().x, pill.center().y + badge::LETTERS * CAP_HEIGHT / 2.0);
            let runs = font::stretches(badge, Face::Bold).into_iter().map(|stretch| Run {
                width: stretch.width * badge::LETTERS,
                text: stretch.text,
                face: stretch.face,
                size: badge::LETTERS,
                ink,
                estimated: stretch.estimated,
                underline: false,
                strike: false,
                link: None,
            });
            lines.push(TextLine { at, anchor: Anchor::Middle, runs: runs.collect() });
        }
    }
}

/// A word for a CSS class.
pub(crate) fn css_word(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect()
}
