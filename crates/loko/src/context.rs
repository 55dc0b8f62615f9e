//! What every command knows: the global flags, the workspace, and how a command ends.

use crate::settings;
use clap::{Args, ValueEnum};
use loko_model::project::PROJECT_FILE;
use loko_model::{Loaded, Model};
use loko_source::disk::{DiskError, Workspace};
use loko_source::git::{GitError, Revision};
use loko_source::{ChangeSet, Diagnostic, Snapshot};
use std::io::{IsTerminal as _, Write as _};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The workspace [default: the nearest folder from here upwards that holds a loko.toml]
    #[arg(
        short,
        long,
        short_alias = 'C',
        global = true,
        value_name = "DIR",
        env = "LOKO_PROJECT_ROOT",
        hide_env_values = true
    )]
    pub(crate) project: Option<PathBuf>,
    /// A configuration file (TOML), or a folder with a config.toml, that counts for less than the workspace's loko.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Say more about what is done
    #[arg(short, long, global = true, env = "LOKO_VERBOSE", hide_env = true,
        value_parser = clap::builder::FalseyValueParser::new(), num_args = 0)]
    pub(crate) verbose: bool,
    /// Say nothing but results and findings
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: ColorChoice,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// How a command ended when it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// All is well.
    Fine,
    /// Something was found that should be mended.
    Findings,
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> Self {
        match done {
            Done::Fine => Self::SUCCESS,
            Done::Findings => Self::from(1),
        }
    }
}

/// Why a command could not do its work: wrong usage or input that cannot be read.
#[derive(Debug, Default)]
pub(crate) struct Failure {
    /// What is wrong.
    pub(crate) message: String,
    /// What one can do.
    pub(crate) help: Option<String>,
    /// Findings with places, shown instead of the message when there are any.
    pub(crate) findings: Vec<Diagnostic>,
    /// The texts that the findings are about.
    pub(crate) snapshot: Box<Snapshot>,
    /// Whether it is only that somebody else wrote meanwhile: the same command may succeed now.
    pub(crate) is_stale: bool,
}

impl Failure {
    /// A failure with a message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Says what one can do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The message, and what one can do, where there is room for a line only.
    pub(crate) fn in_one_line(self) -> String {
        [Some(self.message), self.help].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// A file that cannot be written; a folder that is not there is named.
    pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let Some(folder) = folder else { return Self::new(format!("cannot write `{}`: {error}", path.display())) };
        let (path, folder) = (path.display(), folder.display());
        Self::new(format!("cannot write `{path}`: there is no folder `{folder}`"))
            .help(format!("make it first: mkdir -p {folder}"))
    }

