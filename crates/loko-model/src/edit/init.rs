//! `init`: a new workspace.

use super::{Plan, Refusal, find, prose::Template};
use crate::project::PROJECT_FILE;
use loko_source::{ChangeSet, Diagnostic, FilePath, Snapshot, Span};

/// The wish for a new workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Init {
    /// The name for people.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The name of the prose that new elements start with; one of [`Template::PROJECT`], the first by default.
    pub template: Option<String>,
    /// Whether to say in a `.gitignore` that what is built is not for git; not where there is such a file.
    pub ignores_output: bool,
}

/// The page that a workspace starts with.
const CONTEXT: &str = "\
## What this is about

<!-- Who needs these systems, and for what? Two or three sentences that a newcomer understands. -->

## Boundaries

<!-- What belongs to this architecture, what does not, and who answers for the rest? -->
";

/// The folder that sites and pages are built into, as new settings name it.
const OUTPUT: &str = "dist";

/// Makes a workspace where `snapshot`, the texts of its future folder, has none yet.
pub fn init(snapshot: &Snapshot, wish: &Init) -> Result<Plan, Refusal> {
    find::check_name(&wish.name)?;
    let template = Template::for_project(wish.template.as_deref())?;
    if let Some(text) = snapshot.text(PROJECT_FILE) {
        return existing(text, wish);
    }
    let mut changes = ChangeSet::new();
    changes.create(path(PROJECT_FILE), settings(wish, template));
    if snapshot.paths_below("src").next().is_none() {
        changes.create(path("src/context.md"), CONTEXT);
    }
    if wish.ignores_output {
        let ignored = format!("# What `loko build` makes; it can be made again at any time.\n/{OUTPUT}/\n");
        changes.create(path(".gitignore"), ignored);
    }
    let summary = vec![format!("creates the workspace `{}`", wish.name)];
    Ok(Plan { changes, summary, ..Plan::default() })
}

/// What a workspace that stands there already comes to: fine when it is the one wished for.
fn existing(text: &str, wish: &Init) -> Result<Plan, Refusal> {
    let file = path(PROJECT_FILE);
    let Ok(document) = toml_edit::Document::parse(text) else {
        return Err(Refusal::invalid(
            Diagnostic::error("exists", format!("`{PROJECT_FILE}` exists already and is no valid TOML"))
                .at(&file, Span::at(0), "")
                .help("mend the file, or choose another folder with `--path`"),
        ));
    };
    let item = |key: &str| document.get("project").and_then(|project| project.get(key));
    let wished =
        [("name", Some(&wish.name)), ("description", wish.description.as_ref()), ("template", wish.template.as_ref())];
    let mut diagnostic =
        Diagnostic::error("exists", format!("a workspace stands here already, and is not `{}`", wish.name))
            .at(&file, Span::at(0), "")
            .help("choose another folder with `--path`, or edit `loko.toml`");
    let mut same = true;
    for (key, value) in wished {
        let Some(value) = value else { continue };
        let found = item(key).and_then(|item| item.as_str());
        if found != Some(value.as_str()) {
            same = false;
            diagnostic = diagnostic.note(match found {
                Some(found) => format!("its {key} is `{found}`"),
                None => format!("it has no {key}"),
            });
        }
    }
    if same {
        Ok(Plan::nothing(format!("the workspace `{}` exists already", wish.name)))
    } else {
        Err(Refusal::exists(diagnostic))
    }
}

/// The settings file: what differs from project to project; all else has a default that the manual lists.
fn settings(wish: &Init, template: &str) -> String {
    let value = |text: &str| toml_edit::Value::from(text).to_string();
    let description = wish.description.as_deref().unwrap_or("");
    format!(
        "# The settings of this architecture; every key has a default.\n\
         [project]\n\
         name = {}\n\
         description = {}\n\
         version = \"0.1.0\"\n\
         template = {}\n\
         \n\
         [paths]\n\
         source = \"src\"\n\
         output = \"{OUTPUT}\"\n\
         \n\
         [outputs]\n\
         html = true\n\
         markdown = false\n",
        value(&wish.name),
        value(description),
        value(template),
    )
}

fn path(name: &str) -> FilePath {
    FilePath::new(name).expect("the names of a new workspace's files lie inside it")
}
