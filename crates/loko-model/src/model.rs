//! The model as a whole, and finding things in it.

use crate::{
    Applied, Context, ContextRelation, Decision, DynamicView, Element, ElementIx, Environment, Kind, Project, Relation,
    RelationIx, RelationKind, SelectedView, name,
};
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::Serialize;
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;

/// How many of the elements that an ambiguous name could mean are listed at most.
pub(crate) const CANDIDATES_MAX: usize = 10;

/// The model of a workspace. Elements are sorted by id, so a parent stands before its children and siblings together
/// with their contents; relations are sorted by source, target and description.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Model {
    /// What `loko.toml` says.
    pub project: Project,
    /// All elements, shared with the models before and after an edit that leaves them as they are.
    pub elements: Vec<Arc<Element>>,
    /// All relations, shared likewise.
    pub relations: Vec<Arc<Relation>>,
    /// All environments.
    pub environments: Vec<Environment>,
    /// All dynamic views.
    pub dynamics: Vec<DynamicView>,
    /// All selected views.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub selections: Vec<SelectedView>,
    /// All decisions.
    pub decisions: Vec<Decision>,
    /// All bounded contexts.
    #[serde(skip)]
    pub contexts: Vec<Context>,
    /// How contexts bear on each other.
    #[serde(skip)]
    pub context_map: Vec<ContextRelation>,
    /// The patterns that were applied by command.
    #[serde(skip)]
    pub applied: Vec<Applied>,
    #[serde(skip)]
    index: Index,
}

/// Look-ups that follow from the rest of the model.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index {
    /// Shared between models whose elements have the same names.
    names: Arc<NameIndex>,
    /// For each relation, what following it takes to know.
    ends: Vec<Ends>,
    has_both_ways: bool,
    outgoing: Adjacency,
    incoming: Adjacency,
}

/// What it takes to know of a relation to follow it. Kept side by side, so that a walk through a large model need not
/// visit each relation's place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Where it starts.
    pub source: ElementIx,
    /// Where it ends.
    pub target: ElementIx,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// Whether it goes both ways.
    pub bidirectional: bool,
}

impl Ends {
    fn of(relation: &Relation) -> Self {
        let Relation { source, target, kind, bidirectional, .. } = *relation;
        Self { source, target, kind, bidirectional }
    }

    /// The end that is not this one.
    pub fn other(&self, end: ElementIx) -> ElementIx {
        if self.source == end { self.target } else { self.source }
    }
}

/// Look-ups that follow from the names of elements and from what they are part of.
#[derive(Debug, Default, PartialEq)]
struct NameIndex {
    by_id: FxHashMap<SmolStr, ElementIx>,
    /// The elements by each of their own names: key, slug of the name, slug of the folder.
    by_name: FxHashMap<SmolStr, Vec<ElementIx>>,
    /// The same among the parts of one element, or among the outermost.
    by_part: FxHashMap<(Option<ElementIx>, SmolStr), Vec<ElementIx>>,
    /// What each element is directly part of.
    parents: Vec<Option<ElementIx>>,
    children: Vec<Vec<ElementIx>>,
    /// For each element where what is in it ends: parts stand right behind their whole.
    subtree_ends: Vec<u32>,
    /// The system that each element is in, or is; likewise for people.
    systems: Vec<Option<ElementIx>>,
}

/// The relations at one end of each element, in one list.
#[derive(Clone, Debug, Default, PartialEq)]
struct Adjacency {
    /// Where the relations of each element begin in `relations`, and where the last ones end.
    starts: Vec<u32>,
    relations: Vec<RelationIx>,
    /// The ends of each of `relations`.
    ends: Vec<Ends>,
}

