//! What the repository of a workspace tells of it: who changed its files, and what differs from version to version.

use crate::commands::diff::side;
use crate::context::{Context, Session};
use crate::output;
use loko_model::Model;
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
/// A landscape with more objects is too large to be compared by eye.
const OBJECTS_MAX: usize = 150;

/// The commits that are told of, each compared with the one before it.
const STEPS_MAX: usize = 20;
/// Files that are read for them: a large workspace shall not be read over and over.
const STEPS_FILES_MAX: usize = 5_000;

/// What the repository tells, if there is one; a workspace that is in none has no history, which is no fault. What is
/// not committed yet counts as unreleased unless a revision was asked for.
pub(crate) fn read(context: &Context, now: &Session, at: Option<&str>) -> Option<History> {
    let root = now.workspace.root();
    let changes = git::history(root, at.unwrap_or("HEAD")).ok()?;
    let files = changes.into_iter().map(|(path, all)| (path, all.into_iter().map(commit).collect())).collect();
    // All that a build tells is in the language that the workspace wants now.
    let words = Words::of_workspace(&now.snapshot);
    Some(History { files, versions: versions(context, now, at, &words), steps: steps(context, now, at, &words) })
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
    let commits = git::commits(now.workspace.root(), at.unwrap_or("HEAD"), STEPS_MAX).unwrap_or_default();
    let mut steps = Vec::new();
    let mut files = 0;
    // What was before a commit is often what another one left behind.
    let mut known: Option<(String, Session)> = None;
    for (change, parent) in commits {
        let read = |rev: &str| context.load(Some(rev)).ok();
        let after = match known.take() {
            Some((id, session)) if id == change.commit => Some(session),
            _ => read(&change.commit),
        };
        let Some(after) = after else { break };
        let before = parent.as_deref().and_then(read);
        files += after.snapshot.len();
        let (_, release) = compared(before.as_ref(), &after, words);
        if !release.is_empty() {
            steps.push(Step { commit: commit(change), release });
        }
        known = parent.zip(before);
        if files > STEPS_FILES_MAX {
            break;
        }
    }
    steps
}

fn versions(context: &Context, now: &Session, at: Option<&str>, words: &Words) -> Vec<Version> {
    let tags = git::tags(now.workspace.root()).unwrap_or_default();
    // A build of a revision knows nothing of what came later.
    let until = at.map(|at| tags.iter().position(|tag| tag.name == at).map_or(tags.len(), |place| place + 1));
    let tags = &tags[..until.unwrap_or(tags.len())];
    let first = tags.len().saturating_sub(VERSIONS_MAX + 1);
    let mut versions = Vec::new();
    let mut before: Option<Session> = None;
    for (place, tag) in tags.iter().enumerate().skip(first) {
        // A tag from before there was a workspace has no version of it.
        let Ok(session) = context.load(Some(&tag.commit)) else { continue };
        if place > first || first == 0 {
            versions.push(version(before.as_ref(), &session, Some(tag), tags.len() - place <= PICTURES_MAX, words));
        }
        before = Some(session);
    }
    if at.is_none() && before.is_some() {
        let unreleased = version(before.as_ref(), now, None, true, words);
        if !unreleased.release.is_empty() {
            versions.push(unreleased);
        }
    }
    versions.reverse();
    versions
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

fn version(before: Option<&Session>, after: &Session, tag: Option<&Tag>, is_drawn: bool, words: &Words) -> Version {
    let (difference, mut release) = compared(before, after, words);
    let mut seconds = None;
    if let Some(tag) = tag {
        seconds = Some(tag.seconds);
        release.version.clone_from(&tag.name);
        release.date = Some(output::day_of(tag.seconds.try_into().unwrap_or(0)));
    }
    let (mut overlay, mut beside) = (None, None);
    if let Some(before) = before.filter(|_| is_drawn) {
        overlay =
            picture::board(before.model(), after.model(), &difference).filter(|it| it.objects.len() <= OBJECTS_MAX);
        beside = landscape(before).zip(landscape(after));
    }
    Version {
        release,
        seconds,
        overlay,
        beside,
        is_first: before.is_none(),
        state: State::of(side(after)),
        renamed: state::renamed(&difference, former(before), side(after)),
    }
}

fn landscape(session: &Session) -> Option<loko_diagram::Board> {
    let view = view::views(session.model()).into_iter().find(|view| view.kind == ViewKind::Landscape)?;
    Some(view::automatic(session.model(), &view)).filter(|board| board.objects.len() <= OBJECTS_MAX)
}
