//! Architecture decision records.

use crate::element::ElementIx;
use crate::value::Value;
use loko_source::suggest::nearest;
use loko_source::{FilePath, Span};
use serde::Serialize;

/// Where a decision is in its life, as far as its status says so in words that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionState {
    /// Not decided yet.
    Proposed,
    /// In force: its rules are checked.
    Accepted,
    /// Decided against.
    Rejected,
    /// No longer to be followed.
    Deprecated,
    /// Another decision has taken its place.
    Superseded,
    /// The status says something else, or nothing.
    #[default]
    Other,
}

impl DecisionState {
    /// All states that have a name of their own.
    pub const ALL: [DecisionState; 5] =
        [Self::Proposed, Self::Accepted, Self::Rejected, Self::Deprecated, Self::Superseded];

    /// The state as a word; empty for [`Self::Other`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Deprecated => "deprecated",
            Self::Superseded => "superseded",
            Self::Other => "",
        }
    }

    /// The state that a status tells of by its first word; adr-tools writes `Superceded`, log4brains and others `draft`.
    pub fn of(status: &str) -> Self {
        let first = first_word(status);
        Self::words().find(|(word, _)| *word == first).map(|(_, state)| state).unwrap_or_default()
    }

    /// The words of states that a status which tells of none may be meant to begin with, the likeliest first; a status
    /// in other words is somebody's own.
    pub fn near(status: &str) -> Vec<&'static str> {
        let first = first_word(status);
        if Self::of(status) != Self::Other || first.is_empty() {
            Vec::new()
        } else {
            // A slip that is known is nothing to propose.
            nearest(&first, Self::words().map(|(word, _)| word).filter(|word| *word != "superceded"))
        }
    }

    fn words() -> impl Iterator<Item = (&'static str, Self)> {
        Self::ALL.into_iter().map(|state| (state.name(), state)).chain(OTHER_WORDS)
    }
}

/// Other words for states.
const OTHER_WORDS: [(&str, DecisionState); 10] = [
    ("superceded", DecisionState::Superseded),
    ("replaced", DecisionState::Superseded),
    ("draft", DecisionState::Proposed),
    ("pending", DecisionState::Proposed),
    ("open", DecisionState::Proposed),
    ("approved", DecisionState::Accepted),
    ("decided", DecisionState::Accepted),
    ("done", DecisionState::Accepted),
    ("obsolete", DecisionState::Deprecated),
    ("declined", DecisionState::Rejected),
];

fn first_word(status: &str) -> String {
    let start = status.trim_start_matches(|c: char| !c.is_alphanumeric());
    start.chars().take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase()
}

/// A reference from one decision to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionLink {
    /// What the one is to the other, in lower case: `supersedes`, `superseded by`, `amends` …
    pub kind: String,
    /// The id of the other one.
    pub to: String,
}

/// What a decision calls the one that it takes the place of.
pub const SUPERSEDES: &str = "supersedes";
/// What a decision calls the one that takes its place.
pub const SUPERSEDED_BY: &str = "superseded by";

/// An architecture decision record, in MADR's, Nygard's, adr-tools' or log4brains' form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The file name without `.md`: `0001-use-postgres`.
    pub id: String,
    /// The leading number, if there is one.
    pub number: Option<u32>,
    /// The title, without its number.
    pub title: String,
    /// The status as written: `proposed`, `accepted`, `superseded by …`; links as their words.
    pub status: String,
    /// What the status says.
    pub state: DecisionState,
    /// The date as written.
    pub date: String,
    /// The elements it is about, by its own word and by theirs.
    pub elements: Vec<ElementIx>,
    /// The decisions it refers to.
    pub links: Vec<DecisionLink>,
    /// Rules that hold while it is accepted, as written; what they mean is decided by whoever checks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Value>,
    /// Its file.
    #[serde(skip)]
    pub file: FilePath,
    /// Where the prose after the front matter stands in `file`.
    #[serde(skip)]
    pub body: Span,
}

impl Decision {
    /// Whether it is in force.
    pub fn is_accepted(&self) -> bool {
        self.state == DecisionState::Accepted
    }

    /// The decisions that it is something to, by their ids.
    pub fn linked<'d>(&'d self, kind: &'d str) -> impl Iterator<Item = &'d str> {
        self.links.iter().filter(move |link| link.kind == kind).map(|link| link.to.as_str())
    }
}

/// Which of some decisions a reference means: a number (`7`, `0007`, `ADR-7`), an id, a file name, or a title.
pub fn find(decisions: &[Decision], written: &str) -> Vec<usize> {
    let name = written.trim().trim_start_matches('#');
    let name = name.rsplit('/').next().unwrap_or(name);
    let stem = name.strip_suffix(".md").unwrap_or(name);
    let by_id: Vec<usize> = (0..decisions.len()).filter(|at| decisions[*at].id.eq_ignore_ascii_case(stem)).collect();
    if !by_id.is_empty() {
        return by_id;
    }
    let bare = stem.get(..4).filter(|start| start.eq_ignore_ascii_case("adr-")).map_or(stem, |_| &stem[4..]);
    let number: Option<u32> = bare.parse().ok();
    let is_meant = |at: &usize| match number {
        Some(_) => decisions[*at].number == number,
        None => decisions[*at].title.eq_ignore_ascii_case(written.trim()),
    };
    (0..decisions.len()).filter(is_meant).collect()
}
