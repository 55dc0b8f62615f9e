//! All names of a text with what they name: the base of edits and of editor services.
//!
//! The tree is walked with the scopes that maps open, so every element of every path gets the absolute path of the
//! thing it names; what stands in values (`class`, `near`, `link`, `${…}`) is then looked up from its scope
//! ([`scopes`]). Nothing is compiled: patterns name nothing, and imported files are walked only where somebody asks for
//! it ([`Names::mount`]).

mod scopes;

pub(crate) use scopes::Homes;

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
    /// Whether it stands in a value, as in `class: x`, `near: a.b`, `link: layers.x`, `${x}`.
    pub(crate) in_value: bool,
    /// The file that it stands in; 0 is the one that was asked about.
    pub(crate) file: usize,
}

/// An element of a path that is a pattern.
#[derive(Clone, Debug)]
pub(crate) struct PatternMention {
    /// What it looks for things in; patterns before it stand as they are written.
    pub(crate) scope: Target,
    /// The element.
    pub(crate) element: Text,
}

/// A mention of a file.
#[derive(Clone, Debug)]
pub(crate) struct ImportMention {
    pub(crate) import: ast::Import,
    /// What the things of the file come into.
    pub(crate) scope: Target,
    inside: Inside,
    pub(crate) file: usize,
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
    /// The file that it stands in.
    pub(crate) file: usize,
}

