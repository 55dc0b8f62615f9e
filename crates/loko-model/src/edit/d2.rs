//! D2 files edited by the spans of their syntax tree: boxes that stand for elements get other keys and labels, arrows
//! and boxes are taken away.
//!
//! What a box stands for is known from the loader where an arrow ends at it, and found out here the same way for boxes
//! without arrows.

use super::lines;
use super::references::part_in_style;
use crate::load::Reference;
use crate::{ElementIx, Model, Resolution, name};
use loko_d2::ast::{Form, Key, KeyPath, Map, Text, Value};
use loko_source::{FilePath, Snapshot, Span, TextEdit};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// Keys of a file that hold no boxes of its main board.
const NO_BOXES: [&str; 5] = ["vars", "classes", "layers", "scenarios", "steps"];

/// A hand-written diagram that the model reads.
pub(super) struct File {
    pub(super) path: FilePath,
    /// The element whose diagram it is; none for that of everything.
    pub(super) owner: Option<ElementIx>,
}

/// The diagrams that the model reads, sorted by name.
pub(super) fn files(snapshot: &Snapshot, model: &Model) -> Vec<File> {
    let owners: FxHashMap<&str, ElementIx> = model.ids().map(|ix| (model.element(ix).folder(), ix)).collect();
    let source = super::find::source_folder(model);
    let all = snapshot.iter().map(|(path, _)| path).filter(|path| path.extension() == Some("d2"));
    all.filter_map(|path| {
        if path.folder() == source && path.file_name() == "context.d2" {
            return Some(File { path: path.clone(), owner: None });
        }
        let owner = *owners.get(path.folder())?;
        let stem = path.file_name().trim_end_matches(".d2");
        let folder = path.folder().rsplit('/').next().unwrap_or("");
        let is_its = stem == folder || ["system", "container", "component", "person", "external"].contains(&stem);
        is_its.then(|| File { path: path.clone(), owner: Some(owner) })
    })
    .collect()
}

/// A name in a key, with the path of the box that it leads to.
struct Part<'t> {
    path: Vec<SmolStr>,
    text: &'t Text,
}

