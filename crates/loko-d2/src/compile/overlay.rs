//! Copies of parts of the intermediate form, and laying one part over another.

use super::ir::{ArrayId, Composite, EdgeId, FieldId, Ir, Item, MapId, Name, Parent};
use crate::keywords;

impl Ir {
    /// Copies all of a map into another one that is empty.
    pub(super) fn copy_map_into(&mut self, from: MapId, to: MapId) {
        for field in self.map(from).fields.clone() {
            self.copy_field(field, to);
        }
        for edge in self.map(from).edges.clone() {
            self.copy_edge(edge, to);
        }
        self.map_mut(to).globs = self.map(from).globs.clone();
    }

    /// Copies a field to the end of a map.
    pub(super) fn copy_field(&mut self, from: FieldId, to: MapId) -> Option<FieldId> {
        let at = self.map(to).fields.len();
        self.copy_field_at(from, to, at)
    }

    fn copy_field_at(&mut self, from: FieldId, to: MapId, at: usize) -> Option<FieldId> {
        let name = self.field(from).name.clone();
        let copy = self.insert_field(to, at, name)?;
        let (primary, refs) = (self.field(from).primary.clone(), self.field(from).refs.clone());
        let (suspended, spot, composite) =
            (self.field(from).suspended, self.field(from).spot, self.field(from).composite);
        let held = self.field_mut(copy);
        (held.primary, held.refs, held.suspended, held.spot) = (primary, refs, suspended, spot);
        self.copy_composite(composite, copy);
        Some(copy)
    }

    /// Gives a field a copy of a composite.
    pub(super) fn copy_composite(&mut self, from: Composite, to: FieldId) {
        match from {
            Composite::None => self.field_mut(to).composite = Composite::None,
            Composite::Array(array) => {
                let copy = self.copy_array(array, to);
                self.field_mut(to).composite = Composite::Array(copy);
            }
            Composite::Map(map) => {
                let copy = self.new_map_of(to);
                self.copy_map_into(map, copy);
            }
        }
    }

    fn copy_array(&mut self, from: ArrayId, to: FieldId) -> ArrayId {
        let copy = self.new_array(to);
        for item in self.array(from).items.clone() {
            let item = match item {
                Item::Array(inner) => Item::Array(self.copy_array(inner, to)),
                Item::Map(inner) => {
                    let map = self.new_array_map(copy);
                    self.copy_map_into(inner, map);
                    Item::Map(map)
                }
                item => item,
            };
            self.array_mut(copy).items.push(item);
        }
        copy
    }

    fn copy_edge(&mut self, from: EdgeId, to: MapId) -> Option<EdgeId> {
        let copy = self.add_edge(to, self.edge(from).id.clone())?;
        let (primary, refs) = (self.edge(from).primary.clone(), self.edge(from).refs.clone());
        let (suspended, map) = (self.edge(from).suspended, self.edge(from).map);
        let held = self.edge_mut(copy);
        (held.primary, held.refs, held.suspended) = (primary, refs, suspended);
        if let Some(map) = map {
            let inner = self.ensure_edge_map(copy);
            self.copy_map_into(map, inner);
        }
        Some(copy)
    }

    /// Copies a map without its boards and without a label into another one that is empty.
    pub(super) fn copy_base_into(&mut self, from: MapId, to: MapId) {
        for field in self.map(from).fields.clone() {
            let is_left_out = self.field(field).name.as_ref().is_some_and(|name| {
                name.bare && (keywords::BOARDS.contains(&name.text.as_str()) || name.text == "label")
            });
            if !is_left_out {
                self.copy_field(field, to);
            }
        }
        for edge in self.map(from).edges.clone() {
            self.copy_edge(edge, to);
        }
        self.map_mut(to).globs = self.map(from).globs.clone();
    }

    /// Lays one map over another: what both have is merged, the upper one wins.
    pub(super) fn overlay_map(&mut self, base: MapId, upper: MapId) {
        for field in self.map(upper).fields.clone() {
            let below = self.field(field).name.as_ref().and_then(|name| self.find(base, name));
            match below {
                Some(below) => self.overlay_field(below, field),
                None => {
                    self.copy_field(field, base);
                }
            }
        }
        self.overlay_edges(base, upper);
    }

