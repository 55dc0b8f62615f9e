//! The agents' side of a workspace: it reads, takes over settings from outside, and builds when a tool asks to.

use crate::context::{Context, Failure};
use crate::publish::{self, Wish};
use loko_mcp::{Backend, Built, Hub};
use loko_model::{Loaded, Model};
use loko_rules::Options;
use loko_serve::Watch;
use loko_source::disk::Workspace;
use loko_source::git::Revision;
use loko_source::{Diagnostic, Snapshot};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Saving a file makes several events within milliseconds.
const DEBOUNCE: Duration = Duration::from_millis(10);

/// Serves one client until its input ends.
pub(crate) fn serve(context: Arc<Context>) -> Result<(), Failure> {
    let root = context.root()?;
    let watched = watch_config(&root);
    let hub = open(&context, &root, watched.is_some())?;
    let watcher = watched.and_then(|watch| {
        let hub = hub.clone();
        // Without a watcher every call reads the files anew.
        loko_serve::watch(&watch, move |paths| hub.files_changed(paths)).ok()
    });
    if watcher.is_none() {
        hub.read_each_time();
    }
    let warm = hub.clone();
    std::thread::spawn(move || warm.warm_up());
    // Requests are taken up in the order in which they come; the work is done on threads beside.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let served = runtime.block_on(loko_mcp::serve(hub.server(), tokio::io::stdin(), tokio::io::stdout()));
    // The thread that waits for more input cannot be woken.
    runtime.shutdown_background();
    drop(watcher);
    served.map_err(Failure::from)
}

/// The workspace as agents are served it.
pub(crate) fn open(context: &Arc<Context>, root: &Path, is_watched: bool) -> Result<Arc<Hub>, Failure> {
    let backend = Arc::new(Files { context: context.clone(), checked: loko_rules::Memo::default() });
    loko_mcp::open(root, backend, is_watched).map_err(|error| {
        Failure::new(error.to_string()).help("name a folder that exists with `--project DIR` or LOKO_PROJECT_ROOT")
    })
}

fn watch_config(root: &Path) -> Option<Watch> {
    let workspace = Workspace::open(root).ok()?;
    let root = workspace.root().to_owned();
    let settings = workspace.read_text(loko_model::project::PROJECT_FILE);
    let snapshot =
        settings.as_ref().map(|text| Snapshot::from_texts([(loko_model::project::PROJECT_FILE, text.text())]));
    let output = loko_model::load(&snapshot.unwrap_or_default()).model.project.output;
    Some(Watch { output: root.join(output), root, debounce: DEBOUNCE })
}

struct Files {
    context: Arc<Context>,
    /// What is remembered of earlier checks.
    checked: loko_rules::Memo,
}

impl Backend for Files {
    fn read(&self, workspace: &Workspace) -> Result<(Snapshot, Vec<Diagnostic>), String> {
        let settings = workspace.read_text(loko_model::project::PROJECT_FILE);
        let scope = loko_model::load::scope(settings.as_ref().map(loko_source::Source::text));
        workspace.snapshot(&scope).map_err(|error| error.to_string())
    }

    fn settle(&self, workspace: &Workspace, snapshot: &Snapshot, model: &mut Model) -> Result<(), String> {
        self.context.settle(model, workspace, snapshot).map_err(|failure| failure.message)
    }

    fn check(&self, snapshot: &Snapshot, loaded: &Loaded, reading: &[Diagnostic]) -> Vec<Arc<Diagnostic>> {
        let mut findings = reading.to_vec();
        findings.extend_from_slice(&loaded.findings);
        findings.extend(crate::context::beyond_loading(snapshot, &loaded.model));
        findings.extend(loko_sim::check(&loaded.model, snapshot));
        let options = Options { today: crate::checking::TODAY, memo: Some(&self.checked), ..Options::default() };
        loko_rules::check_shared(snapshot, loaded, findings, &options).findings
    }

    fn at(&self, workspace: &Workspace, revision: &str) -> Result<Snapshot, String> {
        let revision =
            Revision::open(workspace.root(), revision).map_err(|error| Failure::from(error).in_one_line())?;
        let read = |file: &str| revision.read_text(file).map(|source| source.text().to_owned());
        revision.snapshot(&loko_model::load::scope_reading(read)).map_err(|error| Failure::from(error).in_one_line())
    }

    fn day(&self) -> String {
        crate::commands::adr::today().unwrap_or_default()
    }

    fn find_fonts(&self) -> Option<loko_site::FindFonts> {
        Some(crate::fonts::find)
    }

    fn build(&self, workspace: &Workspace, formats: &[String], folder: Option<&Path>) -> Result<Built, String> {
        let told = |failure: Failure| failure.message;
        let mut context = Context::clone(&self.context);
        context.global.project = Some(workspace.root().to_owned());
        let session = context.load(None).map_err(told)?;
        let named = if formats.is_empty() { session.model().project.outputs.clone() } else { formats.to_vec() };
        let formats = publish::formats(&named).map_err(told)?;
        let folder =
            folder.map_or_else(|| publish::folder(&session, None), |folder| session.workspace.root().join(folder));
        let wish = Wish::of(&formats, &folder);
        let published = publish::publish(&session, &wish).map_err(told)?;
        Ok(Built {
            folder,
            files: published.files,
            diagrams: published.diagrams,
            index: published.index,
            written: published.report.written,
        })
    }
}
