//! The intermediate form: fields and edges after merging all statements, before they mean objects.
//!
//! A map holds fields (by name, case ignored) and edges; a field holds a primary value and a composite (a map or an
//! array). Everything lives in one arena and is referred to by ids; parents are ids too. A thing that was deleted stays
//! in the arena, but in no map. Keywords are fields like any other here.
//!
//! The number of things and their depth are limited (see [`THINGS_MAX`], [`DEPTH_MAX`]), so that copies of copies in a
//! small text cannot eat the machine.

use crate::keywords;
use crate::syntax::ast::{self, Form, KeyRef, Text, Value};
use loko_source::Span;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::hash::{Hash as _, Hasher as _};
use std::rc::Rc;
use std::sync::Arc;

/// The most fields and edges that a compilation makes, copies included. A fuzzer, which reaches it by few bytes, is to look
/// for what takes long for other reasons.
#[expect(unexpected_cfgs, reason = "fuzzers set it")]
pub(super) const THINGS_MAX: usize = if cfg!(fuzzing) { 20_000 } else { 400_000 };

/// The deepest nesting of fields.
pub(super) const DEPTH_MAX: u16 = 256;

/// From how many fields on a map is searched by an index.
const INDEX_FROM: usize = 8;

/// About how many bytes of a text make one field.
const BYTES_PER_FIELD: usize = 24;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(super) struct $name(u32);

        impl $name {
            fn at(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A field of the arena.
    FieldId
    /// An edge of the arena.
    EdgeId
    /// A map of the arena.
    MapId
    /// An array of the arena.
    ArrayId
    /// A source file of the compilation.
    FileId
}

impl FileId {
    pub(super) const MAIN: Self = Self(0);

    pub(super) fn new(at: usize) -> Self {
        Self(at as u32)
    }

    pub(super) fn index(self) -> usize {
        self.at()
    }
}

/// A place in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: FileId,
    pub(super) span: Span,
}

/// The name of a field.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: SmolStr,
    /// The text in lower case, by which fields are found.
    pub(super) folded: SmolStr,
    /// Whether it is unquoted: only then may it be a keyword.
    pub(super) bare: bool,
    /// Whether the text, in its case, is a keyword.
    pub(super) is_reserved: bool,
    /// Whether the text is a keyword in some case.
    pub(super) is_reserved_folded: bool,
    /// A hash of the folded text, so that most names are told apart by a number.
    hash: u32,
}

/// A hash of a folded name.
const fn name_hash(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut hash: u32 = 0x811C_9DC5;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

impl Name {
    pub(super) fn new(text: SmolStr, bare: bool) -> Self {
        let is_folded = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let folded = if is_folded { text.clone() } else { text.to_lowercase().into() };
        let hash = name_hash(&folded);
        let is_reserved = keywords::is_reserved(&text);
        let is_reserved_folded = if is_folded { is_reserved } else { keywords::is_reserved(&folded) };
        Self { text, folded, bare, is_reserved, is_reserved_folded, hash }
    }

    pub(super) fn of(text: &Text) -> Self {
        Self::new(text.to_smol(), text.form == Form::Unquoted)
    }

    /// A hash of the folded text.
    pub(super) fn hash(&self) -> u32 {
        self.hash
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.bare && self.text == word
    }

    /// Whether it is a keyword, in whatever case.
    pub(super) fn is_keyword_folded(&self) -> bool {
        self.bare && self.is_reserved_folded
    }

    pub(super) fn is_keyword(&self) -> bool {
        self.bare && self.is_reserved
    }

    /// Whether two names name the same field: quoted and bare keywords differ.
    fn same(&self, other: &Self) -> bool {
        self.hash == other.hash && self.folded == other.folded && (self.bare == other.bare || !self.is_reserved_folded)
    }
}

/// A value with the file it stands in.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) value: Value,
    pub(super) file: FileId,
}

impl Scalar {
    pub(super) fn text(&self) -> SmolStr {
        self.value.scalar_text()
    }

    pub(super) fn spot(&self) -> Spot {
        Spot { file: self.file, span: self.value.span() }
    }
}

/// What a field holds besides its primary value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Composite {
    None,
    Array(ArrayId),
    Map(MapId),
}

/// Which path of a key a reference is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Key,
    EdgeKey,
    Source,
    Target,
    /// A path that stands in no key.
    Made,
}

