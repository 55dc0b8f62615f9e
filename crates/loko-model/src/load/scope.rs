//! Which files of a workspace matter, and what each is by its place.

use super::decisions::{self, ADR_TOOLS_FILE, LOG4BRAINS_FILE};
use super::draft::Marker;
use super::project;
use crate::Project;
use crate::project::PROJECT_FILE;
use loko_source::disk::Scope;
use loko_source::{Diagnostic, FilePath, Span};

/// The name of files of relations.
pub const RELATIONS_FILE: &str = "relationships.toml";
/// The folder of deployments.
pub const DEPLOYMENTS_FOLDER: &str = "deployments";
/// The file of deployments, when one is enough.
pub const DEPLOYMENTS_FILE: &str = "deployments.toml";
/// The folder of dynamic views.
pub const VIEWS_FOLDER: &str = "views";

/// The folder of scenarios.
pub const SCENARIOS_FOLDER: &str = "scenarios";

/// The folder of the places that things keep in views, one file for each view.
pub const POSITIONS_FOLDER: &str = "positions";

/// The folder of the site's own templates, style and pictures.
pub const THEME_FOLDER: &str = "theme";

/// The folder of records of applied patterns.
pub const APPLIED_FOLDER: &str = "patterns/applied";

/// The folder in which `relationships.toml` is looked for whatever `loko.toml` says.
const OLD_SOURCE: &str = "src";
/// Known folders whose Markdown describes no elements.
const KNOWN_FOLDERS: [&str; 10] = [
    DEPLOYMENTS_FOLDER,
    VIEWS_FOLDER,
    POSITIONS_FOLDER,
    THEME_FOLDER,
    "decisions",
    "patterns",
    SCENARIOS_FOLDER,
    "rules",
    "docs",
    "doc",
];

/// What of a workspace belongs in a snapshot, by the text of its `loko.toml`.
///
/// ```
/// let scope = loko_model::load::scope(Some("[paths]\nsource = \"./architecture\"\n"));
/// assert!(scope.folders.contains(&"architecture".to_owned()));
/// assert!(scope.files.contains(&"loko.toml".to_owned()));
/// ```
pub fn scope(loko_toml: Option<&str>) -> Scope {
    scope_reading(|file| loko_toml.filter(|_| file == PROJECT_FILE).map(str::to_owned))
}

/// The same, by all files of settings that may name a folder: `loko.toml`, and what adr-tools and log4brains have.
pub fn scope_reading(read: impl Fn(&str) -> Option<String>) -> Scope {
    let settings = project::settings(read(PROJECT_FILE).as_deref());
    let files = [PROJECT_FILE, DEPLOYMENTS_FILE, "contexts.toml", ADR_TOOLS_FILE, LOG4BRAINS_FILE];
    let known = [
        OLD_SOURCE,
        DEPLOYMENTS_FOLDER,
        VIEWS_FOLDER,
        POSITIONS_FOLDER,
        "events",
        "patterns",
        SCENARIOS_FOLDER,
        "rules",
        THEME_FOLDER,
    ];
    let mut folders = vec![settings.source];
    let named = settings.decisions.into_iter().chain(decisions::named_folders(read));
    for folder in known.iter().chain(&decisions::FOLDERS).map(|known| (*known).to_owned()).chain(named) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    Scope { files: files.map(str::to_owned).to_vec(), folders }
}

/// Where the elements of a workspace are.
pub(crate) struct Layout {
    source: String,
    below: String,
}

impl Layout {
    pub(crate) fn of(project: &Project) -> Self {
        let source = project.source.clone();
        let below = if source.is_empty() { String::new() } else { format!("{source}/") };
        Self { source, below }
    }

    /// The source folder, `""` for the workspace itself.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether a file is below the source folder, and in no folder whose name begins with a dot.
    pub(crate) fn is_below_source(&self, path: &FilePath) -> bool {
        path.as_str().strip_prefix(&self.below).is_some_and(|rest| !is_hidden(rest))
    }

    /// Whether a marker here makes its folder an element.
    pub(crate) fn holds_element(&self, path: &FilePath) -> bool {
        self.is_below_source(path) && path.folder() != self.source
    }

    /// Whether a file of relations is read here.
    pub(crate) fn holds_relations(&self, path: &FilePath) -> bool {
        let below_old = path.as_str().starts_with("src/") && !is_hidden(path.as_str());
        self.is_below_source(path) || below_old
    }

    /// Whether the file is the record of an applied pattern.
    pub(crate) fn is_applied(path: &FilePath) -> bool {
        path.folder() == APPLIED_FOLDER && path.extension() == Some("toml")
    }

    /// Whether the file is the hand-written diagram of everything.
    pub(crate) fn is_context_d2(&self, path: &FilePath) -> bool {
        path.file_name() == "context.d2" && path.folder() == self.source
    }

    /// Whether a file is in a folder that has another use, which happens when the source folder is the workspace.
    pub(crate) fn is_known_folder(&self, path: &FilePath) -> bool {
        let first = path.as_str().split('/').next().unwrap_or("");
        self.source.is_empty() && KNOWN_FOLDERS.contains(&first)
    }
}

fn is_hidden(path: &str) -> bool {
    path.starts_with('.') || path.contains("/.")
}

/// An element file that is not in a folder of its own.
pub(crate) fn marker_outside(path: &FilePath) -> Diagnostic {
    Diagnostic::error("wrong-parent", format!("`{path}` is in no folder of its own"))
        .at(path, Span::at(0), "")
        .help("every element has a folder, which gives it its id: move the file into one")
}

/// A folder with two element files.
pub(crate) fn two_markers(other: &FilePath, counts: &FilePath) -> Diagnostic {
    let message = format!("`{}` and `{}` describe the same folder", counts.file_name(), other.file_name());
    Diagnostic::error("two-markers", message)
        .at(other, Span::at(0), "not read")
        .and(counts, Span::at(0), "this one counts")
        .help("a folder is one element: keep one of the files, or give the other a folder")
}

/// A folder with prose that is no element.
pub(crate) fn no_marker(path: &FilePath) -> Diagnostic {
    let folder = path.folder();
    let finding = Diagnostic::new(
        "no-marker",
        loko_source::Severity::Info,
        format!("the folder `{folder}` holds Markdown but is no element"),
    )
    .at(path, Span::at(0), "");
    match Marker::like_file(path.file_name()) {
        Some(marker) => finding.help(format!("rename `{}` to `{}`", path.file_name(), marker.name)),
        None => finding
            .help("a file `person.md`, `system.md`, `external.md`, `container.md` or `component.md` makes it one"),
    }
}
