//! From a placed board and a look to a scene.
//!
//! Order, back to front: containers, life lines, edges, everything else. Within each, the board's own order, which is also
//! the order in which a screen reader meets things.

mod backdrop;
mod edge;
pub(crate) mod head;
mod icon;
mod legend;
mod object;
mod outline;
mod rows;
pub(crate) mod tooltip;
pub(crate) mod words;

use crate::MANY;
use crate::label::{Situation, situations};
use crate::look::{Colors, Look};
use crate::path::{Path, Seg};
use crate::scene::{Figure, Geometry, Group, Ink, Item, Paint, Scene, Stroke};
use crate::sequence::Part;
use crate::skin::{self, Skin};
use crate::{Icon, SvgOptions};
use loko_diagram::{Board, ObjectId, Placed, PlacedEdge, PlacedObject, Point, Rect, Shape, TextKind};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// All that is needed while composing.
pub(crate) struct Composer<'a> {
    pub(crate) board: &'a Board,
    pub(crate) placed: &'a Placed,
    pub(crate) look: &'a Look,
    pub(crate) options: &'a SvgOptions<'a>,
    pub(crate) colors: Colors,
    pub(crate) situations: Vec<Situation>,
    pub(crate) skins: Vec<Skin>,
    /// The frames with the colour of their insides, outer ones first.
    pub(crate) frames: Vec<(Rect, Ink)>,
}

/// Ids that have been given, with how often.
#[derive(Default)]
struct Ids(FxHashMap<String, u32>);

/// What is drawn as a group of its own.
#[derive(Clone, Copy)]
enum Job {
    Object(ObjectId),
    Edge(usize),
}

/// Composes the picture of a board.
///
/// Objects and edges that the layout has no place for are left out.
pub(crate) fn compose(board: &Board, placed: &Placed, look: &Look, options: &SvgOptions<'_>) -> Scene {
    composer(board, placed, look, options).scene()
}

/// Where the text of each object is drawn.
pub(crate) fn label_boxes(board: &Board, placed: &Placed, look: &Look) -> Vec<Option<loko_diagram::Rect>> {
    let options = SvgOptions::default();
    let composer = composer(board, placed, look, &options);
    board.ids().take(placed.objects.len()).map(|id| composer.label_box(id)).collect()
}

fn composer<'a>(board: &'a Board, placed: &'a Placed, look: &'a Look, options: &'a SvgOptions<'a>) -> Composer<'a> {
    let colors = Colors::of(look);
    let mut composer = Composer {
        board,
        placed,
        look,
        options,
        situations: situations(board),
        skins: Vec::new(),
        frames: Vec::new(),
        colors,
    };
    composer.skins = composer.all_skins();
    let frames = board.ids().take(placed.objects.len()).filter(|id| composer.is_container(*id));
    composer.frames = frames.map(|id| (composer.placed_object(id).rect, composer.skins[id.index()].ground)).collect();
    composer
}

