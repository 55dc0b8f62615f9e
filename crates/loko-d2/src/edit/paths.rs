//! Addresses of things, and paths as they are written from a scope.

use super::{Document, EditError, quote_name};
use crate::keywords;
use crate::names::{Statement, Target};
use crate::syntax::ast::{Key, KeyPath, Text};
use crate::syntax::{parse_key, parse_key_path};
use loko_source::{Span, TextEdit};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// What a key names.
pub(super) enum Reference {
    /// An object, with its path as it was spelt.
    Object(Target, Vec<SmolStr>),
    /// A keyword of an object or a board.
    Attribute { object: Target, keywords: Vec<SmolStr>, name: Vec<SmolStr> },
    /// An edge, or keywords of it.
    Edge(EdgeAddress, Vec<SmolStr>),
}

/// An edge by its ends, arrows and index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EdgeAddress {
    pub(super) source: Target,
    pub(super) target: Target,
    pub(super) source_arrow: bool,
    pub(super) target_arrow: bool,
    pub(super) index: u32,
}

impl EdgeAddress {
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.source == other.source
            && self.target == other.target
            && self.source_arrow == other.source_arrow
            && self.target_arrow == other.target_arrow
    }
}

impl Reference {
    pub(super) fn parse(key: &str) -> Result<Self, EditError> {
        let bad = || EditError::BadKey(key.to_owned());
        let parsed = parse_key(key).ok_or_else(bad)?;
        if parsed.value.is_some() {
            return Err(bad());
        }
        if parsed.edges.is_empty() {
            return Self::of_path(parsed.key.as_ref().ok_or_else(bad)?);
        }
        let keywords = parsed.edge_key.iter().flat_map(|path| &path.elements).map(folded).collect();
        edge_addresses(&parsed, &Target::default())
            .into_iter()
            .next()
            .map(|address| Self::Edge(address, keywords))
            .ok_or_else(bad)
    }

    fn of_path(path: &KeyPath) -> Result<Self, EditError> {
        let (mut object, mut keywords) = (Target::default(), Vec::new());
        let mut elements = path.elements.as_slice();
        while let [word, board, rest @ ..] = elements
            && word.is_unquoted()
            && keywords::BOARDS.contains(&word.as_str())
        {
            object.board.extend([word.to_smol(), board.to_smol()]);
            elements = rest;
        }
        for element in elements {
            let name = folded(element);
            let is_keyword = element.is_unquoted() && keywords::is_reserved(&name);
            if is_keyword || !keywords.is_empty() {
                keywords.push(name);
            } else {
                object.path.push(name);
            }
        }
        let name = elements.iter().map(Text::to_smol).collect();
        Ok(if keywords.is_empty() { Self::Object(object, name) } else { Self::Attribute { object, keywords, name } })
    }
}

fn folded(text: &Text) -> SmolStr {
    text.as_str().to_lowercase().into()
}

/// What a path names from a scope; patterns name nothing.
pub(super) fn resolve(path: &KeyPath, scope: &Target) -> Option<Target> {
    let mut target = scope.clone();
    for element in &path.elements {
        if element.pattern.is_some() {
            return None;
        }
        if element.is_bare("_") {
            target.path.pop();
        } else {
            target.path.push(folded(element));
        }
    }
    Some(target)
}

/// The edges of a statement; their index is the one that is written, or 0.
pub(super) fn edge_addresses(key: &Key, scope: &Target) -> Vec<EdgeAddress> {
    let scope = match &key.key {
        Some(path) => resolve(path, scope),
        None => Some(scope.clone()),
    };
    let Some(scope) = scope else { return Vec::new() };
    let index = key.edge_index.as_ref().map_or(Some(0), |index| index.number);
    let Some(index) = index else { return Vec::new() };
    let mut addresses = Vec::new();
    for edge in &key.edges {
        let end = |path: &Option<KeyPath>| path.as_ref().and_then(|path| resolve(path, &scope));
        if let (Some(source), Some(target)) = (end(&edge.source), end(&edge.target)) {
            let (source_arrow, target_arrow) = (edge.source_arrow == Some('<'), edge.target_arrow == Some('>'));
            addresses.push(EdgeAddress { source, target, source_arrow, target_arrow, index });
        }
    }
    addresses
}

