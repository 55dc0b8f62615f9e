//! TOML: tables by their headers and, of arrays of tables, by what they are about; in a table, key by key.

use super::chunks::{Chunk, merge};
use super::{Conflict, Marks, Merged, Texts};
use crate::edit::lines as at_lines;
use crate::load::toml;
use crate::value::Value;

/// The key of what stands before the first table.
const HEAD: &str = "\0head";
/// The key of what stands behind the last key.
const REST: &str = "\0rest";

/// Merges whole files; nothing when one is broken or cannot be cut at its headers.
pub(super) fn document(texts: Texts<'_>, marks: &Marks<'_>) -> Option<Merged> {
    let (base, ours, theirs) = (tables(texts.base)?, tables(texts.ours)?, tables(texts.theirs)?);
    let mut conflicts = Vec::new();
    let mut inner = |name: &str, o: Option<&str>, a: &str, b: &str, conflicts: &mut Vec<Conflict>| {
        table(name, o, a, b, marks, conflicts)
    };
    let text = merge(&base, &ours, &theirs, marks, &mut conflicts, &mut inner);
    Some(Merged { text: spaced(&text), conflicts })
}

/// An empty line before each table that follows another text.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = "";
    for line in text.split_inclusive('\n') {
        let is_key = !before.trim().is_empty() && !before.trim_start().starts_with('#');
        if line.starts_with('[') && is_key && !before.starts_with(['<', '=', '>', '[']) {
            out.push('\n');
        }
        out.push_str(line);
        before = line;
    }
    out
}

/// The tables of a text with the comments before them.
fn tables(text: &str) -> Option<Vec<Chunk<'_>>> {
    let (_, problems) = toml::parse(text);
    if !problems.is_empty() {
        return None;
    }
    let mut starts: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            starts.push((at, line.trim_end()));
        }
        at += line.len();
    }
    let mut chunks: Vec<Chunk<'_>> = Vec::new();
    let first = starts.first().map_or(text.len(), |(at, _)| comments_before(text, 0, *at));
    if first > 0 {
        chunks.push(Chunk { key: HEAD.to_owned(), text: &text[..first] });
    }
    let mut from = first;
    // The names of the tables around, so that equal parts of different tables differ.
    let mut around: Vec<(String, String)> = Vec::new();
    for (index, (_, header)) in starts.iter().enumerate() {
        let to =
            starts.get(index + 1).map_or(text.len(), |(next, _)| comments_before(text, from + header.len(), *next));
        let piece = &text[from..to];
        let (path, name) = name(header, piece)?;
        around.retain(|(outer, _)| path.starts_with(&format!("{outer}.")));
        let above = around.last().map(|(_, name)| format!("{name} / ")).unwrap_or_default();
        let mut key = format!("{above}{name}");
        while chunks.iter().any(|chunk| chunk.key == key) {
            key.push('\'');
        }
        around.push((path, key.clone()));
        chunks.push(Chunk { key, text: piece });
        from = to;
    }
    Some(chunks)
}

/// Where the comment lines right before a header begin.
fn comments_before(text: &str, from: usize, header: usize) -> usize {
    let mut start = header;
    while start > from {
        let line = at_lines::start(text, start - 1);
        if line < from || !text[line..start].trim_start().starts_with('#') {
            break;
        }
        start = line;
    }
    start
}

/// The path of a header, and what its table is called; nothing when the piece is no TOML by itself.
fn name(header: &str, piece: &str) -> Option<(String, String)> {
    let (root, problems) = toml::parse(piece);
    if !problems.is_empty() {
        return None;
    }
    let is_array = header.starts_with("[[");
    let path = header.trim_start_matches('[').split(']').next()?.trim().to_owned();
    if !is_array {
        return Some((path.clone(), path));
    }
    let mut value: &Value = &root;
    for part in path.split('.') {
        value = &value.as_map()?.get(part.trim().trim_matches('"'))?.value;
        if let Some(items) = value.as_list() {
            value = items.last()?;
        }
    }
    let entries = value.as_map()?;
    let text = |keys: &[&str]| keys.iter().find_map(|key| entries.get(*key)?.value.scalar_text());
    let (from, to) = (text(&["source", "from"]), text(&["target", "to"]));
    let told = match (from, to) {
        (Some(from), Some(to)) => {
            let wish = text(&["label", "description"]).map(|wish| format!(": {wish}")).unwrap_or_default();
            format!("{from} → {to}{wish}")
        }
        _ => text(&["id", "name", "of", "to", "title", "environment"]).unwrap_or_default(),
    };
    Some((path.clone(), format!("{path} {told}").trim_end().to_owned()))
}

