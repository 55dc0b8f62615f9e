//! Ctrl-C: a simulation that is stopped prints what it has until then.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs a real program and stops it")]

use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn a_stopped_simulation_prints_the_results_so_far() {
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop");
    // A thousand replications take longer than anybody waits.
    let child = Command::new(env!("CARGO_BIN_EXE_loko"))
        .args(["simulate", "--project", shop, "slow-payment-provider", "--replications", "1000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("Stopped early: these are the results so far."), "{told}");
    assert!(told.contains("First to break: "), "{told}");
    // Numbers of replications that did not run are none.
    assert!(!told.contains("1000 replications of"), "{told}");
}
