//! Any bytes as each of the TOML files of a workspace: no panic, no hang, every place inside its file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loko_source::{FilePath, Snapshot, Source};

const FILES: [&str; 4] = ["loko.toml", "src/s/relationships.toml", "deployments/e.toml", "views/v.toml"];

fuzz_target!(|bytes: &[u8]| {
    let mut snapshot = Snapshot::from_texts([("src/s/system.md", ""), ("src/s/c/container.md", "")]);
    for file in FILES {
        snapshot.insert(FilePath::new(file).expect("a path"), Source::from_bytes(bytes.to_vec()));
    }
    for finding in &loko_model::load(&snapshot).findings {
        for label in finding.primary.iter().chain(&finding.secondary) {
            let text = snapshot.text(label.place.path.as_str()).expect("a file of the workspace");
            assert!(text.get(label.place.span.range()).is_some(), "a span outside its file");
        }
    }
});
