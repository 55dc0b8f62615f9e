//! Programmatic edits: each returns the smallest text edits that do what it says, and leaves all else as it is.
//!
//! Things are named by keys as D2 writes them: `a.b` for an object, `(a -> b)[0]` or `c.(a -> b)[1]` for an edge,
//! `a.style.fill` or `(a -> b)[0].style.stroke` for what is set on them, and `layers.x.a` for something on a board.
//! Only what the text itself says can be edited, not what comes from imports and patterns.

mod insert;
mod paths;
mod remove;

use crate::format::quote_key;
use crate::names::{Homes, Names, Role, Statement, Target};
use crate::syntax::ast::{self, Edge, Form, Key, Value};
use loko_source::{Span, TextEdit};
use paths::{EdgeAddress, Reference};
use smol_str::SmolStr;

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The text has syntax errors; the first one.
    Broken(crate::SyntaxError),
    /// The key is no key.
    BadKey(String),
    /// The text does not name such a thing.
    NotFound(String),
    /// There is such a thing already.
    Exists(String),
    /// What is wanted has no spelling at some place where it would have to stand.
    Unwritable(String),
    /// A pattern matches the old name and not the new one, or the other way round.
    Matched {
        /// The pattern.
        pattern: String,
        /// The old name.
        old: String,
        /// The new name.
        new: String,
    },
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "the text has errors: {}", error.message),
            Self::BadKey(key) => write!(f, "`{key}` is not the key of an object, an edge or an attribute"),
            Self::NotFound(key) => write!(f, "the text does not name `{key}`"),
            Self::Exists(key) => write!(f, "`{key}` exists already"),
            Self::Unwritable(key) => write!(f, "the text cannot say this of `{key}` at every place that names it"),
            Self::Matched { pattern, old, new } => {
                write!(f, "the pattern `{pattern}` does not treat `{old}` and `{new}` alike; change the pattern first")
            }
        }
    }
}

impl std::error::Error for EditError {}

/// A text that is looked at to be edited.
struct Document<'t> {
    text: &'t str,
    tree: std::sync::Arc<ast::Map>,
    names: Names,
}

impl<'t> Document<'t> {
    fn new(text: &'t str) -> Result<Self, EditError> {
        let parsed = crate::parse(text);
        if let Some(error) = parsed.errors.into_iter().next() {
            return Err(EditError::Broken(error));
        }
        let names = Names::of(&parsed.tree);
        Ok(Self { text, tree: parsed.tree, names })
    }

    fn source(&self, span: Span) -> &'t str {
        &self.text[span.range()]
    }

    fn exists(&self, target: &Target) -> bool {
        target.path.is_empty() || self.names.of_target(Role::Object, target).any(|mention| !mention.in_value)
    }
}

/// Sets the label of an object or an edge, or a value such as `a.style.fill`; `None` takes the value away.
///
/// ```
/// use loko_d2::edit;
/// let text = "a: old # note\n";
/// assert_eq!(edit::apply(text, &edit::set(text, "a", Some("new")).unwrap()), "a: new # note\n");
/// ```
///
/// # Errors
///
/// When the key is none, the text is broken, or names no such thing.
pub fn set(text: &str, key: &str, value: Option<&str>) -> Result<Vec<TextEdit>, EditError> {
    let document = Document::new(text)?;
    let edits = match Reference::parse(key)? {
        Reference::Object(target, name) if document.exists(&target) => document.set_field(&target, &name, value),
        Reference::Object(..) => return Err(EditError::NotFound(key.to_owned())),
        Reference::Attribute { object, keywords, name } => {
            if !document.exists(&object) {
                return Err(EditError::NotFound(key.to_owned()));
            }
            let mut target = object;
            target.path.extend(keywords);
            document.set_field(&target, &name, value)
        }
        Reference::Edge(address, keywords) => document.set_edge(&address, &keywords, value, key)?,
    };
    checked(text, key, edits)
}