    /// A failure that is told by findings.
    pub(crate) fn findings(findings: Vec<Diagnostic>, snapshot: Snapshot) -> Self {
        Self { findings, snapshot: Box::new(snapshot), ..Self::default() }
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        let is_absent = matches!(&error, DiskError::Open { error, .. } if error.kind() == std::io::ErrorKind::NotFound);
        let help =
            is_absent.then(|| "start a workspace with `loko init NAME`, or name one with `--project DIR`".to_owned());
        Self { is_stale: matches!(error, DiskError::Stale(_)), help, ..Self::new(error.to_string()) }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            GitError::NoRepository { .. } => {
                failure.help("versions are git's: start with `git init`, and commit what is to be compared")
            }
            GitError::UnreadRepository { is_reftable: true, .. } => {
                failure.help("`git refs migrate --ref-format=files` turns them into files")
            }
            GitError::UnreadRepository { .. } => failure.help(
                "git brings versions out: `git worktree add ../version REV`; `--project ../version` reads what is there",
            ),
            GitError::UnknownRevision { similar: Some(similar), .. } => failure.help(similar),
            GitError::UnknownRevision { is_shallow: true, .. } => failure.help(
                "this clone holds only the last commits: `git fetch --unshallow --tags` fetches the others",
            ),
            GitError::UnknownRevision { .. } | GitError::NoCommit { .. } => {
                failure.help("name a tag, a branch or a commit; `git log --oneline` and `git tag` list them")
            }
            GitError::NoWorkspace { .. } => failure.help("name a revision in which the workspace is there"),
            GitError::Object { is_partial: true, .. } => failure.help(
                "this clone fetches files only when git needs them: `git fetch --refetch --no-filter` fetches all",
            ),
            GitError::Object { .. } => failure.help("`git fsck` tells what is broken in the repository"),
            GitError::TooManyFiles => failure,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// What a command comes to.
pub(crate) type Outcome = Result<Done, Failure>;

/// A workspace as it was read.
pub(crate) struct Session {
    /// Its folder.
    pub(crate) workspace: Workspace,
    /// Its texts.
    pub(crate) snapshot: Snapshot,
    /// Its model and what was read with it.
    pub(crate) loaded: Loaded,
    /// What was found while reading.
    pub(crate) findings: Vec<Diagnostic>,
    /// What of it was found on the way from the disk: files that cannot be read, links that lead out.
    pub(crate) on_disk: Vec<Diagnostic>,
    /// The commit, when a revision was asked for.
    pub(crate) commit: Option<String>,
}

impl Session {
    /// The model.
    pub(crate) fn model(&self) -> &Model {
        &self.loaded.model
    }
}

/// What was read last: a program that keeps running reads only what changed since.
#[derive(Default)]
pub(crate) struct Known(Option<(Snapshot, Vec<Diagnostic>, Loaded)>);

/// What a dry run says, before it tells what the change is.
pub(crate) const DRY_RUN: &str = "a dry run: nothing is written";

/// What every command knows.
#[derive(Clone)]
pub(crate) struct Context {
    /// The global flags.
    pub(crate) global: Global,
}

/// What patterns and events have to say of a model, and of pictures that are not there yet; the rules are asked by who
/// wants to know.
pub(crate) fn beyond_loading(snapshot: &Snapshot, model: &Model) -> Vec<Diagnostic> {
    let of_patterns = || {
        let (catalogue, mut findings) = loko_patterns::Catalogue::of(snapshot);
        findings.extend(loko_patterns::findings(model, snapshot, &catalogue));
        findings
    };
    let (mut findings, of_events) = rayon::join(of_patterns, || loko_events::check(model, snapshot));
    findings.extend(of_events);
    findings.extend(loko_source::lfs::findings(snapshot));
    findings
}

/// The nearest folder from here upwards that holds a loko.toml, else the folder where one stands.
pub(crate) fn nearest() -> std::io::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let marked = here.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file());
    Ok(marked.map_or_else(|| here.clone(), Path::to_owned))
}

/// Refuses a folder in which there is nothing to read.
fn refuse_empty(workspace: &Workspace, snapshot: &Snapshot) -> Result<(), Failure> {
    if !snapshot.is_empty() {
        return Ok(());
    }
    let folder = workspace.root().display();
    Err(Failure::new(format!("`{folder}` holds no workspace: no loko.toml and no src folder"))
        .help("start one with `loko init NAME`, or name one with `--project DIR`"))
}

/// The folder of what may be lost at any time: `$LOKO_CACHE_HOME` (set to nothing or `LOKO_CACHE=false`: none), else
/// `$XDG_CACHE_HOME/loko`, else `~/.cache/loko`.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let absolute = |folder: PathBuf| folder.is_absolute().then_some(folder);
    if std::env::var("LOKO_CACHE").is_ok_and(|word| settings::truth(&word) == Some(false)) {
        return None;
    }
    if let Some(folder) = std::env::var_os("LOKO_CACHE_HOME") {
        return absolute(folder.into());
    }
    let below = |variable: &str| absolute(std::env::var_os(variable)?.into());
    let caches = below("XDG_CACHE_HOME").or_else(|| Some(below("HOME")?.join(".cache")));
    Some(caches?.join("loko"))
}