impl Ids {
    /// A stable id made of a kind and a name, unique in the picture.
    fn unique(&mut self, kind: &str, name: &str) -> String {
        let mut slug = String::with_capacity(name.len());
        for c in name.chars() {
            match c {
                c if c.is_ascii_alphanumeric() || c == '_' || c == '.' => slug.push(c),
                c if c.is_alphanumeric() => slug.push_str(&format!("{:x}", c as u32)),
                _ if slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        let id = format!("{kind}-{}", slug.trim_matches('-'));
        let count = self.0.entry(id.clone()).or_insert(0);
        *count += 1;
        // Slugs never hold two hyphens in a row, so that these names are free.
        if *count == 1 { id } else { format!("{id}--{count}") }
    }
}

impl Composer<'_> {
    fn scene(&self) -> Scene {
        let placed = self.board.ids().take(self.placed.objects.len());
        let shown = placed.filter(|id| !self.placed_object(*id).rect.size().is_zero());
        let (containers, leaves): (Vec<ObjectId>, Vec<ObjectId>) = shown.partition(|id| self.is_container(*id));
        let is_span = |id: &ObjectId| self.situations[id.index()].part == Some(Part::Span);
        let (spans, leaves): (Vec<ObjectId>, Vec<ObjectId>) = leaves.into_iter().partition(is_span);
        let edges = 0..self.board.edges.len().min(self.placed.edges.len());
        let back: Vec<Job> = containers.into_iter().map(Job::Object).collect();
        let spans = spans.into_iter().map(Job::Object);
        let front: Vec<Job> = spans.chain(edges.map(Job::Edge)).chain(leaves.into_iter().map(Job::Object)).collect();
        let mut ids = Ids::default();
        let mut items = self.groups(&back, &mut ids);
        items.extend(self.lifelines());
        items.extend(self.groups(&front, &mut ids));
        let mut bounds = self.content_bounds();
        if let Some((legend, rect)) = self.legend(bounds) {
            items.push(legend);
            bounds = bounds.union(rect);
        }
        let room = self.border_room();
        let bounds = bounds.grow(self.look.pad + room);
        Scene {
            bounds,
            background: self.options.background.then(|| self.paper()),
            backdrop: self.backdrop(bounds),
            title: self.title(),
            description: self.description(),
            items,
            has_dark: self.colors.dark.is_some(),
        }
    }

    /// The groups of objects and edges, each with an id of its own.
    fn groups(&self, jobs: &[Job], ids: &mut Ids) -> Vec<Item> {
        let group = |job: &Job| match *job {
            Job::Object(id) => Some(("n", self.object(id))),
            Job::Edge(at) => self.edge(at).map(|group| ("e", group)),
        };
        let groups: Vec<(&str, Group)> = if jobs.len() < MANY {
            jobs.iter().filter_map(group).collect()
        } else {
            jobs.par_iter().with_min_len(MANY / 2).filter_map(group).collect()
        };
        let with_id = |(kind, group): (&str, Group)| Item::Group(Group { id: ids.unique(kind, &group.id), ..group });
        groups.into_iter().map(with_id).collect()
    }

    /// The ground of the picture: what the board says, else the theme's.
    pub(crate) fn paper(&self) -> Ink {
        let paper = self.colors.ink(|palette, _| palette.paper());
        let set = self.board.style.fill.as_deref().and_then(crate::paint::parse);
        set.and_then(|paint| crate::paint::average(&paint)).map_or(paper, |ink| ink.with(paper, crate::Color::over))
    }

    pub(crate) fn placed_object(&self, id: ObjectId) -> PlacedObject {
        self.placed.objects[id.index()]
    }

    pub(crate) fn placed_edge(&self, at: usize) -> &PlacedEdge {
        &self.placed.edges[at]
    }

    /// Whether the object is drawn as a frame around others.
    pub(crate) fn is_container(&self, id: ObjectId) -> bool {
        self.situations[id.index()].is_container && self.placed_object(id).is_container
    }

    fn all_skins(&self) -> Vec<Skin> {
        let paper = self.paper();
        let mut skins: Vec<Skin> = Vec::with_capacity(self.board.objects.len());
        for id in self.board.ids() {
            let object = self.board.object(id);
            let below = object.parent.and_then(|parent| skins.get(parent.index())).map_or(paper, |skin| skin.ground);
            let is_container = self.placed.objects.get(id.index()).is_some_and(|_| self.is_container(id));
            let situation = Situation { is_container, ..self.situations[id.index()] };
            skins.push(skin::object(object, situation, below, &self.colors, self.look));
        }
        skins
    }

    /// The colour that an object stands on.
    pub(crate) fn below(&self, id: ObjectId) -> Ink {
        let parent = self.board.object(id).parent;
        parent.and_then(|parent| self.skins.get(parent.index())).map_or_else(|| self.paper(), |skin| skin.ground)
    }

    /// The box around everything placed, with what stands out of it.
    fn content_bounds(&self) -> Rect {
        let mut bounds = self.placed.bounds;
        for (object, placed) in self.board.objects.iter().zip(&self.placed.objects) {
            let out = object::overhang(object);
            bounds =
                bounds.union(Rect::new(placed.rect.x, placed.rect.y - out, placed.rect.w + out, placed.rect.h + out));
        }
        for id in self.board.ids().take(self.placed.objects.len()) {
            bounds = self.tooltip_box(id).map_or(bounds, |card| bounds.union(card));
        }
        bounds
    }

    fn lifelines(&self) -> Vec<Item> {
        let ink = self.colors.line();
        let lines = self.placed.lifelines.iter().map(|line| {
            let style = &self.board.object(line.actor).style;
            let stroke = skin::stroke(style, ink, self.below(line.actor), &self.colors, false);
            let stroke = stroke.unwrap_or(Stroke {
                paint: Paint::None,
                width: 1.0,
                dash: vec![],
                animated: false,
                round: false,
            });
            let path = self.lifeline(line.from, line.to);
            let figure = Figure {
                geometry: Geometry::Path(path),
                fill: Paint::None,
                stroke: Some(Stroke { dash: vec![6.0, 6.0], width: 1.25, animated: false, ..stroke }),
                pattern: None,
                shadow: false,
                class: "lifeline",
            };
            Item::from(figure)
        });
        let items: Vec<Item> = lines.collect();
        if items.is_empty() {
            items
        } else {
            vec![Item::Group(Group { class: "lifelines".into(), items, ..Group::default() })]
        }
    }

    /// The way of a lifeline, which leaves out the names of the groups and the texts of the messages that it passes.
    fn lifeline(&self, from: Point, to: Point) -> Path {
        /// The space that a text keeps around it.
        const AROUND: f64 = 3.0;
        let groups = self.board.ids().take(self.placed.objects.len());
        let groups = groups.filter(|id| self.situations[id.index()].part == Some(Part::Group));
        let names = groups.map(|id| self.placed_object(id).label);
        let edges = self.board.edges.iter().zip(&self.placed.edges);
        let messages = edges.filter(|(edge, _)| self.situations[edge.src.index()].part.is_some());
        let texts = messages.flat_map(|(_, placed)| [placed.label, placed.src_label, placed.dst_label]).flatten();
        let texts = names.chain(texts).filter(|text| !text.size().is_zero()).map(|text| text.grow(AROUND));
        let mut passed: Vec<Rect> = texts.filter(|text| text.x < from.x && from.x < text.right()).collect();
        passed.sort_by(|a, b| a.y.total_cmp(&b.y));
        let (mut path, mut y) = (Path::default(), from.y);
        let mut piece = |from_y: f64, to_y: f64| {
            if to_y > from_y {
                path.0.extend([Seg::Move(Point::new(from.x, from_y)), Seg::Line(Point::new(from.x, to_y))]);
            }
        };
        for text in passed {
            piece(y, text.y.min(to.y));
            y = y.max(text.bottom());
        }
        piece(y, to.y);
        path
    }

    fn title(&self) -> String {
        if let Some(title) = self.options.title.filter(|title| !title.is_empty()) {
            return title.to_string();
        }
        match &self.board.label {
            Some(label) if !label.is_empty() => label.text.replace('\n', " "),
            _ if !self.board.name.is_empty() => self.board.name.clone(),
            _ => "Diagram".to_string(),
        }
    }

    /// A sentence or two for those who cannot see the picture.
    fn description(&self) -> String {
        /// How many names are told.
        const NAMES: usize = 12;
        if let Some(description) = self.options.description {
            return description.to_string();
        }
        let count = |number: usize, one: &str, many: &str| match number {
            0 => format!("no {many}"),
            1 => format!("one {one}"),
            number => format!("{number} {many}"),
        };
        let mut named = self.board.ids().filter(|id| self.has_name(*id));
        let names: Vec<String> = named.by_ref().take(NAMES).map(|id| self.name(id)).collect();
        let rest = named.count();
        let objects = count(self.board.objects.len(), "object", "objects");
        let edges = count(self.board.edges.len(), "connection", "connections");
        let mut text = format!("A diagram of {objects} and {edges}");
        if !names.is_empty() {
            text.push_str(": ");
            text.push_str(&names.join(", "));
        }
        if rest > 0 {
            text.push_str(&format!(" and {rest} more"));
        }
        text.push('.');
        text
    }

    /// Whether an object is called something.
    fn has_name(&self, id: ObjectId) -> bool {
        let object = self.board.object(id);
        match object.label.kind {
            TextKind::Plain if !object.label.is_empty() => object.label.text.contains(|c: char| !c.is_whitespace()),
            _ => !self.name(id).is_empty(),
        }
    }

    /// What an object is called, on one line.
    pub(crate) fn name(&self, id: ObjectId) -> String {
        /// Longer texts are cut in labels for screen readers.
        const LONG: usize = 80;
        let object = self.board.object(id);
        let text = match object.label.kind {
            _ if object.label.is_empty() && matches!(object.shape, Shape::Text | Shape::Code) => String::new(),
            _ if object.label.is_empty() => object.key.clone(),
            TextKind::Markdown => crate::text::markdown::plain(&object.label.text),
            TextKind::Latex => crate::text::math::readable(&object.label.text),
            _ => object.label.text.clone(),
        };
        let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > LONG {
            line = line.chars().take(LONG - 1).chain(['…']).collect();
        }
        line
    }

    pub(crate) fn icon_of(&self, place: &str) -> Option<Icon> {
        (self.options.icons)(place)
    }
}
