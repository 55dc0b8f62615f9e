//! The model as a whole, and finding things in it.

use crate::{Decision, DynamicView, Element, ElementIx, Environment, Kind, Project, Relation, RelationIx, name};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// The model of a workspace. Elements are sorted by id, so a parent stands before its children and siblings together
/// with their contents; relations are sorted by source, target and description.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Model {
    /// What `loko.toml` says.
    pub project: Project,
    /// All elements.
    pub elements: Vec<Element>,
    /// All relations.
    pub relations: Vec<Relation>,
    /// All environments.
    pub environments: Vec<Environment>,
    /// All dynamic views.
    pub dynamics: Vec<DynamicView>,
    /// All decisions.
    pub decisions: Vec<Decision>,
    #[serde(skip)]
    index: Index,
}

/// Look-ups that follow from the rest of the model.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index {
    by_id: FxHashMap<String, ElementIx>,
    by_name: FxHashMap<String, Vec<ElementIx>>,
    children: Vec<Vec<ElementIx>>,
    outgoing: Vec<Vec<RelationIx>>,
    incoming: Vec<Vec<RelationIx>>,
}

/// What a name that somebody wrote means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Exactly this element.
    Found(ElementIx),
    /// Any of these; nobody guesses.
    Ambiguous(Vec<ElementIx>),
    /// Nothing.
    Unknown,
}

impl Model {
    /// Builds the look-ups; to be called once after elements or relations were set.
    pub fn reindex(&mut self) {
        let count = self.elements.len();
        let mut index = Index {
            children: vec![Vec::new(); count],
            outgoing: vec![Vec::new(); count],
            incoming: vec![Vec::new(); count],
            ..Index::default()
        };
        for (at, element) in self.elements.iter().enumerate() {
            let ix = ElementIx(at as u32);
            index.by_id.insert(name::fold(&element.id), ix);
            for alias in self.aliases(element) {
                let known = index.by_name.entry(alias).or_default();
                if !known.contains(&ix) {
                    known.push(ix);
                }
            }
            if let Some(parent) = element.parent {
                index.children[parent.index()].push(ix);
            }
        }
        for (at, relation) in self.relations.iter().enumerate() {
            let ix = RelationIx(at as u32);
            index.outgoing[relation.source.index()].push(ix);
            index.incoming[relation.target.index()].push(ix);
        }
        self.index = index;
    }

    /// The names that find an element besides its id: key, name and folder, each also with its ancestors before it.
    fn aliases(&self, element: &Element) -> Vec<String> {
        let own = [element.key(), &element.name, element.folder().rsplit('/').next().unwrap_or("")].map(name::slug);
        let mut paths: Vec<String> = own.into_iter().filter(|own| !own.is_empty()).collect();
        let mut all = paths.clone();
        let mut parent = element.parent;
        while let Some(above) = parent.map(|ix| &self.elements[ix.index()]) {
            let prefixes = [name::slug(above.key()), name::slug(&above.name)];
            paths = prefixes.iter().flat_map(|prefix| paths.iter().map(move |path| format!("{prefix}/{path}"))).collect();
            paths.sort();
            paths.dedup();
            all.extend(paths.iter().cloned());
            parent = above.parent;
        }
        all
    }

    /// The element of an index.
    pub fn element(&self, ix: ElementIx) -> &Element {
        &self.elements[ix.index()]
    }

    /// The relation of an index.
    pub fn relation(&self, ix: RelationIx) -> &Relation {
        &self.relations[ix.index()]
    }

    /// The indices of all elements in order.
    pub fn ids(&self) -> impl Iterator<Item = ElementIx> + use<> {
        (0..self.elements.len() as u32).map(ElementIx)
    }

    /// The elements of a kind in order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = ElementIx> {
        self.ids().filter(move |ix| self.element(*ix).kind == kind)
    }

    /// The direct parts of an element in order.
    pub fn children(&self, ix: ElementIx) -> &[ElementIx] {
        &self.index.children[ix.index()]
    }

    /// The relations that start at an element.
    pub fn outgoing(&self, ix: ElementIx) -> &[RelationIx] {
        &self.index.outgoing[ix.index()]
    }

    /// The relations that end at an element.
    pub fn incoming(&self, ix: ElementIx) -> &[RelationIx] {
        &self.index.incoming[ix.index()]
    }

    /// The element and all it is part of, inside first.
    pub fn ancestry(&self, ix: ElementIx) -> impl Iterator<Item = ElementIx> {
        std::iter::successors(Some(ix), |ix| self.element(*ix).parent)
    }

    /// Whether `inner` is `outer` or a part of it, however deep.
    pub fn is_within(&self, inner: ElementIx, outer: ElementIx) -> bool {
        self.ancestry(inner).any(|ix| ix == outer)
    }

    /// Finds an element by its exact id (case and punctuation folded).
    pub fn find(&self, id: &str) -> Option<ElementIx> {
        self.index.by_id.get(&name::fold(id)).copied()
    }

    /// Finds what a name that somebody wrote means: a full id first, else any key, name or folder, as far as it is unique.
    pub fn resolve(&self, written: &str) -> Resolution {
        let folded = name::fold(written.trim().trim_matches('/'));
        if let Some(ix) = self.index.by_id.get(&folded) {
            return Resolution::Found(*ix);
        }
        match self.index.by_name.get(&folded).map(Vec::as_slice) {
            None | Some([]) => Resolution::Unknown,
            Some([only]) => Resolution::Found(*only),
            Some(several) => Resolution::Ambiguous(several.to_vec()),
        }
    }
}
