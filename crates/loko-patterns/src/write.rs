//! Texts that applying a pattern writes: pages of new elements, drafts of decisions, the record of what was done.

use crate::pattern::{Draft, Pattern};
use indexmap::IndexMap;
use loko_model::edit::annotate::{flow_yaml, yaml_text};
use loko_model::value::Data;
use loko_model::{RelationKind, Value};
use std::fmt::Write as _;

/// A relation as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) description: String,
    pub(crate) technology: String,
    pub(crate) kind: Option<RelationKind>,
    pub(crate) event: String,
    pub(crate) set: Vec<(String, Value)>,
}

/// A new element's page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) technology: String,
    pub(crate) shape: String,
    pub(crate) roles: Vec<String>,
    pub(crate) set: Vec<(String, Value)>,
    pub(crate) relations: Vec<Statement>,
    pub(crate) section: String,
}

impl Page {
    pub(crate) fn text(&self) -> String {
        let mut out = format!("---\nname: {}\n", yaml_text(&self.name));
        for (key, text) in
            [("description", &self.description), ("technology", &self.technology), ("shape", &self.shape)]
        {
            if !text.is_empty() {
                let _ = writeln!(out, "{key}: {}", yaml_text(text));
            }
        }
        for (key, value) in &self.set {
            let _ = writeln!(out, "{key}: {}", flow_yaml(value));
        }
        out.push_str("patterns:\n");
        for role in &self.roles {
            let _ = writeln!(out, "  - {role}");
        }
        if !self.relations.is_empty() {
            out.push_str("relationships:\n");
        }
        for relation in &self.relations {
            let _ = writeln!(out, "  - to: {}", relation.to);
            for (key, text) in [("description", &relation.description), ("technology", &relation.technology)] {
                if !text.is_empty() {
                    let _ = writeln!(out, "    {key}: {}", yaml_text(text));
                }
            }
            if let Some(kind) = relation.kind.filter(|kind| *kind != RelationKind::Sync) {
                let _ = writeln!(out, "    type: {}", kind.name());
            }
            if !relation.event.is_empty() {
                let _ = writeln!(out, "    event: {}", yaml_text(&relation.event));
            }
            for (key, value) in &relation.set {
                let _ = writeln!(out, "    {key}: {}", flow_yaml(value));
            }
        }
        let _ = write!(out, "---\n\n# {}\n\n{}\n", self.name, self.description);
        if !self.section.is_empty() {
            let _ = write!(out, "\n{}", self.section);
        }
        out
    }
}

/// The entry of `patterns` in front matter for a role.
pub(crate) fn role_entry(pattern: &Pattern, instance: &str, role: &str) -> String {
    let mut entry = format!("{{ id: {}, version: {}, role: {role}", pattern.id, yaml_text(&pattern.version));
    if instance != pattern.id {
        let _ = write!(entry, ", instance: {instance}");
    }
    entry.push_str(" }");
    entry
}

/// The section of an element's page with what has to be documented.
pub(crate) fn section(pattern: &Pattern, lead: &[String], items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut out = format!("## {}\n\n", pattern.name);
    for line in lead.iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(out, "{line}\n");
    }
    for item in items {
        let _ = writeln!(out, "- [ ] {item}");
    }
    out
}

/// The draft of a decision; `elements` are those that it is about.
pub(crate) fn decision(number: u32, draft: &Draft, elements: &[String]) -> String {
    let list =
        |items: &[String], sign: &str| -> String { items.iter().map(|item| format!("- ({sign}) {item}\n")).collect() };
    let ids: Vec<String> = elements.iter().map(|id| yaml_text(id)).collect();
    format!(
        "---\nstatus: proposed\nelements: [{}]\n---\n\n# {number}. {}\n\n## Context\n\n{}\n\n## Decision\n\n{}\n\n## Consequences\n\n{}{}",
        ids.join(", "),
        draft.title,
        draft.context,
        draft.decision,
        list(&draft.good, "+"),
        list(&draft.bad, "-"),
    )
}

/// The record of an application.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) pattern: String,
    pub(crate) version: String,
    pub(crate) params: IndexMap<String, Value>,
    /// Element or file, its name, and the digest of its text.
    pub(crate) made: Vec<(&'static str, String, String)>,
    pub(crate) changed: Vec<ChangedText>,
    pub(crate) relations: Vec<Statement>,
}

/// What an application added to an element.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangedText {
    pub(crate) element: String,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) roles: Vec<String>,
    pub(crate) section: String,
}

impl Record {
    pub(crate) fn text(&self) -> String {
        let mut out = format!(
            "# What `loko pattern apply {}` did; `loko pattern remove {}` takes it away. Relations may be edited here.\n\
             pattern = {}\nversion = {}\n",
            self.pattern,
            self.name,
            string(&self.pattern),
            string(&self.version)
        );
        if !self.params.is_empty() {
            out.push_str("\n[params]\n");
            for (name, value) in &self.params {
                let _ = writeln!(out, "{name} = {}", toml(value));
            }
        }
        for relation in &self.relations {
            let _ = write!(
                out,
                "\n[[relationships]]\nsource = {}\ntarget = {}\n",
                string(&relation.from),
                string(&relation.to)
            );
            for (key, text) in [
                ("description", &relation.description),
                ("technology", &relation.technology),
                ("event", &relation.event),
            ] {
                if !text.is_empty() {
                    let _ = writeln!(out, "{key} = {}", string(text));
                }
            }
            if let Some(kind) = relation.kind.filter(|kind| *kind != RelationKind::Sync) {
                let _ = writeln!(out, "type = {}", string(kind.name()));
            }
            for (key, value) in &relation.set {
                let _ = writeln!(out, "{key} = {}", toml(value));
            }
        }
        for (what, name, digest) in &self.made {
            let _ = write!(out, "\n[[made]]\n{what} = {}\ndigest = {}\n", string(name), string(digest));
        }
        for changed in &self.changed {
            let _ = write!(out, "\n[[changed]]\nelement = {}\n", string(&changed.element));
            let roles: Vec<String> = changed.roles.iter().map(|role| string(role)).collect();
            if !roles.is_empty() {
                let _ = writeln!(out, "roles = [{}]", roles.join(", "));
            }
            if !changed.set.is_empty() {
                let name = |key: &str| if is_bare(key) { key.to_owned() } else { string(key) };
                let pair = |(key, value): &(String, String)| format!("{} = {}", name(key), string(value));
                let set: Vec<String> = changed.set.iter().map(pair).collect();
                let _ = writeln!(out, "set = {{ {} }}", set.join(", "));
            }
            if !changed.section.is_empty() {
                let _ = writeln!(out, "section = {}", string(&changed.section));
            }
        }
        out
    }
}

/// A text as a TOML string of one line.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A value as TOML of one line; nothing is `""`, for TOML has no null.
pub(crate) fn toml(value: &Value) -> String {
    match &value.data {
        Data::Null => "\"\"".to_owned(),
        Data::Text(text) => string(text),
        Data::List(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Data::Map(entries) => {
            let key = |key: &str| if is_bare(key) { key.to_owned() } else { string(key) };
            let inner: Vec<String> =
                entries.iter().map(|(name, entry)| format!("{} = {}", key(name), toml(&entry.value))).collect();
            format!("{{ {} }}", inner.join(", "))
        }
        Data::Float(number) => format!("{number:?}"),
        _ => value.scalar_text().unwrap_or_default(),
    }
}
