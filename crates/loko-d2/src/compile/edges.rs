//! Statements with edges: ends are found or made, edges are made, found by index or pattern, and get their values.
//!
//! An edge lives in the innermost map that holds both of its ends; its id is relative to that map.

use super::Compiler;
use super::ir::{
    Composite, Context, EdgeId, EdgeKey, EdgeRef, FieldId, FieldRef, Fields, Glob, MapId, Name, Scalar, Slot,
};
use super::statements::Refused;
use crate::keywords;
use crate::syntax::ast::{self, Form, KeyPath, Text, Value};
use std::rc::Rc;

/// Looking for the edges between two ends takes as long as looking at so many fields.
const STEPS_PER_PAIR: usize = 4;

impl Compiler<'_> {
    pub(super) fn apply_edges(&mut self, context: &Rc<Context>) {
        let Some(path) = &context.key.key else {
            self.apply_edges_in(context);
            return;
        };
        let Ok(fields) = self.ensure_field(context.map, &path.elements, Slot::Key, context) else { return };
        for field in fields {
            if let Composite::Array(_) = self.ir.field(field).composite {
                self.report(context.spot(path.span), "array-index", "cannot index into array");
                return;
            }
            let map = self.ir.ensure_map(field);
            let inner = Rc::new(Context { map, ..(**context).clone() });
            self.apply_edges_in(&inner);
        }
    }

    fn apply_edges_in(&mut self, context: &Rc<Context>) {
        let key = context.key.clone();
        let is_null = key.values().any(|value| matches!(value, Value::Null(_)));
        let index = key.edge_index.as_ref();
        for (at, edge) in key.edges.iter().enumerate() {
            if self.is_stopped() {
                return;
            }
            let (Some(source), Some(target)) = (&edge.source, &edge.target) else { continue };
            let id = EdgeKey {
                source: source.elements.iter().map(Name::of).collect(),
                target: target.elements.iter().map(Name::of).collect(),
                source_arrow: edge.source_arrow == Some('<'),
                target_arrow: edge.target_arrow == Some('>'),
                index: index.and_then(|index| index.number),
            };
            let is_glob = index.is_some_and(|index| index.number.is_none());
            if is_null && !is_glob {
                self.delete_edge(context.map, id);
                continue;
            }
            let context = Rc::new(Context { edge: Some(at), ..(**context).clone() });
            let edges = if index.is_some() {
                let found = self.find_edges(&context, &id);
                if found.is_empty() && !is_glob {
                    self.report(context.edge_spot(), "edge-index", "indexed edge does not exist");
                }
                self.adjust_found(found, &context, is_null)
            } else {
                self.make_edges(&context, id)
            };
            self.set_edges(&edges, &context);
        }
    }

    // Values.

    /// Deletes, filters, suspends and mentions edges that were found; those that are left get the value.
    fn adjust_found(&mut self, found: Vec<EdgeId>, context: &Rc<Context>, is_null: bool) -> Vec<EdgeId> {
        let key = &context.key;
        let mut kept = Vec::with_capacity(found.len());
        for edge in found {
            if is_null {
                self.ir.unlink_edge(edge);
                continue;
            }
            if let Some(filtered) = key.map().filter(|map| map.has_filter()) {
                let map = self.ir.ensure_edge_map(edge);
                self.filter_owners.push(Rc::clone(context));
                let matches = self.filters_match(map, filtered, &context.scope_board);
                self.filter_owners.pop();
                if !matches {
                    continue;
                }
            }
            let suspension = key.values().find_map(|value| match value {
                Value::Suspend(_, suspended) => Some(*suspended),
                _ => None,
            });
            if let Some(suspended) = suspension.filter(|_| !self.is_lazy) {
                self.suspend_edge(edge, suspended);
            }
            let mention = EdgeRef { context: Rc::clone(context), by_lazy_glob: self.is_lazy };
            self.ir.edge_mut(edge).refs.push(mention);
            if let Some(written) = context.edge_ast() {
                self.mention_end(context, written.source.as_ref(), Slot::Source);
                self.mention_end(context, written.target.as_ref(), Slot::Target);
            }
            kept.push(edge);
        }
        kept
    }

    /// An edge that comes back brings its ends and all around them with it.
    fn suspend_edge(&mut self, edge: EdgeId, suspended: bool) {
        self.ir.edge_mut(edge).suspended = suspended;
        if suspended {
            self.ir.has_suspended = true;
            return;
        }
        let (map, id) = (self.ir.edge(edge).parent, self.ir.edge(edge).id.clone());
        for end in [id.source, id.target] {
            let mut next = self.ir.find_path(map, &end);
            while let Some(field) = next.filter(|field| !self.ir.is_root(*field)) {
                self.ir.field_mut(field).suspended = false;
                next = self.ir.field(field).parent.map(|map| self.ir.parent_field(map));
            }
        }
    }

    fn mention_end(&mut self, context: &Rc<Context>, path: Option<&KeyPath>, slot: Slot) {
        let Some(path) = path else { return };
        let mut map = context.map;
        for (at, element) in path.elements.iter().enumerate() {
            let Some(field) = self.ir.find(map, &Name::of(element)) else { return };
            let mention = FieldRef {
                context: Rc::clone(context),
                slot,
                span: element.span,
                is_last: at + 1 == path.elements.len(),
                by_lazy_glob: self.is_lazy,
            };
            self.ir.field_mut(field).refs.push(mention);
            match self.ir.field_map(field) {
                Some(inner) => map = inner,
                None => return,
            }
        }
    }

    fn set_edges(&mut self, edges: &[EdgeId], context: &Rc<Context>) {
        let key = &context.key;
        for edge in edges {
            if let Some(path) = &key.edge_key {
                let map = self.ir.ensure_edge_map(*edge);
                self.apply_field(map, &path.elements, Slot::EdgeKey, context);
                continue;
            }
            if let Some(primary) = key.primary.as_deref().filter(|value| !matches!(value, Value::Suspend(..))) {
                if self.is_edge_set_for_good(*edge) {
                    return;
                }
                self.ir.edge_mut(*edge).primary = Some(Scalar { value: primary.clone(), file: context.file });
            }
            match &key.value {
                None | Some(Value::Suspend(..) | Value::Import(_)) => {}
                Some(Value::Array(array)) => {
                    self.report(context.spot(array.span), "edge-value", "edges cannot be assigned arrays");
                }
                Some(Value::Map(ast)) => {
                    let map = self.ir.ensure_edge_map(*edge);
                    self.filter_owners.push(Rc::clone(context));
                    self.apply_map(map, ast, &context.scope_board);
                    self.filter_owners.pop();
                }
                Some(value) => {
                    if self.is_edge_set_for_good(*edge) {
                        return;
                    }
                    self.ir.edge_mut(*edge).primary = Some(Scalar { value: value.clone(), file: context.file });
                }
            }
        }
    }

    fn is_edge_set_for_good(&self, edge: EdgeId) -> bool {
        self.is_lazy && self.ir.edge(edge).primary.is_some() && self.ir.edge_primary_ref(edge).is_some()
    }

    // Ids.

    /// Resolves leading `_` of both ends and takes what they have in common off; the map to start from, and the
    /// common path. None when there is no map to go up to.
    fn resolve(&self, map: MapId, id: &mut EdgeKey) -> Option<(MapId, Vec<Name>)> {
        let leading = |path: &[Name]| path.iter().position(|name| !name.is("_")).unwrap_or(0);
        let mut map = map;
        for _ in 0..leading(&id.source).max(leading(&id.target)) {
            let above = self.ir.field(self.ir.parent_field(map)).name.clone()?;
            for path in [&mut id.source, &mut id.target] {
                if path[0].is("_") {
                    path.remove(0);
                } else {
                    path.insert(0, above.clone());
                }
            }
            map = self.ir.parent_map(map)?;
        }
        let mut common = Vec::new();
        while id.source.len() > 1
            && id.target.len() > 1
            && id.source[0].folded == id.target[0].folded
            && !id.source[0].text.contains('*')
        {
            common.push(id.source.remove(0));
            id.target.remove(0);
        }
        Some((map, common))
    }

    // Finding.

    fn find_edges(&mut self, context: &Rc<Context>, id: &EdgeKey) -> Vec<EdgeId> {
        let glob = if context.key.has_glob() { Some(self.ensure_glob(context)) } else { None };
        let mut found = Vec::new();
        if let Some(glob) = &glob
            && let Some(edge) = context.edge_ast()
            && let (Some(source), Some(target)) = (&edge.source, &edge.target)
            && id.index.is_none()
            && [source, target].iter().all(|path| !path.elements[0].is_bare("_"))
        {
            self.find_new_edges(context, id, source, target, glob, &mut found);
            return found;
        }
        self.find_edges_in(context.map, id.clone(), context, glob.as_deref(), &mut found);
        found
    }

    fn find_edges_in(
        &mut self,
        map: MapId,
        mut id: EdgeKey,
        context: &Rc<Context>,
        glob: Option<&Glob>,
        found: &mut Vec<EdgeId>,
    ) {
        let Some((map, common)) = self.resolve(map, &mut id) else { return };
        if !common.is_empty() {
            let inner = self.ir.find_path(map, &common).and_then(|field| self.ir.field_map(field));
            if let Some(inner) = inner {
                self.find_edges_in(inner, id, context, glob, found);
            }
            return;
        }
        let Some(edge) = context.edge_ast() else { return };
        let (Some(source), Some(target)) = (&edge.source, &edge.target) else { return };
        let Ok(sources) = self.walk_path(context.map, &source.elements, Slot::Source, None, false) else { return };
        let Ok(targets) = self.walk_path(context.map, &target.elements, Slot::Target, None, false) else { return };
        for from in &sources {
            if glob.is_some() {
                self.spend(targets.len() * STEPS_PER_PAIR, source.span);
            }
            for to in &targets {
                if self.is_stopped() {
                    return;
                }
                let mut wanted = id.clone();
                wanted.source = self.ir.relative_path(map, *from);
                wanted.target = self.ir.relative_path(map, *to);
                for edge in self.edges_of(map, wanted) {
                    if self.is_new_to_glob(edge, context, glob) {
                        found.push(edge);
                    }
                }
            }
        }
    }

    /// The edges that a pattern was not applied to; those that nothing has happened to since its last time are passed
    /// over.
    fn find_new_edges(
        &mut self,
        context: &Rc<Context>,
        id: &EdgeKey,
        source: &KeyPath,
        target: &KeyPath,
        glob: &Glob,
        found: &mut Vec<EdgeId>,
    ) {
        let touched = glob.touched.borrow().clone();
        let edges = match &touched {
            Some(touched) => self.ir.present_edges(&touched.edges),
            None => self.ir.all_edges(),
        };
        self.spend(edges.len(), source.span);
        for edge in edges {
            if self.is_stopped() {
                return;
            }
            let held = self.ir.edge(edge);
            if held.id.source_arrow != id.source_arrow || held.id.target_arrow != id.target_arrow {
                continue;
            }
            let end = |path: &[Name]| self.ir.find_path(held.parent, path);
            let (Some(from), Some(to)) = (end(&held.id.source), end(&held.id.target)) else { continue };
            if self.path_leads_to(context.map, &source.elements, from)
                && self.path_leads_to(context.map, &target.elements, to)
                && self.is_new_to_glob(edge, context, Some(glob))
            {
                found.push(edge);
            }
        }
    }

    fn is_new_to_glob(&self, edge: EdgeId, context: &Context, glob: Option<&Glob>) -> bool {
        let Some(glob) = glob else { return true };
        let (path, board) = self.ir.edge_hashes(edge, true);
        glob.edges.borrow_mut().insert(if context.key.has_triple_glob() { path } else { board })
    }

    /// The edges of an id that is relative to a map.
    fn edges_of(&self, map: MapId, mut id: EdgeKey) -> Vec<EdgeId> {
        let Some((map, common)) = self.resolve(map, &mut id) else { return Vec::new() };
        if common.is_empty() {
            return self.ir.matching_edges(map, &id);
        }
        let inner = self.ir.find_path(map, &common).and_then(|field| self.ir.field_map(field));
        inner.map(|inner| self.edges_of(inner, id)).unwrap_or_default()
    }

    fn delete_edge(&mut self, map: MapId, id: EdgeKey) {
        if let Some(edge) = self.edges_of(map, id).first() {
            self.ir.unlink_edge(*edge);
        }
    }

    // Making.

    fn make_edges(&mut self, context: &Rc<Context>, id: EdgeKey) -> Vec<EdgeId> {
        let glob = if context.key.has_glob() { Some(self.ensure_glob(context)) } else { None };
        let mut made = Vec::new();
        // A refusal has been reported; what was made before it stays.
        let _ = self.make_edges_in(context.map, id, context, glob.as_deref(), &mut made);
        if !made.is_empty() && self.active_globs.is_empty() {
            self.apply_globs_again();
        }
        made
    }

    fn make_edges_in(
        &mut self,
        map: MapId,
        mut id: EdgeKey,
        context: &Rc<Context>,
        glob: Option<&Glob>,
        made: &mut Vec<EdgeId>,
    ) -> Result<(), Refused> {
        if self.ir.parent_edge(map).is_some() {
            return Err(self.refuse(context.edge_spot(), "edge", "cannot create edge inside edge"));
        }
        let Some((map, common)) = self.resolve(map, &mut id) else {
            return Err(self.refuse(context.edge_spot(), "underscore", "invalid underscore"));
        };
        if !common.is_empty() {
            for inner in self.common_maps(map, &common, context)? {
                self.make_edges_in(inner, id.clone(), context, glob, made)?;
            }
            return Ok(());
        }
        let Some(edge) = context.edge_ast() else { return Ok(()) };
        let (Some(source), Some(target)) = (&edge.source, &edge.target) else { return Ok(()) };
        self.check_end(&id.source, source)?;
        self.check_end(&id.target, target)?;
        // Pairs of ends that both were there the last time have been joined then, or will never be.
        let new_from = glob.map_or(0, |glob| glob.settled.borrow().new_from);
        let (mut sources, mut made_targets) = (Fields::new(), Fields::new());
        if new_from > 0 {
            sources = self.new_ends(source, Slot::Source, context, new_from)?;
            made_targets = self.new_ends(target, Slot::Target, context, new_from)?;
            if sources.is_empty() && made_targets.is_empty() {
                return Ok(());
            }
        }
        if new_from == 0 || !made_targets.is_empty() {
            let all = self.ensure_field(context.map, &source.elements, Slot::Source, context)?;
            sources = with_missing(all, &sources);
        }
        let all = self.ensure_field(context.map, &target.elements, Slot::Target, context)?;
        let targets = with_missing(all, &made_targets);
        let new_targets: Vec<FieldId> = targets.iter().copied().filter(|to| self.ir.is_new(*to, new_from)).collect();
        for from in &sources {
            for to in if self.ir.is_new(*from, new_from) { targets.as_slice() } else { &new_targets } {
                if self.is_stopped() {
                    return Err(Refused);
                }
                if glob.is_some() {
                    self.spend(1, source.span);
                }
                if glob.is_some_and(|glob| !glob.settled.borrow_mut().pairs.insert((*from, *to))) {
                    continue;
                }
                if self.joins(*from, *to, source, target) {
                    let mut new = id.clone();
                    new.source = self.ir.relative_path(map, *from);
                    new.target = self.ir.relative_path(map, *to);
                    self.make_edge(map, new, context, glob, (*from, *to), made)?;
                }
            }
        }
        Ok(())
    }

    /// The ends of a pattern's edges that were made since it was last applied.
    fn new_ends(
        &mut self,
        path: &KeyPath,
        slot: Slot,
        context: &Rc<Context>,
        new_from: usize,
    ) -> Result<Fields, Refused> {
        let before = std::mem::replace(&mut self.narrows_ends, true);
        let found = self.ensure_field(context.map, &path.elements, slot, context);
        self.narrows_ends = before;
        Ok(found?.into_iter().filter(|field| self.ir.is_new(*field, new_from)).collect())
    }

    /// The maps of a path that both ends have in common; missing fields are made.
    fn common_maps(&mut self, map: MapId, common: &[Name], context: &Rc<Context>) -> Result<Vec<MapId>, Refused> {
        let path: Vec<Text> = common.iter().map(text_of).collect();
        let fields = self.walk_path(map, &path, Slot::Made, None, true)?;
        if !fields.is_empty() && self.active_globs.is_empty() {
            self.apply_globs_again();
        }
        let mut maps = Vec::with_capacity(fields.len());
        for field in fields {
            if let Composite::Array(_) = self.ir.field(field).composite {
                return Err(self.refuse(context.edge_spot(), "array-index", "cannot index into array"));
            }
            maps.push(self.ir.ensure_map(field));
        }
        Ok(maps)
    }

    /// Refuses keywords as ends.
    fn check_end(&mut self, names: &[Name], path: &KeyPath) -> Result<(), Refused> {
        let is_prohibited =
            |name: &Name| name.bare && (keywords::SIMPLE.contains(&name.text.as_str()) || name.text == "style");
        // Names of containers that were left by `_` stand before those of the path.
        let span_of = |at: usize| {
            let at = (at + path.elements.len()).checked_sub(names.len());
            at.and_then(|at| path.elements.get(at)).map_or(path.span, |element| element.span)
        };
        if let Some(at) = names.iter().position(is_prohibited) {
            let spot = self.spot(span_of(at));
            return Err(self.refuse(spot, "keyword", "reserved keywords are prohibited in edges"));
        }
        let is_board = |name: &Name| name.bare && keywords::BOARDS.contains(&name.folded.as_str());
        if let Some(at) = names.iter().position(is_board).filter(|at| at + 1 == names.len()) {
            let spot = self.spot(span_of(at));
            return Err(self.refuse(spot, "board", "edge with board keyword alone doesn't make sense"));
        }
        Ok(())
    }

    /// Whether an edge between two fields is wanted: patterns join nothing with itself, and `**` joins leaves only.
    fn joins(&mut self, from: FieldId, to: FieldId, source: &KeyPath, target: &KeyPath) -> bool {
        if from == to && (source.has_glob() || target.has_glob()) {
            return false;
        }
        for (end, path) in [(from, source), (to, target)] {
            if path.has_multi_glob()
                && (self.is_container(end)
                    || self.ir.board_kind(end).is_some()
                    || self.board_around(from) != self.board_around(to))
            {
                return false;
            }
        }
        true
    }

    fn board_around(&self, field: FieldId) -> Option<MapId> {
        self.ir.field(field).parent.map(|map| self.ir.board_of(map))
    }

    fn make_edge(
        &mut self,
        map: MapId,
        mut id: EdgeKey,
        context: &Rc<Context>,
        glob: Option<&Glob>,
        ends: (FieldId, FieldId),
        made: &mut Vec<EdgeId>,
    ) -> Result<(), Refused> {
        let between = "cannot create edges between boards";
        let (from, to) = ends;
        let edge_ast = context.edge_ast();
        for (end, path) in [
            (from, edge_ast.and_then(|edge| edge.source.as_ref())),
            (to, edge_ast.and_then(|edge| edge.target.as_ref())),
        ] {
            if self.ir.board_kind(end).is_some() {
                let spot = context.spot(path.map_or(context.key.span, |path| path.span));
                return Err(self.refuse(spot, "board", between));
            }
        }
        if self.board_around(from) != self.board_around(to) {
            return Err(self.refuse(context.edge_spot(), "board", between));
        }
        let Some((map, common)) = self.resolve(map, &mut id) else {
            return Err(self.refuse(context.edge_spot(), "underscore", "invalid underscore"));
        };
        if !common.is_empty() {
            for inner in self.common_maps(map, &common, context)? {
                self.make_edge(inner, id.clone(), context, glob, ends, made)?;
            }
            return Ok(());
        }
        id.index = None;
        if let Some(glob) = glob {
            let (path, board) = self.ir.edge_key_hashes(map, &id, false);
            if !glob.edges.borrow_mut().insert(if context.key.has_triple_glob() { path } else { board }) {
                return Ok(());
            }
        }
        id.index = Some(self.ir.count_alike(map, &id) as u32);
        let Some(edge) = self.ir.add_edge(map, id) else {
            self.report_limits(context.edge_spot());
            return Err(Refused);
        };
        self.ir.edge_mut(edge).refs.push(EdgeRef { context: Rc::clone(context), by_lazy_glob: self.is_lazy });
        made.push(edge);
        Ok(())
    }
}

/// Fields, and behind them those of others that are not among them.
fn with_missing(mut fields: Fields, others: &[FieldId]) -> Fields {
    let missing: Vec<FieldId> = others.iter().copied().filter(|other| !fields.contains(other)).collect();
    fields.extend(missing);
    fields
}

/// A name as an element of a path that stands nowhere.
fn text_of(name: &Name) -> Text {
    let form = if name.bare { Form::Unquoted } else { Form::Double };
    Text { form, ..ast::Text::bare(name.text.clone()) }
}
