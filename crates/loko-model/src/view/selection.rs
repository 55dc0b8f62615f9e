//! Selected views: the elements that selectors pick, each at its own level, inside the borders of what they are part of.
//!
//! A picked element of which a part is picked as well is a border itself. Relations are lifted to what was picked and
//! merged as in every view; borders that only say what something is part of take none.

use super::sketch::Sketch;
use super::{View, ViewKind, ViewSource};
use crate::{ElementIx, Model, RelationIx, SelectedView};
use loko_diagram::{Board, ObjectId};
use rustc_hash::FxHashMap;

/// How many elements a selected view shows; who wants all of them has the other views.
pub const SELECTED_MAX: usize = 500;

/// One view for each that shows something.
pub(super) fn views(model: &Model) -> impl Iterator<Item = View> {
    let shown = model.selections.iter().enumerate().filter(|(_, selected)| selected.mask(model).contains(&true));
    shown.map(|(at, selected)| View {
        key: format!("{}/{}", ViewKind::Selected.name(), selected.id),
        kind: ViewKind::Selected,
        title: selected.name.clone(),
        description: selected.description.clone(),
        scope: selected.scope,
        source: ViewSource::Automatic,
        at,
    })
}

/// Draws what is picked, at most [`SELECTED_MAX`] elements, the outermost first.
pub(super) fn board(model: &Model, selected: &SelectedView) -> Board {
    let shown = shown(model, selected);
    let mut is_picked = vec![false; model.elements.len()];
    let mut holds = vec![false; model.elements.len()];
    for ix in &shown {
        is_picked[ix.index()] = true;
        model.ancestry(*ix).skip(1).for_each(|above| holds[above.index()] = true);
    }
    let mut stage = Stage { sketch: Sketch::new(model), is_picked, holds, placed: FxHashMap::default() };
    for ix in &shown {
        stage.place(*ix);
    }
    let drawn = selected.relation_mask(model);
    let relations = (0..model.relations.len() as u32).map(RelationIx).filter(|ix| drawn[ix.index()]);
    stage.sketch.relate(relations);
    stage.sketch.finish()
}

/// What is shown, in the model's order; of too many the outermost.
fn shown(model: &Model, selected: &SelectedView) -> Vec<ElementIx> {
    let mask = selected.mask(model);
    let mut shown: Vec<ElementIx> = model.ids().filter(|ix| mask[ix.index()]).collect();
    if shown.len() > SELECTED_MAX {
        shown.sort_by_key(|ix| (model.ancestry(*ix).count(), *ix));
        shown.truncate(SELECTED_MAX);
        shown.sort_unstable();
    }
    shown
}

/// A selected view in the making.
struct Stage<'m> {
    sketch: Sketch<'m>,
    is_picked: Vec<bool>,
    /// For each element whether something in it is shown.
    holds: Vec<bool>,
    placed: FxHashMap<ElementIx, ObjectId>,
}

impl Stage<'_> {
    /// Places an element inside the borders of what it is part of; those that are not placed yet come first.
    fn place(&mut self, ix: ElementIx) -> ObjectId {
        if let Some(id) = self.placed.get(&ix) {
            return *id;
        }
        let parent = self.sketch.model().element(ix).parent.map(|parent| self.place(parent));
        let id = match (self.is_picked[ix.index()], self.holds[ix.index()]) {
            (true, false) => self.sketch.place(ix, parent),
            (true, true) => self.sketch.enclose(ix, parent),
            (false, _) => self.sketch.surround(ix, parent),
        };
        self.placed.insert(ix, id);
        id
    }
}
