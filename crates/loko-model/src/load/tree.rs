//! From drafts to elements: who is part of whom, ids, and what is wrong with either.
//!
//! The folders say what is part of what; a `parent` in front matter overrules them. The elements come out sorted by
//! the parts of their ids, so that what belongs together stands together and parents stand first.

#![expect(clippy::vec_box, reason = "drafts are large and are put into another order twice")]

use super::draft::Draft;
use super::read::Written;
use super::resolve::Resolver;
use crate::{ElementIx, Kind, Model, Resolution, name};
use loko_source::{Diagnostic, FilePath, Span};
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};
use std::sync::Arc;

/// The key of an element whose folder, name and id have no letter or digit.
const UNNAMED: &str = "unnamed";

/// Puts the drafts, sorted by file, in order: every draft knows its id and its parent's index in the result.
pub(crate) fn arrange(drafts: Vec<Box<Draft>>, source: &str, findings: &mut Vec<Diagnostic>) -> Vec<Box<Draft>> {
    let mut parents = folder_parents(&drafts);
    let (mut keys, wrong): (Vec<SmolStr>, Vec<Option<Box<Diagnostic>>>) = drafts.par_iter().map(|it| key(it)).unzip();
    findings.extend(wrong.into_iter().flatten().map(|finding| *finding));
    if drafts.iter().any(|draft| draft.parent.is_some()) {
        adopt(&drafts, &mut parents, &keys, findings);
    }
    let mut parts = vec![Vec::new(); drafts.len()];
    let mut outermost = Vec::new();
    for (at, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => parts[*parent].push(at),
            None => outermost.push(at),
        }
    }
    parts.push(outermost);
    let has_doubles = |siblings: &mut Vec<usize>| {
        siblings.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        siblings.windows(2).any(|pair| keys[pair[0]] == keys[pair[1]])
    };
    let doubled: Vec<bool> = parts.par_iter_mut().map(has_doubles).collect();
    for (siblings, _) in parts.iter_mut().zip(doubled).filter(|(_, doubled)| *doubled) {
        distinguish(siblings, &drafts, &mut keys, findings);
        siblings.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    }
    let outermost = parts.pop().unwrap_or_default();
    let misplaced = drafts
        .par_iter()
        .zip(&parents)
        .filter_map(|(draft, parent)| misplaced(draft, parent.map(|parent| &*drafts[parent]), source));
    findings.par_extend(misplaced);
    number(drafts, &parents, &parts, outermost, &keys)
}

/// For each draft, the one in the nearest folder around its own.
fn folder_parents(drafts: &[Box<Draft>]) -> Vec<Option<usize>> {
    let folders: Vec<&str> = drafts.par_iter().map(|draft| draft.element.folder()).collect();
    let mut by_folder: FxHashMap<&str, usize> = FxHashMap::with_capacity_and_hasher(folders.len(), FxBuildHasher);
    by_folder.extend(folders.iter().enumerate().map(|(at, folder)| (*folder, at)));
    folders
        .par_iter()
        .map(|&(mut folder)| {
            while let Some((around, _)) = folder.rsplit_once('/') {
                if let Some(parent) = by_folder.get(around) {
                    return Some(*parent);
                }
                folder = around;
            }
            None
        })
        .collect()
}

/// The last part of an element's id: what front matter says, else the folder's name; and what is wrong with it.
fn key(draft: &Draft) -> (SmolStr, Option<Box<Diagnostic>>) {
    let folder = name::slug(draft.element.folder().rsplit('/').next().unwrap_or(""));
    let Some(written) = &draft.id else {
        let fallback = || Some(name::slug(&draft.element.name)).filter(|slug| !slug.is_empty());
        let key = Some(folder).filter(|slug| !slug.is_empty()).or_else(fallback);
        return (key.map_or(SmolStr::new_static(UNNAMED), SmolStr::from), None);
    };
    // A full path is fine; what it is part of is said elsewhere.
    let last = name::slug(written.text.rsplit('/').next().unwrap_or(""));
    let file = &draft.element.file;
    if last.is_empty() {
        let message = format!("`{}` has no letter or digit that an id could be made of", written.text);
        let finding = Diagnostic::error("empty-name", message).at(file, written.span, "");
        let key = if folder.is_empty() { SmolStr::new_static(UNNAMED) } else { folder.into() };
        return (key, Some(Box::new(finding)));
    }
    let differs = || {
        let message = format!("the id `{last}` differs from the folder `{}`", draft.element.folder());
        Box::new(
            Diagnostic::warning("id-differs", message)
                .at(file, written.span, "")
                .note("the id counts; both find the element")
                .help(format!("drop the id, or rename the folder to `{last}`")),
        )
    };
    let wrong = (last != folder).then(differs);
    (last.into(), wrong)
}

