//! `update`: sets and clears what an element's front matter says, and nothing else.

use super::draft::Draft;
use super::front::{Front, Unfit};
use super::{Plan, Refusal, RefusalKind, find, yaml};
use crate::load::{self, draft::Marker};
use crate::{ElementShape, Loaded};
use loko_source::change::apply_edits;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Severity, Snapshot, Source, TextEdit};

/// The wish to change what is said of an element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The element, by id or name.
    pub element: String,
    /// Keys with their new values; an empty value clears the key.
    pub set: Vec<(String, String)>,
    /// Keys with the lists of texts that they are to hold; an empty list clears the key.
    pub lists: Vec<(String, Vec<String>)>,
    /// Keys to take away.
    pub clear: Vec<String>,
    /// All tags it is to have afterwards.
    pub tags: Option<Vec<String>>,
    /// Tags to add.
    pub add_tags: Vec<String>,
    /// Tags to take away.
    pub remove_tags: Vec<String>,
}

/// Keys that always hold a text, whatever it looks like.
const TEXT_KEYS: [&str; 10] =
    ["description", "technology", "owner", "status", "team", "since", "subdomain", "context", "language", "framework"];

/// Keys that other wishes change, and which.
const ELSEWHERE: [(&str, &str); 5] = [
    ("name", "loko rename"),
    ("id", "loko rename"),
    ("kind", "loko new"),
    ("relationships", "loko link"),
    ("tags", "`--tag` and `--remove-tag`"),
];

/// Changes an element's front matter.
pub fn update(snapshot: &Snapshot, loaded: &Loaded, wish: &Update) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    let ix = find::element(model, &wish.element)?;
    let element = model.element(ix);
    let mut draft = Draft::new(snapshot);
    let text = draft.text(&element.file)?;
    let unfit = |error| unfit(&element.file, &error);
    let front = Front::read(text).map_err(unfit)?;
    let mut edits: Vec<TextEdit> = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    let mut summary = Vec::new();
    for (key, value) in &wish.set {
        check_key(key)?;
        if value.trim().is_empty() {
            clear(&front, key, &mut edits, &mut keys, &mut summary).map_err(unfit)?;
            continue;
        }
        check_value(key, value)?;
        if front.value(key).is_some_and(|found| found.scalar_text().as_deref() == Some(value)) {
            continue;
        }
        let set = if is_typed(key, value) { front.set_raw(key, value) } else { front.set_text(key, value) };
        edits.extend(set.map_err(unfit)?);
        keys.push(key);
        summary.push(format!("sets the {key} of `{}` to `{value}`", element.id));
    }
    for key in &wish.clear {
        if key != "tags" {
            check_key(key)?;
        }
        clear(&front, key, &mut edits, &mut keys, &mut summary).map_err(unfit)?;
    }
    for (key, wished) in &wish.lists {
        check_key(key)?;
        change_list(&front, key, wished, &mut edits, &mut keys)
            .map_err(unfit)?
            .into_iter()
            .for_each(|line| summary.push(line));
    }
    change_tags(&front, wish, &mut edits, &mut keys, &mut summary).map_err(unfit)?;
    if edits.is_empty() {
        return Ok(Plan::nothing(format!("`{}` is as wished already", element.id)));
    }
    front.checked(&edits, |after| front.same_but(after, &keys)).map_err(unfit)?;
    let findings = told_after(&element.file, text, &edits, &keys)?;
    draft.edit_all(&element.file, edits);
    let affected = vec![element.id.to_string()];
    Ok(Plan { changes: draft.finish()?, summary, affected, findings, ..Plan::default() })
}

/// What the check will say of the keys that change. A value that its key cannot take is refused; a key that nobody knows
/// is kept as a key of the team's own, and told of.
fn told_after(file: &FilePath, text: &str, edits: &[TextEdit], keys: &[&str]) -> Result<Vec<Diagnostic>, Refusal> {
    let (Some(marker), Ok(after)) = (Marker::of_file(file.file_name()), apply_edits(text, edits)) else {
        return Ok(Vec::new());
    };
    let Ok(front) = Front::read(&after) else { return Ok(Vec::new()) };
    let changed: Vec<_> = keys
        .iter()
        .filter_map(|key| front.entries.get(*key))
        .map(|entry| entry.key_span.start..=entry.value.span.end)
        .collect();
    let is_of_change = |finding: &Diagnostic| {
        let place = finding.primary.as_ref().map(|label| label.place.span.start);
        place.is_some_and(|start| changed.iter().any(|range| range.contains(&start)))
    };
    let source = Source::new(after.as_str());
    let told = load::draft::read(file, &source, marker).findings.into_iter().filter(is_of_change);
    let (wrong, other): (Vec<_>, Vec<_>) = told.partition(|finding| finding.severity == Severity::Error);
    if wrong.is_empty() {
        return Ok(other);
    }
    let diagnostics = wrong.into_iter().map(not_written).collect();
    Err(Refusal { kind: RefusalKind::Invalid, diagnostics })
}

