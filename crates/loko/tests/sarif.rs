//! Findings as SARIF, held against the validator of those who write the standard's tools (npm
//! `@microsoft/sarif-multitool-linux`).

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr, reason = "the test runs real programs")]

mod fetched;

use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[test]
fn the_validator_of_sarif_finds_no_error() {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        eprintln!("skipped: the validator is a program for Linux on x86-64");
        return;
    }
    const PROGRAM: &str = "@microsoft/sarif-multitool-linux/Sarif.Multitool";
    let Some(tools) = fetched::npm("sarif", &["@microsoft/sarif-multitool-linux"], PROGRAM) else { return };
    let out = tempfile::tempdir().unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut told = 0;
    for example in ["shop", "hello", "loko"] {
        let log = out.path().join(format!("{example}.sarif"));
        let validate = Command::new(env!("CARGO_BIN_EXE_loko"))
            .args(["validate", "--format", "sarif", "--preset", "all", "--project"])
            .arg(examples.join(example))
            .output()
            .unwrap();
        let sarif: Value = serde_json::from_slice(&validate.stdout).unwrap();
        told += sarif["runs"][0]["results"].as_array().unwrap().len();
        std::fs::write(&log, &validate.stdout).unwrap();
        let verdict = out.path().join(format!("{example}.verdict.sarif"));
        let run = Command::new(tools.join("node_modules").join(PROGRAM))
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
            .arg("validate")
            .arg(&log)
            .arg("--output")
            .arg(&verdict)
            .args(["--log", "ForceOverwrite"])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(run.status.success() && printed.contains("1 files scanned"), "{printed}");
        let verdict: Value = serde_json::from_str(&std::fs::read_to_string(&verdict).unwrap()).unwrap();
        let results = verdict["runs"][0]["results"].as_array().cloned().unwrap_or_default();
        let errors: Vec<&Value> = results.iter().filter(|result| result["level"] == "error").collect();
        assert!(errors.is_empty(), "{example}: {errors:?}\n{printed}");
    }
    assert!(told > 0, "the examples have findings to tell of");
}