    /// The same, but new fields take the place of a spread's place holder.
    pub(super) fn expand_at(&mut self, base: MapId, upper: MapId, holder: FieldId) {
        let mut at = self.map(base).fields.iter().position(|field| *field == holder).unwrap_or(0);
        for field in self.map(upper).fields.clone() {
            let below = self.field(field).name.as_ref().and_then(|name| self.find(base, name));
            match below {
                Some(below) => self.overlay_field(below, field),
                None => {
                    self.copy_field_at(field, base, at);
                    at += 1;
                }
            }
        }
        self.overlay_edges(base, upper);
    }

    fn overlay_edges(&mut self, base: MapId, upper: MapId) {
        for edge in self.map(upper).edges.clone() {
            match self.matching_edges(base, &self.edge(edge).id.clone()).first() {
                Some(below) => self.overlay_edge(*below, edge),
                None => {
                    self.copy_edge(edge, base);
                }
            }
        }
    }

    /// Lays one field over another.
    pub(super) fn overlay_field(&mut self, below: FieldId, upper: FieldId) {
        if let Some(primary) = self.field(upper).primary.clone() {
            self.field_mut(below).primary = Some(primary);
        }
        match (self.field(below).composite, self.field(upper).composite) {
            (_, Composite::None) => {}
            (Composite::Map(base), Composite::Map(map)) => self.overlay_map(base, map),
            (_, composite) => self.copy_composite(composite, below),
        }
        let refs = self.field(upper).refs.clone();
        self.field_mut(below).refs.extend(refs);
    }

    fn overlay_edge(&mut self, below: EdgeId, upper: EdgeId) {
        if let Some(primary) = self.edge(upper).primary.clone() {
            self.edge_mut(below).primary = Some(primary);
        }
        if let Some(map) = self.edge(upper).map {
            let base = self.ensure_edge_map(below);
            self.overlay_map(base, map);
        }
        let refs = self.edge(upper).refs.clone();
        self.edge_mut(below).refs.extend(refs);
    }

    // Taking away.

    /// Deletes a field and the edges that the statements mentioning it made.
    pub(super) fn delete_field(&mut self, map: MapId, id: FieldId) {
        self.delete_edges_of(map, id);
        self.unlink_field(map, id);
        // A keyword such as `style` means nothing without what it holds.
        if let Parent::Field(holder) = self.map(map).parent
            && self.is_named(holder, "style")
            && self.map(map).fields.is_empty()
            && let Some(above) = self.field(holder).parent
        {
            self.unlink_field(above, holder);
        }
    }

    fn delete_edges_of(&mut self, map: MapId, id: FieldId) {
        let contexts: Vec<_> = self
            .field(id)
            .refs
            .iter()
            .filter(|mention| mention.context.edge.is_some())
            .map(|mention| mention.context.clone())
            .collect();
        if contexts.is_empty() {
            return;
        }
        let mut next = Some(map);
        while let Some(current) = next {
            let doomed: Vec<EdgeId> = self
                .map(current)
                .edges
                .iter()
                .copied()
                .filter(|edge| {
                    let refs = &self.edge(*edge).refs;
                    refs.iter()
                        .any(|mention| contexts.iter().any(|context| std::rc::Rc::ptr_eq(context, &mention.context)))
                })
                .collect();
            for edge in doomed {
                self.unlink_edge(edge);
            }
            next = if self.map_board_kind(current).is_some() { None } else { self.parent_map(current) };
        }
    }

    /// Deletes what is suspended.
    pub(super) fn remove_suspended(&mut self, map: MapId) {
        for field in self.map(map).fields.clone() {
            if let Some(inner) = self.field_map(field) {
                self.remove_suspended(inner);
            }
        }
        for field in self.map(map).fields.clone().into_iter().rev() {
            let held = self.field(field);
            if held.suspended && held.name.as_ref().is_some_and(|name: &Name| !keywords::is_reserved(&name.text)) {
                self.delete_field(map, field);
            }
        }
        for edge in self.map(map).edges.clone() {
            if let Some(inner) = self.edge(edge).map {
                self.remove_suspended(inner);
            }
            if self.edge(edge).suspended {
                self.unlink_edge(edge);
            }
        }
    }
}
