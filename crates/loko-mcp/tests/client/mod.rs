//! A client over a pipe in memory, and a workspace in a temporary folder.

#![allow(dead_code, reason = "each test uses a part of it")]

use loko_mcp::{Backend, Built, Hub};
use loko_model::{Loaded, Model};
use loko_source::disk::Workspace;
use loko_source::{Diagnostic, Snapshot};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf};

/// Reads from the disk; builds nothing.
pub(crate) struct Files;

impl Backend for Files {
    fn read(&self, workspace: &Workspace) -> Result<(Snapshot, Vec<Diagnostic>), String> {
        let settings = workspace.read_text("loko.toml");
        let scope = loko_model::load::scope(settings.as_ref().map(loko_source::Source::text));
        workspace.snapshot(&scope).map_err(|error| error.to_string())
    }

    fn settle(&self, workspace: &Workspace, _snapshot: &Snapshot, model: &mut Model) -> Result<(), String> {
        if model.project.name.is_empty() {
            model.project.name = workspace.folder_name();
        }
        Ok(())
    }

    fn check(&self, _snapshot: &Snapshot, loaded: &Loaded, reading: &[Diagnostic]) -> Vec<Arc<Diagnostic>> {
        reading.iter().chain(&loaded.findings).cloned().map(Arc::new).collect()
    }

    fn at(&self, _workspace: &Workspace, revision: &str) -> Result<Snapshot, String> {
        Err(format!("`{revision}` is no revision: the folder is in no repository"))
    }

    fn build(&self, workspace: &Workspace, _formats: &[String], folder: Option<&Path>) -> Result<Built, String> {
        let folder = workspace.root().join(folder.unwrap_or(Path::new("dist")));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        std::fs::write(folder.join("index.html"), "built").map_err(|error| error.to_string())?;
        Ok(Built { folder, files: 1, diagrams: 0, index: "index.html".to_owned(), written: 1 })
    }
}

pub(crate) struct Client {
    output: WriteHalf<DuplexStream>,
    input: BufReader<ReadHalf<DuplexStream>>,
    next: u64,
    /// Notifications that came meanwhile.
    pub heard: Vec<Value>,
}

pub(crate) fn hub(root: &Path) -> Arc<Hub> {
    loko_mcp::open(root, Arc::new(Files), false).unwrap()
}

impl Client {
    pub(crate) fn of(hub: &Arc<Hub>) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (their_input, their_output) = tokio::io::split(theirs);
        tokio::spawn(loko_mcp::serve(hub.server(), their_input, their_output));
        let (input, output) = tokio::io::split(ours);
        Self { output, input: BufReader::new(input), next: 0, heard: Vec::new() }
    }

    /// A client of a workspace that has said hello.
    pub(crate) async fn start(root: &Path) -> Self {
        let mut client = Self::of(&hub(root));
        client.hello("2025-11-25").await;
        client
    }

    pub(crate) async fn hello(&mut self, version: &str) -> Value {
        let params =
            json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
        let answer = self.ask("initialize", params).await;
        self.line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
        answer
    }

    pub(crate) async fn line(&mut self, line: &str) {
        self.output.write_all(line.as_bytes()).await.unwrap();
        self.output.write_all(b"\n").await.unwrap();
    }

    /// The next message that is no notification.
    pub(crate) async fn read(&mut self) -> Value {
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(std::time::Duration::from_secs(60), self.input.read_line(&mut line));
            assert!(read.await.expect("the server answers in time").unwrap() > 0, "the server is gone");
            let value: Value = serde_json::from_str(&line).unwrap();
            if value.get("id").is_some() || value.get("error").is_some() {
                return value;
            }
            self.heard.push(value);
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.line(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()).await;
        let answer = self.read().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Calls a tool and hands back the whole result.
    pub(crate) async fn result(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await;
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// Calls a tool that has to succeed; its structured content.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_ne!(result["isError"], true, "{tool}: {}", result["content"][0]["text"]);
        result["structuredContent"].clone()
    }

    /// Calls a tool that has to refuse; what it says.
    pub(crate) async fn refusal(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.result(tool, arguments).await;
        assert_eq!(result["isError"], true, "{tool} should refuse: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }
}

/// A workspace to ask about.
pub(crate) fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("loko.toml", "[project]\nname = \"Shop\"\n"),
        (
            "src/customer/person.md",
            "---\nname: Customer\nrelationships:\n  - to: shop/web\n    description: Buys\n---\n",
        ),
        (
            "src/shop/system.md",
            "---\nname: Shop\ndescription: Sells things\n---\n\n## Why\n\nPeople buy. <!-- keep me -->\n",
        ),
        (
            "src/shop/web/container.md",
            "---\nname: Web\ntechnology: TypeScript\ncode: [apps/web/**]\nrelationships:\n  - to: shop/api\n    description: Orders\n    technology: HTTPS\n---\n",
        ),
        (
            "src/shop/api/container.md",
            "---\nname: API # the heart\ntechnology: Rust\ntags: [core]\ncode: [services/api/**]\nrelationships:\n  - to: shop/db\n    description: Stores\n---\n",
        ),
        ("src/shop/db/container.md", "---\nname: DB\ntechnology: PostgreSQL\ncode: [services/db/**]\n---\n"),
        (
            "src/shop/api/checkout/component.md",
            "---\nname: Checkout\nrelationships:\n  - to: mail\n    description: Sends receipts\n    type: async\n---\n",
        ),
        ("src/mail/external.md", "---\nname: Mail\n---\n"),
        ("decisions/0001-rust.md", "---\nstatus: accepted\nelements: [shop/api]\n---\n\n# Use Rust\n"),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
