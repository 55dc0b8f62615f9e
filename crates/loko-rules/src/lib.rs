//! Checks of an architecture: what a model that can be read still gets wrong.
//!
//! [`check`](check()) runs the [rules](rule) of `rules/<code>/`, the [rules of the team's own](policy), and the checks of
//! [prose](mod@prose); applies the [`settings`] of `loko.toml`, [waivers](waiver) and a [`baseline`]; and hands back findings. The
//! [reports](report) say them in the forms of other tools. [`page`] makes the documentation of rules from the rules.
//!
//! [`coupling`] measures how parts lean on each other.
//!
//! Everything is a pure function of a snapshot and its model: nothing here changes anything, reads a file or knows what
//! day it is. A rule that lacks the knowledge it needs is silent, not wrong.

pub mod baseline;
pub mod check;
pub mod codes;
pub mod coupling;
pub mod fix;
pub mod page;
pub mod policy;
pub mod prose;
pub mod report;
pub mod rule;
pub mod settings;
pub mod statement;
pub mod waiver;
pub mod workspace;

mod calls;
mod memo;
mod moved;
mod rules;
mod services;
mod views;

pub use check::{Checked, Options, Shared, Today, Waived, check, check_shared};
pub use loko_model::Date;
pub use memo::Memo;
pub use rule::{Ask, Group, Reads, Rule};
pub use settings::{Level, Preset, Settings};
pub use workspace::Workspace;
