//! The rules, found in `rules/`: a folder for each, named as its code.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
