//! Prose that follows: links to elements and to their files, and the heading that repeats an element's name.
//!
//! A link follows only where it is certain: when it leads to a file that moves, when it is `element:` with the name of an
//! element, or when it is the full id of an element and no file of that name stands there. Code is left alone.

use super::draft::Draft;
use super::lines;
use crate::load::front;
use crate::{Element, Model, Resolution};
use loko_source::{FilePath, Snapshot, Span, TextEdit};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What links begin with that name an element whatever files there are.
const ELEMENT_SCHEME: &str = "element:";

/// The edit of the prose's first heading when that is the element's name.
pub(super) fn heading(text: &str, element: &Element, new_name: &str) -> Option<TextEdit> {
    let body = front::split(text).body.range();
    let mut at = body.start;
    for line in text[body].split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let title = line.strip_prefix("# ")?;
        let blanks = title.len() - title.trim_start().len();
        let begin = start + 2 + blanks;
        let end = begin + title.trim().len();
        return (title.trim() == element.name).then(|| TextEdit::replace(Span::new(begin, end), new_name));
    }
    None
}

/// Rewrites the links of all Markdown files; gives their number.
pub(super) fn follow(draft: &mut Draft<'_>, snapshot: &Snapshot, before: &Model, after: &Model) -> usize {
    let changed: Vec<(&str, &str)> = before
        .elements
        .iter()
        .zip(&after.elements)
        .filter(|(old, new)| old.id != new.id)
        .map(|(old, new)| (old.id.as_str(), new.id.as_str()))
        .collect();
    let mut count = 0;
    for (path, source) in snapshot.iter().filter(|(_, source)| source.invalid_at().is_none()) {
        let text = source.text();
        if path.extension() == Some("d2") {
            for name in addresses(text) {
                if let Some(new) = renamed_address(before, after, &text[name.clone()]) {
                    let whole = Span::new(name.start - ELEMENT_SCHEME.len(), name.end);
                    draft.edit(path, TextEdit::replace(whole, new));
                    count += 1;
                }
            }
        }
        if path.extension() != Some("md") || !text.contains("](") {
            continue;
        }
        for target in targets(text) {
            let written = &text[target.clone()];
            let (link, fragment) = written.split_at(written.find(['#', '?']).unwrap_or(written.len()));
            let new = match link.strip_prefix(ELEMENT_SCHEME) {
                Some(name) => renamed_address(before, after, name),
                None => moved_link(draft, snapshot, path.folder(), link)
                    .or_else(|| renamed_id(snapshot, path.folder(), link, &changed)),
            };
            if let Some(new) = new.filter(|new| new != link) {
                draft.edit(path, TextEdit::replace(Span::new(target.start, target.end), format!("{new}{fragment}")));
                count += 1;
            }
        }
    }
    count
}

/// A link in prose.
pub(super) struct Link {
    pub(super) path: FilePath,
    /// From the bracket to behind the parenthesis.
    pub(super) whole: Span,
    /// What people read of it.
    pub(super) label: Span,
}

/// The links that lead to some files, or to elements by their full ids; pictures left out.
pub(super) fn leading_to(
    snapshot: &Snapshot,
    model: &Model,
    files: &FxHashSet<&FilePath>,
    ids: &FxHashSet<&str>,
) -> Vec<Link> {
    let mut found = Vec::new();
    for (path, source) in snapshot.iter() {
        if path.extension() != Some("md") || files.contains(path) || !source.text().contains("](") {
            continue;
        }
        let text = source.text();
        for target in targets(text) {
            let written = &text[target.clone()];
            let link = &written[..written.find(['#', '?']).unwrap_or(written.len())];
            let file = resolve(path.folder(), link).filter(|file| snapshot.source(file).is_some());
            let named = link.strip_prefix(ELEMENT_SCHEME).map(|name| model.resolve(name));
            let leads = match (named, &file) {
                (Some(Resolution::Found(ix)), _) => ids.contains(model.element(ix).id.as_str()),
                (Some(_), _) => false,
                (None, Some(file)) => FilePath::new(file).is_ok_and(|file| files.contains(&file)),
                (None, None) => ids.contains(link),
            };
            if let (true, Some((whole, label))) = (leads, around(text, &target)) {
                found.push(Link { path: path.clone(), whole, label });
            }
        }
    }
    found
}

