//! The operations that a proposal is made of.

use crate::changes::Draft;
use crate::problem::{Problem, clip};
use loko_model::RelationKind;
use loko_model::edit::{self, Link, New, NewKind, Plan, Remove, Rename, RenameId, Unlink, Update};
use loko_source::{ChangeSet, FilePath, Severity, Span, TextEdit, render};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Writes (or with an empty text takes away) the D2 diagram beside an element; its errors are refused.
pub(crate) fn write_diagram(draft: &mut Draft<'_>, id: &str, d2: &str) -> Result<String, Problem> {
    let state = draft.state();
    let element = state.model().element(crate::shapes::element(state, id)?);
    let path = match &element.d2 {
        Some(path) => path.clone(),
        None => FilePath::below(element.folder(), &format!("{}.d2", element.kind.name()))
            .map_err(|error| Problem::new(error.to_string()))?,
    };
    let mut changes = ChangeSet::new();
    let text = if d2.is_empty() || d2.ends_with('\n') { d2.to_owned() } else { format!("{d2}\n") };
    let told = match (state.snapshot.text(path.as_str()), text.trim().is_empty()) {
        (None, true) => return Ok(path.to_string()),
        (Some(_), true) => {
            changes.delete(path.clone());
            format!("takes {path} away")
        }
        (None, false) => {
            changes.create(path.clone(), text);
            format!("writes {path}")
        }
        (Some(old), false) if old == text => return Ok(path.to_string()),
        (Some(old), false) => {
            changes.edit(path.clone(), TextEdit::replace(Span::new(0, old.len()), text));
            format!("rewrites {path}")
        }
    };
    draft.take(&Plan { changes, summary: vec![told], affected: vec![id.to_owned()], ..Plan::default() })?;
    let after = draft.state();
    let errors: Vec<String> = after
        .loaded
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .filter(|finding| finding.primary.as_ref().is_some_and(|label| label.place.path == path))
        .map(|finding| render::line(finding, &after.snapshot))
        .collect();
    if errors.is_empty() {
        return Ok(path.to_string());
    }
    Err(Problem::new(format!("the D2 has errors, nothing is written:\n{}", errors.join("\n")))
        .help("mend these lines; `validate_diagram` checks D2 without writing it"))
}

/// One operation of a proposal.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Operation {
    /// Makes an element.
    Create {
        kind: CreateKind,
        name: String,
        /// Its id part, when not the slug of the name.
        #[serde(default)]
        id: Option<String>,
        /// What it becomes part of: needed for containers and components.
        #[serde(default)]
        parent: Option<String>,
        #[serde(default)]
        description: Option<String>,
        #[serde(default)]
        technology: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default)]
        owner: Option<String>,
        /// `database`, `queue`, `topic`, `bucket`, `function`, `cache`, `browser` or `mobile`.
        #[serde(default)]
        shape: Option<String>,
    },
    /// Sets or clears keys of an element's front matter.
    Update {
        element: String,
        /// Keys with texts, numbers, truths or lists of texts; null clears.
        #[serde(default)]
        set: Map<String, Value>,
        #[serde(default)]
        clear: Vec<String>,
        #[serde(default)]
        add_tags: Vec<String>,
        #[serde(default)]
        remove_tags: Vec<String>,
    },
    /// Gives another name; everything that speaks of the element follows. A new id is recorded in `loko.toml`.
    Rename {
        element: String,
        #[serde(default)]
        name: Option<String>,
        /// The new id part; by default it follows the name.
        #[serde(default)]
        id: Option<String>,
    },
    /// Makes an element part of another one. The new id is recorded in `loko.toml`.
    Move { element: String, parent: String },
    /// Takes an element away; with `cascade` its parts and what refers to it too.
    #[serde(alias = "delete")]
    Remove {
        element: String,
        #[serde(default)]
        cascade: bool,
    },
    /// Says that one element uses another.
    Link {
        source: String,
        target: String,
        #[serde(default, alias = "label")]
        description: Option<String>,
        #[serde(default)]
        technology: Option<String>,
        /// `sync`, `async` or `event`.
        #[serde(default)]
        kind: Option<String>,
        /// The name of the event that travels.
        #[serde(default)]
        event: Option<String>,
        #[serde(default)]
        bidirectional: bool,
        #[serde(default)]
        tags: Vec<String>,
    },
    /// Takes a relation away.
    Unlink {
        source: String,
        target: String,
        #[serde(default)]
        description: Option<String>,
    },
    /// Writes the D2 diagram beside an element; an empty text takes it away.
    Diagram { element: String, d2: String },
    /// Writes the prose below an element's front matter, in Markdown.
    Document { element: String, markdown: String },
}

/// What can be made.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CreateKind {
    Person,
    System,
    External,
    Container,
    Component,
}

impl From<CreateKind> for NewKind {
    fn from(kind: CreateKind) -> Self {
        match kind {
            CreateKind::Person => Self::Person,
            CreateKind::System => Self::System,
            CreateKind::External => Self::External,
            CreateKind::Container => Self::Container,
            CreateKind::Component => Self::Component,
        }
    }
}

