//! Commands that write the same file at once: each has its turn, none is lost.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs real programs on a real folder")]

use std::fs;
use std::process::{Command, Stdio};

#[test]
fn commands_at_once_lose_nothing() {
    const WRITERS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        fs::create_dir_all(folder.path().join("src").join(name)).unwrap();
        fs::write(folder.path().join("src").join(name).join("system.md"), "---\nname: X\n---\n").unwrap();
    }
    let loko = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loko"));
        command.current_dir(folder.path()).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        command
    };
    let started: Vec<_> = (0..WRITERS)
        .map(|number| loko(&["link", "a", "b", "--label", &format!("way {number}")]).spawn().unwrap())
        .collect();
    for running in started {
        let done = running.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let text = fs::read_to_string(folder.path().join("src/a/system.md")).unwrap();
    for number in 0..WRITERS {
        assert!(text.contains(&format!("way {number}\n")), "{text}");
    }
}
