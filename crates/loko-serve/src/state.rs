//! What the server knows: the site as last built, the builds that were asked for, and who wants to hear of changes.

use crate::desk::Desk;
use crate::guesses::Guesses;
use crate::limits::Limits;
use crate::{Config, Event, Key};
use loko_model::Model;
use loko_source::{Diagnostic, FilePath, Severity, Snapshot};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::{broadcast, watch};

/// Builds that are remembered; older ones are forgotten.
pub(crate) const BUILDS_MAX: usize = 100;
/// Changes that a slow page may lag behind before it is told to reload as a whole.
const CHANGES_MAX: usize = 16;

/// Makes sites of a workspace; the door's caller gives it.
pub trait Builder: Send {
    /// Reads the workspace, or only the files of these absolute paths where nothing else changed since the last time, and
    /// makes its site in memory.
    /// The pages that somebody looks at come first.
    fn build(&mut self, changed: Option<&[PathBuf]>, first: &First<'_>) -> Result<Built, String>;

    /// Forgets what it remembers of earlier builds: one was cut off, and nobody knows how far it came.
    fn forget(&mut self) {}

    /// Builds into a folder of the workspace, or into its usual one; says which and how many files it holds.
    fn write(&mut self, formats: &[String], folder: Option<&str>) -> Result<(PathBuf, usize), String>;
}

/// The pages that are open in browsers, which shall be shown before the whole site is made.
pub struct First<'a> {
    /// Their paths.
    pub pages: BTreeSet<String>,
    /// Takes another edition of one of them.
    pub made: &'a (dyn Fn(&FilePath, &Arc<[u8]>) + Sync),
}

impl std::fmt::Debug for First<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("First").field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// What the server's own pages say: messages by name, and the language that they are in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The language, as browsers are told.
    pub language: String,
    /// The messages; one that is missing is said by its name.
    pub messages: BTreeMap<String, String>,
}

impl Words {
    /// One of them.
    pub(crate) fn say<'a>(&'a self, name: &'a str) -> &'a str {
        self.messages.get(name).map_or(name, String::as_str)
    }
}

/// A site in memory and what it was made of.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The files of the site.
    pub files: BTreeMap<FilePath, Arc<[u8]>>,
    /// The texts.
    pub snapshot: Snapshot,
    /// The model.
    pub model: Model,
    /// What was found.
    pub findings: Vec<Diagnostic>,
    /// What the server's own pages say; none when those are kept that it began with.
    pub words: Option<Words>,
    /// Files that are of an earlier edition still; they are made when somebody asks for one of them.
    pub late: BTreeSet<String>,
}

/// The files that changed; nothing when they are too many, or nobody knows which.
pub(crate) type Changed = Option<Arc<Vec<String>>>;
/// Changed files that are told by name.
const CHANGED_MAX: usize = 2_000;

type Files = BTreeMap<FilePath, Arc<[u8]>>;

/// What changed between two editions of the site, but for what was told already.
fn changed(before: &Files, told: &Files, after: &Files) -> Changed {
    let same = |path: &FilePath, bytes: &Arc<[u8]>| {
        let old = told.get(path).or_else(|| before.get(path));
        old.is_some_and(|old| Arc::ptr_eq(old, bytes) || old == bytes)
    };
    let new = after.iter().filter(|(path, bytes)| !same(path, bytes)).map(|(path, _)| path);
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    let all: Vec<String> = new.chain(gone).take(CHANGED_MAX + 1).map(ToString::to_string).collect();
    (all.len() <= CHANGED_MAX).then(|| Arc::new(all))
}

/// Pages that cannot be made since something is wrong, as they were before.
#[derive(Default)]
struct Kept {
    pages: Files,
    /// With as few errors as that, what is not made is gone.
    errors: usize,
}

impl Kept {
    /// Takes note of a build, after which there are so many errors: `before` and `after` are the files around it.
    fn follow(&mut self, before: &Files, after: &Files, errors_before: usize, errors: usize) {
        if self.pages.is_empty() {
            self.errors = errors_before;
        }
        if errors <= self.errors {
            self.pages.clear();
            return;
        }
        self.pages.retain(|path, _| !after.contains_key(path));
        let lost = before.iter().filter(|(path, _)| !after.contains_key(*path) && path.as_str().ends_with(".html"));
        self.pages.extend(lost.map(|(path, bytes)| (path.clone(), bytes.clone())));
    }
}

