//! What the repository of a workspace tells of it: who changed its files, and what differs from version to version.

use crate::commands::diff::side;
use crate::context::{Context, Session, cache_folder};
use crate::output;
use crate::remembered::{Known, Remembered};
use loko_diagram::Board;
use loko_model::Model;
use loko_model::diff::insides::{self, Touched};
use loko_model::diff::landscapes::{self, Names};
use loko_model::diff::state::{self, State};
use loko_model::diff::{Diff, Side, diff, picture};
use loko_model::view::{self, ViewKind};
use loko_site::Words;
use loko_site::changelog::{self, Release};
use loko_site::history::{Commit, History, Step, Version};
use loko_source::Snapshot;
use loko_source::git::{self, Tag};
use std::sync::LazyLock;

/// The versions that are told of: the last ones, each compared with the one before it.
const VERSIONS_MAX: usize = 10;
/// The versions that are drawn.
const PICTURES_MAX: usize = 3;

/// The elements of all versions together of which pictures of their insides are made, whose models stand side by side for it.
const ELEMENTS_MAX: usize = 100_000;

/// The commits that are told of, each compared with the one before it.
const STEPS_MAX: usize = 20;
/// Files that are read for them: a large workspace shall not be read over and over.
const STEPS_FILES_MAX: usize = 5_000;

/// What the repository tells, if there is one; a workspace that is in none has no history, which is no fault. What is
/// not committed yet counts as unreleased unless a revision was asked for.
pub(crate) fn read(context: &Context, now: &Session, at: Option<&str>) -> Option<History> {
    let mut past = Past::read(context, now, at)?;
    past.tell(at.is_none().then_some(now));
    Some(past.history)
}

/// What was committed, which only another commit changes, and what is in no version yet.
pub(crate) struct Past {
    history: History,
    /// The versions that have a name, the oldest first.
    seen: Vec<Seen>,
    /// The version before those.
    earlier: Option<Session>,
    words: Words,
}

/// A version with what pictures of several versions are made from.
struct Seen {
    /// Its model; of the last one its texts, too.
    session: Session,
    landscape: Board,
    touched: Touched,
}

impl Past {
    /// Reads what was committed until a revision, or until now.
    pub(crate) fn read(context: &Context, now: &Session, at: Option<&str>) -> Option<Self> {
        let root = now.workspace.root();
        let changes = git::history(root, at.unwrap_or("HEAD")).ok()?;
        let files = changes.into_iter().map(|(path, all)| (path, all.into_iter().map(commit).collect())).collect();
        // All that a build tells is in the language that the workspace wants now.
        let words = Words::of_workspace(&now.snapshot);
        let steps = steps(context, now, at, &words);
        let mut past =
            Self { history: History { files, steps, ..History::default() }, seen: Vec::new(), earlier: None, words };
        past.read_versions(context, now, at);
        Some(past)
    }

    /// Tells of the versions, and of what is in none yet, if that is wanted.
    pub(crate) fn tell(&mut self, now: Option<&Session>) -> &History {
        self.history.versions.retain(|version| !version.release.version.is_empty());
        let last = self.seen.last().map(|seen| &seen.session).or(self.earlier.as_ref());
        let unreleased = last.zip(now).and_then(|(last, now)| {
            let (version, touched) = version(Some(last), now, None, true, &self.words);
            (!version.release.is_empty()).then(|| (version, touched, whole(now), now.model()))
        });
        // The newest first.
        let (mut boards, mut models) = (Vec::new(), Vec::new());
        if let Some((version, touched, landscape, model)) = &unreleased {
            self.history.versions.insert(0, version.clone());
            boards.push(landscape.clone());
            models.push(insides::Version { model, touched });
        }
        for seen in self.seen.iter().rev() {
            boards.push(seen.landscape.clone());
            models.push(insides::Version { model: seen.session.model(), touched: &seen.touched });
        }
        let names = Names::of(self.history.versions.iter().map(|version| version.renamed.as_slice()));
        // One version alone is compared with nothing.
        self.history.landscapes = (boards.len() > 1).then(|| landscapes::together(&boards, &names)).flatten();
        let elements: usize = models.iter().map(|version| version.model.elements.len()).sum();
        self.history.insides = if elements <= ELEMENTS_MAX { insides::insides(&models, &names) } else { Vec::new() };
        &self.history
    }

    /// What was told last.
    pub(crate) fn told(&self) -> &History {
        &self.history
    }

