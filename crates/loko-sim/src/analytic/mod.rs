//! Answers in closed form or by small exact chains: milliseconds, many digits.
//!
//! [`queues`] has stations, [`chains`] finite Markov chains, [`phase`] phase-type distributions (all percentiles that
//! have no closed form), [`special`] the functions that everything needs, [`network`] the quick look at a whole model,
//! [`paths`] the ways of calls through it, [`drift`] what retries can keep down.

pub mod chains;
pub mod drift;
pub mod network;
pub mod paths;
pub mod phase;
pub mod queues;
pub mod special;
