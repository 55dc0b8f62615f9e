//! The landscape: all people and systems, and how they relate.

use super::sketch::Sketch;
use super::{View, ViewKind, ViewSource};
use crate::{Kind, Model, RelationIx};
use loko_diagram::Board;

/// The landscape, if there is anybody or anything to show.
pub(super) fn view(model: &Model) -> Option<View> {
    let shown = model.elements.iter().any(|element| element.parent.is_none());
    shown.then(|| View {
        key: ViewKind::Landscape.name().to_owned(),
        kind: ViewKind::Landscape,
        title: "System landscape".to_owned(),
        description: model.project.description.clone(),
        scope: None,
        source: ViewSource::Automatic,
        at: 0,
    })
}

/// Draws it: people first, then one's own systems, then everybody else's; every relation is lifted to them.
pub(super) fn board(model: &Model) -> Board {
    let mut sketch = Sketch::new(model);
    let mut outermost: Vec<_> = model.ids().filter(|ix| model.element(*ix).parent.is_none()).collect();
    outermost.sort_by_key(|ix| (model.element(*ix).kind != Kind::Person, model.element(*ix).external, *ix));
    for ix in outermost {
        sketch.place(ix, None);
    }
    sketch.relate((0..model.relations.len() as u32).map(RelationIx));
    sketch.finish()
}
