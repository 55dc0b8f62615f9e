//! The rules of a board that concern more than one value: shapes and what goes with them, `near`, edges, links.

use super::super::imports::is_remote;
use super::super::ir::{FieldId, MapId, Name};
use super::attributes::Set;
use super::{Builder, Graph, ObjectAt, ROOT};
use crate::keywords;
use crate::syntax::ast::Text;
use crate::syntax::parse_key_path;
use loko_diagram::Board;
use rustc_hash::FxHashSet;

impl Builder<'_> {
    pub(super) fn check_board(&mut self, graph: &Graph, map: MapId) {
        if self.errors.is_empty() {
            self.check_keys(graph, ROOT, map);
        }
        self.check_labels(graph);
        self.check_near(graph);
        self.check_edges(graph);
        self.check_positions(graph);
    }

    // Keywords.

    fn check_keys(&mut self, graph: &Graph, at: ObjectAt, map: MapId) {
        for field in &self.ir.map(map).fields {
            let Some(name) = &self.ir.field(*field).name else { continue };
            if name.is_keyword() && keywords::BOARDS.contains(&name.text.as_str()) {
                continue;
            }
            if name.is_keyword_folded() {
                self.check_keyword(graph, at, *field, &name.folded);
                continue;
            }
            if graph.shape(at) == "image" && graph.sequence_around(at).is_none() {
                let spot = self.ir.last_spot(*field);
                self.report(spot, "children", "image shapes cannot have children.");
                continue;
            }
            if let (Some(child), Some(inner)) = (graph.child(at, name), self.ir.field_map(*field)) {
                self.check_keys(graph, child, inner);
            }
        }
    }

    fn check_keyword(&mut self, graph: &Graph, at: ObjectAt, field: FieldId, word: &str) {
        let attributes = &graph.nodes[at].attributes;
        let shape = attributes.shape();
        // Most keywords have nothing to be checked, and their statements are far to find.
        if !matches!(word, "width" | "height" | "style" | "shape" | "constraint") {
            return;
        }
        if word == "style" && attributes.styles.get("3d").is_none() && attributes.styles.get("double-border").is_none()
        {
            return;
        }
        let spot = self.ir.primary_spot(field);
        match word {
            "width" | "height" if matches!(shape, "circle" | "square") => {
                if let (Some(width), Some(height)) = (attributes.value("width"), attributes.value("height"))
                    && width != height
                {
                    self.report(spot, "size", format!("width and height must be equal for {shape} shapes"));
                }
            }
            "style" => {
                if let Some(set) = attributes.styles.get("3d")
                    && !matches!(shape, "square" | "rectangle" | "hexagon")
                {
                    self.report(
                        set.origin.spot(self.ir),
                        "style",
                        "key \"3d\" can only be applied to squares, rectangles, and hexagons",
                    );
                }
                if let Some(set) = attributes.styles.get("double-border")
                    && !matches!(shape, "" | "square" | "rectangle" | "circle" | "oval")
                {
                    let message = "key \"double-border\" can only be applied to squares, rectangles, circles, ovals";
                    self.report(set.origin.spot(self.ir), "style", message);
                }
            }
            "shape" => {
                if shape == "image" && attributes.value("icon").is_none() {
                    self.report(spot, "shape", "image shape must include an \"icon\" field");
                }
                if !keywords::SHAPES.contains(&shape) && keywords::ARROWHEADS.contains(&shape) {
                    self.report(spot, "shape", format!("invalid shape, can only set \"{shape}\" for arrowheads"));
                }
            }
            "constraint" if shape != "sql_table" => {
                self.report(spot, "constraint", "\"constraint\" keyword can only be used in \"sql_table\" shapes");
            }
            _ => {}
        }
    }

    fn check_labels(&mut self, graph: &Graph) {
        for at in graph.objects() {
            let node = &graph.nodes[at];
            let label = node.attributes.label_text().unwrap_or(&node.name.text);
            let problem = match node.attributes.shape() {
                "text" if node.attributes.language().is_none() && label.trim().is_empty() => {
                    "shape text must have a non-empty label"
                }
                "sql_table" if label.contains('\n') => "shape sql_table cannot have newlines in label",
                _ => continue,
            };
            let statement = node.attributes.label_origin.map(|origin| origin.spot(self.ir));
            if let Some(spot) = statement.or(node.spot) {
                self.report(spot, "label", problem);
            }
        }
    }

    fn check_positions(&mut self, graph: &Graph) {
        for at in graph.objects() {
            for word in ["top", "left"] {
                let node = &graph.nodes[at];
                let (Some(set), Some(parent)) = (node.attributes.values.get(word), node.parent) else { continue };
                if graph.shape(parent) == "hierarchy" {
                    self.report(
                        set.origin.spot(self.ir),
                        "position",
                        "position keywords cannot be used with shape \"hierarchy\"",
                    );
                }
                if graph.sequence_around(at).is_some() {
                    self.report(
                        set.origin.spot(self.ir),
                        "position",
                        "position keywords cannot be used inside shape \"sequence_diagram\"",
                    );
                }
                if graph.nodes[parent].attributes.is_grid() {
                    self.report(set.origin.spot(self.ir), "position", "position keywords cannot be used with grids");
                }
            }
        }
    }

    // `near`.

    fn check_near(&mut self, graph: &Graph) {
        for at in graph.objects() {
            if let Some(set) = graph.nodes[at].attributes.values.get("near")
                && let Err(message) = check_near_of(graph, at, set)
            {
                self.report(set.value_spot, "near", message);
            }
        }
        for link in &graph.links {
            for (from, to) in [(link.source, link.target), (link.target, link.source)] {
                if is_constant_near(graph, from) && graph.is_below(to, from) {
                    let id = graph.absolute_id(from);
                    self.report(link.spot, "edge", format!("edge from constant near {id:?} cannot enter itself"));
                    break;
                }
            }
        }
    }

    // Edges.

    fn check_edges(&mut self, graph: &Graph) {
        for link in &graph.links {
            if let Some((kind, from)) = enters_itself(graph, link.source, link.target) {
                let id = graph.absolute_id(from);
                self.report(link.spot, "edge", format!("edge from {kind} {id:?} cannot enter itself"));
            }
        }
    }
}

