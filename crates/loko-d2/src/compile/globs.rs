//! Patterns: what they match, when they apply again, and the filters that narrow them.
//!
//! A pattern applies to what is there, and again to whatever appears later in its scope; it remembers by path what it
//! was applied to. Values set by hand win over patterns that apply again.

use super::Compiler;
use super::ir::{BoardKind, Composite, Context, FieldId, Glob, Item, MapId, Name, Parent, Scalar, Slot, Spot, Touched};
use super::statements::{Walk, same_context};
use crate::keywords;
use crate::syntax::ast::{self, Filter, Key, Node, Pattern, Text, Value};
use loko_source::Span;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// The most fields, edges and pairs of ends that patterns look at in one compilation.
const GLOB_STEPS_MAX: usize = 5_000_000;

/// Whether a name matches the pieces of a pattern; keywords match none. The end of the name is not held to the
/// pattern's: `*a` is any name with an `a` in it.
pub(crate) fn matches_pattern(name: &str, pattern: &Pattern) -> bool {
    !keywords::is_reserved(name) && matches_folded(&name.to_lowercase(), pattern)
}

fn matches_name(name: &Name, pattern: &Pattern) -> bool {
    !name.is_reserved && matches_folded(&name.folded, pattern)
}

/// Whether a name in lower case matches.
fn matches_folded(name: &str, pattern: &Pattern) -> bool {
    let mut rest = name;
    let mut pieces = pattern.pieces.iter();
    while let Some(piece) = pieces.next() {
        if piece == "*" {
            let Some(next) = pieces.next() else { return true };
            match rest.find(next.as_str()) {
                Some(at) => rest = &rest[at + next.len()..],
                None => return false,
            }
        } else {
            match rest.strip_prefix(piece.as_str()) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
    }
    true
}

impl Compiler<'_> {
    // The patterns of a scope.

    fn globs(&self) -> &[Rc<Glob>] {
        self.glob_scopes.last().map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn find_glob(&self, context: &Context) -> Option<Rc<Glob>> {
        self.globs().iter().find(|glob| same_context(&glob.context, context)).cloned()
    }

    pub(super) fn ensure_glob(&mut self, context: &Rc<Context>) -> Rc<Glob> {
        if let Some(glob) = self.find_glob(context) {
            return glob;
        }
        let glob = Rc::new(Glob {
            context: Rc::clone(context),
            fields: Rc::default(),
            edges: Rc::default(),
            settled: std::cell::RefCell::default(),
            touched: std::cell::RefCell::default(),
        });
        if let Some(scope) = self.glob_scopes.last_mut() {
            scope.push(Rc::clone(&glob));
        }
        glob
    }

    /// Finds out what a pattern that is about to be applied has to look at.
    pub(super) fn begin_glob(&mut self, glob: &Glob) {
        let mark = self.ir.mark();
        let seen = glob.settled.borrow_mut().seen.replace(mark);
        glob.settled.borrow_mut().new_from = seen.map_or(0, super::ir::Mark::fields);
        let key = &glob.context.key;
        let edges_of_ends = !key.edges.is_empty() && key.map().is_some_and(|map| map.has_filter());
        let touched = seen.map(|seen| Rc::new(self.ir.touched_since(seen, edges_of_ends)));
        if let Some(touched) = &touched {
            self.spend(touched.fields.len() + touched.edges.len(), key.span);
        }
        *glob.touched.borrow_mut() = touched;
    }

    /// Opens the scope of a map: it has the patterns around it, as far as they reach into a board.
    pub(super) fn push_globs(&mut self, map: MapId) {
        let around = self.globs();
        let is_root = matches!(self.ir.map(map).parent, Parent::Field(field) if self.ir.is_root(field));
        let globs = match self.ir.map_board_kind(map) {
            Some(BoardKind::Layer) if !is_root => {
                let triple = around.iter().filter(|glob| glob.context.key.has_triple_glob());
                triple.map(|glob| glob_for(glob, map, false)).collect()
            }
            // What a pattern does in a scenario must not be known to other boards.
            Some(BoardKind::Scenario) => {
                around.iter().map(|glob| glob_for(glob, map, !glob.context.key.has_triple_glob())).collect()
            }
            Some(BoardKind::Step) => around.iter().map(|glob| glob_for(glob, map, false)).collect(),
            _ => around.to_vec(),
        };
        self.glob_scopes.push(globs);
    }

    pub(super) fn pop_globs(&mut self, map: MapId) {
        if let Some(globs) = self.glob_scopes.pop() {
            self.ir.map_mut(map).globs = globs;
        }
    }

    /// Applies all patterns of the scope again.
    pub(super) fn apply_globs_again(&mut self) {
        if self.globs().is_empty() {
            return;
        }
        for glob in self.globs().to_vec() {
            let before = std::mem::replace(&mut self.is_lazy, true);
            self.apply_key(&glob.context);
            self.is_lazy = before;
        }
    }

    /// Applies the patterns of a map again, after a spread has put something into it.
    pub(super) fn apply_globs_of(&mut self, map: MapId) {
        let globs = self.ir.map(map).globs.clone();
        if globs.is_empty() || self.is_lazy {
            return;
        }
        self.glob_scopes.push(globs);
        self.apply_globs_again();
        self.glob_scopes.pop();
    }

    /// Takes over the patterns of an imported map that reach everywhere.
    pub(super) fn adopt_globs(&mut self, map: MapId, imported: MapId) {
        for glob in self.ir.map(imported).globs.clone() {
            if glob.context.key.has_triple_glob() {
                let context = Rc::new(Context { map, ..(*glob.context).clone() });
                self.apply_key(&context);
                self.ensure_glob(&context);
            }
        }
    }

    // Matching.

    /// The fields of a map, and below it for `**` and `***`, that an element matches; those that a pattern is done
    /// with are left out.
    pub(super) fn glob_fields(
        &mut self,
        map: MapId,
        element: &Text,
        settled_by: Option<&Glob>,
        touched: Option<&Touched>,
    ) -> Vec<FieldId> {
        let Some(pattern) = &element.pattern else { return Vec::new() };
        self.spend(touched.map_or_else(|| self.ir.map(map).fields.len(), |touched| touched.fields.len()), element.span);
        let mut found = Vec::new();
        match (element.stars(), touched) {
            (_, Some(touched)) => {
                let (fields, passed) = self.touched_fields(map, element, pattern, touched);
                self.spend(passed, element.span);
                found = fields;
            }
            (Some(2), None) => self.all_fields(map, &mut found),
            (Some(3), None) => self.all_fields_and_boards(map, &mut found),
            (stars, None) => {
                let fields = &self.ir.map(map).fields;
                let settled = settled_by.map(|glob| glob.settled.borrow());
                let open = fields.iter().filter(|field| settled.as_ref().is_none_or(|settled| !settled.has(**field)));
                let names = open.filter(|field| match self.ir.field(**field).name.as_ref() {
                    Some(name) if stars == Some(1) => !name.is_reserved,
                    Some(name) => matches_name(name, pattern),
                    None => false,
                });
                found.extend(names);
            }
        }
        if let Some(glob) = settled_by {
            found.retain(|field| !glob.settled.borrow().has(*field));
        }
        self.spend(found.len(), element.span);
        found
    }

    /// Counts what patterns look at; compiling stops when it is too much.
    pub(super) fn spend(&mut self, steps: usize, span: Span) {
        self.glob_steps += steps;
        if self.glob_steps > GLOB_STEPS_MAX && !self.is_exhausted {
            self.is_exhausted = true;
            let spot = self.spot(span);
            self.report(spot, "limit", format!("patterns look at more than {GLOB_STEPS_MAX} things"));
        }
    }

    /// Those of the touched fields that an element matches, in the order in which they stand, and how many fields lie on
    /// the ways to them.
    fn touched_fields(
        &self,
        map: MapId,
        element: &Text,
        pattern: &Pattern,
        touched: &Touched,
    ) -> (Vec<FieldId>, usize) {
        let mut passed = 0;
        let stars = element.stars();
        let mut found: Vec<Vec<FieldId>> = Vec::new();
        let mut fields: Vec<FieldId> = touched.fields.iter().copied().collect();
        fields.sort_unstable();
        for field in &fields {
            let held = self.ir.field(*field);
            let Some(name) = &held.name else { continue };
            match stars {
                Some(stars @ (2 | 3)) => {
                    passed += self.ir.depth(*field);
                    let is_kept = |field: &FieldId| self.is_passed(*field, stars == 3);
                    if !name.is_keyword()
                        && self.ir.board_kind(*field).is_none()
                        && let Some(chain) = self.ir.chain_below(map, *field)
                        && chain.iter().all(is_kept)
                    {
                        found.push(chain);
                    }
                }
                stars => {
                    let fits = if stars == Some(1) { !name.is_reserved } else { matches_name(name, pattern) };
                    if held.parent == Some(map) && fits {
                        found.push(vec![*field]);
                    }
                }
            }
        }
        // Fields are numbered in the order in which they are made, containers before what is in them.
        found.sort_unstable();
        (found.into_iter().filter_map(|chain| chain.last().copied()).collect(), passed)
    }

    /// Whether `**`, or `***`, looks below a field.
    fn is_passed(&self, field: FieldId, into_boards: bool) -> bool {
        self.ir
            .field(field)
            .name
            .as_ref()
            .is_some_and(|name| !name.is_keyword() || into_boards && keywords::BOARDS.contains(&name.text.as_str()))
    }

    /// Whether a path that begins at a map leads to a field; `_` is not understood.
    pub(super) fn path_leads_to(&self, map: MapId, path: &[Text], field: FieldId) -> bool {
        let names = self.ir.relative_path(map, field);
        // The path is relative to the map only if the map is around the field.
        let mut next = self.ir.field(field).parent;
        while let Some(above) = next.filter(|above| *above != map) {
            next = self.ir.parent_map(above);
        }
        next.is_some() && leads_to(path, &names)
    }

    fn all_fields(&self, map: MapId, found: &mut Vec<FieldId>) {
        for field in &self.ir.map(map).fields {
            let Some(name) = &self.ir.field(*field).name else { continue };
            // Variables and classes are no objects, and what is below other keywords is a keyword again.
            if name.is_keyword() {
                continue;
            }
            if self.ir.board_kind(*field).is_none() {
                found.push(*field);
            }
            if let Some(inner) = self.ir.field_map(*field) {
                self.all_fields(inner, found);
            }
        }
    }

    fn all_fields_and_boards(&self, map: MapId, found: &mut Vec<FieldId>) {
        for field in &self.ir.map(map).fields {
            let Some(name) = &self.ir.field(*field).name else { continue };
            let is_keyword = name.is_keyword();
            if is_keyword && !keywords::BOARDS.contains(&name.text.as_str()) {
                continue;
            }
            if !is_keyword && self.ir.board_kind(*field).is_none() {
                found.push(*field);
            }
            if let Some(inner) = self.ir.field_map(*field) {
                self.all_fields_and_boards(inner, found);
            }
        }
    }

    /// The hash by which a statement remembers a field.
    fn applied_hash(&self, context: &Context, field: FieldId) -> u64 {
        let held = self.ir.field(field);
        if context.key.has_triple_glob() { held.path_hash } else { held.board_hash }
    }

    /// Whether a pattern was not applied to a field yet; notes it unless the field is only passed through.
    pub(super) fn glob_admits(&self, field: FieldId, walk: Walk<'_>, is_passed: bool) -> bool {
        let (Some(glob), Some(context)) = (walk.glob, walk.context) else { return true };
        let hash = self.applied_hash(context, field);
        let has_glob = walk.path.iter().any(|element| element.pattern.is_some());
        if has_glob {
            let ends_with_name = walk.path.last().is_none_or(|last| last.pattern.is_none());
            let is_of_field = context.key.edges.is_empty() || matches!(walk.slot, Slot::Key | Slot::EdgeKey);
            if (is_of_field || ends_with_name) && glob.fields.borrow().contains(&hash) {
                return false;
            }
        }
        if !is_passed {
            glob.fields.borrow_mut().insert(hash);
        }
        true
    }

    /// Lets all patterns at work know a field that they made.
    pub(super) fn note_made_by_globs(&mut self, field: FieldId) {
        for context in &self.active_globs {
            if let Some(glob) = self.find_glob(context) {
                glob.fields.borrow_mut().insert(self.applied_hash(context, field));
            }
        }
    }

    // Filters.

    /// Whether all filters of a map of the text hold for a map.
    pub(super) fn filters_match(&mut self, map: MapId, ast: &Arc<ast::Map>, scope_board: &Arc<ast::Map>) -> bool {
        for (at, node) in ast.nodes.iter().enumerate() {
            let Node::Key(Key { filter: Some(filter), .. }) = node else { continue };
            let Some(context) = self.context(ast, at, scope_board, map) else { continue };
            if self.filter_matches(&context) != (*filter == Filter::Match) {
                self.unapply(map);
                return false;
            }
        }
        true
    }

    /// Lets the pattern of the current filters try again later.
    fn unapply(&mut self, map: MapId) {
        let Some(glob) = self.filter_owners.last().and_then(|owner| self.find_glob(owner)) else { return };
        let is_triple = glob.context.key.has_triple_glob();
        match self.ir.map(map).parent {
            Parent::Field(field) => {
                let hash = self.applied_hash(&glob.context, field);
                glob.fields.borrow_mut().remove(&hash);
            }
            Parent::Edge(edge) => {
                let (path, board) = self.ir.edge_hashes(edge, true);
                glob.edges.borrow_mut().remove(if is_triple { &path } else { &board });
            }
            Parent::Array(_) => {}
        }
    }

    fn filter_matches(&mut self, context: &Rc<Context>) -> bool {
        let key = &context.key;
        if !self.filter_owners.last().is_some_and(|owner| owner.key.takes_filters()) {
            self.report(context.key_spot(), "filter", "glob filters cannot be used outside globs");
            return false;
        }
        if !key.edges.is_empty() {
            return true;
        }
        let Some(path) = key.key.as_ref().map(|path| path.elements.as_slice()) else { return false };
        let value = key.scalar().cloned();
        if let [end, rest @ ..] = path
            && !rest.is_empty()
            && matches!(end.as_str(), "src" | "dst")
        {
            return self.end_filter_matches(context, end.as_str(), rest, value.as_ref());
        }
        let Ok(fields) = self.walk_path(context.map, path, Slot::Key, Some(context), false) else { return false };
        if fields.is_empty() {
            let Some(last) = path.last().map(Text::to_smol) else { return false };
            return self.default_matches(context, &last, value.as_ref());
        }
        fields.into_iter().all(|field| self.field_matches(context, field, value.as_ref()))
    }

    /// A filter such as `&src.style.fill: red`.
    fn end_filter_matches(&mut self, context: &Rc<Context>, end: &str, path: &[Text], value: Option<&Value>) -> bool {
        let Some(edge) = self.ir.parent_edge(context.map) else { return false };
        let id = &self.ir.edge(edge).id;
        let names = if end == "src" { id.source.clone() } else { id.target.clone() };
        let board = self.ir.board_of(context.map);
        let holder = self.ir.edge(edge).parent;
        let node = self.ir.find_path(holder, &names).or_else(|| self.ir.find_path(board, &names));
        let Some(node) = node else { return false };
        let value_text = value.map(Value::scalar_text).unwrap_or_default();
        if let [property] = path
            && self.property_matches(context, property.as_str(), &value_text, node)
        {
            return true;
        }
        let Some(map) = self.ir.field_map(node) else { return false };
        let Ok(fields) = self.walk_path(map, path, Slot::Made, None, false) else { return false };
        fields.into_iter().any(|field| self.field_matches(context, field, value))
    }

    fn field_matches(&mut self, context: &Rc<Context>, field: FieldId, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            self.report(context.key_spot(), "filter", "glob filters cannot be composites");
            return false;
        };
        if let Composite::Array(array) = self.ir.field(field).composite {
            let wanted = value.scalar_text();
            let items = &self.ir.array(array).items;
            if items.iter().any(|item| matches!(item, Item::Scalar(scalar) if scalar.text() == wanted)) {
                return true;
            }
        }
        self.ir.field(field).primary.as_ref().is_some_and(|primary| value_matches(value, &primary.text()))
    }

    /// A filter on something that is not set: it may still match a default, or a property of the thing.
    fn default_matches(&mut self, context: &Rc<Context>, property: &str, value: Option<&Value>) -> bool {
        if value.is_some_and(|value| value.scalar_text() == "*") {
            return false;
        }
        let default = match property {
            "shape" => "rectangle",
            "border-radius" | "stroke-dash" => "0",
            "opacity" => "1",
            "stroke-width" => "2",
            "icon" | "tooltip" | "link" => "",
            "shadow" | "multiple" | "3d" | "animated" | "filled" => "false",
            _ => return self.other_matches(context, property, value),
        };
        match value {
            Some(value) => value_matches(value, default),
            None => {
                self.report(context.key_spot(), "filter", "glob filters cannot be composites");
                false
            }
        }
    }

    fn other_matches(&mut self, context: &Rc<Context>, property: &str, value: Option<&Value>) -> bool {
        let text = value.map(Value::scalar_text).unwrap_or_default();
        match (property, self.ir.map(context.map).parent) {
            ("label", Parent::Edge(edge)) => {
                let label = self.ir.edge(edge).primary.as_ref().map(Scalar::text);
                label.is_some_and(|label| value.is_some_and(|value| value_matches(value, &label)))
            }
            ("src" | "dst", _) => {
                self.ir.parent_edge(context.map).is_some_and(|edge| self.end_path(edge, property) == text)
            }
            (_, Parent::Field(field)) => self.property_matches(context, property, &text, field),
            _ => false,
        }
    }

    /// The absolute path of an end of an edge, its names joined with dots.
    fn end_path(&self, edge: super::ir::EdgeId, end: &str) -> String {
        let held = self.ir.edge(edge);
        let names = if end == "src" { &held.id.source } else { &held.id.target };
        let board = self.ir.board_of(held.parent);
        let before = self.ir.path(held.parent);
        let skipped = self.ir.path(board).len();
        let all = before.iter().skip(skipped).chain(names);
        all.map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
    }

    /// A filter on something that is no field: how deep a thing is, whether it is a leaf, whether edges meet it.
    fn property_matches(&mut self, context: &Rc<Context>, property: &str, value: &str, node: FieldId) -> bool {
        match property {
            "level" => match value.parse::<i64>() {
                Ok(level) if level >= 0 => self.level(node) == level,
                Ok(level) => self.bad_filter(context, format!("&level must be a non-negative integer, got {level}")),
                Err(_) => self.bad_filter(context, format!("&level must be a non-negative integer, got {value:?}")),
            },
            "leaf" => match super::build::parse_bool(value) {
                Some(wanted) => self.is_container(node) != wanted,
                None => self.bad_filter(context, format!("&leaf must be \"true\" or \"false\", got {value:?}")),
            },
            "connected" => match super::build::parse_bool(value) {
                Some(wanted) => {
                    let mut refs = self.ir.field(node).refs.iter();
                    refs.any(|mention| mention.context.edge.is_some()) == wanted
                }
                None => self.bad_filter(context, format!("&connected must be \"true\" or \"false\", got {value:?}")),
            },
            "label" => {
                let held = self.ir.field(node);
                let label = held.primary.as_ref().map_or_else(|| SmolStr::from(self.ir.name(node)), Scalar::text);
                context.key.scalar().is_some_and(|value| value_matches(value, &label))
            }
            _ => false,
        }
    }

    fn bad_filter(&mut self, context: &Rc<Context>, message: String) -> bool {
        self.report(context.key_spot(), "filter", message);
        false
    }

    /// How many containers a field is in.
    fn level(&self, field: FieldId) -> i64 {
        let mut level = 0;
        let mut next = self.ir.field(field).parent.filter(|map| self.ir.map_board_kind(*map).is_none());
        while let Some(map) = next {
            level += 1;
            next = self.ir.parent_map(map).filter(|above| self.ir.map_board_kind(*above).is_none());
        }
        level
    }

    /// Whether a field holds objects or edges, or a statement says that it will.
    pub(super) fn is_container(&mut self, field: FieldId) -> bool {
        let Some(map) = self.ir.field_map(field) else { return false };
        if self.ir.has_children(map) {
            return true;
        }
        let contexts: Vec<Rc<Context>> = self
            .ir
            .field(field)
            .refs
            .iter()
            .filter(|mention| mention.is_primary())
            .map(|mention| Rc::clone(&mention.context))
            .collect();
        contexts.iter().any(|context| context.key.map().is_some_and(|map| self.will_hold_children(map, context)))
    }

    fn will_hold_children(&mut self, map: &ast::Map, context: &Context) -> bool {
        map.nodes.iter().any(|node| match node {
            Node::Key(key) if !key.edges.is_empty() => true,
            Node::Key(key) => key.key.as_ref().is_some_and(|path| {
                let first = &path.elements[0];
                key.filter.is_none() && !(first.is_unquoted() && keywords::is_reserved(first.as_str()))
            }),
            Node::Import(import) => self.import_has_children(import, context.file),
            _ => false,
        })
    }
}

