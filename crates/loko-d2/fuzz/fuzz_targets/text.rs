//! Any bytes: decoded, parsed, formatted and compiled. Nothing panics, nothing is lost, a formatted text is valid.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loko_d2::{NoImports, compile, decode, format, leaves, parse, services};
use loko_source::FilePath;

fuzz_target!(|data: &[u8]| {
    let text = decode(data);
    let parsed = parse(&text);
    let whole: String = leaves(&text, &parsed.tree).iter().map(|leaf| &text[leaf.span.range()]).collect();
    assert_eq!(whole, text);
    for error in &parsed.errors {
        assert!(text.get(error.span.range()).is_some());
    }
    if let Ok(formatted) = format(&text) {
        assert!(parse(&formatted).errors.is_empty());
    }
    let path = FilePath::new("index.d2").expect("a plain name is a path");
    let compiled = compile(&text, &path, &NoImports);
    let _ = (loko_d2::graph_json(&compiled.diagram), compiled.error_lines());
    let _ = (services::semantic_tokens(&text), services::folding(&text), services::symbols(&text));
});
