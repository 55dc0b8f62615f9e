use crate::checking;
use crate::context::{Context, Done, Failure, Outcome};
use crate::output::{self, Format};
use loko_source::git::Revision;
use loko_source::{Diagnostic, Severity};
use serde_json::json;
use std::path::Path;

/// Say what loko sees here: workspace, settings, git, output folder, environment
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How to print the report
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
}

/// How one thing stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Odd,
    Bad,
}

/// One thing that was looked at.
struct Check {
    state: State,
    what: &'static str,
    found: String,
    help: Option<String>,
}

/// The environment variables that loko reads.
const VARIABLES: [&str; 21] = [
    "LOKO_PROJECT_ROOT",
    "LOKO_CACHE",
    "LOKO_CACHE_HOME",
    "LOKO_CONFIG_HOME",
    "LOKO_OUTPUT_DIR",
    "LOKO_TEMPLATE_DIR",
    "LOKO_API_KEY",
    "LOKO_LOG_LEVEL",
    "LOG_LEVEL",
    "LOKO_VERBOSE",
    "LOKO_D2_THEME",
    "LOKO_D2_LAYOUT",
    "LOKO_SERVER_SERVE_PORT",
    "LOKO_SERVER_API_PORT",
    "D2_THEME",
    "D2_LAYOUT",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "NO_COLOR",
    "COLUMNS",
    "HOME",
];

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let mut checks = vec![good("loko", format!("{} for {}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH))];
    match context.load(None) {
        Ok(session) => {
            let root = session.workspace.root();
            checks.push(good("workspace", root.display().to_string()));
            checks.push(settings(root));
            let model = session.model();
            checks.push(good(
                "model",
                format!(
                    "{} elements, {} relations in {} files",
                    model.elements.len(),
                    model.relations.len(),
                    session.snapshot.len()
                ),
            ));
            checks.push(findings(&checking::findings(&session, None)));
            checks.push(git(root));
            checks.push(output_folder(root, &model.project.output));
        }
        Err(failure) => {
            checks.push(Check { state: State::Bad, what: "workspace", found: failure.message, help: failure.help });
        }
    }
    checks.push(match crate::aliases::global_config() {
        Some(file) => good("global config", file.display().to_string()),
        None => good("global config", "none".to_owned()),
    });
    let set: Vec<String> = VARIABLES
        .iter()
        .filter(|name| !matches!(**name, "HOME"))
        .filter_map(|name| Some((name, std::env::var(name).ok()?)))
        // A key is a secret: that it is set is all there is to say.
        .map(|(name, value)| if name.ends_with("KEY") { format!("{name} is set") } else { format!("{name}={value}") })
        .collect();
    checks.push(good("environment", if set.is_empty() { "nothing set".to_owned() } else { set.join(", ") }));
    checks.push(good("needs", "no other program: diagrams, PNG and git history are built in".to_owned()));
    print(&checks, args.format);
    Ok(if checks.iter().any(|check| check.state == State::Bad) { Done::Findings } else { Done::Fine })
}

fn good(what: &'static str, found: String) -> Check {
    Check { state: State::Good, what, found, help: None }
}

/// What `loko validate` would tell.
fn findings(findings: &[Diagnostic]) -> Check {
    let is_there = |severity| findings.iter().any(|finding| finding.severity == severity);
    let state = if is_there(Severity::Error) {
        State::Bad
    } else if is_there(Severity::Warning) {
        State::Odd
    } else {
        State::Good
    };
    let help = (!findings.is_empty()).then(|| "`loko validate` shows them".to_owned());
    Check { state, what: "findings", found: output::counts(findings), help }
}

fn settings(root: &Path) -> Check {
    if root.join("loko.toml").is_file() {
        good("settings", "loko.toml".to_owned())
    } else {
        let help = Some("`loko init --path .` writes one; defaults count without it".to_owned());
        Check { state: State::Odd, what: "settings", found: "no loko.toml".to_owned(), help }
    }
}

fn git(root: &Path) -> Check {
    match Revision::open(root, "HEAD") {
        Ok(revision) => good("git", format!("HEAD is {}", &revision.commit()[..12.min(revision.commit().len())])),
        Err(error) => {
            let failure = Failure::from(error);
            Check { state: State::Odd, what: "git", found: failure.message, help: failure.help }
        }
    }
}

fn output_folder(root: &Path, folder: &str) -> Check {
    let path = root.join(folder);
    match std::fs::metadata(&path) {
        Ok(metadata) if !metadata.is_dir() => Check {
            state: State::Bad,
            what: "output",
            found: format!("`{folder}` is not a folder"),
            help: Some("choose another with `--output` or `[paths] output`".to_owned()),
        },
        Ok(metadata) if metadata.permissions().readonly() => Check {
            state: State::Bad,
            what: "output",
            found: format!("`{folder}` cannot be written"),
            help: Some("mend its permissions or choose another with `--output`".to_owned()),
        },
        Ok(_) => good("output", path.display().to_string()),
        Err(_) => good("output", format!("{} (not built yet)", path.display())),
    }
}

fn print(checks: &[Check], format: Format) {
    let mark = |state| match state {
        State::Good => ("ok", "✓"),
        State::Odd => ("note", "•"),
        State::Bad => ("problem", "✗"),
    };
    if format != Format::Text {
        let rows: Vec<_> = checks
            .iter()
            .map(|check| json!({ "check": check.what, "state": mark(check.state).0, "found": check.found, "help": check.help }))
            .collect();
        output::print_value(&json!({ "checks": rows }), format);
        return;
    }
    for check in checks {
        output::print(&format!("{} {:<14} {}", mark(check.state).1, check.what, check.found));
        if let Some(help) = &check.help {
            output::print(&format!("  {:<14} {help}", ""));
        }
    }
}
