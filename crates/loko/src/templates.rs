//! A team's own prose for new elements: Markdown files beside the workspace or in a folder of the team.
//!
//! `new container -t worker` looks for `worker/container.md`, then `worker.md`; without `-t` it looks for
//! `container.md`. The folders are, first come first served: `.loko/templates` and `templates` of the workspace, the
//! one that `LOKO_TEMPLATE_DIR` names, and `templates` beside the global configuration.

use crate::aliases;
use crate::context::Failure;
use loko_source::Diagnostic;
use loko_source::suggest::did_you_mean;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A template larger than this is refused.
const TEMPLATE_BYTES_MAX: u64 = 256 * 1024;

/// The prose of a team's template, if there is one; `name` is what was asked for, `kind` what is made.
pub(crate) fn find(workspace: &Path, name: Option<&str>, kind: &str) -> Result<Option<String>, Failure> {
    if let Some(name) = name.filter(|name| !is_plain(name)) {
        return Err(Failure::new(format!("`{name}` is no name of a template"))
            .help("a template is named by one word, such as `worker`; folders of them go into LOKO_TEMPLATE_DIR"));
    }
    let wanted = match name {
        Some(name) => vec![PathBuf::from(name).join(format!("{kind}.md")), PathBuf::from(format!("{name}.md"))],
        None => vec![PathBuf::from(format!("{kind}.md"))],
    };
    let found = folders(workspace)?.into_iter().flat_map(|folder| wanted.iter().map(move |file| folder.join(file)));
    found.into_iter().find(|file| file.is_file()).map(|file| read(&file)).transpose()
}

/// Adds to the finding that there is no template of this name those that the team has for the kind.
pub(crate) fn name_own(workspace: &Path, name: &str, kind: &str, findings: &mut [Diagnostic]) -> Result<(), Failure> {
    let Some(finding) = findings.iter_mut().find(|finding| finding.code == "unknown-template") else { return Ok(()) };
    let own: BTreeSet<String> = folders(workspace)?.iter().flat_map(|folder| names(folder, kind)).collect();
    if !own.is_empty() {
        let list: Vec<String> = own.iter().map(|name| format!("`{name}`")).collect();
        finding.notes.push(format!("your own are {}", list.join(", ")));
        if let Some(help) = did_you_mean(name, own.iter().map(String::as_str)) {
            finding.help = Some(help.into());
        }
    }
    Ok(())
}

/// The names by which the templates of a folder for a kind are asked for.
fn names(folder: &Path, kind: &str) -> Vec<String> {
    let file = format!("{kind}.md");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let name = |path: PathBuf| {
        let is_one =
            if path.is_dir() { path.join(&file).is_file() } else { path.extension().is_some_and(|it| it == "md") };
        // A file called as the kind is what elements begin with for which nobody asks for a template.
        path.file_stem().and_then(|stem| stem.to_str()).filter(|name| is_one && is_plain(name)).map(str::to_owned)
    };
    entries.filter_map(name).filter(|name| *name != kind).collect()
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':'])
}

fn folders(workspace: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut folders = vec![workspace.join(".loko/templates"), workspace.join("templates")];
    if let Some(named) = std::env::var_os("LOKO_TEMPLATE_DIR").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        if !named.is_dir() {
            return Err(Failure::new(format!("LOKO_TEMPLATE_DIR is `{}`, which is no folder", named.display()))
                .help("unset it, or name a folder of Markdown templates such as `container.md`"));
        }
        folders.push(named);
    }
    folders.extend(aliases::config_folder().map(|folder| folder.join("templates")));
    Ok(folders)
}

fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |reason: String| Failure::new(format!("cannot read the template `{}`: {reason}", file.display()));
    let size = file.metadata().map_err(|error| unreadable(error.to_string()))?.len();
    if size > TEMPLATE_BYTES_MAX {
        return Err(unreadable(format!("it is larger than {} KiB", TEMPLATE_BYTES_MAX / 1024)));
    }
    std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))
}
