//! Statements applied to maps: fields are found or made along key paths, and get their values.

use super::Compiler;
use super::ir::ArrayId;
use super::ir::{BoardKind, Composite, Context, FieldId, FieldRef, Fields, Item, MapId, Name, Scalar, Slot, Spot};
use crate::keywords;
use crate::syntax::ast::{self, Key, Node, Text, Value};
use std::rc::Rc;
use std::sync::Arc;

/// So many bytes of a name are looked at in one step of a pattern.
const NAME_BYTES_PER_STEP: usize = 16;

/// A refusal; it has been reported already.
pub(super) struct Refused;

/// A key path on its way through the maps.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) path: &'a [Text],
    pub(super) slot: Slot,
    /// The statement; none leaves no mention.
    pub(super) context: Option<&'a Rc<Context>>,
    /// Whether missing fields are made.
    pub(super) create: bool,
    pub(super) glob: Option<&'a super::ir::Glob>,
    /// What patterns look at, if not at all that is there.
    pub(super) touched: Option<&'a super::ir::Touched>,
}

impl Walk<'_> {
    fn is_last(&self, at: usize) -> bool {
        at + 1 == self.path.len()
    }

    /// Whether a field that this walk has dealt with, at a pattern, never needs to be looked at again: nothing behind
    /// it is a pattern, and no filter may come to hold later.
    fn settles_at(&self, at: usize) -> bool {
        let Some(context) = self.context else { return false };
        context.key.edges.is_empty()
            && !context.key.map().is_some_and(|map| map.has_filter())
            && self.path[at + 1..].iter().all(|element| element.pattern.is_none())
    }
}