/// Adds an object or an edge (`a -> b`); the key of what was made is returned too: a number is put behind the name of
/// an object that exists.
///
/// ```
/// use loko_d2::edit;
/// let text = "a: {\n  b\n}\n";
/// let (edits, key) = edit::create(text, "a.c").unwrap();
/// assert_eq!(edit::apply(text, &edits), "a: {\n  b\n  c\n}\n");
/// assert_eq!(key, "a.c");
/// ```
///
/// # Errors
///
/// When the key is none or the text is broken.
pub fn create(text: &str, key: &str) -> Result<(Vec<TextEdit>, String), EditError> {
    let document = Document::new(text)?;
    if let Some(parsed) =
        crate::syntax::parse_key(key).filter(|parsed| !parsed.edges.is_empty() && parsed.edge_index.is_none())
    {
        let (edits, made) = document.create_edge(&parsed).ok_or_else(|| EditError::BadKey(key.to_owned()))?;
        return Ok((checked(text, key, edits)?, made));
    }
    let Reference::Object(target, name) = Reference::parse(key)? else { return Err(EditError::BadKey(key.to_owned())) };
    let (mut free, mut names, mut number) = (target.clone(), name.clone(), 2);
    while document.exists(&free) {
        let (Some(last), Some(path)) = (name.last(), free.path.last_mut()) else { break };
        let numbered = format!("{last} {number}");
        *path = numbered.to_lowercase().into();
        names.truncate(name.len() - 1);
        names.push(numbered.into());
        number += 1;
    }
    let edits = document.insert(&free, &names, None);
    let edits = checked(text, key, edits)?;
    Ok((edits, names.iter().map(|name| quote_key(name)).collect::<Vec<_>>().join(".")))
}

/// Deletes an object with all that is in it and all edges that meet it, an edge, or a value.
///
/// ```
/// use loko_d2::edit;
/// let text = "a -> b -> c\nb.shape: circle\n";
/// assert_eq!(edit::apply(text, &edit::delete(text, "b").unwrap()), "a\nc\n");
/// ```
///
/// # Errors
///
/// When the key is none, the text is broken, or names no such thing.
pub fn delete(text: &str, key: &str) -> Result<Vec<TextEdit>, EditError> {
    let document = Document::new(text)?;
    let edits = match Reference::parse(key)? {
        Reference::Object(target, _) => document.delete_object(&target),
        Reference::Attribute { object, keywords, .. } => {
            let mut target = object;
            target.path.extend(keywords);
            document.delete_fields(&target)
        }
        Reference::Edge(address, keywords) if keywords.is_empty() => document.delete_edge(&address),
        Reference::Edge(address, keywords) => document.delete_edge_fields(&address, &keywords),
    };
    if edits.is_empty() { Err(EditError::NotFound(key.to_owned())) } else { checked(text, key, edits) }
}

/// Gives an object, a class or a variable another name, wherever it is mentioned.
///
/// ```
/// use loko_d2::edit;
/// let text = "a.b -> c\na: { b.near: c }\n";
/// assert_eq!(edit::apply(text, &edit::rename(text, "a.b", "x.y").unwrap()), "a.\"x.y\" -> c\na: { \"x.y\".near: c }\n");
/// ```
///
/// # Errors
///
/// When the key is none, the text is broken or names no such thing, or the new name is taken.
pub fn rename(text: &str, key: &str, name: &str) -> Result<Vec<TextEdit>, EditError> {
    let document = Document::new(text)?;
    let (role, target) = match Reference::parse(key)? {
        Reference::Object(target, _) => (Role::Object, target),
        Reference::Attribute { object, keywords, .. } if object.path.is_empty() && keywords.len() == 2 => {
            let role = if keywords[0] == "classes" { Role::Class } else { Role::Variable };
            (role, Target { path: keywords, ..object })
        }
        _ => return Err(EditError::BadKey(key.to_owned())),
    };
    rename_target(text, &document.names, role, &target, name, key)
}

/// The edits that give a thing of a single text another name.
pub(crate) fn rename_target(
    text: &str,
    names: &Names,
    role: Role,
    target: &Target,
    name: &str,
    key: &str,
) -> Result<Vec<TextEdit>, EditError> {
    let edits = renaming(names, role, target, name, key)?;
    checked(text, key, edits.into_iter().map(|(_, edit)| edit).collect())
}

