//! Both revisions in one picture: what came, what went, what changed, marked by words and lines, not by colour alone.
//!
//! Shown is what changed, what it stands in, the ends of relations that changed, and, faint, the relations between those
//! that did not. Marks: `+` came (thick line), `−` went (dashed), `~` changed (dotted), `→` has another name or place (two
//! lines). When more than [`ELEMENTS_MAX`] boxes would be shown, parts are told of by what holds them.

use super::{Diff, Field};
use crate::view::notation::{boundary, object};
use crate::{ElementIx, Kind, Model, Relation, RelationIx, RelationKind};
use loko_diagram::{Board, Edge, Legend, Object, ObjectId, Shape, Style, Text};
use std::collections::{BTreeMap, BTreeSet};

/// More boxes than this are not drawn as long as something coarser can be.
pub const ELEMENTS_MAX: usize = 150;

/// What became of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Nothing.
    #[default]
    Same,
    /// Something else is said of it, or of something in it that is not shown.
    Changed,
    /// It has another name or place.
    Moved,
    /// It went.
    Removed,
    /// It came.
    Added,
}

impl Mark {
    /// Those that the legend explains.
    const TOLD: [Mark; 4] = [Self::Added, Self::Removed, Self::Changed, Self::Moved];

    fn sign(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Changed => "~",
            Self::Moved => "→",
            Self::Removed => "−",
            Self::Added => "+",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Same => "diff-same",
            Self::Changed => "diff-changed",
            Self::Moved => "diff-moved",
            Self::Removed => "diff-removed",
            Self::Added => "diff-added",
        }
    }

    fn style(self) -> Style {
        let marked = |color: &str, dash: Option<f64>| Style {
            stroke: Some(color.to_owned()),
            stroke_width: Some(4.0),
            stroke_dash: dash,
            ..Style::default()
        };
        // Colours that everybody can tell apart (Okabe and Ito, "Color Universal Design"), each with a line of its own.
        match self {
            Self::Same => Style { opacity: Some(0.55), ..Style::default() },
            Self::Changed => marked("#b0568a", Some(1.5)),
            Self::Moved => Style { double_border: Some(true), stroke_width: Some(2.0), ..marked("#0072b2", None) },
            Self::Removed => marked("#d55e00", Some(5.0)),
            Self::Added => marked("#00835f", None),
        }
    }
}

/// An element of either side: the later one's if it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Is(ElementIx),
    Was(ElementIx),
}

/// What the picture says by itself; English by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The title of the legend.
    pub title: String,
    /// What became of something: nothing.
    pub same: String,
    /// Something else is said of it.
    pub changed: String,
    /// It has another name or place.
    pub moved: String,
    /// It went.
    pub removed: String,
    /// It came.
    pub added: String,
    /// What is said otherwise of an element: `{names}`.
    pub fields: String,
    /// Something changed in what is not shown.
    pub inside: String,
    /// What an element was called: `{name}`.
    pub was: String,
    /// Where an element was: `{name}`.
    pub from: String,
    /// What several relations are called that are one line: `{count}`.
    pub relations: String,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            title: "What changed".to_owned(),
            same: "unchanged".to_owned(),
            changed: "changed".to_owned(),
            moved: "renamed or moved".to_owned(),
            removed: "removed".to_owned(),
            added: "added".to_owned(),
            fields: "changed {names}".to_owned(),
            inside: "changed inside".to_owned(),
            was: "was {name}".to_owned(),
            from: "from {name}".to_owned(),
            relations: "{count} relations".to_owned(),
        }
    }
}

impl Words {
    fn of(&self, mark: Mark) -> &str {
        match mark {
            Mark::Same => &self.same,
            Mark::Changed => &self.changed,
            Mark::Moved => &self.moved,
            Mark::Removed => &self.removed,
            Mark::Added => &self.added,
        }
    }
}

/// The picture; none when nothing about elements or relations changed.
pub fn board(before: &Model, after: &Model, diff: &Diff<'_>, words: &Words) -> Option<Board> {
    let mut union = Union { words, before, after, diff, marks: BTreeMap::new(), links: Vec::new() };
    union.mark_elements();
    union.mark_relations();
    if union.marks.is_empty() {
        return None;
    }
    for kind in [Kind::Component, Kind::Container] {
        if union.marks.len() <= ELEMENTS_MAX {
            break;
        }
        union.fold(kind);
    }
    Some(union.draw())
}

struct Union<'a> {
    words: &'a Words,
    before: &'a Model,
    after: &'a Model,
    diff: &'a Diff<'a>,
    /// What is shown, wholes not counted.
    marks: BTreeMap<Who, (Mark, String)>,
    links: Vec<(Who, Who, Mark, String, RelationKind)>,
}