impl Compiler<'_> {
    // Maps.

    /// Applies the statements of a map of the text.
    pub(super) fn apply_map(&mut self, map: MapId, ast: &Arc<ast::Map>, scope_board: &Arc<ast::Map>) {
        self.push_globs(map);
        if self.filters_match(map, ast, scope_board) {
            for (at, node) in ast.nodes.iter().enumerate() {
                if self.is_stopped() {
                    break;
                }
                match node {
                    Node::Comment(_) | Node::BlockComment(_) => {}
                    Node::Key(_) => {
                        if let Some(context) = self.context(ast, at, scope_board, map) {
                            self.apply_key(&context);
                        }
                    }
                    Node::Substitution(substitution) => {
                        let spot = Spot { file: self.file(), span: substitution.span };
                        let text = spread_text((**substitution).clone());
                        if let Some(holder) = self.add_field(map, None, spot) {
                            let held = self.ir.field_mut(holder);
                            held.primary = Some(Scalar { value: Value::Text(text), file: spot.file });
                            held.spot = Some(spot);
                        }
                    }
                    Node::Import(import) => self.spread_import(map, import),
                }
            }
        }
        self.pop_globs(map);
    }

    /// The statement that is a node of a map of the text, applied to a map; none when the node is no statement.
    pub(super) fn context(
        &self,
        ast: &Arc<ast::Map>,
        at: usize,
        scope_board: &Arc<ast::Map>,
        map: MapId,
    ) -> Option<Rc<Context>> {
        let key = ast.key_ref(at)?;
        Some(Rc::new(Context { key, edge: None, file: self.file(), scope_board: Arc::clone(scope_board), map }))
    }

    /// Applies one statement, and all patterns again if it made something new.
    pub(super) fn apply_key(&mut self, context: &Rc<Context>) {
        if self.is_stopped() {
            return;
        }
        let outer_file = std::mem::replace(&mut self.current_file, context.file);
        self.apply_key_in_file(context);
        self.current_file = outer_file;
    }

    fn apply_key_in_file(&mut self, context: &Rc<Context>) {
        let has_glob = context.key.has_glob();
        if has_glob {
            if self.active_globs.iter().any(|active| same_context(active, context)) {
                return;
            }
            self.active_globs.push(Rc::clone(context));
            let glob = self.ensure_glob(context);
            self.begin_glob(&glob);
        }
        let before = self.ir.changes;
        if context.key.edges.is_empty() {
            if let Some(path) = &context.key.key {
                self.apply_field(context.map, &path.elements, Slot::Key, context);
            }
        } else {
            self.apply_edges(context);
        }
        if before != self.ir.changes {
            self.apply_globs_again();
        }
        if has_glob {
            self.active_globs.pop();
        }
    }

    pub(super) fn apply_field(&mut self, map: MapId, path: &[Text], slot: Slot, context: &Rc<Context>) {
        if context.key.filter.is_some() {
            return;
        }
        let Ok(fields) = self.ensure_field(map, path, slot, context) else { return };
        for field in fields {
            if self.is_stopped() {
                return;
            }
            self.set_field(field, context);
        }
    }

    // Paths.

    /// Finds or makes the fields that a path names, and lets the patterns see them.
    pub(super) fn ensure_field(
        &mut self,
        map: MapId,
        path: &[Text],
        slot: Slot,
        context: &Rc<Context>,
    ) -> Result<Fields, Refused> {
        let fields = self.walk_path(map, path, slot, Some(context), true)?;
        if !fields.is_empty() && self.active_globs.is_empty() {
            self.apply_globs_again();
        }
        Ok(fields)
    }

    /// Finds, and on request makes, the fields that a path names.
    pub(super) fn walk_path(
        &mut self,
        map: MapId,
        path: &[Text],
        slot: Slot,
        context: Option<&Rc<Context>>,
        create: bool,
    ) -> Result<Fields, Refused> {
        let (map, at) = self.leave_scopes(map, path)?;
        let glob = context.filter(|context| context.key.has_glob()).and_then(|context| self.find_glob(context));
        // Edges are made between all that is there; all else concerns only what is new or has changed.
        let is_of_field = self.narrows_ends
            || context.is_some_and(|context| context.key.edges.is_empty())
            || matches!(slot, Slot::Key | Slot::EdgeKey)
                && context.is_some_and(|context| context.key.edge_index.is_some());
        let touched = glob.as_ref().filter(|_| is_of_field).and_then(|glob| glob.touched.borrow().clone());
        let walk = Walk { path, slot, context, create, glob: glob.as_deref(), touched: touched.as_deref() };
        let mut found = Fields::new();
        self.walk(map, at, walk, &mut found)?;
        Ok(found)
    }

    /// Goes up for each leading `_`; the map and the index of the first name.
    fn leave_scopes(&mut self, map: MapId, path: &[Text]) -> Result<(MapId, usize), Refused> {
        let mut map = map;
        let mut at = 0;
        while let Some(element) = path.get(at).filter(|element| element.is_bare("_")) {
            let spot = self.spot(element.span);
            map = self
                .ir
                .parent_map(map)
                .ok_or_else(|| self.refuse(spot, "underscore", "invalid underscore: no parent"))?;
            at += 1;
            if at == path.len() {
                return Err(self.refuse(spot, "underscore", "field key must contain more than underscores"));
            }
        }
        Ok((map, at))
    }

    fn walk(&mut self, map: MapId, at: usize, walk: Walk<'_>, found: &mut Fields) -> Result<(), Refused> {
        let Some(element) = walk.path.get(at) else { return Ok(()) };
        if self.is_stopped() {
            return Ok(());
        }
        if element.pattern.is_some() {
            let settles = walk.glob.filter(|_| walk.settles_at(at));
            for field in self.glob_fields(map, element, settles, walk.touched) {
                if let Some(glob) = settles {
                    glob.settled.borrow_mut().insert(field);
                }
                if walk.is_last(at) {
                    self.find_one(field, walk, found);
                } else if self.glob_admits(field, walk, true) {
                    let inner = self.ir.ensure_map(field);
                    self.walk(inner, at + 1, walk, found)?;
                }
            }
            return Ok(());
        }
        if walk.glob.is_some() {
            // A long name takes its time.
            self.spend(1 + element.as_str().len() / NAME_BYTES_PER_STEP, element.span);
        }
        self.check_element(map, at, walk)?;
        let name = Name::of(element);
        match self.ir.find(map, &name) {
            Some(field) => self.walk_known(field, at, walk, found),
            None if walk.create => self.walk_new(map, name, at, walk, found),
            None => Ok(()),
        }
    }

    fn find_one(&mut self, field: FieldId, walk: Walk<'_>, found: &mut Fields) {
        if self.glob_admits(field, walk, false) {
            found.push(field);
        }
    }

    fn walk_known(&mut self, field: FieldId, at: usize, walk: Walk<'_>, found: &mut Fields) -> Result<(), Refused> {
        self.mention(field, at, walk);
        if walk.is_last(at) {
            self.find_one(field, walk, found);
            return Ok(());
        }
        if !self.glob_admits(field, walk, true) {
            return Ok(());
        }
        if let Composite::Array(_) = self.ir.field(field).composite {
            let spot = self.spot(walk.path[at].span);
            return Err(self.refuse(spot, "array-index", "cannot index into array"));
        }
        let inner = self.ir.ensure_map(field);
        self.walk(inner, at + 1, walk, found)
    }

    fn walk_new(
        &mut self,
        map: MapId,
        name: Name,
        at: usize,
        walk: Walk<'_>,
        found: &mut Fields,
    ) -> Result<(), Refused> {
        let is_keyword = name.is_keyword_folded();
        if !is_keyword && !self.active_globs.is_empty() {
            // Patterns do not add rows to tables and members to classes.
            let shape = self.ir.shape_around(map);
            if matches!(shape.as_deref(), Some("class" | "sql_table")) {
                return Ok(());
            }
        }
        let spot = self.spot(walk.path[at].span);
        let Some(field) = self.add_field(map, Some(name), spot) else { return Err(Refused) };
        self.mention(field, at, walk);
        let is_admitted = self.glob_admits(field, walk, true);
        if !is_admitted {
            self.ir.unlink_field(map, field);
        } else if walk.is_last(at) {
            self.find_one(field, walk, found);
        } else {
            let inner = self.ir.ensure_map(field);
            self.walk(inner, at + 1, walk, found)?;
        }
        let first_glob = walk.path.iter().position(|element| element.pattern.is_some());
        if first_glob.is_none_or(|first| at >= first) {
            self.note_made_by_globs(field);
        }
        Ok(())
    }

    fn mention(&mut self, field: FieldId, at: usize, walk: Walk<'_>) {
        let Some(context) = walk.context else { return };
        let mention = FieldRef {
            context: Rc::clone(context),
            slot: walk.slot,
            span: walk.path[at].span,
            is_last: walk.is_last(at),
            by_lazy_glob: self.is_lazy,
        };
        self.ir.field_mut(field).refs.push(mention);
    }

    /// Refuses keywords and `_` in places where they cannot stand.
    fn check_element(&mut self, map: MapId, at: usize, walk: Walk<'_>) -> Result<(), Refused> {
        let element = &walk.path[at];
        if !element.is_unquoted() {
            return Ok(());
        }
        let spot = self.spot(element.span);
        let text = element.as_str();
        if text == "_" {
            let message = "parent \"_\" can only be used in the beginning of paths, e.g. \"_.x\"";
            return Err(self.refuse(spot, "underscore", message));
        }
        if !keywords::is_reserved_any_case(text) {
            return Ok(());
        }
        let word = text.to_ascii_lowercase();
        if !walk.is_last(at) && !keywords::COMPOSITE.contains(&word.as_str()) {
            return Err(self.refuse(spot, "keyword", format!("\"{word}\" must be the last part of the key")));
        }
        if (word == "classes" || keywords::BOARDS.contains(&word.as_str())) && self.ir.map_board_kind(map).is_none() {
            return Err(self.refuse(spot, "board", format!("{word} must be declared at a board root scope")));
        }
        Ok(())
    }

    // Values.

    fn set_field(&mut self, field: FieldId, context: &Rc<Context>) {
        let key = &context.key;
        if let Some(filtered) = key.map().filter(|map| map.has_filter()) {
            let map = self.ir.ensure_map(field);
            self.filter_owners.push(Rc::clone(context));
            let matches = self.filters_match(map, filtered, &context.scope_board);
            self.filter_owners.pop();
            if !matches {
                return;
            }
        }
        let parent = self.ir.field(field).parent.unwrap_or(context.map);
        let values = || key.values();
        // A variable that is null stays, or a variable of an outer scope would come through.
        let is_null = values().any(|value| matches!(value, Value::Null(_)));
        if key.edges.is_empty() && is_null && !self.ir.is_in_vars(parent) {
            self.ir.delete_field(parent, field);
            return;
        }
        let suspension = values().find_map(|value| match value {
            Value::Suspend(_, suspended) => Some(*suspended),
            _ => None,
        });
        if let Some(suspended) = suspension.filter(|_| key.edges.is_empty()) {
            if !self.is_lazy {
                self.ir.field_mut(field).suspended = suspended;
                self.ir.has_suspended |= suspended;
            }
            return;
        }
        if let Some(primary) = key.primary.as_deref() {
            if self.is_set_for_good(field) {
                return;
            }
            self.ir.field_mut(field).primary = Some(Scalar { value: primary.clone(), file: context.file });
        }
        self.set_value(field, context);
    }

    fn set_value(&mut self, field: FieldId, context: &Rc<Context>) {
        match &context.key.value {
            None => {}
            Some(Value::Array(array)) => {
                let made = self.ir.new_array(field);
                self.fill_array(made, array, context);
                self.ir.field_mut(field).composite = Composite::Array(made);
            }
            Some(Value::Map(map)) => self.set_map(field, map, context),
            Some(Value::Import(import)) => self.set_import(field, import),
            Some(value) => {
                if self.is_set_for_good(field) {
                    return;
                }
                self.ir.field_mut(field).primary = Some(Scalar { value: value.clone(), file: context.file });
                if self.ir.is_named(field, "link") {
                    self.resolve_link(field, context);
                }
            }
        }
    }

    /// Whether a pattern that applies again must leave the value of a field alone.
    fn is_set_for_good(&self, field: FieldId) -> bool {
        self.is_lazy
            && self.ir.field(field).primary.is_some()
            && self.ir.primary_ref(field).is_some_and(|mention| !mention.by_lazy_glob)
    }

    fn set_map(&mut self, field: FieldId, ast: &Arc<ast::Map>, context: &Rc<Context>) {
        let mut scope_board = &context.scope_board;
        if self.ir.field_map(field).is_none() {
            self.ir.new_map_of(field);
            if self.ir.board_kind(field).is_some() {
                self.inherit_board(field);
                scope_board = ast;
            }
        }
        let map = self.ir.ensure_map(field);
        self.filter_owners.push(Rc::clone(context));
        self.apply_map(map, ast, scope_board);
        self.filter_owners.pop();
        if matches!(self.ir.board_kind(field), Some(BoardKind::Scenario | BoardKind::Step)) {
            self.hand_down_classes(map);
        }
    }

    /// Gives a new scenario what its board has, and a new step what the step before it has.
    pub(super) fn inherit_board(&mut self, field: FieldId) {
        let Some(boards) = self.ir.field(field).parent else { return };
        let above = self.ir.parent_map(boards).map(|above| self.ir.board_of(above));
        let base = match self.ir.board_kind(field) {
            Some(BoardKind::Scenario) => above,
            Some(BoardKind::Step) => {
                let siblings = &self.ir.map(boards).fields;
                let at = siblings.iter().position(|sibling| *sibling == field);
                match at.and_then(|at| at.checked_sub(1)).and_then(|before| siblings.get(before).copied()) {
                    Some(before) => self.ir.field_map(before),
                    None => above,
                }
            }
            _ => None,
        };
        let Some(base) = base else { return };
        self.overlay_board(base, field);
    }

    /// Puts a copy of a board below what a field holds.
    pub(super) fn overlay_board(&mut self, base: MapId, field: FieldId) {
        let Some(upper) = self.ir.field_map(field) else {
            let spot = self.ir.first_spot(field);
            self.report(spot, "board", "invalid scenario");
            return;
        };
        let under = self.ir.new_map_of(field);
        self.ir.copy_base_into(base, under);
        self.ir.overlay_map(under, upper);
        let globs = self.ir.map(upper).globs.clone();
        self.ir.map_mut(under).globs = globs;
    }

    fn fill_array(&mut self, array: ArrayId, ast: &ast::Array, context: &Rc<Context>) {
        for item in &ast.items {
            let item = match item {
                ast::Item::Comment(_) | ast::Item::BlockComment(_) => continue,
                ast::Item::Substitution(substitution) => Item::Spread((**substitution).clone(), context.file),
                ast::Item::Import(import) => {
                    self.import_into_array(array, import);
                    continue;
                }
                ast::Item::Value(Value::Import(import)) => {
                    self.import_into_array(array, import);
                    continue;
                }
                ast::Item::Value(Value::Array(inner)) => {
                    let parent = self.ir.array(array).parent;
                    let made = self.ir.new_array(parent);
                    self.fill_array(made, inner, context);
                    Item::Array(made)
                }
                ast::Item::Value(Value::Map(inner)) => {
                    let map = self.ir.new_array_map(array);
                    self.apply_map(map, inner, &context.scope_board);
                    Item::Map(map)
                }
                ast::Item::Value(value) => Item::Scalar(Scalar { value: value.clone(), file: context.file }),
            };
            self.ir.array_mut(array).items.push(item);
        }
    }
}