/// The whole link around a target, and its label; none for a picture.
fn around(text: &str, target: &Range<usize>) -> Option<(Span, Span)> {
    let label_end = text[..target.start].trim_end_matches('<').len() - 2;
    let mut depth = 0;
    let open = text[lines::start(text, label_end)..label_end].char_indices().rev().find(|(_, c)| {
        depth += i32::from(*c == ']') - i32::from(*c == '[');
        depth < 0
    })?;
    let start = lines::start(text, label_end) + open.0;
    let end = target.end + text[target.end..lines::end(text, target.end)].find(')')? + 1;
    (!text[..start].ends_with('!')).then(|| (Span::new(start, end), Span::new(start + 1, label_end)))
}

/// Where the targets of inline links stand.
fn targets(text: &str) -> Vec<Range<usize>> {
    let body = front::split(text).body.range();
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    let mut at = body.start;
    for line in text[body].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark)) {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                open => open,
            };
            continue;
        }
        if fence.is_none() {
            found.extend(targets_of_line(line).into_iter().map(|range| start + range.start..start + range.end));
        }
    }
    found
}

fn targets_of_line(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut in_code = false;
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'`' => in_code = !in_code,
            b']' if !in_code && bytes.get(at + 1) == Some(&b'(') => {
                // A target in angle brackets ends with them.
                let bracketed = bytes.get(at + 2) == Some(&b'<');
                let start = at + 2 + usize::from(bracketed);
                let ends: &[char] = if bracketed { &['>', '\n'] } else { &[')', ' ', '\t', '\n'] };
                let end = start + line[start..].find(ends).unwrap_or(line.len() - start);
                if end > start && line[end..].starts_with(if bracketed { &['>'][..] } else { &[')', ' ', '\t'] }) {
                    found.push(start..end);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Where the names behind `element:` stand in D2, which has them as values of `link`.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '}' | '|' | ']' | '#');
    text.match_indices(ELEMENT_SCHEME)
        .map(|(at, scheme)| at + scheme.len())
        .map(|start| start..text[start..].find(ends).map_or(text.len(), |length| start + length))
        .collect()
}

/// A relative link to a file, as it has to be after the moves; none when it leads to no known file.
fn moved_link(draft: &Draft<'_>, snapshot: &Snapshot, folder: &str, link: &str) -> Option<String> {
    if link.is_empty() || link.starts_with('/') || link.contains(':') {
        return None;
    }
    let target = resolve(folder, link)?;
    let is_file = snapshot.source(&target).is_some() || snapshot.asset(&target).is_some();
    // A bare word may be an id; with a dot and a slash it is the way to a folder.
    let is_folder = || link.contains('/') && link.contains('.') && snapshot.paths_below(&target).next().is_some();
    if !is_file && !is_folder() {
        return None;
    }
    let moved = |path: &str| {
        let after = draft.path_after(&format!("{path}/"));
        after.trim_end_matches('/').to_owned()
    };
    let (new_folder, new_target) = (moved(folder), if is_file { draft.path_after(&target) } else { moved(&target) });
    if new_folder == folder && new_target == target {
        return None;
    }
    let slash = if link.ends_with('/') { "/" } else { "" };
    let dot = if link.starts_with("./") { "./" } else { "" };
    let new = relative(&new_folder, &new_target);
    let dot = if new.starts_with("..") { "" } else { dot };
    // The way between two files that move together stays as it is written.
    (resolve(&new_folder, link).as_deref() != Some(new_target.as_str())).then(|| format!("{dot}{new}{slash}"))
}

/// What follows `element:` in a link, as it has to be now; none when it finds the same element as before.
fn renamed_address(before: &Model, after: &Model, name: &str) -> Option<String> {
    let Resolution::Found(ix) = before.resolve(name) else { return None };
    let still = after.resolve(name) == Resolution::Found(ix);
    (!still).then(|| format!("{ELEMENT_SCHEME}{}", after.element(ix).id))
}

/// The full id of an element as a link, as it has to be now.
fn renamed_id(snapshot: &Snapshot, folder: &str, link: &str, changed: &[(&str, &str)]) -> Option<String> {
    let is_file = resolve(folder, link).is_some_and(|path| snapshot.source(&path).is_some());
    if is_file {
        return None;
    }
    changed.iter().find(|(old, _)| *old == link).map(|(_, new)| (*new).to_owned())
}

fn resolve(folder: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn relative(folder: &str, target: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = target.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("/")
}
