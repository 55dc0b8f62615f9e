//! The second stage: from fields and edges to boards, objects, edges and their attributes.
//!
//! A board is first gathered into a [`Graph`], in which objects may still come, go and be found by name; then its
//! rules are checked ([`checks`]), and last it is written as a [`Board`] ([`output`]).

mod attributes;
mod checks;
mod colors;
mod config;
mod output;
mod styles;
mod urls;

pub(crate) use colors::NAMES as COLOR_NAMES;

use super::globs;
use super::ir::{EdgeId, FieldId, Ir, Item, MapId, Name, Scalar, Spot};
use crate::keywords;
use crate::syntax::SyntaxError;
use crate::syntax::ast::KeyPath;
use attributes::{Attributes, Origin};
use loko_diagram::{Board, Column, Content, Diagram, Field, Method, Visibility};
use loko_source::{FilePath, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;
use std::borrow::Cow;

/// Reads a boolean in any of the forms that D2 takes.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The keyword that was probably meant.
fn keyword_like(name: &str) -> Option<String> {
    loko_source::suggest::did_you_mean(name, keywords::SIMPLE.iter().chain(keywords::COMPOSITE).copied())
}

/// The index of an object of a graph; 0 is the board itself.
pub(super) type ObjectAt = usize;

/// The board itself among the objects of a graph.
pub(super) const ROOT: ObjectAt = 0;

/// An object on its way to become one.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: Name,
    /// The name, quoted where needed.
    pub(super) id: SmolStr,
    pub(super) parent: Option<ObjectAt>,
    pub(super) children: Vec<ObjectAt>,
    pub(super) attributes: Attributes,
    pub(super) content: Content,
    pub(super) spot: Option<Spot>,
    /// The group of a sequence diagram in whose braces it was written, if it does not stand in it.
    pub(super) group: Option<ObjectAt>,
    /// Whether it became a row of its parent.
    pub(super) is_gone: bool,
    /// The child of the same parent before it whose name has the same hash.
    twin: Option<ObjectAt>,
}

/// An edge on its way to become one.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) source: ObjectAt,
    pub(super) target: ObjectAt,
    pub(super) source_arrow: bool,
    pub(super) target_arrow: bool,
    pub(super) index: u32,
    pub(super) attributes: Attributes,
    pub(super) source_head: Option<Box<Attributes>>,
    pub(super) target_head: Option<Box<Attributes>>,
    pub(super) source_column: Option<u32>,
    pub(super) target_column: Option<u32>,
    pub(super) spot: Spot,
    /// The group of a sequence diagram in whose braces it was written.
    pub(super) group: Option<ObjectAt>,
}

/// A board on its way to become one.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link>,
    /// The last child by parent and hash of its name; [`Node::twin`] leads to the others.
    index: FxHashMap<(ObjectAt, u32), ObjectAt>,
    link_counts: FxHashMap<(ObjectAt, ObjectAt, bool, bool), u32>,
}

impl Graph {
    fn new() -> Self {
        let mut graph = Self::default();
        graph.add(None, globs::root_name());
        graph
    }

    fn add(&mut self, parent: Option<ObjectAt>, name: Name) -> ObjectAt {
        let at = self.nodes.len();
        let mut twin = None;
        if let Some(parent) = parent {
            self.nodes[parent].children.push(at);
            twin = self.index.insert((parent, name.hash()), at);
        }
        // Most names need no quotes.
        let is_plain = !name.text.is_empty()
            && name.folded != "null"
            && name.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let id = if is_plain { name.text.clone() } else { crate::quote_key(&name.text).into() };
        self.nodes.push(Node {
            name,
            id,
            parent,
            children: Vec::new(),
            attributes: Attributes::default(),
            content: Content::None,
            spot: None,
            group: None,
            is_gone: false,
            twin,
        });
        at
    }

    /// The child of a name, case ignored.
    pub(super) fn child(&self, parent: ObjectAt, name: &Name) -> Option<ObjectAt> {
        let mut found = self.index.get(&(parent, name.hash())).copied();
        while let Some(at) = found.filter(|at| self.nodes[*at].name.folded != name.folded) {
            found = self.nodes[at].twin;
        }
        found.filter(|child| !self.nodes[*child].is_gone)
    }

    pub(super) fn shape(&self, at: ObjectAt) -> &str {
        self.nodes[at].attributes.shape()
    }

