//! How fast the MCP server of the release binary answers: calls over stdio at a generated workspace, another element in each,
//! timed from the request to the whole answer. Prints a Markdown table; `docs/performance.md` records one.

#![allow(clippy::disallowed_methods, reason = "a benchmark has a clock and reads files on purpose")]

use crate::{bench, generate};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// What the workspace has.
const ELEMENTS: u32 = 10_000;
/// The revision of the protocol that is spoken.
const PROTOCOL: &str = "2025-11-25";

/// A call of a tool: its name and what it is given, for a round.
type Call = fn(&Round<'_>) -> (&'static str, Value);

/// Calls of one kind, timed in turn.
struct Case {
    name: &'static str,
    target: &'static str,
    /// The calls of one round; each takes what the one before answered.
    calls: &'static [Call],
}

/// What a call may ask about.
struct Round<'a> {
    number: usize,
    container: &'a str,
    /// The container of the first round.
    first: &'a str,
    neighbour: &'a str,
    system: &'a str,
    /// What the call before answered.
    answer: &'a Value,
}

const READ: &str = "≤ 5 ms";
const WRITE: &str = "≤ 20 ms";

const CASES: [Case; 22] = [
    Case { name: "`query_project`", target: READ, calls: &[|_| ("query_project", json!({}))] },
    Case { name: "`describe`, summary", target: READ, calls: &[|_| ("describe", json!({ "level": "summary" }))] },
    Case { name: "`describe`, structure", target: READ, calls: &[|_| ("describe", json!({ "level": "structure" }))] },
    Case {
        name: "`describe` of an element",
        target: READ,
        calls: &[|it| ("describe", json!({ "element": it.container }))],
    },
    Case { name: "`find`, a name", target: READ, calls: &[|it| ("find", json!({ "query": it.container }))] },
    Case {
        name: "`find`, words",
        target: READ,
        calls: &[|it| ("find", json!({ "query": format!("work of {}", it.system) }))],
    },
    Case {
        name: "`query`, all dependencies",
        target: READ,
        calls: &[|it| ("query", json!({ "kind": "dependencies", "element": it.container, "transitive": true }))],
    },
    Case {
        name: "`query`, path",
        target: READ,
        calls: &[|it| ("query", json!({ "kind": "path", "element": it.container, "to": it.neighbour }))],
    },
    Case {
        name: "`query`, relations of an element",
        target: READ,
        calls: &[|it| ("query", json!({ "kind": "relations", "element": it.container }))],
    },
    Case {
        name: "`query`, list of containers",
        target: READ,
        calls: &[|_| ("query", json!({ "kind": "list", "level": "container" }))],
    },
    Case { name: "`query`, stats", target: READ, calls: &[|_| ("query", json!({ "kind": "stats" }))] },
    Case { name: "`query`, cycles", target: READ, calls: &[|_| ("query", json!({ "kind": "cycles" }))] },
    Case {
        name: "`search_elements`",
        target: READ,
        calls: &[|it| ("search_elements", json!({ "query": it.container, "limit": 10 }))],
    },
    Case {
        name: "`query_dependencies`",
        target: READ,
        calls: &[|it| ("query_dependencies", json!({ "entity_id": it.container, "direction": "both", "depth": 3 }))],
    },
    Case { name: "`impact`", target: READ, calls: &[|it| ("impact", json!({ "element": it.container }))] },
    Case {
        name: "`check_change`",
        target: READ,
        calls: &[|it| ("check_change", json!({ "source": it.container, "target": it.neighbour }))],
    },
    Case { name: "`validate`", target: READ, calls: &[|_| ("validate", json!({ "max_tokens": 2000 }))] },
    Case {
        name: "`render`, around a container, drawn anew",
        target: "",
        calls: &[|it| {
            ("render", json!({ "view": format!("context/{}", it.container), "format": "svg", "max_tokens": 200_000 }))
        }],
    },
    Case {
        name: "`render`, the same again",
        target: READ,
        calls: &[|it| {
            ("render", json!({ "view": format!("context/{}", it.first), "format": "svg", "max_tokens": 200_000 }))
        }],
    },
    Case {
        name: "`update_container`",
        target: WRITE,
        calls: &[|it| {
            (
                "update_container",
                json!({ "container_name": it.container, "description": format!("In round {}.", it.number) }),
            )
        }],
    },
    Case {
        name: "`propose`: the diff and all rules",
        target: WRITE,
        calls: &[|it| ("propose", json!({ "operations": [operation(it)] }))],
    },
    Case {
        name: "`propose` and `apply`",
        target: WRITE,
        calls: &[
            |it| ("propose", json!({ "operations": [operation(it)] })),
            |it| ("apply", json!({ "token": it.answer["token"] })),
        ],
    },
];