/// A text that is nothing but a spread.
fn spread_text(substitution: ast::Substitution) -> Text {
    let span = substitution.span;
    let content = ast::Content::Parts(vec![ast::Part::Substitution(substitution)]);
    Text { span, form: ast::Form::Unquoted, content, pattern: None }
}

/// Whether two statements are the same one, in the same scope; which map they apply to does not matter.
pub(super) fn same_context(a: &Context, b: &Context) -> bool {
    Arc::ptr_eq(a.key.scope(), b.key.scope())
        && Arc::ptr_eq(&a.scope_board, &b.scope_board)
        && (a.key.is(&b.key) || same_key(&a.key, &b.key) && suspension(&a.key) == suspension(&b.key))
}

fn suspension(key: &Key) -> Option<bool> {
    key.values().find_map(|value| match value {
        Value::Suspend(_, suspended) => Some(*suspended),
        _ => None,
    })
}

/// Whether two statements say the same.
fn same_key(a: &Key, b: &Key) -> bool {
    let same_path = |a: Option<&ast::KeyPath>, b: Option<&ast::KeyPath>| match (a, b) {
        (Some(a), Some(b)) => {
            let text = |path: &ast::KeyPath| path.elements.iter().map(Text::to_smol).collect::<Vec<_>>();
            text(a) == text(b)
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    let same_edge = |(a, b): (&ast::Edge, &ast::Edge)| {
        same_path(a.source.as_ref(), b.source.as_ref())
            && same_path(a.target.as_ref(), b.target.as_ref())
            && a.source_arrow == b.source_arrow
            && a.target_arrow == b.target_arrow
    };
    let index = |key: &Key| key.edge_index.as_ref().map(|index| index.number);
    a.filter == b.filter
        && a.edges.len() == b.edges.len()
        && index(a) == index(b)
        && same_path(a.key.as_ref(), b.key.as_ref())
        && same_path(a.edge_key.as_deref(), b.edge_key.as_deref())
        && a.edges.iter().zip(&b.edges).all(same_edge)
        && same_value(a.value.as_ref(), b.value.as_ref())
}

fn same_value(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(Value::Map(a)), Some(Value::Map(b))) => {
            let keys = |map| ast::Map::keys(map).collect::<Vec<_>>();
            let (a, b) = (keys(a), keys(b));
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same_key(a, b))
        }
        (Some(a), Some(b)) => a.is_scalar() && b.is_scalar() && a.scalar_text() == b.scalar_text(),
        _ => false,
    }
}
