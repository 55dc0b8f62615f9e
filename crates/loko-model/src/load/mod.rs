//! Reading a workspace: front matter, TOML and D2 become a [`Model`] and findings.
//!
//! Files are read by themselves and in parallel; then names are resolved, in the order of the files, so that one
//! thread and many give the same. Nothing fails: a broken file costs only what stood in it, and all problems are told
//! in one run. What a key means is said here, which keys there are in [`crate::schema`].

pub mod scope;
pub mod technology;

mod again;
mod applied;
mod behave;
mod codes;
mod contexts;
mod d2;
pub mod decisions;
mod deployments;
pub(crate) mod draft;
mod dynamics;
pub(crate) mod front;
mod mend;
mod project;
mod read;
mod relation;
mod relations;
mod resolve;
pub(crate) mod toml;
mod tree;
pub(crate) mod yaml;

pub use again::{EDITED_MAX, load_after};
pub use codes::{CODES, Code};
pub(crate) use d2::finding as finding_of_d2;
pub use draft::FRONT_MATTER_BYTES_MAX;
pub use read::{KEY_SUGGESTIONS_MAX, PROBLEMS_MAX};
pub use resolve::COMPARISONS_MAX;
pub use scope::{POSITIONS_FOLDER, scope, scope_reading};
pub use toml::{read_toml, toml_value};
pub use yaml::{ALIAS_NODES_MAX, YAML_DEPTH_MAX};

use crate::drawing::Drawing;
use crate::{Element, ElementIx, Model, Resolution};
use draft::{Draft, Marker};
use loko_source::{Diagnostic, FilePath, Place, Snapshot, Source, diagnostic};
use rayon::prelude::*;
use relation::Statement;
use rustc_hash::{FxHashMap, FxHashSet};
use scope::Layout;
use smol_str::SmolStr;
use std::sync::Arc;

/// A model and what was found while reading it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The model, as far as the files could be read.
    pub model: Model,
    /// Everything that is wrong or doubtful, sorted by place.
    pub findings: Vec<Diagnostic>,
    /// Every place where an element is named and was found, sorted by place.
    pub references: Vec<Reference>,
    /// What hand-written drawings of elements draw, sorted by file.
    pub drawings: Vec<Drawing>,
}

/// A place where somebody names an element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Where; quotes are part of the place.
    pub place: Place,
    /// The name as written, without quotes.
    pub written: SmolStr,
    /// The element that it means.
    pub element: ElementIx,
}

/// What one file says.
enum Parsed {
    Element(Box<Draft>),
    Relations(Vec<Statement>, Vec<Diagnostic>),
    Arrows(d2::Arrows),
    Nothing,
}

