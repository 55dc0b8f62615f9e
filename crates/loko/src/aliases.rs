//! Commands under other names: `[aliases]` of `loko.toml` or of the global configuration, as the Go loko's files have them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The name of the global configuration in its folder.
pub(crate) const CONFIG_FILE: &str = "config.toml";

/// The global flags that take a value of their own.
const VALUE_FLAGS: [&str; 4] = ["-p", "--project", "--config", "--color"];

/// Replaces the first word that is no flag by the command that the project's aliases name with it. A real command is
/// never hidden by an alias.
pub(crate) fn expand(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let Some((at, project)) = command_position(&arguments) else { return arguments };
    let word = arguments[at].to_string_lossy().into_owned();
    if is_command(&word) {
        return arguments;
    }
    let project = project
        .or_else(|| std::env::var_os("LOKO_PROJECT_ROOT").map(PathBuf::from))
        .or_else(|| crate::context::nearest().ok())
        .unwrap_or_default();
    let files = [Some(project.join("loko.toml")), global_config()];
    let command = files.into_iter().flatten().find_map(|file| alias_in(&file, &word));
    if let Some(command) = command {
        arguments.splice(at..=at, command.split_whitespace().map(OsString::from));
    }
    arguments
}

fn is_command(word: &str) -> bool {
    word == "help" || crate::commands::define(clap::Command::new("loko"), word).find_subcommand(word).is_some()
}

/// Where the command stands, and the project that the flags before it name.
pub(crate) fn command_position(arguments: &[OsString]) -> Option<(usize, Option<PathBuf>)> {
    let mut project = None;
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        let text = argument.to_string_lossy();
        if VALUE_FLAGS.contains(&text.as_ref()) {
            if matches!(text.as_ref(), "-p" | "--project") {
                project = arguments.get(at + 1).map(PathBuf::from);
            }
            at += 2;
        } else if let Some(value) = text.strip_prefix("--project=") {
            project = Some(PathBuf::from(value));
            at += 1;
        } else if text.starts_with('-') {
            at += 1;
        } else {
            return Some((at, project));
        }
    }
    None
}

fn alias_in(file: &Path, word: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let table: toml::Table = text.parse().ok()?;
    let aliases = table.get("aliases")?.as_table()?;
    aliases.iter().find_map(|(command, names)| {
        let named = match names {
            toml::Value::String(name) => name == word,
            toml::Value::Array(names) => names.iter().any(|name| name.as_str() == Some(word)),
            _ => false,
        };
        named.then(|| command.clone())
    })
}

/// The global configuration file.
pub(crate) fn global_config() -> Option<PathBuf> {
    Some(config_folder()?.join(CONFIG_FILE)).filter(|file| file.is_file())
}

/// The folder of what is configured for all workspaces: `$LOKO_CONFIG_HOME`, else `$XDG_CONFIG_HOME/loko`, else
/// `~/.config/loko`.
pub(crate) fn config_folder() -> Option<PathBuf> {
    std::env::var_os("LOKO_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("XDG_CONFIG_HOME")?).join("loko")))
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config/loko")))
}
