//! Selected views: what selectors pick, in one picture.

use crate::Model;
use crate::element::ElementIx;
use crate::select::Select;
use loko_source::Place;
use serde::Serialize;

/// Elements of any level that one concern has in common, with the relations between them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelectedView {
    /// The id: the name of its TOML file.
    pub id: String,
    /// The title.
    pub name: String,
    /// What it shows.
    pub description: String,
    /// The element on whose page it stands.
    pub scope: Option<ElementIx>,
    /// What is shown: what any of these picks.
    pub include: Vec<Picked>,
    /// What is left out of it: what any of these picks.
    pub exclude: Vec<Picked>,
    /// The relations that are drawn, when not all: those that any of these picks.
    pub relations: Vec<Picked>,
    /// Where it is stated.
    #[serde(skip)]
    pub place: Place,
}

/// A selector with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// The selector.
    pub select: Select,
    /// Where it is written.
    pub place: Place,
}

impl Serialize for Picked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.select.text())
    }
}

impl SelectedView {
    /// For each element whether it is shown.
    pub fn mask(&self, model: &Model) -> Vec<bool> {
        let mut shown = vec![false; model.elements.len()];
        for (picked, value) in self.include.iter().map(|it| (it, true)).chain(self.exclude.iter().map(|it| (it, false)))
        {
            for ix in picked.select.picks(model) {
                shown[ix.index()] = value;
            }
        }
        shown
    }

    /// For each relation whether it may be drawn.
    pub fn relation_mask(&self, model: &Model) -> Vec<bool> {
        let mut drawn = vec![self.relations.is_empty(); model.relations.len()];
        for ix in self.relations.iter().flat_map(|picked| picked.select.picks_relations(model)) {
            drawn[ix.index()] = true;
        }
        drawn
    }
}