/// Reads a workspace. Never fails: a broken file costs only what stood in it.
pub fn load(snapshot: &Snapshot) -> Loaded {
    let (project, mut findings, records) = project::read(snapshot);
    let layout = Layout::of(&project);
    let files: Vec<(&FilePath, &Source)> = snapshot.iter().collect();
    findings.extend(files.iter().filter_map(|(path, source)| not_utf8(path, source)));
    let kept = kept_markers(&files, &layout, &mut findings);
    let parsed: Vec<Parsed> =
        files.par_iter().map(|(path, source)| parse(path, source, snapshot, &layout, &kept)).collect();

    let mut drafts = Vec::new();
    let mut apart = Vec::new();
    let mut arrows = Vec::new();
    for ((path, _), parsed) in files.iter().zip(parsed) {
        match parsed {
            Parsed::Element(mut draft) => {
                findings.append(&mut draft.findings);
                drafts.push(draft);
            }
            Parsed::Relations(statements, found) => {
                findings.extend(found);
                apart.push((*path, statements));
            }
            Parsed::Arrows(mut file) => {
                findings.append(&mut file.findings);
                arrows.push((*path, file));
            }
            Parsed::Nothing => {}
        }
    }
    // What a pattern says of relations counts last: it fills in what nobody has said.
    apart.sort_by_key(|(path, _)| Layout::is_applied(path));
    let drafts = tree::arrange(drafts, &project.source, &mut findings);
    let mut model = Model::default();
    model.project = project;
    let taken_apart = |draft: Box<Draft>| {
        let Draft { element, statements, deployed, .. } = *draft;
        (Arc::new(element), (statements, deployed))
    };
    let (elements, rest): (_, Vec<_>) = drafts.into_par_iter().map(taken_apart).unzip();
    model.elements = elements;
    let (stated, deployed): (Vec<_>, Vec<_>) = rest.into_iter().unzip();
    let deployed = model.ids().zip(deployed).flat_map(|(ix, wishes)| wishes.into_iter().map(move |wish| (ix, wish)));
    let deployed = deployed.collect();
    set_diagrams(&mut model.elements, &arrows);
    model.reindex();

    let mut names = Names { findings, ..Names::new(snapshot, &model) };
    let relations = relations::all(&mut names, stated, arrows, apart, &layout);
    let environments = deployments::all(&mut names, deployed);
    let (dynamics, selections) = dynamics::all(&mut names);
    let decisions = decisions::all(&mut names, &model.project);
    let applied = applied::all(&mut names);
    let (contexts, context_map) = contexts::all(&mut names);
    names.tell_unknown();
    let Names { mut findings, mut references, drawings, .. } = names;

    model.relations = relations;
    model.environments = environments;
    model.dynamics = dynamics;
    model.selections = selections;
    model.decisions = decisions;
    model.applied = applied;
    (model.contexts, model.context_map) = (contexts, context_map);
    model.reindex_relations();
    findings.extend(project::check_records(&model, &records));
    findings.extend(d2::not_drawn(&model, &drawings));
    diagnostic::sort(&mut findings);
    // They come in the order of elements, which is nearly that of their files: long runs are sorted already.
    references.par_sort();
    Loaded { model, findings, references, drawings }
}

/// Holds a table of values against the keys of a place, as in the files of a workspace. The values need not be what
/// stands at their places.
pub fn check_behaviour(
    path: &FilePath,
    at: crate::schema::At,
    entries: &indexmap::IndexMap<String, crate::value::Entry>,
) -> Vec<Diagnostic> {
    let mut reader = read::Reader::new(path, "");
    behave::check_table(&mut reader, "", at, entries);
    reader.findings
}

/// Resolves names and keeps what was found on the way.
struct Names<'m> {
    snapshot: &'m Snapshot,
    resolver: resolve::Resolver<'m>,
    findings: Vec<Diagnostic>,
    references: Vec<Reference>,
    drawings: Vec<Drawing>,
    /// Names that mean nothing. What is suggested for one depends on how many there were before, so they are told last.
    unknown: Vec<(FilePath, read::Written)>,
}