/// The names of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) mentions: Vec<Mention>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) patterns: Vec<PatternMention>,
    pub(crate) imports: Vec<ImportMention>,
    /// The mentions in values of variables and classes, with the scopes that they are looked up from.
    lookups: Vec<scopes::Lookup>,
    /// The file that is being walked.
    file: usize,
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
        names.look_up();
        names
    }

    /// Walks an imported file, whose things come into the scope of the import. To be followed by [`Self::look_up`].
    pub(crate) fn mount(&mut self, at: usize, tree: &Arc<Map>, file: usize) {
        let ImportMention { import, scope, inside, .. } = self.imports[at].clone();
        let before = std::mem::replace(&mut self.file, file);
        let key: Vec<SmolStr> =
            import.path.iter().skip(1).map(|element| element.as_str().to_lowercase().into()).collect();
        if key.is_empty() {
            self.map(tree, &scope, inside);
        } else {
            self.mount_part(tree, &scope, &key);
        }
        self.file = before;
    }

    /// Of an import such as `@file.a.b`, only what is below `a.b` comes into the scope.
    fn mount_part(&mut self, tree: &Arc<Map>, scope: &Target, key: &[SmolStr]) {
        let (mentions, imports, patterns) = (self.mentions.len(), self.imports.len(), self.patterns.len());
        let lookups = self.lookups.len();
        self.map(tree, &Target::default(), Inside::Objects);
        // Files that are imported by a part, and patterns in it, would need a scope that is only known after the walk.
        self.imports.truncate(imports);
        self.patterns.truncate(patterns);
        self.lookups.truncate(lookups);
        let moved: Vec<Mention> = self
            .mentions
            .drain(mentions..)
            .filter(|mention| mention.target.board.is_empty() && mention.target.path.starts_with(key))
            .map(|mut mention| {
                let path = scope.path.iter().chain(&mention.target.path[key.len()..]).cloned().collect();
                mention.target = Target { board: scope.board.clone(), path };
                mention
            })
            .collect();
        self.mentions.extend(moved);
    }

    /// The mentions of a thing.
    pub(crate) fn of_target<'n>(&'n self, role: Role, target: &'n Target) -> impl Iterator<Item = &'n Mention> {
        self.mentions.iter().filter(move |mention| mention.role == role && mention.target == *target)
    }

    /// The mention at an offset of a file.
    pub(crate) fn at(&self, file: usize, offset: usize) -> Option<&Mention> {
        let touching = self.mentions.iter().filter(|mention| mention.file == file && mention.span.touches(offset));
        touching.min_by_key(|mention| mention.span.len())
    }

    fn map(&mut self, map: &Arc<Map>, scope: &Target, inside: Inside) {
        for (index, node) in map.nodes.iter().enumerate() {
            match node {
                Node::Comment(_) | Node::BlockComment(_) => {}
                Node::Import(import) => self.import(import, scope, inside),
                Node::Substitution(substitution) => self.substitution(substitution, self.statements.len(), scope),
                Node::Key(key) => {
                    let at = self.statements.len();
                    let Some(held) = map.key_ref(index) else { continue };
                    self.statements.push(Statement {
                        key: held,
                        scope: scope.clone(),
                        map: map.span,
                        is_in_file: map.is_file,
                        is_plain: inside == Inside::Objects,
                        file: self.file,
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
                self.patterns.push(PatternMention { scope: target.clone(), element: element.clone() });
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
                file: self.file,
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
                        ast::Item::Substitution(substitution) => self.substitution(substitution, at, scope),
                        ast::Item::Import(import) => self.import(import, scope, inside),
                        _ => {}
                    }
                }
            }
            Value::Text(text) => self.text(text, at, scope),
            Value::Import(import) => self.import(import, scope, inside),
            _ => {}
        }
    }

    fn import(&mut self, import: &ast::Import, scope: &Target, inside: Inside) {
        self.imports.push(ImportMention { import: import.clone(), scope: scope.clone(), inside, file: self.file });
    }

    fn text(&mut self, text: &Text, at: usize, scope: &Target) {
        if let Content::Parts(parts) = &text.content {
            for part in parts {
                if let Part::Substitution(substitution) = part {
                    self.substitution(substitution, at, scope);
                }
            }
            return;
        }
        match scope.path.last().map(SmolStr::as_str) {
            Some("class") => {
                let classes = Target { board: Vec::new(), path: vec!["classes".into()] };
                self.lookups.push(scopes::Lookup { first: self.mentions.len(), count: 1, scope: scope.clone() });
                self.in_value(Role::Class, classes.below(text.as_str()), text.span, at);
            }
            Some("near") if !keywords::NEAR.contains(&text.as_str()) => self.near(text, at, &scope.board),
            Some("link") => self.link(text, at, &scope.board),
            _ => {}
        }
    }

    /// The boards on the way that a `link` names, from the board that it stands on.
    fn link(&mut self, text: &Text, at: usize, board: &[SmolStr]) {
        if text.form != Form::Unquoted || text.span.len() != text.as_str().len() {
            return;
        }
        let Some(path) = crate::syntax::parse_key_path(text.as_str()) else { return };
        let mut board = board.to_vec();
        let mut elements = path.elements.as_slice();
        while let [first, rest @ ..] = elements
            && first.is_bare("_")
        {
            board.truncate(board.len().saturating_sub(2));
            elements = rest;
        }
        for pair in elements.chunks_exact(2) {
            let word = pair[0].as_str().to_lowercase();
            if !keywords::BOARDS.contains(&word.as_str()) {
                return;
            }
            board.extend([SmolStr::from(word), pair[1].to_smol()]);
            let target = Target { board: board.clone(), path: Vec::new() };
            self.in_value(Role::Board, target, pair[1].span.shift(text.span.start as usize), at);
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

    fn substitution(&mut self, substitution: &Substitution, at: usize, scope: &Target) {
        let first = self.mentions.len();
        let mut target = Target { board: Vec::new(), path: vec!["vars".into()] };
        for element in &substitution.path {
            target = target.below(element.as_str());
            self.in_value(Role::Variable, target.clone(), element.span, at);
        }
        self.lookups.push(scopes::Lookup { first, count: substitution.path.len(), scope: scope.clone() });
    }

    fn in_value(&mut self, role: Role, target: Target, span: Span, key: usize) {
        let file = self.file;
        self.mentions.push(Mention {
            role,
            target,
            span,
            key,
            is_subject: false,
            in_edge: false,
            in_value: true,
            file,
        });
    }
}
