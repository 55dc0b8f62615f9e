//! Agents' own software against the real program: a session from an empty folder to a built site, the official clients in
//! Python and TypeScript, the inspector, and the conformance suite, each fetched from its registry.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr, reason = "the test runs real programs")]

mod console;
mod fetched;
mod session;

use serde_json::{Value, json};
use session::{LOKO, Session};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// Fetched once for all tests.
static NODE_TOOLS: LazyLock<Option<PathBuf>> = LazyLock::new(node_tools);

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

/// The official SDK, inspector and conformance suite, with a Node that is new enough for the last.
fn node_tools() -> Option<PathBuf> {
    let packages = [
        "@modelcontextprotocol/sdk@1",
        "@modelcontextprotocol/inspector@0",
        "node@22",
        "@modelcontextprotocol/conformance@0.1.16",
    ];
    fetched::npm("mcp", &packages, "@modelcontextprotocol/conformance/package.json")
}

/// The search path with the tools first.
fn path_with(tools: &Path) -> std::ffi::OsString {
    let own = tools.join("node_modules/.bin");
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&others))).unwrap()
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
    let Some(python) = fetched::pip("mcp-python", "mcp==2.*", "mcp") else { return };
    let folder = tempfile::tempdir().unwrap();
    passes(Command::new(python.join("bin/python")).arg(script("python.py")).arg(LOKO).arg(folder.path()));
}

#[test]
fn the_typescript_client_calls_every_tool() {
    let Some(tools) = NODE_TOOLS.as_ref() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(tools.join("node_modules/.bin/node"));
    passes(command.current_dir(tools).arg(script("typescript.mjs")).arg(LOKO).arg(folder.path()));
}

#[test]
fn the_inspector_lists_and_calls() {
    let Some(tools) = NODE_TOOLS.as_ref() else { return };
    let folder = tempfile::tempdir().unwrap();
    let inspector = tools.join("node_modules/.bin/mcp-inspector");
    for method in
        [&["tools/list"][..], &["tools/call", "--tool-name", "query_project"], &["resources/list"], &["prompts/list"]]
    {
        let mut command = Command::new(&inspector);
        command.arg("--cli").arg(LOKO).arg("mcp").arg("--project").arg(folder.path()).arg("--method").args(method);
        passes(command.env("PATH", path_with(tools)));
    }
}

/// Scenarios that call tools, prompts or resources which only the suite's own reference server has (`test_image_content`,
/// `test://static-text` …), so that nothing is said of any other server.
const OF_THE_REFERENCE_SERVER: [&str; 17] = [
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
    "tools-call-with-logging",
    "tools-call-with-progress",
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
    "prompts-get-simple",
    "prompts-get-with-args",
    "prompts-get-embedded-resource",
    "prompts-get-with-image",
];

#[test]
fn the_conformance_suite_passes() {
    let Some(tools) = NODE_TOOLS.as_ref() else { return };
    let folder = tempfile::tempdir().unwrap();
    console::copy(&console::repository().join("examples/hello"), folder.path());
    let mut server = Command::new(LOKO)
        .args(["serve", "--port", "0", "--project"])
        .arg(folder.path())
        .env_remove("LOKO_API_KEY")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let output = Command::new(tools.join("node_modules/.bin/conformance"))
        .args(["server", "--url", &format!("http://{address}/mcp")])
        .env("PATH", path_with(tools))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let _ = server.kill();
    let _ = server.wait();
    let text = String::from_utf8_lossy(&output.stdout);
    let name = |line: &str, mark: char| Some(line.trim().strip_prefix(mark)?.split_once(':')?.0.trim().to_owned());
    let passed: Vec<String> = text.lines().filter_map(|line| name(line, '✓')).collect();
    let failed: Vec<String> = text.lines().filter_map(|line| name(line, '✗')).collect();
    let wrong: Vec<&String> = failed.iter().filter(|name| !OF_THE_REFERENCE_SERVER.contains(&name.as_str())).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{text}");
    assert!(passed.len() >= 12, "{passed:?}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
}
