//! A workspace as the server knows it: texts and model in memory, which follow the files, and the way changes are made.
//!
//! What always holds: a [`State`] is never changed, only exchanged as a whole; one change is made at a time; whoever
//! holds a state may go on reading it while the next one is made.

use crate::problem::Problem;
use loko_model::query::search;
use loko_model::view::View;
use loko_model::{Loaded, Model};
use loko_site::FindFonts;
use loko_site::picture::Pictures;
use loko_source::disk::Workspace;
use loko_source::{ChangeSet, Diagnostic, FilePath, Snapshot, Source, Span, TextEdit, diagnostic};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

/// Revisions whose texts are remembered, so that one can ask what changed since.
pub const REVISIONS_MAX: usize = 32;
/// Changes that can be undone.
pub const UNDO_MAX: usize = 50;
/// A workspace with no more files than this is read anew for each call, whatever the watcher says: a watcher takes a
/// moment, and whoever has just written a file asks about it at once.
const READ_EACH_TIME_FILES: usize = 200;

/// What the caller of the door gives: reading, settings from outside, and building.
pub trait Backend: Send + Sync {
    /// The texts of a workspace, and what was found while reading them. An empty folder is an empty workspace.
    fn read(&self, workspace: &Workspace) -> Result<(Snapshot, Vec<Diagnostic>), String>;

    /// Fills in what the workspace's own settings leave open.
    fn settle(&self, workspace: &Workspace, snapshot: &Snapshot, model: &mut Model) -> Result<(), String>;

    /// All that is to be said of a workspace: what was found while reading it, and what the rules find.
    fn check(&self, snapshot: &Snapshot, loaded: &Loaded, reading: &[Diagnostic]) -> Vec<Arc<Diagnostic>>;

    /// The texts of a workspace as a revision of its repository has them.
    fn at(&self, workspace: &Workspace, revision: &str) -> Result<Snapshot, String>;

    /// The day that decisions are drafted on, `2026-11-21`; empty where nobody knows.
    fn day(&self) -> String {
        String::new()
    }

    /// Finds fonts for letters that those of pictures lack; none where nobody can look.
    fn find_fonts(&self) -> Option<FindFonts> {
        None
    }

    /// Builds documentation into a folder of the workspace.
    fn build(&self, workspace: &Workspace, formats: &[String], folder: Option<&Path>) -> Result<Built, String>;
}

/// What a build came to.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The folder.
    pub folder: PathBuf,
    /// How many files are in it.
    pub files: usize,
    /// How many of them are pictures.
    pub diagrams: usize,
    /// The first page, relative to the folder.
    pub index: String,
    /// How many of them were written now.
    pub written: usize,
}

/// A workspace at one moment.
pub(crate) struct State {
    pub(crate) snapshot: Snapshot,
    pub(crate) loaded: Loaded,
    /// Names the texts.
    pub(crate) revision: String,
    /// What was found while reading alone.
    reading: Vec<Diagnostic>,
    /// A digest of each text with its path, in their order.
    digests: Vec<Digest>,
    backend: Arc<dyn Backend>,
    findings: OnceLock<Vec<Arc<Diagnostic>>>,
    words: OnceLock<search::Index>,
    /// What was drawn of it and of the states before it.
    pub(crate) pictures: Arc<Pictures>,
}

type Digest = [u8; 32];

impl State {
    pub(crate) fn model(&self) -> &Model {
        &self.loaded.model
    }

    /// All that is to be said of it, sorted; the rules are asked when somebody wants to know.
    pub(crate) fn findings(&self) -> &[Arc<Diagnostic>] {
        self.findings.get_or_init(|| {
            let mut findings = self.backend.check(&self.snapshot, &self.loaded, &self.reading);
            diagnostic::sort(&mut findings);
            findings
        })
    }

    /// A view as a PNG file.
    pub(crate) fn png(&self, view: &View, scale: f64) -> Result<Vec<u8>, String> {
        let drawn = self.pictures.png(self.model(), &self.snapshot, view, scale, self.backend.find_fonts());
        drawn.map_err(|error| error.to_string())
    }

    /// The words that elements are found by, made ready when somebody looks for some.
    pub(crate) fn words(&self) -> &search::Index {
        self.words.get_or_init(|| search::Index::of(self.model()))
    }
}

