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
use crate::drawing::{Drawing, DrawnArrow, Sketch};
use crate::{Element, ElementIx, Kind, Model, Origin, RelationKind, Resolution};
use loko_d2::{ImportResolver, SyntaxError};
use loko_source::{Diagnostic, FilePath, Severity, Snapshot, Source, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

/// What a file draws, names not resolved.
#[derive(Debug, Default)]
pub(crate) struct Arrows {
    sketch: Sketch,
    pub(crate) findings: Vec<Diagnostic>,
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

/// The drawings that no page shows, because the element has another one that counts first.
pub(crate) fn not_drawn(model: &Model, drawings: &[Drawing]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for drawing in drawings {
        let Some(element) = drawing.owner.map(|owner| model.element(owner)) else { continue };
        let Some(counts) = element.d2.as_ref().filter(|counts| **counts != drawing.file) else { continue };
        let message = format!("`{}` is not drawn; `{counts}` is the diagram of `{}`", drawing.file, element.id);
        let joins = |arrow: &DrawnArrow| arrow.ends.iter().all(|end| drawing.boxes[*end].element.is_some());
        let finding = if drawing.arrows.iter().any(joins) {
            let message = format!("{message}, and yet its arrows are relations");
            Diagnostic::warning("second-diagram", message)
        } else {
            Diagnostic::new("second-diagram", Severity::Info, message)
        };
        findings.push(finding.at(&drawing.file, Span::at(0), "").help("make one file of the two"));
    }
    findings
}

/// Reads a D2 file; its imports are read from the snapshot, to see whether it can be drawn.
pub(crate) fn read(path: &FilePath, source: &Source, snapshot: &Snapshot) -> Arrows {
    let parsed = loko_d2::parse(source.text());
    let mut arrows = Arrows { sketch: Sketch::of(&parsed.tree), findings: Vec::new() };
    if parsed.errors.is_empty() {
        let compiled = loko_d2::compile(source.text(), path, &Imports(snapshot));
        arrows.findings.extend(compiled.errors.into_iter().map(|error| finding(&error.path, error.error)));
    } else {
        arrows.findings.extend(parsed.errors.into_iter().map(|error| finding(path, error)));
    }
    arrows
}

/// The arrows of a D2 file alone.
pub(crate) fn sketch(source: &Source) -> Arrows {
    Arrows { sketch: Sketch::of(&loko_d2::parse(source.text()).tree), findings: Vec::new() }
}

/// What the model says of a D2 file that cannot be drawn: the same words wherever it is asked, so that it is told once.
pub(crate) fn finding(path: &FilePath, error: SyntaxError) -> Diagnostic {
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

/// The arrows of a file that join elements, with the elements.
pub(crate) fn resolve(
    names: &mut Names<'_>,
    file: &FilePath,
    owner: Option<ElementIx>,
    drawn: Arrows,
) -> Vec<(ElementIx, ElementIx, Statement)> {
    let mut boxes = Boxes {
        model: names.model(),
        owner,
        sketch: &drawn.sketch,
        known: FxHashMap::default(),
        several: FxHashMap::default(),
    };
    let mut found = Vec::new();
    for arrow in &drawn.sketch.arrows {
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
    for path in drawn.sketch.boxes.keys() {
        boxes.element(path);
    }
    let (known, several) = (boxes.known, boxes.several);
    let element = |path: &[SmolStr]| known.get(path).copied().flatten();
    let drawing =
        drawn.sketch.into_drawing(file.clone(), owner, |path: &[_]| (element(path), several.contains_key(path)));
    tell_ambiguous(names, &drawing, &several);
    names.drawings.push(drawing);
    found
}

/// Tells of the boxes at arrows from and to elements that could be any of several elements.
fn tell_ambiguous(names: &mut Names<'_>, drawing: &Drawing, several: &FxHashMap<Vec<SmolStr>, Vec<ElementIx>>) {
    let mut told = FxHashSet::default();
    for arrow in drawing.arrows.iter().filter(|_| !several.is_empty()) {
        for (near, far) in [(0, 1), (1, 0)] {
            let (known, other) = (&drawing.boxes[arrow.ends[near]], &drawing.boxes[arrow.ends[far]]);
            let Some(candidates) = several.get(&other.path) else { continue };
            let is_of_model = known.element.is_some() || known.is_ambiguous;
            if !is_of_model || drawing.is_decoration(other) || !told.insert(arrow.ends[far]) {
                continue;
            }
            let written = Written { text: other.id(), span: arrow.spans[far] };
            let resolution = Resolution::Ambiguous(candidates.clone());
            let Some(mut finding) = names.resolver.finding(&drawing.file, None, &written, &resolution) else {
                continue;
            };
            // What is stated by itself, or drawn for a component, may be meant for the picture only.
            let model = names.model();
            if other.is_stated || drawing.is_of_component(model) {
                finding.severity = Severity::Warning;
            }
            let way = model.element(candidates[0]).id.replace('/', ".");
            let help = format!(
                "draw the one that is meant inside of its whole, such as `{way}`, or give the box a look of its own"
            );
            names.findings.push(finding.help(help));
        }
    }
}

fn one_line(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the elements that boxes stand for.
struct Boxes<'a> {
    model: &'a Model,
    owner: Option<ElementIx>,
    sketch: &'a Sketch,
    known: FxHashMap<Vec<SmolStr>, Option<ElementIx>>,
    /// What the others could be that stand for no element because they could stand for several.
    several: FxHashMap<Vec<SmolStr>, Vec<ElementIx>>,
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
        let label = self.sketch.boxes.get(path).map(|drawn| drawn.label.as_str());
        let by = [Some(last.as_str()), label];
        for name in by.into_iter().flatten().filter(|name| !name.is_empty()) {
            match self.model.resolve_box(self.owner, outer, name) {
                Resolution::Found(ix) => {
                    self.several.remove(path);
                    return Some(ix);
                }
                Resolution::Ambiguous(several) => {
                    self.several.entry(path.to_vec()).or_insert(several);
                }
                Resolution::Unknown => {}
            }
        }
        None
    }
}
