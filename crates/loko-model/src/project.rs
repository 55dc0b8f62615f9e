//! What `loko.toml` says.

use crate::Moved;
use indexmap::IndexMap;
use serde::Serialize;

/// The name of the project file.
pub const PROJECT_FILE: &str = "loko.toml";

/// The settings of a workspace, defaults filled in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Project {
    /// The name for people.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The version, as written.
    pub version: String,
    /// The folder of the elements, relative to the workspace.
    pub source: String,
    /// The folder that `build` writes to, relative to the workspace.
    pub output: String,
    /// The theme's name or D2 number.
    pub theme: String,
    /// The layout engine that D2 users name; ours draws whatever it says.
    pub layout: String,
    /// Whether `build` keeps what did not change.
    pub cache: bool,
    /// What `build` makes when no format is given: html, markdown, json, toon.
    pub outputs: Vec<String>,
    /// The ports and address of the servers.
    pub server: Server,
    /// Further names of commands.
    pub aliases: IndexMap<String, Vec<String>>,
    /// The folder of decisions, when it is none of those in which they are looked for anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<String>,
    /// Elements that have another id now, in the order in which they got it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
}

/// The settings of `serve` and `api`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Server {
    /// The port of `serve`.
    pub serve_port: u16,
    /// The port of `api`.
    pub api_port: u16,
    /// Whether pages reload when a file changes.
    pub hot_reload: bool,
    /// Names that both answer to besides this machine's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            version: String::new(),
            source: "src".to_owned(),
            output: "dist".to_owned(),
            theme: "loko".to_owned(),
            layout: "loko".to_owned(),
            cache: true,
            outputs: vec!["html".to_owned()],
            server: Server { serve_port: 8080, api_port: 8081, hot_reload: true, hosts: Vec::new() },
            aliases: IndexMap::new(),
            decisions: None,
            moved: Vec::new(),
        }
    }
}
