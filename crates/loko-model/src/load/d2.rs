//! The arrows of D2 files: which of them join elements of the model.
//!
//! Only the syntax tree is read for arrows: nodes with their labels, arrows with their labels and the styles that make
//! them dashed. Arrows that globs, imports and further boards make are part of the picture, not of the model. Whether
//! the file can be drawn at all is asked of the compiler.
//! A box is an element when its key or label names one: inside a box that is an element, one of its parts; else what
//! stands nearest to the element whose file it is. All other boxes are the file's own business.

use super::Names;
use super::draft::Marker;
use super::read::Written;
use super::relation::Statement;
use crate::{Element, ElementIx, Kind, Model, Origin, RelationKind};
use loko_d2::ast::{self, Key, KeyPath, Map};
use loko_d2::{ImportResolver, SyntaxError};
use loko_source::{Diagnostic, FilePath, Snapshot, Source, Span};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// Keys of a map that hold no boxes.
const NO_BOXES: [&str; 5] = ["vars", "classes", "layers", "scenarios", "steps"];
/// Keys of a box that say how it looks.
const LABEL: &str = "label";
/// How deep boxes are followed; the parser's own limit is far higher than what anybody draws.
const BOX_DEPTH_MAX: usize = 32;

/// What a file draws: boxes and arrows, names not resolved.
#[derive(Debug, Default)]
pub(crate) struct Arrows {
    labels: FxHashMap<Vec<SmolStr>, String>,
    arrows: Vec<Arrow>,
    pub(crate) findings: Vec<Diagnostic>,
}

#[derive(Clone, Debug)]
struct Arrow {
    scope: Vec<SmolStr>,
    ends: [Vec<SmolStr>; 2],
    spans: [Span; 2],
    span: Span,
    both: bool,
    label: String,
    dashed: bool,
}

/// The hand-written diagrams that belong to an element, the one that counts first.
pub(crate) fn beside(element: &Element) -> Vec<FilePath> {
    let folder = element.folder();
    let own = folder.rsplit('/').next().unwrap_or("");
    let by_marker = element.file.file_name().trim_end_matches(".md");
    let mut names = vec![own, by_marker, element.kind.name()];
    // An external system's picture is named like any system's.
    names.dedup();
    names.into_iter().filter_map(|name| FilePath::below(folder, &format!("{name}.d2")).ok()).collect()
}

/// Whether a D2 file in an element's folder is one of its diagrams.
pub(crate) fn is_beside(path: &FilePath, marker: Marker) -> bool {
    let stem = path.file_name().trim_end_matches(".d2");
    let folder = path.folder().rsplit('/').next().unwrap_or("");
    stem == folder
        || stem == marker.name.trim_end_matches(".md")
        || stem == marker.kind.name()
        || is_person(stem, marker)
}

/// A person that an older project keeps in a `system.md` may have a `person.d2`.
fn is_person(stem: &str, marker: Marker) -> bool {
    stem == "person" && marker.kind == Kind::System
}

/// Reads a D2 file; its imports are read from the snapshot, to see whether it can be drawn.
pub(crate) fn read(path: &FilePath, source: &Source, snapshot: &Snapshot) -> Arrows {
    let parsed = loko_d2::parse(source.text());
    let mut arrows = Arrows::default();
    arrows.map(&parsed.tree, &[]);
    if parsed.errors.is_empty() {
        let compiled = loko_d2::compile(source.text(), path, &Imports(snapshot));
        arrows.findings.extend(compiled.errors.into_iter().map(|error| finding(&error.path, error.error)));
    } else {
        arrows.findings.extend(parsed.errors.into_iter().map(|error| finding(path, error)));
    }
    arrows
}

fn finding(path: &FilePath, error: SyntaxError) -> Diagnostic {
    let finding = Diagnostic::error("bad-d2", format!("D2: {}", error.message)).at(path, error.span, "");
    match error.help {
        Some(help) => finding.help(help.into_owned()),
        None => finding,
    }
}

/// The texts of a snapshot, for imports.
struct Imports<'s>(&'s Snapshot);

impl ImportResolver for Imports<'_> {
    fn read(&self, path: &FilePath) -> Result<String, String> {
        self.0.text(path.as_str()).map(str::to_owned).ok_or_else(|| "no such file".to_owned())
    }
}

impl Arrows {
    fn map(&mut self, map: &Map, scope: &[SmolStr]) {
        if scope.len() > BOX_DEPTH_MAX {
            return;
        }
        for key in map.keys() {
            if key.has_glob() || key.filter.is_some() {
                continue;
            }
            match (&key.key, key.edges.is_empty()) {
                (Some(path), true) => self.field(key, path, scope),
                (path, false) => self.edges(key, path.as_ref(), scope),
                (None, true) => {}
            }
        }
    }

    fn field(&mut self, key: &Key, path: &KeyPath, scope: &[SmolStr]) {
        let mut full = join(scope, path);
        let reserved = path.elements.iter().any(|part| part.is_unquoted() && is_reserved(part.as_str()));
        if reserved {
            let last = path.elements.last().is_some_and(|part| part.is_bare(LABEL));
            let only_last = path.elements.iter().rev().skip(1).all(|part| !is_reserved(part.as_str()));
            if last && only_last {
                full.pop();
                self.label(full, key);
            }
            return;
        }
        if scope.is_empty() && path.elements.first().is_some_and(|part| NO_BOXES.iter().any(|word| part.is_bare(word)))
        {
            return;
        }
        if let Some(map) = key.map() {
            self.map(map, &full);
        }
        self.label(full, key);
    }

    fn label(&mut self, full: Vec<SmolStr>, key: &Key) {
        let said = key.primary.as_deref().or(key.scalar());
        if let Some(label) = said.map(ast::Value::scalar_text).filter(|label| !label.is_empty()) {
            self.labels.insert(full, label.to_string());
        }
    }

