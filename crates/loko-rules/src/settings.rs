//! The settings of checks: `[rules]` of `loko.toml` and the files of `rules/`.
//!
//! A key of `[rules]` is a rule's code with its level, or a table with `severity` and the rule's options; `[[rules.at]]`
//! gives other levels to some paths; `[[rules.waiver]]` waives; `[[rules.deny]]` and its like are [`crate::policy`]. The
//! files of `rules/` hold the same, without the word `rules` before it. Whatever is wrong is a finding with its place.

use crate::policy::{self, Policy};
use crate::rule::{Given, OptionValue, Rule};
use crate::waiver::FileWaiver;
use crate::{codes, rules};
use indexmap::IndexMap;
use loko_model::decision::DecisionState;
use loko_model::glob::Pattern;
use loko_model::load::read_toml;
use loko_model::project::PROJECT_FILE;
use loko_model::value::{Data, Entry};
use loko_model::{Model, Value};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Severity, Snapshot, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The folder of a team's own rules.
pub const RULES_FOLDER: &str = "rules";
/// The keys of `[rules]` that are no codes.
const KEYS: [&str; 4] = ["preset", "baseline", "at", "waiver"];

/// Whether findings of a code are told, and how bad they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    Off,
    /// As this.
    On(Severity),
    /// As the rule itself says.
    Usual,
}

/// Levels by the words that settings use.
const LEVELS: [(&str, Level); 8] = [
    ("off", Level::Off),
    ("allow", Level::Off),
    ("on", Level::Usual),
    ("info", Level::On(Severity::Info)),
    ("warn", Level::On(Severity::Warning)),
    ("warning", Level::On(Severity::Warning)),
    ("error", Level::On(Severity::Error)),
    ("deny", Level::On(Severity::Error)),
];

/// Which rules run when nobody says more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// No rule that is not named.
    None,
    /// Those that are on by default.
    #[default]
    Recommended,
    /// All.
    All,
}

impl Preset {
    /// All presets with their names.
    pub const ALL: [(&'static str, Preset); 3] =
        [("none", Self::None), ("recommended", Self::Recommended), ("all", Self::All)];

    /// The preset of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, preset)| *preset)
    }
}

/// Levels for some paths.
#[derive(Clone, Debug)]
pub struct AtPaths {
    paths: Vec<(String, Pattern)>,
    levels: BTreeMap<String, Level>,
}

/// What was set.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which rules run.
    pub preset: Preset,
    /// Levels by code.
    pub levels: BTreeMap<String, Level>,
    /// Options by code.
    pub options: BTreeMap<String, BTreeMap<String, Given>>,
    /// Levels for some paths; the last one that fits counts.
    pub at: Vec<AtPaths>,
    /// The team's own rules.
    pub policies: Vec<Policy>,
    /// Waivers that stand in settings.
    pub waivers: Vec<FileWaiver>,
    /// The file of old findings, with the place that names it.
    pub baseline: Option<String>,
    /// What is wrong with the settings.
    pub findings: Vec<Diagnostic>,
}

impl Settings {
    /// Reads the settings of a workspace.
    pub fn read(snapshot: &Snapshot) -> Self {
        let mut settings = Self::default();
        let project = FilePath::new(PROJECT_FILE).ok();
        let own = snapshot.paths_below(RULES_FOLDER).filter(|path| path.extension() == Some("toml"));
        for path in project.iter().chain(own) {
            let Some(source) = snapshot.source(path.as_str()) else { continue };
            let (mut entries, problems) = read_toml(path, source.text());
            let is_broken = !problems.is_empty();
            if path.as_str() == PROJECT_FILE {
                // What is wrong with loko.toml as TOML, loading tells.
                entries = match entries.swap_remove("rules").map(|entry| entry.value.data) {
                    Some(Data::Map(entries)) => entries,
                    _ => continue,
                };
            } else {
                settings.findings.extend(problems);
            }
            let before = settings.findings.len();
            settings.tables(path, source.text(), &entries);
            if is_broken {
                // What a text that does not parse seems to lack may stand in it.
                let found = settings.findings.split_off(before);
                settings.findings.extend(found.into_iter().filter(|finding| finding.code != "missing-key"));
            }
        }
        settings
    }