/// Gives siblings of one key different ones, and reports them.
fn distinguish(siblings: &[usize], drafts: &[Box<Draft>], keys: &mut [SmolStr], findings: &mut Vec<Diagnostic>) {
    let mut taken: FxHashMap<SmolStr, usize> = FxHashMap::default();
    let mut doubles = Vec::new();
    for at in siblings {
        match taken.entry(keys[*at].clone()) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(*at);
            }
            std::collections::hash_map::Entry::Occupied(first) => doubles.push((*at, *first.get())),
        }
    }
    let mut last_number: FxHashMap<SmolStr, usize> = FxHashMap::default();
    for (at, first) in doubles {
        let key = keys[at].clone();
        let (file, span) = stated_at(&drafts[at]);
        let (first_file, first_span) = stated_at(&drafts[first]);
        let finding = Diagnostic::error("duplicate-id", format!("two elements have the id `{key}`"))
            .at(file, span, "this one")
            .and(first_file, first_span, "and this one")
            .help("rename one of the folders, or give one of them another `id`");
        findings.push(finding);
        let number = last_number.entry(key.clone()).or_insert(1);
        let free = loop {
            *number += 1;
            let candidate = format_smolstr!("{key}-{number}");
            if !taken.contains_key(&candidate) {
                break candidate;
            }
        };
        taken.insert(free.clone(), at);
        keys[at] = free;
    }
}

/// Where an element's id or name is written.
fn stated_at(draft: &Draft) -> (&FilePath, Span) {
    let span = draft.id.as_ref().map_or(draft.element.name_span, |id| id.span);
    (&draft.element.file, span)
}

/// Follows `parent` of front matter, unless an element would be part of itself.
fn adopt(drafts: &[Box<Draft>], parents: &mut [Option<usize>], keys: &[SmolStr], findings: &mut Vec<Diagnostic>) {
    let (index, order) = provisional(drafts, parents, keys);
    let mut wished: Vec<Option<&Written>> = vec![None; drafts.len()];
    let folders = parents.to_vec();
    let mut resolver = Resolver::new(&index);
    for (at, draft) in drafts.iter().enumerate() {
        let Some(written) = &draft.parent else { continue };
        match index.resolve(&written.text) {
            Resolution::Found(ix) => {
                parents[at] = Some(order[ix.index()]);
                wished[at] = Some(written);
            }
            other => findings.extend(resolver.finding(&draft.element.file, None, written, &other)),
        }
    }
    // Who goes back to the folder around it may be part of something that wants to be part of it.
    loop {
        let found = cycles(parents);
        for cycle in &found {
            for at in cycle {
                parents[*at] = folders[*at];
            }
            findings.push(cycle_finding(drafts, cycle, &wished, keys));
        }
        if found.is_empty() {
            break;
        }
    }
}

/// A model of the drafts with the ids that their folders give, to find parents by name.
fn provisional(drafts: &[Box<Draft>], parents: &[Option<usize>], keys: &[SmolStr]) -> (Model, Vec<usize>) {
    let mut model = Model::default();
    let mut order = Vec::new();
    let mut place: Vec<u32> = vec![0; drafts.len()];
    // Drafts are sorted by file; a folder's own file comes before or after those of its folders.
    let mut sorted: Vec<usize> = (0..drafts.len()).collect();
    sorted.sort_by_key(|at| drafts[*at].element.folder());
    for at in sorted {
        let mut element = drafts[at].element.clone();
        element.parent = parents[at].map(|parent| ElementIx(place[parent]));
        element.id = match element.parent {
            Some(parent) => format_smolstr!("{}/{}", model.element(parent).id, keys[at]),
            None => keys[at].clone(),
        };
        place[at] = order.len() as u32;
        model.elements.push(Arc::new(element));
        order.push(at);
    }
    model.reindex();
    (model, order)
}

