//! Sequence diagrams: actors in a row, life lines below them, and messages, notes, spans and groups down the time.
//!
//! Actors are the children of the diagram that are no groups; what is inside of an actor is a span if messages end
//! there, else a note. A group is an object in whose braces messages or notes were written. Messages and notes follow
//! the order of the source.

use crate::label;
use crate::piece::Piece;
use crate::scope::Scope;
use crate::unit;
use loko_diagram::{EdgeId, Lifeline, ObjectId, PlacedEdge, PlacedObject, Point, Rect, Size};
use rustc_hash::FxHashMap;

const ACTOR_GAP: f64 = 40.0;
const STEP: f64 = 46.0;
const LABEL_GAP: f64 = 6.0;
/// Between a life line and the text beside the end of a message: room for a head.
const HEAD_GAP: f64 = 14.0;
/// Between a message and the text above it.
const TEXT_GAP: f64 = 3.0;
const SPAN: f64 = 12.0;
const SPAN_MORE: f64 = 8.0;
const LOOP_W: f64 = 44.0;
const LOOP_H: f64 = 28.0;
/// Between two things that follow one another in time, and the same where the name of a group or the frame of an
/// inner one is one of them.
const GAP: f64 = 22.0;
const NEAR: f64 = 12.0;
/// The least way to a message from what is none: the name of a group, a frame or a note.
const FIRST: f64 = 26.0;
/// Between the last thing in a group and its frame.
const GROUP_PAD: f64 = 20.0;
/// How far a group's frame reaches beyond the life lines and notes in it, and beyond the frame of an inner group.
const GROUP_SIDE: f64 = 22.0;
const GROUP_STEP: f64 = 10.0;
/// Between the name of a group and its frame.
const NAME_PAD: f64 = 4.0;

/// What happens at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Message(EdgeId),
    Note(ObjectId),
}

/// What stands above the next thing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Above {
    /// The name of the group that it is the first in.
    Name,
    /// The frame of a group.
    Frame,
    /// A note.
    Note,
    /// A message, or an actor.
    #[default]
    Message,
}

/// Places a sequence diagram.
pub(crate) fn place(scope: &Scope<'_>, container: Option<ObjectId>, depth: usize) -> Piece {
    let mut diagram = Diagram::new(scope, container, depth);
    diagram.spread_actors();
    diagram.run();
    diagram.finish()
}

#[derive(Clone, Debug, Default)]
struct Group {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    events: usize,
}

struct Diagram<'a> {
    scope: &'a Scope<'a>,
    container: Option<ObjectId>,
    depth: usize,
    actors: Vec<ObjectId>,
    actor_of: FxHashMap<ObjectId, usize>,
    groups: Vec<ObjectId>,
    events: Vec<(Event, Vec<ObjectId>)>,
    spans: FxHashMap<ObjectId, (f64, f64)>,
    x: Vec<f64>,
    head: f64,
    y: f64,
    above: Above,
    boxes: FxHashMap<ObjectId, Group>,
    piece: Piece,
}

impl<'a> Diagram<'a> {
    fn new(scope: &'a Scope<'a>, container: Option<ObjectId>, depth: usize) -> Self {
        let mut diagram = Self {
            scope,
            container,
            depth,
            actors: Vec::new(),
            actor_of: FxHashMap::default(),
            groups: Vec::new(),
            events: Vec::new(),
            spans: FxHashMap::default(),
            x: Vec::new(),
            head: 0.0,
            y: 0.0,
            above: Above::default(),
            boxes: FxHashMap::default(),
            piece: Piece::default(),
        };
        diagram.find_groups();
        for id in scope.children(container) {
            diagram.add_actors(*id);
        }
        diagram.find_events();
        diagram
    }

