//! A changelog of an architecture, in the form of "Keep a Changelog" (<https://keepachangelog.com>): what differences say,
//! sorted into Added, Changed, Deprecated, Removed and Fixed, and what the checks found anew into Known issues.
//!
//! What comes or goes with its whole is counted there rather than listed, and so are relations of what is new.

use crate::words::Words;
use loko_model::diff::{ChangedThing, Diff, Field, FindingRef, Link, Named, Renamed, Thing};
use loko_model::{DecisionState, Model};
use loko_source::Severity;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A version with what became of the architecture since the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The name of its tag; empty for what has none yet.
    pub version: String,
    /// The day of its commit, if it has one.
    pub date: Option<String>,
    /// What came.
    pub added: Vec<String>,
    /// What is otherwise now.
    pub changed: Vec<String>,
    /// What is no longer to be used or followed.
    pub deprecated: Vec<String>,
    /// What went.
    pub removed: Vec<String>,
    /// Errors and warnings that are gone.
    pub fixed: Vec<String>,
    /// Errors and warnings that came.
    pub appeared: Vec<String>,
}

impl Release {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.sections().iter().all(|(_, lines)| lines.is_empty())
    }

    /// What happened by kind; the keys are those of the pages' own words.
    pub(crate) fn sections(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("versions.added", &self.added),
            ("versions.changed", &self.changed),
            ("versions.deprecated", &self.deprecated),
            ("versions.removed", &self.removed),
            ("versions.fixed", &self.fixed),
            ("versions.known-issues", &self.appeared),
        ]
    }
}

