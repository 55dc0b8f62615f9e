//! Several files in one input, parted by `\0`: the main one, and `a.d2`, `b.d2`, `d/c.d2` that it may import.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loko_d2::{MapResolver, compile, decode};
use loko_source::FilePath;

fuzz_target!(|data: &[u8]| {
    let mut texts = data.split(|byte| *byte == 0).map(decode);
    let main = texts.next().unwrap_or_default();
    let mut resolver = MapResolver::default();
    for (name, text) in ["a.d2", "b.d2", "d/c.d2"].iter().zip(texts) {
        resolver.files.insert((*name).to_owned(), text.into_owned());
    }
    let path = FilePath::new("index.d2").expect("a plain name is a path");
    let compiled = compile(&main, &path, &resolver);
    let _ = (loko_d2::graph_json(&compiled.diagram), compiled.error_lines());
});