fn operation(it: &Round<'_>) -> Value {
    json!({ "op": "update", "element": it.container, "set": { "description": format!("Proposed in round {}.", it.number) } })
}

/// Builds the binary unless one is given, generates a workspace below `folder`, and times `rounds` rounds of each case.
pub(crate) fn run(folder: &Path, rounds: usize, binary: Option<PathBuf>) -> Result<String, String> {
    let binary = binary.map_or_else(bench::build, Ok)?;
    let workspace = folder.join("agents");
    generate::run(ELEMENTS, &workspace, 1)?;
    let containers = containers(&workspace.join("src"))?;
    let mut server = Server::start(&binary, &workspace)?;
    let mut table =
        String::from("| call | median, ms | p99, ms | longest, ms | target (p99) |\n|---|---:|---:|---:|---|\n");
    // Each kind once makes ready what is made once.
    for case in &CASES {
        one_round(&mut server, case, &containers, 0)?;
    }
    for case in &CASES {
        let mut times: Vec<Duration> = (1..=rounds)
            .map(|number| one_round(&mut server, case, &containers, number))
            .collect::<Result<_, String>>()?;
        times.sort();
        let [median, p99, longest] = [0.5, 0.99, 1.0].map(|share| milliseconds(at(&times, share)));
        let _ = writeln!(table, "| {} | {median} | {p99} | {longest} | {} |", case.name, case.target);
    }
    Ok(table)
}

/// How long the server took for the calls of a round.
fn one_round(server: &mut Server, case: &Case, containers: &[String], number: usize) -> Result<Duration, String> {
    // Far apart in the list, so that rounds have little in common.
    let [at, beside] = [number * 37, number * 37 + 11].map(|at| &containers[at % containers.len()]);
    let system = at.split('/').next().unwrap_or(at);
    server.waited = Duration::ZERO;
    let mut answer = Value::Null;
    for call in case.calls {
        let (tool, arguments) =
            call(&Round { number, container: at, first: &containers[0], neighbour: beside, system, answer: &answer });
        answer = server.call(tool, &arguments)?;
    }
    Ok(server.waited)
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

/// The ids of all containers, which in a generated workspace are the paths of their folders, sorted.
fn containers(source: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("container.md") {
                found.extend(folder.strip_prefix(source).ok().and_then(Path::to_str).map(str::to_owned));
            }
        }
    }
    found.sort();
    if found.is_empty() { Err("the workspace has no containers".to_owned()) } else { Ok(found) }
}

/// `loko mcp` over stdio.
struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last: u64,
    /// The time from requests to their whole answers, what the client makes of them left out.
    waited: Duration,
}

impl Server {
    fn start(binary: &Path, workspace: &Path) -> Result<Self, String> {
        let mut process = Command::new(binary)
            .args(["mcp", "--project"])
            .arg(workspace)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run {}: {error}", binary.display()))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the server has no streams".to_owned());
        };
        let mut server = Self { process, input, output: BufReader::new(output), last: 0, waited: Duration::ZERO };
        let client = json!({ "name": "bench", "version": "1" });
        server.ask("initialize", &json!({ "protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": client }))?;
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok(server)
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        let result = self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }))?;
        if result["isError"] == true {
            return Err(format!("{tool} {arguments}: {}", result["content"][0]["text"]));
        }
        Ok(result["structuredContent"].clone())
    }

    fn ask(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.last += 1;
        let asked = Instant::now();
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }))?;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
                return Err("the server has gone".to_owned());
            }
            let waited = asked.elapsed();
            let mut message: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
            if message["id"] == self.last {
                self.waited += waited;
                return match message.get("error") {
                    Some(error) => Err(format!("{method}: {error}")),
                    None => Ok(message["result"].take()),
                };
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        writeln!(self.input, "{message}").and_then(|()| self.input.flush()).map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
