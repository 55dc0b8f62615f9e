//! From what the layered method decided to boxes and routes.

use super::{Member, Part};
use crate::arrange;
use crate::frame::Frame;
use crate::label::{self, Margins};
use crate::layered::corner::{self, Wish};
use crate::layered::graph::{Edge, Kind, NONE};
use crate::layered::route;
use crate::loops;
use crate::piece::Piece;
use crate::scope::Scope;
use crate::unit::Unit;
use loko_diagram::{EdgeId, ObjectId, PlacedEdge, PlacedObject, Point, Rect, Shape, Size};
use rustc_hash::FxHashMap;

impl Part {
    /// In rows, with the edges left for later.
    pub(super) fn place_in_rows(&mut self, unit: &mut Unit<'_>) -> Piece {
        let outer = |member: &Member| {
            Size::new(member.size.w + member.margins.width(), member.size.h + member.margins.height())
        };
        let sizes: Vec<Size> = self.members.iter().map(outer).collect();
        let before: Vec<Option<Point>> = self.members.iter().map(|member| unit.scope.hint(member.id)).collect();
        let by_node: FxHashMap<u32, usize> = self.members.iter().enumerate().map(|(at, it)| (it.node, at)).collect();
        let relation = |(edge, id): (&Edge, &EdgeId)| {
            let strength = unit.scope.edge(*id).style.stroke_width.unwrap_or(1.0).max(1.0);
            (by_node[&edge.src], by_node[&edge.dst], strength)
        };
        let relations: Vec<(usize, usize, f64)> = self.graph.edges.iter().zip(&self.edges).map(relation).collect();
        let (spots, size) = arrange::rows(&arrange::Areas { sizes: &sizes, relations: &relations, before: &before });
        let mut piece = Piece { size, ..Piece::default() };
        for (member, spot) in self.members.iter_mut().zip(spots) {
            let at = spot.shift(member.margins.left, member.margins.top);
            piece.absorb(member.piece.take().unwrap_or_default(), at);
        }
        unit.loose.extend(&self.edges);
        unit.loose.extend(self.loops.iter().map(|(edge, _)| *edge));
        piece
    }

    /// What the layered method decided, as a piece.
    pub(super) fn place_as_layered(&mut self, unit: &Unit<'_>) -> Piece {
        self.frame.length = f64::from(self.graph.nodes[0].h);
        let mut piece = Piece::default();
        self.place_members(unit.scope, &mut piece);
        self.place_edges(unit, &mut piece);
        self.place_loops(unit.scope, &mut piece);
        piece.fit();
        piece
    }

    fn place_members(&mut self, scope: &Scope<'_>, piece: &mut Piece) {
        // Headings that edges had to keep clear of stand where the graph put them.
        let mut headed: FxHashMap<u32, Rect> = FxHashMap::default();
        for node in self.graph.nodes.iter().filter(|node| node.kind == Kind::Header) {
            let rect = self.frame.rect(f64::from(node.x), f64::from(node.y), f64::from(node.w), f64::from(node.h));
            headed.insert(node.parent, rect);
        }
        for member in &mut self.members {
            let node = &self.graph.nodes[member.node as usize];
            let outer = self.frame.rect(f64::from(node.x), f64::from(node.y), f64::from(node.w), f64::from(node.h));
            match member.piece.take() {
                Some(_) if node.stretches => {
                    let margins = member.margins;
                    let rect = Rect::new(
                        outer.x + margins.left,
                        outer.y + margins.top,
                        outer.w - margins.width(),
                        outer.h - margins.height(),
                    );
                    let rect = self.frame.only_across(rect, member.size);
                    piece.objects.push((member.id, label::dress(scope, member.id, rect)));
                }
                Some(inner) => {
                    let free = Size::new(
                        outer.w - member.size.w - member.margins.width(),
                        outer.h - member.size.h - member.margins.height(),
                    );
                    let at = Point::new(
                        outer.x + member.margins.left + (free.w / 2.0).floor(),
                        outer.y + member.margins.top + (free.h / 2.0).floor(),
                    );
                    piece.absorb(inner, at);
                }
                None => {
                    let known = self.shaped.iter().find(|(node, ..)| *node == member.node);
                    let header = headed.get(&member.node);
                    let (outer, is_outside) = match header {
                        Some(header) => behind(self.frame, outer, *header, member.margins),
                        None => (outer, false),
                    };
                    let rect = label::within(outer, member.margins);
                    let inside = label::within(rect, known.map_or_else(Margins::default, |(.., margins)| *margins));
                    let mut object = label::dress_within(scope, member.id, rect, inside);
                    if let Some(header) = header {
                        let among = Rect::around(header.center(), object.label.size());
                        object.label = match is_outside {
                            true if self.frame.is_horizontal() => Rect { y: among.y, ..object.label },
                            true => Rect { x: among.x, ..object.label },
                            false => among,
                        };
                    }
                    piece.objects.push((member.id, object));
                }
            }
        }
    }

