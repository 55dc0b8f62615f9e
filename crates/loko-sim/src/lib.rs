//! Simulation: what an architecture does before it is built.
//!
//! Three steps: a model and a scenario are compiled to a [`network::Network`]; the [`engine`] runs it in virtual time
//! with the policies of `loko-policy`, the same state machines that real code uses; [`analytic`] answers in closed
//! form where that is known. The two check each other ([`conformance`]).
//!
//! Left to others: reading files (scenarios come as texts), clocks, printing.

pub mod analytic;
pub mod conformance;
pub mod distribution;
pub mod engine;
pub mod events;
pub mod network;
pub mod random;
pub mod statistics;