/// The cycles of a map from each to at most one other.
fn cycles(parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    const NEW: u32 = 0;
    let mut seen_in = vec![NEW; parents.len()];
    let mut found = Vec::new();
    for start in 0..parents.len() {
        let round = start as u32 + 1;
        let mut at = Some(start);
        while let Some(here) = at.filter(|here| seen_in[*here] == NEW) {
            seen_in[here] = round;
            at = parents[here];
        }
        if let Some(meeting) = at.filter(|here| seen_in[*here] == round) {
            let next = |here: &usize| parents[*here].filter(|next| *next != meeting);
            found.push(std::iter::successors(Some(meeting), next).collect());
        }
    }
    found
}

fn cycle_finding(drafts: &[Box<Draft>], cycle: &[usize], wished: &[Option<&Written>], keys: &[SmolStr]) -> Diagnostic {
    let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|at| format!("`{}`", keys[*at])).collect();
    let mut finding = Diagnostic::error("containment-cycle", format!("{} are part of each other", names.join(" → ")));
    if cycle.len() == 1 {
        finding.message = format!("`{}` is part of itself", keys[cycle[0]]);
    }
    for at in cycle {
        let Some(written) = wished[*at] else { continue };
        let file = &drafts[*at].element.file;
        finding = match finding.primary {
            None => finding.at(file, written.span, ""),
            Some(_) => finding.and(file, written.span, ""),
        };
    }
    finding.help("take one `parent` out; until then the folders count")
}

/// What is wrong with the place of an element whose kind cannot stand where it stands.
fn misplaced(draft: &Draft, parent: Option<&Draft>, source: &str) -> Option<Diagnostic> {
    let element = &draft.element;
    let above = parent.map(|parent| parent.element.kind);
    let (wanted, help) = match (element.kind, above) {
        (Kind::Person | Kind::System, None)
        | (Kind::Container, Some(Kind::System))
        | (Kind::Component, Some(Kind::Container)) => return None,
        (Kind::Person | Kind::System, Some(_)) => ("stands by itself", "move its folder"),
        (Kind::Container, _) => ("is part of a system", "move its folder into that of a system"),
        (Kind::Component, _) => ("is part of a container", "move its folder into that of a container"),
    };
    let kind = element.kind.name();
    let message = match parent {
        Some(parent) => {
            format!("the {kind} `{}` is in the {} `{}`", element.name, parent.element.kind.name(), parent.element.name)
        }
        None => format!(
            "the {kind} `{}` is in no {}",
            element.name,
            if kind == "container" { "system" } else { "container" }
        ),
    };
    let span = draft.parent.as_ref().map_or(element.name_span, |parent| parent.span);
    let into =
        if matches!(element.kind, Kind::Person | Kind::System) { format!(" into `{source}`") } else { String::new() };
    let finding = Diagnostic::error("wrong-parent", message);
    Some(finding.at(&element.file, span, format!("a {kind} {wanted}")).help(format!("{help}{into}")))
}

/// Hands the drafts out in the order of their ids. First only places are handed out, so that nothing has to wait for the drafts
/// themselves to come from memory.
fn number(
    drafts: Vec<Box<Draft>>,
    parents: &[Option<usize>],
    parts: &[Vec<usize>],
    outermost: Vec<usize>,
    keys: &[SmolStr],
) -> Vec<Box<Draft>> {
    let mut place = vec![ElementIx(0); drafts.len()];
    let mut order: Vec<usize> = Vec::with_capacity(drafts.len());
    let mut stack: Vec<usize> = outermost.into_iter().rev().collect();
    while let Some(at) = stack.pop() {
        place[at] = ElementIx(order.len() as u32);
        order.push(at);
        stack.extend(parts[at].iter().rev());
    }
    let mut waiting: Vec<Option<Box<Draft>>> = drafts.into_iter().map(Some).collect();
    let mut sorted: Vec<Box<Draft>> = order.iter().filter_map(|at| waiting[*at].take()).collect();
    sorted.par_iter_mut().zip(&order).for_each(|(draft, at)| {
        draft.element.parent = parents[*at].map(|parent| place[parent]);
        draft.element.id = id(*at, parents, keys);
    });
    sorted
}

/// The keys of an element and of all that it is part of, joined from the outermost on.
fn id(at: usize, parents: &[Option<usize>], keys: &[SmolStr]) -> SmolStr {
    let above: Vec<&str> = std::iter::successors(Some(at), |at| parents[*at]).map(|at| keys[at].as_str()).collect();
    let mut id = SmolStrBuilder::new();
    for (depth, key) in above.iter().rev().enumerate() {
        if depth > 0 {
            id.push('/');
        }
        id.push_str(key);
    }
    id.finish()
}
