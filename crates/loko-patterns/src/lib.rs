//! The catalogue of architecture patterns, and what can be done with one: show, suggest, apply, check, remove.
//!
//! A pattern is a folder with a `pattern.toml`: roles, relations, behaviour, obligations, what to document. Nothing
//! here knows a single pattern; whoever adds one writes no Rust. [`Catalogue::builtin`] holds those of `patterns/` in
//! this repository, [`Catalogue::of`] those of a workspace too. [`apply`], [`upgrade()`] and [`remove`] compute
//! change sets, [`check()`] holds obligations against a model, [`suggest()`] ranks patterns by facts.

mod apply;
mod cast;
mod catalogue;
mod check;
mod facts;
mod fixes;
mod leaves;
mod pattern;
mod places;
mod plan;
mod read;
mod redraft;
mod remove;
mod since;
mod sound;
mod suggest;
mod template;
mod upgrade;
mod write;

pub use apply::{Apply, apply, can_play};
pub use catalogue::Catalogue;
pub use check::{Report, Verdict, check, findings};
pub use facts::{FACTS, Fact, FactValue, Facts};
pub use pattern::{
    Draft, Example, FilePlan, Limit, Must, Param, ParamKind, Pattern, Picture, Reason, RelationPlan, Role, RoleKind,
    Subject,
};
pub use places::{Place, Settled, places, settle};
pub use read::read;
pub use remove::remove;
pub use suggest::{Suggestion, suggest};
pub use upgrade::{Upgrade, upgrade};

use loko_source::{ChangeSet, Diagnostic};

/// What will happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes; empty when everything is as wished already.
    pub changes: ChangeSet,
    /// What they come to, a short sentence each, without a full stop.
    pub summary: Vec<String>,
}

/// Why a wish is not fulfilled; at least one error.
pub type Refused = Vec<Diagnostic>;
