//! The kinds of a team's own rules, found in `kinds/`.

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));