/// The edits that give a thing another name, each with the number of its file.
pub(crate) fn renaming(
    names: &Names,
    role: Role,
    target: &Target,
    name: &str,
    key: &str,
) -> Result<Vec<(usize, TextEdit)>, EditError> {
    let homes = Homes::of(names);
    let home = homes.home(role, target);
    let mut renamed = home.clone();
    let last = if role == Role::Board { renamed.board.last_mut() } else { renamed.path.last_mut() };
    let Some(last) = last else { return Err(EditError::NotFound(key.to_owned())) };
    let old = std::mem::replace(last, if role == Role::Board { name.into() } else { name.to_lowercase().into() });
    let is_at_home = |target: &Target, home: &Target| homes.home(role, target) == *home;
    let of_role = || names.mentions.iter().filter(|mention| mention.role == role);
    if renamed != home && of_role().any(|mention| is_at_home(&mention.target, &renamed)) {
        return Err(EditError::Exists(name.to_owned()));
    }
    if role == Role::Object {
        check_patterns(names, &home, &old, name)?;
    }
    let quoted = quote_name(name);
    let mut edits: Vec<(usize, TextEdit)> = of_role()
        .filter(|mention| is_at_home(&mention.target, &home))
        .map(|mention| (mention.file, TextEdit::replace(mention.span, quoted.clone())))
        .collect();
    // A file that is imported twice is mentioned twice.
    edits.sort_by_key(|(file, edit)| (*file, edit.span));
    edits.dedup();
    if edits.is_empty() { Err(EditError::NotFound(key.to_owned())) } else { Ok(edits) }
}

/// Refuses a new name if a pattern would match another set of things.
fn check_patterns(names: &Names, target: &Target, old: &str, new: &str) -> Result<(), EditError> {
    let around = &target.path[..target.path.len() - 1];
    for mention in &names.patterns {
        let Some(pattern) = mention.element.pattern.as_deref().filter(|_| mention.element.stars().is_none()) else {
            continue;
        };
        let may_look_there =
            mention.scope.path == around || mention.scope.path.iter().any(|element| element.contains('*'));
        if may_look_there
            && crate::compile::matches_pattern(old, pattern) != crate::compile::matches_pattern(new, pattern)
        {
            let (pattern, old, new) = (mention.element.as_str().to_owned(), old.to_owned(), new.to_owned());
            return Err(EditError::Matched { pattern, old, new });
        }
    }
    Ok(())
}

/// A name as an element of a key; keywords and `_` need quotes to be names.
fn quote_name(name: &str) -> String {
    if name == "_" || crate::keywords::is_reserved_any_case(name) { format!("\"{name}\"") } else { quote_key(name) }
}

/// Moves an object with all that is in it to another place; `to` is its new absolute key.
///
/// Each mention is written anew from its own scope, so a statement inside of the old container begins with `_`.
///
/// ```
/// use loko_d2::edit;
/// let text = "a: {\n  b\n}\nc\na.b -> c\n";
/// assert_eq!(edit::apply(text, &edit::move_object(text, "a.b", "c.b").unwrap()), "a: {\n  _.c.b\n}\nc\nc.b -> c\n");
/// ```
///
/// # Errors
///
/// When a key is none, the text is broken or names no such object, the new place is taken, or lies inside of the object.
pub fn move_object(text: &str, key: &str, to: &str) -> Result<Vec<TextEdit>, EditError> {
    let document = Document::new(text)?;
    let (Reference::Object(from, _), Reference::Object(target, names)) =
        (Reference::parse(key)?, Reference::parse(to)?)
    else {
        return Err(EditError::BadKey(key.to_owned()));
    };
    if !document.exists(&from) {
        return Err(EditError::NotFound(key.to_owned()));
    }
    if document.exists(&target) || target.starts_with(&from) || target.board != from.board {
        return Err(EditError::Exists(to.to_owned()));
    }
    checked(text, key, document.move_paths(&from, &target, &names))
}