/// What the check would say of a value, without the place: nothing is written there.
fn not_written(finding: Diagnostic) -> Diagnostic {
    let mut told = Diagnostic::error(finding.code, finding.message);
    told.notes = finding.notes;
    told.help(match finding.help {
        Some(help) => format!("{help} nothing is written"),
        None => "give a value that fits; nothing is written".to_owned(),
    })
}

fn clear<'w>(
    front: &Front<'_>,
    key: &'w str,
    edits: &mut Vec<TextEdit>,
    keys: &mut Vec<&'w str>,
    summary: &mut Vec<String>,
) -> Result<(), Unfit> {
    let found = front.clear(key)?;
    if !found.is_empty() {
        edits.extend(found);
        keys.push(key);
        summary.push(format!("clears the {key}"));
    }
    Ok(())
}

/// Makes a key hold these texts; says so when it did not.
fn change_list<'w>(
    front: &Front<'_>,
    key: &'w str,
    wished: &[String],
    edits: &mut Vec<TextEdit>,
    keys: &mut Vec<&'w str>,
) -> Result<Option<String>, Unfit> {
    let present = front.texts(key);
    let found = if wished.is_empty() { front.clear(key)? } else { exchange(front, key, &present, wished)? };
    if found.is_empty() {
        return Ok(None);
    }
    edits.extend(found);
    keys.push(key);
    Ok(Some(if wished.is_empty() { format!("clears the {key}") } else { format!("sets the {key}") }))
}

/// The edits that make a list of texts hold what is wished; what stays keeps its place.
fn exchange(front: &Front<'_>, key: &str, present: &[String], wished: &[String]) -> Result<Vec<TextEdit>, Unfit> {
    let mut added: Vec<String> = Vec::new();
    for text in wished {
        if !present.contains(text) && !added.contains(text) {
            added.push(text.clone());
        }
    }
    let removed: Vec<String> = present.iter().filter(|text| !wished.contains(text)).cloned().collect();
    match (removed.is_empty(), added.is_empty()) {
        (true, true) => Ok(Vec::new()),
        (true, false) => front.list_add(key, &added),
        (false, true) => front.list_remove(key, &removed),
        (false, false) => front.list_exchange(key, &removed, &added),
    }
}

fn change_tags<'w>(
    front: &Front<'_>,
    wish: &'w Update,
    edits: &mut Vec<TextEdit>,
    keys: &mut Vec<&'w str>,
    summary: &mut Vec<String>,
) -> Result<(), Unfit> {
    let present = front.texts("tags");
    let mut wished: Vec<String> = wish.tags.clone().unwrap_or_else(|| present.clone());
    wished.extend(wish.add_tags.iter().cloned());
    wished.retain(|tag| !wish.remove_tags.contains(tag));
    let mut added: Vec<String> = Vec::new();
    for tag in &wished {
        if !present.contains(tag) && !added.contains(tag) {
            added.push(tag.clone());
        }
    }
    let removed: Vec<String> = present.iter().filter(|tag| !wished.contains(tag)).cloned().collect();
    if added.is_empty() && removed.is_empty() {
        return Ok(());
    }
    edits.extend(exchange(front, "tags", &present, &wished)?);
    keys.push("tags");
    summary.extend(added.iter().map(|tag| format!("adds the tag `{tag}`")));
    summary.extend(removed.iter().map(|tag| format!("removes the tag `{tag}`")));
    Ok(())
}

fn check_key(key: &str) -> Result<(), Refusal> {
    if let Some((_, instead)) = ELSEWHERE.iter().find(|(known, _)| *known == key) {
        let message = format!("`{key}` is not set like other keys");
        return Err(Refusal::invalid(Diagnostic::error("invalid-key", message).help(format!("use {instead}"))));
    }
    let fits = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fits {
        return Ok(());
    }
    let message = format!("`{key}` is no key of front matter");
    Err(Refusal::invalid(
        Diagnostic::error("invalid-key", message).help("keys are words such as `description` or `owner`"),
    ))
}

fn check_value(key: &str, value: &str) -> Result<(), Refusal> {
    if key != "shape" || ElementShape::from_name(value).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = ElementShape::ALL.iter().map(|(name, _)| *name).collect();
    let mut diagnostic = Diagnostic::error("unknown-shape", format!("there is no shape `{value}`"))
        .note(format!("the shapes are `{}`", known.join("`, `")));
    diagnostic.help = did_you_mean(value, known.iter().copied()).map(Into::into);
    Err(Refusal::not_found(diagnostic))
}

/// Whether a value is written without quotes because it is a number or a truth.
fn is_typed(key: &str, value: &str) -> bool {
    let number = value.parse::<f64>().is_ok_and(f64::is_finite) && yaml::scalar(value) != value;
    !TEXT_KEYS.contains(&key) && (matches!(value, "true" | "false") || number)
}

/// A refusal for front matter that is not edited.
pub(super) fn unfit(file: &FilePath, error: &Unfit) -> Refusal {
    let message = format!("`{file}` {}", error.0);
    Refusal::invalid(Diagnostic::error("uneditable-file", message).help("mend it, or make this change by hand"))
}
