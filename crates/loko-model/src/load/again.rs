//! Loading after an edit: only what the edit can have changed is read again.
//!
//! The usual edit touches the files of a few elements and leaves their names, kinds and places in the tree alone. Then
//! every name that somebody wrote elsewhere still means what it meant, and only the elements themselves, the relations
//! stated in their files, and what was found in those files can differ. Each file is taken out of the model as it was
//! and put in as it is. Wherever that is not exact (a file came or went, a name changed, a finding or a place elsewhere
//! points into the file), everything is loaded anew: the answer is always that of [`super::load`].

use super::draft::{self, Draft, Marker};
use super::relations::{self, Found};
use super::scope::Layout;
use super::{Loaded, Names, Reference, d2, decisions, load, relation};
use crate::{Element, ElementIx, Model, Relation};
use loko_source::{Diagnostic, FilePath, Snapshot, Source, diagnostic};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// With more edited files than this, everything is loaded anew.
pub const EDITED_MAX: usize = 16;

/// Two elements that relations join, in their direction.
type Pair = (ElementIx, ElementIx);

/// Reads a workspace again after some of its files changed; the same as [`super::load`], in less time.
///
/// ```
/// use loko_source::{FilePath, Snapshot, Source};
/// let before = Snapshot::from_texts([("src/shop/system.md", "---\nname: Shop\n---\n")]);
/// let loaded = loko_model::load(&before);
/// let mut after = before.clone();
/// let file = FilePath::new("src/shop/system.md").unwrap();
/// after.insert(file, Source::new("---\nname: Shop\ndescription: Sells\n---\n"));
/// assert_eq!(loko_model::load_after(&before, &loaded, &after).model.elements[0].description, "Sells");
/// ```
pub fn load_after(before: &Snapshot, loaded: &Loaded, after: &Snapshot) -> Loaded {
    retake_all(before, loaded, after).unwrap_or_else(|| load(after))
}

fn retake_all(before: &Snapshot, loaded: &Loaded, after: &Snapshot) -> Option<Loaded> {
    let edited = after.edited_since(before)?;
    if edited.len() > EDITED_MAX {
        return None;
    }
    let files: Vec<ElementIx> =
        edited.iter().map(|path| element_of(&loaded.model, path)).collect::<Option<Vec<_>>>()?;
    let mut now = loaded.clone();
    let layout = Layout::of(&now.model.project);
    for (path, ix) in edited.iter().zip(files) {
        let marker = Marker::of_file(path.file_name())?;
        let [earlier, later] = [before, after].map(|snapshot| snapshot.source(path.as_str()));
        let (earlier, later) = (draft_of(path, earlier?, marker)?, draft_of(path, later?, marker)?);
        if !stands_alike(&earlier, &later) {
            return None;
        }
        retake(&mut now, ix, earlier, later, after, &layout)?;
    }
    now.model.reindex_relations();
    Some(now)
}

/// The element whose file this is.
fn element_of(model: &Model, path: &FilePath) -> Option<ElementIx> {
    model.ids().find(|ix| model.element(*ix).file == *path)
}

fn draft_of(path: &FilePath, source: &Source, marker: Marker) -> Option<Draft> {
    source.invalid_at().is_none().then(|| draft::read(path, source, marker))
}

/// Whether all that others see of an element is the same: its names, its kind, what it is part of, where it runs, the
/// decisions that it names (they list it).
fn stands_alike(earlier: &Draft, later: &Draft) -> bool {
    let text = |written: &Option<super::read::Written>| written.as_ref().map(|written| written.text.clone());
    let (a, b) = (&earlier.element, &later.element);
    (&a.name, a.kind, a.external) == (&b.name, b.kind, b.external)
        && text(&earlier.id) == text(&later.id)
        && text(&earlier.parent) == text(&later.parent)
        && earlier.deployed.is_empty()
        && later.deployed.is_empty()
        && decisions::named_by(a).map(|written| written.text).eq(decisions::named_by(b).map(|written| written.text))
}

/// What a file's statements come to.
struct Taken {
    /// What was found, in the file and where the relations are stated besides.
    findings: Vec<Diagnostic>,
    references: Vec<Reference>,
    relations: Vec<Arc<Relation>>,
}