/// Gives an edge other ends; `None` leaves an end as it is. The ends are absolute keys.
///
/// ```
/// use loko_d2::edit;
/// let text = "a -> b: calls\nc\n";
/// let edits = edit::reconnect(text, "(a -> b)[0]", None, Some("c")).unwrap();
/// assert_eq!(edit::apply(text, &edits), "a -> c: calls\nc\nb\n");
/// ```
///
/// # Errors
///
/// When a key is none, the text is broken, or makes no such edge.
pub fn reconnect(
    text: &str,
    edge: &str,
    source: Option<&str>,
    target: Option<&str>,
) -> Result<Vec<TextEdit>, EditError> {
    let document = Document::new(text)?;
    let Reference::Edge(address, _) = Reference::parse(edge)? else { return Err(EditError::BadKey(edge.to_owned())) };
    let end = |key: Option<&str>| match key.map(Reference::parse).transpose()? {
        None => Ok(None),
        Some(Reference::Object(target, names)) => Ok(Some((target, names))),
        Some(_) => Err(EditError::BadKey(edge.to_owned())),
    };
    let (source, target) = (end(source)?, end(target)?);
    let edits = document.reconnect(&address, source, target).ok_or_else(|| EditError::NotFound(edge.to_owned()))?;
    checked(text, edge, edits)
}

/// Edits that leave the text without errors of syntax: a name in an unquoted value, for one, cannot hold every
/// character. A text that was broken before may stay so.
pub(crate) fn checked(text: &str, key: &str, edits: Vec<TextEdit>) -> Result<Vec<TextEdit>, EditError> {
    let is_whole = |text: &str| crate::parse(text).errors.is_empty();
    if is_whole(&apply(text, &edits)) || !is_whole(text) {
        Ok(edits)
    } else {
        Err(EditError::Unwritable(key.to_owned()))
    }
}

/// Applies edits to a text; edits that do not fit it leave it as it is.
///
/// The edits of this module always fit the text they were made for.
pub fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        let range = edit.span.range();
        if let Some(kept) = text.get(done..range.start).filter(|_| text.is_char_boundary(range.end.min(text.len()))) {
            out.push_str(kept);
            out.push_str(&edit.text);
            done = range.end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

impl Document<'_> {
    // Values.

    /// Sets or takes away the value of an object (its label) or a keyword.
    fn set_field(&self, target: &Target, names: &[SmolStr], value: Option<&str>) -> Vec<TextEdit> {
        let is_object = !target.path.iter().any(|name| crate::keywords::is_reserved(name))
            || self.names.of_target(Role::Object, target).next().is_some();
        let mut label = target.clone();
        label.path.push("label".into());
        let is_label = |mention: &&crate::names::Mention| {
            mention.is_subject
                && (mention.target == *target || is_object && mention.role == Role::Keyword && mention.target == label)
        };
        let subject = self.names.mentions.iter().filter(is_label);
        let assigning = subject.filter(|mention| {
            let statement = &self.names.statements[mention.key];
            // A label cannot stand beside an array or an import.
            let takes_label = !matches!(statement.key.value, Some(Value::Array(_) | Value::Import(_)));
            statement.key.edges.is_empty() && statement.key.filter.is_none() && takes_label
        });
        // The last value counts; without one, the first statement about the thing gets it.
        let statements: Vec<&Statement> = assigning.map(|mention| &self.names.statements[mention.key]).collect();
        let has_value = |statement: &&&Statement| statement.key.primary.is_some() || statement.key.scalar().is_some();
        match (statements.iter().rev().find(has_value).or(statements.first()), value) {
            (Some(statement), _) => set_value(self.text, &statement.key, value).into_iter().collect(),
            (None, Some(value)) => self.insert(target, names, Some(value)),
            (None, None) => Vec::new(),
        }
    }

    fn set_edge(
        &self,
        address: &EdgeAddress,
        keywords: &[SmolStr],
        value: Option<&str>,
        key: &str,
    ) -> Result<Vec<TextEdit>, EditError> {
        let Some(made) = self.find_edge(address) else { return Err(EditError::NotFound(key.to_owned())) };
        if let Some(statement) = self.edge_assignment(address, keywords) {
            return Ok(set_value(self.text, &statement.key, value).into_iter().collect());
        }
        let Some(value) = value else { return Ok(Vec::new()) };
        let creator = &self.names.statements[made.statement];
        if creator.key.edges.len() == 1 && creator.key.edge_key.is_none() {
            if keywords.is_empty() {
                return Ok(set_value(self.text, &creator.key, Some(value)).into_iter().collect());
            }
            if let Some(map) = creator.key.map() {
                let line = format!("{}: {}", keywords.join("."), quote_value(value));
                return Ok(vec![self.insert_line(map, &line)]);
            }
        }
        let mut line = self.indexed_edge(&made, creator);
        for keyword in keywords {
            line.push('.');
            line.push_str(keyword);
        }
        line.push_str(": ");
        line.push_str(&quote_value(value));
        Ok(vec![self.insert_behind(creator, &line)])
    }
}

