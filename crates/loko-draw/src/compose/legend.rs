//! Explanations of notation: what the source says, or the C4 kinds that occur.

use super::Composer;
use crate::badge;
use crate::font::Face;
use crate::label;
use crate::label::Situation;
use crate::path::Path;
use crate::scene::{Figure, Geometry, Group, Item, Paint, Stroke};
use crate::shapes::form;
use crate::skin;
use crate::text::flow::Setting;
use crate::text::{Block, Flow, Span, Tone};
use loko_diagram::{ArrowheadShape, Edge, NotationKind, Object, Point, Rect, Shape, Size};

const SAMPLE: Size = Size::new(34.0, 22.0);
/// The line around a sample.
const SAMPLE_LINE: f64 = 1.25;
/// That around a sample of what has a width of its own.
const SAMPLE_LINE_MAX: f64 = 3.0;
const GAP: f64 = 10.0;
const COLUMN: f64 = 28.0;
const ROW: f64 = 34.0;
const SIZE: f64 = 13.0;
/// The space between a picture and its legend.
const ABOVE: f64 = 28.0;
/// The least width that a legend may fill.
const LEAST: f64 = 420.0;

/// What marks begin with that tell how many copies there are.
const COUNT: char = '×';

/// A sample and what it means.
enum Sample {
    Object(Box<Object>, String),
    Edge(Box<Edge>, String),
    /// A small mark on an element, with the letters in it.
    Badge(&'static str, String),
}

impl Composer<'_> {
    /// The legend below what has been drawn, with its box.
    pub(crate) fn legend(&self, bounds: Rect) -> Option<(Item, Rect)> {
        let (title, samples) = self.samples()?;
        let title = label::heading(&title, SIZE, self.look);
        let width = bounds.w.max(LEAST);
        let (mut x, mut y) = (bounds.x, bounds.bottom() + ABOVE + title.size.h + 8.0);
        let mut items = self.words(
            &title,
            Rect::new(bounds.x, bounds.bottom() + ABOVE, title.size.w, title.size.h),
            self.paper(),
            None,
        );
        let mut right = bounds.x + title.size.w;
        for sample in &samples {
            let block = self.sample_words(sample);
            let needed = SAMPLE.w + GAP + block.size.w;
            if x > bounds.x && x + needed > bounds.x + width {
                (x, y) = (bounds.x, y + ROW);
            }
            items.extend(self.sample(sample, Rect::new(x, y + (ROW - SAMPLE.h) / 2.0, SAMPLE.w, SAMPLE.h)));
            let words = Rect::new(x + SAMPLE.w + GAP, y, block.size.w, ROW);
            items.extend(self.words(&block, words, self.paper(), None));
            x += needed + COLUMN;
            right = right.max(x - COLUMN);
        }
        let rect = Rect::new(bounds.x, bounds.bottom(), right - bounds.x, y + ROW - bounds.bottom());
        let group = Group { class: "legend".into(), label: self.say("Legend"), items, ..Group::default() };
        Some((Item::Group(group), rect))
    }

    /// A phrase in the language of the picture.
    fn say(&self, english: &str) -> String {
        self.look.phrases.say(english).to_owned()
    }

    fn samples(&self) -> Option<(String, Vec<Sample>)> {
        if let Some(legend) = &self.board.legend {
            let named =
                |object: &Object| if object.label.is_empty() { object.key.clone() } else { object.label.text.clone() };
            let objects = legend.objects.iter().filter(|object| object.style.opacity != Some(0.0));
            let mut samples: Vec<Sample> =
                objects.map(|object| Sample::Object(Box::new(object.clone()), named(object))).collect();
            let edges = legend.edges.iter().map(|edge| Sample::Edge(Box::new(edge.clone()), edge.label.text.clone()));
            samples.extend(edges);
            let title = legend.label.clone().unwrap_or_else(|| self.say("Legend"));
            return (!samples.is_empty()).then_some((title, samples));
        }
        if !self.look.legend {
            return None;
        }
        let samples = self.notation_samples();
        (!samples.is_empty()).then(|| (self.say("Legend"), samples))
    }