    /// Adds the rules that decisions carry, while they are accepted: `rules` in their front matter, a mapping of kinds.
    pub(crate) fn add_decisions(&mut self, model: &Model, snapshot: &Snapshot) {
        let accepted = model.decisions.iter().filter(|decision| decision.state == DecisionState::Accepted);
        for decision in accepted {
            let (Some(rules), Some(text)) = (&decision.rules, snapshot.text(decision.file.as_str())) else { continue };
            let Some(kinds) = rules.as_map() else {
                let message = format!("`rules` is {}; a mapping of kinds of rules belongs there", rules.kind_name());
                self.findings.push(Diagnostic::error("wrong-type", message).at(&decision.file, rules.span, ""));
                continue;
            };
            for (name, entry) in kinds {
                if policy::kind(name).is_none() {
                    let help = did_you_mean(name, policy::kinds());
                    let finding = Diagnostic::error("unknown-rule", format!("there is no kind of rule `{name}`")).at(
                        &decision.file,
                        entry.key_span,
                        "not known",
                    );
                    self.findings.push(finding.help(help.unwrap_or_else(|| {
                        format!("the kinds are {}", policy::kinds().collect::<Vec<_>>().join(", "))
                    })));
                    continue;
                }
                let (policies, findings) = policy::read(&decision.file, text, name, &entry.value);
                self.policies.extend(policies);
                self.findings.extend(findings);
            }
        }
    }

    /// Reads tables of rules: those of `[rules]`, or of a file of its own.
    fn tables(&mut self, file: &FilePath, text: &str, entries: &IndexMap<String, Entry>) {
        let mut reader = Fields { file, text, entries, findings: Vec::new() };
        for (name, entry) in entries.iter().filter(|(name, _)| !name.is_empty()) {
            match name.as_str() {
                "preset" => self.preset = reader.preset(&entry.value).unwrap_or_default(),
                "baseline" => self.baseline = reader.text("baseline"),
                "at" => {
                    let tables = reader.tables(name);
                    let at: Vec<AtPaths> =
                        tables.into_iter().filter_map(|table| at_paths(&mut reader, table)).collect();
                    self.at.extend(at);
                }
                "waiver" => {
                    for table in reader.tables(name) {
                        let mut fields = Fields { entries: table, findings: Vec::new(), file, text };
                        self.waivers.extend(FileWaiver::read(&mut fields, entry.key_span));
                        reader.findings.append(&mut fields.findings);
                    }
                }
                _ if policy::kind(name).is_some() => {
                    let (policies, findings) = policy::read(file, text, name, &entry.value);
                    self.policies.extend(policies);
                    reader.findings.extend(findings);
                }
                _ => self.rule(&mut reader, name, entry),
            }
        }
        self.findings.append(&mut reader.findings);
    }

    fn rule(&mut self, reader: &mut Fields<'_>, name: &str, entry: &Entry) {
        let Some(code) = reader.code(name, entry.key_span) else { return };
        match &entry.value.data {
            Data::Map(entries) => {
                let rule = rules::ALL.iter().find(|(known, _)| *known == code).map(|(_, rule)| *rule);
                for (key, entry) in entries {
                    if key == "severity" || key == "level" {
                        self.level(reader, &code, &entry.value);
                    } else if let Some(given) = reader.option(rule, &code, key, entry) {
                        self.options.entry(code.clone()).or_default().insert(key.clone(), given);
                    }
                }
                // Who sets a rule's options wants the rule.
                self.levels.entry(code).or_insert(Level::Usual);
            }
            _ => self.level(reader, &code, &entry.value),
        }
    }

    fn level(&mut self, reader: &mut Fields<'_>, code: &str, value: &Value) {
        if let Some(level) = reader.level(value) {
            self.levels.insert(code.to_owned(), level);
        }
    }

    /// Two rules of the team's own must not share a name, nor take that of a rule of loko.
    pub(crate) fn check_names(&mut self) {
        let mut seen: BTreeMap<&str, &Policy> = BTreeMap::new();
        let mut findings = Vec::new();
        for policy in &self.policies {
            let place = &policy.place;
            if codes::find(&policy.name).is_some() {
                let message = format!("`{}` is the code of a rule already", policy.name);
                findings.push(
                    Diagnostic::error("bad-value", message)
                        .at(&place.path, place.span, "")
                        .help("give the rule a name of its own"),
                );
            } else if let Some(first) = seen.insert(&policy.name, policy) {
                let message = format!("two rules are called `{}`", policy.name);
                findings.push(
                    Diagnostic::error("duplicate-key", message)
                        .at(&place.path, place.span, "again")
                        .and(&first.place.path, first.place.span, "first")
                        .help("give one of them another `name`"),
                );
            }
        }
        self.findings.append(&mut findings);
    }

    /// The level of a code's findings in a file.
    pub fn level_of(&self, code: &str, file: Option<&str>) -> Option<Level> {
        let here = |at: &&AtPaths| file.is_some_and(|file| covers(&at.paths, file)) && at.levels.contains_key(code);
        self.at.iter().rev().find(here).and_then(|at| at.levels.get(code)).or_else(|| self.levels.get(code)).copied()
    }