/// Whether the elements of a path match names, one each but for `**` and `***`.
fn leads_to(path: &[Text], names: &[Name]) -> bool {
    let (Some((element, rest)), Some((name, below))) = (path.split_first(), names.split_first()) else {
        return path.is_empty() && names.is_empty();
    };
    let is_board = name.bare && keywords::BOARDS.contains(&name.text.as_str());
    match (element.stars(), &element.pattern) {
        (Some(2), _) if name.is_keyword() => false,
        (Some(3), _) if name.is_keyword() && !is_board => false,
        (Some(2 | 3), _) => !is_board && leads_to(rest, below) || leads_to(path, below),
        (_, Some(pattern)) => matches_name(name, pattern) && leads_to(rest, below),
        (_, None) => Name::of(element).folded == name.folded && leads_to(rest, below),
    }
}

/// The pattern of a scope for a board in it.
fn glob_for(glob: &Glob, map: MapId, is_own: bool) -> Rc<Glob> {
    let context = Rc::new(Context { map, ..(*glob.context).clone() });
    let (fields, edges) = if is_own {
        (Rc::new(glob.fields.as_ref().clone()), Rc::new(glob.edges.as_ref().clone()))
    } else {
        (Rc::clone(&glob.fields), Rc::clone(&glob.edges))
    };
    Rc::new(Glob { context, fields, edges, settled: RefCell::default(), touched: RefCell::default() })
}

fn value_matches(wanted: &Value, actual: &str) -> bool {
    match wanted {
        Value::Text(Text { pattern: Some(pattern), .. }) => matches_pattern(actual, pattern),
        wanted => wanted.scalar_text() == actual,
    }
}

/// The name of the root in absolute paths.
pub(super) fn root_name() -> Name {
    Name::new(SmolStr::new_static("root"), true)
}

/// A spot for what stands nowhere.
pub(super) fn no_spot() -> Spot {
    Spot { file: super::ir::FileId::MAIN, span: loko_source::Span::default() }
}
