//! What others have, beside loko's policies, timed in one run: `cargo xtask sim-bench` calls it and prints the table.
//!
//! Each line of the output is `what`, `who`, `operations`, `seconds`, `remark`, with tabs between; seconds are of the
//! processor. Whoever keeps time and guards state in a lock does so for loko too ("with clock and lock"), as
//! `loko-tower` does; the state machine alone takes the time as an argument.

mod cache;
mod nexosim_queue;
mod policies;

/// How many operations of a policy are timed.
const OPERATIONS: u64 = 20_000_000;

fn main() {
    nexosim_queue::run(2_000_000);
    policies::breaker(OPERATIONS);
    policies::rate_limit(OPERATIONS);
    policies::retry_budget(OPERATIONS);
    cache::run(OPERATIONS / 4);
}

/// Runs something and prints how long it took.
fn timed(what: &str, who: &str, operations: u64, run: impl FnOnce() -> String) {
    let before = processor_seconds();
    let remark = run();
    let took = processor_seconds() - before;
    println!("{what}\t{who}\t{operations}\t{took:.3}\t{remark}");
}

/// The time of the processor so far, of this process, in seconds: user and system, in hundredths.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold anything; times are the 12th and 13th field after it.
    let fields: Vec<f64> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0.0))
        .collect();
    match (fields.get(11), fields.get(12)) {
        (Some(user), Some(system)) => (user + system) / 100.0,
        _ => 0.0,
    }
}
