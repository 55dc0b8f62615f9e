//! All names of a text with what they name: the base of edits and of editor services.
//!
//! The tree is walked with the scopes that maps open, so every element of every path gets the absolute path of the
//! thing it names. Nothing is compiled: patterns, imports and substitutions name nothing here.

use crate::keywords;
use crate::syntax::ast::{self, Content, Form, Key, KeyPath, KeyRef, Map, Node, Part, Substitution, Text, Value};
use loko_source::Span;
use smol_str::SmolStr;
use std::sync::Arc;

/// The path of a thing: its board, and its elements below it, folded to lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Target {
    /// `layers`, `x`, … for boards below the root.
    pub(crate) board: Vec<SmolStr>,
    /// The elements below the board.
    pub(crate) path: Vec<SmolStr>,
}

impl Target {
    pub(crate) fn below(&self, name: &str) -> Self {
        let mut target = self.clone();
        target.path.push(name.to_lowercase().into());
        target
    }

    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        self.board == other.board && self.path.starts_with(&other.path)
    }
}

/// What kind of thing a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Object,
    Keyword,
    Board,
    Class,
    Variable,
}

/// One element of a path, or a name in a value.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) role: Role,
    /// What it names; the path of a keyword ends with it.
    pub(crate) target: Target,
    pub(crate) span: Span,
    /// The statement it is in.
    pub(crate) key: usize,
    /// Whether the statement is about this very name: the last one of a path outside of edges.
    pub(crate) is_subject: bool,
    /// Whether it is an end of an edge, or on the way to one.
    pub(crate) in_edge: bool,
    /// Whether it stands in a value, as in `class: x`, `near: a.b`, `${x}`.
    pub(crate) in_value: bool,
}

/// A statement with its scope.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) key: KeyRef,
    /// What the map that it stands in is the inside of.
    pub(crate) scope: Target,
    pub(crate) map: Span,
    pub(crate) is_in_file: bool,
    /// Whether the map it stands in is that of an object or a board, not of an edge, a class or a keyword.
    pub(crate) is_plain: bool,
}

/// The names of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) mentions: Vec<Mention>,
    pub(crate) statements: Vec<Statement>,
}

/// What the keys of a map name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Objects,
    /// Boards of `layers` and its like.
    Boards,
    Classes,
    Variables,
    /// Keywords of an edge, a class, `style` …
    Keywords,
}

impl Names {
    pub(crate) fn of(tree: &Arc<Map>) -> Self {
        let mut names = Self::default();
        names.map(tree, &Target::default(), Inside::Objects);
        names
    }

    /// The mentions of a thing.
    pub(crate) fn of_target<'n>(&'n self, role: Role, target: &'n Target) -> impl Iterator<Item = &'n Mention> {
        self.mentions.iter().filter(move |mention| mention.role == role && mention.target == *target)
    }

    /// The mention at an offset.
    pub(crate) fn at(&self, offset: usize) -> Option<&Mention> {
        let touching = self.mentions.iter().filter(|mention| mention.span.touches(offset));
        touching.min_by_key(|mention| mention.span.len())
    }

    fn map(&mut self, map: &Arc<Map>, scope: &Target, inside: Inside) {
        for (index, node) in map.nodes.iter().enumerate() {
            match node {
                Node::Comment(_) | Node::BlockComment(_) | Node::Import(_) => {}
                Node::Substitution(substitution) => self.substitution(substitution, self.statements.len()),
                Node::Key(key) => {
                    let at = self.statements.len();
                    let Some(held) = map.key_ref(index) else { continue };
                    self.statements.push(Statement {
                        key: held,
                        scope: scope.clone(),
                        map: map.span,
                        is_in_file: map.is_file,
                        is_plain: inside == Inside::Objects,
                    });
                    self.key(key, at, scope, inside);
                }
            }
        }
    }

    fn key(&mut self, key: &Key, at: usize, scope: &Target, inside: Inside) {
        let is_field = key.edges.is_empty();
        let (scope, inside) = match &key.key {
            Some(path) => self.path(path, at, scope, inside, !is_field, is_field),
            None => (scope.clone(), inside),
        };
        let mut noted = None;
        for edge in &key.edges {
            for path in edge.source.iter().chain(&edge.target) {
                // The target of an edge is the source of the next one, and is noted once.
                if noted != Some(path.span) {
                    self.path(path, at, &scope, inside, true, false);
                }
                noted = Some(path.span);
            }
        }
        let (scope, inside) = match (&key.edge_key, is_field) {
            (Some(path), _) => self.path(path, at, &scope, Inside::Keywords, false, true),
            (None, false) => (scope, Inside::Keywords),
            (None, true) => (scope, inside),
        };
        for value in key.values() {
            self.value(value, at, &scope, inside);
        }
    }