    /// Reads the versions that have a name.
    fn read_versions(&mut self, context: &Context, now: &Session, at: Option<&str>) {
        let tags = git::tags(now.workspace.root()).unwrap_or_default();
        // A build of a revision knows nothing of what came later.
        let until = at.map(|at| tags.iter().position(|tag| tag.name == at).map_or(tags.len(), |place| place + 1));
        let tags = &tags[..until.unwrap_or(tags.len())];
        let first = tags.len().saturating_sub(VERSIONS_MAX + 1);
        for (place, tag) in tags.iter().enumerate().skip(first) {
            // A tag from before there was a workspace has no version of it.
            let Ok(session) = context.load(Some(&tag.commit)) else { continue };
            if place == first && first > 0 {
                self.earlier = Some(session);
                continue;
            }
            let before = self.seen.last().map(|seen| &seen.session).or(self.earlier.as_ref());
            let is_drawn = tags.len() - place <= PICTURES_MAX;
            let (version, touched) = version(before, &session, Some(tag), is_drawn, &self.words);
            self.history.versions.insert(0, version);
            // Of what is compared with nothing any more the model is enough.
            if let Some(before) = self.seen.last_mut() {
                before.session.snapshot = Snapshot::default();
                before.session.findings = Vec::new();
                before.session.loaded.references = Vec::new();
            }
            self.seen.push(Seen { landscape: whole(&session), session, touched });
        }
    }
}

fn commit(change: git::Change) -> Commit {
    Commit {
        id: change.commit,
        day: output::day_of(change.seconds.try_into().unwrap_or(0)),
        seconds: change.seconds,
        author: change.author,
        summary: change.summary,
    }
}

/// The last commits that changed the architecture, with what they changed.
fn steps(context: &Context, now: &Session, at: Option<&str>, words: &Words) -> Vec<Step> {
    let root = now.workspace.root();
    let commits = git::commits(root, at.unwrap_or("HEAD"), STEPS_MAX).unwrap_or_default();
    let mut remembered = Remembered::of(cache_folder().as_deref(), root, &words.key());
    let mut steps = Vec::new();
    let mut files = 0;
    // What was before a commit is often what another one left behind.
    let mut read: Option<(String, Session)> = None;
    for (change, parent) in commits {
        let known = match remembered.get(&change.commit, parent.as_deref()) {
            Some(known) => known,
            None => {
                let Some(known) = found_out(context, &change.commit, parent, &mut read, words) else { break };
                remembered.put(&change.commit, known.clone());
                known
            }
        };
        files += known.files;
        if !known.release.is_empty() {
            steps.push(Step { commit: commit(change), release: known.release });
        }
        if files > STEPS_FILES_MAX {
            break;
        }
    }
    remembered.keep();
    steps
}

/// What a commit changed, where it has a workspace; what was there before it is left behind in `read`.
fn found_out(
    context: &Context,
    commit: &str,
    parent: Option<String>,
    read: &mut Option<(String, Session)>,
    words: &Words,
) -> Option<Known> {
    let load = |rev: &str| context.load(Some(rev)).ok();
    let after = match read.take() {
        Some((id, session)) if id == commit => session,
        _ => load(commit)?,
    };
    let before = parent.as_deref().and_then(load);
    let (_, release) = compared(before.as_ref(), &after, words);
    *read = parent.clone().zip(before);
    Some(Known { parent, files: after.snapshot.len(), release })
}

/// A side of a comparison, where nothing may have been before.
fn former(before: Option<&Session>) -> Side<'_> {
    static NOTHING: LazyLock<(Model, Snapshot)> = LazyLock::new(Default::default);
    before.map_or_else(|| Side { model: &NOTHING.0, snapshot: &NOTHING.1, findings: &[] }, side)
}

/// What differs, and what a list of changes says of it.
fn compared<'a>(before: Option<&'a Session>, after: &'a Session, words: &Words) -> (Diff<'a>, Release) {
    let before = former(before);
    let difference = diff(before, side(after));
    let release = changelog::release(before.model, after.model(), &difference, words);
    (difference, release)
}

/// A version, and what something happened to in it.
fn version(
    before: Option<&Session>,
    after: &Session,
    tag: Option<&Tag>,
    is_drawn: bool,
    words: &Words,
) -> (Version, Touched) {
    let (difference, mut release) = compared(before, after, words);
    let mut seconds = None;
    if let Some(tag) = tag {
        seconds = Some(tag.seconds);
        release.version.clone_from(&tag.name);
        release.date = Some(output::day_of(tag.seconds.try_into().unwrap_or(0)));
    }
    let (mut overlay, mut beside) = (None, None);
    if let Some(before) = before.filter(|_| is_drawn) {
        overlay = picture::board(before.model(), after.model(), &difference, &words.of_changes())
            .filter(|it| it.objects.len() <= landscapes::OBJECTS_MAX);
        beside = landscape(before).zip(landscape(after));
    }
    let version = Version {
        release,
        seconds,
        overlay,
        beside,
        is_first: before.is_none(),
        state: State::of(side(after)),
        renamed: state::renamed(&difference, former(before), side(after)),
    };
    (version, Touched::of(&difference))
}

/// The landscape, if it can be compared by eye.
fn landscape(session: &Session) -> Option<Board> {
    Some(whole(session)).filter(|board| (1..=landscapes::OBJECTS_MAX).contains(&board.objects.len()))
}

/// The landscape, however much there is of it.
fn whole(session: &Session) -> Board {
    let view = view::by_key(session.model(), ViewKind::Landscape.name());
    view.map(|view| view::automatic(session.model(), &view)).unwrap_or_default()
}
