//! What is inside the elements inside which anything differs between several versions, each as one board
//! ([`landscapes::together`](super::landscapes::together)).
//!
//! Inside an element differs what is said of it, of something in it, or of a relation with an end there. What merely stands
//! around it is no reason to draw it.

use super::landscapes::{Names, together};
use super::{Diff, Link};
use crate::view::{self, ViewKind};
use crate::{ElementIx, Kind, Model};
use indexmap::IndexMap;
use loko_diagram::Board;
use serde::Serialize;
use std::collections::BTreeSet;

/// More pictures than this are not made; those of systems go first.
pub const INSIDES_MAX: usize = 200;

/// What something happened to from one version to the next, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// By the ids of the version before.
    was: BTreeSet<String>,
    /// By the ids of the version itself.
    is: BTreeSet<String>,
}

impl Touched {
    /// What a difference tells of, and the ends of the relations that it tells of.
    pub fn of(diff: &Diff<'_>) -> Self {
        let mut touched = Self::default();
        let Self { was, is } = &mut touched;
        let ends = |ids: &mut BTreeSet<String>, link: &Link<'_>| {
            ids.extend([link.source.to_owned(), link.target.to_owned()]);
        };
        let elements = &diff.elements;
        is.extend(elements.added.iter().map(|it| it.id.to_owned()));
        was.extend(elements.removed.iter().map(|it| it.id.to_owned()));
        is.extend(elements.changed.iter().map(|it| it.element.id.to_owned()));
        for it in elements.renamed.iter().chain(&elements.moved) {
            was.insert(it.from.id.to_owned());
            is.insert(it.to.id.to_owned());
        }
        diff.relations.added.iter().for_each(|link| ends(is, link));
        diff.relations.removed.iter().for_each(|link| ends(was, link));
        diff.relations.changed.iter().for_each(|it| ends(is, &it.link));
        for it in &diff.relations.rewired {
            ends(was, &it.from);
            ends(is, &it.to);
        }
        touched
    }
}

/// A version.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// Its model.
    pub model: &'a Model,
    /// What something happened to since the version before it.
    pub touched: &'a Touched,
}

/// What is inside an element, in all versions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inside {
    /// The kind of view: of containers or of components.
    pub kind: ViewKind,
    /// The id of the element in the newest version, or the one that it would have there.
    pub id: String,
    /// Its name in the newest version that has it.
    pub name: String,
    /// All versions in one picture, classes saying which shows what.
    pub board: Board,
}

/// The insides that differ between any of these versions, the newest first, in the order of their models.
pub fn insides(versions: &[Version<'_>], names: &Names) -> Vec<Inside> {
    let touched = touched(versions, names);
    let mut kept: IndexMap<String, Vec<Option<ElementIx>>> = IndexMap::new();
    for (at, version) in versions.iter().enumerate() {
        let model = version.model;
        for ix in model.ids().filter(|ix| !model.children(*ix).is_empty()) {
            let id = names.newest(at, &model.element(ix).id);
            if touched.contains(&id) {
                kept.entry(id).or_insert_with(|| vec![None; versions.len()])[at] = Some(ix);
            }
        }
    }
    let mut insides: Vec<Inside> = Vec::new();
    for kind in [ViewKind::Containers, ViewKind::Components] {
        for (id, places) in &kept {
            if insides.len() == INSIDES_MAX {
                break;
            }
            let found = || versions.iter().zip(places).filter_map(|(version, ix)| Some((version.model, (*ix)?)));
            let Some((model, ix)) = found().find(|(model, ix)| kind_of(model.element(*ix).kind) == Some(kind)) else {
                continue;
            };
            let boards: Vec<Board> = versions
                .iter()
                .zip(places)
                .map(|(version, ix)| ix.and_then(|ix| board(version.model, ix, kind)).unwrap_or_default())
                .collect();
            insides.extend(together(&boards, names).map(|board| Inside {
                kind,
                id: id.clone(),
                name: model.element(ix).name.clone(),
                board,
            }));
        }
    }
    insides
}

/// What the inside of an element of a kind shows.
fn kind_of(kind: Kind) -> Option<ViewKind> {
    match kind {
        Kind::System => Some(ViewKind::Containers),
        Kind::Container => Some(ViewKind::Components),
        Kind::Person | Kind::Component => None,
    }
}

/// An element from the inside, drawn from the model alone.
fn board(model: &Model, ix: ElementIx, kind: ViewKind) -> Option<Board> {
    let element = model.element(ix);
    let key = format!("{}/{}", kind_of(element.kind).filter(|it| *it == kind)?.name(), element.id);
    Some(view::automatic(model, &view::by_key(model, &key)?))
}

/// All that something happened to, and what holds it, by the newest ids. What came with the oldest version is no difference.
fn touched(versions: &[Version<'_>], names: &Names) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    for (at, version) in versions.iter().enumerate().take(versions.len().saturating_sub(1)) {
        let Touched { was, is } = version.touched;
        for (at, id) in was.iter().map(|id| (at + 1, id)).chain(is.iter().map(|id| (at, id))) {
            let mut id = names.newest(at, id);
            while let Some((whole, _)) = id.rsplit_once('/') {
                let whole = whole.to_owned();
                touched.insert(std::mem::replace(&mut id, whole));
            }
            touched.insert(id);
        }
    }
    touched
}