impl<'m> Names<'m> {
    fn new(snapshot: &'m Snapshot, model: &'m Model) -> Self {
        Self {
            snapshot,
            resolver: resolve::Resolver::new(model),
            findings: Vec::new(),
            references: Vec::new(),
            drawings: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Takes in what was found elsewhere.
    fn absorb(&mut self, found: Self) {
        self.findings.extend(found.findings);
        self.references.extend(found.references);
        self.drawings.extend(found.drawings);
        self.unknown.extend(found.unknown);
    }

    fn tell_unknown(&mut self) {
        for (file, written) in std::mem::take(&mut self.unknown) {
            let text = self.snapshot.text(file.as_str());
            let finding = self.resolver.finding(&file, text, &written, &Resolution::Unknown);
            self.findings.extend(finding);
        }
    }

    fn model(&self) -> &'m Model {
        self.resolver.model
    }

    /// The element that a name in a file means; a finding when it means none. `source` is the element whose file it
    /// is, if it is one's.
    fn element(&mut self, file: &FilePath, source: Option<ElementIx>, written: &read::Written) -> Option<ElementIx> {
        let resolution = match source {
            Some(source) => self.model().resolve_from(source, &written.text),
            None => self.model().resolve(&written.text),
        };
        match resolution {
            Resolution::Found(ix) => {
                self.refer(file, written, ix);
                return Some(ix);
            }
            Resolution::Unknown => self.unknown.push((file.clone(), written.clone())),
            Resolution::Ambiguous(_) => {
                let text = self.snapshot.text(file.as_str());
                self.findings.extend(self.resolver.finding(file, text, written, &resolution));
            }
        }
        None
    }

    fn refer(&mut self, file: &FilePath, written: &read::Written, element: ElementIx) {
        let place = Place::new(file.clone(), written.span);
        self.references.push(Reference { place, written: written.text.as_str().into(), element });
    }
}

fn parse(
    path: &FilePath,
    source: &Source,
    snapshot: &Snapshot,
    layout: &Layout,
    kept: &FxHashMap<&str, Marker>,
) -> Parsed {
    let name = path.file_name();
    if name.ends_with(".md") {
        return match Marker::of_file(name) {
            Some(marker) if layout.holds_element(path) && kept.get(path.folder()) == Some(&marker) => {
                Parsed::Element(Box::new(draft::read(path, source, marker)))
            }
            _ => Parsed::Nothing,
        };
    }
    if name == scope::RELATIONS_FILE && layout.holds_relations(path) {
        let (statements, findings) = relation::file(path, source);
        return Parsed::Relations(statements, findings);
    }
    if Layout::is_applied(path) {
        let (statements, findings) = relation::applied(path, source);
        return Parsed::Relations(statements, findings);
    }
    let beside = || kept.get(path.folder()).map(|marker| d2::is_beside(path, *marker));
    if name.ends_with(".d2") && (layout.is_context_d2(path) || beside() == Some(true)) {
        return Parsed::Arrows(d2::read(path, source, snapshot));
    }
    Parsed::Nothing
}

/// The marker that counts in each folder; what is wrong with markers and their absence is found on the way.
fn kept_markers<'a>(
    files: &[(&'a FilePath, &Source)],
    layout: &Layout,
    findings: &mut Vec<Diagnostic>,
) -> FxHashMap<&'a str, Marker> {
    let mut kept: FxHashMap<&str, (Marker, &FilePath)> = FxHashMap::default();
    let mut bare: Vec<&FilePath> = Vec::new();
    for (path, _) in files {
        if !layout.is_below_source(path) || !path.file_name().ends_with(".md") {
            if path.file_name().to_ascii_lowercase().ends_with(".md") && layout.is_below_source(path) {
                bare.push(path);
            }
            continue;
        }
        match Marker::of_file(path.file_name()) {
            Some(_) if path.folder() == layout.source() => findings.push(scope::marker_outside(path)),
            Some(marker) => match kept.entry(path.folder()) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert((marker, path));
                }
                std::collections::hash_map::Entry::Occupied(mut first) => {
                    let (kept_marker, kept_path) = *first.get();
                    // The outermost kind counts, whichever name comes first.
                    let later_counts = marker.kind < kept_marker.kind;
                    let (counts, other) = if later_counts { (*path, kept_path) } else { (kept_path, *path) };
                    findings.push(scope::two_markers(other, counts));
                    if later_counts {
                        first.insert((marker, path));
                    }
                }
            },
            None => bare.push(path),
        }
    }
    let mut told = FxHashSet::default();
    for path in bare {
        let folder = path.folder();
        if folder != layout.source()
            && !kept.contains_key(folder)
            && told.insert(folder)
            && !layout.is_known_folder(path)
        {
            findings.push(scope::no_marker(path));
        }
    }
    kept.into_iter().map(|(folder, (marker, _))| (folder, marker)).collect()
}

fn not_utf8(path: &FilePath, source: &Source) -> Option<Diagnostic> {
    let at = source.invalid_at()?;
    let finding = Diagnostic::error("not-utf8", format!("`{path}` is not UTF-8"))
        .at(path, loko_source::Span::at(at), "the first byte that is not")
        .help("save the file as UTF-8; until then it is read as well as can be and never edited");
    Some(finding)
}

/// The hand-written diagram beside each element: the folder's name wins.
fn set_diagrams(elements: &mut [Arc<Element>], arrows: &[(&FilePath, d2::Arrows)]) {
    let folders: FxHashSet<&str> = arrows.iter().map(|(path, _)| path.folder()).collect();
    let files: FxHashSet<&FilePath> = arrows.iter().map(|(path, _)| *path).collect();
    for element in elements.iter_mut().filter(|element| folders.contains(element.folder())) {
        let d2 = d2::beside(element).into_iter().find(|path| files.contains(path));
        Arc::make_mut(element).d2 = d2;
    }
}
