//! Files that cannot be read in whole: where they name an element that changes or goes, nobody sees it, and it could not
//! follow. A wish that this concerns is refused with the places; what is certainly not about the element is no hindrance.

use super::{Refusal, draft, naming, references, scenarios};
use crate::load::front;
use crate::{Element, Loaded, name};
use loko_source::{Diagnostic, FilePath, Place, Snapshot, Span};
use std::collections::BTreeSet;

/// How many places a refusal shows.
const PLACES_SHOWN: usize = 20;

/// The words by which an element may be called, as slugs: its id's last part, its name, its folder.
pub(super) fn words_of(element: &Element) -> BTreeSet<String> {
    let folder = element.folder().rsplit('/').next().unwrap_or("");
    let words = [element.key().to_owned(), name::slug(&element.name), name::slug(folder)];
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

/// Refuses when one of the words stands in what nobody can read; files that go anyway are left out.
pub(super) fn refuse(
    snapshot: &Snapshot,
    loaded: &Loaded,
    of: &Element,
    words: &BTreeSet<String>,
    goes: impl Fn(&FilePath) -> bool,
) -> Result<(), Refusal> {
    let words: Vec<Vec<&str>> = words.iter().map(|word| word.split('-').collect()).collect();
    let mut places: Vec<Place> = Vec::new();
    for (path, source) in snapshot.iter().filter(|(path, _)| !goes(path)) {
        let Some(part) = may_matter(path, source.text(), source.invalid_at().is_some()) else { continue };
        let found = mentions(source.text(), part, &words);
        if !found.is_empty() && (source.invalid_at().is_some() || draft::is_broken(path, source.text())) {
            places.extend(found.into_iter().map(|span| Place::new(path.clone(), span)));
        }
    }
    if !places.is_empty() {
        let seen = seen(snapshot, loaded);
        places.retain(|place| !seen.iter().any(|known| known.path == place.path && overlap(known.span, place.span)));
    }
    let Some(first) = places.first() else { return Ok(()) };
    let files: BTreeSet<&FilePath> = places.iter().map(|place| &place.path).collect();
    let message = match files.len() {
        1 => format!("`{}` seems to be named where `{}` cannot be read, and would not follow there", of.id, first.path),
        several => {
            format!("`{}` seems to be named in {several} files that cannot be read, and would not follow", of.id)
        }
    };
    let mut diagnostic = Diagnostic::error("uneditable-file", message).at(&first.path, first.span, "here");
    for place in places.iter().skip(1).take(PLACES_SHOWN - 1) {
        diagnostic = diagnostic.and(&place.path, place.span, "here");
    }
    if places.len() > PLACES_SHOWN {
        diagnostic = diagnostic.note(format!("and in {} more places", places.len() - PLACES_SHOWN));
    }
    Err(Refusal::invalid(diagnostic.help("`loko validate` says what is wrong there; mend that first")))
}

/// The part of a file in which an element would be named for loko to read: of prose only what stands before it.
fn may_matter(path: &FilePath, text: &str, is_garbled: bool) -> Option<Span> {
    let whole = Span::new(0, text.len());
    match path.extension() {
        Some("md") if !is_garbled => {
            let parts = front::split(text);
            if parts.unclosed.is_some() { Some(whole) } else { parts.front }
        }
        Some("md" | "toml" | "d2") => Some(whole),
        _ => None,
    }
}

/// The places that are read, and that the wish takes care of.
fn seen(snapshot: &Snapshot, loaded: &Loaded) -> Vec<Place> {
    let mut places = scenarios::places(snapshot, &loaded.model, |_| true);
    let stated = references::all(snapshot, loaded).into_iter().chain(naming::all(snapshot, &loaded.model));
    places.extend(stated.map(|seen| seen.place));
    places.extend(references::in_d2(loaded).into_iter().flat_map(|(_, list)| list).map(|seen| seen.place.clone()));
    places
}

fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// Where one of the names, given by its words, stands in a part of a text: letters and digits count, as in slugs.
fn mentions(text: &str, part: Span, names: &[Vec<&str>]) -> Vec<Span> {
    let is_word = |c: char| c.is_alphanumeric();
    let mut found = Vec::new();
    let mut words: Vec<(Span, String)> = Vec::new();
    let mut at = part.range().start;
    for chunk in text[part.range()].split_inclusive(|c| !is_word(c)) {
        let word = chunk.trim_end_matches(|c| !is_word(c));
        if !word.is_empty() {
            words.push((Span::new(at, at + word.len()), word.to_lowercase()));
        }
        at += chunk.len();
    }
    for start in 0..words.len() {
        let reads = |name: &&Vec<&str>| {
            let rest = &words[start..];
            rest.len() >= name.len() && name.iter().zip(rest).all(|(wished, (_, word))| wished == word)
        };
        if let Some(name) = names.iter().filter(reads).max_by_key(|name| name.len()) {
            let end = words[start + name.len() - 1].0.end;
            found.push(Span { start: words[start].0.start, end });
        }
    }
    found
}