    /// One sample of each C4 kind and each kind of line that occurs.
    fn notation_samples(&self) -> Vec<Sample> {
        let mut seen: Vec<(NotationKind, bool, Shape)> = Vec::new();
        for object in &self.board.objects {
            if let Some(notation) = &object.notation {
                let key = (notation.kind, notation.external, object.shape);
                if !seen.contains(&key) {
                    seen.push(key);
                }
            }
        }
        seen.sort();
        let mut samples = Vec::new();
        for (kind, external, shape) in seen {
            let example = self.board.objects.iter().find(|object| {
                object.shape == shape
                    && object.notation.as_ref().is_some_and(|n| n.kind == kind && n.external == external)
            });
            if let Some(notation) = example.and_then(|object| object.notation.clone()) {
                let object = Object { shape, notation: Some(notation), ..Object::default() };
                samples.push(Sample::Object(Box::new(object), self.kind_name(kind, external, shape)));
            }
        }
        if samples.is_empty() {
            return samples;
        }
        let is_dashed = |edge: &Edge| edge.style.stroke_dash.is_some_and(|dash| dash > 0.0);
        let is_undoing = |edge: &Edge| edge.classes.iter().any(|class| class == Edge::UNDOING);
        let line = |wanted: bool| self.board.edges.iter().find(|edge| is_dashed(edge) == wanted && !is_undoing(edge));
        if let (Some(dashed), Some(solid)) = (line(true), line(false)) {
            samples.push(Sample::Edge(Box::new(solid.clone()), self.say("Synchronous")));
            samples.push(Sample::Edge(Box::new(dashed.clone()), self.say("Asynchronous")));
        }
        if let Some(undoing) = self.board.edges.iter().find(|edge| is_undoing(edge)) {
            samples.push(Sample::Edge(Box::new(undoing.clone()), self.say("Compensation")));
        }
        let badges =
            || self.board.objects.iter().filter_map(|object| object.notation.as_ref()).flat_map(|it| &it.badges);
        let is_count = |badge: &&String| badge.starts_with(COUNT);
        if badges().any(|badge| is_count(&badge)) {
            samples.push(Sample::Badge("×3", self.say("Number of copies")));
        }
        if badges().any(|badge| !is_count(&badge)) {
            samples.push(Sample::Badge("", self.say("Pattern and the role in it")));
        }
        samples
    }

    /// What a C4 kind is called in a legend: as its objects call themselves if all of a shape do, such as topics.
    fn kind_name(&self, kind: NotationKind, external: bool, shape: Shape) -> String {
        let alike = |object: &&Object| {
            let notation = object.notation.as_ref();
            object.shape == shape && notation.is_some_and(|it| it.kind == kind && it.external == external)
        };
        let mut types = self.board.objects.iter().filter(alike).filter_map(|object| object.notation.as_ref());
        let first = types.next().map_or("", |notation| notation.type_name.as_str());
        let is_same = types.all(|notation| notation.type_name == first);
        let is_telling = !first.is_empty() && !first.eq_ignore_ascii_case("container");
        match kind == NotationKind::Container && shape != Shape::Rectangle && is_same && is_telling {
            true if external => self.look.phrases.external(first),
            true => first.to_owned(),
            false => self.say(&kind_name(kind, external, shape)),
        }
    }

    fn sample_words(&self, sample: &Sample) -> Block {
        let (Sample::Object(_, name) | Sample::Edge(_, name) | Sample::Badge(_, name)) = sample;
        let face = if self.look.quirks().mono { Face::Mono } else { Face::Regular };
        let mut flow = Flow::default();
        flow.paragraph(&[Span::new(name.replace('\n', " "), face, SIZE)], Setting::default());
        flow.finish()
    }

