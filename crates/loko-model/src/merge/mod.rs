//! Three-way merges by meaning: for git, when two people changed one file of a workspace.
//!
//! Front matter is merged key by key, relations one by one, TOML table by table; prose, and whatever cannot be taken
//! apart, line by line (diff3: Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007, as `diffy` does it).
//! Where both sides want different things of the same key or relation, both stay between git's markers, which name the
//! element.
//!
//! No text is lost: each file is kept as pieces of the text that its authors wrote, comments included, and a merge by
//! meaning stands only if the outcome can be read and holds every word that either side added. Otherwise the merge by
//! lines stands.

mod chunks;
mod toml;
mod yaml;

use crate::load;
use rustc_hash::FxHashSet;
use serde::Serialize;

/// The three texts of a merge.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'t> {
    /// What both started from; empty when the file came on both sides.
    pub base: &'t str,
    /// What the one side has.
    pub ours: &'t str,
    /// What the other side has.
    pub theirs: &'t str,
}

/// What both sides want differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The element, relation or file that it is about.
    pub subject: String,
    /// The key, `prose`, or empty for all of it.
    pub what: String,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.what.as_str() {
            "" => f.write_str(&self.subject),
            what => write!(f, "{}: {what}", self.subject),
        }
    }
}

/// The outcome of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text, with markers where there are conflicts.
    pub text: String,
    /// The conflicts in the order of the text.
    pub conflicts: Vec<Conflict>,
}

/// Merges a file of a workspace; `path` says what it is and names it, `marker` is the length of conflict markers.
pub fn merge(path: &str, texts: Texts<'_>, marker: usize) -> Merged {
    let subject = subject(path);
    if texts.ours == texts.theirs || texts.base == texts.theirs {
        return Merged { text: texts.ours.to_owned(), conflicts: Vec::new() };
    }
    if texts.base == texts.ours {
        return Merged { text: texts.theirs.to_owned(), conflicts: Vec::new() };
    }
    let marks = Marks { length: marker.max(1), subject: &subject };
    let meant = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("md") => yaml::document(texts, &marks),
        Some("toml") => toml::document(texts, &marks),
        _ => None,
    };
    let sound = meant.filter(|merged| {
        holds_all(texts, &merged.text) && (!merged.conflicts.is_empty() || is_readable(path, &merged.text))
    });
    sound.unwrap_or_else(|| lines(texts, "", &marks))
}

/// A text in which two sides wrote, with what ours says where both did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The text.
    pub text: String,
    /// Where theirs is left out, in the order of the text.
    pub left_out: Vec<LeftOut>,
}

/// What the other side says of lines that ours says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The first line of ours, from 1.
    pub line: usize,
    /// What stays, without the line break at its end; empty where ours took the lines out.
    pub ours: String,
    /// What is left out.
    pub theirs: String,
}

/// The length of markers that stand in a text only for a moment.
const MARKER_LENGTH: usize = 61;

/// What the three texts say of lines that both sides changed.
#[derive(Default)]
struct Dispute {
    ours: String,
    base: String,
    theirs: String,
}

impl Dispute {
    /// What both come to, where one side only wrote before or behind what the other changed.
    fn settled(&self) -> Option<String> {
        let beside = |side: &str, other: &str| {
            let behind = side.strip_prefix(&self.base).map(|more| format!("{other}{more}"));
            behind.or_else(|| side.strip_suffix(&self.base).map(|more| format!("{more}{other}")))
        };
        if self.base.trim().is_empty() {
            return None;
        }
        beside(&self.ours, &self.theirs).or_else(|| beside(&self.theirs, &self.ours))
    }
}

/// Merges line by line; where both sides changed the same lines, ours stays.
pub fn keeping_ours(texts: Texts<'_>) -> Kept {
    // A marker behind a last line without a break would not be on a line of its own.
    let whole = |text: &str| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let mut options = diffy::MergeOptions::new();
    options.set_conflict_marker_length(MARKER_LENGTH).set_conflict_style(diffy::ConflictStyle::Diff3);
    let merged = options.merge(&whole(texts.base), &whole(texts.ours), &whole(texts.theirs));
    let merged = merged.unwrap_or_else(|disputed| disputed);
    let is_mark = |line: &str, sign: char| line.starts_with(&sign.to_string().repeat(MARKER_LENGTH));
    let mut kept = Kept::default();
    let mut dispute: Option<(Dispute, char)> = None;
    for line in merged.split_inclusive('\n') {
        match &mut dispute {
            None if is_mark(line, '<') => dispute = Some((Dispute::default(), '<')),
            None => kept.text.push_str(line),
            Some((_, side @ '<')) if is_mark(line, '|') => *side = '|',
            Some((_, side @ ('<' | '|'))) if is_mark(line, '=') => *side = '=',
            Some((told, '=')) if is_mark(line, '>') => {
                kept.settle(told);
                dispute = None;
            }
            Some((told, '<')) => told.ours.push_str(line),
            Some((told, '|')) => told.base.push_str(line),
            Some((told, _)) => told.theirs.push_str(line),
        }
    }
    if !texts.ours.ends_with('\n') {
        kept.text.truncate(kept.text.trim_end_matches('\n').len());
    }
    kept
}

