//! Baselines: findings that were there already. They fail nothing; new ones do, and those that are gone have to go from
//! the baseline as well, so that the number only shrinks.
//!
//! A finding is known again by its code, its file and its headline, not by its line: text above it may change. A baseline is JSON,
//! sorted, one finding a line, so that merges and reviews are easy.

use loko_source::{Diagnostic, FilePath, LineIndex, Place, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The version of the form of baselines.
const VERSION: u64 = 1;
/// The file's name when nobody gives another.
pub const BASELINE_FILE: &str = "loko-baseline.json";
/// How many findings a baseline may hold.
pub const ENTRIES_MAX: usize = 100_000;

/// What a finding is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known {
    /// The file; empty for a finding about the workspace.
    pub file: String,
    /// The code.
    pub code: String,
    /// The headline.
    pub message: String,
}

impl Known {
    /// What a finding is known by.
    pub fn of(finding: &Diagnostic) -> Self {
        let file = finding.primary.as_ref().map(|label| label.place.path.to_string()).unwrap_or_default();
        Self { file, code: finding.code.to_string(), message: finding.message.clone() }
    }
}

/// Old findings with how often each occurs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Known, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    count: usize,
    span: Span,
}

/// Why a baseline cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BaselineError {
    /// The problem.
    pub message: String,
    /// Where in its text.
    pub span: Span,
}

/// Findings held against a baseline.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Findings that the baseline does not know.
    pub new: Vec<Diagnostic>,
    /// Findings that it knows.
    pub old: Vec<Diagnostic>,
    /// A finding for each entry that is not found any more.
    pub stale: Vec<Diagnostic>,
}

impl Baseline {
    /// The baseline of some findings.
    pub fn of(findings: &[Diagnostic]) -> Self {
        let mut entries: BTreeMap<Known, Entry> = BTreeMap::new();
        for finding in findings {
            entries.entry(Known::of(finding)).or_default().count += 1;
        }
        Self { entries }
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.entries.values().map(|entry| entry.count).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reads a baseline.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let whole = Span::new(0, text.len());
        let wrong = |message: String, span| BaselineError { message, span };
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let start = LineIndex::new(text).line_start(u32::try_from(error.line()).unwrap_or(u32::MAX));
            let at = start.map_or(text.len(), |start| (start + error.column().saturating_sub(1)).min(text.len()));
            wrong(format!("the baseline is not JSON: {error}"), Span::at(text.floor_char_boundary(at)))
        })?;
        match value["version"].as_u64() {
            Some(VERSION) => {}
            Some(other) => return Err(wrong(format!("the baseline is of version {other}; this is {VERSION}"), whole)),
            None => return Err(wrong("this is no baseline: it has no `version`".to_owned(), whole)),
        }
        let items = value["findings"]
            .as_array()
            .ok_or_else(|| wrong("the baseline has no list of `findings`".to_owned(), whole))?;
        if items.len() > ENTRIES_MAX {
            return Err(wrong(format!("the baseline holds more than {ENTRIES_MAX} findings"), whole));
        }
        let mut baseline = Self::default();
        let mut from = 0;
        for item in items {
            let said = |key: &str| item[key].as_str().map(str::to_owned);
            let known = said("code").zip(said("message")).map(|(code, message)| Known {
                file: said("file").unwrap_or_default(),
                code,
                message,
            });
            let known = known.ok_or_else(|| {
                wrong(format!("a finding of the baseline lacks its `code` or `message`: {item}"), whole)
            })?;
            // The entry's line: entries are looked for in their order.
            let needle = json!(known.message).to_string();
            let span = text[from..].find(&needle).map_or(whole, |at| Span::new(from + at, from + at + needle.len()));
            if span != whole {
                from = span.range().end;
            }
            let count = item["count"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
            let entry = baseline.entries.entry(known).or_insert(Entry { count: 0, span });
            entry.count = entry.count.saturating_add(count);
        }
        Ok(baseline)
    }

    /// The baseline as text.
    pub fn to_text(&self) -> String {
        let mut out = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (at, (known, entry)) in self.entries.iter().enumerate() {
            let mut item = json!({ "code": known.code, "file": known.file, "message": known.message });
            if entry.count > 1 {
                item["count"] = json!(entry.count);
            }
            let _ = write!(out, "{}\n    {item}", if at == 0 { "" } else { "," });
        }
        out.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        out
    }

    /// Holds findings against the baseline, which stands in `path`.
    pub fn compare(&self, findings: Vec<Diagnostic>, path: &FilePath) -> Compared {
        let mut left: BTreeMap<&Known, usize> =
            self.entries.iter().map(|(known, entry)| (known, entry.count)).collect();
        let mut compared = Compared::default();
        for finding in findings {
            match left.get_mut(&Known::of(&finding)).filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    compared.old.push(finding);
                }
                None => compared.new.push(finding),
            }
        }
        for (known, left) in left.into_iter().filter(|(_, left)| *left > 0) {
            let times = if left > 1 { format!(" ({left} times)") } else { String::new() };
            let place = Place::new(path.clone(), self.entries[known].span);
            let message = format!("`{}` is not found any more{times}: {}", known.code, known.message);
            compared.stale.push(
                Diagnostic::error("stale-baseline", message)
                    .at(&place.path, place.span, "stale")
                    .help("well done; take it out with `loko validate --write-baseline`"),
            );
        }
        compared
    }
}
