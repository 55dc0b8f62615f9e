//! The overview: a board with very many objects turned into one that can be read as a map.
//!
//! A map names everything and lets the eye find it: large names for large areas, small ones for small places, and few
//! lines. So relations are lifted to the outermost areas that they join and merged there; what joins two areas is one
//! line that says for how many relations it stands. Where a level has more lines than can be told apart, its strongest
//! are kept (all areas stay joined: first a spanning forest, after Kruskal, 1956), and how many were left out is said.
//!
//! Objects keep their ids, order and containers, so positions, links and styles of the large board fit the overview.
//! Every line joins two children of one container. Grids and sequence diagrams are left as they are.

use crate::{Board, Edge, Object, ObjectId, Shape, Style, Text, TextKind};
use std::collections::BTreeMap;

/// A board made for looking at all of it at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The board to measure, place and draw.
    pub board: Board,
    /// How many relations the large board has between different areas.
    pub relations: u32,
    /// How many of these no line stands for, because their level has too many.
    pub left_out: u32,
}

/// The number of objects from which on a board is better looked at as an overview.
pub const MANY_OBJECTS: usize = 300;

/// Lines that a level may have for each area in it.
const LINES_PER_AREA: f64 = 1.6;
/// Levels with no more lines than this keep all of them.
const LINES_ALWAYS: usize = 8;
/// The size of the smallest names.
const NAME: f64 = 20.0;
/// How the size of a name grows with the number of objects inside: as the side of the area does.
const NAME_GROWTH: f64 = 0.5;
/// The size of the largest names.
const NAME_MOST: f64 = 190.0;
/// How large the name of a single object is beside those of the areas around it.
const NAME_ALONE: f64 = 0.45;
/// The width of the strongest lines.
const LINE_MOST: f64 = 15.0;

impl Overview {
    /// The overview of a board.
    pub fn of(board: &Board) -> Self {
        if is_special(board.shape, board.grid.is_grid()) {
            return Self { board: board.clone(), relations: board.edges.len() as u32, left_out: 0 };
        }
        let tree = Tree::new(board);
        let mut out = Board { edges: Vec::new(), ..board.clone() };
        for ((object, inside), name) in out.objects.iter_mut().zip(&tree.inside).zip(tree.names()) {
            simplify(object, *inside, name);
        }
        let (mut relations, mut left_out) = (0, 0);
        for level in tree.levels(board).into_values() {
            relations += level.lines.iter().map(|line| line.count).sum::<u32>();
            left_out += level.add_to(&mut out, &tree);
        }
        let untouched = board.edges.iter().filter(|edge| tree.special_around(board, tree.meet(edge)).is_some());
        out.edges.extend(untouched.cloned());
        Self { board: out, relations, left_out }
    }
}

fn is_special(shape: Option<Shape>, grid: bool) -> bool {
    grid || shape == Some(Shape::SequenceDiagram)
}

/// The size of a name with so many objects inside.
fn name_size(inside: u32) -> f64 {
    (NAME * f64::from(inside + 1).powf(NAME_GROWTH)).round().min(NAME_MOST)
}

/// Leaves the name, in the given size; what else was written is shown on hover.
fn simplify(object: &mut Object, inside: u32, name: f64) {
    if !matches!(object.content, crate::object::Content::None) {
        return;
    }
    object.style.font_size = Some(name);
    if inside > 0 {
        // Areas are told apart by how deep they lie.
        object.style = Style { font_size: Some(name), opacity: object.style.opacity, ..Style::default() };
    }
    (object.width, object.height, object.top, object.left) = (None, None, None, None);
    if object.label.kind == TextKind::Plain {
        let full = object.label.text.clone();
        let mut lines = full.lines().filter(|line| !line.trim().is_empty());
        let name = lines.next().unwrap_or_default().to_owned();
        let more: Vec<&str> = lines.collect();
        if !more.is_empty() {
            object.tooltip.get_or_insert_with(|| more.join("\n"));
        }
        object.label.text = name;
    }
    if let Some(notation) = &mut object.notation {
        let description = notation.description.take();
        let technology = notation.technology.take();
        let said: Vec<String> = technology.into_iter().chain(description).collect();
        if !said.is_empty() {
            object.tooltip.get_or_insert_with(|| said.join("\n"));
        }
        notation.type_name.clear();
        notation.badges.clear();
    }
    if inside == 0 && object.shape != Shape::Image {
        object.icon = None;
    }
}

/// Who is in whom.
struct Tree {
    depth: Vec<u32>,
    parent: Vec<Option<ObjectId>>,
    /// How many objects are inside of each.
    inside: Vec<u32>,
}

