//! What the objects of a sequence diagram are, which decides how they are drawn.
//!
//! Actors are the children of the diagram that are no groups; what is inside of an actor is a span if messages end there
//! or others stand in it, else a note. A group is an object in whose braces something else was written.

use loko_diagram::{Board, ObjectId, Shape};

/// What an object of a sequence diagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Actor,
    Span,
    Note,
    Group,
}

/// The part that each object plays; nothing for those outside of sequence diagrams.
pub(crate) fn parts(board: &Board) -> Vec<Option<Part>> {
    let mut parts: Vec<Option<Part>> = vec![None; board.objects.len()];
    let is_whole = board.shape == Some(Shape::SequenceDiagram);
    let is_diagram = |id: ObjectId| board.object(id).shape == Shape::SequenceDiagram;
    if !is_whole && !board.ids().any(is_diagram) {
        return parts;
    }
    // Parents stand before their children, so that one pass finds out who is inside of a sequence diagram.
    let mut inside = vec![false; board.objects.len()];
    for id in board.ids() {
        inside[id.index()] = match parent(board, id) {
            Some(parent) => inside[parent.index()] || is_diagram(parent),
            None => is_whole,
        };
    }
    let groups = groups(board, &inside);
    let mut busy = vec![false; board.objects.len()];
    for edge in &board.edges {
        for end in [edge.src, edge.dst] {
            if let Some(busy) = busy.get_mut(end.index()) {
                *busy = true;
            }
        }
    }
    for id in board.ids() {
        if let Some(parent) = parent(board, id) {
            busy[parent.index()] |= !groups[parent.index()];
        }
    }
    for id in board.ids().filter(|id| inside[id.index()]) {
        let holder = parent(board, id).and_then(|parent| parts[parent.index()]);
        parts[id.index()] = Some(match holder {
            _ if groups[id.index()] => Part::Group,
            None | Some(Part::Group) => Part::Actor,
            Some(_) if busy[id.index()] => Part::Span,
            Some(_) => Part::Note,
        });
    }
    parts
}

fn parent(board: &Board, id: ObjectId) -> Option<ObjectId> {
    board.object(id).parent.filter(|parent| *parent < id)
}

/// Which objects have something written in their braces.
fn groups(board: &Board, inside: &[bool]) -> Vec<bool> {
    let mut groups = vec![false; board.objects.len()];
    let edges = board.edges.iter().filter_map(|edge| edge.scope);
    let objects = board.objects.iter().filter_map(|object| object.scope);
    for scope in edges.chain(objects).filter(|scope| scope.index() < inside.len()) {
        let mut at = Some(scope);
        while let Some(id) = at.filter(|id| inside[id.index()]) {
            groups[id.index()] = true;
            at = parent(board, id);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::{Edge, Object};

    #[test]
    fn parts_are_told_apart() {
        let mut board = Board { shape: Some(Shape::SequenceDiagram), ..Board::default() };
        let mut add = |name: &str, parent| board.push(Object { id: name.into(), parent, ..Object::default() });
        let (a, b, group) = (add("a", None), add("b", None), add("group", None));
        let (span, _note) = (add("a.span", Some(a)), add("b.note", Some(b)));
        let mut edge = Edge::new(span, b);
        edge.scope = Some(group);
        board.edges.push(edge);
        let found: Vec<Part> = parts(&board).into_iter().flatten().collect();
        assert_eq!(found, [Part::Actor, Part::Actor, Part::Group, Part::Span, Part::Note]);
        board.shape = None;
        assert_eq!(parts(&board), [None; 5]);
    }
}
