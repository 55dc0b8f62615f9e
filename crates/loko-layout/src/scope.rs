//! Who is placed together with whom: the containers that are placed as closed boxes, and the edges inside each.
//!
//! A container is *open* when an edge crosses its border and its inside flows the way its surroundings do: then it is
//! placed in one go with them. All others are *closed*: their inside is placed first, and counts as a box from then on.

use crate::Options;
use loko_diagram::{
    Board, Content, Direction, Edge, EdgeId, EdgeMeasure, Measures, Near, Object, ObjectId, ObjectMeasure, Point, Shape,
};

/// Everything that is known before placing starts.
pub(crate) struct Scope<'a> {
    pub(crate) board: &'a Board,
    measures: &'a Measures,
    pub(crate) options: &'a Options<'a>,
    /// The children of each object, and those of the board last.
    children: Vec<Vec<ObjectId>>,
    depth: Vec<u32>,
    open: Vec<bool>,
    /// The edges whose ends meet in each closed container, and those of the board last.
    edges: Vec<Vec<EdgeId>>,
    /// The direction inside of each object, and that of the board last.
    directions: Vec<Direction>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(board: &'a Board, measures: &'a Measures, options: &'a Options<'a>) -> Self {
        let mut scope = Self {
            board,
            measures,
            options,
            children: board.children(),
            depth: Vec::new(),
            open: vec![false; board.objects.len()],
            edges: vec![Vec::new(); board.objects.len() + 1],
            directions: Vec::new(),
        };
        scope.find_depths();
        scope.find_directions();
        scope.find_open();
        scope.file_edges();
        scope
    }

    fn find_depths(&mut self) {
        for object in &self.board.objects {
            let depth = object.parent.map_or(0, |parent| self.depth[parent.index()] + 1);
            self.depth.push(depth);
        }
    }

    fn find_directions(&mut self) {
        let root = self.board.direction.unwrap_or(self.options.direction);
        for object in &self.board.objects {
            let inherited = object.parent.map_or(root, |parent| self.directions[parent.index()]);
            self.directions.push(object.direction.unwrap_or(inherited));
        }
        self.directions.push(root);
    }

    fn find_open(&mut self) {
        let mut crossed = vec![false; self.board.objects.len()];
        for edge in &self.board.edges {
            let meet = self.meet(edge.src, edge.dst);
            let own = |end: ObjectId| meet == Some(end);
            for end in [edge.src, edge.dst] {
                let mut at = self.parent(end);
                while at != meet {
                    let Some(id) = at else { break };
                    crossed[id.index()] = true;
                    at = self.parent(id);
                }
            }
            if let Some(meet) = meet.filter(|_| edge.src != edge.dst && (own(edge.src) || own(edge.dst))) {
                crossed[meet.index()] = true;
            }
        }
        for id in self.board.ids() {
            let inside = self.directions[id.index()];
            let outside = self.directions[self.parent(id).map_or(self.board.objects.len(), ObjectId::index)];
            self.open[id.index()] = crossed[id.index()]
                && self.is_container(id)
                && inside == outside
                && !self.is_special(id)
                && !self.parent(id).is_some_and(|parent| self.is_special(parent))
                && !(self.parent(id).is_none() && self.is_special_root())
                && !self.is_placed_apart(id)
                && !self.children[id.index()].iter().any(|child| self.is_placed_apart(*child));
        }
    }

    /// Files each edge under the closed container in which it will be routed.
    fn file_edges(&mut self) {
        for (at, edge) in self.board.edges.iter().enumerate() {
            let mut level = self.meet(edge.src, edge.dst);
            if edge.src == edge.dst {
                level = self.parent(edge.src);
            }
            match self.special_around(level) {
                Some(special) if self.is_sequence(special) => level = special,
                _ => {
                    while let Some(id) = level.filter(|id| self.open[id.index()]) {
                        level = self.parent(id);
                    }
                }
            }
            self.edges[level.map_or(self.board.objects.len(), ObjectId::index)].push(EdgeId(at as u32));
        }
    }

    /// The innermost grid or sequence diagram that holds a place or is it; `Some(None)` if that is the board.
    fn special_around(&self, mut at: Option<ObjectId>) -> Option<Option<ObjectId>> {
        while let Some(id) = at {
            if self.is_special(id) {
                return Some(Some(id));
            }
            at = self.parent(id);
        }
        self.is_special_root().then_some(None)
    }

    fn is_sequence(&self, at: Option<ObjectId>) -> bool {
        match at {
            Some(id) => !self.object(id).grid.is_grid() && self.object(id).shape == Shape::SequenceDiagram,
            None => !self.board.grid.is_grid() && self.board.shape == Some(Shape::SequenceDiagram),
        }
    }

    /// The innermost object that holds both or is one of them.
    pub(crate) fn meet(&self, a: ObjectId, b: ObjectId) -> Option<ObjectId> {
        let (mut a, mut b) = (Some(a), Some(b));
        while a != b {
            let (Some(left), Some(right)) = (a, b) else { return None };
            if self.depth[left.index()] >= self.depth[right.index()] {
                a = self.parent(left);
            } else {
                b = self.parent(right);
            }
        }
        a
    }

    pub(crate) fn object(&self, id: ObjectId) -> &'a Object {
        self.board.object(id)
    }

    pub(crate) fn edge(&self, id: EdgeId) -> &'a Edge {
        &self.board.edges[id.index()]
    }

    pub(crate) fn parent(&self, id: ObjectId) -> Option<ObjectId> {
        self.object(id).parent
    }

    pub(crate) fn children(&self, container: Option<ObjectId>) -> &[ObjectId] {
        &self.children[container.map_or(self.board.objects.len(), ObjectId::index)]
    }

    pub(crate) fn edges(&self, container: Option<ObjectId>) -> &[EdgeId] {
        &self.edges[container.map_or(self.board.objects.len(), ObjectId::index)]
    }

    pub(crate) fn direction(&self, container: Option<ObjectId>) -> Direction {
        self.directions[container.map_or(self.board.objects.len(), ObjectId::index)]
    }

    pub(crate) fn is_container(&self, id: ObjectId) -> bool {
        !self.children[id.index()].is_empty()
    }

    pub(crate) fn is_open(&self, id: ObjectId) -> bool {
        self.open[id.index()]
    }

    /// Whether `outer` is `inner` or holds it.
    pub(crate) fn holds(&self, outer: ObjectId, inner: ObjectId) -> bool {
        let mut at = Some(inner);
        while let Some(id) = at {
            if id == outer {
                return true;
            }
            at = self.parent(id);
        }
        false
    }

    /// Whether the inside is a grid or a sequence diagram.
    pub(crate) fn is_special(&self, id: ObjectId) -> bool {
        let object = self.object(id);
        object.grid.is_grid() || object.shape == Shape::SequenceDiagram
    }

    fn is_special_root(&self) -> bool {
        self.board.grid.is_grid() || self.board.shape == Some(Shape::SequenceDiagram)
    }

    /// Whether the object has a place of its own, apart from the flow.
    pub(crate) fn is_placed_apart(&self, id: ObjectId) -> bool {
        let object = self.object(id);
        let near = match &object.near {
            Some(Near::Constant(_)) => true,
            Some(Near::Object(other)) => self.board.find(other).is_some_and(|other| !self.holds(id, other)),
            None => false,
        };
        near || object.top.is_some() || object.left.is_some()
    }

    pub(crate) fn measure(&self, id: ObjectId) -> ObjectMeasure {
        self.measures.objects.get(id.index()).cloned().unwrap_or_default()
    }

    pub(crate) fn edge_measure(&self, id: EdgeId) -> EdgeMeasure {
        self.measures.edges.get(id.index()).copied().unwrap_or_default()
    }

    /// Whether nothing of an object can be seen: a box that keeps a cell of a grid free.
    pub(crate) fn is_spacer(&self, id: ObjectId) -> bool {
        let object = self.object(id);
        let is_clear = |paint: &Option<String>| {
            paint.as_deref().is_some_and(|paint| matches!(paint.to_ascii_lowercase().as_str(), "transparent" | "none"))
        };
        let bare = object.icon.is_none() && object.content == Content::None && !self.is_container(id);
        let is_hidden = object.style.opacity.is_some_and(|opacity| opacity <= 0.0);
        let has_no_border = is_clear(&object.style.stroke) || object.style.stroke_width == Some(0.0);
        let is_blank = object.label.is_empty() && is_clear(&object.style.fill) && has_no_border;
        bare && (is_hidden || is_blank)
    }

    /// The middle of an object in the earlier drawing.
    pub(crate) fn hint(&self, id: ObjectId) -> Option<Point> {
        self.options.previous.and_then(|hints| hints.get(&self.object(id).id))
    }
}