/// Takes out what an element's file said and puts in what it says. None when that would not be exact.
fn retake(
    now: &mut Loaded,
    ix: ElementIx,
    earlier: Draft,
    later: Draft,
    after: &Snapshot,
    layout: &Layout,
) -> Option<()> {
    let file = now.model.element(ix).file.clone();
    let taker = Taker { model: &now.model, snapshot: after, layout, ix, file: &file };
    let element = Element {
        id: taker.element().id.clone(),
        parent: taker.element().parent,
        d2: taker.element().d2.clone(),
        ..later.element.clone()
    };
    let mut reader = taker.names();
    let (old, new) = (taker.found(&mut reader, earlier)?, taker.found(&mut reader, later)?);
    let pairs = pairs_of(&old.1, &new.1);
    let elsewhere = taker.elsewhere(&pairs)?;
    let (old, new) = (taker.take(old, &elsewhere)?, taker.take(new, &elsewhere)?);
    exchange_relations(&mut now.model.relations, &pairs, &old.relations, new.relations)?;
    exchange_findings(&mut now.findings, &file, &old.findings, new.findings)?;
    exchange_references(&mut now.references, &file, &old.references, new.references)?;
    now.model.elements[ix.index()] = Arc::new(element);
    Some(())
}

/// The pairs of elements whose relations can differ, sorted.
fn pairs_of(old: &[Found], new: &[Found]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = old.iter().chain(new).map(|found| (found.source, found.target)).collect();
    pairs.sort();
    pairs.dedup();
    pairs
}

/// Reads one element's file against a model.
struct Taker<'a> {
    model: &'a Model,
    snapshot: &'a Snapshot,
    layout: &'a Layout,
    ix: ElementIx,
    file: &'a FilePath,
}

/// What was found, where the relations were not merged yet.
type Stated = (Vec<Diagnostic>, Vec<Found>, Vec<Reference>);

impl<'a> Taker<'a> {
    fn element(&self) -> &'a Element {
        self.model.element(self.ix)
    }

    fn names(&self) -> Names<'a> {
        Names::new(self.snapshot, self.model)
    }

    /// Resolves the names of a draft. None when a name means nothing: what is suggested then depends on all others.
    fn found(&self, names: &mut Names<'_>, draft: Draft) -> Option<Stated> {
        let statements = draft.statements.into_iter();
        let found =
            statements.filter_map(|statement| relations::of_element(names, self.file, self.ix, statement)).collect();
        let mut findings = draft.findings;
        findings.append(&mut names.findings);
        if !names.unknown.is_empty() {
            return None;
        }
        Some((findings, found, std::mem::take(&mut names.references)))
    }

    /// What other files state of these pairs, in the order in which it counts.
    fn elsewhere(&self, pairs: &[Pair]) -> Option<Vec<Found>> {
        let mut files: Vec<&FilePath> = Vec::new();
        for at in self.model.outgoing(self.ix) {
            let relation = self.model.relation(*at);
            if pairs.binary_search(&(relation.source, relation.target)).is_ok() {
                files.extend(std::iter::once(&relation.place.path).chain(&relation.also));
            }
        }
        files.retain(|path| *path != self.file);
        let is_d2 = |path: &FilePath| path.file_name().ends_with(".d2");
        files.sort_by_key(|path| (!is_d2(path), Layout::is_applied(path), *path));
        files.dedup();
        let mut found = Vec::new();
        for path in files {
            let source = self.snapshot.source(path.as_str())?;
            found.extend(if is_d2(path) { self.drawn(path, source) } else { self.apart(path, source) });
        }
        found.retain(|found| pairs.binary_search(&(found.source, found.target)).is_ok());
        Some(found)
    }

    fn drawn(&self, path: &FilePath, source: &Source) -> Vec<Found> {
        let mut names = self.names();
        let owner = self.owner(path).filter(|_| !self.layout.is_context_d2(path));
        relations::of_drawing(&mut names, path, owner, d2::sketch(source))
    }

    fn apart(&self, path: &FilePath, source: &Source) -> Vec<Found> {
        let mut names = self.names();
        let (statements, _) =
            if Layout::is_applied(path) { relation::applied(path, source) } else { relation::file(path, source) };
        let owner = self.owner(path);
        let of_file = |statement| relations::of_file(&mut names, path, owner, statement);
        statements.into_iter().filter_map(of_file).collect()
    }

    /// The element in whose folder a file is.
    fn owner(&self, path: &FilePath) -> Option<ElementIx> {
        self.model.ids().find(|ix| self.model.element(*ix).folder() == path.folder())
    }

    /// Merges what the file states with what others do.
    fn take(&self, stated: Stated, elsewhere: &[Found]) -> Option<Taken> {
        let (mut findings, mut found, references) = stated;
        found.extend(elsewhere.iter().cloned());
        let (relations, doubled) = relations::merged(self.model, found);
        findings.extend(doubled);
        Some(Taken { findings, references, relations })
    }
}