    /// Whether a rule runs at all.
    pub fn runs(&self, code: &str, rule: &Rule) -> bool {
        let somewhere = self.at.iter().any(|at| at.levels.get(code).is_some_and(|level| *level != Level::Off));
        somewhere
            || match self.levels.get(code) {
                Some(level) => *level != Level::Off,
                None => match self.preset {
                    Preset::None => false,
                    Preset::Recommended => rule.is_on,
                    Preset::All => true,
                },
            }
    }
}

/// Whether any of the patterns covers a file; a folder covers what is below it.
pub(crate) fn covers(paths: &[(String, Pattern)], file: &str) -> bool {
    paths.iter().any(|(written, pattern)| {
        let below = file.strip_prefix(written.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        below || pattern.matches(file)
    })
}

fn at_paths(reader: &mut Fields<'_>, entries: &IndexMap<String, Entry>) -> Option<AtPaths> {
    let mut fields = Fields { entries, findings: Vec::new(), ..*reader };
    let paths = fields.patterns("paths");
    let mut levels = BTreeMap::new();
    for (name, entry) in entries.iter().filter(|(name, _)| *name != "paths") {
        if let Some(code) = fields.code(name, entry.key_span)
            && let Some(level) = fields.level(&entry.value)
        {
            levels.insert(code, level);
        }
    }
    if paths.is_empty() {
        fields.missing("paths", "[[rules.at]]");
    }
    reader.findings.append(&mut fields.findings);
    (!paths.is_empty()).then_some(AtPaths { paths, levels })
}

/// Typed reading of a table's values, with a finding for everything that does not fit.
pub(crate) struct Fields<'f> {
    pub(crate) file: &'f FilePath,
    pub(crate) text: &'f str,
    pub(crate) entries: &'f IndexMap<String, Entry>,
    pub(crate) findings: Vec<Diagnostic>,
}