impl Drop for State {
    /// Giving back the memory of a large state takes longer than most answers; nobody need wait for it.
    fn drop(&mut self) {
        let model = std::mem::take(&mut self.loaded);
        let rest = (std::mem::take(&mut self.digests), self.findings.take(), self.words.take());
        rayon::spawn(move || drop((model, rest)));
    }
}

/// A change that was made and can be undone.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) summary: Vec<String>,
    back: Option<ChangeSet>,
    /// The files it touched, as it left them.
    left: Vec<(FilePath, Option<Source>)>,
}

/// What is done when a workspace changes: it is given the state before and after.
pub(crate) type OnChange = Box<dyn Fn(&State, &State) + Send + Sync>;

pub(crate) struct Project {
    pub(crate) workspace: Workspace,
    backend: Arc<dyn Backend>,
    current: RwLock<Option<Arc<State>>>,
    /// Held while files are read or written.
    files: Mutex<()>,
    /// Whether somebody tells of changed files.
    is_watched: Arc<AtomicBool>,
    revisions: Mutex<VecDeque<(String, Snapshot)>>,
    made: Mutex<VecDeque<Made>>,
    changed: OnChange,
}

impl Project {
    pub(crate) fn new(
        workspace: Workspace,
        backend: Arc<dyn Backend>,
        is_watched: Arc<AtomicBool>,
        changed: OnChange,
    ) -> Self {
        Self {
            workspace,
            backend,
            current: RwLock::default(),
            files: Mutex::default(),
            is_watched,
            revisions: Mutex::default(),
            made: Mutex::default(),
            changed,
        }
    }

    /// The day that decisions are drafted on.
    pub(crate) fn day(&self) -> String {
        self.backend.day()
    }

    /// The workspace as it is now.
    pub(crate) fn state(&self) -> Result<Arc<State>, Problem> {
        let known = self.known();
        match known {
            Some(state) if self.is_followed(&state) => Ok(state),
            _ => self.refresh(),
        }
    }

    /// Whether somebody else sees to it that the state is new.
    fn is_followed(&self, state: &State) -> bool {
        self.is_watched.load(Ordering::Relaxed) && state.snapshot.len() > READ_EACH_TIME_FILES
    }

    fn known(&self) -> Option<Arc<State>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again; the model is made anew only when a text differs.
    pub(crate) fn refresh(&self) -> Result<Arc<State>, Problem> {
        let _files = lock(&self.files);
        self.read()
    }

