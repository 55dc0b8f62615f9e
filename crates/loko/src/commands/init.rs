use crate::context::{Context, DRY_RUN, Done, Failure, Outcome};
use crate::output;
use loko_model::edit;
use loko_model::project::PROJECT_FILE;
use loko_source::disk::{self, Workspace};
use std::path::{Path, PathBuf};

/// Start a workspace in a new folder
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The name of the project; the folder is named so too
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// What the project is about
    #[arg(short, long)]
    description: Option<String>,
    /// The folder to make instead
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// The prose that new elements start with
    #[arg(short, long, value_name = "TEMPLATE")]
    template: Option<String>,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let base = context.global.project.clone();
    let is_named = args.name.is_some();
    let (name, folder) = match (args.name, args.path) {
        (Some(name), Some(path)) => (name, path),
        (Some(name), None) => (name.clone(), base.unwrap_or_default().join(&name)),
        (None, path) => {
            let folder = path.or(base).unwrap_or_else(|| PathBuf::from("."));
            let absolute = std::path::absolute(&folder)?;
            let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
            (name.ok_or_else(|| Failure::new("the root folder cannot be a workspace"))?, folder)
        }
    };
    refuse_inside(&folder)?;
    // Whoever gives no name on a terminal is asked; so is what the project is about.
    let (name, description) = match (is_named, args.description) {
        // Not where a workspace stands already: what it is called stands in it, and answers would be for nothing.
        (false, None) if context.is_interactive() && !folder.join(PROJECT_FILE).is_file() => {
            let name = context.ask("name of the project", Some(&name))?;
            let description = context.ask("what it is about", Some(""))?;
            (name, Some(description).filter(|it| !it.is_empty()))
        }
        (_, description) => (name, description),
    };
    let ignores_output = folder.join(".gitignore").symlink_metadata().is_err();
    let wish = edit::Init { name, description, template: args.template, ignores_output };
    let workspace = folder.is_dir().then(|| Workspace::open(&folder)).transpose()?;
    let snapshot = match &workspace {
        Some(workspace) => {
            let settings = workspace.read_text("loko.toml");
            workspace.snapshot(&loko_model::load::scope(settings.as_ref().map(loko_source::Source::text)))?.0
        }
        None => loko_source::Snapshot::default(),
    };
    let plan = edit::init(&snapshot, &wish)
        .map_err(|refusal| Failure::findings(refusal.into(), snapshot.clone()))?;
    if args.dry_run {
        output::print(&plan.changes.diff(&snapshot).map_err(|error| Failure::new(error.to_string()))?);
        output::say(context, DRY_RUN);
        return Ok(Done::Fine);
    }
    disk::create_folder(&folder)?;
    Workspace::open(&folder)?.write(&snapshot, &plan.changes)?;
    for line in &plan.summary {
        output::say(context, line);
    }
    if !plan.is_nothing() {
        let folder = folder.display().to_string();
        let enter = match folder.as_str() {
            "." => String::new(),
            plain if !plain.contains([' ', '\'', '"']) => format!("cd {plain} && "),
            other => format!("cd '{}' && ", other.replace('\'', "'\\''")),
        };
        output::say(context, &format!("next: {enter}loko new system NAME -d \"What it does\""));
    }
    Ok(Done::Fine)
}

/// Refuses a folder inside of a workspace: its files would belong to both.
fn refuse_inside(folder: &Path) -> Result<(), Failure> {
    if folder.join(PROJECT_FILE).is_file() {
        return Ok(());
    }
    let absolute = std::path::absolute(folder)?;
    let Some(standing) = absolute.ancestors().find(|folder| folder.exists()) else { return Ok(()) };
    let around = standing.canonicalize()?;
    let Some(outer) = around.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file()) else { return Ok(()) };
    let (folder, outer) = (folder.display(), outer.display());
    Err(Failure::new(format!("`{folder}` lies inside of the workspace `{outer}`"))
        .help("add to that one with `loko new`, or choose a folder outside of it with `--path`"))
}