/// Exchanges the relations of the pairs; `old` must be what is there.
fn exchange_relations(
    all: &mut Vec<Arc<Relation>>,
    pairs: &[Pair],
    old: &[Arc<Relation>],
    new: Vec<Arc<Relation>>,
) -> Option<()> {
    let Some((source, _)) = pairs.first() else { return Some(()) };
    let start = all.partition_point(|relation| relation.source < *source);
    let end = all.partition_point(|relation| relation.source <= *source);
    let is_meant = |relation: &Arc<Relation>| pairs.binary_search(&(relation.source, relation.target)).is_ok();
    let (out, mut kept): (Vec<_>, Vec<_>) = all[start..end].iter().cloned().partition(is_meant);
    if out != old {
        return None;
    }
    kept.extend(new);
    relations::sort(&mut kept);
    all.splice(start..end, kept);
    Some(())
}

/// Exchanges findings; none when `old` was not all that concerns the file.
fn exchange_findings(
    all: &mut Vec<Diagnostic>,
    file: &FilePath,
    old: &[Diagnostic],
    new: Vec<Diagnostic>,
) -> Option<()> {
    let mut old = old.to_vec();
    diagnostic::sort(&mut old);
    let before = all.len();
    all.retain(|finding| !old.contains(finding));
    let points_there = |finding: &Diagnostic| {
        finding.primary.iter().chain(&finding.secondary).any(|label| label.place.path == *file)
            || finding.fix.iter().flat_map(|fix| &fix.edits).any(|(path, _)| path == file)
    };
    if all.len() + old.len() != before || all.iter().any(points_there) {
        return None;
    }
    all.extend(new);
    diagnostic::sort(all);
    Some(())
}

/// Exchanges the places where a file names elements; none when `old` was not what is there.
fn exchange_references(
    all: &mut Vec<Reference>,
    file: &FilePath,
    old: &[Reference],
    mut new: Vec<Reference>,
) -> Option<()> {
    let start = all.partition_point(|reference| reference.place.path < *file);
    let end = all.partition_point(|reference| reference.place.path <= *file);
    let count = |references: &[Reference]| {
        references.iter().fold(FxHashMap::<(u32, u32, ElementIx), usize>::default(), |mut counted, reference| {
            let span = reference.place.span;
            *counted.entry((span.start, span.end, reference.element)).or_default() += 1;
            counted
        })
    };
    if count(&all[start..end]) != count(old) {
        return None;
    }
    new.sort();
    all.splice(start..end, new);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::retake_all;
    use loko_source::{FilePath, Snapshot, Source};

    const API: &str = "src/shop/api/container.md";

    fn shop() -> Snapshot {
        Snapshot::from_texts([
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            (API, "---\nname: API\nrelationships:\n  - to: store\n    description: reads\n---\nText.\n"),
            ("src/shop/api/api.d2", "api -> store: reads\n"),
            ("src/shop/store/container.md", "---\nname: Store\n---\n"),
            ("src/relationships.toml", "[[relationship]]\nfrom = \"api\"\nto = \"store\"\ntechnology = \"SQL\"\n"),
        ])
    }

    /// Whether an edit of the file is taken in without loading anew.
    fn is_taken(text: &str) -> bool {
        let before = shop();
        let mut after = before.clone();
        after.insert(FilePath::new(API).expect("a path"), Source::new(text));
        let again = retake_all(&before, &crate::load(&before), &after);
        assert!(again.as_ref().is_none_or(|again| *again == crate::load(&after)));
        again.is_some()
    }

    #[test]
    fn usual_edits_are_taken_in() {
        let relation = "relationships:\n  - to: store\n    description: reads\n";
        assert!(is_taken(&format!("---\nname: API\ndescription: More\n{relation}---\nOther text.\n")));
        assert!(is_taken("---\nname: API\nrelationships:\n  - to: store\n    description: writes\n---\n"));
        assert!(is_taken("---\nname: API\n---\n"));
        assert!(is_taken(&format!("---\nname: API\nretry: many\n{relation}---\n")));
    }

    #[test]
    fn what_others_see_is_loaded_anew() {
        assert!(!is_taken("---\nname: Gateway\n---\n"));
        assert!(!is_taken("---\nname: API\nparent: store\n---\n"));
        assert!(!is_taken("---\nname: API\nrelationships: [stroe]\n---\n"));
        assert!(!is_taken("---\nname: API\ndecisions: [1]\n---\n"));
    }
}