/// Somebody who looks at a page.
pub(crate) struct Looking {
    state: Shared,
    page: String,
}

impl Drop for Looking {
    fn drop(&mut self) {
        let mut open = lock(&self.state.open);
        if let Some(count) = open.get_mut(&self.page) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.page);
            }
        }
    }
}

/// How many findings there are of those that want to be mended.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
}

/// A build that a caller asked for.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) result: Option<Result<(PathBuf, usize), String>>,
    pub(crate) elapsed_ms: u128,
}

pub(crate) type Shared = Arc<State>;

pub(crate) struct State {
    pub(crate) address: SocketAddr,
    pub(crate) key: Option<Key>,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) host_names: Vec<String>,
    /// Whether the site stands at `/`.
    pub(crate) site: bool,
    pub(crate) started: Instant,
    pub(crate) limits: Limits,
    pub(crate) guesses: Guesses,
    /// Who draws, looks and writes.
    pub(crate) desk: Option<Arc<dyn Desk>>,
    pub(crate) read_only: bool,
    /// What its pages say before anything is built.
    words: Words,
    built: RwLock<Arc<Built>>,
    /// Pages of the build that is under way, made first since somebody looks at them.
    fresh: RwLock<Files>,
    /// The pages that are open in browsers, with how often they are.
    open: Mutex<BTreeMap<String, usize>>,
    /// Late files that somebody asked for.
    asked: Mutex<BTreeSet<String>>,
    kept: RwLock<Kept>,
    failure: RwLock<Option<String>>,
    builder: Mutex<Box<dyn Builder>>,
    jobs: Mutex<VecDeque<Job>>,
    jobs_made: Mutex<u64>,
    changes: broadcast::Sender<Changed>,
    stopping: watch::Sender<bool>,
    /// How many errors and warnings the last build found.
    counts: watch::Sender<Counts>,
    report: Box<dyn Fn(Event) + Send + Sync>,
}

impl State {
    pub(crate) fn new(
        config: &Config,
        address: SocketAddr,
        builder: impl Builder + 'static,
        report: Box<dyn Fn(Event) + Send + Sync>,
    ) -> Shared {
        Arc::new(Self {
            address,
            key: config.key.clone(),
            allowed_origins: config.allowed_origins.clone(),
            host_names: config.host_names.clone(),
            site: config.site,
            started: Instant::now(),
            limits: Limits::new(),
            guesses: Guesses::new(),
            desk: config.desk.clone().map(|desk| desk.0),
            read_only: config.read_only,
            words: config.words.clone(),
            built: RwLock::default(),
            fresh: RwLock::default(),
            open: Mutex::default(),
            asked: Mutex::default(),
            kept: RwLock::default(),
            failure: RwLock::default(),
            builder: Mutex::new(Box::new(builder)),
            jobs: Mutex::default(),
            jobs_made: Mutex::default(),
            changes: broadcast::channel(CHANGES_MAX).0,
            stopping: watch::channel(false).0,
            counts: watch::channel(Counts::default()).0,
            report,
        })
    }