impl Kept {
    fn settle(&mut self, dispute: &Dispute) {
        if let Some(settled) = dispute.settled() {
            self.text.push_str(&settled);
            return;
        }
        let line = self.text.lines().count() + 1;
        let bare = |text: &str| text.trim_end().to_owned();
        self.left_out.push(LeftOut { line, ours: bare(&dispute.ours), theirs: bare(&dispute.theirs) });
        self.text.push_str(&dispute.ours);
    }
}

/// How conflicts are marked.
pub(crate) struct Marks<'s> {
    pub(crate) length: usize,
    pub(crate) subject: &'s str,
}

impl Marks<'_> {
    /// Two texts between markers; each is made of whole lines.
    pub(crate) fn conflict(&self, what: &str, ours: &str, theirs: &str, conflicts: &mut Vec<Conflict>) -> String {
        let conflict = Conflict { subject: self.subject.to_owned(), what: what.to_owned() };
        let mark = |sign: char| sign.to_string().repeat(self.length);
        let line = |text: &str| {
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            format!("{text}{end}")
        };
        let text = format!(
            "{} ours ({conflict})\n{}{}\n{}{} theirs ({conflict})\n",
            mark('<'),
            line(ours),
            mark('='),
            line(theirs),
            mark('>')
        );
        conflicts.push(conflict);
        text
    }
}

/// A merge line by line.
pub(crate) fn lines(texts: Texts<'_>, what: &str, marks: &Marks<'_>) -> Merged {
    let mut options = diffy::MergeOptions::new();
    options.set_conflict_marker_length(marks.length).set_conflict_style(diffy::ConflictStyle::Merge);
    let text = match options.merge(texts.base, texts.ours, texts.theirs) {
        Ok(text) => return Merged { text, conflicts: Vec::new() },
        Err(text) => text,
    };
    let conflict = Conflict { subject: marks.subject.to_owned(), what: what.to_owned() };
    let (open, close) = (format!("{} ours", "<".repeat(marks.length)), format!("{} theirs", ">".repeat(marks.length)));
    let mut conflicts = Vec::new();
    let named: Vec<String> = text
        .split_inclusive('\n')
        .map(|line| match line.trim_end() {
            mark if mark == open => {
                conflicts.push(conflict.clone());
                line.replacen(&open, &format!("{open} ({conflict})"), 1)
            }
            mark if mark == close => line.replacen(&close, &format!("{close} ({conflict})"), 1),
            _ => line.to_owned(),
        })
        .collect();
    Merged { text: named.concat(), conflicts }
}

/// The element of a marker file, by its folder below the source; the file itself otherwise.
fn subject(path: &str) -> String {
    let is_marker = ["person.md", "system.md", "external.md", "container.md", "component.md"];
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    if !is_marker.contains(&file) {
        return path.to_owned();
    }
    let parts: Vec<&str> = folder.split('/').collect();
    let below = parts.iter().position(|part| *part == "src").map_or(&parts[..], |at| &parts[at + 1..]);
    if below.is_empty() || folder.is_empty() { path.to_owned() } else { below.join("/") }
}

/// Whether every word that a side added stands in the outcome: the words of its new lines without those of the lines
/// that they took the place of.
fn holds_all(texts: Texts<'_>, merged: &str) -> bool {
    let kept: FxHashSet<&str> = words(merged).collect();
    let is_kept = |side: &str| {
        let only = |here: &'_ str, there: &'_ str| -> Vec<String> {
            let known: FxHashSet<&str> = there.lines().map(str::trim).collect();
            here.lines().map(str::trim).filter(|line| !known.contains(line)).map(str::to_owned).collect()
        };
        let gone = only(texts.base, side);
        let gone: FxHashSet<&str> = gone.iter().flat_map(|line| words(line)).collect();
        only(side, texts.base)
            .iter()
            .flat_map(|line| words(line))
            .all(|word| gone.contains(word) || kept.contains(word))
    };
    is_kept(texts.ours) && is_kept(texts.theirs)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether the outcome is as sound as a file of its kind has to be.
fn is_readable(path: &str, text: &str) -> bool {
    if path.ends_with(".toml") {
        return load::toml::parse(text).1.is_empty();
    }
    let parts = load::front::split(text);
    parts.unclosed.is_none() && parts.front.is_none_or(|span| load::yaml::parse(&text[span.range()], 0).1.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_both_wrote_ours_stays_and_theirs_is_told() {
        let base = "# A\n\nOne.\n\nTwo.\n\nThree.\n";
        let ours = "# A\n\nOne of ours.\n\nTwo.\n\nThree.";
        let theirs = "# A\n\nOne of theirs.\n\nTwo.\n\nThree and four.\n\nFive.\n";
        let kept = keeping_ours(Texts { base, ours, theirs });
        assert_eq!(kept.text, "# A\n\nOne of ours.\n\nTwo.\n\nThree and four.\n\nFive.");
        let told = LeftOut { line: 3, ours: "One of ours.".to_owned(), theirs: "One of theirs.".to_owned() };
        assert_eq!(kept.left_out, [told]);
        let more = keeping_ours(Texts { base: "A\n", ours: "A\n\nB\n", theirs: "C\n" });
        assert_eq!((more.text.as_str(), more.left_out.len()), ("C\n\nB\n", 0), "what is written behind is no dispute");
        let same = keeping_ours(Texts { base, ours, theirs: base });
        assert_eq!((same.text.as_str(), same.left_out.len()), (ours, 0));
    }
}