    /// Objects in whose braces something else was written.
    fn find_groups(&mut self) {
        let mut marked: std::collections::BTreeSet<ObjectId> = std::collections::BTreeSet::new();
        let edges = self.scope.edges(self.container).iter().filter_map(|edge| self.scope.edge(*edge).scope);
        let inside = self.inside();
        let objects = inside.iter().filter_map(|id| self.scope.object(*id).scope);
        for group in edges.chain(objects) {
            let mut at = Some(group);
            while let Some(id) = at.filter(|_| at != self.container) {
                if inside.binary_search(&id).is_ok() {
                    marked.insert(id);
                }
                at = self.scope.parent(id);
            }
        }
        self.groups = marked.into_iter().collect();
    }

    /// All objects of the diagram, in order.
    fn inside(&self) -> Vec<ObjectId> {
        let mut all = self.scope.children(self.container).to_vec();
        let mut at = 0;
        while at < all.len() {
            if !self.scope.is_special(all[at]) {
                all.extend_from_slice(self.scope.children(Some(all[at])));
            }
            at += 1;
        }
        all.sort_unstable();
        all
    }

    fn is_group(&self, id: ObjectId) -> bool {
        self.groups.binary_search(&id).is_ok()
    }

    /// Whether an object is a grid or another diagram with a content of its own: a box like others here.
    fn is_whole(&self, id: ObjectId) -> bool {
        self.scope.is_special(id) && self.scope.is_container(id)
    }