    /// The site as last built.
    pub(crate) fn built(&self) -> Arc<Built> {
        self.built.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the server's own pages say.
    pub(crate) fn words(&self) -> Words {
        self.built().words.clone().unwrap_or_else(|| self.words.clone())
    }

    /// Why the last build failed, if it did.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Builds again, after these files changed or whatever did, and tells the open pages when anything differs.
    pub(crate) fn rebuild(&self, paths: Option<&[PathBuf]>) {
        let started = Instant::now();
        let made = |path: &FilePath, bytes: &Arc<[u8]>| self.show(path, bytes);
        let mut pages: BTreeSet<String> = lock(&self.open).keys().cloned().collect();
        pages.append(&mut lock(&self.asked));
        let first = First { pages, made: &made };
        // The builder stays locked until what it made is shown, so that an older build never takes the place of a newer one.
        let mut builder = lock(&self.builder);
        // What fails here is a fault of the program: it must not end following for ever.
        let result = cut_off(|| builder.build(paths, &first)).unwrap_or_else(|reason| {
            builder.forget();
            Err(reason)
        });
        let told = self.fresh.read().unwrap_or_else(PoisonError::into_inner).clone();
        match result {
            Ok(built) => {
                let count = |severity| built.findings.iter().filter(|finding| finding.severity == severity).count();
                let counts = Counts { errors: count(Severity::Error), warnings: count(Severity::Warning) };
                let Counts { errors, warnings } = counts;
                let event = Event::Built { elapsed_ms: started.elapsed().as_millis(), errors, warnings };
                let before = self.built();
                let mut changed = changed(&before.files, &told, &built.files);
                let shown_again = self.keep(&before, &built, errors);
                if let Some(changed) = &mut changed {
                    Arc::make_mut(changed).extend(shown_again);
                }
                let is_back = self.failure().is_some();
                *self.built.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(built);
                self.forget_fresh();
                *self.failure.write().unwrap_or_else(PoisonError::into_inner) = None;
                (self.report)(event);
                self.counts.send_replace(counts);
                if is_back {
                    self.announce(None);
                } else if changed.as_ref().is_none_or(|paths| !paths.is_empty()) {
                    self.announce(changed);
                }
            }
            Err(reason) => {
                (self.report)(Event::Failed { reason: reason.clone() });
                *self.failure.write().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                self.forget_fresh();
                self.announce(None);
            }
        }
    }

    /// Whether a file is of an earlier edition still.
    pub(crate) fn is_late(&self, path: &str) -> bool {
        self.built().late.contains(path)
    }

    /// Makes a file that is of an earlier edition still.
    pub(crate) fn catch_up(&self, path: &str) {
        if self.is_late(path) {
            lock(&self.asked).insert(path.to_owned());
            self.rebuild(Some(&[]));
        }
    }

    /// Keeps pages that a build with new errors does not have; not when files are gone, since then pages may be so, too.
    /// Says which pages are, or were until now, shown as kept.
    fn keep(&self, before: &Built, after: &Built, errors: usize) -> BTreeSet<String> {
        let errors_before = self.counts.borrow().errors;
        let has_removed = before.snapshot.iter().any(|(path, _)| after.snapshot.source(path.as_str()).is_none());
        let lost = if has_removed { &after.files } else { &before.files };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let mut touched: BTreeSet<String> = kept.pages.keys().map(ToString::to_string).collect();
        kept.follow(lost, &after.files, errors_before, errors);
        touched.extend(kept.pages.keys().map(ToString::to_string));
        touched
    }

    /// A page that cannot be made now, as it was before.
    pub(crate) fn kept(&self, path: &str) -> Option<Arc<[u8]>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).pages.get(path).cloned()
    }

    /// Shows a page before the rest of the site is made.
    fn show(&self, path: &FilePath, bytes: &Arc<[u8]>) {
        if self.failure().is_some() || self.built().files.get(path).is_some_and(|old| old == bytes) {
            return;
        }
        self.fresh.write().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), bytes.clone());
        self.announce(Some(Arc::new(vec![path.to_string()])));
    }

    fn forget_fresh(&self) {
        self.fresh.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A file of the site, of the newest edition that there is.
    pub(crate) fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        let fresh = self.fresh.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        fresh.or_else(|| self.built().files.get(path).cloned())
    }

    /// Notes that a page of the site is open in a browser, until what this returns is dropped.
    pub(crate) fn look_at(self: &Arc<Self>, page: String) -> Option<Looking> {
        self.file(&page)?;
        *lock(&self.open).entry(page.clone()).or_default() += 1;
        Some(Looking { state: self.clone(), page })
    }

    fn announce(&self, changed: Changed) {
        // Nobody listening is fine.
        let _ = self.changes.send(changed);
    }

    /// Changes from now on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// What the last build found, and what those after it will.
    pub(crate) fn counts(&self) -> watch::Receiver<Counts> {
        let mut counts = self.counts.subscribe();
        counts.mark_changed();
        counts
    }

    /// Becomes true when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    pub(crate) fn report(&self, event: Event) {
        (self.report)(event);
    }

    /// Starts a build that a caller asked for, and returns its id.
    pub(crate) fn start_job(self: &Arc<Self>, formats: Vec<String>, folder: Option<String>) -> String {
        let id = {
            let mut made = lock(&self.jobs_made);
            *made += 1;
            format!("{}-{:04}", jiff::Zoned::now().strftime("%Y%m%d"), *made)
        };
        let mut jobs = lock(&self.jobs);
        if jobs.len() == BUILDS_MAX {
            jobs.pop_front();
        }
        jobs.push_back(Job { id: id.clone(), result: None, elapsed_ms: 0 });
        drop(jobs);
        let (state, job) = (self.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let result = cut_off(|| lock(&state.builder).write(&formats, folder.as_deref())).unwrap_or_else(Err);
            if let Some(job) = lock(&state.jobs).iter_mut().find(|known| known.id == job) {
                job.result = Some(result);
                job.elapsed_ms = started.elapsed().as_millis();
            }
        });
        id
    }

    /// A build by its id, or the last one.
    pub(crate) fn job(&self, id: &str) -> Option<Job> {
        let jobs = lock(&self.jobs);
        if id == "latest" { jobs.back().cloned() } else { jobs.iter().find(|job| job.id == id).cloned() }
    }
}