/// An edge that a statement makes.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) address: EdgeAddress,
    pub(super) statement: usize,
    /// Which edge of the statement it is.
    pub(super) at: usize,
}

impl Document<'_> {
    /// All edges that the text makes, with their indexes.
    pub(super) fn edges(&self) -> Vec<Made> {
        let mut made: Vec<Made> = Vec::new();
        let mut counts: FxHashMap<(Target, Target, bool, bool), u32> = FxHashMap::default();
        for (statement, held) in self.names.statements.iter().enumerate() {
            if held.key.edge_index.is_some() || !held.is_plain {
                continue;
            }
            for (at, mut address) in edge_addresses(&held.key, &held.scope).into_iter().enumerate() {
                let like = (address.source.clone(), address.target.clone(), address.source_arrow, address.target_arrow);
                let count = counts.entry(like).or_default();
                address.index = *count;
                *count += 1;
                made.push(Made { address, statement, at });
            }
        }
        made
    }

    pub(super) fn find_edge(&self, address: &EdgeAddress) -> Option<Made> {
        self.edges().into_iter().find(|made| made.address == *address)
    }

    /// The last statement that gives an edge, or a keyword of it, a value.
    pub(super) fn edge_assignment(&self, address: &EdgeAddress, keywords: &[SmolStr]) -> Option<&Statement> {
        let statements = self.names.statements.iter().rev();
        let mut found = statements.filter(|statement| {
            let key = &statement.key;
            let is_indexed = key.edge_index.is_some() && edge_addresses(key, &statement.scope).contains(address);
            is_indexed && (key.primary.is_some() || key.scalar().is_some()) && edge_keywords(key) == keywords
        });
        found.next().or_else(|| self.nested_assignment(address, keywords))
    }

    /// A statement in the map of an edge.
    fn nested_assignment(&self, address: &EdgeAddress, keywords: &[SmolStr]) -> Option<&Statement> {
        if keywords.is_empty() {
            return None;
        }
        let made = self.find_edge(address)?;
        let creator = &self.names.statements[made.statement].key;
        let map = creator.map().filter(|_| creator.edges.len() == 1)?;
        let inside = |statement: &&Statement| {
            statement.key.span.start > map.span.start
                && statement.key.span.end < map.span.end
                && statement.key.scalar().is_some()
        };
        self.names
            .statements
            .iter()
            .rev()
            .filter(inside)
            .find(|statement| self.keyword_path(statement, map.span) == keywords)
    }

    /// The keywords from a map down to a statement in it.
    fn keyword_path(&self, statement: &Statement, map: Span) -> Vec<SmolStr> {
        let around = self.names.statements.iter().filter(|other| {
            other.key.span.start > map.start
                && other.key.span.start <= statement.key.span.start
                && other.key.span.end >= statement.key.span.end
        });
        around.flat_map(|other| other.key.key.iter().flat_map(|path| &path.elements)).map(folded).collect()
    }

    /// How an edge that a statement makes is written with its index, in the scope of the statement.
    pub(super) fn indexed_edge(&self, made: &Made, statement: &Statement) -> String {
        let key = &statement.key;
        let before = key.key.as_ref().map(|path| format!("{}.", self.source(path.span))).unwrap_or_default();
        let edge = &key.edges[made.at];
        let end = |path: &Option<KeyPath>| path.as_ref().map_or("", |path| self.source(path.span));
        let (source, target) = (end(&edge.source), end(&edge.target));
        format!("{before}({source} {} {target})[{}]", self.source(edge.arrow), made.address.index)
    }

    // Moving.

    /// Writes every path anew that leads to or through what moves, or leaves it.
    pub(super) fn move_paths(&self, from: &Target, to: &Target, names: &[SmolStr]) -> Vec<TextEdit> {
        let mut edits = Vec::new();
        for statement in &self.names.statements {
            let scope = moved(&statement.scope, from, to);
            let key = &statement.key;
            let mut inner = (statement.scope.clone(), scope);
            if let Some(path) = &key.key {
                let (old, new) = inner.clone();
                edits.extend(rewrite(path, &old, &new, from, to, names));
                if let Some(target) = resolve(path, &old) {
                    inner = (target.clone(), moved(&target, from, to));
                }
            }
            let mut done = None;
            for path in key.edges.iter().flat_map(|edge| edge.source.iter().chain(&edge.target)) {
                if done != Some(path.span) {
                    edits.extend(rewrite(path, &inner.0, &inner.1, from, to, names));
                }
                done = Some(path.span);
            }
        }
        edits.extend(self.move_near(from, names));
        edits
    }

    fn move_near(&self, from: &Target, names: &[SmolStr]) -> Vec<TextEdit> {
        let full: Vec<String> = names.iter().map(|name| quote_name(name)).collect();
        let near = self.names.statements.iter().filter_map(|statement| {
            let is_near = statement.key.key.as_ref()?.elements.last()?.is_bare("near");
            let text = statement.key.scalar().filter(|_| is_near)?;
            let path = parse_key_path(&text.scalar_text())?;
            let target = resolve(&path, &Target { board: statement.scope.board.clone(), path: Vec::new() })?;
            let rest = path.elements.get(from.path.len()..).filter(|_| target.starts_with(from))?;
            let rest = rest.iter().map(|element| quote_name(element.as_str()));
            Some(TextEdit::replace(text.span(), full.iter().cloned().chain(rest).collect::<Vec<_>>().join(".")))
        });
        near.collect()
    }
}

