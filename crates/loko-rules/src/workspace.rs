//! A workspace as rules see it: texts, model, drawings, and what follows from them and several rules need.

use crate::moved::name_span;
use loko_model::drawing::Drawing;
use loko_model::{ElementIx, ElementShape, Kind, Loaded, Model, Relation, RelationIx, RelationKind, Value};
use loko_source::{Diagnostic, FilePath, Place, Snapshot, Span};

/// What rules are asked about.
pub struct Workspace<'a> {
    /// The texts.
    pub snapshot: &'a Snapshot,
    /// The model.
    pub model: &'a Model,
    /// The hand-written drawings.
    pub drawings: &'a [Drawing],
    /// Files with front matter that could not be read, or one key of it.
    unread: Vec<(FilePath, Option<String>)>,
    containers: Vec<Option<ElementIx>>,
    tops: Vec<ElementIx>,
    externals: Vec<bool>,
}

/// The file and the key, if it is only one, of which a finding says that it could not be read.
fn unread(finding: &Diagnostic) -> Option<(FilePath, Option<String>)> {
    let file = finding.primary.as_ref()?.place.path.clone();
    match &*finding.code {
        "bad-front-matter" => Some((file, None)),
        "wrong-type" => Some((file, Some(finding.message.split('`').nth(1)?.to_owned()))),
        _ => None,
    }
}

impl<'a> Workspace<'a> {
    /// Works out what follows from a model and from what reading it found.
    pub fn new(snapshot: &'a Snapshot, loaded: &'a Loaded, found: &[Diagnostic]) -> Self {
        let model = &loaded.model;
        let count = model.elements.len();
        let mut workspace = Self {
            snapshot,
            model,
            drawings: &loaded.drawings,
            unread: found.iter().filter_map(unread).collect(),
            containers: vec![None; count],
            tops: Vec::with_capacity(count),
            externals: vec![false; count],
        };
        // A parent stands before its parts.
        for ix in model.ids() {
            let element = model.element(ix);
            let above = element.parent;
            workspace.tops.push(above.map_or(ix, |parent| workspace.tops[parent.index()]));
            workspace.containers[ix.index()] = match element.kind {
                Kind::Container => Some(ix),
                _ => above.and_then(|parent| workspace.containers[parent.index()]),
            };
            workspace.externals[ix.index()] =
                element.external || above.is_some_and(|parent| workspace.externals[parent.index()]);
        }
        workspace
    }

    /// Whether a key that a file's front matter seems to lack may stand in it: that could not be read, which was told.
    pub fn may_say(&self, file: &FilePath, key: &str) -> bool {
        self.unread.iter().any(|(path, only)| path == file && only.as_deref().is_none_or(|only| only == key))
    }

    /// The container that an element is, or is part of.
    pub fn container(&self, ix: ElementIx) -> Option<ElementIx> {
        self.containers[ix.index()]
    }

    /// The outermost element that it is part of, or itself.
    pub fn top(&self, ix: ElementIx) -> ElementIx {
        self.tops[ix.index()]
    }

    /// Whether an element or what it is part of belongs to somebody else.
    pub fn is_external(&self, ix: ElementIx) -> bool {
        self.externals[ix.index()]
    }

    /// Whether an element only keeps or carries data: a database, queue, topic, bucket or cache.
    pub fn is_store(&self, ix: ElementIx) -> bool {
        use ElementShape::{Bucket, Cache, Database, Queue, Topic};
        matches!(self.model.element(ix).shape, Some(Database | Queue | Topic | Bucket | Cache))
    }

    /// Whether an element is a queue or topic.
    pub fn is_queue(&self, ix: ElementIx) -> bool {
        matches!(self.model.element(ix).shape, Some(ElementShape::Queue | ElementShape::Topic))
    }

    /// All relations with their indices.
    pub fn relations(&self) -> impl Iterator<Item = (RelationIx, &'a Relation)> {
        self.model.relations.iter().enumerate().map(|(at, relation)| (RelationIx(at as u32), &**relation))
    }

    /// Whether a relation joins an element with something that it is part of.
    pub fn is_inside(&self, relation: &Relation) -> bool {
        self.top(relation.source) == self.top(relation.target)
            && (self.model.is_within(relation.source, relation.target)
                || self.model.is_within(relation.target, relation.source))
    }

    /// Whether the source of a relation waits.
    pub fn waits(&self, relation: &Relation) -> bool {
        relation.kind == RelationKind::Sync
    }

    /// Where an element's name is written: its line in the front matter, or the first line of its file.
    pub fn name_span(&self, ix: ElementIx) -> Span {
        name_span(self.model.element(ix), self.snapshot)
    }

    /// Where a value that was said of a relation stands; the relation's own place when another file said it.
    pub fn value_place(&self, relation: &Relation, value: &Value) -> Place {
        let text = self.snapshot.text(relation.place.path.as_str()).unwrap_or("");
        let written = text.get(value.span.range()).unwrap_or("").trim_matches(['"', '\'']);
        let is_here = match value.scalar_text() {
            Some(said) => written == said,
            None => written.starts_with(['{', '[']) || value.as_map().is_some_and(|map| starts_with_key(written, map)),
        };
        if is_here { Place::new(relation.place.path.clone(), value.span) } else { relation.place.clone() }
    }
}

fn starts_with_key<T>(written: &str, map: &indexmap::IndexMap<String, T>) -> bool {
    map.keys().next().is_some_and(|key| written.trim_start().starts_with(key.as_str()))
}