    /// Reads files again that somebody changed; all of them when that is not enough.
    pub(crate) fn follow(&self, paths: Option<&[PathBuf]>) -> Result<Arc<State>, Problem> {
        let _files = lock(&self.files);
        let state = match (self.known(), paths) {
            (Some(known), Some(paths)) => match self.workspace.read_again(&known.snapshot, paths) {
                Some(snapshot) => self.take_over(snapshot, known.reading.clone()),
                None => self.read(),
            },
            _ => self.read(),
        };
        if state.is_err() {
            // What changed now is not told of again: the next one reads everything.
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        state
    }

    fn read(&self) -> Result<Arc<State>, Problem> {
        let (snapshot, reading) = self.backend.read(&self.workspace).map_err(Problem::new)?;
        self.take_over(snapshot, reading)
    }

    /// Makes what was read the current state, unless it is that already.
    fn take_over(&self, snapshot: Snapshot, reading: Vec<Diagnostic>) -> Result<Arc<State>, Problem> {
        match self.known() {
            Some(known) if known.snapshot == snapshot && known.reading == reading => Ok(known),
            known => Ok(self.exchange(self.make(snapshot, reading, known.as_deref())?)),
        }
    }

    /// The state of texts; of `before` is kept what is the same.
    fn make(&self, snapshot: Snapshot, reading: Vec<Diagnostic>, before: Option<&State>) -> Result<State, Problem> {
        let mut loaded = match before {
            Some(before) => loko_model::load_after(&before.snapshot, &before.loaded, &snapshot),
            None => loko_model::load(&snapshot),
        };
        self.backend.settle(&self.workspace, &snapshot, &mut loaded.model).map_err(Problem::new)?;
        let digests = digests(&snapshot, before);
        let revision = revision(&digests);
        let backend = self.backend.clone();
        Ok(State {
            snapshot,
            loaded,
            revision,
            reading,
            digests,
            backend,
            findings: OnceLock::new(),
            words: OnceLock::new(),
            pictures: before.map(|before| before.pictures.clone()).unwrap_or_default(),
        })
    }

    /// The state after changes that nobody has made yet.
    pub(crate) fn after(&self, state: &State, changes: &ChangeSet) -> Result<State, Problem> {
        let snapshot = state.snapshot.overlay(changes).map_err(|error| Problem::new(error.to_string()))?;
        self.make(snapshot, state.reading.clone(), Some(state))
    }

    fn exchange(&self, state: State) -> Arc<State> {
        let state = Arc::new(state);
        {
            let mut revisions = lock(&self.revisions);
            if revisions.back().is_none_or(|(revision, _)| *revision != state.revision) {
                if revisions.len() == REVISIONS_MAX {
                    revisions.pop_front();
                }
                revisions.push_back((state.revision.clone(), state.snapshot.clone()));
            }
        }
        let before = self.current.write().unwrap_or_else(PoisonError::into_inner).replace(state.clone());
        if let Some(before) = before.filter(|before| before.revision != state.revision) {
            (self.changed)(&before, &state);
        }
        state
    }

    /// The workspace as a revision of its repository has it.
    pub(crate) fn at(&self, revision: &str) -> Result<State, Problem> {
        let snapshot = self.backend.at(&self.workspace, revision).map_err(Problem::new)?;
        self.make(snapshot, Vec::new(), None)
    }

    /// The workspace as it was at a revision that was told of before.
    pub(crate) fn earlier(&self, revision: &str) -> Result<Option<State>, Problem> {
        self.revision(revision).map(|snapshot| self.make(snapshot, Vec::new(), None)).transpose()
    }

    /// The texts of a revision that was told of before.
    pub(crate) fn revision(&self, revision: &str) -> Option<Snapshot> {
        lock(&self.revisions).iter().find(|(known, _)| known == revision).map(|(_, snapshot)| snapshot.clone())
    }

    /// Writes changes that were computed from `before`, all or none, and hands back what the workspace is then.
    pub(crate) fn write(
        &self,
        before: &State,
        changes: &ChangeSet,
        after: Option<State>,
        summary: Vec<String>,
    ) -> Result<(Arc<State>, String), Problem> {
        let after = match after {
            Some(after) => after,
            None => self.after(before, changes)?,
        };
        let id = format!("c-{}", &after.revision["r1-".len()..]);
        let made = Made {
            id: id.clone(),
            summary,
            back: inverse(&before.snapshot, &after.snapshot, changes),
            left: changes
                .files()
                .map(|(path, _)| (path.clone(), after.snapshot.source(path.as_str()).cloned()))
                .collect(),
        };
        let state = self.put(before, changes, after)?;
        let mut all = lock(&self.made);
        if all.len() == UNDO_MAX {
            all.pop_front();
        }
        all.push_back(made);
        Ok((state, id))
    }

    /// Writes changes and takes over what they lead to.
    fn put(&self, before: &State, changes: &ChangeSet, after: State) -> Result<Arc<State>, Problem> {
        let _files = lock(&self.files);
        if let Err(error) = self.workspace.write_to(&before.snapshot, changes, &after.snapshot) {
            // Whatever changed meanwhile is what the next call must see.
            let _ = self.read();
            return Err(error.into());
        }
        Ok(self.exchange(after))
    }

    /// Undoes a change, the last one when no id is given; only when nothing that it touched has changed since.
    pub(crate) fn undo(&self, id: Option<&str>) -> Result<(Made, Arc<State>), Problem> {
        let made = {
            let made = lock(&self.made);
            let found = match id {
                Some(id) => made.iter().rev().find(|made| made.id == id),
                None => made.back(),
            };
            found.cloned().ok_or_else(|| match id {
                Some(id) => {
                    Problem::new(format!("there is no change `{}` that could be undone", crate::problem::clip(id, 80)))
                        .help("`apply` names the change that it made; the last 50 of this session are remembered")
                }
                None => Problem::new("nothing was changed in this session"),
            })?
        };
        let Some(back) = &made.back else {
            return Err(Problem::new(format!(
                "the change `{}` took files that are no texts and cannot be undone",
                made.id
            ))
            .help("take them from version control"));
        };
        let state = self.refresh()?;
        if let Some((path, _)) =
            made.left.iter().find(|(path, left)| state.snapshot.source(path.as_str()) != left.as_ref())
        {
            return Err(Problem::new(format!("`{}` cannot be undone: `{path}` changed since", made.id))
                .help("undo later changes first, or propose the opposite"));
        }
        let after = self.after(&state, back)?;
        let state = self.put(&state, back, after)?;
        lock(&self.made).retain(|known| known.id != made.id);
        Ok((made, state))
    }

    pub(crate) fn build(&self, formats: &[String], folder: Option<&Path>) -> Result<Built, Problem> {
        let _files = lock(&self.files);
        self.backend.build(&self.workspace, formats, folder).map_err(Problem::new)
    }
}

/// The digests of all texts; those that `before` has are taken from there.
fn digests(snapshot: &Snapshot, before: Option<&State>) -> Vec<Digest> {
    let known = before.and_then(|before| Some((snapshot.edited_since(&before.snapshot)?, &before.digests)));
    let Some((edited, known)) = known else {
        return snapshot.iter().map(|(path, source)| digest(path, source)).collect();
    };
    let mut edited = edited.into_iter().peekable();
    let files = snapshot.iter().zip(known);
    files
        .map(|((path, source), known)| match edited.next_if(|edited| *edited == path) {
            Some(_) => digest(path, source),
            None => *known,
        })
        .collect()
}

fn digest(path: &FilePath, source: &Source) -> Digest {
    let mut hasher = Sha256::new();
    for text in [path.as_str(), source.text()] {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

/// The name of texts: `r1-` and 16 hex digits.
fn revision(digests: &[Digest]) -> String {
    let mut hasher = Sha256::new();
    digests.iter().for_each(|digest| hasher.update(digest));
    let digest = hasher.finalize();
    digest[..8].iter().fold("r1-".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The changes that lead back; none when a file that is no text would have to come back.
fn inverse(before: &Snapshot, after: &Snapshot, changes: &ChangeSet) -> Option<ChangeSet> {
    let mut back = ChangeSet::new();
    for (from, to) in changes.moves().iter().rev() {
        back.move_folder(to.clone(), from.clone());
    }
    for (path, _) in changes.files() {
        let origin = origin(changes, path)?;
        match (before.text(origin.as_str()), after.text(path.as_str())) {
            (Some(old), Some(new)) => {
                back.edit(origin, TextEdit::replace(Span::new(0, new.len()), old));
            }
            (Some(old), None) => back.create(origin, old),
            (None, Some(_)) => back.delete(origin),
            (None, None) => return None,
        }
    }
    Some(back)
}

/// The name that a file had before the moves.
fn origin(changes: &ChangeSet, path: &FilePath) -> Option<FilePath> {
    let mut name = path.as_str().to_owned();
    for (from, to) in changes.moves().iter().rev() {
        if let Some(rest) = name.strip_prefix(&format!("{to}/")) {
            name = format!("{from}/{rest}");
        }
    }
    FilePath::new(&name).ok()
}

/// One change set for all that lies between two snapshots, and the folder moves on the way.
pub(crate) fn between(before: &Snapshot, after: &Snapshot, moves: &[(String, String)]) -> Result<ChangeSet, Problem> {
    let wrong = |error: loko_source::change::ChangeError| Problem::new(error.to_string());
    let mut changes = ChangeSet::new();
    let mut base = before.clone();
    for (from, to) in moves {
        // A folder that only came to be on the way is not on the disk yet.
        if base.paths_below(from).next().is_some() {
            let mut step = ChangeSet::new();
            step.move_folder(from.clone(), to.clone());
            base = base.overlay(&step).map_err(wrong)?;
            changes.move_folder(from.clone(), to.clone());
        }
    }
    for path in after.changed_since(&base) {
        match (base.text(path.as_str()), after.text(path.as_str())) {
            (Some(text), Some(now)) if text != now => {
                changes.edit(path.clone(), TextEdit::replace(Span::new(0, text.len()), now));
            }
            (Some(_), None) => changes.delete(path.clone()),
            (None, Some(now)) => changes.create(path.clone(), now),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    for (path, _) in base.assets() {
        if after.asset(path.as_str()).is_none() {
            changes.delete(path.clone());
        }
    }
    Ok(changes)
}

/// A lock whose holder panicked still guards values that are whole: each is replaced in one step.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
