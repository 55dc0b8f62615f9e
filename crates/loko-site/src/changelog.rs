//! A changelog of an architecture, in the form of "Keep a Changelog" (<https://keepachangelog.com>): what differences say,
//! sorted into Added, Changed, Deprecated, Removed and Fixed, and what the checks found anew into Known issues.
//!
//! What comes or goes with its whole is counted there rather than listed, and so are relations between what came or went
//! together; one with something that was there before and still is, is listed. What
//! happened is said in the words of some language; findings stay in the language of the checks.

use crate::words::Words;
use loko_model::diff::{ChangedThing, Diff, Field, FindingRef, Link, Named, Renamed, Thing};
use loko_model::{DecisionState, Model};
use loko_source::Severity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

/// A version with what became of the architecture since the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a difference means for a changelog, in these words.
pub fn release(before: &Model, after: &Model, diff: &Diff<'_>, words: &Words) -> Release {
    let teller = Teller { words };
    let mut release = Release {
        added: teller.folded(after, &diff.elements.added, &diff.relations.added),
        removed: teller.folded(before, &diff.elements.removed, &diff.relations.removed),
        ..Release::default()
    };
    teller.relations(&mut release, diff);
    release.changed.extend(
        diff.elements.renamed.iter().map(|it| teller.renamed(it, ["changelog.renamed", "changelog.renamed-to"])),
    );
    release
        .changed
        .extend(diff.elements.moved.iter().map(|it| teller.renamed(it, ["changelog.moved", "changelog.moved-to"])));
    for it in &diff.elements.changed {
        let told = format!("`{}` {}", it.element.id, teller.fields(&it.fields));
        if it.fields.iter().any(is_deprecation) { release.deprecated.push(told) } else { release.changed.push(told) }
    }
    teller.changed_relations(&mut release, diff);
    teller.decisions(&mut release, diff);
    for (kind, things) in [("environment", &diff.environments), ("view", &diff.views)] {
        release.added.extend(things.added.iter().map(|it| teller.thing(kind, it)));
        release.removed.extend(things.removed.iter().map(|it| teller.thing(kind, it)));
        let changed = |it: &ChangedThing<'_>| teller.changed(&teller.thing(kind, &it.thing), &it.fields);
        release.changed.extend(things.changed.iter().map(changed));
    }
    // The first version has its name from the start.
    let settings = diff.project.iter().filter(|it| it.name != "version" && it.before.is_some());
    release.changed.extend(settings.map(|it| teller.fill("changelog.project", &[("change", &teller.field(it))])));
    release.fixed = findings(&diff.findings.went);
    release.appeared = findings(&diff.findings.appeared);
    release
}

/// What readers of a changelog want to know of findings; remarks are for those who work on it. They are in the language
/// of the checks.
fn findings(all: &[FindingRef]) -> Vec<String> {
    let told = all.iter().filter(|it| it.severity > Severity::Info);
    told.map(|it| format!("{} ({})", it.message, it.code)).collect()
}

/// A life that ends: `status: deprecated` and the like.
fn is_deprecation(field: &Field) -> bool {
    let ends = ["deprecated", "retired", "sunset", "end-of-life", "obsolete"];
    let is_life = ["status", "lifecycle"].contains(&field.name.as_str());
    is_life && field.after.as_deref().is_some_and(|after| ends.iter().any(|end| after.eq_ignore_ascii_case(end)))
}

/// Says in some language what happened.
struct Teller<'w> {
    words: &'w Words,
}