/// A statement in its scope.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) key: KeyRef,
    /// Which edge of the key is meant.
    pub(super) edge: Option<usize>,
    pub(super) file: FileId,
    /// The map of the text that is the board's.
    pub(super) scope_board: Arc<ast::Map>,
    /// The map that the key applies to.
    pub(super) map: MapId,
}

impl Context {
    pub(super) fn spot(&self, span: Span) -> Spot {
        Spot { file: self.file, span }
    }

    pub(super) fn key_spot(&self) -> Spot {
        self.spot(self.key.span)
    }

    pub(super) fn edge_ast(&self) -> Option<&ast::Edge> {
        self.key.edges.get(self.edge?)
    }

    pub(super) fn edge_spot(&self) -> Spot {
        self.spot(self.edge_ast().map_or(self.key.span, |edge| edge.span))
    }
}

/// A mention of a field.
#[derive(Clone, Debug)]
pub(super) struct FieldRef {
    pub(super) context: Rc<Context>,
    pub(super) slot: Slot,
    /// Where the name stands.
    pub(super) span: Span,
    /// Whether the name is the last one of its path.
    pub(super) is_last: bool,
    pub(super) by_lazy_glob: bool,
}

impl FieldRef {
    /// Whether the value of the statement is this field's.
    pub(super) fn is_primary(&self) -> bool {
        match self.slot {
            Slot::Key => self.context.key.edges.is_empty() && self.is_last,
            Slot::EdgeKey => self.context.key.edges.len() == 1 && self.is_last,
            _ => false,
        }
    }

    pub(super) fn spot(&self) -> Spot {
        self.context.spot(self.span)
    }
}

/// A mention of an edge.
#[derive(Clone, Debug)]
pub(super) struct EdgeRef {
    pub(super) context: Rc<Context>,
    pub(super) by_lazy_glob: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The map it is in; none for the root.
    pub(super) parent: Option<MapId>,
    /// None for the place holder of a spread.
    pub(super) name: Option<Name>,
    pub(super) primary: Option<Scalar>,
    pub(super) composite: Composite,
    pub(super) refs: SmallVec<[FieldRef; 1]>,
    pub(super) suspended: bool,
    /// Where a spread's place holder stands.
    pub(super) spot: Option<Spot>,
    /// Hashes of the paths from the root and from the board.
    pub(super) path_hash: u64,
    pub(super) board_hash: u64,
    depth: u16,
    /// Whether it was taken out of its map.
    is_gone: bool,
}

/// What makes an edge: its ends relative to the map it is in, its arrows, its index among the like.
#[derive(Clone, Debug)]
pub(super) struct EdgeKey {
    pub(super) source: Vec<Name>,
    pub(super) target: Vec<Name>,
    pub(super) source_arrow: bool,
    pub(super) target_arrow: bool,
    /// None matches any.
    pub(super) index: Option<u32>,
}

impl EdgeKey {
    /// A hash of all but the index, case ignored.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        for name in &self.source {
            name.folded.hash(&mut hasher);
        }
        (self.source_arrow, self.target_arrow, self.source.len()).hash(&mut hasher);
        for name in &self.target {
            name.folded.hash(&mut hasher);
        }
        hasher.finish()
    }

    pub(super) fn matches(&self, other: &Self) -> bool {
        let index_fits = match (self.index, other.index) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        index_fits && self.is_like(other)
    }

    /// Whether all but the index is the same.
    fn is_like(&self, other: &Self) -> bool {
        let same = |a: &[Name], b: &[Name]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.folded == b.folded);
        self.source_arrow == other.source_arrow
            && self.target_arrow == other.target_arrow
            && same(&self.source, &other.source)
            && same(&self.target, &other.target)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) parent: MapId,
    pub(super) id: EdgeKey,
    pub(super) primary: Option<Scalar>,
    pub(super) map: Option<MapId>,
    pub(super) refs: SmallVec<[EdgeRef; 1]>,
    pub(super) suspended: bool,
    /// Whether it was taken out of its map.
    is_gone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    Field(FieldId),
    Edge(EdgeId),
    Array(ArrayId),
}

#[derive(Clone, Debug)]
pub(super) struct Map {
    pub(super) parent: Parent,
    pub(super) fields: Fields,
    pub(super) edges: Vec<EdgeId>,
    pub(super) globs: Vec<Rc<Glob>>,
    /// Fields by folded name, once there are many.
    index: Option<FxHashMap<SmolStr, Vec<FieldId>>>,
    /// Edges by [`EdgeKey::hash`].
    edge_index: FxHashMap<u64, Alike>,
}