impl<'f> Fields<'f> {
    pub(crate) fn value(&self, key: &str) -> Option<&'f Value> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    fn wrong<T>(&mut self, key: &str, value: &Value, expected: &str) -> Option<T> {
        let message = format!("`{key}` is {}; {expected} belongs there", value.kind_name());
        let finding = Diagnostic::error("wrong-type", message).at(self.file, value.span, value.kind_name());
        self.findings.push(finding);
        None
    }

    pub(crate) fn bad(&mut self, span: Span, message: impl Into<String>, help: impl Into<Cow<'static, str>>) {
        self.findings.push(Diagnostic::error("bad-value", message.into()).at(self.file, span, "").help(help));
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        match value.scalar_text() {
            Some(text) => Some(text),
            None => self.wrong(key, value, "a text"),
        }
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        match value.data {
            Data::Bool(flag) => Some(flag),
            _ => self.wrong(key, value, "`true` or `false`"),
        }
    }

    pub(crate) fn count(&mut self, key: &str) -> Option<usize> {
        let value = self.value(key)?;
        match value.data {
            Data::Integer(number) if number >= 0 => usize::try_from(number).ok(),
            _ => self.wrong(key, value, "a whole number, not negative,"),
        }
    }

    /// A list of texts; one text alone is a list of one.
    pub(crate) fn values(&mut self, key: &str) -> Vec<&'f Value> {
        let Some(value) = self.value(key) else { return Vec::new() };
        match &value.data {
            Data::List(items) => {
                let items: Vec<&Value> = items.iter().collect();
                for item in items.iter().filter(|item| item.as_text().is_none()) {
                    self.wrong::<()>(key, item, "a text");
                }
                items.into_iter().filter(|item| item.as_text().is_some()).collect()
            }
            Data::Text(_) => vec![value],
            _ => {
                self.wrong::<()>(key, value, "a list of texts");
                Vec::new()
            }
        }
    }

    pub(crate) fn patterns(&mut self, key: &str) -> Vec<(String, Pattern)> {
        let texts = self.values(key).into_iter().filter_map(Value::as_text);
        texts.map(|text| (text.to_owned(), Pattern::new(text))).collect()
    }

    /// The tables of a list; one table alone is a list of one.
    fn tables(&mut self, key: &str) -> Vec<&'f IndexMap<String, Entry>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let items: Vec<&Value> = value.as_list().map_or_else(|| vec![value], |items| items.iter().collect());
        let mut tables = Vec::new();
        for item in items {
            match item.as_map() {
                Some(entries) => tables.push(entries),
                None => {
                    self.wrong::<()>(key, item, "a table");
                }
            }
        }
        tables
    }

    /// Tells of keys that are not known.
    pub(crate) fn only(&mut self, what: &str, known: &[&str]) {
        let unknown: Vec<(&String, Span)> = self
            .entries
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
            .map(|(key, entry)| (key, entry.key_span))
            .collect();
        for (key, span) in unknown {
            let help = did_you_mean(key, known.iter().copied());
            let help = help.unwrap_or_else(|| format!("the keys are `{}`", known.join("`, `")));
            let message = format!("`{key}` is no key of {what}");
            self.findings.push(Diagnostic::error("unknown-key", message).at(self.file, span, "not known").help(help));
        }
    }

    pub(crate) fn missing(&mut self, key: &str, what: &str) {
        let span = self.entries.values().next().map_or(Span::at(0), |entry| entry.key_span);
        let finding = Diagnostic::error("missing-key", format!("`{key}` is missing from {what}"));
        self.findings.push(finding.at(self.file, span, format!("no `{key}` here")));
    }

    /// The code that is meant; a code that nobody knows is an error.
    pub(crate) fn code(&mut self, name: &str, span: Span) -> Option<String> {
        if let Some(code) = codes::find(name) {
            return Some(code.name.to_owned());
        }
        let known = codes::all();
        let names = known.iter().map(|code| code.name).chain(KEYS).chain(policy::kinds());
        let help =
            did_you_mean(name, names).unwrap_or_else(|| "`loko validate --explain all` lists the rules".to_owned());
        let message = format!("there is no rule `{name}`");
        self.findings.push(Diagnostic::error("unknown-rule", message).at(self.file, span, "not known").help(help));
        None
    }

    fn level(&mut self, value: &Value) -> Option<Level> {
        let words = LEVELS.map(|(word, _)| word);
        let level = match &value.data {
            Data::Bool(false) => Some(Level::Off),
            Data::Bool(true) => Some(Level::Usual),
            Data::Text(text) => LEVELS.iter().find(|(word, _)| word == text).map(|(_, level)| *level),
            _ => return self.wrong("severity", value, "`off`, `info`, `warning` or `error`"),
        };
        if level.is_none() {
            let written = value.scalar_text().unwrap_or_default();
            let help = did_you_mean(&written, words).unwrap_or_else(|| format!("it is one of {}", words.join(", ")));
            self.bad(value.span, format!("`{written}` is no severity"), help);
        }
        level
    }

    pub(crate) fn severity(&mut self, key: &str) -> Option<Severity> {
        let value = self.value(key)?;
        match self.level(value)? {
            Level::On(severity) => Some(severity),
            Level::Off | Level::Usual => None,
        }
    }

    fn preset(&mut self, value: &Value) -> Option<Preset> {
        let written = value.scalar_text().unwrap_or_default();
        let preset = Preset::from_name(&written);
        if preset.is_none() {
            let names = Preset::ALL.map(|(name, _)| name);
            self.bad(
                value.span,
                format!("there is no preset `{written}`"),
                format!("it is one of {}", names.join(", ")),
            );
        }
        preset
    }

    fn option(&mut self, rule: Option<&Rule>, code: &str, key: &str, entry: &Entry) -> Option<Given> {
        let options = rule.map_or(&[][..], |rule| rule.options);
        let Some(option) = options.iter().find(|option| option.name == key) else {
            let names = options.iter().map(|option| option.name).chain(["severity"]);
            let help = did_you_mean(key, names.clone())
                .unwrap_or_else(|| format!("its options are `{}`", names.collect::<Vec<_>>().join("`, `")));
            let message = format!("`{key}` is no option of `{code}`");
            let finding = Diagnostic::error("unknown-key", message).at(self.file, entry.key_span, "not known");
            self.findings.push(finding.help(help));
            return None;
        };
        let value = &entry.value;
        match (option.default, &value.data) {
            (OptionValue::Number(_), Data::Integer(number)) if *number >= 0 => Some(Given::Number(*number as f64)),
            (OptionValue::Number(_), Data::Float(number)) if *number >= 0.0 => Some(Given::Number(*number)),
            (OptionValue::Number(_), _) => self.wrong(key, value, "a number, not negative,"),
            (OptionValue::Flag(_), Data::Bool(flag)) => Some(Given::Flag(*flag)),
            (OptionValue::Flag(_), _) => self.wrong(key, value, "`true` or `false`"),
            (OptionValue::Texts(_), Data::List(items)) => {
                Some(Given::Texts(items.iter().filter_map(Value::scalar_text).collect()))
            }
            (OptionValue::Texts(_), Data::Text(text)) => Some(Given::Texts(vec![text.clone()])),
            (OptionValue::Texts(_), _) => self.wrong(key, value, "a list of texts"),
        }
    }
}
