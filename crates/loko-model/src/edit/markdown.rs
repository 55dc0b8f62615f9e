//! Prose that follows: links to elements and to their files, whether inline, by a definition (`[label]: target`) or in
//! the `links` of front matter, and the heading that repeats an element's name.
//!
//! A link follows only where it is certain: when it leads to a file that moves, when it is `element:` with the name of an
//! element, or when it is the full id of an element and no file of that name stands there. Code is left alone.

use super::draft::Draft;
use super::{lines, yaml};
use crate::load::{self, front};
use crate::schema::{self, At};
use crate::value::{Data, Value};
use crate::{Element, Model, Resolution};
use loko_source::{FilePath, Snapshot, Span, TextEdit};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What links begin with that name an element whatever files there are.
const ELEMENT_SCHEME: &str = "element:";

/// The key of front matter that lists links.
const LINKS: &str = "links";

/// A definition stands behind so many blanks at most; behind more it is code.
const DEFINITION_INDENT_MAX: usize = 3;

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
        if path.extension() != Some("md") {
            continue;
        }
        let of_prose = if has_links(text) { targets(text) } else { Vec::new() };
        for target in of_prose.into_iter().map(|it| it.range).chain(listed(text)) {
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
    /// From the first bracket to behind the last one; of a definition, its line without the line's end.
    pub(super) whole: Span,
    /// What people read of it; nothing of a definition.
    pub(super) label: Option<Span>,
}

impl Link {
    /// The edit after which it leads nowhere: what people read stays as plain prose, a definition goes with its line.
    pub(super) fn taken_away(&self, text: &str) -> TextEdit {
        match self.label {
            Some(label) => TextEdit::replace(self.whole, &text[label.range()]),
            None => TextEdit::replace(yaml::whole_lines(text, self.whole.range().start, self.whole.range().end), ""),
        }
    }
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
        if path.extension() != Some("md") || files.contains(path) || !has_links(source.text()) {
            continue;
        }
        let text = source.text();
        for Target { range: target, defines } in targets(text) {
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
            let spans = match (leads, defines) {
                (false, _) => Vec::new(),
                (true, None) => around(text, &target).into_iter().map(|(whole, label)| (whole, Some(label))).collect(),
                (true, Some(name)) => {
                    let line =
                        lines::start(text, target.start)..lines::trimmed_end(text, 0, lines::end(text, target.end));
                    let uses = uses(text, &text[name]).into_iter().map(|(whole, label)| (whole, Some(label)));
                    std::iter::once((Span::new(line.start, line.end), None)).chain(uses).collect()
                }
            };
            found.extend(spans.into_iter().map(|(whole, label)| Link { path: path.clone(), whole, label }));
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

/// Whether a text may have links at all.
fn has_links(text: &str) -> bool {
    text.contains("](") || text.contains("]:")
}

/// Where the addresses stand that front matter lists as `links`.
fn listed(text: &str) -> Vec<Range<usize>> {
    let front = front::split(text).front.filter(|front| text[front.range()].contains(LINKS));
    let parsed = front.and_then(|front| load::yaml::parse(&text[front.range()], front.range().start).0);
    let Some(listed) = parsed.as_ref().and_then(|value| value.as_map()?.get(LINKS)) else { return Vec::new() };
    let is_address = |key: &str| schema::find(At::Link, key).is_none_or(|key| key.name == "url");
    let of_item = |item| match item {
        &Value { data: Data::Map(ref entries), .. } => {
            entries.iter().filter(|(key, _)| is_address(key)).map(|(_, entry)| &entry.value).collect()
        }
        other => vec![other],
    };
    let addresses: Vec<&Value> = match &listed.value.data {
        Data::List(items) => items.iter().flat_map(of_item).collect(),
        _ => of_item(&listed.value),
    };
    addresses.into_iter().filter_map(|address| within_quotes(text, address)).collect()
}

/// Where a text stands, without its quotes; nothing if it is written in another way than it reads.
fn within_quotes(text: &str, value: &Value) -> Option<Range<usize>> {
    let range = value.span.range();
    let written = &text[range.clone()];
    let quotes = usize::from(written.starts_with(['"', '\'']));
    let inner = range.start + quotes..range.end.checked_sub(quotes)?;
    (text.get(inner.clone())? == value.as_text()?).then_some(inner)
}

/// Where a link leads.
struct Target {
    range: Range<usize>,
    /// The label that it gives to the target, when it is a definition.
    defines: Option<Range<usize>>,
}

/// Where the targets of inline links and of definitions stand.
fn targets(text: &str) -> Vec<Target> {
    let mut found = Vec::new();
    // A definition stands in no paragraph.
    let mut in_paragraph = false;
    for (start, line) in lines_of_prose(text) {
        let shift = |range: Range<usize>| start + range.start..start + range.end;
        if let (false, Some((label, target))) = (in_paragraph, definition(line)) {
            found.push(Target { range: shift(target), defines: Some(shift(label)) });
            continue;
        }
        in_paragraph = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        found.extend(targets_of_line(line).into_iter().map(|range| Target { range: shift(range), defines: None }));
    }
    found
}

/// The lines of prose outside of fences, with where they begin; in the place of a fence stands an empty line.
fn lines_of_prose(text: &str) -> Vec<(usize, &str)> {
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
            found.push((start, ""));
        } else if fence.is_none() {
            found.push((start, line));
        }
    }
    found
}

/// The label and the target of a line `[label]: target`; footnotes (`[^1]: …`) lead nowhere.
fn definition(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest =
        line[indent..].strip_prefix('[').filter(|rest| indent <= DEFINITION_INDENT_MAX && !rest.starts_with('^'))?;
    let label = indent + 1..indent + 1 + rest.find("]:")?;
    if line[label.clone()].trim().is_empty() || line[label.clone()].contains(['[', ']']) {
        return None;
    }
    let behind = label.end + 2;
    let mut start = behind + (line[behind..].len() - line[behind..].trim_start().len());
    let bracketed = line[start..].starts_with('<');
    start += usize::from(bracketed);
    let length = line[start..].find(|c: char| if bracketed { c == '>' } else { c.is_whitespace() });
    let end = start + length.unwrap_or(if bracketed { 0 } else { line.len() - start });
    (end > start).then_some((label, start..end))
}

/// Where a text refers to what a label defines, with what people read there; pictures left out.
fn uses(text: &str, label: &str) -> Vec<(Span, Span)> {
    let same = |written: &str| {
        let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
        words(written) == words(label)
    };
    let mut found = Vec::new();
    for (start, line) in lines_of_prose(text) {
        if definition(line).is_some() {
            continue;
        }
        let mut at = 0;
        let mut in_code = false;
        while let Some(next) = line[at..].find(['[', '`']).map(|next| at + next) {
            at = next + 1;
            if line[next..].starts_with('`') {
                in_code = !in_code;
                continue;
            }
            let Some(close) = line[at..].find(['[', ']']).map(|close| at + close) else { break };
            if in_code || line[..next].ends_with('!') || !line[close..].starts_with(']') {
                continue;
            }
            let (read, behind) = (at..close, &line[close + 1..]);
            let second = behind.strip_prefix('[').and_then(|rest| Some(&rest[..rest.find(']')?]));
            let names = match second {
                Some(second) if !second.is_empty() => second,
                _ => &line[read.clone()],
            };
            if !behind.starts_with('(') && same(names) {
                let end = close + 1 + second.map_or(0, |second| second.len() + 2);
                found.push((Span::new(start + next, start + end), Span::new(start + read.start, start + read.end)));
                at = end;
            }
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
