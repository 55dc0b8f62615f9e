//! Settings from outside of a workspace: a flag counts more than the environment, that more than the workspace's
//! `loko.toml`, that more than the file of `--config`, and that more than the global configuration.

use crate::aliases;
use crate::context::{Failure, Global};
use loko_model::Project;
use loko_model::project::PROJECT_FILE;
use loko_source::{Diagnostic, Snapshot};
use std::path::{Path, PathBuf};

/// A setting that may come from outside: the tables and keys that state it, and how it is taken over.
struct Setting {
    places: &'static [(&'static str, &'static str)],
    take: fn(&mut Project, &Project),
}

const SETTINGS: [Setting; 8] = [
    Setting { places: &[("d2", "theme")], take: |to, from| to.theme.clone_from(&from.theme) },
    Setting { places: &[("d2", "layout")], take: |to, from| to.layout.clone_from(&from.layout) },
    Setting { places: &[("d2", "cache")], take: |to, from| to.cache = from.cache },
    Setting {
        places: &[("paths", "output"), ("paths", "output_dir"), ("output", "dir")],
        take: |to, from| to.output.clone_from(&from.output),
    },
    Setting { places: &[("server", "serve_port")], take: |to, from| to.server.serve_port = from.server.serve_port },
    Setting { places: &[("server", "api_port")], take: |to, from| to.server.api_port = from.server.api_port },
    Setting { places: &[("server", "hosts")], take: |to, from| to.server.hosts.clone_from(&from.server.hosts) },
    Setting { places: &[("server", "hot_reload")], take: |to, from| to.server.hot_reload = from.server.hot_reload },
];

impl Setting {
    fn is_in(&self, file: &toml::Table) -> bool {
        let has = |table: &str, key: &str| {
            file.get(table).and_then(toml::Value::as_table).is_some_and(|table| table.contains_key(key))
        };
        self.places.iter().any(|(table, key)| has(table, key))
    }
}

/// Takes over what the workspace's own file does not state.
pub(crate) fn fall_back(project: &mut Project, own: Option<&str>, given: Option<&Path>) -> Result<(), Failure> {
    let own: toml::Table = own.and_then(|text| text.parse().ok()).unwrap_or_default();
    let mut stated: Vec<bool> = SETTINGS.iter().map(|setting| setting.is_in(&own)).collect();
    let mut files: Vec<PathBuf> = Vec::new();
    // A folder stands for the file in it that the global configuration has in its own.
    files.extend(given.map(|file| if file.is_dir() { file.join(aliases::CONFIG_FILE) } else { file.to_owned() }));
    files.extend(aliases::global_config());
    for file in files {
        let unreadable = |reason: String| {
            Failure::new(format!("cannot read the configuration `{}`: {reason}", file.display()))
                .help("it is a TOML file with the tables of loko.toml")
        };
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| unreadable(error.message().to_owned()))?;
        let from = loko_model::load(&Snapshot::from_texts([(PROJECT_FILE, text.as_str())])).model.project;
        for (setting, stated) in SETTINGS.iter().zip(&mut stated) {
            if !*stated && setting.is_in(&table) {
                (setting.take)(project, &from);
                *stated = true;
            }
        }
    }
    Ok(())
}

/// What a word says, if it is one for yes or no.
pub(crate) fn truth(word: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|known| known.eq_ignore_ascii_case(word.trim()));
    is_one_of(["true", "yes", "on", "1"]).then_some(true).or(is_one_of(["false", "no", "off", "0"]).then_some(false))
}

/// How much is said, by `LOKO_LOG_LEVEL`, else by `LOG_LEVEL`; `--verbose` and `--quiet` count more. Other programs
/// have levels of their own in `LOG_LEVEL`, so only loko's own variable can be wrong.
pub(crate) fn log_level(global: &mut Global) -> Result<(), Failure> {
    if global.verbose || global.quiet {
        return Ok(());
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let own = set("LOKO_LOG_LEVEL");
    let Some(level) = own.clone().or_else(|| set("LOG_LEVEL")) else { return Ok(()) };
    match level.trim().to_ascii_lowercase().as_str() {
        "trace" | "debug" => global.verbose = true,
        "error" | "off" | "none" => global.quiet = true,
        "info" | "warn" | "warning" => {}
        _ if own.is_some() => {
            return Err(Failure::new(format!("LOKO_LOG_LEVEL is `{level}`, which is no level"))
                .help("the levels are `debug`, `info`, `warn` and `error`"));
        }
        _ => {}
    }
    Ok(())
}

/// Takes over what the environment states.
pub(crate) fn from_environment(project: &mut Project) -> Result<(), Failure> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    if let Some((name, theme)) = ["LOKO_D2_THEME", "D2_THEME"].into_iter().find_map(|name| Some((name, set(name)?))) {
        crate::commands::d2::theme(&theme)
            .map_err(|failure| Failure { message: format!("{name}: {}", failure.message), ..failure })?;
        project.theme = theme;
    }
    if let Some(layout) = set("LOKO_D2_LAYOUT").or_else(|| set("D2_LAYOUT")) {
        project.layout = layout;
    }
    if let Some(cache) = set("LOKO_CACHE") {
        project.cache = truth(&cache).ok_or_else(|| {
            Failure::new(format!("LOKO_CACHE is `{cache}`, neither yes nor no")).help("set it to `true` or `false`")
        })?;
    }
    let port = |name: &str| {
        let number = |written: String| {
            written.trim().parse().map_err(|_| {
                Failure::new(format!("{name} is `{written}`, which is no port"))
                    .help(format!("unset {name}, or set it to a number from 0 to {}", u16::MAX))
            })
        };
        set(name).map(number).transpose()
    };
    if let Some(port) = port("LOKO_SERVER_SERVE_PORT")? {
        project.server.serve_port = port;
    }
    if let Some(port) = port("LOKO_SERVER_API_PORT")? {
        project.server.api_port = port;
    }
    Ok(())
}

/// A finding for a theme of `loko.toml` that there is not: the default one is used then.
pub(crate) fn unknown_theme(project: &Project) -> Option<Diagnostic> {
    let failure = crate::commands::d2::theme(&project.theme).err()?;
    let message = format!("`d2.theme`: {}; loko's own is used", failure.message);
    let finding = Diagnostic::warning("unknown-theme", message);
    Some(match failure.help {
        Some(help) => finding.help(help),
        None => finding,
    })
}
