//! A session of the Model Context Protocol with the real program.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The program.
pub(crate) const LOKO: &str = env!("CARGO_BIN_EXE_loko");

/// A client of `loko mcp` on its standard streams.
pub(crate) struct Session {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Session {
    /// Starts the server in a folder.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(LOKO)
            .arg("mcp")
            .args(arguments)
            .current_dir(folder)
            .env_remove("LOKO_PROJECT_ROOT")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, input, output, next: 0 }
    }

    /// Asks and waits for the answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let message = json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params });
        writeln!(self.input.as_ref().unwrap(), "{message}").unwrap();
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == self.next {
                return answer;
            }
        }
    }

    /// Calls a tool, which must answer well.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        assert!(result.is_object() && result["isError"] != true, "{tool} {arguments}: {answer}");
        result["structuredContent"].clone()
    }

    /// The server ends when its input does.
    pub(crate) fn end(mut self) {
        drop(self.input.take());
        assert!(self.process.wait().unwrap().success());
    }
}