/// The edit that sets or takes away the value of a statement; none when there is nothing to do.
fn set_value(text: &str, key: &Key, value: Option<&str>) -> Option<TextEdit> {
    let scalar = key.primary.as_deref().or_else(|| key.scalar());
    let head_end = head_end(text, key);
    match (scalar, value) {
        (Some(scalar), Some(value)) => Some(TextEdit::replace(scalar.span(), quote_value(value))),
        (Some(scalar), None) if key.primary.is_some() => {
            Some(TextEdit::replace(Span { start: head_end, end: scalar.span().end }, ":"))
        }
        (Some(scalar), None) => Some(TextEdit::replace(Span { start: head_end, end: scalar.span().end }, "")),
        (None, Some(value)) => match &key.value {
            None => {
                // A dot may stand behind the path.
                let end = text[..key.span.end as usize].trim_end().len().max(head_end as usize);
                let behind = Span::new(head_end as usize, end);
                Some(label_edit(text, key, behind, format!(": {}", quote_value(value))))
            }
            Some(Value::Array(_) | Value::Import(_)) => None,
            Some(composite) => {
                let span = Span { start: head_end, end: composite.span().start };
                Some(label_edit(text, key, span, format!(": {} ", quote_value(value))))
            }
        },
        (None, None) => None,
    }
}

/// Puts a label in the place of what stands behind the paths of a statement. A bare name that ends with a dash would
/// swallow the colon and gets quotes.
fn label_edit(text: &str, key: &Key, behind: Span, label: String) -> TextEdit {
    let edge_target = key.edges.last().and_then(|edge| edge.target.as_ref());
    let path = if key.edges.is_empty() { key.key.as_ref() } else { edge_target };
    let last =
        path.and_then(|path| path.elements.last()).filter(|_| key.edge_index.is_none() && key.edge_key.is_none());
    match last {
        Some(last) if last.is_unquoted() && text[..last.span.end as usize].ends_with('-') => TextEdit::replace(
            Span { start: last.span.start, end: behind.end },
            format!("\"{}\"{}{label}", escape(last.as_str()), &text[last.span.end as usize..behind.start as usize]),
        ),
        _ => TextEdit::replace(behind, label),
    }
}

/// Where the paths of a statement end and its value may begin.
fn head_end(text: &str, key: &Key) -> u32 {
    let index = key.edge_index.as_ref().map(|index| index.span.end);
    let edge_key = key.edge_key.as_ref().map(|path| path.span.end);
    // The parenthesis of a group belongs to its edges.
    let edges = key.edges.last().map(|edge: &Edge| {
        let behind = &text[edge.span.end as usize..key.span.end as usize];
        let rest = behind.trim_start();
        if rest.starts_with(')') { edge.span.end + (behind.len() - rest.len()) as u32 + 1 } else { edge.span.end }
    });
    edge_key.or(index).or(edges).or(key.key.as_ref().map(|path| path.span.end)).unwrap_or(key.span.end)
}

/// A text as a value: bare if possible, else in quotes.
fn quote_value(value: &str) -> String {
    let parsed = crate::parse(&format!("x: {value}"));
    let is_plain = parsed.errors.is_empty()
        && matches!(&parsed.tree.nodes[..], [ast::Node::Key(key)] if key.primary.is_none() && match &key.value {
            Some(Value::Text(text)) => text.form == Form::Unquoted && text.substitutions().next().is_none() && text.as_str() == value,
            Some(Value::Number(_, raw)) => raw == value,
            Some(Value::Bool(..)) => value == "true" || value == "false",
            _ => false,
        });
    if is_plain {
        return value.to_owned();
    }
    format!("\"{}\"", escape(value).replace('$', "\\$"))
}

/// A text as it stands between double quotes.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