/// Edges of one hash.
#[derive(Clone, Debug, Default)]
struct Alike {
    edges: Vec<EdgeId>,
    /// Whether some differ in more than their index: one hash can stand for two things.
    is_mixed: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) parent: FieldId,
    pub(super) items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Scalar(Scalar),
    /// A spread or a reference that is resolved at the end.
    Spread(ast::Substitution, FileId),
    Array(ArrayId),
    Map(MapId),
}

/// A pattern that applies again whenever something new appears.
#[derive(Debug)]
pub(super) struct Glob {
    pub(super) context: Rc<Context>,
    /// The hashes of the paths of what it was applied to.
    pub(super) fields: Rc<RefCell<FxHashSet<u64>>>,
    pub(super) edges: Rc<RefCell<FxHashSet<u64>>>,
    /// What need not be looked at again.
    pub(super) settled: RefCell<Settled>,
    /// What has changed since the pattern was last applied; none while it is applied for the first time.
    pub(super) touched: RefCell<Option<Rc<Touched>>>,
}

/// The things that a pattern is done with for good; only a short cut, the hashes above decide.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// One bit for each field.
    fields: Vec<u64>,
    /// Pairs of ends that edges were made between, or not.
    pub(super) pairs: FxHashSet<(FieldId, FieldId)>,
    /// How long the logs and the arena were when the pattern was last applied; none before the first time.
    pub(super) seen: Option<Mark>,
    /// Fields from this one on are new to the pattern that is applied now.
    pub(super) new_from: usize,
}

/// A moment in the making of the arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    field_log: usize,
    edge_log: usize,
    fields: usize,
}

impl Mark {
    /// How many fields there were.
    pub(super) fn fields(self) -> usize {
        self.fields
    }
}

impl Settled {
    pub(super) fn has(&self, field: FieldId) -> bool {
        self.fields.get(field.at() / 64).is_some_and(|bits| bits >> (field.at() % 64) & 1 == 1)
    }

    pub(super) fn insert(&mut self, field: FieldId) {
        let at = field.at() / 64;
        if at >= self.fields.len() {
            self.fields.resize(at + 1, 0);
        }
        self.fields[at] |= 1 << (field.at() % 64);
    }
}

/// What was made or changed, and all around it.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Fields that are still there.
    pub(super) fields: FxHashSet<FieldId>,
    /// Edges.
    pub(super) edges: FxHashSet<EdgeId>,
}

/// A few fields.
pub(super) type Fields = SmallVec<[FieldId; 4]>;

/// What kind of board a field or map is the root of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoardKind {
    Layer,
    Scenario,
    Step,
}

/// The arena.
#[derive(Debug, Default)]
pub(super) struct Ir {
    fields: Vec<Field>,
    edges: Vec<Edge>,
    maps: Vec<Map>,
    arrays: Vec<Array>,
    /// The fields and edges that were made or changed, in order; not one twice in a row.
    field_log: Vec<FieldId>,
    edge_log: Vec<EdgeId>,
    /// How long the logs were at the last mark: what changes again after it has to be noted again.
    marked: (usize, usize),
    /// The edges that meet a field; complete for the first `ends_of` edges.
    ends: FxHashMap<FieldId, Vec<EdgeId>>,
    ends_of: usize,
    /// Counts what was made and taken away.
    pub(super) changes: usize,
    /// Whether a limit was met; nothing more is made then.
    pub(super) is_full: bool,
    pub(super) is_too_deep: bool,
    /// Whether anything was ever suspended.
    pub(super) has_suspended: bool,
    /// Whether there is any `vars`.
    pub(super) has_vars: bool,
}

macro_rules! access {
    ($($id:ident $get:ident $get_mut:ident $vec:ident $type:ty),*) => {$(
        pub(super) fn $get(&self, id: $id) -> &$type {
            &self.$vec[id.at()]
        }

        pub(super) fn $get_mut(&mut self, id: $id) -> &mut $type {
            &mut self.$vec[id.at()]
        }
    )*};
}