/// Fulfils the first operation, and with it those behind it that can be fulfilled at once; gives their number.
pub(crate) fn perform(draft: &mut Draft<'_>, operations: &[Operation]) -> Result<usize, Problem> {
    let wishes: Vec<New> = operations.iter().map_while(created).collect();
    let Some(operation) = operations.first().filter(|_| wishes.is_empty()) else {
        let mut count = 0;
        draft.step(|snapshot, loaded| {
            let (plan, taken) = edit::new_together(snapshot, loaded, &wishes)?;
            count = taken;
            Ok(plan)
        })?;
        return Ok(count);
    };
    perform_one(draft, operation.clone())?;
    Ok(1)
}

/// The element that an operation makes.
fn created(operation: &Operation) -> Option<New> {
    let Operation::Create { kind, name, id, parent, description, technology, tags, owner, shape } = operation.clone()
    else {
        return None;
    };
    Some(New { kind: kind.into(), name, id, parent, description, technology, tags, owner, shape, ..New::default() })
}

fn perform_one(draft: &mut Draft<'_>, operation: Operation) -> Result<(), Problem> {
    match operation {
        // Elements are made several at once.
        Operation::Create { .. } => {}
        Operation::Update { element, set, clear, add_tags, remove_tags } => {
            let wish = update(element, set, clear, add_tags, remove_tags)?;
            draft.step(|snapshot, loaded| edit::update(snapshot, loaded, &wish))?;
        }
        Operation::Rename { element, name, id } => {
            let id = id.map_or(RenameId::Follow, RenameId::To);
            let wish = Rename { element, name, id };
            draft.step(|snapshot, loaded| edit::record(snapshot, loaded, edit::rename(snapshot, loaded, &wish)?))?;
        }
        Operation::Move { element, parent } => {
            let wish = edit::Move { element, parent };
            draft.step(|snapshot, loaded| edit::record(snapshot, loaded, edit::move_to(snapshot, loaded, &wish)?))?;
        }
        Operation::Remove { element, cascade } => {
            let wish = Remove { element, cascade };
            draft.step(|snapshot, loaded| edit::remove(snapshot, loaded, &wish))?;
        }
        Operation::Link { source, target, description, technology, kind, event, bidirectional, tags } => {
            let kind = kind.as_deref().map(crate::tools::find_relationships::relation_kind).transpose()?;
            let wish = Link {
                source,
                target,
                description,
                technology,
                is_async: kind == Some(RelationKind::Async),
                is_event: kind == Some(RelationKind::Event),
                event,
                is_bidirectional: bidirectional,
                tags,
                home: None,
            };
            draft.step(|snapshot, loaded| edit::link(snapshot, loaded, &wish))?;
        }
        Operation::Unlink { source, target, description } => {
            let wish = Unlink { source, target, description };
            draft.step(|snapshot, loaded| edit::unlink(snapshot, loaded, &wish))?;
        }
        Operation::Diagram { element, d2 } => {
            let id = crate::shapes::element(draft.state(), &element)?;
            let id = draft.state().model().element(id).id.to_string();
            write_diagram(draft, &id, &d2)?;
        }
        Operation::Document { element, markdown } => document(draft, &element, &markdown)?,
    }
    Ok(())
}

/// The wish to set keys to what JSON says.
fn update(
    element: String,
    set: Map<String, Value>,
    mut clear: Vec<String>,
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
) -> Result<Update, Problem> {
    let mut wish = Update { element, add_tags, remove_tags, ..Update::default() };
    for (key, value) in set {
        match value {
            Value::Null => clear.push(key),
            Value::String(text) => wish.set.push((key, text)),
            Value::Bool(_) | Value::Number(_) => wish.set.push((key, value.to_string())),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let texts: Vec<String> = items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
                if key == "tags" {
                    wish.tags = Some(texts);
                } else {
                    wish.lists.push((key, texts));
                }
            }
            _ => {
                return Err(Problem::new(format!("`{}` cannot be set to a mapping or a mixed list", clip(&key, 60)))
                    .help("values are texts, numbers, true, false, or lists of texts; write others into the file"));
            }
        }
    }
    wish.clear = clear;
    Ok(wish)
}

/// Replaces the prose of an element.
fn document(draft: &mut Draft<'_>, written: &str, markdown: &str) -> Result<(), Problem> {
    let state = draft.state();
    let element = state.model().element(crate::shapes::element(state, written)?);
    let text = state.snapshot.text(element.file.as_str()).unwrap_or("");
    let body = text.get(element.body.range()).unwrap_or("");
    let head = if body.starts_with('\n') || element.body.start == 0 { "\n" } else { "" };
    let new = format!("{head}{}\n", markdown.trim_matches('\n'));
    if body.trim() == new.trim() {
        return Ok(());
    }
    let mut changes = ChangeSet::new();
    changes.edit(element.file.clone(), TextEdit::replace(element.body, new));
    let id = element.id.to_string();
    let summary = vec![format!("writes the prose of `{id}`")];
    draft.take(&Plan { changes, summary, affected: vec![id], ..Plan::default() })
}