/// What some work gives, or how it was cut off by a fault of the program.
fn cut_off<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|fault| {
        let said = fault.downcast_ref::<String>().map(String::as_str).or_else(|| fault.downcast_ref::<&str>().copied());
        let said = said.unwrap_or("no reason given");
        format!("the build was cut off by a fault of loko ({said}); it begins afresh with the next change")
    })
}

/// A lock whose holder panicked still guards values that are whole: each is replaced in one step.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Files {
        names.iter().map(|name| (FilePath::new(name).unwrap(), Arc::from(name.as_bytes()))).collect()
    }

    /// Cut off in its second build, and in all others until it forgets.
    struct Faulty {
        builds: usize,
        is_broken: bool,
    }

    impl Builder for Faulty {
        fn build(&mut self, _: Option<&[PathBuf]>, _: &First<'_>) -> Result<Built, String> {
            self.builds += 1;
            self.is_broken |= self.builds == 2;
            assert!(!self.is_broken, "a fault in build {}", self.builds);
            let name = format!("{}.html", self.builds);
            Ok(Built { files: files(&[&name]), ..Built::default() })
        }

        fn forget(&mut self) {
            self.is_broken = false;
        }

        fn write(&mut self, _: &[String], _: Option<&str>) -> Result<(PathBuf, usize), String> {
            Err("not now".to_owned())
        }
    }

    fn config(address: SocketAddr) -> Config {
        Config {
            address: address.ip(),
            port: 0,
            key: None,
            site: true,
            watch: None,
            allowed_origins: Vec::new(),
            host_names: Vec::new(),
            desk: None,
            read_only: true,
            words: Words::default(),
            patience: crate::Patience::default(),
            door: None,
        }
    }

    #[test]
    fn a_build_that_is_cut_off_does_not_end_following() {
        let reports = Arc::new(Mutex::new(Vec::new()));
        let report = {
            let reports = reports.clone();
            move |event: Event| lock(&reports).push(event)
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let builder = Faulty { builds: 0, is_broken: false };
        let state = State::new(&config(address), address, builder, Box::new(report));
        let pages = || state.built().files.keys().map(ToString::to_string).collect::<Vec<_>>();
        state.rebuild(None);
        assert_eq!((pages(), state.failure()), (vec!["1.html".to_owned()], None));
        let mut changes = state.changes();
        state.rebuild(Some(&[]));
        let reason = state.failure().expect("the failure is told");
        assert!(reason.contains("a fault in build 2"), "{reason}");
        assert!(matches!(changes.try_recv(), Ok(None)), "open pages are shown the failure");
        assert!(matches!(lock(&reports).last(), Some(Event::Failed { reason: told }) if *told == reason));
        state.rebuild(Some(&[]));
        assert_eq!((pages(), state.failure()), (vec!["3.html".to_owned()], None));
    }

    #[test]
    fn pages_that_errors_take_away_are_kept_until_those_are_gone() {
        let (all, some, few) =
            (files(&["a.html", "b.html", "c.html", "x.svg"]), files(&["a.html", "b.html"]), files(&["a.html"]));
        let names = |kept: &Kept| kept.pages.keys().map(ToString::to_string).collect::<Vec<_>>();
        let mut kept = Kept::default();
        kept.follow(&all, &some, 1, 1);
        assert!(kept.pages.is_empty(), "without a new error a page that is not made is gone");
        kept.follow(&all, &some, 1, 2);
        assert_eq!(names(&kept), ["c.html"]);
        kept.follow(&some, &few, 2, 5);
        assert_eq!(names(&kept), ["b.html", "c.html"]);
        kept.follow(&few, &some, 5, 2);
        assert_eq!(names(&kept), ["c.html"], "what is made again is no longer kept");
        kept.follow(&some, &some, 2, 1);
        assert!(kept.pages.is_empty());
    }
}