impl Tree {
    fn new(board: &Board) -> Self {
        let parent: Vec<Option<ObjectId>> = board.objects.iter().map(|object| object.parent).collect();
        let mut depth: Vec<u32> = Vec::with_capacity(parent.len());
        for parent in &parent {
            depth.push(parent.map_or(0, |parent| depth.get(parent.index()).map_or(0, |depth| depth + 1)));
        }
        let mut inside = vec![0; parent.len()];
        for at in (0..parent.len()).rev() {
            if let Some(parent) = parent[at] {
                inside[parent.index()] += inside[at] + 1;
            }
        }
        Self { depth, parent, inside }
    }

    /// The size of each object's name. A single object beside areas has a larger one than those inside of them.
    fn names(&self) -> Vec<f64> {
        let mut largest: BTreeMap<Option<ObjectId>, u32> = BTreeMap::new();
        for (parent, inside) in self.parent.iter().zip(&self.inside) {
            let known = largest.entry(*parent).or_default();
            *known = (*known).max(*inside);
        }
        let name = |(parent, inside): (&Option<ObjectId>, &u32)| {
            let alone = largest.get(parent).map_or(0.0, |most| name_size(*most) * NAME_ALONE);
            if *inside == 0 { alone.max(NAME).round() } else { name_size(*inside) }
        };
        self.parent.iter().zip(&self.inside).map(name).collect()
    }

    /// The innermost object that holds both ends or is one of them.
    fn meet(&self, edge: &Edge) -> Option<ObjectId> {
        let (mut a, mut b) = (Some(edge.src), Some(edge.dst));
        while a != b {
            let (Some(left), Some(right)) = (a, b) else { return None };
            if self.depth[left.index()] >= self.depth[right.index()] {
                a = self.parent[left.index()];
            } else {
                b = self.parent[right.index()];
            }
        }
        a
    }

    /// The child of a container that holds an object; nothing if the object is the container itself.
    fn child(&self, container: Option<ObjectId>, id: ObjectId) -> Option<ObjectId> {
        let above = |id: &ObjectId| self.parent[id.index()];
        std::iter::successors(Some(id), above).take_while(|id| Some(*id) != container).last()
    }

    fn special_around(&self, board: &Board, at: Option<ObjectId>) -> Option<ObjectId> {
        let special = |id: &ObjectId| {
            let object = board.object(*id);
            is_special(Some(object.shape), object.grid.is_grid())
        };
        std::iter::successors(at, |id| self.parent[id.index()]).find(special)
    }

    /// The lines between the children of each container.
    fn levels(&self, board: &Board) -> BTreeMap<Option<ObjectId>, Level> {
        let mut levels: BTreeMap<Option<ObjectId>, Level> = BTreeMap::new();
        let mut known: BTreeMap<(ObjectId, ObjectId), usize> = BTreeMap::new();
        for edge in &board.edges {
            let meet = self.meet(edge);
            let ends = (self.child(meet, edge.src), self.child(meet, edge.dst));
            let (Some(src), Some(dst)) = ends else { continue };
            if src == dst || self.special_around(board, meet).is_some() {
                continue;
            }
            let level = levels.entry(meet).or_default();
            let next = level.lines.len();
            let at = *known.entry((src.min(dst), src.max(dst))).or_insert(next);
            if at == next {
                level.lines.push(Line { first: edge.clone(), src, dst, count: 0, back: 0 });
            }
            let line = &mut level.lines[at];
            line.count += edge.merged.max(1);
            line.back += if src == line.src { 0 } else { edge.merged.max(1) };
        }
        levels
    }
}

/// What joins two areas.
struct Line {
    /// The first relation, whose style the line has if it stands for no other.
    first: Edge,
    src: ObjectId,
    dst: ObjectId,
    count: u32,
    /// How many relations run against the first.
    back: u32,
}

#[derive(Default)]
struct Level {
    lines: Vec<Line>,
}

impl Level {
    /// Adds the level's lines to a board; returns how many relations were left out.
    fn add_to(self, board: &mut Board, tree: &Tree) -> u32 {
        let kept = self.kept();
        let mut left_out = 0;
        for (line, kept) in self.lines.into_iter().zip(kept) {
            if kept {
                board.edges.push(line.edge(tree));
            } else {
                left_out += line.count;
            }
        }
        left_out
    }