fn edge_keywords(key: &Key) -> Vec<SmolStr> {
    key.edge_key.iter().flat_map(|path| &path.elements).map(folded).collect()
}

/// Where something is after a move.
fn moved(target: &Target, from: &Target, to: &Target) -> Target {
    if !target.starts_with(from) {
        return target.clone();
    }
    let mut path = to.path.clone();
    path.extend_from_slice(&target.path[from.path.len()..]);
    Target { board: to.board.clone(), path }
}

/// The edit that makes a path lead to the moved thing, if it is concerned.
fn rewrite(
    path: &KeyPath,
    old: &Target,
    new: &Target,
    from: &Target,
    to: &Target,
    names: &[SmolStr],
) -> Option<TextEdit> {
    let target = resolve(path, old)?;
    let after = moved(&target, from, to);
    if after == target && (new == old || !path.elements[0].is_bare("_")) {
        return None;
    }
    // Within the moved thing, paths that do not leave it stay.
    if old.starts_with(from) && !path.elements[0].is_bare("_") {
        return None;
    }
    let spelling: Vec<SmolStr> = spelling_of(path, &target, &after, from, names);
    let text = relative(&spelling, &after, new);
    let span = path.span;
    Some(TextEdit::replace(span, text))
}

/// The names of a path after a move, as they were spelt.
fn spelling_of(path: &KeyPath, target: &Target, after: &Target, from: &Target, names: &[SmolStr]) -> Vec<SmolStr> {
    let mut spelling = after.path.clone();
    let written: Vec<&Text> = path.elements.iter().filter(|element| !element.is_bare("_")).collect();
    for (at, element) in written.iter().rev().enumerate() {
        if let Some(name) = spelling.len().checked_sub(at + 1).and_then(|at| spelling.get_mut(at)) {
            *name = element.to_smol();
        }
    }
    if target.starts_with(from) {
        for (name, new) in spelling.iter_mut().zip(names) {
            *name = new.clone();
        }
    }
    spelling
}

/// A path from a scope: up by `_` as far as needed, and down.
pub(super) fn relative(spelling: &[SmolStr], target: &Target, scope: &Target) -> String {
    let common = scope.path.iter().zip(&target.path).take_while(|(a, b)| a == b).count();
    // The thing itself must be named, not only its inside.
    let common = common.min(target.path.len().saturating_sub(1));
    let up = std::iter::repeat_n("_".to_owned(), scope.path.len() - common);
    let down = spelling[common..].iter().map(|name| quote_name(name));
    up.chain(down).collect::<Vec<_>>().join(".")
}
