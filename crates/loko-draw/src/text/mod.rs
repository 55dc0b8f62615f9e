//! Laid-out text: what a label's lines are, where they stand in their block, and how large the block is.
//!
//! Measuring and drawing make the very same [`Block`], so what was measured is what is drawn.

pub(crate) mod block;
pub(crate) mod code;
pub(crate) mod flow;
pub(crate) mod formula;
pub(crate) mod markdown;
pub(crate) mod math;

pub(crate) use block::{Align, Block, Fragment, Mark, MarkKind, Tone};
pub(crate) use flow::{Flow, Span};
