//! Any bytes as the diagram beside an element: no panic, no hang.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loko_source::{FilePath, Snapshot, Source};

fuzz_target!(|bytes: &[u8]| {
    let mut snapshot = Snapshot::from_texts([("src/s/system.md", ""), ("src/s/c/container.md", "")]);
    snapshot.insert(FilePath::new("src/s/s.d2").expect("a path"), Source::from_bytes(bytes.to_vec()));
    loko_model::load(&snapshot);
});