    /// The sequence diagram around an object.
    pub(super) fn sequence_around(&self, at: ObjectAt) -> Option<ObjectAt> {
        let parent = self.nodes[at].parent?;
        if self.shape(parent) == "sequence_diagram" { Some(parent) } else { self.sequence_around(parent) }
    }

    /// The child of a name; a new one if there is none. In a sequence diagram the name of an actor means the actor.
    fn ensure_child(&mut self, parent: ObjectAt, name: &Name) -> ObjectAt {
        let mut parent = parent;
        if let Some(sequence) = self.sequence_around(parent)
            && self.nodes[parent].name.text != name.text
            && self.child(sequence, name).is_some_and(|actor| self.nodes[actor].name.text == name.text)
        {
            parent = sequence;
        }
        self.child(parent, name).unwrap_or_else(|| self.add(Some(parent), name.clone()))
    }

    /// The end of an edge; within a table or a class that is the table or class itself.
    fn ensure_end(&mut self, from: ObjectAt, path: &[Name]) -> ObjectAt {
        let mut at = from;
        for name in path {
            if matches!(self.shape(at), "class" | "sql_table") {
                return at;
            }
            at = self.ensure_child(at, name);
        }
        at
    }

    pub(super) fn is_below(&self, at: ObjectAt, above: ObjectAt) -> bool {
        at == above || self.nodes[at].parent.is_some_and(|parent| self.is_below(parent, above))
    }

    /// How many containers are around an object, the board not counted.
    fn depth(&self, at: ObjectAt) -> usize {
        self.nodes[at].parent.map_or(0, |parent| self.depth(parent) + 1)
    }

    /// The absolute id of an object.
    pub(super) fn absolute_id(&self, at: ObjectAt) -> String {
        match self.nodes[at].parent {
            Some(parent) if parent != ROOT => format!("{}.{}", self.absolute_id(parent), self.nodes[at].id),
            _ => self.nodes[at].id.to_string(),
        }
    }

    /// All objects that are there, the board itself left out.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectAt> + '_ {
        (1..self.nodes.len()).filter(|at| !self.nodes[*at].is_gone)
    }

    /// Turns the children of a table or a class into rows.
    fn take_children(&mut self, parent: ObjectAt) -> Vec<ObjectAt> {
        let children = std::mem::take(&mut self.nodes[parent].children);
        for child in &children {
            self.discard(*child);
        }
        children
    }

    fn discard(&mut self, at: ObjectAt) {
        self.nodes[at].is_gone = true;
        for child in self.nodes[at].children.clone() {
            self.discard(child);
        }
    }
}

/// The second stage.
pub(super) struct Builder<'i> {
    pub(super) ir: &'i Ir,
    paths: Vec<FilePath>,
    pub(super) errors: Vec<(Spot, SyntaxError)>,
    seen_errors: FxHashSet<(super::ir::FileId, Span, String)>,
    /// The map of the board that is being built, where its classes are.
    board: Option<MapId>,
    /// Whether what is gathered is what a class says.
    is_in_class: bool,
    /// The group of a sequence diagram whose braces are open, while an actor outside of it is gathered.
    group: Option<ObjectAt>,
}

impl<'i> Builder<'i> {
    pub(super) fn new(ir: &'i Ir, paths: Vec<FilePath>) -> Self {
        Self {
            ir,
            paths,
            errors: Vec::new(),
            seen_errors: FxHashSet::default(),
            board: None,
            is_in_class: false,
            group: None,
        }
    }

    pub(super) fn report(&mut self, spot: Spot, code: &'static str, message: impl Into<Cow<'static, str>>) {
        let message = message.into();
        if self.seen_errors.insert((spot.file, spot.span, message.clone().into_owned())) {
            self.errors.push((spot, SyntaxError::new(code, spot.span, message)));
        }
    }

    /// Reports with advice, which is looked for when nobody was told of the same place before.
    pub(super) fn report_with_help(
        &mut self,
        spot: Spot,
        code: &'static str,
        message: String,
        help: impl FnOnce() -> Option<String>,
    ) {
        let before = self.errors.len();
        self.report(spot, code, message);
        if self.errors.len() > before
            && let Some((_, error)) = self.errors.last_mut()
        {
            error.help = help().map(Cow::Owned);
        }
    }

    // Boards.

    pub(super) fn diagram(&mut self, root: MapId) -> Diagram {
        let mut board = self.board(Some(root), String::new());
        board.config = self.config(root);
        let names = checks::BoardNames::of(&board);
        checks::drop_dead_links(&mut board, &names, &mut vec!["root".to_owned()]);
        Diagram { root: board }
    }

