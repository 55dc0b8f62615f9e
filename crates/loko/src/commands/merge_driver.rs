use crate::context::{Context, DRY_RUN, Done, Failure, Outcome};
use crate::output;
use loko_model::merge::{Texts, merge};
use loko_source::disk::write_atomically;
use loko_source::{ChangeSet, FilePath, Snapshot, TextEdit, git};
use std::path::{Path, PathBuf};

/// Merge workspace files by meaning when git merges branches
#[derive(clap::Args)]
#[command(after_help = "\
`loko merge-driver --install` makes git call this for the files of the workspace: it adds lines
to .gitattributes, to be committed, and the driver to the repository's own settings, which every
clone needs once. Git then runs

  loko merge-driver %O %A %B --marker-size %L --path %P

and takes the outcome from %A. Front matter is merged key by key, relations one by one, TOML
table by table, prose line by line; what both sides want differently stays between markers that
name the element, and the exit status is 1.")]
pub(crate) struct Args {
    /// The file as both sides started (%O)
    #[arg(required_unless_present = "install")]
    base: Option<PathBuf>,
    /// The file of our side (%A), which takes the outcome
    #[arg(required_unless_present = "install")]
    ours: Option<PathBuf>,
    /// The file of their side (%B)
    #[arg(required_unless_present = "install")]
    theirs: Option<PathBuf>,
    /// Where the file stands in the repository (%P), which says what it is
    #[arg(value_name = "PATH")]
    path_argument: Option<String>,
    /// The same, as a flag
    #[arg(long, conflicts_with = "path_argument")]
    path: Option<String>,
    /// The length of conflict markers (%L)
    #[arg(long, alias = "marker", default_value_t = MARKER_DEFAULT, value_name = "LENGTH")]
    marker_size: usize,
    /// Make git use this driver in this repository
    #[arg(long, conflicts_with_all = ["base", "ours", "theirs", "path_argument", "path"])]
    install: bool,
    /// With --install, show what would be written
    #[arg(long, requires = "install")]
    dry_run: bool,
}

const MARKER_DEFAULT: usize = 7;
const ATTRIBUTES: &str = ".gitattributes";
/// The files that the driver knows; D2 files and everything else are git's own business.
const PATTERNS: [&str; 2] = ["*.md", "*.toml"];
const DRIVER: &str = "loko merge-driver %O %A %B --marker-size %L --path %P";

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let (Some(base), Some(ours), Some(theirs)) = (&args.base, &args.ours, &args.theirs) else {
        return install(context, args.dry_run);
    };
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| {
            Failure::new(format!("cannot read `{}`: {error}", path.display()))
                .help("git gives the three files: `loko merge-driver %O %A %B --path %P`")
        })
    };
    let texts = [read(base)?, read(ours)?, read(theirs)?];
    let path = args.path.or(args.path_argument).unwrap_or_else(|| ours.to_string_lossy().replace('\\', "/"));
    let [Ok(base_text), Ok(our_text), Ok(their_text)] = texts.map(String::from_utf8) else {
        return Err(Failure::new(format!("`{path}` is not UTF-8 on every side and is not merged"))
            .help("choose a side with `git checkout --ours` or `--theirs`, or merge by hand"));
    };
    let merged = merge(&path, Texts { base: &base_text, ours: &our_text, theirs: &their_text }, args.marker_size);
    write_atomically(ours, merged.text.as_bytes())
        .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", ours.display())))?;
    for conflict in &merged.conflicts {
        output::say(context, &format!("conflict in {path}: {conflict}"));
    }
    Ok(if merged.conflicts.is_empty() { Done::Fine } else { Done::Findings })
}

/// Adds the attributes and the driver, each unless it is there.
fn install(context: &Context, dry_run: bool) -> Outcome {
    let workspace = context.workspace()?;
    let (_, settings) = git::repository(workspace.root())?;
    let path = FilePath::new(ATTRIBUTES).expect("a file name is a path");
    let mut snapshot = Snapshot::default();
    let known = workspace.read_text(ATTRIBUTES);
    let text = known.as_ref().map_or("", loko_source::Source::text);
    let lines: Vec<String> = PATTERNS
        .iter()
        .map(|pattern| format!("{pattern} merge=loko"))
        .filter(|line| !text.lines().any(|known| known.split_whitespace().eq(line.split_whitespace())))
        .collect();
    let mut changes = ChangeSet::new();
    let added: String = lines.iter().map(|line| format!("{line}\n")).collect();
    if !added.is_empty() {
        match known.clone() {
            Some(source) => {
                let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
                changes.edit(path.clone(), TextEdit::insert(text.len(), format!("{gap}{added}")));
                snapshot.insert(path, source);
            }
            None => changes.create(path, added),
        }
    }
    let config = settings.join("config");
    let mut configured = std::fs::read_to_string(&config)
        .map_err(|error| Failure::new(format!("cannot read `{}`: {error}", config.display())))?;
    let section = format!("[merge \"loko\"]\n\tname = workspace files by meaning\n\tdriver = {DRIVER}\n");
    let is_set = configured.lines().any(|line| line.trim().eq_ignore_ascii_case("[merge \"loko\"]"));
    if dry_run {
        output::print(&changes.diff(&snapshot).map_err(|error| Failure::new(error.to_string()))?);
        if !is_set {
            output::print(&format!("to the repository's settings:\n{section}"));
        }
        output::say(context, DRY_RUN);
        return Ok(Done::Fine);
    }
    workspace.write(&snapshot, &changes)?;
    if !is_set {
        if !configured.is_empty() && !configured.ends_with('\n') {
            configured.push('\n');
        }
        configured.push_str(&section);
        write_atomically(&config, configured.as_bytes())
            .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", config.display())))?;
    }
    for line in &lines {
        output::say(context, &format!("adds `{line}` to {ATTRIBUTES}; commit it"));
    }
    output::say(context, if is_set { "the driver is set already" } else { "sets the driver in the repository's settings" });
    Ok(Done::Fine)
}
