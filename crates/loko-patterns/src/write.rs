//! Texts that applying a pattern writes: pages of new elements, drafts of decisions, the record of what was done.

use crate::pattern::{Draft, Pattern};
use indexmap::IndexMap;
use loko_model::applied::text_as_toml;
use loko_model::edit::annotate::{Annotation, flow_yaml, yaml_text};
pub(crate) use loko_model::edit::toml_string as string;
use loko_model::value::Data;
use loko_model::{RelationKind, Value};
use std::fmt::Write as _;

/// A relation as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) description: String,
    pub(crate) technology: String,
    pub(crate) kind: Option<RelationKind>,
    pub(crate) event: String,
    pub(crate) set: Vec<(String, Value)>,
}

impl Statement {
    /// What it is for, in a few words.
    pub(crate) fn words(&self) -> &str {
        if self.description.is_empty() { &self.event } else { &self.description }
    }

    /// All that it says, key by key, as YAML.
    pub(crate) fn said(&self) -> Vec<(String, String)> {
        let kind = self.kind.filter(|kind| *kind != RelationKind::Sync).map_or("", RelationKind::name);
        [("technology", self.technology.as_str()), ("type", kind), ("event", &self.event)]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (key.to_owned(), yaml_text(text)))
            .chain(self.set.iter().map(|(key, value)| (key.clone(), flow_yaml(value))))
            .collect()
    }
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

/// The draft of a decision of a day, if one is given; `elements` are those that it is about.
pub(crate) fn decision(number: Option<u32>, date: &str, draft: &Draft, elements: &[String]) -> String {
    let list =
        |items: &[String], sign: &str| -> String { items.iter().map(|item| format!("- ({sign}) {item}\n")).collect() };
    let ids: Vec<String> = elements.iter().map(|id| yaml_text(id)).collect();
    let number = number.map(|number| format!("{number}. ")).unwrap_or_default();
    let date = if date.is_empty() { String::new() } else { format!("date: {date}\n") };
    format!(
        "---\nstatus: proposed\n{date}elements: [{}]\n---\n\n# {number}{}\n\n## Context\n\n{}\n\n## Decision\n\n{}\n\n## Consequences\n\n{}{}",
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
    /// The parameters that somebody gave.
    pub(crate) given: Vec<String>,
    /// The ids of who plays each role, in order.
    pub(crate) players: Vec<(String, Vec<String>)>,
    pub(crate) made: Vec<Made>,
    pub(crate) changed: Vec<ChangedText>,
    pub(crate) relations: Vec<Statement>,
    /// Relations as somebody wrote them, tables of TOML that stay as they are.
    pub(crate) relation_texts: Vec<String>,
    /// What the pattern said of those.
    pub(crate) stated: Vec<Stated>,
}

/// What the pattern said of a relation that stands in the record as somebody wrote it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) description: String,
    pub(crate) set: Vec<(String, String)>,
}

/// An element or a file that an application made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    what: &'static str,
    name: String,
    /// Its text, from which it is told what was written since.
    text: String,
}

impl Made {
    pub(crate) fn element(id: &str, text: &str) -> Self {
        Self { what: "element", name: id.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn file(path: &str, text: &str) -> Self {
        Self { what: "file", name: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_element(&self, id: &str) -> bool {
        self.what == "element" && self.name == id
    }
}

/// What an application added to an element.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangedText {
    pub(crate) element: String,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) roles: Vec<String>,
    pub(crate) section: String,
}

impl ChangedText {
    pub(crate) fn of(id: &str, annotation: &Annotation) -> Self {
        Self {
            element: id.to_owned(),
            set: annotation.set.clone(),
            roles: annotation.roles.clone(),
            section: annotation.section.clone(),
        }
    }
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
        let list = |items: &[String]| items.iter().map(|item| string(item)).collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "given = [{}]", list(&self.given));
        if !self.params.is_empty() {
            out.push_str("\n[params]\n");
            for (name, value) in &self.params {
                let _ = writeln!(out, "{name} = {}", toml(value));
            }
        }
        if !self.players.is_empty() {
            out.push_str("\n[players]\n");
            for (role, ids) in &self.players {
                let role = if is_bare(role) { role.clone() } else { string(role) };
                let _ = writeln!(out, "{role} = [{}]", list(ids));
            }
        }
        for relation in &self.relations {
            let _ = write!(out, "\n{}", relation_toml(relation));
        }
        for block in &self.relation_texts {
            let _ = write!(out, "\n{}\n", block.trim_end());
        }
        for made in &self.made {
            let (what, name, text) = (made.what, string(&made.name), text_as_toml(&made.text));
            let _ = write!(out, "\n[[made]]\n{what} = {name}\ntext = {text}\n");
        }
        for changed in &self.changed {
            let _ = write!(out, "\n[[changed]]\nelement = {}\n", string(&changed.element));
            let roles: Vec<String> = changed.roles.iter().map(|role| string(role)).collect();
            if !roles.is_empty() {
                let _ = writeln!(out, "roles = [{}]", roles.join(", "));
            }
            if !changed.set.is_empty() {
                let _ = writeln!(out, "set = {}", text_map(&changed.set));
            }
            if !changed.section.is_empty() {
                let _ = writeln!(out, "section = {}", string(&changed.section));
            }
        }
        let of_relations = self.relations.iter().map(|it| (&it.from, &it.to, &it.description, it.said()));
        let of_texts = self.stated.iter().map(|it| (&it.from, &it.to, &it.description, it.set.clone()));
        for (from, to, description, set) in of_relations.chain(of_texts) {
            let _ = write!(out, "\n[[stated]]\nsource = {}\ntarget = {}\n", string(from), string(to));
            if !description.is_empty() {
                let _ = writeln!(out, "description = {}", string(description));
            }
            let _ = writeln!(out, "set = {}", text_map(&set));
        }
        out
    }
}

/// A relation as a table of TOML.
pub(crate) fn relation_toml(relation: &Statement) -> String {
    let mut out =
        format!("[[relationships]]\nsource = {}\ntarget = {}\n", string(&relation.from), string(&relation.to));
    for (key, text) in
        [("description", &relation.description), ("technology", &relation.technology), ("event", &relation.event)]
    {
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
    out
}

/// Keys with texts as an inline table.
fn text_map(set: &[(String, String)]) -> String {
    let name = |key: &str| if is_bare(key) { key.to_owned() } else { string(key) };
    let pairs: Vec<String> = set.iter().map(|(key, value)| format!("{} = {}", name(key), string(value))).collect();
    if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
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