    fn board(&mut self, map: Option<MapId>, name: String) -> Board {
        let outer = std::mem::replace(&mut self.board, map);
        let mut graph = Graph::new();
        if outer.is_none() {
            // The first board is mostly the largest; what is not used of this costs nothing.
            graph.nodes.reserve(self.ir.map_count());
            graph.index.reserve(self.ir.map_count() / 2);
        }
        let mut legend = None;
        if let Some(map) = map {
            self.gather_map(&mut graph, ROOT, map);
            self.set_default_shapes(&mut graph);
            self.check_board(&graph, map);
            legend = self.legend(map);
        }
        let mut board = self.write_board(&graph, name);
        board.legend = legend;
        if let Some(map) = map {
            self.boards(map, &mut board);
        }
        self.board = outer;
        board
    }

    fn boards(&mut self, map: MapId, board: &mut Board) {
        for word in keywords::BOARDS {
            let Some(boards) = self.ir.map_at(map, word) else { continue };
            for field in self.ir.map(boards).fields.clone() {
                let name = self.ir.name(field).to_owned();
                if board.boards().any(|(_, known)| known.name == name) {
                    let spot = self.ir.first_spot(field);
                    self.report(spot, "board", format!("board name {name} already used by another board"));
                    continue;
                }
                let mut inner = self.board(self.ir.field_map(field), name);
                if let Some(primary) = &self.ir.field(field).primary {
                    let mut attributes = Attributes::default();
                    self.set_label(&mut attributes, primary, Origin::Field(field));
                    inner.label = attributes.text_of_label();
                }
                match *word {
                    "layers" => board.layers.push(inner),
                    "scenarios" => board.scenarios.push(inner),
                    _ => board.steps.push(inner),
                }
            }
        }
    }

    fn legend(&mut self, map: MapId) -> Option<loko_diagram::Legend> {
        let vars = self.ir.map_at(map, "vars")?;
        let field = self.ir.find_bare(vars, "d2-legend")?;
        let inner = self.ir.field_map(field)?;
        let mut graph = Graph::new();
        self.gather_map(&mut graph, ROOT, inner);
        self.set_default_shapes(&mut graph);
        let is_hidden = |attributes: &Attributes| attributes.style_number("opacity") == Some(0.0);
        let used: FxHashSet<ObjectAt> = graph.links.iter().flat_map(|link| [link.source, link.target]).collect();
        for at in graph.objects().collect::<Vec<_>>() {
            graph.nodes[at].is_gone = is_hidden(&graph.nodes[at].attributes) && !used.contains(&at);
        }
        let board = self.write_board(&graph, String::new());
        let label = self.ir.field(field).primary.as_ref().map(|scalar| scalar.text().to_string());
        let is_empty = board.objects.is_empty() && board.edges.is_empty();
        (!is_empty).then_some(loko_diagram::Legend { label, objects: board.objects, edges: board.edges })
    }

    fn set_default_shapes(&self, graph: &mut Graph) {
        for at in graph.objects().collect::<Vec<_>>() {
            if graph.nodes[at].attributes.shape.is_some() {
                continue;
            }
            let in_sequence = graph.sequence_around(at).is_some();
            let attributes = &mut graph.nodes[at].attributes;
            attributes.default_shape = match attributes.language() {
                Some("markdown" | "latex") if !in_sequence => "text",
                Some(_) if !in_sequence => "code",
                _ => "rectangle",
            };
        }
    }

    // Maps.

    fn gather_map(&mut self, graph: &mut Graph, at: ObjectAt, map: MapId) {
        self.gather_classes(map, |builder, class| builder.gather_map(graph, at, class));
        let shape = self.ir.find_bare(map, "shape");
        if let Some(shape) = shape {
            self.set_keyword(&mut graph.nodes[at].attributes, shape, "shape");
        }
        for field in &self.ir.map(map).fields {
            let is_board = self
                .ir
                .field(*field)
                .name
                .as_ref()
                .is_some_and(|name| name.is_keyword() && keywords::BOARDS.contains(&name.text.as_str()));
            if Some(*field) != shape && !is_board {
                self.gather_field(graph, at, *field);
            }
        }
        if self.is_in_class {
            return;
        }
        match graph.shape(at) {
            "class" => self.gather_members(graph, at),
            "sql_table" => self.gather_columns(graph, at),
            _ => {}
        }
        for edge in &self.ir.map(map).edges {
            self.gather_edge(graph, at, *edge);
        }
    }

