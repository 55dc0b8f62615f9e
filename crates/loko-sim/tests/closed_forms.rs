//! Every shared case in closed form; `cargo xtask sim-check` simulates them as well.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads the shared data")]

use loko_sim::conformance::{Effort, check, family_names, read};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn closed_forms_meet_their_tolerance_and_every_family_is_known() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/simulation/ground_truth.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: {} is not there", file.display());
        return;
    };
    let cases = read(&text).unwrap().cases;
    // Enough to run through the engine; nothing is asked of what it finds.
    let effort = Effort { requests: 400, replications: 2, seed: 1 };
    let (mut wrong, mut answered) = (Vec::new(), 0);
    for case in &cases {
        for (answer, quantity) in check(case, &effort).unwrap().iter().zip(&case.quantities) {
            let (Some(value), Some(tolerance)) = (answer.analytic, quantity.tol_analytic_rel) else { continue };
            answered += 1;
            if (value - answer.exact).abs() > tolerance * answer.exact.abs() + 1e-15 {
                wrong.push(format!("{} {}: {value} instead of {}", case.id, answer.name, answer.exact));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answered > 1_000, "only {answered} quantities have a closed form");
    let families: BTreeSet<&str> = cases.iter().map(|case| case.family.as_str()).collect();
    let known: BTreeSet<&str> = family_names().into_iter().collect();
    assert!(families.is_subset(&known));
}
