//! From statements to relations: names resolved, statements of one relation merged, ids worked out.
//!
//! Two statements are one relation when they join the same elements and their descriptions are the same or one has
//! none. What the first one leaves open, the later ones fill in; front matter comes before D2, D2 before TOML.

use super::relation::Statement;
use super::scope::Layout;
use super::{Names, d2};
use crate::schema::{self, At, Takes};
use crate::value::{Data, Entry, Value};
use crate::{Element, ElementIx, Model, Origin, Relation, RelationKind};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Place, Severity};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;

/// A statement with its ends found.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) source: ElementIx,
    pub(crate) target: ElementIx,
    place: Place,
    statement: Statement,
}

/// All relations of the model, sorted.
pub(crate) fn all<'m>(
    names: &mut Names<'m>,
    stated: Vec<Vec<Statement>>,
    arrows: Vec<(&FilePath, d2::Arrows)>,
    apart: Vec<(&FilePath, Vec<Statement>)>,
    layout: &Layout,
) -> Vec<Arc<Relation>> {
    let (snapshot, model) = (names.snapshot, names.model());
    // Threads take runs of elements; what they found, run after run, is in the order of the elements.
    let nothing = || (Vec::new(), Names::new(snapshot, model));
    let one_more = |(mut all, mut names): (Vec<Vec<Found>>, Names<'m>), (at, statements): (usize, Vec<Statement>)| {
        let source = ElementIx(at as u32);
        let file = &model.element(source).file;
        all.push(statements.into_iter().filter_map(|it| of_element(&mut names, file, source, it)).collect());
        (all, names)
    };
    let runs: Vec<_> = stated.into_par_iter().enumerate().fold(nothing, one_more).collect();
    let mut by_source = Vec::with_capacity(model.elements.len());
    for (found, of_run) in runs {
        by_source.extend(found);
        names.absorb(of_run);
    }
    let mut elsewhere = Vec::new();
    let owners: FxHashMap<&str, ElementIx> = if arrows.is_empty() && apart.is_empty() {
        FxHashMap::default()
    } else {
        model.ids().map(|ix| (model.element(ix).folder(), ix)).collect()
    };
    for (file, arrows) in arrows {
        let owner = owners.get(file.folder()).copied().filter(|_| !layout.is_context_d2(file));
        elsewhere.extend(of_drawing(names, file, owner, arrows));
    }
    for (file, statements) in apart {
        let owner = owners.get(file.folder()).copied();
        for statement in statements {
            elsewhere.extend(of_file(names, file, owner, statement));
        }
    }
    for found in elsewhere {
        by_source[found.source.index()].push(found);
    }
    let one_more = |mut all: (Vec<Arc<Relation>>, Vec<Diagnostic>), found: Vec<Found>| {
        let (relations, doubled) = merged(model, found);
        all.0.extend(relations);
        all.1.extend(doubled);
        all
    };
    let runs: Vec<_> = by_source.into_par_iter().fold(Default::default, one_more).collect();
    let mut relations = Vec::with_capacity(runs.iter().map(|(relations, _)| relations.len()).sum());
    for (of_run, doubled) in runs {
        relations.extend(of_run);
        names.findings.extend(doubled);
    }
    relations
}

/// The relations that the statements about one source come to, sorted, and what is stated twice; `found` comes in the order
/// in which statements count.
pub(crate) fn merged(model: &Model, found: Vec<Found>) -> (Vec<Arc<Relation>>, Vec<Diagnostic>) {
    let (mut relations, doubled) = merge(model, found);
    relations.iter_mut().for_each(|relation| identify(&model.elements, relation));
    let mut relations: Vec<Arc<Relation>> = relations.into_iter().map(Arc::new).collect();
    sort(&mut relations);
    (relations, doubled)
}

/// Gives a relation an id unless somebody wrote one.
fn identify(elements: &[Arc<Element>], relation: &mut Relation) {
    if relation.id.is_empty() {
        let end = |ix: ElementIx| elements[ix.index()].id.as_str();
        relation.id = Relation::stable_id(end(relation.source), end(relation.target), &relation.description);
    }
}

/// The order of the relations of a model.
pub(crate) fn sort(relations: &mut [Arc<Relation>]) {
    relations.sort_by(|a, b| {
        (a.source, a.target, &a.description, &a.place).cmp(&(b.source, b.target, &b.description, &b.place))
    });
}