    /// Which lines stay: those of a spanning forest of the strongest, then the strongest of the others.
    fn kept(&self) -> Vec<bool> {
        let mut areas: Vec<ObjectId> = self.lines.iter().flat_map(|line| [line.src, line.dst]).collect();
        areas.sort_unstable();
        areas.dedup();
        let most = LINES_ALWAYS.max((areas.len() as f64 * LINES_PER_AREA) as usize);
        if self.lines.len() <= most {
            return vec![true; self.lines.len()];
        }
        let mut strongest: Vec<usize> = (0..self.lines.len()).collect();
        strongest.sort_by_key(|at| (std::cmp::Reverse(self.lines[*at].count), *at));
        let mut group: Vec<usize> = (0..areas.len()).collect();
        let mut kept = vec![false; self.lines.len()];
        let place = |id: ObjectId| areas.binary_search(&id).unwrap_or(0);
        for at in &strongest {
            let (a, b) = (root(&mut group, place(self.lines[*at].src)), root(&mut group, place(self.lines[*at].dst)));
            kept[*at] = a != b;
            group[a.max(b)] = a.min(b);
        }
        let mut count = kept.iter().filter(|kept| **kept).count();
        for at in strongest {
            if count < most && !kept[at] {
                kept[at] = true;
                count += 1;
            }
        }
        kept
    }
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

impl Line {
    /// The line as an edge: thicker for more relations, with heads where relations end.
    fn edge(self, tree: &Tree) -> Edge {
        let exact = self.count == 1 && (self.src, self.dst) == (self.first.src, self.first.dst);
        let mut edge = Edge::new(self.src, self.dst);
        edge.merged = 1;
        edge.key.clone_from(&self.first.key);
        edge.src_arrow = if exact { self.first.src_arrow } else { self.back > 0 };
        edge.dst_arrow = if exact { self.first.dst_arrow } else { self.back < self.count };
        if exact {
            edge.style = self.first.style;
            edge.tooltip = Some(self.first.label.text).filter(|text| !text.is_empty());
            edge.classes = self.first.classes;
        }
        let areas = tree.inside[self.src.index()].min(tree.inside[self.dst.index()]);
        if areas > 0 && self.count > 1 {
            edge.label = Text::plain(self.count.to_string());
            edge.style.font_size = Some((name_size(areas) * 0.45).max(NAME));
        }
        let scale = (name_size(areas) / NAME).sqrt();
        edge.style.stroke_width = Some(((1.5 + f64::from(self.count).ln() * 0.8) * scale).clamp(1.5, LINE_MOST));
        edge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(objects: &[(&str, Option<u32>)], edges: &[(u32, u32)]) -> Board {
        let mut board = Board::default();
        for (name, parent) in objects {
            let label = Text::plain(format!("{name}\n[more]"));
            let parent = parent.map(ObjectId);
            board.push(Object { id: (*name).to_owned(), label, parent, ..Object::default() });
        }
        board.edges = edges.iter().map(|(src, dst)| Edge::new(ObjectId(*src), ObjectId(*dst))).collect();
        board
    }

    #[test]
    fn relations_between_areas_become_one_line() {
        let board = board(
            &[("a", None), ("a1", Some(0)), ("a2", Some(0)), ("b", None), ("b1", Some(3))],
            &[(1, 4), (2, 4), (4, 1), (1, 2), (0, 1)],
        );
        let overview = Overview::of(&board);
        let lines: Vec<(u32, u32, &str, bool, bool)> = overview
            .board
            .edges
            .iter()
            .map(|edge| (edge.src.0, edge.dst.0, edge.label.text.as_str(), edge.src_arrow, edge.dst_arrow))
            .collect();
        assert_eq!(lines, [(0, 3, "3", true, true), (1, 2, "", false, true)]);
        assert_eq!((overview.relations, overview.left_out), (4, 0));
    }

    #[test]
    fn names_stay_and_grow_with_what_is_inside() {
        let board = board(&[("a", None), ("a1", Some(0)), ("a2", Some(0))], &[]);
        let overview = Overview::of(&board).board;
        assert_eq!(overview.objects[0].label.text, "a");
        assert_eq!(overview.objects[0].tooltip.as_deref(), Some("[more]"));
        assert!(overview.objects[0].style.font_size > overview.objects[1].style.font_size);
    }

    #[test]
    fn a_crowded_level_keeps_its_strongest_lines_and_stays_joined() {
        let names: Vec<String> = (0..20).map(|at| format!("n{at}")).collect();
        let objects: Vec<(&str, Option<u32>)> = names.iter().map(|name| (name.as_str(), None)).collect();
        let mut edges: Vec<(u32, u32)> = (0..20).flat_map(|a| (a + 1..20).map(move |b| (a, b))).collect();
        edges.extend([(3, 17), (3, 17), (17, 3)]);
        let overview = Overview::of(&board(&objects, &edges));
        assert_eq!(overview.board.edges.len(), 32);
        assert_eq!(overview.relations - overview.left_out, 35);
        let strong = overview.board.edges.iter().any(|edge| (edge.src.0, edge.dst.0) == (3, 17));
        assert!(strong, "the strongest line is kept");
    }
}
