//! The forms, found in `formats/`.

include!(concat!(env!("OUT_DIR"), "/formats.rs"));
