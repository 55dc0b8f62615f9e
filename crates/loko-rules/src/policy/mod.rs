//! Rules of the team's own, without code: tables in `[rules]` of `loko.toml`, in the files of `rules/`, or wherever else a
//! caller finds them.
//!
//! Each kind has a file in `kinds/`: its keys and what it checks. All kinds share `name` (the code of its findings),
//! `severity` and `reason`. They speak of elements and relations by selectors ([`loko_model::select`]). A selector that
//! picks nothing is an error: such a rule would hold of nothing for ever.

mod kinds;
mod reach;

use crate::rule::Ask;
use crate::settings::Fields;
use loko_model::select::{Select, Subject};
use loko_model::value::Data;
use loko_model::{Model, Relation, Value};
use loko_source::{Diagnostic, FilePath, Place, Severity, Span};
use std::sync::Arc;

/// A kind of rule: deny, allow, require, layers, reach.
#[derive(Debug)]
pub struct Kind {
    /// What it is for, a sentence.
    pub doc: &'static str,
    /// Its own keys with what they say.
    pub keys: &'static [(&'static str, &'static str)],
    /// Reads its own keys.
    pub(crate) read: fn(&mut Fields<'_>) -> Option<Arc<dyn Check>>,
}

/// What a rule of the team's own checks.
pub(crate) trait Check: std::fmt::Debug + Send + Sync {
    /// Checks a workspace.
    fn check(&self, ask: &Ask<'_>) -> Vec<Diagnostic>;
}

/// The keys that all kinds share, with what they say.
pub const SHARED_KEYS: [(&str, &str); 3] = [
    ("name", "The name; its findings have it as their code."),
    ("severity", "`error` (as if not said), `warning` or `info`."),
    ("reason", "Why; told with each finding."),
];

/// A rule of the team's own.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name, the code of its findings.
    pub name: String,
    /// How bad its findings are.
    pub severity: Severity,
    /// Why.
    pub reason: Option<String>,
    /// Where it is stated.
    pub place: Place,
    check: Arc<dyn Check>,
}

impl Policy {
    /// Checks a workspace.
    pub fn check(&self, workspace: &crate::Workspace<'_>) -> Vec<Diagnostic> {
        let ask = Ask { workspace, code: &self.name, severity: self.severity, options: &[], given: None };
        let mut findings = self.check.check(&ask);
        for finding in findings.iter_mut().filter(|finding| finding.code == self.name.as_str()) {
            if let Some(reason) = &self.reason {
                finding.notes.push(reason.clone());
            }
            let label = if finding.primary.is_none() { "stated here" } else { "the rule" };
            *finding = finding.clone().and(&self.place.path, self.place.span, label);
        }
        findings
    }
}

/// A kind by its name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// The names of all kinds.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    kinds::ALL.iter().map(|(name, _)| *name)
}

/// Reads the rules of one kind: a table, or a list of tables. `text` is the file that they stand in.
pub fn read(file: &FilePath, text: &str, name: &str, value: &Value) -> (Vec<Policy>, Vec<Diagnostic>) {
    let Some(kind) = kind(name) else { return (Vec::new(), Vec::new()) };
    let tables: Vec<&Value> = value.as_list().map_or_else(|| vec![value], |items| items.iter().collect());
    let (mut policies, mut findings) = (Vec::new(), Vec::new());
    for (at, table) in tables.into_iter().enumerate() {
        let Data::Map(entries) = &table.data else {
            let message = format!("`{name}` is {}; a table belongs there", table.kind_name());
            findings.push(Diagnostic::error("wrong-type", message).at(file, table.span, table.kind_name()));
            continue;
        };
        let mut fields = Fields { file, text, entries, findings: Vec::new() };
        let keys: Vec<&str> = SHARED_KEYS.iter().chain(kind.keys).map(|(key, _)| *key).collect();
        fields.only(&format!("`{name}`"), &keys);
        let named = fields.text("name").map(|name| loko_model::name::slug(&name)).filter(|name| !name.is_empty());
        let severity = fields.severity("severity").unwrap_or(Severity::Error);
        let reason = fields.text("reason");
        let check = (kind.read)(&mut fields);
        let span = entries
            .get("name")
            .map(|entry| entry.value.span)
            .or_else(|| entries.values().next().map(|entry| entry.key_span))
            .unwrap_or(table.span);
        findings.append(&mut fields.findings);
        if let Some(check) = check {
            let name = named.unwrap_or_else(|| format!("{name}-{}", at + 1));
            policies.push(Policy { name, severity, reason, place: Place::new(file.clone(), span), check });
        }
    }
    (policies, findings)
}