fn mix(hash: u64, text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hash.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

impl Ir {
    pub(super) fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.at()]
    }

    /// A field to be changed; patterns get to know that it was.
    pub(super) fn field_mut(&mut self, id: FieldId) -> &mut Field {
        self.log_field(id);
        &mut self.fields[id.at()]
    }

    pub(super) fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id.at()]
    }

    /// An edge to be changed; patterns get to know that it was.
    pub(super) fn edge_mut(&mut self, id: EdgeId) -> &mut Edge {
        if self.edge_log.len() == self.marked.1 || self.edge_log.last() != Some(&id) {
            self.edge_log.push(id);
        }
        &mut self.edges[id.at()]
    }

    fn log_field(&mut self, id: FieldId) {
        if self.field_log.len() == self.marked.0 || self.field_log.last() != Some(&id) {
            self.field_log.push(id);
        }
    }

    /// An arena for a text of some length. Room that is not used costs nothing.
    pub(super) fn for_text(length: usize) -> Self {
        let count = (length / BYTES_PER_FIELD).min(THINGS_MAX);
        Self { fields: Vec::with_capacity(count), maps: Vec::with_capacity(count), ..Self::default() }
    }

    /// How many maps were made.
    pub(super) fn map_count(&self) -> usize {
        self.maps.len()
    }

    access! {
        MapId map map_mut maps Map,
        ArrayId array array_mut arrays Array
    }

    // Making.

    /// A root: a field without a parent, and its map.
    pub(super) fn new_root(&mut self) -> MapId {
        let field = FieldId(self.fields.len() as u32);
        self.fields.push(Field {
            parent: None,
            name: Some(Name::new(SmolStr::new_static("root"), true)),
            primary: None,
            composite: Composite::None,
            refs: SmallVec::new(),
            suspended: false,
            spot: None,
            path_hash: mix(0, "root"),
            board_hash: 0,
            depth: 0,
            is_gone: false,
        });
        self.new_map_of(field)
    }

    fn new_map(&mut self, parent: Parent) -> MapId {
        let id = MapId(self.maps.len() as u32);
        self.maps.push(Map {
            parent,
            fields: Fields::new(),
            edges: Vec::new(),
            globs: Vec::new(),
            index: None,
            edge_index: FxHashMap::default(),
        });
        id
    }

    /// A new map in the place of what the field holds.
    pub(super) fn new_map_of(&mut self, field: FieldId) -> MapId {
        let map = self.new_map(Parent::Field(field));
        self.field_mut(field).composite = Composite::Map(map);
        map
    }

    /// The map of a field; a new one if it has none.
    pub(super) fn ensure_map(&mut self, field: FieldId) -> MapId {
        match self.field(field).composite {
            Composite::Map(map) => map,
            _ => self.new_map_of(field),
        }
    }

    /// The map of an edge; a new one if it has none.
    pub(super) fn ensure_edge_map(&mut self, edge: EdgeId) -> MapId {
        if let Some(map) = self.edge(edge).map {
            return map;
        }
        let map = self.new_map(Parent::Edge(edge));
        self.edge_mut(edge).map = Some(map);
        map
    }

    pub(super) fn new_array_map(&mut self, array: ArrayId) -> MapId {
        self.new_map(Parent::Array(array))
    }

    pub(super) fn new_array(&mut self, parent: FieldId) -> ArrayId {
        let id = ArrayId(self.arrays.len() as u32);
        self.arrays.push(Array { parent, items: Vec::new() });
        id
    }

    /// Counts a thing against the limit.
    fn admit(&mut self) -> bool {
        self.is_full |= self.fields.len() + self.edges.len() + self.maps.len() >= THINGS_MAX;
        self.changes += 1;
        !self.is_full
    }

    /// The hashes of a map's own paths, from the root and from the board, and the depth of its fields.
    fn hashes(&self, map: MapId) -> (u64, u64, u16) {
        match self.map(map).parent {
            Parent::Field(field) => {
                let held = self.field(field);
                (held.path_hash, held.board_hash, held.depth + 1)
            }
            Parent::Edge(edge) => {
                let (path, board) = self.edge_hashes(edge, true);
                (path, board, self.hashes(self.edge(edge).parent).2 + 1)
            }
            Parent::Array(array) => {
                let held = self.field(self.array(array).parent);
                (held.path_hash, held.board_hash, held.depth + 1)
            }
        }
    }

    /// The hashes of an edge's paths, its index left out on request.
    pub(super) fn edge_hashes(&self, edge: EdgeId, with_index: bool) -> (u64, u64) {
        let held = self.edge(edge);
        self.edge_key_hashes(held.parent, &held.id, with_index)
    }

    /// The hashes of the paths that an edge would have in a map.
    pub(super) fn edge_key_hashes(&self, map: MapId, id: &EdgeKey, with_index: bool) -> (u64, u64) {
        let mut hasher = FxHasher::default();
        for name in id.source.iter().chain(&id.target) {
            name.text.hash(&mut hasher);
        }
        let index = if with_index { id.index } else { None };
        (id.source.len(), id.source_arrow, id.target_arrow, index, "edge").hash(&mut hasher);
        let own = hasher.finish();
        let (path, board, _) = self.hashes(map);
        (path.rotate_left(17) ^ own, board.rotate_left(17) ^ own)
    }

    /// Adds a field to a map; none when a limit is met.
    pub(super) fn add_field(&mut self, map: MapId, name: Option<Name>) -> Option<FieldId> {
        let at = self.map(map).fields.len();
        self.insert_field(map, at, name)
    }

    /// Inserts a field into a map at a place; none when a limit is met.
    pub(super) fn insert_field(&mut self, map: MapId, at: usize, name: Option<Name>) -> Option<FieldId> {
        let (path, board, depth) = self.hashes(map);
        if depth > DEPTH_MAX {
            self.is_too_deep = true;
            return None;
        }
        if !self.admit() {
            return None;
        }
        let text = name.as_ref().map_or("", |name| name.text.as_str());
        let id = FieldId(self.fields.len() as u32);
        let path_hash = mix(path, text);
        self.has_vars |= text.eq_ignore_ascii_case("vars");
        // Paths from a board start anew with it; `path_hash` of a place holder is never asked for.
        let board_hash = if self.kind_below(map).is_some() { 0 } else { mix(board, text) };
        self.fields.push(Field {
            parent: Some(map),
            name,
            primary: None,
            composite: Composite::None,
            refs: SmallVec::new(),
            suspended: false,
            spot: None,
            path_hash,
            board_hash,
            depth,
            is_gone: false,
        });
        self.log_field(id);
        self.link_field(map, at, id);
        Some(id)
    }

    fn link_field(&mut self, map: MapId, at: usize, id: FieldId) {
        let folded = self.field(id).name.as_ref().map(|name| name.folded.clone());
        let held = self.map_mut(map);
        held.fields.insert(at, id);
        let is_large = held.fields.len() > INDEX_FROM;
        match (&mut held.index, folded) {
            (Some(index), Some(folded)) => index.entry(folded).or_default().push(id),
            (None, _) if is_large => self.build_index(map),
            _ => {}
        }
    }

    fn build_index(&mut self, map: MapId) {
        let mut index: FxHashMap<SmolStr, Vec<FieldId>> = FxHashMap::default();
        for id in &self.map(map).fields {
            if let Some(name) = &self.field(*id).name {
                index.entry(name.folded.clone()).or_default().push(*id);
            }
        }
        self.map_mut(map).index = Some(index);
    }

    /// Takes a field out of its map.
    pub(super) fn unlink_field(&mut self, map: MapId, id: FieldId) {
        self.changes += 1;
        self.field_mut(id).is_gone = true;
        let folded = self.field(id).name.as_ref().map(|name| name.folded.clone());
        let held = self.map_mut(map);
        held.fields.retain(|field| *field != id);
        if let (Some(index), Some(folded)) = (&mut held.index, folded)
            && let Some(same) = index.get_mut(&folded)
        {
            same.retain(|field| *field != id);
        }
    }

    /// Adds an edge to a map; none when a limit is met.
    pub(super) fn add_edge(&mut self, map: MapId, id: EdgeKey) -> Option<EdgeId> {
        if !self.admit() {
            return None;
        }
        let hash = id.hash();
        let edge = EdgeId(self.edges.len() as u32);
        self.edges.push(Edge {
            parent: map,
            id,
            primary: None,
            map: None,
            refs: SmallVec::new(),
            suspended: false,
            is_gone: false,
        });
        self.edge_log.push(edge);
        let first = self.map(map).edge_index.get(&hash).and_then(|same| same.edges.first());
        let differs = first.is_some_and(|first| !self.edge(*first).id.is_like(&self.edge(edge).id));
        let held = self.map_mut(map);
        held.edges.push(edge);
        let same = held.edge_index.entry(hash).or_default();
        same.edges.push(edge);
        same.is_mixed |= differs;
        Some(edge)
    }

    /// Takes an edge out of its map.
    pub(super) fn unlink_edge(&mut self, id: EdgeId) {
        self.changes += 1;
        self.edge_mut(id).is_gone = true;
        let (map, hash) = (self.edge(id).parent, self.edge(id).id.hash());
        let held = self.map_mut(map);
        held.edges.retain(|edge| *edge != id);
        if let Some(same) = held.edge_index.get_mut(&hash) {
            same.edges.retain(|edge| *edge != id);
        }
    }

    // Finding.

    /// The field of a name in a map.
    pub(super) fn find(&self, map: MapId, name: &Name) -> Option<FieldId> {
        let held = self.map(map);
        let is_it = |id: &FieldId| self.field(*id).name.as_ref().is_some_and(|known| known.same(name));
        match &held.index {
            Some(index) => index.get(&name.folded)?.iter().copied().find(is_it),
            None => held.fields.iter().copied().find(is_it),
        }
    }

    /// All edges that there are, in the order in which they were made.
    pub(super) fn all_edges(&self) -> Vec<EdgeId> {
        (0..self.edges.len()).filter(|at| !self.edges[*at].is_gone).map(|at| EdgeId(at as u32)).collect()
    }

    /// The field of a bare word in a map.
    pub(super) fn find_bare(&self, map: MapId, word: &'static str) -> Option<FieldId> {
        let word = SmolStr::new_static(word);
        let hash = name_hash(&word);
        let is_reserved = keywords::is_reserved(&word);
        self.find(
            map,
            &Name { text: word.clone(), folded: word, bare: true, is_reserved, is_reserved_folded: is_reserved, hash },
        )
    }

    /// The field of a path below a map.
    pub(super) fn find_path(&self, map: MapId, path: &[Name]) -> Option<FieldId> {
        let (first, rest) = path.split_first()?;
        let field = self.find(map, first)?;
        if rest.is_empty() { Some(field) } else { self.find_path(self.field_map(field)?, rest) }
    }

    /// The map that a bare word holds in a map.
    pub(super) fn map_at(&self, map: MapId, word: &'static str) -> Option<MapId> {
        self.field_map(self.find_bare(map, word)?)
    }

    /// The edges of a map that match.
    pub(super) fn matching_edges(&self, map: MapId, id: &EdgeKey) -> Vec<EdgeId> {
        let same = self.map(map).edge_index.get(&id.hash()).map(|same| same.edges.as_slice()).unwrap_or_default();
        same.iter().copied().filter(|edge| self.edge(*edge).id.matches(id)).collect()
    }

    /// How many edges of a map are like one, whatever their index.
    pub(super) fn count_alike(&self, map: MapId, id: &EdgeKey) -> usize {
        let Some(same) = self.map(map).edge_index.get(&id.hash()) else { return 0 };
        let is_like = |edge: &EdgeId| self.edge(*edge).id.is_like(id);
        match same.edges.first() {
            // A file may hold very many edges between the same ends: one tells of all.
            Some(first) if !same.is_mixed => usize::from(is_like(first)) * same.edges.len(),
            _ => same.edges.iter().filter(|edge| is_like(edge)).count(),
        }
    }

    pub(super) fn field_map(&self, field: FieldId) -> Option<MapId> {
        match self.field(field).composite {
            Composite::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn name(&self, field: FieldId) -> &str {
        self.field(field).name.as_ref().map_or("", |name| name.text.as_str())
    }

    pub(super) fn is_named(&self, field: FieldId, word: &str) -> bool {
        self.field(field).name.as_ref().is_some_and(|name| name.is(word))
    }

    // Changes.

    /// This moment.
    pub(super) fn mark(&mut self) -> Mark {
        self.marked = (self.field_log.len(), self.edge_log.len());
        Mark { field_log: self.field_log.len(), edge_log: self.edge_log.len(), fields: self.fields.len() }
    }

    /// What has changed since a moment; with `edges_of_ends`, an edge counts as changed when an end of it did.
    pub(super) fn touched_since(&mut self, mark: Mark, edges_of_ends: bool) -> Touched {
        let mut touched = Touched::default();
        touched.edges.extend(&self.edge_log[mark.edge_log..]);
        for at in mark.field_log..self.field_log.len() {
            self.touch(self.field_log[at], &mut touched);
        }
        if edges_of_ends {
            self.index_ends();
            let meeting = touched.fields.iter().filter_map(|field| self.ends.get(field)).flatten();
            touched.edges.extend(meeting.copied().collect::<Vec<_>>());
        }
        touched
    }

    /// Adds a field and all that it lies in.
    fn touch(&self, field: FieldId, touched: &mut Touched) {
        let mut next = Some(field);
        while let Some(field) = next {
            if self.field(field).is_gone || !touched.fields.insert(field) {
                return;
            }
            next = self.field(field).parent.and_then(|map| match self.map(map).parent {
                // A map that was replaced is in no field any more.
                Parent::Field(above) => (self.field(above).composite == Composite::Map(map)).then_some(above),
                Parent::Edge(edge) => {
                    touched.edges.insert(edge);
                    None
                }
                Parent::Array(array) => Some(self.array(array).parent),
            });
        }
    }

    fn index_ends(&mut self) {
        for at in self.ends_of..self.edges.len() {
            let edge = &self.edges[at];
            for path in [&edge.id.source, &edge.id.target] {
                if let Some(field) = self.find_path(edge.parent, path) {
                    self.ends.entry(field).or_default().push(EdgeId(at as u32));
                }
            }
        }
        self.ends_of = self.edges.len();
    }

    /// The fields from one below a map down to a field, as far as the map is around it and none of them is gone.
    pub(super) fn chain_below(&self, map: MapId, field: FieldId) -> Option<Vec<FieldId>> {
        let mut chain = Vec::new();
        let mut next = Some(field);
        while let Some(field) = next {
            if self.field(field).is_gone {
                return None;
            }
            chain.push(field);
            let above = self.field(field).parent?;
            if above == map {
                chain.reverse();
                return Some(chain);
            }
            next = match self.map(above).parent {
                Parent::Field(holder) if self.field(holder).composite == Composite::Map(above) => Some(holder),
                _ => None,
            };
        }
        None
    }

    /// How many fields a field lies in.
    pub(super) fn depth(&self, field: FieldId) -> usize {
        usize::from(self.field(field).depth)
    }

    /// Whether a field was made after so many others.
    pub(super) fn is_new(&self, field: FieldId, from: usize) -> bool {
        field.at() >= from
    }

    /// The edges of a set that are still there, in the order in which they were made.
    pub(super) fn present_edges(&self, edges: &FxHashSet<EdgeId>) -> Vec<EdgeId> {
        let mut present: Vec<EdgeId> = edges.iter().copied().filter(|edge| !self.edge(*edge).is_gone).collect();
        present.sort_unstable();
        present
    }

    // Going up.

    /// The field or edge that holds a map is in this map.
    pub(super) fn parent_map(&self, map: MapId) -> Option<MapId> {
        match self.map(map).parent {
            Parent::Field(field) => self.field(field).parent,
            Parent::Edge(edge) => Some(self.edge(edge).parent),
            Parent::Array(array) => self.field(self.array(array).parent).parent,
        }
    }

    /// Whether a map is another one, or lies in it.
    pub(super) fn is_inside(&self, map: MapId, around: MapId) -> bool {
        map == around || self.parent_map(map).is_some_and(|parent| self.is_inside(parent, around))
    }

    /// The nearest field around a map.
    pub(super) fn parent_field(&self, map: MapId) -> FieldId {
        match self.map(map).parent {
            Parent::Field(field) => field,
            Parent::Edge(edge) => self.parent_field(self.edge(edge).parent),
            Parent::Array(array) => self.array(array).parent,
        }
    }

    /// The nearest edge around a map.
    pub(super) fn parent_edge(&self, map: MapId) -> Option<EdgeId> {
        match self.map(map).parent {
            Parent::Edge(edge) => Some(edge),
            _ => self.parent_edge(self.parent_map(map)?),
        }
    }

    pub(super) fn is_root(&self, field: FieldId) -> bool {
        self.field(field).parent.is_none()
    }

    /// The kind of board that the fields of a map are, if the map is one of boards.
    fn kind_below(&self, map: MapId) -> Option<BoardKind> {
        let Parent::Field(field) = self.map(map).parent else { return None };
        let name = self.field(field).name.as_ref().filter(|name| name.bare && !self.is_root(field))?;
        match name.text.as_str() {
            "layers" => Some(BoardKind::Layer),
            "scenarios" => Some(BoardKind::Scenario),
            "steps" => Some(BoardKind::Step),
            _ => None,
        }
    }

    /// The kind of board that a field is.
    pub(super) fn board_kind(&self, field: FieldId) -> Option<BoardKind> {
        match self.field(field).parent {
            None => Some(BoardKind::Layer),
            Some(map) => self.kind_below(map),
        }
    }

    /// The kind of board that a map is.
    pub(super) fn map_board_kind(&self, map: MapId) -> Option<BoardKind> {
        match self.map(map).parent {
            Parent::Field(field) => self.board_kind(field),
            _ => None,
        }
    }

    /// The map of the board that a map is in, or is.
    pub(super) fn board_of(&self, map: MapId) -> MapId {
        if self.map_board_kind(map).is_some() {
            return map;
        }
        self.parent_map(map).map_or(map, |parent| self.board_of(parent))
    }

    /// Whether a map lies inside of `vars`.
    pub(super) fn is_in_vars(&self, map: MapId) -> bool {
        if self.map_board_kind(map).is_some() {
            return false;
        }
        if matches!(self.map(map).parent, Parent::Field(field) if self.is_named(field, "vars")) {
            return true;
        }
        self.parent_map(map).is_some_and(|parent| self.is_in_vars(parent))
    }

    /// The names from the root to a map, the root's own name first; edges are left out.
    pub(super) fn path(&self, map: MapId) -> Vec<Name> {
        let mut names = Vec::new();
        let mut next = Some(map);
        while let Some(map) = next {
            if let Parent::Field(field) = self.map(map).parent {
                names.extend(self.field(field).name.clone());
            }
            next = self.parent_map(map);
        }
        names.reverse();
        names
    }

    /// The names from a map down to a field; none when the field is not below the map.
    pub(super) fn relative_path(&self, map: MapId, field: FieldId) -> Vec<Name> {
        let mut names: Vec<Name> = self.field(field).name.iter().cloned().collect();
        let mut next = self.field(field).parent;
        while let Some(above) = next.filter(|above| *above != map) {
            if let Parent::Field(field) = self.map(above).parent
                && !self.is_root(field)
            {
                names.extend(self.field(field).name.clone());
            }
            next = self.parent_map(above);
        }
        names.reverse();
        names
    }

    /// The shape that the nearest thing around a map has, if any has one.
    pub(super) fn shape_around(&self, map: MapId) -> Option<SmolStr> {
        let own = self.find_bare(map, "shape").and_then(|shape| self.field(shape).primary.as_ref());
        match own {
            Some(shape) => Some(shape.text()),
            None => self.shape_around(self.parent_map(map)?),
        }
    }

    /// Whether a map holds anything but keywords.
    pub(super) fn has_children(&self, map: MapId) -> bool {
        self.map(map).fields.iter().any(|field| self.field(*field).name.as_ref().is_none_or(|name| !name.is_keyword()))
    }

    // Last mentions.

    /// The statement that last gave a field its value.
    pub(super) fn primary_ref(&self, field: FieldId) -> Option<&FieldRef> {
        self.field(field).refs.iter().rev().find(|mention| mention.is_primary())
    }

    /// Where the statement stands that last gave a field its value; else where its name last stands.
    pub(super) fn primary_spot(&self, field: FieldId) -> Spot {
        self.primary_ref(field).map_or_else(|| self.last_spot(field), |mention| mention.context.key_spot())
    }

    /// Where the name of a field last stands.
    pub(super) fn last_spot(&self, field: FieldId) -> Spot {
        let held = self.field(field);
        let last = held.refs.last().map(FieldRef::spot).or(held.spot);
        last.or_else(|| held.primary.as_ref().map(Scalar::spot))
            .unwrap_or(Spot { file: FileId::MAIN, span: Span::default() })
    }

    /// Where the name of a field first stands.
    pub(super) fn first_spot(&self, field: FieldId) -> Spot {
        self.field(field).refs.first().map_or_else(|| self.last_spot(field), FieldRef::spot)
    }

    /// The statement that last set an edge.
    pub(super) fn edge_primary_ref(&self, edge: EdgeId) -> Option<&EdgeRef> {
        let mut refs = self.edge(edge).refs.iter().rev();
        refs.find(|mention| mention.context.key.edge_key.is_none() && !mention.by_lazy_glob)
    }

    pub(super) fn edge_primary_spot(&self, edge: EdgeId) -> Spot {
        self.edge_primary_ref(edge).map_or_else(|| self.edge_last_spot(edge), |mention| mention.context.key_spot())
    }

    pub(super) fn edge_last_spot(&self, edge: EdgeId) -> Spot {
        let last = self.edge(edge).refs.last().map(|mention| mention.context.edge_spot());
        last.unwrap_or(Spot { file: FileId::MAIN, span: Span::default() })
    }
}