impl Teller<'_> {
    fn fill(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        self.words.fill(key, values)
    }

    /// Relations that came and went, those between new elements and between removed ones left out.
    fn relations(&self, release: &mut Release, diff: &Diff<'_>) {
        let ids = |list: &[Named<'_>]| list.iter().map(|it| it.id.to_owned()).collect::<BTreeSet<String>>();
        let (new, gone) = (ids(&diff.elements.added), ids(&diff.elements.removed));
        let is_known =
            |it: &&Link<'_>, among: &BTreeSet<String>| !among.contains(it.source) || !among.contains(it.target);
        let told = |it: &Link<'_>| self.link(it);
        release.added.extend(diff.relations.added.iter().filter(|it| is_known(it, &new)).map(told));
        release.removed.extend(diff.relations.removed.iter().filter(|it| is_known(it, &gone)).map(told));
    }

    fn changed_relations(&self, release: &mut Release, diff: &Diff<'_>) {
        let rewired = diff.relations.rewired.iter();
        release.changed.extend(rewired.map(|it| {
            let relation = self.link(&it.to);
            let formerly =
                [("relation", &relation as &dyn Display), ("source", &it.from.source), ("target", &it.from.target)];
            self.fill("changelog.formerly", &formerly)
        }));
        let changed = diff.relations.changed.iter();
        release.changed.extend(changed.map(|it| self.changed(&self.link(&it.link), &it.fields)));
    }

    fn decisions(&self, release: &mut Release, diff: &Diff<'_>) {
        let named = |it: &Thing<'_>| {
            let thing = self.thing("decision", it);
            self.fill("changelog.in-status", &[("thing", &thing), ("status", &it.status)])
        };
        release.added.extend(diff.decisions.added.iter().map(named));
        release.removed.extend(diff.decisions.removed.iter().map(named));
        for ChangedThing { thing, fields } in &diff.decisions.changed {
            let gone = matches!(DecisionState::of(thing.status), DecisionState::Deprecated | DecisionState::Superseded);
            if gone && fields.iter().any(|field| field.name == "status") {
                release.deprecated.push(named(thing));
            } else {
                release.changed.push(self.changed(&self.thing("decision", thing), fields));
            }
        }
    }

    /// Elements, those left out that come or go with their whole, and counted the relations that come or go with them.
    fn folded(&self, model: &Model, all: &[Named<'_>], relations: &[Link<'_>]) -> Vec<String> {
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
                let is_within =
                    |id: &str| id.strip_prefix(it.id).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                let among = relations.iter().filter(|it| is_within(it.source) && ids.contains(it.target)).count();
                let counts = [("changelog.with-parts", inside), ("changelog.with-relations", among)];
                counts
                    .into_iter()
                    .filter(|(_, count)| *count > 0)
                    .fold(self.named(it.kind.name(), it.id, it.name), |element, (key, count)| {
                        self.fill(key, &[("element", &element), ("count", &count)])
                    })
            })
            .collect()
    }

    /// Something of a kind, with its id and name.
    fn named(&self, kind: &str, id: &str, name: &str) -> String {
        self.fill(
            "changelog.named",
            &[("kind", &self.words.say(&format!("kind.{kind}"))), ("id", &id), ("name", &name)],
        )
    }

    fn thing(&self, kind: &str, thing: &Thing<'_>) -> String {
        self.named(kind, thing.id, thing.title)
    }

    fn renamed(&self, it: &Renamed<'_>, [in_place, to]: [&str; 2]) -> String {
        let ids: [(&str, &dyn Display); 2] = [("from", &it.from.id), ("to", &it.to.id)];
        let told = self.fill(if it.from.id == it.to.id { in_place } else { to }, &ids);
        if it.from.name == it.to.name {
            return told;
        }
        self.fill("changelog.now-called", &[("renamed", &told), ("from", &it.from.name), ("to", &it.to.name)])
    }

    fn link(&self, it: &Link<'_>) -> String {
        let relation = self.fill("changelog.relation", &[("source", &it.source), ("target", &it.target)]);
        if it.description.is_empty() { relation } else { format!("{relation}: {}", it.description) }
    }

    fn changed(&self, what: &str, fields: &[Field]) -> String {
        format!("{what}: {}", self.fields(fields))
    }

    fn fields(&self, fields: &[Field]) -> String {
        fields.iter().map(|field| self.field(field)).collect::<Vec<_>>().join("; ")
    }

    fn field(&self, field: &Field) -> String {
        let name: (&str, &dyn Display) = ("name", &field.name);
        match (&field.before, &field.after) {
            (Some(before), Some(after)) => {
                self.fill("changelog.from-to", &[name, ("before", before), ("after", after)])
            }
            (None, Some(after)) => self.fill("changelog.is", &[name, ("after", after)]),
            (Some(_), None) => self.fill("changelog.gone", &[name]),
            (None, None) => self.fill("changelog.rewritten", &[name]),
        }
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