/// A selector with the place where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Picker {
    pub(crate) select: Select,
    pub(crate) place: Place,
}

/// Reads a selector; what is wrong with it is told at its place.
pub(crate) fn selector(fields: &mut Fields<'_>, value: &Value, subject: Subject) -> Option<Picker> {
    let Some(written) = value.as_text() else {
        let message = format!("a selector is a text, not {}", value.kind_name());
        fields.findings.push(Diagnostic::error("wrong-type", message).at(fields.file, value.span, value.kind_name()));
        return None;
    };
    let read = match subject {
        Subject::Elements => Select::elements(written),
        Subject::Relations => Select::relations(written),
    };
    match read {
        Ok(select) => Some(Picker { select, place: Place::new(fields.file.clone(), value.span) }),
        Err(error) => {
            let offset = text_start(fields.text, value.span, written);
            fields.findings.push(match offset {
                Some(offset) => error.finding(fields.file, offset),
                // Behind escapes the wrong part cannot be pointed at; the selector as a whole can.
                None => {
                    let finding = error.finding(fields.file, 0);
                    crate::rule::narrowed(finding, value.span)
                }
            });
            None
        }
    }
}

/// Where a quoted text begins, when it stands in its file as it is.
fn text_start(text: &str, span: Span, written: &str) -> Option<usize> {
    let raw = text.get(span.range())?;
    raw.find(written).map(|at| span.range().start + at)
}

impl Fields<'_> {
    /// A selector of a key; a missing one is told when it is needed.
    pub(crate) fn picker(&mut self, key: &str, subject: Subject, is_needed: bool) -> Option<Picker> {
        match self.value(key) {
            Some(value) => selector(self, value, subject),
            None => {
                if is_needed {
                    self.missing(key, "the rule");
                }
                None
            }
        }
    }

    /// Whether a key was left out, rather than wrong.
    pub(crate) fn lacks(&self, key: &str) -> bool {
        self.value(key).is_none()
    }
}

impl Picker {
    /// For each element whether it is picked; tells when none is.
    pub(crate) fn mask(&self, ask: &Ask<'_>, findings: &mut Vec<Diagnostic>) -> Vec<bool> {
        let mask = self.select.mask(ask.workspace.model);
        self.told(&mask, findings);
        mask
    }

    /// For each relation whether it is picked.
    pub(crate) fn relations(&self, ask: &Ask<'_>) -> Vec<bool> {
        self.select.relation_mask(ask.workspace.model)
    }

    /// For each element whether it, or what it is part of, is picked; tells when none is.
    pub(crate) fn with_parts(&self, ask: &Ask<'_>, findings: &mut Vec<Diagnostic>) -> Vec<bool> {
        with_parts(ask.workspace.model, self.mask(ask, findings))
    }

    pub(crate) fn told(&self, mask: &[bool], findings: &mut Vec<Diagnostic>) {
        if !mask.contains(&true) {
            let message = format!("no {} match `{}`", self.select.subject().name(), self.select.text());
            findings.push(
                Diagnostic::error("empty-selector", message)
                    .at(&self.place.path, self.place.span, "picks nothing")
                    .help("see what there is with `loko query list`, or take the rule out"),
            );
        }
    }
}

/// A mask with all that is in what it picks.
pub(crate) fn with_parts(model: &Model, mut mask: Vec<bool>) -> Vec<bool> {
    for ix in model.ids() {
        // A parent stands before its parts.
        mask[ix.index()] |= model.element(ix).parent.is_some_and(|parent| mask[parent.index()]);
    }
    mask
}

/// Whether a relation leads from one group to another; one that goes both ways leads back as well.
pub(crate) fn joins(relation: &Relation, from: &[bool], to: &[bool]) -> bool {
    let leads =
        |source: loko_model::ElementIx, target: loko_model::ElementIx| from[source.index()] && to[target.index()];
    leads(relation.source, relation.target) || relation.bidirectional && leads(relation.target, relation.source)
}
