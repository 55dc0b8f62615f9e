//! Completion: what can stand at the cursor, told from the line before it and the scope around it.

use crate::keywords;
use crate::names::{Names, Role, Target};
use crate::syntax::ast::{Map, Node};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompletionKind {
    /// The name of an object.
    Object,
    /// A keyword.
    Keyword,
    /// A value that a keyword takes.
    Value,
    /// The name of a class.
    Class,
    /// The name of a variable.
    Variable,
    /// A board.
    Board,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Completion {
    /// What it is.
    pub kind: CompletionKind,
    /// What is written.
    pub label: String,
    /// What it means, if there is something to say.
    pub detail: Option<&'static str>,
}

/// What can be written at an offset, sorted; the client keeps what fits the word that is being typed.
///
/// ```
/// use loko_d2::services::completion;
/// let text = "a.shape: ";
/// assert!(completion(text, text.len()).iter().any(|proposal| proposal.label == "cylinder"));
/// ```
pub fn completion(text: &str, offset: usize) -> Vec<Completion> {
    let offset = floor_boundary(text, offset);
    let parsed = crate::parse(text);
    let names = Names::of(&parsed.tree);
    let line_start = text[..offset].rfind(['\n', ';', '{', '}']).map_or(0, |at| at + 1);
    let in_variable = text[..offset].rfind("${").is_some_and(|open| !text[open..offset].contains(['}', '\n']));
    let line = &text[line_start..offset];
    let scope = scope_at(&parsed.tree, &names, offset);
    let mut found = BTreeSet::new();
    if in_variable {
        variables(&names, &mut found);
    } else if let Some((key, _)) = line.split_once(':') {
        values(key, &names, &scope, &mut found);
    } else {
        keys(line, &names, &scope, &mut found);
    }
    found.into_iter().collect()
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What the innermost map around an offset is the inside of, and whether that is an edge.
fn scope_at(map: &Map, names: &Names, offset: usize) -> Scope {
    let mut scope = Scope::default();
    let mut map = map;
    loop {
        let inner = map.nodes.iter().find_map(|node| match node {
            Node::Key(key) => {
                let inside =
                    key.map().filter(|inner| (inner.span.start as usize) < offset && offset <= inner.span.end as usize);
                inside.map(|inner| (key, inner))
            }
            _ => None,
        });
        let Some((key, inner)) = inner else { return scope };
        scope.is_edge |= !key.edges.is_empty();
        let last = key.key.as_ref().and_then(|path| path.elements.last());
        let mention =
            last.and_then(|last| names.mentions.iter().find(|mention| mention.span == last.span && !mention.in_value));
        if let Some(mention) = mention {
            scope.target = mention.target.clone();
        }
        map = inner;
    }
}

#[derive(Default)]
struct Scope {
    target: Target,
    is_edge: bool,
}

fn add(found: &mut BTreeSet<Completion>, kind: CompletionKind, label: &str) {
    let detail = if kind == CompletionKind::Keyword { keywords::describe(label) } else { None };
    found.insert(Completion { kind, label: label.to_owned(), detail });
}

fn variables(names: &Names, found: &mut BTreeSet<Completion>) {
    for mention in names.mentions.iter().filter(|mention| mention.role == Role::Variable && !mention.in_value) {
        let from_vars = mention.target.path.iter().skip_while(|name| *name != "vars").skip(1);
        let path = from_vars.map(SmolStr::as_str).collect::<Vec<_>>().join(".");
        add(found, CompletionKind::Variable, &path);
    }
}

/// Values behind a colon.
fn values(key: &str, names: &Names, scope: &Scope, found: &mut BTreeSet<Completion>) {
    let word = key.rsplit('.').next().unwrap_or(key).trim().trim_start_matches(['&', '!']);
    let holder = scope.target.path.last().map(SmolStr::as_str);
    let in_head = matches!(holder, Some("source-arrowhead" | "target-arrowhead")) || key.contains("-arrowhead.");
    let known = match word {
        "shape" if in_head => keywords::ARROWHEADS,
        "near" if key.contains("label.") || key.contains("icon.") => keywords::LABEL_POSITIONS,
        word => keywords::values(word),
    };
    for value in known {
        add(found, CompletionKind::Value, value);
    }
    match word {
        "class" => {
            for mention in names.mentions.iter().filter(|mention| mention.role == Role::Class) {
                add(found, CompletionKind::Class, mention.target.path.last().map_or("", SmolStr::as_str));
            }
        }
        "near" => objects(names, &Target { board: scope.target.board.clone(), path: Vec::new() }, true, found),
        "link" => {
            for mention in names.mentions.iter().filter(|mention| mention.role == Role::Board) {
                add(found, CompletionKind::Board, &mention.target.board.join("."));
            }
        }
        _ => {}
    }
}

/// Keys at the beginning of a statement, behind a dot, or behind an arrow.
fn keys(line: &str, names: &Names, scope: &Scope, found: &mut BTreeSet<Completion>) {
    let behind_arrow = line.rfind(['>', '-', '<']).map_or(line, |at| &line[at + 1..]);
    let is_end = behind_arrow.len() < line.len();
    let path = behind_arrow.trim_start().trim_start_matches(['(', '&', '!']);
    let mut target = scope.target.clone();
    if let Some((before, _)) = path.rsplit_once('.') {
        if before.ends_with(']') {
            add_all(found, &["style", "label", "source-arrowhead", "target-arrowhead", "class", "link", "tooltip"]);
            return;
        }
        for name in before.split('.') {
            match name.trim() {
                "_" => drop(target.path.pop()),
                name => target = target.below(name),
            }
        }
    }
    let last = target.path.last().map(SmolStr::as_str);
    if last == Some("style") {
        add_all(found, keywords::STYLE);
        return;
    }
    if !is_end {
        add_all(found, keywords::SIMPLE);
        add_all(found, if scope.is_edge { &["style", "source-arrowhead", "target-arrowhead"] } else { &["style"] });
        if target.path.is_empty() {
            add_all(found, keywords::BOARDS);
            add_all(found, &["classes"]);
        }
    }
    if !scope.is_edge {
        objects(names, &target, false, found);
    }
}

fn add_all(found: &mut BTreeSet<Completion>, words: &[&str]) {
    for word in words {
        add(found, CompletionKind::Keyword, word);
    }
}

/// The objects right in a container, or at any depth by their whole paths.
fn objects(names: &Names, container: &Target, is_deep: bool, found: &mut BTreeSet<Completion>) {
    for mention in names.mentions.iter().filter(|mention| mention.role == Role::Object && !mention.in_value) {
        let below = mention.target.starts_with(container) && mention.target.path.len() > container.path.len();
        if below && is_deep {
            let names = mention.target.path.iter().map(|name| crate::quote_key(name));
            add(found, CompletionKind::Object, &names.collect::<Vec<_>>().join("."));
        } else if below && mention.target.path.len() == container.path.len() + 1 {
            let name = mention.target.path.last().map_or("", SmolStr::as_str);
            add(found, CompletionKind::Object, &crate::quote_key(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(marked: &str, present: &[&str], absent: &[&str]) {
        let offset = marked.find('|').expect("the cursor is marked");
        let found = completion(&marked.replacen('|', "", 1), offset);
        let labels: Vec<&str> = found.iter().map(|proposal| proposal.label.as_str()).collect();
        for label in present {
            assert!(labels.contains(label), "{marked}: {label} is missing in {labels:?}");
        }
        for label in absent {
            assert!(!labels.contains(label), "{marked}: {label} is surplus in {labels:?}");
        }
    }

    #[test]
    fn proposals_fit_their_place() {
        check("a\nb\n|", &["a", "b", "shape", "layers"], &["opacity"]);
        check("a.style.|", &["opacity", "fill"], &["shape", "a"]);
        check("a: { b; c }\na.|", &["b", "c", "style"], &["a", "layers"]);
        check("a\nb\na -> |", &["a", "b"], &["shape"]);
        check("a.shape: |", &["cylinder"], &["a"]);
        check("x -> y: {\n  target-arrowhead.shape: |\n}", &["diamond", "cf-one"], &["cylinder"]);
        check("classes: { hot: { label: x } }\na.class: |", &["hot"], &["a"]);
        check("vars: { v: { w: 1 } }\na: ${|}", &["v", "v.w"], &["a"]);
        check("layers: { l: { z } }\na.link: |", &["layers.l"], &[]);
        check("a: {\n  |\n}\nlayers: {}", &["style", "near"], &["layers"]);
        check("a: { b }\nc.near: |", &["top-left", "a", "a.b"], &[]);
    }
}