    /// Takes in an actor with all that is inside of it, or the actors that stand in a group.
    fn add_actors(&mut self, id: ObjectId) {
        if self.is_group(id) {
            for child in self.scope.children(Some(id)) {
                self.add_actors(*child);
            }
            return;
        }
        let actor = self.actors.len();
        self.actors.push(id);
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            self.actor_of.insert(id, actor);
            // A grid or another diagram that acts is a box like others.
            if !self.scope.is_special(id) {
                stack.extend_from_slice(self.scope.children(Some(id)));
            }
        }
    }

    /// Messages and notes in the order of the source, each with the groups around it from the outside in.
    fn find_events(&mut self) {
        let edges = self.scope.edges(self.container);
        let mut ends: std::collections::BTreeSet<ObjectId> = std::collections::BTreeSet::new();
        let mut keyed: Vec<(u32, usize, Event)> = Vec::new();
        let mut last = 0;
        for id in edges {
            let edge = self.scope.edge(*id);
            ends.extend([edge.src, edge.dst]);
            let start = edge.place.as_ref().map_or(last, |place| place.span.start);
            last = last.max(start);
            if self.actor_of.contains_key(&edge.src) && self.actor_of.contains_key(&edge.dst) {
                keyed.push((start, keyed.len(), Event::Message(*id)));
            } else {
                self.piece.loose.push(*id);
            }
        }
        for id in self.inside() {
            let object = self.scope.object(id);
            let plain = self.actor_of.contains_key(&id) && !self.actors.contains(&id);
            if !plain || !self.is_whole(id) && (ends.contains(&id) || self.scope.is_container(id)) {
                continue;
            }
            let start = object.place.as_ref().map_or(u32::MAX, |place| place.span.start);
            keyed.push((start, keyed.len(), Event::Note(id)));
        }
        keyed.sort_by_key(|(start, at, _)| (*start, *at));
        self.events = keyed.into_iter().map(|(.., event)| (event, self.groups_of(event))).collect();
        for id in self.inside() {
            let inner = self.actor_of.contains_key(&id) && !self.actors.contains(&id);
            if inner && !self.is_whole(id) && (ends.contains(&id) || self.scope.is_container(id)) {
                self.spans.insert(id, (f64::INFINITY, f64::NEG_INFINITY));
            }
        }
    }

    fn groups_of(&self, event: Event) -> Vec<ObjectId> {
        let group = match event {
            Event::Message(id) => self.scope.edge(id).scope,
            Event::Note(id) => self.scope.object(id).scope,
        };
        let mut path = Vec::new();
        let mut at = group;
        while let Some(id) = at.filter(|id| Some(*id) != self.container) {
            if self.is_group(id) {
                path.push(id);
            }
            at = self.scope.parent(id);
        }
        path.reverse();
        path
    }

    /// The columns: far enough apart for the actors and for all that is written between their life lines.
    fn spread_actors(&mut self) {
        let mut boxes: Vec<Option<Piece>> = Vec::new();
        let mut sizes = Vec::new();
        for id in &self.actors {
            let inner = self.is_whole(*id).then(|| unit::boxed(self.scope, *id, self.depth + 1));
            sizes.push(inner.as_ref().map_or_else(|| unit::leaf_size(self.scope, *id), |inner| inner.size));
            boxes.push(inner);
        }
        let margins = |(id, size): (&ObjectId, &Size)| label::outside(self.scope, *id, *size);
        let outside: Vec<label::Margins> = self.actors.iter().zip(&sizes).map(margins).collect();
        self.head = sizes.iter().zip(&outside).map(|(size, room)| size.h + room.height()).fold(0.0, f64::max);
        let count = self.actors.len();
        let half = |at: usize| sizes[at].w / 2.0 + outside[at].left.max(outside[at].right);
        let mut gaps: Vec<f64> = (1..count).map(|at| (half(at - 1) + half(at) + ACTOR_GAP).max(110.0)).collect();
        let mut wide: Vec<(usize, usize, f64)> = Vec::new();
        let ranges = self.group_ranges();
        for (event, groups) in &self.events {
            // The frames of groups that end at this life line stand between it and the next one.
            let frames = |at: usize, is_end: fn(usize, (usize, usize)) -> bool| {
                let ending = groups.iter().filter(|group| ranges.get(group).is_some_and(|range| is_end(at, *range)));
                let count = ending.count();
                if count == 0 { 0.0 } else { GROUP_SIDE + GROUP_STEP * (count - 1) as f64 }
            };
            let after = |at: usize| frames(at, |at, (_, last)| at == last);
            match *event {
                Event::Message(id) => {
                    let edge = self.scope.edge(id);
                    let is_own = self.actor_of[&edge.src] == self.actor_of[&edge.dst];
                    let demand = self.message_demand(id);
                    wide.extend(
                        demand.map(|(from, to, room)| (from, to, if is_own { room + after(from) } else { room })),
                    );
                }
                Event::Note(id) => {
                    let (at, room) = (self.actor_of[&id], unit::leaf_size(self.scope, id).w / 2.0 + 16.0);
                    let before = frames(at, |at, (first, _)| at == first);
                    wide.extend([(at.wrapping_sub(1), at, room + before), (at, at + 1, room + after(at))]);
                }
            }
        }
        wide.retain(|(from, to, _)| *from < count && *to < count);
        wide.sort_by_key(|(from, to, _)| (to - from, *from));
        for (from, to, room) in wide {
            let missing = room - gaps[from..to].iter().sum::<f64>();
            if missing > 0.0 {
                let share = (missing / (to - from) as f64).ceil();
                gaps[from..to].iter_mut().for_each(|gap| *gap += share);
            }
        }
        let mut x = (0..count).next().map_or(0.0, half).ceil();
        for at in 0..count {
            self.x.push(x);
            x += gaps.get(at).map_or(0.0, |gap| gap.ceil());
        }
        for (at, id) in self.actors.clone().into_iter().enumerate() {
            let y = self.head - sizes[at].h - outside[at].bottom;
            let rect = Rect::new((self.x[at] - sizes[at].w / 2.0).round(), y, sizes[at].w, sizes[at].h);
            if let Some(inner) = boxes[at].take() {
                self.piece.absorb(inner, Point::new(rect.x, rect.y));
                continue;
            }
            let mut object = label::dress(self.scope, id, rect);
            if self.scope.object(id).label_near.is_none() && self.scope.is_container(id) {
                object.label = Rect::around(rect.center(), object.label.size());
            }
            object.is_container = false;
            self.piece.objects.push((id, object));
        }
    }

    /// The first and the last column of each group.
    fn group_ranges(&self) -> FxHashMap<ObjectId, (usize, usize)> {
        let mut ranges: FxHashMap<ObjectId, (usize, usize)> = FxHashMap::default();
        for (event, groups) in &self.events {
            let (low, high) = match *event {
                Event::Message(id) => {
                    let edge = self.scope.edge(id);
                    let (a, b) = (self.actor_of[&edge.src], self.actor_of[&edge.dst]);
                    (a.min(b), a.max(b))
                }
                Event::Note(id) => (self.actor_of[&id], self.actor_of[&id]),
            };
            for group in groups {
                let range = ranges.entry(*group).or_insert((low, high));
                *range = (range.0.min(low), range.1.max(high));
            }
        }
        ranges
    }

    /// The columns between which a message needs this much room.
    fn message_demand(&self, id: EdgeId) -> Option<(usize, usize, f64)> {
        let edge = self.scope.edge(id);
        let measure = self.scope.edge_measure(id);
        let (a, b) = (self.actor_of[&edge.src], self.actor_of[&edge.dst]);
        let ends = measure.src_label.w + measure.dst_label.w;
        let room = measure.label.w + ends + 40.0;
        if a == b { Some((a, a + 1, LOOP_W + room)) } else { Some((a.min(b), a.max(b), room)) }
    }

    fn run(&mut self) {
        self.y = self.head;
        let events = std::mem::take(&mut self.events);
        let mut open: Vec<ObjectId> = Vec::new();
        for (at, (event, path)) in events.iter().enumerate() {
            let shared = open.iter().zip(path).take_while(|(a, b)| a == b).count();
            while open.len() > shared {
                self.close(open.pop());
            }
            for group in &path[shared..] {
                self.open(*group);
                open.push(*group);
            }
            let (left, right) = match *event {
                Event::Message(id) => self.message(id),
                Event::Note(id) => self.note(id),
            };
            self.above = match event {
                Event::Message(_) => Above::Message,
                Event::Note(_) => Above::Note,
            };
            for group in path {
                let known = self.boxes.entry(*group).or_default();
                known.left = known.left.min(left);
                known.right = known.right.max(right);
                known.events += 1;
            }
            if at + 1 == events.len() {
                while let Some(group) = open.pop() {
                    self.close(Some(group));
                }
            }
        }
        self.events = events;
    }

    fn open(&mut self, group: ObjectId) {
        let label = self.scope.measure(group).label;
        self.y += if self.above == Above::Name { NEAR } else { GAP };
        let top = self.y;
        self.y += NAME_PAD + label.h;
        self.above = Above::Name;
        let fresh = Group { left: f64::INFINITY, right: f64::NEG_INFINITY, top, bottom: top, events: 0 };
        self.boxes.entry(group).or_insert(fresh);
    }

    fn close(&mut self, group: Option<ObjectId>) {
        self.y += if self.above == Above::Frame { NEAR } else { GROUP_PAD };
        self.above = Above::Frame;
        let Some(known) = group.and_then(|group| self.boxes.get_mut(&group)) else { return };
        known.bottom = self.y;
    }

    /// Half the width of the span at an end of a message.
    fn reach(&self, end: ObjectId) -> f64 {
        if self.spans.contains_key(&end) { self.span_width(end) / 2.0 } else { 0.0 }
    }

    /// Outer spans are narrower than those inside them.
    fn span_width(&self, id: ObjectId) -> f64 {
        let mut width = SPAN;
        let mut at = self.scope.parent(id);
        while let Some(outer) = at.filter(|outer| self.spans.contains_key(outer)) {
            width += SPAN_MORE;
            at = self.scope.parent(outer);
        }
        width
    }

    fn touch(&mut self, end: ObjectId, y: f64) {
        let mut at = Some(end);
        while let Some(id) = at {
            let Some((from, to)) = self.spans.get_mut(&id) else { return };
            *from = from.min(y);
            *to = to.max(y);
            at = self.scope.parent(id);
        }
    }

    fn message(&mut self, id: EdgeId) -> (f64, f64) {
        let edge = self.scope.edge(id);
        let measure = self.scope.edge_measure(id);
        let (a, b) = (self.actor_of[&edge.src], self.actor_of[&edge.dst]);
        if a == b {
            return self.own_message(id, a);
        }
        let text = measure.label.h.max(measure.src_label.h).max(measure.dst_label.h);
        let text = if text > 0.0 { text + TEXT_GAP } else { 0.0 };
        self.y += match self.above {
            Above::Name => (NEAR + text).max(FIRST),
            Above::Frame | Above::Note => (GAP + text).max(FIRST),
            Above::Message => (GAP + text).max(STEP),
        };
        let y = self.y.round();
        let towards = if a < b { 1.0 } else { -1.0 };
        let from = Point::new(self.x[a] + towards * self.reach(edge.src), y);
        let to = Point::new(self.x[b] - towards * self.reach(edge.dst), y);
        self.touch(edge.src, y);
        self.touch(edge.dst, y);
        let label = (!measure.label.is_zero()).then(|| self.message_label(a, b, y, measure.label));
        let end_label = |at: Point, size: Size, direction: f64| {
            (!size.is_zero()).then(|| {
                let x = if direction > 0.0 { at.x + HEAD_GAP } else { at.x - HEAD_GAP - size.w };
                Rect::new(x, y - size.h - TEXT_GAP, size.w, size.h)
            })
        };
        let placed = PlacedEdge {
            route: vec![from, to],
            label,
            src_label: end_label(from, measure.src_label, towards),
            dst_label: end_label(to, measure.dst_label, -towards),
            curve: false,
        };
        self.piece.edges.push((id, placed));
        (from.x.min(to.x), from.x.max(to.x))
    }

    /// Above the line, between two life lines if it fits there, else in the middle.
    fn message_label(&self, a: usize, b: usize, y: f64, size: Size) -> Rect {
        let (low, high) = (a.min(b), a.max(b));
        let fitting = (low..high).filter(|at| self.x[at + 1] - self.x[*at] >= size.w + 16.0);
        let middle = (self.x[low] + self.x[high]) / 2.0;
        let centre = fitting
            .map(|at| (self.x[at] + self.x[at + 1]) / 2.0)
            .min_by(|p, q| (p - middle).abs().total_cmp(&(q - middle).abs()))
            .unwrap_or(middle);
        Rect::new((centre - size.w / 2.0).round(), y - size.h - TEXT_GAP, size.w, size.h)
    }

    fn own_message(&mut self, id: EdgeId, actor: usize) -> (f64, f64) {
        let edge = self.scope.edge(id);
        let label = self.scope.edge_measure(id).label;
        let height = LOOP_H.max(label.h - 6.0);
        self.y += if self.above == Above::Message { STEP - 10.0 } else { FIRST };
        let y = self.y.round();
        let (from, to) = (self.x[actor] + self.reach(edge.src), self.x[actor] + self.reach(edge.dst));
        let far = from.max(to) + LOOP_W;
        self.y = y + height;
        self.touch(edge.src, y);
        self.touch(edge.dst, self.y);
        let route = vec![Point::new(from, y), Point::new(far, y), Point::new(far, self.y), Point::new(to, self.y)];
        let box_of = Rect::new(far + LABEL_GAP, (y + height / 2.0 - label.h / 2.0).round(), label.w, label.h);
        let label = (!label.is_zero()).then_some(box_of);
        self.piece.edges.push((id, PlacedEdge { route, label, ..PlacedEdge::default() }));
        self.y += 4.0;
        (from, label.map_or(far, Rect::right))
    }

    fn note(&mut self, id: ObjectId) -> (f64, f64) {
        let inner = self.is_whole(id).then(|| unit::boxed(self.scope, id, self.depth + 1));
        let size = inner.as_ref().map_or_else(|| unit::leaf_size(self.scope, id), |inner| inner.size);
        let actor = self.actor_of[&id];
        self.y += if self.above == Above::Name { NEAR } else { GAP };
        let rect = Rect::new((self.x[actor] - size.w / 2.0).round(), self.y.round(), size.w, size.h);
        self.y += size.h;
        if let Some(inner) = inner {
            self.piece.absorb(inner, Point::new(rect.x, rect.y));
        } else {
            let object = label::dress(self.scope, id, rect);
            self.piece.objects.push((id, PlacedObject { is_container: false, ..object }));
        }
        if let Some(outer) = self.scope.parent(id) {
            self.touch(outer, rect.y);
            self.touch(outer, rect.bottom());
        }
        (rect.x, rect.right())
    }

    fn finish(mut self) -> Piece {
        self.place_spans();
        self.place_groups();
        let bottom = self.y + 30.0;
        for (at, actor) in self.actors.iter().enumerate() {
            let from = Point::new(self.x[at], self.head);
            self.piece.lifelines.push(Lifeline { actor: *actor, from, to: Point::new(self.x[at], bottom) });
        }
        self.piece.fit();
        self.piece
    }

    fn place_spans(&mut self) {
        for id in self.inside() {
            let Some((from, to)) = self.spans.get(&id).copied() else { continue };
            let (from, to) = if from <= to { (from - 8.0, to + 8.0) } else { (self.y + 10.0, self.y + 40.0) };
            let width = self.span_width(id);
            let x = self.x[self.actor_of[&id]];
            let rect = Rect::new(x - width / 2.0, from, width, to - from);
            self.piece
                .objects
                .push((id, PlacedObject { rect, label: at_middle(rect), icon: None, is_container: false }));
        }
    }

    fn place_groups(&mut self) {
        let groups = self.groups.clone();
        // From the inside out, so that outer groups hold the inner ones.
        let mut rects: FxHashMap<ObjectId, Rect> = FxHashMap::default();
        for id in groups.iter().rev() {
            let label = self.scope.measure(*id).label;
            let mut rect = match self.boxes.get(id) {
                Some(known) if known.events > 0 => {
                    let (left, right) = (known.left - GROUP_SIDE, known.right + GROUP_SIDE);
                    Rect::new(left, known.top, right - left, known.bottom - known.top)
                }
                _ => {
                    self.y += 20.0;
                    let y = self.y;
                    self.y += label.h + 24.0;
                    Rect::new(self.x.first().copied().unwrap_or(0.0), y, label.w + 24.0, label.h + 24.0)
                }
            };
            for inner in groups.iter().filter(|inner| self.scope.parent(**inner) == Some(*id)) {
                if let Some(inner) = rects.get(inner) {
                    let wider = Rect::new(inner.x - GROUP_STEP, inner.y, inner.w + 2.0 * GROUP_STEP, inner.h);
                    rect = rect.union(wider);
                }
            }
            rect.w = rect.w.max(label.w + 20.0);
            rects.insert(*id, rect);
        }
        for id in groups {
            let Some(rect) = rects.get(&id).copied() else { continue };
            let label = self.scope.measure(id).label;
            let object = PlacedObject {
                rect,
                label: Rect::new(rect.x + 8.0, rect.y + NAME_PAD, label.w, label.h),
                icon: None,
                is_container: true,
            };
            self.piece.objects.push((id, object));
        }
    }
}

fn at_middle(rect: Rect) -> Rect {
    Rect::new(rect.center().x, rect.center().y, 0.0, 0.0)
}