    /// Notes the elements of a path; what a map behind it is the inside of.
    fn path(
        &mut self,
        path: &KeyPath,
        at: usize,
        scope: &Target,
        inside: Inside,
        in_edge: bool,
        is_subject: bool,
    ) -> (Target, Inside) {
        let mut target = scope.clone();
        let mut inside = inside;
        let last = path.elements.len().saturating_sub(1);
        for (index, element) in path.elements.iter().enumerate() {
            if element.is_bare("_") {
                target.path.pop();
                continue;
            }
            if element.pattern.is_some() {
                target = target.below(element.as_str());
                continue;
            }
            let role = self.step(element, &mut target, &mut inside);
            self.mentions.push(Mention {
                role,
                target: target.clone(),
                span: element.span,
                key: at,
                is_subject: is_subject && index == last,
                in_edge,
                in_value: false,
            });
        }
        if inside == Inside::Boards
            && target.path.is_empty()
            && target.board.len().is_multiple_of(2)
            && !target.board.is_empty()
        {
            inside = Inside::Objects;
        }
        (target, inside)
    }

    /// Goes down by one element.
    fn step(&mut self, element: &Text, target: &mut Target, inside: &mut Inside) -> Role {
        let folded = SmolStr::from(element.as_str().to_lowercase());
        let is_keyword = element.is_unquoted() && keywords::is_reserved(&folded);
        match *inside {
            Inside::Objects if is_keyword && keywords::BOARDS.contains(&folded.as_str()) && target.path.is_empty() => {
                target.board.push(folded);
                *inside = Inside::Boards;
                Role::Keyword
            }
            Inside::Boards => {
                target.board.push(element.to_smol());
                *inside = Inside::Objects;
                Role::Board
            }
            Inside::Objects if is_keyword => {
                *inside = match folded.as_str() {
                    "classes" => Inside::Classes,
                    "vars" => Inside::Variables,
                    _ => Inside::Keywords,
                };
                target.path.push(folded);
                Role::Keyword
            }
            Inside::Classes => {
                target.path.push(folded);
                *inside = Inside::Keywords;
                Role::Class
            }
            Inside::Variables => {
                target.path.push(folded);
                Role::Variable
            }
            Inside::Keywords => {
                target.path.push(folded);
                Role::Keyword
            }
            Inside::Objects => {
                target.path.push(folded);
                Role::Object
            }
        }
    }

    // Values.

    fn value(&mut self, value: &Value, at: usize, scope: &Target, inside: Inside) {
        match value {
            Value::Map(map) => self.map(map, scope, inside),
            Value::Array(array) => {
                for item in &array.items {
                    match item {
                        ast::Item::Value(value) => self.value(value, at, scope, inside),
                        ast::Item::Substitution(substitution) => self.substitution(substitution, at),
                        _ => {}
                    }
                }
            }
            Value::Text(text) => self.text(text, at, scope),
            _ => {}
        }
    }

    fn text(&mut self, text: &Text, at: usize, scope: &Target) {
        if let Content::Parts(parts) = &text.content {
            for part in parts {
                if let Part::Substitution(substitution) = part {
                    self.substitution(substitution, at);
                }
            }
            return;
        }
        match scope.path.last().map(SmolStr::as_str) {
            Some("class") => {
                let classes = Target { board: Vec::new(), path: vec!["classes".into()] };
                self.in_value(Role::Class, classes.below(text.as_str()), text.span, at);
            }
            Some("near") if !keywords::NEAR.contains(&text.as_str()) => self.near(text, at, &scope.board),
            _ => {}
        }
    }

    /// The elements of the path that a `near` names.
    fn near(&mut self, text: &Text, at: usize, board: &[SmolStr]) {
        let Some(path) = crate::syntax::parse_key_path(text.as_str()) else { return };
        let is_as_written = text.form == Form::Unquoted && text.span.len() == text.as_str().len();
        let mut target = Target { board: board.to_vec(), path: Vec::new() };
        for element in &path.elements {
            target = target.below(element.as_str());
            if is_as_written {
                let span = element.span.shift(text.span.start as usize);
                self.in_value(Role::Object, target.clone(), span, at);
            }
        }
        if !is_as_written && path.elements.len() == 1 {
            self.in_value(Role::Object, target, text.span, at);
        }
    }

    fn substitution(&mut self, substitution: &Substitution, at: usize) {
        let mut target = Target { board: Vec::new(), path: vec!["vars".into()] };
        for element in &substitution.path {
            target = target.below(element.as_str());
            self.in_value(Role::Variable, target.clone(), element.span, at);
        }
    }

    fn in_value(&mut self, role: Role, target: Target, span: Span, key: usize) {
        self.mentions.push(Mention { role, target, span, key, is_subject: false, in_edge: false, in_value: true });
    }
}
