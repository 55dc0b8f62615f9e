//! Checks, coupling metrics, anti-patterns: what can be said of a model besides what it says itself.
//!
//! Everything here is a pure function of a model; nothing changes anything, reads files or knows who asked.

pub mod coupling;
