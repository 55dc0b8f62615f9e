//! Typed reading of keys and values, with a finding for everything that does not fit.

use super::yaml::Problem;
use crate::schema::{self, At, Key};
use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::suggest::nearest;
use loko_source::{Applicability, Diagnostic, FilePath, Fix, Span, TextEdit};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;

/// A text with its place in the file at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// What is needed to read values of one file.
pub(crate) struct Reader<'a> {
    pub(crate) file: &'a FilePath,
    pub(crate) text: &'a str,
    pub(crate) findings: Vec<Diagnostic>,
    unknown: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a FilePath, text: &'a str) -> Self {
        Self { file, text, findings: Vec::new(), unknown: 0 }
    }

    /// Adds the problems of a text in another language.
    pub(crate) fn problems(&mut self, code: &'static str, what: &str, problems: Vec<Problem>) {
        let left_out = problems.len().saturating_sub(PROBLEMS_MAX);
        for (at, problem) in problems.into_iter().take(PROBLEMS_MAX).enumerate() {
            let finding = match problem.repeats {
                Some((_, first)) => Diagnostic::error("duplicate-key", problem.message)
                    .at(self.file, problem.span, problem.label)
                    .and(self.file, first, "stated here"),
                None => Diagnostic::error(code, format!("{what}: {}", problem.message)).at(
                    self.file,
                    problem.span,
                    problem.label,
                ),
            };
            let finding = match problem.help {
                Some(help) => finding.help(help),
                None => finding,
            };
            let is_last_told = left_out > 0 && at + 1 == PROBLEMS_MAX;
            self.findings.push(if is_last_told {
                finding.note(format!("and {left_out} more in this file, which may follow from those that are told"))
            } else {
                finding
            });
        }
    }

    /// What was found. Of front matter that does not parse only that is told: what is read of it is a guess, and what does
    /// not fit in a guess may be no mistake of its own. Of TOML most can be relied on: what is not told is what lacks, and
    /// what is wrong in a line that does not parse.
    pub(crate) fn told(mut self) -> Vec<Diagnostic> {
        if self.findings.iter().any(|finding| finding.code == BAD_FRONT_MATTER) {
            self.findings.retain(|finding| [BAD_FRONT_MATTER, "duplicate-key"].contains(&finding.code.as_ref()));
        }
        let is_broken = |finding: &Diagnostic| [BAD_TOML, "duplicate-key"].contains(&finding.code.as_ref());
        if self.findings.iter().any(|finding| finding.code == BAD_TOML) {
            let line = |finding: &Diagnostic| {
                let at = finding.primary.as_ref().map_or(0, |label| label.place.span.start as usize);
                self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1)
            };
            let broken: FxHashSet<usize> =
                self.findings.iter().filter(|finding| is_broken(finding)).map(line).collect();
            let follows =
                |finding: &Diagnostic| LACKING.contains(&finding.code.as_ref()) || broken.contains(&line(finding));
            let kept = |finding: &Diagnostic| is_broken(finding) || !follows(finding);
            self.findings = self.findings.iter().filter(|finding| kept(finding)).cloned().collect();
        }
        self.findings
    }

    /// The known key of a name; a name that is not known is a warning.
    pub(crate) fn key(&mut self, at: At, name: &str, span: Span) -> Option<&'static Key> {
        let key = schema::find(at, name);
        // An empty key is what is left of broken TOML.
        if key.is_none() && !name.is_empty() {
            self.unknown += 1;
            let suggest = self.unknown <= KEY_SUGGESTIONS_MAX;
            let finding = unknown_key(self.file, self.text, at, name, span, suggest);
            self.findings.push(finding);
        }
        key
    }

    /// The entries of a table without those that say by an older name of a key what stands there by its present one.
    pub(crate) fn settled(&mut self, at: At, mut entries: IndexMap<String, Entry>) -> IndexMap<String, Entry> {
        let older = |entries: &IndexMap<String, Entry>, name: &str| {
            let key = schema::find(at, name).filter(|key| key.name != name)?;
            entries.get(key.name).map(|present| (key.name, present.key_span))
        };
        if !entries.keys().any(|name| older(&entries, name).is_some()) {
            return entries;
        }
        let doubled: Vec<(String, &'static str, Span, Span)> = entries
            .iter()
            .filter_map(|(name, entry)| {
                older(&entries, name).map(|(present, counts)| (name.clone(), present, entry.key_span, counts))
            })
            .collect();
        for (name, present, span, counts) in doubled {
            entries.shift_remove(&name);
            self.ignored(&name, present, span, counts);
        }
        entries
    }

    /// Tells of a key that does not count, because another key says the same.
    pub(crate) fn ignored(&mut self, name: &str, present: &str, span: Span, counts: Span) {
        let finding = Diagnostic::warning(
            "older-key",
            format!("`{name}` is another word for `{present}`, which stands here too"),
        )
        .at(self.file, span, "ignored")
        .and(self.file, counts, "counts")
        .help(format!("take one of them out; `{present}` is the one to keep"));
        self.findings.push(finding);
    }

    /// A table's entries; anything else is wrong.
    pub(crate) fn table(&mut self, name: &str, value: Value) -> Option<IndexMap<String, Entry>> {
        match value.data {
            Data::Map(entries) => Some(entries),
            Data::Null => None,
            _ => self.wrong(name, &value, "a mapping"),
        }
    }

    /// A list of tables; one table alone is a list of one.
    pub(crate) fn tables(&mut self, name: &str, value: Value) -> Vec<(IndexMap<String, Entry>, Span)> {
        let span = value.span;
        match value.data {
            Data::Map(entries) => vec![(entries, span)],
            Data::Null => Vec::new(),
            Data::List(items) => items
                .into_iter()
                .filter_map(|item| {
                    let span = item.span;
                    self.table(name, item).map(|entries| (entries, span))
                })
                .collect(),
            _ => {
                self.wrong::<()>(name, &value, "a list of mappings");
                Vec::new()
            }
        }
    }

    /// A text; numbers and booleans are texts as they are written.
    pub(crate) fn text(&mut self, name: &str, value: Value) -> Option<String> {
        match value.data {
            Data::Text(text) => Some(trimmed(text)),
            Data::Null => None,
            Data::List(_) | Data::Map(_) => self.wrong(name, &value, "a text"),
            _ => self.raw(&value),
        }
    }

    /// A text with its place.
    pub(crate) fn written(&mut self, name: &str, value: Value) -> Option<Written> {
        let span = value.span;
        let text = self.text(name, value)?;
        if text.is_empty() {
            let finding = Diagnostic::error("empty-name", format!("`{name}` names nothing")).at(self.file, span, "");
            self.findings.push(finding);
            return None;
        }
        Some(Written { text, span })
    }

    /// A scalar as it stands in the file: `1.10` stays `1.10`.
    fn raw(&self, value: &Value) -> Option<String> {
        let written = self.text.get(value.span.range()).map(str::trim).unwrap_or_default();
        if written.is_empty() || written.starts_with(['&', '!', '*']) {
            return value.scalar_text();
        }
        Some(written.to_owned())
    }

    /// A scalar as text, as it stands in the file: `99.90` stays `99.90`.
    pub(crate) fn scalar(&self, value: &Value) -> Option<String> {
        match &value.data {
            Data::Text(text) => Some(trimmed(text.clone())),
            Data::Null | Data::List(_) | Data::Map(_) => None,
            _ => self.raw(value),
        }
    }

    /// A list of texts; one text alone is a list of one.
    pub(crate) fn texts(&mut self, name: &str, value: Value) -> Vec<String> {
        self.written_list(name, value).into_iter().map(|written| written.text).collect()
    }

    /// A list of texts with their places.
    pub(crate) fn written_list(&mut self, name: &str, value: Value) -> Vec<Written> {
        let span = value.span;
        match value.data {
            Data::Null => Vec::new(),
            Data::Text(text) => vec![Written { text: trimmed(text), span }],
            Data::List(items) => items.into_iter().filter_map(|item| self.list_item(name, item)).collect(),
            _ => {
                self.wrong::<()>(name, &value, "a list of texts");
                Vec::new()
            }
        }
    }

    fn list_item(&mut self, name: &str, item: Value) -> Option<Written> {
        let span = item.span;
        match item.data {
            Data::Text(text) => Some(Written { text: trimmed(text), span }),
            Data::Null | Data::List(_) | Data::Map(_) => {
                let kind = item.kind_name();
                let message = format!("`{name}` is a list of texts; {kind} stands in it");
                self.findings.push(Diagnostic::error("wrong-type", message).at(self.file, span, kind));
                None
            }
            _ => {
                let kind = item.kind_name();
                let raw = self.raw(&item)?;
                let edit = TextEdit::replace(span, format!("\"{raw}\""));
                let finding = Diagnostic::warning("wrong-type", format!("`{raw}` in `{name}` is {kind}, not a text"))
                    .at(self.file, span, kind)
                    .help(format!("write \"{raw}\" in quotes"))
                    .fix(self.fix(format!("write \"{raw}\""), Applicability::Safe, edit));
                self.findings.push(finding);
                Some(Written { text: raw, span })
            }
        }
    }

    /// `true` or `false`; YAML 1.1's `yes`, `no`, `on` and `off` too.
    pub(crate) fn flag(&mut self, name: &str, value: &Value) -> Option<bool> {
        match &value.data {
            Data::Bool(truth) => Some(*truth),
            Data::Null => None,
            Data::Text(word) if ["yes", "on", "true"].iter().any(|yes| word.eq_ignore_ascii_case(yes)) => Some(true),
            Data::Text(word) if ["no", "off", "false"].iter().any(|no| word.eq_ignore_ascii_case(no)) => Some(false),
            _ => self.wrong(name, value, "`true` or `false`"),
        }
    }

    /// A whole number from `min` to `max`.
    pub(crate) fn count(&mut self, name: &str, value: &Value, min: u32, max: u32) -> Option<u32> {
        match value.data {
            Data::Integer(number) => match u32::try_from(number).ok().filter(|number| (min..=max).contains(number)) {
                Some(number) => Some(number),
                None => {
                    let message = format!("`{name}` is {number}; it goes from {min} to {max}");
                    self.findings.push(Diagnostic::error("bad-value", message).at(self.file, value.span, ""));
                    None
                }
            },
            Data::Null => None,
            _ => self.wrong(name, value, "a whole number"),
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T>(&mut self, key: &Key, value: Value, choose: impl Fn(&str) -> Option<T>) -> Option<T> {
        let span = value.span;
        let written = self.text(key.name, value)?;
        let chosen = choose(&written);
        if chosen.is_none() {
            let schema::Takes::OneOf(words) = key.takes else {
                return None;
            };
            let finding = self.bad_word(key.name, &written, span, words);
            self.findings.push(finding);
        }
        chosen
    }

    fn bad_word(&self, name: &str, written: &str, span: Span, words: &[&'static str]) -> Diagnostic {
        let known: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let finding = Diagnostic::error("bad-value", format!("`{name}` cannot be `{written}`"))
            .at(self.file, span, "not known")
            .note(format!("it is one of {}", known.join(", ")));
        match nearest(written, words.iter().copied()).first() {
            Some(best) => finding.help(format!("did you mean `{best}`?")).fix(self.fix(
                format!("write `{best}`"),
                Applicability::Unsafe,
                self.replacement(span, best),
            )),
            None => finding,
        }
    }

    /// A required key that is not there.
    pub(crate) fn missing(&mut self, at: At, name: &str, span: Span) {
        let first_line = self.text.get(span.range()).and_then(|text| text.lines().next()).unwrap_or("");
        let start = span.start as usize;
        let place = Span::new(start, start + first_line.trim_end().len());
        let finding = Diagnostic::error("missing-key", format!("`{name}` is missing from {}", at.name())).at(
            self.file,
            place,
            format!("no `{name}` here"),
        );
        self.findings.push(finding);
    }

    /// A value of the wrong kind; gives nothing.
    pub(crate) fn wrong<T>(&mut self, name: &str, value: &Value, expected: &str) -> Option<T> {
        let kind = value.kind_name();
        let message = format!("`{name}` is {kind}; {expected} belongs there");
        self.findings.push(Diagnostic::error("wrong-type", message).at(self.file, value.span, kind));
        None
    }

    pub(crate) fn fix(&self, title: String, applicability: Applicability, edit: TextEdit) -> Fix {
        Fix { title, applicability, edits: vec![(self.file.clone(), edit)] }
    }

    /// An edit that puts a word in another's place and keeps its quotes.
    pub(crate) fn replacement(&self, span: Span, word: &str) -> TextEdit {
        replacement(self.text, span, word)
    }
}

/// An edit that puts a word in another's place and keeps its quotes.
pub(crate) fn replacement(text: &str, span: Span, word: &str) -> TextEdit {
    let written = text.get(span.range()).unwrap_or("");
    let quoted =
        written.len() >= 2 && ['"', '\''].iter().any(|quote| written.starts_with(*quote) && written.ends_with(*quote));
    let inner = if quoted { Span::new(span.start as usize + 1, span.end as usize - 1) } else { span };
    TextEdit::replace(inner, word)
}

fn trimmed(text: String) -> String {
    if text.trim().len() == text.len() { text } else { text.trim().to_owned() }
}

/// The code of front matter that does not parse.
pub(crate) const BAD_FRONT_MATTER: &str = "bad-front-matter";

/// The code of TOML that does not parse.
pub(crate) const BAD_TOML: &str = "bad-toml";

/// What a file may seem to lack when it cannot be read whole.
const LACKING: [&str; 3] = ["empty-view", "missing-key", "unresolved-reference"];

/// How many problems with the grammar of one file are told; a file with more is broken as a whole.
pub const PROBLEMS_MAX: usize = 100;

/// How many unknown keys of one file are compared with the known ones; the rest is told without a suggestion.
pub const KEY_SUGGESTIONS_MAX: usize = 64;

/// How many answers of [`nearest_keys`] a thread remembers.
const REMEMBERED_MAX: usize = 1024;

type Remembered = FxHashMap<(At, String), Vec<&'static str>>;

thread_local! {
    /// Keys that nobody knows come in crowds: a team's own key stands in each of its files.
    static REMEMBERED: RefCell<Remembered> = RefCell::new(Remembered::default());
}

/// The known keys nearest to one that is not known.
fn nearest_keys(at: At, name: &str) -> Vec<&'static str> {
    REMEMBERED.with_borrow_mut(|remembered| {
        let key = (at, name.to_owned());
        if let Some(known) = remembered.get(&key) {
            return known.clone();
        }
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        let found = nearest(name, schema::names(at));
        remembered.insert(key, found.clone());
        found
    })
}

/// "did you mean `a`, `b` or `c`?"; nothing for no names.
pub(crate) fn did_you_mean(names: &[&str]) -> Option<String> {
    let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match all.split_last()? {
        (last, []) => Some(format!("did you mean {last}?")),
        (last, rest) => Some(format!("did you mean {} or {last}?", rest.join(", "))),
    }
}

fn unknown_key(file: &FilePath, text: &str, at: At, name: &str, span: Span, suggest: bool) -> Diagnostic {
    let of_element = At::ELEMENTS.contains(&at);
    let label = if at.keeps_unknown() { "not known; kept as metadata" } else { "not known; ignored" };
    let finding =
        Diagnostic::warning("unknown-key", format!("`{name}` is no key of {}", at.name())).at(file, span, label);
    let names = if suggest { nearest_keys(at, name) } else { Vec::new() };
    match (did_you_mean(&names), names.first()) {
        (Some(help), Some(best)) => finding.help(help).fix(Fix {
            title: format!("write `{best}`"),
            applicability: Applicability::Unsafe,
            edits: vec![(file.clone(), replacement(text, span, best))],
        }),
        _ if of_element => finding.help("keys of your own belong under `metadata`"),
        _ => finding,
    }
}