    fn sample(&self, sample: &Sample, rect: Rect) -> Vec<Item> {
        match sample {
            Sample::Object(object, _) => {
                let at = Situation { depth: 0, is_container: false, part: None };
                let skin = skin::object(object, at, self.paper(), &self.colors, self.look);
                let parts = (form(object.shape).parts)(rect, 4.0);
                // A line whose width or number says something is told from the others in a sample, too.
                let widest =
                    object.style.stroke_width.map_or(SAMPLE_LINE, |own| own.clamp(SAMPLE_LINE, SAMPLE_LINE_MAX));
                let stroke = skin.stroke.clone();
                let stroke = stroke.map(|stroke| Stroke { width: stroke.width.min(widest), ..stroke });
                let inner = object.style.double_border == Some(true);
                let inner = inner.then(|| Rect::new(rect.x + 4.0, rect.y + 4.0, rect.w - 8.0, rect.h - 8.0));
                let inner = inner.into_iter().flat_map(|rect| (form(object.shape).parts)(rect, 2.0));
                let parts = parts.into_iter().map(|part| (part, true)).chain(inner.map(|part| (part, false)));
                let parts = parts.map(|(part, is_outer)| {
                    let fill = if part.filled && is_outer { skin.fill.clone() } else { Paint::None };
                    let stroke = stroke.clone();
                    Item::from(Figure {
                        geometry: part.geometry,
                        fill,
                        stroke,
                        pattern: skin.pattern,
                        shadow: false,
                        class: "",
                    })
                });
                parts.collect()
            }
            Sample::Edge(edge, _) => {
                let line = self.colors.line();
                let Some(stroke) = skin::stroke(&edge.style, line, self.paper(), &self.colors, false) else {
                    return vec![];
                };
                let (y, from) = (rect.center().y, Point::new(rect.x, rect.center().y));
                let tip = Point::new(rect.right(), y);
                let shape = if edge.dst_arrow {
                    edge.dst_arrowhead.as_ref().and_then(|head| head.shape).unwrap_or_default()
                } else {
                    ArrowheadShape::None
                };
                let head = super::head::head(shape, None, tip, from, stroke.width, rect.w);
                let path = Path::polyline(&[(from.x, y), (tip.x - head.length, y)]);
                let mut items = vec![Item::from(Figure {
                    geometry: Geometry::Path(path),
                    fill: Paint::None,
                    stroke: Some(stroke.clone()),
                    pattern: None,
                    shadow: false,
                    class: "",
                })];
                items.extend(self.head_items(head, edge.dst_arrowhead.as_ref(), &stroke, self.paper()));
                items
            }
            Sample::Badge(letters, _) => {
                let ink = skin::letters(Tone::Muted, self.paper(), None, &self.colors);
                let pill = Rect::new(rect.x, rect.center().y - badge::HEIGHT / 2.0, rect.w, badge::HEIGHT);
                let mut items = vec![Item::from(Figure {
                    geometry: Geometry::Rect(pill, badge::HEIGHT / 2.0),
                    fill: Paint::Flat(self.paper()),
                    stroke: Some(Stroke {
                        paint: Paint::Flat(ink),
                        width: 1.0,
                        dash: vec![],
                        animated: false,
                        round: false,
                    }),
                    pattern: None,
                    shadow: false,
                    class: "badge",
                })];
                if !letters.is_empty() {
                    let mut flow = Flow::default();
                    flow.paragraph(&[Span::new(*letters, Face::Bold, badge::LETTERS)], Setting::default());
                    let block = flow.finish();
                    let (center, size) = (pill.center(), block.size);
                    let place = Rect::new(center.x - size.w / 2.0, center.y - size.h / 2.0, size.w, size.h);
                    items.extend(self.words(&block, place, self.paper(), None));
                }
                items
            }
        }
    }
}

/// What a C4 kind is called in a legend.
fn kind_name(kind: NotationKind, external: bool, shape: Shape) -> String {
    let name = match (kind, shape) {
        (NotationKind::Container, Shape::Cylinder) => "database",
        (NotationKind::Container, Shape::Queue) => "queue",
        (NotationKind::Container, Shape::Bucket) => "object store",
        (NotationKind::Container, Shape::Function) => "function",
        (NotationKind::Container, Shape::Browser) => "web application",
        (NotationKind::Container, Shape::Mobile) => "mobile application",
        (NotationKind::Person, _) => "person",
        (NotationKind::System, _) => "software system",
        (NotationKind::Container, _) => "container",
        (NotationKind::Component, _) => "component",
        (NotationKind::DeploymentNode, _) => "deployment node",
        (NotationKind::Boundary, _) => "boundary",
    };
    let text = if external { format!("external {name}") } else { name.to_string() };
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LEGEND_PHRASES;

    #[test]
    fn all_that_a_legend_calls_things_is_a_phrase() {
        use NotationKind::{Boundary, Component, Container, DeploymentNode, Person, System};
        let shapes = [
            Shape::Rectangle,
            Shape::Cylinder,
            Shape::Queue,
            Shape::Bucket,
            Shape::Function,
            Shape::Browser,
            Shape::Mobile,
        ];
        for kind in [Person, System, Container, Component, DeploymentNode, Boundary] {
            for (shape, external) in shapes.into_iter().flat_map(|shape| [(shape, false), (shape, true)]) {
                let name = kind_name(kind, external, shape);
                assert!(LEGEND_PHRASES.contains(&name.as_str()), "{name}");
            }
        }
    }
}
