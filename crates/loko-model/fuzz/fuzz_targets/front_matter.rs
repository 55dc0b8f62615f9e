//! Any bytes as the front matter of an element: no panic, no hang, every place inside its file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loko_source::{FilePath, Snapshot, Source};

fuzz_target!(|bytes: &[u8]| {
    let mut text = b"---\n".to_vec();
    text.extend_from_slice(bytes);
    text.extend_from_slice(b"\n---\nProse\n");
    let mut snapshot = Snapshot::default();
    let path = FilePath::new("src/s/system.md").expect("a path");
    snapshot.insert(path, Source::from_bytes(text));
    let loaded = loko_model::load(&snapshot);
    assert_eq!(loaded.model.elements.len(), 1);
    for finding in &loaded.findings {
        for label in finding.primary.iter().chain(&finding.secondary) {
            let text = snapshot.text(label.place.path.as_str()).expect("a file of the workspace");
            assert!(text.get(label.place.span.range()).is_some(), "a span outside its file");
        }
    }
});