impl Adjacency {
    /// `end` says at which element a relation is found.
    fn of(elements: usize, ends: &[Ends], end: impl Fn(&Ends) -> ElementIx) -> Self {
        let mut starts = vec![0_u32; elements + 1];
        for ends in ends {
            starts[end(ends).index() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut free = starts.clone();
        let mut relations = vec![RelationIx(0); ends.len()];
        for (at, ends) in ends.iter().enumerate() {
            let place = &mut free[end(ends).index()];
            relations[*place as usize] = RelationIx(at as u32);
            *place += 1;
        }
        let ends = relations.iter().map(|ix| ends[ix.index()]).collect();
        Self { starts, relations, ends }
    }

    fn range(&self, element: ElementIx) -> Range<usize> {
        self.starts[element.index()] as usize..self.starts[element.index() + 1] as usize
    }
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
        let folded = |element: &Arc<Element>| (name::fold(&element.id).into(), own_names(element));
        let (ids, names): (Vec<_>, Vec<_>) = self.elements.par_iter().map(folded).unzip();
        let all = || self.elements.iter().zip(self.ids());
        let named = || all().zip(&names).flat_map(|(it, names)| names.iter().flatten().map(move |name| (it, name)));
        let (by_name, by_part) = rayon::join(
            || {
                let mut by_name: FxHashMap<_, Vec<_>> = FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
                named().for_each(|((_, ix), name)| by_name.entry(name.clone()).or_default().push(ix));
                by_name
            },
            || {
                let mut by_part: FxHashMap<_, Vec<_>> = FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
                for ((element, ix), name) in named() {
                    by_part.entry((element.parent, name.clone())).or_default().push(ix);
                }
                by_part
            },
        );
        let by_id = ids.into_iter().zip(self.ids()).collect();
        let mut systems: Vec<Option<ElementIx>> = Vec::with_capacity(count);
        let mut children = vec![Vec::new(); count];
        for (element, ix) in all() {
            if let Some(parent) = element.parent {
                children[parent.index()].push(ix);
            }
            // A parent stands before its children.
            let of_parent = element.parent.and_then(|parent| systems.get(parent.index()).copied().flatten());
            systems.push(if element.kind <= Kind::System { Some(ix) } else { of_parent });
        }
        let parents = self.elements.iter().map(|element| element.parent).collect();
        let subtree_ends = subtree_ends(&self.elements);
        let index = NameIndex { by_id, by_name, by_part, parents, children, subtree_ends, systems };
        self.index.names = Arc::new(index);
        self.reindex_relations();
    }

    /// Builds the look-ups of relations alone; to be called when only relations were set.
    pub fn reindex_relations(&mut self) {
        let count = self.elements.len();
        let ends: Vec<Ends> = self.relations.iter().map(|relation| Ends::of(relation)).collect();
        self.index.outgoing = Adjacency::of(count, &ends, |ends| ends.source);
        self.index.incoming = Adjacency::of(count, &ends, |ends| ends.target);
        self.index.has_both_ways = ends.iter().any(|ends| ends.bidirectional);
        self.index.ends = ends;
    }

    /// The element of an index.
    pub fn element(&self, ix: ElementIx) -> &Element {
        &self.elements[ix.index()]
    }

    /// The element of an index, to change it; models that share it keep it as it is. What others know of it by name
    /// or place is looked up anew after [`Model::reindex`] only.
    pub fn element_mut(&mut self, ix: ElementIx) -> &mut Element {
        Arc::make_mut(&mut self.elements[ix.index()])
    }

    /// The relation of an index, to change it; models that share it keep it as it is.
    pub fn relation_mut(&mut self, ix: RelationIx) -> &mut Relation {
        Arc::make_mut(&mut self.relations[ix.index()])
    }

    /// The relation of an index.
    pub fn relation(&self, ix: RelationIx) -> &Relation {
        &self.relations[ix.index()]
    }

    /// The indices of all elements in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = ElementIx> + use<> {
        (0..self.elements.len() as u32).map(ElementIx)
    }