/// What a file says of its boxes.
#[derive(Default)]
struct Boxes<'t> {
    parts: Vec<Part<'t>>,
    labels: Vec<(Vec<SmolStr>, &'t Text)>,
    /// Each statement with the paths of the boxes that it speaks of.
    statements: Vec<(&'t Key, Vec<Vec<SmolStr>>)>,
    /// Each statement with arrows, with the box in which their ends are looked up.
    arrows: Vec<(&'t Key, Vec<SmolStr>)>,
}

impl<'t> Boxes<'t> {
    fn map(&mut self, map: &'t Map, scope: &[SmolStr]) {
        for key in map.keys() {
            if key.has_glob() || key.filter.is_some() {
                continue;
            }
            let before = self.parts.len();
            let field = key.key.as_ref().map(|path| self.path(path, scope));
            let (full, is_box) = field.unwrap_or((scope.to_vec(), true));
            for (at, edge) in key.edges.iter().enumerate() {
                for end in edge.source.iter().filter(|_| at == 0).chain(&edge.target) {
                    self.path(end, &full);
                }
            }
            let paths = self.parts[before..].iter().map(|part| part.path.clone()).collect();
            self.statements.push((key, paths));
            if !key.edges.is_empty() {
                self.arrows.push((key, full));
                continue;
            }
            self.label(key, &full, is_box);
            if let Some(map) = key.map().filter(|_| is_box) {
                self.map(map, &full);
            }
        }
    }

    /// The box that a path leads to, and whether it leads to one rather than to something that it says of itself.
    fn path(&mut self, path: &'t KeyPath, scope: &[SmolStr]) -> (Vec<SmolStr>, bool) {
        let mut full = scope.to_vec();
        for part in &path.elements {
            if part.is_bare("_") {
                full.pop();
                continue;
            }
            let word = part.as_str();
            let is_keyword = part.is_unquoted() && loko_d2::keywords::is_reserved(word);
            if is_keyword || (full.is_empty() && part.is_unquoted() && NO_BOXES.contains(&word)) {
                return (full, false);
            }
            full.push(part.to_smol());
            self.parts.push(Part { path: full.clone(), text: part });
        }
        (full, true)
    }

    fn label(&mut self, key: &'t Key, full: &[SmolStr], is_box: bool) {
        let names_label =
            key.key.as_ref().and_then(|path| path.elements.last()).is_some_and(|last| last.is_bare("label"));
        if !(is_box || names_label) {
            return;
        }
        if let Some(Value::Text(text)) = key.primary.as_deref().or(key.scalar()) {
            self.labels.push((full.to_vec(), text));
        }
    }
}

/// What boxes stand for.
struct Meaning<'m> {
    model: &'m Model,
    owner: Option<ElementIx>,
    known: FxHashMap<Vec<SmolStr>, Option<ElementIx>>,
    labels: FxHashMap<Vec<SmolStr>, SmolStr>,
}

impl<'m> Meaning<'m> {
    fn new(model: &'m Model, owner: Option<ElementIx>, boxes: &Boxes<'_>, references: &[&Reference]) -> Self {
        let told: FxHashMap<&str, ElementIx> =
            references.iter().map(|reference| (reference.written.as_str(), reference.element)).collect();
        let mut known = FxHashMap::default();
        for part in &boxes.parts {
            if let Some(ix) = told.get(part.path.join(".").as_str()) {
                known.insert(part.path.clone(), Some(*ix));
            }
        }
        let labels = boxes.labels.iter().map(|(path, text)| (path.clone(), text.to_smol())).collect();
        Self { model, owner, known, labels }
    }

    fn of(&mut self, path: &[SmolStr]) -> Option<ElementIx> {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let (last, around) = path.split_last()?;
        let outer = if around.is_empty() { None } else { self.of(around) };
        let label = self.labels.get(path).cloned();
        let names = [Some(last.clone()), label];
        let found = names.iter().flatten().filter(|name| !name.is_empty()).find_map(|name| self.named(outer, name));
        self.known.insert(path.to_vec(), found);
        found
    }

    fn named(&self, outer: Option<ElementIx>, written: &str) -> Option<ElementIx> {
        let slug = name::slug(written);
        if let Some(outer) = outer
            && let [part] = self.model.parts_named(Some(outer), &slug)
        {
            return Some(*part);
        }
        let has_part = self.owner.is_some_and(|owner| !self.model.parts_named(Some(owner), &slug).is_empty());
        let mut around = self.owner.into_iter().flat_map(|owner| self.model.ancestry(owner));
        if let Some(ix) = around.find(|ix| self.model.element(*ix).key() == slug && !has_part) {
            return Some(ix);
        }
        let resolution = match self.owner {
            Some(owner) => self.model.resolve_from(owner, written),
            None => self.model.resolve(written),
        };
        match resolution {
            Resolution::Found(ix) => Some(ix),
            _ => None,
        }
    }
}

/// The edits that keep a file's boxes standing for their elements.
pub(super) fn follow(
    text: &str,
    file: &File,
    references: &[&Reference],
    before: &Model,
    after: &Model,
) -> Vec<TextEdit> {
    let parsed = loko_d2::parse(text);
    let mut boxes = Boxes::default();
    boxes.map(&parsed.tree, &[]);
    let mut meaning = Meaning::new(before, file.owner, &boxes, references);
    let mut edits: Vec<TextEdit> = Vec::new();
    for part in &boxes.parts {
        let Some(ix) = meaning.of(&part.path) else { continue };
        let (old, now) = (before.element(ix), after.element(ix));
        let word = part.text.as_str();
        let new = part_in_style(old, now, word);
        if new != word {
            edits.push(TextEdit::replace(
                part.text.span,
                in_quotes(&new, part.text).unwrap_or_else(|| loko_d2::quote_key(&new)),
            ));
        }
    }
    for (path, label) in &boxes.labels {
        let Some(ix) = meaning.of(path) else { continue };
        let (old, now) = (before.element(ix), after.element(ix));
        if label.as_str() == old.name && now.name != old.name {
            edits.push(TextEdit::replace(label.span, value(&now.name, label)));
        }
    }
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    edits
}

/// A label in the quotes of the one that it replaces.
fn value(new: &str, old: &Text) -> String {
    let plain = new.chars().all(|c| c.is_alphanumeric() || " -_()/,".contains(c))
        && new.trim() == new
        && !["true", "false", "null", "suspend", "unsuspend"].contains(&new.to_lowercase().as_str());
    if old.is_unquoted() && plain { new.to_owned() } else { in_quotes(new, old).unwrap_or_else(|| double(new)) }
}

/// A text in the quotes of the one that it replaces, if that has any and they can hold it.
fn in_quotes(new: &str, old: &Text) -> Option<String> {
    match old.form {
        Form::Double => Some(double(new)),
        Form::Single => Some(format!("'{}'", new.replace('\'', "''"))),
        _ => None,
    }
}

fn double(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"))
}

/// The edits that take all boxes and arrows of elements away, or the place of a statement that speaks of others too.
pub(super) fn remove_elements(
    text: &str,
    file: &File,
    references: &[&Reference],
    model: &Model,
    is_gone: impl Fn(ElementIx) -> bool,
) -> Result<Vec<TextEdit>, Span> {
    let parsed = loko_d2::parse(text);
    let mut boxes = Boxes::default();
    boxes.map(&parsed.tree, &[]);
    let mut meaning = Meaning::new(model, file.owner, &boxes, references);
    let mut edits: Vec<TextEdit> = Vec::new();
    for (key, paths) in &boxes.statements {
        let gone = paths.iter().any(|path| meaning.of(path).is_some_and(&is_gone));
        let inside = edits.iter().any(|edit: &TextEdit| edit.span.range().end >= key.span.range().end);
        if gone && !inside {
            edits.push(without(text, key)?);
        }
    }
    Ok(edits)
}

/// The edits that take all arrows from one element to another away, or the place of one in a chain.
pub(super) fn remove_arrows(
    text: &str,
    file: &File,
    references: &[&Reference],
    model: &Model,
    (source, target): (ElementIx, ElementIx),
    says: impl Fn(&str) -> bool,
) -> Result<Vec<TextEdit>, Span> {
    let parsed = loko_d2::parse(text);
    let mut boxes = Boxes::default();
    boxes.map(&parsed.tree, &[]);
    let mut meaning = Meaning::new(model, file.owner, &boxes, references);
    let mut edits = Vec::new();
    for (key, scope) in &boxes.arrows {
        let joins = key.edges.iter().any(|edge| {
            let mut ends = [&edge.source, &edge.target].map(|end| {
                let path = end.as_ref().map(|end| joined(scope, end));
                path.and_then(|path| meaning.of(&path))
            });
            if edge.source_arrow.is_some() && edge.target_arrow.is_none() {
                ends.reverse();
            }
            ends == [Some(source), Some(target)]
        });
        // What is said of an arrow by its number goes with the arrow.
        if joins && (key.edge_index.is_some() || says(&label_of(key))) {
            edits.push(without(text, key)?);
        }
    }
    Ok(edits)
}

/// An arrow's label in one line, as the model has it.
fn label_of(key: &Key) -> String {
    let inside = key.map().and_then(|map| {
        let named = |key: &&Key| {
            key.key.as_ref().is_some_and(|path| path.elements.len() == 1 && path.elements[0].is_bare("label"))
        };
        map.keys().filter(named).last().and_then(|key| key.scalar())
    });
    let said = inside.or(key.primary.as_deref()).or(key.scalar()).map(Value::scalar_text).unwrap_or_default();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A path in its scope; `_` leads out of it.
fn joined(scope: &[SmolStr], path: &KeyPath) -> Vec<SmolStr> {
    let mut full = scope.to_vec();
    for part in &path.elements {
        if part.is_bare("_") {
            full.pop();
        } else {
            full.push(part.to_smol());
        }
    }
    full
}

fn without(text: &str, key: &Key) -> Result<TextEdit, Span> {
    if key.edges.len() > 1 {
        return Err(key.span);
    }
    let (start, end) = (key.span.range().start, lines::trimmed_end(text, key.span.range().start, key.span.range().end));
    let rest = text[end..lines::end(text, end)].trim();
    if lines::is_first_on_line(text, start) && (rest.is_empty() || rest.starts_with('#') || rest == ";") {
        return Ok(TextEdit::replace(Span::new(lines::start(text, start), lines::end(text, end)), ""));
    }
    let separator = text[end..].len() - text[end..].trim_start_matches([' ', '\t']).trim_start_matches(';').len();
    Ok(TextEdit::replace(Span::new(start, end + separator), ""))
}
