//! What is written on an edge: of one relation its description, of several what fits.

use super::notation::filled;
use crate::behaviour::Behaviour;
use crate::{Model, Relation, RelationIx, RelationKind, name};
use loko_diagram::{Edge, ObjectId, Text};
use std::fmt::Write as _;

/// How many descriptions an edge shows; beyond, it counts.
const DESCRIPTIONS_MAX: usize = 2;
/// How long they may be together.
const DESCRIPTIONS_CHARS_MAX: usize = 60;
/// How long the technologies of merged relations may be together.
const TECHNOLOGIES_CHARS_MAX: usize = 40;
/// How many relations a tooltip lists.
const TOOLTIP_RELATIONS_MAX: usize = 20;
/// The dashes of a line on which nobody waits.
pub(super) const DASH: f64 = 5.0;

/// The colour of a line that takes back what was done.
const UNDOING: &str = "red";

/// A relation as drawn between two objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    /// The relation.
    pub(super) relation: RelationIx,
    /// Whether the objects are its very ends, not something that holds them.
    pub(super) exact: bool,
}

/// The edge of all relations that are drawn between two objects.
///
/// Descriptions of relations that join the very objects win over those that were lifted: whoever wrote them had this
/// level in mind.
pub(super) fn edge(model: &Model, ends: (ObjectId, ObjectId), drawn: &[Drawn]) -> Edge {
    let relations: Vec<&Relation> = drawn.iter().map(|it| model.relation(it.relation)).collect();
    let exact: Vec<&Relation> = drawn.iter().filter(|it| it.exact).map(|it| model.relation(it.relation)).collect();
    let telling = if exact.is_empty() { &relations } else { &exact };
    let mut edge = Edge::new(ends.0, ends.1);
    edge.src_arrow = relations.iter().any(|relation| relation.bidirectional);
    edge.merged = relations.len() as u32;
    edge.label = Text::plain(label(telling, relations.len()));
    edge.technology = technology(telling);
    edge.tooltip = (relations.len() > exact.len() || relations.len() > 1).then(|| tooltip(model, &relations));
    edge.key = relations.iter().map(|relation| relation.id.as_str()).collect::<Vec<_>>().join(" ");
    edge.classes = classes(&relations);
    if relations.iter().all(|relation| relation.kind != RelationKind::Sync) {
        edge.style.stroke_dash = Some(DASH);
    }
    if relations.iter().all(|relation| undoes(relation)) {
        edge.style.stroke = Some(UNDOING.into());
        edge.style.stroke_dash = Some(DASH);
    }
    if let [only] = relations.as_slice() {
        edge.place = Some(only.place.clone());
    }
    edge
}

/// Whether a relation takes back what an earlier one did, as a saga's compensation does.
pub(super) fn undoes(relation: &Relation) -> bool {
    Behaviour::of_relation(relation).flag("compensation") == Some(true)
}

/// The words for a relation: its description, else the event that travels.
fn words(relation: &Relation) -> Option<String> {
    filled(&relation.description).or_else(|| relation.event.as_deref().and_then(filled))
}

fn label(relations: &[&Relation], count: usize) -> String {
    let said = distinct(relations.iter().filter_map(|relation| words(relation)));
    let fits = said.len() <= DESCRIPTIONS_MAX
        && said.iter().map(|it| it.chars().count()).sum::<usize>() <= DESCRIPTIONS_CHARS_MAX;
    match said.as_slice() {
        [] if count > 1 => format!("{count} relations"),
        [] => String::new(),
        [only] => only.clone(),
        several if fits => several.join("\n"),
        _ => format!("{count} relations"),
    }
}

/// The technologies, with the event where the label does not name it already.
fn technology(relations: &[&Relation]) -> Option<String> {
    let mut all = match relations {
        [only] => Vec::from_iter(filled(&only.technology)),
        // Several often share a part: `SQL` and `SQL, logical replication`.
        several => distinct(several.iter().flat_map(|it| it.technology.split(',')).filter_map(filled)),
    };
    if let [only] = relations
        && let Some(event) = only.event.as_deref().and_then(filled)
        && words(only).is_some_and(|said| !said.contains(&event))
    {
        all.push(event);
    }
    let joined = all.join(", ");
    (!all.is_empty() && (relations.len() == 1 || joined.chars().count() <= TECHNOLOGIES_CHARS_MAX)).then_some(joined)
}

/// The classes of an edge, for filters: the kinds and tags of its relations.
fn classes(relations: &[&Relation]) -> Vec<String> {
    let kinds = relations.iter().map(|relation| relation.kind.name().to_owned());
    let tags = relations.iter().flat_map(|relation| relation.tags.iter()).map(|tag| format!("tag-{}", name::slug(tag)));
    let undoing = relations.iter().all(|relation| undoes(relation)).then(|| Edge::UNDOING.to_owned());
    distinct(kinds.chain(tags).chain(undoing))
}

/// All relations in words, one a line.
fn tooltip(model: &Model, relations: &[&Relation]) -> String {
    let mut text = String::new();
    for relation in relations.iter().take(TOOLTIP_RELATIONS_MAX) {
        let (source, target) = (&model.element(relation.source).name, &model.element(relation.target).name);
        let arrow = if relation.bidirectional { "↔" } else { "→" };
        let _ = write!(text, "{source} {arrow} {target}");
        if let Some(words) = words(relation) {
            let _ = write!(text, ": {words}");
        }
        if let Some(technology) = technology(&[relation]) {
            let _ = write!(text, " [{technology}]");
        }
        text.push('\n');
    }
    if relations.len() > TOOLTIP_RELATIONS_MAX {
        let _ = writeln!(text, "… and {} more", relations.len() - TOOLTIP_RELATIONS_MAX);
    }
    text.truncate(text.trim_end().len());
    text
}

/// Drops repetitions; the first of each stays where it is.
fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    all.collect::<indexmap::IndexSet<_>>().into_iter().collect()
}