/// A statement of an element's front matter.
pub(crate) fn of_element(
    names: &mut Names<'_>,
    file: &FilePath,
    source: ElementIx,
    statement: Statement,
) -> Option<Found> {
    let target = names.element(file, Some(source), &statement.to);
    // A statement in front matter may say where it starts, as long as that is the element itself.
    if let Some(from) = &statement.from
        && let Some(other) = names.element(file, Some(source), from).filter(|other| *other != source)
    {
        let message = format!(
            "a relation from `{}` stands in the front matter of `{}`",
            names.model().element(other).id,
            names.model().element(source).id
        );
        let finding = Diagnostic::error("bad-value", message)
            .at(file, from.span, "another element")
            .help("write it into the front matter of the element at which it starts");
        names.findings.push(finding);
        return None;
    }
    let place = Place::new(file.clone(), statement.to.span);
    between(names, place, source, target?, statement)
}

/// The arrows of a drawing that join elements.
pub(crate) fn of_drawing(
    names: &mut Names<'_>,
    file: &FilePath,
    owner: Option<ElementIx>,
    arrows: d2::Arrows,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (source, target, statement) in d2::resolve(names, file, owner, arrows) {
        let place = Place::new(file.clone(), statement.to.span);
        found.extend(between(names, place, source, target, statement));
    }
    found
}

/// A statement of a file of relations.
pub(crate) fn of_file(
    names: &mut Names<'_>,
    file: &FilePath,
    owner: Option<ElementIx>,
    statement: Statement,
) -> Option<Found> {
    let from = statement.from.as_ref()?;
    let source = names.element(file, owner, from);
    // The target is looked for from where the relation starts.
    let target = names.element(file, source.or(owner), &statement.to);
    let place = Place::new(file.clone(), statement.to.span);
    between(names, place, source?, target?, statement)
}

fn between(
    names: &mut Names<'_>,
    place: Place,
    source: ElementIx,
    target: ElementIx,
    statement: Statement,
) -> Option<Found> {
    if source != target {
        if statement.origin != Origin::D2 {
            own_whole(names, &place, source, target);
        }
        return Some(Found { source, target, place, statement });
    }
    if statement.origin == Origin::D2 {
        // A loop in a picture is decoration, or says something of parts that are no elements.
        return None;
    }
    let id = &names.model().element(source).id;
    let finding = Diagnostic::error("self-relation", format!("`{id}` has a relation to itself"))
        .at(&place.path, place.span, "the element itself")
        .help("name another element, or take the relation out");
    names.findings.push(finding);
    None
}

/// Tells of a relation between an element and something that it is part of; no view can show one.
fn own_whole(names: &mut Names<'_>, place: &Place, source: ElementIx, target: ElementIx) {
    let model = names.model();
    let (part, whole) = match (model.is_within(source, target), model.is_within(target, source)) {
        (true, _) => (source, target),
        (_, true) => (target, source),
        (false, false) => return,
    };
    let (part, whole) = (&model.element(part).id, &model.element(whole).id);
    let finding = Diagnostic::warning(
        "relation-to-own-whole",
        format!("`{part}` is part of `{whole}`, and a relation joins the two"),
    )
    .at(&place.path, place.span, "no view can show this")
    .help("say which part of the whole is meant, or take the relation out");
    names.findings.push(finding);
}

/// One relation for all statements of it, and the statements that say nothing new.
fn merge(model: &Model, found: Vec<Found>) -> (Vec<Relation>, Vec<Diagnostic>) {
    let mut relations: Vec<Merged> = Vec::with_capacity(found.len());
    let mut doubled = Vec::new();
    let mut between: FxHashMap<ElementIx, Between> = FxHashMap::default();
    for found in found {
        let known = between.entry(found.target).or_default();
        match known.find(&relations, &found.statement.description) {
            Some(at) => {
                let says_more = Layout::is_applied(&found.place.path);
                if !says_more
                    && found.statement.origin != Origin::D2
                    && relations[at].relation.origin == found.statement.origin
                {
                    doubled.push(duplicate(model, &relations[at].relation, &found));
                }
                relations[at].fill(found);
            }
            None => {
                known.add(&relations, &found.statement.description);
                relations.push(Merged::new(found));
            }
        }
    }
    (relations.into_iter().map(|merged| merged.relation).collect(), doubled)
}

/// How many relations of the same two elements are looked through one by one.
const FEW_BETWEEN: usize = 16;

/// The relations from one element to another, by their places in the list of all.
#[derive(Default)]
struct Between {
    places: Vec<usize>,
    /// The same by description, once they are many; by then all of them have one.
    by_description: FxHashMap<String, usize>,
}

