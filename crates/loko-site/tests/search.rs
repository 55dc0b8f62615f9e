//! The search, as a browser runs it, on a small index. Needs `node`; says so where there is none.
#![allow(clippy::disallowed_methods, reason = "the script is read as a browser reads it")]

use std::path::Path;
use std::process::Command;

const CASES: &str = r#"
globalThis.index = [
  ["Order API", "Container", "a", "Ordering", "Guards orders", "Rust Axum core", "container"],
  ["Order events", "Topic", "b", "Ordering", "What happened to orders", "Kafka", "container"],
  ["Payment provider", "External system", "c", "", "Takes the money", "", "external"],
  ["Café", "System", "d", "", "Serves coffee", "", "system"],
  ["API", "Container", "e", "Library", "The only way to the data", "", "container"],
];
const cases = [
  ["order", "a"], ["order ev", "b"], ["api", "e"], ["paymnet", "c"], ["provider pay", "c"], ["cafe", "d"],
  ["auditor", "a#why"], ["reconcile", "c#when-it-fails"], ["idempotnecy", "a"], ["thirty days", "a#why"], ["payment thirty", "c#when-it-fails"],
  ["kafka", "b"], ["kafak", "b"], ["ordering api", "a"], ["money", "c"], ["zzzz", undefined], ["", undefined],
];
globalThis.prose = {
  headings: [["", ""], ["why", "Why"], ["when-it-fails", "When it fails"]],
  places: [0, 0, 0, 1, 2, 2, 3, 0],
  words: "auditor 1,café 0,idempotency 0 2,kept 0 1,order 2,reconciled 2,thirty 1 1,days 1",
};
const prepared = lokoSearch.prepare(index, prose);
const wrong = cases
  .map(([query, wanted]) => [query, wanted, lokoSearch.find(prepared, query, 5)[0]?.[2]])
  .filter(([, wanted, found]) => wanted !== found);
console.log(JSON.stringify(wrong));
"#;

#[test]
fn the_best_hit_comes_first() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/js/search.js");
    let program = std::fs::read_to_string(script).expect("the script is part of the crate") + CASES;
    let Ok(output) = Command::new("node").arg("-e").arg(program).output() else {
        eprintln!("skipped: there is no `node` to run the search with");
        return;
    };
    let wrong = String::from_utf8_lossy(&output.stdout);
    assert_eq!(wrong.trim(), "[]", "query, wanted, found: {}", String::from_utf8_lossy(&output.stderr));
}
