//! `build_docs`: builds the documentation into a folder of the workspace.

use crate::problem::{Problem, clip};
use crate::shapes::count_kind;
use crate::tool::{Call, Effect, Tool};
use loko_model::Kind;
use loko_source::FilePath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The folder to write to, inside the workspace; by default the workspace's own (`paths.output`, `dist`).
    #[serde(default, alias = "output")]
    output_dir: Option<String>,
    /// `html` (default), `markdown`, `pdf`, `json`, `toon`; several with commas.
    #[serde(default)]
    format: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    success: bool,
    message: String,
    /// The folder.
    output: String,
    systems: usize,
    files: Files,
}

#[derive(Serialize, JsonSchema)]
struct Files {
    /// The first page.
    index: String,
    /// How many systems have pages.
    systems: usize,
    /// How many pictures there are.
    diagrams: usize,
    total: usize,
    written: usize,
}

impl Tool for This {
    const NAME: &'static str = "build_docs";
    const TITLE: &'static str = "Build the documentation";
    const ABOUT: &'static str = "Builds the documentation site (or Markdown, PDF, JSON, TOON) into a folder of the workspace. Only files that changed are written; files that loko did not make are never overwritten.";
    const EFFECT: Effect = Effect::Change;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let folder = input.output_dir.filter(|text| !text.trim().is_empty()).map(|text| inside(call, &text)).transpose()?;
        let formats: Vec<String> = input
            .format
            .iter()
            .flat_map(|formats| formats.split(','))
            .map(|format| format.trim().to_owned())
            .filter(|format| !format.is_empty())
            .collect();
        let state = call.state()?;
        call.go_on()?;
        (call.progress)(0, 1, "building");
        let built = call.project.build(&formats, folder.as_deref())?;
        (call.progress)(1, 1, "built");
        let model = state.model();
        let root = call.project.workspace.root();
        let output = built.folder.strip_prefix(root).unwrap_or(&built.folder).display().to_string();
        Ok(Output {
            success: true,
            message: format!("{} files in `{output}`, {} of them written now", built.files, built.written),
            systems: count_kind(model, Kind::System),
            files: Files {
                index: format!("{output}/{}", built.index),
                systems: count_kind(model, Kind::System),
                diagrams: built.diagrams,
                total: built.files,
                written: built.written,
            },
            output,
        })
    }
}

/// A folder of the workspace, relative to it; links that lead out of it lead nowhere.
fn inside(call: &Call<'_>, written: &str) -> Result<PathBuf, Problem> {
    let root = call.project.workspace.root();
    let refuse = |reason: &str| {
        Problem::new(format!("`output_dir` `{}` {reason}", clip(written, 200)))
            .help("name a folder inside the workspace, such as `dist`, or leave it out")
    };
    let relative = Path::new(written).strip_prefix(root).unwrap_or(Path::new(written));
    let text = relative.to_str().ok_or_else(|| refuse("is no text"))?;
    let path = FilePath::new(text).map_err(|error| refuse(&format!("is no folder of the workspace: {error}")))?;
    let absolute = root.join(path.as_str());
    let existing = absolute.ancestors().find_map(|folder| folder.canonicalize().ok());
    match existing {
        Some(folder) if folder.starts_with(root) => Ok(PathBuf::from(path.as_str())),
        _ => Err(refuse("leads out of the workspace")),
    }
}