/// The texts of a workspace as they are on disk, and what cannot be read.
fn read(workspace: &Workspace) -> Result<(Snapshot, Vec<Diagnostic>), Failure> {
    let read = |file: &str| workspace.read_text(file).map(|source| source.text().to_owned());
    let scope = loko_model::load::scope_reading(read);
    Ok(workspace.snapshot(&scope)?)
}

impl Context {
    /// A context of the flags.
    pub(crate) fn new(global: Global) -> Self {
        match global.color {
            ColorChoice::Auto => {}
            ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
            ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self { global }
    }

    /// Whether findings on standard error or output are coloured.
    pub(crate) fn color(&self, terminal: bool) -> bool {
        match self.global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// The folder of the workspace: as given, else the nearest one from here upwards.
    pub(crate) fn root(&self) -> Result<PathBuf, Failure> {
        if let Some(project) = &self.global.project {
            return Ok(project.clone());
        }
        Ok(nearest()?)
    }

    /// Opens the workspace's folder.
    pub(crate) fn workspace(&self) -> Result<Workspace, Failure> {
        let workspace = Workspace::open(&self.root()?)?;
        Ok(match cache_folder() {
            Some(folder) => workspace.caching_in(folder),
            None => workspace,
        })
    }

    /// Reads the workspace, or with `at` a git revision of it.
    pub(crate) fn load(&self, at: Option<&str>) -> Result<Session, Failure> {
        let workspace = match at {
            Some(rev) => self.workspace_of(rev)?,
            None => self.workspace()?,
        };
        let (snapshot, findings, commit) = match at {
            Some(rev) => {
                let revision = Revision::open(workspace.root(), rev)?;
                let read = |file: &str| revision.read_text(file).map(|source| source.text().to_owned());
                let scope = loko_model::load::scope_reading(read);
                (revision.snapshot(&scope)?, Vec::new(), Some(revision.commit().to_owned()))
            }
            None => {
                let (snapshot, findings) = read(&workspace)?;
                (snapshot, findings, None)
            }
        };
        if let Some(rev) = at.filter(|_| snapshot.is_empty()) {
            let folder = workspace.root().display();
            return Err(Failure::new(format!(
                "at `{rev}`, `{folder}` holds no workspace: no loko.toml and no src folder"
            ))
            .help("name a revision in which the workspace is there, or its folder with `--project DIR`"));
        }
        refuse_empty(&workspace, &snapshot)?;
        self.session(workspace, snapshot, findings, commit)
    }

    /// Opens the workspace's folder to read a revision of it; what is only in the repository has to be brought out first.
    fn workspace_of(&self, rev: &str) -> Result<Workspace, Failure> {
        let root = self.root()?;
        if root.exists() {
            return self.workspace();
        }
        let folder = root.display();
        Err(Failure::new(format!("there is no folder `{folder}` to read `{rev}` of")).help(format!(
            "where it is in the repository only: `git worktree add ../version {rev}` brings it out, and `--project` names it there"
        )))
    }

    /// The same for a command that ends with the program: then the system takes back all at once what would be given back
    /// piece by piece.
    pub(crate) fn load_once(&self, at: Option<&str>) -> Result<ManuallyDrop<Session>, Failure> {
        self.load(at).map(ManuallyDrop::new)
    }

    /// Reads the workspace again, or only the files that are known to have `changed`; what did not change since `known` is
    /// taken from there. The same as [`Self::load`], in less time.
    pub(crate) fn load_again(&self, known: &mut Known, changed: Option<&[PathBuf]>) -> Result<Session, Failure> {
        // Where this fails, nothing is known: the next time everything is read.
        let before = known.0.take();
        let workspace = self.workspace()?;
        let some = before.as_ref().zip(changed).and_then(|((snapshot, findings, _), paths)| {
            Some((workspace.read_again(snapshot, paths)?, findings.clone()))
        });
        let (snapshot, findings) = match some {
            Some(read) => read,
            None => read(&workspace)?,
        };
        refuse_empty(&workspace, &snapshot)?;
        let loaded = match &before {
            Some((before, _, loaded)) => loko_model::load_after(before, loaded, &snapshot),
            None => loko_model::load(&snapshot),
        };
        known.0 = Some((snapshot.clone(), findings.clone(), loaded.clone()));
        self.understood(workspace, snapshot, loaded, findings, None)
    }

    /// The workspace as it would be with changes that nobody has written.
    pub(crate) fn load_changed(&self, now: &Session, changes: &ChangeSet) -> Result<Session, Failure> {
        let snapshot = now.snapshot.overlay(changes).map_err(|error| Failure::new(error.to_string()))?;
        self.session(now.workspace.clone(), snapshot, now.on_disk.clone(), None)
    }

    /// Understands what was read.
    fn session(
        &self,
        workspace: Workspace,
        snapshot: Snapshot,
        findings: Vec<Diagnostic>,
        commit: Option<String>,
    ) -> Result<Session, Failure> {
        let started = std::time::Instant::now();
        let loaded = loko_model::load(&snapshot);
        if self.global.verbose {
            let revision = commit.as_ref().map(|commit| format!(" of commit {commit}")).unwrap_or_default();
            let (files, folder) = (crate::output::plural(snapshot.len(), "file"), workspace.root().display());
            let elapsed_ms = started.elapsed().as_millis();
            crate::output::say(
                self,
                &format!("read {files} of {folder}{revision}; understood them in {elapsed_ms} ms"),
            );
        }
        self.understood(workspace, snapshot, loaded, findings, commit)
    }

    /// Adds what is found beyond loading, and what the model takes from outside of the workspace.
    fn understood(
        &self,
        workspace: Workspace,
        snapshot: Snapshot,
        mut loaded: Loaded,
        on_disk: Vec<Diagnostic>,
        commit: Option<String>,
    ) -> Result<Session, Failure> {
        let mut findings = on_disk.clone();
        findings.append(&mut loaded.findings);
        findings.extend(beyond_loading(&snapshot, &loaded.model));
        loko_source::diagnostic::sort(&mut findings);
        self.settle(&mut loaded.model, &workspace, &snapshot)?;
        findings.extend(settings::unknown_theme(&loaded.model.project));
        Ok(Session { workspace, snapshot, loaded, findings, on_disk, commit })
    }

    /// Fills in what the workspace's own settings leave open: the name from the folder, the rest from the environment,
    /// the file of `--config` and the global configuration, in this order.
    pub(crate) fn settle(&self, model: &mut Model, workspace: &Workspace, snapshot: &Snapshot) -> Result<(), Failure> {
        let project = &mut model.project;
        if project.name.trim().is_empty() {
            project.name = workspace.folder_name();
        }
        settings::fall_back(project, snapshot.text(PROJECT_FILE), self.global.config.as_deref())?;
        settings::from_environment(project)
    }

    /// Writes changes, or with `dry_run` shows them as a diff.
    pub(crate) fn write(&self, session: &Session, changes: &ChangeSet, dry_run: bool) -> Result<(), Failure> {
        if dry_run {
            let diff = changes.diff(&session.snapshot).map_err(|error| Failure::new(error.to_string()))?;
            crate::output::print(&diff);
            crate::output::say(self, DRY_RUN);
            return Ok(());
        }
        Ok(session.workspace.write(&session.snapshot, changes)?)
    }

    /// Asks on a terminal; an empty answer is the default. Elsewhere a value without a default is wrong usage.
    pub(crate) fn ask(&self, what: &str, default: Option<&str>) -> Result<String, Failure> {
        let missing = || Failure::new(format!("the {what} is missing")).help("give it as an argument");
        if !self.is_interactive() {
            return default.map(str::to_owned).ok_or_else(missing);
        }
        let shown = default.filter(|it| !it.is_empty()).map(|it| format!(" [{it}]")).unwrap_or_default();
        let _ = write!(anstream::stderr().lock(), "{what}{shown}: ");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let answer = Some(line.trim().to_owned()).filter(|line| !line.is_empty());
        answer.or_else(|| default.map(str::to_owned)).ok_or_else(missing)
    }

    /// Whether questions may be asked.
    pub(crate) fn is_interactive(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}