/// What a difference means for a changelog.
pub fn release(before: &Model, after: &Model, diff: &Diff<'_>) -> Release {
    let mut release = Release {
        added: folded(after, &diff.elements.added),
        removed: folded(before, &diff.elements.removed),
        ..Release::default()
    };
    let ids = |list: &[Named<'_>]| list.iter().map(|it| it.id.to_owned()).collect::<BTreeSet<String>>();
    let (new, gone) = (ids(&diff.elements.added), ids(&diff.elements.removed));
    let is_known = |it: &&Link<'_>, among: &BTreeSet<String>| !among.contains(it.source) && !among.contains(it.target);
    release.added.extend(diff.relations.added.iter().filter(|it| is_known(it, &new)).map(link));
    release.removed.extend(diff.relations.removed.iter().filter(|it| is_known(it, &gone)).map(link));
    release.changed.extend(diff.elements.renamed.iter().map(|it| renamed(it, "renamed")));
    release.changed.extend(diff.elements.moved.iter().map(|it| renamed(it, "moved")));
    for it in &diff.elements.changed {
        let told = format!("`{}` {}", it.element.id, fields(&it.fields));
        if it.fields.iter().any(is_deprecation) { release.deprecated.push(told) } else { release.changed.push(told) }
    }
    release.changed.extend(
        diff.relations
            .rewired
            .iter()
            .map(|it| format!("{}, formerly from `{}` to `{}`", link(&it.to), it.from.source, it.from.target)),
    );
    release
        .changed
        .extend(diff.relations.changed.iter().map(|it| format!("{}: {}", link(&it.link), fields(&it.fields))));
    decisions(&mut release, diff);
    for (word, things) in [("environment", &diff.environments), ("view", &diff.views)] {
        let named = |it: &Thing<'_>| format!("{word} `{}` {}", it.id, it.title);
        release.added.extend(things.added.iter().map(named));
        release.removed.extend(things.removed.iter().map(named));
        release.changed.extend(things.changed.iter().map(|it| format!("{}: {}", named(&it.thing), fields(&it.fields))));
    }
    // The first version has its name from the start.
    let settings = diff.project.iter().filter(|it| it.name != "version" && it.before.is_some());
    release.changed.extend(settings.map(|it| format!("project {}", field(it))));
    release.fixed = findings(&diff.findings.went);
    release.appeared = findings(&diff.findings.appeared);
    release
}

/// What readers of a changelog want to know of findings; remarks are for those who work on it.
fn findings(all: &[FindingRef]) -> Vec<String> {
    let told = all.iter().filter(|it| it.severity > Severity::Info);
    told.map(|it| format!("{} ({})", it.message, it.code)).collect()
}

fn decisions(release: &mut Release, diff: &Diff<'_>) {
    let named = |it: &Thing<'_>| format!("decision `{}` {}, {}", it.id, it.title, it.status);
    release.added.extend(diff.decisions.added.iter().map(named));
    release.removed.extend(diff.decisions.removed.iter().map(named));
    for ChangedThing { thing, fields: changed } in &diff.decisions.changed {
        let gone = matches!(DecisionState::of(thing.status), DecisionState::Deprecated | DecisionState::Superseded);
        if gone && changed.iter().any(|field| field.name == "status") {
            release.deprecated.push(named(thing));
        } else {
            release.changed.push(format!("decision `{}` {}: {}", thing.id, thing.title, fields(changed)));
        }
    }
}

/// A life that ends: `status: deprecated` and the like.
fn is_deprecation(field: &Field) -> bool {
    let ends = ["deprecated", "retired", "sunset", "end-of-life", "obsolete"];
    let is_life = ["status", "lifecycle"].contains(&field.name.as_str());
    is_life && field.after.as_deref().is_some_and(|after| ends.iter().any(|end| after.eq_ignore_ascii_case(end)))
}

/// Elements, those left out that come or go with their whole.
fn folded(model: &Model, all: &[Named<'_>]) -> Vec<String> {
    let ids: BTreeSet<&str> = all.iter().map(|it| it.id).collect();
    let whole = |id: &str| {
        model.find(id).and_then(|ix| model.element(ix).parent).map(|parent| model.element(parent).id.as_str())
    };
    let outermost = all.iter().filter(|it| !whole(it.id).is_some_and(|whole| ids.contains(whole)));
    outermost
        .map(|it| {
            let inside = model.find(it.id).map_or(0, |ix| {
                model.subtree(ix)[1..].iter().filter(|part| ids.contains(model.element(**part).id.as_str())).count()
            });
            let parts = match inside {
                0 => String::new(),
                1 => ", with 1 part".to_owned(),
                count => format!(", with {count} parts"),
            };
            format!("{} `{}` {}{parts}", it.kind.name(), it.id, it.name)
        })
        .collect()
}

fn renamed(it: &Renamed<'_>, word: &str) -> String {
    let name =
        if it.from.name == it.to.name { String::new() } else { format!(", {} is now {}", it.from.name, it.to.name) };
    if it.from.id == it.to.id {
        return format!("`{}` {word}{name}", it.to.id);
    }
    format!("`{}` {word} to `{}`{name}", it.from.id, it.to.id)
}

fn link(it: &Link<'_>) -> String {
    let words = if it.description.is_empty() { String::new() } else { format!(": {}", it.description) };
    format!("relation from `{}` to `{}`{words}", it.source, it.target)
}

fn fields(fields: &[Field]) -> String {
    fields.iter().map(field).collect::<Vec<_>>().join("; ")
}

fn field(field: &Field) -> String {
    match (&field.before, &field.after) {
        (Some(before), Some(after)) => format!("{} from {before} to {after}", field.name),
        (None, Some(after)) => format!("{} is {after}", field.name),
        (Some(_), None) => format!("{} gone", field.name),
        (None, None) => format!("{} rewritten", field.name),
    }
}

/// Versions as Markdown, the newest first; the caller gives them so.
pub fn markdown(releases: &[Release]) -> String {
    // A file of the repository is written as those that "Keep a Changelog" knows: in English.
    let words = Words::default();
    let mut out = "# Changelog\n\nWhat became of the architecture, told by its model.\n".to_owned();
    for release in releases {
        match (&release.version, &release.date) {
            (version, _) if version.is_empty() => out.push_str("\n## [Unreleased]\n"),
            (version, Some(date)) => {
                let _ = write!(out, "\n## [{version}] - {date}\n");
            }
            (version, None) => {
                let _ = write!(out, "\n## [{version}]\n");
            }
        }
        if release.is_empty() {
            out.push_str("\nNothing changed.\n");
        }
        for (key, lines) in release.sections().into_iter().filter(|(_, lines)| !lines.is_empty()) {
            let _ = write!(out, "\n### {}\n\n", words.say(key));
            for line in lines {
                let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
                let _ = writeln!(out, "- {line}");
            }
        }
    }
    out
}