impl Union<'_> {
    /// The element of the former model, by what it is now if it is still there.
    fn was(&self, ix: ElementIx) -> Who {
        self.diff.matching.after(ix).map_or(Who::Was(ix), |other| Who::Is(other.ix))
    }

    fn whole(&self, who: Who) -> Option<Who> {
        match who {
            Who::Is(ix) => self.after.element(ix).parent.map(Who::Is),
            Who::Was(ix) => self.before.element(ix).parent.map(|parent| self.was(parent)),
        }
    }

    fn kind(&self, who: Who) -> Kind {
        match who {
            Who::Is(ix) => self.after.element(ix).kind,
            Who::Was(ix) => self.before.element(ix).kind,
        }
    }

    fn mark(&mut self, who: Who, mark: Mark, told: String) {
        let known = self.marks.entry(who).or_default();
        if mark > known.0 {
            *known = (mark, told);
        } else if mark == Mark::Changed && known.0 == Mark::Moved {
            known.1 = format!("{}, {}", known.1, self.words.changed);
        }
    }

    fn mark_elements(&mut self) {
        let diff = self.diff;
        for it in &diff.elements.changed {
            if let Some(ix) = self.after.find(it.element.id) {
                self.mark(Who::Is(ix), Mark::Changed, self.words.fields.replace("{names}", &names(&it.fields)));
            }
        }
        let Words { was, from, .. } = self.words;
        let renamed = diff.elements.renamed.iter().map(|it| (it, was));
        for (it, word) in renamed.chain(diff.elements.moved.iter().map(|it| (it, from))) {
            let told = if it.from.id == it.to.id { it.from.name } else { it.from.id };
            if let Some(ix) = self.after.find(it.to.id) {
                self.mark(Who::Is(ix), Mark::Moved, word.replace("{name}", told));
            }
        }
        for it in &diff.elements.added {
            if let Some(ix) = self.after.find(it.id) {
                self.mark(Who::Is(ix), Mark::Added, self.words.added.clone());
            }
        }
        for it in &diff.elements.removed {
            if let Some(ix) = self.before.find(it.id) {
                self.mark(Who::Was(ix), Mark::Removed, self.words.removed.clone());
            }
        }
    }

    fn mark_relations(&mut self) {
        let pairs: BTreeMap<RelationIx, RelationIx> =
            self.diff.relation_pairs.iter().map(|(before, after)| (*after, *before)).collect();
        let told: BTreeSet<RelationIx> = pairs.values().copied().collect();
        for (at, relation) in self.after.relations.iter().enumerate() {
            let ends = (Who::Is(relation.source), Who::Is(relation.target));
            let Some(was) = pairs.get(&RelationIx(at as u32)) else {
                self.link(ends, Mark::Added, relation);
                continue;
            };
            let old = self.before.relation(*was);
            let old_ends = (self.was(old.source), self.was(old.target));
            if old_ends != ends {
                self.link(old_ends, Mark::Removed, old);
                self.link(ends, Mark::Added, relation);
            } else {
                let same = old.description == relation.description
                    && old.technology == relation.technology
                    && old.kind == relation.kind
                    && !self.diff.relations.changed.iter().any(|it| {
                        it.link.source == self.after.element(relation.source).id
                            && it.link.target == self.after.element(relation.target).id
                            && it.link.description == relation.description
                    });
                self.link(ends, if same { Mark::Same } else { Mark::Changed }, relation);
            }
        }
        for (at, relation) in self.before.relations.iter().enumerate() {
            if !told.contains(&RelationIx(at as u32)) {
                self.link((self.was(relation.source), self.was(relation.target)), Mark::Removed, relation);
            }
        }
        // The ends of what changed are shown; what did not change is shown between those that are.
        for (source, target, mark, ..) in self.links.clone() {
            if mark != Mark::Same {
                self.marks.entry(source).or_default();
                self.marks.entry(target).or_default();
            }
        }
    }

    fn link(&mut self, ends: (Who, Who), mark: Mark, relation: &Relation) {
        let words = [relation.description.as_str(), relation.event.as_deref().unwrap_or("")];
        let words = words.into_iter().find(|it| !it.trim().is_empty()).unwrap_or("").trim();
        self.links.push((ends.0, ends.1, mark, words.to_owned(), relation.kind));
    }

    /// Tells of elements of a kind by what holds them.
    fn fold(&mut self, kind: Kind) {
        for (who, (mark, _)) in std::mem::take(&mut self.marks) {
            match self.whole(who).filter(|_| self.kind(who) >= kind) {
                Some(whole) if mark == Mark::Same => {
                    self.marks.entry(whole).or_default();
                }
                Some(whole) => self.mark(whole, Mark::Changed, self.words.inside.clone()),
                None => {
                    self.marks.entry(who).or_default().0 = mark;
                }
            }
        }
        let mut links = std::mem::take(&mut self.links);
        for link in &mut links {
            for end in [&mut link.0, &mut link.1] {
                while self.kind(*end) >= kind
                    && let Some(whole) = self.whole(*end)
                {
                    *end = whole;
                }
            }
        }
        links.retain(|(source, target, ..)| source != target);
        self.links = links;
    }

    fn draw(&self) -> Board {
        let mut board = Board::default();
        let mut shown: BTreeSet<Who> = BTreeSet::new();
        let mut holds: BTreeSet<Who> = BTreeSet::new();
        for who in self.marks.keys() {
            shown.insert(*who);
            for whole in std::iter::successors(self.whole(*who), |whole| self.whole(*whole)) {
                holds.insert(whole);
                shown.insert(whole);
            }
        }
        // Wholes before their parts; those of the later model first.
        let depth = |who: &Who| std::iter::successors(Some(*who), |who| self.whole(*who)).count();
        let mut order: Vec<Who> = shown.iter().copied().collect();
        order.sort_by_key(|who| (depth(who), *who));
        let mut ids: BTreeMap<Who, ObjectId> = BTreeMap::new();
        for who in order {
            let parent = self.whole(who).and_then(|whole| ids.get(&whole).copied());
            ids.insert(who, board.push(self.object(who, parent, holds.contains(&who))));
        }
        self.edges(&mut board, &ids);
        board.legend = Some(legend(&board, self.words));
        board
    }

    fn object(&self, who: Who, parent: Option<ObjectId>, is_border: bool) -> Object {
        let element = match who {
            Who::Is(ix) => self.after.element(ix),
            Who::Was(ix) => self.before.element(ix),
        };
        let (mark, told) = self.marks.get(&who).cloned().unwrap_or_default();
        let mut object = if is_border { boundary(element, parent) } else { object(element, parent) };
        if let Who::Was(_) = who {
            object.id = format!("removed:{}", object.id);
            object.link = None;
        }
        object.classes.push(mark.class().to_owned());
        if mark != Mark::Same {
            object.style = mark.style();
            object.label = Text::plain(format!("{} {}", mark.sign(), object.label.text));
            object.tooltip = Some(told.clone());
            if let Some(notation) = &mut object.notation {
                notation.type_name = format!("{}, {told}", notation.type_name);
            }
        }
        object
    }

    /// An edge for all relations with the same ends and the same mark.
    fn edges(&self, board: &mut Board, ids: &BTreeMap<Who, ObjectId>) {
        let mut merged: BTreeMap<(ObjectId, ObjectId, Mark), (Vec<&str>, bool)> = BTreeMap::new();
        let holds = |outer: ObjectId, inner: ObjectId, board: &Board| {
            std::iter::successors(Some(inner), |id| board.object(*id).parent).any(|id| id == outer)
        };
        for (source, target, mark, words, kind) in &self.links {
            let (Some(src), Some(dst)) = (ids.get(source), ids.get(target)) else { continue };
            if holds(*src, *dst, board) || holds(*dst, *src, board) {
                continue;
            }
            let entry = merged.entry((*src, *dst, *mark)).or_insert_with(|| (Vec::new(), true));
            entry.0.push(words);
            entry.1 &= *kind != RelationKind::Sync;
        }
        for ((src, dst, mark), (words, is_async)) in merged {
            let mut edge = Edge::new(src, dst);
            let count = words.len();
            let label = if count == 1 {
                words[0].to_owned()
            } else {
                self.words.relations.replace("{count}", &count.to_string())
            };
            edge.merged = count as u32;
            edge.label = Text::plain(format!("{} {label}", mark.sign()).trim().to_owned());
            edge.style = mark.style();
            if mark != Mark::Same {
                edge.style.stroke_width = Some(3.0);
            }
            // Lines of relations that stay tell whether anybody waits.
            if mark != Mark::Removed {
                edge.style.stroke_dash = is_async.then_some(5.0);
            }
            edge.classes.push(mark.class().to_owned());
            board.edges.push(edge);
        }
    }
}

fn names(fields: &[Field]) -> String {
    let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    names.dedup();
    names.join(", ")
}

/// The marks that occur.
fn legend(board: &Board, words: &Words) -> Legend {
    let occurs = |mark: &Mark| {
        let classes =
            board.objects.iter().map(|object| &object.classes).chain(board.edges.iter().map(|edge| &edge.classes));
        classes.flatten().any(|class| class == mark.class())
    };
    let sample = |mark: Mark| Object {
        id: mark.class().to_owned(),
        key: mark.class().to_owned(),
        label: Text::plain(format!("{} {}", mark.sign(), words.of(mark)).trim().to_owned()),
        shape: Shape::Rectangle,
        style: match mark {
            // Faint beside the others.
            Mark::Same => Style { stroke: Some("#8a94a0".to_owned()), ..Style::default() },
            _ => mark.style(),
        },
        ..Object::default()
    };
    let told = Mark::TOLD.into_iter().chain([Mark::Same]).filter(occurs);
    Legend { label: Some(words.title.clone()), objects: told.map(sample).collect(), edges: Vec::new() }
}
