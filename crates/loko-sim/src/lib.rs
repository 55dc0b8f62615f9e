//! Simulation: what an architecture does before it is built.
//!
//! Three steps: a model and a [`scenario`] are [compiled](mod@compile) to a [`network::Network`]; the [`engine`] runs it
//! in virtual time with the policies of `loko-policy`, the same state machines that real code uses, and [`run`] repeats
//! that for every variant; [`analytic`] answers in closed form where that is known ([`mod@quick`]: in milliseconds, without a run). The two check each other
//! ([`conformance`]). [`report`] says what came of it.
//!
//! [`simulate()`] does all of it for a model and the text of a scenario; [`check()`] says what would stand in the way, without a run.
//!
//! Left to others: reading files (scenarios come as texts), clocks, printing.

pub mod analytic;
mod check;
pub mod compile;
pub mod conformance;
pub mod cost;
pub mod defaults;
pub mod distribution;
pub mod engine;
pub mod events;
pub mod network;
pub mod quick;
pub mod random;
pub mod report;
pub mod run;
pub mod scenario;
pub mod search;
mod simulate;
pub mod slo;
pub mod statistics;

pub use check::check;
pub use simulate::{Overrides, Report, adjust, simulate};
