//! One command, one file: its arguments, whose doc comments are its help, and what it does. Found, not registered.

#![allow(clippy::iter_on_single_items, reason = "the file list is generated")]

use crate::context::{Context, Outcome};

include!(concat!(env!("OUT_DIR"), "/commands.rs"));
