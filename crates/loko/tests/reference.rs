//! The pictures, command lines and tool calls of the reference documents, as they are printed there.
//!
//! The documents lie beside the repository, not in it; where they are missing, the test says so and passes.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs real commands on real folders")]

mod session;

use serde_json::{Map, Value, json};
use session::Session;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The text of the first reference document.
fn document() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let first = files
        .into_iter()
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("000_")))?;
    fs::read_to_string(first).ok()
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut inside, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => inside = Some((info.trim() == language, String::new())),
            (Some((wanted, block)), Some(_)) => {
                if *wanted {
                    found.push(block.clone());
                }
                inside = None;
            }
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// Runs a line in a folder; `Err` is what was printed.
fn run(folder: &Path, line: &str) -> Result<String, String> {
    let binaries = Path::new(env!("CARGO_BIN_EXE_loko")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(text) } else { Err(format!("$ {line}\n{text}")) }
}

#[test]
fn every_drawing_is_drawn() {
    let Some(text) = document() else {
        println!("skipped: the reference documents are not beside this repository");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let drawings = blocks(&text, "d2");
    assert!(drawings.len() >= 10, "{} drawings", drawings.len());
    for (at, drawing) in drawings.iter().enumerate() {
        fs::write(folder.path().join("drawing.d2"), drawing).unwrap();
        run(folder.path(), "loko d2 check drawing.d2 && loko d2 render drawing.d2 -o drawing.svg")
            .unwrap_or_else(|printed| panic!("drawing {at}: {printed}\n{drawing}"));
        let svg = fs::read_to_string(folder.path().join("drawing.svg")).unwrap();
        assert!(svg.contains("<svg"), "drawing {at}");
    }
    println!("{} drawings", drawings.len());
}

#[test]
fn every_command_line_runs() {
    let Some(text) = document() else {
        println!("skipped: the reference documents are not beside this repository");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // What the document takes for granted: a workspace in a repository, with the tag that is built later.
    for line in ["loko init .", "git init -q", "git add -A", "git commit -qm start", "git tag v1.0"] {
        run(here, line).unwrap();
    }
    let mut commands = 0;
    for block in blocks(&text, "bash") {
        for line in block.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            run(here, line).unwrap_or_else(|printed| panic!("{printed}"));
            commands += 1;
        }
    }
    assert!(commands >= 8, "{commands} command lines");
    let checked = run(here, "loko validate --strict").unwrap_or_else(|printed| panic!("{printed}"));
    assert!(checked.contains("6 elements"), "{checked}");
    println!("{commands} command lines");
}

/// A call as it is printed: `create_container(name: "OrderService", parent: "OrderPlatform")  # remark`.
struct Printed {
    tool: String,
    arguments: Value,
    remark: String,
}

impl Printed {
    /// Reads a line; none when it is only a remark.
    fn read(line: &str) -> Option<Self> {
        let (said, remark) = line.split_once('#').map_or((line, ""), |(said, remark)| (said, remark.trim()));
        let said = said.trim().trim_start_matches(|it: char| it.is_ascii_digit() || it == '.').trim();
        let (tool, inside) = said.split_once('(').map_or((said, ""), |(tool, rest)| (tool, rest.trim_end_matches(')')));
        let pairs = inside.split(',').filter_map(|pair| pair.split_once(':'));
        let arguments: Map<String, Value> =
            pairs.map(|(key, value)| (key.trim().to_owned(), json!(value.trim().trim_matches('"')))).collect();
        let is_call = !tool.is_empty() && tool.chars().all(|it| it.is_ascii_lowercase() || it == '_');
        is_call.then(|| Self { tool: tool.to_owned(), arguments: Value::Object(arguments), remark: remark.to_owned() })
    }
}

#[test]
fn every_sequence_of_tool_calls_is_answered() {
    let Some(text) = document() else {
        println!("skipped: the reference documents are not beside this repository");
        return;
    };
    let (_, workflow) = text.split_once("## MCP Workflow").expect("the document tells of tool calls");
    let (workflow, _) = workflow.split_once("\n## ").expect("more follows");
    let sequences = blocks(workflow, "");
    assert_eq!(sequences.len(), 2, "{workflow}");
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::start(folder.path(), &[]);
    let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    session.ask("initialize", hello);
    let mut answers: Vec<(String, Value)> = Vec::new();
    for printed in sequences.iter().flat_map(|block| block.lines()).filter_map(Printed::read) {
        let mut arguments = printed.arguments;
        // The one call whose arguments the document leaves to the reader: asked as printed, it says what it needs.
        if printed.tool == "update_diagram" {
            assert_eq!((&arguments, printed.remark.as_str()), (&json!({}), "Add async connections"));
            let asked = session.ask("tools/call", json!({ "name": printed.tool, "arguments": arguments })).to_string();
            assert!(asked.contains("d2_source"), "{asked}");
            let drawn = "OrderService -> MessageBroker: OrderCreated { style.stroke-dash: 5 }\n\
                         MessageBroker -> PaymentService: ProcessPayment { style.stroke-dash: 5 }\n";
            arguments = json!({ "system_name": "OrderPlatform", "d2_source": drawn });
        }
        let answer = session.call(&printed.tool, &arguments);
        answers.push((printed.tool, answer));
    }
    session.end();
    let answer = |tool: &str| &answers.iter().rfind(|(name, _)| name == tool).unwrap_or_else(|| panic!("{tool}")).1;
    assert_eq!(answers.len(), 11, "{answers:#?}");
    assert_eq!(answer("validate")["valid"], true, "{}", answer("validate"));
    assert!(folder.path().join("dist/index.html").is_file(), "the documentation is built");
    assert_eq!(answer("query_dependencies")["dependencies"][0]["name"], "MessageBroker");
    let seen = answer("query_architecture").to_string();
    assert!(seen.contains("orderplatform/paymentservice"), "{seen}");
    let coupled = answer("analyze_coupling");
    assert_eq!(coupled["coupling"][0]["outgoing"], 1, "{coupled}");
}