    fn edges(&mut self, key: &Key, path: Option<&KeyPath>, scope: &[SmolStr]) {
        let scope = path.map_or_else(|| scope.to_vec(), |path| join(scope, path));
        let made: Vec<Arrow> = key.edges.iter().filter_map(|edge| arrow(edge, &scope)).collect();
        match &key.edge_index {
            Some(index) => {
                let Some(number) = index.number else { return };
                for wanted in made {
                    let same = |known: &&mut Arrow| known.scope == wanted.scope && known.ends == wanted.ends;
                    if let Some(known) = self.arrows.iter_mut().filter(same).nth(number as usize) {
                        known.describe(key);
                    }
                }
            }
            None => {
                for mut arrow in made {
                    arrow.describe(key);
                    self.arrows.push(arrow);
                }
            }
        }
    }
}

impl Arrow {
    /// Takes label and dashes from what is assigned to it.
    fn describe(&mut self, key: &Key) {
        let path: Vec<&str> =
            key.edge_key.iter().flat_map(|path| path.elements.iter().map(ast::Text::as_str)).collect();
        let said = key.primary.as_deref().or(key.scalar()).map(|value| value.scalar_text().to_string());
        match (path.as_slice(), said) {
            ([] | [LABEL], Some(label)) => self.label = label,
            ([..], Some(said)) if !path.is_empty() => self.style(&path, &said),
            _ => {}
        }
        if let Some(map) = key.map() {
            self.attributes(map, &path);
        }
    }

    fn attributes(&mut self, map: &Map, before: &[&str]) {
        if before.len() > 1 {
            return;
        }
        for key in map.keys().filter(|key| key.edges.is_empty()) {
            let Some(path) = &key.key else { continue };
            let mut full = before.to_vec();
            full.extend(path.elements.iter().map(ast::Text::as_str));
            let said = key.primary.as_deref().or(key.scalar()).map(|value| value.scalar_text().to_string());
            match (full.as_slice(), said) {
                ([LABEL], Some(label)) => self.label = label,
                (_, Some(said)) => self.style(&full, &said),
                _ => {}
            }
            if let Some(map) = key.map() {
                self.attributes(map, &full);
            }
        }
    }

    fn style(&mut self, path: &[&str], said: &str) {
        match path {
            ["style", "stroke-dash"] => self.dashed = said.parse::<f64>().is_ok_and(|dash| dash > 0.0),
            ["style", "animated"] => self.dashed |= said == "true",
            _ => {}
        }
    }
}

fn arrow(edge: &ast::Edge, scope: &[SmolStr]) -> Option<Arrow> {
    let (source, target) = (edge.source.as_ref()?, edge.target.as_ref()?);
    let mut ends = [join(scope, source), join(scope, target)];
    let mut spans = [source.span, target.span];
    // Only an arrow that points back alone goes the other way; a line without heads goes as it is written.
    if edge.source_arrow.is_some() && edge.target_arrow.is_none() {
        ends.reverse();
        spans.reverse();
    }
    let both = edge.source_arrow.is_some() && edge.target_arrow.is_some();
    Some(Arrow { scope: scope.to_vec(), ends, spans, span: edge.span, both, label: String::new(), dashed: false })
}

/// A path in its scope; `_` leads out of it.
fn join(scope: &[SmolStr], path: &KeyPath) -> Vec<SmolStr> {
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

fn is_reserved(word: &str) -> bool {
    loko_d2::keywords::is_reserved(word)
}

/// The arrows of a file that join elements, with the elements.
pub(crate) fn resolve(
    names: &mut Names<'_>,
    file: &FilePath,
    owner: Option<ElementIx>,
    drawn: Arrows,
) -> Vec<(ElementIx, ElementIx, Statement)> {
    let mut boxes = Boxes { model: names.model(), owner, labels: &drawn.labels, known: FxHashMap::default() };
    let mut found = Vec::new();
    for arrow in drawn.arrows {
        let ends = [boxes.element(&arrow.ends[0]), boxes.element(&arrow.ends[1])];
        for (end, at) in ends.iter().zip(0..) {
            if let Some(ix) = end {
                let written = Written { text: arrow.ends[at].join("."), span: arrow.spans[at] };
                names.refer(file, &written, *ix);
            }
        }
        let [Some(source), Some(target)] = ends else { continue };
        let to = Written { text: String::new(), span: arrow.span };
        let statement = Statement {
            description: one_line(&arrow.label),
            kind: arrow.dashed.then_some(RelationKind::Async),
            bidirectional: arrow.both.then_some(true),
            ..Statement::new(Origin::D2, to)
        };
        found.push((source, target, statement));
    }
    found
}

fn one_line(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the elements that boxes stand for.
struct Boxes<'a> {
    model: &'a Model,
    owner: Option<ElementIx>,
    labels: &'a FxHashMap<Vec<SmolStr>, String>,
    known: FxHashMap<Vec<SmolStr>, Option<ElementIx>>,
}

impl Boxes<'_> {
    fn element(&mut self, path: &[SmolStr]) -> Option<ElementIx> {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let found = self.look(path);
        self.known.insert(path.to_vec(), found);
        found
    }

    fn look(&mut self, path: &[SmolStr]) -> Option<ElementIx> {
        let (last, around) = path.split_last()?;
        let outer = if around.is_empty() { None } else { self.element(around) };
        let label = self.labels.get(path).map(String::as_str);
        let by = [Some(last.as_str()), label];
        by.into_iter()
            .flatten()
            .filter(|name| !name.is_empty())
            .find_map(|name| self.model.resolve_box(self.owner, outer, name))
    }
}
