//! A board as text: objects indented in their containers with kind, shape and technology, then edges with labels.

use loko_diagram::{Board, Edge, NotationKind, Object, Shape};
use std::fmt::Write as _;

/// Writes a board down.
pub(crate) fn dump(board: &Board) -> String {
    let mut out = String::new();
    if let Some(shape) = board.shape {
        let _ = writeln!(out, "{}", shape.name());
    }
    let children = board.children();
    let mut open: Vec<_> = children[board.objects.len()].iter().rev().map(|id| (*id, 0)).collect();
    while let Some((id, depth)) = open.pop() {
        let _ = writeln!(out, "{}{}", "  ".repeat(depth), object(board.object(id)));
        open.extend(children[id.index()].iter().rev().map(|child| (*child, depth + 1)));
    }
    for edge in &board.edges {
        let _ = writeln!(out, "{}", line(board, edge));
    }
    out
}

fn object(object: &Object) -> String {
    let notation = object.notation.as_ref().expect("an automatic object has notation");
    let kind = match notation.kind {
        NotationKind::Person => "[person]",
        NotationKind::System => "[system]",
        NotationKind::Container => "[container]",
        NotationKind::Component => "[component]",
        NotationKind::DeploymentNode => "{node}",
        NotationKind::Boundary => "{boundary}",
    };
    let mut text = format!("{kind} {} `{}`", object.id, object.label.text);
    if object.shape != Shape::Rectangle {
        let _ = write!(text, " ({})", object.shape.name());
    }
    if let Some(technology) = &notation.technology {
        let _ = write!(text, " <{technology}>");
    }
    if notation.external {
        text.push_str(" external");
    }
    for badge in &notation.badges {
        let _ = write!(text, " {badge}");
    }
    text
}

fn line(board: &Board, edge: &Edge) -> String {
    let arrow = match (edge.src_arrow, edge.style.stroke_dash.is_some()) {
        (true, false) => "<->",
        (true, true) => "<~>",
        (false, false) => "->",
        (false, true) => "~>",
    };
    let (src, dst) = (&board.object(edge.src).id, &board.object(edge.dst).id);
    let mut text = format!("{src} {arrow} {dst}: {}", edge.label.text.replace('\n', " | "));
    if let Some(technology) = &edge.technology {
        let _ = write!(text, " [{technology}]");
    }
    if edge.merged != 1 {
        let _ = write!(text, " ×{}", edge.merged);
    }
    text
}
