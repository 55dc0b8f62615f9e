//! What can be written at a place of an element's file: keys of its front matter, ids of elements where one is meant, links
//! to the pages of elements in its prose. For editors; they keep what fits the word that is being typed.

use crate::schema::{self, At, Takes};
use crate::{Kind, Model};
use std::sync::Arc;

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Completion {
    /// What is written.
    pub label: String,
    /// `key`, `value`, `element` or `file`.
    pub kind: &'static str,
    /// What it means, if there is something to say.
    pub detail: String,
}

/// What can be written at an offset of an element's or a decision's file.
///
/// ```
/// use loko_model::{Model, complete};
/// let text = "---\nname: Shop\nte";
/// let found = complete::front_matter(&Model::default(), "src/shop/api/container.md", text, text.len());
/// assert!(found.iter().any(|it| it.label == "technology: "));
/// ```
pub fn front_matter(model: &Model, path: &str, text: &str, offset: usize) -> Vec<Completion> {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.rsplit('\n').next().unwrap_or_default();
    if !is_in_front_matter(text, offset) {
        return if line.rfind("](").is_some_and(|open| !line[open..].contains(')')) {
            files(model)
        } else {
            Vec::new()
        };
    }
    let Some(at) = place(path) else { return Vec::new() };
    let is_nested = line.starts_with([' ', '-', '\t']);
    match value_of(line) {
        Some("to" | "target" | "source" | "from" | "elements" | "of") => elements(model),
        Some(key) => words(if is_nested { At::Relation } else { at }, key),
        None if is_nested => match around(before) {
            // `relationships` may map ids to what is said of them.
            Some("relationships") => keys(At::Relation).into_iter().chain(elements(model)).collect(),
            _ => Vec::new(),
        },
        None => keys(at),
    }
}

/// Whether an offset lies between the dashes at a file's start.
fn is_in_front_matter(text: &str, offset: usize) -> bool {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else { return false };
    let start = text.len() - rest.len();
    let end = rest.find("\n---").map_or(text.len(), |end| start + end + 1);
    (start..=end).contains(&offset)
}

/// What keys a file's front matter takes, by its name.
fn place(path: &str) -> Option<At> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "person.md" => Some(At::Person),
        "system.md" | "external.md" => Some(At::System),
        "container.md" => Some(At::Container),
        "component.md" => Some(At::Component),
        _ if path.starts_with("decisions/") || path.contains("/decisions/") => Some(At::Decision),
        _ => None,
    }
}

/// The key whose value is being written on a line, also within braces.
fn value_of(line: &str) -> Option<&str> {
    let inner = line.rsplit(['{', ',']).next().unwrap_or(line);
    let (key, _) = inner.split_once(':')?;
    Some(key.trim().trim_start_matches("- ").trim_matches(['"', '\'']))
}

/// The key at the start of a line that the last lines belong to.
fn around(before: &str) -> Option<&str> {
    let mut lines = before.lines().rev().filter(|line| !line.starts_with([' ', '-', '\t']) && !line.is_empty());
    lines.next()?.split(':').next()
}

fn keys(at: At) -> Vec<Completion> {
    schema::keys(at)
        .map(|key| Completion { label: format!("{}: ", key.name), kind: "key", detail: key.doc.to_owned() })
        .collect()
}

/// The words that a key takes.
fn words(at: At, key: &str) -> Vec<Completion> {
    let value = |word: &str| Completion { label: word.to_owned(), kind: "value", detail: String::new() };
    match schema::find(at, key).map(|key| key.takes) {
        Some(Takes::Bool) => ["true", "false"].map(value).to_vec(),
        Some(Takes::OneOf(words)) => words.iter().map(|word| value(word)).collect(),
        _ => Vec::new(),
    }
}

fn elements(model: &Model) -> Vec<Completion> {
    model
        .elements
        .iter()
        .map(|element| Completion {
            label: element.id.to_string(),
            kind: "element",
            detail: format!("{} [{}]", element.name, element.kind.name()),
        })
        .collect()
}

/// The files of elements, from the root of the workspace.
fn files(model: &Model) -> Vec<Completion> {
    let told = |element: &Arc<crate::Element>| Completion {
        label: format!("/{}", element.file),
        kind: "file",
        detail: element.name.clone(),
    };
    let all = model.elements.iter();
    all.filter(|element| element.kind != Kind::Person || !element.file.as_str().is_empty()).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_source::Snapshot;

    fn check(text: &str, expected: &str) -> bool {
        let snapshot = Snapshot::from_texts([
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            ("src/shop/api/container.md", "---\nname: API\n---\n"),
        ]);
        let model = crate::load(&snapshot).model;
        let offset = text.find('|').expect("a mark");
        let found = front_matter(&model, "src/shop/api/container.md", &text.replace('|', ""), offset);
        found.iter().any(|it| it.label == expected)
    }

    #[test]
    fn keys_ids_and_words_are_proposed_where_they_fit() {
        assert!(check("---\nna|\n---\n", "name: "));
        assert!(check("---\nrelationships:\n  - { to: sh|\n---\n", "shop/api"));
        assert!(check("---\nrelationships:\n  - { to: shop, type: |\n---\n", "async"));
        assert!(check("---\nrelationships:\n  sh|\n---\n", "shop"));
        assert!(check("---\nname: API\n---\nSee [it](|", "/src/shop/system.md"));
        assert!(!check("---\nname: API\n---\nna|", "name: "));
    }
}
