//! Agents' own software against the real program: a session from an empty folder to a built site, and the official
//! clients, where they are installed.
//!
//! `LOKO_MCP_PYTHON` names a Python that has the package `mcp`; `LOKO_MCP_NODE` a folder in which
//! `@modelcontextprotocol/sdk`, `@modelcontextprotocol/inspector` and `@modelcontextprotocol/conformance` are installed.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr, reason = "the test runs real programs")]

mod session;

use serde_json::{Value, json};
use session::{LOKO, Session};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn an_agent_goes_from_an_empty_folder_to_a_built_site() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::start(folder.path(), &[]);
    session.ask(
        "initialize",
        json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } }),
    );
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents/calls.json")).unwrap();
    let calls: Vec<(String, Value)> = serde_json::from_str(&text).unwrap();
    let mut answers = std::collections::BTreeMap::new();
    for (tool, arguments) in &calls {
        answers.insert(tool.as_str(), session.call(tool, arguments));
    }
    assert_eq!(answers["validate"]["valid"], true, "{}", answers["validate"]);
    assert!(folder.path().join("dist/index.html").is_file());
    assert_eq!(answers["build_docs"]["files"]["index"], "dist/index.html");
    let near = |key: &str| answers["query_dependencies"][key][0]["name"].as_str().unwrap_or_default().to_owned();
    assert_eq!(near("dependencies"), "MessageBroker", "{}", answers["query_dependencies"]);
    assert_eq!(answers["query"]["paths"][0]["length"], 2);
    // A change from outside is seen by the next call.
    let file = folder.path().join("src/stock/system.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "---\nname: Stock\n---\n").unwrap();
    assert_eq!(session.call("query_project", &json!({}))["stats"]["systems"], 2);
    session.end();
}

#[test]
fn the_workspace_is_the_one_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("w/src/a")).unwrap();
    std::fs::write(folder.path().join("w/src/a/system.md"), "---\nname: A\n---\n").unwrap();
    for arguments in [&["--project", "w"][..], &["--env", "LOKO_PROJECT_ROOT=w"], &["-project", "w"]] {
        let mut session = Session::start(folder.path(), arguments);
        assert_eq!(session.call("query_project", &json!({}))["stats"]["systems"], 1, "{arguments:?}");
        session.end();
    }
    let missing = Command::new(LOKO).args(["mcp", "--project", "nowhere"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("--project DIR"));
}

#[test]
fn programs_are_told_of_loko() {
    let folder = tempfile::tempdir().unwrap();
    let install = |arguments: &[&str]| {
        let all = [&["mcp", "install", "--client"], arguments].concat();
        Command::new(LOKO).args(all).current_dir(folder.path()).env("HOME", folder.path()).output().unwrap()
    };
    let printed = install(&["vscode"]);
    assert!(String::from_utf8_lossy(&printed.stdout).contains("\"type\": \"stdio\""));
    assert!(!folder.path().join(".vscode").exists());
    std::fs::write(folder.path().join(".mcp.json"), r#"{"mcpServers":{"mine":{"command":"x"}}}"#).unwrap();
    assert!(install(&["claude", "--write"]).status.success());
    let text = std::fs::read_to_string(folder.path().join(".mcp.json")).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&written["mcpServers"]["mine"]["command"], &written["mcpServers"]["loko"]["args"][0]),
        (&json!("x"), &json!("mcp"))
    );
    assert!(install(&["codex", "--write"]).status.success());
    assert!(folder.path().join(".codex/config.toml").is_file());
    assert_eq!(install(&["emacs"]).status.code(), Some(2));
}

/// A setting that opts in, or a message that says how to.
fn opted_in(variable: &str) -> Option<PathBuf> {
    let set = std::env::var_os(variable).map(PathBuf::from);
    if set.is_none() {
        eprintln!("skipped: {variable} is not set (see the top of this file)");
    }
    set
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents").join(name)
}

fn passes(command: &mut Command) {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}\n{err}");
    eprintln!("{out}");
}

#[test]
fn the_python_client_calls_every_tool() {
    let Some(python) = opted_in("LOKO_MCP_PYTHON") else { return };
    let folder = tempfile::tempdir().unwrap();
    passes(Command::new(python).arg(script("python.py")).arg(LOKO).arg(folder.path()));
}

#[test]
fn the_typescript_client_calls_every_tool() {
    let Some(modules) = opted_in("LOKO_MCP_NODE") else { return };
    let folder = tempfile::tempdir().unwrap();
    passes(Command::new("node").current_dir(modules).arg(script("typescript.mjs")).arg(LOKO).arg(folder.path()));
}

#[test]
fn the_inspector_lists_and_calls() {
    let Some(modules) = opted_in("LOKO_MCP_NODE") else { return };
    let folder = tempfile::tempdir().unwrap();
    let inspector = modules.join("node_modules/.bin/mcp-inspector");
    for method in
        [&["tools/list"][..], &["tools/call", "--tool-name", "query_project"], &["resources/list"], &["prompts/list"]]
    {
        let mut command = Command::new(&inspector);
        command.arg("--cli").arg(LOKO).arg("mcp").arg("--project").arg(folder.path()).arg("--method").args(method);
        passes(&mut command);
    }
}
