//! One tool, one file: what it takes, what it gives, and what it does. Found, not registered.

#![allow(clippy::vec_init_then_push, reason = "the file list is generated")]

use crate::tool::Entry;

include!(concat!(env!("OUT_DIR"), "/tools.rs"));
