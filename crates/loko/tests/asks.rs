//! `loko pattern apply` asks on a terminal; `script` of util-linux is one.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test starts programs")]

use std::io::Write as _;
use std::process::{Command, Stdio};

const LOKO: &str = env!("CARGO_BIN_EXE_loko");

#[test]
fn a_terminal_is_asked_and_wrong_answers_are_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        assert!(Command::new(LOKO).args(args).current_dir(folder.path()).status().unwrap().success(), "{args:?}");
    };
    run(&["init", ".", "-q"]);
    run(&["new", "system", "Shop", "-q"]);
    run(&["new", "container", "API", "--parent", "shop", "-q"]);
    let mut command = Command::new("script");
    command.args(["-qec", &format!("{LOKO} pattern apply cache-aside"), "/dev/null"]);
    let child = command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no `script`");
        return;
    };
    // The system, the service (misspelt first), the cache, the database, the time (without a unit first), the share.
    child.stdin.take().unwrap().write_all(b"\nshop/apii\nshop/api\n\n\n60\n60s\n\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let record = std::fs::read_to_string(folder.path().join("patterns/applied/cache-aside.toml"));
    let record = record.unwrap_or_else(|error| panic!("{error}\n{said}"));
    assert!(record.contains("service = [\"shop/api\"]") && record.contains("given = [\"ttl\"]"), "{record}\n{said}");
    assert!(said.contains("there is no element `shop/apii`; did you mean `shop/api`?"), "{said}");
    assert!(said.contains("it has no unit; a span of time such as `500ms`"), "{said}");
    assert!(said.contains("How long an entry lives [300s]"), "{said}");
}

#[test]
fn nobody_is_asked_what_a_workspace_is_called_that_stands_already() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(LOKO).args(["init", "Shop", "--path", ".", "-q"]).current_dir(folder.path()).status();
    assert!(made.unwrap().success());
    let mut command = Command::new("script");
    command.args(["-qec", &format!("{LOKO} init"), "/dev/null"]);
    command.current_dir(folder.path()).stdin(Stdio::null());
    let Ok(output) = command.output() else {
        eprintln!("skipped: there is no `script`");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("a workspace stands here already"), "{said}");
    assert!(!said.contains("name of the project"), "{said}");
}

#[test]
fn a_terminal_is_asked_for_the_elements_that_nobody_named() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        assert!(Command::new(LOKO).args(args).current_dir(folder.path()).status().unwrap().success(), "{args:?}");
    };
    run(&["init", ".", "-q"]);
    run(&["new", "system", "Shop", "-q"]);
    run(&["new", "system", "Back", "-q"]);
    run(&["new", "container", "API", "--parent", "shop", "-q"]);
    run(&["new", "person", "Ada", "-q"]);
    let asked = |args: &str, answers: &str| -> Option<String> {
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{LOKO} {args}"), "/dev/null"]);
        let child = command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            eprintln!("skipped: there is no `script`");
            return None;
        };
        child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(said) = asked("link", "ada\nshop/apii\nshop/api\nOrders\n") else { return };
    assert!(said.contains("there is no element `shop/apii`; did you mean `shop/api`?"), "{said}");
    assert!(said.contains("  ada\r\n  back\r\n  shop\r\n  shop/api\r\n"), "{said}");
    assert!(said.contains("links `ada` → `shop/api`: Orders"), "{said}");
    let said = asked("rename shop/api", "Gate\n").unwrap();
    assert!(said.contains("renames `shop/api` to `Gate`"), "{said}");
    let said = asked("move", "shop/gate\nback\n").unwrap();
    assert!(said.contains("  shop/gate\r\n"), "only what can be moved is listed: {said}");
    assert!(said.contains("moves `shop/gate` into `back`"), "{said}");
    let said = asked("unlink ada", "back/gate\n").unwrap();
    assert!(said.contains("unlinks `ada` → `back/gate`"), "{said}");
    let said = asked("remove", "back/gate\n").unwrap();
    assert!(said.contains("removes `back/gate`"), "{said}");
}
