//! The C4 model of a workspace: elements, relations, deployments, views that somebody described, decisions.
//!
//! [`load()`] turns a [`loko_source::Snapshot`] into a [`Model`] and the findings made on the way; it never fails, a
//! broken file only costs what stood in it. [`view`] turns a model into diagrams, [`query`] answers questions, and
//! [`edit`] turns wishes into [`loko_source::ChangeSet`]s. Nothing here draws, prints or touches a disk or a network.

pub mod applied;
pub mod behaviour;
pub mod complete;
pub mod context;
pub mod date;
pub mod decision;
pub mod deployment;
pub mod diff;
pub mod drawing;
pub mod dynamic;
pub mod edit;
pub mod element;
pub mod glob;
pub mod graph;
pub mod load;
pub mod merge;
pub mod moved;
pub mod name;
pub mod project;
pub mod quantity;
pub mod query;
pub mod relation;
pub mod schema;
pub mod select;
pub mod selection;
pub mod value;
pub mod view;

mod model;

pub use applied::{Applied, Changed, Made, Stated};
pub use context::{Context, ContextRelation};
pub use date::Date;
pub use decision::{Decision, DecisionState};
pub use deployment::{DeploymentNode, Environment, Instance};
pub use dynamic::{DynamicView, Step};
pub use element::{Element, ElementIx, ElementShape, Kind, Link};
pub use load::{Loaded, load, load_after};
pub use model::{Ends, Model, Resolution};
pub use moved::Moved;
pub use project::Project;
pub use relation::{Origin, Relation, RelationIx, RelationKind};
pub use selection::SelectedView;
pub use value::Value;
