//! Boards: one picture each, with the boards below it.

use crate::{Direction, Edge, Grid, Object, ObjectId, Shape, Style, Text};
use indexmap::IndexMap;
use serde::Serialize;

/// A whole diagram: the root board and those below it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diagram {
    /// The board that is shown first.
    pub root: Board,
}

/// How a board came from the one above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BoardKind {
    /// Starts empty.
    #[default]
    Layer,
    /// Starts with all that its parent has.
    Scenario,
    /// Starts with all that the step before it has.
    Step,
}

/// One picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Board {
    /// The name below its parent; empty for the root.
    pub name: String,
    /// Whether it holds nothing of its own but boards.
    pub folder_only: bool,
    /// A title, if one was set on the board itself.
    pub label: Option<Text>,
    /// What is set on the board itself.
    pub shape: Option<Shape>,
    /// The main direction.
    pub direction: Option<Direction>,
    /// Its cells, if the board is a grid.
    pub grid: Grid,
    /// Styles of the background.
    pub style: Style,
    /// All objects; parents stand before their children, otherwise in the order of the source.
    pub objects: Vec<Object>,
    /// All edges in the order of the source.
    pub edges: Vec<Edge>,
    /// An explanation of notation, if one was given.
    pub legend: Option<Legend>,
    /// Boards that start empty.
    pub layers: Vec<Board>,
    /// Boards that start with all of this one.
    pub scenarios: Vec<Board>,
    /// Boards that build on each other.
    pub steps: Vec<Board>,
    /// Settings.
    pub config: Config,
}

/// An explanation of notation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Legend {
    /// The heading.
    pub label: Option<String>,
    /// Samples of objects.
    pub objects: Vec<Object>,
    /// Samples of edges, with ends among `objects`.
    pub edges: Vec<Edge>,
}

/// Settings of a diagram that its source may carry.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is D2's setting of its name")]
pub struct Config {
    pub theme_id: Option<i64>,
    pub dark_theme_id: Option<i64>,
    pub pad: Option<i64>,
    pub sketch: Option<bool>,
    pub center: Option<bool>,
    pub layout_engine: Option<String>,
    pub theme_overrides: IndexMap<String, String>,
    pub dark_theme_overrides: IndexMap<String, String>,
    pub data: IndexMap<String, String>,
    pub data_lists: IndexMap<String, Vec<String>>,
}

impl Board {
    /// The object of an id of this board.
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.index()]
    }

    /// The ids of all objects in order.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> + use<> {
        (0..self.objects.len() as u32).map(ObjectId)
    }

    /// Finds an object by its absolute id.
    pub fn find(&self, id: &str) -> Option<ObjectId> {
        self.objects.iter().position(|object| object.id == id).map(|at| ObjectId(at as u32))
    }

    /// The children of every object, and those of the board itself last.
    pub fn children(&self) -> Vec<Vec<ObjectId>> {
        let mut children = vec![Vec::new(); self.objects.len() + 1];
        for id in self.ids() {
            let parent = self.object(id).parent.map_or(self.objects.len(), ObjectId::index);
            children[parent].push(id);
        }
        children
    }

    /// Adds an object and returns its id.
    pub fn push(&mut self, object: Object) -> ObjectId {
        self.objects.push(object);
        ObjectId(self.objects.len() as u32 - 1)
    }

    /// The board as far as places depend on it, given the sizes of its texts: without texts, links, notation, settings,
    /// legend, and the boards below it; without places in files where they do not tell the order of a story. Boards that
    /// are the same in this are laid out the same.
    pub fn bare(&self) -> Self {
        let is_story = self.shape == Some(Shape::SequenceDiagram)
            || self.objects.iter().any(|object| object.shape == Shape::SequenceDiagram);
        let mut board = Self {
            shape: self.shape,
            direction: self.direction,
            grid: self.grid,
            objects: self.objects.iter().map(Object::bare).collect(),
            edges: self.edges.iter().map(Edge::bare).collect(),
            ..Self::default()
        };
        if !is_story {
            board.objects.iter_mut().for_each(|object| object.place = None);
            board.edges.iter_mut().for_each(|edge| edge.place = None);
        }
        board
    }

    /// The boards below this one with their kinds, in order.
    pub fn boards(&self) -> impl Iterator<Item = (BoardKind, &Board)> {
        let layers = self.layers.iter().map(|board| (BoardKind::Layer, board));
        let scenarios = self.scenarios.iter().map(|board| (BoardKind::Scenario, board));
        let steps = self.steps.iter().map(|board| (BoardKind::Step, board));
        layers.chain(scenarios).chain(steps)
    }
}
