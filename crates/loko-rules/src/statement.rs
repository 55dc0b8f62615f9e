//! Adding a key to the statement of a relation, for mends: the line is written as its neighbours are.

use loko_model::{Origin, Relation};
use loko_source::{FilePath, Snapshot, TextEdit};

/// The edit that makes a statement say `key: value`; none when it says something of the key already, or is written in a
/// way that does not take keys.
pub fn with_key(snapshot: &Snapshot, relation: &Relation, key: &str, value: &str) -> Option<(FilePath, TextEdit)> {
    let path = &relation.place.path;
    let text = snapshot.text(path.as_str())?;
    let at = relation.place.span.range();
    let line_start = text[..at.start].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[line_start..at.start];
    let edit = match relation.origin {
        Origin::FrontMatter => in_yaml(text, before, line_start, at.end, key, value)?,
        Origin::Toml => in_toml(text, before, at.end, key, value)?,
        Origin::D2 => return None,
    };
    Some((path.clone(), edit))
}

fn in_yaml(text: &str, before: &str, line_start: usize, end: usize, key: &str, value: &str) -> Option<TextEdit> {
    let said = before.trim_end().trim_end_matches(['"', '\'']).trim_end();
    let is_keyed = said.ends_with("to:") || said.ends_with("target:");
    if !is_keyed {
        return None;
    }
    if let Some(open) = before.find('{') {
        let close = text[end..].find('}').map(|at| end + at)?;
        let inside = &text[line_start + open..close];
        let is_one_line = !inside.contains('\n') && !has_flow_key(inside, key);
        return is_one_line.then(|| TextEdit::insert(end, format!(", {key}: {value}")));
    }
    let indent = before.len()
        - said[..].rsplit([' ', '-']).next().map_or(0, |word| before.len() - before.rfind(word).unwrap_or(0));
    if item_lines(text, line_start, indent)
        .any(|line| line.trim_start_matches(['-', ' ']).starts_with(&format!("{key}:")))
    {
        return None;
    }
    let line_end = text[end..].find('\n').map(|at| end + at)?;
    let newline = if text[..line_end].ends_with('\r') { "\r\n" } else { "\n" };
    Some(TextEdit::insert(line_end + 1, format!("{}{key}: {value}{newline}", " ".repeat(indent))))
}

/// The lines of a block item around one of its lines.
fn item_lines(text: &str, line_start: usize, indent: usize) -> impl Iterator<Item = &str> {
    let is_inside = move |line: &str| line.len() - line.trim_start().len() >= indent && !line.trim().is_empty();
    let above: Vec<&str> = text[..line_start].lines().rev().collect();
    let mut kept: Vec<&str> = Vec::new();
    // Upwards to the line with the hyphen, unless that is where the target stands.
    if !text[line_start..].trim_start().starts_with('-') {
        for line in above {
            kept.push(line);
            if !is_inside(line) {
                break;
            }
        }
    }
    let mut below = text[line_start..].lines();
    kept.extend(below.next());
    kept.extend(below.take_while(|line| is_inside(line)));
    kept.into_iter()
}

fn has_flow_key(inside: &str, key: &str) -> bool {
    inside.split([',', '{']).any(|part| part.trim_start().starts_with(&format!("{key}:")))
}

fn in_toml(text: &str, before: &str, end: usize, key: &str, value: &str) -> Option<TextEdit> {
    let is_line = before.trim_start().split('=').next().is_some_and(|name| matches!(name.trim(), "to" | "target"));
    if !is_line {
        return None;
    }
    let start = text[..end].rfind("[[").unwrap_or(0);
    let stop = text[end..].find("\n[").map_or(text.len(), |at| end + at);
    let says = text[start..stop].lines().any(|line| line.split('=').next().is_some_and(|name| name.trim() == key));
    if says {
        return None;
    }
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let newline = if text[..line_end].ends_with('\r') { "\r\n" } else { "\n" };
    let at = if line_end == text.len() { line_end } else { line_end + 1 };
    let line = format!("{key} = \"{value}\"{newline}");
    Some(TextEdit::insert(at, if line_end == text.len() { format!("{newline}{line}") } else { line }))
}