    /// Lets the classes that a map names do their part first.
    fn gather_classes(&mut self, map: MapId, mut apply: impl FnMut(&mut Self, MapId)) {
        let Some(class) = self.ir.find_bare(map, "class") else { return };
        for name in self.class_names(class) {
            if let Some(found) = self.class_map(&name) {
                // A class that names classes is an error, and so is one that holds objects.
                if !std::mem::replace(&mut self.is_in_class, true) {
                    apply(self, found);
                    self.is_in_class = false;
                }
            } else if name.contains(',') && name.split(',').all(|part| self.class_map(part.trim()).is_some()) {
                let spot = self.ir.last_spot(class);
                let message = format!("class \"{name}\" not found. Did you mean to use \";\" to separate array items?");
                self.report(spot, "class", message);
            }
        }
    }

    /// The names that a `class` field holds.
    pub(super) fn class_names(&self, class: FieldId) -> Vec<SmolStr> {
        let held = self.ir.field(class);
        match (&held.primary, held.composite) {
            (Some(primary), _) => vec![primary.text()],
            (None, super::ir::Composite::Array(array)) => {
                let items = self.ir.array(array).items.iter();
                items
                    .filter_map(|item| if let Item::Scalar(scalar) = item { Some(scalar.text()) } else { None })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn class_map(&self, name: &str) -> Option<MapId> {
        let classes = self.ir.map_at(self.board?, "classes")?;
        let class = self.ir.find(classes, &Name::new(name.into(), true))?;
        self.ir.field_map(class)
    }

    fn gather_field(&mut self, graph: &mut Graph, at: ObjectAt, field: FieldId) {
        let Some(name) = &self.ir.field(field).name else { return };
        let keyword = &name.folded;
        if name.is_keyword_folded() {
            if keywords::STYLE.contains(&keyword.as_str()) {
                let spot = self.ir.last_spot(field);
                self.report(spot, "style", format!("{0} must be style.{0}", name.text));
                return;
            }
            match keyword.as_str() {
                "classes" => {
                    self.check_classes(field);
                    return;
                }
                "vars" => return,
                "source-arrowhead" | "target-arrowhead" => {
                    let spot = self.ir.last_spot(field);
                    self.report(spot, "keyword", format!("\"{}\" can only be used on connections", name.text));
                    return;
                }
                "style" if name.text == "style" => {
                    self.set_styles(&mut graph.nodes[at].attributes, field, true);
                    return;
                }
                "style" => {}
                keyword => {
                    self.set_keyword(&mut graph.nodes[at].attributes, field, keyword);
                    return;
                }
            }
        }
        if self.is_in_class {
            return;
        }
        if let Some(parent) = graph.nodes[at].parent {
            let message = match graph.shape(parent) {
                "sql_table" => Some("sql_table columns cannot have children"),
                "class" => Some("class fields cannot have children"),
                _ => None,
            };
            if let Some(message) = message {
                let spot = self.ir.last_spot(field);
                self.report(spot, "children", message);
                return;
            }
        }
        self.gather_object(graph, at, field, name);
    }

    fn gather_object(&mut self, graph: &mut Graph, parent: ObjectAt, field: FieldId, name: &Name) {
        let at = graph.ensure_child(parent, name);
        let outer_group = self.group;
        if graph.nodes[at].parent != Some(parent) {
            self.group = Some(parent);
        }
        if graph.nodes[at].spot.is_none() {
            graph.nodes[at].spot = Some(self.ir.first_spot(field));
            graph.nodes[at].group = self.group;
        }
        graph.nodes[at].attributes.label_origin = Some(Origin::Field(field));
        if let Some(primary) = &self.ir.field(field).primary {
            self.set_label(&mut graph.nodes[at].attributes, primary, Origin::Field(field));
        }
        if let Some(map) = self.ir.field_map(field) {
            self.gather_map(graph, at, map);
        }
        self.group = outer_group;
    }

    fn check_classes(&mut self, field: FieldId) {
        let Some(classes) = self.ir.field_map(field) else { return };
        if let Some(edge) = self.ir.map(classes).edges.first() {
            let spot = self.ir.edge_last_spot(*edge);
            self.report(spot, "class", "classes cannot contain an edge");
        }
        for class in &self.ir.map(classes).fields {
            let Some(map) = self.ir.field_map(*class) else { continue };
            for field in &self.ir.map(map).fields {
                let name = self.ir.name(*field);
                let spot = self.ir.last_spot(*field);
                if !keywords::is_reserved(name) {
                    let message = format!("{name} is an invalid class field, must be reserved keyword");
                    self.report_with_help(spot, "class", message, || keyword_like(name));
                } else if self.ir.is_named(*field, "class") {
                    self.report(spot, "class", "\"class\" cannot appear within \"classes\"");
                }
            }
        }
    }

    // Rows.

    fn gather_members(&mut self, graph: &mut Graph, at: ObjectAt) {
        let (mut fields, mut methods) = (Vec::new(), Vec::new());
        for child in graph.take_children(at) {
            let node = &graph.nodes[child];
            let key = node.name.text.as_str();
            let (visibility, name) = match key.as_bytes().first() {
                Some(b'+') => (Visibility::Public, &key[1..]),
                Some(b'-') => (Visibility::Private, &key[1..]),
                Some(b'#') => (Visibility::Protected, &key[1..]),
                _ => (Visibility::Public, key),
            };
            let label = node.attributes.label_text().filter(|label| *label != key);
            let underline = node.attributes.style_text("underline") == Some("true");
            let (name, label) = (name.to_owned(), label.map(str::to_owned));
            if key.contains('(') {
                methods.push(Method { name, returns: label.unwrap_or_else(|| "void".into()), visibility, underline });
            } else {
                fields.push(Field { name, type_name: label.unwrap_or_default(), visibility, underline });
            }
        }
        graph.nodes[at].content = Content::Class { fields, methods };
    }

    fn gather_columns(&mut self, graph: &mut Graph, at: ObjectAt) {
        let mut columns = Vec::new();
        for child in graph.take_children(at) {
            let node = &graph.nodes[child];
            let key = node.name.text.as_str();
            let label = node.attributes.label_text().filter(|label| *label != key);
            columns.push(Column {
                name: key.to_owned(),
                type_name: label.unwrap_or_default().to_owned(),
                constraints: node.attributes.constraints.clone(),
            });
        }
        graph.nodes[at].content = Content::Table(columns);
    }

    // Edges.

    fn gather_edge(&mut self, graph: &mut Graph, from: ObjectAt, edge: EdgeId) {
        let held = self.ir.edge(edge);
        let spot =
            held.refs.first().map_or_else(|| self.ir.edge_last_spot(edge), |mention| mention.context.edge_spot());
        let ends = held.id.source.iter().chain(&held.id.target);
        if ends.clone().any(Name::is_keyword) {
            self.report(spot, "keyword", "cannot connect to reserved keyword");
            return;
        }
        let source = graph.ensure_end(from, &held.id.source);
        let target = graph.ensure_end(from, &held.id.target);
        let count = graph.link_counts.entry((source, target, held.id.source_arrow, held.id.target_arrow)).or_default();
        let index = *count;
        *count += 1;
        let mut link = Link {
            source,
            target,
            source_arrow: held.id.source_arrow,
            target_arrow: held.id.target_arrow,
            index,
            attributes: Attributes::default(),
            source_head: None,
            target_head: None,
            source_column: column_of(graph, from, source, target, &held.id.source),
            target_column: column_of(graph, from, target, source, &held.id.target),
            spot,
            group: self.group.or_else(|| {
                let scope = self.scope_of(graph, from, edge);
                graph.sequence_around(scope).map(|_| scope)
            }),
        };
        if let Some(primary) = &held.primary {
            self.set_label(&mut link.attributes, primary, Origin::Edge(edge));
        }
        if let Some(map) = held.map {
            self.gather_edge_map(&mut link, map);
        }
        graph.links.push(link);
    }

    fn gather_edge_map(&mut self, link: &mut Link, map: MapId) {
        self.gather_classes(map, |builder, class| builder.gather_edge_map(link, class));
        for field in &self.ir.map(map).fields {
            let Some(name) = &self.ir.field(*field).name else { continue };
            if !name.is_keyword_folded() {
                let spot = self.ir.first_spot(*field);
                let message = "edge map keys must be reserved keywords".to_owned();
                self.report_with_help(spot, "keyword", message, || keyword_like(&name.text));
                continue;
            }
            match name.folded.as_str() {
                word if keywords::STYLE.contains(&word) => {
                    let spot = self.ir.last_spot(*field);
                    self.report(spot, "style", format!("{0} must be style.{0}", name.text));
                }
                "style" => self.set_styles(&mut link.attributes, *field, false),
                "source-arrowhead" => self.gather_head(link.source_head.get_or_insert_default(), *field),
                "target-arrowhead" => self.gather_head(link.target_head.get_or_insert_default(), *field),
                word if keywords::SIMPLE.contains(&word) => self.set_keyword(&mut link.attributes, *field, word),
                _ => {}
            }
        }
    }

    /// The object in whose braces an edge was written. The edge itself lies in the innermost map that holds both ends:
    /// further in for `b.x -> b.y`, further out for `_.x -> y`.
    fn scope_of(&self, graph: &Graph, holder: ObjectAt, edge: EdgeId) -> ObjectAt {
        let held = self.ir.edge(edge);
        let Some(context) = held.refs.first().map(|mention| &mention.context) else { return holder };
        let Some(written) = context.edge_ast() else { return holder };
        let (Some(source), Some(target)) = (&written.source, &written.target) else { return holder };
        let ups = |path: &KeyPath| path.elements.iter().take_while(|element| element.is_bare("_")).count();
        let up = ups(source).max(ups(target));
        let common = (source.elements.len() + up).saturating_sub(2 * ups(source) + held.id.source.len());
        let mut scope = holder;
        for _ in 0..common {
            scope = graph.nodes[scope].parent.unwrap_or(scope);
        }
        let names = self.ir.path(context.map);
        for name in names.iter().skip(names.len().saturating_sub(up)) {
            scope = graph.child(scope, name).unwrap_or(scope);
        }
        scope
    }

    fn gather_head(&mut self, attributes: &mut Attributes, field: FieldId) {
        if let Some(primary) = &self.ir.field(field).primary {
            self.set_label(attributes, primary, Origin::Field(field));
        }
        let Some(map) = self.ir.field_map(field) else { return };
        for inner in &self.ir.map(map).fields {
            let Some(name) = self.ir.field(*inner).name.clone() else { continue };
            match name.folded.as_str() {
                word if name.bare && keywords::SIMPLE.contains(&word) => self.set_keyword(attributes, *inner, word),
                "style" if name.bare => self.set_styles(attributes, *inner, false),
                _ => {
                    let spot = self.ir.last_spot(*inner);
                    self.report(
                        spot,
                        "keyword",
                        "source-arrowhead/target-arrowhead map keys must be reserved keywords",
                    );
                }
            }
        }
    }
}

/// The column of a table that the end of an edge names.
fn column_of(graph: &Graph, from: ObjectAt, end: ObjectAt, other: ObjectAt, path: &[Name]) -> Option<u32> {
    let Content::Table(columns) = &graph.nodes[end].content else { return None };
    if end == other || graph.depth(from) + path.len() <= graph.depth(end) {
        return None;
    }
    let name = &path.last()?.text;
    columns.iter().position(|column| column.name == *name).map(|at| at as u32)
}

/// Whether a scalar is written as a string of any form.
pub(super) fn is_string(scalar: &Scalar) -> bool {
    matches!(scalar.value, crate::syntax::ast::Value::Text(_))
}

#[cfg(test)]
mod tests {
    use crate::{NoImports, compile};
    use loko_source::FilePath;

    /// The group of each message of a sequence diagram, or `-`.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let path = FilePath::new("index.d2").expect("a plain name is a path");
        let compiled = compile(&format!("shape: sequence_diagram\na; b\n{text}"), &path, &NoImports);
        assert!(compiled.is_valid(), "{text}: {:?}", compiled.error_lines());
        let board = &compiled.diagram.root;
        let group = |edge: &loko_diagram::Edge| edge.scope.map_or("-", |scope| board.object(scope).id.as_str());
        assert_eq!(board.edges.iter().map(group).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_message_is_in_the_group_that_it_is_written_in() {
        check("a -> b", &["-"]);
        check("b.t -> b.t: think", &["-"]);
        check("b.t -> b.u\n(b.t -> b.u)[0].label: x", &["-"]);
        check("g: { a -> b; b.t -> b.t; a.t -> b.t }", &["g", "g", "g"]);
        check("g.(a -> b)", &["g"]);
        check("g: { h: { b.t -> b.t } }", &["g.h"]);
        check("g: { _.a -> _.b }", &["g"]);
    }
}