    /// The elements of a kind in order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = ElementIx> {
        self.ids().filter(move |ix| self.element(*ix).kind == kind)
    }

    /// The direct parts of an element in order.
    pub fn children(&self, ix: ElementIx) -> &[ElementIx] {
        &self.index.names.children[ix.index()]
    }

    /// What it takes to know of a relation to follow it.
    pub fn ends(&self, ix: RelationIx) -> Ends {
        self.index.ends[ix.index()]
    }

    /// The ends of all relations in order.
    pub fn all_ends(&self) -> &[Ends] {
        &self.index.ends
    }

    /// What an element is directly part of.
    pub fn parent(&self, ix: ElementIx) -> Option<ElementIx> {
        match self.index.names.parents.get(ix.index()) {
            Some(parent) => *parent,
            None => self.element(ix).parent,
        }
    }

    /// The relations that start at an element.
    pub fn outgoing(&self, ix: ElementIx) -> &[RelationIx] {
        &self.index.outgoing.relations[self.index.outgoing.range(ix)]
    }

    /// The relations that end at an element.
    pub fn incoming(&self, ix: ElementIx) -> &[RelationIx] {
        &self.index.incoming.relations[self.index.incoming.range(ix)]
    }

    /// The relations that start at an element, with their ends.
    pub(crate) fn leaving(&self, ix: ElementIx) -> impl Iterator<Item = (RelationIx, Ends)> {
        let range = self.index.outgoing.range(ix);
        let relations = self.index.outgoing.relations[range.clone()].iter().copied();
        relations.zip(self.index.outgoing.ends[range].iter().copied())
    }

    /// The relations that end at an element, with their ends.
    pub(crate) fn arriving(&self, ix: ElementIx) -> impl Iterator<Item = (RelationIx, Ends)> {
        let range = self.index.incoming.range(ix);
        let relations = self.index.incoming.relations[range.clone()].iter().copied();
        relations.zip(self.index.incoming.ends[range].iter().copied())
    }

    /// Whether any relation goes both ways.
    pub(crate) fn has_both_ways(&self) -> bool {
        self.index.has_both_ways
    }

    /// The element and all it is part of, inside first.
    pub fn ancestry(&self, ix: ElementIx) -> impl Iterator<Item = ElementIx> {
        std::iter::successors(Some(ix), |ix| self.parent(*ix))
    }

    /// Who answers for an element, and the element that says so: itself, or the nearest of those that it is part of.
    pub fn owner(&self, ix: ElementIx) -> Option<(&str, ElementIx)> {
        let stated = |ix: ElementIx| Some((self.element(ix).owner.as_deref()?, ix));
        self.ancestry(ix).filter_map(stated).find(|(owner, _)| !owner.is_empty())
    }

    /// Whether `inner` is `outer` or a part of it, however deep.
    pub fn is_within(&self, inner: ElementIx, outer: ElementIx) -> bool {
        match self.subtree_end(outer) {
            Some(end) => outer <= inner && inner < end,
            None => self.ancestry(inner).any(|ix| ix == outer),
        }
    }

    /// The element behind the last one that is in an element. None while the look-ups were not built, and where elements
    /// are not in their order.
    pub(crate) fn subtree_end(&self, ix: ElementIx) -> Option<ElementIx> {
        self.index.names.subtree_ends.get(ix.index()).copied().map(ElementIx)
    }

    /// The system that an element is in, or is; people and what is in no system stand for themselves.
    pub fn system_of(&self, ix: ElementIx) -> ElementIx {
        match self.index.names.systems.get(ix.index()) {
            Some(system) => system.unwrap_or(ix),
            None => self.ancestry(ix).find(|above| self.element(*above).kind <= Kind::System).unwrap_or(ix),
        }
    }

    /// The element and all that is in it, parents before their parts.
    pub fn subtree(&self, ix: ElementIx) -> Vec<ElementIx> {
        let mut all = vec![ix];
        let mut next = 0;
        while let Some(ix) = all.get(next) {
            all.extend(self.children(*ix));
            next += 1;
        }
        all
    }

    /// Finds an element by its exact id (case and punctuation folded).
    pub fn find(&self, id: &str) -> Option<ElementIx> {
        self.index.names.by_id.get(name::fold(id).as_str()).copied()
    }

    /// Finds what a name that somebody wrote means: a full id first, else any key, name or folder, also with those of
    /// what it is part of before it, as far as it is unique.
    pub fn resolve(&self, written: &str) -> Resolution {
        let folded = fold_written(written);
        if let Some(ix) = self.index.names.by_id.get(folded.as_str()) {
            return Resolution::Found(*ix);
        }
        resolution(self.anywhere(&folded, None))
    }

    /// Finds what a name means that somebody wrote in the file of `source`: a full id first; then what stands nearest,
    /// among the parts of `source`, beside it, beside what it is part of, and so on outwards; then anything that is
    /// unique. Never `source` itself unless nothing else is meant, and never a guess between several.
    pub fn resolve_from(&self, source: ElementIx, written: &str) -> Resolution {
        let folded = fold_written(written);
        if let Some(ix) = self.index.names.by_id.get(folded.as_str()) {
            return Resolution::Found(*ix);
        }
        let (first, rest) = folded.split_once('/').map_or((folded.as_str(), None), |(first, rest)| (first, Some(rest)));
        let mut scope = Some(source);
        loop {
            let mut found: Vec<ElementIx> = Vec::new();
            for ix in self.parts_named(scope, first) {
                self.descend(*ix, rest, Some(source), &mut found);
            }
            if !found.is_empty() {
                return resolution(found);
            }
            match scope {
                Some(ix) => scope = self.element(ix).parent,
                None => break,
            }
        }
        match resolution(self.anywhere(&folded, Some(source))) {
            Resolution::Unknown => resolution(self.anywhere(&folded, None)),
            found => found,
        }
    }

    /// What a box of a hand-written diagram stands for, by its key or label: inside a box that is an element (`outer`)
    /// one of its parts; else the element whose file it is (`owner`) or what that is part of, unless a part has the same
    /// name; else what stands nearest to the owner.
    pub fn resolve_box(&self, owner: Option<ElementIx>, outer: Option<ElementIx>, written: &str) -> Resolution {
        let slug = name::slug(written);
        if let Some(outer) = outer
            && let [part] = self.parts_named(Some(outer), &slug)
        {
            return Resolution::Found(*part);
        }
        let Some(owner) = owner else { return self.resolve(written) };
        let around = self.ancestry(owner).find(|ix| self.element(*ix).key() == slug);
        match around.filter(|_| self.parts_named(Some(owner), &slug).is_empty()) {
            Some(around) => Resolution::Found(around),
            None => self.resolve_from(owner, written),
        }
    }

    /// The parts of an element (or the outermost elements) that have a name, which is a slug.
    pub fn parts_named(&self, parent: Option<ElementIx>, name: &str) -> &[ElementIx] {
        self.index.names.by_part.get(&(parent, SmolStr::new(name))).map_or(&[], Vec::as_slice)
    }

    /// The elements that a folded path names, wherever they stand; enough of them to see that they are several.
    fn anywhere(&self, folded: &str, except: Option<ElementIx>) -> Vec<ElementIx> {
        let (first, rest) = folded.split_once('/').map_or((folded, None), |(first, rest)| (first, Some(rest)));
        let mut found = Vec::new();
        for ix in self.index.names.by_name.get(first).map_or(&[][..], Vec::as_slice) {
            self.descend(*ix, rest, except, &mut found);
            if found.len() >= CANDIDATES_MAX {
                break;
            }
        }
        found
    }

    /// Follows the rest of a path down from an element.
    fn descend(&self, ix: ElementIx, rest: Option<&str>, except: Option<ElementIx>, found: &mut Vec<ElementIx>) {
        let Some(rest) = rest else {
            if Some(ix) != except && !found.contains(&ix) {
                found.push(ix);
            }
            return;
        };
        let (first, rest) = rest.split_once('/').map_or((rest, None), |(first, rest)| (first, Some(rest)));
        for child in self.parts_named(Some(ix), first) {
            self.descend(*child, rest, except, found);
        }
    }
}