/// An edge between a special container and its own content.
fn enters_itself(graph: &Graph, source: ObjectAt, target: ObjectAt) -> Option<(&'static str, ObjectAt)> {
    let is_grid = |at: ObjectAt| graph.nodes[at].attributes.is_grid();
    let is_cell = |at: ObjectAt| graph.nodes[at].parent.is_some_and(is_grid);
    let is_sequence = |at: ObjectAt| graph.shape(at) == "sequence_diagram";
    let ends = [(source, target), (target, source)];
    let find = |test: &dyn Fn(ObjectAt) -> bool| {
        ends.into_iter().find(|(from, to)| test(*from) && graph.is_below(*to, *from)).map(|(from, _)| from)
    };
    // A cell may have an edge to itself no more than to what is in it.
    None.or_else(|| find(&is_grid).map(|from| ("grid diagram", from)))
        .or_else(|| find(&is_cell).map(|from| ("grid cell", from)))
        .or_else(|| find(&is_sequence).map(|from| ("sequence diagram", from)))
}

fn is_constant_near(graph: &Graph, at: ObjectAt) -> bool {
    let near = graph.nodes[at].attributes.value("near");
    near.is_some_and(|near| keywords::NEAR.contains(&near) && find_object(graph, near).is_none())
}

/// The object of an absolute path.
pub(super) fn find_object(graph: &Graph, path: &str) -> Option<ObjectAt> {
    let path = parse_key_path(path)?;
    path.elements.iter().try_fold(ROOT, |at, element| graph.child(at, &Name::of(element)))
}

fn check_near_of(graph: &Graph, at: ObjectAt, set: &Set) -> Result<(), String> {
    let refuse = |message: &str| Err(message.to_owned());
    let Some(near) = find_object(graph, &set.text) else {
        if !keywords::NEAR.contains(&set.text.as_str()) {
            let known = keywords::NEAR.join(", ");
            return Err(format!(
                "near key {:?} must be the absolute path to a shape or one of the following constants: {known}",
                set.text.as_str()
            ));
        }
        return match graph.nodes[at].parent {
            Some(ROOT) => Ok(()),
            _ => refuse("constant near keys can only be set on root level shapes"),
        };
    };
    if graph.is_below(at, near) {
        return refuse("near keys cannot be set to an ancestor");
    }
    if graph.is_below(near, at) {
        return refuse("near keys cannot be set to an descendant");
    }
    if graph.sequence_around(near).is_some() {
        return refuse("near keys cannot be set to an object within sequence diagrams");
    }
    if is_constant_near(graph, near) {
        return refuse("near keys cannot be set to an object with a constant near key");
    }
    let mut around = Some(near);
    while let Some(above) = around {
        if graph.nodes[above].attributes.is_grid() {
            return refuse("near keys cannot be set to descendants of special objects, like grid cells");
        }
        around = graph.nodes[above].parent;
    }
    Ok(())
}

// Links.

/// The paths of all boards: `root`, `root.layers.x` …
pub(super) struct BoardNames(FxHashSet<Vec<String>>);

impl BoardNames {
    pub(super) fn of(root: &Board) -> Self {
        let mut names = Self(FxHashSet::default());
        names.add(root, &mut vec!["root".to_owned()]);
        names
    }

    fn add(&mut self, board: &Board, path: &mut Vec<String>) {
        self.0.insert(path.clone());
        for (word, inner) in named_boards(board) {
            path.push(word.to_owned());
            path.push(inner.name.clone());
            self.add(inner, path);
            path.truncate(path.len() - 2);
        }
    }
}

fn named_boards(board: &Board) -> impl Iterator<Item = (&'static str, &Board)> {
    let layers = board.layers.iter().map(|board| ("layers", board));
    let scenarios = board.scenarios.iter().map(|board| ("scenarios", board));
    layers.chain(scenarios).chain(board.steps.iter().map(|board| ("steps", board)))
}

/// The longest path of a board whose links to itself are dropped: the root, and the boards right below it. D2 keeps
/// such links on deeper boards.
const SELF_LINK_DEPTH: usize = 3;

/// Takes links off that lead to no board, or to the board they are on; URLs stay.
pub(super) fn drop_dead_links(board: &mut Board, names: &BoardNames, path: &mut Vec<String>) {
    for object in &mut board.objects {
        let is_dead = object.link.as_ref().is_some_and(|link| is_dead_link(link, names, path));
        if is_dead {
            object.link = None;
        }
    }
    for (word, boards) in
        [("layers", &mut board.layers), ("scenarios", &mut board.scenarios), ("steps", &mut board.steps)]
    {
        for inner in boards {
            path.push(word.to_owned());
            path.push(inner.name.clone());
            drop_dead_links(inner, names, path);
            path.truncate(path.len() - 2);
        }
    }
}

fn is_dead_link(link: &str, names: &BoardNames, own: &[String]) -> bool {
    if is_remote(link) {
        return false;
    }
    let Some(path) = parse_key_path(link) else { return false };
    let path: Vec<String> = path.elements.iter().map(Text::as_str).map(str::to_owned).collect();
    path == own && own.len() <= SELF_LINK_DEPTH || !names.0.contains(&path)
}