    fn place_edges(&self, unit: &Unit<'_>, piece: &mut Piece) {
        let loose: std::collections::BTreeSet<EdgeId> = unit.loose.iter().copied().collect();
        let routes = self.routes(unit.scope);
        let boxes: FxHashMap<ObjectId, PlacedObject> = piece.objects.iter().copied().collect();
        for (at, id) in self.edges.iter().enumerate() {
            if loose.contains(id) {
                continue;
            }
            let points = &routes[at];
            let route = points.iter().map(|(x, y)| self.frame.point(f64::from(*x), f64::from(*y))).collect::<Vec<_>>();
            let data = unit.scope.edge(*id);
            let ends = [data.src, data.dst].map(|end| boxes.get(&end).copied());
            let route = loops::meet_boxes(route, ends);
            let edge = &self.graph.edges[at];
            let label = (edge.label_node != NONE).then(|| {
                let node = self.graph.node(edge.label_node);
                let (w, h) = (f64::from(node.w), f64::from(node.h));
                let outer = self.frame.rect(f64::from(node.x), f64::from(node.y), w, h);
                Rect::around(outer.center(), unit.scope.edge_measure(*id).label)
            });
            let measure = unit.scope.edge_measure(*id);
            let ends = [measure.src_label, measure.dst_label];
            let ends = loops::end_labels(&route, ends);
            piece.edges.push((*id, PlacedEdge { route, curve: false, label, src_label: ends[0], dst_label: ends[1] }));
        }
    }

    /// The routes of all edges of the graph, with as few turns as can be.
    fn routes(&self, scope: &Scope<'_>) -> Vec<Vec<(i32, i32)>> {
        let mut routes: Vec<Vec<(i32, i32)>> =
            (0..self.edges.len()).map(|at| route::points(&self.graph, at as u32)).collect();
        let by_node: FxHashMap<u32, &Member> = self.members.iter().map(|member| (member.node, member)).collect();
        let wishes: Vec<Wish> = self
            .edges
            .iter()
            .enumerate()
            .map(|(at, id)| {
                let (edge, data) = (&self.graph.edges[at], scope.edge(*id));
                let ends = [(edge.src, data.src_column), (edge.dst, data.dst_column)];
                let row = |(node, column): (u32, Option<u32>)| {
                    let member = by_node.get(&node).filter(|_| !self.frame.is_horizontal())?;
                    let rows = scope.measure(member.id).row_centers;
                    rows.get(column? as usize).map(|row| (member.margins.top + row).round() as i32)
                };
                let allowed = |(node, _): (u32, Option<u32>)| {
                    by_node.get(&node).is_some_and(|member| {
                        member.margins == Margins::default()
                            && edge.fixed == [None; 2]
                            && has_plain_sides(scope, member.id)
                    })
                };
                Wish { side: ends.map(row), allowed: ends.map(allowed) }
            })
            .collect();
        corner::cut(&self.graph, &mut routes, &wishes);
        routes
    }

    fn place_loops(&self, scope: &Scope<'_>, piece: &mut Piece) {
        for (member, edges) in self.looped() {
            let id = self.members[member].id;
            let Some((_, object)) = piece.objects.iter().find(|(known, _)| *known == id) else { continue };
            let labels: Vec<Size> = edges.iter().map(|edge| scope.edge_measure(*edge).label).collect();
            let placed = loops::place(self.frame, object.rect, &labels);
            piece.edges.extend(edges.into_iter().zip(placed));
        }
    }
}

/// What is left of a container's place from its heading on, and whether that stands outside of its border: then it is as
/// far from the border as ever, wherever edges turn before it.
fn behind(frame: Frame, outer: Rect, header: Rect, margins: Margins) -> (Rect, bool) {
    let rest = if frame.is_horizontal() {
        if header.center().x < outer.center().x {
            (margins.left > 0.0).then(|| Rect { x: header.x, w: outer.right() - header.x, ..outer })
        } else {
            (margins.right > 0.0).then(|| Rect { w: header.right() - outer.x, ..outer })
        }
    } else if header.center().y < outer.center().y {
        (margins.top > 0.0).then(|| Rect { y: header.y, h: outer.bottom() - header.y, ..outer })
    } else {
        (margins.bottom > 0.0).then(|| Rect { h: header.bottom() - outer.y, ..outer })
    };
    (rest.unwrap_or(outer), rest.is_some())
}

/// Whether an edge may end at the middle of any side of a shape.
fn has_plain_sides(scope: &Scope<'_>, id: ObjectId) -> bool {
    !matches!(scope.object(id).shape, Shape::Callout | Shape::Person | Shape::C4Person | Shape::Step)
}
