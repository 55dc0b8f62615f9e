//! Dynamic views: how elements work together in one situation, step by step.

use crate::element::ElementIx;
use crate::relation::RelationKind;
use loko_source::Place;
use serde::Serialize;

/// A numbered story told with the elements of the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DynamicView {
    /// The id: the name of its TOML file.
    pub id: String,
    /// The title.
    pub name: String,
    /// What it shows.
    pub description: String,
    /// The element on whose page it stands.
    pub scope: Option<ElementIx>,
    /// Whether it is drawn as a sequence diagram as well.
    pub sequence: bool,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Where it is stated.
    #[serde(skip)]
    pub place: Place,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Its number as shown: `1`, `2`, `3`; steps that happen at the same time share one.
    pub number: String,
    /// Who acts.
    pub source: ElementIx,
    /// On whom.
    pub target: ElementIx,
    /// What is said or done.
    pub description: String,
    /// The protocol or means.
    pub technology: String,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// Whether it is an answer to an earlier step.
    pub response: bool,
    /// Where it is stated.
    #[serde(skip)]
    pub place: Place,
}