/// For each element where what is in it ends; nothing when elements are not in their order.
fn subtree_ends(elements: &[Arc<Element>]) -> Vec<u32> {
    let mut ends: Vec<u32> = (1..=elements.len() as u32).collect();
    let mut sizes = vec![1_u32; elements.len()];
    for (at, element) in elements.iter().enumerate().rev() {
        let Some(parent) = element.parent.map(ElementIx::index) else { continue };
        if parent >= at {
            return Vec::new();
        }
        ends[parent] = ends[parent].max(ends[at]);
        sizes[parent] += sizes[at];
    }
    let is_in_order = (0..elements.len()).all(|at| ends[at] - at as u32 == sizes[at]);
    if is_in_order { ends } else { Vec::new() }
}

/// The names that find an element besides its id.
fn own_names(element: &Element) -> [Option<SmolStr>; 3] {
    let key = SmolStr::new(element.key());
    let name = slug_unless(&element.name, &key);
    let folder = slug_unless(element.folder().rsplit('/').next().unwrap_or(""), &key)
        .filter(|folder| Some(folder) != name.as_ref());
    [Some(key), name, folder]
}

/// A text's slug unless it is empty or `known` already.
fn slug_unless(text: &str, known: &SmolStr) -> Option<SmolStr> {
    if text == known {
        return None;
    }
    let slug = name::slug(text);
    (!slug.is_empty() && slug != *known).then(|| slug.into())
}

fn fold_written(written: &str) -> String {
    name::fold(written.trim().trim_matches('/'))
}

fn resolution(mut found: Vec<ElementIx>) -> Resolution {
    match found.len() {
        0 => Resolution::Unknown,
        1 => Resolution::Found(found[0]),
        _ => {
            found.sort();
            Resolution::Ambiguous(found)
        }
    }
}
