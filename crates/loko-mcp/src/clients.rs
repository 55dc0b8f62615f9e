//! How agents' programs are told of loko: where their configuration lies and what to write into it.

use serde_json::{Map, Value, json};

/// A program that speaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The name on the command line.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The file, below the workspace or, with `~/` first, below the home folder.
    pub file: &'static str,
    /// The key under which servers stand.
    key: &'static str,
    shape: Shape,
}

/// What an entry looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `command` and `args`.
    Plain,
    /// The same with `"type": "stdio"`.
    Typed,
    /// A table of TOML.
    Toml,
}

/// The programs that loko knows.
pub const CLIENTS: [Client; 9] = [
    Client { name: "claude", title: "Claude Code", file: ".mcp.json", key: "mcpServers", shape: Shape::Plain },
    Client {
        name: "claude-desktop",
        title: "Claude Desktop",
        file: if cfg!(target_os = "macos") {
            "~/Library/Application Support/Claude/claude_desktop_config.json"
        } else if cfg!(windows) {
            "~/AppData/Roaming/Claude/claude_desktop_config.json"
        } else {
            "~/.config/Claude/claude_desktop_config.json"
        },
        key: "mcpServers",
        shape: Shape::Plain,
    },
    Client { name: "cursor", title: "Cursor", file: ".cursor/mcp.json", key: "mcpServers", shape: Shape::Plain },
    Client { name: "vscode", title: "VS Code", file: ".vscode/mcp.json", key: "servers", shape: Shape::Typed },
    Client {
        name: "windsurf",
        title: "Windsurf",
        file: "~/.codeium/windsurf/mcp_config.json",
        key: "mcpServers",
        shape: Shape::Plain,
    },
    Client { name: "zed", title: "Zed", file: ".zed/settings.json", key: "context_servers", shape: Shape::Plain },
    Client {
        name: "gemini",
        title: "Gemini CLI",
        file: ".gemini/settings.json",
        key: "mcpServers",
        shape: Shape::Plain,
    },
    Client { name: "codex", title: "Codex CLI", file: "~/.codex/config.toml", key: "mcp_servers", shape: Shape::Toml },
    Client {
        name: "junie",
        title: "JetBrains Junie",
        file: ".junie/mcp/mcp.json",
        key: "mcpServers",
        shape: Shape::Plain,
    },
];

impl Client {
    /// The program of a name.
    pub fn from_name(name: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.name == name)
    }

    /// Whether its file lies in the workspace, and not in the home folder.
    pub fn is_of_workspace(&self) -> bool {
        !self.file.starts_with("~/")
    }

    /// The configuration with loko in it: `command` is what starts loko, `root` the workspace, `text` what the file holds
    /// already. Everything else in the file stays. The error says why the file is better changed by hand.
    pub fn configured(&self, command: &str, root: &str, text: Option<&str>) -> Result<String, String> {
        let arguments = ["mcp", "--project", root];
        if self.shape == Shape::Toml {
            return toml(self.key, command, &arguments, text.unwrap_or(""));
        }
        let mut all: Value = match text.filter(|text| !text.trim().is_empty()) {
            None => json!({}),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| format!("it is no plain JSON ({error}), perhaps because of comments"))?,
        };
        let mut entry = Map::new();
        if self.shape == Shape::Typed {
            entry.insert("type".to_owned(), json!("stdio"));
        }
        entry.insert("command".to_owned(), json!(command));
        entry.insert("args".to_owned(), json!(arguments));
        let Some(fields) = all.as_object_mut() else { return Err("it holds no JSON object".to_owned()) };
        let servers = fields.entry(self.key).or_insert_with(|| json!({}));
        let Some(servers) = servers.as_object_mut() else { return Err(format!("its `{}` is no object", self.key)) };
        servers.insert("loko".to_owned(), Value::Object(entry));
        Ok(serde_json::to_string_pretty(&all).map_err(|error| error.to_string())? + "\n")
    }
}

/// The text with a table at its end; one that is there already is left to people.
fn toml(key: &str, command: &str, arguments: &[&str], text: &str) -> Result<String, String> {
    let head = format!("[{key}.loko]");
    // JSON's strings are TOML's basic strings.
    let quoted = |text: &str| json!(text).to_string();
    let list: Vec<String> = arguments.iter().map(|it| quoted(it)).collect();
    let table = format!("{head}\ncommand = {}\nargs = [{}]\n", quoted(command), list.join(", "));
    if text.contains(&head) {
        return if text.contains(&table) { Ok(text.to_owned()) } else { Err(format!("it has `{head}` already")) };
    }
    let gap = if text.is_empty() || text.ends_with("\n\n") {
        ""
    } else if text.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    Ok(format!("{text}{gap}{table}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_servers_and_keys_stay() {
        let vscode = Client::from_name("vscode").unwrap();
        let text =
            vscode.configured("loko", ".", Some(r#"{"inputs":[],"servers":{"other":{"command":"x"}}}"#)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["servers"]["other"]["command"], "x");
        assert_eq!(
            value["servers"]["loko"],
            json!({ "type": "stdio", "command": "loko", "args": ["mcp", "--project", "."] })
        );
        assert_eq!(vscode.configured("loko", ".", Some(&text)).unwrap(), text, "twice is once");
    }

    #[test]
    fn a_file_with_comments_is_left_alone() {
        let zed = Client::from_name("zed").unwrap();
        assert!(zed.configured("loko", ".", Some("// mine\n{}")).unwrap_err().contains("comments"));
    }

    #[test]
    fn codex_reads_toml() {
        let codex = Client::from_name("codex").unwrap();
        let text = codex.configured("loko", "/w", Some("model = \"x\"\n")).unwrap();
        assert_eq!(
            text,
            "model = \"x\"\n\n[mcp_servers.loko]\ncommand = \"loko\"\nargs = [\"mcp\", \"--project\", \"/w\"]\n"
        );
        assert_eq!(codex.configured("loko", "/w", Some(&text)).unwrap(), text);
    }
}
