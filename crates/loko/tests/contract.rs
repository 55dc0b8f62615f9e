//! The API held against its own description by Schemathesis (<https://schemathesis.readthedocs.io>): no 5xx, no answer that
//! the description does not name. It is fetched from PyPI into `target/tools` when it is first needed.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "the test runs a real server and a tool"
)]

mod console;
mod fetched;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn the_api_is_as_it_says() {
    let Some(tools) = fetched::pip("schemathesis", "schemathesis==4.*", "schemathesis") else { return };
    let folder = tempfile::tempdir().unwrap();
    console::copy(&console::repository().join("examples/hello"), folder.path());
    let mut server = Command::new(env!("CARGO_BIN_EXE_loko"))
        .args(["serve", "--port", "0", "--project"])
        .arg(folder.path())
        .env_remove("LOKO_API_KEY")
        .env("LOKO_EDITOR", "true")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let told = Command::new(tools.join("bin/schemathesis"))
        .args(["run", &format!("http://{address}/api/v1/openapi.json"), "--max-examples", "25", "--seed", "1", "--no-color"])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"])
        .args(["--rate-limit", "40/s", "--phases", "examples,coverage,fuzzing", "--request-timeout", "20"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let _ = server.kill();
    let _ = server.wait();
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{text}\n{}", String::from_utf8_lossy(&told.stderr));
}