impl Between {
    /// The first whose description is the same; none at all is the same as any.
    fn find(&self, relations: &[Merged], description: &str) -> Option<usize> {
        if description.is_empty() {
            return self.places.first().copied();
        }
        if self.places.len() > FEW_BETWEEN {
            return self.by_description.get(description).copied();
        }
        let known = |at: &usize| relations[*at].relation.description.as_str();
        self.places.iter().copied().find(|at| known(at).is_empty() || known(at) == description)
    }

    /// Takes up one that [`Between::find`] does not know and that comes next in the list.
    fn add(&mut self, relations: &[Merged], description: &str) {
        if self.places.len() == FEW_BETWEEN {
            let known = self.places.iter().map(|at| (relations[*at].relation.description.clone(), *at));
            self.by_description.extend(known);
        }
        if self.places.len() >= FEW_BETWEEN {
            self.by_description.insert(description.to_owned(), relations.len());
        }
        self.places.push(relations.len());
    }
}

fn duplicate(model: &Model, first: &Relation, again: &Found) -> Diagnostic {
    let (source, target) = (&model.element(again.source).id, &model.element(again.target).id);
    let message = format!("the relation from `{source}` to `{target}` is stated twice");
    Diagnostic::new("duplicate-relation", Severity::Info, message)
        .at(&again.place.path, again.place.span, "again")
        .and(&first.place.path, first.place.span, "first")
        .help("take one of them out, or give them different descriptions")
}

/// A relation, and what nobody has said yet.
struct Merged {
    relation: Relation,
    kind_open: bool,
    direction_open: bool,
}

impl Merged {
    fn new(found: Found) -> Self {
        let Found { source, target, place, statement } = found;
        // Who names an event and nothing else announces it.
        let kind = statement.kind.or(statement.event.is_some().then_some(RelationKind::Event));
        Self {
            kind_open: kind.is_none(),
            direction_open: statement.bidirectional.is_none(),
            relation: Relation {
                id: SmolStr::from(statement.id.unwrap_or_default()),
                source,
                target,
                description: statement.description,
                technology: statement.technology,
                kind: kind.unwrap_or_default(),
                event: statement.event,
                bidirectional: statement.bidirectional.unwrap_or(false),
                tags: statement.tags,
                behaviour: statement.behaviour,
                metadata: statement.metadata,
                origin: statement.origin,
                place,
                also: Vec::new(),
            },
        }
    }

    /// Fills in what is open from a later statement.
    fn fill(&mut self, later: Found) {
        let Found { place, statement: later, .. } = later;
        let relation = &mut self.relation;
        if relation.place.path != place.path && !relation.also.contains(&place.path) {
            relation.also.push(place.path);
        }
        if relation.id.is_empty() {
            relation.id = later.id.unwrap_or_default().into();
        }
        for (open, said) in
            [(&mut relation.description, later.description), (&mut relation.technology, later.technology)]
        {
            if open.is_empty() {
                *open = said;
            }
        }
        if self.kind_open
            && let Some(kind) = later.kind
        {
            relation.kind = kind;
            self.kind_open = false;
        }
        if self.direction_open
            && let Some(both) = later.bidirectional
        {
            relation.bidirectional = both;
            self.direction_open = false;
        }
        if relation.event.is_none() {
            relation.event = later.event;
        }
        for tag in later.tags {
            if !relation.tags.contains(&tag) {
                relation.tags.push(tag);
            }
        }
        fill_in(&mut relation.behaviour, later.behaviour);
        for (key, value) in later.metadata {
            relation.metadata.entry(key).or_insert(value);
        }
    }
}

/// Adds keys that are not there, and to tables what they lack; a value alone is the table that it stands for.
fn fill_in(behaviour: &mut IndexMap<String, Value>, later: IndexMap<String, Value>) {
    for (key, value) in later {
        let Some(known) = behaviour.get_mut(&key) else {
            behaviour.insert(key, value);
            continue;
        };
        let Data::Map(more) = value.data else { continue };
        let alone = schema::find(At::Relation, &key).map(|key| key.takes);
        if let (Data::Text(_) | Data::Integer(_) | Data::Float(_), Some(Takes::Short(_, short))) = (&known.data, alone)
            && more.keys().any(|inner| inner != short)
        {
            let entry = Entry { key_span: known.span, value: known.clone() };
            known.data = Data::Map(IndexMap::from([(short.to_owned(), entry)]));
        }
        if let Data::Map(entries) = &mut known.data {
            for (inner, entry) in more {
                entries.entry(inner).or_insert(entry);
            }
        }
    }
}