/// Merges a table that both sides changed, key by key.
fn table(
    name: &str,
    base: Option<&str>,
    ours: &str,
    theirs: &str,
    marks: &Marks<'_>,
    conflicts: &mut Vec<Conflict>,
) -> Option<String> {
    let (base, ours, theirs) = (keys(base.unwrap_or(""))?, keys(ours)?, keys(theirs)?);
    let mut inner = |key: &str, o: Option<&str>, a: &str, b: &str, conflicts: &mut Vec<Conflict>| {
        if key == REST || key == HEAD {
            let merged = diffy::merge(o.unwrap_or(""), a, b).ok();
            return merged.or_else(|| Some(marks.conflict(name, a, b, conflicts)));
        }
        let what = if name == HEAD { key.to_owned() } else { format!("{name}: {key}") };
        list(o, a, b).or_else(|| Some(marks.conflict(&what, a, b, conflicts)))
    };
    Some(merge(&base, &ours, &theirs, marks, conflicts, &mut inner))
}

/// The keys of a piece that has one header at most, comments with the key that they stand before.
fn keys(piece: &str) -> Option<Vec<Chunk<'_>>> {
    let (root, problems) = toml::parse(piece);
    if !problems.is_empty() {
        return None;
    }
    let mut places: Vec<(String, usize, usize)> = Vec::new();
    collect(&root, "", &mut places);
    places.sort_by_key(|(_, start, _)| *start);
    let mut chunks = Vec::new();
    let header = piece.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at, line))
    });
    let mut from = header.filter(|(_, line)| line.starts_with('[')).map(|(end, _)| end).next().unwrap_or(0);
    if from > 0 {
        chunks.push(Chunk { key: HEAD.to_owned(), text: &piece[..from] });
    }
    for (key, start, end) in places {
        if at_lines::start(piece, start) < from {
            return None;
        }
        let to = at_lines::end(piece, end);
        chunks.push(Chunk { key, text: &piece[from..to] });
        from = to;
    }
    if from < piece.len() {
        chunks.push(Chunk { key: REST.to_owned(), text: &piece[from..] });
    }
    Some(chunks)
}

/// The keys with values, those of the header's tables seen through.
fn collect(value: &Value, path: &str, places: &mut Vec<(String, usize, usize)>) {
    let Some(entries) = value.as_map() else { return };
    for (key, entry) in entries {
        let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let span = entry.value.span.range();
        let is_table =
            |value: &Value| value.as_map().is_some() && entry.key_span.range().end >= value.span.range().start;
        match entry.value.as_list() {
            Some(items) if items.iter().all(is_table) && !items.is_empty() => {
                items.iter().for_each(|item| collect(item, "", places));
            }
            _ if is_table(&entry.value) => collect(&entry.value, "", places),
            _ => places.push((name, entry.key_span.range().start, span.end)),
        }
    }
}

/// Merges `key = [ … ]` on one line: what either side added or took away.
fn list(base: Option<&str>, ours: &str, theirs: &str) -> Option<String> {
    let items = |text: &str| -> Option<Vec<String>> {
        let (root, problems) = toml::parse(text);
        let entry = root.as_map().filter(|entries| entries.len() == 1 && problems.is_empty())?.values().next()?.clone();
        let items = entry.value.as_list()?;
        items.iter().map(|item| item.as_text().and_then(|_| text.get(item.span.range())).map(str::to_owned)).collect()
    };
    let (o, a, b) = (base.map_or(Some(Vec::new()), items)?, items(ours)?, items(theirs)?);
    let stays = |item: &&String| !o.contains(item) || (a.contains(item) && b.contains(item));
    let all = a.iter().chain(b.iter().filter(|item| !a.contains(item)));
    let kept: Vec<&str> = all.filter(stays).map(String::as_str).collect();
    let (open, close) = (ours.find('[')?, ours.rfind(']')?);
    let is_plain = !ours[open..close].contains(['\n', '#']) && !ours[..open].contains('#');
    is_plain.then(|| format!("{}{}{}", &ours[..=open], kept.join(", "), &ours[close..]))
}
